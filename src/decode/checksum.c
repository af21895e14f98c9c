/* The Internet checksum (RFC 1071), and its verdict on a packet. */
#include <string.h>

#include "decode/decode.h"
#include "decode/decoder.h"
#include "dissectors/ipv4.h"

#if defined(__x86_64__) && !defined(WT_PORTABLE)
#define USE_AVX2
#include <immintrin.h>
#endif

static inline uint16_t fold(uint64_t sum)
{
    sum = (sum & 0xffffffff) + (sum >> 32);
    sum = (sum & 0xffff) + (sum >> 16 & 0xffff) + (sum >> 32);
    sum = (sum & 0xffff) + (sum >> 16);
    sum = (sum & 0xffff) + (sum >> 16);
    return (uint16_t)sum;
}

uint16_t checksum_fold(uint64_t sum)
{
    return fold(sum);
}

uint64_t checksum_add_portable(uint64_t sum, const uint8_t *bytes, size_t len)
{
    while (len >= 2) {
        sum += wt_be16(bytes);
        bytes += 2;
        len -= 2;
    }
    return len ? sum + ((uint64_t)bytes[0] << 8) : sum;
}

/* Words are added in the host's order: the sum of swapped words is the swapped sum (RFC 1071 2 (B)). */
static inline __attribute__((always_inline)) uint64_t add_words(const uint8_t *p, size_t len)
{
    uint64_t a = 0, b = 0;
    for (; len >= 16; p += 16, len -= 16) {
        uint64_t w[2];
        memcpy(w, p, 16);
        a += (w[0] & UINT32_MAX) + (w[0] >> 32);
        b += (w[1] & UINT32_MAX) + (w[1] >> 32);
    }
    if (len >= 8) {
        uint64_t w;
        memcpy(&w, p, 8);
        a += (w & UINT32_MAX) + (w >> 32);
        p += 8;
        len -= 8;
    }
    if (len >= 4) {
        uint32_t w;
        memcpy(&w, p, 4);
        b += w;
        p += 4;
        len -= 4;
    }
    if (len >= 2) {
        uint16_t w;
        memcpy(&w, p, 2);
        a += w;
        p += 2;
        len -= 2;
    }
    uint16_t last = 0;
    if (len)
        memcpy(&last, p, 1);
    return a + b + last;
}

#ifdef USE_AVX2
/* Two 32-bit halves of each 64-bit lane, summed in 64 bits: no carry in any length that memory holds. */
__attribute__((target("avx2"))) static uint64_t add_words_avx2(const uint8_t *p, size_t len)
{
    const __m256i low = _mm256_set1_epi64x(UINT32_MAX);
    __m256i a = _mm256_setzero_si256(), b = a;
    for (; len >= 64; p += 64, len -= 64) {
        __m256i v = _mm256_loadu_si256((const __m256i *)(const void *)p);
        __m256i w = _mm256_loadu_si256((const __m256i *)(const void *)(p + 32));
        a = _mm256_add_epi64(a, _mm256_add_epi64(_mm256_and_si256(v, low), _mm256_srli_epi64(v, 32)));
        b = _mm256_add_epi64(b, _mm256_add_epi64(_mm256_and_si256(w, low), _mm256_srli_epi64(w, 32)));
    }
    uint64_t lanes[4];
    _mm256_storeu_si256((__m256i *)(void *)lanes, _mm256_add_epi64(a, b));
    return lanes[0] + lanes[1] + lanes[2] + lanes[3] + add_words(p, len);
}
#endif

static inline uint64_t sum_words(const uint8_t *bytes, size_t len)
{
#ifdef USE_AVX2
    if (len >= 128 && __builtin_cpu_supports("avx2"))
        return add_words_avx2(bytes, len);
#endif
    return add_words(bytes, len);
}

/* A sum of words in the host's order, as one in the network's. */
static inline uint16_t network_order(uint64_t words)
{
    uint16_t folded = fold(words);
#if __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__
    folded = __builtin_bswap16(folded);
#endif
    return folded;
}

uint64_t checksum_add(uint64_t sum, const uint8_t *bytes, size_t len)
{
    return sum + network_order(sum_words(bytes, len));
}

static const uint8_t *layer_bytes(const struct wt_packet *p, const struct wt_layer *l)
{
    return p->buffers[l->buffer].at + l->offset;
}

static void check_ipv4(struct wt_packet *p, const struct wt_layer *ip)
{
    const uint8_t *h = layer_bytes(p, ip);
    if (ip->captured < 20 || ip->header_bytes < 20 || ip->captured < ip->header_bytes || ip->header_bytes > 60) {
        p->ip_checksum = WT_CKSUM_UNVERIFIABLE;
        return;
    }
    uint64_t words = __builtin_expect(ip->header_bytes == 20, 1) ? add_words(h, 20) : add_words(h, ip->header_bytes);
    p->ip_checksum = fold(words) == 0xffff ? WT_CKSUM_GOOD : WT_CKSUM_BAD;    /* the same in either order of bytes */
    if (p->ip_checksum == WT_CKSUM_BAD) {
        uint16_t sum = network_order(words);
        uint16_t without = checksum_fold((uint64_t)sum + (uint16_t)~wt_be16(h + 10));
        p->ip_checksum_expected = (uint16_t)~without;
    }
}

static inline uint32_t host_word(uint16_t value)
{
#if __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__
    return __builtin_bswap16(value);
#else
    return value;
#endif
}

static __attribute__((noinline)) const uint8_t *final_destination(const uint8_t *header, uint32_t len)
{
    const uint8_t *end = ipv4_route_end((struct wt_slice){ header + 20, len - 20 });
    return end ? end : header + 16;
}

/* In the host's order; never 0. */
static inline uint64_t pseudo_header(const struct wt_packet *p, const struct wt_layer *ip, uint8_t protocol, uint32_t len)
{
    const uint8_t *h = layer_bytes(p, ip);
    uint64_t sum = (uint64_t)host_word(protocol) + host_word((uint16_t)(len >> 16)) + host_word((uint16_t)len);
    if (p->key.family != 4)
        return sum + add_words(h + 8, 32);
    if (__builtin_expect(ip->header_bytes > 20 && ip->captured >= ip->header_bytes, 0))
        return sum + add_words(h + 12, 4) + add_words(final_destination(h, ip->header_bytes), 4);
    return sum + add_words(h + 12, 8);
}

/* `at`: where the field stands; pseudo: the pseudo-header's words, or 0 where there is none. */
static inline void judge(struct wt_packet *p, const uint8_t *bytes, uint32_t len, uint32_t at, uint64_t pseudo)
{
    uint64_t words = pseudo + sum_words(bytes, len);
    if (__builtin_expect(fold(words) == 0xffff, 1)) {
        p->transport_checksum = WT_CKSUM_GOOD;
        return;
    }
    const struct wt_layer *ip = &p->layers[p->network_layer];
    if (p->flags & WT_PACKET_TCP && p->key.family == 4 && wt_be16(layer_bytes(p, ip) + 2) > ip->wire_bytes) {
        p->transport_checksum = WT_CKSUM_UNVERIFIABLE;      /* somebody cut its end off; UDP says itself how long it is */
        return;
    }
    uint16_t sum = network_order(words);
    uint16_t field = wt_be16(bytes + at);
    uint16_t right = (uint16_t)~checksum_fold((uint64_t)sum + (uint16_t)~field);
    p->checksum_expected = right == 0 && p->flags & WT_PACKET_UDP ? 0xffff : right;
    p->transport_checksum = pseudo && field == network_order(pseudo) ? WT_CKSUM_PARTIAL : WT_CKSUM_BAD;
}

static void check_udp(struct wt_packet *p, const struct wt_layer *ip, const struct wt_layer *l)
{
    const uint8_t *bytes = layer_bytes(p, l);
    uint32_t len = wt_be16(bytes + 4);
    if (wt_be16(bytes + 6) == 0) {
        p->transport_checksum = p->key.family == 4 ? WT_CKSUM_ABSENT : WT_CKSUM_ILLEGAL;
        return;
    }
    if (len == 0)
        len = l->wire_bytes;
    if (len < 8 || len > l->captured) {
        p->transport_checksum = WT_CKSUM_UNVERIFIABLE;
        return;
    }
    judge(p, bytes, len, 6, pseudo_header(p, ip, 17, len));
}

void decode_checksums(struct wt_packet *p)
{
    if (p->network_layer >= p->layer_count)
        return;
    const struct wt_layer *ip = &p->layers[p->network_layer];
    if (p->key.family == 4)
        check_ipv4(p, ip);
    if (p->transport_layer >= p->layer_count)
        return;
    const struct wt_layer *l = &p->layers[p->transport_layer];
    if (l->captured < l->wire_bytes || l->captured < 8 || l->cut == WT_CUT_BY_SENDER || ip->captured < ip->header_bytes
        || (p->flags & WT_PACKET_FRAGMENT)) {
        p->transport_checksum = WT_CKSUM_UNVERIFIABLE;
        return;
    }
    if (p->flags & WT_PACKET_TCP) {
        if (l->captured >= 20)
            judge(p, layer_bytes(p, l), l->captured, 16, pseudo_header(p, ip, 6, l->captured));
    } else if (p->flags & WT_PACKET_UDP) {
        check_udp(p, ip, l);
    } else if (p->key.family == 6 && (p->flags & WT_PACKET_ICMP)) {
        judge(p, layer_bytes(p, l), l->captured, 2, pseudo_header(p, ip, 58, l->captured));
    } else {
        judge(p, layer_bytes(p, l), l->captured, 2, 0);
    }
}

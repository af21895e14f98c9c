/* The Internet checksum (RFC 1071), and its verdict on a packet. */
#include <string.h>

#include "decode/decode.h"
#include "decode/decoder.h"

#if defined(__x86_64__)
#include <immintrin.h>
#endif

uint16_t checksum_fold(uint64_t sum)
{
    sum = (sum & 0xffffffff) + (sum >> 32);
    sum = (sum & 0xffff) + (sum >> 16);
    sum = (sum & 0xffff) + (sum >> 16);
    sum = (sum & 0xffff) + (sum >> 16);
    return (uint16_t)sum;
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
static uint64_t add_words(const uint8_t *p, size_t len)
{
    uint64_t a = 0, b = 0;
    for (; len >= 16; p += 16, len -= 16) {
        uint32_t w[4];
        memcpy(w, p, 16);
        a += (uint64_t)w[0] + w[1];
        b += (uint64_t)w[2] + w[3];
    }
    for (; len >= 4; p += 4, len -= 4) {
        uint32_t w;
        memcpy(&w, p, 4);
        a += w;
    }
    uint32_t rest = 0;
    memcpy(&rest, p, len);
    return a + b + rest;
}

#if defined(__x86_64__)
/* Sixteen-bit words widen to 32-bit sums, which hold 65,536 rounds of two without a carry: 2 MiB. */
__attribute__((target("avx2"))) static uint64_t add_words_avx2(const uint8_t *p, size_t len)
{
    const __m256i zero = _mm256_setzero_si256();
    __m256i low = zero, high = zero;
    uint64_t sum = 0;
    size_t rounds = 0;
    for (; len >= 32; p += 32, len -= 32) {
        __m256i w = _mm256_loadu_si256((const __m256i *)(const void *)p);
        low = _mm256_add_epi32(low, _mm256_unpacklo_epi16(w, zero));
        high = _mm256_add_epi32(high, _mm256_unpackhi_epi16(w, zero));
        if (++rounds == 32768)
            break;
    }
    uint32_t lanes[16];
    _mm256_storeu_si256((__m256i *)(void *)lanes, low);
    _mm256_storeu_si256((__m256i *)(void *)(lanes + 8), high);
    for (unsigned i = 0; i < 16; i++)
        sum += lanes[i];
    return sum + (len >= 32 ? add_words_avx2(p, len) : add_words(p, len));
}
#endif

uint64_t checksum_add(uint64_t sum, const uint8_t *bytes, size_t len)
{
    uint64_t words;
#if defined(__x86_64__)
    if (len >= 128 && __builtin_cpu_supports("avx2"))
        words = add_words_avx2(bytes, len);
    else
#endif
        words = add_words(bytes, len);
    uint16_t folded = checksum_fold(words);
#if __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__
    folded = __builtin_bswap16(folded);
#endif
    return sum + folded;
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
    uint16_t sum = checksum_fold(checksum_add(0, h, ip->header_bytes));
    p->ip_checksum = sum == 0xffff ? WT_CKSUM_GOOD : WT_CKSUM_BAD;
    if (sum != 0xffff) {
        uint16_t without = checksum_fold((uint64_t)sum + (uint16_t)~wt_be16(h + 10));
        p->ip_checksum_expected = (uint16_t)~without;
    }
}

static uint64_t pseudo_header(const struct wt_packet *p, const struct wt_layer *ip, uint8_t protocol, uint32_t len)
{
    const uint8_t *h = layer_bytes(p, ip);
    uint64_t sum = (uint64_t)protocol + (len >> 16) + (len & 0xffff);
    return p->key.family == 4 ? checksum_add(sum, h + 12, 8) : checksum_add(sum, h + 8, 32);
}

/* `at`: where the field stands; pseudo: the pseudo-header's sum, or 0 where there is none. */
static void judge(struct wt_packet *p, const uint8_t *bytes, uint32_t len, uint32_t at, uint64_t pseudo)
{
    uint16_t field = wt_be16(bytes + at);
    uint16_t sum = checksum_fold(checksum_add(pseudo, bytes, len));
    if (sum == 0xffff) {
        p->transport_checksum = WT_CKSUM_GOOD;
        return;
    }
    uint16_t right = (uint16_t)~checksum_fold((uint64_t)sum + (uint16_t)~field);
    p->checksum_expected = right == 0 && p->flags & WT_PACKET_UDP ? 0xffff : right;
    p->transport_checksum = pseudo && field == checksum_fold(pseudo) ? WT_CKSUM_PARTIAL : WT_CKSUM_BAD;
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

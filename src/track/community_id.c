/* Community ID, version 1 (github.com/corelight/community-id-spec): the same name for a flow in every tool. */
#include "track/track.h"

#include <string.h>

#include "track/tracker_impl.h"

/* ICMP messages that come in pairs; the rest is one-way, and its direction is part of the name. */
static const uint8_t pairs4[][2] = { { 8, 0 }, { 13, 14 }, { 15, 16 }, { 10, 9 }, { 17, 18 } };
static const uint8_t pairs6[][2] = { { 128, 129 }, { 133, 134 }, { 135, 136 }, { 130, 131 }, { 139, 140 },
                                     { 144, 145 } };

static int counterpart(unsigned family, unsigned type)
{
    const uint8_t (*pairs)[2] = family == 4 ? pairs4 : pairs6;
    size_t count = family == 4 ? sizeof pairs4 / sizeof *pairs4 : sizeof pairs6 / sizeof *pairs6;
    for (size_t i = 0; i < count; i++) {
        if (pairs[i][0] == type)
            return pairs[i][1];
        if (pairs[i][1] == type)
            return pairs[i][0];
    }
    return -1;
}

bool community_id_one_way(unsigned family, unsigned type)
{
    return counterpart(family, type) < 0;
}

static void base64(const uint8_t *bytes, size_t len, char *text)
{
    static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    for (; len > 0; len = len > 3 ? len - 3 : 0, bytes += 3) {
        uint32_t word = (uint32_t)bytes[0] << 16;
        word |= len > 1 ? (uint32_t)bytes[1] << 8 : 0;
        word |= len > 2 ? bytes[2] : 0;
        *text++ = digits[word >> 18];
        *text++ = digits[word >> 12 & 63];
        *text++ = len > 1 ? digits[word >> 6 & 63] : '=';
        *text++ = len > 2 ? digits[word & 63] : '=';
    }
    *text = '\0';
}

static uint32_t rotate(uint32_t word, unsigned bits)
{
    return word << bits | word >> (32 - bits);
}

/* SHA-1 (FIPS 180-4, 6.1) of what fits in one block. A library of cryptography would be much for this, and it fails
 * badly where memory is short. */
#define ONE_BLOCK 55

static void sha1(const uint8_t *bytes, size_t len, uint8_t digest[20])
{
    uint8_t block[64] = { 0 };
    uint32_t w[80], h[5] = { 0x67452301, 0xefcdab89, 0x98badcfe, 0x10325476, 0xc3d2e1f0 };
    memcpy(block, bytes, len < ONE_BLOCK ? len : ONE_BLOCK);
    block[len] = 0x80;
    block[62] = (uint8_t)(len * 8 >> 8);
    block[63] = (uint8_t)(len * 8);
    for (unsigned t = 0; t < 80; t++)
        w[t] = t < 16 ? (uint32_t)block[4 * t] << 24 | (uint32_t)block[4 * t + 1] << 16 | (uint32_t)block[4 * t + 2] << 8 | block[4 * t + 3]
                      : rotate(w[t - 3] ^ w[t - 8] ^ w[t - 14] ^ w[t - 16], 1);
    uint32_t a = h[0], b = h[1], c = h[2], d = h[3], e = h[4];
    for (unsigned t = 0; t < 80; t++) {
        static const uint32_t k[4] = { 0x5a827999, 0x6ed9eba1, 0x8f1bbcdc, 0xca62c1d6 };
        uint32_t f = t < 20 ? (b & c) ^ (~b & d) : t < 40 || t >= 60 ? b ^ c ^ d : (b & c) ^ (b & d) ^ (c & d);
        uint32_t next = rotate(a, 5) + f + e + k[t / 20] + w[t];
        e = d;
        d = c;
        c = rotate(b, 30);
        b = a;
        a = next;
    }
    h[0] += a;
    h[1] += b;
    h[2] += c;
    h[3] += d;
    h[4] += e;
    for (unsigned i = 0; i < 20; i++)
        digest[i] = (uint8_t)(h[i / 4] >> (24 - 8 * (i % 4)));
}

static bool has_ports(uint8_t protocol)
{
    return protocol == 1 || protocol == 58 || protocol == 6 || protocol == 17 || protocol == 132;
}

void community_id(unsigned family, const uint8_t *source, const uint8_t *destination, uint8_t protocol,
                  uint16_t source_port, uint16_t destination_port, char ret_text[32])
{
    size_t len = family == 4 ? 4 : 16;
    bool icmp = protocol == 1 || protocol == 58, one_way = false;
    if (icmp) {
        int other = counterpart(family, source_port);
        one_way = other < 0;
        if (!one_way)
            destination_port = (uint16_t)other;
    }
    int order = memcmp(source, destination, len);
    bool swap = !one_way && (order > 0 || (order == 0 && source_port > destination_port));
    uint8_t bytes[2 + 32 + 2 + 4] = { 0, 0 };    /* begins with the seed */
    _Static_assert(sizeof bytes <= ONE_BLOCK, "one block is enough");
    size_t n = 2;
    memcpy(bytes + n, swap ? destination : source, len);
    memcpy(bytes + n + len, swap ? source : destination, len);
    n += 2 * len;
    bytes[n++] = protocol;
    bytes[n++] = 0;
    if (has_ports(protocol)) {
        uint16_t first = swap ? destination_port : source_port, second = swap ? source_port : destination_port;
        bytes[n++] = (uint8_t)(first >> 8);
        bytes[n++] = (uint8_t)first;
        bytes[n++] = (uint8_t)(second >> 8);
        bytes[n++] = (uint8_t)second;
    }
    uint8_t digest[20];
    sha1(bytes, n, digest);
    memcpy(ret_text, "1:", 2);
    base64(digest, sizeof digest, ret_text + 2);
}

void wt_connection_community_id(const struct wt_connection *c, char ret_text[32])
{
    community_id(c->family, c->side[0].address, c->side[1].address, c->protocol, c->side[0].port, c->side[1].port,
                 ret_text);
}

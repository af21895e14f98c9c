/* The Internet checksum: the example of RFC 1071 3, the fast sum against the plain one on every length and alignment,
 * and the verdicts on whole packets. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "decode/decode.h"

static void test_rfc_example(void **state)
{
    static const uint8_t bytes[] = { 0x00, 0x01, 0xf2, 0x03, 0xf4, 0xf5, 0xf6, 0xf7 };
    (void)state;
    assert_int_equal(checksum_add_portable(0, bytes, 8), 0x2ddf0);
    assert_int_equal(checksum_fold(checksum_add(0, bytes, 8)), 0xddf2);
    assert_int_equal(checksum_fold(checksum_add(0, bytes, 7)), checksum_fold(0x2ddf0 - 0xf7));
}

static void test_every_length_and_alignment(void **state)
{
    (void)state;
    uint8_t *bytes = malloc(4096 + 64);
    uint32_t random = 1;
    for (size_t i = 0; i < 4096 + 64; i++) {
        random = random * 1103515245 + 12345;
        bytes[i] = i % 7 ? (uint8_t)(random >> 16) : 0xff;
    }
    for (size_t at = 0; at < 64; at++) {
        for (size_t len = 0; len <= 4096; len += len < 300 ? 1 : 61) {
            uint16_t plain = checksum_fold(checksum_add_portable(7, bytes + at, len));
            uint16_t fast = checksum_fold(checksum_add(7, bytes + at, len));
            if (plain != fast)
                fail_msg("length %zu at %zu: %04x, expected %04x", len, at, fast, plain);
        }
    }
    memset(bytes, 0xff, 4096);
    assert_int_equal(checksum_fold(checksum_add(0, bytes, 4096)), 0xffff);
    free(bytes);
}

static void test_long(void **state)
{
    (void)state;
    size_t len = 3u << 20;
    uint8_t *bytes = malloc(len);
    memset(bytes, 0xff, len);
    bytes[len - 1] = 0xfe;
    assert_int_equal(checksum_fold(checksum_add(0, bytes, len)), checksum_fold(checksum_add_portable(0, bytes, len)));
    free(bytes);
}

/* UDP 10.0.0.1:1000 to 10.0.0.2:2000 with "abcd". By hand: pseudo-header 0a00+0001+0a00+0002+0011+000c = 1420; the
 * segment without its checksum 03e8+07d0+000c+6162+6364 = d08a; sum e4aa; checksum 1b55. */
static const uint8_t datagram[] = {
    0x45, 0, 0, 32, 0, 1, 0, 0, 64, 17, 0x66, 0xca, 10, 0, 0, 1, 10, 0, 0, 2,
    0x03, 0xe8, 0x07, 0xd0, 0, 12, 0x1b, 0x55, 'a', 'b', 'c', 'd',
};

static const struct {
    const char *what;
    uint16_t udp_checksum, ip_checksum;
    uint32_t captured;
    uint8_t udp, ip;
    uint16_t expected;
} cases[] = {
    { "right", 0x1b55, 0x66ca, 32, WT_CKSUM_GOOD, WT_CKSUM_GOOD, 0 },
    { "wrong", 0x1b56, 0x66ca, 32, WT_CKSUM_BAD, WT_CKSUM_GOOD, 0x1b55 },
    { "none", 0, 0x66ca, 32, WT_CKSUM_ABSENT, WT_CKSUM_GOOD, 0 },
    { "left to the card", 0x1420, 0x66ca, 32, WT_CKSUM_PARTIAL, WT_CKSUM_GOOD, 0x1b55 },
    { "one beside that", 0x1421, 0x66ca, 32, WT_CKSUM_BAD, WT_CKSUM_GOOD, 0x1b55 },
    { "cut by the snapshot length", 0x1b55, 0x66ca, 30, WT_CKSUM_UNVERIFIABLE, WT_CKSUM_GOOD, 0 },
    { "a header that is wrong", 0x1b55, 0x66cb, 32, WT_CKSUM_GOOD, WT_CKSUM_BAD, 0 },
};

static struct decoder *new_decoder(void)
{
    static struct wt_limit_hits hits;
    struct wt_config config;
    wt_config_defaults(&config);
    return decoder_new(&config, (uint64_t[2]){ 1, 2 }, &hits);
}

static void test_verdicts(void **state)
{
    (void)state;
    struct decoder *d = new_decoder();
    static struct wt_packet p;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        uint8_t bytes[sizeof datagram];
        memcpy(bytes, datagram, sizeof bytes);
        bytes[10] = (uint8_t)(cases[i].ip_checksum >> 8);
        bytes[11] = (uint8_t)cases[i].ip_checksum;
        bytes[26] = (uint8_t)(cases[i].udp_checksum >> 8);
        bytes[27] = (uint8_t)cases[i].udp_checksum;
        struct wt_frame f = { .bytes = bytes, .captured_len = cases[i].captured, .wire_len = 32, .linktype = 101 };
        decode_batch(d, &f, &p, 1);
        decode_checksums(&p);
        if (p.transport_checksum != cases[i].udp || p.ip_checksum != cases[i].ip
            || p.checksum_expected != cases[i].expected)
            fail_msg("%s: udp %u, ip %u, expected value %04x", cases[i].what, p.transport_checksum, p.ip_checksum,
                     p.checksum_expected);
    }
    decoder_free(d);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_rfc_example),
        cmocka_unit_test(test_every_length_and_alignment),
        cmocka_unit_test(test_long),
        cmocka_unit_test(test_verdicts),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

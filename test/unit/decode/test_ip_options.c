/* IPv4 options that change where a datagram goes, and those at which tshark stops. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "decode/decode.h"
#include "dissectors/ipv4.h"

/* Expected ends by RFC 791 3.1; where tshark stops, as tshark 4.0.17 told of a capture of each type and length. */
static const struct {
    const char *what;
    uint8_t option[12];
    int end;                    /* where the last address stands; -1: no route */
    bool stops;
} rows[] = {
    { "none but padding", { 1, 1, 1, 0 }, -1, false },
    { "loose route", { 131, 11, 4, 1, 2, 3, 4, 5, 6, 7, 8, 0 }, 7, false },
    { "strict route behind a NOP", { 1, 137, 7, 4, 1, 2, 3, 4, 0 }, 4, false },
    { "one that has been gone", { 131, 11, 12, 1, 2, 3, 4, 5, 6, 7, 8, 0 }, -1, false },
    { "its last stop but one", { 131, 11, 8, 1, 2, 3, 4, 5, 6, 7, 8, 0 }, 7, false },
    { "a pointer between addresses", { 131, 11, 5, 1, 2, 3, 4, 5, 6, 7, 8, 0 }, -1, false },
    { "a length that is no route's", { 131, 10, 4, 1, 2, 3, 4, 5, 6, 7, 8, 0 }, -1, false },
    { "longer than the header", { 131, 15, 4, 1, 2, 3, 4, 5, 6, 7, 8, 9 }, -1, false },
    { "a record of the route", { 7, 11, 4, 1, 2, 3, 4, 5, 6, 7, 8, 0 }, -1, false },
    { "security without a level", { 130, 2 }, -1, true },
    { "security", { 130, 3, 0 }, -1, false },
    { "a time stamp without flags", { 1, 68, 3, 0 }, -1, true },
    { "a router alert without a value", { 148, 2, 0 }, -1, true },
    { "a router alert", { 148, 4, 0, 0 }, -1, false },
    { "quick start that is cut", { 25, 7, 0, 0, 0, 0, 0 }, -1, true },
    { "an option that nobody knows", { 10, 2, 0 }, -1, false },
    { "a length of one", { 130, 1, 0 }, -1, false },
    { "behind the end of the list", { 0, 130, 2 }, -1, false },
};

static void test_options(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct wt_slice options = { rows[i].option, sizeof rows[i].option };
        const uint8_t *end = ipv4_route_end(options);
        if ((end ? (int)(end - rows[i].option) : -1) != rows[i].end || ipv4_options_stop_tshark(options) != rows[i].stops)
            fail_msg("%s", rows[i].what);
    }
}

/* A SYN for 5.6.7.8 by 13.14.15.16 and 1.2.3.4, as scapy sends it: its checksum is right for 5.6.7.8 only. */
static const uint8_t by_route[] = {
    0x48, 0, 0, 0x34, 0, 1, 0, 0, 0x40, 6, 0xac, 0x74, 9, 10, 11, 12, 13, 14, 15, 16, 0x83, 11, 4, 1, 2, 3, 4, 5, 6, 7, 8, 0,
    0, 20, 0, 80, 0, 0, 0, 0, 0, 0, 0, 0, 0x50, 2, 0x20, 0, 0x6f, 0x5b, 0, 0,
};

static void test_whom_a_routed_segment_is_for(void **state)
{
    (void)state;
    struct wt_limit_hits hits = { 0 };
    struct wt_config config;
    wt_config_defaults(&config);
    struct decoder *d = decoder_new(&config, (uint64_t[2]){ 1, 2 }, &hits);
    struct wt_frame f = { .bytes = by_route, .captured_len = sizeof by_route, .wire_len = sizeof by_route, .linktype = 101 };
    struct wt_packet p;
    decode_batch(d, &f, &p, 1);
    assert_true(p.flags & WT_PACKET_TCP);
    assert_memory_equal(p.key.address[0], ((const uint8_t[]){ 5, 6, 7, 8 }), 4);
    assert_memory_equal(p.key.address[1], ((const uint8_t[]){ 9, 10, 11, 12 }), 4);
    decode_checksums(&p);
    assert_int_equal(p.transport_checksum, WT_CKSUM_GOOD);
    decoder_free(d);
}

int main(void)
{
    const struct CMUnitTest tests[] = { cmocka_unit_test(test_options), cmocka_unit_test(test_whom_a_routed_segment_is_for) };
    return cmocka_run_group_tests_name("IPv4 options", tests, NULL, NULL);
}

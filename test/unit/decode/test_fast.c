/* The straight line gives what the walk gives, to the byte, wherever it does not decline. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "decode/walk.h"

static struct wt_packet fast, walked;

static struct decoder *new_decoder(void)
{
    static struct wt_limit_hits hits;
    struct wt_config config;
    wt_config_defaults(&config);
    return decoder_new(&config, (uint64_t[2]){ 0x1111, 0x2222 }, &hits);
}

static size_t from_hex(const char *hex, uint8_t *out)
{
    size_t n = 0;
    for (; *hex; hex++) {
        unsigned v;
        if (*hex == ' ')
            continue;
        if (sscanf(hex, "%2x", &v) != 1)
            break;
        out[n++] = (uint8_t)v;
        hex++;
    }
    return n;
}

#define ETH "020000000002 020000000001 "
#define IPV4(len, proto) "4500" len "0001 4000 40" proto "0000 0a000001 0a000002 "
#define IPV6(len, proto) "60012345" len proto "40 20010db8000000000000000000000001 20010db8000000000000000000000002 "
#define TCP "c350 01bb 00000001 00000002 8018 01f6 0000 0000 "
#define TIMES "0101080a 00000001 00000002 "
#define SYN "c350 01bb 00000001 00000000 a002 faf0 0000 0000 020405b4 0402080a 00000001 00000000 01030307 "

static const struct {
    const char *what, *hex;
    bool straight;
} rows[] = {
    { "TCP with timestamps", ETH "0800" IPV4("0038", "06") TCP TIMES "61626364", true },
    { "an ACK, padded", ETH "0800" IPV4("0028", "06") "01bb c350 00000001 00000002 5010 01f6 0000 0000 000000000000", true },
    { "a SYN", ETH "0800" IPV4("003c", "06") SYN, true },
    { "a SYN over IPv6", ETH "86dd" IPV6("0028", "06") SYN, true },
    { "TCP over IPv6", ETH "86dd" IPV6("0024", "06") TCP TIMES "61626364", true },
    { "in a VLAN", ETH "8100 2064 0800" IPV4("0038", "06") TCP TIMES "61626364", true },
    { "UDP", ETH "0800" IPV4("0020", "11") "c350 0fa0 000c 1234 61626364", true },
    { "UDP over IPv6", ETH "86dd" IPV6("000c", "11") "c350 0fa0 000c 1234 61626364", true },
    { "UDP to a group", "01005e000001 020000000001 0800 45000020 00010000 0111 0000 0a000001 e0000001 c350 0fa0 000c 1234 61626364", true },
    { "UDP with bytes behind its length", ETH "0800" IPV4("0024", "11") "c350 0fa0 000c 1234 61626364 65666768", true },
    { "DNS over TLS's port, datagrams", ETH "0800" IPV4("0020", "11") "c350 0355 000c 1234 61626364", true },
    { "DNS", ETH "0800" IPV4("0028", "11") "c350 0035 0014 1234 000001000001000000000000", true },
    { "DNS with records", ETH "0800" IPV4("003f", "11") "c350 0035 002b 1234 000081000001000100000000 0161000001 0001 c00c 0001 0001 0000003c 0004 c0000201", true },
    { "VXLAN", ETH "0800" IPV4("0024", "11") "c350 12b5 0010 1234 0800000000002a00", false },
    { "options", ETH "0800 46000030 00010000 4006 0000 0a000001 0a000002 01010100" TCP, false },
    { "a fragment", ETH "0800 4500002c 00012000 4011 0000 0a000001 0a000002 c350 0fa0 000c 1234 61626364", false },
    { "no length, as a card gets it", ETH "0800" IPV4("0000", "06") TCP TIMES "61626364", false },
    { "two tags", ETH "88a8 0001 8100 2064 0800" IPV4("0038", "06") TCP TIMES "61626364", false },
    { "ICMP", ETH "0800" IPV4("0020", "01") "0800 0000 0001 0001 61626364", false },
    { "ARP", ETH "0806 0001080006040001 0200000000010a000001 0000000000000a000002", false },
    { "UDP without a length", ETH "0800" IPV4("0020", "11") "c350 0fa0 0000 1234 61626364", false },
    { "of the same address", ETH "0800 45000038 00014000 4006 0000 0a000001 0a000001" TCP TIMES "61626364", true },
};

static bool compare(struct decoder *d, const char *what, const uint8_t *bytes, uint32_t captured, uint32_t wire)
{
    struct wt_frame f = { .bytes = bytes, .captured_len = captured, .wire_len = wire, .linktype = 1, .number = 7,
                          .time_ns = 123456789, .offset = 24 };
    memset(&fast, 0xaa, sizeof fast);
    memset(&walked, 0x55, sizeof walked);
    if (!fast_frame(d, &f, &fast))
        return false;
    walk_frame(d, &f, &walked);
    if (memcmp(&fast, &walked, offsetof(struct wt_packet, layers)) != 0)
        fail_msg("%s, %u of %u bytes: another packet", what, captured, wire);
    if (memcmp(fast.layers, walked.layers, walked.layer_count * sizeof walked.layers[0]) != 0)
        fail_msg("%s, %u of %u bytes: other layers", what, captured, wire);
    assert_ptr_equal(fast.buffers[0].at, walked.buffers[0].at);
    assert_int_equal(fast.buffers[0].len, walked.buffers[0].len);
    /* Whose packet it is, nobody sees otherwise; but who does not own it leaves it. */
    unsigned shard = fast.shard;
    memset(&fast, 0xaa, sizeof fast);
    decoder_own(d, ~(UINT64_C(1) << shard));
    assert_true(fast_frame(d, &f, &fast));
    decoder_own(d, UINT64_MAX);
    assert_int_equal(fast.shard, shard);
    assert_int_equal(fast.flags, 0);
    assert_int_equal(fast.layer_count, 0);
    assert_int_equal(fast.frame.number, f.number);
    return true;
}

static void test_rows(void **state)
{
    (void)state;
    struct decoder *d = new_decoder();
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        uint8_t bytes[256];
        uint32_t len = (uint32_t)from_hex(rows[i].hex, bytes);
        if (compare(d, rows[i].what, bytes, len, len) != rows[i].straight)
            fail_msg("%s: %s", rows[i].what, rows[i].straight ? "declined" : "taken");
    }
    decoder_free(d);
}

/* Cut by the snapshot length, and ending early. The bytes end where the memory ends, so that a sanitizer sees. */
static void test_every_cut(void **state)
{
    (void)state;
    struct decoder *d = new_decoder();
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        uint8_t bytes[256];
        uint32_t len = (uint32_t)from_hex(rows[i].hex, bytes);
        for (uint32_t cut = 0; cut <= len; cut++) {
            uint8_t *exact = malloc(cut ? cut : 1);
            memcpy(exact, bytes, cut);
            compare(d, rows[i].what, exact, cut, len);
            compare(d, rows[i].what, exact, cut, cut);
            free(exact);
        }
    }
    decoder_free(d);
}

/* Any byte of a header changed to any value, in pairs by chance. */
static void test_changed_bytes(void **state)
{
    (void)state;
    struct decoder *d = new_decoder();
    uint32_t random = 1, taken = 0;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        uint8_t bytes[256], changed[256];
        uint32_t len = (uint32_t)from_hex(rows[i].hex, bytes);
        for (uint32_t at = 12; at < len; at++) {
            for (unsigned value = 0; value < 256; value++) {
                memcpy(changed, bytes, len);
                changed[at] = (uint8_t)value;
                random = random * 1664525 + 1013904223;
                if (value & 1)
                    changed[12 + (random >> 8) % (len - 12)] = (uint8_t)(random >> 24);
                taken += compare(d, rows[i].what, changed, len, len);
            }
        }
    }
    assert_true(taken > 50000);
    decoder_free(d);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_rows),
        cmocka_unit_test(test_every_cut),
        cmocka_unit_test(test_changed_bytes),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

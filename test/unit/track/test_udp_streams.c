/* Rows are what tshark 4.0.17 prints for udp.stream of such packets: by endpoints alone, each UDP header for itself. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "track/udp_streams.h"

static struct wt_packet packet;
static uint8_t bytes[128];
static uint16_t udp, lite, ip;

static void begin(void)
{
    memset(&packet, 0, sizeof packet);
    memset(bytes, 0, sizeof bytes);
    packet.buffer_count = 1;
    packet.buffers[0] = (struct wt_slice){ bytes, sizeof bytes };
}

/* 10.0.0.from to 10.0.0.to over IPv4, then UDP. */
static void add(unsigned from, unsigned to, unsigned from_port, unsigned to_port, uint32_t udp_bytes)
{
    uint32_t at = packet.layer_count ? packet.layers[packet.layer_count - 1].offset + 8 : 0;
    uint8_t *h = bytes + at;
    h[0] = 0x45;
    h[12] = h[16] = 10;
    h[15] = (uint8_t)from;
    h[19] = (uint8_t)to;
    h[20] = (uint8_t)(from_port >> 8);
    h[21] = (uint8_t)from_port;
    h[22] = (uint8_t)(to_port >> 8);
    h[23] = (uint8_t)to_port;
    packet.layers[packet.layer_count++] = (struct wt_layer){ .dissector = ip, .offset = at, .header_bytes = 20, .captured = sizeof bytes - at };
    packet.layers[packet.layer_count++] = (struct wt_layer){ .dissector = udp, .offset = at + 20, .header_bytes = 8, .captured = udp_bytes };
}

static void numbers(void **state)
{
    static const uint64_t seed[2] = { 1, 2 };
    struct wt_config config;
    struct wt_limit_hits hits = { 0 };
    uint32_t s[WT_UDP_STREAMS];
    (void)state;
    wt_config_defaults(&config);
    struct udp_streams *all = udp_streams_new(&config, seed, &hits, (uint16_t[2]){ udp, lite });
    static const struct { unsigned from, to, from_port, to_port, stream; } rows[] = {
        { 1, 2, 1000, 53, 0 }, { 2, 1, 53, 1000, 0 }, { 1, 2, 1001, 53, 1 }, { 1, 3, 1000, 53, 2 }, { 1, 2, 1000, 53, 0 },
        { 5, 5, 7, 8, 3 },     { 5, 5, 8, 7, 3 },     { 2, 1, 1000, 53, 4 },
    };
    for (unsigned i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        begin();
        add(rows[i].from, rows[i].to, rows[i].from_port, rows[i].to_port, 40);
        assert_int_equal(udp_streams_of(all, &packet, s, WT_UDP_STREAMS), 1);
        assert_int_equal(s[0], rows[i].stream);
    }
    begin();                                    /* a tunnel: its own stream, then that of the datagram in it */
    add(8, 9, 5000, 4789, 80);
    add(1, 2, 1000, 53, 40);
    assert_int_equal(udp_streams_of(all, &packet, s, WT_UDP_STREAMS), 2);
    assert_int_equal(s[0], 5);
    assert_int_equal(s[1], 0);
    begin();                                    /* a header that is not whole has none */
    add(1, 2, 1000, 53, 7);
    assert_int_equal(udp_streams_of(all, &packet, s, WT_UDP_STREAMS), 1);
    assert_int_equal(s[0], UINT32_MAX);
    udp_streams_free(all);
}

static void many_and_the_limit(void **state)
{
    static const uint64_t seed[2] = { 3, 4 };
    struct wt_config config;
    struct wt_limit_hits hits = { 0 };
    uint32_t s[1];
    (void)state;
    wt_config_defaults(&config);
    config.value[WT_MAX_CONNECTIONS] = 5000;
    struct udp_streams *all = udp_streams_new(&config, seed, &hits, (uint16_t[2]){ udp, lite });
    for (unsigned round = 0; round < 2; round++)
        for (unsigned i = 0; i < 6000; i++) {
            begin();
            add(1, 2, 10000 + i, 53, 40);
            udp_streams_of(all, &packet, s, 1);
            assert_int_equal(s[0], i < 5000 ? i : UINT32_MAX);
        }
    assert_int_equal(hits.count[WT_MAX_CONNECTIONS], 2000);
    udp_streams_free(all);
}

int main(void)
{
    udp = (uint16_t)wt_dissector_index("udp");
    lite = (uint16_t)wt_dissector_index("udplite");
    ip = (uint16_t)wt_dissector_index("ip");
    const struct CMUnitTest tests[] = { cmocka_unit_test(numbers), cmocka_unit_test(many_and_the_limit) };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

/* A packet as fields, columns, tree and bytes. The frame is a SYN of a public capture; the expected texts are what
 * tshark 4.0.17 prints for it. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <cmocka.h>

#include "decode/decode.h"
#include "report/columns.h"
#include "report/fields.h"
#include "report/packets_json.h"
#include "report/tree.h"

static const uint8_t syn[] = {
    0x00, 0x10, 0xdb, 0x88, 0xd2, 0xef, 0xc8, 0xbc, 0xc8, 0x96, 0xd2, 0xa0, 0x08, 0x00, 0x45, 0x00, 0x00, 0x40, 0xdf, 0x8e,
    0x40, 0x00, 0x40, 0x06, 0x6d, 0xd3, 0x8d, 0x8e, 0xe4, 0x05, 0xc0, 0x96, 0xbb, 0x2b, 0xe9, 0xd0, 0x00, 0x50, 0xfe, 0x21,
    0x32, 0x3a, 0x00, 0x00, 0x00, 0x00, 0xb0, 0x02, 0xff, 0xff, 0x3b, 0xc0, 0x00, 0x00, 0x02, 0x04, 0x05, 0xb4, 0x01, 0x03,
    0x03, 0x04, 0x01, 0x01, 0x08, 0x0a, 0x16, 0x4a, 0xdd, 0x20, 0x00, 0x00, 0x00, 0x00, 0x04, 0x02, 0x00, 0x00,
};

struct bench {
    struct wt_config config;
    struct wt_limit_hits hits;
    struct decoder *decoder;
    struct wt_packet packet;
    struct wt_context context;
    struct wt_packet_view view;
    struct columns columns;
    struct out out;
};

static void begin(struct bench *b, size_t captured)
{
    memset(b, 0, sizeof *b);
    wt_config_defaults(&b->config);
    const uint64_t seed[2] = { 1, 2 };
    b->decoder = decoder_new(&b->config, seed, &b->hits);
    assert_non_null(b->decoder);
    const struct wt_frame frame = { .time_ns = INT64_C(1362692526869344000), .bytes = syn, .number = 1,
                                    .captured_len = (uint32_t)captured, .wire_len = sizeof syn, .linktype = 1 };
    decode_batch(b->decoder, &frame, &b->packet, 1);
    decode_checksums(&b->packet);
    b->context = (struct wt_context){
        .has = WT_HAS_STREAM | WT_HAS_TCP | WT_HAS_TIMES, .window_scaled = 65535, .window_scale = -1, .completeness = 1,
        .next_seq_relative = 1, .ip_checksum = b->packet.ip_checksum, .transport_checksum = b->packet.transport_checksum,
    };
    b->view = (struct wt_packet_view){ .packet = &b->packet, .context = &b->context };
    columns_init(&b->columns, COLUMNS_TIME_RELATIVE, 6);
    columns_next(&b->columns, &b->view, true);
    out_init(&b->out, -1);
}

static void end(struct bench *b)
{
    out_done(&b->out);
    decoder_free(b->decoder);
}

static void fields_as_tshark(void **state)
{
    (void)state;
    static const struct { const char *name, *text; } rows[] = {
        { "frame.number", "1" }, { "frame.len", "78" }, { "frame.cap_len", "78" },
        { "frame.time", "Mar  7, 2013 21:42:06.869344000 UTC" }, { "frame.time_epoch", "1362692526.869344000" },
        { "frame.time_relative", "0.000000000" }, { "frame.protocols", "eth:ethertype:ip:tcp" },
        { "frame.encap_type", "1" },
        { "frame", "Frame 1: 78 bytes on wire (624 bits), 78 bytes captured (624 bits)" },
        { "tcp", "Transmission Control Protocol, Src Port: 59856, Dst Port: 80, Seq: 0, Len: 0" },
        { "ip", "Internet Protocol Version 4, Src: 141.142.228.5, Dst: 192.150.187.43" },
        { "eth", "Ethernet II, Src: c8:bc:c8:96:d2:a0, Dst: 00:10:db:88:d2:ef" },
        { "eth.type", "0x0800" }, { "ip.src", "141.142.228.5" }, { "ip.addr", "141.142.228.5,192.150.187.43" },
        { "ip.id", "0xdf8e" }, { "ip.flags.df", "1" }, { "ip.proto", "6" }, { "tcp.port", "59856,80" },
        { "tcp.flags", "0x0002" }, { "tcp.flags.syn", "1" }, { "tcp.seq_raw", "4263588410" },
        { "tcp.options.mss_val", "1460" }, { "tcp.options.wscale.shift", "4" },
        { "tcp.options.timestamp.tsval", "374005024" }, { "udp.srcport", "" }, { "_ws.malformed", "" },
        { "_ws.col.Protocol", "TCP" }, { "_ws.col.Source", "141.142.228.5" }, { "tcp.flags", "0x0002" },
    };
    struct bench b;
    begin(&b, sizeof syn);
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct fields_options o = { .names = &rows[i].name, .count = 1 };
        struct wt_error err;
        struct fields *f = fields_new(&o, &b.columns, &err);
        assert_non_null(f);
        out_reset(&b.out);
        fields_line(f, &b.view, &b.out);
        b.out.len--;      /* the line's end */
        out_char(&b.out, '\0');
        assert_string_equal(b.out.at, rows[i].text);
        fields_free(f);
    }
    end(&b);
}

static void occurrences_quotes_and_headers(void **state)
{
    (void)state;
    static const char *const names[] = { "ip.addr", "udp.srcport", "ip.addr" };
    static const struct { struct fields_options o; const char *text; } rows[] = {
        { { .names = names, .count = 3 }, "141.142.228.5,192.150.187.43\t\t141.142.228.5,192.150.187.43\n" },
        { { .names = names, .count = 3, .occurrence = 'f' }, "141.142.228.5\t\t141.142.228.5\n" },
        { { .names = names, .count = 3, .occurrence = 'l', .separator = '|' }, "192.150.187.43||192.150.187.43\n" },
        { { .names = names, .count = 2, .aggregator = ' ', .quote = '"', .separator = ',' },
          "\"141.142.228.5 192.150.187.43\",\n" },
        { { .names = names, .count = 2, .header = true, .occurrence = 'f' }, "ip.addr\tudp.srcport\n141.142.228.5\t\n" },
    };
    struct bench b;
    begin(&b, sizeof syn);
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct wt_error err;
        struct fields *f = fields_new(&rows[i].o, &b.columns, &err);
        assert_non_null(f);
        out_reset(&b.out);
        fields_header(f, &b.out);
        fields_line(f, &b.view, &b.out);
        out_char(&b.out, '\0');
        assert_string_equal(b.out.at, rows[i].text);
        fields_free(f);
    }
    end(&b);
}

static void names_that_nobody_knows(void **state)
{
    (void)state;
    static const char *const names[] = { "ip.src", "tcp.prot", "nonsense\033[m" };
    struct fields_options o = { .names = names, .count = 3 };
    struct wt_error err = { 0 };
    struct bench b;
    begin(&b, sizeof syn);
    assert_null(fields_new(&o, &b.columns, &err));
    assert_int_equal(err.code, -22);
    assert_string_equal(err.text, "no field is called: tcp.prot, nonsense\\x1b[m");
    end(&b);
}

static void a_line_as_tshark(void **state)
{
    (void)state;
    struct bench b;
    begin(&b, sizeof syn);
    columns_line(&b.columns, &b.view, &b.out);
    out_char(&b.out, '\0');
    assert_string_equal(b.out.at,
        "    1   0.000000 141.142.228.5 → 192.150.187.43 TCP 78 59856 → 80 [SYN] Seq=0 Win=65535 Len=0 MSS=1460 WS=16 "
        "TSval=374005024 TSecr=0 SACK_PERM");
    end(&b);
}

static void each_time_format(void **state)
{
    (void)state;
    static const struct { const char *option, *text; } rows[] = {
        { "r", "0.000000" }, { "d", "0.000000" }, { "dd", "0.000000" }, { "e", "1362692526.869344" },
        { "u", "21:42:06.869344" }, { "ud", "2013-03-07 21:42:06.869344" }, { "udoy", "2013/066 21:42:06.869344" },
        { "u.3", "21:42:06.869" }, { "e.9", "1362692526.869344000" }, { "r.0", "0" },
    };
    struct bench b;
    begin(&b, sizeof syn);
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        enum columns_time time;
        unsigned digits;
        assert_true(columns_time_parse(rows[i].option, &time, &digits));
        struct columns c;
        columns_init(&c, time, digits);
        columns_next(&c, &b.view, true);
        out_reset(&b.out);
        columns_text(&c, &b.view, COLUMN_TIME, &b.out);
        out_char(&b.out, '\0');
        assert_string_equal(b.out.at, rows[i].text);
    }
    static const char *const wrong[] = { "", "x", "rr", "r.", "r.x", "r.10", ".3" };
    enum columns_time time;
    unsigned digits;
    for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++)
        assert_false(columns_time_parse(wrong[i], &time, &digits));
    end(&b);
}

static void take(void *to, const struct tree_line *line)
{
    struct out *o = to;
    if (line->hidden)
        return;
    out_spaces(o, 4 * (size_t)line->depth);
    out_bytes(o, line->text, line->len);
    out_char(o, '\n');
}

static const char *tree_text(struct bench *b)
{
    struct tree t;
    tree_init(&t);
    t.clock.utc = true;
    out_reset(&b->out);
    tree_packet(&t, &b->view, 0, 0, take, &b->out);
    out_char(&b->out, '\0');
    tree_done(&t);
    return b->out.at;
}

/* Lines that tshark has word for word. */
static void a_tree_as_people_know_it(void **state)
{
    (void)state;
    static const char *const lines[] = {
        "Frame 1: 78 bytes on wire (624 bits), 78 bytes captured (624 bits)\n",
        "    Encapsulation type: Ethernet (1)\n",
        "    Arrival Time: Mar  7, 2013 21:42:06.869344000 UTC\n",
        "    Frame Length: 78 bytes (624 bits)\n",
        "    [Protocols in frame: eth:ethertype:ip:tcp]\n",
        "Ethernet II, Src: c8:bc:c8:96:d2:a0, Dst: 00:10:db:88:d2:ef\n",
        "    Type: IPv4 (0x0800)\n",
        "Internet Protocol Version 4, Src: 141.142.228.5, Dst: 192.150.187.43\n",
        "        .1.. .... = Don't fragment: Set\n",
        "    Protocol: TCP (6)\n",
        "    Source Address: 141.142.228.5\n",
        "Transmission Control Protocol, Src Port: 59856, Dst Port: 80, Seq: 0, Len: 0\n",
        "    [Stream index: 0]\n",
        "    Flags: 0x002 (SYN)\n",
        "        .... .... ..1. = Syn: Set\n",
        "        .... .... ...0 = Fin: Not set\n",
        "        [TCP Flags: ··········S·]\n",
        "            MSS Value: 1460\n",
    };
    struct bench b;
    begin(&b, sizeof syn);
    const char *text = tree_text(&b);
    for (size_t i = 0; i < sizeof lines / sizeof lines[0]; i++)
        assert_non_null(strstr(text, lines[i]));
    assert_null(strstr(text, "Source or Destination Address"));      /* other names of what stands there */
    end(&b);
}

static void a_cut_frame_says_where(void **state)
{
    (void)state;
    struct bench b;
    begin(&b, 40);      /* in the TCP header */
    const char *text = tree_text(&b);
    assert_non_null(strstr(text, "[Packet size limited during capture: TCP truncated]"));
    end(&b);
}

/* Every cut of the frame through every form: no byte is read that is not there (the sanitizers watch). */
static void every_cut(void **state)
{
    (void)state;
    static const char *const names[] = { "tcp", "ip.addr", "tcp.options", "_ws.col.Info", "frame.protocols", "_ws.malformed" };
    for (size_t captured = 0; captured <= sizeof syn; captured++) {
        struct bench b;
        begin(&b, captured);
        assert_non_null(tree_text(&b));
        columns_line(&b.columns, &b.view, &b.out);
        struct fields_options o = { .names = names, .count = 6 };
        struct fields *f = fields_new(&o, &b.columns, NULL);
        fields_line(f, &b.view, &b.out);
        fields_free(f);
        end(&b);
    }
}

static void a_hex_dump_as_tshark(void **state)
{
    (void)state;
    struct out o;
    out_init(&o, -1);
    tree_hex_dump(&o, (struct wt_slice){ syn, sizeof syn });
    out_char(&o, '\0');
    assert_string_equal(o.at,
        "0000  00 10 db 88 d2 ef c8 bc c8 96 d2 a0 08 00 45 00   ..............E.\n"
        "0010  00 40 df 8e 40 00 40 06 6d d3 8d 8e e4 05 c0 96   .@..@.@.m.......\n"
        "0020  bb 2b e9 d0 00 50 fe 21 32 3a 00 00 00 00 b0 02   .+...P.!2:......\n"
        "0030  ff ff 3b c0 00 00 02 04 05 b4 01 03 03 04 01 01   ..;.............\n"
        "0040  08 0a 16 4a dd 20 00 00 00 00 04 02 00 00         ...J. ........\n");
    out_done(&o);
}

static void json_strings(void **state)
{
    (void)state;
    static const struct { const char *bytes; bool ascii; const char *text; } rows[] = {
        { "plain", false, "\"plain\"" },
        { "a\"b\\c", false, "\"a\\\"b\\\\c\"" },
        { "\t\n\r\x01\x7f", false, "\"\\t\\n\\r\\u0001\\u007f\"" },
        { "\xc3\xa9", false, "\"\xc3\xa9\"" },
        { "\xc3\xa9", true, "\"\xef\xbf\xbd\xef\xbf\xbd\"" },
        { "\xc2\x9b" "2J\xe2\x80\xae", false, "\"\\u009b2J\\u202e\"" },
        { "\xff" "a", false, "\"\xef\xbf\xbd" "a\"" },
        { "\xed\xa0\x80", false, "\"\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd\"" },
    };
    struct out o;
    out_init(&o, -1);
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        out_reset(&o);
        packets_json_string(&o, (struct wt_slice){ (const uint8_t *)rows[i].bytes, strlen(rows[i].bytes) }, rows[i].ascii);
        out_char(&o, '\0');
        assert_string_equal(o.at, rows[i].text);
    }
    out_done(&o);
}

static void addresses(void **state)
{
    (void)state;
    static const struct { uint8_t bytes[16]; const char *text; } rows[] = {      /* RFC 5952 4 and 5 */
        { { 0 }, "::" }, { { [15] = 1 }, "::1" }, { { 0x20, 0x01, 0x0d, 0xb8, [15] = 1 }, "2001:db8::1" },
        { { 0x20, 0x01, 0x0d, 0xb8, 0, 0, 0, 1, 0, 1, 0, 1, 0, 1, 0, 1 }, "2001:db8:0:1:1:1:1:1" },
        { { 0x20, 0x01, 0, 0, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 1 }, "2001:0:0:1::1" },
        { { [10] = 0xff, 0xff, 192, 0, 2, 1 }, "::ffff:192.0.2.1" }, { { 0xfe, 0x80 }, "fe80::" },
    };
    struct out o;
    out_init(&o, -1);
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        out_reset(&o);
        out_ipv6(&o, rows[i].bytes);
        out_char(&o, '\0');
        assert_string_equal(o.at, rows[i].text);
    }
    out_done(&o);
}

int main(void)
{
    setenv("TZ", "UTC", 1);
    tzset();
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(fields_as_tshark),
        cmocka_unit_test(occurrences_quotes_and_headers),
        cmocka_unit_test(names_that_nobody_knows),
        cmocka_unit_test(a_line_as_tshark),
        cmocka_unit_test(each_time_format),
        cmocka_unit_test(a_tree_as_people_know_it),
        cmocka_unit_test(a_cut_frame_says_where),
        cmocka_unit_test(every_cut),
        cmocka_unit_test(a_hex_dump_as_tshark),
        cmocka_unit_test(json_strings),
        cmocka_unit_test(addresses),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

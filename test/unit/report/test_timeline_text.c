/* A ladder as text, at the widths of terminals, in UTF-8 and in ASCII; and nothing of the network's escapes. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "report/timeline_text.h"

#define MS INT64_C(1000000)
#define SECOND INT64_C(1000000000)
#define START (INT64_C(1700000000) * SECOND)

static const uint8_t client[16] = { 10, 77, 0, 1 }, server[16] = { 10, 77, 0, 2 };

struct bench {
    struct ladder_set set;
    struct ladder *l;
    struct wt_packet packet;
    struct wt_connection c;
    struct page page;
    struct timeline_text text;
    struct out out;
};

static void add(struct bench *b, uint64_t frame, unsigned side, uint16_t flags, uint64_t did, int64_t since,
                const uint8_t states[4], uint32_t seq, uint32_t ack, const char *note)
{
    b->packet.frame.number = frame;
    b->packet.tcp.flags = flags;
    struct wt_segment s = {
        .packet = &b->packet, .did = did, .side = (uint8_t)side, .state_before = { states[0], states[1] },
        .state = { states[2], states[3] }, .seq = seq, .ack = ack, .window = 64256, .since_start_ns = since,
        .payload_bytes = note ? 136 : 0, .rtt_ns = did & WT_DID_HANDSHAKE ? 23 * MS : -1,
        .client_address = client, .server_address = server, .client_port = 40000, .server_port = 80, .family = 4,
    };
    ladder_segment(&b->set, b->l, &s, note);
}

#define STATES(a, b, c, d) (const uint8_t[4]){ WT_TCP_##a, WT_TCP_##b, WT_TCP_##c, WT_TCP_##d }

static void begin(struct bench *b, unsigned width, bool utf8, bool wide, const char *note)
{
    memset(b, 0, sizeof *b);
    ladder_set_init(&b->set, 2000, 1u << 20);
    struct ladder identity = { .number = 3, .first_frame = 1, .start_ns = START, .family = 4, .protocol = 6,
                               .port = { 40000, 80 } };
    memcpy(identity.address[0], client, 16);
    memcpy(identity.address[1], server, 16);
    b->l = ladder_new(&b->set, &identity);
    add(b, 1, 0, WT_FLAG_SYN, WT_DID_SYN, 0, STATES(CLOSED, LISTEN, SYN_SENT, SYN_RECEIVED), 0, 0, NULL);
    add(b, 2, 1, WT_FLAG_SYN | WT_FLAG_ACK, WT_DID_SYN_ACK, 20 * MS,
        STATES(SYN_SENT, SYN_RECEIVED, ESTABLISHED, SYN_RECEIVED), 0, 1, NULL);
    add(b, 3, 0, WT_FLAG_ACK, WT_DID_HANDSHAKE, 23 * MS,
        STATES(ESTABLISHED, SYN_RECEIVED, ESTABLISHED, ESTABLISHED), 1, 1, NULL);
    add(b, 4, 0, WT_FLAG_PSH | WT_FLAG_ACK, WT_DID_DATA, 24 * MS,
        STATES(ESTABLISHED, ESTABLISHED, ESTABLISHED, ESTABLISHED), 1, 1, note);
    b->c = (struct wt_connection){
        .number = 3, .protocol = 6, .family = 4, .outcome = WT_OUTCOME_CLOSED, .first_closer = 0, .reset_by = 255,
        .start_ns = START, .end_ns = START + 921 * MS, .syn_ns = START, .first_syn_ns = START,
        .syn_ack_ns = START + 20 * MS, .ack_ns = START + 23 * MS, .service = "http",
        .time_wait = { .holder = 0, .ended = WT_END_CLOSED, .start_ns = START + 921 * MS,
                       .end_ns = START + 921 * MS + 240 * SECOND },
    };
    b->c.side[0].packets = 3;
    b->c.side[1].packets = 1;
    b->c.side[0].unique_bytes = 136;
    b->page = (struct page){ .width = width, .utf8 = utf8 };
    b->text = (struct timeline_text){ .page = &b->page, .wide = wide, .time_digits = 6, .time_wait_s = 240,
                                      .clock = { .utc = true } };
    out_init(&b->text.scratch, -1);
    out_init(&b->out, -1);
    timeline_text_ladder(&b->text, b->l, &b->c, NULL, &b->out);
    out_char(&b->out, '\0');
}

static void end(struct bench *b)
{
    ladder_set_done(&b->set);
    out_done(&b->text.scratch);
    out_done(&b->out);
}

static void one_line_a_segment_where_there_is_room(void **state)
{
    (void)state;
    struct bench b;
    begin(&b, 140, true, false, "request GET /x HTTP/1.1");
    assert_string_equal(b.out.at,
        "Connection 3  TCP  10.77.0.1:40000 → 10.77.0.2:80  http\n"
        "  2023-11-14 22:13:20.000000 UTC  closed after 921 ms: the client first\n"
        "  handshake RTT 23.0 ms (to the server and back 20.0 ms, to the client and back 3.00 ms)\n"
        "  client sent 136 B in 3 segments; server sent 0 B in 1 segment\n"
        "  the client holds TIME-WAIT until 22:17:20 (2 MSL = 240 s, by rule)\n"
        "      time  client                    server       seq ack len   win  frame\n"
        "  0.000000  SYN-SENT    ── SYN ─────→ SYN-RECEIVED   0       0 64256  #1     client asks to connect\n"
        "  0.020000  ESTABLISHED ←── SYN ACK ─ SYN-RECEIVED   0   1   0 64256  #2     server accepts\n"
        "  0.023000  ESTABLISHED ── ACK ─────→ ESTABLISHED    1   1   0 64256  #3     handshake complete, RTT 23.0 ms\n"
        "  0.024000  ESTABLISHED ─ PSH ACK ──→ ESTABLISHED    1   1 136 64256  #4     request GET /x HTTP/1.1\n"
        "240.921000  TIME-WAIT ends: 4 m 00 s after the last segment (by rule; nothing on the wire marks it)\n"
        "\n");
    end(&b);
}

static size_t longest_line(const char *text)
{
    size_t longest = 0;
    while (*text) {
        size_t len = strcspn(text, "\n"), columns = text_columns(text, len);
        longest = columns > longest ? columns : longest;
        text += len + (text[len] == '\n');
    }
    return longest;
}

static void nothing_is_wider_than_the_terminal(void **state)
{
    (void)state;
    static const unsigned widths[] = { 80, 100, 120, 200 };
    for (size_t i = 0; i < 4; i++) {
        struct bench b;
        begin(&b, widths[i], true, false,
              "request GET /a/path/that/is/rather/long/and/has/no/blank/in/it?with=a&query=that&goes=on HTTP/1.1, "
              "and then some more words that have blanks between them");
        assert_true(longest_line(b.out.at) <= widths[i]);
        assert_non_null(strstr(b.out.at, "#4"));
        end(&b);
    }
}

static void wide_never_breaks(void **state)
{
    (void)state;
    struct bench b;
    begin(&b, 80, true, true, "request GET /a/path/that/is/rather/long/and/has/no/blank/in/it?with=a&query HTTP/1.1");
    assert_non_null(strstr(b.out.at, "#4     request GET /a/path/that/is/rather/long/and/has/no/blank/in/it?with=a&query "
                                     "HTTP/1.1\n"));
    end(&b);
}

static void ascii_where_the_terminal_knows_no_more(void **state)
{
    (void)state;
    struct bench b;
    begin(&b, 140, false, false, "request GET /");
    for (const char *p = b.out.at; *p; p++)
        assert_true((unsigned char)*p < 0x80);
    assert_non_null(strstr(b.out.at, "10.77.0.1:40000 -> 10.77.0.2:80"));
    assert_non_null(strstr(b.out.at, "-- SYN -----> SYN-RECEIVED"));
    assert_non_null(strstr(b.out.at, "<-- SYN ACK - SYN-RECEIVED"));
    end(&b);
}

static void colour_only_where_asked(void **state)
{
    (void)state;
    struct bench b;
    begin(&b, 140, true, false, "request GET /");
    assert_null(strchr(b.out.at, '\033'));
    out_reset(&b.out);
    b.page.colour = true;
    timeline_text_ladder(&b.text, b.l, &b.c, NULL, &b.out);
    out_char(&b.out, '\0');
    assert_non_null(strchr(b.out.at, '\033'));
    end(&b);
}

static void times_as_asked(void **state)
{
    (void)state;
    static const struct { enum columns_time time; unsigned digits; const char *text; } rows[] = {
        { COLUMNS_TIME_DELTA, 3, "   0.003  ESTABLISHED ── ACK" },
        { COLUMNS_TIME_EPOCH, 6, "1700000000.023000  ESTABLISHED ── ACK" },
        { COLUMNS_TIME_UTC, 3, "22:13:20.023  ESTABLISHED ── ACK" },
        { COLUMNS_TIME_UTC_DATE, 3, "2023-11-14 22:13:20.023  ESTABLISHED ── ACK" },
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct bench b;
        begin(&b, 200, true, false, "request GET /");
        b.text.time = rows[i].time;
        b.text.time_digits = rows[i].digits;
        out_reset(&b.out);
        timeline_text_ladder(&b.text, b.l, &b.c, NULL, &b.out);
        out_char(&b.out, '\0');
        assert_non_null(strstr(b.out.at, rows[i].text));
        end(&b);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(one_line_a_segment_where_there_is_room),
        cmocka_unit_test(nothing_is_wider_than_the_terminal),
        cmocka_unit_test(wide_never_breaks),
        cmocka_unit_test(ascii_where_the_terminal_knows_no_more),
        cmocka_unit_test(colour_only_where_asked),
        cmocka_unit_test(times_as_asked),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

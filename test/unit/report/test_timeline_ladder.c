/* Ladders from hand-made segments: what becomes a line, what is folded, what the words say, what memory it takes. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "report/ladder.h"
#include "report/ladder_words.h"

#define MS INT64_C(1000000)
#define SECOND INT64_C(1000000000)

static const uint8_t client[16] = { 10, 0, 0, 1 }, server[16] = { 10, 0, 0, 2 };

struct bench {
    struct ladder_set set;
    struct ladder *l;
    struct wt_packet packet;
    struct out text;
    struct value_clock clock;
};

static void begin(struct bench *b, uint32_t max_lines, uint64_t max_bytes)
{
    memset(b, 0, sizeof *b);
    ladder_set_init(&b->set, max_lines, max_bytes);
    struct ladder identity = { .number = 1, .first_frame = 1, .start_ns = 1000 * SECOND, .family = 4, .protocol = 6,
                               .port = { 40000, 80 } };
    memcpy(identity.address[0], client, 16);
    memcpy(identity.address[1], server, 16);
    b->l = ladder_new(&b->set, &identity);
    assert_non_null(b->l);
    out_init(&b->text, -1);
    b->clock.utc = true;
}

static void end(struct bench *b)
{
    ladder_free(&b->set, b->l);
    assert_int_equal(b->set.bytes, 0);      /* all that was counted has been given back */
    assert_null(b->set.held.oldest);
    out_done(&b->text);
}

static struct wt_segment segment(struct bench *b, uint64_t frame, unsigned side, uint16_t flags, uint64_t did,
                                 int64_t since)
{
    memset(&b->packet, 0, sizeof b->packet);
    b->packet.frame.number = frame;
    b->packet.tcp.flags = flags;
    return (struct wt_segment){
        .packet = &b->packet, .connection = 1, .did = did, .side = (uint8_t)side,
        .state_before = { WT_TCP_ESTABLISHED, WT_TCP_ESTABLISHED }, .state = { WT_TCP_ESTABLISHED, WT_TCP_ESTABLISHED },
        .seq_known = true, .window = 1000, .since_start_ns = since, .rtt_ns = -1,
        .client_address = client, .server_address = server, .client_port = 40000, .server_port = 80, .family = 4,
    };
}

static const char *words(struct bench *b, const struct ladder_line *line)
{
    assert_non_null(line);
    struct words w = { &b->text, true, &b->clock, 240 };
    out_reset(&b->text);
    words_line(&w, b->l, line);
    out_char(&b->text, '\0');
    return b->text.at;
}

/* One segment that did one thing, and what is said of it. Sentences are those that the manual promises. */
static void one_deed(void **state)
{
    (void)state;
    static const struct {
        uint64_t did;
        uint16_t flags;
        uint8_t side, before[2], after[2];
        const char *text;
    } rows[] = {
        { WT_DID_SYN, WT_FLAG_SYN, 0, { WT_TCP_CLOSED, WT_TCP_LISTEN }, { WT_TCP_SYN_SENT, WT_TCP_SYN_RECEIVED },
          "client asks to connect" },
        { WT_DID_SYN_ACK, WT_FLAG_SYN | WT_FLAG_ACK, 1, { WT_TCP_SYN_SENT, WT_TCP_SYN_RECEIVED },
          { WT_TCP_ESTABLISHED, WT_TCP_SYN_RECEIVED }, "server accepts" },
        { WT_DID_HANDSHAKE, WT_FLAG_ACK, 0, { WT_TCP_ESTABLISHED, WT_TCP_SYN_RECEIVED },
          { WT_TCP_ESTABLISHED, WT_TCP_ESTABLISHED }, "handshake complete, RTT 23.4 ms" },
        { WT_DID_RETRANSMIT, WT_FLAG_ACK, 0, { 0 }, { 0 }, "retransmission of #81, 214 ms later" },
        { WT_DID_RETRANSMIT | WT_DID_FAST_RETRANSMIT, WT_FLAG_ACK, 1, { 0 }, { 0 },
          "fast retransmission of #81, 214 ms later" },
        { WT_DID_RETRANSMIT | WT_DID_SPURIOUS, WT_FLAG_ACK, 0, { 0 }, { 0 },
          "needless retransmission of #81, 214 ms later: acknowledged before" },
        { WT_DID_OUT_OF_ORDER, WT_FLAG_ACK, 0, { 0 }, { 0 }, "out of order: later data overtook it" },
        { WT_DID_DUP_ACK, WT_FLAG_ACK, 1, { 0 }, { 0 }, "duplicate ACK 3 of #77" },
        { WT_DID_ZERO_WINDOW, WT_FLAG_ACK, 1, { 0 }, { 0 }, "window closed (0): the server can take no more" },
        { WT_DID_WINDOW_FULL, WT_FLAG_ACK, 0, { 0 }, { 0 }, "fills the window of the server" },
        { WT_DID_ZERO_WINDOW_PROBE, WT_FLAG_ACK, 0, { 0 }, { 0 }, "probes the closed window" },
        { WT_DID_KEEP_ALIVE, WT_FLAG_ACK, 0, { 0 }, { 0 }, "keep-alive: still there?" },
        { WT_DID_FIN, WT_FLAG_FIN | WT_FLAG_ACK, 0, { 0 }, { 0 }, "first FIN: client closes" },
        { WT_DID_TIME_WAIT | WT_DID_FIN_ACKED, WT_FLAG_ACK, 1, { WT_TCP_CLOSED, WT_TCP_FIN_WAIT_2 },
          { WT_TCP_CLOSED, WT_TCP_TIME_WAIT }, "server enters TIME-WAIT until 00:20:41 (2 MSL = 240 s, by rule)" },
        { WT_DID_IN_TIME_WAIT, WT_FLAG_ACK, 0, { 0 }, { 0 }, "late segment arrives in TIME-WAIT" },
        { WT_DID_REFUSE | WT_DID_RST, WT_FLAG_RST | WT_FLAG_ACK, 1, { 0 }, { 0 }, "refused by server" },
        { WT_DID_RST_IGNORED, WT_FLAG_RST, 1, { 0 }, { 0 }, "RST outside the window: ignored (RFC 5961)" },
        { WT_DID_BAD_CHECKSUM, WT_FLAG_ACK, 0, { 0 }, { 0 }, "bad checksum" },
        { WT_DID_MIDSTREAM, WT_FLAG_ACK, 0, { 0 }, { 0 },
          "the capture begins inside this connection: states are inferred" },
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct bench b;
        begin(&b, 2000, 1u << 20);
        struct wt_segment s = segment(&b, 100, rows[i].side, rows[i].flags, rows[i].did, SECOND);
        memcpy(s.state_before, rows[i].before, 2);
        memcpy(s.state, rows[i].after, 2);
        s.rtt_ns = 23400000;
        s.original_frame = 81;
        s.since_original_ns = 214 * MS;
        s.dup_ack_count = 3;
        s.dup_ack_frame = 77;
        assert_string_equal(words(&b, ladder_segment(&b.set, b.l, &s, NULL)), rows[i].text);
        end(&b);
    }
}

static void syn_retries_are_counted(void **state)
{
    (void)state;
    struct bench b;
    begin(&b, 2000, 1u << 20);
    struct wt_segment s = segment(&b, 1, 0, WT_FLAG_SYN, WT_DID_SYN, 0);
    assert_string_equal(words(&b, ladder_segment(&b.set, b.l, &s, NULL)), "client asks to connect");
    s = segment(&b, 2, 0, WT_FLAG_SYN, WT_DID_SYN | WT_DID_SYN_RETRY, 1 * SECOND);
    assert_string_equal(words(&b, ladder_segment(&b.set, b.l, &s, NULL)),
                        "SYN again, 1.00 s after the first (retry 1)");
    s = segment(&b, 3, 0, WT_FLAG_SYN, WT_DID_SYN_RETRY | WT_DID_RETRANSMIT, 3 * SECOND);
    assert_string_equal(words(&b, ladder_segment(&b.set, b.l, &s, NULL)),
                        "SYN again, 3.00 s after the first (retry 2)");
    end(&b);
}

static void resets_say_what_they_answer(void **state)
{
    (void)state;
    static const struct { uint16_t flags; uint32_t len; const char *text; } rows[] = {
        { WT_FLAG_PSH | WT_FLAG_ACK, 100, "reset by server in answer to data" },
        { WT_FLAG_FIN | WT_FLAG_ACK, 0, "reset by server in answer to the FIN" },
        { WT_FLAG_ACK, 0, "reset by server in answer to an ACK" },      /* without ACK itself */
        { WT_FLAG_SYN, 0, "reset by server in answer to the SYN" },
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct bench b;
        begin(&b, 2000, 1u << 20);
        struct wt_segment s = segment(&b, 1, 0, rows[i].flags, WT_DID_DATA, 0);
        s.payload_bytes = rows[i].len;
        ladder_segment(&b.set, b.l, &s, NULL);
        s = segment(&b, 2, 1, WT_FLAG_RST, WT_DID_RST, MS);
        assert_string_equal(words(&b, ladder_segment(&b.set, b.l, &s, NULL)), rows[i].text);
        end(&b);
    }
}

static void fins_are_first_and_second(void **state)
{
    (void)state;
    struct bench b;
    begin(&b, 2000, 1u << 20);
    struct wt_segment s = segment(&b, 1, 1, WT_FLAG_FIN | WT_FLAG_ACK, WT_DID_FIN, 0);
    assert_string_equal(words(&b, ladder_segment(&b.set, b.l, &s, NULL)), "first FIN: server closes");
    s = segment(&b, 2, 0, WT_FLAG_FIN | WT_FLAG_ACK, WT_DID_FIN | WT_DID_FIN_ACKED, MS);
    assert_string_equal(words(&b, ladder_segment(&b.set, b.l, &s, NULL)),
                        "second FIN: client closes too; FIN of the server acknowledged");
    end(&b);
}

static struct ladder_line *data(struct bench *b, uint64_t frame, unsigned side, uint32_t len, uint64_t did)
{
    struct wt_segment s = segment(b, frame, side, WT_FLAG_ACK, len ? WT_DID_DATA | did : did, (int64_t)frame * MS);
    s.payload_bytes = len;
    return ladder_segment(&b->set, b->l, &s, NULL);
}

static void a_long_transfer_becomes_one_line(void **state)
{
    (void)state;
    struct bench b;
    begin(&b, 2000, 1u << 20);
    for (uint64_t frame = 1; frame <= 1000; frame++)
        data(&b, frame, frame % 2, frame % 2 ? 1000 : 0, 0);
    /* The first data has a line of its own, two of the run, then the fold. */
    assert_int_equal(b.l->count, 4);
    const struct ladder_line *fold = &b.l->lines[3];
    assert_int_equal(fold->kind, LADDER_FOLD);
    assert_int_equal(fold->frame, 4);
    assert_int_equal(fold->last_frame, 1000);
    assert_int_equal(fold->fold->segments[0] + fold->fold->segments[1], 997);
    assert_int_equal(fold->fold->bytes[1], 498000);      /* frames 5, 7, … 999 */
    assert_int_equal(fold->last_ns, 1000 * MS);
    assert_string_equal(words(&b, fold), "997 segments, 498 kB");
    end(&b);
}

static void trouble_inside_a_run_stays_visible(void **state)
{
    (void)state;
    struct bench b;
    begin(&b, 2000, 1u << 20);
    for (uint64_t frame = 1; frame <= 100; frame++)
        data(&b, frame, 0, 1000, frame == 50 ? WT_DID_RETRANSMIT : 0);
    assert_non_null(ladder_find(&b.set, b.l, 50));
    assert_string_equal(words(&b, ladder_find(&b.set, b.l, 50)), "retransmission");
    end(&b);
}

static void endless_trouble_is_folded(void **state)
{
    (void)state;
    struct bench b;
    begin(&b, 2000, 1u << 20);
    for (uint64_t frame = 1; frame <= 5000; frame++)
        data(&b, frame, 0, 1000, WT_DID_RETRANSMIT);
    assert_true(b.l->count <= 1 + LADDER_TROUBLE_LINES + 3);
    const struct ladder_line *fold = &b.l->lines[b.l->count - 1];
    assert_int_equal(fold->kind, LADDER_FOLD);
    /* Shown: the first data, the capped ones, two of the run. */
    assert_int_equal(fold->fold->retransmitted, 5000 - 1 - LADDER_TROUBLE_LINES - 2);
    /* Another kind of trouble has its own account. */
    assert_non_null(data(&b, 5001, 1, 0, WT_DID_ZERO_WINDOW));
    end(&b);
}

static void duplicate_acks_are_one_line(void **state)
{
    (void)state;
    struct bench b;
    begin(&b, 2000, 1u << 20);
    uint64_t frame = 1;
    for (uint32_t i = 1; i <= 7; i++) {
        struct wt_segment s = segment(&b, frame++, 1, WT_FLAG_ACK, WT_DID_DUP_ACK, (int64_t)i * MS);
        s.dup_ack_count = i;
        s.dup_ack_frame = 77;
        ladder_segment(&b.set, b.l, &s, NULL);
        data(&b, frame++, 0, 1000, 0);
    }
    assert_string_equal(words(&b, &b.l->lines[0]), "duplicate ACKs 1 to 7 of #77");
    assert_int_equal(b.l->lines[0].last_frame, 13);
    for (uint32_t i = 1; i < b.l->count; i++)
        assert_false(b.l->lines[i].did & WT_DID_DUP_ACK);
    end(&b);
}

static void full_folds_nothing(void **state)
{
    (void)state;
    struct bench b;
    begin(&b, UINT32_MAX, 64u << 20);
    b.set.fold_after = UINT32_MAX;
    for (uint64_t frame = 1; frame <= 3000; frame++)
        data(&b, frame, frame % 2, 1000, 0);
    assert_int_equal(b.l->count, 3000);
    end(&b);
}

static void the_middle_is_folded_at_max_lines(void **state)
{
    (void)state;
    struct bench b;
    begin(&b, 100, 1u << 20);
    for (uint64_t frame = 1; frame <= 10000; frame++) {
        struct wt_segment s = segment(&b, frame, 0, WT_FLAG_ACK, WT_DID_DATA, (int64_t)frame * MS);
        s.payload_bytes = 10;
        ladder_segment(&b.set, b.l, &s, "request GET /");
        assert_true(b.l->count <= 100);
    }
    assert_true(b.set.hits_lines > 0);
    assert_non_null(ladder_find(&b.set, b.l, 1));
    assert_non_null(ladder_find(&b.set, b.l, 10000));
    uint64_t segments = 0;
    for (uint32_t i = 0; i < b.l->count; i++) {
        const struct ladder_line *line = &b.l->lines[i];
        segments += line->kind == LADDER_FOLD ? line->fold->segments[0] : 1;
        assert_true(i == 0 || line->frame > b.l->lines[i - 1].frame);
    }
    assert_int_equal(segments, 10000);      /* none is lost */
    end(&b);
}

static void all_ladders_are_bounded(bool file)
{
    enum { LADDERS = 200 };
    struct ladder_set set;
    ladder_set_init(&set, 2000, 256u << 10);
    set.file = file ? -1 : -2;
    struct bench b;
    begin(&b, 2000, 1u << 20);
    struct ladder *ladders[LADDERS];
    for (unsigned i = 0; i < LADDERS; i++) {
        ladders[i] = ladder_new(&set, b.l);
        for (uint64_t frame = 1; frame <= 100; frame++) {
            struct wt_segment s = segment(&b, frame, 0, WT_FLAG_ACK, WT_DID_DATA, (int64_t)frame);
            ladder_segment(&set, ladders[i], &s, "request GET /");
            assert_true(set.bytes <= (256u << 10) + (64u << 10));
        }
    }
    assert_int_equal(ladders[LADDERS - 1]->count, 100);      /* the one in use is whole */
    if (file) {      /* the others rest, and come back as they were */
        assert_int_equal(set.hits_bytes, 0);
        assert_true(ladders[0]->away);
        for (unsigned i = 0; i < LADDERS; i++) {
            struct ladder_line *line = ladder_find(&set, ladders[i], 77);
            assert_int_equal(ladders[i]->count, 100);
            assert_non_null(line);
            assert_string_equal(line->note, "request GET /");
        }
    } else {
        assert_true(set.hits_bytes > 0);
        assert_true(ladders[0]->given_up || ladders[0]->count < 100);
    }
    ladder_free(&set, ladders[1]);
    ladder_set_done(&set);
    assert_int_equal(set.bytes, 0);
    end(&b);
}

static void ladders_rest_in_a_file(void **state)
{
    (void)state;
    all_ladders_are_bounded(true);
}

static void without_a_file_they_are_folded(void **state)
{
    (void)state;
    all_ladders_are_bounded(false);
}

static void a_fold_comes_back_from_the_file(void **state)
{
    (void)state;
    struct bench b;
    begin(&b, 2000, 1u << 20);
    for (uint64_t frame = 1; frame <= 100; frame++)
        data(&b, frame, 0, 1000, 0);
    struct ladder *l = b.l;
    b.set.max_bytes = 512;
    struct ladder *other = ladder_new(&b.set, l);
    b.l = other;
    data(&b, 1, 0, 10, 0);
    assert_true(l->away);
    assert_null(l->lines);
    b.set.max_bytes = 1u << 20;
    ladder_load(&b.set, l);
    assert_false(l->away);
    assert_int_equal(l->lines[3].kind, LADDER_FOLD);
    assert_int_equal(l->lines[3].fold->segments[0], 97);
    b.l = l;
    data(&b, 101, 0, 1000, 0);      /* and its run goes on */
    assert_int_equal(l->lines[3].fold->segments[0], 98);
    ladder_free(&b.set, other);
    end(&b);
}

static void a_turned_connection_turns_its_lines(void **state)
{
    (void)state;
    struct bench b;
    begin(&b, 2000, 1u << 20);
    data(&b, 1, 0, 100, 0);
    struct wt_segment s = segment(&b, 2, 1, WT_FLAG_ACK, WT_DID_DATA, MS);
    s.client_address = server;
    s.server_address = client;
    s.client_port = 80;
    s.server_port = 40000;
    s.payload_bytes = 5;
    ladder_segment(&b.set, b.l, &s, NULL);
    assert_int_equal(b.l->lines[0].side, 1);
    assert_int_equal(b.l->port[0], 80);
    assert_memory_equal(b.l->address[0], server, 4);
    end(&b);
}

static void notes_are_bounded(void **state)
{
    (void)state;
    struct bench b;
    begin(&b, 2000, 1u << 20);
    char note[2000];
    memset(note, 'x', sizeof note - 1);
    note[sizeof note - 1] = '\0';
    struct wt_segment s = segment(&b, 1, 0, WT_FLAG_ACK, WT_DID_DATA, 0);
    struct ladder_line *line = ladder_segment(&b.set, b.l, &s, note);
    assert_int_equal(strlen(line->note), LADDER_NOTE);
    for (unsigned i = 0; i < 50; i++)
        ladder_note_add(&b.set, b.l, line, "after 12.3 ms");
    assert_true(strlen(line->note) <= LADDER_NOTE + 102);
    end(&b);
}

static void flags_read_as_people_write_them(void **state)
{
    (void)state;
    static const struct { uint16_t flags; const char *text; } rows[] = {
        { 0, "" }, { WT_FLAG_SYN, "SYN" }, { WT_FLAG_SYN | WT_FLAG_ACK, "SYN ACK" },
        { WT_FLAG_FIN | WT_FLAG_PSH | WT_FLAG_ACK, "FIN PSH ACK" }, { WT_FLAG_RST, "RST" },
        { 0x1ff, "FIN SYN RST PSH ACK URG ECE CWR AE" },
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        char text[48];
        words_flags(rows[i].flags, text);
        assert_string_equal(text, rows[i].text);
    }
}

static struct wt_connection record(void)
{
    struct wt_connection c = {
        .number = 1, .protocol = 6, .family = 4, .outcome = WT_OUTCOME_CLOSED, .close_kind = WT_CLOSE_FOUR_WAY,
        .first_closer = 0, .reset_by = 255, .start_ns = 1000 * SECOND, .end_ns = 1005 * SECOND + 340 * MS,
        .syn_ns = 1000 * SECOND, .first_syn_ns = 1000 * SECOND, .syn_ack_ns = 1000 * SECOND + 20 * MS,
        .ack_ns = 1000 * SECOND + 23 * MS, .time_wait = { .holder = 0, .ended = WT_END_CLOSED,
            .start_ns = 1005 * SECOND, .end_ns = 1245 * SECOND },
    };
    c.side[0].packets = 7;
    c.side[0].unique_bytes = 136;
    c.side[1].packets = 1;
    c.side[1].unique_bytes = 5007;
    c.side[1].retransmissions = 2;
    return c;
}

static void the_record_in_sentences(void **state)
{
    (void)state;
    struct out o;
    out_init(&o, -1);
    struct value_clock clock = { .utc = true };
    struct words w = { &o, true, &clock, 240 };
    struct wt_connection c = record();
    assert_int_equal(words_outcome(&w, &c), WORDS_GOOD);
    out_text(&o, " | ");
    assert_true(words_handshake(&w, &c));
    out_text(&o, " | ");
    words_amounts(&w, &c);
    out_text(&o, " | ");
    assert_true(words_time_wait(&w, &c));
    out_text(&o, " | ");
    words_time_wait_end(&w, &c);
    out_char(&o, '\0');
    assert_string_equal(o.at,
        "closed after 5.34 s: the client first | "
        "handshake RTT 23.0 ms (to the server and back 20.0 ms, to the client and back 3.00 ms) | "
        "client sent 136 B in 7 segments; server sent 5.0 kB in 1 segment, 2 retransmitted | "
        "the client holds TIME-WAIT until 00:20:45 (2 MSL = 240 s, by rule) | "
        "TIME-WAIT ends: 4 m 00 s after the last segment (by rule; nothing on the wire marks it)");
    out_done(&o);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(one_deed),
        cmocka_unit_test(syn_retries_are_counted),
        cmocka_unit_test(resets_say_what_they_answer),
        cmocka_unit_test(fins_are_first_and_second),
        cmocka_unit_test(a_long_transfer_becomes_one_line),
        cmocka_unit_test(trouble_inside_a_run_stays_visible),
        cmocka_unit_test(endless_trouble_is_folded),
        cmocka_unit_test(duplicate_acks_are_one_line),
        cmocka_unit_test(full_folds_nothing),
        cmocka_unit_test(the_middle_is_folded_at_max_lines),
        cmocka_unit_test(ladders_rest_in_a_file),
        cmocka_unit_test(without_a_file_they_are_folded),
        cmocka_unit_test(a_fold_comes_back_from_the_file),
        cmocka_unit_test(a_turned_connection_turns_its_lines),
        cmocka_unit_test(notes_are_bounded),
        cmocka_unit_test(flags_read_as_people_write_them),
        cmocka_unit_test(the_record_in_sentences),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

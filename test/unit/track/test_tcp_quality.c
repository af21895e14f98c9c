/* Classes of segments, as rows. What each row must say was taken from tshark 4.0 on captures made of the same rows
 * (tcp.analysis.*), or follows from its User's Guide where it says so. */
#include "make.h"

struct row {
    char from;
    const char *flags;
    uint32_t seq, ack, len;
    unsigned window;              /* 0: the case's default of 1000; NO_WINDOW: closed */
    uint64_t did;
    int ms;                       /* since the row before; 0: 10 */
};
#define NO_WINDOW 65536u

static const uint64_t watched = WT_DID_RETRANSMIT | WT_DID_OUT_OF_ORDER | WT_DID_GAP_BEFORE | WT_DID_ACKED_UNSEEN
    | WT_DID_DUP_ACK | WT_DID_KEEP_ALIVE | WT_DID_KEEP_ALIVE_ACK | WT_DID_ZERO_WINDOW | WT_DID_WINDOW_UPDATE
    | WT_DID_ZERO_WINDOW_PROBE | WT_DID_ZERO_WINDOW_PROBE_ACK | WT_DID_WINDOW_FULL | WT_DID_FAST_RETRANSMIT
    | WT_DID_SPURIOUS;

#define OPENED { 'c', "S", 100, 0, 0, 0, 0, 0 }, { 's', "SA", 300, 101, 0, 0, 0, 0 }, { 'c', "A", 101, 301, 0, 0, 0, 0 }

struct side_want { uint64_t payload, unique, repeated, missing; };

static const struct story {
    const char *name;
    struct row row[20];
    struct side_want want[2];
} stories[] = {
    { "data and its ACKs are nothing special", {
        OPENED,
        { 'c', "PA", 101, 301, 50, 0, 0, 0 }, { 's', "A", 301, 151, 0, 0, 0, 0 },
        { 's', "PA", 301, 151, 70, 0, 0, 0 }, { 'c', "A", 151, 371, 0, 0, 0, 0 } },
      { { 50, 50, 0, 0 }, { 70, 70, 0, 0 } } },
    { "sent again after a timeout", {
        OPENED,
        { 'c', "PA", 101, 301, 50, 0, 0, 0 }, { 'c', "PA", 101, 301, 50, 0, WT_DID_RETRANSMIT, 300 },
        { 's', "A", 301, 151, 0, 0, 0, 0 } },
      { { 100, 50, 50, 0 }, { 0, 0, 0, 0 } } },
    { "sent again after it was acknowledged", {
        OPENED,
        { 'c', "PA", 101, 301, 50, 0, 0, 0 }, { 's', "A", 301, 151, 0, 0, 0, 0 },
        { 'c', "PA", 101, 301, 50, 0, WT_DID_RETRANSMIT | WT_DID_SPURIOUS, 300 } },
      { { 100, 50, 50, 0 }, { 0, 0, 0, 0 } } },
    { "fast retransmission after duplicate ACKs", {
        OPENED,
        { 's', "A", 301, 101, 100, 0, 0, 0 }, { 's', "A", 501, 101, 100, 0, WT_DID_GAP_BEFORE, 0 },
        { 'c', "A", 101, 401, 0, 0, 0, 0 }, { 'c', "A", 101, 401, 0, 0, WT_DID_DUP_ACK, 0 },
        { 'c', "A", 101, 401, 0, 0, WT_DID_DUP_ACK, 0 },
        { 's', "A", 401, 101, 100, 0, WT_DID_FAST_RETRANSMIT | WT_DID_RETRANSMIT, 0 },
        { 'c', "A", 101, 601, 0, 0, 0, 0 } },
      { { 0, 0, 0, 0 }, { 300, 300, 0, 0 } } },
    { "out of order: within a round trip, filling a hole", {
        OPENED,
        { 's', "A", 401, 101, 100, 0, WT_DID_GAP_BEFORE, 0 }, { 's', "A", 301, 101, 100, 0, WT_DID_OUT_OF_ORDER, 1 },
        { 'c', "A", 101, 501, 0, 0, 0, 0 } },
      { { 0, 0, 0, 0 }, { 200, 200, 0, 0 } } },
    { "a hole that was acknowledged was lost by the capture", {
        OPENED,
        { 's', "A", 301, 101, 100, 0, 0, 0 }, { 's', "A", 501, 101, 100, 0, WT_DID_GAP_BEFORE, 0 },
        { 'c', "A", 101, 601, 0, 0, WT_DID_ACKED_UNSEEN, 0 } },
      { { 0, 0, 0, 0 }, { 200, 200, 0, 100 } } },
    { "acknowledged, and nothing seen", {
        OPENED,
        { 'c', "A", 101, 701, 0, 0, WT_DID_ACKED_UNSEEN, 0 }, { 'c', "A", 101, 801, 0, 0, 0, 0 } },
      { { 0, 0, 0, 0 }, { 0, 0, 0, 500 } } },
    { "from the middle: the first answer acknowledges one byte that was not seen", {
        { 'c', "A", 0x8995f95e, 301, 0, 0, 0, 0 }, { 's', "A", 301, 0x8995f95f, 0, 0, WT_DID_ACKED_UNSEEN, 0 } },
      { { 0, 0, 0, 1 }, { 0, 0, 0, 0 } } },
    { "keep-alive and its answer", {
        OPENED,
        { 'c', "A", 100, 301, 0, 0, WT_DID_KEEP_ALIVE, 5000 }, { 's', "A", 301, 101, 0, 0, WT_DID_KEEP_ALIVE_ACK, 0 },
        { 'c', "A", 100, 301, 1, 0, WT_DID_KEEP_ALIVE, 5000 }, { 's', "A", 301, 101, 0, 0, WT_DID_KEEP_ALIVE_ACK, 0 } },
      { { 1, 0, 1, 0 }, { 0, 0, 0, 0 } } },
    { "a window that closes, is probed, and opens", {
        OPENED,
        { 's', "A", 301, 101, 1000, 0, WT_DID_WINDOW_FULL, 0 },
        { 'c', "A", 101, 1301, 0, NO_WINDOW, WT_DID_ZERO_WINDOW, 0 },
        { 's', "A", 1301, 101, 1, 0, WT_DID_ZERO_WINDOW_PROBE, 300 },
        { 'c', "A", 101, 1301, 0, NO_WINDOW, WT_DID_ZERO_WINDOW | WT_DID_ZERO_WINDOW_PROBE_ACK, 0 },
        { 'c', "A", 101, 1301, 0, 700, WT_DID_WINDOW_UPDATE, 0 },
        { 's', "A", 1301, 101, 200, 0, 0, 0 }, { 'c', "A", 101, 1501, 0, 700, 0, 0 } },
      { { 0, 0, 0, 0 }, { 1201, 1200, 1, 0 } } },
    { "partly new data: only the old part is repeated", {
        OPENED,
        { 'c', "A", 101, 301, 100, 0, 0, 0 }, { 'c', "A", 151, 301, 100, 0, WT_DID_RETRANSMIT, 300 },
        { 's', "A", 301, 251, 0, 0, WT_DID_ACKED_UNSEEN /* so says tshark, although all was seen */, 0 } },
      { { 200, 150, 50, 0 }, { 0, 0, 0, 0 } } },
    { "numbers that wrap in the data", {
        { 'c', "S", 0xffffff00, 0, 0, 0, 0, 0 }, { 's', "SA", 300, 0xffffff01, 0, 0, 0, 0 },
        { 'c', "A", 0xffffff01, 301, 0, 0, 0, 0 },
        { 'c', "A", 0xffffff01, 301, 400, 0, 0, 0 }, { 'c', "A", 0x91, 301, 400, 0, 0, 0 },
        { 's', "A", 301, 0x91, 0, 0, 0, 0 },
        { 'c', "A", 0x91, 301, 400, 0, WT_DID_RETRANSMIT, 300 }, { 's', "A", 301, 0x221, 0, 0, 0, 0 } },
      { { 1200, 800, 400, 0 }, { 0, 0, 0, 0 } } },
};

static void check(const struct story *story, unsigned i, const struct wt_segment *s)
{
    if ((s->did & watched) != story->row[i].did)
        fail_msg("%s, row %u: did %llx, wanted %llx", story->name, i, (unsigned long long)(s->did & watched),
                 (unsigned long long)story->row[i].did);
}

static void check_bytes(const struct story *story, const struct wt_connection *r)
{
    for (unsigned side = 0; side < 2; side++) {
        const struct wt_side *s = &r->side[side];
        const struct side_want *w = &story->want[side];
        if (s->payload_bytes != w->payload || s->unique_bytes != w->unique || s->retransmitted_bytes != w->repeated
            || s->missing_bytes != w->missing)
            fail_msg("%s, side %u: payload %u unique %u repeated %u missing %u", story->name, side,
                     (unsigned)s->payload_bytes, (unsigned)s->unique_bytes, (unsigned)s->retransmitted_bytes,
                     (unsigned)s->missing_bytes);
    }
}

static void classes_come_out(void **state)
{
    (void)state;
    for (size_t n = 0; n < sizeof stories / sizeof *stories; n++) {
        const struct story *story = &stories[n];
        struct lab *lab = lab_new();
        for (unsigned i = 0; story->row[i].from; i++) {
            const struct row *row = &story->row[i];
            lab->window = row->window == NO_WINDOW ? 0 : row->window ? (uint16_t)row->window : 1000;
            lab->now_ns += (row->ms ? row->ms - 10 : 0) * MS;
            check(story, i, &lab_tcp(lab, row->from, row->flags, row->seq, row->ack, row->len)->segment);
        }
        lab_finish(lab);
        assert_int_equal(lab->records, 1);
        check_bytes(story, &lab->record[0]);
        lab_free(lab);
    }
}

static void duplicates_are_counted_from_the_first(void **state)
{
    (void)state;
    struct lab *lab = lab_new();
    lab_tcp(lab, 'c', "S", 100, 0, 0);
    lab_tcp(lab, 's', "SA", 300, 101, 0);
    lab_tcp(lab, 'c', "A", 101, 301, 0);
    lab_tcp(lab, 's', "A", 301, 101, 100);
    uint64_t first = lab_tcp(lab, 'c', "A", 101, 401, 0)->segment.packet->frame.number;
    for (uint32_t i = 1; i <= 5; i++) {
        const struct wt_segment *s = &lab_tcp(lab, 'c', "A", 101, 401, 0)->segment;
        assert_int_equal(s->dup_ack_count, i);
        assert_int_equal(s->dup_ack_frame, first);
    }
    lab_finish(lab);
    assert_int_equal(lab->record[0].side[0].duplicate_acks, 5);
    lab_free(lab);
}

static void a_repeat_knows_its_original_and_an_ack_its_round_trip(void **state)
{
    (void)state;
    struct lab *lab = lab_new();
    const struct wt_segment *s;
    lab_tcp(lab, 'c', "S", 100, 0, 0);
    s = &lab_tcp(lab, 's', "SA", 300, 101, 0)->segment;
    assert_int_equal(s->ack_rtt_ns, 10 * MS);
    s = &lab_tcp(lab, 'c', "A", 101, 301, 0)->segment;
    assert_int_equal(s->rtt_ns, 20 * MS);
    assert_int_equal(s->ack_rtt_ns, 10 * MS);
    assert_int_equal(s->initial_rtt_ns, 20 * MS);
    lab_tcp(lab, 'c', "A", 101, 301, 100);
    uint64_t original = lab->frame;
    lab_tcp(lab, 'c', "A", 201, 301, 100);
    lab->now_ns += 190 * MS;
    s = &lab_tcp(lab, 'c', "A", 101, 301, 100)->segment;
    assert_true(s->did & WT_DID_RETRANSMIT);
    assert_int_equal(s->original_frame, original);
    assert_int_equal(s->since_original_ns, 210 * MS);
    s = &lab_tcp(lab, 's', "A", 301, 301, 0)->segment;
    assert_int_equal(s->ack_rtt_ns, 210 * MS);    /* of the second segment, which ends there */
    assert_int_equal(s->acked_frame, original + 1);
    s = &lab_tcp(lab, 's', "A", 301, 301, 0)->segment;
    assert_int_equal(s->ack_rtt_ns, -1);
    lab_finish(lab);
    lab_free(lab);
}

/* RFC 6864 4.1, RFC 7323 3: what tells a packet that is seen twice from a segment that is sent twice. */
static void a_copy_is_not_sent_again(void **state)
{
    (void)state;
    static const struct { uint16_t id, id_again; uint32_t stamp, stamp_again, ms, duplicated; } rows[] = {
        { 7, 7, 0, 0, 1, 1 },        { 7, 8, 0, 0, 1, 0 },
        { 7, 7, 50, 50, 300, 1 },    { 7, 7, 50, 51, 300, 0 },
        { 0, 0, 50, 50, 1, 1 },      { 0, 0, 50, 50, 15, 0 },     /* the round trip is 20 ms */
        { 0, 0, 0, 0, 1, 0 },
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct lab *lab = lab_new();
        lab_tcp(lab, 'c', "S", 100, 0, 0);
        lab_tcp(lab, 's', "SA", 300, 101, 0);
        lab_tcp(lab, 'c', "A", 101, 301, 0);
        for (unsigned again = 0; again < 2; again++) {
            struct wt_packet *p = make_tcp(lab, 'c', "PA", 101, 301, 50);
            p->ip_id = again ? rows[i].id_again : rows[i].id;
            p->tcp.ts_val = again ? rows[i].stamp_again : rows[i].stamp;
            lab_send(lab, p);
            lab->now_ns += rows[i].ms * MS;
        }
        lab_finish(lab);
        const struct wt_side *s = &lab->record[0].side[0];
        if (s->duplicated != rows[i].duplicated || s->retransmissions != 1 - rows[i].duplicated)
            fail_msg("row %zu: duplicated %u, retransmissions %u", i, s->duplicated, s->retransmissions);
        lab_free(lab);
    }
}

/* Holes are filled from either end, in the middle and over several; by hand: each byte counts once. */
static void each_byte_counts_once(void **state)
{
    (void)state;
    static const struct { uint32_t seq, len; uint64_t unique, repeated; } rows[] = {
        { 0, 100, 100, 0 },
        { 200, 100, 200, 0 },         /* hole 100-200 */
        { 400, 100, 300, 0 },         /* and 300-400 */
        { 130, 20, 320, 0 },          /* splits the first: 100-130, 150-200 */
        { 100, 10, 330, 0 },          /* 110-130 */
        { 190, 20, 340, 10 },         /* 150-190; 200-210 again */
        { 110, 80, 400, 30 },         /* closes both; 130-150 again */
        { 250, 200, 500, 130 },       /* 250-300 and 400-450 again, 300-400 new */
        { 0, 500, 500, 630 },
        { 450, 100, 550, 680 },       /* half of it new */
    };
    struct lab *lab = lab_new();
    lab_tcp(lab, 'c', "S", 999, 0, 0);
    lab_tcp(lab, 's', "SA", 300, 1000, 0);
    lab_tcp(lab, 'c', "A", 1000, 301, 0);
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct wt_connection r;
        struct conn *c = lab_tcp(lab, 'c', "A", 1000 + rows[i].seq, 301, rows[i].len)->conn;
        conn_record(lab->t, c, &r);
        if (r.side[0].unique_bytes != rows[i].unique || r.side[0].retransmitted_bytes != rows[i].repeated)
            fail_msg("row %zu: unique %u, repeated %u", i, (unsigned)r.side[0].unique_bytes,
                     (unsigned)r.side[0].retransmitted_bytes);
        assert_int_equal(r.side[0].missing_bytes, 0);
    }
    lab_free(lab);
}

/* More holes than are remembered: what was acknowledged of the forgotten ones stays missing. */
static void forgotten_holes_stay_missing(void **state)
{
    (void)state;
    struct lab *lab = lab_new();
    lab_tcp(lab, 'c', "S", 999, 0, 0);
    lab_tcp(lab, 's', "SA", 300, 1000, 0);
    lab_tcp(lab, 'c', "A", 1000, 301, 0);
    for (uint32_t i = 0; i < 20; i++) {
        lab_tcp(lab, 'c', "A", 1010 + i * 20, 301, 10);
        lab_tcp(lab, 's', "A", 301, 1020 + i * 20, 0);
    }
    lab_finish(lab);
    assert_int_equal(lab->record[0].side[0].unique_bytes, 200);
    assert_int_equal(lab->record[0].side[0].missing_bytes, 200);
    lab_free(lab);
}

static void windows_are_scaled_where_both_offered_it(void **state)
{
    (void)state;
    static const struct { uint8_t client, server; int scale; uint32_t window; } rows[] = {
        { 7, 9, 7, 1000 << 7 }, { 0, 9, 0, 1000 }, { 7, 255, -2, 1000 }, { 255, 3, -2, 1000 }, { 15, 2, 14, 1000 << 14 },
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct lab *lab = lab_new();
        struct wt_packet *p = make_tcp(lab, 'c', "S", 100, 0, 0);
        p->tcp.wscale = rows[i].client;
        assert_int_equal(lab_send(lab, p)->segment.window, 1000);
        p = make_tcp(lab, 's', "SA", 300, 101, 0);
        p->tcp.wscale = rows[i].server;
        assert_int_equal(lab_send(lab, p)->segment.window, 1000);
        const struct wt_segment *s = &lab_tcp(lab, 'c', "A", 101, 301, 0)->segment;
        assert_int_equal(s->window_scale, rows[i].scale);
        assert_int_equal(s->window, rows[i].window);
        lab_finish(lab);
        lab_free(lab);
    }
    struct lab *lab = lab_new();
    assert_int_equal(lab_tcp(lab, 'c', "A", 101, 301, 0)->segment.window_scale, -1);
    lab_free(lab);
}

static void relative_numbers_count_from_the_isn_or_the_first_seen(void **state)
{
    (void)state;
    struct lab *lab = lab_new();
    const struct wt_segment *s = &lab_tcp(lab, 'c', "S", 0xfffffff0, 0, 0)->segment;
    assert_int_equal(s->seq, 0);
    assert_true(s->seq_known);
    s = &lab_tcp(lab, 's', "SA", 5, 0xfffffff1, 0)->segment;
    assert_int_equal(s->ack, 1);
    lab_tcp(lab, 'c', "A", 0xfffffff1, 6, 0);
    s = &lab_tcp(lab, 'c', "A", 0xfffffff1, 6, 100)->segment;
    assert_int_equal(s->seq, 1);
    s = &lab_tcp(lab, 's', "A", 6, 0x55, 0)->segment;
    assert_int_equal(s->ack, 101);
    lab_finish(lab);
    lab->client_port++;
    s = &lab_tcp(lab, 'c', "A", 7777, 8888, 10)->segment;
    assert_int_equal(s->seq, 1);
    assert_int_equal(s->ack, 1);
    assert_false(s->seq_known);
    s = &lab_tcp(lab, 's', "A", 8890, 7787, 10)->segment;
    assert_int_equal(s->seq, 3);
    assert_int_equal(s->ack, 11);
    lab_free(lab);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(classes_come_out),
        cmocka_unit_test(duplicates_are_counted_from_the_first),
        cmocka_unit_test(a_repeat_knows_its_original_and_an_ack_its_round_trip),
        cmocka_unit_test(each_byte_counts_once),
        cmocka_unit_test(a_copy_is_not_sent_again),
        cmocka_unit_test(forgotten_holes_stay_missing),
        cmocka_unit_test(windows_are_scaled_where_both_offered_it),
        cmocka_unit_test(relative_numbers_count_from_the_isn_or_the_first_seen),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

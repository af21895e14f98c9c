/* Why a segment came again, as rows. What each must say follows from the RFC that the name of its story gives. */
#include "study.h"

struct row {
    char from;
    const char *flags;
    uint32_t seq, ack, len;
    int ms;                       /* since the row before */
    uint32_t sack[2][2];          /* absolute; 0, 0: none */
    uint32_t stamp, echo;         /* 0: no option */
    uint16_t id;                  /* 0: counts on */
    uint8_t cause, proof, original, backoff;
};
#define SACK(from, to) { { from, to }, { 0, 0 } }
#define SACK2(a, b, c, d) { { a, b }, { c, d } }
#define NONE { { 0, 0 }, { 0, 0 } }
#define NO_STAMP 0, 0

#define OPENED { 'c', "S", 1000, 0, 0, 0, NONE, NO_STAMP, 0, 0, 0, 0, 0 }, \
    { 's', "SA", 5000, 1001, 0, 20, NONE, NO_STAMP, 0, 0, 0, 0, 0 }, \
    { 'c', "A", 1001, 5001, 0, 0, NONE, NO_STAMP, 0, 0, 0, 0, 0 }
#define DATA(n, ms) { 'c', "A", 1001 + 1000 * (n), 5001, 1000, ms, NONE, NO_STAMP, 0, 0, 0, 0, 0 }
#define DATA_ID(n, id) { 'c', "A", 1001 + 1000 * (n), 5001, 1000, 0, NONE, NO_STAMP, id, 0, 0, 0, 0 }
#define AGAIN(n, ms, cause, proof, original, backoff) \
    { 'c', "A", 1001 + 1000 * (n), 5001, 1000, ms, NONE, NO_STAMP, 0, cause, proof, original, backoff }
#define ACK(n, ms) { 's', "A", 5001, 1001 + 1000 * (n), 0, ms, NONE, NO_STAMP, 0, 0, 0, 0, 0 }
#define SACKS(n, ms, from, to) { 's', "A", 5001, 1001 + 1000 * (n), 0, ms, SACK(1001 + 1000 * (from), 1001 + 1000 * (to)), NO_STAMP, 0, 0, 0, 0, 0 }

static const struct story {
    const char *name;
    bool no_sack, other_ids;      /* other_ids: IP identifications tell nothing */
    struct row row[24];
    uint32_t retransmitted, spurious, lost_before, lost_after;
} stories[] = {
    { "RFC 6298 5.4: the timer runs out, and doubles", true, false, {
        OPENED, DATA(0, 1), ACK(1, 20), DATA(1, 1),
        AGAIN(1, 220, WT_CAUSE_TIMEOUT, 0, WT_ORIGINAL_LOST_AFTER, 1), AGAIN(1, 440, WT_CAUSE_TIMEOUT, 0, WT_ORIGINAL_LOST_AFTER, 2),
        AGAIN(1, 880, WT_CAUSE_TIMEOUT, 0, WT_ORIGINAL_LOST_AFTER, 3), ACK(2, 20) }, 3, 0, 0, 3 },
    { "RFC 5681 3.1: after the timeout what was in flight goes again", true, false, {
        OPENED, DATA(0, 1), DATA(1, 0), DATA(2, 0), DATA(3, 0),
        AGAIN(0, 250, WT_CAUSE_TIMEOUT, 0, WT_ORIGINAL_LOST_AFTER, 1), ACK(1, 20),
        AGAIN(1, 0, WT_CAUSE_AFTER_TIMEOUT, 0, WT_ORIGINAL_LOST_AFTER, 0), AGAIN(2, 0, WT_CAUSE_AFTER_TIMEOUT, 0, WT_ORIGINAL_LOST_AFTER, 0),
        ACK(4, 20) }, 3, 0, 0, 3 },
    { "RFC 5681 3.2: three duplicate ACKs, then the partial ACK of RFC 6582", true, false, {
        OPENED, DATA(0, 1), DATA(1, 0), DATA(2, 0), DATA(3, 0), DATA(4, 0), DATA(5, 0),
        ACK(1, 20), ACK(1, 0), ACK(1, 0), ACK(1, 0),
        AGAIN(1, 0, WT_CAUSE_FAST, 0, WT_ORIGINAL_LOST_AFTER, 0), ACK(3, 20),
        AGAIN(3, 0, WT_CAUSE_RECOVERY, 0, WT_ORIGINAL_LOST_AFTER, 0), ACK(6, 20) }, 2, 0, 0, 2 },
    { "RFC 6675: SACKs above the hole", false, false, {
        OPENED, DATA(0, 1), DATA(1, 0), DATA(2, 0), DATA(3, 0), DATA(4, 0),
        ACK(1, 20), SACKS(1, 0, 2, 3), SACKS(1, 0, 2, 4), SACKS(1, 0, 2, 5),
        AGAIN(1, 0, WT_CAUSE_FAST, 0, WT_ORIGINAL_LOST_AFTER, 0), ACK(5, 20) }, 1, 0, 0, 1 },
    { "RFC 8985 7: a tail loss probe, and the SACK that it brings", false, false, {
        OPENED, DATA(0, 1), ACK(1, 20), DATA(1, 1), DATA(2, 0), DATA(3, 0),
        AGAIN(3, 45, WT_CAUSE_TAIL_PROBE, 0, WT_ORIGINAL_LOST_AFTER, 0), SACKS(1, 20, 3, 4),
        AGAIN(1, 0, WT_CAUSE_FAST, 0, WT_ORIGINAL_LOST_AFTER, 0), AGAIN(2, 0, WT_CAUSE_RECOVERY, 0, WT_ORIGINAL_LOST_AFTER, 0),
        ACK(4, 20) }, 3, 0, 0, 3 },
    { "RFC 2883: the receiver got it twice", false, false, {
        OPENED, DATA(0, 1), ACK(1, 20), DATA(1, 1), DATA(2, 0),
        AGAIN(1, 300, WT_CAUSE_TIMEOUT, WT_PROOF_DSACK, WT_ORIGINAL_ARRIVED, 1), ACK(3, 20), SACKS(3, 1, 1, 2) }, 1, 1, 0, 0 },
    { "RFC 3522: the ACK echoes the time stamp of the original", true, false, {
        { 'c', "S", 1000, 0, 0, 0, NONE, 10, 0, 0, 0, 0, 0, 0 }, { 's', "SA", 5000, 1001, 0, 20, NONE, 900, 10, 0, 0, 0, 0, 0 },
        { 'c', "A", 1001, 5001, 0, 0, NONE, 30, 900, 0, 0, 0, 0, 0 }, { 'c', "A", 1001, 5001, 1000, 1, NONE, 31, 900, 0, 0, 0, 0, 0 },
        { 's', "A", 5001, 2001, 0, 20, NONE, 921, 31, 0, 0, 0, 0, 0 }, { 'c', "A", 2001, 5001, 1000, 1, NONE, 52, 921, 0, 0, 0, 0, 0 },
        { 'c', "A", 2001, 5001, 1000, 300, NONE, 352, 921, 0, WT_CAUSE_TIMEOUT, WT_PROOF_EIFEL, WT_ORIGINAL_ARRIVED, 1 },
        { 's', "A", 5001, 3001, 0, 20, NONE, 1241, 52, 0, 0, 0, 0, 0 } }, 1, 1, 0, 0 },
    { "acknowledged before it was sent again", true, false, {
        OPENED, DATA(0, 1), ACK(1, 20), AGAIN(0, 200, WT_CAUSE_TIMEOUT, WT_PROOF_ACKED, WT_ORIGINAL_ARRIVED, 1) }, 1, 1, 0, 0 },
    { "RFC 2018: the hole of a capture behind the loss", false, false, {
        OPENED, DATA(0, 1), DATA(2, 0), DATA(3, 0), DATA(4, 0), ACK(1, 0), SACKS(1, 0, 2, 3), SACKS(1, 0, 2, 4), SACKS(1, 0, 2, 5),
        AGAIN(1, 20, WT_CAUSE_FAST, 0, WT_ORIGINAL_LOST_BEFORE, 0), ACK(5, 0) }, 1, 0, 1, 0 },
    { "RFC 6864: a younger identification was sent again, though only a part of the hole is filled, and soon", false, false, {
        OPENED, DATA(0, 1), DATA(1, 0), DATA_ID(4, 9), DATA_ID(5, 10), ACK(2, 0), SACKS(2, 0, 4, 5), SACKS(2, 0, 4, 6),
        { 'c', "A", 3001, 5001, 1000, 19, NONE, NO_STAMP, 11, WT_CAUSE_FAST, 0, WT_ORIGINAL_LOST_BEFORE, 0 },
        { 'c', "A", 4001, 5001, 1000, 0, NONE, NO_STAMP, 12, WT_CAUSE_RECOVERY, 0, WT_ORIGINAL_LOST_BEFORE, 0 }, ACK(6, 0) }, 2, 0, 2, 0 },
    { "RFC 6864: an older identification was overtaken, whatever the time", true, false, {
        OPENED, DATA(0, 1), DATA(1, 0), DATA(2, 0), DATA_ID(4, 7), DATA_ID(5, 8), ACK(3, 0), ACK(3, 0), ACK(3, 0), ACK(3, 0),
        { 'c', "A", 4001, 5001, 1000, 60, NONE, NO_STAMP, 6, WT_CAUSE_REORDERED, 0, 0, 0 }, ACK(6, 0) }, 0, 0, 0, 0 },
    { "the same packet twice", true, false, {
        OPENED, DATA(0, 1), DATA(1, 0), DATA(2, 0), DATA(3, 0),
        { 'c', "A", 4001, 5001, 1000, 0, NONE, NO_STAMP, 6, WT_CAUSE_DUPLICATED, 0, 0, 0 }, ACK(4, 20) }, 0, 0, 0, 0 },
    { "RFC 6298 5.4 behind the loss: a repeat in its turn, then a hole that was sent before it", false, false, {
        OPENED, DATA(0, 1), DATA(1, 0), DATA(2, 0), DATA(3, 0), ACK(4, 0),
        { 'c', "A", 5001, 5001, 1000, 400, NONE, NO_STAMP, 12, WT_CAUSE_TIMEOUT, 0, WT_ORIGINAL_LOST_BEFORE, 0 }, ACK(5, 0),
        { 'c', "A", 9001, 5001, 1000, 20, NONE, NO_STAMP, 13, 0, 0, 0, 0 }, SACKS(5, 0, 8, 9),
        { 'c', "A", 6001, 5001, 1000, 20, NONE, NO_STAMP, 14, WT_CAUSE_AFTER_TIMEOUT, 0, WT_ORIGINAL_LOST_BEFORE, 0 },
        ACK(6, 0) }, 2, 0, 2, 0 },
    { "the same, but the hole may have been sent after it: nothing is known of it", false, false, {
        OPENED, DATA(0, 1), DATA(1, 0), DATA(2, 0), DATA(3, 0), ACK(4, 0),
        { 'c', "A", 5001, 5001, 1000, 400, NONE, NO_STAMP, 7, 0, 0, 0, 0 }, ACK(5, 0),
        { 'c', "A", 9001, 5001, 1000, 20, NONE, NO_STAMP, 11, 0, 0, 0, 0 }, SACKS(5, 0, 8, 9),
        { 'c', "A", 6001, 5001, 1000, 20, NONE, NO_STAMP, 12, WT_CAUSE_FAST, 0, WT_ORIGINAL_LOST_BEFORE, 0 },
        ACK(6, 0) }, 1, 0, 1, 0 },
    { "RFC 8985 7 and 7323: the way stood still; by the sender's clock the probe waited", false, false, {
        { 'c', "S", 1000, 0, 0, 0, NONE, 1000, 0, 0, 0, 0, 0, 0 }, { 's', "SA", 5000, 1001, 0, 20, NONE, 900, 1000, 0, 0, 0, 0, 0 },
        { 'c', "A", 1001, 5001, 0, 0, NONE, 1020, 900, 0, 0, 0, 0, 0 }, { 'c', "A", 1001, 5001, 1000, 150, NONE, 1170, 900, 0, 0, 0, 0, 0 },
        { 's', "A", 5001, 2001, 0, 20, NONE, 1090, 1170, 0, 0, 0, 0, 0 }, { 'c', "A", 2001, 5001, 1000, 1, NONE, 1191, 1090, 0, 0, 0, 0, 0 },
        { 'c', "A", 2001, 5001, 1000, 0, NONE, 1326, 1090, 0, WT_CAUSE_TAIL_PROBE, 0, WT_ORIGINAL_LOST_AFTER, 0 },
        { 's', "A", 5001, 3001, 0, 20, NONE, 1111, 1326, 0, 0, 0, 0, 0 } }, 1, 0, 0, 1 },
    { "the same packet twice, before its identifications are known to count", true, false, {
        { 'c', "S", 1000, 0, 0, 0, NONE, NO_STAMP, 77, 0, 0, 0, 0 },
        { 'c', "S", 1000, 0, 0, 3, NONE, NO_STAMP, 77, WT_CAUSE_DUPLICATED, 0, 0, 0 },
        { 's', "SA", 5000, 1001, 0, 20, NONE, NO_STAMP, 0, 0, 0, 0, 0 } }, 0, 0, 0, 0 },
    { "no identification, no time stamps: sooner than any timer", true, true, {
        OPENED, DATA(0, 1), AGAIN(0, 1, WT_CAUSE_DUPLICATED, 0, 0, 0), ACK(1, 20), DATA(1, 1),
        AGAIN(1, 220, WT_CAUSE_TIMEOUT, 0, WT_ORIGINAL_LOST_AFTER, 1) }, 1, 0, 0, 1 },
    { "RFC 8985 7.2: later than any probe", false, false, {
        OPENED, DATA(0, 1), ACK(1, 20), DATA(1, 1),
        AGAIN(1, 900, WT_CAUSE_TIMEOUT, 0, WT_ORIGINAL_LOST_AFTER, 1), ACK(2, 20) }, 1, 0, 0, 1 },
    { "one way was captured: nobody knows what became of the original", true, false, {
        { 'c', "A", 1001, 5001, 1000, 0, NONE, NO_STAMP, 0, 0, 0, 0, 0 },
        { 'c', "A", 1001, 5001, 1000, 300, NONE, NO_STAMP, 0, WT_CAUSE_TIMEOUT, 0, 0, 1 } }, 1, 0, 0, 0 },
    { "the SYN again", true, true, {
        { 'c', "S", 1000, 0, 0, 0, NONE, NO_STAMP, 0, 0, 0, 0, 0 },
        { 'c', "S", 1000, 0, 0, 1000, NONE, NO_STAMP, 0, WT_CAUSE_TIMEOUT, 0, WT_ORIGINAL_LOST_AFTER, 1 },
        { 'c', "S", 1000, 0, 0, 2000, NONE, NO_STAMP, 0, WT_CAUSE_TIMEOUT, 0, WT_ORIGINAL_LOST_AFTER, 2 },
        { 's', "SA", 5000, 1001, 0, 20, NONE, NO_STAMP, 0, 0, 0, 0, 0 } }, 2, 0, 0, 2 },
    { "numbers that lie: blocks outside of what was sent, backwards, and wrapping", false, true, {
        OPENED, DATA(0, 1), { 's', "A", 5001, 1001, 0, 20, SACK2(0xfffffff0u, 0x10, 9000, 2000), NO_STAMP, 0, 0, 0, 0, 0 },
        { 's', "A", 5001, 0x80000000u, 0, 1, SACK(0x7fffffffu, 0x90000000u), NO_STAMP, 0, 0, 0, 0, 0 },
        DATA(1, 1), ACK(2, 1) }, 0, 0, 0, 0 },
};

static struct wt_packet *packet_of(struct study *s, const struct story *story, const struct row *row, uint16_t *id)
{
    s->lab->now_ns += row->ms * MS + MS / 100;
    struct wt_packet *p = make_tcp(s->lab, row->from, row->flags, row->seq, row->ack, row->len);
    if (row->from == 'c')
        p->ip_id = row->id ? row->id : story->other_ids ? 0 : ++*id;
    p->tcp.sack_permitted = p->tcp.flags & WT_FLAG_SYN && !story->no_sack;
    if (p->tcp.flags & WT_FLAG_SYN)
        p->tcp.mss = 1012;      /* the time stamps' 12 in it */
    for (unsigned i = 0; i < 2; i++)
        if (row->sack[i][0] || row->sack[i][1])
            memcpy(p->tcp.sack[p->tcp.sack_count++], row->sack[i], sizeof row->sack[i]);
    p->tcp.has_timestamps = row->stamp != 0;
    p->tcp.ts_val = row->stamp;
    p->tcp.ts_ecr = row->echo;
    return p;
}

static void check(const struct study *s, const struct story *story, unsigned i)
{
    const struct row *row = &story->row[i];
    const struct wt_repeat *r = &s->repeat[i + 1];
    if (r->cause != row->cause || r->proof != row->proof || r->original != row->original || r->backoff != row->backoff)
        fail_msg("%s, row %u: %s, proof %s, original %s, backoff %u", story->name, i, wt_cause_name((enum wt_cause)r->cause),
                 wt_proof_name((enum wt_proof)r->proof), wt_original_name((enum wt_original)r->original), r->backoff);
}

static void causes_come_out(void **unused)
{
    (void)unused;
    for (size_t n = 0; n < sizeof stories / sizeof *stories; n++) {
        const struct story *story = &stories[n];
        struct study *s = study_new();
        uint16_t id = 0;
        for (unsigned i = 0; story->row[i].from; i++)
            study_packet(s, packet_of(s, story, &story->row[i], &id));
        for (unsigned i = 0; story->row[i].from; i++)
            check(s, story, i);
        study_end(s);
        const struct wt_direction *d = &s->analysis.side[0];
        if (d->retransmitted_segments != story->retransmitted || d->spurious != story->spurious
            || d->lost_before != story->lost_before || d->lost_after != story->lost_after)
            fail_msg("%s: %u retransmitted, %u needless, %u lost before, %u after", story->name, d->retransmitted_segments,
                     d->spurious, d->lost_before, d->lost_after);
        study_free(s);
    }
}

/* RFC 6298 2.2 and 2.3, computed by hand: 20 ms, then 28 ms. */
static void round_trips_are_smoothed(void **unused)
{
    (void)unused;
    struct study *s = study_new();
    study_packet(s, make_tcp(s->lab, 'c', "S", 1000, 0, 0));
    s->lab->now_ns += 20 * MS;
    study_packet(s, make_tcp(s->lab, 's', "SA", 5000, 1001, 0));
    study_packet(s, make_tcp(s->lab, 'c', "A", 1001, 5001, 0));
    study_packet(s, make_tcp(s->lab, 'c', "A", 1001, 5001, 100));
    s->lab->now_ns += 28 * MS;
    study_packet(s, make_tcp(s->lab, 's', "A", 5001, 1101, 0));
    study_end(s);
    const struct wt_rtt *r = &s->analysis.side[0].rtt;
    assert_int_equal(r->samples, 2);
    assert_int_equal(r->min_ns, 20 * MS);
    assert_int_equal(r->max_ns, 28 * MS);
    assert_int_equal(r->smoothed_ns, 21 * MS);                /* 7/8 of 20 + 1/8 of 28 */
    assert_int_equal(r->variation_ns, 9500 * MS / 1000);      /* 3/4 of 10 + 1/4 of |20 - 28| */
    assert_int_equal(r->rto_ns, 59 * MS);
    study_free(s);
}

/* RFC 6298 3, Karn: an ACK of what was sent twice says nothing of the round trip. */
static void what_was_sent_twice_is_no_sample(void **unused)
{
    (void)unused;
    struct study *s = study_new();
    study_packet(s, make_tcp(s->lab, 'c', "S", 1000, 0, 0));
    s->lab->now_ns += 20 * MS;
    study_packet(s, make_tcp(s->lab, 's', "SA", 5000, 1001, 0));
    study_packet(s, make_tcp(s->lab, 'c', "A", 1001, 5001, 100));
    s->lab->now_ns += 300 * MS;
    study_packet(s, make_tcp(s->lab, 'c', "A", 1001, 5001, 100));
    s->lab->now_ns += 20 * MS;
    study_packet(s, make_tcp(s->lab, 's', "A", 5001, 1101, 0));
    study_end(s);
    assert_int_equal(s->analysis.side[0].rtt.samples, 1);
    assert_int_equal(s->analysis.side[1].rtt.samples, 1);
    study_free(s);
}

/* A damaged ACK says nothing, unless all of them look damaged: then the capture made them so. */
static void damaged_acks_are_not_heard(void **unused)
{
    (void)unused;
    for (unsigned all = 0; all < 2; all++) {
        struct study *s = study_new();
        for (uint32_t i = 0; i < 20; i++) {
            s->lab->now_ns += 20 * MS;
            study_packet(s, make_tcp(s->lab, 'c', "A", 1001 + i * 100, 1, 100));
            s->lab->now_ns += 20 * MS;
            struct wt_packet *p = make_tcp(s->lab, 's', "A", 1, 1101 + i * 100, 0);
            p->transport_checksum = all || i == 19 ? WT_CKSUM_BAD : WT_CKSUM_GOOD;
            study_packet(s, p);
        }
        study_end(s);
        assert_int_equal(s->analysis.side[0].rtt.samples, all ? 20 : 19);
        study_free(s);
    }
}

/* The limit: the analysis goes without, and says so; nothing is lost or leaked. */
static void memory_is_bounded(void **unused)
{
    (void)unused;
    struct study *s = study_new();
    wt_depth_free(s->depth);
    s->lab->config.value[WT_MAX_ANALYSIS_BYTES] = 1u << 20;
    s->depth = wt_depth_new(&s->lab->config, &s->lab->hits);
    wt_depth_open(s->depth, &s->state);
    study_packet(s, make_tcp(s->lab, 'c', "S", 1000, 0, 0));
    for (uint32_t i = 0; i < 40000; i++)      /* nobody acknowledges */
        study_packet(s, make_tcp(s->lab, 'c', "A", 1001 + i * 10, 1, 10));
    study_end(s);
    assert_true(s->analysis.partial);
    assert_true(s->lab->hits.count[WT_MAX_ANALYSIS_BYTES] > 0);
    static struct wt_analysis_state *many[1000];
    unsigned open = 0;
    for (unsigned i = 0; i < 1000; i++)
        wt_depth_open(s->depth, &many[i]);
    for (unsigned i = 0; i < 1000; i++)
        open += many[i] != NULL;
    assert_in_range(open, 1, 999);      /* those that have seen nothing give way to the newest … */
    assert_non_null(many[999]);
    assert_null(many[0]);
    assert_non_null(s->state);          /* … and that which has something to tell does not */
    study_free(s);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(causes_come_out),
        cmocka_unit_test(round_trips_are_smoothed),
        cmocka_unit_test(what_was_sent_twice_is_no_sample),
        cmocka_unit_test(damaged_acks_are_not_heard),
        cmocka_unit_test(memory_is_bounded),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

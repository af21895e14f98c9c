#include "stream/stream.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "stream/window.h"

/* What the tap was given: the bytes of each side, a hole of n bytes as <n>. */
struct taken {
    char text[2][1 << 16];
    size_t len[2];
};

static void take_bytes(void *to, struct stream *s, unsigned side, struct wt_slice bytes, uint64_t frame)
{
    struct taken *t = to;
    (void)s;
    (void)frame;
    assert_true(t->len[side] + bytes.len < sizeof t->text[side]);
    memcpy(t->text[side] + t->len[side], bytes.at, bytes.len);
    t->len[side] += bytes.len;
    t->text[side][t->len[side]] = '\0';
}

static void take_gap(void *to, struct stream *s, unsigned side, uint64_t len, uint64_t frame)
{
    struct taken *t = to;
    (void)s;
    (void)frame;
    t->len[side] += (size_t)snprintf(t->text[side] + t->len[side], 32, "<%llu>", (unsigned long long)len);
}

struct run {
    struct wt_config config;
    struct wt_limit_hits hits;
    struct taken taken;
    struct stream_set *set;
    struct wt_session_context context;
    void *slot;
};

static struct run *run_new(void)
{
    struct run *r = calloc(1, sizeof *r);
    wt_config_defaults(&r->config);
    r->context = (struct wt_session_context){
        .client_port = 40000, .server_port = 9, .config = &r->config, .hits = &r->hits,
    };
    return r;
}

static void run_start(struct run *r)
{
    struct stream_tap tap = { &r->taken, take_bytes, take_gap };
    r->set = stream_set_new(&r->config, &r->hits, &tap);
    assert_non_null(r->set);
}

static void run_end(struct run *r)
{
    stream_close(r->set, &r->slot, &r->context, WT_CLOSED_END);
    assert_null(r->slot);
    stream_set_free(r->set);
    free(r);
}

/* One segment a line: side, sequence number from the start of the stream, payload; what else is true of it. */
enum { FIN = 1, RST = 2, MID = 4 /* start not known */ };
struct row {
    unsigned side;
    uint32_t at;
    const char *payload;
    uint32_t wire;          /* 0: as the payload */
    uint32_t ack;           /* of the other side's bytes; 0: none */
    unsigned flags;
    unsigned ms;            /* later than the one before */
};
#define MAX_ROWS 12
#define END { 9, 0, NULL, 0, 0, 0, 0 }

static const struct {
    const char *name;
    struct row rows[MAX_ROWS];
    const char *want[2];
} tables[] = {
    { "in order", { { 0, 0, "abc", 0, 0, 0, 0 }, { 1, 0, "xy", 0, 3, 0, 0 }, { 0, 3, "def", 0, 2, 0, 0 }, END },
      { "abcdef", "xy" } },
    { "swapped", { { 0, 0, "ab", 0, 0, 0, 0 }, { 0, 4, "ef", 0, 0, 0, 0 }, { 0, 2, "cd", 0, 0, 0, 0 }, END },
      { "abcdef", "" } },
    { "the first segment comes second", { { 0, 2, "cd", 0, 0, 0, 0 }, { 0, 0, "ab", 0, 0, 0, 0 }, END },
      { "abcd", "" } },
    { "retransmitted whole, partly, and with new bytes",
      { { 0, 0, "abcd", 0, 0, 0, 0 }, { 0, 0, "abcd", 0, 0, 0, 0 }, { 0, 1, "bc", 0, 0, 0, 0 },
        { 0, 2, "cdef", 0, 0, 0, 0 }, END },
      { "abcdef", "" } },
    { "overlap: what came first stands",
      { { 0, 0, "ab", 0, 0, 0, 0 }, { 0, 4, "EF", 0, 0, 0, 0 }, { 0, 2, "cdef", 0, 0, 0, 0 }, END },
      { "abcdEF", "" } },
    { "overlap among those held",
      { { 0, 6, "gh", 0, 0, 0, 0 }, { 0, 4, "efGH", 0, 0, 0, 0 }, { 0, 1, "bcdEF", 0, 0, 0, 0 },
        { 0, 0, "a", 0, 0, 0, 0 }, END },
      { "abcdefgh", "" } },
    { "a hole that the peer acknowledged and three segments passed is given up",
      { { 0, 0, "ab", 0, 0, 0, 0 }, { 1, 0, "", 0, 8, 0, 0 }, { 0, 4, "ef", 0, 0, 0, 0 }, { 0, 6, "gh", 0, 0, 0, 0 },
        { 0, 8, "ij", 0, 0, 0, 0 }, { 0, 10, "kl", 0, 0, 0, 0 }, { 0, 2, "cd", 0, 0, 0, 0 }, END },
      { "ab<2>efghijkl", "" } },
    { "an acknowledgment that the capture put before its data is no proof",
      { { 0, 0, "ab", 0, 0, 0, 0 }, { 1, 0, "", 0, 6, 0, 0 }, { 0, 4, "ef", 0, 0, 0, 0 }, { 0, 2, "cd", 0, 0, 0, 0 }, END },
      { "abcdef", "" } },
    { "with time it is",
      { { 0, 0, "ab", 0, 0, 0, 0 }, { 1, 0, "", 0, 6, 0, 0 }, { 0, 4, "ef", 0, 0, 0, 5 }, { 1, 0, "", 0, 6, 0, 15 },
        { 0, 2, "cd", 0, 0, 0, 0 }, END },
      { "ab<2>ef", "" } },
    { "and so is the peer's answer to what follows the hole",
      { { 0, 0, "ab", 0, 0, 0, 0 }, { 0, 4, "ef", 0, 0, 0, 0 }, { 1, 0, "x", 0, 6, 0, 0 }, { 0, 2, "cd", 0, 0, 0, 0 }, END },
      { "ab<2>ef", "x" } },
    { "not acknowledged: a loss on the network, which is repeated",
      { { 0, 0, "ab", 0, 0, 0, 0 }, { 0, 4, "ef", 0, 0, 0, 0 }, { 1, 0, "", 0, 2, 0, 0 }, { 0, 6, "gh", 0, 0, 0, 0 },
        { 0, 8, "ij", 0, 0, 0, 0 }, { 0, 10, "kl", 0, 0, 0, 900 }, { 0, 2, "cd", 0, 0, 0, 0 }, END },
      { "abcdefghijkl", "" } },
    { "one direction alone: a second passes", { { 0, 0, "ab", 0, 0, 0, 0 }, { 0, 4, "ef", 0, 0, 0, 999 },
        { 0, 6, "gh", 0, 0, 0, 1 }, { 0, 2, "cd", 0, 0, 0, 0 }, END },
      { "ab<2>efgh", "" } },
    { "an acknowledgment into the hole gives up its part",
      { { 0, 0, "ab", 0, 0, 0, 0 }, { 1, 0, "", 0, 4, 0, 0 }, { 0, 6, "gh", 0, 0, 0, 30 }, { 0, 4, "ef", 0, 0, 0, 0 }, END },
      { "ab<2>efgh", "" } },
    { "cut by the snapshot length",
      { { 0, 0, "ab", 5, 0, 0, 0 }, { 0, 5, "fg", 0, 0, 0, 0 }, END }, { "ab<3>fg", "" } },
    { "cut, and what follows was held",
      { { 0, 5, "fg", 0, 0, 0, 0 }, { 0, 0, "ab", 5, 0, 0, 0 }, END }, { "ab<3>fg", "" } },
    { "captured from the middle", { { 0, 1000, "ab", 0, 0, MID, 0 }, { 0, 1002, "cd", 0, 0, MID, 0 }, END },
      { "abcd", "" } },
    { "the middle: what comes before is old", { { 0, 1000, "ab", 0, 0, MID, 0 }, { 0, 998, "yz", 0, 0, MID, 0 },
        { 0, 999, "zabc", 0, 0, MID, 0 }, END }, { "abc", "" } },
    { "both FINs", { { 0, 0, "ab", 0, 0, FIN, 0 }, { 1, 0, "x", 0, 3, FIN, 0 }, { 0, 2, "cd", 0, 0, 0, 0 }, END },
      { "ab", "x" } },
    { "a FIN before a hole is filled", { { 0, 2, "cd", 0, 0, FIN, 0 }, { 0, 0, "ab", 0, 0, 0, 0 }, END },
      { "abcd", "" } },
    { "held at the end: with its hole", { { 0, 0, "ab", 0, 0, 0, 0 }, { 0, 4, "ef", 0, 0, 0, 0 },
        { 0, 8, "ij", 0, 0, 0, 0 }, END }, { "ab<2>ef<2>ij", "" } },
    { "held at the reset: the same", { { 0, 0, "ab", 0, 0, 0, 0 }, { 0, 4, "ef", 0, 0, 0, 0 },
        { 1, 0, "", 0, 0, RST, 0 }, { 0, 2, "cd", 0, 0, 0, 0 }, END }, { "ab<2>ef", "" } },
    { "keep-alives", { { 0, 0, "ab", 0, 0, 0, 0 }, { 0, 1, "b", 0, 0, 0, 0 }, { 0, 1, "?", 0, 0, 0, 0 },
        { 0, 2, "cd", 0, 0, 0, 0 }, END }, { "abcd", "" } },
};

static void feed_rows(struct run *r, const struct row *rows, uint32_t isn)
{
    for (unsigned i = 0; i < MAX_ROWS && rows[i].payload; i++) {
        const struct row *row = &rows[i];
        r->context.frame++;
        r->context.time_ns += (int64_t)row->ms * 1000000;
        size_t len = strlen(row->payload);
        uint8_t *copy = malloc(len + 1);
        memcpy(copy, row->payload, len);
        struct stream_segment s = {
            .side = row->side, .seq = isn + 1 + row->at, .payload = { copy, len },
            .wire_bytes = row->wire ? row->wire : (uint32_t)len, .start_known = !(row->flags & MID),
            .start_seq = isn + 1, .fin = row->flags & FIN, .rst = row->flags & RST, .has_ack = row->ack != 0,
            .ack = isn + 1 + row->ack, .context = &r->context,
        };
        stream_segment(r->set, &r->slot, &s);
        free(copy);
    }
}

/* Where sequence numbers begin makes no difference, wrapping round included. */
static void segments_to_bytes(void **state)
{
    (void)state;
    static const uint32_t isns[] = { 0, 7, 0x7ffffffd, 0xfffffffc, 0xfffffc18 };
    for (size_t i = 0; i < sizeof tables / sizeof *tables; i++) {
        for (size_t k = 0; k < sizeof isns / sizeof *isns; k++) {
            struct run *r = run_new();
            run_start(r);
            feed_rows(r, tables[i].rows, isns[k]);
            stream_close(r->set, &r->slot, &r->context, WT_CLOSED_END);
            for (unsigned side = 0; side < 2; side++)
                if (strcmp(r->taken.text[side], tables[i].want[side]) != 0)
                    fail_msg("%s, ISN %u, side %u: '%s', not '%s'", tables[i].name, isns[k], side,
                             r->taken.text[side], tables[i].want[side]);
            run_end(r);
        }
    }
}

/* tshark 4.0 leaves segments in the order of their capture: what comes late is old. */
static void as_tshark_on_demand(void **state)
{
    (void)state;
    struct run *r = run_new();
    run_start(r);
    r->context.compat = true;
    static const struct row rows[MAX_ROWS] = { { 0, 0, "ab", 0, 0, 0, 0 }, { 0, 4, "ef", 0, 0, 0, 0 },
                                               { 0, 2, "cd", 0, 0, 0, 0 }, { 0, 6, "gh", 0, 0, 0, 0 }, END };
    feed_rows(r, rows, 1);
    assert_string_equal(r->taken.text[0], "ab<2>efgh");
    run_end(r);
}

static void counts_what_differs(void **state)
{
    (void)state;
    struct run *r = run_new();
    run_start(r);
    static const struct row rows[MAX_ROWS] = { { 0, 0, "ab", 0, 0, 0, 0 }, { 0, 4, "EF", 0, 0, 0, 0 },
                                               { 0, 2, "cdef", 0, 0, 0, 0 }, END };
    feed_rows(r, rows, 1);
    assert_int_equal(stream_set_counters(r->set)->overlaps_differing, 2);
    assert_int_equal(stream_set_counters(r->set)->out_of_order_segments, 1);
    assert_int_equal(stream_set_counters(r->set)->out_of_order_bytes, 2);
    assert_int_equal(stream_set_counters(r->set)->gaps, 0);
    run_end(r);
}

/* Any order of any pieces gives the stream, as long as each byte comes once within the window. */
static void any_order(void **state)
{
    (void)state;
    enum { LEN = 30000 };
    static char text[LEN + 1];
    uint32_t seed = 99;
    for (unsigned i = 0; i < LEN; i++)
        text[i] = (char)('a' + i * 7 % 26);
    for (unsigned round = 0; round < 30; round++) {
        struct run *r = run_new();
        run_start(r);
        enum { PIECES = 64 };
        uint32_t cut[PIECES + 1], order[PIECES];
        for (unsigned i = 0; i < PIECES; i++) {
            cut[i] = (uint32_t)((uint64_t)i * LEN / PIECES);
            order[i] = i;
        }
        cut[PIECES] = LEN;
        for (unsigned i = PIECES - 1; i > 0; i--) {
            seed = seed * 1664525u + 1013904223u;
            unsigned k = (unsigned)((uint64_t)seed * (i + 1) >> 32);
            uint32_t swap = order[i];
            order[i] = order[k];
            order[k] = swap;
        }
        for (unsigned i = 0; i < PIECES; i++) {
            uint32_t from = cut[order[i]], to = cut[order[i] + 1];
            struct stream_segment s = {
                .seq = 0xffffff00u + from, .start_known = true, .start_seq = 0xffffff00u,
                .payload = { (uint8_t *)text + from, to - from }, .wire_bytes = to - from, .context = &r->context,
            };
            stream_segment(r->set, &r->slot, &s);
        }
        assert_int_equal(r->taken.len[0], LEN);
        assert_memory_equal(r->taken.text[0], text, LEN);
        run_end(r);
    }
}

/* Limits: the window of one side, and what a shard holds in all. Memory stays within them, and all is counted. */
static void limits_give_up_holes(void **state)
{
    (void)state;
    struct run *r = run_new();
    r->config.value[WT_MAX_REASSEMBLY_PER_CONNECTION] = 2 * PAGE_BYTES;
    run_start(r);
    static const struct row rows[MAX_ROWS] = { { 0, 0, "ab", 0, 0, 0, 0 }, { 0, 4, "ef", 0, 0, 0, 0 },
                                               { 0, 3 * PAGE_BYTES, "z", 0, 0, 0, 0 }, END };
    feed_rows(r, rows, 1);
    assert_int_equal(r->hits.count[WT_MAX_REASSEMBLY_PER_CONNECTION], 1);
    stream_close(r->set, &r->slot, &r->context, WT_CLOSED_END);
    assert_string_equal(r->taken.text[0], "ab<2>ef<12282>z");
    run_end(r);

    r = run_new();
    r->config.value[WT_MAX_REASSEMBLY_BYTES] = 64 * 3 * PAGE_BYTES;
    run_start(r);
    static char big[2 * PAGE_BYTES];
    memset(big, 'x', sizeof big);
    void *slots[4] = { NULL };
    for (unsigned i = 0; i < 4; i++) {
        struct stream_segment first = { .seq = 1, .start_known = true, .start_seq = 1, .context = &r->context,
                                        .payload = { (uint8_t *)"a", 1 }, .wire_bytes = 1 };
        struct stream_segment later = first;
        later.seq = 101;
        later.payload = (struct wt_slice){ (uint8_t *)big, i ? 10 : sizeof big };
        later.wire_bytes = (uint32_t)later.payload.len;
        stream_segment(r->set, &slots[i], &first);
        stream_segment(r->set, &slots[i], &later);
    }
    assert_int_equal(r->hits.count[WT_MAX_REASSEMBLY_BYTES], 1);       /* the first, the fullest, lost its bytes */
    assert_int_equal(stream_set_counters(r->set)->discarded_bytes, sizeof big);
    for (unsigned i = 0; i < 4; i++)
        stream_close(r->set, &slots[i], &r->context, WT_CLOSED_END);
    assert_int_equal(stream_set_counters(r->set)->gaps, 3);
    run_end(r);
}

/* Without a tap and a session a stream is nothing. */
static void uninteresting_streams_cost_nothing(void **state)
{
    (void)state;
    struct run *r = run_new();
    r->set = stream_set_new(&r->config, &r->hits, NULL);
    void *slot = NULL;
    for (unsigned i = 0; i < 3; i++) {
        for (unsigned side = 0; side < 2; side++) {
            struct stream_segment s = { .side = side, .seq = 1 + i, .start_known = true, .start_seq = 1,
                                        .payload = { (uint8_t *)"\x16", 1 }, .wire_bytes = 1, .context = &r->context };
            assert_int_equal(stream_segment(r->set, &slot, &s), -1);
        }
    }
    void *skipped = slot;
    void *other = NULL;
    for (unsigned side = 0; side < 2; side++) {
        struct stream_segment s = { .side = side, .seq = 1, .start_known = true, .start_seq = 1,
                                    .payload = { (uint8_t *)"SSH-2.0-x\r\n", 11 }, .wire_bytes = 11, .context = &r->context };
        stream_segment(r->set, &other, &s);
    }
    assert_ptr_equal(skipped, other);
    stream_close(r->set, &slot, &r->context, WT_CLOSED_END);
    assert_null(slot);
    stream_close(r->set, &other, &r->context, WT_CLOSED_END);
    run_end(r);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(segments_to_bytes), cmocka_unit_test(as_tshark_on_demand),
        cmocka_unit_test(counts_what_differs), cmocka_unit_test(any_order),
        cmocka_unit_test(limits_give_up_holes), cmocka_unit_test(uninteresting_streams_cost_nothing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

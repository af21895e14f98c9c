/* The straight line does what the long way does: the same segments through a tracker that takes it and one that does
 * not, since somebody looks at the segments there. Connections and their records must come out the same. */
#include "make.h"

static uint32_t state;

static uint32_t random_below(uint32_t n)
{
    state = state * 1664525u + 1013904223u;
    return (uint32_t)((uint64_t)(state >> 8) * n >> 24);
}

struct pair { struct lab *straight, *lengthy; };

/* What a sender would say next; the network and the odd endpoint spoil some of it. */
struct talk {
    uint32_t next[2], acked[2];
};

static struct wt_packet *one_segment(struct lab *lab, struct talk *talk, unsigned odds)
{
    unsigned side = random_below(2);
    uint32_t len = random_below(3) ? random_below(1460) : 0, seq = talk->next[side], ack = talk->next[side ^ 1];
    const char *flags = random_below(3) ? "A" : "PA";
    bool odd = random_below(odds) == 0;
    unsigned kind = odd ? random_below(12) : 99;
    if (kind == 0)
        seq -= random_below(3000);
    if (kind == 1)
        seq += random_below(3000);
    if (kind == 2)
        ack = talk->acked[side];
    if (kind == 3)
        ack += random_below(2000);
    if (kind == 4)
        flags = "FA";
    if (kind == 5)
        flags = random_below(4) ? "APU" : "RA";
    if (kind == 6)
        flags = "AE";
    if (kind == 7)
        len = 1;
    if (kind == 8)
        seq -= 1, len = random_below(2);
    if (kind == 9)
        flags = "";
    struct wt_packet *p = make_tcp(lab, side ? 's' : 'c', flags, seq, ack, len);
    p->tcp.window = kind == 10 ? 0 : (uint16_t)(1000 + random_below(3));
    p->transport_checksum = kind == 11 ? WT_CKSUM_BAD : WT_CKSUM_GOOD;
    p->tos = random_below(40) == 0 ? 2 : 0;
    p->tcp.ts_val = random_below(2) ? 1000 + (uint32_t)lab->frame : 0;
    talk->acked[side] = ack;
    if (kind > 1 && kind != 8)
        talk->next[side] = seq + len + (*flags == 'F');
    return p;
}

static void both(struct pair *pair, struct wt_packet *p)
{
    struct wt_packet copy = *p;
    struct lab *a = pair->straight, *b = pair->lengthy;
    b->now_ns = a->now_ns;
    lab_send(a, p);
    lab_send(b, &copy);
    assert_int_equal(a->result.deliver, b->result.deliver);
    assert_int_equal(a->result.side, b->result.side);
    assert_int_equal(a->result.data_seq, b->result.data_seq);
    assert_int_equal(a->result.start_known, b->result.start_known);
    assert_int_equal(a->result.start_seq, b->result.start_seq);
    struct wt_connection x, y;
    conn_record(a->t, a->result.conn, &x);
    conn_record(b->t, b->result.conn, &y);
    x.client = y.client = NULL;
    if (memcmp(&x, &y, sizeof x) != 0)
        fail_msg("frame %llu: another record", (unsigned long long)p->frame.number);
    const struct conn *c = a->result.conn, *d = b->result.conn;
    assert_memory_equal(c->next_seq, d->next_seq, sizeof c->next_seq);
    assert_memory_equal(c->last_ack, d->last_ack, sizeof c->last_ack);
    assert_memory_equal(c->window, d->window, sizeof c->window);
    assert_memory_equal(c->side, d->side, sizeof c->side);
    assert_memory_equal(c->state, d->state, sizeof c->state);
    assert_memory_equal(c->ack_frame, d->ack_frame, sizeof c->ack_frame);
    assert_memory_equal(c->last_flags, d->last_flags, sizeof c->last_flags);
    assert_int_equal(c->flights, d->flights);
    assert_int_equal(c->completeness, d->completeness);
    assert_int_equal(c->klass, d->klass);
    assert_int_equal(c->more != 0, d->more != 0);
}

static void handshake(struct pair *pair, struct talk *talk)
{
    struct lab *a = pair->straight;
    both(pair, make_tcp(a, 'c', "S", talk->next[0] - 1, 0, 0));
    both(pair, make_tcp(a, 's', "SA", talk->next[1] - 1, talk->next[0], 0));
    if (random_below(8))
        both(pair, make_tcp(a, 'c', "A", talk->next[0], talk->next[1], 0));
}

static void test_same(void **s)
{
    (void)s;
    for (unsigned run = 0; run < 1500; run++) {
        state = run;
        struct pair pair = { lab_new(), lab_new() };
        static const uint64_t seed[2] = { 1, 2 };
        const struct tracker_hooks hooks = { pair.straight, lab_ended, lab_close_stream, lab_time_wait, NULL };
        pair.straight->t = tracker_new(&pair.straight->config, seed, UINT64_MAX, true, &hooks, &pair.straight->hits);
        assert_non_null(pair.straight->t);
        struct talk talk = { { 100 + random_below(2) * 0xfffff000u, 5000 }, { 0, 0 } };
        unsigned odds = run % 4 == 0 ? 100000 : run % 4 == 1 ? 300 : run % 4 == 2 ? 40 : 5;
        if (random_below(6))
            handshake(&pair, &talk);
        for (unsigned i = 0; i < 200; i++) {
            pair.straight->now_ns += random_below(30) * MS;
            both(&pair, one_segment(pair.straight, &talk, odds));
        }
        lab_finish(pair.straight);
        lab_finish(pair.lengthy);
        assert_int_equal(pair.straight->records, pair.lengthy->records);
        for (unsigned i = 0; i < pair.straight->records && i < LAB_RECORDS; i++)
            assert_memory_equal(&pair.straight->record[i], &pair.lengthy->record[i], sizeof(struct wt_connection));
        lab_free(pair.straight);
        lab_free(pair.lengthy);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = { cmocka_unit_test(test_same) };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

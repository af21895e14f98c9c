/* Whom a limit takes, and that neither it nor anything else depends on how shards are shared out. */
#include "make.h"

static void handshake(struct lab *lab)
{
    lab_tcp(lab, 'c', "S", 100, 0, 0);
    lab_tcp(lab, 's', "SA", 300, 101, 0);
    lab_tcp(lab, 'c', "A", 101, 301, 0);
}

/* One connection a shard: three of different kinds, then a fourth. */
static void limits_take_embryonic_then_closed_then_idle(void **state)
{
    (void)state;
    enum { SYN = 1, CLOSED = 2, OLD = 4, NEW = 8 };
    static const struct { unsigned have; uint16_t goes; } rows[] = {
        { SYN | CLOSED | OLD, 1 }, { CLOSED | OLD | NEW, 2 }, { OLD | NEW, 4 }, { NEW | OLD | SYN, 1 },
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct lab *lab = lab_new();
        unsigned count = 0;
        for (unsigned kind = 1; kind <= NEW; kind <<= 1)
            count += (rows[i].have & kind) != 0;
        lab->config.value[WT_MAX_CONNECTIONS] = count * TRACK_SHARDS;
        lab_begin(lab);
        for (unsigned kind = NEW; kind; kind >>= 1) {
            static const unsigned order[] = { OLD, NEW, CLOSED, SYN };
            unsigned now = order[kind == 8 ? 0 : kind == 4 ? 1 : kind == 2 ? 2 : 3];
            if (!(rows[i].have & now))
                continue;
            static const struct { char from; const char *flags; uint32_t seq, ack; } rows_of[] = {
                { 'c', "S", 100, 0 }, { 's', "SA", 300, 101 }, { 'c', "A", 101, 301 }, { 'c', "FA", 101, 301 },
                { 's', "FA", 301, 102 }, { 'c', "A", 102, 302 },
            };
            lab->client_port = (uint16_t)now;
            unsigned segments = now == SYN ? 1 : now == CLOSED ? 6 : 3;
            for (unsigned k = 0; k < segments; k++) {
                struct wt_packet *p = make_tcp(lab, rows_of[k].from, rows_of[k].flags, rows_of[k].seq, rows_of[k].ack, 0);
                p->shard = 5;
                lab->now_ns += 2 * SECOND;
                p->frame.time_ns = lab->now_ns;
                lab_send(lab, p);
            }
        }
        assert_int_equal(lab->records, 0);
        lab->client_port = 77;
        struct wt_packet *p = make_tcp(lab, 'c', "S", 1, 0, 0);
        p->shard = 5;
        lab_send(lab, p);
        assert_int_equal(lab->records, 1);
        assert_int_equal(lab->record[0].side[0].port, rows[i].goes);
        assert_int_equal(lab->record[0].why, WT_END_EVICTED);
        assert_int_equal(lab->hits.count[WT_MAX_CONNECTIONS], 1);
        assert_int_equal(tracker_counters(lab->t)->evicted, 1);
        lab_free(lab);
    }
}

static void the_evicted_come_back_marked(void **state)
{
    (void)state;
    struct lab *lab = lab_new();
    lab->config.value[WT_MAX_CONNECTIONS] = TRACK_SHARDS;
    for (uint16_t port = 50001; port <= 50003; port++) {
        lab->client_port = port;
        struct wt_packet *p = make_tcp(lab, 'c', "A", 100, 200, 10);
        p->shard = 0;
        lab_send(lab, p);
    }
    assert_int_equal(lab->records, 2);
    lab->client_port = 50001;
    struct wt_packet *p = make_tcp(lab, 's', "A", 200, 110, 10);
    p->shard = 0;
    lab_send(lab, p);
    lab_finish(lab);
    assert_int_equal(lab->records, 4);
    assert_int_equal(lab->record[3].side[0].port, 50001);
    assert_true(lab->record[3].flags & WT_CONN_RESUMED);
    assert_false(lab->record[0].flags & WT_CONN_RESUMED);
    lab_free(lab);
}

/* A flood of SYNs takes nobody's place who talks. */
static void a_flood_leaves_the_open_ones(void **state)
{
    (void)state;
    struct lab *lab = lab_new();
    lab->config.value[WT_MAX_CONNECTIONS] = 16 * TRACK_SHARDS;
    for (uint16_t port = 1; port <= 100; port++) {
        lab->client_port = port;
        handshake(lab);
    }
    assert_int_equal(lab->records, 0);
    for (unsigned i = 0; i < 20000; i++) {
        lab->client_port = (uint16_t)(1000 + i);
        lab->now_ns += 1000;
        lab_send(lab, make_tcp(lab, 'c', "S", i, 0, 0));
    }
    for (unsigned i = 0; i < lab->records && i < LAB_RECORDS; i++)
        assert_true(lab->record[i].side[0].port >= 1000);
    assert_true(tracker_counters(lab->t)->peak_open <= 16 * TRACK_SHARDS);
    lab->records = 0;
    lab_finish(lab);
    for (uint16_t port = 1; port <= 100; port++) {
        assert_int_equal(lab->record[port - 1].side[0].port, port);    /* and records end in order of first frame */
        assert_int_equal(lab->record[port - 1].outcome, WT_OUTCOME_OPEN);
    }
    lab_free(lab);
}

/* ---- the same records for one tracker with all shards and for two with half of them each ---- */

static int by_first_frame(const void *a, const void *b)
{
    const struct wt_connection *x = a, *y = b;
    return x->first_frame < y->first_frame ? -1 : x->first_frame > y->first_frame;
}

static struct wt_packet *random_packet(struct lab *lab)
{
    static const char *const flags[] = { "S", "SA", "A", "PA", "FA", "R", "RA", "A", "PA", "A" };
    lab->client_port = (uint16_t)(1000 + rand() % 60);
    lab->now_ns += rand() % 3 == 0 ? rand() % (20 * SECOND) : rand() % MS;
    char from = rand() % 2 ? 'c' : 's';
    if (rand() % 4 == 0)
        return make_other(lab, from, rand() % 2 ? 17 : 47, (uint32_t)rand() % 100);
    if (rand() % 30 == 0)
        return make_icmp_error(lab, from, 6, 0x0301);
    return make_tcp(lab, from, flags[rand() % 10], 100 + (uint32_t)rand() % 5 * 100, 300 + (uint32_t)rand() % 5 * 100,
                    (uint32_t)rand() % 3 * 100);
}

static void ignore(void *to, struct wt_packet *packet, struct track_result *result)
{
    (void)to;
    (void)packet;
    (void)result;
}

static void run(struct lab *lab, struct wt_packet *packets, unsigned n, uint64_t own)
{
    struct tracker *t = lab_tracker(lab, own, false);
    for (unsigned i = 0; i < n; i += 37)
        tracker_batch(t, packets + i, n - i < 37 ? n - i : 37, ignore, NULL);
    tracker_finish(t);
    tracker_free(t);
}

static void records_do_not_depend_on_the_split(void **state)
{
    (void)state;
    enum { PACKETS = 3000 };
    struct wt_packet *packets = calloc(PACKETS, sizeof *packets);
    assert_non_null(packets);
    for (unsigned round = 0; round < 4; round++) {
        struct lab *one = lab_new(), *two = lab_new();
        srand(round);
        one->config.value[WT_MAX_CONNECTIONS] = two->config.value[WT_MAX_CONNECTIONS] = TRACK_SHARDS * (round + 1);
        for (unsigned i = 0; i < PACKETS; i++)
            packets[i] = *random_packet(one);
        run(one, packets, PACKETS, UINT64_MAX);
        run(two, packets, PACKETS, 0x5555555555555555u);
        run(two, packets, PACKETS, 0xaaaaaaaaaaaaaaaau);
        unsigned n = one->records < LAB_RECORDS ? one->records : LAB_RECORDS;
        assert_int_equal(one->records, two->records);
        assert_true(n > 60 && n < LAB_RECORDS);
        qsort(one->record, n, sizeof *one->record, by_first_frame);
        qsort(two->record, n, sizeof *two->record, by_first_frame);
        for (unsigned i = 0; i < n; i++)
            assert_memory_equal(&one->record[i], &two->record[i], sizeof one->record[i]);
        assert_memory_equal(&one->hits, &two->hits, sizeof one->hits);
        lab_free(one);
        lab_free(two);
    }
    free(packets);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(limits_take_embryonic_then_closed_then_idle),
        cmocka_unit_test(the_evicted_come_back_marked),
        cmocka_unit_test(a_flood_leaves_the_open_ones),
        cmocka_unit_test(records_do_not_depend_on_the_split),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

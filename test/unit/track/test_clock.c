/* The packet clock, and what one wrong time stamp may not do. */
#include "make.h"

#include "track/clock.h"

static void handshake(struct lab *lab)
{
    lab_tcp(lab, 'c', "S", 100, 0, 0);
    lab_tcp(lab, 's', "SA", 300, 101, 0);
    lab_tcp(lab, 'c', "A", 101, 301, 0);
}

/* Time goes by: a datagram between others. */
static void wait_ns(struct lab *lab, int64_t ns)
{
    static const char *const client = "10.9.9.9", *const server = "10.9.9.8";
    const char *c = lab->client, *s = lab->server;
    uint16_t port = lab->client_port;
    lab->client = client;
    lab->server = server;
    lab->client_port = 1;
    for (int64_t left = ns; left > 0; left -= 1000 * SECOND) {    /* in steps below the clock's limit of a jump */
        lab->now_ns += left < 1000 * SECOND ? left : 1000 * SECOND;
        lab_send(lab, make_other(lab, 'c', 17, 10));
    }
    lab->client = c;
    lab->server = s;
    lab->client_port = port;
}

static void the_clock_never_runs_back_and_doubts_jumps(void **state)
{
    (void)state;
    static const struct { int64_t see, now; } rows[] = {
        { 100, 100 }, { 90, 100 }, { 150, 150 }, { 2000, 150 }, { 160, 160 },      /* one frame's word */
        { 2000, 160 }, { 2001, 160 }, { 2002, 2002 },                              /* confirmed by two more */
        { 50, 2002 }, { 9000, 2002 }, { 90000, 2002 }, { 9001, 2002 }, { 9002, 2002 }, { 9003, 9003 },
        { INT64_MIN, 9003 }, { INT64_MAX, 9003 }, { INT64_MAX, 9003 }, { INT64_MAX, INT64_MAX },
    };
    struct packet_clock c = { .jump_ns = 1000 };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        packet_clock_see(&c, rows[i].see);
        assert_int_equal(c.now_ns, rows[i].now);
    }
}

static void one_wrong_time_stamp_ends_nothing(void **state)
{
    (void)state;
    struct lab *lab = lab_new();
    lab_other(lab, 'c', 17, 10);
    int64_t right = lab->now_ns;
    lab->now_ns += 1000000 * SECOND;
    lab->client_port++;
    lab_other(lab, 'c', 17, 10);
    lab->now_ns = right;
    lab->client_port--;
    lab_other(lab, 'c', 17, 10);
    assert_int_equal(lab->records, 0);
    assert_int_equal(tracker_counters(lab->t)->clock_jumps, 1);
    wait_ns(lab, 70 * SECOND);
    assert_int_equal(lab->records, 2);    /* the one from the future is silent as well */
    lab_free(lab);
}

/* A pause longer than the limit of a jump: what begins after it is not as old as the pause. */
static void a_long_pause_ends_only_what_was_before(void **state)
{
    (void)state;
    struct lab *lab = lab_new();
    lab_other(lab, 'c', 17, 10);
    lab->now_ns += 100000 * SECOND;
    lab->client_port++;
    handshake(lab);
    lab_tcp(lab, 'c', "PA", 101, 301, 10);
    lab->client_port++;
    lab_other(lab, 'c', 17, 10);
    assert_int_equal(lab->records, 1);
    lab_finish(lab);
    assert_int_equal(lab->records, 3);
    assert_int_equal(lab->record[1].side[0].packets, 3);
    lab_free(lab);
}

static void a_tick_fires_timers_and_changes_no_record(void **state)
{
    (void)state;
    struct lab *lab = lab_new();
    lab_other(lab, 'c', 17, 10);
    tracker_tick(lab->t, lab->now_ns + 50 * SECOND);
    assert_int_equal(lab->records, 0);
    tracker_tick(lab->t, lab->now_ns + 70 * SECOND);
    assert_int_equal(lab->records, 1);
    assert_int_equal(lab->record[0].end_ns, lab->now_ns);
    lab_free(lab);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_clock_never_runs_back_and_doubts_jumps),
        cmocka_unit_test(one_wrong_time_stamp_ends_nothing),
        cmocka_unit_test(a_long_pause_ends_only_what_was_before),
        cmocka_unit_test(a_tick_fires_timers_and_changes_no_record),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

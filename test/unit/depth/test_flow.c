/* Who held the data up, what was in flight, what the application waited for, what the path did: by hand, in milliseconds. */
#include "study.h"

static void after(struct study *s, int ms)
{
    s->lab->now_ns += ms * MS;
}

static struct wt_packet *client(struct study *s, const char *flags, uint32_t seq, uint32_t len)
{
    struct wt_packet *p = make_tcp(s->lab, 'c', flags, seq, 5001, len);
    p->tcp.sack_permitted = p->tcp.flags & WT_FLAG_SYN;
    return p;
}

static struct wt_packet *server(struct study *s, const char *flags, uint32_t ack, uint16_t window)
{
    s->lab->window = window;
    struct wt_packet *p = make_tcp(s->lab, 's', flags, *flags == 'S' ? 5000 : 5001, ack, 0);
    p->tcp.sack_permitted = p->tcp.flags & WT_FLAG_SYN;
    return p;
}

/* Beside the client; the server is 20 ms away. */
static struct study *opened(uint16_t window)
{
    struct study *s = study_new();
    study_packet(s, client(s, "S", 1000, 0));
    after(s, 20);
    study_packet(s, server(s, "SA", 1001, window));
    study_packet(s, client(s, "A", 1001, 0));
    return s;
}

static void data(struct study *s, uint32_t n)
{
    study_packet(s, client(s, "A", 1001 + 1000 * n, 1000));
}

static void ack(struct study *s, uint32_t n, uint16_t window)
{
    study_packet(s, server(s, "A", 1001 + 1000 * n, window));
}

static int ms(int64_t ns)
{
    return (int)(ns / MS);
}

static void a_full_window_waits_for_the_receiver(void **unused)
{
    (void)unused;
    struct study *s = opened(2000);
    data(s, 0);
    data(s, 1);
    after(s, 50);
    ack(s, 2, 2000);
    data(s, 2);
    data(s, 3);
    after(s, 30);
    ack(s, 4, 60000);
    data(s, 4);                    /* one of sixty that it could take */
    after(s, 20);
    ack(s, 5, 60000);
    study_end(s);
    const struct wt_direction *d = &s->analysis.side[0];
    assert_int_equal(ms(d->receiver_ns), 80);
    assert_int_equal(ms(d->network_ns), 40);      /* the SYN's 20, too */
    assert_int_equal(d->sender_ns, 0);
    assert_int_equal(ms(s->analysis.waited_ns[1]), 80);
    assert_int_equal(d->window_least, 2000);
    assert_int_equal(d->window_most, 60000);
    assert_int_equal(d->flight_most, 2000);
    study_free(s);
}

static void a_closed_window_is_the_receivers_as_long_as_data_waits(void **unused)
{
    (void)unused;
    struct study *s = opened(2000);
    data(s, 0);
    data(s, 1);
    after(s, 20);
    ack(s, 2, 0);
    after(s, 300);
    study_packet(s, client(s, "A", 3000, 0));      /* Linux's probe: the number before */
    after(s, 20);
    ack(s, 2, 0);
    after(s, 100);
    ack(s, 2, 60000);
    data(s, 2);
    after(s, 20);
    ack(s, 3, 0);                                  /* closed again, and nothing waits */
    after(s, 500);
    ack(s, 3, 60000);
    after(s, 700);
    data(s, 3);
    after(s, 20);
    ack(s, 4, 60000);
    study_end(s);
    const struct wt_direction *d = &s->analysis.side[0];
    assert_int_equal(ms(d->receiver_ns), 20 + 420);
    assert_int_equal(ms(d->idle_ns), 500 + 700);
    assert_int_equal(ms(d->zero_window_ns), 420 + 500);
    assert_int_equal(d->zero_windows, 2);
    assert_int_equal(d->window_probes, 1);
    study_free(s);
}

static void a_pause_with_room_in_the_window_is_the_senders(void **unused)
{
    (void)unused;
    struct study *s = opened(60000);
    data(s, 0);
    after(s, 12);
    data(s, 1);
    after(s, 20);
    ack(s, 2, 60000);
    after(s, 400);
    data(s, 2);
    after(s, 20);
    ack(s, 3, 60000);
    study_end(s);
    const struct wt_direction *d = &s->analysis.side[0];
    assert_int_equal(ms(d->sender_ns), 12);
    assert_int_equal(ms(d->idle_ns), 400);
    assert_int_equal(ms(s->analysis.waited_ns[0]), 412);
    assert_int_equal(ms(s->analysis.network_ns), 60);
    assert_int_equal(s->analysis.waited_ns[1], 0);
    study_free(s);
}

/* A question, and an answer that brings the ACK: 20 ms of it are the way, the rest is the server's. */
static void an_answer_takes_the_way_and_its_time(void **unused)
{
    (void)unused;
    struct study *s = opened(60000);
    data(s, 0);
    after(s, 220);
    struct wt_packet *p = server(s, "PA", 2001, 60000);
    p->payload_bytes = p->payload_wire_bytes = 100;
    study_packet(s, p);
    study_end(s);
    assert_int_equal(ms(s->analysis.waited_ns[1]), 200);
    assert_int_equal(ms(s->analysis.network_ns), 40);
    study_free(s);
}

static void a_hole_blocks_until_it_is_filled(void **unused)
{
    (void)unused;
    struct study *s = opened(60000);
    for (uint32_t n = 0; n < 4; n++)
        data(s, n);
    after(s, 20);
    struct wt_packet *p = server(s, "A", 1001, 60000);
    p->tcp.sack_count = 1;
    p->tcp.sack[0][0] = 2001;
    p->tcp.sack[0][1] = 5001;
    study_packet(s, p);
    data(s, 0);
    after(s, 40);
    ack(s, 4, 60000);
    study_end(s);
    const struct wt_direction *d = &s->analysis.side[0];
    assert_int_equal(d->holes, 1);
    assert_int_equal(ms(d->blocked_ns), 40);
    assert_int_equal(d->blocked_longest_frame, 8);
    assert_int_equal(d->blocked_bytes_most, 3000);
    assert_int_equal(d->delivered_bytes, 4000);
    assert_int_equal(d->sent_bytes, 5000);
    assert_int_equal(d->loss_events, 1);
    assert_int_equal(d->slow_start_end, WT_SLOW_START_LOSS);
    study_free(s);
}

static void the_path_leaves_marks(void **unused)
{
    (void)unused;
    struct study *s = study_new();
    struct wt_packet *p = client(s, "S", 1000, 0);
    p->tcp.mss = 1360;             /* 1400 of a tunnel, less 40 */
    p->tcp.has_timestamps = 1;
    study_packet(s, p);
    after(s, 20);
    p = server(s, "SA", 1001, 60000);
    p->tcp.mss = 1460;
    p->tcp.has_timestamps = 1;
    study_packet(s, p);
    p = client(s, "A", 1001, 1000);
    p->tos = 2;
    study_packet(s, p);
    p = client(s, "A", 2001, 1000);
    p->tos = 3;
    p->ttl = 60;
    study_packet(s, p);
    after(s, 20);
    p = server(s, "A", 2001, 60000);
    p->tcp.flags |= WT_FLAG_ECE;
    study_packet(s, p);
    p = client(s, "R", 3001, 0);
    p->tcp.flags |= WT_FLAG_ACK;
    study_packet(s, p);
    study_end(s);
    const struct wt_direction *d = &s->analysis.side[0];
    assert_int_equal(d->signs, WT_SIGN_MSS_CLAMPED | WT_SIGN_STAMPS_STRIPPED | WT_SIGN_NO_SCALE);
    assert_int_equal(d->ect0, 1);
    assert_int_equal(d->ce, 1);
    assert_int_equal(d->ece, 1);
    assert_int_equal(d->ttl_changes, 2);           /* there and back */
    assert_int_equal(d->ttl_least, 60);
    assert_int_equal(d->ttl_most, 64);
    assert_int_equal(d->lost_at_reset, 1000);
    assert_int_equal(d->slow_start_end, WT_SLOW_START_MARKED);
    assert_string_equal(wt_sign_name(4), "mss-clamped");
    study_free(s);
}

/* What was sent and not acknowledged; the numbers of SYN and FIN are no bytes, also where a FIN comes twice, one behind the other. */
static void a_fin_is_no_data(void **unused)
{
    (void)unused;
    struct study *s = opened(60000);
    data(s, 0);
    after(s, 20);
    ack(s, 1, 60000);
    data(s, 1);
    study_packet(s, client(s, "FA", 3001, 0));
    after(s, 20);
    ack(s, 2, 60000);
    study_packet(s, server(s, "A", 3002, 60000));
    study_packet(s, client(s, "FA", 3002, 0));
    study_packet(s, server(s, "R", 3002, 0));
    study_end(s);
    assert_int_equal(s->analysis.side[0].delivered_bytes, 2000);
    assert_int_equal(s->analysis.side[0].lost_at_reset, 0);
    study_free(s);
}

static void icmp_is_counted_where_it_is_quoted(void **unused)
{
    (void)unused;
    struct study *s = opened(60000);
    data(s, 0);
    study_packet(s, make_icmp_error(s->lab, 'c', 6, 3 << 8 | 4));
    study_packet(s, client(s, "A", 1001, 500));
    study_packet(s, client(s, "A", 1501, 500));
    study_end(s);
    const struct wt_direction *d = &s->analysis.side[0];
    assert_int_equal(d->icmp_errors, 1);
    assert_int_equal(d->repeats[WT_CAUSE_PATH_MTU], 2);
    assert_int_equal(d->signs & (WT_SIGN_TOO_BIG | WT_SIGN_PATH_MTU), WT_SIGN_TOO_BIG | WT_SIGN_PATH_MTU);
    study_free(s);
}

/* RFC 8985 7.4.2: a probe that the receiver did not get twice repaired a loss, which is known when more is acknowledged;
 * RFC 4015: what was needless as a whole is no loss. */
static void losses_are_counted_when_they_are_known(void **unused)
{
    (void)unused;
    for (unsigned needless = 0; needless < 2; needless++) {
        struct study *s = opened(60000);
        data(s, 0);
        after(s, 20);
        ack(s, 1, 60000);
        data(s, 1);
        after(s, 45);
        data(s, 1);
        after(s, 20);
        ack(s, 2, 60000);
        if (needless) {
            struct wt_packet *p = server(s, "A", 3001, 60000);
            p->tcp.sack_count = 1;
            p->tcp.sack[0][0] = 2001;
            p->tcp.sack[0][1] = 3001;
            study_packet(s, p);
        }
        data(s, 2);
        after(s, 20);
        ack(s, 3, 60000);
        study_end(s);
        const struct wt_direction *d = &s->analysis.side[0];
        assert_int_equal(d->repeats[WT_CAUSE_TAIL_PROBE], 1);
        assert_int_equal(d->loss_events, !needless);
        assert_int_equal(d->slow_start_end, needless ? WT_SLOW_START_GOES_ON : WT_SLOW_START_LOSS);
        study_free(s);
    }
}

/* Beside the server, 40 ms from the client and back: two segments fill the window, ACKs go out at once, and the next
 * two can't come sooner. With room for sixty the same pauses are nobody's window. */
static void a_full_window_is_seen_from_afar(void **unused)
{
    (void)unused;
    for (unsigned full = 0; full < 2; full++) {
        uint16_t window = full ? 2000 : 60000;
        struct study *s = study_new();
        study_packet(s, client(s, "S", 1000, 0));
        study_packet(s, server(s, "SA", 1001, window));
        after(s, 40);
        study_packet(s, client(s, "A", 1001, 0));
        for (uint32_t n = 0; n < 10; n++) {
            data(s, 2 * n);
            data(s, 2 * n + 1);
            s->lab->now_ns += MS / 10;
            ack(s, 2 * n + 2, window);
            after(s, 40);
        }
        study_end(s);
        const struct wt_direction *d = &s->analysis.side[0];
        assert_true(d->far);
        assert_in_range(ms(d->receiver_ns), full ? 340 : 0, full ? 362 : 0);      /* nine pauses; of the tenth nothing came */
        assert_int_equal(ms(s->analysis.waited_ns[1]) >= 340, full);
        study_free(s);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_full_window_waits_for_the_receiver),
        cmocka_unit_test(a_closed_window_is_the_receivers_as_long_as_data_waits),
        cmocka_unit_test(a_full_window_is_seen_from_afar),
        cmocka_unit_test(losses_are_counted_when_they_are_known),
        cmocka_unit_test(a_pause_with_room_in_the_window_is_the_senders),
        cmocka_unit_test(an_answer_takes_the_way_and_its_time),
        cmocka_unit_test(a_hole_blocks_until_it_is_filled),
        cmocka_unit_test(the_path_leaves_marks),
        cmocka_unit_test(a_fin_is_no_data),
        cmocka_unit_test(icmp_is_counted_where_it_is_quoted),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

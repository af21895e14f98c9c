/* The report's sums: percentiles within their bound, top lists that are exact below their limit and the same for any
 * number of workers beyond it, TIME-WAIT's worst moment, names, numbers. */
#include <arpa/inet.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "report/store.h"
#include "report/store_pack.h"
#include "report/summary.h"

static uint64_t random_state;

static uint64_t next_random(void)    /* xorshift64*: the same numbers everywhere */
{
    random_state ^= random_state >> 12;
    random_state ^= random_state << 25;
    random_state ^= random_state >> 27;
    return random_state * UINT64_C(2685821657736338717);
}

static int compare_int64(const void *a, const void *b)
{
    int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;
    return x < y ? -1 : x > y;
}

/* ---- histograms ---- */

static void few_values_are_exact(void **state)
{
    (void)state;
    struct histogram h;
    histogram_init(&h);
    assert_int_equal(histogram_at(&h, 500), 0);
    assert_int_equal(histogram_mean(&h), 0);
    for (int64_t i = 100; i >= 1; i--)
        histogram_add(&h, i * 1000003);
    histogram_add(&h, -5);    /* a clock that ran back counts as no time */
    assert_int_equal(h.count, 101);
    assert_int_equal(h.least, 0);
    assert_int_equal(histogram_at(&h, 500), 50 * 1000003);
    assert_int_equal(histogram_at(&h, 990), 99 * INT64_C(1000003));
    assert_int_equal(histogram_at(&h, 1000), 100 * INT64_C(1000003));
    assert_int_equal(histogram_at(&h, 0), 0);
    histogram_done(&h);
}

/* Nearest rank against the sorted values: 1/256 off at most. */
static void many_values_stay_within_the_bound(void **state)
{
    (void)state;
    enum { N = 20000 };
    int64_t *values = calloc(N, sizeof *values);
    struct histogram h;
    histogram_init(&h);
    random_state = 42;
    for (int i = 0; i < N; i++) {
        values[i] = (int64_t)(next_random() >> (1 + next_random() % 62));
        histogram_add(&h, values[i]);
    }
    qsort(values, N, sizeof *values, compare_int64);
    for (unsigned per_mille = 1; per_mille <= 1000; per_mille++) {
        int64_t want = values[(N * per_mille + 999) / 1000 - 1], got = histogram_at(&h, per_mille);
        int64_t wrong = got > want ? got - want : want - got;
        assert_true(wrong <= want / 256);
    }
    assert_int_equal(histogram_at(&h, 1000), values[N - 1]);
    assert_int_equal(h.least, values[0]);
    histogram_done(&h);
    free(values);
}

static void extremes_have_buckets(void **state)
{
    (void)state;
    struct histogram h;
    histogram_init(&h);
    for (int i = 0; i < HISTOGRAM_EXACT + 1; i++)
        histogram_add(&h, i % 2 ? INT64_MAX : 127 + i % 3);
    assert_int_equal(histogram_at(&h, 1000), INT64_MAX);
    assert_in_range(histogram_at(&h, 100), 127, 129);
    histogram_done(&h);
}

static void merging_is_adding(void **state)
{
    (void)state;
    static const int sizes[] = { 10, 300, 700, 5000 };    /* total below, at and beyond what is kept exactly */
    for (unsigned s = 0; s < 4; s++) {
        struct histogram all, part[3];
        histogram_init(&all);
        for (unsigned i = 0; i < 3; i++)
            histogram_init(&part[i]);
        random_state = 7;
        for (int i = 0; i < sizes[s]; i++) {
            int64_t v = (int64_t)(next_random() % 1000000007);
            histogram_add(&all, v);
            histogram_add(&part[next_random() % 3], v);
        }
        histogram_merge(&part[2], &part[0]);
        histogram_merge(&part[2], &part[1]);
        assert_int_equal(part[2].count, all.count);
        assert_int_equal(histogram_mean(&part[2]), histogram_mean(&all));
        for (unsigned per_mille = 0; per_mille <= 1000; per_mille += 10)
            assert_int_equal(histogram_at(&part[2], per_mille), histogram_at(&all, per_mille));
        for (unsigned i = 0; i < 3; i++)
            histogram_done(&part[i]);
        histogram_done(&all);
    }
}

/* ---- top ---- */

static const struct top_shape shape = { 8, 3, 0, UINT64_C(1) << 2 };    /* counter 2 keeps the least */

static void sums_and_least(void **state)
{
    (void)state;
    struct top t;
    top_init(&t, shape, 0, 99);
    for (uint64_t i = 0; i < 5000; i++) {
        uint64_t key = i % 500, counters[3] = { key, 1, 10000 - i };
        top_add(&t, &key, counters);
    }
    assert_int_equal(t.count, 500);
    for (uint64_t key = 0; key < 500; key++) {
        const uint64_t *c = top_find(&t, &key);
        assert_non_null(c);
        assert_int_equal(c[0], key * 10);
        assert_int_equal(c[1], 10);
        assert_int_equal(c[2], 10000 - (4500 + key));
    }
    uint32_t rows[3];
    assert_int_equal(top_best(&t, 0, rows, 3), 3);
    for (unsigned i = 0; i < 3; i++)
        assert_int_equal(*(const uint64_t *)top_key(&t, rows[i]), 499 - i);
    uint64_t nobody = 1000;
    assert_null(top_find(&t, &nobody));
    top_done(&t);
}

static void ties_go_to_the_smaller_key(void **state)
{
    (void)state;
    struct top t;
    top_init(&t, shape, 0, 1);
    const char *const keys[] = { "delta...", "alpha...", "charlie.", "bravo..." };
    const uint64_t counters[3] = { 5, 0, 0 };
    for (unsigned i = 0; i < 4; i++)
        top_add(&t, keys[i], counters);
    uint32_t rows[4];
    assert_int_equal(top_best(&t, 0, rows, 4), 4);
    assert_memory_equal(top_key(&t, rows[0]), "alpha...", 8);
    assert_memory_equal(top_key(&t, rows[3]), "delta...", 8);
    assert_int_equal(top_best(&t, 1, rows, 4), 0);    /* all zero: no list */
    top_done(&t);
}

/* The heavy stay, the light go, and nothing is forgotten silently. */
static void the_smaller_half_is_evicted(void **state)
{
    (void)state;
    struct top t;
    top_init(&t, shape, 100, 5);
    uint64_t heavy[3] = { 1000, 1, 1 }, light[3] = { 1, 1, 1 };
    for (uint64_t key = 0; key < 10; key++)
        top_add(&t, &key, heavy);
    for (uint64_t key = 1000; key < 100000; key++)
        top_add(&t, &key, light);
    assert_in_range(t.count, 1, 100);
    assert_int_equal(t.count + t.evicted, 10 + 99000);
    assert_int_equal(t.evicted_most, 1);
    for (uint64_t key = 0; key < 10; key++)
        assert_int_equal(top_find(&t, &key)[0], 1000);
    top_done(&t);
}

/* Far beyond the limit: the same for 1, 2, 3 and 8 workers, each with its shards. */
static void sharded_tables_do_not_depend_on_the_workers(void **state)
{
    (void)state;
    static const unsigned workers[] = { 1, 2, 3, 8 };
    struct top want;
    for (unsigned w = 0; w < 4; w++) {
        struct top_shards part[8];
        for (unsigned i = 0; i < 8; i++)
            top_shards_init(&part[i], shape, 640, 1000 + i);    /* 10 rows a shard; seeds only place the rows */
        random_state = 3;
        for (unsigned i = 0; i < 50000; i++) {
            uint64_t flow = next_random() % 4096, key = next_random() % 3000;
            uint64_t counters[3] = { 1 + (key % 7 == 0) * 100, 1, 1 + i };
            unsigned shard = (unsigned)flow % TOP_SHARDS;
            top_shards_add(&part[shard % workers[w]], shard, &key, counters);
        }
        struct top all;
        top_init(&all, shape, 0, w);
        for (unsigned i = 0; i < 8; i++) {
            top_shards_collect(&all, &part[i], false);
            top_shards_done(&part[i]);
        }
        assert_true(all.evicted > 0);
        if (w == 0) {
            want = all;
            continue;
        }
        assert_int_equal(all.count, want.count);
        assert_int_equal(all.evicted, want.evicted);
        for (uint32_t row = 0; row < want.count; row++) {
            const uint64_t *c = top_find(&all, top_key(&want, row));
            assert_non_null(c);
            assert_memory_equal(c, top_counters(&want, row), 3 * sizeof *c);
        }
        top_done(&all);
    }
    top_done(&want);
}

/* ---- worst ---- */

static void the_worst_are_exact_and_merge(void **state)
{
    (void)state;
    struct worst all, part[2];
    assert_int_equal(worst_init(&all, 5) | worst_init(&part[0], 5) | worst_init(&part[1], 5), 0);
    random_state = 11;
    int64_t values[200];
    for (unsigned i = 0; i < 200; i++) {
        struct worst_row row = { .value = (int64_t)(next_random() % 40), .frame = i + 1 };    /* many ties */
        values[i] = row.value;
        worst_add(&all, &row);
        worst_add(&part[next_random() % 2], &row);
    }
    worst_merge(&part[0], &part[1]);
    assert_int_equal(part[0].offered, 200);
    assert_int_equal(all.count, 5);
    qsort(values, 200, sizeof values[0], compare_int64);
    for (unsigned i = 0; i < 5; i++) {
        assert_int_equal(all.rows[i].value, values[199 - i]);
        assert_int_equal(part[0].rows[i].value, all.rows[i].value);
        assert_int_equal(part[0].rows[i].frame, all.rows[i].frame);
        if (i && all.rows[i].value == all.rows[i - 1].value)
            assert_true(all.rows[i].frame > all.rows[i - 1].frame);
    }
    worst_done(&all);
    worst_done(&part[0]);
    worst_done(&part[1]);
}

/* ---- numbers ---- */

static void numbers_are_ranks(void **state)
{
    (void)state;
    struct numbers a, b;
    numbers_init(&a);
    numbers_init(&b);
    static const uint64_t frames[] = { 1, 2, 64, 65, 32767, 32768, 32769, 100000, 5000000 };
    for (unsigned i = 0; i < 9; i++)
        numbers_add(i % 2 ? &a : &b, frames[i]);
    numbers_add(&a, 0);    /* no frame */
    numbers_merge(&a, &b);
    for (unsigned i = 0; i < 9; i++)
        assert_int_equal(numbers_of(&a, frames[i]), i + 1);
    assert_int_equal(numbers_of(&a, 3), 0);
    assert_int_equal(numbers_of(&a, 0), 0);
    assert_int_equal(numbers_of(&a, 999999999), 0);
    numbers_done(&a);
    numbers_done(&b);
}

/* ---- rate ---- */

static void buckets_double_their_width(void **state)
{
    (void)state;
    struct rate forward, backward, half[2];
    rate_init(&forward);
    rate_init(&backward);
    rate_init(&half[0]);
    rate_init(&half[1]);
    enum { N = 10000 };
    int64_t first = INT64_C(1714557600000000000), step = 7000001;
    for (int i = 0; i < N; i++) {
        rate_add(&forward, first + i * step, 100);
        rate_add(&backward, first + (N - 1 - i) * step, 100);
        rate_add(&half[i < N / 4], first + i * step, 100);
    }
    rate_merge(&half[0], &half[1]);
    uint64_t packets = 0, bytes = 0;
    for (unsigned i = 0; i < forward.used; i++) {
        packets += forward.buckets[i].packets;
        bytes += forward.buckets[i].bytes;
    }
    assert_int_equal(packets, N);
    assert_int_equal(bytes, N * 100);
    assert_int_equal(forward.width_ns, INT64_C(512000000));    /* 70 s into at most 256 buckets: 1 ms << 9 */
    const struct rate *others[] = { &backward, &half[0] };
    for (unsigned k = 0; k < 2; k++) {
        assert_int_equal(others[k]->width_ns, forward.width_ns);
        assert_int_equal(others[k]->first, forward.first);
        assert_int_equal(others[k]->used, forward.used);
        assert_memory_equal(others[k]->buckets, forward.buckets, forward.used * sizeof forward.buckets[0]);
    }
    rate_add(&forward, INT64_MAX, 1);    /* what a file may claim */
    rate_add(&forward, INT64_MIN, 1);
    assert_in_range(forward.used, 2, RATE_BUCKETS);
}

/* ---- names ---- */

static void see(struct names *n, const char *address, const char *name, int64_t time_ns)
{
    struct wt_name_observation o = { .family = 4, .name = name, .time_ns = time_ns };
    assert_int_equal(inet_pton(AF_INET, address, o.address), 1);
    assert_int_equal(names_add(n, &o), 0);
}

static const char *find(const struct names *n, const char *address, int64_t time_ns)
{
    uint8_t bytes[16] = { 0 };
    assert_int_equal(inet_pton(AF_INET, address, bytes), 1);
    return names_find(n, 4, bytes, time_ns);
}

static void names_by_time(void **state)
{
    (void)state;
    struct names *n = names_new(100);
    assert_non_null(n);
    assert_null(find(n, "192.0.2.1", 0));
    see(n, "192.0.2.1", "a.example.", 100);
    see(n, "192.0.2.1", "b.example.", 200);
    see(n, "192.0.2.2", "c.example.", 50);
    assert_string_equal(find(n, "192.0.2.1", 150), "a.example.");
    assert_string_equal(find(n, "192.0.2.1", 250), "b.example.");
    assert_string_equal(find(n, "192.0.2.1", 10), "a.example.");    /* nothing before: the first after */
    assert_string_equal(find(n, "192.0.2.2", 1000), "c.example.");
    assert_null(find(n, "192.0.2.3", 1000));
    see(n, "192.0.2.1", "a.example.", 300);
    assert_string_equal(find(n, "192.0.2.1", 400), "a.example.");
    assert_int_equal(names_count(n), 3);
    names_free(n);
}

static void the_oldest_names_are_forgotten(void **state)
{
    (void)state;
    struct names *all = names_new(50), *part[2] = { names_new(50), names_new(50) };
    for (int i = 0; i < 1000; i++) {
        char address[32], name[32];
        snprintf(address, sizeof address, "10.0.%d.%d", i / 250, i % 250);
        snprintf(name, sizeof name, "host%d.example.", i);
        see(all, address, name, i * 1000);
        see(part[i % 3 == 0], address, name, i * 1000);
    }
    names_merge(part[0], part[1]);
    assert_int_equal(names_count(all), 50);
    assert_int_equal(names_count(part[0]), 50);
    assert_int_equal(names_forgotten(all), 950);
    for (int i = 0; i < 1000; i++) {
        char address[32], name[32];
        snprintf(address, sizeof address, "10.0.%d.%d", i / 250, i % 250);
        snprintf(name, sizeof name, "host%d.example.", i);
        const char *found[2] = { find(all, address, INT64_MAX), find(part[0], address, INT64_MAX) };
        for (unsigned k = 0; k < 2; k++) {
            if (i < 950)
                assert_null(found[k]);
            else
                assert_string_equal(found[k], name);
        }
    }
    names_free(all);
    names_free(part[0]);
    names_free(part[1]);
}

/* ---- TIME-WAIT ---- */

static struct wt_connection closed(const char *client, uint16_t client_port, const char *server, uint16_t server_port,
                                   unsigned holder, int64_t start, int64_t end, unsigned shard)
{
    struct wt_connection c = { .protocol = 6, .family = 4, .shard = (uint8_t)shard };
    inet_pton(AF_INET, client, c.side[0].address);
    inet_pton(AF_INET, server, c.side[1].address);
    c.side[0].port = client_port;
    c.side[1].port = server_port;
    c.time_wait = (struct wt_time_wait){ .holder = (uint8_t)holder, .start_ns = start, .end_ns = end };
    return c;
}

static void the_worst_moment(void **state)
{
    (void)state;
    struct time_waits w[2];
    time_waits_init(&w[0], 6400);
    time_waits_init(&w[1], 6400);
    /* Client A towards S:80: [10,20) [15,25) [20,30); towards S:81: [16,17). A holds 3 at 16; towards S:80 2 at 15. */
    struct wt_connection rows[] = {
        closed("10.0.0.1", 1, "10.0.0.9", 80, 0, 10, 20, 1), closed("10.0.0.1", 2, "10.0.0.9", 80, 0, 15, 25, 2),
        closed("10.0.0.1", 3, "10.0.0.9", 80, 0, 20, 30, 3), closed("10.0.0.1", 4, "10.0.0.9", 81, 0, 16, 17, 4),
        closed("10.0.0.2", 5, "10.0.0.9", 80, 1, 12, 40, 5),    /* the server holds it */
        closed("10.0.0.2", 6, "10.0.0.9", 80, 2, 12, 40, 6),    /* both do */
        closed("10.0.0.3", 7, "10.0.0.9", 80, 255, 0, 0, 7),    /* nobody */
    };
    for (unsigned i = 0; i < 7; i++)
        time_waits_add(&w[i % 2], &rows[i]);
    time_waits_merge(&w[0], &w[1]);
    assert_int_equal(w[0].by_client, 4);
    assert_int_equal(w[0].by_server, 1);
    assert_int_equal(w[0].by_both, 1);
    struct time_wait_peak peaks[8];
    assert_int_equal(time_waits_peaks(&w[0], false, 100, peaks, 8), 3);
    assert_int_equal(peaks[0].most, 3);
    assert_int_equal(peaks[0].at_ns, 16);
    assert_int_equal(peaks[0].group.local[3], 1);
    assert_int_equal(peaks[0].periods, 4);
    assert_true(peaks[0].as_client);
    assert_int_equal(peaks[1].most, 2);
    assert_int_equal(peaks[1].group.local[3], 9);
    assert_false(peaks[1].as_client);
    assert_int_equal(time_waits_peaks(&w[0], true, 100, peaks, 8), 3);
    assert_int_equal(peaks[0].most, 2);
    assert_int_equal(peaks[0].at_ns, 15);
    assert_int_equal(peaks[0].group.remote_port, 80);
    /* What begins after the last frame was not seen. */
    assert_int_equal(time_waits_peaks(&w[0], false, 11, peaks, 8), 1);
    assert_int_equal(peaks[0].most, 1);
    time_waits_done(&w[0]);
    time_waits_done(&w[1]);
}

static void time_wait_is_bounded(void **state)
{
    (void)state;
    struct time_waits w;
    time_waits_init(&w, 640);    /* 10 a shard */
    for (unsigned i = 0; i < 100; i++) {
        struct wt_connection c = closed("10.0.0.1", (uint16_t)i, "10.0.0.9", 80, 0, 10, 20, 5);
        time_waits_add(&w, &c);
    }
    assert_int_equal(time_waits_count(&w), 10);
    assert_int_equal(w.left_out, 90);
    assert_int_equal(w.by_client, 100);
    time_waits_done(&w);
}

/* ---- the store ---- */

struct collected {
    uint64_t last, count, sum;
    bool sorted;
};

static int collect(void *to, uint64_t order, const void *bytes, size_t len)
{
    struct collected *c = to;
    uint64_t value;
    assert_true(len >= sizeof value);
    memcpy(&value, bytes, sizeof value);
    assert_int_equal(value, order * 3);
    for (size_t i = sizeof value; i < len; i++)
        assert_int_equal(((const uint8_t *)bytes)[i], (uint8_t)order);
    c->sorted &= order >= c->last;
    c->last = order;
    c->count++;
    c->sum += order;
    return 0;
}

/* In memory and spilled to a file, one store and several: ascending, whole, none lost. */
static void stored_records_come_out_in_order(void **state)
{
    (void)state;
    static const size_t limits[] = { 1u << 24, 20000, 4096 };
    for (unsigned l = 0; l < 3; l++) {
        struct store *stores[3];
        for (unsigned i = 0; i < 3; i++)
            assert_non_null(stores[i] = store_new(limits[l]));
        random_state = 5;
        uint64_t sum = 0;
        static uint8_t bytes[80000];
        for (unsigned i = 0; i < 3000; i++) {
            uint64_t order = next_random() % 100000, value = order * 3;
            size_t len = 8 + next_random() % 200 + (i % 500 == 0 ? 70000 : 0);
            memset(bytes, (int)(uint8_t)order, len);
            memcpy(bytes, &value, 8);
            assert_int_equal(store_add(stores[next_random() % 3], order, bytes, len, NULL), 0);
            sum += order;
        }
        struct collected c = { .sorted = true };
        struct wt_error err;
        assert_int_equal(store_each(stores, 3, collect, &c, &err), 0);
        assert_true(c.sorted);
        assert_int_equal(c.count, 3000);
        assert_int_equal(c.sum, sum);
        for (unsigned i = 0; i < 3; i++)
            store_free(stores[i]);
    }
}

static int stop_at_three(void *to, uint64_t order, const void *bytes, size_t len)
{
    (void)order;
    (void)bytes;
    (void)len;
    return ++*(int *)to == 3 ? 77 : 0;
}

static void equal_orders_stay_as_they_came(void **state)
{
    (void)state;
    struct store *s = store_new(4096);
    for (uint64_t i = 0; i < 10; i++)
        assert_int_equal(store_add(s, 5, &i, sizeof i, NULL), 0);
    assert_int_equal(store_count(s), 10);
    int seen = 0;
    assert_int_equal(store_each(&s, 1, stop_at_three, &seen, NULL), 77);
    assert_int_equal(seen, 3);
    store_free(s);
}

static void packing_is_lossless(void **state)
{
    (void)state;
    uint8_t from[1000], packed[STORE_PACKED_MOST(1000)], back[1000];
    random_state = 21;
    for (unsigned turn = 0; turn < 2000; turn++) {
        size_t len = next_random() % sizeof from;
        unsigned zeros = (unsigned)(next_random() % 101);    /* of a hundred bytes */
        for (size_t i = 0; i < len; i++)
            from[i] = next_random() % 100 < zeros ? 0 : (uint8_t)next_random();
        size_t n = store_pack(from, len, packed);
        assert_true(n <= STORE_PACKED_MOST(len));
        memset(back, 0x55, sizeof back);
        assert_int_equal(store_unpack(packed, n, back, len), 0);
        assert_memory_equal(back, from, len);
        if (n) {
            assert_true(store_unpack(packed, n - 1, back, len) < 0);
            assert_true(store_unpack(packed, n, back, len ? len - 1 : 0) < 0);
        }
    }
    memset(from, 0, sizeof from);
    assert_true(store_pack(from, sizeof from, packed) <= 8);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(few_values_are_exact),
        cmocka_unit_test(many_values_stay_within_the_bound),
        cmocka_unit_test(extremes_have_buckets),
        cmocka_unit_test(merging_is_adding),
        cmocka_unit_test(sums_and_least),
        cmocka_unit_test(ties_go_to_the_smaller_key),
        cmocka_unit_test(the_smaller_half_is_evicted),
        cmocka_unit_test(sharded_tables_do_not_depend_on_the_workers),
        cmocka_unit_test(the_worst_are_exact_and_merge),
        cmocka_unit_test(numbers_are_ranks),
        cmocka_unit_test(buckets_double_their_width),
        cmocka_unit_test(names_by_time),
        cmocka_unit_test(the_oldest_names_are_forgotten),
        cmocka_unit_test(the_worst_moment),
        cmocka_unit_test(time_wait_is_bounded),
        cmocka_unit_test(stored_records_come_out_in_order),
        cmocka_unit_test(equal_orders_stay_as_they_came),
        cmocka_unit_test(packing_is_lossless),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

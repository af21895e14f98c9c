#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "report/graph_rate.h"
#include "report/plot.h"

#define MILLION 1000000u

static bool has_point(const struct plot_point *p, size_t n, double x, double y)
{
    for (size_t i = 0; i < n; i++)
        if (p[i].x == x && p[i].y == y)
            return true;
    return false;
}

static void thinning_keeps_first_last_and_extremes(void **state)
{
    (void)state;
    size_t n = MILLION;
    struct plot_point *p = malloc(n * sizeof *p);
    for (size_t i = 0; i < n; i++)
        p[i] = (struct plot_point){ (double)i, (double)(i % 7), (double)(i % 7) };
    p[123456].y = p[123456].y2 = 999;
    p[765432].y = p[765432].y2 = -999;
    size_t kept = plot_thin(p, n, 0, (double)n - 1, 500);
    assert_true(kept <= 4 * 500);
    assert_true(kept >= 500);
    assert_true(has_point(p, kept, 123456, 999));
    assert_true(has_point(p, kept, 765432, -999));
    assert_true(p[0].x == 0);
    assert_true(p[kept - 1].x == (double)n - 1);
    for (size_t i = 1; i < kept; i++)
        assert_true(p[i].x > p[i - 1].x);
    free(p);
}

static void few_points_are_left_alone(void **state)
{
    (void)state;
    struct plot_point p[3] = { { 0, 1, 1 }, { 1, 5, 5 }, { 2, 2, 2 } };
    assert_int_equal(plot_thin(p, 3, 0, 2, 10), 3);
    assert_int_equal(plot_thin(p, 0, 0, 0, 10), 0);
    assert_int_equal(plot_thin(p, 3, 0, 2, 0), 3);
}

static void a_series_is_bounded_and_keeps_its_outlier(void **state)
{
    (void)state;
    struct plot plot;
    plot_init(&plot, "time", UNIT_SECONDS, "RTT", UNIT_SECONDS);
    struct plot_series *s = plot_series(&plot, "sample", PLOT_DOTS, INK_DATA, 10000);
    for (unsigned i = 0; i < MILLION; i++)
        plot_add(s, i * 1e-5, i == 54321 ? 5.0 : 0.01);
    assert_true(s->count <= 10000);
    assert_int_equal(s->dropped, 0);
    assert_true(has_point(s->points, s->count, 54321 * 1e-5, 5.0));
    struct out o;
    out_init(&o, -1);
    plot_svg(&plot, &o);
    assert_true(o.len < 400000);
    assert_memory_equal(o.at, "<?xml", 5);
    out_done(&o);
    plot_done(&plot);
}

static void ticks_are_round_numbers(void **state)
{
    (void)state;
    static const struct { double least, greatest; enum plot_unit unit; unsigned ticks; const char *first, *second, *unit_name; } rows[] = {
        { 0, 10, UNIT_SECONDS, 5, "0", "2", "s" },
        { 0, 0.096, UNIT_SECONDS, 5, "0", "20", "ms" },
        { 0, 2600000, UNIT_BYTES, 5, "0", "1", "MB" },
        { 0, 1, UNIT_BYTES, 5, "0.0", "0.2", "bytes" },
        { 0, 3e9, UNIT_BITS_PER_SECOND, 6, "0.0", "0.5", "Gbit/s" },
        { 5, 5, UNIT_SECONDS, 5, NULL, NULL, "s" },
    };
    for (unsigned i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct plot plot;
        struct plot_axis x, y;
        char text[32];
        plot_init(&plot, "x", rows[i].unit, "y", UNIT_BYTES);
        struct plot_series *s = plot_series(&plot, "s", PLOT_LINE, INK_DATA, 100);
        plot_add(s, rows[i].least, 0);
        plot_add(s, rows[i].greatest, 1);
        plot_axes(&plot, rows[i].ticks, 5, &x, &y);
        assert_true(x.greatest > x.least);
        assert_true(x.ticks >= 1 && x.ticks <= rows[i].ticks + 2);
        assert_string_equal(x.unit_name, rows[i].unit_name);
        if (rows[i].first) {
            plot_tick_label(&x, 0, text);
            assert_string_equal(text, rows[i].first);
        }
        if (rows[i].second) {
            plot_tick_label(&x, 1, text);
            assert_string_equal(text, rows[i].second);
        }
        plot_done(&plot);
    }
}

static void rates_keep_their_sum_while_slots_double(void **state)
{
    (void)state;
    static struct graph_rate r;
    for (int64_t i = 0; i < 100000; i++)
        graph_rate_add(&r, i * 1000000, 1000, 500);         /* 100 s, 1000 bytes a millisecond */
    uint64_t all = 0, fresh = 0;
    for (unsigned i = 0; i < GRAPH_RATE_SLOTS; i++) {
        all += r.all[i];
        fresh += r.fresh[i];
    }
    assert_int_equal(all, 100000000);
    assert_int_equal(fresh, 50000000);
    struct plot plot;
    plot_init(&plot, "t", UNIT_SECONDS, "rate", UNIT_BITS_PER_SECOND);
    struct plot_series *a = plot_series(&plot, "a", PLOT_LINE, INK_DATA, 1000), *f = plot_series(&plot, "f", PLOT_LINE, INK_DATA, 1000);
    graph_rate_plot(&r, 99999 * INT64_C(1000000), a, f);
    assert_true(a->count >= 75 && a->count <= 150);
    for (size_t i = 0; i + 1 < a->count; i++)
        assert_true(fabs(a->points[i].y - 8e6) < 8e4);       /* 1000 bytes a millisecond are 8 Mbit/s */
    plot_done(&plot);
}

static void an_empty_plot_draws(void **state)
{
    (void)state;
    struct plot plot;
    struct out o;
    struct page page = { .width = 80 };
    plot_init(&plot, "t", UNIT_SECONDS, "y", UNIT_BYTES);
    plot_series(&plot, "nothing", PLOT_BARS, INK_SACK, 100);
    assert_true(plot_empty(&plot));
    out_init(&o, -1);
    plot_svg(&plot, &o);
    plot_braille(&plot, &page, 1, 1, &o);
    plot_braille(&plot, &page, 500, 200, &o);
    assert_true(o.len > 0);
    out_done(&o);
    plot_done(&plot);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(thinning_keeps_first_last_and_extremes),
        cmocka_unit_test(few_points_are_left_alone),
        cmocka_unit_test(a_series_is_bounded_and_keeps_its_outlier),
        cmocka_unit_test(ticks_are_round_numbers),
        cmocka_unit_test(rates_keep_their_sum_while_slots_double),
        cmocka_unit_test(an_empty_plot_draws),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

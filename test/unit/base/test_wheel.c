#include "base/wheel.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

struct thing {
    uint64_t name;
    struct wheel_node timer;
};

struct fired {
    struct wheel *wheel;
    uint32_t index[4096];
    uint64_t tick[4096];
    unsigned count;
    uint32_t cancel;      /* what the callback cancels, once */
    uint64_t again;       /* how far ahead the callback arms the same timer; 0: not */
};

static void note(void *to, uint32_t index)
{
    struct fired *f = to;
    f->index[f->count] = index;
    f->tick[f->count++] = f->wheel->now;
    if (f->cancel) {
        wheel_cancel(f->wheel, f->cancel);
        f->cancel = 0;
    }
    if (f->again)
        wheel_arm(f->wheel, index, f->wheel->now + f->again);
}

static uint32_t new_thing(struct slab *s)
{
    uint32_t index = slab_take(s);
    memset(slab_at(s, index), 0, sizeof(struct thing));
    return index;
}

static void fires_at_its_tick(void **state)
{
    (void)state;
    static const struct { uint64_t start, ahead; } rows[] = {
        { 0, 1 }, { 0, 63 }, { 0, 64 }, { 0, 65 }, { 63, 1 }, { 63, 64 }, { 4095, 1 }, { 4095, 4096 }, { 1, 262144 },
        { (1u << 30) - 1, 2 }, { UINT32_MAX, 1 }, { UINT32_MAX - 5, 70000 }, { (UINT64_C(1) << 36) - 1, 1 },
        { (UINT64_C(1) << 36) - 2, 5000000 }, { 12345678901, WHEEL_FARTHEST }, { 1700000000000, 248000 },
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct slab s;
        struct wheel w;
        assert_int_equal(slab_init(&s, sizeof(struct thing), 10), 0);
        wheel_init(&w, &s, offsetof(struct thing, timer));
        wheel_start(&w, rows[i].start);
        struct fired f = { .wheel = &w };
        uint32_t one = new_thing(&s);
        wheel_arm(&w, one, rows[i].start + rows[i].ahead);
        wheel_advance(&w, rows[i].start + rows[i].ahead - 1, note, &f);
        assert_int_equal(f.count, 0);
        wheel_advance(&w, rows[i].start + rows[i].ahead, note, &f);
        assert_int_equal(f.count, 1);
        assert_int_equal(f.tick[0], rows[i].start + rows[i].ahead);
        assert_int_equal(w.armed, 0);
        assert_false(wheel_armed(wheel_node(&w, one)));
        slab_done(&s);
    }
}

static void the_past_fires_next_and_the_far_future_is_capped(void **state)
{
    (void)state;
    struct slab s;
    struct wheel w;
    assert_int_equal(slab_init(&s, sizeof(struct thing), 10), 0);
    wheel_init(&w, &s, offsetof(struct thing, timer));
    wheel_start(&w, 1000);
    struct fired f = { .wheel = &w };
    uint32_t late = new_thing(&s), far = new_thing(&s);
    wheel_arm(&w, late, 3);
    wheel_arm(&w, far, UINT64_MAX);
    wheel_advance(&w, 1001, note, &f);
    assert_int_equal(f.count, 1);
    assert_int_equal(f.index[0], late);
    wheel_advance(&w, 1000 + (uint64_t)WHEEL_FARTHEST, note, &f);
    assert_int_equal(f.count, 2);
    assert_int_equal(f.index[1], far);
    slab_done(&s);
}

static void one_tick_fires_in_order_of_arming(void **state)
{
    (void)state;
    struct slab s;
    struct wheel w;
    assert_int_equal(slab_init(&s, sizeof(struct thing), 100), 0);
    wheel_init(&w, &s, offsetof(struct thing, timer));
    struct fired f = { .wheel = &w };
    for (unsigned i = 0; i < 50; i++)
        wheel_arm(&w, new_thing(&s), 100000);
    wheel_advance(&w, 200000, note, &f);
    assert_int_equal(f.count, 50);
    for (unsigned i = 0; i < 50; i++)
        assert_int_equal(f.index[i], i + 1);
    slab_done(&s);
}

static void a_callback_may_cancel_and_arm(void **state)
{
    (void)state;
    static const uint64_t ticks[] = { 7, 64, 4096, 262144 };
    for (size_t i = 0; i < sizeof ticks / sizeof *ticks; i++) {
        struct slab s;
        struct wheel w;
        assert_int_equal(slab_init(&s, sizeof(struct thing), 100), 0);
        wheel_init(&w, &s, offsetof(struct thing, timer));
        uint32_t a = new_thing(&s), b = new_thing(&s), c = new_thing(&s);
        wheel_arm(&w, a, ticks[i]);
        wheel_arm(&w, b, ticks[i]);
        wheel_arm(&w, c, ticks[i] + 1);
        struct fired f = { .wheel = &w, .cancel = b, .again = 64 };
        wheel_advance(&w, ticks[i] + 65, note, &f);
        assert_int_equal(f.count, 4);    /* a, c, a again, c again; never b */
        assert_int_equal(f.index[0], a);
        assert_int_equal(f.index[1], c);
        assert_int_equal(f.index[2], a);
        assert_int_equal(f.tick[2], ticks[i] + 64);
        assert_int_equal(w.armed, 2);
        slab_done(&s);
    }
}

/* Against the plainest model there is: an array of deadlines. */
static void agrees_with_a_list(void **state)
{
    (void)state;
    enum { TIMERS = 500 };
    static uint64_t deadline[TIMERS + 1];
    struct slab s;
    struct wheel w;
    assert_int_equal(slab_init(&s, sizeof(struct thing), TIMERS), 0);
    wheel_init(&w, &s, offsetof(struct thing, timer));
    uint64_t now = (UINT64_C(1) << 32) - 300000;
    wheel_start(&w, now);
    for (unsigned i = 1; i <= TIMERS; i++)
        assert_int_equal(new_thing(&s), i);
    srand(11);
    for (unsigned round = 0; round < 4000; round++) {
        for (unsigned n = 0; n < 8; n++) {
            unsigned i = 1 + (unsigned)rand() % TIMERS;
            if (rand() % 4 == 0) {
                wheel_cancel(&w, i);
                deadline[i] = 0;
            } else {
                static const unsigned spans[] = { 3, 64, 5000, 300000, 20000000 };
                deadline[i] = now + 1 + (unsigned)rand() % spans[rand() % 5];
                wheel_arm(&w, i, deadline[i]);
            }
        }
        now += (unsigned)rand() % (round % 50 ? 40 : 400000);
        struct fired f = { .wheel = &w };
        wheel_advance(&w, now, note, &f);
        assert_int_equal(w.now, now);
        for (unsigned k = 0; k < f.count; k++) {
            assert_int_equal(deadline[f.index[k]], f.tick[k]);
            assert_true(k == 0 || f.tick[k] >= f.tick[k - 1]);
            deadline[f.index[k]] = 0;
        }
        uint64_t armed = 0;
        for (unsigned i = 1; i <= TIMERS; i++) {
            assert_true(deadline[i] == 0 || deadline[i] > now);
            armed += deadline[i] != 0;
        }
        assert_int_equal(w.armed, armed);
    }
    slab_done(&s);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(fires_at_its_tick),
        cmocka_unit_test(the_past_fires_next_and_the_far_future_is_capped),
        cmocka_unit_test(one_tick_fires_in_order_of_arming),
        cmocka_unit_test(a_callback_may_cancel_and_arm),
        cmocka_unit_test(agrees_with_a_list),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

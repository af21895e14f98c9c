/* The ring: order, fullness, releases, and two threads that hand over a million items. */
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include "base/ring.h"

static int items[64];

static void test_order_and_fullness(void **state)
{
    struct ring r;
    (void)state;
    assert_int_equal(ring_init(&r, 3), 0);          /* rounded up to 4 */
    assert_null(ring_pop(&r));
    for (int i = 0; i < 4; i++)
        assert_true(ring_push(&r, &items[i]));
    assert_false(ring_push(&r, &items[4]));
    assert_ptr_equal(ring_pop(&r), &items[0]);
    assert_false(ring_push(&r, &items[4]));         /* popped is not released */
    assert_int_equal(ring_released(&r), 0);
    ring_release(&r);
    assert_int_equal(ring_released(&r), 1);
    assert_true(ring_push(&r, &items[4]));
    for (int i = 1; i < 5; i++)
        assert_ptr_equal(ring_pop(&r), &items[i]);
    assert_null(ring_pop(&r));
    assert_int_equal(r.high_water, 4);
    ring_done(&r);
}

static void test_indices_run_over(void **state)
{
    struct ring r;
    (void)state;
    assert_int_equal(ring_init(&r, 2), 0);
    uint32_t near_end = UINT32_MAX - 3;
    atomic_store(&r.head, near_end);
    atomic_store(&r.tail, near_end);
    r.tail_seen = r.head_seen = r.popped = near_end;
    for (int i = 0; i < 10; i++) {
        assert_true(ring_push(&r, &items[i]));
        assert_ptr_equal(ring_pop(&r), &items[i]);
        ring_release(&r);
    }
    assert_int_equal(ring_released(&r), near_end + 10);
    ring_done(&r);
}

#define PASSES 1000000u

struct slot {
    uint64_t number, check;
};

struct line {
    struct ring ring;
    struct slot slots[8];
    uint32_t count;
};

static void *consume(void *arg)
{
    struct line *l = arg;
    uint64_t wrong = 0;
    for (uint64_t i = 0; i < l->count; i++) {
        struct slot *s = ring_pop_wait(&l->ring);
        wrong += s->number != i || s->check != ~i;
        if (i % 997 == 0)
            for (volatile int k = 0; k < 2000; k++)
                ;
        ring_release(&l->ring);
    }
    return (void *)(uintptr_t)wrong;
}

/* A producer that reuses eight slots must never overwrite one that the consumer still reads. */
static void test_two_threads(void **state)
{
    struct line *l = aligned_alloc(64, (sizeof *l + 63) / 64 * 64);
    pthread_t thread;
    void *wrong;
    (void)state;
    l->count = PASSES;
    assert_int_equal(ring_init(&l->ring, 8), 0);
    assert_int_equal(pthread_create(&thread, NULL, consume, l), 0);
    for (uint32_t i = 0; i < PASSES; i++) {
        if (i >= 8)
            ring_wait_released(&l->ring, i - 7);
        l->slots[i % 8] = (struct slot){ i, ~(uint64_t)i };
        assert_true(ring_push(&l->ring, &l->slots[i % 8]));
    }
    pthread_join(thread, &wrong);
    assert_null(wrong);
    assert_int_equal(ring_released(&l->ring), PASSES);
    ring_done(&l->ring);
    free(l);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_order_and_fullness),
        cmocka_unit_test(test_indices_run_over),
        cmocka_unit_test(test_two_threads),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

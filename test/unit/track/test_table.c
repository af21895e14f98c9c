#include "track/table.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static bool holds(const struct table *t, uint32_t hash, uint32_t index)
{
    struct table_walk walk;
    for (uint32_t i = table_first(t, hash, &walk); i; i = table_next(&walk))
        if (i == index)
            return true;
    return false;
}

static uint32_t hash_of(uint32_t n)
{
    uint64_t h = (n + 1) * UINT64_C(0x9e3779b97f4a7c15);
    return (uint32_t)(h >> 32 ^ h >> 7);
}

static void finds_what_was_added_and_nothing_else(void **state)
{
    (void)state;
    enum { ENTRIES = 50000 };
    struct table t;
    assert_int_equal(table_init(&t, 2), 0);
    for (uint32_t i = 0; i < ENTRIES; i++) {
        assert_false(holds(&t, hash_of(i), i + 1));
        assert_true(table_add(&t, hash_of(i), i + 1));
    }
    assert_int_equal(t.used, ENTRIES);
    for (uint32_t i = 0; i < ENTRIES; i++)
        assert_true(holds(&t, hash_of(i), i + 1));
    for (uint32_t i = 0; i < ENTRIES; i += 2)
        table_remove(&t, hash_of(i), i + 1);
    assert_int_equal(t.used, ENTRIES / 2);
    for (uint32_t i = 0; i < ENTRIES; i++)
        assert_int_equal(holds(&t, hash_of(i), i + 1), i % 2);
    for (uint32_t i = 1; i < ENTRIES; i += 2)
        table_remove(&t, hash_of(i), i + 1);
    for (uint32_t b = 0; b <= t.mask; b++)
        assert_int_equal(t.buckets[b].moved_on, 0);
    table_done(&t);
}

/* Comings and goings against an array. */
static void stays_right_under_churn(void **state)
{
    (void)state;
    enum { KEYS = 4000 };
    static bool in[KEYS];
    struct table t;
    assert_int_equal(table_init(&t, 8), 0);
    srand(3);
    uint32_t used = 0;
    for (unsigned round = 0; round < 400000; round++) {
        uint32_t k = (uint32_t)rand() % KEYS;
        assert_int_equal(holds(&t, hash_of(k), k + 1), in[k]);
        if (in[k])
            table_remove(&t, hash_of(k), k + 1);
        else
            assert_true(table_add(&t, hash_of(k), k + 1));
        used += in[k] ? -1u : 1u;
        in[k] = !in[k];
        assert_int_equal(t.used, used);
    }
    table_done(&t);
}

static void equal_hashes_are_walked_one_by_one_and_bounded(void **state)
{
    (void)state;
    struct table t;
    assert_int_equal(table_init(&t, 8), 0);
    for (uint32_t i = 1; i <= 2 * BUCKET_PLACES; i++)
        assert_true(table_add(&t, 77, i));
    assert_false(table_add(&t, 77, 99));    /* both buckets are full of one hash: growing would not help */
    assert_true(t.mask < 1024);
    assert_true(holds(&t, 77, table_in_the_way(&t, 77)));
    struct table_walk walk;
    unsigned n = 0;
    uint64_t seen = 0;
    for (uint32_t i = table_first(&t, 77, &walk); i; i = table_next(&walk), n++)
        seen |= UINT64_C(1) << i;
    assert_int_equal(n, 2 * BUCKET_PLACES);
    assert_int_equal(seen, ((UINT64_C(1) << (2 * BUCKET_PLACES)) - 1) << 1);
    table_remove(&t, 77, 1);
    assert_true(table_add(&t, 77, 99));
    table_done(&t);
}

static void the_second_bucket_is_another(void **state)
{
    (void)state;
    for (uint32_t i = 0; i < 100000; i++)
        for (uint32_t mask = 1; mask < 4096; mask = mask << 1 | 1)
            assert_int_not_equal(table_second(hash_of(i), mask), hash_of(i) & mask);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(finds_what_was_added_and_nothing_else),
        cmocka_unit_test(stays_right_under_churn),
        cmocka_unit_test(equal_hashes_are_walked_one_by_one_and_bounded),
        cmocka_unit_test(the_second_bucket_is_another),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

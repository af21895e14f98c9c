#include "base/slab.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static void gives_back_what_was_last_given(void **state)
{
    (void)state;
    struct slab s;
    assert_int_equal(slab_init(&s, 24, 5000), 0);
    uint32_t a = slab_take(&s), b = slab_take(&s);
    assert_int_equal(a, 1);
    assert_int_equal(b, 2);
    slab_give(&s, a);
    slab_give(&s, b);
    assert_int_equal(slab_take(&s), b);
    assert_int_equal(slab_take(&s), a);
    assert_int_equal(slab_take(&s), 3);
    assert_int_equal(s.used, 3);
    assert_int_equal(s.peak, 3);
    slab_done(&s);
}

static void stops_at_its_limit(void **state)
{
    (void)state;
    enum { BYTES = 256, CHUNK = SLAB_CHUNK_BYTES / BYTES };
    static const uint32_t limits[] = { 0, 1, 2, CHUNK - 1, CHUNK, CHUNK + 1, 3 * CHUNK };
    for (size_t i = 0; i < sizeof limits / sizeof *limits; i++) {
        struct slab s;
        assert_int_equal(slab_init(&s, BYTES, limits[i]), 0);
        for (uint32_t n = 0; n < limits[i]; n++)
            assert_int_equal(slab_take(&s), n + 1);
        assert_int_equal(slab_take(&s), 0);
        assert_int_equal(s.refused, 1);
        assert_int_equal(s.chunk_count, (limits[i] + CHUNK - 1) / CHUNK);
        if (limits[i]) {
            slab_give(&s, limits[i]);
            assert_int_equal(slab_take(&s), limits[i]);
        }
        slab_done(&s);
    }
}

/* Every object keeps what was written to it while others come and go. */
static void objects_do_not_overlap(void **state)
{
    (void)state;
    enum { OBJECTS = 3000, WORDS = 5 };
    struct slab s;
    assert_int_equal(slab_init(&s, WORDS * sizeof(uint64_t), OBJECTS), 0);
    uint32_t index[OBJECTS] = { 0 };
    srand(7);
    for (unsigned round = 0; round < 20000; round++) {
        unsigned i = (unsigned)rand() % OBJECTS;
        if (index[i]) {
            uint64_t *words = slab_at(&s, index[i]);
            for (unsigned w = 0; w < WORDS; w++)
                assert_int_equal(words[w], i * 10u + w);
            slab_give(&s, index[i]);
            index[i] = 0;
        } else {
            index[i] = slab_take(&s);
            assert_int_not_equal(index[i], 0);
            uint64_t *words = slab_at(&s, index[i]);
            assert_int_equal((uintptr_t)words % 8, 0);
            for (unsigned w = 0; w < WORDS; w++)
                words[w] = i * 10u + w;
        }
    }
    slab_done(&s);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(gives_back_what_was_last_given),
        cmocka_unit_test(stops_at_its_limit),
        cmocka_unit_test(objects_do_not_overlap),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

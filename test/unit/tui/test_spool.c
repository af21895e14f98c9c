#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "tui/spool.h"

static void what_goes_in_comes_out(void **state)
{
    struct spool s;
    struct wt_error err;
    uint64_t at[3000];
    uint8_t piece[1000], back[1000];
    (void)state;
    assert_int_equal(spool_init(&s, UINT64_C(1) << 30, &err), 0);
    for (unsigned i = 0; i < 3000; i++) {        /* about 1.5 MB: several buffers */
        size_t len = i * 7 % 1000;
        memset(piece, (int)i, len);
        at[i] = spool_add(&s, piece, len);
        assert_true(at[i] != UINT64_MAX);
    }
    for (unsigned i = 0; i < 3000; i++) {
        size_t len = i * 7 % 1000;
        memset(piece, (int)i, len);
        memset(back, 0xee, sizeof back);
        assert_true(spool_read(&s, at[i], back, len));
        assert_memory_equal(back, piece, len);
    }
    uint64_t end = s.written + s.used;
    assert_false(spool_read(&s, end, back, 1));
    assert_false(spool_read(&s, end - 1, back, 2));
    assert_false(spool_read(&s, UINT64_MAX, back, 1));
    spool_done(&s);
}

static void the_oldest_gives_its_room(void **state)
{
    struct spool s;
    struct wt_error err;
    uint8_t piece[1000], back[1000];
    uint64_t at[5000];
    (void)state;
    assert_int_equal(spool_init(&s, UINT64_C(1) << 20, &err), 0);
    for (unsigned i = 0; i < 5000; i++) {        /* 5 MB through 1 MB */
        memset(piece, (int)(i * 37), sizeof piece);
        at[i] = spool_add(&s, piece, sizeof piece);
        assert_true(at[i] != UINT64_MAX);
    }
    assert_int_equal(s.refused, 0);
    unsigned held = 0;
    for (unsigned i = 0; i < 5000; i++) {
        memset(piece, (int)(i * 37), sizeof piece);
        if (spool_read(&s, at[i], back, sizeof back)) {
            assert_memory_equal(back, piece, sizeof back);
            held++;
        } else {
            assert_int_equal(held, 0);           /* what is missing is older than all that is held */
        }
    }
    assert_true(held >= (1u << 20) / 1000 - 1);
    spool_done(&s);
}

static void what_can_never_fit_is_refused(void **state)
{
    struct spool s;
    struct wt_error err;
    static uint8_t big[SPOOL_BUFFER + 1];
    (void)state;
    assert_int_equal(spool_init(&s, 1000, &err), 0);
    assert_true(spool_add(&s, big, 1001) == UINT64_MAX);
    assert_true(spool_add(&s, big, sizeof big) == UINT64_MAX);
    assert_int_equal(s.refused, 2);
    assert_true(spool_add(&s, big, 1000) != UINT64_MAX);
    spool_done(&s);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_goes_in_comes_out),
        cmocka_unit_test(the_oldest_gives_its_room),
        cmocka_unit_test(what_can_never_fit_is_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

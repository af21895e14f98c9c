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

static void a_piece_larger_than_the_buffer(void **state)
{
    struct spool s;
    struct wt_error err;
    size_t len = SPOOL_BUFFER * 2;
    uint8_t *big = malloc(len), *back = malloc(len);
    (void)state;
    assert_int_equal(spool_init(&s, UINT64_C(1) << 30, &err), 0);
    for (size_t i = 0; i < len; i++)
        big[i] = (uint8_t)(i * 31);
    assert_int_equal(spool_add(&s, "before", 6), 0);
    uint64_t at = spool_add(&s, big, len);
    uint64_t after = spool_add(&s, "after", 5);
    assert_true(spool_read(&s, at, back, len));
    assert_memory_equal(big, back, len);
    assert_true(spool_read(&s, 0, back, 6));
    assert_memory_equal(back, "before", 6);
    assert_true(spool_read(&s, after, back, 5));
    assert_memory_equal(back, "after", 5);
    spool_done(&s);
    free(big);
    free(back);
}

static void the_limit_holds_and_is_counted(void **state)
{
    struct spool s;
    struct wt_error err;
    uint8_t piece[400] = { 1 }, back[400];
    (void)state;
    assert_int_equal(spool_init(&s, 1000, &err), 0);
    uint64_t first = spool_add(&s, piece, sizeof piece);
    assert_true(spool_add(&s, piece, sizeof piece) != UINT64_MAX);
    assert_true(spool_add(&s, piece, sizeof piece) == UINT64_MAX);
    assert_int_equal(s.refused, 1);
    assert_true(spool_read(&s, first, back, sizeof back));
    spool_done(&s);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_goes_in_comes_out),
        cmocka_unit_test(a_piece_larger_than_the_buffer),
        cmocka_unit_test(the_limit_holds_and_is_counted),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

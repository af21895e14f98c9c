#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "tui/list.h"

static void moves_stay_inside(void **state)
{
    static const struct { uint64_t count; int rows; uint64_t from; enum list_move move; uint64_t to; } rows[] = {
        { 0, 10, 0, LIST_DOWN, 0 },   { 0, 10, 0, LIST_LAST, 0 },     { 1, 10, 0, LIST_UP, 0 },      { 5, 10, 4, LIST_DOWN, 4 },
        { 100, 10, 0, LIST_PAGE_DOWN, 9 }, { 100, 10, 95, LIST_PAGE_DOWN, 99 }, { 100, 10, 3, LIST_PAGE_UP, 0 },
        { 100, 10, 50, LIST_FIRST, 0 }, { 100, 10, 50, LIST_LAST, 99 }, { 100, 1, 50, LIST_PAGE_DOWN, 51 },
        { UINT64_C(10000000000), 40, 0, LIST_LAST, UINT64_C(9999999999) }, { 100, 0, 50, LIST_HALF_DOWN, 51 },
    };
    (void)state;
    for (unsigned i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct list l = { 0 };
        list_update(&l, rows[i].count, rows[i].rows);
        list_go(&l, rows[i].from);
        list_move(&l, rows[i].move);
        assert_int_equal(l.cursor, rows[i].to);
        assert_true(l.top <= l.cursor);
        assert_true(l.rows <= 0 || l.cursor - l.top < (uint64_t)(l.rows > 0 ? l.rows : 1));
    }
}

static void following_stays_on_the_newest(void **state)
{
    (void)state;
    struct list l = { .follow = true };
    list_update(&l, 10, 4);
    assert_int_equal(l.cursor, 9);
    list_update(&l, 1000, 4);
    assert_int_equal(l.cursor, 999);
    assert_int_equal(l.top, 996);
    list_move(&l, LIST_UP);
    list_update(&l, 2000, 4);
    assert_int_equal(l.cursor, 998);
    list_move(&l, LIST_LAST);
    list_update(&l, 3000, 4);
    assert_int_equal(l.cursor, 2999);
}

static void a_list_that_shrinks_keeps_its_cursor_inside(void **state)
{
    (void)state;
    struct list l = { 0 };
    list_update(&l, 1000, 10);
    list_go(&l, 900);
    list_update(&l, 5, 10);
    assert_int_equal(l.cursor, 4);
    assert_int_equal(l.top, 0);
    list_update(&l, 0, 10);
    assert_int_equal(l.cursor, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(moves_stay_inside),
        cmocka_unit_test(following_stays_on_the_newest),
        cmocka_unit_test(a_list_that_shrinks_keeps_its_cursor_inside),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

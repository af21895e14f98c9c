/* The text builder: what it adds by itself, and what it leaves to printf(), come out the same. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "wiretale/dissector.h"

static void test_plain_formats(void **s)
{
    (void)s;
    char at[64];
    struct wt_text t = { at, sizeof at, 0, false };
    wt_text_add(&t, "%s 0x%04x %u%c", "id", 0x2au, 4294967295u, '!');
    assert_string_equal(at, "id 0x002a 4294967295!");
    wt_text_add(&t, "%04x%04x %u%%", 0x12345u, 0u, 0u);
    assert_string_equal(at, "id 0x002a 4294967295!123450000 0%");
    assert_int_equal(t.len, strlen(at));
    assert_false(t.full);
}

/* Whatever the room, the same as printf() would have left in it, and `full` when something was cut. */
static void test_every_room(void **s)
{
    (void)s;
    char whole[64], at[64];
    int n = snprintf(whole, sizeof whole, "%s=%u, %s %04x", "port", 65535u, "type", 0xffu);
    for (size_t room = 1; room < sizeof at; room++) {
        memset(at, '#', sizeof at);
        struct wt_text t = { at, room, 0, false };
        wt_text_add(&t, "%s=%u, %s %04x", "port", 65535u, "type", 0xffu);
        char cut[64];
        snprintf(cut, room, "%s", whole);
        assert_string_equal(at, cut);
        assert_int_equal(t.len, strlen(cut));
        assert_int_equal(t.full, (size_t)n >= room);
        assert_int_equal(at[room], '#');
    }
}

static void test_safe_runs(void **s)
{
    (void)s;
    char at[32];
    struct wt_text t = { at, sizeof at, 0, false };
    static const uint8_t bytes[] = "ab\x1b[m\xe2\x86\x92z\x7f";
    wt_text_add_safe(&t, (struct wt_slice){ bytes, sizeof bytes - 1 });
    assert_string_equal(at, "ab\\x1b[m\xe2\x86\x92z\\x7f");
    for (size_t room = 1; room < 12; room++) {
        struct wt_text small = { at, room, 0, false };
        at[room] = '#';
        wt_text_add_safe(&small, (struct wt_slice){ (const uint8_t *)"example.com", 11 });
        assert_true(small.len < room);
        assert_int_equal(at[small.len], small.len ? '\0' : at[0]);
        assert_int_equal(at[room], '#');
        assert_true(small.full);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_plain_formats), cmocka_unit_test(test_every_room), cmocka_unit_test(test_safe_runs),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

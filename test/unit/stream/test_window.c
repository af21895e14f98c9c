#include "stream/window.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static uint32_t rolled = 12345;

static uint32_t roll(uint32_t below)
{
    rolled = rolled * 1664525u + 1013904223u;
    return (uint32_t)((uint64_t)rolled * below >> 32);
}

static size_t put(struct window *w, struct page_pool *pool, struct window_account *account, uint64_t first,
                  uint64_t place, const char *text, uint64_t *differing)
{
    size_t done = 0;
    window_put(w, pool, account, first, place, (struct wt_slice){ (const uint8_t *)text, strlen(text) }, &done, differing);
    return done;
}

static void holds_and_finds(void **state)
{
    (void)state;
    struct page_pool pool = { 0 };
    struct window_account account = { .limit = 100 };
    struct window w;
    uint64_t differing = 0;
    assert_true(window_init(&w, NULL));
    assert_int_equal(put(&w, &pool, &account, 0, 10, "abc", &differing), 3);
    assert_int_equal(window_first(&w, 0), 10);
    assert_int_equal(window_at(&w, 0).len, 0);
    assert_int_equal(window_at(&w, 10).len, 3);
    assert_int_equal(window_at(&w, 12).len, 1);
    assert_int_equal(window_at(&w, 13).len, 0);
    assert_int_equal(put(&w, &pool, &account, 0, 14, "e", &differing), 1);
    assert_int_equal(window_first(&w, 13), 14);
    assert_int_equal(w.end, 15);
    assert_int_equal(put(&w, &pool, &account, 0, 9, "xABCDE", &differing), 6);   /* what came first stands */
    assert_int_equal(differing, 4);
    struct wt_slice all = window_at(&w, 9);
    assert_int_equal(all.len, 6);
    assert_memory_equal(all.at, "xabcDe", 6);
    assert_int_equal(account.pages, 1);
    assert_int_equal(window_done(&w, &pool, &account), 6);
    assert_int_equal(account.pages, 0);
    page_pool_done(&pool);
}

static void stops_at_the_limit(void **state)
{
    (void)state;
    struct page_pool pool = { 0 };
    struct window_account account = { .limit = 2 };
    struct window w;
    static char text[3 * PAGE_BYTES];
    memset(text, 'a', sizeof text);
    size_t done = 0;
    uint64_t differing = 0;
    assert_true(window_init(&w, NULL));
    assert_int_equal(window_put(&w, &pool, &account, 0, 100, (struct wt_slice){ (uint8_t *)text, sizeof text }, &done,
                                &differing),
                     WINDOW_NO_ROOM);
    assert_int_equal(done, 2 * PAGE_BYTES - 100);
    assert_int_equal(account.pages, 2);
    assert_ptr_equal(window_fullest(&account), &w);
    window_pass(&w, &pool, &account, 0, PAGE_BYTES);
    assert_int_equal(account.pages, 1);
    window_done(&w, &pool, &account);
    assert_null(window_fullest(&account));
    page_pool_done(&pool);
}

/* Against a plain array, with places that grow beyond the ring and numbers that begin anywhere. */
static void as_an_array(void **state)
{
    (void)state;
    enum { SPAN = 40 * 4096 };
    static uint8_t bytes[SPAN];
    static bool held[SPAN];
    for (unsigned round = 0; round < 20; round++) {
        struct page_pool pool = { 0 };
        struct window_account account = { .limit = 1000 };
        struct window w;
        uint64_t base = (uint64_t)roll(UINT32_MAX) << 20, next = base, differing = 0, want_differing = 0;
        memset(held, 0, sizeof held);
        assert_true(window_init(&w, NULL));
        for (unsigned i = 0; i < 400; i++) {
            uint8_t piece[9000];
            size_t at = (size_t)(next - base) + roll(SPAN - (uint32_t)(next - base) - 1);
            size_t len = 1 + roll(roll(4) ? 100 : sizeof piece - 1), done = 0;
            if (at + len > SPAN)
                len = SPAN - at;
            for (size_t k = 0; k < len; k++) {
                piece[k] = (uint8_t)roll(256);
                if (held[at + k])
                    want_differing += piece[k] != bytes[at + k];
                else
                    bytes[at + k] = piece[k];
                held[at + k] = true;
            }
            assert_int_equal(window_put(&w, &pool, &account, next, base + at, (struct wt_slice){ piece, len }, &done,
                                        &differing),
                             WINDOW_PUT);
            assert_int_equal(done, len);
            if (roll(10) == 0) {
                uint64_t to = window_first(&w, next);
                window_pass(&w, &pool, &account, next, to);
                next = to;
            }
        }
        assert_int_equal(differing, want_differing);
        for (uint64_t at = next; at < w.end;) {
            uint64_t first = window_first(&w, at);
            for (; at < first; at++)
                assert_false(at < base + SPAN && held[at - base]);
            struct wt_slice run = window_at(&w, at);
            for (size_t k = 0; k < run.len; k++, at++) {
                assert_true(held[at - base]);
                assert_int_equal(run.at[k], bytes[at - base]);
            }
        }
        window_done(&w, &pool, &account);
        assert_int_equal(account.pages, 0);
        page_pool_done(&pool);
    }
}

static void the_fullest_is_found(void **state)
{
    (void)state;
    struct page_pool pool = { 0 };
    struct window_account account = { .limit = 1000 };
    struct window w[3];
    static char text[20 * PAGE_BYTES + 1];
    uint64_t differing = 0;
    memset(text, 'a', sizeof text - 1);
    static const size_t pages[] = { 1, 20, 5 };
    for (unsigned i = 0; i < 3; i++) {
        window_init(&w[i], NULL);
        text[pages[i] * PAGE_BYTES] = '\0';
        put(&w[i], &pool, &account, 0, 0, text, &differing);
        text[pages[i] * PAGE_BYTES] = 'a';
    }
    assert_ptr_equal(window_fullest(&account), &w[1]);
    window_done(&w[1], &pool, &account);
    assert_ptr_equal(window_fullest(&account), &w[2]);
    window_done(&w[2], &pool, &account);
    assert_ptr_equal(window_fullest(&account), &w[0]);
    window_done(&w[0], &pool, &account);
    page_pool_done(&pool);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(holds_and_finds), cmocka_unit_test(stops_at_the_limit), cmocka_unit_test(as_an_array),
        cmocka_unit_test(the_fullest_is_found),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

/* Numbers as people read them; widths of text; near words; option arguments. */
#include <limits.h>
#include <locale.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <wchar.h>

#include <cmocka.h>

#include "report/packets_out.h"
#include "report/style.h"
#include "report/text_units.h"
#include "report/text_words.h"

static char buffer[256];

static struct wt_text fresh(void)
{
    buffer[0] = '\0';
    return (struct wt_text){ .at = buffer, .capacity = sizeof buffer };
}

static void counts(void **state)
{
    (void)state;
    static const struct { uint64_t n; const char *want; } rows[] = {
        { 0, "0" }, { 999, "999" }, { 1000, "1,000" }, { 12345, "12,345" }, { 1000000, "1,000,000" },
        { 1002003, "1,002,003" }, { UINT64_MAX, "18,446,744,073,709,551,615" },
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct wt_text t = fresh();
        units_count(&t, rows[i].n);
        assert_string_equal(buffer, rows[i].want);
    }
}

static void sizes(void **state)
{
    (void)state;
    static const struct { uint64_t n; const char *want; } rows[] = {
        { 0, "0 B" }, { 999, "999 B" }, { 1000, "1.0 kB" }, { 1234, "1.2 kB" }, { 99949, "99.9 kB" }, { 99951, "100 kB" },
        { 999499, "999 kB" }, { 999500, "1.0 MB" }, { 1234567, "1.2 MB" }, { UINT64_C(1500000000), "1.5 GB" },
        { UINT64_MAX, "18.4 EB" },
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct wt_text t = fresh();
        units_bytes(&t, rows[i].n);
        assert_string_equal(buffer, rows[i].want);
    }
}

static void durations(void **state)
{
    (void)state;
    static const struct { int64_t ns; const char *want; } rows[] = {
        { 0, "0 ns" }, { 850, "850 ns" }, { 999, "999 ns" }, { 1000, "1.00 us" }, { 12345, "12.3 us" },
        { 999499, "999 us" }, { 999500, "1.00 ms" }, { 23400000, "23.4 ms" }, { 234000000, "234 ms" },
        { 999600000, "1.00 s" }, { INT64_C(1234000000), "1.23 s" }, { INT64_C(59960000000), "60.0 s" },
        { INT64_C(99949999999), "99.9 s" }, { INT64_C(99950000000), "1 m 40 s" }, { INT64_C(125000000000), "2 m 05 s" },
        { INT64_C(3600000000000), "1 h 00 m" }, { INT64_C(11220000000000), "3 h 07 m" },
        { INT64_C(172800000000000), "2 d 00 h" }, { -23400000, "-23.4 ms" }, { INT64_MIN, "-106751 d 23 h" },
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct wt_text t = fresh();
        units_duration_ascii(&t, rows[i].ns);
        assert_string_equal(buffer, rows[i].want);
    }
    struct wt_text t = fresh();
    units_duration(&t, 12345);
    assert_string_equal(buffer, "12.3 \u00b5s");
}

static void shares(void **state)
{
    (void)state;
    static const struct { uint64_t part, whole; const char *want; } rows[] = {
        { 0, 10, "0 %" }, { 0, 0, "0 %" }, { 10, 10, "100 %" }, { 1, 10000, "<0.1 %" }, { 9999, 10000, ">99.9 %" },
        { 3, 97, "3.1 %" }, { 1, 3, "33 %" }, { 995, 1000, "99 %" }, { 99, 1000, "9.9 %" }, { 100, 1000, "10 %" },
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct wt_text t = fresh();
        units_percent(&t, rows[i].part, rows[i].whole);
        assert_string_equal(buffer, rows[i].want);
    }
}

static void rates(void **state)
{
    (void)state;
    static const struct { double rate; const char *want; } rows[] = {
        { 0, "0 bit/s" }, { -1, "0 bit/s" }, { 999, "999 bit/s" }, { 12345678, "12.3 Mbit/s" }, { 1e9, "1.0 Gbit/s" },
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct wt_text t = fresh();
        units_bits_per_second(&t, rows[i].rate);
        assert_string_equal(buffer, rows[i].want);
    }
}

static void widths(void **state)
{
    (void)state;
    assert_non_null(setlocale(LC_CTYPE, "C.UTF-8"));
    assert_int_equal(style_width("plain"), 5);
    assert_int_equal(style_width("gr\u00fc\u00df"), 4);
    assert_int_equal(style_width("\u65e5\u672c"), 4);          /* wide */
    assert_int_equal(style_width("e\u0301"), 1);               /* combining */
    assert_int_equal(style_width("\u2026"), 1);
}

/* Columns by the first bytes of a character are those of wcwidth(), for what names, translations and pictures consist of. */
static void columns_are_those_of_the_terminal(void **state)
{
    (void)state;
    assert_non_null(setlocale(LC_CTYPE, "C.UTF-8"));
    static const struct { wchar_t first, last; } ranges[] = {
        { 0x20, 0x7e }, { 0xa1, 0xac }, { 0xae, 0x24f }, { 0x391, 0x3c9 }, { 0x410, 0x44f }, { 0x1100, 0x115f },
        { 0x2010, 0x2027 }, { 0x2190, 0x21ff }, { 0x2500, 0x257f }, { 0x2580, 0x259f }, { 0x25a0, 0x25c0 },
        { 0x2801, 0x28ff }, { 0x2e80, 0x2e99 }, { 0x3001, 0x3029 }, { 0x3041, 0x3096 }, { 0x30a1, 0x30ff }, { 0x3131, 0x318e },
        { 0x3400, 0x4db5 }, { 0x4e00, 0x9fa5 }, { 0xac00, 0xd7a3 }, { 0xf900, 0xfa2d }, { 0xff01, 0xff5e },
        { 0x1f600, 0x1f64f }, { 0x20000, 0x2a6d6 },
    };
    for (size_t i = 0; i < sizeof ranges / sizeof ranges[0]; i++)
        for (wchar_t c = ranges[i].first; c <= ranges[i].last; c++) {
            char text[MB_LEN_MAX + 1] = "";
            int n = wctomb(text, c), columns = wcwidth(c);
            if (n > 0 && columns > 0 && text_columns(text, (size_t)n) != (size_t)columns)
                fail_msg("U+%04X: %zu columns, wcwidth() says %d", (unsigned)c, text_columns(text, (size_t)n), columns);
        }
    assert_int_equal(text_columns("eight or more, plain", 20), 20);
    assert_int_equal(text_columns("12345678\uc5f0\uacb0", 14), 12);
    assert_int_equal(text_columns("", 0), 0);
    assert_int_equal(text_columns("\xea", 1), 2);       /* cut: bounded all the same */
}

/* A cell takes exactly its columns, whatever stands in it. */
static void cells(void **state)
{
    (void)state;
    assert_non_null(setlocale(LC_CTYPE, "C.UTF-8"));
    static const struct { const char *text; unsigned columns; bool right; bool utf8; const char *want; } rows[] = {
        { "abc", 5, false, true, "abc  " },        { "abc", 5, true, true, "  abc" },
        { "abcdef", 5, false, true, "abcd\u2026" }, { "abcdef", 5, false, false, "abcd~" },
        { "\u65e5\u672c\u8a9e", 4, false, true, "\u65e5\u2026 " },    /* a wide character does not fit into one column */
        { "abc", 0, false, true, "" },             { "", 3, false, true, "   " },
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        char *text = NULL;
        size_t len = 0;
        FILE *to = open_memstream(&text, &len);
        struct page p = { .to = to, .width = 80, .utf8 = rows[i].utf8 };
        page_cell(&p, STYLE_BAD, rows[i].text, rows[i].columns, rows[i].right);
        fclose(to);
        assert_string_equal(text, rows[i].want);
        free(text);
    }
}

static void nothing_unsafe_reaches_a_plain_terminal(void **state)
{
    (void)state;
    struct page p = { .utf8 = false };
    struct wt_text t = fresh();
    page_safe(&p, &t, (struct wt_slice){ (const uint8_t *)"a\x1b[31m\xc3\xbc\x7f", 9 });
    assert_string_equal(buffer, "a\\x1b[31m\\xc3\\xbc\\x7f");
    p.utf8 = true;
    t = fresh();
    page_safe(&p, &t, (struct wt_slice){ (const uint8_t *)"a\x1b[31m\xc3\xbc\x7f", 9 });
    assert_string_equal(buffer, "a\\x1b[31m\u00fc\\x7f");
}

static void bars(void **state)
{
    (void)state;
    static const struct { double share; bool utf8; const char *want; } rows[] = {
        { 0, true, "" }, { 1, true, "\u2588\u2588\u2588\u2588" }, { 0.5, true, "\u2588\u2588" },
        { 0.0001, true, "\u258f" }, { 2, true, "\u2588\u2588\u2588\u2588" }, { -1, true, "" },
        { 1, false, "####" }, { 0.0001, false, "#" }, { 0.65, false, "###" },
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        char *text = NULL;
        size_t len = 0;
        FILE *to = open_memstream(&text, &len);
        struct page p = { .to = to, .utf8 = rows[i].utf8 };
        assert_in_range(page_bar(&p, rows[i].share, 4), 0, 4);
        fclose(to);
        assert_string_equal(text, rows[i].want);
        free(text);
    }
}

static void endpoints(void **state)
{
    (void)state;
    static const uint8_t four[16] = { 192, 0, 2, 1 }, six[16] = { 0x20, 1, 0xd, 0xb8, [15] = 1 };
    static const struct { unsigned family; const uint8_t *address; unsigned protocol; uint16_t port; const char *want; }
        rows[] = {
            { 4, four, 6, 80, "192.0.2.1:80" }, { 6, six, 17, 53, "[2001:db8::1]:53" }, { 4, four, 1, 8, "192.0.2.1" },
            { 6, six, 58, 128, "2001:db8::1" },
        };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct wt_text t = fresh();
        words_endpoint(&t, rows[i].family, rows[i].address, rows[i].protocol, rows[i].port);
        assert_string_equal(buffer, rows[i].want);
    }
    struct wt_text t = fresh();
    words_add_name(&t, "www.example.com.");
    assert_string_equal(buffer, "www.example.com");
    t = fresh();
    words_add_name(&t, ".");
    assert_string_equal(buffer, ".");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(counts), cmocka_unit_test(sizes),  cmocka_unit_test(durations), cmocka_unit_test(shares),
        cmocka_unit_test(rates),  cmocka_unit_test(widths), cmocka_unit_test(columns_are_those_of_the_terminal), cmocka_unit_test(cells),
        cmocka_unit_test(nothing_unsafe_reaches_a_plain_terminal), cmocka_unit_test(bars), cmocka_unit_test(endpoints),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

/* The JSON writer: whatever goes in, valid JSON comes out. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "report/json.h"

static char *text;
static size_t text_len;

static void begin(struct json *j)
{
    text = NULL;
    json_begin(j, open_memstream(&text, &text_len));
    assert_non_null(j->to);
}

static void expect(struct json *j, const char *want)
{
    fclose(j->to);
    assert_string_equal(text, want);
    free(text);
}

static void strings_are_escaped(void **state)
{
    (void)state;
    static const struct { const char *bytes; size_t len; const char *want; } rows[] = {
        { "plain", 5, "\"plain\"" },
        { "", 0, "\"\"" },
        { "say \"hi\" \\ there", 16, "\"say \\\"hi\\\" \\\\ there\"" },
        { "a\nb\rc\td", 7, "\"a\\nb\\rc\\td\"" },
        { "\0\x1f\x7f", 3, "\"\\u0000\\u001f\\u007f\"" },
        { "\x1b[2J", 4, "\"\\u001b[2J\"" },
        { "gr\xc3\xbc\xc3\x9f", 6, "\"gr\xc3\xbc\xc3\x9f\"" },
        { "\xe2\x82\xac \xf0\x9f\x98\x80", 8, "\"\xe2\x82\xac \xf0\x9f\x98\x80\"" },
        { "\xc2\x9b", 2, "\"\\u009b\"" },                          /* C1: CSI to some terminals */
        { "\xe2\x80\xae" "evil", 7, "\"\\u202eevil\"" },           /* right-to-left override */
        { "\xe2\x80\xa8", 3, "\"\\u2028\"" },
        { "\xff", 1, "\"\xef\xbf\xbd\"" },
        { "\xc3", 1, "\"\xef\xbf\xbd\"" },                         /* cut short */
        { "\xc0\xaf", 2, "\"\xef\xbf\xbd\xef\xbf\xbd\"" },         /* overlong '/' */
        { "\xed\xa0\x80", 3, "\"\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd\"" },    /* surrogate */
        { "\xf4\x90\x80\x80", 4, "\"\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd\"" },    /* above U+10FFFF */
        { "\xe2\x82", 2, "\"\xef\xbf\xbd\xef\xbf\xbd\"" },
        { "a\xe2" "bc", 4, "\"a\xef\xbf\xbd" "bc\"" },
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct json j;
        begin(&j);
        json_bytes(&j, NULL, (struct wt_slice){ (const uint8_t *)rows[i].bytes, rows[i].len });
        expect(&j, rows[i].want);
    }
}

static void numbers_that_a_double_cannot_hold_are_strings(void **state)
{
    (void)state;
    struct json j;
    begin(&j);
    json_open(&j, NULL, '[');
    json_uint(&j, NULL, 0);
    json_uint(&j, NULL, UINT64_C(9007199254740992));
    json_uint(&j, NULL, UINT64_C(9007199254740993));
    json_uint(&j, NULL, UINT64_MAX);
    json_int(&j, NULL, -1);
    json_int(&j, NULL, INT64_MIN);
    json_ratio(&j, NULL, 0.25);
    json_ratio(&j, NULL, (double)NAN);
    json_ratio(&j, NULL, (double)INFINITY);
    json_end(&j);
    expect(&j, "[0,9007199254740992,\"9007199254740993\",\"18446744073709551615\",-1,\"-9223372036854775808\",0.250000,"
               "null,null]\n");
}

static void times(void **state)
{
    (void)state;
    struct json j;
    begin(&j);
    json_open(&j, NULL, '{');
    json_ms(&j, "a", 23412345);
    json_ms(&j, "b", -1);
    json_ms(&j, "c", INT64_MIN);
    json_time(&j, "d", INT64_C(1714557600123456789));
    json_unix(&j, "e", INT64_C(1714557600123456789));
    json_time(&j, "f", -1);
    json_unix(&j, "g", -1500000000);
    json_end(&j);
    expect(&j, "{\"a\":23.412345,\"b\":-0.000001,\"c\":-9223372036854.775808,\"d\":\"2024-05-01T10:00:00.123456789Z\","
               "\"e\":1714557600.123456789,\"f\":\"1969-12-31T23:59:59.999999999Z\",\"g\":-1.500000000}\n");
}

static void nesting(void **state)
{
    (void)state;
    struct json j;
    begin(&j);
    json_open(&j, NULL, '{');
    json_text(&j, "a", "x");
    json_open(&j, "b", '[');
    json_open(&j, NULL, '{');
    json_close(&j);
    json_open(&j, NULL, '[');
    json_null(&j, NULL);
    json_bool(&j, NULL, true);
    json_close(&j);
    json_close(&j);
    json_text(&j, "c", NULL);
    json_end(&j);
    json_open(&j, NULL, '{');    /* a second line begins afresh */
    json_bool(&j, "d", false);
    json_end(&j);
    expect(&j, "{\"a\":\"x\",\"b\":[{},[null,true]],\"c\":null}\n{\"d\":false}\n");
}

/* Deeper than it can count: what stands inside is left out, and the brackets still match. */
static void too_deep(void **state)
{
    (void)state;
    struct json j;
    begin(&j);
    for (unsigned i = 0; i < JSON_DEPTH + 10; i++)
        json_open(&j, NULL, '[');
    json_uint(&j, NULL, 7);
    for (unsigned i = 0; i < JSON_DEPTH + 10; i++)
        json_close(&j);
    json_close(&j);    /* one too many does no harm */
    fclose(j.to);
    assert_int_equal(text_len, 2 * JSON_DEPTH);
    for (unsigned i = 0; i < JSON_DEPTH; i++) {
        assert_int_equal(text[i], '[');
        assert_int_equal(text[JSON_DEPTH + i], ']');
    }
    free(text);
}

static void addresses(void **state)
{
    (void)state;
    static const uint8_t four[4] = { 192, 0, 2, 1 };
    static const uint8_t six[16] = { 0x20, 1, 0xd, 0xb8, [15] = 1 };
    struct json j;
    begin(&j);
    json_open(&j, NULL, '[');
    json_address(&j, NULL, 4, four);
    json_address(&j, NULL, 6, six);
    json_end(&j);
    expect(&j, "[\"192.0.2.1\",\"2001:db8::1\"]\n");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(strings_are_escaped), cmocka_unit_test(numbers_that_a_double_cannot_hold_are_strings),
        cmocka_unit_test(times),               cmocka_unit_test(nesting),
        cmocka_unit_test(too_deep),            cmocka_unit_test(addresses),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

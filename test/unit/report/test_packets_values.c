/* Values as text. The expected texts are what tshark 4.0 prints for such values with -T fields. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "report/fields.h"
#include "report/packets_out.h"
#include "report/value.h"

struct row {
    enum wt_type type;
    enum wt_show show;
    struct wt_value value;
    const char *text;
};

#define U(n) { .u = n }
#define I(n) { .i = n }
#define B(s) { .bytes = { (const uint8_t *)s, sizeof s - 1 } }

static const struct row plain[] = {
    { WT_NONE, WT_DEC, U(0), "1" },
    { WT_BOOL, WT_DEC, U(1), "1" },
    { WT_BOOL, WT_DEC, U(0), "0" },
    { WT_UINT8, WT_DEC, U(255), "255" },
    { WT_UINT8, WT_HEX, U(6), "0x06" },
    { WT_UINT16, WT_HEX, U(0x10), "0x0010" },
    { WT_UINT16, WT_HEX_DEC, U(0x800), "0x0800" },
    { WT_UINT16, WT_DEC_HEX, U(2048), "2048" },
    { WT_UINT24, WT_HEX, U(0x12), "0x000012" },
    { WT_UINT32, WT_HEX, U(0xabcd), "0x0000abcd" },
    { WT_UINT32, WT_DEC, U(4294967295), "4294967295" },
    { WT_UINT64, WT_HEX, U(1), "0x0000000000000001" },
    { WT_UINT64, WT_DEC, U(UINT64_MAX), "18446744073709551615" },
    { WT_UINT8, WT_OCT, U(8), "010" },
    { WT_INT32, WT_DEC, I(-2), "-2" },
    { WT_INT64, WT_DEC, I(INT64_MIN), "-9223372036854775808" },
    { WT_FRAMENUM, WT_DEC, U(17), "17" },
    { WT_IPV4, WT_DEC, B("\xc0\x00\x02\xff"), "192.0.2.255" },
    { WT_IPV4, WT_DEC, B("\x00\x0a\x64\x01"), "0.10.100.1" },
    { WT_IPV4, WT_DEC, B("\x01\x02\x03"), "" },
    { WT_IPV6, WT_DEC, B("\x20\x01\x0d\xb8\0\0\0\0\0\0\0\0\0\0\0\x01"), "2001:db8::1" },
    { WT_IPV6, WT_DEC, B("\0\0\0\0\0\0\0\0\0\0\xff\xff\x01\x02\x03\x04"), "::ffff:1.2.3.4" },
    { WT_ETHER, WT_DEC, B("\x00\x10\xdb\x88\xd2\xef"), "00:10:db:88:d2:ef" },
    { WT_BYTES, WT_DEC, B("\x02\x04\x05\xb4"), "020405b4" },
    { WT_STRING, WT_DEC, B("/a\"b\\c"), "/a\"b\\c" },
    { WT_STRING, WT_DEC, B("x\ty\r\n"), "x\\ty\\r\\n" },
    { WT_STRING, WT_DEC, B("\xc3\xa9"), "\xc3\xa9" },
    { WT_STRING, WT_DEC, B("a\xff" "b"), "a\xef\xbf\xbd" "b" },
    { WT_STRING, WT_ASCII, B("\xc3\xa9"), "\xef\xbf\xbd\xef\xbf\xbd" },
    { WT_STRING, WT_DEC, B("\x1b[1m\0"), "\\033[1m\\000" },
    { WT_TIME, WT_DEC, I(INT64_C(1000000000000005000)), "Sep  9, 2001 01:46:40.000005000 UTC" },
    { WT_TIME, WT_DEC, I(INT64_C(1362692526869344000)), "Mar  7, 2013 21:42:06.869344000 UTC" },
    { WT_TIME, WT_DEC, I(0), "Jan  1, 1970 00:00:00.000000000 UTC" },
    { WT_TIME, WT_DEC, I(-1), "Dec 31, 1969 23:59:59.999999999 UTC" },
    { WT_DURATION, WT_DEC, I(69740000), "0.069740000" },
    { WT_DURATION, WT_DEC, I(-1000), "-0.000001000" },
    { WT_DURATION, WT_DEC, I(INT64_C(432000000000000)), "432000.000000000" },
};

static const char *text_of(const struct row *row, bool safe, bool shown, const struct wt_value_name *names,
                           struct out *o)
{
    struct wt_field field = { .name = "x", .label = "X", .type = (uint8_t)row->type, .show = (uint8_t)row->show, .names = names };
    struct value_clock clock = { .utc = true };
    out_reset(o);
    if (shown)
        value_shown(o, &field, row->value, &clock);
    else
        value_plain(o, &field, row->value, &clock, safe);
    out_char(o, '\0');
    return o->at;
}

static void as_tshark_prints_fields(void **state)
{
    (void)state;
    struct out o;
    out_init(&o, -1);
    for (size_t i = 0; i < sizeof plain / sizeof plain[0]; i++)
        assert_string_equal(text_of(&plain[i], false, false, NULL, &o), plain[i].text);
    out_done(&o);
}

static void on_a_terminal_nothing_escapes(void **state)
{
    (void)state;
    static const struct row rows[] = {
        { WT_STRING, WT_DEC, B("\x1b[1m"), "\\033[1m" },
        { WT_STRING, WT_DEC, B("\xc2\x9b" "2J"), "\\xc2\\x9b2J" },
        { WT_STRING, WT_DEC, B("\xe2\x80\xae"), "\\xe2\\x80\\xae" },
        { WT_STRING, WT_DEC, B("\x7f"), "\\177" },
    };
    struct out o;
    out_init(&o, -1);
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
        assert_string_equal(text_of(&rows[i], true, false, NULL, &o), rows[i].text);
    out_done(&o);
}

static void as_the_tree_shows_them(void **state)
{
    (void)state;
    static const struct wt_value_name names[] = { { 6, "TCP" }, { 0x800, "IPv4" }, { 0, NULL } };
    static const struct { struct row row; const struct wt_value_name *names; } rows[] = {
        { { WT_UINT8, WT_DEC, U(6), "TCP (6)" }, names },
        { { WT_UINT16, WT_HEX, U(0x800), "IPv4 (0x0800)" }, names },
        { { WT_UINT8, WT_DEC, U(7), "Unknown (7)" }, names },
        { { WT_UINT16, WT_HEX_DEC, U(0xdf8e), "0xdf8e (57230)" }, NULL },
        { { WT_UINT16, WT_DEC_HEX, U(16), "16 (0x0010)" }, NULL },
        { { WT_BOOL, WT_DEC, U(1), "True" }, NULL },
        { { WT_STRING, WT_DEC, B("\x1b]0;x\x07"), "\\x1b]0;x\\x07" }, NULL },
        { { WT_BYTES, WT_DEC, B(""), "<MISSING>" }, NULL },
        { { WT_DURATION, WT_DEC, I(70034000), "0.070034000 seconds" }, NULL },
    };
    struct out o;
    out_init(&o, -1);
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
        assert_string_equal(text_of(&rows[i].row, false, true, rows[i].names, &o), rows[i].row.text);
    out_done(&o);
}

static void options_of_fields(void **state)
{
    (void)state;
    struct fields_options o = { 0 };
    struct wt_error err;
    assert_int_equal(fields_option(&o, "header=y", &err), 0);
    assert_int_equal(fields_option(&o, "separator=/t", &err), 0);
    assert_int_equal(fields_option(&o, "aggregator=,", &err), 0);
    assert_int_equal(fields_option(&o, "occurrence=l", &err), 0);
    assert_int_equal(fields_option(&o, "quote=d", &err), 0);
    assert_true(o.header);
    assert_int_equal(o.separator, '\t');
    assert_int_equal(o.aggregator, ',');
    assert_int_equal(o.occurrence, 'l');
    assert_int_equal(o.quote, '"');
    assert_int_equal(fields_option(&o, "quote=n", &err), 0);
    assert_int_equal(o.quote, 0);
    assert_int_equal(fields_option(&o, "separator=/s", &err), 0);
    assert_int_equal(o.separator, ' ');
    static const char *const wrong[] = { "header", "header=", "header=maybe", "separator=", "separator=ab", "occurrence=",
                                         "occurrence=x", "occurrence=fl", "quote=q", "colour=y", "", "=", "quote=" };
    for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++)
        assert_int_equal(fields_option(&o, wrong[i], &err), -22);
}

static void times_of_day(void **state)
{
    (void)state;
    static const struct { int64_t ns; unsigned day, digits; const char *text; } rows[] = {
        { INT64_C(1000432000000005000), 0, 6, "01:46:40.000005" },
        { INT64_C(1000432000000005000), 1, 6, "2001-09-14 01:46:40.000005" },
        { INT64_C(1000432000000005000), 2, 6, "2001/257 01:46:40.000005" },
        { INT64_C(1000432000000005000), 0, 0, "01:46:40" },
        { INT64_C(1000432000000005000), 0, 9, "01:46:40.000005000" },
        { INT64_C(1000432000999999999), 0, 3, "01:46:40.999" },
        { -1, 1, 3, "1969-12-31 23:59:59.999" },
    };
    struct out o;
    out_init(&o, -1);
    struct value_clock clock = { .utc = true };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        out_reset(&o);
        value_time_of_day(&o, &clock, rows[i].ns, rows[i].day, rows[i].digits);
        out_char(&o, '\0');
        assert_string_equal(o.at, rows[i].text);
    }
    out_done(&o);
}

static void fixed_memory_does_not_grow(void **state)
{
    (void)state;
    char room[4];
    struct out o = out_fixed(room, sizeof room);
    out_text(&o, "abc");
    out_text(&o, "de");
    assert_true(o.cut);
    assert_int_equal(o.len, 3);
    out_char(&o, 'd');
    assert_int_equal(o.len, 4);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(as_tshark_prints_fields),
        cmocka_unit_test(on_a_terminal_nothing_escapes),
        cmocka_unit_test(as_the_tree_shows_them),
        cmocka_unit_test(options_of_fields),
        cmocka_unit_test(times_of_day),
        cmocka_unit_test(fixed_memory_does_not_grow),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

#include "dissectors/dns.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "protected.h"

/* A message as a string with its length; where the name begins; what is read (RFC 1035 3.1, 4.1.4; RFC 4343 2.1). */
static const struct {
    const char *bytes;
    size_t len;
    uint32_t at;
    enum dns_name_status status;
    uint32_t end;
    const char *text, *present;
} names[] = {
#define B(s) s, sizeof(s) - 1
    { B("\0"), 0, DNS_NAME_OK, 1, "<Root>", "." },
    { B("\3www\7example\3net\0"), 0, DNS_NAME_OK, 17, "www.example.net", "www.example.net" },
    { B("\1a\0\1b\xc0\0"), 3, DNS_NAME_OK, 7, "b.a", "b.a" },
    { B("\1a\0\xc0\0\xc0\3"), 5, DNS_NAME_OK, 7, "a", "a" },
    { B("\1a\xc0\4\1b\0"), 0, DNS_NAME_LOOPS, 4, "<Name contains a pointer that loops>",
      "<Name contains a pointer that loops>" },                           /* forwards: RFC 1035 says a prior name */
    { B("\xc0\0"), 0, DNS_NAME_LOOPS, 2, "<Name contains a pointer that loops>",
      "<Name contains a pointer that loops>" },
    { B("\1a\xc0\0"), 0, DNS_NAME_LOOPS, 4, "<Name contains a pointer that loops>",
      "<Name contains a pointer that loops>" },
    { B("\1a\xc0\0"), 2, DNS_NAME_LOOPS, 4, "<Name contains a pointer that loops>",
      "<Name contains a pointer that loops>" },
    { B(""), 0, DNS_NAME_SHORT, 0, "<Name runs beyond the message>", "<Name runs beyond the message>" },
    { B("\1a"), 0, DNS_NAME_SHORT, 0, "<Name runs beyond the message>", "<Name runs beyond the message>" },
    { B("\3ab"), 0, DNS_NAME_SHORT, 0, "<Name runs beyond the message>", "<Name runs beyond the message>" },
    { B("\1a\xc0"), 0, DNS_NAME_SHORT, 0, "<Name runs beyond the message>", "<Name runs beyond the message>" },
    { B("\x41""a\0"), 0, DNS_NAME_BAD_LABEL, 1, "<Unknown extended label>", "<Unknown extended label>" },
    { B("\x80\0"), 0, DNS_NAME_BAD_LABEL, 1, "<Unknown extended label>", "<Unknown extended label>" },
    { B("\3a.b\1X\0"), 0, DNS_NAME_OK, 7, "a.b.X", "a\\.b.X" },
    { B("\5a\\\"$@\0"), 0, DNS_NAME_OK, 7, "a\\\"$@", "a\\\\\\\"\\$\\@" },
    { B("\4a \t\177\0"), 0, DNS_NAME_OK, 6, "a \t\177", "a\\032\\009\\127" },
    { B("\3\0\xff\n\0"), 0, DNS_NAME_OK, 5, NULL, "\\000\\255\\010" },
#undef B
};

static void rows(void **state)
{
    (void)state;
    struct protected p = protected_new(4096);
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        struct wt_slice message = { protected_copy(&p, names[i].bytes, names[i].len), names[i].len };
        struct dns_name name;
        uint8_t buffer[DNS_NAME_TEXT];
        char shown[1100] = "";
        struct wt_text t = { shown, sizeof shown, 0, false };
        assert_int_equal(dns_name_read(message, names[i].at, &name), names[i].status);
        if (names[i].end)
            assert_int_equal(name.end, names[i].end);
        struct wt_slice text = dns_name_text(&name, buffer);
        if (names[i].text) {
            assert_int_equal(text.len, strlen(names[i].text));
            assert_memory_equal(text.at, names[i].text, text.len);
        }
        dns_name_present(&name, &t);
        assert_string_equal(shown, names[i].present);
    }
    protected_free(&p);
}

/* 255 bytes on the wire are a name, 256 are none (RFC 1035 3.1); where it ends is known all the same. */
static void longest(void **state)
{
    (void)state;
    uint8_t bytes[400];
    for (unsigned last = 60; last <= 63; last++) {
        size_t len = 0;
        for (unsigned i = 0; i < 4; i++) {
            unsigned n = i < 3 ? 63 : last;
            bytes[len++] = (uint8_t)n;
            memset(bytes + len, 'a', n);
            len += n;
        }
        bytes[len++] = 0;
        struct dns_name name;
        dns_name_read((struct wt_slice){ bytes, len }, 0, &name);
        assert_int_equal(name.status, len <= 255 ? DNS_NAME_OK : DNS_NAME_TOO_LONG);
        assert_int_equal(name.end, len);
    }
}

/* 255 bytes of escapes fill the presentation to its longest; a small buffer cuts and never overflows. */
static void longest_presentation(void **state)
{
    (void)state;
    uint8_t bytes[256];
    size_t len = 0;
    for (unsigned i = 0; i < 4; i++) {
        unsigned n = i < 3 ? 63 : 61;
        bytes[len++] = (uint8_t)n;
        memset(bytes + len, 1, n);
        len += n;
    }
    bytes[len++] = 0;
    struct dns_name name;
    assert_int_equal(dns_name_read((struct wt_slice){ bytes, len }, 0, &name), DNS_NAME_OK);
    char shown[1024];
    struct wt_text t = { shown, sizeof shown, 0, false };
    dns_name_present(&name, &t);
    assert_false(t.full);
    assert_int_equal(t.len, 4 * 250 + 3);
    for (size_t room = 1; room < 64; room++) {
        char *small = malloc(room);
        struct wt_text cut = { small, room, 0, false };
        dns_name_present(&name, &cut);
        assert_true(cut.full);
        assert_true(strlen(small) < room);
        free(small);
    }
}

/* A long row of pointers, each to the one before: bounded, and told as a loop. */
static void deep_pointers(void **state)
{
    (void)state;
    static const struct {
        unsigned pointers;
        enum dns_name_status want;
    } depths[] = { { 1, DNS_NAME_OK }, { 127, DNS_NAME_OK }, { 128, DNS_NAME_LOOPS }, { 8000, DNS_NAME_LOOPS } };
    static uint8_t bytes[2 + 2 * 8000];
    bytes[0] = 0;
    bytes[1] = 0;
    for (unsigned i = 1; i <= 8000; i++) {
        unsigned to = i == 1 ? 0 : 2 * (i - 1);
        bytes[2 * i] = (uint8_t)(0xc0 | to >> 8);
        bytes[2 * i + 1] = (uint8_t)to;
    }
    for (size_t i = 0; i < sizeof depths / sizeof *depths; i++) {
        struct dns_name name;
        dns_name_read((struct wt_slice){ bytes, sizeof bytes }, 2 * depths[i].pointers, &name);
        assert_int_equal(name.status, depths[i].want);
        assert_int_equal(name.end, 2 * depths[i].pointers + 2);
    }
}

static void equality(void **state)
{
    (void)state;
    static const struct {
        const char *a, *b;
        bool equal;
    } pairs[] = {
        { "\1a\1b", "\1A\1B", true }, { "\1a\1b", "\1a\1c", false }, { "\2ab", "\1a\1b", false },
        { "\1[", "\1{", false }, { "\1@", "\1`", false }, { "\3www", "\3wWw", true },
    };
    for (size_t i = 0; i < sizeof pairs / sizeof *pairs; i++) {
        struct dns_name a, b;
        dns_name_read((struct wt_slice){ (const uint8_t *)pairs[i].a, strlen(pairs[i].a) + 1 }, 0, &a);
        dns_name_read((struct wt_slice){ (const uint8_t *)pairs[i].b, strlen(pairs[i].b) + 1 }, 0, &b);
        assert_int_equal(dns_name_equal(&a, &b), pairs[i].equal);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(rows), cmocka_unit_test(longest), cmocka_unit_test(longest_presentation),
        cmocka_unit_test(deep_pointers), cmocka_unit_test(equality),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

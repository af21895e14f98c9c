/* The text builder declared in wiretale/dissector.h. */
#include "wiretale/dissector.h"

#include <arpa/inet.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

static void append(struct wt_text *t, const char *from, size_t n)
{
    size_t room = t->capacity - t->len - 1;
    if (n > room) {
        t->full = true;
        n = room;
    }
    memcpy(t->at + t->len, from, n);
    t->len += n;
    t->at[t->len] = '\0';
}

static void append_number(struct wt_text *t, unsigned value)
{
    char digits[10];
    size_t i = sizeof digits;
    do {
        digits[--i] = (char)('0' + value % 10);
        value /= 10;
    } while (value);
    append(t, digits + i, sizeof digits - i);
}

static void append_hex(struct wt_text *t, unsigned value)
{
    char digits[8];
    size_t i = sizeof digits;
    for (; value || i > sizeof digits - 4; value >>= 4)
        digits[--i] = "0123456789abcdef"[value & 15];
    append(t, digits + i, sizeof digits - i);
}

/* Length of what stands behind a % that add_plainly() knows; 0: something else. */
static size_t plain_conversion(const char *f)
{
    if (*f == 's' || *f == 'u' || *f == 'c')
        return 1;
    return strncmp(f, "04x", 3) == 0 ? 3 : 0;
}

/* Nearly all formats hold nothing but plain %s, %u, %c and %04x: a line of the list is made of several,
 * and printf() takes ten times as long. False: there is something else, and nothing was done. */
static bool add_plainly(struct wt_text *t, const char *format, va_list args)
{
    for (const char *f = format; *f; f++)
        if (*f == '%' && !plain_conversion(f + 1))
            return false;
    while (*format && !t->full) {
        const char *end = strchrnul(format, '%');
        append(t, format, (size_t)(end - format));
        if (!*end)
            break;
        char one;
        const char *text;
        switch (end[1]) {
        case 's':
            text = va_arg(args, const char *);
            append(t, text, strlen(text));
            break;
        case 'u':
            append_number(t, va_arg(args, unsigned));
            break;
        case '0':
            append_hex(t, va_arg(args, unsigned));
            break;
        default:
            one = (char)va_arg(args, int);
            append(t, &one, 1);
        }
        format = end + 1 + plain_conversion(end + 1);
    }
    return true;
}

void wt_text_add(struct wt_text *t, const char *format, ...)
{
    if (t->full || t->capacity == 0)
        return;
    va_list args;
    va_start(args, format);
    if (add_plainly(t, format, args)) {
        va_end(args);
        return;
    }
    int n = vsnprintf(t->at + t->len, t->capacity - t->len, format, args);
    va_end(args);
    if (n < 0)
        return;
    if ((size_t)n >= t->capacity - t->len) {
        t->full = true;
        t->len = t->capacity - 1;
    } else {
        t->len += (size_t)n;
    }
}

/* Length of the valid, printable UTF-8 sequence at p, or 0. C1 controls (U+0080 to U+009F) are escapes to some
 * terminals; direction overrides (U+202A to U+202E, U+2066 to U+2069) make text look like other text. */
static size_t safe_sequence(const uint8_t *p, size_t len)
{
    if (p[0] < 0x80)
        return p[0] >= 0x20 && p[0] != 0x7f;
    size_t n = p[0] >= 0xf0 ? 4 : p[0] >= 0xe0 ? 3 : 2;
    if (p[0] < 0xc2 || p[0] > 0xf4 || n > len)
        return 0;
    uint32_t code = p[0] & (0xffu >> (n + 1));
    for (size_t i = 1; i < n; i++) {
        if ((p[i] & 0xc0) != 0x80)
            return 0;
        code = code << 6 | (p[i] & 0x3fu);
    }
    static const uint32_t least[] = { 0, 0, 0x80, 0x800, 0x10000 };
    bool bad = code < least[n] || code > 0x10ffff || (code >= 0xd800 && code <= 0xdfff) || (code >= 0x80 && code < 0xa0)
        || (code >= 0x200b && code <= 0x200f) || (code >= 0x2028 && code <= 0x202e)
        || (code >= 0x2060 && code <= 0x206f) || code == 0xfeff;
    return bad ? 0 : n;
}

static size_t plain_run(const uint8_t *at, size_t len)
{
    size_t n = 0;
    while (n < len && at[n] >= 0x20 && at[n] < 0x7f)
        n++;
    return n;
}

void wt_text_add_safe(struct wt_text *t, struct wt_slice bytes)
{
    size_t i = 0;
    while (i < bytes.len && !t->full) {
        size_t plain = plain_run(bytes.at + i, bytes.len - i);
        if (plain && t->capacity && t->len + plain < t->capacity) {
            append(t, (const char *)bytes.at + i, plain);
            i += plain;
            continue;
        }
        size_t n = safe_sequence(bytes.at + i, bytes.len - i);
        size_t need = n ? n : 4;
        if (t->capacity == 0 || t->len + need >= t->capacity) {
            t->full = true;
            return;
        }
        if (n) {
            memcpy(t->at + t->len, bytes.at + i, n);
            t->len += n;
            t->at[t->len] = '\0';
            i += n;
        } else {
            wt_text_add(t, "\\x%02x", bytes.at[i]);
            i++;
        }
    }
}

void wt_text_add_address(struct wt_text *t, unsigned family, const uint8_t *address)
{
    char text[INET6_ADDRSTRLEN];
    if (inet_ntop(family == 4 ? AF_INET : AF_INET6, address, text, sizeof text))
        wt_text_add(t, "%s", text);
}

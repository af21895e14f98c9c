#include "packets_out.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "wiretale/dissector.h"

void out_init(struct out *o, int fd)
{
    *o = (struct out){ .fd = fd };
}

void out_done(struct out *o)
{
    if (!o->fixed)
        free(o->at);
    *o = (struct out){ .fd = -1 };
}

bool out_room(struct out *o, size_t n)
{
    if (o->capacity - o->len >= n)
        return true;
    if (o->fixed || o->len + n > OUT_MAX_BYTES || o->len + n < n) {
        o->cut = true;
        return false;
    }
    size_t capacity = o->capacity ? o->capacity : o->fd >= 0 ? 2 * OUT_FLUSH_BYTES : 256;
    while (capacity < o->len + n)
        capacity *= 2;
    char *at = realloc(o->at, capacity);
    if (!at) {
        o->cut = true;
        return false;
    }
    o->at = at;
    o->capacity = capacity;
    return true;
}

int out_flush(struct out *o)
{
    size_t done = 0;
    while (!o->error && o->fd >= 0 && done < o->len) {
        ssize_t n = write(o->fd, o->at + done, o->len - done);
        if (n >= 0)
            done += (size_t)n;
        else if (errno != EINTR)
            o->error = errno;
    }
    if (o->fd >= 0)
        o->len = 0;
    return -o->error;
}

void out_format(struct out *o, const char *format, ...)
{
    char text[512];
    va_list args;
    va_start(args, format);
    int n = vsnprintf(text, sizeof text, format, args);
    va_end(args);
    if (n > 0)
        out_bytes(o, text, (size_t)n < sizeof text ? (size_t)n : sizeof text - 1);
}

void out_spaces(struct out *o, size_t n)
{
    if (!n || !out_room(o, n))
        return;
    memset(o->at + o->len, ' ', n);
    o->len += n;
}

void out_u64(struct out *o, uint64_t value)
{
    static const char pairs[] =
        "0001020304050607080910111213141516171819202122232425262728293031323334353637383940414243444546474849"
        "5051525354555657585960616263646566676869707172737475767778798081828384858687888990919293949596979899";
    if (value < 10) {
        out_char(o, (char)('0' + value));
        return;
    }
    char digits[20];
    unsigned i = sizeof digits;
    for (; value >= 100; value /= 100) {
        digits[--i] = pairs[2 * (value % 100) + 1];
        digits[--i] = pairs[2 * (value % 100)];
    }
    if (value >= 10) {
        digits[--i] = pairs[2 * value + 1];
        digits[--i] = pairs[2 * value];
    } else {
        digits[--i] = (char)('0' + value);
    }
    out_bytes(o, digits + i, sizeof digits - i);
}

void out_i64(struct out *o, int64_t value)
{
    if (value < 0)
        out_char(o, '-');
    out_u64(o, value < 0 ? 0 - (uint64_t)value : (uint64_t)value);
}

void out_digits(struct out *o, uint64_t value, unsigned width)
{
    char digits[20];
    if (width > sizeof digits)
        width = sizeof digits;
    for (unsigned i = width; i > 0; value /= 10)
        digits[--i] = (char)('0' + value % 10);
    out_bytes(o, digits, width);
}

static const char hex_digits[] = "0123456789abcdef";

void out_hex(struct out *o, uint64_t value, unsigned digits)
{
    char text[16];
    if (digits > sizeof text)
        digits = sizeof text;
    for (unsigned i = digits; i > 0; value >>= 4)
        text[--i] = hex_digits[value & 15];
    out_bytes(o, text, digits);
}

void out_hex_bytes(struct out *o, struct wt_slice bytes, char between)
{
    size_t need = bytes.len > OUT_MAX_BYTES ? OUT_MAX_BYTES : bytes.len * (between ? 3 : 2);
    if (!need || !out_room(o, need))
        return;
    for (size_t i = 0; i < bytes.len; i++) {
        if (between && i)
            o->at[o->len++] = between;
        o->at[o->len++] = hex_digits[bytes.at[i] >> 4];
        o->at[o->len++] = hex_digits[bytes.at[i] & 15];
    }
}

void out_ipv4(struct out *o, const uint8_t *address)
{
    char text[16];
    unsigned n = 0;
    for (unsigned i = 0; i < 4; i++) {
        unsigned v = address[i];
        if (v >= 100)
            text[n++] = (char)('0' + v / 100);
        if (v >= 10)
            text[n++] = (char)('0' + v / 10 % 10);
        text[n++] = (char)('0' + v % 10);
        if (i < 3)
            text[n++] = '.';
    }
    out_bytes(o, text, n);
}

static unsigned hex_group(char *text, unsigned group)
{
    unsigned n = 0;
    for (int shift = 12; shift >= 0; shift -= 4)
        if (n || shift == 0 || group >> shift)
            text[n++] = hex_digits[group >> shift & 15];
    return n;
}

/* Where the longest run of at least two zero groups is (RFC 5952 4.2), or 8. */
static unsigned longest_zeros(const uint16_t group[8], unsigned *ret_len)
{
    unsigned best = 8, best_len = 1;
    for (unsigned i = 0; i < 8; i++) {
        unsigned n = 0;
        while (i + n < 8 && group[i + n] == 0)
            n++;
        if (n > best_len) {
            best = i;
            best_len = n;
        }
        i += n;
    }
    *ret_len = best_len;
    return best;
}

void out_ipv6(struct out *o, const uint8_t *address)
{
    uint16_t group[8];
    for (unsigned i = 0; i < 8; i++)
        group[i] = (uint16_t)(address[2 * i] << 8 | address[2 * i + 1]);
    unsigned zeros, at = longest_zeros(group, &zeros), n = 0;
    /* Addresses that embed IPv4 end as such, as inet_ntop() writes them: ::a.b.c.d and ::ffff:a.b.c.d. */
    bool embeds = at == 0 && (zeros == 6 || (zeros == 5 && group[5] == 0xffff));
    char text[48];
    for (unsigned i = 0; i < 8;) {
        if (i == at) {
            text[n++] = ':';
            i += zeros;
            if (i == 8)
                text[n++] = ':';
            continue;
        }
        if (i)
            text[n++] = ':';
        if (i == 6 && embeds) {
            out_bytes(o, text, n);
            out_ipv4(o, address + 12);
            return;
        }
        n += hex_group(text + n, group[i++]);
    }
    out_bytes(o, text, n);
}

void out_address(struct out *o, unsigned family, const uint8_t *address)
{
    if (family == 4)
        out_ipv4(o, address);
    else
        out_ipv6(o, address);
}

void out_seconds(struct out *o, int64_t ns, unsigned digits)
{
    static const uint32_t unit[] = { 1000000000, 100000000, 10000000, 1000000, 100000, 10000, 1000, 100, 10, 1 };
    if (ns < 0)
        out_char(o, '-');
    uint64_t magnitude = ns < 0 ? 0 - (uint64_t)ns : (uint64_t)ns;
    out_u64(o, magnitude / 1000000000);
    if (digits == 0 || digits > 9)
        return;
    out_char(o, '.');
    out_digits(o, magnitude % 1000000000 / unit[digits], digits);
}

void out_safe(struct out *o, struct wt_slice bytes)
{
    size_t plain = 0;
    while (plain < bytes.len && bytes.at[plain] >= 0x20 && bytes.at[plain] < 0x7f)
        plain++;
    out_bytes(o, (const char *)bytes.at, plain);
    bytes.at += plain;
    bytes.len -= plain;
    while (bytes.len) {
        /* A piece never ends inside a UTF-8 sequence that its successor could have completed. */
        size_t piece = bytes.len < 256 ? bytes.len : 256;
        while (piece < bytes.len && piece > 250 && (bytes.at[piece] & 0xc0) == 0x80)
            piece--;
        char text[4 * 256 + 1];
        struct wt_text t = { text, sizeof text, 0, false };
        wt_text_add_safe(&t, (struct wt_slice){ bytes.at, piece });
        out_bytes(o, text, t.len);
        bytes.at += piece;
        bytes.len -= piece;
    }
}

/* Hangul, Han, Kana, full-width forms and the like take two columns, as wcwidth() has it; computed here from the first
 * bytes, since this runs for each packet's line. */
static size_t columns_of(unsigned char c, unsigned char next, unsigned char third)
{
    if (c < 0x80)
        return 1;
    if ((c & 0xc0) == 0x80 || c == 0xcc || (c == 0xcd && next < 0xb0))      /* inside a character, or a combining mark */
        return 0;
    bool wide = (c == 0xe1 && next >= 0x84 && next < 0x86)                  /* U+1100: Hangul Jamo */
        || (c == 0xe2 && next >= 0xba)                                      /* U+2E80: radicals … */
        || (c >= 0xe3 && c <= 0xec)                                         /* … to Hangul syllables */
        || (c == 0xed && next < 0x9f)
        || (c == 0xef && ((next >= 0xa4 && next < 0xac) || next == 0xbc || (next == 0xbd && third < 0xa1)))    /* U+F900, full-width forms */
        || (c == 0xf0 && next >= 0x9f && next < 0xa4) || (c == 0xf0 && next >= 0xa0 && next < 0xc0);
    return wide ? 2 : 1;
}

size_t text_columns(const char *text, size_t len)
{
    size_t columns = 0, i = 0;
    for (uint64_t eight; i + 8 <= len; i += 8, columns += 8) {
        memcpy(&eight, text + i, 8);
        if (eight & UINT64_C(0x8080808080808080))
            break;
    }
    for (; i < len; i++)
        columns += columns_of((unsigned char)text[i], i + 1 < len ? (unsigned char)text[i + 1] : 0, i + 2 < len ? (unsigned char)text[i + 2] : 0);
    return columns;
}

void out_pad(struct out *o, size_t from, size_t columns)
{
    if (from > o->len)
        return;
    size_t have = text_columns(o->at + from, o->len - from);
    if (have < columns)
        out_spaces(o, columns - have);
}

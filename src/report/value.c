#include "value.h"

#include <stdio.h>
#include <time.h>

#include "packets_out.h"

/* ---- time ---- */

static int64_t floor_div(int64_t a, int64_t b)
{
    return a / b - (a % b < 0);
}

/* Time zones change their offset at whole quarters of an hour, so one conversion serves for that long. */
static void clock_set(struct value_clock *clock, int64_t seconds)
{
    int64_t quarter = floor_div(seconds, 900) + 1;
    if (quarter == clock->quarter && clock->quarter)
        return;
    time_t t = (time_t)seconds;
    struct tm tm;
    if (!(clock->utc ? gmtime_r(&t, &tm) : localtime_r(&t, &tm)))
        tm = (struct tm){ .tm_year = 70, .tm_mday = 1, .tm_zone = "UTC" };
    clock->quarter = quarter;
    clock->midnight = seconds - (tm.tm_hour * 3600 + tm.tm_min * 60 + tm.tm_sec);
    clock->year = tm.tm_year + 1900;
    clock->month = tm.tm_mon;
    clock->day = tm.tm_mday;
    clock->day_of_year = tm.tm_yday + 1;
    snprintf(clock->zone, sizeof clock->zone, "%s", clock->utc ? "UTC" : tm.tm_zone ? tm.tm_zone : "");
}

static void hour_minute_second(struct out *o, unsigned seconds)
{
    out_digits(o, seconds / 3600, 2);
    out_char(o, ':');
    out_digits(o, seconds / 60 % 60, 2);
    out_char(o, ':');
    out_digits(o, seconds % 60, 2);
}

void value_time_of_day(struct out *o, struct value_clock *clock, int64_t time_ns, unsigned day, unsigned digits)
{
    static const uint32_t unit[] = { 1000000000, 100000000, 10000000, 1000000, 100000, 10000, 1000, 100, 10, 1 };
    int64_t seconds = floor_div(time_ns, 1000000000);
    uint64_t fraction = (uint64_t)(time_ns - seconds * 1000000000);
    clock_set(clock, seconds);
    if (day) {
        out_digits(o, (uint64_t)clock->year, 4);
        out_char(o, day == 1 ? '-' : '/');
        if (day == 1) {
            out_digits(o, (uint64_t)clock->month + 1, 2);
            out_char(o, '-');
            out_digits(o, (uint64_t)clock->day, 2);
        } else {
            out_digits(o, (uint64_t)clock->day_of_year, 3);
        }
        out_char(o, ' ');
    }
    hour_minute_second(o, (unsigned)(seconds - clock->midnight));
    if (digits && digits <= 9) {
        out_char(o, '.');
        out_digits(o, fraction / unit[digits], digits);
    }
}

void value_date(struct out *o, struct value_clock *clock, int64_t time_ns)
{
    static const char months[] = "JanFebMarAprMayJunJulAugSepOctNovDec";
    clock_set(clock, floor_div(time_ns, 1000000000));
    out_bytes(o, months + 3 * clock->month, 3);
    out_char(o, ' ');
    if (clock->day < 10)
        out_char(o, ' ');
    out_u64(o, (uint64_t)clock->day);
    out_text(o, ", ");
    out_digits(o, (uint64_t)clock->year, 4);
    out_char(o, ' ');
    value_time_of_day(o, clock, time_ns, 0, 9);
    out_char(o, ' ');
    out_text(o, clock->zone);
}

/* ---- strings ---- */

/* Length of a well-formed UTF-8 sequence (RFC 3629 4), or 0. */
static size_t utf8_sequence(const uint8_t *p, size_t len)
{
    if (p[0] < 0x80)
        return 1;
    size_t n = p[0] >= 0xf0 ? 4 : p[0] >= 0xe0 ? 3 : 2;
    if (p[0] < 0xc2 || p[0] > 0xf4 || n > len)
        return 0;
    for (size_t i = 1; i < n; i++)
        if ((p[i] & 0xc0) != 0x80)
            return 0;
    if ((p[0] == 0xe0 && p[1] < 0xa0) || (p[0] == 0xed && p[1] > 0x9f) || (p[0] == 0xf0 && p[1] < 0x90)
        || (p[0] == 0xf4 && p[1] > 0x8f))
        return 0;
    return n;
}

/* tshark's escapes, its replacement of what is no text in the field's encoding. No control character goes out raw,
 * wherever it goes: pipes end in terminals, too. */
static void plain_string(struct out *o, struct wt_slice s, bool ascii, bool safe)
{
    for (size_t i = 0; i < s.len;) {
        uint8_t c = s.at[i];
        size_t n = ascii && c >= 0x80 ? 0 : utf8_sequence(s.at + i, s.len - i);
        static const char escaped[] = "\bb\ff\nn\rr\tt";
        const char *escape = NULL;
        for (const char *e = escaped; c < 0x20 && *e; e += 2)
            if ((uint8_t)*e == c)
                escape = e + 1;
        if (escape) {
            out_char(o, '\\');
            out_char(o, *escape);
            n = 1;
        } else if (n == 0) {
            out_text(o, "\xef\xbf\xbd");
            n = 1;
        } else if (c < 0x20 || c == 0x7f) {
            out_char(o, '\\');
            out_char(o, (char)('0' + (c >> 6)));
            out_char(o, (char)('0' + (c >> 3 & 7)));
            out_char(o, (char)('0' + (c & 7)));
        } else if (safe) {
            out_safe(o, (struct wt_slice){ s.at + i, n });
        } else {
            out_bytes(o, (const char *)s.at + i, n);
        }
        i += n;
    }
}

/* ---- numbers ---- */

static void hexadecimal(struct out *o, const struct wt_field *field, uint64_t value)
{
    unsigned bytes = wt_type_bytes((enum wt_type)field->type);
    out_text(o, "0x");
    out_hex(o, value, 2 * (bytes ? bytes : 4));
}

static void octal(struct out *o, uint64_t value)
{
    char text[24];
    unsigned i = sizeof text;
    do {
        text[--i] = (char)('0' + (value & 7));
        value >>= 3;
    } while (value);
    out_char(o, '0');
    out_bytes(o, text + i, sizeof text - i);
}

static void number(struct out *o, const struct wt_field *field, uint64_t value)
{
    if (field->show == WT_HEX || field->show == WT_HEX_DEC)
        hexadecimal(o, field, value);
    else if (field->show == WT_OCT)
        octal(o, value);
    else
        out_u64(o, value);
}

void value_plain(struct out *o, const struct wt_field *field, struct wt_value value, struct value_clock *clock,
                 bool safe)
{
    switch ((enum wt_type)field->type) {
    case WT_NONE:
        out_char(o, '1');
        break;
    case WT_BOOL:
        out_char(o, value.u ? '1' : '0');
        break;
    case WT_UINT8: case WT_UINT16: case WT_UINT24: case WT_UINT32: case WT_UINT64:
        number(o, field, value.u);
        break;
    case WT_FRAMENUM:
        out_u64(o, value.u);
        break;
    case WT_INT32: case WT_INT64:
        out_i64(o, value.i);
        break;
    case WT_IPV4:
        if (value.bytes.len >= 4)
            out_ipv4(o, value.bytes.at);
        break;
    case WT_IPV6:
        if (value.bytes.len >= 16)
            out_ipv6(o, value.bytes.at);
        break;
    case WT_ETHER:
        out_hex_bytes(o, value.bytes, ':');
        break;
    case WT_BYTES:
        out_hex_bytes(o, value.bytes, '\0');
        break;
    case WT_STRING:
        plain_string(o, value.bytes, field->show == WT_ASCII, safe);
        break;
    case WT_TIME:
        value_date(o, clock, value.i);
        break;
    case WT_DURATION:
        out_seconds(o, value.i, 9);
        break;
    case WT_PROTOCOL:
        out_text(o, field->label);
        break;
    }
}

static void shown_number(struct out *o, const struct wt_field *field, uint64_t value)
{
    const char *name = field->names ? wt_value_name(field->names, value) : NULL;
    if (name) {      /* "IPv4 (0x0800)", as Wireshark writes named values */
        out_text(o, name);
        out_text(o, " (");
        number(o, field, value);
        out_char(o, ')');
        return;
    }
    if (field->names) {
        out_text(o, "Unknown (");
        number(o, field, value);
        out_char(o, ')');
        return;
    }
    number(o, field, value);
    if (field->show == WT_DEC_HEX || field->show == WT_HEX_DEC) {
        out_text(o, " (");
        if (field->show == WT_HEX_DEC)
            out_u64(o, value);
        else
            hexadecimal(o, field, value);
        out_char(o, ')');
    }
}

/* Longer values are cut in the tree, as people read it; -T fields and -x have all of it. */
#define SHOWN_STRING 1024
#define SHOWN_BYTES 36

void value_shown(struct out *o, const struct wt_field *field, struct wt_value value, struct value_clock *clock)
{
    switch ((enum wt_type)field->type) {
    case WT_NONE: case WT_PROTOCOL:
        break;
    case WT_BOOL: {
        const char *name = field->names ? wt_value_name(field->names, value.u != 0) : NULL;
        out_text(o, name ? name : value.u ? "True" : "False");
        break;
    }
    case WT_UINT8: case WT_UINT16: case WT_UINT24: case WT_UINT32: case WT_UINT64:
        shown_number(o, field, value.u);
        break;
    case WT_BYTES: {
        struct wt_slice first = value.bytes;
        if (first.len == 0)
            out_text(o, "<MISSING>");
        if (first.len > SHOWN_BYTES)
            first.len = SHOWN_BYTES;
        out_hex_bytes(o, first, '\0');
        if (first.len < value.bytes.len)
            out_text(o, "\xe2\x80\xa6");
        break;
    }
    case WT_STRING: {
        struct wt_slice first = value.bytes;
        if (first.len > SHOWN_STRING)
            first.len = SHOWN_STRING;
        out_safe(o, first);
        if (first.len < value.bytes.len)
            out_text(o, "\xe2\x80\xa6");
        break;
    }
    case WT_DURATION:
        out_seconds(o, value.i, 9);
        out_text(o, " seconds");
        break;
    default:
        value_plain(o, field, value, clock, true);
        break;
    }
}

unsigned value_encapsulation(unsigned linktype, const char **ret_name)
{
    /* Link types as files carry them; Wireshark counts its own kinds (WTAP_ENCAP). */
    static const struct { uint16_t linktype, encap; const char *name; } kinds[] = {
        { 0, 15, "NULL/Loopback" }, { 1, 1, "Ethernet" }, { 9, 4, "PPP" }, { 12, 7, "Raw IP" }, { 14, 7, "Raw IP" },
        { 50, 19, "PPP" }, { 51, 19, "PPP-over-Ethernet session" }, { 101, 7, "Raw IP" }, { 105, 20, "IEEE 802.11 Wireless LAN" },
        { 108, 48, "OpenBSD loopback" }, { 113, 25, "Linux cooked-mode capture v1" },
        { 127, 23, "IEEE 802.11 plus radiotap radio header" }, { 228, 129, "Raw IPv4" }, { 229, 130, "Raw IPv6" },
        { 276, 210, "Linux cooked-mode capture v2" },
    };
    for (size_t i = 0; i < sizeof kinds / sizeof kinds[0]; i++)
        if (kinds[i].linktype == linktype) {
            if (ret_name)
                *ret_name = kinds[i].name;
            return kinds[i].encap;
        }
    if (ret_name)
        *ret_name = "Unknown";
    return 0;
}

/* Literals: what a word means depends on the field that it stands beside. */
#include <arpa/inet.h>
#include <ctype.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <time.h>

#include "filter/filter_impl.h"

#define NS 1000000000

static bool copy_text(struct wt_slice text, char *out, size_t size)
{
    if (text.len >= size || memchr(text.at, 0, text.len))
        return false;
    memcpy(out, text.at, text.len);
    out[text.len] = '\0';
    return true;
}

static bool number(const char *s, wide *ret_value)
{
    int base = 10;
    if (s[0] == '0' && (s[1] | 32) == 'x') {
        base = 16;
        s += 2;
    } else if (s[0] == '0' && (s[1] | 32) == 'b') {
        base = 2;
        s += 2;
    } else if (s[0] == '0' && s[1]) {
        base = 8;
        s++;
    }
    char *end;
    if (!isalnum((unsigned char)*s))
        return false;
    errno = 0;
    unsigned long long v = strtoull(s, &end, base);
    if (*end || errno)
        return false;
    *ret_value = v;
    return true;
}

/* Seconds with a fraction, to nanoseconds. */
static bool seconds(const char *s, wide *ret_ns)
{
    wide ns = 0, unit = NS;
    bool negative = *s == '-';
    s += negative;
    if (!isdigit((unsigned char)*s) && *s != '.')
        return false;
    for (; isdigit((unsigned char)*s); s++) {
        ns = ns * 10 + (*s - '0') * (wide)NS;
        if (ns > (wide)INT64_MAX)
            return false;
    }
    if (*s == '.')
        for (s++; isdigit((unsigned char)*s); s++) {
            unit /= 10;
            ns += (*s - '0') * unit;
        }
    if (*s)
        return false;
    *ret_ns = negative ? -ns : ns;
    return true;
}

/* Seconds, or a number and its unit: "100ms", "1.5s", "2min". */
static bool duration(const char *s, wide *ret_ns)
{
    static const struct { const char *name; int64_t ns; } units[] = {
        { "ns", 1 }, { "us", 1000 }, { "\xc2\xb5s", 1000 }, { "ms", 1000000 }, { "s", NS }, { "min", 60 * (int64_t)NS },
        { "h", 3600 * (int64_t)NS },
    };
    char digits[64];
    size_t len = strspn(s, "-.0123456789");
    if (!s[len])
        return seconds(s, ret_ns);
    if (len == 0 || len >= sizeof digits)
        return false;
    memcpy(digits, s, len);
    digits[len] = '\0';
    for (unsigned i = 0; i < sizeof units / sizeof units[0]; i++)
        if (strcmp(s + len, units[i].name) == 0 && seconds(digits, ret_ns)) {
            *ret_ns = *ret_ns * units[i].ns / NS;
            return true;
        }
    return false;
}

/* "2024-05-01 12:30:00.5", with 'T' for the blank, "Z" or "+02:00" behind; "May 1, 2024 12:30:00"; local time where
 * no zone is given. */
static bool moment(const char *s, wide *ret_ns)
{
    static const char *const forms[] = { "%Y-%m-%d %H:%M:%S", "%Y-%m-%dT%H:%M:%S", "%Y-%m-%d %H:%M", "%Y-%m-%d",
                                         "%b %d, %Y %H:%M:%S" };
    if (seconds(s, ret_ns))
        return true;
    for (size_t i = 0; i < sizeof forms / sizeof forms[0]; i++) {
        struct tm tm = { .tm_isdst = -1 };
        const char *rest = strptime(s, forms[i], &tm);
        wide fraction = 0;
        if (!rest)
            continue;
        if (*rest == '.') {
            wide unit = NS;
            for (rest++; isdigit((unsigned char)*rest); rest++) {
                unit /= 10;
                fraction += (*rest - '0') * unit;
            }
        }
        while (*rest == ' ')
            rest++;
        struct tm zone = { 0 };
        const char *behind = *rest ? strptime(rest, "%z", &zone) : NULL;
        if (*rest && (!behind || *behind))
            continue;
        time_t t = behind ? timegm(&tm) - zone.tm_gmtoff : mktime(&tm);
        *ret_ns = (wide)t * NS + fraction;
        return true;
    }
    return false;
}

static bool address(struct wt_filter *f, struct node *node, const char *text, int family, size_t size)
{
    char copy[64];
    const char *slash = strchr(text, '/');
    size_t len = slash ? (size_t)(slash - text) : strlen(text);
    unsigned long prefix = size * 8;
    if (len >= sizeof copy)
        return false;
    memcpy(copy, text, len);
    copy[len] = '\0';
    if (slash) {
        char *end;
        prefix = strtoul(slash + 1, &end, 10);
        if (!isdigit((unsigned char)slash[1]) || *end || prefix > size * 8)
            return false;
    }
    uint8_t *bytes = filter_bytes(f, size);
    if (!bytes || inet_pton(family, copy, bytes) != 1)
        return false;
    node->literal.bytes = (struct wt_slice){ bytes, size };
    node->literal.prefix = (uint8_t)prefix;
    return true;
}

static int hex(uint8_t c)
{
    return c >= '0' && c <= '9' ? c - '0' : (c | 32) >= 'a' && (c | 32) <= 'f' ? (c | 32) - 'a' + 10 : -1;
}

/* "00:1a:2b", "00-1a", "001a2b", "0x1a2b". */
static bool byte_string(struct wt_filter *f, struct node *node, size_t exact)
{
    struct wt_slice t = node->text;
    if (t.len > 2 && t.at[0] == '0' && (t.at[1] | 32) == 'x') {
        t.at += 2;
        t.len -= 2;
    }
    uint8_t *out = filter_bytes(f, t.len + 1);
    size_t n = 0, i = 0;
    if (!out || t.len == 0)
        return false;
    while (i < t.len) {
        int high = hex(t.at[i]);
        int low = i + 1 < t.len ? hex(t.at[i + 1]) : -1;
        if (high < 0)
            return false;
        out[n++] = (uint8_t)(low < 0 ? high : high << 4 | low);
        i += low < 0 ? 1 : 2;
        if (i < t.len && strchr(":-.", t.at[i])) {
            if (++i == t.len)
                break;
        } else if (low < 0 && i < t.len) {
            return false;
        }
    }
    node->literal.bytes = (struct wt_slice){ out, n };
    return exact == 0 || n == exact;
}

static bool value_name(const struct slot *slot, const char *text, wide *ret_value)
{
    for (unsigned k = 0; slot && k < slot->alike && slot->over != S_LAYER; k++) {
        const struct wt_value_name *names = slot->field[k] ? slot->field[k]->names : NULL;
        for (; names && names->name; names++) {
            if (strcasecmp(names->name, text) == 0) {
                *ret_value = names->value;
                return true;
            }
        }
    }
    return false;
}

static bool boolean(const char *text, wide *ret_value)
{
    bool yes = strcasecmp(text, "true") == 0, no = strcasecmp(text, "false") == 0;
    *ret_value = yes;
    return yes || no || number(text, ret_value);
}

bool filter_literal(struct wt_filter *f, struct node *node, enum kind kind, const struct slot *slot)
{
    char text[256];
    struct value *v = &node->literal;
    *v = (struct value){ .kind = (uint8_t)kind, .prefix = 255, .bytes = node->text };
    if (kind == K_TEXT)
        return true;
    if ((kind == K_BYTES || kind == K_PROTOCOL) && node->quoted)
        return true;
    if (kind == K_BYTES || kind == K_PROTOCOL)
        return byte_string(f, node, 0);
    if (kind == K_ETHER)
        return byte_string(f, node, 6);
    if (!copy_text(node->text, text, sizeof text))
        return false;
    switch (kind) {
    case K_NUMBER:
        if (node->quoted && node->text.len == 1 && f->text[node->at] == '\'') {
            v->number = node->text.at[0];
            return true;
        }
        return value_name(slot, text, &v->number) || (!node->quoted && number(text, &v->number));
    case K_BOOL:
        return value_name(slot, text, &v->number) || boolean(text, &v->number);
    case K_TIME:
        return moment(text, &v->number);
    case K_DURATION:
        return duration(text, &v->number);
    case K_IPV4:
        return address(f, node, text, AF_INET, 4);
    case K_IPV6:
        return address(f, node, text, AF_INET6, 16);
    default:
        return false;
    }
}

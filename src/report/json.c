#include "report/json.h"

#include <inttypes.h>
#include <math.h>
#include <string.h>

#include "report/text_units.h"
#include "wiretale/dissector.h"

void json_begin(struct json *j, FILE *to)
{
    *j = (struct json){ .to = to };
}

static void put(struct json *j, const char *text)
{
    fputs(text, j->to);
}

/* Comma and key before a value. False: too deep, nothing may be written. */
static bool begin_value(struct json *j, const char *key)
{
    if (j->refused)
        return false;
    uint64_t bit = UINT64_C(1) << j->depth;
    if (j->filled & bit)
        putc(',', j->to);
    j->filled |= bit;
    bool in_object = j->depth > 0 && !(j->arrays >> (j->depth - 1) & 1);
    if (in_object) {
        putc('"', j->to);
        put(j, key ? key : "");
        put(j, "\":");
    }
    return true;
}

void json_open(struct json *j, const char *key, char bracket)
{
    if (j->refused || j->depth == JSON_DEPTH) {
        j->refused++;
        return;
    }
    begin_value(j, key);
    putc(bracket, j->to);
    uint64_t bit = UINT64_C(1) << j->depth;
    j->arrays = bracket == '[' ? j->arrays | bit : j->arrays & ~bit;
    j->depth++;
    j->filled &= ~(UINT64_C(1) << j->depth);
}

void json_close(struct json *j)
{
    if (j->refused) {
        j->refused--;
        return;
    }
    if (j->depth == 0)
        return;
    j->depth--;
    putc(j->arrays >> j->depth & 1 ? ']' : '}', j->to);
}

void json_end(struct json *j)
{
    j->refused = 0;
    while (j->depth)
        json_close(j);
    putc('\n', j->to);
    j->filled = 0;
}

void json_null(struct json *j, const char *key)
{
    if (begin_value(j, key))
        put(j, "null");
}

void json_bool(struct json *j, const char *key, bool value)
{
    if (begin_value(j, key))
        put(j, value ? "true" : "false");
}

void json_uint(struct json *j, const char *key, uint64_t value)
{
    if (!begin_value(j, key))
        return;
    const char *quote = value > JSON_SAFE_INTEGER ? "\"" : "";
    fprintf(j->to, "%s%" PRIu64 "%s", quote, value, quote);
}

void json_int(struct json *j, const char *key, int64_t value)
{
    if (!begin_value(j, key))
        return;
    bool safe = value <= (int64_t)JSON_SAFE_INTEGER && value >= -(int64_t)JSON_SAFE_INTEGER;
    const char *quote = safe ? "" : "\"";
    fprintf(j->to, "%s%" PRId64 "%s", quote, value, quote);
}

void json_ratio(struct json *j, const char *key, double value)
{
    if (!begin_value(j, key))
        return;
    if (isfinite(value))
        fprintf(j->to, "%.6f", value);
    else
        put(j, "null");
}

/* Bytes of the UTF-8 sequence at p, its code in *ret_code; 0: none (then the caller skips one byte). */
static size_t utf8_sequence(const uint8_t *p, size_t len, uint32_t *ret_code)
{
    if (p[0] < 0x80) {
        *ret_code = p[0];
        return 1;
    }
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
    if (code < least[n] || code > 0x10ffff || (code >= 0xd800 && code <= 0xdfff))
        return 0;
    *ret_code = code;
    return n;
}

/* RFC 8259 7 wants the first two; the rest are escaped because JSON is printed on terminals, too: DEL and C1
 * controls, invisible and direction-changing marks, line separators. */
static bool must_escape(uint32_t code)
{
    return code < 0x20 || code == '"' || code == '\\' || (code >= 0x7f && code < 0xa0)
        || (code >= 0x200b && code <= 0x200f) || (code >= 0x2028 && code <= 0x202e)
        || (code >= 0x2060 && code <= 0x206f) || code == 0xfeff;
}

static void put_escaped(struct json *j, uint32_t code)
{
    switch (code) {
    case '"':
        put(j, "\\\"");
        break;
    case '\\':
        put(j, "\\\\");
        break;
    case '\n':
        put(j, "\\n");
        break;
    case '\r':
        put(j, "\\r");
        break;
    case '\t':
        put(j, "\\t");
        break;
    default:
        fprintf(j->to, "\\u%04" PRIx32, code);    /* all of must_escape() stand below U+10000 */
    }
}

static void put_string(struct json *j, struct wt_slice bytes)
{
    putc('"', j->to);
    size_t plain = 0, i = 0;
    while (i < bytes.len) {
        uint32_t code = 0;
        size_t n = utf8_sequence(bytes.at + i, bytes.len - i, &code);
        if (n && !must_escape(code)) {
            i += n;
            continue;
        }
        fwrite(bytes.at + plain, 1, i - plain, j->to);
        if (n)
            put_escaped(j, code);
        else
            put(j, "\xef\xbf\xbd");
        i += n ? n : 1;
        plain = i;
    }
    if (bytes.len > plain)
        fwrite(bytes.at + plain, 1, bytes.len - plain, j->to);
    putc('"', j->to);
}

void json_bytes(struct json *j, const char *key, struct wt_slice bytes)
{
    if (!bytes.at)
        json_null(j, key);
    else if (begin_value(j, key))
        put_string(j, bytes);
}

void json_text(struct json *j, const char *key, const char *text)
{
    json_bytes(j, key, (struct wt_slice){ (const uint8_t *)text, text ? strlen(text) : 0 });
}

void json_ms(struct json *j, const char *key, int64_t ns)
{
    if (!begin_value(j, key))
        return;
    uint64_t size = ns < 0 ? 0 - (uint64_t)ns : (uint64_t)ns;
    fprintf(j->to, "%s%" PRIu64 ".%06" PRIu64, ns < 0 ? "-" : "", size / 1000000, size % 1000000);
}

void json_time(struct json *j, const char *key, int64_t ns)
{
    char at[64];
    struct wt_text text = { .at = at, .capacity = sizeof at };
    units_utc(&text, ns, 9);
    if (begin_value(j, key))
        put_string(j, (struct wt_slice){ (const uint8_t *)at, text.len });
}

void json_unix(struct json *j, const char *key, int64_t ns)
{
    if (!begin_value(j, key))
        return;
    uint64_t size = ns < 0 ? 0 - (uint64_t)ns : (uint64_t)ns;
    fprintf(j->to, "%s%" PRIu64 ".%09" PRIu64, ns < 0 ? "-" : "", size / 1000000000, size % 1000000000);
}

void json_address(struct json *j, const char *key, unsigned family, const uint8_t *address)
{
    char at[64];
    struct wt_text text = { .at = at, .capacity = sizeof at };
    wt_text_add_address(&text, family, address);
    if (begin_value(j, key))
        put_string(j, (struct wt_slice){ (const uint8_t *)at, text.len });
}

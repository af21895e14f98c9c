/* Text to tokens. A word may hold what unquoted literals hold (addresses, names, numbers with fractions); whether it is
 * a field or a literal is for the checker to say. */
#include <ctype.h>
#include <string.h>
#include <strings.h>

#include "filter/filter_impl.h"

static const struct {
    const char *text;
    enum token_kind kind;
} operators[] = {
    /* longer ones first */
    { "===", T_ALL_EQ }, { "!==", T_ANY_NE }, { "==", T_EQ }, { "!=", T_NE }, { "~=", T_ANY_NE }, { "<=", T_LE },
    { ">=", T_GE }, { "&&", T_AND }, { "||", T_OR }, { "^^", T_XOR }, { "..", T_RANGE }, { "<", T_LT }, { ">", T_GT },
    { "!", T_NOT }, { "~", T_MATCHES }, { "&", T_AMP }, { "(", T_LPAREN }, { ")", T_RPAREN }, { "{", T_LBRACE },
    { "}", T_RBRACE }, { "[", T_LBRACKET }, { "]", T_RBRACKET }, { ",", T_COMMA }, { "#", T_HASH }, { "+", T_PLUS },
    { "-", T_MINUS }, { "*", T_STAR }, { "/", T_SLASH }, { "%", T_PERCENT }, { ":", T_COLON }, { "=", T_EQ },
};

static const struct {
    const char *text;
    enum token_kind kind;
} keywords[] = {
    { "and", T_AND }, { "or", T_OR }, { "xor", T_XOR }, { "not", T_NOT }, { "eq", T_EQ }, { "ne", T_NE },
    { "gt", T_GT }, { "ge", T_GE }, { "lt", T_LT }, { "le", T_LE }, { "contains", T_CONTAINS }, { "matches", T_MATCHES },
    { "in", T_IN }, { "bitwise_and", T_AMP }, { "any_eq", T_EQ }, { "all_ne", T_NE }, { "all_eq", T_ALL_EQ },
    { "any_ne", T_ANY_NE }, { "any", T_ANY }, { "all", T_ALL },
};

static bool word_char(char c)
{
    return isalnum((unsigned char)c) || c == '_' || (unsigned char)c >= 0x80;
}

static bool is_field(struct wt_filter *f, const char *at, size_t len)
{
    struct wt_filter_error *keep = f->error;
    f->error = NULL;
    bool yes = filter_slot(f, (struct wt_slice){ (const uint8_t *)at, len }) >= 0;
    f->error = keep;
    return yes;
}

static bool all_of(const char *text, size_t len, const char *chars)
{
    for (size_t i = 0; i < len; i++)
        if (!strchr(chars, text[i]))
            return false;
    return len > 0;
}

/* How far an unquoted word reaches: '.' inside, not "..", ':' and '-' between word characters, "/nn" behind an
 * address. A '-' behind a field's name is a minus. */
static size_t word_length(struct wt_filter *f, const char *s)
{
    size_t n = 0;
    for (;; n++) {
        char c = s[n], next = c ? s[n + 1] : '\0';
        if (word_char(c))
            continue;
        if (c == '.' && next != '.' && word_char(next))
            continue;
        if (c == ':' && (word_char(next) || next == ':' || (n && s[n - 1] == ':')))
            continue;
        if (c == '-' && n && word_char(next) && !is_field(f, s, n) && !all_of(s, n, "0123456789."))
            continue;
        if (c == '-' && n == 4 && all_of(s, 4, "0123456789") && isdigit((unsigned char)next))
            continue;   /* a date: 2024-05-01 */
        if (c == '-' && n == 7 && s[4] == '-' && isdigit((unsigned char)next))
            continue;
        if (c == '/' && isdigit((unsigned char)next) && n && all_of(s, n, "0123456789abcdefABCDEF.:")
            && (memchr(s, '.', n) || memchr(s, ':', n)))
            continue;
        return n;
    }
}

static int hex_digit(char c)
{
    return c >= '0' && c <= '9' ? c - '0' : (c | 32) >= 'a' && (c | 32) <= 'f' ? (c | 32) - 'a' + 10 : -1;
}

/* One escape behind a backslash at s; its length in *used. -1: no such escape. */
static int unescape(const char *s, size_t *used)
{
    static const char names[] = "abfnrtv\\\"'?", values[] = "\a\b\f\n\r\t\v\\\"'?";
    *used = 1;
    const char *p = *s ? strchr(names, *s) : NULL;
    if (p)
        return (unsigned char)values[p - names];
    if (*s == 'x' && hex_digit(s[1]) >= 0) {
        int v = hex_digit(s[1]);
        *used = 2;
        if (hex_digit(s[2]) >= 0) {
            v = v * 16 + hex_digit(s[2]);
            *used = 3;
        }
        return v;
    }
    if (*s >= '0' && *s <= '7') {
        int v = 0;
        for (*used = 0; *used < 3 && s[*used] >= '0' && s[*used] <= '7'; ++*used)
            v = v * 8 + (s[*used] - '0');
        return v & 255;
    }
    return -1;
}

static struct token lex_string(struct wt_filter *f, size_t at, bool raw, char quote)
{
    const char *s = f->text + at;
    size_t n = raw ? 2 : 1, len = 0;
    uint8_t *out = filter_bytes(f, strlen(s) + 1);
    while (out && s[n] && s[n] != quote) {
        if (s[n] == '\\' && s[n + 1] && raw) {
            out[len++] = (uint8_t)s[n++];
            out[len++] = (uint8_t)s[n++];
            continue;
        }
        if (s[n] != '\\') {
            out[len++] = (uint8_t)s[n++];
            continue;
        }
        size_t used;
        int v = unescape(s + n + 1, &used);
        if (v < 0 && f->pattern_next && s[n + 1]) {
            out[len++] = (uint8_t)s[n++];
            out[len++] = (uint8_t)s[n++];
            continue;
        }
        if (v < 0) {
            filter_fail(f, at + n, 2, "no such escape; expected \\n \\t \\\\ \\\" \\xNN or octal, or a raw string r\"…\"");
            break;
        }
        out[len++] = (uint8_t)v;
        n += 1 + used;
    }
    if (!f->failed && s[n] != quote)
        filter_fail(f, at, n, "a string that does not end; expected %c", quote);
    return (struct token){ quote == '"' ? T_STRING : T_CHAR, at, f->failed ? n : n + 1, { out, len } };
}

static struct token lex_word(struct wt_filter *f, size_t at)
{
    const char *s = f->text + at;
    size_t n = word_length(f, s);
    struct token t = { T_WORD, at, n, { (const uint8_t *)s, n } };
    for (size_t i = 0; i < sizeof keywords / sizeof keywords[0]; i++)
        if (strlen(keywords[i].text) == n && strncasecmp(keywords[i].text, s, n) == 0)
            t.kind = keywords[i].kind;
    return t;
}

struct token filter_lex(struct wt_filter *f, size_t *at)
{
    while (isspace((unsigned char)f->text[*at]))
        ++*at;
    const char *s = f->text + *at;
    struct token t = { T_END, *at, 0, { NULL, 0 } };
    if (!*s)
        return t;
    bool ipv6_start = s[0] == ':' && s[1] == ':';
    if (s[0] == '"' || s[0] == '\'') {
        t = lex_string(f, *at, false, s[0]);
    } else if ((s[0] == 'r' || s[0] == 'R') && s[1] == '"') {
        t = lex_string(f, *at, true, '"');
    } else if (word_char(s[0]) || ipv6_start || (s[0] == '.' && word_char(s[1]))) {
        t = lex_word(f, *at);
        if (t.len == 0)
            t = (struct token){ T_WORD, *at, 1, { (const uint8_t *)s, 1 } };
    } else {
        size_t i = 0, count = sizeof operators / sizeof operators[0];
        while (i < count && strncmp(operators[i].text, s, strlen(operators[i].text)) != 0)
            i++;
        if (i == count)
            filter_fail(f, *at, 1, "'%c' means nothing here", isprint((unsigned char)*s) ? *s : '?');
        else
            t = (struct token){ operators[i].kind, *at, strlen(operators[i].text), { NULL, 0 } };
    }
    *at = t.at + t.len;
    return t;
}

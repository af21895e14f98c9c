/* What option arguments mean, and what somebody may have meant. */
#include "cli/options.h"

#include <ctype.h>
#include <errno.h>
#include <inttypes.h>
#include <string.h>

#define NEAR_LONGEST 32

int parse_number(const char *text, uint64_t least, uint64_t most, uint64_t *ret_number, struct wt_error *err)
{
    uint64_t value = 0;
    bool good = *text != '\0';
    for (const char *at = text; *at && good; at++) {
        unsigned digit = (unsigned)(*at - '0');
        good = isdigit((unsigned char)*at) && value <= (UINT64_MAX - digit) / 10;
        value = value * 10 + digit;
    }
    if (!good || value < least || value > most)
        return most == UINT64_MAX
            ? wt_fail(err, -EINVAL, "'%s' is no whole number from %" PRIu64, text, least)
            : wt_fail(err, -EINVAL, "'%s' is no whole number from %" PRIu64 " to %" PRIu64, text, least, most);
    *ret_number = value;
    return 0;
}

int parse_time_wait(const char *text, uint64_t *ret_seconds, struct wt_error *err)
{
    static const struct { const char *name; uint64_t seconds; } rules[] = {
        { "rfc", 240 },          /* RFC 9293 3.4.2: MSL is two minutes */
        { "linux", 60 },         /* TCP_TIMEWAIT_LEN */
        { "conntrack", 120 },    /* nf_conntrack_tcp_timeout_time_wait */
    };
    for (size_t i = 0; i < sizeof rules / sizeof rules[0]; i++)
        if (strcmp(text, rules[i].name) == 0) {
            *ret_seconds = rules[i].seconds;
            return 0;
        }
    if (parse_number(text, wt_options[WT_TIME_WAIT].min, wt_options[WT_TIME_WAIT].max, ret_seconds, NULL) < 0)
        return wt_fail(err, -EINVAL, "'%s' is none of rfc, linux, conntrack, nor seconds from %" PRIu64 " to %" PRIu64,
                       text, wt_options[WT_TIME_WAIT].min, wt_options[WT_TIME_WAIT].max);
    return 0;
}

/* Decimal seconds, as dumpcap takes them. */
static int parse_seconds(const char *text, uint64_t *ret_ns)
{
    uint64_t whole = 0, fraction = 0, scale = 1000000000;
    const char *at = text;
    if (!isdigit((unsigned char)*at))
        return -EINVAL;
    for (; isdigit((unsigned char)*at); at++) {
        whole = whole * 10 + (unsigned)(*at - '0');
        if (whole > 1000000000)
            return -EINVAL;
    }
    if (*at == '.')
        for (at++; isdigit((unsigned char)*at); at++)
            if (scale > 1) {
                scale /= 10;
                fraction += (unsigned)(*at - '0') * scale;
            }
    if (*at)
        return -EINVAL;
    *ret_ns = whole * 1000000000 + fraction;
    return *ret_ns ? 0 : -EINVAL;
}

int parse_size_limit(const char *text, bool rotation, struct size_limits *limits, struct wt_error *err)
{
    size_t len = strcspn(text, ":");
    const char *value = text[len] ? text + len + 1 : "";
    uint64_t number = 0;
    bool named = true;
    int result = -EINVAL;
    if (len == 8 && memcmp(text, "duration", 8) == 0)
        result = parse_seconds(value, &limits->duration_ns);
    else if (len == 8 && memcmp(text, "filesize", 8) == 0) {
        result = parse_number(value, 1, UINT64_MAX / 1000, &number, NULL);
        limits->bytes = number * 1000;
    } else if (len == 7 && memcmp(text, "packets", 7) == 0) {
        result = parse_number(value, 1, UINT64_MAX, &number, NULL);
        limits->packets = number;
    } else if (len == 5 && memcmp(text, "files", 5) == 0) {
        result = parse_number(value, 1, 1000000, &number, NULL);
        limits->files = number;
    } else {
        named = false;
    }
    if (result == 0)
        return 0;
    if (named)
        return wt_fail(err, -EINVAL, "'%s': '%s' is no number that makes sense there", text, value);
    return wt_fail(err, -EINVAL, "'%s': expected %s", text,
                   rotation ? "filesize:kB, duration:SECONDS, packets:N or files:N"
                            : "duration:SECONDS, packets:N, filesize:kB or files:N");
}

int parse_seed(const char *text, uint64_t ret_seed[2], struct wt_error *err)
{
    uint64_t seed = 0;
    if (parse_number(text, 1, UINT64_MAX, &seed, NULL) < 0)
        return wt_fail(err, -EINVAL, "'%s' is no whole number from 1", text);
    ret_seed[0] = seed;
    ret_seed[1] = seed * UINT64_C(0x9e3779b97f4a7c15) + 1;    /* spreads small seeds over both halves */
    return 0;
}

/* Levenshtein distance with transpositions of neighbours as one step. */
static unsigned distance(const char *a, const char *b)
{
    size_t n = strlen(a), m = strlen(b);
    if (n > NEAR_LONGEST || m > NEAR_LONGEST)
        return NEAR_LONGEST;
    unsigned char row[3][NEAR_LONGEST + 1];
    for (size_t j = 0; j <= m; j++)
        row[0][j] = (unsigned char)j;
    for (size_t i = 1; i <= n; i++) {
        unsigned char *now = row[i % 3], *before = row[(i - 1) % 3], *earlier = row[(i + 1) % 3];
        now[0] = (unsigned char)i;
        for (size_t j = 1; j <= m; j++) {
            unsigned best = before[j - 1] + (a[i - 1] == b[j - 1] ? 0u : 1u);
            if (before[j] + 1u < best)
                best = before[j] + 1u;
            if (now[j - 1] + 1u < best)
                best = now[j - 1] + 1u;
            if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1] && earlier[j - 2] + 1u < best)
                best = earlier[j - 2] + 1u;
            now[j] = (unsigned char)best;
        }
    }
    return row[n % 3][m];
}

const char *nearest_word(const char *typed, const char *const *words, size_t count)
{
    const char *best = NULL;
    unsigned least = NEAR_LONGEST;
    size_t len = strlen(typed);
    for (size_t i = 0; i < count; i++) {
        unsigned d = distance(typed, words[i]);
        if (len >= 3 && strncmp(words[i], typed, len) == 0)    /* the beginning of a word is near to it */
            d = 1;
        if (d < least) {
            least = d;
            best = words[i];
        }
    }
    unsigned tolerance = len <= 2 ? 1 : len <= 5 ? 2 : 3;
    return least <= tolerance && least < len ? best : NULL;
}

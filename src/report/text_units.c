#include "report/text_units.h"

#include <inttypes.h>
#include <time.h>

#define SECOND INT64_C(1000000000)

void units_count(struct wt_text *t, uint64_t n)
{
    uint64_t group[7];
    unsigned groups = 0;
    do {
        group[groups++] = n % 1000;
        n /= 1000;
    } while (n);
    wt_text_add(t, "%" PRIu64, group[--groups]);
    while (groups--)
        wt_text_add(t, ",%03" PRIu64, group[groups]);
}

/* Three digits that count. 999.5 and more would print as 1000: the caller's next unit takes those. */
static void three_digits(struct wt_text *t, double value, const char *unit)
{
    int decimals = value < 9.995 ? 2 : value < 99.95 ? 1 : 0;
    wt_text_add(t, "%.*f %s", decimals, value, unit);
}

static void scaled(struct wt_text *t, double value, const char *const *units, unsigned count)
{
    unsigned i = 0;
    while (value >= 999.5 && i + 1 < count) {
        value /= 1000;
        i++;
    }
    if (i == 0)
        wt_text_add(t, "%.0f %s", value, units[0]);
    else
        wt_text_add(t, "%.*f %s", value < 99.95 ? 1 : 0, value, units[i]);
}

void units_bytes(struct wt_text *t, uint64_t bytes)
{
    static const char *const units[] = { "B", "kB", "MB", "GB", "TB", "PB", "EB" };
    scaled(t, (double)bytes, units, 7);
}

void units_bits_per_second(struct wt_text *t, double rate)
{
    static const char *const units[] = { "bit/s", "kbit/s", "Mbit/s", "Gbit/s", "Tbit/s" };
    scaled(t, rate > 0 ? rate : 0, units, 5);
}

static void duration(struct wt_text *t, int64_t ns, const char *micro)
{
    if (ns < 0)
        wt_text_add(t, "-");
    uint64_t size = ns < 0 ? 0 - (uint64_t)ns : (uint64_t)ns;
    double d = (double)size;
    uint64_t seconds = (size + (uint64_t)SECOND / 2) / (uint64_t)SECOND;
    if (size < 1000)
        wt_text_add(t, "%" PRIu64 " ns", size);
    else if (d < 999.5e3)
        three_digits(t, d / 1e3, micro);
    else if (d < 999.5e6)
        three_digits(t, d / 1e6, "ms");
    else if (d < 99.95e9)
        three_digits(t, d / 1e9, "s");
    else if (seconds < 3600)
        wt_text_add(t, "%" PRIu64 " m %02" PRIu64 " s", seconds / 60, seconds % 60);
    else if (seconds < 172800)
        wt_text_add(t, "%" PRIu64 " h %02" PRIu64 " m", seconds / 3600, seconds / 60 % 60);
    else
        wt_text_add(t, "%" PRIu64 " d %02" PRIu64 " h", seconds / 86400, seconds / 3600 % 24);
}

void units_duration(struct wt_text *t, int64_t ns)
{
    duration(t, ns, "\u00b5s");
}

void units_duration_ascii(struct wt_text *t, int64_t ns)
{
    duration(t, ns, "us");
}

void units_percent(struct wt_text *t, uint64_t part, uint64_t whole)
{
    double percent = whole ? 100.0 * (double)part / (double)whole : 0;
    if (part == 0 || whole == 0)
        wt_text_add(t, "0 %%");
    else if (part == whole)
        wt_text_add(t, "100 %%");
    else if (percent < 0.1)
        wt_text_add(t, "<0.1 %%");
    else if (percent > 99.9)
        wt_text_add(t, ">99.9 %%");
    else if (percent < 9.95)
        wt_text_add(t, "%.1f %%", percent);
    else
        wt_text_add(t, "%.0f %%", percent > 99 ? 99.0 : percent);
}

/* Seconds and what is left over, for times before 1970 as well. */
static time_t split(int64_t ns, int64_t *ret_rest)
{
    int64_t seconds = ns / SECOND, rest = ns % SECOND;
    if (rest < 0) {
        rest += SECOND;
        seconds--;
    }
    *ret_rest = rest;
    return (time_t)seconds;
}

static void add_decimals(struct wt_text *t, int64_t rest, unsigned decimals)
{
    if (decimals == 0 || decimals > 9)
        return;
    for (unsigned i = decimals; i < 9; i++)
        rest /= 10;
    wt_text_add(t, ".%0*" PRId64, (int)decimals, rest);
}

void units_utc(struct wt_text *t, int64_t ns, unsigned decimals)
{
    int64_t rest;
    time_t seconds = split(ns, &rest);
    struct tm tm;
    if (!gmtime_r(&seconds, &tm))
        return;
    wt_text_add(t, "%04d-%02d-%02dT%02d:%02d:%02d", tm.tm_year + 1900, tm.tm_mon + 1, tm.tm_mday, tm.tm_hour,
                tm.tm_min, tm.tm_sec);
    add_decimals(t, rest, decimals);
    wt_text_add(t, "Z");
}

void units_local(struct wt_text *t, int64_t ns, unsigned decimals)
{
    int64_t rest;
    time_t seconds = split(ns, &rest);
    struct tm tm;
    if (!localtime_r(&seconds, &tm))
        return;
    wt_text_add(t, "%04d-%02d-%02d %02d:%02d:%02d", tm.tm_year + 1900, tm.tm_mon + 1, tm.tm_mday, tm.tm_hour,
                tm.tm_min, tm.tm_sec);
    add_decimals(t, rest, decimals);
}

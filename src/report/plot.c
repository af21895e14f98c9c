#include "report/plot.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define FIRST_CAPACITY 256
#define LEAST_LIMIT 64

void plot_init(struct plot *p, const char *x_title, enum plot_unit x_unit, const char *y_title, enum plot_unit y_unit)
{
    *p = (struct plot){ .x_title = x_title, .y_title = y_title, .x_unit = x_unit, .y_unit = y_unit };
}

void plot_done(struct plot *p)
{
    for (unsigned i = 0; i < p->series_count; i++)
        free(p->series[i].points);
    *p = (struct plot){ 0 };
}

struct plot_series *plot_series(struct plot *p, const char *name, enum plot_form form, enum plot_ink ink, size_t limit)
{
    struct plot_series *s = &p->series[p->series_count < PLOT_SERIES ? p->series_count++ : PLOT_SERIES - 1];
    free(s->points);
    *s = (struct plot_series){ .name = name, .form = (uint8_t)form, .ink = (uint8_t)ink,
                               .limit = limit < LEAST_LIMIT ? LEAST_LIMIT : limit };
    return s;
}

static void make_room(struct plot_series *s)
{
    if (s->capacity < s->limit) {
        size_t want = s->capacity ? s->capacity * 2 : FIRST_CAPACITY;
        want = want < s->limit ? want : s->limit;
        struct plot_point *grown = realloc(s->points, want * sizeof *grown);
        if (grown) {
            s->points = grown;
            s->capacity = want;
            return;
        }
    }
    if (s->count)
        s->count = plot_thin(s->points, s->count, s->points[0].x, s->points[s->count - 1].x, s->capacity / 16);
}

void plot_add_bar(struct plot_series *s, double x, double y, double y2)
{
    if (s->count == s->capacity)
        make_room(s);
    if (s->count == s->capacity) {
        s->dropped++;
        return;
    }
    s->points[s->count++] = (struct plot_point){ x, y, y2 };
}

void plot_add(struct plot_series *s, double x, double y)
{
    plot_add_bar(s, x, y, y);
}

bool plot_empty(const struct plot *p)
{
    for (unsigned i = 0; i < p->series_count; i++)
        if (p->series[i].count)
            return false;
    return true;
}

/* ---- thinning: of the points in one slice of x, the first, the last, the least and the greatest stay ---- */

struct slice {
    size_t first, last, least, greatest;
};

static size_t keep_slice(struct plot_point *points, size_t to, const struct slice *s)
{
    size_t order[4] = { s->first, s->least, s->greatest, s->last };
    for (unsigned i = 1; i < 4; i++)        /* in the order they came */
        for (unsigned j = i; j > 0 && order[j] < order[j - 1]; j--) {
            size_t swap = order[j];
            order[j] = order[j - 1];
            order[j - 1] = swap;
        }
    for (unsigned i = 0; i < 4; i++)
        if (i == 0 || order[i] != order[i - 1])
            points[to++] = points[order[i]];
    return to;
}

static size_t slice_of(double x, double least, double width, size_t slices)
{
    double at = width > 0 ? (x - least) / width * (double)slices : 0;
    return at <= 0 ? 0 : at >= (double)slices ? slices - 1 : (size_t)at;
}

size_t plot_thin(struct plot_point *points, size_t count, double least, double greatest, size_t slices)
{
    if (!slices || count <= slices * 4)
        return count;
    size_t kept = 0, current = SIZE_MAX;
    struct slice s = { 0 };
    for (size_t i = 0; i < count; i++) {
        size_t here = slice_of(points[i].x, least, greatest - least, slices);
        if (here != current) {
            if (current != SIZE_MAX)
                kept = keep_slice(points, kept, &s);
            s = (struct slice){ i, i, i, i };
            current = here;
            continue;
        }
        s.last = i;
        if (points[i].y < points[s.least].y)
            s.least = i;
        if (points[i].y2 > points[s.greatest].y2)
            s.greatest = i;
    }
    return keep_slice(points, kept, &s);
}

/* ---- axes ---- */

/* 1, 2 or 5 times a power of ten, so that the range takes at most `ticks` of them. */
static double nice_step(double range, unsigned ticks)
{
    double raw = range / (ticks ? ticks : 1), power = pow(10, floor(log10(raw)));
    double lead = raw / power;
    return power * (lead <= 1 ? 1 : lead <= 2 ? 2 : lead <= 5 ? 5 : 10);
}

static void choose_unit(struct plot_axis *a, enum plot_unit unit)
{
    static const struct { double at; const char *name; } scales[UNITS][5] = {
        [UNIT_SECONDS] = { { 1e-6, "µs" }, { 1e-3, "ms" }, { 1, "s" }, { 60, "min" }, { 3600, "h" } },
        [UNIT_BYTES] = { { 1, "bytes" }, { 1e3, "kB" }, { 1e6, "MB" }, { 1e9, "GB" }, { 1e12, "TB" } },
        [UNIT_BITS_PER_SECOND] = { { 1, "bit/s" }, { 1e3, "kbit/s" }, { 1e6, "Mbit/s" }, { 1e9, "Gbit/s" }, { 1e12, "Tbit/s" } },
    };
    double far = fmax(fabs(a->least), fabs(a->greatest));
    unsigned chosen = 0;
    for (unsigned i = 0; i < 5; i++)
        if (far >= scales[unit][i].at * (unit == UNIT_SECONDS && i > 2 ? 5 : 2))
            chosen = i;
    a->unit = scales[unit][chosen].at;
    a->unit_name = scales[unit][chosen].name;
}

static void axis_init(struct plot_axis *a, double least, double greatest, enum plot_unit unit, unsigned ticks)
{
    if (!(greatest > least)) {
        double room = fabs(greatest) > 0 ? fabs(greatest) * 0.1 : 1e-3;
        least -= least > 0 ? room : 0;
        greatest += room;
    }
    *a = (struct plot_axis){ .least = least, .greatest = greatest };
    choose_unit(a, unit);
    double step = nice_step((greatest - least) / a->unit, ticks);
    a->decimals = step >= 1 ? 0 : (int)ceil(-log10(step) - 1e-9);
    a->decimals = a->decimals > 9 ? 9 : a->decimals;
    a->step = step * a->unit;
    a->first_tick = ceil(least / a->step - 1e-9) * a->step;
    a->ticks = (unsigned)((greatest - a->first_tick) / a->step + 1e-9) + 1;
    if (a->ticks > 100)
        a->ticks = 100;
}

void plot_axes(const struct plot *p, unsigned x_ticks, unsigned y_ticks, struct plot_axis *ret_x, struct plot_axis *ret_y)
{
    double least_x = INFINITY, greatest_x = -INFINITY, least_y = INFINITY, greatest_y = -INFINITY;
    for (unsigned i = 0; i < p->series_count; i++)
        for (size_t k = 0; k < p->series[i].count; k++) {
            const struct plot_point *at = &p->series[i].points[k];
            least_x = fmin(least_x, at->x);
            greatest_x = fmax(greatest_x, at->x);
            least_y = fmin(least_y, at->y);
            greatest_y = fmax(greatest_y, at->y2);
        }
    if (least_x > greatest_x)
        least_x = greatest_x = least_y = greatest_y = 0;
    if (least_y > 0 && least_y < greatest_y * 0.5)
        least_y = 0;            /* lengths are compared from zero */
    axis_init(ret_x, least_x, greatest_x, p->x_unit, x_ticks);
    axis_init(ret_y, least_y, greatest_y + (greatest_y - least_y) * 0.04, p->y_unit, y_ticks);
}

void plot_tick_label(const struct plot_axis *a, unsigned tick, char ret_text[32])
{
    double value = (a->first_tick + a->step * tick) / a->unit;
    if (fabs(value) < 1e-12)
        value = 0;
    snprintf(ret_text, 32, "%.*f", a->decimals, value);
}

/* Plots: series of points on two axes, drawn as SVG or with braille dots on a terminal. Knows nothing of packets.
 *
 * A series is bounded: when it is full it is thinned, so that in each of many slices of x the first, last, least and
 * greatest stay; no outlier is lost. The same is done once more for the width of the picture. One thread. */
#ifndef REPORT_PLOT_H
#define REPORT_PLOT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "report/packets_out.h"
#include "report/style.h"

enum plot_form {
    PLOT_DOTS,
    PLOT_LINE,          /* points joined */
    PLOT_STEPS,         /* a value holds until the next one */
    PLOT_BARS           /* upright, from y to y2 */
};

enum plot_ink { INK_DATA, INK_AGAIN, INK_ACK, INK_WINDOW, INK_SACK, INK_SMOOTH, INK_TROUBLE, INK_OTHER, INKS };

enum plot_unit { UNIT_SECONDS, UNIT_BYTES, UNIT_BITS_PER_SECOND, UNITS };

struct plot_point {
    double x, y, y2;    /* y2: PLOT_BARS; else equal to y */
};

struct plot_series {
    const char *name;   /* of the legend */
    uint8_t form, ink;
    struct plot_point *points;      /* owned */
    size_t count, capacity, limit;
    uint64_t dropped;   /* no memory */
};

#define PLOT_SERIES 8
struct plot {
    char title[256];    /* safe to print */
    char subtitle[256];
    const char *x_title, *y_title;
    enum plot_unit x_unit, y_unit;
    unsigned series_count;
    struct plot_series series[PLOT_SERIES];
};

void plot_init(struct plot *p, const char *x_title, enum plot_unit x_unit, const char *y_title, enum plot_unit y_unit);
void plot_done(struct plot *p);
/* limit: points held at most. The series, valid until plot_done(). */
struct plot_series *plot_series(struct plot *p, const char *name, enum plot_form form, enum plot_ink ink, size_t limit);
/* In order of x, or nearly so. */
void plot_add(struct plot_series *s, double x, double y);
void plot_add_bar(struct plot_series *s, double x, double y, double y2);
/* Whether there is anything to draw. */
bool plot_empty(const struct plot *p);

/* ---- what both ways of drawing need ---- */

struct plot_axis {
    double least, greatest;     /* of what is drawn; greatest > least */
    double first_tick, step;
    unsigned ticks;
    double unit;                /* labels are value / unit … */
    const char *unit_name;      /* … in this: "ms", "MB" */
    int decimals;
};
void plot_axes(const struct plot *p, unsigned x_ticks, unsigned y_ticks, struct plot_axis *ret_x, struct plot_axis *ret_y);
void plot_tick_label(const struct plot_axis *a, unsigned tick, char ret_text[32]);

/* Thins to at most about 4 points for each of `slices` of [least, greatest]; returns the new count. */
size_t plot_thin(struct plot_point *points, size_t count, double least, double greatest, size_t slices);

/* ---- drawing ---- */

#define PLOT_SVG_WIDTH 960
#define PLOT_SVG_HEIGHT 540
/* A whole SVG file; readable on white, and on dark where the viewer says that it prefers dark. */
void plot_svg(const struct plot *p, struct out *o);
/* width, height: of the whole picture, in characters. Falls back to one mark a character where the page has no UTF-8. */
void plot_braille(const struct plot *p, const struct page *page, unsigned width, unsigned height, struct out *o);

#endif

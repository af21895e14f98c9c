/* A plot as SVG. Dots that would fall on the same spot are drawn once, bars of one column are joined, lines are thinned
 * to the width: a million points become some thousands, and nothing that could be seen is lost. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "report/plot.h"
#include "report/svg.h"

#define LEFT 78.0
#define RIGHT 18.0
#define TOP 58.0
#define BOTTOM 74.0
#define PLOT_W (PLOT_SVG_WIDTH - LEFT - RIGHT)
#define PLOT_H (PLOT_SVG_HEIGHT - TOP - BOTTOM)
#define SPOT 1.5                /* dots closer than this are one */

static const char style_sheet[] =
    "<style>\n"
    ":root{--ground:#fff;--text:#1b1f24;--soft:#59636e;--grid:#d8dee4;--ink0:#0969da;--ink1:#cf222e;--ink2:#1a7f37;"
    "--ink3:#9a6700;--ink4:#8250df;--ink5:#bc4c00;--ink6:#a40e26;--ink7:#6e7781}\n"
    "@media (prefers-color-scheme:dark){:root{--ground:#0d1117;--text:#e6edf3;--soft:#9198a1;--grid:#2d333b;--ink0:#58a6ff;"
    "--ink1:#ff7b72;--ink2:#56d364;--ink3:#e3b341;--ink4:#bc8cff;--ink5:#ffa657;--ink6:#ff7b72;--ink7:#8b949e}}\n"
    "text{font-family:system-ui,'DejaVu Sans',sans-serif;font-size:12px;fill:#1b1f24;fill:var(--text)}\n"
    ".title{font-size:15px;font-weight:600}.soft{fill:#59636e;fill:var(--soft)}\n"
    ".ground{fill:#fff;fill:var(--ground)}.grid{stroke:#d8dee4;stroke:var(--grid);stroke-width:1;fill:none}\n"
    ".axis{stroke:#59636e;stroke:var(--soft);stroke-width:1;fill:none}\n"
    "path.s{fill:none;stroke-linejoin:round}.dots{stroke-width:3;stroke-linecap:round}.line{stroke-width:1.6}\n"
    ".bars{stroke-width:2}\n"
    ".i0{stroke:#0969da;stroke:var(--ink0)}.i1{stroke:#cf222e;stroke:var(--ink1)}.i2{stroke:#1a7f37;stroke:var(--ink2)}\n"
    ".i3{stroke:#9a6700;stroke:var(--ink3)}.i4{stroke:#8250df;stroke:var(--ink4)}.i5{stroke:#bc4c00;stroke:var(--ink5)}\n"
    ".i6{stroke:#a40e26;stroke:var(--ink6)}.i7{stroke:#6e7781;stroke:var(--ink7)}\n"
    "</style>\n";

struct canvas {
    const struct plot *plot;
    struct plot_axis x, y;
    struct out *o;
};

static double place_x(const struct canvas *c, double x)
{
    return LEFT + (x - c->x.least) / (c->x.greatest - c->x.least) * PLOT_W;
}

static double place_y(const struct canvas *c, double y)
{
    return TOP + PLOT_H - (y - c->y.least) / (c->y.greatest - c->y.least) * PLOT_H;
}

/* ---- series ---- */

static void draw_dots(const struct canvas *c, const struct plot_series *s)
{
    size_t across = (size_t)(PLOT_W / SPOT) + 2, down = (size_t)(PLOT_H / SPOT) + 2;
    uint8_t *taken = calloc(across * down, 1);
    for (size_t i = 0; taken && i < s->count; i++) {
        double x = place_x(c, s->points[i].x), y = place_y(c, s->points[i].y);
        if (x < LEFT || x > LEFT + PLOT_W || y < TOP || y > TOP + PLOT_H)
            continue;
        size_t spot = (size_t)((y - TOP) / SPOT) * across + (size_t)((x - LEFT) / SPOT);
        if (taken[spot])
            continue;
        taken[spot] = 1;
        svg_xy(c->o, 'M', x, y);
        out_text(c->o, "h0");
    }
    free(taken);
}

static struct plot_point *thinned(const struct canvas *c, const struct plot_series *s, size_t *ret_count)
{
    struct plot_point *copy = malloc((s->count ? s->count : 1) * sizeof *copy);
    *ret_count = 0;
    if (!copy)
        return NULL;
    if (s->count)
        memcpy(copy, s->points, s->count * sizeof *copy);
    *ret_count = plot_thin(copy, s->count, c->x.least, c->x.greatest, (size_t)PLOT_W);
    return copy;
}

static void draw_line(const struct canvas *c, const struct plot_series *s)
{
    size_t count;
    struct plot_point *points = thinned(c, s, &count);
    for (size_t i = 0; i < count; i++) {
        double x = place_x(c, points[i].x), y = place_y(c, points[i].y);
        if (i && s->form == PLOT_STEPS) {
            out_char(c->o, 'H');
            svg_number(c->o, x);
            out_char(c->o, 'V');
            svg_number(c->o, y);
        } else {
            svg_xy(c->o, i ? 'L' : 'M', x, y);
        }
    }
    free(points);
}

/* Bars of one column that touch become one. */
static void draw_bars(const struct canvas *c, const struct plot_series *s)
{
    double column = -1, top = 0, bottom = 0;
    for (size_t i = 0; i <= s->count; i++) {
        double x = 0, y = 0, y2 = 0;
        if (i < s->count) {
            x = round(place_x(c, s->points[i].x) * 2) / 2;
            y = place_y(c, s->points[i].y);
            y2 = place_y(c, s->points[i].y2);
        }
        bool joins = i < s->count && x == column && y >= top - 0.5 && y2 <= bottom + 0.5;
        if (joins) {
            top = fmin(top, y2);
            bottom = fmax(bottom, y);
            continue;
        }
        if (column >= 0) {
            svg_xy(c->o, 'M', column, bottom);
            out_char(c->o, 'V');
            svg_number(c->o, bottom - top < 1 ? bottom - 1 : top);
        }
        column = x;
        top = y2;
        bottom = y;
    }
}

static void draw_series(const struct canvas *c, const struct plot_series *s)
{
    static const char *const classes[] = { [PLOT_DOTS] = "dots", [PLOT_LINE] = "line", [PLOT_STEPS] = "line", [PLOT_BARS] = "bars" };
    if (!s->count)
        return;
    out_format(c->o, "<path class=\"s %s i%u\" d=\"", classes[s->form], s->ink);
    if (s->form == PLOT_DOTS)
        draw_dots(c, s);
    else if (s->form == PLOT_BARS)
        draw_bars(c, s);
    else
        draw_line(c, s);
    out_text(c->o, "\"/>\n");
}

/* ---- around them ---- */

static void draw_axes(const struct canvas *c)
{
    char label[32];
    out_text(c->o, "<path class=\"grid\" d=\"");
    for (unsigned i = 0; i < c->x.ticks; i++) {
        svg_xy(c->o, 'M', place_x(c, c->x.first_tick + c->x.step * i), TOP);
        out_format(c->o, "v%g", PLOT_H);
    }
    for (unsigned i = 0; i < c->y.ticks; i++) {
        svg_xy(c->o, 'M', LEFT, place_y(c, c->y.first_tick + c->y.step * i));
        out_format(c->o, "h%g", PLOT_W);
    }
    out_format(c->o, "\"/>\n<path class=\"axis\" d=\"M%g %gV%gH%g\"/>\n", LEFT, TOP, TOP + PLOT_H, LEFT + PLOT_W);
    for (unsigned i = 0; i < c->x.ticks; i++) {
        plot_tick_label(&c->x, i, label);
        out_format(c->o, "<text class=\"soft\" text-anchor=\"middle\" x=\"%.1f\" y=\"%g\">%s</text>\n",
                   place_x(c, c->x.first_tick + c->x.step * i), TOP + PLOT_H + 17, label);
    }
    for (unsigned i = 0; i < c->y.ticks; i++) {
        plot_tick_label(&c->y, i, label);
        out_format(c->o, "<text class=\"soft\" text-anchor=\"end\" x=\"%g\" y=\"%.1f\">%s</text>\n", LEFT - 7,
                   place_y(c, c->y.first_tick + c->y.step * i) + 4, label);
    }
    out_format(c->o, "<text text-anchor=\"middle\" x=\"%g\" y=\"%g\">%s (%s)</text>\n", LEFT + PLOT_W / 2, TOP + PLOT_H + 37,
               c->plot->x_title, c->x.unit_name);
    out_format(c->o, "<text text-anchor=\"middle\" transform=\"translate(17 %g) rotate(-90)\">%s (%s)</text>\n",
               TOP + PLOT_H / 2, c->plot->y_title, c->y.unit_name);
}

static void draw_legend(const struct canvas *c)
{
    double x = LEFT, y = PLOT_SVG_HEIGHT - 14.0;
    for (unsigned i = 0; i < c->plot->series_count; i++) {
        const struct plot_series *s = &c->plot->series[i];
        if (!s->count)
            continue;
        if (s->form == PLOT_DOTS)
            out_format(c->o, "<path class=\"s dots i%u\" style=\"stroke-width:6\" d=\"M%.1f %.1fh0\"/>", s->ink, x + 9, y - 4);
        else
            out_format(c->o, "<path class=\"s line i%u\" style=\"stroke-width:2.5\" d=\"M%.1f %.1fh18\"/>", s->ink, x, y - 4);
        out_format(c->o, "<text x=\"%.1f\" y=\"%.1f\">%s</text>\n", x + 23, y, s->name);
        x += 36 + 7.0 * (double)text_columns(s->name, strlen(s->name));
    }
}

void plot_svg(const struct plot *p, struct out *o)
{
    struct canvas c = { .plot = p, .o = o };
    plot_axes(p, 10, 8, &c.x, &c.y);
    out_format(o, "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"%d\" height=\"%d\" "
               "viewBox=\"0 0 %d %d\" role=\"img\">\n<title>", PLOT_SVG_WIDTH, PLOT_SVG_HEIGHT, PLOT_SVG_WIDTH, PLOT_SVG_HEIGHT);
    svg_text(o, p->title, strlen(p->title));
    out_text(o, "</title>\n");
    out_text(o, style_sheet);
    out_format(o, "<rect class=\"ground\" width=\"%d\" height=\"%d\"/>\n", PLOT_SVG_WIDTH, PLOT_SVG_HEIGHT);
    out_format(o, "<text class=\"title\" x=\"%g\" y=\"24\">", LEFT);
    svg_text(o, p->title, strlen(p->title));
    out_format(o, "</text>\n<text class=\"soft\" x=\"%g\" y=\"44\">", LEFT);
    svg_text(o, p->subtitle, strlen(p->subtitle));
    out_text(o, "</text>\n");
    draw_axes(&c);
    for (unsigned i = 0; i < p->series_count; i++)
        draw_series(&c, &p->series[i]);
    draw_legend(&c);
    out_text(o, "</svg>\n");
}

/* A plot on a terminal: braille characters hold two by four dots each. Later series lie over earlier ones: a cell takes
 * the colour of the last that drew in it. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/i18n.h"
#include "report/plot.h"

#define LABEL 9u        /* columns of the labels at the left */
#define LEAST_CELLS 4u

struct grid {
    unsigned across, down;      /* cells */
    uint8_t *dots, *ink;        /* owned; a byte a cell */
    struct plot_axis x, y;
};

static const enum style styles[INKS] = {
    [INK_DATA] = STYLE_CLIENT, [INK_AGAIN] = STYLE_BAD, [INK_ACK] = STYLE_GOOD, [INK_WINDOW] = STYLE_WARN,
    [INK_SACK] = STYLE_SERVER, [INK_SMOOTH] = STYLE_STRONG, [INK_TROUBLE] = STYLE_BAD, [INK_OTHER] = STYLE_DIM,
};

static void set_dot(struct grid *g, long x, long y, unsigned ink)
{
    static const uint8_t bits[4][2] = { { 0x01, 0x08 }, { 0x02, 0x10 }, { 0x04, 0x20 }, { 0x40, 0x80 } };
    if (x < 0 || y < 0 || x >= (long)g->across * 2 || y >= (long)g->down * 4)
        return;
    size_t cell = (size_t)(y / 4) * g->across + (size_t)(x / 2);
    g->dots[cell] |= bits[y % 4][x % 2];
    g->ink[cell] = (uint8_t)ink;
}

static long dot_x(const struct grid *g, double x)
{
    return lround((x - g->x.least) / (g->x.greatest - g->x.least) * (g->across * 2 - 1));
}

static long dot_y(const struct grid *g, double y)
{
    long rows = (long)g->down * 4;
    return rows - 1 - lround((y - g->y.least) / (g->y.greatest - g->y.least) * (double)(rows - 1));
}

/* Bresenham's line. Both ends lie on the grid, so that it is short. */
static void line(struct grid *g, long x, long y, long to_x, long to_y, unsigned ink)
{
    long dx = labs(to_x - x), dy = -labs(to_y - y), error = dx + dy;
    long step_x = x < to_x ? 1 : -1, step_y = y < to_y ? 1 : -1;
    for (;;) {
        set_dot(g, x, y, ink);
        if (x == to_x && y == to_y)
            return;
        long twice = 2 * error;
        if (twice >= dy) {
            error += dy;
            x += step_x;
        }
        if (twice <= dx) {
            error += dx;
            y += step_y;
        }
    }
}

static void draw(struct grid *g, const struct plot_series *s)
{
    long last_x = 0, last_y = 0;
    for (size_t i = 0; i < s->count; i++) {
        long x = dot_x(g, s->points[i].x), y = dot_y(g, s->points[i].y);
        if (s->form == PLOT_BARS) {
            line(g, x, y, x, dot_y(g, s->points[i].y2), s->ink);
        } else if (s->form == PLOT_DOTS || i == 0) {
            set_dot(g, x, y, s->ink);
        } else if (s->form == PLOT_LINE) {
            line(g, last_x, last_y, x, y, s->ink);
        } else {
            line(g, last_x, last_y, x, last_y, s->ink);
            line(g, x, last_y, x, y, s->ink);
        }
        last_x = x;
        last_y = y;
    }
}

static void add_cell(const struct page *page, struct out *o, uint8_t dots, uint8_t ink, int *last)
{
    int style = dots ? (int)styles[ink] : STYLE_PLAIN;
    if (style != *last) {
        out_text(o, page_off(page));
        out_text(o, page_on(page, (enum style)style));
        *last = style;
    }
    if (!dots)
        out_char(o, ' ');
    else if (page->utf8)
        out_format(o, "\xe2%c%c", (char)(0xa0 + (dots >> 6)), (char)(0x80 + (dots & 0x3f)));
    else
        out_char(o, "*x+.o#!-"[ink]);
}

/* The tick whose label stands in this row, or -1. */
static int tick_in_row(const struct grid *g, unsigned row)
{
    for (unsigned i = 0; i < g->y.ticks; i++) {
        long y = dot_y(g, g->y.first_tick + g->y.step * i);
        if (y >= 0 && (unsigned)y / 4 == row)
            return (int)i;
    }
    return -1;
}

/* Text of ours on a terminal without UTF-8: an arrow, the micro sign; anything else becomes a question mark. */
static void add_line(const struct page *page, enum style style, const char *text, struct out *o)
{
    out_text(o, page_on(page, style));
    for (size_t n; *text; text += n) {
        bool arrow = strncmp(text, "→", strlen("→")) == 0, micro = strncmp(text, "µ", strlen("µ")) == 0;
        n = page->utf8 ? strlen(text) : arrow ? strlen("→") : micro ? strlen("µ") : 1;
        if (page->utf8)
            out_text(o, text);
        else if ((unsigned char)*text < 0x80)
            out_char(o, *text);
        else
            out_text(o, arrow ? "->" : micro ? "u" : "?");
    }
    out_text(o, page_off(page));
    out_char(o, '\n');
}

static void add_rows(const struct grid *g, const struct page *page, struct out *o)
{
    char label[32];
    for (unsigned row = 0; row < g->down; row++) {
        int tick = tick_in_row(g, row), last = STYLE_PLAIN;
        label[0] = '\0';
        if (tick >= 0)
            plot_tick_label(&g->y, (unsigned)tick, label);
        out_text(o, page_on(page, STYLE_DIM));
        out_format(o, "%*s %s", (int)LABEL - 2, label, page->utf8 ? (tick >= 0 ? "┤" : "│") : (tick >= 0 ? "+" : "|"));
        out_text(o, page_off(page));
        for (unsigned column = 0; column < g->across; column++) {
            size_t cell = (size_t)row * g->across + column;
            add_cell(page, o, g->dots[cell], g->ink[cell], &last);
        }
        if (last != STYLE_PLAIN)
            out_text(o, page_off(page));
        while (o->len && o->at[o->len - 1] == ' ')
            o->len--;
        out_char(o, '\n');
    }
}

static void add_x_axis(const struct grid *g, const struct page *page, struct out *o)
{
    char label[32];
    out_text(o, page_on(page, STYLE_DIM));
    out_spaces(o, LABEL - 1);
    out_text(o, page->utf8 ? "└" : "+");
    unsigned at = 0;
    for (unsigned i = 0; i < g->x.ticks; i++) {
        unsigned column = (unsigned)(dot_x(g, g->x.first_tick + g->x.step * i) / 2);
        for (; at < column; at++)
            out_text(o, page->utf8 ? "─" : "-");
        if (at == column && at < g->across) {
            out_text(o, page->utf8 ? "┴" : "+");
            at++;
        }
    }
    for (; at < g->across; at++)
        out_text(o, page->utf8 ? "─" : "-");
    out_char(o, '\n');
    size_t from = o->len, end = 0;
    for (unsigned i = 0; i < g->x.ticks; i++) {
        plot_tick_label(&g->x, i, label);
        size_t middle = LABEL + (size_t)(dot_x(g, g->x.first_tick + g->x.step * i) / 2), half = strlen(label) / 2;
        size_t start = middle > half ? middle - half : 0;
        if (start < end + (i > 0) || start + strlen(label) > LABEL + g->across)
            continue;
        out_spaces(o, start - (o->len - from));
        out_text(o, label);
        end = start + strlen(label);
    }
    out_format(o, "  %s", !page->utf8 && g->x.unit == 1e-6 ? "us" : g->x.unit_name);
    out_text(o, page_off(page));
    out_char(o, '\n');
}

/* Entries that do not fit the line begin another. */
static void add_legend(const struct plot *p, const struct grid *g, const struct page *page, unsigned width, struct out *o)
{
    char what[96];
    int n = snprintf(what, sizeof what, _("%s (%s) over %s"), p->y_title,
                     !page->utf8 && g->y.unit == 1e-6 ? "us" : g->y.unit_name, p->x_title);
    size_t at = n > 0 ? text_columns(what, strlen(what)) : 0;
    out_text(o, page_on(page, STYLE_DIM));
    out_text(o, what);
    out_text(o, page_off(page));
    for (unsigned i = 0; i < p->series_count; i++) {
        const struct plot_series *s = &p->series[i];
        if (!s->count)
            continue;
        if (at + 4 + text_columns(s->name, strlen(s->name)) > width) {
            out_char(o, '\n');
            at = 0;
        }
        out_text(o, at ? "  " : "");
        out_text(o, page_on(page, styles[s->ink]));
        if (page->utf8)
            out_text(o, "●");
        else
            out_char(o, "*x+.o#!-"[s->ink]);
        out_text(o, page_off(page));
        out_format(o, " %s", s->name);
        at += (at ? 4 : 2) + text_columns(s->name, strlen(s->name));
    }
    out_char(o, '\n');
}

void plot_braille(const struct plot *p, const struct page *page, unsigned width, unsigned height, struct out *o)
{
    struct grid g = { 0 };
    unsigned around = LABEL + 1;
    g.across = width > around + LEAST_CELLS ? width - around : LEAST_CELLS;
    g.down = height > 5 + LEAST_CELLS ? height - 5 : LEAST_CELLS;
    plot_axes(p, g.across / 12 + 1, g.down / 4 + 1, &g.x, &g.y);
    g.dots = calloc((size_t)g.across * g.down, 1);
    g.ink = calloc((size_t)g.across * g.down, 1);
    if (g.dots && g.ink) {
        for (unsigned i = 0; i < p->series_count; i++)
            draw(&g, &p->series[i]);
        add_line(page, STYLE_STRONG, p->title, o);
        add_line(page, STYLE_DIM, p->subtitle, o);
        add_rows(&g, page, o);
        add_x_axis(&g, page, o);
        add_legend(p, &g, page, width, o);
    }
    free(g.dots);
    free(g.ink);
}

/* A page of terminal text: knows its width, whether it may use colour and UTF-8. Nothing from the network reaches
 * it but through page_safe(). One page, one thread. */
#ifndef REPORT_STYLE_H
#define REPORT_STYLE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

#include "wiretale/dissector.h"

enum style {
    STYLE_PLAIN,
    STYLE_HEADING,     /* section titles */
    STYLE_STRONG,
    STYLE_DIM,         /* units, remarks */
    STYLE_GOOD,
    STYLE_WARN,
    STYLE_BAD,
    STYLE_CLIENT,      /* client's arrows, names, addresses */
    STYLE_SERVER,
    STYLE_BAR,
    STYLES
};

enum style_colour { COLOUR_AUTO, COLOUR_ALWAYS, COLOUR_NEVER };

enum glyph {
    GLYPH_ARROW_RIGHT, GLYPH_ARROW_LEFT, GLYPH_BULLET, GLYPH_ELLIPSIS, GLYPH_RULE, GLYPH_DOT, GLYPH_TIMES, GLYPH_BOTH,
    GLYPH_CHECK, GLYPH_CROSS, GLYPH_WARN,
    GLYPHS
};

struct page {
    FILE *to;          /* borrowed */
    unsigned width;    /* columns */
    bool colour, utf8;
};

#define PAGE_WIDTH 80
#define PAGE_LEAST_WIDTH 60

/* width 0: the terminal's, else COLUMNS, else 80. COLOUR_AUTO: on a terminal that can, unless NO_COLOR is set.
 * UTF-8 where the locale says so (call setlocale(LC_CTYPE, "") before). */
void page_init(struct page *p, FILE *to, enum style_colour when, unsigned width);

const char *page_on(const struct page *p, enum style style);     /* escape sequence, or "" */
const char *page_off(const struct page *p);
const char *page_glyph(const struct page *p, enum glyph glyph);

/* printf in a style. */
__attribute__((format(printf, 3, 4))) void page_add(const struct page *p, enum style style, const char *format, ...);

/* Columns that text takes on a terminal. The text is valid UTF-8 without controls (safe text, or our own). */
size_t style_width(const char *text);
/* Writes text cut or padded to exactly `columns`; cut text ends in an ellipsis. */
void page_cell(const struct page *p, enum style style, const char *text, unsigned columns, bool right_aligned);
/* Text as it fits the page: UTF-8 that a plain terminal cannot show becomes \xNN (into `to`). */
void page_safe(const struct page *p, struct wt_text *to, struct wt_slice bytes);
/* A bar of part/whole, at most `columns` wide; returns the columns it took. */
unsigned page_bar(const struct page *p, double share, unsigned columns);
/* Paragraph text at an indent, wrapped at the page's width; `first` columns are already used on the first line.
 * Returns the columns used on the last line. */
unsigned page_wrap(const struct page *p, enum style style, const char *text, unsigned first, unsigned indent);

#endif

#include "report/text_table.h"

#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "base/i18n.h"
#include "report/text_units.h"

#define GAP 2

void table_begin(struct table *t, const struct page *p, unsigned indent, const struct table_column *columns,
                 unsigned column_count)
{
    *t = (struct table){ .page = p, .columns = columns, .indent = indent,
                         .column_count = column_count < TABLE_COLUMNS ? column_count : TABLE_COLUMNS };
}

static struct table_cell *next_cell(struct table *t)
{
    if (t->cell_count >= TABLE_ROWS * t->column_count)
        return NULL;
    if (t->cell_count == t->capacity) {
        unsigned capacity = t->capacity ? t->capacity * 2 : 64;
        struct table_cell *cells = realloc(t->cells, capacity * sizeof *cells);
        if (!cells) {
            t->starved = true;
            return NULL;
        }
        t->cells = cells;
        t->capacity = capacity;
    }
    struct table_cell *cell = &t->cells[t->cell_count++];
    *cell = (struct table_cell){ 0 };
    t->row_count = (t->cell_count + t->column_count - 1) / t->column_count;
    return cell;
}

void table_text(struct table *t, enum style style, const char *text)
{
    struct table_cell *cell = next_cell(t);
    if (!cell)
        return;
    cell->style = (unsigned char)style;
    cell->text = text && *text ? strdup(text) : NULL;
}

void table_cell(struct table *t, enum style style, const char *format, ...)
{
    char text[1024];
    va_list args;
    va_start(args, format);
    vsnprintf(text, sizeof text, format, args);
    va_end(args);
    table_text(t, style, text);
}

void table_bar(struct table *t, double share, unsigned columns)
{
    struct table_cell *cell = next_cell(t);
    if (!cell)
        return;
    cell->bar = (unsigned char)columns;
    cell->share = share;
}

void table_count(struct table *t, uint64_t n)
{
    char text[40] = "";
    struct wt_text at = { .at = text, .capacity = sizeof text };
    units_count(&at, n);
    table_text(t, n ? STYLE_PLAIN : STYLE_DIM, text);
}

void table_bytes(struct table *t, uint64_t bytes)
{
    char text[40] = "";
    struct wt_text at = { .at = text, .capacity = sizeof text };
    units_bytes(&at, bytes);
    table_text(t, STYLE_PLAIN, text);
}

void table_duration(struct table *t, enum style style, int64_t ns)
{
    char text[40] = "";
    struct wt_text at = { .at = text, .capacity = sizeof text };
    if (t->page->utf8)
        units_duration(&at, ns);
    else
        units_duration_ascii(&at, ns);
    table_text(t, style, text);
}

void table_percent(struct table *t, uint64_t part, uint64_t whole)
{
    char text[40] = "";
    struct wt_text at = { .at = text, .capacity = sizeof text };
    units_percent(&at, part, whole);
    table_text(t, STYLE_PLAIN, text);
}

static void measure(const struct table *t, unsigned *widths)
{
    for (unsigned c = 0; c < t->column_count; c++)
        widths[c] = (unsigned)style_width(tr(t->columns[c].title));
    for (unsigned i = 0; i < t->cell_count; i++) {
        const struct table_cell *cell = &t->cells[i];
        unsigned width = cell->bar ? cell->bar : cell->text ? (unsigned)style_width(cell->text) : 0;
        if (width > widths[i % t->column_count])
            widths[i % t->column_count] = width;
    }
}

static unsigned total(const struct table *t, const unsigned *widths)
{
    unsigned sum = t->indent, shown = 0;
    for (unsigned c = 0; c < t->column_count; c++)
        if (widths[c]) {
            sum += widths[c];
            shown++;
        }
    return sum + (shown ? (shown - 1) * GAP : 0);
}

/* Those of the same number belong together. */
static void drop_columns(const struct table *t, unsigned *widths, unsigned drop)
{
    for (unsigned c = 0; c < t->column_count; c++)
        if (t->columns[c].drop == drop)
            widths[c] = 0;
}

/* One step towards a narrower table: a column that may be cut loses a character (the widest of them), or the column
 * that can be missed most is dropped. False: nothing is left to do. */
static bool narrow(const struct table *t, unsigned *widths)
{
    unsigned widest = TABLE_COLUMNS, drop = TABLE_COLUMNS;
    for (unsigned c = 0; c < t->column_count; c++) {
        const struct table_column *column = &t->columns[c];
        if (column->least && widths[c] > column->least && (widest == TABLE_COLUMNS || widths[c] > widths[widest]))
            widest = c;
        if (widths[c] && column->drop && (drop == TABLE_COLUMNS || column->drop > t->columns[drop].drop))
            drop = c;
    }
    if (drop < TABLE_COLUMNS && t->drop_first && t->columns[drop].least && widths[drop] > t->columns[drop].least)
        widths[drop]--;
    else if (drop < TABLE_COLUMNS && (t->drop_first || widest == TABLE_COLUMNS))
        drop_columns(t, widths, t->columns[drop].drop);
    else if (widest < TABLE_COLUMNS)
        widths[widest]--;
    else
        return false;
    return true;
}

static void fit(const struct table *t, unsigned *widths)
{
    while (total(t, widths) > t->page->width && narrow(t, widths))
        ;
}

static void print_row(const struct table *t, const unsigned *widths, unsigned row)
{
    const struct page *p = t->page;
    unsigned last = 0;
    for (unsigned c = 0; c < t->column_count; c++) {
        unsigned i = row * t->column_count + c;
        if (widths[c] && i < t->cell_count && (t->cells[i].text || t->cells[i].bar))
            last = c;
    }
    fprintf(p->to, "%*s", (int)t->indent, "");
    bool first = true;
    for (unsigned c = 0; c <= last; c++) {
        unsigned i = row * t->column_count + c;
        if (!widths[c] || i >= t->cell_count)
            continue;
        const struct table_cell *cell = &t->cells[i];
        const char *text = cell->text ? cell->text : "";
        if (!first)
            fprintf(p->to, "%*s", GAP, "");
        first = false;
        unsigned width = (unsigned)style_width(text);
        unsigned room = !t->columns[c].least && width > widths[c] ? width : widths[c];    /* a number is never cut */
        bool end = c == last && !t->columns[c].right;    /* no blanks at the end of lines */
        if (cell->bar) {
            unsigned used = page_bar(p, cell->share, cell->bar < widths[c] ? cell->bar : widths[c]);
            fprintf(p->to, "%*s", c == last ? 0 : (int)(widths[c] - used), "");
        } else
            page_cell(p, (enum style)cell->style, text, end && width < room ? width : room,
                      t->columns[c].right);
    }
    putc('\n', p->to);
}

static void print_titles(const struct table *t, const unsigned *widths)
{
    bool any = false;
    for (unsigned c = 0; c < t->column_count; c++)
        any |= t->columns[c].title[0] != '\0';
    if (!any)
        return;
    unsigned last = 0;
    for (unsigned c = 0; c < t->column_count; c++)
        if (widths[c] && t->columns[c].title[0])
            last = c;
    fprintf(t->page->to, "%*s", (int)t->indent, "");
    bool first = true;
    for (unsigned c = 0; c <= last; c++) {
        if (!widths[c])
            continue;
        const char *title = tr(t->columns[c].title);
        unsigned width = c == last && !t->columns[c].right ? (unsigned)style_width(title) : widths[c];
        fprintf(t->page->to, "%*s", first ? 0 : GAP, "");
        page_cell(t->page, STYLE_DIM, title, width < widths[c] ? width : widths[c], t->columns[c].right);
        first = false;
    }
    putc('\n', t->page->to);
}

static void fix_widths(struct table *t)
{
    fit(t, t->widths);
    t->fixed = true;
    print_titles(t, t->widths);
}

void table_flush(struct table *t)
{
    if (!t->fixed && t->row_count) {
        measure(t, t->widths);
        for (unsigned c = 0; c < t->column_count; c++)    /* later rows may need more than the first ones */
            if (t->widths[c] && t->widths[c] < t->columns[c].start)
                t->widths[c] = t->columns[c].start;
        fix_widths(t);
    }
    for (unsigned row = 0; row < t->row_count; row++)
        print_row(t, t->widths, row);
    for (unsigned i = 0; i < t->cell_count; i++)
        free(t->cells[i].text);
    t->cell_count = t->row_count = 0;
}

void table_stream(struct table *t)
{
    for (unsigned c = 0; c < t->column_count; c++) {
        unsigned title = (unsigned)style_width(tr(t->columns[c].title));
        t->widths[c] = t->columns[c].start > title ? t->columns[c].start : title;
    }
    fix_widths(t);
}

void table_end(struct table *t)
{
    table_flush(t);
    free(t->cells);
    t->cells = NULL;
    t->capacity = 0;
}

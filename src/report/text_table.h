/* A small table on a page: collects cells, then prints them aligned and cut to the page's width. For lists of bounded
 * length (TABLE_ROWS). One thread. */
#ifndef REPORT_TEXT_TABLE_H
#define REPORT_TEXT_TABLE_H

#include "report/style.h"

#define TABLE_COLUMNS 16
#define TABLE_ROWS 1024

struct table_column {
    const char *title;       /* "" where there is none */
    bool right;
    unsigned char drop;      /* on a narrow page those with the highest number go first; 0: never */
    unsigned least;          /* 0: never cut; else it may shrink to this width */
    unsigned start;          /* table_stream(): width before anything is known of the rows */
};

struct table_cell {
    char *text;              /* owned; NULL: empty */
    unsigned char style;
    unsigned char bar;       /* columns of a bar; 0: text */
    double share;
};

struct table {
    const struct page *page;             /* borrowed */
    const struct table_column *columns;  /* borrowed */
    unsigned column_count, indent, row_count, cell_count, capacity;
    struct table_cell *cells;            /* owned */
    unsigned widths[TABLE_COLUMNS];      /* once fixed: by the first rows that were printed */
    bool fixed, drop_first, starved;
};

void table_begin(struct table *t, const struct page *p, unsigned indent, const struct table_column *columns,
                 unsigned column_count);
/* Cells from left to right; the row ends when all columns have one. */
__attribute__((format(printf, 3, 4))) void table_cell(struct table *t, enum style style, const char *format, ...);
void table_text(struct table *t, enum style style, const char *text);
void table_bar(struct table *t, double share, unsigned columns);
void table_count(struct table *t, uint64_t n);
void table_bytes(struct table *t, uint64_t bytes);
void table_duration(struct table *t, enum style style, int64_t ns);
void table_percent(struct table *t, uint64_t part, uint64_t whole);
/* Prints and frees. Titles are left out where all are "". */
void table_end(struct table *t);

/* For long lists: prints what was collected so far and forgets it. The first call prints the titles and fixes the
 * widths of the columns. */
void table_flush(struct table *t);
/* For rows that are printed as they come: fixes the widths by the columns' start. */
void table_stream(struct table *t);

#endif

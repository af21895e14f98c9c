/* Connections as lines of a table and as JSON objects (docs/schema/connection.json). One thread. */
#ifndef REPORT_CONNECTIONS_H
#define REPORT_CONNECTIONS_H

#include "report/json.h"
#include "report/names.h"
#include "report/style.h"
#include "report/text_table.h"
#include "wiretale/connection.h"

#define CONNECTION_SCHEMA_VERSION 1

struct connections_page {
    const struct page *page;         /* borrowed */
    const struct names *names;       /* borrowed; NULL: none */
    int64_t zero_ns;                 /* times count from here */
    struct table table;
    struct table_column columns[TABLE_COLUMNS];
    bool live;                       /* lines are printed as they come */
};

/* Begins the table; wide: all columns, nothing cut. zero_ns: the first frame's time. count: the highest number, for
 * the width of its column; 0: not known. */
void connections_begin(struct connections_page *c, const struct page *page, const struct names *names, int64_t zero_ns,
                       uint64_t count, bool wide, bool live);
void connections_add(struct connections_page *c, const struct wt_connection *connection);
void connections_end(struct connections_page *c);

/* One line of JSON. What is not known or not of the protocol is left out. */
void connections_json(FILE *to, const struct wt_connection *c, const struct names *names);

#endif

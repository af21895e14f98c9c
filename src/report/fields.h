/* -T fields: chosen fields of each packet as one line of cells, as tshark prints them. One thread.
 *
 * Beside the fields of dissectors it knows frame.* (number, time, lengths, protocols), _ws.col.* (the columns of the
 * packet list), _ws.malformed, the joined names ip.addr, tcp.port and their like, and protocols ("tcp"). */
#ifndef REPORT_FIELDS_H
#define REPORT_FIELDS_H

#include <stdbool.h>

#include "wiretale/engine.h"

struct columns;
struct fields;
struct out;

struct fields_options {
    const char *const *names;    /* borrowed until fields_free() */
    unsigned count;
    char separator;              /* 0: a tab */
    char aggregator;             /* 0: a comma */
    char occurrence;             /* 'f' first, 'l' last, 'a' or 0 all */
    char quote;                  /* 0 none, '"' or '\'' */
    bool header, bom;
    bool safe;                   /* for a terminal: control characters are made visible */
    bool c_strings;              /* as tshark 4.0: text ends at its first NUL, names apart */
};

/* "header=y", "separator=/t", "occurrence=a", "aggregator=,", "quote=d", "bom=n". 0, or -EINVAL with the reason. */
int fields_option(struct fields_options *options, const char *assignment, struct wt_error *err);

/* NULL: a name that nobody knows (all of them are named in err). columns: for _ws.col.*; borrowed. */
struct fields *fields_new(const struct fields_options *options, struct columns *columns, struct wt_error *err);
void fields_free(struct fields *f);

void fields_header(struct fields *f, struct out *o);
void fields_line(struct fields *f, const struct wt_packet_view *view, struct out *o);

/* For other writers, with aggregator FIELDS_BETWEEN and safe values: reads a packet's cells, and gives them one by one
 * with their values; at NULL: none. NULL behind the last. Valid until the next read. */
#define FIELDS_BETWEEN '\x1e'
void fields_read(struct fields *f, const struct wt_packet_view *view);
const char *fields_cell(const struct fields *f, unsigned index, struct wt_slice *ret_values);

#endif

/* The packets command's renderer: a client of the engine that writes each packet as a line, a line of fields, a tree
 * of fields, bytes, or JSON. Runs on one worker: packets come in the order of the capture. */
#ifndef REPORT_PACKETS_H
#define REPORT_PACKETS_H

#include <stdbool.h>

#include "columns.h"
#include "connections_select.h"
#include "fields.h"
#include "wiretale/engine.h"
#include "wiretale/filter.h"

enum packets_format { PACKETS_TEXT, PACKETS_TABS, PACKETS_FIELDS, PACKETS_JSON, PACKETS_JSONL, PACKETS_EK, PACKETS_PDML };

struct packets_options {
    enum packets_format format;
    bool tree;                    /* -V */
    bool hex;                     /* -x */
    bool line_buffered;           /* write each packet as soon as it is there (live) */
    enum columns_time time;
    unsigned time_digits;
    const char *columns;          /* borrowed; -o gui.column.format, for the lines; NULL: the usual ones */
    struct fields_options fields; /* json, jsonl, ek: count 0 is the whole tree */
    const struct wt_filter *filter;      /* borrowed; NULL: every packet is shown */
    const struct selection *selection;   /* borrowed; of connections and packets; NULL: all */
    size_t max_names;             /* remembered for selection by name */
};

struct packets;

/* fd: where to write. stop: called once when the output cannot be written (any more). NULL with err. */
struct packets *packets_new(const struct packets_options *options, int fd, void (*stop)(void), struct wt_error *err);
/* What the engine calls; fills client and its functions. */
void packets_client(struct packets *p, struct wt_client *ret_client);
/* Writes what is left. 0, or -errno: -EPIPE where the reader has gone. */
int packets_finish(struct packets *p);
void packets_free(struct packets *p);

#endif

/* The timeline: a ladder for each connection, as text or JSON. A client of the engine on one worker.
 *
 * Read from files, ladders come out in the order of their connections' numbers; live, as each connection ends; line
 * by line (follow), as it happens. */
#ifndef REPORT_TIMELINE_H
#define REPORT_TIMELINE_H

#include <stdbool.h>
#include <stdio.h>

#include "columns.h"
#include "connections_select.h"
#include "packets_out.h"
#include "style.h"
#include "wiretale/engine.h"
#include "wiretale/filter.h"

struct timeline_options {
    bool json, full, by_line, live;
    bool explain;                     /* the rule and where it stands, below each line where something happened */
    bool wide;                        /* a line is never broken */
    bool numeric;                     /* no names */
    bool picture;                     /* one connection is drawn as SVG: the first */
    bool tcp_only, udp_only;
    enum columns_time time;
    unsigned time_digits;
    const struct wt_config *config;   /* borrowed */
    const struct selection *selection;
    const struct wt_filter *filter;   /* borrowed; over packets: connections in which one passes; NULL: all */
    struct page page;
};

struct timeline;

/* stop: called once when the output cannot be written (any more). NULL: out of memory. */
struct timeline *timeline_new(const struct timeline_options *options, void (*stop)(void));
void timeline_client(struct timeline *t, struct wt_client *ret_client);
/* Writes what is kept; counts the limits that were hit. 0 or a negative error. */
int timeline_finish(struct timeline *t, struct wt_limit_hits *hits, struct wt_error *err);
/* The picture that was drawn, valid until timeline_free(); the number of its connection, 0: there was none. */
const struct out *timeline_picture(const struct timeline *t, uint64_t *ret_connection);
uint64_t timeline_shown(const struct timeline *t);
void timeline_free(struct timeline *t);

#endif

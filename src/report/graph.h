/* Plots of one TCP connection: time-sequence, round-trip time, throughput, window. A client of the engine on one
 * worker; both directions are gathered, the one that is asked for (or sent more) is drawn. */
#ifndef REPORT_GRAPH_H
#define REPORT_GRAPH_H

#include <stdbool.h>
#include <stdint.h>

#include "report/connections_select.h"
#include "report/plot.h"
#include "wiretale/engine.h"

enum graph_kind { GRAPH_STEVENS, GRAPH_TCPTRACE, GRAPH_RTT, GRAPH_THROUGHPUT, GRAPH_WINDOW, GRAPH_KINDS };
int graph_kind_parse(const char *name);      /* -1: no such name */

enum graph_side { GRAPH_CLIENT, GRAPH_SERVER, GRAPH_BUSIER };

struct graph_options {
    enum graph_kind kind;
    enum graph_side side;                /* whose data */
    bool numeric;
    const struct wt_config *config;      /* borrowed */
    const struct selection *selection;   /* borrowed */
};

struct graph;

struct graph *graph_new(const struct graph_options *options);    /* NULL: out of memory */
void graph_client(struct graph *g, struct wt_client *ret_client);

struct graph_result {
    uint64_t connection;                 /* number of the one that is drawn; 0: none was selected */
    uint64_t others;                     /* further ones that were selected */
};
/* The plot is the graph's. Its points may be none: nothing of that kind was seen. */
const struct plot *graph_finish(struct graph *g, struct graph_result *ret_result);
void graph_free(struct graph *g);

#endif

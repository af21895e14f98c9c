/* Bytes over time in a fixed number of slots: when time outgrows them, neighbours are joined and slots twice as long.
 * One thread. */
#ifndef REPORT_GRAPH_RATE_H
#define REPORT_GRAPH_RATE_H

#include <stdint.h>

#include "report/plot.h"

#define GRAPH_RATE_SLOTS 2048
#define GRAPH_RATE_FIRST_NS INT64_C(100000)

struct graph_rate {
    int64_t slot_ns;            /* 0: nothing added yet */
    uint64_t all[GRAPH_RATE_SLOTS], fresh[GRAPH_RATE_SLOTS];
};

void graph_rate_add(struct graph_rate *r, int64_t at_ns, uint64_t all, uint64_t fresh);
/* Points in bits per second, about 150 of them. */
void graph_rate_plot(const struct graph_rate *r, int64_t last_ns, struct plot_series *all, struct plot_series *fresh);

#endif

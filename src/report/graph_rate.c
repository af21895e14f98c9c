#include "report/graph_rate.h"

#include <string.h>

#define POINTS 150

static void double_slots(struct graph_rate *r)
{
    for (unsigned i = 0; i < GRAPH_RATE_SLOTS / 2; i++) {
        r->all[i] = r->all[2 * i] + r->all[2 * i + 1];
        r->fresh[i] = r->fresh[2 * i] + r->fresh[2 * i + 1];
    }
    memset(r->all + GRAPH_RATE_SLOTS / 2, 0, sizeof r->all / 2);
    memset(r->fresh + GRAPH_RATE_SLOTS / 2, 0, sizeof r->fresh / 2);
    r->slot_ns *= 2;
}

void graph_rate_add(struct graph_rate *r, int64_t at_ns, uint64_t all, uint64_t fresh)
{
    if (!r->slot_ns)
        r->slot_ns = GRAPH_RATE_FIRST_NS;
    if (at_ns < 0)
        at_ns = 0;
    while (at_ns / r->slot_ns >= GRAPH_RATE_SLOTS)
        double_slots(r);
    r->all[at_ns / r->slot_ns] += all;
    r->fresh[at_ns / r->slot_ns] += fresh;
}

void graph_rate_plot(const struct graph_rate *r, int64_t last_ns, struct plot_series *all, struct plot_series *fresh)
{
    if (!r->slot_ns)
        return;
    int64_t slots = last_ns / r->slot_ns + 1;
    if (slots > GRAPH_RATE_SLOTS)
        slots = GRAPH_RATE_SLOTS;
    int64_t join = (slots + POINTS - 1) / POINTS;
    for (int64_t i = 0; i < slots; i += join) {
        uint64_t sum = 0, sum_fresh = 0;
        int64_t end = i + join < slots ? i + join : slots;
        for (int64_t k = i; k < end; k++) {
            sum += r->all[k];
            sum_fresh += r->fresh[k];
        }
        double seconds = (double)(end - i) * (double)r->slot_ns / 1e9, at = ((double)i + (double)(end - i) / 2) * (double)r->slot_ns / 1e9;
        plot_add(all, at, (double)sum * 8 / seconds);
        plot_add(fresh, at, (double)sum_fresh * 8 / seconds);
    }
}

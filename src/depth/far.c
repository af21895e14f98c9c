/* Seen from near the receiver, the sender knows of an ACK only when it has got there, and what it then sends comes a
 * trip later. So what it was allowed is what the receiver had said near_ns before: there in-flight data and full
 * windows can't be seen by themselves. */
#include "depth_impl.h"

#define FINEST 32                 /* parts of near_ns that are told apart */

void far_edge(const struct look *l, struct direction *w, int64_t edge)
{
    struct far *f = &w->far;
    if (!f->edge && (!w->sent_any || !(f->edge = depth_memory(l->depth, l->state, FAR_EDGES, sizeof *f->edge))))
        return;
    struct far_edge *last = &f->edge[(f->count - 1u) % FAR_EDGES];
    if (f->count && edge <= last->edge)
        return;
    int64_t apart = w->near_ns > 0 ? w->near_ns / FINEST : MS / 4;
    if (f->count && l->now_ns - last->at_ns < apart)
        last->edge = edge;
    else
        f->edge[f->count++ % FAR_EDGES] = (struct far_edge){ .at_ns = l->now_ns, .edge = edge };
}

/* How much of from_ns … to_ns the sender had no room in the window for `least` bytes. */
int64_t far_limited(const struct direction *w, int64_t least, int64_t from_ns, int64_t to_ns)
{
    const struct far *f = &w->far;
    int64_t knew_ns = w->last_send_ns - w->near_ns, until_ns = to_ns;
    bool knew = false;
    if (!depth_far(w) || !w->sent_any)
        return 0;
    for (uint32_t i = 1; i <= FAR_EDGES && i <= f->count; i++) {      /* from the latest on */
        const struct far_edge *e = &f->edge[(f->count - i) % FAR_EDGES];
        bool room = e->edge - w->most >= least;
        knew = e->at_ns <= knew_ns;
        if (knew && room)
            return 0;
        if (room && e->at_ns + w->near_ns < until_ns)
            until_ns = e->at_ns + w->near_ns;
        if (knew)
            break;
    }
    if (from_ns < w->last_send_ns)
        from_ns = w->last_send_ns;
    return knew && until_ns > from_ns ? until_ns - from_ns : 0;
}

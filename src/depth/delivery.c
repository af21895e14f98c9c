/* What the receiver's application got, and how long it waited for a hole while later data lay there (head-of-line
 * blocking): from the ACK that first tells of the hole to the one that passes it. */
#include "depth_impl.h"

static void hole_ends(struct direction *w, int64_t now_ns)
{
    struct wt_direction *r = &w->result;
    int64_t blocked = now_ns > w->blocked_since_ns ? now_ns - w->blocked_since_ns : 0;      /* time may run back */
    r->holes++;
    r->blocked_ns += blocked;
    if (blocked >= r->blocked_longest_ns) {
        r->blocked_longest_ns = blocked;
        r->blocked_longest_frame = w->blocked_frame;
    }
    w->blocked = false;
}

void delivery_after_ack(struct look *l, struct direction *w, bool progress)
{
    bool blocked = w->sacked_bytes > 0 || (!l->sack_both && w->dup_acks > 0);
    if (w->blocked && (progress || !blocked))
        hole_ends(w, l->now_ns);
    if (blocked && !w->blocked) {
        w->blocked = true;
        w->blocked_since_ns = l->now_ns;
        w->blocked_frame = l->frame;
    }
    if (blocked && w->sacked_bytes > w->result.blocked_bytes_most)
        w->result.blocked_bytes_most = w->sacked_bytes;
}

/* SYN and FIN take a number each and deliver nothing. */
uint64_t delivery_bytes(const struct direction *w)
{
    if (!w->acked_any || !w->begin_known || !w->result.sent_bytes)
        return 0;
    int64_t n = w->una - w->begin;
    if (w->fin_sent && w->una >= w->fin_end)
        n--;
    return n > 0 ? (uint64_t)n : 0;
}

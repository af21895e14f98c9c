/* Who holds the data up: between two packets each direction waits for one of four. The receiver, where less than a
 * segment fits its window; the network, while something is in flight; the sender, where it could send and does not;
 * nobody, where nothing is in flight (idle). As T-RAT (Zhang et al., 2002) and Linux's tcp_info divide it. */
#include "depth_impl.h"

#define PAUSE_LEAST (2 * MS)      /* a sender that was triggered by an ACK sends sooner than this, or an eighth of a round trip */
#define FLAT_ROUNDS 3

static int64_t pause_of(const struct direction *w)
{
    int64_t lag = w->near_ns > 0 ? w->near_ns : 0;
    int64_t part = w->rtt.samples ? (w->rtt.smoothed_ns + lag) / 8 : 0;
    return lag + lag / 2 + (part > PAUSE_LEAST ? part : PAUSE_LEAST);
}

static void settle_pending(struct look *l, bool receiver)
{
    struct wt_analysis_state *a = l->state;
    struct direction *w = &a->way[l->side];
    *(receiver ? &w->result.receiver_ns : &w->result.idle_ns) += w->flow.pending_ns;
    *(receiver ? &a->waited_ns[l->side ^ 1u] : &a->waited_ns[l->side]) += w->flow.blamed_ns;
    w->flow.pending_ns = w->flow.blamed_ns = 0;
}

/* New data may be a tail loss probe, too: about two round trips after the last, RFC 8985 7.3. */
static bool is_probe(const struct look *l, const struct direction *w, int64_t spent)
{
    int64_t trip = w->rtt.smoothed_ns + (w->near_ns > 0 ? w->near_ns : 0);
    return l->sack_both && w->rtt.samples && spent >= 2 * trip && spent < 2 * trip + trip / 4 + 12 * MS;
}

/* A window that is full behind a hole is the network's doing. */
static bool loses(const struct direction *w)
{
    return w->sent.count && (w->blocked || w->recovery != RECOVERY_NONE);
}

/* What has to fit the window, or the sender waits. */
static int64_t least_segment(const struct direction *w)
{
    return w->result.largest_segment ? w->result.largest_segment : w->mss ? w->mss : 536;
}

/* Time until this packet, in what state it was spent. new_data: the packet brings data of this direction. */
static uint8_t spend(struct look *l, struct direction *w, int64_t spent, bool new_data)
{
    int64_t way;
    struct flow *f = &w->flow;
    struct wt_direction *r = &w->result;
    uint8_t wait = f->wait;
    if (new_data && f->pending_ns) {      /* the window opened: did the sender wait for it? */
        bool waited = f->wait == WAIT_RECEIVER || l->now_ns - f->opened_ns <= pause_of(w);
        settle_pending(l, waited);
    }
    if (new_data && wait == WAIT_NETWORK && w->recovery == RECOVERY_NONE && !w->blocked && w->result.sent_bytes && spent > pause_of(w)
        && !is_probe(l, w, spent))
        wait = WAIT_SENDER;
    f->far_ns = wait == WAIT_RECEIVER ? 0 : far_limited(w, least_segment(w), l->now_ns - spent, l->now_ns);
    r->receiver_ns += f->far_ns;
    spent -= f->far_ns;
    switch (wait) {
    case WAIT_RECEIVER:
        if (w->sent.count)
            r->receiver_ns += spent;
        else
            f->pending_ns += spent;
        break;
    case WAIT_NETWORK: r->network_ns += spent; break;
    case WAIT_SENDER: r->sender_ns += spent; break;
    case WAIT_IDLE:      /* the ACK and the answer to it have to pass, too */
        way = new_data && w->near_ns > 0 ? (spent < w->near_ns ? spent : w->near_ns) : 0;
        r->network_ns += way;
        r->idle_ns += spent - way;
        break;
    default: break;
    }
    if (f->closed)
        r->zero_window_ns += spent + f->far_ns;
    return wait;
}

/* The connection as a whole waits for one: an end that does not read or write, the network, or, while nothing is in
 * flight, the end that acts next. */
static void blame(struct look *l, const uint8_t wait[2], int64_t spent)
{
    struct wt_analysis_state *a = l->state;
    bool acts = l->segment->payload_bytes || l->tcp->flags & (WT_FLAG_SYN | WT_FLAG_FIN | WT_FLAG_RST);
    for (unsigned side = 0; side < 2; side++)
        if (wait[side] == WAIT_RECEIVER && a->way[side].sent.count && !loses(&a->way[side])) {
            a->waited_ns[side ^ 1u] += spent;
            return;
        }
    for (unsigned side = 0; side < 2; side++)
        if (wait[side] == WAIT_SENDER) {
            a->waited_ns[side] += spent;
            return;
        }
    for (unsigned side = 0; side < 2; side++) {
        int64_t far_ns = a->way[side].flow.far_ns < spent ? a->way[side].flow.far_ns : spent;
        *(loses(&a->way[side]) ? &a->network_ns : &a->waited_ns[side ^ 1u]) += far_ns;
        spent -= far_ns;
    }
    bool flying = false;
    for (unsigned side = 0; side < 2; side++)
        flying |= wait[side] == WAIT_NETWORK || (wait[side] == WAIT_RECEIVER && loses(&a->way[side]));
    if (!flying) {
        unsigned shut = wait[0] == WAIT_RECEIVER ? 0 : 1;      /* a window without room: whose fault that is, the next data tells */
        *(wait[shut] == WAIT_RECEIVER ? &a->way[shut].flow.blamed_ns : &a->idle_ns) += spent;
    } else {
        /* An answer that comes with the ACK took the round trip, and the rest was its sender's. */
        const struct rtt *rtt = &a->way[l->side ^ 1u].rtt;
        bool answer = l->segment->payload_bytes && wait[l->side ^ 1u] == WAIT_NETWORK && rtt->samples
            && a->way[l->side ^ 1u].recovery == RECOVERY_NONE;
        int64_t way = answer && spent > rtt->min_ns ? rtt->min_ns : spent;
        a->network_ns += way;
        a->waited_ns[l->side] += spent - way;
    }
    if (acts) {
        int64_t near = a->way[l->side].near_ns, way = near > 0 ? (a->idle_ns < near ? a->idle_ns : near) : 0;
        a->network_ns += way;
        a->waited_ns[l->side] += a->idle_ns - way;
        a->idle_ns = 0;
    }
}

void flow_passes(struct look *l)
{
    struct wt_analysis_state *a = l->state;
    int64_t spent = a->last_ns >= 0 && l->now_ns > a->last_ns ? l->now_ns - a->last_ns : 0;
    uint8_t wait[2];
    for (unsigned side = 0; side < 2; side++) {
        bool new_data = side == l->side && l->segment->payload_bytes
            && depth_number(&a->way[side], l->tcp->seq) + l->segment->payload_bytes > a->way[side].most;
        wait[side] = spend(l, &a->way[side], spent, new_data);
    }
    blame(l, wait, spent);
    if (l->now_ns > a->last_ns)
        a->last_ns = l->now_ns;
}

void flow_ends(struct wt_analysis_state *a, int64_t now_ns)
{
    if (a->last_ns < 0 || now_ns <= a->last_ns)
        return;
    a->network_ns += now_ns - a->last_ns + a->idle_ns;
    a->idle_ns = 0;
    a->last_ns = now_ns;
}

/* What the receiver allows. */
void flow_window(struct look *l, struct direction *w, int64_t ack)
{
    struct flow *f = &w->flow;
    uint32_t window = l->segment->window;
    if (!f->edge_known || ack + window > f->edge || ack >= w->una) {
        int64_t edge = ack + window;
        if (f->edge_known && edge > f->edge && f->wait == WAIT_RECEIVER)
            f->opened_ns = l->now_ns;
        f->edge = edge;
        f->edge_known = true;
        far_edge(l, w, edge);
    }
    if (l->tcp->flags & WT_FLAG_SYN)      /* not scaled, RFC 7323 2.2 */
        return;
    struct wt_direction *r = &w->result;
    if (window == 0 && !f->closed)
        r->zero_windows++;
    f->closed = window == 0;
    if (!r->window_known || window < r->window_least)
        r->window_least = window;
    if (!r->window_known || window > r->window_most)
        r->window_most = window;
    r->window_known = true;
}

/* Nothing has shown the path's limit yet, and what is in flight does not grow: it is the sender's own buffer. */
static bool is_flat(const struct direction *w)
{
    const struct rtt *r = &w->rtt;
    return w->flow.flat_rounds >= FLAT_ROUNDS && !depth_far(w) && !w->result.retransmitted_segments && !w->result.ece && r->samples
        && r->smoothed_ns < r->min_ns + r->min_ns / 2 + MS;
}

void flow_after(struct direction *w)
{
    struct flow *f = &w->flow;
    int64_t least = least_segment(w);
    bool more = w->result.sent_bytes && !w->fin_sent;
    if (more && f->edge_known && f->edge - w->most < least)
        f->wait = WAIT_RECEIVER;
    else if (w->sent.count)
        f->wait = is_flat(w) ? WAIT_SENDER : WAIT_NETWORK;
    else
        f->wait = w->result.sent_bytes ? WAIT_IDLE : WAIT_NOTHING;
    if (f->wait == WAIT_IDLE) {
        f->flat_rounds = 0;
        f->last_peak = 0;
    }
}

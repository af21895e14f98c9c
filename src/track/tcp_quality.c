/* Wireshark's classes (its User's Guide, "TCP Analysis"), one small rule each. Of several that could hold, the first
 * of keep-alive, spurious, fast retransmission, out of order, retransmission is taken. */
#include "track/tcp_quality.h"

#include "track/flight.h"
#include "track/tcp_window.h"

#define FAST_RETRANSMIT_NS 20000000    /* after the last duplicate ACK */
#define OUT_OF_ORDER_NS    3000000     /* after the highest number, where no handshake told the round trip */
#define CONTROL (WT_FLAG_SYN | WT_FLAG_FIN | WT_FLAG_RST)

/* One segment against what both sides said before it. */
struct look {
    struct tracker *t;
    struct conn *c;
    struct tcp_seg *g;
    struct wt_segment *out;
    unsigned side, peer;
    bool seen, peer_seen;      /* they sent something before */
    bool expected;             /* it begins where the last one ended */
    bool same_ack, same_window;
    bool control;              /* SYN, FIN or RST */
    bool takes_space;          /* data, SYN or FIN */
};

static struct look look_at(struct tracker *t, struct conn *c, unsigned side, struct tcp_seg *g, struct wt_segment *out)
{
    struct look l = { .t = t, .c = c, .g = g, .out = out, .side = side, .peer = side ^ 1u };
    l.seen = c->side[side] & SIDE_SEEN;
    l.peer_seen = c->side[l.peer] & SIDE_SEEN;
    l.expected = l.seen && g->seq == c->next_seq[side];
    l.same_ack = l.seen && g->ack == c->last_ack[side];
    l.same_window = l.seen && g->window == c->window[side];
    l.control = g->flags & CONTROL;
    l.takes_space = g->len > 0 || g->flags & (WT_FLAG_SYN | WT_FLAG_FIN);
    return l;
}

static struct more_side *rare(const struct look *l, unsigned side)
{
    struct conn_more *m = more_take(l->t, l->c);
    return m ? &m->side[side] : NULL;
}

/* ---- the sender's side: probes, windows, what it repeats without data ---- */

static bool is_window_probe(const struct look *l)
{
    return l->g->len == 1 && l->expected && l->peer_seen && l->c->window[l->peer] == 0;
}

static bool is_window_full(const struct look *l)
{
    const struct conn *c = l->c;
    if (l->g->len == 0 || l->control || !l->peer_seen || tcp_window_scale(c, l->peer) == SCALE_UNKNOWN)
        return false;
    uint32_t window = tcp_window_bytes(c, l->peer, c->window[l->peer], c->last_flags[l->peer]);
    return l->g->seq + l->g->len == c->last_ack[l->peer] + window;
}

static void count_duplicate(const struct look *l)
{
    struct more_side *m = rare(l, l->side);
    l->g->did |= WT_DID_DUP_ACK;
    if (!(l->c->flags & LIVE_TIME_WAIT))
        l->out->dup_ack_frame = l->c->first_frame + l->c->ack_frame[l->side];
    l->out->dup_ack_count = 1;
    if (!m)
        return;
    m->repeats = m->repeats == UNSEEN_SAID ? 1 : m->repeats + 1;
    m->duplicate_acks++;
    l->out->dup_ack_count = m->repeats;
}

/* A bare ACK that moves nothing: what does it want? */
static void class_bare_ack(const struct look *l)
{
    struct tcp_seg *g = l->g;
    if (g->len || !l->expected || !l->same_ack || l->control)
        return;
    if (!l->same_window) {
        if (g->window)
            g->did |= WT_DID_WINDOW_UPDATE;
        return;
    }
    unsigned peer_flags = l->c->side[l->peer];
    if (!g->window) {
        if (peer_flags & SIDE_PROBE)
            g->did |= WT_DID_ZERO_WINDOW_PROBE_ACK;
    } else if (peer_flags & SIDE_KEEP_ALIVE) {
        g->did |= WT_DID_KEEP_ALIVE_ACK;
    } else {
        count_duplicate(l);
    }
}

static void class_sender(const struct look *l)
{
    struct tcp_seg *g = l->g;
    struct conn *c = l->c;
    if (is_window_probe(l)) {
        g->did |= WT_DID_ZERO_WINDOW_PROBE;
        return;
    }
    if (g->window == 0 && !l->control) {
        g->did |= WT_DID_ZERO_WINDOW;
        struct more_side *m = rare(l, l->side);
        if (m)
            m->zero_windows++;
    }
    if (l->seen && seq_before(c->next_seq[l->side], g->seq) && !(g->flags & WT_FLAG_RST))
        g->did |= WT_DID_GAP_BEFORE;
    if (g->len <= 1 && l->seen && g->seq == c->next_seq[l->side] - 1 && !l->control) {
        g->did |= WT_DID_KEEP_ALIVE;
        struct more_side *m = rare(l, l->side);
        if (m)
            m->keep_alives++;
    }
    if (is_window_full(l))
        g->did |= WT_DID_WINDOW_FULL;
    class_bare_ack(l);
}

/* ---- what its ACK says of the other side ---- */

static uint32_t contiguous(const struct look *l, unsigned side)
{
    const struct conn_more *m = more_at(l->t, l->c);
    return l->c->side[side] & SIDE_HOLES && m ? m->side[side].contiguous : l->c->next_seq[side];
}

static void set_contiguous(const struct look *l, unsigned side, uint32_t seq)
{
    struct conn *c = l->c;
    c->side[side] &= (uint16_t)~SIDE_HOLES;
    if (seq == c->next_seq[side])
        return;
    struct more_side *m = rare(l, side);
    if (!m)
        return;
    m->contiguous = seq;
    c->side[side] |= SIDE_HOLES;
}

/* Said once a loss: the edge then moves up to what was seen. Where that is not enough, because we see nothing of the
 * other side, it is said again only after that side has moved its own ACK. */
static void class_unseen(const struct look *l)
{
    struct conn *c = l->c;
    unsigned peer = l->peer;
    if (!l->peer_seen || !(l->g->flags & WT_FLAG_ACK) || !seq_before(contiguous(l, peer), l->g->ack))
        return;
    if (contiguous(l, peer) != c->next_seq[peer]) {
        set_contiguous(l, peer, c->next_seq[peer]);
        l->g->did |= WT_DID_ACKED_UNSEEN;
        return;
    }
    struct more_side *m = rare(l, peer);
    if (!m || m->repeats == 0)
        l->g->did |= WT_DID_ACKED_UNSEEN;
    if (m)
        m->repeats = UNSEEN_SAID;
}

/* ---- repeats ---- */

static bool is_fast(const struct look *l)
{
    const struct conn_more *m = more_at(l->t, l->c);
    if (!m || m->side[l->peer].repeats < 2 || m->side[l->peer].repeats == UNSEEN_SAID
        || l->c->last_ack[l->peer] != l->g->seq)
        return false;
    int64_t after = l->g->time_ns - m->side[l->peer].last_ns;
    return after >= 0 && after < FAST_RETRANSMIT_NS;
}

static int64_t first_rtt(const struct look *l)
{
    const struct conn *c = l->c;
    if (!since_seen(c->ack))
        return 0;
    const struct conn_more *m = more_at(l->t, c);
    int64_t syn = m && m->last_syn_ns ? m->last_syn_ns - c->start_ns : 0;
    return c->flags & LIVE_SYN ? since_ns(c->ack) - syn : 0;
}

static bool is_out_of_order(const struct look *l, const struct flight_past *past)
{
    int64_t limit = first_rtt(l);
    if (limit <= 0)
        limit = OUT_OF_ORDER_NS;
    if (!past->advanced || l->c->next_seq[l->side] == l->g->end)
        return false;
    int64_t after = l->g->time_ns - past->advance_ns;
    return after >= 0 && after < limit;
}

static void note_original(const struct look *l, const struct flight_past *past)
{
    l->out->original_frame = past->frame;
    l->out->since_original_ns = past->found ? l->g->time_ns - past->time_ns
        : past->advanced ? l->g->time_ns - past->advance_ns : l->out->since_previous_ns;
}

/* New bytes behind others: were they overtaken, or lost before they came here and sent again? The sender's clock knows
 * (RFC 7323 3; the same evidence as Eifel's, RFC 3522): what is younger than the segment that left the hole was sent
 * again, what is older than any that was seen before it was overtaken. Where it does not tell, time does: the news of a
 * loss and what is sent again need a round trip (a quarter of it is left for jitter). */
static bool was_overtaken(const struct look *l, const struct flight_past *past)
{
    if (past->found)
        return false;
    uint32_t ts = l->g->ts_val;
    if (ts && past->next_ts && seq_before(past->next_ts, ts))
        return false;
    if (ts && past->later_ts && seq_before(ts, past->later_ts))
        return true;
    int64_t rtt = first_rtt(l);
    if (rtt > 0 && past->next_ns)
        return l->g->time_ns - past->next_ns < rtt - rtt / 4;
    return l->g->did & WT_DID_OUT_OF_ORDER;
}

/* The same packet once more, given twice by the network or by a capture at two ports of a switch: a sender gives what
 * it sends again an identification of its own (RFC 6864 4.1 lets it be 0 where nothing may be cut; then its clock
 * stands still, and no round trip has passed). */
static bool is_copy(const struct look *l, const struct flight_past *past)
{
    const struct tcp_seg *g = l->g;
    if (!past->exact || g->ts_val != past->ts || g->ip_id != past->ip_id)
        return false;
    if (g->ip_id)
        return true;
    int64_t after = g->time_ns - past->time_ns;
    return g->ts_val && after >= 0 && after < first_rtt(l) / 4;
}

/* The classes are Wireshark's; the record counts what is known: bytes that were seen before were sent again, unless it
 * is the same packet. */
static void count_repeat(const struct look *l, const struct flight_past *past)
{
    struct more_side *m = rare(l, l->side);
    uint32_t before = m ? m->retransmissions : 0;
    if (m && is_copy(l, past))
        m->duplicated++;
    else if (m && was_overtaken(l, past))
        m->out_of_order++;
    else if (m)
        m->retransmissions++;
    l->out->sent_again = m && m->retransmissions != before;
}

static void class_repeat(const struct look *l)
{
    struct tcp_seg *g = l->g;
    const struct conn *c = l->c;
    if (!l->takes_space || !l->seen || g->did & WT_DID_KEEP_ALIVE)
        return;
    /* Simultaneous open: the SYN-ACK that answers the peer's SYN repeats the number of our own (RFC 9293 3.5). */
    if (g->flags & WT_FLAG_SYN && g->flags & WT_FLAG_ACK && !(c->side[l->side] & SIDE_ACKS))
        return;
    bool old = seq_before(g->seq, c->next_seq[l->side]);
    if (g->len > 1 && g->seq == c->next_seq[l->side] - 1)
        old = false;                     /* the byte before was a window probe's */
    bool spurious = g->len && l->peer_seen && c->last_ack[l->peer] && seq_up_to(g->seq + g->len, c->last_ack[l->peer]);
    if (!old && !spurious)
        return;
    struct flight_past past = flight_look(l->t, c, l->side, g->seq, g->end);
    if (spurious) {
        g->did |= WT_DID_SPURIOUS | WT_DID_RETRANSMIT;
    } else if (is_fast(l)) {
        g->did |= WT_DID_FAST_RETRANSMIT | WT_DID_RETRANSMIT;
    } else if (is_out_of_order(l, &past)) {
        g->did |= WT_DID_OUT_OF_ORDER;
    } else {
        g->did |= WT_DID_RETRANSMIT;
    }
    if (g->did & WT_DID_RETRANSMIT)
        note_original(l, &past);
    count_repeat(l, &past);
}

/* ---- moving on ---- */

static void move_seq(const struct look *l)
{
    struct conn *c = l->c;
    struct tcp_seg *g = l->g;
    unsigned side = l->side;
    uint32_t edge = contiguous(l, side), next = c->next_seq[side];
    bool probe = g->did & WT_DID_ZERO_WINDOW_PROBE;
    bool advances = !l->seen || seq_before(next, g->end);
    if (g->len)
        tcp_holes_data(l->t, c, side, tcp_data_seq(g->seq, g->flags), g->len);
    if (l->seen && seq_before(next, g->seq) && g->did & WT_DID_GAP_BEFORE)
        tcp_holes_gap(l->t, c, side, g->seq);
    if (g->len || g->flags & WT_FLAG_FIN) {
        struct flight sent = { .time_ns = g->time_ns, .frame = g->frame & FLIGHT_FRAME, .seq = g->seq, .end = g->end,
                               .advanced = advances, .ts_val = g->ts_val,
                               .ip_id = g->ip_id };
        flight_add(l->t, c, side, &sent);
    }
    if (probe) {
        struct more_side *m = rare(l, side);
        if (m)
            m->repeated_bytes++;         /* the byte is sent again when the window opens */
        return;
    }
    if (advances)
        c->next_seq[side] = g->end;
    set_contiguous(l, side, !l->seen || g->seq == edge ? c->next_seq[side] : edge);
}

static void move_ack(const struct look *l)
{
    struct conn *c = l->c;
    struct tcp_seg *g = l->g;
    unsigned side = l->side;
    struct conn_more *more = more_at(l->t, c);
    if (!l->seen || g->ack != c->last_ack[side]) {
        if (!(c->flags & LIVE_TIME_WAIT))
            c->ack_frame[side] = (uint32_t)(g->frame - c->first_frame);
        if (more)
            more->side[side].repeats = 0;
    }
    if (!more)
        return;
    struct more_side *m = &more->side[side];
    m->last_ns = g->time_ns;
    if (g->flags & WT_FLAG_ACK && (!m->acks || seq_before(m->max_ack, g->ack))) {
        m->max_ack = g->ack;
        m->acks = true;
    }
}

void tcp_quality_sample(struct tracker *t, struct conn *c, unsigned side, const struct tcp_seg *g,
                        struct wt_segment *out)
{
    struct flight sent;
    if (!(g->flags & WT_FLAG_ACK) || !flight_ack(t, c, side ^ 1u, g->ack, &sent))
        return;
    out->ack_rtt_ns = g->time_ns - sent.time_ns;
    out->acked_frame = sent.frame;
}

void tcp_quality_segment(struct tracker *t, struct conn *c, unsigned side, struct tcp_seg *g, struct wt_segment *out)
{
    struct look l = look_at(t, c, side, g, out);
    class_sender(&l);
    move_ack(&l);
    class_unseen(&l);
    class_repeat(&l);
    move_seq(&l);
    uint16_t flags = c->side[side] & (uint16_t)~(SIDE_KEEP_ALIVE | SIDE_PROBE);
    if (g->did & WT_DID_KEEP_ALIVE)
        flags |= SIDE_KEEP_ALIVE;
    if (g->did & WT_DID_ZERO_WINDOW_PROBE)
        flags |= SIDE_PROBE;
    c->side[side] = flags | SIDE_SEEN | (g->flags & WT_FLAG_ACK ? SIDE_ACKS : 0);
    c->window[side] = g->window;
    if (g->flags & WT_FLAG_ACK)
        c->last_ack[side] = g->ack;
    c->last_flags[side] = (uint8_t)g->flags;
}

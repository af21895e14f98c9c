/* RFC 9293 figure 5 as a table, and the three things that stand beside it: reset, TIME-WAIT, and taking back.
 *
 * What an endpoint sends is certain. What it received is presumed: the capture point saw a segment go by, and it may
 * have been lost behind it. So each endpoint has two states: the one that its own segments prove, and the one it is
 * in if everything that went by arrived. Each segment that it sends proves or refutes: we go back to the proven
 * state, let it take the arrows of what this segment acknowledges, then those of what it sends, and presume again. */
#include "track/tcp_states.h"

#include "track/tcp_window.h"

#define NONE         WT_TCP_NONE
#define CLOSED       WT_TCP_CLOSED
#define LISTEN       WT_TCP_LISTEN
#define SYN_SENT     WT_TCP_SYN_SENT
#define SYN_RECEIVED WT_TCP_SYN_RECEIVED
#define ESTABLISHED  WT_TCP_ESTABLISHED
#define FIN_WAIT_1   WT_TCP_FIN_WAIT_1
#define FIN_WAIT_2   WT_TCP_FIN_WAIT_2
#define CLOSE_WAIT   WT_TCP_CLOSE_WAIT
#define CLOSING      WT_TCP_CLOSING
#define LAST_ACK     WT_TCP_LAST_ACK
#define TIME_WAIT    WT_TCP_TIME_WAIT

/* Absent cell (0): no arrow, the state stays. OPEN, and CLOSE without a FIN, can't be seen. LISTEN is inferred for an
 * endpoint before its peer's SYN arrives. SND_SYN_ACK has arrows of its own where the SYN before it was not seen. */
static const uint8_t tcp_next[WT_TCP_STATES][TCP_EVENTS] = {
    [CLOSED]       = { [SND_SYN]   = SYN_SENT,     [RCV_SYN]     = SYN_RECEIVED, [SND_SYN_ACK] = SYN_RECEIVED },
    [LISTEN]       = { [SND_SYN]   = SYN_SENT,     [RCV_SYN]     = SYN_RECEIVED, [SND_SYN_ACK] = SYN_RECEIVED },
    [SYN_SENT]     = { [RCV_SYN]   = SYN_RECEIVED, [RCV_SYN_ACK] = ESTABLISHED,  [SND_SYN_ACK] = SYN_RECEIVED },
    [SYN_RECEIVED] = { [SYN_ACKED] = ESTABLISHED,  [SND_FIN]     = FIN_WAIT_1,   [RCV_FIN]     = CLOSE_WAIT   },
    [ESTABLISHED]  = { [SND_FIN]   = FIN_WAIT_1,   [RCV_FIN]     = CLOSE_WAIT   },
    [FIN_WAIT_1]   = { [FIN_ACKED] = FIN_WAIT_2,   [RCV_FIN]     = CLOSING      },
    [FIN_WAIT_2]   = { [RCV_FIN]   = TIME_WAIT     },
    [CLOSE_WAIT]   = { [SND_FIN]   = LAST_ACK      },
    [CLOSING]      = { [FIN_ACKED] = TIME_WAIT     },
    [LAST_ACK]     = { [FIN_ACKED] = CLOSED        },
    [TIME_WAIT]    = { [TWO_MSL]   = CLOSED        },
};

unsigned tcp_next_state(unsigned state, enum tcp_event event)
{
    unsigned next = tcp_next[state][event];
    return next ? next : state;
}

static void step(struct conn *c, unsigned side, enum tcp_event event)
{
    unsigned next = tcp_next_state(conn_state_of(c, side), event);
    c->state[side] = (uint8_t)((c->state[side] & 0xf0u) | next);
}

static void set_state(struct conn *c, unsigned side, unsigned state)
{
    c->state[side] = (uint8_t)(state << 4 | state);
}

static bool acks_syn(const struct conn *c, unsigned of, uint32_t ack)
{
    return c->side[of] & SIDE_SYN && seq_within(ack, c->isn[of] + 1, c->isn[of] + 0x40000000u);
}

static bool acks_fin(const struct conn *c, unsigned of, uint32_t ack)
{
    return c->side[of] & SIDE_FIN && seq_up_to(c->fin_end[of], ack);
}

/* The SYN of `peer` as this endpoint sees it: an answer to its own, or the first word. */
static enum tcp_event syn_of(const struct conn *c, unsigned peer)
{
    return peer == 1 && !(c->flags & WT_CONN_SIMULTANEOUS) ? RCV_SYN_ACK : RCV_SYN;
}

/* What the sender must have received, since it acknowledges it. */
static void prove(struct conn *c, unsigned side, const struct tcp_seg *g)
{
    unsigned peer = side ^ 1u;
    if (!(g->flags & WT_FLAG_ACK))
        return;
    if (acks_syn(c, peer, g->ack))
        step(c, side, syn_of(c, peer));
    if (!(g->flags & WT_FLAG_SYN) && c->side[peer] & SIDE_ACKS && acks_syn(c, side, c->last_ack[peer]))
        step(c, side, SYN_ACKED);
    if (c->side[side] & SIDE_FIN_ACKED)
        step(c, side, FIN_ACKED);
    if (acks_fin(c, peer, g->ack))
        step(c, side, RCV_FIN);
}

/* What went by to this endpoint before and is not proven yet is presumed to be on its way. */
static void presume(struct conn *c, unsigned side)
{
    unsigned peer = side ^ 1u;
    if (c->side[peer] & SIDE_SYN && conn_state_of(c, side) < ESTABLISHED)
        step(c, side, syn_of(c, peer));
    if (c->side[peer] & SIDE_ACKS && acks_syn(c, side, c->last_ack[peer]))
        step(c, side, SYN_ACKED);
    if (c->side[peer] & SIDE_FIN)
        step(c, side, RCV_FIN);
}

static void note_fin(struct conn *c, unsigned side, struct tcp_seg *g)
{
    unsigned peer = side ^ 1u;
    if (c->side[side] & SIDE_FIN) {
        g->did |= WT_DID_FIN_REPEATED;
        c->side[side] &= (uint16_t)~SIDE_FIN_ACKED;    /* the ACK did not arrive, or crossed this one */
        return;
    }
    c->side[side] |= SIDE_FIN;
    c->fin_end[side] = g->end;
    if (c->first_closer == NOBODY)
        c->first_closer = side & 3u;
    if (!(c->side[peer] & SIDE_FIN))
        return;
    if (!(g->flags & WT_FLAG_ACK) || !acks_fin(c, peer, g->ack))
        c->flags |= LIVE_FINS_CROSSED;
    else if (!(c->side[peer] & SIDE_FIN_ACKED))
        c->flags |= LIVE_FIN_JOINED;
}

static void sender(struct conn *c, unsigned side, struct tcp_seg *g)
{
    c->state[side] = (uint8_t)(conn_proven(c, side) * 0x11u);
    if (g->flags & WT_FLAG_FIN) {
        g->did |= WT_DID_FIN;
        note_fin(c, side, g);
    }
    prove(c, side, g);
    if (g->flags & WT_FLAG_SYN)
        step(c, side, g->flags & WT_FLAG_ACK ? SND_SYN_ACK : SND_SYN);
    if (g->flags & WT_FLAG_FIN)
        step(c, side, SND_FIN);
    set_state(c, side, conn_state_of(c, side));
    if (!(g->did & (WT_DID_SYN_RETRY | WT_DID_FIN_REPEATED)))    /* those say that nothing has come */
        presume(c, side);
}

static void receiver(struct conn *c, unsigned side, struct tcp_seg *g)
{
    if (g->flags & WT_FLAG_SYN && g->flags & WT_FLAG_ACK) {
        if (!(c->side[side] & SIDE_SYN) || acks_syn(c, side, g->ack))
            step(c, side, c->flags & WT_CONN_SIMULTANEOUS ? RCV_SYN : RCV_SYN_ACK);
    } else if (g->flags & WT_FLAG_SYN) {
        step(c, side, RCV_SYN);
    }
    if (g->flags & WT_FLAG_ACK) {
        if (acks_syn(c, side, g->ack))
            step(c, side, SYN_ACKED);
        if (acks_fin(c, side, g->ack)) {
            if (!(c->side[side] & SIDE_FIN_ACKED))
                g->did |= WT_DID_FIN_ACKED;
            c->side[side] |= SIDE_FIN_ACKED;
            step(c, side, FIN_ACKED);
        }
    }
    if (g->flags & WT_FLAG_FIN)
        step(c, side, RCV_FIN);
}

/* ---- TIME-WAIT: whoever closed first, had its FIN acknowledged and got the other's (RFC 9293 3.6) ---- */

static void time_wait_begins(struct conn *c, unsigned side, struct tcp_seg *g)
{
    c->flags |= LIVE_TIME_WAIT | (side ? LIVE_HELD_1 : LIVE_HELD_0);
    c->time_wait_ns = g->time_ns;
    g->did |= WT_DID_TIME_WAIT;
}

static void time_wait_was_none(struct conn *c, unsigned side)
{
    c->flags &= ~(uint32_t)(side ? LIVE_HELD_1 : LIVE_HELD_0);
    if (c->flags & (LIVE_HELD_0 | LIVE_HELD_1))
        return;
    c->flags &= ~(uint32_t)LIVE_TIME_WAIT;
    c->ack_frame[0] = c->ack_frame[1] = 0;
}

static void follow_time_wait(struct tracker *t, struct conn *c, unsigned sent_by, const unsigned before[2],
                             struct tcp_seg *g)
{
    for (unsigned side = 0; side < 2; side++) {
        bool was = before[side] == TIME_WAIT, is = conn_state_of(c, side) == TIME_WAIT;
        if (is && !was)
            time_wait_begins(c, side, g);
        else if (was && !is)
            time_wait_was_none(c, side);
    }
    unsigned receiver_side = sent_by ^ 1u;
    if (before[receiver_side] != TIME_WAIT || g->time_ns - c->time_wait_ns > t->time_wait_ns)
        return;
    g->did |= WT_DID_IN_TIME_WAIT;
    struct conn_more *m = more_take(t, c);
    if (m)
        m->time_wait_segments++;
    if (g->did & WT_DID_FIN_REPEATED && conn_state_of(c, receiver_side) == TIME_WAIT)
        c->time_wait_ns = g->time_ns;    /* RFC 9293 3.10.7.4: acknowledge it, and restart the 2 MSL timeout */
}

static bool is_over(unsigned state)
{
    return state == CLOSED || state == TIME_WAIT;
}

/* ---- reset ---- */

/* RFC 9293 3.10.7.3: in SYN-SENT it counts when it acknowledges the SYN; later, when it is in the window. */
static bool reset_counts(const struct conn *c, unsigned by, const struct tcp_seg *g)
{
    unsigned peer = by ^ 1u;
    if (c->side[peer] & SIDE_SYN && !(c->side[by] & SIDE_SYN) && conn_proven(c, peer) == SYN_SENT)
        return g->flags & WT_FLAG_ACK
            && (g->ack == c->isn[peer] + 1 || seq_within(g->ack, c->isn[peer] + 1, c->next_seq[peer]));
    return tcp_window_takes_reset(c, peer, g->seq);
}

static void reset(struct tracker *t, struct conn *c, unsigned by, struct tcp_seg *g)
{
    unsigned peer = by ^ 1u;
    g->did |= WT_DID_RST;
    if (c->flags & LIVE_RESET)
        return;
    if (!reset_counts(c, by, g)) {
        g->did |= WT_DID_RST_IGNORED;
        return;
    }
    c->reset_by = by & 3u;
    if (c->first_closer == NOBODY)
        c->first_closer = by & 3u;
    unsigned before[2] = { conn_state_of(c, 0), conn_state_of(c, 1) };
    set_state(c, by, CLOSED);
    if (c->side[0] & c->side[1] & SIDE_FIN) {
        /* Both had closed: the reset answers what came late. One in TIME-WAIT does not heed it (RFC 1337 F1). */
        if (conn_state_of(c, peer) != TIME_WAIT)
            set_state(c, peer, CLOSED);
        follow_time_wait(t, c, by, before, g);
    } else {
        set_state(c, peer, CLOSED);
        c->flags |= LIVE_RESET;
        if (c->flags & LIVE_SYN && !(c->side[1] & SIDE_SYN) && by == 1) {
            c->flags |= LIVE_REFUSED;
            g->did |= WT_DID_REFUSE;
        }
    }
    if (!is_over(before[0]) || !is_over(before[1]))
        g->did |= WT_DID_CLOSED;
}

/* Both open for certain, and nothing that could move them: nearly every segment. */
static bool nothing_moves(const struct conn *c, const struct tcp_seg *g)
{
    const uint8_t open = ESTABLISHED << 4 | ESTABLISHED;
    return c->state[0] == open && c->state[1] == open && !(g->flags & (WT_FLAG_SYN | WT_FLAG_FIN));
}

void tcp_states_segment(struct tracker *t, struct conn *c, unsigned side, struct tcp_seg *g)
{
    if (g->flags & WT_FLAG_RST) {
        reset(t, c, side, g);
        return;
    }
    if (c->flags & LIVE_RESET || nothing_moves(c, g))
        return;
    unsigned before[2] = { conn_state_of(c, 0), conn_state_of(c, 1) };
    sender(c, side, g);
    receiver(c, side ^ 1u, g);
    follow_time_wait(t, c, side, before, g);
    if (is_over(conn_state_of(c, 0)) && is_over(conn_state_of(c, 1)) && !(is_over(before[0]) && is_over(before[1])))
        g->did |= WT_DID_CLOSED;
}

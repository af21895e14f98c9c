/* The straight line: a segment of an open connection that does what is expected, while nobody asks what it did. Most of
 * all segments. Whatever is otherwise goes through tcp.c, which does the same for these: tests compare them. */
#include "track/flight.h"
#include "track/tcp_states.h"
#include "track/tcp_window.h"

#define SPOKE (SIDE_SEEN | SIDE_BASE | SIDE_ACKS)
#define ODD (SIDE_KEEP_ALIVE | SIDE_PROBE | SIDE_HOLES | SIDE_FIN)

static bool is_open(const struct conn *c)
{
    unsigned both = c->side[0] & c->side[1], either = c->side[0] | c->side[1];
    return conn_state_of(c, 0) == WT_TCP_ESTABLISHED && conn_state_of(c, 1) == WT_TCP_ESTABLISHED && !c->more
        && (both & SPOKE) == SPOKE && !(either & ODD) && c->flags & (LIVE_HANDSHAKE | WT_CONN_MIDSTREAM)
        && c->klass == CLASS_OPEN;
}

/* Its sender knows that it is open: it said so before, or has been told. */
static bool knows(const struct conn *c, unsigned side)
{
    return conn_proven(c, side) == WT_TCP_ESTABLISHED
        || (c->side[side] & SIDE_SYN && seq_within(c->last_ack[side ^ 1u], c->isn[side] + 1, c->isn[side] + 0x40000000u));
}

static bool is_expected(const struct conn *c, unsigned side, const struct wt_packet *p)
{
    const struct wt_tcp_summary *tcp = &p->tcp;
    unsigned peer = side ^ 1u;
    uint32_t len = p->payload_wire_bytes, acked = c->last_ack[side];
    if ((tcp->flags & ~(unsigned)WT_FLAG_PSH) != WT_FLAG_ACK || p->tos & 3 || p->transport_checksum == WT_CKSUM_BAD)
        return false;
    if (tcp->seq != c->next_seq[side] || !tcp->window || !c->window[peer])
        return false;
    if (seq_before(tcp->ack, acked) || seq_before(c->next_seq[peer], tcp->ack))
        return false;
    if (!len)
        return tcp->ack != acked || tcp->window != c->window[side];
    return !(c->last_ack[peer] && seq_up_to(tcp->seq + len, c->last_ack[peer]));
}

static void note_firsts(struct tracker *t, struct conn *c, unsigned side, const struct wt_packet *p)
{
    if (p->payload_wire_bytes) {
        if (!since_seen(c->data[side])) {
            c->data[side] = since_set(p->frame.time_ns - c->start_ns);
            history_add(t, c, side, 'd');
        }
    } else if (!(c->side[side] & SIDE_PURE_ACK)) {
        history_add(t, c, side, 'a');
        c->side[side] |= SIDE_PURE_ACK;
    }
}

bool tcp_straight(struct tracker *t, const struct track_packet *in, struct track_result *res)
{
    struct conn *c = in->c;
    const struct wt_packet *p = in->p;
    unsigned side = in->side;
    if (t->want_segments || in->fresh || !is_open(c) || !knows(c, side) || !is_expected(c, side, p))
        return false;
    uint32_t len = p->payload_wire_bytes, seq = p->tcp.seq;
    count_packet(t, c, side, p);
    c->side[side] |= SIDE_GOOD;
    c->completeness |= len ? COMPLETE_DATA : COMPLETE_ACK;
    struct flight acked;
    if (c->flight[side ^ 1])
        flight_ack(t, c, side ^ 1u, p->tcp.ack, &acked);
    if (p->tcp.ack != c->last_ack[side]) {
        c->ack_frame[side] = (uint32_t)(p->frame.number - c->first_frame);
        c->last_ack[side] = p->tcp.ack;
    }
    note_firsts(t, c, side, p);
    if (len) {
        struct flight sent = { .time_ns = p->frame.time_ns, .frame = p->frame.number & FLIGHT_FRAME, .seq = seq, .end = seq + len,
                               .advanced = true, .ts_val = p->tcp.ts_val, .ip_id = track_ip_id(p) };
        flight_add(t, c, side, &sent);
        c->next_seq[side] = seq + len;
    }
    c->state[side] = WT_TCP_ESTABLISHED << 4 | WT_TCP_ESTABLISHED;
    c->window[side] = p->tcp.window;
    c->last_flags[side] = (uint8_t)p->tcp.flags;
    res->data_seq = seq;
    res->start_known = c->side[side] & SIDE_ISN;
    res->start_seq = c->isn[side] + 1;
    res->deliver = true;
    return true;
}

/* One TCP segment of a connection: handshake, machine, analysis, counts. The bytes of the header are the business of
 * dissectors/tcp.c; what they mean is decided here and in tcp_*.c. */
#include "track/tcp_quality.h"
#include "track/tcp_states.h"
#include "track/tcp_window.h"

#define BAD_ARE_RARE 8u        /* one bad checksum in so many segments is the network's, not the capture's */

static void set_states(struct conn *c, unsigned client, unsigned server)
{
    c->state[0] = (uint8_t)(client << 4 | client);
    c->state[1] = (uint8_t)(server << 4 | server);
}

void tcp_begin(struct conn *c, const struct wt_packet *p)
{
    unsigned flags = p->flags & WT_PACKET_ICMP_ERROR ? 0 : p->tcp.flags;
    if (flags & WT_FLAG_SYN && !(flags & WT_FLAG_ACK)) {
        set_states(c, WT_TCP_CLOSED, WT_TCP_LISTEN);
    } else if (flags & WT_FLAG_SYN) {
        set_states(c, WT_TCP_SYN_SENT, WT_TCP_LISTEN);
        c->flags |= WT_CONN_SYN_ACK_FIRST;
    } else {
        set_states(c, WT_TCP_ESTABLISHED, WT_TCP_ESTABLISHED);
        c->flags |= WT_CONN_MIDSTREAM;
    }
}

/* Re-use of the 5-tuple: a SYN with another initial number than the one that this side began with, whatever state we
 * believe it in (RFC 6191 for TIME-WAIT; in an open one it means that its end was not captured). After a FIN or a
 * reset it may have the same (Windows tries a refused one again so): then tshark counts no new stream. */
enum tcp_anew tcp_begins_anew(const struct conn *c, unsigned side, const struct wt_tcp_summary *tcp)
{
    if ((tcp->flags & (WT_FLAG_SYN | WT_FLAG_ACK)) != WT_FLAG_SYN || !(c->side[side] & SIDE_BASE))
        return ANEW_NOT;
    if (tcp->seq != c->isn[side])
        return ANEW_OTHER;
    return c->flags & LIVE_RESET || c->side[side] & SIDE_FIN ? ANEW_SAME : ANEW_NOT;
}

/* ---- the handshake ---- */

static void note_base(struct conn *c, unsigned side, const struct tcp_seg *g)
{
    unsigned peer = side ^ 1u;
    if (!(c->side[side] & SIDE_BASE)) {
        c->isn[side] = g->flags & WT_FLAG_SYN ? g->seq : g->seq - 1;
        c->side[side] |= SIDE_BASE;
    }
    if (!(c->side[peer] & SIDE_BASE) && g->flags & WT_FLAG_ACK) {
        c->isn[peer] = g->ack - 1;
        c->side[peer] |= SIDE_BASE;
        if (g->flags & WT_FLAG_SYN)
            c->side[peer] |= SIDE_ISN;
    }
}

static void note_options(struct conn *c, unsigned side, const struct wt_packet *p, const struct tcp_seg *g)
{
    const struct wt_tcp_summary *tcp = &p->tcp;
    if (tcp->mptcp)
        c->flags |= WT_CONN_MPTCP;
    c->payload[side].mss = tcp->mss;
    c->wscale[side] = tcp->wscale;
    if (tcp->sack_permitted)
        c->side[side] |= SIDE_SACK;
    if (tcp->has_timestamps)
        c->side[side] |= SIDE_TIMESTAMPS;
    if (g->len > 0)
        c->flags |= WT_CONN_FAST_OPEN;
}

/* Times of SYNs that are not the connection's first frame. */
static void note_syn_time(struct tracker *t, struct conn *c, bool first, const struct tcp_seg *g, bool fresh)
{
    struct conn_more *m = fresh ? NULL : more_take(t, c);
    if (!m)
        return;
    m->last_syn_ns = g->time_ns;
    if (c->flags & LIVE_SYN_ACK && !first)
        return;
    m->syn_ns = g->time_ns;
    if (first)
        m->first_syn_ns = g->time_ns;
    else if (!m->first_syn_ns)
        m->first_syn_ns = c->start_ns;
}

/* A SYN-ACK after the refusal of the same SYN: the reset came from somebody else. */
static bool was_not_refused(struct conn *c, unsigned side, const struct tcp_seg *g)
{
    bool syn_ack = g->flags & WT_FLAG_SYN && g->flags & WT_FLAG_ACK;
    if (!(c->flags & LIVE_REFUSED) || side != 1 || !syn_ack || g->ack != c->isn[0] + 1)
        return false;
    c->flags &= ~(uint32_t)(LIVE_REFUSED | LIVE_RESET);
    c->reset_by = c->first_closer = NOBODY;
    c->side[1] &= (uint16_t)~(SIDE_SEEN | SIDE_BASE | SIDE_FIN | SIDE_ACKS | SIDE_HOLES);
    c->isn[1] = g->seq;
    set_states(c, WT_TCP_SYN_SENT, WT_TCP_LISTEN);
    return true;
}

static void note_syn(struct tracker *t, struct conn *c, const struct track_packet *in, struct tcp_seg *g)
{
    unsigned side = in->side;
    bool acks = g->flags & WT_FLAG_ACK;
    if (acks && c->side[side] & SIDE_BASE && c->isn[side] != g->seq && !(c->flags & LIVE_HANDSHAKE)) {
        g->did |= WT_DID_ISN_CHANGED;    /* a responder without memory, or another one: the last counts */
        c->side[side] &= (uint16_t)~SIDE_SYN;
    }
    bool again = c->side[side] & SIDE_SYN && c->isn[side] == g->seq && (!acks || c->side[side] & SIDE_ACKS);
    g->did |= acks ? WT_DID_SYN_ACK : WT_DID_SYN;
    if (again)
        g->did |= WT_DID_SYN_RETRY;
    if (!(c->side[side] & SIDE_SYN)) {
        c->isn[side] = g->seq;
        c->side[side] |= SIDE_SYN | SIDE_ISN | SIDE_BASE;
        note_options(c, side, in->p, g);
    }
    if (acks) {
        if (!(c->flags & LIVE_SYN_ACK))
            c->syn_ack = since_set(g->time_ns - c->start_ns);
        c->flags |= LIVE_SYN_ACK;
        return;
    }
    if (side == 0) {
        note_syn_time(t, c, !(c->flags & LIVE_SYN), g, in->fresh);
        c->flags |= LIVE_SYN;
    } else if (c->side[0] & SIDE_SYN && !(c->flags & (LIVE_SYN_ACK | WT_CONN_SIMULTANEOUS))) {
        c->flags |= WT_CONN_SIMULTANEOUS;
        g->did |= WT_DID_SIMULTANEOUS;
    }
}

static int64_t syn_ns(const struct tracker *t, const struct conn *c)
{
    const struct conn_more *m = more_at(t, c);
    if (!(c->flags & LIVE_SYN))
        return 0;
    return m && m->syn_ns ? m->syn_ns : c->start_ns;
}

/* Complete when a segment acknowledges the other's SYN and its own has been acknowledged before. */
static void note_handshake(struct tracker *t, struct conn *c, unsigned side, struct tcp_seg *g, struct wt_segment *out)
{
    unsigned peer = side ^ 1u;
    if (c->flags & LIVE_HANDSHAKE || !(c->flags & LIVE_SYN_ACK) || !(g->flags & WT_FLAG_ACK)
        || g->flags & WT_FLAG_RST || !(c->side[peer] & SIDE_SYN) || !(c->side[peer] & SIDE_ACKS))
        return;
    if (!seq_within(g->ack, c->isn[peer] + 1, c->next_seq[peer]) || !seq_before(c->isn[side], c->last_ack[peer]))
        return;
    c->flags |= LIVE_HANDSHAKE;
    c->ack = since_set(g->time_ns - c->start_ns);
    g->did |= WT_DID_HANDSHAKE;
    if (c->flags & LIVE_SYN)
        out->rtt_ns = g->time_ns - syn_ns(t, c);
}

/* ---- counts and letters ---- */

/* As tshark does: a SYN counts as the first segment only, and of another first segment nothing does. */
static void note_completeness(struct conn *c, const struct tcp_seg *g, bool fresh)
{
    unsigned done = c->completeness, flags = g->flags;
    bool syn = flags & WT_FLAG_SYN, ack = flags & WT_FLAG_ACK;
    if (fresh && (!syn || ack))
        return;
    if (syn && (ack || fresh))
        done |= ack ? COMPLETE_SYN_ACK : COMPLETE_SYN;
    if (g->len)
        done |= COMPLETE_DATA;
    else if (ack && !syn)
        done |= COMPLETE_ACK;
    if ((flags & (WT_FLAG_FIN | WT_FLAG_ACK)) == (WT_FLAG_FIN | WT_FLAG_ACK))
        done |= COMPLETE_FIN;
    if (flags & WT_FLAG_RST)
        done |= COMPLETE_RST;
    c->completeness = done & 63u;
}

static void count_flag(struct tracker *t, struct conn *c, unsigned side, unsigned flag)
{
    struct conn_more *m;
    if (flag == WT_FLAG_SYN && c->wire[side].syns < 255)
        c->wire[side].syns++;
    else if (flag == WT_FLAG_FIN && c->wire[side].fins < 255)
        c->wire[side].fins++;
    else if (flag == WT_FLAG_RST && c->ip[side].rsts < 255)
        c->ip[side].rsts++;
    else if ((m = more_take(t, c)) != NULL)
        *(flag == WT_FLAG_SYN ? &m->side[side].syns : flag == WT_FLAG_FIN ? &m->side[side].fins
                                                                        : &m->side[side].rsts) += 1;
}

static void count_flags(struct tracker *t, struct conn *c, unsigned side, unsigned flags)
{
    if (!(flags & (WT_FLAG_SYN | WT_FLAG_FIN | WT_FLAG_RST)))
        return;
    if (flags & WT_FLAG_SYN)
        count_flag(t, c, side, WT_FLAG_SYN);
    if (flags & WT_FLAG_FIN)
        count_flag(t, c, side, WT_FLAG_FIN);
    if (flags & WT_FLAG_RST)
        count_flag(t, c, side, WT_FLAG_RST);
}

/* Zeek says it again where its number differs. Without a FIN, fin_end has room for the number of the last one. */
static void letters_of_reset(struct tracker *t, struct conn *c, unsigned side, const struct tcp_seg *g)
{
    struct conn_more *m = c->side[side] & SIDE_FIN ? more_take(t, c) : NULL;
    uint32_t *last = m ? &m->side[side].last_rst : &c->fin_end[side];
    if (c->side[side] & SIDE_FIN && !m)
        return;
    if (c->ip[side].rsts == 1 || *last != g->seq)
        history_add(t, c, side, 'r');
    *last = g->seq;
}

static void letters_of_oddities(struct tracker *t, struct conn *c, unsigned side, unsigned flags)
{
    struct conn_more *m = more_take(t, c);
    if (!m)
        return;
    if (flags & WT_FLAG_SYN && flags & (WT_FLAG_FIN | WT_FLAG_RST) && !m->side[side].several_flags) {
        m->side[side].several_flags = true;
        history_add(t, c, side, 'q');
    }
    if (flags & WT_FLAG_FIN && flags & WT_FLAG_RST && !m->side[side].inconsistent) {
        m->side[side].inconsistent = true;
        history_add(t, c, side, 'i');
    }
}

/* Zeek's letters for what everybody does; the rare ones come with their counts (tcp_trouble). */
static void letters(struct tracker *t, struct conn *c, unsigned side, const struct tcp_seg *g)
{
    unsigned control = g->flags & (WT_FLAG_SYN | WT_FLAG_FIN | WT_FLAG_RST);
    if (control & (control - 1))
        letters_of_oddities(t, c, side, g->flags);
    if (control & WT_FLAG_SYN && (!(g->did & WT_DID_SYN_RETRY) || c->wire[side].syns == 1))
        history_add(t, c, side, g->flags & WT_FLAG_ACK ? 'h' : 's');
    if (g->len > 0 && !since_seen(c->data[side])) {
        c->data[side] = since_set(g->time_ns - c->start_ns);
        history_add(t, c, side, 'd');
    }
    if (control & WT_FLAG_FIN && !(g->did & WT_DID_FIN_REPEATED))
        history_add(t, c, side, 'f');
    if (control & WT_FLAG_RST)
        letters_of_reset(t, c, side, g);
    if (!control && g->len == 0 && g->flags & WT_FLAG_ACK && !(c->side[side] & SIDE_PURE_ACK)) {
        c->side[side] |= SIDE_PURE_ACK;
        history_add(t, c, side, 'a');
    }
}

static void letters_of_trouble(struct tracker *t, struct conn *c, unsigned side, const struct tcp_seg *g)
{
    const struct conn_more *m = more_at(t, c);
    if (!m || !(g->did & (WT_DID_RETRANSMIT | WT_DID_ZERO_WINDOW | WT_DID_GAP_BEFORE)))
        return;
    const struct more_side *s = &m->side[side];
    if (g->did & WT_DID_RETRANSMIT && g->len > 0)
        history_count(t, c, side, 't', s->retransmissions);
    if (g->did & WT_DID_ZERO_WINDOW)
        history_count(t, c, side, 'w', s->zero_windows);
    if (g->did & WT_DID_GAP_BEFORE)
        history_count(t, c, side, 'g', s->gaps);
}

/* A segment that its receiver's TCP dropped moves nothing. But bad sums are rare on networks and common in captures
 * that were altered: where a side has many, they decide nothing, except that a lone SYN or RST with one among good
 * segments is what somebody slips in to blind us. */
static bool was_dropped(struct tracker *t, struct conn *c, unsigned side, const struct wt_packet *p, struct tcp_seg *g)
{
    if (p->transport_checksum != WT_CKSUM_BAD) {
        c->side[side] |= SIDE_GOOD;
        return false;
    }
    g->did |= WT_DID_BAD_CHECKSUM;
    struct conn_more *m = more_take(t, c);
    uint32_t bad = m ? ++m->side[side].bad_checksums : 1;
    history_count(t, c, side, 'c', bad);
    if (!(c->side[side] & SIDE_GOOD))
        return false;
    return g->flags & (WT_FLAG_SYN | WT_FLAG_RST) || bad <= c->packets[side] / BAD_ARE_RARE;
}

/* ---- the segment for the client ---- */

static void segment_fill(const struct conn *c, const struct track_packet *in, struct wt_segment *s)
{
    const struct wt_packet *p = in->p;
    s->packet = p;
    s->connection = conn_number_of(c);
    s->stream = c->stream;
    s->did = 0;
    s->side = (uint8_t)in->side;
    s->state_before[0] = s->state[0] = (uint8_t)conn_state_of(c, 0);
    s->state_before[1] = s->state[1] = (uint8_t)conn_state_of(c, 1);
    s->payload_bytes = 0;
    s->seq_known = s->sent_again = false;
    s->seq = s->ack = s->window = s->dup_ack_count = 0;
    s->window_scale = SCALE_UNKNOWN;
    s->dup_ack_frame = s->original_frame = s->acked_frame = 0;
    s->since_original_ns = 0;
    s->since_start_ns = p->frame.time_ns - c->start_ns;
    s->since_previous_ns = in->fresh ? 0 : p->frame.time_ns - c->last_ns;
    s->rtt_ns = s->ack_rtt_ns = s->initial_rtt_ns = -1;
    s->completeness = c->completeness;
    s->client_address = key_address(c, 0);
    s->server_address = key_address(c, 1);
    s->client_port = key_port(c, 0);
    s->server_port = key_port(c, 1);
    s->family = c->family;
    s->client = &in->c->client_slot;
}

static void segment_numbers(struct tracker *t, const struct conn *c, unsigned side, const struct tcp_seg *g,
                            struct wt_segment *s)
{
    s->seq_known = c->side[side] & SIDE_ISN;
    s->seq = g->seq - c->isn[side];
    s->ack = g->flags & WT_FLAG_ACK ? g->ack - c->isn[side ^ 1] : g->ack;
    s->payload_bytes = g->len;
    s->window_scale = (int16_t)tcp_window_scale(c, side);
    s->window = tcp_window_bytes(c, side, g->window, g->flags);
    s->state[0] = (uint8_t)conn_state_of(c, 0);
    s->state[1] = (uint8_t)conn_state_of(c, 1);
    s->did = g->did;
    if (c->flags & LIVE_HANDSHAKE && c->flags & LIVE_SYN) {
        const struct conn_more *m = more_at(t, c);
        int64_t syn = m && m->last_syn_ns ? m->last_syn_ns : c->start_ns;
        s->initial_rtt_ns = c->start_ns + since_ns(c->ack) - syn;
    }
    if (s->rtt_ns < 0)
        s->rtt_ns = s->ack_rtt_ns;
}

static enum conn_class class_of(const struct conn *c)
{
    if (c->flags & LIVE_RESET || c->side[0] & c->side[1] & SIDE_FIN)
        return CLASS_CLOSED;
    bool open = conn_state_of(c, 0) >= WT_TCP_ESTABLISHED && conn_state_of(c, 1) >= WT_TCP_ESTABLISHED;
    return open && c->side[0] & c->side[1] & SIDE_SEEN ? CLASS_OPEN : CLASS_EMBRYONIC;
}

/* SYN and SYN-ACK are not among the segments in flight: their times stand in the connection. */
static void sample_of_syn(struct tracker *t, const struct conn *c, unsigned side, const struct tcp_seg *g,
                          struct wt_segment *s)
{
    bool answer = (g->did & WT_DID_SYN_ACK && !(g->did & WT_DID_SYN_RETRY)) || g->did & WT_DID_REFUSE;
    if (answer && side == 1 && c->flags & LIVE_SYN && g->ack == c->isn[0] + 1) {
        const struct conn_more *m = more_at(t, c);    /* as of data: since it was first sent */
        s->ack_rtt_ns = g->time_ns - (m && m->first_syn_ns ? m->first_syn_ns : c->start_ns);
        s->acked_frame = c->first_frame;
    } else if (g->did & WT_DID_HANDSHAKE && side == 0 && g->ack == c->isn[1] + 1) {
        s->ack_rtt_ns = g->time_ns - c->start_ns - since_ns(c->syn_ack);
    }
}

/* An ICMP error came before any segment: now the first one tells how it really began. */
static void begin_late(struct conn *c, const struct wt_packet *p)
{
    c->flags &= ~(uint32_t)WT_CONN_MIDSTREAM;
    tcp_begin(c, p);
}

/* Everything that a segment does which its receiver takes. over: the connection was reset before it. */
static void arrived(struct tracker *t, const struct track_packet *in, struct tcp_seg *g, struct wt_segment *s,
                    bool over)
{
    struct conn *c = in->c;
    unsigned side = in->side;
    if (in->fresh && c->flags & WT_CONN_MIDSTREAM)
        g->did |= WT_DID_MIDSTREAM;
    if (c->flags & WT_CONN_REUSED_TUPLE && in->fresh)
        g->did |= in->again ? WT_DID_SYN_RETRY | WT_DID_RETRANSMIT : WT_DID_REUSE;
    if (g->flags & WT_FLAG_SYN && !over)
        note_syn(t, c, in, g);
    note_handshake(t, c, side, g, s);
    tcp_quality_sample(t, c, side, g, s);
    tcp_states_segment(t, c, side, g);
    if (!(g->did & WT_DID_RST_IGNORED))    /* anybody could have sent that */
        tcp_quality_segment(t, c, side, g, s);
    if (t->want_segments)
        sample_of_syn(t, c, side, g, s);
    letters(t, c, side, g);
    if (in->p->tos & 3 || (g->flags & WT_FLAG_SYN && g->flags & WT_FLAG_ECE))
        c->side[side] |= SIDE_ECN;
}

void tcp_packet(struct tracker *t, const struct track_packet *in, struct track_result *res)
{
    if (tcp_straight(t, in, res))
        return;
    struct conn *c = in->c;
    const struct wt_packet *p = in->p;
    unsigned side = in->side;
    struct tcp_seg g = {
        .seq = p->tcp.seq, .ack = p->tcp.ack, .len = p->payload_wire_bytes, .flags = p->tcp.flags,
        .window = p->tcp.window, .ts_val = p->tcp.ts_val, .time_ns = p->frame.time_ns, .frame = p->frame.number,
    };
    g.end = tcp_seq_end(g.seq, g.len, g.flags);
    g.ip_id = track_ip_id(p);
    if (!in->fresh && !c->packets[0] && !c->packets[1])
        begin_late(c, p);
    struct wt_segment *s = &res->segment;
    res->has_segment = t->want_segments;
    if (t->want_segments)
        segment_fill(c, in, s);
    else
        s->rtt_ns = -1;
    res->data_seq = tcp_data_seq(g.seq, g.flags);
    count_packet(t, c, side, p);
    count_flags(t, c, side, g.flags);
    bool over = c->flags & LIVE_RESET && !was_not_refused(c, side, &g);
    note_base(c, side, &g);
    note_completeness(c, &g, in->fresh);
    if (g.len > 0)
        g.did |= WT_DID_DATA;
    if (was_dropped(t, c, side, p, &g)) {
        if (!(g.flags & (WT_FLAG_SYN | WT_FLAG_RST)))
            tcp_quality_segment(t, c, side, &g, s);    /* its sender did send it, and will again */
    } else {
        arrived(t, in, &g, s, over);
        bool after_fin = c->side[side] & SIDE_FIN && seq_before(c->fin_end[side], g.end);
        res->deliver = !over && !(g.did & WT_DID_RST_IGNORED) && !after_fin;
    }
    letters_of_trouble(t, c, side, &g);
    res->start_known = c->side[side] & SIDE_ISN;
    res->start_seq = c->isn[side] + 1;
    if (t->want_segments)
        segment_numbers(t, c, side, &g, s);
    class_set(t, in->index, c, class_of(c));
}

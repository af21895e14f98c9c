/* The one final record of a connection. */
#include "track/tcp_quality.h"
#include "track/tcp_states.h"

#include <string.h>

#include "wiretale/dissector.h"

static void fill_side(const struct tracker *t, const struct conn *c, unsigned side, struct wt_side *s)
{
    memcpy(s->address, key_address(c, side), c->family == 4 ? 4 : 16);
    s->port = key_port(c, side);
    s->ttl = c->ip[side].ttl;
    s->packets = c->packets[side];
    s->wire_bytes = c->wire[side].bytes;
    s->ip_bytes = c->ip[side].bytes;
    s->payload_bytes = s->unique_bytes = c->payload[side].bytes;
    s->wscale = 255;
    if (c->protocol != 6)
        return;
    s->state = (uint8_t)conn_state_of(c, side);
    if (!c->packets[side] && s->state < WT_TCP_ESTABLISHED)
        s->state = (uint8_t)conn_proven(c, side);    /* it never said that anything reached it */
    s->missing_bytes = tcp_holes_missing(t, c, side);
    s->syns = c->wire[side].syns;
    s->fins = c->wire[side].fins;
    s->rsts = c->ip[side].rsts;
    s->isn = c->isn[side];
    s->mss = c->payload[side].mss;
    s->wscale = c->wscale[side];
    s->sack_permitted = c->side[side] & SIDE_SACK;
    s->timestamps = c->side[side] & SIDE_TIMESTAMPS;
    s->sent_ecn = c->side[side] & SIDE_ECN;
}

static void fill_rare_side(const struct more_side *m, struct wt_side *s)
{
    s->unique_bytes -= m->repeated_bytes < s->unique_bytes ? m->repeated_bytes : s->unique_bytes;
    s->retransmitted_bytes = m->repeated_bytes;
    s->retransmissions = m->retransmissions;
    s->out_of_order = m->out_of_order;
    s->duplicated = m->duplicated;
    s->duplicate_acks = m->duplicate_acks;
    s->zero_windows = m->zero_windows;
    s->keep_alives = m->keep_alives;
    s->bad_checksums = m->bad_checksums;
    s->syns += m->syns;
    s->fins += m->fins;
    s->rsts += m->rsts;
}

static enum wt_outcome other_outcome(const struct conn *c, const struct wt_connection *r)
{
    if (c->packets[0] && c->packets[1])
        return WT_OUTCOME_ANSWERED;
    if (r->icmp_error)
        return WT_OUTCOME_UNREACHABLE;
    if (c->flags & LIVE_MULTICAST)
        return WT_OUTCOME_ONE_WAY;
    bool icmp = c->protocol == 1 || c->protocol == 58;
    if (icmp && community_id_one_way(c->family, key_port(c, 0)))
        return WT_OUTCOME_ONE_WAY;    /* of a type that has no answer */
    return WT_OUTCOME_UNANSWERED;
}

static enum wt_outcome midstream_outcome(const struct conn *c)
{
    unsigned fins = (c->side[0] & SIDE_FIN ? 1u : 0u) + (c->side[1] & SIDE_FIN ? 1u : 0u);
    if (c->flags & LIVE_RESET)
        return WT_OUTCOME_RESET;
    if (fins == 2)
        return WT_OUTCOME_CLOSED;
    if (!(c->side[0] & c->side[1] & SIDE_SEEN))
        return WT_OUTCOME_ONE_WAY;
    return fins ? WT_OUTCOME_HALF_CLOSED : WT_OUTCOME_OPEN;
}

static enum wt_outcome tcp_outcome(const struct conn *c, const struct wt_connection *r)
{
    bool fin0 = c->side[0] & SIDE_FIN, fin1 = c->side[1] & SIDE_FIN;
    bool answered = c->side[1] & SIDE_SEEN;
    if (c->flags & WT_CONN_MIDSTREAM)
        return r->icmp_error && !c->packets[0] && !c->packets[1] ? WT_OUTCOME_UNREACHABLE : midstream_outcome(c);
    if (c->flags & LIVE_REFUSED)
        return WT_OUTCOME_REFUSED;
    if (!answered) {
        if (r->icmp_error)
            return WT_OUTCOME_UNREACHABLE;
        return fin0 || c->flags & LIVE_RESET ? WT_OUTCOME_ABANDONED : WT_OUTCOME_UNANSWERED;
    }
    bool open = c->flags & LIVE_HANDSHAKE
        || (conn_state_of(c, 0) >= WT_TCP_ESTABLISHED && conn_state_of(c, 1) >= WT_TCP_ESTABLISHED)
        || (since_seen(c->data[0]) && since_seen(c->data[1]));
    if (fin0 && fin1)
        return WT_OUTCOME_CLOSED;
    if (!open)
        return WT_OUTCOME_HALF_OPEN;
    if (c->flags & LIVE_RESET)
        return WT_OUTCOME_RESET;
    return fin0 || fin1 ? WT_OUTCOME_HALF_CLOSED : WT_OUTCOME_OPEN;
}

static enum wt_close_kind close_kind(const struct conn *c)
{
    bool fin0 = c->side[0] & SIDE_FIN, fin1 = c->side[1] & SIDE_FIN;
    if (c->flags & LIVE_RESET)
        return WT_CLOSE_RESET;
    if (!fin0 && !fin1)
        return WT_CLOSE_NONE;
    if (!fin0 || !fin1)
        return WT_CLOSE_HALF;
    if (c->flags & LIVE_FINS_CROSSED)
        return WT_CLOSE_SIMULTANEOUS;
    return c->flags & LIVE_FIN_JOINED ? WT_CLOSE_THREE_SEGMENT : WT_CLOSE_FOUR_WAY;
}

static void fill_time_wait(const struct tracker *t, const struct conn *c, enum wt_end_why why,
                           struct wt_connection *r)
{
    bool held[2] = { c->flags & LIVE_HELD_0, c->flags & LIVE_HELD_1 };
    r->time_wait.holder = 255;
    if (!(c->flags & LIVE_TIME_WAIT) || !(held[0] || held[1]))
        return;
    const struct conn_more *m = more_at(t, c);
    int64_t end = c->time_wait_ns + t->time_wait_ns;
    r->time_wait.holder = held[0] && held[1] ? 2 : held[1] ? 1 : 0;
    r->time_wait.start_ns = c->time_wait_ns;
    r->time_wait.end_ns = end;
    r->time_wait.ended = WT_END_CLOSED;
    r->time_wait.segments_in = m ? m->time_wait_segments : 0;
    bool over = end <= t->clock.now_ns;
    if (!over && why == WT_END_REUSED) {
        r->time_wait.ended = WT_END_REUSED;
        r->time_wait.end_ns = t->last_frame_ns;
    } else if (!over) {
        r->time_wait.ended = (uint8_t)why;
    }
    for (unsigned side = 0; over && side < 2; side++)
        r->side[side].state = (uint8_t)tcp_next_state(r->side[side].state, TWO_MSL);
}

static void fill_tcp(const struct tracker *t, const struct conn *c, struct wt_connection *r)
{
    const struct conn_more *m = more_at(t, c);
    r->outcome = (uint8_t)tcp_outcome(c, r);
    r->close_kind = (uint8_t)close_kind(c);
    r->first_closer = c->first_closer == NOBODY ? 255 : c->first_closer;
    r->reset_by = c->reset_by == NOBODY ? 255 : c->reset_by;
    if (c->reset_by != NOBODY)
        r->reset_answers = c->last_flags[c->reset_by ^ 1u];
    if (c->flags & LIVE_SYN) {
        r->syn_ns = m && m->syn_ns ? m->syn_ns : c->start_ns;
        r->first_syn_ns = m && m->first_syn_ns ? m->first_syn_ns : r->syn_ns;
    }
    if (since_seen(c->syn_ack))
        r->syn_ack_ns = c->start_ns + since_ns(c->syn_ack);
    if (since_seen(c->ack))
        r->ack_ns = c->start_ns + since_ns(c->ack);
    if (!(c->flags & (LIVE_HANDSHAKE | WT_CONN_MIDSTREAM)))
        r->flags |= WT_CONN_NEVER_COMPLETED;
    for (unsigned side = 0; side < 2; side++)
        if (!c->packets[side])
            r->flags |= side ? WT_CONN_STATE_INFERRED_1 : WT_CONN_STATE_INFERRED_0;
    bool one_sided = !(c->packets[0] && c->packets[1]);
    if (one_sided && (since_seen(c->data[0]) || since_seen(c->data[1]) || c->flags & WT_CONN_MIDSTREAM)
        && (c->side[0] | c->side[1]) & SIDE_ACKS)
        r->flags |= WT_CONN_ONE_SIDED;    /* it acknowledges what we never saw */
}

void record_fill(const struct tracker *t, const struct conn *c, enum wt_end_why why, struct wt_connection *r)
{
    const struct conn_more *m = more_at(t, c);
    memset(r, 0, sizeof *r);
    r->number = conn_number_of(c);
    r->stream = c->stream;
    r->protocol = c->protocol;
    r->family = c->family;
    r->vlan = c->vlan;
    r->scope = c->flags & LIVE_WIDE ? c->wide->scope : 0;
    r->shard = c->shard;
    r->flags = c->flags & 0xffffu;
    if (c->first_frame <= t->lost_after_frame)
        r->flags |= WT_CONN_MISSED_FRAMES;
    r->why = (uint8_t)why;
    r->first_closer = r->reset_by = r->time_wait.holder = 255;
    r->icmp_error = m ? m->icmp_error : 0;
    r->start_ns = c->start_ns;
    r->end_ns = c->last_ns > c->start_ns ? c->last_ns : c->start_ns;
    r->first_frame = c->first_frame;
    r->last_frame = c->last_frame;
    for (unsigned side = 0; side < 2; side++) {
        fill_side(t, c, side, &r->side[side]);
        if (m)
            fill_rare_side(&m->side[side], &r->side[side]);
        if (since_seen(c->data[side]))
            r->first_data_ns[side] = c->start_ns + since_ns(c->data[side]);
    }
    if (c->protocol == 6) {
        fill_tcp(t, c, r);
        fill_time_wait(t, c, why, r);
    } else {
        r->outcome = (uint8_t)other_outcome(c, r);
    }
    memcpy(r->conn_state, history_conn_state(c), strlen(history_conn_state(c)) + 1);
    history_text(t, c, r->history);
    r->service = c->service ? wt_dissector_at(c->service - 1u)->name : NULL;
    r->client = c->client_slot;
}

/* Conversations that are not TCP, ICMP errors about any, and the counts that all share. */
#include "track/tracker_impl.h"

#define BYTES_MASK ((UINT64_C(1) << 48) - 1)

void count_packet(struct tracker *t, struct conn *c, unsigned side, const struct wt_packet *p)
{
    (void)t;
    if (c->packets[side]++ == 0)
        c->ip[side].ttl = p->ttl;
    c->wire[side].bytes = (c->wire[side].bytes + p->frame.wire_len) & BYTES_MASK;
    c->ip[side].bytes = (c->ip[side].bytes + p->ip_bytes) & BYTES_MASK;
    c->payload[side].bytes = (c->payload[side].bytes + p->payload_wire_bytes) & BYTES_MASK;
}

static void count_bad_checksum(struct tracker *t, struct conn *c, unsigned side)
{
    struct conn_more *m = more_take(t, c);
    if (m)
        history_count(t, c, side, 'c', ++m->side[side].bad_checksums);
}

void other_packet(struct tracker *t, const struct track_packet *in, struct track_result *res)
{
    struct conn *c = in->c;
    const struct wt_packet *p = in->p;
    unsigned side = in->side;
    count_packet(t, c, side, p);
    bool bad = p->transport_checksum == WT_CKSUM_BAD;
    if (bad)
        count_bad_checksum(t, c, side);
    if (p->payload_wire_bytes > 0 && !since_seen(c->data[side])) {
        c->data[side] = since_set(p->frame.time_ns - c->start_ns);
        history_add(t, c, side, 'd');
    }
    if (c->packets[0] && c->packets[1]) {
        c->flags |= LIVE_ANSWERED;
        class_set(t, in->index, c, CLASS_OPEN);
    }
    res->deliver = !bad && p->payload_bytes > 0;
}

/* As in Zeek, an error is not a packet of the connection that it quotes: it says something about it. */
void icmp_error_packet(struct tracker *t, const struct track_packet *in, struct track_result *res)
{
    struct conn *c = in->c;
    const struct wt_packet *p = in->p;
    struct conn_more *m = more_take(t, c);
    if (m && !m->icmp_error)
        m->icmp_error = p->icmp;
    if (c->protocol != 6 || !t->want_segments)
        return;
    struct wt_segment *s = &res->segment;
    *s = (struct wt_segment){
        .packet = p, .connection = conn_number_of(c), .stream = c->stream, .did = WT_DID_ICMP_ERROR,
        .side = (uint8_t)in->side, .window_scale = -1, .rtt_ns = -1, .ack_rtt_ns = -1, .initial_rtt_ns = -1,
        .since_start_ns = p->frame.time_ns - c->start_ns, .completeness = c->completeness,
        .since_previous_ns = in->fresh ? 0 : p->frame.time_ns - c->last_ns,
        .client_address = key_address(c, 0), .server_address = key_address(c, 1),
        .client_port = key_port(c, 0), .server_port = key_port(c, 1), .family = c->family, .client = &c->client_slot,
    };
    for (unsigned side = 0; side < 2; side++)
        s->state_before[side] = s->state[side] = (uint8_t)conn_state_of(c, side);
    res->has_segment = true;
}

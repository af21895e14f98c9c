/* What a packet's client sees: context for the derived fields, and the stream messages that the frame completed. */
#include "engine/engine_impl.h"

#include <stdalign.h>
#include <string.h>

static void fill_tcp(struct wt_context *c, const struct wt_packet *p, const struct wt_segment *s)
{
    c->has |= WT_HAS_TCP | WT_HAS_TIMES | WT_HAS_COMPLETENESS | (p->tcp.flags & WT_FLAG_ACK ? WT_HAS_ACK : 0u);
    c->seq_relative = s->seq;
    c->ack_relative = s->ack;
    c->next_seq_relative = s->seq + s->payload_bytes
        + ((p->tcp.flags & WT_FLAG_SYN) != 0) + ((p->tcp.flags & WT_FLAG_FIN) != 0);
    c->window_scaled = s->window;
    c->window_scale = s->window_scale;
    c->completeness = s->completeness;
    c->time_relative_ns = s->since_start_ns;
    c->time_delta_ns = s->since_previous_ns;
    c->did = s->did;
    c->initial_rtt_ns = s->initial_rtt_ns > 0 ? s->initial_rtt_ns : 0;
    c->ack_rtt_ns = s->ack_rtt_ns > 0 ? s->ack_rtt_ns : 0;
    c->acked_frame = s->acked_frame;
    c->dup_ack_frame = s->dup_ack_frame;
    c->dup_ack_count = s->dup_ack_count;
}

/* Wireshark's classes in place of those of the connection's record; with --compat its numbers, too. */
static void use_classes(const struct worker *w, struct wt_segment *s, const struct class_result *r)
{
    s->did = (s->did & ~CLASS_DID) | r->did;
    s->dup_ack_count = r->dup_ack_count;
    s->dup_ack_frame = r->dup_ack_frame;
    s->acked_frame = r->acked_frame;
    s->ack_rtt_ns = r->ack_rtt_ns ? r->ack_rtt_ns : -1;
    s->initial_rtt_ns = r->initial_rtt_ns ? r->initial_rtt_ns : -1;
    if (!w->run->options.compat_tshark_4_0)
        return;
    s->stream = r->stream;
    s->seq = r->seq;
    s->ack = r->ack;
    s->window = r->window;
    s->window_scale = r->window_scale;
    s->completeness = r->completeness;
    s->since_start_ns = r->since_start_ns;
    s->since_previous_ns = r->since_previous_ns;
}

static void fill_classes(const struct worker *w, struct wt_context *c, const struct class_result *r)
{
    c->bytes_in_flight = r->bytes_in_flight;
    c->push_bytes = r->push_bytes;
    c->ack_rtt_ns = r->ack_rtt_ns;
    c->initial_rtt_ns = r->initial_rtt_ns;
    c->rto_frame = r->rto_frame;
    c->rto_ns = r->rto_ns;
    if (w->run->options.compat_tshark_4_0)
        c->stream = r->stream;
}

static void fill_quoted(struct wt_context *c, const struct class_result *r)
{
    c->stream = r->stream;
    c->completeness = r->completeness;
    c->window_scale = r->window_scale;
    c->time_relative_ns = r->since_start_ns;
    c->time_delta_ns = r->since_previous_ns;
    c->has |= WT_HAS_STREAM | WT_HAS_COMPLETENESS | WT_HAS_TIMES;
}

static void fill_context(const struct worker *w, struct wt_context *c, const struct wt_packet *p,
                         const struct track_result *r)
{
    memset(c, 0, sizeof *c);
    c->has = w->run->options.compat_tshark_4_0 ? WT_HAS_COMPAT : 0;
    c->ip_checksum = p->ip_checksum;
    c->transport_checksum = p->transport_checksum;
    c->ip_checksum_expected = p->ip_checksum_expected;
    c->transport_checksum_expected = p->checksum_expected;
    c->payload_bytes = p->payload_wire_bytes;
    c->dns = w->has_dns ? &w->dns_done : NULL;
    c->http = w->has_http ? &w->http_done : NULL;
    c->pairing = w->pairing;
    if (!r->conn)
        return;
    c->connection = conn_number(r->conn);
    c->stream = conn_stream_index(r->conn);
    c->has |= c->stream != UINT32_MAX ? WT_HAS_STREAM : 0u;
    if (r->has_segment && (p->flags & WT_PACKET_TCP) && !(p->flags & WT_PACKET_ICMP_ERROR))
        fill_tcp(c, p, &r->segment);
    if (r->has_segment && p->flags & WT_PACKET_ICMP_ERROR) {
        c->completeness = r->segment.completeness;
        c->has |= WT_HAS_COMPLETENESS;
    }
}

/* --compat tshark-4.0: a dissector sees the bytes when and where tshark's does. */
static bool segment_as_tshark(struct worker *w, const struct wt_packet *p, const struct track_result *r)
{
    struct wt_slice payload = wt_packet_payload(p);
    if (!r->conn || p->flags & WT_PACKET_ICMP_ERROR || (!payload.len && !(p->tcp.flags & WT_FLAG_FIN)))
        return false;
    struct wt_session_context context = session_context(w, r->conn, p->frame.number, p->frame.time_ns);
    struct stream_segment segment = {
        .side = r->side, .seq = p->tcp.seq + ((p->tcp.flags & WT_FLAG_SYN) != 0), .payload = payload,
        .wire_bytes = p->payload_wire_bytes, .fin = p->tcp.flags & WT_FLAG_FIN, .context = &context,
    };
    bool whole = payload.len == p->payload_wire_bytes && p->transport_checksum != WT_CKSUM_BAD;
    uint64_t did = r->segment.did;
    bool repeated = did & WT_DID_SPURIOUS || (did & WT_DID_RETRANSMIT && !(did & WT_DID_FAST_RETRANSMIT));
    unsigned taken_as = (whole ? AS_TSHARK_WHOLE : 0u) | (repeated ? AS_TSHARK_REPEATED : 0u)
        | (did & WT_DID_OUT_OF_ORDER ? AS_TSHARK_OVERTAKEN : 0u)
        | (r->segment.completeness & 3 ? AS_TSHARK_SYN_SEEN : 0u);
    return as_tshark_segment(w->as_tshark, r->segment.stream, &segment, taken_as);
}

/* Whose message the payload is a part of that does not end with it. */
static const char *part_of(const struct worker *w, const struct wt_packet *p, const struct track_result *r)
{
    bool could = !w->as_tshark && r->conn && r->deliver && p->payload_wire_bytes && p->flags & WT_PACKET_TCP
        && !(p->flags & WT_PACKET_ICMP_ERROR) && !(r->segment.did & WT_DID_RETRANSMIT);
    return could ? stream_under_way(conn_stream_slot(r->conn), r->side) : NULL;
}

void worker_packet_done(struct worker *w, struct wt_packet *p, struct track_result *r)
{
    account_packet(&w->account, p, w->message_count ? w->messages[0].dissector : -1);
    if (!w->run->client.packet)
        return;
    struct wt_context context;
    struct class_result classes;
    bool classed = w->classes && r->has_segment && classes_segment(w->classes, p, &classes);
    if (classed)
        use_classes(w, &r->segment, &classes);
    bool waits = w->as_tshark && classed && segment_as_tshark(w, p, r);
    fill_context(w, &context, p, r);
    context.part_of = waits ? "PDU" : part_of(w, p, r);
    if (classed)
        fill_classes(w, &context, &classes);
    else if (w->classes && w->run->options.compat_tshark_4_0 && classes_quoted(w->classes, p, &classes))
        fill_quoted(&context, &classes);
    context.has |= w->run->options.no_checksums ? 0u : WT_HAS_CHECKSUMS;
    if (w->udp_streams)
        context.udp_stream_count = (uint8_t)udp_streams_of(w->udp_streams, p, context.udp_streams, WT_UDP_STREAMS);
    struct wt_packet_view view = {
        .packet = p, .segment = r->has_segment ? &r->segment : NULL, .context = &context,
        .messages = w->messages, .message_count = w->message_count,
        .client = r->conn ? conn_client_slot(r->conn) : NULL, .side = r->side,
        .engine = w,
    };
    w->run->client.packet(w->client, &view);
}

bool wt_packet_connection(const struct wt_packet_view *view, struct wt_connection *ret_connection)
{
    const struct worker *w = view->engine;
    if (!w || !w->conn)
        return false;
    conn_record(w->tracker, w->conn, ret_connection);
    return true;
}

static bool ready_layer(const struct wt_packet_view *view, const struct wt_layer *layer, struct wt_slice bytes,
                        size_t wire_bytes, void *header, struct wt_layer_view *ret_layer)
{
    const struct wt_dissector *d = wt_dissector_at(layer->dissector);
    if (!d || d->header_size > WT_MAX_HEADER)
        return false;
    struct wt_cursor c = wt_cursor(bytes.at, bytes.len, wire_bytes);
    memset(header, 0, d->header_size);
    d->decode(&c, header);
    *ret_layer = (struct wt_layer_view){
        .dissector = d, .layer = layer, .packet = view->packet, .context = view->context, .header = header,
        .bytes = bytes,
    };
    return true;
}

bool wt_packet_layer(const struct wt_packet_view *view, unsigned index, void *header, struct wt_layer_view *ret_layer)
{
    const struct wt_packet *p = view->packet;
    if (index < p->layer_count) {
        const struct wt_layer *layer = &p->layers[index];
        if (layer->buffer >= p->buffer_count || layer->offset > p->buffers[layer->buffer].len)
            return false;
        size_t room = p->buffers[layer->buffer].len - layer->offset;
        struct wt_slice bytes = { p->buffers[layer->buffer].at + layer->offset,
                                  layer->captured < room ? layer->captured : room };
        return ready_layer(view, layer, bytes, layer->wire_bytes, header, ret_layer);
    }
    index -= p->layer_count;
    if (index >= view->message_count)
        return false;
    const struct wt_message_layer *m = &view->messages[index];
    if (!ready_layer(view, &m->layer, m->bytes, m->bytes.len, header, ret_layer))
        return false;
    ret_layer->pairing = &m->pairing;
    return true;
}

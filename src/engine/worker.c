/* One worker: blocks from its ring, in batches through decode, checksums, track, stream and messages. Every worker
 * walks every block and keeps the packets of its own shards. */
#include "engine/engine_impl.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

static bool own_packet(const struct worker *w, const struct wt_packet *p)
{
    return w->own >> (p->shard & (TRACK_SHARDS - 1)) & 1;
}

static void identify(const struct worker *w, struct wt_message *m)
{
    if (w->conn) {
        conn_identify(w->conn, m);
        m->client = conn_client_slot(w->conn);
    } else {
        m->client = NULL;
    }
}

static bool is_dns(const struct engine_run *run, int dissector)
{
    return dissector >= 0
        && (dissector == run->dissector_dns || dissector == run->dissector_mdns || dissector == run->dissector_llmnr);
}

/* A stream's message: kept for the packet's view, and DNS ones paired. */
static void layer_message(struct worker *w, const struct wt_message *message)
{
    const struct wt_message_layer *layer = message->layer;
    if (!w->run->client.packet) {    /* whose the first one is, is all that will be asked */
        if (!w->message_count++)
            w->messages[0].dissector = layer->dissector;
    } else if (w->message_count < MAX_LAYER_MESSAGES) {
        struct wt_message_layer *kept = &w->messages[w->message_count++];
        *kept = *layer;
        kept->header = NULL;
        kept->bytes = w->run->options.keep_stream_layers ? copies_add(&w->copies, layer->bytes)
                                                         : (struct wt_slice){ NULL, 0 };
        kept->layer = (struct wt_layer){
            .dissector = layer->dissector, .buffer = WT_STREAM_BUFFER, .cut = layer->cut,
            .captured = (uint32_t)kept->bytes.len, .wire_bytes = (uint32_t)layer->bytes.len,
        };
    } else {
        w->messages_dropped++;
    }
    if (is_dns(w->run, layer->dissector) && w->packet) {
        unsigned count = w->message_count;
        dns_pairs_feed(w->dns, message, layer->bytes, true, false, w->packet->frame.number,
                       w->packet->frame.time_ns);
        if (w->run->client.packet && count && count <= MAX_LAYER_MESSAGES)
            w->messages[count - 1].pairing = *dns_pairs_last(w->dns);
    }
}

void worker_emit(void *worker, const struct wt_message *message)
{
    struct worker *w = worker;
    struct wt_message m = *message;
    if (m.kind == WT_MESSAGE_LAYER || m.kind == WT_MESSAGE_HTTP)
        identify(w, &m);
    else
        m.client = w->conn ? conn_client_slot(w->conn) : NULL;
    if (m.kind == WT_MESSAGE_LAYER)
        layer_message(w, &m);
    bool shown = w->packet && w->run->client.packet;    /* the packet's view will tell of it */
    if (m.kind == WT_MESSAGE_DNS && shown) {
        w->dns_done = *m.dns;
        w->dns_done.name = NULL;
        w->dns_done.wire_name = (struct wt_slice){ NULL, 0 };
        w->dns_done.response = NULL;
        w->has_dns = true;
    }
    if (m.kind == WT_MESSAGE_HTTP && shown) {
        w->http_done = *m.http;
        w->has_http = true;
    }
    bool wanted = m.kind != WT_MESSAGE_LAYER || w->run->client.packet;
    if (w->run->client.message && wanted)
        w->run->client.message(w->client, &m);
}

struct wt_session_context session_context(struct worker *w, struct conn *conn, uint64_t frame, int64_t time_ns)
{
    return (struct wt_session_context){
        .time_ns = time_ns, .frame = frame, .client_port = conn_port(conn, 0), .server_port = conn_port(conn, 1),
        .config = &w->run->options.config, .hits = &w->hits, .emit = worker_emit, .emit_to = w,
        .shard = conn_shard(conn),
    };
}

/* ---- what clients that follow streams see of them ---- */

static void stream_piece(struct worker *w, struct wt_stream_piece *piece)
{
    if (!w->conn)
        return;
    piece->client = conn_client_slot(w->conn);
    piece->connection = conn_number(w->conn);
    piece->segment = w->segment;
    piece->time_ns = w->deliver_ns;
    w->run->client.stream(w->client, piece);
}

static void tap_bytes(void *worker, struct stream *s, unsigned side, struct wt_slice bytes, uint64_t frame)
{
    (void)s;
    struct wt_stream_piece piece = { .bytes = bytes, .frame = frame, .side = (uint8_t)side };
    stream_piece(worker, &piece);
}

static void tap_gap(void *worker, struct stream *s, unsigned side, uint64_t len, uint64_t frame)
{
    (void)s;
    struct wt_stream_piece piece = { .missing_bytes = len, .frame = frame, .side = (uint8_t)side };
    stream_piece(worker, &piece);
}

static void deliver_segment(struct worker *w, const struct wt_packet *p, const struct track_result *r)
{
    void **slot = conn_stream_slot(r->conn);
    bool nothing = p->payload_wire_bytes == 0 && *slot == NULL;
    if (nothing || stream_is_skipped(slot))
        return;
    struct wt_session_context context = session_context(w, r->conn, p->frame.number, p->frame.time_ns);
    context.compat = w->as_tshark != NULL;
    struct stream_segment segment = {
        .side = r->side, .seq = r->data_seq, .start_seq = r->start_seq, .payload = wt_packet_payload(p), .wire_bytes = p->payload_wire_bytes,
        .start_known = r->start_known, .syn = p->tcp.flags & WT_FLAG_SYN, .fin = p->tcp.flags & WT_FLAG_FIN,
        .rst = p->tcp.flags & WT_FLAG_RST, .has_ack = p->tcp.flags & WT_FLAG_ACK, .ack = p->tcp.ack,
        .context = &context,
    };
    w->segment = r->has_segment ? &r->segment : NULL;
    w->deliver_ns = p->frame.time_ns;
    int service = stream_segment(w->streams, slot, &segment);
    w->segment = NULL;
    if (service >= 0)
        conn_set_service(r->conn, (unsigned)service);
}

static void deliver_datagram(struct worker *w, const struct wt_packet *p, const struct track_result *r)
{
    unsigned i = p->transport_layer + 1u;
    if (i >= p->layer_count)
        return;
    const struct wt_layer *layer = &p->layers[i];
    if (r->new_connection)
        conn_set_service(r->conn, layer->dissector);
    if (!is_dns(w->run, layer->dissector))
        return;             /* a bad checksum is no reason to leave it: anonymised captures have little else */
    struct wt_message from = { .kind = WT_MESSAGE_DNS };
    identify(w, &from);
    struct wt_slice bytes = { p->buffers[layer->buffer].at + layer->offset, layer->captured };
    bool multicast = layer->dissector != w->run->dissector_dns;
    dns_pairs_feed(w->dns, &from, bytes, false, multicast, p->frame.number, p->frame.time_ns);
    w->pairing = *dns_pairs_last(w->dns);
}

/* tracker_batch calls this after each packet, in frame order. */
static void each_packet(void *worker, struct wt_packet *p, struct track_result *r)
{
    struct worker *w = worker;
    if (!own_packet(w, p))
        return;
    w->conn = r->conn;
    w->packet = p;
    w->message_count = 0;
    w->has_dns = w->has_http = false;
    w->pairing = (struct wt_pairing){ 0 };
    copies_reset(&w->copies);
    if (r->has_segment && w->run->client.segment) {
        r->segment.client = r->conn ? conn_client_slot(r->conn) : NULL;
        w->run->client.segment(w->client, &r->segment);
    }
    if (r->conn && !(p->flags & WT_PACKET_ICMP_ERROR)) {
        if (p->flags & WT_PACKET_TCP) {
            if (r->deliver)
                deliver_segment(w, p, r);
        } else if (p->flags & WT_PACKET_UDP) {
            deliver_datagram(w, p, r);
        }
    }
    worker_packet_done(w, p, r);
    w->conn = NULL;
    w->packet = NULL;
}

static void ended_hook(void *worker, struct conn *conn, const struct wt_connection *record)
{
    struct worker *w = worker;
    (void)conn;
    if (w->run->client.connection)
        w->run->client.connection(w->client, record);
}

static void close_stream_hook(void *worker, struct conn *conn, enum wt_end_why why, int64_t now_ns)
{
    struct worker *w = worker;
    void **slot = conn_stream_slot(conn);
    if (!*slot)
        return;
    struct conn *before = w->conn;
    const struct wt_packet *packet = w->packet;
    w->conn = conn;
    w->packet = NULL;
    w->deliver_ns = now_ns;
    struct wt_session_context context = session_context(w, conn, 0, now_ns);
    stream_close(w->streams, slot, &context, why == WT_END_CLOSED ? WT_CLOSED_FIN : WT_CLOSED_END);
    w->conn = before;
    w->packet = packet;
}

static void verify(const struct worker *w, struct wt_packet *p)
{
    decode_checksums(p);
    if (w->run->options.compat_tshark_4_0 && p->transport_checksum == WT_CKSUM_PARTIAL)
        p->transport_checksum = WT_CKSUM_BAD;
}

static void run_batch(struct worker *w, const struct wt_frame *frames, unsigned n)
{
    if (w->index == 0 && w->run->client.frames)
        w->run->client.frames(w->client, frames, n);
    decode_batch(w->decoder, frames, w->packets, n);
    if (!w->run->options.no_checksums)
        for (unsigned i = 0; i < n; i++)
            if (own_packet(w, &w->packets[i]))
                verify(w, &w->packets[i]);
    tracker_batch(w->tracker, w->packets, n, each_packet, w);
}

static void sample_open(struct open_samples *s, uint64_t open)
{
    if (s->block++ % s->stride)
        return;
    if (s->used == OPEN_SAMPLES) {
        for (uint32_t i = 0; i < OPEN_SAMPLES / 2; i++)
            s->count[i] = s->count[2 * i] > s->count[2 * i + 1] ? s->count[2 * i] : s->count[2 * i + 1];
        s->used = OPEN_SAMPLES / 2;
        s->stride *= 2;
    }
    s->count[s->used++] = open > UINT32_MAX ? UINT32_MAX : (uint32_t)open;
}

static void run_block(struct worker *w, const struct block *b)
{
    if (b->dropped_before)
        tracker_frames_lost(w->tracker);
    for (uint32_t i = 0; i < b->frame_count; i += BATCH) {
        uint32_t left = b->frame_count - i;
        run_batch(w, b->frames + i, left < BATCH ? left : BATCH);
    }
    if (b->frame_count)
        w->now_ns = b->frames[b->frame_count - 1].time_ns;
    if (b->clock_ns) {
        tracker_tick(w->tracker, b->clock_ns);
        if (b->clock_ns > w->now_ns)
            w->now_ns = b->clock_ns;
    }
    dns_pairs_expire(w->dns, w->now_ns);
    sample_open(&w->open, tracker_counters(w->tracker)->open);
    if (w->run->client.tick)
        w->run->client.tick(w->client, w->now_ns);
}

void *worker_main(void *worker)
{
    struct worker *w = worker;
    bool last = false;
    while (!last) {
        struct block *b = ring_pop_wait(&w->ring);
        run_block(w, b);
        last = b->last;
        ring_release(&w->ring);
    }
    decoder_finish(w->decoder);
    tracker_finish(w->tracker);
    dns_pairs_finish(w->dns);
    w->dns = NULL;
    if (w->run->client.tick)
        w->run->client.tick(w->client, w->now_ns);
    return NULL;
}

static int worker_init(struct worker *w, struct wt_error *err)
{
    struct engine_run *run = w->run;
    const struct wt_config *config = &run->options.config;
    const struct tracker_hooks hooks = { .hook_to = w, .ended = ended_hook, .close_stream = close_stream_hook,
                                          .ahead = stream_ahead };
    w->decoder = decoder_new(config, run->seed, &w->hits);
    if (w->decoder)
        decoder_own(w->decoder, w->own);
    w->tracker = tracker_new(config, run->seed, w->own, run->worker_count == 1, &hooks, &w->hits);
    const struct stream_tap tap = { .tap_to = w, .bytes = tap_bytes, .gap = tap_gap };
    if (w->tracker && (run->client.segment || run->client.packet || run->client.stream))
        tracker_want_segments(w->tracker);
    w->streams = stream_set_new(config, &w->hits, run->client.stream ? &tap : NULL);
    w->classes = run->options.tcp_analysis ? classes_new(config, run->seed, &w->hits) : NULL;
    const uint16_t udp[2] = { (uint16_t)wt_dissector_index("udp"), (uint16_t)wt_dissector_index("udplite") };
    w->udp_streams = run->options.compat_tshark_4_0 ? udp_streams_new(config, run->seed, &w->hits, udp) : NULL;
    w->dns = dns_pairs_new(config, &w->hits, worker_emit, w);
    w->open = (struct open_samples){ .count = malloc(OPEN_SAMPLES * sizeof(uint32_t)), .stride = 1 };
    bool ok = w->decoder && w->tracker && w->streams && w->dns && w->open.count
        && (w->classes || !run->options.tcp_analysis) && (w->udp_streams || !run->options.compat_tshark_4_0)
        && (!run->options.compat_tshark_4_0 || dns_pairs_compat(w->dns))
        && copies_init(&w->copies, run->options.keep_stream_layers ? 4u << 20 : 64) == 0
        && ring_init(&w->ring, run->block_count) == 0;
    account_init(&w->account);
    if (ok && run->options.compat_tshark_4_0) {
        w->as_tshark = as_tshark_new(config, &w->hits);
        ok = w->as_tshark != NULL;
    }
    if (ok && run->options.compat_tshark_4_0)
        decoder_compat(w->decoder);
    return ok ? 0 : wt_fail(err, -ENOMEM, "not enough memory for worker %u", w->index);
}

struct worker *worker_new(struct engine_run *run, unsigned index, uint64_t own, struct wt_error *err)
{
    struct worker *w = aligned_alloc(64, (sizeof *w + 63) / 64 * 64);
    if (!w) {
        wt_fail(err, -ENOMEM, "not enough memory for worker %u", index);
        return NULL;
    }
    memset(w, 0, sizeof *w);
    w->run = run;
    w->index = index;
    w->own = own;
    if (worker_init(w, err) < 0) {
        worker_free(w);
        return NULL;
    }
    return w;
}

void worker_free(struct worker *w)
{
    if (!w)
        return;
    if (w->dns)
        dns_pairs_finish(w->dns);
    tracker_free(w->tracker);
    classes_free(w->classes);
    udp_streams_free(w->udp_streams);
    stream_set_free(w->streams);
    as_tshark_free(w->as_tshark);
    decoder_free(w->decoder);
    copies_done(&w->copies);
    ring_done(&w->ring);
    free(w->open.count);
    free(w);
}

/* What the engine tells the model, packet by packet, on its worker's thread. Text is made before the lock is taken. */
#include <stdlib.h>
#include <string.h>

#include "report/text_words.h"
#include "tui/model_impl.h"

#define INFO_MOST 600           /* bytes of the info cell */
#define FLUSH_NS 50000000       /* what SIGKILL may cost */

/* ---- lines of the packet list ---- */

static bool has_trouble(uint64_t did)
{
    return did & (WT_DID_RETRANSMIT | WT_DID_OUT_OF_ORDER | WT_DID_GAP_BEFORE | WT_DID_ACKED_UNSEEN | WT_DID_DUP_ACK | WT_DID_ZERO_WINDOW
                  | WT_DID_FAST_RETRANSMIT | WT_DID_SPURIOUS | WT_DID_WINDOW_FULL | WT_DID_SYN_RETRY);
}

static uint8_t style_of(const struct wt_packet_view *view, const char *protocol)
{
    const struct wt_packet *p = view->packet;
    if (p->flags & WT_PACKET_MALFORMED || p->transport_checksum == WT_CKSUM_BAD || p->ip_checksum == WT_CKSUM_BAD)
        return MODEL_MALFORMED;
    if (p->flags & WT_PACKET_TCP && !(p->flags & WT_PACKET_ICMP_ERROR)) {
        if (view->segment && has_trouble(view->segment->did))
            return MODEL_TROUBLE;
        if (p->tcp.flags & WT_FLAG_RST)
            return MODEL_RESET;
        if (strcmp(protocol, "HTTP") == 0)
            return MODEL_HTTP;
        return p->tcp.flags & (WT_FLAG_SYN | WT_FLAG_FIN) ? MODEL_SYN_FIN : MODEL_TCP;
    }
    if (p->flags & WT_PACKET_ICMP_ERROR)
        return MODEL_TROUBLE;
    if (strcmp(protocol, "DNS") == 0 || strcmp(protocol, "MDNS") == 0 || strcmp(protocol, "LLMNR") == 0)
        return MODEL_DNS;
    return p->flags & WT_PACKET_UDP ? MODEL_UDP : p->flags & WT_PACKET_ICMP ? MODEL_ICMP : strcmp(protocol, "ARP") == 0 ? MODEL_ARP : MODEL_PLAIN;
}

/* Cuts at a whole character. */
static void cut_cell(struct out *o, size_t from)
{
    if (o->len - from <= INFO_MOST)
        return;
    size_t end = from + INFO_MOST;
    while (end > from && ((unsigned char)o->at[end] & 0xc0) == 0x80)
        end--;
    o->len = end;
}

/* The cells into m->cell; where the protocol's begins. */
static size_t add_cells(struct model *m, const struct wt_packet_view *view)
{
    static const enum column_id ids[MODEL_CELLS] = { COLUMN_SOURCE, COLUMN_DESTINATION, COLUMN_PROTOCOL, COLUMN_LENGTH, COLUMN_INFO };
    size_t protocol = 0;
    out_reset(&m->cell);
    for (unsigned i = 0; i < MODEL_CELLS; i++) {
        size_t from = m->cell.len;
        protocol = i == 2 ? from : protocol;
        columns_text(&m->columns, view, ids[i], &m->cell);
        cut_cell(&m->cell, from);
        out_char(&m->cell, '\0');
    }
    return protocol;
}

static uint64_t add_line(struct model *m, const struct wt_packet_view *view, uint8_t style, uint64_t bytes_at)
{
    const struct wt_frame *f = &view->packet->frame;
    struct line_head head = {
        .bytes_at = bytes_at, .captured = f->captured_len, .wire = f->wire_len, .linktype = f->linktype,
        .interface = (uint16_t)f->interface, .style = style, .flags = (uint8_t)f->flags,
        .text_len = (uint16_t)(m->cell.len < 1100 ? m->cell.len : 1100),
    };
    uint8_t whole[sizeof head + 1100];
    memcpy(whole, &head, sizeof head);
    memcpy(whole + sizeof head, m->cell.at, head.text_len);
    return spool_add(&m->lines, whole, sizeof head + head.text_len);
}

/* ---- connections ---- */

static struct model_connection *new_connection(struct model *m, const struct wt_packet_view *view)
{
    uint64_t index = m->connection_count, chunk = index / CONNECTION_CHUNK;
    if (chunk >= CONNECTION_CHUNKS || index >= m->options.engine.config.value[WT_MAX_VIEW_CONNECTIONS])
        return NULL;
    if (!m->connections[chunk]) {
        m->connections[chunk] = calloc(CONNECTION_CHUNK, sizeof *m->connections[chunk]);
        m->last_packet[chunk] = calloc(CONNECTION_CHUNK, sizeof *m->last_packet[chunk]);
        if (!m->connections[chunk] || !m->last_packet[chunk]) {
            free(m->connections[chunk]);
            free(m->last_packet[chunk]);
            m->connections[chunk] = NULL;
            m->last_packet[chunk] = NULL;
            return NULL;
        }
    }
    const struct wt_packet *p = view->packet;
    struct model_connection *c = &m->connections[chunk][index % CONNECTION_CHUNK];
    unsigned client = (p->dir ^ view->side) & 1u;
    *c = (struct model_connection){
        .number = view->context->connection, .first_index = m->packet_count, .family = p->key.family, .protocol = p->key.protocol,
        .port = { p->key.port[client], p->key.port[!client] }, .start_ns = p->frame.time_ns, .outcome = WT_OUTCOMES,
    };
    memcpy(c->address[0], p->key.address[client], 16);
    memcpy(c->address[1], p->key.address[!client], 16);
    m->last_packet[chunk][index % CONNECTION_CHUNK] = NO_INDEX;
    m->connection_count++;
    if (p->key.protocol == 6)
        m->sums.tcp++;
    else if (p->key.protocol == 17)
        m->sums.udp++;
    else
        m->sums.other_conversations++;
    return c;
}

static void *slot_of(uint64_t index)
{
    return (void *)(uintptr_t)(index + 1);
}

static void add_segment(struct model *m, struct model_connection *c, const struct wt_segment *s)
{
    struct model_sums *sums = &m->sums;
    c->state[0] = s->state[0];
    c->state[1] = s->state[1];
    if (s->initial_rtt_ns > 0)
        c->rtt_ns = s->initial_rtt_ns;
    bool again = s->sent_again;
    c->again[s->side & 1] += again;
    c->has_trouble = c->has_trouble || has_trouble(s->did) || s->did & (WT_DID_REFUSE | WT_DID_RST);
    sums->retransmissions += again;
    sums->handshakes += (s->did & WT_DID_HANDSHAKE) != 0;
    sums->out_of_order += (s->did & WT_DID_OUT_OF_ORDER) != 0;
    sums->zero_windows += (s->did & WT_DID_ZERO_WINDOW) != 0;
    sums->duplicate_acks += (s->did & WT_DID_DUP_ACK) != 0;
    if (s->did & WT_DID_TIME_WAIT) {
        sums->time_waits++;
        c->time_wait_end_ns = s->packet->frame.time_ns + (int64_t)m->options.engine.config.value[WT_TIME_WAIT] * 1000000000;
    }
}

/* The connection's index + 1, or 0. */
static uint32_t add_to_connection(struct model *m, const struct wt_packet_view *view)
{
    if (!view->client || !view->context->connection)
        return 0;
    struct model_connection *c;
    uint64_t index;
    if (*view->client) {
        index = (uint64_t)(uintptr_t)*view->client - 1;
        if (index >= m->connection_count)
            return 0;
        preserve(m, index);
        c = connection_at(m, index);
    } else {
        index = m->connection_count;
        c = new_connection(m, view);
        if (!c) {
            m->status.forgotten++;
            return 0;
        }
        *view->client = slot_of(index);
    }
    const struct wt_packet *p = view->packet;
    unsigned side = view->side & 1u;
    int64_t second = p->frame.time_ns / 1000000000;
    if (second != c->second) {
        c->before_bytes = second == c->second + 1 ? c->second_bytes : 0;
        c->second_bytes = 0;
        c->second = second;
    }
    c->second_bytes += p->payload_wire_bytes;
    c->last_index = m->packet_count;
    c->last_ns = p->frame.time_ns;
    if (!(p->flags & WT_PACKET_ICMP_ERROR)) {
        c->packets[side]++;
        c->bytes[side] += p->payload_wire_bytes;
    }
    if (view->segment && !(p->flags & WT_PACKET_ICMP_ERROR))
        add_segment(m, c, view->segment);
    int top = view->message_count ? view->messages[0].dissector
        : p->flags & WT_PACKET_UDP && p->layer_count > p->transport_layer + 1 ? p->layers[p->layer_count - 1].dissector : -1;
    if (!c->service && top >= 0 && wt_dissector_at((unsigned)top))
        c->service = wt_dissector_at((unsigned)top)->name;
    return (uint32_t)(index + 1);
}

static void link_packet(struct model *m, struct model_packet *p, uint32_t connection)
{
    p->connection = connection;
    p->previous = NO_INDEX;
    if (!connection)
        return;
    uint64_t index = connection - 1;
    uint32_t *last = &m->last_packet[index / CONNECTION_CHUNK][index % CONNECTION_CHUNK];
    p->previous = *last;
    *last = (uint32_t)m->packet_count;
}

/* ---- sums ---- */

static void add_rate(struct model_sums *s, int64_t since_ns, uint64_t bytes)
{
    if (!s->rate_slot_ns)
        s->rate_slot_ns = 10000000;
    since_ns = since_ns < 0 ? 0 : since_ns;
    while (since_ns / s->rate_slot_ns >= MODEL_RATE_SLOTS) {
        for (unsigned i = 0; i < MODEL_RATE_SLOTS / 2; i++)
            s->rate[i] = s->rate[2 * i] + s->rate[2 * i + 1];
        memset(s->rate + MODEL_RATE_SLOTS / 2, 0, sizeof s->rate / 2);
        s->rate_slot_ns *= 2;
    }
    unsigned slot = (unsigned)(since_ns / s->rate_slot_ns);
    s->rate[slot] += bytes;
    s->rate_count = slot + 1 > s->rate_count ? slot + 1 : s->rate_count;
}

static void add_sums(struct model *m, const struct wt_packet_view *view)
{
    const struct wt_packet *p = view->packet;
    struct model_sums *s = &m->sums;
    if (!s->frames)
        s->first_ns = p->frame.time_ns;
    s->last_ns = p->frame.time_ns;
    s->frames++;
    s->bytes += p->frame.wire_len;
    s->malformed += (p->flags & WT_PACKET_MALFORMED) != 0;
    s->truncated += p->frame.captured_len < p->frame.wire_len;
    s->bad_checksums += p->transport_checksum == WT_CKSUM_BAD || p->ip_checksum == WT_CKSUM_BAD;
    add_rate(s, p->frame.time_ns - s->first_ns, p->frame.wire_len);
    unsigned top = view->message_count ? view->messages[0].dissector : p->layer_count ? p->layers[p->layer_count - 1].dissector : 0;
    if (top < WT_MAX_DISSECTORS) {
        m->protocol_frames[top]++;
        m->protocol_bytes[top] += p->frame.wire_len;
    }
}

/* ---- callbacks ---- */

static void *worker_open(void *client, unsigned worker)
{
    (void)worker;
    return client;
}

/* A file's first packets stay, those of a capture that goes on and on give their room to newer ones. */
static bool room_for_packet(struct model *m)
{
    uint64_t chunk = m->packet_count / CHUNK, most = m->options.engine.config.value[WT_MAX_VIEW_PACKETS];
    if (m->packet_count % CHUNK == 0 && m->options.live && chunk - m->first_chunk >= 2
        && (chunk - m->first_chunk) * CHUNK >= (most < (CHUNKS - 1) * (uint64_t)CHUNK ? most : (CHUNKS - 1) * (uint64_t)CHUNK)) {
        free(m->chunks[m->first_chunk % CHUNKS]);
        m->chunks[m->first_chunk++ % CHUNKS] = NULL;
    }
    if (chunk - m->first_chunk >= CHUNKS || m->packet_count >= NO_INDEX || (!m->options.live && m->packet_count >= most))
        return false;
    struct model_packet **at = &m->chunks[chunk % CHUNKS];
    if (!*at)
        *at = malloc(CHUNK * sizeof **at);
    return *at != NULL;
}

static void packet(void *worker, const struct wt_packet_view *view)
{
    struct model *m = worker;
    columns_next(&m->columns, view, true);
    size_t protocol = add_cells(m, view);
    uint8_t style = style_of(view, m->cell.at ? m->cell.at + protocol : "");
    uint64_t bytes_at = m->journal ? journal_add(m->journal, &view->packet->frame) : view->packet->frame.offset;
    pthread_mutex_lock(&m->lock);
    add_sums(m, view);
    uint32_t connection = add_to_connection(m, view);
    if (room_for_packet(m)) {
        struct model_packet *p = packet_at(m, m->packet_count);
        *p = (struct model_packet){ .time_ns = view->packet->frame.time_ns, .number = view->packet->frame.number & ((UINT64_C(1) << 62) - 1),
                                    .line_at = add_line(m, view, style, bytes_at) };
        link_packet(m, p, connection);
        filter_take(m, m->packet_count, view);
        m->packet_count++;
    } else {
        m->status.forgotten++;
    }
    m->status.version++;
    pthread_mutex_unlock(&m->lock);
}

static void connection(void *worker, const struct wt_connection *c)
{
    struct model *m = worker;
    uint64_t index = (uint64_t)(uintptr_t)c->client - 1;
    pthread_mutex_lock(&m->lock);
    filter_take_connection(m, c);
    if (c->client && index < m->connection_count) {
        preserve(m, index);
        struct model_connection *to = connection_at(m, index);
        to->outcome = c->outcome;
        to->ended = true;
        to->service = c->service ? c->service : to->service;
        to->state[0] = c->side[0].state;
        to->state[1] = c->side[1].state;
        to->again[0] = c->side[0].retransmissions;
        to->again[1] = c->side[1].retransmissions;
        if (wt_handshake_ns(c) >= 0)
            to->rtt_ns = wt_handshake_ns(c);
        if (c->side[0].port != to->port[0] || memcmp(c->side[0].address, to->address[0], c->family == 4 ? 4 : 16) != 0)
            for (unsigned side = 0; side < 2; side++) {      /* who opened was guessed wrongly at first */
                memcpy(to->address[side], c->side[side].address, 16);
                to->port[side] = c->side[side].port;
                to->packets[side] = c->side[side].packets;
                to->bytes[side] = c->side[side].payload_bytes;
            }
        m->sums.refused += c->outcome == WT_OUTCOME_REFUSED;
        m->sums.unanswered += c->outcome == WT_OUTCOME_UNANSWERED || c->outcome == WT_OUTCOME_UNREACHABLE;
        m->sums.resets += c->outcome == WT_OUTCOME_RESET;
        to->has_trouble = to->has_trouble || c->outcome == WT_OUTCOME_REFUSED || c->outcome == WT_OUTCOME_UNANSWERED
            || c->outcome == WT_OUTCOME_UNREACHABLE || c->outcome == WT_OUTCOME_HALF_OPEN;
    }
    m->status.version++;
    pthread_mutex_unlock(&m->lock);
}

static void safe_text(char *to, size_t size, struct wt_slice bytes)
{
    struct wt_text t = { .at = to, .capacity = size };
    to[0] = '\0';
    wt_text_add_safe(&t, bytes);
}

static void identify(const struct model *m, const struct wt_message *from, struct model_message *to)
{
    (void)m;
    to->connection = from->connection;
    to->family = from->family;
    memcpy(to->server, from->address[1], 16);
    to->port = from->port[1];
}

static void take_dns(const struct model *m, const struct wt_message *from, struct model_message *to)
{
    const struct wt_dns_transaction *d = from->dns;
    struct wt_text type = { .at = to->more, .capacity = sizeof to->more };
    identify(m, from, to);
    to->frame = d->query_frame;
    to->answer_frame = d->response_frame;
    to->start_ns = d->query_frame ? d->query_ns : d->response_ns;
    to->time_ns = d->time_ns;
    to->code = d->rcode;
    to->type = d->type;
    to->answered = d->response_frame != 0;
    to->failed = !to->answered || d->rcode != 0;
    to->bytes = d->retries;
    char name[WT_NAME_TEXT], answers[WT_DNS_ANSWERS];
    snprintf(to->what, sizeof to->what, "%s", wt_dns_name(d, name));
    to->more[0] = '\0';
    if (!to->answered)
        wt_text_add(&type, "no answer");
    else if (d->rcode)
        words_dns_rcode(&type, d->rcode);
    else
        wt_text_add(&type, "%s", wt_dns_answers(d, answers));
}

static void take_http(const struct model *m, const struct wt_message *from, struct model_message *to)
{
    const struct wt_http_exchange *h = from->http;
    char method[24], target[100];
    identify(m, from, to);
    to->frame = h->request_frame;
    to->answer_frame = h->response_frame;
    to->start_ns = h->request_start_ns ? h->request_start_ns : h->response_start_ns;
    to->answered = h->status != 0;
    to->time_ns = h->request_end_ns && h->response_start_ns ? h->response_start_ns - h->request_end_ns : -1;
    to->code = h->status;
    to->failed = !to->answered || h->status >= 400;
    to->bytes = h->response_body_bytes;
    safe_text(method, sizeof method, h->method);
    safe_text(target, sizeof target, h->target);
    snprintf(to->what, sizeof to->what, "%.20s %.96s", method, target);
    safe_text(to->more, sizeof to->more, h->host);
}

static void message(void *worker, const struct wt_message *from)
{
    struct model *m = worker;
    struct model_message one = { .time_ns = -1 };
    bool dns = from->kind == WT_MESSAGE_DNS;
    if (dns)
        take_dns(m, from, &one);
    else if (from->kind == WT_MESSAGE_HTTP)
        take_http(m, from, &one);
    pthread_mutex_lock(&m->lock);
    if (from->kind == WT_MESSAGE_NAME) {
        names_add(m->names, from->name);
    } else if (dns || from->kind == WT_MESSAGE_HTTP) {
        struct messages *list = &m->messages[dns ? MODEL_DNS_MESSAGES : MODEL_HTTP_MESSAGES];
        if (list->count == list->capacity && list->capacity < MESSAGES_MOST) {
            uint64_t want = list->capacity ? list->capacity * 2 : 256;
            struct model_message *grown = realloc(list->list, want * sizeof *grown);
            list->list = grown ? grown : list->list;
            list->capacity = grown ? want : list->capacity;
        }
        if (list->count < list->capacity)
            list->list[list->count++] = one;
        else
            m->status.forgotten++;
        if (dns) {
            m->sums.dns++;
            m->sums.dns_failed += one.answered && one.code != 0;
            m->sums.dns_unanswered += !one.answered;
        } else {
            m->sums.http++;
            m->sums.http_errors += one.failed;
        }
    }
    m->status.version++;
    pthread_mutex_unlock(&m->lock);
}

/* What was captured reaches its file soon, also when nothing follows. */
static void tick(void *worker, int64_t now_ns)
{
    struct model *m = worker;
    if (m->journal)
        journal_flush(m->journal, now_ns, FLUSH_NS);
}

void model_client(struct model *m, struct wt_client *ret_client)
{
    *ret_client = (struct wt_client){ .client = m, .worker_open = worker_open, .packet = packet, .message = message,
                                      .connection = connection, .tick = tick };
}

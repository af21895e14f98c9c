#include "timeline.h"

#include <errno.h>
#include <stdalign.h>
#include <stdlib.h>
#include <string.h>

#include "ladder.h"
#include "store.h"
#include "text_units.h"
#include "timeline_json.h"
#include "timeline_text.h"

#define STORE_MEMORY (32u << 20)
#define NOTED_DATAGRAMS 64      /* of a conversation that are shown with what they say, before they are folded */
#define PENDING_SILENCE_NS INT64_C(1000000000)

struct timeline {
    struct timeline_options options;
    struct ladder_set set;
    struct ladder unwanted;              /* what the slot of a connection that nobody asked for points to */
    struct names *names;
    struct store *store;                 /* files: ladders by number */
    struct timeline_text text;
    struct columns columns;              /* for the Info of a message */
    struct out out, note;
    struct wt_error error;
    void (*stop)(void);
    uint64_t shown, no_memory;
    int64_t last_line_ns;
    bool stopped;
};

struct timeline *timeline_new(const struct timeline_options *options, void (*stop)(void))
{
    struct timeline *t = calloc(1, sizeof *t);
    if (!t)
        return NULL;
    t->options = *options;
    t->stop = stop;
    const struct wt_config *config = options->config;
    uint64_t lines = options->full ? UINT32_MAX : config->value[WT_MAX_LADDER_LINES];
    ladder_set_init(&t->set, (uint32_t)lines, config->value[WT_MAX_LADDER_BYTES]);
    t->set.by_line = options->by_line;
    if (options->full)
        t->set.fold_after = UINT32_MAX;
    t->names = names_new((size_t)config->value[WT_MAX_NAMES]);
    bool ordered = !options->live && !options->by_line;
    t->store = ordered ? store_new(STORE_MEMORY) : NULL;
    t->text = (struct timeline_text){
        .page = &t->options.page, .wide = options->wide, .time = options->time, .time_digits = options->time_digits,
        .time_wait_s = config->value[WT_TIME_WAIT], .names = options->numeric ? NULL : t->names,
    };
    t->text.clock.utc = options->time >= COLUMNS_TIME_UTC;
    columns_init(&t->columns, options->time, options->time_digits);
    out_init(&t->out, -1);
    out_init(&t->note, -1);
    out_init(&t->text.scratch, -1);
    if (t->names && (t->store || !ordered))
        return t;
    timeline_free(t);
    return NULL;
}

void timeline_free(struct timeline *t)
{
    if (!t)
        return;
    ladder_set_done(&t->set);
    names_free(t->names);
    store_free(t->store);
    out_done(&t->out);
    out_done(&t->note);
    out_done(&t->text.scratch);
    free(t);
}

uint64_t timeline_shown(const struct timeline *t)
{
    return t->shown;
}

/* ---- writing ---- */

static void failed(struct timeline *t, int code, const char *what)
{
    if (t->stopped)
        return;
    t->stopped = true;
    if (what)
        wt_fail(&t->error, code, "%s: %s", what, strerror(-code));
    if (t->stop)
        t->stop();
}

static void write_out(struct timeline *t)
{
    FILE *to = t->options.page.to;
    if (t->out.len && fwrite(t->out.at, 1, t->out.len, to) != t->out.len)
        failed(t, errno ? -errno : -EIO, "writing");
    out_reset(&t->out);
    if ((t->options.live || t->options.by_line) && fflush(to) != 0)
        failed(t, errno ? -errno : -EIO, "writing");
}

static void json_ladder(struct timeline *t, const struct ladder *l, const struct wt_connection *c)
{
    char *text = NULL;
    size_t len = 0;
    FILE *f = open_memstream(&text, &len);
    if (!f) {
        t->no_memory++;
        return;
    }
    timeline_json(f, l, c, t->text.names, t->text.time_wait_s);
    fclose(f);
    out_bytes(&t->out, text, len);
    free(text);
}

static void print_ladder(struct timeline *t, const struct ladder *l, const struct wt_connection *c)
{
    t->shown++;
    if (t->options.json)
        json_ladder(t, l, c);
    else
        timeline_text_ladder(&t->text, l, c, &t->out);
    if (t->store) {
        struct wt_error err;
        int code = store_add(t->store, l->number, t->out.at, t->out.len, &err);
        if (code < 0 && !t->stopped) {
            t->error = err;
            failed(t, code, NULL);
        }
        out_reset(&t->out);
    } else {
        write_out(t);
    }
}

/* Line by line: what has been added and not been printed. A fold at the end still grows, so it waits. */
static void print_lines(struct timeline *t, struct ladder *l, bool pending)
{
    uint32_t i = l->count;
    while (i > 0 && !(l->lines[i - 1].marks & LADDER_SHOWN))
        i--;
    for (; i < l->count; i++) {
        struct ladder_line *line = &l->lines[i];
        if (line->kind == LADDER_FOLD && i + 1 == l->count && !pending)
            break;
        timeline_text_line(&t->text, l, line, &t->out);
        line->marks |= LADDER_SHOWN;
    }
    if (t->out.len)
        write_out(t);
}

/* ---- who ---- */

static void identify_tcp(struct ladder *l, const struct wt_segment *s)
{
    size_t len = s->family == 4 ? 4 : 16;
    l->family = s->family;
    memcpy(l->address[0], s->client_address, len);
    memcpy(l->address[1], s->server_address, len);
    l->port[0] = s->client_port;
    l->port[1] = s->server_port;
}

static void identify_key(struct ladder *l, const struct wt_packet_view *view)
{
    const struct wt_flow_key *key = &view->packet->key;
    unsigned client = (view->packet->dir ^ view->side) & 1u;
    l->family = key->family;
    for (unsigned side = 0; side < 2; side++) {
        memcpy(l->address[side], key->address[client ^ side], 16);
        l->port[side] = key->port[client ^ side];
    }
}

static bool wanted(const struct timeline *t, const struct ladder *l)
{
    if ((t->options.tcp_only && l->protocol != 6) || (t->options.udp_only && l->protocol != 17))
        return false;
    const struct select_subject subject = {
        .number = l->number, .first_frame = l->first_frame, .last_frame = UINT64_MAX, .family = l->family,
        .address = { l->address[0], l->address[1] }, .port = { l->port[0], l->port[1] }, .start_ns = l->start_ns,
    };
    return !t->options.selection || select_matches(t->options.selection, &subject, t->names);
}

static struct ladder *ladder_of(struct timeline *t, const struct wt_packet_view *view)
{
    if (*view->client)
        return *view->client == &t->unwanted ? NULL : *view->client;
    const struct wt_packet *p = view->packet;
    struct ladder identity = { .number = view->context->connection, .first_frame = p->frame.number,
                               .start_ns = p->frame.time_ns, .protocol = p->key.protocol };
    if (view->segment)
        identify_tcp(&identity, view->segment);
    else
        identify_key(&identity, view);
    if (!wanted(t, &identity)) {
        *view->client = &t->unwanted;
        return NULL;
    }
    struct ladder *l = ladder_new(&t->set, &identity);
    if (!l) {
        t->no_memory++;
        return NULL;
    }
    *view->client = l;
    if (t->options.by_line && !t->options.json)
        timeline_text_begin(&t->text, l, &t->out);
    return l;
}

/* ---- what messages say ---- */

static void trim(struct out *o)
{
    while (o->len && o->at[o->len - 1] == ' ')
        o->len--;
}

static bool summary_of(const struct wt_packet_view *view, unsigned index, struct out *o)
{
    const struct wt_dissector *d = columns_layer_dissector(view, index);
    alignas(max_align_t) uint8_t header[WT_MAX_HEADER];
    struct wt_layer_view layer;
    if (!d || !d->summarise || !wt_packet_layer(view, index, header, &layer))
        return false;
    char text[LADDER_NOTE];
    text[0] = '\0';
    struct wt_text sum = { text, sizeof text, 0, false };
    d->summarise(&layer, &sum);
    size_t from = o->len;
    out_safe(o, (struct wt_slice){ (const uint8_t *)text, sum.len });
    trim(o);
    return o->len > from;
}

static void add_duration(struct timeline *t, const char *before, int64_t ns)
{
    struct words w = { &t->note, t->options.page.utf8, &t->text.clock, 0 };
    out_text(&t->note, before);
    words_duration(&w, ns);
}

/* Before the answer's words, which may be long. */
static void add_dns(struct timeline *t, struct ladder *l, const struct wt_dns_transaction *dns)
{
    if (dns->time_ns >= 0)
        add_duration(t, "after ", dns->time_ns);
    if (dns->answers && dns->ttl_min != UINT32_MAX)
        out_format(&t->note, "%sTTL %u s", t->note.len ? ", " : "", dns->ttl_min);
    if (dns->asked_again_within_ttl)
        out_format(&t->note, "%sasked again within the TTL of an earlier answer", t->note.len ? ", " : "");
    if (t->note.len)
        out_text(&t->note, ": ");
    struct ladder_line *query = ladder_find(&t->set, l, dns->query_frame);
    if (query)
        query->marks |= LADDER_ANSWERED;
}

/* Behind the response's head: how long the request waited for it. */
static void add_http_wait(struct timeline *t, const struct wt_http_exchange *http)
{
    if (http->request_end_ns && http->response_start_ns)
        add_duration(t, ", after ", http->response_start_ns - http->request_end_ns);
}

static void add_http_body(struct timeline *t, const struct wt_http_exchange *http)
{
    if (http->response_body_bytes) {
        char text[32] = "";
        struct wt_text bytes = { text, sizeof text, 0, false };
        units_bytes(&bytes, http->response_body_bytes);
        out_format(&t->note, ", body %s", text);
    }
    if (http->flags & WT_HTTP_INCOMPLETE)
        out_text(&t->note, ", not whole");
}

/* A response that took several segments: its words belong to the segment of its head, if that is still there. What is
 * left for the segment that completes it, or nothing: then the words stay here. */
static bool move_to_head(struct timeline *t, struct ladder *l, const struct wt_http_exchange *http, uint64_t frame)
{
    struct ladder_line *head = http->response_frame && http->response_frame < frame
        ? ladder_find(&t->set, l, http->response_frame) : NULL;
    if (!head || head->note || head->marks & LADDER_SHOWN)
        return false;
    add_http_wait(t, http);
    out_char(&t->note, '\0');
    if (!t->note.at)
        return false;
    ladder_note_add(&t->set, l, head, t->note.at);
    out_reset(&t->note);
    out_text(&t->note, "response complete");
    add_http_body(t, http);
    if (http->response_end_ns && http->response_start_ns) {
        add_duration(t, ", ", http->response_end_ns - http->response_start_ns);
        out_text(&t->note, " after its head");
    }
    return true;
}

/* Messages that this frame completed, over a stream. NULL: none. */
static const char *stream_note(struct timeline *t, struct ladder *l, const struct wt_packet_view *view)
{
    out_reset(&t->note);
    if (view->context->dns)
        add_dns(t, l, view->context->dns);
    size_t begun = t->note.len;
    for (unsigned i = 0; i < view->message_count; i++) {
        const struct wt_message_layer *m = &view->messages[i];
        const struct wt_dissector *d = wt_dissector_at(m->dissector);
        size_t from = t->note.len;
        if (from > begun)
            out_text(&t->note, ", ");
        if (d && strcmp(d->name, "http") == 0)
            out_text(&t->note, m->direction ? "response " : "request ");
        else if (d && strcmp(d->name, "dns") != 0)
            out_format(&t->note, "%s: ", d->short_name);
        if (!summary_of(view, view->packet->layer_count + i, &t->note))
            t->note.len = from;
    }
    const struct wt_http_exchange *http = view->context->http;
    if (http && view->side == 1 && t->note.len
        && (view->message_count > 1 || !move_to_head(t, l, http, view->packet->frame.number))) {
        add_http_wait(t, http);
        add_http_body(t, http);
    }
    out_char(&t->note, '\0');
    return t->note.len > 1 && t->note.at ? t->note.at : NULL;
}

static const char *icmp_note(struct timeline *t, const struct wt_packet_view *view)
{
    out_reset(&t->note);
    out_text(&t->note, "ICMP: ");
    columns_text(&t->columns, view, COLUMN_INFO, &t->note);
    trim(&t->note);
    out_text(&t->note, ", from ");
    columns_text(&t->columns, view, COLUMN_SOURCE, &t->note);
    out_char(&t->note, '\0');
    return t->note.at;
}

enum dns_side { DNS_NEITHER, DNS_QUERY, DNS_RESPONSE };

static enum dns_side dns_side(const struct wt_packet *p, const struct wt_layer *layer, uint16_t *ret_id)
{
    const struct wt_dissector *d = wt_dissector_at(layer->dissector);
    if (!d || strcmp(d->name, "dns") != 0 || layer->captured < 3 || layer->buffer >= p->buffer_count)
        return DNS_NEITHER;
    struct wt_slice buffer = p->buffers[layer->buffer];
    if (layer->offset > buffer.len || buffer.len - layer->offset < 3)
        return DNS_NEITHER;
    *ret_id = wt_be16(buffer.at + layer->offset);
    return buffer.at[layer->offset + 2] & 0x80 ? DNS_RESPONSE : DNS_QUERY;      /* QR, RFC 1035 4.1.1 */
}

/* Attempts of one question share their identification; an answer to one answers all on this conversation. */
static void mark_answered(struct ladder *l, uint16_t id)
{
    for (uint32_t i = l->count; i > 0 && l->count - i < 64; i--)
        if (l->lines[i - 1].marks & LADDER_QUERY && l->lines[i - 1].dns_id == id)
            l->lines[i - 1].marks |= LADDER_ANSWERED;
}

/* What a datagram's application says, or an ICMP message. */
static const char *datagram_note(struct timeline *t, struct ladder *l, const struct wt_packet_view *view,
                                 struct ladder_datagram *d)
{
    const struct wt_packet *p = view->packet;
    unsigned last = p->layer_count ? p->layer_count - 1u : 0;
    if (!p->layer_count || (last <= p->transport_layer && p->flags & WT_PACKET_UDP))
        return NULL;
    enum dns_side side = dns_side(p, &p->layers[last], &d->dns_id);
    if (side == DNS_RESPONSE)
        mark_answered(l, d->dns_id);
    if (l->count >= NOTED_DATAGRAMS && !t->options.full && side == DNS_NEITHER)
        return NULL;
    out_reset(&t->note);
    if (view->context->dns)
        add_dns(t, l, view->context->dns);
    if (!summary_of(view, last, &t->note))
        return NULL;
    if (side == DNS_QUERY)
        d->marks = LADDER_QUERY;
    out_char(&t->note, '\0');
    return t->note.at;
}

/* ---- callbacks ---- */

static bool is_over(uint8_t state)
{
    return state == WT_TCP_CLOSED || state == WT_TCP_TIME_WAIT;
}

/* Live, nobody waits for the end of TIME-WAIT to see what happened: a ladder is printed when both ends are done. Its
 * record comes when TIME-WAIT is over; what arrived in the meantime is printed then. */
static void print_closed(struct timeline *t, struct ladder *l, const struct wt_packet_view *view)
{
    const struct wt_segment *s = view->segment;
    struct wt_connection c;
    if (!s || l->printed || !is_over(s->state[0]) || !is_over(s->state[1])
        || !(s->did & (WT_DID_CLOSED | WT_DID_RST | WT_DID_REFUSE)) || !wt_packet_connection(view, &c))
        return;
    l->printed = true;
    if (t->options.selection && !select_connection(t->options.selection, &c, t->names))
        return;
    c.time_wait.ended = TIME_WAIT_GOES_ON;
    print_ladder(t, l, &c);
    ladder_drop_lines(&t->set, l);
}

static void *worker_open(void *client, unsigned worker)
{
    (void)worker;
    return client;
}

static void packet(void *worker, const struct wt_packet_view *view)
{
    struct timeline *t = worker;
    if (t->stopped || !view->client)
        return;
    struct ladder *l = ladder_of(t, view);
    if (!l)
        return;
    const struct wt_packet *p = view->packet;
    bool icmp_error = p->flags & WT_PACKET_ICMP_ERROR;
    if (view->segment) {
        const char *note = icmp_error ? icmp_note(t, view) : stream_note(t, l, view);
        ladder_segment(&t->set, l, view->segment, note);
    } else {
        struct ladder_datagram d = {
            .frame = p->frame.number, .since_ns = p->frame.time_ns - l->start_ns,
            .payload_bytes = p->payload_wire_bytes, .kind = icmp_error ? LADDER_ICMP : LADDER_DATAGRAM,
            .side = view->side,
        };
        d.note = icmp_error ? icmp_note(t, view) : datagram_note(t, l, view, &d);
        ladder_datagram(&t->set, l, &d);
    }
    t->last_line_ns = p->frame.time_ns;
    if (t->options.by_line && !t->options.json)
        print_lines(t, l, false);
    else if (t->options.live)
        print_closed(t, l, view);
}

static void message(void *worker, const struct wt_message *m)
{
    struct timeline *t = worker;
    if (m->kind == WT_MESSAGE_NAME) {
        names_add(t->names, m->name);
        return;
    }
    if (m->kind != WT_MESSAGE_HTTP || !m->client || !*m->client || *m->client == &t->unwanted)
        return;
    /* The response's head stands in an earlier frame; now its end has come as well. */
    struct ladder *l = *m->client;
    struct ladder_line *line = m->http->response_frame ? ladder_find(&t->set, l, m->http->response_frame) : NULL;
    if (!line || line->marks & LADDER_SHOWN || (!line->note && !(m->http->flags & WT_HTTP_INCOMPLETE)))
        return;
    out_reset(&t->note);
    if (!line->note) {      /* it never became whole, so that no packet brought its words */
        out_format(&t->note, "response HTTP/1.%u %u ", m->http->version[1] & 1u, m->http->status);
        out_safe(&t->note, m->http->reason);
    }
    add_http_wait(t, m->http);
    add_http_body(t, m->http);
    out_char(&t->note, '\0');
    if (t->note.len > 3)
        ladder_note_add(&t->set, l, line, line->note ? t->note.at + 2 : t->note.at);
}

static void connection(void *worker, const struct wt_connection *c)
{
    struct timeline *t = worker;
    struct ladder *l = c->client;
    if (!l || l == &t->unwanted)
        return;
    ladder_load(&t->set, l);
    size_t len = l->family == 4 ? 4 : 16;
    if (l->port[0] != c->side[0].port || memcmp(l->address[0], c->side[0].address, len) != 0)
        ladder_flip(l);
    if (t->stopped) {
        ladder_free(&t->set, l);
        return;
    }
    bool nothing_new = l->printed && !l->count;
    if (!nothing_new && (!t->options.selection || select_connection(t->options.selection, c, t->names))) {
        if (t->options.by_line && !t->options.json) {
            print_lines(t, l, true);
            timeline_text_end(&t->text, l, c, &t->out);
            write_out(t);
            t->shown++;
        } else {
            print_ladder(t, l, c);
        }
    }
    ladder_free(&t->set, l);
}

/* Line by line: folds that wait for what follows are printed when nothing comes for a while. */
static void tick(void *worker, int64_t now_ns)
{
    struct timeline *t = worker;
    if (!t->options.by_line || t->options.json || now_ns - t->last_line_ns < PENDING_SILENCE_NS)
        return;
    struct ladder *l = t->set.held.newest;
    for (unsigned i = 0; l && i < 256; i++, l = l->older)
        if (l->count && !(l->lines[l->count - 1].marks & LADDER_SHOWN)) {
            print_lines(t, l, true);
            l->run_lines = 0;
        }
    t->last_line_ns = now_ns;
}

void timeline_client(struct timeline *t, struct wt_client *ret_client)
{
    *ret_client = (struct wt_client){ .client = t, .worker_open = worker_open, .packet = packet, .message = message,
                                      .connection = connection, .tick = tick };
}

static int each(void *to, uint64_t order, const void *bytes, size_t len)
{
    struct timeline *t = to;
    (void)order;
    return len && fwrite(bytes, 1, len, t->options.page.to) != len ? (errno ? -errno : -EIO) : 0;
}

int timeline_finish(struct timeline *t, struct wt_limit_hits *hits, struct wt_error *err)
{
    hits->count[WT_MAX_LADDER_LINES] += t->set.hits_lines;
    hits->count[WT_MAX_LADDER_BYTES] += t->set.hits_bytes;
    if (names_forgotten(t->names))
        hits->count[WT_MAX_NAMES] += names_forgotten(t->names);
    if (t->error.code) {
        *err = t->error;
        return t->error.code;
    }
    if (t->no_memory)
        return wt_fail(err, -ENOMEM, "no memory for %llu ladders", (unsigned long long)t->no_memory);
    int code = t->store ? store_each(&t->store, 1, each, t, err) : 0;
    if (code == -EPIPE)
        return code;
    return code < 0 && !err->text[0] ? wt_fail(err, code, "writing: %s", strerror(-code)) : code;
}

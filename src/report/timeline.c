#include "timeline.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "timeline_impl.h"
#include "timeline_json.h"
#include "timeline_svg.h"

#define STORE_MEMORY (32u << 20)
#define PENDING_SILENCE_NS INT64_C(1000000000)

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
    t->explainer = options->explain ? explainer_new() : NULL;
    t->depth = wt_depth_new(config, &t->depth_hits);
    t->names = names_new((size_t)config->value[WT_MAX_NAMES]);
    bool ordered = !options->live && !options->by_line && !options->picture;
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
    t->matcher = options->filter ? wt_filter_matcher_new(options->filter) : NULL;
    t->over_connections = options->filter && wt_filter_uses(options->filter) & WT_FILTER_CONNECTIONS;
    if (t->depth && t->names && (t->explainer || !options->explain) && (t->store || !ordered) && (t->matcher || !options->filter))
        return t;
    timeline_free(t);
    return NULL;
}

void timeline_free(struct timeline *t)
{
    if (!t)
        return;
    ladder_set_done(&t->set);
    wt_depth_free(t->depth);
    wt_filter_matcher_free(t->matcher);
    names_free(t->names);
    explainer_free(t->explainer);
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

/* Not open_memstream(): when that finds no memory to grow, it says nothing. */
static ssize_t take_text(void *out, const char *bytes, size_t n)
{
    struct out *o = out;
    size_t before = o->len;
    out_bytes(o, bytes, n);
    if (o->len - before == n)
        return (ssize_t)n;
    o->len = before;
    return -1;
}

static void json_ladder(struct timeline *t, const struct ladder *l, const struct wt_connection *c)
{
    struct wt_analysis analysis;
    bool analysed = timeline_depth_result(t, l, c, &analysis);
    size_t before = t->out.len;
    FILE *f = fopencookie(&t->out, "w", (cookie_io_functions_t){ .write = take_text });
    if (!f) {
        t->no_memory++;
        return;
    }
    timeline_json(f, l, c, analysed ? &analysis : NULL, t->text.names, t->text.time_wait_s);
    bool whole = !ferror(f);
    if (fclose(f) != 0 || !whole) {
        t->out.len = before;
        t->no_memory++;
    }
}

/* Of several, that with the lowest number. */
static void draw_ladder(struct timeline *t, const struct ladder *l, const struct wt_connection *c)
{
    if (t->picture_of && t->picture_of < l->number)
        return;
    out_reset(&t->out);
    t->picture_of = l->number;
    t->left_out = timeline_svg(&t->text, l, c, t->options.config->value[WT_MAX_PICTURE_LINES], &t->out);
}

const struct out *timeline_picture(const struct timeline *t, uint64_t *ret_connection)
{
    *ret_connection = t->picture_of;
    return &t->out;
}

static void print_ladder(struct timeline *t, struct ladder *l, const struct wt_connection *c)
{
    struct wt_analysis analysis;
    t->shown++;
    t->text.said = t->explainer ? &l->said : NULL;
    if (t->options.picture) {
        draw_ladder(t, l, c);
        return;
    }
    if (t->options.json)
        json_ladder(t, l, c);
    else
        timeline_text_ladder(&t->text, l, c, timeline_depth_result(t, l, c, &analysis) ? &analysis : NULL, &t->out);
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

static const char *name_of(void *names, unsigned family, const uint8_t *address)
{
    return names_find(names, family, address, INT64_MAX);
}

/* c: its record, where there is one already. */
static bool passes(struct timeline *t, const struct ladder *l, const struct wt_connection *c)
{
    if (!t->matcher)
        return true;
    if (!t->over_connections || !c)
        return !t->over_connections && l->passes;
    wt_filter_matcher_names(t->matcher, name_of, t->names);
    return wt_filter_match_connection(t->matcher, c);
}

static void announce(struct timeline *t, struct ladder *l)
{
    if (!l->announced)
        timeline_text_begin(&t->text, l, &t->out);
    l->announced = true;
}

/* Line by line: what has been added and not been printed. A fold at the end still grows, so it waits. */
static void print_lines(struct timeline *t, struct ladder *l, bool pending)
{
    uint32_t i = l->count;
    announce(t, l);
    t->text.said = t->explainer ? &l->said : NULL;
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
    if (t->options.by_line && !t->options.json && !t->matcher)
        announce(t, l);
    return l;
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
        || !(s->did & (WT_DID_CLOSED | WT_DID_RST | WT_DID_REFUSE)) || !wt_packet_connection(view, &c) || !passes(t, l, &c))
        return;
    l->printed = true;
    if (t->options.selection && !select_connection(t->options.selection, &c, t->names))
        return;
    c.time_wait.ended = TIME_WAIT_GOES_ON;
    print_ladder(t, l, &c);
    ladder_drop_lines(&t->set, l);
    wt_depth_close(t->depth, l->analysis);
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
    if (t->matcher && !t->over_connections && !l->passes)
        l->passes = wt_filter_match_packet(t->matcher, view);
    t->set.facts = t->explainer ? explainer_facts(t->explainer, view) : 0;
    bool icmp_error = p->flags & WT_PACKET_ICMP_ERROR;
    if (view->segment) {
        const char *note = icmp_error ? timeline_icmp_note(t, view) : timeline_stream_note(t, l, view);
        const struct wt_repeat *repeats = NULL;
        unsigned count = timeline_depth_packet(t, l, view, &repeats);
        timeline_depth_lines(t, l, ladder_segment(&t->set, l, view->segment, note), repeats, count);
    } else {
        struct ladder_datagram d = {
            .frame = p->frame.number, .since_ns = p->frame.time_ns - l->start_ns,
            .payload_bytes = p->payload_wire_bytes, .kind = icmp_error ? LADDER_ICMP : LADDER_DATAGRAM,
            .side = view->side,
        };
        d.note = icmp_error ? timeline_icmp_note(t, view) : timeline_datagram_note(t, l, view, &d);
        ladder_datagram(&t->set, l, &d);
    }
    t->last_line_ns = p->frame.time_ns;
    if (t->options.by_line && !t->options.json && passes(t, l, NULL))
        print_lines(t, l, false);
    else if (t->options.live && !t->options.picture)
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
    timeline_exchange_ended(t, *m->client, m->http);
}

static void forget(struct timeline *t, struct ladder *l)
{
    wt_depth_close(t->depth, l->analysis);
    ladder_free(&t->set, l);
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
        forget(t, l);
        return;
    }
    bool nothing_new = l->printed && !l->count;
    if (!nothing_new && passes(t, l, c) && (!t->options.selection || select_connection(t->options.selection, c, t->names))) {
        if (t->options.by_line && !t->options.json) {
            print_lines(t, l, true);
            struct wt_analysis analysis;
            timeline_text_end(&t->text, l, c, timeline_depth_result(t, l, c, &analysis) ? &analysis : NULL, &t->out);
            write_out(t);
            t->shown++;
        } else {
            print_ladder(t, l, c);
        }
    }
    forget(t, l);
}

/* Line by line: folds that wait for what follows are printed when nothing comes for a while. */
static void tick(void *worker, int64_t now_ns)
{
    struct timeline *t = worker;
    if (!t->options.by_line || t->options.json || now_ns - t->last_line_ns < PENDING_SILENCE_NS)
        return;
    struct ladder *l = t->set.held.newest;
    for (unsigned i = 0; l && i < 256; i++, l = l->older)
        if (l->count && !(l->lines[l->count - 1].marks & LADDER_SHOWN) && passes(t, l, NULL)) {
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
    hits->count[WT_MAX_PICTURE_LINES] += t->left_out > 0;
    hits->count[WT_MAX_LADDER_BYTES] += t->set.hits_bytes;
    hits->count[WT_MAX_ANALYSIS_BYTES] += t->depth_hits.count[WT_MAX_ANALYSIS_BYTES];
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

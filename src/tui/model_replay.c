/* Looking at something of the past: its connection's packets are put into a temporary capture and run through an engine
 * again, up to the one that is looked at. Numbers of the replay are turned back into those of the capture. */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "report/follow.h"
#include "report/graph.h"
#include "report/timeline.h"
#include "report/tree.h"
#include "tui/model_impl.h"
#include "wiretale/writer.h"

#define FRAME_ROOM 262144u
#define REPLAY_MOST 50000u        /* packets of a connection: the first ones, and those before what is looked at */
#define REPLAY_FIRST 64u

bool model_frame(struct model *m, uint64_t index, uint8_t *room, struct wt_frame *ret_frame)
{
    struct line_head head;
    pthread_mutex_lock(&m->lock);
    bool is = index < m->packet_count && spool_read(&m->lines, packet_at(m, index)->line_at, &head, sizeof head)
        && head.captured <= FRAME_ROOM;
    if (is)
        *ret_frame = (struct wt_frame){
            .time_ns = packet_at(m, index)->time_ns, .bytes = room, .captured_len = head.captured, .wire_len = head.wire,
            .number = packet_at(m, index)->number, .interface = head.interface, .linktype = head.linktype,
            .flags = head.flags & (WT_FRAME_NO_TIME | WT_FRAME_TIME_BACK | WT_FRAME_AFTER_LOSS),
        };
    pthread_mutex_unlock(&m->lock);
    if (is && m->journal)
        is = journal_read(m->journal, head.bytes_at, room, head.captured);
    else if (is)
        is = pread(m->input_fd, room, head.captured, (off_t)head.bytes_at) == (ssize_t)head.captured;
    return is;
}

/* ---- a capture of some packets ---- */

bool model_write_frames(struct model *m, struct wt_writer *w, uint64_t first, uint64_t end)
{
    struct wt_error err = { 0 };
    uint8_t *room = malloc(FRAME_ROOM);
    bool good = room != NULL;
    for (uint64_t i = first; good && i < end; i++) {
        struct wt_frame f;
        if (!model_frame(m, i, room, &f))
            f = (struct wt_frame){ .bytes = room, .linktype = 1, .flags = WT_FRAME_NO_TIME };
        good = wt_writer_frame(w, &f, &err) == 0;
    }
    free(room);
    return good;
}

/* ---- which packets ---- */

struct replay {
    uint32_t *indices;               /* owned, ascending */
    uint64_t *numbers;               /* owned: of the capture, by the replay's number - 1 */
    uint64_t count;
    uint64_t connection;             /* its number */
    uint64_t last_number;            /* of the packet that it leads to */
    bool held;                       /* and that one is in it */
    int fd;
    char path[64];
};

static void replay_done(struct replay *r)
{
    free(r->indices);
    free(r->numbers);
    if (r->fd >= 0)
        close(r->fd);
}

/* The chain from the last back to the first; too long a one loses its middle. */
static bool gather(struct model *m, uint64_t last, struct replay *r)
{
    uint64_t count = 0;
    pthread_mutex_lock(&m->lock);
    for (uint32_t i = (uint32_t)last; i != NO_INDEX; i = packet_at(m, i)->previous)
        count++;
    uint64_t kept = count < REPLAY_MOST ? count : REPLAY_MOST;
    r->indices = malloc(kept * sizeof *r->indices);
    r->numbers = malloc(kept * sizeof *r->numbers);
    r->count = r->indices && r->numbers ? kept : 0;
    uint64_t place = count;
    for (uint32_t i = (uint32_t)last; r->count && i != NO_INDEX; i = packet_at(m, i)->previous) {
        place--;
        uint64_t skipped = count - kept;
        if (place >= REPLAY_FIRST && place < REPLAY_FIRST + skipped)
            continue;
        uint64_t to = place < REPLAY_FIRST ? place : place - skipped;
        r->indices[to] = i;
        r->numbers[to] = packet_at(m, i)->number;
    }
    uint32_t connection = packet_at(m, last)->connection;
    r->last_number = packet_at(m, last)->number;
    r->connection = connection ? connection_at(m, connection - 1)->number : 0;
    pthread_mutex_unlock(&m->lock);
    return r->count != 0;
}

/* What is no longer held is left out: r keeps the numbers of what is. */
static bool write_frames(struct model *m, struct wt_writer *w, struct replay *r)
{
    struct wt_error err = { 0 };
    uint8_t *room = malloc(FRAME_ROOM);
    uint64_t kept = 0;
    bool good = room != NULL;
    for (uint64_t i = 0; good && i < r->count; i++) {
        struct wt_frame f;
        if (!model_frame(m, r->indices[i], room, &f))
            continue;
        good = wt_writer_frame(w, &f, &err) == 0;
        r->numbers[kept++] = r->numbers[i];
    }
    r->held = kept && r->count && r->numbers[kept - 1] == r->last_number;
    r->count = kept;
    free(room);
    return good && kept;
}

/* A capture in memory of the packet and those before it in its connection. */
static bool replay_open(struct model *m, uint64_t last, struct replay *r)
{
    struct wt_error err = { 0 };
    *r = (struct replay){ .fd = memfd_create("wiretale", MFD_CLOEXEC) };
    snprintf(r->path, sizeof r->path, "/proc/self/fd/%d", r->fd);
    struct wt_writer *w = r->fd >= 0 && gather(m, last, r) ? wt_writer_open(r->path, false, &err) : NULL;
    bool good = w && write_frames(m, w, r);
    if (w && wt_writer_close(w, NULL, &err) < 0)
        good = false;
    if (!good)
        replay_done(r);
    return good;
}

static bool replay_run(struct model *m, struct replay *r, const struct wt_client *client, bool layers)
{
    struct wt_input input = { .name = r->path };
    struct wt_engine_options options = m->options.engine;
    struct wt_error err = { 0 };
    options.workers = 1;
    options.keep_stream_layers = options.tcp_analysis = layers;
    options.source = (struct wt_source_options){ .inputs = &input, .input_count = 1 };
    struct wt_engine *e = wt_engine_new(&options, client, &err);
    bool good = e && wt_engine_run(e, &err) == 0;
    wt_engine_free(e);
    return good;
}

static uint64_t real_number(const struct replay *r, uint64_t number)
{
    return number && number <= r->count ? r->numbers[number - 1] : number;
}

/* ---- the tree of a packet ---- */

struct detail_take {
    struct replay *replay;
    struct model_detail *detail;
    struct tree tree;
    struct out texts;
    unsigned capacity;
    int64_t since_start_ns, delta_ns;
};

static void take_line(void *to, const struct tree_line *line)
{
    struct detail_take *t = to;
    struct model_detail *d = t->detail;
    if (line->hidden)
        return;
    if (d->line_count == t->capacity) {
        unsigned want = t->capacity ? t->capacity * 2 : 128;
        struct model_tree_line *grown = realloc(d->lines, want * sizeof *grown);
        if (!grown)
            return;
        d->lines = grown;
        t->capacity = want;
    }
    size_t at = t->texts.len;
    out_bytes(&t->texts, line->text, line->len);
    out_char(&t->texts, '\0');
    d->lines[d->line_count++] = (struct model_tree_line){
        .depth = (uint16_t)line->depth, .buffer = line->span.buffer, .offset = line->span.offset, .len = line->span.len,
        .text = (const char *)(uintptr_t)at, .field = line->field ? line->field->name : NULL,
    };
}

static void add_buffer(struct model_detail *d, struct wt_slice bytes)
{
    if (d->buffer_count == WT_MAX_BUFFERS)
        return;
    uint8_t *copy = malloc(bytes.len ? bytes.len : 1);
    if (copy && bytes.len)
        memcpy(copy, bytes.at, bytes.len);
    d->buffers[d->buffer_count].at = copy;
    d->buffers[d->buffer_count++].len = copy ? bytes.len : 0;
}

static struct wt_context real_context(const struct replay *r, const struct wt_context *c)
{
    struct wt_context real = *c;
    real.connection = r->connection;
    real.acked_frame = real_number(r, c->acked_frame);
    real.dup_ack_frame = real_number(r, c->dup_ack_frame);
    real.pairing.request_frame = real_number(r, c->pairing.request_frame);
    real.pairing.repeats_frame = real_number(r, c->pairing.repeats_frame);
    return real;
}

static void detail_packet(void *worker, const struct wt_packet_view *view)
{
    struct detail_take *t = worker;
    if (view->packet->frame.number != t->replay->count)
        return;
    struct wt_packet packet = *view->packet;
    struct wt_context context = real_context(t->replay, view->context);
    struct wt_message_layer messages[16];
    struct wt_packet_view real = *view;
    packet.frame.number = real_number(t->replay, packet.frame.number);
    real.packet = &packet;
    real.context = &context;
    real.message_count = view->message_count < 16 ? view->message_count : 16;
    for (unsigned i = 0; i < real.message_count; i++) {
        messages[i] = view->messages[i];
        messages[i].pairing.request_frame = real_number(t->replay, messages[i].pairing.request_frame);
        messages[i].pairing.repeats_frame = real_number(t->replay, messages[i].pairing.repeats_frame);
    }
    real.messages = messages;
    tree_packet(&t->tree, &real, t->since_start_ns, t->delta_ns, take_line, t);
    for (unsigned i = 0; i < packet.buffer_count; i++)
        add_buffer(t->detail, packet.buffers[i]);
}

static void *detail_open(void *client, unsigned worker)
{
    (void)worker;
    return client;
}

bool model_detail(struct model *m, uint64_t index, struct model_detail *ret)
{
    struct replay r;
    struct model_line line, before;
    *ret = (struct model_detail){ 0 };
    if (!model_packet_line(m, index, &line) || !replay_open(m, index, &r))
        return false;
    struct detail_take take = { .replay = &r, .detail = ret, .since_start_ns = line.since_start_ns };
    if (index && model_packet_line(m, index - 1, &before))
        take.delta_ns = line.time_ns - before.time_ns;
    tree_init(&take.tree);
    out_init(&take.texts, -1);
    const struct wt_client client = { .client = &take, .worker_open = detail_open, .packet = detail_packet };
    if (r.held)
        replay_run(m, &r, &client, true);
    tree_done(&take.tree);
    ret->texts = take.texts.at;
    for (unsigned i = 0; i < ret->line_count; i++)
        ret->lines[i].text = ret->texts + (uintptr_t)ret->lines[i].text;
    replay_done(&r);
    return ret->line_count != 0;
}

void model_detail_done(struct model_detail *d)
{
    for (unsigned i = 0; i < d->buffer_count; i++)
        free(d->buffers[i].at);
    free(d->lines);
    free(d->texts);
    *d = (struct model_detail){ 0 };
}

/* ---- texts about a connection ---- */

static const struct selection everything;

static void add_ladder(struct model *m, struct replay *r, const struct page *page, const struct model_text_options *o)
{
    struct timeline_options options = {
        .full = o->variant != 0, .numeric = m->options.numeric, .time = o->time, .time_digits = o->digits, .config = &m->options.engine.config,
        .selection = &everything, .page = *page,
    };
    struct wt_limit_hits hits = { 0 };
    struct wt_error err;
    struct wt_client client;
    struct timeline *t = timeline_new(&options, NULL);
    if (!t)
        return;
    timeline_client(t, &client);
    if (replay_run(m, r, &client, true))
        timeline_finish(t, &hits, &err);
    timeline_free(t);
}

static void add_follow(struct model *m, struct replay *r, const struct page *page, unsigned form)
{
    struct follow_options options = { .form = form ? FOLLOW_HEX : FOLLOW_TEXT, .side = FOLLOW_BOTH, .numeric = m->options.numeric,
                                      .config = &m->options.engine.config, .selection = &everything, .page = *page };
    struct follow_result result;
    struct wt_client client;
    struct follow *f = follow_new(&options, NULL);
    if (!f)
        return;
    follow_client(f, &client);
    if (replay_run(m, r, &client, false))
        follow_finish(f, &result, NULL);
    follow_free(f);
}

static void add_graph(struct model *m, struct replay *r, const struct page *page, unsigned kind, unsigned height)
{
    struct graph_options options = { .kind = (enum graph_kind)(kind % GRAPH_KINDS), .side = GRAPH_BUSIER, .numeric = m->options.numeric,
                                     .config = &m->options.engine.config, .selection = &everything };
    struct graph_result result;
    struct wt_client client;
    struct graph *g = graph_new(&options);
    if (!g)
        return;
    graph_client(g, &client);
    if (replay_run(m, r, &client, false)) {
        struct out o;
        out_init(&o, -1);
        const struct plot *plot = graph_finish(g, &result);
        if (plot_empty(plot))
            out_text(&o, "Nothing of that kind to draw.\n");
        else
            plot_braille(plot, page, page->width, height, &o);
        fwrite(o.at, 1, o.len, page->to);
        out_done(&o);
    }
    graph_free(g);
}

/* In a replay the connection is the first, and frames are counted from 1: "Connection 1" in the heading and "#3" become
 * the numbers that the capture knows. */
static void add_renumbered(struct out *o, const struct replay *r, const char *text)
{
    const char *p = text, *end_of_line = strchrnul(text, '\n'), *heading = strstr(text, "on 1");
    if (heading && heading < end_of_line) {
        out_bytes(o, text, (size_t)(heading - text) + 3);
        out_format(o, "%llu", (unsigned long long)r->connection);
        p = heading + 4;
    }
    while (*p) {
        char *end;
        unsigned long number = *p == '#' ? strtoul(p + 1, &end, 10) : 0;
        if (number && end != p + 1 && number <= r->count) {
            size_t before = o->len, was = (size_t)(end - p);
            out_format(o, "#%llu", (unsigned long long)r->numbers[number - 1]);
            p = end;
            for (size_t more = o->len - before; more > was && p[0] == ' ' && p[1] == ' '; was++)
                p++;                     /* the columns behind it stay where they are */
        } else {
            out_char(o, *p++);
        }
    }
    out_char(o, '\0');
}

char *model_text(struct model *m, uint64_t connection_index, const struct model_text_options *options)
{
    struct model_connection c;
    struct replay r;
    struct page page;
    char *text = NULL;
    size_t len = 0;
    if (!model_connection(m, connection_index, &c) || !replay_open(m, c.last_index, &r))
        return NULL;
    FILE *f = open_memstream(&text, &len);
    if (f) {
        page_init(&page, f, options->colour ? COLOUR_ALWAYS : COLOUR_NEVER, options->width);
        page.width = options->width;
        if (options->what == MODEL_LADDER)
            add_ladder(m, &r, &page, options);
        else if (options->what == MODEL_FOLLOW)
            add_follow(m, &r, &page, options->variant);
        else
            add_graph(m, &r, &page, options->variant, options->height);
        fclose(f);
    }
    struct out o;
    out_init(&o, -1);
    if (text)
        add_renumbered(&o, &r, text);
    free(text);
    replay_done(&r);
    return o.at;
}

/* ---- to a file ---- */

static bool wanted(struct model *m, uint64_t i, enum model_which which)
{
    if (which != MODEL_ONLY_MARKED)
        return true;
    pthread_mutex_lock(&m->lock);
    bool is = packet_at(m, i)->marked;
    pthread_mutex_unlock(&m->lock);
    return is;
}

int64_t model_save(struct model *m, const char *path, enum model_which which, struct wt_error *err)
{
    size_t n = strlen(path);
    bool pcap = n > 5 && strcmp(path + n - 5, ".pcap") == 0;
    uint8_t *room = malloc(FRAME_ROOM);
    struct wt_writer *w = room ? wt_writer_open(path, pcap, err) : NULL;
    int64_t written = 0;
    int code = w ? 0 : err->code ? err->code : wt_fail(err, -ENOMEM, "not enough memory");
    for (unsigned i = 0; w && i < m->interface_count; i++)
        wt_writer_interface(w, &m->interfaces[i]);
    uint64_t count = which == MODEL_SHOWN ? model_shown_packets(m) : model_packet_count(m);
    for (uint64_t i = 0; w && code == 0 && i < count; i++) {
        uint64_t index = which == MODEL_SHOWN ? model_shown_packet(m, i) : i;
        struct wt_frame f;
        if (index == UINT64_MAX || !wanted(m, index, which) || !model_frame(m, index, room, &f))
            continue;
        code = wt_writer_frame(w, &f, err);
        written += code == 0;
    }
    if (w && wt_writer_close(w, NULL, code ? NULL : err) < 0 && code == 0)
        code = err->code;
    free(room);
    return code < 0 ? code : written;
}

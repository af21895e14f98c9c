/* A display filter over what was read: a pass of its own over the input (or over what the spool holds of it) finds the
 * packets and connections that pass; packets that come later are looked at as they come. */
#include <stdlib.h>
#include <string.h>

#include "tui/model_impl.h"

struct pass {
    struct model *m;
    struct wt_filter_matcher *matcher;
    uint64_t index;                      /* of the next packet */
};

static void changed(struct model *m)
{
    m->status.version++;
    m->frozen.version++;
}

static void add_packet(struct filter_state *f, uint64_t index)
{
    if (f->count == f->capacity) {
        uint64_t want = f->capacity ? f->capacity * 2 : 1024;
        uint32_t *grown = realloc(f->packets, want * sizeof *grown);
        if (!grown)
            return;
        f->packets = grown;
        f->capacity = want;
    }
    f->packets[f->count++] = (uint32_t)index;
}

static void add_connection(struct filter_state *f, uint64_t number)
{
    if (number / 8 >= f->connection_room) {
        uint64_t want = f->connection_room ? f->connection_room : 1024;
        while (want <= number / 8)
            want *= 2;
        uint8_t *grown = realloc(f->connections, want);
        if (!grown)
            return;
        memset(grown + f->connection_room, 0, want - f->connection_room);
        f->connections = grown;
        f->connection_room = want;
    }
    f->connections[number / 8] |= (uint8_t)(1u << (number % 8));
}

/* Under the lock, from the loading thread: packets that the pass does not see. Until it has ended they wait in `late`,
 * so that the list stays in order. */
void filter_take(struct model *m, uint64_t index, const struct wt_packet_view *view)
{
    struct filter_state *f = &m->filter;
    uint64_t number = view->context->connection;
    if (!f->filter || !f->matcher || index < f->from)
        return;
    bool is = !f->over_connections ? wt_filter_match_packet(f->matcher, view)
        : f->complete && number / 8 < f->connection_room && f->connections[number / 8] >> (number % 8) & 1;
    if (!is)
        return;
    if (f->complete)
        add_packet(f, index);
    else if (f->late_count < LATE_MOST)
        f->late[f->late_count++] = (uint32_t)index;
    if (number)
        add_connection(f, number);
}

void filter_take_connection(struct model *m, const struct wt_connection *c)
{
    struct filter_state *f = &m->filter;
    if (f->filter && f->matcher && f->over_connections && f->from != UINT64_MAX && wt_filter_match_connection(f->matcher, c))
        add_connection(f, c->number);
}

static void *worker_open(void *client, unsigned worker)
{
    (void)worker;
    return client;
}

static void packet(void *worker, const struct wt_packet_view *view)
{
    struct pass *p = worker;
    struct filter_state *f = &p->m->filter;
    uint64_t index = p->index++;
    bool is = !f->over_connections && wt_filter_match_packet(p->matcher, view);
    bool new = f->over_connections && view->client && !*view->client && f->from != UINT64_MAX;
    if (!is && !new && index % 4096)
        return;
    pthread_mutex_lock(&p->m->lock);
    uint32_t known = f->from != UINT64_MAX && index < p->m->packet_count ? packet_at(p->m, index)->connection : 0;
    if (new && known)
        *view->client = (void *)(uintptr_t)known;
    if (is) {
        add_packet(f, index);
        if (view->context->connection)
            add_connection(f, known ? connection_at(p->m, known - 1)->number : view->context->connection);
    }
    changed(p->m);
    pthread_mutex_unlock(&p->m->lock);
}

static void connection(void *worker, const struct wt_connection *c)
{
    struct pass *p = worker;
    if (!p->m->filter.over_connections || !wt_filter_match_connection(p->matcher, c))
        return;
    uint64_t known = (uint64_t)(uintptr_t)c->client;      /* a pass over what is left counts connections anew */
    pthread_mutex_lock(&p->m->lock);
    add_connection(&p->m->filter, known && known <= p->m->connection_count ? connection_at(p->m, known - 1)->number : c->number);
    changed(p->m);
    pthread_mutex_unlock(&p->m->lock);
}

/* Packets of the connections that passed. */
static void collect_packets(struct model *m)
{
    struct filter_state *f = &m->filter;
    for (uint64_t i = 0; i < m->packet_count; i++) {
        uint32_t index = packet_at(m, i)->connection;
        uint64_t number = index ? connection_at(m, index - 1)->number : 0;
        if (number && number / 8 < f->connection_room && f->connections[number / 8] >> (number % 8) & 1)
            add_packet(f, i);
    }
}

static void *run_pass(void *arg)
{
    struct model *m = arg;
    struct filter_state *f = &m->filter;
    struct pass pass = { .m = m, .matcher = wt_filter_matcher_new(f->filter) };
    const struct wt_client client = { .client = &pass, .worker_open = worker_open, .packet = packet, .connection = connection };
    struct wt_error err = { 0 };
    struct wt_engine_options options = m->options.engine;
    struct pass_source source = { .m = m, .from_spool = f->from != UINT64_MAX, .end = f->from };
    options.keep_stream_layers = options.tcp_analysis = true;
    struct wt_engine *e = pass.matcher ? pass_open(&source, &options, &client) : NULL;
    pass.index = source.first;
    if (e) {
        atomic_store(&f->engine, e);
        if (!atomic_load(&f->stop))
            wt_engine_run(e, &err);
    }
    pthread_mutex_lock(&m->lock);
    atomic_store(&f->engine, NULL);
    if (f->over_connections)
        collect_packets(m);
    for (unsigned i = 0; i < f->late_count; i++)
        add_packet(f, f->late[i]);
    f->late_count = 0;
    f->complete = true;
    changed(m);
    pthread_mutex_unlock(&m->lock);
    wt_engine_free(e);
    pass_close(&source);
    wt_filter_matcher_free(pass.matcher);
    return NULL;
}

void filter_done(struct model *m)
{
    struct filter_state *f = &m->filter;
    atomic_store(&f->stop, true);
    pthread_mutex_lock(&m->lock);
    struct wt_engine *e = atomic_load(&f->engine);
    if (e)
        wt_engine_stop(e);
    pthread_mutex_unlock(&m->lock);
    if (f->running)
        pthread_join(f->thread, NULL);
    pthread_mutex_lock(&m->lock);
    wt_filter_matcher_free(f->matcher);
    wt_filter_free(f->filter);
    free(f->packets);
    free(f->connections);
    memset(f, 0, sizeof *f);
    pthread_mutex_unlock(&m->lock);
}

bool model_filter(struct model *m, const char *text, char *ret_why, size_t size)
{
    struct wt_filter_error why = { 0 };
    struct wt_filter *filter = NULL;
    if (*text) {
        filter = wt_filter_compile(text, WT_FILTER_PACKETS | WT_FILTER_CONNECTIONS, &why);
        if (!filter) {
            snprintf(ret_why, size, "%s", why.text);
            return false;
        }
    }
    if (filter && wt_filter_uses(filter) == (WT_FILTER_PACKETS | WT_FILTER_CONNECTIONS)) {
        snprintf(ret_why, size, "fields of packets and of connections (conn.) cannot stand in one filter");
        wt_filter_free(filter);
        return false;
    }
    filter_done(m);
    if (!filter)
        return true;
    struct filter_state *f = &m->filter;
    pthread_mutex_lock(&m->lock);
    f->filter = filter;
    f->over_connections = wt_filter_uses(filter) & WT_FILTER_CONNECTIONS;
    f->matcher = wt_filter_matcher_new(filter);
    f->from = can_read_again(m) ? UINT64_MAX : m->packet_count;
    changed(m);
    pthread_mutex_unlock(&m->lock);
    f->running = pthread_create(&f->thread, NULL, run_pass, m) == 0;
    if (!f->running) {
        snprintf(ret_why, size, "no thread can be started");
        filter_done(m);
    }
    return f->running;
}

bool model_filtered(struct model *m, bool *ret_complete)
{
    pthread_mutex_lock(&m->lock);
    bool is = m->filter.filter != NULL;
    *ret_complete = !is || m->filter.complete;
    pthread_mutex_unlock(&m->lock);
    return is;
}

/* Places of the filter's list below that packet's. */
static uint64_t place_of(const struct filter_state *f, uint64_t index)
{
    uint64_t low = 0, high = f->count;
    while (low < high) {
        uint64_t middle = low + (high - low) / 2;
        if (f->packets[middle] < index)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

uint64_t model_shown_packets(struct model *m)
{
    pthread_mutex_lock(&m->lock);
    uint64_t n = !m->filter.filter ? packets_shown(m) : m->frozen.on ? place_of(&m->filter, m->frozen.packets) : m->filter.count;
    pthread_mutex_unlock(&m->lock);
    return n;
}

uint64_t model_shown_packet(struct model *m, uint64_t n)
{
    pthread_mutex_lock(&m->lock);
    const struct filter_state *f = &m->filter;
    uint64_t index = !f->filter ? n : n < f->count ? f->packets[n] : UINT64_MAX;
    pthread_mutex_unlock(&m->lock);
    return index;
}

uint64_t model_shown_place(struct model *m, uint64_t index)
{
    pthread_mutex_lock(&m->lock);
    uint64_t place = m->filter.filter ? place_of(&m->filter, index) : index;
    pthread_mutex_unlock(&m->lock);
    return place;
}

bool model_connection_passes(struct model *m, uint64_t number)
{
    pthread_mutex_lock(&m->lock);
    const struct filter_state *f = &m->filter;
    bool is = !f->filter || (number / 8 < f->connection_room && f->connections[number / 8] >> (number % 8) & 1);
    pthread_mutex_unlock(&m->lock);
    return is;
}

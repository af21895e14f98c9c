#include "tui/model.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "tui/model_impl.h"

/* One plain capture file can be read again at any offset. */
static bool is_plain_file(const struct model_options *o, int *ret_fd)
{
    uint8_t magic[4] = { 0 };
    *ret_fd = -1;
    const struct wt_source_options *s = &o->engine.source;
    if (s->input_count != 1 || s->inputs[0].live || strcmp(s->inputs[0].name, "-") == 0 || s->follow)
        return false;
    int fd = open(s->inputs[0].name, O_RDONLY | O_CLOEXEC);
    if (fd < 0)
        return false;
    static const uint8_t known[][4] = { { 0x0a, 0x0d, 0x0d, 0x0a }, { 0xd4, 0xc3, 0xb2, 0xa1 }, { 0xa1, 0xb2, 0xc3, 0xd4 },
                                        { 0x4d, 0x3c, 0xb2, 0xa1 }, { 0xa1, 0xb2, 0x3c, 0x4d }, { 0x34, 0xcd, 0xb2, 0xa1 },
                                        { 0xa1, 0xb2, 0xcd, 0x34 } };
    bool plain = lseek(fd, 0, SEEK_CUR) == 0 && pread(fd, magic, 4, 0) == 4;
    bool found = false;
    for (unsigned i = 0; plain && i < sizeof known / sizeof known[0]; i++)
        found = found || memcmp(magic, known[i], 4) == 0;
    if (!found) {
        close(fd);
        return false;
    }
    *ret_fd = fd;
    return true;
}

static void ended(struct model *m, const char *problem, const struct wt_account *account)
{
    pthread_mutex_lock(&m->lock);
    m->status.ended = true;
    m->status.version++;
    if (problem)
        snprintf(m->status.problem, sizeof m->status.problem, "%s", problem);
    if (account) {
        m->status.kernel_drops = account->source.kernel_drops;
        m->status.interface_drops = account->source.interface_drops;
        m->status.ring_drops = account->source.ring_drops;
        m->status.ring_blocks = account->ring_blocks;
        m->status.ring_held = 0;
        m->status.ring_high_water = account->ring_high_water;
        if (account->source.incomplete && !problem)
            snprintf(m->status.problem, sizeof m->status.problem, "%s", account->source.problem.text);
        m->interface_count = account->source.interface_count < 32 ? account->source.interface_count : 32;
        memcpy(m->interfaces, account->source.interfaces, m->interface_count * sizeof m->interfaces[0]);
    }
    pthread_mutex_unlock(&m->lock);
}

static void *load(void *arg)
{
    struct model *m = arg;
    struct wt_engine *e = atomic_load(&m->engine);
    struct wt_error err = { 0 };
    struct wt_account *account = malloc(sizeof *account);
    if (atomic_load(&m->stop))
        wt_engine_stop(e);
    int r = wt_engine_run(e, &err);
    if (account)
        wt_engine_account(e, account);
    ended(m, r < 0 ? err.text : NULL, account);
    pthread_mutex_lock(&m->lock);
    atomic_store(&m->engine, NULL);
    pthread_mutex_unlock(&m->lock);
    wt_engine_free(e);
    free(account);
    return NULL;
}

/* Opened here, so that what cannot be read is said before there is a screen. */
static bool start(struct model *m, struct wt_error *err)
{
    struct wt_client client;
    struct wt_engine_options options = m->options.engine;
    model_client(m, &client);
    options.workers = 1;
    options.keep_stream_layers = options.tcp_analysis = true;
    struct wt_engine *e = wt_engine_new(&options, &client, err);
    if (!e)
        return false;
    atomic_store(&m->engine, e);
    m->started = pthread_create(&m->thread, NULL, load, m) == 0;
    if (!m->started) {
        atomic_store(&m->engine, NULL);
        wt_engine_free(e);
        wt_fail(err, -EAGAIN, "no thread can be started");
    }
    return m->started;
}

/* What will not come again has a name, so that it can be found when we crash. */
static bool open_journal(struct model *m, uint64_t limit, struct wt_error *err)
{
    const struct wt_source_options *s = &m->options.engine.source;
    struct journal_options options = { .limit = limit, .snaplen = s->live.snaplen ? s->live.snaplen : 262144,
                                       .interfaces = m->interface_names };
    for (unsigned i = 0; i < s->input_count && i < 32; i++) {
        m->interface_names[i] = s->inputs[i].live ? s->inputs[i].name : NULL;
        options.named = options.named || s->inputs[i].live || strcmp(s->inputs[i].name, "-") == 0;
        options.interface_count = i + 1;
    }
    m->journal = journal_new(&options, err);
    return m->journal != NULL;
}

struct model *model_new(const struct model_options *options, struct wt_error *err)
{
    struct model *m = calloc(1, sizeof *m);
    if (!m) {
        wt_fail(err, -ENOMEM, "not enough memory");
        return NULL;
    }
    m->options = *options;
    m->lines.fd = m->input_fd = -1;
    m->gone = (struct model_packet){ .line_at = UINT64_MAX, .previous = NO_INDEX };
    m->status.live = options->live;
    pthread_mutex_init(&m->lock, NULL);
    columns_init(&m->columns, COLUMNS_TIME_RELATIVE, 6);
    out_init(&m->cell, -1);
    bool again = is_plain_file(options, &m->input_fd);
    uint64_t spool = options->engine.config.value[WT_MAX_SPOOL_BYTES];
    m->names = names_new((size_t)options->engine.config.value[WT_MAX_NAMES]);
    if (!m->names)
        wt_fail(err, -ENOMEM, "not enough memory");
    else if (spool_init(&m->lines, spool, err) == 0 && (again || open_journal(m, spool, err)) && start(m, err))
        return m;
    model_free(m);
    return NULL;
}

void model_stop(struct model *m)
{
    atomic_store(&m->stop, true);
    pthread_mutex_lock(&m->lock);
    struct wt_engine *e = atomic_load(&m->engine);
    if (e)
        wt_engine_stop(e);
    pthread_mutex_unlock(&m->lock);
}

void model_free(struct model *m)
{
    if (!m)
        return;
    model_stop(m);
    if (m->started)
        pthread_join(m->thread, NULL);
    filter_done(m);
    model_thaw(m);
    for (unsigned i = 0; i < CHUNKS; i++)
        free(m->chunks[i]);
    for (unsigned i = 0; i < CONNECTION_CHUNKS && m->connections[i]; i++) {
        free(m->connections[i]);
        free(m->last_packet[i]);
    }
    for (unsigned i = 0; i < MODEL_KINDS; i++)
        free(m->messages[i].list);
    names_free(m->names);
    if (m->lines.buffer)
        spool_done(&m->lines);
    journal_free(m->journal, m->keep_journal);
    if (m->input_fd >= 0)
        close(m->input_fd);
    out_done(&m->cell);
    pthread_mutex_destroy(&m->lock);
    free(m);
}

struct journal *model_journal(struct model *m, bool keep)
{
    m->keep_journal = keep;
    return m->journal;
}

/* ---- reading ---- */

static uint64_t messages_shown(const struct model *m, enum model_kind kind)
{
    return m->frozen.on ? m->frozen.messages[kind] : m->messages[kind].count;
}

static void take_health(struct model *m, const struct wt_engine *e)
{
    struct wt_engine_health h;
    wt_engine_health(e, &h);
    m->status.kernel_drops = h.kernel_drops;
    m->status.interface_drops = h.interface_drops;
    m->status.ring_drops = h.ring_drops;
    m->status.ring_blocks = h.ring_blocks;
    m->status.ring_held = h.ring_held;
    m->status.ring_high_water = h.ring_high_water;
    m->status.spool_refused = m->journal ? journal_refused(m->journal) : 0;
}

void model_status(struct model *m, struct model_status *ret_status)
{
    pthread_mutex_lock(&m->lock);
    struct wt_engine *e = atomic_load(&m->engine);
    uint64_t frames;
    if (e)
        take_health(m, e);
    if (e)
        wt_engine_progress(e, &m->status.read_bytes, &m->status.size_bytes, &frames);
    *ret_status = m->frozen.on ? m->frozen.status : m->status;
    ret_status->packets = packets_shown(m);
    ret_status->connections = connections_shown(m);
    ret_status->dns = messages_shown(m, MODEL_DNS_MESSAGES);
    ret_status->http = messages_shown(m, MODEL_HTTP_MESSAGES);
    ret_status->read_bytes = m->status.read_bytes;
    ret_status->size_bytes = m->status.size_bytes;
    ret_status->ended = m->status.ended;
    ret_status->held_back = m->packet_count - ret_status->packets;
    if (m->frozen.on)
        ret_status->version = m->frozen.version;
    pthread_mutex_unlock(&m->lock);
}

uint64_t model_packet_count(struct model *m)
{
    pthread_mutex_lock(&m->lock);
    uint64_t n = packets_shown(m);
    pthread_mutex_unlock(&m->lock);
    return n;
}

static bool read_line(struct model *m, const struct model_packet *p, struct model_line *to)
{
    struct line_head head;
    if (!spool_read(&m->lines, p->line_at, &head, sizeof head) || head.text_len >= sizeof to->text
        || !spool_read(&m->lines, p->line_at + sizeof head, to->text, head.text_len))
        return false;
    to->text[head.text_len] = '\0';
    to->captured = head.captured;
    to->wire = head.wire;
    to->style = head.style;
    const char *at = to->text, *end = to->text + head.text_len;
    for (unsigned i = 0; i < MODEL_CELLS; i++) {
        to->cell[i] = at;
        at += at < end ? strlen(at) + 1 : 0;
        at = at > end ? end : at;
    }
    return true;
}

bool model_packet_line(struct model *m, uint64_t index, struct model_line *ret_line)
{
    pthread_mutex_lock(&m->lock);
    bool is = index < m->packet_count;
    if (is) {
        const struct model_packet *p = packet_at(m, index);
        *ret_line = (struct model_line){ .number = p->number, .time_ns = p->time_ns, .marked = p->marked,
                                         .since_start_ns = p->time_ns - m->sums.first_ns };
        if (p->connection)
            ret_line->connection = (uint32_t)connection_at(m, p->connection - 1)->number;
        if (!read_line(m, p, ret_line)) {
            for (unsigned i = 0; i < MODEL_CELLS; i++)
                ret_line->cell[i] = "";
            ret_line->cell[MODEL_CELLS - 1] = "no longer held";
        }
    }
    pthread_mutex_unlock(&m->lock);
    return is;
}

uint64_t model_packet_find(struct model *m, uint64_t number)
{
    pthread_mutex_lock(&m->lock);
    uint64_t low = 0, high = packets_shown(m);
    while (low < high) {
        uint64_t middle = low + (high - low) / 2;
        if (packet_at(m, middle)->number < number)
            low = middle + 1;
        else
            high = middle;
    }
    pthread_mutex_unlock(&m->lock);
    return low;
}

void model_packet_mark(struct model *m, uint64_t index)
{
    pthread_mutex_lock(&m->lock);
    if (index < m->packet_count && packet_at(m, index) != &m->gone) {
        struct model_packet *p = packet_at(m, index);
        p->marked ^= 1;
        m->marked += p->marked ? 1 : UINT64_MAX;
    }
    pthread_mutex_unlock(&m->lock);
}

uint64_t model_marked(struct model *m)
{
    pthread_mutex_lock(&m->lock);
    uint64_t n = m->marked;
    pthread_mutex_unlock(&m->lock);
    return n;
}

uint64_t model_packet_along(struct model *m, uint64_t index, bool back)
{
    uint64_t found = index;
    pthread_mutex_lock(&m->lock);
    if (index < m->packet_count && packet_at(m, index)->connection) {
        const struct model_packet *p = packet_at(m, index);
        if (back) {
            found = p->previous == NO_INDEX ? index : p->previous;
        } else {
            for (uint64_t i = index + 1; i < packets_shown(m); i++)
                if (packet_at(m, i)->connection == p->connection) {
                    found = i;
                    break;
                }
        }
    }
    pthread_mutex_unlock(&m->lock);
    return found;
}

uint64_t model_connection_count(struct model *m)
{
    pthread_mutex_lock(&m->lock);
    uint64_t n = connections_shown(m);
    pthread_mutex_unlock(&m->lock);
    return n;
}

bool model_connection(struct model *m, uint64_t index, struct model_connection *ret)
{
    pthread_mutex_lock(&m->lock);
    bool is = index < connections_shown(m);
    if (is) {
        *ret = *connection_shown(m, index);
        const char *name = m->options.numeric ? NULL : names_find(m->names, ret->family, ret->address[1], ret->start_ns);
        snprintf(ret->name, sizeof ret->name, "%s", name ? name : "");
    }
    pthread_mutex_unlock(&m->lock);
    return is;
}

uint64_t model_message_count(struct model *m, enum model_kind kind)
{
    pthread_mutex_lock(&m->lock);
    uint64_t n = messages_shown(m, kind);
    pthread_mutex_unlock(&m->lock);
    return n;
}

bool model_message(struct model *m, enum model_kind kind, uint64_t index, struct model_message *ret)
{
    pthread_mutex_lock(&m->lock);
    bool is = index < m->messages[kind].count;
    if (is)
        *ret = m->messages[kind].list[index];
    pthread_mutex_unlock(&m->lock);
    return is;
}

void model_sums(struct model *m, struct model_sums *ret)
{
    pthread_mutex_lock(&m->lock);
    if (m->frozen.on) {
        *ret = m->frozen.sums;
        pthread_mutex_unlock(&m->lock);
        return;
    }
    *ret = m->sums;
    ret->protocol_count = 0;
    bool used[WT_MAX_DISSECTORS] = { false };
    while (ret->protocol_count < 64) {
        unsigned best = WT_MAX_DISSECTORS;
        for (unsigned i = 0; i < WT_MAX_DISSECTORS; i++)
            if (!used[i] && m->protocol_frames[i] && (best == WT_MAX_DISSECTORS || m->protocol_frames[i] > m->protocol_frames[best]))
                best = i;
        if (best == WT_MAX_DISSECTORS)
            break;
        used[best] = true;
        const struct wt_dissector *d = wt_dissector_at(best);
        ret->protocols[ret->protocol_count].name = d ? d->short_name : "?";
        ret->protocols[ret->protocol_count].frames = m->protocol_frames[best];
        ret->protocols[ret->protocol_count++].bytes = m->protocol_bytes[best];
    }
    pthread_mutex_unlock(&m->lock);
}

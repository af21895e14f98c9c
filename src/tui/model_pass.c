/* Engines over what was read: for filters, and for what stands out. */
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "report/renderer.h"
#include "report/summary.h"
#include "tui/model_impl.h"
#include "wiretale/writer.h"

#define FINDINGS_OF 200000u      /* of a capture that goes on: the newest packets */

/* Files can be read from their beginning, compressed ones too; what was captured or piped lies in the spool. */
bool can_read_again(const struct model *m)
{
    const struct wt_source_options *source = &m->options.engine.source;
    for (unsigned i = 0; i < source->input_count; i++)
        if (source->inputs[i].live || strcmp(source->inputs[i].name, "-") == 0)
            return false;
    return !source->follow;
}

static void *run_feed(void *arg)
{
    struct pass_source *f = arg;
    struct wt_error err = { 0 };
    char path[64];
    snprintf(path, sizeof path, "/proc/self/fd/%d", f->to);
    struct wt_writer *w = wt_writer_open(path, false, &err);
    close(f->to);
    if (w) {
        model_write_frames(f->m, w, f->first, f->end);
        wt_writer_close(w, NULL, NULL);
    }
    return NULL;
}

/* The first packet whose bytes are still held: what is older has been overwritten. */
static uint64_t first_held(struct model *m, uint64_t end)
{
    uint8_t *room = malloc(262144 + WT_FRAME_BLOCK_HEADER);
    struct wt_frame f;
    uint64_t low = 0, high = room ? end : 0;
    while (low < high) {
        uint64_t middle = low + (high - low) / 2;
        if (!model_frame(m, middle, room, &f))
            low = middle + 1;
        else
            high = middle;
    }
    free(room);
    return low;
}

struct wt_engine *pass_open(struct pass_source *s, struct wt_engine_options *options, const struct wt_client *client)
{
    struct wt_error err = { 0 };
    struct wt_input input;
    char path[64];
    int ends[2];
    options->workers = 1;
    if (s->from_spool) {
        uint64_t held = first_held(s->m, s->end);
        if (pipe2(ends, O_CLOEXEC) < 0)
            return NULL;
        s->first = s->first > held ? s->first : held;
        s->from = ends[0];
        s->to = ends[1];
        s->running = pthread_create(&s->thread, NULL, run_feed, s) == 0;
        if (!s->running) {
            close(ends[0]);
            close(ends[1]);
            return NULL;
        }
        snprintf(path, sizeof path, "/proc/self/fd/%d", s->from);
        input = (struct wt_input){ .name = path };
        options->source = (struct wt_source_options){ .inputs = &input, .input_count = 1 };
    }
    return wt_engine_new(options, client, &err);
}

void pass_close(struct pass_source *s)
{
    if (!s->running)
        return;
    close(s->from);                      /* it writes no more */
    pthread_join(s->thread, NULL);
}

/* ---- what stands out ---- */

struct found {
    struct model *m;
    struct summary *summary;             /* owned */
};

static void *open_summary(void *client, unsigned worker)
{
    struct found *f = client;
    (void)worker;
    f->summary = summary_new(&f->m->options.engine.config, 10, 0);
    return f->summary;
}

static void on_connection(void *worker, const struct wt_connection *c)
{
    if (worker)
        summary_connection(worker, c);
}

static void on_message(void *worker, const struct wt_message *m)
{
    if (worker)
        summary_message(worker, m);
}

static void on_frames(void *worker, const struct wt_frame *frames, unsigned count)
{
    if (worker)
        summary_frames(worker, frames, count);
}

/* Numbers of a pass over a part are turned into those of the whole. */
static void renumber(struct model *m, const struct pass_source *s, struct findings *findings)
{
    for (unsigned i = 0; i < findings->count; i++) {
        struct finding *f = &findings->list[i];
        struct model_line line;
        if (!f->frame || !model_packet_line(m, s->first + f->frame - 1, &line)) {
            f->connection = f->frame = 0;
            continue;
        }
        f->frame = line.number;
        f->connection = f->connection ? line.connection : 0;
    }
}

static bool sum_up(struct model *m, struct wt_engine *e, struct found *found, struct findings *ret)
{
    struct wt_account *account = calloc(1, sizeof *account);
    struct report *report = malloc(sizeof *report);
    bool good = account && report && found->summary;
    if (good) {
        wt_engine_account(e, account);
        summary_settle(found->summary);
        summary_limits(found->summary, &account->limits);
        report_init(report, account, found->summary, &m->options.engine.source, &m->options.engine.config, !m->options.numeric);
        *ret = report->findings;
        report_done(report);
    }
    free(account);
    free(report);
    return good;
}

bool model_findings(struct model *m, struct findings *ret)
{
    struct found found = { .m = m };
    struct wt_engine_options options = m->options.engine;
    struct pass_source source = { .m = m, .from_spool = !can_read_again(m), .end = model_packet_count(m) };
    const struct wt_client client = { .client = &found, .worker_open = open_summary, .connection = on_connection,
                                      .message = on_message, .frames = on_frames };
    struct wt_error err = { 0 };
    source.first = source.from_spool && source.end > FINDINGS_OF ? source.end - FINDINGS_OF : 0;
    struct wt_engine *e = pass_open(&source, &options, &client);
    bool good = false;
    if (e) {
        atomic_store(&m->findings_engine, e);
        good = !atomic_load(&m->leaving) && wt_engine_run(e, &err) == 0 && sum_up(m, e, &found, ret);
        pthread_mutex_lock(&m->lock);
        atomic_store(&m->findings_engine, NULL);
        pthread_mutex_unlock(&m->lock);
        if (good && source.from_spool)
            renumber(m, &source, ret);
    }
    pass_close(&source);
    wt_engine_free(e);
    summary_free(found.summary);
    return good;
}

void model_leave(struct model *m)
{
    atomic_store(&m->leaving, true);
    pthread_mutex_lock(&m->lock);
    struct wt_engine *e = atomic_load(&m->findings_engine);
    if (e)
        wt_engine_stop(e);
    pthread_mutex_unlock(&m->lock);
}

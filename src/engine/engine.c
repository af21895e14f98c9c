/* The public face of the engine: opens, starts the threads, joins them, adds up. */
#include "wiretale/engine.h"

#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <unistd.h>

#include "engine/engine_impl.h"

struct wt_engine {
    struct engine_run run;
};

/* Packet by packet work needs the numbers that only one worker can give as it goes. */
static unsigned choose_workers(const struct wt_engine_options *options, const struct wt_client *client)
{
    bool live = options->source.input_count && options->source.inputs[0].live;
    if (client->packet || client->segment)
        return 1;
    if (options->workers)
        return options->workers < MAX_WORKERS ? options->workers : MAX_WORKERS;
    if (live)
        return 1;
    long cores = sysconf(_SC_NPROCESSORS_ONLN);
    return cores < 2 ? 1 : cores > 4 ? 4 : (unsigned)cores;
}

static uint64_t shards_of(unsigned worker, unsigned workers)
{
    uint64_t own = 0;
    for (unsigned s = 0; s < TRACK_SHARDS; s++)
        if (s % workers == worker)
            own |= UINT64_C(1) << s;
    return own;
}

static int make_seed(struct engine_run *run, struct wt_error *err)
{
    memcpy(run->seed, run->options.seed, sizeof run->seed);
    if (run->seed[0] || run->seed[1])
        return 0;
    if (getrandom(run->seed, sizeof run->seed, 0) != (ssize_t)sizeof run->seed)
        return wt_fail(err, -errno, "no random numbers for the hash seed: %s", strerror(errno));
    return 0;
}

static int make_blocks(struct engine_run *run, struct wt_error *err)
{
    const struct wt_config *config = &run->options.config;
    run->block_count = (unsigned)config->value[run->source->live ? WT_LIVE_BLOCKS : WT_FILE_BLOCKS];
    run->blocks = calloc(run->block_count, sizeof *run->blocks);
    if (!run->blocks)
        return wt_fail(err, -ENOMEM, "not enough memory for %u blocks", run->block_count);
    for (unsigned i = 0; i < run->block_count; i++) {
        int r = block_init(&run->blocks[i], config->value[WT_BLOCK_BYTES], err);
        if (r < 0)
            return r;
    }
    return run->source->live ? block_init(&run->scratch, config->value[WT_BLOCK_BYTES], err) : 0;
}

static int make_workers(struct engine_run *run, struct wt_error *err)
{
    unsigned n = choose_workers(&run->options, &run->client);
    run->worker_count = n;
    for (unsigned i = 0; i < n; i++) {
        run->workers[i] = worker_new(run, i, shards_of(i, n), err);
        if (!run->workers[i])
            return -ENOMEM;
    }
    return 0;
}

struct wt_engine *wt_engine_new(const struct wt_engine_options *options, const struct wt_client *client,
                                struct wt_error *err)
{
    struct wt_engine *e = calloc(1, sizeof *e);
    if (!e) {
        wt_fail(err, -ENOMEM, "not enough memory for the engine");
        return NULL;
    }
    struct engine_run *run = &e->run;
    run->options = *options;
    run->client = *client;
    run->dissector_dns = wt_dissector_index("dns");
    run->dissector_mdns = wt_dissector_index("mdns");
    run->dissector_llmnr = wt_dissector_index("llmnr");
    run->source = source_open(&run->options.source, &run->options.config, err);
    if (!run->source || make_seed(run, err) < 0 || make_blocks(run, err) < 0 || make_workers(run, err) < 0) {
        wt_engine_free(e);
        return NULL;
    }
    return e;
}

/* Signals belong to the thread that called run. */
static int start_thread(pthread_t *thread, void *(*main)(void *), void *arg)
{
    sigset_t all, before;
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &before);
    int r = pthread_create(thread, NULL, main, arg);
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    return -r;
}

/* Without this, a thread that could not be started would leave the others waiting. */
static void end_started_workers(struct engine_run *run)
{
    struct block *b = &run->blocks[0];
    b->frame_count = 0;
    b->last = true;
    for (unsigned i = 0; i < run->worker_count; i++) {
        if (!run->workers[i]->started)
            continue;
        ring_push(&run->workers[i]->ring, b);
        pthread_join(run->workers[i]->thread, NULL);
        run->workers[i]->started = false;
    }
}

static int start(struct engine_run *run, struct wt_error *err)
{
    for (unsigned i = 0; i < run->worker_count; i++) {
        struct worker *w = run->workers[i];
        w->client = run->client.worker_open ? run->client.worker_open(run->client.client, i) : run->client.client;
        int r = start_thread(&w->thread, worker_main, w);
        if (r < 0) {
            end_started_workers(run);
            return wt_fail(err, r, "could not start worker %u: %s", i, strerror(-r));
        }
        w->started = true;
    }
    int r = start_thread(&run->capture, capture_main, run);
    if (r < 0) {
        end_started_workers(run);
        return wt_fail(err, r, "could not start the capture thread: %s", strerror(-r));
    }
    return 0;
}

static uint64_t peak_open(const struct engine_run *run)
{
    uint64_t peak = 0;
    for (uint32_t i = 0; i < run->workers[0]->open.used; i++) {
        uint64_t sum = 0;
        for (unsigned k = 0; k < run->worker_count; k++)
            sum += run->workers[k]->open.count[i];
        peak = sum > peak ? sum : peak;
    }
    return peak;
}

static void add_worker(struct wt_account *a, const struct worker *w)
{
    account_merge(a, &w->account);
    const struct tracker_counters *t = tracker_counters(w->tracker);
    a->connections += t->connections;
    a->conversations += t->conversations;
    a->evicted += t->evicted;
    const struct stream_counters *s = stream_set_counters(w->streams);
    a->stream_gaps += s->gaps;
    a->stream_gap_bytes += s->gap_bytes;
    for (unsigned i = 0; i < WT_OPTION_COUNT; i++)
        a->limits.count[i] += w->hits.count[i];
}

static void add_up(struct engine_run *run)
{
    struct wt_account *a = &run->account;
    memset(a, 0, sizeof *a);
    run->source->ops->stats(run->source, &run->stats);
    a->source = run->stats;
    if (run->source->live)
        a->source.ring_drops = run->ring_drops;
    if (run->problem.code && !a->source.problem.code) {
        a->source.problem = run->problem;
        a->source.incomplete = true;
    }
    for (unsigned i = 0; i < run->worker_count; i++)
        add_worker(a, run->workers[i]);
    const struct decode_counters *d = decoder_counters(run->workers[0]->decoder);
    a->fragments = d->fragments;
    a->datagrams_reassembled = d->datagrams_reassembled;
    a->datagrams_incomplete = d->datagrams_incomplete;
    a->limits.count[WT_MAX_FRAGMENT_BYTES] = run->workers[0]->hits.count[WT_MAX_FRAGMENT_BYTES];
    a->limits.count[WT_MAX_FRAGMENT_DATAGRAMS] = run->workers[0]->hits.count[WT_MAX_FRAGMENT_DATAGRAMS];
    a->clock_jumps = tracker_counters(run->workers[0]->tracker)->clock_jumps;
    a->peak_open = peak_open(run);
    a->workers = run->worker_count;
    a->ring_blocks = run->block_count;
    a->ring_high_water = run->high_water;
}

int wt_engine_run(struct wt_engine *engine, struct wt_error *err)
{
    struct engine_run *run = &engine->run;
    if (run->finished)
        return wt_fail(err, -EINVAL, "an engine runs once");
    run->finished = true;
    int r = start(run, err);
    if (r < 0)
        return r;
    pthread_join(run->capture, NULL);
    for (unsigned i = 0; i < run->worker_count; i++)
        pthread_join(run->workers[i]->thread, NULL);
    add_up(run);
    return 0;
}

void wt_engine_stop(struct wt_engine *engine)
{
    atomic_store_explicit(&engine->run.stop, true, memory_order_relaxed);
    atomic_store_explicit(&engine->run.source->stop, true, memory_order_relaxed);
}

void wt_engine_progress(const struct wt_engine *engine, uint64_t *ret_bytes, uint64_t *ret_size, uint64_t *ret_frames)
{
    const struct source *s = engine->run.source;
    *ret_bytes = atomic_load_explicit(&s->progress_bytes, memory_order_relaxed);
    *ret_frames = atomic_load_explicit(&s->progress_frames, memory_order_relaxed);
    *ret_size = s->size_bytes;
}

void wt_engine_health(const struct wt_engine *engine, struct wt_engine_health *ret)
{
    const struct engine_run *run = &engine->run;
    *ret = (struct wt_engine_health){
        .ring_blocks = run->block_count,
        .ring_held = atomic_load_explicit(&run->held, memory_order_relaxed),
        .ring_high_water = atomic_load_explicit(&run->high_water, memory_order_relaxed),
        .ring_drops = atomic_load_explicit(&run->ring_drops, memory_order_relaxed),
        .kernel_drops = run->source->live ? atomic_load_explicit(&run->kernel_drops, memory_order_relaxed) : WT_UNKNOWN,
        .interface_drops = run->source->live ? atomic_load_explicit(&run->interface_drops, memory_order_relaxed) : WT_UNKNOWN,
    };
}

void wt_engine_account(const struct wt_engine *engine, struct wt_account *ret_account)
{
    *ret_account = engine->run.account;
}

void wt_engine_free(struct wt_engine *engine)
{
    if (!engine)
        return;
    struct engine_run *run = &engine->run;
    for (unsigned i = 0; i < run->worker_count; i++)
        worker_free(run->workers[i]);
    for (unsigned i = 0; run->blocks && i < run->block_count; i++)
        block_done(&run->blocks[i]);
    free(run->blocks);
    block_done(&run->scratch);
    if (run->source)
        run->source->ops->close(run->source);
    free(engine);
}

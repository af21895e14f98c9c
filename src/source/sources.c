/* The inputs of a run as one source: opened, merged by time when they are several, and every frame admitted once. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "source/admit.h"
#include "source/capture_file.h"
#include "source/live.h"

#define MERGED_MAP 64

/* One input of a merge: its own block, and how far it has been taken over. */
struct input {
    struct source *source;
    struct block block;
    uint32_t next;
    bool ended;
    int32_t map[MERGED_MAP];        /* its interfaces in the merged numbering; -1: not met yet */
};

struct inputs {
    struct source source;
    struct input *each;             /* owned */
    unsigned count;
    struct admit admit;
    struct wt_error problem;
    uint32_t interfaces;            /* of the merge, so far */
    int64_t max_duration_ns;        /* live: by the clock, from the first fill; 0: none */
    int64_t deadline_ns;
};

static void forward_stop(struct inputs *s)
{
    if (atomic_load_explicit(&s->source.stop, memory_order_relaxed))
        for (unsigned i = 0; i < s->count; i++)
            atomic_store_explicit(&s->each[i].source->stop, true, memory_order_relaxed);
}

static void sum_progress(struct inputs *s)
{
    uint64_t bytes = 0;
    for (unsigned i = 0; i < s->count; i++)
        bytes += atomic_load_explicit(&s->each[i].source->progress_bytes, memory_order_relaxed);
    atomic_store_explicit(&s->source.progress_bytes, bytes, memory_order_relaxed);
    atomic_store_explicit(&s->source.progress_frames, s->admit.sums.frames, memory_order_relaxed);
}

/* A live capture ends by the clock, whether frames come or not. */
static void end_by_clock(struct inputs *s, struct block *b)
{
    struct timespec now;
    if (!s->max_duration_ns)
        return;
    clock_gettime(CLOCK_MONOTONIC, &now);
    int64_t now_ns = (int64_t)now.tv_sec * 1000000000 + now.tv_nsec;
    if (!s->deadline_ns)
        s->deadline_ns = now_ns + s->max_duration_ns;
    else if (now_ns >= s->deadline_ns)
        b->last = true;
}

static int fill_one(struct source *source, struct block *b, struct wt_error *err)
{
    struct inputs *s = (struct inputs *)source;
    forward_stop(s);
    int r = s->each[0].source->ops->fill(s->each[0].source, b, err);
    if (r < 0)
        return r;
    admit_block(&s->admit, b);
    end_by_clock(s, b);
    sum_progress(s);
    return 0;
}

/* Gets the next frames of an input whose block is used up. */
static int refill(struct input *in, struct wt_error *err)
{
    struct block *b = &in->block;
    if (b->last) {
        in->ended = true;
        return 0;
    }
    b->used = 0;
    b->frame_count = 0;
    b->clock_ns = 0;
    in->next = 0;
    int r = in->source->ops->fill(in->source, b, err);
    if (r < 0)
        in->ended = true;
    return r;
}

static uint32_t merged_interface(struct inputs *s, struct input *in, uint32_t interface)
{
    if (interface >= MERGED_MAP)
        return UINT32_MAX;
    if (in->map[interface] < 0)
        in->map[interface] = (int32_t)s->interfaces++;
    return (uint32_t)in->map[interface];
}

/* The input with the earliest next frame; NULL: some input has nothing at hand yet, or all have ended. */
static struct input *earliest(struct inputs *s, bool *ret_all_ended, struct wt_error *err)
{
    struct input *best = NULL;
    bool waiting = false;
    *ret_all_ended = true;
    for (unsigned i = 0; i < s->count; i++) {
        struct input *in = &s->each[i];
        while (!in->ended && in->next == in->block.frame_count) {
            if (refill(in, err) < 0)
                s->problem = s->problem.code ? s->problem : *err;
            if (!in->ended && in->block.frame_count == 0 && !in->block.last)
                break;
        }
        if (in->ended)
            continue;
        *ret_all_ended = false;
        if (in->next == in->block.frame_count)
            waiting = true;
        else if (!best || in->block.frames[in->next].time_ns < best->block.frames[best->next].time_ns)
            best = in;
    }
    return waiting ? NULL : best;
}

/* Its bytes, with the block around them where that has options. False: the block has no room. */
static bool copy_frame(struct block *b, const struct wt_frame *f, struct wt_frame *to)
{
    struct wt_slice whole = wt_frame_block(f);
    size_t before = whole.len ? WT_FRAME_BLOCK_HEADER : 0;
    if (!whole.len)
        whole = (struct wt_slice){ f->bytes, f->captured_len };
    if (whole.len > b->capacity - b->used)
        return false;
    *to = *f;
    to->bytes = b->bytes + b->used + before;
    if (whole.len)
        memcpy(b->bytes + b->used, whole.at, whole.len);
    b->used += whole.len;
    return true;
}

static int fill_merged(struct source *source, struct block *b, struct wt_error *err)
{
    struct inputs *s = (struct inputs *)source;
    forward_stop(s);
    while (b->frame_count < b->frame_capacity) {
        bool all_ended;
        struct input *in = earliest(s, &all_ended, err);
        b->last = all_ended;
        if (!in)
            break;
        const struct wt_frame *f = &in->block.frames[in->next];
        struct wt_frame *to = &b->frames[b->frame_count];
        if (!copy_frame(b, f, to))
            break;
        b->frame_count++;
        to->interface = merged_interface(s, in, f->interface);
        in->next++;
    }
    admit_block(&s->admit, b);
    end_by_clock(s, b);
    sum_progress(s);
    return 0;
}

static void merge_interfaces(const struct input *in, const struct wt_source_stats *from, struct wt_source_stats *into)
{
    for (unsigned k = 0; k < from->interface_count && k < 32; k++) {
        if (in->map[k] < 0 || in->map[k] >= 32)
            continue;
        into->interfaces[in->map[k]] = from->interfaces[k];
        if ((unsigned)in->map[k] >= into->interface_count)
            into->interface_count = (unsigned)in->map[k] + 1;
    }
}

static uint64_t add_known(uint64_t a, uint64_t b)
{
    return a == WT_UNKNOWN ? b : b == WT_UNKNOWN ? a : a + b;
}

static void stats(struct source *source, struct wt_source_stats *st)
{
    struct inputs *s = (struct inputs *)source;
    *st = s->admit.sums;
    st->kernel_received = st->kernel_drops = st->interface_drops = st->ring_drops = WT_UNKNOWN;
    st->kernel_left = st->softnet_drops = WT_UNKNOWN;
    st->problem = s->problem.code ? s->problem : s->admit.problem;
    for (unsigned i = 0; i < s->count; i++) {
        struct wt_source_stats one;
        s->each[i].source->ops->stats(s->each[i].source, &one);
        if (i == 0)
            memcpy(st->format, one.format, sizeof st->format);
        else if (strcmp(st->format, one.format) != 0)
            snprintf(st->format, sizeof st->format, "%u inputs of different formats", s->count);
        st->input_bytes += one.input_bytes;
        st->input_size = i == 0 ? one.input_size
            : st->input_size == WT_UNKNOWN || one.input_size == WT_UNKNOWN ? WT_UNKNOWN : st->input_size + one.input_size;
        st->kernel_received = add_known(st->kernel_received, one.kernel_received);
        st->kernel_drops = add_known(st->kernel_drops, one.kernel_drops);
        st->kernel_left = add_known(st->kernel_left, one.kernel_left);
        if (st->softnet_drops == WT_UNKNOWN || (one.softnet_drops != WT_UNKNOWN && one.softnet_drops > st->softnet_drops))
            st->softnet_drops = one.softnet_drops;    /* one counter for all interfaces */
        st->interface_drops = add_known(st->interface_drops, one.interface_drops);
        if (one.incomplete && !st->problem.code)
            st->problem = one.problem;
        if (s->count == 1) {
            st->interface_count = one.interface_count;
            memcpy(st->interfaces, one.interfaces, sizeof st->interfaces);
        } else {
            merge_interfaces(&s->each[i], &one, st);
        }
    }
    st->incomplete = st->problem.code != 0;
}

static void close_inputs(struct source *source)
{
    struct inputs *s = (struct inputs *)source;
    for (unsigned i = 0; i < s->count; i++) {
        block_done(&s->each[i].block);
        if (s->each[i].source)
            s->each[i].source->ops->close(s->each[i].source);
    }
    admit_done(&s->admit);
    free(s->each);
    free(s);
}

static const struct source_ops one_ops = { "one", fill_one, stats, close_inputs };
static const struct source_ops merged_ops = { "merged", fill_merged, stats, close_inputs };

static int open_input(struct inputs *s, unsigned i, const struct wt_source_options *options,
                      const struct wt_config *config, struct wt_error *err)
{
    struct input *in = &s->each[i];
    const struct wt_input *wanted = &options->inputs[i];
    memset(in->map, 0xff, sizeof in->map);
    int r = wanted->live ? live_open(wanted->name, options, &in->source, err)
                         : capture_file_open(wanted->name, options->follow, &in->source, err);
    if (r == 0 && s->count > 1)
        r = block_init(&in->block, config->value[WT_BLOCK_BYTES], err);
    return r;
}

struct source *source_open(const struct wt_source_options *options, const struct wt_config *config,
                           struct wt_error *err)
{
    if (options->input_count == 0 || options->input_count > config->value[WT_MAX_SOURCES]) {
        wt_fail(err, -EINVAL, "%u inputs, expected 1 to %llu", options->input_count,
                (unsigned long long)config->value[WT_MAX_SOURCES]);
        return NULL;
    }
    struct inputs *s = calloc(1, sizeof *s);
    if (s)
        s->each = calloc(options->input_count, sizeof *s->each);
    if (!s || !s->each) {
        free(s);
        wt_fail(err, -ENOMEM, "not enough memory for %u inputs", options->input_count);
        return NULL;
    }
    s->source.ops = options->input_count == 1 ? &one_ops : &merged_ops;
    s->count = options->input_count;
    int r = admit_init(&s->admit, options, err);
    for (unsigned i = 0; i < s->count && r == 0; i++) {
        r = open_input(s, i, options, config, err);
        if (r == 0) {
            s->source.live |= s->each[i].source->live;
            if (s->source.live)
                s->admit.filter = NULL;   /* the kernel applies it */
            if (s->source.live && s->admit.max_duration_ns) {
                s->max_duration_ns = s->admit.max_duration_ns;
                s->admit.max_duration_ns = 0;
            }
            uint64_t size = s->each[i].source->size_bytes;
            s->source.size_bytes = size == WT_UNKNOWN || s->source.size_bytes == WT_UNKNOWN ? WT_UNKNOWN
                                                                                            : s->source.size_bytes + size;
        }
    }
    if (r < 0) {
        close_inputs(&s->source);
        return NULL;
    }
    return &s->source;
}

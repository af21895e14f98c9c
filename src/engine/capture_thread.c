/* The capture thread: fills blocks from the source and hands each to every worker. A file waits for the slowest
 * worker and loses nothing; live, frames that find no free block are counted and dropped. */
#include "engine/engine_impl.h"

#define HEALTH_NS 500000000

/* How many of the blocks pushed so far some worker still holds. Counters run modulo 2^32. */
static uint32_t blocks_held(struct engine_run *run, uint32_t pushed)
{
    uint32_t most = 0;
    for (unsigned i = 0; i < run->worker_count; i++) {
        uint32_t held = pushed - ring_released(&run->workers[i]->ring);
        most = held > most ? held : most;
    }
    return most;
}

static bool block_free(struct engine_run *run, uint32_t pushed)
{
    return blocks_held(run, pushed) < run->block_count;
}

static void reset_block(struct block *b)
{
    b->used = 0;
    b->frame_count = 0;
    b->last = false;
    b->clock_ns = 0;
    b->dropped_before = 0;
}

static int fill(struct engine_run *run, struct block *b)
{
    reset_block(b);
    int r = run->source->ops->fill(run->source, b, &run->problem);
    if (r < 0)
        b->last = true;
    return r;
}

/* All blocks are taken: reads on, so that the kernel's buffer does not hide the loss, and counts. */
static bool drop_live(struct engine_run *run, uint64_t *dropped)
{
    fill(run, &run->scratch);
    *dropped += run->scratch.frame_count;
    atomic_fetch_add_explicit(&run->ring_drops, run->scratch.frame_count, memory_order_relaxed);
    return run->scratch.last;
}

static void wait_for_block(struct engine_run *run, uint32_t pushed)
{
    for (unsigned i = 0; i < run->worker_count; i++)
        ring_wait_released(&run->workers[i]->ring, pushed + 1 - run->block_count);
}

static void push_all(struct engine_run *run, struct block *b, uint32_t pushed)
{
    uint32_t held = blocks_held(run, pushed) + 1;
    atomic_store_explicit(&run->held, held, memory_order_relaxed);
    if (held > atomic_load_explicit(&run->high_water, memory_order_relaxed))
        atomic_store_explicit(&run->high_water, held, memory_order_relaxed);
    for (unsigned i = 0; i < run->worker_count; i++)
        ring_push(&run->workers[i]->ring, b);
}

/* Only this thread may ask the source; who watches reads what it noted. */
static void note_health(struct engine_run *run, const struct block *b)
{
    struct wt_source_stats st;
    if (!run->source->live || b->clock_ns - run->asked_ns < HEALTH_NS)
        return;
    run->asked_ns = b->clock_ns;
    run->source->ops->stats(run->source, &st);
    atomic_store_explicit(&run->kernel_drops, st.kernel_drops, memory_order_relaxed);
    atomic_store_explicit(&run->interface_drops, st.interface_drops, memory_order_relaxed);
}

void *capture_main(void *arg)
{
    struct engine_run *run = arg;
    uint32_t pushed = 0, next = 0;
    uint64_t dropped = 0;
    bool ended = false;
    while (!ended) {
        if (!block_free(run, pushed)) {
            if (run->source->live && !atomic_load_explicit(&run->stop, memory_order_relaxed)) {
                ended = drop_live(run, &dropped);
                if (!ended)
                    continue;
            }
            wait_for_block(run, pushed);
        }
        struct block *b = &run->blocks[next];
        next = next + 1 == run->block_count ? 0 : next + 1;
        if (ended) {
            reset_block(b);
            b->last = true;
        } else {
            fill(run, b);
        }
        b->dropped_before += dropped;
        dropped = 0;
        ended = b->last;
        note_health(run, b);
        push_all(run, b, pushed++);
    }
    return NULL;
}

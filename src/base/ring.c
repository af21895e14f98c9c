#include "base/ring.h"

#include <errno.h>
#include <limits.h>
#include <linux/futex.h>
#include <stdlib.h>
#include <sys/syscall.h>
#include <unistd.h>

#define SPINS 200

int ring_init(struct ring *r, uint32_t capacity)
{
    uint32_t slots = 1;
    while (slots < capacity)
        slots *= 2;
    *r = (struct ring){ .mask = slots - 1, .slots = calloc(slots, sizeof *r->slots) };
    return r->slots ? 0 : -ENOMEM;
}

void ring_done(struct ring *r)
{
    free(r->slots);
    r->slots = NULL;
}

static void futex_wait(_Atomic uint32_t *word, uint32_t expected)
{
    syscall(SYS_futex, word, FUTEX_WAIT_PRIVATE, expected, NULL, NULL, 0);
}

static void futex_wake(_Atomic uint32_t *word)
{
    syscall(SYS_futex, word, FUTEX_WAKE_PRIVATE, INT_MAX, NULL, NULL, 0);
}

/* Wakes the other side if it said that it sleeps. The full fence orders our index before reading its word; the
 * sleeper does the same the other way round, so one of the two sees the other. */
static void wake(_Atomic uint32_t *sleeps)
{
    atomic_thread_fence(memory_order_seq_cst);
    if (atomic_load_explicit(sleeps, memory_order_relaxed)) {
        atomic_store_explicit(sleeps, 0, memory_order_relaxed);
        futex_wake(sleeps);
    }
}

bool ring_push(struct ring *r, void *item)
{
    uint32_t head = atomic_load_explicit(&r->head, memory_order_relaxed);
    if (head - r->tail_seen > r->mask) {
        r->tail_seen = atomic_load_explicit(&r->tail, memory_order_acquire);
        if (head - r->tail_seen > r->mask)
            return false;
    }
    r->slots[head & r->mask] = item;
    atomic_store_explicit(&r->head, head + 1, memory_order_release);
    if (head + 1 - r->tail_seen > r->high_water)
        r->high_water = head + 1 - r->tail_seen;
    wake(&r->consumer_sleeps);
    return true;
}

uint32_t ring_released(struct ring *r)
{
    r->tail_seen = atomic_load_explicit(&r->tail, memory_order_acquire);
    return r->tail_seen;
}

void ring_wait_released(struct ring *r, uint32_t count)
{
    for (unsigned spins = 0; (int32_t)(ring_released(r) - count) < 0; spins++) {
        if (spins < SPINS)
            continue;
        atomic_store_explicit(&r->producer_sleeps, 1, memory_order_relaxed);
        atomic_thread_fence(memory_order_seq_cst);
        if ((int32_t)(ring_released(r) - count) < 0)
            futex_wait(&r->producer_sleeps, 1);
    }
}

void *ring_pop(struct ring *r)
{
    if (r->popped == r->head_seen) {
        r->head_seen = atomic_load_explicit(&r->head, memory_order_acquire);
        if (r->popped == r->head_seen)
            return NULL;
    }
    return r->slots[r->popped++ & r->mask];
}

void *ring_pop_wait(struct ring *r)
{
    void *item;
    for (unsigned spins = 0; !(item = ring_pop(r)); spins++) {
        if (spins < SPINS)
            continue;
        atomic_store_explicit(&r->consumer_sleeps, 1, memory_order_relaxed);
        atomic_thread_fence(memory_order_seq_cst);
        if ((item = ring_pop(r)))
            return item;
        futex_wait(&r->consumer_sleeps, 1);
    }
    return item;
}

void ring_release(struct ring *r)
{
    uint32_t tail = atomic_load_explicit(&r->tail, memory_order_relaxed);
    atomic_store_explicit(&r->tail, tail + 1, memory_order_release);
    wake(&r->producer_sleeps);
}

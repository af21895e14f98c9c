/* A ring of pointers between two threads: one pushes, one pops, no third. No lock; the waits sleep on a futex.
 *
 * What a slot points to is the consumer's from pop to release, and the producer's again after the release. A producer
 * that hands the same blocks to several consumers has one ring for each and reuses a block when ring_released() of
 * every ring has passed it. Indices run free; slot = index & mask.
 *
 * Pairs: the producer's release store of `head` is matched by the consumer's acquire load in ring_pop; the consumer's
 * release store of `tail` is matched by the producer's acquire load in ring_push and ring_released. */
#ifndef BASE_RING_H
#define BASE_RING_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct ring {
    _Alignas(64) _Atomic uint32_t head;   /* producer's line: slots pushed */
    uint32_t tail_seen;                   /* producer's copy of tail */
    uint32_t high_water;                  /* producer's: most slots held at once */
    _Alignas(64) _Atomic uint32_t tail;   /* consumer's line: slots released */
    uint32_t popped;                      /* consumer's: slots popped, not all released */
    uint32_t head_seen;
    _Alignas(64) _Atomic uint32_t consumer_sleeps, producer_sleeps;
    uint32_t mask;                        /* set once, with slots */
    void **slots;
};

/* capacity is rounded up to a power of two. 0 or -ENOMEM. */
int ring_init(struct ring *r, uint32_t capacity);
void ring_done(struct ring *r);

/* Producer. False: full; live drops and counts, a file waits with ring_wait_released. */
bool ring_push(struct ring *r, void *item);
/* How many slots the consumer has released so far, modulo 2^32, as the producer sees it. */
uint32_t ring_released(struct ring *r);
/* Sleeps until at least `count` slots (as counted by ring_released) have been released. */
void ring_wait_released(struct ring *r, uint32_t count);

/* Consumer. NULL: empty. */
void *ring_pop(struct ring *r);
/* Sleeps until there is one. */
void *ring_pop_wait(struct ring *r);
/* Gives back the oldest popped slot. */
void ring_release(struct ring *r);

#endif

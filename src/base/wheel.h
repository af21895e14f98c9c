/* A hierarchical timer wheel (Varghese and Lauck, 1987) on packet time: six levels of 64 slots, so that a timer moves
 * at most five times. Arming and cancelling cost O(1); going forward costs what expires, not the time that passed.
 * The nodes lie inside the objects of a slab and are named by the object's index. Ticks are 2^20 ns (1.05 ms).
 * The order in which timers of one tick fire is that of arming. One thread. */
#ifndef BASE_WHEEL_H
#define BASE_WHEEL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/slab.h"

#define WHEEL_TICK_SHIFT 20
#define WHEEL_LEVELS 6
#define WHEEL_SLOTS 64
#define WHEEL_FARTHEST 0x7fffffffu    /* ticks ahead that a timer can be: 26 days */

struct wheel_node {
    uint32_t next, prev;    /* indices; in its slot's ring; next 0: not armed */
    uint32_t at;            /* tick, modulo 2^32 */
};

struct wheel {
    const struct slab *slab;      /* borrowed */
    size_t offset;                /* of the node in an object */
    uint64_t now;                 /* tick; everything up to it has fired */
    uint64_t armed;
    uint64_t occupied[WHEEL_LEVELS];
    uint32_t head[WHEEL_LEVELS][WHEEL_SLOTS];
};

void wheel_init(struct wheel *w, const struct slab *slab, size_t offset);

/* Before the first timer: where the clock begins. */
void wheel_start(struct wheel *w, uint64_t tick);

/* Arms, or arms anew. A tick that has passed fires with the next one. */
void wheel_arm(struct wheel *w, uint32_t index, uint64_t tick);
void wheel_cancel(struct wheel *w, uint32_t index);

/* Fires all timers up to and including `tick`, in order of time. `fire` may arm and cancel any timer. */
void wheel_advance(struct wheel *w, uint64_t tick, void (*fire)(void *to, uint32_t index), void *to);

static inline struct wheel_node *wheel_node(const struct wheel *w, uint32_t index)
{
    return (struct wheel_node *)(void *)((uint8_t *)slab_at(w->slab, index) + w->offset);
}

static inline bool wheel_armed(const struct wheel_node *node)
{
    return node->next != 0;
}

/* The timer is armed and fires at that tick or before. */
static inline bool wheel_fires_by(const struct wheel *w, const struct wheel_node *node, uint64_t tick)
{
    int64_t ahead = (int64_t)(int32_t)(node->at - (uint32_t)w->now);
    return wheel_armed(node) && (int64_t)(w->now + (uint64_t)ahead - tick) <= 0;
}

/* The tick of a time; negative times (before 1970) count as 0. */
static inline uint64_t wheel_tick(int64_t ns)
{
    return ns < 0 ? 0 : (uint64_t)ns >> WHEEL_TICK_SHIFT;
}

#endif

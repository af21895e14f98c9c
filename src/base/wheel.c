#include "base/wheel.h"

#include <string.h>

#define BITS 6
#define MASK (WHEEL_SLOTS - 1u)
#define TOP (WHEEL_LEVELS - 1)

void wheel_init(struct wheel *w, const struct slab *slab, size_t offset)
{
    memset(w, 0, sizeof *w);
    w->slab = slab;
    w->offset = offset;
}

void wheel_start(struct wheel *w, uint64_t tick)
{
    w->now = tick;
}

static uint64_t node_tick(const struct wheel *w, const struct wheel_node *node)
{
    return w->now + (uint64_t)(int64_t)(int32_t)(node->at - (uint32_t)w->now);
}

/* The level at which `tick` first differs from now: the slots below it are all nearer. */
static unsigned level_of(uint64_t now, uint64_t tick)
{
    uint64_t differ = (now ^ tick) | MASK;
    unsigned level = (63u - (unsigned)__builtin_clzll(differ)) / BITS;
    return level > TOP ? TOP : level;
}

static void link_node(struct wheel *w, uint32_t index, struct wheel_node *node, uint64_t tick)
{
    unsigned level = level_of(w->now, tick);
    unsigned slot = (unsigned)(tick >> (level * BITS)) & MASK;
    uint32_t head = w->head[level][slot];
    node->at = (uint32_t)tick;
    if (!head) {
        node->next = node->prev = index;
        w->head[level][slot] = index;
        w->occupied[level] |= UINT64_C(1) << slot;
        return;
    }
    struct wheel_node *first = wheel_node(w, head);
    node->next = head;
    node->prev = first->prev;
    wheel_node(w, first->prev)->next = index;
    first->prev = index;
}

void wheel_arm(struct wheel *w, uint32_t index, uint64_t tick)
{
    struct wheel_node *node = wheel_node(w, index);
    if (wheel_armed(node))
        wheel_cancel(w, index);
    if (tick <= w->now)
        tick = w->now + 1;
    if (tick - w->now > WHEEL_FARTHEST)
        tick = w->now + WHEEL_FARTHEST;
    link_node(w, index, node, tick);
    w->armed++;
}

void wheel_cancel(struct wheel *w, uint32_t index)
{
    struct wheel_node *node = wheel_node(w, index);
    if (!wheel_armed(node))
        return;
    uint64_t tick = node_tick(w, node);
    unsigned level = level_of(w->now, tick);
    unsigned slot = (unsigned)(tick >> (level * BITS)) & MASK;
    if (node->next == index) {
        w->head[level][slot] = 0;
        w->occupied[level] &= ~(UINT64_C(1) << slot);
    } else {
        wheel_node(w, node->prev)->next = node->next;
        wheel_node(w, node->next)->prev = node->prev;
        if (w->head[level][slot] == index)
            w->head[level][slot] = node->next;
    }
    node->next = node->prev = 0;
    w->armed--;
}

/* Takes a slot's first node off. */
static uint32_t pop(struct wheel *w, unsigned level, unsigned slot)
{
    uint32_t index = w->head[level][slot];
    struct wheel_node *node = wheel_node(w, index);
    if (node->next == index) {
        w->head[level][slot] = 0;
        w->occupied[level] &= ~(UINT64_C(1) << slot);
    } else {
        wheel_node(w, node->prev)->next = node->next;
        wheel_node(w, node->next)->prev = node->prev;
        w->head[level][slot] = node->next;
    }
    node->next = node->prev = 0;
    return index;
}

/* The nearest occupied slot: its level, or -1 when no timer is armed; ret_tick: where the slot begins. */
static int nearest(const struct wheel *w, uint64_t *ret_tick)
{
    for (unsigned level = 0; level < WHEEL_LEVELS; level++) {
        if (!w->occupied[level])
            continue;
        unsigned shift = level * BITS;
        unsigned here = (unsigned)(w->now >> shift) & MASK;
        unsigned turn = (here + 1) & MASK;    /* the slot of now itself comes last: it can only be a round ahead */
        uint64_t rotated = w->occupied[level] >> turn | (turn ? w->occupied[level] << (WHEEL_SLOTS - turn) : 0);
        unsigned ahead = (unsigned)__builtin_ctzll(rotated) + 1;
        *ret_tick = ((w->now >> shift) + ahead) << shift;
        return (int)level;
    }
    return -1;
}

/* Now stands at the first tick of an upper slot: its timers move to nearer ones, those that are due to level 0. */
static void move_nearer(struct wheel *w, unsigned level)
{
    unsigned slot = (unsigned)(w->now >> (level * BITS)) & MASK;
    while (w->head[level][slot]) {
        uint32_t index = pop(w, level, slot);
        struct wheel_node *node = wheel_node(w, index);
        link_node(w, index, node, node_tick(w, node));
    }
}

static void fire_now(struct wheel *w, void (*fire)(void *to, uint32_t index), void *to)
{
    unsigned slot = (unsigned)w->now & MASK;
    while (w->head[0][slot]) {
        uint32_t index = pop(w, 0, slot);
        w->armed--;
        fire(to, index);
    }
}

void wheel_advance(struct wheel *w, uint64_t tick, void (*fire)(void *to, uint32_t index), void *to)
{
    while (w->now < tick) {
        uint64_t next;
        int level = nearest(w, &next);
        if (level < 0 || next > tick)
            break;
        w->now = next;
        if (level)
            move_nearer(w, (unsigned)level);
        fire_now(w, fire, to);
    }
    if (w->now < tick)
        w->now = tick;
}

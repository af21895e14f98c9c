/* The end of a capture: every record, in the order of the first frames. */
#include "track/tracker_impl.h"

#include <stdlib.h>
#include <string.h>

#define AHEAD 8    /* connections that are fetched while others end */

struct by_first { uint64_t frame; uint32_t index; };

/* Least digit first, a byte at a time: two frames never begin the same connection, so that nothing depends on the
 * order of equals. Result in `list`; `spare` is as long. */
static void sort_by_first(struct by_first *list, struct by_first *spare, size_t n)
{
    uint64_t differ = 0;
    for (size_t i = 1; i < n; i++)
        differ |= list[i].frame ^ list[0].frame;
    struct by_first *from = list, *to = spare;
    for (unsigned shift = 0; shift < 64; shift += 8) {
        if (!(differ >> shift & 255))
            continue;
        size_t at[257] = { 0 };
        for (size_t i = 0; i < n; i++)
            at[(from[i].frame >> shift & 255) + 1]++;
        for (unsigned i = 1; i < 257; i++)
            at[i] += at[i - 1];
        for (size_t i = 0; i < n; i++)
            to[at[from[i].frame >> shift & 255]++] = from[i];
        struct by_first *swap = from;
        from = to;
        to = swap;
    }
    if (from != list)
        memcpy(list, from, n * sizeof *list);
}

/* By place in memory, which is nearly their order, and not along the lists, where each step would wait for the last. */
static size_t collect(const struct tracker *t, struct by_first *list)
{
    size_t n = 0;
    for (uint32_t k = 1; k < t->conns.fresh && n < t->counters.open; k++) {
        const struct conn *c = conn_at(t, k);
        if (c->family)
            list[n++] = (struct by_first){ c->first_frame, k };
    }
    return n;
}

static void fetch(const struct tracker *t, uint32_t index)
{
    const char *line = (const char *)conn_at(t, index);
    for (unsigned k = 0; k < sizeof(struct conn); k += 64)
        __builtin_prefetch(line + k);
}

/* As long as no place was used again, places are in the order of the first frames. */
static bool places_in_order(const struct tracker *t)
{
    uint64_t before = 0;
    for (uint32_t k = 1; k < t->conns.fresh; k++) {
        const struct conn *c = conn_at(t, k);
        if (c->family && c->first_frame < before)
            return false;
        before = c->family ? c->first_frame : before;
    }
    return true;
}

static void end_by_place(struct tracker *t)
{
    for (uint32_t k = 1; k < t->conns.fresh; k++) {
        if (k + AHEAD < t->conns.fresh)
            fetch(t, k + AHEAD);
        if (conn_at(t, k)->family)
            conn_end_of_all(t, k, conn_at(t, k));
        if (k > 1 && slab_begins_chunk(&t->conns, k))
            slab_drop_chunk(&t->conns, k - 1);
    }
}

static void end_by_list(struct tracker *t, const struct by_first *list, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        if (i + AHEAD < n)
            fetch(t, list[i + AHEAD].index);
        conn_end_of_all(t, list[i].index, conn_at(t, list[i].index));
    }
}

/* They ended all at once: the table, the lists and the timers are emptied as a whole. */
static void forget_all(struct tracker *t)
{
    for (unsigned i = 0; i < TRACK_SHARDS; i++) {
        memset(t->shards[i].list, 0, sizeof t->shards[i].list);
        table_clear(&t->shards[i].table);
    }
    uint64_t now = t->wheel.now;
    wheel_init(&t->wheel, &t->conns, offsetof(struct conn, timer));
    wheel_start(&t->wheel, now);
}

void tracker_finish(struct tracker *t)
{
    if (places_in_order(t)) {
        for (unsigned i = 0; i < TRACK_SHARDS; i++)    /* what is made of the records needs the room */
            table_shrink(&t->shards[i].table);
        end_by_place(t);
        forget_all(t);
        return;
    }
    struct by_first *list = calloc(t->counters.open + 1, 2 * sizeof *list);
    if (list) {
        size_t n = collect(t, list);
        sort_by_first(list, list + n, n);
        end_by_list(t, list, n);
        free(list);
        forget_all(t);
        return;
    }
    for (unsigned i = 0; i < TRACK_SHARDS; i++)    /* no memory for the order: the records are worth more */
        for (uint32_t k = class_victim(t, &t->shards[i]); k; k = class_victim(t, &t->shards[i]))
            conn_end(t, k, conn_at(t, k), WT_END_CAPTURE);
}

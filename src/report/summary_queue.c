#include "report/summary_queue.h"

#include <string.h>

#define ROW_AFTER (QUEUE_LENGTH / 2)    /* additions after which the row is asked for */

static struct top_waiting *waiting(struct top_queue *q, uint32_t i)
{
    return &q->waiting[i % QUEUE_LENGTH];
}

void top_queue_add(struct top_queue *q, struct top_shards *to, unsigned shard, const void *key, const uint64_t *counters,
                   unsigned used)
{
    struct top *top = top_shards_table(to, shard);
    if (!top)
        return;
    if (q->head - q->tail == QUEUE_LENGTH) {
        struct top_waiting *w = waiting(q, q->tail++);
        top_add_hashed(w->to, w->hash, w->key, w->counters, w->used);
    }
    struct top_waiting *w = waiting(q, q->head++);
    w->to = top;
    w->hash = top_hash(top, key);
    memcpy(w->key, key, top->shape.key_bytes);
    w->used = used;
    memcpy(w->counters, counters, used * sizeof *counters);
    top_prefetch_slot(top, w->hash);
    if (q->head - q->tail > ROW_AFTER) {
        w = waiting(q, q->head - ROW_AFTER);
        top_prefetch_row(w->to, w->hash, w->used);
    }
}

void top_queue_flush(struct top_queue *q)
{
    for (; q->tail != q->head; q->tail++) {
        struct top_waiting *w = waiting(q, q->tail);
        top_add_hashed(w->to, w->hash, w->key, w->counters, w->used);
    }
}

static void make_oldest(struct name_queue *q, struct names *to)
{
    struct name_waiting *w = &q->waiting[q->tail++ % NAME_QUEUE_LENGTH];
    w->seen.name = w->text;
    q->lost += names_add(to, &w->seen) < 0;
}

void name_queue_add(struct name_queue *q, struct names *to, const struct wt_name_observation *seen)
{
    size_t len = seen->name ? strlen(seen->name) : 0;
    if (len == 0 || len >= sizeof q->waiting[0].text)
        return;
    if (q->head - q->tail == NAME_QUEUE_LENGTH)
        make_oldest(q, to);
    struct name_waiting *w = &q->waiting[q->head++ % NAME_QUEUE_LENGTH];
    w->seen = *seen;
    memcpy(w->text, seen->name, len + 1);
    names_fetch(to, seen->family, seen->address);
    if (q->head - q->tail > NAME_QUEUE_LENGTH / 2) {
        const struct wt_name_observation *next = &q->waiting[(q->head - NAME_QUEUE_LENGTH / 2) % NAME_QUEUE_LENGTH].seen;
        names_fetch_pair(to, next->family, next->address);
    }
}

void name_queue_flush(struct name_queue *q, struct names *to)
{
    while (q->tail != q->head)
        make_oldest(q, to);
}

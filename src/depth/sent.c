/* What one side has sent and the other has not acknowledged: ranges in order, split where a repeat or a SACK block has
 * other borders than the first transmission had. */
#include "depth_impl.h"

#include <stdlib.h>
#include <string.h>

#define SENT_MOST 32768u          /* of one direction: 45 MB in flight at 1,400 bytes */

uint32_t sent_find(const struct sent_queue *q, int64_t number)
{
    uint32_t from = 0, to = q->count;
    while (from < to) {
        uint32_t mid = from + (to - from) / 2;
        if (sent_end(sent_at(q, mid)) <= number)
            from = mid + 1;
        else
            to = mid;
    }
    return from;
}

static bool grow(struct look *l, struct sent_queue *q)
{
    if (q->count < q->capacity)
        return true;
    uint32_t capacity = q->capacity ? q->capacity * 2 : 2;
    if (capacity > SENT_MOST || !depth_room(l->depth, l->state, (capacity - q->capacity) * sizeof *q->at))
        return false;
    struct sent *at = malloc(capacity * sizeof *at);
    if (!at)
        return false;
    for (uint32_t i = 0; i < q->count; i++)
        at[i] = *sent_at(q, i);
    free(q->at);
    *q = (struct sent_queue){ .at = at, .capacity = capacity, .count = q->count };
    return true;
}

struct sent *sent_append(struct look *l, struct sent_queue *q, const struct sent *range)
{
    if (!grow(l, q)) {
        l->state->partial = true;
        if (!q->count)
            return NULL;
        q->first = (q->first + 1) & (q->capacity - 1);      /* the oldest is forgotten */
        q->count--;
    }
    struct sent *s = sent_at(q, q->count++);
    *s = *range;
    return s;
}

bool sent_split(struct look *l, struct sent_queue *q, int64_t number)
{
    uint32_t i = sent_find(q, number);
    if (i == q->count || sent_at(q, i)->from >= number)
        return true;
    if (!grow(l, q)) {
        l->state->partial = true;
        return false;
    }
    q->count++;
    for (uint32_t j = q->count - 1; j > i + 1; j--)
        *sent_at(q, j) = *sent_at(q, j - 1);
    struct sent *left = sent_at(q, i), *right = sent_at(q, i + 1);
    *right = *left;
    right->bytes = (uint32_t)(sent_end(left) - number);
    right->from = number;
    right->flags &= (uint8_t)~SENT_SYN;
    left->bytes = (uint32_t)(number - left->from);
    left->flags &= (uint8_t)~SENT_FIN;
    return true;
}

static void remember(struct look *l, struct direction *w, const struct sent *s)
{
    if (s->flags & SENT_UNSEEN)
        return;
    if (s->flags & SENT_SYN && !s->unit) {
        w->opening = *s;
        return;
    }
    if (!w->past && !(w->past = depth_memory(l->depth, l->state, PAST, sizeof *w->past)))
        return;
    w->past[w->past_count++ % PAST] = *s;
}

void sent_drop_to(struct look *l, struct direction *w, int64_t number)
{
    struct sent_queue *q = &w->sent;
    while (q->count) {
        struct sent *s = sent_at(q, 0);
        if (s->from >= number)
            break;
        int64_t end = sent_end(s);
        if (s->flags & SENT_SACKED)
            w->sacked_bytes -= (uint64_t)((end < number ? end : number) - s->from);
        if (end > number) {
            s->bytes = (uint32_t)(end - number);
            s->from = number;
            s->flags &= (uint8_t)~SENT_SYN;
            break;
        }
        if (s->times == 1 && s->unit > w->largest_acked)
            w->largest_acked = s->unit;
        remember(l, w, s);
        q->first = (q->first + 1) & (q->capacity - 1);
        q->count--;
    }
}

const struct sent *sent_past(const struct direction *w, int64_t number)
{
    for (uint32_t i = 1; i <= PAST && i <= w->past_count; i++) {
        const struct sent *s = &w->past[(w->past_count - i) % PAST];
        if (s->from <= number && number < sent_end(s))
            return s;
    }
    if (w->opening.times && w->opening.from <= number && number < sent_end(&w->opening))
        return &w->opening;
    return NULL;
}

void sent_done(struct sent_queue *q)
{
    free(q->at);
    *q = (struct sent_queue){ 0 };
}

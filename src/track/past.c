#include "track/tracker_impl.h"

void past_add(struct tracker *t, const struct conn *c, enum wt_end_why why)
{
    if (c->protocol != 6 && c->protocol != 17 && why != WT_END_EVICTED)
        return;
    struct shard *s = shard_of(t, c);
    uint64_t print = key_print(c);
    struct past_entry *set = s->past + past_set(s, c->hash);
    unsigned last = PAST_SET - 1;
    for (unsigned i = 0; i < last; i++)
        if (set[i].print == print || set[i].print == 0)
            last = i;
    for (unsigned i = last; i > 0; i--)    /* newest first */
        set[i] = set[i - 1];
    set[0] = (struct past_entry){ print, c->stream, why == WT_END_EVICTED };
}

const struct past_entry *past_find(const struct tracker *t, const struct conn *c)
{
    uint64_t print = key_print(c);
    const struct shard *s = &t->shards[c->shard];
    const struct past_entry *set = s->past + past_set(s, c->hash);
    for (unsigned i = 0; i < PAST_SET; i++)
        if (set[i].print == print)
            return &set[i];
    return NULL;
}

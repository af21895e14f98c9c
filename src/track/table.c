#include "track/table.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#define LEAST_MASK 7u

static struct bucket *buckets_new(uint32_t count)
{
    size_t bytes = (size_t)count * sizeof(struct bucket);
    struct bucket *b = aligned_alloc(sizeof(struct bucket), bytes);
    if (b)
        memset(b, 0, bytes);
    return b;
}

int table_init(struct table *t, uint32_t buckets)
{
    memset(t, 0, sizeof *t);
    t->buckets = buckets_new(buckets);
    t->mask = buckets - 1;
    return t->buckets ? 0 : -ENOMEM;
}

void table_done(struct table *t)
{
    free(t->buckets);
    memset(t, 0, sizeof *t);
}

void table_clear(struct table *t)
{
    if (t->buckets)
        memset(t->buckets, 0, ((size_t)t->mask + 1) * sizeof *t->buckets);
    t->used = 0;
}

void table_shrink(struct table *t)
{
    if (t->mask > LEAST_MASK) {
        struct bucket *least = buckets_new(LEAST_MASK + 1);
        if (least) {
            free(t->buckets);
            t->buckets = least;
            t->mask = LEAST_MASK;
        }
    }
    table_clear(t);
}

static bool put(struct bucket *b, uint32_t hash, uint32_t index)
{
    for (unsigned i = 0; i < BUCKET_PLACES; i++)
        if (!b->index[i]) {
            b->hash[i] = hash;
            b->index[i] = index;
            return true;
        }
    return false;
}

static bool place(struct bucket *buckets, uint32_t mask, uint32_t hash, uint32_t index)
{
    struct bucket *first = &buckets[hash & mask];
    if (put(first, hash, index))
        return true;
    struct bucket *second = &buckets[table_second(hash, mask)];
    if (!put(second, hash, index))
        return false;
    first->moved_on++;
    return true;
}

static bool copy_all(const struct table *t, struct bucket *to, uint32_t mask)
{
    for (uint64_t b = 0; b <= t->mask; b++)
        for (unsigned i = 0; i < BUCKET_PLACES; i++)
            if (t->buckets[b].index[i] && !place(to, mask, t->buckets[b].hash[i], t->buckets[b].index[i]))
                return false;
    return true;
}

/* Doubles, twice at most: hashes are keyed, so that nobody can fill two buckets at will. */
static bool grow(struct table *t)
{
    uint32_t mask = t->mask;
    for (unsigned tries = 0; tries < 2 && mask < UINT32_MAX >> 2; tries++) {
        mask = mask << 1 | 1;
        struct bucket *b = buckets_new(mask + 1);
        if (!b)
            return false;
        if (copy_all(t, b, mask)) {
            free(t->buckets);
            t->buckets = b;
            t->mask = mask;
            t->grown++;
            return true;
        }
        free(b);
    }
    return false;
}

bool table_add(struct table *t, uint32_t hash, uint32_t index)
{
    while (!place(t->buckets, t->mask, hash, index))
        if (t->used < (t->mask + 1u) || !grow(t))    /* nearly empty and yet full here: not a matter of size */
            return false;
    t->used++;
    return true;
}

void table_remove(struct table *t, uint32_t hash, uint32_t index)
{
    struct bucket *first = &t->buckets[hash & t->mask];
    struct bucket *second = &t->buckets[table_second(hash, t->mask)];
    for (unsigned i = 0; i < BUCKET_PLACES; i++)
        if (first->index[i] == index) {
            first->index[i] = 0;
            t->used--;
            return;
        }
    for (unsigned i = 0; i < BUCKET_PLACES; i++)
        if (second->index[i] == index) {
            second->index[i] = 0;
            first->moved_on--;
            t->used--;
            return;
        }
}

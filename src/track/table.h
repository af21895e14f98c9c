/* From the hash of a key to the index of its connection: buckets of one cache line, seven places each. A place holds
 * 32 bits of the hash, so that almost no connection is looked at in vain. A key lies in its first bucket, or, when
 * that was full, in its second; a count says how many went on, so that a miss costs one line. Doubles when both are
 * full. Keys are not known here: the caller compares them. One thread. */
#ifndef TRACK_TABLE_H
#define TRACK_TABLE_H

#include <stdbool.h>
#include <stdint.h>

#define BUCKET_PLACES 7

struct bucket {
    uint32_t hash[BUCKET_PLACES];
    uint32_t moved_on;                /* entries whose first bucket this is, and which lie in their second */
    uint32_t index[BUCKET_PLACES];    /* 0: free */
    uint32_t spare;
};
_Static_assert(sizeof(struct bucket) == 64, "a cache line");

struct table {
    struct bucket *buckets;           /* owned; a power of two, at least two */
    uint32_t mask;
    uint32_t used;
    uint32_t grown;                   /* times */
};

int table_init(struct table *t, uint32_t buckets);
void table_done(struct table *t);
/* Forgets all entries, keeps the memory. */
void table_clear(struct table *t);

/* Forgets all entries, and gives back what it can of the memory. */
void table_shrink(struct table *t);

/* False: out of memory, or the table is so full of one hash that growing does not help. */
bool table_add(struct table *t, uint32_t hash, uint32_t index);
void table_remove(struct table *t, uint32_t hash, uint32_t index);

/* Where table_add() failed: an entry that is in the way. */
static inline uint32_t table_in_the_way(const struct table *t, uint32_t hash)
{
    return t->buckets[hash & t->mask].index[0];
}

/* Which bucket comes after the first; never the same. */
static inline uint32_t table_second(uint32_t hash, uint32_t mask)
{
    uint32_t second = (hash >> 15 ^ hash * 0x9e3779b1u) & mask;
    return second == (hash & mask) ? second ^ 1 : second;
}

static inline void table_prefetch(const struct table *t, uint32_t hash)
{
    __builtin_prefetch(&t->buckets[hash & t->mask]);
}

/* Bit i: place i has that hash and is in use. */
static inline uint32_t bucket_match(const struct bucket *b, uint32_t hash)
{
    uint32_t match = 0;
    for (unsigned i = 0; i < BUCKET_PLACES; i++)
        match |= (uint32_t)(b->hash[i] == hash && b->index[i] != 0) << i;
    return match;
}

/* Walks the indices stored under a hash: table_first(), then table_next() until 0. */
struct table_walk {
    const struct table *table;
    const struct bucket *bucket;
    uint32_t hash, match;
    bool second;
};

static inline uint32_t table_next(struct table_walk *w)
{
    while (!w->match) {
        if (w->second || !w->bucket->moved_on)
            return 0;
        w->second = true;
        w->bucket = &w->table->buckets[table_second(w->hash, w->table->mask)];
        w->match = bucket_match(w->bucket, w->hash);
    }
    unsigned i = (unsigned)__builtin_ctz(w->match);
    w->match &= w->match - 1;
    return w->bucket->index[i];
}

static inline uint32_t table_first(const struct table *t, uint32_t hash, struct table_walk *w)
{
    w->table = t;
    w->hash = hash;
    w->bucket = &t->buckets[hash & t->mask];
    w->second = false;
    w->match = bucket_match(w->bucket, hash);
    return table_next(w);
}

#endif

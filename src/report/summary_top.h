/* Sums by key in bounded memory, for lists of the greatest. Rows are a key and counters. When the table is full, the
 * smaller half is taken out and only counted. Which rows that is depends on the keys and sums alone.
 *
 * A top_shards holds one table for each of the 64 shards of the records, each with its part of the limit: a shard's
 * records come to one worker in an order of their own, so that the merged sums are the same for any number of
 * workers, even where the limit was reached. */
#ifndef REPORT_SUMMARY_TOP_H
#define REPORT_SUMMARY_TOP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define TOP_SHARDS 64

struct top_shape {
    uint16_t key_bytes;       /* a multiple of 8; keys without padding */
    uint16_t counters;
    uint16_t by;              /* the counter that ranks */
    uint64_t least;           /* bit c: counter c keeps the least value that is not 0, instead of the sum */
};

/* While the smaller half is sought. */
struct top_rank {
    uint64_t value;
    uint32_t mix, row;
};

struct top {
    struct top_shape shape;
    uint64_t seed;
    uint64_t *rows;           /* owned; key, then counters */
    uint32_t *hashes;         /* owned; of each row */
    uint64_t *slots;          /* owned; hash << 32 | index of a row + 1, or 0 */
    struct top_rank *ranks;   /* owned; NULL before the first time that it was full */
    uint32_t count, capacity, slot_mask, limit;
    uint64_t evicted;         /* rows taken out */
    uint64_t evicted_most;    /* the greatest rank counter among them */
    uint64_t lost;            /* additions that found no memory */
};

/* limit 0: none (only for merging bounded tables). */
void top_init(struct top *t, struct top_shape shape, uint32_t limit, uint64_t seed);
void top_done(struct top *t);
/* The counters of a key, new ones all 0; NULL when out of memory. Valid until the next call. */
uint64_t *top_at(struct top *t, const void *key);
const uint64_t *top_find(const struct top *t, const void *key);
/* Adds up: sums, or least where the shape says so. */
void top_add(struct top *t, const void *key, const uint64_t *counters);
/* The same in parts, for who looks ahead. */
uint32_t top_hash(const struct top *t, const void *key);
void top_prefetch_slot(const struct top *t, uint32_t hash);
void top_prefetch_row(const struct top *t, uint32_t hash, unsigned used);
/* used: how many counters are told, the first ones; the others are 0 and need not be there. */
void top_add_hashed(struct top *t, uint32_t hash, const void *key, const uint64_t *counters, unsigned used);
void top_merge(struct top *into, const struct top *from);

/* Indices of the at most `most` rows with the greatest counter `by` (ties: smaller key first), best first; rows whose
 * counter is 0 are left out. Returns how many. */
size_t top_best(const struct top *t, unsigned by, uint32_t *ret_rows, size_t most);
static inline const void *top_key(const struct top *t, uint32_t row)
{
    return t->rows + (size_t)row * (t->shape.key_bytes / 8u + t->shape.counters);
}
static inline const uint64_t *top_counters(const struct top *t, uint32_t row)
{
    return (const uint64_t *)top_key(t, row) + t->shape.key_bytes / 8u;
}

struct top_shards {
    struct top_shape shape;
    uint64_t seed;
    uint32_t limit;           /* a shard */
    struct top *shards[TOP_SHARDS];    /* owned; NULL: nothing in it */
    uint64_t lost;
};

void top_shards_init(struct top_shards *t, struct top_shape shape, uint64_t limit, uint64_t seed);
void top_shards_done(struct top_shards *t);
/* NULL: out of memory, counted. */
struct top *top_shards_table(struct top_shards *t, unsigned shard);
void top_shards_add(struct top_shards *t, unsigned shard, const void *key, const uint64_t *counters);
/* Adds all shards of `from` into one table. drain: and empties them as it goes. */
void top_shards_collect(struct top *into, struct top_shards *from, bool drain);

#endif

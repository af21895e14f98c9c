#include "report/summary_top.h"

#include <stdlib.h>
#include <string.h>

static size_t row_words(const struct top *t)
{
    return t->shape.key_bytes / 8u + t->shape.counters;
}

static uint64_t *row_at(const struct top *t, uint32_t row)
{
    return t->rows + row * row_words(t);
}

void top_init(struct top *t, struct top_shape shape, uint32_t limit, uint64_t seed)
{
    *t = (struct top){ .shape = shape, .limit = limit, .seed = seed };
}

void top_done(struct top *t)
{
    free(t->rows);
    free(t->slots);
    free(t->ranks);
    free(t->hashes);
    t->hashes = NULL;
    t->rows = NULL;
    t->slots = NULL;
    t->ranks = NULL;
    t->count = t->capacity = 0;
}

uint32_t top_hash(const struct top *t, const void *key)
{
    const unsigned char *bytes = key;
    uint64_t h = t->seed;
    for (unsigned i = 0; i < t->shape.key_bytes; i += 8) {
        uint64_t word;
        memcpy(&word, bytes + i, 8);
        h = (h ^ word) * UINT64_C(0x9e3779b97f4a7c15);
        h ^= h >> 32;
        h = h * UINT64_C(0xd6e8feb86659fd93) + t->seed;
    }
    return (uint32_t)(h >> 29);
}

/* For parting ties only: no seed, so that it is the same in every table. */
static uint32_t mix_row(const struct top *t, const uint64_t *row)
{
    uint64_t mix = 0;
    for (unsigned i = 0; i < t->shape.key_bytes / 8u; i++)
        mix = (mix ^ row[i]) * UINT64_C(0x9e3779b97f4a7c15);
    return (uint32_t)(mix >> 32);
}

static inline bool same_key(const struct top *t, const uint64_t *row, const void *key)
{
    const unsigned char *bytes = key;
    uint64_t differ = 0;
    for (unsigned i = 0; i < t->shape.key_bytes / 8u; i++) {
        uint64_t word;
        memcpy(&word, bytes + 8u * i, 8);
        differ |= word ^ row[i];
    }
    return !differ;
}

/* Where the key's slot is, or where it would go. The hash in the slot spares a look at most rows of others. */
static uint32_t probe(const struct top *t, const void *key, uint32_t hash)
{
    uint32_t slot = hash & t->slot_mask;
    for (;; slot = (slot + 1) & t->slot_mask) {
        uint64_t entry = t->slots[slot];
        if (!entry)
            return slot;
        if (entry >> 32 == hash && same_key(t, row_at(t, (uint32_t)entry - 1), key))
            return slot;
    }
}

static void enter(struct top *t, uint32_t hash, uint32_t row)
{
    uint32_t slot = hash & t->slot_mask;
    while (t->slots[slot])
        slot = (slot + 1) & t->slot_mask;
    t->slots[slot] = (uint64_t)hash << 32 | (row + 1u);
}

static int grow_to(struct top *t, uint32_t capacity)
{
    if (capacity < t->capacity || capacity > UINT32_MAX / 4)
        return -1;
    uint64_t *rows = realloc(t->rows, (size_t)capacity * row_words(t) * sizeof *rows);
    if (!rows)
        return -1;
    t->rows = rows;
    uint32_t *hashes = realloc(t->hashes, (size_t)capacity * sizeof *hashes);
    if (!hashes)
        return -1;
    t->hashes = hashes;
    uint64_t *slots = calloc((size_t)capacity * 2, sizeof *slots);
    if (!slots)
        return -1;
    free(t->slots);
    t->slots = slots;
    t->capacity = capacity;
    t->slot_mask = capacity * 2 - 1;
    for (uint32_t i = 0; i < t->count; i++)
        enter(t, t->hashes[i], i);
    return 0;
}

static int grow(struct top *t)
{
    return grow_to(t, t->capacity ? t->capacity * 2 : 16);
}

/* Greatest first; a mix of the key parts ties, and the keys those of the mix, so that the order is total. */
static bool ranks_before(const struct top *t, const struct top_rank *a, const struct top_rank *b)
{
    if (a->value != b->value)
        return a->value > b->value;
    if (a->mix != b->mix)
        return a->mix < b->mix;
    return memcmp(row_at(t, a->row), row_at(t, b->row), t->shape.key_bytes) < 0;
}

static void swap_ranks(struct top_rank *a, struct top_rank *b)
{
    struct top_rank swap = *a;
    *a = *b;
    *b = swap;
}

/* Puts the `keep` that rank first before the others. Pivots are chosen by the seed, so that nobody can choose sums that
 * make this quadratic. */
static void select_first(const struct top *t, struct top_rank *list, uint32_t n, uint32_t keep)
{
    uint32_t from = 0, to = n;
    uint64_t random = t->seed | 1;
    while (to - from > 1) {
        random = random * UINT64_C(0x5851f42d4c957f2d) + 1;
        struct top_rank pivot = list[from + (uint32_t)((random >> 32) * (to - from) >> 32)];
        uint32_t low = from, high = to - 1;
        while (low <= high) {
            while (ranks_before(t, &list[low], &pivot))
                low++;
            while (ranks_before(t, &pivot, &list[high]))
                high--;
            if (low > high)
                break;
            swap_ranks(&list[low++], &list[high]);
            if (high-- == 0)
                break;
        }
        if (keep <= high && high < to)
            to = high + 1;
        else if (keep >= low)
            from = low;
        else
            return;
    }
}

/* The rows of the first `keep` ranks move to the front: into the places of those that go. */
static void keep_rows(struct top *t, uint32_t keep)
{
    size_t words = row_words(t);
    uint32_t vacant = keep;
    for (uint32_t i = 0; i < keep; i++) {
        uint32_t row = t->ranks[i].row;
        if (row >= keep) {
            while (t->ranks[vacant].row >= keep)
                vacant++;
            memcpy(row_at(t, t->ranks[vacant].row), row_at(t, row), words * sizeof *t->rows);
            row = t->ranks[vacant++].row;
        }
        t->hashes[row] = t->hashes[t->ranks[i].row];
        enter(t, t->hashes[row], row);
    }
}

/* Keeps the greater half, in place. */
static int evict(struct top *t)
{
    if (!t->ranks) {
        t->ranks = malloc((size_t)t->limit * sizeof *t->ranks);
        if (!t->ranks)
            return -1;
    }
    uint32_t keep = t->count / 2;
    for (uint32_t i = 0; i < t->count; i++)
        t->ranks[i] = (struct top_rank){ top_counters(t, i)[t->shape.by], mix_row(t, row_at(t, i)), i };
    select_first(t, t->ranks, t->count, keep);
    for (uint32_t i = keep; i < t->count; i++)
        t->evicted_most = t->ranks[i].value > t->evicted_most ? t->ranks[i].value : t->evicted_most;
    t->evicted += t->count - keep;
    memset(t->slots, 0, ((size_t)t->slot_mask + 1) * sizeof *t->slots);
    keep_rows(t, keep);
    t->count = keep;
    return 0;
}

void top_prefetch_slot(const struct top *t, uint32_t hash)
{
    if (t->slots)
        __builtin_prefetch(&t->slots[hash & t->slot_mask]);
}

/* The first slot tells the row of nearly every key. */
void top_prefetch_row(const struct top *t, uint32_t hash, unsigned used)
{
    uint64_t entry = t->slots ? t->slots[hash & t->slot_mask] : 0;
    if (!entry || entry >> 32 != hash)
        return;
    const char *row = (const char *)row_at(t, (uint32_t)entry - 1);
    size_t bytes = t->shape.key_bytes + 8u * used;
    for (size_t at = 0; at < bytes; at += 64)
        __builtin_prefetch(row + at, 1);
    __builtin_prefetch(row + bytes - 1, 1);
}

static uint64_t *at_hashed(struct top *t, uint32_t hash, const void *key)
{
    if (t->slots) {
        uint32_t slot = probe(t, key, hash);
        if (t->slots[slot])
            return row_at(t, (uint32_t)t->slots[slot] - 1) + t->shape.key_bytes / 8u;
    }
    if ((t->limit && t->count >= t->limit && evict(t) < 0) || (t->count == t->capacity && grow(t) < 0)) {
        t->lost++;
        return NULL;
    }
    uint64_t *row = row_at(t, t->count);
    memcpy(row, key, t->shape.key_bytes);
    memset(row + t->shape.key_bytes / 8u, 0, t->shape.counters * sizeof *row);
    t->hashes[t->count] = hash;
    enter(t, hash, t->count++);
    return row + t->shape.key_bytes / 8u;
}

uint64_t *top_at(struct top *t, const void *key)
{
    return at_hashed(t, top_hash(t, key), key);
}

const uint64_t *top_find(const struct top *t, const void *key)
{
    if (!t->slots)
        return NULL;
    uint32_t slot = probe(t, key, top_hash(t, key));
    return t->slots[slot] ? top_counters(t, (uint32_t)t->slots[slot] - 1) : NULL;
}

void top_add(struct top *t, const void *key, const uint64_t *counters)
{
    top_add_hashed(t, top_hash(t, key), key, counters, t->shape.counters);
}

void top_add_hashed(struct top *t, uint32_t hash, const void *key, const uint64_t *counters, unsigned used)
{
    uint64_t *restrict to = at_hashed(t, hash, key);
    if (!to)
        return;
    for (uint64_t rest = t->shape.least & ((UINT64_C(1) << used) - 1); rest; rest &= rest - 1) {    /* so that adding makes it the lesser one */
        unsigned c = (unsigned)__builtin_ctzll(rest);
        uint64_t lesser = counters[c] && (to[c] == 0 || counters[c] < to[c]) ? counters[c] : to[c];
        to[c] = lesser - counters[c];
    }
    for (unsigned c = 0; c < used; c++)
        to[c] += counters[c];
}

void top_merge(struct top *into, const struct top *from)
{
    for (uint32_t i = 0; i < from->count; i++)
        top_add(into, top_key(from, i), top_counters(from, i));
    into->evicted += from->evicted;
    into->lost += from->lost;
    if (from->evicted_most > into->evicted_most)
        into->evicted_most = from->evicted_most;
}

/* Whether row a stands before row b in a list by this counter. */
static bool stands_before(const struct top *t, unsigned by, uint32_t a, uint32_t b)
{
    uint64_t x = top_counters(t, a)[by], y = top_counters(t, b)[by];
    return x != y ? x > y : memcmp(top_key(t, a), top_key(t, b), t->shape.key_bytes) < 0;
}

size_t top_best(const struct top *t, unsigned by, uint32_t *ret_rows, size_t most)
{
    size_t n = 0;
    for (uint32_t row = 0; row < t->count && most; row++) {
        if (top_counters(t, row)[by] == 0 || (n == most && !stands_before(t, by, row, ret_rows[n - 1])))
            continue;
        size_t at = n < most ? n++ : n - 1;
        for (; at > 0 && stands_before(t, by, row, ret_rows[at - 1]); at--)
            ret_rows[at] = ret_rows[at - 1];
        ret_rows[at] = row;
    }
    return n;
}

void top_shards_init(struct top_shards *t, struct top_shape shape, uint64_t limit, uint64_t seed)
{
    memset(t, 0, sizeof *t);
    t->shape = shape;
    t->seed = seed;
    uint64_t each = limit / TOP_SHARDS;
    t->limit = each < 2 ? 2 : each > UINT32_MAX / 8 ? UINT32_MAX / 8 : (uint32_t)each;
}

void top_shards_done(struct top_shards *t)
{
    for (unsigned s = 0; s < TOP_SHARDS; s++) {
        if (t->shards[s])
            top_done(t->shards[s]);
        free(t->shards[s]);
        t->shards[s] = NULL;
    }
}

struct top *top_shards_table(struct top_shards *t, unsigned shard)
{
    struct top **at = &t->shards[shard % TOP_SHARDS];
    if (__builtin_expect(*at != NULL, 1))
        return *at;
    *at = malloc(sizeof **at);
    if (*at)
        top_init(*at, t->shape, t->limit, t->seed);
    else
        t->lost++;
    return *at;
}

void top_shards_add(struct top_shards *t, unsigned shard, const void *key, const uint64_t *counters)
{
    struct top *table = top_shards_table(t, shard);
    if (table)
        top_add(table, key, counters);
}

void top_shards_collect(struct top *into, struct top_shards *from, bool drain)
{
    uint64_t rows = into->count;
    for (unsigned s = 0; s < TOP_SHARDS; s++)
        rows += from->shards[s] ? from->shards[s]->count : 0;
    uint32_t capacity = 16;
    while (capacity < rows && capacity < UINT32_MAX / 8)
        capacity *= 2;
    if (!into->limit && capacity > into->capacity)
        (void)grow_to(into, capacity);    /* if not, it grows as it goes */
    for (unsigned s = 0; s < TOP_SHARDS; s++) {
        if (!from->shards[s])
            continue;
        top_merge(into, from->shards[s]);
        if (!drain)
            continue;
        top_done(from->shards[s]);
        free(from->shards[s]);
        from->shards[s] = NULL;
    }
    into->lost += from->lost;
}

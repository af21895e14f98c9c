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
    t->rows = NULL;
    t->slots = NULL;
    t->count = t->capacity = 0;
}

static uint32_t hash_key(const struct top *t, const void *key)
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

/* Where the key's slot is, or where it would go. The hash in the slot spares a look at most rows of others. */
static uint32_t probe(const struct top *t, const void *key, uint32_t hash)
{
    uint32_t slot = hash & t->slot_mask;
    for (;; slot = (slot + 1) & t->slot_mask) {
        uint64_t entry = t->slots[slot];
        if (!entry)
            return slot;
        if (entry >> 32 == hash && memcmp(row_at(t, (uint32_t)entry - 1), key, t->shape.key_bytes) == 0)
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

static int grow(struct top *t)
{
    uint32_t capacity = t->capacity ? t->capacity * 2 : 16;
    if (capacity < t->capacity || capacity > UINT32_MAX / 4)
        return -1;
    uint64_t *rows = realloc(t->rows, (size_t)capacity * row_words(t) * sizeof *rows);
    if (!rows)
        return -1;
    t->rows = rows;
    uint64_t *slots = calloc((size_t)capacity * 2, sizeof *slots);
    if (!slots)
        return -1;
    uint64_t *before = t->slots;
    uint32_t before_count = t->slots ? t->slot_mask + 1 : 0;
    t->slots = slots;
    t->capacity = capacity;
    t->slot_mask = capacity * 2 - 1;
    for (uint32_t i = 0; i < before_count; i++)
        if (before[i])
            enter(t, (uint32_t)(before[i] >> 32), (uint32_t)before[i] - 1);
    free(before);
    return 0;
}

struct ranked {
    uint64_t value;
    const unsigned char *key;
    uint32_t row;
    uint32_t key_bytes;
};

/* Greatest first; the keys part ties, so that the order is total. */
static int compare_ranked(const void *a, const void *b)
{
    const struct ranked *x = a, *y = b;
    if (x->value != y->value)
        return x->value > y->value ? -1 : 1;
    return memcmp(x->key, y->key, x->key_bytes);
}

static struct ranked *rank(const struct top *t, unsigned by)
{
    struct ranked *list = malloc((t->count ? t->count : 1) * sizeof *list);
    if (!list)
        return NULL;
    for (uint32_t i = 0; i < t->count; i++)
        list[i] = (struct ranked){ top_counters(t, i)[by], top_key(t, i), i, t->shape.key_bytes };
    qsort(list, t->count, sizeof *list, compare_ranked);
    return list;
}

/* Keeps the greater half. */
static int evict(struct top *t)
{
    struct ranked *list = rank(t, t->shape.by);
    size_t words = row_words(t);
    uint32_t keep = t->count / 2;
    uint64_t *rows = list ? malloc((size_t)t->capacity * words * sizeof *rows) : NULL;
    if (!rows) {
        free(list);
        return -1;
    }
    for (uint32_t i = 0; i < keep; i++)
        memcpy(rows + i * words, row_at(t, list[i].row), words * sizeof *rows);
    if (list[keep].value > t->evicted_most)
        t->evicted_most = list[keep].value;
    t->evicted += t->count - keep;
    t->count = keep;
    free(t->rows);
    free(list);
    t->rows = rows;
    memset(t->slots, 0, ((size_t)t->slot_mask + 1) * sizeof *t->slots);
    for (uint32_t i = 0; i < t->count; i++)
        enter(t, hash_key(t, row_at(t, i)), i);
    return 0;
}

uint64_t *top_at(struct top *t, const void *key)
{
    uint32_t hash = hash_key(t, key);
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
    enter(t, hash, t->count++);
    return row + t->shape.key_bytes / 8u;
}

const uint64_t *top_find(const struct top *t, const void *key)
{
    if (!t->slots)
        return NULL;
    uint32_t slot = probe(t, key, hash_key(t, key));
    return t->slots[slot] ? top_counters(t, (uint32_t)t->slots[slot] - 1) : NULL;
}

void top_add(struct top *t, const void *key, const uint64_t *counters)
{
    uint64_t *to = top_at(t, key);
    if (!to)
        return;
    for (unsigned c = 0; c < t->shape.counters; c++) {
        if (!(t->shape.least >> c & 1))
            to[c] += counters[c];
        else if (counters[c] && (to[c] == 0 || counters[c] < to[c]))
            to[c] = counters[c];
    }
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

void top_shards_add(struct top_shards *t, unsigned shard, const void *key, const uint64_t *counters)
{
    struct top **at = &t->shards[shard % TOP_SHARDS];
    if (!*at) {
        *at = malloc(sizeof **at);
        if (!*at) {
            t->lost++;
            return;
        }
        top_init(*at, t->shape, t->limit, t->seed);
    }
    top_add(*at, key, counters);
}

void top_shards_collect(struct top *into, const struct top_shards *from)
{
    for (unsigned s = 0; s < TOP_SHARDS; s++)
        if (from->shards[s])
            top_merge(into, from->shards[s]);
    into->lost += from->lost;
}

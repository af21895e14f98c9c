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

/* Where the key's slot is, or where it would go. */
static uint32_t probe(const struct top *t, const void *key)
{
    uint32_t slot = hash_key(t, key) & t->slot_mask;
    while (t->slots[slot] && memcmp(row_at(t, t->slots[slot] - 1), key, t->shape.key_bytes) != 0)
        slot = (slot + 1) & t->slot_mask;
    return slot;
}

static void fill_slots(struct top *t)
{
    memset(t->slots, 0, ((size_t)t->slot_mask + 1) * sizeof *t->slots);
    for (uint32_t i = 0; i < t->count; i++)
        t->slots[probe(t, row_at(t, i))] = i + 1;
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
    uint32_t *slots = malloc((size_t)capacity * 2 * sizeof *slots);
    if (!slots)
        return -1;
    free(t->slots);
    t->slots = slots;
    t->capacity = capacity;
    t->slot_mask = capacity * 2 - 1;
    fill_slots(t);
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
    fill_slots(t);
    return 0;
}

uint64_t *top_at(struct top *t, const void *key)
{
    uint32_t slot = 0;
    if (t->slots) {
        slot = probe(t, key);
        if (t->slots[slot])
            return row_at(t, t->slots[slot] - 1) + t->shape.key_bytes / 8u;
    }
    if ((t->limit && t->count >= t->limit && evict(t) < 0) || (t->count == t->capacity && grow(t) < 0)) {
        t->lost++;
        return NULL;
    }
    uint64_t *row = row_at(t, t->count);
    memcpy(row, key, t->shape.key_bytes);
    memset(row + t->shape.key_bytes / 8u, 0, t->shape.counters * sizeof *row);
    t->slots[probe(t, key)] = ++t->count;
    return row + t->shape.key_bytes / 8u;
}

const uint64_t *top_find(const struct top *t, const void *key)
{
    if (!t->slots)
        return NULL;
    uint32_t slot = probe(t, key);
    return t->slots[slot] ? top_counters(t, t->slots[slot] - 1) : NULL;
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

size_t top_best(const struct top *t, unsigned by, uint32_t *ret_rows, size_t most)
{
    struct ranked *list = rank(t, by);
    if (!list)
        return 0;
    size_t n = 0;
    while (n < most && n < t->count && list[n].value) {
        ret_rows[n] = list[n].row;
        n++;
    }
    free(list);
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

/* A hash table of pairs (address, name), chained by address, and a list of all pairs by the time they were last
 * seen. The oldest goes first, and a pair that comes back is new, so that what is kept does not depend on how the
 * observations were spread over workers. */
#include "report/names.h"

#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>

#define NOBODY UINT32_MAX
#define NAMES_OF_ONE 64    /* further names of one address are not remembered */

struct pair {
    uint8_t address[16];
    uint8_t family;
    uint32_t chain;            /* next of the same bucket, or of the free list */
    uint32_t older, newer;
    int64_t first_ns, last_ns;
    char *name;                /* owned */
};

struct names {
    struct pair *pairs;        /* owned */
    uint32_t *buckets;         /* owned; a power of two of them */
    uint32_t limit, capacity, used, bucket_mask;
    uint32_t oldest, newest, unused;
    size_t count;
    uint64_t forgotten, seed;
};

struct names *names_new(size_t limit)
{
    struct names *n = calloc(1, sizeof *n);
    if (!n)
        return NULL;
    if (getrandom(&n->seed, sizeof n->seed, GRND_NONBLOCK) != (ssize_t)sizeof n->seed)
        n->seed = (uint64_t)(uintptr_t)n;    /* early in a boot */
    n->limit = limit < 1 ? 1 : limit > 1u << 28 ? 1u << 28 : (uint32_t)limit;
    n->oldest = n->newest = n->unused = NOBODY;
    return n;
}

void names_free(struct names *n)
{
    if (!n)
        return;
    for (uint32_t i = 0; i < n->used; i++)
        free(n->pairs[i].name);
    free(n->pairs);
    free(n->buckets);
    free(n);
}

/* Keyed, so that nobody can choose addresses that meet in one bucket. */
static uint32_t hash_address(const struct names *n, unsigned family, const uint8_t *address)
{
    uint64_t h = n->seed ^ family, word;
    for (unsigned i = 0; i < (family == 4 ? 4u : 16u); i += 4) {
        uint32_t part;
        memcpy(&part, address + i, 4);
        word = part;
        h = (h ^ word) * UINT64_C(0x9e3779b97f4a7c15) + n->seed;
        h ^= h >> 29;
    }
    return (uint32_t)(h >> 32 ^ h);
}

static void link_bucket(struct names *n, uint32_t i)
{
    uint32_t *bucket = &n->buckets[hash_address(n, n->pairs[i].family, n->pairs[i].address) & n->bucket_mask];
    n->pairs[i].chain = *bucket;
    *bucket = i;
}

static int grow(struct names *n)
{
    uint32_t capacity = n->capacity ? n->capacity * 2 : 64;
    if (capacity > n->limit)
        capacity = n->limit;
    struct pair *pairs = realloc(n->pairs, capacity * sizeof *pairs);
    if (!pairs)
        return -ENOMEM;
    n->pairs = pairs;
    uint32_t want = 64;
    while (want < capacity)
        want *= 2;
    bool same = n->buckets && n->bucket_mask + 1 == want;
    uint32_t *buckets = same ? NULL : malloc(want * sizeof *buckets);
    if (!buckets && !n->buckets)
        return -ENOMEM;
    n->capacity = capacity;
    if (!buckets)
        return 0;
    memset(buckets, 0xff, want * sizeof *buckets);
    free(n->buckets);
    n->buckets = buckets;
    n->bucket_mask = want - 1;
    for (uint32_t i = n->oldest; i != NOBODY; i = n->pairs[i].newer)
        link_bucket(n, i);
    return 0;
}

static void unlink_age(struct names *n, uint32_t i)
{
    struct pair *p = &n->pairs[i];
    *(p->older == NOBODY ? &n->oldest : &n->pairs[p->older].newer) = p->newer;
    *(p->newer == NOBODY ? &n->newest : &n->pairs[p->newer].older) = p->older;
}

/* By last_ns; packets come nearly in order, so the walk from the newest is short (and bounded). */
static void link_age(struct names *n, uint32_t i)
{
    struct pair *p = &n->pairs[i];
    uint32_t before = n->newest;
    for (unsigned steps = 0; before != NOBODY && n->pairs[before].last_ns > p->last_ns && steps < 256; steps++)
        before = n->pairs[before].older;
    p->older = before;
    p->newer = before == NOBODY ? n->oldest : n->pairs[before].newer;
    *(p->older == NOBODY ? &n->oldest : &n->pairs[p->older].newer) = i;
    *(p->newer == NOBODY ? &n->newest : &n->pairs[p->newer].older) = i;
}

static void forget_oldest(struct names *n)
{
    uint32_t i = n->oldest;
    struct pair *p = &n->pairs[i];
    uint32_t *at = &n->buckets[hash_address(n, p->family, p->address) & n->bucket_mask];
    while (*at != i)
        at = &n->pairs[*at].chain;
    *at = p->chain;
    unlink_age(n, i);
    free(p->name);
    p->name = NULL;
    p->chain = n->unused;
    n->unused = i;
    n->count--;
    n->forgotten++;
}

static bool same_address(const struct pair *p, unsigned family, const uint8_t *address)
{
    return p->family == family && memcmp(p->address, address, family == 4 ? 4 : 16) == 0;
}

static int add(struct names *n, unsigned family, const uint8_t *address, const char *name, int64_t first, int64_t last)
{
    unsigned others = 0;
    uint32_t i = n->buckets ? n->buckets[hash_address(n, family, address) & n->bucket_mask] : NOBODY;
    for (; i != NOBODY && others < NAMES_OF_ONE; i = n->pairs[i].chain) {
        struct pair *p = &n->pairs[i];
        if (!same_address(p, family, address))
            continue;
        if (strcmp(p->name, name) != 0) {
            others++;
            continue;
        }
        if (first < p->first_ns)
            p->first_ns = first;
        if (last > p->last_ns) {
            p->last_ns = last;
            unlink_age(n, i);
            link_age(n, i);
        }
        return 0;
    }
    if (others == NAMES_OF_ONE)
        return 0;
    if (n->count == n->limit)
        forget_oldest(n);
    if (n->unused == NOBODY && n->used == n->capacity && grow(n) < 0)
        return -ENOMEM;
    char *copy = strdup(name);
    if (!copy)
        return -ENOMEM;
    i = n->unused;
    if (i != NOBODY)
        n->unused = n->pairs[i].chain;
    else
        i = n->used++;
    n->pairs[i] = (struct pair){ .family = (uint8_t)family, .first_ns = first, .last_ns = last, .name = copy };
    memcpy(n->pairs[i].address, address, family == 4 ? 4 : 16);
    link_bucket(n, i);
    link_age(n, i);
    n->count++;
    return 0;
}

void names_fetch(const struct names *n, unsigned family, const uint8_t *address)
{
    if (n->buckets)
        __builtin_prefetch(&n->buckets[hash_address(n, family, address) & n->bucket_mask]);
}

void names_fetch_pair(const struct names *n, unsigned family, const uint8_t *address)
{
    uint32_t i = n->buckets ? n->buckets[hash_address(n, family, address) & n->bucket_mask] : NOBODY;
    if (i == NOBODY)
        return;
    __builtin_prefetch(&n->pairs[i], 1);
    __builtin_prefetch((const char *)&n->pairs[i] + sizeof n->pairs[i] - 1, 1);
}

int names_add(struct names *n, const struct wt_name_observation *seen)
{
    if (!seen->name || !*seen->name)
        return 0;
    return add(n, seen->family, seen->address, seen->name, seen->time_ns, seen->time_ns);
}

void names_merge(struct names *into, const struct names *from)
{
    for (uint32_t i = from->oldest; i != NOBODY; i = from->pairs[i].newer) {
        const struct pair *p = &from->pairs[i];
        if (add(into, p->family, p->address, p->name, p->first_ns, p->last_ns) < 0)
            into->forgotten++;
    }
    into->forgotten += from->forgotten;
}

/* How well a pair fits a moment: seen before it (the later the better), else after it (the sooner the better).
 * Ties by name, so that the order of insertion does not matter. */
static bool better(const struct pair *a, const struct pair *b, int64_t time_ns)
{
    bool a_before = a->first_ns <= time_ns, b_before = b->first_ns <= time_ns;
    if (a_before != b_before)
        return a_before;
    if (a_before) {
        int64_t at = a->last_ns <= time_ns ? a->last_ns : a->first_ns;
        int64_t bt = b->last_ns <= time_ns ? b->last_ns : b->first_ns;
        if (at != bt)
            return at > bt;
    } else if (a->first_ns != b->first_ns) {
        return a->first_ns < b->first_ns;
    }
    return strcmp(a->name, b->name) < 0;
}

const char *names_find(const struct names *n, unsigned family, const uint8_t *address, int64_t time_ns)
{
    if (!n || !n->buckets)
        return NULL;
    const struct pair *best = NULL;
    uint32_t i = n->buckets[hash_address(n, family, address) & n->bucket_mask];
    for (; i != NOBODY; i = n->pairs[i].chain)
        if (same_address(&n->pairs[i], family, address) && (!best || better(&n->pairs[i], best, time_ns)))
            best = &n->pairs[i];
    return best ? best->name : NULL;
}

size_t names_count(const struct names *n)
{
    return n->count;
}

uint64_t names_forgotten(const struct names *n)
{
    return n->forgotten;
}

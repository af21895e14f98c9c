#include "report/summary_histogram.h"

#include <stdlib.h>
#include <string.h>

void histogram_init(struct histogram *h)
{
    memset(h, 0, sizeof *h);
}

void histogram_done(struct histogram *h)
{
    free(h->buckets);
    h->buckets = NULL;
}

static unsigned bucket_of(int64_t ns)
{
    uint64_t v = (uint64_t)ns;
    if (v < 1u << HISTOGRAM_BITS)
        return (unsigned)v;
    unsigned shift = 63u - (unsigned)__builtin_clzll(v) - HISTOGRAM_BITS;
    return (shift << HISTOGRAM_BITS) + (unsigned)(v >> shift);
}

static int64_t middle_of(unsigned bucket)
{
    if (bucket < 1u << HISTOGRAM_BITS)
        return bucket;
    unsigned shift = (bucket >> HISTOGRAM_BITS) - 1;
    uint64_t mantissa = (bucket & ((1u << HISTOGRAM_BITS) - 1)) | 1u << HISTOGRAM_BITS;
    return (int64_t)((mantissa << shift) + ((UINT64_C(1) << shift) >> 1));
}

static int to_buckets(struct histogram *h)
{
    if (h->buckets)
        return 0;
    h->buckets = calloc(HISTOGRAM_BUCKETS, sizeof *h->buckets);
    if (!h->buckets)
        return -1;
    for (uint64_t i = 0; i < h->count; i++)
        h->buckets[bucket_of(h->exact[i])]++;
    return 0;
}

static void widen(struct histogram *h, int64_t least, int64_t greatest)
{
    if (h->count == 0 || least < h->least)
        h->least = least;
    if (h->count == 0 || greatest > h->greatest)
        h->greatest = greatest;
}

void histogram_add(struct histogram *h, int64_t ns)
{
    if (ns < 0)
        ns = 0;
    if (h->count >= HISTOGRAM_EXACT && to_buckets(h) < 0) {
        h->lost++;
        return;
    }
    if (h->buckets)
        h->buckets[bucket_of(ns)]++;
    else
        h->exact[h->count] = ns;
    widen(h, ns, ns);
    h->count++;
    h->sum_s += (uint64_t)ns / 1000000000;
    h->sum_ns += (uint64_t)ns % 1000000000;
}

void histogram_merge(struct histogram *into, const struct histogram *from)
{
    into->lost += from->lost;
    if (from->count == 0)
        return;
    if (into->count + from->count > HISTOGRAM_EXACT && to_buckets(into) < 0) {
        into->lost += from->count;
        return;
    }
    for (uint64_t i = 0; !from->buckets && i < from->count; i++) {
        if (into->buckets)
            into->buckets[bucket_of(from->exact[i])]++;
        else
            into->exact[into->count + i] = from->exact[i];
    }
    for (unsigned b = 0; from->buckets && b < HISTOGRAM_BUCKETS; b++)
        into->buckets[b] += from->buckets[b];
    widen(into, from->least, from->greatest);
    into->count += from->count;
    into->sum_s += from->sum_s;
    into->sum_ns += from->sum_ns;
}

static int compare(const void *a, const void *b)
{
    int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;
    return x < y ? -1 : x > y;
}

int64_t histogram_at(struct histogram *h, unsigned per_mille)
{
    if (h->count == 0)
        return 0;
    uint64_t rank = h->count / 1000 * per_mille + (h->count % 1000 * per_mille + 999) / 1000;
    rank = rank < 1 ? 1 : rank > h->count ? h->count : rank;
    if (!h->buckets) {
        qsort(h->exact, (size_t)h->count, sizeof h->exact[0], compare);
        return h->exact[rank - 1];
    }
    if (rank == h->count)
        return h->greatest;
    uint64_t seen = 0;
    unsigned b = 0;
    while (b < HISTOGRAM_BUCKETS - 1 && (seen += h->buckets[b]) < rank)
        b++;
    int64_t value = middle_of(b);
    return value < h->least ? h->least : value > h->greatest ? h->greatest : value;
}

int64_t histogram_mean(const struct histogram *h)
{
    if (h->count == 0)
        return 0;
    double sum = (double)h->sum_s * 1e9 + (double)h->sum_ns;
    return (int64_t)(sum / (double)h->count + 0.5);
}

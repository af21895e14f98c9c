/* Durations counted for percentiles, in bounded memory. Up to HISTOGRAM_EXACT values are kept as they are; beyond
 * that they fall into buckets of 128 a power of two, whose middle is wrong by at most 1/256. What comes out depends on
 * the values alone, not on their order, nor on how they were spread over histograms that were merged. */
#ifndef REPORT_SUMMARY_HISTOGRAM_H
#define REPORT_SUMMARY_HISTOGRAM_H

#include <stdint.h>

#define HISTOGRAM_EXACT 512
#define HISTOGRAM_BITS 7
#define HISTOGRAM_BUCKETS ((63 - HISTOGRAM_BITS + 1) << HISTOGRAM_BITS)

struct histogram {
    uint64_t count;
    int64_t least, greatest;
    uint64_t sum_s, sum_ns;                /* the sum is both together */
    uint64_t *buckets;                     /* owned; NULL while count <= HISTOGRAM_EXACT */
    uint64_t lost;                         /* values not counted: out of memory */
    int64_t exact[HISTOGRAM_EXACT];
};

void histogram_init(struct histogram *h);
void histogram_done(struct histogram *h);
void histogram_add(struct histogram *h, int64_t ns);      /* below 0 counts as 0 */
void histogram_merge(struct histogram *into, const struct histogram *from);
/* The least value that at least per_mille of all values do not exceed (nearest rank); 0 where there are none. Sorts
 * the exact values in place. */
int64_t histogram_at(struct histogram *h, unsigned per_mille);
int64_t histogram_mean(const struct histogram *h);

#endif

/* Packets and bytes over time, in at most RATE_BUCKETS buckets, which double their width as the capture goes on. They
 * begin at whole multiples of the width since 1970, so that the order of the packets does not matter. */
#ifndef REPORT_SUMMARY_RATE_H
#define REPORT_SUMMARY_RATE_H

#include <stdint.h>

#include "wiretale/frame.h"

#define RATE_BUCKETS 256
#define RATE_FIRST_WIDTH_NS INT64_C(1000000)

struct rate_bucket {
    uint64_t packets, bytes;
};

struct rate {
    int64_t width_ns;      /* RATE_FIRST_WIDTH_NS << n */
    int64_t first;         /* bucket 0 begins at first * width_ns */
    uint32_t used;         /* buckets from the first to the last that holds something */
    struct rate_bucket buckets[RATE_BUCKETS];
};

void rate_init(struct rate *r);
void rate_add(struct rate *r, int64_t time_ns, uint32_t bytes);
void rate_frames(struct rate *r, const struct wt_frame *frames, unsigned n);
void rate_merge(struct rate *into, const struct rate *from);

#endif

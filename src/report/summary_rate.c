#include "report/summary_rate.h"

#include <string.h>

void rate_init(struct rate *r)
{
    memset(r, 0, sizeof *r);
    r->width_ns = RATE_FIRST_WIDTH_NS;
}

static int64_t floor_divide(int64_t a, int64_t b)
{
    return a / b - (a % b < 0);
}

/* Two buckets become one. */
static void double_width(struct rate *r)
{
    int64_t first = floor_divide(r->first, 2);
    struct rate_bucket merged[RATE_BUCKETS];
    memset(merged, 0, sizeof merged);
    uint32_t used = 0;
    for (uint32_t i = 0; i < r->used; i++) {
        uint32_t at = (uint32_t)(floor_divide(r->first + (int64_t)i, 2) - first);
        merged[at].packets += r->buckets[i].packets;
        merged[at].bytes += r->buckets[i].bytes;
        used = at + 1;
    }
    memcpy(r->buckets, merged, sizeof merged);
    r->first = first;
    r->used = used;
    r->width_ns *= 2;
}

/* Makes room for a bucket; returns its index. Times before the first shift the others up. */
static uint32_t bucket_for(struct rate *r, int64_t time_ns)
{
    for (;;) {
        int64_t at = floor_divide(time_ns, r->width_ns);
        if (r->used == 0) {
            r->first = at;
            r->used = 1;
            return 0;
        }
        int64_t last = r->first + (int64_t)r->used - 1;
        int64_t low = at < r->first ? at : r->first, high = at > last ? at : last;
        if (high - low < RATE_BUCKETS) {
            uint32_t shift = (uint32_t)(r->first - low);
            if (shift) {
                memmove(r->buckets + shift, r->buckets, r->used * sizeof r->buckets[0]);
                memset(r->buckets, 0, shift * sizeof r->buckets[0]);
                r->first = low;
            }
            r->used = (uint32_t)(high - low) + 1;
            return (uint32_t)(at - low);
        }
        double_width(r);
    }
}

void rate_add(struct rate *r, int64_t time_ns, uint32_t bytes)
{
    time_ns = time_ns > WT_TIME_GREATEST ? WT_TIME_GREATEST : time_ns < WT_TIME_LEAST ? WT_TIME_LEAST : time_ns;
    int64_t into = time_ns - r->first * r->width_ns;
    uint32_t at = r->used && into >= 0 && into / r->width_ns < r->used ? (uint32_t)(into / r->width_ns)
                                                                       : bucket_for(r, time_ns);
    r->buckets[at].packets++;
    r->buckets[at].bytes += bytes;
}

void rate_frames(struct rate *r, const struct wt_frame *frames, unsigned n)
{
    for (unsigned i = 0; i < n; i++)
        if (!(frames[i].flags & WT_FRAME_NO_TIME))
            rate_add(r, frames[i].time_ns, frames[i].wire_len);
}

void rate_merge(struct rate *into, const struct rate *from)
{
    while (into->width_ns < from->width_ns)
        double_width(into);
    for (uint32_t i = 0; i < from->used; i++) {
        if (from->buckets[i].packets == 0)
            continue;
        uint32_t at = bucket_for(into, (from->first + (int64_t)i) * from->width_ns);
        into->buckets[at].packets += from->buckets[i].packets;
        into->buckets[at].bytes += from->buckets[i].bytes;
    }
}

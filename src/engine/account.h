/* What a worker counts of its own packets: protocol hierarchy, checksums, malformed and cut frames. */
#ifndef ENGINE_ACCOUNT_H
#define ENGINE_ACCOUNT_H

#include <stdint.h>

#include "wiretale/engine.h"

#define PATH_CACHE 256
#define PATH_DEPTH (WT_MAX_LAYERS + 1)
#define SUM_KINDS 8                    /* WT_CKSUM_KINDS or more, and a power of two */

/* The dissectors of one kind of packet, outermost first. */
struct path_shape {
    uint64_t frames, bytes;
    uint64_t print;                    /* the first eight, packed */
    uint8_t depth;
    uint8_t dissector[PATH_DEPTH];
};

struct account {
    uint64_t frames, bytes;
    uint64_t malformed_frames, truncated_frames, too_deep, unknown_frames;
    uint64_t malformed_by[WT_MAX_DISSECTORS];
    uint64_t checksums[5][SUM_KINDS];
    int8_t sum_of[WT_MAX_DISSECTORS];  /* enum wt_sum that a transport has; -1: none */
    /* Shapes seen, direct-mapped by their prints; a collision moves the old shape to `shapes` and back. */
    uint16_t cache[PATH_CACHE];
    unsigned shape_count;
    struct path_shape shapes[WT_MAX_PATHS];
};

void account_init(struct account *a);
/* `stream_dissector`: of a stream message that the frame completed, or -1. */
void account_packet(struct account *a, const struct wt_packet *p, int stream_dissector);
/* Adds shapes into the hierarchy of the whole run, and the other counters to their sums. */
void account_merge(struct wt_account *into, const struct account *a);

#endif

/* Bytes to frames. A source fills blocks with bytes and with descriptors of the frames in them.
 * One thread (the capture thread) calls open, fill and close; stats may be read by others where it says so. */
#ifndef SOURCE_SOURCE_H
#define SOURCE_SOURCE_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "wiretale/config.h"
#include "wiretale/error.h"
#include "wiretale/frame.h"
#include "wiretale/source.h"

/* A recycled piece of memory: bytes of the input and the frames that lie in them. The producer fills it while it
 * owns it; consumers read it until they release it. */
struct block {
    uint8_t *bytes;             /* owned; capacity bytes, 64-aligned */
    size_t capacity;
    size_t used;
    struct wt_frame *frames;    /* owned; in input order; bytes point into this block */
    uint32_t frame_count, frame_capacity;
    bool last;                  /* nothing follows: the input ended */
    int64_t clock_ns;           /* live: the wall clock when it was handed over (a tick); files: 0 */
    uint64_t dropped_before;    /* live: frames lost since the previous block (kernel and ring), where known */
};

int block_init(struct block *b, size_t bytes, struct wt_error *err);
void block_done(struct block *b);

struct source;

struct source_ops {
    const char *name;           /* "pcap" */
    /* Fills an empty block with as many frames as are at hand. 0: filled (perhaps with no frame: a live tick, or
     * a wait that timed out after at most 100 ms); b->last set at the end of the input. A damaged or cut file ends
     * the input too: what was read is kept, stats say the rest. <0: nothing can go on (err). */
    int (*fill)(struct source *s, struct block *b, struct wt_error *err);
    void (*stats)(struct source *s, struct wt_source_stats *ret_stats);   /* capture thread, or after it ended */
    void (*close)(struct source *s);                                     /* frees s */
};

struct source {                 /* first member of every source */
    const struct source_ops *ops;
    atomic_uint_fast64_t progress_bytes, progress_frames;    /* relaxed; any thread may read */
    uint64_t size_bytes;        /* WT_UNKNOWN: cannot be known */
    atomic_bool stop;           /* any thread, also from a signal handler: fill ends the input soon */
    bool live;
};

/* Opens one input, or several merged by time; applies filter, limits (-c, duration) and numbering, so that what
 * the caller gets has final frame numbers. NULL with err: -ENOENT, -EACCES, -EPERM, -EPROTO (no capture format). */
struct source *source_open(const struct wt_source_options *options, const struct wt_config *config,
                           struct wt_error *err);

#endif

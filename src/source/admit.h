/* What happens to every frame, wherever it came from: the capture filter, its number, the limits, the sums. */
#ifndef SOURCE_ADMIT_H
#define SOURCE_ADMIT_H

#include <pcap/pcap.h>

#include "source/source.h"

struct admit {
    const char *filter;         /* borrowed; NULL: none */
    struct { uint16_t linktype; bool ready, usable; struct bpf_program program; } programs[16];
    unsigned program_count;
    bool (*admit)(void *admit_to, uint64_t number);
    void *admit_to;
    uint64_t numbered;          /* frames that have a number */
    uint64_t max_frames;
    int64_t max_duration_ns;
    struct wt_source_stats sums;    /* frames, bytes, times */
    int64_t greatest_ns;
    bool any;
    struct wt_error problem;
};

/* Tries the filter's text, so that a wrong one is told before anything is read. 0 or -EINVAL. */
int admit_init(struct admit *a, const struct wt_source_options *options, struct wt_error *err);
void admit_done(struct admit *a);
/* Drops, numbers and counts the frames of a block; sets b->last when a limit is reached. */
void admit_block(struct admit *a, struct block *b);

#endif

/* Additions to top lists that wait a little: when one is queued, the memory that it will need is asked for, and by the
 * time that it is made, that has come. In order, so that the lists come out the same. */
#ifndef REPORT_SUMMARY_QUEUE_H
#define REPORT_SUMMARY_QUEUE_H

#include "report/names.h"
#include "report/summary_top.h"

#define QUEUE_LENGTH 32        /* a power of two */
#define QUEUE_KEY_BYTES 40
#define QUEUE_COUNTERS 16

struct top_waiting {
    struct top *to;
    uint32_t hash, used;
    uint64_t key[QUEUE_KEY_BYTES / 8];
    uint64_t counters[QUEUE_COUNTERS];
};

struct top_queue {
    uint32_t head, tail;       /* tail: the next to be made */
    struct top_waiting waiting[QUEUE_LENGTH];
};

/* used: as for top_add_hashed(). */
void top_queue_add(struct top_queue *q, struct top_shards *to, unsigned shard, const void *key, const uint64_t *counters,
                   unsigned used);
/* Makes all that wait. */
void top_queue_flush(struct top_queue *q);

/* The same for names of addresses. */
#define NAME_QUEUE_LENGTH 8    /* a power of two */

struct name_waiting {
    struct wt_name_observation seen;    /* its name: the text below */
    char text[WT_NAME_TEXT];
};

struct name_queue {
    uint32_t head, tail;
    uint32_t lost;             /* that found no memory */
    struct name_waiting waiting[NAME_QUEUE_LENGTH];
};

void name_queue_add(struct name_queue *q, struct names *to, const struct wt_name_observation *seen);
void name_queue_flush(struct name_queue *q, struct names *to);

#endif

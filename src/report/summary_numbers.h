/* Which frames began a connection: one bit a frame. The rank of a bit is the connection's number, so that numbers are
 * known after several workers' sets have been joined. Bounded by NUMBERS_MOST frames; beyond that there are none. */
#ifndef REPORT_SUMMARY_NUMBERS_H
#define REPORT_SUMMARY_NUMBERS_H

#include <stdint.h>

#define NUMBERS_MOST (UINT64_C(1) << 30)
#define NUMBERS_CHUNK 32768u           /* frames a chunk: 4 KiB of bits */

struct numbers {
    uint64_t **chunks;                 /* owned; NULL where no connection began */
    uint64_t chunk_count;
    uint64_t *before;                  /* owned; after numbers_rank(): bits in earlier chunks */
    int starved;
};

void numbers_init(struct numbers *n);
void numbers_done(struct numbers *n);
void numbers_add(struct numbers *n, uint64_t frame);
void numbers_merge(struct numbers *into, const struct numbers *from);
/* After all were added: the number of the connection that began with this frame; 0: none, or not known. */
uint64_t numbers_of(struct numbers *n, uint64_t frame);

#endif

/* Bytes of an input, whatever they come from: a file, a pipe, gzip or zstd of either, memory. Capture thread. */
#ifndef SOURCE_FEED_H
#define SOURCE_FEED_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "wiretale/error.h"

struct feed {
    int fd;                     /* owned; -1: memory */
    const char *name;           /* borrowed, for messages */
    const uint8_t *memory;      /* borrowed */
    size_t memory_left;
    bool regular;               /* a file that can be followed; else a pipe or a device */
    bool follow;
    uint64_t size;              /* of the file, compressed; UINT64_MAX: unknown */
    uint64_t raw_read;          /* bytes taken from the file, compressed */
    const char *packing;        /* "gzip", "zstd" or NULL */
    void *inflater;             /* owned */
    uint8_t *packed;            /* owned: input of the inflater */
    size_t packed_at, packed_len;
    bool packed_end;
    bool inside;                /* zstd: a compressed frame has begun and not ended */
    uint8_t first[16];          /* bytes read to recognise the packing, given out first */
    size_t first_at, first_len;
    const atomic_bool *stop;    /* borrowed: ends waits */
};

int feed_open(struct feed *f, const char *name, bool follow, const atomic_bool *stop, struct wt_error *err);
void feed_open_memory(struct feed *f, const uint8_t *bytes, size_t len);
void feed_close(struct feed *f);

/* Up to `room` bytes. >0: so many; 0: the end; -EAGAIN: nothing within 100 ms, ask again; other <0: an error (err),
 * after which there is no more: the packing is damaged or the file cannot be read. */
ptrdiff_t feed_read(struct feed *f, uint8_t *to, size_t room, struct wt_error *err);

#endif

/* Bytes to an unlinked temporary file and back, by offset. The file is a ring: when it is full, or the disk, the oldest
 * bytes give their room. What was appended last is read from memory. The owner locks. */
#ifndef TUI_SPOOL_H
#define TUI_SPOOL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "wiretale/error.h"

#define SPOOL_BUFFER (256u << 10)

struct spool {
    int fd;
    uint64_t written;        /* bytes that went to the file; what follows is in the buffer */
    uint64_t limit;          /* bytes that the file holds at most */
    uint64_t refused;        /* pieces that had no room, or could not be written */
    uint8_t *buffer;         /* owned */
    size_t used;
};

int spool_init(struct spool *s, uint64_t limit, struct wt_error *err);
void spool_done(struct spool *s);
/* Appends; the offset, or UINT64_MAX when it could not be written. */
uint64_t spool_add(struct spool *s, const void *bytes, size_t len);
/* False: not all of it is there any more. */
bool spool_read(const struct spool *s, uint64_t at, void *to, size_t len);

#endif

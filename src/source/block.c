#include "source/source.h"

#include <errno.h>
#include <stdlib.h>

/* Descriptors of the smallest frames that fill a block (a 16-byte record header and 48 bytes). */
#define BYTES_A_FRAME 64

int block_init(struct block *b, size_t bytes, struct wt_error *err)
{
    *b = (struct block){ .capacity = bytes, .frame_capacity = (uint32_t)(bytes / BYTES_A_FRAME) };
    b->bytes = aligned_alloc(64, (bytes + 63) / 64 * 64);
    b->frames = malloc(b->frame_capacity * sizeof *b->frames);
    if (b->bytes && b->frames)
        return 0;
    block_done(b);
    return wt_fail(err, -ENOMEM, "not enough memory for a block of %zu bytes", bytes);
}

void block_done(struct block *b)
{
    free(b->bytes);
    free(b->frames);
    *b = (struct block){ 0 };
}

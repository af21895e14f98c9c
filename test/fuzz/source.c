/* Any bytes as a capture file: every frame lies in its block, numbers and offsets grow. */
#include <stdint.h>
#include <stdlib.h>

#include "source/capture_file.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static uint64_t seen;

static void check_frames(const struct block *b)
{
    for (uint32_t i = 0; i < b->frame_count; i++) {
        const struct wt_frame *f = &b->frames[i];
        if (f->bytes < b->bytes || f->bytes + f->captured_len > b->bytes + b->used)
            abort();
        for (uint32_t k = 0; k < f->captured_len; k++)
            seen += f->bytes[k];
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct source *s;
    struct wt_error err;
    struct block blocks[2];
    if (capture_file_open_memory(data, size, &s, &err) < 0)
        return 0;
    block_init(&blocks[0], 300u << 10, NULL);
    block_init(&blocks[1], 300u << 10, NULL);
    for (unsigned n = 0; n < 1000; n++) {
        struct block *b = &blocks[n % 2];
        b->used = b->frame_count = 0;
        b->last = false;
        if (s->ops->fill(s, b, &err) < 0)
            break;
        check_frames(b);
        if (b->last)
            break;
    }
    struct wt_source_stats stats;
    s->ops->stats(s, &stats);
    s->ops->close(s);
    block_done(&blocks[0]);
    block_done(&blocks[1]);
    return 0;
}

#include "base/slab.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

int slab_init(struct slab *s, size_t size, uint32_t limit)
{
    memset(s, 0, sizeof *s);
    s->size = size < sizeof(uint64_t) ? sizeof(uint64_t) : (size + 7) & ~(size_t)7;
    s->limit = limit;
    s->fresh = 1;
    while (s->shift < 16 && s->size << (s->shift + 1) <= SLAB_CHUNK_BYTES)
        s->shift++;
    s->chunk_limit = (uint32_t)(((uint64_t)limit + (1u << s->shift) - 1) >> s->shift);
    s->chunks = calloc(s->chunk_limit ? s->chunk_limit : 1, sizeof *s->chunks);
    return s->chunks ? 0 : -ENOMEM;
}

void slab_done(struct slab *s)
{
    for (uint32_t i = 0; i < s->chunk_count; i++)
        munmap(s->chunks[i], SLAB_CHUNK_BYTES);
    free(s->chunks);
    memset(s, 0, sizeof *s);
}

static uint32_t refuse(struct slab *s)
{
    s->refused++;
    return 0;
}

/* Huge pages were tried: following a million connections gains a tenth, beginning them loses up to half. */
static uint8_t *chunk_new(void)
{
    void *at = mmap(NULL, SLAB_CHUNK_BYTES, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    return at == MAP_FAILED ? NULL : at;
}

uint32_t slab_take(struct slab *s)
{
    uint32_t index = s->free_head;
    if (index) {
        memcpy(&s->free_head, slab_at(s, index), sizeof s->free_head);
        if (s->free_head)
            __builtin_prefetch(slab_at(s, s->free_head), 1);    /* the next take reads it */
    } else {
        if (s->fresh > s->limit)
            return refuse(s);
        uint32_t chunk = (s->fresh - 1) >> s->shift;
        if (chunk == s->chunk_count) {
            uint8_t *bytes = chunk_new();
            if (!bytes)
                return refuse(s);
            s->chunks[s->chunk_count++] = bytes;
        }
        index = s->fresh++;
    }
    if (++s->used > s->peak)
        s->peak = s->used;
    return index;
}

void slab_give(struct slab *s, uint32_t index)
{
    memcpy(slab_at(s, index), &s->free_head, sizeof s->free_head);
    s->free_head = index;
    s->used--;
}

void slab_drop_chunk(struct slab *s, uint32_t index)
{
    (void)madvise(s->chunks[(index - 1) >> s->shift], SLAB_CHUNK_BYTES, MADV_DONTNEED);
}

size_t slab_bytes(const struct slab *s)
{
    return (size_t)s->chunk_count * SLAB_CHUNK_BYTES + (size_t)s->chunk_limit * sizeof *s->chunks;
}

/* Objects of one size, named by a 32-bit index from 1. Grows by chunks up to its limit; what is given back is used
 * again first (it is still in the cache), so that after the warm-up nothing is allocated. Chunks never move and are
 * never unmapped before slab_done(): the address of an index stays readable, even after slab_give().
 * One thread. */
#ifndef BASE_SLAB_H
#define BASE_SLAB_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define SLAB_CHUNK_BYTES (2u << 20)

struct slab {
    uint8_t **chunks;         /* owned; chunk_limit places, filled as it grows */
    size_t size;              /* of one object, a multiple of 8 */
    uint32_t chunk_count, chunk_limit;
    unsigned shift;           /* a chunk holds 1 << shift objects */
    uint32_t limit;           /* objects */
    uint32_t fresh;           /* the next index never used yet */
    uint32_t free_head;       /* 0: none; the next one stands in the object's first four bytes */
    uint32_t used, peak;
    uint64_t refused;         /* takes that the limit, or memory, refused */
};

/* 0, or -ENOMEM. */
int slab_init(struct slab *s, size_t size, uint32_t limit);
void slab_done(struct slab *s);

/* An index, its object's bytes undefined; 0: the limit is reached (or memory is). */
uint32_t slab_take(struct slab *s);
void slab_give(struct slab *s, uint32_t index);

/* For who empties it in the order of the indices: gives the memory of all objects of `index`'s chunk back to the system.
 * They read as zeros then, and those of them that were free are not used again. */
void slab_drop_chunk(struct slab *s, uint32_t index);
static inline bool slab_begins_chunk(const struct slab *s, uint32_t index)
{
    return ((index - 1) & ((1u << s->shift) - 1)) == 0;
}

/* Bytes that its chunks take. */
size_t slab_bytes(const struct slab *s);

static inline void *slab_at(const struct slab *s, uint32_t index)
{
    uint32_t i = index - 1;
    return s->chunks[i >> s->shift] + (size_t)(i & ((1u << s->shift) - 1)) * s->size;
}

#endif

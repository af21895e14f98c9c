/* Objects of one size, in batches that are kept until the end. */
#include "stream/stream_impl.h"

#include <stdlib.h>
#include <string.h>

#define BATCH_BYTES 65536u

static bool pool_grow(struct pool *pool)
{
    if (pool->batch_count == pool->batch_room) {
        uint32_t room = pool->batch_room ? 2 * pool->batch_room : 16;
        void **more = realloc(pool->batches, room * sizeof *more);
        if (!more)
            return false;
        pool->batches = more;
        pool->batch_room = room;
    }
    size_t n = BATCH_BYTES / pool->size;
    n = n ? n : 1;
    unsigned char *batch = malloc(n * pool->size);
    if (!batch)
        return false;
    pool->batches[pool->batch_count++] = batch;
    for (size_t i = n; i-- > 0;)
        pool_give(pool, batch + i * pool->size);
    return true;
}

void *pool_take(struct pool *pool)
{
    if (!pool->free && !pool_grow(pool))
        return NULL;
    void *object = pool->free;
    memcpy(&pool->free, object, sizeof pool->free);
    memset(object, 0, pool->size);
    return object;
}

void pool_give(struct pool *pool, void *object)
{
    memcpy(object, &pool->free, sizeof pool->free);
    pool->free = object;
}

void pool_done(struct pool *pool)
{
    for (uint32_t i = 0; i < pool->batch_count; i++)
        free(pool->batches[i]);
    free(pool->batches);
    *pool = (struct pool){ .size = pool->size };
}

/* What handing frames from one thread to another costs, by how many go with one push. */
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "base/ring.h"

#define SLOTS 64

struct item {
    uint32_t first, frames;
};

struct bench {
    struct ring ring;
    struct item items[SLOTS];        /* one for each slot: what is being filled has been released */
    uint32_t pushes, frames_each;
};

static double wall_ns(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec * 1e9 + (double)t.tv_nsec;
}

static void *produce(void *arg)
{
    struct bench *b = arg;
    uint32_t frame = 0;
    for (uint32_t i = 0; i < b->pushes; i++) {
        struct item *item = &b->items[i % SLOTS];
        if (i - ring_released(&b->ring) >= SLOTS)      /* its slot is still the consumer's */
            ring_wait_released(&b->ring, i - SLOTS + 1);
        item->first = frame;
        item->frames = b->frames_each;
        frame += b->frames_each;
        if (!ring_push(&b->ring, item))
            abort();
    }
    return NULL;
}

static int measure(uint32_t frames_each, uint32_t pushes)
{
    static struct bench b;
    pthread_t producer;
    uint64_t frames = 0, wrong = 0;
    b.pushes = pushes;
    b.frames_each = frames_each;
    if (ring_init(&b.ring, SLOTS) < 0)
        return 1;
    double start = wall_ns();
    if (pthread_create(&producer, NULL, produce, &b) != 0)
        return 1;
    for (uint32_t i = 0; i < pushes; i++) {
        const struct item *item = ring_pop_wait(&b.ring);
        wrong += item->first != (uint32_t)frames;
        frames += item->frames;
        ring_release(&b.ring);
    }
    double ns = wall_ns() - start;
    pthread_join(producer, NULL);
    ring_done(&b.ring);
    printf("%5u frames a push %12.0f pushes/s %15.0f frames/s %10.4f ns/frame%s\n", frames_each, pushes / ns * 1e9,
           (double)frames / ns * 1e9, ns / (double)frames, wrong ? "  OUT OF ORDER" : "");
    return wrong != 0;
}

int main(int argc, char **argv)
{
    uint32_t pushes = argc > 1 ? (uint32_t)strtoul(argv[1], NULL, 10) : 5000000;
    return measure(1, pushes) | measure(64, pushes) | measure(4096, pushes);
}

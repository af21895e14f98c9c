#include "report/summary_numbers.h"

#include <stdlib.h>
#include <string.h>

#define WORDS (NUMBERS_CHUNK / 64)

void numbers_init(struct numbers *n)
{
    memset(n, 0, sizeof *n);
}

void numbers_done(struct numbers *n)
{
    for (uint64_t i = 0; i < n->chunk_count; i++)
        free(n->chunks[i]);
    free(n->chunks);
    free(n->before);
    numbers_init(n);
}

static uint64_t *chunk_for(struct numbers *n, uint64_t chunk)
{
    if (chunk >= n->chunk_count) {
        uint64_t count = n->chunk_count * 2 > chunk + 1 ? n->chunk_count * 2 : chunk + 1;
        uint64_t **chunks = realloc(n->chunks, (size_t)count * sizeof *chunks);
        if (!chunks)
            return NULL;
        memset(chunks + n->chunk_count, 0, (size_t)(count - n->chunk_count) * sizeof *chunks);
        n->chunks = chunks;
        n->chunk_count = count;
    }
    if (!n->chunks[chunk])
        n->chunks[chunk] = calloc(WORDS, sizeof **n->chunks);
    return n->chunks[chunk];
}

void numbers_add(struct numbers *n, uint64_t frame)
{
    if (frame == 0)
        return;
    uint64_t *bits = frame < NUMBERS_MOST ? chunk_for(n, frame / NUMBERS_CHUNK) : NULL;
    if (!bits) {
        n->starved = 1;
        return;
    }
    bits[frame % NUMBERS_CHUNK / 64] |= UINT64_C(1) << frame % 64;
}

void numbers_merge(struct numbers *into, const struct numbers *from)
{
    into->starved |= from->starved;
    for (uint64_t i = 0; i < from->chunk_count; i++) {
        if (!from->chunks[i])
            continue;
        uint64_t *bits = chunk_for(into, i);
        if (!bits) {
            into->starved = 1;
            return;
        }
        for (unsigned w = 0; w < WORDS; w++)
            bits[w] |= from->chunks[i][w];
    }
}

static unsigned count_bits(const uint64_t *words, unsigned n)
{
    unsigned sum = 0;
    for (unsigned i = 0; i < n; i++)
        sum += (unsigned)__builtin_popcountll(words[i]);
    return sum;
}

static int rank_chunks(struct numbers *n)
{
    n->before = malloc((size_t)n->chunk_count * sizeof *n->before);
    if (!n->before)
        return -1;
    uint64_t sum = 0;
    for (uint64_t i = 0; i < n->chunk_count; i++) {
        n->before[i] = sum;
        sum += n->chunks[i] ? count_bits(n->chunks[i], WORDS) : 0;
    }
    return 0;
}

uint64_t numbers_of(struct numbers *n, uint64_t frame)
{
    uint64_t chunk = frame / NUMBERS_CHUNK;
    if (n->starved || chunk >= n->chunk_count || !n->chunks[chunk] || (!n->before && rank_chunks(n) < 0))
        return 0;
    const uint64_t *bits = n->chunks[chunk];
    unsigned word = (unsigned)(frame % NUMBERS_CHUNK / 64);
    uint64_t bit = UINT64_C(1) << frame % 64;
    if (!(bits[word] & bit))
        return 0;
    return n->before[chunk] + count_bits(bits, word) + (unsigned)__builtin_popcountll(bits[word] & (bit - 1)) + 1;
}

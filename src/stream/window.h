/* Bytes of one side that came before those that precede them: kept in pages by their place in the stream, a bit
 * for each byte that is there. Finding a place takes the same few steps however the bytes arrive, so a sender who
 * scatters single bytes gains nothing. Pages come from one pool a worker, and are counted by shard.
 * Places are counted from the stream's first byte in 64 bits, so they never wrap. */
#ifndef STREAM_WINDOW_H
#define STREAM_WINDOW_H

#include <stdbool.h>
#include <stdint.h>

#include "wiretale/cursor.h"

#define PAGE_BYTES 4096u
#define PAGE_WORDS (PAGE_BYTES / 64)
#define FULLNESS_CLASSES 33

struct page {
    struct page *next_free;
    uint64_t held[PAGE_WORDS];
    uint8_t bytes[PAGE_BYTES];
};

/* A ring of page pointers: page number n stands at n & mask. Only pages from the window's first on are there. */
struct window {
    struct page **page;                /* owned; mask + 1 of them */
    uint32_t mask;
    uint32_t pages;                    /* held */
    uint64_t end;                      /* one past the last byte held */
    struct window *before, *after;     /* in its shard's list of windows that are about as full */
    uint8_t fullness;
    void *owner;                       /* who loses it when room is needed */
};

struct page_pool {
    struct page *free;
    void **batches;                    /* owned */
    uint32_t batch_count, batch_room;
};

/* What one shard may hold, and its windows by the logarithm of their pages. */
struct window_account {
    uint64_t pages, limit;
    struct window *by_fullness[FULLNESS_CLASSES];
};

void page_pool_done(struct page_pool *pool);

bool window_init(struct window *w, void *owner);
/* Gives all pages back and frees what it owns. Returns how many bytes were held. */
uint64_t window_done(struct window *w, struct page_pool *pool, struct window_account *account);

enum window_put { WINDOW_PUT, WINDOW_NO_ROOM, WINDOW_NO_MEMORY };
/* Keeps bytes at a place (of which `first` is the lowest that may be asked for later), as far as there is room:
 * *ret_put tells how many were put. Bytes that are there stay; *differing counts those that were not the same. */
enum window_put window_put(struct window *w, struct page_pool *pool, struct window_account *account, uint64_t first,
                           uint64_t place, struct wt_slice bytes, size_t *ret_put, uint64_t *differing);

/* The bytes that stand together at a place, within one page; empty: none. */
struct wt_slice window_at(const struct window *w, uint64_t place);
/* The first byte held at or after a place; w->end where there is none. */
uint64_t window_first(const struct window *w, uint64_t place);
/* Gives back the pages that end at or before `place`. */
void window_pass(struct window *w, struct page_pool *pool, struct window_account *account, uint64_t from,
                 uint64_t place);
/* The fullest window of a shard, or NULL. */
struct window *window_fullest(const struct window_account *account);

#endif

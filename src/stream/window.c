#include "stream/window.h"

#include <stdlib.h>
#include <string.h>

#define BATCH_PAGES 16u
#define FIRST_RING 8u

static struct page *page_take(struct page_pool *pool)
{
    if (!pool->free) {
        if (pool->batch_count == pool->batch_room) {
            uint32_t room = pool->batch_room ? 2 * pool->batch_room : 16;
            void **more = realloc(pool->batches, room * sizeof *more);
            if (!more)
                return NULL;
            pool->batches = more;
            pool->batch_room = room;
        }
        struct page *batch = malloc(BATCH_PAGES * sizeof *batch);
        if (!batch)
            return NULL;
        pool->batches[pool->batch_count++] = batch;
        for (unsigned i = 0; i < BATCH_PAGES; i++) {
            batch[i].next_free = pool->free;
            pool->free = &batch[i];
        }
    }
    struct page *p = pool->free;
    pool->free = p->next_free;
    memset(p->held, 0, sizeof p->held);
    return p;
}

static void page_give(struct page_pool *pool, struct page *p)
{
    p->next_free = pool->free;
    pool->free = p;
}

void page_pool_done(struct page_pool *pool)
{
    for (uint32_t i = 0; i < pool->batch_count; i++)
        free(pool->batches[i]);
    free(pool->batches);
    *pool = (struct page_pool){ 0 };
}

static uint8_t fullness_of(uint32_t pages)
{
    return pages ? (uint8_t)(32 - __builtin_clz(pages)) : 0;
}

static void unlist(struct window *w, struct window_account *account)
{
    if (w->fullness == 0)
        return;
    if (w->before)
        w->before->after = w->after;
    else
        account->by_fullness[w->fullness] = w->after;
    if (w->after)
        w->after->before = w->before;
    w->before = w->after = NULL;
    w->fullness = 0;
}

static void count_pages(struct window *w, struct window_account *account, int change)
{
    w->pages = (uint32_t)((int64_t)w->pages + change);
    account->pages = (uint64_t)((int64_t)account->pages + change);
    uint8_t fullness = fullness_of(w->pages);
    if (fullness == w->fullness)
        return;
    unlist(w, account);
    w->fullness = fullness;
    if (fullness == 0)
        return;
    w->after = account->by_fullness[fullness];
    if (w->after)
        w->after->before = w;
    account->by_fullness[fullness] = w;
}

struct window *window_fullest(const struct window_account *account)
{
    for (unsigned i = FULLNESS_CLASSES; i-- > 1;)
        if (account->by_fullness[i])
            return account->by_fullness[i];
    return NULL;
}

bool window_init(struct window *w, void *owner)
{
    *w = (struct window){ .page = calloc(FIRST_RING, sizeof(struct page *)), .mask = FIRST_RING - 1, .owner = owner };
    return w->page != NULL;
}

static uint64_t bytes_in(const struct page *p)
{
    uint64_t n = 0;
    for (unsigned i = 0; i < PAGE_WORDS; i++)
        n += (unsigned)__builtin_popcountll(p->held[i]);
    return n;
}

uint64_t window_done(struct window *w, struct page_pool *pool, struct window_account *account)
{
    uint64_t lost = 0;
    for (uint32_t i = 0; w->page && i <= w->mask; i++) {
        if (!w->page[i])
            continue;
        lost += bytes_in(w->page[i]);
        page_give(pool, w->page[i]);
    }
    count_pages(w, account, -(int)w->pages);
    free(w->page);
    *w = (struct window){ 0 };
    return lost;
}

/* A larger ring, so that pages from `first` to `last` have each a place of their own. */
static bool ring_reach(struct window *w, uint64_t first, uint64_t last)
{
    uint64_t need = last - first + 1;
    if (need <= (uint64_t)w->mask + 1)
        return true;
    uint32_t room = w->mask + 1;
    while (room < need)
        room *= 2;
    struct page **page = calloc(room, sizeof *page);
    if (!page)
        return false;
    for (uint64_t n = first; n <= first + w->mask; n++)
        page[n & (room - 1)] = w->page[n & w->mask];
    free(w->page);
    w->page = page;
    w->mask = room - 1;
    return true;
}

static bool range_free(const struct page *p, unsigned at, unsigned len)
{
    for (unsigned i = at; i < at + len;) {
        unsigned bit = i & 63, n = 64 - bit;
        if (n > at + len - i)
            n = at + len - i;
        uint64_t mask = (n == 64 ? ~UINT64_C(0) : (UINT64_C(1) << n) - 1) << bit;
        if (p->held[i >> 6] & mask)
            return false;
        i += n;
    }
    return true;
}

static void range_hold(struct page *p, unsigned at, unsigned len)
{
    for (unsigned i = at; i < at + len;) {
        unsigned bit = i & 63, n = 64 - bit;
        if (n > at + len - i)
            n = at + len - i;
        p->held[i >> 6] |= (n == 64 ? ~UINT64_C(0) : (UINT64_C(1) << n) - 1) << bit;
        i += n;
    }
}

static void page_put(struct page *p, unsigned at, const uint8_t *bytes, unsigned len, uint64_t *differing)
{
    if (range_free(p, at, len)) {
        memcpy(p->bytes + at, bytes, len);
        range_hold(p, at, len);
        return;
    }
    for (unsigned i = 0; i < len; i++) {
        unsigned place = at + i;
        uint64_t bit = UINT64_C(1) << (place & 63);
        if (!(p->held[place >> 6] & bit)) {
            p->held[place >> 6] |= bit;
            p->bytes[place] = bytes[i];
        } else if (p->bytes[place] != bytes[i]) {
            ++*differing;
        }
    }
}

enum window_put window_put(struct window *w, struct page_pool *pool, struct window_account *account, uint64_t first,
                           uint64_t place, struct wt_slice bytes, size_t *ret_put, uint64_t *differing)
{
    size_t done = 0;
    enum window_put answer = WINDOW_PUT;
    while (done < bytes.len) {
        uint64_t at = place + done;
        uint64_t number = at / PAGE_BYTES;
        unsigned within = (unsigned)(at % PAGE_BYTES);
        if (!ring_reach(w, first / PAGE_BYTES, number)) {
            answer = WINDOW_NO_MEMORY;
            break;
        }
        struct page **slot = &w->page[number & w->mask];
        if (!*slot) {
            if (account->pages >= account->limit) {
                answer = WINDOW_NO_ROOM;
                break;
            }
            *slot = page_take(pool);
            if (!*slot) {
                answer = WINDOW_NO_MEMORY;
                break;
            }
            count_pages(w, account, 1);
        }
        size_t n = PAGE_BYTES - within;
        if (n > bytes.len - done)
            n = bytes.len - done;
        page_put(*slot, within, bytes.at + done, (unsigned)n, differing);
        done += n;
    }
    if (done && place + done > w->end)
        w->end = place + done;
    *ret_put = done;
    return answer;
}

/* How many bits of one kind stand together from `at`. */
static unsigned run_of(const struct page *p, unsigned at, bool held)
{
    unsigned i = at;
    while (i < PAGE_BYTES) {
        uint64_t word = p->held[i >> 6] >> (i & 63);
        uint64_t other = held ? ~word : word;
        unsigned left = 64 - (i & 63);
        unsigned n = other ? (unsigned)__builtin_ctzll(other) : 64;
        if (n < left)
            return i + n - at;
        i += left;
    }
    return PAGE_BYTES - at;
}

struct wt_slice window_at(const struct window *w, uint64_t place)
{
    if (place >= w->end)
        return (struct wt_slice){ NULL, 0 };
    const struct page *p = w->page[place / PAGE_BYTES & w->mask];
    unsigned within = (unsigned)(place % PAGE_BYTES);
    unsigned n = p ? run_of(p, within, true) : 0;
    return n ? (struct wt_slice){ p->bytes + within, n } : (struct wt_slice){ NULL, 0 };
}

uint64_t window_first(const struct window *w, uint64_t place)
{
    while (place < w->end) {
        const struct page *p = w->page[place / PAGE_BYTES & w->mask];
        unsigned within = (unsigned)(place % PAGE_BYTES);
        unsigned n = p ? run_of(p, within, false) : PAGE_BYTES - within;
        place += n;
        if (p && within + n < PAGE_BYTES)
            return place;
    }
    return w->end;
}

void window_pass(struct window *w, struct page_pool *pool, struct window_account *account, uint64_t from,
                 uint64_t place)
{
    uint64_t last = place / PAGE_BYTES;
    for (uint64_t n = from / PAGE_BYTES; n < last && w->pages; n++) {
        struct page **slot = &w->page[n & w->mask];
        if (!*slot)
            continue;
        page_give(pool, *slot);
        *slot = NULL;
        count_pages(w, account, -1);
    }
}

#include "report/summary_time_wait.h"

#include <stdlib.h>
#include <string.h>

/* A row: start, end (8 bytes each), local, remote (4 or 16 each), remote port (2), as client (1). */
#define TIMES 16u

static size_t address_bytes(const struct time_wait_list *l)
{
    return l->family == 4 ? 4 : 16;
}

static size_t row_bytes(const struct time_wait_list *l)
{
    return TIMES + 2 * address_bytes(l) + 3;
}

static const uint8_t *row_at(const struct time_wait_list *l, size_t i)
{
    return l->rows + i * row_bytes(l);
}

static int64_t time_at(const uint8_t *row, bool end)
{
    int64_t time;
    memcpy(&time, row + (end ? 8 : 0), sizeof time);
    return time;
}

void time_waits_init(struct time_waits *w, uint64_t limit)
{
    memset(w, 0, sizeof *w);
    w->lists[0].family = 4;
    w->lists[1].family = 6;
    uint64_t each = limit / TOP_SHARDS;
    w->limit_per_shard = each < 1 ? 1 : each > UINT32_MAX / 256 ? UINT32_MAX / 256 : (uint32_t)each;
}

void time_waits_done(struct time_waits *w)
{
    for (unsigned i = 0; i < 2; i++) {
        free(w->lists[i].rows);
        w->lists[i].rows = NULL;
        w->lists[i].count = w->lists[i].capacity = 0;
    }
}

static bool make_room(struct time_wait_list *l, size_t more)
{
    if (l->count + more <= l->capacity)
        return true;
    size_t capacity = l->capacity ? l->capacity + l->capacity / 2 : 256;
    if (capacity < l->count + more)
        capacity = l->count + more;
    uint8_t *rows = realloc(l->rows, capacity * row_bytes(l));
    if (!rows)
        return false;
    l->rows = rows;
    l->capacity = capacity;
    return true;
}

static bool add_period(struct time_waits *w, const struct wt_connection *c, unsigned holder)
{
    struct time_wait_list *l = &w->lists[c->family != 4];
    const struct wt_side *local = &c->side[holder], *remote = &c->side[1 - holder];
    if (!make_room(l, 1))
        return false;
    size_t bytes = address_bytes(l);
    uint8_t *row = l->rows + l->count++ * row_bytes(l);
    memcpy(row, &c->time_wait.start_ns, 8);
    memcpy(row + 8, &c->time_wait.end_ns, 8);
    memcpy(row + TIMES, local->address, bytes);
    memcpy(row + TIMES + bytes, remote->address, bytes);
    memcpy(row + TIMES + 2 * bytes, &remote->port, 2);
    row[TIMES + 2 * bytes + 2] = holder == 0;
    return true;
}

void time_waits_add(struct time_waits *w, const struct wt_connection *c)
{
    unsigned holder = c->time_wait.holder;
    if (holder > 2 || c->time_wait.start_ns == 0)
        return;
    w->by_client += holder == 0;
    w->by_server += holder == 1;
    w->by_both += holder == 2;
    w->reused += c->time_wait.ended == WT_END_REUSED;
    w->still_running += c->time_wait.ended == WT_END_CAPTURE;
    w->segments_in += c->time_wait.segments_in;
    uint32_t *taken = &w->by_shard[c->shard % TOP_SHARDS];
    for (unsigned side = 0; side < 2; side++) {
        if (holder != side && holder != 2)
            continue;
        if (*taken < w->limit_per_shard && add_period(w, c, side))
            (*taken)++;
        else
            w->left_out++;
    }
}

void time_waits_merge(struct time_waits *into, const struct time_waits *from)
{
    into->by_client += from->by_client;
    into->by_server += from->by_server;
    into->by_both += from->by_both;
    into->reused += from->reused;
    into->still_running += from->still_running;
    into->segments_in += from->segments_in;
    into->left_out += from->left_out;
    for (unsigned i = 0; i < 2; i++) {
        struct time_wait_list *l = &into->lists[i];
        const struct time_wait_list *f = &from->lists[i];
        if (f->count == 0)
            continue;
        if (!make_room(l, f->count)) {
            into->left_out += f->count;
            continue;
        }
        memcpy(l->rows + l->count * row_bytes(l), f->rows, f->count * row_bytes(f));
        l->count += f->count;
    }
}

/* ---- the sweep ---- */

struct sweep {
    const struct time_wait_list *list;
    bool towards;
};

/* A period in the order of its group and start. The hash keeps most comparisons away from the rows. */
struct begun {
    uint32_t hash, row;
    int64_t start_ns;
};

/* Bytes of a row that tell its group; they begin at TIMES. */
static size_t group_bytes(const struct sweep *s)
{
    size_t address = address_bytes(s->list);
    return s->towards ? 2 * address + 2 : address;
}

static uint32_t hash_group(const struct sweep *s, const uint8_t *row)
{
    uint32_t h = 2166136261u;
    for (size_t i = 0; i < group_bytes(s); i++)
        h = (h ^ row[TIMES + i]) * 16777619u;
    return h;
}

static int compare_groups(const struct sweep *s, const struct begun *x, const struct begun *y)
{
    if (x->hash != y->hash)
        return x->hash < y->hash ? -1 : 1;
    return memcmp(row_at(s->list, x->row) + TIMES, row_at(s->list, y->row) + TIMES, group_bytes(s));
}

static int compare_begun(const void *a, const void *b, void *sweep)
{
    const struct begun *x = a, *y = b;
    int groups = compare_groups(sweep, x, y);
    if (groups)
        return groups;
    return x->start_ns < y->start_ns ? -1 : x->start_ns > y->start_ns;
}

/* By hash, least digit first; then the few of one hash among themselves, which mostly stand in order already. */
static void sort_begun(struct sweep *s, struct begun *begun, struct begun *spare, size_t n)
{
    struct begun *from = begun, *to = spare;
    for (unsigned shift = 0; shift < 32; shift += 8) {
        size_t at[257] = { 0 };
        for (size_t i = 0; i < n; i++)
            at[(from[i].hash >> shift & 255) + 1]++;
        for (unsigned i = 1; i < 257; i++)
            at[i] += at[i - 1];
        for (size_t i = 0; i < n; i++)
            to[at[from[i].hash >> shift & 255]++] = from[i];
        struct begun *swap = from;
        from = to;
        to = swap;
    }
    for (size_t first = 0, end; first < n; first = end) {    /* four passes: the result is in `begun` again */
        bool sorted = true;
        for (end = first + 1; end < n && begun[end].hash == begun[first].hash; end++)
            sorted = sorted && compare_begun(&begun[end - 1], &begun[end], s) <= 0;
        if (!sorted)
            qsort_r(begun + first, end - first, sizeof *begun, compare_begun, s);
    }
}

static int compare_peaks(const struct time_wait_peak *a, const struct time_wait_peak *b)
{
    if (a->most != b->most)
        return a->most > b->most ? -1 : 1;
    return memcmp(&a->group, &b->group, sizeof a->group);
}

static void keep_peak(struct time_wait_peak *peaks, size_t *count, size_t most, const struct time_wait_peak *p)
{
    if (*count == most && (most == 0 || compare_peaks(&peaks[most - 1], p) <= 0))
        return;
    size_t at = *count < most ? (*count)++ : most - 1;
    while (at > 0 && compare_peaks(p, &peaks[at - 1]) < 0) {
        peaks[at] = peaks[at - 1];
        at--;
    }
    peaks[at] = *p;
}

static void fill_group(const struct sweep *s, const uint8_t *row, struct time_wait_group *ret_group)
{
    size_t address = address_bytes(s->list);
    memset(ret_group, 0, sizeof *ret_group);
    ret_group->family = s->list->family;
    memcpy(ret_group->local, row + TIMES, address);
    if (s->towards) {
        memcpy(ret_group->remote, row + TIMES + address, address);
        memcpy(&ret_group->remote_port, row + TIMES + 2 * address, 2);
    }
}

/* A heap of the ends of the periods that run: the soonest at the top. */
static void heap_push(int64_t *heap, size_t count, int64_t end)
{
    size_t i = count;
    for (; i > 0 && heap[(i - 1) / 2] > end; i = (i - 1) / 2)
        heap[i] = heap[(i - 1) / 2];
    heap[i] = end;
}

static void heap_pop(int64_t *heap, size_t count)
{
    int64_t end = heap[count - 1];
    size_t i = 0;
    for (;;) {
        size_t child = 2 * i + 1;
        if (child >= count - 1)
            break;
        if (child + 1 < count - 1 && heap[child + 1] < heap[child])
            child++;
        if (heap[child] >= end)
            break;
        heap[i] = heap[child];
        i = child;
    }
    heap[i] = end;
}

/* One group, by start. An end at the moment of a start comes first: the socket was free. */
static struct time_wait_peak sweep_group(const struct sweep *s, const struct begun *begun, size_t n, int64_t *heap,
                                         int64_t until_ns)
{
    struct time_wait_peak peak;
    memset(&peak, 0, sizeof peak);
    fill_group(s, row_at(s->list, begun[0].row), &peak.group);
    size_t running = 0;
    for (size_t i = 0; i < n && begun[i].start_ns <= until_ns; i++) {
        const uint8_t *row = row_at(s->list, begun[i].row);
        while (running && heap[0] <= begun[i].start_ns)
            heap_pop(heap, running--);
        heap_push(heap, running++, time_at(row, true));
        peak.periods++;
        peak.as_client |= row[row_bytes(s->list) - 1] != 0;
        if (running > peak.most) {
            peak.most = running;
            peak.at_ns = begun[i].start_ns;
        }
    }
    return peak;
}

static size_t collect_begun(const struct sweep *s, struct begun *begun)
{
    const struct time_wait_list *l = s->list;
    size_t n = 0;
    for (size_t i = 0; i < l->count; i++) {
        const uint8_t *row = row_at(l, i);
        if (s->towards && !row[row_bytes(l) - 1])    /* a server's side takes no port */
            continue;
        begun[n++] = (struct begun){ hash_group(s, row), (uint32_t)i, time_at(row, false) };
    }
    return n;
}

static void sweep_list(struct sweep *s, int64_t until_ns, struct time_wait_peak *peaks, size_t *count, size_t most)
{
    size_t room = s->list->count;
    struct begun *begun = room ? malloc(2 * room * sizeof *begun) : NULL;    /* the second half: to sort */
    int64_t *heap = room ? malloc(room * sizeof *heap) : NULL;
    size_t n = begun && heap ? collect_begun(s, begun) : 0;
    if (n)
        sort_begun(s, begun, begun + room, n);
    for (size_t from = 0, to; from < n; from = to) {
        for (to = from + 1; to < n && compare_groups(s, &begun[to], &begun[from]) == 0;)
            to++;
        struct time_wait_peak peak = sweep_group(s, begun + from, to - from, heap, until_ns);
        if (peak.most)
            keep_peak(peaks, count, most, &peak);
    }
    free(begun);
    free(heap);
}

size_t time_waits_peaks(const struct time_waits *w, bool towards, int64_t until_ns, struct time_wait_peak *ret_peaks,
                        size_t most)
{
    size_t count = 0;
    for (unsigned i = 0; i < 2; i++) {
        struct sweep s = { .list = &w->lists[i], .towards = towards };
        sweep_list(&s, until_ns, ret_peaks, &count, most);
    }
    return count;
}

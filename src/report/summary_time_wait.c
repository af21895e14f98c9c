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
    bool by_end;
};

/* Bytes of a row that tell its group; they begin at TIMES. */
static size_t group_bytes(const struct sweep *s)
{
    size_t address = address_bytes(s->list);
    return s->towards ? 2 * address + 2 : address;
}

static int compare_rows(const void *a, const void *b, void *arg)
{
    const struct sweep *s = arg;
    const uint8_t *x = row_at(s->list, *(const uint32_t *)a), *y = row_at(s->list, *(const uint32_t *)b);
    int groups = memcmp(x + TIMES, y + TIMES, group_bytes(s));
    if (groups)
        return groups;
    int64_t tx = time_at(x, s->by_end), ty = time_at(y, s->by_end);
    return tx < ty ? -1 : tx > ty;
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

/* One group: its rows by start and by end. An end at the moment of a start comes first: the socket was free. */
static struct time_wait_peak sweep_group(const struct sweep *s, const uint32_t *starts, const uint32_t *ends, size_t n,
                                         int64_t until_ns)
{
    struct time_wait_peak peak;
    memset(&peak, 0, sizeof peak);
    fill_group(s, row_at(s->list, starts[0]), &peak.group);
    uint64_t now = 0;
    size_t ended = 0;
    for (size_t i = 0; i < n; i++) {
        const uint8_t *row = row_at(s->list, starts[i]);
        int64_t start = time_at(row, false);
        if (start > until_ns)
            break;
        while (ended < i && time_at(row_at(s->list, ends[ended]), true) <= start) {
            ended++;
            now--;
        }
        now++;
        peak.periods++;
        peak.as_client |= row[row_bytes(s->list) - 1] != 0;
        if (now > peak.most) {
            peak.most = now;
            peak.at_ns = start;
        }
    }
    return peak;
}

static bool counts(const struct sweep *s, size_t i)
{
    return !s->towards || row_at(s->list, i)[row_bytes(s->list) - 1];    /* a server's side takes no port */
}

static void sweep_list(struct sweep *s, int64_t until_ns, struct time_wait_peak *peaks, size_t *count, size_t most)
{
    const struct time_wait_list *l = s->list;
    uint32_t *starts = l->count ? malloc(l->count * sizeof *starts) : NULL;
    uint32_t *ends = l->count ? malloc(l->count * sizeof *ends) : NULL;
    size_t n = 0;
    for (size_t i = 0; starts && ends && i < l->count; i++)
        if (counts(s, i)) {
            starts[n] = ends[n] = (uint32_t)i;
            n++;
        }
    if (n) {
        s->by_end = false;
        qsort_r(starts, n, sizeof *starts, compare_rows, s);
        s->by_end = true;
        qsort_r(ends, n, sizeof *ends, compare_rows, s);
    }
    for (size_t from = 0, to; from < n; from = to) {
        const uint8_t *group = row_at(l, starts[from]) + TIMES;
        for (to = from + 1; to < n && memcmp(row_at(l, starts[to]) + TIMES, group, group_bytes(s)) == 0;)
            to++;
        struct time_wait_peak peak = sweep_group(s, starts + from, ends + from, to - from, until_ns);
        if (peak.most)
            keep_peak(peaks, count, most, &peak);
    }
    free(starts);
    free(ends);
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

#include "report/summary_time_wait.h"

#include <stdlib.h>
#include <string.h>

#define NO_GROUP UINT32_MAX

static const struct top_shape group_shape = { .key_bytes = sizeof(struct time_wait_group), .counters = 2 };

void time_waits_init(struct time_waits *w, uint64_t limit, uint64_t seed)
{
    memset(w, 0, sizeof *w);
    top_init(&w->groups, group_shape, 0, seed);    /* bounded by the periods: at most two a period */
    uint64_t each = limit / TOP_SHARDS;
    w->limit_per_shard = each < 1 ? 1 : each > UINT32_MAX / 256 ? UINT32_MAX / 256 : (uint32_t)each;
}

void time_waits_done(struct time_waits *w)
{
    free(w->periods);
    w->periods = NULL;
    w->count = w->capacity = 0;
    top_done(&w->groups);
}

/* The row of a group, entered where it is new. */
static uint32_t group_row(struct time_waits *w, const struct time_wait_group *g, uint64_t as_client)
{
    uint64_t *counters = top_at(&w->groups, g);
    if (!counters)
        return NO_GROUP;
    counters[0]++;
    counters[1] += as_client;
    size_t words = sizeof *g / 8 + group_shape.counters;
    return (uint32_t)((size_t)(counters - sizeof *g / 8 - w->groups.rows) / words);
}

static bool make_room(struct time_waits *w)
{
    if (w->count < w->capacity)
        return true;
    size_t capacity = w->capacity ? w->capacity * 2 : 256;
    struct time_wait_period *periods = realloc(w->periods, capacity * sizeof *periods);
    if (!periods)
        return false;
    w->periods = periods;
    w->capacity = capacity;
    return true;
}

static void add_period(struct time_waits *w, const struct wt_connection *c, unsigned holder)
{
    const struct wt_side *local = &c->side[holder], *remote = &c->side[1 - holder];
    size_t bytes = c->family == 4 ? 4 : 16;
    struct time_wait_group host = { .family = c->family };
    memcpy(host.local, local->address, bytes);
    struct time_wait_group pair = host;
    memcpy(pair.remote, remote->address, bytes);
    pair.remote_port = remote->port;
    pair.towards = 1;
    if (!make_room(w)) {
        w->left_out++;
        return;
    }
    uint32_t host_row = group_row(w, &host, holder == 0);
    uint32_t pair_row = holder == 0 ? group_row(w, &pair, 1) : NO_GROUP;
    if (host_row == NO_GROUP) {
        w->left_out++;
        return;
    }
    w->periods[w->count++] = (struct time_wait_period){
        .start_ns = c->time_wait.start_ns, .end_ns = c->time_wait.end_ns, .host = host_row, .towards = pair_row };
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
        if (*taken >= w->limit_per_shard) {
            w->left_out++;
            continue;
        }
        (*taken)++;
        add_period(w, c, side);
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
    for (size_t i = 0; i < from->count; i++) {
        struct time_wait_period p = from->periods[i];
        bool client = p.towards != NO_GROUP;
        if (!make_room(into)) {
            into->left_out++;
            continue;
        }
        p.host = group_row(into, top_key(&from->groups, p.host), client);
        if (client)
            p.towards = group_row(into, top_key(&from->groups, p.towards), 1);
        if (p.host == NO_GROUP)
            into->left_out++;
        else
            into->periods[into->count++] = p;
    }
}

struct moment {
    int64_t at_ns;
    uint32_t group;
    int32_t change;
};

/* By group, then time; an end before a start at the same moment, as a socket that is taken again was free. */
static int compare_moments(const void *a, const void *b)
{
    const struct moment *x = a, *y = b;
    if (x->group != y->group)
        return x->group < y->group ? -1 : 1;
    if (x->at_ns != y->at_ns)
        return x->at_ns < y->at_ns ? -1 : 1;
    return x->change - y->change;
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

size_t time_waits_peaks(const struct time_waits *w, bool towards, int64_t until_ns, struct time_wait_peak *ret_peaks,
                        size_t most)
{
    struct moment *moments = malloc((w->count ? w->count : 1) * 2 * sizeof *moments);
    if (!moments)
        return 0;
    size_t n = 0;
    for (size_t i = 0; i < w->count; i++) {
        const struct time_wait_period *p = &w->periods[i];
        uint32_t group = towards ? p->towards : p->host;
        if (group == NO_GROUP || p->start_ns > until_ns)
            continue;
        moments[n++] = (struct moment){ p->start_ns, group, 1 };
        moments[n++] = (struct moment){ p->end_ns > p->start_ns || p->start_ns == INT64_MAX ? p->end_ns : p->start_ns + 1, group, -1 };
    }
    qsort(moments, n, sizeof *moments, compare_moments);
    size_t count = 0;
    for (size_t i = 0; i < n;) {
        uint32_t group = moments[i].group;
        struct time_wait_peak peak = { 0 };
        memcpy(&peak.group, top_key(&w->groups, group), sizeof peak.group);
        int64_t now = 0;
        for (; i < n && moments[i].group == group; i++) {
            now += moments[i].change;
            if (now > (int64_t)peak.most) {
                peak.most = (uint64_t)now;
                peak.at_ns = moments[i].at_ns;
            }
        }
        peak.periods = top_counters(&w->groups, group)[0];
        peak.as_client = top_counters(&w->groups, group)[1] > 0;
        keep_peak(ret_peaks, &count, most, &peak);
    }
    free(moments);
    return count;
}

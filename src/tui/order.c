/* In what order connections are listed, and in what groups. */
#include "tui/order.h"

#include <stdlib.h>
#include <string.h>

#define AT_ONCE 5000     /* connections that are sorted sooner than a thread is begun */

uint64_t connection_rate(const struct model_connection *c, int64_t now_ns, bool live)
{
    int64_t second = now_ns / 1000000000, lasted = c->last_ns - c->start_ns;
    if (live)
        return second == c->second ? c->before_bytes : second == c->second + 1 ? c->second_bytes : 0;
    uint64_t bytes = c->bytes[0] + c->bytes[1];
    return lasted < 1000000 ? 0 : (uint64_t)((double)bytes * 1e9 / (double)lasted);
}

struct sort_key {
    int64_t value;
    uint64_t group;
    uint32_t index, place;
};

static int64_t sort_value(const struct order_job *o, const struct model_connection *c)
{
    switch (o->sort) {
    case C_START: return c->start_ns;
    case C_CLIENT: return (int64_t)c->address[0][0] << 40 | (int64_t)c->address[0][1] << 32 | (int64_t)c->address[0][2] << 24
            | (int64_t)c->address[0][3] << 16 | c->port[0];
    case C_SERVER: return (int64_t)c->address[1][0] << 40 | (int64_t)c->address[1][1] << 32 | (int64_t)c->address[1][2] << 24
            | (int64_t)c->address[1][3] << 16 | c->port[1];
    case C_SERVICE: return c->port[1];
    case C_STATE: return c->ended ? 100 + c->outcome : c->state[0];
    case C_RTT: return c->rtt_ns;
    case C_OUT: return (int64_t)c->bytes[0];
    case C_IN: return (int64_t)c->bytes[1];
    case C_SENT: return (int64_t)c->packets[0];
    case C_RECEIVED: return (int64_t)c->packets[1];
    case C_RATE: case C_BAR: return (int64_t)connection_rate(c, o->now_ns, o->live);
    case C_AGAIN: return c->again[0] + c->again[1];
    case C_AGE: return c->last_ns - c->start_ns;
    default: return (int64_t)c->number;
    }
}

static int ascending(const void *a, const void *b)
{
    const struct sort_key *x = a, *y = b;
    return x->value != y->value ? (x->value < y->value ? -1 : 1) : x->index < y->index ? -1 : x->index > y->index;
}

static int descending(const void *a, const void *b)
{
    const struct sort_key *x = a, *y = b;
    return x->value != y->value ? (x->value > y->value ? -1 : 1) : x->index < y->index ? -1 : x->index > y->index;
}

/* ---- groups ---- */

static uint64_t group_of(const struct order_job *o, const struct model_connection *c)
{
    uint64_t h = UINT64_C(0xcbf29ce484222325) + c->family;
    if (o->grouping == GROUP_BY_PORT)
        return ((uint64_t)c->protocol << 16 | (c->protocol == 6 || c->protocol == 17 ? c->port[1] : 0)) + 1;
    for (unsigned i = 0; i < 16; i++)
        h = (h ^ c->address[o->grouping == GROUP_BY_SERVER][i]) * UINT64_C(0x100000001b3);
    return h;
}

static int by_group(const void *a, const void *b)
{
    const struct sort_key *x = a, *y = b;
    return x->group != y->group ? (x->group < y->group ? -1 : 1) : x->place < y->place ? -1 : x->place > y->place;
}

static int group_up(const void *a, const void *b)
{
    const struct conn_group *x = a, *y = b;
    return x->value != y->value ? (x->value < y->value ? -1 : 1) : x->begin < y->begin ? -1 : x->begin > y->begin;
}

static int group_down(const void *a, const void *b)
{
    const struct conn_group *x = a, *y = b;
    return x->value != y->value ? (x->value > y->value ? -1 : 1) : x->begin < y->begin ? -1 : x->begin > y->begin;
}

static void add_to_group(struct conn_group *g, const struct model_connection *c)
{
    struct model_connection *s = &g->sum;
    for (unsigned side = 0; side < 2; side++) {
        s->bytes[side] += c->bytes[side];
        s->packets[side] += c->packets[side];
        s->again[side] += c->again[side];
    }
    s->start_ns = !g->count || c->start_ns < s->start_ns ? c->start_ns : s->start_ns;
    s->last_ns = c->last_ns > s->last_ns ? c->last_ns : s->last_ns;
    s->rtt_ns = c->rtt_ns > s->rtt_ns ? c->rtt_ns : s->rtt_ns;
    if (c->second >= s->second) {
        s->before_bytes = c->second == s->second ? s->before_bytes + c->before_bytes
            : c->second == s->second + 1 ? s->second_bytes + c->before_bytes : c->before_bytes;
        s->second_bytes = (c->second == s->second ? s->second_bytes : 0) + c->second_bytes;
        s->second = c->second;
    }
    g->count++;
}

/* Keys are sorted; groups keep that order within, and are sorted by what the sums are. */
static bool make_groups(struct order_job *o, struct sort_key *keys, uint64_t count)
{
    o->groups = count ? calloc(count, sizeof *o->groups) : NULL;
    o->group_count = 0;
    for (uint64_t i = 0; i < count; i++)
        keys[i].place = (uint32_t)i;
    qsort(keys, count, sizeof *keys, by_group);
    for (uint64_t i = 0; o->groups && i < count; i++) {
        struct model_connection c;
        if (!model_connection(o->model, keys[i].index, &c))
            continue;
        bool new = !o->group_count || o->groups[o->group_count - 1].id != keys[i].group;
        if (new) {
            struct conn_group *fresh = &o->groups[o->group_count++];
            fresh->id = keys[i].group;
            fresh->first = fresh->sum = c;
            fresh->begin = (uint32_t)i;
            memset(fresh->sum.bytes, 0, sizeof c.bytes);
            memset(fresh->sum.packets, 0, sizeof c.packets);
            memset(fresh->sum.again, 0, sizeof c.again);
            fresh->sum.second = 0;
            fresh->sum.second_bytes = fresh->sum.before_bytes = 0;
        }
        add_to_group(&o->groups[o->group_count - 1], &c);
    }
    for (uint64_t i = 0; i < o->group_count; i++)
        o->groups[i].value = sort_value(o, &o->groups[i].sum);
    if (o->groups)
        qsort(o->groups, o->group_count, sizeof *o->groups, o->down ? group_down : group_up);
    return o->groups != NULL;
}

static void write_groups(struct order_job *o, const struct sort_key *keys)
{
    for (uint64_t g = 0; g < o->group_count; g++) {
        const struct conn_group *group = &o->groups[g];
        bool open = false;
        o->order[o->count++] = GROUP_ROW | (uint32_t)g;
        for (unsigned i = 0; i < o->unfolded_count; i++)
            open = open || o->unfolded[i] == group->id;
        for (uint64_t i = 0; open && i < group->count; i++)
            o->order[o->count++] = keys[group->begin + i].index;
    }
}

/* ---- all of it ---- */

static void make_order(void *arg)
{
    struct order_job *o = arg;
    uint64_t count = model_connection_count(o->model), kept = 0;
    struct sort_key *keys = malloc((count + 1) * sizeof *keys);
    o->order = malloc((count + 1) * 2 * sizeof *o->order);
    o->groups = NULL;
    o->count = o->group_count = 0;
    for (uint64_t i = 0; keys && o->order && i < count; i++) {
        struct model_connection c;
        if (model_connection(o->model, i, &c) && model_connection_passes(o->model, c.number))
            keys[kept++] = (struct sort_key){ sort_value(o, &c), o->grouping ? group_of(o, &c) : 0, (uint32_t)i, 0 };
    }
    if (keys)
        qsort(keys, kept, sizeof *keys, o->down ? descending : ascending);
    if (keys && o->order && o->grouping) {
        if (make_groups(o, keys, kept))
            write_groups(o, keys);
    } else {
        for (uint64_t i = 0; keys && o->order && i < kept; i++)
            o->order[o->count++] = keys[i].index;
    }
    free(keys);
}

/* The cursor stays on its connection. */
static void take_order(struct tui *t)
{
    struct order_job *o = &t->order_job;
    uint32_t chosen = t->connections.cursor < t->order_count ? t->order[t->connections.cursor] : UINT32_MAX;
    free(t->order);
    free(t->groups);
    t->groups = o->groups;
    t->group_count = o->group_count;
    o->groups = NULL;
    t->order = o->order;
    t->order_count = o->count;
    t->order_version = o->version;
    o->order = NULL;
    chosen = chosen & GROUP_ROW ? UINT32_MAX : chosen;
    for (uint64_t i = 0; chosen != UINT32_MAX && !t->connections.follow && i < t->order_count; i++)
        if (t->order[i] == chosen) {
            uint64_t shift = t->connections.cursor - t->connections.top;
            t->connections.cursor = i;
            t->connections.top = i > shift ? i - shift : 0;
            break;
        }
}

bool order_prepare(struct tui *t)
{
    struct order_job *o = &t->order_job;
    bool new = job_take(&o->job);
    if (new && o->order)
        take_order(t);
    bool asked = !t->order || o->sort != t->sort || o->down != t->sort_down || t->order_asked;
    bool stale = t->order_version != t->status.version && !job_tired(&o->job);
    if ((asked || stale) && !o->job.run) {
        t->order_asked = false;
        o->model = t->model;
        o->sort = t->sort;
        o->down = t->sort_down;
        o->grouping = t->grouping;
        o->unfolded_count = t->open_group_count;
        memcpy(o->unfolded, t->open_groups, sizeof o->unfolded);
        o->now_ns = t->last_ns;
        o->live = t->live;
        free(o->order);
        free(o->groups);
        o->version = t->status.version;
        if (t->status.connections < AT_ONCE) {
            make_order(o);
            take_order(t);
            return true;
        }
        job_begin(&o->job, make_order, o);
    }
    t->busy = o->job.run != NULL;
    return new;
}

/* A tracker, and the life of its connections. */
#include "track/tracker_impl.h"

#include <stdlib.h>
#include <string.h>

#define FIRST_BUCKETS 8

static uint64_t ticks(uint64_t seconds)
{
    return (seconds * 1000000000u + (1u << WHEEL_TICK_SHIFT) - 1) >> WHEEL_TICK_SHIFT;
}

static void read_config(struct tracker *t, const struct wt_config *config)
{
    const uint64_t *v = config->value;
    t->timeouts = (struct timeouts){
        .syn = ticks(v[WT_TCP_SYN_TIMEOUT]), .idle = ticks(v[WT_TCP_IDLE_TIMEOUT]),
        .linger = ticks(v[WT_TCP_CLOSED_LINGER]), .time_wait = ticks(v[WT_TIME_WAIT]),
        .udp = ticks(v[WT_UDP_TIMEOUT]), .icmp = ticks(v[WT_ICMP_TIMEOUT]),
    };
    t->time_wait_ns = (int64_t)v[WT_TIME_WAIT] * 1000000000;
    t->clock.jump_ns = (int64_t)v[WT_CLOCK_JUMP] * 1000000000;
}

static uint32_t share(uint64_t value, uint32_t least)
{
    uint64_t each = value / TRACK_SHARDS;
    return each < least ? least : (uint32_t)each;
}

/* Sets of the past: a quarter of the connections are remembered. */
static uint32_t past_sets(uint32_t connections)
{
    uint32_t sets = 4;
    while (sets < connections / (4 * PAST_SET) && sets < 1u << 16)
        sets *= 2;
    return sets;
}

static int shard_init(struct shard *s, const struct wt_config *config)
{
    s->limit = share(config->value[WT_MAX_CONNECTIONS], 1);
    s->more_limit = share(config->value[WT_MAX_CONNECTION_DETAILS], 1);
    s->flight_limit = share(config->value[WT_MAX_UNACKED_SEGMENTS], 1);
    uint32_t sets = past_sets(s->limit);
    s->past_mask = sets - 1;
    return table_init(&s->table, FIRST_BUCKETS);
}

/* In one piece, so that the system zeroes only what is used of it. */
static int past_init(struct tracker *t)
{
    size_t entries = 0;
    for (unsigned i = 0; i < TRACK_SHARDS; i++)
        if (t->own >> i & 1)
            entries += ((size_t)t->shards[i].past_mask + 1) * PAST_SET;
    t->past = calloc(entries * sizeof(struct past_entry) + PAST_LINE, 1);
    if (!t->past)
        return -1;
    struct past_entry *at = (struct past_entry *)(((uintptr_t)t->past + PAST_LINE - 1) & ~(uintptr_t)(PAST_LINE - 1));
    for (unsigned i = 0; i < TRACK_SHARDS; i++)
        if (t->own >> i & 1) {
            t->shards[i].past = at;
            at += ((size_t)t->shards[i].past_mask + 1) * PAST_SET;
        }
    return 0;
}

static int memory_init(struct tracker *t, const struct wt_config *config)
{
    uint64_t conns = 0, mores = 0, flights = 0;
    for (unsigned i = 0; i < TRACK_SHARDS; i++) {
        if (!(t->own >> i & 1))
            continue;
        struct shard *s = &t->shards[i];
        if (shard_init(s, config) < 0)
            return -1;
        conns += s->limit;
        mores += s->more_limit;
        flights += s->flight_limit;
    }
    if (slab_init(&t->conns, sizeof(struct conn), (uint32_t)conns) < 0
        || slab_init(&t->wides, sizeof(struct key_wide), (uint32_t)conns) < 0
        || slab_init(&t->mores, sizeof(struct conn_more), (uint32_t)mores) < 0
        || slab_init(&t->flights, sizeof(struct flight), (uint32_t)flights) < 0 || past_init(t) < 0)
        return -1;
    wheel_init(&t->wheel, &t->conns, offsetof(struct conn, timer));
    return 0;
}

struct tracker *tracker_new(const struct wt_config *config, const uint64_t seed[2], uint64_t own, bool number,
                            const struct tracker_hooks *hooks, struct wt_limit_hits *hits)
{
    (void)seed;    /* packets come hashed */
    struct tracker *t = calloc(1, sizeof *t);
    if (!t)
        return NULL;
    t->own = own;
    t->number = number;
    t->hooks = *hooks;
    t->hits = hits;
    read_config(t, config);
    t->ports = known_ports_new();
    if (!t->ports || memory_init(t, config) < 0) {
        tracker_free(t);
        return NULL;
    }
    return t;
}

void tracker_want_segments(struct tracker *t)
{
    t->want_segments = true;
}

void tracker_free(struct tracker *t)
{
    if (!t)
        return;
    for (unsigned i = 0; i < TRACK_SHARDS; i++)
        table_done(&t->shards[i].table);
    free(t->past);
    free(t->ports);
    slab_done(&t->conns);
    slab_done(&t->wides);
    slab_done(&t->mores);
    slab_done(&t->flights);
    free(t);
}

struct conn_more *more_take(struct tracker *t, struct conn *c)
{
    if (c->more)
        return more_at(t, c);
    struct shard *s = shard_of(t, c);
    uint32_t index = s->mores < s->more_limit ? slab_take(&t->mores) : 0;
    if (!index) {
        if (!(c->flags & WT_CONN_PARTIAL))
            t->hits->count[WT_MAX_CONNECTION_DETAILS]++;
        c->flags |= WT_CONN_PARTIAL;
        return NULL;
    }
    s->mores++;
    c->more = index;
    struct conn_more *m = slab_at(&t->mores, index);
    memset(m, 0, sizeof *m);
    for (unsigned side = 0; side < 2; side++) {
        m->side[side].max_ack = c->last_ack[side];
        m->side[side].acks = c->side[side] & SIDE_ACKS;
    }
    return m;
}

/* Frees the memory of a connection that has left table, list and wheel. */
static void conn_free(struct tracker *t, uint32_t index, struct conn *c)
{
    struct shard *s = shard_of(t, c);
    if (c->protocol == 6)
        flight_drop_all(t, c);
    if (c->more) {
        slab_give(&t->mores, c->more);
        s->mores--;
    }
    if (c->flags & LIVE_WIDE)
        slab_give(&t->wides, c->wide->index);
    c->family = 0;
    slab_give(&t->conns, index);
    s->count--;
}

static void tell(struct tracker *t, struct conn *c, enum wt_end_why why)
{
    if (t->hooks.close_stream)
        t->hooks.close_stream(t->hooks.hook_to, c, why, c->last_ns);
    record_fill(t, c, why, &t->record);
    if (t->hooks.time_wait && t->record.time_wait.holder != 255)
        t->hooks.time_wait(t->hooks.hook_to, &t->record);
    if (t->hooks.ended)
        t->hooks.ended(t->hooks.hook_to, c, &t->record);
}

void conn_end(struct tracker *t, uint32_t index, struct conn *c, enum wt_end_why why)
{
    tell(t, c, why);
    past_add(t, c, why);
    table_remove(&shard_of(t, c)->table, c->hash, index);
    class_leave(t, c);
    wheel_cancel(&t->wheel, index);
    t->counters.open--;
    conn_free(t, index, c);
}

void conn_end_of_all(struct tracker *t, uint32_t index, struct conn *c)
{
    tell(t, c, WT_END_CAPTURE);
    t->counters.open--;
    conn_free(t, index, c);
}

static void evict(struct tracker *t, uint32_t index)
{
    t->counters.evicted++;
    t->hits->count[WT_MAX_CONNECTIONS]++;
    conn_end(t, index, conn_at(t, index), WT_END_EVICTED);
}

/* tshark ends no conversation, but that a SYN begins a new one: so what we ended by silence takes its old stream
 * number again, as far as we remember it. */
static bool tshark_goes_on(const struct conn *c, const struct wt_packet *p)
{
    bool begins = p->flags & WT_PACKET_TCP && (p->tcp.flags & (WT_FLAG_SYN | WT_FLAG_ACK)) == WT_FLAG_SYN;
    return c->protocol != 6 || !begins;
}

/* Its place among all connections, and tshark's stream number; `stream`: the one to go on with, or NO_STREAM. */
static void give_numbers(struct tracker *t, struct conn *c, const struct wt_packet *p, const struct past_entry *past,
                         uint32_t stream)
{
    if (c->protocol == 6)
        t->counters.connections++;
    else
        t->counters.conversations++;
    c->stream = NO_STREAM;
    if (!t->number)
        return;
    t->last_number++;
    c->number_low = (uint32_t)t->last_number;
    c->number_high = t->last_number >> 32 & 255u;
    if (stream == NO_STREAM && past && tshark_goes_on(c, p))
        stream = past->stream;
    if (c->protocol == 6)
        c->stream = stream != NO_STREAM ? stream : t->next_tcp_stream++;
    else if (c->protocol == 17)
        c->stream = stream != NO_STREAM ? stream : t->next_udp_stream++;
}

static void remember_past(struct conn *c, const struct past_entry *past, const struct wt_packet *p)
{
    if (!past)
        return;
    if (past->evicted)
        c->flags |= WT_CONN_RESUMED;
    else if (c->protocol == 6 && p->flags & WT_PACKET_TCP && (p->tcp.flags & WT_FLAG_SYN))
        c->flags |= WT_CONN_REUSED_TUPLE;
}

static void conn_fill(struct tracker *t, struct conn *c, const struct wt_packet *p, uint32_t hash)
{
    memset(c, 0, sizeof *c);
    c->shard = p->shard & (TRACK_SHARDS - 1u);
    c->hash = hash;
    key_set(t, c, &p->key);
    uint32_t guessed;
    if (key_client(t->ports, p, &guessed) == 1)
        c->flags |= LIVE_CLIENT_1;
    c->flags |= guessed;
    if (p->flags & WT_PACKET_MULTICAST)
        c->flags |= LIVE_MULTICAST;
    c->start_ns = c->last_ns = p->frame.time_ns;
    c->first_frame = c->last_frame = p->frame.number & ((UINT64_C(1) << 44) - 1);
    c->first_closer = c->reset_by = NOBODY;
    c->first_end = p->dir & 1u;
    c->wscale[0] = c->wscale[1] = 255;
    if (c->protocol == 6)
        tcp_begin(c, p);
}

uint32_t conn_new(struct tracker *t, const struct wt_packet *p, uint32_t hash, uint32_t stream)
{
    struct shard *s = &t->shards[p->shard & (TRACK_SHARDS - 1u)];
    if (s->count >= s->limit)
        evict(t, class_victim(t, s));
    uint32_t index = slab_take(&t->conns);
    if (!index)
        return 0;
    struct conn *c = conn_at(t, index);
    conn_fill(t, c, p, hash);
    bool placed = c->family && table_add(&s->table, hash, index);
    if (c->family && !placed && table_in_the_way(&s->table, hash)) {
        evict(t, table_in_the_way(&s->table, hash));
        placed = table_add(&s->table, hash, index);
    }
    s->count++;
    if (!placed) {
        conn_free(t, index, c);
        return 0;
    }
    const struct past_entry *past = past_find(t, c);
    remember_past(c, past, p);
    give_numbers(t, c, p, past, stream);
    class_enter(t, index, c, CLASS_EMBRYONIC);
    class_touch(t, index, c, p->frame.time_ns);
    expiry_arm(t, index, c);
    if (++t->counters.open > t->counters.peak_open)
        t->counters.peak_open = t->counters.open;
    return index;
}

const struct tracker_counters *tracker_counters(const struct tracker *t)
{
    return &t->counters;
}

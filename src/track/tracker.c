/* Life and death of connections, and the batch: look-ups are spread over steps, so that cache misses overlap. */
#include "track/tracker_impl.h"

#include <stdlib.h>
#include <string.h>

#define BATCH 64
#define FIRST_BUCKETS 8
#define NO_STREAM UINT32_MAX

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
    s->past = calloc((size_t)sets * PAST_SET, sizeof *s->past);
    return s->past ? table_init(&s->table, FIRST_BUCKETS) : -1;
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
        || slab_init(&t->flights, sizeof(struct flight), (uint32_t)flights) < 0)
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
    if (memory_init(t, config) < 0) {
        tracker_free(t);
        return NULL;
    }
    return t;
}

void tracker_free(struct tracker *t)
{
    if (!t)
        return;
    for (unsigned i = 0; i < TRACK_SHARDS; i++) {
        table_done(&t->shards[i].table);
        free(t->shards[i].past);
    }
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

void conn_end(struct tracker *t, uint32_t index, struct conn *c, enum wt_end_why why)
{
    if (t->hooks.close_stream)
        t->hooks.close_stream(t->hooks.hook_to, c, why, c->last_ns);
    record_fill(t, c, why, &t->record);
    if (t->hooks.time_wait && t->record.time_wait.holder != 255)
        t->hooks.time_wait(t->hooks.hook_to, &t->record);
    if (t->hooks.ended)
        t->hooks.ended(t->hooks.hook_to, c, &t->record);
    past_add(t, c, why);
    table_remove(&shard_of(t, c)->table, c->hash, index);
    class_leave(t, c);
    wheel_cancel(&t->wheel, index);
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
    if (key_client(p, &guessed) == 1)
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

/* stream: the number that tshark goes on with, or NO_STREAM. */
static uint32_t conn_new(struct tracker *t, const struct wt_packet *p, uint32_t hash, uint32_t stream)
{
    struct shard *s = &t->shards[p->shard & (TRACK_SHARDS - 1u)];
    if (s->count >= s->limit)
        evict(t, class_victim(s));
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

/* ---- the batch ---- */

static uint32_t table_hash(const struct wt_packet *p)
{
    return (uint32_t)(p->hash >> 32 ^ p->hash);
}

/* Hashes leave the VLAN out, so that what differs in it alone is found here too. */
static uint32_t find(const struct tracker *t, const struct wt_packet *p, uint32_t hash)
{
    struct table_walk walk;
    const struct table *table = &t->shards[p->shard & (TRACK_SHARDS - 1u)].table;
    uint32_t turned = 0;
    for (uint32_t i = table_first(table, hash, &walk); i; i = table_next(&walk)) {
        enum key_match match = key_match(conn_at(t, i), p);
        if (match == KEY_SAME)
            return i;
        if (match == KEY_BUT_VLAN)
            turned = i;
    }
    return turned;
}

static bool is_ours(const struct tracker *t, const struct wt_packet *p)
{
    return p->flags & WT_PACKET_IP && !(p->flags & WT_PACKET_FRAGMENT)
        && t->own >> (p->shard & (TRACK_SHARDS - 1u)) & 1;
}

static void see_time(struct tracker *t, const struct wt_frame *frame)
{
    t->last_frame_ns = frame->time_ns;
    if (frame->flags & WT_FRAME_NO_TIME)
        return;
    uint64_t jumps = t->clock.jumps;
    bool started = t->clock.started;
    if (packet_clock_see(&t->clock, frame->time_ns)) {
        if (!started)
            wheel_start(&t->wheel, wheel_tick(t->clock.now_ns));
        else if (wheel_tick(t->clock.now_ns) != t->wheel.now)
            expiry_run(t);
    }
    if (t->clock.jumps != jumps) {
        t->counters.clock_jumps++;
        t->hits->count[WT_CLOCK_JUMP]++;
    }
}

/* The connection of a packet: the one that the look-up found, if it is still that; a new one where there is none, or
 * where the packet begins anew on its 5-tuple. */
static uint32_t settle(struct tracker *t, const struct wt_packet *p, uint32_t hash, uint32_t found,
                       struct track_packet *ret_in)
{
    enum tcp_anew anew = ANEW_NOT;
    uint32_t stream = NO_STREAM, completeness = 0;
    if (!found || key_match(conn_at(t, found), p) != KEY_SAME)
        found = find(t, p, hash);
    if (found && conn_at(t, found)->vlan != p->key.vlan && !(p->flags & WT_PACKET_ICMP_ERROR))
        conn_at(t, found)->vlans_differ = 1;
    if (found && (p->flags & (WT_PACKET_TCP | WT_PACKET_ICMP_ERROR)) == WT_PACKET_TCP) {
        struct conn *c = conn_at(t, found);
        anew = tcp_begins_anew(c, conn_side(c, p->dir), &p->tcp);
        if (anew != ANEW_NOT) {
            stream = c->stream;
            completeness = c->completeness;
            conn_end(t, found, c, WT_END_REUSED);
            found = 0;
        }
    }
    ret_in->fresh = !found;
    ret_in->again = anew == ANEW_SAME;
    if (found)
        return found;
    found = conn_new(t, p, hash, anew == ANEW_SAME ? stream : NO_STREAM);
    if (found && anew != ANEW_NOT)
        conn_at(t, found)->flags |= WT_CONN_REUSED_TUPLE;
    if (found && anew == ANEW_SAME)
        conn_at(t, found)->completeness = completeness & 63u;
    return found;
}

static void track(struct tracker *t, struct wt_packet *p, uint32_t hash, uint32_t found, struct track_result *res)
{
    struct track_packet in = { .p = p };
    uint32_t index = in.index = settle(t, p, hash, found, &in);
    if (!index)
        return;
    struct conn *c = in.c = conn_at(t, index);
    in.side = conn_side(c, p->dir);
    res->conn = c;
    res->side = (uint8_t)in.side;
    res->new_connection = in.fresh;
    if (p->flags & WT_PACKET_ICMP_ERROR)
        icmp_error_packet(t, &in, res);
    else if (p->flags & WT_PACKET_TCP)
        tcp_packet(t, &in, res);
    else
        other_packet(t, &in, res);
    c->last_ns = p->frame.time_ns;
    c->last_frame = p->frame.number & ((UINT64_C(1) << 44) - 1);
    class_touch(t, index, c, p->frame.time_ns);
}

static void prefetch_conn(const struct conn *c)
{
    const char *line = (const char *)c;
    __builtin_prefetch(line);
    __builtin_prefetch(line + 64);
    __builtin_prefetch(line + 128);
}

static void run_batch(struct tracker *t, struct wt_packet *packets, unsigned n,
                      void (*each)(void *to, struct wt_packet *packet, struct track_result *result), void *to)
{
    uint32_t hash[BATCH], found[BATCH];
    bool ours[BATCH];
    for (unsigned i = 0; i < n; i++) {
        ours[i] = is_ours(t, &packets[i]);
        if (!ours[i])
            continue;
        hash[i] = table_hash(&packets[i]);
        table_prefetch(&t->shards[packets[i].shard & (TRACK_SHARDS - 1u)].table, hash[i]);
    }
    for (unsigned i = 0; i < n; i++) {
        if (!ours[i])
            continue;
        struct table_walk walk;
        found[i] = table_first(&t->shards[packets[i].shard & (TRACK_SHARDS - 1u)].table, hash[i], &walk);
        if (found[i])
            prefetch_conn(conn_at(t, found[i]));
    }
    struct track_result res;
    for (unsigned i = 0; i < n; i++) {
        see_time(t, &packets[i].frame);
        res.conn = NULL;
        res.side = 0;
        res.new_connection = res.deliver = res.has_segment = false;
        res.data_seq = 0;
        if (ours[i])
            track(t, &packets[i], hash[i], found[i], &res);
        each(to, &packets[i], &res);
    }
}

void tracker_batch(struct tracker *t, struct wt_packet *packets, unsigned n,
                   void (*each)(void *to, struct wt_packet *packet, struct track_result *result), void *to)
{
    for (unsigned i = 0; i < n; i += BATCH)
        run_batch(t, packets + i, n - i < BATCH ? n - i : BATCH, each, to);
}

void tracker_tick(struct tracker *t, int64_t now_ns)
{
    struct wt_frame tick = { .time_ns = now_ns };
    int64_t last = t->last_frame_ns;
    if (!t->clock.started)
        return;
    see_time(t, &tick);
    t->last_frame_ns = last;
}

void tracker_frames_lost(struct tracker *t)
{
    for (unsigned i = 0; i < TRACK_SHARDS; i++)
        for (unsigned klass = 0; klass < CONN_CLASSES; klass++)
            for (uint32_t k = t->shards[i].list[klass].oldest; k; k = conn_at(t, k)->newer)
                conn_at(t, k)->flags |= WT_CONN_MISSED_FRAMES;
}

struct by_first { uint64_t frame; uint32_t index; };

/* Least digit first, a byte at a time: two frames never begin the same connection, so that nothing depends on the
 * order of equals. Result in `list`; `spare` is as long. */
static void sort_by_first(struct by_first *list, struct by_first *spare, size_t n)
{
    uint64_t differ = 0;
    for (size_t i = 1; i < n; i++)
        differ |= list[i].frame ^ list[0].frame;
    struct by_first *from = list, *to = spare;
    for (unsigned shift = 0; shift < 64; shift += 8) {
        if (!(differ >> shift & 255))
            continue;
        size_t at[257] = { 0 };
        for (size_t i = 0; i < n; i++)
            at[(from[i].frame >> shift & 255) + 1]++;
        for (unsigned i = 1; i < 257; i++)
            at[i] += at[i - 1];
        for (size_t i = 0; i < n; i++)
            to[at[from[i].frame >> shift & 255]++] = from[i];
        struct by_first *swap = from;
        from = to;
        to = swap;
    }
    if (from != list)
        memcpy(list, from, n * sizeof *list);
}

static size_t collect(const struct tracker *t, struct by_first *list)
{
    size_t n = 0;
    for (unsigned i = 0; i < TRACK_SHARDS; i++)
        for (unsigned klass = 0; klass < CONN_CLASSES; klass++)
            for (uint32_t k = t->shards[i].list[klass].oldest; k; k = conn_at(t, k)->newer)
                list[n++] = (struct by_first){ conn_at(t, k)->first_frame, k };
    return n;
}

void tracker_finish(struct tracker *t)
{
    struct by_first *list = calloc(t->counters.open + 1, 2 * sizeof *list);
    if (list) {
        size_t n = collect(t, list);
        sort_by_first(list, list + n, n);
        for (size_t i = 0; i < n; i++)
            conn_end(t, list[i].index, conn_at(t, list[i].index), WT_END_CAPTURE);
        free(list);
    }
    for (unsigned i = 0; i < TRACK_SHARDS; i++)    /* no memory for the order: the records are worth more */
        for (uint32_t k = class_victim(&t->shards[i]); k; k = class_victim(&t->shards[i]))
            conn_end(t, k, conn_at(t, k), WT_END_CAPTURE);
}

const struct tracker_counters *tracker_counters(const struct tracker *t)
{
    return &t->counters;
}

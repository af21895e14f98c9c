/* A batch of packets to their connections: look-ups are spread over steps, so that cache misses overlap. */
#include "track/tracker_impl.h"

#define BATCH 64

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
    struct conn *c = found ? conn_at(t, found) : NULL;
    if (!c || key_match(c, p) != KEY_SAME) {
        found = find(t, p, hash);
        c = found ? conn_at(t, found) : NULL;
    }
    if (c && c->vlan != p->key.vlan && !(p->flags & WT_PACKET_ICMP_ERROR))
        c->vlans_differ = 1;
    if (c && (p->flags & (WT_PACKET_TCP | WT_PACKET_ICMP_ERROR)) == WT_PACKET_TCP) {
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
    __builtin_prefetch(line + 192);
}

/* What hangs on a connection that has come by now: its newest segments in flight, and the first lines of its stream. */
static void prefetch_more(const struct tracker *t, const struct conn *c)
{
    if (c->protocol != 6)
        return;
    for (unsigned side = 0; side < 2; side++)
        if (c->flight[side])
            __builtin_prefetch(slab_at(&t->flights, c->flight[side]), 1);
    const char *stream = c->stream_slot;
    for (unsigned at = 0; stream && at < 192; at += 64)
        __builtin_prefetch(stream + at, 1);
}

static void run_batch(struct tracker *t, struct wt_packet *packets, unsigned n,
                      void (*each)(void *to, struct wt_packet *packet, struct track_result *result), void *to)
{
    uint32_t hash[BATCH], found[BATCH];
    struct conn *conn[BATCH];                /* of those found */
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
        conn[i] = found[i] ? conn_at(t, found[i]) : NULL;
        if (conn[i])
            prefetch_conn(conn[i]);
        else
            past_prefetch(t, packets[i].shard & (TRACK_SHARDS - 1u), hash[i]);
    }
    for (unsigned i = 0; i < n; i++)
        if (ours[i] && conn[i])
            prefetch_more(t, conn[i]);
    for (unsigned i = 0; t->hooks.ahead && i < n; i++)
        if (ours[i] && conn[i] && conn[i]->stream_slot)
            t->hooks.ahead(&conn[i]->stream_slot);
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
    if (n)
        t->last_frame = packets[n - 1].frame.number;
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
    t->lost_after_frame = t->last_frame;
}

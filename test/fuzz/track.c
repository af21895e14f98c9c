/* A program of bytes for the tracker: each instruction is a packet between a few hosts, a step in time, a tick or a
 * loss. Whatever comes, every packet is counted in exactly one record, and every record makes sense. */
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "track/conn.h"
#include "track/track.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define MAX_PACKETS 4096
#define BATCH 16

struct program {
    const uint8_t *at;
    size_t left;
};

struct run {
    struct tracker *tracker;
    int64_t now_ns;
    uint64_t frame;
    uint64_t counted, tracked;       /* packets in records; packets given */
    uint64_t records, begun;
    uint64_t last_first_frame;       /* at the end, records come in order */
    bool ending;
};

#define MUST(condition) do { if (!(condition)) abort(); } while (0)

static uint8_t next(struct program *p)
{
    if (!p->left)
        return 0;
    p->left--;
    return *p->at++;
}

static uint32_t next32(struct program *p)
{
    uint32_t v = next(p);
    v = v << 8 | next(p);
    v = v << 8 | next(p);
    return v << 8 | next(p);
}

static void check_record(void *to, struct conn *conn, const struct wt_connection *r)
{
    struct run *run = to;
    (void)conn;
    run->records++;
    run->counted += r->side[0].packets + r->side[1].packets;
    MUST(r->outcome < WT_OUTCOMES && r->close_kind < WT_CLOSE_KINDS);
    MUST(r->end_ns >= r->start_ns && r->last_frame >= r->first_frame);
    MUST(r->first_closer <= 1 || r->first_closer == 255);
    MUST(memchr(r->history, 0, sizeof r->history) && memchr(r->conn_state, 0, sizeof r->conn_state));
    for (unsigned side = 0; side < 2; side++) {
        const struct wt_side *s = &r->side[side];
        MUST(s->state < WT_TCP_STATES);
        MUST(s->unique_bytes <= s->payload_bytes);
        if (!(r->flags & WT_CONN_PARTIAL) && r->protocol == 6)
            MUST(s->unique_bytes + s->retransmitted_bytes >= s->payload_bytes);
    }
    if (r->time_wait.holder != 255)
        MUST(r->time_wait.holder <= 2);
    if (run->ending) {
        MUST(r->first_frame >= run->last_first_frame);
        run->last_first_frame = r->first_frame;
    }
}

static void check_result(void *to, struct wt_packet *p, struct track_result *r)
{
    struct run *run = to;
    if (!r->conn) {
        MUST(!(p->flags & WT_PACKET_IP));
        return;
    }
    run->begun += r->new_connection;
    if (!(p->flags & WT_PACKET_ICMP_ERROR))
        run->tracked++;
    if (r->has_segment) {
        const struct wt_segment *s = &r->segment;
        MUST(s->side <= 1 && s->state[0] < WT_TCP_STATES && s->state[1] < WT_TCP_STATES);
        MUST(s->window_scale >= -2 && s->window_scale <= 14);
        MUST(s->original_frame <= p->frame.number && s->dup_ack_frame <= p->frame.number);
    }
    struct wt_connection now;
    conn_record(run->tracker, r->conn, &now);
    MUST(now.last_frame == p->frame.number);
}

static void make_key(struct wt_packet *p, uint8_t which, uint8_t protocol)
{
    unsigned hosts = which & 7, port = which >> 3 & 7;
    p->key.family = hosts == 7 ? 6 : 4;
    p->key.scope = hosts == 6 ? 99 : 0;
    p->key.vlan = hosts == 5 ? 12 : 0;
    p->key.protocol = protocol;
    p->key.address[0][0] = 10;
    p->key.address[1][0] = 11;
    p->key.address[1][3] = (uint8_t)hosts;
    p->key.port[0] = (uint16_t)(port & 1 ? 80 : 40000);
    p->key.port[1] = (uint16_t)(port + 1000);
    p->dir = which >> 6 & 1;
    p->shard = port & 3;
    p->hash = (uint64_t)(which & 63) * UINT64_C(0x9e3779b97f4a7c15) ^ protocol;
}

static void make_tcp(struct program *program, struct wt_packet *p, uint8_t op)
{
    static const uint16_t usual[] = { 0x02, 0x12, 0x10, 0x18, 0x11, 0x04, 0x14, 0x10 };
    uint8_t how = next(program);
    p->flags |= WT_PACKET_TCP;
    p->tcp.flags = how & 0x80 ? next(program) : usual[how & 7];
    /* Numbers near each other, so that they meet; now and then any. */
    p->tcp.seq = how & 0x40 ? next32(program) : 0xffffff00u + next(program) * 16u;
    p->tcp.ack = how & 0x20 ? next32(program) : 0xfffffe00u + next(program) * 16u;
    p->tcp.window = how & 0x10 ? 0 : (uint16_t)(next(program) * 8);
    p->tcp.wscale = how & 0x08 ? next(program) : 255;
    p->payload_bytes = p->payload_wire_bytes = op & 0x20 ? next(program) : 0;
    if (op & 0x40)
        p->transport_checksum = WT_CKSUM_BAD;
}

/* One instruction: a packet, or nothing (time, loss). */
static bool step(struct program *program, struct run *run, struct wt_packet *p)
{
    static const int64_t steps[] = { 0, 1000, 1000000, 1000000000, 70000000000, -5000000, 5000000000000, -9000000000000 };
    uint8_t op = next(program);
    int64_t moved;
    if (!__builtin_add_overflow(run->now_ns, steps[op >> 2 & 7], &moved))
        run->now_ns = moved;
    if ((op & 3) == 3) {
        if (op & 0x80)
            tracker_frames_lost(run->tracker);
        else
            tracker_tick(run->tracker, run->now_ns);
        return false;
    }
    memset(p, 0, sizeof *p);
    p->flags = WT_PACKET_IP;
    uint8_t which = next(program);
    make_key(p, which, (op & 3) == 0 ? 6 : (op & 3) == 1 ? 17 : (which & 1 ? 6 : 1));
    if ((op & 3) == 0)
        make_tcp(program, p, op);
    else if ((op & 3) == 1)
        p->flags |= WT_PACKET_UDP;
    else
        p->flags |= WT_PACKET_ICMP | WT_PACKET_ICMP_ERROR;
    p->icmp = 0x0301;
    p->frame.number = ++run->frame;
    p->frame.time_ns = run->now_ns;
    p->frame.wire_len = p->frame.captured_len = 60;
    p->ip_bytes = 40;
    return true;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct wt_config config;
    struct wt_limit_hits hits = { { 0 } };
    struct run run = { .now_ns = INT64_C(1700000000000000000) };
    struct program program = { data, size };
    const struct tracker_hooks hooks = { .hook_to = &run, .ended = check_record };
    static const uint64_t seed[2];
    static struct wt_packet packets[BATCH];
    wt_config_defaults(&config);
    config.value[WT_MAX_CONNECTIONS] = 4 * TRACK_SHARDS;
    config.value[WT_MAX_CONNECTION_DETAILS] = 3 * TRACK_SHARDS;
    config.value[WT_MAX_UNACKED_SEGMENTS] = 4 * TRACK_SHARDS;
    run.tracker = tracker_new(&config, seed, UINT64_MAX, true, &hooks, &hits);
    if (!run.tracker)
        return 0;
    tracker_want_segments(run.tracker);
    unsigned n = 0;
    while (program.left && run.frame < MAX_PACKETS) {
        n += step(&program, &run, &packets[n]);
        if (n == BATCH || !program.left) {
            tracker_batch(run.tracker, packets, n, check_result, &run);
            n = 0;
        }
    }
    tracker_batch(run.tracker, packets, n, check_result, &run);
    run.ending = true;
    tracker_finish(run.tracker);
    MUST(tracker_counters(run.tracker)->open == 0);
    MUST(run.records == run.begun && run.counted == run.tracked);
    tracker_free(run.tracker);
    return 0;
}

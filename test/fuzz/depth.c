/* A program of bytes for the analysis of TCP: each instruction is a segment with any numbers, SACK blocks, time stamps and
 * classes, or a step in time, also backwards. Whatever comes, sums stay sums and shares stay below the whole. */
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "wiretale/analysis.h"
#include "wiretale/engine.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define MAX_SEGMENTS 4096
#define MUST(condition) do { if (!(condition)) abort(); } while (0)

struct program {
    const uint8_t *at;
    size_t left;
};

static uint8_t next(struct program *p)
{
    if (!p->left)
        return 0;
    p->left--;
    return *p->at++;
}

/* Most numbers are near to others; some are anywhere. */
static uint32_t number(struct program *p)
{
    uint8_t how = next(p);
    if (how < 200)
        return 1000u + (how % 40u) * 500u;
    uint32_t v = next(p);
    v = v << 8 | next(p);
    return v << 16 | (uint32_t)next(p) << 8 | how;
}

static void segment(struct program *in, struct wt_packet *p, struct wt_segment *s)
{
    static const uint8_t addresses[2][16] = { { 10, 0, 0, 1 }, { 10, 0, 0, 2 } };
    uint8_t how = next(in), flags = next(in), options = next(in);
    memset(p, 0, sizeof *p);
    memset(s, 0, sizeof *s);
    p->tcp = (struct wt_tcp_summary){ .seq = number(in), .ack = number(in), .flags = flags, .window = next(in), .wscale = 255 };
    p->ip_id = next(in);
    p->ttl = options & 1 ? 64 : 63;
    p->tos = options >> 1 & 3;
    p->tcp.sack_permitted = options >> 3 & 1;
    if (options & 16) {
        p->tcp.has_timestamps = 1;
        p->tcp.ts_val = number(in);
        p->tcp.ts_ecr = number(in);
    }
    p->tcp.sack_count = options >> 5 & 3;
    for (unsigned i = 0; i < p->tcp.sack_count; i++) {
        p->tcp.sack[i][0] = number(in);
        p->tcp.sack[i][1] = number(in);
    }
    p->tcp.mss = flags & WT_FLAG_SYN ? next(in) * 10u : 0;
    s->packet = p;
    s->side = how & 1;
    s->payload_bytes = how & 2 ? (how & 4 ? 500 : how & 8 ? 1 : next(in) * 260u) : 0;
    s->window = (uint32_t)p->tcp.window * 100u;
    s->client_port = how & 64 && how & 128 ? 7 : 40000;      /* sometimes it is turned round */
    s->client_address = addresses[0];
    s->server_address = addresses[1];
    s->family = 4;
    if (how & 16)
        s->did = UINT64_C(1) << (next(in) % 34);
}

static void check_repeats(const struct wt_repeat *r, unsigned count)
{
    for (unsigned i = 0; i < count; i++) {
        MUST(r[i].cause > WT_CAUSE_NONE && r[i].cause < WT_CAUSES && r[i].sureness <= WT_SURE);
        MUST(r[i].evidence < WT_EVIDENCES && r[i].proof < WT_PROOFS && r[i].original < WT_ORIGINALS);
        MUST(r[i].side < 2 && r[i].segments >= 1 && r[i].frame);
    }
}

static void check_result(const struct wt_analysis *a, int64_t longest)
{
    MUST(a->waited_ns[0] >= 0 && a->waited_ns[1] >= 0 && a->network_ns >= 0 && a->idle_ns >= 0);
    MUST(a->waited_ns[0] + a->waited_ns[1] + a->network_ns + a->idle_ns <= longest);
    for (unsigned side = 0; side < 2; side++) {
        const struct wt_direction *d = &a->side[side];
        MUST(d->sender_ns + d->receiver_ns + d->network_ns + d->idle_ns <= longest && d->zero_window_ns <= longest);
        MUST(d->spurious <= d->retransmitted_segments && d->lost_before + d->lost_after <= d->retransmitted_segments);
        uint64_t sum = 0;
        for (unsigned c = WT_CAUSE_NONE + 1; c < WT_CAUSE_REORDERED; c++)
            sum += c == WT_CAUSE_WINDOW_PROBE ? 0 : d->repeats[c];
        MUST(sum == d->retransmitted_segments);
        MUST(!d->rtt.samples || (d->rtt.min_ns <= d->rtt.p50_ns && d->rtt.p50_ns <= d->rtt.p99_ns && d->rtt.p99_ns <= d->rtt.max_ns));
        MUST(d->blocked_longest_ns <= d->blocked_ns);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct program in = { data, size };
    struct wt_config config;
    struct wt_limit_hits hits = { 0 };
    wt_config_defaults(&config);
    config.value[WT_MAX_ANALYSIS_BYTES] = 1u << 20;
    struct wt_depth *d = wt_depth_new(&config, &hits);
    struct wt_analysis_state *a = NULL;
    if (d)
        wt_depth_open(d, &a);
    int64_t now = INT64_C(1000000000000), earliest = now, latest = now;
    for (uint64_t frame = 1; a && in.left && frame <= MAX_SEGMENTS; frame++) {
        static _Thread_local struct wt_packet packet;
        struct wt_segment s;
        uint8_t step = next(&in);
        now += step < 250 ? (int64_t)step * step * 10000 : -1000000;
        latest = now > latest ? now : latest;
        earliest = now < earliest ? now : earliest;
        segment(&in, &packet, &s);
        packet.frame.number = frame;
        packet.frame.time_ns = now;
        struct wt_packet_view view = { .packet = &packet, .segment = &s, .side = s.side };
        unsigned count = 0;
        const struct wt_repeat *said = wt_depth_packet(d, a, &view, &count);
        check_repeats(said, count);
    }
    if (a) {
        struct wt_analysis result;
        struct wt_connection c = { .protocol = 6 };
        c.side[0].port = 40000;
        wt_depth_result(d, a, &c, &result);
        check_result(&result, latest - earliest);
    }
    wt_depth_free(d);
    return 0;
}

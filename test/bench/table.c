/* What the tracker costs a packet, with more and more connections open: begin, find and follow, end.
 * usage: bench-table [CONNECTIONS...] (default 10000 100000 1000000) */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <time.h>

#include "decode/decode.h"
#include "track/track.h"

#define BATCH 64
#define ROUNDS 4000000u

static const uint64_t seed[2] = { 0x0123456789abcdefu, 0xfedcba9876543210u };

static double cpu_ns(void)
{
    struct timespec t;
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
    return (double)t.tv_sec * 1e9 + (double)t.tv_nsec;
}

static uint64_t rng_state = 88172645463325252u;

static uint32_t rng(uint32_t below)
{
    rng_state ^= rng_state << 13;
    rng_state ^= rng_state >> 7;
    rng_state ^= rng_state << 17;
    return (uint32_t)((rng_state >> 32) * below >> 32);
}

struct run {
    struct tracker *t;
    struct wt_packet *packets;
    int64_t now_ns;
    uint64_t frame, found, ended;
    uint32_t *steps;             /* of a connection: odd: data was sent and waits for its ACK */
};

static void each(void *to, struct wt_packet *p, struct track_result *r)
{
    struct run *run = to;
    (void)p;
    run->found += r->conn && !r->new_connection;
}

static void ended(void *to, struct conn *conn, const struct wt_connection *record)
{
    struct run *run = to;
    (void)conn;
    run->ended += record->side[0].packets != 0;
}

static void fill(struct run *run, struct wt_packet *p, uint32_t n, unsigned flags, uint32_t seq, uint32_t ack)
{
    memset(&p->key, 0, sizeof p->key);
    p->flags = WT_PACKET_IP | WT_PACKET_TCP;
    p->key.family = 4;
    p->key.protocol = 6;
    memcpy(p->key.address[0], &n, 4);
    p->key.address[0][3] = 10;
    p->key.address[1][0] = 200;
    p->key.port[0] = (uint16_t)(1024 + (n >> 16));
    p->key.port[1] = 80;
    p->dir = ack && (flags & WT_FLAG_SYN) ? 1 : 0;
    p->hash = flow_key_hash(&p->key, seed);
    p->shard = (uint16_t)(p->hash & 63);
    p->tcp = (struct wt_tcp_summary){ .seq = seq, .ack = ack, .flags = (uint16_t)flags, .window = 1000, .wscale = 255 };
    p->frame.time_ns = run->now_ns += 100;
    p->frame.number = ++run->frame;
    p->frame.wire_len = p->frame.captured_len = 60;
    p->ip_bytes = 40;
    p->transport_checksum = WT_CKSUM_GOOD;
}

/* A request of ten bytes, or the ACK of the last one: what an open connection does most. */
static void fill_next(struct run *run, struct wt_packet *p, uint32_t n)
{
    uint32_t step = run->steps[n]++, sent = (step + 1) / 2 * 10;
    if (step % 2 == 0) {
        fill(run, p, n, WT_FLAG_ACK, 101 + sent, 301);
        p->payload_bytes = p->payload_wire_bytes = 10;
        return;
    }
    fill(run, p, n, WT_FLAG_ACK, 301, 101 + sent);
    p->dir = 1;
    p->payload_bytes = p->payload_wire_bytes = 0;
}

/* `what` packets over `connections`: in order, or anyone's. The packets are made outside of what is timed. */
static double timed(struct run *run, uint32_t what, uint32_t connections, bool any, unsigned flags, uint32_t seq,
                    uint32_t ack)
{
    double spent = 0;
    for (uint32_t i = 0; i < what; i += BATCH) {
        unsigned n = what - i < BATCH ? what - i : BATCH;
        for (unsigned k = 0; k < n; k++)
            if (any)
                fill_next(run, &run->packets[k], rng(connections));
            else
                fill(run, &run->packets[k], i + k, flags, seq, ack);
        double before = cpu_ns();
        tracker_batch(run->t, run->packets, n, each, run);
        spent += cpu_ns() - before;
    }
    return spent / what;
}

static long resident_kib(void)
{
    struct rusage usage;
    getrusage(RUSAGE_SELF, &usage);
    return usage.ru_maxrss;
}

static int bench(uint32_t connections)
{
    struct wt_config config;
    static struct wt_limit_hits hits;
    struct run run = { .now_ns = INT64_C(1700000000000000000) };
    const struct tracker_hooks hooks = { .hook_to = &run, .ended = ended };
    wt_config_defaults(&config);
    config.value[WT_MAX_CONNECTIONS] = (uint64_t)connections * 2;
    run.t = tracker_new(&config, seed, UINT64_MAX, true, &hooks, &hits);
    run.packets = calloc(BATCH, sizeof *run.packets);
    run.steps = calloc(connections, sizeof *run.steps);
    if (!run.t || !run.packets || !run.steps)
        return 1;
    long before = resident_kib();
    double begin = timed(&run, connections, connections, false, WT_FLAG_SYN, 100, 0);
    long kib = resident_kib() - before;
    double answer = timed(&run, connections, connections, false, WT_FLAG_SYN | WT_FLAG_ACK, 300, 101);
    double open = timed(&run, connections, connections, false, WT_FLAG_ACK, 101, 301);
    run.found = 0;
    double follow = timed(&run, ROUNDS, connections, true, 0, 0, 0);
    bool right = run.found == ROUNDS && tracker_counters(run.t)->open == connections;
    double start = cpu_ns();
    tracker_finish(run.t);
    double end = (cpu_ns() - start) / connections;
    right = right && run.ended == connections;
    printf("%10u %8.0f %8.0f %8.0f %8.0f %8.0f %10.0f%s\n", connections, begin, answer, open, follow, end,
           (double)kib * 1024 / connections, right ? "" : "  WRONG");
    tracker_free(run.t);
    free(run.packets);
    free(run.steps);
    return right ? 0 : 1;
}

int main(int argc, char **argv)
{
    int bad = 0;
    printf("ns a packet (CPU); bytes a connection: resident, after its SYN\n");
    printf("%10s %8s %8s %8s %8s %8s %10s\n", "open", "SYN", "SYN-ACK", "ACK", "anyone's", "end", "bytes");
    for (int i = 1; i < argc; i++)
        bad |= bench((uint32_t)strtoul(argv[i], NULL, 10));
    if (argc == 1)
        bad = bench(10000) | bench(100000) | bench(1000000);
    return bad;
}

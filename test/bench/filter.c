/* What a display filter costs a packet, apart from reading, decoding and tracking it. Usage: bench-filter FILE [FILTER...] */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "wiretale/filter.h"

enum { ROUNDS = 8, MOST = 32 };

struct filter_cost {
    const char *text;
    struct wt_filter *filter;
    struct wt_filter_matcher *matcher;
    uint64_t ns, matched;
};

static struct filter_cost costs[MOST];
static unsigned count;
static uint64_t packets;

static uint64_t cpu_ns(void)
{
    struct timespec t;
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &t);
    return (uint64_t)t.tv_sec * 1000000000 + (uint64_t)t.tv_nsec;
}

static void match(void *worker, const struct wt_packet_view *view)
{
    (void)worker;
    packets++;
    uint64_t before = cpu_ns();
    for (unsigned i = 0; i < count; i++) {
        for (unsigned round = 0; round < ROUNDS; round++)
            costs[i].matched += wt_filter_match_packet(costs[i].matcher, view);
        uint64_t after = cpu_ns();
        costs[i].ns += after - before;
        before = after;
    }
}

static bool add(const char *text)
{
    struct wt_filter_error err;
    struct filter_cost *c = &costs[count];
    c->text = text;
    c->filter = wt_filter_compile(text, WT_FILTER_PACKETS, &err);
    c->matcher = c->filter ? wt_filter_matcher_new(c->filter) : NULL;
    if (!c->filter)
        fprintf(stderr, "filter: %s: %s\n", text, err.text);
    else
        count++;
    return c->matcher;
}

static int run(const char *path)
{
    struct wt_input input = { path, false };
    struct wt_error err = { 0 };
    struct wt_engine_options options = { .source = { .inputs = &input, .input_count = 1 }, .workers = 1, .seed = { 1, 1 },
                                         .keep_stream_layers = true };
    struct wt_client client = { .packet = match };
    wt_config_defaults(&options.config);
    struct wt_engine *e = wt_engine_new(&options, &client, &err);
    int r = e ? wt_engine_run(e, &err) : -1;
    if (r < 0)
        fprintf(stderr, "filter: %s\n", err.text);
    wt_engine_free(e);
    return r < 0;
}

int main(int argc, char **argv)
{
    static const char *const plain[] = { "ip", "tcp.port == 443", "tcp.flags.syn == 1 && tcp.flags.ack == 0",
        "ip.addr == 10.0.0.0/8 and not udp", "frame.len in {60 .. 100, 1500}", "dns.qry.name contains \"example\"",
        "http.response.code >= 400", "http.host matches \"^www\"", "tcp.analysis.retransmission" };
    if (argc < 2 || argc - 2 > MOST) {
        fputs("usage: bench-filter FILE [FILTER...]\n", stderr);
        return 2;
    }
    bool good = true;
    for (int i = 2; i < argc; i++)
        good = add(argv[i]) && good;
    for (unsigned i = 0; argc == 2 && i < sizeof plain / sizeof *plain; i++)
        good = add(plain[i]) && good;
    int status = good ? run(argv[1]) : 1;
    printf("%10s %12s  filter (%" PRIu64 " packets, each %d times)\n", "ns/packet", "matches", packets, ROUNDS);
    for (unsigned i = 0; i < count; i++) {
        struct filter_cost *c = &costs[i];
        printf("%10.1f %12" PRIu64 "  %s\n", packets ? (double)c->ns / (double)packets / ROUNDS : 0.0, c->matched / ROUNDS, c->text);
        wt_filter_matcher_free(c->matcher);
        wt_filter_free(c->filter);
    }
    return status;
}

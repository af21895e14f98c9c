/* What decoding a frame costs, by what it carries; and verifying its checksums.
 * usage: bench-decode [WHICH [BATCHES]] for frames of one kind, bench-decode -r FILE for those of a capture; under `valgrind --tool=callgrind --toggle-collect=decode_batch` one WHICH gives
 * the instructions: divide by the frames that it prints. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "decode/decode.h"
#include "source/source.h"

#define BATCH 64

static double cpu_ns(void)
{
    struct timespec t;
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
    return (double)t.tv_sec * 1e9 + (double)t.tv_nsec;
}

#define ETH "020000000002020000000001"
#define IPV4(proto) "4500%04x0001400040" proto "00000a0000010a000002"
#define IPV6(proto) "60000000%04x" proto "4020010db800000000000000000000000120010db8000000000000000000000002"
#define TCP "c35001bb0000000100000001801001f600000000"
#define TIMESTAMPS "0101080a0000000100000002"

/* `data` bytes of payload follow; %04x is the length that the network header states. */
static const struct {
    const char *name, *hex;
    unsigned linktype, counted, data;   /* counted: bytes that the stated length covers besides the data */
} kinds[] = {
    { "tcp", ETH "0800" IPV4("06") TCP TIMESTAMPS, 1, 52, 1448 },
    { "ack", ETH "0800" IPV4("06") TCP TIMESTAMPS, 1, 52, 0 },
    { "tcp6", ETH "86dd" IPV6("06") TCP TIMESTAMPS, 1, 32, 1428 },
    { "udp", ETH "0800" IPV4("11") "c3500fa0" "00480000", 1, 28, 64 },
    { "udp6", ETH "86dd" IPV6("11") "c3500fa0" "00480000", 1, 8, 64 },
    { "vlan-tcp", ETH "8100002a" "0800" IPV4("06") TCP TIMESTAMPS, 1, 52, 1448 },
    { "qinq-tcp", ETH "88a80064" "8100002a" "0800" IPV4("06") TCP TIMESTAMPS, 1, 52, 1448 },
    { "cooked-tcp", "000000010006020000000001" "0000" "0800" IPV4("06") TCP TIMESTAMPS, 113, 52, 1448 },
    { "echo", ETH "0800" IPV4("01") "0800000000010001", 1, 28, 56 },
    { "arp", ETH "0806" "0001080006040001" "0200000000010a0000010000000000000a000002", 1, 0, 18 },
};

static size_t build(unsigned kind, uint8_t *out)
{
    char hex[512];
    size_t n = 0;
    unsigned v, len = kinds[kind].counted + kinds[kind].data;
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wformat-nonliteral"
    snprintf(hex, sizeof hex, kinds[kind].hex, len);
#pragma GCC diagnostic pop
    for (const char *at = hex; *at && sscanf(at, "%2x", &v) == 1; at += 2)
        out[n++] = (uint8_t)v;
    for (unsigned i = 0; i < kinds[kind].data; i++)
        out[n++] = (uint8_t)(i * 7);
    return n;
}

static void bench(struct decoder *d, unsigned kind, unsigned batches)
{
    static uint8_t bytes[BATCH][2048];
    static struct wt_packet packets[BATCH];
    struct wt_frame frames[BATCH];
    for (unsigned i = 0; i < BATCH; i++) {
        uint32_t len = (uint32_t)build(kind, bytes[i]);
        frames[i] = (struct wt_frame){ .bytes = bytes[i], .captured_len = len, .wire_len = len, .number = i + 1,
                                       .linktype = (uint16_t)kinds[kind].linktype };
    }
    double start = cpu_ns();
    for (unsigned b = 0; b < batches; b++)
        decode_batch(d, frames, packets, BATCH);
    double decoded = cpu_ns() - start;
    start = cpu_ns();
    for (unsigned b = 0; b < batches; b++)
        for (unsigned i = 0; i < BATCH; i++)
            decode_checksums(&packets[i]);
    double verified = cpu_ns() - start;
    double frames_done = (double)batches * BATCH;
    printf("%-12s %10.0f frames %8.1f ns to decode %8.1f ns to verify %5u bytes, %u layers\n", kinds[kind].name, frames_done,
           decoded / frames_done, verified / frames_done, frames[0].captured_len, packets[0].layer_count);
}

/* Time in fill and in decode_batch apart; the clock is read twice a batch of frames, which is part of what it says. */
static int bench_file(struct decoder *d, const struct wt_config *config, const char *path)
{
    static struct wt_packet packets[BATCH];
    struct wt_input input = { .name = path };
    struct wt_error err = { 0 };
    struct block block = { 0 };
    double filled = 0, decoded = 0, verified = 0;
    uint64_t frames = 0, layers = 0;
    struct source *s = source_open(&(struct wt_source_options){ .inputs = &input, .input_count = 1 }, config, &err);
    if (!s || block_init(&block, 1 << 20, &err) < 0)
        goto failed;
    while (!block.last) {
        block.used = block.frame_count = 0;
        double start = cpu_ns();
        if (s->ops->fill(s, &block, &err) < 0)
            goto failed;
        filled += cpu_ns() - start;
        for (uint32_t at = 0; at < block.frame_count; at += BATCH) {
            unsigned n = block.frame_count - at < BATCH ? block.frame_count - at : BATCH;
            double t0 = cpu_ns();
            decode_batch(d, block.frames + at, packets, n);
            double t1 = cpu_ns();
            for (unsigned i = 0; i < n; i++)
                decode_checksums(&packets[i]);
            verified += cpu_ns() - t1;
            decoded += t1 - t0;
            for (unsigned i = 0; i < n; i++)
                layers += packets[i].layer_count;
        }
        frames += block.frame_count;
    }
    double n = frames ? (double)frames : 1;
    printf("%s: %llu frames, %.2f layers each: %.1f ns to read, %.1f ns to decode, %.1f ns to verify checksums, a frame\n", path,
           (unsigned long long)frames, (double)layers / n, filled / n, decoded / n, verified / n);
    s->ops->close(s);
    block_done(&block);
    return 0;
failed:
    fprintf(stderr, "%s\n", err.text);
    if (s)
        s->ops->close(s);
    block_done(&block);
    return 1;
}

int main(int argc, char **argv)
{
    struct wt_config config;
    static struct wt_limit_hits hits;
    unsigned batches = argc > 2 ? (unsigned)strtoul(argv[2], NULL, 10) : 100000;
    wt_config_defaults(&config);
    struct decoder *d = decoder_new(&config, (uint64_t[2]){ 1, 2 }, &hits);
    if (!d)
        return 1;
    if (argc == 3 && strcmp(argv[1], "-r") == 0) {
        int failed = bench_file(d, &config, argv[2]);
        decoder_free(d);
        return failed;
    }
    for (unsigned i = 0; i < sizeof kinds / sizeof kinds[0]; i++)
        if (argc < 2 || strcmp(argv[1], kinds[i].name) == 0)
            bench(d, i, batches);
    decoder_free(d);
    return 0;
}

/* Segments of one connection in any order, with lies about everything. Every byte that comes out is the first copy of
 * its place that came in, places never run back, and nothing is held beyond the end. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "stream/stream.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define PLACES 65536u
#define START 0xffffff00u       /* so that sequence numbers wrap */

struct model {
    uint8_t value[2][PLACES];
    bool came[2][PLACES];
    uint64_t place[2];          /* of the next byte that comes out */
};

static void take_bytes(void *to, struct stream *s, unsigned side, struct wt_slice bytes, uint64_t frame)
{
    struct model *m = to;
    (void)s;
    (void)frame;
    if (bytes.len == 0)
        abort();
    for (size_t i = 0; i < bytes.len; i++) {
        uint64_t place = m->place[side]++;
        if (place < PLACES && (!m->came[side][place] || m->value[side][place] != bytes.at[i]))
            abort();
    }
}

static void take_gap(void *to, struct stream *s, unsigned side, uint64_t len, uint64_t frame)
{
    struct model *m = to;
    (void)s;
    (void)frame;
    if (len == 0)
        abort();
    m->place[side] += len;
}

static void ignore_message(void *to, const struct wt_message *message)
{
    (void)to;
    (void)message;
}

/* A segment: what, 2 bytes of place, length, cut; then its bytes are made from place and a salt. */
#define STEP 6
static void run(const uint8_t *data, size_t size, struct model *m)
{
    struct wt_config config;
    struct wt_limit_hits hits = { { 0 } };
    wt_config_defaults(&config);
    config.value[WT_MAX_REASSEMBLY_PER_CONNECTION] = data[0] & 1 ? 1u << 20 : 8192;
    struct stream_tap tap = { m, take_bytes, take_gap };
    struct stream_set *set = stream_set_new(&config, &hits, &tap);
    struct wt_session_context ctx = { .client_port = 40000, .server_port = data[0] & 2 ? 53 : 80, .config = &config,
                                      .hits = &hits, .emit = ignore_message };
    void *slot = NULL;
    bool over = false;
    for (size_t at = 1; at + STEP <= size && !over; at += STEP) {
        const uint8_t *p = data + at;
        unsigned side = p[0] & 1;
        uint32_t place = (uint32_t)(p[1] << 8 | p[2]), len = p[3];
        uint8_t bytes[256];
        for (uint32_t i = 0; i < len; i++) {
            bytes[i] = (uint8_t)(p[0] & 64 ? p[4] : (place + i) * 7);
            if (place + i < PLACES && !m->came[side][place + i]) {
                m->came[side][place + i] = true;
                m->value[side][place + i] = bytes[i];
            }
        }
        ctx.frame++;
        ctx.time_ns += (int64_t)p[5] * 1000000;
        struct stream_segment s = {
            .side = side, .seq = START + place, .payload = { bytes, len }, .wire_bytes = len + (p[0] & 32 ? p[4] : 0u),
            .start_known = true, .start_seq = START, .fin = p[0] & 2, .rst = (p[0] & 28) == 28, .has_ack = p[0] & 4,
            .ack = START + (uint32_t)p[4] * 256, .context = &ctx,
        };
        over = s.rst;
        stream_segment(set, &slot, &s);
    }
    stream_close(set, &slot, &ctx, WT_CLOSED_END);
    if (slot)
        abort();
    stream_set_free(set);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (size < 1 + STEP || size > 4096)
        return 0;
    struct model *m = calloc(1, sizeof *m);
    run(data, size, m);
    free(m);
    return 0;
}

/* Segments of a few connections in any order, seen as tshark 4.0 sees them: no read beyond, nothing held at the end. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "stream/as_tshark.h"
#include "wiretale/message.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void touch(void *to, const struct wt_message *message)
{
    unsigned char *sum = to;
    if (message->kind != WT_MESSAGE_LAYER || message->layer->bytes.len > 2048)
        abort();                           /* longer than max-http-header here */
    for (size_t i = 0; i < message->layer->bytes.len; i++)
        *sum ^= message->layer->bytes.at[i];
}

/* A step: what, two bytes of place, a length; then the bytes, on memory of their own. Where `what` says so they stand
 * right behind the last ones of their side. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct wt_config config;
    struct wt_limit_hits hits = { { 0 } };
    unsigned char sum = 0;
    wt_config_defaults(&config);
    config.value[WT_MAX_HTTP_HEADER] = 1024;
    config.value[WT_MAX_SESSIONS] = 16;
    config.value[WT_MAX_REASSEMBLY_BYTES] = 65536;
    struct as_tshark *t = as_tshark_new(&config, &hits);
    uint32_t next[2] = { 0xffffff80u, 0xffffff80u };
    struct wt_session_context context = { .client_port = 40000, .server_port = 80, .config = &config, .hits = &hits,
                                          .emit = touch, .emit_to = &sum };
    for (size_t at = 0; at + 4 <= size;) {
        unsigned what = data[at], side = what & 1;
        uint32_t place = 0xffffff80u + (uint32_t)(data[at + 1] << 8 | data[at + 2]);
        size_t len = data[at + 3] * (what & 2 ? 8u : 1u);
        at += 4;
        len = len < size - at ? len : size - at;
        uint8_t *copy = malloc(len + !len);
        memcpy(copy, data + at, len);
        at += len;
        struct stream_segment segment = {
            .side = side, .seq = what & 4 ? place : next[side], .payload = { copy, len }, .wire_bytes = (uint32_t)len,
            .fin = (what & 0x18) == 0x18, .context = &context,
        };
        next[side] = segment.seq + (uint32_t)len;
        context.frame++;
        as_tshark_segment(t, what >> 6 == 3 ? what >> 4 : 1, &segment,
                          (what & 0x20 ? (what >> 3 & 7) : 0) | (what & 0x40 ? 0u : AS_TSHARK_WHOLE));
        free(copy);
    }
    as_tshark_free(t);
    return 0;
}

/* Any bytes as a frame of any link type, or as the header of any dissector: walked, verified, described, summarised. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "decode/decode.h"
#include "wiretale/dissector.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static uint64_t seen;

/* Reads every byte that a value claims to have. */
static void touch(struct wt_sink *sink, const struct wt_field *field, struct wt_value value, struct wt_span span)
{
    (void)sink;
    (void)span;
    switch (field->type) {
    case WT_IPV4: case WT_IPV6: case WT_ETHER: case WT_BYTES: case WT_STRING: case WT_PROTOCOL:
        for (size_t i = 0; i < value.bytes.len; i++)
            seen += value.bytes.at[i];
        break;
    default:
        seen += value.u;
    }
}

static void touch_open(struct wt_sink *sink, const struct wt_field *field, struct wt_value value, struct wt_span span,
                       const char *heading)
{
    if (field)
        touch(sink, field, value, span);
    if (heading)
        seen += strlen(heading);
}

static void touch_close(struct wt_sink *sink)
{
    (void)sink;
}

static void touch_note(struct wt_sink *sink, const char *text, struct wt_span span)
{
    (void)sink;
    (void)span;
    seen += strlen(text);
}

static void show(const struct wt_dissector *d, const struct wt_packet *p, const struct wt_layer *layer, struct wt_slice bytes,
                 size_t wire_bytes)
{
    static _Alignas(16) uint8_t header[WT_MAX_HEADER];
    struct wt_context context = { .ip_checksum = p ? p->ip_checksum : 0, .transport_checksum = p ? p->transport_checksum : 0,
                                  .has = UINT32_MAX, .did = UINT64_MAX };
    struct wt_sink sink = { NULL, touch, touch_open, touch_close, touch_note };
    memset(header, 0, sizeof header);
    struct wt_cursor c = wt_cursor(bytes.at, bytes.len, wire_bytes);
    d->decode(&c, header);
    struct wt_next next = { 0 };
    if (d->next)
        d->next(header, &next);    /* the walk has short cuts for the common ones */
    seen += next.payload_bytes;
    struct wt_layer_view view = { .dissector = d, .layer = layer, .packet = p, .context = p ? &context : NULL,
                                  .header = header, .bytes = bytes };
    if (d->describe)
        d->describe(&view, &sink);
    else
        wt_describe_rows(&view, &sink, 0, d->field_count);
    char text[512];
    struct wt_text info = { text, sizeof text, 0, false };
    if (d->summarise)
        d->summarise(&view, &info);
    seen += info.len;
}

static void show_packet(const struct wt_packet *p)
{
    for (unsigned i = 0; i < p->layer_count; i++) {
        const struct wt_layer *l = &p->layers[i];
        struct wt_slice whole = p->buffers[l->buffer];
        size_t room = whole.len - l->offset;
        struct wt_slice bytes = { whole.at + l->offset, l->captured < room ? l->captured : room };
        show(wt_dissector_at(l->dissector), p, l, bytes, l->wire_bytes);
    }
}

/* The dissector whose name's hash is nearest: an input goes on meaning the same when others are added. */
static const struct wt_dissector *pick(unsigned wanted)
{
    const struct wt_dissector *best = NULL;
    unsigned least = UINT32_MAX;
    for (unsigned i = 0; i < wt_dissector_count(); i++) {
        const struct wt_dissector *d = wt_dissector_at(i);
        unsigned hash = 2166136261u;
        for (const char *c = d->name; *c; c++)
            hash = (hash ^ (unsigned char)*c) * 16777619u;
        unsigned apart = ((hash >> 16) ^ wanted) & 0xffff;
        if (apart < least) {
            least = apart;
            best = d;
        }
    }
    return best;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const uint16_t linktypes[] = { 1, 101, 113, 276, 0, 108, 9, 12, 228, 229, 10, 50, 104, 105, 107, 127, 226, 239, 242, 14, 149, 258 };
    if (size < 6)
        return 0;
    uint8_t choice = data[0];
    if (wt_dissector_by_key(WT_KEY_LINKTYPE, linktypes[choice % (sizeof linktypes / sizeof linktypes[0])]) < 0
        || wt_dissector_index("no such name") >= 0)
        abort();
    bool cut = data[1] & 1;
    size_t pieces = 1 + (data[1] >> 1) % 8;
    data += 2;
    size -= 2;
    if (choice >= 128) {
        const struct wt_dissector *d = pick((unsigned)data[0] << 8 | data[1]);
        data += 2;
        size -= 2;
        show(d, NULL, NULL, (struct wt_slice){ data, size }, cut ? size + 100 : size);
        return 0;
    }
    struct wt_config config;
    struct wt_limit_hits hits = { 0 };
    wt_config_defaults(&config);
    struct decoder *decoder = decoder_new(&config, (uint64_t[2]){ 1, 2 }, &hits);
    static struct wt_packet packets[8];
    struct wt_frame frames[8];
    for (size_t i = 0; i < pieces; i++) {
        size_t len = size / pieces;
        frames[i] = (struct wt_frame){
            .bytes = data + i * len, .captured_len = (uint32_t)len, .wire_len = (uint32_t)(cut ? len + 50 : len), .number = i + 1,
            .linktype = linktypes[choice % (sizeof linktypes / sizeof linktypes[0])], .time_ns = (int64_t)i * 1000000000,
        };
    }
    decode_batch(decoder, frames, packets, (unsigned)pieces);
    for (size_t i = 0; i < pieces; i++) {
        decode_checksums(&packets[i]);
        show_packet(&packets[i]);
    }
    decoder_free(decoder);
    return 0;
}

/* A DNS message as bytes: decode, every field, the Info column, names at every place, and as frames over TCP. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "dissectors/dns.h"
#include "wiretale/config.h"
#include "wiretale/message.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

struct counting {
    struct wt_sink sink;
    unsigned depth;
    unsigned char touched;
};

static bool holds_bytes(enum wt_type type)
{
    return type == WT_IPV4 || type == WT_IPV6 || type == WT_ETHER || type == WT_BYTES || type == WT_STRING;
}

static void take_field(struct wt_sink *sink, const struct wt_field *field, struct wt_value value, struct wt_span span)
{
    struct counting *c = (struct counting *)sink;
    (void)span;
    if (holds_bytes((enum wt_type)field->type))
        for (size_t i = 0; i < value.bytes.len; i++)
            c->touched ^= value.bytes.at[i];
}

static void take_open(struct wt_sink *sink, const struct wt_field *field, struct wt_value value, struct wt_span span,
                      const char *heading)
{
    struct counting *c = (struct counting *)sink;
    c->depth++;
    if (field && field->type != WT_NONE)
        take_field(sink, field, value, span);
    if (heading)
        c->touched ^= (unsigned char)strlen(heading);
}

static void take_close(struct wt_sink *sink)
{
    struct counting *c = (struct counting *)sink;
    if (c->depth-- == 0)
        abort();
}

static void take_note(struct wt_sink *sink, const char *text, struct wt_span span)
{
    (void)span;
    ((struct counting *)sink)->touched ^= (unsigned char)text[0];
}

static void look_at(const struct wt_dissector *d, const uint8_t *at, size_t captured, size_t on_wire)
{
    struct dns dns;
    struct wt_cursor c = wt_cursor(at, captured, on_wire);
    d->decode(&c, &dns);
    for (unsigned i = 0; i < DNS_SECTIONS; i++)
        if (dns.whole[i] > dns.count[i])
            abort();
    struct dns_walk walk = dns_walk(&dns);
    struct dns_record r = { .end = DNS_HEADER_BYTES };
    unsigned walked = 0, whole = 0;
    while (dns_walk_next(&walk, &r))
        walked++;
    for (unsigned i = 0; i < DNS_SECTIONS; i++)
        whole += dns.whole[i];
    if (dns.end > captured || walked != whole || (captured >= DNS_HEADER_BYTES && r.end != dns.end))
        abort();
    struct counting sink = { .sink = { .field = take_field, .open = take_open, .close = take_close, .note = take_note } };
    struct wt_layer_view view = { .dissector = d, .header = &dns, .bytes = { at, captured } };
    d->describe(&view, &sink.sink);
    if (sink.depth)
        abort();
    char info[256] = "";
    struct wt_text text = { info, sizeof info, 0, false };
    d->summarise(&view, &text);
    if (strlen(info) >= sizeof info)
        abort();
}

static void look_at_names(const uint8_t *at, size_t size)
{
    for (uint32_t i = 0; i < size && i < 64; i++) {
        struct dns_name name;
        uint8_t buffer[DNS_NAME_TEXT];
        char shown[1100];
        struct wt_text text = { shown, sizeof shown, 0, false };
        dns_name_read((struct wt_slice){ at, size }, i, &name);
        if (name.len > DNS_MAX_NAME || name.end > size || dns_name_text(&name, buffer).len > DNS_NAME_TEXT)
            abort();
        dns_name_present(&name, &text);
        if (text.full)
            abort();
    }
}

static void count_message(void *to, const struct wt_message *message)
{
    if (message->kind != WT_MESSAGE_LAYER || message->layer->bytes.len < DNS_HEADER_BYTES)
        abort();
    ++*(unsigned *)to;
}

/* The bytes as a stream, cut into segments of a length that the input chooses. */
static void look_at_stream(const uint8_t *data, size_t size)
{
    struct wt_config config;
    struct wt_limit_hits hits = { { 0 } };
    struct wt_held held = { 0, 4096 };
    unsigned messages = 0;
    wt_config_defaults(&config);
    struct wt_session_context ctx = { .client_port = 40000, .server_port = 53, .config = &config, .hits = &hits,
                                      .emit = count_message, .emit_to = &messages, .held = &held };
    const struct wt_session_ops *ops = dns_dissector.session;
    void *session = malloc(ops->session_bytes);
    ops->open(session, &ctx);
    size_t step = 1 + data[0] % 40;
    bool going = true;
    for (size_t at = 0; at < size && going; at += step) {
        size_t n = size - at < step ? size - at : step;
        if (data[at] == 0xfe)
            going = ops->gap(session, &ctx, data[0] >> 7, n);
        else
            going = ops->feed(session, &ctx, data[0] >> 7, (struct wt_slice){ data + at, n });
    }
    ops->close(session, &ctx, 2, WT_CLOSED_FIN);
    free(session);
    if (held.bytes)
        abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (size < 2 || size > 4096)
        return 0;
    size_t snapped = data[0] < size - 1 ? size - 1 - data[0] : size - 1;
    uint8_t *copy = malloc(size - 1);
    memcpy(copy, data + 1, size - 1);
    look_at(&dns_dissector, copy, size - 1, size - 1);
    look_at(&mdns_dissector, copy, size - 1, size - 1);
    look_at(&llmnr_dissector, copy, size - 1, size - 1);
    look_at_names(copy, size - 1);
    dns_dissector.recognise((struct wt_slice){ copy, size - 1 });
    free(copy);
    copy = malloc(snapped ? snapped : 1);
    memcpy(copy, data + 1, snapped);
    look_at(&dns_dissector, copy, snapped, size - 1);
    free(copy);
    look_at_stream(data, size);
    return 0;
}

/* A conversation of HTTP as bytes: what two sides send, holes and ends between. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "dissectors/http1.h"
#include "wiretale/config.h"
#include "wiretale/message.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static unsigned char touched;

static void touch(struct wt_slice s)
{
    for (size_t i = 0; i < s.len; i++)
        touched ^= s.at[i];
}

static void take_field(struct wt_sink *sink, const struct wt_field *field, struct wt_value value, struct wt_span span)
{
    (void)sink;
    (void)span;
    if (field->type == WT_STRING || field->type == WT_BYTES)
        touch(value.bytes);
}

static void take_open(struct wt_sink *sink, const struct wt_field *field, struct wt_value value, struct wt_span span,
                      const char *heading)
{
    if (field)
        take_field(sink, field, value, span);
    if (heading)
        touch((struct wt_slice){ (const uint8_t *)heading, strlen(heading) });
}

static void take_close(struct wt_sink *sink)
{
    (void)sink;
}

static void take_note(struct wt_sink *sink, const char *text, struct wt_span span)
{
    (void)sink;
    (void)text;
    (void)span;
}

static void show(struct wt_slice bytes, size_t on_wire)
{
    struct wt_sink sink = { .field = take_field, .open = take_open, .close = take_close, .note = take_note };
    struct http1 head;
    struct wt_cursor c = wt_cursor(bytes.at, bytes.len, on_wire);
    http1_dissector.decode(&c, &head);
    struct wt_layer_view view = { .dissector = &http1_dissector, .header = &head, .bytes = bytes };
    http1_dissector.describe(&view, &sink);
    char info[300] = "";
    struct wt_text text = { info, sizeof info, 0, false };
    http1_dissector.summarise(&view, &text);
}

static void emit(void *to, const struct wt_message *message)
{
    (void)to;
    if (message->kind == WT_MESSAGE_LAYER) {
        show(message->layer->bytes, message->layer->bytes.len);
        return;
    }
    const struct wt_http_exchange *x = message->http;
    const struct wt_slice all[] = { x->method, x->target, x->host, x->reason, x->user_agent, x->referer,
                                    x->content_type, x->location, x->server, x->via, x->etag, x->cache_control,
                                    x->age, x->set_cookie, x->cookie, x->authorization };
    for (size_t i = 0; i < sizeof all / sizeof *all; i++)
        touch(all[i]);
    if ((x->flags & WT_HTTP_NO_REQUEST) && x->request_frame)
        abort();
}

/* Steps: a byte that says what, a byte of length, then bytes. */
static void converse(const uint8_t *data, size_t size)
{
    struct wt_config config;
    struct wt_limit_hits hits = { { 0 } };
    struct wt_held held = { 0, 32768 };
    wt_config_defaults(&config);
    config.value[WT_MAX_HTTP_HEADER] = 1024;
    config.value[WT_MAX_HTTP_PIPELINE] = 4;
    struct wt_session_context ctx = { .client_port = 40000, .server_port = 80, .config = &config, .hits = &hits,
                                      .emit = emit, .held = &held };
    const struct wt_session_ops *ops = http1_dissector.session;
    void *session = malloc(ops->session_bytes);
    ops->open(session, &ctx);
    bool going = true, closed[2] = { false, false };
    for (size_t at = 0; at + 2 <= size && going;) {
        unsigned what = data[at] & 7, dir = data[at] >> 3 & 1;
        size_t n = data[at + 1] | (size_t)(data[at] >> 4) << 8;
        at += 2;
        ctx.frame++;
        ctx.time_ns += 1000;
        if (what == 7) {
            going = closed[dir] || ops->gap(session, &ctx, dir, n + 1);
            continue;
        }
        if (what == 6) {
            if (!closed[dir])
                ops->close(session, &ctx, dir, n & 1 ? WT_CLOSED_FIN : WT_CLOSED_RST);
            closed[dir] = true;
            continue;
        }
        n = n < size - at ? n : size - at;
        if (n && !closed[dir]) {
            uint8_t *copy = malloc(n);
            memcpy(copy, data + at, n);
            ops->probe(&ctx, dir, (struct wt_slice){ copy, n < 64 ? n : 64 });
            going = ops->feed(session, &ctx, dir, (struct wt_slice){ copy, n });
            free(copy);
        }
        at += n;
    }
    ops->close(session, &ctx, 2, WT_CLOSED_FIN);
    free(session);
    if (held.bytes)
        abort();
}

/* Where a head ends does not depend on how it is looked for. */
static void ends_agree(struct wt_slice bytes)
{
    struct http1 head;
    uint32_t at = 0, found = 0, whole = http1_parse(bytes, &head);
    if (whole > bytes.len)
        abort();
    for (size_t len = 0; len <= bytes.len && !found; len += 1 + bytes.len / 64)
        found = http1_find_end((struct wt_slice){ bytes.at, len }, &at);
    if (!found)
        found = http1_find_end(bytes, &at);
    if (found != whole)
        abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (size == 0 || size > 8192)
        return 0;
    uint8_t *copy = malloc(size);
    memcpy(copy, data, size);
    ends_agree((struct wt_slice){ copy, size });
    show((struct wt_slice){ copy, size }, size);
    show((struct wt_slice){ copy, size / 2 }, size);
    free(copy);
    converse(data, size);
    return 0;
}

/* HTTP/1 over a connection: heads and bodies as the bytes come (RFC 9112 6 and 7), whatever the segments' borders.
 * A head within one segment is not copied; body bytes are only counted. */
#include "dissectors/http1_impl.h"

#include <stdlib.h>
#include <string.h>

#define MAX_CHUNK (UINT64_C(1) << 56)       /* a longer chunk size is a lie, or an attack */
#define FIRST_ROOM 1024u
#define NO_CLIENT 2

/* One call of feed() at work. */
struct feed {
    struct http1_session *s;
    const struct wt_session_context *ctx;
    struct http1_side *side;
    unsigned dir;
    struct wt_slice rest;              /* not looked at yet */
    const uint8_t *message;            /* where the message began, if in these bytes */
    struct http1 head;                 /* of it, if has_head: parsed in this call */
    bool has_head;
};

static bool is_client(const struct feed *f)
{
    return f->s->client == f->dir;
}

static enum wt_probe starts_message(const struct http1_session *s, unsigned dir, struct wt_slice bytes)
{
    enum wt_probe request = WT_NOT_MINE, response = WT_NOT_MINE;
    if (s->client != !dir)
        request = http1_request_start(bytes);
    if (request != WT_MINE && s->client != dir)
        response = http1_response_start(bytes);
    if (request == WT_MINE || response == WT_MINE)
        return WT_MINE;
    return request == WT_PROBE_MORE || response == WT_PROBE_MORE ? WT_PROBE_MORE : WT_NOT_MINE;
}

static enum wt_probe http1_probe(const struct wt_session_context *ctx, unsigned dir, struct wt_slice first)
{
    static const struct http1_session nothing_known = { .client = NO_CLIENT };
    (void)ctx;
    while (first.len && (first.at[0] == '\r' || first.at[0] == '\n')) {     /* RFC 9112 2.2 */
        first.at++;
        first.len--;
    }
    return starts_message(&nothing_known, dir, first);
}

static void http1_open(void *session, const struct wt_session_context *ctx)
{
    struct http1_session *s = session;
    memset(s, 0, sizeof *s);
    s->client = NO_CLIENT;
    s->dissector = ctx->dissector;
}

/* ---- the buffer of a side ---- */

static bool make_room(struct http1_side *side, const struct wt_session_context *ctx, size_t need)
{
    if (need <= side->room)
        return true;
    size_t room = side->room ? side->room : FIRST_ROOM;
    while (room < need)
        room *= 2;
    if (!http1_take(ctx, room - side->room))
        return false;
    uint8_t *more = realloc(side->buffer, room);
    if (!more) {
        http1_give(ctx, room - side->room);
        return false;
    }
    side->buffer = more;
    side->room = (uint32_t)room;
    return true;
}

static void drop_buffer(struct http1_side *side, const struct wt_session_context *ctx)
{
    http1_give(ctx, side->room);
    free(side->buffer);
    side->buffer = NULL;
    side->room = side->have = side->scanned = 0;
}

static void next_message(struct http1_side *side)
{
    side->state = HTTP1_AT_HEAD;
    side->started = side->incomplete = side->hole = side->malformed = false;
    side->have = side->scanned = 0;
    side->body = 0;
    side->left = 0;
    side->segments = 0;
}

/* ---- the end of a message ---- */

/* The head of the message under way: as just parsed, or again from where it was kept. */
static const struct http1 *current_head(struct feed *f)
{
    if (!f->has_head) {
        struct wt_slice kept = { f->side->buffer, f->side->have };
        if (is_client(f) && f->s->receiving)
            kept = (struct wt_slice){ f->s->receiving->head, f->s->receiving->head_len };
        http1_parse(kept, &f->head);
        f->has_head = true;
    }
    return &f->head;
}

/* All of it where it came in one piece, else its head. */
static struct wt_slice message_bytes(const struct feed *f)
{
    if (f->message)
        return (struct wt_slice){ f->message, (size_t)(f->rest.at - f->message) };
    return (struct wt_slice){ f->head.bytes.at, f->head.head_len };
}

static void end_request(struct feed *f)
{
    struct http1_side *side = f->side;
    struct http1_pending *p = f->s->receiving;
    const struct http1 *head = current_head(f);
    if (p) {
        p->done_frame = f->ctx->frame;
        p->done_ns = f->ctx->time_ns;
        p->x.request_end_ns = side->last_ns;
        p->x.request_body_bytes = side->body;
        p->x.flags |= side->incomplete ? WT_HTTP_INCOMPLETE : 0u;
        p->x.flags |= side->malformed ? WT_HTTP_MALFORMED : 0u;
        if (!side->hole)
            http1_emit_layer(f->s, f->ctx, f->dir, head, message_bytes(f), side->segments, NULL, p->x.depth);
    }
    http1_done(f->s, f->ctx);
    next_message(side);
}

static void end_response(struct feed *f, uint32_t flags)
{
    struct http1_side *side = f->side;
    const struct http1 *head = current_head(f);
    if (!side->hole)
        http1_emit_layer(f->s, f->ctx, f->dir, head, message_bytes(f), side->segments, f->s->first,
                         f->s->first ? f->s->first->x.depth : 0);
    http1_end(f->s, f->ctx, head, side, flags);
    next_message(side);
}

static void end_message(struct feed *f)
{
    if (is_client(f))
        end_request(f);
    else
        end_response(f, f->side->state == HTTP1_UNTIL_CLOSE ? WT_HTTP_UNTIL_CLOSE : 0);
    f->message = NULL;
    f->has_head = false;
}

/* Where messages begin is not known any more: what is under way ends here. */
static void lose(struct feed *f)
{
    struct http1_side *side = f->side;
    if (side->started && side->state != HTTP1_AT_HEAD) {
        side->incomplete = true;
        end_message(f);
    }
    next_message(side);
    side->state = HTTP1_LOST;
    if (!is_client(f) && f->s->client != NO_CLIENT)
        f->s->response_lost = true;
}

/* ---- the beginning ---- */

static bool begin_request(struct feed *f)
{
    if (f->s->response_lost) {          /* nobody pipelines any more, so the older ones were answered in the hole */
        while (f->s->first && f->s->first->done_frame)
            http1_end_unanswered(f->s, f->ctx);
        f->s->response_lost = false;
    }
    struct http1_pending *p = http1_begin(f->s, f->ctx, &f->head, f->side);
    if (!p)
        return false;
    f->s->receiving = p;
    if (f->head.flags & HTTP1_CHUNKED)
        f->side->state = HTTP1_AT_CHUNK_SIZE;
    else if (f->head.flags & HTTP1_LENGTH && f->head.content_length) {
        f->side->state = HTTP1_IN_LENGTH;
        f->side->left = f->head.content_length;
    } else {
        end_message(f);
    }
    return true;
}

static bool method_is(const struct http1_pending *p, const char *method)
{
    size_t len = strlen(method);
    return p && p->x.method.len == len && memcmp(p->x.method.at, method, len) == 0;
}

static void interim_response(struct feed *f)
{
    struct http1_pending *p = f->s->first;
    http1_emit_layer(f->s, f->ctx, f->dir, &f->head, message_bytes(f), f->side->segments, p, p ? p->x.depth : 0);
    if (p) {
        p->x.interim++;
        p->x.flags |= f->head.status == 100 ? WT_HTTP_CONTINUED : 0u;
    }
    next_message(f->side);
    f->message = NULL;
    f->has_head = false;
}

/* RFC 9112 6.3, in its order. */
static void begin_response(struct feed *f)
{
    const struct http1 *head = &f->head;
    struct http1_side *side = f->side;
    unsigned status = head->status;
    const struct http1_pending *p = f->s->first;
    if (status >= 100 && status < 200 && status != 101) {
        interim_response(f);
        return;
    }
    bool tunnel = method_is(p, "CONNECT") && status >= 200 && status < 300;
    if (status == 101 || tunnel) {
        f->s->over = true;
        end_response(f, tunnel ? WT_HTTP_TUNNEL : WT_HTTP_UPGRADED);
        return;
    }
    if (method_is(p, "HEAD") || status == 204 || status == 304) {
        end_message(f);
    } else if (head->flags & HTTP1_CHUNKED) {
        side->state = HTTP1_AT_CHUNK_SIZE;
    } else if (head->flags & HTTP1_LENGTH && !(head->flags & HTTP1_OTHER_CODING)) {
        side->state = HTTP1_IN_LENGTH;
        side->left = head->content_length;
        if (!side->left)
            end_message(f);
    } else {
        side->state = HTTP1_UNTIL_CLOSE;
    }
}

static bool begin_message(struct feed *f)
{
    f->has_head = true;
    f->side->head_frame = f->ctx->frame;
    bool response = f->head.flags & HTTP1_RESPONSE;
    if (f->s->client == NO_CLIENT)
        f->s->client = (uint8_t)(response ? !f->dir : f->dir);
    if (response == is_client(f)) {             /* a response where requests come from: not a message of this side */
        next_message(f->side);
        f->side->state = HTTP1_LOST;
        return true;
    }
    f->side->state = HTTP1_AT_HEAD;
    if (!response)
        return begin_request(f);
    begin_response(f);
    return true;
}

/* A head whose beginning was kept from earlier segments. */
static bool more_of_head(struct feed *f)
{
    struct http1_side *side = f->side;
    uint64_t limit = f->ctx->config->value[WT_MAX_HTTP_HEADER];
    while (f->rest.len) {
        size_t n = f->rest.len < 4096 ? f->rest.len : 4096;
        if (side->have + n > limit)
            n = (size_t)(limit - side->have);
        if (n == 0) {
            f->ctx->hits->count[WT_MAX_HTTP_HEADER]++;
            return false;
        }
        if (!make_room(side, f->ctx, side->have + n))
            return false;
        uint32_t before = side->have;
        memcpy(side->buffer + before, f->rest.at, n);
        side->have += (uint32_t)n;
        struct wt_slice held = { side->buffer, side->have };
        uint32_t end = http1_find_end(held, &side->scanned);
        enum wt_probe start = before < 64 ? starts_message(f->s, f->dir, held) : WT_MINE;
        if (start == WT_NOT_MINE || (end && start != WT_MINE)) {
            lose(f);
            f->rest.len = 0;
            return true;
        }
        size_t used = end ? end - before : n;
        f->rest.at += used;
        f->rest.len -= used;
        if (!end)
            continue;
        side->have = end;
        http1_parse((struct wt_slice){ side->buffer, end }, &f->head);
        return begin_message(f);
    }
    return true;
}

static bool take_head(struct feed *f)
{
    struct http1_side *side = f->side;
    if (side->have)
        return more_of_head(f);
    while (f->rest.len && (f->rest.at[0] == '\r' || f->rest.at[0] == '\n')) {
        f->rest.at++;
        f->rest.len--;
    }
    if (!f->rest.len)
        return true;
    enum wt_probe start = starts_message(f->s, f->dir, f->rest);
    uint32_t len = start == WT_NOT_MINE ? 0 : http1_parse(f->rest, &f->head);
    if (start == WT_NOT_MINE || (len && start != WT_MINE)) {
        lose(f);
        f->rest.len = 0;
        return true;
    }
    side->started = true;
    side->start_ns = f->ctx->time_ns;
    side->segments = 1;
    if (!len)
        return more_of_head(f);
    if (len > f->ctx->config->value[WT_MAX_HTTP_HEADER]) {
        f->ctx->hits->count[WT_MAX_HTTP_HEADER]++;
        return false;
    }
    f->message = f->rest.at;
    f->rest.at += len;
    f->rest.len -= len;
    return begin_message(f);
}

/* ---- bodies ---- */

static void skip_body(struct feed *f)
{
    struct http1_side *side = f->side;
    size_t n = f->rest.len;
    if (side->state != HTTP1_UNTIL_CLOSE) {
        n = side->left < n ? (size_t)side->left : n;
        side->left -= n;
    }
    side->body += n;
    f->rest.at += n;
    f->rest.len -= n;
    if (side->left || side->state == HTTP1_UNTIL_CLOSE)
        return;
    if (side->state == HTTP1_IN_LENGTH)
        end_message(f);
    else
        side->state = HTTP1_AFTER_CHUNK;
}

static int hex_digit(uint8_t byte)
{
    if (byte >= '0' && byte <= '9')
        return byte - '0';
    byte |= 0x20;
    return byte >= 'a' && byte <= 'f' ? byte - 'a' + 10 : -1;
}

static void broken_chunk(struct feed *f)
{
    f->side->malformed = true;
    lose(f);
    f->rest.len = 0;
}

/* chunk-size [ chunk-ext ] CRLF (RFC 9112 7.1). The size is read digit by digit, so no line is kept. */
static void take_chunk_size(struct feed *f)
{
    struct http1_side *side = f->side;
    while (f->rest.len) {
        uint8_t byte = *f->rest.at++;
        f->rest.len--;
        if (++side->line_bytes > f->ctx->config->value[WT_MAX_HTTP_HEADER]) {
            broken_chunk(f);
            return;
        }
        int digit = side->state == HTTP1_AT_CHUNK_SIZE ? hex_digit(byte) : -1;
        if (digit >= 0) {
            side->left = side->left * 16 + (uint64_t)digit;
            side->digits = true;
            if (side->left >= MAX_CHUNK) {
                broken_chunk(f);
                return;
            }
        } else if (byte == '\n') {
            if (!side->digits) {
                broken_chunk(f);
                return;
            }
            side->state = side->left ? HTTP1_IN_CHUNK : HTTP1_IN_TRAILER;
            side->digits = false;
            side->line_bytes = 0;
            side->line_empty = true;
            return;
        } else if (!side->digits || (byte != ';' && byte != ' ' && byte != '\t' && byte != '\r'
                                     && side->state == HTTP1_AT_CHUNK_SIZE)) {
            broken_chunk(f);
            return;
        } else {
            side->state = HTTP1_IN_CHUNK_EXTENSION;
        }
    }
}

static void after_chunk(struct feed *f)
{
    uint8_t byte = *f->rest.at++;
    f->rest.len--;
    if (byte == '\n')
        f->side->state = HTTP1_AT_CHUNK_SIZE;
    else if (byte != '\r')
        broken_chunk(f);
}

/* Trailer fields, up to the empty line (RFC 9112 7.1.2). */
static void take_trailer(struct feed *f)
{
    struct http1_side *side = f->side;
    while (f->rest.len) {
        uint8_t byte = *f->rest.at++;
        f->rest.len--;
        if (++side->line_bytes > f->ctx->config->value[WT_MAX_HTTP_HEADER]) {
            f->ctx->hits->count[WT_MAX_HTTP_HEADER]++;
            broken_chunk(f);
            return;
        }
        if (byte == '\n') {
            if (side->line_empty) {
                side->line_bytes = 0;
                end_message(f);
                return;
            }
            side->line_empty = true;
        } else if (byte != '\r') {
            side->line_empty = false;
        }
    }
}

/* The head of a response outlives the segment when its body does. */
static bool keep_head(struct feed *f)
{
    struct http1_side *side = f->side;
    bool body = side->started && side->state != HTTP1_AT_HEAD && side->state != HTTP1_LOST;
    if (!body || is_client(f) || !f->has_head || f->head.bytes.at == side->buffer)
        return true;
    if (!make_room(side, f->ctx, f->head.head_len))
        return false;
    memcpy(side->buffer, f->head.bytes.at, f->head.head_len);
    side->have = f->head.head_len;
    return true;
}

/* The head is left as it is: it is large, and parsing fills it. */
static void feed_begin(struct feed *f, struct http1_session *s, const struct wt_session_context *ctx, unsigned dir,
                       struct wt_slice bytes)
{
    f->s = s;
    f->ctx = ctx;
    f->side = &s->side[dir];
    f->dir = dir;
    f->rest = bytes;
    f->message = NULL;
    f->has_head = false;
}

static bool http1_feed(void *session, const struct wt_session_context *ctx, unsigned dir, struct wt_slice bytes)
{
    struct http1_session *s = session;
    struct http1_side *side = &s->side[dir];
    if (side->state == HTTP1_LOST) {
        if (starts_message(s, dir, bytes) == WT_NOT_MINE)
            return true;
        next_message(side);
    }
    struct feed f;
    feed_begin(&f, s, ctx, dir, bytes);
    side->last_ns = ctx->time_ns;
    side->segments++;
    while (f.rest.len) {
        bool going = true;
        switch (side->state) {
        case HTTP1_AT_HEAD: going = take_head(&f); break;
        case HTTP1_IN_LENGTH:
        case HTTP1_IN_CHUNK:
        case HTTP1_UNTIL_CLOSE: skip_body(&f); break;
        case HTTP1_AT_CHUNK_SIZE:
        case HTTP1_IN_CHUNK_EXTENSION: take_chunk_size(&f); break;
        case HTTP1_AFTER_CHUNK: after_chunk(&f); break;
        case HTTP1_IN_TRAILER: take_trailer(&f); break;
        default: return true;               /* lost within these bytes */
        }
        if (!going || s->over)
            return false;
    }
    return keep_head(&f);
}

/* What is there of a head that a hole cuts: enough for the pairing, if the start line is whole. */
static void cut_head(struct feed *f)
{
    struct http1_side *side = f->side;
    http1_parse((struct wt_slice){ side->buffer, side->have }, &f->head);
    if (!(f->head.flags & HTTP1_STARTED))
        return;
    f->has_head = true;
    side->head_frame = f->ctx->frame;
    side->incomplete = side->hole = true;
    bool response = f->head.flags & HTTP1_RESPONSE;
    if (f->s->client == NO_CLIENT)
        f->s->client = (uint8_t)(response ? !f->dir : f->dir);
    if (response == is_client(f))
        return;
    if (response && (f->head.status >= 200 || f->head.status == 0)) {
        end_response(f, 0);
    } else if (!response) {
        f->s->receiving = http1_begin(f->s, f->ctx, &f->head, side);
        if (f->s->receiving)
            end_request(f);
    }
}

static bool http1_gap(void *session, const struct wt_session_context *ctx, unsigned dir, uint64_t len)
{
    struct http1_session *s = session;
    struct feed f;
    feed_begin(&f, s, ctx, dir, (struct wt_slice){ NULL, 0 });
    struct http1_side *side = f.side;
    side->last_ns = ctx->time_ns;
    switch (side->state) {
    case HTTP1_AT_HEAD:
        if (side->have)
            cut_head(&f);
        break;
    case HTTP1_IN_LENGTH:
    case HTTP1_IN_CHUNK:
        side->hole = true;
        if (len > side->left)
            break;
        side->incomplete = side->hole = true;
        side->left -= len;
        side->body += len;
        if (side->left)
            return true;
        if (side->state == HTTP1_IN_LENGTH)
            end_message(&f);
        else
            side->state = HTTP1_AFTER_CHUNK;
        return true;
    case HTTP1_UNTIL_CLOSE:
        side->incomplete = side->hole = true;
        side->body += len;
        return true;
    default: side->hole = true; break;
    }
    lose(&f);
    return true;
}

/* ---- the end of the connection ---- */

static void close_side(struct http1_session *s, const struct wt_session_context *ctx, unsigned dir,
                       enum wt_close_reason reason)
{
    struct feed f;
    feed_begin(&f, s, ctx, dir, (struct wt_slice){ NULL, 0 });
    struct http1_side *side = f.side;
    if (!side->started || side->state == HTTP1_LOST)
        return;
    if (side->state == HTTP1_AT_HEAD) {
        if (side->have)
            cut_head(&f);
        next_message(side);
        return;
    }
    side->hole = side->hole || side->state != HTTP1_UNTIL_CLOSE || reason != WT_CLOSED_FIN;
    side->incomplete = side->incomplete || side->hole;
    end_message(&f);
}

static void http1_close(void *session, const struct wt_session_context *ctx, unsigned dir, enum wt_close_reason reason)
{
    struct http1_session *s = session;
    if (dir < 2) {
        close_side(s, ctx, dir, reason);
        return;
    }
    for (unsigned i = 0; i < 2; i++)            /* requests first: a response may still find its own */
        close_side(s, ctx, s->client == 1 ? !i : i, s->over ? WT_CLOSED_END : reason);
    while (s->first)
        http1_end_unanswered(s, ctx);
    http1_done(s, ctx);
    for (unsigned i = 0; i < 2; i++)
        drop_buffer(&s->side[i], ctx);
}

static bool http1_over(const void *session)
{
    return ((const struct http1_session *)session)->over;
}

static bool http1_under_way(const void *session, unsigned dir)
{
    const struct http1_side *side = &((const struct http1_session *)session)->side[dir & 1];
    return side->started && side->state != HTTP1_LOST;
}

const struct wt_session_ops http1_session_ops = {
    .session_bytes = sizeof(struct http1_session), .probe = http1_probe, .open = http1_open, .feed = http1_feed,
    .gap = http1_gap, .close = http1_close, .over = http1_over,
    .under_way = http1_under_way,
    .as_tshark_bytes = HTTP1_TSHARK_BYTES, .as_tshark = http1_as_tshark,
};

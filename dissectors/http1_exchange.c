/* Requests that wait for their response, in the order in which they came (RFC 9112 9.3.2), and the telling. */
#include "dissectors/http1_impl.h"

#include <stdlib.h>
#include <string.h>

bool http1_take(const struct wt_session_context *ctx, uint64_t bytes)
{
    if (!ctx->held)
        return true;
    if (ctx->held->bytes + bytes > ctx->held->limit) {
        ctx->hits->count[WT_MAX_REASSEMBLY_BYTES]++;
        return false;
    }
    ctx->held->bytes += bytes;
    return true;
}

void http1_give(const struct wt_session_context *ctx, uint64_t bytes)
{
    if (ctx->held)
        ctx->held->bytes -= bytes;
}

/* A part of `from`, where it stands in the copy at `to`. */
static struct wt_slice moved(struct wt_slice part, const uint8_t *from, const uint8_t *to)
{
    return part.at ? (struct wt_slice){ to + (part.at - from), part.len } : part;
}

static void fill_request(struct wt_http_exchange *x, const struct http1 *head, const uint8_t *copy)
{
    const uint8_t *from = head->bytes.at;
    x->version[0] = head->minor;
    x->version[1] = 255;
    x->method = moved(head->method, from, copy);
    x->target = moved(head->target, from, copy);
    x->host = moved(head->value[HTTP1_HOST], from, copy);
    x->user_agent = moved(head->value[HTTP1_USER_AGENT], from, copy);
    x->referer = moved(head->value[HTTP1_REFERER], from, copy);
    x->cookie = moved(head->value[HTTP1_COOKIE], from, copy);
    x->authorization = moved(head->value[HTTP1_AUTHORIZATION], from, copy);
    if (x->cookie.at)
        x->flags |= WT_HTTP_SENT_COOKIE;
    if (head->flags & HTTP1_CONDITIONAL)
        x->flags |= WT_HTTP_CONDITIONAL;
    if (head->flags & HTTP1_MALFORMED)
        x->flags |= WT_HTTP_MALFORMED;
}

struct http1_pending *http1_begin(struct http1_session *s, const struct wt_session_context *ctx,
                                  const struct http1 *head, const struct http1_side *side)
{
    if (s->pending >= ctx->config->value[WT_MAX_HTTP_PIPELINE]) {
        ctx->hits->count[WT_MAX_HTTP_PIPELINE]++;
        http1_end_unanswered(s, ctx);
    }
    size_t size = sizeof(struct http1_pending) + head->head_len;
    if (!http1_take(ctx, size))
        return NULL;
    struct http1_pending *p = malloc(size);
    if (!p) {
        http1_give(ctx, size);
        return NULL;
    }
    memset(p, 0, sizeof *p);
    p->size = (uint32_t)size;
    p->head_len = head->head_len;
    memcpy(p->head, head->bytes.at, head->head_len);
    p->x.depth = ++s->depth;
    p->x.request_frame = ctx->frame;
    p->x.request_start_ns = side->start_ns;
    p->x.request_end_ns = ctx->time_ns;
    fill_request(&p->x, head, p->head);
    if (s->first)
        p->x.flags |= WT_HTTP_PIPELINED;
    if (s->last)
        s->last->next = p;
    else
        s->first = p;
    s->last = p;
    s->pending++;
    return p;
}

static void free_pending(struct http1_pending *p, const struct wt_session_context *ctx)
{
    http1_give(ctx, p->size);
    free(p);
}

static void forget_first(struct http1_session *s, const struct wt_session_context *ctx)
{
    struct http1_pending *p = s->first;
    s->first = p->next;
    if (!s->first)
        s->last = NULL;
    s->pending--;
    if (s->receiving == p)
        p->answered = true;
    else
        free_pending(p, ctx);
}

void http1_done(struct http1_session *s, const struct wt_session_context *ctx)
{
    if (s->receiving && s->receiving->answered)
        free_pending(s->receiving, ctx);
    s->receiving = NULL;
}

static void emit_exchange(const struct wt_session_context *ctx, const struct wt_http_exchange *x)
{
    struct wt_message message = { .kind = WT_MESSAGE_HTTP, .http = x };
    ctx->emit(ctx->emit_to, &message);
}

/* The side on which its body comes knows how far it came. */
static void note_progress(const struct http1_session *s, struct http1_pending *p)
{
    if (s->receiving != p || s->client > 1)
        return;
    const struct http1_side *side = &s->side[s->client];
    p->x.request_body_bytes = side->body;
    p->x.request_end_ns = side->last_ns;
    p->x.flags |= WT_HTTP_INCOMPLETE;
}

void http1_end_unanswered(struct http1_session *s, const struct wt_session_context *ctx)
{
    struct http1_pending *p = s->first;
    if (!p)
        return;
    note_progress(s, p);
    p->x.flags |= WT_HTTP_UNANSWERED;
    emit_exchange(ctx, &p->x);
    forget_first(s, ctx);
}

static bool is_kept(const struct http1 *head, const struct wt_http_exchange *x)
{
    if (head->flags & HTTP1_CLOSE || x->flags & (WT_HTTP_UNTIL_CLOSE | WT_HTTP_UPGRADED | WT_HTTP_TUNNEL))
        return false;
    return head->flags & HTTP1_KEEP_ALIVE || (head->minor >= 1 && head->minor != 255);
}

static void fill_response(struct wt_http_exchange *x, const struct http1 *head, const struct http1_side *side)
{
    x->response_frame = side->head_frame;
    x->response_start_ns = side->start_ns;
    x->response_end_ns = side->last_ns;
    x->status = head->status;
    x->version[1] = head->minor;
    x->response_body_bytes = side->body;
    x->reason = head->reason;
    x->content_type = head->value[HTTP1_CONTENT_TYPE];
    x->location = head->value[HTTP1_LOCATION];
    x->server = head->value[HTTP1_SERVER];
    x->via = head->value[HTTP1_VIA];
    x->etag = head->value[HTTP1_ETAG];
    x->cache_control = head->value[HTTP1_CACHE_CONTROL];
    x->age = head->value[HTTP1_AGE];
    x->set_cookie = head->value[HTTP1_SET_COOKIE];
    x->flags |= x->set_cookie.at ? WT_HTTP_SET_COOKIE : 0u;
    x->flags |= head->flags & HTTP1_CHUNKED ? WT_HTTP_CHUNKED : 0u;
    x->flags |= head->flags & HTTP1_LENGTH ? WT_HTTP_HAS_LENGTH : 0u;
    x->flags |= head->flags & HTTP1_MALFORMED || side->malformed ? WT_HTTP_MALFORMED : 0u;
    x->flags |= side->incomplete ? WT_HTTP_INCOMPLETE : 0u;
    x->flags |= is_kept(head, x) ? WT_HTTP_KEPT : 0u;
    if (x->status == 304 && x->flags & WT_HTTP_CONDITIONAL) {
        x->flags |= WT_HTTP_SAVED;
        x->saved_bytes = head->flags & HTTP1_LENGTH ? head->content_length : 0;
    }
}

void http1_end(struct http1_session *s, const struct wt_session_context *ctx, const struct http1 *head,
               const struct http1_side *side, uint32_t more_flags)
{
    struct wt_http_exchange x = { .flags = WT_HTTP_NO_REQUEST, .version = { 255, 255 } };
    if (s->first) {
        note_progress(s, s->first);
        x = s->first->x;
    } else {
        x.depth = ++s->depth;
    }
    x.flags |= more_flags;
    fill_response(&x, head, side);
    emit_exchange(ctx, &x);
    if (s->first)
        forget_first(s, ctx);
}

void http1_emit_layer(struct http1_session *s, const struct wt_session_context *ctx, unsigned dir,
                      const struct http1 *head, struct wt_slice bytes, uint32_t segments,
                      const struct http1_pending *answers, uint32_t number)
{
    if (ctx->compat)                   /* http1_as_tshark() shows its own */
        return;
    struct wt_message_layer layer = {
        .dissector = s->dissector, .cut = WT_WHOLE, .direction = (uint8_t)dir, .bytes = bytes, .header = head,
        .segments = segments, .pairing = { .number = number },
    };
    if (answers && answers->done_frame) {
        layer.pairing.request_frame = answers->done_frame;
        layer.pairing.time_ns = ctx->time_ns - answers->done_ns;
    }
    struct wt_message message = { .kind = WT_MESSAGE_LAYER, .layer = &layer };
    ctx->emit(ctx->emit_to, &message);
}

/* DNS over TCP: each message is preceded by its length in two bytes (RFC 1035 4.2.2, RFC 7766 8). Several may come in
 * one segment, and one may need many. */
#include "dissectors/dns_impl.h"

#include <stdlib.h>
#include <string.h>

#include "wiretale/config.h"
#include "wiretale/message.h"

#define LENGTH_BYTES 2u
#define PROBE_AT_LEAST (LENGTH_BYTES + DNS_HEADER_BYTES)

struct dns_side {
    uint8_t *buffer;           /* owned; of a message that came in parts */
    uint32_t need, have;       /* of the message; need 0: its length is not known yet */
    uint32_t segments;
    uint8_t length[LENGTH_BYTES];
    uint8_t length_have;
    uint32_t skip;             /* bytes of a message with a hole in it, to be passed over */
    bool lost;                 /* where messages begin is not known any more */
};

struct dns_session {
    struct dns_side side[2];
    uint16_t dissector;
};

static enum wt_probe dns_probe(const struct wt_session_context *ctx, unsigned dir, struct wt_slice first)
{
    (void)dir;
    if (ctx->client_port != 53 && ctx->server_port != 53)
        return WT_NOT_MINE;
    if (first.len >= LENGTH_BYTES && wt_be16(first.at) < DNS_HEADER_BYTES)
        return WT_NOT_MINE;
    if (first.len < PROBE_AT_LEAST)
        return WT_PROBE_MORE;
    unsigned opcode = first.at[LENGTH_BYTES + 2] >> 3 & 0xf, questions = wt_be16(first.at + LENGTH_BYTES + 4);
    return opcode <= 6 && questions <= 16 ? WT_MINE : WT_NOT_MINE;
}

static void dns_open(void *session, const struct wt_session_context *ctx)
{
    struct dns_session *s = session;
    memset(s, 0, sizeof *s);
    s->dissector = ctx->dissector;
}

static void release(struct dns_side *side, const struct wt_session_context *ctx)
{
    if (side->buffer && ctx->held)
        ctx->held->bytes -= side->need;
    free(side->buffer);
    side->buffer = NULL;
    side->need = side->have = side->segments = 0;
    side->length_have = 0;
}

static void emit(const struct dns_session *s, const struct wt_session_context *ctx, unsigned dir,
                 struct wt_slice bytes, uint32_t segments)
{
    struct dns dns;
    struct wt_cursor c = wt_cursor_of(bytes);
    enum wt_cut cut = dns_decode(&c, &dns);
    struct wt_message_layer layer = {
        .dissector = s->dissector, .cut = (uint8_t)cut, .direction = (uint8_t)dir, .bytes = bytes, .header = &dns,
        .segments = segments,
    };
    struct wt_message message = { .kind = WT_MESSAGE_LAYER, .layer = &layer };
    ctx->emit(ctx->emit_to, &message);
}

/* Takes room for a message that comes in parts. False: there is none, and it is passed over. */
static bool hold(struct dns_side *side, const struct wt_session_context *ctx)
{
    if (ctx->held && ctx->held->bytes + side->need > ctx->held->limit) {
        ctx->hits->count[WT_MAX_REASSEMBLY_BYTES]++;
        return false;
    }
    side->buffer = malloc(side->need);
    if (side->buffer && ctx->held)
        ctx->held->bytes += side->need;
    return side->buffer != NULL;
}

static void take_length(struct dns_side *side, struct wt_slice *bytes)
{
    while (side->length_have < LENGTH_BYTES && bytes->len) {
        side->length[side->length_have++] = *bytes->at++;
        bytes->len--;
    }
    if (side->length_have == LENGTH_BYTES)
        side->need = wt_be16(side->length);
}

/* The bytes of a message whose length is known. */
static void take_message(struct dns_session *s, const struct wt_session_context *ctx, unsigned dir,
                         struct wt_slice *bytes)
{
    struct dns_side *side = &s->side[dir];
    if (!side->have && bytes->len >= side->need) {
        struct wt_slice whole = { bytes->at, side->need };
        bytes->at += side->need;
        bytes->len -= side->need;
        uint32_t segments = side->segments;
        release(side, ctx);
        if (whole.len)
            emit(s, ctx, dir, whole, segments);
        return;
    }
    if (!side->buffer && !hold(side, ctx)) {
        side->skip = side->need;
        side->need = 0;
        release(side, ctx);
        return;
    }
    size_t n = side->need - side->have;
    n = n < bytes->len ? n : bytes->len;
    memcpy(side->buffer + side->have, bytes->at, n);
    side->have += (uint32_t)n;
    bytes->at += n;
    bytes->len -= n;
    if (side->have == side->need) {
        emit(s, ctx, dir, (struct wt_slice){ side->buffer, side->need }, side->segments);
        release(side, ctx);
    }
}

static bool dns_feed(void *session, const struct wt_session_context *ctx, unsigned dir, struct wt_slice bytes)
{
    struct dns_session *s = session;
    struct dns_side *side = &s->side[dir];
    bool counted = false;
    while (bytes.len && !side->lost) {
        if (side->skip) {
            size_t n = side->skip < bytes.len ? side->skip : bytes.len;
            side->skip -= (uint32_t)n;
            bytes.at += n;
            bytes.len -= n;
            continue;
        }
        if (!counted || side->segments == 0)
            side->segments++;
        counted = true;
        if (side->length_have < LENGTH_BYTES) {
            take_length(side, &bytes);
            if (side->length_have < LENGTH_BYTES)
                break;
            if (side->need < DNS_HEADER_BYTES) {        /* not DNS, or its framing is gone */
                release(side, ctx);
                side->lost = true;
                break;
            }
            if (!bytes.len)
                break;
        }
        take_message(s, ctx, dir, &bytes);
    }
    return !(s->side[0].lost && s->side[1].lost);
}

/* A hole within a message loses that message; one over a length loses the framing. */
static bool dns_gap(void *session, const struct wt_session_context *ctx, unsigned dir, uint64_t len)
{
    struct dns_session *s = session;
    struct dns_side *side = &s->side[dir];
    uint64_t left = side->skip ? side->skip : side->length_have == LENGTH_BYTES ? side->need - side->have : 0;
    bool within = len <= left;
    release(side, ctx);
    side->skip = within ? (uint32_t)(left - len) : 0;
    side->lost = side->lost || !within;
    return !(s->side[0].lost && s->side[1].lost);
}

static void dns_close(void *session, const struct wt_session_context *ctx, unsigned dir, enum wt_close_reason reason)
{
    struct dns_session *s = session;
    (void)reason;
    for (unsigned i = 0; i < 2; i++)
        if (dir == i || dir == 2)
            release(&s->side[i], ctx);
}

static bool dns_under_way(const void *session, unsigned dir)
{
    const struct dns_side *side = &((const struct dns_session *)session)->side[dir & 1];
    return !side->lost && (side->need || side->length_have);
}

const struct wt_session_ops dns_session_ops = {
    .session_bytes = sizeof(struct dns_session), .probe = dns_probe, .open = dns_open, .feed = dns_feed,
    .gap = dns_gap, .close = dns_close, .under_way = dns_under_way,
};

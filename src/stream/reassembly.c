/* Segments to bytes in order (RFC 9293 3.4, 3.10.7.4), as an observer between the endpoints must do it: what the
 * capture missed never comes again, so a hole is given up once the receiver is known to have had the bytes. */
#include "stream/stream_impl.h"

#include <stdlib.h>

#define NO_END UINT64_MAX

/* What stands in the slot of a connection whose content interests nobody: such a segment costs one comparison. */
const char stream_skipped = 0;
#define SKIPPED ((void *)(uintptr_t)&stream_skipped)

/* One segment on its way through. */
struct delivery {
    struct stream_set *set;
    struct stream *stream;
    struct wt_session_context context;
    int service;                /* dissector just recognised, or -1 */
    bool wanted;                /* false: nobody wants more of this stream */
};

struct stream_set *stream_set_new(const struct wt_config *config, struct wt_limit_hits *hits,
                                  const struct stream_tap *tap)
{
    struct stream_set *set = calloc(1, sizeof *set);
    if (!set)
        return NULL;
    set->config = config;
    set->hits = hits;
    set->has_tap = tap != NULL;
    if (tap)
        set->tap = *tap;
    uint64_t share = config->value[WT_MAX_REASSEMBLY_BYTES] / STREAM_SHARDS;
    uint64_t one = config->value[WT_MAX_REASSEMBLY_PER_CONNECTION];
    one = one < share ? one : share;
    set->max_pages = one < PAGE_BYTES ? 1 : one / PAGE_BYTES;
    set->max_sessions = (config->value[WT_MAX_SESSIONS] + STREAM_SHARDS - 1) / STREAM_SHARDS;
    for (unsigned i = 0; i < STREAM_SHARDS; i++) {
        set->shards[i].windows.limit = share < PAGE_BYTES ? 1 : share / PAGE_BYTES;
        set->shards[i].held.limit = share;
    }
    set->streams.size = sizeof(struct stream);
    set->windows.size = sizeof(struct window);
    set->probes.size = 2 * PROBE_BYTES;
    for (unsigned i = 0; i < wt_dissector_count() && set->kind_count < MAX_SESSION_KINDS; i++) {
        const struct wt_dissector *d = wt_dissector_at(i);
        if (!d->session || !d->session->probe)
            continue;
        size_t size = d->session->session_bytes;
        set->kinds[set->kind_count++] = (struct session_kind){
            .dissector = d, .index = (uint16_t)i, .pool = { .size = size > sizeof(void *) ? (size + 15) / 16 * 16 : 16 },
        };
    }
    return set;
}

void stream_set_free(struct stream_set *set)
{
    if (!set)
        return;
    for (unsigned i = 0; i < set->kind_count; i++)
        pool_done(&set->kinds[i].pool);
    pool_done(&set->streams);
    pool_done(&set->windows);
    pool_done(&set->probes);
    page_pool_done(&set->pages);
    free(set);
}

const struct stream_counters *stream_set_counters(const struct stream_set *set)
{
    return &set->counters;
}

static struct window_account *account_of(const struct delivery *d)
{
    return &d->set->shards[d->stream->shard].windows;
}

static void window_drop(struct stream_set *set, struct side *side, struct window_account *account)
{
    set->counters.discarded_bytes += window_done(side->window, &set->pages, account);
    pool_give(&set->windows, side->window);
    side->window = NULL;
}

static void advance(struct delivery *d, struct side *side, uint64_t n)
{
    uint64_t from = side->next;
    side->next += n;
    side->next_seq += (uint32_t)n;
    if (!side->window)
        return;
    window_pass(side->window, &d->set->pages, account_of(d), from, side->next);
    if (side->next >= side->window->end) {
        window_done(side->window, &d->set->pages, account_of(d));
        pool_give(&d->set->windows, side->window);
        side->window = NULL;
    }
}

static void deliver(struct delivery *d, struct side *side, struct wt_slice bytes)
{
    unsigned i = side == &d->stream->side[1];
    d->wanted = d->wanted && session_bytes(d->set, d->stream, i, bytes, &d->context, &d->service);
    advance(d, side, bytes.len);
}

static void note_time(struct delivery *d, struct side *side, uint64_t before)
{
    if (side->next != before)
        side->last_ns = d->context.time_ns;
}

/* What is left of bytes without their first n. */
static struct wt_slice after(struct wt_slice bytes, size_t n)
{
    return n < bytes.len ? (struct wt_slice){ bytes.at + n, bytes.len - n } : (struct wt_slice){ NULL, 0 };
}

/* Held bytes came before those that now overlap them, so they stand. */
static void compare_overlap(struct delivery *d, struct wt_slice held, struct wt_slice later)
{
    size_t n = held.len < later.len ? held.len : later.len;
    for (size_t i = 0; i < n; i++)
        d->set->counters.overlaps_differing += held.at[i] != later.at[i];
}

/* Delivers these bytes, which stand at side->next, and what was held behind them. */
static void deliver_from(struct delivery *d, struct side *side, struct wt_slice bytes)
{
    while (d->wanted) {
        struct wt_slice held = { NULL, 0 };
        if (side->window)
            held = window_at(side->window, side->next);
        if (held.len) {
            compare_overlap(d, held, bytes);
            size_t n = held.len < bytes.len ? held.len : bytes.len;
            bytes = after(bytes, n);
            deliver(d, side, held);
            continue;
        }
        if (!bytes.len)
            return;
        struct wt_slice now = bytes;
        if (side->window) {
            uint64_t room = window_first(side->window, side->next) - side->next;
            now.len = now.len < room ? now.len : (size_t)room;
        }
        deliver(d, side, now);
        bytes = after(bytes, now.len);
    }
}

/* The bytes up to `to` will not come. */
static void give_up(struct delivery *d, struct side *side, uint64_t to)
{
    if (to <= side->next)
        return;
    uint64_t n = to - side->next;
    d->set->counters.gaps++;
    d->set->counters.gap_bytes += n;
    unsigned i = side == &d->stream->side[1];
    d->wanted = d->wanted && session_gap(d->set, d->stream, i, n, &d->context);
    advance(d, side, n);
    deliver_from(d, side, (struct wt_slice){ NULL, 0 });
}

/* Where the bytes begin that are known to follow the hole at side->next; side->next itself: there is no hole. */
static uint64_t hole_end(const struct side *side)
{
    if (side->window)
        return window_first(side->window, side->next);
    return side->end != NO_END ? side->end : side->next;
}

static const struct side *peer_of(const struct delivery *d, const struct side *side)
{
    return &d->stream->side[side == &d->stream->side[0]];
}

static void note_ack(struct side *side, uint32_t ack, int64_t now_ns)
{
    if (!side->started)
        return;
    int32_t ahead = (int32_t)(ack - side->next_seq);
    if (ahead <= 0 || side->next + (uint32_t)ahead <= side->acked)
        return;
    if (side->acked <= side->next)
        side->acked_ns = now_ns;
    side->acked = side->next + (uint32_t)ahead;
}

/* A hole is given up when the peer has acknowledged beyond it and it is clear that the capture will not bring it:
 * HOLE_SEGMENTS more segments of its side or HOLE_NS have gone by since then, or the peer sends data, hence its
 * program has read, after acknowledging what came behind the hole as well. */
static void consider_hole(struct delivery *d, struct side *side, bool peer_data)
{
    bool one_sided = side->window && !peer_of(d, side)->seen;
    while (one_sided && d->wanted && side->window && d->context.time_ns - side->last_ns >= HOLE_ONE_SIDED_NS)
        give_up(d, side, hole_end(side));
    while (d->wanted && (side->window || side->end != NO_END) && side->acked > side->next) {
        uint64_t to = hole_end(side);
        if (to <= side->next)
            return;
        if (side->hole != side->next) {
            side->hole = side->next;
            side->segments = 0;
        }
        bool enough = side->segments >= HOLE_SEGMENTS || d->context.time_ns - side->acked_ns >= HOLE_NS
            || (peer_data && side->acked > to) || side->lost_to > side->next;
        if (!enough)
            return;
        give_up(d, side, to < side->acked ? to : side->acked);
    }
}

/* Room in the shard: the fullest gives up. Another connection's bytes can only be dropped, since its session must
 * not be called now; the hole becomes as much wider. */
static void make_room(struct delivery *d)
{
    d->set->hits->count[WT_MAX_REASSEMBLY_BYTES]++;
    struct window *fullest = window_fullest(account_of(d));
    if (!fullest)
        return;
    struct side *loser = fullest->owner;
    if (loser == &d->stream->side[0] || loser == &d->stream->side[1]) {
        give_up(d, loser, hole_end(loser));
        return;
    }
    loser->lost_to = fullest->end;
    window_drop(d->set, loser, account_of(d));
}

static bool window_open(struct delivery *d, struct side *side)
{
    if (side->window)
        return true;
    side->window = pool_take(&d->set->windows);
    if (side->window && window_init(side->window, side))
        return true;
    if (side->window)
        pool_give(&d->set->windows, side->window);
    side->window = NULL;
    return false;
}

/* Bytes that came before those that precede them. */
static void hold(struct delivery *d, struct side *side, uint64_t place, struct wt_slice bytes)
{
    while (d->wanted && bytes.len) {
        if (side->lost_to > side->next && place > side->next)
            give_up(d, side, side->lost_to < place ? side->lost_to : place);
        if (place < side->next) {           /* the holes before it were given up, and something held stood here */
            uint64_t old = side->next - place;
            old = old < bytes.len ? old : bytes.len;
            bytes = after(bytes, (size_t)old);
            place += old;
            continue;
        }
        if (place == side->next) {
            deliver_from(d, side, bytes);
            return;
        }
        if ((place + bytes.len - 1) / PAGE_BYTES - side->next / PAGE_BYTES >= d->set->max_pages) {
            /* A limit is only hit where something held has to go; a leap alone is one long hole. */
            d->set->hits->count[WT_MAX_REASSEMBLY_PER_CONNECTION] += side->window != NULL;
            uint64_t to = side->window ? hole_end(side) : place;
            give_up(d, side, to < place ? to : place);
            continue;
        }
        size_t put = 0;
        enum window_put answer = WINDOW_NO_MEMORY;
        if (window_open(d, side))
            answer = window_put(side->window, &d->set->pages, account_of(d), side->next, place, bytes, &put,
                                &d->set->counters.overlaps_differing);
        d->set->counters.out_of_order_bytes += put;
        bytes = after(bytes, put);
        place += put;
        if (side->window && side->window->pages == 0)
            window_drop(d->set, side, account_of(d));
        if (answer == WINDOW_NO_MEMORY)
            return;                         /* they become part of the hole */
        if (answer == WINDOW_NO_ROOM)
            make_room(d);
    }
}

/* The bytes of a segment, wherever they stand. */
static void take_bytes(struct delivery *d, struct side *side, const struct stream_segment *segment)
{
    int32_t ahead = (int32_t)(segment->seq - side->next_seq);
    struct wt_slice bytes = segment->payload;
    uint64_t wire = segment->wire_bytes > bytes.len ? segment->wire_bytes : bytes.len;
    if (ahead < 0) {
        uint64_t old = (uint64_t)-(int64_t)ahead;
        if (old >= wire)
            return;
        bytes = after(bytes, old < bytes.len ? (size_t)old : bytes.len);
        wire -= old;
        ahead = 0;
    }
    if (ahead > 0) {
        d->set->counters.out_of_order_segments++;
        if (d->context.compat) {                /* tshark 4.0 puts no segments in order */
            give_up(d, side, side->next + (uint32_t)ahead);
            ahead = 0;
        }
    }
    if (ahead > 0) {
        hold(d, side, side->next + (uint32_t)ahead, bytes);
        return;
    }
    uint64_t end = side->next + wire;
    deliver_from(d, side, bytes);
    while (d->wanted && side->next < end) {     /* cut by the snapshot length: nobody will ever have these */
        uint64_t to = side->window ? window_first(side->window, side->next) : end;
        give_up(d, side, to < end ? to : end);
    }
}

static void begin_side(struct side *side, const struct stream_segment *segment)
{
    bool known = segment->start_known && segment->start_seq != 0;
    side->started = true;
    side->next_seq = known ? segment->start_seq : segment->seq;
    side->broken = !known;
}

static void note_fin(struct side *side, const struct stream_segment *segment)
{
    int64_t ahead = (int32_t)(segment->seq - side->next_seq);
    ahead += segment->wire_bytes;
    if (side->end == NO_END)
        side->end = ahead > 0 ? side->next + (uint64_t)ahead : side->next;
}

static void free_stream(struct stream_set *set, struct stream *s)
{
    for (unsigned i = 0; i < 2; i++)
        if (s->side[i].window)
            window_drop(set, &s->side[i], &set->shards[s->shard].windows);
    session_drop_first(set, s);
    pool_give(&set->streams, s);
}

/* Everything that is held, with the holes between. */
static void flush(struct delivery *d)
{
    for (unsigned i = 0; i < 2; i++) {
        struct side *side = &d->stream->side[i];
        while (d->wanted && side->window)
            give_up(d, side, hole_end(side));
    }
}

static void close_sides(struct delivery *d)
{
    for (unsigned i = 0; i < 2 && d->wanted; i++) {
        struct side *side = &d->stream->side[i];
        if (side->closed || side->next < side->end)
            continue;
        side->closed = true;
        session_side_closed(d->set, d->stream, i, &d->context, WT_CLOSED_FIN);
    }
}

static struct stream *new_stream(struct stream_set *set, const struct stream_segment *segment)
{
    struct stream *s = pool_take(&set->streams);
    if (!s)
        return NULL;
    s->shard = (uint8_t)(segment->context->shard % STREAM_SHARDS);
    s->tries = PROBE_TRIES;
    s->side[0].end = s->side[1].end = NO_END;
    s->side[0].hole = s->side[1].hole = UINT64_MAX;
    return s;
}

static void end_stream(struct delivery *d, void **slot, enum wt_close_reason reason, void *after)
{
    session_closed(d->set, d->stream, &d->context, reason);
    free_stream(d->set, d->stream);
    *slot = after;
}

void stream_ahead(void *const *slot)
{
    const struct stream *s = *slot;
    if (stream_is_skipped(slot) || !s->session)
        return;
    const char *session = s->session;
    for (unsigned at = 0; at < 256; at += 64)
        __builtin_prefetch(session + at, 1);
}

int stream_segment(struct stream_set *set, void **slot, const struct stream_segment *segment)
{
    if (*slot == SKIPPED)
        return -1;
    if (!*slot) {
        if (segment->wire_bytes == 0 || segment->rst)
            return -1;
        *slot = new_stream(set, segment);
        if (!*slot) {
            *slot = SKIPPED;
            return -1;
        }
    }
    struct delivery d = { .set = set, .stream = *slot, .context = *segment->context, .service = -1, .wanted = true };
    d.context.held = &set->shards[d.stream->shard].held;
    struct side *side = &d.stream->side[segment->side & 1];
    struct side *peer = &d.stream->side[!(segment->side & 1)];
    if (segment->rst) {
        flush(&d);
        end_stream(&d, slot, WT_CLOSED_RST, SKIPPED);
        return d.service;
    }
    bool data = segment->wire_bytes != 0;
    side->seen = true;
    if (segment->has_ack) {
        note_ack(peer, segment->ack, d.context.time_ns);
        consider_hole(&d, peer, data);
    }
    if ((data || segment->fin) && !side->closed && d.wanted) {
        if (!side->started) {
            begin_side(side, segment);
            side->last_ns = d.context.time_ns;
        }
        if (segment->fin)
            note_fin(side, segment);
        uint64_t before = side->next;
        if (data) {
            if (side->segments < UINT8_MAX)
                side->segments++;
            take_bytes(&d, side, segment);
        }
        note_time(&d, side, before);
        consider_hole(&d, side, false);
    }
    close_sides(&d);
    if (!d.wanted || (d.stream->side[0].closed && d.stream->side[1].closed))
        end_stream(&d, slot, WT_CLOSED_FIN, SKIPPED);
    return d.service;
}

void stream_close(struct stream_set *set, void **slot, const struct wt_session_context *context,
                  enum wt_close_reason reason)
{
    if (*slot && *slot != SKIPPED) {
        struct delivery d = { .set = set, .stream = *slot, .context = *context, .wanted = true };
        d.context.held = &set->shards[d.stream->shard].held;
        flush(&d);
        close_sides(&d);
        end_stream(&d, slot, reason, NULL);
    }
    *slot = NULL;
}

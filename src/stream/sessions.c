/* Who understands the bytes: asks every dissector that has a session, on the first bytes of each side, whatever the
 * port; then feeds the one that said yes. */
#include "stream/stream_impl.h"

#include <string.h>

void session_drop_first(struct stream_set *set, struct stream *s)
{
    if (s->first)
        pool_give(&set->probes, s->first);
    s->first = NULL;
    s->side[0].first_len = s->side[1].first_len = 0;
}

static void end_session(struct stream_set *set, struct stream *s, const struct wt_session_context *context,
                        enum wt_close_reason reason)
{
    s->dissector->session->close(s->session, context, 2, reason);
    pool_give(&set->kinds[s->kind].pool, s->session);
    set->shards[s->shard].sessions--;
    s->session = NULL;
    s->dissector = NULL;
    s->given_up = true;
}

/* True: bytes are wanted all the same. */
static bool give_up_session(struct stream_set *set, struct stream *s, const struct wt_session_context *context)
{
    const struct wt_session_ops *ops = s->session ? s->dissector->session : NULL;
    bool again = ops && ops->over && ops->over(s->session) && s->tries;
    if (s->session)
        end_session(set, s, context, WT_CLOSED_END);
    if (again) {
        s->given_up = false;
        s->tries--;
        s->side[0].first_len = s->side[1].first_len = 0;
        s->side[0].broken = s->side[1].broken = true;
        s->side[0].refused = s->side[1].refused = false;
        return true;
    }
    s->given_up = true;
    return set->has_tap;
}

static bool begin_session(struct stream_set *set, struct stream *s, unsigned kind,
                          const struct wt_session_context *context)
{
    struct shard_account *account = &set->shards[s->shard];
    if (account->sessions >= set->max_sessions) {
        set->hits->count[WT_MAX_SESSIONS]++;
        set->counters.sessions_refused++;
        return false;
    }
    s->session = pool_take(&set->kinds[kind].pool);
    if (!s->session)
        return false;
    account->sessions++;
    set->counters.sessions++;
    s->kind = (uint8_t)kind;
    s->dissector = set->kinds[kind].dissector;
    struct wt_session_context own = *context;
    own.dissector = set->kinds[kind].index;
    s->dissector->session->open(s->session, &own);
    return true;
}

static bool feed(struct stream_set *set, struct stream *s, unsigned side, struct wt_slice bytes,
                 const struct wt_session_context *context)
{
    if (!bytes.len || s->dissector->session->feed(s->session, context, side, bytes))
        return true;
    return give_up_session(set, s, context);
}

/* What the probes of both sides have kept back, then the rest. */
static bool feed_kept(struct stream_set *set, struct stream *s, unsigned side, struct wt_slice rest,
                      const struct wt_session_context *context)
{
    struct side *own = &s->side[side], *other = &s->side[!side];
    if (other->first_len && !feed(set, s, !side, (struct wt_slice){ s->first[!side], other->first_len }, context))
        return false;
    other->first_len = 0;
    if (s->session && own->first_len
        && !feed(set, s, side, (struct wt_slice){ s->first[side], own->first_len }, context))
        return false;
    session_drop_first(set, s);
    return s->session ? feed(set, s, side, rest, context) : set->has_tap;
}

static bool recognise(struct stream_set *set, struct stream *s, unsigned side, struct wt_slice bytes,
                      const struct wt_session_context *context, int *ret_service)
{
    struct side *own = &s->side[side];
    struct wt_slice first = { bytes.at, bytes.len < PROBE_BYTES ? bytes.len : PROBE_BYTES };
    size_t taken = 0;                       /* of bytes, into s->first */
    if (own->first_len) {
        size_t room = PROBE_BYTES - own->first_len;
        taken = bytes.len < room ? bytes.len : room;
        memcpy(s->first[side] + own->first_len, bytes.at, taken);
        own->first_len = (uint8_t)(own->first_len + taken);
        first = (struct wt_slice){ s->first[side], own->first_len };
    }
    bool more = false;
    for (unsigned i = 0; i < set->kind_count; i++) {
        enum wt_probe answer = set->kinds[i].dissector->session->probe(context, side, first);
        if (answer == WT_MINE) {
            if (!begin_session(set, s, i, context))
                return give_up_session(set, s, context);
            *ret_service = set->kinds[i].index;
            return feed_kept(set, s, side, (struct wt_slice){ bytes.at + taken, bytes.len - taken }, context);
        }
        more = more || answer == WT_PROBE_MORE;
    }
    if (more && first.len < PROBE_BYTES && (s->first || (s->first = pool_take(&set->probes)) != NULL)) {
        if (!own->first_len)
            memcpy(s->first[side], first.at, first.len);
        own->first_len = (uint8_t)first.len;
        return true;
    }
    own->first_len = 0;
    if (own->broken && --s->tries)
        return true;
    own->refused = true;                    /* the other side may still be understood */
    return s->side[!side].refused || !s->tries ? give_up_session(set, s, context) : true;
}

bool session_bytes(struct stream_set *set, struct stream *s, unsigned side, struct wt_slice bytes,
                   const struct wt_session_context *context, int *ret_service)
{
    if (set->has_tap && set->tap.bytes)
        set->tap.bytes(set->tap.tap_to, s, side, bytes, context->frame);
    if (s->session)
        return feed(set, s, side, bytes, context);
    if (s->given_up)
        return set->has_tap;
    if (s->side[side].refused)
        return true;
    return recognise(set, s, side, bytes, context, ret_service);
}

bool session_gap(struct stream_set *set, struct stream *s, unsigned side, uint64_t len,
                 const struct wt_session_context *context)
{
    if (set->has_tap && set->tap.gap)
        set->tap.gap(set->tap.tap_to, s, side, len, context->frame);
    if (s->session)
        return s->dissector->session->gap(s->session, context, side, len) || give_up_session(set, s, context);
    s->side[side].broken = true;
    s->side[side].refused = false;
    s->side[side].first_len = 0;
    return !s->given_up || set->has_tap;
}

void session_side_closed(struct stream_set *set, struct stream *s, unsigned side,
                         const struct wt_session_context *context, enum wt_close_reason reason)
{
    (void)set;
    if (s->session)
        s->dissector->session->close(s->session, context, side, reason);
}

const char *stream_under_way(void *const *slot, unsigned side)
{
    const struct stream *s = *slot;
    if (!s || stream_is_skipped(slot) || !s->session || !s->dissector->session->under_way)
        return NULL;
    return s->dissector->session->under_way(s->session, side) ? s->dissector->short_name : NULL;
}

void session_closed(struct stream_set *set, struct stream *s, const struct wt_session_context *context,
                    enum wt_close_reason reason)
{
    if (s->session)
        end_session(set, s, context, reason);
}

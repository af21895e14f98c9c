/* Inside the stream stage. A stream_set and all that hangs on it belong to one worker. */
#ifndef STREAM_STREAM_IMPL_H
#define STREAM_STREAM_IMPL_H

#include "stream/stream.h"
#include "stream/window.h"

#define STREAM_SHARDS 64
#define PROBE_BYTES 64          /* of struct wt_session_ops.probe */
#define MAX_SESSION_KINDS 16

/* When the start of a stream was not captured, its middle may still show a message's beginning. */
#define PROBE_TRIES 16

/* What a hole is given after the peer has acknowledged what is behind it. Two taps that are merged, or queues of
 * one card, put an acknowledgment some packets before the data that it speaks of: so it alone proves nothing. */
#define HOLE_SEGMENTS 3
#define HOLE_NS (20 * INT64_C(1000000))

/* Where only one direction is captured nothing is ever acknowledged. Then a hole is given the time in which even a
 * slow sender would have repeated it (RFC 6298 2.4 rounds a time-out up to a second). */
#define HOLE_ONE_SIDED_NS (1000 * INT64_C(1000000))

struct side {
    uint64_t next;              /* place of the byte that is expected; a stream begins at 0 */
    uint64_t end;               /* where the FIN stands; UINT64_MAX: none seen */
    uint64_t acked;             /* by the peer */
    uint64_t hole;              /* place of the hole that the two below speak of */
    int64_t acked_ns;           /* when the peer first acknowledged beyond `next` */
    int64_t last_ns;            /* of its last bytes in order */
    uint64_t lost_to;           /* what was held up to here had to make room */
    struct window *window;      /* bytes after a hole; NULL: none. Owned */
    uint32_t next_seq;          /* the sequence number of `next` */
    uint8_t segments;           /* of this side since then */
    bool started, closed;
    bool seen;                  /* it sent something, if only an acknowledgment */
    bool broken;                /* no message's start is known to be here */
    bool refused;               /* its first bytes are nobody's */
    uint8_t first_len;          /* of stream.first */
};

struct stream {
    void *session;
    const struct wt_dissector *dissector;     /* NULL: not recognised (yet) */
    uint8_t kind;               /* of the session, index into stream_set.kinds */
    uint8_t shard;
    uint8_t tries;              /* left */
    bool given_up;              /* no session any more; goes on for the tap alone */
    struct side side[2];
    uint8_t (*first)[PROBE_BYTES];    /* of each side, while a probe wants more; from the pool of probes, NULL: none */
};

struct pool {
    void *free;                 /* list through the first word */
    void **batches;
    uint32_t batch_count, batch_room;
    size_t size;
};

struct session_kind {
    const struct wt_dissector *dissector;
    uint16_t index;             /* of the dissector in the registry */
    struct pool pool;
};

struct shard_account {
    struct window_account windows;
    struct wt_held held;
    uint64_t sessions;
};

struct stream_set {
    const struct wt_config *config;
    struct wt_limit_hits *hits;
    struct stream_counters counters;
    struct stream_tap tap;
    bool has_tap;
    uint64_t max_sessions;      /* of one shard */
    uint64_t max_pages;         /* of one side */
    struct page_pool pages;
    struct pool streams, windows, probes;
    unsigned kind_count;
    struct session_kind kinds[MAX_SESSION_KINDS];
    struct shard_account shards[STREAM_SHARDS];
};

void *pool_take(struct pool *pool);           /* zeroed; NULL: no memory */
void pool_give(struct pool *pool, void *object);
void pool_done(struct pool *pool);

/* sessions.c: bytes in order and holes, to the tap and to whoever understands them. False: nobody wants more. */
bool session_bytes(struct stream_set *set, struct stream *s, unsigned side, struct wt_slice bytes,
                   const struct wt_session_context *context, int *ret_service);
bool session_gap(struct stream_set *set, struct stream *s, unsigned side, uint64_t len,
                 const struct wt_session_context *context);
void session_side_closed(struct stream_set *set, struct stream *s, unsigned side,
                         const struct wt_session_context *context, enum wt_close_reason reason);
void session_drop_first(struct stream_set *set, struct stream *s);
void session_closed(struct stream_set *set, struct stream *s, const struct wt_session_context *context,
                    enum wt_close_reason reason);

#endif

/* Segments to in-order bytes, and bytes to application sessions. A stream belongs to its connection; a
 * stream_set to one worker. Bytes in order go to the session without a copy; bytes out of order are held, bounded. */
#ifndef STREAM_STREAM_H
#define STREAM_STREAM_H

#include <stdbool.h>
#include <stdint.h>

#include "wiretale/config.h"
#include "wiretale/connection.h"
#include "wiretale/dissector.h"
#include "wiretale/message.h"

struct stream_set;
struct stream;

struct stream_counters {
    uint64_t gaps, gap_bytes;          /* holes that were given up */
    uint64_t out_of_order_segments, out_of_order_bytes;
    uint64_t sessions, sessions_refused;
    uint64_t overlaps_differing;       /* a byte came twice with different values: the first copy was taken */
    uint64_t discarded_bytes;          /* held ones that had to make room */
};

/* Optional: the raw in-order bytes of each side, for following a stream. */
struct stream_tap {
    void *tap_to;
    void (*bytes)(void *tap_to, struct stream *s, unsigned side, struct wt_slice bytes, uint64_t frame);
    void (*gap)(void *tap_to, struct stream *s, unsigned side, uint64_t len, uint64_t frame);
};

struct stream_set *stream_set_new(const struct wt_config *config, struct wt_limit_hits *hits,
                                  const struct stream_tap *tap);
void stream_set_free(struct stream_set *set);
const struct stream_counters *stream_set_counters(const struct stream_set *set);

/* One TCP segment of a connection, in capture order. *slot is the connection's stream slot, filled here at its
 * first payload. Its ACK releases holes of the other side: what the peer acknowledged was delivered to it, so a
 * hole below it is a gap of the capture, not of the network. */
struct stream_segment {
    unsigned side;                     /* 0: the client sent it */
    uint32_t seq;                      /* absolute, of the first payload byte */
    struct wt_slice payload;           /* held bytes; may be shorter than wire_bytes */
    uint32_t wire_bytes;
    bool start_known;                  /* the side's ISN was seen; else the first segment begins its stream */
    uint32_t start_seq;                /* where start_known: absolute, of the first byte of the side's stream (ISN + 1) */
    bool syn, fin, rst, has_ack;       /* rst: one that the tracker accepted */
    uint32_t ack;
    const struct wt_session_context *context;    /* `held` is filled here, all else by the caller */
};
/* Returns the index of the dissector whose session has just been recognised, else -1. */
int stream_segment(struct stream_set *set, void **slot, const struct stream_segment *segment);

/* Nobody wants the content of this connection any more: what stream_segment() would find out at once. */
extern const char stream_skipped;
static inline bool stream_is_skipped(void *const *slot)
{
    return *slot == (const void *)&stream_skipped;
}

/* A segment of this stream is near, and its first lines have come: fetches its session. */
void stream_ahead(void *const *slot);

/* Whose message of this side has begun and not ended ("HTTP"); NULL: nobody's that is known. */
const char *stream_under_way(void *const *slot, unsigned side);

/* Ends the stream: what is held is delivered with its gaps, the session closed, all freed. */
void stream_close(struct stream_set *set, void **slot, const struct wt_session_context *context,
                  enum wt_close_reason reason);

#endif

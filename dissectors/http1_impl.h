/* Inside the HTTP dissector. */
#ifndef DISSECTORS_HTTP1_IMPL_H
#define DISSECTORS_HTTP1_IMPL_H

#include "dissectors/http1.h"

enum http1_field {
    HTTP1_F_REQUEST_LINE, HTTP1_F_METHOD, HTTP1_F_URI, HTTP1_F_URI_PATH, HTTP1_F_URI_QUERY, HTTP1_F_REQUEST_VERSION,
    HTTP1_F_RESPONSE_LINE, HTTP1_F_RESPONSE_VERSION, HTTP1_F_CODE, HTTP1_F_CODE_DESC, HTTP1_F_PHRASE,
    HTTP1_F_CONTENT_LENGTH, HTTP1_F_FULL_URI, HTTP1_F_REQUEST, HTTP1_F_RESPONSE, HTTP1_F_NOTIFICATION, HTTP1_F_REQUEST_NUMBER,
    HTTP1_F_RESPONSE_NUMBER, HTTP1_F_TIME, HTTP1_F_REQUEST_IN, HTTP1_F_FILE_DATA,
    HTTP1_F_HEADERS,                           /* then one for each header that has a field */
    HTTP1_FIELDS = HTTP1_F_HEADERS + HTTP1_HEADERS
};

extern const struct wt_session_ops http1_session_ops;

/* http1_tshark.c: wt_session_ops.as_tshark. */
#define HTTP1_TSHARK_BYTES 64
struct wt_wish http1_as_tshark(void *conversation, const struct wt_session_context *ctx, unsigned dir,
                               struct wt_slice bytes, size_t looked_at, unsigned flags);

/* ---- http1_exchange.c: requests that wait, and what is told of them when they end ---- */

#include "wiretale/config.h"
#include "wiretale/message.h"

/* A request from its head to the end of its response. */
struct http1_pending {
    struct http1_pending *next;
    struct wt_http_exchange x;         /* slices point into head */
    uint64_t done_frame;               /* where it was complete; 0: not yet */
    int64_t done_ns;
    bool answered;                     /* before it was complete: it waits for its own end alone, in no list */
    uint32_t size;                     /* of this allocation */
    uint32_t head_len;
    uint8_t head[];                    /* a copy */
};

enum http1_state {
    HTTP1_AT_HEAD, HTTP1_IN_LENGTH, HTTP1_AT_CHUNK_SIZE, HTTP1_IN_CHUNK_EXTENSION, HTTP1_IN_CHUNK, HTTP1_AFTER_CHUNK,
    HTTP1_IN_TRAILER, HTTP1_UNTIL_CLOSE,
    HTTP1_LOST                         /* no message's beginning is known; the next segment may begin one */
};

struct http1_side {
    uint8_t state;                     /* enum http1_state */
    bool started;                      /* a message is under way */
    bool incomplete;                   /* its end was not reached as it should be */
    bool hole;                         /* bytes of it are missing, within or at its end: it is shown by no frame */
    bool malformed;
    bool digits;                       /* of a chunk size were seen */
    bool line_empty;                   /* trailer: nothing but the line end so far */
    uint32_t segments;
    uint32_t scanned;                  /* of buffer, for the end of the head */
    uint32_t have, room;               /* of buffer */
    uint8_t *buffer;                   /* owned: a head in parts, or of a response that is not complete yet */
    uint64_t left;                     /* of the body or chunk */
    uint64_t body;                     /* bytes of it so far */
    uint64_t head_frame, line_bytes;
    int64_t start_ns, last_ns;
};

struct http1_session {
    struct http1_side side[2];
    struct http1_pending *first, *last;        /* requests without their response; owned */
    struct http1_pending *receiving;           /* the one of them whose body is not complete */
    uint32_t pending, depth;
    uint16_t dissector;
    uint8_t client;                    /* which direction requests come in; 2: not known yet */
    bool response_lost;                /* a hole between responses: some request may have had its response there */
    bool over;                         /* upgraded or a tunnel: what follows is not HTTP/1 */
};

/* False: no room, counted. */
bool http1_take(const struct wt_session_context *ctx, uint64_t bytes);
void http1_give(const struct wt_session_context *ctx, uint64_t bytes);

/* A request's head is complete. NULL: no room. */
struct http1_pending *http1_begin(struct http1_session *s, const struct wt_session_context *ctx,
                                  const struct http1 *head, const struct http1_side *side);
/* The request under way has ended: nothing waits for it any more if it was answered before. */
void http1_done(struct http1_session *s, const struct wt_session_context *ctx);
/* Tells of the first request and forgets it. */
void http1_end_unanswered(struct http1_session *s, const struct wt_session_context *ctx);
/* A response has ended: tells of the exchange, and forgets its request. */
void http1_end(struct http1_session *s, const struct wt_session_context *ctx, const struct http1 *head,
               const struct http1_side *side, uint32_t more_flags);
/* A message as a layer of the frame that completed it. */
void http1_emit_layer(struct http1_session *s, const struct wt_session_context *ctx, unsigned dir,
                      const struct http1 *head, struct wt_slice bytes, uint32_t segments,
                      const struct http1_pending *answers, uint32_t number);

#endif

/* Application messages, paired: a DNS transaction, an HTTP exchange. Records are valid during the callback;
 * slices in them are borrowed. Times are of the frames that carried the bytes. */
#ifndef WIRETALE_MESSAGE_H
#define WIRETALE_MESSAGE_H

#include <stdbool.h>
#include <stdint.h>

#include "wiretale/cursor.h"
#include "wiretale/dissector.h"
#include "wiretale/packet.h"

enum wt_message_kind {
    WT_MESSAGE_LAYER,     /* one dissected message of a stream (a DNS message over TCP, an HTTP head): for packet views */
    WT_MESSAGE_DNS,       /* a finished transaction */
    WT_MESSAGE_HTTP,      /* a finished exchange */
    WT_MESSAGE_NAME       /* an address and the name that led to it */
};

#define WT_NAME_TEXT 1024         /* a DNS name, escaped: at most 255 bytes on the wire */

struct wt_dns_transaction {
    uint64_t query_frame, response_frame;    /* 0: not seen */
    int64_t query_ns, response_ns;
    int64_t time_ns;                         /* first query to response; -1: unanswered, or no query seen */
    uint32_t retries;                        /* the same question sent again before an answer */
    uint16_t id, type, klass, rcode, flags, answers;
    uint8_t opcode;
    bool over_tcp, truncated, authoritative, multicast;
    bool asked_again_within_ttl;             /* the same client had a valid answer to the same question */
    int64_t previous_answer_ns;              /* when; 0: none */
    uint32_t ttl_min;                        /* of the answers; UINT32_MAX: none */
    const char *name;                        /* the question, where it is at hand: ask wt_dns_name() */
    struct wt_slice wire_name;               /* the same as it came: uncompressed, or what stands for it; empty: none */
    const void *response;                    /* the dissector's struct dns; NULL: none. For wt_dns_answers() */
};

/* Words are only made for who asks. Both are valid as long as the transaction and the buffer are. */
#define WT_DNS_ANSWERS 256
/* The question in DNS presentation form, safe to print; "" if there was none. */
const char *wt_dns_name(const struct wt_dns_transaction *x, char buffer[WT_NAME_TEXT]);
/* The first answers, whole ones only: "A 192.0.2.1, A 192.0.2.2, …". */
const char *wt_dns_answers(const struct wt_dns_transaction *x, char buffer[WT_DNS_ANSWERS]);

enum wt_http_flag {
    WT_HTTP_KEPT            = 1 << 0,    /* the connection is kept after it */
    WT_HTTP_CHUNKED         = 1 << 1,
    WT_HTTP_CONDITIONAL     = 1 << 2,    /* If-None-Match, If-Modified-Since, … (RFC 9110 13) */
    WT_HTTP_SAVED           = 1 << 3,    /* and the answer was 304: no body was sent */
    WT_HTTP_SENT_COOKIE     = 1 << 4,
    WT_HTTP_SET_COOKIE      = 1 << 5,
    WT_HTTP_PIPELINED       = 1 << 6,    /* sent before the previous response was complete */
    WT_HTTP_UNANSWERED      = 1 << 7,
    WT_HTTP_NO_REQUEST      = 1 << 8,    /* only the response was seen */
    WT_HTTP_INCOMPLETE      = 1 << 9,    /* its body was cut: gap, reset, end of the capture */
    WT_HTTP_UNTIL_CLOSE     = 1 << 10,   /* the body ends where the connection does */
    WT_HTTP_UPGRADED        = 1 << 11,
    WT_HTTP_TUNNEL          = 1 << 12,   /* CONNECT */
    WT_HTTP_CONTINUED       = 1 << 13,   /* 100 (Continue) came first */
    WT_HTTP_MALFORMED       = 1 << 14,
    WT_HTTP_HAS_LENGTH      = 1 << 15
};

struct wt_http_exchange {
    uint64_t request_frame, response_frame;  /* where each head was complete; 0: not seen */
    int64_t request_start_ns, request_end_ns, response_start_ns, response_end_ns;   /* 0: not seen */
    uint32_t flags;                          /* enum wt_http_flag */
    uint16_t status;                         /* 0: none */
    uint8_t version[2];                      /* minor version of request, response: HTTP/1.x; 255 unknown */
    uint32_t depth;                          /* which exchange of its connection, from 1 */
    uint32_t interim;                        /* 1xx responses before the final one */
    uint64_t request_body_bytes, response_body_bytes;
    uint64_t saved_bytes;                    /* SAVED: Content-Length of the 304, where it says it; else 0 */
    struct wt_slice method, target, host, reason;
    struct wt_slice user_agent, referer, content_type, location, server, via, etag, cache_control, age, set_cookie,
        cookie, authorization;
};

struct wt_name_observation {
    uint8_t family;
    uint8_t address[16];
    const char *name;                        /* of the question, not the end of the CNAME chain */
    int64_t time_ns;
};

/* A dissected message of a stream, as a layer of the frame that completed it. */
struct wt_message_layer {
    uint16_t dissector;
    uint8_t cut;
    uint8_t direction;
    struct wt_slice bytes;                   /* the whole message (HTTP: its head, and body so far where held) */
    const void *header;                      /* the dissector's struct */
    uint32_t segments;                       /* frames that carried it */
    struct wt_pairing pairing;
    struct wt_layer layer;                   /* the same as a packet's layer; buffer WT_STREAM_BUFFER; engine's */
};

struct wt_message {
    enum wt_message_kind kind;
    /* filled by the stage that knows the connection */
    uint64_t connection;                     /* number; 0 with several workers */
    uint32_t stream;
    uint8_t family, protocol;
    uint8_t shard;                           /* 0..63, of its connection */
    uint64_t first_frame;                    /* of its connection: ranks it where numbers are not known yet */
    uint8_t address[2][16];                  /* client, server */
    uint16_t port[2];
    void **client;                           /* the client's slot of the connection; NULL once that has ended */
    union {
        const struct wt_dns_transaction *dns;
        const struct wt_http_exchange *http;
        const struct wt_name_observation *name;
        const struct wt_message_layer *layer;
    };
};

#endif

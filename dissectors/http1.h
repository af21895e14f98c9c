/* HTTP/1.0 and 1.1 (RFC 9110, RFC 9112): one message's head.
 *
 *     request-line / status-line CRLF
 *     *( field-name ":" OWS field-value OWS CRLF )
 *     CRLF
 *     [ body ]
 *
 * A line may end with a bare LF (RFC 9112 2.2), and a value may go on in a line that begins with white space
 * (5.2, obsolete). All functions are pure; slices point into the bytes that were parsed. */
#ifndef DISSECTORS_HTTP1_H
#define DISSECTORS_HTTP1_H

#include <stdbool.h>
#include <stdint.h>

#include "wiretale/cursor.h"
#include "wiretale/dissector.h"
#include "wiretale/field.h"

/* Headers that a rule or a field asks for; first those that struct http1 keeps. */
enum http1_header {
    HTTP1_HOST, HTTP1_USER_AGENT, HTTP1_REFERER, HTTP1_COOKIE, HTTP1_SET_COOKIE, HTTP1_AUTHORIZATION,
    HTTP1_CONTENT_TYPE, HTTP1_LOCATION, HTTP1_SERVER, HTTP1_VIA, HTTP1_ETAG, HTTP1_CACHE_CONTROL, HTTP1_AGE,
    HTTP1_KEPT,
    HTTP1_CONTENT_LENGTH = HTTP1_KEPT, HTTP1_TRANSFER_ENCODING, HTTP1_CONNECTION, HTTP1_UPGRADE, HTTP1_EXPECT,
    HTTP1_IF_NONE_MATCH, HTTP1_IF_MODIFIED_SINCE, HTTP1_IF_MATCH, HTTP1_IF_UNMODIFIED_SINCE, HTTP1_IF_RANGE,
    HTTP1_CONTENT_ENCODING, HTTP1_ACCEPT, HTTP1_ACCEPT_LANGUAGE, HTTP1_ACCEPT_ENCODING, HTTP1_DATE,
    HTTP1_LAST_MODIFIED, HTTP1_X_FORWARDED_FOR, HTTP1_PROXY_AUTHENTICATE, HTTP1_PROXY_AUTHORIZATION,
    HTTP1_WWW_AUTHENTICATE, HTTP1_WS_ACCEPT, HTTP1_WS_EXTENSIONS, HTTP1_WS_KEY, HTTP1_WS_PROTOCOL,
    HTTP1_WS_VERSION, HTTP1_HTTP2_SETTINGS,
    HTTP1_HEADERS,
    HTTP1_UNKNOWN = HTTP1_HEADERS
};

enum http1_flag {
    HTTP1_RESPONSE      = 1 << 0,
    HTTP1_WHOLE         = 1 << 1,    /* the empty line was there */
    HTTP1_MALFORMED     = 1 << 2,    /* against the grammar, but readable */
    HTTP1_LENGTH        = 1 << 3,    /* Content-Length with a value that can be used */
    HTTP1_BAD_LENGTH    = 1 << 4,    /* one that cannot, or several that differ */
    HTTP1_CHUNKED       = 1 << 5,    /* the last transfer coding */
    HTTP1_OTHER_CODING  = 1 << 6,    /* the last transfer coding is not chunked */
    HTTP1_CLOSE         = 1 << 7,    /* Connection: close */
    HTTP1_KEEP_ALIVE    = 1 << 8,    /* Connection: keep-alive */
    HTTP1_CONDITIONAL   = 1 << 9,
    HTTP1_STARTED       = 1 << 10    /* the start line is complete */
};

struct http1 {
    struct wt_slice bytes;             /* from the start line on, all that was given */
    uint32_t head_len;                 /* through the empty line */
    uint32_t lines_at;                 /* where the header lines begin */
    uint32_t flags;                    /* enum http1_flag */
    uint32_t header_count;
    uint16_t status;
    uint8_t minor;                     /* HTTP/1.x; 255: another version, or none */
    struct wt_slice line;              /* the start line without its end */
    struct wt_slice method, target, version, code, reason;
    struct wt_slice value[HTTP1_KEPT]; /* of the first such header; at NULL: absent */
    uint64_t content_length;
};

/* Parses a head from its first byte. The length through the empty line; 0: it is not complete, and everything that is
 * there has been read, be it half a start line (flags WHOLE, STARTED). */
uint32_t http1_parse(struct wt_slice bytes, struct http1 *ret_head);

/* Finds the end of a head that comes in parts: its length, or 0. *at remembers how far was searched, so that a head
 * in single bytes costs no more than in one piece. */
uint32_t http1_find_end(struct wt_slice bytes, uint32_t *at);

struct http1_line {
    enum http1_header header;
    struct wt_slice name, value;       /* value without the white space around it */
    struct wt_slice raw;               /* with its line end */
};
/* The next header line; *at begins with head->lines_at. False: there is none. */
bool http1_next_line(const struct http1 *head, uint32_t *at, struct http1_line *ret_line);

/* Is this how a message begins? MORE: it may be. Decides with 64 bytes at the latest. */
enum wt_probe http1_request_start(struct wt_slice bytes);
enum wt_probe http1_response_start(struct wt_slice bytes);

extern const struct wt_dissector http1_dissector, ssdp_dissector;

#endif

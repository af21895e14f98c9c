/* What a protocol must give. One protocol is one pair of files in dissectors/ and one row in registry.c.
 * All tables are const; functions are pure but for sessions, which belong to one worker. */
#ifndef WIRETALE_DISSECTOR_H
#define WIRETALE_DISSECTOR_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "wiretale/cursor.h"
#include "wiretale/field.h"
#include "wiretale/packet.h"

/* Who carries whom. A child names the keys under which its parents announce it. */
enum wt_key_space {
    WT_KEY_NONE,          /* nothing follows, or unknown */
    WT_KEY_LINKTYPE,      /* LINKTYPE_ value of the frame */
    WT_KEY_ETHERTYPE,     /* >= 0x600 (IEEE 802.3) */
    WT_KEY_LLC,           /* DSAP */
    WT_KEY_IP_PROTOCOL,
    WT_KEY_TCP_PORT,
    WT_KEY_UDP_PORT,
    WT_KEY_PPP,           /* PPP protocol number */
    WT_KEY_FAMILY,        /* 4 or 6: a bare IP packet */
    WT_KEY_CHDLC,         /* Cisco HDLC's own protocols; else they are EtherTypes */
    WT_KEY_SPACES
};

struct wt_key {
    uint16_t space;
    uint32_t value;
};

/* What a header says of what follows it. */
struct wt_next {
    uint16_t space;           /* enum wt_key_space */
    uint32_t key[2];          /* the second is tried when nobody has the first (ports); WT_NO_KEY: none */
    uint64_t payload_bytes;   /* on the wire, by this header's length field; WT_NO_LIMIT: to the end */
};
#define WT_NO_KEY UINT32_MAX
#define WT_NO_LIMIT UINT64_MAX

/* What pairing found out about one message: whose answer it is, or that it was sent before. All 0: nothing. */
struct wt_pairing {
    uint64_t request_frame;       /* of the request or query that this answers; 0: this is none, or it was not seen */
    int64_t time_ns;              /* since that frame */
    uint64_t repeats_frame;       /* the same query (or response) was first seen in this frame; 0: it is the first */
    uint32_t number;              /* HTTP: which request or response of its connection, from 1; 0: unknown */
};

/* What later stages know of a frame, for CONTEXT rows. Filled only where somebody reads fields.
 * Members with a `has_` bit unset are absent. */
enum wt_context_has {
    WT_HAS_STREAM   = 1 << 0,    /* tcp_stream or udp_stream */
    WT_HAS_TCP      = 1 << 1,    /* seq … window_scaled */
    WT_HAS_ACK      = 1 << 2,
    WT_HAS_TIMES    = 1 << 3,
    WT_HAS_COMPLETENESS = 1 << 4,
    WT_HAS_COMPAT   = 1 << 5,    /* tshark 4.0's answers are wanted */
    WT_HAS_CHECKSUMS = 1 << 6    /* checksums are verified: those of a tunnel's outer headers are said, too */
};
#define WT_UDP_STREAMS 4
struct wt_dns_transaction;
struct wt_http_exchange;
struct wt_context {
    uint32_t has;
    uint32_t stream;              /* tcp.stream or udp.stream, from 0 */
    uint32_t seq_relative, next_seq_relative, ack_relative;
    uint32_t window_scaled;
    int32_t window_scale;         /* a shift; -1 unknown, -2 none used */
    uint32_t payload_bytes;
    uint8_t completeness;         /* tcp.completeness, as known up to this frame */
    uint8_t ip_checksum, transport_checksum;   /* enum wt_checksum */
    uint16_t ip_checksum_expected, transport_checksum_expected;
    int64_t time_relative_ns, time_delta_ns;   /* since the connection's first, previous frame */
    uint64_t connection;          /* conn.number */
    uint64_t did;                 /* WT_DID_ of connection.h */
    int64_t initial_rtt_ns, ack_rtt_ns;        /* 0: none; less than 0 where the clock ran back */
    uint64_t acked_frame, dup_ack_frame;       /* 0: none */
    uint32_t dup_ack_count;
    uint32_t bytes_in_flight, push_bytes;      /* 0: not known */
    uint64_t rto_frame;                        /* RETRANSMIT: what it waited for so long */
    int64_t rto_ns;
    const char *part_of;                       /* "HTTP": its payload ends within a message of that; or NULL */
    uint8_t udp_stream_count;                  /* COMPAT: of each UDP header, from the outermost; UINT32_MAX: unknown */
    uint32_t udp_streams[WT_UDP_STREAMS];
    const struct wt_dns_transaction *dns;      /* that this frame completed, or NULL; its strings are gone */
    const struct wt_http_exchange *http;       /* the same */
    struct wt_pairing pairing;                 /* of the message in the frame itself (a DNS datagram): dns_pairs_last() */
};

/* A layer with its decoded struct, ready to be described. */
struct wt_layer_view {
    const struct wt_dissector *dissector;
    const struct wt_layer *layer;
    const struct wt_packet *packet;    /* may be NULL where there is none (unit tests) */
    const struct wt_context *context;  /* may be NULL */
    const struct wt_pairing *pairing;  /* of a stream message: &wt_message_layer.pairing; else NULL */
    const void *header;                /* the dissector's struct */
    struct wt_slice bytes;             /* the layer from its first byte: header and captured payload */
};

/* A text builder that never overflows its buffer: what does not fit is cut and `full` is set. */
struct wt_text {
    char *at;
    size_t capacity, len;
    bool full;
};
__attribute__((format(printf, 2, 3))) void wt_text_add(struct wt_text *t, const char *format, ...);
/* Bytes from the network, made safe: no control or escape sequences, no broken UTF-8 (replaced by \xNN). */
void wt_text_add_safe(struct wt_text *t, struct wt_slice bytes);
void wt_text_add_address(struct wt_text *t, unsigned family, const uint8_t *address);

/* ---- sessions: messages over reassembled TCP streams ---- */

enum wt_probe { WT_NOT_MINE, WT_MINE, WT_PROBE_MORE };

enum wt_close_reason { WT_CLOSED_FIN, WT_CLOSED_RST, WT_CLOSED_END };   /* END: capture ended or evicted */

struct wt_message;

/* Bytes that the sessions of one shard hold of unfinished messages, against their share of max-reassembly-bytes. */
struct wt_held {
    uint64_t bytes, limit;
};

/* The connection as a session may see it; valid during the call. dir: 0 client (or originator) to server. */
struct wt_session_context {
    int64_t time_ns;              /* of the frame being delivered */
    uint64_t frame;               /* its number */
    uint16_t client_port, server_port;
    const struct wt_config *config;
    struct wt_limit_hits *hits;
    void (*emit)(void *emit_to, const struct wt_message *message);
    void *emit_to;
    struct wt_held *held;         /* filled by the stream stage */
    uint16_t dissector;           /* for open(): its own index in the registry */
    uint16_t shard;               /* of the packet, 0..63: limits are counted by shard */
    bool compat;                  /* as tshark 4.0: a session that has as_tshark shows its messages there alone */
};

/* What tshark 4.0's dissectors answer to bytes that do not hold all of a message: from where on they want to see them
 * again (pinfo->desegment_offset), and with how many more (desegment_len). */
struct wt_wish {
    size_t at;
    uint32_t more;                /* 0: nothing */
    size_t looked_at;             /* bytes behind `at` that it needs not look through again */
};
#define WT_WISH_SEGMENT   UINT32_C(0x0fffffff)    /* with all of the next segment */
#define WT_WISH_UNTIL_FIN UINT32_C(0x0ffffffe)
enum wt_as_tshark {
    WT_MAY_WISH     = 1 << 0,
    WT_WITH_FIN     = 1 << 1,
    WT_SERVER_KNOWN = 1 << 2           /* by a SYN: its port counts before the lower one */
};

/* A session never allocates but through its own bounded buffers, counted by limits in config.h. */
struct wt_session_ops {
    size_t session_bytes;
    /* On the first bytes of a direction; `ctx` gives the ports. MORE asks again with more bytes (at most 64). */
    enum wt_probe (*probe)(const struct wt_session_context *ctx, unsigned dir, struct wt_slice first);
    void (*open)(void *session, const struct wt_session_context *ctx);
    /* In-order bytes; borrowed. Returns false when it gives up on the connection (not its protocol after all). */
    bool (*feed)(void *session, const struct wt_session_context *ctx, unsigned dir, struct wt_slice bytes);
    /* len bytes were never seen (a hole in the capture, or a limit); what follows is after them. */
    bool (*gap)(void *session, const struct wt_session_context *ctx, unsigned dir, uint64_t len);
    /* One direction ended (FIN) or both did (dir 2). Called once a direction, and at last with 2, which frees. */
    void (*close)(void *session, const struct wt_session_context *ctx, unsigned dir, enum wt_close_reason reason);
    /* Asked when feed() gave up: did the session end in order, so that what follows is another protocol, which is to
     * be recognised anew (a tunnel, an upgrade)? NULL: never. */
    bool (*over)(const void *session);
    /* Has a message of this direction begun and not ended? NULL: not known. */
    bool (*under_way)(const void *session, unsigned dir);
    /* For packets --compat tshark-4.0: where tshark's dissector would take other bytes for a message, and on other
     * frames, than a receiver. `conversation` begins as zeros and owns nothing. flags: enum wt_as_tshark. looked_at:
     * of these bytes, from the wish that brought them. */
    size_t as_tshark_bytes;
    struct wt_wish (*as_tshark)(void *conversation, const struct wt_session_context *ctx, unsigned dir,
                                struct wt_slice bytes, size_t looked_at, unsigned flags);
};

/* ---- the dissector itself ---- */

enum wt_role { WT_ROLE_LINK, WT_ROLE_NETWORK, WT_ROLE_TRANSPORT, WT_ROLE_TUNNEL, WT_ROLE_APPLICATION };

struct wt_dissector {
    const char *name;          /* "tcp": the protocol field, the name in frame.protocols */
    const char *short_name;    /* "TCP": the Protocol column */
    const char *title;         /* "Transmission Control Protocol" */
    const char *references;    /* "RFC 9293, RFC 7323" */
    uint8_t role;              /* enum wt_role */
    uint8_t key_count;
    uint16_t field_count;
    uint16_t header_size;      /* of the decoded struct; at most WT_MAX_HEADER */
    const struct wt_key *keys;
    const struct wt_field *fields;
    /* Reads one header (or one message) and leaves the cursor behind it. Never fails but by the cursor's cut. */
    enum wt_cut (*decode)(struct wt_cursor *c, void *header);
    void (*next)(const void *header, struct wt_next *next);          /* NULL: nothing follows */
    /* NULL: the table's HEADER and CONTEXT rows in order, which wt_describe_rows() does. */
    void (*describe)(const struct wt_layer_view *view, struct wt_sink *sink);
    void (*summarise)(const struct wt_layer_view *view, struct wt_text *info);   /* the Info column; may be NULL */
    const struct wt_session_ops *session;                            /* NULL: no stream protocol */
    /* Is a datagram that no port names this protocol's? Must be sure, and quick to say no. NULL: not to be asked. */
    bool (*recognise)(struct wt_slice payload);
    /* Tunnels: which of several virtual networks its payload belongs to, the same in both directions. NULL: just one. */
    uint32_t (*scope)(const void *header);
};

#define WT_MAX_HEADER 4096

/* Gives the sink rows [first, last) of the view's table that are HEADER or CONTEXT rows. */
void wt_describe_rows(const struct wt_layer_view *view, struct wt_sink *sink, unsigned first, unsigned last);

/* Helpers for SAID rows; offset and len are relative to view->bytes. */
void wt_say_number(const struct wt_layer_view *view, struct wt_sink *sink, const struct wt_field *field,
                   uint64_t value, size_t offset, size_t len);
void wt_say_bytes(const struct wt_layer_view *view, struct wt_sink *sink, const struct wt_field *field,
                  struct wt_slice value, size_t offset, size_t len);
struct wt_span wt_view_span(const struct wt_layer_view *view, size_t offset, size_t len);

/* The registry. */
unsigned wt_dissector_count(void);
const struct wt_dissector *wt_dissector_at(unsigned index);
int wt_dissector_index(const char *name);                               /* -1: none */
int wt_dissector_by_key(enum wt_key_space space, uint32_t value);       /* -1: none */
const struct wt_field *wt_field_by_name(const char *name, const struct wt_dissector **ret_dissector);

#endif

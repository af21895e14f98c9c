/* Connections and conversations: the final record, and what one segment did. Read-only for clients. */
#ifndef WIRETALE_CONNECTION_H
#define WIRETALE_CONNECTION_H

#include <stdbool.h>
#include <stdint.h>

#include "wiretale/packet.h"

/* RFC 9293 3.3.2, one machine an endpoint. */
enum wt_tcp_state {
    WT_TCP_NONE,          /* not TCP, or nothing known */
    WT_TCP_CLOSED, WT_TCP_LISTEN, WT_TCP_SYN_SENT, WT_TCP_SYN_RECEIVED, WT_TCP_ESTABLISHED,
    WT_TCP_FIN_WAIT_1, WT_TCP_FIN_WAIT_2, WT_TCP_CLOSE_WAIT, WT_TCP_CLOSING, WT_TCP_LAST_ACK, WT_TCP_TIME_WAIT,
    WT_TCP_STATES
};
const char *wt_tcp_state_name(enum wt_tcp_state state);    /* "SYN-SENT" */

enum wt_outcome {
    WT_OUTCOME_OPEN,          /* established and still open when the capture ended */
    WT_OUTCOME_CLOSED,        /* FIN both ways */
    WT_OUTCOME_HALF_CLOSED,   /* FIN one way only when the capture ended */
    WT_OUTCOME_RESET,         /* RST after the handshake */
    WT_OUTCOME_REFUSED,       /* RST in answer to the SYN */
    WT_OUTCOME_UNREACHABLE,   /* an ICMP error in answer to the SYN or datagram */
    WT_OUTCOME_UNANSWERED,    /* SYN, or datagrams, without any answer */
    WT_OUTCOME_HALF_OPEN,     /* SYN and SYN-ACK, never completed */
    WT_OUTCOME_ABANDONED,     /* SYN, then FIN or RST from the same side, no answer */
    WT_OUTCOME_ANSWERED,      /* not TCP: frames both ways */
    WT_OUTCOME_ONE_WAY,       /* mid-stream TCP seen in one direction only, or multicast */
    WT_OUTCOMES
};
const char *wt_outcome_name(enum wt_outcome outcome);      /* "half-open" */

enum wt_close_kind {
    WT_CLOSE_NONE, WT_CLOSE_FOUR_WAY, WT_CLOSE_THREE_SEGMENT, WT_CLOSE_SIMULTANEOUS, WT_CLOSE_HALF, WT_CLOSE_RESET,
    WT_CLOSE_KINDS
};
const char *wt_close_kind_name(enum wt_close_kind kind);

enum wt_end_why {             /* why the record was written */
    WT_END_CLOSED,            /* its protocol ended it and its timers ran out */
    WT_END_TIMEOUT,           /* silence */
    WT_END_CAPTURE,           /* the capture ended */
    WT_END_EVICTED,           /* a limit */
    WT_END_REUSED             /* the 5-tuple began a new connection */
};

enum wt_connection_flag {
    WT_CONN_MIDSTREAM        = 1 << 0,    /* no SYN seen: states are inferred */
    WT_CONN_GUESSED          = 1 << 1,    /* who opened was guessed (ports), not seen */
    WT_CONN_RESUMED          = 1 << 2,    /* a limit evicted it before; this is a further record */
    WT_CONN_MISSED_FRAMES    = 1 << 3,    /* the capture lost frames while it was open */
    WT_CONN_REUSED_TUPLE     = 1 << 4,    /* it began on the 5-tuple of an earlier connection (RFC 6191) */
    WT_CONN_SIMULTANEOUS     = 1 << 5,    /* simultaneous open */
    WT_CONN_FAST_OPEN        = 1 << 6,    /* data in the SYN, RFC 7413 */
    WT_CONN_ONE_SIDED        = 1 << 7,    /* only one direction was captured, although both must exist */
    WT_CONN_PARTIAL          = 1 << 8,    /* a limit cut its analysis */
    WT_CONN_FLIPPED          = 1 << 9,    /* direction was turned round after the first packet */
    WT_CONN_MPTCP            = 1 << 10,
    WT_CONN_NEVER_COMPLETED  = 1 << 11,
    WT_CONN_STATE_INFERRED_0 = 1 << 12,   /* state of the client is inferred from one side's segments */
    WT_CONN_STATE_INFERRED_1 = 1 << 13,
    WT_CONN_SYN_ACK_FIRST    = 1 << 14    /* the SYN was not seen, the SYN-ACK was */
};

struct wt_side {                  /* [0] the client: who opened; [1] the server */
    uint8_t address[16];          /* IPv4: first 4 bytes */
    uint16_t port;                /* ICMP: Community ID's type / code */
    uint8_t state;                /* enum wt_tcp_state at the end */
    uint8_t ttl;                  /* of its first packet */
    uint64_t packets;
    uint64_t wire_bytes;          /* frames */
    uint64_t ip_bytes;
    uint64_t payload_bytes;       /* as sent, repeats included */
    uint64_t unique_bytes;        /* TCP: sequence space covered, SYN and FIN not counted */
    uint64_t retransmitted_bytes;
    uint64_t missing_bytes;       /* TCP: acknowledged, never captured */
    uint32_t retransmissions, out_of_order, duplicate_acks, zero_windows, keep_alives;
    uint32_t duplicated;          /* packets that were captured more than once */
    uint32_t syns, fins, rsts, bad_checksums;
    uint32_t isn;
    uint16_t mss;                 /* 0: none announced */
    uint8_t wscale;               /* 255: none */
    bool sack_permitted, timestamps, sent_ecn;
};

struct wt_time_wait {
    uint8_t holder;               /* 0 client, 1 server, 2 both (simultaneous close), 255 none */
    uint8_t ended;                /* enum wt_end_why: CLOSED: 2 MSL ran out; REUSED; CAPTURE: still running */
    int64_t start_ns, end_ns;     /* end: by rule, unless reused */
    uint32_t segments_in;         /* that arrived in it */
};

#define WT_HISTORY 32

struct wt_connection {
    uint64_t number;              /* conn.number, from 1; 0 while several workers have not been merged */
    uint32_t stream;              /* tcp.stream / udp.stream, from 0; UINT32_MAX: neither */
    uint8_t protocol;             /* IP protocol number */
    uint8_t family;               /* 4, 6 */
    uint16_t vlan;                /* id + 1; 0: untagged */
    uint32_t scope;               /* of the key */
    uint8_t shard;                /* 0..63: records of one shard come from one worker, in an order of their own */
    uint32_t flags;               /* enum wt_connection_flag */
    uint8_t outcome;              /* enum wt_outcome */
    uint8_t close_kind;           /* enum wt_close_kind */
    uint8_t why;                  /* enum wt_end_why */
    uint8_t first_closer;         /* 0, 1: who sent the first FIN or RST; 255: nobody */
    uint8_t reset_by;             /* 0, 1, 255 */
    uint8_t reset_answers;        /* what the RST answered: flags byte of the segment before it from the peer */
    uint16_t icmp_error;          /* type << 8 | code of an ICMP error about it; 0: none */
    int64_t start_ns, end_ns;     /* first and last frame; end_ns >= start_ns, also where time stamps run back */
    int64_t syn_ns, syn_ack_ns, ack_ns;   /* handshake as captured (last SYN before the SYN-ACK); 0: not seen */
    int64_t first_syn_ns;         /* differs from syn_ns where the SYN was repeated */
    int64_t first_data_ns[2];     /* first payload byte from each side; 0: none */
    uint64_t first_frame, last_frame;
    struct wt_time_wait time_wait;
    struct wt_side side[2];
    char conn_state[8];           /* Zeek's: "SF" */
    char history[WT_HISTORY];     /* Zeek's letters */
    const char *service;          /* borrowed: "http", "dns", "tls" (recognised), or NULL */
    void *client;                 /* what the client's callbacks hung on it */
};

/* Community ID v1 (seed 0) of the record's connection; it is costly, so that who shows it asks for it. ret: 32 bytes. */
void wt_connection_community_id(const struct wt_connection *c, char ret_text[32]);

/* Handshake RTT as seen at the capture point: SYN to ACK. -1: not seen whole. */
static inline int64_t wt_handshake_ns(const struct wt_connection *c)
{
    return c->syn_ns && c->syn_ack_ns && c->ack_ns ? c->ack_ns - c->syn_ns : -1;
}

/* What a segment did: bits of a uint64_t. Several may be true. */
#define WT_DID_SYN               (UINT64_C(1) << 0)
#define WT_DID_SYN_RETRY         (UINT64_C(1) << 1)
#define WT_DID_SYN_ACK           (UINT64_C(1) << 2)
#define WT_DID_HANDSHAKE         (UINT64_C(1) << 3)    /* completed it */
#define WT_DID_DATA              (UINT64_C(1) << 4)
#define WT_DID_RETRANSMIT        (UINT64_C(1) << 5)
#define WT_DID_OUT_OF_ORDER      (UINT64_C(1) << 6)
#define WT_DID_GAP_BEFORE        (UINT64_C(1) << 7)    /* segments before it were not captured (yet) */
#define WT_DID_ACKED_UNSEEN      (UINT64_C(1) << 8)
#define WT_DID_DUP_ACK           (UINT64_C(1) << 9)
#define WT_DID_KEEP_ALIVE        (UINT64_C(1) << 10)
#define WT_DID_KEEP_ALIVE_ACK    (UINT64_C(1) << 11)
#define WT_DID_ZERO_WINDOW       (UINT64_C(1) << 12)
#define WT_DID_WINDOW_UPDATE     (UINT64_C(1) << 13)
#define WT_DID_ZERO_WINDOW_PROBE (UINT64_C(1) << 14)
#define WT_DID_WINDOW_FULL       (UINT64_C(1) << 15)
#define WT_DID_FIN               (UINT64_C(1) << 16)
#define WT_DID_FIN_REPEATED      (UINT64_C(1) << 17)
#define WT_DID_FIN_ACKED         (UINT64_C(1) << 18)
#define WT_DID_RST               (UINT64_C(1) << 19)
#define WT_DID_RST_IGNORED       (UINT64_C(1) << 20)    /* outside the window: RFC 5961 */
#define WT_DID_REFUSE            (UINT64_C(1) << 21)
#define WT_DID_TIME_WAIT         (UINT64_C(1) << 22)    /* an endpoint entered TIME-WAIT with it */
#define WT_DID_IN_TIME_WAIT      (UINT64_C(1) << 23)    /* arrived while one was in it */
#define WT_DID_REUSE             (UINT64_C(1) << 24)    /* began a new connection on a known 5-tuple */
#define WT_DID_CLOSED            (UINT64_C(1) << 25)    /* both endpoints are done */
#define WT_DID_SIMULTANEOUS      (UINT64_C(1) << 26)
#define WT_DID_ICMP_ERROR        (UINT64_C(1) << 27)    /* an ICMP error that quotes the connection */
#define WT_DID_FAST_RETRANSMIT   (UINT64_C(1) << 28)
#define WT_DID_SPURIOUS          (UINT64_C(1) << 29)
#define WT_DID_BAD_CHECKSUM      (UINT64_C(1) << 30)
#define WT_DID_MIDSTREAM         (UINT64_C(1) << 31)    /* first segment of a connection captured mid-way */
#define WT_DID_ZERO_WINDOW_PROBE_ACK (UINT64_C(1) << 32)
#define WT_DID_ISN_CHANGED       (UINT64_C(1) << 33)    /* a SYN-ACK with another number than the side's first */

/* One segment (or ICMP error) in its connection. Valid during the callback. */
struct wt_segment {
    const struct wt_packet *packet;
    uint64_t connection;          /* number; 0 with several workers */
    uint32_t stream;
    uint64_t did;                 /* WT_DID_ */
    uint8_t side;                 /* 0: the client sent it */
    uint8_t state_before[2];      /* client, server */
    uint8_t state[2];
    bool seq_known;               /* relative numbers count from the ISN; else from the first byte seen */
    uint32_t seq, ack;            /* relative; ack as sent where the ACK flag is not set */
    uint32_t payload_bytes;       /* by the IP length */
    uint32_t window;              /* scaled where the scale is known */
    int16_t window_scale;         /* shift; -1 unknown (mid-stream), -2 not in use */
    uint32_t dup_ack_count;
    uint64_t dup_ack_frame;       /* the first ACK of the series */
    uint64_t original_frame;      /* RETRANSMIT: a frame that carried the bytes, where known; else 0 */
    int64_t since_original_ns;    /* and how long ago; else since the sender's last segment */
    int64_t since_start_ns;       /* since the connection's first frame */
    int64_t since_previous_ns;    /* since its previous frame */
    int64_t rtt_ns;               /* HANDSHAKE: SYN to ACK; an ACK of new data: its sample; else -1 */
    int64_t ack_rtt_ns;           /* since the segment that its ACK is for (tcp.analysis.ack_rtt); -1: none known */
    uint64_t acked_frame;         /* and that segment's frame; 0 */
    int64_t initial_rtt_ns;       /* SYN to ACK, in every segment after the handshake; -1: not seen whole */
    bool sent_again;              /* counted among its side's retransmissions, whatever Wireshark's classes say */
    uint8_t completeness;         /* tcp.completeness, of the segments before this one */
    const uint8_t *client_address, *server_address;
    uint16_t client_port, server_port;
    uint8_t family;
    void **client;                /* the client's slot, kept with the connection */
};

#endif

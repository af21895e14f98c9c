/* TCP in depth: what each direction of a connection really did, from the evidence in its segments. A client that wants
 * it keeps one wt_depth a thread, opens one wt_analysis_state a connection and shows it every packet of it, in order:
 *
 *     struct wt_depth *d = wt_depth_new(&config, &hits);
 *     struct wt_analysis_state *a;
 *     wt_depth_open(d, &a);                                        // NULL: a limit, or memory
 *     repeats = wt_depth_packet(d, a, view, &count);               // causes, and what later proved about earlier ones
 *     wt_depth_result(d, a, &connection, &analysis);  wt_depth_close(d, a);
 *
 * Nobody who does not ask pays. docs/tcp-analysis.md says what each number means. */
#ifndef WIRETALE_ANALYSIS_H
#define WIRETALE_ANALYSIS_H

#include <stdbool.h>
#include <stdint.h>

#include "wiretale/config.h"
#include "wiretale/connection.h"

struct wt_packet_view;

enum wt_sureness { WT_GUESS, WT_LIKELY, WT_SURE };

/* Why a segment carried sequence numbers that had been passed already. */
enum wt_cause {
    WT_CAUSE_NONE,
    WT_CAUSE_TIMEOUT,             /* the retransmission timer, RFC 6298 */
    WT_CAUSE_AFTER_TIMEOUT,       /* sent again in the slow start after it, RFC 5681 3.1 */
    WT_CAUSE_FAST,                /* began a fast recovery: duplicate ACKs, SACK or RACK, RFC 5681 3.2, 6675, 8985 */
    WT_CAUSE_RECOVERY,            /* a further one of the same recovery */
    WT_CAUSE_TAIL_PROBE,          /* tail loss probe, RFC 8985 7 */
    WT_CAUSE_PATH_MTU,            /* cut smaller after ICMP said so, RFC 1191 */
    WT_CAUSE_FAST_OPEN,           /* data of the SYN, which the server did not take, RFC 7413 */
    WT_CAUSE_WINDOW_PROBE,        /* asks a closed window, RFC 9293 3.8.6.1 */
    WT_CAUSE_UNKNOWN,             /* sent again, and nothing tells why */
    WT_CAUSE_REORDERED,           /* not sent again: the network let others overtake it */
    WT_CAUSE_DUPLICATED,          /* not sent again: the network (or the capture) gave it twice */
    WT_CAUSES
};
const char *wt_cause_name(enum wt_cause cause);          /* "tail-loss-probe" */

enum wt_evidence {                /* what the cause was told from */
    WT_BY_NOTHING, WT_BY_TIMER, WT_BY_DUP_ACKS, WT_BY_SACK, WT_BY_RACK, WT_BY_PARTIAL_ACK, WT_BY_IP_ID,
    WT_BY_TIMESTAMPS, WT_BY_ORDER, WT_BY_ICMP, WT_EVIDENCES
};
const char *wt_evidence_name(enum wt_evidence evidence);

enum wt_proof {                   /* that it was needless: the original had arrived */
    WT_PROOF_NONE,
    WT_PROOF_ACKED,               /* acknowledged before it was sent again */
    WT_PROOF_SACKED,              /* covered by SACK before */
    WT_PROOF_DSACK,               /* RFC 2883: the receiver says that it got it twice */
    WT_PROOF_EIFEL,               /* RFC 3522: the ACK echoes a time stamp older than the repeat */
    WT_PROOF_TOO_SOON,            /* acknowledged sooner than anything can go there and back */
    WT_PROOF_CAME_LATE,           /* the original passed the capture point after it */
    WT_PROOFS
};
const char *wt_proof_name(enum wt_proof proof);

enum wt_original {                /* the first transmission of what was sent again */
    WT_ORIGINAL_UNKNOWN,
    WT_ORIGINAL_LOST_BEFORE,      /* never passed the capture point */
    WT_ORIGINAL_LOST_AFTER,       /* passed it, and no ACK or SACK covered it */
    WT_ORIGINAL_ARRIVED,          /* passed it and arrived: the repeat was needless */
    WT_ORIGINALS
};
const char *wt_original_name(enum wt_original original);

/* One segment that carried numbers which had been passed already. */
struct wt_repeat {
    uint64_t frame;
    uint64_t original_frame;      /* its latest earlier transmission; 0: not captured */
    uint64_t proof_frame;         /* of the ACK that proved it needless; 0 */
    int64_t wait_ns;              /* since the earlier transmission, or since its absence was noticed; -1: unknown */
    int64_t rto_ns;               /* what the timer would have been by RFC 6298 (without its least); -1: no sample yet */
    uint32_t dup_acks;            /* duplicate ACKs before it */
    uint32_t sacked_bytes;        /* above it */
    uint16_t segments;            /* of one MSS each: a capture before segmentation offload shows several as one */
    uint8_t cause, sureness, evidence, proof, original, side;
    uint8_t backoff;              /* timeout in a row: 1, 2, … */
};

enum wt_slow_start_end { WT_SLOW_START_GOES_ON, WT_SLOW_START_LOSS, WT_SLOW_START_FLAT, WT_SLOW_START_MARKED };

enum wt_sign {                    /* of options that are missing, and of the path */
    WT_SIGN_NO_SACK = 1 << 0, WT_SIGN_NO_SCALE = 1 << 1, WT_SIGN_NO_STAMPS = 1 << 2, WT_SIGN_NO_MSS = 1 << 3,
    WT_SIGN_MSS_CLAMPED = 1 << 4,         /* a size that no link has */
    WT_SIGN_STAMPS_STRIPPED = 1 << 5,     /* negotiated, and not there */
    WT_SIGN_SACK_STRIPPED = 1 << 6,
    WT_SIGN_TOO_BIG = 1 << 7,             /* ICMP said so */
    WT_SIGN_PATH_MTU = 1 << 8,            /* and the sender followed */
    WT_SIGN_BLACK_HOLE = 1 << 9           /* large ones with DF are never answered */
};
#define WT_SIGNS 10
const char *wt_sign_name(unsigned bit);

struct wt_rtt {                   /* all -1 where there is no sample */
    uint32_t samples;
    int64_t min_ns, max_ns, smoothed_ns, variation_ns, rto_ns;    /* RFC 6298 2; rto: without the least of 1 s */
    int64_t p50_ns, p90_ns, p99_ns;
    int64_t smoothed_most_ns;
};

/* One direction: what the data of one side met. */
struct wt_direction {
    /* sent again */
    uint32_t repeats[WT_CAUSES];          /* segments, by cause */
    uint32_t proofs[WT_PROOFS];           /* of these, needless */
    uint32_t retransmitted_segments;      /* without what the network did */
    uint64_t retransmitted_bytes;
    uint32_t spurious, lost_before, lost_after;
    uint32_t timeout_backoff_most;
    int64_t timeout_ns;                   /* spent waiting for timers */
    /* round trips */
    struct wt_rtt rtt;                    /* capture point to the receiver and back */
    int64_t near_rtt_ns;                  /* capture point to the sender and back: the least seen; -1 */
    /* flow control: what the time was spent on, from its first data on */
    int64_t sender_ns, receiver_ns, network_ns, idle_ns;
    int64_t zero_window_ns;
    uint32_t zero_windows, window_probes;
    uint32_t window_least, window_most;   /* that the other side gave */
    bool window_known;
    /* congestion */
    bool far;                             /* the capture is nearer to the receiver: no estimates of the window */
    uint64_t flight_most;                 /* bytes sent, not acknowledged and not SACKed */
    uint64_t initial_flight;              /* before the first ACK of data */
    uint64_t cwnd_estimate;               /* the peak of the last whole round */
    uint32_t loss_events;                 /* recoveries, timeouts (in a row once), probes that repaired a loss */
    uint8_t slow_start_end;               /* enum wt_slow_start_end */
    int64_t slow_start_ns;                /* how long it lasted */
    uint64_t slow_start_bytes;            /* in flight at its end */
    uint64_t sent_bytes, delivered_bytes; /* payload; delivered: acknowledged, in order */
    int64_t transfer_ns;                  /* first data to its last ACK */
    uint32_t ect0, ect1, ce;              /* packets of this side, as they passed */
    uint32_t ece;                         /* segments in which the other side echoes congestion */
    uint32_t cwr;
    /* head-of-line blocking */
    uint32_t holes;
    int64_t blocked_ns, blocked_longest_ns;
    uint64_t blocked_longest_frame;       /* the ACK that first told of it */
    uint64_t blocked_bytes_most;          /* that waited behind a hole */
    /* path */
    uint32_t signs;                       /* enum wt_sign */
    uint16_t mss;                         /* as this side announced; 0: not */
    uint32_t largest_segment;             /* payload */
    uint8_t ttl_first, ttl_least, ttl_most;
    uint32_t ttl_changes, fragmented, icmp_errors;
    uint16_t icmp_last;                   /* type << 8 | code */
    /* close */
    uint64_t lost_at_reset;               /* sent, and not acknowledged when a reset came */
    uint32_t late_segments;               /* of this side, while one was in TIME-WAIT */
    uint64_t late_bytes;
};

struct wt_analysis {
    bool partial;                         /* a limit cut it, or it began in the middle */
    /* For whom the connection as a whole waited, from its first packet to its last. */
    int64_t waited_ns[2];                 /* the client, the server: to read, to write, to answer */
    int64_t network_ns;
    int64_t idle_ns;                      /* nothing in flight, and nobody acted any more */
    struct wt_direction side[2];          /* [0]: data from the client */
};

struct wt_depth;
struct wt_analysis_state;

/* hits: counts how often the limit was hit; borrowed, outlives it. NULL: out of memory. */
struct wt_depth *wt_depth_new(const struct wt_config *config, struct wt_limit_hits *hits);
void wt_depth_free(struct wt_depth *d);      /* closes what is open */

/* *slot is the new one, or NULL; it stays where it is until the analysis is closed. At the limit those give way, the
 * longest open first, that have seen one packet only (a flood of SYNs): their slots become NULL, too. */
void wt_depth_open(struct wt_depth *d, struct wt_analysis_state **slot);
void wt_depth_close(struct wt_depth *d, struct wt_analysis_state *a);

/* A packet of the connection. Returns what is now known of segments that were repeats: this one, or earlier ones of
 * which it tells more. Valid until the next call. */
const struct wt_repeat *wt_depth_packet(struct wt_depth *d, struct wt_analysis_state *a, const struct wt_packet_view *view,
                                        unsigned *ret_count);

/* c: its record, as far as there is one. */
void wt_depth_result(const struct wt_depth *d, const struct wt_analysis_state *a, const struct wt_connection *c,
                     struct wt_analysis *ret);

#endif

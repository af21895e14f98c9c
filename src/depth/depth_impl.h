/* The state of one connection's analysis. Numbers of the stream are 64 bits wide here (number_of()), so that nothing
 * below thinks of wrapping. Each file keeps one idea: sent.c what is outstanding, rtt.c round trips, cause.c why a
 * segment came again, proof.c whether that was needless. One thread. */
#ifndef DEPTH_IMPL_H
#define DEPTH_IMPL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "wiretale/analysis.h"
#include "wiretale/engine.h"

#define MS INT64_C(1000000)

enum sent_flag {
    SENT_UNSEEN = 1 << 0,         /* a hole: later data came first */
    SENT_SACKED = 1 << 1,
    SENT_SYN    = 1 << 2,
    SENT_FIN    = 1 << 3,
    SENT_STAMPED = 1 << 4         /* timestamps option */
};

/* A range that was sent and is not cumulatively acknowledged. */
struct sent {
    int64_t from;
    uint32_t bytes;               /* of sequence space */
    uint8_t times;                /* transmissions captured */
    uint8_t flags;
    uint16_t ip_id, last_id;      /* of the first one, and of the last */
    int64_t first_ns, last_ns;    /* a hole: when it was noticed */
    uint64_t first_frame, last_frame;
    uint32_t first_stamp, last_stamp;
    uint32_t unit;                /* payload bytes of the largest segment that carried it */
};

/* Ranges in order, without overlap: a ring that grows, by a limit. */
struct sent_queue {
    struct sent *at;              /* owned */
    uint32_t capacity;            /* a power of two, or 0 */
    uint32_t first, count;
};

#define RTT_OCTAVES 28            /* from 4.1 µs to 1100 s */
#define RTT_PARTS 16              /* of an octave */
#define RTT_EARLY 8               /* samples before there is a histogram */
#define RTT_BUCKETS (RTT_OCTAVES * RTT_PARTS)

struct rtt {
    uint32_t samples;
    int64_t min_ns, max_ns;
    int64_t smoothed_ns, variation_ns, smoothed_most_ns;
    int64_t early[RTT_EARLY];     /* the first samples … */
    uint32_t *histogram;          /* … and owned, all of them, where there are more; NULL: not yet, or no memory */
};

#define REPEATS 32                /* remembered of a direction, to be proven needless */
#define PAST 16                   /* acknowledged ranges remembered, to know a copy that comes late */

struct repeat {
    struct wt_repeat said;
    int64_t from, to, at_ns;
    int64_t original_ns;          /* when its latest earlier transmission passed; -1 */
    uint32_t stamp;
    bool stamped, original_stamp_older, settled;
};

struct stamps {                   /* the sender's clock */
    uint32_t first;
    int64_t first_ns, tick_ns;    /* tick: 0: not known (yet) */
    bool any;
};

struct latest {                   /* the segment of data that was sent last */
    uint64_t frame;               /* 0: none */
    int64_t from, to;
    int64_t silence_ns;           /* before it: neither an ACK came in nor data went out */
    int64_t stamp_silence_ns;     /* since the one before it, by the sender's clock; -1 */
    uint32_t stamp;
    uint16_t ip_id;
    bool stamped;
};

enum wait { WAIT_NOTHING, WAIT_IDLE, WAIT_NETWORK, WAIT_SENDER, WAIT_RECEIVER };

struct loss_event {
    uint64_t frame;               /* of its first repeat; 0: none */
    uint32_t repeats, needless;
    bool undone;                  /* all were needless */
};

struct flow {
    uint8_t wait;                 /* enum wait, until the next packet */
    bool edge_known, closed;
    int64_t edge;                 /* what may be sent: ACK + window */
    int64_t opened_ns;
    int64_t pending_ns;           /* nothing in flight, window closed: the receiver's fault if data follows at once */
    int64_t blamed_ns;            /* that part of it in which the connection waited for nothing else */
    int64_t round_to;             /* the round ends when this is acknowledged */
    uint64_t peak, last_peak;     /* in flight, of this round and the one before */
    uint32_t flat_rounds;
    struct loss_event event;      /* the latest */
    int64_t probe_to;             /* what the latest tail loss probe carried ends here */
    uint32_t probe_at;            /* its place in repeat[], counted on */
    bool probing;
    int64_t far_ns;               /* of the time until this packet: limited by the window, seen from afar */
};

#define FAR_EDGES 64              /* of the window, while its news is on the way to the sender */

struct far_edge {
    int64_t at_ns, edge;
};

struct far {
    struct far_edge *edge;        /* owned; FAR_EDGES of them, from the first on; NULL: none */
    uint32_t count;               /* counts on */
};

enum recovery { RECOVERY_NONE, RECOVERY_FAST, RECOVERY_TIMEOUT };

struct direction {                /* data of one side, and what the other side says of it */
    bool numbered;                /* `most` holds */
    bool sent_any, acked_any, sack_permitted;
    int64_t most;                 /* after the highest number sent */
    int64_t una;                  /* the highest number acknowledged; holds where acked_any */
    struct sent_queue sent;
    struct sent opening;          /* the SYN, once it is acknowledged */
    struct sent *past;            /* owned; PAST of them, from the first data that is; NULL: none */
    uint32_t past_count;          /* counts on */
    int64_t last_send_ns, last_ack_ns, last_progress_ns;
    struct far far;
    uint64_t last_ack_frame;
    struct latest latest;
    uint64_t latest_frame;        /* of its last packet of any kind */
    uint64_t sums_good, sums_bad;
    /* what the receiver says */
    uint32_t dup_acks;            /* since the last progress */
    uint64_t sacked_bytes;        /* above una */
    int64_t sacked_to;            /* the highest number that was */
    int64_t sack_sample_ns;       /* when the first range that this ACK newly SACKs was sent; -1: none, or sent twice */
    int64_t delivered_sent_ns;    /* when the latest-sent segment known to have arrived was sent (RFC 8985 6.2) */
    int64_t seen_sack[WT_MAX_SACK_BLOCKS][2];     /* of the last ACK, so that each range is marked once */
    unsigned seen_sacks;
    uint32_t window;              /* scaled */
    bool window_known;
    /* recovery */
    uint8_t recovery;             /* enum recovery */
    int64_t recovery_to;          /* ends when this is acknowledged */
    int64_t timeout_at_ns;        /* RECOVERY_TIMEOUT: when it began */
    uint32_t backoff;             /* timeouts in a row */
    bool probed;                  /* a tail loss probe since the last progress */
    int64_t probe_wait_ns;        /* a probe that could have been a timeout: how long it had waited; 0: none */
    uint32_t probe_place;         /* its place in repeat[], counted on */
    /* clocks */
    struct rtt rtt;
    struct stamps stamps;
    int64_t near_ns;              /* the least time from an ACK that passes to its sender's answer; -1 */
    uint32_t peer_stamp;          /* the latest time stamp of the other side … */
    int64_t peer_stamp_ns;        /* … and when it first passed; -1: none */
    uint16_t id_last;             /* IP identification of its last new segment */
    uint8_t id_steps;             /* how many in a row went up by a little: then they tell the order */
    int64_t icmp_too_big_ns;      /* -1 */
    uint16_t mss;                 /* announced by the other side */
    struct flow flow;
    int64_t begin, fin_end, first_data_ns;
    bool begin_known, fin_sent, data_acked;
    bool syn_seen, stamps_offered, scale_offered, sack_seen;
    uint8_t ttl_last;
    uint32_t bare_dup_acks, largest_acked;
    bool blocked;                 /* a hole holds up what lies behind it */
    int64_t blocked_since_ns;
    uint64_t blocked_frame;
    struct repeat *repeat;        /* owned; REPEATS of them, from the first on; NULL: none, or no memory */
    uint32_t repeat_count;        /* counts on */
    struct wt_direction result;
};

struct wt_analysis_state {
    struct direction way[2];      /* by side */
    uint16_t client_port;
    uint8_t family;
    bool begun, partial;
    uint8_t client_address[16];
    int64_t last_ns;              /* of the latest packet; -1 */
    int64_t waited_ns[2], network_ns, idle_ns;
    int64_t syn_ns[2];            /* latest SYN of each side; -1 */
    uint64_t bytes;               /* that it takes */
    struct wt_analysis_state **slot;              /* of the client */
    struct wt_analysis_state *older, *newer;      /* in a list of those that are open */
    bool busy;                    /* it has seen two packets */
};

#define SAID 16

struct wt_depth {
    uint64_t bytes, bytes_most;
    struct wt_limit_hits *hits;   /* borrowed */
    struct { struct wt_analysis_state *oldest, *newest; } open[2];      /* of one packet or none; busy ones */
    struct wt_repeat said[SAID];
    unsigned said_count;
};

/* One packet, as the parts look at it. */
struct look {
    struct wt_depth *depth;
    struct wt_analysis_state *state;
    const struct wt_packet *packet;
    const struct wt_segment *segment;
    const struct wt_tcp_summary *tcp;
    int64_t now_ns;
    uint64_t frame;
    unsigned side;
    bool sack_both;               /* both ends permitted SACK */
};

/* depth.c */
bool depth_room(struct wt_depth *d, struct wt_analysis_state *a, uint64_t more);      /* takes it, or counts a hit */
/* Zeroed memory of the analysis, freed with it; NULL: a limit, or none. */
void *depth_memory(struct wt_depth *d, struct wt_analysis_state *a, size_t count, size_t size);
/* The next place of w->repeat, or NULL. */
struct repeat *depth_repeat(struct look *l, struct direction *w);
void depth_say(struct wt_depth *d, const struct wt_repeat *repeat);
bool depth_far(const struct direction *w);
int64_t depth_number(struct direction *w, uint32_t number);    /* unwrapped, near to what was sent last */

/* sent.c */
static inline struct sent *sent_at(const struct sent_queue *q, uint32_t index)
{
    return &q->at[(q->first + index) & (q->capacity - 1)];
}
static inline int64_t sent_end(const struct sent *s)
{
    return s->from + s->bytes;
}
/* Index of the first range that ends after `number`; q->count: none does. */
uint32_t sent_find(const struct sent_queue *q, int64_t number);
/* NULL: the limit. */
struct sent *sent_append(struct look *l, struct sent_queue *q, const struct sent *range);
/* Makes `number` a border where it lies inside a range. */
bool sent_split(struct look *l, struct sent_queue *q, int64_t number);
/* What is acknowledged goes to w->past. */
void sent_drop_to(struct look *l, struct direction *w, int64_t number);
/* The acknowledged range that holds `number`, or NULL: forgotten. */
const struct sent *sent_past(const struct direction *w, int64_t number);
void sent_done(struct sent_queue *q);

/* rtt.c */
void rtt_add(struct look *l, struct rtt *r, int64_t sample_ns);
/* RFC 6298 (2.3) without the least; -1: no sample. */
int64_t rtt_timer(const struct rtt *r);
void rtt_result(const struct rtt *r, struct wt_rtt *ret);
void rtt_done(struct rtt *r);
/* An ACK that moves una, or newly SACKs: takes the sample that RFC 6298 and Karn allow. Before sent_drop_to(). */
void rtt_of_ack(struct look *l, struct direction *w, int64_t ack);
/* Data of this side echoes the other's time stamp: how far the sender is. */
void rtt_near(struct look *l, struct direction *w);

/* sack.c: marks what the ACK's blocks cover. Returns whether there was something new in them. */
bool sack_blocks(struct look *l, struct direction *w, int64_t ack);

/* cause.c: a segment with numbers below `most`. */
void cause_of(struct look *l, struct direction *w, int64_t from, int64_t to);

/* Whether its IP identifications tell the order of sending. */
bool depth_ids_tell(const struct look *l, const struct direction *w);
void cause_account(struct direction *w, const struct wt_repeat *r, uint32_t bytes);

/* stamps.c */
void stamps_note(const struct look *l, struct stamps *s);
/* By the sender's clock; -1: unknown. */
int64_t stamps_between(const struct stamps *s, uint32_t from, uint32_t to);

/* turn.c: a segment leaves a hole up to `from`: was the one before it sent again by a timeout? Says so then. */
bool turn_timed_out(struct look *l, struct direction *w, int64_t from);
void turn_note(const struct look *l, struct direction *w, int64_t from, int64_t to);

/* proof.c */
void proof_by_ack(struct look *l, struct direction *w, int64_t ack);     /* before una moves */
void proof_by_dsack(struct look *l, struct direction *w, int64_t from, int64_t to);
void proof_by_original(struct look *l, struct direction *w, int64_t from, int64_t to);     /* which comes only now */
void proof_found(struct look *l, struct direction *w, struct repeat *r, enum wt_proof proof);

/* far.c */
void far_edge(const struct look *l, struct direction *w, int64_t edge);
int64_t far_limited(const struct direction *w, int64_t least, int64_t from_ns, int64_t to_ns);

/* flow.c: before a packet changes anything, what an ACK allows, and after it */
void flow_passes(struct look *l);
void flow_ends(struct wt_analysis_state *a, int64_t now_ns);      /* an error came back instead of an answer */
void flow_window(struct look *l, struct direction *w, int64_t ack);
void flow_after(struct direction *w);

/* flight.c */
void flight_sent(struct look *l, struct direction *w, uint32_t new_bytes);
void flight_acked(struct look *l, struct direction *w, int64_t ack);
void flight_marked(struct look *l, struct direction *w);
/* A segment came again, up to `to`; one of them is proven needless; more than a probe is acknowledged. */
void flight_repeat(const struct look *l, struct direction *w, const struct wt_repeat *r, int64_t to);
void flight_needless(struct direction *w, const struct wt_repeat *r);
void flight_probed(const struct look *l, struct direction *w, int64_t ack);

/* delivery.c */
void delivery_after_ack(struct look *l, struct direction *w, bool progress);
uint64_t delivery_bytes(const struct direction *w);

/* path.c */
void path_packet(struct look *l, struct direction *mine, struct direction *theirs);
void path_duplicate_ack(struct look *l, struct direction *data, const struct direction *acker);
void path_repeat(struct look *l, struct direction *w, const struct wt_repeat *r);
void path_icmp(const struct look *l);
void path_reset(const struct look *l);
void path_result(const struct direction *mine, const struct direction *theirs, unsigned family, struct wt_direction *ret);

#endif

/* A live connection or conversation: 256 bytes, so that a million of them fit a laptop. The first line serves every
 * look-up, the second the TCP machine, the third the counts; the fourth is touched when it begins and ends. What few
 * connections need (loss, retries, resets, long histories) stands in struct conn_more, taken when it is needed.
 * Arrays of two are by side (0 client, 1 server), but for port[] and address, which are by endpoint of the key.
 * Belongs to the tracker's worker. */
#ifndef TRACK_CONN_H
#define TRACK_CONN_H

#include <stdbool.h>
#include <stdint.h>

#include "base/wheel.h"
#include "wiretale/connection.h"

/* Which to give up first when a limit is reached. conn.klass; the list follows when somebody looks (conn.list). */
enum conn_class { CLASS_EMBRYONIC, CLASS_CLOSED, CLASS_OPEN, CONN_CLASSES };

enum { NOBODY = 3 };                    /* in two bits: neither side */

/* In conn.flags, above those of the record (enum wt_connection_flag). */
enum conn_live_flag {
    LIVE_CLIENT_1     = 1 << 16,        /* endpoint 1 of the key is the client */
    LIVE_WIDE         = 1 << 17,        /* key in struct key_wide */
    LIVE_OFF_CLOCK    = 1 << 18,        /* its last frame's time is far from the packet clock's: more->active_tick */
    LIVE_SYN          = 1 << 19,        /* a SYN without ACK was seen */
    LIVE_SYN_ACK      = 1 << 20,
    LIVE_HANDSHAKE    = 1 << 21,        /* complete */
    LIVE_RESET        = 1 << 22,        /* an accepted RST ended it */
    LIVE_REFUSED      = 1 << 23,        /* that RST answered the SYN */
    LIVE_MULTICAST    = 1 << 24,
    LIVE_TIME_WAIT    = 1 << 25,        /* time_wait_ns holds, ack_frame[] is over */
    LIVE_HELD_0       = 1 << 26,        /* the client was in TIME-WAIT */
    LIVE_HELD_1       = 1 << 27,
    LIVE_FINS_CROSSED = 1 << 28,        /* the second FIN did not acknowledge the first */
    LIVE_FIN_JOINED   = 1 << 29,        /* the second FIN was the first to acknowledge the first */
    LIVE_ANSWERED     = 1 << 30         /* not TCP: frames both ways */
};

enum conn_side_flag {
    SIDE_SEEN       = 1 << 0,           /* it sent a segment */
    SIDE_SYN        = 1 << 1,           /* its SYN (or SYN-ACK) was seen: isn is sure */
    SIDE_BASE       = 1 << 2,           /* isn is set, perhaps to one less than the first number seen */
    SIDE_ISN        = 1 << 3,           /* isn is the ISN, by its SYN or by the SYN-ACK that acknowledged it */
    SIDE_FIN        = 1 << 4,           /* fin_end holds */
    SIDE_FIN_ACKED  = 1 << 5,           /* its peer acknowledged that */
    SIDE_GOOD       = 1 << 6,           /* sent a segment whose checksum was not bad */
    SIDE_ACKS       = 1 << 7,           /* sent a segment with ACK: last_ack means something */
    SIDE_KEEP_ALIVE = 1 << 8,           /* its last segment was one */
    SIDE_PROBE      = 1 << 9,           /* its last segment was a zero window probe */
    SIDE_HOLES      = 1 << 10,          /* more->side[].contiguous differs from next_seq */
    SIDE_PURE_ACK   = 1 << 11,          /* Zeek's A is in the history */
    SIDE_SACK       = 1 << 12,
    SIDE_TIMESTAMPS = 1 << 13,
    SIDE_ECN        = 1 << 14
};

/* Nanoseconds since conn.start_ns in 48 bits, either way (clocks run back), to 39 hours; beyond, that much. */
struct since { uint16_t part[3]; };

/* An IPv6 key, or one with a scope: which few IPv4 connections have. */
struct key_wide {
    uint8_t address[2][16];
    uint32_t scope, index;              /* its own in the slab */
};

#define HISTORY_INLINE 11               /* letters of five bits in conn.history */

struct conn {
    union {
        uint32_t v4[2];                 /* by endpoint, network order */
        struct key_wide *wide;          /* owned, in the tracker's slab */
    };
    uint16_t port[2];                   /* by endpoint */
    uint16_t vlan;                      /* of the endpoint that was seen first */
    uint8_t protocol;
    uint8_t family;                     /* 0: not in use */
    uint32_t flags;
    uint32_t stream;
    int64_t last_ns;
    uint64_t last_frame : 44, completeness : 6, shard : 6, klass : 2, first_closer : 2, reset_by : 2,
        first_end : 1, vlans_differ : 1;    /* endpoint that was seen first; the other one's frames bear another VLAN */
    uint32_t more;                      /* 0: none */
    uint32_t hash;                      /* of the table */
    uint32_t older, newer;              /* in its class, by when it was last seen, to about a second */
    uint16_t listed : 14, list : 2;     /* that second; the class whose list it stands in */
    uint8_t state[2];                   /* low half: as seen; high half: proven by the endpoint's own segments */
    uint16_t side[2];                   /* enum conn_side_flag */

    uint32_t isn[2];                    /* what relative numbers count from */
    uint32_t next_seq[2];               /* after the highest byte sent */
    uint32_t last_ack[2];               /* in its last segment */
    uint32_t fin_end[2];                /* SIDE_FIN: after its FIN; else the number of its last RST */
    union {
        uint32_t ack_frame[2];          /* frame that moved its ACK, since first_frame */
        int64_t time_wait_ns;           /* LIVE_TIME_WAIT: when it was entered, or begun again */
    };
    uint32_t packets[2];
    uint16_t window[2];                 /* as sent */
    uint8_t wscale[2];                  /* 255: none announced */
    uint8_t last_flags[2];              /* of its last segment; after a reset: of the last before it */
    uint32_t flight[2];                 /* newest segment of data not acknowledged yet; they form a ring */

    struct { uint64_t bytes : 48, syns : 8, fins : 8; } wire[2];
    struct { uint64_t bytes : 48, rsts : 8, ttl : 8; } ip[2];
    struct { uint64_t bytes : 48, mss : 16; } payload[2];
    struct wheel_node timer;
    uint32_t number_low;

    int64_t start_ns;
    uint64_t first_frame : 44, number_high : 8, flights : 12;
    void *stream_slot, *client_slot;
    struct since syn_ack, ack, data[2];
    uint8_t service;                    /* dissector index + 1 */
    uint8_t history[7];
};
_Static_assert(sizeof(struct conn) == 256, "four cache lines");

#define MORE_HOLES 6
#define UNSEEN_SAID UINT32_MAX          /* its peer acknowledged what was not seen, and that was said */

struct hole { uint32_t from, to; };     /* sequence numbers never seen, below next_seq */

struct more_side {
    int64_t last_ns;                    /* its last segment */
    uint64_t repeated_bytes, missing_bytes;    /* missing: of holes that had to be forgotten */
    uint32_t retransmissions, out_of_order, duplicated, duplicate_acks, zero_windows, keep_alives, bad_checksums, gaps;
    uint32_t syns, fins, rsts;          /* beyond what the compact counters hold */
    uint32_t repeats;                   /* duplicate ACKs in a row; or UNSEEN_SAID */
    uint32_t contiguous;                /* SIDE_HOLES: after the last byte before the first hole */
    uint32_t max_ack;                   /* the greatest it sent */
    uint32_t last_rst;                  /* sequence number of its last RST */
    uint8_t hole_count;
    bool acks;                          /* max_ack holds */
    bool inconsistent, several_flags;   /* Zeek's I and Q are in the history */
    struct hole hole[MORE_HOLES];
};

struct conn_more {
    uint64_t active_tick;               /* LIVE_OFF_CLOCK */
    int64_t syn_ns, first_syn_ns;       /* where they are not start_ns */
    int64_t last_syn_ns;                /* of the last SYN, also after the SYN-ACK */
    uint32_t time_wait_segments;
    uint16_t icmp_error;
    uint8_t history_len;
    char history[WT_HISTORY];           /* letters after the inline ones */
    struct more_side side[2];
};

static inline unsigned conn_state_of(const struct conn *c, unsigned side)
{
    return c->state[side] & 15u;
}

static inline unsigned conn_proven(const struct conn *c, unsigned side)
{
    return c->state[side] >> 4;
}

/* The side that endpoint `end` of the key plays. */
static inline unsigned conn_side(const struct conn *c, unsigned end)
{
    return end ^ (c->flags & LIVE_CLIENT_1 ? 1u : 0u);
}

static inline uint64_t conn_number_of(const struct conn *c)
{
    return (uint64_t)c->number_high << 32 | c->number_low;
}

#define SINCE_BIAS (INT64_C(1) << 47)   /* so that all zero means: not seen */

static inline struct since since_set(int64_t ns)
{
    int64_t i = ns <= -SINCE_BIAS ? -SINCE_BIAS + 1 : ns >= SINCE_BIAS ? SINCE_BIAS - 1 : ns;
    uint64_t u = (uint64_t)(i + SINCE_BIAS);
    return (struct since){ { (uint16_t)u, (uint16_t)(u >> 16), (uint16_t)(u >> 32) } };
}

static inline int64_t since_ns(struct since s)
{
    return (int64_t)((uint64_t)s.part[2] << 32 | (uint64_t)s.part[1] << 16 | s.part[0]) - SINCE_BIAS;
}

static inline bool since_seen(struct since s)
{
    return (s.part[0] | s.part[1] | s.part[2]) != 0;
}

#endif

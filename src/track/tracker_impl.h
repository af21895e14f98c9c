/* What the files of this stage share. */
#ifndef TRACK_TRACKER_IMPL_H
#define TRACK_TRACKER_IMPL_H

#include "base/slab.h"
#include "base/wheel.h"
#include "track/clock.h"
#include "track/conn.h"
#include "track/table.h"
#include "track/track.h"

/* A connection that ended, by the fingerprint of its key: so that a limit's victim is told from a newcomer, and a
 * 5-tuple used again from a first use. Bounded: a newer one takes the place of the oldest in its set of four. */
struct past_entry {
    uint64_t print;             /* 0: none */
    uint32_t stream;
    uint32_t evicted;
};
#define PAST_SET 4
#define PAST_LINE (PAST_SET * sizeof(struct past_entry))

struct class_list { uint32_t oldest, newest; };

struct shard {
    struct table table;
    uint32_t count, limit;      /* connections */
    uint32_t mores, more_limit;
    uint32_t flights, flight_limit;
    struct class_list list[CONN_CLASSES];
    struct past_entry *past;    /* borrowed; sets of four in a cache line, past_mask + 1 of them */
    uint32_t past_mask;
};

/* A segment of data (or FIN) that was not acknowledged yet. */
struct flight {
    int64_t time_ns;
    uint64_t frame : 47, advanced : 1,    /* advanced: it brought the highest number so far */
        ip_id : 16;                       /* 0: IPv6, or its sender sets none */
    uint32_t seq, end;
    uint32_t next;              /* the one sent after it; the newest points to the oldest */
    uint32_t ts_val;            /* its sender's clock, RFC 7323; 0: no such option */
};
#define FLIGHT_FRAME ((UINT64_C(1) << 47) - 1)
_Static_assert(sizeof(struct flight) == 32, "two in a cache line");

struct timeouts {               /* in ticks; 0: never */
    uint64_t syn, idle, linger, time_wait, udp, icmp;
};

/* Ports that dissectors know, a bit each: [0] TCP's, [1] UDP's. */
struct known_ports { uint64_t bits[2][65536 / 64]; };

struct tracker {
    struct slab conns, mores, wides, flights;
    struct wheel wheel;
    struct packet_clock clock;
    struct timeouts timeouts;
    int64_t time_wait_ns;
    struct tracker_hooks hooks;
    struct wt_limit_hits *hits;    /* borrowed */
    struct tracker_counters counters;
    uint64_t own;
    uint64_t last_number;
    uint32_t next_tcp_stream, next_udp_stream;
    bool number;
    bool want_segments;
    uint64_t last_frame;        /* number of the last frame of the last batch */
    uint64_t lost_after_frame;  /* the source lost frames behind this one; 0: never, or before all */
    int64_t last_frame_ns;      /* of the last frame seen, whoever it belongs to */
    void *past;                 /* owned: the shards' past */
    struct known_ports *ports;  /* owned */
    struct shard shards[TRACK_SHARDS];
    struct wt_connection record;
};

static inline struct conn *conn_at(const struct tracker *t, uint32_t index)
{
    return slab_at(&t->conns, index);
}

static inline struct conn_more *more_at(const struct tracker *t, const struct conn *c)
{
    return c->more ? slab_at(&t->mores, c->more) : NULL;
}

static inline struct shard *shard_of(struct tracker *t, const struct conn *c)
{
    return &t->shards[c->shard];
}

/* ---- key.c ---- */
void key_set(struct tracker *t, struct conn *c, const struct wt_flow_key *key);
/* Whose VLANs may differ by direction: many a tap sees the tag of one only. */
enum key_match { KEY_OTHER, KEY_BUT_VLAN, KEY_SAME };
enum key_match key_match(const struct conn *c, const struct wt_packet *p);
const uint8_t *key_address(const struct conn *c, unsigned side);
static inline uint16_t key_port(const struct conn *c, unsigned side)
{
    return c->port[conn_side(c, side)];
}
/* Which endpoint of the key began it, as far as its first packet tells: WT_CONN_GUESSED and WT_CONN_FLIPPED into
 * ret_flags where that was no certainty. */
unsigned key_client(const struct known_ports *ports, const struct wt_packet *p, uint32_t *ret_flags);
struct known_ports *known_ports_new(void);
uint64_t key_print(const struct conn *c);

/* ---- expiry.c ---- */
void class_set(struct tracker *t, uint32_t index, struct conn *c, enum conn_class klass);
void class_enter(struct tracker *t, uint32_t index, struct conn *c, enum conn_class klass);
void class_leave(struct tracker *t, struct conn *c);
void class_touch(struct tracker *t, uint32_t index, struct conn *c, int64_t time_ns);
void expiry_arm(struct tracker *t, uint32_t index, struct conn *c);
void expiry_run(struct tracker *t);
/* Whom a limit takes; 0: nobody. */
uint32_t class_victim(struct tracker *t, const struct shard *s);

/* ---- past.c ---- */
static inline size_t past_set(const struct shard *s, uint32_t hash)
{
    return (size_t)(hash >> 9 & s->past_mask) * PAST_SET;
}

static inline void past_prefetch(const struct tracker *t, unsigned shard, uint32_t hash)
{
    __builtin_prefetch(&t->shards[shard].past[past_set(&t->shards[shard], hash)]);
}

void past_add(struct tracker *t, const struct conn *c, enum wt_end_why why);
/* The entry of an earlier connection on that 5-tuple, or NULL. */
const struct past_entry *past_find(const struct tracker *t, const struct conn *c);

/* ---- tracker.c ---- */
#define NO_STREAM UINT32_MAX
/* stream: the number that tshark goes on with, or NO_STREAM. 0: no memory. */
uint32_t conn_new(struct tracker *t, const struct wt_packet *p, uint32_t hash, uint32_t stream);
void conn_end(struct tracker *t, uint32_t index, struct conn *c, enum wt_end_why why);
/* The same with WT_END_CAPTURE, but that table, lists and timers keep it: for who empties them. */
void conn_end_of_all(struct tracker *t, uint32_t index, struct conn *c);
/* The rare state of a connection, taken where it has none yet; NULL: a limit (the connection is then marked). */
struct conn_more *more_take(struct tracker *t, struct conn *c);

/* ---- record.c ---- */
void record_fill(const struct tracker *t, const struct conn *c, enum wt_end_why why, struct wt_connection *r);

/* ---- community_id.c: whether ICMP messages of this type have no counterpart ---- */
bool community_id_one_way(unsigned family, unsigned type);

/* ---- history.c: Zeek's letters ---- */
void history_add(struct tracker *t, struct conn *c, unsigned side, char letter);
void history_count(struct tracker *t, struct conn *c, unsigned side, char letter, uint32_t count);
void history_text(const struct tracker *t, const struct conn *c, char text[WT_HISTORY]);
const char *history_conn_state(const struct conn *c);

/* ---- flight.c ---- */
void flight_drop_all(struct tracker *t, struct conn *c);

/* ---- tcp.c, tcp_straight.c, udp.c: one packet of a connection ---- */

/* tcp.completeness */
#define COMPLETE_SYN     1u
#define COMPLETE_SYN_ACK 2u
#define COMPLETE_ACK     4u
#define COMPLETE_DATA    8u
#define COMPLETE_FIN     16u
#define COMPLETE_RST     32u

struct track_packet {
    struct wt_packet *p;
    struct conn *c;
    uint32_t index;
    unsigned side;              /* who sent it */
    bool fresh;                 /* it began the connection */
    bool again;                 /* with the SYN that began the one before: a retry after a reset */
};
void tcp_packet(struct tracker *t, const struct track_packet *in, struct track_result *res);
/* Does the same for a segment with nothing unusual about it; false: it did nothing. */
bool tcp_straight(struct tracker *t, const struct track_packet *in, struct track_result *res);
void tcp_begin(struct conn *c, const struct wt_packet *p);
enum tcp_anew { ANEW_NOT, ANEW_OTHER, ANEW_SAME };    /* with another, with the same initial sequence number */
enum tcp_anew tcp_begins_anew(const struct conn *c, unsigned side, const struct wt_tcp_summary *tcp);
void other_packet(struct tracker *t, const struct track_packet *in, struct track_result *res);
void icmp_error_packet(struct tracker *t, const struct track_packet *in, struct track_result *res);
void count_packet(struct tracker *t, struct conn *c, unsigned side, const struct wt_packet *p);

#endif

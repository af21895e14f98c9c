/* Layers to connections. A tracker belongs to one worker and holds the shards that the worker owns; 64 shards in
 * all, whatever the number of workers; limits are per shard (option / 64), so results do not depend on it.
 * Timers run on packet time. Nothing is allocated per packet: slabs grow to their limit and are reused. */
#ifndef TRACK_TRACK_H
#define TRACK_TRACK_H

#include <stdbool.h>
#include <stdint.h>

#include "wiretale/config.h"
#include "wiretale/connection.h"
#include "wiretale/packet.h"

#define TRACK_SHARDS 64

struct tracker;
struct conn;              /* src/track/conn.h: the compact live form */

struct tracker_counters {
    uint64_t connections;       /* TCP records begun */
    uint64_t conversations;     /* others */
    uint64_t evicted, open, peak_open;
    uint64_t clock_jumps;
};

/* What the tracker calls, on its worker's thread. */
struct tracker_hooks {
    void *hook_to;
    /* A connection is about to be forgotten: its one record. The stream has been closed before. */
    void (*ended)(void *hook_to, struct conn *conn, const struct wt_connection *record);
    /* Before that: its stream and session, if any, are to be closed and freed. */
    void (*close_stream)(void *hook_to, struct conn *conn, enum wt_end_why why, int64_t now_ns);
    /* One period of TIME-WAIT ended or was cut short; called when its record is written. */
    void (*time_wait)(void *hook_to, const struct wt_connection *record);
    /* A packet of a connection with this stream slot is near: what it will need may be fetched. NULL: nothing. */
    void (*ahead)(void *const *stream_slot);
};

/* own: bit i set where shard i is this tracker's. number: whether connections are numbered as they begin (one
 * worker), or 0 is left to the merge. */
struct tracker *tracker_new(const struct wt_config *config, const uint64_t seed[2], uint64_t own, bool number,
                            const struct tracker_hooks *hooks, struct wt_limit_hits *hits);
/* Somebody looks at track_result.segment: without this it is left as it is, and has_segment false. */
void tracker_want_segments(struct tracker *t);
/* Ends every connection (WT_END_CAPTURE), in the order of their first frames, then frees. */
void tracker_finish(struct tracker *t);
void tracker_free(struct tracker *t);

/* Payload of this packet that the stream stage should see. */
struct track_result {
    struct conn *conn;          /* NULL: not tracked (no IP) */
    uint8_t side;               /* 0: the client sent it */
    bool new_connection;
    bool deliver;               /* payload is to go to the stream: checksum not bad, not after a reset, … */
    bool start_known;           /* the side's initial sequence number was seen; then start_seq is */
    uint32_t start_seq;         /* absolute, of the first byte of the side's stream */
    uint32_t data_seq;          /* absolute sequence number of the first payload byte (after a SYN: seq + 1) */
    struct wt_segment segment;  /* with tracker_want_segments(): filled for TCP and for ICMP errors about TCP */
    bool has_segment;
};

/* A batch in pipelined steps: prefetch the buckets of all, look all up, then track them one by one in order.
 * packets[i] with p->flags & WT_PACKET_IP and an own shard are tracked. `each` is called after each packet of
 * the batch, tracked or not, in order. now_ns of the packet clock follows the frames. */
void tracker_batch(struct tracker *t, struct wt_packet *packets, unsigned n,
                   void (*each)(void *to, struct wt_packet *packet, struct track_result *result), void *to);

/* Live: the wall clock when no frames come. Fires timers only. */
void tracker_tick(struct tracker *t, int64_t now_ns);
/* The source lost frames here: every connection that is open now is marked, at no cost that grows with their number. */
void tracker_frames_lost(struct tracker *t);

const struct tracker_counters *tracker_counters(const struct tracker *t);

/* Slots of a live connection for later stages. */
void **conn_stream_slot(struct conn *conn);
void **conn_client_slot(struct conn *conn);
uint64_t conn_number(const struct conn *conn);
uint32_t conn_stream_index(const struct conn *conn);
uint16_t conn_port(const struct conn *conn, unsigned side);
uint16_t conn_shard(const struct conn *conn);
void conn_set_service(struct conn *conn, unsigned dissector);
/* Fills the identification of a message: addresses and ports, client first. */
struct wt_message;
void conn_identify(const struct conn *conn, struct wt_message *message);
/* The record as it would be written now (for live views). */
void conn_record(const struct tracker *t, const struct conn *conn, struct wt_connection *ret_record);

/* Community ID v1 (seed 0) of a 5-tuple; addresses of 4 or 16 bytes. ret: at least 32 bytes. */
void community_id(unsigned family, const uint8_t *source, const uint8_t *destination, uint8_t protocol,
                  uint16_t source_port, uint16_t destination_port, char ret_text[32]);

#endif

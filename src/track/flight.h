/* Segments of data that were not acknowledged yet, oldest first, for round-trip times and the originals of repeats.
 * Bounded by connection and by shard; then the oldest of the same side is forgotten. One thread. */
#ifndef TRACK_FLIGHT_H
#define TRACK_FLIGHT_H

#include "track/tracker_impl.h"

#define FLIGHTS_EACH 1024          /* of one connection */
#define FLIGHTS_UNANSWERED 32      /* while the peer was never seen: nothing will acknowledge them */

void flight_add(struct tracker *t, struct conn *c, unsigned side, const struct flight *sent);

/* What `side` sent and its peer now acknowledges: all up to `ack` is forgotten. The oldest segment that ends exactly
 * there into ret_sent; false: none does. */
bool flight_ack(struct tracker *t, struct conn *c, unsigned side, uint32_t ack, struct flight *ret_sent);

/* Of what `side` sent: the last one that overlaps [seq, end), and when the highest number so far was sent.
 * Members stay 0 where there is none. */
struct flight_past {
    uint64_t frame;
    int64_t time_ns;
    int64_t advance_ns;
    uint32_t later_ts;          /* sender's clock in the last segment of data behind `end`; 0: none */
    uint32_t next_ts;           /* and in the first one that was seen, which left the hole; when it was seen */
    int64_t next_ns;
    uint32_t ts;                /* of the overlapping one: its clock, its IP identification */
    uint16_t ip_id;
    bool found, exact, advanced;    /* exact: the overlapping one had the same numbers */
};
struct flight_past flight_look(const struct tracker *t, const struct conn *c, unsigned side, uint32_t seq,
                               uint32_t end);

#endif

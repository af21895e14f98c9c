/* What a segment did to the flow of data: repeats, order, holes, windows, probes. By Wireshark's rules, so that
 * people find the words that they know; the state that it keeps is in struct conn. */
#ifndef TRACK_TCP_QUALITY_H
#define TRACK_TCP_QUALITY_H

#include "track/tcp_states.h"

/* The round trip that its ACK closes, into out; before the machine, which may forget what is in flight. */
void tcp_quality_sample(struct tracker *t, struct conn *c, unsigned side, const struct tcp_seg *g,
                        struct wt_segment *out);

/* Classes the segment (g->did), fills what is known of its original, and duplicates, and moves
 * next_seq, last_ack, window and the rest on. After the machine. */
void tcp_quality_segment(struct tracker *t, struct conn *c, unsigned side, struct tcp_seg *g, struct wt_segment *out);

/* ---- tcp_holes.c: which bytes were seen ---- */

/* Counts bytes [seq, seq + len) of data as new or repeated; before next_seq moves. */
void tcp_holes_data(struct tracker *t, struct conn *c, unsigned side, uint32_t seq, uint32_t len);
/* A segment began at `seq`, beyond next_seq: what lies between was not seen (yet). */
void tcp_holes_gap(struct tracker *t, struct conn *c, unsigned side, uint32_t seq);
/* Bytes that its peer acknowledged and that were never captured. */
uint64_t tcp_holes_missing(const struct tracker *t, const struct conn *c, unsigned side);

#endif

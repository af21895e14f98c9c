/* The TCP machine of RFC 9293, one an endpoint, as somebody on the wire between them can see it. */
#ifndef TRACK_TCP_STATES_H
#define TRACK_TCP_STATES_H

#include <stdint.h>

#include "track/tracker_impl.h"

enum tcp_event {
    SND_SYN, SND_SYN_ACK, SND_FIN,                        /* this endpoint sent it */
    RCV_SYN, RCV_SYN_ACK, RCV_FIN,                        /* its peer sent it */
    SYN_ACKED, FIN_ACKED,                                 /* its peer acknowledged its own */
    TWO_MSL,
    TCP_EVENTS
};

/* The arrow from a state, or the same state where figure 5 has none. */
unsigned tcp_next_state(unsigned state, enum tcp_event event);

/* A segment, ready for the machine and the analysis. */
struct tcp_seg {
    uint32_t seq, ack, len;       /* len: data bytes, as sent */
    uint32_t end;                 /* tcp_seq_end() */
    uint16_t flags;
    uint16_t window;
    uint32_t ts_val;              /* 0: no timestamps */
    uint16_t ip_id;               /* 0: IPv6, or none */
    int64_t time_ns;
    uint64_t frame;
    uint64_t did;                 /* WT_DID_, grows on the way */
};

static inline uint16_t track_ip_id(const struct wt_packet *p)
{
    return p->key.family == 4 ? (uint16_t)p->ip_id : 0;
}

/* Moves both machines by a segment that `side` sent; what happened goes into g->did. */
void tcp_states_segment(struct tracker *t, struct conn *c, unsigned side, struct tcp_seg *g);

#endif

#ifndef DISSECTORS_UDP_H
#define DISSECTORS_UDP_H

#include "wiretale/dissector.h"

struct udp {
    uint16_t src_port, dst_port;
    uint16_t length_bytes;      /* header and data, RFC 768; 0 over a jumbogram */
    uint16_t checksum;          /* 0: the sender made none */
};

extern const struct wt_dissector udp_dissector, udplite_dissector;

static inline enum wt_cut udp_decode(struct wt_cursor *c, struct udp *h)
{
    const uint8_t *p = wt_take(c, 8);
    if (p) {
        h->src_port = wt_be16(p);
        h->dst_port = wt_be16(p + 2);
        h->length_bytes = wt_be16(p + 4);
        h->checksum = wt_be16(p + 6);
        if (h->length_bytes && h->length_bytes < 8)
            wt_malformed(c);
    }
    return c->cut;
}

#endif

/* TCP's bytes. What they mean in a connection is known in src/track, on purpose apart. */
#ifndef DISSECTORS_TCP_H
#define DISSECTORS_TCP_H

#include "wiretale/dissector.h"

struct tcp {
    uint16_t src_port, dst_port;
    uint32_t seq, ack;
    uint16_t flags;             /* WT_FLAG_, and the reserved bits above */
    uint16_t window, checksum, urgent;
    uint8_t header_bytes;
    struct wt_slice options;
};

extern const struct wt_dissector tcp_dissector;

/* A header that is cut, as in the quotation of an ICMP error (8 bytes, RFC 792): what there is of it. */
enum wt_cut tcp_decode_cut(struct wt_cursor *c, struct tcp *h);

/* One of which at least 20 bytes are held. */
static inline enum wt_cut tcp_decode_held(struct wt_cursor *c, struct tcp *h)
{
    const uint8_t *p = wt_take(c, 20);
    if (!p)
        return c->cut;
    h->src_port = wt_be16(p);
    h->dst_port = wt_be16(p + 2);
    h->seq = wt_be32(p + 4);
    h->ack = wt_be32(p + 8);
    h->header_bytes = (uint8_t)((p[12] >> 4) * 4);
    h->flags = wt_be16(p + 12) & 0xfff;
    h->window = wt_be16(p + 14);
    h->checksum = wt_be16(p + 16);
    h->urgent = wt_be16(p + 18);
    h->options = (struct wt_slice){ 0 };
    if (h->header_bytes < 20)
        wt_malformed(c);
    else if (h->header_bytes > 20)
        h->options = wt_read_slice(c, h->header_bytes - 20u);
    if (__builtin_expect(c->cut != WT_WHOLE, 0) && h->header_bytes > 20)
        h->options = (struct wt_slice){ c->at, c->captured };    /* those that are held */
    return c->cut;
}

static inline enum wt_cut tcp_decode(struct wt_cursor *c, struct tcp *h)
{
    return __builtin_expect(c->captured < 20, 0) ? tcp_decode_cut(c, h) : tcp_decode_held(c, h);
}

void tcp_read_any_options(struct wt_slice options, struct wt_tcp_summary *summary);

/* The options that tracking needs. What is cut or contradicts itself ends the reading. Nearly every segment has NOP, NOP
 * and timestamps. */
static inline void tcp_read_options(struct wt_slice options, struct wt_tcp_summary *s)
{
    const uint8_t *p = options.at;
    if (options.len == 12 && wt_be32(p) == 0x0101080a) {
        s->has_timestamps = 1;
        s->ts_val = wt_be32(p + 4);
        s->ts_ecr = wt_be32(p + 8);
        return;
    }
    tcp_read_any_options(options, s);
}

#endif

#ifndef DISSECTORS_IPV6_H
#define DISSECTORS_IPV6_H

#include "wiretale/dissector.h"

struct ipv6 {
    uint8_t version, tclass, next_header, hop_limit;
    uint32_t flow;
    uint16_t payload_bytes;     /* everything behind this header, RFC 8200 3; 0: jumbogram, or cut later by a card */
    uint8_t src[16], dst[16];
};

extern const struct wt_dissector ipv6_dissector;

static inline enum wt_cut ipv6_decode(struct wt_cursor *c, struct ipv6 *h)
{
    const uint8_t *p = wt_take(c, 40);
    if (!p)
        return c->cut;
    uint32_t first = wt_be32(p);
    h->version = (uint8_t)(first >> 28);
    h->tclass = (uint8_t)(first >> 20);
    h->flow = first & 0xfffff;
    h->payload_bytes = wt_be16(p + 4);
    h->next_header = p[6];
    h->hop_limit = p[7];
    __builtin_memcpy(h->src, p + 8, 16);
    __builtin_memcpy(h->dst, p + 24, 16);
    if (h->version != 6)
        wt_malformed(c);
    return c->cut;
}

#endif

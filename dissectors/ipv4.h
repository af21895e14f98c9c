#ifndef DISSECTORS_IPV4_H
#define DISSECTORS_IPV4_H

#include "wiretale/dissector.h"

struct ipv4 {
    uint8_t version, header_bytes, tos, ttl, protocol;
    uint16_t length_bytes;      /* header and data, RFC 791 3.1; 0 where a card cuts segments later (TSO) */
    uint16_t id;
    uint16_t fragment;          /* flags (3 bits) and offset in units of 8 bytes */
    uint16_t checksum;
    uint8_t src[4], dst[4];
    struct wt_slice options;
};

#define IPV4_DF 0x4000u
#define IPV4_MF 0x2000u
#define IPV4_OFFSET 0x1fffu

extern const struct wt_dissector ipv4_dissector;

static inline enum wt_cut ipv4_decode(struct wt_cursor *c, struct ipv4 *h)
{
    const uint8_t *p = wt_take(c, 20);
    if (!p)
        return c->cut;
    h->version = p[0] >> 4;
    h->header_bytes = (uint8_t)((p[0] & 15) * 4);
    h->tos = p[1];
    h->length_bytes = wt_be16(p + 2);
    h->id = wt_be16(p + 4);
    h->fragment = wt_be16(p + 6);
    h->ttl = p[8];
    h->protocol = p[9];
    h->checksum = wt_be16(p + 10);
    __builtin_memcpy(h->src, p + 12, 4);
    __builtin_memcpy(h->dst, p + 16, 4);
    h->options = (struct wt_slice){ 0 };
    if (__builtin_expect(h->header_bytes != 20, 0)) {
        if (h->header_bytes < 20)
            wt_malformed(c);
        else
            h->options = wt_read_slice(c, h->header_bytes - 20u);
    }
    if (h->version != 4 || (h->length_bytes && h->length_bytes < h->header_bytes))
        wt_malformed(c);
    return c->cut;
}

/* RFC 791 3.1: until a source route has been gone through to its end, the header names the next stop only, and the last
 * address of the route is whom the datagram is for: that is what its transport knows and sums. NULL: no such route. */
const uint8_t *ipv4_route_end(struct wt_slice options);
/* For --compat: tshark 4.0 reads no further behind an option that is shorter than its kind needs. */
bool ipv4_options_stop_tshark(struct wt_slice options);

static inline const uint8_t *ipv4_destination(const struct ipv4 *h)
{
    const uint8_t *end = __builtin_expect(h->options.len != 0, 0) ? ipv4_route_end(h->options) : NULL;
    return end ? end : h->dst;
}

#endif

/* IPv6 extension headers (RFC 8200 4, RFC 4302, RFC 6275, RFC 7401, RFC 5533). */
#ifndef DISSECTORS_IPV6_EXT_H
#define DISSECTORS_IPV6_EXT_H

#include "wiretale/dissector.h"

struct ipv6_ext {
    uint8_t next_header, length;    /* length: as in the header, units differ */
    uint8_t routing_type, segments_left;
    uint16_t header_bytes;
};

struct ipv6_fragment {
    uint8_t next_header;
    bool more;
    uint16_t offset_bytes;
    uint32_t id;
};

struct ip_auth {
    uint8_t next_header, length;
    uint32_t spi, sequence;
};

struct ip_esp {
    uint32_t spi, sequence;
};

extern const struct wt_dissector ipv6_hopopts_dissector, ipv6_routing_dissector, ipv6_fragment_dissector,
    ipv6_dstopts_dissector, ah_dissector, esp_dissector, mipv6_dissector, hip_dissector, shim6_dissector;

static inline enum wt_cut ipv6_fragment_decode(struct wt_cursor *c, struct ipv6_fragment *h)
{
    const uint8_t *p = wt_take(c, 8);
    if (p) {
        uint16_t word = wt_be16(p + 2);
        h->next_header = p[0];
        h->more = word & 1;
        h->offset_bytes = word & 0xfff8;
        h->id = wt_be32(p + 4);
    }
    return c->cut;
}

#endif

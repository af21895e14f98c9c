#ifndef DISSECTORS_ICMP_H
#define DISSECTORS_ICMP_H

#include "wiretale/dissector.h"

/* ICMP (RFC 792) and ICMPv6 (RFC 4443): the first 8 bytes; what they mean depends on the type. */
struct icmp {
    uint8_t type, code;
    uint16_t checksum;
    uint32_t rest;              /* the second word: identifier and sequence number, MTU, pointer, … */
    bool has_rest;
};

extern const struct wt_dissector icmp_dissector, icmpv6_dissector;

static inline enum wt_cut icmp_decode(struct wt_cursor *c, struct icmp *h)
{
    const uint8_t *p = wt_take(c, 4);
    if (!p)
        return c->cut;
    h->type = p[0];
    h->code = p[1];
    h->checksum = wt_be16(p + 2);
    h->has_rest = c->captured >= 4;
    h->rest = h->has_rest ? wt_be32(wt_take(c, 4)) : 0;
    return c->cut;
}

/* Whether the message quotes the packet that it is about. */
static inline bool icmp_is_error(uint8_t type)
{
    return type == 3 || type == 4 || type == 5 || type == 11 || type == 12;
}

static inline bool icmpv6_is_error(uint8_t type)
{
    return type >= 1 && type <= 4;
}

#endif

#ifndef DISSECTORS_ETHERNET_H
#define DISSECTORS_ETHERNET_H

#include "wiretale/dissector.h"

struct ethernet {
    uint8_t dst[6], src[6];
    uint16_t type;          /* EtherType, or below 0x600 the length of an IEEE 802.3 frame */
};

extern const struct wt_dissector ethernet_dissector;

static inline enum wt_cut ethernet_decode(struct wt_cursor *c, struct ethernet *h)
{
    const uint8_t *p = wt_take(c, 14);
    if (p) {
        __builtin_memcpy(h->dst, p, 6);
        __builtin_memcpy(h->src, p + 6, 6);
        h->type = wt_be16(p + 12);
    }
    return c->cut;
}

#endif

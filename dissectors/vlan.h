#ifndef DISSECTORS_VLAN_H
#define DISSECTORS_VLAN_H

#include "wiretale/dissector.h"

struct vlan {
    uint16_t tci;           /* priority (3 bits), DEI (1), id (12) */
    uint16_t type;          /* EtherType of what follows, or an 802.3 length */
};

extern const struct wt_dissector vlan_dissector, ieee8021ad_dissector;

static inline enum wt_cut vlan_decode(struct wt_cursor *c, struct vlan *h)
{
    const uint8_t *p = wt_take(c, 4);
    if (p) {
        h->tci = wt_be16(p);
        h->type = wt_be16(p + 2);
    }
    return c->cut;
}

#endif

/* Tags of switches: VN-Tag, E-Tag, FabricPath. */
#ifndef DISSECTORS_VNTAG_H
#define DISSECTORS_VNTAG_H

#include "wiretale/dissector.h"

struct vntag {
    uint32_t tag;
    uint16_t type;              /* EtherType of what follows */
};

struct etag {
    uint32_t tag[2];            /* priority and ingress E-CID; group and E-CID, and the upper bytes of both */
    uint16_t type;
};

struct fabricpath {
    uint16_t tag;               /* forwarding tag (10 bits), TTL (6) */
};

extern const struct wt_dissector vntag_dissector, etag_dissector, fabricpath_dissector;

#endif

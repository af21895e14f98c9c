/* Tags of switches: VN-Tag, FabricPath. */
#ifndef DISSECTORS_VNTAG_H
#define DISSECTORS_VNTAG_H

#include "wiretale/dissector.h"

struct vntag {
    uint32_t tag;
    uint16_t type;              /* EtherType of what follows */
};

struct fabricpath {
    uint16_t tag;               /* forwarding tag (10 bits), TTL (6) */
};

extern const struct wt_dissector vntag_dissector, fabricpath_dissector;

#endif

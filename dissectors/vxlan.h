#ifndef DISSECTORS_VXLAN_H
#define DISSECTORS_VXLAN_H

#include "wiretale/dissector.h"

struct vxlan {
    uint16_t flags, group;
    uint32_t vni;
};

extern const struct wt_dissector vxlan_dissector;

#endif

#ifndef DISSECTORS_ERSPAN_H
#define DISSECTORS_ERSPAN_H

#include "wiretale/dissector.h"

struct erspan {
    uint16_t first, second;     /* version and VLAN; class, kind of encapsulation, truncation and session */
    uint32_t index;             /* type II: port; type III: time stamp */
    uint32_t more;              /* type III: security group, hardware, direction, sub-header */
};

extern const struct wt_dissector erspan_dissector;

#endif

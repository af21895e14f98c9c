#ifndef DISSECTORS_MPLS_H
#define DISSECTORS_MPLS_H

#include "wiretale/dissector.h"

#define MPLS_MAX_LABELS 16

struct mpls {
    uint32_t entry[MPLS_MAX_LABELS];    /* label (20 bits), class (3), bottom of the stack (1), TTL (8) */
    uint8_t count;
    uint8_t nibble;                     /* first four bits behind the stack: no label tells what follows it */
};

extern const struct wt_dissector mpls_dissector;

#endif

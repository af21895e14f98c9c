#ifndef DISSECTORS_PIM_H
#define DISSECTORS_PIM_H

#include "wiretale/dissector.h"

struct pim {
    uint8_t version, type;
    uint16_t checksum;
    uint32_t flags;             /* of a register message */
    uint8_t family;             /* of the packet that a register message carries; 0: none */
};

extern const struct wt_dissector pim_dissector;

#endif

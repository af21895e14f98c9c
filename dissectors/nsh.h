/* NSH: which service functions a packet is to go through. */
#ifndef DISSECTORS_NSH_H
#define DISSECTORS_NSH_H

#include "wiretale/dissector.h"

struct nsh {
    uint16_t first;             /* version, O, TTL, length in words of 4 bytes */
    uint8_t metadata_type, next_protocol, index;
    uint32_t path;
};

extern const struct wt_dissector nsh_dissector;

#endif

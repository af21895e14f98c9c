#ifndef DISSECTORS_LLC_H
#define DISSECTORS_LLC_H

#include "wiretale/dissector.h"

struct llc {
    uint8_t dsap, ssap;
    uint16_t control;
    bool snap;
    uint32_t oui;
    uint16_t pid;           /* SNAP: protocol, by the OUI */
};

extern const struct wt_dissector llc_dissector;

#endif

#ifndef DISSECTORS_FDDI_H
#define DISSECTORS_FDDI_H

#include "wiretale/dissector.h"

struct fddi {
    uint8_t control;
    uint8_t dst[6], src[6];
};

extern const struct wt_dissector fddi_dissector;

#endif

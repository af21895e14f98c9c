#ifndef DISSECTORS_GENEVE_H
#define DISSECTORS_GENEVE_H

#include "wiretale/dissector.h"

struct geneve {
    uint8_t version, option_bytes, flags;
    uint16_t protocol;
    uint32_t vni;
    struct wt_slice options;
};

extern const struct wt_dissector geneve_dissector;

#endif

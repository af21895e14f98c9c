/* Link types that are a bare IP packet, or one behind an address family. */
#ifndef DISSECTORS_RAW_H
#define DISSECTORS_RAW_H

#include "wiretale/dissector.h"

struct raw {
    uint8_t version;            /* of the IP packet that begins here */
};

struct null_loop {
    uint32_t family;            /* the sending host's AF_ value, in its own byte order; loop: big-endian */
};

extern const struct wt_dissector raw_dissector, null_dissector;

#endif

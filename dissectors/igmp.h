#ifndef DISSECTORS_IGMP_H
#define DISSECTORS_IGMP_H

#include "wiretale/dissector.h"

struct igmp {
    uint8_t type, max_response;
    uint16_t checksum, sources;     /* version 3: of a query; records of a report */
    uint8_t group[4];
    bool three;                     /* a report, or a query of 12 bytes and more */
};

extern const struct wt_dissector igmp_dissector, rgmp_dissector;

#endif

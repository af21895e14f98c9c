/* Link types that carry IP on other systems and networks: InfiniBand, Solaris' ipnet. */
#ifndef DISSECTORS_IPOIB_H
#define DISSECTORS_IPOIB_H

#include "wiretale/dissector.h"

struct ipoib {
    uint8_t destination[16];
    uint16_t type;              /* EtherType */
};

struct ipnet {
    uint8_t version, family;
    uint16_t hook;
    uint32_t packet_bytes, interface, group_interface, source_zone, destination_zone;
};

extern const struct wt_dissector ipoib_dissector, ipnet_dissector;

#endif

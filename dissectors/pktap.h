/* PKTAP: what macOS says of a packet's interface and process before the packet itself. */
#ifndef DISSECTORS_PKTAP_H
#define DISSECTORS_PKTAP_H

#include "wiretale/dissector.h"

struct pktap {
    uint32_t header_bytes, record_type, dlt, flags, family, link_header_bytes, link_trailer_bytes, pid, service_class, effective_pid;
    uint16_t interface_type, interface_unit;
};

extern const struct wt_dissector pktap_dissector;

#endif

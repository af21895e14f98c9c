#ifndef DISSECTORS_ARP_H
#define DISSECTORS_ARP_H

#include "wiretale/dissector.h"

struct arp {
    uint16_t hardware, protocol, opcode;
    uint8_t hardware_len, protocol_len;
    struct wt_slice src_hw, src_proto, dst_hw, dst_proto;
};

extern const struct wt_dissector arp_dissector;

#endif

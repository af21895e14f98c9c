#ifndef DISSECTORS_GRE_H
#define DISSECTORS_GRE_H

#include "wiretale/dissector.h"

struct gre {
    uint16_t flags, protocol;
    uint16_t checksum, offset;
    uint32_t key, sequence, acknowledgment;
    uint8_t key_at, sequence_at, ack_at;    /* 0: absent */
};

#define GRE_CHECKSUM 0x8000u
#define GRE_ROUTING 0x4000u
#define GRE_KEY 0x2000u
#define GRE_SEQUENCE 0x1000u
#define GRE_ACK 0x0080u
#define GRE_VERSION 0x0007u

extern const struct wt_dissector gre_dissector;

#endif

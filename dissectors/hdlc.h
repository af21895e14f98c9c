/* Serial lines: Cisco HDLC and Frame Relay. */
#ifndef DISSECTORS_HDLC_H
#define DISSECTORS_HDLC_H

#include "wiretale/dissector.h"

struct chdlc {
    uint8_t address, control;
    uint16_t protocol;          /* EtherType, or one of Cisco's own */
};

/* Cisco's SLARP: asks for the address of the other end, and keeps the line alive. */
struct slarp {
    uint32_t type, first, second;   /* address and mask, or numbers sent and received */
    uint16_t reliability;
};

struct frame_relay {
    uint32_t address;           /* 2 to 4 bytes, Q.922 */
    uint8_t address_bytes;
    uint8_t control, nlpid;
    uint8_t nlpid_at;           /* 0: none */
    uint16_t type;              /* where an EtherType follows the address at once (Cisco), or SNAP's protocol */
    uint32_t oui;
    uint32_t dlci;
};

extern const struct wt_dissector chdlc_dissector, slarp_dissector, frame_relay_dissector;

#endif

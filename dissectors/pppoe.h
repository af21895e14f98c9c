#ifndef DISSECTORS_PPPOE_H
#define DISSECTORS_PPPOE_H

#include "wiretale/dissector.h"

struct pppoe {
    uint8_t version, type, code;
    uint16_t session, length_bytes;
};

struct ppp {
    uint16_t protocol;
    bool is_hdlc;               /* Cisco HDLC in its place: 0f or 8f, then 0 */
    uint8_t header_bytes;       /* address and control may be left out, the protocol may be one byte (RFC 1661 6) */
};

extern const struct wt_dissector pppoes_dissector, pppoed_dissector, ppp_dissector;

#endif

/* MACsec: a tag of 6 or 14 bytes, the frame (in clear or encrypted), a check value of 16 bytes. */
#ifndef DISSECTORS_MACSEC_H
#define DISSECTORS_MACSEC_H

#include "wiretale/dissector.h"

struct macsec {
    uint8_t tci, short_length;
    uint32_t packet_number;
    uint8_t system[6];
    uint16_t port;
    uint16_t type;              /* EtherType of what follows in clear; 0: encrypted */
    uint64_t payload_bytes;     /* without the check value */
};

#define MACSEC_SC 0x20u         /* the channel's identifier follows */
#define MACSEC_ENCRYPTED 0x08u
#define MACSEC_CHANGED 0x04u    /* with E: encrypted; alone: a check value of another length */
#define MACSEC_ICV 16u

extern const struct wt_dissector macsec_dissector;

#endif

#ifndef DISSECTORS_WLAN_H
#define DISSECTORS_WLAN_H

#include "wiretale/dissector.h"

struct radiotap {
    uint8_t version, flags;
    uint16_t header_bytes;
    uint32_t present;
    bool has_flags;
    uint64_t payload_bytes;         /* without the frame check sequence, where there is one */
};

struct wlan {
    uint16_t control;               /* the version's bits lowest, whatever order it came in */
    uint16_t duration, sequence;
    uint8_t type_subtype;           /* type << 4 | subtype, as wlan.fc.type_subtype */
    uint8_t ra[6], ta[6], third[6], fourth[6];
    uint8_t addresses;              /* how many are there */
    bool swapped;                   /* its control field's bytes */
    bool aggregated;                /* an A-MSDU: several frames */
    bool has_data;                  /* and in the clear: LLC follows */
};

struct capwap {
    uint8_t preamble;
    uint32_t header;                /* the rest of the first word */
    uint16_t fragment_id, fragment_offset;
};

extern const struct wt_dissector radiotap_dissector, wlan_dissector, capwap_data_dissector;

#endif

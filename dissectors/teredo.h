/* IPv6 in UDP datagrams: Teredo and AYIYA. */
#ifndef DISSECTORS_TEREDO_H
#define DISSECTORS_TEREDO_H

#include "wiretale/dissector.h"

struct teredo {
    bool has_auth, has_origin;
    uint8_t id_len, value_len, confirmation;
    uint8_t auth_at, origin_at;
    uint16_t origin_port;
    uint8_t origin_address[4];
    struct wt_slice id, value, nonce;
    uint8_t version;                /* of the packet that follows: 6, or something else */
};

struct ayiya {
    uint8_t id, signature, operation, next_header;   /* lengths and kinds in half bytes */
    uint32_t epoch;
};

extern const struct wt_dissector teredo_dissector, ayiya_dissector;

#endif

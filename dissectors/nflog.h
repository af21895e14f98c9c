#ifndef DISSECTORS_NFLOG_H
#define DISSECTORS_NFLOG_H

#include "wiretale/dissector.h"

struct nflog {
    uint8_t family, version;
    uint16_t resource;          /* the group that the rule logs to */
    uint16_t protocol;          /* EtherType; 0: not said */
    uint8_t hook;
    bool has_hook;
    uint32_t in_interface, out_interface, mark;     /* 0: not said */
    struct wt_slice prefix;     /* of the rule */
    size_t prefix_at;
    uint64_t payload_bytes;
};

extern const struct wt_dissector nflog_dissector;

#endif

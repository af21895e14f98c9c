#ifndef DISSECTORS_GTP_H
#define DISSECTORS_GTP_H

#include "wiretale/dissector.h"

struct gtp {
    uint8_t flags, message;
    uint16_t length_bytes;          /* behind the first 8 bytes */
    uint32_t teid;                  /* tunnel endpoint identifier: the receiver's, so each direction has its own */
    uint16_t sequence;
    uint8_t npdu, next_extension;
    uint8_t family;                 /* of the packet that it carries: 4, 6, or 0 */
};

extern const struct wt_dissector gtp_dissector;

#endif

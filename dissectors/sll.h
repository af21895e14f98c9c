/* Linux cooked captures, versions 1 and 2: what a capture on "any" has in a link header's place. */
#ifndef DISSECTORS_SLL_H
#define DISSECTORS_SLL_H

#include "wiretale/dissector.h"

struct sll {
    uint16_t packet_type, hardware, address_bytes, protocol;
    uint32_t interface;         /* version 2 */
    uint8_t address[8];
};

extern const struct wt_dissector sll_dissector, sll2_dissector;

#endif

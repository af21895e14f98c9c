/* The state of one walk through a frame. */
#ifndef DECODE_WALK_H
#define DECODE_WALK_H

#include "decode/decoder.h"

struct walk {
    struct decoder *decoder;
    struct wt_packet *packet;
    struct wt_cursor c;
    struct wt_next next;
    uint8_t buffer;             /* that the cursor is in */
    uint8_t source_end;         /* 1: the source is endpoint 1 of the key */
    bool same_address;          /* then the ports decide which endpoint is which */
    bool quoted;                /* inside the packet that an ICMP error quotes */
    bool quoted_network;
    bool reassembled;
    uint16_t vlan;              /* innermost id + 1 */
    uint32_t scope;
    uint8_t outer_source_end;
    struct wt_flow_key outer_key;   /* of the ICMP error itself */
};

/* False: not on the straight line; nothing is to be read from *p then. */
bool fast_frame(const struct decoder *d, const struct wt_frame *frame, struct wt_packet *p);
/* Whose datagram it is, by its content; NOBODY: nobody's. */
uint8_t walk_guess(const struct decoder *d, struct wt_slice payload);
void walk_frame(struct decoder *d, const struct wt_frame *frame, struct wt_packet *p);
uint64_t shard_hash(const struct wt_flow_key *key, uint64_t hash, const uint64_t seed[2]);

#endif

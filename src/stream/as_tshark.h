/* Which bytes tshark 4.0 hands to a dissector, and on which frame: for packets --compat tshark-4.0 alone. It reads
 * each segment where it stands; only what a dissector waits for is put together, in any order. The connections that
 * were quiet longest are forgotten where max-sessions or max-reassembly-bytes is reached. One worker's. */
#ifndef STREAM_AS_TSHARK_H
#define STREAM_AS_TSHARK_H

#include "stream/stream.h"

struct as_tshark;
struct as_tshark *as_tshark_new(const struct wt_config *config, struct wt_limit_hits *hits);
void as_tshark_free(struct as_tshark *t);

/* How it takes the segment: */
enum as_tshark_segment {
    AS_TSHARK_WHOLE = 1 << 0,          /* neither cut nor with a bad checksum: may be put together with others */
    AS_TSHARK_REPEATED = 1 << 1,       /* a retransmission: looked at only where it cannot be told from its bytes */
    AS_TSHARK_OVERTAKEN = 1 << 2,      /* out of order: kept, but shown to no dissector */
    AS_TSHARK_SYN_SEEN = 1 << 3        /* of its connection, or the SYN-ACK */
};
/* True: some of its bytes wait for more. */
bool as_tshark_segment(struct as_tshark *t, uint64_t connection, const struct stream_segment *segment,
                       unsigned taken_as);

#endif

/* The packet clock: the greatest time stamp seen. A frame before it changes nothing. A jump forward of more than the
 * limit is one frame's word against all others': it counts when the next frames confirm it. One thread. */
#ifndef TRACK_CLOCK_H
#define TRACK_CLOCK_H

#include <stdbool.h>
#include <stdint.h>

struct packet_clock {
    int64_t now_ns;
    int64_t jump_ns;          /* the limit */
    int64_t claimed_ns;       /* where an unconfirmed jump went */
    unsigned confirmed;       /* frames since that said the same */
    bool started, jumping;
    uint64_t jumps;           /* that were seen, confirmed or not */
};

#define CLOCK_CONFIRMATIONS 2

/* Takes a frame's time; true when now_ns moved. */
bool packet_clock_see(struct packet_clock *c, int64_t time_ns);

#endif

/* All arithmetic on sequence numbers: they run modulo 2^32 (RFC 9293 3.4), so that "before" means less than half
 * the circle behind. Any thread. */
#ifndef TRACK_TCP_WINDOW_H
#define TRACK_TCP_WINDOW_H

#include <stdbool.h>
#include <stdint.h>

#include "wiretale/packet.h"

static inline bool seq_before(uint32_t a, uint32_t b)
{
    return (int32_t)(a - b) < 0;
}

static inline bool seq_up_to(uint32_t a, uint32_t b)
{
    return (int32_t)(a - b) <= 0;
}

static inline uint32_t seq_later(uint32_t a, uint32_t b)
{
    return seq_before(a, b) ? b : a;
}

static inline uint32_t seq_earlier(uint32_t a, uint32_t b)
{
    return seq_before(a, b) ? a : b;
}

/* from <= seq <= to, on the circle. */
static inline bool seq_within(uint32_t seq, uint32_t from, uint32_t to)
{
    return seq - from <= to - from;
}

/* Sequence space that a segment takes: its data, and one each for SYN and FIN (RFC 9293 3.4: SEG.LEN). */
static inline uint32_t tcp_seq_len(uint32_t data_bytes, unsigned flags)
{
    return data_bytes + (flags & WT_FLAG_SYN ? 1u : 0u) + (flags & WT_FLAG_FIN ? 1u : 0u);
}

/* The number after the segment's last. */
static inline uint32_t tcp_seq_end(uint32_t seq, uint32_t data_bytes, unsigned flags)
{
    return seq + tcp_seq_len(data_bytes, flags);
}

/* Where the segment's data begins: a SYN stands before it. */
static inline uint32_t tcp_data_seq(uint32_t seq, unsigned flags)
{
    return seq + (flags & WT_FLAG_SYN ? 1u : 0u);
}

struct conn;

enum { SCALE_UNKNOWN = -1, SCALE_UNUSED = -2 };

/* The shift that holds for windows that `side` announces (RFC 7323 2.2: both must have offered it); or the above. */
int tcp_window_scale(const struct conn *c, unsigned side);

/* A window as announced by a segment with those flags: never scaled in a SYN. */
uint32_t tcp_window_bytes(const struct conn *c, unsigned side, uint16_t window, unsigned flags);

/* Whether an RST with this number is one that `side` takes (RFC 5961 3.2: within its window). */
bool tcp_window_takes_reset(const struct conn *c, unsigned side, uint32_t seq);

#endif

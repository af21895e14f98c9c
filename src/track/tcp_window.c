#include "track/tcp_window.h"

#include "track/conn.h"

#define MAX_SHIFT 14u    /* RFC 7323 2.3 */

int tcp_window_scale(const struct conn *c, unsigned side)
{
    bool own = c->side[side] & SIDE_SYN, other = c->side[side ^ 1] & SIDE_SYN;
    if ((own && c->wscale[side] == 255) || (other && c->wscale[side ^ 1] == 255))
        return SCALE_UNUSED;
    if (!own)
        return SCALE_UNKNOWN;
    return c->wscale[side] > MAX_SHIFT ? (int)MAX_SHIFT : c->wscale[side];
}

uint32_t tcp_window_bytes(const struct conn *c, unsigned side, uint16_t window, unsigned flags)
{
    int scale = tcp_window_scale(c, side);
    if (scale <= 0 || flags & WT_FLAG_SYN)
        return window;
    return (uint32_t)window << scale;
}

bool tcp_window_takes_reset(const struct conn *c, unsigned side, uint32_t seq)
{
    unsigned sender = side ^ 1u;
    uint32_t window = tcp_window_bytes(c, side, c->window[side], c->last_flags[side]);
    if (tcp_window_scale(c, side) == SCALE_UNKNOWN)
        window = (uint32_t)c->window[side] << MAX_SHIFT;    /* as wide as it may be */
    if (!(c->side[side] & SIDE_ACKS)) {
        if (!(c->side[sender] & SIDE_SEEN))
            return true;                                     /* nothing is known that could speak against it */
        return seq_within(seq, c->isn[sender], c->next_seq[sender] + 65535u);
    }
    uint32_t low = c->last_ack[side], high = low + (window ? window : 1u);
    if (c->side[sender] & SIDE_SEEN)
        high = seq_later(high, c->next_seq[sender]);         /* received, but not acknowledged yet */
    return seq_within(seq, low, high);
}

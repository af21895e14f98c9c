#include "track/clock.h"

static bool set(struct packet_clock *c, int64_t time_ns)
{
    c->jumping = false;
    if (c->started && time_ns <= c->now_ns)
        return false;
    c->started = true;
    c->now_ns = time_ns;
    return true;
}

/* Differences of time stamps that a file claims may not fit: as if they were the greatest that does. */
static int64_t ahead(int64_t time_ns, int64_t than_ns)
{
    int64_t d;
    return __builtin_sub_overflow(time_ns, than_ns, &d) ? (time_ns > than_ns ? INT64_MAX : INT64_MIN) : d;
}

bool packet_clock_see(struct packet_clock *c, int64_t time_ns)
{
    if (!c->started || ahead(time_ns, c->now_ns) <= c->jump_ns)
        return set(c, time_ns);
    int64_t off = c->jumping ? ahead(time_ns, c->claimed_ns) : 0;
    if (c->jumping && off >= -c->jump_ns && off <= c->jump_ns) {
        if (++c->confirmed >= CLOCK_CONFIRMATIONS)
            return set(c, time_ns);
        return false;
    }
    c->jumping = true;
    c->claimed_ns = time_ns;
    c->confirmed = 0;
    c->jumps++;
    return false;
}

/* The sender's own clock, as its time stamps show it (RFC 7323 5.4: 1 ms to 1 s a tick): how long it waited, where the
 * network stood still between two segments and gave them together. */
#include "depth_impl.h"

#define WATCH_NS (100 * MS)       /* before the tick is believed */

static int64_t nearest_tick(int64_t ns)
{
    static const int64_t ticks[] = { MS / 1000, MS, 4 * MS, 10 * MS, 100 * MS };
    for (unsigned i = 0; i < sizeof ticks / sizeof *ticks; i++)
        if (ns > ticks[i] / 10 * 7 && ns < ticks[i] / 10 * 15)
            return ticks[i];
    return 0;
}

void stamps_note(const struct look *l, struct stamps *s)
{
    if (!l->tcp->has_timestamps)
        return;
    if (!s->any) {
        *s = (struct stamps){ .any = true, .first = l->tcp->ts_val, .first_ns = l->now_ns };
        return;
    }
    int64_t ticks = (int32_t)(l->tcp->ts_val - s->first), since = l->now_ns - s->first_ns;
    if (!s->tick_ns && since > WATCH_NS && ticks > 0)
        s->tick_ns = nearest_tick(since / ticks);
}

int64_t stamps_between(const struct stamps *s, uint32_t from, uint32_t to)
{
    int32_t ticks = (int32_t)(to - from);
    return s->tick_ns && ticks >= 0 ? ticks * s->tick_ns : -1;
}

/* When a connection is forgotten: by silence (timers on packet time), or by a limit (the three classes).
 * Timers are lazy: nothing moves one to a later time; when it fires early, it is armed again for what is left. The
 * lists are lazy too: an entry moves to the newest end at most once a second of packet time, and who has come into a
 * class that is given up later is moved when a victim is sought. So nothing touches the neighbours in a list, which are far in memory. */
#include "track/tracker_impl.h"

#define OFF_CLOCK_NS INT64_C(1000000000)

static uint16_t this_second(const struct tracker *t)
{
    return (uint16_t)(t->clock.now_ns >> 30 & 0x3fff);
}

void class_enter(struct tracker *t, uint32_t index, struct conn *c, enum conn_class klass)
{
    struct class_list *list = &shard_of(t, c)->list[klass];
    c->klass = (unsigned)klass & 3u;
    c->list = (unsigned)klass & 3u;
    c->listed = this_second(t) & 0x3fffu;
    c->older = list->newest;
    c->newer = 0;
    if (list->newest)
        conn_at(t, list->newest)->newer = index;
    else
        list->oldest = index;
    list->newest = index;
}

void class_leave(struct tracker *t, struct conn *c)
{
    struct class_list *list = &shard_of(t, c)->list[c->list];
    if (c->older)
        conn_at(t, c->older)->newer = c->newer;
    else
        list->oldest = c->newer;
    if (c->newer)
        conn_at(t, c->newer)->older = c->older;
    else
        list->newest = c->older;
}

void class_set(struct tracker *t, uint32_t index, struct conn *c, enum conn_class klass)
{
    if (c->klass == (unsigned)klass)
        return;
    if ((unsigned)klass < c->list) {    /* to be given up earlier: nobody would look for it there */
        class_leave(t, c);
        class_enter(t, index, c, klass);
    }
    c->klass = (unsigned)klass & 3u;
    expiry_arm(t, index, c);
}

static void note_clock(struct tracker *t, struct conn *c, int64_t time_ns)
{
    int64_t off;
    bool far = __builtin_sub_overflow(t->clock.now_ns, time_ns, &off) || off > OFF_CLOCK_NS || off < -OFF_CLOCK_NS;
    if (__builtin_expect(!far, 1)) {
        c->flags &= ~(uint32_t)LIVE_OFF_CLOCK;
        return;
    }
    struct conn_more *m = more_take(t, c);
    if (m) {
        c->flags |= LIVE_OFF_CLOCK;
        m->active_tick = wheel_tick(t->clock.now_ns);
    }
}

void class_touch(struct tracker *t, uint32_t index, struct conn *c, int64_t time_ns)
{
    note_clock(t, c, time_ns);
    if (c->listed == this_second(t))
        return;
    enum conn_class klass = c->klass;
    class_leave(t, c);
    class_enter(t, index, c, klass);
}

uint32_t class_victim(struct tracker *t, const struct shard *s)
{
    for (unsigned klass = 0; klass < CONN_CLASSES; klass++) {
        uint32_t index;
        while ((index = s->list[klass].oldest) != 0) {
            struct conn *c = conn_at(t, index);
            if (c->klass <= klass)
                return index;
            enum conn_class own = c->klass;    /* at most once for each time that it changed */
            class_leave(t, c);
            class_enter(t, index, c, own);
        }
    }
    return 0;
}

/* When it was last seen, on the clock. A frame that was far ahead of the clock may have been right: the clock
 * followed. */
static uint64_t last_active(const struct tracker *t, const struct conn *c)
{
    const struct conn_more *m = more_at(t, c);
    uint64_t frame = wheel_tick(c->last_ns);
    if (!(c->flags & LIVE_OFF_CLOCK) || !m)
        return frame;
    return c->last_ns <= t->clock.now_ns && frame > m->active_tick ? frame : m->active_tick;
}

/* The tick after which silence ends it; 0: never. */
static uint64_t deadline(const struct tracker *t, const struct conn *c)
{
    uint64_t active = last_active(t, c);
    const struct timeouts *after = &t->timeouts;
    if (c->protocol == 17)
        return active + after->udp;
    if (c->protocol != 6)
        return active + after->icmp;
    if (c->flags & LIVE_RESET)
        return active + after->linger;
    if (c->flags & LIVE_TIME_WAIT) {
        uint64_t over = wheel_tick(c->time_wait_ns) + after->time_wait, late = active + after->linger;
        return over > late ? over : late;
    }
    if (c->klass == CLASS_CLOSED)
        return active + (after->time_wait > after->linger ? after->time_wait : after->linger);
    if (c->klass == CLASS_EMBRYONIC && !(c->flags & WT_CONN_MIDSTREAM))
        return active + after->syn;
    return after->idle ? active + after->idle : 0;
}

void expiry_arm(struct tracker *t, uint32_t index, struct conn *c)
{
    uint64_t at = deadline(t, c);
    if (at && !wheel_fires_by(&t->wheel, &c->timer, at + 1))
        wheel_arm(&t->wheel, index, at + 1);
}

static void fire(void *tracker, uint32_t index)
{
    struct tracker *t = tracker;
    struct conn *c = conn_at(t, index);
    uint64_t at = deadline(t, c);
    if (!at)
        return;
    if (at >= t->wheel.now) {
        wheel_arm(&t->wheel, index, at + 1);
        return;
    }
    conn_end(t, index, c, c->klass == CLASS_CLOSED ? WT_END_CLOSED : WT_END_TIMEOUT);
}

void expiry_run(struct tracker *t)
{
    wheel_advance(&t->wheel, wheel_tick(t->clock.now_ns), fire, t);
}

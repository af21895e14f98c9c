#include "track/flight.h"

#include "track/tcp_window.h"

static struct flight *at(const struct tracker *t, uint32_t index)
{
    return slab_at(&t->flights, index);
}

static void give(struct tracker *t, struct conn *c, uint32_t index)
{
    slab_give(&t->flights, index);
    shard_of(t, c)->flights--;
    c->flights = (c->flights - 1u) & 0xfffu;
}

/* Takes the oldest off its ring. */
static uint32_t pop(struct tracker *t, struct conn *c, unsigned side)
{
    uint32_t newest = c->flight[side], oldest = at(t, newest)->next;
    if (oldest == newest)
        c->flight[side] = 0;
    else
        at(t, newest)->next = at(t, oldest)->next;
    return oldest;
}

void flight_drop_all(struct tracker *t, struct conn *c)
{
    for (unsigned side = 0; side < 2; side++)
        while (c->flight[side])
            give(t, c, pop(t, c, side));
}

static uint32_t place(struct tracker *t, struct conn *c, unsigned side)
{
    struct shard *s = shard_of(t, c);
    uint32_t most = c->side[side ^ 1] & SIDE_SEEN ? FLIGHTS_EACH : FLIGHTS_UNANSWERED;
    if (c->flights < most && s->flights < s->flight_limit) {
        uint32_t index = slab_take(&t->flights);
        if (index) {
            s->flights++;
            c->flights = (c->flights + 1u) & 0xfffu;
            return index;
        }
    }
    if (s->flights >= s->flight_limit)
        t->hits->count[WT_MAX_UNACKED_SEGMENTS]++;
    return c->flight[side] ? pop(t, c, side) : 0;
}

void flight_add(struct tracker *t, struct conn *c, unsigned side, const struct flight *sent)
{
    uint32_t index = place(t, c, side);
    if (!index)
        return;
    struct flight *f = at(t, index);
    *f = *sent;
    if (c->flight[side]) {
        struct flight *newest = at(t, c->flight[side]);
        f->next = newest->next;
        newest->next = index;
    } else {
        f->next = index;
    }
    c->flight[side] = index;
}

bool flight_ack(struct tracker *t, struct conn *c, unsigned side, uint32_t ack, struct flight *ret_sent)
{
    bool exact = false;
    while (c->flight[side]) {
        const struct flight *oldest = at(t, at(t, c->flight[side])->next);
        if (seq_before(ack, oldest->end))
            break;
        if (oldest->end == ack && !exact) {
            *ret_sent = *oldest;
            exact = true;
        }
        give(t, c, pop(t, c, side));
    }
    return exact;
}

struct flight_past flight_look(const struct tracker *t, const struct conn *c, unsigned side, uint32_t seq,
                               uint32_t end)
{
    struct flight_past past = { 0 };
    if (!c->flight[side])
        return past;
    uint32_t i = c->flight[side];
    do {
        i = at(t, i)->next;
        const struct flight *f = at(t, i);
        if (seq_before(seq, f->end) && seq_before(f->seq, end)) {
            past.frame = f->frame;
            past.time_ns = f->time_ns;
            past.ts = f->ts_val;
            past.ip_id = f->ip_id;
            past.exact = f->seq == seq && f->end == end;
            past.found = true;
        }
        if (!seq_before(f->seq, end)) {
            past.later_ts = f->ts_val;
            if (!past.next_ns) {
                past.next_ts = f->ts_val;
                past.next_ns = f->time_ns;
            }
        }
        if (f->advanced) {
            past.advance_ns = f->time_ns;
            past.advanced = true;
        }
    } while (i != c->flight[side]);
    return past;
}

/* Congestion: what is in flight, by rounds (a round ends when what was sent at its beginning is acknowledged), and how
 * slow start ended (RFC 5681 3.1: it doubles each round). */
#include "depth_impl.h"

#define SLOW_ROUNDS 3             /* rounds without growth that end it: HyStart (RFC 9406), or a rate that was found (BBR) */

static uint64_t in_flight(const struct direction *w)
{
    int64_t n = w->most - (w->acked_any ? w->una : w->most) - (int64_t)w->sacked_bytes;
    return n > 0 ? (uint64_t)n : 0;
}

static void slow_start_ends(const struct look *l, struct direction *w, enum wt_slow_start_end why)
{
    struct wt_direction *r = &w->result;
    if (r->slow_start_end || !r->sent_bytes)
        return;
    r->slow_start_end = (uint8_t)why;
    r->slow_start_ns = l->now_ns - w->first_data_ns;
    r->slow_start_bytes = w->flow.peak > w->flow.last_peak ? w->flow.peak : w->flow.last_peak;
}

void flight_sent(struct look *l, struct direction *w, uint32_t new_bytes)
{
    struct wt_direction *r = &w->result;
    if (l->segment->payload_bytes) {
        if (!r->sent_bytes)
            w->first_data_ns = l->now_ns;
        r->sent_bytes += l->segment->payload_bytes;
        if (l->segment->payload_bytes > r->largest_segment)
            r->largest_segment = l->segment->payload_bytes;
    }
    if (!new_bytes)
        return;
    uint64_t flight = in_flight(w);
    if (flight > r->flight_most)
        r->flight_most = flight;
    if (flight > w->flow.peak)
        w->flow.peak = flight;
    if (l->segment->payload_bytes)      /* the latest while it sends; the round before was whole */
        r->cwnd_estimate = w->flow.peak > w->flow.last_peak ? w->flow.peak : w->flow.last_peak;
    if (!w->data_acked)
        r->initial_flight = flight;
}

void flight_acked(struct look *l, struct direction *w, int64_t ack)
{
    struct flow *f = &w->flow;
    struct wt_direction *r = &w->result;
    if (!r->sent_bytes)
        return;
    w->data_acked = true;
    r->transfer_ns = l->now_ns - w->first_data_ns;
    if (ack < f->round_to)
        return;
    bool limited = f->wait == WAIT_NETWORK || f->wait == WAIT_SENDER;
    bool flat = f->last_peak && f->peak <= f->last_peak + f->last_peak / 8;
    f->flat_rounds = !limited ? 0 : flat ? f->flat_rounds + 1 : 0;
    if (f->flat_rounds >= SLOW_ROUNDS && f->last_peak >= 4 * (uint64_t)r->largest_segment && !depth_far(w) && w->rtt.smoothed_ns >= w->rtt.min_ns + w->rtt.min_ns / 4)
        slow_start_ends(l, w, WT_SLOW_START_FLAT);
    if (f->peak)
        f->last_peak = f->peak;
    f->peak = in_flight(w);
    f->round_to = w->most;
}

void flight_marked(struct look *l, struct direction *w)
{
    slow_start_ends(l, w, WT_SLOW_START_MARKED);
}

/* ---- losses, as congestion control counts them: a recovery; a timeout, but not those that follow it in a row (RFC 5681
 * 3.1); a probe that repaired the tail (RFC 8985 7.4.2) ---- */

static void loss_event(const struct look *l, struct direction *w, uint64_t frame)
{
    w->result.loss_events++;
    w->flow.event = (struct loss_event){ .frame = frame };
    slow_start_ends(l, w, WT_SLOW_START_LOSS);
}

void flight_needless(struct direction *w, const struct wt_repeat *r)
{
    struct loss_event *e = &w->flow.event;
    if (!e->frame || e->undone || r->frame < e->frame)
        return;
    e->needless++;
    if (e->needless < e->repeats)
        return;
    e->undone = true;        /* nothing was lost: the sender takes it back, too (RFC 4015) */
    w->result.loss_events--;
}

void flight_repeat(const struct look *l, struct direction *w, const struct wt_repeat *r, int64_t to)
{
    struct loss_event *e = &w->flow.event;
    bool begins = r->cause == WT_CAUSE_FAST || (r->cause == WT_CAUSE_TIMEOUT && r->backoff <= 1);
    bool follows = r->cause == WT_CAUSE_RECOVERY || r->cause == WT_CAUSE_AFTER_TIMEOUT || r->cause == WT_CAUSE_TIMEOUT;
    if (r->cause == WT_CAUSE_TAIL_PROBE) {
        w->flow.probe_to = to;
        w->flow.probe_at = w->repeat_count;
        w->flow.probing = true;
    } else if (begins || (follows && e->undone)) {
        loss_event(l, w, r->frame);
        w->flow.probing = false;
    }
    if (begins || follows) {
        e->repeats++;
        if (r->proof != WT_PROOF_NONE)
            flight_needless(w, r);
    }
}

/* More than the probe is acknowledged, and nothing said that its segment had come twice: it repaired a loss. */
void flight_probed(const struct look *l, struct direction *w, int64_t ack)
{
    struct flow *f = &w->flow;
    if (!f->probing || ack <= f->probe_to)
        return;
    f->probing = false;
    if (!w->repeat)
        return;
    const struct wt_repeat *r = &w->repeat[f->probe_at % REPEATS].said;
    if (w->repeat_count - f->probe_at <= REPEATS && r->cause == WT_CAUSE_TAIL_PROBE && r->proof == WT_PROOF_NONE)
        loss_event(l, w, r->frame);
}

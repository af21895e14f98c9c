/* Was a repeat needless? Four proofs that come after it: the receiver's own report (DSACK, RFC 2883), the echo of an
 * older time stamp (Eifel, RFC 3522), and an ACK that came back sooner than anything can. */
#include "depth_impl.h"

static bool sent_by_tcp(const struct wt_repeat *r)
{
    return r->cause != WT_CAUSE_NONE && r->cause < WT_CAUSE_REORDERED && r->cause != WT_CAUSE_WINDOW_PROBE;
}

void proof_found(struct look *l, struct direction *w, struct repeat *r, enum wt_proof proof)
{
    if (r->said.proof != WT_PROOF_NONE)
        return;
    struct wt_direction *d = &w->result;
    r->said.proof = (uint8_t)proof;
    r->said.proof_frame = l->frame;
    d->proofs[proof] += r->said.segments;
    d->spurious += r->said.segments;
    if (r->said.original == WT_ORIGINAL_LOST_AFTER)
        d->lost_after -= r->said.segments;
    if (r->said.original == WT_ORIGINAL_LOST_BEFORE)
        d->lost_before -= r->said.segments;
    r->said.original = WT_ORIGINAL_ARRIVED;
    flight_needless(w, &r->said);
    depth_say(l->depth, &r->said);
}

/* The ACK echoes what was sent before the repeat: so it answers the original. Only where the repeat stood at una: an
 * ACK for later data echoes the segment that moved the receiver's left edge (RFC 7323 4.3). */
static bool echoes_older(const struct look *l, const struct repeat *r)
{
    return l->tcp->has_timestamps && r->stamped && r->original_stamp_older && (int32_t)(l->tcp->ts_ecr - r->stamp) < 0;
}

#define SAMPLES_TO_TRUST 4

static bool too_soon(const struct look *l, const struct direction *w, const struct repeat *r)
{
    const struct rtt *rtt = &w->rtt;
    if (rtt->samples < SAMPLES_TO_TRUST || rtt->min_ns < MS / 10 || r->original_ns < 0)
        return false;
    return l->now_ns - r->at_ns < rtt->min_ns / 4 * 3 && l->now_ns - r->original_ns >= rtt->min_ns;
}

void proof_by_ack(struct look *l, struct direction *w, int64_t ack)
{
    for (uint32_t i = 1; i <= REPEATS && i <= w->repeat_count; i++) {
        struct repeat *r = &w->repeat[(w->repeat_count - i) % REPEATS];
        if (r->settled || r->from >= ack)
            continue;
        if (sent_by_tcp(&r->said) && w->acked_any && r->from == w->una && echoes_older(l, r))
            proof_found(l, w, r, WT_PROOF_EIFEL);
        else if (sent_by_tcp(&r->said) && r->to <= ack && too_soon(l, w, r))
            proof_found(l, w, r, WT_PROOF_TOO_SOON);
        r->settled = r->to <= ack;
    }
}

void proof_by_original(struct look *l, struct direction *w, int64_t from, int64_t to)
{
    for (uint32_t i = 1; i <= REPEATS && i <= w->repeat_count; i++) {
        struct repeat *r = &w->repeat[(w->repeat_count - i) % REPEATS];
        if (r->from < to && r->to > from && sent_by_tcp(&r->said))
            proof_found(l, w, r, WT_PROOF_CAME_LATE);
    }
}

void proof_by_dsack(struct look *l, struct direction *w, int64_t from, int64_t to)
{
    for (uint32_t i = 1; i <= REPEATS && i <= w->repeat_count; i++) {
        struct repeat *r = &w->repeat[(w->repeat_count - i) % REPEATS];
        if (r->from >= to || r->to <= from || !sent_by_tcp(&r->said))
            continue;
        if (r->said.proof == WT_PROOF_NONE) {
            proof_found(l, w, r, WT_PROOF_DSACK);
            return;
        }
        if (r->said.proof != WT_PROOF_DSACK) {      /* told before by less */
            w->result.proofs[r->said.proof] -= r->said.segments;
            w->result.proofs[WT_PROOF_DSACK] += r->said.segments;
            r->said.proof = WT_PROOF_DSACK;
            r->said.proof_frame = l->frame;
            depth_say(l->depth, &r->said);
            return;
        }
    }
}

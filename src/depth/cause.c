/* Why a segment with old numbers came: the network's doing first (two proofs: IP identification and time stamps tell
 * the order of sending), then the sender's: fast recovery needs evidence of loss and an ACK that set it off; a timer
 * needs silence. Timers are judged by the sender's clock: what the capture saw, less the way from the sender. */
#include "depth_impl.h"

#define ID_STEPS 3                /* identifications that went up in a row, before they are believed */
#define DUP_THRESHOLD 3           /* RFC 5681 3.2 */
#define TRIGGER_SLACK (2 * MS)
#define TOO_SOON (2 * MS)         /* for any timer: two ticks of a fast clock */
#define TIMER_LEAST (100 * MS)    /* no stack in use waits less where SACKs tell of a loss: Linux 200 ms, RFC 6298 1 s */

/* What the queue knew of the range before this segment. */
struct before {
    struct sent old;              /* its first range; times 0: forgotten */
    bool unseen;                  /* never captured before */
    bool whole_unseen;
    bool arrived;                 /* SACKed or acknowledged, all of it */
    bool next_known;
    struct sent next;             /* unseen: the range behind the hole */
};

static void look_back(const struct direction *w, int64_t from, int64_t to, struct before *b)
{
    *b = (struct before){ .arrived = true };
    if (w->acked_any && from < w->una) {
        const struct sent *past = sent_past(w, from);
        if (past)
            b->old = *past;
        from = w->una;
    }
    bool seen = b->old.times != 0;
    for (uint32_t i = sent_find(&w->sent, from); i < w->sent.count; i++) {
        const struct sent *s = sent_at(&w->sent, i);
        if (s->from >= to && s->flags & SENT_UNSEEN)      /* the rest of the hole */
            continue;
        if (s->from >= to) {
            b->next = *s;
            b->next_known = true;
            break;
        }
        b->arrived = b->arrived && s->flags & SENT_SACKED;
        b->unseen = b->unseen || s->flags & SENT_UNSEEN;
        seen = seen || !(s->flags & SENT_UNSEEN);
        if (b->old.times == 0 || (b->old.flags & SENT_UNSEEN && !(s->flags & SENT_UNSEEN)))
            b->old = *s;
    }
    b->whole_unseen = b->unseen && !seen;
}

/* ---- the network ---- */

bool depth_ids_tell(const struct look *l, const struct direction *w)
{
    return l->state->family == 4 && w->id_steps >= ID_STEPS;
}

/* The same packet once more: identification and time stamp are the original's. */
static bool same_packet(const struct look *l, const struct direction *w, const struct before *b, struct wt_repeat *r)
{
    const struct sent *s = &b->old;
    bool syn = l->tcp->flags & WT_FLAG_SYN, fin = l->tcp->flags & WT_FLAG_FIN;
    if (!s->times || s->flags & SENT_UNSEEN || s->unit != l->segment->payload_bytes || s->bytes != l->segment->payload_bytes + syn + fin
        || syn != ((s->flags & SENT_SYN) != 0) || fin != ((s->flags & SENT_FIN) != 0))
        return false;
    bool stamps = s->flags & SENT_STAMPED && l->tcp->has_timestamps;
    if (stamps && s->last_stamp != l->tcp->ts_val)
        return false;
    uint16_t id = (uint16_t)l->packet->ip_id;
    bool ids_tell = depth_ids_tell(l, w), same_id = id == s->ip_id || id == s->last_id;
    int64_t wait = l->now_ns - s->last_ns;
    if (ids_tell || (id && same_id && l->state->family == 4 && wait < TIMER_LEAST)) {
        r->sureness = ids_tell ? WT_SURE : WT_LIKELY;
        r->evidence = WT_BY_IP_ID;
        return same_id;
    }
    /* Without identification: sooner than anything could have asked for it. */
    int64_t rtt = w->rtt.samples ? w->rtt.min_ns : MS;
    if (w->dup_acks || w->sacked_bytes || (l->state->family == 4 && !same_id) || (wait > rtt / 4 && wait > TOO_SOON))
        return false;
    r->sureness = stamps ? WT_LIKELY : WT_GUESS;
    r->evidence = stamps ? WT_BY_TIMESTAMPS : WT_BY_ORDER;
    return true;
}

/* Sent before what came first: the original, overtaken by its own repeat. */
static bool overtaken_by_repeat(const struct look *l, const struct direction *w, const struct before *b, struct wt_repeat *r)
{
    const struct sent *s = &b->old;
    if (!b->unseen && !s->times && depth_ids_tell(l, w)) {      /* forgotten: but older than the newest segment */
        r->sureness = WT_LIKELY;
        r->evidence = WT_BY_IP_ID;
        return (int16_t)((uint16_t)l->packet->ip_id - w->id_last) < 0;
    }
    if (!s->times || s->flags & SENT_UNSEEN)
        return false;
    r->sureness = WT_SURE;
    r->evidence = depth_ids_tell(l, w) ? WT_BY_IP_ID : WT_BY_TIMESTAMPS;
    if (depth_ids_tell(l, w))
        return (int16_t)((uint16_t)l->packet->ip_id - s->ip_id) < 0;
    return s->flags & SENT_STAMPED && l->tcp->has_timestamps && (int32_t)(l->tcp->ts_val - s->first_stamp) < 0;
}

/* A hole is filled: by the original, late, or by a repeat? */
static bool overtaken(const struct look *l, const struct direction *w, const struct before *b, struct wt_repeat *r)
{
    if (overtaken_by_repeat(l, w, b, r))
        return true;
    if (!b->whole_unseen)
        return false;
    if (b->next_known && depth_ids_tell(l, w)) {
        int16_t later = (int16_t)((uint16_t)l->packet->ip_id - b->next.ip_id);
        r->evidence = WT_BY_IP_ID;
        r->sureness = WT_SURE;
        return later < 0;
    }
    if (b->next_known && b->next.flags & SENT_STAMPED && l->tcp->has_timestamps && l->tcp->ts_val != b->next.first_stamp) {
        r->evidence = WT_BY_TIMESTAMPS;
        r->sureness = WT_SURE;
        return (int32_t)(l->tcp->ts_val - b->next.first_stamp) < 0;
    }
    /* Only the clock is left: a repeat needs a round trip for the news of the hole. */
    int64_t since = l->now_ns - b->old.first_ns;
    int64_t rtt = w->rtt.samples ? w->rtt.min_ns + (w->near_ns > 0 ? w->near_ns : 0) : 3 * MS;
    r->evidence = WT_BY_ORDER;
    r->sureness = w->rtt.samples && w->dup_acks < DUP_THRESHOLD ? WT_LIKELY : WT_GUESS;
    return since < rtt && w->dup_acks < DUP_THRESHOLD;
}

/* ---- the sender ---- */

struct moment {
    int64_t wait;                 /* since the latest earlier transmission; -1: unknown */
    int64_t quiet;                /* since the timer was started: una moved, or the head was sent (RFC 6298 5) */
    int64_t silence;              /* since anything that could set off a repeat: an ACK, or a send */
    int64_t timer;                /* the sender's RTO by its own RTT, without a least; -1 */
    int64_t smoothed;             /* the sender's; -1 */
    bool triggered;               /* an ACK has just come in */
    bool evidence;                /* of loss: something sent later has arrived, or duplicate ACKs */
    bool head, tail;              /* first unacknowledged; last sent */
};

static struct moment moment_of(const struct look *l, const struct direction *w, const struct before *b, int64_t from,
                               int64_t to)
{
    int64_t lag = w->near_ns > 0 ? w->near_ns : 0;
    struct moment m = { .wait = -1, .timer = rtt_timer(&w->rtt), .smoothed = -1 };
    if (m.timer >= 0) {
        m.timer += lag;
        m.smoothed = w->rtt.smoothed_ns + lag;
    }
    if (b->old.times || b->unseen)
        m.wait = l->now_ns - b->old.last_ns;
    int64_t senders = b->old.flags & SENT_STAMPED && l->tcp->has_timestamps
        ? stamps_between(&w->stamps, b->old.last_stamp, l->tcp->ts_val) : -1;
    if (m.wait >= 0 && senders > 2 * (m.wait + w->stamps.tick_ns))      /* the way stood still meanwhile */
        m.wait = senders;
    m.quiet = w->last_progress_ns >= 0 && (m.wait < 0 || l->now_ns - w->last_progress_ns < m.wait)
        ? l->now_ns - w->last_progress_ns : m.wait;
    int64_t since_ack = w->last_ack_ns >= 0 ? l->now_ns - w->last_ack_ns : INT64_MAX;
    int64_t since_send = w->sent_any ? l->now_ns - w->last_send_ns : INT64_MAX;
    m.silence = since_ack < since_send ? since_ack : since_send;
    int64_t slack = m.smoothed / 8 > TRIGGER_SLACK ? m.smoothed / 8 : TRIGGER_SLACK;
    m.triggered = since_ack <= lag + lag / 2 + slack;
    m.head = !w->acked_any || from <= w->una;
    m.tail = to >= w->most;
    m.evidence = w->dup_acks > 0 || w->sacked_to > to;
    return m;
}

static void say(struct wt_repeat *r, enum wt_cause cause, enum wt_evidence by, enum wt_sureness sureness)
{
    r->cause = (uint8_t)cause;
    r->evidence = (uint8_t)by;
    r->sureness = (uint8_t)sureness;
}

static void change_cause(struct look *l, struct direction *w, struct repeat *p, enum wt_cause cause, enum wt_sureness sureness)
{
    w->result.repeats[p->said.cause] -= p->said.segments;
    w->result.repeats[cause] += p->said.segments;
    p->said.cause = (uint8_t)cause;
    p->said.sureness = (uint8_t)sureness;
    if (cause == WT_CAUSE_TIMEOUT) {
        p->said.backoff = 1;
        w->result.timeout_ns += p->said.wait_ns > 0 ? p->said.wait_ns : 0;
        flight_repeat(l, w, &p->said, p->to);
    }
    depth_say(l->depth, &p->said);
}

/* With one segment in flight a probe and a timeout look alike, until the next one: a timeout doubles (RFC 6298 5.5), a
 * probe does not (RFC 8985 7.3). */
static void settle_probe(struct look *l, struct direction *w, const struct moment *m)
{
    if (!w->probe_wait_ns || !w->repeat || w->repeat_count - w->probe_place > REPEATS)
        return;
    struct repeat *p = &w->repeat[w->probe_place % REPEATS];
    if (m->wait > w->probe_wait_ns / 10 * 16) {
        change_cause(l, w, p, WT_CAUSE_TIMEOUT, WT_SURE);
        w->backoff = 1;
    } else {
        change_cause(l, w, p, WT_CAUSE_TAIL_PROBE, WT_SURE);
    }
    w->probe_wait_ns = 0;
}

static void timed_out(struct look *l, struct direction *w, const struct moment *m, struct wt_repeat *r)
{
    settle_probe(l, w, m);
    w->backoff += w->backoff < UINT8_MAX;
    bool sure = m->head && m->wait >= 0 && (m->timer < 0 ? m->wait > 100 * MS : m->wait >= m->timer / 10 * 9);
    say(r, WT_CAUSE_TIMEOUT, WT_BY_TIMER, sure ? WT_SURE : m->wait >= 0 && m->wait > 2 * m->smoothed ? WT_LIKELY : WT_GUESS);
    r->backoff = (uint8_t)w->backoff;
    w->recovery = RECOVERY_TIMEOUT;
    w->recovery_to = w->most;
    w->timeout_at_ns = l->now_ns;
    if (w->backoff > w->result.timeout_backoff_most)
        w->result.timeout_backoff_most = w->backoff;
    if (m->wait > 0)
        w->result.timeout_ns += m->wait;
}

static void recovers(struct direction *w, const struct moment *m, struct wt_repeat *r, int64_t to)
{
    enum wt_evidence by = WT_BY_NOTHING;
    enum wt_sureness sureness = WT_GUESS;
    if (w->dup_acks >= DUP_THRESHOLD && m->head) {
        by = WT_BY_DUP_ACKS;
        sureness = WT_SURE;
    } else if (w->sacked_to > to && w->sacked_bytes > (DUP_THRESHOLD - 1) * (uint64_t)(w->mss ? w->mss : 536)) {
        by = WT_BY_SACK;         /* RFC 6675 4, IsLost() */
        sureness = WT_SURE;
    } else if (w->recovery == RECOVERY_FAST && m->head && w->last_progress_ns == w->last_ack_ns) {
        by = WT_BY_PARTIAL_ACK;  /* RFC 6582 3.2 */
        sureness = WT_SURE;
    } else if (w->sacked_to > to) {
        by = WT_BY_RACK;         /* one that was sent later has arrived, RFC 8985 6.2 */
        sureness = WT_LIKELY;
    } else if (w->dup_acks) {
        by = WT_BY_DUP_ACKS;     /* early, RFC 5827 */
    }
    bool within = w->recovery != RECOVERY_NONE;      /* until recovery_to is acknowledged, whatever is lost meanwhile */
    say(r, within ? WT_CAUSE_RECOVERY : WT_CAUSE_FAST, by, sureness);
    if (!within) {
        w->recovery = RECOVERY_FAST;
        w->recovery_to = w->most;
    }
}

static bool could_be_probe(const struct look *l, const struct direction *w, const struct moment *m, const struct before *b)
{
    return m->tail && !m->evidence && !w->sacked_bytes && l->sack_both && !w->probed && !w->backoff && m->smoothed >= 0
        && !(b->old.flags & SENT_SYN) && w->recovery == RECOVERY_NONE;      /* RFC 8985 7.2 */
}

/* RFC 8985 7.2: two round trips, and what the receiver may take for its ACK; never after the timer of RFC 6298. */
static bool in_time_for_probe(const struct moment *m)
{
    int64_t timer = m->timer > m->smoothed + 2 * TIMER_LEAST ? m->timer : m->smoothed + 2 * TIMER_LEAST;
    int64_t most = timer > 2 * m->smoothed + 2 * TIMER_LEAST ? timer : 2 * m->smoothed + 2 * TIMER_LEAST;
    return m->wait >= m->smoothed && m->wait <= most / 4 * 5;
}

static void probes(struct direction *w, const struct moment *m, struct wt_repeat *r)
{
    bool alone = m->head;        /* one segment in flight: a timeout would have sent the same one */
    bool early = m->timer >= 0 && m->wait < m->timer / 10 * 9;
    say(r, WT_CAUSE_TAIL_PROBE, WT_BY_TIMER, !alone || early ? WT_SURE : WT_LIKELY);
    w->probed = true;
    if (alone) {
        w->probe_wait_ns = m->wait > 0 ? m->wait : 0;
        w->probe_place = w->repeat_count;
    }
}

static void sender_cause(struct look *l, struct direction *w, const struct before *b, const struct moment *m, struct wt_repeat *r,
                         int64_t from, int64_t to)
{
    bool syn = l->tcp->flags & WT_FLAG_SYN;
    bool in_slow_start = w->recovery == RECOVERY_TIMEOUT && from < w->recovery_to && b->old.last_ns < w->timeout_at_ns;
    int64_t patience = m->timer >= 0 ? m->timer / 10 * 9 : TIMER_LEAST;
    bool recovering = m->evidence || w->recovery == RECOVERY_FAST;
    bool waited = m->quiet >= (recovering && patience < TIMER_LEAST ? TIMER_LEAST : patience);
    if (w->window_known && w->window == 0 && l->segment->payload_bytes <= 1)
        say(r, WT_CAUSE_WINDOW_PROBE, WT_BY_TIMER, WT_SURE);
    else if (syn && m->wait > TOO_SOON)
        timed_out(l, w, m, r);
    else if (b->old.flags & SENT_SYN && b->old.times == 1)
        say(r, WT_CAUSE_FAST_OPEN, WT_BY_ORDER, WT_SURE);
    else if (w->icmp_too_big_ns >= 0 && l->now_ns - w->icmp_too_big_ns < 1000 * MS && b->old.unit > l->segment->payload_bytes)
        say(r, WT_CAUSE_PATH_MTU, WT_BY_ICMP, WT_SURE);
    else if (in_slow_start && (m->triggered || m->silence < patience))
        say(r, WT_CAUSE_AFTER_TIMEOUT, WT_BY_ORDER, m->triggered ? WT_SURE : WT_LIKELY);
    else if (could_be_probe(l, w, m, b) && in_time_for_probe(m))
        probes(w, m, r);
    else if (recovering && (m->triggered || !waited))
        recovers(w, m, r, to);
    else if ((m->head || waited) && (m->wait < 0 || m->wait > TOO_SOON))
        timed_out(l, w, m, r);
    else if (m->evidence)
        recovers(w, m, r, to);
    else
        say(r, WT_CAUSE_UNKNOWN, WT_BY_NOTHING, WT_GUESS);
}

/* ---- the account ---- */

static uint16_t segments_of(const struct look *l, const struct direction *w)
{
    uint32_t most = w->mss ? w->mss - (l->tcp->has_timestamps && w->mss > 100 ? 12u : 0u) : 0;
    uint32_t n = most && l->segment->payload_bytes > most ? (l->segment->payload_bytes + most - 1) / most : 1;
    return (uint16_t)(n < UINT16_MAX ? n : UINT16_MAX);
}

void cause_account(struct direction *w, const struct wt_repeat *r, uint32_t bytes)
{
    struct wt_direction *d = &w->result;
    d->repeats[r->cause] += r->segments;
    if (r->cause >= WT_CAUSE_REORDERED || r->cause == WT_CAUSE_WINDOW_PROBE)
        return;
    d->retransmitted_segments += r->segments;
    d->retransmitted_bytes += bytes;
    if (r->proof != WT_PROOF_NONE) {
        d->proofs[r->proof] += r->segments;
        d->spurious += r->segments;
    }
    if (r->original == WT_ORIGINAL_LOST_BEFORE)
        d->lost_before += r->segments;
    if (r->original == WT_ORIGINAL_LOST_AFTER)
        d->lost_after += r->segments;
}

/* What the queue knows from now on. */
static void resend(const struct look *l, struct direction *w, int64_t from, int64_t to, const struct wt_repeat *r)
{
    if (r->cause == WT_CAUSE_DUPLICATED)
        return;
    for (uint32_t i = sent_find(&w->sent, from); i < w->sent.count && sent_at(&w->sent, i)->from < to; i++) {
        struct sent *s = sent_at(&w->sent, i);
        bool first = s->flags & SENT_UNSEEN && r->cause == WT_CAUSE_REORDERED;
        if (s->flags & SENT_UNSEEN) {
            s->flags &= (uint8_t)~SENT_UNSEEN;
            s->first_ns = l->now_ns;
            s->first_frame = first ? l->frame : 0;
            s->ip_id = (uint16_t)l->packet->ip_id;
            s->unit = l->segment->payload_bytes;
            s->first_stamp = l->tcp->ts_val;
            s->times = first ? 0 : 1;
        }
        s->times = (uint8_t)(s->times + (s->times < UINT8_MAX));
        s->last_ns = l->now_ns;
        s->last_frame = l->frame;
        s->last_stamp = l->tcp->ts_val;
        s->last_id = (uint16_t)l->packet->ip_id;
        s->flags |= l->tcp->has_timestamps ? SENT_STAMPED : 0;
    }
}

void cause_of(struct look *l, struct direction *w, int64_t from, int64_t to)
{
    if (to > w->most)
        to = w->most;
    if (w->acked_any && from < w->una ? !sent_split(l, &w->sent, to)
        : !sent_split(l, &w->sent, from) || !sent_split(l, &w->sent, to))
        return;
    struct before b;
    look_back(w, from, to, &b);
    struct repeat p = { .from = from, .to = to, .at_ns = l->now_ns, .original_ns = -1,
                        .stamp = l->tcp->ts_val, .stamped = l->tcp->has_timestamps };
    struct wt_repeat *r = &p.said;
    *r = (struct wt_repeat){ .frame = l->frame, .wait_ns = -1, .rto_ns = -1, .side = (uint8_t)l->side,
                             .segments = segments_of(l, w), .dup_acks = w->dup_acks,
                             .sacked_bytes = (uint32_t)(w->sacked_bytes < UINT32_MAX ? w->sacked_bytes : UINT32_MAX) };
    struct moment m = moment_of(l, w, &b, from, to);
    bool seen = b.old.times && !(b.old.flags & SENT_UNSEEN);
    r->wait_ns = m.wait;
    r->rto_ns = m.timer;
    r->original_frame = seen ? b.old.last_frame : l->segment->original_frame;
    if (seen) {
        p.original_ns = b.old.last_ns;
        p.original_stamp_older = b.old.flags & SENT_STAMPED && (int32_t)(l->tcp->ts_val - b.old.last_stamp) > 0;
    }
    if (same_packet(l, w, &b, r)) {
        r->cause = WT_CAUSE_DUPLICATED;
    } else if (overtaken(l, w, &b, r)) {
        r->cause = WT_CAUSE_REORDERED;
        if (!b.unseen)
            proof_by_original(l, w, from, to);
    } else {
        sender_cause(l, w, &b, &m, r, from, to);
        bool heard = w->last_ack_ns >= 0 || l->tcp->flags & WT_FLAG_SYN;      /* else its ACKs may go another way */
        r->original = b.whole_unseen ? WT_ORIGINAL_LOST_BEFORE
            : seen && heard ? WT_ORIGINAL_LOST_AFTER : WT_ORIGINAL_UNKNOWN;
        if (b.arrived && r->cause != WT_CAUSE_WINDOW_PROBE && r->cause != WT_CAUSE_FAST_OPEN) {
            r->proof = w->acked_any && from < w->una ? WT_PROOF_ACKED : WT_PROOF_SACKED;
            r->proof_frame = w->last_ack_frame;
            r->original = WT_ORIGINAL_ARRIVED;
        }
    }
    cause_account(w, r, l->segment->payload_bytes);
    flight_repeat(l, w, r, to);
    path_repeat(l, w, r);
    resend(l, w, from, to, r);
    struct repeat *kept = depth_repeat(l, w);
    if (kept)
        *kept = p;
    depth_say(l->depth, r);
}

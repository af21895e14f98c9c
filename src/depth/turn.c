/* A repeat that comes in its turn, because nothing of what was sent before it was captured (the capture stands behind the
 * loss): nothing in its numbers tells. But when the next segment leaves a hole, and the sender's counter of packets
 * says that it sent nothing in between, then the bytes of the hole were sent before: the segment at its left edge was
 * sent again. After silence only a timer does that (RFC 6298 5.4). */
#include "depth_impl.h"

#define SILENCE_LEAST (100 * MS)

static bool sent_nothing_between(const struct look *l, const struct direction *w, int64_t from)
{
    const struct latest *last = &w->latest;
    uint16_t step = (uint16_t)(l->packet->ip_id - last->ip_id);
    int64_t room = (int64_t)(step - 1) * (w->mss ? w->mss : 1460);
    return last->frame && last->frame == w->latest_frame && last->to == w->most && step && step <= 64 && from - w->most > room;
}

/* Its silence, on the sender's clock too: a way that stands still is silent for us alone. */
static bool came_after_silence(const struct direction *w)
{
    int64_t smoothed = (w->rtt.samples ? w->rtt.smoothed_ns : 0) + (w->near_ns > 0 ? w->near_ns : 0);
    int64_t least = 2 * smoothed > SILENCE_LEAST ? 2 * smoothed : SILENCE_LEAST;
    return w->latest.silence_ns >= least && (w->latest.stamp_silence_ns < 0 || w->latest.stamp_silence_ns >= least);
}

bool turn_timed_out(struct look *l, struct direction *w, int64_t from)
{
    if (!depth_ids_tell(l, w) || w->recovery != RECOVERY_NONE || !sent_nothing_between(l, w, from) || !came_after_silence(w))
        return false;
    struct repeat p = {
        .from = w->latest.from, .to = w->latest.to, .at_ns = w->last_send_ns, .original_ns = -1, .settled = true,
        .said = { .frame = w->latest.frame, .cause = WT_CAUSE_TIMEOUT, .sureness = WT_LIKELY, .evidence = WT_BY_IP_ID,
                  .original = WT_ORIGINAL_LOST_BEFORE, .wait_ns = w->latest.silence_ns, .rto_ns = -1, .segments = 1,
                  .side = (uint8_t)l->side },
    };
    w->recovery = RECOVERY_TIMEOUT;
    w->recovery_to = from;
    w->timeout_at_ns = w->last_send_ns;
    cause_account(w, &p.said, (uint32_t)(w->latest.to - w->latest.from));
    flight_repeat(l, w, &p.said, p.to);
    w->result.timeout_ns += p.said.wait_ns;
    struct repeat *kept = depth_repeat(l, w);
    if (kept)
        *kept = p;
    depth_say(l->depth, &p.said);
    return true;
}

void turn_note(const struct look *l, struct direction *w, int64_t from, int64_t to)
{
    int64_t since_ack = w->last_ack_ns >= 0 ? l->now_ns - w->last_ack_ns : INT64_MAX;
    int64_t since_send = w->sent_any ? l->now_ns - w->last_send_ns : 0;
    bool stamps = l->tcp->has_timestamps && w->latest.stamped;
    w->latest = (struct latest){
        .frame = l->frame, .from = from, .to = to, .ip_id = (uint16_t)l->packet->ip_id, .stamp = l->tcp->ts_val,
        .stamped = l->tcp->has_timestamps, .silence_ns = since_ack < since_send ? since_ack : since_send,
        .stamp_silence_ns = stamps ? stamps_between(&w->stamps, w->latest.stamp, l->tcp->ts_val) : -1,
    };
}

/* What the path did to packets: marks of congestion (RFC 3168), other routes (TTL), fragments, options that were taken
 * away, sizes that do not pass. */
#include "depth_impl.h"

#define CE 3u
#define BLACK_HOLE_TIMEOUTS 2u

static void ecn(struct look *l, struct direction *mine, struct direction *theirs)
{
    switch (l->packet->tos & 3u) {      /* RFC 3168 5 */
    case 1: mine->result.ect1++; break;
    case 2: mine->result.ect0++; break;
    case CE: mine->result.ce++; break;
    default: break;
    }
    if (l->tcp->flags & WT_FLAG_SYN)      /* there the flags negotiate, RFC 3168 6.1.1 */
        return;
    if (l->tcp->flags & WT_FLAG_ECE) {
        theirs->result.ece++;
        flight_marked(l, theirs);
    }
    mine->result.cwr += (l->tcp->flags & WT_FLAG_CWR) != 0;
}

static void ttl(const struct look *l, struct direction *w)
{
    struct wt_direction *r = &w->result;
    uint8_t now = l->packet->ttl;
    if (!r->ttl_first) {
        r->ttl_first = r->ttl_least = r->ttl_most = w->ttl_last = now;
        return;
    }
    r->ttl_changes += now != w->ttl_last;
    w->ttl_last = now;
    if (now < r->ttl_least)
        r->ttl_least = now;
    if (now > r->ttl_most)
        r->ttl_most = now;
}

void path_packet(struct look *l, struct direction *mine, struct direction *theirs)
{
    struct wt_direction *r = &mine->result;
    ecn(l, mine, theirs);
    ttl(l, mine);
    r->fragmented += (l->packet->flags & (WT_PACKET_REASSEMBLED | WT_PACKET_FRAGMENT)) != 0;
    const struct wt_tcp_summary *tcp = l->tcp;
    if (tcp->flags & WT_FLAG_SYN) {
        mine->syn_seen = true;
        mine->stamps_offered = tcp->has_timestamps;
        mine->scale_offered = tcp->wscale != 255;
        r->mss = tcp->mss;
        return;
    }
    if (mine->syn_seen && theirs->syn_seen && mine->stamps_offered && theirs->stamps_offered && !tcp->has_timestamps
        && !(tcp->flags & WT_FLAG_RST))      /* RFC 7323 3.2: every segment has them then */
        r->signs |= WT_SIGN_STAMPS_STRIPPED;
    mine->sack_seen |= tcp->sack_count != 0;
    if (l->segment->did & WT_DID_IN_TIME_WAIT) {
        r->late_segments++;
        r->late_bytes += l->segment->payload_bytes;
    }
}

/* An ACK that stands still while later data arrived says nothing of it: somebody takes SACK blocks away, RFC 2018 4. */
void path_duplicate_ack(struct look *l, struct direction *data, const struct direction *acker)
{
    if (l->sack_both && !acker->sack_seen && ++data->bare_dup_acks >= 3)
        data->result.signs |= WT_SIGN_SACK_STRIPPED;
}

/* Large segments are never answered, smaller ones are: RFC 2923 2.1. */
void path_repeat(struct look *l, struct direction *w, const struct wt_repeat *r)
{
    if (r->cause == WT_CAUSE_TIMEOUT && r->backoff >= BLACK_HOLE_TIMEOUTS && l->packet->ip_flags & 2u
        && l->segment->payload_bytes > 500 && w->largest_acked && l->segment->payload_bytes > w->largest_acked + 100)
        w->result.signs |= WT_SIGN_BLACK_HOLE;
    if (r->cause == WT_CAUSE_PATH_MTU)
        w->result.signs |= WT_SIGN_PATH_MTU;
}

void path_icmp(const struct look *l)
{
    struct direction *w = &l->state->way[l->side];      /* who sent what it quotes */
    w->result.icmp_errors++;
    w->result.icmp_last = l->packet->icmp;
    uint16_t icmp = l->packet->icmp;
    bool v6 = l->state->family == 6;
    if ((!v6 && icmp == (3 << 8 | 4)) || (v6 && icmp >> 8 == 2)) {      /* RFC 1191 4, RFC 4443 3.2 */
        w->icmp_too_big_ns = l->now_ns;
        w->result.signs |= WT_SIGN_TOO_BIG;
    }
}

/* What both SYNs together leave out. MSS: what Ethernet gives, less what tunnels take, is made by who clamps. */
void path_result(const struct direction *mine, const struct direction *theirs, unsigned family, struct wt_direction *ret)
{
    if (!mine->syn_seen || !theirs->syn_seen)
        return;
    if (!mine->sack_permitted || !theirs->sack_permitted)
        ret->signs |= WT_SIGN_NO_SACK;
    if (!mine->scale_offered || !theirs->scale_offered)
        ret->signs |= WT_SIGN_NO_SCALE;
    if (!mine->stamps_offered || !theirs->stamps_offered)
        ret->signs |= WT_SIGN_NO_STAMPS;
    if (!ret->mss)
        ret->signs |= WT_SIGN_NO_MSS;
    unsigned plain = (family == 6 ? 1440u : 1460u);
    if (ret->mss && ret->mss < plain && ret->mss >= 1200 && ret->mss != 1220)
        ret->signs |= WT_SIGN_MSS_CLAMPED;
}

void path_reset(const struct look *l)
{
    for (unsigned side = 0; side < 2; side++) {
        struct direction *w = &l->state->way[side];
        int64_t end = w->fin_sent ? w->fin_end - 1 : w->most;
        int64_t begin = w->acked_any && w->una > w->begin ? w->una : w->begin;
        if (w->begin_known && end > begin)
            w->result.lost_at_reset = (uint64_t)(end - begin);
    }
}

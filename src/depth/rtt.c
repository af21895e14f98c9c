/* Round trips: samples by RFC 6298 3 (Karn: never of what was sent twice), RFC 7323 4 (time stamps, where Karn's rule
 * would leave none), smoothed by RFC 6298 2. One sample an ACK, as Linux takes them. */
#include "depth_impl.h"

#include <stdlib.h>

/* ---- histogram: octaves of 16 parts ---- */

#define RTT_LOWEST_BIT 12         /* below 4096 ns all is one bucket */
#define PART_BITS 4

static unsigned bucket_of(int64_t ns)
{
    uint64_t v = ns < (INT64_C(1) << RTT_LOWEST_BIT) ? UINT64_C(1) << RTT_LOWEST_BIT : (uint64_t)ns;
    unsigned top = 63u - (unsigned)__builtin_clzll(v);
    unsigned part = (unsigned)(v >> (top - PART_BITS)) & (RTT_PARTS - 1);
    unsigned bucket = (top - RTT_LOWEST_BIT) * RTT_PARTS + part;
    return bucket < RTT_BUCKETS ? bucket : RTT_BUCKETS - 1;
}

static int64_t bucket_middle(unsigned bucket)
{
    unsigned top = bucket / RTT_PARTS + RTT_LOWEST_BIT;
    int64_t part = INT64_C(1) << (top - PART_BITS);
    return (INT64_C(1) << top) + (int64_t)(bucket % RTT_PARTS) * part + part / 2;
}

/* The rank-th smallest of the first samples, from 1. */
static int64_t early_rank(const struct rtt *r, unsigned rank)
{
    for (unsigned i = 0; i < r->samples; i++) {
        unsigned below = 0;
        for (unsigned j = 0; j < r->samples; j++)
            below += r->early[j] < r->early[i] || (r->early[j] == r->early[i] && j < i);
        if (below + 1 == rank)
            return r->early[i];
    }
    return r->max_ns;
}

/* The sample below which `percent` of all lie (nearest rank). */
static int64_t percentile(const struct rtt *r, unsigned percent)
{
    uint64_t rank = ((uint64_t)r->samples * percent + 99) / 100, below = 0;
    if (r->samples <= RTT_EARLY)
        return early_rank(r, (unsigned)rank);
    if (!r->histogram)
        return r->smoothed_ns;
    for (unsigned i = 0; i < RTT_BUCKETS; i++) {
        below += r->histogram[i];
        if (below >= rank && below) {
            int64_t middle = bucket_middle(i);
            return middle < r->min_ns ? r->min_ns : middle > r->max_ns ? r->max_ns : middle;
        }
    }
    return r->max_ns;
}

/* ---- the estimator ---- */

/* The answer to a FIN comes when the queues are empty again: it counts, and does not hide how long they were. */
static void rtt_at_end(struct look *l, struct rtt *r, int64_t sample_ns)
{
    int64_t smoothed = r->smoothed_ns, variation = r->variation_ns;
    rtt_add(l, r, sample_ns);
    r->smoothed_ns = smoothed;
    r->variation_ns = variation;
}

void rtt_add(struct look *l, struct rtt *r, int64_t sample_ns)
{
    if (sample_ns < 0)      /* time stamps of the capture ran back */
        return;
    if (r->samples == 0) {
        r->smoothed_ns = sample_ns;
        r->variation_ns = sample_ns / 2;
        r->min_ns = r->max_ns = sample_ns;
    } else {
        int64_t off = r->smoothed_ns - sample_ns;
        r->variation_ns += ((off < 0 ? -off : off) - r->variation_ns) / 4;
        r->smoothed_ns -= off / 8;
    }
    if (r->smoothed_ns > r->smoothed_most_ns)
        r->smoothed_most_ns = r->smoothed_ns;
    if (sample_ns < r->min_ns)
        r->min_ns = sample_ns;
    if (sample_ns > r->max_ns)
        r->max_ns = sample_ns;
    if (r->samples < RTT_EARLY)
        r->early[r->samples] = sample_ns;
    else if (r->samples == RTT_EARLY && (r->histogram = depth_memory(l->depth, l->state, RTT_BUCKETS, sizeof *r->histogram)))
        for (unsigned i = 0; i < RTT_EARLY; i++)
            r->histogram[bucket_of(r->early[i])]++;
    r->samples += r->samples < UINT32_MAX;
    if (r->histogram)
        r->histogram[bucket_of(sample_ns)]++;
}

int64_t rtt_timer(const struct rtt *r)
{
    return r->samples ? r->smoothed_ns + 4 * r->variation_ns : -1;
}

void rtt_result(const struct rtt *r, struct wt_rtt *ret)
{
    *ret = (struct wt_rtt){ .min_ns = -1, .max_ns = -1, .smoothed_ns = -1, .variation_ns = -1, .rto_ns = -1,
                            .p50_ns = -1, .p90_ns = -1, .p99_ns = -1, .smoothed_most_ns = -1 };
    if (!r->samples)
        return;
    *ret = (struct wt_rtt){
        .samples = r->samples, .smoothed_most_ns = r->smoothed_most_ns, .min_ns = r->min_ns, .max_ns = r->max_ns, .smoothed_ns = r->smoothed_ns,
        .variation_ns = r->variation_ns, .rto_ns = rtt_timer(r),
        .p50_ns = percentile(r, 50), .p90_ns = percentile(r, 90), .p99_ns = percentile(r, 99),
    };
}

void rtt_done(struct rtt *r)
{
    free(r->histogram);
    r->histogram = NULL;
}

/* ---- samples ---- */

/* The echoed stamp names the transmission that the receiver answers, RFC 7323 4.1, also where there were two. */
static int64_t sample_by_stamp(const struct look *l, const struct sent *s)
{
    if (!l->tcp->has_timestamps || !(s->flags & SENT_STAMPED) || s->first_stamp == s->last_stamp)
        return -1;
    if (l->tcp->ts_ecr == s->last_stamp)
        return l->now_ns - s->last_ns;
    if (l->tcp->ts_ecr == s->first_stamp && s->first_frame)
        return l->now_ns - s->first_ns;
    return -1;
}

void rtt_of_ack(struct look *l, struct direction *w, int64_t ack)
{
    const struct sent *first = NULL, *repeated = NULL;
    for (uint32_t i = 0; i < w->sent.count; i++) {
        const struct sent *s = sent_at(&w->sent, i);
        if (s->from >= ack)
            break;
        if (s->times > 1)
            repeated = s;
        else if (!first && !(s->flags & (SENT_UNSEEN | SENT_SACKED)))
            first = s;
    }
    if (first && !repeated && first->flags & SENT_FIN && first->bytes == 1 && w->rtt.samples)
        rtt_at_end(l, &w->rtt, l->now_ns - first->last_ns);
    else if (first && !repeated)
        rtt_add(l, &w->rtt, l->now_ns - first->last_ns);
    else if (w->sack_sample_ns >= 0)
        rtt_add(l, &w->rtt, l->now_ns - w->sack_sample_ns);
    else if (repeated)
        rtt_add(l, &w->rtt, sample_by_stamp(l, repeated));
}

static void nearer(struct direction *w, int64_t ns)
{
    if (ns >= 0 && (w->near_ns < 0 || ns < w->near_ns))
        w->near_ns = ns;
}

void rtt_near(struct look *l, struct direction *w)
{
    const struct wt_tcp_summary *tcp = l->tcp;
    int64_t syn = l->state->syn_ns[l->side ^ 1u];
    if (tcp->flags & WT_FLAG_SYN && tcp->flags & WT_FLAG_ACK && syn >= 0 && l->state->way[l->side ^ 1u].sent.count <= 1)
        nearer(w, l->now_ns - syn);
    else if (tcp->has_timestamps && w->peer_stamp_ns >= 0 && tcp->ts_ecr == w->peer_stamp)
        nearer(w, l->now_ns - w->peer_stamp_ns);
    else if (l->segment->did & WT_DID_HANDSHAKE && syn >= 0)
        nearer(w, l->now_ns - syn);
}

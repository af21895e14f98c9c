#include "depth_words.h"

static const char *const sureness[] = { "guess", "likely", "sure" };

static void ms(struct json *j, const char *key, int64_t ns)
{
    if (ns >= 0)
        json_ms(j, key, ns);
}

void depth_json_repeat(struct json *j, const struct wt_repeat *r)
{
    json_open(j, "repeat", '{');
    json_text(j, "cause", wt_cause_name((enum wt_cause)r->cause));
    json_text(j, "confidence", sureness[r->sureness % 3]);
    json_text(j, "evidence", wt_evidence_name((enum wt_evidence)r->evidence));
    json_uint(j, "segments", r->segments);
    if (r->backoff)
        json_uint(j, "backoff", r->backoff);
    if (r->original_frame)
        json_uint(j, "original_frame", r->original_frame);
    ms(j, "wait_ms", r->wait_ns);
    ms(j, "rto_ms", r->rto_ns);
    json_uint(j, "duplicate_acks", r->dup_acks);
    json_uint(j, "sacked_bytes", r->sacked_bytes);
    json_text(j, "original", wt_original_name((enum wt_original)r->original));
    if (r->proof) {
        json_text(j, "spurious", wt_proof_name((enum wt_proof)r->proof));
        if (r->proof_frame)
            json_uint(j, "proof_frame", r->proof_frame);
    }
    json_close(j);
}

static void rtt(struct json *j, const struct wt_rtt *r)
{
    json_open(j, "rtt", '{');
    json_uint(j, "samples", r->samples);
    ms(j, "min_ms", r->min_ns);
    ms(j, "max_ms", r->max_ns);
    ms(j, "smoothed_ms", r->smoothed_ns);
    ms(j, "variation_ms", r->variation_ns);
    ms(j, "rto_ms", r->rto_ns);
    ms(j, "p50_ms", r->p50_ns);
    ms(j, "p90_ms", r->p90_ns);
    ms(j, "p99_ms", r->p99_ns);
    ms(j, "most_smoothed_ms", r->smoothed_most_ns);
    json_close(j);
}

static void retransmissions(struct json *j, const struct wt_direction *d)
{
    json_open(j, "retransmissions", '{');
    json_uint(j, "segments", d->retransmitted_segments);
    json_uint(j, "bytes", d->retransmitted_bytes);
    json_uint(j, "spurious", d->spurious);
    json_uint(j, "lost_before_capture", d->lost_before);
    json_uint(j, "lost_after_capture", d->lost_after);
    json_uint(j, "most_backoff", d->timeout_backoff_most);
    json_ms(j, "timeout_ms", d->timeout_ns);
    json_open(j, "causes", '{');
    for (unsigned i = WT_CAUSE_NONE + 1; i < WT_CAUSES; i++)
        json_uint(j, wt_cause_name((enum wt_cause)i), d->repeats[i]);
    json_close(j);
    json_open(j, "proofs", '{');
    for (unsigned i = WT_PROOF_NONE + 1; i < WT_PROOFS; i++)
        json_uint(j, wt_proof_name((enum wt_proof)i), d->proofs[i]);
    json_close(j);
    json_close(j);
}

static void limited(struct json *j, const struct wt_direction *d)
{
    json_open(j, "limited", '{');
    json_ms(j, "sender_ms", d->sender_ns);
    json_ms(j, "receiver_ms", d->receiver_ns);
    json_ms(j, "network_ms", d->network_ns);
    json_ms(j, "idle_ms", d->idle_ns);
    json_ms(j, "zero_window_ms", d->zero_window_ns);
    json_close(j);
    json_open(j, "window", '{');
    if (d->window_known) {
        json_uint(j, "least", d->window_least);
        json_uint(j, "most", d->window_most);
    }
    json_uint(j, "zero_windows", d->zero_windows);
    json_uint(j, "probes", d->window_probes);
    json_close(j);
}

static void congestion(struct json *j, const struct wt_direction *d)
{
    static const char *const ends[] = { NULL, "loss", "flat", "marked" };
    json_open(j, "congestion", '{');
    json_uint(j, "most_in_flight", d->flight_most);
    if (!d->far) {
        json_uint(j, "initial_flight", d->initial_flight);
        json_uint(j, "cwnd_estimate", d->cwnd_estimate);
    }
    json_uint(j, "loss_events", d->loss_events);
    if (d->slow_start_end) {
        json_text(j, "slow_start_end", ends[d->slow_start_end % 4]);
        json_ms(j, "slow_start_ms", d->slow_start_ns);
        json_uint(j, "slow_start_bytes", d->slow_start_bytes);
    }
    json_uint(j, "ect0", d->ect0);
    json_uint(j, "ect1", d->ect1);
    json_uint(j, "ce", d->ce);
    json_uint(j, "ece", d->ece);
    json_uint(j, "cwr", d->cwr);
    json_close(j);
}

static double rate(uint64_t bytes, int64_t ns)
{
    return ns > 0 ? (double)bytes * 8e9 / (double)ns : 0;
}

static void delivery(struct json *j, const struct wt_direction *d)
{
    json_open(j, "delivery", '{');
    json_uint(j, "sent_bytes", d->sent_bytes);
    json_uint(j, "delivered_bytes", d->delivered_bytes);
    json_ms(j, "transfer_ms", d->transfer_ns);
    json_ratio(j, "throughput_bps", rate(d->sent_bytes, d->transfer_ns));
    json_ratio(j, "goodput_bps", rate(d->delivered_bytes, d->transfer_ns));
    json_uint(j, "holes", d->holes);
    json_ms(j, "blocked_ms", d->blocked_ns);
    if (d->holes) {
        json_ms(j, "longest_blocked_ms", d->blocked_longest_ns);
        json_uint(j, "longest_blocked_frame", d->blocked_longest_frame);
        json_uint(j, "most_blocked_bytes", d->blocked_bytes_most);
    }
    if (d->lost_at_reset)
        json_uint(j, "lost_at_reset", d->lost_at_reset);
    if (d->late_segments) {
        json_uint(j, "late_segments", d->late_segments);
        json_uint(j, "late_bytes", d->late_bytes);
    }
    json_close(j);
}

static void path(struct json *j, const struct wt_direction *d)
{
    json_open(j, "path", '{');
    json_open(j, "signs", '[');
    for (unsigned bit = 0; bit < WT_SIGNS; bit++)
        if (d->signs >> bit & 1u)
            json_text(j, NULL, wt_sign_name(bit));
    json_close(j);
    if (d->mss)
        json_uint(j, "mss", d->mss);
    json_uint(j, "largest_segment", d->largest_segment);
    if (d->ttl_first) {
        json_open(j, "ttl", '[');
        json_uint(j, NULL, d->ttl_least);
        json_uint(j, NULL, d->ttl_most);
        json_close(j);
    }
    json_uint(j, "ttl_changes", d->ttl_changes);
    json_uint(j, "fragmented", d->fragmented);
    json_uint(j, "icmp_errors", d->icmp_errors);
    if (d->icmp_errors) {
        json_uint(j, "icmp_type", d->icmp_last >> 8);
        json_uint(j, "icmp_code", d->icmp_last & 0xffu);
    }
    json_close(j);
}

/* Beside whom the capture was made: the nearer by far; else between them, or nobody knows. */
static void capture_point(struct json *j, const struct wt_analysis *a)
{
    int64_t client = a->side[0].near_rtt_ns, server = a->side[1].near_rtt_ns;
    if (client < 0 || server < 0)
        return;
    json_text(j, "captured_beside", client < server / 4 ? "client" : server < client / 4 ? "server" : "neither");
}

void depth_json_summary(struct json *j, const struct wt_analysis *a)
{
    static const char *const sides[] = { "client", "server" };
    json_open(j, "analysis", '{');
    json_bool(j, "partial", a->partial);
    capture_point(j, a);
    json_open(j, "waited", '{');
    json_ms(j, "client_ms", a->waited_ns[0]);
    json_ms(j, "server_ms", a->waited_ns[1]);
    json_ms(j, "network_ms", a->network_ns);
    json_ms(j, "idle_ms", a->idle_ns);
    json_close(j);
    for (unsigned side = 0; side < 2; side++) {
        const struct wt_direction *d = &a->side[side];
        json_open(j, sides[side], '{');
        retransmissions(j, d);
        rtt(j, &d->rtt);
        ms(j, "near_rtt_ms", d->near_rtt_ns);
        limited(j, d);
        congestion(j, d);
        delivery(j, d);
        path(j, d);
        json_close(j);
    }
    json_close(j);
}

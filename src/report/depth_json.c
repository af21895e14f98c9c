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

void depth_json_summary(struct json *j, const struct wt_analysis *a)
{
    static const char *const sides[] = { "client", "server" };
    json_open(j, "analysis", '{');
    json_bool(j, "partial", a->partial);
    for (unsigned side = 0; side < 2; side++) {
        const struct wt_direction *d = &a->side[side];
        json_open(j, sides[side], '{');
        retransmissions(j, d);
        rtt(j, &d->rtt);
        ms(j, "near_rtt_ms", d->near_rtt_ns);
        json_close(j);
    }
    json_close(j);
}

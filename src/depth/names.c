/* Stable names, for JSON and filters. */
#include "wiretale/analysis.h"

#define NAME(names, i) ((unsigned)(i) < sizeof names / sizeof names[0] ? names[i] : "unknown")

const char *wt_cause_name(enum wt_cause cause)
{
    static const char *const names[WT_CAUSES] = {
        [WT_CAUSE_NONE] = "none", [WT_CAUSE_TIMEOUT] = "timeout", [WT_CAUSE_AFTER_TIMEOUT] = "after-timeout",
        [WT_CAUSE_FAST] = "fast-retransmit", [WT_CAUSE_RECOVERY] = "recovery", [WT_CAUSE_TAIL_PROBE] = "tail-loss-probe",
        [WT_CAUSE_PATH_MTU] = "path-mtu", [WT_CAUSE_FAST_OPEN] = "fast-open-refused",
        [WT_CAUSE_WINDOW_PROBE] = "window-probe", [WT_CAUSE_UNKNOWN] = "unknown", [WT_CAUSE_REORDERED] = "reordered",
        [WT_CAUSE_DUPLICATED] = "duplicated",
    };
    return NAME(names, cause);
}

const char *wt_evidence_name(enum wt_evidence evidence)
{
    static const char *const names[WT_EVIDENCES] = {
        [WT_BY_NOTHING] = "none", [WT_BY_TIMER] = "timer", [WT_BY_DUP_ACKS] = "duplicate-acks", [WT_BY_SACK] = "sack",
        [WT_BY_RACK] = "rack", [WT_BY_PARTIAL_ACK] = "partial-ack", [WT_BY_IP_ID] = "ip-id",
        [WT_BY_TIMESTAMPS] = "timestamps", [WT_BY_ORDER] = "order", [WT_BY_ICMP] = "icmp",
    };
    return NAME(names, evidence);
}

const char *wt_proof_name(enum wt_proof proof)
{
    static const char *const names[WT_PROOFS] = {
        [WT_PROOF_NONE] = "none", [WT_PROOF_ACKED] = "acknowledged-before", [WT_PROOF_SACKED] = "sacked-before",
        [WT_PROOF_DSACK] = "dsack", [WT_PROOF_EIFEL] = "eifel", [WT_PROOF_TOO_SOON] = "acknowledged-too-soon",
        [WT_PROOF_CAME_LATE] = "original-came-late",
    };
    return NAME(names, proof);
}

const char *wt_original_name(enum wt_original original)
{
    static const char *const names[WT_ORIGINALS] = {
        [WT_ORIGINAL_UNKNOWN] = "unknown", [WT_ORIGINAL_LOST_BEFORE] = "lost-before-capture",
        [WT_ORIGINAL_LOST_AFTER] = "lost-after-capture", [WT_ORIGINAL_ARRIVED] = "arrived",
    };
    return NAME(names, original);
}

const char *wt_sign_name(unsigned bit)
{
    static const char *const names[WT_SIGNS] = {
        "no-sack", "no-window-scaling", "no-timestamps", "no-mss", "mss-clamped", "timestamps-stripped", "sack-stripped",
        "icmp-too-big", "path-mtu-lowered", "black-hole",
    };
    return NAME(names, bit);
}

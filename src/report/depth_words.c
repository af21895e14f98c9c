#include "depth_words.h"

#include <string.h>

#include "ladder_texts.h"

enum {
    D_TIMEOUT, D_TIMEOUT_OF, D_TIMEOUT_ROW, D_AFTER_TIMEOUT, D_AFTER_TIMEOUT_OF, D_FAST, D_FAST_OF, D_RECOVERY, D_RECOVERY_OF,
    D_PROBE, D_PROBE_OF, D_PATH_MTU, D_FAST_OPEN, D_WINDOW_PROBE, D_UNKNOWN, D_UNKNOWN_OF, D_REORDERED, D_DUPLICATED,
    D_BY_DUP_ACKS, D_BY_DUP_ACK, D_BY_SACK, D_BY_RACK, D_BY_PARTIAL_ACK, D_BY_IP_ID, D_BY_TIMESTAMPS, D_BY_ORDER,
    D_LOST_BEFORE, D_LOST_AFTER, D_LOST_AFTER_SACK, D_ACKED, D_SACKED, D_DSACK, D_EIFEL, D_TOO_SOON, D_CAME_LATE, D_LIKELY, D_GUESS, D_PROVES,
    D_TEXTS
};

static const char *const texts[D_TEXTS] = {
    [D_TIMEOUT] = N_("retransmission by timeout"),
    [D_TIMEOUT_OF] = N_("retransmission of #%1 by timeout, %2 later"),
    [D_TIMEOUT_ROW] = N_("timeout %1 in a row, the timer doubles each time"),
    [D_AFTER_TIMEOUT] = N_("retransmission: the slow start after the timeout goes through what was in flight"),
    [D_AFTER_TIMEOUT_OF] = N_("retransmission of #%1, %2 later: the slow start after the timeout goes through what was in flight"),
    [D_FAST] = N_("fast retransmission"),
    [D_FAST_OF] = N_("fast retransmission of #%1, %2 later"),
    [D_RECOVERY] = N_("retransmission in the same recovery"),
    [D_RECOVERY_OF] = N_("retransmission of #%1, %2 later, in the same recovery"),
    [D_PROBE] = N_("tail loss probe: the last segment again, because no ACK came"),
    [D_PROBE_OF] = N_("tail loss probe: #%1 again, because no ACK came for %2"),
    [D_PATH_MTU] = N_("sent again in smaller pieces: ICMP said that it was too big"),
    [D_FAST_OPEN] = N_("the data of the SYN again: the server did not take it"),
    [D_WINDOW_PROBE] = N_("probes the closed window"),
    [D_UNKNOWN] = N_("retransmission"),
    [D_UNKNOWN_OF] = N_("retransmission of #%1, %2 later"),
    [D_REORDERED] = N_("not sent again: later data overtook it"),
    [D_DUPLICATED] = N_("not sent again: the same packet twice"),
    [D_BY_DUP_ACKS] = N_("%1 duplicate ACKs"),
    [D_BY_DUP_ACK] = N_("1 duplicate ACK"),
    [D_BY_SACK] = N_("SACK says that %1 above it have arrived"),
    [D_BY_RACK] = N_("data sent after it has arrived"),
    [D_BY_PARTIAL_ACK] = N_("the ACK stops at this hole"),
    [D_BY_IP_ID] = N_("IP identification tells"),
    [D_BY_TIMESTAMPS] = N_("time stamps tell"),
    [D_BY_ORDER] = N_("too soon for a retransmission"),
    [D_LOST_BEFORE] = N_("the original was lost before the capture point"),
    [D_LOST_AFTER] = N_("the original was lost after the capture point, because no ACK covered it"),
    [D_LOST_AFTER_SACK] = N_("the original was lost after the capture point, because no SACK covered it"),
    [D_ACKED] = N_("needless: #%1 had acknowledged it"),
    [D_SACKED] = N_("needless: SACK had covered it"),
    [D_DSACK] = N_("needless: the receiver got it twice (DSACK in #%1)"),
    [D_EIFEL] = N_("needless: #%1 answers the original (its time stamp echo is older than this)"),
    [D_TOO_SOON] = N_("needless: the ACK #%1 came sooner than anything can go there and back"),
    [D_CAME_LATE] = N_("needless: the original was only late, it came in #%1"),
    [D_LIKELY] = N_("probably"),
    [D_GUESS] = N_("perhaps"),
    [D_PROVES] = N_("shows that #%1 was needless"),
};

static void say(struct words *w, unsigned text, const char *one, const char *two)
{
    words_say_text(w, texts[text], one, two, NULL);
}

struct heading { uint8_t plain, of; };
static const struct heading headings[WT_CAUSES] = {
    [WT_CAUSE_NONE] = { D_UNKNOWN, D_UNKNOWN_OF }, [WT_CAUSE_TIMEOUT] = { D_TIMEOUT, D_TIMEOUT_OF },
    [WT_CAUSE_AFTER_TIMEOUT] = { D_AFTER_TIMEOUT, D_AFTER_TIMEOUT_OF }, [WT_CAUSE_FAST] = { D_FAST, D_FAST_OF },
    [WT_CAUSE_RECOVERY] = { D_RECOVERY, D_RECOVERY_OF }, [WT_CAUSE_TAIL_PROBE] = { D_PROBE, D_PROBE_OF },
    [WT_CAUSE_PATH_MTU] = { D_PATH_MTU, D_PATH_MTU }, [WT_CAUSE_FAST_OPEN] = { D_FAST_OPEN, D_FAST_OPEN },
    [WT_CAUSE_WINDOW_PROBE] = { D_WINDOW_PROBE, D_WINDOW_PROBE }, [WT_CAUSE_UNKNOWN] = { D_UNKNOWN, D_UNKNOWN_OF },
    [WT_CAUSE_REORDERED] = { D_REORDERED, D_REORDERED }, [WT_CAUSE_DUPLICATED] = { D_DUPLICATED, D_DUPLICATED },
};

static void say_evidence(struct words *w, const struct wt_repeat *r)
{
    static const uint8_t says[WT_EVIDENCES] = {
        [WT_BY_DUP_ACKS] = D_BY_DUP_ACKS, [WT_BY_SACK] = D_BY_SACK, [WT_BY_RACK] = D_BY_RACK,
        [WT_BY_PARTIAL_ACK] = D_BY_PARTIAL_ACK, [WT_BY_IP_ID] = D_BY_IP_ID, [WT_BY_TIMESTAMPS] = D_BY_TIMESTAMPS,
        [WT_BY_ORDER] = D_BY_ORDER,
    };
    unsigned text = r->evidence < WT_EVIDENCES ? says[r->evidence] : 0;
    bool network = r->cause == WT_CAUSE_REORDERED || r->cause == WT_CAUSE_DUPLICATED;
    bool recovery = r->cause == WT_CAUSE_FAST || r->cause == WT_CAUSE_RECOVERY;
    if (!text || (!network && !recovery))
        return;
    struct argument a;
    if (text == D_BY_DUP_ACKS && r->dup_acks == 1)
        text = D_BY_DUP_ACK;
    out_text(w->to, network ? " (" : ": ");
    say(w, text, text == D_BY_SACK ? words_bytes(&a, r->sacked_bytes) : words_count(&a, r->dup_acks), NULL);
    out_text(w->to, network ? ")" : "");
}

static void say_fate(struct words *w, const struct wt_repeat *r)
{
    static const uint8_t proofs[WT_PROOFS] = {
        [WT_PROOF_ACKED] = D_ACKED, [WT_PROOF_SACKED] = D_SACKED, [WT_PROOF_DSACK] = D_DSACK, [WT_PROOF_EIFEL] = D_EIFEL,
        [WT_PROOF_TOO_SOON] = D_TOO_SOON, [WT_PROOF_CAME_LATE] = D_CAME_LATE,
    };
    struct argument a;
    unsigned text = r->proof < WT_PROOFS ? proofs[r->proof] : 0;
    if (!text && r->original == WT_ORIGINAL_LOST_BEFORE)
        text = D_LOST_BEFORE;
    if (!text && r->original == WT_ORIGINAL_LOST_AFTER)
        text = r->sacked_bytes ? D_LOST_AFTER_SACK : D_LOST_AFTER;
    if (!text)
        return;
    out_text(w->to, "; ");
    say(w, text, words_plain(&a, r->proof_frame), NULL);
}

enum words_tone depth_words_repeat(struct words *w, const struct wt_repeat *r)
{
    struct argument a, b;
    const struct heading *h = &headings[r->cause < WT_CAUSES ? r->cause : WT_CAUSE_UNKNOWN];
    bool of = r->original_frame && r->wait_ns >= 0;
    if (r->sureness != WT_SURE && r->cause != WT_CAUSE_UNKNOWN) {
        say(w, r->sureness == WT_LIKELY ? D_LIKELY : D_GUESS, NULL, NULL);
        out_char(w->to, ' ');
    }
    say(w, of ? h->of : h->plain, words_plain(&a, r->original_frame), words_duration_text(w, &b, r->wait_ns));
    if (r->cause == WT_CAUSE_TIMEOUT && r->backoff > 1) {
        out_text(w->to, " (");
        say(w, D_TIMEOUT_ROW, words_plain(&a, r->backoff), NULL);
        out_char(w->to, ')');
    }
    say_evidence(w, r);
    if (r->cause < WT_CAUSE_REORDERED && r->cause != WT_CAUSE_WINDOW_PROBE)
        say_fate(w, r);
    return r->cause >= WT_CAUSE_REORDERED || r->cause == WT_CAUSE_WINDOW_PROBE ? WORDS_NOTE : WORDS_BAD;
}

void depth_words_proves(struct words *w, uint64_t frame)
{
    struct argument a;
    say(w, D_PROVES, words_plain(&a, frame), NULL);
}

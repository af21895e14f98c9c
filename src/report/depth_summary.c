/* The lines below a ladder: what the data of one side met. */
#include "depth_words.h"
#include "ladder_texts.h"

enum {
    S_REPEATS, S_REPEATS_ONE, S_TIMEOUT, S_AFTER_TIMEOUT, S_FAST, S_RECOVERY, S_PROBE, S_PATH_MTU, S_FAST_OPEN, S_WINDOW_PROBE,
    S_UNKNOWN, S_REORDERED, S_DUPLICATED, S_NEEDLESS, S_LOST_BEFORE, S_LOST_AFTER, S_WAITED, S_RTT, S_RTT_SPREAD, S_NEAR, S_PARTIAL,
    S_TEXTS
};

static const char *const texts[S_TEXTS] = {
    [S_REPEATS] = N_("data from the %1: %2 retransmissions"),
    [S_REPEATS_ONE] = N_("data from the %1: 1 retransmission"),
    [S_TIMEOUT] = N_("%1 by timeout"),
    [S_AFTER_TIMEOUT] = N_("%1 in the slow start after it"),
    [S_FAST] = N_("%1 fast"),
    [S_RECOVERY] = N_("%1 in the same recovery"),
    [S_PROBE] = N_("%1 tail loss probes"),
    [S_PATH_MTU] = N_("%1 for a smaller path MTU"),
    [S_FAST_OPEN] = N_("%1 of data in the SYN"),
    [S_WINDOW_PROBE] = N_("%1 probes of a closed window"),
    [S_UNKNOWN] = N_("%1 that nothing explains"),
    [S_REORDERED] = N_("%1 overtaken"),
    [S_DUPLICATED] = N_("%1 twice by the network"),
    [S_NEEDLESS] = N_("%1 of them needless"),
    [S_LOST_BEFORE] = N_("%1 originals lost before the capture point"),
    [S_LOST_AFTER] = N_("%1 originals lost after it"),
    [S_WAITED] = N_("%1 spent waiting for timers"),
    [S_RTT] = N_("data from the %1: round trip from here to the other end %2 at least, %3 smoothed"),
    [S_RTT_SPREAD] = N_("half below %1, 90 % below %2, 99 % below %3"),
    [S_NEAR] = N_("the %1 is %2 from here and back"),
    [S_PARTIAL] = N_("the analysis is incomplete: a limit cut it"),
};

static void say(struct words *w, unsigned text, const char *one, const char *two, const char *three)
{
    words_say_text(w, texts[text], one, two, three);
}

static void list(struct words *w, bool *begun, const char *first, unsigned text, uint64_t n)
{
    struct argument a;
    if (!n)
        return;
    out_text(w->to, *begun ? ", " : first);
    *begun = true;
    say(w, text, words_count(&a, n), NULL, NULL);
}

static bool say_repeats(struct words *w, const struct wt_direction *d, unsigned side)
{
    static const struct { enum wt_cause cause; unsigned text; } kinds[] = {
        { WT_CAUSE_TIMEOUT, S_TIMEOUT }, { WT_CAUSE_AFTER_TIMEOUT, S_AFTER_TIMEOUT }, { WT_CAUSE_FAST, S_FAST },
        { WT_CAUSE_RECOVERY, S_RECOVERY }, { WT_CAUSE_TAIL_PROBE, S_PROBE }, { WT_CAUSE_PATH_MTU, S_PATH_MTU },
        { WT_CAUSE_FAST_OPEN, S_FAST_OPEN }, { WT_CAUSE_UNKNOWN, S_UNKNOWN },
    };
    uint32_t network = d->repeats[WT_CAUSE_REORDERED] + d->repeats[WT_CAUSE_DUPLICATED] + d->repeats[WT_CAUSE_WINDOW_PROBE];
    if (!d->retransmitted_segments && !network)
        return false;
    struct argument a;
    bool one = d->retransmitted_segments == 1, begun = false;
    say(w, one ? S_REPEATS_ONE : S_REPEATS, words_side(side), words_count(&a, d->retransmitted_segments), NULL);
    for (unsigned i = 0; i < sizeof kinds / sizeof kinds[0]; i++)
        list(w, &begun, " (", kinds[i].text, d->repeats[kinds[i].cause]);
    out_text(w->to, begun ? ")" : "");
    begun = true;
    list(w, &begun, "", S_NEEDLESS, d->spurious);
    list(w, &begun, "", S_LOST_BEFORE, d->lost_before);
    list(w, &begun, "", S_LOST_AFTER, d->lost_after);
    if (d->timeout_ns) {
        out_text(w->to, ", ");
        say(w, S_WAITED, words_duration_text(w, &a, d->timeout_ns), NULL, NULL);
    }
    list(w, &begun, "", S_REORDERED, d->repeats[WT_CAUSE_REORDERED]);
    list(w, &begun, "", S_DUPLICATED, d->repeats[WT_CAUSE_DUPLICATED]);
    list(w, &begun, "", S_WINDOW_PROBE, d->repeats[WT_CAUSE_WINDOW_PROBE]);
    return true;
}

static bool say_rtt(struct words *w, const struct wt_direction *d, unsigned side)
{
    struct argument a, b, c;
    const struct wt_rtt *r = &d->rtt;
    if (!r->samples)
        return false;
    say(w, S_RTT, words_side(side), words_duration_text(w, &a, r->min_ns), words_duration_text(w, &b, r->smoothed_ns));
    if (r->samples >= 10) {
        out_text(w->to, ", ");
        say(w, S_RTT_SPREAD, words_duration_text(w, &a, r->p50_ns), words_duration_text(w, &b, r->p90_ns),
            words_duration_text(w, &c, r->p99_ns));
    }
    if (d->near_rtt_ns >= 0) {
        out_text(w->to, "; ");
        say(w, S_NEAR, words_side(side), words_duration_text(w, &a, d->near_rtt_ns), NULL);
    }
    return true;
}

static bool say_partial(struct words *w, const struct wt_analysis *a, unsigned side)
{
    if (!a->partial || side)
        return false;
    say(w, S_PARTIAL, NULL, NULL, NULL);
    return true;
}

bool depth_words_summary(struct words *w, const struct wt_analysis *a, unsigned side, unsigned index)
{
    const struct wt_direction *d = &a->side[side];
    for (unsigned topic = 0; topic < 3; topic++) {
        size_t before = w->to->len;
        bool said = topic == 0 ? say_rtt(w, d, side) : topic == 1 ? say_repeats(w, d, side) : say_partial(w, a, side);
        if (!said)
            continue;
        if (index-- == 0)
            return true;
        w->to->len = before;
    }
    return false;
}

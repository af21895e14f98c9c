/* The lines below a ladder: what the data of one side met. */
#include "depth_words.h"
#include "ladder_texts.h"
#include "text_units.h"

enum {
    S_REPEATS, S_REPEATS_ONE, S_TIMEOUT, S_AFTER_TIMEOUT, S_FAST, S_RECOVERY, S_PROBE, S_PATH_MTU, S_FAST_OPEN, S_WINDOW_PROBE,
    S_UNKNOWN, S_REORDERED, S_DUPLICATED, S_NEEDLESS, S_LOST_BEFORE, S_LOST_AFTER, S_WAITED, S_RTT, S_RTT_SPREAD, S_NEAR, S_PARTIAL,
    S_WAITED_FOR, S_IDLE_END, S_DELIVERED, S_FLIGHT, S_CWND, S_SLOW_START_LOSS, S_SLOW_START_FLAT, S_SLOW_START_MARKED, S_GREW,
    S_LIMITED, S_BY_RECEIVER, S_BY_SENDER, S_BY_NETWORK, S_BY_NOBODY, S_ZERO_WINDOW, S_HOLES, S_HOLE, S_ECN, S_ECE, S_CWR,
    S_SIGNS, S_TTL, S_FRAGMENTS, S_ICMP, S_LOST_AT_RESET, S_LATE,
    S_TEXTS
};

static const char *const texts[S_TEXTS] = {
    [S_REPEATS] = N_("data from the %1: %2 retransmissions"),
    [S_REPEATS_ONE] = N_("data from the %1: 1 retransmission"),
    [S_TIMEOUT] = N_("%1 by timeout"),
    [S_AFTER_TIMEOUT] = N_("%1 in the slow start after it"),
    [S_FAST] = N_("%1 fast"),
    [S_RECOVERY] = N_("%1 in the same recovery"),
    [S_PROBE] = N_("%1 by tail loss probe"),
    [S_PATH_MTU] = N_("%1 for a smaller path MTU"),
    [S_FAST_OPEN] = N_("%1 of data in the SYN"),
    [S_WINDOW_PROBE] = N_("probes of a closed window: %1"),
    [S_UNKNOWN] = N_("%1 that nothing explains"),
    [S_REORDERED] = N_("%1 overtaken"),
    [S_DUPLICATED] = N_("%1 twice by the network"),
    [S_NEEDLESS] = N_("%1 of them needless"),
    [S_LOST_BEFORE] = N_("originals lost before the capture point: %1"),
    [S_LOST_AFTER] = N_("originals lost after the capture point: %1"),
    [S_WAITED] = N_("%1 spent waiting for timers"),
    [S_RTT] = N_("data from the %1: round trip from here to the other end %2 at least, %3 smoothed"),
    [S_RTT_SPREAD] = N_("half below %1, 90 % below %2, 99 % below %3"),
    [S_NEAR] = N_("the %1 is %2 from here and back"),
    [S_WAITED_FOR] = N_("the connection waited %1 for the client, %2 for the server, %3 for the network"),
    [S_IDLE_END] = N_("for nobody at its end: %1"),
    [S_DELIVERED] = N_("data from the %1: %2 delivered, %3"),
    [S_FLIGHT] = N_("at most %1 in flight"),
    [S_CWND] = N_("congestion window about %1 in the end"),
    [S_SLOW_START_LOSS] = N_("slow start ended after %1 by a loss, with %2 in flight"),
    [S_SLOW_START_FLAT] = N_("slow start ended after %1 without a loss, with %2 in flight"),
    [S_SLOW_START_MARKED] = N_("slow start ended after %1 by a congestion mark, with %2 in flight"),
    [S_GREW] = N_("it grew to %1 while data waited in queues"),
    [S_LIMITED] = N_("data from the %1 was held up"),
    [S_BY_RECEIVER] = N_("%1 by the receiver's window"),
    [S_BY_SENDER] = N_("%1 by the sender itself"),
    [S_BY_NETWORK] = N_("%1 by the network"),
    [S_BY_NOBODY] = N_("%1 with nothing to send"),
    [S_ZERO_WINDOW] = N_("the window was closed for %1"),
    [S_HOLES] = N_("data from the %1: %2 holes kept later data from the application for %3 in all"),
    [S_HOLE] = N_("the longest for %1 from #%2 on"),
    [S_ECN] = N_("data from the %1: %2 packets marked for congestion (CE)"),
    [S_ECE] = N_("%1 echoes (ECE)"),
    [S_CWR] = N_("%1 answers to them (CWR)"),
    [S_SIGNS] = N_("data from the %1: "),
    [S_TTL] = N_("packets from the %1: the TTL changed %2 times"),
    [S_FRAGMENTS] = N_("packets from the %1: %2 came in fragments"),
    [S_ICMP] = N_("packets from the %1: %2 answered by ICMP errors"),
    [S_LOST_AT_RESET] = N_("data from the %1: %2 not acknowledged when the reset came, and perhaps lost"),
    [S_LATE] = N_("packets from the %1: %2 arrived in TIME-WAIT"),
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
    if (!r->samples || !d->sent_bytes)
        return false;
    say(w, S_RTT, words_side(side), words_duration_text(w, &a, r->min_ns), words_duration_text(w, &b, r->smoothed_ns));
    if (r->samples >= 10) {
        out_text(w->to, ", ");
        say(w, S_RTT_SPREAD, words_duration_text(w, &a, r->p50_ns), words_duration_text(w, &b, r->p90_ns),
            words_duration_text(w, &c, r->p99_ns));
    }
    if (r->p50_ns > 2 * r->min_ns && d->receiver_ns < d->network_ns && r->smoothed_most_ns > r->min_ns + 5000000) {      /* bufferbloat */
        out_text(w->to, ", ");
        say(w, S_GREW, words_duration_text(w, &a, r->smoothed_most_ns), NULL, NULL);
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

static void say_duration(struct words *w, bool *begun, const char *first, unsigned text, int64_t ns)
{
    struct argument a;
    if (ns <= 0)
        return;
    out_text(w->to, *begun ? ", " : first);
    *begun = true;
    say(w, text, words_duration_text(w, &a, ns), NULL, NULL);
}

static bool say_waited(struct words *w, const struct wt_analysis *a)
{
    struct argument b, c, d;
    if (a->waited_ns[0] + a->waited_ns[1] + a->network_ns <= 0)
        return false;
    say(w, S_WAITED_FOR, words_duration_text(w, &b, a->waited_ns[0]), words_duration_text(w, &c, a->waited_ns[1]),
        words_duration_text(w, &d, a->network_ns));
    bool begun = true;
    say_duration(w, &begun, "", S_IDLE_END, a->idle_ns);
    return true;
}

static bool say_delivered(struct words *w, const struct wt_direction *d, unsigned side)
{
    static const uint8_t ends[] = { 0, S_SLOW_START_LOSS, S_SLOW_START_FLAT, S_SLOW_START_MARKED };
    struct argument a, b;
    char text[48] = "";
    struct wt_text rate = { text, sizeof text, 0, false };
    if (d->sent_bytes <= d->largest_segment)
        return false;
    units_bits_per_second(&rate, d->transfer_ns > 0 ? (double)d->delivered_bytes * 8e9 / (double)d->transfer_ns : 0);
    say(w, S_DELIVERED, words_side(side), words_bytes(&a, d->delivered_bytes), text);
    if (d->far)
        return true;
    out_text(w->to, "; ");
    say(w, S_FLIGHT, words_bytes(&a, d->flight_most), NULL, NULL);
    if (d->cwnd_estimate >= 4 * (uint64_t)d->largest_segment && d->network_ns > d->receiver_ns + d->sender_ns) {
        out_text(w->to, ", ");
        say(w, S_CWND, words_bytes(&a, d->cwnd_estimate), NULL, NULL);
    }
    if (d->slow_start_end && d->slow_start_end < sizeof ends) {
        out_text(w->to, "; ");
        say(w, ends[d->slow_start_end], words_duration_text(w, &a, d->slow_start_ns), words_bytes(&b, d->slow_start_bytes), NULL);
    }
    return true;
}

static bool say_limited(struct words *w, const struct wt_direction *d, unsigned side)
{
    int64_t whole = d->receiver_ns + d->sender_ns + d->network_ns, least = whole / 1000;
    bool little = d->sent_bytes <= d->largest_segment && d->receiver_ns + d->sender_ns < 1000000;
    if (!d->sent_bytes || whole <= 0 || little)
        return false;
    bool begun = false;
    say(w, S_LIMITED, words_side(side), NULL, NULL);
    say_duration(w, &begun, " ", S_BY_RECEIVER, d->receiver_ns > least ? d->receiver_ns : 0);
    say_duration(w, &begun, " ", S_BY_SENDER, d->sender_ns > least ? d->sender_ns : 0);
    say_duration(w, &begun, " ", S_BY_NETWORK, d->network_ns);
    say_duration(w, &begun, " ", S_BY_NOBODY, d->idle_ns);
    if (d->zero_window_ns) {
        out_char(w->to, ';');
        begun = false;
        say_duration(w, &begun, " ", S_ZERO_WINDOW, d->zero_window_ns);
    }
    return true;
}

static bool say_holes(struct words *w, const struct wt_direction *d, unsigned side)
{
    struct argument a, b;
    if (!d->holes)
        return false;
    say(w, S_HOLES, words_side(side), words_count(&a, d->holes), words_duration_text(w, &b, d->blocked_ns));
    out_text(w->to, ", ");
    say(w, S_HOLE, words_duration_text(w, &a, d->blocked_longest_ns), words_plain(&b, d->blocked_longest_frame), NULL);
    return true;
}

static bool say_marks(struct words *w, const struct wt_direction *d, unsigned side)
{
    struct argument a;
    bool begun = true;
    if (!d->ce && !d->ece)
        return false;
    say(w, S_ECN, words_side(side), words_count(&a, d->ce), NULL);
    list(w, &begun, "", S_ECE, d->ece);
    list(w, &begun, "", S_CWR, d->cwr);
    return true;
}

static bool say_signs(struct words *w, const struct wt_direction *d, unsigned side)
{
    static const char *const signs[WT_SIGNS] = {
        N_("SACK was not agreed upon: one loss a round trip can be repaired"),
        N_("window scaling was not agreed upon: 64 kB a round trip at most"),
        N_("time stamps were not agreed upon"),
        N_("no MSS was announced: 536 bytes by rule"),
        N_("its MSS is that of no usual link: probably lowered on the way"),
        N_("time stamps were agreed upon, and are not there: taken away on the way"),
        N_("SACK was agreed upon, and its blocks are not there: taken away on the way"),
        N_("ICMP said that its packets are too big for the path"),
        N_("sent in smaller pieces after that"),
        N_("large segments are never answered: a black hole for them, because ICMP is blocked"),
    };
    uint32_t shown = side && d->sent_bytes == 0 ? 0 : d->signs;
    if (side)
        shown &= ~(uint32_t)(WT_SIGN_NO_SACK | WT_SIGN_NO_SCALE | WT_SIGN_NO_STAMPS);      /* of both: said once */
    if (!shown)
        return false;
    say(w, S_SIGNS, words_side(side), NULL, NULL);
    const char *between = "";
    for (unsigned bit = 0; bit < WT_SIGNS; bit++) {
        if (!(shown >> bit & 1u))
            continue;
        out_text(w->to, between);
        words_say_text(w, signs[bit], NULL, NULL, NULL);
        between = "; ";
    }
    return true;
}

static bool say_path(struct words *w, const struct wt_direction *d, unsigned side)
{
    const struct { uint64_t n; unsigned text; } parts[] = {
        { d->ttl_changes, S_TTL }, { d->fragmented, S_FRAGMENTS }, { d->icmp_errors, S_ICMP }, { d->late_segments, S_LATE },
    };
    struct argument a;
    bool any = false;
    for (unsigned i = 0; i < sizeof parts / sizeof parts[0]; i++) {
        if (!parts[i].n)
            continue;
        out_text(w->to, any ? "; " : "");
        say(w, parts[i].text, words_side(side), words_count(&a, parts[i].n), NULL);
        any = true;
    }
    if (d->lost_at_reset) {
        out_text(w->to, any ? "; " : "");
        say(w, S_LOST_AT_RESET, words_side(side), words_bytes(&a, d->lost_at_reset), NULL);
        any = true;
    }
    return any;
}

bool depth_words_summary(struct words *w, const struct wt_analysis *a, unsigned side, unsigned index, enum depth_topic *ret_topic)
{
    static bool (*const topics[DEPTH_TOPICS])(struct words *, const struct wt_direction *, unsigned) = {
        [DEPTH_DELIVERED] = say_delivered, [DEPTH_LIMITED] = say_limited, [DEPTH_RTT] = say_rtt, [DEPTH_REPEATS] = say_repeats,
        [DEPTH_HOLES] = say_holes, [DEPTH_MARKS] = say_marks, [DEPTH_SIGNS] = say_signs, [DEPTH_PATH] = say_path,
    };
    for (unsigned i = 0; i < DEPTH_TOPICS; i++) {
        size_t before = w->to->len;
        bool said = topics[i] ? topics[i](w, &a->side[side], side)
            : i == DEPTH_WAITED ? side == 0 && say_waited(w, a) : say_partial(w, a, side);
        if (!said)
            continue;
        *ret_topic = (enum depth_topic)i;
        if (index-- == 0)
            return true;
        w->to->len = before;
    }
    return false;
}

#include "ladder_words.h"

#include <string.h>

#include "text_units.h"
#include "wiretale/dissector.h"

enum word {
    W_CLIENT, W_SERVER, W_OPENS, W_OPENS_AGAIN, W_ACCEPTS, W_ACCEPTS_AGAIN, W_SIMULTANEOUS, W_FAST_OPEN, W_HANDSHAKE,
    W_HANDSHAKE_NO_RTT, W_FIRST_DATA, W_RETRANSMIT, W_RETRANSMIT_OF, W_FAST, W_FAST_OF, W_SPURIOUS, W_SPURIOUS_OF,
    W_OUT_OF_ORDER, W_GAP, W_ACKED_UNSEEN, W_DUP_ACK, W_DUP_ACKS, W_KEEP_ALIVE, W_KEEP_ALIVE_ACK, W_ZERO_WINDOW,
    W_WINDOW_UPDATE, W_ZERO_PROBE, W_WINDOW_FULL, W_FIRST_FIN, W_SECOND_FIN, W_FIN_AGAIN, W_FIN_ACKED, W_TIME_WAIT,
    W_IN_TIME_WAIT, W_RESET, W_RESET_SYN, W_RESET_FIN, W_RESET_DATA, W_RESET_ACK, W_RST_IGNORED, W_REFUSED, W_REUSE,
    W_CLOSED, W_MIDSTREAM, W_BAD_CHECKSUM, W_ICMP, W_NO_ANSWER,
    W_F_SEGMENTS, W_F_SEGMENT, W_F_DATAGRAMS, W_F_RETRANSMITTED, W_F_OUT_OF_ORDER, W_F_DUP_ACKS, W_F_ZERO_WINDOWS,
    W_F_KEEP_ALIVES, W_F_GAPS, W_F_CHECKSUMS, W_F_MESSAGES, W_F_LIMIT,
    W_O_OPEN, W_O_CLOSED, W_O_HALF_CLOSED, W_O_RESET, W_O_REFUSED, W_O_UNREACHABLE, W_O_UNANSWERED, W_O_UNANSWERED_ONE,
    W_O_HALF_OPEN, W_O_ABANDONED, W_O_ANSWERED, W_O_ONE_WAY, W_O_SILENT, W_FOUR_WAY, W_THREE_SEGMENT, W_TOGETHER,
    W_RTT, W_RTT_PARTS, W_SENT, W_SENT_ONE, W_SENT_UDP, W_SENT_UDP_ONE, W_SENT_NOTHING, W_REPEATED, W_LOST,
    W_R_MIDSTREAM, W_R_GUESSED, W_R_RESUMED, W_R_MISSED, W_R_REUSED, W_R_SIMULTANEOUS, W_R_FAST_OPEN, W_R_ONE_SIDED,
    W_R_PARTIAL, W_R_MPTCP, W_R_SYN_ACK_FIRST, W_R_TCP_SYN_RETRY,
    W_TW_HOLDS, W_TW_BOTH, W_TW_ENDS, W_TW_ENDS_REUSED, W_TW_ENDS_CAPTURE, W_GIVEN_UP, W_GIVEN_UP_MIDDLE, WORDS
};

/* %1, %2, %3 stand for what is put in; a translation may change their order. */
static const char *const texts[WORDS] = {
    [W_CLIENT] = N_("client"),
    [W_SERVER] = N_("server"),
    [W_OPENS] = N_("%1 asks to connect"),
    [W_OPENS_AGAIN] = N_("SYN again, %1 after the first (retry %2)"),
    [W_ACCEPTS] = N_("%1 accepts"),
    [W_ACCEPTS_AGAIN] = N_("SYN ACK again (retry %1)"),
    [W_SIMULTANEOUS] = N_("both ends open at once"),
    [W_FAST_OPEN] = N_("data with the SYN (Fast Open)"),
    [W_HANDSHAKE] = N_("handshake complete, RTT %1"),
    [W_HANDSHAKE_NO_RTT] = N_("handshake complete"),
    [W_FIRST_DATA] = N_("first data from the %1"),
    [W_RETRANSMIT] = N_("retransmission"),
    [W_RETRANSMIT_OF] = N_("retransmission of #%1, %2 later"),
    [W_FAST] = N_("fast retransmission"),
    [W_FAST_OF] = N_("fast retransmission of #%1, %2 later"),
    [W_SPURIOUS] = N_("needless retransmission: acknowledged before"),
    [W_SPURIOUS_OF] = N_("needless retransmission of #%1, %2 later: acknowledged before"),
    [W_OUT_OF_ORDER] = N_("out of order: later data overtook it"),
    [W_GAP] = N_("data before it has not been seen"),
    [W_ACKED_UNSEEN] = N_("acknowledges data that was not captured"),
    [W_DUP_ACK] = N_("duplicate ACK %1 of #%2"),
    [W_DUP_ACKS] = N_("duplicate ACKs %1 to %2 of #%3"),
    [W_KEEP_ALIVE] = N_("keep-alive: still there?"),
    [W_KEEP_ALIVE_ACK] = N_("keep-alive answered"),
    [W_ZERO_WINDOW] = N_("window closed (0): the %1 can take no more"),
    [W_WINDOW_UPDATE] = N_("window open: the %1 can take %2"),
    [W_ZERO_PROBE] = N_("probes the closed window"),
    [W_WINDOW_FULL] = N_("fills the window of the %1"),
    [W_FIRST_FIN] = N_("first FIN: %1 closes"),
    [W_SECOND_FIN] = N_("second FIN: %1 closes too"),
    [W_FIN_AGAIN] = N_("FIN again"),
    [W_FIN_ACKED] = N_("FIN of the %1 acknowledged"),
    [W_TIME_WAIT] = N_("%1 enters TIME-WAIT until %2 (2 MSL = %3 s, by rule)"),
    [W_IN_TIME_WAIT] = N_("late segment arrives in TIME-WAIT"),
    [W_RESET] = N_("reset by %1"),
    [W_RESET_SYN] = N_("reset by %1 in answer to the SYN"),
    [W_RESET_FIN] = N_("reset by %1 in answer to the FIN"),
    [W_RESET_DATA] = N_("reset by %1 in answer to data"),
    [W_RESET_ACK] = N_("reset by %1 in answer to an ACK"),
    [W_RST_IGNORED] = N_("RST outside the window: ignored (RFC 5961)"),
    [W_REFUSED] = N_("refused by %1"),
    [W_REUSE] = N_("port used again during TIME-WAIT (RFC 6191)"),
    [W_CLOSED] = N_("both ends closed"),
    [W_MIDSTREAM] = N_("the capture begins inside this connection: states are inferred"),
    [W_BAD_CHECKSUM] = N_("bad checksum"),
    [W_ICMP] = N_("ICMP error about this connection"),
    [W_NO_ANSWER] = N_("no answer"),
    [W_F_SEGMENTS] = N_("%1 segments"),
    [W_F_SEGMENT] = N_("1 segment"),
    [W_F_DATAGRAMS] = N_("%1 datagrams"),
    [W_F_RETRANSMITTED] = N_("%1 retransmitted"),
    [W_F_OUT_OF_ORDER] = N_("%1 out of order"),
    [W_F_DUP_ACKS] = N_("%1 duplicate ACKs"),
    [W_F_ZERO_WINDOWS] = N_("%1 closed windows"),
    [W_F_KEEP_ALIVES] = N_("%1 keep-alives"),
    [W_F_GAPS] = N_("%1 gaps"),
    [W_F_CHECKSUMS] = N_("%1 bad checksums"),
    [W_F_MESSAGES] = N_("%1 messages"),
    [W_F_LIMIT] = N_("folded by max-ladder-lines"),
    [W_O_OPEN] = N_("still open after %1, when the capture ended"),
    [W_O_CLOSED] = N_("closed after %1"),
    [W_O_HALF_CLOSED] = N_("half closed after %1: only the %2 has closed"),
    [W_O_RESET] = N_("reset by the %1 after %2"),
    [W_O_REFUSED] = N_("refused by the %1 after %2"),
    [W_O_UNREACHABLE] = N_("unreachable: an ICMP error came after %1"),
    [W_O_UNANSWERED] = N_("unanswered: %1 attempts in %2"),
    [W_O_UNANSWERED_ONE] = N_("unanswered"),
    [W_O_HALF_OPEN] = N_("half open: the SYN ACK was never acknowledged"),
    [W_O_ABANDONED] = N_("abandoned by the %1 before an answer came"),
    [W_O_ANSWERED] = N_("both ends spoke, for %1"),
    [W_O_ONE_WAY] = N_("one way: only the %1 was seen, for %2"),
    [W_O_SILENT] = N_("only one packet"),
    [W_FOUR_WAY] = N_("the %1 first"),
    [W_THREE_SEGMENT] = N_("the %1 first, in three segments"),
    [W_TOGETHER] = N_("both ends at once"),
    [W_RTT] = N_("handshake RTT %1"),
    [W_RTT_PARTS] = N_("handshake RTT %1 (to the server and back %2, to the client and back %3)"),
    [W_SENT] = N_("%1 sent %2 in %3 segments"),
    [W_SENT_ONE] = N_("%1 sent %2 in 1 segment"),
    [W_SENT_UDP] = N_("%1 sent %2 in %3 datagrams"),
    [W_SENT_UDP_ONE] = N_("%1 sent %2 in 1 datagram"),
    [W_SENT_NOTHING] = N_("%1 sent nothing"),
    [W_REPEATED] = N_("%1 retransmitted"),
    [W_LOST] = N_("%1 not captured"),
    [W_R_MIDSTREAM] = N_("captured from the middle: no SYN was seen, and states are inferred"),
    [W_R_GUESSED] = N_("who opened it was guessed, not seen"),
    [W_R_RESUMED] = N_("a limit had ended an earlier record of it"),
    [W_R_MISSED] = N_("the capture lost packets while it was open"),
    [W_R_REUSED] = N_("the addresses and ports of an earlier connection, used again"),
    [W_R_SIMULTANEOUS] = N_("both ends opened at once (simultaneous open)"),
    [W_R_FAST_OPEN] = N_("opened with data in the SYN (TCP Fast Open)"),
    [W_R_ONE_SIDED] = N_("only one direction was captured"),
    [W_R_PARTIAL] = N_("a limit cut its analysis short"),
    [W_R_MPTCP] = N_("a subflow of Multipath TCP"),
    [W_R_SYN_ACK_FIRST] = N_("the SYN was not captured, the SYN ACK was"),
    [W_R_TCP_SYN_RETRY] = N_("the SYN had to be sent %1 times; the first stood %2 before the one that was answered"),
    [W_TW_HOLDS] = N_("the %1 holds TIME-WAIT until %2 (2 MSL = %3 s, by rule)"),
    [W_TW_BOTH] = N_("both ends hold TIME-WAIT until %2 (2 MSL = %3 s, by rule)"),
    [W_TW_ENDS] = N_("TIME-WAIT ends: %1 after the last segment (by rule; nothing on the wire marks it)"),
    [W_TW_ENDS_REUSED] = N_("TIME-WAIT ends early, after %1: the port is used again"),
    [W_TW_ENDS_CAPTURE] = N_("the capture ends here, in TIME-WAIT; by rule it lasts until %1"),
    [W_GIVEN_UP] = N_("its lines were dropped to stay within max-ladder-bytes"),
    [W_GIVEN_UP_MIDDLE] = N_("its middle was folded to stay within max-ladder-bytes or max-ladder-lines"),
};

/* The place of gettext. */
static const char *translated(const char *text)
{
    return text;
}

/* ---- putting sentences together ---- */

struct argument {
    char text[64];
};

static void say(struct words *w, enum word word, const char *one, const char *two, const char *three)
{
    const char *const arguments[] = { one, two, three };
    for (const char *p = translated(texts[word]); *p; p++) {
        if (p[0] == '%' && p[1] >= '1' && p[1] <= '3') {
            const char *argument = arguments[*++p - '1'];
            out_text(w->to, argument ? argument : "");
        } else {
            out_char(w->to, *p);
        }
    }
}

static const char *duration(const struct words *w, struct argument *a, int64_t ns)
{
    struct wt_text t = { a->text, sizeof a->text, 0, false };
    a->text[0] = '\0';
    (w->utf8 ? units_duration : units_duration_ascii)(&t, ns);
    return a->text;
}

static const char *count(struct argument *a, uint64_t n)
{
    struct wt_text t = { a->text, sizeof a->text, 0, false };
    a->text[0] = '\0';
    units_count(&t, n);
    return a->text;
}

static const char *plain(struct argument *a, uint64_t n)
{
    struct wt_text t = { a->text, sizeof a->text, 0, false };
    a->text[0] = '\0';
    wt_text_add(&t, "%llu", (unsigned long long)n);
    return a->text;
}

static const char *bytes(struct argument *a, uint64_t n)
{
    struct wt_text t = { a->text, sizeof a->text, 0, false };
    a->text[0] = '\0';
    units_bytes(&t, n);
    return a->text;
}

static const char *clock_time(const struct words *w, struct argument *a, int64_t time_ns, int64_t seen_from)
{
    struct out o = out_fixed(a->text, sizeof a->text - 1);
    int64_t day = INT64_C(86400000000000);
    value_time_of_day(&o, w->clock, time_ns, time_ns - seen_from >= day ? 1 : 0, 0);
    a->text[o.len] = '\0';
    return a->text;
}

static const char *side_name(unsigned side)
{
    return translated(texts[side ? W_SERVER : W_CLIENT]);
}

void words_duration(struct words *w, int64_t ns)
{
    struct argument a;
    out_text(w->to, duration(w, &a, ns));
}

void words_flags(uint16_t flags, char text[48])
{
    /* In the order of Wireshark's. */
    static const struct { uint16_t flag; const char *name; } names[] = {
        { WT_FLAG_FIN, "FIN" }, { WT_FLAG_SYN, "SYN" }, { WT_FLAG_RST, "RST" }, { WT_FLAG_PSH, "PSH" },
        { WT_FLAG_ACK, "ACK" }, { WT_FLAG_URG, "URG" }, { WT_FLAG_ECE, "ECE" }, { WT_FLAG_CWR, "CWR" },
        { WT_FLAG_AE, "AE" },
    };
    size_t len = 0;
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        if (!(flags & names[i].flag))
            continue;
        if (len)
            text[len++] = ' ';
        size_t n = strlen(names[i].name);
        memcpy(text + len, names[i].name, n);
        len += n;
    }
    text[len] = '\0';
}

const char *words_did_name(unsigned bit)
{
    static const char *const names[] = {
        "syn", "syn-retry", "syn-ack", "handshake", "data", "retransmission", "out-of-order", "gap-before",
        "acked-unseen", "duplicate-ack", "keep-alive", "keep-alive-ack", "zero-window", "window-update",
        "zero-window-probe", "window-full", "fin", "fin-repeated", "fin-acked", "rst", "rst-ignored", "refuse",
        "time-wait", "in-time-wait", "reuse", "closed", "simultaneous", "icmp-error", "fast-retransmission",
        "spurious-retransmission", "bad-checksum", "midstream",
    };
    return bit < sizeof names / sizeof names[0] ? names[bit] : NULL;
}

/* ---- a line ---- */

struct phrases {
    struct words *w;
    enum words_tone tone;
    size_t begun;         /* length of the text before the first phrase */
};

static struct words *phrase(struct phrases *p, enum words_tone tone)
{
    if (p->w->to->len > p->begun)
        out_text(p->w->to, "; ");
    if (tone > p->tone)
        p->tone = tone;
    return p->w;
}

static void say_opening(struct phrases *p, const struct ladder_line *line)
{
    struct argument a, b;
    uint64_t did = line->did;
    bool again = did & WT_DID_SYN_RETRY || (line->count && !(did & WT_DID_REUSE));
    if (did & WT_DID_SYN_ACK)
        did &= ~(WT_DID_SYN | WT_DID_SYN_RETRY);
    if (did & (WT_DID_SYN | WT_DID_SYN_RETRY) && again && line->span_ns >= 0)
        say(phrase(p, WORDS_BAD), W_OPENS_AGAIN, duration(p->w, &a, line->span_ns), plain(&b, line->count), NULL);
    else if (did & (WT_DID_SYN | WT_DID_SYN_RETRY))
        say(phrase(p, WORDS_PLAIN), W_OPENS, side_name(line->side), NULL, NULL);
    if (did & WT_DID_SYN_ACK && line->count)
        say(phrase(p, WORDS_NOTE), W_ACCEPTS_AGAIN, plain(&a, line->count), NULL, NULL);
    else if (did & WT_DID_SYN_ACK)
        say(phrase(p, WORDS_PLAIN), W_ACCEPTS, side_name(line->side), NULL, NULL);
    if (did & WT_DID_SIMULTANEOUS && line->flags & WT_FLAG_SYN)
        say(phrase(p, WORDS_NOTE), W_SIMULTANEOUS, NULL, NULL, NULL);
    if (line->flags & WT_FLAG_SYN && line->len)
        say(phrase(p, WORDS_PLAIN), W_FAST_OPEN, NULL, NULL, NULL);
    if (did & WT_DID_REUSE)
        say(phrase(p, WORDS_NOTE), W_REUSE, NULL, NULL, NULL);
    if (did & WT_DID_MIDSTREAM)
        say(phrase(p, WORDS_NOTE), W_MIDSTREAM, NULL, NULL, NULL);
    if (did & WT_DID_HANDSHAKE && line->span_ns >= 0)
        say(phrase(p, WORDS_GOOD), W_HANDSHAKE, duration(p->w, &a, line->span_ns), NULL, NULL);
    else if (did & WT_DID_HANDSHAKE)
        say(phrase(p, WORDS_GOOD), W_HANDSHAKE_NO_RTT, NULL, NULL, NULL);
}

static void say_repeat(struct phrases *p, const struct ladder_line *line)
{
    uint64_t did = line->did;
    enum word with = W_RETRANSMIT_OF, without = W_RETRANSMIT;
    if (did & WT_DID_SPURIOUS) {
        with = W_SPURIOUS_OF;
        without = W_SPURIOUS;
    } else if (did & WT_DID_FAST_RETRANSMIT) {
        with = W_FAST_OF;
        without = W_FAST;
    } else if (did & WT_DID_OUT_OF_ORDER) {
        say(phrase(p, WORDS_BAD), W_OUT_OF_ORDER, NULL, NULL, NULL);
        return;
    } else if (!(did & WT_DID_RETRANSMIT) || did & (WT_DID_SYN_RETRY | WT_DID_FIN_REPEATED)) {
        return;
    }
    struct argument a, b;
    bool known = line->other_frame && line->span_ns >= 0;
    say(phrase(p, WORDS_BAD), known ? with : without, plain(&a, line->other_frame), duration(p->w, &b, line->span_ns),
        NULL);
}

static void say_trouble(struct phrases *p, const struct ladder_line *line)
{
    struct argument a, b, c;
    uint64_t did = line->did;
    say_repeat(p, line);
    if (did & WT_DID_GAP_BEFORE)
        say(phrase(p, WORDS_BAD), W_GAP, NULL, NULL, NULL);
    if (did & WT_DID_ACKED_UNSEEN)
        say(phrase(p, WORDS_BAD), W_ACKED_UNSEEN, NULL, NULL, NULL);
    if (did & WT_DID_DUP_ACK && line->last_count > line->count)
        say(phrase(p, WORDS_BAD), W_DUP_ACKS, plain(&a, line->count), plain(&b, line->last_count),
            plain(&c, line->other_frame));
    else if (did & WT_DID_DUP_ACK)
        say(phrase(p, WORDS_BAD), W_DUP_ACK, plain(&a, line->count), plain(&b, line->other_frame), NULL);
    if (did & WT_DID_KEEP_ALIVE)
        say(phrase(p, WORDS_NOTE), W_KEEP_ALIVE, NULL, NULL, NULL);
    if (did & WT_DID_KEEP_ALIVE_ACK)
        say(phrase(p, WORDS_PLAIN), W_KEEP_ALIVE_ACK, NULL, NULL, NULL);
    if (did & WT_DID_ZERO_WINDOW)
        say(phrase(p, WORDS_BAD), W_ZERO_WINDOW, side_name(line->side), NULL, NULL);
    if (did & WT_DID_WINDOW_UPDATE)
        say(phrase(p, WORDS_PLAIN), W_WINDOW_UPDATE, side_name(line->side), bytes(&a, line->window), NULL);
    if (did & WT_DID_ZERO_WINDOW_PROBE)
        say(phrase(p, WORDS_NOTE), W_ZERO_PROBE, NULL, NULL, NULL);
    if (did & WT_DID_WINDOW_FULL)
        say(phrase(p, WORDS_NOTE), W_WINDOW_FULL, side_name(line->side ^ 1u), NULL, NULL);
    if (did & WT_DID_BAD_CHECKSUM)
        say(phrase(p, WORDS_BAD), W_BAD_CHECKSUM, NULL, NULL, NULL);
}

/* An RST that answers an ACK carries none itself (RFC 9293 3.10.7.1); with one it was the application's own doing. */
static bool answers_acknowledgment(const struct ladder_line *line)
{
    return line->answers == LADDER_ANSWERS_ACK && line->flags & WT_FLAG_ACK;
}

static void say_reset(struct phrases *p, const struct ladder_line *line)
{
    static const enum word answers[] = {
        [LADDER_ANSWERS_NOTHING] = W_RESET, [LADDER_ANSWERS_SYN] = W_RESET_SYN, [LADDER_ANSWERS_DATA] = W_RESET_DATA,
        [LADDER_ANSWERS_FIN] = W_RESET_FIN, [LADDER_ANSWERS_ACK] = W_RESET_ACK,
    };
    if (line->did & WT_DID_REFUSE)
        say(phrase(p, WORDS_BAD), W_REFUSED, side_name(line->side), NULL, NULL);
    else if (line->did & WT_DID_RST_IGNORED)
        say(phrase(p, WORDS_NOTE), W_RST_IGNORED, NULL, NULL, NULL);
    else if (line->did & WT_DID_RST)
        say(phrase(p, WORDS_BAD), answers_acknowledgment(line) ? W_RESET : answers[line->answers], side_name(line->side),
            NULL, NULL);
}

/* Who came into TIME-WAIT with this segment: the side whose state it now is and was not. */
static unsigned time_wait_side(const struct ladder_line *line)
{
    for (unsigned side = 0; side < 2; side++)
        if (line->state[side] == WT_TCP_TIME_WAIT && line->before[side] != WT_TCP_TIME_WAIT)
            return side;
    return line->state[1] == WT_TCP_TIME_WAIT;
}

static void say_closing(struct phrases *p, const struct ladder *l, const struct ladder_line *line)
{
    struct argument a, b;
    uint64_t did = line->did;
    say_reset(p, line);
    if (did & WT_DID_FIN_REPEATED)
        say(phrase(p, WORDS_NOTE), W_FIN_AGAIN, NULL, NULL, NULL);
    else if (did & WT_DID_FIN)
        say(phrase(p, WORDS_PLAIN), line->count > 1 ? W_SECOND_FIN : W_FIRST_FIN, side_name(line->side), NULL, NULL);
    if (did & WT_DID_FIN_ACKED && !(did & WT_DID_TIME_WAIT))
        say(phrase(p, WORDS_PLAIN), W_FIN_ACKED, side_name(line->side ^ 1u), NULL, NULL);
    if (did & WT_DID_IN_TIME_WAIT && !(did & WT_DID_TIME_WAIT))
        say(phrase(p, WORDS_NOTE), W_IN_TIME_WAIT, NULL, NULL, NULL);
    if (did & WT_DID_TIME_WAIT) {
        int64_t now = l->start_ns + line->since_ns;
        int64_t end = now + (int64_t)p->w->time_wait_s * 1000000000;
        say(phrase(p, WORDS_PLAIN), W_TIME_WAIT, side_name(time_wait_side(line)), clock_time(p->w, &a, end, now),
            plain(&b, p->w->time_wait_s));
    } else if (did & WT_DID_CLOSED && line->state[0] == WT_TCP_CLOSED && line->state[1] == WT_TCP_CLOSED
               && !(did & (WT_DID_RST | WT_DID_REFUSE))) {
        say(phrase(p, WORDS_PLAIN), W_CLOSED, NULL, NULL, NULL);
    }
}

enum words_tone words_line(struct words *w, const struct ladder *l, const struct ladder_line *line)
{
    struct phrases p = { w, WORDS_PLAIN, w->to->len };
    if (line->kind == LADDER_FOLD) {
        words_fold(w, l, line);
        return WORDS_PLAIN;
    }
    say_opening(&p, line);
    if (line->note) {
        phrase(&p, line->kind == LADDER_ICMP ? WORDS_BAD : WORDS_PLAIN);
        out_text(w->to, line->note);
    } else if (line->kind == LADDER_ICMP) {
        say(phrase(&p, WORDS_BAD), W_ICMP, NULL, NULL, NULL);
    }
    say_trouble(&p, line);
    say_closing(&p, l, line);
    if (line->marks & LADDER_QUERY && !(line->marks & LADDER_ANSWERED))
        say(phrase(&p, WORDS_BAD), W_NO_ANSWER, NULL, NULL, NULL);
    return p.tone;
}

void words_fold(struct words *w, const struct ladder *l, const struct ladder_line *line)
{
    struct argument a;
    const struct ladder_fold *f = line->fold;
    if (!f)
        return;
    uint64_t segments = f->segments[0] + f->segments[1];
    if (l->protocol != 6)
        say(w, W_F_DATAGRAMS, count(&a, segments), NULL, NULL);
    else
        say(w, segments == 1 ? W_F_SEGMENT : W_F_SEGMENTS, count(&a, segments), NULL, NULL);
    out_text(w->to, ", ");
    out_text(w->to, bytes(&a, f->bytes[0] + f->bytes[1]));
    const struct { uint64_t n; enum word word; } parts[] = {
        { f->messages, W_F_MESSAGES }, { f->retransmitted, W_F_RETRANSMITTED }, { f->out_of_order, W_F_OUT_OF_ORDER },
        { f->duplicate_acks, W_F_DUP_ACKS }, { f->zero_windows, W_F_ZERO_WINDOWS }, { f->gaps, W_F_GAPS },
        { f->keep_alives, W_F_KEEP_ALIVES }, { f->bad_checksums, W_F_CHECKSUMS },
    };
    for (size_t i = 0; i < sizeof parts / sizeof parts[0]; i++) {
        if (!parts[i].n)
            continue;
        out_text(w->to, ", ");
        say(w, parts[i].word, count(&a, parts[i].n), NULL, NULL);
    }
    if (line->marks & LADDER_MIDDLE) {
        out_text(w->to, ", ");
        say(w, W_F_LIMIT, NULL, NULL, NULL);
    }
}

void words_no_answer(struct words *w)
{
    say(w, W_NO_ANSWER, NULL, NULL, NULL);
}

/* ---- the record ---- */

static void say_closers(struct words *w, const struct wt_connection *c)
{
    if (c->close_kind == WT_CLOSE_SIMULTANEOUS) {
        out_text(w->to, ": ");
        say(w, W_TOGETHER, NULL, NULL, NULL);
    } else if (c->first_closer < 2) {
        out_text(w->to, ": ");
        say(w, c->close_kind == WT_CLOSE_THREE_SEGMENT ? W_THREE_SEGMENT : W_FOUR_WAY, side_name(c->first_closer),
            NULL, NULL);
    }
}

/* Of ICMP only a question waits for an answer: an echo request. */
static bool asks_nothing(const struct wt_connection *c)
{
    return (c->protocol == 1 && c->side[0].port != 8) || (c->protocol == 58 && c->side[0].port != 128) || c->protocol == 2;
}

enum words_tone words_outcome(struct words *w, const struct wt_connection *c)
{
    struct argument a, b;
    const char *lasted = duration(w, &a, c->end_ns - c->start_ns);
    unsigned reset_by = c->reset_by < 2 ? c->reset_by : 1;
    uint64_t packets = c->side[0].packets + c->side[1].packets;
    enum wt_outcome outcome = (enum wt_outcome)c->outcome;
    if (outcome == WT_OUTCOME_UNANSWERED && asks_nothing(c))
        outcome = WT_OUTCOME_ONE_WAY;
    switch (outcome) {
    case WT_OUTCOME_OPEN: say(w, W_O_OPEN, lasted, NULL, NULL); return WORDS_PLAIN;
    case WT_OUTCOME_CLOSED:
        say(w, W_O_CLOSED, lasted, NULL, NULL);
        say_closers(w, c);
        return WORDS_GOOD;
    case WT_OUTCOME_HALF_CLOSED:
        say(w, W_O_HALF_CLOSED, lasted, side_name(c->first_closer < 2 ? c->first_closer : 0), NULL);
        return WORDS_NOTE;
    case WT_OUTCOME_RESET: say(w, W_O_RESET, side_name(reset_by), lasted, NULL); return WORDS_BAD;
    case WT_OUTCOME_REFUSED: say(w, W_O_REFUSED, side_name(reset_by), lasted, NULL); return WORDS_BAD;
    case WT_OUTCOME_UNREACHABLE: say(w, W_O_UNREACHABLE, lasted, NULL, NULL); return WORDS_BAD;
    case WT_OUTCOME_UNANSWERED:
        if (packets > 1)
            say(w, W_O_UNANSWERED, count(&b, packets), lasted, NULL);
        else
            say(w, W_O_UNANSWERED_ONE, NULL, NULL, NULL);
        return WORDS_BAD;
    case WT_OUTCOME_HALF_OPEN: say(w, W_O_HALF_OPEN, NULL, NULL, NULL); return WORDS_BAD;
    case WT_OUTCOME_ABANDONED: say(w, W_O_ABANDONED, side_name(c->first_closer == 1), NULL, NULL); return WORDS_NOTE;
    case WT_OUTCOME_ANSWERED: say(w, W_O_ANSWERED, lasted, NULL, NULL); return WORDS_PLAIN;
    case WT_OUTCOME_ONE_WAY:
        if (packets <= 1)
            say(w, W_O_SILENT, NULL, NULL, NULL);
        else
            say(w, W_O_ONE_WAY, side_name(c->side[0].packets == 0), lasted, NULL);
        return WORDS_PLAIN;
    case WT_OUTCOMES: break;
    }
    return WORDS_PLAIN;
}

bool words_handshake(struct words *w, const struct wt_connection *c)
{
    int64_t rtt = c->protocol == 6 ? wt_handshake_ns(c) : -1;
    if (rtt < 0)
        return false;
    struct argument a, d, e;
    say(w, W_RTT_PARTS, duration(w, &a, rtt), duration(w, &d, c->syn_ack_ns - c->syn_ns),
        duration(w, &e, c->ack_ns - c->syn_ack_ns));
    return true;
}

void words_amounts(struct words *w, const struct wt_connection *c)
{
    struct argument a, b;
    for (unsigned side = 0; side < 2; side++) {
        const struct wt_side *s = &c->side[side];
        if (side)
            out_text(w->to, "; ");
        enum word how = s->packets == 0 ? W_SENT_NOTHING
            : c->protocol == 6 ? (s->packets == 1 ? W_SENT_ONE : W_SENT)
            : s->packets == 1 ? W_SENT_UDP_ONE : W_SENT_UDP;
        say(w, how, side_name(side),
            bytes(&a, c->protocol == 6 ? s->unique_bytes : s->payload_bytes), count(&b, s->packets));
        if (s->retransmissions) {
            out_text(w->to, ", ");
            say(w, W_REPEATED, count(&a, s->retransmissions), NULL, NULL);
        }
        if (s->missing_bytes) {
            out_text(w->to, ", ");
            say(w, W_LOST, bytes(&a, s->missing_bytes), NULL, NULL);
        }
    }
}

bool words_remark(struct words *w, const struct wt_connection *c, unsigned index)
{
    static const struct { uint32_t flag; enum word word; } remarks[] = {
        { WT_CONN_MIDSTREAM, W_R_MIDSTREAM }, { WT_CONN_GUESSED, W_R_GUESSED }, { WT_CONN_RESUMED, W_R_RESUMED },
        { WT_CONN_MISSED_FRAMES, W_R_MISSED }, { WT_CONN_REUSED_TUPLE, W_R_REUSED },
        { WT_CONN_SIMULTANEOUS, W_R_SIMULTANEOUS }, { WT_CONN_FAST_OPEN, W_R_FAST_OPEN },
        { WT_CONN_ONE_SIDED, W_R_ONE_SIDED }, { WT_CONN_PARTIAL, W_R_PARTIAL }, { WT_CONN_MPTCP, W_R_MPTCP },
        { WT_CONN_SYN_ACK_FIRST, W_R_SYN_ACK_FIRST },
    };
    for (size_t i = 0; i < sizeof remarks / sizeof remarks[0]; i++) {
        if (!(c->flags & remarks[i].flag) || index--)
            continue;
        say(w, remarks[i].word, NULL, NULL, NULL);
        return true;
    }
    bool repeated = c->syn_ack_ns && c->first_syn_ns && c->syn_ns > c->first_syn_ns && c->side[0].syns > 1;
    if (repeated && index == 0) {
        struct argument a, b;
        say(w, W_R_TCP_SYN_RETRY, count(&a, c->side[0].syns), duration(w, &b, c->syn_ns - c->first_syn_ns), NULL);
        return true;
    }
    return false;
}

bool words_time_wait(struct words *w, const struct wt_connection *c)
{
    if (c->protocol != 6 || c->time_wait.holder > 2)
        return false;
    struct argument a, b;
    int64_t end = c->time_wait.start_ns + (int64_t)w->time_wait_s * 1000000000;
    say(w, c->time_wait.holder == 2 ? W_TW_BOTH : W_TW_HOLDS, side_name(c->time_wait.holder & 1),
        clock_time(w, &a, end, c->start_ns), plain(&b, w->time_wait_s));
    return true;
}

void words_time_wait_end(struct words *w, const struct wt_connection *c)
{
    struct argument a;
    int64_t rule = (int64_t)w->time_wait_s * 1000000000;
    if (c->time_wait.ended == WT_END_REUSED)
        say(w, W_TW_ENDS_REUSED, duration(w, &a, c->time_wait.end_ns - c->time_wait.start_ns), NULL, NULL);
    else if (c->time_wait.ended == WT_END_CAPTURE)
        say(w, W_TW_ENDS_CAPTURE, clock_time(w, &a, c->time_wait.start_ns + rule, c->start_ns), NULL, NULL);
    else
        say(w, W_TW_ENDS, duration(w, &a, rule), NULL, NULL);
}

void words_given_up(struct words *w, bool middle)
{
    say(w, middle ? W_GIVEN_UP_MIDDLE : W_GIVEN_UP, NULL, NULL, NULL);
}

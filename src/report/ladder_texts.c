#include "ladder_texts.h"

#include <string.h>

#include "text_units.h"
#include "wiretale/dissector.h"

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
    [W_COPIES] = N_("%1 captured twice"),
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
    [W_LEFT_OUT] = N_("… %1 lines left out by max-picture-lines …"),
    [W_PICTURE_SCALE] = N_("Times are those of the capture point. Pauses are shortened; arrows slope by half the handshake's RTT on each side of it."),
    [W_PICTURE_SCALE_NO_RTT] = N_("Times are those of the capture point. Pauses are shortened; how long segments were on their way is not known."),
    [W_AS_ABOVE] = N_("as above (%1)"),
    [W_GIVEN_UP_MIDDLE] = N_("its middle was folded to stay within max-ladder-bytes or max-ladder-lines"),
};

void words_say_text(struct words *w, const char *text, const char *one, const char *two, const char *three)
{
    const char *const arguments[] = { one, two, three };
    for (const char *p = tr(text); *p; p++) {
        if (p[0] == '%' && p[1] >= '1' && p[1] <= '3') {
            const char *argument = arguments[*++p - '1'];
            out_text(w->to, argument ? argument : "");
        } else {
            out_char(w->to, *p);
        }
    }
}

void words_say(struct words *w, enum word word, const char *one, const char *two, const char *three)
{
    words_say_text(w, texts[word], one, two, three);
}

const char *words_duration_text(const struct words *w, struct argument *a, int64_t ns)
{
    struct wt_text t = { a->text, sizeof a->text, 0, false };
    a->text[0] = '\0';
    (w->utf8 ? units_duration : units_duration_ascii)(&t, ns);
    return a->text;
}

const char *words_count(struct argument *a, uint64_t n)
{
    struct wt_text t = { a->text, sizeof a->text, 0, false };
    a->text[0] = '\0';
    units_count(&t, n);
    return a->text;
}

const char *words_plain(struct argument *a, uint64_t n)
{
    struct wt_text t = { a->text, sizeof a->text, 0, false };
    a->text[0] = '\0';
    wt_text_add(&t, "%llu", (unsigned long long)n);
    return a->text;
}

const char *words_bytes(struct argument *a, uint64_t n)
{
    struct wt_text t = { a->text, sizeof a->text, 0, false };
    a->text[0] = '\0';
    units_bytes(&t, n);
    return a->text;
}

const char *words_clock(const struct words *w, struct argument *a, int64_t time_ns, int64_t seen_from)
{
    struct out o = out_fixed(a->text, sizeof a->text - 1);
    int64_t day = INT64_C(86400000000000);
    value_time_of_day(&o, w->clock, time_ns, time_ns - seen_from >= day ? 1 : 0, 0);
    a->text[o.len] = '\0';
    return a->text;
}

const char *words_side(unsigned side)
{
    return tr(texts[side ? W_SERVER : W_CLIENT]);
}

void words_duration(struct words *w, int64_t ns)
{
    struct argument a;
    out_text(w->to, words_duration_text(w, &a, ns));
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
        "spurious-retransmission", "bad-checksum", "midstream", "zero-window-probe-ack", "isn-changed",
    };
    return bit < sizeof names / sizeof names[0] ? names[bit] : NULL;
}

/* What a ladder's head and end say: the connection's record in words. */
#include "ladder_texts.h"

static void say_closers(struct words *w, const struct wt_connection *c)
{
    if (c->close_kind == WT_CLOSE_SIMULTANEOUS) {
        out_text(w->to, ": ");
        words_say(w, W_TOGETHER, NULL, NULL, NULL);
    } else if (c->first_closer < 2) {
        out_text(w->to, ": ");
        words_say(w, c->close_kind == WT_CLOSE_THREE_SEGMENT ? W_THREE_SEGMENT : W_FOUR_WAY, words_side(c->first_closer),
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
    const char *lasted = words_duration_text(w, &a, c->end_ns - c->start_ns);
    unsigned reset_by = c->reset_by < 2 ? c->reset_by : 1;
    uint64_t packets = c->side[0].packets + c->side[1].packets;
    enum wt_outcome outcome = (enum wt_outcome)c->outcome;
    if (outcome == WT_OUTCOME_UNANSWERED && asks_nothing(c))
        outcome = WT_OUTCOME_ONE_WAY;
    switch (outcome) {
    case WT_OUTCOME_OPEN: words_say(w, W_O_OPEN, lasted, NULL, NULL); return WORDS_PLAIN;
    case WT_OUTCOME_CLOSED:
        words_say(w, W_O_CLOSED, lasted, NULL, NULL);
        say_closers(w, c);
        return WORDS_GOOD;
    case WT_OUTCOME_HALF_CLOSED:
        words_say(w, W_O_HALF_CLOSED, lasted, words_side(c->first_closer < 2 ? c->first_closer : 0), NULL);
        return WORDS_NOTE;
    case WT_OUTCOME_RESET: words_say(w, W_O_RESET, words_side(reset_by), lasted, NULL); return WORDS_BAD;
    case WT_OUTCOME_REFUSED: words_say(w, W_O_REFUSED, words_side(reset_by), lasted, NULL); return WORDS_BAD;
    case WT_OUTCOME_UNREACHABLE: words_say(w, W_O_UNREACHABLE, lasted, NULL, NULL); return WORDS_BAD;
    case WT_OUTCOME_UNANSWERED:
        if (packets > 1)
            words_say(w, W_O_UNANSWERED, words_count(&b, packets), lasted, NULL);
        else
            words_say(w, W_O_UNANSWERED_ONE, NULL, NULL, NULL);
        return WORDS_BAD;
    case WT_OUTCOME_HALF_OPEN: words_say(w, W_O_HALF_OPEN, NULL, NULL, NULL); return WORDS_BAD;
    case WT_OUTCOME_ABANDONED: words_say(w, W_O_ABANDONED, words_side(c->first_closer == 1), NULL, NULL); return WORDS_NOTE;
    case WT_OUTCOME_ANSWERED: words_say(w, W_O_ANSWERED, lasted, NULL, NULL); return WORDS_PLAIN;
    case WT_OUTCOME_ONE_WAY:
        if (packets <= 1)
            words_say(w, W_O_SILENT, NULL, NULL, NULL);
        else
            words_say(w, W_O_ONE_WAY, words_side(c->side[0].packets == 0), lasted, NULL);
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
    words_say(w, W_RTT_PARTS, words_duration_text(w, &a, rtt), words_duration_text(w, &d, c->syn_ack_ns - c->syn_ns),
        words_duration_text(w, &e, c->ack_ns - c->syn_ack_ns));
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
        words_say(w, how, words_side(side),
            words_bytes(&a, c->protocol == 6 ? s->unique_bytes : s->payload_bytes), words_count(&b, s->packets));
        if (s->retransmissions) {
            out_text(w->to, ", ");
            words_say(w, W_REPEATED, words_count(&a, s->retransmissions), NULL, NULL);
        }
        if (s->duplicated) {
            out_text(w->to, ", ");
            words_say(w, W_COPIES, words_count(&a, s->duplicated), NULL, NULL);
        }
        if (s->missing_bytes) {
            out_text(w->to, ", ");
            words_say(w, W_LOST, words_bytes(&a, s->missing_bytes), NULL, NULL);
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
        words_say(w, remarks[i].word, NULL, NULL, NULL);
        return true;
    }
    bool repeated = c->syn_ack_ns && c->first_syn_ns && c->syn_ns > c->first_syn_ns && c->side[0].syns > 1;
    if (repeated && index == 0) {
        struct argument a, b;
        words_say(w, W_R_TCP_SYN_RETRY, words_count(&a, c->side[0].syns), words_duration_text(w, &b, c->syn_ns - c->first_syn_ns), NULL);
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
    words_say(w, c->time_wait.holder == 2 ? W_TW_BOTH : W_TW_HOLDS, words_side(c->time_wait.holder & 1),
        words_clock(w, &a, end, c->start_ns), words_plain(&b, w->time_wait_s));
    return true;
}

void words_time_wait_end(struct words *w, const struct wt_connection *c)
{
    struct argument a;
    int64_t rule = (int64_t)w->time_wait_s * 1000000000;
    if (c->time_wait.ended == WT_END_REUSED)
        words_say(w, W_TW_ENDS_REUSED, words_duration_text(w, &a, c->time_wait.end_ns - c->time_wait.start_ns), NULL, NULL);
    else if (c->time_wait.ended == WT_END_CAPTURE)
        words_say(w, W_TW_ENDS_CAPTURE, words_clock(w, &a, c->time_wait.start_ns + rule, c->start_ns), NULL, NULL);
    else
        words_say(w, W_TW_ENDS, words_duration_text(w, &a, rule), NULL, NULL);
}

void words_given_up(struct words *w, bool middle)
{
    words_say(w, middle ? W_GIVEN_UP_MIDDLE : W_GIVEN_UP, NULL, NULL, NULL);
}

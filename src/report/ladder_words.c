#include "ladder_words.h"

#include <string.h>

#include "depth_words.h"
#include "ladder_texts.h"

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

/* It came again, but its sender did not send it again. */
static bool by_network(const struct ladder_line *line)
{
    return line->repeat && (line->repeat->cause == WT_CAUSE_REORDERED || line->repeat->cause == WT_CAUSE_DUPLICATED);
}

static void say_opening(struct phrases *p, const struct ladder_line *line)
{
    struct argument a, b;
    if (by_network(line))
        return;
    uint64_t did = line->did;
    bool again = did & WT_DID_SYN_RETRY || (line->count && !(did & WT_DID_REUSE));
    if (did & WT_DID_SYN_ACK)
        did &= ~(WT_DID_SYN | WT_DID_SYN_RETRY);
    if (did & (WT_DID_SYN | WT_DID_SYN_RETRY) && again && line->span_ns >= 0)
        words_say(phrase(p, WORDS_BAD), W_OPENS_AGAIN, words_duration_text(p->w, &a, line->span_ns), words_plain(&b, line->count), NULL);
    else if (did & (WT_DID_SYN | WT_DID_SYN_RETRY))
        words_say(phrase(p, WORDS_PLAIN), W_OPENS, words_side(line->side), NULL, NULL);
    if (did & WT_DID_SYN_ACK && line->count)
        words_say(phrase(p, WORDS_NOTE), W_ACCEPTS_AGAIN, words_plain(&a, line->count), NULL, NULL);
    else if (did & WT_DID_SYN_ACK)
        words_say(phrase(p, WORDS_PLAIN), W_ACCEPTS, words_side(line->side), NULL, NULL);
    if (did & WT_DID_SIMULTANEOUS && line->flags & WT_FLAG_SYN)
        words_say(phrase(p, WORDS_NOTE), W_SIMULTANEOUS, NULL, NULL, NULL);
    if (line->flags & WT_FLAG_SYN && line->len)
        words_say(phrase(p, WORDS_PLAIN), W_FAST_OPEN, NULL, NULL, NULL);
    if (did & WT_DID_REUSE)
        words_say(phrase(p, WORDS_NOTE), W_REUSE, NULL, NULL, NULL);
    if (did & WT_DID_MIDSTREAM)
        words_say(phrase(p, WORDS_NOTE), W_MIDSTREAM, NULL, NULL, NULL);
    if (did & WT_DID_HANDSHAKE && line->span_ns >= 0)
        words_say(phrase(p, WORDS_GOOD), W_HANDSHAKE, words_duration_text(p->w, &a, line->span_ns), NULL, NULL);
    else if (did & WT_DID_HANDSHAKE)
        words_say(phrase(p, WORDS_GOOD), W_HANDSHAKE_NO_RTT, NULL, NULL, NULL);
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
        words_say(phrase(p, WORDS_BAD), W_OUT_OF_ORDER, NULL, NULL, NULL);
        return;
    } else if (!(did & WT_DID_RETRANSMIT) || did & (WT_DID_SYN_RETRY | WT_DID_FIN_REPEATED)) {
        return;
    }
    struct argument a, b;
    bool known = line->other_frame && line->span_ns >= 0;
    words_say(phrase(p, WORDS_BAD), known ? with : without, words_plain(&a, line->other_frame), words_duration_text(p->w, &b, line->span_ns),
        NULL);
}

static void say_cause(struct phrases *p, const struct wt_repeat *repeat)
{
    enum words_tone tone = depth_words_repeat(phrase(p, WORDS_PLAIN), repeat);
    if (tone > p->tone)
        p->tone = tone;
}

static void say_trouble(struct phrases *p, const struct ladder_line *line)
{
    struct argument a, b, c;
    uint64_t did = line->did;
    bool own_words = did & WT_DID_SYN_RETRY || (did & WT_DID_FIN_REPEATED && line->repeat && line->repeat->cause == WT_CAUSE_UNKNOWN);
    if (line->repeat && line->repeat->cause != WT_CAUSE_NONE && (!own_words || by_network(line)))
        say_cause(p, line->repeat);
    else
        say_repeat(p, line);
    if (line->proves)
        depth_words_proves(phrase(p, WORDS_NOTE), line->proves);
    if (did & WT_DID_GAP_BEFORE)
        words_say(phrase(p, WORDS_BAD), W_GAP, NULL, NULL, NULL);
    if (did & WT_DID_ACKED_UNSEEN)
        words_say(phrase(p, WORDS_BAD), W_ACKED_UNSEEN, NULL, NULL, NULL);
    if (did & WT_DID_DUP_ACK && line->last_count > line->count)
        words_say(phrase(p, WORDS_BAD), W_DUP_ACKS, words_plain(&a, line->count), words_plain(&b, line->last_count),
            words_plain(&c, line->other_frame));
    else if (did & WT_DID_DUP_ACK)
        words_say(phrase(p, WORDS_BAD), W_DUP_ACK, words_plain(&a, line->count), words_plain(&b, line->other_frame), NULL);
    if (did & WT_DID_KEEP_ALIVE)
        words_say(phrase(p, WORDS_NOTE), line->marks & LADDER_PROBE ? W_ZERO_PROBE : W_KEEP_ALIVE, NULL, NULL, NULL);
    if (did & WT_DID_KEEP_ALIVE_ACK)
        words_say(phrase(p, WORDS_PLAIN), W_KEEP_ALIVE_ACK, NULL, NULL, NULL);
    if (did & WT_DID_ZERO_WINDOW)
        words_say(phrase(p, WORDS_BAD), W_ZERO_WINDOW, words_side(line->side), NULL, NULL);
    if (did & WT_DID_WINDOW_UPDATE)
        words_say(phrase(p, WORDS_PLAIN), W_WINDOW_UPDATE, words_side(line->side), words_bytes(&a, line->window), NULL);
    if (did & WT_DID_ZERO_WINDOW_PROBE)
        words_say(phrase(p, WORDS_NOTE), W_ZERO_PROBE, NULL, NULL, NULL);
    if (did & WT_DID_WINDOW_FULL)
        words_say(phrase(p, WORDS_NOTE), W_WINDOW_FULL, words_side(line->side ^ 1u), NULL, NULL);
    if (did & WT_DID_BAD_CHECKSUM)
        words_say(phrase(p, WORDS_BAD), W_BAD_CHECKSUM, NULL, NULL, NULL);
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
        words_say(phrase(p, WORDS_BAD), W_REFUSED, words_side(line->side), NULL, NULL);
    else if (line->did & WT_DID_RST_IGNORED)
        words_say(phrase(p, WORDS_NOTE), W_RST_IGNORED, NULL, NULL, NULL);
    else if (line->did & WT_DID_RST)
        words_say(phrase(p, WORDS_BAD), answers_acknowledgment(line) ? W_RESET : answers[line->answers], words_side(line->side),
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
    if (did & WT_DID_FIN_REPEATED && !by_network(line))
        words_say(phrase(p, WORDS_NOTE), W_FIN_AGAIN, NULL, NULL, NULL);
    else if (did & WT_DID_FIN)
        words_say(phrase(p, WORDS_PLAIN), line->count > 1 ? W_SECOND_FIN : W_FIRST_FIN, words_side(line->side), NULL, NULL);
    if (did & WT_DID_FIN_ACKED && !(did & WT_DID_TIME_WAIT))
        words_say(phrase(p, WORDS_PLAIN), W_FIN_ACKED, words_side(line->side ^ 1u), NULL, NULL);
    if (did & WT_DID_IN_TIME_WAIT && !(did & WT_DID_TIME_WAIT))
        words_say(phrase(p, WORDS_NOTE), W_IN_TIME_WAIT, NULL, NULL, NULL);
    if (did & WT_DID_TIME_WAIT) {
        int64_t now = l->start_ns + line->since_ns;
        int64_t end = now + (int64_t)p->w->time_wait_s * 1000000000;
        words_say(phrase(p, WORDS_PLAIN), W_TIME_WAIT, words_side(time_wait_side(line)), words_clock(p->w, &a, end, now),
            words_plain(&b, p->w->time_wait_s));
    } else if (did & WT_DID_CLOSED && line->state[0] == WT_TCP_CLOSED && line->state[1] == WT_TCP_CLOSED
               && !(did & (WT_DID_RST | WT_DID_REFUSE))) {
        words_say(phrase(p, WORDS_PLAIN), W_CLOSED, NULL, NULL, NULL);
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
        words_say(phrase(&p, WORDS_BAD), W_ICMP, NULL, NULL, NULL);
    }
    say_trouble(&p, line);
    say_closing(&p, l, line);
    if (line->marks & LADDER_QUERY && !(line->marks & LADDER_ANSWERED))
        words_say(phrase(&p, WORDS_BAD), W_NO_ANSWER, NULL, NULL, NULL);
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
        words_say(w, W_F_DATAGRAMS, words_count(&a, segments), NULL, NULL);
    else
        words_say(w, segments == 1 ? W_F_SEGMENT : W_F_SEGMENTS, words_count(&a, segments), NULL, NULL);
    out_text(w->to, ", ");
    out_text(w->to, words_bytes(&a, f->bytes[0] + f->bytes[1]));
    const struct { uint64_t n; enum word word; } parts[] = {
        { f->messages, W_F_MESSAGES }, { f->retransmitted, W_F_RETRANSMITTED }, { f->out_of_order, W_F_OUT_OF_ORDER },
        { f->duplicate_acks, W_F_DUP_ACKS }, { f->zero_windows, W_F_ZERO_WINDOWS }, { f->gaps, W_F_GAPS },
        { f->keep_alives, W_F_KEEP_ALIVES }, { f->bad_checksums, W_F_CHECKSUMS },
    };
    for (size_t i = 0; i < sizeof parts / sizeof parts[0]; i++) {
        if (!parts[i].n)
            continue;
        out_text(w->to, ", ");
        words_say(w, parts[i].word, words_count(&a, parts[i].n), NULL, NULL);
    }
    if (line->marks & LADDER_MIDDLE) {
        out_text(w->to, ", ");
        words_say(w, W_F_LIMIT, NULL, NULL, NULL);
    }
}

void words_no_answer(struct words *w)
{
    words_say(w, W_NO_ANSWER, NULL, NULL, NULL);
}

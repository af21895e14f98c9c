/* The sentences of ladders, and how values are put into them. Within the words of ladders only; any thread. */
#ifndef REPORT_LADDER_TEXTS_H
#define REPORT_LADDER_TEXTS_H

#include "ladder_words.h"

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
    W_RTT, W_RTT_PARTS, W_SENT, W_SENT_ONE, W_SENT_UDP, W_SENT_UDP_ONE, W_SENT_NOTHING, W_REPEATED, W_COPIES, W_LOST,
    W_R_MIDSTREAM, W_R_GUESSED, W_R_RESUMED, W_R_MISSED, W_R_REUSED, W_R_SIMULTANEOUS, W_R_FAST_OPEN, W_R_ONE_SIDED,
    W_R_PARTIAL, W_R_MPTCP, W_R_SYN_ACK_FIRST, W_R_TCP_SYN_RETRY,
    W_TW_HOLDS, W_TW_BOTH, W_TW_ENDS, W_TW_ENDS_REUSED, W_TW_ENDS_CAPTURE, W_GIVEN_UP, W_GIVEN_UP_MIDDLE, W_AS_ABOVE, W_LEFT_OUT, W_PICTURE_SCALE, W_PICTURE_SCALE_NO_RTT, WORDS
};

struct argument {
    char text[64];
};

/* The sentence with its values in their places; those that it has not are NULL. */
void words_say(struct words *w, enum word word, const char *one, const char *two, const char *three);

/* The same with a sentence of another table. */
void words_say_text(struct words *w, const char *text, const char *one, const char *two, const char *three);

/* Values as text, in the argument's memory. */
const char *words_duration_text(const struct words *w, struct argument *a, int64_t ns);
const char *words_count(struct argument *a, uint64_t n);      /* 12,345 */
const char *words_plain(struct argument *a, uint64_t n);      /* 12345 */
const char *words_bytes(struct argument *a, uint64_t n);
/* The time of day; with the date where it is a day or more after seen_from. */
const char *words_clock(const struct words *w, struct argument *a, int64_t time_ns, int64_t seen_from);
const char *words_side(unsigned side);

#endif

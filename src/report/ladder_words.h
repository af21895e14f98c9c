/* What a ladder says, in words: every sentence stands in one table, so that it can be translated. Any thread. */
#ifndef REPORT_LADDER_WORDS_H
#define REPORT_LADDER_WORDS_H

#include <stdbool.h>
#include <stdint.h>

#include "base/i18n.h"
#include "ladder.h"
#include "packets_out.h"
#include "value.h"

#define TIME_WAIT_GOES_ON 255      /* in wt_time_wait.ended: the record was taken before it ended */

struct words {
    struct out *to;
    bool utf8;
    struct value_clock *clock;
    uint64_t time_wait_s;         /* 2 MSL as the run's options say */
};

enum words_tone { WORDS_PLAIN, WORDS_GOOD, WORDS_NOTE, WORDS_BAD };

/* What a line did: "handshake complete, RTT 23.4 ms". Returns how it should be coloured. */
enum words_tone words_line(struct words *w, const struct ladder *l, const struct ladder_line *line);
/* "812 segments, 1.1 MB, 2 retransmitted" */
void words_fold(struct words *w, const struct ladder *l, const struct ladder_line *line);

/* How it began and ended: "closed after 5.34 s: the client closed first (four-way close)". */
enum words_tone words_outcome(struct words *w, const struct wt_connection *c);
/* "handshake RTT 70.0 ms (69.7 ms to the server, 0.3 ms to the client)"; false: nothing to say. */
bool words_handshake(struct words *w, const struct wt_connection *c);
/* "client sent 136 B in 7 segments, server 5.0 kB in 7" */
void words_amounts(struct words *w, const struct wt_connection *c);
/* What to know of the record: "captured from the middle: …". Call with index 0, 1, … until it is false. */
bool words_remark(struct words *w, const struct wt_connection *c, unsigned index);
/* "the client holds TIME-WAIT until 12:00:00 (2 MSL = 240 s, by rule)"; false: nobody does. */
bool words_time_wait(struct words *w, const struct wt_connection *c);
/* The last line of a ladder: how TIME-WAIT ended. */
void words_time_wait_end(struct words *w, const struct wt_connection *c);
void words_given_up(struct words *w, bool middle);
void words_no_answer(struct words *w);

/* "SYN ACK" of flags; "" for none. text: at least 48 bytes. */
void words_flags(uint16_t flags, char text[48]);
/* Stable names of WT_DID_ bits for JSON; NULL: no such bit. */
const char *words_did_name(unsigned bit);
/* A duration: "23.4 ms". */
void words_duration(struct words *w, int64_t ns);

#endif

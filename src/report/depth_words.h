/* What the analysis of TCP (wiretale/analysis.h) says, in words and as JSON. Any thread. */
#ifndef REPORT_DEPTH_WORDS_H
#define REPORT_DEPTH_WORDS_H

#include "json.h"
#include "ladder_words.h"

/* "fast retransmission of #81, 23.1 ms later: 3 duplicate ACKs; the original was lost after the capture point". */
enum words_tone depth_words_repeat(struct words *w, const struct wt_repeat *repeat);
/* "shows that #81 was needless". */
void depth_words_proves(struct words *w, uint64_t frame);

/* What a line below a ladder is about. */
enum depth_topic {
    DEPTH_WAITED, DEPTH_DELIVERED, DEPTH_LIMITED, DEPTH_RTT, DEPTH_REPEATS, DEPTH_HOLES, DEPTH_MARKS, DEPTH_SIGNS, DEPTH_PATH,
    DEPTH_PARTIAL, DEPTH_TOPICS
};
/* The lines below a ladder, for the data of one side. Call with index 0, 1, … until it is false. */
bool depth_words_summary(struct words *w, const struct wt_analysis *a, unsigned side, unsigned index, enum depth_topic *ret_topic);

void depth_json_repeat(struct json *j, const struct wt_repeat *repeat);
void depth_json_summary(struct json *j, const struct wt_analysis *a);

#endif

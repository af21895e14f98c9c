/* Sentences of findings while they grow. Between the files of the findings. */
#ifndef REPORT_SUMMARY_FINDINGS_DRAFT_H
#define REPORT_SUMMARY_FINDINGS_DRAFT_H

#include "report/renderer.h"
#include "wiretale/dissector.h"

#define FINDINGS_EACH 3     /* servers or hosts named for one kind of trouble; the rest is summed */
#define FINDINGS_SLOW_NS INT64_C(1000000000)

struct draft {
    struct findings *to;
    struct finding finding;
    struct wt_text text;
};

void draft_begin(struct draft *d, struct findings *to, const char *id, enum severity severity, uint64_t weight);
/* Where it shows: a connection's first frame. */
void draft_shown_by(struct report *r, struct draft *d, uint64_t frame);
void draft_end(struct draft *d);

__attribute__((format(printf, 2, 3))) void draft_say(struct draft *d, const char *format, ...);
void draft_count(struct draft *d, uint64_t n, const char *one, const char *many);
/* "3 of 20 connections", "all 20 connections", "the only connection". */
void draft_part(struct draft *d, uint64_t part, uint64_t whole, const char *one, const char *many);
void draft_capitalise(struct draft *d);
void draft_endpoint(struct report *r, struct draft *d, const struct server_key *key);
void draft_host(struct report *r, struct draft *d, const struct host_key *key);

void findings_of_flows(struct report *r, struct findings *f);
void findings_of_messages(struct report *r, struct findings *f);

#endif

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

/* A whole sentence, or one part of a list; the format is translated by the caller. */
__attribute__((format(printf, 2, 3))) void draft_say(struct draft *d, const char *format, ...);
void draft_capitalise(struct draft *d);

/* Parts of sentences, as text. */
struct piece {
    char text[400];
};
struct piece piece_count(uint64_t n);
struct piece piece_bytes(uint64_t bytes);
struct piece piece_percent(uint64_t part, uint64_t whole);
struct piece piece_duration(int64_t ns);
struct piece piece_endpoint(struct report *r, const struct server_key *key);
struct piece piece_host(struct report *r, const struct host_key *key);
enum piece_of { PIECE_PACKETS, PIECE_CONNECTIONS, PIECE_QUERIES, PIECE_EXCHANGES };
/* "3 of 20 connections", "all 20 connections", "the only connection". */
struct piece piece_part(uint64_t part, uint64_t whole, enum piece_of of);

void findings_of_flows(struct report *r, struct findings *f);
void findings_of_messages(struct report *r, struct findings *f);

#endif

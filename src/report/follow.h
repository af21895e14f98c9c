/* Following one connection: what each side sent, in order, interleaved as it arrived, holes marked. A client of the
 * engine on one worker; writes as it reads. The first connection that is selected is followed; others are counted. */
#ifndef REPORT_FOLLOW_H
#define REPORT_FOLLOW_H

#include <stdbool.h>
#include <stdint.h>

#include "report/connections_select.h"
#include "report/style.h"
#include "wiretale/engine.h"

enum follow_form {
    FOLLOW_TEXT,        /* for people: turns with their times, text as text, what is none counted */
    FOLLOW_ASCII,       /* the next four line for line as tshark's -z follow prints them */
    FOLLOW_HEX,
    FOLLOW_RAW,
    FOLLOW_YAML,
    FOLLOW_BINARY,      /* the bytes, nothing else */
    FOLLOW_JSON,
    FOLLOW_FORMS
};
/* -1: no such name. */
int follow_form_parse(const char *name);

enum follow_side { FOLLOW_CLIENT, FOLLOW_SERVER, FOLLOW_BOTH };

struct follow_options {
    enum follow_form form;
    enum follow_side side;
    bool numeric;                        /* no names */
    bool tcp_only, udp_only;
    bool live;                           /* every turn is written at once */
    const struct wt_config *config;      /* borrowed */
    const struct selection *selection;   /* borrowed */
    struct page page;
};

struct follow;

/* stop: called once when the output cannot be written (any more). NULL: out of memory. */
struct follow *follow_new(const struct follow_options *options, void (*stop)(void));
void follow_client(struct follow *f, struct wt_client *ret_client);

struct follow_result {
    uint64_t connection;                 /* number of the one that was followed; 0: none was */
    uint64_t others;                     /* further connections that were selected and sent data */
    uint64_t bytes[2], missing_bytes[2];
};
/* Ends the output. 0 or a negative error (-EPIPE: the reader has gone). */
int follow_finish(struct follow *f, struct follow_result *ret_result, struct wt_error *err);
void follow_free(struct follow *f);

#endif

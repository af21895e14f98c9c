/* What dns_pairs remembers, by shard: queries on their way, the questions that they ask, and answers that are still
 * good. Fixed numbers of entries, named by index from 1; lists by time, so that the oldest goes first. */
#ifndef MESSAGE_DNS_TABLE_H
#define MESSAGE_DNS_TABLE_H

#include <stdbool.h>
#include <stdint.h>

#include "message/digest.h"
#include "wiretale/message.h"

#define NO_ENTRY 0u
#define NAME_WIRE 255

/* A place in a list and in hash chains; index i of an array of them is entry i. */
struct link {
    uint32_t before, after;
};

struct dns_list {
    uint32_t first, last;
};

/* One question of one client to one server, from its first query to its answer. */
struct dns_question {
    struct digest key;
    uint32_t chain;                    /* next in its hash bucket; or next free */
    uint32_t attempts;                 /* that still stand */
    bool answered, told;
    bool over_tcp;
    bool asked_again;
    uint8_t opcode, name_len;          /* name_len 0: there was no readable question */
    uint16_t id, type, klass, flags;
    uint32_t retries;
    uint64_t frame;                    /* of the first query */
    int64_t ns;
    int64_t last_ns;                   /* when it was asked last */
    int64_t previous_answer_ns;
    struct wt_message from;
    uint8_t name[NAME_WIRE];           /* uncompressed */
};

/* One query as it was sent: addresses, ports, id and question. Kept after its answer, to know repeated ones. */
struct dns_attempt {
    struct digest key;                 /* with the question */
    struct digest loose;               /* without it: some responses repeat no question */
    uint32_t chain, loose_chain;
    uint32_t question;
    struct link list;
    bool done;                         /* answered, or too old to wait for: in the list `done` */
    bool newest;                       /* of those with the same `loose` */
    uint64_t frame;                    /* where it was sent first, or again after a long time */
    int64_t ns, last_ns;
    uint64_t response_frame;
};

/* An answer that the client was given. */
struct dns_known {
    struct digest key;
    uint32_t chain;
    struct link list;
    int64_t ns, until_ns;
};

struct dns_table {
    uint32_t attempt_limit, known_limit;
    struct dns_question *questions;    /* owned, as all below; [0] is not used */
    struct dns_attempt *attempts;
    struct dns_known *knowns;
    uint32_t *question_heads, *attempt_heads, *loose_heads, *known_heads;
    uint32_t attempt_mask, known_mask;
    uint32_t free_question, free_attempt;      /* chains of those given back */
    uint32_t fresh_question, fresh_attempt, fresh_known;   /* the next never used */
    struct dns_list waiting, done, known;
};

/* NULL: no memory. */
struct dns_table *dns_table_new(uint32_t attempts, uint32_t knowns);
void dns_table_free(struct dns_table *t);

/* The heads of the chains that these keys will need. */
void dns_table_prefetch(const struct dns_table *t, struct digest asked, struct digest exact, struct digest loose);

uint32_t dns_question_find(const struct dns_table *t, struct digest key);
uint32_t dns_question_add(struct dns_table *t, struct digest key);     /* zeroed; never NO_ENTRY where attempts are free */
void dns_question_unhash(struct dns_table *t, uint32_t question);      /* a new one may take its place */
void dns_question_remove(struct dns_table *t, uint32_t question);

uint32_t dns_attempt_find(const struct dns_table *t, struct digest key);
uint32_t dns_attempt_find_loose(const struct dns_table *t, struct digest loose);
/* NO_ENTRY: full; one has to be removed first. It stands in the list of those that wait. */
uint32_t dns_attempt_add(struct dns_table *t, struct digest key, struct digest loose);
void dns_attempt_again(struct dns_table *t, uint32_t attempt);         /* to the end of the list of those that wait */
void dns_attempt_done(struct dns_table *t, uint32_t attempt);
void dns_attempt_remove(struct dns_table *t, uint32_t attempt);

uint32_t dns_known_find(const struct dns_table *t, struct digest key);
/* Finds or makes room; *ret_dropped: the oldest had to go. */
uint32_t dns_known_put(struct dns_table *t, struct digest key, bool *ret_dropped);

#endif

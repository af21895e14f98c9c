#include "message/dns_table.h"

#include <stdlib.h>
#include <string.h>

static uint32_t power_above(uint32_t n)
{
    uint32_t p = 16;
    while (p < n)
        p *= 2;
    return p;
}

struct dns_table *dns_table_new(uint32_t attempts, uint32_t knowns)
{
    struct dns_table *t = calloc(1, sizeof *t);
    if (!t)
        return NULL;
    t->attempt_limit = attempts;
    t->known_limit = knowns;
    t->attempt_mask = power_above(attempts + attempts / 2) - 1;
    t->known_mask = power_above(knowns + knowns / 2) - 1;
    size_t heads = (size_t)t->attempt_mask + 1;
    t->questions = malloc(((size_t)attempts + 1) * sizeof *t->questions);
    if (t->questions)
        memset(&t->questions[NO_ENTRY], 0, sizeof *t->questions);
    t->attempts = malloc(((size_t)attempts + 1) * sizeof *t->attempts);
    t->knowns = malloc(((size_t)knowns + 1) * sizeof *t->knowns);
    t->question_heads = calloc(heads, sizeof(uint32_t));
    t->attempt_heads = calloc(heads, sizeof(uint32_t));
    t->loose_heads = calloc(heads, sizeof(uint32_t));
    t->known_heads = calloc((size_t)t->known_mask + 1, sizeof(uint32_t));
    t->fresh_question = t->fresh_attempt = t->fresh_known = 1;
    bool ok = t->questions && t->attempts && t->knowns && t->question_heads && t->attempt_heads && t->loose_heads
        && t->known_heads;
    if (ok)
        return t;
    dns_table_free(t);
    return NULL;
}

void dns_table_free(struct dns_table *t)
{
    if (!t)
        return;
    free(t->questions);
    free(t->attempts);
    free(t->knowns);
    free(t->question_heads);
    free(t->attempt_heads);
    free(t->loose_heads);
    free(t->known_heads);
    free(t);
}

/* Takes index `i` out of the chain at *head; `next` finds the place of an index's successor. */
#define CHAIN_REMOVE(head, array, member, i) \
    do { \
        uint32_t *at_ = (head); \
        while (*at_ != NO_ENTRY && *at_ != (i)) \
            at_ = &(array)[*at_].member; \
        if (*at_ == (i)) \
            *at_ = (array)[i].member; \
    } while (0)

#define LIST_ADD(list_, array, i) \
    do { \
        (array)[i].list.before = (list_).last; \
        (array)[i].list.after = NO_ENTRY; \
        if ((list_).last) \
            (array)[(list_).last].list.after = (i); \
        else \
            (list_).first = (i); \
        (list_).last = (i); \
    } while (0)

#define LIST_REMOVE(list_, array, i) \
    do { \
        struct link l_ = (array)[i].list; \
        if (l_.before) \
            (array)[l_.before].list.after = l_.after; \
        else \
            (list_).first = l_.after; \
        if (l_.after) \
            (array)[l_.after].list.before = l_.before; \
        else \
            (list_).last = l_.before; \
    } while (0)

void dns_table_prefetch(const struct dns_table *t, struct digest asked, struct digest exact, struct digest loose)
{
    __builtin_prefetch(&t->attempt_heads[exact.a & t->attempt_mask], 1);
    __builtin_prefetch(&t->loose_heads[loose.a & t->attempt_mask], 1);
    __builtin_prefetch(&t->question_heads[asked.a & t->attempt_mask], 1);
    __builtin_prefetch(&t->known_heads[asked.a & t->known_mask], 1);
}

/* ---- questions ---- */

uint32_t dns_question_find(const struct dns_table *t, struct digest key)
{
    uint32_t i = t->question_heads[key.a & t->attempt_mask];
    while (i && !digest_equal(t->questions[i].key, key))
        i = t->questions[i].chain;
    return i;
}

uint32_t dns_question_add(struct dns_table *t, struct digest key)
{
    uint32_t i = t->free_question;
    if (i)
        t->free_question = t->questions[i].chain;
    else if (t->fresh_question <= t->attempt_limit)
        i = t->fresh_question++;
    else
        return NO_ENTRY;
    struct dns_question *q = &t->questions[i];
    memset(q, 0, offsetof(struct dns_question, name));
    q->key = key;
    uint32_t *head = &t->question_heads[key.a & t->attempt_mask];
    q->chain = *head;
    *head = i;
    return i;
}

void dns_question_unhash(struct dns_table *t, uint32_t question)
{
    struct dns_question *q = &t->questions[question];
    CHAIN_REMOVE(&t->question_heads[q->key.a & t->attempt_mask], t->questions, chain, question);
    q->chain = NO_ENTRY;
}

void dns_question_remove(struct dns_table *t, uint32_t question)
{
    dns_question_unhash(t, question);
    t->questions[question].chain = t->free_question;
    t->free_question = question;
}

/* ---- attempts ---- */

uint32_t dns_attempt_find(const struct dns_table *t, struct digest key)
{
    uint32_t i = t->attempt_heads[key.a & t->attempt_mask];
    while (i && !digest_equal(t->attempts[i].key, key))
        i = t->attempts[i].chain;
    return i;
}

uint32_t dns_attempt_find_loose(const struct dns_table *t, struct digest loose)
{
    uint32_t i = t->loose_heads[loose.a & t->attempt_mask];
    while (i && !digest_equal(t->attempts[i].loose, loose))
        i = t->attempts[i].loose_chain;
    return i;
}

static void forget_loose(struct dns_table *t, uint32_t attempt)
{
    struct dns_attempt *a = &t->attempts[attempt];
    if (a->newest)
        CHAIN_REMOVE(&t->loose_heads[a->loose.a & t->attempt_mask], t->attempts, loose_chain, attempt);
    a->newest = false;
}

uint32_t dns_attempt_add(struct dns_table *t, struct digest key, struct digest loose)
{
    uint32_t i = t->free_attempt;
    if (i)
        t->free_attempt = t->attempts[i].chain;
    else if (t->fresh_attempt <= t->attempt_limit)
        i = t->fresh_attempt++;
    else
        return NO_ENTRY;
    struct dns_attempt *a = &t->attempts[i];
    memset(a, 0, sizeof *a);
    a->key = key;
    a->loose = loose;
    uint32_t older = dns_attempt_find_loose(t, loose);
    if (older)
        forget_loose(t, older);
    uint32_t *head = &t->attempt_heads[key.a & t->attempt_mask];
    a->chain = *head;
    *head = i;
    uint32_t *loose_head = &t->loose_heads[loose.a & t->attempt_mask];
    a->loose_chain = *loose_head;
    *loose_head = i;
    a->newest = true;
    LIST_ADD(t->waiting, t->attempts, i);
    return i;
}

void dns_attempt_again(struct dns_table *t, uint32_t attempt)
{
    struct dns_attempt *a = &t->attempts[attempt];
    if (a->done)
        LIST_REMOVE(t->done, t->attempts, attempt);
    else
        LIST_REMOVE(t->waiting, t->attempts, attempt);
    a->done = false;
    LIST_ADD(t->waiting, t->attempts, attempt);
}

void dns_attempt_done(struct dns_table *t, uint32_t attempt)
{
    struct dns_attempt *a = &t->attempts[attempt];
    if (a->done)
        return;
    LIST_REMOVE(t->waiting, t->attempts, attempt);
    a->done = true;
    LIST_ADD(t->done, t->attempts, attempt);
}

void dns_attempt_remove(struct dns_table *t, uint32_t attempt)
{
    struct dns_attempt *a = &t->attempts[attempt];
    if (a->done)
        LIST_REMOVE(t->done, t->attempts, attempt);
    else
        LIST_REMOVE(t->waiting, t->attempts, attempt);
    forget_loose(t, attempt);
    CHAIN_REMOVE(&t->attempt_heads[a->key.a & t->attempt_mask], t->attempts, chain, attempt);
    a->chain = t->free_attempt;
    t->free_attempt = attempt;
}

/* ---- answers ---- */

uint32_t dns_known_find(const struct dns_table *t, struct digest key)
{
    uint32_t i = t->known_heads[key.a & t->known_mask];
    while (i && !digest_equal(t->knowns[i].key, key))
        i = t->knowns[i].chain;
    return i;
}

uint32_t dns_known_put(struct dns_table *t, struct digest key, bool *ret_dropped)
{
    *ret_dropped = false;
    uint32_t i = dns_known_find(t, key);
    if (i) {
        LIST_REMOVE(t->known, t->knowns, i);
        LIST_ADD(t->known, t->knowns, i);
        return i;
    }
    if (t->fresh_known <= t->known_limit) {
        i = t->fresh_known++;
    } else {
        i = t->known.first;
        *ret_dropped = true;
        LIST_REMOVE(t->known, t->knowns, i);
        CHAIN_REMOVE(&t->known_heads[t->knowns[i].key.a & t->known_mask], t->knowns, chain, i);
    }
    struct dns_known *k = &t->knowns[i];
    k->key = key;
    uint32_t *head = &t->known_heads[key.a & t->known_mask];
    k->chain = *head;
    *head = i;
    LIST_ADD(t->known, t->knowns, i);
    return i;
}

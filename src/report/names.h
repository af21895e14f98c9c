/* Names of addresses, as DNS answers in the capture gave them. Bounded: the pairs of address and name that were
 * seen last are kept (max-names). One book a worker; books are merged when the workers have ended. */
#ifndef REPORT_NAMES_H
#define REPORT_NAMES_H

#include <stddef.h>
#include <stdint.h>

#include "wiretale/message.h"

struct names;

struct names *names_new(size_t limit);      /* NULL: out of memory */
void names_free(struct names *names);
/* The two steps by which names_add() looks an address up, for who knows some time before that it will be called: fetch
 * what the step will read. */
void names_fetch(const struct names *names, unsigned family, const uint8_t *address);
void names_fetch_pair(const struct names *names, unsigned family, const uint8_t *address);
/* 0, or -ENOMEM (the name is then not remembered). */
int names_add(struct names *names, const struct wt_name_observation *seen);
/* Takes over what `from` knows. */
void names_merge(struct names *into, const struct names *from);
/* The name that led to this address at this time (the last one seen before it, else the first after), or NULL.
 * Presentation form as in struct wt_name_observation: safe to print. Borrowed until the book changes. */
const char *names_find(const struct names *names, unsigned family, const uint8_t *address, int64_t time_ns);
size_t names_count(const struct names *names);
uint64_t names_forgotten(const struct names *names);

#endif

/* -N: asks the system for the names of addresses. The only thing that sends packets. Main thread, after reading. */
#ifndef CLI_RESOLVE_H
#define CLI_RESOLVE_H

#include <stddef.h>
#include <stdint.h>

#include "report/names.h"

#define RESOLVE_MOST 1000    /* addresses asked for in one run */

struct resolver {
    struct names *names;     /* borrowed; answers go here */
    struct names *asked;     /* owned */
    unsigned count;
};

int resolve_by_system(unsigned family, const uint8_t *address, char *ret_name, size_t size);    /* 0: found */

int resolver_init(struct resolver *r, struct names *names);    /* 0 or -ENOMEM */
void resolver_done(struct resolver *r);
/* Where the address has no name yet: asks, once. */
void resolver_ask(struct resolver *r, unsigned family, const uint8_t *address);

#endif

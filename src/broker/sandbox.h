/* The sandbox of the process that parses. Entered once, on the only thread, when all that it needs is open. */
#ifndef BROKER_SANDBOX_H
#define BROKER_SANDBOX_H

#include <stdbool.h>
#include <stdio.h>

#include "wiretale/error.h"

struct sandbox_state {
    const char *profile;      /* "strict"; "wide" in builds for sanitizers and coverage */
    bool no_new_privileges, seccomp;
    int landlock_abi;         /* 0: this kernel has none */
    unsigned user, group;     /* whose rights are left */
};

/* user: a name or number to become if we are root; NULL: who called sudo, else nobody. On failure the process may be
 * half inside: the caller gives up. A kernel without Landlock is no failure: seccomp alone forbids the same. */
int sandbox_enter(const char *user, struct sandbox_state *ret_state, struct wt_error *err);
void sandbox_drop_capabilities(void);

/* Tries each forbidden thing, prints a line for each. False: something was possible. */
bool sandbox_try(FILE *to);

#endif

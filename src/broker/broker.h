/* The broker: a process forked before any packet is read, which keeps the rights and the user's identity. The process
 * that parses asks it over a socketpair for the few things that it may still have: the outputs that the command line
 * named, temporary files, names of addresses. A request holds no path, so that whoever takes over the parser can choose
 * none. The broker never reads a packet byte.
 *
 * Requests may come from any thread; broker_start() comes before there are threads. */
#ifndef BROKER_BROKER_H
#define BROKER_BROKER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "wiretale/error.h"

#define BROKER_NAME_MAX 4096

/* What the broker does on request; these run in its process. */
struct broker_duties {
    void *to;
    int (*open_output)(void *to);                 /* a descriptor, or -errno after having said why */
    int (*close_output)(void *to, bool keep);     /* 0 or -errno */
    int (*open_temporary)(void);                  /* a descriptor or -errno */
    /* The next file of -w: a descriptor and its name, or -errno and what is wrong. NULL: the command writes none. */
    int (*open_written)(void *to, char ret_name[BROKER_NAME_MAX]);
    int (*name_of)(unsigned family, const uint8_t *address, char *ret_name, size_t size);
};

int broker_start(const struct broker_duties *duties, struct wt_error *err);
bool broker_running(void);

int broker_open_output(void);
int broker_close_output(bool keep);
int broker_open_temporary(void);
int broker_open_written(char ret_name[BROKER_NAME_MAX]);
int broker_shorten_written(uint64_t size);    /* the last one */
int broker_name_of(unsigned family, const uint8_t *address, char *ret_name, size_t size);

#endif

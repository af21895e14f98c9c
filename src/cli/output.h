/* Where results go: standard output, or the file of --output. A file read from files appears whole, under its name,
 * when it is complete; a live one grows in place. Files belong to the user who called sudo. */
#ifndef CLI_OUTPUT_H
#define CLI_OUTPUT_H

#include <stdbool.h>
#include <stdio.h>

#include "cli/options.h"

struct output {
    FILE *to;
    const char *path;      /* borrowed; NULL: standard output */
    char *temporary;       /* owned; NULL: written in place */
    bool brokered;         /* the broker opened it and will settle it */
};

/* 0, or STATUS_INPUT with its message said. */
int output_open(struct output *out, const struct options *o);
/* Whether writing still makes sense: false once a write failed. */
bool output_good(const struct output *out);
/* Returns status, or STATUS_INPUT with its message where something could not be written. */
int output_close(struct output *out, int status);

/* The last step, without the stream: gives the file its name, or removes it. 0 or -errno. */
int output_settle(struct output *out, bool keep);

/* Under sudo: the file becomes the calling user's. */
void give_to_caller(int fd);

#endif

/* `report -Y` reads its input twice; an interface or a pipe gives its packets once. A copy of them in a file without a name,
 * of at most max-spool-bytes. Main thread. */
#ifndef CLI_INPUT_COPY_H
#define CLI_INPUT_COPY_H

#include "cli/options.h"
#include "wiretale/capture.h"

struct input_copy {
    int fd;                     /* of the copy; -1: none */
    char path[64];
    struct wt_input input;
    struct wt_capture_result result;
};

bool input_read_once(const struct options *o);
/* Captures until the input ends, a limit, or a signal. A status of the command; where it is STATUS_DONE, *ret_options reads
 * the copy, and holds as long as the copy. */
int input_copy_make(struct input_copy *copy, const struct options *o, struct options *ret_options);
void input_copy_done(struct input_copy *copy);

#endif

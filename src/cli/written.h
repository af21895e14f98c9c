/* The files that -w names. Within the sandbox the broker opens and shortens them; main thread, and the broker. */
#ifndef CLI_WRITTEN_H
#define CLI_WRITTEN_H

#include "cli/options.h"
#include "wiretale/capture.h"

/* What -w, -b and -a say. The opener is the broker where there is one. */
void written_options(const struct options *o, struct wt_capture_options *ret_options);
/* A broker's duty: struct options * in `to`. */
int written_open(const struct options *o, char *ret_name, size_t size);

#endif

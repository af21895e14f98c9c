/* A network interface as a source, through libpcap. Capture thread. */
#ifndef SOURCE_LIVE_H
#define SOURCE_LIVE_H

#include "source/source.h"

/* -ENODEV: no such interface (names those there are); -EPERM: no right (says how to grant it). */
int live_open(const char *interface, const struct wt_source_options *options, struct source **ret_source,
              struct wt_error *err);

#endif

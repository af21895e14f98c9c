/* What a long run shows on standard error when that is a terminal: a bar for files, counters for interfaces. Its own
 * thread, which only asks wt_engine_progress(). */
#ifndef CLI_PROGRESS_H
#define CLI_PROGRESS_H

#include <stdbool.h>

#include "cli/options.h"

struct progress;

/* NULL where nothing is to be shown. streams: the command prints while it reads. */
struct progress *progress_start(struct wt_engine *engine, const struct options *o, bool streams);
void progress_stop(struct progress *p);

#endif

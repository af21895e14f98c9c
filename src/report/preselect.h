/* Which frames a display filter leaves, before they are analysed anew: a first pass finds the connections in which a
 * packet passes (or which pass themselves, where the filter speaks of conn. fields); the second takes only their frames,
 * and packets of no connection that pass. A client of the engine on one worker; 4 bytes a frame in a temporary file, a
 * bit a frame and a connection in memory. */
#ifndef REPORT_PRESELECT_H
#define REPORT_PRESELECT_H

#include <stdbool.h>
#include <stdint.h>

#include "wiretale/engine.h"
#include "wiretale/filter.h"

struct preselect;

/* filter: borrowed. NULL with err: no memory, no temporary file. */
struct preselect *preselect_new(const struct wt_filter *filter, struct wt_error *err);
void preselect_client(struct preselect *p, struct wt_client *ret_client);
/* After the first pass. 0, or a negative error. */
int preselect_finish(struct preselect *p, struct wt_error *err);
/* For wt_source_options.admit. */
bool preselect_admits(void *preselect, uint64_t number);
uint64_t preselect_frames(const struct preselect *p);      /* that are left */
void preselect_free(struct preselect *p);

#endif

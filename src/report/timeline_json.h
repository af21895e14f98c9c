/* A ladder as one line of JSON: docs/schema/timeline.json. Any thread. */
#ifndef REPORT_TIMELINE_JSON_H
#define REPORT_TIMELINE_JSON_H

#include <stdio.h>

#include "ladder.h"
#include "names.h"

/* analysis and names may be NULL. */
void timeline_json(FILE *to, const struct ladder *l, const struct wt_connection *c, const struct wt_analysis *analysis,
                   const struct names *names, uint64_t time_wait_s);

#endif

/* A ladder as a picture: two lifelines, an arrow for each line, sloped by the time that it was on its way. One thread. */
#ifndef REPORT_TIMELINE_SVG_H
#define REPORT_TIMELINE_SVG_H

#include "timeline_text.h"

/* A whole SVG file. At most max_rows rows; what is left out of the middle is said, and returned. */
uint64_t timeline_svg(struct timeline_text *t, const struct ladder *l, const struct wt_connection *c, uint64_t max_rows,
                      struct out *o);

#endif

/* Pieces of SVG that every picture needs. Any thread. */
#ifndef REPORT_SVG_H
#define REPORT_SVG_H

#include "report/packets_out.h"

/* Text as XML allows it: escaped; characters that XML has no place for become '?'. */
void svg_text(struct out *o, const char *text, size_t len);
/* Tenths of a unit: finer than any screen, and short. */
void svg_number(struct out *o, double v);
/* "M12.5 40" */
void svg_xy(struct out *o, char command, double x, double y);

#endif

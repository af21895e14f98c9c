/* Columns of the packet list as -o gui.column.format:"Title","%m",… chooses them. One thread. */
#ifndef REPORT_COLUMN_CHOICE_H
#define REPORT_COLUMN_CHOICE_H

#include "columns.h"
#include "wiretale/error.h"

struct column_choice;

/* text: "Title","format" pairs. columns: borrowed. NULL with err: a format that nobody knows, a field that is none. */
struct column_choice *column_choice_new(const char *text, struct columns *columns, struct wt_error *err);
void column_choice_free(struct column_choice *c);
/* tshark's own columns. */
#define COLUMN_CHOICE_USUAL \
    "\"No.\",\"%m\",\"Time\",\"%t\",\"Source\",\"%s\",\"Destination\",\"%d\",\"Protocol\",\"%p\",\"Length\",\"%L\",\"Info\",\"%i\""
/* The line of the current packet, padded and with arrows as tshark's, without the line's end. separator: a blank or a tab. */
void column_choice_line(struct column_choice *c, const struct wt_packet_view *view, char separator, struct out *o);

#endif

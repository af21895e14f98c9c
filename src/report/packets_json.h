/* Packets as JSON (tshark's -T json, jsonl, ek) and as PDML, made of the lines of the tree. One thread. */
#ifndef REPORT_PACKETS_JSON_H
#define REPORT_PACKETS_JSON_H

#include "columns.h"
#include "packets.h"
#include "packets_out.h"

struct packets_json;

/* fields: those of -e, or NULL for the whole tree; borrowed. NULL: out of memory. */
struct packets_json *packets_json_new(enum packets_format format, struct columns *columns, struct fields *fields);
void packets_json_free(struct packets_json *j);

void packets_json_begin(struct packets_json *j, struct out *o);
void packets_json_packet(struct packets_json *j, const struct wt_packet_view *view, struct out *o);
void packets_json_end(struct packets_json *j, struct out *o);

/* Text as a JSON string, quotes included: control characters escaped, what is no UTF-8 replaced. */
void packets_json_string(struct out *o, struct wt_slice text, bool ascii);

#endif

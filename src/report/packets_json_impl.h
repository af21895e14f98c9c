/* What the writers of packets as JSON and PDML share. */
#ifndef REPORT_PACKETS_JSON_IMPL_H
#define REPORT_PACKETS_JSON_IMPL_H

#include "packets_json.h"
#include "tree.h"

#define MAX_LEVELS 64
#define MAX_KEY 512

/* The tree comes as lines with depths; what is written is nested. A line is written when the next one tells whether
 * it has children. */
struct level {
    bool any;                      /* something stands in it */
};

struct packets_json {
    enum packets_format format;
    struct columns *columns;
    struct fields *fields;         /* borrowed */
    struct tree tree;
    struct out *to;
    const struct wt_packet *packet;    /* PDML: the current one */
    uint64_t packets;
    unsigned depth;                /* levels open below the packet's layers */
    struct level levels[MAX_LEVELS + 1];
    bool pending, pending_heading;
    char key[MAX_KEY];             /* of the pending line */
    struct ek *ek;
    struct value_clock utc;
    int64_t now_ns;                /* of the packet */
};

/* A value as a JSON string: as -T fields, but strings as they came and bytes with colons. */
void packets_json_value(struct packets_json *j, const struct tree_line *line, struct out *o);
/* "packets-2013-03-07": the index that Elasticsearch would put it in. */
void packets_json_index(struct packets_json *j, int64_t time_ns, struct out *o);

/* packets_ek.c */
struct ek *packets_ek_new(void);
void packets_ek_free(struct ek *ek);
void packets_ek_packet(struct packets_json *j, const struct wt_packet_view *view);

/* packets_pdml.c */
void packets_pdml_packet(struct packets_json *j, const struct wt_packet_view *view);

#endif

/* The detail tree of a packet: lines with their depth and the bytes they come from, as Wireshark's users know them.
 * One thread a tree; lines are valid during the call that gives them. */
#ifndef REPORT_TREE_H
#define REPORT_TREE_H

#include <stdint.h>

#include "packets_out.h"
#include "value.h"
#include "wiretale/engine.h"

struct tree_line {
    unsigned depth;                 /* 0: a layer */
    unsigned layer;                 /* index of the layer; UINT32_MAX: the frame's own lines */
    const char *text;               /* safe to print; not terminated */
    size_t len;
    struct wt_span span;            /* its bytes; len 0: none */
    const struct wt_field *field;   /* NULL: a heading, a note, one of the frame's own lines */
    struct wt_value value;          /* of field */
    const char *name;               /* of field; of the layer ("tcp"); "frame.len"; NULL: a heading, a note */
    const char *plain;              /* the frame's own lines: the value as -T fields prints it; else NULL */
    bool note;                      /* a remark: "[Malformed Packet: …]" */
    bool hidden;                    /* another name of the line before it (ip.addr): for machines, not for the tree */
};

typedef void (*tree_take)(void *to, const struct tree_line *line);

struct tree {
    struct value_clock clock;
    int64_t delta_displayed_ns;     /* set by who shows packets: since the one shown before */
    struct out text, plain;         /* scratch */
};

void tree_init(struct tree *t);
void tree_done(struct tree *t);
/* Gives every line of the packet, in order. relative_ns, delta_ns: since the first and the previous frame. */
void tree_packet(struct tree *t, const struct wt_packet_view *view, int64_t relative_ns, int64_t delta_ns,
                 tree_take take, void *to);

/* "Transmission Control Protocol, Src Port: 80, Dst Port: 51506, Seq: 0, Len: 0" */
void tree_layer_heading(const struct wt_layer_view *layer, struct out *o);
/* "Frame 1: 78 bytes on wire (624 bits), 78 bytes captured (624 bits)" */
void tree_frame_heading(const struct wt_frame *frame, struct out *o);

/* A hex dump in Wireshark's form: offset, 16 bytes, text. */
void tree_hex_dump(struct out *o, struct wt_slice bytes);

#endif

/* What a field is, and how values of fields reach those who show, filter or write them.
 *
 * A dissector has one table of struct wt_field. A row is read in one of three ways (`from`):
 *   HEADER   from the dissector's decoded struct, by offset and size;
 *   CONTEXT  from struct wt_context, which later stages fill (checksum status, stream number, relative seq);
 *   SAID     only the dissector's describe() knows it: lists, records, options, things that may be absent.
 * Tree, filter and JSON are three sinks of the same describe(). Tables are const; any thread. */
#ifndef WIRETALE_FIELD_H
#define WIRETALE_FIELD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "wiretale/cursor.h"

enum wt_type {
    WT_NONE,         /* a heading or a presence: no value (tcp.options.sack_perm, tcp.analysis.retransmission) */
    WT_BOOL,
    WT_UINT8, WT_UINT16, WT_UINT24, WT_UINT32, WT_UINT64,
    WT_INT32, WT_INT64,
    WT_IPV4,         /* bytes: 4, network order */
    WT_IPV6,         /* bytes: 16 */
    WT_ETHER,        /* bytes: 6 */
    WT_BYTES,
    WT_STRING,       /* bytes: text as it came; whoever prints it makes it safe */
    WT_TIME,         /* i: nanoseconds since 1970 */
    WT_DURATION,     /* i: nanoseconds */
    WT_FRAMENUM,     /* u: a frame's number */
    WT_PROTOCOL      /* the layer itself (field "tcp") */
};

enum wt_show {
    WT_DEC, WT_HEX, WT_DEC_HEX, WT_HEX_DEC, WT_OCT,
    WT_ASCII,        /* WT_STRING only: bytes over 127 are no text (default: the string is UTF-8) */
    WT_NAME          /* WT_STRING only: a DNS name, labels of any bytes with dots between */
};

enum wt_from { WT_SAID, WT_HEADER, WT_CONTEXT };

struct wt_value_name {
    uint64_t value;
    const char *name;    /* a table ends with a NULL name */
};

struct wt_field {
    const char *name;     /* "tcp.srcport": Wireshark's where the meaning is the same */
    const char *label;    /* "Source Port" */
    const char *meaning;  /* one sentence, for `wiretale fields` and the manual */
    uint8_t type;         /* enum wt_type */
    uint8_t show;         /* enum wt_show; hexadecimal is padded to the type's width, as in Wireshark */
    uint8_t from;         /* enum wt_from */
    uint8_t depth;        /* in the tree: 0 directly below its layer, 1 below the last row of depth 0, … */
    uint16_t offset;      /* HEADER, CONTEXT: where in the struct */
    uint16_t size;        /* and its size there: 1, 2, 4 or 8 for numbers (host order), else the bytes */
    int16_t at;           /* its bytes on the wire, from the start of the layer's header; -1: not fixed or none */
    uint16_t span;
    uint64_t mask;        /* 0: the whole number; else the bits, shown shifted down */
    const struct wt_value_name *names;   /* or NULL */
};

/* Rows for tables: WT_ROW(struct tcp, src_port, WT_UINT16, WT_DEC, 0, 2, "tcp.srcport", "Source Port", "…") */
#define WT_ROW(strct, member, typ, shw, at_, span_, nam, lab, mean) \
    { .name = nam, .label = lab, .meaning = mean, .type = typ, .show = shw, .from = WT_HEADER, \
      .offset = offsetof(strct, member), .size = sizeof(((strct *)0)->member), .at = at_, .span = span_ }
#define WT_ROW_NAMED(strct, member, typ, shw, at_, span_, nam, lab, mean, names_) \
    { .name = nam, .label = lab, .meaning = mean, .type = typ, .show = shw, .from = WT_HEADER, \
      .offset = offsetof(strct, member), .size = sizeof(((strct *)0)->member), .at = at_, .span = span_, \
      .names = names_ }
#define WT_ROW_BITS(strct, member, typ, shw, depth_, at_, span_, mask_, nam, lab, mean, names_) \
    { .name = nam, .label = lab, .meaning = mean, .type = typ, .show = shw, .from = WT_HEADER, .depth = depth_, \
      .offset = offsetof(strct, member), .size = sizeof(((strct *)0)->member), .at = at_, .span = span_, \
      .mask = mask_, .names = names_ }
#define WT_ROW_CONTEXT(member, typ, shw, depth_, nam, lab, mean, names_) \
    { .name = nam, .label = lab, .meaning = mean, .type = typ, .show = shw, .from = WT_CONTEXT, .depth = depth_, \
      .offset = offsetof(struct wt_context, member), .size = sizeof(((struct wt_context *)0)->member), .at = -1, \
      .names = names_ }
#define WT_ROW_SAID(typ, shw, depth_, nam, lab, mean, names_) \
    { .name = nam, .label = lab, .meaning = mean, .type = typ, .show = shw, .from = WT_SAID, .depth = depth_, \
      .at = -1, .names = names_ }

struct wt_value {
    union {
        uint64_t u;
        int64_t i;
        struct wt_slice bytes;   /* borrowed; valid during the call */
    };
};

/* Where the bytes of a value stand: in which buffer of the packet, from where, how many. len 0: generated. */
struct wt_span {
    uint32_t offset;     /* from the start of the buffer */
    uint32_t len;
    uint8_t buffer;      /* struct wt_layer.buffer */
};

/* A reader of fields. Calls come in tree order; open/close nest. A sink that wants a few fields only says so
 * in `wants` (NULL: all), and describe() may ask it before it decodes something dear. */
struct wt_sink {
    bool (*wants)(struct wt_sink *sink, const struct wt_field *field);
    void (*field)(struct wt_sink *sink, const struct wt_field *field, struct wt_value value, struct wt_span span);
    /* A subtree: of `field` with its value (as field() would have given it), or, where field is NULL, of a plain
     * heading. `heading` is the whole line's text, or NULL for the default "Label: value". */
    void (*open)(struct wt_sink *sink, const struct wt_field *field, struct wt_value value, struct wt_span span,
                 const char *heading);
    void (*close)(struct wt_sink *sink);
    /* A remark without a value: "[Malformed: …]". */
    void (*note)(struct wt_sink *sink, const char *text, struct wt_span span);
};

/* The number in a struct at a HEADER or CONTEXT row, masked and shifted. */
uint64_t wt_field_number(const struct wt_field *field, const void *base);

/* The name of a value, or NULL. */
const char *wt_value_name(const struct wt_value_name *names, uint64_t value);

/* Bytes of a type's number on the wire and in hexadecimal padding: WT_UINT16 gives 2; 0 for other types. */
unsigned wt_type_bytes(enum wt_type type);

#endif

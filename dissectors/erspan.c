/* ERSPAN (draft-foschiano-erspan): frames that a switch mirrors, over GRE. Type I has no header of its own: it is
 * recognised by GRE's absent sequence number, there. */
#include "dissectors/erspan.h"

static const struct wt_key keys[] = { { WT_KEY_ETHERTYPE, 0x88be }, { WT_KEY_ETHERTYPE, 0x22eb } };

enum { F_VERSION, F_VLAN, F_COS, F_ENCAP, F_BSO, F_TRUNCATED, F_SPANID, F_INDEX, F_TIMESTAMP, F_SGT, F_PDU, F_FRAME_TYPE,
       F_HARDWARE, F_DIRECTION, F_GRANULARITY, F_OPTIONAL, F_COUNT };

static const struct wt_value_name version_names[] = { { 1, "Type II" }, { 2, "Type III" }, { 0, NULL } };
static const struct wt_value_name direction_names[] = { { 0, "Incoming" }, { 1, "Outgoing" }, { 0, NULL } };

#define BITS(row, member, at, mask, nam, lab, mean, names) \
    [row] = WT_ROW_BITS(struct erspan, member, WT_UINT16, WT_DEC, 0, at, 2, mask, "erspan." nam, lab, mean, names)

static const struct wt_field fields[F_COUNT] = {
    BITS(F_VERSION, first, 0, 0xf000, "version", "Version", "1: type II, 2: type III", version_names),
    BITS(F_VLAN, first, 0, 0x0fff, "vlan", "Vlan", "In which the frame was seen", NULL),
    BITS(F_COS, second, 2, 0xe000, "cos", "COS", "Its class of service", NULL),
    BITS(F_ENCAP, second, 2, 0x1800, "encap", "Encap", "Type II: how it was tagged", NULL),
    BITS(F_BSO, second, 2, 0x1800, "bso", "Bad/Short/Oversized", "Type III: what was wrong with it", NULL),
    BITS(F_TRUNCATED, second, 2, 0x0400, "truncated", "Truncated", "The mirror has cut it", NULL),
    BITS(F_SPANID, second, 2, 0x03ff, "spanid", "SpanID", "Which mirror session", NULL),
    [F_INDEX] = WT_ROW_BITS(struct erspan, index, WT_UINT32, WT_DEC, 0, 4, 4, 0xfffff, "erspan.index", "Index", "Port and direction", NULL),
    [F_TIMESTAMP] = WT_ROW(struct erspan, index, WT_UINT32, WT_DEC, 4, 4, "erspan.timestamp", "Timestamp", "The switch's clock"),
    [F_SGT] = WT_ROW_BITS(struct erspan, more, WT_UINT16, WT_DEC, 0, 8, 2, 0xffff0000, "erspan.sgt", "Security Group Tag",
                          "Whom it belongs to", NULL),
    [F_PDU] = WT_ROW_BITS(struct erspan, more, WT_UINT16, WT_DEC, 0, 10, 2, 0x8000, "erspan.p", "Has Ethernet PDU",
                          "It carries an Ethernet frame", NULL),
    [F_FRAME_TYPE] = WT_ROW_BITS(struct erspan, more, WT_UINT16, WT_DEC, 0, 10, 2, 0x7c00, "erspan.ft", "Frame Type", "0: Ethernet, 2: IP", NULL),
    [F_HARDWARE] = WT_ROW_BITS(struct erspan, more, WT_UINT16, WT_DEC, 0, 10, 2, 0x03f0, "erspan.hw", "Hardware ID", "Which engine of the switch",
                               NULL),
    [F_DIRECTION] = WT_ROW_BITS(struct erspan, more, WT_BOOL, WT_DEC, 0, 10, 2, 0x0008, "erspan.direction", "Direction",
                                "Whether it came in or went out", direction_names),
    [F_GRANULARITY] = WT_ROW_BITS(struct erspan, more, WT_UINT16, WT_DEC, 0, 10, 2, 0x0006, "erspan.gra", "Timestamp granularity",
                                  "Unit of the time stamp", NULL),
    [F_OPTIONAL] = WT_ROW_BITS(struct erspan, more, WT_UINT16, WT_DEC, 0, 10, 2, 0x0001, "erspan.o", "Optional Sub headers",
                               "A sub-header of 8 bytes follows", NULL),
};

static bool is_three(const struct erspan *h)
{
    return h->first >> 12 == 2;
}

static enum wt_cut decode(struct wt_cursor *c, void *header)
{
    struct erspan *h = header;
    h->first = wt_read_be16(c);
    h->second = wt_read_be16(c);
    h->index = wt_read_be32(c);
    if (is_three(h)) {
        h->more = wt_read_be32(c);
        if (h->more & 1)
            wt_skip(c, 8);
    }
    return c->cut;
}

static void next(const void *header, struct wt_next *n)
{
    const struct erspan *h = header;
    bool known = h->first >> 12 == 1 || is_three(h);
    *n = (struct wt_next){ known ? WT_KEY_LINKTYPE : WT_KEY_NONE, { 1, WT_NO_KEY }, WT_NO_LIMIT };
    if (is_three(h) && (h->more >> 10 & 31) == 2) {
        n->space = WT_KEY_LINKTYPE;
        n->key[0] = 101;
    }
}

static void describe(const struct wt_layer_view *v, struct wt_sink *sink)
{
    const struct erspan *h = v->header;
    wt_describe_rows(v, sink, F_VERSION, F_ENCAP);
    wt_describe_rows(v, sink, is_three(h) ? F_BSO : F_ENCAP, is_three(h) ? F_BSO + 1 : F_ENCAP + 1);
    wt_describe_rows(v, sink, F_TRUNCATED, F_INDEX);
    wt_describe_rows(v, sink, is_three(h) ? F_TIMESTAMP : F_INDEX, is_three(h) ? F_COUNT : F_TIMESTAMP);
}

static void summarise(const struct wt_layer_view *v, struct wt_text *info)
{
    const struct erspan *h = v->header;
    wt_text_add(info, "ERSPAN session %u", h->second & 0x3ff);
}

const struct wt_dissector erspan_dissector = {
    .name = "erspan", .short_name = "ERSPAN", .title = "Encapsulated Remote Switch Packet ANalysis",
    .references = "draft-foschiano-erspan", .role = WT_ROLE_TUNNEL, .key_count = 2, .field_count = F_COUNT,
    .header_size = sizeof(struct erspan), .keys = keys, .fields = fields, .decode = decode, .next = next,
    .describe = describe, .summarise = summarise,
};

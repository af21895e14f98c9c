/* Ethernet II and IEEE 802.3: destination, source, and a type or a length (below 0x600).
 *
 *   0                   6                   12        14
 *   | destination       | source            | type    | payload, trailer
 */
#include "dissectors/ethernet.h"

#include "dissectors/ethertypes.h"

static const struct wt_key keys[] = { { WT_KEY_LINKTYPE, 1 }, { WT_KEY_ETHERTYPE, 0x6558 } };

enum { F_DST, F_DST_ADDR, F_DST_LG, F_DST_IG, F_SRC, F_SRC_ADDR, F_SRC_LG, F_SRC_IG, F_TYPE, F_LEN, F_COUNT };

static const struct wt_value_name lg_names[] = { { 0, "Globally unique address (factory default)" },
                                                 { 1, "Locally administered address" }, { 0, NULL } };
static const struct wt_value_name ig_names[] = { { 0, "Individual address (unicast)" },
                                                 { 1, "Group address (multicast/broadcast)" }, { 0, NULL } };

static const struct wt_field fields[F_COUNT] = {
    [F_DST] = WT_ROW(struct ethernet, dst, WT_ETHER, 0, 0, 6, "eth.dst", "Destination", "Address it was sent to"),
    [F_DST_ADDR] = WT_ROW_SAID(WT_ETHER, 0, 1, "eth.addr", "Address", "Source or destination address", NULL),
    [F_DST_LG] = WT_ROW_SAID(WT_BOOL, 0, 1, "eth.dst.lg", "LG bit", "Whether the address was assigned locally", lg_names),
    [F_DST_IG] = WT_ROW_SAID(WT_BOOL, 0, 1, "eth.dst.ig", "IG bit", "Whether the address is a group's", ig_names),
    [F_SRC] = WT_ROW(struct ethernet, src, WT_ETHER, 0, 6, 6, "eth.src", "Source", "Address that sent it"),
    [F_SRC_ADDR] = WT_ROW_SAID(WT_ETHER, 0, 1, "eth.addr", "Address", "Source or destination address", NULL),
    [F_SRC_LG] = WT_ROW_SAID(WT_BOOL, 0, 1, "eth.src.lg", "LG bit", "Whether the address was assigned locally", lg_names),
    [F_SRC_IG] = WT_ROW_SAID(WT_BOOL, 0, 1, "eth.src.ig", "IG bit", "Whether the address is a group's", ig_names),
    [F_TYPE] = WT_ROW_SAID(WT_UINT16, WT_HEX, 0, "eth.type", "Type", "What the payload is (EtherType)", ethertype_names),
    [F_LEN] = WT_ROW_SAID(WT_UINT16, WT_DEC, 0, "eth.len", "Length", "Payload bytes of an IEEE 802.3 frame", NULL),
};

static enum wt_cut decode(struct wt_cursor *c, void *header)
{
    return ethernet_decode(c, header);
}

static void next(const void *header, struct wt_next *n)
{
    const struct ethernet *h = header;
    *n = (struct wt_next){ h->type >= 0x600 ? WT_KEY_ETHERTYPE : WT_KEY_LLC,
                           { h->type >= 0x600 ? h->type : WT_NO_KEY, WT_NO_KEY },
                           h->type >= 0x600 ? WT_NO_LIMIT : h->type };
}

static void say_address(const struct wt_layer_view *v, struct wt_sink *sink, const uint8_t *address, unsigned row,
                        size_t at)
{
    if (v->bytes.len < at + 6)
        return;
    wt_describe_rows(v, sink, row, row + 1);
    wt_say_bytes(v, sink, &fields[row + 1], (struct wt_slice){ address, 6 }, at, 6);
    wt_say_number(v, sink, &fields[row + 2], address[0] >> 1 & 1, at, 3);
    wt_say_number(v, sink, &fields[row + 3], address[0] & 1, at, 3);
}

static void describe(const struct wt_layer_view *v, struct wt_sink *sink)
{
    const struct ethernet *h = v->header;
    say_address(v, sink, h->dst, F_DST, 0);
    say_address(v, sink, h->src, F_SRC, 6);
    if (v->bytes.len >= 14)
        wt_say_number(v, sink, &fields[h->type >= 0x600 ? F_TYPE : F_LEN], h->type, 12, 2);
}

static void summarise(const struct wt_layer_view *v, struct wt_text *info)
{
    const struct ethernet *h = v->header;
    const char *name = wt_value_name(ethertype_names, h->type);
    wt_text_add(info, "%s", name ? name : "Ethernet II");
}

const struct wt_dissector ethernet_dissector = {
    .name = "eth", .short_name = "Ethernet", .title = "Ethernet II", .references = "IEEE 802.3",
    .role = WT_ROLE_LINK, .key_count = 2, .field_count = F_COUNT, .header_size = sizeof(struct ethernet), .keys = keys,
    .fields = fields, .decode = decode, .next = next, .describe = describe, .summarise = summarise,
};

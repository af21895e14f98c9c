/* Ethernet II and IEEE 802.3: destination, source, and a type or a length (below 0x600).
 *
 *   0                   6                   12        14
 *   | destination       | source            | type    | payload, trailer
 */
#include "dissectors/ethernet.h"

#include "dissectors/ethertypes.h"

static const struct wt_key keys[] = { { WT_KEY_LINKTYPE, 1 }, { WT_KEY_ETHERTYPE, 0x6558 } };

/* Of an address, in the order in which Wireshark gives them; names of an end begin with it. */
enum { A_ADDRESS, A_RESOLVED, A_OUI, A_ANY, A_ANY_RESOLVED, A_ANY_OUI, A_LG, A_ANY_LG, A_IG, A_ANY_IG, A_COUNT };
enum { F_DST, F_SRC = F_DST + A_COUNT, F_TYPE = F_SRC + A_COUNT, F_LEN, F_COUNT };

static const struct wt_value_name lg_names[] = { { 0, "Globally unique address (factory default)" },
                                                 { 1, "Locally administered address" }, { 0, NULL } };
static const struct wt_value_name ig_names[] = { { 0, "Individual address (unicast)" },
                                                 { 1, "Group address (multicast/broadcast)" }, { 0, NULL } };

/* No list of vendors is kept: "resolved" is the address itself, as tshark -n has it. */
#define ADDRESS(row, member, at_, nam, lab, mean) \
    [row + A_ADDRESS] = WT_ROW(struct ethernet, member, WT_ETHER, 0, at_, 6, nam, lab, mean), \
    [row + A_RESOLVED] = WT_ROW_SAID(WT_ETHER, 0, 2, nam "_resolved", lab " (resolved)", "The same, by name where one is known", NULL), \
    [row + A_OUI] = WT_ROW_SAID(WT_UINT24, WT_DEC, 2, nam ".oui", lab " OUI", "Its first three bytes: who makes the card", NULL), \
    [row + A_ANY] = WT_ROW_SAID(WT_ETHER, 0, 1, "eth.addr", "Address", "Source or destination address", NULL), \
    [row + A_ANY_RESOLVED] = WT_ROW_SAID(WT_ETHER, 0, 2, "eth.addr_resolved", "Address (resolved)", "The same, by name where one is known", NULL), \
    [row + A_ANY_OUI] = WT_ROW_SAID(WT_UINT24, WT_DEC, 2, "eth.addr.oui", "Address OUI", "Its first three bytes: who makes the card", NULL), \
    [row + A_LG] = WT_ROW_SAID(WT_BOOL, 0, 1, nam ".lg", "LG bit", "Whether the address was assigned locally", lg_names), \
    [row + A_ANY_LG] = WT_ROW_SAID(WT_BOOL, 0, 2, "eth.lg", "LG bit", "Whether the address was assigned locally", lg_names), \
    [row + A_IG] = WT_ROW_SAID(WT_BOOL, 0, 1, nam ".ig", "IG bit", "Whether the address is a group's", ig_names), \
    [row + A_ANY_IG] = WT_ROW_SAID(WT_BOOL, 0, 2, "eth.ig", "IG bit", "Whether the address is a group's", ig_names)

static const struct wt_field fields[F_COUNT] = {
    ADDRESS(F_DST, dst, 0, "eth.dst", "Destination", "Address it was sent to"),
    ADDRESS(F_SRC, src, 6, "eth.src", "Source", "Address that sent it"),
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
    static const struct { uint8_t row, bytes; } order[] = {
        { A_RESOLVED, 6 }, { A_OUI, 3 }, { A_ANY, 6 }, { A_ANY_RESOLVED, 6 }, { A_ANY_OUI, 3 },
        { A_LG, 1 }, { A_ANY_LG, 1 }, { A_IG, 1 }, { A_ANY_IG, 1 },
    };
    wt_describe_rows(v, sink, row, row + 1);
    for (size_t i = 0; i < sizeof order / sizeof order[0]; i++) {
        const struct wt_field *f = &fields[row + order[i].row];
        if (order[i].bytes == 6)
            wt_say_bytes(v, sink, f, (struct wt_slice){ address, 6 }, at, 6);
        else if (order[i].bytes == 3)
            wt_say_number(v, sink, f, (uint64_t)address[0] << 16 | (uint64_t)address[1] << 8 | address[2], at, 3);
        else
            wt_say_number(v, sink, f, address[0] >> (order[i].row <= A_ANY_LG) & 1, at, 3);
    }
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

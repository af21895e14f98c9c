#include "dissectors/sll.h"

#include <string.h>

#include "dissectors/ethertypes.h"

static const struct wt_key sll_keys[] = { { WT_KEY_LINKTYPE, 113 } };
static const struct wt_key sll2_keys[] = { { WT_KEY_LINKTYPE, 276 } };

enum { F_PKTTYPE, F_HATYPE, F_HALEN, F_IFINDEX, F_ETH, F_ETYPE, F_COUNT };

static const struct wt_value_name type_names[] = {
    { 0, "Unicast to us" }, { 1, "Broadcast" }, { 2, "Multicast" }, { 3, "Unicast to another host" }, { 4, "Sent by us" },
    { 0, NULL },
};

#define TABLE(type_bytes, type_at, ha_at, len_at, proto_at) { \
    [F_PKTTYPE] = WT_ROW_NAMED(struct sll, packet_type, type_bytes, WT_DEC, type_at, type_bytes == WT_UINT8 ? 1 : 2, \
                               "sll.pkttype", "Packet type", "Which way it went", type_names), \
    [F_HATYPE] = WT_ROW(struct sll, hardware, WT_UINT16, WT_DEC, ha_at, 2, "sll.hatype", "Link-layer address type", "ARPHRD_ value"), \
    [F_HALEN] = WT_ROW(struct sll, address_bytes, type_bytes, WT_DEC, len_at, type_bytes == WT_UINT8 ? 1 : 2, "sll.halen", \
                       "Link-layer address length", "In bytes"), \
    [F_IFINDEX] = WT_ROW_SAID(WT_UINT32, WT_DEC, 0, "sll.ifindex", "Interface index", "Of the capturing host", NULL), \
    [F_ETH] = WT_ROW_SAID(WT_ETHER, 0, 0, "sll.src.eth", "Source", "Link address of the sender", NULL), \
    [F_ETYPE] = WT_ROW_NAMED(struct sll, protocol, WT_UINT16, WT_HEX, proto_at, 2, "sll.etype", "Protocol", \
                             "What the payload is (EtherType)", ethertype_names), \
}
static const struct wt_field sll_fields[F_COUNT] = TABLE(WT_UINT16, 0, 2, 4, 14);
static const struct wt_field sll2_fields[F_COUNT] = TABLE(WT_UINT8, 10, 8, 11, 0);

static void read_address(struct wt_cursor *c, struct sll *h)
{
    const uint8_t *p = wt_take(c, 8);
    if (p)
        memcpy(h->address, p, 8);
}

static enum wt_cut decode_sll(struct wt_cursor *c, void *header)
{
    struct sll *h = header;
    h->packet_type = wt_read_be16(c);
    h->hardware = wt_read_be16(c);
    h->address_bytes = wt_read_be16(c);
    read_address(c, h);
    h->protocol = wt_read_be16(c);
    return c->cut;
}

static enum wt_cut decode_sll2(struct wt_cursor *c, void *header)
{
    struct sll *h = header;
    h->protocol = wt_read_be16(c);
    wt_skip(c, 2);
    h->interface = wt_read_be32(c);
    h->hardware = wt_read_be16(c);
    h->packet_type = wt_read_u8(c);
    h->address_bytes = wt_read_u8(c);
    read_address(c, h);
    return c->cut;
}

static void next(const void *header, struct wt_next *n)
{
    const struct sll *h = header;
    bool llc = h->protocol == 4;    /* ETH_P_802_2 */
    *n = (struct wt_next){ llc ? WT_KEY_LLC : WT_KEY_ETHERTYPE, { h->protocol, WT_NO_KEY }, WT_NO_LIMIT };
}

static void describe(const struct wt_layer_view *v, struct wt_sink *sink)
{
    const struct sll *h = v->header;
    bool two = v->dissector == &sll2_dissector;
    const struct wt_field *fields = v->dissector->fields;
    wt_describe_rows(v, sink, F_PKTTYPE, F_IFINDEX);
    if (two && v->bytes.len >= 8)
        wt_say_number(v, sink, &fields[F_IFINDEX], h->interface, 4, 4);
    if (h->address_bytes == 6 && v->bytes.len >= (two ? 18u : 12u))
        wt_say_bytes(v, sink, &fields[F_ETH], (struct wt_slice){ h->address, 6 }, two ? 12 : 6, 6);
    wt_describe_rows(v, sink, F_ETYPE, F_COUNT);
}

static void summarise(const struct wt_layer_view *v, struct wt_text *info)
{
    const struct sll *h = v->header;
    const char *name = wt_value_name(ethertype_names, h->protocol);
    wt_text_add(info, "%s", name ? name : v->dissector->title);
}

const struct wt_dissector sll_dissector = {
    .name = "sll", .short_name = "SLL", .title = "Linux cooked capture v1", .references = "LINKTYPE_LINUX_SLL",
    .role = WT_ROLE_LINK, .key_count = 1, .field_count = F_COUNT, .header_size = sizeof(struct sll), .keys = sll_keys,
    .fields = sll_fields, .decode = decode_sll, .next = next, .describe = describe, .summarise = summarise,
};

const struct wt_dissector sll2_dissector = {
    .name = "sll2", .short_name = "SLL", .title = "Linux cooked capture v2", .references = "LINKTYPE_LINUX_SLL2",
    .role = WT_ROLE_LINK, .key_count = 1, .field_count = F_COUNT, .header_size = sizeof(struct sll), .keys = sll2_keys,
    .fields = sll2_fields, .decode = decode_sll2, .next = next, .describe = describe, .summarise = summarise,
};

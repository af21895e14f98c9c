/* ARP (RFC 826): who has an address, and where. */
#include "dissectors/arp.h"

#include <string.h>

static const struct wt_key keys[] = { { WT_KEY_ETHERTYPE, 0x0806 }, { WT_KEY_ETHERTYPE, 0x8035 } };

enum {
    F_HW_TYPE, F_PROTO_TYPE, F_HW_SIZE, F_PROTO_SIZE, F_OPCODE, F_GRATUITOUS, F_SRC_HW, F_SRC_HW_MAC, F_SRC_IPV4, F_DST_HW,
    F_DST_HW_MAC, F_DST_IPV4, F_COUNT
};

static const struct wt_value_name opcode_names[] = {
    { 1, "request" }, { 2, "reply" }, { 3, "reverse request" }, { 4, "reverse reply" }, { 8, "inverse request" },
    { 9, "inverse reply" }, { 10, "nak reply" }, { 0, NULL },
};
static const struct wt_value_name hardware_names[] = { { 1, "Ethernet" }, { 6, "IEEE 802" }, { 7, "ARCNET" },
                                                       { 15, "Frame Relay" }, { 24, "IEEE 1394" }, { 32, "InfiniBand" },
                                                       { 0, NULL } };
static const struct wt_value_name protocol_names[] = { { 0x0800, "IPv4" }, { 0, NULL } };

static const struct wt_field fields[F_COUNT] = {
    [F_HW_TYPE] = WT_ROW_NAMED(struct arp, hardware, WT_UINT16, WT_DEC, 0, 2, "arp.hw.type", "Hardware type", "Kind of link", hardware_names),
    [F_PROTO_TYPE] = WT_ROW_NAMED(struct arp, protocol, WT_UINT16, WT_HEX, 2, 2, "arp.proto.type", "Protocol type",
                                  "Kind of address that is asked for", protocol_names),
    [F_HW_SIZE] = WT_ROW(struct arp, hardware_len, WT_UINT8, WT_DEC, 4, 1, "arp.hw.size", "Hardware size", "Bytes of a link address"),
    [F_PROTO_SIZE] = WT_ROW(struct arp, protocol_len, WT_UINT8, WT_DEC, 5, 1, "arp.proto.size", "Protocol size", "Bytes of a protocol address"),
    [F_OPCODE] = WT_ROW_NAMED(struct arp, opcode, WT_UINT16, WT_DEC, 6, 2, "arp.opcode", "Opcode", "Question or answer", opcode_names),
    [F_GRATUITOUS] = WT_ROW_SAID(WT_BOOL, 0, 0, "arp.isgratuitous", "Is gratuitous", "Its sender announces itself", NULL),
    [F_SRC_HW] = WT_ROW_SAID(WT_BYTES, 0, 0, "arp.src.hw", "Sender hardware address", "Link address of the sender", NULL),
    [F_SRC_HW_MAC] = WT_ROW_SAID(WT_ETHER, 0, 0, "arp.src.hw_mac", "Sender MAC address", "Link address of the sender", NULL),
    [F_SRC_IPV4] = WT_ROW_SAID(WT_IPV4, 0, 0, "arp.src.proto_ipv4", "Sender IP address", "IP address of the sender", NULL),
    [F_DST_HW] = WT_ROW_SAID(WT_BYTES, 0, 0, "arp.dst.hw", "Target hardware address", "Link address of the target", NULL),
    [F_DST_HW_MAC] = WT_ROW_SAID(WT_ETHER, 0, 0, "arp.dst.hw_mac", "Target MAC address", "Link address of the target", NULL),
    [F_DST_IPV4] = WT_ROW_SAID(WT_IPV4, 0, 0, "arp.dst.proto_ipv4", "Target IP address", "IP address that is asked for", NULL),
};

static enum wt_cut decode(struct wt_cursor *c, void *header)
{
    struct arp *h = header;
    h->hardware = wt_read_be16(c);
    h->protocol = wt_read_be16(c);
    h->hardware_len = wt_read_u8(c);
    h->protocol_len = wt_read_u8(c);
    h->opcode = wt_read_be16(c);
    h->src_hw = wt_read_slice(c, h->hardware_len);
    h->src_proto = wt_read_slice(c, h->protocol_len);
    h->dst_hw = wt_read_slice(c, h->hardware_len);
    h->dst_proto = wt_read_slice(c, h->protocol_len);
    return c->cut;
}

static bool is_ipv4(const struct arp *h, struct wt_slice address)
{
    return h->protocol == 0x0800 && address.at && address.len == 4;
}

static void say_hardware(const struct wt_layer_view *v, struct wt_sink *sink, struct wt_slice address, unsigned row,
                         size_t at)
{
    const struct arp *h = v->header;
    bool mac = address.len == 6 && (h->hardware == 1 || h->hardware == 6);
    if (address.len)
        wt_say_bytes(v, sink, &fields[mac ? row + 1 : row], address, at, address.len);
}

static void describe(const struct wt_layer_view *v, struct wt_sink *sink)
{
    const struct arp *h = v->header;
    size_t hw = h->hardware_len, proto = h->protocol_len, at = 8;
    wt_describe_rows(v, sink, F_HW_TYPE, F_GRATUITOUS);
    if (is_ipv4(h, h->src_proto) && is_ipv4(h, h->dst_proto) && memcmp(h->src_proto.at, h->dst_proto.at, 4) == 0)
        wt_say_number(v, sink, &fields[F_GRATUITOUS], 1, 0, 0);
    say_hardware(v, sink, h->src_hw, F_SRC_HW, at);
    if (is_ipv4(h, h->src_proto))
        wt_say_bytes(v, sink, &fields[F_SRC_IPV4], h->src_proto, at + hw, proto);
    say_hardware(v, sink, h->dst_hw, F_DST_HW, at + hw + proto);
    if (is_ipv4(h, h->dst_proto))
        wt_say_bytes(v, sink, &fields[F_DST_IPV4], h->dst_proto, at + 2 * hw + proto, proto);
}

static void add_mac(struct wt_text *info, struct wt_slice mac)
{
    for (size_t i = 0; i < mac.len && i < 8; i++)
        wt_text_add(info, "%s%02x", i ? ":" : "", mac.at[i]);
}

static void summarise(const struct wt_layer_view *v, struct wt_text *info)
{
    const struct arp *h = v->header;
    if (!is_ipv4(h, h->src_proto) || !is_ipv4(h, h->dst_proto)) {
        const char *name = wt_value_name(opcode_names, h->opcode);
        wt_text_add(info, "ARP %s", name ? name : "message");
        return;
    }
    bool same = memcmp(h->src_proto.at, h->dst_proto.at, 4) == 0;
    if (h->opcode == 1) {
        wt_text_add(info, same ? "ARP Announcement for " : "Who has ");
        wt_text_add_address(info, 4, h->dst_proto.at);
        if (!same) {
            wt_text_add(info, "? Tell ");
            wt_text_add_address(info, 4, h->src_proto.at);
        }
    } else if (h->opcode == 2) {
        wt_text_add(info, same ? "Gratuitous ARP for " : "");
        wt_text_add_address(info, 4, h->src_proto.at);
        wt_text_add(info, same ? " (Reply)" : " is at ");
        if (!same)
            add_mac(info, h->src_hw);
    } else {
        const char *name = wt_value_name(opcode_names, h->opcode);
        wt_text_add(info, "ARP %s", name ? name : "message");
    }
}

const struct wt_dissector arp_dissector = {
    .name = "arp", .short_name = "ARP", .title = "Address Resolution Protocol", .references = "RFC 826",
    .role = WT_ROLE_NETWORK, .key_count = 2, .field_count = F_COUNT, .header_size = sizeof(struct arp), .keys = keys,
    .fields = fields, .decode = decode, .describe = describe, .summarise = summarise,
};

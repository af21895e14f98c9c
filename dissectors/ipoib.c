/* IP over InfiniBand (RFC 4391; LINKTYPE_IPOIB): a global route header or its place, 40 bytes, then an EtherType.
 * Solaris' ipnet devices (LINKTYPE_IPNET): what was sent between zones. */
#include "dissectors/ipoib.h"

#include <string.h>

#include "dissectors/ethertypes.h"

static const struct wt_key ipoib_keys[] = { { WT_KEY_LINKTYPE, 242 } };
static const struct wt_key ipnet_keys[] = { { WT_KEY_LINKTYPE, 226 } };

static const struct wt_field ipoib_fields[] = {
    WT_ROW(struct ipoib, destination, WT_IPV6, 0, 24, 16, "ipoib.dgid", "Destination GID", "Port that it was sent to"),
    WT_ROW_NAMED(struct ipoib, type, WT_UINT16, WT_HEX, 40, 2, "ipoib.type", "Type", "What the payload is (EtherType)", ethertype_names),
};

static enum wt_cut decode_ipoib(struct wt_cursor *c, void *header)
{
    struct ipoib *h = header;
    const uint8_t *p = wt_take(c, 44);
    if (p) {
        memcpy(h->destination, p + 24, 16);
        h->type = wt_be16(p + 40);
    }
    return c->cut;
}

static void next_ipoib(const void *header, struct wt_next *n)
{
    const struct ipoib *h = header;
    *n = (struct wt_next){ WT_KEY_ETHERTYPE, { h->type, WT_NO_KEY }, WT_NO_LIMIT };
}

static void summarise(const struct wt_layer_view *v, struct wt_text *info)
{
    wt_text_add(info, "%s", v->dissector->title);
}

const struct wt_dissector ipoib_dissector = {
    .name = "ipoib", .short_name = "IPoIB", .title = "IP over Infiniband", .references = "RFC 4391", .role = WT_ROLE_LINK,
    .key_count = 1, .field_count = 2, .header_size = sizeof(struct ipoib), .keys = ipoib_keys, .fields = ipoib_fields,
    .decode = decode_ipoib, .next = next_ipoib, .summarise = summarise,
};

enum { SOLARIS_INET = 2, SOLARIS_INET6 = 26 };

static const struct wt_value_name family_names[] = { { SOLARIS_INET, "IPv4" }, { SOLARIS_INET6, "IPv6" }, { 0, NULL } };
static const struct wt_value_name hook_names[] = { { 0, "Inbound" }, { 1, "Outbound" }, { 2, "Local" }, { 0, NULL } };

static const struct wt_field ipnet_fields[] = {
    WT_ROW(struct ipnet, version, WT_UINT8, WT_DEC, 0, 1, "ipnet.version", "Header version", "Always 1"),
    WT_ROW_NAMED(struct ipnet, family, WT_UINT8, WT_DEC, 1, 1, "ipnet.family", "Address family", "Which IP", family_names),
    WT_ROW_NAMED(struct ipnet, hook, WT_UINT16, WT_DEC, 2, 2, "ipnet.htype", "Hook type", "Which way it went", hook_names),
    WT_ROW(struct ipnet, packet_bytes, WT_UINT32, WT_DEC, 4, 4, "ipnet.pktlen", "Data length", "Bytes of the packet"),
    WT_ROW(struct ipnet, interface, WT_UINT32, WT_DEC, 8, 4, "ipnet.ifindex", "Interface index", "Of the capturing host"),
    WT_ROW(struct ipnet, group_interface, WT_UINT32, WT_DEC, 12, 4, "ipnet.grifindex", "Group interface index", "Of its group"),
    WT_ROW(struct ipnet, source_zone, WT_UINT32, WT_DEC, 16, 4, "ipnet.zsrc", "Source Zone ID", "Who sent it"),
    WT_ROW(struct ipnet, destination_zone, WT_UINT32, WT_DEC, 20, 4, "ipnet.zdst", "Destination Zone ID", "Whom it is for"),
};

static enum wt_cut decode_ipnet(struct wt_cursor *c, void *header)
{
    struct ipnet *h = header;
    h->version = wt_read_u8(c);
    h->family = wt_read_u8(c);
    h->hook = wt_read_be16(c);
    h->packet_bytes = wt_read_be32(c);
    h->interface = wt_read_be32(c);
    h->group_interface = wt_read_be32(c);
    h->source_zone = wt_read_be32(c);
    h->destination_zone = wt_read_be32(c);
    return c->cut;
}

static void next_ipnet(const void *header, struct wt_next *n)
{
    const struct ipnet *h = header;
    bool known = h->family == SOLARIS_INET || h->family == SOLARIS_INET6;
    *n = (struct wt_next){ known ? WT_KEY_FAMILY : WT_KEY_NONE, { h->family == SOLARIS_INET ? 4 : 6, WT_NO_KEY }, WT_NO_LIMIT };
}

const struct wt_dissector ipnet_dissector = {
    .name = "ipnet", .short_name = "IPNET", .title = "Solaris IPNET", .references = "LINKTYPE_IPNET", .role = WT_ROLE_LINK,
    .key_count = 1, .field_count = sizeof ipnet_fields / sizeof ipnet_fields[0], .header_size = sizeof(struct ipnet),
    .keys = ipnet_keys, .fields = ipnet_fields, .decode = decode_ipnet, .next = next_ipnet, .summarise = summarise,
};

#include "dissectors/ipv6_ext.h"

#include "dissectors/ipprotos.h"

static enum wt_cut decode_ext(struct wt_cursor *c, void *header)
{
    struct ipv6_ext *h = header;
    h->next_header = wt_read_u8(c);
    h->length = wt_read_u8(c);
    h->routing_type = wt_read_u8(c);
    h->segments_left = wt_read_u8(c);
    h->header_bytes = (uint16_t)((h->length + 1u) * 8);
    wt_skip(c, h->header_bytes - 4u);
    return c->cut;
}

static void next_ext(const void *header, struct wt_next *n)
{
    const struct ipv6_ext *h = header;
    *n = (struct wt_next){ WT_KEY_IP_PROTOCOL, { h->next_header, WT_NO_KEY }, WT_NO_LIMIT };
}

static void summarise_ext(const struct wt_layer_view *v, struct wt_text *info)
{
    wt_text_add(info, "%s", v->dissector->title);
}

#define EXT(id, nam, titl, refs, protocol, ...) \
    static const struct wt_key id##_keys[] = { { WT_KEY_IP_PROTOCOL, protocol } }; \
    static const struct wt_field id##_fields[] = { \
        WT_ROW_NAMED(struct ipv6_ext, next_header, WT_UINT8, WT_DEC, 0, 1, nam ".nxt", "Next Header", "What follows", \
                     ip_protocol_names), \
        WT_ROW(struct ipv6_ext, length, WT_UINT8, WT_DEC, 1, 1, nam ".len", "Length", "In units of 8 bytes, without the first"), \
        __VA_ARGS__ }; \
    const struct wt_dissector id##_dissector = { \
        .name = nam, .short_name = "IPv6", .title = titl, .references = refs, .role = WT_ROLE_NETWORK, .key_count = 1, \
        .field_count = sizeof id##_fields / sizeof id##_fields[0], .header_size = sizeof(struct ipv6_ext), \
        .keys = id##_keys, .fields = id##_fields, .decode = decode_ext, .next = next_ext, .summarise = summarise_ext };

EXT(ipv6_hopopts, "ipv6.hopopts", "IPv6 Hop-by-Hop Option", "RFC 8200 4.3", 0,
    WT_ROW(struct ipv6_ext, header_bytes, WT_UINT16, WT_DEC, 1, 1, "ipv6.hopopts.len_oct", "Length in bytes", "Of the whole header"))
EXT(ipv6_routing, "ipv6.routing", "Routing Header for IPv6", "RFC 8200 4.4", 43,
    WT_ROW(struct ipv6_ext, routing_type, WT_UINT8, WT_DEC, 2, 1, "ipv6.routing.type", "Type", "Kind of routing header"),
    WT_ROW(struct ipv6_ext, segments_left, WT_UINT8, WT_DEC, 3, 1, "ipv6.routing.segleft", "Segments Left", "Nodes still to visit"))
EXT(ipv6_dstopts, "ipv6.dstopts", "Destination Options for IPv6", "RFC 8200 4.6", 60,
    WT_ROW(struct ipv6_ext, header_bytes, WT_UINT16, WT_DEC, 1, 1, "ipv6.dstopts.len_oct", "Length in bytes", "Of the whole header"))
EXT(mipv6, "mipv6", "Mobile IPv6", "RFC 6275", 135,
    WT_ROW(struct ipv6_ext, routing_type, WT_UINT8, WT_DEC, 2, 1, "mip6.mhtype", "Mobility Header Type", "Kind of message"))
EXT(hip, "hip", "Host Identity Protocol", "RFC 7401", 139,
    WT_ROW(struct ipv6_ext, routing_type, WT_UINT8, WT_DEC, 2, 1, "hip.packet_type", "Packet Type", "Kind of message"))
EXT(shim6, "shim6", "Shim6", "RFC 5533", 140,
    WT_ROW(struct ipv6_ext, routing_type, WT_UINT8, WT_DEC, 2, 1, "shim6.type", "Message Type", "Kind of message"))

static const struct wt_key fragment_keys[] = { { WT_KEY_IP_PROTOCOL, 44 } };
static const struct wt_field fragment_fields[] = {
    WT_ROW_NAMED(struct ipv6_fragment, next_header, WT_UINT8, WT_DEC, 0, 1, "ipv6.fraghdr.nxt", "Next header", "What follows",
                 ip_protocol_names),
    WT_ROW(struct ipv6_fragment, offset_bytes, WT_UINT16, WT_DEC, 2, 2, "ipv6.fraghdr.offset", "Offset",
           "Where its data stand in the packet, in bytes"),
    WT_ROW(struct ipv6_fragment, more, WT_BOOL, WT_DEC, 2, 2, "ipv6.fraghdr.more", "More Fragments", "Further fragments follow"),
    WT_ROW(struct ipv6_fragment, id, WT_UINT32, WT_HEX, 4, 4, "ipv6.fraghdr.ident", "Identification",
           "Tells which fragments belong together"),
};

static enum wt_cut decode_fragment(struct wt_cursor *c, void *header)
{
    return ipv6_fragment_decode(c, header);
}

static void next_fragment(const void *header, struct wt_next *n)
{
    const struct ipv6_fragment *h = header;
    *n = (struct wt_next){ h->offset_bytes ? WT_KEY_NONE : WT_KEY_IP_PROTOCOL, { h->next_header, WT_NO_KEY }, WT_NO_LIMIT };
}

static void summarise_fragment(const struct wt_layer_view *v, struct wt_text *info)
{
    const struct ipv6_fragment *h = v->header;
    wt_text_add(info, "IPv6 fragment (off=%u more=%c ident=0x%08x nxt=%u)", h->offset_bytes, h->more ? 'y' : 'n', h->id,
                h->next_header);
}

const struct wt_dissector ipv6_fragment_dissector = {
    .name = "ipv6.fraghdr", .short_name = "IPv6", .title = "Fragment Header for IPv6", .references = "RFC 8200 4.5",
    .role = WT_ROLE_NETWORK, .key_count = 1, .field_count = 4, .header_size = sizeof(struct ipv6_fragment),
    .keys = fragment_keys, .fields = fragment_fields, .decode = decode_fragment, .next = next_fragment,
    .summarise = summarise_fragment,
};

static const struct wt_key ah_keys[] = { { WT_KEY_IP_PROTOCOL, 51 } };
static const struct wt_field ah_fields[] = {
    WT_ROW_NAMED(struct ip_auth, next_header, WT_UINT8, WT_DEC, 0, 1, "ah.next_header", "Next header", "What follows",
                 ip_protocol_names),
    WT_ROW(struct ip_auth, length, WT_UINT8, WT_DEC, 1, 1, "ah.length", "Length", "In words, less 2"),
    WT_ROW(struct ip_auth, spi, WT_UINT32, WT_HEX, 4, 4, "ah.spi", "AH SPI", "Security parameters index"),
    WT_ROW(struct ip_auth, sequence, WT_UINT32, WT_DEC, 8, 4, "ah.sequence", "AH Sequence", "Counts packets, against replay"),
};

static enum wt_cut decode_ah(struct wt_cursor *c, void *header)
{
    struct ip_auth *h = header;
    h->next_header = wt_read_u8(c);
    h->length = wt_read_u8(c);
    wt_skip(c, 2);
    h->spi = wt_read_be32(c);
    h->sequence = wt_read_be32(c);
    if (h->length < 1)
        wt_malformed(c);
    else
        wt_skip(c, (h->length + 2u) * 4 - 12);
    return c->cut;
}

static void next_ah(const void *header, struct wt_next *n)
{
    const struct ip_auth *h = header;
    *n = (struct wt_next){ WT_KEY_IP_PROTOCOL, { h->next_header, WT_NO_KEY }, WT_NO_LIMIT };
}

static void summarise_ah(const struct wt_layer_view *v, struct wt_text *info)
{
    const struct ip_auth *h = v->header;
    wt_text_add(info, "AH (SPI=0x%08x)", h->spi);
}

const struct wt_dissector ah_dissector = {
    .name = "ah", .short_name = "AH", .title = "Authentication Header", .references = "RFC 4302", .role = WT_ROLE_NETWORK,
    .key_count = 1, .field_count = 4, .header_size = sizeof(struct ip_auth), .keys = ah_keys, .fields = ah_fields,
    .decode = decode_ah, .next = next_ah, .summarise = summarise_ah,
};

static const struct wt_key esp_keys[] = { { WT_KEY_IP_PROTOCOL, 50 } };
static const struct wt_field esp_fields[] = {
    WT_ROW(struct ip_esp, spi, WT_UINT32, WT_HEX, 0, 4, "esp.spi", "ESP SPI", "Security parameters index"),
    WT_ROW(struct ip_esp, sequence, WT_UINT32, WT_DEC, 4, 4, "esp.sequence", "ESP Sequence", "Counts packets, against replay"),
};

static enum wt_cut decode_esp(struct wt_cursor *c, void *header)
{
    struct ip_esp *h = header;
    h->spi = wt_read_be32(c);
    h->sequence = wt_read_be32(c);
    return c->cut;
}

static void summarise_esp(const struct wt_layer_view *v, struct wt_text *info)
{
    const struct ip_esp *h = v->header;
    wt_text_add(info, "ESP (SPI=0x%08x)", h->spi);
}

const struct wt_dissector esp_dissector = {
    .name = "esp", .short_name = "ESP", .title = "Encapsulating Security Payload", .references = "RFC 4303",
    .role = WT_ROLE_NETWORK, .key_count = 1, .field_count = 2, .header_size = sizeof(struct ip_esp), .keys = esp_keys,
    .fields = esp_fields, .decode = decode_esp, .summarise = summarise_esp,
};

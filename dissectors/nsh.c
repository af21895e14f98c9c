/* Network Service Header (RFC 8300 2.2): 8 bytes and metadata, then the packet. */
#include "dissectors/nsh.h"

static const struct wt_key keys[] = { { WT_KEY_ETHERTYPE, 0x894f } };

enum { NEXT_IPV4 = 1, NEXT_IPV6, NEXT_ETHERNET, NEXT_NSH, NEXT_MPLS };

static const struct wt_value_name next_names[] = { { NEXT_IPV4, "IPv4" }, { NEXT_IPV6, "IPv6" }, { NEXT_ETHERNET, "Ethernet" },
                                                   { NEXT_NSH, "NSH" }, { NEXT_MPLS, "MPLS" }, { 0, NULL } };
static const struct wt_value_name type_names[] = { { 1, "Fixed length" }, { 2, "Variable length" }, { 0, NULL } };

static const struct wt_field fields[] = {
    WT_ROW_BITS(struct nsh, first, WT_UINT16, WT_DEC, 0, 0, 2, 0xc000, "nsh.version", "Version", "Always 0", NULL),
    WT_ROW_BITS(struct nsh, first, WT_UINT16, WT_DEC, 0, 0, 2, 0x2000, "nsh.Obit", "O Bit", "It is for operation and maintenance", NULL),
    WT_ROW_BITS(struct nsh, first, WT_UINT16, WT_HEX, 0, 0, 2, 0x0fc0, "nsh.ttl", "Time to live", "Functions that it may still go through", NULL),
    WT_ROW_BITS(struct nsh, first, WT_UINT16, WT_DEC, 0, 0, 2, 0x003f, "nsh.length", "Length", "Of the header, in words of 4 bytes", NULL),
    WT_ROW_NAMED(struct nsh, metadata_type, WT_UINT8, WT_DEC, 2, 1, "nsh.mdtype", "MD Type", "How the metadata is laid out", type_names),
    WT_ROW_NAMED(struct nsh, next_protocol, WT_UINT8, WT_DEC, 3, 1, "nsh.nextproto", "Next Protocol", "What the payload is", next_names),
    WT_ROW(struct nsh, path, WT_UINT24, WT_DEC, 4, 3, "nsh.spi", "SPI", "Which path of functions"),
    WT_ROW(struct nsh, index, WT_UINT8, WT_DEC, 7, 1, "nsh.si", "SI", "Where on that path it is"),
};

static enum wt_cut decode(struct wt_cursor *c, void *header)
{
    struct nsh *h = header;
    h->first = wt_read_be16(c);
    h->metadata_type = wt_read_u8(c);
    h->next_protocol = wt_read_u8(c);
    h->path = wt_read_be24(c);
    h->index = wt_read_u8(c);
    unsigned bytes = (h->first & 0x3fu) * 4u;
    if (c->cut == WT_WHOLE && bytes < 8)
        wt_malformed(c);
    else if (c->cut == WT_WHOLE)
        wt_skip(c, bytes - 8);
    return c->cut;
}

static void next(const void *header, struct wt_next *n)
{
    const struct nsh *h = header;
    *n = (struct wt_next){ WT_KEY_NONE, { WT_NO_KEY, WT_NO_KEY }, WT_NO_LIMIT };
    if (h->next_protocol == NEXT_IPV4 || h->next_protocol == NEXT_IPV6) {
        n->space = WT_KEY_FAMILY;
        n->key[0] = h->next_protocol == NEXT_IPV4 ? 4 : 6;
    } else if (h->next_protocol == NEXT_ETHERNET) {
        n->space = WT_KEY_LINKTYPE;
        n->key[0] = 1;
    } else if (h->next_protocol == NEXT_NSH || h->next_protocol == NEXT_MPLS) {
        n->space = WT_KEY_ETHERTYPE;
        n->key[0] = h->next_protocol == NEXT_NSH ? 0x894f : 0x8847;
    }
}

static void summarise(const struct wt_layer_view *v, struct wt_text *info)
{
    const struct nsh *h = v->header;
    wt_text_add(info, "Service path %u, index %u", h->path, h->index);
}

const struct wt_dissector nsh_dissector = {
    .name = "nsh", .short_name = "NSH", .title = "Network Service Header", .references = "RFC 8300", .role = WT_ROLE_LINK,
    .key_count = 1, .field_count = sizeof fields / sizeof fields[0], .header_size = sizeof(struct nsh), .keys = keys,
    .fields = fields, .decode = decode, .next = next, .summarise = summarise,
};

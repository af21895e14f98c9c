/* VN-Tag: 4 bytes between the addresses and the EtherType. E-Tag (802.1BR), which came of it: 6 bytes. FabricPath (Cisco): a
 * whole Ethernet frame behind a tag of 2 bytes. */
#include "dissectors/vntag.h"

#include "dissectors/ethertypes.h"

static const struct wt_key vntag_keys[] = { { WT_KEY_ETHERTYPE, 0x8926 } };
static const struct wt_key etag_keys[] = { { WT_KEY_ETHERTYPE, 0x893f } };
static const struct wt_key fabricpath_keys[] = { { WT_KEY_ETHERTYPE, 0x8903 } };

static const struct wt_value_name direction_names[] = { { 0, "From Bridge" }, { 1, "To Bridge" }, { 0, NULL } };

static const struct wt_field vntag_fields[] = {
    WT_ROW_BITS(struct vntag, tag, WT_BOOL, WT_DEC, 0, 0, 4, 0x80000000, "vntag.dir", "Direction", "To or from the bridge", direction_names),
    WT_ROW_BITS(struct vntag, tag, WT_BOOL, WT_DEC, 0, 0, 4, 0x40000000, "vntag.ptr", "Pointer", "The destination is a list", NULL),
    WT_ROW_BITS(struct vntag, tag, WT_UINT32, WT_DEC, 0, 0, 4, 0x3fff0000, "vntag.dst", "Destination", "Virtual interface that it is for", NULL),
    WT_ROW_BITS(struct vntag, tag, WT_BOOL, WT_DEC, 0, 0, 4, 0x8000, "vntag.looped", "Looped", "It comes back to its sender", NULL),
    WT_ROW_BITS(struct vntag, tag, WT_UINT32, WT_DEC, 0, 0, 4, 0x3000, "vntag.version", "Version", "Always 0", NULL),
    WT_ROW_BITS(struct vntag, tag, WT_UINT32, WT_DEC, 0, 0, 4, 0x0fff, "vntag.src", "Source", "Virtual interface that sent it", NULL),
    WT_ROW_NAMED(struct vntag, type, WT_UINT16, WT_HEX, 4, 2, "vntag.etype", "Type", "What the payload is (EtherType)", ethertype_names),
};

static enum wt_cut decode_vntag(struct wt_cursor *c, void *header)
{
    struct vntag *h = header;
    h->tag = wt_read_be32(c);
    h->type = wt_read_be16(c);
    return c->cut;
}

static void next_vntag(const void *header, struct wt_next *n)
{
    const struct vntag *h = header;
    *n = (struct wt_next){ h->type >= 0x600 ? WT_KEY_ETHERTYPE : WT_KEY_NONE, { h->type, WT_NO_KEY }, WT_NO_LIMIT };
}

static void summarise(const struct wt_layer_view *v, struct wt_text *info)
{
    wt_text_add(info, "%s", v->dissector->title);
}

const struct wt_dissector vntag_dissector = {
    .name = "vntag", .short_name = "VNTAG", .title = "VN-Tag", .references = "IEEE 802.1BR", .role = WT_ROLE_LINK,
    .key_count = 1, .field_count = sizeof vntag_fields / sizeof vntag_fields[0], .header_size = sizeof(struct vntag),
    .keys = vntag_keys, .fields = vntag_fields, .decode = decode_vntag, .next = next_vntag, .summarise = summarise,
};

/* IEEE 802.1BR-2012 7.5: 16 bits each of priority with ingress E-CID base, group with E-CID base, and their extensions. */
static const struct wt_value_name group_names[] = { { 0, "Point-to-point" }, { 1, "Multicast" }, { 2, "Multicast" }, { 3, "Multicast" }, { 0, NULL } };

static const struct wt_field etag_fields[] = {
    WT_ROW_BITS(struct etag, tag[0], WT_UINT16, WT_DEC, 0, 0, 2, 0xe0000000, "etag.pcp", "E-PCP", "Class of service (802.1p)", NULL),
    WT_ROW_BITS(struct etag, tag[0], WT_UINT16, WT_DEC, 0, 0, 2, 0x10000000, "etag.dei", "E-DEI", "May be dropped first", NULL),
    WT_ROW_BITS(struct etag, tag[0], WT_UINT16, WT_HEX, 0, 0, 2, 0x0fff0000, "etag.iecid_base", "Ingress_E-CID_base", "Port that it came in at", NULL),
    WT_ROW_BITS(struct etag, tag[0], WT_UINT16, WT_DEC, 0, 2, 2, 0x0000c000, "etag.resv", "Reserved", "Must be 0", NULL),
    WT_ROW_BITS(struct etag, tag[0], WT_UINT16, WT_DEC, 0, 2, 2, 0x00003000, "etag.group", "GRP", "Whether the E-CID is one port or several", group_names),
    WT_ROW_BITS(struct etag, tag[0], WT_UINT16, WT_HEX, 0, 2, 2, 0x00000fff, "etag.ecid_base", "E-CID_base", "Port that it is for", NULL),
    WT_ROW_BITS(struct etag, tag[1], WT_UINT8, WT_HEX, 0, 4, 1, 0xff00, "etag.iecid_ext", "Ingress_E-CID_ext", "Its upper bits", NULL),
    WT_ROW_BITS(struct etag, tag[1], WT_UINT8, WT_HEX, 0, 5, 1, 0x00ff, "etag.ecid_ext", "E-CID_ext", "Its upper bits", NULL),
    WT_ROW_NAMED(struct etag, type, WT_UINT16, WT_HEX, 6, 2, "etag.etype", "Type", "What the payload is (EtherType)", ethertype_names),
};

static enum wt_cut decode_etag(struct wt_cursor *c, void *header)
{
    struct etag *h = header;
    h->tag[0] = wt_read_be32(c);
    h->tag[1] = wt_read_be16(c);
    h->type = wt_read_be16(c);
    return c->cut;
}

static void next_etag(const void *header, struct wt_next *n)
{
    const struct etag *h = header;
    *n = (struct wt_next){ h->type >= 0x600 ? WT_KEY_ETHERTYPE : WT_KEY_NONE, { h->type, WT_NO_KEY }, WT_NO_LIMIT };
}

const struct wt_dissector etag_dissector = {
    .name = "etag", .short_name = "ETAG", .title = "802.1BR E-Tag", .references = "IEEE 802.1BR", .role = WT_ROLE_LINK,
    .key_count = 1, .field_count = sizeof etag_fields / sizeof etag_fields[0], .header_size = sizeof(struct etag),
    .keys = etag_keys, .fields = etag_fields, .decode = decode_etag, .next = next_etag, .summarise = summarise,
};

static const struct wt_field fabricpath_fields[] = {
    WT_ROW_BITS(struct fabricpath, tag, WT_UINT16, WT_DEC, 0, 0, 2, 0xffc0, "cfp.ftag", "FTAG", "Which tree of the fabric", NULL),
    WT_ROW_BITS(struct fabricpath, tag, WT_UINT16, WT_DEC, 0, 0, 2, 0x003f, "cfp.ttl", "TTL", "Switches that it may still cross", NULL),
};

static enum wt_cut decode_fabricpath(struct wt_cursor *c, void *header)
{
    struct fabricpath *h = header;
    h->tag = wt_read_be16(c);
    return c->cut;
}

static void next_fabricpath(const void *header, struct wt_next *n)
{
    (void)header;
    *n = (struct wt_next){ WT_KEY_LINKTYPE, { 1, WT_NO_KEY }, WT_NO_LIMIT };
}

const struct wt_dissector fabricpath_dissector = {
    .name = "cfp", .short_name = "CFP", .title = "Cisco FabricPath", .references = "Cisco FabricPath", .role = WT_ROLE_LINK,
    .key_count = 1, .field_count = 2, .header_size = sizeof(struct fabricpath), .keys = fabricpath_keys,
    .fields = fabricpath_fields, .decode = decode_fabricpath, .next = next_fabricpath, .summarise = summarise,
};

/* VN-Tag (802.1BR's precursor): 4 bytes between the addresses and the EtherType. FabricPath (Cisco): a whole Ethernet
 * frame behind a tag of 2 bytes. */
#include "dissectors/vntag.h"

#include "dissectors/ethertypes.h"

static const struct wt_key vntag_keys[] = { { WT_KEY_ETHERTYPE, 0x8926 } };
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

/* VXLAN (RFC 7348): Ethernet frames of a virtual network over UDP. */
#include "dissectors/vxlan.h"

static const struct wt_key keys[] = { { WT_KEY_UDP_PORT, 4789 }, { WT_KEY_UDP_PORT, 8472 } };

static const struct wt_field fields[] = {
    WT_ROW(struct vxlan, flags, WT_UINT16, WT_HEX, 0, 2, "vxlan.flags", "Flags", "0x0800: the identifier is valid"),
    WT_ROW(struct vxlan, group, WT_UINT16, WT_DEC, 2, 2, "vxlan.gbp", "Group Policy ID", "Source group, where used"),
    WT_ROW(struct vxlan, vni, WT_UINT24, WT_DEC, 4, 3, "vxlan.vni", "VXLAN Network Identifier (VNI)", "Which virtual network"),
};

static enum wt_cut decode(struct wt_cursor *c, void *header)
{
    struct vxlan *h = header;
    h->flags = wt_read_be16(c);
    h->group = wt_read_be16(c);
    h->vni = wt_read_be24(c);
    wt_skip(c, 1);
    return c->cut;
}

static void next(const void *header, struct wt_next *n)
{
    (void)header;
    *n = (struct wt_next){ WT_KEY_LINKTYPE, { 1, WT_NO_KEY }, WT_NO_LIMIT };
}

static uint32_t scope(const void *header)
{
    return ((const struct vxlan *)header)->vni;
}

static void summarise(const struct wt_layer_view *v, struct wt_text *info)
{
    const struct vxlan *h = v->header;
    wt_text_add(info, "VXLAN %u", h->vni);
}

const struct wt_dissector vxlan_dissector = {
    .name = "vxlan", .short_name = "VXLAN", .title = "Virtual eXtensible Local Area Network", .references = "RFC 7348",
    .role = WT_ROLE_TUNNEL, .key_count = 2, .field_count = 3, .header_size = sizeof(struct vxlan), .keys = keys,
    .fields = fields, .decode = decode, .next = next, .summarise = summarise, .scope = scope,
};

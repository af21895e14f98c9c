/* IEEE 802.2 LLC behind an 802.3 length, and SNAP (DSAP and SSAP 0xaa), which names an EtherType. */
#include "dissectors/llc.h"

#include "dissectors/ethertypes.h"

static const struct wt_key keys[] = { { WT_KEY_LLC, WT_NO_KEY } };

static const struct wt_value_name sap_names[] = {
    { 0x00, "NULL LSAP" }, { 0x06, "TCP/IP" }, { 0x42, "Spanning Tree BPDU" }, { 0xaa, "SNAP" }, { 0xe0, "NetWare" },
    { 0xf0, "NetBIOS" }, { 0xfe, "ISO Network Layer" }, { 0xff, "Global DSAP" }, { 0, NULL },
};

enum { F_DSAP, F_SSAP, F_CONTROL, F_OUI, F_TYPE, F_PID, F_COUNT };

static const struct wt_field fields[F_COUNT] = {
    [F_DSAP] = WT_ROW_NAMED(struct llc, dsap, WT_UINT8, WT_HEX, 0, 1, "llc.dsap", "DSAP",
                            "Destination service access point", sap_names),
    [F_SSAP] = WT_ROW_NAMED(struct llc, ssap, WT_UINT8, WT_HEX, 1, 1, "llc.ssap", "SSAP", "Source service access point",
                            sap_names),
    [F_CONTROL] = WT_ROW(struct llc, control, WT_UINT16, WT_HEX, 2, 1, "llc.control", "Control", "Kind of the frame"),
    [F_OUI] = WT_ROW_SAID(WT_UINT24, WT_HEX, 0, "llc.oui", "Organization Code", "Whose protocol numbers follow", NULL),
    [F_TYPE] = WT_ROW_SAID(WT_UINT16, WT_HEX, 0, "llc.type", "Type", "What the payload is (EtherType)", ethertype_names),
    [F_PID] = WT_ROW_SAID(WT_UINT16, WT_HEX, 0, "llc.pid", "Protocol ID", "What the payload is, by its organization", NULL),
};

static enum wt_cut decode(struct wt_cursor *c, void *header)
{
    struct llc *h = header;
    h->dsap = wt_read_u8(c);
    h->ssap = wt_read_u8(c);
    h->control = wt_read_u8(c);
    bool unnumbered = (h->control & 3) == 3;
    if (!unnumbered)
        h->control |= (uint16_t)(wt_read_u8(c) << 8);
    h->snap = h->dsap == 0xaa && h->ssap == 0xaa && unnumbered;
    if (h->snap) {
        h->oui = wt_read_be24(c);
        h->pid = wt_read_be16(c);
    }
    return c->cut;
}

static void next(const void *header, struct wt_next *n)
{
    const struct llc *h = header;
    bool ethertype = h->snap && (h->oui == 0 || h->oui == 0xf8);
    *n = (struct wt_next){ WT_KEY_NONE, { WT_NO_KEY, WT_NO_KEY }, WT_NO_LIMIT };
    if (ethertype) {
        n->space = WT_KEY_ETHERTYPE;
        n->key[0] = h->pid;
    } else if (h->dsap == 0x06) {
        n->space = WT_KEY_ETHERTYPE;
        n->key[0] = 0x0800;
    }
}

static void describe(const struct wt_layer_view *v, struct wt_sink *sink)
{
    const struct llc *h = v->header;
    wt_describe_rows(v, sink, F_DSAP, F_OUI);
    if (!h->snap || v->bytes.len < 8)
        return;
    wt_say_number(v, sink, &fields[F_OUI], h->oui, 3, 3);
    wt_say_number(v, sink, &fields[h->oui == 0 || h->oui == 0xf8 ? F_TYPE : F_PID], h->pid, 6, 2);
}

static void summarise(const struct wt_layer_view *v, struct wt_text *info)
{
    const struct llc *h = v->header;
    wt_text_add(info, "DSAP 0x%02x, SSAP 0x%02x, control 0x%02x", h->dsap, h->ssap, h->control);
}

const struct wt_dissector llc_dissector = {
    .name = "llc", .short_name = "LLC", .title = "Logical-Link Control", .references = "IEEE 802.2",
    .role = WT_ROLE_LINK, .key_count = 1, .field_count = F_COUNT, .header_size = sizeof(struct llc), .keys = keys,
    .fields = fields, .decode = decode, .next = next, .describe = describe, .summarise = summarise,
};

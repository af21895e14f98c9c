/* IEEE 802.1Q tag, and 802.1ad (QinQ), whose tags look the same under other EtherTypes. */
#include "dissectors/vlan.h"

#include "dissectors/ethertypes.h"

static const struct wt_key keys_q[] = { { WT_KEY_ETHERTYPE, 0x8100 }, { WT_KEY_ETHERTYPE, 0x9100 },
                                        { WT_KEY_ETHERTYPE, 0x9200 } };
static const struct wt_key keys_ad[] = { { WT_KEY_ETHERTYPE, 0x88a8 } };

enum { F_PRIORITY, F_DEI, F_ID, F_TYPE, F_LEN, F_COUNT };

static const struct wt_value_name priority_names[] = {
    { 0, "Best Effort (default)" }, { 1, "Background" }, { 2, "Excellent Effort" }, { 3, "Critical Applications" },
    { 4, "Video, < 100ms latency and jitter" }, { 5, "Voice, < 10ms latency and jitter" }, { 6, "Internetwork Control" },
    { 7, "Network Control" }, { 0, NULL },
};
static const struct wt_value_name dei_names[] = { { 0, "Ineligible" }, { 1, "Eligible" }, { 0, NULL } };

#define TABLE(prefix) { \
    [F_PRIORITY] = WT_ROW_BITS(struct vlan, tci, WT_UINT16, WT_DEC, 0, 0, 2, 0xe000, prefix ".priority", "Priority", \
                               "Class of service (802.1p)", priority_names), \
    [F_DEI] = WT_ROW_BITS(struct vlan, tci, WT_BOOL, WT_DEC, 0, 0, 2, 0x1000, prefix ".dei", "DEI", \
                          "May be dropped first", dei_names), \
    [F_ID] = WT_ROW_BITS(struct vlan, tci, WT_UINT16, WT_DEC, 0, 0, 2, 0x0fff, prefix ".id", "ID", \
                         "VLAN identifier; 0: priority only", NULL), \
    [F_TYPE] = WT_ROW_SAID(WT_UINT16, WT_HEX, 0, prefix ".etype", "Type", "What the payload is (EtherType)", \
                           ethertype_names), \
    [F_LEN] = WT_ROW_SAID(WT_UINT16, WT_DEC, 0, prefix ".len", "Length", "Payload bytes of an IEEE 802.3 frame", NULL), \
}
static const struct wt_field fields_q[F_COUNT] = TABLE("vlan");
static const struct wt_field fields_ad[F_COUNT] = TABLE("ieee8021ad");

static enum wt_cut decode(struct wt_cursor *c, void *header)
{
    return vlan_decode(c, header);
}

static void next(const void *header, struct wt_next *n)
{
    const struct vlan *h = header;
    *n = (struct wt_next){ h->type >= 0x600 ? WT_KEY_ETHERTYPE : WT_KEY_LLC,
                           { h->type >= 0x600 ? h->type : WT_NO_KEY, WT_NO_KEY },
                           h->type >= 0x600 ? WT_NO_LIMIT : h->type };
}

static void describe(const struct wt_layer_view *v, struct wt_sink *sink)
{
    const struct vlan *h = v->header;
    wt_describe_rows(v, sink, F_PRIORITY, F_TYPE);
    if (v->bytes.len >= 4)
        wt_say_number(v, sink, &v->dissector->fields[h->type >= 0x600 ? F_TYPE : F_LEN], h->type, 2, 2);
}

static void summarise(const struct wt_layer_view *v, struct wt_text *info)
{
    const struct vlan *h = v->header;
    wt_text_add(info, "PRI: %u  DEI: %u  ID: %u", h->tci >> 13, h->tci >> 12 & 1, h->tci & 0xfff);
}

const struct wt_dissector vlan_dissector = {
    .name = "vlan", .short_name = "802.1Q", .title = "802.1Q Virtual LAN", .references = "IEEE 802.1Q",
    .role = WT_ROLE_LINK, .key_count = 3, .field_count = F_COUNT, .header_size = sizeof(struct vlan), .keys = keys_q,
    .fields = fields_q, .decode = decode, .next = next, .describe = describe, .summarise = summarise,
};

const struct wt_dissector ieee8021ad_dissector = {
    .name = "ieee8021ad", .short_name = "802.1ad", .title = "IEEE 802.1ad", .references = "IEEE 802.1ad",
    .role = WT_ROLE_LINK, .key_count = 1, .field_count = F_COUNT, .header_size = sizeof(struct vlan), .keys = keys_ad,
    .fields = fields_ad, .decode = decode, .next = next, .describe = describe, .summarise = summarise,
};

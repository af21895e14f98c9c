/* PPP over Ethernet (RFC 2516) and PPP (RFC 1661). */
#include "dissectors/pppoe.h"

static const struct wt_key session_keys[] = { { WT_KEY_ETHERTYPE, 0x8864 } };
static const struct wt_key discovery_keys[] = { { WT_KEY_ETHERTYPE, 0x8863 } };
static const struct wt_key ppp_keys[] = { { WT_KEY_LINKTYPE, 9 }, { WT_KEY_LINKTYPE, 50 }, { WT_KEY_ETHERTYPE, 0x880b } };

static const struct wt_value_name code_names[] = {
    { 0x00, "Session Data" }, { 0x07, "Active Discovery Offer (PADO)" }, { 0x09, "Active Discovery Initiation (PADI)" },
    { 0x19, "Active Discovery Request (PADR)" }, { 0x65, "Active Discovery Session-confirmation (PADS)" },
    { 0xa7, "Active Discovery Terminate (PADT)" }, { 0, NULL },
};
static const struct wt_value_name ppp_names[] = {
    { 0x0021, "Internet Protocol version 4" }, { 0x0057, "Internet Protocol version 6" }, { 0x8021, "IP Control Protocol" },
    { 0x8057, "IPv6 Control Protocol" }, { 0xc021, "Link Control Protocol" }, { 0xc023, "Password Authentication Protocol" },
    { 0xc223, "Challenge Handshake Authentication Protocol" }, { 0x0281, "MPLS Unicast" }, { 0, NULL },
};

static const struct wt_field pppoe_fields[] = {
    WT_ROW(struct pppoe, version, WT_UINT8, WT_DEC, 0, 1, "pppoe.version", "Version", "Always 1"),
    WT_ROW(struct pppoe, type, WT_UINT8, WT_DEC, 0, 1, "pppoe.type", "Type", "Always 1"),
    WT_ROW_NAMED(struct pppoe, code, WT_UINT8, WT_HEX, 1, 1, "pppoe.code", "Code", "Kind of message", code_names),
    WT_ROW(struct pppoe, session, WT_UINT16, WT_HEX, 2, 2, "pppoe.session_id", "Session ID", "Which session"),
    WT_ROW(struct pppoe, length_bytes, WT_UINT16, WT_DEC, 4, 2, "pppoe.payload_length", "Payload Length", "In bytes"),
};
static const struct wt_field ppp_fields[] = {
    WT_ROW_SAID(WT_UINT16, WT_HEX, 0, "ppp.protocol", "Protocol", "What the payload is", ppp_names),
};

static enum wt_cut decode_pppoe(struct wt_cursor *c, void *header)
{
    struct pppoe *h = header;
    uint8_t first = wt_read_u8(c);
    h->version = first >> 4;
    h->type = first & 15;
    h->code = wt_read_u8(c);
    h->session = wt_read_be16(c);
    h->length_bytes = wt_read_be16(c);
    return c->cut;
}

static void next_session(const void *header, struct wt_next *n)
{
    const struct pppoe *h = header;
    *n = (struct wt_next){ h->code == 0 ? WT_KEY_LINKTYPE : WT_KEY_NONE, { 9, WT_NO_KEY }, h->length_bytes };
}

static enum wt_cut decode_ppp(struct wt_cursor *c, void *header)
{
    struct ppp *h = header;
    h->is_hdlc = c->captured >= 4 && (c->at[0] == 0x0f || c->at[0] == 0x8f) && c->at[1] == 0;
    if (h->is_hdlc)
        return c->cut;
    h->header_bytes = 1;
    uint8_t first = wt_read_u8(c);
    if (first == 0xff && c->captured) {
        wt_skip(c, 1);
        first = wt_read_u8(c);
        h->header_bytes = 3;
    }
    h->protocol = first;
    if (!(first & 1)) {
        h->protocol = (uint16_t)(first << 8 | wt_read_u8(c));
        h->header_bytes++;
    }
    return c->cut;
}

static void next_ppp(const void *header, struct wt_next *n)
{
    const struct ppp *h = header;
    *n = (struct wt_next){ WT_KEY_PPP, { h->protocol, WT_NO_KEY }, WT_NO_LIMIT };
    if (h->is_hdlc)
        *n = (struct wt_next){ WT_KEY_LINKTYPE, { 104, WT_NO_KEY }, WT_NO_LIMIT };
}

static void describe_ppp(const struct wt_layer_view *v, struct wt_sink *sink)
{
    const struct ppp *h = v->header;
    if (!h->is_hdlc && h->header_bytes <= v->bytes.len)
        wt_say_number(v, sink, &ppp_fields[0], h->protocol, h->header_bytes >= 3 ? 2 : 0, h->header_bytes % 2 ? 1 : 2);
}

static void summarise_pppoe(const struct wt_layer_view *v, struct wt_text *info)
{
    const struct pppoe *h = v->header;
    const char *name = wt_value_name(code_names, h->code);
    wt_text_add(info, "%s", name ? name : "PPPoE");
}

static void summarise_ppp(const struct wt_layer_view *v, struct wt_text *info)
{
    const struct ppp *h = v->header;
    const char *name = wt_value_name(ppp_names, h->protocol);
    wt_text_add(info, "%s", name ? name : "PPP");
}

const struct wt_dissector pppoes_dissector = {
    .name = "pppoes", .short_name = "PPPoES", .title = "PPP-over-Ethernet Session", .references = "RFC 2516",
    .role = WT_ROLE_LINK, .key_count = 1, .field_count = 5, .header_size = sizeof(struct pppoe), .keys = session_keys,
    .fields = pppoe_fields, .decode = decode_pppoe, .next = next_session, .summarise = summarise_pppoe,
};

const struct wt_dissector pppoed_dissector = {
    .name = "pppoed", .short_name = "PPPoED", .title = "PPP-over-Ethernet Discovery", .references = "RFC 2516",
    .role = WT_ROLE_LINK, .key_count = 1, .field_count = 5, .header_size = sizeof(struct pppoe), .keys = discovery_keys,
    .fields = pppoe_fields, .decode = decode_pppoe, .summarise = summarise_pppoe,
};

const struct wt_dissector ppp_dissector = {
    .name = "ppp", .short_name = "PPP", .title = "Point-to-Point Protocol", .references = "RFC 1661", .role = WT_ROLE_LINK,
    .key_count = 3, .field_count = 1, .header_size = sizeof(struct ppp), .keys = ppp_keys, .fields = ppp_fields,
    .decode = decode_ppp, .next = next_ppp, .describe = describe_ppp, .summarise = summarise_ppp,
};

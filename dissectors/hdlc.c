/* Cisco HDLC (RFC 1547 4.3.1): address, control, EtherType. Frame Relay (Q.922; RFC 2427): address of 2 to 4 bytes, then
 * control and NLPID, or with Cisco's encapsulation an EtherType. */
#include "dissectors/hdlc.h"

#include "dissectors/ethertypes.h"

#define SLARP 0x8035

static const struct wt_key chdlc_keys[] = { { WT_KEY_LINKTYPE, 104 } };
static const struct wt_key slarp_keys[] = { { WT_KEY_CHDLC, SLARP } };
static const struct wt_key fr_keys[] = { { WT_KEY_LINKTYPE, 107 }, { WT_KEY_ETHERTYPE, 0x6559 } };

static const struct wt_value_name address_names[] = { { 0x0f, "Unicast" }, { 0x8f, "Multicast" }, { 0, NULL } };

static const struct wt_field chdlc_fields[] = {
    WT_ROW_NAMED(struct chdlc, address, WT_UINT8, WT_HEX, 0, 1, "chdlc.address", "Address", "Unicast or multicast", address_names),
    WT_ROW(struct chdlc, control, WT_UINT8, WT_HEX, 1, 1, "chdlc.control", "Control", "Always 0"),
    WT_ROW_NAMED(struct chdlc, protocol, WT_UINT16, WT_HEX, 2, 2, "chdlc.protocol", "Protocol", "What the payload is (EtherType)",
                 ethertype_names),
};

static enum wt_cut decode_chdlc(struct wt_cursor *c, void *header)
{
    struct chdlc *h = header;
    h->address = wt_read_u8(c);
    h->control = wt_read_u8(c);
    h->protocol = wt_read_be16(c);
    return c->cut;
}

static void next_chdlc(const void *header, struct wt_next *n)
{
    const struct chdlc *h = header;
    bool slarp = h->protocol == SLARP;      /* elsewhere that is RARP */
    *n = (struct wt_next){ slarp ? WT_KEY_CHDLC : WT_KEY_ETHERTYPE, { h->protocol, WT_NO_KEY }, WT_NO_LIMIT };
}

static void summarise_chdlc(const struct wt_layer_view *v, struct wt_text *info)
{
    const struct chdlc *h = v->header;
    const char *name = wt_value_name(ethertype_names, h->protocol);
    wt_text_add(info, "%s", name ? name : "Cisco HDLC");
}

const struct wt_dissector chdlc_dissector = {
    .name = "chdlc", .short_name = "CHDLC", .title = "Cisco HDLC", .references = "RFC 1547", .role = WT_ROLE_LINK,
    .key_count = 1, .field_count = 3, .header_size = sizeof(struct chdlc), .keys = chdlc_keys, .fields = chdlc_fields,
    .decode = decode_chdlc, .next = next_chdlc, .summarise = summarise_chdlc,
};

/* ---- SLARP ---- */

enum { S_TYPE, S_ADDRESS, S_NETMASK, S_MINE, S_YOURS, S_RELIABILITY, S_COUNT };
enum { SLARP_REQUEST, SLARP_REPLY, SLARP_KEEPALIVE };

static const struct wt_value_name slarp_names[] = { { SLARP_REQUEST, "Address request" }, { SLARP_REPLY, "Address reply" },
                                                    { SLARP_KEEPALIVE, "Line keepalive" }, { 0, NULL } };

static const struct wt_field slarp_fields[S_COUNT] = {
    [S_TYPE] = WT_ROW_NAMED(struct slarp, type, WT_UINT32, WT_DEC, 0, 4, "slarp.ptype", "Packet type", "Kind of message", slarp_names),
    [S_ADDRESS] = WT_ROW_SAID(WT_IPV4, 0, 0, "slarp.address", "Address", "Of the end that answers", NULL),
    [S_NETMASK] = WT_ROW_SAID(WT_IPV4, 0, 0, "slarp.netmask", "Netmask", "Of that address", NULL),
    [S_MINE] = WT_ROW_SAID(WT_UINT32, WT_DEC, 0, "slarp.mysequence", "Outgoing sequence number", "Counts what this end sends", NULL),
    [S_YOURS] = WT_ROW_SAID(WT_UINT32, WT_DEC, 0, "slarp.yoursequence", "Returned sequence number", "The last that it received", NULL),
    [S_RELIABILITY] = WT_ROW(struct slarp, reliability, WT_UINT16, WT_HEX, 12, 2, "slarp.reliability", "Reliability", "Always 0xffff"),
};

static enum wt_cut decode_slarp(struct wt_cursor *c, void *header)
{
    struct slarp *h = header;
    h->type = wt_read_be32(c);
    h->first = wt_read_be32(c);
    h->second = wt_read_be32(c);
    h->reliability = wt_read_be16(c);
    return c->cut;
}

static void describe_slarp(const struct wt_layer_view *v, struct wt_sink *sink)
{
    const struct slarp *h = v->header;
    wt_describe_rows(v, sink, S_TYPE, S_ADDRESS);
    if (v->bytes.len >= 12 && h->type == SLARP_KEEPALIVE) {
        wt_say_number(v, sink, &slarp_fields[S_MINE], h->first, 4, 4);
        wt_say_number(v, sink, &slarp_fields[S_YOURS], h->second, 8, 4);
    } else if (v->bytes.len >= 12) {
        wt_say_bytes(v, sink, &slarp_fields[S_ADDRESS], (struct wt_slice){ v->bytes.at + 4, 4 }, 4, 4);
        wt_say_bytes(v, sink, &slarp_fields[S_NETMASK], (struct wt_slice){ v->bytes.at + 8, 4 }, 8, 4);
    }
    wt_describe_rows(v, sink, S_RELIABILITY, S_COUNT);
}

static void summarise_slarp(const struct wt_layer_view *v, struct wt_text *info)
{
    const struct slarp *h = v->header;
    const char *name = wt_value_name(slarp_names, h->type);
    if (h->type == SLARP_KEEPALIVE)
        wt_text_add(info, "%s, outgoing sequence %u, returned sequence %u", name, h->first, h->second);
    else
        wt_text_add(info, "%s", name ? name : "Unknown packet type");
}

const struct wt_dissector slarp_dissector = {
    .name = "slarp", .short_name = "SLARP", .title = "Cisco SLARP", .references = "Cisco HDLC", .role = WT_ROLE_LINK,
    .key_count = 1, .field_count = S_COUNT, .header_size = sizeof(struct slarp), .keys = slarp_keys, .fields = slarp_fields,
    .decode = decode_slarp, .describe = describe_slarp, .summarise = summarise_slarp,
};

/* ---- Frame Relay ---- */

enum { F_DLCI, F_FECN, F_BECN, F_DE, F_CONTROL, F_NLPID, F_OUI, F_PID, F_CHDLC_TYPE, F_COUNT };

enum { NLPID_SNAP = 0x80, NLPID_IPV6 = 0x8e, NLPID_IPV4 = 0xcc };

static const struct wt_value_name nlpid_names[] = { { 0x08, "Q.933" }, { NLPID_SNAP, "SNAP" }, { 0x81, "CLNP" }, { 0x83, "IS-IS" },
                                                    { NLPID_IPV6, "IPv6" }, { 0xb1, "FRF.12" }, { NLPID_IPV4, "IP" },
                                                    { 0xcf, "PPP" }, { 0, NULL } };

static const struct wt_field fr_fields[F_COUNT] = {
    [F_DLCI] = WT_ROW_SAID(WT_UINT32, WT_DEC, 0, "fr.dlci", "DLCI", "Which virtual circuit", NULL),
    [F_FECN] = WT_ROW_SAID(WT_BOOL, WT_DEC, 1, "fr.fecn", "FECN", "Congestion on the way here", NULL),
    [F_BECN] = WT_ROW_SAID(WT_BOOL, WT_DEC, 1, "fr.becn", "BECN", "Congestion on the way back", NULL),
    [F_DE] = WT_ROW_SAID(WT_BOOL, WT_DEC, 1, "fr.de", "DE", "May be dropped first", NULL),
    [F_CONTROL] = WT_ROW_SAID(WT_UINT8, WT_HEX, 0, "fr.control", "Control Field", "3: unnumbered information", NULL),
    [F_NLPID] = WT_ROW_SAID(WT_UINT8, WT_HEX, 0, "fr.nlpid", "NLPID", "What the payload is (ISO 9577)", nlpid_names),
    [F_OUI] = WT_ROW_SAID(WT_UINT24, WT_HEX, 0, "fr.snap.oui", "Organization Code", "Whose protocol numbers follow", NULL),
    [F_PID] = WT_ROW_SAID(WT_UINT16, WT_HEX, 0, "fr.snaptype", "Type", "What the payload is (EtherType)", ethertype_names),
    [F_CHDLC_TYPE] = WT_ROW_SAID(WT_UINT16, WT_HEX, 0, "fr.chdlctype", "Type", "What the payload is (EtherType)", ethertype_names),
};

static uint32_t dlci_of(uint32_t address, uint8_t bytes)
{
    switch (bytes) {
    case 2: return (address >> 10 & 0x3f) << 4 | (address >> 4 & 0xf);
    case 3: return (address >> 18 & 0x3f) << 11 | (address >> 12 & 0xf) << 7 | (address >> 1 & 0x7f);
    default: return (address >> 26 & 0x3f) << 17 | (address >> 20 & 0xf) << 13 | (address >> 9 & 0x7f) << 6 | (address >> 2 & 0x3f);
    }
}

static void read_nlpid(struct wt_cursor *c, struct frame_relay *h)
{
    h->control = wt_read_u8(c);
    h->nlpid_at = (uint8_t)(h->address_bytes + 1);
    h->nlpid = wt_read_u8(c);
    if (h->nlpid == 0) {        /* a byte of padding */
        h->nlpid_at++;
        h->nlpid = wt_read_u8(c);
    }
    if (h->nlpid == NLPID_SNAP) {
        h->oui = wt_read_be24(c);
        h->type = wt_read_be16(c);
    }
}

static enum wt_cut decode_fr(struct wt_cursor *c, void *header)
{
    struct frame_relay *h = header;
    uint8_t byte;
    do {
        byte = wt_read_u8(c);
        h->address = h->address << 8 | byte;
        h->address_bytes++;
    } while (!(byte & 1) && h->address_bytes < 4 && c->cut == WT_WHOLE);
    h->dlci = dlci_of(h->address, h->address_bytes);
    if (c->cut == WT_WHOLE && c->captured && c->at[0] == 0x03)
        read_nlpid(c, h);
    else
        h->type = wt_read_be16(c);
    return c->cut;
}

static void next_fr(const void *header, struct wt_next *n)
{
    const struct frame_relay *h = header;
    *n = (struct wt_next){ WT_KEY_NONE, { WT_NO_KEY, WT_NO_KEY }, WT_NO_LIMIT };
    if (!h->nlpid_at || (h->nlpid == NLPID_SNAP && h->oui == 0)) {
        n->space = WT_KEY_ETHERTYPE;
        n->key[0] = h->type;
    } else if (h->nlpid == NLPID_SNAP && h->oui == 0x0080c2 && (h->type == 7 || h->type == 1)) {
        n->space = WT_KEY_LINKTYPE;     /* bridged Ethernet; type 1 ends in a frame check sequence */
        n->key[0] = 1;
    } else if (h->nlpid == NLPID_IPV4 || h->nlpid == NLPID_IPV6) {
        n->space = WT_KEY_FAMILY;
        n->key[0] = h->nlpid == NLPID_IPV4 ? 4 : 6;
    } else if (h->nlpid == 0xcf) {
        n->space = WT_KEY_LINKTYPE;
        n->key[0] = 9;
    }
}

static void describe_fr(const struct wt_layer_view *v, struct wt_sink *sink)
{
    const struct frame_relay *h = v->header;
    size_t at = h->address_bytes;
    if (v->bytes.len < at + 2u)
        return;
    wt_say_number(v, sink, &fr_fields[F_DLCI], h->dlci, 0, at);
    wt_say_number(v, sink, &fr_fields[F_FECN], v->bytes.at[1] >> 3 & 1, 1, 1);
    wt_say_number(v, sink, &fr_fields[F_BECN], v->bytes.at[1] >> 2 & 1, 1, 1);
    wt_say_number(v, sink, &fr_fields[F_DE], v->bytes.at[1] >> 1 & 1, 1, 1);
    if (!h->nlpid_at) {
        wt_say_number(v, sink, &fr_fields[F_CHDLC_TYPE], h->type, at, 2);
        return;
    }
    wt_say_number(v, sink, &fr_fields[F_CONTROL], h->control, at, 1);
    if (v->bytes.len > h->nlpid_at)
        wt_say_number(v, sink, &fr_fields[F_NLPID], h->nlpid, h->nlpid_at, 1);
    if (h->nlpid == NLPID_SNAP && v->bytes.len >= h->nlpid_at + 6u) {
        wt_say_number(v, sink, &fr_fields[F_OUI], h->oui, h->nlpid_at + 1u, 3);
        wt_say_number(v, sink, &fr_fields[F_PID], h->type, h->nlpid_at + 4u, 2);
    }
}

static void summarise_fr(const struct wt_layer_view *v, struct wt_text *info)
{
    const struct frame_relay *h = v->header;
    wt_text_add(info, "Frame Relay, DLCI %u", h->dlci);
}

const struct wt_dissector frame_relay_dissector = {
    .name = "fr", .short_name = "FR", .title = "Frame Relay", .references = "ITU-T Q.922, RFC 2427", .role = WT_ROLE_LINK,
    .key_count = 2, .field_count = F_COUNT, .header_size = sizeof(struct frame_relay), .keys = fr_keys,
    .fields = fr_fields, .decode = decode_fr, .next = next_fr, .describe = describe_fr, .summarise = summarise_fr,
};

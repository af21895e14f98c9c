/* MACsec (IEEE 802.1AE-2018 9.3 to 9.9). What is protected but not encrypted is read on; the default suite's check value
 * (16 bytes, 14.5) ends it. */
#include "dissectors/macsec.h"

#include <string.h>

#include "dissectors/ethertypes.h"

static const struct wt_key keys[] = { { WT_KEY_ETHERTYPE, 0x88e5 } };

enum { F_TCI, F_VERSION, F_ES, F_SC, F_SCB, F_E, F_C, F_AN, F_SL, F_PN, F_SYSTEM, F_PORT, F_TYPE, F_ICV, F_COUNT };

static const struct wt_field fields[F_COUNT] = {
    [F_TCI] = WT_ROW_BITS(struct macsec, tci, WT_UINT8, WT_HEX, 0, 0, 1, 0xfc, "macsec.TCI", "TCI", "What the tag holds", NULL),
    [F_VERSION] = WT_ROW_BITS(struct macsec, tci, WT_UINT8, WT_HEX, 1, 0, 1, 0x80, "macsec.TCI.V", "VER", "Always 0", NULL),
    [F_ES] = WT_ROW_BITS(struct macsec, tci, WT_BOOL, WT_DEC, 1, 0, 1, 0x40, "macsec.TCI.ES", "ES", "The source address is the channel's", NULL),
    [F_SC] = WT_ROW_BITS(struct macsec, tci, WT_BOOL, WT_DEC, 1, 0, 1, MACSEC_SC, "macsec.TCI.SC", "SC", "The channel's identifier is in the tag", NULL),
    [F_SCB] = WT_ROW_BITS(struct macsec, tci, WT_BOOL, WT_DEC, 1, 0, 1, 0x10, "macsec.TCI.SCB", "SCB", "Broadcast of a passive optical network", NULL),
    [F_E] = WT_ROW_BITS(struct macsec, tci, WT_BOOL, WT_DEC, 1, 0, 1, MACSEC_ENCRYPTED, "macsec.TCI.E", "E", "The payload is encrypted", NULL),
    [F_C] = WT_ROW_BITS(struct macsec, tci, WT_BOOL, WT_DEC, 1, 0, 1, MACSEC_CHANGED, "macsec.TCI.C", "C", "The payload was changed", NULL),
    [F_AN] = WT_ROW_BITS(struct macsec, tci, WT_UINT8, WT_HEX, 0, 0, 1, 0x03, "macsec.AN", "AN", "Which of the channel's four keys", NULL),
    [F_SL] = WT_ROW(struct macsec, short_length, WT_UINT8, WT_DEC, 1, 1, "macsec.SL", "Short length", "Bytes of the payload if fewer than 48, else 0"),
    [F_PN] = WT_ROW(struct macsec, packet_number, WT_UINT32, WT_DEC, 2, 4, "macsec.PN", "Packet number", "Counts the frames of a key"),
    [F_SYSTEM] = WT_ROW_SAID(WT_ETHER, 0, 0, "macsec.SCI.system_identifier", "System Identifier", "Whose channel it is", NULL),
    [F_PORT] = WT_ROW_SAID(WT_UINT16, WT_DEC, 0, "macsec.SCI.port_identifier", "Port Identifier", "Which of its channels", NULL),
    [F_TYPE] = WT_ROW_SAID(WT_UINT16, WT_HEX, 0, "macsec.etype", "Ethertype", "What the payload is, where it is not encrypted", ethertype_names),
    [F_ICV] = WT_ROW_SAID(WT_BYTES, 0, 0, "macsec.ICV", "ICV", "Check value over the frame", NULL),
};

static enum wt_cut decode(struct wt_cursor *c, void *header)
{
    struct macsec *h = header;
    h->tci = wt_read_u8(c);
    h->short_length = wt_read_u8(c) & 0x3f;
    h->packet_number = wt_read_be32(c);
    if (h->tci & MACSEC_SC) {
        const uint8_t *system = wt_take(c, 6);
        if (system)
            memcpy(h->system, system, 6);
        h->port = wt_read_be16(c);
    }
    size_t behind = c->on_wire;
    if (h->short_length && h->short_length + MACSEC_ICV < behind)
        behind = h->short_length + MACSEC_ICV;      /* what is behind it is padding */
    if (c->cut == WT_WHOLE && !(h->tci & (MACSEC_ENCRYPTED | MACSEC_CHANGED)) && behind >= MACSEC_ICV + 2) {
        h->type = wt_read_be16(c);
        behind -= 2;
    }
    h->payload_bytes = behind >= MACSEC_ICV ? behind - MACSEC_ICV : behind;
    return c->cut;
}

static void next(const void *header, struct wt_next *n)
{
    const struct macsec *h = header;
    bool readable = h->type >= 0x600;
    *n = (struct wt_next){ readable ? WT_KEY_ETHERTYPE : WT_KEY_NONE, { readable ? h->type : WT_NO_KEY, WT_NO_KEY }, h->payload_bytes };
}

static void describe(const struct wt_layer_view *v, struct wt_sink *sink)
{
    const struct macsec *h = v->header;
    size_t at = h->tci & MACSEC_SC ? 14 : 6;
    wt_describe_rows(v, sink, F_TCI, F_SYSTEM);
    if (v->bytes.len < at)
        return;
    if (h->tci & MACSEC_SC) {
        wt_say_bytes(v, sink, &fields[F_SYSTEM], (struct wt_slice){ h->system, 6 }, 6, 6);
        wt_say_number(v, sink, &fields[F_PORT], h->port, 12, 2);
    }
    if (h->type && v->bytes.len >= at + 2) {
        wt_say_number(v, sink, &fields[F_TYPE], h->type, at, 2);
        at += 2;
    }
    if (v->bytes.len - at >= MACSEC_ICV && h->payload_bytes <= v->bytes.len - at - MACSEC_ICV) {
        at += (size_t)h->payload_bytes;
        wt_say_bytes(v, sink, &fields[F_ICV], (struct wt_slice){ v->bytes.at + at, MACSEC_ICV }, at, MACSEC_ICV);
    }
}

static void summarise(const struct wt_layer_view *v, struct wt_text *info)
{
    const struct macsec *h = v->header;
    wt_text_add(info, "MACsec frame%s", h->tci & MACSEC_ENCRYPTED ? ", encrypted" : "");
}

const struct wt_dissector macsec_dissector = {
    .name = "macsec", .short_name = "MACSEC", .title = "802.1AE Security tag", .references = "IEEE 802.1AE", .role = WT_ROLE_LINK,
    .key_count = 1, .field_count = F_COUNT, .header_size = sizeof(struct macsec), .keys = keys, .fields = fields,
    .decode = decode, .next = next, .describe = describe, .summarise = summarise,
};

/* GTP-U (3GPP TS 29.281): the packets of mobile subscribers between the radio network and the gateway. */
#include "dissectors/gtp.h"

static const struct wt_key keys[] = { { WT_KEY_UDP_PORT, 2152 }, { WT_KEY_UDP_PORT, 3386 } };

enum { F_FLAGS, F_VERSION, F_PROTOCOL, F_E, F_S, F_PN, F_MESSAGE, F_LENGTH, F_TEID, F_SEQUENCE, F_NPDU, F_NEXT, F_COUNT };

#define G_PDU 255
#define EXTENSION 0x04u
#define OPTIONAL 0x07u

static const struct wt_value_name message_names[] = {
    { 1, "Echo request" }, { 2, "Echo response" }, { 26, "Error indication" },
    { 31, "Supported extension header notification" }, { 254, "End marker" }, { G_PDU, "T-PDU" }, { 0, NULL },
};

static const struct wt_field fields[F_COUNT] = {
    [F_FLAGS] = WT_ROW(struct gtp, flags, WT_UINT8, WT_HEX, 0, 1, "gtp.flags", "Flags", "Version, and what is present"),
    [F_VERSION] = WT_ROW_BITS(struct gtp, flags, WT_UINT8, WT_DEC, 1, 0, 1, 0xe0, "gtp.flags.version", "Version", "1 for GTP-U", NULL),
    [F_PROTOCOL] = WT_ROW_BITS(struct gtp, flags, WT_UINT8, WT_DEC, 1, 0, 1, 0x10, "gtp.flags.payload", "Protocol type",
                               "1: GTP, 0: GTP'", NULL),
    [F_E] = WT_ROW_BITS(struct gtp, flags, WT_BOOL, WT_DEC, 1, 0, 1, 0x04, "gtp.flags.e", "Is Next Extension Header present?",
                        "Extension headers follow", NULL),
    [F_S] = WT_ROW_BITS(struct gtp, flags, WT_BOOL, WT_DEC, 1, 0, 1, 0x02, "gtp.flags.s", "Is Sequence Number present?",
                        "The sequence number counts", NULL),
    [F_PN] = WT_ROW_BITS(struct gtp, flags, WT_BOOL, WT_DEC, 1, 0, 1, 0x01, "gtp.flags.pn", "Is N-PDU number present?",
                         "The N-PDU number counts", NULL),
    [F_MESSAGE] = WT_ROW_NAMED(struct gtp, message, WT_UINT8, WT_HEX, 1, 1, "gtp.message", "Message Type", "Kind of message",
                               message_names),
    [F_LENGTH] = WT_ROW(struct gtp, length_bytes, WT_UINT16, WT_DEC, 2, 2, "gtp.length", "Length", "Bytes behind the first eight"),
    [F_TEID] = WT_ROW(struct gtp, teid, WT_UINT32, WT_HEX, 4, 4, "gtp.teid", "TEID", "Which tunnel of the receiver"),
    [F_SEQUENCE] = WT_ROW_SAID(WT_UINT16, WT_HEX, 0, "gtp.seq_number", "Sequence number", "Counts the packets", NULL),
    [F_NPDU] = WT_ROW_SAID(WT_UINT8, WT_HEX, 0, "gtp.npdu_number", "N-PDU Number", "For handovers", NULL),
    [F_NEXT] = WT_ROW_SAID(WT_UINT8, WT_HEX, 0, "gtp.ext_hdr.next", "Next extension header type", "Kind of the first extension header",
                           NULL),
};

static void read_extensions(struct wt_cursor *c, uint8_t type)
{
    for (unsigned i = 0; type && c->cut == WT_WHOLE && i < 16; i++) {
        size_t len = wt_read_u8(c) * 4u;
        if (len == 0) {
            wt_malformed(c);
            return;
        }
        wt_skip(c, len - 2);
        type = wt_read_u8(c);
    }
}

static enum wt_cut decode(struct wt_cursor *c, void *header)
{
    struct gtp *h = header;
    h->flags = wt_read_u8(c);
    h->message = wt_read_u8(c);
    h->length_bytes = wt_read_be16(c);
    if (h->flags >> 5 != 1)     /* GTP' and version 0 look otherwise */
        return c->cut;
    h->teid = wt_read_be32(c);
    if (h->flags & OPTIONAL) {
        h->sequence = wt_read_be16(c);
        h->npdu = wt_read_u8(c);
        h->next_extension = wt_read_u8(c);
        if (h->flags & EXTENSION)
            read_extensions(c, h->next_extension);
    }
    struct wt_cursor peek = *c;
    uint8_t version = wt_read_u8(&peek) >> 4;
    h->family = h->message == G_PDU && (version == 4 || version == 6) ? version : 0;
    return c->cut;
}

static void next(const void *header, struct wt_next *n)
{
    const struct gtp *h = header;
    *n = (struct wt_next){ h->family ? WT_KEY_FAMILY : WT_KEY_NONE, { h->family, WT_NO_KEY }, WT_NO_LIMIT };
}

static void describe(const struct wt_layer_view *v, struct wt_sink *sink)
{
    const struct gtp *h = v->header;
    wt_describe_rows(v, sink, F_FLAGS, h->flags >> 5 == 1 ? F_SEQUENCE : F_TEID);
    if (h->flags >> 5 != 1 || v->bytes.len < 12)
        return;
    if (h->flags & 2)
        wt_say_number(v, sink, &fields[F_SEQUENCE], h->sequence, 8, 2);
    if (h->flags & 1)
        wt_say_number(v, sink, &fields[F_NPDU], h->npdu, 10, 1);
    if (h->flags & EXTENSION)
        wt_say_number(v, sink, &fields[F_NEXT], h->next_extension, 11, 1);
}

static void summarise(const struct wt_layer_view *v, struct wt_text *info)
{
    const struct gtp *h = v->header;
    const char *name = wt_value_name(message_names, h->message);
    wt_text_add(info, "%s", name ? name : "GTP");
}

const struct wt_dissector gtp_dissector = {
    .name = "gtp", .short_name = "GTP", .title = "GPRS Tunneling Protocol", .references = "3GPP TS 29.281",
    .role = WT_ROLE_TUNNEL, .key_count = 2, .field_count = F_COUNT, .header_size = sizeof(struct gtp), .keys = keys,
    .fields = fields, .decode = decode, .next = next, .describe = describe, .summarise = summarise,
};

/* PIM (RFC 7761): how routers agree on the way of multicast. A register message carries a multicast packet to the
 * rendezvous point. */
#include "dissectors/pim.h"

static const struct wt_key keys[] = { { WT_KEY_IP_PROTOCOL, 103 } };

enum { F_VERSION, F_TYPE, F_CHECKSUM, F_FLAGS, F_BORDER, F_NULL, F_COUNT };

#define REGISTER 1

static const struct wt_value_name type_names[] = {
    { 0, "Hello" }, { REGISTER, "Register" }, { 2, "Register-stop" }, { 3, "Join/Prune" }, { 4, "Bootstrap" }, { 5, "Assert" },
    { 6, "Graft" }, { 7, "Graft-Ack" }, { 8, "Candidate-RP-Advertisement" }, { 9, "State-Refresh" },
    { 10, "DF election" }, { 0, NULL },
};

static const struct wt_field fields[F_COUNT] = {
    [F_VERSION] = WT_ROW(struct pim, version, WT_UINT8, WT_DEC, 0, 1, "pim.version", "Version", "2 nearly always"),
    [F_TYPE] = WT_ROW_NAMED(struct pim, type, WT_UINT8, WT_DEC, 0, 1, "pim.type", "Type", "Kind of message", type_names),
    [F_CHECKSUM] = WT_ROW(struct pim, checksum, WT_UINT16, WT_HEX, 2, 2, "pim.cksum", "Checksum", "As it came"),
    [F_FLAGS] = WT_ROW_SAID(WT_UINT32, WT_HEX, 0, "pim.register_flag", "Flags", "Of a register message", NULL),
    [F_BORDER] = WT_ROW_SAID(WT_BOOL, WT_DEC, 1, "pim.register_flag.border", "Border", "Its sender is a border router", NULL),
    [F_NULL] = WT_ROW_SAID(WT_BOOL, WT_DEC, 1, "pim.register_flag.null_register", "Null-Register", "Only asks whether to go on", NULL),
};

static enum wt_cut decode(struct wt_cursor *c, void *header)
{
    struct pim *h = header;
    uint8_t first = wt_read_u8(c);
    h->version = first >> 4;
    h->type = first & 15;
    wt_skip(c, 1);
    h->checksum = wt_read_be16(c);
    if (h->version != 2 || h->type != REGISTER)
        return c->cut;
    h->flags = wt_read_be32(c);
    uint8_t version = c->cut == WT_WHOLE && c->captured ? c->at[0] >> 4 : 0;
    h->family = version == 4 || version == 6 ? version : 0;
    return c->cut;
}

static void next(const void *header, struct wt_next *n)
{
    const struct pim *h = header;
    *n = (struct wt_next){ h->family ? WT_KEY_FAMILY : WT_KEY_NONE, { h->family, WT_NO_KEY }, WT_NO_LIMIT };
}

static void describe(const struct wt_layer_view *v, struct wt_sink *sink)
{
    const struct pim *h = v->header;
    wt_describe_rows(v, sink, F_VERSION, F_FLAGS);
    if (h->version != 2 || h->type != REGISTER || v->bytes.len < 8)
        return;
    wt_say_number(v, sink, &fields[F_FLAGS], h->flags, 4, 4);
    wt_say_number(v, sink, &fields[F_BORDER], h->flags >> 31, 4, 4);
    wt_say_number(v, sink, &fields[F_NULL], h->flags >> 30 & 1, 4, 4);
}

static void summarise(const struct wt_layer_view *v, struct wt_text *info)
{
    const struct pim *h = v->header;
    const char *name = wt_value_name(type_names, h->type);
    wt_text_add(info, "%s", name ? name : "PIM");
}

const struct wt_dissector pim_dissector = {
    .name = "pim", .short_name = "PIM", .title = "Protocol Independent Multicast", .references = "RFC 7761",
    .role = WT_ROLE_TUNNEL, .key_count = 1, .field_count = F_COUNT, .header_size = sizeof(struct pim), .keys = keys,
    .fields = fields, .decode = decode, .next = next, .describe = describe, .summarise = summarise,
};

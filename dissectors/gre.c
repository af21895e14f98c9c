/* GRE (RFC 2784, RFC 2890), and version 1 as PPTP uses it (RFC 2637). */
#include "dissectors/gre.h"

#include "dissectors/ethertypes.h"

static const struct wt_key keys[] = { { WT_KEY_IP_PROTOCOL, 47 }, { WT_KEY_UDP_PORT, 4754 } };

#define ERSPAN 0x88be

enum { F_FLAGS, F_CHECKSUM_BIT, F_ROUTING_BIT, F_KEY_BIT, F_SEQUENCE_BIT, F_STRICT_BIT, F_RECURSION, F_RESERVED, F_VERSION, F_PROTO, F_CHECKSUM, F_KEY, F_PAYLOAD_LEN,
       F_CALL_ID, F_SEQUENCE, F_ACK, F_COUNT };

static const struct wt_field fields[F_COUNT] = {
    [F_FLAGS] = WT_ROW(struct gre, flags, WT_UINT16, WT_HEX, 0, 2, "gre.flags_and_version", "Flags and Version", "What is present"),
    [F_CHECKSUM_BIT] = WT_ROW_BITS(struct gre, flags, WT_BOOL, 0, 1, 0, 2, GRE_CHECKSUM, "gre.flags.checksum", "Checksum Bit",
                                   "A checksum follows", NULL),
    [F_ROUTING_BIT] = WT_ROW_BITS(struct gre, flags, WT_BOOL, 0, 1, 0, 2, GRE_ROUTING, "gre.flags.routing", "Routing Bit",
                                  "Routing follows (RFC 1701)", NULL),
    [F_KEY_BIT] = WT_ROW_BITS(struct gre, flags, WT_BOOL, 0, 1, 0, 2, GRE_KEY, "gre.flags.key", "Key Bit", "A key follows", NULL),
    [F_SEQUENCE_BIT] = WT_ROW_BITS(struct gre, flags, WT_BOOL, 0, 1, 0, 2, GRE_SEQUENCE, "gre.flags.sequence_number",
                                   "Sequence Number Bit", "A sequence number follows", NULL),
    [F_STRICT_BIT] = WT_ROW_BITS(struct gre, flags, WT_BOOL, 0, 1, 0, 2, 0x0800, "gre.flags.strict_source_route", "Strict Source Route Bit",
                                 "The routing must be kept to (RFC 1701)", NULL),
    [F_RECURSION] = WT_ROW_BITS(struct gre, flags, WT_UINT16, WT_DEC, 1, 0, 2, 0x0700, "gre.flags.recursion_control", "Recursion control",
                                "Encapsulations that are still allowed (RFC 1701)", NULL),
    [F_RESERVED] = WT_ROW_BITS(struct gre, flags, WT_UINT16, WT_DEC, 1, 0, 2, 0x00f8, "gre.flags.reserved", "Flags (Reserved)",
                               "Must be 0", NULL),
    [F_VERSION] = WT_ROW_BITS(struct gre, flags, WT_UINT16, WT_DEC, 1, 0, 2, GRE_VERSION, "gre.flags.version", "Version",
                              "0, or 1 for PPTP", NULL),
    [F_PROTO] = WT_ROW_NAMED(struct gre, protocol, WT_UINT16, WT_HEX, 2, 2, "gre.proto", "Protocol Type", "What the payload is (EtherType)",
                             ethertype_names),
    [F_CHECKSUM] = WT_ROW_SAID(WT_UINT16, WT_HEX, 0, "gre.checksum", "Checksum", "As it came", NULL),
    [F_KEY] = WT_ROW_SAID(WT_UINT32, WT_HEX, 0, "gre.key", "Key", "Which flow of the tunnel", NULL),
    [F_PAYLOAD_LEN] = WT_ROW_SAID(WT_UINT16, WT_DEC, 0, "gre.key.payload_length", "Payload Length", "PPTP: in bytes", NULL),
    [F_CALL_ID] = WT_ROW_SAID(WT_UINT16, WT_DEC, 0, "gre.key.call_id", "Call ID", "PPTP: which call", NULL),
    [F_SEQUENCE] = WT_ROW_SAID(WT_UINT32, WT_DEC, 0, "gre.sequence_number", "Sequence Number", "Counts the packets", NULL),
    [F_ACK] = WT_ROW_SAID(WT_UINT32, WT_DEC, 0, "gre.ack_number", "Acknowledgment Number", "PPTP: last packet received", NULL),
};

static enum wt_cut decode(struct wt_cursor *c, void *header)
{
    struct gre *h = header;
    uint8_t at = 4;
    h->flags = wt_read_be16(c);
    h->protocol = wt_read_be16(c);
    if (h->flags & (GRE_CHECKSUM | GRE_ROUTING)) {
        h->checksum = wt_read_be16(c);
        h->offset = wt_read_be16(c);
        at += 4;
    }
    if (h->flags & GRE_KEY) {
        h->key = wt_read_be32(c);
        h->key_at = at;
        at += 4;
    }
    if (h->flags & GRE_SEQUENCE) {
        h->sequence = wt_read_be32(c);
        h->sequence_at = at;
        at += 4;
    }
    if ((h->flags & GRE_VERSION) == 1 && (h->flags & GRE_ACK)) {
        h->acknowledgment = wt_read_be32(c);
        h->ack_at = at;
    }
    /* Source route entries end with one of length 0 (RFC 1701). */
    for (unsigned i = 0; (h->flags & GRE_ROUTING) && c->cut == WT_WHOLE && i < 64; i++) {
        wt_skip(c, 3);
        uint8_t len = wt_read_u8(c);
        if (len == 0)
            break;
        wt_skip(c, len);
    }
    return c->cut;
}

static void next(const void *header, struct wt_next *n)
{
    const struct gre *h = header;
    *n = (struct wt_next){ WT_KEY_ETHERTYPE, { h->protocol, WT_NO_KEY }, WT_NO_LIMIT };
    if ((h->flags & GRE_VERSION) == 1 && h->key_at)
        n->payload_bytes = h->key >> 16;
    if (h->protocol == ERSPAN && !h->sequence_at) {     /* type I: the frame itself */
        n->space = WT_KEY_LINKTYPE;
        n->key[0] = 1;
    }
}

/* A key separates networks (RFC 2890 2.1); a call of PPTP has another one each way. */
static uint32_t scope(const void *header)
{
    const struct gre *h = header;
    return h->key_at && (h->flags & GRE_VERSION) == 0 ? h->key : 0;
}

static void describe(const struct wt_layer_view *v, struct wt_sink *sink)
{
    const struct gre *h = v->header;
    wt_describe_rows(v, sink, F_FLAGS, F_CHECKSUM);
    if ((h->flags & GRE_CHECKSUM) && v->bytes.len >= 6)
        wt_say_number(v, sink, &fields[F_CHECKSUM], h->checksum, 4, 2);
    if (h->key_at && v->bytes.len >= h->key_at + 4u) {
        if ((h->flags & GRE_VERSION) == 1) {
            wt_say_number(v, sink, &fields[F_PAYLOAD_LEN], h->key >> 16, h->key_at, 2);
            wt_say_number(v, sink, &fields[F_CALL_ID], h->key & 0xffff, h->key_at + 2u, 2);
        } else {
            wt_say_number(v, sink, &fields[F_KEY], h->key, h->key_at, 4);
        }
    }
    if (h->sequence_at && v->bytes.len >= h->sequence_at + 4u)
        wt_say_number(v, sink, &fields[F_SEQUENCE], h->sequence, h->sequence_at, 4);
    if (h->ack_at && v->bytes.len >= h->ack_at + 4u)
        wt_say_number(v, sink, &fields[F_ACK], h->acknowledgment, h->ack_at, 4);
}

static void summarise(const struct wt_layer_view *v, struct wt_text *info)
{
    const struct gre *h = v->header;
    const char *name = wt_value_name(ethertype_names, h->protocol);
    wt_text_add(info, "Encapsulated %s", name ? name : "payload");
}

const struct wt_dissector gre_dissector = {
    .name = "gre", .short_name = "GRE", .title = "Generic Routing Encapsulation", .references = "RFC 2784, RFC 2890, RFC 2637",
    .role = WT_ROLE_TUNNEL, .key_count = 2, .field_count = F_COUNT, .header_size = sizeof(struct gre), .keys = keys,
    .fields = fields, .decode = decode, .next = next, .describe = describe, .summarise = summarise, .scope = scope,
};

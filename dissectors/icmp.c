/* ICMP (RFC 792, RFC 950, RFC 1191, RFC 1256). An error quotes the packet that it is about; that is a layer of its own. */
#include "dissectors/icmp.h"

#include "dissectors/ipprotos.h"

static const struct wt_key keys[] = { { WT_KEY_IP_PROTOCOL, 1 } };

enum {
    F_TYPE, F_CODE, F_CHECKSUM, F_STATUS, F_IDENT, F_IDENT_LE, F_SEQ, F_SEQ_LE, F_GATEWAY, F_MTU, F_POINTER, F_DATA, F_COUNT
};

static const struct wt_value_name type_names[] = {
    { 0, "Echo (ping) reply" }, { 3, "Destination unreachable" }, { 4, "Source quench (flow control)" }, { 5, "Redirect" },
    { 8, "Echo (ping) request" }, { 9, "Router advertisement" }, { 10, "Router solicitation" }, { 11, "Time-to-live exceeded" },
    { 12, "Parameter problem" }, { 13, "Timestamp request" }, { 14, "Timestamp reply" }, { 15, "Information request" },
    { 16, "Information reply" }, { 17, "Address mask request" }, { 18, "Address mask reply" }, { 0, NULL },
};
static const struct wt_value_name unreachable_names[] = {
    { 0, "Network unreachable" }, { 1, "Host unreachable" }, { 2, "Protocol unreachable" }, { 3, "Port unreachable" },
    { 4, "Fragmentation needed" }, { 5, "Source route failed" }, { 6, "Network unknown" }, { 7, "Host unknown" },
    { 8, "Source host isolated" }, { 9, "Network administratively prohibited" }, { 10, "Host administratively prohibited" },
    { 11, "Network unreachable for TOS" }, { 12, "Host unreachable for TOS" },
    { 13, "Communication administratively filtered" }, { 14, "Host precedence violation" },
    { 15, "Precedence cutoff in effect" }, { 0, NULL },
};
static const struct wt_value_name ttl_names[] = { { 0, "Time to live exceeded in transit" },
                                                  { 1, "Fragment reassembly time exceeded" }, { 0, NULL } };
static const struct wt_value_name redirect_names[] = { { 0, "Redirect for network" }, { 1, "Redirect for host" },
                                                       { 2, "Redirect for TOS and network" },
                                                       { 3, "Redirect for TOS and host" }, { 0, NULL } };

static const struct wt_field fields[F_COUNT] = {
    [F_TYPE] = WT_ROW_NAMED(struct icmp, type, WT_UINT8, WT_DEC, 0, 1, "icmp.type", "Type", "Kind of message", type_names),
    [F_CODE] = WT_ROW(struct icmp, code, WT_UINT8, WT_DEC, 1, 1, "icmp.code", "Code", "Which of its kind"),
    [F_CHECKSUM] = WT_ROW(struct icmp, checksum, WT_UINT16, WT_HEX, 2, 2, "icmp.checksum", "Checksum", "As it came"),
    [F_STATUS] = WT_ROW_SAID(WT_UINT8, WT_DEC, 0, "icmp.checksum.status", "Checksum Status", "Whether it is right",
                             checksum_status_names),
    [F_IDENT] = WT_ROW_SAID(WT_UINT16, WT_DEC_HEX, 0, "icmp.ident", "Identifier (BE)", "Tells whose pings they are", NULL),
    [F_IDENT_LE] = WT_ROW_SAID(WT_UINT16, WT_DEC_HEX, 0, "icmp.ident_le", "Identifier (LE)", "The same, in the other byte order", NULL),
    [F_SEQ] = WT_ROW_SAID(WT_UINT16, WT_DEC_HEX, 0, "icmp.seq", "Sequence Number (BE)", "Counts the pings", NULL),
    [F_SEQ_LE] = WT_ROW_SAID(WT_UINT16, WT_DEC_HEX, 0, "icmp.seq_le", "Sequence Number (LE)", "The same, in the other byte order", NULL),
    [F_GATEWAY] = WT_ROW_SAID(WT_IPV4, 0, 0, "icmp.redir_gw", "Gateway Address", "The router to use instead", NULL),
    [F_MTU] = WT_ROW_SAID(WT_UINT16, WT_DEC, 0, "icmp.mtu", "MTU of next hop", "Largest packet that fits (RFC 1191)", NULL),
    [F_POINTER] = WT_ROW_SAID(WT_UINT8, WT_DEC, 0, "icmp.pointer", "Pointer", "Byte of the quoted header that is wrong", NULL),
    [F_DATA] = WT_ROW_SAID(WT_BYTES, 0, 0, "data.data", "Data", "What an echo carries", NULL),
};

static enum wt_cut decode(struct wt_cursor *c, void *header)
{
    return icmp_decode(c, header);
}

static void next(const void *header, struct wt_next *n)
{
    const struct icmp *h = header;
    bool quotes = icmp_is_error(h->type) && h->has_rest;
    *n = (struct wt_next){ quotes ? WT_KEY_FAMILY : WT_KEY_NONE, { 4, WT_NO_KEY }, WT_NO_LIMIT };
}

static bool is_query(uint8_t type)
{
    return type == 0 || type == 8 || (type >= 13 && type <= 18);
}

static uint16_t swap(uint32_t v)
{
    return (uint16_t)((v & 0xff) << 8 | (v >> 8 & 0xff));
}

static void describe_query(const struct wt_layer_view *v, struct wt_sink *sink)
{
    const struct icmp *h = v->header;
    wt_say_number(v, sink, &fields[F_IDENT], h->rest >> 16, 4, 2);
    wt_say_number(v, sink, &fields[F_IDENT_LE], swap(h->rest >> 16), 4, 2);
    wt_say_number(v, sink, &fields[F_SEQ], h->rest & 0xffff, 6, 2);
    wt_say_number(v, sink, &fields[F_SEQ_LE], swap(h->rest), 6, 2);
}

static void describe(const struct wt_layer_view *v, struct wt_sink *sink)
{
    static const uint8_t status[WT_CKSUM_KINDS] = { 2, 1, 0, 3, 4, 2, 0 };
    const struct icmp *h = v->header;
    wt_describe_rows(v, sink, F_TYPE, F_STATUS);
    if (v->context && v->packet && v->packet->transport_layer < WT_MAX_LAYERS
        && v->layer == &v->packet->layers[v->packet->transport_layer]
        && v->context->transport_checksum != WT_CKSUM_UNCHECKED)
        wt_say_number(v, sink, &fields[F_STATUS], status[v->context->transport_checksum % WT_CKSUM_KINDS], 2, 2);
    if (!h->has_rest)
        return;
    if (is_query(h->type))
        describe_query(v, sink);
    else if (h->type == 5)
        wt_say_bytes(v, sink, &fields[F_GATEWAY], (struct wt_slice){ v->bytes.at + 4, 4 }, 4, 4);
    else if (h->type == 3 && h->code == 4)
        wt_say_number(v, sink, &fields[F_MTU], h->rest & 0xffff, 6, 2);
    else if (h->type == 12)
        wt_say_number(v, sink, &fields[F_POINTER], h->rest >> 24, 4, 1);
    if ((h->type == 0 || h->type == 8) && v->bytes.len > 8)
        wt_say_bytes(v, sink, &fields[F_DATA], (struct wt_slice){ v->bytes.at + 8, v->bytes.len - 8 }, 8, v->bytes.len - 8);
}

static void summarise(const struct wt_layer_view *v, struct wt_text *info)
{
    const struct icmp *h = v->header;
    const char *name = wt_value_name(type_names, h->type);
    const char *code = wt_value_name(h->type == 3 ? unreachable_names : h->type == 11 ? ttl_names
                                     : h->type == 5 ? redirect_names : NULL, h->code);
    wt_text_add(info, "%s", name ? name : "Unknown ICMP");
    if (code)
        wt_text_add(info, " (%s)", code);
    if (h->has_rest && is_query(h->type)) {
        uint16_t seq = (uint16_t)h->rest;
        wt_text_add(info, "  id=0x%04x, seq=%u/%u", h->rest >> 16, seq, swap(seq));
        if (v->packet)
            wt_text_add(info, ", ttl=%u", v->packet->ttl);
    }
}

const struct wt_dissector icmp_dissector = {
    .name = "icmp", .short_name = "ICMP", .title = "Internet Control Message Protocol", .references = "RFC 792, RFC 1191",
    .role = WT_ROLE_TRANSPORT, .key_count = 1, .field_count = F_COUNT, .header_size = sizeof(struct icmp), .keys = keys,
    .fields = fields, .decode = decode, .next = next, .describe = describe, .summarise = summarise,
};

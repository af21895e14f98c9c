/* ICMPv6 (RFC 4443), neighbor discovery (RFC 4861), multicast listeners (RFC 2710, RFC 3810). */
#include "dissectors/icmp.h"

#include "dissectors/ipprotos.h"

static const struct wt_key keys[] = { { WT_KEY_IP_PROTOCOL, 58 } };

enum {
    F_TYPE, F_CODE, F_CHECKSUM, F_STATUS, F_IDENT, F_SEQ, F_MTU, F_POINTER, F_TARGET, F_NA_TARGET, F_NA_FLAGS, F_NA_R, F_NA_S, F_NA_O, F_NA_RESERVED, F_HOP_LIMIT, F_LIFETIME,
    F_RD_DESTINATION, F_MLD_ADDRESS, F_OPT_TYPE, F_OPT_LEN, F_OPT, F_OPT_LINKADDR, F_OPT_SOURCE, F_OPT_TARGET, F_OPT_PREFIX, F_OPT_PREFIX_LEN, F_OPT_MTU, F_COUNT
};

static const struct wt_value_name type_names[] = {
    { 1, "Destination Unreachable" }, { 2, "Packet Too Big" }, { 3, "Time Exceeded" }, { 4, "Parameter Problem" },
    { 128, "Echo (ping) request" }, { 129, "Echo (ping) reply" }, { 130, "Multicast Listener Query" },
    { 131, "Multicast Listener Report" }, { 132, "Multicast Listener Done" }, { 133, "Router Solicitation" },
    { 134, "Router Advertisement" }, { 135, "Neighbor Solicitation" }, { 136, "Neighbor Advertisement" }, { 137, "Redirect" },
    { 141, "Inverse Neighbor Discovery Solicitation" }, { 142, "Inverse Neighbor Discovery Advertisement" },
    { 143, "Multicast Listener Report Message v2" }, { 144, "Home Agent Address Discovery Request" },
    { 145, "Home Agent Address Discovery Reply" }, { 146, "Mobile Prefix Solicitation" },
    { 147, "Mobile Prefix Advertisement" }, { 148, "Certification Path Solicitation" },
    { 149, "Certification Path Advertisement" }, { 151, "Multicast Router Advertisement" },
    { 152, "Multicast Router Solicitation" }, { 153, "Multicast Router Termination" }, { 155, "RPL Control" }, { 0, NULL },
};
static const struct wt_value_name unreachable_names[] = {
    { 0, "no route to destination" }, { 1, "Administratively prohibited" }, { 2, "Beyond scope of source address" },
    { 3, "Address unreachable" }, { 4, "Port unreachable" }, { 5, "Source address failed ingress/egress policy" },
    { 6, "Reject route to destination" }, { 0, NULL },
};
static const struct wt_value_name exceeded_names[] = { { 0, "hop limit exceeded in transit" },
                                                       { 1, "fragment reassembly time exceeded" }, { 0, NULL } };
static const struct wt_value_name option_names[] = {
    { 1, "Source link-layer address" }, { 2, "Target link-layer address" }, { 3, "Prefix information" },
    { 4, "Redirected header" }, { 5, "MTU" }, { 14, "Nonce" }, { 24, "Route Information" },
    { 25, "Recursive DNS Server" }, { 31, "DNS Search List" }, { 0, NULL },
};

static const struct wt_field fields[F_COUNT] = {
    [F_TYPE] = WT_ROW_NAMED(struct icmp, type, WT_UINT8, WT_DEC, 0, 1, "icmpv6.type", "Type", "Kind of message", type_names),
    [F_CODE] = WT_ROW(struct icmp, code, WT_UINT8, WT_DEC, 1, 1, "icmpv6.code", "Code", "Which of its kind"),
    [F_CHECKSUM] = WT_ROW(struct icmp, checksum, WT_UINT16, WT_HEX, 2, 2, "icmpv6.checksum", "Checksum", "As it came"),
    [F_STATUS] = WT_ROW_SAID(WT_UINT8, WT_DEC, 0, "icmpv6.checksum.status", "Checksum Status", "Whether it is right",
                             checksum_status_names),
    [F_IDENT] = WT_ROW_SAID(WT_UINT16, WT_HEX, 0, "icmpv6.echo.identifier", "Identifier", "Tells whose pings they are", NULL),
    [F_SEQ] = WT_ROW_SAID(WT_UINT16, WT_DEC, 0, "icmpv6.echo.sequence_number", "Sequence", "Counts the pings", NULL),
    [F_MTU] = WT_ROW_SAID(WT_UINT32, WT_DEC, 0, "icmpv6.mtu", "MTU", "Largest packet that fits", NULL),
    [F_POINTER] = WT_ROW_SAID(WT_UINT32, WT_DEC, 0, "icmpv6.pointer", "Pointer", "Byte of the quoted packet that is wrong", NULL),
    [F_TARGET] = WT_ROW_SAID(WT_IPV6, 0, 0, "icmpv6.nd.ns.target_address", "Target Address", "Whose address is asked for", NULL),
    [F_NA_TARGET] = WT_ROW_SAID(WT_IPV6, 0, 0, "icmpv6.nd.na.target_address", "Target Address", "Whose address is told", NULL),
    [F_NA_R] = WT_ROW_SAID(WT_BOOL, 0, 1, "icmpv6.nd.na.flag.r", "Router", "The sender is a router", NULL),
    [F_NA_S] = WT_ROW_SAID(WT_BOOL, 0, 1, "icmpv6.nd.na.flag.s", "Solicited", "It answers a solicitation", NULL),
    [F_NA_O] = WT_ROW_SAID(WT_BOOL, 0, 1, "icmpv6.nd.na.flag.o", "Override", "It replaces what was known", NULL),
    [F_NA_RESERVED] = WT_ROW_SAID(WT_UINT32, WT_DEC, 1, "icmpv6.nd.na.flag.rsv", "Reserved", "Must be 0", NULL),
    [F_NA_FLAGS] = WT_ROW_SAID(WT_UINT32, WT_HEX, 0, "icmpv6.nd.na.flag", "Flags", "Router, solicited, override", NULL),
    [F_HOP_LIMIT] = WT_ROW_SAID(WT_UINT8, WT_DEC, 0, "icmpv6.nd.ra.cur_hop_limit", "Cur hop limit", "Hop limit that hosts should use", NULL),
    [F_LIFETIME] = WT_ROW_SAID(WT_UINT16, WT_DEC, 0, "icmpv6.nd.ra.router_lifetime", "Router lifetime (s)", "How long it is a router", NULL),
    [F_RD_DESTINATION] = WT_ROW_SAID(WT_IPV6, 0, 0, "icmpv6.rd.na.destination_address", "Destination Address", "Which destination is redirected", NULL),
    [F_MLD_ADDRESS] = WT_ROW_SAID(WT_IPV6, 0, 0, "icmpv6.mld.multicast_address", "Multicast Address", "The group", NULL),
    [F_OPT_TYPE] = WT_ROW_SAID(WT_UINT8, WT_DEC, 1, "icmpv6.opt.type", "Type", "Kind of the option", option_names),
    [F_OPT_LEN] = WT_ROW_SAID(WT_UINT8, WT_DEC, 1, "icmpv6.opt.length", "Length", "In units of 8 bytes", NULL),
    [F_OPT_LINKADDR] = WT_ROW_SAID(WT_ETHER, 0, 1, "icmpv6.opt.linkaddr", "Link-layer address", "Of the sender or the target", NULL),
    [F_OPT] = WT_ROW_SAID(WT_NONE, 0, 0, "icmpv6.opt", "ICMPv6 Option", "An option of neighbor discovery (RFC 4861 4.6)", NULL),
    [F_OPT_SOURCE] = WT_ROW_SAID(WT_ETHER, 0, 1, "icmpv6.opt.src_linkaddr", "Source Link-layer address", "Of the sender", NULL),
    [F_OPT_TARGET] = WT_ROW_SAID(WT_ETHER, 0, 1, "icmpv6.opt.target_linkaddr", "Target Link-layer address", "Of the target", NULL),
    [F_OPT_PREFIX] = WT_ROW_SAID(WT_IPV6, 0, 1, "icmpv6.opt.prefix", "Prefix", "Addresses of this link", NULL),
    [F_OPT_PREFIX_LEN] = WT_ROW_SAID(WT_UINT8, WT_DEC, 1, "icmpv6.opt.prefix.length", "Prefix Length", "Its bits", NULL),
    [F_OPT_MTU] = WT_ROW_SAID(WT_UINT32, WT_DEC, 1, "icmpv6.opt.mtu", "MTU", "Of this link", NULL),
};

static enum wt_cut decode(struct wt_cursor *c, void *header)
{
    return icmp_decode(c, header);
}

static void next(const void *header, struct wt_next *n)
{
    const struct icmp *h = header;
    bool quotes = icmpv6_is_error(h->type) && h->has_rest;
    *n = (struct wt_next){ quotes ? WT_KEY_FAMILY : WT_KEY_NONE, { 6, WT_NO_KEY }, WT_NO_LIMIT };
}

static void say_option(const struct wt_layer_view *v, struct wt_sink *sink, struct wt_slice o, size_t at)
{
    sink->open(sink, &fields[F_OPT], (struct wt_value){ 0 }, wt_view_span(v, at, o.len),
               wt_value_name(option_names, o.at[0]) ? wt_value_name(option_names, o.at[0]) : "Option");
    wt_say_number(v, sink, &fields[F_OPT_TYPE], o.at[0], at, 1);
    wt_say_number(v, sink, &fields[F_OPT_LEN], o.at[1], at + 1, 1);
    if ((o.at[0] == 1 || o.at[0] == 2) && o.len >= 8)
        for (unsigned i = 0; i < 2; i++)
            wt_say_bytes(v, sink, &fields[i == 0 ? F_OPT_LINKADDR : o.at[0] == 1 ? F_OPT_SOURCE : F_OPT_TARGET],
                         (struct wt_slice){ o.at + 2, 6 }, at + 2, 6);
    if (o.at[0] == 3 && o.len >= 32) {
        wt_say_number(v, sink, &fields[F_OPT_PREFIX_LEN], o.at[2], at + 2, 1);
        wt_say_bytes(v, sink, &fields[F_OPT_PREFIX], (struct wt_slice){ o.at + 16, 16 }, at + 16, 16);
    }
    if (o.at[0] == 5 && o.len >= 8)
        wt_say_number(v, sink, &fields[F_OPT_MTU], wt_be32(o.at + 4), at + 4, 4);
    sink->close(sink);
}

static void describe_options(const struct wt_layer_view *v, struct wt_sink *sink, size_t at)
{
    while (at + 2 <= v->bytes.len) {
        size_t len = v->bytes.at[at + 1] * 8u;
        if (len == 0 || len > v->bytes.len - at)
            return;
        say_option(v, sink, (struct wt_slice){ v->bytes.at + at, len }, at);
        at += len;
    }
}

static void describe_advertisement(const struct wt_layer_view *v, struct wt_sink *sink)
{
    const struct icmp *h = v->header;
    static const struct { uint8_t row, shift; } bits[] = { { F_NA_R, 31 }, { F_NA_S, 30 }, { F_NA_O, 29 } };
    wt_say_number(v, sink, &fields[F_NA_FLAGS], h->rest, 4, 4);
    for (size_t i = 0; i < sizeof bits / sizeof bits[0]; i++)
        wt_say_number(v, sink, &fields[bits[i].row], h->rest >> bits[i].shift & 1, 4, 4);
    wt_say_number(v, sink, &fields[F_NA_RESERVED], h->rest & 0x1fffffff, 4, 4);
}

static void describe_discovery(const struct wt_layer_view *v, struct wt_sink *sink)
{
    const struct icmp *h = v->header;
    const uint8_t *p = v->bytes.at;
    bool address = v->bytes.len >= 24;
    switch (h->type) {
    case 133:
        describe_options(v, sink, 8);
        break;
    case 134:
        wt_say_number(v, sink, &fields[F_HOP_LIMIT], p[4], 4, 1);
        wt_say_number(v, sink, &fields[F_LIFETIME], wt_be16(p + 6), 6, 2);
        describe_options(v, sink, 16);
        break;
    case 135: case 136:
        if (h->type == 136)
            describe_advertisement(v, sink);
        if (address)
            wt_say_bytes(v, sink, &fields[h->type == 135 ? F_TARGET : F_NA_TARGET], (struct wt_slice){ p + 8, 16 }, 8, 16);
        describe_options(v, sink, 24);
        break;
    case 137:
        if (v->bytes.len >= 40)
            wt_say_bytes(v, sink, &fields[F_RD_DESTINATION], (struct wt_slice){ p + 24, 16 }, 24, 16);
        describe_options(v, sink, 40);
        break;
    default:
        if (address)
            wt_say_bytes(v, sink, &fields[F_MLD_ADDRESS], (struct wt_slice){ p + 8, 16 }, 8, 16);
    }
}

static void describe(const struct wt_layer_view *v, struct wt_sink *sink)
{
    static const uint8_t status[WT_CKSUM_KINDS] = { 2, 1, 0, 3, 4, 2, 5 };
    const struct icmp *h = v->header;
    wt_describe_rows(v, sink, F_TYPE, F_STATUS);
    if (v->context && v->packet && v->packet->transport_layer < WT_MAX_LAYERS
        && v->layer == &v->packet->layers[v->packet->transport_layer]
        && v->context->transport_checksum != WT_CKSUM_UNCHECKED)
        wt_say_number(v, sink, &fields[F_STATUS], status[v->context->transport_checksum % WT_CKSUM_KINDS], 2, 2);
    if (!h->has_rest)
        return;
    if (h->type == 128 || h->type == 129) {
        wt_say_number(v, sink, &fields[F_IDENT], h->rest >> 16, 4, 2);
        wt_say_number(v, sink, &fields[F_SEQ], h->rest & 0xffff, 6, 2);
    } else if (h->type == 2) {
        wt_say_number(v, sink, &fields[F_MTU], h->rest, 4, 4);
    } else if (h->type == 4) {
        wt_say_number(v, sink, &fields[F_POINTER], h->rest, 4, 4);
    } else if (h->type >= 130 && h->type <= 137) {
        describe_discovery(v, sink);
    }
}

static void summarise(const struct wt_layer_view *v, struct wt_text *info)
{
    const struct icmp *h = v->header;
    const char *name = wt_value_name(type_names, h->type);
    const char *code = wt_value_name(h->type == 1 ? unreachable_names : h->type == 3 ? exceeded_names : NULL, h->code);
    wt_text_add(info, "%s", name ? name : "Unknown");
    if (code)
        wt_text_add(info, " (%s)", code);
    if (h->has_rest && (h->type == 128 || h->type == 129)) {
        wt_text_add(info, " id=0x%04x, seq=%u", h->rest >> 16, h->rest & 0xffff);
        if (v->packet)
            wt_text_add(info, ", hop limit=%u", v->packet->ttl);
    } else if ((h->type == 135 || h->type == 136) && v->bytes.len >= 24) {
        wt_text_add(info, h->type == 135 ? " for " : " ");
        wt_text_add_address(info, 6, v->bytes.at + 8);
    }
}

const struct wt_dissector icmpv6_dissector = {
    .name = "icmpv6", .short_name = "ICMPv6", .title = "Internet Control Message Protocol v6",
    .references = "RFC 4443, RFC 4861, RFC 3810", .role = WT_ROLE_TRANSPORT, .key_count = 1, .field_count = F_COUNT,
    .header_size = sizeof(struct icmp), .keys = keys, .fields = fields, .decode = decode, .next = next,
    .describe = describe, .summarise = summarise,
};

/* IPv6 (RFC 8200): a header of 40 bytes; everything else stands in extension headers, which are layers of their own. */
#include "dissectors/ipv6.h"

#include "dissectors/ipprotos.h"

static const struct wt_key keys[] = {
    { WT_KEY_ETHERTYPE, 0x86dd }, { WT_KEY_IP_PROTOCOL, 41 }, { WT_KEY_PPP, 0x0057 }, { WT_KEY_FAMILY, 6 },
    { WT_KEY_LINKTYPE, 229 },
};

enum {
    F_VERSION, F_TCLASS, F_DSCP, F_ECN, F_FLOW, F_PLEN, F_NXT, F_HLIM, F_SRC, F_SRC_ADDR, F_SRC_HOST, F_SRC_ANY_HOST, F_DST, F_DST_ADDR,
    F_DST_HOST, F_DST_ANY_HOST, F_IP_VERSION, F_COUNT
};

static const struct wt_field fields[F_COUNT] = {
    [F_VERSION] = WT_ROW(struct ipv6, version, WT_UINT8, WT_DEC, 0, 1, "ipv6.version", "Version", "Always 6"),
    [F_TCLASS] = WT_ROW(struct ipv6, tclass, WT_UINT32, WT_HEX, 0, 2, "ipv6.tclass", "Traffic Class",
                        "Class of service and congestion marks (RFC 2474, RFC 3168)"),
    [F_DSCP] = WT_ROW_BITS(struct ipv6, tclass, WT_UINT32, WT_DEC, 1, 0, 2, 0xfc, "ipv6.tclass.dscp",
                           "Differentiated Services Codepoint", "How routers should treat it", ip_dscp_names),
    [F_ECN] = WT_ROW_BITS(struct ipv6, tclass, WT_UINT32, WT_DEC, 1, 0, 2, 0x03, "ipv6.tclass.ecn",
                          "Explicit Congestion Notification", "Whether the sender understands marks, and whether a router made one",
                          ip_ecn_names),
    [F_FLOW] = WT_ROW(struct ipv6, flow, WT_UINT24, WT_HEX, 1, 3, "ipv6.flow", "Flow Label", "Packets of one flow have the same (RFC 6437)"),
    [F_PLEN] = WT_ROW(struct ipv6, payload_bytes, WT_UINT16, WT_DEC, 4, 2, "ipv6.plen", "Payload Length", "Bytes behind this header"),
    [F_NXT] = WT_ROW_NAMED(struct ipv6, next_header, WT_UINT8, WT_DEC, 6, 1, "ipv6.nxt", "Next Header", "What follows",
                           ip_protocol_names),
    [F_HLIM] = WT_ROW(struct ipv6, hop_limit, WT_UINT8, WT_DEC, 7, 1, "ipv6.hlim", "Hop Limit", "Routers that it may still cross"),
    [F_SRC] = WT_ROW(struct ipv6, src, WT_IPV6, 0, 8, 16, "ipv6.src", "Source Address", "Who sent it"),
    [F_SRC_ADDR] = WT_ROW_SAID(WT_IPV6, 0, 1, "ipv6.addr", "Source or Destination Address", "Either address", NULL),
    [F_SRC_ANY_HOST] = WT_ROW_SAID(WT_IPV6, 0, 1, "ipv6.host", "Source or Destination Host", "Either host", NULL),
    [F_SRC_HOST] = WT_ROW_SAID(WT_IPV6, 0, 1, "ipv6.src_host", "Source Host", "Who sent it", NULL),
    [F_DST] = WT_ROW(struct ipv6, dst, WT_IPV6, 0, 24, 16, "ipv6.dst", "Destination Address", "Whom it is for"),
    [F_DST_ADDR] = WT_ROW_SAID(WT_IPV6, 0, 1, "ipv6.addr", "Source or Destination Address", "Either address", NULL),
    [F_DST_ANY_HOST] = WT_ROW_SAID(WT_IPV6, 0, 1, "ipv6.host", "Source or Destination Host", "Either host", NULL),
    [F_IP_VERSION] = WT_ROW_SAID(WT_UINT8, WT_DEC, 1, "ip.version", "Version", "Of either IP", NULL),
    [F_DST_HOST] = WT_ROW_SAID(WT_IPV6, 0, 1, "ipv6.dst_host", "Destination Host", "Whom it is for", NULL),
};

static enum wt_cut decode(struct wt_cursor *c, void *header)
{
    return ipv6_decode(c, header);
}

static void next(const void *header, struct wt_next *n)
{
    const struct ipv6 *h = header;
    *n = (struct wt_next){ WT_KEY_IP_PROTOCOL, { h->next_header, WT_NO_KEY },
                           h->payload_bytes ? h->payload_bytes : WT_NO_LIMIT };
}

static void describe(const struct wt_layer_view *v, struct wt_sink *sink)
{
    const struct ipv6 *h = v->header;
    wt_describe_rows(v, sink, F_VERSION, F_VERSION + 1);
    if (v->bytes.len)
        wt_say_number(v, sink, &fields[F_IP_VERSION], h->version, 0, 1);
    wt_describe_rows(v, sink, F_VERSION + 1, F_SRC);
    if (v->bytes.len < 40)
        return;
    wt_describe_rows(v, sink, F_SRC, F_SRC_ADDR);
    wt_say_bytes(v, sink, &fields[F_SRC_ADDR], (struct wt_slice){ h->src, 16 }, 8, 16);
    wt_say_bytes(v, sink, &fields[F_SRC_HOST], (struct wt_slice){ h->src, 16 }, 8, 16);
    wt_say_bytes(v, sink, &fields[F_SRC_ANY_HOST], (struct wt_slice){ h->src, 16 }, 8, 16);
    wt_describe_rows(v, sink, F_DST, F_DST_ADDR);
    wt_say_bytes(v, sink, &fields[F_DST_ADDR], (struct wt_slice){ h->dst, 16 }, 24, 16);
    wt_say_bytes(v, sink, &fields[F_DST_HOST], (struct wt_slice){ h->dst, 16 }, 24, 16);
    wt_say_bytes(v, sink, &fields[F_DST_ANY_HOST], (struct wt_slice){ h->dst, 16 }, 24, 16);
}

static void summarise(const struct wt_layer_view *v, struct wt_text *info)
{
    const struct ipv6 *h = v->header;
    const char *name = wt_value_name(ip_protocol_names, h->next_header);
    wt_text_add(info, "%s", name ? name : "IPv6");
}

const struct wt_dissector ipv6_dissector = {
    .name = "ipv6", .short_name = "IPv6", .title = "Internet Protocol Version 6", .references = "RFC 8200, RFC 6437",
    .role = WT_ROLE_NETWORK, .key_count = sizeof keys / sizeof keys[0], .field_count = F_COUNT,
    .header_size = sizeof(struct ipv6), .keys = keys, .fields = fields, .decode = decode, .next = next,
    .describe = describe, .summarise = summarise,
};

/* IPv4 (RFC 791, RFC 2474, RFC 3168).
 *
 *    0                   1                   2                   3
 *   |version|  IHL  |     DS field  |        total length           |
 *   |        identification         |flags|     fragment offset     |
 *   |      TTL      |   protocol    |        header checksum        |
 *   |                        source address                         |
 *   |                      destination address                      |
 */
#include "dissectors/ipv4.h"

#include <string.h>

#include "dissectors/ipprotos.h"

static const struct wt_key keys[] = {
    { WT_KEY_ETHERTYPE, 0x0800 }, { WT_KEY_IP_PROTOCOL, 4 }, { WT_KEY_IP_PROTOCOL, 94 }, { WT_KEY_PPP, 0x0021 },
    { WT_KEY_FAMILY, 4 }, { WT_KEY_LINKTYPE, 228 },
};

#define LOOSE_ROUTE 131
#define STRICT_ROUTE 137

enum {
    F_VERSION, F_HDR_LEN, F_DSFIELD, F_DSCP, F_ECN, F_LEN, F_ID, F_FLAGS, F_RB, F_DF, F_MF, F_OFFSET, F_TTL, F_PROTO,
    F_CHECKSUM, F_STATUS, F_CALCULATED, F_SRC, F_SRC_ADDR, F_SRC_HOST, F_SRC_ANY_HOST, F_CURRENT, F_DST, F_DST_ADDR, F_DST_HOST, F_DST_ANY_HOST,
    F_OPT_TYPE, F_OPT_LEN, F_OPT_DATA, F_COUNT
};

static const struct wt_value_name option_names[] = {
    { 0, "End of Options List (EOL)" }, { 1, "No Operation (NOP)" }, { 7, "Record Route" }, { 68, "Time Stamp" },
    { 130, "Security" }, { 131, "Loose Source Route" }, { 136, "Stream ID" }, { 137, "Strict Source Route" },
    { 148, "Router Alert" }, { 0, NULL },
};

static const struct wt_field fields[F_COUNT] = {
    [F_VERSION] = WT_ROW(struct ipv4, version, WT_UINT8, WT_DEC, 0, 1, "ip.version", "Version", "Always 4"),
    [F_HDR_LEN] = WT_ROW(struct ipv4, header_bytes, WT_UINT8, WT_DEC, 0, 1, "ip.hdr_len", "Header Length",
                         "Bytes of the header, options included"),
    [F_DSFIELD] = WT_ROW(struct ipv4, tos, WT_UINT8, WT_HEX, 1, 1, "ip.dsfield", "Differentiated Services Field",
                         "Class of service and congestion marks (RFC 2474, RFC 3168)"),
    [F_DSCP] = WT_ROW_BITS(struct ipv4, tos, WT_UINT8, WT_DEC, 1, 1, 1, 0xfc, "ip.dsfield.dscp",
                           "Differentiated Services Codepoint", "How routers should treat it", ip_dscp_names),
    [F_ECN] = WT_ROW_BITS(struct ipv4, tos, WT_UINT8, WT_DEC, 1, 1, 1, 0x03, "ip.dsfield.ecn",
                          "Explicit Congestion Notification", "Whether the sender understands marks, and whether a router made one",
                          ip_ecn_names),
    [F_LEN] = WT_ROW_SAID(WT_UINT16, WT_DEC, 0, "ip.len", "Total Length", "Header and data, in bytes; where none is given (TSO), as many as there are", NULL),
    [F_ID] = WT_ROW(struct ipv4, id, WT_UINT16, WT_HEX, 4, 2, "ip.id", "Identification", "Tells which fragments belong together"),
    [F_FLAGS] = WT_ROW_BITS(struct ipv4, fragment, WT_UINT8, WT_HEX, 0, 6, 1, 0xe000, "ip.flags", "Flags", "Fragmentation flags",
                            NULL),
    [F_RB] = WT_ROW_BITS(struct ipv4, fragment, WT_BOOL, WT_DEC, 1, 6, 1, 0x8000, "ip.flags.rb", "Reserved bit", "Must be 0", NULL),
    [F_DF] = WT_ROW_BITS(struct ipv4, fragment, WT_BOOL, WT_DEC, 1, 6, 1, 0x4000, "ip.flags.df", "Don't fragment",
                         "Routers must not cut it into fragments", NULL),
    [F_MF] = WT_ROW_BITS(struct ipv4, fragment, WT_BOOL, WT_DEC, 1, 6, 1, 0x2000, "ip.flags.mf", "More fragments",
                         "Further fragments follow", NULL),
    [F_OFFSET] = WT_ROW_SAID(WT_UINT16, WT_DEC, 0, "ip.frag_offset", "Fragment Offset",
                             "Where its data stand in the datagram, in units of 8 bytes", NULL),
    [F_TTL] = WT_ROW(struct ipv4, ttl, WT_UINT8, WT_DEC, 8, 1, "ip.ttl", "Time to Live", "Routers that it may still cross"),
    [F_PROTO] = WT_ROW_NAMED(struct ipv4, protocol, WT_UINT8, WT_DEC, 9, 1, "ip.proto", "Protocol", "What the payload is",
                             ip_protocol_names),
    [F_CHECKSUM] = WT_ROW(struct ipv4, checksum, WT_UINT16, WT_HEX, 10, 2, "ip.checksum", "Header Checksum", "As it came"),
    [F_STATUS] = WT_ROW_SAID(WT_UINT8, WT_DEC, 0, "ip.checksum.status", "Header checksum status",
                             "Whether it is right", checksum_status_names),
    [F_CALCULATED] = WT_ROW_SAID(WT_UINT16, WT_HEX, 0, "ip.checksum_calculated", "Calculated Checksum", "The right value", NULL),
    [F_SRC] = WT_ROW(struct ipv4, src, WT_IPV4, 0, 12, 4, "ip.src", "Source Address", "Who sent it"),
    [F_SRC_ADDR] = WT_ROW_SAID(WT_IPV4, 0, 1, "ip.addr", "Source or Destination Address", "Either address", NULL),
    [F_SRC_ANY_HOST] = WT_ROW_SAID(WT_IPV4, 0, 1, "ip.host", "Source or Destination Host", "Either host", NULL),
    [F_SRC_HOST] = WT_ROW_SAID(WT_IPV4, 0, 1, "ip.src_host", "Source Host", "Who sent it", NULL),
    [F_CURRENT] = WT_ROW_SAID(WT_IPV4, 0, 0, "ip.cur_rt", "Current Route", "The next stop of a source route", NULL),
    [F_DST] = WT_ROW(struct ipv4, dst, WT_IPV4, 0, 16, 4, "ip.dst", "Destination Address", "Whom it is for"),
    [F_DST_ADDR] = WT_ROW_SAID(WT_IPV4, 0, 1, "ip.addr", "Source or Destination Address", "Either address", NULL),
    [F_DST_ANY_HOST] = WT_ROW_SAID(WT_IPV4, 0, 1, "ip.host", "Source or Destination Host", "Either host", NULL),
    [F_DST_HOST] = WT_ROW_SAID(WT_IPV4, 0, 1, "ip.dst_host", "Destination Host", "Whom it is for", NULL),
    [F_OPT_TYPE] = WT_ROW_SAID(WT_UINT8, WT_DEC, 1, "ip.opt.type", "Type", "Kind of the option", option_names),
    [F_OPT_LEN] = WT_ROW_SAID(WT_UINT8, WT_DEC, 1, "ip.opt.len", "Length", "Bytes of the option", NULL),
    [F_OPT_DATA] = WT_ROW_SAID(WT_BYTES, 0, 1, "ip.opt.data", "Data", "What the option says", NULL),
};

static enum wt_cut decode(struct wt_cursor *c, void *header)
{
    return ipv4_decode(c, header);
}

static void next(const void *header, struct wt_next *n)
{
    const struct ipv4 *h = header;
    bool later_fragment = h->fragment & IPV4_OFFSET;
    *n = (struct wt_next){ later_fragment ? WT_KEY_NONE : WT_KEY_IP_PROTOCOL, { h->protocol, WT_NO_KEY },
                           h->length_bytes ? (uint64_t)h->length_bytes - h->header_bytes : WT_NO_LIMIT };
}

static void describe_options(const struct wt_layer_view *v, struct wt_sink *sink)
{
    const struct ipv4 *h = v->header;
    struct wt_cursor c = wt_cursor_of(h->options);
    size_t at = 20;
    while (c.captured && c.cut == WT_WHOLE) {
        uint8_t type = wt_read_u8(&c), len = type > 1 ? wt_read_u8(&c) : 1;
        if (c.cut != WT_WHOLE || (type > 1 && (len < 2 || len - 2u > c.captured)))
            return;
        struct wt_slice data = wt_read_slice(&c, type > 1 ? len - 2u : 0);
        sink->open(sink, NULL, (struct wt_value){ 0 }, wt_view_span(v, at, len), wt_value_name(option_names, type));
        wt_say_number(v, sink, &fields[F_OPT_TYPE], type, at, 1);
        if (type > 1) {
            wt_say_number(v, sink, &fields[F_OPT_LEN], len, at + 1, 1);
            if (data.len)
                wt_say_bytes(v, sink, &fields[F_OPT_DATA], data, at + 2, data.len);
        }
        sink->close(sink);
        at += len;
        if (type == 0)
            return;
    }
}

/* A tunnel's outer header is summed here; one that an ICMP error quotes was changed on its way, and is not. */
static void describe_other_checksum(const struct wt_layer_view *v, struct wt_sink *sink)
{
    const struct ipv4 *h = v->header;
    bool quoted = v->packet->flags & WT_PACKET_ICMP_ERROR && v->layer > &v->packet->layers[v->packet->network_layer];
    uint32_t sum = 0;
    if (quoted || h->header_bytes < 20 || v->bytes.len < h->header_bytes) {
        wt_say_number(v, sink, &fields[F_STATUS], 2, 10, 2);
        return;
    }
    for (unsigned i = 0; i < h->header_bytes; i += 2)
        sum += wt_be16(v->bytes.at + i);
    sum = (sum & 0xffff) + (sum >> 16);
    wt_say_number(v, sink, &fields[F_STATUS], (sum & 0xffff) + (sum >> 16) == 0xffff, 10, 2);
}

static void describe_checksum(const struct wt_layer_view *v, struct wt_sink *sink)
{
    if (!v->context || !v->packet || (v->context->ip_checksum == WT_CKSUM_UNCHECKED && !(v->context->has & WT_HAS_CHECKSUMS)))
        return;
    if (v->layer != &v->packet->layers[v->packet->network_layer % WT_MAX_LAYERS]) {
        describe_other_checksum(v, sink);
        return;
    }
    static const uint8_t status[WT_CKSUM_KINDS] = { 2, 1, 0, 3, 4, 2, 5 };
    wt_say_number(v, sink, &fields[F_STATUS], status[v->context->ip_checksum % WT_CKSUM_KINDS], 10, 2);
    if (v->context->ip_checksum == WT_CKSUM_BAD)
        wt_say_number(v, sink, &fields[F_CALCULATED], v->context->ip_checksum_expected, 10, 2);
}

/* Each option of at least two bytes, in turn; false at the end of the list, or where its length says no sense. */
static bool next_option(struct wt_cursor *c, uint8_t *ret_type, struct wt_slice *ret_data, uint8_t *ret_len)
{
    while (c->captured && c->cut == WT_WHOLE) {
        *ret_type = wt_read_u8(c);
        if (*ret_type == 0)
            return false;
        if (*ret_type == 1)
            continue;
        *ret_len = wt_read_u8(c);
        if (c->cut != WT_WHOLE || *ret_len < 2 || *ret_len - 2u > c->captured)
            return false;
        *ret_data = wt_read_slice(c, *ret_len - 2u);
        return true;
    }
    return false;
}

/* Type, length, pointer, addresses. The pointer counts from the type; behind the length, the route has been gone. */
const uint8_t *ipv4_route_end(struct wt_slice options)
{
    struct wt_cursor c = wt_cursor_of(options);
    struct wt_slice data;
    uint8_t type, len;
    while (next_option(&c, &type, &data, &len)) {
        if (type != LOOSE_ROUTE && type != STRICT_ROUTE)
            continue;
        if (data.len >= 5 && (data.len - 1) % 4 == 0 && data.at[0] >= 4 && data.at[0] % 4 == 0 && data.at[0] < len)
            return data.at + data.len - 4;
    }
    return NULL;
}

bool ipv4_options_stop_tshark(struct wt_slice options)
{
    static const uint8_t least[256] = { [7] = 3, [25] = 8, [68] = 4, [82] = 12, [130] = 3, [LOOSE_ROUTE] = 3, [133] = 3,
                                        [134] = 6, [136] = 4, [STRICT_ROUTE] = 3, [148] = 4 };
    struct wt_cursor c = wt_cursor_of(options);
    struct wt_slice data;
    uint8_t type, len;
    while (next_option(&c, &type, &data, &len))
        if (len < least[type])
            return true;
    return false;
}

static void describe_destination(const struct wt_layer_view *v, struct wt_sink *sink)
{
    const struct ipv4 *h = v->header;
    const uint8_t *to = ipv4_destination(h);
    size_t at = 16;
    if (to != h->dst) {
        at = (size_t)(to - v->bytes.at);
        wt_say_bytes(v, sink, &fields[F_CURRENT], (struct wt_slice){ h->dst, 4 }, 16, 4);
    }
    wt_say_bytes(v, sink, &fields[F_DST], (struct wt_slice){ to, 4 }, at, 4);
    wt_say_bytes(v, sink, &fields[F_DST_ADDR], (struct wt_slice){ to, 4 }, at, 4);
    wt_say_bytes(v, sink, &fields[F_DST_HOST], (struct wt_slice){ to, 4 }, at, 4);
    wt_say_bytes(v, sink, &fields[F_DST_ANY_HOST], (struct wt_slice){ to, 4 }, at, 4);
}

static void describe(const struct wt_layer_view *v, struct wt_sink *sink)
{
    const struct ipv4 *h = v->header;
    bool no_length = h->length_bytes == 0 && v->layer;      /* a card cuts it later (TSO): as long as it is */
    wt_describe_rows(v, sink, F_VERSION, F_DSFIELD);
    if (h->header_bytes < 20 && v->context && (v->context->has & WT_HAS_COMPAT))
        return;
    wt_describe_rows(v, sink, F_DSFIELD, F_LEN);
    if (v->bytes.len >= 4)
        wt_say_number(v, sink, &fields[F_LEN], no_length ? v->layer->wire_bytes : h->length_bytes, 2, 2);
    wt_describe_rows(v, sink, F_ID, F_OFFSET);
    if (v->bytes.len >= 8)
        wt_say_number(v, sink, &fields[F_OFFSET], h->fragment & IPV4_OFFSET, 6, 2);
    wt_describe_rows(v, sink, F_TTL, F_STATUS);
    describe_checksum(v, sink);
    if (v->bytes.len < 20)
        return;
    wt_describe_rows(v, sink, F_SRC, F_SRC_ADDR);
    wt_say_bytes(v, sink, &fields[F_SRC_ADDR], (struct wt_slice){ h->src, 4 }, 12, 4);
    wt_say_bytes(v, sink, &fields[F_SRC_HOST], (struct wt_slice){ h->src, 4 }, 12, 4);
    wt_say_bytes(v, sink, &fields[F_SRC_ANY_HOST], (struct wt_slice){ h->src, 4 }, 12, 4);
    describe_destination(v, sink);
    if (h->options.len)
        describe_options(v, sink);
}

static void summarise(const struct wt_layer_view *v, struct wt_text *info)
{
    const struct ipv4 *h = v->header;
    const char *name = wt_value_name(ip_protocol_names, h->protocol);
    if (h->fragment & (IPV4_OFFSET | IPV4_MF))
        wt_text_add(info, "Fragmented IP protocol (proto=%s %u, off=%u, ID=%04x)", name ? name : "Unknown", h->protocol,
                    (h->fragment & IPV4_OFFSET) * 8, h->id);
    else
        wt_text_add(info, "%s (%u)", name ? name : "Unknown", h->protocol);
}

const struct wt_dissector ipv4_dissector = {
    .name = "ip", .short_name = "IPv4", .title = "Internet Protocol Version 4", .references = "RFC 791, RFC 2474, RFC 3168",
    .role = WT_ROLE_NETWORK, .key_count = sizeof keys / sizeof keys[0], .field_count = F_COUNT,
    .header_size = sizeof(struct ipv4), .keys = keys, .fields = fields, .decode = decode, .next = next,
    .describe = describe, .summarise = summarise,
};

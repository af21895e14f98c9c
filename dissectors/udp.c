/* UDP (RFC 768): ports, length, checksum over a pseudo-header. UDP-Lite (RFC 3828) has a coverage in the length's
 * place. */
#include "dissectors/udp.h"

#include "dissectors/ipprotos.h"

static const struct wt_key keys[] = { { WT_KEY_IP_PROTOCOL, 17 } };
static const struct wt_key lite_keys[] = { { WT_KEY_IP_PROTOCOL, 136 } };

enum { F_SRC, F_DST, F_SRC_PORT, F_DST_PORT, F_LENGTH, F_COVERAGE, F_CHECKSUM, F_STATUS, F_CALCULATED, F_STREAM, F_PAYLOAD,
       F_COUNT };

static const struct wt_field fields[F_COUNT] = {
    [F_SRC] = WT_ROW(struct udp, src_port, WT_UINT16, WT_DEC, 0, 2, "udp.srcport", "Source Port", "Port of the sender"),
    [F_DST] = WT_ROW(struct udp, dst_port, WT_UINT16, WT_DEC, 2, 2, "udp.dstport", "Destination Port", "Port of the receiver"),
    [F_SRC_PORT] = WT_ROW(struct udp, src_port, WT_UINT16, WT_DEC, 0, 2, "udp.port", "Source or Destination Port", "Either port"),
    [F_DST_PORT] = WT_ROW(struct udp, dst_port, WT_UINT16, WT_DEC, 2, 2, "udp.port", "Source or Destination Port", "Either port"),
    [F_LENGTH] = WT_ROW_SAID(WT_UINT16, WT_DEC, 0, "udp.length", "Length", "Header and data, in bytes", NULL),
    [F_COVERAGE] = WT_ROW_SAID(WT_UINT16, WT_DEC, 0, "udp.checksum_coverage", "Checksum coverage",
                               "UDP-Lite: bytes that the checksum covers", NULL),
    [F_CHECKSUM] = WT_ROW(struct udp, checksum, WT_UINT16, WT_HEX, 6, 2, "udp.checksum", "Checksum", "As it came; 0: none"),
    [F_STATUS] = WT_ROW_SAID(WT_UINT8, WT_DEC, 0, "udp.checksum.status", "Checksum Status", "Whether it is right",
                             checksum_status_names),
    [F_CALCULATED] = WT_ROW_SAID(WT_UINT16, WT_HEX, 0, "udp.checksum_calculated", "Calculated Checksum", "The right value", NULL),
    [F_STREAM] = WT_ROW_SAID(WT_UINT32, WT_DEC, 0, "udp.stream", "Stream index", "Which UDP conversation, from 0", NULL),
    [F_PAYLOAD] = WT_ROW_SAID(WT_BYTES, 0, 0, "udp.payload", "Payload", "What it carries", NULL),
};

static enum wt_cut decode(struct wt_cursor *c, void *header)
{
    return udp_decode(c, header);
}

static enum wt_cut decode_lite(struct wt_cursor *c, void *header)
{
    struct udp *h = header;
    h->src_port = wt_read_be16(c);
    h->dst_port = wt_read_be16(c);
    h->length_bytes = wt_read_be16(c);
    h->checksum = wt_read_be16(c);
    return c->cut;
}

static void next(const void *header, struct wt_next *n)
{
    const struct udp *h = header;
    bool low_first = h->src_port < h->dst_port;
    *n = (struct wt_next){ WT_KEY_UDP_PORT,
                           { low_first ? h->src_port : h->dst_port, low_first ? h->dst_port : h->src_port },
                           h->length_bytes >= 8 ? h->length_bytes - 8u : WT_NO_LIMIT };
}

static void next_lite(const void *header, struct wt_next *n)
{
    next(header, n);
    n->payload_bytes = WT_NO_LIMIT;
}

static bool transport(const struct wt_layer_view *v)
{
    return v->context && v->packet && v->packet->transport_layer < WT_MAX_LAYERS
        && v->layer == &v->packet->layers[v->packet->transport_layer];
}

/* In the packet that an ICMP error quotes: the error belongs to that conversation. */
static bool quoted(const struct wt_layer_view *v)
{
    return v->context && v->packet && (v->packet->flags & WT_PACKET_ICMP_ERROR)
        && v->packet->transport_layer < WT_MAX_LAYERS && v->layer > &v->packet->layers[v->packet->transport_layer];
}

/* The IP header that carries this layer; NULL: it is not whole. */
static const uint8_t *carrier(const struct wt_layer_view *v, unsigned *ret_family)
{
    const struct wt_packet *p = v->packet;
    for (const struct wt_layer *l = v->layer; l-- > p->layers;) {
        if (wt_dissector_at(l->dissector)->role != WT_ROLE_NETWORK || l->buffer >= p->buffer_count || l->captured < 20)
            continue;
        const uint8_t *h = p->buffers[l->buffer].at + l->offset;
        *ret_family = h[0] >> 4;
        if (*ret_family == 4 || (*ret_family == 6 && l->captured >= 40))
            return h;
    }
    return NULL;
}

/* Of a tunnel's outer datagram: nobody needs it but who reads its fields, so that it is summed here; the same of one that an ICMP
 * error quotes is seldom whole. */
static void describe_outer_checksum(const struct wt_layer_view *v, struct wt_sink *sink)
{
    const struct udp *h = v->header;
    unsigned family = 0;
    const uint8_t *ip = carrier(v, &family);
    uint32_t len = h->length_bytes, sum = 17u + len;
    if (!ip || (sink->wants && !sink->wants(sink, &fields[F_STATUS])))
        return;
    if (h->checksum == 0) {
        wt_say_number(v, sink, &fields[F_STATUS], family == 4 ? 3 : 4, 6, 2);
        return;
    }
    if (len < 8 || len > v->bytes.len) {
        wt_say_number(v, sink, &fields[F_STATUS], 2, 6, 2);
        return;
    }
    for (unsigned i = family == 4 ? 12 : 8; i < (family == 4 ? 20u : 40u); i += 2)
        sum += wt_be16(ip + i);
    for (size_t i = 0; i < len; i++)
        sum += i & 1 ? v->bytes.at[i] : (uint32_t)v->bytes.at[i] << 8;
    while (sum >> 16)
        sum = (sum & 0xffff) + (sum >> 16);
    wt_say_number(v, sink, &fields[F_STATUS], sum == 0xffff, 6, 2);
}

/* Which of the packet's UDP headers this is. */
static unsigned ordinal(const struct wt_layer_view *v)
{
    unsigned n = 0;
    for (const struct wt_layer *l = v->packet->layers; l < v->layer; l++)
        n += l->dissector == v->layer->dissector;
    return n;
}

static void describe_stream(const struct wt_layer_view *v, struct wt_sink *sink)
{
    unsigned n = v->context->udp_stream_count ? ordinal(v) : UINT32_MAX;
    if (n < v->context->udp_stream_count && v->context->udp_streams[n] != UINT32_MAX)
        wt_say_number(v, sink, &fields[F_STREAM], v->context->udp_streams[n], 0, 0);
    else if ((transport(v) || quoted(v)) && v->context->has & WT_HAS_STREAM)
        wt_say_number(v, sink, &fields[F_STREAM], v->context->stream, 0, 0);
}

static void describe_context(const struct wt_layer_view *v, struct wt_sink *sink)
{
    static const uint8_t status[WT_CKSUM_KINDS] = { 2, 1, 0, 3, 4, 2, 5 };
    uint8_t checksum = v->context->transport_checksum;
    if (checksum != WT_CKSUM_UNCHECKED)
        wt_say_number(v, sink, &fields[F_STATUS], status[checksum % WT_CKSUM_KINDS], 6, 2);
    if (checksum == WT_CKSUM_BAD || checksum == WT_CKSUM_PARTIAL)
        wt_say_number(v, sink, &fields[F_CALCULATED], v->context->transport_checksum_expected, 6, 2);
}

static void describe(const struct wt_layer_view *v, struct wt_sink *sink)
{
    const struct udp *h = v->header;
    bool lite = v->dissector == &udplite_dissector;
    wt_describe_rows(v, sink, F_SRC, F_LENGTH);
    if (v->bytes.len >= 6)
        wt_say_number(v, sink, &fields[lite ? F_COVERAGE : F_LENGTH], h->length_bytes, 4, 2);
    wt_describe_rows(v, sink, F_CHECKSUM, F_STATUS);
    if (transport(v))
        describe_context(v, sink);
    else if (v->context && v->packet && v->context->has & WT_HAS_CHECKSUMS)
        describe_outer_checksum(v, sink);
    if (v->context && v->packet)
        describe_stream(v, sink);
    size_t end = !lite && h->length_bytes >= 8 && h->length_bytes < v->bytes.len ? h->length_bytes : v->bytes.len;
    if (end > 8)
        wt_say_bytes(v, sink, &fields[F_PAYLOAD], (struct wt_slice){ v->bytes.at + 8, end - 8 }, 8, end - 8);
}

static void summarise(const struct wt_layer_view *v, struct wt_text *info)
{
    const struct udp *h = v->header;
    wt_text_add(info, "%u \xe2\x86\x92 %u", h->src_port, h->dst_port);
    if (h->length_bytes >= 8)
        wt_text_add(info, " Len=%u", h->length_bytes - 8);
}

const struct wt_dissector udp_dissector = {
    .name = "udp", .short_name = "UDP", .title = "User Datagram Protocol", .references = "RFC 768",
    .role = WT_ROLE_TRANSPORT, .key_count = 1, .field_count = F_COUNT, .header_size = sizeof(struct udp), .keys = keys,
    .fields = fields, .decode = decode, .next = next, .describe = describe, .summarise = summarise,
};

const struct wt_dissector udplite_dissector = {
    .name = "udplite", .short_name = "UDP-Lite", .title = "Lightweight User Datagram Protocol", .references = "RFC 3828",
    .role = WT_ROLE_TRANSPORT, .key_count = 1, .field_count = F_COUNT, .header_size = sizeof(struct udp),
    .keys = lite_keys, .fields = fields, .decode = decode_lite, .next = next_lite, .describe = describe,
    .summarise = summarise,
};

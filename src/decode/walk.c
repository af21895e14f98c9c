/* Frames to layers: keys are followed through the registry. The headers that nearly every packet has are decoded
 * without a call through a pointer; each by the same function that its dissector has. */
#include "decode/decode.h"

#include <string.h>

#include "decode/decoder.h"
#include "decode/walk.h"
#include "dissectors/ethernet.h"
#include "dissectors/icmp.h"
#include "dissectors/ipv4.h"
#include "dissectors/ipv6.h"
#include "dissectors/ipv6_ext.h"
#include "dissectors/tcp.h"
#include "dissectors/udp.h"
#include "dissectors/vlan.h"

static uint8_t look_up(const struct key_tables *t, unsigned space, uint32_t key)
{
    switch (space) {
    case WT_KEY_ETHERTYPE:
        return key < sizeof t->ethertype ? t->ethertype[key] : NOBODY;
    case WT_KEY_IP_PROTOCOL:
        return key < sizeof t->ip_protocol ? t->ip_protocol[key] : NOBODY;
    case WT_KEY_UDP_PORT:
        return key < sizeof t->udp_port ? t->udp_port[key] : NOBODY;
    case WT_KEY_LINKTYPE:
        return key < sizeof t->linktype ? t->linktype[key] : NOBODY;
    case WT_KEY_LLC:
        return t->llc_default;
    case WT_KEY_FAMILY:
        return key < sizeof t->family ? t->family[key] : NOBODY;
    case WT_KEY_CHDLC:
        return key == t->chdlc_key ? t->chdlc : NOBODY;
    case WT_KEY_PPP:
        return key < sizeof t->ppp ? t->ppp[key] : NOBODY;
    default:
        return NOBODY;
    }
}

uint8_t walk_guess(const struct decoder *d, struct wt_slice payload)
{
    for (unsigned i = 0; i < d->keys.guesser_count; i++)
        if (wt_dissector_at(d->keys.guessers[i])->recognise(payload))
            return d->keys.guessers[i];
    return NOBODY;
}

static uint8_t follow(const struct walk *w)
{
    uint8_t id = look_up(&w->decoder->keys, w->next.space, w->next.key[0]);
    if (id == NOBODY && w->next.key[1] != WT_NO_KEY)
        id = look_up(&w->decoder->keys, w->next.space, w->next.key[1]);
    if (id != NOBODY || w->next.space != WT_KEY_UDP_PORT || w->c.cut != WT_WHOLE)
        return id;
    return walk_guess(w->decoder, (struct wt_slice){ w->c.at, w->c.captured });   /* a port that nobody has */
}

static void follow_none(struct walk *w)
{
    w->next = (struct wt_next){ WT_KEY_NONE, { WT_NO_KEY, WT_NO_KEY }, WT_NO_LIMIT };
}

static struct wt_layer *add_layer(struct walk *w, uint8_t id)
{
    struct wt_layer *l = &w->packet->layers[w->packet->layer_count++];
    *l = (struct wt_layer){
        .dissector = id, .buffer = w->buffer, .offset = (uint32_t)(w->c.at - w->packet->buffers[w->buffer].at),
        .captured = (uint32_t)w->c.captured, .wire_bytes = (uint32_t)w->c.on_wire,
    };
    return l;
}

/* What the header's length says of the payload: what lies behind is padding. A length of more than there is stands as
 * it came: the packet was cut by somebody, and there is no more. */
static void limit(struct walk *w, uint64_t payload_bytes)
{
    if (payload_bytes < w->c.on_wire) {
        w->c.on_wire = (size_t)payload_bytes;
        if (w->c.captured > w->c.on_wire)
            w->c.captured = w->c.on_wire;
    }
}

static void mark_cut(struct walk *w, struct wt_layer *l)
{
    struct wt_packet *p = w->packet;
    l->cut = (uint8_t)w->c.cut;
    if (w->quoted && l->cut == WT_CUT_BY_SENDER)
        l->cut = WT_CUT_BY_SNAPLEN;   /* a quotation is cut by design (RFC 792) */
    else if (!w->quoted)
        p->flags |= l->cut == WT_CUT_BY_SENDER ? WT_PACKET_MALFORMED : WT_PACKET_TRUNCATED;
    follow_none(w);
}

static void end_header(struct walk *w, struct wt_layer *l)
{
    l->header_bytes = (uint32_t)(w->c.at - w->packet->buffers[w->buffer].at) - l->offset;
    if (w->c.cut != WT_WHOLE)
        mark_cut(w, l);
}

/* ---- link ---- */

static void walk_ethernet(struct walk *w)
{
    struct wt_layer *l = add_layer(w, w->decoder->ethernet);
    struct ethernet h = { 0 };
    if (ethernet_decode(&w->c, &h) == WT_WHOLE) {
        bool typed = h.type >= 0x600;
        w->next = (struct wt_next){ typed ? WT_KEY_ETHERTYPE : WT_KEY_LLC, { h.type, WT_NO_KEY },
                                    WT_NO_LIMIT };
        if (!typed)
            limit(w, h.type);
        if (h.dst[0] & 1)
            w->packet->flags |= WT_PACKET_MULTICAST;
    }
    end_header(w, l);
}

static void enter_vlan(struct walk *w, uint16_t id)
{
    if (w->vlan)
        w->scope += (w->vlan + UINT32_C(1)) * UINT32_C(0x9e3779b1);
    w->vlan = (uint16_t)(id + 1);
}

static void walk_vlan(struct walk *w, uint8_t id)
{
    struct wt_layer *l = add_layer(w, id);
    struct vlan h = { 0 };
    if (vlan_decode(&w->c, &h) == WT_WHOLE) {
        bool typed = h.type >= 0x600;
        w->next = (struct wt_next){ typed ? WT_KEY_ETHERTYPE : WT_KEY_LLC, { h.type, WT_NO_KEY },
                                    WT_NO_LIMIT };
        if (!typed)
            limit(w, h.type);
        enter_vlan(w, h.tci & 0xfff);
    }
    end_header(w, l);
}

/* ---- network ---- */

/* A tunnel's outer addresses are part of the inner flow's scope; their sum is the same both ways. */
static void enter_tunnel(struct walk *w)
{
    struct wt_packet *p = w->packet;
    if (!(p->flags & WT_PACKET_IP))
        return;
    uint32_t words[8], sum = p->key.protocol;
    memcpy(words, p->key.address, sizeof words);
    for (unsigned i = 0; i < 8; i++)
        sum += words[i] * UINT32_C(0x85ebca6b);
    w->scope += sum ^ sum >> 15;
    p->flags |= WT_PACKET_TUNNELLED;
    p->flags &= ~(uint32_t)(WT_PACKET_TCP | WT_PACKET_UDP | WT_PACKET_ICMP | WT_PACKET_IP | WT_PACKET_FRAGMENT);
    p->transport_layer = 255;
}

struct network {
    uint8_t family, protocol;
    const uint8_t *src, *dst;
};

/* Addresses into the key, canonically; the ports follow with the transport. */
static void set_addresses(struct walk *w, const struct network *n)
{
    struct wt_flow_key *k = &w->packet->key;
    size_t size = n->family == 4 ? 4 : 16;
    memset(k, 0, sizeof *k);
    k->family = n->family;
    k->protocol = n->protocol;
    int order = memcmp(n->src, n->dst, size);
    w->source_end = order > 0;
    w->same_address = order == 0;
    memcpy(k->address[w->source_end], n->src, size);
    memcpy(k->address[!w->source_end], n->dst, size);
    w->packet->flags |= WT_PACKET_IP;
}

static void set_ports(struct walk *w, uint16_t src, uint16_t dst)
{
    struct wt_flow_key *k = &w->packet->key;
    if (w->same_address)
        w->source_end = src > dst;
    k->port[w->source_end] = src;
    k->port[!w->source_end] = dst;
}

static bool is_multicast(const struct network *n)
{
    return n->family == 4 ? n->dst[0] >= 224 : n->dst[0] == 0xff;
}

static void enter_network(struct walk *w, const struct network *n, uint8_t layer)
{
    if (w->quoted) {
        w->quoted_network = true;
        set_addresses(w, n);
        return;
    }
    enter_tunnel(w);
    set_addresses(w, n);
    w->packet->network_layer = layer;
    if (is_multicast(n))
        w->packet->flags |= WT_PACKET_MULTICAST;
}

static void continue_reassembled(struct walk *w, struct wt_slice whole)
{
    struct wt_packet *p = w->packet;
    if (p->buffer_count == WT_MAX_BUFFERS) {
        follow_none(w);
        return;
    }
    w->buffer = p->buffer_count++;
    p->buffers[w->buffer] = whole;
    w->c = wt_cursor_of(whole);
    p->flags |= WT_PACKET_REASSEMBLED;
}

static void walk_fragment(struct walk *w, struct fragment *piece)
{
    struct wt_packet *p = w->packet;
    struct wt_slice whole = { NULL, 0 };
    w->decoder->counters.fragments++;
    piece->bytes = (struct wt_slice){ w->c.at, w->c.captured };
    piece->time_ns = p->frame.time_ns;
    piece->vlan_scope = w->vlan ^ w->scope;
    if (w->c.captured == w->c.on_wire && !w->reassembled)
        whole = fragments_add(w->decoder->fragments, piece);
    if (whole.at) {
        w->reassembled = true;
        continue_reassembled(w, whole);
        return;
    }
    p->flags |= WT_PACKET_FRAGMENT;
    p->flags &= ~(uint32_t)WT_PACKET_IP;
    follow_none(w);
}

/* A fragment that can't be put together with others: not all of it is here, whoever cut it. Of the first one the
 * headers are shown all the same. decoder_compat(): nor can one whose header checksum is bad. */
static bool fragment_alone(struct walk *w, const struct wt_layer *l, const struct ipv4 *h)
{
    const uint8_t *header = w->packet->buffers[w->buffer].at + l->offset;
    bool whole = h->length_bytes && (size_t)h->length_bytes <= h->header_bytes + w->c.captured;
    bool trusted = !w->decoder->compat || checksum_fold(checksum_add(0, header, l->header_bytes)) == 0xffff;
    if (whole && trusted)
        return false;
    if (h->fragment & IPV4_OFFSET) {
        w->packet->flags |= WT_PACKET_FRAGMENT;
        w->packet->flags &= ~(uint32_t)WT_PACKET_IP;
        follow_none(w);
    }
    w->decoder->counters.fragments++;
    return true;
}

static void walk_ipv4(struct walk *w)
{
    struct wt_packet *p = w->packet;
    uint8_t index = p->layer_count;
    struct wt_layer *l = add_layer(w, w->decoder->ipv4);
    struct ipv4 h = { 0 };
    ipv4_decode(&w->c, &h);
    end_header(w, l);
    if (w->c.cut != WT_WHOLE)
        return;
    struct network n = { 4, h.protocol, h.src, ipv4_destination(&h) };
    limit(w, h.length_bytes ? (uint64_t)h.length_bytes - h.header_bytes : WT_NO_LIMIT);
    l->captured = l->header_bytes + (uint32_t)w->c.captured;
    l->wire_bytes = l->header_bytes + (uint32_t)w->c.on_wire;
    enter_network(w, &n, index);
    w->next = (struct wt_next){ WT_KEY_IP_PROTOCOL, { h.protocol, WT_NO_KEY }, WT_NO_LIMIT };
    if (!w->quoted) {
        p->ttl = h.ttl;
        p->tos = h.tos;
        p->ip_flags = (uint8_t)(h.fragment >> 13);
        p->ip_id = h.id;
        p->ip_bytes = h.length_bytes ? h.length_bytes : l->wire_bytes;
    }
    if (__builtin_expect(h.options.len && w->decoder->compat, 0) && ipv4_options_stop_tshark(h.options)) {
        p->flags = (p->flags & ~(uint32_t)WT_PACKET_IP) | WT_PACKET_MALFORMED;
        follow_none(w);
        return;
    }
    if (__builtin_expect(h.fragment & (IPV4_MF | IPV4_OFFSET), 0)) {
        if (w->quoted) {
            if (h.fragment & IPV4_OFFSET)
                follow_none(w);
            return;
        }
        if (fragment_alone(w, l, &h))
            return;
        struct fragment piece = { .family = 4, .protocol = h.protocol, .source = h.src, .destination = h.dst, .id = h.id,
                                  .offset = (h.fragment & IPV4_OFFSET) * 8u, .more = h.fragment & IPV4_MF };
        walk_fragment(w, &piece);
    }
}

static void walk_ipv6(struct walk *w)
{
    struct wt_packet *p = w->packet;
    uint8_t index = p->layer_count;
    struct wt_layer *l = add_layer(w, w->decoder->ipv6);
    struct ipv6 h = { 0 };
    ipv6_decode(&w->c, &h);
    end_header(w, l);
    if (w->c.cut != WT_WHOLE)
        return;
    struct network n = { 6, h.next_header, h.src, h.dst };
    bool nothing = w->decoder->compat && h.next_header == 17;     /* tshark allows no length of 0 before UDP */
    limit(w, h.payload_bytes ? h.payload_bytes : nothing ? 0 : WT_NO_LIMIT);
    l->captured = l->header_bytes + (uint32_t)w->c.captured;
    l->wire_bytes = l->header_bytes + (uint32_t)w->c.on_wire;
    enter_network(w, &n, index);
    w->next = (struct wt_next){ WT_KEY_IP_PROTOCOL, { h.next_header, WT_NO_KEY }, WT_NO_LIMIT };
    if (!w->quoted) {
        p->ttl = h.hop_limit;
        p->tos = h.tclass;
        p->ip_flags = 0;
        p->ip_id = h.flow;
        p->ip_bytes = h.payload_bytes ? h.payload_bytes + 40u : l->wire_bytes;
    }
}

static void walk_ipv6_fragment(struct walk *w)
{
    struct wt_packet *p = w->packet;
    struct wt_layer *l = add_layer(w, w->decoder->ipv6_fragment);
    struct ipv6_fragment h = { 0 };
    ipv6_fragment_decode(&w->c, &h);
    end_header(w, l);
    if (w->c.cut != WT_WHOLE)
        return;
    w->next = (struct wt_next){ h.offset_bytes ? WT_KEY_NONE : WT_KEY_IP_PROTOCOL, { h.next_header, WT_NO_KEY }, WT_NO_LIMIT };
    p->key.protocol = h.next_header;
    if (w->quoted || (!h.more && !h.offset_bytes))
        return;
    const struct wt_layer *ip = &p->layers[p->network_layer % WT_MAX_LAYERS];
    if (p->network_layer >= p->layer_count || ip->captured < 40)
        return;
    const uint8_t *addresses = p->buffers[ip->buffer].at + ip->offset + 8;
    struct fragment piece = { .family = 6, .protocol = h.next_header, .source = addresses, .destination = addresses + 16,
                              .id = h.id, .offset = h.offset_bytes, .more = h.more };
    w->next.space = WT_KEY_IP_PROTOCOL;
    walk_fragment(w, &piece);
}

/* ---- transport ---- */

static void enter_transport(struct walk *w, uint8_t layer, uint32_t flag)
{
    struct wt_packet *p = w->packet;
    if (w->quoted)
        return;
    p->transport_layer = layer;
    p->flags |= flag;
    p->payload_buffer = w->buffer;
    p->payload_offset = (uint32_t)(w->c.at - p->buffers[w->buffer].at);
    p->payload_bytes = (uint32_t)w->c.captured;
    p->payload_wire_bytes = (uint32_t)w->c.on_wire;
}

static void walk_tcp(struct walk *w)
{
    struct wt_packet *p = w->packet;
    uint8_t index = p->layer_count;
    struct wt_layer *l = add_layer(w, w->decoder->tcp);
    struct tcp h = { 0 };
    tcp_decode(&w->c, &h);
    end_header(w, l);
    follow_none(w);
    if (l->header_bytes >= 4)
        set_ports(w, h.src_port, h.dst_port);
    bool fixed = l->header_bytes >= (w->decoder->compat ? 16 : 20) && h.header_bytes >= 20;
    bool options_cut = fixed && (w->c.cut == WT_CUT_BY_SNAPLEN || (w->c.cut != WT_WHOLE && w->decoder->compat));
    if (w->quoted || (w->c.cut != WT_WHOLE && !options_cut))
        return;
    p->tcp = (struct wt_tcp_summary){ .seq = h.seq, .ack = h.ack, .flags = h.flags & 0x1ff, .window = h.window,
                                      .wscale = 255 };
    if (h.options.len)
        tcp_read_options(h.options, &p->tcp);
    enter_transport(w, index, WT_PACKET_TCP);
    if (!options_cut)
        return;
    p->payload_bytes = 0;
    p->payload_wire_bytes = l->wire_bytes > h.header_bytes ? l->wire_bytes - h.header_bytes : 0;
}

/* Of a quotation, whole messages are told; what they would carry further is not. */
static bool leads_to_application(const struct walk *w)
{
    uint8_t id = follow(w);
    return id != NOBODY && wt_dissector_at(id)->role == WT_ROLE_APPLICATION;
}

static void walk_udp(struct walk *w, uint8_t id)
{
    uint8_t index = w->packet->layer_count;
    struct wt_layer *l = add_layer(w, id);
    struct udp h = { 0 };
    bool lite = id == w->decoder->udplite;
    if (lite)
        wt_skip(&w->c, 8);
    else
        udp_decode(&w->c, &h);
    end_header(w, l);
    if (l->header_bytes < 8)
        return;
    const uint8_t *bytes = w->packet->buffers[w->buffer].at + l->offset;
    uint16_t src = wt_be16(bytes), dst = wt_be16(bytes + 2);
    set_ports(w, src, dst);
    if (w->c.cut != WT_WHOLE)
        return;
    if (!lite && h.length_bytes == 0 && w->decoder->compat && w->packet->key.family == 4) {
        w->packet->flags |= WT_PACKET_MALFORMED;     /* RFC 2675 4: only IPv6 has datagrams without a length */
        follow_none(w);
        return;
    }
    if (!lite && h.length_bytes >= 8)
        limit(w, h.length_bytes - 8u);
    bool low_first = src < dst;
    w->next = (struct wt_next){ WT_KEY_UDP_PORT, { low_first ? src : dst, low_first ? dst : src }, WT_NO_LIMIT };
    if (w->quoted && (w->c.captured + 8 < h.length_bytes || !leads_to_application(w)))
        follow_none(w);
    enter_transport(w, index, lite ? 0 : WT_PACKET_UDP);
    if (lite)
        w->packet->transport_layer = 255;
}

/* The two "ports" of an ICMP message as Community ID v1 has them: a query's type and its answer's. */
static void icmp_ports(uint8_t family, uint8_t type, uint8_t code, uint16_t *ret_src, uint16_t *ret_dst)
{
    static const uint8_t pairs_v4[][2] = { { 8, 0 }, { 0, 8 }, { 13, 14 }, { 14, 13 }, { 15, 16 }, { 16, 15 }, { 10, 9 },
                                           { 9, 10 }, { 17, 18 }, { 18, 17 } };
    static const uint8_t pairs_v6[][2] = { { 128, 129 }, { 129, 128 }, { 133, 134 }, { 134, 133 }, { 135, 136 },
                                           { 136, 135 }, { 130, 131 }, { 131, 130 }, { 144, 145 }, { 145, 144 },
                                           { 139, 140 }, { 140, 139 } };
    const uint8_t (*pairs)[2] = family == 4 ? pairs_v4 : pairs_v6;
    size_t count = family == 4 ? sizeof pairs_v4 / 2 : sizeof pairs_v6 / 2;
    *ret_src = type;
    *ret_dst = code;
    for (size_t i = 0; i < count; i++)
        if (pairs[i][0] == type)
            *ret_dst = pairs[i][1];
}

static void walk_icmp(struct walk *w, uint8_t id)
{
    struct wt_packet *p = w->packet;
    uint8_t index = p->layer_count;
    struct wt_layer *l = add_layer(w, id);
    struct icmp h = { 0 };
    icmp_decode(&w->c, &h);
    end_header(w, l);
    follow_none(w);
    if (w->c.cut != WT_WHOLE)
        return;
    bool v6 = id == w->decoder->icmpv6;
    uint16_t src, dst;
    icmp_ports(v6 ? 6 : 4, h.type, h.code, &src, &dst);
    set_ports(w, src, dst);
    if (w->quoted)
        return;
    p->icmp = (uint16_t)(h.type << 8 | h.code);
    enter_transport(w, index, WT_PACKET_ICMP);
    if (h.has_rest && w->c.captured && (v6 ? icmpv6_is_error(h.type) : icmp_is_error(h.type))) {
        w->quoted = true;
        w->outer_key = p->key;
        w->outer_source_end = w->source_end;
        w->next = (struct wt_next){ WT_KEY_FAMILY, { v6 ? 6 : 4, WT_NO_KEY }, WT_NO_LIMIT };
    }
}

/* ---- everything else ---- */

/* decoder_compat(): tshark knows FabricPath's addresses for what they are, no Ethernet header's, and takes the last four
 * bytes for a check sequence even where the capture has none. */
static void fabricpath_as_tshark(struct walk *w)
{
    struct wt_packet *p = w->packet;
    unsigned n = p->layer_count;
    if (n >= 2 && p->layers[n - 2].dissector == w->decoder->ethernet) {
        p->layers[n - 2] = p->layers[n - 1];
        p->layer_count--;
    }
    if (w->c.on_wire >= 4)
        limit(w, w->c.on_wire - 4);
}

/* RFC 3488: messages laid out as IGMP's, of types of their own, for routers alone. */
static bool is_rgmp(const struct walk *w, const struct wt_layer *l)
{
    static const uint8_t routers[4] = { 224, 0, 0, 25 };
    const struct wt_packet *p = w->packet;
    const uint8_t *bytes = p->buffers[l->buffer].at + l->offset;
    return (l->header_bytes == 0 || bytes[0] >= 0xfc) && p->key.family == 4 && memcmp(p->key.address[!w->source_end], routers, 4) == 0;
}

static void walk_other(struct walk *w, uint8_t id)
{
    const struct wt_dissector *d = wt_dissector_at(id);
    struct wt_layer *l = add_layer(w, id);
    _Alignas(16) uint8_t header[WT_MAX_HEADER];
    memset(header, 0, d->header_size);
    struct wt_packet *p = w->packet;
    uint8_t index = (uint8_t)(p->layer_count - 1);
    d->decode(&w->c, header);
    follow_none(w);
    end_header(w, l);
    if (id == w->decoder->igmp && !w->quoted && p->transport_layer == 255) {
        p->transport_layer = index;
        if (is_rgmp(w, l))
            l->dissector = w->decoder->rgmp;
    }
    if (w->c.cut != WT_WHOLE || !d->next)
        return;
    d->next(header, &w->next);
    limit(w, w->next.payload_bytes);
    if (id == w->decoder->fabricpath && w->decoder->compat)
        fabricpath_as_tshark(w);
    if (d->scope)
        w->scope += (d->scope(header) + UINT32_C(1)) * UINT32_C(0xc2b2ae35);
    if (d->role == WT_ROLE_NETWORK && (p->flags & WT_PACKET_IP) && w->next.space == WT_KEY_IP_PROTOCOL
        && w->next.key[0] < 256)
        p->key.protocol = (uint8_t)w->next.key[0];   /* behind an extension header */
}

static void step(struct walk *w, uint8_t id)
{
    const struct decoder *d = w->decoder;
    if (id == d->ethernet)
        walk_ethernet(w);
    else if (id == d->ipv4)
        walk_ipv4(w);
    else if (id == d->tcp)
        walk_tcp(w);
    else if (id == d->udp || id == d->udplite)
        walk_udp(w, id);
    else if (id == d->ipv6)
        walk_ipv6(w);
    else if (id == d->vlan || id == d->ieee8021ad)
        walk_vlan(w, id);
    else if (id == d->icmp || id == d->icmpv6)
        walk_icmp(w, id);
    else if (id == d->ipv6_fragment)
        walk_ipv6_fragment(w);
    else
        walk_other(w, id);
}

/* An ICMP error speaks of the flow that it quotes, when it quotes enough of one. */
static void finish_quotation(struct walk *w)
{
    struct wt_packet *p = w->packet;
    if (w->quoted_network) {
        p->flags |= WT_PACKET_ICMP_ERROR;
        return;
    }
    p->key = w->outer_key;
    w->source_end = w->outer_source_end;
}

void walk_frame(struct decoder *d, const struct wt_frame *frame, struct wt_packet *p)
{
    memset(p, 0, offsetof(struct wt_packet, layers));
    p->frame = *frame;
    p->network_layer = p->transport_layer = 255;
    p->tcp.wscale = 255;
    p->buffer_count = 1;
    p->buffers[0] = (struct wt_slice){ frame->bytes, frame->captured_len };
    struct walk w = {
        .decoder = d, .packet = p, .c = wt_cursor(frame->bytes, frame->captured_len, frame->wire_len),
        .next = { WT_KEY_LINKTYPE, { frame->linktype, WT_NO_KEY }, WT_NO_LIMIT },
    };
    for (;;) {
        uint8_t id = follow(&w);
        if (id == NOBODY || (w.c.on_wire == 0 && p->layer_count))
            break;
        if (p->layer_count == WT_MAX_LAYERS) {
            p->flags |= WT_PACKET_TOO_DEEP;
            break;
        }
        step(&w, id);
    }
    if (w.quoted)
        finish_quotation(&w);
    if (!(p->flags & WT_PACKET_IP))
        return;
    p->key.scope = w.scope;
    p->dir = w.source_end;
    p->hash = flow_key_hash(&p->key, d->seed);    /* without the VLAN: a tap may see the tag of one direction only */
    p->shard = (uint16_t)(shard_hash(&p->key, p->hash, d->seed) >> 58);
    p->key.vlan = w.vlan;
}

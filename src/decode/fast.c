/* The straight line: Ethernet, one VLAN tag at most, IPv4 or IPv6 without options, extensions or fragments, then TCP, or
 * UDP that carries no tunnel: most of all traffic. Whatever is otherwise is left to the walk, which gives the same for
 * these, too: a test compares them. */
#include <string.h>

#include "decode/decoder.h"
#include "decode/key_hash.h"
#include "decode/walk.h"
#include "dissectors/ethernet.h"
#include "dissectors/ipv4.h"
#include "dissectors/ipv6.h"
#include "dissectors/tcp.h"
#include "dissectors/udp.h"
#include "dissectors/vlan.h"

#define INLINE static inline __attribute__((always_inline))
/* Leaving the line: told to the compiler, or it takes the end of the line for a place where it seldom comes. */
#define RARELY(x) __builtin_expect(!!(x), 0)

struct line {
    const struct decoder *d;
    const struct wt_frame *frame;
    struct wt_packet *p;
    struct wt_cursor c;
    unsigned layers;             /* so far */
    const uint8_t *start;
    const uint8_t *src, *dst;    /* of the IP header */
    uint32_t flags;
    uint16_t vlan;
};

INLINE struct wt_layer *add(struct line *s, uint8_t id, size_t header_bytes)
{
    struct wt_layer *l = &s->p->layers[s->layers++];
    l->dissector = id;
    l->buffer = l->cut = 0;
    l->offset = (uint32_t)(s->c.at - s->start);
    l->header_bytes = (uint32_t)header_bytes;
    l->captured = (uint32_t)s->c.captured;
    l->wire_bytes = (uint32_t)s->c.on_wire;
    return l;
}

/* The network layer ends where its length says. */
INLINE void clip(struct line *s, struct wt_layer *l, size_t payload_bytes)
{
    if (payload_bytes < s->c.on_wire)
        s->c.on_wire = payload_bytes;
    if (s->c.captured > s->c.on_wire)
        s->c.captured = s->c.on_wire;
    l->captured = l->header_bytes + (uint32_t)s->c.captured;
    l->wire_bytes = l->header_bytes + (uint32_t)s->c.on_wire;
}

INLINE uint64_t load(const uint8_t *at, size_t size)
{
    uint64_t v = 0;
    memcpy(&v, at, size);
    return v;
}

INLINE void put(struct wt_packet *p, size_t word, uint64_t value)
{
    memcpy((uint8_t *)&p->key + 8 * word, &value, 8);
}

INLINE void set_key(struct line *s, uint8_t family, uint8_t protocol, uint16_t src_port, uint16_t dst_port)
{
    struct wt_packet *p = s->p;
    size_t half = family == 4 ? 4 : 8;
    uint64_t from = load(s->src, half), to = load(s->dst, half), from_low = 0, to_low = 0;
    bool end;
    if (family == 4) {
        end = ((uint64_t)wt_be32(s->src) << 16 | src_port) > ((uint64_t)wt_be32(s->dst) << 16 | dst_port);
    } else {
        int order = memcmp(s->src, s->dst, 16);
        from_low = load(s->src + 8, 8);
        to_low = load(s->dst + 8, 8);
        end = order ? order > 0 : src_port > dst_port;
    }
    uint16_t port0 = end ? dst_port : src_port, port1 = end ? src_port : dst_port;
    uint64_t a0 = end ? to : from, a1 = end ? to_low : from_low, b0 = end ? from : to, b1 = end ? from_low : to_low;
    p->hash = key_words_hash(a0, a1, b0, b1, key_tail(port0, port1, 0, protocol, family), 0, s->d->seed);
    put(p, 0, a0);
    put(p, 1, a1);
    put(p, 2, b0);
    put(p, 3, b1);
    put(p, 4, key_tail(port0, port1, s->vlan, protocol, family));
    put(p, 5, 0);
    p->dir = end;
    p->shard = (uint16_t)(p->hash >> 58);
}

INLINE void set_packet(struct line *s, uint32_t transport_flag)
{
    struct wt_packet *p = s->p;
    p->frame = *s->frame;
    p->flags = s->flags | WT_PACKET_IP | transport_flag;
    p->layer_count = (uint8_t)s->layers;
    p->buffer_count = 1;
    p->network_layer = (uint8_t)(s->layers - 2);
    p->transport_layer = (uint8_t)(s->layers - 1);
    p->icmp = 0;
    p->payload_offset = (uint32_t)(s->c.at - s->start);
    p->payload_bytes = (uint32_t)s->c.captured;
    p->payload_wire_bytes = (uint32_t)s->c.on_wire;
    p->payload_buffer = p->ip_checksum = p->transport_checksum = p->spare = 0;
    p->checksum_expected = p->ip_checksum_expected = 0;
    p->buffers[0] = (struct wt_slice){ s->start, s->frame->captured_len };
}

INLINE bool is_foreign(const struct line *s)
{
    return !(s->d->own >> (s->p->shard & 63) & 1);
}

/* Another worker's packet: it is decoded there. */
INLINE bool leave(struct line *s)
{
    struct wt_packet *p = s->p;
    p->frame = *s->frame;
    p->flags = 0;
    p->layer_count = p->buffer_count = 0;
    p->ip_checksum = p->transport_checksum = 0;
    return true;
}

/* Member by member: a literal would be cleared as a whole first. */
INLINE void set_summary(struct wt_tcp_summary *t, uint32_t seq, uint32_t ack, uint16_t flags, uint16_t window)
{
    t->seq = seq;
    t->ack = ack;
    t->flags = flags;
    t->window = window;
    t->mss = 0;
    t->wscale = 255;
    t->sack_count = t->has_timestamps = t->sack_permitted = t->fast_open = t->mptcp = 0;
    t->ts_val = t->ts_ecr = 0;
    memset(t->sack, 0, sizeof t->sack);
}

INLINE bool finish_tcp(struct line *s, uint8_t family)
{
    struct tcp h = { 0 };
    if (RARELY(s->c.captured < 20))
        return false;
    struct wt_layer *l = add(s, s->d->tcp, 0);
    if (RARELY(tcp_decode_held(&s->c, &h) != WT_WHOLE))
        return false;
    l->header_bytes = h.header_bytes;
    set_key(s, family, 6, h.src_port, h.dst_port);
    if (is_foreign(s))
        return leave(s);
    set_summary(&s->p->tcp, h.seq, h.ack, h.flags & 0x1ff, h.window);
    if (h.options.len)
        tcp_read_options(h.options, &s->p->tcp);
    set_packet(s, WT_PACKET_TCP);
    return true;
}

/* Whom the walk would ask for by these ports, the lower one first. */
INLINE uint8_t behind_udp(const struct line *s, const struct udp *h)
{
    const struct key_tables *t = &s->d->keys;
    bool low_first = h->src_port < h->dst_port;
    uint8_t id = t->udp_port[low_first ? h->src_port : h->dst_port];
    if (id == NOBODY)
        id = t->udp_port[low_first ? h->dst_port : h->src_port];
    return id != NOBODY ? id : walk_guess(s->d, (struct wt_slice){ s->c.at, s->c.captured });
}

/* A message that nothing follows. */
INLINE void finish_leaf(struct line *s, uint8_t id, const struct wt_dissector *leaf)
{
    _Alignas(16) uint8_t header[WT_MAX_HEADER];
    struct wt_packet *p = s->p;
    const uint8_t *from = s->c.at;
    struct wt_layer *l = add(s, id, 0);
    memset(header, 0, leaf->header_size);
    leaf->decode(&s->c, header);
    p->layer_count = (uint8_t)s->layers;
    l->header_bytes = (uint32_t)(s->c.at - from);
    l->cut = (uint8_t)s->c.cut;
    if (RARELY(s->c.cut != WT_WHOLE))
        p->flags |= s->c.cut == WT_CUT_BY_SENDER ? WT_PACKET_MALFORMED : WT_PACKET_TRUNCATED;
}

INLINE bool finish_udp(struct line *s, uint8_t family)
{
    struct udp h = { 0 };
    add(s, s->d->udp, 8);
    if (RARELY(udp_decode(&s->c, &h) != WT_WHOLE || h.length_bytes < 8))
        return false;
    if (h.length_bytes - 8u < s->c.on_wire)
        s->c.on_wire = h.length_bytes - 8u;
    if (s->c.captured > s->c.on_wire)
        s->c.captured = s->c.on_wire;
    uint8_t id = behind_udp(s, &h);
    const struct wt_dissector *leaf = id != NOBODY && s->c.on_wire ? wt_dissector_at(id) : NULL;
    if (RARELY(leaf && (leaf->next || leaf->scope || leaf->role != WT_ROLE_APPLICATION)))
        return false;
    set_key(s, family, 17, h.src_port, h.dst_port);
    s->p->shard = (uint16_t)(shard_hash(&s->p->key, s->p->hash, s->d->seed) >> 58);
    if (is_foreign(s))
        return leave(s);
    set_summary(&s->p->tcp, 0, 0, 0, 0);
    set_packet(s, WT_PACKET_UDP);
    if (leaf)
        finish_leaf(s, id, leaf);
    return true;
}

INLINE bool finish(struct line *s, uint8_t family, uint8_t protocol)
{
    if (__builtin_expect(protocol == 6, 1))
        return finish_tcp(s, family);
    return __builtin_expect(protocol == 17, 1) && finish_udp(s, family);
}

INLINE bool go_ipv4(struct line *s)
{
    struct ipv4 h = { 0 };
    struct wt_packet *p = s->p;
    if (RARELY(s->c.captured < 20 || s->c.at[0] != 0x45))
        return false;
    s->src = s->c.at + 12;
    s->dst = s->c.at + 16;
    struct wt_layer *l = add(s, s->d->ipv4, 20);
    if (RARELY(ipv4_decode(&s->c, &h) != WT_WHOLE || h.length_bytes == 0 || (h.fragment & (IPV4_MF | IPV4_OFFSET))))
        return false;
    clip(s, l, h.length_bytes - 20u);
    s->flags |= h.dst[0] >= 224 ? WT_PACKET_MULTICAST : 0;
    p->ttl = h.ttl;
    p->tos = h.tos;
    p->ip_flags = (uint8_t)(h.fragment >> 13);
    p->ip_id = h.id;
    p->ip_bytes = h.length_bytes;
    return finish(s, 4, h.protocol);
}

INLINE bool go_ipv6(struct line *s)
{
    struct ipv6 h = { 0 };
    struct wt_packet *p = s->p;
    if (RARELY(s->c.captured < 40))
        return false;
    s->src = s->c.at + 8;
    s->dst = s->c.at + 24;
    struct wt_layer *l = add(s, s->d->ipv6, 40);
    if (RARELY(ipv6_decode(&s->c, &h) != WT_WHOLE || h.payload_bytes == 0))
        return false;
    clip(s, l, h.payload_bytes);
    s->flags |= h.dst[0] == 0xff ? WT_PACKET_MULTICAST : 0;
    p->ttl = h.hop_limit;
    p->tos = h.tclass;
    p->ip_flags = 0;
    p->ip_id = h.flow;
    p->ip_bytes = h.payload_bytes + 40u;
    return finish(s, 6, h.next_header);
}

INLINE bool go(struct line *s, uint16_t type)
{
    if (__builtin_expect(type == 0x0800, 1))
        return go_ipv4(s);
    return __builtin_expect(type == 0x86dd, 1) && go_ipv6(s);
}

/* Each number of tags has its own copy of the line, in which places are constants. */
bool fast_frame(const struct decoder *d, const struct wt_frame *frame, struct wt_packet *p)
{
    struct line s = { .d = d, .frame = frame, .p = p, .start = frame->bytes,
                      .c = wt_cursor(frame->bytes, frame->captured_len, frame->wire_len) };
    struct ethernet eth = { 0 };
    if (RARELY(frame->linktype != 1 || s.c.captured < 14))
        return false;
    add(&s, d->ethernet, 14);
    ethernet_decode(&s.c, &eth);
    s.flags = eth.dst[0] & 1 ? WT_PACKET_MULTICAST : 0;
    if (__builtin_expect(eth.type != 0x8100, 1))
        return go(&s, eth.type);
    if (RARELY(s.c.captured < 4))
        return false;
    struct vlan tag = { 0 };
    add(&s, d->vlan, 4);
    vlan_decode(&s.c, &tag);
    s.vlan = (uint16_t)((tag.tci & 0xfff) + 1);
    return go(&s, tag.type);
}

#include "track/udp_streams.h"

#include <stdlib.h>
#include <string.h>

#include "decode/key_hash.h"

#define FIRST_SLOTS 1024u
#define SNMP_PORT 161
#define SNMP_TRAP_PORT 162
#define SNMP_SEQUENCE 0x30         /* with which its messages begin (ASN.1 BER) */

struct pair {
    uint8_t address[2][16];
    uint16_t port[2];
    uint8_t family;
    bool used;
};

struct slot {
    struct pair pair;
    uint32_t stream;
    bool renew;
};

struct udp_streams {
    struct slot *slots;              /* owned; open addressing */
    uint32_t mask, count, most;
    uint64_t seed[2];
    uint16_t dissectors[2];
    struct wt_limit_hits *hits;
};

struct udp_streams *udp_streams_new(const struct wt_config *config, const uint64_t seed[2], struct wt_limit_hits *hits,
                                    const uint16_t dissectors[2])
{
    struct udp_streams *all = calloc(1, sizeof *all);
    if (!all)
        return NULL;
    *all = (struct udp_streams){ .slots = calloc(FIRST_SLOTS, sizeof(struct slot)), .mask = FIRST_SLOTS - 1,
                                 .most = (uint32_t)config->value[WT_MAX_CONNECTIONS], .seed = { seed[0], seed[1] },
                                 .dissectors = { dissectors[0], dissectors[1] }, .hits = hits };
    if (all->slots)
        return all;
    free(all);
    return NULL;
}

void udp_streams_free(struct udp_streams *all)
{
    if (all)
        free(all->slots);
    free(all);
}

static uint32_t place_of(const struct udp_streams *all, const struct pair *p)
{
    uint64_t a[4];
    memcpy(a, p->address, sizeof a);
    return (uint32_t)key_words_hash(a[0], a[1], a[2], a[3], key_tail(p->port[0], p->port[1], 0, 17, p->family), 0, all->seed)
        & all->mask;
}

static struct slot *find(const struct udp_streams *all, const struct pair *p)
{
    uint32_t i = place_of(all, p);
    while (all->slots[i].pair.used && memcmp(&all->slots[i].pair, p, sizeof *p) != 0)
        i = (i + 1) & all->mask;
    return &all->slots[i];
}

static bool grow(struct udp_streams *all)
{
    struct udp_streams larger = *all;
    larger.mask = all->mask * 2 + 1;
    larger.slots = calloc((size_t)larger.mask + 1, sizeof *larger.slots);
    if (!larger.slots)
        return false;
    for (uint32_t i = 0; i <= all->mask; i++)
        if (all->slots[i].pair.used)
            *find(&larger, &all->slots[i].pair) = all->slots[i];
    free(all->slots);
    *all = larger;
    return true;
}

static uint32_t stream_of(struct udp_streams *all, const struct pair *p)
{
    struct slot *s = find(all, p);
    if (s->pair.used)
        return s->stream;
    if (all->count >= all->most || (all->count * 2 > all->mask && !grow(all))) {
        all->hits->count[WT_MAX_CONNECTIONS]++;
        return UINT32_MAX;
    }
    s = find(all, p);
    s->pair = *p;
    s->stream = all->count++;
    return s->stream;
}

/* tshark's SNMP opens a conversation of its own for the first message from or to port 161 or 162, with any port of the other
 * side; what follows belongs to that one, which gets its number then. */
static uint32_t next_of(struct udp_streams *all, struct slot *s)
{
    if (s->renew && all->count < all->most)
        s->stream = all->count++;
    s->renew = false;
    return s->stream;
}

static bool is_snmp(const struct wt_packet *p, const struct wt_layer *l)
{
    const uint8_t *udp = p->buffers[l->buffer].at + l->offset;
    bool from = udp[0] == 0 && (udp[1] == SNMP_PORT || udp[1] == SNMP_TRAP_PORT);
    bool to = udp[2] == 0 && (udp[3] == SNMP_PORT || udp[3] == SNMP_TRAP_PORT);
    return l->captured > 10 && (from || to) && udp[8] == SNMP_SEQUENCE;
}

static const struct wt_layer *network_below(const struct wt_packet *p, unsigned layer)
{
    while (layer-- > 0)
        if (wt_dissector_at(p->layers[layer].dissector)->role == WT_ROLE_NETWORK && p->layers[layer].header_bytes >= 20)
            return &p->layers[layer];
    return NULL;
}

/* The smaller endpoint first, so that both directions are one pair. */
static bool pair_of(const struct wt_packet *p, unsigned layer, struct pair *to)
{
    const struct wt_layer *l = &p->layers[layer], *ip = network_below(p, layer);
    memset(to, 0, sizeof *to);
    if (!ip || l->captured < 8 || l->buffer >= p->buffer_count || ip->buffer >= p->buffer_count)
        return false;
    const uint8_t *h = p->buffers[ip->buffer].at + ip->offset, *udp = p->buffers[l->buffer].at + l->offset;
    to->family = h[0] >> 4;
    size_t len = to->family == 4 ? 4 : 16, at = to->family == 4 ? 12 : 8;
    if (ip->captured < at + 2 * len || (to->family != 4 && to->family != 6))
        return false;
    uint16_t from = (uint16_t)(udp[0] << 8 | udp[1]), into = (uint16_t)(udp[2] << 8 | udp[3]);
    int order = memcmp(h + at, h + at + len, len);
    unsigned source = order > 0 || (order == 0 && from > into);
    memcpy(to->address[source], h + at, len);
    memcpy(to->address[!source], h + at + len, len);
    to->port[source] = from;
    to->port[!source] = into;
    to->used = true;
    return true;
}

unsigned udp_streams_of(struct udp_streams *all, const struct wt_packet *p, uint32_t *ret, unsigned most)
{
    unsigned count = 0;
    for (unsigned i = 0; i < p->layer_count && count < most; i++) {
        struct pair pair;
        if (p->layers[i].dissector != all->dissectors[0] && p->layers[i].dissector != all->dissectors[1])
            continue;
        bool quoted = p->flags & WT_PACKET_ICMP_ERROR && i > p->transport_layer;
        ret[count] = UINT32_MAX;
        if (pair_of(p, i, &pair)) {
            struct slot *known = find(all, &pair);
            bool fresh = !known->pair.used && !quoted;
            ret[count] = known->pair.used ? next_of(all, known) : quoted ? UINT32_MAX : stream_of(all, &pair);
            if (fresh && ret[count] != UINT32_MAX)
                find(all, &pair)->renew = is_snmp(p, &p->layers[i]);
        }
        count++;
    }
    return count;
}

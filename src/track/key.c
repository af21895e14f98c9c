/* The compact form of a key, and who of its two endpoints began. */
#include "track/tracker_impl.h"

#include <stdlib.h>
#include <string.h>

#include "wiretale/dissector.h"

void key_set(struct tracker *t, struct conn *c, const struct wt_flow_key *key)
{
    c->port[0] = key->port[0];
    c->port[1] = key->port[1];
    c->vlan = key->vlan;
    c->protocol = key->protocol;
    c->family = key->family;
    if (key->family == 4 && key->scope == 0) {
        memcpy(&c->v4[0], key->address[0], 4);
        memcpy(&c->v4[1], key->address[1], 4);
        return;
    }
    uint32_t index = slab_take(&t->wides);    /* as many as connections: only memory can refuse */
    if (!index) {
        c->family = 0;
        return;
    }
    c->wide = slab_at(&t->wides, index);
    memcpy(c->wide->address, key->address, sizeof c->wide->address);
    c->wide->scope = key->scope;
    c->wide->index = index;
    c->flags |= LIVE_WIDE;
}

static bool same_addresses(const struct conn *c, const struct wt_flow_key *key)
{
    if (c->flags & LIVE_WIDE)
        return c->wide->scope == key->scope
            && memcmp(c->wide->address, key->address, sizeof c->wide->address) == 0;
    return key->scope == 0 && memcmp(&c->v4[0], key->address[0], 4) == 0
        && memcmp(&c->v4[1], key->address[1], 4) == 0;
}

enum key_match key_match(const struct conn *c, const struct wt_packet *p)
{
    const struct wt_flow_key *key = &p->key;
    if (c->port[0] != key->port[0] || c->port[1] != key->port[1] || c->family != key->family
        || c->protocol != key->protocol || c->family == 0 || !same_addresses(c, key))
        return KEY_OTHER;
    if (c->vlan == key->vlan)
        return KEY_SAME;
    if (p->flags & WT_PACKET_ICMP_ERROR)
        return KEY_BUT_VLAN;    /* a router's, from wherever it stands */
    if (p->dir == c->first_end)
        return KEY_OTHER;
    return c->vlans_differ || !c->packets[conn_side(c, p->dir)] ? KEY_BUT_VLAN : KEY_OTHER;
}

const uint8_t *key_address(const struct conn *c, unsigned side)
{
    unsigned end = conn_side(c, side);
    return c->flags & LIVE_WIDE ? c->wide->address[end] : (const uint8_t *)&c->v4[end];
}

/* Joins what the table's hash of 32 bits and the ports tell: two different keys rarely share it. */
uint64_t key_print(const struct conn *c)
{
    uint64_t rest = (uint64_t)c->port[0] << 16 | c->port[1];
    rest ^= (uint64_t)c->protocol << 8 ^ (uint64_t)c->vlan << 20;
    return (uint64_t)c->hash << 32 | (rest & UINT32_MAX) | 1;
}

static void know_port(struct known_ports *ports, const struct wt_key *key)
{
    bool udp = key->space == WT_KEY_UDP_PORT;
    if ((udp || key->space == WT_KEY_TCP_PORT) && key->value < 65536)
        ports->bits[udp][key->value / 64] |= UINT64_C(1) << key->value % 64;
}

struct known_ports *known_ports_new(void)
{
    struct known_ports *ports = calloc(1, sizeof *ports);
    for (unsigned i = 0; ports && i < wt_dissector_count(); i++)
        for (unsigned k = 0; k < wt_dissector_at(i)->key_count; k++)
            know_port(ports, &wt_dissector_at(i)->keys[k]);
    return ports;
}

/* How much a port looks like one that is listened on: known to a dissector, reserved, registered, ephemeral (Linux
 * takes 32768 to 60999, IANA's range begins at 49152). */
static unsigned port_rank(const struct known_ports *ports, unsigned udp, uint16_t port)
{
    if (port == 0)
        return 0;
    if (ports->bits[udp][port / 64] >> port % 64 & 1)
        return 3;
    return port < 1024 ? 2 : port < 32768 ? 1 : 0;
}

static bool icmp_is_reply(const struct wt_packet *p)
{
    unsigned type = p->icmp >> 8;
    if (p->key.family == 4)
        return type == 0 || type == 14 || type == 16 || type == 18;    /* echo, timestamp, information, mask replies */
    return type == 129;
}

static bool tcp_is_servers(const struct known_ports *ports, const struct wt_packet *p, uint32_t *ret_flags)
{
    if ((p->flags & (WT_PACKET_TCP | WT_PACKET_ICMP_ERROR)) == WT_PACKET_TCP && (p->tcp.flags & WT_FLAG_SYN))
        return p->tcp.flags & WT_FLAG_ACK;    /* certain either way */
    *ret_flags |= WT_CONN_GUESSED;
    unsigned from = port_rank(ports, 0, p->key.port[p->dir]);
    unsigned to = port_rank(ports, 0, p->key.port[p->dir ^ 1]);
    return from > to;
}

static bool udp_is_servers(const struct known_ports *ports, const struct wt_packet *p)
{
    if (p->flags & WT_PACKET_MULTICAST)
        return false;
    unsigned from = port_rank(ports, 1, p->key.port[p->dir]);
    unsigned to = port_rank(ports, 1, p->key.port[p->dir ^ 1]);
    return from >= 2 && to < 2;
}

unsigned key_client(const struct known_ports *ports, const struct wt_packet *p, uint32_t *ret_flags)
{
    bool servers = false;
    *ret_flags = 0;
    if (p->key.protocol == 6)
        servers = tcp_is_servers(ports, p, ret_flags);
    else if (p->flags & WT_PACKET_ICMP)
        servers = icmp_is_reply(p);
    else if (p->key.protocol == 17)
        servers = udp_is_servers(ports, p);
    if (!servers)
        return p->dir;
    *ret_flags |= p->key.protocol == 6 ? WT_CONN_FLIPPED : WT_CONN_FLIPPED | WT_CONN_GUESSED;
    return p->dir ^ 1u;
}

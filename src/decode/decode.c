/* The decoder: its tables from the registry, and batches. */
#include "decode/decode.h"

#include <stdlib.h>
#include <string.h>

#include "decode/decoder.h"
#include "decode/key_hash.h"
#include "decode/walk.h"

uint64_t flow_key_hash(const struct wt_flow_key *key, const uint64_t seed[2])
{
    uint64_t w[6];
    memcpy(w, key, sizeof w);
    return key_words_hash(w[0], w[1], w[2], w[3], w[4], w[5], seed);
}

#define AHEAD 6    /* frames whose headers are fetched while others are read */

static bool is_dns_port(uint16_t port)
{
    return port == 53 || port == 5353 || port == 5355 || port == 853;
}

/* DNS between two hosts stays in one shard whatever the ports, so that a question asked again is noticed there. */
uint64_t shard_hash(const struct wt_flow_key *key, uint64_t hash, const uint64_t seed[2])
{
    if (key->protocol != 17 || !(is_dns_port(key->port[0]) || is_dns_port(key->port[1])))
        return hash;
    struct wt_flow_key without = *key;
    without.port[0] = without.port[1] = 0;
    return flow_key_hash(&without, seed);
}

static void put(uint8_t *table, size_t size, uint32_t key, unsigned index)
{
    if (key < size && table[key] == NOBODY)
        table[key] = (uint8_t)index;
}

static void build_tables(struct key_tables *t)
{
    memset(t, NOBODY, sizeof *t);
    t->guesser_count = 0;
    for (unsigned i = 0; i < wt_dissector_count() && i < NOBODY; i++) {
        const struct wt_dissector *d = wt_dissector_at(i);
        if (d->recognise && t->guesser_count < sizeof t->guessers)
            t->guessers[t->guesser_count++] = (uint8_t)i;
        for (unsigned k = 0; k < d->key_count; k++) {
            uint32_t value = d->keys[k].value;
            switch (d->keys[k].space) {
            case WT_KEY_LINKTYPE: put(t->linktype, sizeof t->linktype, value, i); break;
            case WT_KEY_ETHERTYPE: put(t->ethertype, sizeof t->ethertype, value, i); break;
            case WT_KEY_IP_PROTOCOL: put(t->ip_protocol, sizeof t->ip_protocol, value, i); break;
            case WT_KEY_UDP_PORT: put(t->udp_port, sizeof t->udp_port, value, i); break;
            case WT_KEY_PPP: put(t->ppp, sizeof t->ppp, value, i); break;
            case WT_KEY_FAMILY: put(t->family, sizeof t->family, value, i); break;
            case WT_KEY_CHDLC:
                t->chdlc = (uint8_t)i;
                t->chdlc_key = value;
                break;
            case WT_KEY_LLC: t->llc_default = (uint8_t)i; break;
            default: break;
            }
        }
    }
}

static uint8_t index_of(const char *name)
{
    int i = wt_dissector_index(name);
    return i < 0 ? NOBODY : (uint8_t)i;
}

static void find_core(struct decoder *d)
{
    d->ethernet = index_of("eth");
    d->vlan = index_of("vlan");
    d->ieee8021ad = index_of("ieee8021ad");
    d->ipv4 = index_of("ip");
    d->ipv6 = index_of("ipv6");
    d->ipv6_fragment = index_of("ipv6.fraghdr");
    d->tcp = index_of("tcp");
    d->udp = index_of("udp");
    d->udplite = index_of("udplite");
    d->icmp = index_of("icmp");
    d->icmpv6 = index_of("icmpv6");
    d->igmp = index_of("igmp");
    d->rgmp = index_of("rgmp");
    d->fabricpath = index_of("cfp");
    d->vxlan = index_of("vxlan");
}

struct decoder *decoder_new(const struct wt_config *config, const uint64_t seed[2], struct wt_limit_hits *hits)
{
    struct decoder *d = calloc(1, sizeof *d);
    if (!d)
        return NULL;
    d->seed[0] = seed[0];
    d->seed[1] = seed[1];
    d->hits = hits;
    d->own = UINT64_MAX;
    d->fragments = fragments_new(config, seed, hits, &d->counters);
    if (!d->fragments) {
        free(d);
        return NULL;
    }
    build_tables(&d->keys);
    find_core(d);
    return d;
}

void decoder_own(struct decoder *d, uint64_t shards)
{
    d->own = shards;
}

void decoder_compat(struct decoder *d)
{
    d->compat = true;
    fragments_allow_overlaps(d->fragments);
}

void decoder_free(struct decoder *d)
{
    if (!d)
        return;
    fragments_free(d->fragments);
    free(d);
}

void decoder_finish(struct decoder *d)
{
    fragments_finish(d->fragments);
}

const struct decode_counters *decoder_counters(const struct decoder *d)
{
    return &d->counters;
}

void decode_batch(struct decoder *d, const struct wt_frame *frames, struct wt_packet *packets, unsigned n)
{
    fragments_release(d->fragments);
    for (unsigned i = 0; i < n; i++) {
        if (i + AHEAD < n) {    /* headers begin anywhere in a cache line */
            __builtin_prefetch(frames[i + AHEAD].bytes);
            __builtin_prefetch(frames[i + AHEAD].bytes + 63);
        }
        if (!fast_frame(d, &frames[i], &packets[i]))
            walk_frame(d, &frames[i], &packets[i]);
    }
}

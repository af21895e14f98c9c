/* Conversations by their endpoints alone: VLANs and tunnels do not tell them apart. None is forgotten. */
#include "track/classes_impl.h"

#include <stdlib.h>
#include <string.h>

#include "decode/key_hash.h"

#define FIRST_BUCKETS 1024u

static uint64_t hash_of(const struct classes *all, const struct wt_flow_key *key)
{
    uint64_t a[4];
    memcpy(a, key->address, sizeof a);
    return key_words_hash(a[0], a[1], a[2], a[3], key_tail(key->port[0], key->port[1], 0, key->protocol, key->family), 0,
                          all->seed);
}

static struct class_talk *at(const struct classes *all, uint32_t index)
{
    return slab_at(&all->talks, index);
}

static bool is_of(const struct class_talk *talk, uint64_t hash, const struct wt_flow_key *key)
{
    return talk->hash == hash && talk->family == key->family && talk->port[0] == key->port[0]
        && talk->port[1] == key->port[1] && memcmp(talk->address, key->address, sizeof talk->address) == 0;
}

static void grow(struct classes *all)
{
    uint32_t mask = all->mask * 2 + 1;
    uint32_t *buckets = calloc((size_t)mask + 1, sizeof *buckets);
    if (!buckets)
        return;                 /* longer chains */
    for (uint32_t i = 0; i <= all->mask; i++) {
        uint32_t index = all->buckets[i];
        while (index) {
            struct class_talk *talk = at(all, index);
            uint32_t next = talk->chain;
            talk->chain = buckets[talk->hash & mask];
            buckets[talk->hash & mask] = index;
            index = next;
        }
    }
    free(all->buckets);
    all->buckets = buckets;
    all->mask = mask;
}

static void side_begin(struct classes *all, struct class_side *side)
{
    while (side->newest) {
        uint32_t index = side->newest;
        const struct unacked *u = slab_at(&all->unacked, index);
        side->newest = u->next;
        slab_give(&all->unacked, index);
    }
    memset(side, 0, sizeof *side);
    side->scale = -1;
    side->window = UINT32_MAX;
    side->flight_known = true;
}

void classes_begin(struct classes *all, struct class_talk *talk, int64_t time_ns)
{
    side_begin(all, &talk->side[0]);
    side_begin(all, &talk->side[1]);
    talk->completeness = 0;
    talk->renew = false;
    talk->syn_ns = talk->first_rtt_ns = 0;
    talk->start_ns = talk->last_ns = time_ns;
    talk->stream = all->streams++;
}

struct class_talk *classes_find(struct classes *all, const struct wt_packet *p, bool *ret_fresh)
{
    const struct wt_flow_key *key = &p->key;
    uint64_t hash = hash_of(all, key);
    *ret_fresh = false;
    for (uint32_t i = all->buckets[hash & all->mask]; i; i = at(all, i)->chain)
        if (is_of(at(all, i), hash, key))
            return at(all, i);
    if (all->talks.used > all->mask)
        grow(all);
    uint32_t index = slab_take(&all->talks);
    if (!index) {
        all->hits->count[WT_MAX_CONNECTIONS]++;
        return NULL;
    }
    struct class_talk *talk = at(all, index);
    memset(talk, 0, sizeof *talk);
    memcpy(talk->address, key->address, sizeof talk->address);
    talk->port[0] = key->port[0];
    talk->port[1] = key->port[1];
    talk->family = key->family;
    talk->hash = hash;
    talk->chain = all->buckets[hash & all->mask];
    all->buckets[hash & all->mask] = index;
    classes_begin(all, talk, p->frame.time_ns);
    *ret_fresh = true;
    return talk;
}

struct classes *classes_new(const struct wt_config *config, const uint64_t seed[2], struct wt_limit_hits *hits)
{
    struct classes *all = calloc(1, sizeof *all);
    if (!all)
        return NULL;
    all->seed[0] = seed[0];
    all->seed[1] = seed[1];
    all->hits = hits;
    all->mask = FIRST_BUCKETS - 1;
    all->buckets = calloc(FIRST_BUCKETS, sizeof *all->buckets);
    if (!all->buckets || slab_init(&all->talks, sizeof(struct class_talk), (uint32_t)config->value[WT_MAX_CONNECTIONS]) < 0
        || slab_init(&all->unacked, sizeof(struct unacked), (uint32_t)config->value[WT_MAX_UNACKED_SEGMENTS]) < 0) {
        classes_free(all);
        return NULL;
    }
    return all;
}

void classes_free(struct classes *all)
{
    if (!all)
        return;
    slab_done(&all->talks);
    slab_done(&all->unacked);
    free(all->buckets);
    free(all);
}

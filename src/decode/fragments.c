/* IP reassembly (RFC 791 3.2, RFC 8200 4.5). Bounded in datagrams, bytes and packet time; the oldest goes first. The
 * first copy of a byte wins; an IPv6 datagram with overlapping fragments is dropped (RFC 5722 3). This is off the hot
 * path: it allocates, within its limits. */
#include <stdlib.h>
#include <string.h>

#include "decode/decoder.h"

#define BUCKETS 1024
#define MAX_DATAGRAM 65535u
#define MAX_PIECES 8192u        /* of one datagram: fragments of 8 bytes */

struct piece {
    struct piece *next;         /* by offset */
    uint32_t offset, len;
    uint8_t bytes[];
};

struct datagram {
    struct datagram *next;      /* of its bucket */
    struct datagram *older, *newer;
    uint64_t hash;
    uint8_t address[2][16];
    uint32_t id, vlan_scope;
    uint8_t family, protocol;
    bool broken;                /* overlapping IPv6 fragments: nothing will come of it */
    uint32_t held, pieces;
    uint32_t total;             /* 0: the last fragment has not come */
    int64_t first_ns;
    struct piece *first;
};

struct whole {
    struct whole *next;
    uint8_t bytes[];
};

struct fragments {
    bool overlaps_allowed;      /* as tshark 4.0 */
    uint64_t seed[2];
    uint64_t max_bytes, max_datagrams;
    int64_t timeout_ns, now_ns;
    struct wt_limit_hits *hits;
    struct decode_counters *counters;
    uint64_t bytes, count;
    struct datagram *oldest, *newest;
    struct whole *wholes;       /* handed out since the last release */
    struct datagram *buckets[BUCKETS];
};

struct fragments *fragments_new(const struct wt_config *config, const uint64_t seed[2], struct wt_limit_hits *hits,
                                struct decode_counters *counters)
{
    struct fragments *f = calloc(1, sizeof *f);
    if (!f)
        return NULL;
    f->seed[0] = seed[0];
    f->seed[1] = seed[1];
    f->max_bytes = config->value[WT_MAX_FRAGMENT_BYTES];
    f->max_datagrams = config->value[WT_MAX_FRAGMENT_DATAGRAMS];
    f->timeout_ns = (int64_t)config->value[WT_FRAGMENT_TIMEOUT] * 1000000000;
    f->now_ns = INT64_MIN;
    f->hits = hits;
    f->counters = counters;
    return f;
}

void fragments_release(struct fragments *f)
{
    while (f->wholes) {
        struct whole *w = f->wholes;
        f->wholes = w->next;
        free(w);
    }
}

static void forget(struct fragments *f, struct datagram *d)
{
    struct datagram **link = &f->buckets[d->hash % BUCKETS];
    while (*link != d)
        link = &(*link)->next;
    *link = d->next;
    *(d->older ? &d->older->newer : &f->oldest) = d->newer;
    *(d->newer ? &d->newer->older : &f->newest) = d->older;
    while (d->first) {
        struct piece *p = d->first;
        d->first = p->next;
        free(p);
    }
    f->bytes -= d->held;
    f->count--;
    free(d);
}

static void give_up(struct fragments *f, struct datagram *d)
{
    f->counters->datagrams_incomplete++;
    forget(f, d);
}

void fragments_finish(struct fragments *f)
{
    while (f->oldest)
        give_up(f, f->oldest);
}

void fragments_allow_overlaps(struct fragments *f)
{
    f->overlaps_allowed = true;
}

void fragments_free(struct fragments *f)
{
    if (!f)
        return;
    fragments_release(f);
    fragments_finish(f);
    free(f);
}

static uint64_t hash_of(const struct fragments *f, const struct fragment *piece)
{
    struct wt_flow_key key = { .protocol = piece->protocol, .family = piece->family, .scope = piece->vlan_scope,
                               .zero = piece->id };
    size_t size = piece->family == 4 ? 4 : 16;
    memcpy(key.address[0], piece->source, size);
    memcpy(key.address[1], piece->destination, size);
    return flow_key_hash(&key, f->seed);
}

static bool belongs(const struct datagram *d, const struct fragment *piece, uint64_t hash)
{
    size_t size = piece->family == 4 ? 4 : 16;
    return d->hash == hash && d->id == piece->id && d->family == piece->family && d->vlan_scope == piece->vlan_scope
        && (d->family == 6 || d->protocol == piece->protocol) && memcmp(d->address[0], piece->source, size) == 0
        && memcmp(d->address[1], piece->destination, size) == 0;
}

static void expire(struct fragments *f, int64_t now_ns)
{
    if (now_ns > f->now_ns)
        f->now_ns = now_ns;
    while (f->oldest && f->now_ns - f->oldest->first_ns > f->timeout_ns)
        give_up(f, f->oldest);
}

static struct datagram *find(struct fragments *f, const struct fragment *piece)
{
    uint64_t hash = hash_of(f, piece);
    for (struct datagram *d = f->buckets[hash % BUCKETS]; d; d = d->next)
        if (belongs(d, piece, hash))
            return d;
    if (f->count >= f->max_datagrams && f->oldest) {
        f->hits->count[WT_MAX_FRAGMENT_DATAGRAMS]++;
        give_up(f, f->oldest);
    }
    struct datagram *d = calloc(1, sizeof *d);
    if (!d)
        return NULL;
    size_t size = piece->family == 4 ? 4 : 16;
    d->hash = hash;
    d->id = piece->id;
    d->family = piece->family;
    d->protocol = piece->protocol;
    d->vlan_scope = piece->vlan_scope;
    d->first_ns = f->now_ns;
    memcpy(d->address[0], piece->source, size);
    memcpy(d->address[1], piece->destination, size);
    d->next = f->buckets[hash % BUCKETS];
    f->buckets[hash % BUCKETS] = d;
    d->older = f->newest;
    *(f->newest ? &f->newest->newer : &f->oldest) = d;
    f->newest = d;
    f->count++;
    return d;
}

/* Puts [offset, end) in its place between the pieces that are there; what they cover already is left out. */
static bool insert(struct fragments *f, struct datagram *d, uint32_t offset, uint32_t end, const uint8_t *bytes)
{
    struct piece **link = &d->first;
    uint32_t start = offset;
    while (*link && (*link)->offset + (*link)->len <= start)
        link = &(*link)->next;
    while (start < end) {
        struct piece *after = *link;
        if (after && after->offset <= start) {
            f->counters->fragments_overlapping++;
            d->broken = d->broken || (d->family == 6 && !f->overlaps_allowed);
            start = after->offset + after->len;
            link = &after->next;
            continue;
        }
        uint32_t stop = after && after->offset < end ? after->offset : end;
        struct piece *p = d->pieces < MAX_PIECES ? malloc(sizeof *p + (stop - start)) : NULL;
        if (!p)
            return false;
        *p = (struct piece){ after, start, stop - start };
        memcpy(p->bytes, bytes + (start - offset), stop - start);
        *link = p;
        link = &p->next;
        d->held += p->len;
        d->pieces++;
        f->bytes += p->len;
        start = stop;
    }
    return true;
}

static struct wt_slice join(struct fragments *f, struct datagram *d)
{
    struct whole *w = malloc(sizeof *w + d->total);
    if (!w) {
        give_up(f, d);
        return (struct wt_slice){ NULL, 0 };
    }
    for (const struct piece *p = d->first; p; p = p->next)
        memcpy(w->bytes + p->offset, p->bytes, p->len);
    w->next = f->wholes;
    f->wholes = w;
    f->counters->datagrams_reassembled++;
    uint32_t total = d->total;
    forget(f, d);
    return (struct wt_slice){ w->bytes, total };
}

struct wt_slice fragments_add(struct fragments *f, const struct fragment *piece)
{
    static const struct wt_slice none;
    uint32_t end = piece->offset + (uint32_t)piece->bytes.len;
    expire(f, piece->time_ns);
    if (piece->bytes.len == 0 || piece->bytes.len > MAX_DATAGRAM || end > MAX_DATAGRAM)
        return none;
    while (f->bytes + piece->bytes.len > f->max_bytes && f->oldest) {
        f->hits->count[WT_MAX_FRAGMENT_BYTES]++;
        give_up(f, f->oldest);
    }
    struct datagram *d = find(f, piece);
    if (!d)
        return none;
    bool contradicts = d->total && (end > d->total || (!piece->more && end != d->total));
    if (d->broken || contradicts || !insert(f, d, piece->offset, end, piece->bytes.at))
        return none;
    if (!piece->more)
        d->total = end;
    if (d->broken || !d->total || d->held < d->total)
        return none;
    return d->held == d->total ? join(f, d) : none;
}

#include "engine/account.h"

#include <string.h>

void account_init(struct account *a)
{
    memset(a, 0, sizeof *a);
    memset(a->cache, 0xff, sizeof a->cache);
    memset(a->sum_of, -1, sizeof a->sum_of);
    static const struct { const char *name; int sum; } transports[] = {
        { "tcp", WT_SUM_TCP }, { "udp", WT_SUM_UDP }, { "icmp", WT_SUM_ICMP }, { "icmpv6", WT_SUM_ICMP },
        { "igmp", WT_SUM_IGMP },
    };
    for (unsigned i = 0; i < sizeof transports / sizeof transports[0]; i++) {
        int id = wt_dissector_index(transports[i].name);
        if (id >= 0 && id < WT_MAX_DISSECTORS)
            a->sum_of[id] = (int8_t)transports[i].sum;
    }
}

/* What a packet or a shape is made of: for most of them the print says all, and the rest is not filled in. */
struct shape_key {
    uint64_t print;
    unsigned depth;
    uint8_t dissector[PATH_DEPTH];
};
#define PRINTED 8

static bool same_shape(const struct path_shape *s, const struct shape_key *k)
{
    return s->print == k->print && s->depth == k->depth
        && (k->depth <= PRINTED || memcmp(s->dissector, k->dissector, k->depth) == 0);
}

_Static_assert(PATH_CACHE == 256, "eight bits of the mixed print");
_Static_assert(SUM_KINDS >= WT_CKSUM_KINDS, "each kind has its place");

static inline unsigned print_mix(uint64_t print)
{
    return (unsigned)(print * UINT64_C(0x9e3779b97f4a7c15) >> 56);
}

/* The last place of the table collects what no longer fits. */
static struct path_shape *find_shape(struct account *a, const struct shape_key *k)
{
    uint16_t *cached = &a->cache[print_mix(k->print)];
    if (*cached < a->shape_count && same_shape(&a->shapes[*cached], k))
        return &a->shapes[*cached];
    for (unsigned i = 0; i < a->shape_count; i++) {
        if (same_shape(&a->shapes[i], k)) {
            *cached = (uint16_t)i;
            return &a->shapes[i];
        }
    }
    if (a->shape_count == WT_MAX_PATHS)
        return &a->shapes[WT_MAX_PATHS - 1];
    struct path_shape *s = &a->shapes[a->shape_count];
    *cached = (uint16_t)a->shape_count++;
    s->print = k->print;
    s->depth = (uint8_t)k->depth;
    memcpy(s->dissector, k->dissector, k->depth);
    return s;
}

static inline uint64_t print_add(uint64_t print, unsigned dissector)
{
    return print << 8 | ((dissector & 0xff) ^ 0xff);
}

static void spell_out(struct shape_key *k, const struct wt_packet *p, int stream_dissector)
{
    unsigned n = 0;
    k->print = 0;
    for (unsigned i = 0; i < p->layer_count && i < WT_MAX_LAYERS; i++)
        k->dissector[n++] = (uint8_t)p->layers[i].dissector;
    if (stream_dissector >= 0)
        k->dissector[n++] = (uint8_t)stream_dissector;
    for (unsigned i = 0; i < n && i < PRINTED; i++)
        k->print = print_add(k->print, k->dissector[i]);
}

static __attribute__((noinline)) struct path_shape *search_shape(struct account *a, const struct wt_packet *p,
                                                                 int stream_dissector)
{
    struct shape_key key = { .depth = p->layer_count < WT_MAX_LAYERS ? p->layer_count : WT_MAX_LAYERS };
    key.depth += stream_dissector >= 0;
    spell_out(&key, p, stream_dissector);
    return find_shape(a, &key);
}

static inline struct path_shape *shape_of(struct account *a, const struct wt_packet *p, int stream_dissector)
{
    unsigned depth = p->layer_count;
    if (depth >= PRINTED)
        return search_shape(a, p, stream_dissector);
    uint64_t print = 0;
    for (const struct wt_layer *l = p->layers; l < p->layers + depth; l++)
        print = print_add(print, l->dissector);
    if (stream_dissector >= 0) {
        print = print_add(print, (unsigned)stream_dissector);
        depth++;
    }
    unsigned at = a->cache[print_mix(print)];
    if (at < a->shape_count && a->shapes[at].print == print && a->shapes[at].depth == depth)
        return &a->shapes[at];
    return search_shape(a, p, stream_dissector);
}

static void count_checksums(struct account *a, const struct wt_packet *p)
{
    if (p->network_layer < p->layer_count && p->ip_checksum != WT_CKSUM_UNCHECKED)
        a->checksums[WT_SUM_IPV4][p->ip_checksum % SUM_KINDS]++;
    if (p->transport_checksum == WT_CKSUM_UNCHECKED || p->transport_layer >= p->layer_count)
        return;
    unsigned id = p->layers[p->transport_layer].dissector;
    int sum = id < WT_MAX_DISSECTORS ? a->sum_of[id] : -1;
    if (sum >= 0)
        a->checksums[sum][p->transport_checksum % SUM_KINDS]++;
}

static void count_faults(struct account *a, const struct wt_packet *p)
{
    if (p->flags & WT_PACKET_MALFORMED) {
        a->malformed_frames++;
        for (unsigned i = 0; i < p->layer_count; i++)
            if (p->layers[i].cut == WT_CUT_BY_SENDER && p->layers[i].dissector < WT_MAX_DISSECTORS)
                a->malformed_by[p->layers[i].dissector]++;
    }
    a->truncated_frames += p->frame.captured_len < p->frame.wire_len;
    a->too_deep += (p->flags & WT_PACKET_TOO_DEEP) != 0;
}

void account_packet(struct account *a, const struct wt_packet *p, int stream_dissector)
{
    a->frames++;
    a->bytes += p->frame.wire_len;
    struct path_shape *s = shape_of(a, p, stream_dissector);
    s->frames++;
    s->bytes += p->frame.wire_len;
    a->unknown_frames += p->layer_count == 0 && stream_dissector < 0;
    count_checksums(a, p);
    if (p->flags & (WT_PACKET_MALFORMED | WT_PACKET_TRUNCATED | WT_PACKET_TOO_DEEP)
        || p->frame.captured_len < p->frame.wire_len)
        count_faults(a, p);
}

static uint16_t child_path(struct wt_account *into, uint16_t parent, uint8_t dissector)
{
    for (unsigned i = 0; i < into->path_count; i++)
        if (into->paths[i].parent == parent && into->paths[i].dissector == dissector)
            return (uint16_t)i;
    if (into->path_count == WT_MAX_PATHS)
        return UINT16_MAX;
    into->paths[into->path_count] = (struct wt_path){ .parent = parent, .dissector = dissector };
    return (uint16_t)into->path_count++;
}

static void merge_shape(struct wt_account *into, const struct path_shape *s)
{
    uint16_t at = UINT16_MAX;
    for (unsigned i = 0; i < s->depth; i++) {
        uint16_t child = child_path(into, at, s->dissector[i]);
        if (child == UINT16_MAX)
            return;
        into->paths[child].frames += s->frames;
        into->paths[child].bytes += s->bytes;
        at = child;
    }
}

void account_merge(struct wt_account *into, const struct account *a)
{
    into->frames += a->frames;
    into->bytes += a->bytes;
    into->malformed_frames += a->malformed_frames;
    into->truncated_frames += a->truncated_frames;
    into->too_deep += a->too_deep;
    into->unknown_frames += a->unknown_frames;
    for (unsigned i = 0; i < WT_MAX_DISSECTORS; i++)
        into->malformed_by[i] += a->malformed_by[i];
    for (unsigned i = 0; i < 5; i++)
        for (unsigned k = 0; k < WT_CKSUM_KINDS; k++)
            into->checksums[i].by[k] += a->checksums[i][k];
    for (unsigned i = 0; i < a->shape_count; i++)
        merge_shape(into, &a->shapes[i]);
}

#include "report/summary.h"

#include <stdlib.h>
#include <string.h>

#include "report/summary_parts.h"

/* A row that is evicted takes its part of all lists with it; ranks are totals. */
static const struct top_shape host_shape = {
    sizeof(struct host_key), HOST_COUNTERS, HOST_BYTES, UINT64_C(3) << HOST_RETRANSMITTING_FRAME };
static const struct top_shape pair_shape = { sizeof(struct pair_key), PAIR_COUNTERS, PAIR_BYTES, 0 };
static const struct top_shape port_shape = { sizeof(struct port_key), PORT_COUNTERS, PORT_BYTES, 0 };
static const struct top_shape server_shape = {
    sizeof(struct server_key), SERVER_COUNTERS, SERVER_CONNECTIONS, UINT64_C(0x3f) << SERVER_REFUSED_FRAME };
static const struct top_shape number_shape = { sizeof(struct number_key), 1, 0, 0 };
static const struct top_shape dns_server_shape = {
    sizeof(struct server_key), DNS_SERVER_COUNTERS, DNS_SERVER_QUERIES, UINT64_C(7) << DNS_SERVER_UNANSWERED_FRAME };
static const struct top_shape http_server_shape = {
    sizeof(struct server_key), HTTP_SERVER_COUNTERS, HTTP_SERVER_EXCHANGES, UINT64_C(15) << HTTP_SERVER_5XX_FRAME };

_Static_assert(HOST_COUNTERS <= QUEUE_COUNTERS && SERVER_COUNTERS <= QUEUE_COUNTERS && PAIR_COUNTERS <= QUEUE_COUNTERS
               && DNS_SERVER_COUNTERS <= QUEUE_COUNTERS && HTTP_SERVER_COUNTERS <= QUEUE_COUNTERS, "room in the queue");
_Static_assert(sizeof(struct pair_key) <= QUEUE_KEY_BYTES && sizeof(struct host_key) <= QUEUE_KEY_BYTES
               && sizeof(struct server_key) <= QUEUE_KEY_BYTES, "room in the queue");

/* Each pair of these must be walked by init, merge and free alike. */
#define HISTOGRAMS(X) \
    X(tcp.handshake) X(tcp.handshake_server) X(tcp.handshake_client) X(tcp.duration) X(dns.time) X(http.first_byte) \
    X(http.total)
#define WORSTS(X) \
    X(tcp.slow_handshakes) X(tcp.retransmitting) X(tcp.troubled) X(dns.slowest) X(dns.problems) X(http.slowest) \
    X(http.errors)
#define SHARDED(X) \
    X(hosts, host_shape) X(pairs, pair_shape) X(servers, server_shape) X(dns.servers, dns_server_shape) \
    X(http.servers, http_server_shape)
#define PLAIN(X) \
    X(ports, port_shape) X(dns.types, number_shape) X(dns.rcodes, number_shape) X(http.statuses, number_shape)

struct summary *summary_new(const struct wt_config *config, unsigned top, uint64_t seed)
{
    struct summary *s = calloc(1, sizeof *s);
    if (!s)
        return NULL;
    s->top = top;
    s->seed = seed;
    s->name_limit = config->value[WT_MAX_NAMES];
    bool ok = true;
#define X(member) ok &= worst_init(&s->member, top) == 0;
    WORSTS(X)
#undef X
#define X(member) histogram_init(&s->member);
    HISTOGRAMS(X)
#undef X
    uint64_t hosts = config->value[WT_MAX_HOSTS];
#define X(member, shape) top_shards_init(&s->member, shape, hosts, seed);
    SHARDED(X)
#undef X
#define X(member, shape) top_init(&s->member, shape, 0, seed);
    PLAIN(X)
#undef X
    time_waits_init(&s->time_waits, config->value[WT_MAX_TIME_WAIT_EVENTS]);
    rate_init(&s->rate);
    numbers_init(&s->numbers);
    s->names = names_new((size_t)s->name_limit);
    if (ok && s->names)
        return s;
    summary_free(s);
    return NULL;
}

void summary_free(struct summary *s)
{
    if (!s)
        return;
#define X(member) worst_done(&s->member);
    WORSTS(X)
#undef X
#define X(member) histogram_done(&s->member);
    HISTOGRAMS(X)
#undef X
#define X(member, shape) top_shards_done(&s->member);
    SHARDED(X)
#undef X
#define X(member, shape) top_done(&s->member);
    PLAIN(X)
#undef X
    time_waits_done(&s->time_waits);
    numbers_done(&s->numbers);
    names_free(s->names);
    free(s);
}

void summary_count_name(struct summary *s, struct named_count *list, unsigned most, const char *name, uint64_t bytes)
{
    for (unsigned i = 0; i < most; i++) {
        if (list[i].name[0] == '\0') {
            size_t n = strlen(name);
            memcpy(list[i].name, name, n < sizeof list[i].name ? n : sizeof list[i].name - 1);
        } else if (list[i].name[0] != name[0] || strncmp(list[i].name, name, sizeof list[i].name - 1) != 0) {
            continue;
        }
        list[i].count++;
        list[i].bytes += bytes;
        return;
    }
    s->lost++;
}

static void merge_names(struct summary *s, struct named_count *into, const struct named_count *from, unsigned most)
{
    for (unsigned i = 0; i < most && from[i].name[0]; i++) {
        unsigned at = 0;
        while (at < most && into[at].name[0] && strcmp(into[at].name, from[i].name) != 0)
            at++;
        if (at == most) {
            s->lost += from[i].count;
            continue;
        }
        memcpy(into[at].name, from[i].name, sizeof into[at].name);
        into[at].count += from[i].count;
        into[at].bytes += from[i].bytes;
    }
}

static int compare_names(const void *a, const void *b)
{
    const struct named_count *x = a, *y = b;
    if (x->count != y->count)
        return x->count > y->count ? -1 : 1;
    return strcmp(x->name, y->name);
}

void summary_sort(struct summary *s)
{
    qsort(s->tcp.states, SUMMARY_STATES, sizeof s->tcp.states[0], compare_names);    /* empty ones go last */
    qsort(s->services, SUMMARY_SERVICES, sizeof s->services[0], compare_names);
}

static void add_list(uint64_t *into, const uint64_t *from, size_t n)
{
    for (size_t i = 0; i < n; i++)
        into[i] += from[i];
}

/* All members from `first` to `last` are counters, one after the other. */
#define ADD_COUNTERS(into, from, strct, first, last) \
    add_list(&(into)->first, &(from)->first, (offsetof(strct, last) - offsetof(strct, first)) / 8 + 1)

static void merge_counters(struct summary *into, const struct summary *from)
{
    struct tcp_sums *t = &into->tcp;
    const struct tcp_sums *ft = &from->tcp;
    ADD_COUNTERS(t, ft, struct tcp_sums, connections, partial);
    add_list(t->outcomes, ft->outcomes, WT_OUTCOMES);
    add_list(t->closes, ft->closes, WT_CLOSE_KINDS);
    add_list(t->closed_by, ft->closed_by, 2);
    add_list(t->reset_by, ft->reset_by, 2);
    ADD_COUNTERS(t, ft, struct tcp_sums, resets_in_answer_to_data, syn_retried);
    struct other_sums *other[] = { &into->udp, &into->icmp, &into->other };
    const struct other_sums *from_other[] = { &from->udp, &from->icmp, &from->other };
    for (unsigned i = 0; i < 3; i++) {
        other[i]->conversations += from_other[i]->conversations;
        other[i]->bytes += from_other[i]->bytes;
        add_list(other[i]->outcomes, from_other[i]->outcomes, WT_OUTCOMES);
    }
    ADD_COUNTERS(&into->dns, &from->dns, struct dns_sums, transactions, failures);
    uint64_t deepest = into->http.deepest > from->http.deepest ? into->http.deepest : from->http.deepest;
    ADD_COUNTERS(&into->http, &from->http, struct http_sums, exchanges, deepest);
    into->http.deepest = deepest;
    add_list(into->http.classes, from->http.classes, 6);
}

void summary_settle(struct summary *s)
{
    top_queue_flush(&s->queue);
    name_queue_flush(&s->name_queue, s->names);
    s->lost += s->name_queue.lost;
    s->name_queue.lost = 0;
}

void summary_merge(struct summary *into, struct summary *from)
{
    summary_settle(into);
    summary_settle(from);
    merge_counters(into, from);
    merge_names(into, into->tcp.states, from->tcp.states, SUMMARY_STATES);
    merge_names(into, into->services, from->services, SUMMARY_SERVICES);
    for (unsigned i = 0; i < SUMMARY_METHODS; i++)
        into->http.methods[i].count += from->http.methods[i].count;
#define X(member) worst_merge(&into->member, &from->member);
    WORSTS(X)
#undef X
#define X(member) histogram_merge(&into->member, &from->member);
    HISTOGRAMS(X)
#undef X
#define X(member, shape) summary_merge_shards(&into->member, &from->member);
    SHARDED(X)
#undef X
#define X(member, shape) top_merge(&into->member, &from->member);
    PLAIN(X)
#undef X
    time_waits_merge(&into->time_waits, &from->time_waits);
    rate_merge(&into->rate, &from->rate);
    numbers_merge(&into->numbers, &from->numbers);
    names_merge(into->names, from->names);
    into->lost += from->lost;
}

/* A shard belongs to one worker: its table goes over as it is. */
void summary_merge_shards(struct top_shards *into, struct top_shards *from)
{
    for (unsigned shard = 0; shard < TOP_SHARDS; shard++) {
        struct top *t = from->shards[shard];
        if (!t)
            continue;
        if (!into->shards[shard]) {
            into->shards[shard] = t;
            from->shards[shard] = NULL;
            continue;
        }
        for (uint32_t row = 0; row < t->count; row++)
            top_shards_add(into, shard, top_key(t, row), top_counters(t, row));
        if (into->shards[shard]) {
            into->shards[shard]->evicted += t->evicted;
            if (t->evicted_most > into->shards[shard]->evicted_most)
                into->shards[shard]->evicted_most = t->evicted_most;
        }
    }
    into->lost += from->lost;
}

static uint64_t evicted(const struct top_shards *t)
{
    uint64_t sum = 0;
    for (unsigned shard = 0; shard < TOP_SHARDS; shard++)
        sum += t->shards[shard] ? t->shards[shard]->evicted : 0;
    return sum;
}

void summary_limits(const struct summary *s, struct wt_limit_hits *hits)
{
#define X(member, shape) hits->count[WT_MAX_HOSTS] += evicted(&s->member);
    SHARDED(X)
#undef X
    hits->count[WT_MAX_NAMES] += names_forgotten(s->names);
    hits->count[WT_MAX_TIME_WAIT_EVENTS] += s->time_waits.left_out;
}

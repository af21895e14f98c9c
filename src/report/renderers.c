#include "report/renderer.h"

#include <string.h>

const struct renderer *const renderers[] = { &renderer_text, &renderer_json };
const size_t renderer_count = sizeof renderers / sizeof renderers[0];

const struct renderer *renderer_find(const char *name)
{
    for (size_t i = 0; i < renderer_count; i++)
        if (strcmp(renderers[i]->name, name) == 0)
            return renderers[i];
    return NULL;
}

/* Before: more bytes; then more frames; then the dissector's place, which no two siblings share. */
static bool before(const struct wt_path *a, const struct wt_path *b)
{
    if (a->bytes != b->bytes)
        return a->bytes > b->bytes;
    return a->frames != b->frames ? a->frames > b->frames : a->dissector < b->dissector;
}

/* Depth is bounded by the layers of a packet, and each path is entered once. */
static void order_children(const struct wt_account *a, unsigned parent, unsigned depth, bool *done,
                           struct path_order *order)
{
    unsigned count = a->path_count < WT_MAX_PATHS ? a->path_count : WT_MAX_PATHS;
    while (depth <= WT_MAX_LAYERS + 4) {
        unsigned best = WT_MAX_PATHS;
        for (unsigned i = 0; i < count; i++)
            if (!done[i] && a->paths[i].parent == parent
                && (best == WT_MAX_PATHS || before(&a->paths[i], &a->paths[best])))
                best = i;
        if (best == WT_MAX_PATHS)
            return;
        done[best] = true;
        order->list[order->count].path = (uint16_t)best;
        order->list[order->count++].depth = (uint16_t)depth;
        order_children(a, best, depth + 1, done, order);
    }
}

void paths_order(const struct wt_account *account, struct path_order *ret_order)
{
    bool done[WT_MAX_PATHS] = { false };
    ret_order->count = 0;
    order_children(account, UINT16_MAX, 0, done, ret_order);
}

void report_init(struct report *r, const struct wt_account *account, struct summary *summary,
                const struct wt_source_options *source, const struct wt_config *config, bool names)
{
    memset(r, 0, sizeof *r);
    r->account = account;
    r->summary = summary;
    r->source = source;
    r->config = config;
    r->names = names ? summary->names : NULL;
    r->top = summary->top;
    summary_settle(summary);
    summary_sort(summary);
    paths_order(account, &r->paths);
    struct { struct top *into; struct top_shards *from; } tables[] = {
        { &r->hosts, &summary->hosts },           { &r->pairs, &summary->pairs },
        { &r->servers, &summary->servers },       { &r->dns_servers, &summary->dns.servers },
        { &r->http_servers, &summary->http.servers },
    };
    for (unsigned i = 0; i < sizeof tables / sizeof tables[0]; i++) {
        top_init(tables[i].into, tables[i].from->shape, 0, summary->seed);
        top_shards_collect(tables[i].into, tables[i].from, true);
    }
    int64_t last_ns = account->source.last_ns;
    r->host_peak_count = time_waits_peaks(&summary->time_waits, false, last_ns, r->host_peaks, r->top);
    r->towards_peak_count = time_waits_peaks(&summary->time_waits, true, last_ns, r->towards_peaks, r->top);
    findings_find(r, &r->findings);
}

void report_done(struct report *r)
{
    top_done(&r->hosts);
    top_done(&r->pairs);
    top_done(&r->servers);
    top_done(&r->dns_servers);
    top_done(&r->http_servers);
}

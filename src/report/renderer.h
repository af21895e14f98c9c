/* What the report renders, and the ways to render it. A way is one row in renderers.c. */
#ifndef REPORT_RENDERER_H
#define REPORT_RENDERER_H

#include <stdbool.h>
#include <stdio.h>

#include "report/style.h"
#include "report/summary.h"
#include "report/summary_findings.h"
#include "wiretale/engine.h"

/* The protocol hierarchy, parents before children, siblings by bytes. */
struct path_order {
    unsigned count;
    struct {
        uint16_t path;
        uint16_t depth;
    } list[WT_MAX_PATHS];
};
void paths_order(const struct wt_account *account, struct path_order *ret_order);

/* All that is known when the input has ended. Built by report_init() from the merged summary, whose lists go over. */
struct report {
    const struct wt_account *account;              /* borrowed */
    struct summary *summary;                       /* borrowed; reading numbers and percentiles sorts inside */
    const struct wt_source_options *source;        /* borrowed */
    const struct wt_config *config;                /* borrowed */
    const struct names *names;                     /* borrowed; NULL: show none */
    struct top hosts, pairs, servers, dns_servers, http_servers;    /* all shards together */
    struct findings findings;
    struct time_wait_peak host_peaks[WORST_MOST], towards_peaks[WORST_MOST];    /* worst first */
    size_t host_peak_count, towards_peak_count;
    struct path_order paths;
    unsigned top;
};

void report_init(struct report *r, const struct wt_account *account, struct summary *summary,
                const struct wt_source_options *source, const struct wt_config *config, bool names);
void report_done(struct report *r);

struct renderer {
    const char *name;          /* of -T */
    const char *meaning;
    void (*report)(struct report *r, const struct page *page);
};

extern const struct renderer *const renderers[];
extern const size_t renderer_count;
const struct renderer *renderer_find(const char *name);    /* NULL: none */

extern const struct renderer renderer_text, renderer_json;

#endif

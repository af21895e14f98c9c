#include <stdlib.h>
#include <string.h>
#include <sys/random.h>

#include "base/i18n.h"
#include "cli/commands.h"
#include "cli/input_copy.h"
#include "cli/output.h"
#include "cli/resolve.h"
#include "cli/run.h"
#include "report/preselect.h"
#include "report/renderer.h"
#include "wiretale/filter.h"

#define WORKERS_MOST 64
#define TOP_DEFAULT 10

struct report_run {
    const struct options *o;
    const struct options *told;               /* where a copy of the input is read: what the user named */
    const struct input_copy *copy;            /* or NULL */
    uint64_t seed;
    struct summary *workers[WORKERS_MOST];    /* owned */
    unsigned count;
    bool starved;
    struct run reading;
    struct wt_engine *engine;                 /* owned; opened, not run yet */
};

static void *open_worker(void *client, unsigned worker)
{
    struct report_run *run = client;
    struct summary *s = worker < WORKERS_MOST
        ? summary_new(&run->o->engine.config, run->o->top ? run->o->top : TOP_DEFAULT, run->seed) : NULL;
    if (s)
        run->workers[run->count++] = s;
    else
        run->starved = true;
    return s;
}

static void on_connection(void *worker, const struct wt_connection *c)
{
    if (worker)
        summary_connection(worker, c);
}

static void on_message(void *worker, const struct wt_message *m)
{
    if (worker)
        summary_message(worker, m);
}

static void on_frames(void *worker, const struct wt_frame *frames, unsigned n)
{
    if (worker)
        summary_frames(worker, frames, n);
}

/* -N: the hosts that the lists will show. */
static void resolve_hosts(struct summary *s)
{
    struct resolver r;
    if (resolver_init(&r, s->names) < 0)
        return;
    struct top hosts;
    top_init(&hosts, s->hosts.shape, 0, s->seed);
    top_shards_collect(&hosts, &s->hosts, false);
    uint32_t rows[WORST_MOST * 2];
    size_t n = top_best(&hosts, HOST_BYTES, rows, 2 * (size_t)s->top);
    for (size_t i = 0; i < n; i++) {
        const struct host_key *key = top_key(&hosts, rows[i]);
        resolver_ask(&r, key->family, key->address);
    }
    top_done(&hosts);
    resolver_done(&r);
}

static int render(const struct options *o, struct report_run *run, struct wt_account *account)
{
    const struct renderer *renderer = renderer_find(o->format ? o->format : "text");
    struct summary *sum = run->workers[0];
    summary_settle(sum);
    for (unsigned i = 1; i < run->count; i++) {
        summary_merge(sum, run->workers[i]);
        summary_free(run->workers[i]);
        run->workers[i] = NULL;
    }
    summary_limits(sum, &account->limits);
    if (o->resolve)
        resolve_hosts(sum);
    struct report *report = malloc(sizeof *report);
    struct output out;
    if (!report) {
        complain("not enough memory for the report");
        return STATUS_INPUT;
    }
    if (output_open(&out, o)) {
        free(report);
        return STATUS_INPUT;
    }
    struct page page;
    page_init(&page, out.to, o->colour, o->wide ? 10000 : 0);
    report_init(report, account, sum, &run->told->engine.source, &o->engine.config, !o->numeric);
    renderer->report(report, &page);
    report_done(report);
    free(report);
    return output_close(&out, STATUS_DONE);
}

/* Opens its inputs; run_read() reads them. */
static int run_begin(struct report_run *run, const struct options *o)
{
    const struct report_run asked = *run;
    *run = (struct report_run){ .o = o, .told = asked.told ? asked.told : o, .copy = asked.copy };
    if (getrandom(&run->seed, sizeof run->seed, 0) != (ssize_t)sizeof run->seed)
        run->seed = (uint64_t)(uintptr_t)run;    /* only keys a hash */
    run->reading.client = (struct wt_client){ .client = run, .worker_open = open_worker, .connection = on_connection,
                                              .message = on_message, .frames = on_frames };
    return run_open(o, &run->reading, &run->engine);
}

/* What was lost was lost when the copy was made. */
static void tell_losses(struct wt_source_stats *to, const struct wt_source_stats *copied)
{
    to->kernel_received = copied->kernel_received;
    to->kernel_drops = copied->kernel_drops;
    to->ring_drops = copied->ring_drops == WT_UNKNOWN ? 0 : copied->ring_drops;    /* a copy is made without a ring */
    to->kernel_left = copied->kernel_left;
    to->interface_drops = copied->interface_drops;
    to->softnet_drops = copied->softnet_drops;
}

static int run_read(struct report_run *run)
{
    struct wt_account *account = calloc(1, sizeof *account);
    int status = STATUS_INPUT;
    if (account) {
        status = run_opened(run->o, &run->reading, run->engine, account);
        run->engine = NULL;
        if (run->copy)
            tell_losses(&account->source, &run->copy->result.source);
    } else {
        complain("not enough memory");
    }
    if (status == STATUS_DONE && (run->starved || run->count == 0)) {
        complain("not enough memory for the report");
        status = STATUS_INPUT;
    } else if (status == STATUS_DONE) {
        status = render(run->o, run, account);
        if (status == STATUS_DONE)
            status = run_finish(run->o, account);
    }
    free(account);
    return status;
}

static void run_done(struct report_run *run)
{
    wt_engine_free(run->engine);
    for (unsigned i = 0; i < run->count; i++)
        summary_free(run->workers[i]);
}

static int report_of(const struct options *o)
{
    struct report_run run = { .o = o };
    int status = run_begin(&run, o);
    if (status == STATUS_DONE)
        status = run_read(&run);
    run_done(&run);
    return status;
}

/* -Y: a first pass finds what is reported on, the report takes only that. told: what the user named as input. */
static int filtered_report(const struct options *o, const struct options *told, const struct input_copy *copy, const struct wt_filter *filter)
{
    struct wt_error err = { 0 };
    struct preselect *chosen = preselect_new(filter, &err);
    struct wt_account *account = calloc(1, sizeof *account);
    struct options second = *o;
    struct run first = { .workers = 1, .keep_stream_layers = true, .tcp_analysis = true };
    struct wt_engine *engine = NULL;
    struct report_run report = { .o = o, .told = told, .copy = copy };
    int status = STATUS_INPUT;
    if (!chosen || !account) {
        complain("%s", err.text[0] ? err.text : "not enough memory");
    } else {
        second.engine.source.admit = preselect_admits;
        second.engine.source.admit_to = chosen;
        preselect_client(chosen, &first.client);
        status = run_open(o, &first, &engine);
        if (status == STATUS_DONE && (status = run_begin(&report, &second)) != STATUS_DONE)
            wt_engine_free(engine);
    }
    if (status == STATUS_DONE)
        status = run_opened(o, &first, engine, account);
    if (status == STATUS_DONE && preselect_finish(chosen, &err) < 0) {
        complain("%s", err.text);
        status = STATUS_INPUT;
    }
    if (status == STATUS_DONE) {
        if (!preselect_frames(chosen))
            remark(o, "no packet and no connection passes the filter");
        status = run_read(&report);
    }
    run_done(&report);
    preselect_free(chosen);
    free(account);
    return status;
}

static int filtered_copy(const struct options *o, const struct wt_filter *filter)
{
    struct options second = *o;
    struct input_copy *copy = calloc(1, sizeof *copy);
    if (!copy) {
        complain("not enough memory");
        return STATUS_INPUT;
    }
    int status = input_copy_make(copy, o, &second);
    if (status == STATUS_DONE)
        status = filtered_report(&second, o, copy, filter);
    input_copy_done(copy);
    free(copy);
    return status;
}

static int report_run(const struct options *o)
{
    struct wt_filter *filter;
    if (o->format && !renderer_find(o->format)) {
        complain("`report` has no format '%s': text or json", o->format);
        return STATUS_USAGE;
    }
    int status = one_sided_filter(o, &filter);
    if (status == STATUS_DONE)
        status = !filter ? report_of(o) : input_read_once(o) ? filtered_copy(o, filter) : filtered_report(o, o, NULL, filter);
    wt_filter_free(filter);
    return status;
}

const struct command cmd_report = {
    .name = "report",
    .arguments = "[OPTION...] FILE... | -i INTERFACE",
    .summary = N_("what the capture holds and what is wrong in it"),
    .description =
        N_("Reads all of the input and prints one report: what stands out, protocols, hosts, TCP connections by outcome, "
        "handshake times, TIME-WAIT, checksums, DNS and HTTP. With -i it reports when it is stopped by Ctrl-C or -a.\n"
        "\n"
        "Numbers behind a finding name the connection or packet that shows it: `wiretale timeline FILE --conn N` prints "
        "that connection."),
    .examples = "  wiretale report capture.pcapng\n"
                "  wiretale report --json capture.pcapng | jq .tcp.handshake\n"
                "  wiretale report -i eth0 -a duration:60\n",
    .bit = FOR_REPORT,
    .run = report_run,
};

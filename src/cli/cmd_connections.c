#include <errno.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/i18n.h"
#include "cli/commands.h"
#include "cli/output.h"
#include "cli/resolve.h"
#include "cli/run.h"
#include "report/connections.h"
#include "report/store.h"
#include "report/store_pack.h"
#include "report/summary_numbers.h"
#include "wiretale/filter.h"

#define WORKERS_MOST 64
#define STORE_BYTES (24u << 20)    /* all workers together; then a temporary file */

/* A record as it is stored: its service by value, since sessions' strings need not outlive their worker. */
struct stored {
    struct wt_connection connection;
    char service[24];
};

struct connections_run;

struct worker {
    struct connections_run *run;
    struct store *store;             /* owned; files */
    struct names *names;             /* owned */
    struct numbers numbers, tcp_numbers;
    struct wt_error err;
    uint64_t names_lost;
};

struct connections_run {
    const struct options *o;
    struct worker *workers[WORKERS_MOST];    /* owned */
    unsigned count;
    bool starved, live;
    struct output out;
    struct page page;
    struct connections_page table;   /* live: used by the only worker */
    struct wt_filter *filter;        /* owned; -Y, or NULL */
    struct wt_filter_matcher *matcher;    /* owned; used by one thread: where lines are printed, or where packets come */
    bool over_packets;               /* it speaks of packets: connections in which one passes */
    struct resolver resolver;        /* -N, on files; asked NULL: off */
    bool table_begun;
};

static struct worker *worker_new(struct connections_run *run)
{
    struct worker *w = calloc(1, sizeof *w);
    if (!w)
        return NULL;
    w->run = run;
    numbers_init(&w->numbers);
    numbers_init(&w->tcp_numbers);
    w->names = names_new((size_t)run->o->engine.config.value[WT_MAX_NAMES]);
    w->store = run->live ? NULL : store_new(STORE_BYTES / (run->o->engine.workers ? run->o->engine.workers : 2));
    if (w->names && (w->store || run->live))
        return w;
    names_free(w->names);
    store_free(w->store);
    free(w);
    return NULL;
}

static void worker_free(struct worker *w)
{
    numbers_done(&w->numbers);
    numbers_done(&w->tcp_numbers);
    names_free(w->names);
    store_free(w->store);
    free(w);
}

static void *open_worker(void *client, unsigned worker)
{
    struct connections_run *run = client;
    struct worker *w = worker < WORKERS_MOST ? worker_new(run) : NULL;
    if (w)
        run->workers[run->count++] = w;
    else
        run->starved = true;
    return w;
}

/* -Y over packets: the connection's slot remembers that one passed. */
static void on_packet(void *worker, const struct wt_packet_view *view)
{
    struct worker *w = worker;
    if (w && view->client && !*view->client && wt_filter_match_packet(w->run->matcher, view))
        *view->client = w;
}

static void on_message(void *worker, const struct wt_message *m)
{
    struct worker *w = worker;
    if (w && m->kind == WT_MESSAGE_NAME && names_add(w->names, m->name) < 0)
        w->names_lost++;
}

static bool wanted_protocol(const struct options *o, unsigned protocol)
{
    if (!o->tcp_only && !o->udp_only)
        return true;
    return (o->tcp_only && protocol == IPPROTO_TCP) || (o->udp_only && protocol == IPPROTO_UDP);
}

/* -Y. The moment of a connection is not known here: its address's last name will do. */
static const char *name_for_filter(void *names, unsigned family, const uint8_t *address)
{
    return names_find(names, family, address, INT64_MAX);
}

static int filter_begin(struct connections_run *run)
{
    int status = one_sided_filter(run->o, &run->filter);
    if (status || !run->filter)
        return status;
    run->over_packets = !(wt_filter_uses(run->filter) & WT_FILTER_CONNECTIONS);
    run->matcher = wt_filter_matcher_new(run->filter);
    if (run->matcher)
        return STATUS_DONE;
    complain("not enough memory for the filter");
    return STATUS_INPUT;
}

static bool filtered_out(struct connections_run *run, const struct wt_connection *c, struct names *names)
{
    if (!run->matcher || run->over_packets)
        return false;
    wt_filter_matcher_names(run->matcher, name_for_filter, names);
    return !wt_filter_match_connection(run->matcher, c);
}

/* A connection has closed: printed at once. */
static void print_live(struct worker *w, const struct wt_connection *c)
{
    struct connections_run *run = w->run;
    const struct names *names = run->o->numeric ? NULL : w->names;
    if (!select_connection(&run->o->selection, c, w->names) || !wanted_protocol(run->o, c->protocol)
        || filtered_out(run, c, w->names))
        return;
    if (run->o->json) {
        connections_json(run->out.to, c, names);
    } else {
        if (!run->table_begun)
            connections_begin(&run->table, &run->page, names, c->start_ns, 0, run->o->wide, true);
        run->table_begun = true;
        connections_add(&run->table, c);
    }
    fflush(run->out.to);
    if (!output_good(&run->out))
        run_stop();
}

/* What can be said without numbers and names, which are known at the end: spares the store. */
static bool may_be_selected(const struct selection *s, const struct wt_connection *c)
{
    struct selection part = *s;
    part.number_count = part.name_count = 0;
    return select_connection(&part, c, NULL);
}

static void on_connection(void *worker, const struct wt_connection *c)
{
    struct worker *w = worker;
    if (!w)
        return;
    bool left_out = w->run->over_packets && c->client != w;
    if (w->run->live) {
        if (!left_out)
            print_live(w, c);
        return;
    }
    numbers_add(&w->numbers, c->first_frame);
    if (c->protocol == IPPROTO_TCP)
        numbers_add(&w->tcp_numbers, c->first_frame);
    if (left_out || !wanted_protocol(w->run->o, c->protocol)
        || (!select_everything(&w->run->o->selection) && !may_be_selected(&w->run->o->selection, c)))
        return;
    struct stored stored;
    memset(&stored, 0, sizeof stored);
    stored.connection = *c;
    if (c->service)
        memcpy(stored.service, c->service, strnlen(c->service, sizeof stored.service - 1));
    uint8_t packed[STORE_PACKED_MOST(sizeof stored)];
    size_t len = store_pack(&stored, sizeof stored, packed);
    if (store_add(w->store, c->first_frame, packed, len, w->err.code ? NULL : &w->err) < 0)
        run_stop();
}

static int print_stored(void *to, uint64_t order, const void *bytes, size_t len)
{
    struct connections_run *run = to;
    struct worker *all = run->workers[0];
    struct stored stored;
    struct wt_connection *c = &stored.connection;
    if (store_unpack(bytes, len, &stored, sizeof stored) < 0)
        return -EBADMSG;
    stored.service[sizeof stored.service - 1] = '\0';
    c->service = stored.service;
    c->client = NULL;
    if (!c->number)
        c->number = numbers_of(&all->numbers, order);
    uint64_t tcp = c->protocol == IPPROTO_TCP ? numbers_of(&all->tcp_numbers, order) : 0;
    c->stream = tcp ? (uint32_t)(tcp - 1) : UINT32_MAX;
    if (!select_connection(&run->o->selection, c, all->names) || filtered_out(run, c, all->names))
        return 0;
    for (unsigned side = 0; side < 2 && run->resolver.asked; side++)
        resolver_ask(&run->resolver, c->family, c->side[side].address);
    if (run->o->json)
        connections_json(run->out.to, c, run->o->numeric ? NULL : all->names);
    else
        connections_add(&run->table, c);
    return output_good(&run->out) ? 0 : 1;
}

static int print_all(struct connections_run *run, struct wt_account *account)
{
    struct store *stores[WORKERS_MOST];
    struct worker *all = run->workers[0];
    stores[0] = all->store;
    for (unsigned i = 1; i < run->count; i++) {
        struct worker *w = run->workers[i];
        stores[i] = w->store;
        numbers_merge(&all->numbers, &w->numbers);
        numbers_merge(&all->tcp_numbers, &w->tcp_numbers);
        names_merge(all->names, w->names);
        if (w->err.code && !all->err.code)
            all->err = w->err;
    }
    account->limits.count[WT_MAX_NAMES] += names_forgotten(all->names);
    if (!run->o->json) {
        connections_begin(&run->table, &run->page, run->o->numeric ? NULL : all->names, account->source.first_ns,
                          account->connections + account->conversations, run->o->wide, false);
        run->table_begun = true;
    }
    if (run->o->resolve && resolver_init(&run->resolver, all->names) < 0)
        remark(run->o, "not enough memory to ask for names");
    struct wt_error err = { 0 };
    int result = all->err.code ? all->err.code : store_each(stores, run->count, print_stored, run, &err);
    resolver_done(&run->resolver);
    if (result < 0) {
        complain("%s", all->err.code ? all->err.text : err.code ? err.text : "a stored record cannot be read back");
        return STATUS_INPUT;
    }
    return STATUS_DONE;
}

static int run_it(struct connections_run *run, struct wt_account *account)
{
    const struct run engine = {
        .client = { .client = run, .worker_open = open_worker, .connection = on_connection, .message = on_message,
                    .packet = run->over_packets ? on_packet : NULL },
        .workers = run->live || run->over_packets ? 1 : 0, .keep_stream_layers = run->over_packets, .tcp_analysis = run->over_packets,
        .streams = run->live,
    };
    int status = run_engine(run->o, &engine, account);
    if (status == STATUS_DONE && (run->starved || run->count == 0)) {
        complain("not enough memory");
        status = STATUS_INPUT;
    }
    if (status == STATUS_DONE && !run->live)
        status = print_all(run, account);
    if (run->table_begun)
        connections_end(&run->table);
    for (unsigned i = 0; i < run->count; i++)
        worker_free(run->workers[i]);
    return status;
}

static int connections_run(const struct options *o)
{
    if (o->format && strcmp(o->format, "text") != 0 && !o->json) {
        complain("`connections` has no format '%s': text or json", o->format);
        return STATUS_USAGE;
    }
    struct connections_run *run = calloc(1, sizeof *run);
    struct wt_account *account = calloc(1, sizeof *account);
    int status = STATUS_INPUT;
    if (!run || !account) {
        complain("not enough memory");
    } else {
        run->o = o;
        run->live = options_live(o) || o->engine.source.follow;
        status = filter_begin(run);
        if (status == STATUS_DONE)
            status = output_open(&run->out, o);
    }
    if (status == STATUS_DONE) {
        /* In a pipe or a file nothing is cut: for grep and awk. */
        bool whole = o->wide || (!isatty(fileno(run->out.to)) && !getenv("COLUMNS"));
        page_init(&run->page, run->out.to, o->colour, whole ? 10000 : 0);
        status = run_it(run, account);
        status = output_close(&run->out, status);
        if (status == STATUS_DONE)
            status = run_finish(o, account);
    }
    if (run) {
        wt_filter_matcher_free(run->matcher);
        wt_filter_free(run->filter);
    }
    free(run);
    free(account);
    return status;
}

const struct command cmd_connections = {
    .name = "connections",
    .arguments = "[OPTION...] FILE... | -i INTERFACE",
    .summary = N_("one line a connection"),
    .description =
        N_("Every TCP connection and every UDP, ICMP or other conversation that was seen gives one line, however short it "
        "was: number, start, client and server, service, outcome, handshake time, payload bytes each way, "
        "segments sent again, duration, history (Zeek's letters; capitals are the client's) and the name that DNS gave. A "
        "double arrow marks a direction that was guessed. A terminal shows as many columns as fit. With -i each is printed as it ends.\n"
        "\n"
        "--json prints one JSON object a line, described by docs/schema/connection.json."),
    .examples = "  wiretale connections capture.pcapng --port 443\n"
                "  wiretale connections capture.pcapng -Y 'conn.outcome == \"reset\" && conn.duration > 1'\n"
                "  wiretale connections --json capture.pcapng | jq 'select(.outcome == \"refused\")'\n"
                "  wiretale connections --wide -i eth0\n",
    .bit = FOR_CONNECTIONS,
    .run = connections_run,
};

#include "report/graph.h"

#include <stdlib.h>
#include <string.h>

#include "base/i18n.h"
#include "report/graph_rate.h"
#include "report/names.h"
#include "report/text_units.h"

#define SERIES_MOST 6

struct direction {              /* data of one side, and what the other said of it */
    struct plot plot;
    struct plot_series *series[SERIES_MOST];
    struct graph_rate rate;
    bool known;                 /* a sequence number was seen */
    int64_t sequence;           /* the last one, unwrapped */
    int64_t sent_to, acked_to;  /* relative; the highest */
    uint64_t payload_bytes, again_bytes;
    double smooth_s;            /* RFC 6298; below 0: no sample yet */
};

struct graph {
    struct graph_options options;
    struct names *names;
    struct direction side[2];
    struct graph_result result;
    char unwanted;              /* its address marks connections that are not drawn */
    uint8_t family;
    uint8_t address[2][16];
    uint16_t port[2];
    int64_t start_ns, last_ns, handshake_ns;
};

static const struct {
    const char *name, *title, *y_title;
    enum plot_unit y_unit;
} kinds[GRAPH_KINDS] = {
    [GRAPH_STEVENS] = { "stevens", N_("time-sequence (Stevens)"), N_("sequence number"), UNIT_BYTES },
    [GRAPH_TCPTRACE] = { "tcptrace", N_("time-sequence (tcptrace)"), N_("sequence number"), UNIT_BYTES },
    [GRAPH_RTT] = { "rtt", N_("round-trip time"), N_("round-trip time"), UNIT_SECONDS },
    [GRAPH_THROUGHPUT] = { "throughput", N_("throughput"), N_("throughput"), UNIT_BITS_PER_SECOND },
    [GRAPH_WINDOW] = { "window", N_("window and bytes in flight"), N_("bytes"), UNIT_BYTES },
};

/* Places in direction.series, by kind. */
enum { SEQ_WINDOW, SEQ_ACK, SEQ_SACK, SEQ_DATA, SEQ_AGAIN, SEQ_ENDS };
enum { RTT_SAMPLE, RTT_SMOOTH, RTT_HANDSHAKE };
enum { RATE_ALL, RATE_NEW };
enum { WINDOW_ADVERTISED, WINDOW_FLIGHT, WINDOW_ZERO };

int graph_kind_parse(const char *name)
{
    for (int i = 0; i < GRAPH_KINDS; i++)
        if (strcmp(kinds[i].name, name) == 0)
            return i;
    return -1;
}

static void add_series(struct graph *g, struct direction *d, unsigned place, const char *name, enum plot_form form,
                       enum plot_ink ink)
{
    d->series[place] = plot_series(&d->plot, name, form, ink, (size_t)g->options.config->value[WT_MAX_GRAPH_POINTS]);
}

static void direction_init(struct graph *g, struct direction *d)
{
    enum graph_kind kind = g->options.kind;
    plot_init(&d->plot, _("time since the first packet"), UNIT_SECONDS, tr(kinds[kind].y_title), kinds[kind].y_unit);
    d->smooth_s = -1;
    switch (kind) {
    case GRAPH_TCPTRACE:
        add_series(g, d, SEQ_WINDOW, _("receiver's window ends"), PLOT_STEPS, INK_WINDOW);
        add_series(g, d, SEQ_ACK, _("acknowledged"), PLOT_STEPS, INK_ACK);
        add_series(g, d, SEQ_SACK, _("SACK"), PLOT_BARS, INK_SACK);
        add_series(g, d, SEQ_DATA, _("data"), PLOT_BARS, INK_DATA);
        add_series(g, d, SEQ_AGAIN, _("sent again"), PLOT_BARS, INK_AGAIN);
        add_series(g, d, SEQ_ENDS, _("SYN, FIN, RST"), PLOT_DOTS, INK_OTHER);
        break;
    case GRAPH_STEVENS:
        add_series(g, d, SEQ_DATA, _("data"), PLOT_DOTS, INK_DATA);
        add_series(g, d, SEQ_AGAIN, _("sent again"), PLOT_DOTS, INK_AGAIN);
        break;
    case GRAPH_RTT:
        add_series(g, d, RTT_SAMPLE, _("sample (data to its ACK)"), PLOT_DOTS, INK_DATA);
        add_series(g, d, RTT_SMOOTH, _("smoothed (RFC 6298)"), PLOT_LINE, INK_SMOOTH);
        add_series(g, d, RTT_HANDSHAKE, _("handshake"), PLOT_LINE, INK_OTHER);
        break;
    case GRAPH_THROUGHPUT:
        add_series(g, d, RATE_ALL, _("all payload"), PLOT_LINE, INK_AGAIN);
        add_series(g, d, RATE_NEW, _("without what was sent again"), PLOT_LINE, INK_DATA);
        break;
    default:
        add_series(g, d, WINDOW_ADVERTISED, _("receiver's window"), PLOT_STEPS, INK_WINDOW);
        add_series(g, d, WINDOW_FLIGHT, _("in flight"), PLOT_STEPS, INK_DATA);
        add_series(g, d, WINDOW_ZERO, _("zero window"), PLOT_DOTS, INK_TROUBLE);
        break;
    }
}

struct graph *graph_new(const struct graph_options *options)
{
    struct graph *g = calloc(1, sizeof *g);
    if (!g)
        return NULL;
    g->options = *options;
    g->handshake_ns = -1;
    g->names = names_new((size_t)options->config->value[WT_MAX_NAMES]);
    for (unsigned side = 0; side < 2; side++)
        direction_init(g, &g->side[side]);
    if (g->names)
        return g;
    graph_free(g);
    return NULL;
}

void graph_free(struct graph *g)
{
    if (!g)
        return;
    for (unsigned side = 0; side < 2; side++)
        plot_done(&g->side[side].plot);
    names_free(g->names);
    free(g);
}

/* ---- one segment ---- */

/* Relative sequence numbers are 32 bits wide; a long transfer goes round. */
static int64_t unwrap(struct direction *d, uint32_t number)
{
    if (!d->known) {
        d->known = true;
        d->sequence = number;
        return number;
    }
    return d->sequence + (int32_t)(number - (uint32_t)d->sequence);
}

static void add_flight(struct graph *g, struct direction *d, double at)
{
    if (g->options.kind == GRAPH_WINDOW && d->known && d->sent_to >= d->acked_to)
        plot_add(d->series[WINDOW_FLIGHT], at, (double)(d->sent_to - d->acked_to));
}

static void add_data(struct graph *g, struct direction *d, const struct wt_segment *s, double at)
{
    int64_t first = unwrap(d, s->seq), end = first + s->payload_bytes;
    bool again = s->sent_again;
    d->sequence = first;
    d->payload_bytes += s->payload_bytes;
    d->again_bytes += again ? s->payload_bytes : 0;
    switch (g->options.kind) {
    case GRAPH_STEVENS:
        if (s->payload_bytes)
            plot_add(d->series[again ? SEQ_AGAIN : SEQ_DATA], at, (double)first);
        break;
    case GRAPH_TCPTRACE:
        if (s->payload_bytes)
            plot_add_bar(d->series[again ? SEQ_AGAIN : SEQ_DATA], at, (double)first, (double)end);
        else if (s->packet->tcp.flags & (WT_FLAG_SYN | WT_FLAG_FIN | WT_FLAG_RST))
            plot_add(d->series[SEQ_ENDS], at, (double)first);
        break;
    case GRAPH_THROUGHPUT:
        graph_rate_add(&d->rate, s->since_start_ns, s->payload_bytes, again ? 0 : s->payload_bytes);
        break;
    default:
        break;
    }
    if (s->payload_bytes && end > d->sent_to) {
        d->sent_to = end;
        add_flight(g, d, at);
    }
}

static void add_sample(struct direction *d, int64_t rtt_ns, double at)
{
    double sample = (double)rtt_ns / 1e9;
    d->smooth_s = d->smooth_s < 0 ? sample : d->smooth_s * 0.875 + sample * 0.125;
    plot_add(d->series[RTT_SAMPLE], at, sample);
    plot_add(d->series[RTT_SMOOTH], at, d->smooth_s);
}

static void add_sacks(struct direction *d, const struct wt_segment *s, double at)
{
    const struct wt_tcp_summary *tcp = &s->packet->tcp;
    uint32_t base = tcp->ack - s->ack;
    for (unsigned i = 0; i < tcp->sack_count && i < WT_MAX_SACK_BLOCKS; i++) {
        int64_t left = unwrap(d, tcp->sack[i][0] - base);
        uint32_t len = tcp->sack[i][1] - tcp->sack[i][0];
        if (len && len < 1u << 30)
            plot_add_bar(d->series[SEQ_SACK], at, (double)left, (double)(left + len));
    }
}

/* What an acknowledgment says of the other side's data. */
static void add_ack(struct graph *g, struct direction *d, const struct wt_segment *s, double at)
{
    int64_t ack = unwrap(d, s->ack);
    if (s->packet->tcp.flags & WT_FLAG_RST || (s->window_scale == -1 && s->window == 0 && s->did & WT_DID_SYN))
        return;
    switch (g->options.kind) {
    case GRAPH_TCPTRACE:
        plot_add(d->series[SEQ_ACK], at, (double)ack);
        plot_add(d->series[SEQ_WINDOW], at, (double)(ack + s->window));
        add_sacks(d, s, at);
        break;
    case GRAPH_WINDOW:
        plot_add(d->series[WINDOW_ADVERTISED], at, s->window);
        if (s->window == 0)
            plot_add(d->series[WINDOW_ZERO], at, 0);
        break;
    case GRAPH_RTT:
        if (s->rtt_ns >= 0 && !(s->did & WT_DID_HANDSHAKE))
            add_sample(d, s->rtt_ns, at);
        break;
    default:
        break;
    }
    if (ack > d->acked_to) {
        d->acked_to = ack;
        if (ack > d->sent_to)
            d->sent_to = ack;
        add_flight(g, d, at);
    }
}

/* ---- callbacks ---- */

static void begin(struct graph *g, const struct wt_packet_view *view)
{
    const struct wt_segment *s = view->segment;
    size_t len = s->family == 4 ? 4 : 16;
    g->result.connection = view->context->connection;
    g->family = s->family;
    memcpy(g->address[0], s->client_address, len);
    memcpy(g->address[1], s->server_address, len);
    g->port[0] = s->client_port;
    g->port[1] = s->server_port;
    g->start_ns = view->packet->frame.time_ns - s->since_start_ns;
    *view->client = g;
}

static bool is_drawn(struct graph *g, const struct wt_packet_view *view)
{
    const struct wt_segment *s = view->segment;
    if (*view->client)
        return *view->client == g;
    const struct select_subject subject = {
        .number = view->context->connection, .first_frame = view->packet->frame.number, .last_frame = UINT64_MAX,
        .family = s->family, .address = { s->client_address, s->server_address },
        .port = { s->client_port, s->server_port }, .start_ns = view->packet->frame.time_ns,
    };
    *view->client = &g->unwanted;
    if (!select_matches(g->options.selection, &subject, g->names))
        return false;
    if (g->result.connection) {
        g->result.others++;
        return false;
    }
    begin(g, view);
    return true;
}

static void packet(void *worker, const struct wt_packet_view *view)
{
    struct graph *g = worker;
    const struct wt_segment *s = view->segment;
    if (!s || !view->client || view->packet->flags & WT_PACKET_ICMP_ERROR || !is_drawn(g, view))
        return;
    double at = (double)s->since_start_ns / 1e9;
    g->last_ns = s->since_start_ns > g->last_ns ? s->since_start_ns : g->last_ns;
    if (s->initial_rtt_ns > 0)
        g->handshake_ns = s->initial_rtt_ns;
    add_data(g, &g->side[s->side & 1], s, at);
    if (s->packet->tcp.flags & WT_FLAG_ACK)
        add_ack(g, &g->side[!(s->side & 1)], s, at);
}

static void message(void *worker, const struct wt_message *m)
{
    struct graph *g = worker;
    if (m->kind == WT_MESSAGE_NAME)
        names_add(g->names, m->name);
}

static void *worker_open(void *client, unsigned worker)
{
    (void)worker;
    return client;
}

void graph_client(struct graph *g, struct wt_client *ret_client)
{
    *ret_client = (struct wt_client){ .client = g, .worker_open = worker_open, .packet = packet, .message = message };
}

/* ---- the plot ---- */

static void add_endpoint(const struct graph *g, struct wt_text *t, unsigned side)
{
    const char *name = g->options.numeric ? NULL : names_find(g->names, g->family, g->address[side], g->start_ns);
    if (name)
        wt_text_add(t, "%s", name);
    else if (g->family == 6)
        wt_text_add(t, "[");
    if (!name)
        wt_text_add_address(t, g->family, g->address[side]);
    wt_text_add(t, !name && g->family == 6 ? "]:%u" : ":%u", g->port[side]);
}

static void describe(const struct graph *g, struct plot *p, const struct direction *d, unsigned side)
{
    struct wt_text title = { .at = p->title, .capacity = sizeof p->title };
    struct wt_text more = { .at = p->subtitle, .capacity = sizeof p->subtitle };
    wt_text_add(&title, _("Connection %llu: %s"), (unsigned long long)g->result.connection, tr(kinds[g->options.kind].title));
    add_endpoint(g, &more, side);
    wt_text_add(&more, " → ");
    add_endpoint(g, &more, !side);
    char bytes[32] = "", lasted[40] = "", again[32] = "", rtt[40] = "";
    struct wt_text b = { .at = bytes, .capacity = sizeof bytes }, l = { .at = lasted, .capacity = sizeof lasted };
    struct wt_text a = { .at = again, .capacity = sizeof again }, r = { .at = rtt, .capacity = sizeof rtt };
    units_bytes(&b, d->payload_bytes);
    units_duration(&l, g->last_ns);
    wt_text_add(&more, _(", %s in %s"), bytes, lasted);
    if (d->again_bytes) {
        units_bytes(&a, d->again_bytes);
        wt_text_add(&more, _(", %s sent again"), again);
    }
    if (g->handshake_ns > 0) {
        units_duration(&r, g->handshake_ns);
        wt_text_add(&more, _(", handshake RTT %s"), rtt);
    }
}

static bool busier_is_server(const struct graph *g)
{
    return g->side[1].payload_bytes > g->side[0].payload_bytes;
}

const struct plot *graph_finish(struct graph *g, struct graph_result *ret_result)
{
    unsigned side = g->options.side == GRAPH_BUSIER ? busier_is_server(g) : g->options.side == GRAPH_SERVER;
    struct direction *d = &g->side[side];
    describe(g, &d->plot, d, side);
    if (g->options.kind == GRAPH_THROUGHPUT)
        graph_rate_plot(&d->rate, g->last_ns, d->series[RATE_ALL], d->series[RATE_NEW]);
    if (g->options.kind == GRAPH_RTT && g->handshake_ns > 0 && d->series[RTT_SAMPLE]->count) {
        plot_add(d->series[RTT_HANDSHAKE], 0, (double)g->handshake_ns / 1e9);
        plot_add(d->series[RTT_HANDSHAKE], (double)g->last_ns / 1e9, (double)g->handshake_ns / 1e9);
    }
    *ret_result = g->result;
    return &d->plot;
}

/* wiretale graph: plots of one TCP connection, as SVG or with braille dots. */
#include <errno.h>
#include <inttypes.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "base/i18n.h"
#include "cli/commands.h"
#include "cli/output.h"
#include "cli/run.h"
#include "report/graph.h"

#define ROWS 24
#define ROWS_MOST 60

static int choose(const struct options *o, struct graph_options *g)
{
    static const char *const sides[] = { "client", "server", "both" };
    *g = (struct graph_options){ .kind = GRAPH_TCPTRACE, .side = GRAPH_BUSIER, .numeric = o->numeric,
                                 .config = &o->engine.config, .selection = &o->selection };
    if (o->kind) {
        int kind = graph_kind_parse(o->kind);
        if (kind < 0) {
            complain("--kind '%s': expected tcptrace, stevens, rtt, throughput or window", o->kind);
            return STATUS_USAGE;
        }
        g->kind = (enum graph_kind)kind;
    }
    for (unsigned i = 0; o->side && i < 3; i++)
        if (strcmp(o->side, sides[i]) == 0) {
            g->side = (enum graph_side)i;
            return STATUS_DONE;
        }
    if (o->side) {
        complain("--side '%s': expected client or server", o->side);
        return STATUS_USAGE;
    }
    return STATUS_DONE;
}

static unsigned rows(FILE *to)
{
    struct winsize size;
    if (ioctl(fileno(to), TIOCGWINSZ, &size) == 0 && size.ws_row > 4)
        return size.ws_row < ROWS_MOST ? size.ws_row - 1u : ROWS_MOST;
    return ROWS;
}

static int draw(const struct options *o, const struct plot *plot)
{
    struct output output;
    int status = output_open(&output, o);
    if (status != STATUS_DONE)
        return status;
    struct out out;
    out_init(&out, -1);
    if (o->svg) {
        plot_svg(plot, &out);
    } else {
        struct page page;
        page_init(&page, output.to, o->colour, 0);
        plot_braille(plot, &page, page.width, rows(output.to), &out);
    }
    if (fwrite(out.at, 1, out.len, output.to) != out.len && errno != EPIPE)
        status = STATUS_INPUT;
    out_done(&out);
    return output_close(&output, status);
}

static int run_graph(const struct options *o)
{
    struct graph_options options;
    struct graph_result result;
    int status = choose(o, &options);
    if (status != STATUS_DONE)
        return status;
    struct graph *g = graph_new(&options);
    if (!g) {
        complain("not enough memory");
        return STATUS_INPUT;
    }
    struct run run = { .workers = 1 };
    graph_client(g, &run.client);
    struct wt_account account;
    status = run_engine(o, &run, &account);
    if (status == STATUS_DONE) {
        const struct plot *plot = graph_finish(g, &result);
        status = run_finish(o, &account);
        if (!result.connection)
            remark(o, select_everything(&o->selection) ? N_("there is no TCP connection") : N_("no TCP connection matches"));
        else if (plot_empty(plot))
            remark(o, "connection %" PRIu64 " has nothing of that kind to draw in this direction", result.connection);
        else {
            int drawn = draw(o, plot);
            status = drawn != STATUS_DONE ? drawn : status;
        }
        if (result.others && select_everything(&o->selection))
            remark(o, "this is connection %" PRIu64 " of %" PRIu64 ": choose with --conn N", result.connection, result.others + 1);
    }
    graph_free(g);
    return status;
}

const struct command cmd_graph = {
    .name = "graph",
    .arguments = "[OPTION...] [--kind KIND] [--svg FILE] FILE...",
    .summary = N_("sequence numbers, round-trip times, throughput or windows over time"),
    .description =
        N_("Draws one direction of a TCP connection: the side that sent more, or that of --side. --conn, --host, --port, "
        "--name and --frame choose the connection; the first is taken.\n\n"
        "tcptrace: data as bars from their first to their last sequence number, what was sent again, acknowledgments, the "
        "end of the receiver's window, SACK blocks. stevens: sequence numbers alone. rtt: from data to its acknowledgment, "
        "at the capture point, and smoothed as RFC 6298 does. throughput: with and without what was sent again. window: "
        "the receiver's window and the bytes in flight.\n\n"
        "With --svg a picture; else braille dots, as wide and high as the terminal."),
    .examples =
        "wiretale graph --conn 3 capture.pcap\n"
        "wiretale graph --conn 3 --kind rtt --svg rtt.svg capture.pcap",
    .bit = FOR_GRAPH,
    .run = run_graph,
};

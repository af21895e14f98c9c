/* wiretale follow: what the two sides of one connection said. */
#include <errno.h>
#include <inttypes.h>
#include <string.h>
#include <unistd.h>

#include "base/i18n.h"
#include "cli/commands.h"
#include "cli/output.h"
#include "cli/run.h"
#include "report/follow.h"

static int choose(const struct options *o, struct follow_options *f)
{
    static const char *const sides[] = { "client", "server", "both" };
    *f = (struct follow_options){
        .form = o->json ? FOLLOW_JSON : FOLLOW_TEXT, .side = FOLLOW_BOTH, .numeric = o->numeric,
        .tcp_only = o->tcp_only && !o->udp_only, .udp_only = o->udp_only && !o->tcp_only,
        .live = options_live(o) || o->engine.source.follow || o->line_buffered, .config = &o->engine.config,
        .selection = &o->selection,
    };
    if (o->format && !o->json) {
        int form = follow_form_parse(o->format);
        if (form < 0) {
            complain("-T '%s': expected text, ascii, hex, raw, yaml, binary or json", o->format);
            return STATUS_USAGE;
        }
        f->form = (enum follow_form)form;
    }
    for (unsigned i = 0; o->side && i < 3; i++)
        if (strcmp(o->side, sides[i]) == 0) {
            f->side = (enum follow_side)i;
            return STATUS_DONE;
        }
    if (o->side) {
        complain("--side '%s': expected client, server or both", o->side);
        return STATUS_USAGE;
    }
    return STATUS_DONE;
}

/* What a stranger sent is never given to a terminal as it is. */
static bool would_reach_terminal(const struct follow_options *f, const struct output *out)
{
    return f->form == FOLLOW_BINARY && isatty(fileno(out->to));
}

static void say_result(const struct options *o, const struct follow_result *r)
{
    if (!r->connection)
        remark(o, select_everything(&o->selection) ? N_("no connection carries data")
                                                   : N_("no connection that matches carries data"));
    else if (r->others)
        remark(o, P_("this was connection %llu; %llu more carries data: choose with --conn N (`wiretale connections` lists them)",
                     "this was connection %llu; %llu more carry data: choose with --conn N (`wiretale connections` lists them)", r->others),
               (unsigned long long)r->connection, (unsigned long long)r->others);
}

static int run_follow(const struct options *o)
{
    struct follow_options options;
    struct follow_result result = { 0 };
    struct output out;
    int status = choose(o, &options);
    if (status == STATUS_DONE)
        status = output_open(&out, o);
    if (status != STATUS_DONE)
        return status;
    if (would_reach_terminal(&options, &out)) {
        complain("-T binary writes bytes as they were sent, and a terminal would obey them: use --output FILE or a pipe");
        return output_close(&out, STATUS_USAGE);
    }
    page_init(&options.page, out.to, o->colour, 0);
    struct follow *f = follow_new(&options, run_stop);
    if (!f) {
        complain("not enough memory");
        return output_close(&out, STATUS_INPUT);
    }
    struct run run = { .workers = 1, .streams = true };
    follow_client(f, &run.client);
    struct wt_account account;
    status = run_engine(o, &run, &account);
    if (status == STATUS_DONE) {
        struct wt_error err = { 0 };
        int written = follow_finish(f, &result, &err);
        status = run_finish(o, &account);
        say_result(o, &result);
        if (written < 0 && written != -EPIPE) {
            complain("%s", err.text);
            status = STATUS_INPUT;
        }
    }
    follow_free(f);
    return output_close(&out, status);
}

const struct command cmd_follow = {
    .name = "follow",
    .arguments = "[OPTION...] FILE... | -i INTERFACE",
    .summary = N_("what the two sides of a connection said"),
    .description =
        N_("Prints what each side of one connection sent, in order and once, in turns, with the time since the "
        "connection's first packet and the number of the packet in which a turn began. Bytes that are no text are "
        "counted; what the capture misses is marked. --conn, --host, --port, --name and --frame choose the connection; "
        "the first that carries data is taken.\n\n"
        "-T ascii, hex, raw and yaml print what tshark's -z follow prints; -T binary the bytes alone, so that a body "
        "can be saved: with --side server --output FILE."),
    .examples =
        "wiretale follow --conn 3 capture.pcap\n"
        "wiretale follow --conn 3 -T hex capture.pcap\n"
        "wiretale follow --conn 3 --side server -T binary --output page capture.pcap\n"
        "wiretale follow -i lo --port 8080",
    .bit = FOR_FOLLOW,
    .run = run_follow,
};

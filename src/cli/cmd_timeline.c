/* wiretale timeline: a ladder for each connection. */
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/i18n.h"
#include "cli/commands.h"
#include "cli/options.h"
#include "cli/output.h"
#include "cli/run.h"
#include "report/timeline.h"

static int choose(const struct options *o, struct timeline_options *t)
{
    *t = (struct timeline_options){
        .json = o->json, .full = o->full, .picture = o->svg, .explain = o->explain, .by_line = o->engine.source.follow, .live = options_live(o),
        .tcp_only = o->tcp_only && !o->udp_only, .udp_only = o->udp_only && !o->tcp_only,
        .numeric = o->numeric, .time_digits = 6, .config = &o->engine.config, .selection = &o->selection,
    };
    if (o->format && !o->json && strcmp(o->format, "text") != 0) {
        complain("-T '%s': expected text or json", o->format);
        return STATUS_USAGE;
    }
    if (o->svg && (o->json || o->engine.source.follow)) {
        complain("--svg draws a connection when it is over: it goes neither with JSON nor with --follow");
        return STATUS_USAGE;
    }
    if (o->svg && select_everything(&o->selection) && !t->udp_only)
        t->tcp_only = true;
    if (o->explain && o->json) {
        complain("--explain is for the text of a timeline, not for JSON, whose `did' says the same for programs");
        return STATUS_USAGE;
    }
    if (o->time_format && !columns_time_parse(o->time_format, &t->time, &t->time_digits)) {
        complain("-t '%s': expected a, ad, adoy, d, dd, e, r, u, ud or udoy, with .0 to .9 decimals", o->time_format);
        return STATUS_USAGE;
    }
    if (t->time_digits == COLUMNS_DIGITS_AUTO)
        t->time_digits = 6;
    return STATUS_DONE;
}

/* Lines are broken for a screen; in a pipe or a file each segment stays one line, for grep. */
static void choose_page(const struct options *o, const struct output *out, struct timeline_options *t)
{
    page_init(&t->page, out->to, o->colour, 0);
    t->wide = o->wide || (!isatty(fileno(out->to)) && !getenv("COLUMNS"));
}

static int write_picture(const struct options *o, const struct timeline *t)
{
    uint64_t number;
    const struct out *picture = timeline_picture(t, &number);
    struct output out;
    if (!number) {
        remark(o, select_everything(&o->selection) && !o->display_filter ? N_("there is no TCP connection") : N_("no connection matches"));
        return STATUS_DONE;
    }
    if (timeline_shown(t) > 1)
        remark(o, "this is connection %" PRIu64 ", the first of %" PRIu64 ": choose with --conn N", number, timeline_shown(t));
    int status = output_open(&out, o);
    if (status != STATUS_DONE)
        return status;
    if (fwrite(picture->at, 1, picture->len, out.to) != picture->len && errno != EPIPE)
        status = STATUS_INPUT;
    return output_close(&out, status);
}

/* A picture is opened when there is one, so that none is left behind empty. */
static int run_picture(const struct options *o, struct timeline_options *options)
{
    options->page.utf8 = true;
    struct timeline *t = timeline_new(options, run_stop);
    if (!t) {
        complain("no memory");
        return STATUS_INPUT;
    }
    struct run run = { .workers = 1, .keep_stream_layers = true, .tcp_analysis = options->filter != NULL,
                       .streams = options_live(o) };
    timeline_client(t, &run.client);
    struct wt_account account;
    int status = run_engine(o, &run, &account);
    if (status == STATUS_DONE) {
        struct wt_error err = { 0 };
        int finished = timeline_finish(t, &account.limits, &err);
        if (finished < 0)
            complain("%s", err.text);
        int written = finished < 0 ? STATUS_INPUT : write_picture(o, t);
        status = run_finish(o, &account);
        status = written != STATUS_DONE ? written : status;
    }
    timeline_free(t);
    return status;
}

static int run_filtered(const struct options *o, struct timeline_options *options)
{
    struct output out;
    int status = output_open(&out, o);
    if (status != STATUS_DONE)
        return status;
    choose_page(o, &out, options);
    struct timeline *t = timeline_new(options, run_stop);
    if (!t) {
        complain("no memory");
        return output_close(&out, STATUS_INPUT);
    }
    struct run run = { .workers = 1, .keep_stream_layers = true, .tcp_analysis = options->filter != NULL,
                       .streams = options->live || options->by_line };
    timeline_client(t, &run.client);
    struct wt_account account;
    status = run_engine(o, &run, &account);
    if (status == STATUS_DONE) {
        struct wt_error err = { 0 };
        int written = timeline_finish(t, &account.limits, &err);
        if (timeline_shown(t) == 0 && written == 0 && (options->filter || !select_everything(&o->selection)))
            remark(o, "no connection matches");
        status = run_finish(o, &account);
        if (written < 0 && written != -EPIPE && err.code != -EPIPE) {
            complain("%s", err.text);
            status = STATUS_INPUT;
        }
    }
    timeline_free(t);
    return output_close(&out, status);
}

static int run_timeline(const struct options *o)
{
    struct timeline_options options;
    int status = choose(o, &options);
    if (status != STATUS_DONE)
        return status;
    struct wt_filter *filter;
    status = one_sided_filter(o, &filter);
    if (status == STATUS_DONE) {
        options.filter = filter;
        status = options.picture ? run_picture(o, &options) : run_filtered(o, &options);
    }
    wt_filter_free(filter);
    return status;
}

const struct command cmd_timeline = {
    .name = "timeline",
    .arguments = "[OPTION...] FILE... | -i INTERFACE",
    .summary = N_("a ladder for each connection: handshake, requests, trouble, close"),
    .description =
        N_("Prints each connection as a ladder: one line a segment that matters, with the time since the first, the "
        "states of both ends as RFC 9293 names them, the arrow with the flags, relative sequence and acknowledgment "
        "numbers, length, window, frame number, and what it did in words.\n\n"
        "Long plain transfers are folded into one line; trouble inside them is still shown. --full folds nothing. "
        "--conn, --host, --port, --name and --frame choose connections; so does -Y: with fields of packets, "
        "those in which a packet passes, with conn. fields those that pass.\n\n"
        "--explain adds below each line where something happened what the rule is and where it stands: the RFC and its "
        "section. Each rule is told in full once in a ladder, then only named.\n\n"
        "--svg draws one connection as a picture: the first, or the first of those that are chosen.\n\n"
        "On an interface each ladder is printed when its connection ends; with --follow, line by line."),
    .examples =
        "wiretale timeline capture.pcap\n"
        "wiretale timeline --conn 3 --full capture.pcap\n"
        "wiretale timeline --explain --conn 1 capture.pcap | less\n"
        "wiretale timeline --conn 3 --svg ladder.svg capture.pcap\n"
        "wiretale timeline --name example.com capture.pcap\n"
        "wiretale timeline --follow -i eth0 -f 'tcp port 80'",
    .bit = FOR_TIMELINE,
    .run = run_timeline,
};

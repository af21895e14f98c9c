/* wiretale view: the screen. What `wiretale FILE` and `wiretale -i NAME` are on a terminal. */
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/i18n.h"
#include "cli/commands.h"
#include "cli/run.h"
#include "report/columns.h"
#include "tui/tui.h"
#include "wiretale/filter.h"

bool view_possible(void)
{
    const char *term = getenv("TERM");
    return isatty(STDIN_FILENO) && isatty(STDOUT_FILENO) && term && *term && strcmp(term, "dumb") != 0;
}

static int run_view(const struct options *o)
{
    if (!view_possible()) {
        complain("the view needs a terminal for input and output; `wiretale report` prints instead");
        return STATUS_USAGE;
    }
    enum columns_time form;
    unsigned digits;
    if (o->time_format && !columns_time_parse(o->time_format, &form, &digits)) {
        complain("-t '%s': expected a, ad, adoy, d, dd, e, r, u, ud or udoy, with .0 to .9 decimals", o->time_format);
        return STATUS_USAGE;
    }
    const char *no_colour = getenv("NO_COLOR");
    struct tui_result result;
    struct wt_error err = { 0 };
    const struct tui_options options = {
        .engine = o->engine, .input = o->inputs[0].name, .filter = o->display_filter, .time = o->time_format, .live = options_live(o), .numeric = o->numeric,
        .colour = o->colour == COLOUR_ALWAYS || (o->colour == COLOUR_AUTO && !(no_colour && *no_colour)),
    };
    struct wt_filter *filter;
    int status = display_filter_compile(o, WT_FILTER_PACKETS | WT_FILTER_CONNECTIONS, &filter);
    if (status != STATUS_DONE)
        return status;
    wt_filter_free(filter);
    if (tui_run(&options, &result, &err) < 0) {
        complain("%s", err.text);
        return STATUS_INPUT;
    }
    if (result.left[0])
        complain("the packets are in %s", result.left);
    if (result.problem[0]) {
        complain("%s", result.problem);
        return STATUS_PART;
    }
    return STATUS_DONE;
}

const struct command cmd_view = {
    .name = "view",
    .arguments = "[OPTION...] FILE... | -i INTERFACE",
    .summary = N_("connections, packets, timelines and messages on the screen"),
    .description =
        N_("Shows what happens as it is read: connections, packets with their fields and bytes, timelines and plots, DNS, HTTP, "
        "hosts, sums, streams. Digits open the views, Enter goes deeper, Esc back, f filters, / searches, 9 is help, q "
        "quits. This is what `wiretale FILE` and `wiretale -i NAME` are on a terminal."),
    .examples =
        "wiretale capture.pcapng\n"
        "wiretale -i eth0 -f 'tcp port 443'\n"
        "wiretale view -Y 'dns.flags.rcode != 0' capture.pcapng",
    .bit = FOR_VIEW,
    .run = run_view,
};

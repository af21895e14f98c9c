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

static bool colour_wanted(const struct options *o)
{
    const char *no_colour = getenv("NO_COLOR");
    return o->colour == COLOUR_ALWAYS || (o->colour == COLOUR_AUTO && !(no_colour && *no_colour));
}

static bool options_good(const struct options *o, int *ret_status)
{
    enum columns_time form;
    unsigned digits;
    struct wt_filter *filter;
    *ret_status = STATUS_USAGE;
    if (!view_possible()) {
        complain("the view needs a terminal for input and output; `wiretale report` prints instead");
        return false;
    }
    if (o->time_format && !columns_time_parse(o->time_format, &form, &digits)) {
        complain("-t '%s': expected a, ad, adoy, d, dd, e, r, u, ud or udoy, with .0 to .9 decimals", o->time_format);
        return false;
    }
    *ret_status = display_filter_compile(o, WT_FILTER_PACKETS | WT_FILTER_CONNECTIONS, &filter);
    if (*ret_status == STATUS_DONE)
        wt_filter_free(filter);
    return *ret_status == STATUS_DONE;
}

/* One input, until it is quit. */
static int run_once(const struct options *o, struct tui_result *result)
{
    struct wt_error err = { 0 };
    const struct tui_options options = {
        .engine = o->engine, .input = o->inputs[0].name, .filter = o->display_filter, .time = o->time_format, .live = options_live(o),
        .numeric = o->numeric, .colour = colour_wanted(o),
    };
    if (tui_run(&options, result, &err) < 0) {
        complain("%s", err.text);
        return STATUS_INPUT;
    }
    if (result->left[0])
        complain("the packets are in %s", result->left);
    if (result->problem[0])
        complain("%s", result->problem);
    return result->problem[0] ? STATUS_PART : STATUS_DONE;
}

static void begin_choice(const struct options *o, struct tui_choice *choice)
{
    *choice = (struct tui_choice){ .filter = "" };
    if (o->input_count && o->inputs[0].live)
        snprintf(choice->interface, sizeof choice->interface, "%s", o->inputs[0].name);
    if (o->engine.source.filter)
        snprintf(choice->filter, sizeof choice->filter, "%s", o->engine.source.filter);
}

/* Without an input, and when something else shall be captured, the dialogue says what. */
static int run_view(const struct options *o)
{
    struct tui_result result = { .choose = o->input_count == 0 };
    struct tui_choice choice;
    struct options chosen = *o;
    struct wt_input input = { .live = true };
    struct wt_error err = { 0 };
    int status;
    if (!options_good(o, &status))
        return status;
    begin_choice(o, &choice);
    if (!result.choose)
        status = run_once(o, &result);
    while (result.choose) {
        int r = tui_choose(colour_wanted(o), &choice, &err);
        if (r < 0)
            complain("%s", err.text);
        if (r != 1)
            return r < 0 ? STATUS_INPUT : status;
        input.name = choice.interface;
        chosen.inputs = &input;
        chosen.input_count = 1;
        chosen.engine.source.inputs = &input;
        chosen.engine.source.input_count = 1;
        chosen.engine.source.follow = false;
        chosen.engine.source.filter = choice.filter[0] ? choice.filter : NULL;
        status = run_once(&chosen, &result);
    }
    return status;
}

const struct command cmd_view = {
    .name = "view",
    .arguments = "[OPTION...] [FILE... | -i INTERFACE]",
    .summary = N_("connections, packets, timelines and messages on the screen"),
    .description =
        N_("Shows what happens as it is read: connections, packets with their fields and bytes, timelines and plots, DNS, HTTP, "
        "hosts, sums, streams. Digits open the views, Enter goes deeper, Esc back, f filters, / searches, 9 is help, q "
        "quits. This is what `wiretale FILE` and `wiretale -i NAME` are on a terminal."),
    .examples =
        "wiretale\n"
        "wiretale capture.pcapng\n"
        "wiretale -i eth0 -f 'tcp port 443'\n"
        "wiretale view -Y 'dns.flags.rcode != 0' capture.pcapng",
    .bit = FOR_VIEW,
    .run = run_view,
};

#include "cli/confine.h"

#include <errno.h>
#include <fcntl.h>
#include <netdb.h>
#include <stdio.h>
#include <string.h>

#include "broker/broker.h"
#include "broker/sandbox.h"
#include "cli/commands.h"
#include "cli/output.h"
#include "cli/resolve.h"
#include "cli/run.h"
#include "cli/written.h"
#include "report/store.h"

/* The output as the broker holds it. */
struct held {
    const struct options *o;
    struct output out;
};

static int open_held(void *to)
{
    struct held *h = to;
    return output_open(&h->out, h->o) ? -EIO : fileno(h->out.to);
}

static int close_held(void *to, bool keep)
{
    struct held *h = to;
    return output_settle(&h->out, keep);
}

static int temporary(void)
{
    struct wt_error err = { 0 };
    return store_temporary(&err);
}

static int open_written(void *to, char ret_name[BROKER_NAME_MAX])
{
    const struct held *h = to;
    return h->o->write ? written_open(h->o, ret_name, BROKER_NAME_MAX) : -ENOENT;
}

/* Commands that have opened all their inputs before the first packet is read. */
static bool opens_first(const struct options *o)
{
    if (o->help || o->version || !o->command || o->input_count == 0)
        return false;
    return o->command == &cmd_report || o->command == &cmd_capture || o->command == &cmd_export || o->command == &cmd_packets || o->command == &cmd_timeline
        || o->command == &cmd_connections || o->command == &cmd_follow || o->command == &cmd_graph;
}

int confine_start(const struct options *o)
{
    static struct held held;    /* the broker's, after the fork */
    if (o->no_sandbox || !opens_first(o))
        return STATUS_DONE;
    held.o = o;
    const struct broker_duties duties = { .to = &held, .open_output = open_held, .close_output = close_held,
                                          .open_temporary = temporary, .open_written = open_written,
                                          .name_of = resolve_by_system };
    struct wt_error err = { 0 };
    if (broker_start(&duties, &err) == 0)
        return STATUS_DONE;
    complain("%s; --no-sandbox goes on without", err.text);
    return STATUS_INPUT;
}

int confine_enter(const struct options *o)
{
    static bool inside;
    struct sandbox_state state;
    struct wt_error err = { 0 };
    if (!broker_running() || inside)
        return STATUS_DONE;
    if (sandbox_enter(o->user, &state, &err) < 0) {
        complain("the sandbox is not to be had here: %s; --no-sandbox goes on without", err.text);
        return STATUS_INPUT;
    }
    inside = true;
    if (o->verbose)
        remark(o, "sandbox: %s profile, Landlock ABI %d, user %u", state.profile, state.landlock_abi, state.user);
    return STATUS_DONE;
}

int confine_status(const struct options *o)
{
    struct sandbox_state state;
    struct wt_error err = { 0 };
    if (o->no_sandbox) {
        printf("sandbox: none (--no-sandbox)\n");
        return STATUS_DONE;
    }
    if (sandbox_enter(o->user, &state, &err) < 0) {
        complain("the sandbox is not to be had here: %s", err.text);
        return STATUS_INPUT;
    }
    printf("sandbox of report, packets, timeline, connections, follow, graph, export and capture:\n"
           "  profile                      %s\n"
           "  user, group                  %u, %u, no capabilities\n"
           "  no_new_privs                 yes\n"
           "  seccomp                      yes\n", state.profile, state.user, state.group);
    if (state.landlock_abi)
        printf("  Landlock                     ABI %d\n", state.landlock_abi);
    else
        printf("  Landlock                     no (seccomp alone forbids the same)\n");
    printf("no sandbox yet: view\n"
           "tried just now, inside it:\n");
    bool all = sandbox_try(stdout);
    return fflush(stdout) == 0 && all ? STATUS_DONE : STATUS_PART;
}

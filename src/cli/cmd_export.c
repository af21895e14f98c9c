/* wiretale export: the packets of chosen connections into a file of their own. */
#include <inttypes.h>
#include <string.h>
#include <sys/stat.h>

#include "base/i18n.h"
#include "cli/commands.h"
#include "cli/output.h"
#include "cli/run.h"
#include "cli/written.h"
#include "report/export.h"

/* Writing over what is being read would leave nothing of either. */
static bool is_input(const struct options *o, const char *path)
{
    struct stat out, in;
    if (strcmp(path, "-") == 0 || stat(path, &out) != 0 || !S_ISREG(out.st_mode))
        return false;
    for (unsigned i = 0; i < o->input_count; i++)
        if (!o->inputs[i].live && stat(o->inputs[i].name, &in) == 0 && in.st_dev == out.st_dev && in.st_ino == out.st_ino)
            return true;
    return false;
}

static int check(const struct options *o)
{
    if (!o->write) {
        complain("`export` needs -w FILE: where the packets go");
        return STATUS_USAGE;
    }
    if (select_everything(&o->selection) && !o->tcp_only && !o->udp_only) {
        complain("`export` needs a connection: --conn N (`wiretale connections` lists them), --host, --port, --name or --frame");
        return STATUS_USAGE;
    }
    if (is_input(o, o->write)) {
        complain("%s is what is read: write to another file", o->write);
        return STATUS_USAGE;
    }
    return STATUS_DONE;
}

static void say_result(const struct options *o, const struct export_result *r)
{
    if (!r->frames) {
        remark(o, "no connection matches: nothing was written");
    } else {
        char packets[64], connections[64];
        snprintf(packets, sizeof packets, P_("%llu packet", "%llu packets", r->frames), (unsigned long long)r->frames);
        snprintf(connections, sizeof connections, P_("%llu connection", "%llu connections", r->connections),
                 (unsigned long long)r->connections);
        remark(o, "%s of %s in %s", packets, connections, o->write);
    }
    if (r->comments_lost)
        remark(o, "comments were left out: a pcap file holds none, a pcapng file does");
    if (r->fragments_forgotten)
        remark(o, "%" PRIu64 " fragments were forgotten before their datagram was whole", r->fragments_forgotten);
}

static int run_export(const struct options *o)
{
    int status = check(o);
    if (status != STATUS_DONE)
        return status;
    struct wt_capture_options file;
    written_options(o, &file);
    const struct export_options options = {
        .path = o->write, .pcap = file.pcap, .opener = file.opener, .tcp_only = o->tcp_only && !o->udp_only,
        .udp_only = o->udp_only && !o->tcp_only, .config = &o->engine.config, .selection = &o->selection,
    };
    struct exporting *e = export_new(&options, run_stop);
    if (!e) {
        complain("not enough memory");
        return STATUS_INPUT;
    }
    struct run run = { .workers = 1 };
    export_client(e, &run.client);
    struct wt_account account;
    status = run_engine(o, &run, &account);
    if (status == STATUS_DONE) {
        struct wt_error err = { 0 };
        struct export_result result;
        int written = export_finish(e, &account.source, &result, &err);
        status = run_finish(o, &account);
        if (written < 0) {
            complain("%s", err.text);
            status = STATUS_INPUT;
        } else {
            say_result(o, &result);
        }
    }
    export_free(e);
    return status;
}

const struct command cmd_export = {
    .name = "export",
    .arguments = "[OPTION...] --conn LIST -w FILE FILE...",
    .summary = N_("the packets of chosen connections into a file of their own"),
    .description =
        N_("Writes the packets of the connections that --conn, --host, --port, --name, --frame, --tcp or --udp choose to a "
        "pcapng file (pcap where FILE ends in .pcap), in their order, with their comments. ICMP errors about a connection "
        "and the fragments of its datagrams belong to it."),
    .examples =
        "wiretale export --conn 3 -w three.pcapng capture.pcapng\n"
        "wiretale export --name example.com -w example.pcapng capture.pcapng\n"
        "wiretale export --port 53 -w - capture.pcapng | wiretale report -",
    .bit = FOR_EXPORT,
    .run = run_export,
};

/* wiretale packets: one line a packet, its fields, its tree or its bytes. */
#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "base/i18n.h"
#include "cli/commands.h"
#include "cli/options.h"
#include "cli/output.h"
#include "cli/run.h"
#include "report/packets.h"

static const struct { const char *name; enum packets_format format; } formats[] = {
    { "text", PACKETS_TEXT },
    { "tabs", PACKETS_TABS },
    { "fields", PACKETS_FIELDS },
    { "json", PACKETS_JSON },
    { "jsonl", PACKETS_JSONL },
    { "ek", PACKETS_EK },
    { "pdml", PACKETS_PDML },
};
#define FORMATS (sizeof formats / sizeof formats[0])

static int choose(const struct options *o, struct packets_options *p)
{
    *p = (struct packets_options){ .tree = o->tree, .hex = o->hex, .time_digits = COLUMNS_DIGITS_AUTO };
    size_t i = 0;
    while (o->format && i < FORMATS && strcmp(formats[i].name, o->format) != 0)
        i++;
    if (i == FORMATS) {
        complain("-T '%s': expected text, tabs, fields, json, jsonl, ek or pdml", o->format);
        return STATUS_USAGE;
    }
    p->format = formats[i].format;
    if (o->time_format && !columns_time_parse(o->time_format, &p->time, &p->time_digits)) {
        complain("-t '%s': expected a, ad, adoy, d, dd, e, r, u, ud or udoy, with .0 to .9 decimals", o->time_format);
        return STATUS_USAGE;
    }
    if (p->format == PACKETS_FIELDS && !o->field_count) {
        complain("-T fields needs fields: -e NAME, once for each");
        return STATUS_USAGE;
    }
    if (o->field_count && (p->format < PACKETS_FIELDS || p->format == PACKETS_PDML)) {
        complain("-e is for -T fields, json, jsonl and ek");
        return STATUS_USAGE;
    }
    p->columns = o->column_format;
    p->fields.names = o->fields;
    p->fields.count = o->field_count;
    for (unsigned k = 0; k < o->field_format_count; k++) {
        struct wt_error err;
        if (fields_option(&p->fields, o->field_formats[k], &err) < 0) {
            complain("%s", err.text);
            return STATUS_USAGE;
        }
    }
    p->line_buffered = o->line_buffered || options_live(o);
    p->selection = &o->selection;
    p->max_names = (size_t)o->engine.config.value[WT_MAX_NAMES];
    return STATUS_DONE;
}

static int compile_filter(const char *text, struct wt_filter **ret_filter)
{
    struct wt_filter_error why;
    *ret_filter = NULL;
    if (!text || !*text)
        return STATUS_DONE;
    *ret_filter = wt_filter_compile(text, WT_FILTER_PACKETS, &why);
    if (*ret_filter)
        return STATUS_DONE;
    char said[2048] = "";
    struct wt_text t = { said, sizeof said, 0, false };
    wt_filter_explain(text, &why, &t);
    complain("%s", said);
    return STATUS_USAGE;
}

static int write_packets(const struct options *o, struct packets_options *options)
{
    struct output out;
    int status = output_open(&out, o);
    if (status != STATUS_DONE)
        return status;
    int fd = fileno(out.to);
    options->fields.safe = true;
    options->fields.c_strings = o->compat != NULL;
    struct wt_error err;
    struct packets *p = packets_new(options, fd, run_stop, &err);
    if (!p) {
        complain("%s", err.text);
        return output_close(&out, STATUS_USAGE);
    }
    struct run run = { .workers = 1, .keep_stream_layers = true, .tcp_analysis = true, .streams = true };
    packets_client(p, &run.client);
    struct wt_account account;
    status = run_engine(o, &run, &account);
    int written = packets_finish(p);
    packets_free(p);
    if (status == STATUS_DONE)
        status = run_finish(o, &account);
    if (written < 0 && written != -EPIPE) {
        complain("writing: %s", strerror(-written));
        status = STATUS_INPUT;
    }
    return output_close(&out, status);
}

static int run_packets(const struct options *o)
{
    struct packets_options options;
    struct wt_filter *filter;
    int status = choose(o, &options);
    if (status == STATUS_DONE)
        status = compile_filter(o->display_filter, &filter);
    if (status != STATUS_DONE)
        return status;
    options.filter = filter;
    status = write_packets(o, &options);
    wt_filter_free(filter);
    return status;
}

const struct command cmd_packets = {
    .name = "packets",
    .arguments = "[OPTION...] FILE... | -i INTERFACE",
    .summary = N_("one line a packet, its fields, its tree or its bytes"),
    .description =
        N_("Prints each packet as a line: number, time, source, destination, protocol, length, and what it says. "
        "-V shows every field, -x the bytes.\n\n"
        "-T fields prints the fields named with -e in the way of tshark: one line a packet, a tab between the cells, "
        "all the occurrences of a field in its cell. -E changes that: header=y, separator=, occurrence=f, "
        "aggregator=; quote=d."),
    .examples =
        "wiretale packets capture.pcap\n"
        "wiretale packets -V -c 1 capture.pcap\n"
        "wiretale packets -T fields -e frame.number -e ip.src -e tcp.flags -E header=y capture.pcap",
    .bit = FOR_PACKETS,
    .run = run_packets,
};

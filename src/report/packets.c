#include "packets.h"

#include <errno.h>
#include <stdlib.h>

#include "column_choice.h"
#include "names.h"
#include "packets_json.h"
#include "tree.h"

struct packets {
    struct packets_options options;
    struct out out;
    struct columns columns;
    struct tree tree;
    struct fields *fields;
    struct packets_json *json;
    struct column_choice *choice;    /* NULL: the usual columns */
    struct wt_filter_matcher *matcher;
    struct names *names;      /* only where something is selected by name */
    void (*stop)(void);
    bool stopped;
    uint64_t written;
};

struct packets *packets_new(const struct packets_options *options, int fd, void (*stop)(void), struct wt_error *err)
{
    struct packets *p = calloc(1, sizeof *p);
    if (!p) {
        wt_fail(err, -ENOMEM, "no memory");
        return NULL;
    }
    p->options = *options;
    p->stop = stop;
    out_init(&p->out, fd);
    columns_init(&p->columns, options->time, options->time_digits);
    tree_init(&p->tree);
    if (options->format >= PACKETS_JSON) {
        p->options.fields.aggregator = FIELDS_BETWEEN;
        p->options.fields.occurrence = 'a';
        p->options.fields.safe = true;
    }
    if (options->fields.count) {
        p->fields = fields_new(&p->options.fields, &p->columns, err);
        if (!p->fields)
            goto fail;
    }
    const char *columns = options->columns ? options->columns : options->format == PACKETS_TABS ? COLUMN_CHOICE_USUAL : NULL;
    if (columns && options->format <= PACKETS_TABS) {
        p->choice = column_choice_new(columns, &p->columns, err);
        if (!p->choice)
            goto fail;
    }
    if (options->format == PACKETS_FIELDS)
        fields_header(p->fields, &p->out);
    if (options->filter) {
        p->matcher = wt_filter_matcher_new(options->filter);
        if (!p->matcher)
            goto no_memory;
    }
    if (options->selection && select_everything(options->selection))
        p->options.selection = NULL;
    if (p->options.selection && p->options.selection->name_count) {
        p->names = names_new(options->max_names ? options->max_names : 1);
        if (!p->names)
            goto no_memory;
    }
    if (options->format >= PACKETS_JSON) {
        p->json = packets_json_new(options->format, &p->columns, p->fields);
        if (!p->json)
            goto no_memory;
        packets_json_begin(p->json, &p->out);
    }
    return p;
no_memory:
    wt_fail(err, -ENOMEM, "no memory");
fail:
    packets_free(p);
    return NULL;
}

void packets_free(struct packets *p)
{
    if (!p)
        return;
    packets_json_free(p->json);
    column_choice_free(p->choice);
    wt_filter_matcher_free(p->matcher);
    names_free(p->names);
    fields_free(p->fields);
    tree_done(&p->tree);
    out_done(&p->out);
    free(p);
}

static void take_line(void *to, const struct tree_line *line)
{
    struct out *o = to;
    if (line->hidden)
        return;
    out_spaces(o, 4 * (size_t)line->depth);
    out_bytes(o, line->text, line->len);
    out_line_end(o);
}

static void hex(struct packets *p, const struct wt_packet_view *view)
{
    const struct wt_packet *packet = view->packet;
    bool several = packet->buffer_count > 1;
    for (unsigned i = 0; i < view->message_count; i++)
        several |= view->messages[i].segments > 1;
    for (unsigned i = 0; i < packet->buffer_count; i++) {
        if (several)
            out_format(&p->out, "%s (%zu bytes):\n", i ? "Reassembled datagram" : "Frame", packet->buffers[i].len);
        tree_hex_dump(&p->out, packet->buffers[i]);
    }
    for (unsigned i = 0; i < view->message_count; i++) {
        if (view->messages[i].segments < 2)
            continue;
        out_format(&p->out, "Reassembled TCP (%zu bytes):\n", view->messages[i].bytes.len);
        tree_hex_dump(&p->out, view->messages[i].bytes);
    }
    out_line_end(&p->out);
}

/* A packet is selected with its connection; --frame names packets themselves. */
static bool selected(const struct packets *p, const struct wt_packet_view *view)
{
    const struct wt_packet *packet = view->packet;
    const struct select_subject subject = {
        .number = view->context->connection, .first_frame = packet->frame.number, .last_frame = packet->frame.number,
        .family = packet->flags & WT_PACKET_IP ? packet->key.family : 0,
        .address = { packet->key.address[0], packet->key.address[1] },
        .port = { packet->key.port[0], packet->key.port[1] }, .start_ns = packet->frame.time_ns,
    };
    return select_matches(p->options.selection, &subject, p->names);
}

static bool is_shown(const struct packets *p, const struct wt_packet_view *view)
{
    return (!p->options.selection || selected(p, view)) && (!p->matcher || wt_filter_match_packet(p->matcher, view));
}

static void message(void *worker, const struct wt_message *m)
{
    struct packets *p = worker;
    if (m->kind == WT_MESSAGE_NAME && p->names)
        names_add(p->names, m->name);
}

static void packet(void *worker, const struct wt_packet_view *view)
{
    struct packets *p = worker;
    if (p->stopped)
        return;
    bool shown = is_shown(p, view);
    columns_next(&p->columns, view, shown);
    if (!shown)
        return;
    if (p->json) {
        packets_json_packet(p->json, view, &p->out);
    } else if (p->fields) {
        fields_line(p->fields, view, &p->out);
    } else if (p->options.tree) {
        p->tree.delta_displayed_ns = p->columns.delta_displayed_ns;
        tree_packet(&p->tree, view, p->columns.relative_ns, p->columns.delta_ns, take_line, &p->out);
        out_line_end(&p->out);
    } else if (!p->options.hex) {
        if (p->choice)
            column_choice_line(p->choice, view, p->options.format == PACKETS_TABS ? '\t' : ' ', &p->out);
        else
            columns_line(&p->columns, view, &p->out);
        out_line_end(&p->out);
    }
    if (p->options.hex && p->options.format == PACKETS_TEXT)
        hex(p, view);
    p->written++;
    if (p->options.line_buffered)
        (void)out_flush(&p->out);
    if (p->out.error) {
        p->stopped = true;
        if (p->stop)
            p->stop();
    }
}

static void tick(void *worker, int64_t now_ns)
{
    struct packets *p = worker;
    (void)now_ns;
    if (p->options.line_buffered)
        (void)out_flush(&p->out);
}

static void *worker_open(void *client, unsigned worker)
{
    (void)worker;
    return client;
}

void packets_client(struct packets *p, struct wt_client *ret_client)
{
    *ret_client = (struct wt_client){ .client = p, .worker_open = worker_open, .packet = packet,
                                      .message = message, .tick = tick };
}

int packets_finish(struct packets *p)
{
    if (p->json)
        packets_json_end(p->json, &p->out);
    return out_flush(&p->out);
}

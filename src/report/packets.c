#include "packets.h"

#include <errno.h>
#include <stdlib.h>

#include "tree.h"

struct packets {
    struct packets_options options;
    struct out out;
    struct columns columns;
    struct tree tree;
    struct fields *fields;
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
    if (options->format == PACKETS_FIELDS) {
        p->fields = fields_new(&options->fields, &p->columns, err);
        if (!p->fields)
            goto fail;
        fields_header(p->fields, &p->out);
    }
    return p;
fail:
    packets_free(p);
    return NULL;
}

void packets_free(struct packets *p)
{
    if (!p)
        return;
    fields_free(p->fields);
    tree_done(&p->tree);
    columns_done(&p->columns);
    out_done(&p->out);
    free(p);
}

static void take_line(void *to, const struct tree_line *line)
{
    struct out *o = to;
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

static void tabs(struct packets *p, const struct wt_packet_view *view)
{
    for (enum column_id id = 0; id < COLUMN_COUNT; id++) {
        if (id)
            out_char(&p->out, '\t');
        columns_text(&p->columns, view, id, &p->out);
    }
}

static void packet(void *worker, const struct wt_packet_view *view)
{
    struct packets *p = worker;
    if (p->stopped)
        return;
    columns_next(&p->columns, view, true);
    if (p->fields) {
        fields_line(p->fields, view, &p->out);
    } else if (p->options.tree) {
        tree_packet(&p->tree, view, p->columns.relative_ns, p->columns.delta_ns, take_line, &p->out);
        out_line_end(&p->out);
    } else if (p->options.format == PACKETS_TABS) {
        tabs(p, view);
        out_line_end(&p->out);
    } else if (!p->options.hex) {
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
    *ret_client = (struct wt_client){ .client = p, .worker_open = worker_open, .packet = packet, .tick = tick };
}

int packets_finish(struct packets *p)
{
    return out_flush(&p->out);
}

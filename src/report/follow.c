#include "report/follow.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "report/follow_impl.h"

static const struct follow_writer *const writers[FOLLOW_FORMS] = {
    [FOLLOW_TEXT] = &follow_text, [FOLLOW_ASCII] = &follow_ascii, [FOLLOW_HEX] = &follow_hex, [FOLLOW_RAW] = &follow_raw,
    [FOLLOW_YAML] = &follow_yaml, [FOLLOW_BINARY] = &follow_binary, [FOLLOW_JSON] = &follow_json,
};

int follow_form_parse(const char *name)
{
    for (int i = 0; i < FOLLOW_FORMS; i++)
        if (strcmp(writers[i]->name, name) == 0)
            return i;
    return -1;
}

struct follow *follow_new(const struct follow_options *options, void (*stop)(void))
{
    struct follow *f = calloc(1, sizeof *f);
    if (!f)
        return NULL;
    f->options = *options;
    f->stop = stop;
    f->turn_side = 2;
    out_init(&f->out, -1);
    f->names = names_new((size_t)options->config->value[WT_MAX_NAMES]);
    if (f->names)
        return f;
    follow_free(f);
    return NULL;
}

void follow_free(struct follow *f)
{
    if (!f)
        return;
    names_free(f->names);
    out_done(&f->out);
    free(f);
}

static void failed(struct follow *f, int code)
{
    if (f->stopped)
        return;
    f->stopped = true;
    wt_fail(&f->error, code, "writing: %s", strerror(-code));
    if (f->stop)
        f->stop();
}

static void write_out(struct follow *f)
{
    FILE *to = f->options.page.to;
    if (f->out.len && fwrite(f->out.at, 1, f->out.len, to) != f->out.len)
        failed(f, errno ? -errno : -EIO);
    out_reset(&f->out);
    if (f->options.live && fflush(to) != 0)
        failed(f, errno ? -errno : -EIO);
}

void follow_add_peer(struct follow *f, unsigned side)
{
    const struct follow_peer *p = &f->peer[side];
    out_text(&f->out, f->family == 6 ? "[" : "");
    out_address(&f->out, f->family, p->address);
    out_format(&f->out, f->family == 6 ? "]:%u" : ":%u", p->port);
    const char *name = f->options.numeric ? NULL : names_find(f->names, f->family, p->address, f->start_ns);
    if (name)
        out_format(&f->out, " (%s)", name);
}

/* ---- which connection ---- */

struct identity {
    uint64_t number, first_frame;
    int64_t start_ns;
    uint32_t stream;
    uint8_t family, protocol;
    const uint8_t *address[2];
    uint16_t port[2];
};

static bool wanted(const struct follow *f, const struct identity *id)
{
    if ((f->options.tcp_only && id->protocol != 6) || (f->options.udp_only && id->protocol != 17))
        return false;
    const struct select_subject subject = {
        .number = id->number, .first_frame = id->first_frame, .last_frame = UINT64_MAX, .family = id->family,
        .address = { id->address[0], id->address[1] }, .port = { id->port[0], id->port[1] }, .start_ns = id->start_ns,
    };
    return select_matches(f->options.selection, &subject, f->names);
}

static void begin(struct follow *f, const struct identity *id)
{
    size_t len = id->family == 4 ? 4 : 16;
    f->begun = true;
    f->number = f->result.connection = id->number;
    f->stream = id->stream;
    f->family = id->family;
    f->protocol = id->protocol;
    f->start_ns = id->start_ns;
    for (unsigned side = 0; side < 2; side++) {
        memcpy(f->peer[side].address, id->address[side], len);
        f->peer[side].port = id->port[side];
    }
    if (writers[f->options.form]->begin)
        writers[f->options.form]->begin(f);
}

/* A connection is chosen at its first bytes: one that says nothing cannot be followed. */
static bool followed(struct follow *f, void **slot, const struct identity *id)
{
    if (*slot)
        return *slot == f;
    *slot = &f->result;             /* marks connections that are not followed */
    if (!wanted(f, id))
        return false;
    if (f->begun) {
        f->result.others++;
        return false;
    }
    begin(f, id);
    *slot = f;
    return true;
}

static void add_piece(struct follow *f, const struct follow_piece *p)
{
    f->result.bytes[p->side] += p->bytes.len;
    f->result.missing_bytes[p->side] += p->missing;
    if (f->options.side != FOLLOW_BOTH && (unsigned)f->options.side != p->side)
        return;
    writers[f->options.form]->piece(f, p);
    if (f->options.live || f->out.len >= OUT_FLUSH_BYTES)
        write_out(f);
}

/* ---- callbacks ---- */

static void *worker_open(void *client, unsigned worker)
{
    (void)worker;
    return client;
}

static void stream(void *worker, const struct wt_stream_piece *piece)
{
    struct follow *f = worker;
    const struct wt_segment *s = piece->segment;
    if (f->stopped || !piece->client || (!*piece->client && !s))
        return;
    if (!*piece->client) {
        const struct identity id = {
            .number = piece->connection, .first_frame = piece->frame, .start_ns = piece->time_ns - s->since_start_ns,
            .stream = s->stream, .family = s->family, .protocol = 6, .address = { s->client_address, s->server_address },
            .port = { s->client_port, s->server_port },
        };
        followed(f, piece->client, &id);
    }
    if (*piece->client != f)
        return;
    const struct follow_piece p = { .side = piece->side, .bytes = piece->bytes, .missing = piece->missing_bytes,
                                    .frame = piece->frame, .time_ns = piece->time_ns };
    add_piece(f, &p);
}

static void packet(void *worker, const struct wt_packet_view *view)
{
    struct follow *f = worker;
    const struct wt_packet *p = view->packet;
    if (f->stopped || !view->client || !(p->flags & WT_PACKET_UDP) || p->flags & WT_PACKET_ICMP_ERROR)
        return;
    const struct wt_flow_key *key = &p->key;
    unsigned client = (p->dir ^ view->side) & 1u;
    const struct identity id = {
        .number = view->context->connection, .first_frame = p->frame.number, .start_ns = p->frame.time_ns,
        .stream = view->context->stream, .family = key->family, .protocol = key->protocol,
        .address = { key->address[client], key->address[!client] }, .port = { key->port[client], key->port[!client] },
    };
    if (!followed(f, view->client, &id))
        return;
    const struct follow_piece piece = { .side = view->side, .bytes = wt_packet_payload(p), .frame = p->frame.number,
                                        .missing = p->payload_wire_bytes - p->payload_bytes, .time_ns = p->frame.time_ns };
    add_piece(f, &piece);
}

static void message(void *worker, const struct wt_message *m)
{
    struct follow *f = worker;
    if (m->kind == WT_MESSAGE_NAME)
        names_add(f->names, m->name);
}

void follow_client(struct follow *f, struct wt_client *ret_client)
{
    *ret_client = (struct wt_client){ .client = f, .worker_open = worker_open, .packet = packet, .message = message,
                                      .stream = stream };
}

int follow_finish(struct follow *f, struct follow_result *ret_result, struct wt_error *err)
{
    if (f->begun && !f->stopped && writers[f->options.form]->end)
        writers[f->options.form]->end(f);
    write_out(f);
    *ret_result = f->result;
    if (f->error.code && err)
        *err = f->error;
    return f->error.code;
}

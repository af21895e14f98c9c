#include "report/export.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "report/names.h"
#include "report/store.h"
#include "wiretale/writer.h"

#define STORE_MEMORY (32u << 20)
#define FRAGMENTS 4096               /* frames that wait for the end of their datagram */
#define FRAGMENT_BYTES (16u << 20)   /* and their bytes */

/* A frame as it is kept: this, then the bytes (with options: the whole pcapng block). */
struct kept {
    struct wt_frame frame;
    uint32_t before;                 /* bytes in front of the frame's own */
    uint32_t len;
};

struct fragment {
    uint8_t address[2][16];
    uint32_t ip_id;
    uint8_t family, protocol;
    uint64_t number;
    void *bytes;                     /* owned; struct kept and what follows it; NULL: free */
    size_t len;
};

struct exporting {
    struct export_options options;
    void (*stop)(void);
    struct names *names;
    struct store *store;
    struct fragment *fragments;      /* owned; FRAGMENTS of them, the oldest at `first` */
    unsigned first, count;
    size_t fragment_bytes;
    struct export_result result;
    struct wt_error error;
    uint8_t *room;                   /* owned: a packed frame */
    size_t capacity;
    char wanted, unwanted;           /* their addresses mark connections */
    struct wt_writer *writer;
};

struct exporting *export_new(const struct export_options *options, void (*stop)(void))
{
    struct exporting *e = calloc(1, sizeof *e);
    if (!e)
        return NULL;
    e->options = *options;
    e->stop = stop;
    e->names = names_new((size_t)options->config->value[WT_MAX_NAMES]);
    e->store = store_new(STORE_MEMORY);
    e->fragments = calloc(FRAGMENTS, sizeof *e->fragments);
    if (e->names && e->store && e->fragments)
        return e;
    export_free(e);
    return NULL;
}

void export_free(struct exporting *e)
{
    if (!e)
        return;
    for (unsigned i = 0; e->fragments && i < FRAGMENTS; i++)
        free(e->fragments[i].bytes);
    free(e->fragments);
    names_free(e->names);
    store_free(e->store);
    free(e->room);
    free(e);
}

static void failed(struct exporting *e, int code, const char *why)
{
    if (e->error.code)
        return;
    wt_fail(&e->error, code, "%s", why);
    if (e->stop)
        e->stop();
}

/* ---- frames into the store ---- */

/* The frame with its bytes in e->room; their length, or 0. */
static size_t pack(struct exporting *e, const struct wt_frame *f)
{
    struct wt_slice bytes = wt_frame_block(f);
    struct kept k = { .frame = *f, .before = bytes.len ? WT_FRAME_BLOCK_HEADER : 0 };
    if (!bytes.len)
        bytes = (struct wt_slice){ f->bytes, f->captured_len };
    size_t need = sizeof k + bytes.len;
    if (need > e->capacity) {
        uint8_t *grown = realloc(e->room, need + 4096);
        if (!grown) {
            failed(e, -ENOMEM, "not enough memory for a packet");
            return 0;
        }
        e->room = grown;
        e->capacity = need + 4096;
    }
    k.len = (uint32_t)bytes.len;
    memcpy(e->room, &k, sizeof k);
    if (bytes.len)
        memcpy(e->room + sizeof k, bytes.at, bytes.len);
    return need;
}

static void keep(struct exporting *e, uint64_t number, const void *packed, size_t len)
{
    struct wt_error err = { 0 };
    if (e->error.code || !len)
        return;
    int code = store_add(e->store, number, packed, len, &err);
    if (code < 0)
        failed(e, code, err.text);
    else
        e->result.frames++;
}

/* ---- fragments: whose they are is known when their datagram is whole ---- */

static struct fragment identify(const struct wt_packet *p)
{
    struct fragment f = { .ip_id = p->ip_id, .family = p->key.family, .protocol = p->key.protocol,
                          .number = p->frame.number };
    memcpy(f.address, p->key.address, sizeof f.address);
    return f;
}

static bool same_datagram(const struct fragment *a, const struct fragment *b)
{
    return a->ip_id == b->ip_id && a->family == b->family && a->protocol == b->protocol
        && memcmp(a->address, b->address, sizeof a->address) == 0;
}

static void forget_oldest(struct exporting *e)
{
    struct fragment *f = &e->fragments[e->first];
    if (f->bytes)
        e->result.fragments_forgotten++;
    e->fragment_bytes -= f->len;
    free(f->bytes);
    *f = (struct fragment){ 0 };
    e->first = (e->first + 1) % FRAGMENTS;
    e->count--;
}

static void wait_for_datagram(struct exporting *e, const struct wt_packet *p)
{
    size_t len = pack(e, &p->frame);
    while (e->count && (e->count == FRAGMENTS || e->fragment_bytes + len > FRAGMENT_BYTES || !e->fragments[e->first].bytes))
        forget_oldest(e);
    struct fragment f = identify(p);
    f.bytes = len ? malloc(len) : NULL;
    if (!f.bytes)
        return;
    memcpy(f.bytes, e->room, len);
    f.len = len;
    e->fragment_bytes += len;
    e->fragments[(e->first + e->count++) % FRAGMENTS] = f;
}

static void datagram_whole(struct exporting *e, const struct wt_packet *p, bool wanted)
{
    const struct fragment whole = identify(p);
    for (unsigned i = 0; i < e->count; i++) {
        struct fragment *f = &e->fragments[(e->first + i) % FRAGMENTS];
        if (!f->bytes || !same_datagram(f, &whole))
            continue;
        if (wanted)
            keep(e, f->number, f->bytes, f->len);
        e->fragment_bytes -= f->len;
        free(f->bytes);
        *f = (struct fragment){ 0 };
    }
}

/* ---- callbacks ---- */

static bool wanted(struct exporting *e, const struct wt_packet_view *view)
{
    const struct wt_packet *p = view->packet;
    unsigned client = (p->dir ^ view->side) & 1u;
    if ((e->options.tcp_only && p->key.protocol != 6) || (e->options.udp_only && p->key.protocol != 17))
        return false;
    const struct select_subject subject = {
        .number = view->context->connection, .first_frame = p->frame.number, .last_frame = UINT64_MAX,
        .family = p->key.family, .address = { p->key.address[client], p->key.address[!client] },
        .port = { p->key.port[client], p->key.port[!client] }, .start_ns = p->frame.time_ns,
    };
    return select_matches(e->options.selection, &subject, e->names);
}

static void packet(void *worker, const struct wt_packet_view *view)
{
    struct exporting *e = worker;
    const struct wt_packet *p = view->packet;
    if (e->error.code)
        return;
    if (p->flags & WT_PACKET_FRAGMENT && !view->client)
        wait_for_datagram(e, p);
    if (!view->client)
        return;
    if (!*view->client) {
        bool is = wanted(e, view);
        *view->client = is ? &e->wanted : &e->unwanted;
        e->result.connections += is;
    }
    bool is = *view->client == &e->wanted;
    if (p->flags & WT_PACKET_REASSEMBLED)
        datagram_whole(e, p, is);
    if (is)
        keep(e, p->frame.number, e->room, pack(e, &p->frame));
}

static void message(void *worker, const struct wt_message *m)
{
    struct exporting *e = worker;
    if (m->kind == WT_MESSAGE_NAME)
        names_add(e->names, m->name);
}

static void *worker_open(void *client, unsigned worker)
{
    (void)worker;
    return client;
}

void export_client(struct exporting *e, struct wt_client *ret_client)
{
    *ret_client = (struct wt_client){ .client = e, .worker_open = worker_open, .packet = packet, .message = message };
}

/* ---- the file ---- */

static int write_kept(void *to, uint64_t order, const void *bytes, size_t len)
{
    struct exporting *e = to;
    struct kept k;
    (void)order;
    (void)len;
    memcpy(&k, bytes, sizeof k);
    k.frame.bytes = (const uint8_t *)bytes + sizeof k + k.before;
    e->result.comments_lost = e->result.comments_lost || (e->options.pcap && k.before);
    return wt_writer_frame(e->writer, &k.frame, &e->error);
}

static struct wt_writer *open_writer(const struct export_options *o, struct wt_error *err)
{
    if (!o->opener.next)
        return wt_writer_open(o->path, o->pcap, err);
    char name[4096];
    int fd = o->opener.next(o->opener.to, name, err);
    return fd < 0 ? NULL : wt_writer_over(fd, name, o->pcap, o->opener.shorten, o->opener.to, err);
}

int export_finish(struct exporting *e, const struct wt_source_stats *source, struct export_result *ret_result,
                  struct wt_error *err)
{
    int code = e->error.code;
    if (!code && e->result.frames) {
        e->writer = open_writer(&e->options, &e->error);
        for (unsigned i = 0; e->writer && i < source->interface_count && i < 32; i++)
            wt_writer_interface(e->writer, &source->interfaces[i]);
        if (e->writer)
            code = store_each(&e->store, 1, write_kept, e, &e->error);
        struct wt_error closing = { 0 };
        if (e->writer && wt_writer_close(e->writer, NULL, &closing) < 0 && !code)
            e->error = closing;
        code = code ? code : e->error.code;
    }
    *ret_result = e->result;
    if (code && err)
        *err = e->error;
    return code;
}

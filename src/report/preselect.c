#include "report/preselect.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "report/names.h"
#include "report/store.h"

#define BUFFERED 16384u
#define PASSES UINT32_MAX            /* in place of a connection: a packet of none, which passes */
#define NAMES 65536

struct bits {
    uint8_t *at;                     /* owned */
    uint64_t room;                   /* bytes */
};

struct preselect {
    struct wt_filter_matcher *matcher;
    bool over_connections;
    struct names *names;
    struct bits connections, frames;
    uint64_t count, kept;            /* frames seen; frames left */
    int fd;                          /* connection numbers, frame by frame */
    uint32_t buffer[BUFFERED];
    unsigned buffered;
    struct wt_error error;
};

struct preselect *preselect_new(const struct wt_filter *filter, struct wt_error *err)
{
    struct preselect *p = calloc(1, sizeof *p);
    if (!p) {
        wt_fail(err, -ENOMEM, "not enough memory");
        return NULL;
    }
    p->matcher = wt_filter_matcher_new(filter);
    p->over_connections = wt_filter_uses(filter) & WT_FILTER_CONNECTIONS;
    p->names = names_new(NAMES);
    p->fd = store_temporary(err);
    if (p->fd >= 0 && p->matcher && p->names)
        return p;
    if (p->fd >= 0)
        wt_fail(err, -ENOMEM, "not enough memory");
    preselect_free(p);
    return NULL;
}

void preselect_free(struct preselect *p)
{
    if (!p)
        return;
    wt_filter_matcher_free(p->matcher);
    names_free(p->names);
    free(p->connections.at);
    free(p->frames.at);
    if (p->fd >= 0)
        close(p->fd);
    free(p);
}

static bool has_bit(const struct bits *b, uint64_t i)
{
    return i / 8 < b->room && b->at[i / 8] >> (i % 8) & 1;
}

static bool set_bit(struct bits *b, uint64_t i)
{
    if (i / 8 >= b->room) {
        uint64_t want = b->room ? b->room : 4096;
        while (want <= i / 8)
            want *= 2;
        uint8_t *grown = realloc(b->at, want);
        if (!grown)
            return false;
        memset(grown + b->room, 0, want - b->room);
        b->at = grown;
        b->room = want;
    }
    b->at[i / 8] |= (uint8_t)(1u << (i % 8));
    return true;
}

static void flush(struct preselect *p)
{
    const char *at = (const char *)p->buffer;
    size_t left = p->buffered * sizeof p->buffer[0];
    while (left && !p->error.code) {
        ssize_t n = write(p->fd, at, left);
        if (n < 0 && errno != EINTR)
            wt_fail(&p->error, -errno, "the temporary file of -Y: %s", strerror(errno));
        if (n > 0) {
            at += n;
            left -= (size_t)n;
        }
    }
    p->buffered = 0;
}

/* ---- the first pass ---- */

static void packet(void *worker, const struct wt_packet_view *view)
{
    struct preselect *p = worker;
    uint64_t connection = view->context->connection;
    bool passes = !p->over_connections && wt_filter_match_packet(p->matcher, view);
    if (passes && connection && !set_bit(&p->connections, connection))
        wt_fail(&p->error, -ENOMEM, "not enough memory for -Y");
    p->buffer[p->buffered++] = connection ? (uint32_t)connection : passes ? PASSES : 0;
    p->count++;
    if (p->buffered == BUFFERED)
        flush(p);
}

static const char *name_of(void *names, unsigned family, const uint8_t *address)
{
    return names_find(names, family, address, INT64_MAX);
}

static void connection(void *worker, const struct wt_connection *c)
{
    struct preselect *p = worker;
    if (!p->over_connections)
        return;
    wt_filter_matcher_names(p->matcher, name_of, p->names);
    if (wt_filter_match_connection(p->matcher, c) && !set_bit(&p->connections, c->number))
        wt_fail(&p->error, -ENOMEM, "not enough memory for -Y");
}

static void message(void *worker, const struct wt_message *m)
{
    struct preselect *p = worker;
    if (m->kind == WT_MESSAGE_NAME)
        names_add(p->names, m->name);
}

static void *worker_open(void *client, unsigned worker)
{
    (void)worker;
    return client;
}

void preselect_client(struct preselect *p, struct wt_client *ret_client)
{
    *ret_client = (struct wt_client){ .client = p, .worker_open = worker_open, .packet = packet, .connection = connection,
                                      .message = message };
}

int preselect_finish(struct preselect *p, struct wt_error *err)
{
    flush(p);
    uint64_t number = 0;
    off_t at = 0;
    while (!p->error.code && number < p->count) {
        ssize_t n = pread(p->fd, p->buffer, sizeof p->buffer, at);
        if (n < 0 && errno == EINTR)
            continue;
        if (n < (ssize_t)sizeof p->buffer[0]) {
            wt_fail(&p->error, -EIO, "the temporary file of -Y cannot be read back");
            break;
        }
        at += n;
        for (size_t i = 0; i < (size_t)n / sizeof p->buffer[0]; i++) {
            number++;
            bool is = p->buffer[i] == PASSES || (p->buffer[i] && has_bit(&p->connections, p->buffer[i]));
            if (is && !set_bit(&p->frames, number))
                wt_fail(&p->error, -ENOMEM, "not enough memory for -Y");
            p->kept += is;
        }
    }
    if (p->error.code && err)
        *err = p->error;
    return p->error.code;
}

bool preselect_admits(void *preselect, uint64_t number)
{
    const struct preselect *p = preselect;
    return has_bit(&p->frames, number);
}

uint64_t preselect_frames(const struct preselect *p)
{
    return p->kept;
}

/* Runs a dissector's session on scripted bytes, and writes down what it tells. */
#ifndef TEST_SESSION_DRIVER_H
#define TEST_SESSION_DRIVER_H

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "wiretale/config.h"
#include "wiretale/dissector.h"
#include "wiretale/message.h"

struct driver {
    const struct wt_session_ops *ops;
    void *session;
    struct wt_session_context ctx;
    struct wt_config config;
    struct wt_limit_hits hits;
    struct wt_held held;
    bool over;                 /* the session gave up */
    char told[16384];
    size_t len;
};

__attribute__((format(printf, 2, 3))) static inline void driver_tell(struct driver *d, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    int n = vsnprintf(d->told + d->len, sizeof d->told - d->len, format, args);
    va_end(args);
    d->len += (size_t)n;
    if (n < 0 || d->len >= sizeof d->told)
        abort();
}

static inline void driver_start(struct driver *d, const struct wt_session_ops *ops, uint16_t client_port,
                                uint16_t server_port, void (*emit)(void *, const struct wt_message *))
{
    memset(d, 0, sizeof *d);
    d->ops = ops;
    wt_config_defaults(&d->config);
    d->held.limit = 1u << 20;
    d->session = malloc(ops->session_bytes);
    d->ctx = (struct wt_session_context){
        .client_port = client_port, .server_port = server_port, .config = &d->config, .hits = &d->hits,
        .emit = emit, .emit_to = d, .held = &d->held,
    };
    ops->open(d->session, &d->ctx);
}

/* Each step is one frame, a millisecond after the one before. */
static inline void driver_step(struct driver *d)
{
    d->ctx.frame++;
    d->ctx.time_ns += 1000000;
}

/* The bytes stand in memory of their own, so that a read beyond them is found, and are gone afterwards. */
static inline void driver_feed(struct driver *d, unsigned dir, const void *bytes, size_t len)
{
    if (d->over || !len)
        return;
    uint8_t *copy = malloc(len);
    memcpy(copy, bytes, len);
    if (!d->ops->feed(d->session, &d->ctx, dir, (struct wt_slice){ copy, len }))
        d->over = true;
    free(copy);
}

static inline void driver_gap(struct driver *d, unsigned dir, uint64_t len)
{
    if (!d->over && !d->ops->gap(d->session, &d->ctx, dir, len))
        d->over = true;
}

static inline void driver_end(struct driver *d, enum wt_close_reason reason)
{
    d->ops->close(d->session, &d->ctx, 2, d->over ? WT_CLOSED_END : reason);
    free(d->session);
    d->session = NULL;
    if (d->held.bytes != 0)
        driver_tell(d, "%llu bytes still held\n", (unsigned long long)d->held.bytes);
}

#endif

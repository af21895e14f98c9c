#include "tui/spool.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "report/store.h"

#define LEAST 65536u         /* a ring smaller than this is of no use */

int spool_init(struct spool *s, uint64_t limit, struct wt_error *err)
{
    *s = (struct spool){ .fd = store_temporary(err), .limit = limit, .buffer = malloc(SPOOL_BUFFER) };
    if (s->fd < 0)
        return s->fd;
    return s->buffer ? 0 : wt_fail(err, -ENOMEM, "not enough memory");
}

void spool_done(struct spool *s)
{
    if (s->buffer && s->fd >= 0)
        close(s->fd);
    free(s->buffer);
    *s = (struct spool){ .fd = -1 };
}

static bool write_whole(struct spool *s, const uint8_t *bytes, size_t len)
{
    while (len) {
        uint64_t at = s->written % s->limit;
        size_t now = s->limit - at < len ? (size_t)(s->limit - at) : len;
        ssize_t n = pwrite(s->fd, bytes, now, (off_t)at);
        if (n < 0 && errno == EINTR)
            continue;
        if (n <= 0) {
            if (s->written != at || at < LEAST)
                return false;
            s->limit = at;              /* the disk is full: from here on in turn */
            continue;
        }
        bytes += n;
        len -= (size_t)n;
        s->written += (uint64_t)n;
    }
    return true;
}

uint64_t spool_add(struct spool *s, const void *bytes, size_t len)
{
    if (len > SPOOL_BUFFER || len > s->limit) {
        s->refused++;
        return UINT64_MAX;
    }
    if (s->used + len > SPOOL_BUFFER) {
        if (!write_whole(s, s->buffer, s->used)) {
            s->refused++;
            return UINT64_MAX;
        }
        s->used = 0;
    }
    uint64_t at = s->written + s->used;
    if (len)
        memcpy(s->buffer + s->used, bytes, len);
    s->used += len;
    return at;
}

bool spool_read(const struct spool *s, uint64_t at, void *to, size_t len)
{
    uint8_t *into = to;
    if (at == UINT64_MAX || at > s->written + s->used || len > s->written + s->used - at
        || (s->written > s->limit && at < s->written - s->limit))
        return false;
    while (len && at < s->written) {
        uint64_t place = at % s->limit;
        size_t want = s->written - at < len ? (size_t)(s->written - at) : len;
        want = s->limit - place < want ? (size_t)(s->limit - place) : want;
        ssize_t n = pread(s->fd, into, want, (off_t)place);
        if (n < 0 && errno == EINTR)
            continue;
        if (n <= 0)
            return false;
        into += n;
        at += (uint64_t)n;
        len -= (size_t)n;
    }
    if (len)
        memcpy(into, s->buffer + (at - s->written), len);
    return true;
}

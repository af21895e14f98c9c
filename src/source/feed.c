#include "source/feed.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include <zlib.h>
#include <zstd.h>

#define PACKED_BYTES (256u << 10)
#define WAIT_MS 100

static bool stopped(const struct feed *f)
{
    return f->stop && atomic_load_explicit(f->stop, memory_order_relaxed);
}

/* Somebody cut it below what it had or what we have read: what follows would not be what it was. */
static bool shrank(const struct feed *f)
{
    struct stat st;
    return fstat(f->fd, &st) == 0 && ((uint64_t)st.st_size < f->size || (uint64_t)st.st_size < f->raw_read);
}

/* Bytes as they are in the file. */
static ptrdiff_t read_raw(struct feed *f, uint8_t *to, size_t room, struct wt_error *err)
{
    if (f->first_at < f->first_len) {
        size_t n = f->first_len - f->first_at < room ? f->first_len - f->first_at : room;
        memcpy(to, f->first + f->first_at, n);
        f->first_at += n;
        return (ptrdiff_t)n;
    }
    if (f->fd < 0) {
        size_t n = f->memory_left < room ? f->memory_left : room;
        if (n)
            memcpy(to, f->memory, n);
        f->memory += n;
        f->memory_left -= n;
        return (ptrdiff_t)n;
    }
    if (!f->regular) {
        struct pollfd p = { .fd = f->fd, .events = POLLIN };
        int ready = poll(&p, 1, WAIT_MS);
        if (ready == 0 || (ready < 0 && errno == EINTR))
            return stopped(f) ? 0 : -EAGAIN;
    }
    ssize_t n = read(f->fd, to, room);
    if (n > 0)
        f->raw_read += (uint64_t)n;
    if (n < 0 && (errno == EINTR || errno == EAGAIN))
        return stopped(f) ? 0 : -EAGAIN;
    if (n < 0)
        return wt_fail(err, -errno, "%s: could not read at byte %" PRIu64 ": %s", f->name, f->raw_read, strerror(errno));
    if (n == 0 && f->regular && shrank(f))
        return wt_fail(err, -EIO, "%s: became shorter while it was read: %" PRIu64 " of its %" PRIu64 " bytes were read", f->name,
                       f->raw_read, f->size);
    if (n == 0 && f->follow && f->regular && !stopped(f)) {
        poll(NULL, 0, WAIT_MS);
        return -EAGAIN;
    }
    return n;
}

static ptrdiff_t refill_packed(struct feed *f, struct wt_error *err)
{
    if (f->packed_at < f->packed_len || f->packed_end)
        return 1;
    ptrdiff_t n = read_raw(f, f->packed, PACKED_BYTES, err);
    if (n < 0)
        return n;
    f->packed_at = 0;
    f->packed_len = (size_t)n;
    f->packed_end = n == 0;
    return 1;
}

static int damaged(const struct feed *f, const char *why, struct wt_error *err)
{
    return wt_fail(err, -EBADMSG, "%s: the %s data is damaged near byte %" PRIu64 ": %s", f->name, f->packing,
                   f->raw_read - (f->packed_len - f->packed_at), why);
}

static int cut(const struct feed *f, struct wt_error *err)
{
    return wt_fail(err, -EBADMSG, "%s: the %s data is cut off at byte %" PRIu64, f->name, f->packing, f->raw_read);
}

static ptrdiff_t read_gzip(struct feed *f, uint8_t *to, size_t room, struct wt_error *err)
{
    z_stream *z = f->inflater;
    z->next_out = to;
    z->avail_out = (uInt)room;
    while (z->avail_out == room) {
        ptrdiff_t r = refill_packed(f, err);
        if (r < 0)
            return r;
        if (f->packed_at == f->packed_len)
            return z->total_in == 0 ? 0 : cut(f, err);
        z->next_in = f->packed + f->packed_at;
        z->avail_in = (uInt)(f->packed_len - f->packed_at);
        int status = inflate(z, Z_NO_FLUSH);
        f->packed_at = f->packed_len - z->avail_in;
        if (status == Z_STREAM_END)
            inflateReset(z);    /* several members may follow one another (RFC 1952 2.2) */
        else if (status != Z_OK && status != Z_BUF_ERROR)
            return damaged(f, z->msg ? z->msg : "not gzip", err);
    }
    return (ptrdiff_t)(room - z->avail_out);
}

static ptrdiff_t read_zstd(struct feed *f, uint8_t *to, size_t room, struct wt_error *err)
{
    ZSTD_outBuffer out = { to, room, 0 };
    while (out.pos == 0) {
        ptrdiff_t r = refill_packed(f, err);
        if (r < 0)
            return r;
        bool at_end = f->packed_at == f->packed_len;
        ZSTD_inBuffer in = { f->packed, f->packed_len, f->packed_at };
        if (at_end && !f->inside)
            return 0;
        size_t left = ZSTD_decompressStream(f->inflater, &out, &in);
        f->packed_at = in.pos;
        if (ZSTD_isError(left))
            return damaged(f, ZSTD_getErrorName(left), err);
        f->inside = left != 0;
        if (at_end && out.pos == 0)
            return cut(f, err);
    }
    return (ptrdiff_t)out.pos;
}

static int open_gzip(struct feed *f, struct wt_error *err)
{
    z_stream *z = calloc(1, sizeof *z);
    if (!z || inflateInit2(z, 15 + 16) != Z_OK) {
        free(z);
        return wt_fail(err, -ENOMEM, "%s: not enough memory to inflate", f->name);
    }
    f->inflater = z;
    f->packing = "gzip";
    return 0;
}

static int open_zstd(struct feed *f, struct wt_error *err)
{
    ZSTD_DStream *z = ZSTD_createDStream();
    if (!z)
        return wt_fail(err, -ENOMEM, "%s: not enough memory to inflate", f->name);
    ZSTD_DCtx_setParameter(z, ZSTD_d_windowLogMax, 27);   /* 128 MiB: what `zstd -d` takes without --long */
    f->inflater = z;
    f->packing = "zstd";
    return 0;
}

/* Looks at the first bytes for a packing. */
static int recognise(struct feed *f, struct wt_error *err)
{
    while (f->first_len < 4) {
        size_t at = f->first_at;
        f->first_at = f->first_len;
        ptrdiff_t n = read_raw(f, f->first + f->first_len, 4 - f->first_len, err);
        f->first_at = at;
        if (n == -EAGAIN && !stopped(f))
            continue;
        if (n < 0 && n != -EAGAIN)
            return (int)n;
        if (n <= 0)
            break;
        f->first_len += (size_t)n;
    }
    static const uint8_t zstd[] = { 0x28, 0xb5, 0x2f, 0xfd };
    int r = 0;
    if (f->first_len >= 2 && f->first[0] == 0x1f && f->first[1] == 0x8b)
        r = open_gzip(f, err);
    else if (f->first_len == 4 && memcmp(f->first, zstd, 4) == 0)
        r = open_zstd(f, err);
    if (r == 0 && f->packing) {
        f->packed = malloc(PACKED_BYTES);
        if (!f->packed)
            r = wt_fail(err, -ENOMEM, "%s: not enough memory to inflate", f->name);
    }
    return r;
}

int feed_open(struct feed *f, const char *name, bool follow, const atomic_bool *stop, struct wt_error *err)
{
    struct stat st;
    *f = (struct feed){ .name = name, .follow = follow, .stop = stop, .size = UINT64_MAX };
    f->fd = strcmp(name, "-") == 0 ? dup(0) : open(name, O_RDONLY | O_CLOEXEC | O_NOCTTY);
    if (f->fd < 0)
        return wt_fail(err, -errno, "%s: could not be opened: %s", name, strerror(errno));
    if (fstat(f->fd, &st) == 0 && S_ISDIR(st.st_mode)) {
        close(f->fd);
        return wt_fail(err, -EISDIR, "%s: is a folder, not a capture file", name);
    }
    f->regular = S_ISREG(st.st_mode);
    if (f->regular) {
        f->size = (uint64_t)st.st_size;
        posix_fadvise(f->fd, 0, 0, POSIX_FADV_SEQUENTIAL);
    }
    int r = recognise(f, err);
    if (r < 0)
        feed_close(f);
    return r;
}

void feed_open_memory(struct feed *f, const uint8_t *bytes, size_t len)
{
    *f = (struct feed){ .fd = -1, .name = "memory", .memory = bytes, .memory_left = len, .regular = true,
                        .size = len };
    recognise(f, NULL);
}

void feed_close(struct feed *f)
{
    if (f->inflater && strcmp(f->packing, "gzip") == 0) {
        inflateEnd(f->inflater);
        free(f->inflater);
    } else if (f->inflater) {
        ZSTD_freeDStream(f->inflater);
    }
    free(f->packed);
    if (f->fd >= 0)
        close(f->fd);
    *f = (struct feed){ .fd = -1 };
}

ptrdiff_t feed_read(struct feed *f, uint8_t *to, size_t room, struct wt_error *err)
{
    if (!f->packing)
        return read_raw(f, to, room, err);
    return strcmp(f->packing, "gzip") == 0 ? read_gzip(f, to, room, err) : read_zstd(f, to, room, err);
}

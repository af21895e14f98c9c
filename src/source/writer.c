#include "wiretale/writer.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <sys/utsname.h>
#include <unistd.h>

#define BUFFER (1u << 20)
#define MAX_INTERFACES 256
#define SNAPLEN 262144u

enum { SECTION = 0x0a0d0d0a, INTERFACE = 1, STATISTICS = 5, ENHANCED_PACKET = 6, OPTION_COMMENT = 1 };

struct wt_writer {
    int fd;
    char *path;                 /* owned */
    bool pcap, failed;
    int (*shorten)(void *to, uint64_t size);
    void *shorten_to;
    uint8_t *buffer;            /* owned */
    size_t used;
    uint32_t block_ends[BUFFER / 32];   /* of the blocks in the buffer */
    uint32_t block_frames[BUFFER / 32]; /* frames of the buffer up to each */
    uint32_t blocks, buffered_frames;
    uint64_t written, frames;
    uint32_t interfaces;
    uint16_t linktypes[MAX_INTERFACES];
    uint64_t interface_frames[MAX_INTERFACES];
};

/* ---- bytes into the buffer, in the host's order: readers know it by the magic ---- */

static void put(struct wt_writer *w, const void *bytes, size_t len)
{
    if (len)
        memcpy(w->buffer + w->used, bytes, len);
    w->used += len;
}

static void put_u32(struct wt_writer *w, uint32_t v)
{
    put(w, &v, 4);
}

static void put_u16(struct wt_writer *w, uint16_t v)
{
    put(w, &v, 2);
}

static void put_padded(struct wt_writer *w, const void *bytes, size_t len)
{
    static const uint8_t zero[4];
    put(w, bytes, len);
    put(w, zero, (4 - len % 4) % 4);
}

static void put_option(struct wt_writer *w, uint16_t code, const void *bytes, size_t len)
{
    put_u16(w, code);
    put_u16(w, (uint16_t)len);
    put_padded(w, bytes, len);
}

static size_t begin(struct wt_writer *w, uint32_t type)
{
    size_t start = w->used;
    put_u32(w, type);
    put_u32(w, 0);
    return start;
}

static void end_unit(struct wt_writer *w)
{
    w->block_ends[w->blocks] = (uint32_t)w->used;
    w->block_frames[w->blocks++] = w->buffered_frames;
}

static void end(struct wt_writer *w, size_t start)
{
    uint32_t len = (uint32_t)(w->used - start + 4);
    put_u32(w, len);
    memcpy(w->buffer + start + 4, &len, 4);
    end_unit(w);
}

/* ---- to the file ---- */

/* Keeps what was written whole; the rest is taken back, so that the file ends with a whole block. */
static int take_back(struct wt_writer *w, size_t done, int why, struct wt_error *err)
{
    uint32_t whole = 0, frames = 0;
    for (uint32_t i = 0; i < w->blocks && w->block_ends[i] <= done; i++) {
        whole = w->block_ends[i];
        frames = w->block_frames[i];
    }
    uint64_t lost = w->buffered_frames - frames;
    w->failed = true;
    uint64_t size = w->written + whole;
    if ((w->shorten ? w->shorten(w->shorten_to, size) : ftruncate(w->fd, (off_t)size)) == 0)
        lseek(w->fd, 0, SEEK_END);
    w->written += whole;
    w->frames += frames;
    w->used = w->blocks = 0;
    return wt_fail(err, -why, "%s: could not be written at byte %" PRIu64 ": %s; it is whole up to there, with %" PRIu64
                   " packets, and %" PRIu64 " are missing", w->path, w->written, strerror(why), w->frames, lost);
}

int wt_writer_flush(struct wt_writer *w, struct wt_error *err)
{
    size_t done = 0;
    while (done < w->used && !w->failed) {
        ssize_t n = write(w->fd, w->buffer + done, w->used - done);
        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0)
            return take_back(w, done, errno, err);
        done += (size_t)n;
    }
    if (w->failed)
        return wt_fail(err, -EIO, "%s: nothing more is written after an error", w->path);
    w->written += w->used;
    w->frames += w->buffered_frames;
    w->used = w->blocks = w->buffered_frames = 0;
    return 0;
}

static int make_room(struct wt_writer *w, size_t len, struct wt_error *err)
{
    if (w->failed)
        return wt_fail(err, -EIO, "%s: nothing more is written after an error", w->path);
    if (BUFFER - w->used < len || w->blocks + 1 >= BUFFER / 32)
        return wt_writer_flush(w, err);
    return 0;
}

/* ---- blocks ---- */

static void put_section(struct wt_writer *w)
{
    struct utsname host;
    size_t start = begin(w, SECTION);
    int64_t unknown = -1;
    put_u32(w, 0x1a2b3c4d);
    put_u16(w, 1);
    put_u16(w, 0);
    put(w, &unknown, 8);
    if (uname(&host) == 0)
        put_option(w, 3, host.sysname, strlen(host.sysname));
    put_option(w, 4, "wiretale", 8);
    put_option(w, 0, NULL, 0);
    end(w, start);
}

static void put_interface(struct wt_writer *w, uint16_t linktype, uint32_t snaplen, const char *name)
{
    size_t start = begin(w, INTERFACE);
    uint8_t nano = 9;
    put_u16(w, linktype);
    put_u16(w, 0);
    put_u32(w, snaplen);
    if (name && *name)
        put_option(w, 2, name, strlen(name));
    put_option(w, 9, &nano, 1);
    put_option(w, 0, NULL, 0);
    end(w, start);
    w->linktypes[w->interfaces++] = linktype;
}

static void put_pcap_header(struct wt_writer *w, uint16_t linktype)
{
    put_u32(w, 0xa1b23c4d);     /* nanoseconds */
    put_u16(w, 2);
    put_u16(w, 4);
    put_u32(w, 0);
    put_u32(w, 0);
    put_u32(w, SNAPLEN);
    put_u32(w, linktype);
    end_unit(w);
    w->linktypes[w->interfaces++] = linktype;
}

struct wt_writer *wt_writer_over(int fd, const char *path, bool pcap, int (*shorten)(void *to, uint64_t size), void *to,
                                 struct wt_error *err)
{
    struct wt_writer *w = calloc(1, sizeof *w);
    if (w) {
        w->buffer = malloc(BUFFER);
        w->path = strdup(path);
    }
    if (!w || !w->buffer || !w->path) {
        if (w) {
            free(w->buffer);
            free(w->path);
        }
        free(w);
        close(fd);
        wt_fail(err, -ENOMEM, "%s: not enough memory", path);
        return NULL;
    }
    w->pcap = pcap;
    w->fd = fd;
    w->shorten = shorten;
    w->shorten_to = to;
    if (!pcap)
        put_section(w);
    return w;
}

struct wt_writer *wt_writer_open(const char *path, bool pcap, struct wt_error *err)
{
    int fd = strcmp(path, "-") == 0 ? dup(1) : open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);
    if (fd >= 0)
        return wt_writer_over(fd, path, pcap, NULL, NULL, err);
    wt_fail(err, -errno, "%s: could not be written: %s", path, strerror(errno));
    return NULL;
}

int wt_writer_fd(const struct wt_writer *w)
{
    return w->fd;
}

void wt_writer_interface(struct wt_writer *w, const struct wt_interface_info *info)
{
    if (w->pcap || w->interfaces == MAX_INTERFACES || make_room(w, 256, NULL) < 0)
        return;
    put_interface(w, info->linktype, info->snaplen, info->name);
}

static int frame_pcap(struct wt_writer *w, const struct wt_frame *f, struct wt_error *err)
{
    if (w->interfaces == 0)
        put_pcap_header(w, f->linktype);
    if (f->linktype != w->linktypes[0])
        return wt_fail(err, -EPROTO, "%s: a pcap file holds one link type, and there are %u and %u; write pcapng instead",
                       w->path, w->linktypes[0], f->linktype);
    put_u32(w, (uint32_t)(f->time_ns / 1000000000));
    put_u32(w, (uint32_t)(f->time_ns % 1000000000));
    put_u32(w, f->captured_len);
    put_u32(w, f->wire_len);
    put(w, f->bytes, f->captured_len);
    w->buffered_frames++;
    end_unit(w);
    return 0;
}

/* What a value of an option is in the host's byte order; false: nobody knows. */
static bool option_value(const struct wt_frame *f, const struct wt_frame_option *o, uint8_t to[8], struct wt_slice *ret)
{
    *ret = o->value;
    if (!(f->flags & WT_FRAME_SWAPPED) || o->code == OPTION_COMMENT || o->code == 3 || o->code == 7)
        return true;                   /* text and octets; the next are numbers of 32 and 64 bits */
    size_t len = o->code == 2 || o->code == 6 ? 4 : o->code == 4 || o->code == 5 ? 8 : 0;
    if (!len || o->value.len != len)
        return false;
    for (size_t i = 0; i < len; i++)
        to[i] = o->value.at[len - 1 - i];
    *ret = (struct wt_slice){ to, len };
    return true;
}

static void put_frame_options(struct wt_writer *w, const struct wt_frame *f)
{
    struct wt_frame_option option;
    uint8_t number[8];
    bool any = false;
    for (uint32_t at = 0; wt_frame_option(f, &at, &option);) {
        struct wt_slice value;
        if (!option_value(f, &option, number, &value))
            continue;
        put_option(w, option.code, value.at, value.len);
        any = true;
    }
    if (any)
        put_option(w, 0, NULL, 0);
}

static int frame_pcapng(struct wt_writer *w, const struct wt_frame *f, struct wt_error *err)
{
    if (f->interface >= MAX_INTERFACES)
        return wt_fail(err, -EPROTO, "%s: more than %d interfaces", w->path, MAX_INTERFACES);
    while (w->interfaces <= f->interface)
        put_interface(w, f->linktype, SNAPLEN, NULL);
    size_t start = begin(w, ENHANCED_PACKET);
    put_u32(w, f->interface);
    put_u32(w, (uint32_t)((uint64_t)f->time_ns >> 32));
    put_u32(w, (uint32_t)f->time_ns);
    put_u32(w, f->captured_len);
    put_u32(w, f->wire_len);
    put_padded(w, f->bytes, f->captured_len);
    put_frame_options(w, f);
    w->buffered_frames++;
    w->interface_frames[f->interface]++;
    end(w, start);
    return 0;
}

int wt_writer_frame(struct wt_writer *w, const struct wt_frame *f, struct wt_error *err)
{
    size_t described = f->interface + 1 > w->interfaces ? f->interface + 1 - w->interfaces : 0;
    size_t options = wt_frame_block(f).len;
    size_t need = f->captured_len + 64 + 64 * described + options;
    if (need > BUFFER)
        return wt_fail(err, -E2BIG, "%s: a packet with %zu bytes of comments and options, more than can be written", w->path, options);
    int r = make_room(w, need, err);
    if (r < 0)
        return r;
    return w->pcap ? frame_pcap(w, f, err) : frame_pcapng(w, f, err);
}

uint64_t wt_writer_bytes(const struct wt_writer *w)
{
    return w->written + w->used;
}

uint64_t wt_writer_frames(const struct wt_writer *w)
{
    return w->frames;
}

static void put_statistics(struct wt_writer *w, uint32_t interface, const struct wt_source_stats *st)
{
    size_t start = begin(w, STATISTICS);
    uint64_t now = (uint64_t)st->last_ns;
    put_u32(w, interface);
    put_u32(w, (uint32_t)(now >> 32));
    put_u32(w, (uint32_t)now);
    put_option(w, 4, &w->interface_frames[interface], 8);
    if (interface == 0 && st->interface_drops != WT_UNKNOWN)
        put_option(w, 5, &st->interface_drops, 8);
    if (interface == 0 && st->kernel_drops != WT_UNKNOWN)
        put_option(w, 7, &st->kernel_drops, 8);
    put_option(w, 0, NULL, 0);
    end(w, start);
}

int wt_writer_close(struct wt_writer *w, const struct wt_source_stats *stats, struct wt_error *err)
{
    int r = 0;
    if (!w->failed && w->pcap && w->interfaces == 0)
        put_pcap_header(w, stats && stats->interface_count ? stats->interfaces[0].linktype : 1);
    for (uint32_t i = 0; stats && !w->pcap && !w->failed && i < w->interfaces; i++) {
        r = make_room(w, 128, err);
        if (r == 0)
            put_statistics(w, i, stats);
    }
    if (!w->failed && r == 0)
        r = wt_writer_flush(w, err);
    if (close(w->fd) < 0 && r == 0)
        r = wt_fail(err, -errno, "%s: could not be closed: %s", w->path, strerror(errno));
    free(w->buffer);
    free(w->path);
    free(w);
    return r;
}

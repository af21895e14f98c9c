#include "source/capture_file.h"

#include <ctype.h>
#include <errno.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

int capture_file_damaged(struct capture_file *f, uint64_t offset, const char *format, ...)
{
    char why[256];
    va_list args;
    va_start(args, format);
    vsnprintf(why, sizeof why, format, args);
    va_end(args);
    wt_fail(&f->problem, -EBADMSG, "%s: damaged at byte %" PRIu64 ", after %" PRIu64 " packets: %s", f->name, offset,
            f->packets, why);
    return 1;
}

struct interface *capture_file_add_interface(struct capture_file *f)
{
    if (f->interface_count == MAX_INTERFACES)
        return NULL;
    if (f->interface_count == f->interface_room) {
        uint32_t room = f->interface_room ? f->interface_room * 2 : 4;
        struct interface *more = realloc(f->interfaces, room * sizeof *more);
        if (!more)
            return NULL;
        f->interfaces = more;
        f->interface_room = room;
    }
    struct interface *i = &f->interfaces[f->interface_count++];
    *i = (struct interface){ .units = 1000000, .info = { .recorded_drops = WT_UNKNOWN } };
    return i;
}

static void cut_off(struct capture_file *f, size_t left)
{
    wt_fail(&f->problem, -EBADMSG,
            "%s: cut off in the middle of a packet: packet %" PRIu64 " begins at byte %" PRIu64 ", and only %zu bytes of it "
            "are there",
            f->name, f->packets + 1, f->offset, left);
}

/* One read, or several while a regular file has more: a pipe is not waited for when there is something to show. */
static bool read_more(struct capture_file *f, struct block *b)
{
    struct wt_error err = { 0 };
    while (b->used < b->capacity) {
        ptrdiff_t n = feed_read(&f->feed, b->bytes + b->used, b->capacity - b->used, &err);
        if (n == -EAGAIN)
            return true;
        if (n <= 0) {
            if (n < 0)
                f->problem = err;
            return false;
        }
        b->used += (size_t)n;
        if (!f->feed.regular)
            return true;
    }
    return true;
}

static size_t skip_ahead(struct capture_file *f, const struct block *b)
{
    size_t n = f->skip < b->used ? (size_t)f->skip : b->used;
    f->skip -= n;
    return n;
}

static int fill(struct source *s, struct block *b, struct wt_error *err)
{
    struct capture_file *f = (struct capture_file *)s;
    (void)err;
    memmove(b->bytes, f->carry, f->carry_len);
    b->used = f->carry_len;
    bool more = !f->ended && read_more(f, b);
    size_t at = skip_ahead(f, b);
    uint64_t start = f->offset;
    int damage = f->format->parse(f, b, &at);
    size_t left = b->used - at;
    f->offset = start + at;
    f->carry = b->bytes + at;
    f->carry_len = left;
    bool full = b->frame_count == b->frame_capacity || b->used == b->capacity;
    if (damage || (!more && !full) || (full && !b->frame_count && at == 0)) {
        if (!damage && full && at == 0)
            capture_file_damaged(f, f->offset, "a record of more than %zu bytes", b->capacity);
        if (!f->problem.code && (left || f->skip) && !atomic_load(&s->stop))
            cut_off(f, left);
        b->last = true;
    }
    f->ended = f->ended || !more;
    atomic_store_explicit(&s->progress_bytes, f->feed.raw_read, memory_order_relaxed);
    if (atomic_load_explicit(&s->stop, memory_order_relaxed))
        b->last = true;
    return 0;
}

static void stats(struct source *s, struct wt_source_stats *st)
{
    struct capture_file *f = (struct capture_file *)s;
    *st = (struct wt_source_stats){ .input_bytes = f->feed.raw_read, .input_size = s->size_bytes };
    snprintf(st->format, sizeof st->format, "%s%s%s", f->format->name, f->feed.packing ? ", " : "",
             f->feed.packing ? f->feed.packing : "");
    st->incomplete = f->problem.code != 0;
    st->problem = f->problem;
    st->interface_count = f->interface_count;
    st->kernel_received = st->kernel_drops = st->interface_drops = st->ring_drops = WT_UNKNOWN;
    st->kernel_left = st->softnet_drops = WT_UNKNOWN;
    for (uint32_t i = 0; i < f->interface_count && i < 32; i++)
        st->interfaces[i] = f->interfaces[i].info;
}

static void close_file(struct source *s)
{
    struct capture_file *f = (struct capture_file *)s;
    feed_close(&f->feed);
    free(f->interfaces);
    free(f->name);
    free(f);
}

static const struct source_ops file_ops = { "file", fill, stats, close_file };

/* What a file that is no capture seems to be. NULL: nobody knows. */
static const char *known_format(const uint8_t *p, size_t n)
{
    static const struct { const char *magic; size_t len; const char *name; } known[] = {
        { "\x7f" "ELF", 4, "an ELF program" }, { "\x89PNG", 4, "a PNG picture" }, { "%PDF", 4, "a PDF document" },
        { "PK\3\4", 4, "a zip archive" }, { "snoop\0\0\0", 8, "a snoop capture" }, { "GMBU", 4, "a Network Monitor capture" },
        { "RTSS", 4, "a Network Monitor 1 capture" }, { "\xfd" "7zXZ", 5, "an xz file: unpack it first" },
        { "BZh", 3, "a bzip2 file: unpack it first" }, { "\x04\x22\x4d\x18", 4, "an lz4 file: unpack it first" },
        { "SQLite", 6, "an SQLite database" }, { "<?xml", 5, "an XML document" }, { "TRSNIFF", 7, "a Sniffer capture" },
        { "\xff\xd8\xff", 3, "a JPEG picture" }, { "7z\xbc\xaf", 4, "a 7z archive" }, { "btsnoop", 7, "a btsnoop capture" },
        { "GIF8", 4, "a GIF picture" }, { "!<arch>\n", 8, "an ar archive" }, { "PAR1", 4, "a Parquet file" },
    };
    static const struct { size_t at; const char *magic; size_t len; const char *name; } inside[] = {
        { 257, "ustar", 5, "a tar archive" }, { 4, "ftyp", 4, "a film" },
    };
    for (size_t i = 0; i < sizeof known / sizeof known[0]; i++)
        if (n >= known[i].len && memcmp(p, known[i].magic, known[i].len) == 0)
            return known[i].name;
    for (size_t i = 0; i < sizeof inside / sizeof inside[0]; i++)
        if (n >= inside[i].at + inside[i].len && memcmp(p + inside[i].at, inside[i].magic, inside[i].len) == 0)
            return inside[i].name;
    for (size_t i = 0; i < n; i++)
        if (!isprint(p[i]) && !isspace(p[i]))
            return NULL;
    return "text";
}

/* Reads on for the marks that stand further in; f ends anyway. A pipe is not waited for. */
static size_t look_further(struct capture_file *f, const uint8_t *p, size_t n, uint8_t *to, size_t size)
{
    memcpy(to, p, n);
    while (n < size && f->feed.regular) {
        ptrdiff_t r = feed_read(&f->feed, to + n, size - n, NULL);
        if (r <= 0)
            break;
        n += (size_t)r;
    }
    return n;
}

static int not_a_capture(struct capture_file *f, const uint8_t *p, size_t n, struct wt_error *err)
{
    uint8_t more[512];
    const char *packing = f->feed.packing;
    const char *what = known_format(more, look_further(f, p, n, more, sizeof more));
    if (n == 0)
        return wt_fail(err, -EPROTO, "%s: is empty: there is no capture in it", f->name);
    if (what)
        return wt_fail(err, -EPROTO, "%s: is no pcap or pcapng capture; it looks like %s%s%s", f->name, what,
                       packing ? ", packed with " : "", packing ? packing : "");
    if (n < 24)
        return wt_fail(err, -EPROTO, "%s: is no pcap or pcapng capture: it has only %zu bytes", f->name, n);
    return wt_fail(err, -EPROTO, "%s: is no pcap or pcapng capture: it begins with %02x %02x %02x %02x", f->name, p[0],
                   p[1], p[2], p[3]);
}

/* Reads the first bytes and decides by them. A pcapng file's are kept: its first block is like any other. */
static int recognise(struct capture_file *f, struct wt_error *err)
{
    size_t n = 0;
    f->carry = f->first;
    while (n < sizeof f->first) {
        ptrdiff_t r = feed_read(&f->feed, f->first + n, sizeof f->first - n, err);
        if (r == -EAGAIN && !atomic_load(&f->source.stop))
            continue;
        if (r < 0 && n == 0 && r != -EAGAIN)
            return (int)r;
        if (r <= 0)
            break;
        n += (size_t)r;
    }
    static const uint8_t section[] = { 0x0a, 0x0d, 0x0d, 0x0a };
    if (n >= 12 && memcmp(f->first, section, 4) == 0) {
        f->format = &pcapng_format;
        f->carry_len = n;
        return 0;
    }
    int r = n == sizeof f->first ? pcap_read_header(f, f->first, err) : -EPROTO;
    if (r < 0)
        return r == -EPROTO ? not_a_capture(f, f->first, n, err) : r;
    f->format = &pcap_format;
    f->offset = sizeof f->first;
    return 0;
}

static int open_with(struct capture_file *f, struct source **ret_source, struct wt_error *err)
{
    f->source.ops = &file_ops;
    int r = recognise(f, err);
    if (r < 0) {
        close_file(&f->source);
        return r;
    }
    f->source.size_bytes = f->feed.size;
    *ret_source = &f->source;
    return 0;
}

int capture_file_open(const char *name, bool follow, struct source **ret_source, struct wt_error *err)
{
    struct capture_file *f = calloc(1, sizeof *f);
    if (!f || !(f->name = strdup(strcmp(name, "-") == 0 ? "standard input" : name))) {
        free(f);
        return wt_fail(err, -ENOMEM, "%s: not enough memory", name);
    }
    int r = feed_open(&f->feed, name, follow, &f->source.stop, err);
    if (r < 0) {
        free(f->name);
        free(f);
        return r;
    }
    f->feed.name = f->name;
    return open_with(f, ret_source, err);
}

int capture_file_open_memory(const uint8_t *bytes, size_t len, struct source **ret_source, struct wt_error *err)
{
    struct capture_file *f = calloc(1, sizeof *f);
    if (!f || !(f->name = strdup("memory"))) {
        free(f);
        return wt_fail(err, -ENOMEM, "not enough memory");
    }
    feed_open_memory(&f->feed, bytes, len);
    return open_with(f, ret_source, err);
}

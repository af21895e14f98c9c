#include "tui/journal.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "report/store.h"

#define BUFFER 524288u           /* a frame of any size fits */
#define DESCRIBED_MOST 64u       /* interfaces of one file; draft-ietf-opsawg-pcapng 4.2: one link type each */
#define EPB_HEADER 28u           /* 4.3: type, length, interface, time stamp in two halves, two lengths */
#define OFFSET_BITS 40
#define LEAST 65536u             /* bytes of a file, however full the disk is */

struct described {
    uint32_t interface;
    uint16_t linktype;
};

struct journal {
    struct journal_options options;
    pthread_mutex_t lock;
    int fd[JOURNAL_FILES];
    char base[JOURNAL_PATH_MAX - 16];        /* of the names, without "-0.pcapng" */
    char path[JOURNAL_PATH_MAX];
    char folder[JOURNAL_PATH_MAX];
    uint64_t segment, segment_limit;         /* the file in use is segment % JOURNAL_FILES */
    uint8_t *buffer;                         /* owned; whole blocks that are not in the file yet */
    _Atomic uint64_t written;                /* atomics: the rescuer reads them without the lock */
    _Atomic size_t used;
    int64_t flushed_ns;
    struct described described[DESCRIBED_MOST];
    unsigned described_count;
    uint64_t refused;
};

/* ---- where ---- */

static bool make_folder(char *path)
{
    for (char *slash = strchr(path + 1, '/'); slash; slash = strchr(slash + 1, '/')) {
        *slash = '\0';
        mkdir(path, 0700);
        *slash = '/';
    }
    return mkdir(path, 0700) == 0 || errno == EEXIST;
}

static bool try_folder(struct journal *j, unsigned which)
{
    const char *state = getenv("XDG_STATE_HOME"), *home = getenv("HOME"), *temporary = getenv("TMPDIR");
    int n = 0;
    if (which == 0 && state && *state == '/')
        n = snprintf(j->folder, sizeof j->folder, "%s/wiretale", state);
    else if (which == 1 && home && *home == '/')
        n = snprintf(j->folder, sizeof j->folder, "%s/.local/state/wiretale", home);
    else if (which == 2 && temporary && *temporary == '/')
        n = snprintf(j->folder, sizeof j->folder, "%s", temporary);
    else if (which == 3)
        n = snprintf(j->folder, sizeof j->folder, "/var/tmp");
    else if (which == 4)
        n = snprintf(j->folder, sizeof j->folder, "/tmp");
    return n > 0 && n < (int)sizeof j->folder - 80 && (which > 1 || make_folder(j->folder));
}

static void remove_files(struct journal *j)
{
    char name[JOURNAL_PATH_MAX];
    for (unsigned i = 0; j->path[0] && i < JOURNAL_FILES; i++) {
        snprintf(name, sizeof name, "%s-%u.pcapng", j->base, i);
        unlink(name);
    }
    j->path[0] = '\0';
}

static int open_named_in(struct journal *j)
{
    char name[JOURNAL_PATH_MAX], date[40] = "";
    time_t now = time(NULL);
    struct tm tm;
    if (localtime_r(&now, &tm))
        strftime(date, sizeof date, "%Y%m%d-%H%M%S", &tm);
    int n = snprintf(j->base, sizeof j->base, "%s/view-%s-%ld", j->folder, date, (long)getpid());
    if (n < 0 || n >= (int)sizeof j->base)
        return -ENAMETOOLONG;
    for (unsigned i = 0; i < JOURNAL_FILES; i++) {
        snprintf(name, sizeof name, "%s-%u.pcapng", j->base, i);
        j->fd[i] = open(name, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0600);
        if (j->fd[i] < 0)
            return -errno;
        snprintf(j->path, sizeof j->path, "%s-*.pcapng", j->base);
        flock(j->fd[i], LOCK_EX | LOCK_NB);      /* held while we live: the others are left behind */
    }
    return 0;
}

static void close_files(struct journal *j)
{
    for (unsigned i = 0; i < JOURNAL_FILES; i++) {
        if (j->fd[i] >= 0)
            close(j->fd[i]);
        j->fd[i] = -1;
    }
}

static int open_files(struct journal *j, struct wt_error *err)
{
    int problem = -ENOENT;
    for (unsigned which = 0; j->options.named && which < 5; which++) {
        if (!try_folder(j, which))
            continue;
        problem = open_named_in(j);
        if (problem == 0)
            return 0;
        remove_files(j);
        close_files(j);
    }
    if (j->options.named)
        return wt_fail(err, problem, "no place for the packets in XDG_STATE_HOME, HOME, TMPDIR, /var/tmp or /tmp: %s", strerror(-problem));
    for (unsigned i = 0; i < JOURNAL_FILES; i++) {
        j->fd[i] = store_temporary(err);
        if (j->fd[i] < 0)
            return j->fd[i];
    }
    return 0;
}

/* ---- blocks ---- */

static void put32(uint8_t *to, uint32_t value)
{
    memcpy(to, &value, 4);       /* the byte order of this machine, as the section's magic tells */
}

static void put_option(uint8_t *to, size_t *at, uint16_t code, const void *value, uint16_t len)
{
    memcpy(to + *at, &code, 2);
    memcpy(to + *at + 2, &len, 2);
    if (len)
        memcpy(to + *at + 4, value, len);
    *at += 4 + ((len + 3u) & ~3u);
}

static bool write_at(int fd, const uint8_t *bytes, size_t len, uint64_t at)
{
    while (len) {
        ssize_t n = pwrite(fd, bytes, len, (off_t)at);
        if (n < 0 && errno == EINTR)
            continue;
        if (n <= 0)
            return false;
        bytes += n;
        at += (uint64_t)n;
        len -= (size_t)n;
    }
    return true;
}

static int file_of(const struct journal *j)
{
    return j->fd[j->segment % JOURNAL_FILES];
}

/* Whole blocks or none: a part that went to a full disk is taken back. */
static bool flush(struct journal *j)
{
    size_t used = atomic_load(&j->used);
    uint64_t written = atomic_load(&j->written);
    if (!used)
        return true;
    if (!write_at(file_of(j), j->buffer, used, written)) {
        if (ftruncate(file_of(j), (off_t)written) < 0)
            j->refused++;
        return false;
    }
    atomic_store(&j->used, 0);
    atomic_store(&j->written, written + used);
    return true;
}

static uint8_t *room(struct journal *j, size_t len)
{
    if (atomic_load(&j->used) + len > BUFFER && !flush(j))
        return NULL;
    return j->buffer + atomic_load(&j->used);
}

/* 4.1: a section of unknown length, version 1.0. Also in files that wait for their turn: they can be read, too. */
static bool begin_file(struct journal *j, unsigned file)
{
    uint8_t block[28] = { 0 };
    put32(block, 0x0a0d0d0a);
    put32(block + 4, sizeof block);
    put32(block + 8, 0x1a2b3c4d);
    memcpy(block + 12, &(uint16_t){ 1 }, 2);
    memset(block + 16, 0xff, 8);
    put32(block + 24, sizeof block);
    return ftruncate(j->fd[file], 0) == 0 && write_at(j->fd[file], block, sizeof block, 0);
}

/* The next file in turn: what it held is forgotten. */
static bool next_segment(struct journal *j)
{
    atomic_store(&j->used, 0);
    j->segment++;
    j->described_count = 0;
    bool good = begin_file(j, (unsigned)(j->segment % JOURNAL_FILES));
    atomic_store(&j->written, 28);
    return good;
}

static bool describe(struct journal *j, const struct wt_frame *f, uint32_t *ret_index)
{
    for (unsigned i = 0; i < j->described_count; i++)
        if (j->described[i].interface == f->interface && j->described[i].linktype == f->linktype) {
            *ret_index = i;
            return true;
        }
    uint8_t block[160] = { 0 };
    uint8_t *to = j->described_count < DESCRIBED_MOST ? room(j, sizeof block) : NULL;
    if (!to)
        return false;
    const uint8_t nanoseconds = 9;
    const char *name = f->interface < j->options.interface_count ? j->options.interfaces[f->interface] : NULL;
    size_t at = 16;
    put32(block, 1);
    memcpy(block + 8, &f->linktype, 2);
    put32(block + 12, j->options.snaplen);
    if (name)
        put_option(block, &at, 2, name, (uint16_t)strnlen(name, 64));
    put_option(block, &at, 9, &nanoseconds, 1);
    put_option(block, &at, 0, NULL, 0);
    put32(block + at, (uint32_t)(at + 4));
    put32(block + 4, (uint32_t)(at + 4));
    memcpy(to, block, at + 4);
    atomic_fetch_add(&j->used, at + 4);
    *ret_index = j->described_count;
    j->described[j->described_count++] = (struct described){ f->interface, f->linktype };
    return true;
}

static uint64_t add_block(struct journal *j, const struct wt_frame *f)
{
    uint32_t interface, padded = (f->captured_len + 3) & ~3u, len = EPB_HEADER + padded + 4;
    if (!describe(j, f, &interface))
        return JOURNAL_GONE;
    uint8_t *to = room(j, len);
    if (!to)
        return JOURNAL_GONE;
    uint64_t at = atomic_load(&j->written) + atomic_load(&j->used), time = (uint64_t)f->time_ns;
    put32(to, 6);
    put32(to + 4, len);
    put32(to + 8, interface);
    put32(to + 12, (uint32_t)(time >> 32));
    put32(to + 16, (uint32_t)time);
    put32(to + 20, f->captured_len);
    put32(to + 24, f->wire_len);
    if (padded)
        put32(to + EPB_HEADER + padded - 4, 0);
    if (f->captured_len)
        memcpy(to + EPB_HEADER, f->bytes, f->captured_len);
    put32(to + EPB_HEADER + padded, len);
    atomic_fetch_add(&j->used, len);
    return j->segment << OFFSET_BITS | (at + EPB_HEADER);
}

uint64_t journal_add(struct journal *j, const struct wt_frame *f)
{
    pthread_mutex_lock(&j->lock);
    uint64_t position = JOURNAL_GONE, len = (uint64_t)f->captured_len + EPB_HEADER + 200;
    /* A full disk: the oldest file gives its room, and from then on all are so small that they fit. */
    for (unsigned i = 0; len <= BUFFER && i < JOURNAL_FILES && position == JOURNAL_GONE; i++) {
        if (atomic_load(&j->written) + atomic_load(&j->used) + len > j->segment_limit) {
            flush(j);
            next_segment(j);
        }
        position = add_block(j, f);
        if (position != JOURNAL_GONE)
            break;
        uint64_t fits = atomic_load(&j->written) / JOURNAL_FILES;
        j->segment_limit = fits >= LEAST && fits < j->segment_limit ? fits : j->segment_limit;
        next_segment(j);
    }
    j->refused += position == JOURNAL_GONE;
    pthread_mutex_unlock(&j->lock);
    return position;
}

bool journal_read(struct journal *j, uint64_t position, void *to, size_t len)
{
    uint64_t segment = position >> OFFSET_BITS, at = position & ((UINT64_C(1) << OFFSET_BITS) - 1);
    bool good = position != JOURNAL_GONE;
    pthread_mutex_lock(&j->lock);
    uint64_t written = atomic_load(&j->written);
    if (segment > j->segment || segment + JOURNAL_FILES <= j->segment) {
        good = false;
    } else if (good && segment == j->segment && at >= written) {
        good = at - written <= atomic_load(&j->used) && len <= atomic_load(&j->used) - (at - written);
        if (good && len)
            memcpy(to, j->buffer + (at - written), len);
    } else if (good) {
        good = pread(j->fd[segment % JOURNAL_FILES], to, len, (off_t)at) == (ssize_t)len;
    }
    pthread_mutex_unlock(&j->lock);
    return good;
}

void journal_flush(struct journal *j, int64_t now_ns, int64_t waited_ns)
{
    if (pthread_mutex_trylock(&j->lock) != 0)
        return;
    if (now_ns - j->flushed_ns >= waited_ns) {
        flush(j);
        j->flushed_ns = now_ns;
    }
    pthread_mutex_unlock(&j->lock);
}

uint64_t journal_refused(struct journal *j)
{
    pthread_mutex_lock(&j->lock);
    uint64_t n = j->refused;
    pthread_mutex_unlock(&j->lock);
    return n;
}

/* pwrite() may be called from a handler. `used` grows after its block is whole, and falls before `written` grows. */
void journal_rescue(struct journal *j)
{
    uint64_t written = atomic_load(&j->written);
    size_t used = atomic_load(&j->used);
    if (used && used <= BUFFER && atomic_load(&j->written) == written)
        write_at(file_of(j), j->buffer, used, written);
}

/* ---- the whole ---- */

struct journal *journal_new(const struct journal_options *options, struct wt_error *err)
{
    struct journal *j = calloc(1, sizeof *j);
    if (!j || !(j->buffer = malloc(BUFFER))) {
        free(j);
        wt_fail(err, -ENOMEM, "not enough memory");
        return NULL;
    }
    j->options = *options;
    j->segment_limit = options->limit / JOURNAL_FILES;
    memset(j->fd, 0xff, sizeof j->fd);
    pthread_mutex_init(&j->lock, NULL);
    bool good = open_files(j, err) == 0;
    for (unsigned i = 0; good && i < JOURNAL_FILES; i++)
        good = begin_file(j, i) || wt_fail(err, -errno, "%s: %s", j->path[0] ? j->path : "temporary file", strerror(errno)) == 0;
    atomic_store(&j->written, 28);
    if (good)
        return j;
    journal_free(j, false);
    return NULL;
}

void journal_free(struct journal *j, bool keep)
{
    if (!j)
        return;
    flush(j);
    if (!keep)
        remove_files(j);
    close_files(j);
    pthread_mutex_destroy(&j->lock);
    free(j->buffer);
    free(j);
}

const char *journal_path(const struct journal *j)
{
    return j->path;
}

void journal_left_behind(const struct journal *j, char *to, size_t size)
{
    to[0] = '\0';
    DIR *d = j->path[0] ? opendir(j->folder) : NULL;
    for (struct dirent *e; d && !to[0] && (e = readdir(d));) {
        const char *end = strstr(e->d_name, "-0.pcapng");
        if (strncmp(e->d_name, "view-", 5) != 0 || !end || end[9])
            continue;
        int fd = openat(dirfd(d), e->d_name, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);
        struct stat s;
        if (fd >= 0 && fstat(fd, &s) == 0 && s.st_uid == geteuid() && flock(fd, LOCK_SH | LOCK_NB) == 0)
            snprintf(to, size, "%s/%.*s-*.pcapng", j->folder, (int)(end - e->d_name), e->d_name);
        if (fd >= 0)
            close(fd);
    }
    if (d)
        closedir(d);
}

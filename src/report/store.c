/* Runs are sorted when memory is full and written one after the other; reading merges the heads of all runs of all
 * stores through a heap. */
#include "report/store.h"

#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "broker/broker.h"

#define READ_BUFFER 65536u
#define ALIGNMENT 16u

struct entry {              /* in memory; its bytes follow at `offset` of the store's bytes */
    uint64_t order;
    size_t offset;
    uint32_t len;
    uint32_t sequence;      /* keeps equal orders as they came */
};

struct record_head {        /* in the file */
    uint64_t order;
    uint32_t len, zero;
};

struct run {
    off_t at;
    uint64_t bytes;
};

struct store {
    struct entry *entries;  /* owned */
    uint8_t *bytes;         /* owned */
    size_t entry_count, entry_capacity, used, capacity, limit;
    struct run *runs;       /* owned */
    unsigned run_count, run_capacity;
    int file;               /* -1: none yet */
    off_t file_end;
    uint64_t count;
    int failed;             /* the first error */
};

struct store *store_new(size_t memory_limit)
{
    struct store *s = calloc(1, sizeof *s);
    if (s) {
        s->file = -1;
        s->limit = memory_limit < 4096 ? 4096 : memory_limit;
    }
    return s;
}

void store_free(struct store *s)
{
    if (!s)
        return;
    if (s->file >= 0)
        close(s->file);
    free(s->entries);
    free(s->bytes);
    free(s->runs);
    free(s);
}

uint64_t store_count(const struct store *s)
{
    return s->count;
}

static int compare_entries(const void *a, const void *b)
{
    const struct entry *x = a, *y = b;
    if (x->order != y->order)
        return x->order < y->order ? -1 : 1;
    return x->sequence < y->sequence ? -1 : x->sequence > y->sequence;
}

int store_temporary(struct wt_error *err)
{
    if (broker_running()) {
        int passed = broker_open_temporary();
        return passed >= 0 ? passed : wt_fail(err, passed, "no temporary file in TMPDIR, /var/tmp or /tmp: %s", strerror(-passed));
    }
    const char *folders[] = { getenv("TMPDIR"), "/var/tmp", "/tmp" };
    int problem = ENOENT;
    for (unsigned i = 0; i < 3; i++) {
        if (!folders[i] || !*folders[i])
            continue;
        int fd = open(folders[i], O_TMPFILE | O_RDWR | O_CLOEXEC | O_EXCL, 0600);
        if (fd >= 0)
            return fd;
        char path[4096];
        int n = snprintf(path, sizeof path, "%s/wiretale-XXXXXX", folders[i]);
        if (n > 0 && (size_t)n < sizeof path && (fd = mkostemp(path, O_CLOEXEC)) >= 0) {
            unlink(path);
            return fd;
        }
        problem = errno;
    }
    return wt_fail(err, -problem, "no temporary file in TMPDIR, /var/tmp or /tmp: %s", strerror(problem));
}

static int write_all(struct store *s, const void *bytes, size_t len, struct wt_error *err)
{
    const uint8_t *at = bytes;
    while (len) {
        ssize_t n = pwrite(s->file, at, len, s->file_end);
        if (n < 0 && errno == EINTR)
            continue;
        if (n <= 0)
            return wt_fail(err, n < 0 ? -errno : -EIO, "temporary file: %s", strerror(n < 0 ? errno : EIO));
        at += n;
        len -= (size_t)n;
        s->file_end += n;
    }
    return 0;
}

/* Sorts what is in memory and appends it to the file as one run. */
static int spill(struct store *s, struct wt_error *err)
{
    if (s->entry_count == 0)
        return 0;
    if (s->file < 0 && (s->file = store_temporary(err)) < 0)
        return s->file;
    if (s->run_count == s->run_capacity) {
        unsigned capacity = s->run_capacity ? s->run_capacity * 2 : 16;
        struct run *runs = realloc(s->runs, capacity * sizeof *runs);
        if (!runs)
            return wt_fail(err, -ENOMEM, "not enough memory");
        s->runs = runs;
        s->run_capacity = capacity;
    }
    uint8_t *buffer = malloc(READ_BUFFER);
    if (!buffer)
        return wt_fail(err, -ENOMEM, "not enough memory");
    qsort(s->entries, s->entry_count, sizeof *s->entries, compare_entries);
    struct run run = { .at = s->file_end };
    size_t filled = 0;
    int result = 0;
    for (size_t i = 0; i < s->entry_count && result == 0; i++) {
        const struct entry *e = &s->entries[i];
        struct record_head head = { .order = e->order, .len = e->len };
        if (filled + sizeof head + e->len > READ_BUFFER) {
            result = write_all(s, buffer, filled, err);
            filled = 0;
        }
        if (result == 0 && sizeof head + e->len > READ_BUFFER) {
            result = write_all(s, &head, sizeof head, err);
            if (result == 0)
                result = write_all(s, s->bytes + e->offset, e->len, err);
        } else if (result == 0) {
            memcpy(buffer + filled, &head, sizeof head);
            memcpy(buffer + filled + sizeof head, s->bytes + e->offset, e->len);
            filled += sizeof head + e->len;
        }
    }
    if (result == 0)
        result = write_all(s, buffer, filled, err);
    free(buffer);
    if (result < 0)
        return result;
    run.bytes = (uint64_t)(s->file_end - run.at);
    s->runs[s->run_count++] = run;
    s->entry_count = 0;
    s->used = 0;
    return 0;
}

static int make_room(struct store *s, size_t len, struct wt_error *err)
{
    size_t total = s->used + len + (s->entry_count + 1) * sizeof *s->entries;
    if (s->entry_count && (total > s->limit || s->entry_count == UINT32_MAX)) {
        int result = spill(s, err);
        if (result < 0)
            return result;
    }
    if (s->entry_count == s->entry_capacity) {
        size_t capacity = s->entry_capacity ? s->entry_capacity * 2 : 64;
        struct entry *entries = realloc(s->entries, capacity * sizeof *entries);
        if (!entries)
            return wt_fail(err, -ENOMEM, "not enough memory");
        s->entries = entries;
        s->entry_capacity = capacity;
    }
    if (s->used + len > s->capacity) {
        size_t capacity = s->capacity ? s->capacity : 4096;
        while (capacity < s->used + len)
            capacity *= 2;
        uint8_t *bytes = realloc(s->bytes, capacity);
        if (!bytes)
            return wt_fail(err, -ENOMEM, "not enough memory");
        s->bytes = bytes;
        s->capacity = capacity;
    }
    return 0;
}

int store_add(struct store *s, uint64_t order, const void *bytes, size_t len, struct wt_error *err)
{
    if (s->failed)
        return wt_fail(err, s->failed, "an earlier record could not be kept");
    if (len > UINT32_MAX / 2)
        return wt_fail(err, -EMSGSIZE, "a record of %zu bytes", len);
    size_t room = (len + ALIGNMENT - 1) / ALIGNMENT * ALIGNMENT;
    int result = make_room(s, room, err);
    if (result < 0) {
        s->failed = result;
        return result;
    }
    s->entries[s->entry_count] = (struct entry){
        .order = order, .offset = s->used, .len = (uint32_t)len, .sequence = (uint32_t)s->entry_count };
    memcpy(s->bytes + s->used, bytes, len);
    s->used += room;
    s->entry_count++;
    s->count++;
    return 0;
}

/* ---- reading ---- */

struct reader {             /* one run, in the file or in memory */
    const struct store *store;
    bool in_memory;
    size_t next_entry;
    off_t at;
    uint64_t left;          /* bytes of the run not read yet */
    uint8_t *buffer;        /* owned; the current record's bytes stand at its start */
    size_t buffer_size;
    uint8_t *window;        /* owned; read ahead */
    size_t window_at, window_len;
    uint64_t order;
    const void *bytes;
    size_t len;
};

static int read_run(struct reader *r, void *into, size_t len, struct wt_error *err)
{
    uint8_t *to = into;
    while (len) {
        if (r->window_at == r->window_len) {
            size_t want = r->left < READ_BUFFER ? (size_t)r->left : READ_BUFFER;
            ssize_t n = pread(r->store->file, r->window, want, r->at);
            if (n < 0 && errno == EINTR)
                continue;
            if (n <= 0)
                return wt_fail(err, -EIO, "temporary file: cannot be read back");
            r->at += n;
            r->left -= (uint64_t)n;
            r->window_at = 0;
            r->window_len = (size_t)n;
        }
        size_t have = r->window_len - r->window_at;
        size_t n = len < have ? len : have;
        memcpy(to, r->window + r->window_at, n);
        r->window_at += n;
        to += n;
        len -= n;
    }
    return 0;
}

/* 1: a record is ready; 0: the run has ended; <0: an error. */
static int advance(struct reader *r, struct wt_error *err)
{
    if (r->in_memory) {
        if (r->next_entry == r->store->entry_count)
            return 0;
        const struct entry *e = &r->store->entries[r->next_entry++];
        r->order = e->order;
        r->bytes = r->store->bytes + e->offset;
        r->len = e->len;
        return 1;
    }
    if (r->left == 0 && r->window_at == r->window_len)
        return 0;
    struct record_head head;
    int result = read_run(r, &head, sizeof head, err);
    if (result < 0)
        return result;
    if (head.len > r->buffer_size) {
        uint8_t *buffer = realloc(r->buffer, head.len);
        if (!buffer)
            return wt_fail(err, -ENOMEM, "not enough memory");
        r->buffer = buffer;
        r->buffer_size = head.len;
    }
    result = read_run(r, r->buffer, head.len, err);
    if (result < 0)
        return result;
    r->order = head.order;
    r->bytes = r->buffer;
    r->len = head.len;
    return 1;
}

static bool sooner(const struct reader *readers, unsigned a, unsigned b)
{
    return readers[a].order != readers[b].order ? readers[a].order < readers[b].order : a < b;
}

static void sift_down(const struct reader *readers, unsigned *heap, unsigned count, unsigned i)
{
    for (;;) {
        unsigned child = 2 * i + 1;
        if (child >= count)
            return;
        if (child + 1 < count && sooner(readers, heap[child + 1], heap[child]))
            child++;
        if (!sooner(readers, heap[child], heap[i]))
            return;
        unsigned other = heap[i];
        heap[i] = heap[child];
        heap[child] = other;
        i = child;
    }
}

static int merge(struct reader *readers, unsigned *heap, unsigned count,
                 int (*each)(void *to, uint64_t order, const void *bytes, size_t len), void *to, struct wt_error *err)
{
    unsigned live = 0;
    for (unsigned i = 0; i < count; i++) {
        int result = advance(&readers[i], err);
        if (result < 0)
            return result;
        if (result)
            heap[live++] = i;
    }
    for (unsigned i = live / 2; i-- > 0;)
        sift_down(readers, heap, live, i);
    while (live) {
        struct reader *r = &readers[heap[0]];
        int result = each(to, r->order, r->bytes, r->len);
        if (result)
            return result;
        result = advance(r, err);
        if (result < 0)
            return result;
        if (result == 0)
            heap[0] = heap[--live];
        sift_down(readers, heap, live, 0);
    }
    return 0;
}

int store_each(struct store *const *stores, unsigned count,
               int (*each)(void *to, uint64_t order, const void *bytes, size_t len), void *to, struct wt_error *err)
{
    unsigned runs = 0;
    for (unsigned s = 0; s < count; s++)
        runs += stores[s]->run_count + 1;
    struct reader *readers = calloc(runs ? runs : 1, sizeof *readers);
    unsigned *heap = calloc(runs ? runs : 1, sizeof *heap);
    int result = readers && heap ? 0 : wt_fail(err, -ENOMEM, "not enough memory");
    unsigned n = 0;
    for (unsigned s = 0; s < count && result == 0; s++) {
        for (unsigned i = 0; i < stores[s]->run_count && result == 0; i++, n++) {
            readers[n] = (struct reader){ .store = stores[s], .at = stores[s]->runs[i].at,
                                          .left = stores[s]->runs[i].bytes, .window = malloc(READ_BUFFER) };
            if (!readers[n].window)
                result = wt_fail(err, -ENOMEM, "not enough memory");
        }
        if (stores[s]->entry_count)
            qsort(stores[s]->entries, stores[s]->entry_count, sizeof *stores[s]->entries, compare_entries);
        if (result == 0)
            readers[n++] = (struct reader){ .store = stores[s], .in_memory = true };
    }
    if (result == 0)
        result = merge(readers, heap, n, each, to, err);
    for (unsigned i = 0; readers && i < runs; i++) {
        free(readers[i].buffer);
        free(readers[i].window);
    }
    free(readers);
    free(heap);
    return result;
}

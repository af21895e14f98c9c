/* Ladders that rest, in an unlinked temporary file: lines as they are in memory, then what they point to. The file
 * is ours alone and written in one run of the program, so its form is that of the structs. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "ladder.h"
#include "store.h"

#define FILE_MOST 16      /* times max_bytes */

static bool write_at(int fd, const void *bytes, size_t len, uint64_t at)
{
    const uint8_t *p = bytes;
    while (len) {
        ssize_t n = pwrite(fd, p, len, (off_t)at);
        if (n < 0 && errno == EINTR)
            continue;
        if (n <= 0)
            return false;
        p += n;
        at += (uint64_t)n;
        len -= (size_t)n;
    }
    return true;
}

static bool read_at(int fd, void *bytes, size_t len, uint64_t at)
{
    uint8_t *p = bytes;
    while (len) {
        ssize_t n = pread(fd, p, len, (off_t)at);
        if (n < 0 && errno == EINTR)
            continue;
        if (n <= 0)
            return false;
        p += n;
        at += (uint64_t)n;
        len -= (size_t)n;
    }
    return true;
}

struct head {             /* of a ladder in the file */
    uint32_t lines;
    uint32_t run, run_lines;
    int64_t series;
};

static size_t written_size(const struct ladder *l)
{
    size_t size = sizeof(struct head) + l->count * sizeof *l->lines;
    for (uint32_t i = 0; i < l->count; i++)
        size += (l->lines[i].note ? strlen(l->lines[i].note) + 1 : 0) + (l->lines[i].fold ? sizeof *l->lines[i].fold : 0)
            + (l->lines[i].repeat ? sizeof *l->lines[i].repeat : 0);
    return size;
}

bool ladder_write(struct ladder_set *set, struct ladder *l)
{
    if (set->file == -1 && (set->file = store_temporary(NULL)) < 0)
        set->file = -2;
    size_t size = written_size(l);
    if (set->file < 0 || set->file_end + size > FILE_MOST * set->max_bytes)
        return false;
    uint8_t *bytes = malloc(size), *at = bytes;
    if (!bytes)
        return false;
    const struct head head = { l->count, l->run, l->run_lines, l->series };
    memcpy(at, &head, sizeof head);
    at += sizeof head;
    memcpy(at, l->lines, l->count * sizeof *l->lines);
    at += l->count * sizeof *l->lines;
    for (uint32_t i = 0; i < l->count; i++) {
        const struct ladder_line *line = &l->lines[i];
        size_t note = line->note ? strlen(line->note) + 1 : 0;
        if (note)
            memcpy(at, line->note, note);
        at += note;
        if (line->fold) {
            memcpy(at, line->fold, sizeof *line->fold);
            at += sizeof *line->fold;
        }
        if (line->repeat) {
            memcpy(at, line->repeat, sizeof *line->repeat);
            at += sizeof *line->repeat;
        }
    }
    bool written = write_at(set->file, bytes, size, set->file_end);
    free(bytes);
    if (!written)
        return false;
    l->file_at = set->file_end;
    l->file_len = size;
    set->file_end += size;
    return true;
}

static void *take(const uint8_t **at, size_t *len, size_t size)
{
    void *taken = *len < size ? NULL : malloc(size);
    if (!taken)
        return NULL;
    memcpy(taken, *at, size);
    *at += size;
    *len -= size;
    return taken;
}

/* What lines point to gets memory of their own again; the pointers in `lines` only say which there were. */
static bool revive(struct ladder *l, const uint8_t *at, size_t len, uint32_t *ret_revived)
{
    for (uint32_t i = 0; i < l->count; i++) {
        *ret_revived = i + 1;
        struct ladder_line *line = &l->lines[i];
        bool note = line->note, fold = line->fold, repeat = line->repeat;
        line->note = NULL;
        line->fold = NULL;
        line->repeat = NULL;
        if (note) {
            size_t n = strnlen((const char *)at, len);
            if (n == len || !(line->note = strdup((const char *)at)))
                return false;
            at += n + 1;
            len -= n + 1;
        }
        if (fold && !(line->fold = take(&at, &len, sizeof *line->fold)))
            return false;
        if (repeat && !(line->repeat = take(&at, &len, sizeof *line->repeat)))
            return false;
    }
    return true;
}

static void forget(struct ladder *l, uint32_t revived)
{
    for (uint32_t i = 0; i < revived; i++) {
        free(l->lines[i].note);
        free(l->lines[i].fold);
        free(l->lines[i].repeat);
    }
    free(l->lines);
    l->lines = NULL;
    l->count = l->capacity = l->run_lines = 0;
    l->series = -1;
}

bool ladder_read(struct ladder_set *set, struct ladder *l)
{
    uint8_t *bytes = malloc(l->file_len);
    if (!bytes || !read_at(set->file, bytes, l->file_len, l->file_at)) {
        free(bytes);
        return false;
    }
    struct head head;
    memcpy(&head, bytes, sizeof head);
    size_t lines = head.lines * sizeof *l->lines;
    l->lines = malloc(lines ? lines : 1);
    uint32_t revived = 0;
    bool good = l->lines && sizeof head + lines <= l->file_len;
    if (good) {
        memcpy(l->lines, bytes + sizeof head, lines);
        l->count = l->capacity = head.lines;
        l->run = head.run;
        l->run_lines = head.run_lines;
        l->series = head.series;
        good = revive(l, bytes + sizeof head + lines, l->file_len - sizeof head - lines, &revived);
    }
    if (!good)
        forget(l, revived);
    free(bytes);
    return good;
}

void ladder_file_done(struct ladder_set *set)
{
    if (set->file >= 0)
        close(set->file);
    set->file = -1;
    set->file_end = 0;
}

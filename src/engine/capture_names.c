/* The files of a capture: their names, their owner, and the oldest deleted. May run in another process than the capture. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "wiretale/capture.h"

struct wt_capture_files {
    struct wt_capture_options options;
    uint32_t made;
    char (*kept)[4096];             /* owned: names of the files kept, a ring; NULL: all are */
};

struct wt_capture_files *wt_capture_files_new(const struct wt_capture_options *options, struct wt_error *err)
{
    struct wt_capture_files *f = calloc(1, sizeof *f);
    if (f && options->rotate_files)
        f->kept = calloc(options->rotate_files, sizeof *f->kept);
    if (!f || (options->rotate_files && !f->kept)) {
        free(f);
        wt_fail(err, -ENOMEM, "not enough memory for the names of %u files", options->rotate_files);
        return NULL;
    }
    f->options = *options;
    return f;
}

void wt_capture_files_free(struct wt_capture_files *f)
{
    if (f)
        free(f->kept);
    free(f);
}

static bool rotates(const struct wt_capture_options *o)
{
    return o->rotate_bytes || o->rotate_packets || o->rotate_ns;
}

/* NAME.EXT to NAME_00001_20260102030405.EXT, as other capture programs do. */
static void file_name(const struct wt_capture_files *f, char *to, size_t size)
{
    const struct wt_capture_options *o = &f->options;
    const char *path = o->path, *slash = strrchr(path, '/'), *dot = strrchr(path, '.');
    if (!rotates(o)) {
        snprintf(to, size, "%s", path);
        return;
    }
    if (!dot || (slash && dot < slash))
        dot = path + strlen(path);
    time_t now = time(NULL);
    struct tm tm;
    char stamp[32] = "";
    if (localtime_r(&now, &tm))
        strftime(stamp, sizeof stamp, "%Y%m%d%H%M%S", &tm);
    snprintf(to, size, "%.*s_%05u_%s%s", (int)(dot - path), path, f->made + 1, stamp, dot);
}

int wt_capture_files_next(struct wt_capture_files *f, char ret_name[4096], struct wt_error *err)
{
    const struct wt_capture_options *o = &f->options;
    bool standard = strcmp(o->path, "-") == 0;
    if (f->made && !rotates(o))    /* who asks may have been taken over: what is written is not emptied again */
        return wt_fail(err, -EEXIST, "%s: was opened before", o->path);
    file_name(f, ret_name, 4096);
    int fd = standard ? dup(1) : open(ret_name, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);
    if (fd < 0)
        return wt_fail(err, -errno, "%s: could not be written: %s", ret_name, strerror(errno));
    if (o->owner != (uid_t)-1 && !standard && fchown(fd, o->owner, o->group) < 0) {
        int problem = errno;
        close(fd);
        return wt_fail(err, -problem, "%s: could not be given to its user: %s", ret_name, strerror(problem));
    }
    if (f->kept) {
        char *slot = f->kept[f->made % o->rotate_files];
        if (*slot)
            unlink(slot);
        memcpy(slot, ret_name, 4096);
    }
    f->made++;
    return fd;
}

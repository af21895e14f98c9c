#include "cli/written.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "broker/broker.h"

static bool ends_with(const char *text, const char *end)
{
    size_t a = strlen(text), b = strlen(end);
    return a >= b && strcmp(text + a - b, end) == 0;
}

static void owner(struct wt_capture_options *c)
{
    const char *uid = getenv("SUDO_UID"), *gid = getenv("SUDO_GID");
    uint64_t user, group;
    c->owner = (uid_t)-1;
    if (geteuid() == 0 && uid && gid && parse_number(uid, 0, UINT32_MAX - 1, &user, NULL) == 0
        && parse_number(gid, 0, UINT32_MAX - 1, &group, NULL) == 0) {
        c->owner = (uid_t)user;
        c->group = (gid_t)group;
    }
}

static int next(void *to, char ret_name[4096], struct wt_error *err)
{
    _Static_assert(BROKER_NAME_MAX == 4096, "a name is passed on as it is");
    (void)to;
    int fd = broker_open_written(ret_name);
    return fd >= 0 ? fd : wt_fail(err, fd, "%s", ret_name[0] ? ret_name : strerror(-fd));
}

static int shorten(void *to, uint64_t size)
{
    (void)to;
    return broker_shorten_written(size);
}

static void fill(const struct options *o, struct wt_capture_options *c)
{
    *c = (struct wt_capture_options){
        .source = o->engine.source, .config = o->engine.config, .path = o->write, .pcap = ends_with(o->write, ".pcap"),
        .rotate_bytes = o->rotate.bytes, .rotate_packets = o->rotate.packets, .rotate_ns = (int64_t)o->rotate.duration_ns,
        .rotate_files = (uint32_t)(o->rotate.files > 100000 ? 100000 : o->rotate.files), .stop_bytes = o->autostop.bytes,
        .stop_files = (uint32_t)o->autostop.files,
    };
    owner(c);
}

void written_options(const struct options *o, struct wt_capture_options *ret_options)
{
    fill(o, ret_options);
    if (broker_running() && strcmp(o->write, "-") != 0)    /* standard output is open already */
        ret_options->opener = (struct wt_capture_opener){ .next = next, .shorten = shorten };
}

int written_open(const struct options *o, char *ret_name, size_t size)
{
    static struct wt_capture_files *files;    /* the broker's */
    struct wt_error err = { 0 };
    struct wt_capture_options options;
    fill(o, &options);
    if (!files)
        files = wt_capture_files_new(&options, &err);
    int fd = files ? wt_capture_files_next(files, ret_name, &err) : -ENOMEM;
    if (fd < 0)
        snprintf(ret_name, size, "%s", err.text);
    return fd;
}

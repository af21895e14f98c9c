#include "cli/input_copy.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cli/run.h"

static _Atomic(struct wt_capture *) copying;

static void on_signal(int number)
{
    (void)number;
    struct wt_capture *c = atomic_load(&copying);
    if (c)
        wt_capture_stop(c);
}

static void catch_signals(void (*handler)(int))
{
    static const int caught[] = { SIGINT, SIGTERM, SIGHUP };
    struct sigaction action = { .sa_handler = handler };
    sigemptyset(&action.sa_mask);
    for (unsigned i = 0; i < sizeof caught / sizeof caught[0]; i++)
        sigaction(caught[i], &action, NULL);
}

bool input_read_once(const struct options *o)
{
    for (unsigned i = 0; i < o->input_count; i++)
        if (o->inputs[i].live || strcmp(o->inputs[i].name, "-") == 0)
            return true;
    return o->engine.source.follow;
}

/* Nobody else finds it, and it is gone with the process however that ends. */
static int nameless_file(void)
{
    const char *folder = getenv("TMPDIR");
    char path[4096];
    folder = folder && *folder ? folder : "/var/tmp";
    int fd = open(folder, O_TMPFILE | O_RDWR | O_CLOEXEC, 0600);
    if (fd >= 0 || (size_t)snprintf(path, sizeof path, "%s/wiretale-XXXXXX", folder) >= sizeof path)
        return fd >= 0 ? fd : -ENAMETOOLONG;
    fd = mkostemp(path, O_CLOEXEC);
    if (fd < 0)
        return -errno;
    unlink(path);
    return fd;
}

static int next_file(void *to, char ret_name[4096], struct wt_error *err)
{
    const struct input_copy *copy = to;
    int fd = fcntl(copy->fd, F_DUPFD_CLOEXEC, 3);
    snprintf(ret_name, 4096, "the copy");
    return fd >= 0 ? fd : wt_fail(err, -errno, "the copy of the input: %s", strerror(errno));
}

static int shorten(void *to, uint64_t size)
{
    const struct input_copy *copy = to;
    return ftruncate(copy->fd, (off_t)size) == 0 ? 0 : -errno;
}

static int fill(struct input_copy *copy, const struct options *o)
{
    struct wt_error err = { 0 };
    const struct wt_capture_options options = {
        .source = o->engine.source, .config = o->engine.config, .path = "the copy",
        .stop_bytes = o->engine.config.value[WT_MAX_SPOOL_BYTES],
        .opener = { .next = next_file, .shorten = shorten, .to = copy }, .owner = (uid_t)-1,
    };
    struct wt_capture *c = wt_capture_new(&options, &err);
    if (!c) {
        complain("%s", err.text);
        return err.code == -EINVAL ? STATUS_USAGE : STATUS_INPUT;
    }
    atomic_store(&copying, c);
    catch_signals(on_signal);
    int r = wt_capture_run(c, &err);
    catch_signals(SIG_DFL);
    atomic_store(&copying, NULL);
    wt_capture_result(c, &copy->result);
    wt_capture_free(c);
    if (r < 0) {
        complain("%s", err.text);
        return STATUS_INPUT;
    }
    if (copy->result.bytes >= options.stop_bytes)
        remark(o, "the copy of the input has reached max-spool-bytes (%llu): what came later is left out",
               (unsigned long long)options.stop_bytes);
    return STATUS_DONE;
}

int input_copy_make(struct input_copy *copy, const struct options *o, struct options *ret_options)
{
    copy->fd = nameless_file();
    if (copy->fd < 0) {
        complain("a file for the copy of the input: %s", strerror(-copy->fd));
        return STATUS_INPUT;
    }
    int status = fill(copy, o);
    if (status != STATUS_DONE)
        return status;
    snprintf(copy->path, sizeof copy->path, "/proc/self/fd/%d", copy->fd);
    copy->input = (struct wt_input){ .name = copy->path };
    ret_options->inputs = &copy->input;
    ret_options->input_count = 1;
    ret_options->engine.source.inputs = &copy->input;
    ret_options->engine.source.input_count = 1;
    ret_options->engine.source.follow = false;
    return STATUS_DONE;
}

void input_copy_done(struct input_copy *copy)
{
    if (copy->fd >= 0)
        close(copy->fd);
    copy->fd = -1;
}

#include "cli/output.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "broker/broker.h"
#include "cli/run.h"

void give_to_caller(int fd)
{
    const char *uid = getenv("SUDO_UID"), *gid = getenv("SUDO_GID");
    uint64_t user = 0, group = 0;
    if (geteuid() != 0 || !uid || !gid || parse_number(uid, 0, UINT32_MAX - 1, &user, NULL) < 0
        || parse_number(gid, 0, UINT32_MAX - 1, &group, NULL) < 0)
        return;
    struct stat st;
    if (fstat(fd, &st) == 0 && S_ISREG(st.st_mode) && st.st_uid == 0 && fchown(fd, (uid_t)user, (gid_t)group) < 0)
        complain("the output stays root's: %s", strerror(errno));
}

/* Next to the file, so that the rename stays on one file system. */
static int open_temporary(struct output *out)
{
    size_t len = strlen(out->path) + sizeof ".XXXXXX";
    out->temporary = malloc(len);
    if (!out->temporary) {
        errno = ENOMEM;
        return -1;
    }
    snprintf(out->temporary, len, "%s.XXXXXX", out->path);
    int fd = mkostemp(out->temporary, O_CLOEXEC);
    if (fd >= 0) {
        mode_t mask = umask(0);
        umask(mask);
        fchmod(fd, 0666 & ~mask);
        return fd;
    }
    free(out->temporary);
    out->temporary = NULL;
    return -1;
}

static int open_brokered(struct output *out, const struct options *o)
{
    int fd = broker_open_output();    /* it says what is wrong */
    out->to = fd < 0 ? NULL : fdopen(fd, "w");
    out->brokered = fd >= 0;
    if (fd >= 0 && !out->to)
        close(fd);
    if (out->to && o->line_buffered)
        setvbuf(out->to, NULL, _IOLBF, 0);
    return out->to ? STATUS_DONE : STATUS_INPUT;
}

int output_open(struct output *out, const struct options *o)
{
    *out = (struct output){ .to = stdout, .path = o->output };
    if (!o->output || strcmp(o->output, "-") == 0) {
        out->path = NULL;
        if (o->line_buffered)
            setvbuf(stdout, NULL, _IOLBF, 0);
        return STATUS_DONE;
    }
    if (broker_running())
        return open_brokered(out, o);
    struct stat st;
    bool plain = stat(o->output, &st) != 0 || S_ISREG(st.st_mode);
    int fd = plain && !options_live(o) && !o->engine.source.follow ? open_temporary(out) : -1;
    if (fd < 0)
        fd = open(o->output, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0666);
    out->to = fd < 0 ? NULL : fdopen(fd, "w");
    if (!out->to) {
        complain("%s: %s", o->output, strerror(errno));
        if (fd >= 0)
            close(fd);
        if (out->temporary)
            unlink(out->temporary);
        free(out->temporary);
        return STATUS_INPUT;
    }
    give_to_caller(fd);
    if (o->line_buffered)
        setvbuf(out->to, NULL, _IOLBF, 0);
    return STATUS_DONE;
}

bool output_good(const struct output *out)
{
    return !ferror(out->to);
}

int output_settle(struct output *out, bool keep)
{
    int problem = 0;
    if (out->brokered)
        return broker_close_output(keep);
    if (out->temporary && keep && rename(out->temporary, out->path) < 0) {
        problem = errno;
        keep = false;
    }
    if (out->temporary && !keep)
        unlink(out->temporary);
    free(out->temporary);
    out->temporary = NULL;
    return -problem;
}

int output_close(struct output *out, int status)
{
    errno = 0;
    bool failed = ferror(out->to) != 0;
    failed |= fflush(out->to) != 0;
    int problem = errno ? errno : EIO;
    const char *name = out->path ? out->path : "standard output";
    if (out->to != stdout && fclose(out->to) != 0 && !failed) {
        failed = true;
        problem = errno;
    }
    int settled = output_settle(out, !failed && status != STATUS_INPUT);    /* a half is no answer: what was there stays */
    if (settled < 0 && !failed) {
        failed = true;
        problem = -settled;
    }
    if (!failed)
        return status;
    complain("%s: %s", name, strerror(problem));
    return STATUS_INPUT;
}

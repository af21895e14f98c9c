#include "broker/broker.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "broker/sandbox.h"

enum what { ASK_OUTPUT, ASK_KEEP, ASK_DISCARD, ASK_TEMPORARY, ASK_NAME, ASK_WRITTEN, ASK_SHORTEN };

struct request {
    uint8_t what;
    uint8_t family;
    uint8_t address[16];
    uint64_t size;
};

struct answer {
    int32_t result;
    char name[BROKER_NAME_MAX];
};

/* One broker a process, set once before there are threads. */
static int to_broker = -1;
static pthread_mutex_t one_at_a_time = PTHREAD_MUTEX_INITIALIZER;

static int send_answer(int fd, struct answer *a, int passed)
{
    struct iovec iov = { a, sizeof *a };
    struct msghdr m = { .msg_iov = &iov, .msg_iovlen = 1 };
    union { char bytes[CMSG_SPACE(sizeof(int))]; struct cmsghdr align; } room;
    memset(&room, 0, sizeof room);
    if (passed >= 0) {
        m.msg_control = room.bytes;
        m.msg_controllen = sizeof room.bytes;
        struct cmsghdr *c = CMSG_FIRSTHDR(&m);
        c->cmsg_level = SOL_SOCKET;
        c->cmsg_type = SCM_RIGHTS;
        c->cmsg_len = CMSG_LEN(sizeof(int));
        memcpy(CMSG_DATA(c), &passed, sizeof passed);
    }
    return sendmsg(fd, &m, MSG_NOSIGNAL) == (ssize_t)sizeof *a ? 0 : -errno;
}

struct holds {
    bool output;
    int written;              /* the last file of -w; -1: none */
};

static int next_written(const struct broker_duties *d, struct holds *holds, char *ret_name)
{
    if (!d->open_written)
        return -EPERM;
    if (holds->written >= 0)
        close(holds->written);
    return holds->written = d->open_written(d->to, ret_name);
}

static void serve_one(int fd, const struct broker_duties *d, const struct request *q, struct holds *holds)
{
    struct answer a = { .result = -EINVAL };
    int passed = -1;
    switch (q->what) {
    case ASK_OUTPUT:
        passed = a.result = holds->output ? -EBUSY : d->open_output(d->to);
        holds->output = holds->output || passed >= 0;
        break;
    case ASK_KEEP:
    case ASK_DISCARD:
        a.result = holds->output ? d->close_output(d->to, q->what == ASK_KEEP) : -ENOENT;
        holds->output = false;
        break;
    case ASK_TEMPORARY:
        passed = a.result = d->open_temporary();
        break;
    case ASK_WRITTEN:
        passed = a.result = next_written(d, holds, a.name);
        break;
    case ASK_SHORTEN:
        a.result = holds->written < 0 ? -ENOENT : ftruncate(holds->written, (off_t)q->size) < 0 ? -errno : 0;
        break;
    case ASK_NAME:
        if (q->family == 4 || q->family == 6)
            a.result = d->name_of(q->family, q->address, a.name, sizeof a.name);
        break;
    default:
        break;
    }
    send_answer(fd, &a, passed);
    if (q->what == ASK_TEMPORARY && passed >= 0)
        close(passed);    /* the output stays open here: it is closed with its file */
}

static _Noreturn void serve(int fd, const struct broker_duties *duties)
{
    static const int ignored[] = { SIGINT, SIGTERM, SIGHUP, SIGPIPE };    /* the parser ends; then its socket does */
    for (unsigned i = 0; i < sizeof ignored / sizeof *ignored; i++)
        signal(ignored[i], SIG_IGN);
    if (geteuid() != 0)
        sandbox_drop_capabilities();    /* devices are opened by the parser before it enters the sandbox */
    int null = open("/dev/null", O_RDWR | O_CLOEXEC);    /* who reads our output shall see its end in time */
    if (null >= 0 && dup2(null, 0) >= 0)
        dup2(null, 1);
    struct holds holds = { .written = -1 };
    for (;;) {
        struct request q;
        ssize_t n = recv(fd, &q, sizeof q, 0);
        if (n < 0 && errno == EINTR)
            continue;
        if (n != (ssize_t)sizeof q)
            break;
        serve_one(fd, duties, &q, &holds);
    }
    if (holds.output)
        duties->close_output(duties->to, false);    /* the parser died: no half of an output stays */
    _exit(0);
}

int broker_start(const struct broker_duties *duties, struct wt_error *err)
{
    int pair[2];
    if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair) < 0)
        return wt_fail(err, -errno, "no socket for the broker: %s", strerror(errno));
    pid_t child = fork();
    if (child < 0) {
        int problem = errno;
        close(pair[0]);
        close(pair[1]);
        return wt_fail(err, -problem, "the broker could not be started: %s", strerror(problem));
    }
    if (child == 0) {
        close(pair[0]);
        serve(pair[1], duties);
    }
    close(pair[1]);
    to_broker = pair[0];
    return 0;
}

bool broker_running(void)
{
    return to_broker >= 0;
}

static int receive(struct answer *a)
{
    struct iovec iov = { a, sizeof *a };
    union { char bytes[CMSG_SPACE(sizeof(int))]; struct cmsghdr align; } room;
    struct msghdr m = { .msg_iov = &iov, .msg_iovlen = 1, .msg_control = room.bytes, .msg_controllen = sizeof room.bytes };
    ssize_t n;
    do {
        n = recvmsg(to_broker, &m, MSG_CMSG_CLOEXEC);
    } while (n < 0 && errno == EINTR);
    if (n != (ssize_t)sizeof *a)
        return n < 0 ? -errno : -EPIPE;
    struct cmsghdr *c = CMSG_FIRSTHDR(&m);
    if (c && c->cmsg_level == SOL_SOCKET && c->cmsg_type == SCM_RIGHTS)
        memcpy(&a->result, CMSG_DATA(c), sizeof(int));
    return a->result;
}

static int ask(const struct request *q, struct answer *a)
{
    int r;
    if (to_broker < 0)
        return -ENOTCONN;
    pthread_mutex_lock(&one_at_a_time);
    r = send(to_broker, q, sizeof *q, MSG_NOSIGNAL) == (ssize_t)sizeof *q ? receive(a) : -errno;
    pthread_mutex_unlock(&one_at_a_time);
    return r;
}

int broker_open_output(void)
{
    struct answer a;
    return ask(&(struct request){ .what = ASK_OUTPUT }, &a);
}

int broker_close_output(bool keep)
{
    struct answer a;
    return ask(&(struct request){ .what = keep ? ASK_KEEP : ASK_DISCARD }, &a);
}

int broker_open_temporary(void)
{
    struct answer a;
    return ask(&(struct request){ .what = ASK_TEMPORARY }, &a);
}

int broker_open_written(char ret_name[BROKER_NAME_MAX])
{
    struct answer a = { .name = "" };
    int r = ask(&(struct request){ .what = ASK_WRITTEN }, &a);
    a.name[sizeof a.name - 1] = '\0';
    memcpy(ret_name, a.name, sizeof a.name);
    return r;
}

int broker_shorten_written(uint64_t size)
{
    struct answer a;
    return ask(&(struct request){ .what = ASK_SHORTEN, .size = size }, &a);
}

int broker_name_of(unsigned family, const uint8_t *address, char *ret_name, size_t size)
{
    struct request q = { .what = ASK_NAME, .family = (uint8_t)family };
    struct answer a;
    memcpy(q.address, address, family == 4 ? 4 : 16);
    int r = ask(&q, &a);
    if (r == 0) {
        size_t n = strnlen(a.name, sizeof a.name - 1);
        n = n < size ? n : size - 1;
        memcpy(ret_name, a.name, n);
        ret_name[n] = '\0';
    }
    return r;
}

/* Each thing that a parser that was taken over would try, tried. */
#include "broker/sandbox.h"

#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <signal.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/ptrace.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#define PLACE "/tmp/wiretale-sandbox-test"
#define PLACE_MAX 64

struct places {
    char place[PLACE_MAX], other[PLACE_MAX];    /* nothing of anybody else is there: the names end in our number */
};

static int try_read(const struct places *p) { (void)p; return open("/etc/passwd", O_RDONLY | O_CLOEXEC); }
static int try_create(const struct places *p) { return open(p->place, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600); }
static int try_truncate(const struct places *p) { return truncate(p->place, 0); }
static int try_ftruncate(const struct places *p) { (void)p; return ftruncate(2, -1); }    /* harmless where it is not refused */
static int try_rename(const struct places *p) { return rename(p->place, p->other); }
static int try_unlink(const struct places *p) { return unlink(p->other); }
static int try_mkdir(const struct places *p) { return mkdir(p->place, 0700); }
static int try_socket(const struct places *p) { (void)p; return socket(AF_INET, SOCK_STREAM, 0); }
static int try_packet_socket(const struct places *p) { (void)p; return socket(AF_PACKET, SOCK_RAW, 0); }
static int try_unix_pair(const struct places *p) { (void)p; int pair[2]; return socketpair(AF_UNIX, SOCK_STREAM, 0, pair); }
static int try_kill(const struct places *p) { (void)p; return kill(getppid(), 0); }
static int try_ptrace(const struct places *p) { (void)p; return (int)ptrace(PTRACE_ATTACH, getppid(), NULL, NULL); }
static int try_setuid(const struct places *p) { (void)p; return setresuid(0, 0, 0); }

static int try_connect(const struct places *p)
{
    (void)p;
    struct sockaddr_in to = { .sin_family = AF_INET, .sin_port = htons(9), .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
    return connect(2, (const struct sockaddr *)&to, sizeof to);
}

static int try_execute(const struct places *p)
{
    (void)p;
    char name[] = "true";
    char *const arguments[] = { name, NULL }, *const none[] = { NULL };
    return execve("/bin/true", arguments, none);
}

static int try_fork(const struct places *p)
{
    (void)p;
    long child = syscall(SYS_clone, SIGCHLD, 0, 0, 0, 0);
    if (child == 0)
        _exit(0);
    return (int)child;
}

static int try_code(const struct places *p)
{
    (void)p;
    void *page = mmap(NULL, 4096, PROT_READ | PROT_WRITE | PROT_EXEC, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    return page == MAP_FAILED ? -1 : 0;
}

static const struct { const char *what; int (*go)(const struct places *p); } tries[] = {
    { "open a file", try_read },
    { "create a file", try_create },
    { "truncate a file by name", try_truncate },
    { "truncate an open file", try_ftruncate },
    { "rename a file", try_rename },
    { "remove a file", try_unlink },
    { "make a folder", try_mkdir },
    { "open a network socket", try_socket },
    { "open a packet socket", try_packet_socket },
    { "open a local socket", try_unix_pair },
    { "connect", try_connect },
    { "signal another process", try_kill },
    { "trace another process", try_ptrace },
    { "become root", try_setuid },
    { "start a process", try_fork },
    { "make memory that can be run", try_code },
    { "run a program", try_execute },
};

bool sandbox_try(FILE *to)
{
    bool all = true;
    struct places p;
    snprintf(p.place, sizeof p.place, PLACE "-%ld", (long)getpid());
    snprintf(p.other, sizeof p.other, PLACE "-%ld-renamed", (long)getpid());
    for (unsigned i = 0; i < sizeof tries / sizeof *tries; i++) {
        errno = 0;
        int r = tries[i].go(&p);
        /* Only these two are a refusal: ENOENT or ENOTSOCK would mean that the kernel did look. */
        bool refused = r < 0 && (errno == EPERM || errno == EACCES);
        all = all && refused;
        fprintf(to, "  %-28s %s\n", tries[i].what, refused ? "refused" : r < 0 ? "not refused, though it failed" : "POSSIBLE");
    }
    if (unlink(p.other) == 0 || rmdir(p.place) == 0)    /* the wide profile lets them be made */
        rmdir(p.place);
    return all;
}

#include "broker/sandbox.h"

#include <errno.h>
#include <grp.h>
#include <linux/capability.h>
#include <pwd.h>
#include <sched.h>
#include <seccomp.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>
#include <fcntl.h>

/* Landlock's constants are our own: the kernel that runs us may know more than the headers that we were built with. */
#define LANDLOCK_CREATE 444
#define LANDLOCK_RESTRICT 446
#define LANDLOCK_VERSION 1u

struct landlock_rules {
    uint64_t fs, net, scoped;
};

static int landlock(int *ret_abi, struct wt_error *err)
{
    long abi = syscall(LANDLOCK_CREATE, NULL, (size_t)0, LANDLOCK_VERSION);
    *ret_abi = abi < 0 ? 0 : (int)abi;
    if (abi < 1)
        return 0;
    /* ABI 1: 13 rights on files; 2: refer; 3: truncate; 4: bind, connect of TCP; 5: ioctl of devices; 6: signals and
     * abstract sockets. All are handled, none is granted. */
    unsigned rights = abi >= 5 ? 16 : abi >= 3 ? 15 : abi == 2 ? 14 : 13;
    struct landlock_rules rules = { .fs = (UINT64_C(1) << rights) - 1, .net = abi >= 4 ? 3 : 0, .scoped = abi >= 6 ? 3 : 0 };
    size_t size = abi >= 6 ? 24 : abi >= 4 ? 16 : 8;
    long fd = syscall(LANDLOCK_CREATE, &rules, size, 0u);
    if (fd < 0)
        return wt_fail(err, -errno, "Landlock: %s", strerror(errno));
    long r = syscall(LANDLOCK_RESTRICT, (int)fd, 0u);
    int problem = errno;
    close((int)fd);
    return r < 0 ? wt_fail(err, -problem, "Landlock: %s", strerror(problem)) : 0;
}

void sandbox_drop_capabilities(void)
{
    struct __user_cap_header_struct header = { .version = _LINUX_CAPABILITY_VERSION_3 };
    struct __user_cap_data_struct none[2] = { 0 };
    prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_CLEAR_ALL, 0, 0, 0);
    for (unsigned long c = 0; c < 64; c++)
        prctl(PR_CAPBSET_DROP, c, 0, 0, 0);    /* needs a right that we may not have; the next line does not */
    syscall(SYS_capset, &header, none);
}

static int number_of(const char *text, unsigned *ret)
{
    char *end;
    errno = 0;
    unsigned long n = text ? strtoul(text, &end, 10) : 0;
    if (!text || *text < '0' || *text > '9' || errno || *end || n > UINT32_MAX - 1)
        return -EINVAL;
    *ret = (unsigned)n;
    return 0;
}

/* Whom to become. Names are looked up while we still can. */
static int choose_user(const char *user, uid_t *ret_uid, gid_t *ret_gid, struct wt_error *err)
{
    unsigned uid, gid;
    if (!user && number_of(getenv("SUDO_UID"), &uid) == 0 && number_of(getenv("SUDO_GID"), &gid) == 0 && uid != 0) {
        *ret_uid = uid;
        *ret_gid = gid;
        return 0;
    }
    const char *name = user ? user : "nobody";
    const struct passwd *p = number_of(name, &uid) == 0 ? getpwuid(uid) : getpwnam(name);
    if (!p)
        return wt_fail(err, -ENOENT, "there is no user %s to drop root to (--user names one)", name);
    *ret_uid = p->pw_uid;
    *ret_gid = p->pw_gid;
    return 0;
}

static int drop_rights(const char *user, struct wt_error *err)
{
    if (geteuid() == 0) {
        uid_t uid = 0;
        gid_t gid = 0;
        int r = choose_user(user, &uid, &gid, err);
        if (r < 0)
            return r;
        for (unsigned long c = 0; c < 64; c++)
            prctl(PR_CAPBSET_DROP, c, 0, 0, 0);
        if (setgroups(0, NULL) < 0 || setresgid(gid, gid, gid) < 0 || setresuid(uid, uid, uid) < 0)
            return wt_fail(err, -errno, "root could not be given up: %s", strerror(errno));
    }
    sandbox_drop_capabilities();
    struct __user_cap_header_struct header = { .version = _LINUX_CAPABILITY_VERSION_3 };
    struct __user_cap_data_struct now[2] = { 0 };
    if (syscall(SYS_capget, &header, now) < 0 || now[0].permitted || now[1].permitted)
        return wt_fail(err, -EPERM, "capabilities could not be given up");
    return 0;
}

#ifdef WT_SANDBOX_WIDE
/* Sanitizers and gcov open files and trace themselves at the end; nothing of the tool needs these. */
static const int forbidden[] = { SCMP_SYS(execve), SCMP_SYS(execveat), SCMP_SYS(connect), SCMP_SYS(socket),
                                 SCMP_SYS(truncate), SCMP_SYS(bind), SCMP_SYS(listen), SCMP_SYS(mount) };

static int fill_filter(scmp_filter_ctx f)
{
    int r = 0;
    for (unsigned i = 0; r == 0 && i < sizeof forbidden / sizeof *forbidden; i++)
        r = seccomp_rule_add(f, SCMP_ACT_ERRNO(EPERM), forbidden[i], 0);
    return r;
}
#define PROFILE "wide"
#define OTHERWISE SCMP_ACT_ALLOW
#else
static const int allowed[] = {
    SCMP_SYS(read), SCMP_SYS(write), SCMP_SYS(readv), SCMP_SYS(writev), SCMP_SYS(pread64), SCMP_SYS(pwrite64),
    SCMP_SYS(lseek), SCMP_SYS(close), SCMP_SYS(fstat), SCMP_SYS(newfstatat), SCMP_SYS(fadvise64), SCMP_SYS(fsync),
    SCMP_SYS(fdatasync), SCMP_SYS(dup), SCMP_SYS(munmap), SCMP_SYS(mremap), SCMP_SYS(madvise), SCMP_SYS(brk),
    SCMP_SYS(futex), SCMP_SYS(set_robust_list), SCMP_SYS(rseq), SCMP_SYS(exit), SCMP_SYS(exit_group),
    SCMP_SYS(rt_sigaction), SCMP_SYS(rt_sigprocmask), SCMP_SYS(rt_sigreturn), SCMP_SYS(sigaltstack),
    SCMP_SYS(restart_syscall), SCMP_SYS(clock_gettime), SCMP_SYS(clock_getres), SCMP_SYS(gettimeofday), SCMP_SYS(time),
    SCMP_SYS(clock_nanosleep), SCMP_SYS(nanosleep), SCMP_SYS(poll), SCMP_SYS(ppoll), SCMP_SYS(select), SCMP_SYS(pselect6),
    SCMP_SYS(epoll_wait), SCMP_SYS(epoll_pwait), SCMP_SYS(recvfrom), SCMP_SYS(recvmsg), SCMP_SYS(sendto),
    SCMP_SYS(getsockopt), SCMP_SYS(getpid), SCMP_SYS(gettid), SCMP_SYS(getuid), SCMP_SYS(geteuid),
    SCMP_SYS(getgid), SCMP_SYS(getegid), SCMP_SYS(sched_yield), SCMP_SYS(sched_getaffinity), SCMP_SYS(getrandom),
    SCMP_SYS(sysinfo), SCMP_SYS(uname), SCMP_SYS(getrusage), SCMP_SYS(membarrier),
};

static int allow_with(scmp_filter_ctx f, int call, struct scmp_arg_cmp arg)
{
    return seccomp_rule_add(f, SCMP_ACT_ALLOW, call, 1, arg);
}

static int fill_filter(scmp_filter_ctx f)
{
    /* The last one is what libpcap asks when a device went down: is it gone for good? */
    static const unsigned long ioctls[] = { 0x5401 /* TCGETS */, TIOCGWINSZ, FIONREAD, 0x8913 /* SIOCGIFFLAGS */ };
    static const int fcntls[] = { F_GETFD, F_SETFD, F_GETFL, F_SETFL };
    int r = 0;
    for (unsigned i = 0; r == 0 && i < sizeof allowed / sizeof *allowed; i++)
        r = seccomp_rule_add(f, SCMP_ACT_ALLOW, allowed[i], 0);
    for (unsigned i = 0; r == 0 && i < sizeof ioctls / sizeof *ioctls; i++)
        r = allow_with(f, SCMP_SYS(ioctl), (struct scmp_arg_cmp){ 1, SCMP_CMP_EQ, ioctls[i], 0 });
    for (unsigned i = 0; r == 0 && i < sizeof fcntls / sizeof *fcntls; i++)
        r = allow_with(f, SCMP_SYS(fcntl), (struct scmp_arg_cmp){ 1, SCMP_CMP_EQ, (scmp_datum_t)fcntls[i], 0 });
    /* Memory that can be run is not to be had; signals go to ourselves; a clone is a thread. */
    if (r == 0)
        r = allow_with(f, SCMP_SYS(mmap), SCMP_A2(SCMP_CMP_MASKED_EQ, PROT_EXEC, 0));
    if (r == 0)
        r = allow_with(f, SCMP_SYS(mprotect), SCMP_A2(SCMP_CMP_MASKED_EQ, PROT_EXEC, 0));
    if (r == 0)
        r = allow_with(f, SCMP_SYS(tgkill), (struct scmp_arg_cmp){ 0, SCMP_CMP_EQ, (scmp_datum_t)getpid(), 0 });
    if (r == 0)
        r = allow_with(f, SCMP_SYS(clone), SCMP_A0(SCMP_CMP_MASKED_EQ, CLONE_THREAD | CLONE_VM, CLONE_THREAD | CLONE_VM));
    if (r == 0)    /* its flags are behind a pointer; without it, glibc takes clone */
        r = seccomp_rule_add(f, SCMP_ACT_ERRNO(ENOSYS), SCMP_SYS(clone3), 0);
    return r;
}
#define PROFILE "strict"
#define OTHERWISE SCMP_ACT_ERRNO(EPERM)
#endif

static int load_filter(struct wt_error *err)
{
    scmp_filter_ctx f = seccomp_init(OTHERWISE);
    if (!f)
        return wt_fail(err, -ENOMEM, "seccomp: not enough memory");
    int r = fill_filter(f);
    if (r == 0)
        r = seccomp_load(f);
    seccomp_release(f);
    return r < 0 ? wt_fail(err, r, "seccomp: %s", strerror(-r)) : 0;
}

int sandbox_enter(const char *user, struct sandbox_state *ret_state, struct wt_error *err)
{
    *ret_state = (struct sandbox_state){ .profile = PROFILE };
    tzset();    /* reads files */
    int r = drop_rights(user, err);
    if (r < 0)
        return r;
    ret_state->user = getuid();
    ret_state->group = getgid();
    if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) < 0)
        return wt_fail(err, -errno, "no_new_privs: %s", strerror(errno));
    ret_state->no_new_privileges = true;
#ifndef WT_SANDBOX_WIDE
    r = landlock(&ret_state->landlock_abi, err);
    if (r < 0)
        return r;
#else
    (void)landlock;
    prctl(PR_SET_DUMPABLE, 1, 0, 0, 0);    /* changing the user clears it, and a leak is searched by tracing */
#endif
    r = load_filter(err);
    ret_state->seccomp = r == 0;
    return r;
}

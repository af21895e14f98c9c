#include "tui/owners.h"

#include <arpa/inet.h>
#include <ctype.h>
#include <dirent.h>
#include <fcntl.h>
#include <linux/inet_diag.h>
#include <linux/netlink.h>
#include <linux/sock_diag.h>
#include <pwd.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#define SOCKETS_MOST 65536u
#define BUCKETS 131072u          /* twice as many */
#define CONNECTIONS_MOST 1000000u

struct sock {
    uint8_t address[16];
    uint16_t port;
    uint8_t protocol, family;    /* 4, 6 */
    uint32_t uid, inode, pid;
    uint16_t owner;              /* id; 0: not looked for yet */
};

struct owners {
    struct owner list[OWNERS_MOST];
    unsigned count;              /* id is index + 1 */
    uint16_t *of;                /* owned; by index of connection */
    uint64_t room;
    struct sock *socks;          /* owned; those of the last look */
    unsigned sock_count;
    uint32_t *by_end, *by_inode; /* owned; index + 1 */
};

struct owners *owners_new(void)
{
    struct owners *o = calloc(1, sizeof *o);
    if (!o)
        return NULL;
    o->socks = calloc(SOCKETS_MOST, sizeof *o->socks);
    o->by_end = calloc(BUCKETS, sizeof *o->by_end);
    o->by_inode = calloc(BUCKETS, sizeof *o->by_inode);
    if (o->socks && o->by_end && o->by_inode)
        return o;
    owners_free(o);
    return NULL;
}

void owners_free(struct owners *o)
{
    if (!o)
        return;
    free(o->of);
    free(o->socks);
    free(o->by_end);
    free(o->by_inode);
    free(o);
}

/* ---- the kernel's list ---- */

static uint32_t end_hash(uint8_t protocol, const uint8_t *address, uint16_t port)
{
    uint64_t h = (uint64_t)protocol << 16 | port;
    for (unsigned i = 0; i < 16; i++)
        h = (h ^ address[i]) * UINT64_C(0x9e3779b97f4a7c15);
    return (uint32_t)(h >> 40) % BUCKETS;
}

static void add_socket(struct owners *o, uint8_t protocol, const struct inet_diag_msg *m)
{
    static const uint8_t mapped[12] = { 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff };
    if (o->sock_count == SOCKETS_MOST)
        return;
    struct sock *s = &o->socks[o->sock_count++];
    *s = (struct sock){ .protocol = protocol, .family = m->idiag_family == AF_INET ? 4 : 6, .port = ntohs(m->id.idiag_sport),
                        .uid = m->idiag_uid, .inode = m->idiag_inode };
    const uint8_t *bytes = (const uint8_t *)m->id.idiag_src;
    if (s->family == 6 && memcmp(bytes, mapped, 12) == 0) {      /* RFC 4291 2.5.5.2 */
        s->family = 4;
        bytes += 12;
    }
    memcpy(s->address, bytes, s->family == 4 ? 4 : 16);
    uint32_t b = end_hash(protocol, s->address, s->port);
    while (o->by_end[b])
        b = (b + 1) % BUCKETS;
    o->by_end[b] = o->sock_count;
    b = s->inode % BUCKETS;
    while (s->inode && o->by_inode[b])
        b = (b + 1) % BUCKETS;
    if (s->inode)
        o->by_inode[b] = o->sock_count;
}

/* One answer's messages; false: that was the last. */
static bool take_answer(struct owners *o, uint8_t protocol, const struct nlmsghdr *h, size_t len)
{
    for (; NLMSG_OK(h, len); h = NLMSG_NEXT(h, len)) {
        if (h->nlmsg_type == NLMSG_DONE || h->nlmsg_type == NLMSG_ERROR)
            return false;
        if (h->nlmsg_len >= NLMSG_LENGTH(sizeof(struct inet_diag_msg)))
            add_socket(o, protocol, NLMSG_DATA(h));
    }
    return true;
}

static void list_sockets(struct owners *o, int fd, uint8_t family, uint8_t protocol)
{
    struct {
        struct nlmsghdr head;
        struct inet_diag_req_v2 ask;
    } request = {
        .head = { .nlmsg_len = sizeof request, .nlmsg_type = SOCK_DIAG_BY_FAMILY, .nlmsg_flags = NLM_F_REQUEST | NLM_F_DUMP },
        .ask = { .sdiag_family = family, .sdiag_protocol = protocol, .idiag_states = UINT32_MAX },
    };
    _Alignas(struct nlmsghdr) char answer[32768];
    if (send(fd, &request, sizeof request, 0) != (ssize_t)sizeof request)
        return;
    for (;;) {
        ssize_t n = recv(fd, answer, sizeof answer, 0);
        if (n <= 0 || !take_answer(o, protocol, (const struct nlmsghdr *)answer, (size_t)n))
            return;
    }
}

static void look_at_sockets(struct owners *o)
{
    int fd = socket(AF_NETLINK, SOCK_DGRAM | SOCK_CLOEXEC, NETLINK_SOCK_DIAG);
    struct timeval patience = { .tv_sec = 1 };
    o->sock_count = 0;
    memset(o->by_end, 0, BUCKETS * sizeof *o->by_end);
    memset(o->by_inode, 0, BUCKETS * sizeof *o->by_inode);
    if (fd < 0)
        return;
    setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
    static const uint8_t families[] = { AF_INET, AF_INET6 }, protocols[] = { IPPROTO_TCP, IPPROTO_UDP };
    for (unsigned i = 0; i < 2; i++)
        for (unsigned k = 0; k < 2; k++)
            list_sockets(o, fd, families[i], protocols[k]);
    close(fd);
}

/* ---- processes ---- */

static void give_process(struct owners *o, uint32_t inode, uint32_t pid)
{
    for (uint32_t b = inode % BUCKETS; o->by_inode[b]; b = (b + 1) % BUCKETS) {
        struct sock *s = &o->socks[o->by_inode[b] - 1];
        if (s->inode == inode && !s->pid)
            s->pid = pid;
    }
}

static void look_at_process(struct owners *o, int proc, const char *pid)
{
    char path[64], link[64];
    snprintf(path, sizeof path, "%.20s/fd", pid);
    int fd = openat(proc, path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    DIR *d = fd >= 0 ? fdopendir(fd) : NULL;
    if (!d && fd >= 0)
        close(fd);
    for (struct dirent *e; d && (e = readdir(d));) {
        ssize_t n = readlinkat(fd, e->d_name, link, sizeof link - 1);
        if (n <= 8 || strncmp(link, "socket:[", 8) != 0)
            continue;
        link[n] = '\0';
        give_process(o, (uint32_t)strtoul(link + 8, NULL, 10), (uint32_t)strtoul(pid, NULL, 10));
    }
    if (d)
        closedir(d);
}

static void look_at_processes(struct owners *o)
{
    DIR *d = opendir("/proc");
    for (struct dirent *e; d && (e = readdir(d));)
        if (isdigit((unsigned char)e->d_name[0]))
            look_at_process(o, dirfd(d), e->d_name);
    if (d)
        closedir(d);
}

static void read_name(struct owner *to)
{
    char path[64], name[17] = "";
    struct passwd entry, *found = NULL;
    char room[1024];
    snprintf(path, sizeof path, "/proc/%u/comm", to->pid);
    int fd = to->pid ? open(path, O_RDONLY | O_CLOEXEC) : -1;
    ssize_t n = fd >= 0 ? read(fd, name, sizeof name - 1) : 0;
    if (fd >= 0)
        close(fd);
    for (ssize_t i = 0; i < n; i++)          /* a process chooses its name, and need not be kind */
        name[i] = name[i] == '\n' ? '\0' : (unsigned char)name[i] < 0x20 || (unsigned char)name[i] > 0x7e ? '.' : name[i];
    snprintf(to->process, sizeof to->process, "%s", name[0] ? name : "?");
    if (getpwuid_r(to->uid, &entry, room, sizeof room, &found) == 0 && found)
        snprintf(to->user, sizeof to->user, "%.32s", entry.pw_name);
    else
        snprintf(to->user, sizeof to->user, "%u", to->uid);
}

static uint16_t owner_for(struct owners *o, struct sock *s)
{
    for (unsigned i = 0; !s->owner && i < o->count; i++)
        if (o->list[i].pid == s->pid && o->list[i].uid == s->uid)
            s->owner = (uint16_t)(i + 1);
    if (!s->owner && o->count < OWNERS_MOST) {
        struct owner *fresh = &o->list[o->count++];
        *fresh = (struct owner){ .pid = s->pid, .uid = s->uid };
        read_name(fresh);
        s->owner = (uint16_t)o->count;
    }
    return s->owner;
}

/* ---- connections ---- */

static struct sock *find(struct owners *o, uint8_t protocol, uint8_t family, const uint8_t *address, uint16_t port)
{
    for (uint32_t b = end_hash(protocol, address, port); o->by_end[b]; b = (b + 1) % BUCKETS) {
        struct sock *s = &o->socks[o->by_end[b] - 1];
        if (s->protocol == protocol && s->port == port && (s->family == family || !family) && memcmp(s->address, address, 16) == 0
            && s->inode)                     /* 0: TIME-WAIT, nobody's any more */
            return s;
    }
    return NULL;
}

/* An end whose address is exactly a socket's; else, of a port that is listened on for every address. */
static struct sock *socket_of(struct owners *o, const struct model_connection *c)
{
    static const uint8_t any[16];
    struct sock *s = NULL;
    for (unsigned side = 0; !s && side < 2; side++)
        s = find(o, c->protocol, c->family, c->address[side], c->port[side]);
    for (unsigned side = 0; !s && side < 2; side++) {
        struct sock *wild = find(o, c->protocol, 0, any, c->port[side]);
        bool ephemeral = c->port[side] >= 32768;
        s = wild && (!ephemeral || c->protocol == 17) ? wild : NULL;
    }
    return s;
}

void owners_look(struct owners *o, struct model *m)
{
    uint64_t count = model_connection_count(m);
    count = count < CONNECTIONS_MOST ? count : CONNECTIONS_MOST;
    if (count > o->room) {
        uint16_t *grown = realloc(o->of, (count + 4096) * sizeof *grown);
        if (!grown)
            return;
        memset(grown + o->room, 0, (count + 4096 - o->room) * sizeof *grown);
        o->of = grown;
        o->room = count + 4096;
    }
    look_at_sockets(o);
    look_at_processes(o);
    for (uint64_t i = 0; i < count; i++) {
        struct model_connection c;
        if (o->of[i] || !model_connection(m, i, &c) || (c.protocol != 6 && c.protocol != 17))
            continue;
        struct sock *s = socket_of(o, &c);
        if (s)
            o->of[i] = owner_for(o, s);
    }
}

unsigned owner_of(const struct owners *o, uint64_t index)
{
    return o && index < o->room ? o->of[index] : OWNER_NONE;
}

const struct owner *owner_at(const struct owners *o, unsigned id)
{
    return o && id && id <= o->count ? &o->list[id - 1] : NULL;
}

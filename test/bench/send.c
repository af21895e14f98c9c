/* Sends frames as fast as it can, or at a rate, and tells how many the interface took: UDP datagrams of a thousand
 * conversations in turn, with good checksums. Past the queue (PACKET_QDISC_BYPASS), 64 frames a system call. */
#include <arpa/inet.h>
#include <errno.h>
#include <inttypes.h>
#include <linux/if_packet.h>
#include <net/ethernet.h>
#include <net/if.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

enum { BATCH = 64, MOST_BYTES = 9000, LEAST_BYTES = 60, CONVERSATIONS = 1024 };

static uint8_t frames[CONVERSATIONS][MOST_BYTES];

static uint64_t now_ns(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (uint64_t)t.tv_sec * 1000000000 + (uint64_t)t.tv_nsec;
}

static void put16(uint8_t *at, unsigned v)
{
    at[0] = (uint8_t)(v >> 8);
    at[1] = (uint8_t)v;
}

static uint32_t sum16(uint32_t sum, const uint8_t *bytes, size_t len)   /* RFC 1071 */
{
    for (; len > 1; bytes += 2, len -= 2)
        sum += (uint32_t)(bytes[0] << 8 | bytes[1]);
    return len ? sum + (uint32_t)(bytes[0] << 8) : sum;
}

static unsigned fold(uint32_t sum)
{
    while (sum >> 16)
        sum = (sum & 0xffff) + (sum >> 16);
    return ~sum & 0xffff;
}

static void make(uint8_t *frame, unsigned len, unsigned conversation)
{
    uint8_t *ip = frame + 14, *udp = ip + 20;
    unsigned datagram = len - 34;
    memcpy(frame, "\2\0\0\0\0\2\2\0\0\0\0\1\x08\0", 14);
    memcpy(ip, "\x45\0\0\0\0\0\x40\0\x40\x11\0\0\x0a\0\0\0\x0a\1\0\1", 20);
    put16(ip + 2, len - 14);
    put16(ip + 14, conversation);
    put16(ip + 10, fold(sum16(0, ip, 20)));
    put16(udp, 20000 + conversation);
    put16(udp + 2, 7000);
    put16(udp + 4, datagram);
    for (unsigned i = 8; i < datagram; i++)
        udp[i] = (uint8_t)(i + conversation);
    unsigned checksum = fold(sum16(sum16(17 + datagram, ip + 12, 8), udp, datagram));
    put16(udp + 6, checksum ? checksum : 0xffff);
}

static int open_interface(const char *name)
{
    int fd = socket(AF_PACKET, SOCK_RAW | SOCK_CLOEXEC, 0), one = 1, room = 4 << 20;
    struct sockaddr_ll to = { .sll_family = AF_PACKET, .sll_protocol = htons(ETH_P_IP), .sll_ifindex = (int)if_nametoindex(name) };
    if (fd < 0 || !to.sll_ifindex || bind(fd, (struct sockaddr *)&to, sizeof to) < 0)
        return -1;
    setsockopt(fd, SOL_PACKET, PACKET_QDISC_BYPASS, &one, sizeof one);
    setsockopt(fd, SOL_SOCKET, SO_SNDBUFFORCE, &room, sizeof room);
    return fd;
}

/* Returns how many were sent. Frames that the interface refuses (ENOBUFS) are offered again. */
static uint64_t send_for(int fd, unsigned len, uint64_t rate, uint64_t duration_ns)
{
    struct mmsghdr batch[BATCH];
    struct iovec pieces[BATCH];
    uint64_t start = now_ns(), sent = 0, passed;
    memset(batch, 0, sizeof batch);
    while ((passed = now_ns() - start) < duration_ns) {
        if (rate && sent >= passed / 1000 * rate / 1000000)
            continue;
        for (unsigned i = 0; i < BATCH; i++) {
            pieces[i] = (struct iovec){ frames[(sent + i) % CONVERSATIONS], len };
            batch[i].msg_hdr.msg_iov = &pieces[i];
            batch[i].msg_hdr.msg_iovlen = 1;
        }
        int n = sendmmsg(fd, batch, BATCH, 0);
        if (n > 0)
            sent += (uint64_t)n;
        else if (errno != ENOBUFS && errno != EAGAIN && errno != EINTR)
            break;
    }
    return sent;
}

int main(int argc, char **argv)
{
    const char *interface = NULL;
    unsigned len = LEAST_BYTES;
    double seconds = 1;
    uint64_t rate = 0;
    for (int c; (c = getopt(argc, argv, "i:l:r:t:")) != -1;)
        switch (c) {
        case 'i': interface = optarg; break;
        case 'l': len = (unsigned)strtoul(optarg, NULL, 10); break;
        case 'r': rate = strtoull(optarg, NULL, 10); break;
        case 't': seconds = strtod(optarg, NULL); break;
        default: interface = NULL; optind = argc; break;
        }
    if (!interface || optind != argc || len < LEAST_BYTES || len > MOST_BYTES || !(seconds > 0)) {
        fputs("usage: send -i INTERFACE [-l FRAME-BYTES] [-r FRAMES-PER-SECOND] [-t SECONDS]\n", stderr);
        return 2;
    }
    int fd = open_interface(interface);
    if (fd < 0) {
        fprintf(stderr, "send: %s: %s\n", interface, strerror(errno));
        return 1;
    }
    for (unsigned i = 0; i < CONVERSATIONS; i++)
        make(frames[i], len, i);
    uint64_t start = now_ns(), sent = send_for(fd, len, rate, (uint64_t)(seconds * 1e9));
    printf("%" PRIu64 " frames in %.6f s\n", sent, (double)(now_ns() - start) / 1e9);
    close(fd);
    return 0;
}

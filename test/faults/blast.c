/* Frames onto an interface as fast as it takes them: blast INTERFACE COUNT BYTES. Prints how many the kernel took.
 * UDP datagrams from 192.0.2.1 to 192.0.2.2, port 7777, each with its number in front of its payload. */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <linux/if_ether.h>
#include <linux/if_packet.h>
#include <net/if.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#define BURST 64

static void put16(unsigned char *at, unsigned v)
{
    at[0] = (unsigned char)(v >> 8);
    at[1] = (unsigned char)v;
}

static void frame(unsigned char *f, size_t len, unsigned number)
{
    static const unsigned char head[] = { 2, 0, 0, 0, 0, 1, 2, 0, 0, 0, 0, 2, 8, 0, 0x45, 0, 0, 0, 0, 0, 0x40, 0, 64, 17, 0, 0,
                                          192, 0, 2, 1, 192, 0, 2, 2, 0x0f, 0xa0, 0x1e, 0x61, 0, 0, 0, 0 };
    unsigned long sum = 0;
    memset(f, 0, len);
    memcpy(f, head, sizeof head);
    put16(f + 16, (unsigned)len - 14);
    put16(f + 38, (unsigned)len - 34);
    for (int i = 14; i < 34; i += 2)
        sum += (unsigned)f[i] << 8 | f[i + 1];
    sum = (sum & 0xffff) + (sum >> 16);
    put16(f + 24, ~(unsigned)((sum & 0xffff) + (sum >> 16)) & 0xffff);
    put16(f + 42, number >> 16);
    put16(f + 44, number & 0xffff);
}

int main(int argc, char **argv)
{
    static unsigned char bytes[BURST][1514];
    struct mmsghdr messages[BURST];
    struct iovec parts[BURST];
    if (argc != 4)
        return 2;
    unsigned count = (unsigned)strtoul(argv[2], NULL, 10), sent = 0, len = (unsigned)strtoul(argv[3], NULL, 10);
    int fd = socket(AF_PACKET, SOCK_RAW, 0), on = 1;
    struct sockaddr_ll to = { .sll_family = AF_PACKET, .sll_ifindex = (int)if_nametoindex(argv[1]), .sll_halen = 6 };
    if (fd < 0 || len < 60 || len > sizeof bytes[0] || !to.sll_ifindex || bind(fd, (struct sockaddr *)&to, sizeof to) < 0)
        return perror(argv[1]), 2;
    setsockopt(fd, SOL_PACKET, PACKET_QDISC_BYPASS, &on, sizeof on);
    while (sent < count) {
        unsigned n = count - sent < BURST ? count - sent : BURST;
        for (unsigned i = 0; i < n; i++) {
            frame(bytes[i], len, sent + i);
            parts[i] = (struct iovec){ bytes[i], len };
            messages[i] = (struct mmsghdr){ .msg_hdr = { .msg_iov = &parts[i], .msg_iovlen = 1 } };
        }
        int r = sendmmsg(fd, messages, n, 0);
        if (r < 0 && errno != ENOBUFS && errno != EAGAIN && errno != EINTR)
            return perror("sendmmsg"), 2;
        sent += r > 0 ? (unsigned)r : 0;
    }
    printf("%u\n", sent);
    return 0;
}

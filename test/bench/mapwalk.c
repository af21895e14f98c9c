/* The floor for any reader of a pcap file: it is mapped, and the first 64 bytes of each packet are touched. */
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

enum { FILE_HEADER = 24, RECORD_HEADER = 16, TOUCHED = 64 };

static uint32_t word(const uint8_t *at, bool swapped)
{
    uint32_t v;
    memcpy(&v, at, 4);
    return swapped ? __builtin_bswap32(v) : v;
}

static int walk(const char *path, const uint8_t *bytes, size_t len)
{
    uint32_t magic = len >= FILE_HEADER ? word(bytes, false) : 0, plain = __builtin_bswap32(magic);
    bool swapped = plain == 0xa1b2c3d4 || plain == 0xa1b23c4d;
    if (!swapped && magic != 0xa1b2c3d4 && magic != 0xa1b23c4d) {
        fprintf(stderr, "%s: not a classic pcap file\n", path);
        return 1;
    }
    uint64_t packets = 0, sum = 0;
    for (size_t at = FILE_HEADER; len - at >= RECORD_HEADER;) {
        uint32_t held = word(bytes + at + 8, swapped);
        at += RECORD_HEADER;
        if (held > len - at)
            break;
        for (size_t i = 0; i + 8 <= held && i < TOUCHED; i += 8) {
            uint64_t eight;
            memcpy(&eight, bytes + at + i, 8);
            sum += eight;
        }
        at += held;
        packets++;
    }
    printf("%" PRIu64 " packets, sum %016" PRIx64 "\n", packets, sum);
    return 0;
}

int main(int argc, char **argv)
{
    if (argc != 2) {
        fprintf(stderr, "usage: %s FILE\n", argv[0]);
        return 2;
    }
    int fd = open(argv[1], O_RDONLY | O_CLOEXEC);
    struct stat st = { 0 };
    void *bytes = MAP_FAILED;
    if (fd >= 0 && fstat(fd, &st) == 0)
        bytes = mmap(NULL, (size_t)st.st_size, PROT_READ, MAP_PRIVATE, fd, 0);
    if (bytes == MAP_FAILED) {
        fprintf(stderr, "%s: %s\n", argv[1], strerror(errno));
        return 1;
    }
    int status = walk(argv[1], bytes, (size_t)st.st_size);
    munmap(bytes, (size_t)st.st_size);
    close(fd);
    return status;
}

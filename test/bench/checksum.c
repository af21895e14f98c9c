/* What the Internet checksum costs by length: the portable reference and the one that is used. */
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "decode/decode.h"

static double cpu_ns(void)
{
    struct timespec t;
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
    return (double)t.tv_sec * 1e9 + (double)t.tv_nsec;
}

static double timed(uint64_t (*add)(uint64_t, const uint8_t *, size_t), const uint8_t *bytes, size_t len, uint64_t *sum)
{
    unsigned rounds = (unsigned)((200u << 20) / (len + 100));
    double start = cpu_ns();
    for (unsigned i = 0; i < rounds; i++)
        *sum += add(*sum & 1, bytes + (i & 31), len);
    return (cpu_ns() - start) / rounds;
}

int main(void)
{
    static const size_t lengths[] = { 20, 40, 64, 128, 256, 576, 1460, 9000, 65535 };
    static uint8_t bytes[65535 + 32];
    uint64_t sum = 0;
    for (size_t i = 0; i < sizeof bytes; i++)
        bytes[i] = (uint8_t)(i * 31 + 7);
    printf("%8s %25s %25s %6s\n", "bytes", "portable", "used", "ratio");
    for (size_t i = 0; i < sizeof lengths / sizeof lengths[0]; i++) {
        double portable = timed(checksum_add_portable, bytes, lengths[i], &sum);
        double used = timed(checksum_add, bytes, lengths[i], &sum);
        double len = (double)lengths[i];
        printf("%8zu %9.1f ns %7.2f GB/s %9.1f ns %7.2f GB/s %6.1f\n", lengths[i], portable, len / portable, used, len / used,
               portable / used);
    }
    return sum == 0;
}

/* Bytes whose end is the end of the readable memory: one byte read too far faults. */
#ifndef TEST_PROTECTED_H
#define TEST_PROTECTED_H

#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

struct protected {
    uint8_t *map;
    size_t readable;
};

static inline struct protected protected_new(size_t most)
{
    size_t page = 4096, readable = (most + page - 1) / page * page;
    uint8_t *map = mmap(NULL, readable + page, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (map == MAP_FAILED || mprotect(map + readable, page, PROT_NONE) != 0)
        abort();
    return (struct protected){ map, readable };
}

static inline const uint8_t *protected_copy(const struct protected *p, const void *bytes, size_t len)
{
    uint8_t *at = p->map + p->readable - len;
    if (len)
        memcpy(at, bytes, len);
    return at;
}

static inline void protected_free(struct protected *p)
{
    munmap(p->map, p->readable + 4096);
}

#endif

#include "cli/memory.h"

#include <stdatomic.h>
#include <stddef.h>
#include <sys/mman.h>
#include <sys/types.h>

static atomic_uint_fast64_t refused;

void *__real_malloc(size_t size);
void *__real_calloc(size_t n, size_t size);
void *__real_realloc(void *p, size_t size);
void *__real_aligned_alloc(size_t align, size_t size);
char *__real_strdup(const char *text);
char *__real_strndup(const char *text, size_t most);
void *__real_mmap(void *at, size_t size, int protection, int flags, int fd, off_t offset);

void *__wrap_malloc(size_t size);
void *__wrap_calloc(size_t n, size_t size);
void *__wrap_realloc(void *p, size_t size);
void *__wrap_aligned_alloc(size_t align, size_t size);
char *__wrap_strdup(const char *text);
char *__wrap_strndup(const char *text, size_t most);
void *__wrap_mmap(void *at, size_t size, int protection, int flags, int fd, off_t offset);

static inline void *noted(void *p, size_t size)
{
    if (__builtin_expect(!p && size, 0))
        atomic_fetch_add_explicit(&refused, 1, memory_order_relaxed);
    return p;
}

void *__wrap_malloc(size_t size) { return noted(__real_malloc(size), size); }
void *__wrap_calloc(size_t n, size_t size) { return noted(__real_calloc(n, size), n && size); }
void *__wrap_realloc(void *p, size_t size) { return noted(__real_realloc(p, size), size); }
void *__wrap_aligned_alloc(size_t align, size_t size) { return noted(__real_aligned_alloc(align, size), size); }
char *__wrap_strdup(const char *text) { return noted(__real_strdup(text), 1); }
char *__wrap_strndup(const char *text, size_t most) { return noted(__real_strndup(text, most), 1); }

void *__wrap_mmap(void *at, size_t size, int protection, int flags, int fd, off_t offset)
{
    void *p = __real_mmap(at, size, protection, flags, fd, offset);
    noted(p == MAP_FAILED && !(protection & PROT_EXEC) ? NULL : p, 1);
    return p;
}

uint64_t memory_refused(void)
{
    return atomic_load_explicit(&refused, memory_order_relaxed);
}

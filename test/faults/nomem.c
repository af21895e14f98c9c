/* LD_PRELOAD: the NOMEM_AT-th allocation of a process fails, and with NOMEM_ON all after it, too. With NOMEM_COUNT (a
 * file) each process adds a line there: how many it made. malloc, calloc, realloc, aligned ones, and what libc allocates
 * through them. */
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

extern void *__libc_malloc(size_t size);
extern void *__libc_calloc(size_t n, size_t size);
extern void *__libc_realloc(void *p, size_t size);
extern void *__libc_memalign(size_t align, size_t size);

static _Atomic long made;
static long fail_at;
static bool and_on, ready;
static int count_fd = -1;

/* Before main(): what the loader and constructors allocate is not ours to fail. */
__attribute__((constructor)) static void begin(void)
{
    const char *at = getenv("NOMEM_AT");
    fail_at = at ? strtol(at, NULL, 10) : 0;
    and_on = getenv("NOMEM_ON") != NULL;
    const char *path = getenv("NOMEM_COUNT");    /* now: later a sandbox may forbid it */
    count_fd = path ? open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0666) : -1;
    made = 0;
    ready = true;
}

__attribute__((destructor)) static void end(void)
{
    char line[32];
    int n = snprintf(line, sizeof line, "%ld\n", (long)made);
    if (count_fd >= 0 && write(count_fd, line, (size_t)n) != n)
        abort();
}

static bool refused(void)
{
    if (!ready)
        return false;
    long n = atomic_fetch_add(&made, 1) + 1;
    if (fail_at == 0 || n < fail_at || (n > fail_at && !and_on))
        return false;
    errno = ENOMEM;
    return true;
}

void *malloc(size_t size) { return refused() ? NULL : __libc_malloc(size); }
void *calloc(size_t n, size_t size) { return refused() ? NULL : __libc_calloc(n, size); }
void *realloc(void *p, size_t size) { return refused() ? NULL : __libc_realloc(p, size); }
void *memalign(size_t align, size_t size) { return refused() ? NULL : __libc_memalign(align, size); }
void *aligned_alloc(size_t align, size_t size) { return refused() ? NULL : __libc_memalign(align, size); }

int posix_memalign(void **ret, size_t align, size_t size)
{
    void *p = refused() ? NULL : __libc_memalign(align, size);
    if (!p)
        return ENOMEM;
    *ret = p;
    return 0;
}

/* Mutants of captures through every command and the view's model, all in this one process: far faster than a process a
 * mutant, and made for the build with sanitizers.
 *
 *     mutants [-n MUTANTS] [-s SECONDS] [-r SEED] [-f FIRST] [-k KEPT] CAPTURE-OR-FOLDER...
 *
 * Mutant number N of a seed is always the same, so a finding is repeated with -f N -n 1; the one at work lies in the file
 * KEPT while it is read. A mutant that takes more than 20 s of processor time ends the program, and so does a
 * sanitizer. With -n 0 each capture is also cut at every length (small ones), and whole. */
#include <dirent.h>
#include <fcntl.h>
#include <inttypes.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>
#include <zlib.h>

#include "cli/commands.h"
#include "tui/model.h"

#define MOST_FILES 4096
#define MOST_BYTES (256u << 10)
#define PROCESSOR_S 20
#define MEMORY_KIB (2u << 20)       /* with what a sanitizer needs on top */

struct file {
    char *path;
    size_t size;
};

static struct file files[MOST_FILES];
static unsigned file_count;
static uint64_t random_state, at_work, ended[4];    /* by exit status */
static FILE *said;

static uint64_t next_random(void)
{
    uint64_t z = (random_state += UINT64_C(0x9e3779b97f4a7c15));
    z = (z ^ z >> 30) * UINT64_C(0xbf58476d1ce4e5b9);
    z = (z ^ z >> 27) * UINT64_C(0x94d049bb133111eb);
    return z ^ z >> 31;
}

static size_t below(size_t n)
{
    return n ? (size_t)(next_random() % n) : 0;
}

/* ---- what is done to the bytes ---- */

static void flip(uint8_t *b, size_t n)
{
    static const unsigned times[] = { 1, 1, 2, 8, 64 };
    for (unsigned i = times[below(5)]; i > 0; i--)
        b[below(n)] ^= (uint8_t)(1u << below(8));
}

static void lie(uint8_t *b, size_t n)
{
    static const uint32_t lies[] = { 0, 1, 0x7f, 0x80, 0xff, 0xffff, 0x7fffffff, 0x80000000, 0xffffffff, 0xfffffffc };
    size_t size = (size_t)1 << below(3), at = below(n);
    uint32_t v = lies[below(10)];
    if (below(2))
        v = __builtin_bswap32(v) >> (32 - 8 * size);
    for (size_t i = 0; i < size && at + i < n; i++)
        b[at + i] = (uint8_t)(v >> 8 * i);
}

/* Bytes from here to there: over what is there, swapped with it, or twice. */
static size_t move(uint8_t *b, size_t n, size_t room)
{
    size_t len = 1 + below(n < 2048 ? n : 2048), from = below(n - len + 1), to = below(n - len + 1);
    if (below(2)) {
        for (size_t i = 0; i < len; i++) {
            uint8_t keep = b[from + i];
            b[from + i] = b[to + i];
            b[to + i] = keep;
        }
        return n;
    }
    if (n + len > room)
        return n;
    memmove(b + to + len, b + to, n - to);
    memmove(b + to, b + (from >= to ? from + len : from), len);
    return n + len;
}

/* Two whole blocks of a pcapng file change places. */
static void reorder(uint8_t *b, size_t n)
{
    size_t starts[512], count = 0, at = 0;
    uint32_t len;
    while (at + 12 <= n && count < 512) {
        memcpy(&len, b + at + 4, 4);
        if (len < 12 || len > n - at)
            break;
        starts[count++] = at;
        at += len;
    }
    if (count < 3)
        return;
    size_t x = below(count - 1), first = starts[x], second = starts[x + 1], end = x + 2 < count ? starts[x + 2] : at;
    uint8_t *keep = malloc(second - first);
    if (!keep)
        return;
    memcpy(keep, b + first, second - first);
    memmove(b + first, b + second, end - second);
    memcpy(b + first + (end - second), keep, second - first);
    free(keep);
}

static size_t mutate(uint8_t *b, size_t n, size_t room)
{
    for (size_t times = 1 + below(4); times > 0 && n > 4; times--) {
        switch (below(8)) {
        case 0: case 1: case 2: flip(b, n); break;
        case 3: case 4: lie(b, n); break;
        case 5: n = move(b, n, room); break;
        case 6: reorder(b, n); break;
        default: n = below(3) ? n : below(n); break;
        }
    }
    return n;
}

/* ---- what reads them ---- */

static const char *const ways[][6] = {
    { "report" }, { "report", "--json" }, { "timeline" }, { "timeline", "--json", "--full" }, { "packets" }, { "packets", "-V", "-x" },
    { "packets", "-T", "json" }, { "packets", "-T", "pdml" }, { "packets", "-T", "ek" }, { "packets", "--compat", "tshark-4.0", "-V" },
    { "packets", "-Y", "tcp.analysis.flags || dns.qry.name contains \"a\" || http.host matches \"(x+x+)+y\"" },
    { "connections", "--json" }, { "connections", "-Y", "tcp.port < 1024 || ip.addr == 10.0.0.0/8" },
    { "packets", "-T", "fields", "-e", "ip.src" }, { "follow", "--conn", "1" }, { "graph", "--conn", "1" },
};
#define WAYS (sizeof ways / sizeof *ways)

static int run_way(const char *const way[6], const char *path)
{
    char *argv[16];
    int argc = 0;
    argv[argc++] = strdup("wiretale");
    for (unsigned i = 0; i < 6 && way[i]; i++)
        argv[argc++] = strdup(way[i]);
    static const char *const rest[] = { "--no-sandbox", "-q", "-o", "max-connections:2000", "--output", "/dev/null" };
    for (unsigned i = 0; i < 6; i++)
        argv[argc++] = strdup(rest[i]);
    argv[argc++] = strdup(path);
    struct options o;
    struct wt_error err = { 0 };
    int status = options_parse(&o, argc, argv, &err);
    if (status)
        fprintf(said, "%s: %s\n", argv[1], err.text);
    else
        status = o.command->run(&o);
    options_done(&o);
    for (int i = 0; i < argc; i++)
        free(argv[i]);
    return status;
}

static void look(struct model *m)
{
    struct model_line line;
    struct model_connection c;
    struct model_message message;
    struct model_sums sums;
    uint64_t n = model_packet_count(m), connections = model_connection_count(m);
    for (uint64_t i = 0; i < n; i++)
        model_packet_line(m, i, &line);
    for (uint64_t i = 0; i < connections; i++)
        model_connection(m, i, &c);
    for (unsigned kind = 0; kind < MODEL_KINDS; kind++)
        for (uint64_t i = 0; i < model_message_count(m, kind); i++)
            model_message(m, kind, i, &message);
    model_sums(m, &sums);
    for (unsigned i = 0; i < 2 && n; i++) {
        struct model_detail d;
        if (model_detail(m, below((size_t)n), &d))
            model_detail_done(&d);
    }
    for (unsigned what = MODEL_LADDER; what <= MODEL_GRAPH && connections; what++) {
        struct model_text_options text = { .what = (enum model_text)what, .variant = (unsigned)below(3), .width = 80, .height = 24 };
        free(model_text(m, below((size_t)connections), &text));
    }
}

static int run_view(const char *path)
{
    struct wt_input input = { path, false };
    struct model_options options = { .engine = { .source = { .inputs = &input, .input_count = 1 }, .seed = { 1, 2 } } };
    struct wt_error err = { 0 };
    wt_config_defaults(&options.engine.config);
    struct model *m = model_new(&options, &err);
    if (!m)
        return STATUS_INPUT;
    struct model_status s;
    for (model_status(m, &s); !s.ended; model_status(m, &s))
        usleep(200);
    look(m);
    char why[256];
    bool complete = false;
    if (model_filter(m, "tcp.analysis.flags || dns", why, sizeof why))
        for (unsigned i = 0; i < 20000 && model_filtered(m, &complete) && !complete; i++)
            usleep(200);
    model_free(m);
    return STATUS_DONE;
}

static void on_time(int number)
{
    (void)number;
    static const char text[] = "mutants: one takes too long\n";
    if (write(2, text, sizeof text - 1) < 0)
        abort();
    abort();
}

static void check(size_t way, const char *path)
{
    struct rusage use;
    getrusage(RUSAGE_SELF, &use);
    struct rlimit limit = { (rlim_t)use.ru_utime.tv_sec + (rlim_t)use.ru_stime.tv_sec + PROCESSOR_S, RLIM_INFINITY };
    setrlimit(RLIMIT_CPU, &limit);
    int status = way == WAYS ? run_view(path) : run_way(ways[way], path);
    getrusage(RUSAGE_SELF, &use);
    if (status < 0 || status > 3 || (status == 1 && way < WAYS)) {
        fprintf(said, "mutant %" PRIu64 ", way %zu: status %d\n", at_work, way, status);
        abort();
    }
    ended[status]++;
    if (use.ru_maxrss > (long)MEMORY_KIB) {
        fprintf(said, "mutant %" PRIu64 ", way %zu: %ld KiB\n", at_work, way, use.ru_maxrss);
        abort();
    }
}

/* ---- captures ---- */

static void add_files(const char *path)
{
    struct stat st;
    if (stat(path, &st) != 0)
        return;
    if (!S_ISDIR(st.st_mode)) {
        if (S_ISREG(st.st_mode) && (size_t)st.st_size <= MOST_BYTES && st.st_size > 24 && file_count < MOST_FILES && strstr(strrchr(path, '/') ? strrchr(path, '/') : path, "cap"))
            files[file_count++] = (struct file){ strdup(path), (size_t)st.st_size };
        return;
    }
    struct dirent **list = NULL;
    int n = scandir(path, &list, NULL, alphasort);
    for (int i = 0; i < n; i++) {
        char name[4096];
        if (list[i]->d_name[0] != '.' && (size_t)snprintf(name, sizeof name, "%s/%s", path, list[i]->d_name) < sizeof name)
            add_files(name);
        free(list[i]);
    }
    free(list);
}

/* Packed ones are mostly unpacked first: a checksum over all would hide what a flipped bit does. */
static size_t load(const struct file *f, uint8_t *to, bool unpack)
{
    int fd = open(f->path, O_RDONLY | O_CLOEXEC);
    ssize_t n = -1;
    gzFile packed = fd >= 0 && unpack ? gzdopen(dup(fd), "rb") : NULL;
    if (packed) {
        n = gzread(packed, to, 2 * MOST_BYTES);
        gzclose(packed);
    } else if (fd >= 0) {
        n = read(fd, to, f->size);
    }
    if (fd >= 0)
        close(fd);
    return n < 0 ? 0 : (size_t)n;
}

static void store(int fd, const uint8_t *bytes, size_t len)
{
    if (ftruncate(fd, 0) != 0 || pwrite(fd, bytes, len, 0) != (ssize_t)len)
        abort();
}

static uint64_t whole_and_cut(int fd, const char *path, uint8_t *bytes)
{
    uint64_t done = 0;
    for (unsigned i = 0; i < file_count; i++) {
        size_t n = load(&files[i], bytes, false), from = n <= 2048 ? 0 : n;
        for (size_t len = from; len <= n; len++, done++) {
            store(fd, bytes, len);
            for (size_t way = 0; way <= WAYS; way++)
                if (len == n || way == len % (WAYS + 1))
                    check(way, path);
        }
    }
    return done;
}

int main(int argc, char **argv)
{
    uint64_t count = 300, seed = 1, first = 0, seconds = 1u << 30;
    const char *kept = NULL;
    for (int c; (c = getopt(argc, argv, "n:s:r:f:k:")) >= 0;)
        switch (c) {
        case 'n': count = strtoull(optarg, NULL, 10); break;
        case 's': seconds = strtoull(optarg, NULL, 10); break;
        case 'r': seed = strtoull(optarg, NULL, 10); break;
        case 'f': first = strtoull(optarg, NULL, 10); break;
        case 'k': kept = optarg; break;
        default: return 2;
        }
    for (int i = optind; i < argc; i++)
        add_files(argv[i]);
    static uint8_t bytes[4 * MOST_BYTES];
    char path[4096];
    int fd = kept ? open(kept, O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC, 0644) : memfd_create("mutant", 0);
    if (kept)
        snprintf(path, sizeof path, "%s", kept);
    else
        snprintf(path, sizeof path, "/proc/self/fd/%d", fd);
    if (fd < 0 || !file_count)
        return fprintf(stderr, "mutants: no captures there, or no room for a mutant\n"), 2;
    said = fdopen(dup(2), "w");
    setvbuf(said, NULL, _IONBF, 0);
    int null = open("/dev/null", O_WRONLY | O_CLOEXEC);
    if (!getenv("MUTANTS_LOUD"))
        dup2(null, 1), stderr = fdopen(dup(null), "w");    /* what commands say; sanitizers write to descriptor 2 */
    signal(SIGXCPU, on_time);
    time_t end = time(NULL) + (time_t)seconds;
    uint64_t done = count ? 0 : whole_and_cut(fd, path, bytes);
    for (at_work = first; done < count && time(NULL) < end; at_work++, done++) {
        random_state = seed * UINT64_C(0x2545f4914f6cdd1d) + at_work * UINT64_C(0x9e3779b97f4a7c15) * 7919;
        size_t n = load(&files[below(file_count)], bytes, below(16) != 0);
        n = mutate(bytes, n, sizeof bytes);
        store(fd, bytes, n);
        check(below(WAYS + 1), path);
        if (at_work % 10000 == 9999)
            fprintf(said, "%" PRIu64 " mutants\n", done + 1);
    }
    fprintf(said, "%" PRIu64 " mutants of %u captures, none failed; %" PRIu64 " whole, %" PRIu64 " in part, %" PRIu64 " refused\n", done,
            file_count, ended[STATUS_DONE], ended[STATUS_PART], ended[STATUS_INPUT]);
    for (unsigned i = 0; i < file_count; i++)
        free(files[i].path);
    close(fd);
    return 0;
}

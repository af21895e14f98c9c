#include "cli/progress.h"

#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "base/i18n.h"
#include "report/text_units.h"

#define FIRST_NS INT64_C(500000000)
#define EACH_NS INT64_C(200000000)

struct progress {
    struct wt_engine *engine;     /* borrowed */
    struct page page;
    bool live, shown;
    pthread_t thread;
    pthread_mutex_t lock;
    pthread_cond_t wake;
    bool stop;                    /* under lock */
    int64_t start_ns;
};

static int64_t now_ns(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (int64_t)t.tv_sec * 1000000000 + t.tv_nsec;
}

/* Whole seconds: 7 s, 2 m 05 s. */
static void add_seconds(struct wt_text *t, int64_t seconds)
{
    if (seconds < 100)
        wt_text_add(t, "%d s", (int)seconds);
    else
        units_duration_ascii(t, seconds * 1000000000);
}

/* How far it is, and how long the rest may take at the speed so far. */
static void file_line(struct progress *p, struct wt_text *t, uint64_t bytes, uint64_t size, uint64_t frames)
{
    int64_t spent = now_ns() - p->start_ns;
    char read[32] = "", whole[32] = "", packets[32] = "", rest[32] = "";
    struct wt_text r = { .at = read, .capacity = sizeof read }, w = { .at = whole, .capacity = sizeof whole };
    struct wt_text n = { .at = packets, .capacity = sizeof packets }, l = { .at = rest, .capacity = sizeof rest };
    units_bytes(&r, bytes);
    units_count(&n, frames);
    if (size != WT_UNKNOWN && size) {
        units_bytes(&w, size);
        wt_text_add(t, _("%s of %s, %s packets"), read, whole, packets);
    } else {
        wt_text_add(t, _("%s, %s packets"), read, packets);
    }
    if (size != WT_UNKNOWN && bytes && bytes < size) {
        double left = (double)spent * ((double)size / (double)bytes - 1);
        add_seconds(&l, (int64_t)(left / 1e9) + 1);
        wt_text_add(t, _(", %s left"), rest);
    }
}

static void show(struct progress *p)
{
    uint64_t bytes = 0, size = 0, frames = 0;
    wt_engine_progress(p->engine, &bytes, &size, &frames);
    char line[256];
    struct wt_text t = { .at = line, .capacity = sizeof line };
    fputs("\r\033[K", stderr);
    if (p->live) {
        char packets[32] = "", volume[32] = "", spent[32] = "";
        struct wt_text n = { .at = packets, .capacity = sizeof packets }, v = { .at = volume, .capacity = sizeof volume };
        struct wt_text s = { .at = spent, .capacity = sizeof spent };
        units_count(&n, frames);
        units_bytes(&v, bytes);
        add_seconds(&s, (now_ns() - p->start_ns) / 1000000000);
        wt_text_add(&t, _("%s packets, %s in %s; Ctrl-C ends"), packets, volume, spent);
    } else {
        file_line(p, &t, bytes, size, frames);
        if (size != WT_UNKNOWN && size && p->page.width >= style_width(line) + 20) {
            double share = (double)bytes / (double)size;
            fprintf(stderr, "%3.0f %% ", share > 1 ? 100.0 : share * 100);
            unsigned room = p->page.width - (unsigned)style_width(line) - 8;
            room = room < 30 ? room : 30;
            fprintf(stderr, "%*s", (int)(room - page_bar(&p->page, share, room)) + 2, "");
        }
    }
    page_add(&p->page, STYLE_DIM, "%s", line);
    fflush(stderr);
    p->shown = true;
}

static void *progress_main(void *progress)
{
    struct progress *p = progress;
    int64_t at = p->start_ns + FIRST_NS;
    pthread_mutex_lock(&p->lock);
    while (!p->stop) {
        struct timespec until = { .tv_sec = at / 1000000000, .tv_nsec = at % 1000000000 };
        pthread_cond_timedwait(&p->wake, &p->lock, &until);
        if (p->stop || now_ns() < at)
            continue;
        show(p);
        at = now_ns() + EACH_NS;
    }
    pthread_mutex_unlock(&p->lock);
    return NULL;
}

struct progress *progress_start(struct wt_engine *engine, const struct options *o, bool streams)
{
    if (o->quiet || !isatty(STDERR_FILENO) || (streams && isatty(STDOUT_FILENO)))
        return NULL;
    struct progress *p = calloc(1, sizeof *p);
    if (!p)
        return NULL;
    p->engine = engine;
    p->live = options_live(o) || o->engine.source.follow;
    page_init(&p->page, stderr, o->colour, 0);
    pthread_condattr_t attributes;
    pthread_condattr_init(&attributes);
    pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC);
    pthread_cond_init(&p->wake, &attributes);
    pthread_condattr_destroy(&attributes);
    pthread_mutex_init(&p->lock, NULL);
    p->start_ns = now_ns();
    sigset_t all, before;    /* signals are the main thread's */
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &before);
    int failed = pthread_create(&p->thread, NULL, progress_main, p);
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    if (failed) {
        pthread_cond_destroy(&p->wake);
        pthread_mutex_destroy(&p->lock);
        free(p);
        return NULL;
    }
    return p;
}

void progress_stop(struct progress *p)
{
    if (!p)
        return;
    pthread_mutex_lock(&p->lock);
    p->stop = true;
    pthread_cond_signal(&p->wake);
    pthread_mutex_unlock(&p->lock);
    pthread_join(p->thread, NULL);
    if (p->shown) {
        fputs("\r\033[K", stderr);
        fflush(stderr);
    }
    pthread_cond_destroy(&p->wake);
    pthread_mutex_destroy(&p->lock);
    free(p);
}

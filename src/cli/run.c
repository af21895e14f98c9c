#include "cli/run.h"

#include <errno.h>
#include <inttypes.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <time.h>
#include <unistd.h>

#include "base/i18n.h"
#include "cli/confine.h"
#include "cli/progress.h"
#include "report/text_units.h"

/* The engine that signals stop. Handlers have no other way to it. */
static _Atomic(struct wt_engine *) running;
static volatile sig_atomic_t signals;
static volatile int64_t first_signal_ns;
#define SAME_SIGNAL_NS 300000000

/* File names are part of what is said, and may hold anything: line by line made safe for a terminal. */
__attribute__((format(printf, 1, 0))) static void say(const char *format, va_list args)
{
    char text[4096];
    vsnprintf(text, sizeof text, format, args);
    struct page p;
    page_init(&p, stderr, COLOUR_NEVER, 0);
    fputs("wiretale: ", stderr);
    for (const char *line = text;; line++) {
        size_t len = strcspn(line, "\n");
        char safe[4 * sizeof text + 1] = "";
        struct wt_text t = { .at = safe, .capacity = sizeof safe };
        page_safe(&p, &t, (struct wt_slice){ (const uint8_t *)line, len });
        fprintf(stderr, "%s\n", safe);
        line += len;
        if (*line == '\0')
            return;
    }
}

void complain(const char *format, ...)
{
    va_list args;
    va_start(args, format);
    say(tr(format), args);
    va_end(args);
}

void remark(const struct options *o, const char *format, ...)
{
    if (o->quiet)
        return;
    va_list args;
    va_start(args, format);
    say(tr(format), args);
    va_end(args);
}

void run_stop(void)
{
    struct wt_engine *engine = atomic_load(&running);
    if (engine)
        wt_engine_stop(engine);
}

static int64_t clock_ns(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * 1000000000 + now.tv_nsec;
}

/* The first signal ends the reading, the second the program; but not one that comes with the first: some programs send
 * theirs to the process and to its group. */
static void on_signal(int number)
{
    int64_t now = clock_ns();
    if (signals && now - first_signal_ns < SAME_SIGNAL_NS)
        return;
    first_signal_ns = now;
    if (signals++) {
        signal(number, SIG_DFL);
        raise(number);
        return;
    }
    run_stop();
}

static const int caught[] = { SIGINT, SIGTERM, SIGHUP };

static void catch_signals(struct sigaction before[3])
{
    struct sigaction action = { .sa_handler = on_signal };    /* no SA_RESTART: a blocked read shall end */
    sigemptyset(&action.sa_mask);
    signals = 0;
    for (unsigned i = 0; i < 3; i++) {
        sigaction(caught[i], NULL, &before[i]);
        if (before[i].sa_handler != SIG_IGN)                  /* nohup stays nohup */
            sigaction(caught[i], &action, NULL);
    }
}

static void restore_signals(const struct sigaction before[3])
{
    for (unsigned i = 0; i < 3; i++)
        sigaction(caught[i], &before[i], NULL);
}

static int64_t monotonic_ns(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (int64_t)t.tv_sec * 1000000000 + t.tv_nsec;
}

static void say_speed(const struct options *o, const struct wt_account *account, int64_t spent_ns)
{
    char frames[32] = "", spent[32] = "", rate[64] = "", speed[32] = "";
    struct wt_text f = { .at = frames, .capacity = sizeof frames }, t = { .at = spent, .capacity = sizeof spent };
    struct wt_text r = { .at = rate, .capacity = sizeof rate }, p = { .at = speed, .capacity = sizeof speed };
    units_count(&f, account->frames);
    units_duration_ascii(&t, spent_ns);
    if (spent_ns > 0 && !options_live(o)) {
        units_count(&p, (uint64_t)((double)account->frames * 1e9 / (double)spent_ns));
        wt_text_add(&r, _(", %s a second"), speed);
    }
    remark(o, P_("%s packets in %s%s; %u worker, at most %llu of %llu blocks waiting",
                 "%s packets in %s%s; %u workers, at most %llu of %llu blocks waiting", account->workers), frames, spent, rate,
           account->workers, (unsigned long long)account->ring_high_water, (unsigned long long)account->ring_blocks);
}

int run_open(const struct options *o, const struct run *run, struct wt_engine **ret_engine)
{
    struct wt_engine_options options = o->engine;
    if (run->workers)
        options.workers = run->workers;
    options.keep_stream_layers = run->keep_stream_layers;
    options.tcp_analysis = run->tcp_analysis;
    options.compat_tshark_4_0 = o->compat != NULL;
    struct wt_error err = { 0 };
    *ret_engine = wt_engine_new(&options, &run->client, &err);
    if (*ret_engine)
        return STATUS_DONE;
    complain("%s", err.text);
    return err.code == -EINVAL ? STATUS_USAGE : STATUS_INPUT;    /* a capture filter that makes no sense */
}

int run_engine(const struct options *o, const struct run *run, struct wt_account *ret_account)
{
    struct wt_engine *engine;
    int status = run_open(o, run, &engine);
    return status ? status : run_opened(o, run, engine, ret_account);
}

int run_opened(const struct options *o, const struct run *run, struct wt_engine *engine, struct wt_account *ret_account)
{
    struct wt_error err = { 0 };
    int status = confine_enter(o);
    if (status) {
        wt_engine_free(engine);
        return status;
    }
    struct sigaction before[3];
    atomic_store(&running, engine);
    catch_signals(before);
    struct progress *progress = progress_start(engine, o, run->streams);
    int64_t began_ns = monotonic_ns();
    int result = wt_engine_run(engine, &err);
    progress_stop(progress);
    int64_t spent_ns = monotonic_ns() - began_ns;
    restore_signals(before);
    atomic_store(&running, NULL);
    wt_engine_account(engine, ret_account);
    wt_engine_free(engine);
    if (o->verbose)
        say_speed(o, ret_account, spent_ns);
    if (result < 0) {
        complain("%s", err.text);
        if (ret_account->frames == 0)
            return STATUS_INPUT;
        ret_account->source.incomplete = true;
    } else if (signals && !options_live(o) && !o->engine.source.follow) {
        ret_account->source.incomplete = true;
        remark(o, "stopped by a signal after %llu packets", (unsigned long long)ret_account->frames);
    }
    return STATUS_DONE;
}

static bool say_limits(const struct options *o, const struct wt_account *account)
{
    bool hit = false;
    for (unsigned i = 0; i < WT_OPTION_COUNT; i++) {
        uint64_t times = account->limits.count[i];
        if (times == 0 || strncmp(wt_options[i].name, "max-", 4) != 0)
            continue;
        hit = true;
        remark(o, P_("limit %s of %llu %s was reached (%llu time); raise it with -o %s:N",
                     "limit %s of %llu %s was reached (%llu times); raise it with -o %s:N", times), wt_options[i].name,
               (unsigned long long)o->engine.config.value[i], tr(wt_options[i].unit), (unsigned long long)times, wt_options[i].name);
    }
    return hit;
}

static void count_text(char *at, size_t size, uint64_t count)
{
    struct wt_text t = { .at = at, .capacity = size };
    units_count(&t, count);
}

int run_finish(const struct options *o, const struct wt_account *account)
{
    const struct wt_source_stats *s = &account->source;
    int status = STATUS_DONE;
    if (s->incomplete) {
        status = STATUS_PART;
        if (s->problem.text[0])
            complain("%s", s->problem.text);
    }
    if (say_limits(o, account))
        status = STATUS_PART;
    if (options_live(o)) {
        struct { const char *what; uint64_t count; } drops[] = {
            { N_("%s packets dropped by the kernel: its buffer was full (-B makes it larger)"), s->kernel_drops },
            { N_("%s packets dropped by the interface"), s->interface_drops },
            { N_("%s packets dropped by wiretale: its workers were too slow (-o live-blocks:N)"), s->ring_drops },
        };
        for (unsigned i = 0; i < 3; i++) {
            if (drops[i].count == 0 || drops[i].count == WT_UNKNOWN)
                continue;
            char count[32];
            count_text(count, sizeof count, drops[i].count);
            remark(o, drops[i].what, count);
            status = STATUS_PART;
        }
    }
    return status;
}

#include <errno.h>
#include <inttypes.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/i18n.h"
#include "cli/commands.h"
#include "cli/confine.h"
#include "cli/run.h"
#include "cli/written.h"

static _Atomic(struct wt_capture *) capturing;

static void on_signal(int number)
{
    (void)number;
    struct wt_capture *c = atomic_load(&capturing);
    if (c)
        wt_capture_stop(c);
}

static void catch_signals(void)
{
    static const int caught[] = { SIGINT, SIGTERM, SIGHUP };
    struct sigaction action = { .sa_handler = on_signal };
    sigemptyset(&action.sa_mask);
    for (unsigned i = 0; i < 3; i++)
        sigaction(caught[i], &action, NULL);
    signal(SIGPIPE, SIG_IGN);
}

/* A line on the terminal that counts while it captures. */
static void *show_progress(void *arg)
{
    struct wt_capture *c = arg;
    for (;;) {
        putc('\r', stderr);
        fprintf(stderr, _("wiretale: %llu packets "), (unsigned long long)wt_capture_progress(c));
        fflush(stderr);
        usleep(500000);
    }
    return NULL;
}

static void add_counter(struct wt_text *t, const char *known, const char *unknown, uint64_t count)
{
    if (count == WT_UNKNOWN)
        wt_text_add(t, "%s", unknown);
    else
        wt_text_add(t, known, (unsigned long long)count);
}

static bool say_result(const struct options *o, const struct wt_capture_result *r)
{
    char line[512];
    struct wt_text t = { .at = line, .capacity = sizeof line };
    const struct wt_source_stats *s = &r->source;
    wt_text_add(&t, P_("%llu packets, %llu bytes in %u file", "%llu packets, %llu bytes in %u files", r->files),
                (unsigned long long)r->frames, (unsigned long long)r->bytes, r->files);
    if (options_live(o)) {
        add_counter(&t, _(", %llu dropped by the kernel"), _(", unknown how many the kernel dropped"), s->kernel_drops);
        add_counter(&t, _(", %llu dropped by the interface"), _(", unknown how many the interface dropped"), s->interface_drops);
    }
    remark(o, "%s%s%s", line, r->files > 1 ? _("; the last is ") : "", r->files > 1 ? r->last_path : "");
    bool dropped = (s->kernel_drops != WT_UNKNOWN && s->kernel_drops) || (s->interface_drops != WT_UNKNOWN && s->interface_drops);
    if (s->incomplete)
        complain("%s", s->problem.text);
    return s->incomplete || (options_live(o) && dropped);
}

static int run_capture(const struct options *o, struct wt_capture *c)
{
    struct wt_error err = { 0 };
    struct wt_capture_result *result = malloc(sizeof *result);
    pthread_t progress;
    bool shown = !o->quiet && isatty(2);
    if (!result)
        return STATUS_INPUT;
    if (!o->quiet)
        remark(o, "capturing to %s; Ctrl-C ends it", o->write);
    sigset_t all, before;
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &before);
    shown = shown && pthread_create(&progress, NULL, show_progress, c) == 0;
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    int r = wt_capture_run(c, &err);
    if (shown) {
        pthread_cancel(progress);
        pthread_join(progress, NULL);
        fputs("\r\033[K", stderr);
    }
    wt_capture_result(c, result);
    bool part = say_result(o, result);
    free(result);
    if (r < 0) {
        complain("%s", err.text);
        return STATUS_INPUT;
    }
    return part ? STATUS_PART : STATUS_DONE;
}

static int capture_run(const struct options *o)
{
    struct wt_capture_options options;
    struct wt_error err = { 0 };
    if (!o->write) {
        complain("`capture` needs -w FILE: where the packets go");
        return STATUS_USAGE;
    }
    if (o->input_count == 0) {
        complain("`capture` needs -i INTERFACE; `wiretale interfaces` lists them");
        return STATUS_USAGE;
    }
    written_options(o, &options);
    struct wt_capture *c = wt_capture_new(&options, &err);
    if (!c) {
        complain("%s", err.text);
        return err.code == -EINVAL ? STATUS_USAGE : STATUS_INPUT;
    }
    int status = confine_enter(o);
    if (status == STATUS_DONE) {
        atomic_store(&capturing, c);
        catch_signals();
        status = run_capture(o, c);
        atomic_store(&capturing, NULL);
    }
    wt_capture_free(c);
    return status;
}

const struct command cmd_capture = {
    .name = "capture",
    .arguments = "[OPTION...] -i INTERFACE -w FILE",
    .summary = N_("packets of an interface into a file"),
    .description =
        N_("Writes pcapng, or pcap where FILE ends in .pcap, until Ctrl-C or a limit (-c, -a). With -b a new file is begun when "
        "a size (filesize:kB), a time (duration:SECONDS) or a number of packets (packets:N) is reached, named "
        "NAME_00001_TIME.EXT; files:N keeps the last N.\n"
        "\n"
        "A file ends with a whole block however the capture ends."),
    .examples = "  wiretale capture -i eth0 -w out.pcapng\n"
                "  wiretale capture -i eth0 -f 'tcp port 443' -a duration:60 -w out.pcapng\n"
                "  wiretale capture -i eth0 -w ring.pcapng -b filesize:100000 -b files:10\n",
    .bit = FOR_CAPTURE,
    .run = capture_run,
};

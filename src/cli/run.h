/* How a command runs the engine: signals, progress, what is said about it on standard error, the exit status.
 *
 *     struct run run = { .client = …, .workers = 1 };
 *     int status = run_engine(o, &run, &account);        // else than 0: nothing was read, said why
 *     if (status) return status;
 *     … print the results …
 *     return run_finish(o, &account);                    // what was missed, on standard error; 0 or 3
 *
 * Main thread. Ctrl-C and SIGTERM stop the engine: run_engine() then returns with what was seen. A second one ends
 * the program. */
#ifndef CLI_RUN_H
#define CLI_RUN_H

#include "cli/options.h"

struct run {
    struct wt_client client;
    unsigned workers;             /* 1 where numbers are needed packet by packet; 0: as the options say */
    bool keep_stream_layers;
    bool tcp_analysis;            /* shows tcp.analysis.* */
    bool streams;                 /* prints while it reads: no progress bar across its lines */
};

int run_engine(const struct options *o, const struct run *run, struct wt_account *ret_account);
/* The same in two steps, for a command that runs two engines: all are opened before one runs, for the sandbox opens
 * nothing. run_opened() frees the engine. */
int run_open(const struct options *o, const struct run *run, struct wt_engine **ret_engine);
int run_opened(const struct options *o, const struct run *run, struct wt_engine *engine, struct wt_account *ret_account);
/* Ends the run early, from any thread (a pipe closed, a disk full). */
void run_stop(void);
/* The account may have been added to (limits that the command's own tables hit). */
int run_finish(const struct options *o, const struct wt_account *account);

/* "wiretale: …" on standard error. */
__attribute__((format(printf, 1, 2))) void complain(const char *format, ...);
/* The same, unless -q. */
__attribute__((format(printf, 2, 3))) void remark(const struct options *o, const char *format, ...);

#endif

/* Work that would keep the screen waiting, on a thread of its own: one at a time for each job. The screen asks whether it
 * is done; what the work needs and makes lies in what `arg` points to, which the screen leaves alone meanwhile. */
#ifndef TUI_JOB_H
#define TUI_JOB_H

#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

struct job {
    pthread_t thread;
    bool begun;
    atomic_bool done;
    int64_t began_ms, took_ms;   /* the last time */
    void (*run)(void *arg);
    void *arg;
};

/* Begins; without a thread the work is done here and now. */
void job_begin(struct job *j, void (*run)(void *arg), void *arg);
/* True once, after it has ended. */
bool job_take(struct job *j);
/* Whether it has worked a quarter of the time: what only follows the capture waits. */
bool job_tired(const struct job *j);
/* Waits for it. */
void job_end(struct job *j);

#endif

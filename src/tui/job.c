#include "tui/job.h"

#include <signal.h>
#include <time.h>

static int64_t clock_ms(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

static void *work(void *arg)
{
    struct job *j = arg;
    j->run(j->arg);
    j->took_ms = clock_ms() - j->began_ms;
    atomic_store(&j->done, true);
    return NULL;
}

void job_begin(struct job *j, void (*run)(void *arg), void *arg)
{
    sigset_t all, before;
    j->run = run;
    j->arg = arg;
    j->began_ms = clock_ms();
    atomic_store(&j->done, false);
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &before);         /* signals are the screen's */
    j->begun = pthread_create(&j->thread, NULL, work, j) == 0;
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    if (!j->begun) {
        run(arg);
        atomic_store(&j->done, true);
    }
}

bool job_tired(const struct job *j)
{
    return clock_ms() - j->began_ms < j->took_ms * 4;
}

bool job_take(struct job *j)
{
    if (!j->run || !atomic_load(&j->done))
        return false;
    job_end(j);
    return true;
}

void job_end(struct job *j)
{
    if (j->begun)
        pthread_join(j->thread, NULL);
    j->begun = false;
    j->run = NULL;
    atomic_store(&j->done, false);
}

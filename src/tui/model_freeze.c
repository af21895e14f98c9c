/* A picture that is held while the capture goes on: counts are kept as they were, and a connection is copied when it
 * changes for the first time. */
#include <stdlib.h>

#include "tui/model_impl.h"

bool model_freeze(struct model *m)
{
    struct model_sums sums;
    model_sums(m, &sums);
    pthread_mutex_lock(&m->lock);
    struct frozen *f = &m->frozen;
    f->copy_of = f->on ? NULL : calloc(m->connection_count + 1, sizeof *f->copy_of);
    bool good = f->copy_of != NULL;
    if (good) {
        f->packets = m->packet_count;
        f->connections = m->connection_count;
        for (unsigned i = 0; i < MODEL_KINDS; i++)
            f->messages[i] = m->messages[i].count;
        f->sums = sums;
        f->status = m->status;
        f->version = m->status.version + 1;
        f->on = true;
    }
    pthread_mutex_unlock(&m->lock);
    return good;
}

void model_thaw(struct model *m)
{
    pthread_mutex_lock(&m->lock);
    struct frozen *f = &m->frozen;
    for (unsigned i = 0; i < CONNECTION_CHUNKS && f->copies[i]; i++) {
        free(f->copies[i]);
        f->copies[i] = NULL;
    }
    free(f->copy_of);
    f->copy_of = NULL;
    f->copy_count = 0;
    f->on = false;
    m->status.version++;
    pthread_mutex_unlock(&m->lock);
}

void preserve(struct model *m, uint64_t index)
{
    struct frozen *f = &m->frozen;
    if (!f->on || index >= f->connections || f->copy_of[index])
        return;
    struct model_connection **chunk = &f->copies[f->copy_count / CONNECTION_CHUNK];
    if (!*chunk)
        *chunk = malloc(CONNECTION_CHUNK * sizeof **chunk);
    if (!*chunk)
        return;
    (*chunk)[f->copy_count % CONNECTION_CHUNK] = *connection_at(m, index);
    f->copy_of[index] = (uint32_t)++f->copy_count;
}

const struct model_connection *connection_shown(struct model *m, uint64_t index)
{
    const struct frozen *f = &m->frozen;
    uint32_t copy = f->on && index < f->connections ? f->copy_of[index] : 0;
    return copy ? &f->copies[(copy - 1) / CONNECTION_CHUNK][(copy - 1) % CONNECTION_CHUNK] : connection_at(m, index);
}

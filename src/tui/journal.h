/* What was captured, in a few pcapng files of bounded size that take turns: the newest packets are kept, the oldest file
 * is begun anew when all are full. Only whole blocks are written, so the files can be read at any moment, also after the
 * program was killed. Any thread. */
#ifndef TUI_JOURNAL_H
#define TUI_JOURNAL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "wiretale/error.h"
#include "wiretale/frame.h"

#define JOURNAL_FILES 4u
#define JOURNAL_PATH_MAX 512u
#define JOURNAL_GONE UINT64_MAX

struct journal;

struct journal_options {
    uint64_t limit;                  /* bytes in all files */
    uint32_t snaplen;
    bool named;                      /* files with names, to be found after a crash; else without */
    const char *const *interfaces;   /* borrowed until freed; names by index, or NULL */
    unsigned interface_count;
};

/* NULL with err: no place for files, no memory. */
struct journal *journal_new(const struct journal_options *options, struct wt_error *err);
/* keep: the files stay where they are. */
void journal_free(struct journal *j, bool keep);
/* "/path/view-…-*.pcapng", as a shell understands it; "" without names. Does not change. */
const char *journal_path(const struct journal *j);
/* A capture in the same place that no running program writes: where, or "". */
void journal_left_behind(const struct journal *j, char *to, size_t size);

/* Where the packet's bytes are, or JOURNAL_GONE when they could not be written. */
uint64_t journal_add(struct journal *j, const struct wt_frame *f);
/* False: they were overwritten by newer ones. */
bool journal_read(struct journal *j, uint64_t position, void *to, size_t len);
/* What waits in memory goes to the file, if something has waited for so long. */
void journal_flush(struct journal *j, int64_t now_ns, int64_t waited_ns);
uint64_t journal_refused(struct journal *j);
/* The same from a signal's handler, without locks: the program is dying. */
void journal_rescue(struct journal *j);

#endif

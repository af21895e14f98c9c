#include "report/summary_worst.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

int worst_init(struct worst *w, unsigned most)
{
    *w = (struct worst){ .most = most > WORST_MOST ? WORST_MOST : most };
    w->rows = malloc((w->most ? w->most : 1) * sizeof *w->rows);
    return w->rows ? 0 : -ENOMEM;
}

void worst_done(struct worst *w)
{
    free(w->rows);
    w->rows = NULL;
    w->count = 0;
}

static int before(int64_t value, uint64_t frame, const struct worst_row *than)
{
    return value != than->value ? value > than->value : frame < than->frame;
}

int worst_wants(const struct worst *w, int64_t value, uint64_t frame)
{
    if (w->most == 0)
        return 0;
    return w->count < w->most || before(value, frame, &w->rows[w->count - 1]);
}

static void insert(struct worst *w, const struct worst_row *row)
{
    if (!worst_wants(w, row->value, row->frame))
        return;
    unsigned at = w->count < w->most ? w->count++ : w->count - 1;
    while (at > 0 && before(row->value, row->frame, &w->rows[at - 1])) {
        w->rows[at] = w->rows[at - 1];
        at--;
    }
    w->rows[at] = *row;
}

void worst_add(struct worst *w, const struct worst_row *row)
{
    w->offered++;
    insert(w, row);
}

void worst_merge(struct worst *into, const struct worst *from)
{
    for (unsigned i = 0; i < from->count; i++)
        insert(into, &from->rows[i]);
    into->offered += from->offered;
}

void worst_row_text(struct worst_row *row, unsigned which, struct wt_slice bytes)
{
    size_t n = bytes.len < WORST_TEXT ? bytes.len : WORST_TEXT;
    if (n)
        memcpy(row->text[which], bytes.at, n);
    row->len[which] = (uint16_t)n;
}

#include "engine/copies.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

int copies_init(struct copies *c, size_t capacity)
{
    *c = (struct copies){ malloc(capacity), capacity, 0 };
    return c->at ? 0 : -ENOMEM;
}

void copies_done(struct copies *c)
{
    free(c->at);
    *c = (struct copies){ 0 };
}

void copies_reset(struct copies *c)
{
    c->used = 0;
}

struct wt_slice copies_add(struct copies *c, struct wt_slice bytes)
{
    size_t room = c->capacity - c->used;
    size_t len = bytes.len < room ? bytes.len : room;
    if (len == 0)
        return (struct wt_slice){ NULL, 0 };
    uint8_t *to = c->at + c->used;
    memcpy(to, bytes.at, len);
    c->used += len;
    return (struct wt_slice){ to, len };
}

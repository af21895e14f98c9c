/* A bounded bump allocator for bytes that must outlive a call but not a packet. */
#ifndef ENGINE_COPIES_H
#define ENGINE_COPIES_H

#include "wiretale/cursor.h"

struct copies {
    uint8_t *at;
    size_t capacity, used;
};

int copies_init(struct copies *c, size_t capacity);
void copies_done(struct copies *c);
void copies_reset(struct copies *c);
/* An empty slice where there is no room: what does not fit is cut. */
struct wt_slice copies_add(struct copies *c, struct wt_slice bytes);

#endif

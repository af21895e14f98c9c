/* A list of which only what fits the screen is ever looked at. Pure; one thread. */
#ifndef TUI_LIST_H
#define TUI_LIST_H

#include <stdbool.h>
#include <stdint.h>

struct list {
    uint64_t count, top, cursor;
    int rows;               /* that fit */
    bool follow;            /* the cursor stays on the last one as more come */
};

enum list_move { LIST_UP, LIST_DOWN, LIST_PAGE_UP, LIST_PAGE_DOWN, LIST_HALF_UP, LIST_HALF_DOWN, LIST_FIRST, LIST_LAST };

/* Before it is drawn: how many there are and how many fit. Keeps the cursor in sight. */
void list_update(struct list *l, uint64_t count, int rows);
void list_move(struct list *l, enum list_move move);
void list_go(struct list *l, uint64_t to);
/* The movement that a key means, or -1. */
int list_key(int key);

#endif

#include "tui/list.h"

#include <ncurses.h>

static void keep_in_sight(struct list *l)
{
    uint64_t rows = l->rows > 0 ? (uint64_t)l->rows : 1;
    if (l->cursor >= l->count)
        l->cursor = l->count ? l->count - 1 : 0;
    if (l->cursor < l->top)
        l->top = l->cursor;
    if (l->cursor - l->top >= rows)
        l->top = l->cursor - rows + 1;
    if (l->top + rows > l->count)
        l->top = l->count > rows ? l->count - rows : 0;
}

void list_update(struct list *l, uint64_t count, int rows)
{
    l->count = count;
    l->rows = rows;
    if (l->follow && count)
        l->cursor = count - 1;
    keep_in_sight(l);
}

void list_go(struct list *l, uint64_t to)
{
    l->follow = false;
    l->cursor = to;
    keep_in_sight(l);
}

void list_move(struct list *l, enum list_move move)
{
    uint64_t page = l->rows > 1 ? (uint64_t)l->rows - 1 : 1, half = page / 2 ? page / 2 : 1;
    uint64_t step = move == LIST_UP || move == LIST_DOWN ? 1 : move == LIST_HALF_UP || move == LIST_HALF_DOWN ? half : page;
    uint64_t last = l->count ? l->count - 1 : 0;
    switch (move) {
    case LIST_UP: case LIST_PAGE_UP: case LIST_HALF_UP:
        list_go(l, l->cursor > step ? l->cursor - step : 0);
        break;
    case LIST_DOWN: case LIST_PAGE_DOWN: case LIST_HALF_DOWN:
        list_go(l, last - l->cursor > step ? l->cursor + step : last);
        break;
    case LIST_FIRST:
        list_go(l, 0);
        break;
    case LIST_LAST:
        list_go(l, last);
        l->follow = true;
        break;
    }
}

int list_key(int key)
{
    switch (key) {
    case KEY_UP: case 'k': return LIST_UP;
    case KEY_DOWN: case 'j': return LIST_DOWN;
    case KEY_PPAGE: case 'b' - 'a' + 1: return LIST_PAGE_UP;
    case KEY_NPAGE: case 'f' - 'a' + 1: case ' ': return LIST_PAGE_DOWN;
    case 'u' - 'a' + 1: return LIST_HALF_UP;
    case 'd' - 'a' + 1: return LIST_HALF_DOWN;
    case KEY_HOME: case 'g': return LIST_FIRST;
    case KEY_END: case 'G': return LIST_LAST;
    default: return -1;
    }
}

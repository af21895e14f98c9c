/* Columns of a list on the screen: their places for a width, and how cells are drawn in them. */
#ifndef TUI_COLUMNS_H
#define TUI_COLUMNS_H

#include <stdint.h>

#include "tui/screen.h"

struct tui_column {
    const char *title;
    unsigned char width;     /* 0: takes what is left (shared with others that do) */
    unsigned char least;     /* of those */
    unsigned char drop;      /* on a narrow screen those with the highest number go first; 0: never */
    bool right;
};

#define TUI_COLUMNS 16
struct tui_places {
    int at[TUI_COLUMNS], width[TUI_COLUMNS];     /* width 0: dropped */
};
/* hidden: bit n for column n. */
void tui_places(const struct tui_column *columns, unsigned count, uint32_t hidden, int width, struct tui_places *ret_places);
/* sorted: index of the column by which it is sorted, with an arrow; -1: none. */
void tui_heads(const struct tui_column *columns, unsigned count, const struct tui_places *p, int row, int sorted, bool down);
void tui_cell(const struct tui_column *columns, const struct tui_places *p, unsigned column, int row, enum ink ink, const char *text);
/* The column whose head stands there, or -1. */
int tui_head_at(const struct tui_places *p, unsigned count, int x);

#endif

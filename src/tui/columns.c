#include "tui/columns.h"

#include <stdio.h>

void tui_places(const struct tui_column *columns, unsigned count, uint32_t hidden, int width, struct tui_places *p)
{
    bool shown[TUI_COLUMNS];
    int fixed = 0, elastic = 0, rest = 0;
    for (unsigned i = 0; i < count; i++)
        shown[i] = !(hidden >> i & 1);
    for (;;) {
        unsigned worst = count;
        fixed = elastic = rest = 0;
        for (unsigned i = 0; i < count; i++) {
            if (!shown[i])
                continue;
            fixed += columns[i].width + 1;
            elastic += columns[i].width == 0;
            rest += columns[i].width == 0 ? columns[i].least : 0;
            if (columns[i].drop && (worst == count || columns[i].drop > columns[worst].drop))
                worst = i;
        }
        if (fixed + rest <= width + 1 || worst == count)
            break;
        shown[worst] = false;
    }
    int spare = width + 1 - fixed, at = 0;
    for (unsigned i = 0; i < count; i++) {
        p->at[i] = at;
        p->width[i] = 0;
        if (!shown[i])
            continue;
        int own = columns[i].width;
        if (!own) {
            own = elastic ? spare / elastic : 0;
            spare -= own;
            elastic--;
        }
        p->width[i] = at + own > width ? (at < width ? width - at : 0) : own;
        at += own + 1;
    }
}

void tui_heads(const struct tui_column *columns, unsigned count, const struct tui_places *p, int row, int sorted, bool down)
{
    screen_fill(row, 0, screen_columns(), PAINT_PLAIN);
    for (unsigned i = 0; i < count; i++) {
        char title[40];
        if (!p->width[i])
            continue;
        snprintf(title, sizeof title, "%s%s", columns[i].title, (int)i != sorted ? "" : screen_utf8() ? (down ? "▼" : "▲") : (down ? "v" : "^"));
        tui_cell(columns, p, i, row, PAINT_STRONG, title);
    }
}

void tui_cell(const struct tui_column *columns, const struct tui_places *p, unsigned column, int row, enum ink ink, const char *text)
{
    if (p->width[column] <= 0)
        return;
    if (columns[column].right)
        screen_right(row, p->at[column], p->width[column], ink, text);
    else
        screen_text(row, p->at[column], p->width[column], ink, text);
}

int tui_head_at(const struct tui_places *p, unsigned count, int x)
{
    for (unsigned i = 0; i < count; i++)
        if (p->width[i] && x >= p->at[i] && x <= p->at[i] + p->width[i])
            return (int)i;
    return -1;
}

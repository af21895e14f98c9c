#include <ncurses.h>
#include <stdlib.h>
#include <string.h>

#include "tui/view.h"

#define LINES_MOST 2000000u

void pager_done(struct pager *p)
{
    free(p->text);
    free(p->lines);
    *p = (struct pager){ 0 };
}

void pager_set(struct pager *p, char *text)
{
    struct list list = p->list;
    int skip = p->skip;
    size_t count = 0;
    pager_done(p);
    p->text = text;
    p->list = list;
    p->skip = skip;
    p->list.count = 0;
    for (const char *at = text; at && *at && count < LINES_MOST; count++) {
        const char *end = strchr(at, '\n');
        at = end ? end + 1 : at + strlen(at);
    }
    p->lines = count ? malloc((count + 1) * sizeof *p->lines) : NULL;
    if (!p->lines)
        return;
    const char *at = text;
    for (size_t i = 0; i < count; i++) {
        p->lines[i] = at;
        const char *end = strchr(at, '\n');
        at = end ? end + 1 : at + strlen(at);
    }
    p->lines[count] = at;
    p->list.count = count;
}

static size_t line_len(const struct pager *p, uint64_t i)
{
    size_t len = (size_t)(p->lines[i + 1] - p->lines[i]);
    return len && p->lines[i][len - 1] == '\n' ? len - 1 : len;
}

void pager_draw(struct pager *p, int top, int rows)
{
    list_update(&p->list, p->lines ? p->list.count : 0, rows);
    for (int i = 0; i < rows; i++) {
        uint64_t line = p->list.top + (uint64_t)i;
        if (line >= p->list.count)
            return;
        screen_page_line(top + i, 0, screen_columns(), p->skip, p->lines[line], line_len(p, line));
    }
    if (p->list.count > (uint64_t)rows)
        screen_repaint(top + (int)(p->list.cursor - p->list.top), 0, 1, PAINT_SELECTED);
}

bool pager_key(struct pager *p, int key)
{
    int move = list_key(key);
    if (move >= 0) {
        list_move(&p->list, (enum list_move)move);
        return true;
    }
    if (key == KEY_RIGHT || key == 'l')
        p->skip += 8;
    else if (key == KEY_LEFT || key == 'h')
        p->skip -= p->skip > 8 ? 8 : p->skip;
    else
        return false;
    return true;
}

bool pager_row_text(const struct pager *p, uint64_t row, char *to, size_t size)
{
    if (!p->lines || row >= p->list.count)
        return false;
    size_t len = line_len(p, row), used = 0;
    for (size_t i = 0; i < len && used + 1 < size; i++) {
        if (p->lines[row][i] == '\033')
            while (i < len && p->lines[row][i] != 'm')
                i++;
        else
            to[used++] = p->lines[row][i];
    }
    to[used] = '\0';
    return true;
}

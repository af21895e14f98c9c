/* The capture dialogue: an interface, and a capture filter whose error shows as it is typed. */
#include <errno.h>
#include <ncurses.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tui/prompt.h"
#include "tui/tui.h"
#include "tui/view.h"
#include "wiretale/interfaces.h"
#include "wiretale/source.h"

struct chooser {
    struct wt_interface *all;        /* owned */
    unsigned count;
    struct list list;
    char filter[512], why[256];
    bool typing, done, chosen;
};

static const struct tui_column columns[] = {
    { "interface", 14, 0, 0, false }, { "state", 11, 0, 2, false }, { "link type", 10, 0, 3, false }, { "addresses", 0, 16, 1, false },
};

static void check(struct chooser *c)
{
    struct wt_error err = { 0 };
    c->why[0] = '\0';
    if (c->filter[0] && wt_capture_filter_check(c->filter, &err) < 0)
        snprintf(c->why, sizeof c->why, "%s", err.text);
}

static void draw_interface(const struct wt_interface *one, const struct tui_places *p, int row)
{
    char text[WT_INTERFACE_ADDRESSES * 66] = "";
    tui_cell(columns, p, 0, row, PAINT_STRONG, one->name);
    tui_cell(columns, p, 1, row, one->up && one->running ? PAINT_GOOD : PAINT_DIM, !one->up ? "down" : one->running ? "up" : "up, no link");
    tui_cell(columns, p, 2, row, PAINT_PLAIN, one->linktype);
    for (unsigned i = 0; i < one->address_count; i++) {
        strcat_bounded(text, sizeof text, i ? ", " : "");
        strcat_bounded(text, sizeof text, one->addresses[i]);
    }
    if (one->may_capture)
        tui_cell(columns, p, 3, row, PAINT_PLAIN, text[0] ? text : one->description);
    else
        tui_cell(columns, p, 3, row, PAINT_WARN, one->why_not);
}

static void draw_filter(const struct chooser *c, int row, int width)
{
    int at = screen_text(row, 0, width, c->typing ? PAINT_BAR : PAINT_DIM, "Capture filter:");
    at += 1 + screen_text(row, at + 1, width - at - 1, c->why[0] ? PAINT_BAD : PAINT_GOOD, c->filter);
    if (!c->filter[0] && !c->typing)
        screen_text(row, at, width - at, PAINT_DIM, "none (f: type one, as in  tcp port 443)");
    screen_text(row + 1, 0, width, PAINT_WARN, c->why);
    screen_cursor(c->typing ? row : -1, at < width ? at : width - 1);
}

static void draw(struct chooser *c)
{
    int width = screen_columns(), rows = screen_rows();
    struct tui_places p;
    screen_clear();
    screen_fill(0, 0, width, PAINT_BAR);
    screen_text(0, 0, width, PAINT_BAR, " wiretale  What shall be captured?");
    tui_places(columns, 4, 0, width, &p);
    tui_heads(columns, 4, &p, 1, -1, false);
    list_update(&c->list, c->count, rows - 5);
    for (int i = 0; i < rows - 5 && c->list.top + (uint64_t)i < c->count; i++) {
        uint64_t n = c->list.top + (uint64_t)i;
        draw_interface(&c->all[n], &p, 2 + i);
        if (n == c->list.cursor)
            screen_repaint(2 + i, 0, -1, PAINT_SELECTED);
    }
    if (!c->count)
        screen_text(3, 2, width - 4, PAINT_WARN, "No interfaces.");
    screen_text(rows - 1, 0, width, PAINT_DIM, c->typing ? "Enter start  Tab interfaces  Esc leave the filter" : "Enter start  f filter  Esc q quit");
    draw_filter(c, rows - 3, width);
    screen_show();
}

static void start(struct chooser *c)
{
    const struct wt_interface *one = c->list.cursor < c->count ? &c->all[c->list.cursor] : NULL;
    if (!one || c->why[0])
        return;
    if (!one->may_capture) {
        snprintf(c->why, sizeof c->why, "%s", one->why_not);
        return;
    }
    c->chosen = c->done = true;
}

static void typed(struct chooser *c, int key)
{
    size_t len = strlen(c->filter);
    if (key == KEY_BACKSPACE || key == 127 || key == 8)
        c->filter[len ? len - 1 : 0] = '\0';
    else if (key == 'u' - 'a' + 1)
        c->filter[0] = '\0';
    else if (key >= 0x20 && key < 0x7f && len + 1 < sizeof c->filter)
        c->filter[len] = (char)key, c->filter[len + 1] = '\0';
    check(c);
}

static void take(struct chooser *c, int key)
{
    int move = list_key(key), y, x, wheel;
    if (key == '\n' || key == '\r' || key == KEY_ENTER)
        start(c);
    else if (key == '\t' || (key == 27 && c->typing))
        c->typing = !c->typing;
    else if (c->typing && key != KEY_UP && key != KEY_DOWN)
        typed(c, key);
    else if (key == KEY_MOUSE && screen_mouse(&y, &x, &wheel) && y >= 2 && !wheel)
        list_go(&c->list, c->list.top + (uint64_t)(y - 2));
    else if (move >= 0)
        list_move(&c->list, (enum list_move)move);
    else if (key == 'f' || key == '/')
        c->typing = true;
    else if (key == 'q' || key == 27 || key == KEY_F(10))
        c->done = true;
}

int tui_choose(bool colour, struct tui_choice *choice, struct wt_error *err)
{
    struct chooser c = { 0 };
    struct settings settings;
    struct wt_error ignored = { 0 };
    if (wt_interfaces_list(&c.all, &c.count, err) < 0)
        return err->code;
    for (unsigned i = 0; i < c.count; i++)
        if (strcmp(c.all[i].name, choice->interface) == 0)
            c.list.cursor = i;
    snprintf(c.filter, sizeof c.filter, "%s", choice->filter);
    settings_load(&settings, &ignored);
    if (!screen_open(colour, settings.theme, settings.colours)) {
        wt_interfaces_free(c.all);
        return wt_fail(err, -ENOTTY, "this terminal (TERM) cannot be drawn on");
    }
    check(&c);
    while (!c.done && !screen_ended() && !screen_interrupted()) {
        draw(&c);
        int key = screen_key(500);
        if (key >= 0)
            take(&c, key);
    }
    screen_close();
    if (c.chosen) {
        snprintf(choice->interface, sizeof choice->interface, "%s", c.all[c.list.cursor].name);
        snprintf(choice->filter, sizeof choice->filter, "%s", c.filter);
    }
    wt_interfaces_free(c.all);
    return c.chosen;
}

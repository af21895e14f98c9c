/* Theme, colours, times and columns; each change holds at once and is written down. */
#include <ncurses.h>
#include <stdio.h>
#include <string.h>

#include "tui/view.h"

enum { ROW_THEME, ROW_COLOURS, ROW_TIME, ROW_DIGITS, ROW_COLUMNS };

static unsigned row_count(void)
{
    return ROW_COLUMNS + connection_column_count + packet_column_count;
}

/* Which column a row is about. */
static const struct tui_column *column_of(uint64_t row, unsigned *ret_list, unsigned *ret_bit)
{
    unsigned n = (unsigned)row - ROW_COLUMNS;
    *ret_list = n < connection_column_count ? SETTINGS_CONNECTIONS : SETTINGS_PACKETS;
    *ret_bit = n < connection_column_count ? n : n - connection_column_count;
    return n < connection_column_count ? &connection_columns[n] : &packet_columns[n - connection_column_count];
}

static void row_texts(struct tui *t, uint64_t row, char *name, char *value, size_t size)
{
    static const char *const themes[] = { "as the terminal's colours are", "dark background", "light background" };
    static const char *const colours[] = { "as many as the terminal has", "256", "16", "none" };
    unsigned list, bit;
    switch (row) {
    case ROW_THEME:
        snprintf(name, size, "Theme");
        snprintf(value, size, "%s", themes[t->settings.theme]);
        break;
    case ROW_COLOURS:
        snprintf(name, size, "Colours");
        snprintf(value, size, "%s%s", colours[t->settings.colours], t->colour_allowed ? "" : " (NO_COLOR or --color=never: none)");
        break;
    case ROW_TIME:
        snprintf(name, size, "Times");
        snprintf(value, size, "%s", tui_time_name(t));
        break;
    case ROW_DIGITS:
        snprintf(name, size, "Decimals of times");
        snprintf(value, size, "%u", t->time.time_digits);
        break;
    default: {
        const struct tui_column *c = column_of(row, &list, &bit);
        snprintf(name, size, "%s: %s", list == SETTINGS_CONNECTIONS ? "Connections" : "Packets", c->title);
        snprintf(value, size, "%s", t->settings.hidden[list] >> bit & 1 ? "hidden" : "shown");
        break;
    }
    }
}

static void draw(struct tui *t, int top, int rows)
{
    char path[1024], name[160], value[160];
    settings_path(path, sizeof path);
    screen_text(top, 0, screen_columns(), PAINT_DIM, path[0] ? path : "no place to write them: neither XDG_CONFIG_HOME nor HOME is set");
    list_update(&t->settings_list, row_count(), rows - 1);
    for (int i = 0; i < rows - 1 && t->settings_list.top + (uint64_t)i < row_count(); i++) {
        uint64_t row = t->settings_list.top + (uint64_t)i;
        row_texts(t, row, name, value, sizeof name);
        screen_text(top + 1 + i, 1, 24, PAINT_STRONG, name);
        screen_text(top + 1 + i, 26, screen_columns() - 26, PAINT_PLAIN, value);
        if (row == t->settings_list.cursor)
            screen_repaint(top + 1 + i, 0, -1, PAINT_SELECTED);
    }
}

static void change(struct tui *t, int by)
{
    struct settings *s = &t->settings;
    struct wt_error err = { 0 };
    unsigned list, bit;
    switch (t->settings_list.cursor) {
    case ROW_THEME: s->theme = (s->theme + (unsigned)(THEMES + by)) % THEMES; break;
    case ROW_COLOURS: s->colours = (s->colours + (unsigned)(COLOURS_KINDS + by)) % COLOURS_KINDS; break;
    case ROW_TIME: tui_next_time(t, by); break;
    case ROW_DIGITS: t->time.time_digits = (t->time.time_digits / 3 + (unsigned)(4 + by)) % 4 * 3; break;
    default:
        column_of(t->settings_list.cursor, &list, &bit);
        s->hidden[list] ^= 1u << bit;
        break;
    }
    s->time = t->time.time;
    s->digits = t->time.time_digits;
    screen_colours(t->colour_allowed, s->theme, s->colours);
    tui_forget_texts(t);
    if (settings_save(s, &err) < 0)
        tui_say(t, true, "%s", err.text);
    else
        tui_say(t, false, "written");
}

static bool key(struct tui *t, int k)
{
    int move = list_key(k);
    if (move >= 0 && k != ' ') {
        list_move(&t->settings_list, (enum list_move)move);
        return true;
    }
    switch (k) {
    case '\n': case '\r': case KEY_ENTER: case ' ': case KEY_RIGHT: case 'l':
        change(t, 1);
        return true;
    case KEY_LEFT: case 'h':
        change(t, -1);
        return true;
    default:
        return false;
    }
}

static bool row_text(struct tui *t, uint64_t row, char *to, size_t size)
{
    char name[160], value[160];
    if (row >= row_count())
        return false;
    row_texts(t, row, name, value, sizeof name);
    snprintf(to, size, "%s %s", name, value);
    return true;
}

static struct list *list(struct tui *t)
{
    return &t->settings_list;
}

static const struct view_key keys[] = {
    { "Enter", "change", "The next value (also right; left: the one before); a column is hidden or shown" },
    { NULL, NULL, NULL },
};

const struct view view_settings = {
    .title = "Settings", .digit = '0', .keys = keys, .draw = draw, .key = key, .row_text = row_text, .list = list,
};

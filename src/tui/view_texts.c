/* Views that are text: the timeline and plots of a connection, what its sides said, and help. */
#include <ncurses.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tui/view.h"

/* ---- timeline and plots ---- */

#define FORMS 7          /* the ladder, the ladder unfolded, and five plots */

static bool stale(const struct tui *t, uint64_t of, unsigned version)
{
    return of != t->chosen_connection + 1 || (!t->status.ended && !t->paused && version != t->status.version);
}

static bool timeline_idle(struct tui *t)
{
    int columns = screen_columns();
    if (!stale(t, t->timeline_of, t->timeline_version) && t->timeline_columns == columns)
        return false;
    if (t->timeline_of != t->chosen_connection + 1)
        t->timeline.list = (struct list){ 0 };
    unsigned form = t->timeline_form;
    pager_set(&t->timeline, model_text(t->model, t->chosen_connection, form < 2 ? MODEL_LADDER : MODEL_GRAPH, form < 2 ? form : form - 2,
                                       (unsigned)columns, (unsigned)screen_rows() - 3, screen_coloured()));
    t->timeline_of = t->chosen_connection + 1;
    t->timeline_version = t->status.version;
    t->timeline_columns = columns;
    return true;
}

static void timeline_draw(struct tui *t, int top, int rows)
{
    if (t->timeline_of != t->chosen_connection + 1)
        screen_text(top, 1, 20, PAINT_DIM, screen_utf8() ? "…" : "...");
    else if (!t->timeline.list.count)
        screen_text(top, 1, 60, PAINT_DIM, t->status.connections ? "Nothing to show of this connection." : "No connections yet.");
    else
        pager_draw(&t->timeline, top, rows);
}

/* The packet whose number stands in the chosen line as "#3". */
static void line_to_packet(struct tui *t, const struct pager *p)
{
    char text[1024];
    const char *mark = pager_row_text(p, p->list.cursor, text, sizeof text) ? strchr(text, '#') : NULL;
    unsigned long long number = mark ? strtoull(mark + 1, NULL, 10) : 0;
    if (number)
        tui_show_packet(t, number);
}

static bool timeline_key(struct tui *t, int k)
{
    if (pager_key(&t->timeline, k))
        return true;
    uint64_t count = t->status.connections;
    switch (k) {
    case 'f': case 'v':
        t->timeline_form = k == 'f' ? !t->timeline_form : t->timeline_form < 2 || t->timeline_form + 1 == FORMS ? (t->timeline_form < 2 ? 3 : 0) : t->timeline_form + 1;
        t->timeline_of = 0;
        return true;
    case '.':
        t->chosen_connection += t->chosen_connection + 1 < count;
        return true;
    case ',':
        t->chosen_connection -= t->chosen_connection > 0;
        return true;
    case 't':
        tui_open(t, VIEW_FOLLOW);
        return true;
    case '\n': case '\r': case KEY_ENTER:
        line_to_packet(t, &t->timeline);
        return true;
    default:
        return false;
    }
}

static bool timeline_row(struct tui *t, uint64_t row, char *to, size_t size)
{
    return pager_row_text(&t->timeline, row, to, size);
}

static struct list *timeline_list(struct tui *t)
{
    return &t->timeline.list;
}

static const struct view_key timeline_keys[] = {
    { "Enter", "packet", "The packet of this line" },
    { "f", "fold", "Unfold long plain transfers, or fold them" },
    { "v", "plots", "Sequence numbers, RTT, throughput, window; then the ladder again" },
    { ", .", "connection", "The previous and the next connection" },
    { "t", "stream", "Read what the two sides said" },
    { NULL, NULL, NULL },
};

const struct view view_timeline = {
    .title = "Timeline", .digit = '3', .keys = timeline_keys, .draw = timeline_draw, .key = timeline_key, .idle = timeline_idle,
    .row_text = timeline_row, .list = timeline_list,
};

/* ---- stream ---- */

static bool follow_idle(struct tui *t)
{
    if (!stale(t, t->follow_of, t->follow_version))
        return false;
    if (t->follow_of != t->chosen_connection + 1)
        t->follow.list = (struct list){ 0 };
    pager_set(&t->follow, model_text(t->model, t->chosen_connection, MODEL_FOLLOW, t->follow_form, (unsigned)screen_columns(), 0,
                                     screen_coloured()));
    t->follow_of = t->chosen_connection + 1;
    t->follow_version = t->status.version;
    return true;
}

static void follow_draw(struct tui *t, int top, int rows)
{
    if (t->follow_of != t->chosen_connection + 1)
        screen_text(top, 1, 20, PAINT_DIM, screen_utf8() ? "…" : "...");
    else if (!t->follow.list.count)
        screen_text(top, 1, 60, PAINT_DIM, "This connection carries no data.");
    else
        pager_draw(&t->follow, top, rows);
}

static bool follow_key(struct tui *t, int k)
{
    if (pager_key(&t->follow, k))
        return true;
    switch (k) {
    case 'x':
        t->follow_form = !t->follow_form;
        t->follow_of = 0;
        return true;
    case '.': case ',':
        t->chosen_connection = k == '.' ? t->chosen_connection + (t->chosen_connection + 1 < t->status.connections)
                                        : t->chosen_connection - (t->chosen_connection > 0);
        return true;
    case '\n': case '\r': case KEY_ENTER:
        line_to_packet(t, &t->follow);
        return true;
    default:
        return false;
    }
}

static bool follow_row(struct tui *t, uint64_t row, char *to, size_t size)
{
    return pager_row_text(&t->follow, row, to, size);
}

static struct list *follow_list(struct tui *t)
{
    return &t->follow.list;
}

static const struct view_key follow_keys[] = {
    { "x", "hex", "As text, or in hexadecimal" },
    { ", .", "connection", "The previous and the next connection" },
    { "Enter", "packet", "The packet of a turn's heading" },
    { NULL, NULL, NULL },
};

const struct view view_follow = {
    .title = "Stream", .digit = '8', .keys = follow_keys, .draw = follow_draw, .key = follow_key, .idle = follow_idle,
    .row_text = follow_row, .list = follow_list,
};

/* ---- help ---- */

static const struct view_key everywhere[] = {
    { "1 to 9", "", "Open a view: connections, packets, timeline, DNS, HTTP, hosts, overview, stream, help (F1 to F9, too)" },
    { "Esc", "", "Back" },
    { "arrows h j k l", "", "Move; PgUp PgDn Space Ctrl-D Ctrl-U by pages, Home g first, End G last (and follow)" },
    { "/ n N", "", "Search for text in the list; the next, the previous" },
    { "f F4 :", "", "Display filter, in Wireshark's language or over conn. fields; Tab completes names of fields" },
    { "#", "", "Go to a packet by its number" },
    { "Z", "", "Pause the picture; the capture goes on" },
    { "S", "", "Stop reading" },
    { "w", "", "Write packets to a file: those shown, or the marked ones if any are" },
    { "q", "", "Quit" },
    { NULL, NULL, NULL },
};

static void add_keys(FILE *f, const char *title, const struct view_key *keys)
{
    fprintf(f, "%s%s%s\n", screen_coloured() ? "\033[1m" : "", title, screen_coloured() ? "\033[0m" : "");
    for (; keys->key; keys++)
        fprintf(f, "  %-16s %s\n", keys->key, keys->meaning);
    fputc('\n', f);
}

static void help_draw(struct tui *t, int top, int rows)
{
    if (!t->help.text) {
        char *text = NULL;
        size_t len = 0;
        FILE *f = open_memstream(&text, &len);
        if (!f)
            return;
        add_keys(f, "Everywhere", everywhere);
        for (unsigned i = 0; i < VIEWS; i++)
            if (views[i]->keys && views[i]->keys->key) {
                char title[40];
                snprintf(title, sizeof title, "%c %s", views[i]->digit, views[i]->title);
                add_keys(f, title, views[i]->keys);
            }
        fclose(f);
        pager_set(&t->help, text);
    }
    pager_draw(&t->help, top, rows);
}

static bool help_key(struct tui *t, int k)
{
    return pager_key(&t->help, k);
}

static bool help_row(struct tui *t, uint64_t row, char *to, size_t size)
{
    return pager_row_text(&t->help, row, to, size);
}

static struct list *help_list(struct tui *t)
{
    return &t->help.list;
}

static const struct view_key no_keys[] = { { NULL, NULL, NULL } };

const struct view view_help = {
    .title = "Help", .digit = '9', .keys = no_keys, .draw = help_draw, .key = help_key, .row_text = help_row, .list = help_list,
};

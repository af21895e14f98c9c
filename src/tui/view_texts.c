/* Views that are text: the timeline and plots of a connection, what its sides said, and help. */
#include <ncurses.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tui/view.h"

/* ---- timeline and plots ---- */

#define FORMS 7          /* the ladder, the ladder unfolded, and five plots */

static void make_text(void *arg)
{
    struct text_job *j = arg;
    j->text = model_text(j->model, j->connection, &j->options);
}

/* One text at a time; a newer one is begun when it is there. *of: connection + 1 that the pager shows, 0: none. */
static bool prepare_text(struct tui *t, struct text_job *j, struct pager *p, uint64_t *of, unsigned *version, bool other_form,
                         const struct model_text_options *options)
{
    bool new = job_take(&j->job);
    if (new && j->connection == t->chosen_connection && *of != UINT64_MAX) {
        if (*of != j->connection + 1 && *of)
            p->list = (struct list){ 0 };
        pager_set(p, j->text);
        *of = j->connection + 1;
        *version = j->version;
        j->text = NULL;
    } else if (new) {
        free(j->text);
        j->text = NULL;
        *of = *of == UINT64_MAX ? 0 : *of;
    }
    bool stale = *of != t->chosen_connection + 1 || other_form || (*version != t->status.version && !job_tired(&j->job));
    if (stale && !j->job.run) {
        j->model = t->model;
        j->connection = t->chosen_connection;
        j->version = t->status.version;
        j->options = *options;
        job_begin(&j->job, make_text, j);
    }
    t->busy = j->job.run != NULL;
    return new;
}

static bool timeline_prepare(struct tui *t)
{
    int columns = screen_columns();
    unsigned form = t->timeline_form;
    bool other = t->timeline_columns != columns;
    const struct model_text_options options = {
        .what = form < 2 ? MODEL_LADDER : MODEL_GRAPH, .variant = form < 2 ? form : form - 2, .width = (unsigned)columns,
        .height = (unsigned)screen_rows() - 3, .colour = screen_coloured(), .time = t->time.time, .digits = t->time.time_digits,
    };
    t->timeline_columns = t->timeline_job.job.run ? t->timeline_columns : columns;
    return prepare_text(t, &t->timeline_job, &t->timeline, &t->timeline_of, &t->timeline_version, other, &options);
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
        t->timeline_of = t->timeline_job.job.run ? UINT64_MAX : 0;
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
    .title = "Timeline", .digit = '3', .keys = timeline_keys, .draw = timeline_draw, .key = timeline_key, .prepare = timeline_prepare,
    .row_text = timeline_row, .list = timeline_list,
};

/* ---- stream ---- */

static bool follow_prepare(struct tui *t)
{
    const struct model_text_options options = { .what = MODEL_FOLLOW, .variant = t->follow_form, .width = (unsigned)screen_columns(),
                                                .colour = screen_coloured() };
    return prepare_text(t, &t->follow_job, &t->follow, &t->follow_of, &t->follow_version, false, &options);
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
        t->follow_of = t->follow_job.job.run ? UINT64_MAX : 0;
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
    .title = "Stream", .digit = '8', .keys = follow_keys, .draw = follow_draw, .key = follow_key, .prepare = follow_prepare,
    .row_text = follow_row, .list = follow_list,
};

/* ---- help ---- */

static const struct view_key everywhere[] = {
    { "1 to 9", "", "Open a view: connections, packets, timeline, DNS, HTTP, hosts, overview, stream, help (F1 to F9, too; F4: filter)" },
    { "0", "", "Settings: theme, colours, times, columns" },
    { "Esc", "", "Back" },
    { "arrows h j k l", "", "Move; PgUp PgDn Space Ctrl-D Ctrl-U by pages, Home g first, End G last (and follow)" },
    { "/ n N", "", "Search for text in the list; the next, the previous" },
    { "f F4 :", "", "Display filter, in Wireshark's language or over conn. fields; Tab completes names of fields" },
    { "#", "", "Go to a packet by its number" },
    { "Ctrl-L", "", "Draw the screen anew" },
    { "Z", "", "Pause: every screen stays as it is, the capture goes on" },
    { "T", "", "Times since the first packet, of day, with the date, since the packet before, since 1970, UTC" },
    { "S", "", "Stop reading" },
    { "I F11", "", "Capture something else: the dialogue with interfaces and the capture filter" },
    { "w", "", "Write packets to a file: those shown, or the marked ones if any are" },
    { "q F10 Ctrl-C", "", "Quit; a capture is saved first if wanted" },
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

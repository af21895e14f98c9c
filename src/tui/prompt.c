#include "tui/prompt.h"

#include <ncurses.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define SEARCH_SLICE_MS 25

void strcat_bounded(char *to, size_t size, const char *text)
{
    size_t len = strlen(to);
    if (len + 1 < size)
        snprintf(to + len, size - len, "%s", text);
}

static void check_filter(struct tui *t)
{
    struct wt_filter_error why = { 0 };
    t->filter_error[0] = '\0';
    if (t->prompt != PROMPT_FILTER || !t->typed_len)
        return;
    struct wt_filter *f = wt_filter_compile(t->typed, WT_FILTER_PACKETS | WT_FILTER_CONNECTIONS, &why);
    if (!f)
        snprintf(t->filter_error, sizeof t->filter_error, "%s", why.text[0] ? why.text : "no filter yet");
    wt_filter_free(f);
}

void prompt_open(struct tui *t, int prompt, const char *text)
{
    t->prompt = prompt;
    snprintf(t->typed, sizeof t->typed, "%s", text);
    t->typed_len = strlen(t->typed);
    check_filter(t);
}

void prompt_quit(struct tui *t)
{
    if (t->live && t->status.packets)
        prompt_open(t, PROMPT_QUIT, "");
    else
        t->quit = true;
}

void prompt_interrupt(struct tui *t)
{
    if (t->prompt == PROMPT_QUIT)
        t->quit = true;
    else
        prompt_quit(t);
}

/* ---- search ---- */

static bool contains(const char *text, const char *what)
{
    return strcasestr(text, what) != NULL;
}

static struct list *searched(struct tui *t)
{
    const struct view *v = views[t->view];
    return v->list && v->row_text ? v->list(t) : NULL;
}

void search_next(struct tui *t, bool back)
{
    struct list *l = searched(t);
    if (!l || !t->search[0]) {
        tui_say(t, true, t->search[0] ? "this view cannot be searched" : "nothing to search for: / begins a search");
        return;
    }
    t->search_row = l->cursor;
    t->search_left = l->count;
    t->search_back = back;
    t->search_view = t->view;
}

/* A list may have millions of rows: they are looked at between keys, and a key ends it. */
bool search_goes_on(struct tui *t)
{
    struct list *l = searched(t);
    char text[1500];
    int64_t until = tui_clock_ms() + SEARCH_SLICE_MS;
    if (!t->search_left)
        return false;
    if (!l || t->search_view != t->view) {
        t->search_left = 0;
        return false;
    }
    for (unsigned i = 0; t->search_left; i++) {
        if (i % 64 == 63 && tui_clock_ms() >= until) {
            tui_say(t, false, "looking for %s, %llu rows to go (Esc stops)", t->search, (unsigned long long)t->search_left);
            return true;
        }
        bool back = t->search_back;
        t->search_left--;
        t->search_row = back ? (t->search_row ? t->search_row - 1 : l->count - 1) : (t->search_row + 1 < l->count ? t->search_row + 1 : 0);
        if (!views[t->view]->row_text(t, t->search_row, text, sizeof text) || !contains(text, t->search))
            continue;
        bool wrapped = back ? t->search_row >= l->cursor : t->search_row <= l->cursor;
        t->message[0] = '\0';
        if (wrapped)
            tui_say(t, false, "went round the %s", back ? "beginning" : "end");
        list_go(l, t->search_row);
        t->search_left = 0;
        return true;
    }
    tui_say(t, true, "not found: %s", t->search);
    return true;
}

/* ---- names of fields ---- */

/* The word before the cursor and the fields that begin with it: completes what they share, lists what may follow. */
static size_t word_start(const struct tui *t)
{
    size_t at = t->typed_len;
    while (at && (strchr("._", t->typed[at - 1]) || (t->typed[at - 1] >= 'a' && t->typed[at - 1] <= 'z')
                  || (t->typed[at - 1] >= '0' && t->typed[at - 1] <= '9')))
        at--;
    return at;
}

struct completion {
    const char *word;
    size_t len;
    char shared[128], list[256];
    unsigned count;
};

static void offer(struct completion *c, const char *name)
{
    if (!name || strncmp(name, c->word, c->len) != 0)
        return;
    if (c->count++ == 0) {
        snprintf(c->shared, sizeof c->shared, "%s", name);
    } else {
        size_t i = 0;
        while (c->shared[i] && c->shared[i] == name[i])
            i++;
        c->shared[i] = '\0';
    }
    if (strlen(c->list) + strlen(name) + 2 < sizeof c->list) {
        strcat_bounded(c->list, sizeof c->list, name);
        strcat_bounded(c->list, sizeof c->list, " ");
    }
}

static void complete(struct tui *t)
{
    size_t start = word_start(t);
    unsigned count;
    struct completion c = { .word = t->typed + start, .len = t->typed_len - start };
    for (unsigned d = 0; d < wt_dissector_count(); d++) {
        const struct wt_dissector *one = wt_dissector_at(d);
        offer(&c, one->name);
        for (unsigned i = 0; i < one->field_count; i++)
            offer(&c, one->fields[i].name);
    }
    const struct wt_field *fields = wt_frame_fields(&count);
    for (unsigned i = 0; i < count; i++)
        offer(&c, fields[i].name);
    fields = wt_connection_fields(&count);
    for (unsigned i = 0; i < count; i++)
        offer(&c, fields[i].name);
    if (!c.count)
        return;
    t->typed[start] = '\0';
    strcat_bounded(t->typed, sizeof t->typed, c.shared);
    t->typed_len = strlen(t->typed);
    check_filter(t);
    if (c.count > 1)
        snprintf(t->filter_error, sizeof t->filter_error, "%s", c.list);
}

/* ---- what was typed ---- */

static void write_packets(void *arg)
{
    struct save_job *j = arg;
    j->written = model_save(j->model, j->path, j->which, &j->err);
}

static void save(struct tui *t)
{
    struct save_job *j = &t->save_job;
    if (t->saving) {
        tui_say(t, true, "still writing %s", j->path);
        return;
    }
    bool marked = model_marked(t->model) && !t->quit_when_saved;
    j->model = t->model;
    j->which = marked ? MODEL_ONLY_MARKED : t->quit_when_saved ? MODEL_ALL : MODEL_SHOWN;
    j->err = (struct wt_error){ 0 };
    snprintf(j->path, sizeof j->path, "%s", t->typed);
    t->saving = true;
    tui_say(t, false, "writing %.200s", j->path);
    job_begin(&j->job, write_packets, j);
}

bool prompt_save_done(struct tui *t)
{
    struct save_job *j = &t->save_job;
    t->busy = t->busy || t->saving;
    if (!t->saving || !job_take(&j->job))
        return false;
    t->saving = false;
    if (j->written < 0)
        tui_say(t, true, "%s", j->err.text);
    else
        tui_say(t, false, "%lld %spackets written to %.200s", (long long)j->written, j->which == MODEL_ONLY_MARKED ? "marked " : "", j->path);
    t->quit = t->quit || (t->quit_when_saved && j->written >= 0);
    t->quit_when_saved = false;
    return true;
}

static void accept(struct tui *t)
{
    int prompt = t->prompt;
    if (prompt == PROMPT_FILTER && t->filter_error[0]) {
        check_filter(t);
        if (t->filter_error[0])
            return;
    }
    t->prompt = PROMPT_NONE;
    switch (prompt) {
    case PROMPT_FILTER:
        tui_set_filter(t, t->typed);
        break;
    case PROMPT_SEARCH:
        snprintf(t->search, sizeof t->search, "%.127s", t->typed);
        search_next(t, false);
        break;
    case PROMPT_GO:
        if (strtoull(t->typed, NULL, 10))
            tui_show_packet(t, strtoull(t->typed, NULL, 10));
        break;
    case PROMPT_SAVE:
        if (t->typed[0])
            save(t);
        break;
    default:
        break;
    }
}

static void quit_key(struct tui *t, int key)
{
    t->prompt = PROMPT_NONE;
    t->choose = t->choose && strchr("yqnsw", key & 0x7f) && key < 0x80;
    if (key == 'y' || key == 'q' || key == 'n')
        t->quit = true;
    else if (key == 's' || key == 'w') {
        t->quit_when_saved = true;
        prompt_open(t, PROMPT_SAVE, "wiretale.pcapng");
    }
}

static void type_character(struct tui *t, int key)
{
    char bytes[8] = "";
    if (key < 0x80) {
        bytes[0] = (char)key;
    } else if (key < 0x800) {
        bytes[0] = (char)(0xc0 | key >> 6);
        bytes[1] = (char)(0x80 | (key & 0x3f));
    } else if (key < 0x10000) {
        bytes[0] = (char)(0xe0 | key >> 12);
        bytes[1] = (char)(0x80 | (key >> 6 & 0x3f));
        bytes[2] = (char)(0x80 | (key & 0x3f));
    }
    strcat_bounded(t->typed, sizeof t->typed, bytes);
    t->typed_len = strlen(t->typed);
}

void prompt_key(struct tui *t, int key)
{
    if (t->prompt == PROMPT_QUIT) {
        quit_key(t, key);
        return;
    }
    switch (key) {
    case 27: case 3:
        t->prompt = PROMPT_NONE;
        t->quit_when_saved = t->choose = false;
        return;
    case '\n': case '\r': case KEY_ENTER: accept(t); return;
    case '\t':
        if (t->prompt == PROMPT_FILTER)
            complete(t);
        return;
    case KEY_BACKSPACE: case 127: case 8:
        while (t->typed_len && ((unsigned char)t->typed[--t->typed_len] & 0xc0) == 0x80)
            ;
        t->typed[t->typed_len] = '\0';
        break;
    case 'u' - 'a' + 1:
        t->typed[t->typed_len = 0] = '\0';
        break;
    default:
        if (key >= 0x20 && key < KEY_MIN)
            type_character(t, key);
        break;
    }
    check_filter(t);
}

void prompt_draw(const struct tui *t, int row)
{
    static const char *const labels[] = {
        [PROMPT_FILTER] = "Filter: ", [PROMPT_SEARCH] = "Search: ", [PROMPT_GO] = "Packet number: ", [PROMPT_SAVE] = "Write to: ",
    };
    int width = screen_columns();
    if (t->prompt == PROMPT_QUIT) {
        screen_text(row, 0, width, PAINT_STRONG, "Quit the capture?  q quit   s save all, then quit   any other key: go on");
        return;
    }
    int at = screen_text(row, 0, width, PAINT_BAR, labels[t->prompt]);
    enum ink ink = t->prompt != PROMPT_FILTER ? PAINT_PLAIN : t->filter_error[0] ? PAINT_BAD : PAINT_GOOD;
    at += screen_text(row, at, width - at, ink, t->typed);
    if (t->prompt == PROMPT_FILTER && t->filter_error[0]) {
        screen_fill(row - 1, 0, width, PAINT_PLAIN);
        screen_text(row - 1, 0, width, PAINT_WARN, t->filter_error);
    }
    screen_cursor(row, at < width ? at : width - 1);
}

#include "tui/tui.h"

#include <errno.h>
#include <inttypes.h>
#include <ncurses.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "report/text_units.h"
#include "tui/journal.h"
#include "tui/prompt.h"
#include "tui/view.h"

#define DRAW_MS 100           /* what was captured is looked at ten times a second */
#define KEY_MS 50             /* a key shows within this time: at once, or so long after the last drawing */
#define KEYS_MS 40            /* keys that come faster than they are drawn */
#define BUSY_MS 10            /* how often it is asked whether a thread is done */

int64_t tui_clock_ms(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

void tui_since(int64_t ns, char *to, size_t size)
{
    uint64_t positive = ns < 0 ? 0 - (uint64_t)ns : (uint64_t)ns;
    snprintf(to, size, "%s%" PRIu64 ".%06" PRIu64, ns < 0 ? "-" : "", positive / 1000000000, positive % 1000000000 / 1000);
}

void tui_when(struct tui *t, int64_t time_ns, int64_t before_ns, int64_t shown_before_ns, char *to, size_t size)
{
    struct out o;
    out_init(&o, -1);
    t->time.relative_ns = time_ns - t->first_ns - t->reference_ns;
    t->time.delta_ns = time_ns - before_ns;
    t->time.delta_displayed_ns = time_ns - shown_before_ns;
    columns_time(&t->time, time_ns, &o);
    out_char(&o, '\0');
    snprintf(to, size, "%s", o.at ? o.at : "");
    out_done(&o);
}

static bool since_another(const struct tui *t)
{
    return t->time.time == COLUMNS_TIME_DELTA || t->time.time == COLUMNS_TIME_DELTA_DISPLAYED;
}

void tui_start(struct tui *t, int64_t time_ns, char *to, size_t size)
{
    if (since_another(t))
        tui_since(time_ns - t->first_ns, to, size);
    else
        tui_when(t, time_ns, time_ns, time_ns, to, size);
}

int tui_start_width(const struct tui *t)
{
    return since_another(t) ? 12 : tui_when_width(t);
}

int tui_when_width(const struct tui *t)
{
    static const int widths[] = {
        [COLUMNS_TIME_RELATIVE] = 6, [COLUMNS_TIME_ABSOLUTE] = 9, [COLUMNS_TIME_DATE] = 20, [COLUMNS_TIME_DAY_OF_YEAR] = 18,
        [COLUMNS_TIME_DELTA] = 6, [COLUMNS_TIME_DELTA_DISPLAYED] = 6, [COLUMNS_TIME_EPOCH] = 11, [COLUMNS_TIME_UTC] = 9,
        [COLUMNS_TIME_UTC_DATE] = 20, [COLUMNS_TIME_UTC_DAY_OF_YEAR] = 18,
    };
    return widths[t->time.time] + (t->time.time_digits <= 9 ? (int)t->time.time_digits : 6);
}

void tui_duration(int64_t ns, char *to, size_t size)
{
    struct wt_text t = { .at = to, .capacity = size };
    to[0] = '\0';
    if (screen_utf8())
        units_duration(&t, ns);
    else
        units_duration_ascii(&t, ns);
}

void tui_bytes(uint64_t bytes, char *to, size_t size)
{
    struct wt_text t = { .at = to, .capacity = size };
    to[0] = '\0';
    units_bytes(&t, bytes);
}

void tui_say(struct tui *t, bool bad, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    vsnprintf(t->message, sizeof t->message, format, args);
    va_end(args);
    t->message_bad = bad;
}

void tui_open(struct tui *t, enum view_id view)
{
    if (view != t->view)
        t->before = t->view == VIEW_HELP ? t->before : t->view;
    t->view = view;
}

void tui_show_packet(struct tui *t, uint64_t number)
{
    uint64_t index = model_packet_find(t->model, number);
    tui_open(t, VIEW_PACKETS);
    list_go(&t->packets, model_shown_place(t->model, index));
}

void tui_set_filter(struct tui *t, const char *text)
{
    char why[256] = "";
    if (!model_filter(t->model, text, why, sizeof why)) {
        tui_say(t, true, "%s", why);
        return;
    }
    uint64_t index = model_shown_packet(t->model, t->packets.cursor);
    snprintf(t->filter, sizeof t->filter, "%s", text);
    t->order_asked = true;
    t->order_version = t->message_version[0] = t->message_version[1] = t->host_version = t->status.version - 1;
    list_go(&t->packets, index == UINT64_MAX ? 0 : model_shown_place(t->model, index));
}

bool tui_choose_connection(struct tui *t, uint64_t number)
{
    struct model_connection c;
    uint64_t low = 0, high = model_connection_count(t->model);
    while (low < high) {
        uint64_t middle = low + (high - low) / 2;
        if (model_connection(t->model, middle, &c) && c.number < number)
            low = middle + 1;
        else
            high = middle;
    }
    if (number && model_connection(t->model, low, &c) && c.number == number) {
        t->chosen_connection = low;
        return true;
    }
    tui_say(t, true, "its connection is not in the list");
    return false;
}

/* ---- picture ---- */

/* How a view is called in the first line: all titles where they fit, else short ones, else digits; the open view's always. */
static void tab_text(const struct tui *t, unsigned i, char *to, size_t size)
{
    static const char *const brief[VIEWS] = { "Conns", "Pkts", "Time", "DNS", "HTTP", "Hosts", "Sums", "Text", "Help", "Set" };
    int width = screen_columns(), whole = 9, less = 8;
    for (unsigned k = 0; k < VIEWS; k++) {
        whole += (int)strlen(views[k]->title) + 4;
        less += (int)strlen(brief[k]) + 3;
    }
    if (i == VIEWS)
        snprintf(to, size, "%s", whole <= width ? " wiretale " : "");
    else if (whole <= width || i == (unsigned)t->view)
        snprintf(to, size, " %c %s ", views[i]->digit, views[i]->title);
    else
        snprintf(to, size, less <= width ? " %c %s" : " %c", views[i]->digit, brief[i]);
}

static void draw_tabs(const struct tui *t)
{
    char text[32];
    int at, width = screen_columns();
    screen_fill(0, 0, width, PAINT_BAR);
    tab_text(t, VIEWS, text, sizeof text);
    at = screen_text(0, 0, width, PAINT_BAR, text);
    for (unsigned i = 0; i < VIEWS && at < width; i++) {
        tab_text(t, i, text, sizeof text);
        at += screen_text(0, at, width - at, i == (unsigned)t->view ? PAINT_BAR_STRONG : PAINT_BAR, text);
    }
}

static void progress_text(const struct tui *t, char *to, size_t size)
{
    const struct model_status *s = &t->status;
    if (s->ended || t->stopped) {
        snprintf(to, size, "%s", s->problem[0] ? s->problem : t->stopped && !s->ended ? "stopping" : "");
    } else if (s->live || s->size_bytes == WT_UNKNOWN || !s->size_bytes) {
        snprintf(to, size, s->live ? "live" : "reading");
    } else {
        unsigned percent = (unsigned)(s->read_bytes * 100 / s->size_bytes), full = percent / 10;
        char bar[64] = "";
        for (unsigned i = 0; i < 10; i++)
            strcat_bounded(bar, sizeof bar, i < full ? (screen_utf8() ? "█" : "#") : (screen_utf8() ? "░" : "."));
        snprintf(to, size, "reading %s %u %%  (S stops)", bar, percent > 100 ? 100 : percent);
    }
}

static void draw_status(const struct tui *t)
{
    char text[600], bytes[200];
    int width = screen_columns();
    bool complete;
    bool filtered = model_filtered(t->model, &complete);
    progress_text(t, bytes, sizeof bytes);
    int n = snprintf(text, sizeof text, " %.80s  %" PRIu64 " packets  %" PRIu64 " connections  ", t->input, t->status.packets,
                     t->status.connections);
    if (filtered && n > 0 && (size_t)n < sizeof text)
        n += snprintf(text + n, sizeof text - (size_t)n, "%" PRIu64 " shown%s  ", model_shown_packets(t->model),
                      complete ? "" : screen_utf8() ? "…" : "...");
    int at = screen_text(1, 0, width, PAINT_DIM, text);
    at += screen_text(1, at, width - at, t->status.problem[0] ? PAINT_WARN : PAINT_GOOD, bytes);
    if (t->paused) {
        snprintf(bytes, sizeof bytes, "PAUSED, %" PRIu64 " more since ", t->status.held_back);
        at += screen_text(1, at + 1, width - at - 1, PAINT_WARN, bytes) + 1;
    }
    if (filtered)
        screen_right(1, at + 1, width - at - 1, PAINT_GOOD, t->filter);
}

static void draw_footer(const struct tui *t)
{
    int row = screen_rows() - 1, width = screen_columns(), at = 0;
    screen_fill(row, 0, width, PAINT_PLAIN);
    screen_cursor(-1, 0);
    if (t->prompt != PROMPT_NONE) {
        prompt_draw(t, row);
        return;
    }
    if (t->message[0]) {
        screen_text(row, 0, width, t->message_bad ? PAINT_BAD : PAINT_STRONG, t->message);
        return;
    }
    static const struct view_key common[] = { { "/", "search", NULL }, { "f", "filter", NULL }, { "9", "help", NULL }, { "q", "quit", NULL } };
    for (const struct view_key *k = views[t->view]->keys; k->key && at < width; k++) {
        at += screen_text(row, at, width - at, PAINT_BAR, k->key) + 1;
        at += screen_text(row, at, width - at, PAINT_PLAIN, k->does) + 2;
    }
    for (unsigned i = 0; i < 4 && at < width; i++) {
        at += screen_text(row, at, width - at, PAINT_BAR, common[i].key) + 1;
        at += screen_text(row, at, width - at, PAINT_PLAIN, common[i].does) + 2;
    }
}

static void compose(struct tui *t)
{
    screen_clear();
    if (screen_rows() < 5 || screen_columns() < 20) {
        screen_text(0, 0, screen_columns(), PAINT_PLAIN, "too small");
        return;
    }
    draw_tabs(t);
    views[t->view]->draw(t, 2, screen_rows() - 3);
    draw_status(t);
    draw_footer(t);
}

static void draw(struct tui *t)
{
    compose(t);
    screen_show();
    t->drawn_version = t->status.version;
}

/* ---- keys ---- */

static void pause_picture(struct tui *t)
{
    if (t->paused)
        model_thaw(t->model);
    else if (!model_freeze(t->model)) {
        tui_say(t, true, "not enough memory");
        return;
    }
    t->paused = !t->paused;
}

static const struct { enum columns_time form; const char *name; } time_forms[] = {
    { COLUMNS_TIME_RELATIVE, "since the first packet" }, { COLUMNS_TIME_ABSOLUTE, "of day" }, { COLUMNS_TIME_DATE, "with the date" },
    { COLUMNS_TIME_DELTA, "since the packet before" }, { COLUMNS_TIME_DELTA_DISPLAYED, "since the packet shown before" },
    { COLUMNS_TIME_EPOCH, "since 1970" }, { COLUMNS_TIME_UTC, "of day, UTC" }, { COLUMNS_TIME_UTC_DATE, "with the date, UTC" },
    { COLUMNS_TIME_DAY_OF_YEAR, "with the day of the year" }, { COLUMNS_TIME_UTC_DAY_OF_YEAR, "with the day of the year, UTC" },
};
#define TIME_FORMS (sizeof time_forms / sizeof time_forms[0])

static unsigned time_form(const struct tui *t)
{
    unsigned i = 0;
    while (i + 1 < TIME_FORMS && time_forms[i].form != t->time.time)
        i++;
    return i;
}

const char *tui_time_name(const struct tui *t)
{
    return time_forms[time_form(t)].name;
}

void tui_next_time(struct tui *t, int by)
{
    unsigned digits = t->time.time_digits;
    columns_init(&t->time, time_forms[(time_form(t) + TIME_FORMS + (unsigned)by) % TIME_FORMS].form, digits);
    tui_say(t, false, "time %s", tui_time_name(t));
    tui_forget_texts(t);
}

void tui_forget_texts(struct tui *t)
{
    t->timeline_of = t->timeline_job.job.run ? UINT64_MAX : 0;      /* what is being made is of the old form */
    t->follow_of = t->follow_job.job.run ? UINT64_MAX : 0;
    t->overview_version = t->status.version - 1;
    pager_done(&t->help);
}

/* A timeline or a stream is that of what the cursor is on. */
static void adopt_connection(struct tui *t)
{
    struct model_line line;
    if (t->view == VIEW_CONNECTIONS && t->connections.cursor < t->order_count && !(t->order[t->connections.cursor] & GROUP_ROW)) {
        t->chosen_connection = t->order[t->connections.cursor];
    } else if (t->view == VIEW_PACKETS) {
        uint64_t index = model_shown_packet(t->model, t->packets.cursor);
        if (index != UINT64_MAX && model_packet_line(t->model, index, &line) && line.connection)
            tui_choose_connection(t, line.connection);
    }
}

static bool view_of_key(struct tui *t, int key)
{
    int i = key == '0' ? VIEW_SETTINGS : key >= '1' && key <= '9' ? key - '1' : key >= KEY_F(1) && key <= KEY_F(9) ? key - KEY_F(1) : key == '?' ? VIEW_HELP : -1;
    if (key == KEY_F(4))
        return false;
    if (i < 0 || i >= VIEWS)
        return false;
    if (i == VIEW_TIMELINE || i == VIEW_FOLLOW)
        adopt_connection(t);
    tui_open(t, (enum view_id)i);
    return true;
}

static void click_tab(struct tui *t)
{
    char text[32];
    tab_text(t, VIEWS, text, sizeof text);
    int at = (int)strlen(text);
    for (unsigned i = 0; i < VIEWS; i++) {
        tab_text(t, i, text, sizeof text);
        if (t->mouse_column >= at && t->mouse_column < at + (int)strlen(text)) {
            view_of_key(t, views[i]->digit);
            return;
        }
        at += (int)strlen(text);
    }
}

/* Of views that leave it to us: a click chooses the row, the wheel moves. Texts have no heading above their first line. */
static void mouse_in_list(struct tui *t)
{
    struct list *l = views[t->view]->list ? views[t->view]->list(t) : NULL;
    bool text = t->view == VIEW_TIMELINE || t->view == VIEW_FOLLOW || t->view == VIEW_OVERVIEW || t->view == VIEW_HELP;
    int row = t->mouse_row - (text ? 2 : 3);
    if (l && t->mouse_wheel)
        list_move(l, t->mouse_wheel < 0 ? LIST_HALF_UP : LIST_HALF_DOWN);
    else if (l && row >= 0 && row < l->rows)
        list_go(l, l->top + (uint64_t)row);
}

static void global_key(struct tui *t, int key)
{
    if (view_of_key(t, key))
        return;
    switch (key) {
    case 'q': case KEY_F(10): prompt_quit(t); break;
    case 27: t->view = t->before == t->view ? VIEW_CONNECTIONS : t->before; t->before = VIEW_CONNECTIONS; break;
    case 'f': case ':': case KEY_F(4): prompt_open(t, PROMPT_FILTER, t->filter); break;
    case '/': prompt_open(t, PROMPT_SEARCH, ""); break;
    case 'n': search_next(t, false); break;
    case 'N': search_next(t, true); break;
    case '#': prompt_open(t, PROMPT_GO, ""); break;
    case 'w':
        t->quit_when_saved = false;
        prompt_open(t, PROMPT_SAVE, "wiretale.pcapng");
        break;
    case 'L' & 0x1f: screen_repair(); break;
    case KEY_MOUSE: mouse_in_list(t); break;
    case 'Z': pause_picture(t); break;
    case 'I': case KEY_F(11):
        t->choose = true;
        prompt_quit(t);
        break;
    case 'T': tui_next_time(t, 1); break;
    case 'S':
        t->stopped = true;
        model_stop(t->model);
        break;
    default: break;
    }
}

static void take_key(struct tui *t, int key)
{
    t->message[0] = '\0';
    if (t->search_left && key == 27) {
        t->search_left = 0;
        return;
    }
    t->search_left = 0;
    if (key == KEY_RESIZE)
        return;
    if (t->prompt != PROMPT_NONE) {
        prompt_key(t, key);
        return;
    }
    if (key == KEY_MOUSE && !screen_mouse(&t->mouse_row, &t->mouse_column, &t->mouse_wheel))
        return;
    if (key == KEY_MOUSE && t->mouse_row == 0 && !t->mouse_wheel)
        click_tab(t);
    else if (!views[t->view]->key || !views[t->view]->key(t, key))
        global_key(t, key);
}

/* Live, TIME-WAIT counts down between packets, too. */
static int64_t wall_clock_ns(int64_t least)
{
    struct timespec now;
    clock_gettime(CLOCK_REALTIME, &now);
    int64_t ns = (int64_t)now.tv_sec * 1000000000 + now.tv_nsec;
    return ns > least ? ns : least;
}

/* What is known now, at most ten times a second; keys in between move over what was known then. True: it is new. */
static bool look(struct tui *t)
{
    unsigned before = t->drawn_version;
    model_status(t->model, &t->status);
    model_sums(t->model, &t->sums);
    t->first_ns = t->sums.first_ns;
    if (!t->paused)
        t->last_ns = t->live && !t->status.ended && t->sums.frames ? wall_clock_ns(t->sums.last_ns) : t->sums.last_ns;
    return t->status.version != before || !t->status.ended;
}

static bool prepare(struct tui *t)
{
    t->busy = false;
    bool new = search_goes_on(t);
    if (views[t->view]->prepare && views[t->view]->prepare(t))
        new = true;
    return prompt_save_done(t) || new;
}

static bool take_keys(struct tui *t, int wait_ms)
{
    int64_t until = 0;
    int key = screen_key(wait_ms);
    bool any = key >= 0;
    while (key >= 0 && !t->quit) {
        enum view_id before = t->view;
        take_key(t, key);
        if (t->view != before) {         /* the next key finds its lists as they would be shown */
            prepare(t);
            compose(t);
        }
        if (!until)
            until = tui_clock_ms() + KEYS_MS;
        key = tui_clock_ms() < until ? screen_key(0) : -1;
    }
    if (screen_interrupted())
        prompt_interrupt(t);
    return any;
}

static void run(struct tui *t)
{
    int64_t looked = 0, drawn = 0;
    bool due = true, keyed = true;
    while (!t->quit && !screen_ended()) {
        int64_t now = tui_clock_ms();
        if (now - looked >= DRAW_MS) {
            due = look(t) || due;
            looked = now;
        }
        due = prepare(t) || due;
        int64_t wait = (keyed ? KEY_MS : DRAW_MS) - (now - drawn);
        if (due && wait <= 0) {
            draw(t);
            drawn = tui_clock_ms();
            due = keyed = false;
        }
        if (!due || wait <= 0)
            wait = DRAW_MS - (now - looked);
        if (t->search_left)
            wait = 0;
        else if (t->busy && wait > BUSY_MS)
            wait = BUSY_MS;
        if (take_keys(t, (int)(wait > 0 ? wait : 0)))
            due = keyed = true;
    }
}

static void end_jobs(struct tui *t)
{
    if (t->model)
        model_leave(t->model);
    if (t->findings_job)
        job_end(&t->findings_job->job);
    job_end(&t->order_job.job);
    job_end(&t->detail_job.job);
    job_end(&t->timeline_job.job);
    job_end(&t->follow_job.job);
    job_end(&t->hosts_job.job);
    job_end(&t->save_job.job);
}

static void done(struct tui *t)
{
    free(t->findings_job);
    free(t->findings);
    free(t->order_job.order);
    free(t->order_job.groups);
    free(t->groups);
    free(t->timeline_job.text);
    free(t->follow_job.text);
    free(t->hosts_job.rows);
    owners_free(t->hosts_job.owners);
    model_detail_done(&t->detail_job.detail);
    model_detail_done(&t->detail);
    pager_done(&t->timeline);
    pager_done(&t->follow);
    pager_done(&t->overview);
    pager_done(&t->help);
    free(t->order);
    free(t->tree_shown);
    free(t->host_rows);
    free(t->message_order[0]);
    free(t->message_order[1]);
    free((char *)t->input);
    free(t);
}

static char *safe_input(const char *input)
{
    char *text = calloc(1, 256);
    struct wt_text t = { .at = text, .capacity = 256 };
    if (text)
        wt_text_add_safe(&t, (struct wt_slice){ (const uint8_t *)input, strlen(input) });
    return text;
}

static void rescue(void *to)
{
    journal_rescue(to);
}

/* What cannot be captured again outlives a crash, and a signal: whoever sent it did not ask us to forget. */
static void guard(struct tui *t)
{
    struct journal *j = model_journal(t->model, false);
    char text[700], left[512];
    if (!j || !*journal_path(j))
        return;
    snprintf(text, sizeof text, "wiretale crashed; the packets are in %s\n", journal_path(j));
    screen_on_crash(rescue, j, text);
    journal_left_behind(j, left, sizeof left);
    if (left[0])
        tui_say(t, false, "Left by a run that ended badly: %s", left);
}

static void unguard(struct tui *t, struct tui_result *result)
{
    bool keep = screen_ended() && t->status.packets;
    struct journal *j = model_journal(t->model, keep);
    screen_on_crash(NULL, NULL, "");
    if (j && keep)
        snprintf(result->left, sizeof result->left, "%s", journal_path(j));
}

int tui_run(const struct tui_options *options, struct tui_result *ret_result, struct wt_error *err)
{
    *ret_result = (struct tui_result){ .problem = "" };
    struct tui *t = calloc(1, sizeof *t);
    if (!t)
        return wt_fail(err, -ENOMEM, "not enough memory");
    const struct model_options model = { .engine = options->engine, .live = options->live, .numeric = options->numeric };
    t->live = options->live;
    struct wt_error ignored = { 0 };
    if (settings_load(&t->settings, &ignored) < 0)
        tui_say(t, true, "%s", ignored.text);
    enum columns_time form = t->settings.time;
    unsigned digits = t->settings.digits;
    if (options->time)
        columns_time_parse(options->time, &form, &digits);
    columns_init(&t->time, form, digits == COLUMNS_DIGITS_AUTO ? 6 : digits);
    t->colour_allowed = options->colour;
    t->input = safe_input(options->input);
    t->packets.follow = t->connections.follow = options->live;
    t->model = t->input ? model_new(&model, err) : NULL;
    if (!t->model) {
        done(t);
        return err->code ? err->code : wt_fail(err, -ENOMEM, "not enough memory");
    }
    if (!screen_open(options->colour, t->settings.theme, t->settings.colours)) {
        model_free(t->model);
        done(t);
        return wt_fail(err, -ENOTTY, "this terminal (TERM) cannot be drawn on; `wiretale report` prints instead");
    }
    if (options->filter && *options->filter)
        tui_set_filter(t, options->filter);
    guard(t);
    run(t);
    screen_close();
    unguard(t, ret_result);
    ret_result->choose = t->choose && !screen_ended();
    snprintf(ret_result->problem, sizeof ret_result->problem, "%s", t->status.ended ? t->status.problem : "");
    end_jobs(t);
    model_free(t->model);
    done(t);
    return 0;
}

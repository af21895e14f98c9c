/* One line a connection. */
#include <ncurses.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "report/text_words.h"
#include "tui/columns.h"
#include "tui/view.h"

enum { C_NUMBER, C_START, C_CLIENT, C_SERVER, C_SERVICE, C_STATE, C_RTT, C_OUT, C_IN, C_BAR, C_AGAIN, C_AGE, C_COUNT };

const struct tui_column connection_columns[] = {
    [C_NUMBER] = { "#", 6, 0, 0, true },        [C_START] = { "start", 11, 0, 8, true },
    [C_CLIENT] = { "client", 0, 14, 0, false }, [C_SERVER] = { "server", 0, 18, 0, false },
    [C_SERVICE] = { "service", 7, 0, 4, false }, [C_STATE] = { "state", 14, 0, 0, false },
    [C_RTT] = { "rtt", 8, 0, 3, true },         [C_OUT] = { "out", 8, 0, 5, true },
    [C_IN] = { "in", 8, 0, 5, true },           [C_BAR] = { "share", 8, 0, 9, false },
    [C_AGAIN] = { "again", 5, 0, 6, true },     [C_AGE] = { "lasted", 8, 0, 7, true },
};

const unsigned connection_column_count = C_COUNT;

/* ---- order ---- */

#define AT_ONCE 5000     /* connections that are sorted sooner than a thread is begun */

struct sort_key {
    int64_t value;
    uint32_t index;
};

static int64_t sort_value(const struct model_connection *c, unsigned column)
{
    switch (column) {
    case C_START: return c->start_ns;
    case C_CLIENT: return (int64_t)c->address[0][0] << 40 | (int64_t)c->address[0][1] << 32 | (int64_t)c->address[0][2] << 24
            | (int64_t)c->address[0][3] << 16 | c->port[0];
    case C_SERVER: return (int64_t)c->address[1][0] << 40 | (int64_t)c->address[1][1] << 32 | (int64_t)c->address[1][2] << 24
            | (int64_t)c->address[1][3] << 16 | c->port[1];
    case C_SERVICE: return c->port[1];
    case C_STATE: return c->ended ? 100 + c->outcome : c->state[0];
    case C_RTT: return c->rtt_ns;
    case C_OUT: return (int64_t)c->bytes[0];
    case C_IN: return (int64_t)c->bytes[1];
    case C_BAR: return (int64_t)(c->bytes[0] + c->bytes[1]);
    case C_AGAIN: return c->again[0] + c->again[1];
    case C_AGE: return c->last_ns - c->start_ns;
    default: return (int64_t)c->number;
    }
}

static int ascending(const void *a, const void *b)
{
    const struct sort_key *x = a, *y = b;
    return x->value != y->value ? (x->value < y->value ? -1 : 1) : x->index < y->index ? -1 : x->index > y->index;
}

static int descending(const void *a, const void *b)
{
    const struct sort_key *x = a, *y = b;
    return x->value != y->value ? (x->value > y->value ? -1 : 1) : x->index < y->index ? -1 : x->index > y->index;
}

static void make_order(void *arg)
{
    struct order_job *o = arg;
    uint64_t count = model_connection_count(o->model), kept = 0;
    struct sort_key *keys = malloc((count + 1) * sizeof *keys);
    o->order = malloc((count + 1) * sizeof *o->order);
    for (uint64_t i = 0; keys && o->order && i < count; i++) {
        struct model_connection c;
        if (model_connection(o->model, i, &c) && model_connection_passes(o->model, c.number))
            keys[kept++] = (struct sort_key){ sort_value(&c, o->sort), (uint32_t)i };
    }
    if (keys)
        qsort(keys, kept, sizeof *keys, o->down ? descending : ascending);
    for (uint64_t i = 0; keys && o->order && i < kept; i++)
        o->order[i] = keys[i].index;
    o->count = kept;
    free(keys);
}

/* The cursor stays on its connection. */
static void take_order(struct tui *t)
{
    struct order_job *o = &t->order_job;
    uint32_t chosen = t->connections.cursor < t->order_count ? t->order[t->connections.cursor] : UINT32_MAX;
    free(t->order);
    t->order = o->order;
    t->order_count = o->count;
    t->order_version = o->version;
    o->order = NULL;
    for (uint64_t i = 0; chosen != UINT32_MAX && !t->connections.follow && i < t->order_count; i++)
        if (t->order[i] == chosen) {
            uint64_t shift = t->connections.cursor - t->connections.top;
            t->connections.cursor = i;
            t->connections.top = i > shift ? i - shift : 0;
            break;
        }
}

static bool prepare(struct tui *t)
{
    struct order_job *o = &t->order_job;
    bool new = job_take(&o->job);
    if (new && o->order)
        take_order(t);
    bool asked = !t->order || o->sort != t->sort || o->down != t->sort_down || t->order_asked;
    bool stale = t->order_version != t->status.version && !job_tired(&o->job);
    if ((asked || stale) && !o->job.run) {
        t->order_asked = false;
        o->model = t->model;
        o->sort = t->sort;
        o->down = t->sort_down;
        o->version = t->status.version;
        if (t->status.connections < AT_ONCE) {
            make_order(o);
            take_order(t);
            return true;
        }
        job_begin(&o->job, make_order, o);
    }
    t->busy = o->job.run != NULL;
    return new;
}

/* ---- rows ---- */

static void endpoint(const struct model_connection *c, unsigned side, char *to, size_t size)
{
    struct wt_text text = { .at = to, .capacity = size };
    to[0] = '\0';
    if (side && c->name[0]) {
        words_add_name(&text, c->name);
        if (c->protocol == 6 || c->protocol == 17)
            wt_text_add(&text, ":%u", c->port[1]);
        return;
    }
    words_endpoint(&text, c->family, c->address[side], c->protocol, c->port[side]);
}

static enum ink state_text(const struct tui *t, const struct model_connection *c, char *to, size_t size)
{
    if (c->ended || c->protocol != 6) {
        snprintf(to, size, "%s", c->ended ? wt_outcome_name(c->outcome) : c->packets[1] ? "answered" : "one-way");
        switch (c->ended ? c->outcome : WT_OUTCOME_ANSWERED) {
        case WT_OUTCOME_REFUSED: case WT_OUTCOME_UNREACHABLE: case WT_OUTCOME_UNANSWERED: return PAINT_BAD;
        case WT_OUTCOME_RESET: case WT_OUTCOME_HALF_OPEN: case WT_OUTCOME_ABANDONED: return PAINT_WARN;
        default: return PAINT_PLAIN;
        }
    }
    if (c->time_wait_end_ns && (c->state[0] == WT_TCP_TIME_WAIT || c->state[1] == WT_TCP_TIME_WAIT)) {
        int64_t seconds = (c->time_wait_end_ns - t->last_ns) / 1000000000;
        snprintf(to, size, "TIME-WAIT %lld", (long long)(seconds > 0 ? seconds : 0));
        return PAINT_DIM;
    }
    const char *client = wt_tcp_state_name(c->state[0]), *server = wt_tcp_state_name(c->state[1]);
    if (c->state[0] == c->state[1])
        snprintf(to, size, "%s", client);
    else
        snprintf(to, size, "%.11s/%.11s", client, server);
    return c->state[0] == WT_TCP_ESTABLISHED && c->state[1] == WT_TCP_ESTABLISHED ? PAINT_GOOD : PAINT_WARN;
}

static void bar(uint64_t part, uint64_t whole, int width, char *to, size_t size)
{
    static const char *const eighths[] = { "", "▏", "▎", "▍", "▌", "▋", "▊", "▉" };
    uint64_t units = whole ? part * (uint64_t)width * 8 / whole : 0;
    size_t used = 0;
    to[0] = '\0';
    for (uint64_t i = 0; i < units / 8 && used + 8 < size; i++)
        used += (size_t)snprintf(to + used, size - used, "%s", screen_utf8() ? "█" : "#");
    if (screen_utf8() && used + 8 < size)
        snprintf(to + used, size - used, "%s", units % 8 ? eighths[units % 8] : units == 0 && part ? "▏" : "");
}

static void draw_row(struct tui *t, const struct tui_places *p, int row, const struct model_connection *c, uint64_t most)
{
    char text[128], state[40];
    enum ink ink = PAINT_PLAIN;
    snprintf(text, sizeof text, "%llu", (unsigned long long)c->number);
    tui_cell(connection_columns, p, C_NUMBER, row, PAINT_DIM, text);
    tui_start(t, c->start_ns, text, sizeof text);
    tui_cell(connection_columns, p, C_START, row, PAINT_DIM, text);
    endpoint(c, 0, text, sizeof text);
    tui_cell(connection_columns, p, C_CLIENT, row, ink, text);
    endpoint(c, 1, text, sizeof text);
    tui_cell(connection_columns, p, C_SERVER, row, ink, text);
    struct wt_text service = { .at = text, .capacity = sizeof text };
    text[0] = '\0';
    if (c->service)
        wt_text_add(&service, "%s", c->service);
    else
        words_protocol(&service, c->protocol);
    tui_cell(connection_columns, p, C_SERVICE, row, c->service ? PAINT_BLUE : PAINT_DIM, text);
    ink = state_text(t, c, state, sizeof state);
    tui_cell(connection_columns, p, C_STATE, row, ink, state);
    if (c->rtt_ns > 0) {
        tui_duration(c->rtt_ns, text, sizeof text);
        tui_cell(connection_columns, p, C_RTT, row, PAINT_PLAIN, text);
    }
    tui_bytes(c->bytes[0], text, sizeof text);
    tui_cell(connection_columns, p, C_OUT, row, PAINT_CLIENT, text);
    tui_bytes(c->bytes[1], text, sizeof text);
    tui_cell(connection_columns, p, C_IN, row, PAINT_SERVER, text);
    bar(c->bytes[0] + c->bytes[1], most, p->width[C_BAR], text, sizeof text);
    tui_cell(connection_columns, p, C_BAR, row, PAINT_BLUE, text);
    if (c->again[0] + c->again[1]) {
        snprintf(text, sizeof text, "%u", c->again[0] + c->again[1]);
        tui_cell(connection_columns, p, C_AGAIN, row, PAINT_WARN, text);
    }
    tui_duration(c->last_ns - c->start_ns, text, sizeof text);
    tui_cell(connection_columns, p, C_AGE, row, PAINT_DIM, text);
}

static void fit(const struct tui *t, struct tui_places *p)
{
    struct tui_column fitted[C_COUNT];
    memcpy(fitted, connection_columns, sizeof fitted);
    fitted[C_START].width = (uint8_t)tui_start_width(t);
    tui_places(fitted, C_COUNT, t->settings.hidden[SETTINGS_CONNECTIONS], screen_columns(), p);
}

static void draw(struct tui *t, int top, int rows)
{
    struct tui_places p;
    struct model_connection c;
    uint64_t most = 1;
    fit(t, &p);
    tui_heads(connection_columns, C_COUNT, &p, top, (int)t->sort, t->sort_down);
    list_update(&t->connections, t->order_count, rows - 1);
    for (int pass = 0; pass < 2; pass++)
        for (int i = 0; i < rows - 1; i++) {
            uint64_t n = t->connections.top + (uint64_t)i;
            if (n >= t->order_count || !model_connection(t->model, t->order[n], &c))
                break;
            if (pass == 0)
                most = c.bytes[0] + c.bytes[1] > most ? c.bytes[0] + c.bytes[1] : most;
            else
                draw_row(t, &p, top + 1 + i, &c, most);
        }
    if (t->order_count)
        screen_repaint(top + 1 + (int)(t->connections.cursor - t->connections.top), 0, -1, PAINT_SELECTED);
    else
        screen_text(top + 2, 2, screen_columns() - 4, PAINT_DIM, t->filter[0] ? "No connection passes the filter." : "No connections yet.");
}

static bool chosen(struct tui *t, struct model_connection *c)
{
    return t->connections.cursor < t->order_count && model_connection(t->model, t->order[t->connections.cursor], c);
}

/* Of what is measured, the most is looked for. */
static bool most_first(unsigned column)
{
    return column == C_OUT || column == C_IN || column == C_BAR || column == C_RTT || column == C_AGAIN || column == C_AGE;
}

static bool sort_key(struct tui *t, int key)
{
    if (key != '<' && key != '>' && key != 'r')
        return false;
    if (key == 'r') {
        t->sort_down = !t->sort_down;
    } else {
        t->sort = key == '>' ? (t->sort + 1) % C_COUNT : (t->sort + C_COUNT - 1) % C_COUNT;
        t->sort_down = most_first(t->sort);
    }
    return true;
}

static bool mouse(struct tui *t)
{
    int y, x, wheel;
    struct tui_places p;
    if (!screen_mouse(&y, &x, &wheel))
        return true;
    if (wheel) {
        list_move(&t->connections, wheel < 0 ? LIST_HALF_UP : LIST_HALF_DOWN);
        return true;
    }
    fit(t, &p);
    int column = tui_head_at(&p, C_COUNT, x);
    if (y == 2 && column >= 0) {
        t->sort_down = t->sort == (unsigned)column ? !t->sort_down : most_first((unsigned)column);
        t->sort = (unsigned)column;
    } else if (y > 2) {
        list_go(&t->connections, t->connections.top + (uint64_t)(y - 3));
    }
    return true;
}

static bool key(struct tui *t, int k)
{
    struct model_connection c;
    int move = list_key(k);
    if (move >= 0) {
        list_move(&t->connections, (enum list_move)move);
        return true;
    }
    if (k == KEY_MOUSE)
        return mouse(t);
    if (sort_key(t, k))
        return true;
    bool is = chosen(t, &c);
    switch (k) {
    case '\n': case '\r': case KEY_ENTER: case KEY_RIGHT: case 'l':
        if (is) {
            t->chosen_connection = t->order[t->connections.cursor];
            tui_open(t, VIEW_TIMELINE);
        }
        return true;
    case 'p':
        if (is) {
            t->packets.follow = false;
            t->view = VIEW_PACKETS;
            list_go(&t->packets, model_shown_place(t->model, c.first_index));
        }
        return true;
    case 'o':
        if (is) {
            char text[64];
            snprintf(text, sizeof text, "conn.number == %llu", (unsigned long long)c.number);
            tui_set_filter(t, t->filter[0] ? "" : text);
        }
        return true;
    case 't':
        if (is) {
            t->chosen_connection = t->order[t->connections.cursor];
            tui_open(t, VIEW_FOLLOW);
        }
        return true;
    default:
        return false;
    }
}

static bool row_text(struct tui *t, uint64_t row, char *to, size_t size)
{
    struct model_connection c;
    char client[128], server[128], state[40];
    if (row >= t->order_count || !model_connection(t->model, t->order[row], &c))
        return false;
    endpoint(&c, 0, client, sizeof client);
    endpoint(&c, 1, server, sizeof server);
    state_text(t, &c, state, sizeof state);
    snprintf(to, size, "%llu %s %s %s %s", (unsigned long long)c.number, client, server, c.service ? c.service : "", state);
    return true;
}

static struct list *list(struct tui *t)
{
    return &t->connections;
}

static const struct view_key keys[] = {
    { "Enter", "timeline", "Open the connection's timeline" },
    { "p", "packets", "Go to its first packet" },
    { "t", "stream", "Read what the two sides said" },
    { "< > r", "sort", "Sort by the column to the left or right; turn the order round" },
    { "o", "only this", "Only this connection; again: all" },
    { NULL, NULL, NULL },
};

const struct view view_connections = {
    .title = "Connections", .digit = '1', .keys = keys, .draw = draw, .key = key, .prepare = prepare, .row_text = row_text, .list = list,
};

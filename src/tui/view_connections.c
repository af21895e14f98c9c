/* One line a connection. */
#include <ncurses.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "report/text_words.h"
#include "tui/columns.h"
#include "tui/order.h"
#include "tui/view.h"

const struct tui_column connection_columns[] = {
    [C_NUMBER] = { "#", 6, 0, 0, true },        [C_START] = { "start", 11, 0, 8, true },
    [C_CLIENT] = { "client", 0, 14, 0, false }, [C_SERVER] = { "server", 0, 18, 0, false },
    [C_SERVICE] = { "service", 7, 0, 4, false }, [C_STATE] = { "state", 14, 0, 0, false },
    [C_RTT] = { "rtt", 8, 0, 3, true },         [C_OUT] = { "out", 8, 0, 5, true },
    [C_IN] = { "in", 8, 0, 5, true },           [C_SENT] = { "pkts out", 8, 0, 11, true },
    [C_RECEIVED] = { "pkts in", 8, 0, 12, true }, [C_RATE] = { "bytes/s", 8, 0, 9, true },
    [C_BAR] = { "rate", 8, 0, 10, false },
    [C_AGAIN] = { "again", 5, 0, 6, true },     [C_AGE] = { "lasted", 8, 0, 7, true },
};

const unsigned connection_column_count = C_COUNT;

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

static void draw_sums(const struct tui *t, const struct tui_places *p, int row, const struct model_connection *c, uint64_t most)
{
    char text[128];
    uint64_t rate = connection_rate(c, t->last_ns, t->live);
    tui_bytes(c->bytes[0], text, sizeof text);
    tui_cell(connection_columns, p, C_OUT, row, PAINT_CLIENT, text);
    tui_bytes(c->bytes[1], text, sizeof text);
    tui_cell(connection_columns, p, C_IN, row, PAINT_SERVER, text);
    snprintf(text, sizeof text, "%llu", (unsigned long long)c->packets[0]);
    tui_cell(connection_columns, p, C_SENT, row, PAINT_CLIENT, text);
    snprintf(text, sizeof text, "%llu", (unsigned long long)c->packets[1]);
    tui_cell(connection_columns, p, C_RECEIVED, row, PAINT_SERVER, text);
    if (rate) {
        tui_bytes(rate, text, sizeof text);
        tui_cell(connection_columns, p, C_RATE, row, PAINT_PLAIN, text);
    }
    bar(rate, most, p->width[C_BAR], text, sizeof text);
    tui_cell(connection_columns, p, C_BAR, row, PAINT_BLUE, text);
    if (c->again[0] + c->again[1]) {
        snprintf(text, sizeof text, "%u", c->again[0] + c->again[1]);
        tui_cell(connection_columns, p, C_AGAIN, row, PAINT_WARN, text);
    }
}

/* "▸ 192.0.2.7  12 connections", and their sums. */
static void draw_group(const struct tui *t, const struct tui_places *p, int row, const struct conn_group *g, uint64_t most)
{
    char who[128] = "", text[200];
    struct wt_text name = { .at = who, .capacity = sizeof who };
    const struct model_connection *c = &g->first;
    bool open = false;
    for (unsigned i = 0; i < t->open_group_count; i++)
        open = open || t->open_groups[i] == g->id;
    if (t->grouping == GROUP_BY_PORT && (c->protocol == 6 || c->protocol == 17))
        wt_text_add(&name, "%s port %u%s%s", c->protocol == 6 ? "TCP" : "UDP", c->port[1], c->service ? ", " : "", c->service ? c->service : "");
    else if (t->grouping == GROUP_BY_PORT)
        words_protocol(&name, c->protocol);
    else
        wt_text_add_address(&name, c->family, c->address[t->grouping == GROUP_BY_SERVER]);
    if (t->grouping == GROUP_BY_SERVER && c->name[0]) {
        wt_text_add(&name, ", ");
        words_add_name(&name, c->name);
    }
    snprintf(text, sizeof text, "%s %s  %llu connection%s", open ? (screen_utf8() ? "▾" : "-") : (screen_utf8() ? "▸" : "+"), who,
             (unsigned long long)g->count, g->count == 1 ? "" : "s");
    int end = p->width[C_OUT] ? p->at[C_OUT] - 1 : screen_columns();
    screen_text(row, 0, end, PAINT_STRONG, text);
    draw_sums(t, p, row, &g->sum, most);
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
    draw_sums(t, p, row, c, most);
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
        for (int i = 0; i < rows - 1 && t->connections.top + (uint64_t)i < t->order_count; i++) {
            uint32_t entry = t->order[t->connections.top + (uint64_t)i];
            const struct conn_group *g = entry & GROUP_ROW ? &t->groups[entry & ~GROUP_ROW] : NULL;
            if (!g && !model_connection(t->model, entry, &c))
                break;
            uint64_t rate = connection_rate(g ? &g->sum : &c, t->last_ns, t->live);
            most = pass == 0 && rate > most ? rate : most;
            if (pass && g)
                draw_group(t, &p, top + 1 + i, g, most);
            else if (pass)
                draw_row(t, &p, top + 1 + i, &c, most);
        }
    if (t->order_count)
        screen_repaint(top + 1 + (int)(t->connections.cursor - t->connections.top), 0, -1, PAINT_SELECTED);
    else
        screen_text(top + 2, 2, screen_columns() - 4, PAINT_DIM, t->filter[0] ? "No connection passes the filter." : "No connections yet.");
}

static bool chosen(struct tui *t, struct model_connection *c)
{
    return t->connections.cursor < t->order_count && !(t->order[t->connections.cursor] & GROUP_ROW)
        && model_connection(t->model, t->order[t->connections.cursor], c);
}

/* Of what is measured, the most is looked for. */
static bool most_first(unsigned column)
{
    return column == C_OUT || column == C_IN || column == C_SENT || column == C_RECEIVED || column == C_BAR || column == C_RATE || column == C_RTT || column == C_AGAIN || column == C_AGE;
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
    int y = t->mouse_row, x = t->mouse_column, wheel = t->mouse_wheel;
    struct tui_places p;
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

static const char *const grouping_names[GROUPINGS] = {
    [GROUP_NONE] = "each connection", [GROUP_BY_SERVER] = "grouped by server", [GROUP_BY_CLIENT] = "grouped by client",
    [GROUP_BY_PORT] = "grouped by port",
};

/* Enter on a group shows its connections, or hides them. */
static bool toggle_group(struct tui *t, int k)
{
    uint64_t n = t->connections.cursor;
    if ((k != '\n' && k != '\r' && k != KEY_ENTER && k != KEY_RIGHT && k != KEY_LEFT && k != 'l' && k != 'h') || n >= t->order_count
        || !(t->order[n] & GROUP_ROW))
        return false;
    uint64_t id = t->groups[t->order[n] & ~GROUP_ROW].id;
    unsigned i = 0;
    while (i < t->open_group_count && t->open_groups[i] != id)
        i++;
    if (i < t->open_group_count)
        t->open_groups[i] = t->open_groups[--t->open_group_count];
    else if (t->open_group_count < UNFOLDED_MOST)
        t->open_groups[t->open_group_count++] = id;
    else
        tui_say(t, true, "no more groups can be open");
    t->order_asked = true;
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
    if (toggle_group(t, k))
        return true;
    switch (k) {
    case 'b':
        t->grouping = (t->grouping + 1) % GROUPINGS;
        t->open_group_count = 0;
        t->order_asked = true;
        list_go(&t->connections, 0);
        tui_say(t, false, "%s", grouping_names[t->grouping]);
        return true;
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
    if (row >= t->order_count || t->order[row] & GROUP_ROW || !model_connection(t->model, t->order[row], &c))
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
    { "b", "group", "Group by server, by client, by port, or not; Enter opens a group" },
    { "o", "only this", "Only this connection; again: all" },
    { NULL, NULL, NULL },
};

const struct view view_connections = {
    .title = "Connections", .digit = '1', .keys = keys, .draw = draw, .key = key, .prepare = order_prepare, .row_text = row_text, .list = list,
};

/* Three panes: the list, the tree of the chosen packet, its bytes. */
#include <ctype.h>
#include <inttypes.h>
#include <ncurses.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tui/columns.h"
#include "tui/view.h"

enum { P_NUMBER, P_TIME, P_SOURCE, P_DESTINATION, P_PROTOCOL, P_LENGTH, P_INFO, P_COUNT };

const struct tui_column packet_columns[] = {       /* as wide as an IPv4 address; see fit() */
    [P_NUMBER] = { "No.", 8, 0, 0, true },         [P_TIME] = { "time", 12, 0, 0, true },
    [P_SOURCE] = { "source", 15, 0, 4, false },    [P_DESTINATION] = { "destination", 15, 0, 4, false },
    [P_PROTOCOL] = { "protocol", 8, 0, 2, false }, [P_LENGTH] = { "length", 6, 0, 6, true },
    [P_INFO] = { "info", 0, 16, 0, false },
};

const unsigned packet_column_count = P_COUNT;

static const enum ink inks[MODEL_STYLES] = {
    [MODEL_PLAIN] = PAINT_PLAIN, [MODEL_TCP] = PAINT_PLAIN, [MODEL_HTTP] = PAINT_GOOD, [MODEL_DNS] = PAINT_CLIENT,
    [MODEL_UDP] = PAINT_CLIENT, [MODEL_ICMP] = PAINT_SERVER, [MODEL_ARP] = PAINT_DIM, [MODEL_SYN_FIN] = PAINT_DIM,
    [MODEL_RESET] = PAINT_WARN, [MODEL_TROUBLE] = PAINT_WARN, [MODEL_MALFORMED] = PAINT_BAD,
};

struct panes {
    int list_rows, tree_top, tree_rows, tree_columns, bytes_top, bytes_rows, bytes_left;
};

/* List above; below it tree and bytes side by side where there is room, else the one that is looked at. */
static struct panes lay_out(const struct tui *t, int top, int rows)
{
    struct panes p = { .list_rows = rows - 1 };
    int width = screen_columns();
    if (rows < 12 && t->pane == PANE_LIST)
        return p;
    p.list_rows = rows < 12 ? 3 : (rows - 2) * 2 / 5;
    p.tree_top = top + 1 + p.list_rows + 1;
    p.tree_rows = rows - p.list_rows - 2;
    p.bytes_top = p.tree_top;
    p.bytes_rows = p.tree_rows;
    if (width >= 136) {
        p.tree_columns = width - 77;
        p.bytes_left = width - 76;
    } else if (rows >= 24) {
        p.tree_columns = width;
        p.tree_rows = (p.tree_rows - 1) * 3 / 5;
        p.bytes_top = p.tree_top + p.tree_rows + 1;
        p.bytes_rows = rows - p.list_rows - 3 - p.tree_rows;
    } else {
        p.tree_columns = width;
        if (t->pane == PANE_BYTES)
            p.tree_rows = 0;
        else
            p.bytes_rows = 0;
    }
    return p;
}

/* ---- list ---- */

static void time_text(struct tui *t, uint64_t n, const struct model_line *line, char *to, size_t size)
{
    struct model_line before;
    uint64_t shown = n ? model_shown_packet(t->model, n - 1) : UINT64_MAX, index = model_shown_packet(t->model, n);
    int64_t shown_before = line->time_ns, packet_before = line->time_ns;
    if (t->time.time == COLUMNS_TIME_DELTA && index && model_packet_line(t->model, index - 1, &before))
        packet_before = before.time_ns;
    if (t->time.time == COLUMNS_TIME_DELTA_DISPLAYED && shown != UINT64_MAX && model_packet_line(t->model, shown, &before))
        shown_before = before.time_ns;
    tui_when(t, line->time_ns, packet_before, shown_before, to, size);
}

static void draw_row(struct tui *t, const struct tui_places *p, int row, uint64_t n, bool selected)
{
    struct model_line line;
    char text[40];
    uint64_t index = model_shown_packet(t->model, n);
    if (index == UINT64_MAX || !model_packet_line(t->model, index, &line))
        return;
    enum ink ink = line.marked ? PAINT_LIT : inks[line.style];
    snprintf(text, sizeof text, "%s%" PRIu64, line.marked ? "*" : "", line.number);
    tui_cell(packet_columns, p, P_NUMBER, row, line.marked ? PAINT_LIT : PAINT_DIM, text);
    time_text(t, n, &line, text, sizeof text);
    tui_cell(packet_columns, p, P_TIME, row, PAINT_DIM, text);
    for (unsigned i = 0; i < MODEL_CELLS; i++)
        tui_cell(packet_columns, p, P_SOURCE + i, row, ink, line.cell[i]);
    if (selected)
        screen_repaint(row, 0, -1, PAINT_SELECTED);
}

/* Addresses of Ethernet, and most of IPv6, where there is room for them. */
static void fit(const struct tui *t, struct tui_places *p)
{
    struct tui_column fitted[P_COUNT];
    int width = screen_columns();
    memcpy(fitted, packet_columns, sizeof fitted);
    fitted[P_TIME].width = (uint8_t)tui_when_width(t);
    fitted[P_SOURCE].width = fitted[P_DESTINATION].width = width >= 170 ? 26 : width >= 110 ? 18 : 15;
    tui_places(fitted, P_COUNT, t->settings.hidden[SETTINGS_PACKETS], width, p);
}

static void draw_list(struct tui *t, int top, int rows)
{
    struct tui_places p;
    uint64_t count = model_shown_packets(t->model);
    fit(t, &p);
    tui_heads(packet_columns, P_COUNT, &p, top, -1, false);
    list_update(&t->packets, count, rows);
    for (int i = 0; i < rows && t->packets.top + (uint64_t)i < count; i++)
        draw_row(t, &p, top + 1 + i, t->packets.top + (uint64_t)i, t->packets.top + (uint64_t)i == t->packets.cursor);
    if (!count)
        screen_text(top + 2, 2, screen_columns() - 4, PAINT_DIM, t->filter[0] ? "No packet passes the filter." : "No packets yet.");
}

/* ---- tree and bytes ---- */

static void rule(struct tui *t, int row, const char *title, bool focused)
{
    char text[200];
    int width = screen_columns();
    (void)t;
    for (int i = 0; i < width; i++)
        screen_text(row, i, 1, PAINT_DIM, screen_utf8() ? "─" : "-");
    snprintf(text, sizeof text, " %s ", title);
    screen_text(row, 2, width - 4, focused ? PAINT_BAR : PAINT_DIM, text);
}

/* Layers fold: which lines are left. */
static void fold(struct tui *t)
{
    int layer = -1;
    uint32_t *shown = realloc(t->tree_shown, (t->detail.line_count + 1) * sizeof *shown);
    t->tree_count = 0;
    if (!shown)
        return;
    t->tree_shown = shown;
    for (unsigned i = 0; i < t->detail.line_count; i++) {
        layer += t->detail.lines[i].depth == 0;
        if (t->detail.lines[i].depth == 0 || layer > 31 || t->unfolded >> layer & 1)
            shown[t->tree_count++] = i;
    }
}

static unsigned layer_of(const struct tui *t, unsigned line)
{
    unsigned layer = 0;
    for (unsigned i = 1; i <= line; i++)
        layer += t->detail.lines[i].depth == 0;
    return layer;
}

/* The row of the tree that shows this line, or its layer. */
static uint64_t row_of_line(const struct tui *t, unsigned line)
{
    uint64_t row = 0;
    while (row + 1 < t->tree_count && t->tree_shown[row + 1] <= line)
        row++;
    return row;
}

static void toggle_fold(struct tui *t, int way)
{
    if (t->tree.cursor >= t->tree_count)
        return;
    unsigned line = t->tree_shown[t->tree.cursor], layer = layer_of(t, line);
    if (layer > 31)
        return;
    uint32_t bit = 1u << layer;
    t->unfolded = way > 0 ? t->unfolded | bit : way < 0 ? t->unfolded & ~bit : t->unfolded ^ bit;
    while (line && t->detail.lines[line].depth)
        line -= !(t->unfolded & bit) ? 1 : line;         /* folded: up to its heading */
    unsigned place = t->unfolded & bit ? t->tree_shown[t->tree.cursor] : line;
    fold(t);
    list_update(&t->tree, t->tree_count, t->tree.rows);
    list_go(&t->tree, row_of_line(t, place));
}

static void draw_tree(struct tui *t, const struct panes *p)
{
    list_update(&t->tree, t->tree_count, p->tree_rows);
    for (int i = 0; i < p->tree_rows; i++) {
        uint64_t n = t->tree.top + (uint64_t)i;
        if (n >= t->tree_count)
            break;
        const struct model_tree_line *line = &t->detail.lines[t->tree_shown[n]];
        bool open = n + 1 < t->tree_count && t->detail.lines[t->tree_shown[n + 1]].depth > line->depth;
        int indent = 2 + 2 * line->depth;
        if (!line->depth)
            screen_text(p->tree_top + i, 0, 1, PAINT_DIM, open ? (screen_utf8() ? "▾" : "-") : (screen_utf8() ? "▸" : "+"));
        screen_text(p->tree_top + i, indent, p->tree_columns - indent, line->depth ? PAINT_PLAIN : PAINT_STRONG, line->text);
        if (n == t->tree.cursor && t->pane != PANE_LIST)
            screen_repaint(p->tree_top + i, 0, p->tree_columns, PAINT_SELECTED);
    }
}

static const struct model_tree_line *chosen_line(const struct tui *t)
{
    return t->pane != PANE_LIST && t->tree.cursor < t->tree_count ? &t->detail.lines[t->tree_shown[t->tree.cursor]] : NULL;
}

static void byte_row(const struct tui *t, const struct panes *p, int row, unsigned buffer, size_t at)
{
    static const char digits[] = "0123456789abcdef";
    const struct model_tree_line *line = chosen_line(t);
    const uint8_t *bytes = t->detail.buffers[buffer].at;
    size_t len = t->detail.buffers[buffer].len;
    char text[16];
    snprintf(text, sizeof text, "%04zx", at);
    screen_text(row, p->bytes_left + 1, 6, PAINT_DIM, text);
    for (size_t i = 0; i < 16 && at + i < len; i++) {
        bool lit = line && line->buffer == buffer && line->len && at + i >= line->offset && at + i - line->offset < line->len;
        bool here = t->pane == PANE_BYTES && t->bytes.cursor == at + i;
        enum ink ink = lit || here ? PAINT_LIT : PAINT_PLAIN;
        char hex[3] = { digits[bytes[at + i] >> 4], digits[bytes[at + i] & 15], 0 };
        char shown[2] = { (char)(bytes[at + i] >= 0x20 && bytes[at + i] < 0x7f ? bytes[at + i] : '.'), 0 };
        screen_text(row, p->bytes_left + 7 + (int)i * 3 + (i > 7), 2, ink, hex);
        screen_text(row, p->bytes_left + 57 + (int)i + (i > 7), 1, ink, shown);
    }
}

static unsigned shown_buffer(const struct tui *t)
{
    const struct model_tree_line *line = chosen_line(t);
    return line && line->len && line->buffer < t->detail.buffer_count ? line->buffer : 0;
}

static void draw_bytes(struct tui *t, const struct panes *p)
{
    if (!t->detail.buffer_count || p->bytes_rows <= 0)
        return;
    unsigned buffer = shown_buffer(t);
    const struct model_tree_line *line = chosen_line(t);
    size_t len = t->detail.buffers[buffer].len, first = 0, rows = (size_t)p->bytes_rows;
    size_t look = t->pane == PANE_BYTES ? t->bytes.cursor : line && line->len ? line->offset : 0;
    if (look / 16 >= rows)
        first = (look / 16 - rows / 2) * 16;
    for (size_t i = 0; i < rows && first + i * 16 < len; i++)
        byte_row(t, p, p->bytes_top + (int)i, buffer, first + i * 16);
}

static uint64_t chosen_index(struct tui *t)
{
    return model_shown_packet(t->model, t->packets.cursor);
}

static bool detail_current(struct tui *t)
{
    return (t->detail.line_count || t->detail_failed) && t->detail_index == chosen_index(t);
}

static void draw(struct tui *t, int top, int rows)
{
    struct panes p = lay_out(t, top, rows);
    char title[160];
    draw_list(t, top, p.list_rows);
    if (!p.tree_top)
        return;
    const struct model_tree_line *line = chosen_line(t);
    snprintf(title, sizeof title, "%s%s%s", t->pane == PANE_BYTES ? "Bytes" : "Packet", line && line->field ? ": " : "",
             line && line->field ? line->field : "");
    rule(t, p.tree_top - 1, title, t->pane != PANE_LIST);
    if (!detail_current(t)) {
        screen_text(p.tree_top, 2, 40, PAINT_DIM, t->packets.count ? (screen_utf8() ? "…" : "...") : "");
        return;
    }
    if (t->detail_failed)
        screen_text(p.tree_top, 2, 60, PAINT_WARN, "Its bytes are no longer held.");
    draw_tree(t, &p);
    if (p.bytes_top != p.tree_top && p.bytes_rows > 0)
        rule(t, p.bytes_top - 1, "Bytes", t->pane == PANE_BYTES);
    draw_bytes(t, &p);
}

static void take_detail(struct tui *t)
{
    struct detail_job *j = &t->detail_job;
    struct list place = t->tree;
    model_detail_done(&t->detail);
    t->detail = j->detail;
    t->detail_failed = j->failed;
    t->detail_index = j->index;
    j->detail = (struct model_detail){ 0 };
    unsigned layers = t->detail.line_count ? layer_of(t, t->detail.line_count - 1) : 0;
    if (t->topmost != layers || !t->unfolded)
        t->unfolded = layers <= 31 ? 1u << layers : 0;
    t->topmost = layers;
    fold(t);
    t->tree = (struct list){ .cursor = place.cursor, .top = place.top };
    t->bytes.cursor = 0;
}

static void make_detail(void *arg)
{
    struct detail_job *j = arg;
    j->failed = !model_detail(j->model, j->index, &j->detail);
}

static bool prepare(struct tui *t)
{
    struct detail_job *j = &t->detail_job;
    uint64_t index = chosen_index(t);
    bool new = job_take(&j->job);
    if (new)
        take_detail(t);
    if (index != UINT64_MAX && t->packets.count && !detail_current(t) && !j->job.run) {
        j->model = t->model;
        j->index = index;
        job_begin(&j->job, make_detail, j);
    }
    t->busy = j->job.run != NULL;
    return new;
}

/* ---- keys ---- */

static void byte_to_field(struct tui *t)
{
    unsigned buffer = shown_buffer(t);
    uint64_t best = t->tree.cursor < t->tree_count ? t->tree_shown[t->tree.cursor] : 0;
    uint32_t least = UINT32_MAX;
    for (unsigned i = 0; i < t->detail.line_count; i++) {
        const struct model_tree_line *l = &t->detail.lines[i];
        if (l->buffer == buffer && l->len && t->bytes.cursor >= l->offset && t->bytes.cursor - l->offset < l->len && l->len <= least) {
            least = l->len;
            best = i;
        }
    }
    unsigned layer = layer_of(t, (unsigned)best);
    if (layer <= 31)
        t->unfolded |= 1u << layer;
    fold(t);
    list_update(&t->tree, t->tree_count, t->tree.rows);
    list_go(&t->tree, row_of_line(t, (unsigned)best));
}

static bool bytes_key(struct tui *t, int k)
{
    size_t len = t->detail.buffer_count ? t->detail.buffers[shown_buffer(t)].len : 0;
    uint64_t c = t->bytes.cursor;
    switch (k) {
    case KEY_LEFT: case 'h': c = c ? c - 1 : 0; break;
    case KEY_RIGHT: case 'l': c++; break;
    case KEY_UP: case 'k': c = c >= 16 ? c - 16 : c; break;
    case KEY_DOWN: case 'j': c += 16; break;
    default: return false;
    }
    t->bytes.cursor = c < len ? c : len ? len - 1 : 0;
    byte_to_field(t);
    return true;
}

static bool move_key(struct tui *t, int k)
{
    if (t->pane == PANE_BYTES && bytes_key(t, k))
        return true;
    int way = k == KEY_RIGHT || k == 'l' || k == '+' ? 1 : k == KEY_LEFT || k == 'h' || k == '-' ? -1 : 0;
    if (t->pane == PANE_TREE && way) {
        toggle_fold(t, way);
        return true;
    }
    int move = list_key(k);
    if (move < 0)
        return false;
    list_move(t->pane == PANE_TREE ? &t->tree : &t->packets, (enum list_move)move);
    return true;
}

static bool mouse(struct tui *t)
{
    int y = t->mouse_row, x = t->mouse_column, wheel = t->mouse_wheel;
    if (wheel) {
        list_move(t->pane == PANE_TREE ? &t->tree : &t->packets, wheel < 0 ? LIST_HALF_UP : LIST_HALF_DOWN);
        return true;
    }
    struct panes p = lay_out(t, 2, screen_rows() - 3);
    if (y > 2 && y < 3 + p.list_rows) {
        t->pane = PANE_LIST;
        list_go(&t->packets, t->packets.top + (uint64_t)(y - 3));
    } else if (p.tree_top && y >= p.tree_top && y < p.tree_top + p.tree_rows && x < p.tree_columns) {
        t->pane = PANE_TREE;
        list_go(&t->tree, t->tree.top + (uint64_t)(y - p.tree_top));
    }
    return true;
}

static bool to_timeline(struct tui *t)
{
    struct model_line line;
    uint64_t index = chosen_index(t);
    if (index == UINT64_MAX || !model_packet_line(t->model, index, &line) || !line.connection)
        tui_say(t, true, "this packet belongs to no connection");
    else if (tui_choose_connection(t, line.connection))
        tui_open(t, VIEW_TIMELINE);
    return true;
}

static void along(struct tui *t, bool back)
{
    uint64_t index = chosen_index(t), to = index;
    if (index != UINT64_MAX)
        to = model_packet_along(t->model, index, back);
    if (to == index)
        tui_say(t, false, back ? "the first packet of its connection" : "the last packet of its connection so far");
    else
        list_go(&t->packets, model_shown_place(t->model, to));
}

static bool key(struct tui *t, int k)
{
    struct model_line line;
    uint64_t index;
    if (k == KEY_MOUSE)
        return mouse(t);
    if (move_key(t, k))
        return true;
    switch (k) {
    case '\t':
        t->pane = (enum pane)((t->pane + 1) % 3);
        return true;
    case KEY_BTAB:
        t->pane = (enum pane)((t->pane + 2) % 3);
        return true;
    case '\n': case '\r': case KEY_ENTER:
        if (t->pane == PANE_LIST) {
            t->pane = PANE_TREE;
            return true;
        }
        toggle_fold(t, 0);
        return true;
    case 'e':
        t->unfolded = t->unfolded == UINT32_MAX ? 1u << (t->topmost & 31) : UINT32_MAX;
        fold(t);
        return true;
    case 'm':
        model_packet_mark(t->model, chosen_index(t));
        list_move(&t->packets, LIST_DOWN);
        return true;
    case '.': case ',':
        along(t, k == ',');
        return true;
    case 'c':
        return to_timeline(t);
    case 'R':
        index = chosen_index(t);
        t->reference_ns = t->reference_ns || !model_packet_line(t->model, index, &line) ? 0 : line.since_start_ns;
        return true;
    case 27:
        if (t->pane == PANE_LIST)
            return false;
        t->pane = PANE_LIST;
        return true;
    default:
        return false;
    }
}

static bool row_text(struct tui *t, uint64_t row, char *to, size_t size)
{
    struct model_line line;
    uint64_t index = model_shown_packet(t->model, row);
    if (index == UINT64_MAX || !model_packet_line(t->model, index, &line))
        return false;
    snprintf(to, size, "%" PRIu64 " %s %s %s %s", line.number, line.cell[0], line.cell[1], line.cell[2], line.cell[4]);
    return true;
}

static struct list *list(struct tui *t)
{
    return &t->packets;
}

static const struct view_key keys[] = {
    { "Enter", "fields", "Into the tree of fields; there: unfold or fold a layer (also with left and right)" },
    { "e", "unfold", "Unfold all layers, or only the topmost" },
    { "Tab", "pane", "List, tree, bytes" },
    { ", .", "same connection", "The previous and the next packet of the same connection" },
    { "c", "timeline", "The timeline of its connection" },
    { "m", "mark", "Mark the packet, or take the mark away" },
    { "R", "reference", "Count times from this packet; again: from the first" },
    { NULL, NULL, NULL },
};

const struct view view_packets = {
    .title = "Packets", .digit = '2', .keys = keys, .draw = draw, .key = key, .prepare = prepare, .row_text = row_text, .list = list,
};

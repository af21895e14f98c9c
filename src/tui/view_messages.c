/* DNS transactions and HTTP exchanges, one line each. */
#include <ncurses.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "report/text_words.h"
#include "tui/columns.h"
#include "tui/view.h"

#define SLOW_NS 200000000      /* worth a colour */

enum { M_START, M_CLIENT, M_TYPE, M_WHAT, M_CODE, M_TIME, M_BYTES, M_MORE, M_COUNT };

static const struct tui_column dns_columns[M_COUNT] = {
    { "asked", 11, 0, 5, true }, { "server", 16, 0, 4, false }, { "type", 6, 0, 3, false }, { "question", 0, 16, 0, false },
    { "code", 9, 0, 0, false }, { "time", 9, 0, 0, true }, { "again", 5, 0, 6, true }, { "answer", 0, 14, 2, false },
};
static const struct tui_column http_columns[M_COUNT] = {
    { "asked", 11, 0, 5, true }, { "server", 21, 0, 4, false }, { "", 1, 0, 9, false }, { "request", 0, 20, 0, false },
    { "status", 6, 0, 0, true }, { "wait", 9, 0, 0, true }, { "body", 8, 0, 3, true }, { "host", 0, 12, 2, false },
};

struct ranked {
    int64_t value;
    uint32_t index;
};

static int worse(const void *a, const void *b)
{
    const struct ranked *x = a, *y = b;
    return x->value != y->value ? (x->value > y->value ? -1 : 1) : x->index < y->index ? -1 : x->index > y->index;
}

/* Failed ones first, then the slow ones; else as they came. */
static void make_order(struct tui *t, enum model_kind kind)
{
    if (t->message_version[kind] == t->status.version)
        return;
    t->message_version[kind] = t->status.version;
    uint64_t count = model_message_count(t->model, kind);
    struct ranked *ranked = malloc((count ? count : 1) * sizeof *ranked);
    uint32_t *order = realloc(t->message_order[kind], (count ? count : 1) * sizeof *order);
    t->message_order[kind] = order ? order : t->message_order[kind];
    uint64_t kept = 0;
    for (uint64_t i = 0; ranked && order && i < count; i++) {
        struct model_message m;
        if (!model_message(t->model, kind, i, &m) || !model_connection_passes(t->model, m.connection))
            continue;
        int64_t value = t->messages_worst ? (m.failed ? INT64_C(1) << 60 : 0) + m.time_ns : -m.start_ns;
        ranked[kept++] = (struct ranked){ value, (uint32_t)i };
    }
    if (ranked && order)
        qsort(ranked, kept, sizeof *ranked, worse);
    for (uint64_t i = 0; ranked && order && i < kept; i++)
        order[i] = ranked[i].index;
    t->message_order_count[kind] = ranked && order ? kept : 0;
    free(ranked);
}

static void code_text(enum model_kind kind, const struct model_message *m, char *to, size_t size)
{
    struct wt_text text = { .at = to, .capacity = size };
    to[0] = '\0';
    if (!m->answered)
        wt_text_add(&text, screen_utf8() ? "–" : "-");
    else if (kind == MODEL_DNS_MESSAGES)
        words_dns_rcode(&text, m->code);
    else
        wt_text_add(&text, "%u", m->code);
}

static void draw_row(struct tui *t, enum model_kind kind, const struct tui_column *columns, const struct tui_places *p, int row,
                     const struct model_message *m)
{
    char text[160];
    struct wt_text words = { .at = text, .capacity = sizeof text };
    enum ink ink = m->failed ? (m->answered ? PAINT_WARN : PAINT_BAD) : PAINT_GOOD;
    tui_start(t, m->start_ns, text, sizeof text);
    tui_cell(columns, p, M_START, row, PAINT_DIM, text);
    text[0] = '\0';
    if (kind == MODEL_DNS_MESSAGES)
        wt_text_add_address(&words, m->family, m->server);
    else
        words_endpoint(&words, m->family, m->server, 6, m->port);
    tui_cell(columns, p, M_CLIENT, row, PAINT_PLAIN, text);
    if (kind == MODEL_DNS_MESSAGES) {
        words = (struct wt_text){ .at = text, .capacity = sizeof text };
        text[0] = '\0';
        words_dns_type(&words, m->type);
        tui_cell(columns, p, M_TYPE, row, PAINT_BLUE, text);
    }
    tui_cell(columns, p, M_WHAT, row, PAINT_STRONG, m->what);
    code_text(kind, m, text, sizeof text);
    tui_cell(columns, p, M_CODE, row, ink, text);
    if (m->time_ns >= 0) {
        tui_duration(m->time_ns, text, sizeof text);
        tui_cell(columns, p, M_TIME, row, m->time_ns > SLOW_NS ? PAINT_WARN : PAINT_PLAIN, text);
    }
    if (kind == MODEL_HTTP_MESSAGES) {
        tui_bytes(m->bytes, text, sizeof text);
        tui_cell(columns, p, M_BYTES, row, PAINT_DIM, text);
    } else if (m->bytes) {
        snprintf(text, sizeof text, "%llu", (unsigned long long)m->bytes);
        tui_cell(columns, p, M_BYTES, row, PAINT_WARN, text);
    }
    tui_cell(columns, p, M_MORE, row, PAINT_DIM, m->more);
}

static void draw_messages(struct tui *t, enum model_kind kind, struct list *list, int top, int rows)
{
    struct tui_column columns[M_COUNT];
    struct tui_places p;
    struct model_message m;
    make_order(t, kind);
    memcpy(columns, kind == MODEL_DNS_MESSAGES ? dns_columns : http_columns, sizeof columns);
    columns[M_START].width = (uint8_t)tui_start_width(t);
    tui_places(columns, M_COUNT, 0, screen_columns(), &p);
    tui_heads(columns, M_COUNT, &p, top, -1, false);
    list_update(list, t->message_order_count[kind], rows - 1);
    for (int i = 0; i < rows - 1; i++) {
        uint64_t n = list->top + (uint64_t)i;
        if (n >= t->message_order_count[kind] || !model_message(t->model, kind, t->message_order[kind][n], &m))
            break;
        draw_row(t, kind, columns, &p, top + 1 + i, &m);
        if (n == list->cursor)
            screen_repaint(top + 1 + i, 0, -1, PAINT_SELECTED);
    }
    if (!t->message_order_count[kind])
        screen_text(top + 2, 2, screen_columns() - 4, PAINT_DIM, kind == MODEL_DNS_MESSAGES ? "No DNS was seen." : "No HTTP was seen.");
}

static bool messages_key(struct tui *t, enum model_kind kind, struct list *list, int k)
{
    struct model_message m;
    int move = list_key(k);
    if (move >= 0) {
        list_move(list, (enum list_move)move);
        return true;
    }
    bool is = list->cursor < t->message_order_count[kind] && model_message(t->model, kind, t->message_order[kind][list->cursor], &m);
    switch (k) {
    case 's':
        t->messages_worst = !t->messages_worst;
        t->message_version[0] = t->message_version[1] = t->status.version - 1;
        list_go(list, 0);
        return true;
    case '\n': case '\r': case KEY_ENTER:
        if (is && tui_choose_connection(t, m.connection))
            tui_open(t, VIEW_TIMELINE);
        return true;
    case 'p':
        if (is)
            tui_show_packet(t, m.frame ? m.frame : m.answer_frame);
        return true;
    case 't':
        if (is && tui_choose_connection(t, m.connection))
            tui_open(t, VIEW_FOLLOW);
        return true;
    default:
        return false;
    }
}

static bool messages_row(struct tui *t, enum model_kind kind, uint64_t row, char *to, size_t size)
{
    struct model_message m;
    char code[40];
    if (row >= t->message_order_count[kind] || !model_message(t->model, kind, t->message_order[kind][row], &m))
        return false;
    code_text(kind, &m, code, sizeof code);
    snprintf(to, size, "%s %s %s", m.what, code, m.more);
    return true;
}

static void dns_draw(struct tui *t, int top, int rows)
{
    draw_messages(t, MODEL_DNS_MESSAGES, &t->dns, top, rows);
}

static bool dns_key(struct tui *t, int k)
{
    return messages_key(t, MODEL_DNS_MESSAGES, &t->dns, k);
}

static bool dns_row(struct tui *t, uint64_t row, char *to, size_t size)
{
    return messages_row(t, MODEL_DNS_MESSAGES, row, to, size);
}

static struct list *dns_list(struct tui *t)
{
    return &t->dns;
}

static void http_draw(struct tui *t, int top, int rows)
{
    draw_messages(t, MODEL_HTTP_MESSAGES, &t->http, top, rows);
}

static bool http_key(struct tui *t, int k)
{
    return messages_key(t, MODEL_HTTP_MESSAGES, &t->http, k);
}

static bool http_row(struct tui *t, uint64_t row, char *to, size_t size)
{
    return messages_row(t, MODEL_HTTP_MESSAGES, row, to, size);
}

static struct list *http_list(struct tui *t)
{
    return &t->http;
}

static const struct view_key keys[] = {
    { "Enter", "timeline", "The timeline of its connection" },
    { "p", "packets", "The packet that asked" },
    { "s", "worst", "The failed and the slow on top, or as they came" },
    { "t", "stream", "Read what the two sides said" },
    { NULL, NULL, NULL },
};

const struct view view_dns = {
    .title = "DNS", .digit = '4', .keys = keys, .draw = dns_draw, .key = dns_key, .row_text = dns_row, .list = dns_list,
};
const struct view view_http = {
    .title = "HTTP", .digit = '5', .keys = keys, .draw = http_draw, .key = http_key, .row_text = http_row, .list = http_list,
};

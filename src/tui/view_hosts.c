/* Who talks: hosts, or ports of servers, with what they sent and received. */
#include <ncurses.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tui/columns.h"
#include "tui/view.h"

enum { H_WHO, H_CONNECTIONS, H_PACKETS, H_OUT, H_IN, H_TROUBLE, H_COUNT };

static const struct tui_column columns[H_COUNT] = {
    { "host or port", 0, 20, 0, false }, { "connections", 11, 0, 2, true }, { "packets", 10, 0, 3, true },
    { "sent", 9, 0, 0, true }, { "received", 9, 0, 0, true }, { "troubled", 8, 0, 1, true },
};

static struct host_row *row_of(struct tui *t, const struct host_row *id)
{
    for (unsigned i = 0; i < t->host_count; i++)
        if (t->host_rows[i].family == id->family && t->host_rows[i].port == id->port
            && memcmp(t->host_rows[i].address, id->address, 16) == 0)
            return &t->host_rows[i];
    if (t->host_count == HOSTS_MOST)
        return NULL;
    t->host_rows[t->host_count] = *id;
    return &t->host_rows[t->host_count++];
}

static void add_side(struct tui *t, const struct model_connection *c, unsigned side)
{
    struct host_row id = { .family = t->by_ports ? 0 : c->family, .port = t->by_ports ? c->port[1] : 0 };
    if (!t->by_ports)
        memcpy(id.address, c->address[side], c->family == 4 ? 4 : 16);
    else
        id.address[0] = c->protocol;
    struct host_row *r = row_of(t, &id);
    if (!r)
        return;
    r->connections++;
    r->packets += c->packets[0] + c->packets[1];
    r->bytes_out += c->bytes[side];
    r->bytes_in += c->bytes[!side];
    r->troubled += c->has_trouble;
}

static int heavier(const void *a, const void *b)
{
    const struct host_row *x = a, *y = b;
    uint64_t p = x->bytes_in + x->bytes_out, q = y->bytes_in + y->bytes_out;
    return p != q ? (p > q ? -1 : 1) : x->packets != y->packets ? (x->packets > y->packets ? -1 : 1) : memcmp(x->address, y->address, 16);
}

static bool idle(struct tui *t)
{
    if ((t->host_version == t->status.version && t->host_rows) || t->paused)
        return false;
    if (!t->host_rows)
        t->host_rows = calloc(HOSTS_MOST, sizeof *t->host_rows);
    if (!t->host_rows)
        return false;
    t->host_version = t->status.version;
    t->host_count = 0;
    uint64_t count = model_connection_count(t->model);
    for (uint64_t i = 0; i < count && i < 200000; i++) {
        struct model_connection c;
        if (!model_connection(t->model, i, &c) || !model_connection_passes(t->model, c.number)
            || (t->by_ports && c.protocol != 6 && c.protocol != 17))
            continue;
        if (!t->by_ports)
            add_side(t, &c, 0);
        add_side(t, &c, 1);
    }
    qsort(t->host_rows, t->host_count, sizeof *t->host_rows, heavier);
    return true;
}

static void who(const struct host_row *r, char *to, size_t size)
{
    struct wt_text text = { .at = to, .capacity = size };
    to[0] = '\0';
    if (r->family)
        wt_text_add_address(&text, r->family, r->address);
    else
        wt_text_add(&text, "%s port %u", r->address[0] == 6 ? "TCP" : "UDP", r->port);
}

static void draw(struct tui *t, int top, int rows)
{
    struct tui_places p;
    char text[80];
    tui_places(columns, H_COUNT, screen_columns(), &p);
    tui_heads(columns, H_COUNT, &p, top, -1, false);
    list_update(&t->hosts, t->host_count, rows - 1);
    for (int i = 0; i < rows - 1 && t->hosts.top + (uint64_t)i < t->host_count; i++) {
        const struct host_row *r = &t->host_rows[t->hosts.top + (uint64_t)i];
        int row = top + 1 + i;
        who(r, text, sizeof text);
        tui_cell(columns, &p, H_WHO, row, PAINT_STRONG, text);
        snprintf(text, sizeof text, "%llu", (unsigned long long)r->connections);
        tui_cell(columns, &p, H_CONNECTIONS, row, PAINT_PLAIN, text);
        snprintf(text, sizeof text, "%llu", (unsigned long long)r->packets);
        tui_cell(columns, &p, H_PACKETS, row, PAINT_DIM, text);
        tui_bytes(r->bytes_out, text, sizeof text);
        tui_cell(columns, &p, H_OUT, row, PAINT_CLIENT, text);
        tui_bytes(r->bytes_in, text, sizeof text);
        tui_cell(columns, &p, H_IN, row, PAINT_SERVER, text);
        if (r->troubled) {
            snprintf(text, sizeof text, "%u", r->troubled);
            tui_cell(columns, &p, H_TROUBLE, row, PAINT_WARN, text);
        }
        if (t->hosts.top + (uint64_t)i == t->hosts.cursor)
            screen_repaint(row, 0, -1, PAINT_SELECTED);
    }
}

static bool key(struct tui *t, int k)
{
    char text[120], address[80];
    int move = list_key(k);
    if (move >= 0) {
        list_move(&t->hosts, (enum list_move)move);
        return true;
    }
    switch (k) {
    case 's':
        t->by_ports = !t->by_ports;
        t->host_version = t->status.version - 1;
        list_go(&t->hosts, 0);
        return true;
    case '\n': case '\r': case KEY_ENTER: {
        if (t->hosts.cursor >= t->host_count)
            return true;
        const struct host_row *r = &t->host_rows[t->hosts.cursor];
        struct wt_text a = { .at = address, .capacity = sizeof address };
        address[0] = '\0';
        wt_text_add_address(&a, r->family ? r->family : 4, r->address);
        if (r->family)
            snprintf(text, sizeof text, "%s == %s", r->family == 4 ? "ip.addr" : "ipv6.addr", address);
        else
            snprintf(text, sizeof text, "%s.port == %u", r->address[0] == 6 ? "tcp" : "udp", r->port);
        tui_set_filter(t, text);
        tui_open(t, VIEW_CONNECTIONS);
        return true;
    }
    default:
        return false;
    }
}

static bool row_text(struct tui *t, uint64_t row, char *to, size_t size)
{
    if (row >= t->host_count)
        return false;
    who(&t->host_rows[row], to, size);
    return true;
}

static struct list *list(struct tui *t)
{
    return &t->hosts;
}

static const struct view_key keys[] = {
    { "Enter", "its connections", "Filter for it and show its connections" },
    { "s", "hosts/ports", "Hosts, or ports of servers" },
    { NULL, NULL, NULL },
};

const struct view view_hosts = {
    .title = "Hosts", .digit = '6', .keys = keys, .draw = draw, .key = key, .idle = idle, .row_text = row_text, .list = list,
};

/* Who talks: hosts, ports of servers, or processes of this machine, with what they sent and received. */
#include <ncurses.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tui/columns.h"
#include "tui/view.h"

enum { H_WHO, H_PROCESS, H_USER, H_CONNECTIONS, H_PACKETS, H_OUT, H_IN, H_TROUBLE, H_COUNT };

static const struct tui_column columns[H_COUNT] = {
    { "host or port", 0, 20, 0, false }, { "process", 22, 0, 4, false }, { "user", 12, 0, 5, false }, { "connections", 11, 0, 2, true }, { "packets", 10, 0, 3, true },
    { "sent", 9, 0, 0, true }, { "received", 9, 0, 0, true }, { "troubled", 8, 0, 1, true },
};

#define BUCKETS (HOSTS_MOST * 2)

struct counting {
    struct hosts_job *job;
    uint16_t bucket[BUCKETS];        /* row + 1 */
};

static unsigned hash_of(const struct host_row *id)
{
    uint64_t h = id->family * UINT64_C(0x9e3779b97f4a7c15) + id->port + (id->is_owner ? (uint64_t)id->owner << 20 : 0);
    for (unsigned i = 0; i < 16; i++)
        h = (h ^ id->address[i]) * UINT64_C(0x100000001b3);
    return (unsigned)((h ^ h >> 29) % BUCKETS);
}

static struct host_row *row_of(struct counting *c, const struct host_row *id)
{
    struct hosts_job *j = c->job;
    unsigned b = hash_of(id);
    for (; c->bucket[b]; b = (b + 1) % BUCKETS) {
        struct host_row *r = &j->rows[c->bucket[b] - 1];
        if (r->family == id->family && r->port == id->port && r->is_owner == id->is_owner && (!id->is_owner || r->owner == id->owner)
            && memcmp(r->address, id->address, 16) == 0)
            return r;
    }
    if (j->count == HOSTS_MOST)
        return NULL;
    c->bucket[b] = (uint16_t)(j->count + 1);
    j->rows[j->count] = *id;
    return &j->rows[j->count++];
}

static void add_side(struct counting *to, const struct model_connection *c, unsigned owner, unsigned side)
{
    unsigned kind = to->job->kind;
    struct host_row id = { .family = 0 };
    if (kind == HOSTS_ADDRESSES) {
        id.family = c->family;
        memcpy(id.address, c->address[side], c->family == 4 ? 4 : 16);
    } else if (kind == HOSTS_PORTS) {
        id.port = c->port[1];
        id.address[0] = c->protocol;
    } else {
        id.is_owner = true;
        id.owner = owner;
    }
    struct host_row *r = row_of(to, &id);
    if (!r)
        return;
    r->connections++;
    r->packets += c->packets[0] + c->packets[1];
    r->bytes_out += c->bytes[side];
    r->bytes_in += c->bytes[!side];
    r->troubled += c->has_trouble;
    if (kind != HOSTS_ADDRESSES && !r->owner)
        r->owner = owner;
}

static int heavier(const void *a, const void *b)
{
    const struct host_row *x = a, *y = b;
    uint64_t p = x->bytes_in + x->bytes_out, q = y->bytes_in + y->bytes_out;
    return p != q ? (p > q ? -1 : 1) : x->packets != y->packets ? (x->packets > y->packets ? -1 : 1) : memcmp(x->address, y->address, 16);
}

static void count_hosts(void *arg)
{
    struct hosts_job *j = arg;
    struct counting *to = calloc(1, sizeof *to);
    j->rows = calloc(HOSTS_MOST, sizeof *j->rows);
    j->count = 0;
    uint64_t count = to && j->rows ? model_connection_count(j->model) : 0;
    if (j->live && j->kind != HOSTS_ADDRESSES && (j->owners || (j->owners = owners_new())))
        owners_look(j->owners, j->model);
    for (uint64_t i = 0; i < count; i++) {
        struct model_connection c;
        to->job = j;
        if (!model_connection(j->model, i, &c) || !model_connection_passes(j->model, c.number)
            || (j->kind != HOSTS_ADDRESSES && c.protocol != 6 && c.protocol != 17))
            continue;
        unsigned owner = owner_of(j->owners, i);
        if (j->kind == HOSTS_ADDRESSES)
            add_side(to, &c, owner, 0);
        add_side(to, &c, owner, j->kind == HOSTS_PROCESSES ? 0 : 1);
    }
    for (unsigned i = 0; j->rows && i < j->count; i++)
        if (owner_at(j->owners, j->rows[i].owner))
            j->rows[i].who = *owner_at(j->owners, j->rows[i].owner);
    if (j->rows)
        qsort(j->rows, j->count, sizeof *j->rows, heavier);
    free(to);
}

static bool prepare(struct tui *t)
{
    struct hosts_job *j = &t->hosts_job;
    bool new = job_take(&j->job);
    if (new && j->rows) {
        free(t->host_rows);
        t->host_rows = j->rows;
        t->host_count = j->count;
        t->host_version = j->kind == t->hosts_kind ? j->version : t->status.version - 1;
        j->rows = NULL;
    }
    bool asked = !t->host_rows || j->kind != t->hosts_kind;
    if ((asked || (t->host_version != t->status.version && !job_tired(&j->job))) && !j->job.run) {
        j->model = t->model;
        j->kind = t->hosts_kind;
        j->live = t->live;
        j->version = t->status.version;
        job_begin(&j->job, count_hosts, j);
    }
    t->busy = j->job.run != NULL;
    return new;
}

static void who(const struct host_row *r, char *to, size_t size)
{
    struct wt_text text = { .at = to, .capacity = size };
    to[0] = '\0';
    if (r->is_owner)
        wt_text_add(&text, "%s", r->owner ? r->who.process : "? (no socket of ours was seen)");
    else if (r->family)
        wt_text_add_address(&text, r->family, r->address);
    else
        wt_text_add(&text, "%s port %u", r->address[0] == 6 ? "TCP" : "UDP", r->port);
}

static void draw(struct tui *t, int top, int rows)
{
    struct tui_places p;
    char text[80];
    tui_places(columns, H_COUNT, t->live && t->hosts_kind != HOSTS_ADDRESSES ? 0 : 1u << H_PROCESS | 1u << H_USER, screen_columns(), &p);
    tui_heads(columns, H_COUNT, &p, top, -1, false);
    list_update(&t->hosts, t->host_count, rows - 1);
    for (int i = 0; i < rows - 1 && t->hosts.top + (uint64_t)i < t->host_count; i++) {
        const struct host_row *r = &t->host_rows[t->hosts.top + (uint64_t)i];
        int row = top + 1 + i;
        who(r, text, sizeof text);
        tui_cell(columns, &p, H_WHO, row, PAINT_STRONG, text);
        if (r->owner) {
            snprintf(text, sizeof text, "?");
            if (r->who.pid)
                snprintf(text, sizeof text, "%s, %u", r->who.process, r->who.pid);
            tui_cell(columns, &p, H_PROCESS, row, PAINT_PLAIN, text);
            tui_cell(columns, &p, H_USER, row, PAINT_PLAIN, r->who.user);
        } else if (t->live && t->hosts_kind == HOSTS_PORTS) {
            tui_cell(columns, &p, H_PROCESS, row, PAINT_DIM, "?");
        }
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
        t->hosts_kind = (t->hosts_kind + 1) % (t->live ? HOSTS_KINDS : HOSTS_PROCESSES);
        t->host_version = t->status.version - 1;
        list_go(&t->hosts, 0);
        return true;
    case '\n': case '\r': case KEY_ENTER: {
        if (t->hosts.cursor >= t->host_count)
            return true;
        const struct host_row *r = &t->host_rows[t->hosts.cursor];
        if (r->is_owner) {
            tui_say(t, false, "there is no filter for processes");
            return true;
        }
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
    { "s", "hosts/ports", "Hosts, ports of servers, and, of an interface, processes of this machine with their user" },
    { NULL, NULL, NULL },
};

const struct view view_hosts = {
    .title = "Hosts", .digit = '6', .keys = keys, .draw = draw, .key = key, .prepare = prepare, .row_text = row_text, .list = list,
};

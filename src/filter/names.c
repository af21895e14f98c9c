/* Names to fields: which dissectors know a name, and what a mistyped one may have meant. */
#include <stdlib.h>
#include <string.h>

#include "filter/filter_impl.h"

enum kind filter_kind_of_type(enum wt_type type)
{
    switch (type) {
    case WT_BOOL: return K_BOOL;
    case WT_UINT8: case WT_UINT16: case WT_UINT24: case WT_UINT32: case WT_UINT64:
    case WT_INT32: case WT_INT64: case WT_FRAMENUM: return K_NUMBER;
    case WT_IPV4: return K_IPV4;
    case WT_IPV6: return K_IPV6;
    case WT_ETHER: return K_ETHER;
    case WT_BYTES: return K_BYTES;
    case WT_TIME: return K_TIME;
    case WT_DURATION: return K_DURATION;
    case WT_PROTOCOL: return K_PROTOCOL;
    case WT_NONE: return K_NONE;
    default: return K_TEXT;
    }
}

static bool same(const char *name, struct wt_slice text)
{
    return strlen(name) == text.len && memcmp(name, text.at, text.len) == 0;
}

static void add_alike(struct slot *s, const struct wt_field *field, int dissector)
{
    if (s->alike == MAX_ALIKE)
        return;
    s->field[s->alike] = field;
    s->dissector[s->alike++] = dissector;
    s->name = field->name;
    s->kind = (uint8_t)filter_kind_of_type((enum wt_type)field->type);
    s->direct = s->direct && field->from == WT_HEADER;
}

static bool find_in_dissectors(struct slot *s, struct wt_slice name)
{
    for (unsigned d = 0; d < wt_dissector_count(); d++) {
        const struct wt_dissector *dissector = wt_dissector_at(d);
        if (same(dissector->name, name)) {
            s->over = S_LAYER;
            s->name = dissector->name;
            s->kind = K_PROTOCOL;
            s->dissector[0] = (int)d;
            s->alike = 1;
            return true;
        }
        for (unsigned i = 0; i < dissector->field_count; i++)
            if (same(dissector->fields[i].name, name))
                add_alike(s, &dissector->fields[i], (int)d);
    }
    return s->alike > 0;
}

static bool find_in_table(struct slot *s, struct wt_slice name, enum slot_over over, const struct wt_field *fields,
                          unsigned count)
{
    for (unsigned i = 0; i < count; i++) {
        if (same(fields[i].name, name)) {
            s->over = (uint8_t)over;
            add_alike(s, &fields[i], (int)i);
            return true;
        }
    }
    return false;
}

static bool find(const struct wt_filter *f, struct slot *s, struct wt_slice name)
{
    unsigned frames, connections;
    const struct wt_field *frame = wt_frame_fields(&frames), *conn = wt_connection_fields(&connections);
    *s = (struct slot){ .over = S_DISSECTOR, .direct = true };
    if ((f->over & WT_FILTER_PACKETS)
        && (find_in_table(s, name, S_FRAME, frame, frames) || find_in_dissectors(s, name)))
        return true;
    return (f->over & WT_FILTER_CONNECTIONS) && find_in_table(s, name, S_CONNECTION, conn, connections);
}

int filter_slot(struct wt_filter *f, struct wt_slice name)
{
    for (unsigned i = 0; i < f->slot_count; i++)
        if (same(f->slots[i].name, name))
            return (int)i;
    if (f->slot_count == MAX_SLOTS || !find(f, &f->slots[f->slot_count], name))
        return -1;
    return (int)f->slot_count++;
}

/* Edits (insert, delete, change, swap neighbours) from one word to another; more than 4 are not told apart. */
static unsigned distance(const char *a, struct wt_slice b)
{
    size_t la = strlen(a), lb = b.len;
    unsigned row[3][65];
    if (la > 64 || lb > 64 || (la > lb ? la - lb : lb - la) > 4)
        return 5;
    for (unsigned j = 0; j <= lb; j++)
        row[0][j] = j;
    for (unsigned i = 1; i <= la; i++) {
        unsigned *now = row[i % 3], *up = row[(i + 2) % 3], *up2 = row[(i + 1) % 3];
        now[0] = i;
        for (unsigned j = 1; j <= lb; j++) {
            unsigned change = up[j - 1] + (a[i - 1] != (char)b.at[j - 1]);
            unsigned least = up[j] + 1 < now[j - 1] + 1 ? up[j] + 1 : now[j - 1] + 1;
            now[j] = change < least ? change : least;
            if (i > 1 && j > 1 && a[i - 1] == (char)b.at[j - 2] && a[i - 2] == (char)b.at[j - 1] && up2[j - 2] + 1 < now[j])
                now[j] = up2[j - 2] + 1;
        }
    }
    return row[la % 3][lb];
}

struct nearest {
    struct wt_slice name;
    const char *best;
    unsigned score;
};

/* A near name in the same protocol is likelier than one of another. */
static void consider(struct nearest *n, const char *candidate)
{
    unsigned score = distance(candidate, n->name) * 4;
    const uint8_t *dot = memchr(n->name.at, '.', n->name.len);
    size_t prefix = dot ? (size_t)(dot - n->name.at) + 1 : 0;
    if (prefix && strncmp(candidate, (const char *)n->name.at, prefix) != 0)
        score += 3;
    const char *tail = strrchr(candidate, '.');
    if (prefix && tail && strlen(tail + 1) == n->name.len - prefix
        && memcmp(tail + 1, dot + 1, n->name.len - prefix) == 0)
        score = score < 5 ? score : 5;
    if (score < n->score) {
        n->score = score;
        n->best = candidate;
    }
}

void filter_nearest(const struct wt_filter *f, struct wt_slice name, char *ret_name, size_t size)
{
    struct nearest n = { name, NULL, 14 };
    unsigned count;
    const struct wt_field *table;
    if (f->over & WT_FILTER_PACKETS) {
        table = wt_frame_fields(&count);
        for (unsigned i = 0; i < count; i++)
            consider(&n, table[i].name);
        for (unsigned d = 0; d < wt_dissector_count(); d++) {
            consider(&n, wt_dissector_at(d)->name);
            for (unsigned i = 0; i < wt_dissector_at(d)->field_count; i++)
                consider(&n, wt_dissector_at(d)->fields[i].name);
        }
    }
    if (f->over & WT_FILTER_CONNECTIONS) {
        table = wt_connection_fields(&count);
        for (unsigned i = 0; i < count; i++)
            consider(&n, table[i].name);
    }
    struct wt_text t = { ret_name, size, 0, false };
    ret_name[0] = '\0';
    if (n.best)
        wt_text_add(&t, "%s", n.best);
}

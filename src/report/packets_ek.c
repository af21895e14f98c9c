/* Packets for Elasticsearch: a layer's fields side by side, those that repeat as arrays. */
#include <stdlib.h>
#include <string.h>

#include "packets_json_impl.h"

#define EK_NAMES 512

struct ek_name {
    const char *name;              /* borrowed from the field's table, or static */
    unsigned count;
    struct out values;             /* JSON texts, commas between */
};

struct ek {
    struct ek_name names[EK_NAMES];
    unsigned count;
    bool any_layer;
    char layer[64];
};

static void ek_word(struct out *o, const char *name)
{
    for (const char *p = name; *p; p++)
        out_char(o, *p == '.' ? '_' : *p);
}

static void ek_key(struct out *o, const char *layer, const char *name)
{
    out_char(o, '"');
    ek_word(o, layer);
    if (*layer)
        out_char(o, '_');
    ek_word(o, name);
    out_char(o, '"');
}

static void ek_finish_layer(struct packets_json *j)
{
    struct ek *ek = j->ek;
    if (!ek->layer[0])
        return;
    if (ek->any_layer)
        out_char(j->to, ',');
    ek->any_layer = true;
    ek_key(j->to, "", ek->layer);
    out_text(j->to, ":{");
    for (unsigned i = 0; i < ek->count; i++) {
        struct ek_name *n = &ek->names[i];
        if (i)
            out_char(j->to, ',');
        ek_key(j->to, ek->layer, n->name);
        out_text(j->to, n->count > 1 ? ":[" : ":");
        out_bytes(j->to, n->values.at, n->values.len);
        if (n->count > 1)
            out_char(j->to, ']');
    }
    out_char(j->to, '}');
    ek->count = 0;
    ek->layer[0] = '\0';
}

static struct ek_name *ek_find(struct ek *ek, const char *name)
{
    for (unsigned i = 0; i < ek->count; i++)
        if (ek->names[i].name == name || strcmp(ek->names[i].name, name) == 0)
            return &ek->names[i];
    if (ek->count == EK_NAMES)
        return NULL;
    struct ek_name *n = &ek->names[ek->count++];
    n->name = name;
    n->count = 0;
    out_reset(&n->values);
    return n;
}

/* Elasticsearch reads times in this form. */
static void ek_time(struct packets_json *j, struct out *o, int64_t ns)
{
    char text[48];
    struct out iso = out_fixed(text, sizeof text);
    value_time_of_day(&iso, &j->utc, ns, 1, 9);
    out_char(o, '"');
    for (size_t i = 0; i < iso.len; i++)
        out_char(o, text[i] == ' ' ? 'T' : text[i]);
    out_text(o, "Z\"");
}

static void ek_line(void *to, const struct tree_line *line)
{
    struct packets_json *j = to;
    struct ek *ek = j->ek;
    if (line->depth == 0 && !line->note) {
        ek_finish_layer(j);
        size_t len = line->name ? strnlen(line->name, sizeof ek->layer - 1) : 0;
        memcpy(ek->layer, line->name ? line->name : "", len);
        ek->layer[len] = '\0';
        return;
    }
    struct ek_name *n = line->note ? ek_find(ek, "_ws.malformed") : line->name ? ek_find(ek, line->name) : NULL;
    if (!n)
        return;
    if (n->count++)
        out_char(&n->values, ',');
    if (line->note)
        packets_json_string(&n->values, (struct wt_slice){ (const uint8_t *)line->text, line->len }, false);
    else if (line->field && line->field->type == WT_BOOL)
        out_text(&n->values, line->value.u ? "true" : "false");
    else if (line->field && line->field->type == WT_NONE)
        out_text(&n->values, "null");
    else if (line->field ? line->field->type == WT_TIME : strcmp(line->name, "frame.time") == 0)
        ek_time(j, &n->values, line->field ? line->value.i : j->now_ns);
    else
        packets_json_value(j, line, &n->values);
}

static void ek_chosen(struct packets_json *j, const struct wt_packet_view *view)
{
    const char *name;
    struct wt_slice values;
    bool any = false;
    fields_read(j->fields, view);
    for (unsigned i = 0; (name = fields_cell(j->fields, i, &values)); i++) {
        if (!values.at)
            continue;
        if (any)
            out_char(j->to, ',');
        any = true;
        ek_key(j->to, "", name);
        out_text(j->to, ":[");
        for (bool more = true, first = true; more; first = false) {
            const uint8_t *end = memchr(values.at, FIELDS_BETWEEN, values.len);
            size_t len = end ? (size_t)(end - values.at) : values.len;
            if (!first)
                out_char(j->to, ',');
            packets_json_string(j->to, (struct wt_slice){ values.at, len }, false);
            more = end != NULL;
            values.at += more ? len + 1 : len;
            values.len -= more ? len + 1 : len;
        }
        out_char(j->to, ']');
    }
}

void packets_ek_packet(struct packets_json *j, const struct wt_packet_view *view)
{
    struct out *o = j->to;
    int64_t ns = view->packet->frame.time_ns;
    out_text(o, "{\"index\":{\"_index\":\"");
    packets_json_index(j, ns, o);
    out_text(o, "\",\"_type\":\"doc\"}}\n{\"timestamp\":\"");
    out_i64(o, ns / 1000000 - (ns % 1000000 < 0));
    out_text(o, "\",\"layers\":{");
    j->ek->any_layer = false;
    j->now_ns = ns;
    if (j->fields) {
        ek_chosen(j, view);
    } else {
        j->tree.delta_displayed_ns = j->columns->delta_displayed_ns;
        tree_packet(&j->tree, view, j->columns->relative_ns, j->columns->delta_ns, ek_line, j);
        ek_finish_layer(j);
    }
    out_text(o, "}}");
    out_line_end(o);
}

struct ek *packets_ek_new(void)
{
    struct ek *ek = calloc(1, sizeof *ek);
    for (unsigned i = 0; ek && i < EK_NAMES; i++)
        out_init(&ek->names[i].values, -1);
    return ek;
}

void packets_ek_free(struct ek *ek)
{
    for (unsigned i = 0; ek && i < EK_NAMES; i++)
        out_done(&ek->names[i].values);
    free(ek);
}

/* The values that the fields of a filter have in the packet or connection that is being looked at, gathered only for
 * slots that are asked for. */
#include <string.h>

#include "filter/filter_impl.h"

struct value *filter_value_add(struct wt_filter_matcher *m, unsigned occurrence)
{
    static _Thread_local struct value spill;   /* beyond the limit: written, never read */
    if (m->value_count == MAX_VALUES)
        return &spill;
    m->occurrence[m->value_count] = (uint16_t)(occurrence > UINT16_MAX ? UINT16_MAX : occurrence);
    struct value *v = &m->values[m->value_count++];
    *v = (struct value){ .prefix = 255 };
    return v;
}

struct wt_slice filter_scratch(struct wt_filter_matcher *m, const char *text, size_t len)
{
    size_t room = FILTER_SCRATCH - m->scratch_used;
    len = len < room ? len : room;
    uint8_t *at = m->scratch + m->scratch_used;
    if (len)
        memcpy(at, text, len);
    m->scratch_used += len;
    return (struct wt_slice){ at, len };
}

static void set_value(struct wt_filter_matcher *m, struct value *v, const struct wt_field *field, struct wt_value value)
{
    v->kind = (uint8_t)filter_kind_of_type((enum wt_type)field->type);
    switch (v->kind) {
    case K_BOOL:
    case K_NUMBER:
        v->number = field->type == WT_INT32 || field->type == WT_INT64 ? (wide)value.i : (wide)value.u;
        break;
    case K_TIME:
    case K_DURATION:
        v->number = value.i;
        break;
    case K_NONE:
        break;
    default:
        v->bytes = filter_scratch(m, (const char *)value.bytes.at, value.bytes.len);
    }
}

/* A sink that keeps the values of one slot. */
struct gather {
    struct wt_sink sink;
    struct wt_filter_matcher *m;
    const struct slot *slot;
    unsigned occurrence;
};

static bool wants(struct wt_sink *sink, const struct wt_field *field)
{
    const struct gather *g = (const struct gather *)sink;
    for (unsigned k = 0; k < g->slot->alike; k++)
        if (g->slot->field[k] == field)
            return true;
    return false;
}

static void take_field(struct wt_sink *sink, const struct wt_field *field, struct wt_value value, struct wt_span span)
{
    struct gather *g = (struct gather *)sink;
    (void)span;
    if (wants(sink, field))
        set_value(g->m, filter_value_add(g->m, g->occurrence), field, value);
}

static void take_open(struct wt_sink *sink, const struct wt_field *field, struct wt_value value, struct wt_span span,
                      const char *heading)
{
    (void)heading;
    if (field)
        take_field(sink, field, value, span);
}

static void take_close(struct wt_sink *sink)
{
    (void)sink;
}

static void take_note(struct wt_sink *sink, const char *text, struct wt_span span)
{
    (void)sink;
    (void)text;
    (void)span;
}

/* HEADER rows are always there when their bytes are. */
static void read_direct(struct gather *g, const struct wt_layer_view *view, const struct wt_field *field)
{
    if (field->at >= 0 && (size_t)field->at + field->span > view->bytes.len)
        return;
    struct wt_value value;
    const uint8_t *at = (const uint8_t *)view->header + field->offset;
    enum kind kind = filter_kind_of_type((enum wt_type)field->type);
    if (kind == K_BOOL || kind == K_NUMBER || kind == K_TIME || kind == K_DURATION)
        value.u = wt_field_number(field, view->header);
    else
        value.bytes = (struct wt_slice){ at, field->size };
    set_value(g->m, filter_value_add(g->m, g->occurrence), field, value);
}

static void gather_layer(struct gather *g, unsigned index, unsigned dissector)
{
    struct wt_layer_view view;
    if (!wt_packet_layer(g->m->view, index, g->m->header, &view))
        return;
    if (g->slot->over == S_LAYER) {
        struct value *v = filter_value_add(g->m, g->occurrence);
        v->kind = K_PROTOCOL;
        v->bytes = view.bytes;
    } else if (g->slot->direct) {
        for (unsigned k = 0; k < g->slot->alike; k++)
            if (g->slot->dissector[k] == (int)dissector)
                read_direct(g, &view, g->slot->field[k]);
    } else if (view.dissector->describe) {
        view.dissector->describe(&view, &g->sink);
    } else {
        wt_describe_rows(&view, &g->sink, 0, view.dissector->field_count);
    }
}

static unsigned layer_dissector(const struct wt_packet_view *view, unsigned index)
{
    unsigned layers = view->packet->layer_count;
    return index < layers ? view->packet->layers[index].dissector : view->messages[index - layers].dissector;
}

static void gather_packet(struct wt_filter_matcher *m, const struct slot *slot)
{
    struct gather g = { { wants, take_field, take_open, take_close, take_note }, m, slot, 0 };
    unsigned count = m->view->packet->layer_count + m->view->message_count;
    for (unsigned i = 0; i < count; i++) {
        unsigned dissector = layer_dissector(m->view, i);
        for (unsigned k = 0; k < slot->alike; k++) {
            if (slot->dissector[k] == (int)dissector) {
                g.occurrence++;
                gather_layer(&g, i, dissector);
                break;
            }
        }
    }
}

void filter_gather(struct wt_filter_matcher *m, unsigned index)
{
    const struct slot *slot = &m->filter->slots[index];
    if (m->slots[index].ready)
        return;
    m->slots[index].first = (uint16_t)m->value_count;
    if (slot->over == S_CONNECTION) {
        if (m->connection)
            filter_connection_values(m, (unsigned)slot->dissector[0]);
    } else if (m->view) {
        if (slot->over == S_FRAME)
            filter_frame_values(m, (unsigned)slot->dissector[0]);
        else
            gather_packet(m, slot);
    }
    m->slots[index].count = (uint16_t)(m->value_count - m->slots[index].first);
    m->slots[index].ready = true;
}

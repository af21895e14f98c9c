/* Rows to sinks: what every dissector's fields have in common. */
#include <string.h>

#include "wiretale/dissector.h"

unsigned wt_type_bytes(enum wt_type type)
{
    switch (type) {
    case WT_UINT8: return 1;
    case WT_UINT16: return 2;
    case WT_UINT24: return 3;
    case WT_UINT32: case WT_INT32: return 4;
    case WT_UINT64: case WT_INT64: return 8;
    default: return 0;
    }
}

const char *wt_value_name(const struct wt_value_name *names, uint64_t value)
{
    for (; names && names->name; names++)
        if (names->value == value)
            return names->name;
    return NULL;
}

uint64_t wt_field_number(const struct wt_field *field, const void *base)
{
    const uint8_t *at = (const uint8_t *)base + field->offset;
    uint64_t value = 0;
    switch (field->size) {
    case 1: value = *at; break;
    case 2: { uint16_t v; memcpy(&v, at, 2); value = v; break; }
    case 4: {
        uint32_t v;
        memcpy(&v, at, 4);
        value = field->type == WT_INT32 ? (uint64_t)(int64_t)(int32_t)v : v;
        break;
    }
    case 8: memcpy(&value, at, 8); break;
    default: break;
    }
    return field->mask ? (value & field->mask) >> __builtin_ctzll(field->mask) : value;
}

struct wt_span wt_view_span(const struct wt_layer_view *view, size_t offset, size_t len)
{
    uint32_t start = view->layer ? view->layer->offset : 0;
    return (struct wt_span){ start + (uint32_t)offset, (uint32_t)len, view->layer ? view->layer->buffer : 0 };
}

static bool is_number(enum wt_type type)
{
    return type == WT_BOOL || type == WT_FRAMENUM || type == WT_TIME || type == WT_DURATION || wt_type_bytes(type);
}

static void give(const struct wt_layer_view *view, struct wt_sink *sink, const struct wt_field *field,
                 struct wt_value value, size_t offset, size_t len)
{
    if (!sink->wants || sink->wants(sink, field))
        sink->field(sink, field, value, wt_view_span(view, offset, len));
}

void wt_describe_rows(const struct wt_layer_view *view, struct wt_sink *sink, unsigned first, unsigned last)
{
    for (unsigned i = first; i < last && i < view->dissector->field_count; i++) {
        const struct wt_field *field = &view->dissector->fields[i];
        const void *base = field->from == WT_HEADER ? view->header : field->from == WT_CONTEXT ? view->context : NULL;
        if (!base || (sink->wants && !sink->wants(sink, field)))
            continue;
        bool on_wire = field->at >= 0 && field->span;
        if (on_wire && (size_t)field->at + field->span > view->bytes.len)
            continue;
        struct wt_value value;
        if (is_number((enum wt_type)field->type))
            value.u = wt_field_number(field, base);
        else
            value.bytes = (struct wt_slice){ (const uint8_t *)base + field->offset, field->size };
        give(view, sink, field, value, on_wire ? (size_t)field->at : 0, on_wire ? field->span : 0);
    }
}

void wt_say_number(const struct wt_layer_view *view, struct wt_sink *sink, const struct wt_field *field,
                   uint64_t value, size_t offset, size_t len)
{
    give(view, sink, field, (struct wt_value){ .u = value }, offset, len);
}

void wt_say_bytes(const struct wt_layer_view *view, struct wt_sink *sink, const struct wt_field *field,
                  struct wt_slice value, size_t offset, size_t len)
{
    give(view, sink, field, (struct wt_value){ .bytes = value }, offset, len);
}

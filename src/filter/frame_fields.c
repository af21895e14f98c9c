/* frame.*: fields of the frame itself, which no dissector has. */
#include <string.h>

#include "filter/filter_impl.h"

enum { FRAME_NUMBER, FRAME_LEN, FRAME_CAP_LEN, FRAME_TIME, FRAME_TIME_EPOCH, FRAME_TIME_RELATIVE, FRAME_TIME_DELTA,
       FRAME_INTERFACE_ID, FRAME_PROTOCOLS, FRAME_MALFORMED, FRAME_FIELDS };

#define ROW(typ, nam, lab, mean) { .name = nam, .label = lab, .meaning = mean, .type = typ, .from = WT_SAID, .at = -1 }
static const struct wt_field fields[FRAME_FIELDS] = {
    [FRAME_NUMBER] = ROW(WT_FRAMENUM, "frame.number", "Frame Number", "Its place in the input, from 1"),
    [FRAME_LEN] = ROW(WT_UINT32, "frame.len", "Frame length on the wire", "Bytes that were sent"),
    [FRAME_CAP_LEN] = ROW(WT_UINT32, "frame.cap_len", "Frame length stored into the capture file", "Bytes that are held"),
    [FRAME_TIME] = ROW(WT_TIME, "frame.time", "Arrival Time", "When it was captured"),
    [FRAME_TIME_EPOCH] = ROW(WT_TIME, "frame.time_epoch", "Epoch Time", "The same, in seconds since 1970"),
    [FRAME_TIME_RELATIVE] = ROW(WT_DURATION, "frame.time_relative", "Time since reference or first frame",
                                "Since the first frame of the input"),
    [FRAME_TIME_DELTA] = ROW(WT_DURATION, "frame.time_delta", "Time delta from previous captured frame",
                             "Since the frame before it"),
    [FRAME_INTERFACE_ID] = ROW(WT_UINT32, "frame.interface_id", "Interface id", "Which interface of the input, from 0"),
    [FRAME_PROTOCOLS] = ROW(WT_STRING, "frame.protocols", "Protocols in frame", "Names of its layers, outermost first"),
    [FRAME_MALFORMED] = ROW(WT_NONE, "_ws.malformed", "Malformed Packet", "A layer contradicts itself"),
};

const struct wt_field *wt_frame_fields(unsigned *ret_count)
{
    *ret_count = FRAME_FIELDS;
    return fields;
}

static void add_protocols(struct wt_filter_matcher *m, struct value *v)
{
    char text[512];
    struct wt_text t = { text, sizeof text, 0, false };
    const struct wt_packet *p = m->view->packet;
    bool typed = false;          /* Wireshark counts the EtherType's look-up as a layer of its own */
    for (unsigned i = 0; i < p->layer_count + m->view->message_count; i++) {
        unsigned d = i < p->layer_count ? p->layers[i].dissector : m->view->messages[i - p->layer_count].dissector;
        const char *name = wt_dissector_at(d)->name;
        wt_text_add(&t, "%s%s%s", i ? ":" : "", typed && strcmp(name, "llc") != 0 ? "ethertype:" : "", name);
        typed = strcmp(name, "eth") == 0 || strcmp(name, "vlan") == 0 || strcmp(name, "sll") == 0;
    }
    v->kind = K_TEXT;
    v->bytes = filter_scratch(m, text, t.len);
}

void filter_frame_values(struct wt_filter_matcher *m, unsigned index)
{
    const struct wt_frame *f = &m->view->packet->frame;
    if (index == FRAME_MALFORMED && !(m->view->packet->flags & WT_PACKET_MALFORMED))
        return;
    struct value *v = filter_value_add(m, 1);
    v->kind = (uint8_t)filter_kind_of_type((enum wt_type)fields[index].type);
    switch (index) {
    case FRAME_NUMBER: v->number = f->number; break;
    case FRAME_LEN: v->number = f->wire_len; break;
    case FRAME_CAP_LEN: v->number = f->captured_len; break;
    case FRAME_TIME:
    case FRAME_TIME_EPOCH: v->number = f->time_ns; break;
    case FRAME_TIME_RELATIVE: v->number = f->time_ns - m->first_ns; break;
    case FRAME_TIME_DELTA: v->number = f->time_ns - m->previous_ns; break;
    case FRAME_INTERFACE_ID: v->number = f->interface; break;
    case FRAME_PROTOCOLS: add_protocols(m, v); break;
    default: break;
    }
}

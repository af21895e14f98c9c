#include "tree.h"

#include <stdalign.h>
#include <string.h>

#include "columns.h"

#define MAX_NEST 24
#define MAX_LINE 4096         /* bytes of one line; longer is cut */

void tree_init(struct tree *t)
{
    memset(t, 0, sizeof *t);
    out_init(&t->text, -1);
    out_init(&t->plain, -1);
}

void tree_done(struct tree *t)
{
    out_done(&t->text);
    out_done(&t->plain);
}

/* ---- headings of layers ---- */

/* What stands behind the title of a layer: text and names of fields whose values follow it. */
static const struct { const char *dissector; struct { const char *text, *field; } parts[6]; } headings[] = {
    { "eth",  { { "Src: ", "eth.src" }, { "Dst: ", "eth.dst" } } },
    { "vlan", { { "PRI: ", "vlan.priority" }, { "DEI: ", "vlan.dei" }, { "ID: ", "vlan.id" } } },
    { "ip",   { { "Src: ", "ip.src" }, { "Dst: ", "ip.dst" } } },
    { "ipv6", { { "Src: ", "ipv6.src" }, { "Dst: ", "ipv6.dst" } } },
    { "tcp",  { { "Src Port: ", "tcp.srcport" }, { "Dst Port: ", "tcp.dstport" }, { "Seq: ", "tcp.seq" },
                { "Ack: ", "tcp.ack" }, { "Len: ", "tcp.len" } } },
    { "udp",  { { "Src Port: ", "udp.srcport" }, { "Dst Port: ", "udp.dstport" } } },
    { "arp",  { { NULL, "arp.opcode" } } },
    { "dns",  { { NULL, "dns.flags.response" } } },
    { "mdns", { { NULL, "dns.flags.response" } } },
    { "llmnr", { { NULL, "dns.flags.response" } } },
};

/* What a number in a heading means, where it has no text of its own. */
static const struct { const char *field, *value, *text; } meanings[] = {
    { "arp.opcode", "1", " (request)" }, { "arp.opcode", "2", " (reply)" },
    { "dns.flags.response", "0", " (query)" }, { "dns.flags.response", "1", " (response)" },
};
#define HEADINGS (sizeof headings / sizeof headings[0])
#define PARTS (sizeof headings[0].parts / sizeof headings[0].parts[0])

struct heading_sink {
    struct wt_sink sink;
    size_t row;
    bool has_ack;
    struct out values[PARTS];
    char room[PARTS][64];
};

static int heading_part(const struct heading_sink *h, const struct wt_field *field)
{
    for (unsigned i = 0; i < PARTS && headings[h->row].parts[i].field; i++)
        if (strcmp(headings[h->row].parts[i].field, field->name) == 0)
            return (int)i;
    return -1;
}

static bool heading_wants(struct wt_sink *sink, const struct wt_field *field)
{
    return field->name && heading_part((struct heading_sink *)sink, field) >= 0;
}

static void heading_field(struct wt_sink *sink, const struct wt_field *field, struct wt_value value,
                          struct wt_span span)
{
    struct heading_sink *h = (struct heading_sink *)sink;
    (void)span;
    int part = field->name ? heading_part(h, field) : -1;
    if (part >= 0 && h->values[part].len == 0)
        value_plain(&h->values[part], field, value, &(struct value_clock){ 0 }, true);
}

static void heading_open(struct wt_sink *sink, const struct wt_field *field, struct wt_value value,
                         struct wt_span span, const char *heading)
{
    (void)heading;
    if (field)
        heading_field(sink, field, value, span);
}

static void heading_close(struct wt_sink *sink)
{
    (void)sink;
}

static void heading_note(struct wt_sink *sink, const char *text, struct wt_span span)
{
    (void)sink;
    (void)text;
    (void)span;
}

static void describe(const struct wt_layer_view *layer, struct wt_sink *sink)
{
    if (layer->dissector->describe)
        layer->dissector->describe(layer, sink);
    else
        wt_describe_rows(layer, sink, 0, layer->dissector->field_count);
}

void tree_layer_heading(const struct wt_layer_view *layer, struct out *o)
{
    out_text(o, layer->dissector->title);
    struct heading_sink h = { .sink = { heading_wants, heading_field, heading_open, heading_close, heading_note } };
    while (h.row < HEADINGS && strcmp(headings[h.row].dissector, layer->dissector->name) != 0)
        h.row++;
    if (h.row == HEADINGS)
        return;
    for (unsigned i = 0; i < PARTS; i++)
        h.values[i] = out_fixed(h.room[i], sizeof h.room[i]);
    describe(layer, &h.sink);
    for (unsigned i = 0; i < PARTS && headings[h.row].parts[i].field; i++) {
        bool no_ack = strcmp(headings[h.row].parts[i].field, "tcp.ack") == 0 && layer->packet
            && !(layer->packet->tcp.flags & WT_FLAG_ACK);
        if (h.values[i].len == 0 || no_ack)
            continue;
        if (!headings[h.row].parts[i].text) {
            for (size_t k = 0; k < sizeof meanings / sizeof meanings[0]; k++)
                if (strcmp(meanings[k].field, headings[h.row].parts[i].field) == 0
                    && strlen(meanings[k].value) == h.values[i].len
                    && memcmp(meanings[k].value, h.values[i].at, h.values[i].len) == 0)
                    out_text(o, meanings[k].text);
            continue;
        }
        out_text(o, ", ");
        out_text(o, headings[h.row].parts[i].text);
        out_bytes(o, h.values[i].at, h.values[i].len);
    }
}

static void byte_count(struct out *o, uint64_t n, const char *what)
{
    out_u64(o, n);
    out_text(o, n == 1 ? " byte " : " bytes ");
    out_text(o, what);
    out_text(o, " (");
    out_u64(o, n * 8);
    out_text(o, " bits)");
}

void tree_frame_heading(const struct wt_frame *frame, struct out *o)
{
    out_text(o, "Frame ");
    out_u64(o, frame->number);
    out_text(o, ": ");
    byte_count(o, frame->wire_len, "on wire");
    out_text(o, ", ");
    byte_count(o, frame->captured_len, "captured");
}

/* ---- lines ---- */

struct tree_sink {
    struct wt_sink sink;
    struct tree *tree;
    tree_take take;
    void *to;
    unsigned layer;
    unsigned nest;                /* subtrees open */
    unsigned base[MAX_NEST];      /* depth of the lines in each */
    unsigned opener[MAX_NEST];    /* the depth that the opener's row says, which its children's rows may count from */
    const struct wt_layer_view *view;
};

/* Gives the text gathered as a line; the caller fills depth, span, and what the line is of. */
static void give(struct tree_sink *s, struct tree_line line)
{
    struct out *text = &s->tree->text;
    line.layer = s->layer;
    line.text = text->at ? text->at : "";
    line.len = text->len;
    if (line.len > MAX_LINE) {
        line.len = MAX_LINE;
        while (line.len && ((uint8_t)text->at[line.len] & 0xc0) == 0x80)
            line.len--;
    }
    s->take(s->to, &line);
    out_reset(text);
}

static void give_note(struct tree_sink *s, unsigned depth, struct wt_span span)
{
    give(s, (struct tree_line){ .depth = depth, .span = span, .note = true });
}

static void give_field(struct tree_sink *s, unsigned depth, const struct wt_field *field, struct wt_value value,
                       struct wt_span span)
{
    give(s, (struct tree_line){ .depth = depth, .span = span, .field = field, .value = value,
                                .name = field ? field->name : NULL });
}

static unsigned row_depth(const struct tree_sink *s, const struct wt_field *field)
{
    unsigned own = field ? field->depth : 0;
    if (s->nest) {
        unsigned opener = s->opener[s->nest - 1] + 1;
        return s->base[s->nest - 1] + (own > opener ? own - opener : 0);
    }
    return 1 + own;
}

/* ".... .0.. = ": the bits of a masked field among those of its number. */
static void bits(struct out *o, const struct wt_field *field, uint64_t value)
{
    unsigned width = 8u * (field->span ? field->span : field->size);
    if (field->name && strncmp(field->name, "tcp.flags", 9) == 0)
        width = 12;       /* beside the data offset (RFC 9293 3.1) */
    if (width == 0 || width > 64)
        return;
    uint64_t mask = field->mask;
    if (field->span && field->span < field->size && width < 64 && mask >> width)
        mask >>= 8u * (field->size - field->span);      /* a part of a wider number: its first bytes */
    uint64_t in_place = mask ? value << __builtin_ctzll(mask) : 0;
    for (unsigned i = width; i > 0; i--) {
        uint64_t bit = UINT64_C(1) << (i - 1);
        out_char(o, mask & bit ? in_place & bit ? '1' : '0' : '.');
        if (i % 4 == 1 && i > 1)
            out_char(o, ' ');
    }
    out_text(o, " = ");
}

/* Values that no byte of the packet carries stand in brackets, as Wireshark's users expect; also those that are
 * reckoned from bytes, and so have a place. */
static bool generated(const struct wt_field *field, struct wt_span span)
{
    static const char *const names[] = {
        "tcp.len", "tcp.window_size", "tcp.window_size_scalefactor", "tcp.flags.str", "tcp.options.wscale.multiplier",
    };
    if (field->from == WT_CONTEXT || (span.len == 0 && field->at < 0))
        return true;
    if (!field->name)
        return false;
    const char *checksum = strstr(field->name, ".checksum");
    if (checksum && checksum[sizeof ".checksum" - 1])      /* ".checksum.status", ".checksum_calculated" */
        return true;
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++)
        if (strcmp(field->name, names[i]) == 0)
            return true;
    return false;
}

/* Further names of a value that stands beside them. */
static bool is_hidden(const struct wt_field *field)
{
    static const char *const names[] = {
        "ip.addr", "ip.host", "ip.src_host", "ip.dst_host", "ipv6.addr", "ipv6.host", "ipv6.src_host", "ipv6.dst_host",
        "tcp.port", "udp.port", "http.request.line", "http.response.line", "eth.dst_resolved", "eth.dst.oui", "eth.src_resolved",
        "eth.src.oui", "eth.addr_resolved", "eth.addr.oui", "eth.lg", "eth.ig",
    };
    size_t dot = field->name ? strcspn(field->name, ".") : 0;
    if (dot < 2 || dot > 4 || !field->name[dot])
        return false;
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++)
        if (strcmp(field->name, names[i]) == 0)
            return true;
    return field->depth == 1 && strcmp(field->name, "ip.version") == 0;      /* of IPv6 */
}

static bool is_payload(const struct wt_field *field)
{
    return field->type == WT_BYTES && field->name
        && (strcmp(field->name, "tcp.payload") == 0 || strcmp(field->name, "udp.payload") == 0);
}

/* "TCP payload (663 bytes)": the bytes themselves are what -x shows. */
static void payload_text(struct out *o, const struct wt_field *field, size_t len)
{
    out_text(o, field->name[0] == 't' ? "TCP payload (" : "UDP payload (");
    out_u64(o, len);
    out_text(o, len == 1 ? " byte)" : " bytes)");
}

/* "Flags: 0x012 (SYN, ACK)" */
static void tcp_flags_text(struct out *o, const struct wt_field *field, uint64_t flags)
{
    out_text(o, field->label);
    out_text(o, ": 0x");
    out_hex(o, flags, 3);
    columns_tcp_flags(o, (unsigned)flags, " (", ")");
}

static void field_text(struct tree_sink *s, const struct wt_field *field, struct wt_value value, struct wt_span span)
{
    struct out *o = &s->tree->text;
    if (is_payload(field)) {
        payload_text(o, field, value.bytes.len);
        return;
    }
    if (field->name && strcmp(field->name, "tcp.flags") == 0) {
        tcp_flags_text(o, field, value.u);
        return;
    }
    bool brackets = generated(field, span);
    if (brackets)
        out_char(o, '[');
    if (field->mask && !brackets)
        bits(o, field, value.u);
    out_text(o, field->label);
    if (field->type != WT_NONE && field->type != WT_PROTOCOL) {
        out_text(o, ": ");
        if (field->type == WT_BOOL && field->mask && !field->names)
            out_text(o, value.u ? "Set" : "Not set");
        else
            value_shown(o, field, value, &s->tree->clock);
    }
    if (brackets)
        out_char(o, ']');
}

static void tree_field(struct wt_sink *sink, const struct wt_field *field, struct wt_value value, struct wt_span span)
{
    struct tree_sink *s = (struct tree_sink *)sink;
    bool hidden = is_hidden(field);
    if (!hidden)
        field_text(s, field, value, span);
    unsigned depth = row_depth(s, field);
    if (hidden && field->depth && depth > 1)
        depth--;          /* beside, not below */
    give(s, (struct tree_line){ .depth = depth, .span = span, .field = field, .value = value, .name = field->name,
                                .hidden = hidden });
}

static void tree_open(struct wt_sink *sink, const struct wt_field *field, struct wt_value value, struct wt_span span,
                      const char *heading)
{
    struct tree_sink *s = (struct tree_sink *)sink;
    bool brackets = heading && !field && span.len == 0 && s->nest == 0;      /* of values that no byte carries */
    if (brackets)
        out_char(&s->tree->text, '[');
    if (heading)
        out_safe(&s->tree->text, (struct wt_slice){ (const uint8_t *)heading, strlen(heading) });
    else if (field)
        field_text(s, field, value, span);
    if (brackets)
        out_char(&s->tree->text, ']');
    unsigned depth = row_depth(s, field);
    give_field(s, depth, field, value, span);
    if (s->nest < MAX_NEST) {
        s->base[s->nest] = depth + 1;
        s->opener[s->nest] = field ? field->depth : s->nest;      /* a heading has no row: its depth is its place */
    }
    s->nest++;
    if (s->nest > MAX_NEST) {     /* deeper ones stay at the deepest level */
        s->base[MAX_NEST - 1] = depth + 1;
        s->nest = MAX_NEST;
    }
}

static void tree_close(struct wt_sink *sink)
{
    struct tree_sink *s = (struct tree_sink *)sink;
    if (s->nest)
        s->nest--;
}

static void tree_note(struct wt_sink *sink, const char *text, struct wt_span span)
{
    struct tree_sink *s = (struct tree_sink *)sink;
    out_safe(&s->tree->text, (struct wt_slice){ (const uint8_t *)text, strlen(text) });
    give_note(s, row_depth(s, NULL), span);
}

/* ---- the frame's own lines ---- */

/* One of the frame's lines: before, value (written by the caller into both texts), after. */
static void frame_line(struct tree_sink *s, const char *name, const char *before, const char *after)
{
    struct out *text = &s->tree->text, *plain = &s->tree->plain;
    out_text(text, before);
    out_bytes(text, plain->at, plain->len);
    out_text(text, after);
    out_char(plain, '\0');
    give(s, (struct tree_line){ .depth = 1, .name = name, .plain = plain->at ? plain->at : "" });
    out_reset(plain);
}

/* One that never says anything else, or is said beside: for machines. */
static void frame_hidden(struct tree_sink *s, const char *name, const char *value)
{
    give(s, (struct tree_line){ .depth = 1, .name = name, .plain = value, .hidden = true });
}

static void frame_times(struct tree_sink *s, const struct wt_frame *f, int64_t relative_ns, int64_t delta_ns)
{
    struct out *plain = &s->tree->plain;
    value_date(plain, &s->tree->clock, f->time_ns);
    frame_line(s, "frame.time", "Arrival Time: ", "");
    frame_hidden(s, "frame.offset_shift", "0.000000000");
    out_seconds(plain, f->time_ns, 9);
    frame_line(s, "frame.time_epoch", "Epoch Time: ", " seconds");
    out_seconds(plain, delta_ns, 9);
    frame_line(s, "frame.time_delta", "[Time delta from previous captured frame: ", " seconds]");
    out_seconds(plain, s->tree->delta_displayed_ns, 9);
    frame_line(s, "frame.time_delta_displayed", "[Time delta from previous displayed frame: ", " seconds]");
    out_seconds(plain, relative_ns, 9);
    frame_line(s, "frame.time_relative", "[Time since reference or first frame: ", " seconds]");
}

static void frame_remark(struct tree_sink *s, const char *text)
{
    out_text(&s->tree->text, text);
    give_note(s, 1, (struct wt_span){ 0, 0, 0 });
}

static void frame_length(struct tree_sink *s, const char *name, const char *before, uint64_t n)
{
    char bits[48];
    struct out after = out_fixed(bits, sizeof bits - 1);
    out_text(&after, " bytes (");
    out_u64(&after, n * 8);
    out_text(&after, " bits)");
    bits[after.len] = '\0';
    out_u64(&s->tree->plain, n);
    frame_line(s, name, before, bits);
}

static void frame_lines(struct tree_sink *s, const struct wt_packet_view *view, int64_t relative_ns, int64_t delta_ns)
{
    const struct wt_frame *f = &view->packet->frame;
    struct out *plain = &s->tree->plain;
    tree_frame_heading(f, &s->tree->text);
    give(s, (struct tree_line){ .span = { 0, f->captured_len, 0 }, .name = "frame" });
    if (f->flags & WT_FRAME_INTERFACE) {
        frame_hidden(s, "frame.section_number", "1");       /* where there are more, they are read as one input */
        out_u64(plain, f->interface);
        frame_line(s, "frame.interface_id", "Interface id: ", "");
    }
    const char *encapsulation;
    out_u64(plain, value_encapsulation(f->linktype, &encapsulation));
    char before[96];
    struct out kind = out_fixed(before, sizeof before - 1);
    out_text(&kind, "Encapsulation type: ");
    out_text(&kind, encapsulation);
    out_text(&kind, " (");
    before[kind.len] = '\0';
    frame_line(s, "frame.encap_type", before, ")");
    if (f->flags & WT_FRAME_NO_TIME)
        frame_remark(s, "[The file gives no time for this frame]");
    else
        frame_times(s, f, relative_ns, delta_ns);
    if (f->flags & WT_FRAME_TIME_BACK)
        frame_remark(s, "[Its time is before that of an earlier frame]");
    if (f->flags & WT_FRAME_AFTER_LOSS)
        frame_remark(s, "[Frames were dropped by the capture just before it]");
    out_u64(plain, f->number);
    frame_line(s, "frame.number", "Frame Number: ", "");
    frame_length(s, "frame.len", "Frame Length: ", f->wire_len);
    frame_length(s, "frame.cap_len", "Capture Length: ", f->captured_len);
    frame_hidden(s, "frame.marked", "0");
    frame_hidden(s, "frame.ignored", "0");
    columns_protocols(view, plain);
    frame_line(s, "frame.protocols", "[Protocols in frame: ", "]");
}

/* Names the layer and the byte: header_bytes of it had been understood when the rest was missing or made no sense. */
static void cut_note(struct tree_sink *s, const struct wt_dissector *d, const struct wt_layer *layer, unsigned cut,
                     bool stream)
{
    struct out *o = &s->tree->text;
    if (cut == WT_CUT_BY_SNAPLEN) {
        out_text(o, "[Packet size limited during capture: ");
        out_text(o, d->short_name);
        out_text(o, " truncated]");
    } else {
        out_text(o, "[Malformed Packet: ");
        out_text(o, d->short_name);
        out_text(o, ", at byte ");
        out_u64(o, (uint64_t)layer->offset + layer->header_bytes);
        out_text(o, stream ? " of the message]" : layer->buffer ? " of the reassembled datagram]" : " of the frame]");
    }
    give_note(s, 0, (struct wt_span){ layer->offset, layer->header_bytes, layer->buffer });
}

static void stream_heading(struct tree_sink *s, const struct wt_message_layer *m)
{
    if (m->segments < 2)
        return;
    struct out *o = &s->tree->text;
    out_char(o, '[');
    out_u64(o, m->segments);
    out_text(o, " Reassembled TCP Segments (");
    out_u64(o, m->bytes.len);
    out_text(o, " bytes)]");
    give_note(s, 0, (struct wt_span){ 0, 0, 0 });
}

void tree_packet(struct tree *t, const struct wt_packet_view *view, int64_t relative_ns, int64_t delta_ns,
                 tree_take take, void *to)
{
    alignas(max_align_t) uint8_t header[WT_MAX_HEADER];
    struct tree_sink s = {
        .sink = { NULL, tree_field, tree_open, tree_close, tree_note },
        .tree = t, .take = take, .to = to, .layer = UINT32_MAX,
    };
    out_reset(&t->text);
    frame_lines(&s, view, relative_ns, delta_ns);
    const struct wt_dissector *d;
    unsigned own = view->packet->layer_count;
    for (unsigned i = 0; (d = columns_layer_dissector(view, i)); i++) {
        const struct wt_message_layer *m = i < own ? NULL : &view->messages[i - own];
        const struct wt_layer *l = m ? &m->layer : &view->packet->layers[i];
        struct wt_layer_view layer;
        s.layer = i;
        s.nest = 0;
        if (m)
            stream_heading(&s, m);
        if (!wt_packet_layer(view, i, header, &layer))
            continue;
        s.view = &layer;
        tree_layer_heading(&layer, &t->text);
        give(&s, (struct tree_line){ .span = { l->offset, l->header_bytes, l->buffer }, .name = d->name });
        describe(&layer, &s.sink);
        unsigned cut = m ? m->cut : l->cut;
        if (cut != WT_WHOLE)
            cut_note(&s, d, l, cut, m != NULL);
    }
    if (view->packet->flags & WT_PACKET_TOO_DEEP) {
        out_text(&t->text, "[More layers than are looked at]");
        give_note(&s, 0, (struct wt_span){ 0, 0, 0 });
    }
}

/* ---- hex ---- */

void tree_hex_dump(struct out *o, struct wt_slice bytes)
{
    for (size_t at = 0; at < bytes.len; at += 16) {
        size_t n = bytes.len - at < 16 ? bytes.len - at : 16;
        out_hex(o, at, at > 0xffff ? 8 : 4);
        out_text(o, "  ");
        out_hex_bytes(o, (struct wt_slice){ bytes.at + at, n }, ' ');
        out_spaces(o, 3 * (16 - n) + 3);
        for (size_t i = 0; i < n; i++) {
            uint8_t c = bytes.at[at + i];
            out_char(o, c >= 0x20 && c < 0x7f ? (char)c : '.');
        }
        out_line_end(o);
    }
}

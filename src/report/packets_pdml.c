/* Packets as PDML: the tree as XML. */
#include <string.h>

#include "packets_json_impl.h"

static void xml_text(struct out *o, const char *text, size_t len)
{
    for (size_t i = 0; i < len; i++) {
        uint8_t c = (uint8_t)text[i];
        if (c == '&')
            out_text(o, "&amp;");
        else if (c == '<')
            out_text(o, "&lt;");
        else if (c == '>')
            out_text(o, "&gt;");
        else if (c == '"')
            out_text(o, "&quot;");
        else if (c == '\'')
            out_text(o, "&#x27;");
        else if (c < 0x20 || c == 0x7f)      /* XML 1.0 2.2 knows no such character */
            out_format(o, "\\x%02x", c);
        else
            out_char(o, text[i]);
    }
}

static void pdml_close(struct packets_json *j, unsigned depth)
{
    while (j->depth > depth) {
        j->depth--;
        out_spaces(j->to, 2 * (size_t)(j->depth + 1));
        out_text(j->to, j->depth ? "</field>" : "</proto>");
        out_line_end(j->to);
    }
}

/* Ends the pending start tag: with children it stays open. */
static void pdml_settle(struct packets_json *j, unsigned depth)
{
    if (j->pending && depth > j->depth) {
        out_char(j->to, '>');
        j->depth++;
    } else if (j->pending) {
        out_text(j->to, j->depth ? "/>" : "></proto>");
    }
    if (j->pending)
        out_line_end(j->to);
    j->pending = false;
    pdml_close(j, depth);
}

/* The bytes that it was read from; of bits among others, the bits alone, and all of it as unmaskedvalue. */
static void pdml_value(const struct packets_json *j, const struct tree_line *line)
{
    const struct wt_packet *p = j->packet;
    const struct wt_field *f = line->field;
    struct out *o = j->to;
    if (!f || line->span.len == 0 || line->layer >= p->layer_count || line->span.buffer >= p->buffer_count || f->type == WT_NONE)
        return;
    struct wt_slice buffer = p->buffers[line->span.buffer];
    if (line->span.offset > buffer.len || line->span.len > buffer.len - line->span.offset)
        return;
    struct wt_slice bytes = { buffer.at + line->span.offset, line->span.len };
    if (f->mask || f->type == WT_BOOL) {
        out_text(o, " value=\"");
        out_format(o, "%llX", (unsigned long long)line->value.u);
        out_text(o, "\" unmaskedvalue=\"");
    } else {
        out_text(o, " value=\"");
    }
    out_hex_bytes(o, bytes, 0);
    out_char(o, '"');
}

static bool is_verdict(const struct tree_line *line)
{
    size_t len = line->name ? strlen(line->name) : 0;
    return len > 16 && strcmp(line->name + len - 16, ".checksum.status") == 0;
}

static void pdml_line(void *to, const struct tree_line *line)
{
    struct packets_json *j = to;
    unsigned depth = line->depth > j->depth + 1 ? j->depth + 1 : line->depth;
    pdml_settle(j, depth);
    struct out *o = j->to;
    out_spaces(o, 2 * (size_t)(depth + 1));
    out_text(o, depth ? "<field name=\"" : "<proto name=\"");
    out_text(o, line->name ? line->name : line->note && !depth ? "_ws.malformed" : "");
    out_text(o, line->name || !depth ? "\" showname=\"" : "\" show=\"");
    xml_text(o, line->text, line->len);
    if (line->hidden)
        out_text(o, "\" hide=\"yes");
    out_text(o, "\" size=\"");
    out_u64(o, is_verdict(line) ? 0 : line->span.len);
    out_text(o, "\" pos=\"");
    out_u64(o, line->span.offset);
    out_char(o, '"');
    if (depth && line->name) {
        out_text(o, " show=\"");
        struct out *plain = &j->tree.plain;
        size_t from = plain->len;      /* the frame's own lines hold theirs in it */
        if (line->field && line->field->type == WT_NONE)
            plain->len = from;       /* it is there, and no more */
        else if (line->field && line->field->type == WT_BYTES)
            out_hex_bytes(plain, line->value.bytes, ':');
        else if (line->field)
            value_plain(plain, line->field, line->value, &j->tree.clock, true);
        if (line->field)
            xml_text(o, plain->at ? plain->at + from : "", plain->len - from);
        else if (line->plain)
            xml_text(o, line->plain, strlen(line->plain));
        plain->len = from;
        out_char(o, '"');
        if (!is_verdict(line))
            pdml_value(j, line);
    }
    j->pending = true;
}

static void general_field(struct packets_json *j, const char *name, const char *label, uint64_t value, uint32_t size)
{
    out_format(j->to, "    <field name=\"%s\" pos=\"0\" show=\"%llu\" showname=\"%s\" value=\"%llx\" size=\"%u\"/>\n", name,
               (unsigned long long)value, label, (unsigned long long)value, size);
}

static void general(struct packets_json *j, const struct wt_frame *f)
{
    struct out *o = j->to;
    out_format(o, "  <proto name=\"geninfo\" pos=\"0\" showname=\"General information\" size=\"%u\">\n", f->captured_len);
    general_field(j, "num", "Number", f->number, f->captured_len);
    general_field(j, "len", "Frame Length", f->wire_len, f->captured_len);
    general_field(j, "caplen", "Captured Length", f->captured_len, f->captured_len);
    out_text(o, "    <field name=\"timestamp\" pos=\"0\" show=\"");
    value_date(o, &j->tree.clock, f->time_ns);
    out_text(o, "\" showname=\"Captured Time\" value=\"");
    out_seconds(o, f->time_ns, 9);
    out_format(o, "\" size=\"%u\"/>\n  </proto>\n", f->captured_len);
}

void packets_pdml_packet(struct packets_json *j, const struct wt_packet_view *view)
{
    out_text(j->to, "<packet>\n");
    j->packet = view->packet;
    general(j, &view->packet->frame);
    j->depth = 0;
    j->pending = false;
    j->tree.delta_displayed_ns = j->columns->delta_displayed_ns;
    tree_packet(&j->tree, view, j->columns->relative_ns, j->columns->delta_ns, pdml_line, j);
    pdml_settle(j, 0);
    out_text(j->to, "</packet>\n");
    out_line_end(j->to);
}

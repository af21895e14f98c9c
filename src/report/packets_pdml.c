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
    out_text(o, "\" size=\"");
    out_u64(o, line->span.len);
    out_text(o, "\" pos=\"");
    out_u64(o, line->span.offset);
    out_char(o, '"');
    if (depth && line->name) {
        out_text(o, " show=\"");
        struct out *plain = &j->tree.plain;
        size_t from = plain->len;      /* the frame's own lines hold theirs in it */
        if (line->field)
            value_plain(plain, line->field, line->value, &j->tree.clock, true);
        if (line->field)
            xml_text(o, plain->at ? plain->at + from : "", plain->len - from);
        else if (line->plain)
            xml_text(o, line->plain, strlen(line->plain));
        plain->len = from;
        out_char(o, '"');
    }
    j->pending = true;
}

void packets_pdml_packet(struct packets_json *j, const struct wt_packet_view *view)
{
    out_text(j->to, "<packet>\n");
    j->depth = 0;
    j->pending = false;
    j->tree.delta_displayed_ns = j->columns->delta_displayed_ns;
    tree_packet(&j->tree, view, j->columns->relative_ns, j->columns->delta_ns, pdml_line, j);
    pdml_settle(j, 0);
    out_text(j->to, "</packet>\n");
    out_line_end(j->to);
}

#include "packets_json.h"

#include <stdlib.h>
#include <string.h>

#include "packets_json_impl.h"
#include "wiretale/wiretale.h"

/* ---- strings ---- */

static size_t utf8_length(const uint8_t *p, size_t len)
{
    size_t n = p[0] < 0x80 ? 1 : p[0] >= 0xf0 ? 4 : p[0] >= 0xe0 ? 3 : 2;
    if (n == 1)
        return 1;
    if (p[0] < 0xc2 || p[0] > 0xf4 || n > len)
        return 0;
    for (size_t i = 1; i < n; i++)
        if ((p[i] & 0xc0) != 0x80)
            return 0;
    bool bad = (p[0] == 0xe0 && p[1] < 0xa0) || (p[0] == 0xed && p[1] > 0x9f) || (p[0] == 0xf0 && p[1] < 0x90)
        || (p[0] == 0xf4 && p[1] > 0x8f);
    return bad ? 0 : n;
}

/* C1 controls (U+0080 to U+009F), and marks that turn the direction of text (U+200E, U+202A to U+202E, U+2066 on). */
static bool acts_on_terminal(const uint8_t *p, size_t n)
{
    if (n == 2)
        return p[0] == 0xc2 && p[1] < 0xa0;
    if (n != 3 || p[0] != 0xe2)
        return false;
    return (p[1] == 0x80 && ((p[2] >= 0x8b && p[2] <= 0x8f) || (p[2] >= 0xa8 && p[2] <= 0xae)))
        || (p[1] == 0x81 && p[2] >= 0xa0 && p[2] <= 0xaf);
}

void packets_json_string(struct out *o, struct wt_slice text, bool ascii)
{
    out_char(o, '"');
    for (size_t i = 0; i < text.len;) {
        uint8_t c = text.at[i];
        size_t n = ascii && c >= 0x80 ? 0 : utf8_length(text.at + i, text.len - i);
        static const char short_forms[] = "\"\"\\\\\bb\ff\nn\rr\tt";
        const char *s = NULL;
        for (const char *f = short_forms; c < 0x80 && *f; f += 2)
            if ((uint8_t)*f == c)
                s = f + 1;
        if (s) {
            out_char(o, '\\');
            out_char(o, *s);
        } else if (n == 0) {
            out_text(o, "\xef\xbf\xbd");
            n = 1;
        } else if (c < 0x20 || c == 0x7f) {
            out_text(o, "\\u00");
            out_hex(o, c, 2);
        } else if (acts_on_terminal(text.at + i, n)) {      /* the same text to a reader of JSON */
            unsigned code = n == 2 ? (c & 0x1fu) << 6 | (text.at[i + 1] & 0x3fu)
                : (c & 0xfu) << 12 | (text.at[i + 1] & 0x3fu) << 6 | (text.at[i + 2] & 0x3fu);
            out_text(o, "\\u");
            out_hex(o, code, 4);
        } else {
            out_bytes(o, (const char *)text.at + i, n);
        }
        i += n;
    }
    out_char(o, '"');
}

static struct wt_slice text_slice(const char *text)
{
    return (struct wt_slice){ (const uint8_t *)text, strlen(text) };
}

static void key_text(struct out *o, const char *key)
{
    packets_json_string(o, text_slice(key), false);
}

void packets_json_value(struct packets_json *j, const struct tree_line *line, struct out *o)
{
    if (!line->field) {
        packets_json_string(o, text_slice(line->plain ? line->plain : ""), false);
        return;
    }
    const struct wt_field *f = line->field;
    if (f->type == WT_STRING) {
        packets_json_string(o, line->value.bytes, f->show == WT_ASCII);
        return;
    }
    out_char(o, '"');
    if (f->type == WT_BYTES)
        out_hex_bytes(o, line->value.bytes, ':');
    else if (f->type != WT_NONE && f->type != WT_PROTOCOL)
        value_plain(o, f, line->value, &j->tree.clock, true);
    out_char(o, '"');
}

/* ---- json, jsonl ---- */

static bool compact(const struct packets_json *j)
{
    return j->format == PACKETS_JSONL;
}

#define LAYERS_INDENT 8

static void newline(struct packets_json *j, unsigned depth)
{
    if (compact(j))
        return;
    out_line_end(j->to);
    out_spaces(j->to, LAYERS_INDENT + 2 * (size_t)depth);
}

static void begin_entry(struct packets_json *j)
{
    if (j->levels[j->depth].any)
        out_char(j->to, ',');
    j->levels[j->depth].any = true;
    newline(j, j->depth);
}

static void colon(struct packets_json *j)
{
    out_text(j->to, compact(j) ? ":" : ": ");
}

static void close_level(struct packets_json *j)
{
    bool any = j->levels[j->depth].any;
    j->depth--;
    if (any)
        newline(j, j->depth);
    out_char(j->to, '}');
}

/* The line before now knows whether it has children. */
static void settle(struct packets_json *j, unsigned depth)
{
    if (j->pending && depth > j->depth && j->depth < MAX_LEVELS) {
        begin_entry(j);
        if (!j->pending_heading) {
            size_t len = strlen(j->key);
            memcpy(j->key + (len < MAX_KEY - 6 ? len : MAX_KEY - 6), "_tree", 6);
        }
        key_text(j->to, j->key);
        colon(j);
        out_char(j->to, '{');
        j->levels[++j->depth].any = false;
    } else if (j->pending && j->pending_heading) {
        begin_entry(j);
        key_text(j->to, j->key);
        colon(j);
        out_text(j->to, "\"\"");
    }
    j->pending = false;
    while (j->depth > depth)
        close_level(j);
}

static void set_key(struct packets_json *j, const char *text, size_t len)
{
    if (len > MAX_KEY - 8)
        len = MAX_KEY - 8;
    memcpy(j->key, text, len);
    j->key[len] = '\0';
}

static void json_line(void *to, const struct tree_line *line)
{
    struct packets_json *j = to;
    unsigned depth = line->depth < MAX_LEVELS ? line->depth : MAX_LEVELS;
    if (depth > j->depth + 1)
        depth = j->depth + 1;
    settle(j, depth);
    if (line->note) {
        begin_entry(j);
        key_text(j->to, depth ? "_ws.expert" : "_ws.malformed");
        colon(j);
        packets_json_string(j->to, (struct wt_slice){ (const uint8_t *)line->text, line->len }, false);
        return;
    }
    bool layer = depth == 0;
    bool heading = layer || !line->name || (line->field && line->field->type == WT_NONE);   /* no value: {} or "" */
    if (layer)
        set_key(j, line->name ? line->name : "", line->name ? strlen(line->name) : 0);
    else if (line->name)
        set_key(j, line->name, strlen(line->name));
    else if (line->len > 2 && line->text[0] == '[' && line->text[line->len - 1] == ']')
        set_key(j, line->text + 1, line->len - 2);
    else
        set_key(j, line->text, line->len);
    j->pending = true;
    j->pending_heading = heading;
    if (heading)
        return;
    begin_entry(j);
    key_text(j->to, j->key);
    colon(j);
    packets_json_value(j, line, j->to);
}

void packets_json_index(struct packets_json *j, int64_t time_ns, struct out *o)
{
    char text[48];
    struct out day = out_fixed(text, sizeof text);
    value_time_of_day(&day, &j->tree.clock, time_ns, 1, 0);
    out_text(o, "packets-");
    out_bytes(o, text, day.len < 10 ? day.len : 10);
}

static void chosen_fields(struct packets_json *j, const struct wt_packet_view *view)
{
    const char *name;
    struct wt_slice values;
    fields_read(j->fields, view);
    for (unsigned i = 0; (name = fields_cell(j->fields, i, &values)); i++) {
        if (!values.at)
            continue;
        begin_entry(j);
        key_text(j->to, name);
        colon(j);
        out_char(j->to, '[');
        for (bool first = true; ; first = false) {
            const uint8_t *end = memchr(values.at, FIELDS_BETWEEN, values.len);
            size_t len = end ? (size_t)(end - values.at) : values.len;
            if (!first)
                out_char(j->to, ',');
            newline(j, 1);
            packets_json_string(j->to, (struct wt_slice){ values.at, len }, false);
            if (!end)
                break;
            values.at += len + 1;
            values.len -= len + 1;
        }
        newline(j, 0);
        out_char(j->to, ']');
    }
}

static void json_packet(struct packets_json *j, const struct wt_packet_view *view)
{
    struct out *o = j->to;
    static const char *const pretty[] = {
        "  {\n    \"_index\": \"", "\",\n    \"_type\": \"doc\",\n    \"_score\": null,\n    \"_source\": {\n      \"layers\": {",
        "\n      }\n    }\n  }" };
    static const char *const short_[] = {
        "{\"_index\":\"", "\",\"_type\":\"doc\",\"_score\":null,\"_source\":{\"layers\":{", "}}}" };
    const char *const *parts = compact(j) ? short_ : pretty;
    if (j->packets++ && !compact(j))
        out_text(o, ",\n");
    out_text(o, parts[0]);
    packets_json_index(j, view->packet->frame.time_ns, o);
    out_text(o, parts[1]);
    j->depth = 0;
    j->levels[0].any = false;
    j->pending = false;
    j->tree.delta_displayed_ns = j->columns->delta_displayed_ns;
    if (j->fields)
        chosen_fields(j, view);
    else
        tree_packet(&j->tree, view, j->columns->relative_ns, j->columns->delta_ns, json_line, j);
    settle(j, 0);
    out_text(o, parts[2]);
    if (compact(j))
        out_line_end(o);
}

/* ---- all ---- */

struct packets_json *packets_json_new(enum packets_format format, struct columns *columns, struct fields *fields)
{
    struct packets_json *j = calloc(1, sizeof *j);
    if (!j)
        return NULL;
    j->format = format;
    j->columns = columns;
    j->fields = fields;
    tree_init(&j->tree);
    j->utc.utc = true;
    if (format != PACKETS_EK)
        return j;
    j->ek = packets_ek_new();
    if (!j->ek) {
        packets_json_free(j);
        return NULL;
    }
    return j;
}

void packets_json_free(struct packets_json *j)
{
    if (!j)
        return;
    packets_ek_free(j->ek);
    tree_done(&j->tree);
    free(j);
}

void packets_json_begin(struct packets_json *j, struct out *o)
{
    if (j->format == PACKETS_JSON)
        out_text(o, "[\n");
    if (j->format == PACKETS_PDML)
        out_text(o, "<?xml version=\"1.0\" encoding=\"utf-8\"?>\n<pdml version=\"0\" creator=\"wiretale/" WT_VERSION
                    "\">\n");
}

void packets_json_packet(struct packets_json *j, const struct wt_packet_view *view, struct out *o)
{
    j->to = o;
    if (j->format == PACKETS_EK)
        packets_ek_packet(j, view);
    else if (j->format == PACKETS_PDML)
        packets_pdml_packet(j, view);
    else
        json_packet(j, view);
    if (o->len >= OUT_FLUSH_BYTES && o->fd >= 0)
        (void)out_flush(o);
}

void packets_json_end(struct packets_json *j, struct out *o)
{
    if (j->format == PACKETS_JSON)
        out_text(o, j->packets ? "\n]\n" : "]\n");
    if (j->format == PACKETS_PDML)
        out_text(o, "</pdml>\n");
}

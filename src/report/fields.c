#include "fields.h"

#include <errno.h>
#include <stdalign.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "columns.h"
#include "packets_out.h"
#include "tree.h"
#include "value.h"

/* ---- columns of cells ---- */

enum source {
    FROM_FIELD,              /* rows of dissectors: reached through links */
    FROM_PROTOCOL,           /* a layer of that name */
    FROM_COLUMN,             /* _ws.col.X: enum column_id in `which` */
    FROM_FRAME,              /* frame.X: enum frame_field in `which` */
    FROM_MALFORMED
};

enum frame_field {
    FRAME_HEADING, FRAME_NUMBER, FRAME_LEN, FRAME_CAP_LEN, FRAME_TIME, FRAME_TIME_EPOCH, FRAME_TIME_RELATIVE,
    FRAME_TIME_DELTA, FRAME_TIME_DELTA_DISPLAYED, FRAME_PROTOCOLS, FRAME_ENCAP_TYPE, FRAME_INTERFACE_ID, FRAME_MARKED,
    FRAME_SECTION, FRAME_SHIFT
};

static const struct { const char *name; enum source source; unsigned which; } known[] = {
    { "frame", FROM_FRAME, FRAME_HEADING },
    { "frame.number", FROM_FRAME, FRAME_NUMBER },
    { "frame.len", FROM_FRAME, FRAME_LEN },
    { "frame.cap_len", FROM_FRAME, FRAME_CAP_LEN },
    { "frame.time", FROM_FRAME, FRAME_TIME },
    { "frame.time_epoch", FROM_FRAME, FRAME_TIME_EPOCH },
    { "frame.time_relative", FROM_FRAME, FRAME_TIME_RELATIVE },
    { "frame.time_delta", FROM_FRAME, FRAME_TIME_DELTA },
    { "frame.time_delta_displayed", FROM_FRAME, FRAME_TIME_DELTA_DISPLAYED },
    { "frame.protocols", FROM_FRAME, FRAME_PROTOCOLS },
    { "frame.encap_type", FROM_FRAME, FRAME_ENCAP_TYPE },
    { "frame.interface_id", FROM_FRAME, FRAME_INTERFACE_ID },
    { "frame.section_number", FROM_FRAME, FRAME_SECTION },
    { "frame.offset_shift", FROM_FRAME, FRAME_SHIFT },
    { "frame.marked", FROM_FRAME, FRAME_MARKED },
    { "frame.ignored", FROM_FRAME, FRAME_MARKED },
    { "_ws.col.No.", FROM_COLUMN, COLUMN_NUMBER },
    { "_ws.col.Time", FROM_COLUMN, COLUMN_TIME },
    { "_ws.col.Source", FROM_COLUMN, COLUMN_SOURCE },
    { "_ws.col.Destination", FROM_COLUMN, COLUMN_DESTINATION },
    { "_ws.col.Protocol", FROM_COLUMN, COLUMN_PROTOCOL },
    { "_ws.col.Length", FROM_COLUMN, COLUMN_LENGTH },
    { "_ws.col.Info", FROM_COLUMN, COLUMN_INFO },
    { "_ws.malformed", FROM_MALFORMED, 0 },
};

/* One name for two fields: both directions in their order. */
static const struct { const char *name; const char *of[2]; } joined[] = {
    { "ip.addr", { "ip.src", "ip.dst" } },
    { "ip.host", { "ip.src", "ip.dst" } },
    { "ip.src_host", { "ip.src", NULL } },
    { "ip.dst_host", { "ip.dst", NULL } },
    { "ipv6.addr", { "ipv6.src", "ipv6.dst" } },
    { "ipv6.host", { "ipv6.src", "ipv6.dst" } },
    { "eth.addr", { "eth.dst", "eth.src" } },
    { "tcp.port", { "tcp.srcport", "tcp.dstport" } },
    { "udp.port", { "udp.srcport", "udp.dstport" } },
};

/* Wireshark's names that scripts ask for beside those that we have: known, with no value as long as no dissector
 * gives one. Other names that nobody knows are an error, since they are misspelt. */
static const char *const valueless[] = {
    "http.response_in",      /* only a second pass knows it */
    "tls.handshake.type", "tls.record.version", "tls.handshake.version", "tls.handshake.extensions_server_name",
    "tls.handshake.extensions_alpn_str", "tls.handshake.ciphersuite", "tls.handshake.ja3",
};

struct cell {
    const char *name;
    enum source source;
    unsigned which;
    unsigned count;          /* values in it */
    struct out text;
    struct cell *same;       /* an earlier cell with the same name: what this one prints */
};

/* A row of a dissector's table that some cell wants. */
struct link {
    uint16_t cell;
    uint16_t next;           /* index + 1 in links; 0: none */
};

struct table {
    uint16_t *head;          /* per row: index + 1 in links; owned; NULL: nothing wanted of this dissector */
    bool protocol;           /* a cell wants the layer itself */
};

struct fields {
    struct wt_sink sink;     /* first: what describe() is given */
    struct fields_options options;
    struct columns *columns;
    struct cell *cells;
    struct link *links;
    unsigned link_count, link_capacity;
    struct table *tables;    /* by dissector index */
    unsigned dissectors;
    unsigned current;        /* dissector being described */
    bool wants_malformed;
    struct value_clock clock;
};

static unsigned cell_count(const struct fields *f)
{
    return f->options.count;
}

/* ---- options ---- */

static bool option_char(const char *text, char *ret)
{
    static const struct { const char *name; char c; } names[] = { { "/t", '\t' }, { "/s", ' ' }, { "/n", '\n' }, { "/", '/' } };
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++)
        if (strcmp(text, names[i].name) == 0) {
            *ret = names[i].c;
            return true;
        }
    if (!text[0] || text[1])
        return false;
    *ret = text[0];
    return true;
}

static bool option_yes_no(const char *text, bool *ret)
{
    if ((text[0] != 'y' && text[0] != 'n' && text[0] != 'Y' && text[0] != 'N') || text[1])
        return false;
    *ret = text[0] == 'y' || text[0] == 'Y';
    return true;
}

int fields_option(struct fields_options *options, const char *assignment, struct wt_error *err)
{
    const char *value = strchr(assignment, '=');
    size_t len = value ? (size_t)(value - assignment) : 0;
    bool good = false;
    value = value ? value + 1 : "";
    if (len == 6 && memcmp(assignment, "header", 6) == 0)
        good = option_yes_no(value, &options->header);
    else if (len == 3 && memcmp(assignment, "bom", 3) == 0)
        good = option_yes_no(value, &options->bom);
    else if (len == 9 && memcmp(assignment, "separator", 9) == 0)
        good = option_char(value, &options->separator);
    else if (len == 10 && memcmp(assignment, "aggregator", 10) == 0)
        good = option_char(value, &options->aggregator);
    else if (len == 10 && memcmp(assignment, "occurrence", 10) == 0) {
        good = strchr("fla", value[0]) && value[0] && !value[1];
        options->occurrence = good ? value[0] : options->occurrence;
    } else if (len == 5 && memcmp(assignment, "quote", 5) == 0) {
        good = strchr("dsn", value[0]) && value[0] && !value[1];
        options->quote = !good ? options->quote : value[0] == 'd' ? '"' : value[0] == 's' ? '\'' : '\0';
    }
    if (good)
        return 0;
    return wt_fail(err, -EINVAL, "-E '%s': expected header=y|n, bom=y|n, separator=/t|/s|CHARACTER, "
                   "occurrence=f|l|a, aggregator=,|/s|CHARACTER or quote=d|s|n", assignment);
}

/* ---- names ---- */

static bool link_row(struct fields *f, unsigned dissector, unsigned row, unsigned cell)
{
    const struct wt_dissector *d = wt_dissector_at(dissector);
    struct table *t = &f->tables[dissector];
    if (!t->head && !(t->head = calloc(d->field_count ? d->field_count : 1, sizeof *t->head)))
        return false;
    if (f->link_count == f->link_capacity) {
        unsigned capacity = f->link_capacity ? 2 * f->link_capacity : 64;
        struct link *links = realloc(f->links, capacity * sizeof *links);
        if (!links)
            return false;
        f->links = links;
        f->link_capacity = capacity;
    }
    if (f->link_count >= UINT16_MAX - 1)
        return false;
    f->links[f->link_count] = (struct link){ (uint16_t)cell, t->head[row] };
    t->head[row] = (uint16_t)++f->link_count;
    return true;
}

/* Links every row of that name: several protocols may share names (mDNS and DNS). */
static int link_name(struct fields *f, const char *name, unsigned cell)
{
    int found = 0;
    for (unsigned i = 0; i < f->dissectors; i++) {
        const struct wt_dissector *d = wt_dissector_at(i);
        for (unsigned row = 0; row < d->field_count; row++)
            if (d->fields[row].name && strcmp(d->fields[row].name, name) == 0) {
                if (!link_row(f, i, row, cell))
                    return -ENOMEM;
                found++;
            }
    }
    return found;
}

static int resolve(struct fields *f, unsigned cell)
{
    struct cell *c = &f->cells[cell];
    for (unsigned i = 0; i < cell && !c->same; i++)
        if (strcmp(f->cells[i].name, c->name) == 0)
            c->same = f->cells[i].same ? f->cells[i].same : &f->cells[i];
    if (c->same)
        return 1;
    for (size_t i = 0; i < sizeof known / sizeof known[0]; i++)
        if (strcmp(known[i].name, c->name) == 0) {
            c->source = known[i].source;
            c->which = known[i].which;
            f->wants_malformed |= c->source == FROM_MALFORMED;
            return 1;
        }
    int found = link_name(f, c->name, cell);
    for (unsigned i = 0; i < f->dissectors; i++)
        if (strcmp(wt_dissector_at(i)->name, c->name) == 0) {
            c->source = FROM_PROTOCOL;
            f->tables[i].protocol = true;
            found = found < 0 ? found : found + 1;
        }
    for (size_t i = 0; found == 0 && i < sizeof joined / sizeof joined[0]; i++) {
        if (strcmp(joined[i].name, c->name) != 0)
            continue;
        found = link_name(f, joined[i].of[0], cell);
        int second = found > 0 && joined[i].of[1] ? link_name(f, joined[i].of[1], cell) : 0;
        found = second < 0 ? second : found;
    }
    for (size_t i = 0; found == 0 && i < sizeof valueless / sizeof valueless[0]; i++)
        found = strcmp(valueless[i], c->name) == 0;
    return found;
}

/* ---- the sink ---- */

/* The wanted cells of a row: index + 1 in links; 0: none. Rows may be of another table than the layer's own. */
static unsigned row_links(struct fields *f, const struct wt_field *field)
{
    const struct wt_dissector *d = wt_dissector_at(f->current);
    unsigned i = f->current;
    if (!(field >= d->fields && field < d->fields + d->field_count)) {
        for (i = 0; i < f->dissectors; i++) {
            d = wt_dissector_at(i);
            if (field >= d->fields && field < d->fields + d->field_count)
                break;
        }
        if (i == f->dissectors)
            return 0;
    }
    return f->tables[i].head ? f->tables[i].head[field - d->fields] : 0;
}

static bool sink_wants(struct wt_sink *sink, const struct wt_field *field)
{
    return row_links((struct fields *)sink, field) != 0;
}

/* Readies a cell for one more value; false: this occurrence is not printed. */
static bool cell_begin(struct fields *f, struct cell *c)
{
    c->count++;
    if (c->count == 1)
        return true;
    if (f->options.occurrence == 'f')
        return false;
    if (f->options.occurrence == 'l')
        out_reset(&c->text);
    else
        out_char(&c->text, f->options.aggregator);
    return true;
}

static void sink_field(struct wt_sink *sink, const struct wt_field *field, struct wt_value value, struct wt_span span)
{
    struct fields *f = (struct fields *)sink;
    (void)span;
    if (f->options.c_strings && field->type == WT_STRING && field->show != WT_NAME && value.bytes.len)
        value.bytes.len = strnlen((const char *)value.bytes.at, value.bytes.len);
    for (unsigned i = row_links(f, field); i; i = f->links[i - 1].next) {
        struct cell *c = &f->cells[f->links[i - 1].cell];
        if (cell_begin(f, c))
            value_plain(&c->text, field, value, &f->clock, f->options.safe);
    }
}

static void sink_open(struct wt_sink *sink, const struct wt_field *field, struct wt_value value, struct wt_span span,
                      const char *heading)
{
    (void)heading;
    if (field)
        sink_field(sink, field, value, span);
}

static void sink_close(struct wt_sink *sink)
{
    (void)sink;
}

static void sink_note(struct wt_sink *sink, const char *text, struct wt_span span)
{
    (void)sink;
    (void)text;
    (void)span;
}

/* ---- making ---- */

struct fields *fields_new(const struct fields_options *options, struct columns *columns, struct wt_error *err)
{
    struct fields *f = calloc(1, sizeof *f);
    if (!f)
        goto no_memory;
    f->options = *options;
    f->options.separator = options->separator ? options->separator : '\t';
    f->options.aggregator = options->aggregator ? options->aggregator : ',';
    f->columns = columns;
    f->sink = (struct wt_sink){ sink_wants, sink_field, sink_open, sink_close, sink_note };
    f->dissectors = wt_dissector_count();
    f->cells = calloc(options->count + 1, sizeof *f->cells);
    f->tables = calloc(f->dissectors + 1, sizeof *f->tables);
    if (!f->cells || !f->tables)
        goto no_memory;
    char unknown[256];
    struct wt_text u = { unknown, sizeof unknown, 0, false };
    for (unsigned i = 0; i < options->count; i++) {
        f->cells[i].name = options->names[i];
        out_init(&f->cells[i].text, -1);
        int found = resolve(f, i);
        if (found < 0)
            goto no_memory;
        if (found == 0) {
            wt_text_add(&u, "%s", u.len ? ", " : "");
            wt_text_add_safe(&u, (struct wt_slice){ (const uint8_t *)options->names[i], strlen(options->names[i]) });
        }
    }
    if (u.len) {
        wt_fail(err, -EINVAL, "no field is called: %s", unknown);
        fields_free(f);
        return NULL;
    }
    return f;
no_memory:
    wt_fail(err, -ENOMEM, "no memory for %u fields", options->count);
    fields_free(f);
    return NULL;
}

void fields_free(struct fields *f)
{
    if (!f)
        return;
    for (unsigned i = 0; f->cells && i < f->options.count; i++)
        out_done(&f->cells[i].text);
    for (unsigned i = 0; f->tables && i < f->dissectors; i++)
        free(f->tables[i].head);
    free(f->cells);
    free(f->tables);
    free(f->links);
    free(f);
}

/* ---- one packet ---- */

static void frame_cell(struct fields *f, struct cell *c, const struct wt_packet_view *view)
{
    const struct wt_frame *frame = &view->packet->frame;
    struct out *o = &c->text;
    switch ((enum frame_field)c->which) {
    case FRAME_HEADING: tree_frame_heading(frame, o); break;
    case FRAME_NUMBER: out_u64(o, frame->number); break;
    case FRAME_LEN: out_u64(o, frame->wire_len); break;
    case FRAME_CAP_LEN: out_u64(o, frame->captured_len); break;
    case FRAME_TIME: value_date(o, &f->clock, frame->time_ns); break;
    case FRAME_TIME_EPOCH: out_seconds(o, frame->time_ns, 9); break;
    case FRAME_TIME_RELATIVE: out_seconds(o, f->columns->relative_ns, 9); break;
    case FRAME_TIME_DELTA: out_seconds(o, f->columns->delta_ns, 9); break;
    case FRAME_TIME_DELTA_DISPLAYED: out_seconds(o, f->columns->delta_displayed_ns, 9); break;
    case FRAME_PROTOCOLS: columns_protocols(view, o); break;
    case FRAME_ENCAP_TYPE: out_u64(o, value_encapsulation(frame->linktype, NULL)); break;
    case FRAME_INTERFACE_ID: out_u64(o, frame->interface); break;
    case FRAME_MARKED: out_char(o, '0'); break;
    case FRAME_SECTION: out_char(o, '1'); break;
    case FRAME_SHIFT: out_text(o, "0.000000000"); break;
    }
    c->count++;
}

static void protocol_cells(struct fields *f, const struct wt_layer_view *layer)
{
    for (unsigned i = 0; i < cell_count(f); i++) {
        struct cell *c = &f->cells[i];
        if (c->source == FROM_PROTOCOL && !c->same && strcmp(c->name, layer->dissector->name) == 0
            && cell_begin(f, c))
            tree_layer_heading(layer, &c->text);
    }
}

static void malformed_cells(struct fields *f, const struct wt_dissector *d)
{
    for (unsigned i = 0; i < cell_count(f); i++) {
        struct cell *c = &f->cells[i];
        if (c->source != FROM_MALFORMED || c->same)
            continue;
        if (cell_begin(f, c))
            out_format(&c->text, "[Malformed Packet: %s]", d->short_name);
        if (cell_begin(f, c))
            out_text(&c->text, "_ws.malformed");
    }
}

static void read_layers(struct fields *f, const struct wt_packet_view *view)
{
    alignas(max_align_t) uint8_t header[WT_MAX_HEADER];
    const struct wt_dissector *d;
    unsigned own = view->packet->layer_count;
    for (unsigned i = 0; (d = columns_layer_dissector(view, i)); i++) {
        unsigned dissector = i < own ? view->packet->layers[i].dissector : view->messages[i - own].dissector;
        struct table *t = &f->tables[dissector];
        uint8_t cut = i < own ? view->packet->layers[i].cut : view->messages[i - own].cut;
        if (f->wants_malformed && cut == WT_CUT_BY_SENDER)
            malformed_cells(f, d);
        if (!t->head && !t->protocol)
            continue;
        struct wt_layer_view layer;
        if (!wt_packet_layer(view, i, header, &layer))
            continue;
        f->current = dissector;
        if (t->protocol)
            protocol_cells(f, &layer);
        if (!t->head)
            continue;
        if (d->describe)
            d->describe(&layer, &f->sink);
        else
            wt_describe_rows(&layer, &f->sink, 0, d->field_count);
    }
}

void fields_header(struct fields *f, struct out *o)
{
    if (f->options.bom)
        out_text(o, "\xef\xbb\xbf");
    if (!f->options.header)
        return;
    for (unsigned i = 0; i < cell_count(f); i++) {
        if (i)
            out_char(o, f->options.separator);
        out_text(o, f->cells[i].name);
    }
    out_line_end(o);
}

void fields_read(struct fields *f, const struct wt_packet_view *view)
{
    for (unsigned i = 0; i < cell_count(f); i++) {
        struct cell *c = &f->cells[i];
        out_reset(&c->text);
        c->count = 0;
        if (c->same)
            continue;
        if (c->source == FROM_FRAME)
            frame_cell(f, c, view);
        else if (c->source == FROM_COLUMN && ++c->count)
            columns_text(f->columns, view, (enum column_id)c->which, &c->text);
    }
    read_layers(f, view);
}

const char *fields_cell(const struct fields *f, unsigned index, struct wt_slice *ret_values)
{
    if (index >= cell_count(f))
        return NULL;
    const struct cell *c = f->cells[index].same ? f->cells[index].same : &f->cells[index];
    *ret_values = (struct wt_slice){ c->count ? (const uint8_t *)(c->text.at ? c->text.at : "") : NULL, c->text.len };
    return f->cells[index].name;
}

void fields_line(struct fields *f, const struct wt_packet_view *view, struct out *o)
{
    fields_read(f, view);
    for (unsigned i = 0; i < cell_count(f); i++) {
        const struct cell *c = f->cells[i].same ? f->cells[i].same : &f->cells[i];
        if (i)
            out_char(o, f->options.separator);
        if (!c->count)
            continue;
        if (f->options.quote)
            out_char(o, f->options.quote);
        out_bytes(o, c->text.at, c->text.len);
        if (f->options.quote)
            out_char(o, f->options.quote);
    }
    out_line_end(o);
}

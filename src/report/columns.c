#include "columns.h"

#include <stdalign.h>
#include <string.h>

#include "wiretale/connection.h"

#define INFO_BYTES 8192       /* of one layer's Info; longer is cut */

/* What the columns need to know of a layer, looked up once: names are not compared for every packet. */
enum layer_kind { KIND_OTHER, KIND_ETHERNET, KIND_SLL, KIND_IPV4, KIND_IPV6, KIND_TCP, KIND_ICMP };

static enum layer_kind kind_of_name(const char *name)
{
    static const struct { const char *name; enum layer_kind kind; } names[] = {
        { "eth", KIND_ETHERNET }, { "sll", KIND_SLL }, { "ip", KIND_IPV4 }, { "ipv6", KIND_IPV6 }, { "tcp", KIND_TCP },
        { "icmp", KIND_ICMP }, { "icmpv6", KIND_ICMP },
    };
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++)
        if (strcmp(names[i].name, name) == 0)
            return names[i].kind;
    return KIND_OTHER;
}

void columns_init(struct columns *c, enum columns_time time, unsigned digits)
{
    memset(c, 0, sizeof *c);
    c->time = time;
    c->time_digits = digits;
    c->clock.utc = time == COLUMNS_TIME_UTC || time == COLUMNS_TIME_UTC_DATE || time == COLUMNS_TIME_UTC_DAY_OF_YEAR;
    for (unsigned i = 0; i < wt_dissector_count() && i < WT_MAX_DISSECTORS; i++)
        c->kind[i] = (uint8_t)kind_of_name(wt_dissector_at(i)->name);
    static const char *const options[COLUMNS_OPTIONS] = {
        [COLUMNS_MSS] = "tcp.options.mss_val", [COLUMNS_SCALE] = "tcp.options.wscale.shift",
        [COLUMNS_SACK_PERMITTED] = "tcp.options.sack_perm", [COLUMNS_TSVAL] = "tcp.options.timestamp.tsval",
        [COLUMNS_TSECR] = "tcp.options.timestamp.tsecr",
    };
    for (unsigned i = 0; i < COLUMNS_OPTIONS; i++)
        c->option[i] = wt_field_by_name(options[i], NULL);
}

bool columns_time_parse(const char *text, enum columns_time *ret_time, unsigned *ret_digits)
{
    static const struct { const char *name; enum columns_time time; } names[] = {
        { "a", COLUMNS_TIME_ABSOLUTE },       { "ad", COLUMNS_TIME_DATE },
        { "adoy", COLUMNS_TIME_DAY_OF_YEAR }, { "d", COLUMNS_TIME_DELTA },
        { "dd", COLUMNS_TIME_DELTA_DISPLAYED }, { "e", COLUMNS_TIME_EPOCH },
        { "r", COLUMNS_TIME_RELATIVE },       { "u", COLUMNS_TIME_UTC },
        { "ud", COLUMNS_TIME_UTC_DATE },      { "udoy", COLUMNS_TIME_UTC_DAY_OF_YEAR },
    };
    size_t len = strcspn(text, ".");
    unsigned digits = COLUMNS_DIGITS_AUTO;
    if (text[len]) {
        if (text[len + 1] < '0' || text[len + 1] > '9' || text[len + 2])
            return false;
        digits = (unsigned)(text[len + 1] - '0');
    }
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++)
        if (strlen(names[i].name) == len && memcmp(names[i].name, text, len) == 0) {
            *ret_time = names[i].time;
            *ret_digits = digits;
            return true;
        }
    return false;
}

void columns_next(struct columns *c, const struct wt_packet_view *view, bool shown)
{
    int64_t now = view->packet->frame.time_ns;
    if (!c->started) {
        c->first_ns = c->previous_ns = now;
        c->started = true;
    }
    c->needs_ns |= now % 1000 != 0;
    c->relative_ns = now - c->first_ns;
    c->delta_ns = now - c->previous_ns;
    c->previous_ns = now;
    if (!shown)
        return;
    c->delta_displayed_ns = c->displayed ? now - c->displayed_ns : 0;
    c->displayed_ns = now;
    c->displayed = true;
}

/* ---- layers ---- */

const struct wt_dissector *columns_layer_dissector(const struct wt_packet_view *view, unsigned index)
{
    const struct wt_packet *p = view->packet;
    if (index < p->layer_count)
        return wt_dissector_at(p->layers[index].dissector);
    index -= p->layer_count;
    return index < view->message_count ? wt_dissector_at(view->messages[index].dissector) : NULL;
}

static bool is_named(const struct wt_dissector *d, const char *name)
{
    return strcmp(d->name, name) == 0;
}

static enum layer_kind kind_of(const struct columns *c, const struct wt_layer *layer)
{
    return layer->dissector < WT_MAX_DISSECTORS ? (enum layer_kind)c->kind[layer->dissector] : KIND_OTHER;
}

/* Layers that speak for the packet: those behind an ICMP header are the packet that an error quotes. */
static unsigned speaking_layers(const struct columns *c, const struct wt_packet_view *view)
{
    unsigned n = view->packet->layer_count;
    if (view->packet->flags & WT_PACKET_ICMP_ERROR)
        for (unsigned i = 0; i < n; i++)
            if (kind_of(c, &view->packet->layers[i]) == KIND_ICMP)
                return i + 1;
    return n;
}

void columns_protocols(const struct wt_packet_view *view, struct out *o)
{
    const struct wt_dissector *d;
    for (unsigned i = 0; (d = columns_layer_dissector(view, i)); i++) {
        if (i)
            out_char(o, ':');
        out_text(o, d->name);
        /* Wireshark counts the EtherType's look-up as a layer of its own. */
        if (columns_layer_dissector(view, i + 1) && (is_named(d, "eth") || is_named(d, "vlan") || is_named(d, "sll"))
            && !is_named(columns_layer_dissector(view, i + 1), "llc"))
            out_text(o, ":ethertype");
    }
}

/* ---- addresses ---- */

static const uint8_t *layer_bytes(const struct wt_packet *p, const struct wt_layer *layer, size_t need)
{
    if (layer->buffer >= p->buffer_count)
        return NULL;
    struct wt_slice buffer = p->buffers[layer->buffer];
    if (layer->offset > buffer.len || buffer.len - layer->offset < need || layer->captured < need)
        return NULL;
    return buffer.at + layer->offset;
}

/* side 0: source, 1: destination. False: the layer has no such address. */
static bool layer_address(const struct wt_packet *p, const struct wt_layer *layer, enum layer_kind kind,
                          unsigned side, struct out *o)
{
    const uint8_t *at;
    if (kind == KIND_IPV4 && (at = layer_bytes(p, layer, 20))) {
        out_ipv4(o, at + 12 + 4 * side);        /* RFC 791 3.1 */
        return true;
    }
    if (kind == KIND_IPV6 && (at = layer_bytes(p, layer, 40))) {
        out_ipv6(o, at + 8 + 16 * side);        /* RFC 8200 3 */
        return true;
    }
    if (kind == KIND_ETHERNET && (at = layer_bytes(p, layer, 12))) {
        out_hex_bytes(o, (struct wt_slice){ at + (side ? 0 : 6), 6 }, ':');
        return true;
    }
    if (kind == KIND_SLL && side == 0 && (at = layer_bytes(p, layer, 12)) && at[4] == 0 && at[5] == 6) {
        out_hex_bytes(o, (struct wt_slice){ at + 6, 6 }, ':');
        return true;
    }
    return false;
}

static void address(const struct columns *c, const struct wt_packet_view *view, unsigned side, struct out *o)
{
    const struct wt_packet *p = view->packet;
    for (unsigned i = speaking_layers(c, view); i > 0; i--)
        if (layer_address(p, &p->layers[i - 1], kind_of(c, &p->layers[i - 1]), side, o))
            return;
}

/* ---- Info ---- */

static const struct { uint64_t did; const char *text; } prefixes[] = {
    /* Outermost first, as Wireshark puts them. */
    { WT_DID_ZERO_WINDOW_PROBE, "[TCP ZeroWindowProbe] " },
    { WT_DID_ZERO_WINDOW, "[TCP ZeroWindow] " },
    { WT_DID_KEEP_ALIVE_ACK, "[TCP Keep-Alive ACK] " },
    { WT_DID_KEEP_ALIVE, "[TCP Keep-Alive] " },
    { WT_DID_WINDOW_FULL, "[TCP Window Full] " },
    { WT_DID_WINDOW_UPDATE, "[TCP Window Update] " },
    { WT_DID_ACKED_UNSEEN, "[TCP ACKed unseen segment] " },
    { WT_DID_GAP_BEFORE, "[TCP Previous segment not captured] " },
    { WT_DID_REUSE, "[TCP Port numbers reused] " },
    { WT_DID_OUT_OF_ORDER, "[TCP Out-Of-Order] " },
    { WT_DID_SPURIOUS, "[TCP Spurious Retransmission] " },
    { WT_DID_FAST_RETRANSMIT, "[TCP Fast Retransmission] " },
    { WT_DID_RETRANSMIT | WT_DID_SYN_RETRY | WT_DID_FIN_REPEATED, "[TCP Retransmission] " },
};
#define NOTED (WT_DID_ZERO_WINDOW_PROBE | WT_DID_ZERO_WINDOW | WT_DID_KEEP_ALIVE_ACK | WT_DID_KEEP_ALIVE \
    | WT_DID_WINDOW_FULL | WT_DID_WINDOW_UPDATE | WT_DID_ACKED_UNSEEN | WT_DID_GAP_BEFORE | WT_DID_REUSE \
    | WT_DID_OUT_OF_ORDER | WT_DID_SPURIOUS | WT_DID_FAST_RETRANSMIT | WT_DID_RETRANSMIT | WT_DID_SYN_RETRY \
    | WT_DID_FIN_REPEATED | WT_DID_DUP_ACK)

static void info_prefixes(const struct wt_packet_view *view, struct out *o)
{
    const struct wt_segment *s = view->segment;
    if (!s || !(view->packet->flags & WT_PACKET_TCP) || !(s->did & NOTED))
        return;
    if (s->did & WT_DID_DUP_ACK) {
        out_text(o, "[TCP Dup ACK ");
        out_u64(o, s->dup_ack_frame);
        out_char(o, '#');
        out_u64(o, s->dup_ack_count);
        out_text(o, "] ");
    }
    uint64_t did = s->did;
    if (did & (WT_DID_SPURIOUS | WT_DID_FAST_RETRANSMIT | WT_DID_OUT_OF_ORDER))
        did &= ~(WT_DID_RETRANSMIT | WT_DID_SYN_RETRY | WT_DID_FIN_REPEATED);
    if (did & WT_DID_SPURIOUS)
        did &= ~WT_DID_FAST_RETRANSMIT;
    for (size_t i = 0; i < sizeof prefixes / sizeof prefixes[0]; i++)
        if (did & prefixes[i].did)
            out_text(o, prefixes[i].text);
}

static bool layer_summary(const struct wt_packet_view *view, unsigned index, struct out *o)
{
    const struct wt_dissector *d = columns_layer_dissector(view, index);
    alignas(max_align_t) uint8_t header[WT_MAX_HEADER];
    struct wt_layer_view layer;
    if (!d->summarise || !wt_packet_layer(view, index, header, &layer))
        return false;
    struct wt_context context;
    if (layer.context && layer.context->did) {      /* said already, by info_prefixes() */
        context = *layer.context;
        context.did = 0;
        layer.context = &context;
    }
    char text[INFO_BYTES];
    text[0] = '\0';
    struct wt_text t = { text, sizeof text, 0, false };
    d->summarise(&layer, &t);
    out_bytes(o, text, t.len);
    return t.len > 0;
}

void columns_tcp_flags(struct out *o, unsigned flags, const char *before, const char *after)
{
    static const char *const names[] = { "FIN", "SYN", "RST", "PSH", "ACK", "URG", "ECE", "CWR", "AE" };
    out_text(o, before);
    size_t from = o->len;
    for (unsigned i = 0; i < 9; i++) {
        if (!(flags >> i & 1))
            continue;
        if (o->len > from)
            out_text(o, ", ");
        out_text(o, names[i]);
    }
    if (o->len == from)
        out_text(o, "<None>");
    out_text(o, after);
}

/* Options of a segment in the order of its header, from the fields that describe() says. */
struct option_sink {
    struct wt_sink sink;
    struct out *to;
    const struct wt_field *const *options;    /* of struct columns */
};

static enum columns_option option_of(const struct wt_sink *sink, const struct wt_field *field)
{
    const struct wt_field *const *options = ((const struct option_sink *)sink)->options;
    unsigned i = 0;
    while (i < COLUMNS_OPTIONS && options[i] != field)
        i++;
    return (enum columns_option)i;
}

static bool option_wants(struct wt_sink *sink, const struct wt_field *field)
{
    return option_of(sink, field) != COLUMNS_OPTIONS;
}

static void option_field(struct wt_sink *sink, const struct wt_field *field, struct wt_value value, struct wt_span span)
{
    struct out *o = ((struct option_sink *)sink)->to;
    (void)span;
    switch (option_of(sink, field)) {
    case COLUMNS_OPTIONS: break;
    case COLUMNS_MSS:
        out_text(o, " MSS=");
        out_u64(o, value.u);
        break;
    case COLUMNS_SCALE:
        out_text(o, " WS=");
        out_u64(o, UINT64_C(1) << (value.u < 63 ? value.u : 63));
        break;
    case COLUMNS_SACK_PERMITTED:
        out_text(o, " SACK_PERM");
        break;
    case COLUMNS_TSVAL:
        out_text(o, " TSval=");
        out_u64(o, value.u);
        break;
    case COLUMNS_TSECR:
        out_text(o, " TSecr=");
        out_u64(o, value.u);
        break;
    }
}

static void option_open(struct wt_sink *sink, const struct wt_field *field, struct wt_value value, struct wt_span span,
                        const char *heading)
{
    (void)heading;
    if (field)
        option_field(sink, field, value, span);
}

static void option_close(struct wt_sink *sink)
{
    (void)sink;
}

static void option_note(struct wt_sink *sink, const char *text, struct wt_span span)
{
    (void)sink;
    (void)text;
    (void)span;
}

static void described_options(const struct columns *c, const struct wt_packet_view *view, struct out *o)
{
    alignas(max_align_t) uint8_t header[WT_MAX_HEADER];
    struct wt_layer_view layer;
    struct option_sink s = { { option_wants, option_field, option_open, option_close, option_note }, o, c->option };
    if (wt_packet_layer(view, view->packet->transport_layer, header, &layer) && layer.dissector->describe)
        layer.dissector->describe(&layer, &s.sink);
}

static void known_options(const struct wt_tcp_summary *t, struct out *o)
{
    if (t->has_timestamps) {
        out_text(o, " TSval=");
        out_u64(o, t->ts_val);
        out_text(o, " TSecr=");
        out_u64(o, t->ts_ecr);
    }
}

/* What it brings is not shown here, but where the message that it belongs to is complete. */
static void part_info(const struct wt_context *c, struct out *o)
{
    if (!c->part_of)
        return;
    if (c->has & WT_HAS_COMPAT) {
        out_text(o, " [TCP segment of a reassembled PDU]");
        return;
    }
    out_text(o, c->part_of[0] == 'H' ? " [part of an " : " [part of a ");
    out_text(o, c->part_of);
    out_text(o, " message]");
}

/* A segment whose place in its connection is known; nearly every one has no option but timestamps and SACK blocks. */
static bool segment_info(const struct columns *columns, const struct wt_packet_view *view, struct out *o)
{
    const struct wt_packet *p = view->packet;
    const struct wt_tcp_summary *t = &p->tcp;
    const struct wt_context *c = view->context;
    const struct wt_layer *layer = &p->layers[p->transport_layer];
    const uint8_t *at = layer_bytes(p, layer, 20);
    if (!(c->has & WT_HAS_TCP) || !at || layer->cut != WT_WHOLE)
        return false;
    out_u64(o, wt_be16(at));
    out_text(o, " \xe2\x86\x92 ");
    out_u64(o, wt_be16(at + 2));
    out_char(o, ' ');
    columns_tcp_flags(o, t->flags, "[", "]");
    out_text(o, " Seq=");
    out_u64(o, c->seq_relative);
    if (t->flags & WT_FLAG_ACK) {
        out_text(o, " Ack=");
        out_u64(o, c->ack_relative);
    }
    out_text(o, " Win=");
    out_u64(o, c->window_scaled);
    if (t->flags & WT_FLAG_URG) {
        out_text(o, " Urg=");
        out_u64(o, wt_be16(at + 18));
    }
    out_text(o, " Len=");
    out_u64(o, c->payload_bytes);
    if (t->mss || t->wscale != 255 || t->sack_permitted)
        described_options(columns, view, o);
    else
        known_options(t, o);
    uint32_t base = t->flags & WT_FLAG_ACK ? t->ack - c->ack_relative : 0;      /* blocks count from where the ACK does */
    for (unsigned i = 0; i < t->sack_count && i < WT_MAX_SACK_BLOCKS; i++) {
        out_text(o, " SLE=");
        out_u64(o, t->sack[i][0] - base);
        out_text(o, " SRE=");
        out_u64(o, t->sack[i][1] - base);
    }
    part_info(c, o);
    return true;
}

static bool messages_info(const struct wt_packet_view *view, struct out *o)
{
    bool done = false;
    for (unsigned i = 0; i < view->message_count; i++) {
        size_t before = o->len;
        if (done && before && o->at[before - 1] != ' ')
            out_text(o, ", ");
        if (layer_summary(view, view->packet->layer_count + i, o))
            done = true;
        else
            o->len = before;
    }
    return done;
}

static void info(const struct columns *c, const struct wt_packet_view *view, struct out *o)
{
    const struct wt_packet *p = view->packet;
    unsigned layers = speaking_layers(c, view);
    info_prefixes(view, o);
    bool done = view->message_count && messages_info(view, o);
    if (!done && layers && kind_of(c, &p->layers[layers - 1]) == KIND_TCP && p->transport_layer == layers - 1)
        done = segment_info(c, view, o);
    for (unsigned i = layers; i > 0 && !done; i--)
        done = layer_summary(view, i - 1, o);
    if (!done && layers)
        out_text(o, wt_dissector_at(p->layers[layers - 1].dissector)->title);
    else if (!done)
        out_format(o, "Link type %u, which is not dissected", p->frame.linktype);
    if (p->flags & WT_PACKET_MALFORMED)
        out_text(o, "[Malformed Packet]");
    else if (p->flags & WT_PACKET_TRUNCATED)
        out_text(o, "[Packet size limited during capture]");
}

/* ---- columns ---- */

void columns_time(struct columns *c, int64_t now, struct out *o)
{
    struct value_clock *clock = &c->clock;
    unsigned digits = c->time_digits != COLUMNS_DIGITS_AUTO ? c->time_digits : c->needs_ns ? 9 : 6;
    switch (c->time) {
    case COLUMNS_TIME_RELATIVE: out_seconds(o, c->relative_ns, digits); break;
    case COLUMNS_TIME_DELTA: out_seconds(o, c->delta_ns, digits); break;
    case COLUMNS_TIME_DELTA_DISPLAYED: out_seconds(o, c->delta_displayed_ns, digits); break;
    case COLUMNS_TIME_EPOCH: out_seconds(o, now, digits); break;
    case COLUMNS_TIME_ABSOLUTE: case COLUMNS_TIME_UTC: value_time_of_day(o, clock, now, 0, digits); break;
    case COLUMNS_TIME_DATE: case COLUMNS_TIME_UTC_DATE: value_time_of_day(o, clock, now, 1, digits); break;
    case COLUMNS_TIME_DAY_OF_YEAR: case COLUMNS_TIME_UTC_DAY_OF_YEAR: value_time_of_day(o, clock, now, 2, digits); break;
    }
}

static void protocol_column(const struct columns *c, const struct wt_packet_view *view, struct out *o)
{
    const struct wt_dissector *d = NULL;
    if (view->message_count)
        d = wt_dissector_at(view->messages[view->message_count - 1].dissector);
    else if (view->packet->layer_count)
        d = wt_dissector_at(view->packet->layers[speaking_layers(c, view) - 1].dissector);
    out_text(o, d ? d->short_name : "Unknown");
}

void columns_text(struct columns *c, const struct wt_packet_view *view, enum column_id id, struct out *o)
{
    const struct wt_frame *frame = &view->packet->frame;
    switch (id) {
    case COLUMN_NUMBER: out_u64(o, frame->number); break;
    case COLUMN_TIME: columns_time(c, frame->time_ns, o); break;
    case COLUMN_SOURCE: address(c, view, 0, o); break;
    case COLUMN_DESTINATION: address(c, view, 1, o); break;
    case COLUMN_PROTOCOL: protocol_column(c, view, o); break;
    case COLUMN_LENGTH: out_u64(o, frame->wire_len); break;
    case COLUMN_INFO: info(c, view, o); break;
    case COLUMN_COUNT: break;
    }
}

/* Pads the text from `from` on to `width` on its left: these columns are ASCII. */
static void align_right(struct out *o, size_t from, size_t width)
{
    size_t len = o->len - from;
    if (len >= width || !out_room(o, width - len))
        return;
    memmove(o->at + from + (width - len), o->at + from, len);
    memset(o->at + from, ' ', width - len);
    o->len = from + width;
}

void columns_line(struct columns *c, const struct wt_packet_view *view, struct out *o)
{
    size_t from = o->len;
    columns_text(c, view, COLUMN_NUMBER, o);
    align_right(o, from, 5);
    out_char(o, ' ');
    from = o->len;
    columns_text(c, view, COLUMN_TIME, o);
    align_right(o, from, 10);
    out_char(o, ' ');
    from = o->len;
    columns_text(c, view, COLUMN_SOURCE, o);
    align_right(o, from, 12);
    out_text(o, " \xe2\x86\x92 ");
    from = o->len;
    columns_text(c, view, COLUMN_DESTINATION, o);
    if (o->len - from < 12)
        out_spaces(o, 12 - (o->len - from));
    out_char(o, ' ');
    columns_text(c, view, COLUMN_PROTOCOL, o);
    out_char(o, ' ');
    columns_text(c, view, COLUMN_LENGTH, o);
    out_char(o, ' ');
    columns_text(c, view, COLUMN_INFO, o);
}

#include "report/connections.h"

#include <inttypes.h>
#include <netinet/in.h>
#include <string.h>

#include "base/i18n.h"
#include "report/text_units.h"
#include "report/text_words.h"

#define CHUNK 400      /* rows by which the widths are chosen */

static const struct table_column all_columns[] = {
    { .title = "#", .right = true, .start = 3 },
    { .title = N_("start"), .right = true, .drop = 9, .start = 10 },
    { .title = N_("client"), .least = 9, .start = 18 },
    { .title = "", .start = 1 },
    { .title = N_("server"), .least = 9, .start = 18 },
    { .title = N_("service"), .drop = 2, .start = 7 },
    { .title = N_("outcome"), .start = 10 },
    { .title = N_("rtt"), .right = true, .drop = 3, .start = 7 },
    { .title = N_("out"), .right = true, .drop = 5, .start = 7 },
    { .title = N_("in"), .right = true, .drop = 5, .start = 7 },
    { .title = N_("again"), .right = true, .drop = 7, .start = 5 },
    { .title = N_("lasted"), .right = true, .drop = 4, .start = 7 },
    { .title = N_("history"), .drop = 10, .start = 8 },
    { .title = N_("name"), .drop = 8, .least = 10, .start = 20 },
    { .title = N_("state"), .drop = 11, .start = 6 },
    { .title = N_("community id"), .drop = 12, .start = 30 },
};
#define NARROW 14      /* of them without --wide */

void connections_begin(struct connections_page *c, const struct page *page, const struct names *names, int64_t zero_ns,
                       uint64_t count, bool wide, bool live)
{
    *c = (struct connections_page){ .page = page, .names = names, .zero_ns = zero_ns, .live = live };
    memcpy(c->columns, all_columns, sizeof all_columns);
    for (uint64_t n = count; n >= 1000; n /= 10)
        c->columns[0].start++;
    table_begin(&c->table, page, 0, c->columns, wide ? 16 : NARROW);
    c->table.drop_first = true;
    if (live)
        table_stream(&c->table);
}

static enum style outcome_style(unsigned outcome)
{
    switch (outcome) {
    case WT_OUTCOME_REFUSED:
    case WT_OUTCOME_UNREACHABLE:
    case WT_OUTCOME_UNANSWERED:
        return STYLE_BAD;
    case WT_OUTCOME_RESET:
    case WT_OUTCOME_HALF_OPEN:
    case WT_OUTCOME_ABANDONED:
        return STYLE_WARN;
    default:
        return STYLE_PLAIN;
    }
}

static void endpoint_cell(struct table *t, const struct wt_connection *c, unsigned side)
{
    char text[64] = "";
    struct wt_text at = { .at = text, .capacity = sizeof text };
    words_endpoint(&at, c->family, c->side[side].address, c->protocol, c->side[side].port);
    table_text(t, side ? STYLE_SERVER : STYLE_CLIENT, text);
}

/* The server's name, or the client's where only that is known. */
static void name_cell(struct connections_page *p, const struct wt_connection *c)
{
    char shown[1100] = "";
    struct wt_text t = { .at = shown, .capacity = sizeof shown };
    unsigned side = 1;
    const char *name = words_name(p->names, c->family, c->side[1].address, c->start_ns);
    if (!name) {
        name = words_name(p->names, c->family, c->side[0].address, c->start_ns);
        side = 0;
    }
    if (name) {
        size_t n = strlen(name);
        if (side == 0)
            wt_text_add(&t, "client ");
        page_safe(p->page, &t, (struct wt_slice){ (const uint8_t *)name, n > 1 && name[n - 1] == '.' ? n - 1 : n });
    }
    table_text(&p->table, side ? STYLE_SERVER : STYLE_CLIENT, shown);
}

static void service_cell(struct table *t, const struct wt_connection *c)
{
    char text[40] = "";
    struct wt_text at = { .at = text, .capacity = sizeof text };
    if (c->service && c->service[0])
        wt_text_add(&at, "%s", c->service);
    else
        words_protocol(&at, c->protocol);
    table_text(t, STYLE_PLAIN, text);
}

void connections_add(struct connections_page *p, const struct wt_connection *c)
{
    struct table *t = &p->table;
    if (c->number)
        table_cell(t, STYLE_PLAIN, "%" PRIu64, c->number);
    else
        table_text(t, STYLE_DIM, "?");
    int64_t start = c->start_ns - p->zero_ns;
    table_cell(t, STYLE_DIM, "%s%" PRId64 ".%06" PRId64, start < 0 ? "-" : "",
               (start < 0 ? -start : start) / 1000000000, (start < 0 ? -start : start) % 1000000000 / 1000);
    endpoint_cell(t, c, 0);
    table_text(t, STYLE_DIM, page_glyph(p->page, c->flags & WT_CONN_GUESSED ? GLYPH_BOTH : GLYPH_ARROW_RIGHT));
    endpoint_cell(t, c, 1);
    service_cell(t, c);
    table_text(t, outcome_style(c->outcome), wt_outcome_name((enum wt_outcome)c->outcome));
    int64_t rtt = wt_handshake_ns(c);
    if (rtt >= 0)
        table_duration(t, STYLE_PLAIN, rtt);
    else
        table_text(t, STYLE_DIM, "");
    table_bytes(t, c->side[0].payload_bytes);
    table_bytes(t, c->side[1].payload_bytes);
    uint64_t again = (uint64_t)c->side[0].retransmissions + c->side[1].retransmissions;
    if (again)
        table_cell(t, STYLE_WARN, "%" PRIu64, again);
    else
        table_text(t, STYLE_DIM, "");
    table_duration(t, STYLE_PLAIN, c->end_ns - c->start_ns);
    table_text(t, STYLE_DIM, c->history);
    name_cell(p, c);
    if (t->column_count > NARROW) {
        table_text(t, STYLE_PLAIN, c->conn_state);
        char id[32];
        wt_connection_community_id(c, id);
        table_text(t, STYLE_DIM, id);
    }
    if (p->live || t->row_count >= CHUNK)
        table_flush(t);
}

void connections_end(struct connections_page *p)
{
    table_end(&p->table);
}

/* ---- JSON: the members that a timeline has, too, are the same there ---- */

static bool has_ports(unsigned protocol)
{
    return protocol == IPPROTO_TCP || protocol == IPPROTO_UDP;
}

static void json_tcp_side(struct json *j, const struct wt_connection *c, unsigned side)
{
    const struct wt_side *s = &c->side[side];
    json_text(j, "state", wt_tcp_state_name((enum wt_tcp_state)s->state));
    json_bool(j, "state_inferred", c->flags & (side ? WT_CONN_STATE_INFERRED_1 : WT_CONN_STATE_INFERRED_0));
    const struct { const char *key; uint64_t value; } counts[] = {
        { "unique_bytes", s->unique_bytes },   { "retransmitted_bytes", s->retransmitted_bytes },
        { "missing_bytes", s->missing_bytes }, { "retransmissions", s->retransmissions },
        { "out_of_order", s->out_of_order },   { "duplicated", s->duplicated },
        { "duplicate_acks", s->duplicate_acks },
        { "zero_windows", s->zero_windows },   { "keep_alives", s->keep_alives },
        { "syns", s->syns },                   { "fins", s->fins },
        { "rsts", s->rsts },
    };
    for (unsigned i = 0; i < sizeof counts / sizeof counts[0]; i++)
        json_uint(j, counts[i].key, counts[i].value);
    if (s->mss)
        json_uint(j, "mss", s->mss);
    if (s->wscale != 255)
        json_uint(j, "window_scale", s->wscale);
    json_bool(j, "sack_permitted", s->sack_permitted);
    json_bool(j, "timestamps", s->timestamps);
    json_bool(j, "ecn", s->sent_ecn);
    if (c->first_data_ns[side])
        json_ms(j, "first_data_ms", c->first_data_ns[side] - c->start_ns);
}

static void json_side(struct json *j, const char *key, const struct wt_connection *c, unsigned side,
                      const struct names *names)
{
    const struct wt_side *s = &c->side[side];
    json_open(j, key, '{');
    json_address(j, "address", c->family, s->address);
    if (has_ports(c->protocol))
        json_uint(j, "port", s->port);
    const char *name = words_name(names, c->family, s->address, c->start_ns);
    if (name)
        json_text(j, "name", name);
    json_uint(j, "packets", s->packets);
    json_uint(j, "wire_bytes", s->wire_bytes);
    json_uint(j, "ip_bytes", s->ip_bytes);
    json_uint(j, "payload_bytes", s->payload_bytes);
    json_uint(j, "ttl", s->ttl);
    json_uint(j, "bad_checksums", s->bad_checksums);
    if (c->protocol == IPPROTO_TCP)
        json_tcp_side(j, c, side);
    json_close(j);
}

static void json_flags(struct json *j, const struct wt_connection *c)
{
    static const struct { uint32_t flag; const char *name; } names[] = {
        { WT_CONN_MIDSTREAM, "midstream" },         { WT_CONN_GUESSED, "direction-guessed" },
        { WT_CONN_RESUMED, "resumed" },             { WT_CONN_MISSED_FRAMES, "missed-frames" },
        { WT_CONN_REUSED_TUPLE, "reused-tuple" },   { WT_CONN_SIMULTANEOUS, "simultaneous-open" },
        { WT_CONN_FAST_OPEN, "fast-open" },         { WT_CONN_ONE_SIDED, "one-sided" },
        { WT_CONN_PARTIAL, "partial" },             { WT_CONN_FLIPPED, "flipped" },
        { WT_CONN_MPTCP, "mptcp" },                 { WT_CONN_NEVER_COMPLETED, "never-completed" },
        { WT_CONN_SYN_ACK_FIRST, "syn-ack-first" },
    };
    json_open(j, "flags", '[');
    for (unsigned i = 0; i < sizeof names / sizeof names[0]; i++)
        if (c->flags & names[i].flag)
            json_text(j, NULL, names[i].name);
    json_close(j);
}

static const char *const side_names[] = { "client", "server", "both" };
static const char *const ends[] = { "closed", "timeout", "capture", "evicted", "reused" };

static const char *end_name(unsigned why)
{
    return why < sizeof ends / sizeof ends[0] ? ends[why] : NULL;
}

static void json_tcp_part(struct json *j, const struct wt_connection *c)
{
    if (wt_handshake_ns(c) >= 0) {
        json_ms(j, "handshake_ms", wt_handshake_ns(c));
        json_ms(j, "syn_to_syn_ack_ms", c->syn_ack_ns - c->syn_ns);
        json_ms(j, "syn_ack_to_ack_ms", c->ack_ns - c->syn_ack_ns);
    }
    json_text(j, "close", wt_close_kind_name((enum wt_close_kind)c->close_kind));
    if (c->first_closer < 2)
        json_text(j, "first_closer", side_names[c->first_closer]);
    if (c->reset_by < 2)
        json_text(j, "reset_by", side_names[c->reset_by]);
    if (c->time_wait.holder > 2)
        return;
    json_open(j, "time_wait", '{');
    json_text(j, "holder", side_names[c->time_wait.holder]);
    json_time(j, "start", c->time_wait.start_ns);
    json_time(j, "end", c->time_wait.end_ns);
    json_bool(j, "by_rule", c->time_wait.ended != WT_END_REUSED);
    json_text(j, "ended", end_name(c->time_wait.ended));
    json_uint(j, "segments_in", c->time_wait.segments_in);
    json_close(j);
}

void connections_json(FILE *to, const struct wt_connection *c, const struct names *names)
{
    char protocol[24] = "";
    struct wt_text t = { .at = protocol, .capacity = sizeof protocol };
    words_protocol(&t, c->protocol);
    struct json j;
    json_begin(&j, to);
    json_open(&j, NULL, '{');
    json_text(&j, "schema", "wiretale-connection");
    json_uint(&j, "version", CONNECTION_SCHEMA_VERSION);
    if (c->number)
        json_uint(&j, "connection", c->number);
    json_uint(&j, "protocol", c->protocol);
    json_text(&j, "protocol_name", protocol);
    json_uint(&j, "family", c->family);
    if (c->protocol == IPPROTO_TCP && c->stream != UINT32_MAX)
        json_uint(&j, "stream", c->stream);
    if (c->vlan)
        json_uint(&j, "vlan", c->vlan - 1u);
    char id[32];
    wt_connection_community_id(c, id);
    json_text(&j, "community_id", id);
    json_text(&j, "service", c->service && c->service[0] ? c->service : NULL);
    json_side(&j, "client", c, 0, names);
    json_side(&j, "server", c, 1, names);
    json_time(&j, "start", c->start_ns);
    json_time(&j, "end", c->end_ns);
    json_unix(&j, "start_unix", c->start_ns);
    json_ms(&j, "duration_ms", c->end_ns - c->start_ns);
    json_uint(&j, "first_frame", c->first_frame);
    json_uint(&j, "last_frame", c->last_frame);
    json_text(&j, "outcome", wt_outcome_name((enum wt_outcome)c->outcome));
    json_text(&j, "ended", end_name(c->why));
    json_text(&j, "conn_state", c->conn_state);
    json_text(&j, "history", c->history);
    if (c->protocol == IPPROTO_TCP)
        json_tcp_part(&j, c);
    if (c->icmp_error) {
        json_open(&j, "icmp_error", '{');
        json_uint(&j, "type", c->icmp_error >> 8);
        json_uint(&j, "code", c->icmp_error & 255u);
        json_close(&j);
    }
    json_bool(&j, "midstream", c->flags & WT_CONN_MIDSTREAM);
    json_bool(&j, "guessed", c->flags & WT_CONN_GUESSED);
    json_flags(&j, c);
    json_end(&j);
}

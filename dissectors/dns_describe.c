/* The detail of a DNS message, in the order of its bytes: header, sections, and what pairing found. */
#include "dissectors/dns_impl.h"

static bool wanted(const struct wt_sink *sink, enum dns_field field)
{
    return !sink->wants || sink->wants((struct wt_sink *)(uintptr_t)sink, &dns_fields[field]);
}

/* Headings are for the tree, which wants everything. */
static bool whole_tree(const struct wt_sink *sink)
{
    return sink->wants == NULL;
}

static void open_heading(struct dns_part *part, const char *heading, uint32_t at, uint32_t end)
{
    part->sink->open(part->sink, NULL, (struct wt_value){ .u = 0 }, wt_view_span(part->view, at, end - at), heading);
}

/* ---- one item at part->at ---- */

void dns_say_value(struct dns_part *part, enum dns_field field, uint64_t value, uint32_t at, uint32_t len)
{
    wt_say_number(part->view, part->sink, &dns_fields[field], value, at, len);
}

void dns_part_bad(struct dns_part *part, uint64_t bytes)
{
    part->bad = true;
    part->beyond = part->beyond || part->at + bytes > part->dns->message.len;
}

bool dns_say_number(struct dns_part *part, enum dns_field field, unsigned bytes, uint64_t *ret_value)
{
    if (part->end - part->at < bytes) {
        dns_part_bad(part, bytes);
        return false;
    }
    const uint8_t *p = part->dns->message.at + part->at;
    uint64_t value = bytes == 1 ? p[0] : bytes == 2 ? wt_be16(p) : wt_be32(p);
    dns_say_value(part, field, dns_fields[field].type == WT_TIME ? value * 1000000000u : value, part->at, bytes);
    part->at += bytes;
    if (ret_value)
        *ret_value = value;
    return true;
}

bool dns_say_name(struct dns_part *part, enum dns_field field)
{
    struct dns_name name;
    uint8_t buffer[DNS_NAME_TEXT];
    struct wt_slice within = { part->dns->message.at, part->end };
    dns_name_shown(part->view, within, part->at, &name);
    if (name.status == DNS_NAME_SHORT || name.status == DNS_NAME_BAD_LABEL) {
        part->bad = true;
        part->beyond = part->beyond || dns_name_read(part->dns->message, part->at, &name) != DNS_NAME_OK;
        if (name.extended)
            wt_say_bytes(part->view, part->sink, &dns_fields[field], dns_name_text(&name, buffer), part->at, name.end - part->at);
        return false;
    }
    if (wanted(part->sink, field))
        wt_say_bytes(part->view, part->sink, &dns_fields[field], dns_name_text(&name, buffer), part->at,
                     name.end - part->at);
    part->at = name.end;
    return true;
}

bool dns_say_bytes(struct dns_part *part, enum dns_field field, uint32_t len)
{
    if (part->end - part->at < len) {
        dns_part_bad(part, len);
        return false;
    }
    struct wt_slice value = { part->dns->message.at + part->at, len };
    wt_say_bytes(part->view, part->sink, &dns_fields[field], value, part->at, len);
    part->at += len;
    return true;
}

void dns_say_rest(struct dns_part *part, enum dns_field field)
{
    dns_say_bytes(part, field, part->end - part->at);
}

bool dns_say_text(struct dns_part *part, enum dns_field len_field, enum dns_field field)
{
    uint64_t len;
    return dns_say_number(part, len_field, 1, &len) && dns_say_bytes(part, field, (uint32_t)len);
}

/* ---- the header ---- */

static void describe_flags(struct dns_part *part, bool llmnr)
{
    static const uint8_t query[] = { DNS_F_RESPONSE, DNS_F_OPCODE, DNS_F_TRUNCATED, DNS_F_RECDESIRED, DNS_F_Z,
                                     DNS_F_CHECKDISABLE };
    static const uint8_t response[] = { DNS_F_RESPONSE, DNS_F_OPCODE, DNS_F_AUTHORITATIVE, DNS_F_TRUNCATED,
                                        DNS_F_RECDESIRED, DNS_F_RECAVAIL, DNS_F_Z, DNS_F_AUTHENTICATED,
                                        DNS_F_CHECKDISABLE, DNS_F_RCODE };
    static const uint8_t llmnr_query[] = { DNS_F_RESPONSE, DNS_F_OPCODE, DNS_F_CONFLICT, DNS_F_TRUNCATED,
                                           DNS_F_TENTATIVE };
    static const uint8_t llmnr_response[] = { DNS_F_RESPONSE, DNS_F_OPCODE, DNS_F_CONFLICT, DNS_F_TRUNCATED,
                                              DNS_F_TENTATIVE, DNS_F_RCODE };
    static const struct {
        const uint8_t *row;
        unsigned count;
    } sets[2][2] = {
        { { query, sizeof query }, { response, sizeof response } },
        { { llmnr_query, sizeof llmnr_query }, { llmnr_response, sizeof llmnr_response } },
    };
    const struct dns *dns = part->dns;
    bool is_response = dns->flags & DNS_FLAG_QR;
    char line[96];
    struct wt_text heading = { line, sizeof line, 0, false };
    const char *opcode = wt_value_name(dns_opcode_names, dns->flags >> 11 & 0xf);
    wt_text_add(&heading, "Flags: 0x%04x %s", dns->flags, opcode ? opcode : "Unknown operation");
    if (is_response) {
        const char *rcode = wt_value_name(dns_rcode_names, dns->flags & 0xf);
        wt_text_add(&heading, " response, %s", rcode ? rcode : "Unknown error");
    }
    part->sink->open(part->sink, &dns_fields[DNS_F_FLAGS], (struct wt_value){ .u = dns->flags },
                     wt_view_span(part->view, 2, 2), line);
    for (unsigned i = 0; i < sets[llmnr][is_response].count; i++) {
        const struct wt_field *f = &dns_fields[sets[llmnr][is_response].row[i]];
        if (f == &dns_fields[DNS_F_CHECKDISABLE] && !is_response && dns->flags & DNS_FLAG_AD)   /* RFC 6840 5.7: it is welcome */
            wt_say_number(part->view, part->sink, &dns_fields[DNS_F_AUTHENTICATED], 1, 2, 2);
        wt_say_number(part->view, part->sink, f, wt_field_number(f, dns), 2, 2);
    }
    part->sink->close(part->sink);
}

/* As much of it as there is. */
static void describe_header(struct dns_part *part, bool llmnr)
{
    static const enum dns_field counts[2][DNS_SECTIONS] = {
        { DNS_F_QUERIES, DNS_F_ANSWERS, DNS_F_AUTH_RR, DNS_F_ADD_RR },
        { DNS_F_ZONES, DNS_F_PREREQUISITES, DNS_F_UPDATES, DNS_F_ADD_RR },
    };
    const struct dns *dns = part->dns;
    bool update = (dns->flags >> 11 & 0xf) == 5;
    if (part->end >= (dns_compat(part->view) ? 4u : 2u))
        dns_say_value(part, DNS_F_ID, dns->id, 0, 2);
    if (part->end >= 4)
        describe_flags(part, llmnr);
    for (unsigned i = 0; i < DNS_SECTIONS && part->end >= 6 + 2 * i; i++)
        dns_say_value(part, counts[update][i], dns->count[i], 4 + 2 * i, 2);
}

/* ---- entries ---- */

static void add_heading(struct wt_text *text, const struct dns_part *part, const struct dns_record *r, bool mdns)
{
    struct dns_name name;
    uint8_t buffer[DNS_NAME_TEXT];
    dns_name_shown(part->view, part->dns->message, r->at, &name);
    wt_text_add_safe(text, dns_name_text(&name, buffer));
    uint16_t klass = mdns ? r->klass & 0x7fff : r->klass;
    const char *class_name = wt_value_name(dns_class_names, klass);
    wt_text_add(text, ": type ");
    dns_add_type(text, r->type);
    if (r->type == DNS_OPT)
        return;
    if (class_name)
        wt_text_add(text, ", class %s", class_name);
    else
        wt_text_add(text, ", class 0x%04x", klass);
    if (r->section == DNS_QUESTION)
        return;
    if (mdns && r->klass & 0x8000)
        wt_text_add(text, ", cache flush");
    dns_add_data(text, part->dns, r);
}

static void open_entry(struct dns_part *part, const struct dns_record *r, bool mdns)
{
    char line[1200];
    line[0] = '\0';
    if (whole_tree(part->sink)) {
        struct wt_text heading = { line, sizeof line, 0, false };
        add_heading(&heading, part, r, mdns);
    }
    open_heading(part, line, r->at, r->end);
}

static void describe_question(struct dns_part *part, const struct dns_record *r, bool mdns)
{
    struct dns_name name;
    uint8_t buffer[DNS_NAME_TEXT];
    dns_name_shown(part->view, part->dns->message, r->at, &name);
    struct wt_slice text = dns_name_text(&name, buffer);
    wt_say_bytes(part->view, part->sink, &dns_fields[DNS_F_QRY_NAME], text, r->at, r->fixed - r->at);
    dns_say_value(part, DNS_F_QRY_NAME_LEN, text.len, 0, 0);
    unsigned labels = 1;                       /* of the text, so a dot within a label counts, as in Wireshark */
    for (size_t i = 0; i < text.len; i++)
        labels += text.at[i] == '.';
    dns_say_value(part, DNS_F_LABELS, labels, 0, 0);
    dns_say_value(part, DNS_F_QRY_TYPE, r->type, r->fixed, 2);
    dns_say_value(part, DNS_F_QRY_CLASS, mdns ? r->klass & 0x7fffu : r->klass, r->fixed + 2, 2);
    if (mdns)
        dns_say_value(part, DNS_F_QRY_QU, r->klass >> 15, r->fixed + 2, 2);
}

/* The name of a service record says service and protocol (RFC 2782). */
static void describe_service_name(struct dns_part *part, const struct dns_name *name, const struct dns_record *r)
{
    static const enum dns_field fields[] = { DNS_F_SRV_SERVICE, DNS_F_SRV_PROTO };
    uint8_t buffer[DNS_NAME_TEXT];
    struct wt_slice text = dns_name_text(name, buffer);
    size_t at = 0;
    for (unsigned i = 0; i < 2; i++) {
        size_t end = at;
        while (end < text.len && text.at[end] != '.')
            end++;
        if (end == text.len)
            break;
        wt_say_bytes(part->view, part->sink, &dns_fields[fields[i]], (struct wt_slice){ text.at + at, end - at },
                     r->at, r->fixed - r->at);
        at = end + 1;
    }
    wt_say_bytes(part->view, part->sink, &dns_fields[DNS_F_SRV_NAME],
                 (struct wt_slice){ text.at + at, text.len - at }, r->at, r->fixed - r->at);
}

static void describe_edns(struct dns_part *part, const struct dns_record *r)
{
    uint16_t z = (uint16_t)(r->ttl & 0xffff);
    dns_say_value(part, DNS_F_PAYLOAD_SIZE, r->klass, r->fixed + 2, 2);
    dns_say_value(part, DNS_F_EXT_RCODE, r->ttl >> 24, r->fixed + 4, 1);
    dns_say_value(part, DNS_F_EDNS_VERSION, r->ttl >> 16 & 0xff, r->fixed + 5, 1);
    part->sink->open(part->sink, &dns_fields[DNS_F_RESP_Z], (struct wt_value){ .u = z },
                     wt_view_span(part->view, r->fixed + 6, 2), NULL);
    dns_say_value(part, DNS_F_RESP_DO, z >> 15, r->fixed + 6, 2);
    dns_say_value(part, DNS_F_RESP_Z_RESERVED, z & 0x7fffu, r->fixed + 6, 2);
    part->sink->close(part->sink);
}

/* False: its data end within an item, and the message with it. */
static bool describe_record(struct dns_part *part, const struct dns_record *r, bool mdns)
{
    struct dns_name name;
    uint8_t buffer[DNS_NAME_TEXT];
    dns_name_shown(part->view, part->dns->message, r->at, &name);
    if (r->type == DNS_SRV)
        describe_service_name(part, &name, r);
    else
        wt_say_bytes(part->view, part->sink, &dns_fields[DNS_F_RESP_NAME], dns_name_text(&name, buffer), r->at,
                     r->fixed - r->at);
    dns_say_value(part, DNS_F_RESP_TYPE, r->type, r->fixed, 2);
    if (r->type == DNS_OPT) {
        describe_edns(part, r);
    } else {
        dns_say_value(part, DNS_F_RESP_CLASS, mdns ? r->klass & 0x7fffu : r->klass, r->fixed + 2, 2);
        if (mdns)
            dns_say_value(part, DNS_F_CACHE_FLUSH, r->klass >> 15, r->fixed + 2, 2);
        dns_say_value(part, DNS_F_RESP_TTL, r->ttl, r->fixed + 4, 4);
    }
    dns_say_value(part, DNS_F_RESP_LEN, r->data_len, r->data - 2, 2);
    if (!r->data_len)
        return true;
    struct dns_part data = *part;
    data.at = r->data;
    data.end = r->end;
    data.bad = data.beyond = false;
    if (r->type == DNS_OPT)
        dns_describe_options(&data);
    else
        dns_describe_data(&data, r->type);
    if (data.bad)
        part->sink->note(part->sink, "[Malformed: the record's data ends within an item]",
                         wt_view_span(part->view, r->data, r->data_len));
    return !data.beyond;
}

static void describe_pairing(struct dns_part *part)
{
    const struct wt_layer_view *view = part->view;
    const struct wt_pairing *pairing = view->pairing;
    if (!pairing && view->context)
        pairing = &view->context->pairing;
    if (!pairing)
        return;
    bool response = part->dns->flags & DNS_FLAG_QR;
    if (pairing->request_frame) {
        dns_say_value(part, DNS_F_RESPONSE_TO, pairing->request_frame, 0, 0);
        dns_say_value(part, DNS_F_TIME, (uint64_t)pairing->time_ns, 0, 0);
    }
    if (pairing->repeats_frame) {
        dns_say_value(part, DNS_F_RETRANSMISSION, 1, 0, 0);
        dns_say_value(part, response ? DNS_F_RETRANSMIT_RESPONSE_IN : DNS_F_RETRANSMIT_REQUEST_IN,
                      pairing->repeats_frame, 0, 0);
    }
}

void dns_describe(const struct wt_layer_view *view, struct wt_sink *sink)
{
    static const char *const titles[2][DNS_SECTIONS] = {
        { "Queries", "Answers", "Authoritative nameservers", "Additional records" },
        { "Zone", "Prerequisites", "Updates", "Additional records" },
    };
    const struct dns *dns = view->header;
    struct dns_part part = { .view = view, .sink = sink, .dns = dns, .end = (uint32_t)dns->message.len };
    bool mdns = view->dissector == &mdns_dissector, update = (dns->flags >> 11 & 0xf) == 5;
    describe_header(&part, view->dissector == &llmnr_dissector);
    struct dns_walk walk = dns_walk(dns);
    struct dns_record r;
    unsigned open = DNS_SECTIONS;
    bool whole = true;
    while (whole && dns_walk_next(&walk, &r)) {
        if (dns_compat(view) && dns_gives_up(dns, &r)) {
            whole = false;
            break;
        }
        if (r.section != open) {
            if (open != DNS_SECTIONS)
                sink->close(sink);
            open = r.section;
            open_heading(&part, titles[update][open], r.at, dns->end);
        }
        open_entry(&part, &r, mdns);
        if (r.section == DNS_QUESTION)
            describe_question(&part, &r, mdns);
        else
            whole = describe_record(&part, &r, mdns);
        sink->close(sink);
        whole = whole || !dns_compat(view);
    }
    if (open != DNS_SECTIONS)
        sink->close(sink);
    if (whole && dns_compat(view) && dns->whole[DNS_QUESTION] < dns->count[DNS_QUESTION])
        dns_describe_broken(&part);
    if (whole)
        describe_pairing(&part);
}

/* DNS: RFC 1035 (the format), RFC 2136 (updates), RFC 6762 (mDNS), RFC 4795 (LLMNR), RFC 7766 (over TCP). */
#include "dissectors/dns.h"

#include "dissectors/dns_impl.h"

/* Both kinds of end that an entry can have: the capture's or the sender's. */
static enum wt_cut cut_at(uint64_t end, size_t on_wire)
{
    return end > on_wire ? WT_CUT_BY_SENDER : WT_CUT_BY_SNAPLEN;
}

/* What follows the name of one entry, which ends at name_end; false: it is not whole. *ret_cut tells why. */
static bool read_fixed(struct wt_slice message, size_t on_wire, uint32_t at, uint32_t name_end, unsigned section,
                       struct dns_record *ret_record, enum wt_cut *ret_cut)
{
    struct dns_record r = { .section = (uint8_t)section, .at = at, .fixed = name_end };
    unsigned fixed = section == DNS_QUESTION ? 4 : 10;
    if (message.len - name_end < fixed) {
        *ret_cut = cut_at((uint64_t)name_end + fixed, on_wire);
        return false;
    }
    const uint8_t *p = message.at + name_end;
    r.type = wt_be16(p);
    r.klass = wt_be16(p + 2);
    r.data = name_end + fixed;
    if (section != DNS_QUESTION) {
        r.ttl = wt_be32(p + 4);
        r.data_len = wt_be16(p + 8);
    }
    r.end = r.data + r.data_len;
    if (r.end > message.len) {
        *ret_cut = cut_at(r.end, on_wire);
        return false;
    }
    *ret_record = r;
    return true;
}

/* Nearly every answer's name is a pointer to the first question's (RFC 1035 4.1.4). */
static bool points_to_question(struct wt_slice message, uint32_t at)
{
    return message.len - at >= 2 && message.at[at] == 0xc0 && message.at[at + 1] == DNS_HEADER_BYTES;
}

/* Reads one entry and checks its name. */
static bool read_entry(const struct dns *dns, struct wt_slice message, size_t on_wire, uint32_t at, unsigned section,
                       struct dns_record *ret_record, enum dns_name_status *ret_status, enum wt_cut *ret_cut)
{
    struct dns_name name;
    if (section != DNS_QUESTION && dns->whole[DNS_QUESTION] && !dns->bad_name && points_to_question(message, at)) {
        *ret_status = DNS_NAME_OK;    /* which was read */
        return read_fixed(message, on_wire, at, at + 2, section, ret_record, ret_cut);
    }
    *ret_status = dns_name_read(message, at, &name);
    if (*ret_status == DNS_NAME_SHORT || *ret_status == DNS_NAME_BAD_LABEL) {
        *ret_cut = *ret_status == DNS_NAME_SHORT && on_wire > message.len ? WT_CUT_BY_SNAPLEN : WT_CUT_BY_SENDER;
        return false;
    }
    return read_fixed(message, on_wire, at, name.end, section, ret_record, ret_cut);
}

/* Where a name that was checked before ends. */
static uint32_t skip_name(struct wt_slice message, uint32_t at)
{
    while (at < message.len && message.at[at] != 0 && message.at[at] < 0xc0)
        at += 1u + message.at[at];
    uint32_t end = at < message.len && message.at[at] ? at + 2 : at + 1;
    return end < message.len ? end : (uint32_t)message.len;
}

enum wt_cut dns_decode(struct wt_cursor *c, void *header)
{
    struct dns *dns = header;
    size_t on_wire = c->on_wire;
    *dns = (struct dns){ .message = { c->at, c->captured } };
    dns->id = wt_read_be16(c);
    dns->flags = wt_read_be16(c);
    for (unsigned i = 0; i < DNS_SECTIONS; i++)
        dns->count[i] = wt_read_be16(c);
    if (c->cut != WT_WHOLE)
        return c->cut;
    uint32_t at = DNS_HEADER_BYTES;
    enum wt_cut cut = WT_WHOLE;
    for (unsigned section = 0; section < DNS_SECTIONS && cut == WT_WHOLE; section++) {
        while (dns->whole[section] < dns->count[section]) {
            struct dns_record record;
            enum dns_name_status status;
            if (!read_entry(dns, dns->message, on_wire, at, section, &record, &status, &cut))
                break;
            dns->bad_name = dns->bad_name || status != DNS_NAME_OK;
            dns->whole[section]++;
            at = record.end;
        }
    }
    dns->end = at;
    wt_skip(c, c->captured);
    if (cut == WT_WHOLE && dns->bad_name)
        cut = WT_CUT_BY_SENDER;
    c->cut = cut;
    return cut;
}

struct dns_walk dns_walk(const struct dns *dns)
{
    return (struct dns_walk){ .dns = dns, .at = DNS_HEADER_BYTES };
}

bool dns_walk_next(struct dns_walk *walk, struct dns_record *ret_record)
{
    while (walk->section < DNS_SECTIONS && walk->done == walk->dns->whole[walk->section]) {
        walk->section++;
        walk->done = 0;
    }
    if (walk->section == DNS_SECTIONS)
        return false;
    enum wt_cut cut;
    struct wt_slice message = walk->dns->message;
    if (!read_fixed(message, message.len, walk->at, skip_name(message, walk->at), walk->section, ret_record, &cut))
        return false;
    walk->done++;
    walk->at = ret_record->end;
    return true;
}

/* ---- the Info column, in Wireshark's words ---- */

static void add_name(struct wt_text *text, const struct dns *dns, uint32_t at)
{
    struct dns_name name;
    uint8_t buffer[DNS_NAME_TEXT];
    dns_name_read(dns->message, at, &name);
    wt_text_add_safe(text, dns_name_text(&name, buffer));
}

static uint16_t word(const struct dns *dns, uint32_t at)
{
    return wt_be16(dns->message.at + at);
}

void dns_add_record(struct wt_text *text, const struct dns *dns, const struct dns_record *r, bool mdns)
{
    const uint8_t *data = dns->message.at + r->data;
    dns_add_type(text, r->type);
    if (mdns && r->klass & 0x8000 && r->type != DNS_OPT)
        wt_text_add(text, ", cache flush");
    switch (r->type) {
    case DNS_A:
        if (r->data_len == 4) {
            wt_text_add(text, " ");
            wt_text_add_address(text, 4, data);
        }
        break;
    case DNS_AAAA:
        if (r->data_len == 16) {
            wt_text_add(text, " ");
            wt_text_add_address(text, 6, data);
        }
        break;
    case DNS_NS: case DNS_CNAME: case DNS_PTR: case DNS_DNAME: case DNS_SOA: case DNS_NSEC:
        if (r->data_len) {
            wt_text_add(text, " ");
            add_name(text, dns, r->data);
        }
        break;
    case DNS_MX: case DNS_KX:
        if (r->data_len > 2) {
            wt_text_add(text, " %u ", word(dns, r->data));
            add_name(text, dns, r->data + 2);
        }
        break;
    case DNS_SRV:
        if (r->data_len > 6) {
            wt_text_add(text, " %u %u %u ", word(dns, r->data), word(dns, r->data + 2), word(dns, r->data + 4));
            add_name(text, dns, r->data + 6);
        }
        break;
    case DNS_NAPTR:
        if (r->data_len > 5 && data[4] <= r->data_len - 5) {
            wt_text_add(text, " %u %u ", word(dns, r->data), word(dns, r->data + 2));
            wt_text_add_safe(text, (struct wt_slice){ data + 5, data[4] });
        }
        break;
    default:
        break;
    }
}

static void add_address(struct wt_text *text, const struct dns *dns, const struct dns_record *r)
{
    unsigned family = r->data_len == 4 ? 4 : 6;
    if (r->data_len != 4 && r->data_len != 16)
        return;
    wt_text_add(text, ", addr ");
    wt_text_add_address(text, family, dns->message.at + r->data);
}

/* With the words that Wireshark's users know from its tree. */
void dns_add_data(struct wt_text *text, const struct dns *dns, const struct dns_record *r)
{
    static const struct { uint16_t type; const char *before; } names[] = {
        { DNS_NS, ", ns " }, { DNS_CNAME, ", cname " }, { DNS_PTR, ", " }, { DNS_DNAME, ", dname " }, { DNS_SOA, ", mname " },
        { DNS_NSEC, ", next domain name " },
    };
    const uint8_t *data = dns->message.at + r->data;
    if (r->type == DNS_A || r->type == DNS_AAAA)
        add_address(text, dns, r);
    for (size_t i = 0; i < sizeof names / sizeof names[0] && r->data_len; i++)
        if (names[i].type == r->type) {
            wt_text_add(text, "%s", names[i].before);
            add_name(text, dns, r->data);
        }
    if (r->type == DNS_MX && r->data_len > 2) {
        wt_text_add(text, ", preference %u, mx ", word(dns, r->data));
        add_name(text, dns, r->data + 2);
    } else if (r->type == DNS_SRV && r->data_len > 6) {
        wt_text_add(text, ", priority %u, weight %u, port %u, target ", word(dns, r->data), word(dns, r->data + 2),
                    word(dns, r->data + 4));
        add_name(text, dns, r->data + 6);
    } else if (r->type == DNS_NAPTR && r->data_len > 5 && data[4] <= r->data_len - 5) {
        wt_text_add(text, ", order %u, preference %u, flags ", word(dns, r->data), word(dns, r->data + 2));
        wt_text_add_safe(text, (struct wt_slice){ data + 5, data[4] });
    }
}

static void dns_summarise(const struct wt_layer_view *view, struct wt_text *info)
{
    const struct dns *dns = view->header;
    bool mdns = view->dissector == &mdns_dissector;
    if (dns->message.len < DNS_HEADER_BYTES)
        return;
    unsigned opcode = dns->flags >> 11 & 0xf, rcode = dns->flags & 0xf;
    const char *name = wt_value_name(dns_opcode_names, opcode);
    if (name)
        wt_text_add(info, "%s", name);
    else
        wt_text_add(info, "Unknown operation (%u)", opcode);
    wt_text_add(info, "%s 0x%04x", dns->flags & DNS_FLAG_QR ? " response" : "", dns->id);
    if (dns->flags & DNS_FLAG_QR && rcode) {
        const char *error = wt_value_name(dns_rcode_names, rcode);
        if (error)
            wt_text_add(info, " %s", error);
        else
            wt_text_add(info, " Unknown error (%u)", rcode);
    }
    struct dns_walk walk = dns_walk(dns);
    struct dns_record r;
    while (!info->full && dns_walk_next(&walk, &r)) {
        wt_text_add(info, " ");
        if (r.section != DNS_QUESTION) {
            dns_add_record(info, dns, &r, mdns);
            continue;
        }
        dns_add_type(info, r.type);
        wt_text_add(info, " ");
        add_name(info, dns, r.at);
        if (mdns)
            wt_text_add(info, ", \"Q%c\" question", r.klass & 0x8000 ? 'U' : 'M');
    }
}

/* NetBIOS names (RFC 1001 14.1) travel in the same format: one label of 32 letters, for 16 bytes. */
static bool is_netbios(const uint8_t *name, size_t len)
{
    return len >= 34 && name[0] == 32 && name[33] == 0;
}

/* Cut, or with something behind it: then the first question must be for a known type and class under a name of hosts. */
static bool asks_plainly(const struct dns *dns)
{
    struct dns_walk walk = dns_walk(dns);
    struct dns_record r;
    struct dns_name name;
    if (!dns_walk_next(&walk, &r) || r.section != DNS_QUESTION || !wt_value_name(dns_type_names, r.type)
        || !wt_value_name(dns_class_names, r.klass)
        || dns_name_read(dns->message, r.at, &name) != DNS_NAME_OK || name.labels < 2)
        return false;
    for (unsigned at = 0; name.wire[at]; at += 1u + name.wire[at])
        for (unsigned i = 1; i <= name.wire[at]; i++)
            if (name.wire[at + i] <= ' ' || name.wire[at + i] >= 0x7f)
                return false;
    return true;
}

static bool dns_recognise(struct wt_slice payload)
{
    if (payload.len < DNS_HEADER_BYTES + 5)
        return false;
    const uint8_t *p = payload.at;
    unsigned opcode = p[2] >> 3 & 0xf, questions = wt_be16(p + 4);
    if (opcode != 0 || questions < 1 || questions > 2 || wt_be16(p + 6) > 32 || wt_be16(p + 8) > 32
        || wt_be16(p + 10) > 32 || is_netbios(p + DNS_HEADER_BYTES, payload.len - DNS_HEADER_BYTES))
        return false;
    struct dns dns;
    struct wt_cursor c = wt_cursor_of(payload);
    return (dns_decode(&c, &dns) == WT_WHOLE && dns.end == payload.len) || asks_plainly(&dns);
}

/* ---- what others see ---- */

static const struct wt_key dns_keys[] = { { WT_KEY_UDP_PORT, 53 } };
const struct wt_dissector dns_dissector = {
    .name = "dns", .short_name = "DNS", .title = "Domain Name System",
    .references = "RFC 1035, RFC 3596, RFC 4034, RFC 5155, RFC 6891, RFC 7766, RFC 9460",
    .role = WT_ROLE_APPLICATION, .key_count = 1, .keys = dns_keys,
    .field_count = DNS_FIELDS, .fields = dns_fields, .header_size = sizeof(struct dns),
    .decode = dns_decode, .describe = dns_describe, .summarise = dns_summarise, .session = &dns_session_ops,
    .recognise = dns_recognise,
};

/* mDNS and LLMNR fill the fields of DNS, as in Wireshark: they have the same table. */
static const struct wt_key mdns_keys[] = { { WT_KEY_UDP_PORT, 5353 } };
const struct wt_dissector mdns_dissector = {
    .name = "mdns", .short_name = "MDNS", .title = "Multicast Domain Name System", .references = "RFC 6762",
    .role = WT_ROLE_APPLICATION, .key_count = 1, .keys = mdns_keys,
    .field_count = DNS_FIELDS, .fields = dns_fields, .header_size = sizeof(struct dns),
    .decode = dns_decode, .describe = dns_describe, .summarise = dns_summarise,
};

static const struct wt_key llmnr_keys[] = { { WT_KEY_UDP_PORT, 5355 } };
const struct wt_dissector llmnr_dissector = {
    .name = "llmnr", .short_name = "LLMNR", .title = "Link-local Multicast Name Resolution",
    .references = "RFC 4795",
    .role = WT_ROLE_APPLICATION, .key_count = 1, .keys = llmnr_keys,
    .field_count = DNS_FIELDS, .fields = dns_fields, .header_size = sizeof(struct dns),
    .decode = dns_decode, .describe = dns_describe, .summarise = dns_summarise,
};

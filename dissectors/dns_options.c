/* EDNS options (RFC 6891 6.1.2) and service parameters (RFC 9460 2.2): both are key, length, value. */
#include "dissectors/dns_impl.h"

#include <string.h>

enum { OPT_DAU = 5, OPT_DHU, OPT_N3U, OPT_SUBNET, OPT_COOKIE = 10, OPT_KEEPALIVE, OPT_PADDING, OPT_CHAIN, OPT_EDE = 15 };

static void say_list(struct dns_part *part, enum dns_field field, unsigned bytes)
{
    while (part->at < part->end)
        if (!dns_say_number(part, field, bytes, NULL))
            return;
}

/* RFC 7871 6: as many bytes of the address as the prefix needs; the rest is zero. */
static void describe_subnet(struct dns_part *part)
{
    uint64_t family;
    if (!dns_say_number(part, DNS_F_OPT_FAMILY, 2, &family) || !dns_say_number(part, DNS_F_OPT_NETMASK, 1, NULL)
        || !dns_say_number(part, DNS_F_OPT_SCOPE, 1, NULL))
        return;
    uint32_t size = family == 1 ? 4 : family == 2 ? 16 : 0, len = part->end - part->at;
    if (len > size) {
        if (len)
            dns_say_rest(part, DNS_F_OPT_ADDR);
        return;
    }
    if (!size)
        return;
    uint8_t address[16] = { 0 };
    if (len)
        memcpy(address, part->dns->message.at + part->at, len);
    wt_say_bytes(part->view, part->sink, &dns_fields[family == 1 ? DNS_F_OPT_ADDR4 : DNS_F_OPT_ADDR6],
                 (struct wt_slice){ address, size }, part->at, len);
}

static void describe_option(struct dns_part *part, unsigned code)
{
    if (part->at == part->end)
        return;
    switch (code) {
    case OPT_DAU: say_list(part, DNS_F_OPT_DAU, 1); break;
    case OPT_DHU: say_list(part, DNS_F_OPT_DHU, 1); break;
    case OPT_N3U: say_list(part, DNS_F_OPT_N3U, 1); break;
    case OPT_SUBNET: describe_subnet(part); break;
    case OPT_COOKIE:
        if (dns_say_bytes(part, DNS_F_OPT_COOKIE_CLIENT, 8))
            dns_say_rest(part, DNS_F_OPT_COOKIE_SERVER);
        break;
    case OPT_KEEPALIVE: dns_say_number(part, DNS_F_OPT_KEEPALIVE, 2, NULL); break;
    case OPT_PADDING: dns_say_rest(part, DNS_F_OPT_PADDING); break;
    case OPT_CHAIN: dns_say_name(part, DNS_F_OPT_CHAIN); break;
    case OPT_EDE:
        if (dns_say_number(part, DNS_F_OPT_EDE_CODE, 2, NULL) && part->at < part->end)
            dns_say_rest(part, DNS_F_OPT_EDE_TEXT);
        break;
    default: break;
    }
}

/* The next key, length, value; its value becomes *ret_value and part moves behind it. */
static bool next_pair(struct dns_part *part, uint16_t *ret_key, struct dns_part *ret_value)
{
    if (part->at == part->end)
        return false;
    const uint8_t *p = part->dns->message.at + part->at;
    if (part->end - part->at < 4 || wt_be16(p + 2) > part->end - part->at - 4) {
        dns_part_bad(part, part->dns->message.len - part->at < 4 ? 4 : 4u + wt_be16(p + 2));
        return false;
    }
    *ret_key = wt_be16(p);
    *ret_value = *part;
    ret_value->at = part->at + 4;
    ret_value->end = ret_value->at + wt_be16(p + 2);
    part->at = ret_value->end;
    return true;
}

static void open_pair(struct dns_part *value, enum dns_field field, const struct wt_value_name *names, uint16_t key,
                      const char *what)
{
    char line[80];
    struct wt_text heading = { line, sizeof line, 0, false };
    const char *name = wt_value_name(names, key);
    if (name)
        wt_text_add(&heading, "%s: %s", what, name);
    else
        wt_text_add(&heading, "%s: %u", what, key);
    value->sink->open(value->sink, &dns_fields[field], (struct wt_value){ .u = 0 },
                      wt_view_span(value->view, value->at - 4, value->end - value->at + 4), line);
}

void dns_describe_options(struct dns_part *part)
{
    struct dns_part value;
    uint16_t code;
    while (next_pair(part, &code, &value)) {
        uint32_t len = value.end - value.at;
        open_pair(&value, DNS_F_OPT, dns_option_names, code, "Option");
        dns_say_value(&value, DNS_F_OPT_CODE, code, value.at - 4, 2);
        dns_say_value(&value, DNS_F_OPT_LEN, len, value.at - 2, 2);
        struct dns_part raw = value;
        dns_say_rest(&raw, DNS_F_OPT_DATA);
        describe_option(&value, code);
        value.sink->close(value.sink);
        part->bad = part->bad || value.bad;
        part->beyond = part->beyond || value.beyond;
    }
}

enum { KEY_MANDATORY, KEY_ALPN, KEY_NO_DEFAULT_ALPN, KEY_PORT, KEY_IPV4, KEY_ECH, KEY_IPV6 };

static void say_addresses(struct dns_part *part, enum dns_field field, uint32_t size)
{
    while (part->at < part->end)
        if (!dns_say_bytes(part, field, size))
            return;
}

static void describe_parameter(struct dns_part *part, uint16_t key)
{
    switch (key) {
    case KEY_MANDATORY: say_list(part, DNS_F_SVCPARAM_MANDATORY, 2); break;
    case KEY_ALPN:
        while (part->at < part->end)
            if (!dns_say_text(part, DNS_F_SVCPARAM_ALPN_LEN, DNS_F_SVCPARAM_ALPN))
                break;
        break;
    case KEY_NO_DEFAULT_ALPN: break;
    case KEY_PORT: dns_say_number(part, DNS_F_SVCPARAM_PORT, 2, NULL); break;
    case KEY_IPV4: say_addresses(part, DNS_F_SVCPARAM_IPV4, 4); break;
    case KEY_ECH: dns_say_rest(part, DNS_F_SVCPARAM_ECH); break;
    case KEY_IPV6: say_addresses(part, DNS_F_SVCPARAM_IPV6, 16); break;
    default: dns_say_rest(part, DNS_F_SVCPARAM_VALUE); break;
    }
}

void dns_describe_service(struct dns_part *part)
{
    if (!dns_say_number(part, DNS_F_SVCB_PRIORITY, 2, NULL) || !dns_say_name(part, DNS_F_SVCB_TARGET))
        return;
    struct dns_part value;
    uint16_t key;
    while (next_pair(part, &key, &value)) {
        open_pair(&value, DNS_F_SVCPARAM, dns_svcparam_names, key, "SvcParam");
        dns_say_value(&value, DNS_F_SVCPARAM_KEY, key, value.at - 4, 2);
        dns_say_value(&value, DNS_F_SVCPARAM_LEN, value.end - value.at, value.at - 2, 2);
        describe_parameter(&value, key);
        value.sink->close(value.sink);
        part->bad = part->bad || value.bad;
        part->beyond = part->beyond || value.beyond;
    }
}

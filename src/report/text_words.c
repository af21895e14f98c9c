#include "report/text_words.h"

#include <netinet/in.h>
#include <string.h>

#include "wiretale/field.h"

void words_endpoint(struct wt_text *t, unsigned family, const uint8_t *address, unsigned protocol, uint16_t port)
{
    bool ports = protocol == 0 || protocol == IPPROTO_TCP || protocol == IPPROTO_UDP || protocol == IPPROTO_SCTP
        || protocol == IPPROTO_DCCP || protocol == IPPROTO_UDPLITE;
    bool brackets = ports && family == 6;
    if (brackets)
        wt_text_add(t, "[");
    wt_text_add_address(t, family, address);
    if (brackets)
        wt_text_add(t, "]");
    if (ports)
        wt_text_add(t, ":%u", port);
}

const char *words_name(const struct names *names, unsigned family, const uint8_t *address, int64_t time_ns)
{
    return names ? names_find(names, family, address, time_ns) : NULL;
}

void words_add_name(struct wt_text *t, const char *name)
{
    size_t n = strlen(name);
    if (n > 1 && name[n - 1] == '.')
        n--;
    wt_text_add_safe(t, (struct wt_slice){ (const uint8_t *)name, n });
}

static const struct wt_value_name linktypes[] = {    /* tcpdump.org/linktypes.html */
    { 0, "BSD loopback" },      { 1, "Ethernet" },          { 6, "Token Ring" },        { 8, "SLIP" },
    { 9, "PPP" },               { 10, "FDDI" },             { 50, "PPP in HDLC" },      { 51, "PPPoE" },
    { 101, "raw IP" },          { 104, "Cisco HDLC" },      { 105, "802.11" },          { 107, "Frame Relay" },
    { 108, "OpenBSD loopback" }, { 113, "Linux cooked" },   { 117, "PF log" },          { 119, "802.11 with Prism" },
    { 127, "802.11 with Radiotap" }, { 147, "user 0" },     { 163, "802.11 with AVS" }, { 187, "Bluetooth HCI" },
    { 189, "USB (Linux)" },     { 192, "PPI" },             { 195, "802.15.4" },        { 201, "Bluetooth HCI" },
    { 220, "USB (Linux)" },     { 228, "raw IPv4" },        { 229, "raw IPv6" },        { 239, "NFLOG" },
    { 249, "USBPcap" },         { 252, "Wireshark upper PDU" }, { 253, "Netlink" },     { 276, "Linux cooked v2" },
    { 0, NULL },
};

const char *words_linktype(unsigned linktype)
{
    return linktype == 0 ? linktypes[0].name : wt_value_name(linktypes + 1, linktype);
}

static const struct wt_value_name protocols[] = {
    { 1, "ICMP" },  { 2, "IGMP" },   { 4, "IP in IP" }, { 6, "TCP" },   { 17, "UDP" },   { 33, "DCCP" }, { 41, "IPv6" },
    { 46, "RSVP" }, { 47, "GRE" },   { 50, "ESP" },     { 51, "AH" },   { 58, "ICMPv6" }, { 88, "EIGRP" }, { 89, "OSPF" },
    { 103, "PIM" }, { 112, "VRRP" }, { 115, "L2TP" },   { 132, "SCTP" }, { 136, "UDP-Lite" }, { 0, NULL },
};

void words_protocol(struct wt_text *t, unsigned protocol)
{
    const char *name = wt_value_name(protocols, protocol);
    if (name)
        wt_text_add(t, "%s", name);
    else
        wt_text_add(t, "IP %u", protocol);
}

/* The dissector's own words, so that there is one list. */
static const char *field_word(const char *field_name, uint64_t value)
{
    const struct wt_dissector *owner;
    const struct wt_field *field = wt_field_by_name(field_name, &owner);
    return field && field->names ? wt_value_name(field->names, value) : NULL;
}

void words_dns_type(struct wt_text *t, unsigned type)
{
    const char *name = field_word("dns.qry.type", type);
    size_t n = name ? strcspn(name, " ") : 0;
    if (n)
        wt_text_add(t, "%.*s", (int)n, name);
    else
        wt_text_add(t, "TYPE%u", type);
}

static const char *const rcodes[] = {    /* RFC 6895 2.3 */
    "NOERROR", "FORMERR", "SERVFAIL", "NXDOMAIN", "NOTIMP", "REFUSED", "YXDOMAIN", "YXRRSET", "NXRRSET", "NOTAUTH",
    "NOTZONE",
};

void words_dns_rcode(struct wt_text *t, unsigned rcode)
{
    if (rcode < sizeof rcodes / sizeof rcodes[0])
        wt_text_add(t, "%s", rcodes[rcode]);
    else if (rcode == 16)
        wt_text_add(t, "BADVERS");
    else if (rcode == 23)
        wt_text_add(t, "BADCOOKIE");
    else
        wt_text_add(t, "RCODE %u", rcode);
}

static const struct wt_value_name statuses[] = {
    { 100, "Continue" },            { 101, "Switching Protocols" }, { 200, "OK" },
    { 201, "Created" },             { 202, "Accepted" },            { 203, "Non-Authoritative Information" },
    { 204, "No Content" },          { 205, "Reset Content" },       { 206, "Partial Content" },
    { 207, "Multi-Status" },        { 300, "Multiple Choices" },    { 301, "Moved Permanently" },
    { 302, "Found" },               { 303, "See Other" },           { 304, "Not Modified" },
    { 307, "Temporary Redirect" },  { 308, "Permanent Redirect" },  { 400, "Bad Request" },
    { 401, "Unauthorized" },        { 402, "Payment Required" },    { 403, "Forbidden" },
    { 404, "Not Found" },           { 405, "Method Not Allowed" },  { 406, "Not Acceptable" },
    { 407, "Proxy Authentication Required" }, { 408, "Request Timeout" }, { 409, "Conflict" },
    { 410, "Gone" },                { 411, "Length Required" },     { 412, "Precondition Failed" },
    { 413, "Content Too Large" },   { 414, "URI Too Long" },        { 415, "Unsupported Media Type" },
    { 416, "Range Not Satisfiable" }, { 417, "Expectation Failed" }, { 421, "Misdirected Request" },
    { 422, "Unprocessable Content" }, { 426, "Upgrade Required" },  { 428, "Precondition Required" },
    { 429, "Too Many Requests" },   { 431, "Request Header Fields Too Large" },
    { 451, "Unavailable For Legal Reasons" }, { 500, "Internal Server Error" }, { 501, "Not Implemented" },
    { 502, "Bad Gateway" },         { 503, "Service Unavailable" }, { 504, "Gateway Timeout" },
    { 505, "HTTP Version Not Supported" }, { 0, NULL },
};

const char *words_http_status(unsigned status)
{
    return wt_value_name(statuses, status);
}

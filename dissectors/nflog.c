/* Linux netfilter's log (LINKTYPE_NFLOG): a packet among attributes of the rule that logged it. Attributes are in the
 * byte order of the host that captured, which nothing says: the first one shows it. */
#include "dissectors/nflog.h"

static const struct wt_key keys[] = { { WT_KEY_LINKTYPE, 239 } };

enum { PACKET_HEADER = 1, MARK = 2, IN_INTERFACE = 4, OUT_INTERFACE = 5, PAYLOAD = 9, PREFIX = 10, LAST_TYPE = 32 };

enum { F_FAMILY, F_VERSION, F_RESOURCE, F_PROTOCOL, F_HOOK, F_IN, F_OUT, F_PREFIX, F_COUNT };

static const struct wt_value_name family_names[] = { { 0, "Unspecified" }, { 2, "IP" }, { 7, "Bridge" }, { 10, "IPv6" }, { 0, NULL } };
static const struct wt_value_name hook_names[] = { { 0, "PREROUTING" }, { 1, "INPUT" }, { 2, "FORWARD" }, { 3, "OUTPUT" },
                                                   { 4, "POSTROUTING" }, { 0, NULL } };

static const struct wt_field fields[F_COUNT] = {
    [F_FAMILY] = WT_ROW_NAMED(struct nflog, family, WT_UINT8, WT_DEC, 0, 1, "nflog.family", "Family", "Address family", family_names),
    [F_VERSION] = WT_ROW(struct nflog, version, WT_UINT8, WT_DEC, 1, 1, "nflog.version", "Version", "Always 0"),
    [F_RESOURCE] = WT_ROW(struct nflog, resource, WT_UINT16, WT_DEC, 2, 2, "nflog.res_id", "Resource id", "Group that the rule logs to"),
    [F_PROTOCOL] = WT_ROW_SAID(WT_UINT16, WT_HEX, 0, "nflog.protocol", "HW protocol", "What the packet is (EtherType)", NULL),
    [F_HOOK] = WT_ROW_SAID(WT_UINT8, WT_DEC, 0, "nflog.hook", "Netfilter hook", "Where in the host it was", hook_names),
    [F_IN] = WT_ROW_SAID(WT_UINT32, WT_DEC, 0, "nflog.ifindex_indev", "IFINDEX_INDEV", "Interface that it came by", NULL),
    [F_OUT] = WT_ROW_SAID(WT_UINT32, WT_DEC, 0, "nflog.ifindex_outdev", "IFINDEX_OUTDEV", "Interface that it leaves by", NULL),
    [F_PREFIX] = WT_ROW_SAID(WT_STRING, 0, 0, "nflog.prefix", "Prefix", "What the rule says of it", NULL),
};

static uint16_t read_u16(struct wt_cursor *c, bool little)
{
    uint16_t v = wt_read_be16(c);
    return little ? __builtin_bswap16(v) : v;
}

static void read_attribute(struct nflog *h, uint16_t type, struct wt_slice value, size_t at)
{
    if (type == PACKET_HEADER && value.len >= 3) {
        h->protocol = wt_be16(value.at);
        h->hook = value.at[2];
        h->has_hook = true;
    } else if (type == PREFIX) {
        while (value.len && value.at[value.len - 1] == 0)
            value.len--;
        h->prefix = value;
        h->prefix_at = at;
    } else if (value.len == 4 && type == IN_INTERFACE) {
        h->in_interface = wt_be32(value.at);
    } else if (value.len == 4 && type == OUT_INTERFACE) {
        h->out_interface = wt_be32(value.at);
    } else if (value.len == 4 && type == MARK) {
        h->mark = wt_be32(value.at);
    }
}

/* Up to the packet's first byte. */
static enum wt_cut decode(struct wt_cursor *c, void *header)
{
    struct nflog *h = header;
    size_t start = c->captured;
    h->family = wt_read_u8(c);
    h->version = wt_read_u8(c);
    h->resource = wt_read_be16(c);
    bool little = c->captured >= 4 && wt_be16(c->at + 2) > LAST_TYPE;
    while (c->cut == WT_WHOLE && c->on_wire) {
        uint16_t len = read_u16(c, little), type = read_u16(c, little) & 0x7fff;
        if (len < 4) {
            wt_malformed(c);
            break;
        }
        if (type == PAYLOAD) {
            h->payload_bytes = len - 4u;
            break;
        }
        size_t at = start - c->captured;
        struct wt_slice value = wt_read_slice(c, len - 4u);
        wt_skip(c, -(size_t)len & 3);
        if (c->cut == WT_WHOLE)
            read_attribute(h, type, value, at);
    }
    return c->cut;
}

static void next(const void *header, struct wt_next *n)
{
    const struct nflog *h = header;
    bool ip = h->family == 2 || h->family == 10;
    *n = (struct wt_next){ ip ? WT_KEY_FAMILY : WT_KEY_NONE, { h->family == 2 ? 4 : 6, WT_NO_KEY }, h->payload_bytes };
    if (h->family == 7) {
        n->space = WT_KEY_ETHERTYPE;
        n->key[0] = h->protocol;
    }
}

static void describe(const struct wt_layer_view *v, struct wt_sink *sink)
{
    const struct nflog *h = v->header;
    wt_describe_rows(v, sink, F_FAMILY, F_PROTOCOL);
    if (h->has_hook) {
        wt_say_number(v, sink, &fields[F_PROTOCOL], h->protocol, 0, 0);
        wt_say_number(v, sink, &fields[F_HOOK], h->hook, 0, 0);
    }
    if (h->in_interface)
        wt_say_number(v, sink, &fields[F_IN], h->in_interface, 0, 0);
    if (h->out_interface)
        wt_say_number(v, sink, &fields[F_OUT], h->out_interface, 0, 0);
    if (h->prefix.len)
        wt_say_bytes(v, sink, &fields[F_PREFIX], h->prefix, h->prefix_at, h->prefix.len);
}

static void summarise(const struct wt_layer_view *v, struct wt_text *info)
{
    const struct nflog *h = v->header;
    wt_text_add(info, "Netfilter log");
    if (h->prefix.len) {
        wt_text_add(info, " ");
        wt_text_add_safe(info, h->prefix);
    }
}

const struct wt_dissector nflog_dissector = {
    .name = "nflog", .short_name = "NFLOG", .title = "Linux Netfilter NFLOG", .references = "LINKTYPE_NFLOG",
    .role = WT_ROLE_LINK, .key_count = 1, .field_count = F_COUNT, .header_size = sizeof(struct nflog), .keys = keys,
    .fields = fields, .decode = decode, .next = next, .describe = describe, .summarise = summarise,
};

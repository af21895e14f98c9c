/* Raw IP (LINKTYPE_RAW and its old numbers): the version tells which IP. BSD loopback (LINKTYPE_NULL, LINKTYPE_LOOP):
 * four bytes of address family, whose values differ from system to system for IPv6. */
#include "dissectors/raw.h"

static const struct wt_key raw_keys[] = { { WT_KEY_LINKTYPE, 101 }, { WT_KEY_LINKTYPE, 12 }, { WT_KEY_LINKTYPE, 14 } };
static const struct wt_key null_keys[] = { { WT_KEY_LINKTYPE, 0 }, { WT_KEY_LINKTYPE, 108 } };

static const struct wt_field raw_fields[] = {
    { .name = "raw.version", .label = "IP version", .meaning = "First four bits of the packet", .type = WT_UINT8,
      .from = WT_HEADER, .offset = offsetof(struct raw, version), .size = 1, .at = 0, .span = 1 },
};

static const struct wt_value_name family_names[] = {
    { 2, "IP" }, { 10, "IPv6 (Linux)" }, { 24, "IPv6 (NetBSD, OpenBSD)" }, { 28, "IPv6 (FreeBSD)" }, { 30, "IPv6 (macOS)" },
    { 23, "IPv6 (Windows)" }, { 0, NULL },
};
static const struct wt_field null_fields[] = {
    WT_ROW_NAMED(struct null_loop, family, WT_UINT32, WT_DEC, 0, 4, "null.family", "Family", "Address family of the sending host",
                 family_names),
};

static enum wt_cut decode_raw(struct wt_cursor *c, void *header)
{
    struct raw *h = header;
    struct wt_cursor peek = *c;
    h->version = wt_read_u8(&peek) >> 4;
    c->cut = peek.cut;
    return c->cut;
}

static void next_raw(const void *header, struct wt_next *n)
{
    const struct raw *h = header;
    *n = (struct wt_next){ WT_KEY_FAMILY, { h->version, WT_NO_KEY }, WT_NO_LIMIT };
}

static enum wt_cut decode_null(struct wt_cursor *c, void *header)
{
    struct null_loop *h = header;
    h->family = wt_read_be32(c);
    if (h->family >> 16 == 0x0f00 || h->family >> 16 == 0x8f00)
        h->family &= 0xffff;            /* Cisco HDLC: an EtherType */
    if (h->family > 0xffff)
        h->family = __builtin_bswap32(h->family);
    return c->cut;
}

static void next_null(const void *header, struct wt_next *n)
{
    const struct null_loop *h = header;
    bool v6 = h->family == 10 || h->family == 23 || h->family == 24 || h->family == 28 || h->family == 30;
    *n = (struct wt_next){ WT_KEY_FAMILY, { h->family == 2 ? 4 : v6 ? 6 : WT_NO_KEY, WT_NO_KEY }, WT_NO_LIMIT };
    if (h->family >= 0x600) {
        n->space = WT_KEY_ETHERTYPE;
        n->key[0] = h->family;
    }
}

static void summarise(const struct wt_layer_view *v, struct wt_text *info)
{
    wt_text_add(info, "%s", v->dissector->title);
}

const struct wt_dissector raw_dissector = {
    .name = "raw", .short_name = "Raw", .title = "Raw packet data", .references = "LINKTYPE_RAW", .role = WT_ROLE_LINK,
    .key_count = 3, .field_count = 1, .header_size = sizeof(struct raw), .keys = raw_keys, .fields = raw_fields,
    .decode = decode_raw, .next = next_raw, .summarise = summarise,
};

const struct wt_dissector null_dissector = {
    .name = "null", .short_name = "Null/Loopback", .title = "Null/Loopback", .references = "LINKTYPE_NULL, LINKTYPE_LOOP",
    .role = WT_ROLE_LINK, .key_count = 2, .field_count = 1, .header_size = sizeof(struct null_loop), .keys = null_keys,
    .fields = null_fields, .decode = decode_null, .next = next_null, .summarise = summarise,
};

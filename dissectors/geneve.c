/* Geneve (RFC 8926): frames or packets of a virtual network over UDP, with options. */
#include "dissectors/geneve.h"

#include "dissectors/ethertypes.h"

static const struct wt_key keys[] = { { WT_KEY_UDP_PORT, 6081 } };

enum { F_VERSION, F_FLAGS, F_OAM, F_CRITICAL, F_PROTO, F_VNI, F_OPTIONS, F_CLASS, F_TYPE, F_LENGTH, F_DATA, F_COUNT };

static const struct wt_field fields[F_COUNT] = {
    [F_VERSION] = WT_ROW(struct geneve, version, WT_UINT8, WT_DEC, 0, 1, "geneve.version", "Version", "Always 0"),
    [F_FLAGS] = WT_ROW(struct geneve, flags, WT_UINT8, WT_HEX, 1, 1, "geneve.flags", "Flags", "What it is about"),
    [F_OAM] = WT_ROW_BITS(struct geneve, flags, WT_BOOL, WT_DEC, 1, 1, 1, 0x80, "geneve.flags.oam",
                          "Operations, Administration and Management Frame", "For the tunnel's ends, not to be forwarded", NULL),
    [F_CRITICAL] = WT_ROW_BITS(struct geneve, flags, WT_BOOL, WT_DEC, 1, 1, 1, 0x40, "geneve.flags.critical",
                               "Critical Options Present", "Who does not know them all must drop it", NULL),
    [F_PROTO] = WT_ROW_NAMED(struct geneve, protocol, WT_UINT16, WT_HEX, 2, 2, "geneve.proto_type", "Protocol Type",
                             "What the payload is (EtherType)", ethertype_names),
    [F_VNI] = WT_ROW(struct geneve, vni, WT_UINT24, WT_HEX_DEC, 4, 3, "geneve.vni", "Virtual Network Identifier (VNI)",
                     "Which virtual network"),
    [F_OPTIONS] = WT_ROW_SAID(WT_BYTES, 0, 0, "geneve.options", "Geneve Options", "All options as bytes", NULL),
    [F_CLASS] = WT_ROW_SAID(WT_UINT16, WT_HEX, 1, "geneve.option.class", "Class", "Who defined the option", NULL),
    [F_TYPE] = WT_ROW_SAID(WT_UINT8, WT_HEX, 1, "geneve.option.type", "Type", "Which of its class", NULL),
    [F_LENGTH] = WT_ROW_SAID(WT_UINT8, WT_DEC, 1, "geneve.option.length", "Length", "Bytes of the option, its header included", NULL),
    [F_DATA] = WT_ROW_SAID(WT_BYTES, 0, 1, "geneve.option.unknown.data", "Unknown Option Data", "What the option says", NULL),
};

static enum wt_cut decode(struct wt_cursor *c, void *header)
{
    struct geneve *h = header;
    uint8_t first = wt_read_u8(c);
    h->version = first >> 6;
    h->option_bytes = (uint8_t)((first & 0x3f) * 4);
    h->flags = wt_read_u8(c);
    h->protocol = wt_read_be16(c);
    h->vni = wt_read_be24(c);
    wt_skip(c, 1);
    h->options = wt_read_slice(c, h->option_bytes);
    return c->cut;
}

static void next(const void *header, struct wt_next *n)
{
    const struct geneve *h = header;
    *n = (struct wt_next){ h->version ? WT_KEY_NONE : WT_KEY_ETHERTYPE, { h->protocol, WT_NO_KEY }, WT_NO_LIMIT };
}

static uint32_t scope(const void *header)
{
    return ((const struct geneve *)header)->vni;
}

static void describe(const struct wt_layer_view *v, struct wt_sink *sink)
{
    const struct geneve *h = v->header;
    struct wt_cursor c = wt_cursor_of(h->options);
    size_t at = 8;
    wt_describe_rows(v, sink, F_VERSION, F_OPTIONS);
    if (h->options.len)
        wt_say_bytes(v, sink, &fields[F_OPTIONS], h->options, at, h->options.len);
    while (c.captured >= 4) {
        uint16_t class = wt_read_be16(&c);
        uint8_t type = wt_read_u8(&c);
        size_t len = (wt_read_u8(&c) & 0x1fu) * 4;
        struct wt_slice data = wt_read_slice(&c, len);
        if (c.cut != WT_WHOLE)
            return;
        wt_say_number(v, sink, &fields[F_CLASS], class, at, 2);
        wt_say_number(v, sink, &fields[F_TYPE], type, at + 2, 1);
        wt_say_number(v, sink, &fields[F_LENGTH], len + 4, at + 3, 1);
        if (len)
            wt_say_bytes(v, sink, &fields[F_DATA], data, at + 4, len);
        at += 4 + len;
    }
}

static void summarise(const struct wt_layer_view *v, struct wt_text *info)
{
    const struct geneve *h = v->header;
    const char *name = wt_value_name(ethertype_names, h->protocol);
    wt_text_add(info, "Encapsulated %s", name ? name : "payload");
}

const struct wt_dissector geneve_dissector = {
    .name = "geneve", .short_name = "Geneve", .title = "Generic Network Virtualization Encapsulation", .references = "RFC 8926",
    .role = WT_ROLE_TUNNEL, .key_count = 1, .field_count = F_COUNT, .header_size = sizeof(struct geneve), .keys = keys,
    .fields = fields, .decode = decode, .next = next, .describe = describe, .summarise = summarise, .scope = scope,
};

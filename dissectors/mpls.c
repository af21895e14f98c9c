/* MPLS (RFC 3032): a stack of labels, 4 bytes each. What they carry is not said: an IP packet shows itself by its
 * version; a pseudo-wire's control word begins with 0 (RFC 4385 3). */
#include "dissectors/mpls.h"

static const struct wt_key keys[] = { { WT_KEY_ETHERTYPE, 0x8847 }, { WT_KEY_ETHERTYPE, 0x8848 }, { WT_KEY_PPP, 0x0281 },
                                      { WT_KEY_PPP, 0x0283 }, { WT_KEY_IP_PROTOCOL, 137 }, { WT_KEY_UDP_PORT, 6635 } };

static const struct wt_value_name label_names[] = {
    { 0, "IPv4 Explicit-Null" }, { 1, "Router Alert" }, { 2, "IPv6 Explicit-Null" }, { 3, "Implicit-Null" },
    { 7, "Entropy Label Indicator (ELI)" }, { 13, "Generic Associated Channel Label (GAL)" }, { 14, "OAM Alert" },
    { 15, "Extension Label" }, { 0, NULL },
};

enum { F_LABEL, F_EXP, F_BOTTOM, F_TTL, F_COUNT };

static const struct wt_field fields[F_COUNT] = {
    [F_LABEL] = WT_ROW_SAID(WT_UINT32, WT_DEC, 0, "mpls.label", "MPLS Label", "Which path through the network", label_names),
    [F_EXP] = WT_ROW_SAID(WT_UINT32, WT_DEC, 0, "mpls.exp", "MPLS Experimental Bits", "Class of traffic (RFC 5462)", NULL),
    [F_BOTTOM] = WT_ROW_SAID(WT_UINT32, WT_DEC, 0, "mpls.bottom", "MPLS Bottom Of Label Stack", "1: no label follows", NULL),
    [F_TTL] = WT_ROW_SAID(WT_UINT32, WT_DEC, 0, "mpls.ttl", "MPLS TTL", "Routers that it may still cross", NULL),
};

static enum wt_cut decode(struct wt_cursor *c, void *header)
{
    struct mpls *h = header;
    uint32_t entry = 0;
    do {
        entry = wt_read_be32(c);
        if (c->cut == WT_WHOLE)
            h->entry[h->count++] = entry;
    } while (c->cut == WT_WHOLE && !(entry & 0x100) && h->count < MPLS_MAX_LABELS);
    struct wt_cursor peek = *c;
    h->nibble = wt_read_u8(&peek) >> 4;
    if (peek.cut != WT_WHOLE)
        h->nibble = 15;
    else if (h->nibble == 0)
        wt_skip(c, 4);      /* the control word */
    return c->cut;
}

static void next(const void *header, struct wt_next *n)
{
    const struct mpls *h = header;
    *n = (struct wt_next){ WT_KEY_NONE, { WT_NO_KEY, WT_NO_KEY }, WT_NO_LIMIT };
    if (h->nibble == 4 || h->nibble == 6) {
        n->space = WT_KEY_FAMILY;
        n->key[0] = h->nibble;
    } else if (h->nibble == 0) {
        n->space = WT_KEY_LINKTYPE;
        n->key[0] = 1;
    }
}

static void describe(const struct wt_layer_view *v, struct wt_sink *sink)
{
    const struct mpls *h = v->header;
    for (size_t i = 0; i < h->count; i++) {
        wt_say_number(v, sink, &fields[F_LABEL], h->entry[i] >> 12, i * 4, 3);
        wt_say_number(v, sink, &fields[F_EXP], h->entry[i] >> 9 & 7, i * 4 + 2, 1);
        wt_say_number(v, sink, &fields[F_BOTTOM], h->entry[i] >> 8 & 1, i * 4 + 2, 1);
        wt_say_number(v, sink, &fields[F_TTL], h->entry[i] & 0xff, i * 4 + 3, 1);
    }
}

static void summarise(const struct wt_layer_view *v, struct wt_text *info)
{
    const struct mpls *h = v->header;
    wt_text_add(info, "MPLS Label Switched Packet");
    for (unsigned i = 0; i < h->count; i++)
        wt_text_add(info, "%s %u", i ? "," : ", label", h->entry[i] >> 12);
}

const struct wt_dissector mpls_dissector = {
    .name = "mpls", .short_name = "MPLS", .title = "MultiProtocol Label Switching Header", .references = "RFC 3032, RFC 4385",
    .role = WT_ROLE_LINK, .key_count = sizeof keys / sizeof keys[0], .field_count = F_COUNT,
    .header_size = sizeof(struct mpls), .keys = keys, .fields = fields, .decode = decode, .next = next,
    .describe = describe, .summarise = summarise,
};

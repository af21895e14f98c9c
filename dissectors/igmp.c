/* IGMP (RFC 1112, RFC 2236, RFC 3376): who wants which multicast group. */
#include "dissectors/igmp.h"

#include <string.h>

#include "dissectors/ipprotos.h"

static const struct wt_key keys[] = { { WT_KEY_IP_PROTOCOL, 2 } };

enum { F_TYPE, F_MAX, F_CHECKSUM, F_STATUS, F_GROUP, F_SOURCES, F_RECORDS, F_RECORD_TYPE, F_COUNT };

static const struct wt_value_name type_names[] = {
    { 0x11, "Membership Query" }, { 0x12, "Membership Report" }, { 0x16, "Membership Report" }, { 0x17, "Leave Group" },
    { 0x22, "Membership Report" }, { 0, NULL },
};
static const struct wt_value_name record_names[] = {
    { 1, "Mode Is Include" }, { 2, "Mode Is Exclude" }, { 3, "Change To Include Mode" }, { 4, "Change To Exclude Mode" },
    { 5, "Allow New Sources" }, { 6, "Block Old Sources" }, { 0, NULL },
};

static const struct wt_field fields[F_COUNT] = {
    [F_TYPE] = WT_ROW_NAMED(struct igmp, type, WT_UINT8, WT_HEX, 0, 1, "igmp.type", "Type", "Kind of message", type_names),
    [F_MAX] = WT_ROW_SAID(WT_UINT8, WT_DEC, 0, "igmp.max_resp", "Max Resp Time", "Answer within, in tenths of a second", NULL),
    [F_CHECKSUM] = WT_ROW(struct igmp, checksum, WT_UINT16, WT_HEX, 2, 2, "igmp.checksum", "Checksum", "As it came"),
    [F_STATUS] = WT_ROW_SAID(WT_UINT8, WT_DEC, 0, "igmp.checksum.status", "Checksum Status", "Whether it is right",
                             checksum_status_names),
    [F_GROUP] = WT_ROW_SAID(WT_IPV4, 0, 0, "igmp.maddr", "Multicast Address", "The group", NULL),
    [F_SOURCES] = WT_ROW_SAID(WT_UINT16, WT_DEC, 0, "igmp.num_src", "Num Src", "Sources that are asked for", NULL),
    [F_RECORDS] = WT_ROW_SAID(WT_UINT16, WT_DEC, 0, "igmp.num_grp_recs", "Num Group Records", "How many groups it reports", NULL),
    [F_RECORD_TYPE] = WT_ROW_SAID(WT_UINT8, WT_DEC, 0, "igmp.record_type", "Record Type", "What is reported of a group", record_names),
};

static enum wt_cut decode(struct wt_cursor *c, void *header)
{
    struct igmp *h = header;
    size_t len = c->on_wire;
    h->type = wt_read_u8(c);
    h->max_response = wt_read_u8(c);
    h->checksum = wt_read_be16(c);
    const uint8_t *group = wt_take(c, 4);
    if (group)
        memcpy(h->group, group, 4);
    h->three = h->type == 0x22 || (h->type == 0x11 && len >= 12);
    if (h->type == 0x22) {
        h->sources = wt_be16(h->group + 2);
    } else if (h->three) {
        wt_skip(c, 2);
        h->sources = wt_read_be16(c);
    }
    return c->cut;
}

static void describe_records(const struct wt_layer_view *v, struct wt_sink *sink)
{
    const struct igmp *h = v->header;
    size_t at = 8;
    wt_say_number(v, sink, &fields[F_RECORDS], h->sources, 6, 2);
    for (unsigned i = 0; i < h->sources && v->bytes.len >= 8 && at <= v->bytes.len - 8; i++) {
        const uint8_t *p = v->bytes.at + at;
        wt_say_number(v, sink, &fields[F_RECORD_TYPE], p[0], at, 1);
        wt_say_bytes(v, sink, &fields[F_GROUP], (struct wt_slice){ p + 4, 4 }, at + 4, 4);
        at += 8u + wt_be16(p + 2) * 4u + p[1] * 4u;
    }
}

static const uint8_t checksum_status[WT_CKSUM_KINDS] = { 2, 1, 0, 3, 4, 2, 0 };

static void describe(const struct wt_layer_view *v, struct wt_sink *sink)
{
    const struct igmp *h = v->header;
    wt_describe_rows(v, sink, F_TYPE, F_MAX);
    if (h->type == 0x11 && v->bytes.len >= 2)
        wt_say_number(v, sink, &fields[F_MAX], h->max_response, 1, 1);
    wt_describe_rows(v, sink, F_CHECKSUM, F_STATUS);
    if (v->context && v->context->transport_checksum != WT_CKSUM_UNCHECKED)
        wt_say_number(v, sink, &fields[F_STATUS], checksum_status[v->context->transport_checksum % WT_CKSUM_KINDS], 2, 2);
    if (v->bytes.len < 8)
        return;
    if (h->type == 0x22) {
        describe_records(v, sink);
        return;
    }
    wt_say_bytes(v, sink, &fields[F_GROUP], (struct wt_slice){ h->group, 4 }, 4, 4);
    if (h->three && v->bytes.len >= 12)
        wt_say_number(v, sink, &fields[F_SOURCES], h->sources, 10, 2);
}

static void summarise(const struct wt_layer_view *v, struct wt_text *info)
{
    const struct igmp *h = v->header;
    const char *name = wt_value_name(type_names, h->type);
    wt_text_add(info, "%s", name ? name : "IGMP");
    if (h->type != 0x22) {
        wt_text_add(info, " group ");
        wt_text_add_address(info, 4, h->group);
    }
}

const struct wt_dissector igmp_dissector = {
    .name = "igmp", .short_name = "IGMP", .title = "Internet Group Management Protocol", .references = "RFC 2236, RFC 3376",
    .role = WT_ROLE_TRANSPORT, .key_count = 1, .field_count = F_COUNT, .header_size = sizeof(struct igmp), .keys = keys,
    .fields = fields, .decode = decode, .describe = describe, .summarise = summarise,
};

/* ---- RGMP (RFC 3488): routers tell switches which groups they want; found by its destination and types ---- */

static const struct wt_value_name rgmp_names[] = { { 0xfc, "Leave Group" }, { 0xfd, "Join Group" }, { 0xfe, "Bye" }, { 0xff, "Hello" },
                                                   { 0, NULL } };

enum { R_TYPE, R_RESERVED, R_CHECKSUM, R_STATUS, R_GROUP, R_COUNT };

static const struct wt_field rgmp_fields[R_COUNT] = {
    [R_TYPE] = WT_ROW_NAMED(struct igmp, type, WT_UINT8, WT_HEX, 0, 1, "rgmp.type", "Type", "Kind of message", rgmp_names),
    [R_RESERVED] = WT_ROW(struct igmp, max_response, WT_UINT8, WT_HEX, 1, 1, "rgmp.reserved", "Reserved", "Always 0"),
    [R_CHECKSUM] = WT_ROW(struct igmp, checksum, WT_UINT16, WT_HEX, 2, 2, "rgmp.checksum", "Checksum", "As it came"),
    [R_STATUS] = WT_ROW_SAID(WT_UINT8, WT_DEC, 0, "rgmp.checksum.status", "Checksum Status", "Whether it is right",
                             checksum_status_names),
    [R_GROUP] = WT_ROW_SAID(WT_IPV4, 0, 0, "rgmp.maddr", "Multicast group address", "The group", NULL),
};

static void describe_rgmp(const struct wt_layer_view *v, struct wt_sink *sink)
{
    const struct igmp *h = v->header;
    wt_describe_rows(v, sink, R_TYPE, R_STATUS);
    if (v->context && v->context->transport_checksum != WT_CKSUM_UNCHECKED)
        wt_say_number(v, sink, &rgmp_fields[R_STATUS], checksum_status[v->context->transport_checksum % WT_CKSUM_KINDS], 2, 2);
    if (v->bytes.len >= 8)
        wt_say_bytes(v, sink, &rgmp_fields[R_GROUP], (struct wt_slice){ h->group, 4 }, 4, 4);
}

static void summarise_rgmp(const struct wt_layer_view *v, struct wt_text *info)
{
    const struct igmp *h = v->header;
    const char *name = wt_value_name(rgmp_names, h->type);
    wt_text_add(info, "%s", name ? name : "RGMP");
}

const struct wt_dissector rgmp_dissector = {
    .name = "rgmp", .short_name = "RGMP", .title = "Router-port Group Management Protocol", .references = "RFC 3488",
    .role = WT_ROLE_TRANSPORT, .field_count = R_COUNT, .header_size = sizeof(struct igmp), .fields = rgmp_fields,
    .decode = decode, .describe = describe_rgmp, .summarise = summarise_rgmp,
};

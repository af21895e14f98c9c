/* PKTAP (LINKTYPE 258; LINKTYPE_USER2 where a tool of Apple wrote it): a header in the host's order, which is little-endian
 * on every Mac that has it, then a packet of the link type that it names. Laid out as in Apple's net/pktap.h. */
#include "dissectors/pktap.h"

#include <string.h>

static const struct wt_key keys[] = { { WT_KEY_LINKTYPE, 258 }, { WT_KEY_LINKTYPE, 149 } };

#define HEADER_BYTES 108u
#define IFNAME_AT 12
#define COMMAND_AT 56
#define EFFECTIVE_COMMAND_AT 88

enum { F_LEN, F_TYPE, F_DLT, F_IFNAME, F_FLAGS, F_FAMILY, F_LINK_HEADER, F_LINK_TRAILER, F_PID, F_COMMAND, F_CLASS, F_IFTYPE, F_IFUNIT,
       F_EPID, F_ECOMMAND, F_COUNT };

static const struct wt_field fields[F_COUNT] = {
    [F_LEN] = WT_ROW(struct pktap, header_bytes, WT_UINT32, WT_DEC, 0, 4, "pktap.hdrlen", "Header length", "Bytes before the packet"),
    [F_TYPE] = WT_ROW(struct pktap, record_type, WT_UINT32, WT_DEC, 4, 4, "pktap.rectype", "Record type", "1: a packet"),
    [F_DLT] = WT_ROW(struct pktap, dlt, WT_UINT32, WT_DEC, 8, 4, "pktap.dlt", "DLT", "Link type of the packet"),
    [F_IFNAME] = WT_ROW_SAID(WT_STRING, WT_ASCII, 0, "pktap.ifname", "Interface name", "Where it was captured", NULL),
    [F_FLAGS] = WT_ROW(struct pktap, flags, WT_UINT32, WT_HEX, 36, 4, "pktap.flags", "Flags", "1 in, 2 out"),
    [F_FAMILY] = WT_ROW(struct pktap, family, WT_UINT32, WT_DEC, 40, 4, "pktap.pfamily", "Protocol family", "As in macOS: 2 IPv4, 30 IPv6"),
    [F_LINK_HEADER] = WT_ROW(struct pktap, link_header_bytes, WT_UINT32, WT_DEC, 44, 4, "pktap.llhdrlen", "Link-layer header length", "In bytes"),
    [F_LINK_TRAILER] = WT_ROW(struct pktap, link_trailer_bytes, WT_UINT32, WT_DEC, 48, 4, "pktap.lltrlrlen", "Link-layer trailer length", "In bytes"),
    [F_PID] = WT_ROW(struct pktap, pid, WT_UINT32, WT_DEC, 52, 4, "pktap.pid", "Process ID", "Whose packet it is"),
    [F_COMMAND] = WT_ROW_SAID(WT_STRING, WT_ASCII, 0, "pktap.cmdname", "Command name", "What that process runs", NULL),
    [F_CLASS] = WT_ROW(struct pktap, service_class, WT_UINT32, WT_DEC, 76, 4, "pktap.svc_class", "Service class", "How urgent it is"),
    [F_IFTYPE] = WT_ROW(struct pktap, interface_type, WT_UINT16, WT_DEC, 80, 2, "pktap.iftype", "Interface type", "Kind of interface"),
    [F_IFUNIT] = WT_ROW(struct pktap, interface_unit, WT_UINT16, WT_DEC, 82, 2, "pktap.ifunit", "Interface unit", "Which of its kind"),
    [F_EPID] = WT_ROW(struct pktap, effective_pid, WT_UINT32, WT_DEC, 84, 4, "pktap.epid", "Effective process ID", "For whom it was sent"),
    [F_ECOMMAND] = WT_ROW_SAID(WT_STRING, WT_ASCII, 0, "pktap.ecmdname", "Effective command name", "What that process runs", NULL),
};

static uint32_t le32(struct wt_cursor *c)
{
    return __builtin_bswap32(wt_read_be32(c));
}

static uint16_t le16(struct wt_cursor *c)
{
    return __builtin_bswap16(wt_read_be16(c));
}

static enum wt_cut decode(struct wt_cursor *c, void *header)
{
    struct pktap *h = header;
    h->header_bytes = le32(c);
    h->record_type = le32(c);
    h->dlt = le32(c);
    wt_skip(c, 24);
    h->flags = le32(c);
    h->family = le32(c);
    h->link_header_bytes = le32(c);
    h->link_trailer_bytes = le32(c);
    h->pid = le32(c);
    wt_skip(c, 20);
    h->service_class = le32(c);
    h->interface_type = le16(c);
    h->interface_unit = le16(c);
    h->effective_pid = le32(c);
    wt_skip(c, 20);
    if (c->cut != WT_WHOLE)
        return c->cut;
    if (h->header_bytes < HEADER_BYTES)
        wt_malformed(c);
    else
        wt_skip(c, h->header_bytes - HEADER_BYTES);
    return c->cut;
}

static void next(const void *header, struct wt_next *n)
{
    const struct pktap *h = header;
    bool packet = h->record_type == 1 && h->dlt != 258 && h->dlt != 149;
    uint32_t linktype = h->dlt == 12 ? 101 : h->dlt;     /* DLT_RAW is LINKTYPE_RAW in files */
    *n = (struct wt_next){ packet ? WT_KEY_LINKTYPE : WT_KEY_NONE, { packet ? linktype : WT_NO_KEY, WT_NO_KEY }, WT_NO_LIMIT };
}

/* Text that a zero ends, or its room. */
static void say_text(const struct wt_layer_view *v, struct wt_sink *sink, const struct wt_field *field, size_t at, size_t room)
{
    const uint8_t *zero = memchr(v->bytes.at + at, 0, room);
    size_t len = zero ? (size_t)(zero - v->bytes.at) - at : room;
    wt_say_bytes(v, sink, field, (struct wt_slice){ v->bytes.at + at, len }, at, room);
}

static void describe(const struct wt_layer_view *v, struct wt_sink *sink)
{
    bool whole = v->bytes.len >= HEADER_BYTES;
    wt_describe_rows(v, sink, F_LEN, F_IFNAME);
    if (whole)
        say_text(v, sink, &fields[F_IFNAME], IFNAME_AT, 24);
    wt_describe_rows(v, sink, F_FLAGS, F_COMMAND);
    if (whole)
        say_text(v, sink, &fields[F_COMMAND], COMMAND_AT, 20);
    wt_describe_rows(v, sink, F_CLASS, F_ECOMMAND);
    if (whole)
        say_text(v, sink, &fields[F_ECOMMAND], EFFECTIVE_COMMAND_AT, 20);
}

const struct wt_dissector pktap_dissector = {
    .name = "pktap", .short_name = "PKTAP", .title = "PKTAP packet header", .references = "LINKTYPE_PKTAP", .role = WT_ROLE_LINK,
    .key_count = 2, .field_count = F_COUNT, .header_size = sizeof(struct pktap), .keys = keys, .fields = fields,
    .decode = decode, .next = next, .describe = describe,
};

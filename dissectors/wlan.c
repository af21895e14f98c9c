/* IEEE 802.11 frames, behind a radiotap header, bare, or in CAPWAP data (RFC 5415 4.3, RFC 5416), whose control field some
 * controllers write with its bytes swapped. Data in the clear lead on to LLC. */
#include "dissectors/wlan.h"

#include <string.h>

static uint16_t read_le16(struct wt_cursor *c)
{
    return __builtin_bswap16(wt_read_be16(c));
}

static uint32_t read_le32(struct wt_cursor *c)
{
    return __builtin_bswap32(wt_read_be32(c));
}

/* ---- radiotap (radiotap.org): little endian, fields aligned to their size ---- */

static const struct wt_key radiotap_keys[] = { { WT_KEY_LINKTYPE, 127 } };

enum { R_VERSION, R_LENGTH, R_PRESENT, R_COUNT };

static const struct wt_field radiotap_fields[R_COUNT] = {
    [R_VERSION] = WT_ROW(struct radiotap, version, WT_UINT8, WT_DEC, 0, 1, "radiotap.version", "Header revision", "Always 0"),
    [R_LENGTH] = WT_ROW(struct radiotap, header_bytes, WT_UINT16, WT_DEC, 2, 2, "radiotap.length", "Header length", "In bytes"),
    [R_PRESENT] = WT_ROW(struct radiotap, present, WT_UINT32, WT_HEX, 4, 4, "radiotap.present", "Present flags", "Which fields follow"),
};

#define PRESENT_TSFT 1u
#define PRESENT_FLAGS 2u
#define PRESENT_MORE 0x80000000u
#define FLAG_FCS 0x10u
#define PRESENT_WORDS 8

static enum wt_cut decode_radiotap(struct wt_cursor *c, void *header)
{
    struct radiotap *h = header;
    size_t used = 8;
    h->version = wt_read_u8(c);
    wt_skip(c, 1);
    h->header_bytes = read_le16(c);
    h->present = read_le32(c);
    uint32_t more = h->present;
    for (unsigned i = 0; more & PRESENT_MORE && i < PRESENT_WORDS; i++, used += 4)
        more = read_le32(c);
    if (h->present & PRESENT_FLAGS) {
        size_t at = h->present & PRESENT_TSFT ? (used + 7) / 8 * 8 + 8 : used;
        wt_skip(c, at - used);
        h->flags = wt_read_u8(c);
        h->has_flags = c->cut == WT_WHOLE;
        used = at + 1;
    }
    if (h->header_bytes < used)
        wt_malformed(c);
    else
        wt_skip(c, h->header_bytes - used);
    h->payload_bytes = h->flags & FLAG_FCS && c->on_wire >= 4 ? c->on_wire - 4 : WT_NO_LIMIT;
    return c->cut;
}

static void next_radiotap(const void *header, struct wt_next *n)
{
    const struct radiotap *h = header;
    *n = (struct wt_next){ WT_KEY_LINKTYPE, { 105, WT_NO_KEY }, h->payload_bytes };
}

static void summarise_radiotap(const struct wt_layer_view *v, struct wt_text *info)
{
    const struct radiotap *h = v->header;
    wt_text_add(info, "Radiotap, %u bytes", h->header_bytes);
}

const struct wt_dissector radiotap_dissector = {
    .name = "radiotap", .short_name = "RADIOTAP", .title = "IEEE 802.11 Radiotap Capture header", .references = "radiotap.org",
    .role = WT_ROLE_LINK, .key_count = 1, .field_count = R_COUNT, .header_size = sizeof(struct radiotap), .keys = radiotap_keys,
    .fields = radiotap_fields, .decode = decode_radiotap, .next = next_radiotap, .summarise = summarise_radiotap,
};

/* ---- 802.11 ---- */

static const struct wt_key wlan_keys[] = { { WT_KEY_LINKTYPE, 105 } };

enum { TYPE_MANAGEMENT, TYPE_CONTROL, TYPE_DATA };
#define TO_DS 0x0100u
#define FROM_DS 0x0200u
#define PROTECTED 0x4000u
#define ORDER 0x8000u
#define QOS_AMSDU 0x80u

static const struct wt_value_name kind_names[] = {
    { 0x00, "Association Request" }, { 0x01, "Association Response" }, { 0x02, "Reassociation Request" }, { 0x03, "Reassociation Response" },
    { 0x04, "Probe Request" }, { 0x05, "Probe Response" }, { 0x08, "Beacon frame" }, { 0x0a, "Disassociate" }, { 0x0b, "Authentication" },
    { 0x0c, "Deauthentication" }, { 0x0d, "Action" }, { 0x18, "802.11 Block Ack Req" }, { 0x19, "802.11 Block Ack" },
    { 0x1a, "Power-Save poll" }, { 0x1b, "Request-to-send" }, { 0x1c, "Clear-to-send" }, { 0x1d, "Acknowledgement" },
    { 0x20, "Data" }, { 0x24, "Null function (No data)" }, { 0x28, "QoS Data" }, { 0x2c, "QoS Null function (No data)" }, { 0, NULL },
};

enum { W_KIND, W_CONTROL, W_TO_DS, W_FROM_DS, W_RETRY, W_PROTECTED, W_DURATION, W_RA, W_TA, W_DA, W_SA, W_BSSID, W_SEQ, W_COUNT };

static const struct wt_field wlan_fields[W_COUNT] = {
    [W_KIND] = WT_ROW_NAMED(struct wlan, type_subtype, WT_UINT8, WT_HEX, 0, 1, "wlan.fc.type_subtype", "Type/Subtype", "Kind of the frame", kind_names),
    [W_CONTROL] = WT_ROW(struct wlan, control, WT_UINT16, WT_HEX, 0, 2, "wlan.fc", "Frame Control Field", "Kind and flags"),
    [W_TO_DS] = WT_ROW_BITS(struct wlan, control, WT_BOOL, WT_DEC, 1, 0, 2, TO_DS, "wlan.fc.tods", "To DS", "On its way to the wired side", NULL),
    [W_FROM_DS] = WT_ROW_BITS(struct wlan, control, WT_BOOL, WT_DEC, 1, 0, 2, FROM_DS, "wlan.fc.fromds", "From DS", "Coming from the wired side", NULL),
    [W_RETRY] = WT_ROW_BITS(struct wlan, control, WT_BOOL, WT_DEC, 1, 0, 2, 0x0800, "wlan.fc.retry", "Retry", "It is sent again", NULL),
    [W_PROTECTED] = WT_ROW_BITS(struct wlan, control, WT_BOOL, WT_DEC, 1, 0, 2, PROTECTED, "wlan.fc.protected", "Protected flag", "Its data are encrypted", NULL),
    [W_DURATION] = WT_ROW(struct wlan, duration, WT_UINT16, WT_DEC, 2, 2, "wlan.duration", "Duration", "For which the medium is taken, in microseconds"),
    [W_RA] = WT_ROW_SAID(WT_ETHER, 0, 0, "wlan.ra", "Receiver address", "Who is to take it from the air", NULL),
    [W_TA] = WT_ROW_SAID(WT_ETHER, 0, 0, "wlan.ta", "Transmitter address", "Who put it on the air", NULL),
    [W_DA] = WT_ROW_SAID(WT_ETHER, 0, 0, "wlan.da", "Destination address", "For whom it is", NULL),
    [W_SA] = WT_ROW_SAID(WT_ETHER, 0, 0, "wlan.sa", "Source address", "From whom it is", NULL),
    [W_BSSID] = WT_ROW_SAID(WT_ETHER, 0, 0, "wlan.bssid", "BSS Id", "Which cell", NULL),
    [W_SEQ] = WT_ROW_SAID(WT_UINT16, WT_DEC, 0, "wlan.seq", "Sequence number", "Counts the sender's frames", NULL),
};

static unsigned type_of(const struct wlan *h)
{
    return h->control >> 2 & 3u;
}

static void read_address(struct wt_cursor *c, uint8_t to[6], struct wlan *h)
{
    const uint8_t *p = wt_take(c, 6);
    if (!p)
        return;
    memcpy(to, p, 6);
    h->addresses++;
}

/* What follows the addresses of a data frame: QoS and HT control (IEEE 802.11 9.3.2.1). */
static void read_data_header(struct wt_cursor *c, struct wlan *h)
{
    unsigned subtype = h->control >> 4 & 15u;
    if ((h->control & (TO_DS | FROM_DS)) == (TO_DS | FROM_DS) && !h->swapped)
        read_address(c, h->fourth, h);
    if (subtype & 8) {
        h->aggregated = read_le16(c) & QOS_AMSDU;
        if (h->control & ORDER)
            wt_skip(c, 4);
    }
    h->has_data = !(subtype & 4) && !(h->control & PROTECTED) && !h->aggregated;
}

static enum wt_cut decode_wlan(struct wt_cursor *c, void *header)
{
    struct wlan *h = header;
    uint16_t control = read_le16(c), turned = (uint16_t)(control << 8 | control >> 8);
    h->swapped = (control & 3) && !(turned & 3);
    h->control = h->swapped ? turned : control;
    h->duration = read_le16(c);
    h->type_subtype = (uint8_t)(type_of(h) << 4 | (h->control >> 4 & 15u));
    read_address(c, h->ra, h);
    unsigned subtype = h->control >> 4 & 15u;
    if (type_of(h) == TYPE_CONTROL) {
        if (subtype != 12 && subtype != 13)     /* clear-to-send and acknowledgement name no sender */
            read_address(c, h->ta, h);
        return c->cut;
    }
    read_address(c, h->ta, h);
    read_address(c, h->third, h);
    h->sequence = read_le16(c);
    if (type_of(h) == TYPE_DATA)
        read_data_header(c, h);
    return c->cut;
}

static void next_wlan(const void *header, struct wt_next *n)
{
    const struct wlan *h = header;
    *n = (struct wt_next){ h->has_data ? WT_KEY_LLC : WT_KEY_NONE, { WT_NO_KEY, WT_NO_KEY }, WT_NO_LIMIT };
}

static void say_address(const struct wt_layer_view *v, struct wt_sink *sink, unsigned field, const uint8_t *address, unsigned at)
{
    wt_say_bytes(v, sink, &wlan_fields[field], (struct wt_slice){ address, 6 }, at, 6);
}

/* Which of the addresses is what depends on where it goes (IEEE 802.11 table 9-30). */
static void describe_three(const struct wt_layer_view *v, struct wt_sink *sink, const struct wlan *h)
{
    unsigned way = h->control & (TO_DS | FROM_DS);
    bool to = way & TO_DS, from = way & FROM_DS;
    say_address(v, sink, W_DA, to ? h->third : h->ra, to ? 16 : 4);
    if (to && from)
        say_address(v, sink, W_SA, h->addresses > 3 ? h->fourth : h->ta, h->addresses > 3 ? 24 : 10);
    else
        say_address(v, sink, W_SA, from ? h->third : h->ta, from ? 16 : 10);
    if (!(to && from))
        say_address(v, sink, W_BSSID, to ? h->ra : from ? h->ta : h->third, to ? 4 : from ? 10 : 16);
    if (v->bytes.len >= 24)
        wt_say_number(v, sink, &wlan_fields[W_SEQ], h->sequence >> 4, 22, 2);
}

static void describe_wlan(const struct wt_layer_view *v, struct wt_sink *sink)
{
    const struct wlan *h = v->header;
    wt_describe_rows(v, sink, W_KIND, W_RA);
    if (h->addresses > 0)
        say_address(v, sink, W_RA, h->ra, 4);
    if (h->addresses > 1)
        say_address(v, sink, W_TA, h->ta, 10);
    if (h->addresses > 2)
        describe_three(v, sink, h);
}

static void summarise_wlan(const struct wt_layer_view *v, struct wt_text *info)
{
    const struct wlan *h = v->header;
    const char *kind = wt_value_name(kind_names, h->type_subtype);
    wt_text_add(info, "%s", kind ? kind : "802.11 frame");
    if (h->addresses > 2)
        wt_text_add(info, ", SN=%u, FN=%u", h->sequence >> 4, h->sequence & 15u);
}

const struct wt_dissector wlan_dissector = {
    .name = "wlan", .short_name = "802.11", .title = "IEEE 802.11", .references = "IEEE 802.11", .role = WT_ROLE_LINK, .key_count = 1,
    .field_count = W_COUNT, .header_size = sizeof(struct wlan), .keys = wlan_keys, .fields = wlan_fields, .decode = decode_wlan,
    .next = next_wlan, .describe = describe_wlan, .summarise = summarise_wlan,
};

/* ---- CAPWAP data ---- */

static const struct wt_key capwap_keys[] = { { WT_KEY_UDP_PORT, 5247 } };

enum { C_VERSION, C_TYPE, C_LENGTH, C_RADIO, C_BINDING, C_FLAGS, C_FRAGMENT, C_COUNT };

static const struct wt_field capwap_fields[C_COUNT] = {
    [C_VERSION] = WT_ROW_BITS(struct capwap, preamble, WT_UINT8, WT_DEC, 0, 0, 1, 0xf0, "capwap.preamble.version", "Version", "Always 0", NULL),
    [C_TYPE] = WT_ROW_BITS(struct capwap, preamble, WT_UINT8, WT_DEC, 0, 0, 1, 0x0f, "capwap.preamble.type", "Type", "1: DTLS follows", NULL),
    [C_LENGTH] = WT_ROW_BITS(struct capwap, header, WT_UINT24, WT_DEC, 0, 1, 3, 0xf80000, "capwap.header.length", "Header Length", "In units of 4 bytes",
                             NULL),
    [C_RADIO] = WT_ROW_BITS(struct capwap, header, WT_UINT24, WT_DEC, 0, 1, 3, 0x07c000, "capwap.header.rid", "Radio ID", "Which radio of the access point",
                            NULL),
    [C_BINDING] = WT_ROW_BITS(struct capwap, header, WT_UINT24, WT_DEC, 0, 1, 3, 0x003e00, "capwap.header.wbid", "Wireless Binding ID", "1: IEEE 802.11",
                              NULL),
    [C_FLAGS] = WT_ROW_BITS(struct capwap, header, WT_UINT24, WT_HEX, 0, 1, 3, 0x0001ff, "capwap.header.flags", "Header Flags", "What the payload is, and what the header holds", NULL),
    [C_FRAGMENT] = WT_ROW(struct capwap, fragment_id, WT_UINT16, WT_DEC, 4, 2, "capwap.header.fragment.id", "Fragment ID", "Of which packet it is a part"),
};

#define CAPWAP_NATIVE 0x100u
#define CAPWAP_FRAGMENT 0x080u
#define CAPWAP_KEEP_ALIVE 0x008u
#define BINDING_80211 1u

static enum wt_cut decode_capwap(struct wt_cursor *c, void *header)
{
    struct capwap *h = header;
    h->preamble = wt_read_u8(c);
    h->header = wt_read_be24(c);
    h->fragment_id = wt_read_be16(c);
    h->fragment_offset = wt_read_be16(c);
    size_t len = (h->header >> 19) * 4u;
    if (len < 8)
        wt_malformed(c);
    else
        wt_skip(c, len - 8);
    return c->cut;
}

static void next_capwap(const void *header, struct wt_next *n)
{
    const struct capwap *h = header;
    bool plain = h->preamble == 0 && !(h->header & (CAPWAP_FRAGMENT | CAPWAP_KEEP_ALIVE));
    bool native = h->header & CAPWAP_NATIVE;
    uint32_t link = native && (h->header >> 9 & 31u) == BINDING_80211 ? 105 : 1;
    *n = (struct wt_next){ plain && (link == 105 || !native) ? WT_KEY_LINKTYPE : WT_KEY_NONE, { link, WT_NO_KEY }, WT_NO_LIMIT };
}

static void summarise_capwap(const struct wt_layer_view *v, struct wt_text *info)
{
    const struct capwap *h = v->header;
    wt_text_add(info, "CAPWAP-Data%s", h->header & CAPWAP_KEEP_ALIVE ? " Keep-Alive" : h->header & CAPWAP_FRAGMENT ? " fragment" : "");
}

const struct wt_dissector capwap_data_dissector = {
    .name = "capwap.data", .short_name = "CAPWAP-Data", .title = "Control And Provisioning of Wireless Access Points - Data",
    .references = "RFC 5415, RFC 5416", .role = WT_ROLE_TUNNEL, .key_count = 1, .field_count = C_COUNT, .header_size = sizeof(struct capwap),
    .keys = capwap_keys, .fields = capwap_fields, .decode = decode_capwap, .next = next_capwap, .summarise = summarise_capwap,
};

/* Teredo (RFC 4380): IPv6 packets over UDP through NATs, behind an authentication and an origin indication or none.
 * AYIYA (draft-massar-v6ops-ayiya): the same for tunnel brokers. */
#include "dissectors/teredo.h"

#include <string.h>

#include "dissectors/ipprotos.h"

static const struct wt_key teredo_keys[] = { { WT_KEY_UDP_PORT, 3544 } };
static const struct wt_key ayiya_keys[] = { { WT_KEY_UDP_PORT, 5072 } };

enum { F_AUTH, F_ID_LEN, F_VALUE_LEN, F_ID, F_VALUE, F_NONCE, F_CONF, F_ORIGIN, F_PORT, F_ADDRESS, F_COUNT };

static const struct wt_field fields[F_COUNT] = {
    [F_AUTH] = WT_ROW_SAID(WT_NONE, 0, 0, "teredo.auth", "Teredo Authentication header", "RFC 4380 5.1.1", NULL),
    [F_ID_LEN] = WT_ROW_SAID(WT_UINT8, WT_DEC, 1, "teredo.auth.idlen", "Client identifier length", "In bytes", NULL),
    [F_VALUE_LEN] = WT_ROW_SAID(WT_UINT8, WT_DEC, 1, "teredo.auth.aulen", "Authentication value length", "In bytes", NULL),
    [F_ID] = WT_ROW_SAID(WT_BYTES, 0, 1, "teredo.auth.id", "Client identifier", "Who asks", NULL),
    [F_VALUE] = WT_ROW_SAID(WT_BYTES, 0, 1, "teredo.auth.value", "Authentication value", "Its proof", NULL),
    [F_NONCE] = WT_ROW_SAID(WT_BYTES, 0, 1, "teredo.auth.nonce", "Nonce value", "Ties answer to question", NULL),
    [F_CONF] = WT_ROW_SAID(WT_BYTES, 0, 1, "teredo.auth.conf", "Confirmation byte", "0: the client has a valid key", NULL),
    [F_ORIGIN] = WT_ROW_SAID(WT_NONE, 0, 0, "teredo.orig", "Teredo Origin Indication header", "RFC 4380 5.1.1", NULL),
    [F_PORT] = WT_ROW_SAID(WT_UINT16, WT_DEC, 1, "teredo.orig.port", "Origin UDP port", "As the server saw it", NULL),
    [F_ADDRESS] = WT_ROW_SAID(WT_IPV4, 0, 1, "teredo.orig.addr", "Origin IPv4 address", "As the server saw it", NULL),
};

static void read_auth(struct wt_cursor *c, struct teredo *h)
{
    h->has_auth = true;
    wt_skip(c, 2);
    h->id_len = wt_read_u8(c);
    h->value_len = wt_read_u8(c);
    h->id = wt_read_slice(c, h->id_len);
    h->value = wt_read_slice(c, h->value_len);
    h->nonce = wt_read_slice(c, 8);
    h->confirmation = wt_read_u8(c);
}

/* The port and the address are inverted, so that no NAT on the way translates them. */
static void read_origin(struct wt_cursor *c, struct teredo *h)
{
    h->has_origin = true;
    wt_skip(c, 2);
    h->origin_port = (uint16_t)~wt_read_be16(c);
    const uint8_t *p = wt_take(c, 4);
    for (unsigned i = 0; p && i < 4; i++)
        h->origin_address[i] = (uint8_t)~p[i];
}

static bool begins_with(const struct wt_cursor *c, uint8_t second)
{
    return c->captured >= 2 && c->at[0] == 0 && c->at[1] == second;
}

static enum wt_cut decode(struct wt_cursor *c, void *header)
{
    struct teredo *h = header;
    size_t len = c->captured;
    if (begins_with(c, 1))
        read_auth(c, h);
    h->origin_at = (uint8_t)(len - c->captured);
    if (c->cut == WT_WHOLE && begins_with(c, 0))
        read_origin(c, h);
    h->version = c->captured ? c->at[0] >> 4 : 0;
    return c->cut;
}

static void next(const void *header, struct wt_next *n)
{
    const struct teredo *h = header;
    *n = (struct wt_next){ h->version == 6 ? WT_KEY_FAMILY : WT_KEY_NONE, { 6, WT_NO_KEY }, WT_NO_LIMIT };
}

static void describe(const struct wt_layer_view *v, struct wt_sink *sink)
{
    const struct teredo *h = v->header;
    size_t at = 4, origin = h->origin_at;
    if (h->has_auth && h->nonce.at) {
        wt_say_number(v, sink, &fields[F_AUTH], 1, 0, 13u + h->id_len + h->value_len);
        wt_say_number(v, sink, &fields[F_ID_LEN], h->id_len, 2, 1);
        wt_say_number(v, sink, &fields[F_VALUE_LEN], h->value_len, 3, 1);
        if (h->id_len)
            wt_say_bytes(v, sink, &fields[F_ID], h->id, at, h->id_len);
        at += h->id_len;
        if (h->value_len)
            wt_say_bytes(v, sink, &fields[F_VALUE], h->value, at, h->value_len);
        at += h->value_len;
        wt_say_bytes(v, sink, &fields[F_NONCE], h->nonce, at, 8);
        if (v->bytes.len > at + 8)
            wt_say_bytes(v, sink, &fields[F_CONF], (struct wt_slice){ &h->confirmation, 1 }, at + 8, 1);
    }
    if (h->has_origin && v->bytes.len >= origin + 8) {
        wt_say_number(v, sink, &fields[F_ORIGIN], 1, origin, 8);
        wt_say_number(v, sink, &fields[F_PORT], h->origin_port, origin + 2, 2);
        wt_say_bytes(v, sink, &fields[F_ADDRESS], (struct wt_slice){ h->origin_address, 4 }, origin + 4, 4);
    }
}

static void summarise(const struct wt_layer_view *v, struct wt_text *info)
{
    wt_text_add(info, "%s", v->dissector->title);
}

const struct wt_dissector teredo_dissector = {
    .name = "teredo", .short_name = "Teredo", .title = "Teredo IPv6 over UDP tunneling", .references = "RFC 4380",
    .role = WT_ROLE_TUNNEL, .key_count = 1, .field_count = F_COUNT, .header_size = sizeof(struct teredo),
    .keys = teredo_keys, .fields = fields, .decode = decode, .next = next, .describe = describe, .summarise = summarise,
};

/* ---- AYIYA ---- */

static const struct wt_value_name operation_names[] = { { 0, "No Operation" }, { 1, "Forward" }, { 2, "Echo Request" },
    { 3, "Echo Request and Forward" }, { 4, "Echo Response" }, { 5, "MOTD" }, { 6, "Query Request" },
    { 7, "Query Response" }, { 0, NULL } };

static const struct wt_field ayiya_fields[] = {
    WT_ROW_BITS(struct ayiya, id, WT_UINT8, WT_HEX, 0, 0, 1, 0xf0, "ayiya.idlen", "Identity field length", "Power of two, in bytes", NULL),
    WT_ROW_BITS(struct ayiya, id, WT_UINT8, WT_HEX, 0, 0, 1, 0x0f, "ayiya.idtype", "Identity field type", "Kind of identity", NULL),
    WT_ROW_BITS(struct ayiya, signature, WT_UINT8, WT_HEX, 0, 1, 1, 0xf0, "ayiya.siglen", "Signature Length", "In units of 4 bytes", NULL),
    WT_ROW_BITS(struct ayiya, signature, WT_UINT8, WT_HEX, 0, 1, 1, 0x0f, "ayiya.hashmethod", "Hash method", "Of the signature", NULL),
    WT_ROW_BITS(struct ayiya, operation, WT_UINT8, WT_HEX, 0, 2, 1, 0xf0, "ayiya.authmethod", "Authentication method", "Whose secret signs", NULL),
    WT_ROW_BITS(struct ayiya, operation, WT_UINT8, WT_HEX, 0, 2, 1, 0x0f, "ayiya.opcode", "Operation Code", "What to do", operation_names),
    WT_ROW_NAMED(struct ayiya, next_header, WT_UINT8, WT_HEX, 3, 1, "ayiya.nextheader", "Next Header", "What follows", ip_protocol_names),
};

static enum wt_cut decode_ayiya(struct wt_cursor *c, void *header)
{
    struct ayiya *h = header;
    h->id = wt_read_u8(c);
    h->signature = wt_read_u8(c);
    h->operation = wt_read_u8(c);
    h->next_header = wt_read_u8(c);
    h->epoch = wt_read_be32(c);
    wt_skip(c, (size_t)1 << (h->id >> 4));
    wt_skip(c, (h->signature >> 4) * 4u);
    return c->cut;
}

static void next_ayiya(const void *header, struct wt_next *n)
{
    const struct ayiya *h = header;
    bool carries = (h->operation & 15) == 1;
    *n = (struct wt_next){ carries ? WT_KEY_IP_PROTOCOL : WT_KEY_NONE, { h->next_header, WT_NO_KEY }, WT_NO_LIMIT };
}

const struct wt_dissector ayiya_dissector = {
    .name = "ayiya", .short_name = "AYIYA", .title = "Anything in Anything Protocol", .references = "draft-massar-v6ops-ayiya",
    .role = WT_ROLE_TUNNEL, .key_count = 1, .field_count = sizeof ayiya_fields / sizeof ayiya_fields[0],
    .header_size = sizeof(struct ayiya), .keys = ayiya_keys, .fields = ayiya_fields, .decode = decode_ayiya,
    .next = next_ayiya, .summarise = summarise,
};

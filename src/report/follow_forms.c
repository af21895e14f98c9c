/* A followed connection for programs: as tshark's -z follow prints it, as plain bytes, and as JSON. */
#include <string.h>

#include "report/follow_impl.h"

#define RULE "==================================================================="
#define HEX_BYTES 16
#define BASE64_LINE 57      /* bytes that make 76 characters */

/* tshark puts this in the place of what was not captured. */
static struct wt_slice missing_text(const struct follow_piece *p, char text[64])
{
    struct wt_text t = { .at = text, .capacity = 64 };
    wt_text_add(&t, "[%llu bytes missing in capture file]", (unsigned long long)p->missing);
    return (struct wt_slice){ (const uint8_t *)text, t.len + 1 };
}

static void begin_form(struct follow *f, const char *form)
{
    const char *protocol = f->protocol == 6 ? "tcp" : "udp";
    out_format(&f->out, "\n" RULE "\nFollow: %s,%s\nFilter: %s.stream eq %u\n", protocol, form, protocol, f->stream);
    for (unsigned side = 0; side < 2; side++) {
        out_format(&f->out, f->family == 6 ? "Node %u: [" : "Node %u: ", side);
        out_address(&f->out, f->family, f->peer[side].address);
        out_format(&f->out, f->family == 6 ? "]:%u\n" : ":%u\n", f->peer[side].port);
    }
}

static void end_form(struct follow *f)
{
    out_text(&f->out, RULE "\n");
}

/* ---- ascii ---- */

static void begin_ascii(struct follow *f)
{
    begin_form(f, "ascii");
}

static void add_ascii(struct follow *f, unsigned side, struct wt_slice bytes)
{
    out_format(&f->out, side ? "\t%zu\n" : "%zu\n", bytes.len);
    for (size_t i = 0; i < bytes.len; i++) {
        uint8_t c = bytes.at[i];
        out_char(&f->out, (c >= 0x20 && c < 0x7f) || c == '\n' || c == '\r' ? (char)c : '.');
    }
    out_char(&f->out, '\n');
}

static void piece_ascii(struct follow *f, const struct follow_piece *p)
{
    char text[64];
    if (p->bytes.len)
        add_ascii(f, p->side, p->bytes);
    if (p->missing)
        add_ascii(f, p->side, missing_text(p, text));
}

const struct follow_writer follow_ascii = { "ascii", begin_ascii, piece_ascii, end_form };

/* ---- hex ---- */

static void begin_hex(struct follow *f)
{
    begin_form(f, "hex");
}

static void hex_line(struct follow *f, unsigned side, struct wt_slice line)
{
    struct out *o = &f->out;
    if (side)
        out_char(o, '\t');
    static const char upper[] = "0123456789ABCDEF";
    for (int shift = 28; shift >= 0; shift -= 4)
        out_char(o, upper[f->written[side] >> shift & 15]);
    out_text(o, "  ");
    for (size_t i = 0; i < HEX_BYTES; i++) {
        if (i < line.len)
            out_hex(o, line.at[i], 2);
        else
            out_text(o, "  ");
        out_text(o, i == 7 ? "  " : " ");
    }
    out_char(o, ' ');
    for (size_t i = 0; i < line.len; i++) {
        if (i == 8)
            out_char(o, ' ');
        out_char(o, line.at[i] >= 0x20 && line.at[i] < 0x7f ? (char)line.at[i] : '.');
    }
    while (o->len && o->at[o->len - 1] == ' ')
        o->len--;               /* as tshark ends its lines */
    out_char(o, '\n');
    f->written[side] += line.len;
}

static void add_hex(struct follow *f, unsigned side, struct wt_slice bytes)
{
    for (size_t i = 0; i < bytes.len; i += HEX_BYTES)
        hex_line(f, side, (struct wt_slice){ bytes.at + i, bytes.len - i < HEX_BYTES ? bytes.len - i : HEX_BYTES });
}

static void piece_hex(struct follow *f, const struct follow_piece *p)
{
    char text[64];
    add_hex(f, p->side, p->bytes);
    if (p->missing)
        add_hex(f, p->side, missing_text(p, text));
}

const struct follow_writer follow_hex = { "hex", begin_hex, piece_hex, end_form };

/* ---- raw ---- */

static void begin_raw(struct follow *f)
{
    begin_form(f, "raw");
}

static void add_raw(struct follow *f, unsigned side, struct wt_slice bytes)
{
    if (side)
        out_char(&f->out, '\t');
    out_hex_bytes(&f->out, bytes, '\0');
    out_char(&f->out, '\n');
}

static void piece_raw(struct follow *f, const struct follow_piece *p)
{
    char text[64];
    if (p->bytes.len)
        add_raw(f, p->side, p->bytes);
    if (p->missing)
        add_raw(f, p->side, missing_text(p, text));
}

const struct follow_writer follow_raw = { "raw", begin_raw, piece_raw, end_form };

/* ---- yaml ---- */

static void begin_yaml(struct follow *f)
{
    out_text(&f->out, "peers:\n");
    for (unsigned side = 0; side < 2; side++) {
        out_format(&f->out, "  - peer: %u\n    host: ", side);
        out_address(&f->out, f->family, f->peer[side].address);
        out_format(&f->out, "\n    port: %u\n", f->peer[side].port);
    }
    out_text(&f->out, "packets:\n");
}

static void base64(struct out *o, struct wt_slice bytes)
{
    static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    for (size_t i = 0; i < bytes.len; i += 3) {
        size_t left = bytes.len - i;
        uint32_t v = (uint32_t)bytes.at[i] << 16 | (left > 1 ? (uint32_t)bytes.at[i + 1] << 8 : 0)
            | (left > 2 ? bytes.at[i + 2] : 0);
        out_char(o, digits[v >> 18]);
        out_char(o, digits[v >> 12 & 63]);
        out_char(o, left > 1 ? digits[v >> 6 & 63] : '=');
        out_char(o, left > 2 ? digits[v & 63] : '=');
    }
}

static void add_yaml(struct follow *f, const struct follow_piece *p, struct wt_slice bytes)
{
    out_format(&f->out, "  - packet: %llu\n    peer: %u\n    timestamp: ", (unsigned long long)p->frame, p->side);
    out_seconds(&f->out, p->time_ns, 9);
    out_text(&f->out, "\n    data: !!binary |\n");
    for (size_t i = 0; i < bytes.len; i += BASE64_LINE) {
        size_t left = bytes.len - i;
        out_text(&f->out, "      ");
        base64(&f->out, (struct wt_slice){ bytes.at + i, left < BASE64_LINE ? left : BASE64_LINE });
        out_char(&f->out, '\n');
    }
}

static void piece_yaml(struct follow *f, const struct follow_piece *p)
{
    char text[64];
    if (p->bytes.len)
        add_yaml(f, p, p->bytes);
    if (p->missing)
        add_yaml(f, p, missing_text(p, text));
}

const struct follow_writer follow_yaml = { "yaml", begin_yaml, piece_yaml, NULL };

/* ---- the bytes ---- */

static void piece_binary(struct follow *f, const struct follow_piece *p)
{
    out_bytes(&f->out, (const char *)p->bytes.at, p->bytes.len);
}

const struct follow_writer follow_binary = { "binary", NULL, piece_binary, NULL };

/* ---- JSON: text where the bytes are UTF-8, and base64 always ---- */

static void begin_json(struct follow *f)
{
    struct json *j = &f->json;
    json_begin(j, f->options.page.to);
    json_open(j, NULL, '{');
    json_text(j, "schema", "wiretale-follow");
    json_uint(j, "version", 1);
    json_uint(j, "connection", f->number);
    json_uint(j, "stream", f->stream);
    json_text(j, "protocol", f->protocol == 6 ? "tcp" : "udp");
    json_time(j, "start", f->start_ns);
    for (unsigned side = 0; side < 2; side++) {
        json_open(j, side ? "server" : "client", '{');
        json_address(j, "address", f->family, f->peer[side].address);
        json_uint(j, "port", f->peer[side].port);
        json_text(j, "name", f->options.numeric ? NULL
                  : names_find(f->names, f->family, f->peer[side].address, f->start_ns));
        json_close(j);
    }
    json_open(j, "pieces", '[');
}

static void piece_json(struct follow *f, const struct follow_piece *p)
{
    struct json *j = &f->json;
    json_open(j, NULL, '{');
    json_text(j, "from", p->side ? "server" : "client");
    if (p->frame)
        json_uint(j, "frame", p->frame);
    else
        json_null(j, "frame");
    json_time(j, "time", p->time_ns);
    if (p->bytes.len) {
        struct out o;
        out_init(&o, -1);
        base64(&o, p->bytes);
        out_char(&o, '\0');
        json_uint(j, "bytes", p->bytes.len);
        json_text(j, "base64", o.cut ? NULL : o.at);
        out_done(&o);
    }
    if (p->missing)
        json_uint(j, "missing_bytes", p->missing);
    json_close(j);
}

static void end_json(struct follow *f)
{
    struct json *j = &f->json;
    json_close(j);
    for (unsigned side = 0; side < 2; side++) {
        json_uint(j, side ? "server_bytes" : "client_bytes", f->result.bytes[side]);
        json_uint(j, side ? "server_missing_bytes" : "client_missing_bytes", f->result.missing_bytes[side]);
    }
    json_close(j);
    json_end(j);
}

const struct follow_writer follow_json = { "json", begin_json, piece_json, end_json };

/* Any bytes through the writers: what reaches a terminal holds no control character and no broken UTF-8, and what is
 * written as JSON is valid JSON. The bytes also make up records, names and messages of a whole report. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "report/connections.h"
#include "report/json.h"
#include "report/renderer.h"
#include "report/store_pack.h"
#include "report/style.h"
#include "report/text_words.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void demand(int holds, const char *what)
{
    if (!holds) {
        fprintf(stderr, "writers: %s\n", what);
        abort();
    }
}

/* Bytes of one character of UTF-8, or 0. Its own check, apart from what it checks. */
static size_t character(const unsigned char *p, size_t len)
{
    if (p[0] < 0x80)
        return 1;
    size_t n = p[0] >> 5 == 6 ? 2 : p[0] >> 4 == 14 ? 3 : p[0] >> 3 == 30 ? 4 : 0;
    if (n == 0 || n > len)
        return 0;
    unsigned long code = p[0] & (0x7fu >> n);
    for (size_t i = 1; i < n; i++) {
        if (p[i] >> 6 != 2)
            return 0;
        code = code << 6 | (p[i] & 0x3fu);
    }
    if ((n == 2 && code < 0x80) || (n == 3 && code < 0x800) || (n == 4 && code < 0x10000) || code > 0x10ffff
        || (code >= 0xd800 && code < 0xe000) || (code >= 0x80 && code < 0xa0))
        return 0;
    return n;
}

static void safe_text(const char *text, size_t len, int lines)
{
    const unsigned char *p = (const unsigned char *)text;
    for (size_t i = 0, n; i < len; i += n) {
        n = character(p + i, len - i);
        demand(n > 0, "broken UTF-8");
        demand((p[i] >= 0x20 && p[i] != 0x7f) || (lines && p[i] == '\n'), "a control character");
    }
}

/* ---- a checker of JSON: RFC 8259, bounded depth ---- */

struct checker {
    const char *at, *end;
};

static void blanks(struct checker *c)
{
    while (c->at < c->end && (*c->at == ' ' || *c->at == '\n'))
        c->at++;
}

static char next(struct checker *c)
{
    demand(c->at < c->end, "JSON ends too early");
    return *c->at++;
}

static void check_string(struct checker *c)
{
    demand(next(c) == '"', "no string");
    for (;;) {
        char b = next(c);
        if (b == '"')
            return;
        demand((unsigned char)b >= 0x20, "a control character in a string");
        if (b != '\\')
            continue;
        b = next(c);
        demand(strchr("\"\\/bfnrtu", b) != NULL, "an unknown escape");
        for (int i = 0; b == 'u' && i < 4; i++)
            demand(strchr("0123456789abcdefABCDEF", next(c)) != NULL, "a bad \\u");
    }
}

static void check_word(struct checker *c)
{
    size_t n = strspn(c->at, "-+.0123456789eEtrufalsn");
    demand(n > 0 && n <= (size_t)(c->end - c->at), "no value");
    if (*c->at == '-' || (*c->at >= '0' && *c->at <= '9')) {
        char *end;
        double value = strtod(c->at, &end);
        demand(end == c->at + n && value == value, "no number");
    } else {
        demand((n == 4 && (memcmp(c->at, "true", 4) == 0 || memcmp(c->at, "null", 4) == 0))
               || (n == 5 && memcmp(c->at, "false", 5) == 0), "no literal");
    }
    c->at += n;
}

static void check_value(struct checker *c, int depth)
{
    demand(depth < 100, "too deep");
    blanks(c);
    demand(c->at < c->end, "JSON ends too early");
    char open = *c->at;
    if (open == '"') {
        check_string(c);
        return;
    }
    if (open != '{' && open != '[') {
        check_word(c);
        return;
    }
    char close = open == '{' ? '}' : ']';
    c->at++;
    blanks(c);
    if (c->at < c->end && *c->at == close) {
        c->at++;
        return;
    }
    for (;;) {
        if (open == '{') {
            check_string(c);
            demand(next(c) == ':', "no colon");
        }
        check_value(c, depth + 1);
        char b = next(c);
        if (b == close)
            return;
        demand(b == ',', "no comma");
    }
}

static void valid_json(const char *text, size_t len)
{
    safe_text(text, len, 1);
    struct checker c = { text, text + len };
    for (blanks(&c); c.at < c.end; blanks(&c))
        check_value(&c, 0);
}

/* ---- what the bytes become ---- */

struct input {
    const uint8_t *at;
    size_t len;
};

static uint64_t number(struct input *in, unsigned bytes)
{
    uint64_t value = 0;
    for (unsigned i = 0; i < bytes && in->len; i++, in->at++, in->len--)
        value = value << 8 | *in->at;
    return value;
}

static struct wt_slice piece(struct input *in)
{
    size_t n = (size_t)number(in, 1);
    if (n > in->len)
        n = in->len;
    struct wt_slice s = { in->at, n };
    in->at += n;
    in->len -= n;
    return s;
}

static void address(struct input *in, uint8_t *to)
{
    for (unsigned i = 0; i < 16; i++)
        to[i] = (uint8_t)number(in, 1);
}

static void connection(struct input *in, struct wt_connection *c)
{
    memset(c, 0, sizeof *c);
    c->protocol = (uint8_t)number(in, 1);
    c->family = number(in, 1) & 1 ? 4 : 6;
    c->shard = (uint8_t)number(in, 1);
    c->flags = (uint32_t)number(in, 3);
    c->outcome = (uint8_t)(number(in, 1) % WT_OUTCOMES);
    c->close_kind = (uint8_t)(number(in, 1) % WT_CLOSE_KINDS);
    c->why = (uint8_t)number(in, 1);
    c->first_closer = (uint8_t)number(in, 1);
    c->reset_by = (uint8_t)number(in, 1);
    c->icmp_error = (uint16_t)number(in, 2);
    c->start_ns = (int64_t)number(in, 7);
    c->end_ns = c->start_ns + (int64_t)number(in, 6);
    c->syn_ns = c->start_ns;
    c->syn_ack_ns = c->start_ns + (int64_t)number(in, 4);
    c->ack_ns = c->syn_ack_ns + (int64_t)number(in, 4);
    c->first_frame = number(in, 3);
    c->last_frame = c->first_frame + number(in, 2);
    c->number = number(in, 8);
    c->stream = (uint32_t)number(in, 4);
    c->time_wait = (struct wt_time_wait){ .holder = (uint8_t)(number(in, 1) & 3), .ended = (uint8_t)number(in, 1),
                                          .start_ns = c->end_ns, .end_ns = c->end_ns + (int64_t)number(in, 5) };
    for (unsigned i = 0; i < 2; i++) {
        struct wt_side *s = &c->side[i];
        address(in, s->address);
        s->port = (uint16_t)number(in, 2);
        s->state = (uint8_t)(number(in, 1) % WT_TCP_STATES);
        s->packets = number(in, 4);
        s->wire_bytes = number(in, 8);
        s->payload_bytes = number(in, 8);
        s->retransmissions = (uint32_t)number(in, 4);
        s->zero_windows = (uint32_t)number(in, 2);
        s->syns = (uint32_t)number(in, 1);
        s->wscale = (uint8_t)number(in, 1);
    }
    snprintf(c->conn_state, sizeof c->conn_state, "SF");
    snprintf(c->history, sizeof c->history, "ShADadFf");
    c->service = number(in, 1) & 1 ? "http" : NULL;
}

static void message(struct input *in, struct summary *s)
{
    struct wt_message m = { .family = number(in, 1) & 1 ? 4 : 6, .protocol = 6, .shard = (uint8_t)number(in, 1) };
    address(in, m.address[0]);
    address(in, m.address[1]);
    m.port[1] = (uint16_t)number(in, 2);
    if (number(in, 1) & 1) {
        struct wt_http_exchange h = {
            .request_frame = number(in, 3), .response_frame = number(in, 3), .flags = (uint32_t)number(in, 2),
            .request_start_ns = (int64_t)number(in, 7), .status = (uint16_t)number(in, 2), .depth = (uint32_t)number(in, 1) };
        h.request_end_ns = h.request_start_ns + (int64_t)number(in, 4);
        h.response_start_ns = h.request_end_ns + (int64_t)number(in, 5);
        h.response_end_ns = h.response_start_ns + (int64_t)number(in, 5);
        h.method = piece(in);
        h.host = piece(in);
        h.target = piece(in);
        m.kind = WT_MESSAGE_HTTP;
        m.http = &h;
        summary_message(s, &m);
        return;
    }
    char name[256 * 4 + 1];
    struct wt_text t = { .at = name, .capacity = sizeof name };
    name[0] = '\0';
    wt_text_add_safe(&t, piece(in));    /* a name is in presentation form: safe */
    struct wt_dns_transaction d = { .query_frame = number(in, 3), .response_frame = number(in, 3), .name = name,
                                    .time_ns = (int64_t)number(in, 6) - 1000, .type = (uint16_t)number(in, 2),
                                    .rcode = (uint16_t)number(in, 2), .retries = (uint32_t)number(in, 1) };
    m.kind = WT_MESSAGE_DNS;
    m.dns = &d;
    summary_message(s, &m);
    struct wt_name_observation o = { .family = m.family, .name = name, .time_ns = (int64_t)number(in, 7) };
    memcpy(o.address, m.address[1], 16);
    m.kind = WT_MESSAGE_NAME;
    m.name = &o;
    summary_message(s, &m);
}

static void check_bytes(const uint8_t *data, size_t size)
{
    struct wt_slice all = { data, size };
    char *text = NULL;
    size_t len = 0;
    struct json j;
    json_begin(&j, open_memstream(&text, &len));
    json_open(&j, NULL, '[');
    json_bytes(&j, NULL, all);
    json_end(&j);
    fclose(j.to);
    valid_json(text, len);
    free(text);
    for (int utf8 = 0; utf8 < 2; utf8++) {
        struct page p = { .to = open_memstream(&text, &len), .width = 80, .utf8 = utf8 };
        char safe[2048] = "";
        struct wt_text t = { .at = safe, .capacity = sizeof safe };
        page_safe(&p, &t, all);
        page_cell(&p, STYLE_PLAIN, safe, 20, false);
        page_wrap(&p, STYLE_PLAIN, safe, 3, 2);
        fclose(p.to);
        safe_text(text, len, 1);
        free(text);
    }
    uint8_t *packed = malloc(STORE_PACKED_MOST(size)), *back = malloc(size + 1);
    demand(packed && back, "no memory");
    demand(store_unpack(packed, store_pack(data, size, packed), back, size) == 0 && memcmp(back, data, size) == 0,
           "packing lost something");
    store_unpack(data, size, back, size);    /* any answer, but inside its bounds */
    free(packed);
    free(back);
}

static void check_report(struct summary *s, const struct wt_config *config, const char *input)
{
    struct wt_account *account = calloc(1, sizeof *account);
    struct report *report = malloc(sizeof *report);
    demand(account && report, "no memory");
    account->frames = 1;
    account->source.last_ns = INT64_MAX;
    snprintf(account->source.problem.text, sizeof account->source.problem.text, "%.500s", input);
    account->source.incomplete = true;
    const struct wt_input inputs[1] = { { input, false } };
    const struct wt_source_options source = { .inputs = inputs, .input_count = 1 };
    report_init(report, account, s, &source, config, true);
    for (size_t i = 0; i < renderer_count; i++) {
        char *text = NULL;
        size_t len = 0;
        struct page p = { .to = open_memstream(&text, &len), .width = 80, .utf8 = true };
        renderers[i]->report(report, &p);
        fclose(p.to);
        if (renderers[i] == &renderer_json)
            valid_json(text, len);
        else
            safe_text(text, len, 1);
        free(text);
    }
    report_done(report);
    free(report);
    free(account);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (size > 4096)
        return 0;
    check_bytes(data, size);
    struct wt_config config;
    wt_config_defaults(&config);
    config.value[WT_MAX_HOSTS] = 128;
    config.value[WT_MAX_NAMES] = 16;
    struct summary *s = summary_new(&config, 3, 1);
    demand(s != NULL, "no memory");
    struct input in = { data, size };
    char input[1024];
    snprintf(input, sizeof input, "%.*s", (int)(size < 200 ? size : 200), (const char *)data);
    char *text = NULL;
    size_t len = 0;
    FILE *json = open_memstream(&text, &len);
    while (in.len) {
        struct wt_connection c;
        connection(&in, &c);
        summary_connection(s, &c);
        connections_json(json, &c, s->names);
        message(&in, s);
    }
    fclose(json);
    valid_json(text, len);
    free(text);
    check_report(s, &config, input);
    summary_free(s);
    return 0;
}

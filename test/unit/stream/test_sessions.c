/* Streams with the sessions of the registry: who is recognised, when, and on which port. */
#include "stream/stream.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

struct run {
    struct wt_config config;
    struct wt_limit_hits hits;
    struct stream_set *set;
    struct wt_session_context context;
    void *slot;
    uint32_t at[2];
    const char *service;
    unsigned layers, exchanges, status;
    uint32_t flags;
};

static void emit(void *to, const struct wt_message *message)
{
    struct run *r = to;
    r->layers += message->kind == WT_MESSAGE_LAYER;
    if (message->kind == WT_MESSAGE_HTTP) {
        r->exchanges++;
        r->status = message->http->status;
        r->flags = message->http->flags;
    }
}

static void start(struct run *r, uint16_t port)
{
    memset(r, 0, sizeof *r);
    wt_config_defaults(&r->config);
    r->context = (struct wt_session_context){ .client_port = 40000, .server_port = port, .config = &r->config,
                                              .hits = &r->hits, .emit = emit, .emit_to = r };
    r->set = stream_set_new(&r->config, &r->hits, NULL);
}

static void send_bytes(struct run *r, unsigned side, const char *bytes, size_t len, bool known)
{
    r->context.frame++;
    struct stream_segment s = {
        .side = side, .seq = 1 + r->at[side], .start_known = known, .start_seq = 1,
        .payload = { (const uint8_t *)bytes, len }, .wire_bytes = (uint32_t)len, .has_ack = true,
        .ack = 1 + r->at[!side], .context = &r->context,
    };
    int service = stream_segment(r->set, &r->slot, &s);
    if (service >= 0) {
        assert_null(r->service);
        r->service = wt_dissector_at((unsigned)service)->name;
    }
    r->at[side] += (uint32_t)len;
}

static void end(struct run *r)
{
    stream_close(r->set, &r->slot, &r->context, WT_CLOSED_FIN);
    stream_set_free(r->set);
}

#define GET "GET /index.html HTTP/1.1\r\nHost: a\r\n\r\n"
#define OK "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"
#define DNS_QUERY "\0\x13\0\1\1\0\0\1\0\0\0\0\0\0" "\1a\0\0\1\0\1"
static const struct {
    const char *name;
    uint16_t port;
    bool known;
    struct {
        unsigned side;
        const char *bytes;
        size_t len;
    } steps[5];
    const char *service;
    unsigned layers, exchanges;
} rows[] = {
#define B(s) s, sizeof(s) - 1
    { "any port", 12345, true, { { 0, B(GET) }, { 1, B(OK) } }, "http", 2, 1 },
    { "the server alone", 12345, true, { { 1, B(OK) } }, "http", 1, 1 },
    { "one byte at a time", 80, true, { { 0, B("G") }, { 0, B("E") }, { 0, B("T / HTTP/1.1\r\n\r\n") }, { 1, B(OK) } },
      "http", 2, 1 },
    { "the answer while the request is not recognised yet", 80, true, { { 0, B("GE") }, { 1, B(OK) }, { 0, B("T /") } },
      "http", 1, 1 },
    { "DNS on its port", 53, true, { { 0, B(DNS_QUERY) } }, "dns", 1, 0 },
    { "DNS on another", 54, true, { { 0, B(DNS_QUERY) }, { 0, B(DNS_QUERY) } }, NULL, 0, 0 },
    { "HTTP on DNS's port", 53, true, { { 0, B(GET) }, { 1, B(OK) } }, "http", 2, 1 },
    { "the client's bytes are nobody's, the server's are HTTP", 80, true, { { 0, B("\x01\x02 rubbish") }, { 1, B(OK) } },
      "http", 1, 1 },
    { "neither's are", 80, true, { { 0, B("\x16\x03\x01") }, { 1, B("\x16\x03\x03") }, { 0, B(GET) }, { 1, B(OK) } },
      NULL, 0, 0 },
    { "from the middle: a later segment begins a message", 80, false,
      { { 1, B("rest of a body") }, { 1, B("more of it") }, { 0, B(GET) }, { 1, B(OK) } }, "http", 2, 1 },
#undef B
};

static void recognised(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct run r;
        start(&r, rows[i].port);
        for (unsigned k = 0; k < 5 && rows[i].steps[k].bytes; k++)
            send_bytes(&r, rows[i].steps[k].side, rows[i].steps[k].bytes, rows[i].steps[k].len, rows[i].known);
        end(&r);
        const char *service = r.service ? r.service : "nobody", *want = rows[i].service ? rows[i].service : "nobody";
        if (strcmp(service, want) != 0 || r.layers != rows[i].layers || r.exchanges != rows[i].exchanges)
            fail_msg("%s: %s, %u layers, %u exchanges", rows[i].name, service, r.layers, r.exchanges);
    }
}

static void a_tunnel_is_recognised_anew(void **state)
{
    (void)state;
    struct run r;
    start(&r, 3128);
    static const char *const steps[] = { "CONNECT h:80 HTTP/1.1\r\n\r\n", "HTTP/1.1 200 OK\r\n\r\n" };
    send_bytes(&r, 0, steps[0], strlen(steps[0]), true);
    send_bytes(&r, 1, steps[1], strlen(steps[1]), true);
    assert_int_equal(r.exchanges, 1);
    assert_true(r.flags & WT_HTTP_TUNNEL);
    r.service = NULL;
    send_bytes(&r, 0, GET, sizeof GET - 1, true);
    assert_string_equal(r.service, "http");
    send_bytes(&r, 1, OK, sizeof OK - 1, true);
    assert_int_equal(r.exchanges, 2);
    assert_int_equal(r.layers, 4);
    end(&r);
}

static void sessions_are_limited(void **state)
{
    (void)state;
    struct run r;
    start(&r, 80);
    stream_set_free(r.set);
    r.config.value[WT_MAX_SESSIONS] = 64 * 2;              /* two in each shard */
    r.set = stream_set_new(&r.config, &r.hits, NULL);
    void *slots[3] = { NULL };
    for (unsigned i = 0; i < 3; i++) {
        struct stream_segment s = { .seq = 1, .start_known = true, .start_seq = 1, .context = &r.context,
                                    .payload = { (const uint8_t *)GET, sizeof GET - 1 }, .wire_bytes = sizeof GET - 1 };
        stream_segment(r.set, &slots[i], &s);
    }
    assert_int_equal(r.hits.count[WT_MAX_SESSIONS], 1);
    assert_int_equal(stream_set_counters(r.set)->sessions_refused, 1);
    for (unsigned i = 0; i < 3; i++)
        stream_close(r.set, &slots[i], &r.context, WT_CLOSED_END);
    assert_int_equal(r.layers, 2);
    stream_set_free(r.set);
}

/* Whose message a side is in the middle of. */
static void under_way(void **state)
{
    (void)state;
    struct run r;
    start(&r, 80);
    assert_null(stream_under_way(&r.slot, 0));
    send_bytes(&r, 0, GET, sizeof GET - 1, true);
    assert_null(stream_under_way(&r.slot, 0));
    send_bytes(&r, 1, OK, sizeof OK - 2, true);
    assert_string_equal(stream_under_way(&r.slot, 1), "HTTP");
    assert_null(stream_under_way(&r.slot, 0));
    send_bytes(&r, 1, "k", 1, true);
    assert_null(stream_under_way(&r.slot, 1));
    end(&r);

    start(&r, 53);
    send_bytes(&r, 0, DNS_QUERY, sizeof DNS_QUERY - 2, true);
    assert_string_equal(stream_under_way(&r.slot, 0), "DNS");
    end(&r);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(recognised), cmocka_unit_test(under_way), cmocka_unit_test(a_tunnel_is_recognised_anew),
        cmocka_unit_test(sessions_are_limited),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

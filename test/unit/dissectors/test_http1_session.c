#include "dissectors/http1.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>

#include <cmocka.h>

#include "session_driver.h"

static const struct {
    uint32_t flag;
    const char *name;
} flag_names[] = {
    { WT_HTTP_KEPT, "kept" }, { WT_HTTP_CHUNKED, "chunked" }, { WT_HTTP_CONDITIONAL, "conditional" },
    { WT_HTTP_SAVED, "saved" }, { WT_HTTP_SENT_COOKIE, "cookie" }, { WT_HTTP_SET_COOKIE, "set-cookie" },
    { WT_HTTP_PIPELINED, "pipelined" }, { WT_HTTP_UNANSWERED, "unanswered" }, { WT_HTTP_NO_REQUEST, "no-request" },
    { WT_HTTP_INCOMPLETE, "incomplete" }, { WT_HTTP_UNTIL_CLOSE, "until-close" }, { WT_HTTP_UPGRADED, "upgraded" },
    { WT_HTTP_TUNNEL, "tunnel" }, { WT_HTTP_CONTINUED, "continued" }, { WT_HTTP_MALFORMED, "malformed" },
};

static void tell_exchange(struct driver *d, const struct wt_http_exchange *x)
{
    driver_tell(d, "%u %.*s %.*s %llu -> %u %llu", x->depth, (int)x->method.len, (const char *)x->method.at,
                (int)x->target.len, (const char *)x->target.at, (unsigned long long)x->request_body_bytes, x->status,
                (unsigned long long)x->response_body_bytes);
    if (x->interim)
        driver_tell(d, " interim:%u", x->interim);
    if (x->saved_bytes)
        driver_tell(d, " saves:%llu", (unsigned long long)x->saved_bytes);
    for (size_t i = 0; i < sizeof flag_names / sizeof *flag_names; i++)
        if (x->flags & flag_names[i].flag)
            driver_tell(d, " %s", flag_names[i].name);
    driver_tell(d, "\n");
}

static void tell_layer(struct driver *d, const struct wt_message_layer *layer)
{
    const struct http1 *h = layer->header;
    if (h->bytes.at == NULL || layer->bytes.len < h->head_len || memcmp(layer->bytes.at, h->line.at, h->line.len) != 0)
        driver_tell(d, "layer without its bytes\n");
    driver_tell(d, "[%.*s]\n", (int)h->line.len, (const char *)h->line.at);
}

static void emit(void *to, const struct wt_message *message)
{
    struct driver *d = to;
    if (message->kind == WT_MESSAGE_HTTP)
        tell_exchange(d, message->http);
    else if (message->kind == WT_MESSAGE_LAYER)
        tell_layer(d, message->layer);
}

/* A conversation: "C:" and "S:" begin what client and server send; "c<N>" and "s<N>" are holes of N bytes; "C." and
 * "S." close one side, "!" resets. Steps are separated by NUL, the last one is empty. */
static const struct {
    const char *name, *steps, *want;
} talks[] = {
    { "one exchange",
      "C:GET / HTTP/1.1\r\nHost: a\r\n\r\n\0S:HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok\0",
      "[GET / HTTP/1.1]\n[HTTP/1.1 200 OK]\n1 GET / 0 -> 200 2 kept\n" },
    { "kept by HTTP/1.0 only when it says so",
      "C:GET /1 HTTP/1.0\r\n\r\n\0S:HTTP/1.0 200 OK\r\nContent-Length: 1\r\nConnection: keep-alive\r\n\r\nx\0"
      "C:GET /2 HTTP/1.0\r\n\r\n\0S:HTTP/1.0 200 OK\r\nContent-Length: 1\r\n\r\nx\0",
      "[GET /1 HTTP/1.0]\n[HTTP/1.0 200 OK]\n1 GET /1 0 -> 200 1 kept\n"
      "[GET /2 HTTP/1.0]\n[HTTP/1.0 200 OK]\n2 GET /2 0 -> 200 1\n" },
    { "close",
      "C:GET / HTTP/1.1\r\n\r\n\0S:HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 0\r\n\r\n\0",
      "[GET / HTTP/1.1]\n[HTTP/1.1 200 OK]\n1 GET / 0 -> 200 0\n" },
    { "chunked with extension and trailer",
      "C:GET / HTTP/1.1\r\n\r\n\0"
      "S:HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5;a=\"b;c\"\r\nhello\r\n10 \r\n0123456789abcdef\r\n"
      "0\r\nX: 1\r\nY: 2\r\n\r\n\0C:GET /2 HTTP/1.1\r\n\r\n\0",
      "[GET / HTTP/1.1]\n[HTTP/1.1 200 OK]\n1 GET / 0 -> 200 21 kept chunked\n"
      "[GET /2 HTTP/1.1]\n2 GET /2 0 -> 0 0 unanswered\n" },
    { "posted chunks and posted length",
      "C:POST /1 HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\n\r\n\0"
      "S:HTTP/1.1 204 No\r\n\r\n\0"
      "C:POST /2 HTTP/1.1\r\nContent-Length: 10\r\n\r\n0123456789\0S:HTTP/1.1 201 Made\r\nContent-Length: 0\r\n\r\n\0",
      "[POST /1 HTTP/1.1]\n[HTTP/1.1 204 No]\n1 POST /1 3 -> 204 0 kept\n"
      "[POST /2 HTTP/1.1]\n[HTTP/1.1 201 Made]\n2 POST /2 10 -> 201 0 kept\n" },
    { "a body until the close",
      "C:GET / HTTP/1.0\r\n\r\n\0S:HTTP/1.0 200 OK\r\n\r\nall of this\0S.\0",
      "[GET / HTTP/1.0]\n[HTTP/1.0 200 OK]\n1 GET / 0 -> 200 11 until-close\n" },
    { "a body until the reset",
      "C:GET / HTTP/1.0\r\n\r\n\0S:HTTP/1.0 200 OK\r\n\r\nall of this\0!\0",
      "[GET / HTTP/1.0]\n1 GET / 0 -> 200 11 incomplete until-close\n" },
    { "responses without a body",
      "C:HEAD / HTTP/1.1\r\n\r\n\0S:HTTP/1.1 200 OK\r\nContent-Length: 500\r\n\r\n\0"
      "C:GET /c HTTP/1.1\r\nIf-None-Match: x\r\n\r\n\0S:HTTP/1.1 304 Same\r\nContent-Length: 700\r\n\r\n\0"
      "C:GET /n HTTP/1.1\r\n\r\n\0S:HTTP/1.1 204 None\r\nTransfer-Encoding: chunked\r\n\r\n\0",
      "[HEAD / HTTP/1.1]\n[HTTP/1.1 200 OK]\n1 HEAD / 0 -> 200 0 kept\n"
      "[GET /c HTTP/1.1]\n[HTTP/1.1 304 Same]\n2 GET /c 0 -> 304 0 saves:700 kept conditional saved\n"
      "[GET /n HTTP/1.1]\n[HTTP/1.1 204 None]\n3 GET /n 0 -> 204 0 kept chunked\n" },
    { "100-continue",
      "C:POST / HTTP/1.1\r\nExpect: 100-continue\r\nContent-Length: 3\r\n\r\n\0S:HTTP/1.1 100 Continue\r\n\r\n\0"
      "C:abc\0S:HTTP/1.1 103 Hints\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n\0",
      "[HTTP/1.1 100 Continue]\n[POST / HTTP/1.1]\n[HTTP/1.1 103 Hints]\n[HTTP/1.1 200 OK]\n"
      "1 POST / 3 -> 200 0 interim:2 kept continued\n" },
    { "pipelined",
      "C:GET /1 HTTP/1.1\r\n\r\nGET /2 HTTP/1.1\r\n\r\nGET /3 HTTP/1.1\r\n\r\n\0"
      "S:HTTP/1.1 200 A\r\nContent-Length: 1\r\n\r\naHTTP/1.1 201 B\r\nContent-Length: 2\r\n\r\nbb\0"
      "S:HTTP/1.1 202 C\r\nContent-Length: 0\r\n\r\n\0",
      "[GET /1 HTTP/1.1]\n[GET /2 HTTP/1.1]\n[GET /3 HTTP/1.1]\n"
      "[HTTP/1.1 200 A]\n1 GET /1 0 -> 200 1 kept\n[HTTP/1.1 201 B]\n2 GET /2 0 -> 201 2 kept pipelined\n"
      "[HTTP/1.1 202 C]\n3 GET /3 0 -> 202 0 kept pipelined\n" },
    { "upgrade ends it",
      "C:GET /ws HTTP/1.1\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\r\n\0"
      "S:HTTP/1.1 101 Go\r\nUpgrade: websocket\r\n\r\n\x81\x01x\0C:\x81\x01y\0",
      "[GET /ws HTTP/1.1]\n[HTTP/1.1 101 Go]\n1 GET /ws 0 -> 101 0 upgraded\n" },
    { "tunnel ends it",
      "C:CONNECT h:443 HTTP/1.1\r\n\r\n\0S:HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n\0C:\x16\x03\x01\0",
      "[CONNECT h:443 HTTP/1.1]\n[HTTP/1.1 200 OK]\n1 CONNECT h:443 0 -> 200 0 tunnel\n" },
    { "a refused tunnel does not",
      "C:CONNECT h:443 HTTP/1.1\r\n\r\n\0S:HTTP/1.1 407 No\r\nContent-Length: 2\r\n\r\nno\0"
      "C:GET / HTTP/1.1\r\n\r\n\0",
      "[CONNECT h:443 HTTP/1.1]\n[HTTP/1.1 407 No]\n1 CONNECT h:443 0 -> 407 2 kept\n"
      "[GET / HTTP/1.1]\n2 GET / 0 -> 0 0 unanswered\n" },
    { "cookies, both ways",
      "C:GET / HTTP/1.1\r\nCookie: a=b\r\n\r\n\0"
      "S:HTTP/1.1 200 OK\r\nSet-Cookie: a=c\r\nContent-Length: 0\r\n\r\n\0",
      "[GET / HTTP/1.1]\n[HTTP/1.1 200 OK]\n1 GET / 0 -> 200 0 kept cookie set-cookie\n" },
    { "no response",
      "C:GET / HTTP/1.1\r\n\r\n\0C.\0S.\0",
      "[GET / HTTP/1.1]\n1 GET / 0 -> 0 0 unanswered\n" },
    { "no request",
      "S:HTTP/1.1 408 Late\r\nContent-Length: 0\r\nConnection: close\r\n\r\n\0",
      "[HTTP/1.1 408 Late]\n1   0 -> 408 0 no-request\n" },
    { "a body cut by the end",
      "C:GET / HTTP/1.1\r\n\r\n\0S:HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nabc\0S.\0",
      "[GET / HTTP/1.1]\n1 GET / 0 -> 200 3 kept incomplete\n" },
    { "a hole in a body is passed by its length",
      "C:GET /1 HTTP/1.1\r\n\r\n\0S:HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nabc\0s5\0S:ij\0"
      "C:GET /2 HTTP/1.1\r\n\r\n\0S:HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n\0",
      "[GET /1 HTTP/1.1]\n1 GET /1 0 -> 200 10 kept incomplete\n"
      "[GET /2 HTTP/1.1]\n[HTTP/1.1 200 OK]\n2 GET /2 0 -> 200 0 kept\n" },
    { "a hole up to the end of a body",
      "C:GET /1 HTTP/1.1\r\n\r\n\0S:HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nabc\0s7\0"
      "C:GET /2 HTTP/1.1\r\n\r\n\0S:HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n\0",
      "[GET /1 HTTP/1.1]\n1 GET /1 0 -> 200 10 kept incomplete\n"
      "[GET /2 HTTP/1.1]\n[HTTP/1.1 200 OK]\n2 GET /2 0 -> 200 0 kept\n" },
    { "a hole beyond a body: the next head is found at a segment's start",
      "C:GET /1 HTTP/1.1\r\n\r\n\0S:HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nabc\0s50\0S:rest of something\0"
      "C:GET /2 HTTP/1.1\r\n\r\n\0S:HTTP/1.1 201 OK\r\nContent-Length: 0\r\n\r\n\0",
      "[GET /1 HTTP/1.1]\n1 GET /1 0 -> 200 3 kept incomplete\n"
      "[GET /2 HTTP/1.1]\n[HTTP/1.1 201 OK]\n2 GET /2 0 -> 201 0 kept\n" },
    { "a response lost in a hole leaves its request unanswered",
      "C:GET /1 HTTP/1.1\r\n\r\n\0s60\0C:GET /2 HTTP/1.1\r\n\r\n\0S:HTTP/1.1 201 OK\r\nContent-Length: 0\r\n\r\n\0",
      "[GET /1 HTTP/1.1]\n1 GET /1 0 -> 0 0 unanswered\n"
      "[GET /2 HTTP/1.1]\n[HTTP/1.1 201 OK]\n2 GET /2 0 -> 201 0 kept\n" },
    { "a response head cut by a hole",
      "C:GET /1 HTTP/1.1\r\n\r\n\0S:HTTP/1.1 500 Oh\r\nContent-Le\0s60\0S:garbage\0",
      "[GET /1 HTTP/1.1]\n1 GET /1 0 -> 500 0 kept incomplete\n" },
    { "a hole in chunk data",
      "C:GET / HTTP/1.1\r\n\r\n\0S:HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\na\r\nabc\0s7\0S:\r\n0\r\n\r\n\0",
      "[GET / HTTP/1.1]\n1 GET / 0 -> 200 10 kept chunked incomplete\n" },
    { "chunk sizes that are no sizes",
      "C:GET / HTTP/1.1\r\n\r\n\0S:HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nxyz\r\n\0",
      "[GET / HTTP/1.1]\n[HTTP/1.1 200 OK]\n1 GET / 0 -> 200 0 kept chunked incomplete malformed\n" },
    { "a chunk size that would overflow",
      "C:GET / HTTP/1.1\r\n\r\n\0S:HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nfffffffffffffffff1\r\n\0",
      "[GET / HTTP/1.1]\n[HTTP/1.1 200 OK]\n1 GET / 0 -> 200 0 kept chunked incomplete malformed\n" },
    { "a wrong Content-Length: what follows is skipped up to the next head",
      "C:GET /1 HTTP/1.1\r\n\r\n\0S:HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nabcdef\0"
      "C:GET /2 HTTP/1.1\r\n\r\n\0S:HTTP/1.1 201 OK\r\nContent-Length: 0\r\n\r\n\0",
      "[GET /1 HTTP/1.1]\n[HTTP/1.1 200 OK]\n1 GET /1 0 -> 200 2 kept\n"
      "[GET /2 HTTP/1.1]\n[HTTP/1.1 201 OK]\n2 GET /2 0 -> 201 0 kept\n" },
    { "no Content-Length and no close: all that comes belongs to it",
      "C:GET /1 HTTP/1.1\r\n\r\n\0S:HTTP/1.1 200 OK\r\n\r\nabc\0C:GET /2 HTTP/1.1\r\n\r\n\0",
      "[GET /1 HTTP/1.1]\n[GET /2 HTTP/1.1]\n1 GET /1 0 -> 200 3 incomplete until-close\n"
      "2 GET /2 0 -> 0 0 pipelined unanswered\n" },
    { "an answer before the request is complete",
      "C:POST / HTTP/1.1\r\nContent-Length: 10\r\n\r\n0123\0S:HTTP/1.1 413 Big\r\nContent-Length: 0\r\n\r\n\0"
      "C:456789GET /2 HTTP/1.1\r\n\r\n\0",
      "[HTTP/1.1 413 Big]\n1 POST / 4 -> 413 0 kept incomplete\n[POST / HTTP/1.1]\n[GET /2 HTTP/1.1]\n"
      "2 GET /2 0 -> 0 0 unanswered\n" },
    { "empty lines before a request",
      "C:POST /1 HTTP/1.1\r\nContent-Length: 1\r\n\r\nx\r\n\0C:\r\nGET /2 HTTP/1.1\r\n\r\n\0",
      "[POST /1 HTTP/1.1]\n[GET /2 HTTP/1.1]\n1 POST /1 1 -> 0 0 unanswered\n"
      "2 GET /2 0 -> 0 0 pipelined unanswered\n" },
};

/* Cuts each step's bytes into pieces: at `cut` only, or into single bytes. */
enum { WHOLE = -1, SINGLE = -2 };

static void run_steps(struct driver *d, const char *steps, int cut)
{
    int at = 0;
    enum wt_close_reason reason = WT_CLOSED_END;
    for (const char *step = steps; *step; step += strlen(step) + 1) {
        driver_step(d);
        unsigned dir = step[0] == 'S' || step[0] == 's';
        if (step[0] == '!') {
            reason = WT_CLOSED_RST;
        } else if (step[0] == 'c' || step[0] == 's') {
            driver_gap(d, dir, strtoul(step + 1, NULL, 10));
        } else if (step[1] == '.') {
            if (!d->over)
                d->ops->close(d->session, &d->ctx, dir, WT_CLOSED_FIN);
        } else {
            const char *bytes = step + 2;
            size_t len = strlen(bytes), before = 0;
            for (size_t i = 1; i <= len; i++, at++) {
                if (i < len && cut != SINGLE && at != cut)
                    continue;
                driver_feed(d, dir, bytes + before, i - before);
                before = i;
            }
        }
    }
    driver_end(d, reason);
}

/* However the bytes are cut into segments, the same is told. */
static void talk_is_told(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof talks / sizeof *talks; i++) {
        int total = 0;
        for (const char *step = talks[i].steps; *step; step += strlen(step) + 1)
            total += (int)strlen(step);
        for (int cut = SINGLE; cut < total; cut++) {
            struct driver d;
            driver_start(&d, http1_dissector.session, 40000, 80, emit);
            run_steps(&d, talks[i].steps, cut);
            bool resynchronises = strstr(talks[i].name, "segment's start") || strstr(talks[i].name, "wrong Content");
            if (resynchronises && cut != WHOLE)
                continue;                     /* where segments begin is what it goes by */
            if (strcmp(d.told, talks[i].want) != 0)
                fail_msg("%s, cut at %d:\n%s--- not\n%s", talks[i].name, cut, d.told, talks[i].want);
        }
    }
}

static struct wt_http_exchange last;
static struct wt_pairing last_pairing;

static void keep_last(void *to, const struct wt_message *message)
{
    (void)to;
    if (message->kind == WT_MESSAGE_HTTP)
        last = *message->http;
    if (message->kind == WT_MESSAGE_LAYER)
        last_pairing = message->layer->pairing;
}

static void frames_and_times(void **state)
{
    (void)state;
    struct driver d;
    driver_start(&d, http1_dissector.session, 40000, 80, keep_last);
    static const char *const steps[] = { "CPOST / HTTP/1.1\r\nContent-Le", "Cngth: 4\r\n\r\nab", "Ccd",
                                         "SHTTP/1.1 200", "S OK\r\nContent-Length: 3\r\n\r\n", "Sab", "Sc" };
    for (size_t i = 0; i < sizeof steps / sizeof *steps; i++) {
        driver_step(&d);
        driver_feed(&d, steps[i][0] == 'S', steps[i] + 1, strlen(steps[i]) - 1);
    }
    assert_int_equal(last.request_frame, 2);           /* where the head was complete */
    assert_int_equal(last.request_start_ns, 1000000);
    assert_int_equal(last.request_end_ns, 3000000);
    assert_int_equal(last.response_frame, 5);
    assert_int_equal(last.response_start_ns, 4000000);
    assert_int_equal(last.response_end_ns, 7000000);
    assert_int_equal(last_pairing.request_frame, 3);   /* where the request was complete */
    assert_int_equal(last_pairing.time_ns, 4000000);
    assert_int_equal(last_pairing.number, 1);
    driver_end(&d, WT_CLOSED_FIN);
}

static void limits_end_it(void **state)
{
    (void)state;
    struct driver d;
    driver_start(&d, http1_dissector.session, 40000, 80, emit);
    d.config.value[WT_MAX_HTTP_HEADER] = 1024;
    driver_feed(&d, 0, "GET / HTTP/1.1\r\n", 16);
    for (unsigned i = 0; i < 100 && !d.over; i++)
        driver_feed(&d, 0, "X-Header: 0123456789\r\n", 22);
    assert_true(d.over);
    assert_int_equal(d.hits.count[WT_MAX_HTTP_HEADER], 1);
    driver_end(&d, WT_CLOSED_END);
    assert_string_equal(d.told, "1 GET / 0 -> 0 0 unanswered incomplete\n");

    driver_start(&d, http1_dissector.session, 40000, 80, emit);
    d.config.value[WT_MAX_HTTP_PIPELINE] = 2;
    for (unsigned i = 0; i < 4; i++)
        driver_feed(&d, 0, "GET / HTTP/1.1\r\n\r\n", 18);
    assert_int_equal(d.hits.count[WT_MAX_HTTP_PIPELINE], 2);
    driver_end(&d, WT_CLOSED_END);

    driver_start(&d, http1_dissector.session, 40000, 80, emit);
    d.held.limit = 600;
    driver_feed(&d, 0, "GET / HTTP/1.1\r\n\r\n", 18);
    driver_feed(&d, 0, "GET / HTTP/1.1\r\n\r\n", 18);
    assert_true(d.over);
    assert_int_equal(d.hits.count[WT_MAX_REASSEMBLY_BYTES], 1);
    driver_end(&d, WT_CLOSED_END);
    assert_int_equal(d.held.bytes, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(talk_is_told), cmocka_unit_test(frames_and_times), cmocka_unit_test(limits_end_it),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

#include "dissectors/http1.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "protected.h"

static struct wt_slice text(const char *s)
{
    return (struct wt_slice){ (const uint8_t *)s, strlen(s) };
}

static void slice_is(struct wt_slice s, const char *want)
{
    if (s.len != strlen(want) || memcmp(s.at, want, s.len ? s.len : 0) != 0)
        fail_msg("got '%.*s', want '%s'", (int)s.len, (const char *)s.at, want);
}

/* RFC 9112 3: method, target, version; what real programs send besides. */
static const struct {
    const char *line, *method, *target, *version;
    uint8_t minor;
    bool malformed;
} requests[] = {
    { "GET / HTTP/1.1", "GET", "/", "HTTP/1.1", 1, false },
    { "OPTIONS * HTTP/1.0", "OPTIONS", "*", "HTTP/1.0", 0, false },
    { "CONNECT h:443 HTTP/1.1", "CONNECT", "h:443", "HTTP/1.1", 1, false },
    { "GET http://h/p?q=1 HTTP/1.1", "GET", "http://h/p?q=1", "HTTP/1.1", 1, false },
    { "M-SEARCH * HTTP/1.1", "M-SEARCH", "*", "HTTP/1.1", 1, false },
    { "GET /a  HTTP/1.1", "GET", "/a", "HTTP/1.1", 1, false },
    { "GET /a b HTTP/1.1", "GET", "/a", "b HTTP/1.1", 255, true },
    { "GET /", "GET", "/", "", 255, true },
    { "GET ", "GET", "", "", 255, true },
    { "GET", "GET", "", "", 255, true },
    { "GET / HTTP/2.0", "GET", "/", "HTTP/2.0", 255, true },
    { "GET / HTTP/1.12", "GET", "/", "HTTP/1.12", 255, true },
    { "GET / http/1.1", "GET", "/", "http/1.1", 255, true },
};

static void request_lines(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof requests / sizeof *requests; i++) {
        char bytes[128];
        snprintf(bytes, sizeof bytes, "%s\r\n\r\n", requests[i].line);
        struct http1 h;
        assert_int_equal(http1_parse(text(bytes), &h), strlen(bytes));
        assert_int_equal(h.flags & HTTP1_RESPONSE, 0);
        slice_is(h.method, requests[i].method);
        slice_is(h.target, requests[i].target);
        slice_is(h.version, requests[i].version);
        assert_int_equal(h.minor, requests[i].minor);
        assert_int_equal(!!(h.flags & HTTP1_MALFORMED), requests[i].malformed);
    }
}

static const struct {
    const char *line, *version, *reason;
    uint16_t status;
    uint8_t minor;
    bool malformed;
} statuses[] = {
    { "HTTP/1.1 200 OK", "HTTP/1.1", "OK", 200, 1, false },
    { "HTTP/1.0 404 Not Found here", "HTTP/1.0", "Not Found here", 404, 0, false },
    { "HTTP/1.1 200", "HTTP/1.1", "", 200, 1, false },
    { "HTTP/1.1 200 ", "HTTP/1.1", "", 200, 1, false },
    { "HTTP/1.1  200 OK", "HTTP/1.1", "OK", 200, 1, false },
    { "ICY 200 OK", "ICY", "OK", 200, 255, false },
    { "HTTP/1.1 20 OK", "HTTP/1.1", "OK", 0, 1, true },
    { "HTTP/1.1 2x0 OK", "HTTP/1.1", "OK", 0, 1, true },
    { "HTTP/1.1 2000 OK", "HTTP/1.1", "OK", 200, 1, true },
    { "HTTP/1.1 099 OK", "HTTP/1.1", "OK", 99, 1, true },
};

static void status_lines(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof statuses / sizeof *statuses; i++) {
        char bytes[128];
        snprintf(bytes, sizeof bytes, "%s\n\n", statuses[i].line);
        struct http1 h;
        assert_int_equal(http1_parse(text(bytes), &h), strlen(bytes));
        assert_true(h.flags & HTTP1_RESPONSE);
        slice_is(h.version, statuses[i].version);
        slice_is(h.reason, statuses[i].reason);
        assert_int_equal(h.status, statuses[i].status);
        assert_int_equal(h.minor, statuses[i].minor);
        assert_int_equal(!!(h.flags & HTTP1_MALFORMED), statuses[i].malformed);
    }
}

/* RFC 9110 8.6, RFC 9112 6. `has` of LENGTH, BAD_LENGTH, CHUNKED, OTHER_CODING, CLOSE, KEEP_ALIVE, CONDITIONAL. */
static const struct {
    const char *lines;
    uint32_t has;
    uint64_t length;
} framings[] = {
    { "", 0, 0 },
    { "Content-Length: 5\r\n", HTTP1_LENGTH, 5 },
    { "content-length:0\r\n", HTTP1_LENGTH, 0 },
    { "CONTENT-LENGTH: \t 7 \t\r\n", HTTP1_LENGTH, 7 },
    { "Content-Length: 5\r\nContent-Length: 5\r\n", HTTP1_LENGTH, 5 },
    { "Content-Length: 5, 5\r\n", HTTP1_LENGTH, 5 },
    { "Content-Length: 5\r\nContent-Length: 6\r\n", HTTP1_LENGTH | HTTP1_BAD_LENGTH, 5 },
    { "Content-Length: 5, 6\r\n", HTTP1_LENGTH | HTTP1_BAD_LENGTH, 5 },
    { "Content-Length:\r\n", HTTP1_BAD_LENGTH, 0 },
    { "Content-Length: -5\r\n", HTTP1_BAD_LENGTH, 0 },
    { "Content-Length: 5x\r\n", HTTP1_BAD_LENGTH, 0 },
    { "Content-Length: 0x10\r\n", HTTP1_BAD_LENGTH, 0 },
    { "Content-Length: 1 2\r\n", HTTP1_BAD_LENGTH, 0 },
    { "Content-Length: 9223372036854775807\r\n", HTTP1_LENGTH, INT64_MAX },
    { "Content-Length: 99999999999999999999\r\n", HTTP1_BAD_LENGTH, 0 },
    { "Transfer-Encoding: chunked\r\n", HTTP1_CHUNKED, 0 },
    { "Transfer-Encoding: gzip, Chunked\r\n", HTTP1_CHUNKED, 0 },
    { "Transfer-Encoding: gzip\r\nTransfer-Encoding: chunked\r\n", HTTP1_CHUNKED, 0 },
    { "Transfer-Encoding: chunked, gzip\r\n", HTTP1_OTHER_CODING, 0 },
    { "Transfer-Encoding: gzip;q=\"1\", ,\r\n", HTTP1_OTHER_CODING, 0 },
    { "Transfer-Encoding: identity\r\n", 0, 0 },
    { "Transfer-Encoding: chunked\r\nContent-Length: 3\r\n", HTTP1_CHUNKED | HTTP1_LENGTH, 3 },
    { "Connection: close\r\n", HTTP1_CLOSE, 0 },
    { "Connection: Upgrade, Keep-Alive\r\n", HTTP1_KEEP_ALIVE, 0 },
    { "Connection: closed\r\n", 0, 0 },
    { "If-None-Match: \"x\"\r\n", HTTP1_CONDITIONAL, 0 },
    { "If-Modified-Since: x\r\n", HTTP1_CONDITIONAL, 0 },
    { "Content-Length : 5\r\n", HTTP1_LENGTH, 5 },
    { "Content-Length\r\n", 0, 0 },
    { "X: 1\r\n Content-Length: 5\r\n", 0, 0 },
};

static void framing_headers(void **state)
{
    (void)state;
    const uint32_t looked_at = HTTP1_LENGTH | HTTP1_BAD_LENGTH | HTTP1_CHUNKED | HTTP1_OTHER_CODING | HTTP1_CLOSE
        | HTTP1_KEEP_ALIVE | HTTP1_CONDITIONAL;
    for (size_t i = 0; i < sizeof framings / sizeof *framings; i++) {
        char bytes[256];
        snprintf(bytes, sizeof bytes, "POST /%zu HTTP/1.1\r\n%s\r\n", i, framings[i].lines);
        struct http1 h;
        assert_int_equal(http1_parse(text(bytes), &h), strlen(bytes));
        if ((h.flags & looked_at) != framings[i].has)
            fail_msg("%s: flags %x, want %x", framings[i].lines, h.flags & looked_at, framings[i].has);
        assert_int_equal(h.content_length, framings[i].length);
    }
}

static void values_and_folds(void **state)
{
    (void)state;
    static const char bytes[] = "GET / HTTP/1.1\r\nHoSt:\t a.example \r\nCookie: a=1;\r\n\t b=2\r\n  c=3\r\nCookie: x\r\n"
                                "no colon\r\n: empty name\r\nETag :\"t\"\r\nX-Other: 1\r\nReferer:\r\n\r\nbody";
    struct http1 h;
    assert_int_equal(http1_parse(text(bytes), &h), sizeof bytes - 1 - 4);
    slice_is(h.value[HTTP1_HOST], "a.example");
    slice_is(h.value[HTTP1_COOKIE], "a=1;\r\n\t b=2\r\n  c=3");
    slice_is(h.value[HTTP1_ETAG], "\"t\"");
    slice_is(h.value[HTTP1_REFERER], "");
    assert_non_null(h.value[HTTP1_REFERER].at);
    assert_null(h.value[HTTP1_SERVER].at);
    assert_true(h.flags & HTTP1_MALFORMED);
    static const struct {
        enum http1_header header;
        const char *value;
    } want[] = {
        { HTTP1_HOST, "a.example" }, { HTTP1_COOKIE, "a=1;\r\n\t b=2\r\n  c=3" }, { HTTP1_COOKIE, "x" },
        { HTTP1_ETAG, "\"t\"" }, { HTTP1_UNKNOWN, "1" }, { HTTP1_REFERER, "" },
    };
    uint32_t at = h.lines_at;
    struct http1_line line;
    for (size_t i = 0; i < sizeof want / sizeof *want; i++) {
        assert_true(http1_next_line(&h, &at, &line));
        assert_int_equal(line.header, want[i].header);
        slice_is(line.value, want[i].value);
    }
    assert_false(http1_next_line(&h, &at, &line));
}

/* Every header that the dissector knows, written as its RFC does. */
static void known_names(void **state)
{
    (void)state;
    static const char *const names[HTTP1_HEADERS] = {
        [HTTP1_HOST] = "Host", [HTTP1_USER_AGENT] = "User-Agent", [HTTP1_REFERER] = "Referer",
        [HTTP1_COOKIE] = "Cookie", [HTTP1_SET_COOKIE] = "Set-Cookie", [HTTP1_AUTHORIZATION] = "Authorization",
        [HTTP1_CONTENT_TYPE] = "Content-Type", [HTTP1_LOCATION] = "Location", [HTTP1_SERVER] = "Server",
        [HTTP1_VIA] = "Via", [HTTP1_ETAG] = "ETag", [HTTP1_CACHE_CONTROL] = "Cache-Control", [HTTP1_AGE] = "Age",
        [HTTP1_CONTENT_LENGTH] = "Content-Length", [HTTP1_TRANSFER_ENCODING] = "Transfer-Encoding",
        [HTTP1_CONNECTION] = "Connection", [HTTP1_UPGRADE] = "Upgrade", [HTTP1_EXPECT] = "Expect",
        [HTTP1_IF_NONE_MATCH] = "If-None-Match", [HTTP1_IF_MODIFIED_SINCE] = "If-Modified-Since",
        [HTTP1_IF_MATCH] = "If-Match", [HTTP1_IF_UNMODIFIED_SINCE] = "If-Unmodified-Since",
        [HTTP1_IF_RANGE] = "If-Range", [HTTP1_CONTENT_ENCODING] = "Content-Encoding", [HTTP1_ACCEPT] = "Accept",
        [HTTP1_ACCEPT_LANGUAGE] = "Accept-Language", [HTTP1_ACCEPT_ENCODING] = "Accept-Encoding",
        [HTTP1_DATE] = "Date", [HTTP1_LAST_MODIFIED] = "Last-Modified", [HTTP1_X_FORWARDED_FOR] = "X-Forwarded-For",
        [HTTP1_PROXY_AUTHENTICATE] = "Proxy-Authenticate", [HTTP1_PROXY_AUTHORIZATION] = "Proxy-Authorization",
        [HTTP1_WWW_AUTHENTICATE] = "WWW-Authenticate", [HTTP1_WS_ACCEPT] = "Sec-WebSocket-Accept",
        [HTTP1_WS_EXTENSIONS] = "Sec-WebSocket-Extensions", [HTTP1_WS_KEY] = "Sec-WebSocket-Key",
        [HTTP1_WS_PROTOCOL] = "Sec-WebSocket-Protocol", [HTTP1_WS_VERSION] = "Sec-WebSocket-Version",
        [HTTP1_HTTP2_SETTINGS] = "HTTP2-Settings",
    };
    for (unsigned i = 0; i < HTTP1_HEADERS; i++) {
        char bytes[128];
        snprintf(bytes, sizeof bytes, "GET / HTTP/1.1\r\n%s: v%u\r\nX%s: no\r\n\r\n", names[i], i, names[i]);
        struct http1 h;
        assert_int_equal(http1_parse(text(bytes), &h), strlen(bytes));
        uint32_t at = h.lines_at;
        struct http1_line line;
        assert_true(http1_next_line(&h, &at, &line));
        if (line.header != i)
            fail_msg("%s is header %d, not %u", names[i], line.header, i);
        assert_true(http1_next_line(&h, &at, &line));
        assert_int_equal(line.header, HTTP1_UNKNOWN);
    }
}

/* A head is complete with its last byte and not before; no byte behind it is needed. */
static void every_prefix(void **state)
{
    (void)state;
    static const char *const heads[] = {
        "GET / HTTP/1.1\r\nHost: a\r\nCookie: a\r\n b\r\n\r\n", "HTTP/1.0 200 OK\nServer: x\n\n",
        "GET / HTTP/1.1\r\n\r\n", "GET / HTTP/1.1\n\r\n", "GET / HTTP/1.1\r\nA: b\n\n",
    };
    struct protected p = protected_new(4096);
    for (size_t i = 0; i < sizeof heads / sizeof *heads; i++) {
        size_t whole = strlen(heads[i]);
        uint32_t searched = 0;
        for (size_t len = 0; len <= whole; len++) {
            struct wt_slice part = { protected_copy(&p, heads[i], len), len };
            struct http1 h;
            uint32_t want = len == whole ? (uint32_t)whole : 0;
            assert_int_equal(http1_parse(part, &h), want);
            assert_int_equal(http1_find_end(part, &searched), want);
        }
    }
    protected_free(&p);
}

static const struct {
    const char *bytes;
    enum wt_probe request, response;
} starts[] = {
    { "", WT_PROBE_MORE, WT_PROBE_MORE },
    { "G", WT_PROBE_MORE, WT_NOT_MINE },
    { "GET", WT_PROBE_MORE, WT_NOT_MINE },
    { "GET /", WT_MINE, WT_NOT_MINE },
    { "GETX", WT_PROBE_MORE, WT_NOT_MINE },
    { "GETX / HTTP/1.", WT_MINE, WT_NOT_MINE },
    { "PROPFIND /x", WT_MINE, WT_NOT_MINE },
    { "FOO /x HTTP/1.1", WT_MINE, WT_NOT_MINE },
    { "FOO /x HTTP/2.0", WT_NOT_MINE, WT_NOT_MINE },
    { "foo bar\r\n", WT_NOT_MINE, WT_NOT_MINE },
    { "OPTIONS sip:a@b SIP/2.0", WT_NOT_MINE, WT_NOT_MINE },
    { "OPTIONS s", WT_PROBE_MORE, WT_NOT_MINE },
    { "OPTIONS * RTSP/1.0", WT_NOT_MINE, WT_NOT_MINE },
    { "OPTIONS * HTTP/1.1", WT_MINE, WT_NOT_MINE },
    { "HTTP", WT_PROBE_MORE, WT_PROBE_MORE },
    { "HTTP/1.1 200", WT_NOT_MINE, WT_MINE },
    { "HTTP/2 200", WT_NOT_MINE, WT_MINE },
    { "HTTP/x 200", WT_NOT_MINE, WT_NOT_MINE },
    { "ICY 200 OK", WT_NOT_MINE, WT_MINE },
    { "\x16\x03\x01", WT_NOT_MINE, WT_NOT_MINE },
    { "SSH-2.0-x\r\n", WT_NOT_MINE, WT_NOT_MINE },
    { "220 mail\r\n", WT_NOT_MINE, WT_NOT_MINE },
    { "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa", WT_NOT_MINE, WT_NOT_MINE },
    { "FOO /aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa HTTP/1.1", WT_NOT_MINE, WT_NOT_MINE },
    { "GET /aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa HTTP/1.1", WT_MINE, WT_NOT_MINE },
};

static void beginnings(void **state)
{
    (void)state;
    struct protected p = protected_new(4096);
    for (size_t i = 0; i < sizeof starts / sizeof *starts; i++) {
        size_t len = strlen(starts[i].bytes);
        struct wt_slice s = { protected_copy(&p, starts[i].bytes, len), len };
        if (http1_request_start(s) != starts[i].request || http1_response_start(s) != starts[i].response)
            fail_msg("'%s': %d %d", starts[i].bytes, http1_request_start(s), http1_response_start(s));
    }
    protected_free(&p);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(request_lines), cmocka_unit_test(status_lines), cmocka_unit_test(framing_headers),
        cmocka_unit_test(values_and_folds), cmocka_unit_test(known_names), cmocka_unit_test(every_prefix),
        cmocka_unit_test(beginnings),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

#include "dissectors/http1.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "session_driver.h"

static void tell_shown(void *to, const struct wt_message *message)
{
    struct driver *d = to;
    assert_int_equal(message->kind, WT_MESSAGE_LAYER);
    const struct http1 *h = message->layer->header;
    driver_tell(d, "%llu:%.*s<%llu ", (unsigned long long)d->ctx.frame, (int)h->line.len, (const char *)h->line.at,
                (unsigned long long)message->layer->pairing.request_frame);
}

#define MAY WT_MAY_WISH
#define FIN (WT_MAY_WISH | WT_WITH_FIN)
#define CHUNKED "HTTP/1.1 200 A\r\nTransfer-Encoding: chunked\r\n\r\n"

/* Each step is one call; what it shows, and [from+more] where it waits. What tshark 4.0.17 does was taken from it with
 * captures of these very bytes. */
static const struct {
    const char *name;
    uint16_t port;
    struct {
        unsigned dir, flags;
        const char *bytes;
    } steps[4];
    const char *want;
} rows[] = {
    { "the last request alone is paired", 80,
      { { 0, MAY, "GET /1 HTTP/1.1\r\n\r\n" }, { 0, MAY, "GET /2 HTTP/1.1\r\n\r\n" },
        { 1, MAY, "HTTP/1.1 200 A\r\nContent-Length: 0\r\n\r\n" }, { 1, MAY, "HTTP/1.1 200 B\r\nContent-Length: 0\r\n\r\n" } },
      "1:GET /1 HTTP/1.1<0 2:GET /2 HTTP/1.1<0 3:HTTP/1.1 200 A<2 4:HTTP/1.1 200 B<0 " },
    { "an interim response takes the request", 80,
      { { 0, MAY, "POST /1 HTTP/1.1\r\nContent-Length: 1\r\n\r\nx" }, { 1, MAY, "HTTP/1.1 100 A\r\n\r\n" },
        { 1, MAY, "HTTP/1.1 200 B\r\nContent-Length: 0\r\n\r\n" } },
      "1:POST /1 HTTP/1.1<0 2:HTTP/1.1 100 A<1 3:HTTP/1.1 200 B<0 " },
    { "notifications are not paired", 80,
      { { 0, MAY, "NOTIFY /1 HTTP/1.1\r\n\r\n" }, { 1, MAY, "HTTP/1.1 200 B\r\nContent-Length: 0\r\n\r\n" } },
      "1:NOTIFY /1 HTTP/1.1<0 2:HTTP/1.1 200 B<0 " },
    { "a segment alone shows what it has", 80,
      { { 0, 0, "GET /1 HTTP/1.1\r\nHo" }, { 0, 0, "st: a\r\n\r\n" },
        { 1, 0, "HTTP/1.1 200 A\r\nContent-Length: 2\r\n\r\nx" }, { 1, 0, "x" } },
      "1:GET /1 HTTP/1.1<0 2:<0 3:HTTP/1.1 200 A<1 4:<0 " },       /* tshark: "Continuation" */
    { "half a head", 80, { { 0, MAY, "GET /1 HTTP/1.1\r\nHo" } }, "[0+268435455]" },
    { "a body of known length", 80, { { 1, MAY, "HTTP/1.1 200 A\r\nContent-Length: 9\r\n\r\nabc" } }, "[0+6]" },
    { "one of unknown length", 80, { { 1, MAY, "HTTP/1.1 200 A\r\n\r\nabc" } }, "[0+268435454]" },
    { "with the FIN it is there", 80, { { 1, FIN, "HTTP/1.1 200 A\r\n\r\nabc" } }, "1:HTTP/1.1 200 A<0 " },
    { "a response to HEAD", 80,
      { { 0, MAY, "HEAD / HTTP/1.1\r\n\r\n" }, { 1, MAY, "HTTP/1.1 200 A\r\nContent-Length: 9\r\n\r\n" } },
      "1:HEAD / HTTP/1.1<0 2:HTTP/1.1 200 A<1 " },
    { "the second message waits alone", 80, { { 0, MAY, "GET / HTTP/1.1\r\n\r\nGET /2" } },
      "1:GET / HTTP/1.1<0 [18+268435455]" },
    { "chunks", 80, { { 1, MAY, CHUNKED "3\r\nabc\r\n" }, { 1, MAY, CHUNKED "3\r\nabc\r\n0\r\n\r\n" } },
      "[0+268435455]2:HTTP/1.1 200 A<0 " },
    { "a CR that ends the last chunk's segment breaks it", 80, { { 1, MAY, CHUNKED "0\r\n\r" } }, "" },
    { "chunked before Content-Length", 80,
      { { 1, MAY, "HTTP/1.1 200 A\r\nTransfer-Encoding: chunked\r\nContent-Length: 3\r\n\r\nabc" } }, "[0+268435455]" },
    { "a folded line ends the head", 80,
      { { 0, MAY, "POST / HTTP/1.1\r\nTransfer-Encoding:\r\n chunked\r\n\r\nGET / HTTP/1.1\r\n\r\n" } },
      "1:POST / HTTP/1.1<0 " },
    { "a CR alone ends a line", 80, { { 0, MAY, "GET / HTTP/1.1\rHost: a\r\r" } }, "[0+268435455]" },
    { "a method that it does not know", 80, { { 0, MAY, "QUERY / HTTP/1.1\r\n\r\n" } }, "" },
    { "another port: by the line", 9000, { { 0, MAY, "GET / HTTP/1.0\r\n\r\n" } }, "1:GET / HTTP/1.0<0 " },
    { "another port: not by the method", 9000, { { 0, MAY, "GET /\r\n\r\n" } }, "" },
    { "a port of SSH's", 22, { { 0, MAY, "GET / HTTP/1.1\r\n\r\n" } }, "" },
    { "through a tunnel", 80,
      { { 0, MAY, "CONNECT a:80 HTTP/1.1\r\n\r\n" }, { 1, MAY, "HTTP/1.1 200 A\r\n\r\n" },
        { 0, MAY, "GET / HTTP/1.1\r\n\r\n" } },
      "1:CONNECT a:80 HTTP/1.1<0 2:HTTP/1.1 200 A<1 3:<0 " },
    { "binary bytes", 80, { { 1, MAY, "\001\002\003" } }, "" },
};

static void as_tshark(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        const struct wt_session_ops *ops = http1_dissector.session;
        struct driver d;
        driver_start(&d, ops, 40000, rows[i].port, tell_shown);
        d.ctx.compat = true;
        void *conversation = calloc(1, ops->as_tshark_bytes);
        for (unsigned k = 0; k < 4 && rows[i].steps[k].bytes; k++) {
            driver_step(&d);
            size_t len = strlen(rows[i].steps[k].bytes);
            uint8_t *copy = malloc(len);
            memcpy(copy, rows[i].steps[k].bytes, len);
            struct wt_wish wish = ops->as_tshark(conversation, &d.ctx, rows[i].steps[k].dir,
                                                 (struct wt_slice){ copy, len }, 0, rows[i].steps[k].flags);
            if (wish.more)
                driver_tell(&d, "[%zu+%u]", wish.at, wish.more);
            free(copy);
        }
        free(conversation);
        driver_end(&d, WT_CLOSED_FIN);
        if (strcmp(d.told, rows[i].want) != 0)
            fail_msg("%s: %s, not %s", rows[i].name, d.told, rows[i].want);
    }
}

/* A head without an end is given up at max-http-header. */
static void endless_head(void **state)
{
    (void)state;
    struct driver d;
    driver_start(&d, http1_dissector.session, 40000, 80, tell_shown);
    static char head[4096] = "GET / HTTP/1.1\r\n";
    size_t len = strlen(head);
    for (; len + 6 < sizeof head; len += 6)
        memcpy(head + len, "A: b\r\n", 6);
    uint64_t conversation[16] = { 0 };
    assert_true(http1_dissector.session->as_tshark_bytes <= sizeof conversation);
    for (unsigned limit = 2048; limit <= 8192; limit *= 4) {
        d.config.value[WT_MAX_HTTP_HEADER] = limit;
        struct wt_wish wish = http1_dissector.session->as_tshark(
            conversation, &d.ctx, 0, (struct wt_slice){ (uint8_t *)head, len }, 0, WT_MAY_WISH);
        assert_int_equal(wish.more, limit == 2048 ? 0 : WT_WISH_SEGMENT);
    }
    driver_end(&d, WT_CLOSED_FIN);
}

int main(void)
{
    const struct CMUnitTest tests[] = { cmocka_unit_test(as_tshark), cmocka_unit_test(endless_head) };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

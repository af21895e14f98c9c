#include "stream/as_tshark.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "wiretale/message.h"

#define W AS_TSHARK_WHOLE
#define HEAD "HTTP/1.1 200 A\r\nContent-Length: 9\r\n\r\n"      /* 37 bytes */
#define CHUNKED "HTTP/1.1 200 A\r\nTransfer-Encoding: chunked\r\n\r\n"
#define OPEN "HTTP/1.1 200 A\r\n\r\n"                            /* 18 */

/* Segments of one side, each a frame; the frames on which a message is shown. */
static const struct {
    const char *name;
    struct {
        uint32_t seq;
        const char *bytes;
        unsigned taken_as;
        bool fin;
    } segments[5];
    const char *want;
} rows[] = {
    { "whole", { { 100, HEAD "123456789", W, false } }, "1 " },
    { "two parts", { { 100, HEAD "1234", W, false }, { 141, "56789", W, false } }, "2 " },
    { "the next in the same segment", { { 100, HEAD "1234", W, false }, { 141, "56789" OPEN, W, true } }, "2 2 " },
    { "parts of a body in any order",
      { { 100, HEAD "1", W, false }, { 142, "6789", W, false }, { 138, "2345", W, false } }, "3 " },
    { "but not shown by one that was overtaken",
      { { 100, HEAD "1", W, false }, { 142, "6789", W, false }, { 138, "2345", W | AS_TSHARK_OVERTAKEN, false } }, "" },
    { "parts of a head in order only: header lines alone",
      { { 100, "HTTP/1.1 2", W, false }, { 114, "\r\nContent-Length: 0\r\n\r\n", W, false }, { 110, "00 A", W, false } },
      "2 " },
    { "a repeated segment", { { 100, HEAD "123456789", W, false }, { 100, HEAD "123456789", W | AS_TSHARK_REPEATED, false } }, "1 " },
    { "the start again, as far as it was waited for",
      { { 100, HEAD "1234", W, false }, { 100, HEAD "1234", W, false }, { 141, "56789", W, false } }, "3 " },
    { "a bad checksum alone", { { 100, HEAD "1234", 0, false }, { 141, "56789", 0, false } }, "1 2 " },
    { "until the FIN", { { 100, OPEN "ab", W, false }, { 120, "cd", W, false }, { 122, "", W, true } }, "3 " },
    { "a FIN with data", { { 100, OPEN "ab", W, false }, { 120, "cd", W, true } }, "2 " },
    { "a hole before the FIN", { { 100, OPEN "ab", W, false }, { 122, "ef", W, true } }, "" },
    { "two in chunks", { { 100, CHUNKED "1\r\na\r\n0\r\n\r\n" CHUNKED "0\r\n\r\n", W, false } }, "1 1 " },
    { "the second is looked for where the first went on",
      { { 100, CHUNKED "64\r\n0123456789012345678901234567890123456789012345678901234567890123456789012345678901234567890123456789\r\n1\r\n", W, false },
        { 255, "a\r\n0\r\n\r\n" CHUNKED "0\r\n\r\n", W, false } }, "2 " },
    { "across the turn of the sequence numbers",
      { { UINT32_MAX - 9, HEAD "1234", W, false }, { 31, "56789", W, false } }, "2 " },
    { "byte by byte at the end", { { 100, "HTTP/1.1 200 A\r\n\r", W, false }, { 117, "\n", W, false }, { 118, "", W, true } },
      "3 " },
};

struct shown {
    char text[256];
    size_t len;
    uint64_t frame;
};

static void show(void *to, const struct wt_message *message)
{
    struct shown *s = to;
    if (message->kind == WT_MESSAGE_LAYER)
        s->len += (size_t)snprintf(s->text + s->len, sizeof s->text - s->len, "%llu ", (unsigned long long)s->frame);
    assert_true(s->len < sizeof s->text);
}

static void feed(struct as_tshark *t, struct shown *s, const struct wt_config *config, struct wt_limit_hits *hits,
                 uint64_t connection, uint32_t seq, const char *bytes, bool fin, unsigned taken_as)
{
    struct wt_session_context context = { .frame = ++s->frame, .client_port = 40000, .server_port = 80,
                                          .config = config, .hits = hits, .emit = show, .emit_to = s };
    size_t len = strlen(bytes);
    uint8_t *copy = malloc(len + !len);
    memcpy(copy, bytes, len);
    struct stream_segment segment = { .side = 1, .seq = seq, .payload = { copy, len }, .wire_bytes = (uint32_t)len,
                                      .fin = fin, .context = &context };
    as_tshark_segment(t, connection, &segment, taken_as);
    free(copy);
}

static void shown_where(void **state)
{
    (void)state;
    struct wt_config config;
    struct wt_limit_hits hits = { { 0 } };
    wt_config_defaults(&config);
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct as_tshark *t = as_tshark_new(&config, &hits);
        struct shown s = { .frame = 0 };
        for (unsigned k = 0; k < 5 && rows[i].segments[k].bytes; k++)
            feed(t, &s, &config, &hits, 7, rows[i].segments[k].seq, rows[i].segments[k].bytes, rows[i].segments[k].fin,
                 rows[i].segments[k].taken_as);
        as_tshark_free(t);
        if (strcmp(s.text, rows[i].want) != 0)
            fail_msg("%s: %s, not %s", rows[i].name, s.text, rows[i].want);
    }
}

static void limits(void **state)
{
    (void)state;
    struct wt_config config;
    struct wt_limit_hits hits = { { 0 } };
    wt_config_defaults(&config);
    config.value[WT_MAX_SESSIONS] = 16;
    config.value[WT_MAX_REASSEMBLY_BYTES] = 65536;
    struct as_tshark *t = as_tshark_new(&config, &hits);
    struct shown s = { .frame = 0 };
    for (unsigned i = 0; i < 17; i++)
        feed(t, &s, &config, &hits, i, 100, HEAD "1234", false, W);
    assert_true(hits.count[WT_MAX_SESSIONS] >= 1 || hits.count[WT_MAX_REASSEMBLY_BYTES] >= 1);
    feed(t, &s, &config, &hits, 0, 141, "56789", false, W);         /* forgotten */
    assert_string_equal(s.text, "");
    feed(t, &s, &config, &hits, 16, 141, "56789", false, W);
    assert_string_equal(s.text, "19 ");
    static char much[40000];
    memset(much, 'x', sizeof much - 1);
    memcpy(much, "HTTP/1.1 200 A\r\nContent-Length: 60000\r\n\r\n", 42);
    feed(t, &s, &config, &hits, 20, 100, much, false, W);
    feed(t, &s, &config, &hits, 20, 100 + 39999, much, false, W);
    assert_true(hits.count[WT_MAX_REASSEMBLY_PER_CONNECTION] >= 1);
    assert_string_equal(s.text, "19 ");
    for (unsigned i = 0; i < 1000; i++)                             /* many that wait: the oldest are forgotten */
        feed(t, &s, &config, &hits, 21, 100 + 50 * i, "HTTP/1.1 2", false, W);
    as_tshark_free(t);
}

int main(void)
{
    const struct CMUnitTest tests[] = { cmocka_unit_test(shown_where), cmocka_unit_test(limits) };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

#include "dissectors/dns.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>

#include <cmocka.h>

#include "session_driver.h"

static void emit(void *to, const struct wt_message *message)
{
    struct driver *d = to;
    const struct wt_message_layer *layer = message->layer;
    const struct dns *dns = layer->header;
    if (message->kind != WT_MESSAGE_LAYER || dns->message.at != layer->bytes.at)
        driver_tell(d, "wrong layer\n");
    driver_tell(d, "%c %04x %zu bytes cut %u\n", layer->direction ? 'S' : 'C', dns->id, layer->bytes.len, layer->cut);
}

#define QUERY(id) "\0\x13" id "\1\0\0\1\0\0\0\0\0\0" "\1a\0\0\1\0\1"
#define REPLY(id) "\0\x13" id "\x81\x80\0\1\0\0\0\0\0\0" "\1a\0\0\1\0\1"

/* "C" or "S" and bytes; "c" or "s" and how many bytes are missing. */
static const struct {
    const char *name;
    struct {
        char what;
        const char *bytes;
        size_t len;
    } steps[6];
    const char *want;
} talks[] = {
#define B(s) s, sizeof(s) - 1
    { "query and reply", { { 'C', B(QUERY("\0\1")) }, { 'S', B(REPLY("\0\1")) } },
      "C 0001 19 bytes cut 0\nS 0001 19 bytes cut 0\n" },
    { "several in one segment", { { 'C', B(QUERY("\0\1") QUERY("\0\2") QUERY("\0\3")) } },
      "C 0001 19 bytes cut 0\nC 0002 19 bytes cut 0\nC 0003 19 bytes cut 0\n" },
    { "a hole within a message loses that one",
      { { 'C', B("\0\x13\0\1\1\0\0\1") }, { 'c', NULL, 6 }, { 'C', B("\1a\0\0\1\0\1" QUERY("\0\2")) } },
      "C 0002 19 bytes cut 0\n" },
    { "a hole up to a message's end", { { 'C', B("\0\x13\0\1\1\0") }, { 'c', NULL, 15 }, { 'C', B(QUERY("\0\2")) } },
      "C 0002 19 bytes cut 0\n" },
    { "a hole over a length loses the framing of that side",
      { { 'C', B("\0\x13\0\1\1\0") }, { 'c', NULL, 16 }, { 'C', B(QUERY("\0\2")) }, { 'S', B(REPLY("\0\2")) } },
      "S 0002 19 bytes cut 0\n" },
    { "a length too short for a header", { { 'C', B("\0\x0b" "12345678901") }, { 'C', B(QUERY("\0\2")) } }, "" },
    { "a message that lies within its length", { { 'C', B("\0\x0c\0\1\1\0\0\1\0\0\0\0\0\0" QUERY("\0\2")) } },
      "C 0001 12 bytes cut 2\nC 0002 19 bytes cut 0\n" },
    { "the end within a message", { { 'C', B("\0\x13\0\1\1\0\0\1") } }, "" },
#undef B
};

static void run(struct driver *d, size_t talk, int cut)
{
    int at = 0;
    for (size_t i = 0; i < 6 && talks[talk].steps[i].what; i++) {
        const char *bytes = talks[talk].steps[i].bytes;
        size_t len = talks[talk].steps[i].len, before = 0;
        unsigned dir = talks[talk].steps[i].what == 'S' || talks[talk].steps[i].what == 's';
        driver_step(d);
        if (!bytes) {
            driver_gap(d, dir, len);
            continue;
        }
        for (size_t n = 1; n <= len; n++, at++) {
            if (n < len && cut != -2 && at != cut)
                continue;
            driver_feed(d, dir, bytes + before, n - before);
            before = n;
        }
    }
    driver_end(d, WT_CLOSED_FIN);
}

static void however_it_is_cut(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof talks / sizeof *talks; i++) {
        for (int cut = -2; cut < 90; cut++) {
            struct driver d;
            driver_start(&d, dns_dissector.session, 40000, 53, emit);
            run(&d, i, cut);
            if (strcmp(d.told, talks[i].want) != 0)
                fail_msg("%s, cut at %d:\n%s--- not\n%s", talks[i].name, cut, d.told, talks[i].want);
        }
    }
}

static void probes_by_port_and_shape(void **state)
{
    (void)state;
    static const struct {
        uint16_t port;
        const char *bytes;
        size_t len;
        enum wt_probe want;
    } rows[] = {
        { 53, QUERY("\0\1"), 21, WT_MINE },
        { 53, QUERY("\0\1"), 13, WT_PROBE_MORE },
        { 53, QUERY("\0\1"), 1, WT_PROBE_MORE },
        { 53, "\0\x0b", 2, WT_NOT_MINE },
        { 53, "\0\x13\0\1\x78\0\0\0\0\0\0\0\0\0", 14, WT_NOT_MINE },     /* opcode 15 */
        { 80, QUERY("\0\1"), 21, WT_NOT_MINE },
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct wt_session_context ctx = { .client_port = 40000, .server_port = rows[i].port };
        struct wt_slice first = { (const uint8_t *)rows[i].bytes, rows[i].len };
        assert_int_equal(dns_dissector.session->probe(&ctx, 0, first), rows[i].want);
    }
}

/* A message that comes in parts is held only within the shard's share. */
static void no_room(void **state)
{
    (void)state;
    struct driver d;
    driver_start(&d, dns_dissector.session, 40000, 53, emit);
    d.held.limit = 100;
    driver_feed(&d, 0, "\0\x80", 2);
    for (unsigned i = 0; i < 128; i++)
        driver_feed(&d, 0, "x", 1);
    assert_int_equal(d.hits.count[WT_MAX_REASSEMBLY_BYTES], 1);
    assert_int_equal(d.held.bytes, 0);
    driver_feed(&d, 0, QUERY("\0\2"), 21);
    driver_end(&d, WT_CLOSED_FIN);
    assert_string_equal(d.told, "C 0002 19 bytes cut 0\n");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(however_it_is_cut), cmocka_unit_test(probes_by_port_and_shape), cmocka_unit_test(no_room),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

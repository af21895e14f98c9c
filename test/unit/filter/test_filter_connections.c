/* Filters over connection records: the language without a packet. Expected values follow from the record below. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "wiretale/filter.h"

static struct wt_connection sample(void)
{
    struct wt_connection c = {
        .number = 7, .stream = 3, .protocol = 6, .family = 4, .vlan = 43, .outcome = WT_OUTCOME_CLOSED,
        .close_kind = WT_CLOSE_FOUR_WAY, .first_closer = 0, .reset_by = 255, .start_ns = 1000000000,
        .end_ns = 3500000000, .syn_ns = 1000000000, .syn_ack_ns = 1010000000, .ack_ns = 1023400000,
        .first_frame = 10, .last_frame = 40, .conn_state = "SF", .history = "ShADadFf", .service = "http",
        .time_wait = { .holder = 0 },
    };
    c.side[0] = (struct wt_side){ .address = { 10, 0, 0, 1 }, .port = 50000, .state = WT_TCP_TIME_WAIT, .packets = 9,
                                  .wire_bytes = 900, .payload_bytes = 100, .retransmissions = 1, .syns = 2 };
    c.side[1] = (struct wt_side){ .address = { 192, 0, 2, 80 }, .port = 80, .state = WT_TCP_CLOSED, .packets = 11,
                                  .wire_bytes = 9000, .payload_bytes = 8000, .retransmissions = 2 };
    return c;
}

static const struct {
    const char *filter;
    bool want;
} matches[] = {
    { "conn.number == 7", true },
    { "conn.number == 0x7", true },
    { "conn.number == 0b111", true },
    { "conn.number == 007", true },
    { "conn.number != 7", false },
    { "conn.port == 80", true },
    { "conn.port == 50000", true },
    { "conn.port != 80", false },             /* all must differ */
    { "any conn.port != 80", true },
    { "conn.port !== 80", true },
    { "conn.port === 80", false },
    { "all conn.port >= 80", true },
    { "conn.port in {22, 79..81}", true },
    { "conn.port not in {22, 443}", true },
    { "conn.port in {22 443}", false },
    { "conn.ip == 10.0.0.0/8", true },
    { "conn.ip == 192.0.2.64/27", true },
    { "conn.ip == 192.0.2.0/26", false },
    { "conn.server.ip == 192.0.2.80", true },
    { "conn.ipv6", false },
    { "conn.ipv6 == ::1", false },
    { "conn.rtt == 0.0234", true },
    { "conn.rtt == 23.4ms", true },
    { "conn.rtt == 23400us", true },
    { "conn.rtt > 23ms and conn.rtt < 1min", true },
    { "conn.rtt in {10ms .. 0.1s}", true },
    { "conn.rtt > 1h", false },
    { "conn.rtt > 0.02 and conn.rtt < .03", true },
    { "conn.duration >= 2.5", true },
    { "conn.duration - 0.5 == 2", true },
    { "conn.state == SF", true },
    { "conn.state == \"SF\"", true },
    { "conn.outcome == closed && conn.first_closer == client", true },
    { "conn.outcome == 'closed'", true },
    { "conn.client.state == TIME-WAIT", true },
    { "conn.history contains \"AD\"", true },
    { "conn.history contains ad", true },
    { "conn.history matches \"^s\"", true },            /* without regard to case */
    { "conn.history matches r\"(?-i)^s\"", false },
    { "conn.service matches \"h.t\\.?.$\"", true },
    { "conn.history[0:2] == \"Sh\"", true },
    { "conn.history[-1] == \"f\"", true },
    { "conn.history[0,1,-2] == \"ShF\"", true },
    { "conn.history[2-3] == \"AD\"", true },
    { "conn.history[90:2] == \"AD\"", false },
    { "len(conn.history) == 8", true },
    { "upper(conn.service) == \"HTTP\"", true },
    { "lower(conn.state) == \"sf\"", true },
    { "count(conn.port) == 2", true },
    { "max(conn.client.port, conn.server.port) == 50000", true },
    { "min(conn.port, 22) == 22", true },
    { "string(conn.client.ip) == \"10.0.0.1\"", true },
    { "conn.bytes == 9900", true },
    { "conn.client.bytes * 10 == conn.server.bytes", true },
    { "conn.bytes / 100 == 99", true },
    { "conn.bytes % 7 == 2", true },
    { "conn.bytes / 0 == 1", false },
    { "conn.packets & 0x4", true },
    { "conn.packets & 1", false },
    { "{conn.packets + 1} * 2 == 42", true },
    { "(conn.packets + 1) * 2 == 42", true },
    { "conn.packets + 1 * 2 == 22", true },
    { "-conn.packets == -20", true },
    { "conn.vlan == 42", true },
    { "conn.time_wait == true", true },
    { "conn.midstream == 1", false },
    { "!conn.midstream == 1", true },
    { "not (conn.proto == tcp)", false },
    { "conn.proto == udp or conn.proto == tcp and conn.port == 80", true },
    { "conn.proto == tcp xor conn.port == 80", false },
    { "conn.proto == tcp ^^ conn.port == 81", true },
    { "10 < conn.packets < 30", true },
    { "conn.client.port == conn.server.port", false },
    { "conn.host == \"192.0.2.80\"", true },
    { "conn.retransmissions > 2 && conn.syns == 2", true },
};

static void test_matches(void **state)
{
    (void)state;
    struct wt_connection c = sample();
    for (size_t i = 0; i < sizeof matches / sizeof matches[0]; i++) {
        struct wt_filter_error err;
        struct wt_filter *f = wt_filter_compile(matches[i].filter, WT_FILTER_CONNECTIONS, &err);
        if (!f)
            fail_msg("%s: %s", matches[i].filter, err.text);
        struct wt_filter_matcher *m = wt_filter_matcher_new(f);
        assert_non_null(m);
        for (int again = 0; again < 2; again++)
            if (wt_filter_match_connection(m, &c) != matches[i].want)
                fail_msg("%s: expected %s", matches[i].filter, matches[i].want ? "a match" : "none");
        wt_filter_matcher_free(m);
        wt_filter_free(f);
    }
}

static const struct {
    const char *filter;
    size_t at;
    const char *says;       /* a part of the message */
} errors[] = {
    { "", 0, "empty" },
    { "conn.prot == 80", 0, "did you mean 'conn.proto'" },
    { "conn.pport == 80", 0, "did you mean 'conn.port'" },
    { "con.port == 80", 0, "did you mean 'conn.port'" },
    { "conn.nubmer == 80", 0, "did you mean 'conn.number'" },
    { "zzzzzzzzzzzzzz", 0, "no field" },
    { "conn.port == eighty", 13, "a number" },
    { "conn.ip == 10.0.0.300", 11, "an IPv4 address" },
    { "conn.ip == 10.0.0.0/33", 11, "an IPv4 address" },
    { "conn.rtt > fast", 11, "a duration" },
    { "conn.rtt > 5parsecs", 11, "a duration" },
    { "conn.rtt > ms", 11, "a duration" },
    { "conn.port ==", 12, "ends here" },
    { "conn.port == 80 conn.ip", 16, "'and', 'or'" },
    { "(conn.port == 80", 16, "')'" },
    { "conn.port in 80", 13, "{80, 443" },
    { "conn.port in {80, 443", 21, "'}'" },
    { "conn.history == \"abc", 16, "does not end" },
    { "conn.history == \"a\\q\"", 18, "escape" },
    { "conn.history matches \"(\"", 21, "regular expression" },
    { "conn.port contains 80", 0, "needs text or bytes" },
    { "conn.port matches \"80\"", 0, "needs text or bytes" },
    { "conn.ip == conn.port", 0, "cannot be compared" },
    { "80 == 80", 0, "no field" },
    { "conn.port[0] == 1", 0, "no bytes to slice" },
    { "conn.history[x] == 1", 12, "a slice" },
    { "len(conn.port) == 1", 4, "does not take" },
    { "nothing(conn.port) == 1", 0, "no such function" },
    { "conn.port == 80 &&", 18, "ends here" },
    { "conn.port $ 80", 10, "means nothing" },
    { "conn.state + 1 == 2", 0, "needs numbers" },
};

static void test_errors(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof errors / sizeof errors[0]; i++) {
        struct wt_filter_error err;
        struct wt_filter *f = wt_filter_compile(errors[i].filter, WT_FILTER_CONNECTIONS, &err);
        if (f)
            fail_msg("%s: expected an error", errors[i].filter);
        if (err.at != errors[i].at || !strstr(err.text, errors[i].says))
            fail_msg("%s: at %zu: %s", errors[i].filter, err.at, err.text);
    }
}

static void test_explain(void **state)
{
    (void)state;
    struct wt_filter_error err;
    char text[512];
    struct wt_text t = { text, sizeof text, 0, false };
    assert_null(wt_filter_compile("conn.prot == 80", WT_FILTER_CONNECTIONS, &err));
    wt_filter_explain("conn.prot == 80", &err, &t);
    assert_string_equal(text, "'conn.prot' is no field; did you mean 'conn.proto'?\n"
                              "    conn.prot == 80\n"
                              "    ^~~~~~~~~");
}

static void test_depth(void **state)
{
    (void)state;
    char text[4001];
    memset(text, '(', 4000);
    text[4000] = '\0';
    assert_null(wt_filter_compile(text, WT_FILTER_CONNECTIONS, NULL));
    memset(text, '!', 4000);
    assert_null(wt_filter_compile(text, WT_FILTER_CONNECTIONS, NULL));
    memset(text, '-', 4000);
    assert_null(wt_filter_compile(text, WT_FILTER_CONNECTIONS, NULL));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_matches),
        cmocka_unit_test(test_errors),
        cmocka_unit_test(test_explain),
        cmocka_unit_test(test_depth),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

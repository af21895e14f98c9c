/* From hand-made records to the report: what it counts, what it says first, and that the number of workers is not to
 * be seen in it. */
#include <arpa/inet.h>
#include <netinet/in.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "report/renderer.h"

#define MS INT64_C(1000000)
#define START INT64_C(1714557600000000000)

struct bench {
    struct wt_config config;
    struct summary *workers[3];
    unsigned count;
    struct wt_account account;
};

static void begin(struct bench *b, unsigned workers)
{
    memset(b, 0, sizeof *b);
    wt_config_defaults(&b->config);
    b->count = workers;
    for (unsigned i = 0; i < workers; i++)
        assert_non_null(b->workers[i] = summary_new(&b->config, 10, 1));
    b->account.frames = 1000;
    b->account.bytes = 100000;
    b->account.source.first_ns = START;
    b->account.source.last_ns = START + 10000 * MS;
}

static struct wt_connection tcp(unsigned n, const char *client, const char *server, uint16_t port,
                                enum wt_outcome outcome)
{
    struct wt_connection c = { .protocol = IPPROTO_TCP, .family = 4, .shard = (uint8_t)(n % 64), .outcome = (uint8_t)outcome,
                               .first_closer = 255, .reset_by = 255, .start_ns = START + n * MS,
                               .end_ns = START + n * MS + 50 * MS, .first_frame = 10 * n + 1, .last_frame = 10 * n + 9 };
    inet_pton(AF_INET, client, c.side[0].address);
    inet_pton(AF_INET, server, c.side[1].address);
    c.side[0].port = (uint16_t)(40000 + n);
    c.side[1].port = port;
    c.side[0].packets = 5;
    c.side[1].packets = 4;
    c.side[0].wire_bytes = 500;
    c.side[1].wire_bytes = 4000;
    c.time_wait.holder = 255;
    snprintf(c.conn_state, sizeof c.conn_state, "%s", outcome == WT_OUTCOME_REFUSED ? "REJ" : "SF");
    if (outcome == WT_OUTCOME_CLOSED) {
        c.syn_ns = c.first_syn_ns = c.start_ns;
        c.syn_ack_ns = c.start_ns + (int64_t)(n + 1) * MS;
        c.ack_ns = c.syn_ack_ns + MS;
        c.first_closer = 0;
        c.close_kind = WT_CLOSE_FOUR_WAY;
        c.time_wait = (struct wt_time_wait){ .holder = 0, .ended = WT_END_CAPTURE, .start_ns = c.end_ns,
                                             .end_ns = c.end_ns + 240000 * MS };
    }
    return c;
}

static void dns(struct summary *s, unsigned n, const char *name, bool answered)
{
    struct wt_dns_transaction d = { .query_frame = 5000 + n, .response_frame = answered ? 5001 + n : 0, .query_ns = START,
                                    .time_ns = answered ? 20 * MS : -1, .type = 1, .name = name, .retries = answered ? 0 : 2 };
    struct wt_message m = { .kind = WT_MESSAGE_DNS, .family = 4, .protocol = 17, .shard = 3, .dns = &d, .port = { 5353, 53 } };
    inet_pton(AF_INET, "10.0.0.1", m.address[0]);
    inet_pton(AF_INET, "10.0.0.53", m.address[1]);
    summary_message(s, &m);
}

static void http(struct summary *s, unsigned n, uint16_t status, const char *target)
{
    struct wt_http_exchange h = {
        .request_frame = 7000 + n, .response_frame = status ? 7001 + n : 0, .status = status, .depth = 1,
        .flags = status ? WT_HTTP_KEPT : WT_HTTP_UNANSWERED, .request_start_ns = START, .request_end_ns = START + MS,
        .response_start_ns = status ? START + MS + (int64_t)(n + 1) * 100 * MS : 0,
        .response_end_ns = status ? START + 2 * MS + (int64_t)(n + 1) * 100 * MS : 0, .response_body_bytes = 1000,
        .method = { (const uint8_t *)"GET", 3 }, .host = { (const uint8_t *)"www.example.com", 15 },
        .target = { (const uint8_t *)target, strlen(target) } };
    struct wt_message m = { .kind = WT_MESSAGE_HTTP, .family = 4, .protocol = 6, .shard = 5, .http = &h, .port = { 40000, 80 } };
    inet_pton(AF_INET, "10.0.0.1", m.address[0]);
    inet_pton(AF_INET, "10.0.0.2", m.address[1]);
    summary_message(s, &m);
}

/* 17 connections that close and 3 that are refused on one port, one more refused elsewhere; two lossy ones; DNS and
 * HTTP with trouble. A record goes to the worker that owns its shard. */
static void fill(struct bench *b)
{
    for (unsigned n = 0; n < 20; n++) {
        bool refused = n == 4 || n == 7 || n == 9;
        struct wt_connection c = tcp(n, "10.0.0.1", "10.0.0.2", 81, refused ? WT_OUTCOME_REFUSED : WT_OUTCOME_CLOSED);
        if (n == 12 || n == 13) {
            c.side[1].retransmissions = 5;
            c.side[1].packets = 50;
        }
        summary_connection(b->workers[c.shard % b->count], &c);
    }
    struct wt_connection other = tcp(30, "10.0.0.1", "10.0.0.3", 443, WT_OUTCOME_REFUSED);
    summary_connection(b->workers[other.shard % b->count], &other);
    struct summary *s = b->workers[3 % b->count];
    for (unsigned n = 0; n < 5; n++)
        dns(s, 2 * n, "www.example.com.", n >= 2);
    struct wt_name_observation seen = { .family = 4, .address = { 10, 0, 0, 2 }, .name = "www.example.com.", .time_ns = START };
    struct wt_message m = { .kind = WT_MESSAGE_NAME, .name = &seen };
    summary_message(s, &m);
    s = b->workers[5 % b->count];
    http(s, 0, 200, "/");
    http(s, 2, 503, "/broken\x1b[31m");
    http(s, 4, 0, "/hangs");
}

static char *render(struct bench *b, const struct renderer *renderer)
{
    for (unsigned i = 1; i < b->count; i++)
        summary_merge(b->workers[0], b->workers[i]);
    const struct wt_input input = { "made.pcap", false };
    const struct wt_source_options source = { .inputs = &input, .input_count = 1 };
    struct report *r = calloc(1, sizeof *r);
    assert_non_null(r);
    report_init(r, &b->account, b->workers[0], &source, &b->config, true);
    char *text = NULL;
    size_t len = 0;
    struct page p = { .to = open_memstream(&text, &len), .width = 120, .utf8 = true };
    renderer->report(r, &p);
    fclose(p.to);
    report_done(r);
    free(r);
    for (unsigned i = 0; i < b->count; i++)
        summary_free(b->workers[i]);
    return text;
}

static void contains(const char *text, const char *part)
{
    if (!strstr(text, part))
        fail_msg("lacks '%s':\n%s", part, text);
}

static void what_is_wrong_comes_first(void **state)
{
    (void)state;
    struct bench b;
    begin(&b, 1);
    fill(&b);
    char *text = render(&b, &renderer_text);
    contains(text, "3 of 20 connections to 10.0.0.2:81 (www.example.com) were refused  [conn 5]");
    contains(text, "The only connection to 10.0.0.3:443 was refused  [conn 21]");
    contains(text, "DNS: 2 of 5 queries to 10.0.0.53:53 got no answer  [packet 5000]");
    contains(text, "HTTP: 1 of 3 exchanges with 10.0.0.2:80 (www.example.com) failed with a 5xx status  [packet 7002]");
    contains(text, "HTTP: 1 of 3 exchanges with 10.0.0.2:80 (www.example.com) got no response  [packet 7004]");
    contains(text, "5.8 % of the segments from 10.0.0.2 (www.example.com) were retransmitted (10 of 172)  [conn 13]");
    char *stands = strstr(text, "What stands out"), *hosts = strstr(text, "Hosts");
    assert_true(stands && hosts && stands < hosts);
    /* The heaviest of the worst kind first. */
    char *refused = strstr(text, "3 of 20"), *single = strstr(text, "The only connection");
    assert_true(refused < single);
    assert_null(strchr(text, '\x1b'));
    contains(text, "/broken\\x1b[31m");
    free(text);
}

static void sums_are_right(void **state)
{
    (void)state;
    struct bench b;
    begin(&b, 1);
    fill(&b);
    char *json = render(&b, &renderer_json);
    contains(json, "\"outcomes\":{\"closed\":17,\"refused\":4}");
    contains(json, "\"conn_states\":{\"SF\":17,\"REJ\":4}");
    /* SYN to ACK: n + 2 ms for the 17 that closed: 2, 3, 4, 5, 7, 8, 10, 12, 13, … 21. */
    contains(json, "\"handshake\":{\"count\":17,\"min_ms\":2.000000,\"p50_ms\":13.000000,\"p90_ms\":20.000000,"
                   "\"p95_ms\":21.000000,\"p99_ms\":21.000000,\"max_ms\":21.000000,");
    contains(json, "\"retransmissions\":10");
    contains(json, "\"transactions\":5,\"unanswered\":2");
    contains(json, "\"retries\":4");
    contains(json, "\"types\":[{\"name\":\"A\",\"type\":1,\"count\":5}]");
    contains(json, "\"classes\":{\"none\":1,\"2xx\":1,\"5xx\":1}");
    contains(json, "\"target\":\"/broken\\u001b[31m\"");
    /* 17 sockets towards one address and port, all alive at once at the end. */
    contains(json, "\"periods\":17,\"by_client\":17");
    contains(json, "\"at_once\":17");
    contains(json, "\"address\":\"10.0.0.1\",\"bytes_out\":10500,\"bytes_in\":84000");
    free(json);
}

static void workers_cannot_be_seen(void **state)
{
    (void)state;
    char *want[2] = { NULL, NULL };
    for (unsigned workers = 1; workers <= 3; workers++)
        for (unsigned r = 0; r < 2; r++) {
            struct bench b;
            begin(&b, workers);
            fill(&b);
            char *text = render(&b, r ? &renderer_json : &renderer_text);
            if (workers == 1) {
                want[r] = text;
                continue;
            }
            assert_string_equal(text, want[r]);
            free(text);
        }
    free(want[0]);
    free(want[1]);
}

static void an_empty_capture_has_a_report(void **state)
{
    (void)state;
    for (unsigned r = 0; r < 2; r++) {
        struct bench b;
        begin(&b, 2);
        b.account.frames = b.account.bytes = 0;
        b.account.source.first_ns = b.account.source.last_ns = 0;
        char *text = render(&b, r ? &renderer_json : &renderer_text);
        contains(text, r ? "\"first\":null" : "packets     none");
        free(text);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_is_wrong_comes_first), cmocka_unit_test(sums_are_right),
        cmocka_unit_test(workers_cannot_be_seen), cmocka_unit_test(an_empty_capture_has_a_report),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

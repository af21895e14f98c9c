#include "message/message.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "message/digest.h"

struct run {
    struct wt_config config;
    struct wt_limit_hits hits;
    struct dns_pairs *pairs;
    char told[8192];
    size_t len;
    uint64_t frame;
    uint64_t queries, accounted;   /* fed, and told as first queries or retries */
};

__attribute__((format(printf, 2, 3))) static void tell(struct run *r, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    int n = vsnprintf(r->told + r->len, sizeof r->told - r->len, format, args);
    va_end(args);
    r->len += (size_t)n;
    assert_true(n >= 0 && r->len < sizeof r->told);
}

static void emit(void *to, const struct wt_message *m)
{
    struct run *r = to;
    if (m->kind == WT_MESSAGE_NAME) {
        tell(r, "name %u.%u.%u.%u %s\n", m->name->address[0], m->name->address[1], m->name->address[2],
             m->name->address[3], m->name->name);
        return;
    }
    const struct wt_dns_transaction *x = m->dns;
    if (x->query_frame && !x->multicast)
        r->accounted += 1 + x->retries;
    char name[WT_NAME_TEXT], answers[WT_DNS_ANSWERS];
    tell(r, "%s type %u %llu->%llu", wt_dns_name(x, name), x->type, (unsigned long long)x->query_frame,
         (unsigned long long)x->response_frame);
    if (x->time_ns >= 0)
        tell(r, " %lld ms", (long long)(x->time_ns / 1000000));
    if (x->rcode)
        tell(r, " rcode %u", x->rcode);
    if (x->retries)
        tell(r, " retries %u", x->retries);
    if (x->asked_again_within_ttl)
        tell(r, " again %lld ms", (long long)(x->previous_answer_ns / 1000000));
    if (x->multicast)
        tell(r, " multicast");
    if (x->over_tcp)
        tell(r, " tcp");
    if (x->truncated)
        tell(r, " truncated");
    if (*wt_dns_answers(x, answers))
        tell(r, " (%s) ttl %u", answers, x->ttl_min);
    tell(r, "\n");
}

static void start(struct run *r)
{
    memset(r, 0, sizeof *r);
    wt_config_defaults(&r->config);
    r->pairs = dns_pairs_new(&r->config, &r->hits, emit, r);
    assert_non_null(r->pairs);
}

/* A message: "q" or "r", id, name as one label, type; r: rcode and TTL of an A record 192.0.2.1 (0: no answer). */
struct say {
    int ms;
    char what;                     /* 'q', 'r'; 'm', 'n': the same by multicast; 't', 'u': over TCP; 0: the end */
    uint16_t port, id;
    const char *name;
    uint16_t type;
    uint8_t rcode;
    uint32_t ttl;
};

static size_t build(const struct say *s, bool response, uint8_t *m)
{
    size_t len = 12, name_len = s->name ? strlen(s->name) : 0;
    uint16_t questions = s->name != NULL, answers = response && s->ttl;
    uint8_t header[12] = { (uint8_t)(s->id >> 8), (uint8_t)s->id, response ? 0x81 : 1, s->rcode, 0, (uint8_t)questions,
                           0, (uint8_t)answers };
    memcpy(m, header, 12);
    if (questions) {
        m[len++] = (uint8_t)name_len;
        memcpy(m + len, s->name, name_len);
        len += name_len;
        m[len++] = 0;
        m[len++] = (uint8_t)(s->type >> 8);
        m[len++] = (uint8_t)s->type;
        m[len++] = 0;
        m[len++] = 1;
    }
    if (answers) {
        const uint8_t record[16] = { 0xc0, 12, 0, 1, 0, 1, (uint8_t)(s->ttl >> 24), (uint8_t)(s->ttl >> 16),
                                     (uint8_t)(s->ttl >> 8), (uint8_t)s->ttl, 0, 4, 192, 0, 2, 1 };
        memcpy(m + len, record, 16);
        len += 16;
    }
    return len;
}

static void feed(struct run *r, const struct say *s)
{
    uint8_t m[512];
    bool response = s->what == 'r' || s->what == 'n' || s->what == 'u';
    size_t len = build(s, response, m);
    r->queries += s->what == 'q' || s->what == 't';
    uint8_t *copy = malloc(len);
    memcpy(copy, m, len);
    struct wt_message from = { .family = 4, .protocol = 17, .address = { { 10, 0, 0, 1 }, { 10, 0, 0, 2 } },
                               .port = { s->port, 53 } };
    dns_pairs_feed(r->pairs, &from, (struct wt_slice){ copy, len }, s->what == 't' || s->what == 'u',
                   s->what == 'm' || s->what == 'n', ++r->frame, (int64_t)s->ms * 1000000);
    free(copy);
}

#define MAX_SAYS 8
static const struct {
    const char *name;
    struct say says[MAX_SAYS];
    const char *want;
} talks[] = {
    { "answered", { { 0, 'q', 4000, 1, "a", 1, 0, 0 }, { 20, 'r', 4000, 1, "a", 1, 0, 60 } },
      "name 192.0.2.1 a\na type 1 1->2 20 ms (A 192.0.2.1) ttl 60\n" },
    { "the case of the name does not count",
      { { 0, 'q', 4000, 1, "wWw", 1, 0, 0 }, { 20, 'r', 4000, 1, "WwW", 1, 0, 60 } },
      "name 192.0.2.1 WwW\nWwW type 1 1->2 20 ms (A 192.0.2.1) ttl 60\n" },
    { "no such name", { { 0, 'q', 4000, 1, "a", 1, 0, 0 }, { 20, 'r', 4000, 1, "a", 1, 3, 0 } },
      "a type 1 1->2 20 ms rcode 3\n" },
    { "unanswered", { { 0, 'q', 4000, 1, "a", 1, 0, 0 } }, "a type 1 1->0\n" },
    { "a response that nobody asked for", { { 0, 'r', 4000, 1, "a", 1, 3, 0 } }, "a type 1 0->1 rcode 3\n" },
    { "another id is no answer", { { 0, 'q', 4000, 1, "a", 1, 0, 0 }, { 20, 'r', 4000, 2, "a", 1, 3, 0 } },
      "a type 1 0->2 rcode 3\na type 1 1->0\n" },
    { "another port is no answer", { { 0, 'q', 4000, 1, "a", 1, 0, 0 }, { 20, 'r', 4001, 1, "a", 1, 3, 0 } },
      "a type 1 0->2 rcode 3\na type 1 1->0\n" },
    { "another question is no answer", { { 0, 'q', 4000, 1, "a", 1, 0, 0 }, { 20, 'r', 4000, 1, "b", 1, 3, 0 } },
      "b type 1 0->2 rcode 3\na type 1 1->0\n" },
    { "an answer without a question section", { { 0, 'q', 4000, 1, "a", 1, 0, 0 }, { 20, 'r', 4000, 1, NULL, 0, 5, 0 } },
      "a type 1 1->2 20 ms rcode 5\n" },
    { "the same query repeated",
      { { 0, 'q', 4000, 1, "a", 1, 0, 0 }, { 1000, 'q', 4000, 1, "a", 1, 0, 0 }, { 1500, 'r', 4000, 1, "a", 1, 0, 60 } },
      "name 192.0.2.1 a\na type 1 1->3 1500 ms retries 1 (A 192.0.2.1) ttl 60\n" },
    { "asked again from another port with another id",
      { { 0, 'q', 4000, 1, "a", 1, 0, 0 }, { 1000, 'q', 4001, 2, "a", 1, 0, 0 }, { 1500, 'r', 4001, 2, "a", 1, 0, 60 },
        { 1600, 'r', 4000, 1, "a", 1, 0, 60 } },
      "name 192.0.2.1 a\na type 1 1->3 1500 ms retries 1 (A 192.0.2.1) ttl 60\nname 192.0.2.1 a\n" },
    { "two questions at once",
      { { 0, 'q', 4000, 1, "a", 1, 0, 0 }, { 1, 'q', 4000, 2, "a", 28, 0, 0 }, { 30, 'r', 4000, 2, "a", 28, 3, 0 },
        { 40, 'r', 4000, 1, "a", 1, 3, 0 } },
      "a type 28 2->3 29 ms rcode 3\na type 1 1->4 40 ms rcode 3\n" },
    { "one id, one port, two questions: the question tells",
      { { 0, 'q', 4000, 1, "a", 1, 0, 0 }, { 1, 'q', 4000, 1, "b", 1, 0, 0 }, { 30, 'r', 4000, 1, "a", 1, 3, 0 },
        { 40, 'r', 4000, 1, "b", 1, 3, 0 } },
      "a type 1 1->3 30 ms rcode 3\nb type 1 2->4 39 ms rcode 3\n" },
    { "asked again within the TTL, and after it",
      { { 0, 'q', 4000, 1, "a", 1, 0, 0 }, { 10, 'r', 4000, 1, "a", 1, 0, 60 }, { 60000, 'q', 4001, 2, "a", 1, 0, 0 },
        { 60010, 'r', 4001, 2, "a", 1, 3, 0 }, { 60020, 'q', 4002, 3, "a", 1, 0, 0 }, { 60030, 'r', 4002, 3, "a", 1, 3, 0 } },
      "name 192.0.2.1 a\na type 1 1->2 10 ms (A 192.0.2.1) ttl 60\na type 1 3->4 10 ms rcode 3 again 10 ms\n"
      "a type 1 5->6 10 ms rcode 3\n" },
    { "unanswered after its time, and then late",
      { { 0, 'q', 4000, 1, "a", 1, 0, 0 }, { 10001, 'q', 4001, 2, "b", 1, 0, 0 }, { 10002, 'r', 4000, 1, "a", 1, 3, 0 },
        { 10003, 'r', 4001, 2, "b", 1, 3, 0 } },
      "a type 1 1->0\nb type 1 2->4 2 ms rcode 3\n" },
    { "the same id and port for the next one",
      { { 0, 'q', 4000, 1, "a", 1, 0, 0 }, { 5, 'r', 4000, 1, "a", 1, 3, 0 }, { 10, 'q', 4000, 1, "a", 1, 0, 0 },
        { 15, 'r', 4000, 1, "a", 1, 3, 0 } },
      "a type 1 1->2 5 ms rcode 3\na type 1 3->4 5 ms rcode 3\n" },
    { "multicast is not paired",
      { { 0, 'm', 5353, 0, "a", 1, 0, 0 }, { 5, 'n', 5353, 0, NULL, 0, 0, 0 } },
      "a type 1 1->0 multicast\n type 0 0->2 multicast\n" },
    { "TCP and UDP apart", { { 0, 'q', 4000, 1, "a", 1, 0, 0 }, { 1, 't', 4000, 1, "a", 1, 0, 0 },
                             { 2, 'u', 4000, 1, "a", 1, 3, 0 }, { 3, 'r', 4000, 1, "a", 1, 5, 0 } },
      "a type 1 2->3 1 ms rcode 3 tcp\na type 1 1->4 3 ms rcode 5\n" },
};

static void paired(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof talks / sizeof *talks; i++) {
        struct run r;
        start(&r);
        for (unsigned k = 0; k < MAX_SAYS && talks[i].says[k].what; k++)
            feed(&r, &talks[i].says[k]);
        dns_pairs_finish(r.pairs);
        if (strcmp(r.told, talks[i].want) != 0)
            fail_msg("%s:\n%s--- not\n%s", talks[i].name, r.told, talks[i].want);
    }
}

static void pairing_for_fields(void **state)
{
    (void)state;
    struct run r;
    start(&r);
    static const struct {
        struct say say;
        uint64_t request, repeats;
        int64_t ms;
    } steps[] = {
        { { 0, 'q', 4000, 1, "a", 1, 0, 0 }, 0, 0, 0 },
        { { 2000, 'q', 4000, 1, "a", 1, 0, 0 }, 0, 1, 0 },
        { { 2500, 'r', 4000, 1, "a", 1, 3, 0 }, 1, 0, 2500 },
        { { 2600, 'r', 4000, 1, "a", 1, 3, 0 }, 0, 3, 0 },
        { { 3000, 'q', 4000, 7, "b", 1, 0, 0 }, 0, 0, 0 },
        { { 8500, 'q', 4000, 7, "b", 1, 0, 0 }, 0, 0, 0 },          /* after five seconds it is a query of its own */
        { { 8600, 'r', 4000, 7, "b", 1, 3, 0 }, 6, 0, 100 },
        { { 9000, 'q', 4000, 9, "c", 1, 0, 0 }, 0, 0, 0 },
        { { 9001, 'r', 4000, 9, "d", 1, 3, 0 }, 8, 0, 1 },          /* what a reader of fields wants to know */
    };
    for (size_t i = 0; i < sizeof steps / sizeof *steps; i++) {
        feed(&r, &steps[i].say);
        const struct wt_pairing *p = dns_pairs_last(r.pairs);
        assert_int_equal(p->request_frame, steps[i].request);
        assert_int_equal(p->repeats_frame, steps[i].repeats);
        assert_int_equal(p->time_ns, steps[i].ms * 1000000);
    }
    dns_pairs_finish(r.pairs);
}

/* tshark 4.0 goes by addresses, ports and id, whatever is asked, by multicast too. What is told stays as it is. */
static void as_tshark_on_demand(void **state)
{
    (void)state;
    struct run r;
    start(&r);
    assert_true(dns_pairs_compat(r.pairs));
    static const struct {
        struct say say;
        uint64_t request, repeats;
    } steps[] = {
        { { 0, 'm', 5353, 0, "a", 1, 0, 0 }, 0, 0 },
        { { 10, 'm', 5353, 0, "b", 1, 0, 0 }, 0, 1 },
        { { 20, 'n', 5353, 0, "c", 1, 0, 0 }, 1, 0 },
        { { 30, 'n', 5353, 0, "d", 1, 0, 0 }, 0, 3 },
        { { 40, 'q', 4000, 1, "a", 1, 0, 0 }, 0, 0 },
        { { 50, 'r', 4000, 1, "b", 1, 3, 0 }, 5, 0 },
        { { 6000, 'm', 5353, 0, "a", 1, 0, 0 }, 0, 0 },
        { { 12000, 'm', 5353, 0, "a", 1, 0, 0 }, 0, 0 },
    };
    for (size_t i = 0; i < sizeof steps / sizeof *steps; i++) {
        feed(&r, &steps[i].say);
        assert_int_equal(dns_pairs_last(r.pairs)->request_frame, steps[i].request);
        assert_int_equal(dns_pairs_last(r.pairs)->repeats_frame, steps[i].repeats);
    }
    dns_pairs_finish(r.pairs);
    assert_non_null(strstr(r.told, "b type 1 0->6 rcode 3\n"));
    assert_non_null(strstr(r.told, "a type 1 5->0\n"));
}

/* Each shard has its share; the oldest goes first, and is told and counted. */
static void limits(void **state)
{
    (void)state;
    struct run r;
    start(&r);
    dns_pairs_finish(r.pairs);
    r.config.value[WT_MAX_DNS_PENDING] = 64 * 4;
    r.config.value[WT_MAX_DNS_CACHE] = 64 * 2;
    r.pairs = dns_pairs_new(&r.config, &r.hits, emit, &r);
    char name[16];
    for (int i = 0; i < 6; i++) {
        snprintf(name, sizeof name, "n%d", i);
        feed(&r, &(struct say){ i, 'q', 4000, (uint16_t)i, name, 1, 0, 0 });
    }
    assert_int_equal(r.hits.count[WT_MAX_DNS_PENDING], 2);
    assert_string_equal(r.told, "n0 type 1 1->0\nn1 type 1 2->0\n");
    for (int i = 2; i < 6; i++) {                       /* answered ones make room without being counted */
        snprintf(name, sizeof name, "n%d", i);
        feed(&r, &(struct say){ 10 + i, 'r', 4000, (uint16_t)i, name, 1, 0, 60 });
    }
    feed(&r, &(struct say){ 20, 'q', 4000, 100, "x", 1, 0, 0 });
    assert_int_equal(r.hits.count[WT_MAX_DNS_PENDING], 2);
    assert_int_equal(r.hits.count[WT_MAX_DNS_CACHE], 2);
    r.len = 0;
    r.told[0] = '\0';
    feed(&r, &(struct say){ 30, 'q', 4000, 101, "n5", 1, 0, 0 });
    feed(&r, &(struct say){ 31, 'q', 4000, 102, "n2", 1, 0, 0 });
    feed(&r, &(struct say){ 40, 'r', 4000, 101, "n5", 1, 3, 0 });
    feed(&r, &(struct say){ 41, 'r', 4000, 102, "n2", 1, 3, 0 });
    assert_string_equal(r.told, "n5 type 1 12->14 10 ms rcode 3 again 15 ms\nn2 type 1 13->15 10 ms rcode 3\n");
    dns_pairs_finish(r.pairs);
}

/* Messages of every kind in little memory: whatever comes, every query is told once, as first or as retry. */
static void storm(void **state)
{
    (void)state;
    struct run r;
    start(&r);
    dns_pairs_finish(r.pairs);
    r.config.value[WT_MAX_DNS_PENDING] = 64 * 16;
    r.config.value[WT_MAX_DNS_CACHE] = 64 * 16;
    r.pairs = dns_pairs_new(&r.config, &r.hits, emit, &r);
    uint32_t seed = 1;
    for (int i = 0; i < 200000; i++) {
        seed = seed * 1664525u + 1013904223u;
        char name[16];
        snprintf(name, sizeof name, "n%u", seed >> 28);
        feed(&r, &(struct say){ i / 10, "qrqrqrtu"[seed >> 20 & 7], (uint16_t)(4000 + (seed >> 18 & 3)),
                                (uint16_t)(seed >> 14 & 7), seed >> 10 & 7 ? name : NULL, 1, (uint8_t)(seed >> 8 & 3),
                                seed >> 6 & 3 });
        r.len = 0;
    }
    dns_pairs_finish(r.pairs);
    assert_int_equal(r.accounted, r.queries);
}

/* SipHash-1-3 has no published 128-bit vectors: what counts is that key, length and every bit matter. */
static void digests_differ(void **state)
{
    (void)state;
    struct digest_key key = { { 1, 2 } }, other = { { 1, 3 } };
    uint8_t bytes[40] = { 0 };
    for (size_t len = 0; len <= sizeof bytes; len++) {
        struct digest d = digest_of(&key, bytes, len);
        assert_true(digest_equal(d, digest_of(&key, bytes, len)));
        assert_false(digest_equal(d, digest_of(&other, bytes, len)));
        if (len)
            assert_false(digest_equal(d, digest_of(&key, bytes, len - 1)));
        for (size_t bit = 0; bit < 8 * len; bit++) {
            bytes[bit / 8] ^= (uint8_t)(1 << bit % 8);
            assert_false(digest_equal(d, digest_of(&key, bytes, len)));
            bytes[bit / 8] ^= (uint8_t)(1 << bit % 8);
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(paired), cmocka_unit_test(pairing_for_fields), cmocka_unit_test(as_tshark_on_demand),
        cmocka_unit_test(limits),
        cmocka_unit_test(storm), cmocka_unit_test(digests_differ),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

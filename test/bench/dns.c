/* What a DNS message costs: read, read with every name, and paired. */
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "dissectors/dns.h"
#include "message/message.h"

static double now(void)
{
    struct timespec t;
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
    return (double)t.tv_sec * 1e9 + (double)t.tv_nsec;
}

/* www.example.net A, with a CNAME and two addresses: what a resolver commonly says. */
static const uint8_t query[] = "\x12\x34\x01\x00\0\1\0\0\0\0\0\0" "\3www\7example\3net\0\0\1\0\1";
static const uint8_t response[] =
    "\x12\x34\x81\x80\0\1\0\3\0\0\0\0" "\3www\7example\3net\0\0\1\0\1"
    "\xc0\x0c\0\5\0\1\0\0\1\x2c\0\6\3cdn\xc0\x10" "\xc0\x2d\0\1\0\1\0\0\0\x3c\0\4\300\0\2\1"
    "\xc0\x2d\0\1\0\1\0\0\0\x3c\0\4\300\0\2\2";
enum { QUERY = sizeof query - 1, RESPONSE = sizeof response - 1, ROUNDS = 2000000 };

static unsigned emitted;

static void count(void *to, const struct wt_message *message)
{
    (void)to;
    (void)message;
    emitted++;
}

static void decode_only(const char *name, const uint8_t *bytes, size_t len)
{
    double start = now();
    unsigned sum = 0;
    for (unsigned i = 0; i < ROUNDS; i++) {
        struct dns dns;
        struct wt_cursor c = wt_cursor_of((struct wt_slice){ bytes, len });
        dns_decode(&c, &dns);
        sum += dns.end;
    }
    printf("dns decode %-10s %7.1f ns/message (%u)\n", name, (now() - start) / ROUNDS, sum);
}

int main(void)
{
    decode_only("query", query, QUERY);
    decode_only("response", response, RESPONSE);
    struct wt_config config;
    struct wt_limit_hits hits = { { 0 } };
    wt_config_defaults(&config);
    struct dns_pairs *pairs = dns_pairs_new(&config, &hits, count, NULL);
    uint8_t q[QUERY], r[RESPONSE];
    memcpy(q, query, QUERY);
    memcpy(r, response, RESPONSE);
    double start = now();
    for (unsigned i = 0; i < ROUNDS; i++) {
        struct wt_message from = { .family = 4, .protocol = 17, .port = { (uint16_t)(1024 + i % 60000), 53 },
                                   .shard = (uint8_t)(i & 63) };
        memcpy(from.address[0], &i, 2);
        q[0] = r[0] = (uint8_t)(i >> 8);
        q[1] = r[1] = (uint8_t)i;
        dns_pairs_feed(pairs, &from, (struct wt_slice){ q, QUERY }, false, false, 2 * i + 1, (int64_t)i * 10000);
        dns_pairs_feed(pairs, &from, (struct wt_slice){ r, RESPONSE }, false, false, 2 * i + 2, (int64_t)i * 10000 + 500);
    }
    printf("dns pairs            %7.1f ns/message (%u told)\n", (now() - start) / (2.0 * ROUNDS), emitted);
    dns_pairs_finish(pairs);
    return 0;
}

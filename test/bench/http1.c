/* What an HTTP head and an exchange cost: parsed alone, and through a stream in segments of the usual size. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "dissectors/http1.h"
#include "stream/stream.h"

static double now(void)
{
    struct timespec t;
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
    return (double)t.tv_sec * 1e9 + (double)t.tv_nsec;
}

static const char request[] =
    "GET /assets/site/main.css?v=20261120 HTTP/1.1\r\nHost: www.example.net\r\n"
    "User-Agent: Mozilla/5.0 (X11; Linux x86_64; rv:128.0) Gecko/20100101 Firefox/128.0\r\n"
    "Accept: text/css,*/*;q=0.1\r\nAccept-Language: en-US,en;q=0.5\r\nAccept-Encoding: gzip, deflate\r\n"
    "Connection: keep-alive\r\nReferer: http://www.example.net/\r\nCookie: session=0123456789abcdef; theme=dark\r\n"
    "If-None-Match: \"5f3c-62b8\"\r\n\r\n";
static const char response[] =
    "HTTP/1.1 200 OK\r\nDate: Fri, 20 Nov 2026 22:00:00 GMT\r\nServer: nginx/1.22.1\r\nContent-Type: text/css\r\n"
    "Content-Length: 14600\r\nLast-Modified: Mon, 01 Jun 2026 10:00:00 GMT\r\nConnection: keep-alive\r\n"
    "ETag: \"5f3c-62b9\"\r\nCache-Control: max-age=3600\r\nAccept-Ranges: bytes\r\n\r\n";
enum { ROUNDS = 300000, BODY = 14600, SEGMENT = 1460 };

static unsigned emitted;

static void count(void *to, const struct wt_message *message)
{
    (void)to;
    emitted += message->kind == WT_MESSAGE_HTTP;
}

static void parse_only(const char *name, const char *bytes)
{
    size_t len = strlen(bytes);
    double start = now();
    unsigned sum = 0;
    for (unsigned i = 0; i < ROUNDS; i++) {
        struct http1 head;
        sum += http1_parse((struct wt_slice){ (const uint8_t *)bytes, len }, &head);
    }
    printf("http1 parse %-9s %7.1f ns/head of %zu bytes (%u)\n", name, (now() - start) / ROUNDS, len, sum);
}

int main(void)
{
    parse_only("request", request);
    parse_only("response", response);
    struct wt_config config;
    struct wt_limit_hits hits = { { 0 } };
    wt_config_defaults(&config);
    struct stream_set *set = stream_set_new(&config, &hits, NULL);
    struct wt_session_context ctx = { .client_port = 40000, .server_port = 80, .config = &config, .hits = &hits,
                                      .emit = count };
    size_t head = strlen(response), all = head + BODY;
    uint8_t *answer = malloc(all);
    memcpy(answer, response, head);
    memset(answer + head, 'x', BODY);
    void *slot = NULL;
    uint32_t at[2] = { 0, 0 };
    uint64_t segments = 0;
    double start = now();
    for (unsigned i = 0; i < ROUNDS; i++) {
        struct stream_segment s = { .start_known = true, .start_seq = 1, .has_ack = true, .context = &ctx };
        s.seq = 1 + at[0];
        s.ack = 1 + at[1];
        s.payload = (struct wt_slice){ (const uint8_t *)request, sizeof request - 1 };
        s.wire_bytes = sizeof request - 1;
        stream_segment(set, &slot, &s);
        at[0] += s.wire_bytes;
        segments++;
        s.side = 1;
        s.ack = 1 + at[0];
        for (size_t from = 0; from < all; from += SEGMENT, segments++) {
            size_t n = all - from < SEGMENT ? all - from : SEGMENT;
            s.seq = 1 + at[1];
            s.payload = (struct wt_slice){ answer + from, n };
            s.wire_bytes = (uint32_t)n;
            ctx.time_ns += 1000;
            stream_segment(set, &slot, &s);
            at[1] += (uint32_t)n;
        }
    }
    double took = now() - start;
    printf("http1 exchange       %7.1f ns, %.1f ns/segment (%u told)\n", took / ROUNDS, took / (double)segments, emitted);
    stream_close(set, &slot, &ctx, WT_CLOSED_END);
    stream_set_free(set);
    free(answer);
    return 0;
}

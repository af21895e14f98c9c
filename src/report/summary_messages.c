/* What a finished DNS transaction or HTTP exchange adds to the report. */
#include <string.h>

#include "report/summary_parts.h"

#define RCODE_SERVFAIL 2
#define RCODE_NXDOMAIN 3
#define RCODE_REFUSED 5

static const char *const methods[SUMMARY_METHODS - 1] = {
    "GET", "HEAD", "POST", "PUT", "DELETE", "CONNECT", "OPTIONS", "TRACE", "PATCH",    /* RFC 9110 9.3, RFC 5789 */
    "PROPFIND", "REPORT", "MKCOL", "M-SEARCH", "NOTIFY", "SUBSCRIBE",
};

const char *summary_method_name(unsigned method)
{
    return method < SUMMARY_METHODS - 1 ? methods[method] : "other";
}

static unsigned method_index(struct wt_slice method)
{
    for (unsigned i = 0; i < SUMMARY_METHODS - 1; i++)
        if (strlen(methods[i]) == method.len && memcmp(methods[i], method.at, method.len) == 0)
            return i;
    return SUMMARY_METHODS - 1;
}

static void count_number(struct top *t, uint32_t value)
{
    const struct number_key key = { .value = value };
    const uint64_t one = 1;
    top_add(t, &key, &one);
}

static struct worst_row dns_row(const struct wt_message *m, const struct wt_dns_transaction *d, int64_t value,
                                uint64_t frame)
{
    struct worst_row row = { .value = value, .frame = frame, .first_frame = m->first_frame, .number = m->connection,
                             .time_ns = d->query_frame ? d->query_ns : d->response_ns,
                             .count = d->retries, .code = d->rcode, .type = d->type };
    summary_identify(&row, m->family, m->protocol, m->address[0], m->address[1], m->port[0], m->port[1]);
    char buffer[WT_NAME_TEXT];
    const char *name = wt_dns_name(d, buffer);
    worst_row_text(&row, 0, (struct wt_slice){ (const uint8_t *)name, strlen(name) });
    return row;
}

void summary_dns(struct summary *s, const struct wt_message *m)
{
    struct dns_sums *t = &s->dns;
    const struct wt_dns_transaction *d = m->dns;
    bool answered = d->response_frame != 0, asked = d->query_frame != 0;
    /* A multicast question is to whom it may concern: silence is an answer (RFC 6762 5.2). */
    bool unanswered = !answered && !d->multicast;
    bool failed = answered && d->rcode != 0 && d->rcode != RCODE_NXDOMAIN;
    uint64_t frame = asked ? d->query_frame : d->response_frame;
    t->transactions++;
    t->unanswered += unanswered;
    t->unasked += answered && !asked;
    t->retried += d->retries > 0;
    t->retries += d->retries;
    t->over_tcp += d->over_tcp;
    t->truncated += d->truncated;
    t->multicast += d->multicast;
    t->asked_again += d->asked_again_within_ttl;
    t->failures += failed;
    count_number(&t->types, d->type);
    if (answered)
        count_number(&t->rcodes, d->rcode);
    if (d->time_ns >= 0) {
        histogram_add(&t->time, d->time_ns);
        if (worst_wants(&t->slowest, d->time_ns, frame)) {
            struct worst_row row = dns_row(m, d, d->time_ns, frame);
            worst_add(&t->slowest, &row);
        }
    }
    int64_t early = -(int64_t)(frame & INT64_MAX);
    if ((unanswered || failed || d->rcode == RCODE_NXDOMAIN) && worst_wants(&t->problems, early, frame)) {
        struct worst_row row = dns_row(m, d, early, frame);
        row.unanswered = unanswered;
        worst_add(&t->problems, &row);
    }
    if (d->multicast)
        return;
    bool servfail = answered && d->rcode == RCODE_SERVFAIL, refused = answered && d->rcode == RCODE_REFUSED;
    const uint64_t n[DNS_SERVER_COUNTERS] = {
        [DNS_SERVER_QUERIES] = 1, [DNS_SERVER_TROUBLES] = unanswered || failed, [DNS_SERVER_UNANSWERED] = unanswered,
        [DNS_SERVER_SERVFAIL] = servfail, [DNS_SERVER_REFUSED] = refused,
        [DNS_SERVER_NXDOMAIN] = answered && d->rcode == RCODE_NXDOMAIN, [DNS_SERVER_RETRIES] = d->retries,
        [DNS_SERVER_UNANSWERED_FRAME] = unanswered ? frame : 0, [DNS_SERVER_SERVFAIL_FRAME] = servfail ? frame : 0,
        [DNS_SERVER_REFUSED_FRAME] = refused ? frame : 0,
    };
    struct server_key key;
    summary_server_key(&key, m->family, 0, m->address[1], m->port[1]);
    top_queue_add(&s->queue, &t->servers, m->shard, &key, n,
                  unanswered || (answered && d->rcode) || d->retries ? DNS_SERVER_COUNTERS : DNS_SERVER_QUIET);
}

static struct worst_row http_row(const struct wt_message *m, const struct wt_http_exchange *h, int64_t value,
                                 uint64_t frame)
{
    struct worst_row row = { .value = value, .frame = frame, .first_frame = m->first_frame, .number = m->connection,
                             .time_ns = h->request_start_ns ? h->request_start_ns : h->response_start_ns,
                             .count = h->depth, .code = h->status };
    summary_identify(&row, m->family, m->protocol, m->address[0], m->address[1], m->port[0], m->port[1]);
    worst_row_text(&row, 0, h->method);
    worst_row_text(&row, 1, h->host);
    worst_row_text(&row, 2, h->target);
    return row;
}

/* From the request's last byte to the response's first; -1: one of them was not seen. A response that came before the
 * request was whole (an early error) is counted from the request's beginning. */
static int64_t first_byte_ns(const struct wt_http_exchange *h)
{
    if (!h->request_start_ns || !h->response_start_ns || !h->request_frame)
        return -1;
    bool whole = h->request_end_ns && h->request_end_ns <= h->response_start_ns;
    int64_t time = h->response_start_ns - (whole ? h->request_end_ns : h->request_start_ns);
    return time < 0 ? 0 : time;
}

static void count_flags(struct http_sums *t, uint32_t flags)
{
    const struct { uint32_t flag; uint64_t *counter; } rows[] = {
        { WT_HTTP_UNANSWERED, &t->unanswered },   { WT_HTTP_NO_REQUEST, &t->without_request },
        { WT_HTTP_INCOMPLETE, &t->incomplete },   { WT_HTTP_MALFORMED, &t->malformed },
        { WT_HTTP_KEPT, &t->kept },               { WT_HTTP_CHUNKED, &t->chunked },
        { WT_HTTP_UNTIL_CLOSE, &t->until_close }, { WT_HTTP_PIPELINED, &t->pipelined },
        { WT_HTTP_CONDITIONAL, &t->conditional }, { WT_HTTP_SAVED, &t->saved },
        { WT_HTTP_SENT_COOKIE, &t->cookies_sent }, { WT_HTTP_SET_COOKIE, &t->cookies_set },
        { WT_HTTP_UPGRADED, &t->upgraded },       { WT_HTTP_TUNNEL, &t->tunnels },
        { WT_HTTP_CONTINUED, &t->continued },
    };
    for (unsigned i = 0; i < sizeof rows / sizeof rows[0]; i++)
        *rows[i].counter += (flags & rows[i].flag) != 0;
}

static void count_times(struct http_sums *t, const struct wt_message *m, uint64_t frame)
{
    const struct wt_http_exchange *h = m->http;
    int64_t first = first_byte_ns(h);
    if (first >= 0) {
        histogram_add(&t->first_byte, first);
        if (worst_wants(&t->slowest, first, frame)) {
            struct worst_row row = http_row(m, h, first, frame);
            worst_add(&t->slowest, &row);
        }
    }
    if (h->request_start_ns && h->response_end_ns && !(h->flags & (WT_HTTP_INCOMPLETE | WT_HTTP_TUNNEL | WT_HTTP_UPGRADED)))
        histogram_add(&t->total, h->response_end_ns - h->request_start_ns);
}

void summary_http(struct summary *s, const struct wt_message *m)
{
    struct http_sums *t = &s->http;
    const struct wt_http_exchange *h = m->http;
    uint64_t frame = h->request_frame ? h->request_frame : h->response_frame;
    t->exchanges++;
    count_flags(t, h->flags);
    t->interim += h->interim;
    t->saved_bytes += h->saved_bytes;
    t->request_bytes += h->request_body_bytes;
    t->response_bytes += h->response_body_bytes;
    t->connections += h->depth == 1;
    if (h->depth > t->deepest)
        t->deepest = h->depth;
    if (!(h->flags & WT_HTTP_NO_REQUEST))
        t->methods[method_index(h->method)].count++;
    t->classes[h->status >= 100 && h->status < 600 ? h->status / 100 : 0]++;
    if (h->status)
        count_number(&t->statuses, h->status);
    count_times(t, m, frame);
    bool client_error = h->status / 100 == 4, server_error = h->status / 100 == 5;
    bool unanswered = h->flags & WT_HTTP_UNANSWERED, incomplete = h->flags & WT_HTTP_INCOMPLETE;
    int64_t early = -(int64_t)(frame & INT64_MAX);
    if ((client_error || server_error || unanswered) && worst_wants(&t->errors, early, frame)) {
        struct worst_row row = http_row(m, h, early, frame);
        worst_add(&t->errors, &row);
    }
    const uint64_t n[HTTP_SERVER_COUNTERS] = {
        [HTTP_SERVER_EXCHANGES] = 1, [HTTP_SERVER_TROUBLES] = server_error || unanswered || incomplete,
        [HTTP_SERVER_4XX] = client_error, [HTTP_SERVER_5XX] = server_error, [HTTP_SERVER_UNANSWERED] = unanswered,
        [HTTP_SERVER_INCOMPLETE] = incomplete, [HTTP_SERVER_4XX_FRAME] = client_error ? frame : 0,
        [HTTP_SERVER_5XX_FRAME] = server_error ? frame : 0, [HTTP_SERVER_UNANSWERED_FRAME] = unanswered ? frame : 0,
        [HTTP_SERVER_INCOMPLETE_FRAME] = incomplete ? frame : 0,
    };
    struct server_key key;
    summary_server_key(&key, m->family, m->protocol, m->address[1], m->port[1]);
    top_queue_add(&s->queue, &t->servers, m->shard, &key, n,
                  client_error || server_error || unanswered || incomplete ? HTTP_SERVER_COUNTERS : HTTP_SERVER_QUIET);
}

void summary_message(void *worker, const struct wt_message *m)
{
    struct summary *s = worker;
    switch (m->kind) {
    case WT_MESSAGE_DNS:
        summary_dns(s, m);
        break;
    case WT_MESSAGE_HTTP:
        summary_http(s, m);
        break;
    case WT_MESSAGE_NAME:
        name_queue_add(&s->name_queue, s->names, m->name);
        break;
    case WT_MESSAGE_LAYER:
        break;
    }
}

void summary_frames(void *worker, const struct wt_frame *frames, unsigned n)
{
    struct summary *s = worker;
    rate_frames(&s->rate, frames, n);
}

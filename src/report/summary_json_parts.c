/* The report as JSON: TCP, TIME-WAIT, DNS, HTTP. */
#include <netinet/in.h>
#include <string.h>

#include "report/summary_json.h"
#include "report/text_words.h"

static void endpoint(struct report *r, struct json *j, const char *key, const struct worst_row *row, unsigned side)
{
    json_open(j, key, '{');
    json_address(j, "address", row->family, row->address[side]);
    json_uint(j, "port", row->port[side]);
    json_name(r, j, "name", row->family, row->address[side]);
    json_close(j);
}

static void row_begin(struct report *r, struct json *j, const struct worst_row *row)
{
    json_open(j, NULL, '{');
    uint64_t number = row->number ? row->number : numbers_of(&r->summary->numbers, row->first_frame);
    if (number)
        json_uint(j, "connection", number);
    json_uint(j, "frame", row->frame);
    json_time(j, "time", row->time_ns);
    endpoint(r, j, "client", row, 0);
    endpoint(r, j, "server", row, 1);
}

static void connections(struct report *r, struct json *j, const char *key, const struct worst *list, const char *what)
{
    json_open(j, key, '[');
    for (unsigned i = 0; i < list->count && i < r->top; i++) {
        const struct worst_row *row = &list->rows[i];
        row_begin(r, j, row);
        if (strcmp(what, "handshake_ms") == 0)
            json_ms(j, what, row->value);
        else if (strcmp(what, "outcome") == 0)
            json_text(j, what, wt_outcome_name((enum wt_outcome)row->code));
        else
            json_uint(j, what, (uint64_t)row->value);
        json_close(j);
    }
    json_close(j);
}

void json_tcp(struct report *r, struct json *j)
{
    struct tcp_sums *s = &r->summary->tcp;
    json_open(j, "tcp", '{');
    json_uint(j, "connections", s->connections);
    json_open(j, "outcomes", '{');
    for (unsigned i = 0; i < WT_OUTCOMES; i++)
        if (s->outcomes[i])
            json_uint(j, wt_outcome_name((enum wt_outcome)i), s->outcomes[i]);
    json_close(j);
    json_open(j, "closes", '{');
    for (unsigned i = 0; i < WT_CLOSE_KINDS; i++)
        if (s->closes[i])
            json_uint(j, wt_close_kind_name((enum wt_close_kind)i), s->closes[i]);
    json_close(j);
    json_open(j, "conn_states", '{');
    for (unsigned i = 0; i < SUMMARY_STATES && s->states[i].name[0]; i++)
        json_uint(j, s->states[i].name, s->states[i].count);
    json_close(j);
    json_open(j, "closed_first_by", '{');
    json_uint(j, "client", s->closed_by[0]);
    json_uint(j, "server", s->closed_by[1]);
    json_close(j);
    json_open(j, "resets", '{');
    json_uint(j, "by_client", s->reset_by[0]);
    json_uint(j, "by_server", s->reset_by[1]);
    json_uint(j, "in_answer_to_data", s->resets_in_answer_to_data);
    json_uint(j, "after_fin", s->resets_after_fin);
    json_uint(j, "else", s->resets_unasked);
    json_close(j);
    const struct { const char *key; uint64_t value; } counts[] = {
        { "midstream", s->midstream },           { "direction_guessed", s->guessed },
        { "one_sided", s->one_sided },           { "resumed", s->resumed },
        { "missed_frames", s->missed_frames },   { "tuple_reused", s->reused },
        { "simultaneous_open", s->simultaneous_open }, { "fast_open", s->fast_open },
        { "mptcp", s->mptcp },                   { "partial", s->partial },
        { "syn_retried", s->syn_retried },       { "segments", s->segments },
        { "payload_bytes", s->payload_bytes },   { "retransmissions", s->retransmissions },
        { "retransmitted_bytes", s->retransmitted_bytes }, { "out_of_order", s->out_of_order },
        { "duplicated", s->duplicated },
        { "duplicate_acks", s->duplicate_acks }, { "zero_windows", s->zero_windows },
        { "keep_alives", s->keep_alives },       { "bad_checksums", s->bad_checksums },
        { "missing_bytes", s->missing_bytes },
    };
    for (unsigned i = 0; i < sizeof counts / sizeof counts[0]; i++)
        json_uint(j, counts[i].key, counts[i].value);
    json_histogram(j, "handshake", &s->handshake);
    json_histogram(j, "handshake_syn_to_syn_ack", &s->handshake_server);
    json_histogram(j, "handshake_syn_ack_to_ack", &s->handshake_client);
    json_histogram(j, "duration", &s->duration);
    connections(r, j, "slowest_handshakes", &s->slow_handshakes, "handshake_ms");
    connections(r, j, "most_retransmissions", &s->retransmitting, "retransmissions");
    connections(r, j, "first_failed", &s->troubled, "outcome");
    json_close(j);
}

static void peaks(struct report *r, struct json *j, const char *key, bool towards)
{
    const struct time_wait_peak *list = towards ? r->towards_peaks : r->host_peaks;
    size_t n = towards ? r->towards_peak_count : r->host_peak_count;
    json_open(j, key, '[');
    for (size_t i = 0; i < n; i++) {
        const struct time_wait_group *g = &list[i].group;
        json_open(j, NULL, '{');
        json_address(j, "address", g->family, g->local);
        json_name(r, j, "name", g->family, g->local);
        if (towards) {
            json_address(j, "remote_address", g->family, g->remote);
            json_uint(j, "remote_port", g->remote_port);
        }
        json_uint(j, "at_once", list[i].most);
        json_time(j, "at", list[i].at_ns);
        json_uint(j, "periods", list[i].periods);
        json_bool(j, "holds_ephemeral_ports", list[i].as_client);
        if (list[i].as_client) {
            json_ratio(j, "share_of_linux_ports", (double)list[i].most / PORTS_LINUX);
            json_ratio(j, "share_of_iana_ports", (double)list[i].most / PORTS_IANA);
        }
        json_close(j);
    }
    json_close(j);
}

void json_time_wait(struct report *r, struct json *j)
{
    const struct time_waits *w = &r->summary->time_waits;
    json_open(j, "time_wait", '{');
    json_uint(j, "rule_s", r->config->value[WT_TIME_WAIT]);
    json_uint(j, "periods", w->by_client + w->by_server + w->by_both);
    json_uint(j, "by_client", w->by_client);
    json_uint(j, "by_server", w->by_server);
    json_uint(j, "by_both", w->by_both);
    json_uint(j, "cut_by_reuse", w->reused);
    json_uint(j, "still_running", w->still_running);
    json_uint(j, "segments_in", w->segments_in);
    json_bool(j, "exact", w->left_out == 0);
    peaks(r, j, "hosts", false);
    peaks(r, j, "towards", true);
    json_close(j);
}

/* [{"name": "AAAA", "type": 28, "count": 12}, …]: the most frequent first. */
static void numbers(struct json *j, const char *key, const char *value_key, const struct top *counts,
                    void (*word)(struct wt_text *, unsigned))
{
    uint32_t rows[256];
    size_t n = top_best(counts, 0, rows, 256);
    json_open(j, key, '[');
    for (size_t i = 0; i < n; i++) {
        char text[40] = "";
        struct wt_text t = { .at = text, .capacity = sizeof text };
        uint32_t value = ((const struct number_key *)top_key(counts, rows[i]))->value;
        word(&t, value);
        json_open(j, NULL, '{');
        json_text(j, "name", text[0] ? text : NULL);
        json_uint(j, value_key, value);
        json_uint(j, "count", top_counters(counts, rows[i])[0]);
        json_close(j);
    }
    json_close(j);
}

static void dns_question(struct json *j, const struct worst_row *row)
{
    char type[24] = "";
    struct wt_text t = { .at = type, .capacity = sizeof type };
    words_dns_type(&t, row->type);
    json_bytes(j, "name", worst_text(row, 0));
    json_text(j, "type", type);
}

void json_dns(struct report *r, struct json *j)
{
    struct dns_sums *s = &r->summary->dns;
    json_open(j, "dns", '{');
    const struct { const char *key; uint64_t value; } counts[] = {
        { "transactions", s->transactions }, { "unanswered", s->unanswered }, { "unasked", s->unasked },
        { "retried", s->retried },           { "retries", s->retries },       { "over_tcp", s->over_tcp },
        { "truncated", s->truncated },       { "multicast", s->multicast },
        { "asked_again", s->asked_again }, { "failures", s->failures },
    };
    for (unsigned i = 0; i < sizeof counts / sizeof counts[0]; i++)
        json_uint(j, counts[i].key, counts[i].value);
    numbers(j, "types", "type", &s->types, words_dns_type);
    numbers(j, "rcodes", "rcode", &s->rcodes, words_dns_rcode);
    json_histogram(j, "response_time", &s->time);
    json_open(j, "slowest", '[');
    for (unsigned i = 0; i < s->slowest.count && i < r->top; i++) {
        const struct worst_row *row = &s->slowest.rows[i];
        row_begin(r, j, row);
        dns_question(j, row);
        json_ms(j, "response_ms", row->value);
        json_close(j);
    }
    json_close(j);
    json_open(j, "problems", '[');
    for (unsigned i = 0; i < s->problems.count && i < r->top; i++) {
        const struct worst_row *row = &s->problems.rows[i];
        row_begin(r, j, row);
        dns_question(j, row);
        char rcode[24] = "";
        struct wt_text t = { .at = rcode, .capacity = sizeof rcode };
        words_dns_rcode(&t, row->code);
        json_text(j, "problem", row->unanswered ? "unanswered" : rcode);
        json_uint(j, "retries", row->count);
        json_close(j);
    }
    json_close(j);
    json_close(j);
}

static void status_word(struct wt_text *t, unsigned status)
{
    const char *reason = words_http_status(status);
    wt_text_add(t, "%s", reason ? reason : "");
}

static void http_rows(struct report *r, struct json *j, const char *key, const struct worst *list, bool times)
{
    json_open(j, key, '[');
    for (unsigned i = 0; i < list->count && i < r->top; i++) {
        const struct worst_row *row = &list->rows[i];
        row_begin(r, j, row);
        json_bytes(j, "method", worst_text(row, 0));
        json_bytes(j, "host", worst_text(row, 1));
        json_bytes(j, "target", worst_text(row, 2));
        if (row->code)
            json_uint(j, "status", row->code);
        else
            json_null(j, "status");
        if (times)
            json_ms(j, "first_byte_ms", row->value);
        json_close(j);
    }
    json_close(j);
}

void json_http(struct report *r, struct json *j)
{
    static const char *const classes[] = { "none", "1xx", "2xx", "3xx", "4xx", "5xx" };
    struct http_sums *s = &r->summary->http;
    json_open(j, "http", '{');
    const struct { const char *key; uint64_t value; } counts[] = {
        { "exchanges", s->exchanges },         { "connections", s->connections },
        { "most_on_a_connection", s->deepest }, { "unanswered", s->unanswered },
        { "without_request", s->without_request }, { "incomplete", s->incomplete },
        { "malformed", s->malformed },         { "kept", s->kept },
        { "chunked", s->chunked },             { "until_close", s->until_close },
        { "pipelined", s->pipelined },         { "conditional", s->conditional },
        { "saved", s->saved },          { "saved_bytes", s->saved_bytes },
        { "cookies_sent", s->cookies_sent },   { "cookies_set", s->cookies_set },
        { "upgraded", s->upgraded },           { "tunnels", s->tunnels },
        { "continued", s->continued },         { "interim_responses", s->interim },
        { "request_body_bytes", s->request_bytes }, { "response_body_bytes", s->response_bytes },
    };
    for (unsigned i = 0; i < sizeof counts / sizeof counts[0]; i++)
        json_uint(j, counts[i].key, counts[i].value);
    json_open(j, "methods", '{');
    for (unsigned i = 0; i < SUMMARY_METHODS; i++)
        if (s->methods[i].count)
            json_uint(j, summary_method_name(i), s->methods[i].count);
    json_close(j);
    json_open(j, "classes", '{');
    for (unsigned i = 0; i < 6; i++)
        if (s->classes[i])
            json_uint(j, classes[i], s->classes[i]);
    json_close(j);
    numbers(j, "statuses", "status", &s->statuses, status_word);
    json_histogram(j, "first_byte", &s->first_byte);
    json_histogram(j, "whole_exchange", &s->total);
    http_rows(r, j, "slowest", &s->slowest, true);
    http_rows(r, j, "errors", &s->errors, false);
    json_close(j);
}

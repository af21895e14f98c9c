#include "report/summary_json.h"

#include <inttypes.h>
#include <netinet/in.h>
#include <string.h>

#include "report/text_words.h"
#include "wiretale/wiretale.h"

void json_counter(struct json *j, const char *key, uint64_t value)
{
    if (value == WT_UNKNOWN)
        json_null(j, key);
    else
        json_uint(j, key, value);
}

void json_histogram(struct json *j, const char *key, struct histogram *h)
{
    if (h->count == 0) {
        json_null(j, key);
        return;
    }
    json_open(j, key, '{');
    json_uint(j, "count", h->count);
    json_ms(j, "min_ms", h->least);
    json_ms(j, "p50_ms", histogram_at(h, 500));
    json_ms(j, "p90_ms", histogram_at(h, 900));
    json_ms(j, "p95_ms", histogram_at(h, 950));
    json_ms(j, "p99_ms", histogram_at(h, 990));
    json_ms(j, "max_ms", h->greatest);
    json_ms(j, "mean_ms", histogram_mean(h));
    json_close(j);
}

void json_name(struct report *r, struct json *j, const char *key, unsigned family, const uint8_t *address)
{
    const char *name = words_name(r->names, family, address, INT64_MAX);
    if (!name)
        return;
    size_t n = strlen(name);
    json_bytes(j, key, (struct wt_slice){ (const uint8_t *)name, n > 1 && name[n - 1] == '.' ? n - 1 : n });
}

static void inputs(struct report *r, struct json *j)
{
    json_open(j, "inputs", '[');
    for (unsigned i = 0; i < r->source->input_count; i++) {
        json_open(j, NULL, '{');
        json_text(j, "name", r->source->inputs[i].name);
        json_bool(j, "live", r->source->inputs[i].live);
        json_close(j);
    }
    json_close(j);
}

static void interfaces(const struct wt_source_stats *s, struct json *j)
{
    json_open(j, "interfaces", '[');
    for (unsigned i = 0; i < s->interface_count && i < 32; i++) {
        const struct wt_interface_info *info = &s->interfaces[i];
        json_open(j, NULL, '{');
        json_text(j, "name", info->name[0] ? info->name : NULL);
        json_uint(j, "linktype", info->linktype);
        json_text(j, "linktype_name", words_linktype(info->linktype));
        json_uint(j, "snaplen", info->snaplen);
        json_uint(j, "packets", info->frames);
        json_counter(j, "recorded_drops", info->recorded_drops);
        json_close(j);
    }
    json_close(j);
}

static void capture(struct report *r, struct json *j)
{
    const struct wt_account *a = r->account;
    const struct wt_source_stats *s = &a->source;
    bool any = a->frames > 0;
    json_open(j, "capture", '{');
    json_text(j, "format", s->format);
    interfaces(s, j);
    if (any) {
        json_time(j, "first", s->first_ns);
        json_time(j, "last", s->last_ns);
        json_unix(j, "first_unix", s->first_ns);
        json_unix(j, "last_unix", s->last_ns);
    } else {
        json_null(j, "first");
        json_null(j, "last");
        json_null(j, "first_unix");
        json_null(j, "last_unix");
    }
    json_ms(j, "duration_ms", s->last_ns - s->first_ns);
    json_uint(j, "packets", a->frames);
    json_uint(j, "bytes", a->bytes);
    json_uint(j, "captured_bytes", s->captured_bytes);
    json_uint(j, "truncated_packets", s->truncated_frames);
    json_uint(j, "malformed_packets", a->malformed_frames);
    json_uint(j, "unknown_packets", a->unknown_frames);
    json_uint(j, "too_deep_packets", a->too_deep);
    json_uint(j, "filtered_packets", s->filtered);
    json_uint(j, "time_back_packets", s->time_back);
    json_open(j, "malformed_by", '{');
    for (unsigned i = 0; i < WT_MAX_DISSECTORS && i < wt_dissector_count(); i++)
        if (a->malformed_by[i])
            json_uint(j, wt_dissector_at(i)->name, a->malformed_by[i]);
    json_close(j);
    if (r->source->input_count && r->source->inputs[0].live) {
        json_counter(j, "kernel_received", s->kernel_received);
        json_counter(j, "kernel_drops", s->kernel_drops);
        json_counter(j, "kernel_left", s->kernel_left);
        json_counter(j, "softnet_drops", s->softnet_drops);
        json_counter(j, "interface_drops", s->interface_drops);
        json_counter(j, "ring_drops", s->ring_drops);
    }
    json_open(j, "fragments", '{');
    json_uint(j, "packets", a->fragments);
    json_uint(j, "reassembled", a->datagrams_reassembled);
    json_uint(j, "incomplete", a->datagrams_incomplete);
    json_close(j);
    json_bool(j, "complete", !s->incomplete);
    json_text(j, "problem", s->problem.text[0] ? s->problem.text : NULL);
    json_close(j);
}

static void flows(struct report *r, struct json *j)
{
    json_open(j, "flows", '{');
    json_uint(j, "tcp_connections", r->account->connections);
    json_uint(j, "other_conversations", r->account->conversations);
    json_uint(j, "peak_open", r->account->peak_open);
    json_uint(j, "evicted", r->account->evicted);
    json_uint(j, "clock_jumps", r->account->clock_jumps);
    json_close(j);
}

static void findings(struct report *r, struct json *j)
{
    json_open(j, "findings", '[');
    for (unsigned i = 0; i < r->findings.count; i++) {
        const struct finding *f = &r->findings.list[i];
        json_open(j, NULL, '{');
        json_text(j, "id", f->id);
        json_text(j, "severity", severity_name(f->severity));
        json_text(j, "text", f->text);
        if (f->connection)
            json_uint(j, "connection", f->connection);
        if (f->frame)
            json_uint(j, "frame", f->frame);
        json_close(j);
    }
    json_close(j);
}

/* "eth:ip:tcp": as frame.protocols. */
static void path_text(const struct wt_account *a, unsigned path, struct wt_text *t)
{
    uint16_t chain[WT_MAX_LAYERS + 2];
    unsigned n = 0;
    for (unsigned at = path; at < WT_MAX_PATHS && n < WT_MAX_LAYERS + 2; at = a->paths[at].parent)
        chain[n++] = a->paths[at].dissector;
    while (n--) {
        const struct wt_dissector *d = wt_dissector_at(chain[n]);
        wt_text_add(t, "%s%s", t->len ? ":" : "", d ? d->name : "?");
    }
}

static void protocols(struct report *r, struct json *j)
{
    const struct wt_account *a = r->account;
    json_open(j, "protocols", '[');
    for (unsigned n = 0; n < r->paths.count; n++) {
        unsigned i = r->paths.list[n].path;
        char path[512] = "";
        struct wt_text t = { .at = path, .capacity = sizeof path };
        path_text(a, i, &t);
        json_open(j, NULL, '{');
        json_text(j, "path", path);
        json_uint(j, "packets", a->paths[i].frames);
        json_uint(j, "bytes", a->paths[i].bytes);
        json_close(j);
    }
    json_close(j);
}

static void checksums(struct report *r, struct json *j)
{
    static const char *const names[] = { "ipv4", "tcp", "udp", "icmp", "igmp" };
    static const char *const kinds[WT_CKSUM_KINDS] = { "unchecked", "good", "bad", "absent", "illegal", "unverifiable",
                                                       "partial" };
    json_open(j, "checksums", '{');
    for (unsigned i = 0; i < 5; i++) {
        json_open(j, names[i], '{');
        for (unsigned k = 0; k < WT_CKSUM_KINDS; k++)
            json_uint(j, kinds[k], r->account->checksums[i].by[k]);
        json_close(j);
    }
    json_close(j);
}

static void hosts(struct report *r, struct json *j)
{
    uint32_t rows[WORST_MOST];
    size_t n = top_best(&r->hosts, HOST_BYTES, rows, r->top);
    json_open(j, "hosts", '{');
    json_uint(j, "count", r->hosts.count + r->hosts.evicted);
    json_bool(j, "exact", r->hosts.evicted == 0);
    json_open(j, "top", '[');
    for (size_t i = 0; i < n; i++) {
        const struct host_key *key = top_key(&r->hosts, rows[i]);
        const uint64_t *c = top_counters(&r->hosts, rows[i]);
        json_open(j, NULL, '{');
        json_address(j, "address", key->family, key->address);
        json_name(r, j, "name", key->family, key->address);
        json_uint(j, "bytes_out", c[HOST_BYTES_OUT]);
        json_uint(j, "bytes_in", c[HOST_BYTES_IN]);
        json_uint(j, "packets_out", c[HOST_PACKETS_OUT]);
        json_uint(j, "packets_in", c[HOST_PACKETS_IN]);
        json_uint(j, "connections", c[HOST_CONNECTIONS]);
        json_uint(j, "retransmissions", c[HOST_RETRANSMISSIONS]);
        json_uint(j, "zero_windows", c[HOST_ZERO_WINDOWS]);
        json_close(j);
    }
    json_close(j);
    json_close(j);
}

static void conversations(struct report *r, struct json *j)
{
    uint32_t rows[WORST_MOST];
    size_t n = top_best(&r->pairs, PAIR_BYTES, rows, r->top);
    json_open(j, "conversations", '{');
    json_uint(j, "count", r->pairs.count + r->pairs.evicted);
    json_bool(j, "exact", r->pairs.evicted == 0);
    json_open(j, "top", '[');
    for (size_t i = 0; i < n; i++) {
        const struct pair_key *key = top_key(&r->pairs, rows[i]);
        const uint64_t *c = top_counters(&r->pairs, rows[i]);
        json_open(j, NULL, '{');
        json_address(j, "a", key->family, key->address[0]);
        json_name(r, j, "a_name", key->family, key->address[0]);
        json_address(j, "b", key->family, key->address[1]);
        json_name(r, j, "b_name", key->family, key->address[1]);
        json_uint(j, "bytes_ab", c[PAIR_BYTES_AB]);
        json_uint(j, "bytes_ba", c[PAIR_BYTES_BA]);
        json_uint(j, "packets_ab", c[PAIR_PACKETS_AB]);
        json_uint(j, "packets_ba", c[PAIR_PACKETS_BA]);
        json_uint(j, "connections", c[PAIR_CONNECTIONS]);
        json_close(j);
    }
    json_close(j);
    json_close(j);
}

static void ports(struct report *r, struct json *j)
{
    uint32_t rows[WORST_MOST];
    const struct top *t = &r->summary->ports;
    size_t n = top_best(t, PORT_BYTES, rows, r->top);
    json_open(j, "ports", '{');
    json_uint(j, "count", t->count);
    json_open(j, "top", '[');
    for (size_t i = 0; i < n; i++) {
        const struct port_key *key = top_key(t, rows[i]);
        const uint64_t *c = top_counters(t, rows[i]);
        json_open(j, NULL, '{');
        json_text(j, "protocol", key->protocol == IPPROTO_TCP ? "tcp" : "udp");
        json_uint(j, "port", key->port);
        json_uint(j, "bytes", c[PORT_BYTES]);
        json_uint(j, "packets", c[PORT_PACKETS]);
        json_uint(j, "connections", c[PORT_CONNECTIONS]);
        json_close(j);
    }
    json_close(j);
    json_close(j);
}

static void services(struct report *r, struct json *j)
{
    json_open(j, "services", '{');
    for (unsigned i = 0; i < SUMMARY_SERVICES && r->summary->services[i].name[0]; i++) {
        json_open(j, r->summary->services[i].name, '{');
        json_uint(j, "connections", r->summary->services[i].count);
        json_uint(j, "bytes", r->summary->services[i].bytes);
        json_close(j);
    }
    json_close(j);
}

static void other(struct json *j, const char *key, const struct other_sums *o)
{
    json_open(j, key, '{');
    json_uint(j, "conversations", o->conversations);
    json_uint(j, "bytes", o->bytes);
    json_open(j, "outcomes", '{');
    for (unsigned i = 0; i < WT_OUTCOMES; i++)
        if (o->outcomes[i])
            json_uint(j, wt_outcome_name((enum wt_outcome)i), o->outcomes[i]);
    json_close(j);
    json_close(j);
}

static void over_time(struct report *r, struct json *j)
{
    const struct rate *rate = &r->summary->rate;
    if (rate->used == 0) {
        json_null(j, "over_time");
        return;
    }
    json_open(j, "over_time", '{');
    json_time(j, "start", rate->first * rate->width_ns);
    json_ms(j, "bucket_ms", rate->width_ns);
    json_open(j, "packets", '[');
    for (unsigned i = 0; i < rate->used; i++)
        json_uint(j, NULL, rate->buckets[i].packets);
    json_close(j);
    json_open(j, "bytes", '[');
    for (unsigned i = 0; i < rate->used; i++)
        json_uint(j, NULL, rate->buckets[i].bytes);
    json_close(j);
    json_close(j);
}

static void limits(struct report *r, struct json *j)
{
    json_open(j, "limits", '[');
    for (unsigned i = 0; i < WT_OPTION_COUNT; i++) {
        if (!r->account->limits.count[i] || strncmp(wt_options[i].name, "max-", 4) != 0)
            continue;
        json_open(j, NULL, '{');
        json_text(j, "option", wt_options[i].name);
        json_uint(j, "value", r->config->value[i]);
        json_uint(j, "times", r->account->limits.count[i]);
        json_close(j);
    }
    json_close(j);
}

static void json_report(struct report *r, const struct page *page)
{
    struct json j;
    json_begin(&j, page->to);
    json_open(&j, NULL, '{');
    json_text(&j, "schema", "wiretale-report");
    json_uint(&j, "version", REPORT_SCHEMA_VERSION);
    json_text(&j, "program", "wiretale " WT_VERSION);
    inputs(r, &j);
    capture(r, &j);
    flows(r, &j);
    findings(r, &j);
    protocols(r, &j);
    services(r, &j);
    checksums(r, &j);
    hosts(r, &j);
    conversations(r, &j);
    ports(r, &j);
    json_tcp(r, &j);
    other(&j, "udp", &r->summary->udp);
    other(&j, "icmp", &r->summary->icmp);
    other(&j, "other", &r->summary->other);
    json_time_wait(r, &j);
    json_dns(r, &j);
    json_http(r, &j);
    over_time(r, &j);
    limits(r, &j);
    json_end(&j);
}

const struct renderer renderer_json = {
    .name = "json",
    .meaning = "one JSON object, described by docs/schema/report.json",
    .report = json_report,
};

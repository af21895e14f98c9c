#include "report/summary_findings.h"

#include <inttypes.h>
#include <netinet/in.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "report/renderer.h"
#include "report/text_units.h"
#include "report/text_words.h"

#define EACH 3              /* servers or hosts named for one kind of trouble; the rest is summed */
#define URL_MOST 50         /* bytes of a target in a sentence */
#define SLOW_NS INT64_C(1000000000)

const char *severity_name(enum severity severity)
{
    static const char *const names[] = { "bad", "warning", "note" };
    return names[severity];
}

struct draft {              /* a finding while its sentence grows */
    struct findings *to;
    struct finding finding;
    struct wt_text text;
};

static void begin(struct draft *d, struct findings *to, const char *id, enum severity severity, uint64_t weight)
{
    memset(&d->finding, 0, sizeof d->finding);
    d->to = to;
    d->finding.id = id;
    d->finding.severity = severity;
    d->finding.weight = weight;
    d->text = (struct wt_text){ .at = d->finding.text, .capacity = sizeof d->finding.text };
}

/* Where it shows: a connection's first frame. */
static void shown_by(struct report *r, struct draft *d, uint64_t frame)
{
    d->finding.frame = frame;
    d->finding.connection = numbers_of(&r->summary->numbers, frame);
}

static void end(struct draft *d)
{
    if (d->to->count == FINDINGS_MOST) {
        d->to->left_out++;
        return;
    }
    d->to->list[d->to->count++] = d->finding;
}

static void say(struct draft *d, const char *format, ...) __attribute__((format(printf, 2, 3)));
static void say(struct draft *d, const char *format, ...)
{
    char text[FINDINGS_TEXT];
    va_list args;
    va_start(args, format);
    vsnprintf(text, sizeof text, format, args);
    va_end(args);
    wt_text_add(&d->text, "%s", text);
}

static void say_count(struct draft *d, uint64_t n, const char *one, const char *many)
{
    units_count(&d->text, n);
    say(d, " %s", n == 1 ? one : many);
}

/* "3 of 20 connections", "all 20 connections", "the only connection". */
static void say_part(struct draft *d, uint64_t part, uint64_t whole, const char *one, const char *many)
{
    if (part == whole && whole == 1) {
        say(d, "the only %s", one);
        return;
    }
    if (part == whole)
        say(d, "all ");
    units_count(&d->text, part);
    if (part != whole) {
        say(d, " of ");
        units_count(&d->text, whole);
    }
    say(d, " %s", whole == 1 ? one : many);
}

static void capitalise(struct draft *d)
{
    char *c = d->finding.text;
    if (*c >= 'a' && *c <= 'z')
        *c = (char)(*c - 'a' + 'A');
}

static void say_endpoint(struct report *r, struct draft *d, const struct server_key *key)
{
    words_endpoint(&d->text, key->family, key->address, key->protocol, key->port);
    const char *name = words_name(r->names, key->family, key->address, INT64_MAX);
    if (name) {
        say(d, " (");
        words_add_name(&d->text, name);
        say(d, ")");
    }
}

static void say_host(struct report *r, struct draft *d, const struct host_key *key)
{
    wt_text_add_address(&d->text, key->family, key->address);
    const char *name = words_name(r->names, key->family, key->address, INT64_MAX);
    if (name) {
        say(d, " (");
        words_add_name(&d->text, name);
        say(d, ")");
    }
}

/* ---- the capture itself ---- */

static void capture_findings(struct report *r, struct findings *f)
{
    const struct wt_account *a = r->account;
    const struct wt_source_stats *s = &a->source;
    struct draft d;
    if (s->incomplete) {
        begin(&d, f, "capture-incomplete", SEVERITY_BAD, UINT64_MAX);
        if (s->problem.text[0])
            wt_text_add_safe(&d.text, (struct wt_slice){ (const uint8_t *)s->problem.text, strlen(s->problem.text) });
        else
            say(&d, "The capture was not read to its end");
        end(&d);
    }
    uint64_t drops = 0;
    for (unsigned i = 0; i < s->interface_count && i < 32; i++)
        if (s->interfaces[i].recorded_drops != WT_UNKNOWN)
            drops += s->interfaces[i].recorded_drops;
    if (s->kernel_drops != WT_UNKNOWN)
        drops += s->kernel_drops;
    if (s->interface_drops != WT_UNKNOWN)
        drops += s->interface_drops;
    if (s->ring_drops != WT_UNKNOWN)
        drops += s->ring_drops;
    if (drops) {
        begin(&d, f, "capture-drops", SEVERITY_WARNING, UINT64_MAX);
        say_count(&d, drops, "packet was", "packets were");
        say(&d, " dropped while capturing: what looks lost below may only have been missed");
        end(&d);
    }
    if (r->summary->tcp.missing_bytes) {
        begin(&d, f, "capture-missing", SEVERITY_WARNING, UINT64_MAX - 1);
        units_bytes(&d.text, r->summary->tcp.missing_bytes);
        say(&d, " of TCP data were acknowledged but are not in the capture: it has holes, the network had not");
        end(&d);
    }
    if (a->malformed_frames) {
        begin(&d, f, "malformed", SEVERITY_WARNING, a->malformed_frames);
        say_count(&d, a->malformed_frames, "packet is malformed:", "packets are malformed:");
        const char *comma = " ";
        for (unsigned i = 0; i < WT_MAX_DISSECTORS && i < wt_dissector_count(); i++)
            if (a->malformed_by[i]) {
                say(&d, "%s%s %" PRIu64, comma, wt_dissector_at(i)->name, a->malformed_by[i]);
                comma = ", ";
            }
        end(&d);
    }
    if (s->truncated_frames) {
        begin(&d, f, "cut-by-snaplen", SEVERITY_NOTE, s->truncated_frames);
        say_part(&d, s->truncated_frames, a->frames, "packet", "packets");
        say(&d, s->truncated_frames == 1 ? " was" : " were");
        say(&d, " cut by the snapshot length: contents and checksums beyond it are unknown");
        capitalise(&d);
        end(&d);
    }
    if (s->time_back) {
        begin(&d, f, "time-back", SEVERITY_NOTE, s->time_back);
        say_count(&d, s->time_back, "packet has", "packets have");
        say(&d, " a time stamp before an earlier one");
        end(&d);
    }
}

static void limit_findings(struct report *r, struct findings *f)
{
    for (unsigned i = 0; i < WT_OPTION_COUNT; i++) {
        if (!r->account->limits.count[i] || strncmp(wt_options[i].name, "max-", 4) != 0)
            continue;
        struct draft d;
        begin(&d, f, "limit", SEVERITY_WARNING, 1);
        say(&d, "The limit %s was reached (-o %s:N raises it): %s", wt_options[i].name, wt_options[i].name,
            wt_options[i].meaning);
        end(&d);
    }
}

static void checksum_findings(struct report *r, struct findings *f)
{
    static const char *const names[] = { "IPv4 headers", "TCP segments", "UDP datagrams", "ICMP messages",
                                         "IGMP messages" };
    uint64_t partial = 0;
    for (unsigned i = 0; i < 5; i++) {
        const uint64_t *by = r->account->checksums[i].by;
        partial += by[WT_CKSUM_PARTIAL];
        if (!by[WT_CKSUM_BAD] && !by[WT_CKSUM_ILLEGAL])
            continue;
        uint64_t all = by[WT_CKSUM_BAD] + by[WT_CKSUM_GOOD] + by[WT_CKSUM_PARTIAL] + by[WT_CKSUM_ILLEGAL];
        struct draft d;
        begin(&d, f, "checksum-bad", SEVERITY_WARNING, by[WT_CKSUM_BAD] + by[WT_CKSUM_ILLEGAL]);
        units_count(&d.text, by[WT_CKSUM_BAD] + by[WT_CKSUM_ILLEGAL]);
        say(&d, " of ");
        units_count(&d.text, all);
        say(&d, " %s carry a wrong checksum", names[i]);
        end(&d);
    }
    if (partial) {
        struct draft d;
        begin(&d, f, "checksum-partial", SEVERITY_NOTE, 0);
        say_count(&d, partial, "checksum was", "checksums were");
        say(&d, " left to the network card: captured on the sending host, and no error");
        end(&d);
    }
}

/* ---- connections ---- */

struct server_trouble {
    const char *id;
    unsigned counter, frame;
    enum severity severity;
    const char *said_one, *said_many;    /* "was refused" */
};

static const struct server_trouble server_troubles[] = {
    { "tcp-refused", SERVER_REFUSED, SERVER_REFUSED_FRAME, SEVERITY_BAD, "was refused", "were refused" },
    { "tcp-unreachable", SERVER_UNREACHABLE, SERVER_UNREACHABLE_FRAME, SEVERITY_BAD,
      "failed: unreachable, as an ICMP error says", "failed: unreachable, as ICMP errors say" },
    { "tcp-unanswered", SERVER_UNANSWERED, SERVER_UNANSWERED_FRAME, SEVERITY_BAD, "got no answer", "got no answer" },
    { "tcp-half-open", SERVER_HALF_OPEN, SERVER_HALF_OPEN_FRAME, SEVERITY_WARNING,
      "was answered, but never completed by the client", "were answered, but never completed by the client" },
    { "tcp-reset-by-server", SERVER_RESET_BY_SERVER, SERVER_RESET_BY_SERVER_FRAME, SEVERITY_WARNING,
      "was reset by the server", "were reset by the server" },
    { "tcp-reset-by-client", SERVER_RESET_BY_CLIENT, SERVER_RESET_BY_CLIENT_FRAME, SEVERITY_WARNING,
      "was reset by the client", "were reset by the client" },
};

/* Servers of TCP that have the trouble: how many, and how often in all. */
static uint64_t count_servers(const struct top *t, unsigned counter, uint64_t *ret_times)
{
    uint64_t servers = 0;
    *ret_times = 0;
    for (uint32_t i = 0; i < t->count; i++) {
        const struct server_key *key = top_key(t, i);
        uint64_t n = key->protocol == IPPROTO_TCP ? top_counters(t, i)[counter] : 0;
        servers += n > 0;
        *ret_times += n;
    }
    return servers;
}

static void one_server_trouble(struct report *r, struct findings *f, const struct server_trouble *kind)
{
    uint64_t times;
    uint64_t servers = count_servers(&r->servers, kind->counter, &times);
    if (servers == 0)
        return;
    uint32_t rows[64];
    size_t n = top_best(&r->servers, kind->counter, rows, 64);
    unsigned named = 0;
    uint64_t named_times = 0;
    for (size_t i = 0; i < n && named < EACH; i++) {
        const struct server_key *key = top_key(&r->servers, rows[i]);
        const uint64_t *c = top_counters(&r->servers, rows[i]);
        if (key->protocol != IPPROTO_TCP)
            continue;
        struct draft d;
        begin(&d, f, kind->id, kind->severity, c[kind->counter] * 4 + 1);
        say_part(&d, c[kind->counter], c[SERVER_CONNECTIONS], "connection", "connections");
        say(&d, " to ");
        say_endpoint(r, &d, key);
        say(&d, " %s", c[kind->counter] == 1 ? kind->said_one : kind->said_many);
        capitalise(&d);
        shown_by(r, &d, c[kind->frame]);
        end(&d);
        named++;
        named_times += c[kind->counter];
    }
    if (servers > named) {
        struct draft d;
        begin(&d, f, kind->id, kind->severity, 2);
        units_count(&d.text, times - named_times);
        say(&d, times - named_times == 1 ? " more connection to " : " more connections to ");
        say_count(&d, servers - named, "other address and port", "other addresses and ports");
        say(&d, " %s", times - named_times == 1 ? kind->said_one : kind->said_many);
        end(&d);
    }
}

static void quality_findings(struct report *r, struct findings *f)
{
    uint32_t rows[16];
    size_t n = top_best(&r->hosts, HOST_RETRANSMISSIONS, rows, 16);
    unsigned named = 0;
    for (size_t i = 0; i < n && named < EACH; i++) {
        const struct host_key *key = top_key(&r->hosts, rows[i]);
        const uint64_t *c = top_counters(&r->hosts, rows[i]);
        uint64_t sent = c[HOST_TCP_PACKETS_OUT], again = c[HOST_RETRANSMISSIONS];
        if (again * 100 < sent || again < 2)    /* under one in a hundred is everyday */
            continue;
        struct draft d;
        begin(&d, f, "tcp-retransmissions", again * 20 >= sent ? SEVERITY_BAD : SEVERITY_WARNING, again);
        units_percent(&d.text, again, sent);
        say(&d, " of the segments from ");
        say_host(r, &d, key);
        say(&d, " were retransmitted (");
        units_count(&d.text, again);
        say(&d, " of ");
        units_count(&d.text, sent);
        say(&d, ")");
        shown_by(r, &d, c[HOST_RETRANSMITTING_FRAME]);
        end(&d);
        named++;
    }
    n = top_best(&r->hosts, HOST_ZERO_WINDOWS, rows, EACH);
    for (size_t i = 0; i < n; i++) {
        const uint64_t *c = top_counters(&r->hosts, rows[i]);
        struct draft d;
        begin(&d, f, "tcp-zero-window", SEVERITY_WARNING, c[HOST_ZERO_WINDOWS]);
        say_host(r, &d, top_key(&r->hosts, rows[i]));
        say(&d, " closed its receive window ");
        say_count(&d, c[HOST_ZERO_WINDOWS], "time: its program reads", "times: its program reads");
        say(&d, " more slowly than data comes");
        end(&d);
    }
    const struct tcp_sums *t = &r->summary->tcp;
    struct draft d;
    if (t->syn_retried) {
        begin(&d, f, "tcp-syn-retried", SEVERITY_WARNING, t->syn_retried);
        say_part(&d, t->syn_retried, t->connections, "connection", "connections");
        say(&d, " had to send the SYN more than once");
        capitalise(&d);
        end(&d);
    }
    if (t->midstream) {
        begin(&d, f, "tcp-midstream", SEVERITY_NOTE, t->midstream);
        say_part(&d, t->midstream, t->connections, "connection", "connections");
        say(&d, " had begun before the capture: states and directions of these are inferred");
        capitalise(&d);
        end(&d);
    }
    if (t->one_sided) {
        begin(&d, f, "tcp-one-sided", SEVERITY_NOTE, t->one_sided);
        say(&d, "Only one direction of ");
        say_part(&d, t->one_sided, t->connections, "connection", "connections");
        say(&d, " was captured");
        end(&d);
    }
}

static void time_wait_findings(struct report *r, struct findings *f)
{
    const struct time_wait_peak *peaks = r->towards_peaks;
    for (size_t i = 0; i < r->towards_peak_count && i < EACH; i++) {
        if (peaks[i].most * 4 < PORTS_IANA)
            break;
        const struct time_wait_group *g = &peaks[i].group;
        struct draft d;
        begin(&d, f, "time-wait-ports", peaks[i].most * 10 >= PORTS_LINUX * 8 ? SEVERITY_BAD : SEVERITY_WARNING,
              peaks[i].most);
        wt_text_add_address(&d.text, g->family, g->local);
        say(&d, " held %s", r->summary->time_waits.left_out ? "at least " : "");
        units_count(&d.text, peaks[i].most);
        say(&d, " sockets towards ");
        words_endpoint(&d.text, g->family, g->remote, IPPROTO_TCP, g->remote_port);
        say(&d, " in TIME-WAIT at once: ");
        units_percent(&d.text, peaks[i].most, PORTS_LINUX);
        say(&d, " of the 28,232 ports that Linux gives out");
        end(&d);
    }
}

/* ---- messages ---- */

static void dns_findings(struct report *r, struct findings *f)
{
    static const struct { const char *id; unsigned counter, frame; enum severity severity; const char *said; } kinds[] = {
        { "dns-unanswered", DNS_SERVER_UNANSWERED, DNS_SERVER_UNANSWERED_FRAME, SEVERITY_BAD, "got no answer" },
        { "dns-servfail", DNS_SERVER_SERVFAIL, DNS_SERVER_SERVFAIL_FRAME, SEVERITY_BAD, "failed with SERVFAIL" },
        { "dns-refused", DNS_SERVER_REFUSED, DNS_SERVER_REFUSED_FRAME, SEVERITY_WARNING, "were answered REFUSED" },
    };
    for (unsigned k = 0; k < 3; k++) {
        uint32_t rows[EACH];
        size_t n = top_best(&r->dns_servers, kinds[k].counter, rows, EACH);
        for (size_t i = 0; i < n; i++) {
            const uint64_t *c = top_counters(&r->dns_servers, rows[i]);
            struct draft d;
            begin(&d, f, kinds[k].id, kinds[k].severity, c[kinds[k].counter] * 4);
            say(&d, "DNS: ");
            say_part(&d, c[kinds[k].counter], c[DNS_SERVER_QUERIES], "query", "queries");
            say(&d, " to ");
            say_endpoint(r, &d, top_key(&r->dns_servers, rows[i]));
            say(&d, " %s", k == 2 && c[kinds[k].counter] == 1 ? "was answered REFUSED" : kinds[k].said);
            d.finding.frame = c[kinds[k].frame];
            end(&d);
        }
    }
    const struct dns_sums *s = &r->summary->dns;
    struct draft d;
    if (s->asked_again) {
        begin(&d, f, "dns-asked-again", SEVERITY_NOTE, s->asked_again);
        say(&d, "DNS: ");
        say_part(&d, s->asked_again, s->transactions, "query", "queries");
        say(&d, " repeated a question whose answer was still valid: the client does not cache");
        end(&d);
    }
    if (s->slowest.count && s->slowest.rows[0].value >= SLOW_NS) {
        begin(&d, f, "dns-slow", SEVERITY_WARNING, (uint64_t)s->slowest.rows[0].value / 1000000);
        say(&d, "DNS: an answer took ");
        units_duration_ascii(&d.text, s->slowest.rows[0].value);
        say(&d, " (");
        wt_text_add_safe(&d.text, worst_text(&s->slowest.rows[0], 0));
        say(&d, ")");
        d.finding.frame = s->slowest.rows[0].frame;
        end(&d);
    }
}

static void http_findings(struct report *r, struct findings *f)
{
    static const struct { const char *id; unsigned counter, frame; enum severity severity;
                          const char *said_one, *said_many; } kinds[] = {
        { "http-server-error", HTTP_SERVER_5XX, HTTP_SERVER_5XX_FRAME, SEVERITY_BAD, "failed with a 5xx status",
          "failed with a 5xx status" },
        { "http-unanswered", HTTP_SERVER_UNANSWERED, HTTP_SERVER_UNANSWERED_FRAME, SEVERITY_BAD, "got no response",
          "got no response" },
        { "http-incomplete", HTTP_SERVER_INCOMPLETE, HTTP_SERVER_INCOMPLETE_FRAME, SEVERITY_WARNING, "is incomplete",
          "are incomplete" },
        { "http-client-error", HTTP_SERVER_4XX, HTTP_SERVER_4XX_FRAME, SEVERITY_NOTE, "was answered with a 4xx status",
          "were answered with a 4xx status" },
    };
    for (unsigned k = 0; k < sizeof kinds / sizeof kinds[0]; k++) {
        uint32_t rows[EACH];
        size_t n = top_best(&r->http_servers, kinds[k].counter, rows, EACH);
        for (size_t i = 0; i < n; i++) {
            const uint64_t *c = top_counters(&r->http_servers, rows[i]);
            uint64_t times = c[kinds[k].counter];
            struct draft d;
            begin(&d, f, kinds[k].id, kinds[k].severity, times * 4);
            say(&d, "HTTP: ");
            say_part(&d, times, c[HTTP_SERVER_EXCHANGES], "exchange", "exchanges");
            say(&d, " with ");
            say_endpoint(r, &d, top_key(&r->http_servers, rows[i]));
            say(&d, " %s", times == 1 ? kinds[k].said_one : kinds[k].said_many);
            d.finding.frame = c[kinds[k].frame];
            end(&d);
        }
    }
    const struct worst *slow = &r->summary->http.slowest;
    if (slow->count && slow->rows[0].value >= SLOW_NS) {
        const struct worst_row *row = &slow->rows[0];
        struct draft d;
        begin(&d, f, "http-slow", SEVERITY_WARNING, (uint64_t)row->value / 1000000);
        say(&d, "HTTP: ");
        wt_text_add_safe(&d.text, worst_text(row, 0));
        say(&d, " ");
        struct wt_slice target = worst_text(row, 2);
        bool cut = target.len > URL_MOST;
        if (cut)
            target.len = URL_MOST;
        if (target.len && target.at[0] == '/')
            wt_text_add_safe(&d.text, worst_text(row, 1));
        wt_text_add_safe(&d.text, target);
        say(&d, "%s", cut ? "..." : "");
        say(&d, " waited ");
        units_duration_ascii(&d.text, row->value);
        say(&d, " for the first byte of its response");
        d.finding.frame = row->frame;
        end(&d);
    }
}

static int compare(const void *a, const void *b)
{
    const struct finding *x = a, *y = b;
    if (x->severity != y->severity)
        return x->severity < y->severity ? -1 : 1;
    if (x->weight != y->weight)
        return x->weight > y->weight ? -1 : 1;
    if (x->frame != y->frame)
        return x->frame < y->frame ? -1 : 1;
    return strcmp(x->text, y->text);
}

void findings_find(struct report *r, struct findings *f)
{
    memset(f, 0, sizeof *f);
    capture_findings(r, f);
    limit_findings(r, f);
    for (unsigned i = 0; i < sizeof server_troubles / sizeof server_troubles[0]; i++)
        one_server_trouble(r, f, &server_troubles[i]);
    quality_findings(r, f);
    time_wait_findings(r, f);
    dns_findings(r, f);
    http_findings(r, f);
    checksum_findings(r, f);
    qsort(f->list, f->count, sizeof f->list[0], compare);
}

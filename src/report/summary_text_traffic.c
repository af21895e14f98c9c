/* The report for people: protocols, hosts, ports, conversations, checksums. */
#include <netinet/in.h>
#include <string.h>

#include "base/i18n.h"
#include "report/summary_text.h"
#include "report/text_units.h"
#include "report/text_words.h"

#define BAR 16

/* ---- protocols ---- */

void text_protocols(struct report *r, const struct page *p)
{
    static const struct table_column columns[] = {
        { .title = N_("protocol"), .least = 12 }, { .title = N_("packets"), .right = true }, { .title = "", .right = true },
        { .title = N_("bytes"), .right = true },  { .title = "", .right = true },        { .title = "", .drop = 1 },
    };
    if (r->account->path_count == 0)
        return;
    text_section(p, "Protocols", "%s", "");
    const struct wt_account *a = r->account;
    struct table t;
    table_begin(&t, p, 2, columns, 6);
    for (unsigned i = 0; i < r->paths.count && i < 200; i++) {
        const struct wt_path *path = &a->paths[r->paths.list[i].path];
        const struct wt_dissector *d = wt_dissector_at(path->dissector);
        table_cell(&t, STYLE_PLAIN, "%*s%s", (int)r->paths.list[i].depth * 2, "", d ? d->short_name : "?");
        table_count(&t, path->frames);
        table_percent(&t, path->frames, a->frames);
        table_bytes(&t, path->bytes);
        table_percent(&t, path->bytes, a->bytes);
        table_bar(&t, a->bytes ? (double)path->bytes / (double)a->bytes : 0, BAR);
    }
    table_end(&t);
}

/* ---- hosts ---- */

static uint64_t sum_of(const struct top *t, unsigned counter)
{
    uint64_t sum = 0;
    for (uint32_t i = 0; i < t->count; i++)
        sum += top_counters(t, i)[counter];
    return sum;
}

static const char *at_least(const struct top *t)
{
    return t->evicted ? _("at least ") : "";
}

static void top_hosts(struct report *r, const struct page *p)
{
    static const struct table_column columns[] = {
        { .title = N_("host"), .least = 24 },       { .title = N_("bytes out"), .right = true },
        { .title = N_("bytes in"), .right = true }, { .title = N_("packets"), .right = true, .drop = 1 },
        { .title = N_("conns"), .right = true },    { .title = "", .drop = 2, .least = 5 },
    };
    uint32_t rows[WORST_MOST];
    size_t n = top_best(&r->hosts, HOST_BYTES, rows, r->top);
    if (n == 0)
        return;
    text_section(p, "Hosts", _("%s%s, by bytes"), at_least(&r->hosts), text_n(r->hosts.count).text);
    uint64_t most = top_counters(&r->hosts, rows[0])[HOST_BYTES];
    struct table t;
    table_begin(&t, p, 2, columns, 6);
    t.drop_first = true;
    for (size_t i = 0; i < n; i++) {
        const struct host_key *key = top_key(&r->hosts, rows[i]);
        const uint64_t *c = top_counters(&r->hosts, rows[i]);
        text_endpoint_cell(r, &t, key->family, key->address, 0, 0, false);
        table_bytes(&t, c[HOST_BYTES_OUT]);
        table_bytes(&t, c[HOST_BYTES_IN]);
        table_count(&t, c[HOST_PACKETS_OUT] + c[HOST_PACKETS_IN]);
        table_count(&t, c[HOST_CONNECTIONS]);
        table_bar(&t, most ? (double)c[HOST_BYTES] / (double)most : 0, 10);
    }
    table_end(&t);
}

static void top_pairs(struct report *r, const struct page *p)
{
    static const struct table_column columns[] = {
        { .title = N_("host"), .least = 15 },       { .title = "" }, { .title = N_("host"), .least = 15 },
        { .title = N_("bytes right"), .right = true }, { .title = N_("left"), .right = true }, { .title = N_("conns"), .right = true },
    };
    uint32_t rows[WORST_MOST];
    size_t n = top_best(&r->pairs, PAIR_BYTES, rows, r->top);
    if (n == 0)
        return;
    text_section(p, "Conversations", _("%s%s pairs of hosts, by bytes"), at_least(&r->pairs), text_n(r->pairs.count).text);
    struct table t;
    table_begin(&t, p, 2, columns, 6);
    for (size_t i = 0; i < n; i++) {
        const struct pair_key *key = top_key(&r->pairs, rows[i]);
        const uint64_t *c = top_counters(&r->pairs, rows[i]);
        text_endpoint_cell(r, &t, key->family, key->address[0], 0, 0, false);
        table_text(&t, STYLE_DIM, page_glyph(p, GLYPH_BOTH));
        text_endpoint_cell(r, &t, key->family, key->address[1], 0, 0, false);
        table_bytes(&t, c[PAIR_BYTES_AB]);
        table_bytes(&t, c[PAIR_BYTES_BA]);
        table_count(&t, c[PAIR_CONNECTIONS]);
    }
    table_end(&t);
}

static void top_ports(struct report *r, const struct page *p)
{
    static const struct table_column columns[] = {
        { .title = N_("port") }, { .title = N_("bytes"), .right = true }, { .title = "", .right = true },
        { .title = N_("packets"), .right = true }, { .title = N_("conns"), .right = true }, { .title = "", .drop = 1 },
    };
    uint32_t rows[WORST_MOST];
    const struct top *ports = &r->summary->ports;
    size_t n = top_best(ports, PORT_BYTES, rows, r->top);
    if (n == 0)
        return;
    uint64_t all = sum_of(ports, PORT_BYTES);
    text_section(p, "Ports", _("%s of servers, by bytes"), text_n(ports->count).text);
    struct table t;
    table_begin(&t, p, 2, columns, 6);
    for (size_t i = 0; i < n; i++) {
        const struct port_key *key = top_key(ports, rows[i]);
        const uint64_t *c = top_counters(ports, rows[i]);
        table_cell(&t, STYLE_PLAIN, "%s %u", key->protocol == IPPROTO_TCP ? "TCP" : "UDP", key->port);
        table_bytes(&t, c[PORT_BYTES]);
        table_percent(&t, c[PORT_BYTES], all);
        table_count(&t, c[PORT_PACKETS]);
        table_count(&t, c[PORT_CONNECTIONS]);
        table_bar(&t, all ? (double)c[PORT_BYTES] / (double)all : 0, BAR);
    }
    table_end(&t);
}

static void services(struct report *r, const struct page *p)
{
    char text[1024] = "";
    struct wt_text t = { .at = text, .capacity = sizeof text };
    for (unsigned i = 0; i < SUMMARY_SERVICES && r->summary->services[i].count; i++)
        wt_text_add(&t, "%s%s %s (%s)", t.len ? ", " : "", r->summary->services[i].name,
                    text_n(r->summary->services[i].count).text, text_size(r->summary->services[i].bytes).text);
    if (t.len)
        text_line(p, "services", "%s", text);
}

void text_hosts(struct report *r, const struct page *p)
{
    top_hosts(r, p);
    top_pairs(r, p);
    top_ports(r, p);
    services(r, p);
}

/* ---- the rest ---- */

static void other_line(const struct page *p, const char *label, const struct other_sums *o)
{
    if (o->conversations == 0)
        return;
    char text[256] = "";
    struct wt_text t = { .at = text, .capacity = sizeof text };
    for (unsigned i = 0; i < WT_OUTCOMES; i++)
        text_counts(&t, wt_outcome_name((enum wt_outcome)i), o->outcomes[i]);
    text_line(p, label, P_("%s conversation, %s: %s", "%s conversations, %s: %s", o->conversations), text_n(o->conversations).text,
              text_size(o->bytes).text, text);
}

void text_others(struct report *r, const struct page *p)
{
    const struct summary *s = r->summary;
    if (!s->udp.conversations && !s->icmp.conversations && !s->other.conversations)
        return;
    text_section(p, "Without connections", "%s", "");
    other_line(p, "UDP", &s->udp);
    other_line(p, "ICMP", &s->icmp);
    other_line(p, N_("other"), &s->other);
}

void text_checksums(struct report *r, const struct page *p)
{
    static const char *const names[] = { "IPv4", "TCP", "UDP", "ICMP", "IGMP" };
    static const struct table_column columns[] = {
        { .title = "" }, { .title = N_("good"), .right = true }, { .title = N_("bad"), .right = true },
        { .title = N_("partial"), .right = true }, { .title = N_("absent"), .right = true },
        { .title = N_("not verifiable"), .right = true, .drop = 1 }, { .title = N_("not checked"), .right = true, .drop = 2 },
    };
    const struct wt_account *a = r->account;
    uint64_t all = 0, partial = 0;
    for (unsigned i = 0; i < 5; i++)
        for (unsigned k = 0; k < WT_CKSUM_KINDS; k++) {
            all += a->checksums[i].by[k];
            partial += k == WT_CKSUM_PARTIAL ? a->checksums[i].by[k] : 0;
        }
    if (all == 0)
        return;
    text_section(p, "Checksums", "%s", partial ? _("partial: left to the network card of the sending host, no error") : "");
    struct table t;
    table_begin(&t, p, 2, columns, 7);
    for (unsigned i = 0; i < 5; i++) {
        const uint64_t *by = a->checksums[i].by;
        uint64_t sum = 0;
        for (unsigned k = 0; k < WT_CKSUM_KINDS; k++)
            sum += by[k];
        if (sum == 0)
            continue;
        uint64_t bad = by[WT_CKSUM_BAD] + by[WT_CKSUM_ILLEGAL];
        table_text(&t, STYLE_PLAIN, names[i]);
        table_count(&t, by[WT_CKSUM_GOOD]);
        table_cell(&t, bad ? STYLE_BAD : STYLE_DIM, "%s", text_n(bad).text);
        table_count(&t, by[WT_CKSUM_PARTIAL]);
        table_count(&t, by[WT_CKSUM_ABSENT]);
        table_count(&t, by[WT_CKSUM_UNVERIFIABLE]);
        table_count(&t, by[WT_CKSUM_UNCHECKED]);
    }
    table_end(&t);
}

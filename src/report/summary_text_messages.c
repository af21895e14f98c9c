/* The report for people: DNS and HTTP. */
#include <string.h>

#include "base/i18n.h"
#include "report/summary_text.h"
#include "report/text_units.h"
#include "report/text_words.h"

/* "A 12, AAAA 8": the most frequent first. */
static void numbers_line(const struct page *p, const char *label, const struct top *counts,
                         void (*word)(struct wt_text *t, unsigned value))
{
    uint32_t rows[24];
    size_t n = top_best(counts, 0, rows, 24);
    char text[1024] = "";
    struct wt_text t = { .at = text, .capacity = sizeof text };
    for (size_t i = 0; i < n; i++) {
        const struct number_key *key = top_key(counts, rows[i]);
        wt_text_add(&t, "%s", i ? ", " : "");
        word(&t, key->value);
        wt_text_add(&t, " %s", text_n(top_counters(counts, rows[i])[0]).text);
    }
    if (counts->count > n)
        wt_text_add(&t, _(", and %llu others"), (unsigned long long)(counts->count - n));
    if (n)
        text_line(p, label, "%s", text);
}

static void safe_cell(struct table *t, enum style style, struct wt_slice bytes)
{
    char text[4 * WORST_TEXT + 1] = "";
    struct wt_text at = { .at = text, .capacity = sizeof text };
    page_safe(t->page, &at, bytes);
    table_text(t, style, text);
}

static void server_cell(struct report *r, struct table *t, const struct worst_row *row)
{
    text_endpoint_cell(r, t, row->family, row->address[1], row->protocol, row->port[1], true);
}

static void dns_slowest(struct report *r, const struct page *p)
{
    static const struct table_column columns[] = {
        { .title = "" }, { .title = "", .right = true }, { .title = "" }, { .title = "", .least = 20 },
        { .title = "", .least = 12 },
    };
    const struct worst *list = &r->summary->dns.slowest;
    if (list->count == 0)
        return;
    page_add(p, STYLE_DIM, _("  slowest answers\n"));
    struct table t;
    table_begin(&t, p, 4, columns, 5);
    for (unsigned i = 0; i < list->count && i < text_examples(r); i++) {
        const struct worst_row *row = &list->rows[i];
        char type[24] = "";
        struct wt_text at = { .at = type, .capacity = sizeof type };
        words_dns_type(&at, row->type);
        table_cell(&t, STYLE_DIM, _("packet %llu"), (unsigned long long)row->frame);
        table_duration(&t, STYLE_PLAIN, row->value);
        table_text(&t, STYLE_PLAIN, type);
        safe_cell(&t, STYLE_PLAIN, worst_text(row, 0));
        server_cell(r, &t, row);
    }
    table_end(&t);
}

static void dns_problems(struct report *r, const struct page *p)
{
    static const struct table_column columns[] = {
        { .title = "" }, { .title = "" }, { .title = "" }, { .title = "", .least = 20 }, { .title = "", .least = 12 },
    };
    const struct worst *list = &r->summary->dns.problems;
    if (list->count == 0)
        return;
    page_add(p, STYLE_DIM, _("  without a good answer\n"));
    struct table t;
    table_begin(&t, p, 4, columns, 5);
    for (unsigned i = 0; i < list->count && i < text_examples(r); i++) {
        const struct worst_row *row = &list->rows[i];
        char type[24] = "", what[32] = "";
        struct wt_text at = { .at = type, .capacity = sizeof type }, w = { .at = what, .capacity = sizeof what };
        words_dns_type(&at, row->type);
        if (row->unanswered)
            wt_text_add(&w, row->count ? _("no answer, asked %u times") : _("no answer"), row->count + 1);
        else
            words_dns_rcode(&w, row->code);
        table_cell(&t, STYLE_DIM, _("packet %llu"), (unsigned long long)row->frame);
        table_text(&t, row->code == 3 && !row->unanswered ? STYLE_PLAIN : STYLE_BAD, what);
        table_text(&t, STYLE_PLAIN, type);
        safe_cell(&t, STYLE_PLAIN, worst_text(row, 0));
        server_cell(r, &t, row);
    }
    table_end(&t);
}

void text_dns(struct report *r, const struct page *p)
{
    struct dns_sums *s = &r->summary->dns;
    if (s->transactions == 0)
        return;
    text_section(p, "DNS", P_("%s question", "%s questions", s->transactions), text_n(s->transactions).text);
    numbers_line(p, N_("types"), &s->types, words_dns_type);
    numbers_line(p, N_("answers"), &s->rcodes, words_dns_rcode);
    char text[512] = "";
    struct wt_text t = { .at = text, .capacity = sizeof text };
    text_counts(&t, "unanswered", s->unanswered);
    text_counts(&t, "asked again before an answer", s->retried);
    text_counts(&t, "asked again within the TTL of the answer", s->asked_again);
    text_counts(&t, "answer without a question", s->unasked);
    text_counts(&t, "over TCP", s->over_tcp);
    text_counts(&t, "truncated", s->truncated);
    text_counts(&t, "multicast", s->multicast);
    if (t.len)
        text_line(p, "of these", "%s", text);
    const struct text_times rows[] = { { N_("response time"), &s->time } };
    text_percentiles(p, rows, 1);
    dns_slowest(r, p);
    dns_problems(r, p);
}

static void http_list(struct report *r, const struct page *p, const char *title, const struct worst *list, bool times)
{
    static const struct table_column columns[] = {
        { .title = "" }, { .title = "", .right = true }, { .title = "" }, { .title = "" }, { .title = "", .least = 30 },
    };
    if (list->count == 0)
        return;
    page_add(p, STYLE_DIM, "  %s\n", tr(title));
    struct table t;
    table_begin(&t, p, 4, columns, 5);
    for (unsigned i = 0; i < list->count && i < text_examples(r); i++) {
        const struct worst_row *row = &list->rows[i];
        char url[8 * WORST_TEXT + 1] = "";
        struct wt_text at = { .at = url, .capacity = sizeof url };
        struct wt_slice target = worst_text(row, 2);
        if (target.len && target.at[0] == '/')    /* an absolute target names the host itself (RFC 9112 3.2.2) */
            page_safe(p, &at, worst_text(row, 1));
        page_safe(p, &at, target);
        table_cell(&t, STYLE_DIM, _("packet %llu"), (unsigned long long)row->frame);
        if (times)
            table_duration(&t, STYLE_PLAIN, row->value);
        else
            table_text(&t, STYLE_PLAIN, "");
        if (row->code)
            table_cell(&t, row->code >= 500 ? STYLE_BAD : row->code >= 400 ? STYLE_WARN : STYLE_PLAIN, "%u", row->code);
        else
            table_text(&t, STYLE_BAD, _("no response"));
        safe_cell(&t, STYLE_PLAIN, worst_text(row, 0));
        table_text(&t, STYLE_PLAIN, url);
    }
    table_end(&t);
}

static void add_status(struct wt_text *t, unsigned status)
{
    const char *reason = words_http_status(status);
    wt_text_add(t, "%u%s%s:", status, reason ? " " : "", reason ? reason : "");
}

static void http_methods(const struct http_sums *s, const struct page *p)
{
    char text[512] = "";
    struct wt_text t = { .at = text, .capacity = sizeof text };
    bool done[SUMMARY_METHODS] = { false };
    for (unsigned line = 0; line < SUMMARY_METHODS; line++) {
        unsigned best = SUMMARY_METHODS;
        for (unsigned i = 0; i < SUMMARY_METHODS; i++)
            if (!done[i] && s->methods[i].count
                && (best == SUMMARY_METHODS || s->methods[i].count > s->methods[best].count))
                best = i;
        if (best == SUMMARY_METHODS)
            break;
        done[best] = true;
        text_counts(&t, summary_method_name(best), s->methods[best].count);
    }
    if (t.len)
        text_line(p, "methods", "%s", text);
}

void text_http(struct report *r, const struct page *p)
{
    struct http_sums *s = &r->summary->http;
    if (s->exchanges == 0)
        return;
    if (s->connections) {
        char on[64] = "";
        snprintf(on, sizeof on, P_("%s connection", "%s connections", s->connections), text_n(s->connections).text);
        text_section(p, "HTTP", P_("%s exchange on %s (%.1f each, at most %s)", "%s exchanges on %s (%.1f each, at most %s)", s->exchanges),
                     text_n(s->exchanges).text, on, (double)s->exchanges / (double)s->connections, text_n(s->deepest).text);
    } else {
        text_section(p, "HTTP", P_("%s exchange", "%s exchanges", s->exchanges), text_n(s->exchanges).text);
    }
    http_methods(s, p);
    numbers_line(p, N_("status"), &s->statuses, add_status);
    text_line(p, "bodies", _("%s sent, %s received"), text_size(s->request_bytes).text, text_size(s->response_bytes).text);
    char text[1024] = "";
    struct wt_text t = { .at = text, .capacity = sizeof text };
    text_counts(&t, "connection kept", s->kept);
    text_counts(&t, "conditional", s->conditional);
    if (s->saved) {
        wt_text_add(&t, _(" (a body saved %s"), text_n(s->saved).text);
        if (s->saved_bytes)
            wt_text_add(&t, _(", at least %s"), text_size(s->saved_bytes).text);
        wt_text_add(&t, ")");
    }
    text_counts(&t, "cookies sent", s->cookies_sent);
    text_counts(&t, "cookies set", s->cookies_set);
    text_counts(&t, "chunked", s->chunked);
    text_counts(&t, "pipelined", s->pipelined);
    text_counts(&t, "body until the close", s->until_close);
    text_counts(&t, "100 Continue", s->continued);
    text_counts(&t, "upgraded", s->upgraded);
    text_counts(&t, "tunnels", s->tunnels);
    text_counts(&t, "no response", s->unanswered);
    text_counts(&t, "request not seen", s->without_request);
    text_counts(&t, "incomplete", s->incomplete);
    text_counts(&t, "malformed", s->malformed);
    if (t.len)
        text_line(p, "of these", "%s", text);
    const struct text_times rows[] = { { N_("first byte"), &s->first_byte }, { N_("whole exchange"), &s->total } };
    text_percentiles(p, rows, 2);
    http_list(r, p, N_("slowest to the first byte"), &s->slowest, true);
    http_list(r, p, N_("errors"), &s->errors, false);
}

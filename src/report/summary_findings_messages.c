/* What stands out among DNS questions and HTTP exchanges. */
#include "base/i18n.h"
#include "report/summary_findings_draft.h"

#define URL_MOST 50         /* bytes of a target in a sentence */

static void dns_findings(struct report *r, struct findings *f)
{
    static const struct { const char *id; unsigned counter, frame; enum severity severity; const char *said_one, *said_many; } kinds[] = {
        { "dns-unanswered", DNS_SERVER_UNANSWERED, DNS_SERVER_UNANSWERED_FRAME, SEVERITY_BAD,
          N_("DNS: %s to %s got no answer"), N_("DNS: %s to %s got no answer") },
        { "dns-servfail", DNS_SERVER_SERVFAIL, DNS_SERVER_SERVFAIL_FRAME, SEVERITY_BAD,
          N_("DNS: %s to %s failed with SERVFAIL"), N_("DNS: %s to %s failed with SERVFAIL") },
        { "dns-refused", DNS_SERVER_REFUSED, DNS_SERVER_REFUSED_FRAME, SEVERITY_WARNING,
          N_("DNS: %s to %s was answered REFUSED"), N_("DNS: %s to %s were answered REFUSED") },
    };
    for (unsigned k = 0; k < 3; k++) {
        uint32_t rows[FINDINGS_EACH];
        size_t n = top_best(&r->dns_servers, kinds[k].counter, rows, FINDINGS_EACH);
        for (size_t i = 0; i < n; i++) {
            const uint64_t *c = top_counters(&r->dns_servers, rows[i]);
            struct draft d;
            draft_begin(&d, f, kinds[k].id, kinds[k].severity, c[kinds[k].counter] * 4);
            draft_say(&d, tr(c[kinds[k].counter] == 1 ? kinds[k].said_one : kinds[k].said_many),
                      piece_part(c[kinds[k].counter], c[DNS_SERVER_QUERIES], PIECE_QUERIES).text,
                      piece_endpoint(r, top_key(&r->dns_servers, rows[i])).text);
            d.finding.frame = c[kinds[k].frame];
            draft_end(&d);
        }
    }
    const struct dns_sums *s = &r->summary->dns;
    struct draft d;
    if (s->asked_again) {
        draft_begin(&d, f, "dns-asked-again", SEVERITY_NOTE, s->asked_again);
        draft_say(&d, _("DNS: %s repeated a question whose answer was still valid: the client does not cache"),
                  piece_part(s->asked_again, s->transactions, PIECE_QUERIES).text);
        draft_end(&d);
    }
    if (s->slowest.count && s->slowest.rows[0].value >= FINDINGS_SLOW_NS) {
        draft_begin(&d, f, "dns-slow", SEVERITY_WARNING, (uint64_t)s->slowest.rows[0].value / 1000000);
        struct piece name = { "" };
        struct wt_text at = { .at = name.text, .capacity = sizeof name.text };
        wt_text_add_safe(&at, worst_text(&s->slowest.rows[0], 0));
        draft_say(&d, _("DNS: an answer took %s (%s)"), piece_duration(s->slowest.rows[0].value).text, name.text);
        d.finding.frame = s->slowest.rows[0].frame;
        draft_end(&d);
    }
}

static void http_findings(struct report *r, struct findings *f)
{
    static const struct { const char *id; unsigned counter, frame; enum severity severity;
                          const char *said_one, *said_many; } kinds[] = {
        { "http-server-error", HTTP_SERVER_5XX, HTTP_SERVER_5XX_FRAME, SEVERITY_BAD, N_("HTTP: %s with %s failed with a 5xx status"),
          N_("HTTP: %s with %s failed with a 5xx status") },
        { "http-unanswered", HTTP_SERVER_UNANSWERED, HTTP_SERVER_UNANSWERED_FRAME, SEVERITY_BAD, N_("HTTP: %s with %s got no response"),
          N_("HTTP: %s with %s got no response") },
        { "http-incomplete", HTTP_SERVER_INCOMPLETE, HTTP_SERVER_INCOMPLETE_FRAME, SEVERITY_WARNING, N_("HTTP: %s with %s is incomplete"),
          N_("HTTP: %s with %s are incomplete") },
        { "http-client-error", HTTP_SERVER_4XX, HTTP_SERVER_4XX_FRAME, SEVERITY_NOTE, N_("HTTP: %s with %s was answered with a 4xx status"),
          N_("HTTP: %s with %s were answered with a 4xx status") },
    };
    for (unsigned k = 0; k < sizeof kinds / sizeof kinds[0]; k++) {
        uint32_t rows[FINDINGS_EACH];
        size_t n = top_best(&r->http_servers, kinds[k].counter, rows, FINDINGS_EACH);
        for (size_t i = 0; i < n; i++) {
            const uint64_t *c = top_counters(&r->http_servers, rows[i]);
            uint64_t times = c[kinds[k].counter];
            struct draft d;
            draft_begin(&d, f, kinds[k].id, kinds[k].severity, times * 4);
            draft_say(&d, tr(times == 1 ? kinds[k].said_one : kinds[k].said_many),
                      piece_part(times, c[HTTP_SERVER_EXCHANGES], PIECE_EXCHANGES).text,
                      piece_endpoint(r, top_key(&r->http_servers, rows[i])).text);
            d.finding.frame = c[kinds[k].frame];
            draft_end(&d);
        }
    }
    const struct worst *slow = &r->summary->http.slowest;
    if (slow->count && slow->rows[0].value >= FINDINGS_SLOW_NS) {
        const struct worst_row *row = &slow->rows[0];
        struct draft d;
        draft_begin(&d, f, "http-slow", SEVERITY_WARNING, (uint64_t)row->value / 1000000);
        struct piece request = { "" };
        struct wt_text t = { .at = request.text, .capacity = sizeof request.text };
        struct wt_slice target = worst_text(row, 2);
        bool cut = target.len > URL_MOST;
        if (cut)
            target.len = URL_MOST;
        wt_text_add_safe(&t, worst_text(row, 0));
        wt_text_add(&t, " ");
        if (target.len && target.at[0] == '/')
            wt_text_add_safe(&t, worst_text(row, 1));
        wt_text_add_safe(&t, target);
        wt_text_add(&t, "%s", cut ? "..." : "");
        draft_say(&d, _("HTTP: %s waited %s for the first byte of its response"), request.text, piece_duration(row->value).text);
        d.finding.frame = row->frame;
        draft_end(&d);
    }
}

void findings_of_messages(struct report *r, struct findings *f)
{
    dns_findings(r, f);
    http_findings(r, f);
}

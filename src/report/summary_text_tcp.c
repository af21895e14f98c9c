/* The report for people: TCP and TIME-WAIT. */
#include <netinet/in.h>
#include <string.h>

#include "base/i18n.h"
#include "report/summary_text.h"
#include "report/text_units.h"
#include "report/text_words.h"

static enum style outcome_style(unsigned outcome)
{
    switch (outcome) {
    case WT_OUTCOME_CLOSED:
    case WT_OUTCOME_OPEN:
        return STYLE_GOOD;
    case WT_OUTCOME_REFUSED:
    case WT_OUTCOME_UNREACHABLE:
    case WT_OUTCOME_UNANSWERED:
        return STYLE_BAD;
    case WT_OUTCOME_RESET:
    case WT_OUTCOME_HALF_OPEN:
    case WT_OUTCOME_ABANDONED:
        return STYLE_WARN;
    default:
        return STYLE_PLAIN;
    }
}

static const char *outcome_meaning(unsigned outcome)
{
    static const char *const meanings[WT_OUTCOMES] = {
        [WT_OUTCOME_OPEN] = N_("still open at the end of the capture"),
        [WT_OUTCOME_CLOSED] = N_("FIN from both sides"),
        [WT_OUTCOME_HALF_CLOSED] = N_("FIN from one side only"),
        [WT_OUTCOME_RESET] = N_("RST after the handshake"),
        [WT_OUTCOME_REFUSED] = N_("RST in answer to the SYN"),
        [WT_OUTCOME_UNREACHABLE] = N_("an ICMP error in answer"),
        [WT_OUTCOME_UNANSWERED] = N_("SYN without any answer"),
        [WT_OUTCOME_HALF_OPEN] = N_("SYN-ACK, but never completed"),
        [WT_OUTCOME_ABANDONED] = N_("given up before an answer"),
        [WT_OUTCOME_ONE_WAY] = N_("only one direction seen"),
    };
    return outcome < WT_OUTCOMES && meanings[outcome] ? tr(meanings[outcome]) : "";
}

static void outcomes(const struct tcp_sums *s, const struct page *p)
{
    static const struct table_column columns[] = {
        { .title = "" }, { .title = "", .right = true }, { .title = "", .right = true }, { .title = "" },
        { .title = "", .drop = 1 },
    };
    struct table t;
    table_begin(&t, p, 2, columns, 5);
    bool done[WT_OUTCOMES] = { false };
    for (unsigned line = 0; line < WT_OUTCOMES; line++) {
        unsigned best = WT_OUTCOMES;
        for (unsigned i = 0; i < WT_OUTCOMES; i++)
            if (!done[i] && s->outcomes[i] && (best == WT_OUTCOMES || s->outcomes[i] > s->outcomes[best]))
                best = i;
        if (best == WT_OUTCOMES)
            break;
        done[best] = true;
        table_text(&t, outcome_style(best), tr(wt_outcome_name((enum wt_outcome)best)));
        table_count(&t, s->outcomes[best]);
        table_percent(&t, s->outcomes[best], s->connections);
        table_bar(&t, (double)s->outcomes[best] / (double)s->connections, 16);
        table_text(&t, STYLE_DIM, outcome_meaning(best));
    }
    table_end(&t);
}

static void states(const struct tcp_sums *s, const struct page *p)
{
    char text[512] = "";
    struct wt_text t = { .at = text, .capacity = sizeof text };
    for (unsigned i = 0; i < SUMMARY_STATES; i++)
        text_counts(&t, s->states[i].name, s->states[i].count);
    if (t.len)
        text_line(p, "conn_state", "%s", text);
}

static void ends(const struct tcp_sums *s, const struct page *p)
{
    char text[512] = "";
    struct wt_text t = { .at = text, .capacity = sizeof text };
    for (unsigned i = WT_CLOSE_NONE + 1; i < WT_CLOSE_KINDS; i++)
        text_counts(&t, wt_close_kind_name((enum wt_close_kind)i), s->closes[i]);
    if (t.len)
        text_line(p, "closed by", _("client first %s, server first %s; %s"), text_n(s->closed_by[0]).text,
                  text_n(s->closed_by[1]).text, text);
    if (s->reset_by[0] + s->reset_by[1])
        text_line(p, "resets", _("by the client %s, by the server %s; in answer to data %s, after a FIN %s, else %s"),
                  text_n(s->reset_by[0]).text, text_n(s->reset_by[1]).text, text_n(s->resets_in_answer_to_data).text,
                  text_n(s->resets_after_fin).text, text_n(s->resets_unasked).text);
}

static void quality(const struct tcp_sums *s, const struct page *p)
{
    char text[512] = "";
    struct wt_text t = { .at = text, .capacity = sizeof text };
    wt_text_add(&t, _("%s segments, %s of data; retransmitted %s (%s)"), text_n(s->segments).text,
                text_size(s->payload_bytes).text, text_n(s->retransmissions).text,
                text_share(s->retransmissions, s->segments).text);
    text_counts(&t, "out of order", s->out_of_order);
    text_counts(&t, "captured twice", s->duplicated);
    text_counts(&t, "duplicate ACKs", s->duplicate_acks);
    text_counts(&t, "zero windows", s->zero_windows);
    text_counts(&t, "keep-alives", s->keep_alives);
    text_counts(&t, "bad checksums", s->bad_checksums);
    text_line(p, "segments", "%s", text);
    if (s->missing_bytes)
        text_line(p, "missing", _("%s acknowledged, but not in the capture"), text_size(s->missing_bytes).text);
    char kinds[512] = "";
    struct wt_text k = { .at = kinds, .capacity = sizeof kinds };
    text_counts(&k, "begun before the capture", s->midstream);
    text_counts(&k, "direction guessed", s->guessed);
    text_counts(&k, "one direction only", s->one_sided);
    text_counts(&k, "SYN sent again", s->syn_retried);
    text_counts(&k, "5-tuple used again", s->reused);
    text_counts(&k, "simultaneous open", s->simultaneous_open);
    text_counts(&k, "Fast Open", s->fast_open);
    text_counts(&k, "MPTCP", s->mptcp);
    text_counts(&k, "frames missed", s->missed_frames);
    text_counts(&k, "cut by a limit", s->partial);
    text_counts(&k, "resumed", s->resumed);
    if (k.len)
        text_line(p, "of these", "%s", kinds);
}

static void worst_connections(struct report *r, const struct page *p, const char *title, const struct worst *list,
                              bool times)
{
    static const struct table_column columns[] = {
        { .title = "" }, { .title = "", .right = true }, { .title = "", .least = 20 }, { .title = "" },
        { .title = "", .least = 20 },
    };
    if (list->count == 0)
        return;
    page_add(p, STYLE_DIM, "  %s\n", tr(title));
    struct table t;
    table_begin(&t, p, 4, columns, 5);
    for (unsigned i = 0; i < list->count && i < text_examples(r); i++) {
        const struct worst_row *row = &list->rows[i];
        uint64_t number = numbers_of(&r->summary->numbers, row->first_frame);
        table_cell(&t, STYLE_DIM, number ? _("conn %llu") : _("packet %llu"), (unsigned long long)(number ? number : row->frame));
        if (times)
            table_duration(&t, STYLE_PLAIN, row->value);
        else
            table_cell(&t, STYLE_PLAIN, _("%s of %s"), text_n((uint64_t)row->value).text, text_n(row->count).text);
        text_endpoint_cell(r, &t, row->family, row->address[0], row->protocol, row->port[0], true);
        table_text(&t, STYLE_DIM, page_glyph(p, GLYPH_ARROW_RIGHT));
        text_endpoint_cell(r, &t, row->family, row->address[1], row->protocol, row->port[1], true);
    }
    table_end(&t);
}

void text_tcp(struct report *r, const struct page *p)
{
    struct tcp_sums *s = &r->summary->tcp;
    if (s->connections == 0)
        return;
    text_section(p, "TCP", P_("%s connection", "%s connections", s->connections), text_n(s->connections).text);
    outcomes(s, p);
    states(s, p);
    ends(s, p);
    quality(s, p);
    const struct text_times rows[] = {
        { N_("handshake"), &s->handshake },      { N_("  SYN to SYN-ACK"), &s->handshake_server },
        { N_("  SYN-ACK to ACK"), &s->handshake_client }, { N_("connection lasted"), &s->duration },
    };
    text_percentiles(p, rows, 4);
    if (s->handshake.count > 1)
        worst_connections(r, p, N_("slowest handshakes"), &s->slow_handshakes, true);
    worst_connections(r, p, N_("most retransmissions"), &s->retransmitting, false);
}

static const char *rule_name(uint64_t seconds)
{
    return seconds == 240 ? _("RFC 9293's rule") : seconds == 60 ? _("Linux's rule") : seconds == 120 ? _("netfilter's rule")
                                                                                                    : _("as set");
}

static void peak_lines(struct report *r, const struct page *p, bool towards)
{
    static const struct table_column columns[] = {
        { .title = "" }, { .title = N_("at once"), .right = true }, { .title = N_("periods"), .right = true },
        { .title = N_("of Linux's 28,232"), .right = true, .drop = 1 }, { .title = N_("of IANA's 16,384"), .right = true, .drop = 2 },
    };
    const struct time_wait_peak *peaks = towards ? r->towards_peaks : r->host_peaks;
    size_t n = towards ? r->towards_peak_count : r->host_peak_count;
    struct table t;
    table_begin(&t, p, 2, columns, 5);
    for (size_t i = 0; i < n && i < text_examples(r); i++) {
        const struct time_wait_group *g = &peaks[i].group;
        char text[256] = "";
        struct wt_text at = { .at = text, .capacity = sizeof text };
        wt_text_add_address(&at, g->family, g->local);
        if (towards) {
            char remote[64] = "";
            struct wt_text to = { .at = remote, .capacity = sizeof remote };
            words_endpoint(&to, g->family, g->remote, IPPROTO_TCP, g->remote_port);
            wt_text_add(&at, _(" towards %s"), remote);
        } else {
            wt_text_add(&at, peaks[i].as_client ? "" : _(" (as server: takes no ports)"));
        }
        table_text(&t, STYLE_PLAIN, text);
        table_cell(&t, STYLE_STRONG, "%s%s", r->summary->time_waits.left_out ? ">=" : "", text_n(peaks[i].most).text);
        table_count(&t, peaks[i].periods);
        if (peaks[i].as_client) {
            table_percent(&t, peaks[i].most, PORTS_LINUX);
            table_percent(&t, peaks[i].most, PORTS_IANA);
        } else {
            table_text(&t, STYLE_DIM, "");
            table_text(&t, STYLE_DIM, "");
        }
    }
    table_end(&t);
}

void text_time_wait(struct report *r, const struct page *p)
{
    const struct time_waits *w = &r->summary->time_waits;
    uint64_t all = w->by_client + w->by_server + w->by_both;
    if (all == 0)
        return;
    uint64_t seconds = r->config->value[WT_TIME_WAIT];
    text_section(p, "TIME-WAIT", P_("%s period of %llu s (%s: nothing on the wire marks the end)",
                                    "%s periods of %llu s (%s: nothing on the wire marks the end)", all), text_n(all).text,
                 (unsigned long long)seconds, rule_name(seconds));
    text_line(p, "held by", _("client %s, server %s, both %s; cut short by a new connection %s; %s segments arrived in it"),
              text_n(w->by_client).text, text_n(w->by_server).text, text_n(w->by_both).text, text_n(w->reused).text,
              text_n(w->segments_in).text);
    peak_lines(r, p, false);
    if (w->by_client + w->by_both)
        peak_lines(r, p, true);
}

/* What stands out among connections: servers that refuse, clients that fail, loss, TIME-WAIT. */
#include <netinet/in.h>

#include "base/i18n.h"
#include "report/summary_findings_draft.h"
#include "report/text_units.h"
#include "report/text_words.h"

#define MANY_FAILED 20      /* fewer may be anything */

struct server_trouble {
    const char *id;
    unsigned counter, frame;
    enum severity severity;
    const char *said_one, *said_many;    /* "%s to %s was refused" */
    const char *more;                    /* of the others: how many, how often */
};

static const struct server_trouble server_troubles[] = {
    { "tcp-refused", SERVER_REFUSED, SERVER_REFUSED_FRAME, SEVERITY_BAD,
      N_("%s to %s was refused"), N_("%s to %s were refused"),
      N_("Connections to other addresses and ports (%s) that were refused: %s") },
    { "tcp-unreachable", SERVER_UNREACHABLE, SERVER_UNREACHABLE_FRAME, SEVERITY_BAD,
      N_("%s to %s failed: unreachable, as an ICMP error says"), N_("%s to %s failed: unreachable, as ICMP errors say"),
      N_("Connections to other addresses and ports (%s) that failed as unreachable: %s") },
    { "tcp-unanswered", SERVER_UNANSWERED, SERVER_UNANSWERED_FRAME, SEVERITY_BAD,
      N_("%s to %s got no answer"), N_("%s to %s got no answer"),
      N_("Connections to other addresses and ports (%s) that got no answer: %s") },
    { "tcp-half-open", SERVER_HALF_OPEN, SERVER_HALF_OPEN_FRAME, SEVERITY_WARNING,
      N_("%s to %s was answered, but never completed by the client"), N_("%s to %s were answered, but never completed by the client"),
      N_("Connections to other addresses and ports (%s) that were answered, but never completed by the client: %s") },
    { "tcp-reset-by-server", SERVER_RESET_BY_SERVER, SERVER_RESET_BY_SERVER_FRAME, SEVERITY_WARNING,
      N_("%s to %s was reset by the server"), N_("%s to %s were reset by the server"),
      N_("Connections to other addresses and ports (%s) that were reset by the server: %s") },
    { "tcp-reset-by-client", SERVER_RESET_BY_CLIENT, SERVER_RESET_BY_CLIENT_FRAME, SEVERITY_WARNING,
      N_("%s to %s was reset by the client"), N_("%s to %s were reset by the client"),
      N_("Connections to other addresses and ports (%s) that were reset by the client: %s") },
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
    for (size_t i = 0; i < n && named < FINDINGS_EACH; i++) {
        const struct server_key *key = top_key(&r->servers, rows[i]);
        const uint64_t *c = top_counters(&r->servers, rows[i]);
        if (key->protocol != IPPROTO_TCP)
            continue;
        struct draft d;
        draft_begin(&d, f, kind->id, kind->severity, c[kind->counter] * 4 + 1);
        draft_say(&d, tr(c[kind->counter] == 1 ? kind->said_one : kind->said_many),
                  piece_part(c[kind->counter], c[SERVER_CONNECTIONS], PIECE_CONNECTIONS).text, piece_endpoint(r, key).text);
        draft_capitalise(&d);
        draft_shown_by(r, &d, c[kind->frame]);
        draft_end(&d);
        named++;
        named_times += c[kind->counter];
    }
    if (servers > named) {
        struct draft d;
        draft_begin(&d, f, kind->id, kind->severity, 2);
        draft_say(&d, tr(kind->more), piece_count(servers - named).text, piece_count(times - named_times).text);
        draft_end(&d);
    }
}

/* A client of whose connections most fail: it scans, or what it needs is down. */
static void client_findings(struct report *r, struct findings *f)
{
    uint32_t rows[FINDINGS_EACH];
    size_t n = top_best(&r->hosts, HOST_FAILED, rows, FINDINGS_EACH);
    for (size_t i = 0; i < n; i++) {
        const uint64_t *c = top_counters(&r->hosts, rows[i]);
        if (c[HOST_FAILED] < MANY_FAILED || c[HOST_FAILED] * 2 < c[HOST_OPENED])
            continue;
        struct draft d;
        draft_begin(&d, f, "tcp-client-fails", SEVERITY_BAD, c[HOST_FAILED] * 4 + 2);    /* before what it failed at */
        draft_say(&d, _("%s of %s connections that %s asked for never came about: it scans, or what it needs is down"),
                  piece_count(c[HOST_FAILED]).text, piece_count(c[HOST_OPENED]).text,
                  piece_host(r, top_key(&r->hosts, rows[i])).text);
        draft_shown_by(r, &d, c[HOST_FAILED_FRAME]);
        draft_end(&d);
    }
}

static void quality_findings(struct report *r, struct findings *f)
{
    uint32_t rows[16];
    size_t n = top_best(&r->hosts, HOST_RETRANSMISSIONS, rows, 16);
    unsigned named = 0;
    for (size_t i = 0; i < n && named < FINDINGS_EACH; i++) {
        const struct host_key *key = top_key(&r->hosts, rows[i]);
        const uint64_t *c = top_counters(&r->hosts, rows[i]);
        uint64_t sent = c[HOST_TCP_PACKETS_OUT], again = c[HOST_RETRANSMISSIONS];
        if (again * 100 < sent || again < 2)    /* under one in a hundred is everyday */
            continue;
        struct draft d;
        draft_begin(&d, f, "tcp-retransmissions", again * 20 >= sent ? SEVERITY_BAD : SEVERITY_WARNING, again);
        draft_say(&d, _("%s of the segments from %s were retransmitted (%s of %s)"), piece_percent(again, sent).text,
                  piece_host(r, key).text, piece_count(again).text, piece_count(sent).text);
        draft_shown_by(r, &d, c[HOST_RETRANSMITTING_FRAME]);
        draft_end(&d);
        named++;
    }
    n = top_best(&r->hosts, HOST_ZERO_WINDOWS, rows, FINDINGS_EACH);
    for (size_t i = 0; i < n; i++) {
        const uint64_t *c = top_counters(&r->hosts, rows[i]);
        struct draft d;
        draft_begin(&d, f, "tcp-zero-window", SEVERITY_WARNING, c[HOST_ZERO_WINDOWS]);
        draft_say(&d, P_("%s closed its receive window %s time: its program reads more slowly than data comes",
                         "%s closed its receive window %s times: its program reads more slowly than data comes",
                         c[HOST_ZERO_WINDOWS]), piece_host(r, top_key(&r->hosts, rows[i])).text, piece_count(c[HOST_ZERO_WINDOWS]).text);
        draft_end(&d);
    }
    const struct tcp_sums *t = &r->summary->tcp;
    struct draft d;
    if (t->syn_retried) {
        draft_begin(&d, f, "tcp-syn-retried", SEVERITY_WARNING, t->syn_retried);
        draft_say(&d, _("%s had to send the SYN more than once"), piece_part(t->syn_retried, t->connections, PIECE_CONNECTIONS).text);
        draft_capitalise(&d);
        draft_end(&d);
    }
    if (t->midstream) {
        draft_begin(&d, f, "tcp-midstream", SEVERITY_NOTE, t->midstream);
        draft_say(&d, _("%s had begun before the capture: states and directions of these are inferred"),
                  piece_part(t->midstream, t->connections, PIECE_CONNECTIONS).text);
        draft_capitalise(&d);
        draft_end(&d);
    }
    if (t->one_sided) {
        draft_begin(&d, f, "tcp-one-sided", SEVERITY_NOTE, t->one_sided);
        draft_say(&d, _("Only one direction of %s was captured"), piece_part(t->one_sided, t->connections, PIECE_CONNECTIONS).text);
        draft_end(&d);
    }
}

static void time_wait_findings(struct report *r, struct findings *f)
{
    const struct time_wait_peak *peaks = r->towards_peaks;
    for (size_t i = 0; i < r->towards_peak_count && i < FINDINGS_EACH; i++) {
        if (peaks[i].most * 4 < PORTS_IANA)
            break;
        const struct time_wait_group *g = &peaks[i].group;
        struct draft d;
        draft_begin(&d, f, "time-wait-ports", peaks[i].most * 10 >= PORTS_LINUX * 8 ? SEVERITY_BAD : SEVERITY_WARNING,
              peaks[i].most);
        char local[64] = "", remote[64] = "";
        struct wt_text at = { .at = local, .capacity = sizeof local }, to = { .at = remote, .capacity = sizeof remote };
        wt_text_add_address(&at, g->family, g->local);
        words_endpoint(&to, g->family, g->remote, IPPROTO_TCP, g->remote_port);
        draft_say(&d, r->summary->time_waits.left_out
                      ? _("%s held at least %s sockets towards %s in TIME-WAIT at once: %s of the 28,232 ports that Linux gives out")
                      : _("%s held %s sockets towards %s in TIME-WAIT at once: %s of the 28,232 ports that Linux gives out"),
                  local, piece_count(peaks[i].most).text, remote, piece_percent(peaks[i].most, PORTS_LINUX).text);
        draft_end(&d);
    }
}

void findings_of_flows(struct report *r, struct findings *f)
{
    for (unsigned i = 0; i < sizeof server_troubles / sizeof server_troubles[0]; i++)
        one_server_trouble(r, f, &server_troubles[i]);
    client_findings(r, f);
    quality_findings(r, f);
    time_wait_findings(r, f);
}

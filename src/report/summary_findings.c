#include "report/summary_findings_draft.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "base/i18n.h"
#include "report/text_units.h"
#include "report/text_words.h"

const char *severity_name(enum severity severity)
{
    static const char *const names[] = { "bad", "warning", "note" };
    return names[severity];
}

void draft_begin(struct draft *d, struct findings *to, const char *id, enum severity severity, uint64_t weight)
{
    memset(&d->finding, 0, sizeof d->finding);
    d->to = to;
    d->finding.id = id;
    d->finding.severity = severity;
    d->finding.weight = weight;
    d->text = (struct wt_text){ .at = d->finding.text, .capacity = sizeof d->finding.text };
}

void draft_shown_by(struct report *r, struct draft *d, uint64_t frame)
{
    d->finding.frame = frame;
    d->finding.connection = numbers_of(&r->summary->numbers, frame);
}

void draft_end(struct draft *d)
{
    if (d->to->count == FINDINGS_MOST) {
        d->to->left_out++;
        return;
    }
    d->to->list[d->to->count++] = d->finding;
}

void draft_say(struct draft *d, const char *format, ...)
{
    char text[FINDINGS_TEXT];
    va_list args;
    va_start(args, format);
    vsnprintf(text, sizeof text, format, args);
    va_end(args);
    wt_text_add(&d->text, "%s", text);
}

void draft_capitalise(struct draft *d)
{
    char *c = d->finding.text;
    if (*c >= 'a' && *c <= 'z')
        *c = (char)(*c - 'a' + 'A');
}

/* ---- parts of sentences ---- */

struct piece piece_count(uint64_t n)
{
    struct piece p = { "" };
    struct wt_text t = { .at = p.text, .capacity = sizeof p.text };
    units_count(&t, n);
    return p;
}

struct piece piece_bytes(uint64_t bytes)
{
    struct piece p = { "" };
    struct wt_text t = { .at = p.text, .capacity = sizeof p.text };
    units_bytes(&t, bytes);
    return p;
}

struct piece piece_percent(uint64_t part, uint64_t whole)
{
    struct piece p = { "" };
    struct wt_text t = { .at = p.text, .capacity = sizeof p.text };
    units_percent(&t, part, whole);
    return p;
}

struct piece piece_duration(int64_t ns)
{
    struct piece p = { "" };
    struct wt_text t = { .at = p.text, .capacity = sizeof p.text };
    units_duration_ascii(&t, ns);
    return p;
}

static void add_name(struct wt_text *t, struct report *r, unsigned family, const uint8_t *address)
{
    const char *name = words_name(r->names, family, address, INT64_MAX);
    if (!name)
        return;
    wt_text_add(t, " (");
    words_add_name(t, name);
    wt_text_add(t, ")");
}

struct piece piece_endpoint(struct report *r, const struct server_key *key)
{
    struct piece p = { "" };
    struct wt_text t = { .at = p.text, .capacity = sizeof p.text };
    words_endpoint(&t, key->family, key->address, key->protocol, key->port);
    add_name(&t, r, key->family, key->address);
    return p;
}

struct piece piece_host(struct report *r, const struct host_key *key)
{
    struct piece p = { "" };
    struct wt_text t = { .at = p.text, .capacity = sizeof p.text };
    wt_text_add_address(&t, key->family, key->address);
    add_name(&t, r, key->family, key->address);
    return p;
}

struct piece piece_part(uint64_t part, uint64_t whole, enum piece_of of)
{
    static const char *const only[] = { N_("the only packet"), N_("the only connection"), N_("the only query"), N_("the only exchange") };
    static const char *const all[] = { N_("all %s packets"), N_("all %s connections"), N_("all %s queries"), N_("all %s exchanges") };
    static const char *const some[] = { N_("%s of %s packets"), N_("%s of %s connections"), N_("%s of %s queries"),
                                        N_("%s of %s exchanges") };
    struct piece p = { "" };
    struct wt_text t = { .at = p.text, .capacity = sizeof p.text };
    if (part == whole && whole == 1)
        wt_text_add(&t, "%s", tr(only[of]));
    else if (part == whole)
        wt_text_add(&t, tr(all[of]), piece_count(whole).text);
    else
        wt_text_add(&t, tr(some[of]), piece_count(part).text, piece_count(whole).text);
    return p;
}

/* ---- the capture itself ---- */

static void capture_findings(struct report *r, struct findings *f)
{
    const struct wt_account *a = r->account;
    const struct wt_source_stats *s = &a->source;
    struct draft d;
    if (s->incomplete) {
        draft_begin(&d, f, "capture-incomplete", SEVERITY_BAD, UINT64_MAX);
        if (s->problem.text[0])
            wt_text_add_safe(&d.text, (struct wt_slice){ (const uint8_t *)s->problem.text, strlen(s->problem.text) });
        else
            draft_say(&d, "%s", _("The capture was not read to its end"));
        draft_end(&d);
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
        draft_begin(&d, f, "capture-drops", SEVERITY_WARNING, UINT64_MAX);
        draft_say(&d, P_("%s packet was dropped while capturing: what looks lost below may only have been missed",
                         "%s packets were dropped while capturing: what looks lost below may only have been missed", drops),
                  piece_count(drops).text);
        draft_end(&d);
    }
    if (r->summary->tcp.missing_bytes) {
        draft_begin(&d, f, "capture-missing", SEVERITY_WARNING, UINT64_MAX - 1);
        draft_say(&d, _("%s of TCP data were acknowledged but are not in the capture: it has holes, the network had not"),
                  piece_bytes(r->summary->tcp.missing_bytes).text);
        draft_end(&d);
    }
    if (a->malformed_frames) {
        draft_begin(&d, f, "malformed", SEVERITY_WARNING, a->malformed_frames);
        draft_say(&d, P_("%s packet is malformed:", "%s packets are malformed:", a->malformed_frames), piece_count(a->malformed_frames).text);
        const char *comma = " ";
        for (unsigned i = 0; i < WT_MAX_DISSECTORS && i < wt_dissector_count(); i++)
            if (a->malformed_by[i]) {
                draft_say(&d, "%s%s %" PRIu64, comma, wt_dissector_at(i)->name, a->malformed_by[i]);
                comma = ", ";
            }
        draft_end(&d);
    }
    if (s->truncated_frames) {
        draft_begin(&d, f, "cut-by-snaplen", SEVERITY_NOTE, s->truncated_frames);
        draft_say(&d, P_("%s was cut by the snapshot length: contents and checksums beyond it are unknown",
                         "%s were cut by the snapshot length: contents and checksums beyond it are unknown", s->truncated_frames),
                  piece_part(s->truncated_frames, a->frames, PIECE_PACKETS).text);
        draft_capitalise(&d);
        draft_end(&d);
    }
    if (s->time_back) {
        draft_begin(&d, f, "time-back", SEVERITY_NOTE, s->time_back);
        draft_say(&d, P_("%s packet has a time stamp before an earlier one", "%s packets have a time stamp before an earlier one",
                         s->time_back), piece_count(s->time_back).text);
        draft_end(&d);
    }
}

static void clock_findings(struct report *r, struct findings *f)
{
    if (r->account->clock_jumps == 0)
        return;
    struct draft d;
    draft_begin(&d, f, "clock-jump", SEVERITY_NOTE, r->account->clock_jumps);
    draft_say(&d, P_("The clock of the packets jumped forward %s time by more than %llu s",
                     "The clock of the packets jumped forward %s times by more than %llu s", r->account->clock_jumps),
              piece_count(r->account->clock_jumps).text, (unsigned long long)r->config->value[WT_CLOCK_JUMP]);
    draft_end(&d);
}

static void limit_findings(struct report *r, struct findings *f)
{
    for (unsigned i = 0; i < WT_OPTION_COUNT; i++) {
        if (!r->account->limits.count[i] || strncmp(wt_options[i].name, "max-", 4) != 0)
            continue;
        struct draft d;
        draft_begin(&d, f, "limit", SEVERITY_WARNING, 1);
        draft_say(&d, _("The limit %s was reached (-o %s:N raises it): %s"), wt_options[i].name, wt_options[i].name,
                  tr(wt_options[i].meaning));
        draft_end(&d);
    }
}

static void checksum_findings(struct report *r, struct findings *f)
{
    static const char *const names[] = {
        N_("%s of %s IPv4 headers carry a wrong checksum"), N_("%s of %s TCP segments carry a wrong checksum"),
        N_("%s of %s UDP datagrams carry a wrong checksum"), N_("%s of %s ICMP messages carry a wrong checksum"),
        N_("%s of %s IGMP messages carry a wrong checksum"),
    };
    uint64_t partial = 0;
    for (unsigned i = 0; i < 5; i++) {
        const uint64_t *by = r->account->checksums[i].by;
        partial += by[WT_CKSUM_PARTIAL];
        if (!by[WT_CKSUM_BAD] && !by[WT_CKSUM_ILLEGAL])
            continue;
        uint64_t all = by[WT_CKSUM_BAD] + by[WT_CKSUM_GOOD] + by[WT_CKSUM_PARTIAL] + by[WT_CKSUM_ILLEGAL];
        struct draft d;
        draft_begin(&d, f, "checksum-bad", SEVERITY_WARNING, by[WT_CKSUM_BAD] + by[WT_CKSUM_ILLEGAL]);
        draft_say(&d, tr(names[i]), piece_count(by[WT_CKSUM_BAD] + by[WT_CKSUM_ILLEGAL]).text, piece_count(all).text);
        draft_end(&d);
    }
    if (partial) {
        struct draft d;
        draft_begin(&d, f, "checksum-partial", SEVERITY_NOTE, 0);
        draft_say(&d, P_("%s checksum was left to the network card: captured on the sending host, and no error",
                         "%s checksums were left to the network card: captured on the sending host, and no error", partial),
                  piece_count(partial).text);
        draft_end(&d);
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
    clock_findings(r, f);
    limit_findings(r, f);
    findings_of_flows(r, f);
    findings_of_messages(r, f);
    checksum_findings(r, f);
    qsort(f->list, f->count, sizeof f->list[0], compare);
}

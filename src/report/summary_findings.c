#include "report/summary_findings_draft.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

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

void draft_count(struct draft *d, uint64_t n, const char *one, const char *many)
{
    units_count(&d->text, n);
    draft_say(d, " %s", n == 1 ? one : many);
}

void draft_part(struct draft *d, uint64_t part, uint64_t whole, const char *one, const char *many)
{
    if (part == whole && whole == 1) {
        draft_say(d, "the only %s", one);
        return;
    }
    if (part == whole)
        draft_say(d, "all ");
    units_count(&d->text, part);
    if (part != whole) {
        draft_say(d, " of ");
        units_count(&d->text, whole);
    }
    draft_say(d, " %s", whole == 1 ? one : many);
}

void draft_capitalise(struct draft *d)
{
    char *c = d->finding.text;
    if (*c >= 'a' && *c <= 'z')
        *c = (char)(*c - 'a' + 'A');
}

void draft_endpoint(struct report *r, struct draft *d, const struct server_key *key)
{
    words_endpoint(&d->text, key->family, key->address, key->protocol, key->port);
    const char *name = words_name(r->names, key->family, key->address, INT64_MAX);
    if (name) {
        draft_say(d, " (");
        words_add_name(&d->text, name);
        draft_say(d, ")");
    }
}

void draft_host(struct report *r, struct draft *d, const struct host_key *key)
{
    wt_text_add_address(&d->text, key->family, key->address);
    const char *name = words_name(r->names, key->family, key->address, INT64_MAX);
    if (name) {
        draft_say(d, " (");
        words_add_name(&d->text, name);
        draft_say(d, ")");
    }
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
            draft_say(&d, "The capture was not read to its end");
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
        draft_count(&d, drops, "packet was", "packets were");
        draft_say(&d, " dropped while capturing: what looks lost below may only have been missed");
        draft_end(&d);
    }
    if (r->summary->tcp.missing_bytes) {
        draft_begin(&d, f, "capture-missing", SEVERITY_WARNING, UINT64_MAX - 1);
        units_bytes(&d.text, r->summary->tcp.missing_bytes);
        draft_say(&d, " of TCP data were acknowledged but are not in the capture: it has holes, the network had not");
        draft_end(&d);
    }
    if (a->malformed_frames) {
        draft_begin(&d, f, "malformed", SEVERITY_WARNING, a->malformed_frames);
        draft_count(&d, a->malformed_frames, "packet is malformed:", "packets are malformed:");
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
        draft_part(&d, s->truncated_frames, a->frames, "packet", "packets");
        draft_say(&d, s->truncated_frames == 1 ? " was" : " were");
        draft_say(&d, " cut by the snapshot length: contents and checksums beyond it are unknown");
        draft_capitalise(&d);
        draft_end(&d);
    }
    if (s->time_back) {
        draft_begin(&d, f, "time-back", SEVERITY_NOTE, s->time_back);
        draft_count(&d, s->time_back, "packet has", "packets have");
        draft_say(&d, " a time stamp before an earlier one");
        draft_end(&d);
    }
}

static void clock_findings(struct report *r, struct findings *f)
{
    if (r->account->clock_jumps == 0)
        return;
    struct draft d;
    draft_begin(&d, f, "clock-jump", SEVERITY_NOTE, r->account->clock_jumps);
    draft_say(&d, "The clock of the packets jumped forward ");
    draft_count(&d, r->account->clock_jumps, "time", "times");
    draft_say(&d, " by more than %" PRIu64 " s", r->config->value[WT_CLOCK_JUMP]);
    draft_end(&d);
}

static void limit_findings(struct report *r, struct findings *f)
{
    for (unsigned i = 0; i < WT_OPTION_COUNT; i++) {
        if (!r->account->limits.count[i] || strncmp(wt_options[i].name, "max-", 4) != 0)
            continue;
        struct draft d;
        draft_begin(&d, f, "limit", SEVERITY_WARNING, 1);
        draft_say(&d, "The limit %s was reached (-o %s:N raises it): %s", wt_options[i].name, wt_options[i].name,
            wt_options[i].meaning);
        draft_end(&d);
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
        draft_begin(&d, f, "checksum-bad", SEVERITY_WARNING, by[WT_CKSUM_BAD] + by[WT_CKSUM_ILLEGAL]);
        units_count(&d.text, by[WT_CKSUM_BAD] + by[WT_CKSUM_ILLEGAL]);
        draft_say(&d, " of ");
        units_count(&d.text, all);
        draft_say(&d, " %s carry a wrong checksum", names[i]);
        draft_end(&d);
    }
    if (partial) {
        struct draft d;
        draft_begin(&d, f, "checksum-partial", SEVERITY_NOTE, 0);
        draft_count(&d, partial, "checksum was", "checksums were");
        draft_say(&d, " left to the network card: captured on the sending host, and no error");
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

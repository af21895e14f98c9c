/* The report for people: what the capture is, and what stands out. */
#include "report/summary_text.h"

#include <stdarg.h>
#include <string.h>

#include "base/i18n.h"
#include "report/text_units.h"
#include "report/text_words.h"

#define LABEL 14      /* columns of the labels at the left */

struct text_number text_n(uint64_t n)
{
    struct text_number number;
    struct wt_text t = { .at = number.text, .capacity = sizeof number.text };
    units_count(&t, n);
    return number;
}

struct text_number text_size(uint64_t bytes)
{
    struct text_number number;
    struct wt_text t = { .at = number.text, .capacity = sizeof number.text };
    units_bytes(&t, bytes);
    return number;
}

struct text_number text_time(const struct page *p, int64_t ns)
{
    struct text_number number;
    struct wt_text t = { .at = number.text, .capacity = sizeof number.text };
    if (p->utf8)
        units_duration(&t, ns);
    else
        units_duration_ascii(&t, ns);
    return number;
}

struct text_number text_share(uint64_t part, uint64_t whole)
{
    struct text_number number;
    struct wt_text t = { .at = number.text, .capacity = sizeof number.text };
    units_percent(&t, part, whole);
    return number;
}

void text_section(const struct page *p, const char *title, const char *format, ...)
{
    title = tr(title);
    putc('\n', p->to);
    page_add(p, STYLE_HEADING, "%s", title);
    char text[512];
    va_list args;
    va_start(args, format);
    vsnprintf(text, sizeof text, format, args);
    va_end(args);
    if (text[0]) {
        size_t used = style_width(title);
        fprintf(p->to, "%*s", used + 2 < LABEL ? (int)(LABEL - used) : 2, "");
        page_wrap(p, STYLE_PLAIN, text, used + 2 < LABEL ? LABEL : (unsigned)used + 2, LABEL);
    }
    putc('\n', p->to);
}

void text_line(const struct page *p, const char *label, const char *format, ...)
{
    char text[2048];
    va_list args;
    va_start(args, format);
    vsnprintf(text, sizeof text, format, args);
    va_end(args);
    fputs("  ", p->to);
    page_cell(p, STYLE_DIM, tr(label), LABEL - 4, false);
    fputs("  ", p->to);
    page_wrap(p, STYLE_PLAIN, text, LABEL, LABEL);
    putc('\n', p->to);
}

void text_counts(struct wt_text *t, const char *label, uint64_t count)
{
    if (count == 0)
        return;
    wt_text_add(t, "%s%s %s", t->len ? ", " : "", tr(label), text_n(count).text);
}

void text_percentiles(const struct page *p, const struct text_times *rows, unsigned count)
{
    static const struct table_column columns[] = {
        { .title = "" }, { .title = N_("count"), .right = true }, { .title = N_("least"), .right = true, .drop = 3 },
        { .title = N_("median"), .right = true }, { .title = "90 %", .right = true }, { .title = "99 %", .right = true },
        { .title = N_("greatest"), .right = true }, { .title = N_("mean"), .right = true, .drop = 2 },
    };
    struct table t;
    table_begin(&t, p, 2, columns, 8);
    for (unsigned i = 0; i < count; i++) {
        struct histogram *h = rows[i].times;
        if (h->count == 0)
            continue;
        table_text(&t, STYLE_PLAIN, tr(rows[i].label));
        table_count(&t, h->count);
        table_duration(&t, STYLE_PLAIN, h->least);
        table_duration(&t, STYLE_STRONG, histogram_at(h, 500));
        table_duration(&t, STYLE_PLAIN, histogram_at(h, 900));
        table_duration(&t, STYLE_PLAIN, histogram_at(h, 990));
        table_duration(&t, STYLE_PLAIN, h->greatest);
        table_duration(&t, STYLE_DIM, histogram_mean(h));
    }
    table_end(&t);
}

void text_endpoint_cell(struct report *r, struct table *t, unsigned family, const uint8_t *address, unsigned protocol,
                        uint16_t port, bool with_port)
{
    char text[256] = "";
    struct wt_text at = { .at = text, .capacity = sizeof text };
    if (with_port)
        words_endpoint(&at, family, address, protocol, port);
    else
        wt_text_add_address(&at, family, address);
    const char *name = words_name(r->names, family, address, INT64_MAX);
    if (name) {
        wt_text_add(&at, " ");
        words_add_name(&at, name);
    }
    table_text(t, STYLE_PLAIN, text);
}

/* ---- head ---- */

static void head_inputs(struct report *r, const struct page *p)
{
    page_add(p, STYLE_STRONG, "wiretale report");
    for (unsigned i = 0; i < r->source->input_count && i < 4; i++) {
        char name[512] = "";
        struct wt_text t = { .at = name, .capacity = sizeof name };
        const char *input = r->source->inputs[i].name;
        page_safe(p, &t, (struct wt_slice){ (const uint8_t *)input, strlen(input) });
        fprintf(p->to, "%s%s", i ? ", " : "  ", name);
    }
    if (r->source->input_count > 4)
        fprintf(p->to, _(" and %u more"), r->source->input_count - 4);
    putc('\n', p->to);
}

static void linktypes(const struct wt_source_stats *s, struct wt_text *t)
{
    uint16_t seen[32];
    unsigned n = 0;
    for (unsigned i = 0; i < s->interface_count && i < 32; i++) {
        unsigned k = 0;
        while (k < n && seen[k] != s->interfaces[i].linktype)
            k++;
        if (k < n)
            continue;
        seen[n++] = s->interfaces[i].linktype;
        const char *name = words_linktype(s->interfaces[i].linktype);
        if (name)
            wt_text_add(t, "%s%s", t->len ? ", " : "", name);
        else
            wt_text_add(t, _("%slink type %u"), t->len ? ", " : "", s->interfaces[i].linktype);
    }
}

static void head_drops(const struct wt_source_stats *s, const struct page *p, bool live)
{
    char text[256] = "";
    struct wt_text t = { .at = text, .capacity = sizeof text };
    const struct { const char *label; uint64_t count; } drops[] = {
        { N_("kernel"), s->kernel_drops }, { N_("interface"), s->interface_drops }, { "wiretale", s->ring_drops },
        { N_("softnet (all interfaces)"), s->softnet_drops }, { N_("left in the kernel at the stop"), s->kernel_left } };
    for (unsigned i = 0; live && i < 5; i++)
        if (drops[i].count == WT_UNKNOWN)
            wt_text_add(&t, _("%s%s unknown"), t.len ? ", " : "", tr(drops[i].label));
        else
            wt_text_add(&t, "%s%s %s", t.len ? ", " : "", tr(drops[i].label), text_n(drops[i].count).text);
    uint64_t recorded = 0;
    bool known = false;
    for (unsigned i = 0; !live && i < s->interface_count && i < 32; i++)
        if (s->interfaces[i].recorded_drops != WT_UNKNOWN) {
            recorded += s->interfaces[i].recorded_drops;
            known = true;
        }
    if (known)
        wt_text_add(&t, _("%s recorded in the file"), text_n(recorded).text);
    if (t.len)
        text_line(p, "dropped", "%s", text);
}

void text_head(struct report *r, const struct page *p)
{
    const struct wt_account *a = r->account;
    const struct wt_source_stats *s = &a->source;
    bool live = r->source->input_count && r->source->inputs[0].live;
    head_inputs(r, p);
    putc('\n', p->to);
    char links[256] = "";
    struct wt_text t = { .at = links, .capacity = sizeof links };
    linktypes(s, &t);
    text_line(p, "capture", "%s%s%s", s->format[0] ? s->format : _("packets"), links[0] ? ", " : "", links);
    if (a->frames == 0) {
        text_line(p, "packets", "%s", _("none"));
        head_drops(s, p, live);
        return;
    }
    char when[64] = "";
    struct wt_text at = { .at = when, .capacity = sizeof when };
    units_utc(&at, s->first_ns, 6);
    when[10] = ' ';
    when[at.len - 1] = '\0';
    text_line(p, "began", _("%s UTC, and lasted %s"), when, text_time(p, s->last_ns - s->first_ns).text);
    char rates[96] = "";
    struct wt_text rate = { .at = rates, .capacity = sizeof rates };
    double seconds = (double)(s->last_ns - s->first_ns) / 1e9;
    if (seconds >= 0.1 && (double)a->frames >= seconds) {    /* else a rate says nothing */
        wt_text_add(&rate, _(" (%s packets/s, "), text_n((uint64_t)((double)a->frames / seconds + 0.5)).text);
        units_bits_per_second(&rate, (double)a->bytes * 8 / seconds);
        wt_text_add(&rate, ")");
    }
    text_line(p, "packets", "%s, %s%s", text_n(a->frames).text, text_size(a->bytes).text, rates);
    char faults[256] = "";
    struct wt_text f = { .at = faults, .capacity = sizeof faults };
    text_counts(&f, "cut by the snapshot length", s->truncated_frames);
    text_counts(&f, "malformed", a->malformed_frames);
    text_counts(&f, "of unknown protocol", a->unknown_frames);
    text_counts(&f, "nested too deeply", a->too_deep);
    text_counts(&f, "left out by the filter", s->filtered);
    if (f.len)
        text_line(p, "of these", "%s", faults);
    if (a->connections + a->conversations) {
        char tcp[64] = "", other[64] = "";
        snprintf(tcp, sizeof tcp, P_("%s TCP connection", "%s TCP connections", a->connections), text_n(a->connections).text);
        snprintf(other, sizeof other, P_("%s other conversation", "%s other conversations", a->conversations),
                 text_n(a->conversations).text);
        text_line(p, "flows", _("%s, %s; at most %s at once"), tcp, other, text_n(a->peak_open).text);
    }
    head_drops(s, p, live);
    if (a->fragments)
        text_line(p, "fragments", _("%s: %s datagrams reassembled, %s incomplete"), text_n(a->fragments).text,
                  text_n(a->datagrams_reassembled).text, text_n(a->datagrams_incomplete).text);
}

/* ---- findings ---- */

void text_findings(struct report *r, const struct page *p)
{
    static const enum style styles[] = { STYLE_BAD, STYLE_WARN, STYLE_DIM };
    static const enum glyph glyphs[] = { GLYPH_CROSS, GLYPH_WARN, GLYPH_BULLET };
    const struct findings *f = &r->findings;
    text_section(p, "What stands out", "%s", "");
    if (f->count == 0) {
        fputs("  ", p->to);
        page_add(p, STYLE_GOOD, _("%s nothing: no errors, no loss, no refusals"), page_glyph(p, GLYPH_CHECK));
        putc('\n', p->to);
    }
    unsigned most = r->top < 10 ? 10 : r->top + 5;
    for (unsigned i = 0; i < f->count && i < most; i++) {
        const struct finding *one = &f->list[i];
        fputs("  ", p->to);
        page_add(p, styles[one->severity], "%s", page_glyph(p, glyphs[one->severity]));
        fputs(" ", p->to);
        char text[4 * FINDINGS_TEXT] = "", shows[40] = "";
        struct wt_text t = { .at = text, .capacity = sizeof text };
        page_safe(p, &t, (struct wt_slice){ (const uint8_t *)one->text, strlen(one->text) });
        unsigned used = page_wrap(p, STYLE_PLAIN, text, 4, 4);
        if (one->connection)
            snprintf(shows, sizeof shows, _("[conn %llu]"), (unsigned long long) one->connection);
        else if (one->frame)
            snprintf(shows, sizeof shows, _("[packet %llu]"), (unsigned long long) one->frame);
        if (shows[0] && used + 2 + style_width(shows) > p->width)
            fprintf(p->to, "\n%4s", "");
        else if (shows[0])
            fputs("  ", p->to);
        page_add(p, STYLE_DIM, "%s", shows);
        putc('\n', p->to);
    }
    if (f->count > most || f->left_out)
        page_add(p, STYLE_DIM, _("    and %u more (--top shows more, --json all)\n"),
                 f->left_out + (f->count > most ? f->count - most : 0));
}

/* ---- over time ---- */

void text_over_time(struct report *r, const struct page *p)
{
    static const char *const utf8[] = { " ", "▁", "▂", "▃", "▄", "▅", "▆", "▇", "█" };
    static const char *const ascii[] = { " ", ".", ".", ":", "-", "=", "+", "#", "#" };
    const struct rate *rate = &r->summary->rate;
    unsigned room = p->width > LABEL + 10 ? p->width - 4 : 60;
    if (room > RATE_BUCKETS)
        room = RATE_BUCKETS;
    if (rate->used < 2)
        return;
    unsigned fold = (rate->used + room - 1) / room, columns = (rate->used + fold - 1) / fold;
    uint64_t sums[RATE_BUCKETS] = { 0 }, most = 0;
    for (unsigned i = 0; i < rate->used; i++) {
        sums[i / fold] += rate->buckets[i].bytes;
        if (sums[i / fold] > most)
            most = sums[i / fold];
    }
    int64_t width = rate->width_ns * fold;
    char peak[48] = "";
    struct wt_text t = { .at = peak, .capacity = sizeof peak };
    units_bits_per_second(&t, (double)most * 8e9 / (double)width);
    text_section(p, "Over time", _("at most %s; a column is %s"), peak, text_time(p, width).text);
    fputs("  ", p->to);
    fputs(page_on(p, STYLE_BAR), p->to);
    for (unsigned i = 0; i < columns; i++) {
        uint64_t level = most ? (sums[i] * 8 + most - 1) / most : 0;
        fputs(p->utf8 ? utf8[level] : ascii[level], p->to);
    }
    fputs(page_off(p), p->to);
    putc('\n', p->to);
}

void text_end(struct report *r, const struct page *p)
{
    const struct wt_account *a = r->account;
    char text[512] = "";
    struct wt_text t = { .at = text, .capacity = sizeof text };
    for (unsigned i = 0; i < WT_OPTION_COUNT; i++)
        if (a->limits.count[i] && strncmp(wt_options[i].name, "max-", 4) == 0)
            wt_text_add(&t, _("%s%s (%llu) %s times"), t.len ? ", " : "", wt_options[i].name,
                        (unsigned long long)r->config->value[i], text_n(a->limits.count[i]).text);
    if (t.len || a->evicted) {
        text_section(p, "Limits reached", "%s", "");
        if (t.len)
            text_line(p, "limits", "%s", text);
        if (a->evicted)
            text_line(p, "given up", _("%s connections"), text_n(a->evicted).text);
    }
}

static void text_report(struct report *r, const struct page *p)
{
    text_head(r, p);
    if (r->account->frames || r->account->source.incomplete)
        text_findings(r, p);
    if (r->account->frames == 0)
        return;
    text_over_time(r, p);
    text_protocols(r, p);
    text_hosts(r, p);
    text_tcp(r, p);
    text_time_wait(r, p);
    text_others(r, p);
    text_checksums(r, p);
    text_dns(r, p);
    text_http(r, p);
    text_end(r, p);
}

const struct renderer renderer_text = {
    .name = "text",
    .meaning = "sections for people, coloured on a terminal",
    .report = text_report,
};

/* Sums, what went wrong, protocols, and throughput over time. */
#include <ncurses.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "report/plot.h"
#include "tui/view.h"

struct fact {
    const char *what;
    uint64_t count;
    enum style style;         /* where the count is not 0 */
};

static void add_facts(FILE *f, const struct page *page, const char *title, const struct fact *facts, unsigned count)
{
    page_add(page, STYLE_STRONG, "%s\n", title);
    for (unsigned i = 0; i < count; i++) {
        fprintf(f, "  %-36s", facts[i].what);
        if (facts[i].count == WT_UNKNOWN)
            page_add(page, STYLE_DIM, "%12s\n", "unknown");
        else
            page_add(page, facts[i].count ? facts[i].style : STYLE_DIM, "%12llu\n", (unsigned long long)facts[i].count);
    }
    fputc('\n', f);
}

static void add_sums(struct tui *t, FILE *f, const struct page *page, const struct model_sums *s)
{
    const struct fact connections[] = {
        { "TCP connections", s->tcp, STYLE_PLAIN }, { "UDP conversations", s->udp, STYLE_PLAIN },
        { "other conversations", s->other_conversations, STYLE_PLAIN }, { "handshakes completed", s->handshakes, STYLE_GOOD },
        { "TIME-WAIT entered", s->time_waits, STYLE_PLAIN },
    };
    const struct fact trouble[] = {
        { "refused", s->refused, STYLE_BAD }, { "unanswered or unreachable", s->unanswered, STYLE_BAD },
        { "reset after the handshake", s->resets, STYLE_WARN }, { "segments sent again", s->retransmissions, STYLE_WARN },
        { "segments out of order", s->out_of_order, STYLE_WARN }, { "duplicate ACKs", s->duplicate_acks, STYLE_PLAIN },
        { "zero windows", s->zero_windows, STYLE_WARN }, { "wrong checksums", s->bad_checksums, STYLE_WARN },
        { "malformed packets", s->malformed, STYLE_BAD }, { "packets cut by the snapshot length", s->truncated, STYLE_PLAIN },
    };
    const struct fact messages[] = {
        { "DNS transactions", s->dns, STYLE_PLAIN }, { "DNS: an error was answered", s->dns_failed, STYLE_WARN },
        { "DNS: never answered", s->dns_unanswered, STYLE_BAD }, { "HTTP exchanges", s->http, STYLE_PLAIN },
        { "HTTP: failed (4xx, 5xx, no answer)", s->http_errors, STYLE_WARN },
    };
    const struct model_status *st = &t->status;
    const struct fact capture[] = {
        { "dropped by the kernel", st->kernel_drops, STYLE_BAD }, { "dropped by the interface", st->interface_drops, STYLE_BAD },
        { "dropped by the ring", st->ring_drops, STYLE_BAD }, { "ring: blocks", st->ring_blocks, STYLE_PLAIN },
        { "ring: filled now", st->ring_held, STYLE_PLAIN }, { "ring: filled at most", st->ring_high_water, STYLE_PLAIN },
        { "left out of the lists by a limit", st->forgotten, STYLE_WARN },
        { "not kept for want of room", st->spool_refused, STYLE_WARN },
    };
    add_facts(f, page, "Connections", connections, sizeof connections / sizeof connections[0]);
    add_facts(f, page, "Trouble", trouble, sizeof trouble / sizeof trouble[0]);
    add_facts(f, page, "Messages", messages, sizeof messages / sizeof messages[0]);
    add_facts(f, page, "The capture itself", capture, sizeof capture / sizeof capture[0]);
}

static void add_protocols(FILE *f, const struct page *page, const struct model_sums *s)
{
    page_add(page, STYLE_STRONG, "Protocols (topmost layer)\n");
    for (unsigned i = 0; i < s->protocol_count && i < 20; i++) {
        char bytes[32];
        tui_bytes(s->protocols[i].bytes, bytes, sizeof bytes);
        fprintf(f, "  %-14s %12llu  %9s  ", s->protocols[i].name, (unsigned long long)s->protocols[i].frames, bytes);
        page_bar(page, s->frames ? (double)s->protocols[i].frames / (double)s->frames : 0, 30);
        fputc('\n', f);
    }
}

static void add_plot(FILE *f, const struct page *page, const struct model_sums *s)
{
    struct plot plot;
    struct out o;
    plot_init(&plot, "time since the first packet", UNIT_SECONDS, "throughput", UNIT_BITS_PER_SECOND);
    snprintf(plot.title, sizeof plot.title, "Throughput");
    struct plot_series *rate = plot_series(&plot, "bits on the wire", PLOT_LINE, INK_DATA, 1000);
    double slot = (double)s->rate_slot_ns / 1e9;
    for (unsigned i = 0; i < s->rate_count; i++)
        plot_add(rate, ((double)i + 0.5) * slot, (double)s->rate[i] * 8 / slot);
    out_init(&o, -1);
    if (s->rate_count > 1)
        plot_braille(&plot, page, page->width, screen_rows() / 3 < 7 ? 7 : screen_rows() > 45 ? 15 : (unsigned)screen_rows() / 3, &o);
    if (o.len)
        fwrite(o.at, 1, o.len, f);
    fputc('\n', f);
    out_done(&o);
    plot_done(&plot);
}

/* ---- what stands out ---- */

static void find(void *arg)
{
    struct findings_job *j = arg;
    j->good = model_findings(j->model, &j->findings);
}

/* Read anew while the capture goes on, but not more than a quarter of the time. */
static bool prepare_findings(struct tui *t)
{
    if (!t->findings_job)
        t->findings_job = calloc(1, sizeof *t->findings_job);
    struct findings_job *j = t->findings_job;
    if (!j)
        return false;
    bool new = job_take(&j->job);
    if (new && j->good && (t->findings || (t->findings = malloc(sizeof *t->findings)))) {
        *t->findings = j->findings;
        t->findings_version = j->version;
    }
    bool wanted = !t->findings || (!t->findings_complete && t->findings_version != t->status.version && !job_tired(&j->job));
    if (wanted && !j->job.run && !t->paused && (!j->job.began_ms || tui_clock_ms() - j->job.began_ms > 2000)) {
        j->model = t->model;
        j->version = t->status.version;
        t->findings_complete = t->status.ended;
        job_begin(&j->job, find, j);
    }
    return new;
}

static unsigned count_lines(const char *text)
{
    unsigned n = 0;
    for (; (text = strchr(text, '\n')); text++)
        n++;
    return n;
}

/* A finding on as many lines as it needs: each leads to its evidence. */
static void add_finding(struct tui *t, FILE *f, const struct page *page, unsigned index)
{
    static const enum style styles[] = { [SEVERITY_BAD] = STYLE_BAD, [SEVERITY_WARNING] = STYLE_WARN, [SEVERITY_NOTE] = STYLE_PLAIN };
    const struct finding *one = &t->findings->list[index];
    size_t width = page->width > 24 ? page->width - 12 : 12;
    for (const char *at = one->text; *at && t->findings_lines < sizeof t->finding_of_line;) {
        size_t n = 0, end = 0, used = 0;
        while (at[n] && used < width) {
            used += ((unsigned char)at[n] & 0xc0) != 0x80;
            n++;
            if (at[n] == ' ' || !at[n])
                end = n;
        }
        while (((unsigned char)at[n] & 0xc0) == 0x80)
            n++;
        end = end ? end : n;
        page_add(page, styles[one->severity], "  %-8s", at == one->text ? severity_name(one->severity) : "");
        fprintf(f, "%.*s\n", (int)end, at);
        at += end + strspn(at + end, " ");
        t->finding_of_line[t->findings_lines++] = (uint8_t)index;
    }
}

static void add_findings(struct tui *t, FILE *f, const struct page *page, const struct model_sums *s)
{
    char bytes[32], lasted[32];
    tui_bytes(s->bytes, bytes, sizeof bytes);
    tui_duration(s->last_ns - s->first_ns, lasted, sizeof lasted);
    fprintf(f, "%llu packets, %s, in %s%s\n\n", (unsigned long long)s->frames, bytes, lasted, t->status.ended ? "" : ", and reading");
    page_add(page, STYLE_STRONG, "What stands out\n");
    t->findings_lines = 0;
    if (!t->findings)
        page_add(page, STYLE_DIM, "  looking for it%s\n", page->utf8 ? "…" : "...");
    else if (!t->findings->count)
        page_add(page, STYLE_GOOD, "  nothing\n");
}

static bool prepare(struct tui *t)
{
    bool found = prepare_findings(t);
    t->busy = t->findings_job && t->findings_job->job.run;
    if (!found && t->overview_version == t->status.version && t->overview.text)
        return false;
    struct model_sums s;
    struct page page;
    char *text = NULL;
    size_t len = 0;
    FILE *f = open_memstream(&text, &len);
    if (!f)
        return false;
    page_init(&page, f, screen_coloured() ? COLOUR_ALWAYS : COLOUR_NEVER, (unsigned)screen_columns());
    page.width = (unsigned)screen_columns();
    model_sums(t->model, &s);
    t->overview_version = t->status.version;
    add_plot(f, &page, &s);
    add_findings(t, f, &page, &s);
    fflush(f);
    t->findings_first = text ? count_lines(text) : 0;
    for (unsigned i = 0; t->findings && i < t->findings->count; i++)
        add_finding(t, f, &page, i);
    fputc('\n', f);
    add_sums(t, f, &page, &s);
    add_protocols(f, &page, &s);
    fclose(f);
    pager_set(&t->overview, text);
    return true;
}

static void draw(struct tui *t, int top, int rows)
{
    pager_draw(&t->overview, top, rows);
    if (t->overview.list.count)
        screen_repaint(top + (int)(t->overview.list.cursor - t->overview.list.top), 0, -1, PAINT_SELECTED);
}

/* Lines that count a trouble lead to those connections or messages. */
static const struct { const char *line, *filter; enum view_id view; } evidence[] = {
    { "refused", "conn.outcome == \"refused\"", VIEW_CONNECTIONS },
    { "unanswered or", "conn.outcome == \"unanswered\" || conn.outcome == \"unreachable\"", VIEW_CONNECTIONS },
    { "reset after", "conn.outcome == \"reset\"", VIEW_CONNECTIONS },
    { "segments sent again", "tcp.analysis.retransmission", VIEW_PACKETS },
    { "segments out of order", "tcp.analysis.out_of_order", VIEW_PACKETS },
    { "duplicate ACKs", "tcp.analysis.duplicate_ack", VIEW_PACKETS },
    { "zero windows", "tcp.analysis.zero_window", VIEW_PACKETS },
    { "malformed", "_ws.malformed", VIEW_PACKETS },
    { "DNS", "", VIEW_DNS },
    { "HTTP", "", VIEW_HTTP },
};

static void show_evidence(struct tui *t, const struct finding *f)
{
    if (f->connection && tui_choose_connection(t, f->connection))
        tui_open(t, VIEW_TIMELINE);
    else if (f->frame)
        tui_show_packet(t, f->frame);
    else
        tui_say(t, false, "no one packet shows it");
}

static bool key(struct tui *t, int k)
{
    char text[200];
    if (pager_key(&t->overview, k))
        return true;
    if ((k != '\n' && k != '\r' && k != KEY_ENTER) || !pager_row_text(&t->overview, t->overview.list.cursor, text, sizeof text))
        return false;
    uint64_t line = t->overview.list.cursor;
    if (t->findings && line >= t->findings_first && line < t->findings_first + t->findings_lines) {
        show_evidence(t, &t->findings->list[t->finding_of_line[line - t->findings_first]]);
        return true;
    }
    for (unsigned i = 0; i < sizeof evidence / sizeof evidence[0]; i++)
        if (strncmp(text + strspn(text, " "), evidence[i].line, strlen(evidence[i].line)) == 0) {
            tui_set_filter(t, evidence[i].filter);
            t->messages_worst = true;
            tui_open(t, evidence[i].view);
            return true;
        }
    tui_say(t, false, "nothing lies behind this line");
    return true;
}

static bool row_text(struct tui *t, uint64_t row, char *to, size_t size)
{
    return pager_row_text(&t->overview, row, to, size);
}

static struct list *list(struct tui *t)
{
    return &t->overview.list;
}

static const struct view_key keys[] = {
    { "Enter", "evidence", "What shows a finding; the connections, packets or messages that a line counts" },
    { NULL, NULL, NULL },
};

const struct view view_overview = {
    .title = "Overview", .digit = '7', .keys = keys, .draw = draw, .key = key, .prepare = prepare, .row_text = row_text, .list = list,
};

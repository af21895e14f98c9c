/* Time runs downwards, but not to scale: rows keep a readable distance, and the longer nothing happened, the more
 * (a logarithm). Between rows time is linear, so the slope of an arrow, taken from the handshake's round-trip times on
 * both sides of the capture point, ends where the segment arrived among the others. */
#include "timeline_svg.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "ladder_texts.h"
#include "svg.h"
#include "text_units.h"

#define WIDTH 1200
#define TIME_X 92.0
#define CLIENT_X 212.0
#define SERVER_X 582.0
#define WORDS_X 696.0
#define WORDS_COLUMNS 68          /* of text beside the ladder */
#define TITLE_COLUMNS 150
#define TOP 40.0                  /* of the lifelines, below the head */
#define ROW 27.0
#define TEXT_LINE 15.0
#define PAUSE_MOST 60.0           /* added for a pause; */
#define PAUSE_DECADE 14.0         /* … by each tenfold of a millisecond */
#define RISE_MOST 24.0            /* of an arrow, above and … */
#define FALL_LEAST 3.0
#define FALL_MOST 46.0            /* … below its row */
#define APART 12.0                /* of labels that would stand on each other */
#define SEPARATOR " \xc2\xb7 "
#define MATCHED_ROWS 64           /* that are searched for what an ACK acknowledges */

static const char style_sheet[] =
    "<style>\n"
    ":root{--ground:#fff;--text:#1b1f24;--soft:#59636e;--line:#8c959f;--c:#0969da;--s:#1a7f37;--bad:#cf222e;--note:#9a6700}\n"
    "@media (prefers-color-scheme:dark){:root{--ground:#0d1117;--text:#e6edf3;--soft:#9198a1;--line:#6e7681;--c:#58a6ff;"
    "--s:#56d364;--bad:#ff7b72;--note:#e3b341}}\n"
    "text{font-family:system-ui,'DejaVu Sans','Noto Sans CJK KR',sans-serif;font-size:12px;fill:#1b1f24;fill:var(--text)}\n"
    ".title{font-size:15px;font-weight:600}.head{font-weight:600}.soft{fill:#59636e;fill:var(--soft)}.state{font-size:10.5px}\n"
    ".label{font-size:11px;paint-order:stroke;stroke:#fff;stroke:var(--ground);stroke-width:4px;stroke-linejoin:round}\n"
    ".ground{fill:#fff;fill:var(--ground)}.life{stroke:#8c959f;stroke:var(--line);stroke-width:1.5;fill:none}\n"
    ".pause{stroke:#fff;stroke:var(--ground);stroke-width:4;stroke-dasharray:2 4;fill:none}\n"
    ".a{stroke-width:1.5;fill:none}.c{stroke:#0969da;stroke:var(--c)}.s{stroke:#1a7f37;stroke:var(--s)}\n"
    ".bad{stroke:#cf222e;stroke:var(--bad)}.h{stroke:none}.h.c{fill:#0969da;fill:var(--c)}.h.s{fill:#1a7f37;fill:var(--s)}\n"
    ".h.bad{fill:#cf222e;fill:var(--bad)}text.worse{fill:#cf222e;fill:var(--bad)}text.care{fill:#9a6700;fill:var(--note)}\n"
    "text.good{fill:#1a7f37;fill:var(--s)}.fold{stroke:#8c959f;stroke:var(--line);stroke-dasharray:3 3;fill:none}\n"
    ".wait{stroke:#9a6700;stroke:var(--note);stroke-width:6;opacity:.45;fill:none}\n"
    "</style>\n";

static const char *const tone_class[] = {
    [WORDS_PLAIN] = "", [WORDS_GOOD] = " class=\"good\"", [WORDS_NOTE] = " class=\"care\"", [WORDS_BAD] = " class=\"worse\"",
};

struct row {
    const struct ladder_line *line;   /* NULL: what was left out */
    double y;                         /* when it was captured */
    double begin, end;                /* when it was sent and arrived */
};

struct picture {
    struct timeline_text *t;
    const struct ladder *l;
    const struct wt_connection *c;
    struct out *o;
    struct row *rows;                 /* owned */
    uint32_t count;
    uint64_t left_out;
    int64_t to_client_ns, to_server_ns;      /* from the capture point, one way; -1: not known */
    double bottom;
    double state_y[2], label_y[2];    /* of the last label of each side */
};

/* ---- text ---- */

static struct words words_of(struct picture *p)
{
    out_reset(&p->t->scratch);
    return (struct words){ &p->t->scratch, true, &p->t->clock, p->t->time_wait_s };
}

static void text_at(struct out *o, const char *attributes, double x, double y, const char *text, size_t len)
{
    out_format(o, "<text%s x=\"%.1f\" y=\"%.1f\">", attributes, x, y);
    svg_text(o, text, len);
    out_text(o, "</text>\n");
}

/* Lines that a text takes in so many columns; where o is given, it is written there. */
static unsigned text_lines(struct out *o, const char *attributes, double x, double y, const char *text, size_t len,
                           unsigned columns)
{
    unsigned lines = 0;
    while (len) {
        size_t n = timeline_text_break(text, len, columns);
        if (o)
            text_at(o, attributes, x, y + lines * TEXT_LINE, text, n);
        lines++;
        while (n < len && text[n] == ' ')
            n++;
        text += n;
        len -= n;
    }
    return lines;
}

/* ---- where rows stand ---- */

static double pause(int64_t ns)
{
    double ms = (double)ns / 1e6;
    return ms <= 1 ? 0 : fmin(PAUSE_MOST, PAUSE_DECADE * log10(ms));
}

static int64_t begins(const struct row *r)
{
    return r->line ? r->line->since_ns : 0;
}

static unsigned words_height(struct picture *p, const struct ladder_line *line)
{
    struct words w = words_of(p);
    if (line->kind == LADDER_FOLD)
        return 1;
    words_line(&w, p->l, line);
    unsigned lines = text_lines(NULL, "", 0, 0, p->t->scratch.at, p->t->scratch.len, WORDS_COLUMNS);
    return lines ? lines : 1;
}

static bool choose_rows(struct picture *p, uint64_t max_rows)
{
    uint64_t most = p->l->count < max_rows ? p->l->count : max_rows + 1;
    p->rows = calloc(most ? most : 1, sizeof *p->rows);
    if (!p->rows)
        return false;
    uint64_t tail = p->l->count > max_rows ? max_rows / 4 : 0, head = most - tail;
    for (uint64_t i = 0; i < head; i++)
        p->rows[p->count++].line = &p->l->lines[i];
    if (p->l->count > max_rows) {
        p->rows[p->count - 1].line = NULL;
        p->left_out = p->l->count - (head - 1) - tail;
    }
    for (uint64_t i = p->l->count - tail; i < p->l->count; i++)
        p->rows[p->count++].line = &p->l->lines[i];
    return true;
}

static void place_rows(struct picture *p, double top)
{
    double y = top;
    int64_t last = 0;
    for (uint32_t i = 0; i < p->count; i++) {
        struct row *r = &p->rows[i];
        if (r->line && i)
            y += pause(r->line->since_ns - last);
        r->y = y;
        y += ROW + (r->line ? (words_height(p, r->line) - 1) * TEXT_LINE : 0);
        if (r->line)
            last = r->line->last_ns;
    }
    p->bottom = y + FALL_MOST / 2;
}

/* Where a time lies, that is not far from row i. */
static double place(const struct picture *p, uint32_t i, int64_t at)
{
    uint32_t low = i, high = i;
    while (low > 0 && p->rows[low - 1].line && begins(&p->rows[low]) > at)
        low--;
    high = low;
    while (high + 1 < p->count && p->rows[high + 1].line && (begins(&p->rows[high]) < at || high == low))
        high++;
    const struct row *a = &p->rows[low], *b = &p->rows[high];
    if (high > low + 1)
        a = &p->rows[high - 1];
    int64_t span = begins(b) - begins(a);
    if (span <= 0)
        return at < begins(a) ? a->y - RISE_MOST : at > begins(b) ? b->y + FALL_MOST : a->y;
    double share = (double)(at - begins(a)) / (double)span;
    return a->y + fmax(-1, fmin(2, share)) * (b->y - a->y);
}

static bool goes_right(const struct ladder_line *line)
{
    return (line->kind == LADDER_ICMP ? line->side ^ 1u : line->side) == 0;      /* an ICMP error goes back */
}

static bool is_arrow(const struct row *r)
{
    return r->line && r->line->kind != LADDER_FOLD;
}

static uint32_t end_of(const struct ladder_line *line)
{
    return line->seq + line->len + !!(line->flags & WT_FLAG_SYN) + !!(line->flags & WT_FLAG_FIN);
}

/* What it acknowledges has arrived before it was sent, whatever the estimates say: they meet halfway. */
static void keep_cause(struct picture *p, uint32_t i)
{
    struct row *r = &p->rows[i];
    if (r->line->kind != LADDER_SEGMENT || !(r->line->flags & WT_FLAG_ACK))
        return;
    for (uint32_t j = i; j > 0 && i - j < MATCHED_ROWS; j--) {
        struct row *cause = &p->rows[j - 1];
        if (!is_arrow(cause) || cause->line->kind != LADDER_SEGMENT || cause->line->side == r->line->side
            || end_of(cause->line) != r->line->ack)
            continue;
        if (cause->end > r->begin) {
            double meet = fmax(cause->y, fmin(r->y, (cause->end + r->begin) / 2));
            cause->end = fmax(meet, cause->begin + 1);
            r->begin = fmin(meet, r->y);
        }
        return;
    }
}

static void place_arrows(struct picture *p)
{
    for (uint32_t i = 0; i < p->count; i++) {
        struct row *r = &p->rows[i];
        r->begin = r->y;
        r->end = r->y + FALL_LEAST;
        if (!is_arrow(r) || p->to_client_ns < 0)
            continue;
        bool right = goes_right(r->line);
        int64_t before = right ? p->to_client_ns : p->to_server_ns, after = right ? p->to_server_ns : p->to_client_ns;
        r->begin = r->y - fmax(0, fmin(RISE_MOST, r->y - place(p, i, r->line->since_ns - before)));
        if (i && !is_arrow(&p->rows[i - 1]))
            r->begin = fmax(r->begin, p->rows[i - 1].y + 2 * APART);      /* the words of a fold stay free */
        r->end = r->y + fmax(FALL_LEAST, fmin(FALL_MOST, place(p, i, r->line->since_ns + after) - r->y));
    }
    for (uint32_t i = 0; i < p->count; i++)
        if (is_arrow(&p->rows[i]))
            keep_cause(p, i);
}

/* ---- a row ---- */

static double apart(double *last, double y)
{
    *last = fmax(y, *last + APART);
    return *last;
}

static void add_amounts(struct out *o, const struct ladder_line *line)
{
    struct argument a;
    if (line->kind == LADDER_SEGMENT && (line->len || line->flags & WT_FLAG_SYN)) {
        out_text(o, SEPARATOR "seq ");
        out_u64(o, line->seq);
    }
    if (line->len) {
        out_text(o, SEPARATOR);
        out_text(o, words_bytes(&a, line->len));
    }
    if (line->kind == LADDER_SEGMENT && line->flags & WT_FLAG_ACK) {
        out_text(o, SEPARATOR "ack ");
        out_u64(o, line->ack);
    }
}

static void draw_arrow(struct picture *p, const struct row *r, bool right, const char *ink)
{
    struct out *o = p->o;
    double begin = r->begin, end = r->end;
    double x1 = right ? CLIENT_X : SERVER_X, x2 = right ? SERVER_X : CLIENT_X;
    double length = hypot(x2 - x1, end - begin), ux = (x2 - x1) / length, uy = (end - begin) / length;
    out_format(o, "<path class=\"a %s\" d=\"", ink);
    svg_xy(o, 'M', x1, begin);
    svg_xy(o, 'L', x2 - ux * 8, end - uy * 8);
    out_format(o, "\"/><path class=\"h %s\" d=\"", ink);
    svg_xy(o, 'M', x2, end);
    svg_xy(o, 'L', x2 - ux * 10 - uy * 4, end - uy * 10 + ux * 4);
    svg_xy(o, 'L', x2 - ux * 10 + uy * 4, end - uy * 10 - ux * 4);
    out_text(o, "z\"/>\n");
    char room[160], flags[48];
    struct out label = out_fixed(room, sizeof room);
    out_text(&label, timeline_text_label(p->l, r->line, flags));
    add_amounts(&label, r->line);
    double y = apart(&p->label_y[right], begin - 4);      /* beside its sender, where few lines cross */
    text_at(o, right ? " class=\"label\"" : " class=\"label\" text-anchor=\"end\"", right ? x1 + 14 : x1 - 14, y, room, label.len);
}

static void draw_states(struct picture *p, const struct row *r, bool first, bool right)
{
    const struct ladder_line *line = r->line;
    const double y[2] = { right ? r->begin : r->end, right ? r->end : r->begin };
    for (unsigned side = 0; p->l->protocol == 6 && side < 2; side++) {
        if (!first && line->before[side] == line->state[side])
            continue;
        const char *name = wt_tcp_state_name((enum wt_tcp_state)line->state[side]);
        text_at(p->o, side ? " class=\"state\"" : " class=\"state\" text-anchor=\"end\"", side ? SERVER_X + 9 : CLIENT_X - 9,
                apart(&p->state_y[side], y[side] + 4), name, strlen(name));
    }
}

/* Shown by viewers when the pointer rests on the arrow. */
static void draw_hint(struct picture *p, const struct ladder_line *line)
{
    struct out *o = p->o;
    out_format(o, "<title>#%llu", (unsigned long long)line->frame);
    struct words w = words_of(p);
    words_line(&w, p->l, line);
    if (p->t->scratch.len)
        out_text(o, ": ");
    svg_text(o, p->t->scratch.at, p->t->scratch.len);
    struct explained what[EXPLAIN_LINE_MOST];
    struct ladder_said said = { 0 };
    unsigned count = p->t->said ? explain_line(line, p->l->protocol == 6, &said, what) : 0;
    for (unsigned i = 0; i < count; i++) {
        const char *const parts[] = { what[i].e->title, what[i].e->text, what[i].e->source };
        for (unsigned part = 0; part < 3; part++) {
            const char *text = parts[part] ? tr(parts[part]) : "";
            out_text(o, part == 0 ? "\n\n" : part == 1 && parts[0] ? ": " : part == 2 ? " (" : "");
            svg_text(o, text, strlen(text));
        }
        out_char(o, ')');
    }
    out_text(o, "</title>\n");
}

static void draw_segment(struct picture *p, uint32_t i)
{
    const struct row *r = &p->rows[i];
    const struct ladder_line *line = r->line;
    bool right = goes_right(line);
    struct words w = words_of(p);
    enum words_tone tone = words_line(&w, p->l, line);
    out_text(p->o, "<g>");
    draw_hint(p, line);
    draw_arrow(p, r, right, tone == WORDS_BAD ? "bad" : right ? "c" : "s");
    out_text(p->o, "</g>\n");
    draw_states(p, r, i == 0, right);
    w = words_of(p);
    words_line(&w, p->l, line);
    text_lines(p->o, tone_class[tone], WORDS_X, r->y + 4, p->t->scratch.at, p->t->scratch.len, WORDS_COLUMNS);
}

static void draw_fold(struct picture *p, const struct row *r)
{
    struct words w = words_of(p);
    struct argument a;
    if (r->line) {
        words_fold(&w, p->l, r->line);
        out_text(&p->t->scratch, ", ");
        words_duration(&w, r->line->last_ns - r->line->since_ns);
    } else {
        words_say(&w, W_LEFT_OUT, words_count(&a, p->left_out), NULL, NULL);
    }
    out_format(p->o, "<path class=\"fold\" d=\"M%.1f %.1fH%.1f\"/>\n", CLIENT_X, r->y, SERVER_X);
    text_lines(p->o, " class=\"label soft\" text-anchor=\"middle\"", (CLIENT_X + SERVER_X) / 2, r->y + 4, p->t->scratch.at,
               p->t->scratch.len, WORDS_COLUMNS);
}

static void draw_time(struct picture *p, uint32_t i)
{
    const struct row *r = &p->rows[i];
    char room[64];
    struct out text = out_fixed(room, sizeof room);
    if (!r->line)
        return;
    timeline_text_time(p->t, &text, p->l, r->line->since_ns, i && p->rows[i - 1].line ? p->rows[i - 1].line->last_ns : 0);
    text_at(p->o, " class=\"soft\" text-anchor=\"end\"", TIME_X, r->y + 4, room, text.len);
}

/* Where a pause was shortened, the lifelines are broken. */
static void draw_pause(struct picture *p, uint32_t i)
{
    enum { LONG_MS = 100 };
    const struct row *r = &p->rows[i];
    if (!i || !r->line || !p->rows[i - 1].line)
        return;
    int64_t ns = r->line->since_ns - p->rows[i - 1].line->last_ns;
    if (ns < LONG_MS * INT64_C(1000000))
        return;
    double from = r->y - pause(ns) + 2, to = r->y - RISE_MOST / 2;
    for (unsigned side = 0; side < 2 && to > from + 6; side++)
        out_format(p->o, "<path class=\"pause\" d=\"M%.1f %.1fV%.1f\"/>\n", side ? SERVER_X : CLIENT_X, from, to);
}

/* ---- around them ---- */

static void head_line(struct picture *p, const char *attributes, double *y)
{
    *y += TEXT_LINE * text_lines(p->o, attributes, TIME_X - 70, *y, p->t->scratch.at, p->t->scratch.len, TITLE_COLUMNS);
}

static double draw_head(struct picture *p)
{
    double y = 26;
    struct words w = words_of(p);
    timeline_text_title(p->t, &p->t->scratch, p->l, p->c);
    head_line(p, " class=\"title\"", &y);
    y += 6;
    w = words_of(p);
    value_time_of_day(&p->t->scratch, &p->t->clock, p->c->start_ns, 1, 6);
    out_char(&p->t->scratch, ' ');
    out_text(&p->t->scratch, p->t->clock.zone);
    out_text(&p->t->scratch, "   ");
    enum words_tone tone = words_outcome(&w, p->c);
    head_line(p, tone_class[tone], &y);
    w = words_of(p);
    if (words_handshake(&w, p->c))
        head_line(p, "", &y);
    w = words_of(p);
    words_amounts(&w, p->c);
    head_line(p, "", &y);
    for (unsigned i = 0; w = words_of(p), words_remark(&w, p->c, i); i++)
        head_line(p, " class=\"care\"", &y);
    w = words_of(p);
    words_say(&w, p->to_client_ns >= 0 ? W_PICTURE_SCALE : W_PICTURE_SCALE_NO_RTT, NULL, NULL, NULL);
    head_line(p, " class=\"soft\"", &y);
    return y;
}

static void draw_life(struct picture *p, double top)
{
    for (unsigned side = 0; side < 2; side++) {
        double x = side ? SERVER_X : CLIENT_X;
        const char *name = words_side(side);
        text_at(p->o, " class=\"head\" text-anchor=\"middle\"", x, top - 12, name, strlen(name));
        out_format(p->o, "<path class=\"life\" d=\"M%.1f %.1fV%.1f\"/>\n", x, top - 6, p->bottom);
    }
}

static void draw_time_wait(struct picture *p)
{
    const struct wt_connection *c = p->c;
    if (c->protocol != 6 || c->time_wait.holder > 2)
        return;
    double from = p->bottom;
    for (uint32_t i = p->count; i > 0; i--)
        if (p->rows[i - 1].line && p->rows[i - 1].line->did & WT_DID_TIME_WAIT)
            from = p->rows[i - 1].end;
    for (unsigned side = 0; side < 2; side++)
        if (c->time_wait.holder == 2 || c->time_wait.holder == side)
            out_format(p->o, "<path class=\"wait\" d=\"M%.1f %.1fV%.1f\"/>\n", side ? SERVER_X : CLIENT_X, from, p->bottom + 14);
    struct words w = words_of(p);
    if (c->time_wait.ended != TIME_WAIT_GOES_ON)
        words_time_wait_end(&w, c);
    text_lines(p->o, " class=\"soft\"", WORDS_X, p->bottom + 4, p->t->scratch.at, p->t->scratch.len, WORDS_COLUMNS);
}

static void find_distances(struct picture *p)
{
    const struct wt_connection *c = p->c;
    p->to_client_ns = p->to_server_ns = -1;
    if (c->protocol != 6 || wt_handshake_ns(c) < 0 || c->syn_ack_ns < c->syn_ns || c->ack_ns < c->syn_ack_ns)
        return;
    p->to_server_ns = (c->syn_ack_ns - c->syn_ns) / 2;
    p->to_client_ns = (c->ack_ns - c->syn_ack_ns) / 2;
}

uint64_t timeline_svg(struct timeline_text *t, const struct ladder *l, const struct wt_connection *c, uint64_t max_rows,
                      struct out *o)
{
    struct out head, body;
    struct picture p = { .t = t, .l = l, .c = c, .o = &head };
    if (!choose_rows(&p, max_rows))
        return 0;
    out_init(&head, -1);
    out_init(&body, -1);
    find_distances(&p);
    double top = draw_head(&p) + TOP;
    place_rows(&p, top + ROW / 2);
    place_arrows(&p);
    p.o = &body;
    draw_life(&p, top);
    for (uint32_t i = 0; i < p.count; i++)
        draw_pause(&p, i);
    draw_time_wait(&p);
    for (uint32_t i = 0; i < p.count; i++) {
        draw_time(&p, i);
        if (!p.rows[i].line || p.rows[i].line->kind == LADDER_FOLD)
            draw_fold(&p, &p.rows[i]);
        else
            draw_segment(&p, i);
    }
    int height = (int)p.bottom + 40;
    out_format(o, "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"%d\" height=\"%d\" "
               "viewBox=\"0 0 %d %d\" role=\"img\">\n<title>", WIDTH, height, WIDTH, height);
    out_reset(&t->scratch);
    timeline_text_title(t, &t->scratch, l, c);
    svg_text(o, t->scratch.at, t->scratch.len);
    out_text(o, "</title>\n");
    out_text(o, style_sheet);
    out_format(o, "<rect class=\"ground\" width=\"%d\" height=\"%d\"/>\n", WIDTH, height);
    out_bytes(o, head.at, head.len);
    out_bytes(o, body.at, body.len);
    out_text(o, "</svg>\n");
    out_done(&head);
    out_done(&body);
    free(p.rows);
    return p.left_out;
}

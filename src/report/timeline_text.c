#include "timeline_text.h"

#include <string.h>

#include "base/i18n.h"
#include "depth_words.h"
#include "wiretale/dissector.h"

/* ---- pieces ---- */

static void styled(const struct timeline_text *t, struct out *o, enum style style, const char *text, size_t len)
{
    out_text(o, page_on(t->page, style));
    out_bytes(o, text, len);
    if (style != STYLE_PLAIN)
        out_text(o, page_off(t->page));
}

static enum style tone_style(enum words_tone tone)
{
    static const enum style styles[] = { [WORDS_PLAIN] = STYLE_PLAIN, [WORDS_GOOD] = STYLE_GOOD,
                                         [WORDS_NOTE] = STYLE_WARN, [WORDS_BAD] = STYLE_BAD };
    return styles[tone];
}

static struct words begin_words(struct timeline_text *t)
{
    out_reset(&t->scratch);
    return (struct words){ &t->scratch, t->page->utf8, &t->clock, t->time_wait_s };
}

#define READABLE 110u      /* columns of prose; longer lines tire the eye */
#define NO_WIDTH 1000000u

static unsigned page_width(const struct timeline_text *t)
{
    unsigned width = t->wide ? NO_WIDTH : t->page->width;
    return t->readable && width > READABLE ? READABLE : width;
}

size_t timeline_text_break(const char *text, size_t len, size_t columns)
{
    size_t used = 0, blank = 0, i = 0;
    while (i < len) {
        size_t next = i + 1;
        while (next < len && ((uint8_t)text[next] & 0xc0) == 0x80)
            next++;
        bool unit = i > 0 && text[i - 1] >= '0' && text[i - 1] <= '9';      /* "36.0 ms" stays together */
        if (text[i] == ' ' && !unit)
            blank = i;
        used += text_columns(text + i, next - i);
        if (used > columns)
            return blank ? blank : i ? i : next;
        i = next;
    }
    return len;
}

void timeline_text_wrapped(const struct timeline_text *t, struct out *o, enum style style, const char *text, size_t len,
                           unsigned first, unsigned indent)
{
    unsigned width = page_width(t);
    unsigned at = first;
    do {
        size_t room = width > at + 8 ? width - at : 8;
        size_t n = timeline_text_break(text, len, room);
        styled(t, o, style, text, n);
        out_char(o, '\n');
        while (n < len && text[n] == ' ')
            n++;
        text += n;
        len -= n;
        if (len)
            out_spaces(o, indent);
        at = indent;
    } while (len);
}

/* ---- addresses ---- */

static void endpoint(const struct timeline_text *t, struct out *o, const struct ladder *l, unsigned side)
{
    bool ports = l->protocol == 6 || l->protocol == 17;
    if (l->family == 6 && ports)
        out_char(o, '[');
    out_address(o, l->family, l->address[side]);
    if (l->family == 6 && ports)
        out_char(o, ']');
    if (ports) {
        out_char(o, ':');
        out_u64(o, l->port[side]);
    }
    const char *name = t->names ? names_find(t->names, l->family, l->address[side], l->start_ns) : NULL;
    if (name) {
        out_text(o, " (");
        out_safe(o, (struct wt_slice){ (const uint8_t *)name, strlen(name) });
        out_char(o, ')');
    }
}

static const char *protocol_name(unsigned protocol)
{
    switch (protocol) {
    case 1: return "ICMP";
    case 2: return "IGMP";
    case 6: return "TCP";
    case 17: return "UDP";
    case 58: return "ICMPv6";
    case 132: return "SCTP";
    default: return "IP";
    }
}

void timeline_text_title(struct timeline_text *t, struct out *o, const struct ladder *l, const struct wt_connection *c)
{
    out_format(o, l->protocol == 6 ? _("Connection %llu") : _("Conversation %llu"), (unsigned long long)l->number);
    out_text(o, "  ");
    out_text(o, protocol_name(l->protocol));
    if (strcmp(protocol_name(l->protocol), "IP") == 0) {
        out_char(o, ' ');
        out_u64(o, l->protocol);
    }
    out_text(o, "  ");
    endpoint(t, o, l, 0);
    out_char(o, ' ');
    out_text(o, page_glyph(t->page, GLYPH_ARROW_RIGHT));
    out_char(o, ' ');
    endpoint(t, o, l, 1);
    if (c && c->service) {
        out_text(o, "  ");
        out_text(o, c->service);
    }
    if (c && c->vlan) {
        out_text(o, "  VLAN ");
        out_u64(o, c->vlan - 1u);
    }
    if (c && c->scope)
        out_text(o, _("  (in a tunnel)"));
}

static void title(struct timeline_text *t, struct out *o, const struct ladder *l, const struct wt_connection *c)
{
    out_text(o, page_on(t->page, STYLE_HEADING));
    timeline_text_title(t, o, l, c);
    out_text(o, page_off(t->page));
    out_char(o, '\n');
}

static void facts(struct timeline_text *t, struct out *o, const struct ladder *l, const struct wt_connection *c)
{
    enum { INDENT = 2, HANG = 4 };
    struct words w = begin_words(t);
    value_time_of_day(&t->scratch, &t->clock, c->start_ns, 1, 6);
    out_char(&t->scratch, ' ');
    out_text(&t->scratch, t->clock.zone);
    out_text(&t->scratch, "  ");
    out_spaces(o, INDENT);
    size_t when = t->scratch.len;
    styled(t, o, STYLE_DIM, t->scratch.at, when);
    enum words_tone tone = words_outcome(&w, c);
    timeline_text_wrapped(t, o, tone_style(tone), t->scratch.at + when, t->scratch.len - when, (unsigned)(INDENT + when), HANG);

    w = begin_words(t);
    if (words_handshake(&w, c)) {
        out_spaces(o, INDENT);
        timeline_text_wrapped(t, o, STYLE_PLAIN, t->scratch.at, t->scratch.len, INDENT, HANG);
    }
    w = begin_words(t);
    words_amounts(&w, c);
    out_spaces(o, INDENT);
    timeline_text_wrapped(t, o, STYLE_PLAIN, t->scratch.at, t->scratch.len, INDENT, HANG);
    w = begin_words(t);
    if (words_time_wait(&w, c)) {
        out_spaces(o, INDENT);
        timeline_text_wrapped(t, o, STYLE_PLAIN, t->scratch.at, t->scratch.len, INDENT, HANG);
    }
    for (unsigned i = 0; w = begin_words(t), words_remark(&w, c, i); i++) {
        out_spaces(o, INDENT);
        timeline_text_wrapped(t, o, STYLE_WARN, t->scratch.at, t->scratch.len, INDENT, HANG);
    }
    if (l->given_up || l->hits_lines) {
        w = begin_words(t);
        words_given_up(&w, !l->given_up);
        out_spaces(o, INDENT);
        timeline_text_wrapped(t, o, STYLE_WARN, t->scratch.at, t->scratch.len, INDENT, HANG);
    }
}

/* ---- the columns of a ladder ---- */

struct layout {
    bool tcp;
    unsigned left;            /* columns used before the time */
    unsigned time, state[2], arrow, seq, ack, len, window, frame;
    unsigned words;           /* where the words begin, on the same line; 0: on a line of their own */
};

static unsigned digits(uint64_t n)
{
    unsigned d = 1;
    for (; n >= 10; n /= 10)
        d++;
    return d;
}

static void widen(unsigned *width, size_t n)
{
    if (n > *width)
        *width = (unsigned)n;
}

void timeline_text_time(struct timeline_text *t, struct out *o, const struct ladder *l, int64_t since, int64_t before)
{
    int64_t now = l->start_ns + since;
    switch (t->time) {
    case COLUMNS_TIME_RELATIVE: out_seconds(o, since, t->time_digits); break;
    case COLUMNS_TIME_DELTA: case COLUMNS_TIME_DELTA_DISPLAYED: out_seconds(o, since - before, t->time_digits); break;
    case COLUMNS_TIME_EPOCH: out_seconds(o, now, t->time_digits); break;
    case COLUMNS_TIME_ABSOLUTE: case COLUMNS_TIME_UTC:
        value_time_of_day(o, &t->clock, now, 0, t->time_digits);
        break;
    case COLUMNS_TIME_DATE: case COLUMNS_TIME_UTC_DATE:
        value_time_of_day(o, &t->clock, now, 1, t->time_digits);
        break;
    case COLUMNS_TIME_DAY_OF_YEAR: case COLUMNS_TIME_UTC_DAY_OF_YEAR:
        value_time_of_day(o, &t->clock, now, 2, t->time_digits);
        break;
    }
}

static unsigned time_width(struct timeline_text *t, const struct ladder *l, int64_t since)
{
    char room[48];
    struct out o = out_fixed(room, sizeof room);
    timeline_text_time(t, &o, l, since, 0);
    return (unsigned)o.len;
}

const char *timeline_text_label(const struct ladder *l, const struct ladder_line *line, char text[48])
{
    if (line->kind == LADDER_ICMP)
        return "ICMP";
    if (line->kind == LADDER_DATAGRAM)
        return protocol_name(l->protocol);
    words_flags(line->flags, text);
    return text;
}

static bool has_ack(const struct ladder_line *line)
{
    return line->kind == LADDER_SEGMENT && line->flags & WT_FLAG_ACK;
}

#define ARROW_LEAST 11

static void widen_to(unsigned *width, const char *head)
{
    widen(width, text_columns(head, strlen(head)));
}

static void widen_heads(struct layout *y)
{
    widen_to(&y->time, _("time"));
    widen_to(&y->len, _("len"));
    widen_to(&y->frame, _("frame"));
    if (!y->tcp)
        return;
    widen_to(&y->state[0], _("client"));
    widen_to(&y->state[1], _("server"));
    widen_to(&y->seq, _("seq"));
    widen_to(&y->ack, _("ack"));
    widen_to(&y->window, _("win"));
}

static struct layout measure(struct timeline_text *t, const struct ladder *l, int64_t end_since)
{
    struct layout y = { .tcp = l->protocol == 6, .time = 8, .arrow = ARROW_LEAST };
    widen(&y.time, time_width(t, l, end_since));
    widen_heads(&y);
    for (uint32_t i = 0; i < l->count; i++) {
        const struct ladder_line *line = &l->lines[i];
        char flags[48];
        widen(&y.time, time_width(t, l, line->since_ns));
        if (line->kind == LADDER_FOLD)
            continue;
        widen(&y.arrow, strlen(timeline_text_label(l, line, flags)) + 6);
        widen(&y.frame, 1 + digits(line->frame));
        widen(&y.len, digits(line->len));
        for (unsigned side = 0; y.tcp && side < 2; side++)
            widen(&y.state[side], strlen(wt_tcp_state_name((enum wt_tcp_state)line->state[side])));
        if (line->kind != LADDER_SEGMENT)
            continue;
        widen(&y.seq, digits(line->seq));
        widen(&y.ack, has_ack(line) ? digits(line->ack) : 0);
        widen(&y.window, digits(line->window));
    }
    return y;
}

/* Where words have at least this room, they stand beside the segment; else below it. */
#define WORDS_LEAST 30

static void place_words(struct timeline_text *t, struct layout *y)
{
    unsigned at = y->left + y->time + 2 + y->arrow + (y->tcp ? 1 : 2) + y->len + 1 + y->frame + 2;
    if (y->tcp)
        at += y->state[0] + 1 + y->state[1] + 1 + y->seq + 1 + y->ack + 1 + y->window + 2;
    y->words = at + WORDS_LEAST <= page_width(t) ? at : 0;
}

static void cell(struct timeline_text *t, struct out *o, enum style style, const char *text, unsigned width,
                 bool right, unsigned gap)
{
    size_t have = text_columns(text, strlen(text));
    size_t pad = have < width ? width - have : 0;
    if (right)
        out_spaces(o, pad);
    styled(t, o, style, text, strlen(text));
    out_spaces(o, (right ? 0 : pad) + gap);
}

static void number_cell(struct timeline_text *t, struct out *o, bool shown, uint64_t n, unsigned width, unsigned gap)
{
    char text[24];
    struct out number = out_fixed(text, sizeof text - 1);
    if (shown)
        out_u64(&number, n);
    text[number.len] = '\0';
    cell(t, o, STYLE_PLAIN, text, width, true, gap);
}

/* "── SYN ACK ──→" or "←── SYN ACK ──" */
static void arrow(struct timeline_text *t, struct out *o, const char *label, unsigned side, unsigned width)
{
    const char *rule = page_glyph(t->page, GLYPH_RULE);
    bool right = side == 0;
    size_t named = strlen(label) ? strlen(label) + 2 : 0;
    unsigned head = t->page->utf8 ? 1 : 2;
    size_t rules = width > named + head ? width - named - head : 0;
    size_t tail = rules / 3 ? rules / 3 : rules > 1;
    size_t before = right ? tail : rules - tail;
    out_text(o, page_on(t->page, right ? STYLE_CLIENT : STYLE_SERVER));
    if (!right)
        out_text(o, page_glyph(t->page, GLYPH_ARROW_LEFT));
    for (size_t i = 0; i < before; i++)
        out_text(o, rule);
    if (named) {
        out_char(o, ' ');
        out_text(o, label);
        out_char(o, ' ');
    }
    for (size_t i = before; i < rules; i++)
        out_text(o, rule);
    if (right)
        out_text(o, page_glyph(t->page, GLYPH_ARROW_RIGHT));
    out_text(o, page_off(t->page));
}

static void heads(struct timeline_text *t, struct out *o, const struct layout *y)
{
    cell(t, o, STYLE_DIM, _("time"), y->time, true, 2);
    if (y->tcp) {
        cell(t, o, STYLE_DIM, _("client"), y->state[0], false, 1);
        out_spaces(o, y->arrow + 1);
        cell(t, o, STYLE_DIM, _("server"), y->state[1], false, 1);
        cell(t, o, STYLE_DIM, _("seq"), y->seq, true, 1);
        cell(t, o, STYLE_DIM, _("ack"), y->ack, true, 1);
    } else {
        out_spaces(o, y->arrow + 2);
    }
    cell(t, o, STYLE_DIM, _("len"), y->len, true, 1);
    if (y->tcp)
        cell(t, o, STYLE_DIM, _("win"), y->window, true, 2);
    cell(t, o, STYLE_DIM, _("frame"), 0, false, 0);
    out_char(o, '\n');
}

static void time_cell(struct timeline_text *t, struct out *o, const struct ladder *l, const struct layout *y,
                      int64_t since, int64_t before)
{
    char room[48];
    struct out text = out_fixed(room, sizeof room - 1);
    timeline_text_time(t, &text, l, since, before);
    room[text.len] = '\0';
    cell(t, o, STYLE_PLAIN, room, y->time, true, 2);
}

static void state_cell(struct timeline_text *t, struct out *o, const struct layout *y, const struct ladder_line *line,
                       unsigned side)
{
    bool changed = line->before[side] != line->state[side];
    cell(t, o, changed ? STYLE_PLAIN : STYLE_DIM, wt_tcp_state_name((enum wt_tcp_state)line->state[side]),
         y->state[side], false, 1);
}

static void fold_line(struct timeline_text *t, struct out *o, const struct ladder *l, const struct layout *y,
                      const struct ladder_line *line, int64_t before)
{
    time_cell(t, o, l, y, line->since_ns, before);
    struct words w = begin_words(t);
    const char *dots = t->page->utf8 ? "\xe2\x80\xa6" : "...";
    out_text(&t->scratch, dots);
    out_char(&t->scratch, ' ');
    words_fold(&w, l, line);
    out_format(&t->scratch, _(", #%llu to #%llu, "), (unsigned long long)line->frame, (unsigned long long)line->last_frame);
    words_duration(&w, line->last_ns - line->since_ns);
    out_char(&t->scratch, ' ');
    out_text(&t->scratch, dots);
    unsigned at = y->left + y->time + 2;
    timeline_text_wrapped(t, o, STYLE_DIM, t->scratch.at, t->scratch.len, at, at + 2);
}

static void one_line(struct timeline_text *t, struct out *o, const struct ladder *l, const struct layout *y,
                     const struct ladder_line *line, int64_t before)
{
    if (line->kind == LADDER_FOLD) {
        fold_line(t, o, l, y, line, before);
        return;
    }
    char flags[48];
    bool segment = line->kind == LADDER_SEGMENT;
    time_cell(t, o, l, y, line->since_ns, before);
    if (y->tcp)
        state_cell(t, o, y, line, 0);
    /* An ICMP error goes back to the sender of what it quotes. */
    arrow(t, o, timeline_text_label(l, line, flags), line->kind == LADDER_ICMP ? line->side ^ 1u : line->side, y->arrow);
    out_spaces(o, y->tcp ? 1 : 2);
    if (y->tcp) {
        state_cell(t, o, y, line, 1);
        number_cell(t, o, segment, line->seq, y->seq, 1);
        number_cell(t, o, has_ack(line), line->ack, y->ack, 1);
    }
    number_cell(t, o, line->kind != LADDER_ICMP, line->len, y->len, 1);
    if (y->tcp)
        number_cell(t, o, segment, line->window, y->window, 2);
    char frame[24] = "#";
    struct out number = out_fixed(frame + 1, sizeof frame - 2);
    out_u64(&number, line->frame);
    frame[1 + number.len] = '\0';
    struct words w = begin_words(t);
    enum words_tone tone = words_line(&w, l, line);
    if (!t->scratch.len) {
        styled(t, o, STYLE_DIM, frame, strlen(frame));
        out_char(o, '\n');
        return;
    }
    cell(t, o, STYLE_DIM, frame, y->words ? y->frame : 0, false, y->words ? 2 : 0);
    unsigned indent = y->words ? y->words : y->left + y->time + 4;
    if (!y->words) {
        out_char(o, '\n');
        out_spaces(o, indent);
    }
    timeline_text_wrapped(t, o, tone_style(tone), t->scratch.at, t->scratch.len, indent, indent);
}

static void last_line(struct timeline_text *t, struct out *o, const struct ladder *l, const struct layout *y,
                      const struct wt_connection *c)
{
    if (c->protocol != 6 || c->time_wait.holder > 2 || c->time_wait.ended == TIME_WAIT_GOES_ON)
        return;
    int64_t last = l->count ? l->lines[l->count - 1].last_ns : 0;
    if (c->time_wait.ended == WT_END_CAPTURE)
        cell(t, o, STYLE_PLAIN, "", y->time, true, 2);
    else
        time_cell(t, o, l, y, c->time_wait.end_ns - l->start_ns, last);
    struct words w = begin_words(t);
    words_time_wait_end(&w, c);
    timeline_text_wrapped(t, o, STYLE_DIM, t->scratch.at, t->scratch.len, y->time + 2, y->time + 4);
}

static int64_t end_of(const struct ladder *l, const struct wt_connection *c)
{
    int64_t end = c->end_ns;
    if (c->protocol == 6 && c->time_wait.holder <= 2 && c->time_wait.ended != WT_END_CAPTURE
        && c->time_wait.ended != TIME_WAIT_GOES_ON && c->time_wait.end_ns > end)
        end = c->time_wait.end_ns;
    return end - l->start_ns;
}

static void summary(struct timeline_text *t, struct out *o, const struct wt_analysis *analysis, unsigned indent)
{
    for (unsigned side = 0; analysis && side < 2; side++) {
        struct words w;
        enum depth_topic topic;
        for (unsigned i = 0; w = begin_words(t), depth_words_summary(&w, analysis, side, i, &topic); i++) {
            out_spaces(o, indent);
            timeline_text_wrapped(t, o, STYLE_PLAIN, t->scratch.at, t->scratch.len, indent, indent + 2);
            timeline_text_explain_topic(t, o, topic, indent + 2);
        }
    }
}

void timeline_text_ladder(struct timeline_text *t, const struct ladder *l, const struct wt_connection *c,
                          const struct wt_analysis *analysis, struct out *o)
{
    title(t, o, l, c);
    facts(t, o, l, c);
    struct layout y = measure(t, l, end_of(l, c));
    place_words(t, &y);
    if (l->count)
        heads(t, o, &y);
    int64_t before = 0;
    for (uint32_t i = 0; i < l->count; i++) {
        one_line(t, o, l, &y, &l->lines[i], before);
        timeline_text_explain(t, o, l, &l->lines[i], y.left + y.time + 2);
        before = l->lines[i].last_ns;
    }
    last_line(t, o, l, &y, c);
    summary(t, o, analysis, 2);
    out_char(o, '\n');
}

/* ---- line by line ---- */

static struct layout fixed_layout(struct timeline_text *t, const struct ladder *l)
{
    struct layout y = { .tcp = l->protocol == 6, .left = 5, .time = 10, .arrow = 14, .len = 5, .frame = 6 };
    widen(&y.time, time_width(t, l, 0));
    if (y.tcp) {
        y.state[0] = y.state[1] = 12;
        y.seq = y.ack = 8;
        y.window = 7;
    }
    place_words(t, &y);
    return y;
}

static void prefix(struct timeline_text *t, struct out *o, const struct ladder *l)
{
    char text[24];
    struct out number = out_fixed(text, sizeof text - 1);
    out_u64(&number, l->number);
    text[number.len] = '\0';
    cell(t, o, STYLE_STRONG, text, 4, true, 1);
}

void timeline_text_begin(struct timeline_text *t, const struct ladder *l, struct out *o)
{
    title(t, o, l, NULL);
}

void timeline_text_line(struct timeline_text *t, const struct ladder *l, const struct ladder_line *line,
                        struct out *o)
{
    struct layout y = fixed_layout(t, l);
    prefix(t, o, l);
    one_line(t, o, l, &y, line, 0);
    timeline_text_explain(t, o, l, line, y.left + y.time + 2);
}

void timeline_text_end(struct timeline_text *t, const struct ladder *l, const struct wt_connection *c,
                       const struct wt_analysis *analysis, struct out *o)
{
    prefix(t, o, l);
    struct words w = begin_words(t);
    enum words_tone tone = words_outcome(&w, c);
    out_text(&t->scratch, "; ");
    words_amounts(&w, c);
    timeline_text_wrapped(t, o, tone_style(tone), t->scratch.at, t->scratch.len, 5, 5);
    summary(t, o, analysis, 5);
}

/* The rules behind a line of a ladder, as paragraphs below it. */
#include <string.h>

#include "ladder_texts.h"
#include "timeline_text.h"
#include "wiretale/connection.h"

static void title_of(struct timeline_text *t, const struct ladder_line *line, const struct explained *what)
{
    if (what->side > 1) {
        out_text(&t->scratch, tr(what->e->title));
        return;
    }
    out_text(&t->scratch, words_side(what->side));
    out_char(&t->scratch, ' ');
    out_text(&t->scratch, wt_tcp_state_name((enum wt_tcp_state)line->before[what->side]));
    out_char(&t->scratch, ' ');
    out_text(&t->scratch, page_glyph(t->page, GLYPH_ARROW_RIGHT));
    out_char(&t->scratch, ' ');
    out_text(&t->scratch, wt_tcp_state_name((enum wt_tcp_state)line->state[what->side]));
}

/* line: of an arrow of the state machine; else it may be NULL.
 * "> duplicate ACK: The receiver got … (RFC 5681, sections 2 and 3.2)" */
static void paragraph(struct timeline_text *t, struct out *o, const struct ladder_line *line, const struct explained *what,
                      unsigned at)
{
    enum { HANG = 2 };
    out_reset(&t->scratch);
    title_of(t, line, what);
    unsigned named = (unsigned)text_columns(t->scratch.at, t->scratch.len);
    out_spaces(o, at);
    out_text(o, page_on(t->page, STYLE_DIM));
    out_text(o, "> ");
    out_text(o, page_off(t->page));
    out_text(o, page_on(t->page, STYLE_STRONG));
    out_bytes(o, t->scratch.at, t->scratch.len);
    out_text(o, page_off(t->page));
    out_reset(&t->scratch);
    out_text(&t->scratch, ": ");
    if (!what->brief) {
        out_text(&t->scratch, tr(what->e->text));
        out_text(&t->scratch, " (");
        out_text(&t->scratch, tr(what->e->source));
        out_char(&t->scratch, ')');
    } else {
        struct words w = { &t->scratch, t->page->utf8, &t->clock, 0 };
        words_say(&w, W_AS_ABOVE, tr(what->e->source), NULL, NULL);
    }
    timeline_text_wrapped(t, o, STYLE_PLAIN, t->scratch.at, t->scratch.len, at + HANG + named, at + HANG);
}

void timeline_text_explain_topic(struct timeline_text *t, struct out *o, unsigned topic, unsigned at)
{
    struct explained what;
    if (!t->said || !explain_topic(topic, t->said, &what))
        return;
    t->readable = true;
    paragraph(t, o, NULL, &what, at);
    t->readable = false;
}

void timeline_text_explain(struct timeline_text *t, struct out *o, const struct ladder *l, const struct ladder_line *line,
                           unsigned at)
{
    if (!t->said)
        return;
    struct explained what[EXPLAIN_LINE_MOST];
    t->readable = true;
    unsigned count = explain_line(line, l->protocol == 6, t->said, what);
    for (unsigned i = 0; i < count; i++)
        paragraph(t, o, line, &what[i], at);
    t->readable = false;
}

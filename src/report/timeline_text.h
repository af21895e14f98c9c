/* A ladder as text. One thread. */
#ifndef REPORT_TIMELINE_TEXT_H
#define REPORT_TIMELINE_TEXT_H

#include "columns.h"
#include "explain.h"
#include "ladder.h"
#include "ladder_words.h"
#include "names.h"
#include "style.h"

struct timeline_text {
    const struct page *page;          /* borrowed: width, colour, UTF-8 */
    bool wide;
    bool readable;                    /* prose: not wider than can be read, also where lines are not broken */
    enum columns_time time;
    unsigned time_digits;
    struct value_clock clock;
    uint64_t time_wait_s;
    struct ladder_said *said;         /* what was explained in this ladder; NULL: nothing is explained */
    const struct names *names;        /* NULL: numbers only */
    struct out scratch;
};

/* The whole ladder of a connection that has ended. analysis: NULL: none. */
void timeline_text_ladder(struct timeline_text *t, const struct ladder *l, const struct wt_connection *c,
                          const struct wt_analysis *analysis, struct out *o);

/* Line by line: when it begins, a line of it, when it has ended. */
void timeline_text_begin(struct timeline_text *t, const struct ladder *l, struct out *o);
void timeline_text_line(struct timeline_text *t, const struct ladder *l, const struct ladder_line *line,
                        struct out *o);
void timeline_text_end(struct timeline_text *t, const struct ladder *l, const struct wt_connection *c,
                       const struct wt_analysis *analysis, struct out *o);

/* Text from column `first` on, further lines at `indent`. Ends its last line. Broken at blanks to fit the page;
 * t->readable: to fit what can be read, too. */
void timeline_text_wrapped(const struct timeline_text *t, struct out *o, enum style style, const char *text, size_t len,
                           unsigned first, unsigned indent);
/* Bytes of the first line of `text` that fit `columns`, broken at a blank where there is one. */
size_t timeline_text_break(const char *text, size_t len, size_t columns);

/* Pieces of a ladder that its picture shows, too. */
void timeline_text_title(struct timeline_text *t, struct out *o, const struct ladder *l, const struct wt_connection *c);
void timeline_text_time(struct timeline_text *t, struct out *o, const struct ladder *l, int64_t since, int64_t before);
const char *timeline_text_label(const struct ladder *l, const struct ladder_line *line, char text[48]);

/* timeline_explain.c: the rules behind a line, below it, from column `at` on. */
void timeline_text_explain(struct timeline_text *t, struct out *o, const struct ladder *l, const struct ladder_line *line,
                           unsigned at);
/* The same for a line below the ladder; topic: enum depth_topic. */
void timeline_text_explain_topic(struct timeline_text *t, struct out *o, unsigned topic, unsigned at);

#endif

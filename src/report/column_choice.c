#include "column_choice.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "fields.h"

#define COLUMNS_MOST 64
#define FIELDS_MOST 128
#define FIELDS_A_COLUMN 4

enum { PLAIN, RIGHT_5, RIGHT_10, SOURCE, DESTINATION };    /* how tshark pads it */

/* tshark's letters, and the fields that they stand for: the first that is there. */
static const struct { const char *format; uint8_t pad; const char *fields[2]; } formats[] = {
    { "%m", RIGHT_5, { "frame.number" } },            { "%t", RIGHT_10, { "_ws.col.Time" } },
    { "%Rt", RIGHT_10, { "frame.time_relative" } },   { "%Tt", RIGHT_10, { "frame.time_delta" } },
    { "%At", RIGHT_10, { "frame.time" } },            { "%Yt", RIGHT_10, { "frame.time" } },
    { "%s", SOURCE, { "_ws.col.Source" } },           { "%rs", SOURCE, { "_ws.col.Source" } },
    { "%us", SOURCE, { "_ws.col.Source" } },          { "%d", DESTINATION, { "_ws.col.Destination" } },
    { "%rd", DESTINATION, { "_ws.col.Destination" } }, { "%ud", DESTINATION, { "_ws.col.Destination" } },
    { "%S", PLAIN, { "tcp.srcport", "udp.srcport" } }, { "%D", PLAIN, { "tcp.dstport", "udp.dstport" } },
    { "%uS", PLAIN, { "tcp.srcport", "udp.srcport" } }, { "%uD", PLAIN, { "tcp.dstport", "udp.dstport" } },
    { "%hs", SOURCE, { "eth.src" } },                 { "%hd", DESTINATION, { "eth.dst" } },
    { "%uhs", SOURCE, { "eth.src" } },                { "%uhd", DESTINATION, { "eth.dst" } },
    { "%ns", SOURCE, { "ip.src", "ipv6.src" } },      { "%nd", DESTINATION, { "ip.dst", "ipv6.dst" } },
    { "%uns", SOURCE, { "ip.src", "ipv6.src" } },     { "%und", DESTINATION, { "ip.dst", "ipv6.dst" } },
    { "%p", PLAIN, { "_ws.col.Protocol" } },          { "%L", PLAIN, { "frame.len" } },
    { "%i", PLAIN, { "_ws.col.Info" } },              { "%q", PLAIN, { "vlan.id" } },
    { "%f", PLAIN, { "ip.dsfield.dscp", "ipv6.tclass.dscp" } },
};

struct column {
    uint8_t pad;
    char layer;                          /* of an address: 'h' hardware, 'n' network, 0 either; arrows join the same only */
    uint8_t field_count;
    uint16_t fields[FIELDS_A_COLUMN];    /* places in `fields` */
    int occurrence;                      /* 0: all; 1: the first; -1: the last */
};

struct column_choice {
    char *text;                          /* owned; names point into it */
    const char *names[FIELDS_MOST];
    unsigned name_count, column_count;
    struct column columns[COLUMNS_MOST];
    struct fields *fields;               /* owned */
};

void column_choice_free(struct column_choice *c)
{
    if (!c)
        return;
    fields_free(c->fields);
    free(c->text);
    free(c);
}

static int add_field(struct column_choice *c, struct column *to, const char *name, struct wt_error *err)
{
    if (c->name_count == FIELDS_MOST || to->field_count == FIELDS_A_COLUMN)
        return wt_fail(err, -E2BIG, "gui.column.format: more than %d fields in a column, or %d in all", FIELDS_A_COLUMN, FIELDS_MOST);
    to->fields[to->field_count++] = (uint16_t)c->name_count;
    c->names[c->name_count++] = name;
    return 0;
}

/* "Cus:a || b:0:R": fields, which occurrence, resolved or not. */
static int add_custom(struct column_choice *c, struct column *to, char *custom, struct wt_error *err)
{
    char *more = strchr(custom, ':');
    if (more) {
        *more = '\0';
        to->occurrence = (int)strtol(more + 1, NULL, 10);
    }
    for (char *save = NULL, *name = strtok_r(custom, "| ", &save); name; name = strtok_r(NULL, "| ", &save)) {
        int code = strcmp(name, "or") == 0 ? 0 : add_field(c, to, name, err);
        if (code < 0)
            return code;
    }
    return to->field_count ? 0 : wt_fail(err, -EINVAL, "gui.column.format: a custom column without a field");
}

static int add_column(struct column_choice *c, char *format, struct wt_error *err)
{
    if (c->column_count == COLUMNS_MOST)
        return wt_fail(err, -E2BIG, "gui.column.format: more than %d columns", COLUMNS_MOST);
    struct column *to = &c->columns[c->column_count++];
    *to = (struct column){ .pad = PLAIN };
    if (strncmp(format, "%Cus:", 5) == 0)
        return add_custom(c, to, format + 5, err);
    for (size_t i = 0; i < sizeof formats / sizeof formats[0]; i++) {
        if (strcmp(formats[i].format, format) != 0)
            continue;
        to->pad = formats[i].pad;
        to->layer = strchr(format, 'h') ? 'h' : strchr(format, 'n') ? 'n' : '\0';
        int code = add_field(c, to, formats[i].fields[0], err);
        return code == 0 && formats[i].fields[1] ? add_field(c, to, formats[i].fields[1], err) : code;
    }
    return wt_fail(err, -EINVAL, "gui.column.format: nobody knows '%s'; there are %%m %%t %%s %%d %%S %%D %%p %%L %%i %%hs %%hd %%ns %%nd "
                   "%%q %%f %%Rt %%Tt %%At and %%Cus:FIELD:OCCURRENCE", format);
}

/* The next word, with or without quotes; *at moves behind its comma. NULL: no more. */
static char *next_word(char **at)
{
    char *p = *at + strspn(*at, " ");
    if (!*p)
        return NULL;
    bool quoted = *p == '"';
    char *word = quoted ? ++p : p;
    p += strcspn(p, quoted ? "\"" : ",");
    if (quoted && *p) {
        *p++ = '\0';
        p += strcspn(p, ",");
    }
    if (*p)
        *p++ = '\0';
    *at = p;
    return word;
}

static int parse(struct column_choice *c, struct wt_error *err)
{
    char *at = c->text, *title;
    while ((title = next_word(&at))) {
        char *format = next_word(&at);
        if (!format)
            return wt_fail(err, -EINVAL, "gui.column.format: '%s' has no format behind it: \"Title\",\"%%m\",…", title);
        int code = add_column(c, format, err);
        if (code < 0)
            return code;
    }
    return c->column_count ? 0 : wt_fail(err, -EINVAL, "gui.column.format: no column; for example \"No.\",\"%%m\",\"Info\",\"%%i\"");
}

struct column_choice *column_choice_new(const char *text, struct columns *columns, struct wt_error *err)
{
    struct column_choice *c = calloc(1, sizeof *c);
    if (!c || !(c->text = strdup(text))) {
        wt_fail(err, -ENOMEM, "not enough memory");
        column_choice_free(c);
        return NULL;
    }
    if (parse(c, err) == 0) {
        const struct fields_options options = { .names = c->names, .count = c->name_count, .aggregator = FIELDS_BETWEEN, .safe = true };
        c->fields = fields_new(&options, columns, err);
    }
    if (c->fields)
        return c;
    column_choice_free(c);
    return NULL;
}

/* ---- a line ---- */

/* All values with commas between them, or the n-th from the front or the back. */
static void add_occurrence(struct wt_slice values, int occurrence, struct out *o)
{
    const uint8_t *at = values.at, *end = values.at + values.len;
    int count = 1, n = 0;
    for (const uint8_t *p = at; p < end; p++)
        count += *p == FIELDS_BETWEEN;
    int wanted = occurrence < 0 ? count + occurrence : occurrence - 1;
    for (const uint8_t *p = at; p <= end; p++) {
        if (p < end && *p != FIELDS_BETWEEN)
            continue;
        if (occurrence == 0 && n)
            out_char(o, ',');
        if (occurrence == 0 || n == wanted)
            out_bytes(o, (const char *)at, (size_t)(p - at));
        at = p + 1;
        n++;
    }
}

static void add_cell(const struct column_choice *c, const struct column *column, struct out *o)
{
    for (unsigned i = 0; i < column->field_count; i++) {
        struct wt_slice values;
        if (!fields_cell(c->fields, column->fields[i], &values) || !values.at || !values.len)
            continue;
        add_occurrence(values, column->occurrence, o);
        return;
    }
}

static void pad(struct out *o, size_t from, const struct column *column)
{
    size_t width = column->pad == RIGHT_5 ? 5 : column->pad == RIGHT_10 ? 10 : column->pad == PLAIN ? 0 : 12, len = o->len - from;
    if (len >= width || !out_room(o, width))
        return;
    out_spaces(o, width - len);
    if (column->pad == DESTINATION)
        return;
    memmove(o->at + from + width - len, o->at + from, len);
    memset(o->at + from, ' ', width - len);
}

void column_choice_line(struct column_choice *c, const struct wt_packet_view *view, char separator, struct out *o)
{
    fields_read(c->fields, view);
    for (unsigned i = 0; i < c->column_count; i++) {
        size_t from = o->len;
        const struct column *this = &c->columns[i], *after = i + 1 < c->column_count ? &c->columns[i + 1] : NULL;
        add_cell(c, this, o);
        pad(o, from, this);
        if (!after)
            return;
        out_char(o, separator);
        bool ends = this->pad >= SOURCE && after->pad >= SOURCE && this->pad != after->pad && this->layer == after->layer;
        if (ends) {
            out_text(o, this->pad == SOURCE ? "\xe2\x86\x92" : "\xe2\x86\x90");
            out_char(o, separator);
        }
    }
}

#include "report/field_list.h"

#include <inttypes.h>
#include <string.h>
#include <strings.h>

#include "wiretale/filter.h"

/* A table of fields and whose they are. */
struct family {
    const char *name, *title, *references;
    const struct wt_field *fields;
    unsigned count;
};

static unsigned family_count(void)
{
    return wt_dissector_count() + 2;
}

static struct family family_at(unsigned i)
{
    struct family f = { 0 };
    if (i == 0) {
        f = (struct family){ "frame", "Frame", NULL, NULL, 0 };
        f.fields = wt_frame_fields(&f.count);
    } else if (i == 1) {
        f = (struct family){ "conn", "Connections and conversations", NULL, NULL, 0 };
        f.fields = wt_connection_fields(&f.count);
    } else {
        const struct wt_dissector *d = wt_dissector_at(i - 2);
        f = (struct family){ d->name, d->title, d->references, d->fields, d->field_count };
    }
    return f;
}

static const char *type_name(const struct wt_field *f)
{
    static const char *const names[] = {
        [WT_NONE] = "presence", [WT_BOOL] = "truth value", [WT_UINT8] = "number, 8 bits", [WT_UINT16] = "number, 16 bits",
        [WT_UINT24] = "number, 24 bits", [WT_UINT32] = "number, 32 bits", [WT_UINT64] = "number, 64 bits",
        [WT_INT32] = "signed number, 32 bits", [WT_INT64] = "signed number, 64 bits", [WT_IPV4] = "IPv4 address",
        [WT_IPV6] = "IPv6 address", [WT_ETHER] = "Ethernet address", [WT_BYTES] = "bytes", [WT_STRING] = "text",
        [WT_TIME] = "time", [WT_DURATION] = "seconds", [WT_FRAMENUM] = "frame number", [WT_PROTOCOL] = "protocol",
    };
    return f->type < sizeof names / sizeof names[0] && names[f->type] ? names[f->type] : "text";
}

static bool contains(const char *text, const char *part)
{
    return text && strcasestr(text, part) != NULL;
}

/* A protocol's own name shows it whole; another word is looked for in names and labels. */
static bool shown(const struct family *family, const struct wt_field *field, const char *pattern, bool whole)
{
    if (!pattern)
        return true;
    if (whole)
        return strcmp(family->name, pattern) == 0;
    return contains(field->name, pattern) || contains(field->label, pattern);
}

static bool is_family(const char *pattern)
{
    for (unsigned i = 0; pattern && i < family_count(); i++)
        if (strcmp(family_at(i).name, pattern) == 0)
            return true;
    return false;
}

static void print_values(const struct page *p, const struct wt_value_name *names)
{
    char line[1024];
    struct wt_text t = { line, sizeof line, 0, false };
    unsigned n = 0;
    for (; names->name && n < 24; names++, n++)
        wt_text_add(&t, "%s%" PRIu64 " %s", n ? ", " : "Values: ", names->value, names->name);
    if (names->name)
        wt_text_add(&t, ", and more");
    fputs("      ", p->to);
    page_wrap(p, STYLE_DIM, line, 6, 6);
    fputc('\n', p->to);
}

static void print_text(const struct page *p, const struct wt_field *f)
{
    fputs("  ", p->to);
    page_add(p, STYLE_STRONG, "%s", f->name);
    page_add(p, STYLE_DIM, "  %s", type_name(f));
    fprintf(p->to, "  %s\n", f->label ? f->label : "");
    if (f->meaning && *f->meaning && (!f->label || strcmp(f->meaning, f->label) != 0)) {
        fputs("      ", p->to);
        page_wrap(p, STYLE_PLAIN, f->meaning, 6, 6);
        fputc('\n', p->to);
    }
    if (f->names && f->names->name)
        print_values(p, f->names);
}

static void print_markdown_cell(FILE *to, const char *text)
{
    for (; text && *text; text++)
        fputs(*text == '|' ? "\\|" : (char[]){ *text, '\0' }, to);
}

static void print_markdown(const struct page *p, const struct wt_field *f)
{
    fprintf(p->to, "| `%s` | %s | ", f->name, type_name(f));
    print_markdown_cell(p->to, f->label);
    fputs(" | ", p->to);
    print_markdown_cell(p->to, f->meaning);
    fputs(" |\n", p->to);
}

static void print_heading(const struct page *p, const struct family *family, enum field_list_format format)
{
    if (format == FIELD_LIST_MARKDOWN) {
        fprintf(p->to, "\n## %s: %s\n\n", family->name, family->title);
        if (family->references)
            fprintf(p->to, "%s\n\n", family->references);
        fputs("| field | type | label | meaning |\n| --- | --- | --- | --- |\n", p->to);
    } else if (format == FIELD_LIST_TEXT) {
        page_add(p, STYLE_HEADING, "%s", family->name);
        fprintf(p->to, "  %s", family->title);
        if (family->references)
            page_add(p, STYLE_DIM, "  %s", family->references);
        fputc('\n', p->to);
    }
}

/* Tables may hold a name twice (a value and its heading): the first stands for both. */
static bool repeated(const struct family *family, unsigned i)
{
    for (unsigned k = 0; k < i; k++)
        if (strcmp(family->fields[k].name, family->fields[i].name) == 0)
            return true;
    return false;
}

unsigned field_list_print(const struct page *p, const char *pattern, enum field_list_format format)
{
    unsigned total = 0;
    bool whole = is_family(pattern);
    for (unsigned k = 0; k < family_count(); k++) {
        struct family family = family_at(k);
        unsigned n = 0;
        for (unsigned i = 0; i < family.count; i++) {
            const struct wt_field *f = &family.fields[i];
            if (!shown(&family, f, pattern, whole) || repeated(&family, i))
                continue;
            if (n++ == 0)
                print_heading(p, &family, format);
            if (format == FIELD_LIST_NAMES)
                fprintf(p->to, "%s\n", f->name);
            else if (format == FIELD_LIST_MARKDOWN)
                print_markdown(p, f);
            else
                print_text(p, f);
        }
        if (n && format == FIELD_LIST_TEXT)
            fputc('\n', p->to);
        total += n;
    }
    return total;
}

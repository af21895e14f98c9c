#include <string.h>

#include "base/i18n.h"
#include "cli/commands.h"
#include "cli/run.h"
#include "report/field_list.h"

static int fields_run(const struct options *o)
{
    struct page page;
    const char *pattern = o->word_count ? o->words[0] : NULL;
    enum field_list_format format = FIELD_LIST_TEXT;
    if (o->format && strcmp(o->format, "markdown") == 0)
        format = FIELD_LIST_MARKDOWN;
    else if (o->format && strcmp(o->format, "names") == 0)
        format = FIELD_LIST_NAMES;
    else if (o->format && strcmp(o->format, "text") != 0) {
        complain("`fields` has no format '%s': text, names or markdown", o->format);
        return STATUS_USAGE;
    }
    page_init(&page, stdout, o->colour, o->wide ? 10000 : 0);
    if (field_list_print(&page, pattern, format) == 0) {
        complain("no field has '%s' in its name or label", pattern ? pattern : "");
        return STATUS_USAGE;
    }
    return STATUS_DONE;
}

const struct command cmd_fields = {
    .name = "fields",
    .arguments = "[OPTION...] [PROTOCOL | WORD]",
    .summary = N_("the fields that filters and -e know: names, types, meanings, values"),
    .description = N_("Without a word, all of them; with a protocol's name, that protocol's; with another word, the fields that "
                   "have it in their name or label. -T names prints names alone, -T markdown a table."),
    .examples = "  wiretale fields dns\n"
                "  wiretale fields retrans\n"
                "  wiretale fields conn\n",
    .bit = FOR_FIELDS,
    .run = fields_run,
};

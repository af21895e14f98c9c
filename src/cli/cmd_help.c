/* help, version and completions: all from the tables. */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/i18n.h"
#include "cli/commands.h"
#include "cli/run.h"
#include "report/text_units.h"
#include "wiretale/wiretale.h"

void print_usage(FILE *to)
{
    struct page p;
    page_init(&p, to, COLOUR_AUTO, 0);
    page_add(&p, STYLE_STRONG, "wiretale");
    fputs(_(": reads packets and tells what happened, connection by connection\n\n"), to);
    page_add(&p, STYLE_HEADING, _("Usage\n"));
    fputs(_("  wiretale FILE                   what is in a capture file: the same as `wiretale report FILE`\n"
            "  wiretale COMMAND [OPTION...] FILE...\n"
            "  wiretale COMMAND [OPTION...] -i INTERFACE\n\n"), to);
    page_add(&p, STYLE_HEADING, _("Commands\n"));
    for (size_t i = 0; i < command_count; i++) {
        fputs("  ", to);
        page_cell(&p, STYLE_STRONG, commands[i]->name, 14, false);
        page_wrap(&p, STYLE_PLAIN, tr(commands[i]->summary), 16, 16);
        putc('\n', to);
    }
    fputs(_("\nTry  wiretale help COMMAND   wiretale help options   wiretale help exit-status\n"), to);
}

static void print_option(const struct page *p, const struct option_row *row)
{
    char left[64];
    struct wt_text t = { .at = left, .capacity = sizeof left };
    if (row->letter)
        wt_text_add(&t, "-%c%s", row->letter, row->name ? ", " : "");
    else
        wt_text_add(&t, "    ");
    if (row->name)
        wt_text_add(&t, "--%s", row->name);
    if (row->argument)
        wt_text_add(&t, " %s", row->argument);
    fputs("  ", p->to);
    if (t.len <= 27) {
        page_cell(p, STYLE_STRONG, left, 28, false);
    } else {
        page_add(p, STYLE_STRONG, "%s", left);
        fprintf(p->to, "\n%30s", "");
    }
    page_wrap(p, STYLE_PLAIN, tr(row->meaning), 30, 30);
    putc('\n', p->to);
}

static void print_options(const struct page *p, unsigned commands_wanted)
{
    for (unsigned group = 0; group < GROUPS; group++) {
        bool titled = false;
        for (size_t i = 0; i < option_row_count; i++) {
            const struct option_row *row = &option_rows[i];
            if (row->group != group || !row->meaning || !(row->commands & commands_wanted))
                continue;
            if (!titled) {
                putc('\n', p->to);
                page_add(p, STYLE_HEADING, "%s\n", tr(option_group_titles[group]));
            }
            titled = true;
            print_option(p, row);
        }
    }
}

/* Paragraphs: lines that are indented stand as they are, blank lines part. */
static void print_paragraphs(const struct page *p, const char *text)
{
    while (*text) {
        size_t len = strcspn(text, "\n");
        char line[4096];
        size_t n = len < sizeof line - 1 ? len : sizeof line - 1;
        memcpy(line, text, n);
        line[n] = '\0';
        if (line[0] == ' ')
            fputs(line, p->to);
        else
            page_wrap(p, STYLE_PLAIN, line, 0, 0);
        putc('\n', p->to);
        text += len;
        if (*text == '\n')
            text++;
    }
}

static int help_command(const struct page *p, const struct command *command)
{
    page_add(p, STYLE_STRONG, "wiretale %s", command->name);
    fprintf(p->to, ": %s\n\n", tr(command->summary));
    page_add(p, STYLE_HEADING, _("Usage\n"));
    fprintf(p->to, "  wiretale %s%s%s\n\n", command->name, command->arguments[0] ? " " : "", command->arguments);
    print_paragraphs(p, tr(command->description));
    print_options(p, command->bit);
    if (command->examples) {
        putc('\n', p->to);
        page_add(p, STYLE_HEADING, _("Examples\n"));
        for (const char *at = command->examples; *at;) {
            size_t len = strcspn(at, "\n"), blanks = strspn(at, " ");
            fprintf(p->to, "  %.*s\n", (int)(len - blanks), at + blanks);
            at += len + (at[len] == '\n');
        }
    }
    return STATUS_DONE;
}

static void add_value(struct wt_text *t, uint64_t value)
{
    static const char units[] = "kMG";
    for (unsigned i = 3; i-- > 0;) {
        unsigned shift = 10 * (i + 1);
        if (value >= UINT64_C(1) << shift && value % (UINT64_C(1) << shift) == 0) {
            wt_text_add(t, "%" PRIu64 "%c", value >> shift, units[i]);
            return;
        }
    }
    wt_text_add(t, "%" PRIu64, value);
}

static int help_options(const struct page *p)
{
    page_add(p, STYLE_STRONG, _("Options of the commands\n"));
    print_options(p, FOR_ALL);
    putc('\n', p->to);
    page_add(p, STYLE_STRONG, _("Limits and timeouts, set with -o NAME:VALUE\n"));
    page_wrap(p, STYLE_PLAIN,
              _("Everything that is kept has a limit; one that was reached is told, and the exit status is 3. VALUE takes "
                "k, M, G (1024)."), 0, 0);
    fputs("\n\n", p->to);
    for (unsigned i = 0; i < WT_OPTION_COUNT; i++) {
        const struct wt_option *row = &wt_options[i];
        char range[128];
        struct wt_text t = { .at = range, .capacity = sizeof range };
        add_value(&t, row->def);
        wt_text_add(&t, " %s (", tr(row->unit));
        add_value(&t, row->min);
        wt_text_add(&t, "%s", _(" to "));
        if (row->max == UINT32_MAX)
            wt_text_add(&t, "4G-1");
        else
            add_value(&t, row->max);
        wt_text_add(&t, ")");
        fputs("  ", p->to);
        page_cell(p, STYLE_STRONG, row->name, 31, false);
        fprintf(p->to, "%s\n      ", range);
        page_wrap(p, STYLE_DIM, tr(row->meaning), 6, 6);
        putc('\n', p->to);
    }
    return STATUS_DONE;
}

static int help_exit_status(const struct page *p)
{
    page_add(p, STYLE_STRONG, _("Exit status\n"));
    static const struct { int status; const char *meaning; } rows[] = {
        { STATUS_DONE, N_("done") },
        { STATUS_USAGE, N_("wrong usage") },
        { STATUS_INPUT, N_("the input cannot be opened or is no capture; the output cannot be written") },
        { STATUS_PART, N_("done, but not all of it was seen: a file was cut off in mid-packet or damaged, frames were dropped "
                          "while capturing, or a limit was reached. Standard error says which") },
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        fprintf(p->to, "  %d  ", rows[i].status);
        page_wrap(p, STYLE_PLAIN, tr(rows[i].meaning), 5, 5);
        putc('\n', p->to);
    }
    putc('\n', p->to);
    page_wrap(p, STYLE_DIM,
              _("What is in the capture is no reason for 3: packets cut by the snapshot length, malformed ones, and drops that "
                "a file records are reported, and the status is 0."), 0, 0);
    putc('\n', p->to);
    return STATUS_DONE;
}

static int help_word(const struct page *p, const char *word)
{
    const struct command *command = command_find(word);
    if (command)
        return help_command(p, command);
    if (strcmp(word, "options") == 0)
        return help_options(p);
    if (strcmp(word, "exit-status") == 0)
        return help_exit_status(p);
    const char *words[16] = { "options", "exit-status" };
    size_t count = 2;
    for (size_t i = 0; i < command_count && count < 16; i++)
        words[count++] = commands[i]->name;
    const char *near = nearest_word(word, words, count);
    if (near)
        complain("there is no help on '%s'; did you mean '%s'?", word, near);
    else
        complain("there is no help on '%s'; `wiretale help` lists the commands", word);
    return STATUS_USAGE;
}

static int help_run(const struct options *o)
{
    if (o->completion)
        return print_completion(o->completion);
    struct page p;
    page_init(&p, stdout, o->colour, 0);
    if (o->help && o->command && o->command != &cmd_help)
        return help_command(&p, o->command);
    if (o->word_count)
        return help_word(&p, o->words[0]);
    print_usage(stdout);
    return STATUS_DONE;
}

const struct command cmd_help = {
    .name = "help",
    .arguments = "[COMMAND|options|exit-status]",
    .summary = N_("help on a command, on all options, on the exit status"),
    .description = N_("Without a word: what the commands are. With the name of a command: its options. `options` lists every "
                   "option, limit and timeout; `exit-status` tells what the numbers mean."),
    .bit = FOR_HELP,
    .run = help_run,
};

static int version_run(const struct options *o)
{
    printf("wiretale %s\n", wt_version());
    if (o->verbose)
        for (unsigned i = 0; i < wt_dissector_count(); i++) {
            const struct wt_dissector *d = wt_dissector_at(i);
            printf("  %-12s %s%s%s%s\n", d->name, d->title, d->references ? " (" : "", d->references ? d->references : "",
                   d->references ? ")" : "");
        }
    return STATUS_DONE;
}

const struct command cmd_version = {
    .name = "version",
    .arguments = "",
    .summary = N_("the version; with -v the protocols that are known"),
    .description = N_("Prints the version. With -v also the protocols that wiretale dissects, and the documents that it "
                   "follows."),
    .bit = FOR_VERSION,
    .run = version_run,
};

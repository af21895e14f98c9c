/* The commands: one file cmd_NAME.c, one row in commands.c. Usage, help and completions follow from the rows. */
#ifndef CLI_COMMANDS_H
#define CLI_COMMANDS_H

#include <stddef.h>

#include "cli/options.h"

struct command {
    const char *name;
    const char *arguments;      /* "[OPTION...] FILE..." */
    const char *summary;        /* one line, no full stop */
    const char *description;    /* paragraphs for `wiretale help NAME`; blank lines part them */
    const char *examples;       /* lines, or NULL */
    unsigned bit;               /* FOR_ of its options */
    int (*run)(const struct options *o);    /* the exit status */
};

extern const struct command cmd_report, cmd_connections, cmd_timeline, cmd_packets, cmd_follow, cmd_export, cmd_graph, cmd_capture, cmd_interfaces,
    cmd_view, cmd_fields, cmd_help, cmd_version;

extern const struct command *const commands[];
extern const size_t command_count;
const struct command *command_find(const char *name);    /* NULL: none */

/* help.c */
void print_usage(FILE *to);
int print_completion(const char *shell);

#endif

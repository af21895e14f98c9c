#include "cli/commands.h"

#include <string.h>

const struct command *const commands[] = {
    &cmd_view, &cmd_report, &cmd_connections, &cmd_timeline, &cmd_packets, &cmd_follow, &cmd_export, &cmd_graph, &cmd_capture, &cmd_interfaces,
    &cmd_fields, &cmd_help, &cmd_version,
};
const size_t command_count = sizeof commands / sizeof commands[0];

const struct command *command_find(const char *name)
{
    for (size_t i = 0; i < command_count; i++)
        if (strcmp(commands[i]->name, name) == 0)
            return commands[i];
    return NULL;
}

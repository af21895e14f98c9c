/* Shell completions, written from the tables of commands and options. */
#include <stdlib.h>
#include <string.h>

#include "cli/commands.h"
#include "cli/run.h"

/* Both spellings of an option. */
static void bash_flags(const struct option_row *row)
{
    if (row->letter)
        printf(" -%c", row->letter);
    if (row->name)
        printf(" --%s", row->name);
}

static void bash_values(const struct option_row *row)
{
    if (!row->argument || !row->values)
        return;
    printf("    ");
    if (row->letter)
        printf("-%c%s", row->letter, row->name ? "|" : "");
    if (row->name)
        printf("--%s", row->name);
    if (strcmp(row->values, "@file") == 0)
        printf(") compopt -o filenames; mapfile -t COMPREPLY < <(compgen -f -- \"$cur\"); return ;;\n");
    else if (strcmp(row->values, "@interface") == 0)
        printf(") mapfile -t COMPREPLY < <(compgen -W \"$(ls /sys/class/net 2>/dev/null) any\" -- \"$cur\"); return ;;\n");
    else if (strcmp(row->values, "@option") == 0)
        printf(") compopt -o nospace; mapfile -t COMPREPLY < <(compgen -W \"$settings\" -- \"$cur\"); return ;;\n");
    else if (strcmp(row->values, "@field") == 0)
        printf(") _wiretale_fields \"$cur\"; return ;;\n");
    else
        printf(") mapfile -t COMPREPLY < <(compgen -W \"%s\" -- \"$cur\"); return ;;\n", row->values);
}

/* The last word of what may be a whole filter, also one that has a quote open. */
static void bash_fields(void)
{
    printf("_wiretale_fields()\n{\n"
           "    local stops=$' (!\\'\"' name\n"
           "    local last=${1##*[\"$stops\"]}\n"
           "    local before=${1%%\"$last\"}\n"
           "    compopt -o nospace\n"
           "    COMPREPLY=()\n"
           "    while IFS= read -r name; do\n"
           "        COMPREPLY+=(\"$before$name\")\n"
           "    done < <(compgen -W \"$(\"${COMP_WORDS[0]}\" fields -T names 2>/dev/null)\" -- \"$last\")\n"
           "}\n");
}

static void bash(void)
{
    printf("# bash completion of wiretale; written by `wiretale help --completion=bash`\n");
    bash_fields();
    printf("_wiretale()\n{\n"
           "    local cur=${COMP_WORDS[COMP_CWORD]} prev=${COMP_WORDS[COMP_CWORD-1]} command= word\n"
           "    local commands=\"");
    for (size_t i = 0; i < command_count; i++)
        printf("%s%s", i ? " " : "", commands[i]->name);
    printf("\"\n    local settings=\"");
    for (unsigned i = 0; i < WT_OPTION_COUNT; i++)
        printf("%s%s:", i ? " " : "", wt_options[i].name);
    printf("\"\n    case $prev in\n");
    for (size_t i = 0; i < option_row_count; i++)
        bash_values(&option_rows[i]);
    printf("    esac\n"
           "    for word in \"${COMP_WORDS[@]:1:COMP_CWORD-1}\"; do\n"
           "        case \" $commands \" in *\" $word \"*) command=$word; break ;; esac\n"
           "    done\n"
           "    if [[ $cur == -* ]]; then\n"
           "        local flags\n"
           "        case $command in\n");
    for (size_t c = 0; c < command_count; c++) {
        printf("        %s) flags=\"", commands[c]->name);
        for (size_t i = 0; i < option_row_count; i++)
            if ((option_rows[i].commands & commands[c]->bit) && option_rows[i].meaning)
                bash_flags(&option_rows[i]);
        printf("\" ;;\n");
    }
    printf("        *) flags=\"");
    for (size_t i = 0; i < option_row_count; i++)
        if ((option_rows[i].commands & FOR_REPORT) && option_rows[i].meaning)
            bash_flags(&option_rows[i]);
    printf("\" ;;\n        esac\n"
           "        mapfile -t COMPREPLY < <(compgen -W \"$flags\" -- \"$cur\")\n"
           "    elif [[ $command == help ]]; then\n"
           "        mapfile -t COMPREPLY < <(compgen -W \"$commands options exit-status\" -- \"$cur\")\n"
           "    else\n"
           "        compopt -o filenames\n"
           "        mapfile -t COMPREPLY < <(compgen -f -- \"$cur\"; [[ -n $command ]] || compgen -W \"$commands\" -- \"$cur\")\n"
           "    fi\n}\n"
           "complete -F _wiretale wiretale\n");
}

/* Text inside single quotes of zsh and fish; brackets and colons mean something in a zsh spec. */
static void quoted(const char *text, bool zsh)
{
    for (; *text; text++) {
        if (*text == '\'')
            fputs(zsh ? "'\\''" : "\\'", stdout);
        else if (zsh && strchr("[]:\\", *text))
            printf("\\%c", *text);
        else if (!zsh && *text == '\\')
            fputs("\\\\", stdout);
        else
            putchar(*text);
    }
}

static void zsh_action(const struct option_row *row)
{
    printf(":%s:", row->argument);
    if (!row->values)
        return;
    if (strcmp(row->values, "@file") == 0)
        printf("_files");
    else if (strcmp(row->values, "@interface") == 0)
        printf("_net_interfaces");
    else if (strcmp(row->values, "@option") == 0)
        printf("_wiretale_settings");
    else if (strcmp(row->values, "@field") == 0)
        printf("_wiretale_fields");
    else
        printf("(%s)", row->values);
}

static void zsh_option(const struct option_row *row)
{
    for (unsigned form = 0; form < 2; form++) {
        if (form == 0 ? !row->letter : !row->name)
            continue;
        printf("        '*");
        if (form == 0)
            printf("-%c%s", row->letter, row->argument ? "+" : "");
        else
            printf("--%s%s", row->name, row->argument ? "=" : "");
        printf("[");
        quoted(row->meaning, true);
        printf("]");
        if (row->argument)
            zsh_action(row);
        printf("'\n");
    }
}

static void zsh(void)
{
    printf("#compdef wiretale\n# written by `wiretale help --completion=zsh`\n"
           "_wiretale_settings() {\n    compadd -S '' --");
    for (unsigned i = 0; i < WT_OPTION_COUNT; i++)
        printf(" %s:", wt_options[i].name);
    printf("\n}\n"
           "_wiretale_fields() {\n    compset -P '*[ (!]'\n    compadd -S '' -- $(${words[1]} fields -T names 2>/dev/null)\n}\n"
           "_wiretale_commands() {\n    local -a list=(\n");
    for (size_t i = 0; i < command_count; i++) {
        printf("        '%s:", commands[i]->name);
        quoted(commands[i]->summary, true);
        printf("'\n");
    }
    printf("    )\n    _describe command list\n}\n"
           "_wiretale_operand() {\n    case $1 in\n"
           "        '') _wiretale_commands; _files ;;\n"
           "        help) _wiretale_commands; compadd options exit-status ;;\n"
           "        *) _files ;;\n    esac\n}\n"
           "_wiretale() {\n    local command= word\n    local -a options\n"
           "    for word in ${words[2,CURRENT-1]}; do\n        case $word in\n            ");
    for (size_t i = 0; i < command_count; i++)
        printf("%s%s", i ? "|" : "", commands[i]->name);
    printf(") command=$word; break ;;\n        esac\n    done\n    case $command in\n");
    for (size_t c = 0; c < command_count; c++) {
        printf("    %s%s) options=(\n", commands[c]->name, commands[c] == &cmd_report ? "|''" : "");
        for (size_t i = 0; i < option_row_count; i++)
            if ((option_rows[i].commands & commands[c]->bit) && option_rows[i].meaning)
                zsh_option(&option_rows[i]);
        printf("    ) ;;\n");
    }
    printf("    esac\n    _arguments -s -S $options \"*: : _wiretale_operand '$command'\"\n}\n"
           "_wiretale \"$@\"\n");
}

static void fish_option(const struct option_row *row, const char *condition)
{
    printf("complete -c wiretale -n '%s'", condition);
    if (row->letter)
        printf(" -s %c", row->letter);
    if (row->name)
        printf(" -l %s", row->name);
    if (row->argument) {
        if (row->values && strcmp(row->values, "@file") == 0)
            printf(" -r -F");
        else if (row->values && strcmp(row->values, "@interface") == 0)
            printf(" -x -a '(ls /sys/class/net) any'");
        else if (row->values && strcmp(row->values, "@option") == 0)
            printf(" -x -a '(__wiretale_settings)'");
        else if (row->values && strcmp(row->values, "@field") == 0)
            printf(" -x -a '(__wiretale_fields)'");
        else if (row->values)
            printf(" -x -a '%s'", row->values);
        else
            printf(" -x");
    }
    printf(" -d '");
    quoted(row->meaning, false);
    printf("'\n");
}

static void fish(void)
{
    printf("# fish completion of wiretale; written by `wiretale help --completion=fish`\n"
           "function __wiretale_settings\n    printf '%%s\\n'");
    for (unsigned i = 0; i < WT_OPTION_COUNT; i++)
        printf(" %s:", wt_options[i].name);
    printf("\nend\n"
           "function __wiretale_fields\n"
           "    set -l before (string replace -r '[^ (!]*$' '' -- (commandline -ct | string trim -l -c '\"\\''))\n"
           "    for name in (wiretale fields -T names 2>/dev/null)\n        printf '%%s%%s\\n' $before $name\n    end\nend\n"
           "set -l commands");
    for (size_t i = 0; i < command_count; i++)
        printf(" %s", commands[i]->name);
    printf("\n");
    for (size_t i = 0; i < command_count; i++) {
        printf("complete -c wiretale -n \"not __fish_seen_subcommand_from $commands\" -a %s -d '", commands[i]->name);
        quoted(commands[i]->summary, false);
        printf("'\n");
    }
    printf("complete -c wiretale -n '__fish_seen_subcommand_from help' -x -a \"$commands options exit-status\"\n");
    for (size_t i = 0; i < option_row_count; i++) {
        const struct option_row *row = &option_rows[i];
        if (!row->meaning)
            continue;
        char condition[256];
        struct wt_text t = { .at = condition, .capacity = sizeof condition };
        wt_text_add(&t, "__fish_seen_subcommand_from");
        for (size_t c = 0; c < command_count; c++)
            if (row->commands & commands[c]->bit)
                wt_text_add(&t, " %s", commands[c]->name);
        fish_option(row, row->commands == FOR_ALL ? "true" : condition);
    }
}

int print_completion(const char *shell)
{
    static const struct { const char *name; void (*print)(void); } shells[] = {
        { "bash", bash }, { "zsh", zsh }, { "fish", fish } };
    for (size_t i = 0; i < sizeof shells / sizeof shells[0]; i++)
        if (strcmp(shell, shells[i].name) == 0) {
            shells[i].print();
            return STATUS_DONE;
        }
    complain("no completion for '%s': expected bash, zsh or fish", shell);
    return STATUS_USAGE;
}

/* wiretale, the command. Options, then the command that they name. */
#include <errno.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "cli/commands.h"
#include "cli/confine.h"
#include "cli/language.h"
#include "cli/memory.h"
#include "cli/run.h"

/* Who reads our output has gone: a quiet end. */
static void on_pipe(int number)
{
    (void)number;
    _exit(STATUS_DONE);
}

/* A word that is neither a command nor a file: perhaps a command with a slip. */
static bool is_slip(const struct options *o)
{
    if (o->command_named || o->command != &cmd_report || o->input_count == 0 || o->inputs[0].live
        || access(o->inputs[0].name, F_OK) == 0)
        return false;
    const char *words[32];
    size_t count = command_count < 32 ? command_count : 32;
    for (size_t i = 0; i < count; i++)
        words[i] = commands[i]->name;
    const char *near = nearest_word(o->inputs[0].name, words, count);
    if (near)
        complain("'%s' is no command and no file; did you mean `wiretale %s`?", o->inputs[0].name, near);
    return near != NULL;
}

/* A capture without a command is looked at where there is a screen, and reported where there is none, or where something
 * asks for what only a report has. */
static bool wants_view(const struct options *o)
{
    return o->command == &cmd_report && !o->command_named && !o->format && !o->json && !o->output && !o->top && !o->wide && !o->resolve && view_possible();
}

static int run_command(const struct options *o)
{
    if (o->version)
        return cmd_version.run(o);
    if (o->sandbox_status)
        return confine_status(o);
    if (o->help)
        return cmd_help.run(o);
    if (!o->command && view_possible())
        return cmd_view.run(o);
    if (!o->command) {
        print_usage(stderr);
        return STATUS_USAGE;
    }
    if ((o->command->bit & FOR_READING) && o->command != &cmd_view && o->input_count == 0) {
        complain("%s: no input; name a capture file, or an interface with -i\n"
                 "for example: wiretale %s capture.pcapng", o->command->name, o->command->name);
        return STATUS_USAGE;
    }
    if (is_slip(o))
        return STATUS_USAGE;
    if (wants_view(o))
        return cmd_view.run(o);
    int status = confine_start(o);
    return status ? status : o->command->run(o);
}

/* What a program reads is the same in every language. */
static int run_in_language(const struct options *o)
{
    bool text = !o->format || strcmp(o->format, "text") == 0;
    if (o->json || !text || o->completion)
        language_none();
    return run_command(o);
}

int main(int argc, char **argv)
{
    language_start();
    struct sigaction action = { .sa_handler = on_pipe };
    sigemptyset(&action.sa_mask);
    sigaction(SIGPIPE, &action, NULL);
    struct options o;
    struct wt_error err = { 0 };
    int status = options_parse(&o, argc, argv, &err);
    if (status)
        complain("%s\n`wiretale help` shows the commands, `wiretale help options` what can be set", err.text);
    else
        status = run_in_language(&o);
    options_done(&o);
    if (status == STATUS_DONE && (fflush(stdout) != 0 || ferror(stdout))) {
        complain("standard output: %s", strerror(errno ? errno : EIO));
        status = STATUS_INPUT;
    }
    if (status == STATUS_DONE && memory_refused()) {
        complain("there was not enough memory: what is shown is not all");
        status = STATUS_PART;
    }
    return status;
}

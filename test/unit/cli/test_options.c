/* The command line: what is understood, what is refused and how, and that the manual knows every option. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "cli/commands.h"

#define MOST 24

/* Splits at blanks; the words must outlive the options. */
static int split(char *text, char **argv)
{
    int argc = 0;
    for (char *word = strtok(text, " "); word && argc < MOST; word = strtok(NULL, " "))
        argv[argc++] = word;
    return argc;
}

static int parse(struct options *o, const char *line, char *copy, size_t size, struct wt_error *err)
{
    char *argv[MOST];
    snprintf(copy, size, "%s", line);
    int argc = split(copy, argv);
    return options_parse(o, argc, argv, err);
}

static void commands_and_inputs(void **state)
{
    (void)state;
    static const struct { const char *line, *command; unsigned inputs; const char *first; bool live; } rows[] = {
        { "wiretale", NULL, 0, NULL, false },
        { "wiretale a.pcap", "report", 1, "a.pcap", false },
        { "wiretale report a.pcap", "report", 1, "a.pcap", false },
        { "wiretale report -r a.pcap", "report", 1, "a.pcap", false },
        { "wiretale -r a.pcap report", "report", 1, "a.pcap", false },
        { "wiretale -ra.pcap b.pcap", "report", 2, "a.pcap", false },
        { "wiretale timeline a.pcap -r b.pcap c.pcap", "timeline", 3, "a.pcap", false },
        { "wiretale connections -", "connections", 1, "-", false },
        { "wiretale connections --read=a.pcap", "connections", 1, "a.pcap", false },
        { "wiretale packets -i eth0", "packets", 1, "eth0", true },
        { "wiretale -ieth0", "report", 1, "eth0", true },
        { "wiretale report -- -odd.pcap", "report", 1, "-odd.pcap", false },
        { "wiretale report report", "report", 1, "report", false },
        { "wiretale help report", "help", 0, NULL, false },
        { "wiretale version", "version", 0, NULL, false },
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct options o;
        struct wt_error err = { 0 };
        char copy[256];
        assert_int_equal(parse(&o, rows[i].line, copy, sizeof copy, &err), 0);
        if (rows[i].command) {
            assert_non_null(o.command);
            assert_string_equal(o.command->name, rows[i].command);
        } else {
            assert_null(o.command);
        }
        assert_int_equal(o.input_count, rows[i].inputs);
        assert_int_equal(o.engine.source.input_count, rows[i].inputs);
        if (rows[i].inputs) {
            assert_string_equal(o.engine.source.inputs[0].name, rows[i].first);
            assert_int_equal(o.engine.source.inputs[0].live, rows[i].live);
        }
        assert_int_equal(options_live(&o), rows[i].live);
        options_done(&o);
    }
}

static void values(void **state)
{
    (void)state;
    struct options o;
    struct wt_error err = { 0 };
    char copy[512];
    assert_int_equal(parse(&o, "wiretale report -c 10 -a duration:1.5 --time-wait linux -o max-hosts:2k --workers 3 --seed 7 "
                               "--color=always -q", copy, sizeof copy, &err), 0);
    assert_int_equal(o.engine.source.max_frames, 10);
    assert_int_equal(o.engine.source.max_duration_ns, INT64_C(1500000000));
    assert_int_equal(o.engine.config.value[WT_TIME_WAIT], 60);
    assert_int_equal(o.engine.config.value[WT_MAX_HOSTS], 2048);
    assert_int_equal(o.engine.config.value[WT_MAX_NAMES], wt_options[WT_MAX_NAMES].def);
    assert_int_equal(o.engine.workers, 3);
    assert_true(o.engine.seed[0] && o.engine.seed[1]);
    assert_int_equal(o.colour, COLOUR_ALWAYS);
    assert_true(o.quiet);
    options_done(&o);
    assert_int_equal(parse(&o, "wiretale packets -nlVx -s96 -pB 4 -Tfields -e ip.src -e tcp.port -E header=y x", copy,
                           sizeof copy, &err), 0);
    assert_true(o.numeric && o.line_buffered && o.tree && o.hex && o.engine.source.live.no_promiscuous);
    assert_int_equal(o.engine.source.live.snaplen, 96);
    assert_int_equal(o.engine.source.live.buffer_bytes, 4u << 20);
    assert_string_equal(o.format, "fields");
    assert_false(o.json);
    assert_int_equal(o.field_count, 2);
    assert_string_equal(o.fields[1], "tcp.port");
    assert_int_equal(o.field_format_count, 1);
    options_done(&o);
    assert_int_equal(parse(&o, "wiretale timeline --json --conn 3,7-9 --port 80 --host 10.0.0.0/8 --host 2001:db8::1 --name "
                               "example.com x", copy, sizeof copy, &err), 0);
    assert_true(o.json);
    assert_int_equal(o.selection.number_count, 2);
    assert_int_equal(o.selection.numbers[1].last, 9);
    assert_int_equal(o.selection.network_count, 2);
    assert_int_equal(o.selection.networks[0].bits, 8);
    assert_int_equal(o.selection.networks[1].family, 6);
    options_done(&o);
}

/* What is wrong is refused, with a reason that names it. */
static void refusals(void **state)
{
    (void)state;
    static const struct { const char *line, *says; } rows[] = {
        { "wiretale report --jsno x", "did you mean --json?" },
        { "wiretale report --no-checksum x", "did you mean --no-checksums?" },
        { "wiretale report --zzzzzzzzzzzzzz x", "there is no option --zzzzzzzzzzzzzz" },
        { "wiretale report -Z x", "there is no option -Z" },
        { "wiretale report -r", "-r needs FILE" },
        { "wiretale report --read", "--read needs FILE" },
        { "wiretale report --json=yes x", "--json takes no value" },
        { "wiretale report -c 0 x", "-c: '0'" },
        { "wiretale report -c ten x", "-c: 'ten'" },
        { "wiretale report -c 18446744073709551616 x", "-c:" },
        { "wiretale report -o nonsense x", "-o:" },
        { "wiretale report -o max-hosts:1 x", "max-hosts" },
        { "wiretale report -o no-such:1 x", "no-such" },
        { "wiretale timeline --time-wait soon x", "'soon' is none of rfc, linux, conntrack" },
        { "wiretale report --workers 0 x", "--workers" },
        { "wiretale report --color sometimes x", "auto, always, never" },
        { "wiretale report -V x", "it belongs to: packets" },
        { "wiretale report -w out x", "-w" },
        { "wiretale report -a size:3 x", "expected duration:SECONDS" },
        { "wiretale report -a duration:0 x", "duration:0" },
        { "wiretale report -a duration:-1 x", "duration:-1" },
        { "wiretale timeline --conn 0 x", "'0'" },
        { "wiretale timeline --conn 5-3 x", "'5-3'" },
        { "wiretale timeline --conn 3, x", "'3,'" },
        { "wiretale timeline --port 65536 x", "'65536'" },
        { "wiretale timeline --host example.com x", "--name" },
        { "wiretale timeline --host 10.0.0.0/33 x", "10.0.0.0/33" },
        { "wiretale timeline --host 10.0.0.0/ x", "10.0.0.0/" },
        { "wiretale version x", "takes no file" },
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct options o;
        struct wt_error err = { 0 };
        char copy[256];
        int status = parse(&o, rows[i].line, copy, sizeof copy, &err);
        if (status != STATUS_USAGE || !strstr(err.text, rows[i].says))
            fail_msg("%s: status %d, '%s' lacks '%s'", rows[i].line, status, err.text, rows[i].says);
        options_done(&o);
    }
}

static void time_wait_rules(void **state)
{
    (void)state;
    static const struct { const char *text; int result; uint64_t seconds; } rows[] = {
        { "rfc", 0, 240 }, { "linux", 0, 60 }, { "conntrack", 0, 120 }, { "17", 0, 17 }, { "0", 0, 0 },
        { "-1", -1, 0 }, { "", -1, 0 }, { "86401", -1, 0 }, { "12s", -1, 0 },
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        uint64_t seconds = 999;
        int result = parse_time_wait(rows[i].text, &seconds, NULL);
        assert_int_equal(result < 0, rows[i].result < 0);
        assert_int_equal(seconds, rows[i].result < 0 ? 999 : rows[i].seconds);
    }
}

static void limits(void **state)
{
    (void)state;
    struct size_limits l = { 0 };
    assert_int_equal(parse_size_limit("filesize:100", true, &l, NULL), 0);
    assert_int_equal(parse_size_limit("files:5", true, &l, NULL), 0);
    assert_int_equal(parse_size_limit("duration:0.25", true, &l, NULL), 0);
    assert_int_equal(parse_size_limit("packets:12", true, &l, NULL), 0);
    assert_int_equal(l.bytes, 100000);
    assert_int_equal(l.files, 5);
    assert_int_equal(l.duration_ns, 250000000);
    assert_int_equal(l.packets, 12);
    static const char *const bad[] = { "", "filesize", "filesize:", "filesize:0", "files:x", "duration:1e9", "durations:1",
                                       "filesize:99999999999999999999" };
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++)
        assert_true(parse_size_limit(bad[i], true, &l, NULL) < 0);
}

static void near_words(void **state)
{
    (void)state;
    static const char *const words[] = { "report", "connections", "timeline", "packets", "capture", "help" };
    static const struct { const char *typed, *want; } rows[] = {
        { "reprot", "report" }, { "conections", "connections" }, { "con", "connections" }, { "time", "timeline" },
        { "packet", "packets" }, { "xyz", NULL }, { "", NULL }, { "a", NULL }, { "hlep", "help" },
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        const char *near = nearest_word(rows[i].typed, words, 6);
        if (rows[i].want) {
            assert_non_null(near);
            assert_string_equal(near, rows[i].want);
        } else {
            assert_null(near);
        }
    }
}

static void selections(void **state)
{
    (void)state;
    static const uint8_t a[16] = { 10, 1, 2, 3 }, b[16] = { 192, 0, 2, 9 };
    const struct select_subject subject = { .number = 7, .first_frame = 100, .last_frame = 200, .family = 4,
                                            .address = { a, b }, .port = { 40000, 443 }, .start_ns = 50 };
    struct names *names = names_new(10);
    struct wt_name_observation seen = { .family = 4, .address = { 192, 0, 2, 9 }, .name = "www.example.com.", .time_ns = 10 };
    assert_int_equal(names_add(names, &seen), 0);
    static const struct { const char *line; bool match; } rows[] = {
        { "x", true }, { "x --conn 7", true }, { "x --conn 6", false }, { "x --conn 1-6,8-", false }, { "x --conn 5-", true },
        { "x --port 443", true }, { "x --port 40000-40001", true }, { "x --port 80", false },
        { "x --host 10.0.0.0/8", true }, { "x --host 10.1.2.3", true }, { "x --host 10.1.2.2/31", true },
        { "x --host 10.1.2.4/31", false }, { "x --host ::/0", false }, { "x --host 0.0.0.0/0", true },
        { "x --frame 150", true }, { "x --frame 99", false }, { "x --frame 200-300", true },
        { "x --name example.com", true }, { "x --name EXAMPLE.com.", true }, { "x --name ample.com", false },
        { "x --name www.example.com", true }, { "x --name .example.com", true }, { "x --name org", false },
        { "x --port 443 --host 10.9.9.9", false }, { "x --host 10.9.9.9 --host 192.0.2.9", true },
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct options o;
        struct wt_error err = { 0 };
        char line[256], copy[256];
        snprintf(line, sizeof line, "wiretale timeline %s", rows[i].line);
        assert_int_equal(parse(&o, line, copy, sizeof copy, &err), 0);
        if (select_matches(&o.selection, &subject, names) != rows[i].match)
            fail_msg("%s", rows[i].line);
        options_done(&o);
    }
    names_free(names);
}

__attribute__((format(printf, 2, 3))) static bool manual_has(const char *manual, const char *format, ...)
{
    char text[128];
    va_list args;
    va_start(args, format);
    vsnprintf(text, sizeof text, format, args);
    va_end(args);
    return strstr(manual, text) != NULL;
}

/* Every row of the tables has its entry in the manual, in mdoc's words. */
static void the_manual_is_complete(void **state)
{
    (void)state;
    FILE *f = fopen(MANUAL, "r");
    assert_non_null(f);
    static char manual[1 << 18];
    size_t n = fread(manual, 1, sizeof manual - 1, f);
    fclose(f);
    manual[n] = '\0';
    for (size_t i = 0; i < option_row_count; i++) {
        const struct option_row *row = &option_rows[i];
        if (!row->meaning)
            continue;
        if (row->letter && !manual_has(manual, "Fl %c", row->letter))
            fail_msg("the manual lacks -%c", row->letter);
        if (row->name && !manual_has(manual, "Fl -%s", row->name))
            fail_msg("the manual lacks --%s", row->name);
    }
    for (size_t i = 0; i < command_count; i++)
        if (!manual_has(manual, "Cm %s", commands[i]->name))
            fail_msg("the manual lacks the command %s", commands[i]->name);
    for (unsigned i = 0; i < WT_OPTION_COUNT; i++)
        if (!manual_has(manual, "Cm %s", wt_options[i].name))
            fail_msg("the manual lacks the setting %s", wt_options[i].name);
}

/* No letter and no name twice; what takes values says how it is called. */
static void the_table_is_sound(void **state)
{
    (void)state;
    bool seen[OPTIONS] = { false };
    for (size_t i = 0; i < option_row_count; i++) {
        const struct option_row *a = &option_rows[i];
        assert_true(a->letter || a->name);
        assert_true(a->id < OPTIONS && !seen[a->id]);
        seen[a->id] = true;
        assert_true(a->group < GROUPS && a->commands);
        for (size_t k = 0; k < i; k++) {
            const struct option_row *b = &option_rows[k];
            assert_false(a->letter && a->letter == b->letter);
            assert_false(a->name && b->name && strcmp(a->name, b->name) == 0);
        }
    }
    for (unsigned id = 0; id < OPTIONS; id++)
        assert_true(seen[id]);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(commands_and_inputs), cmocka_unit_test(values),     cmocka_unit_test(refusals),
        cmocka_unit_test(time_wait_rules),     cmocka_unit_test(limits),     cmocka_unit_test(near_words),
        cmocka_unit_test(selections),          cmocka_unit_test(the_manual_is_complete),
        cmocka_unit_test(the_table_is_sound),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

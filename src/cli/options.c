#include "cli/options.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "cli/commands.h"

#define COLUMN_FORMAT "gui.column.format:"

/* Takes more than fit a command line in practice, and is checked before it is used. */
static int append(const char ***list, unsigned *count, const char *text, struct wt_error *err)
{
    const char **grown = realloc(*list, (*count + 1) * sizeof **list);
    if (!grown)
        return wt_fail(err, -ENOMEM, "not enough memory");
    *list = grown;
    grown[(*count)++] = text;
    return 0;
}

static int add_input(struct options *o, const char *name, bool live, struct wt_error *err)
{
    uint64_t most = wt_options[WT_MAX_SOURCES].max;
    if (o->input_count >= most)
        return wt_fail(err, -E2BIG, "more than %" PRIu64 " inputs", most);
    struct wt_input *grown = realloc(o->inputs, (o->input_count + 1) * sizeof *grown);
    if (!grown)
        return wt_fail(err, -ENOMEM, "not enough memory");
    o->inputs = grown;
    grown[o->input_count++] = (struct wt_input){ name, live };
    return 0;
}

bool options_live(const struct options *o)
{
    for (unsigned i = 0; i < o->input_count; i++)
        if (o->inputs[i].live)
            return true;
    return false;
}

static int parse_colour(const char *text, enum style_colour *ret, struct wt_error *err)
{
    static const char *const words[] = { "auto", "always", "never" };
    for (unsigned i = 0; i < 3; i++)
        if (strcmp(text, words[i]) == 0) {
            *ret = (enum style_colour)i;
            return 0;
        }
    return wt_fail(err, -EINVAL, "'%s' is none of auto, always, never", text);
}

static int set_number(const char *text, uint64_t least, uint64_t most, uint64_t *to, struct wt_error *err)
{
    return parse_number(text, least, most, to, err);
}

static int set_uint32(const char *text, uint64_t least, uint64_t most, uint32_t scale, uint32_t *to,
                      struct wt_error *err)
{
    uint64_t value = 0;
    int result = parse_number(text, least, most, &value, err);
    if (result == 0)
        *to = (uint32_t)value * scale;
    return result;
}

/* What is read and how. Returns 1 where the option is none of these. */
static int apply_input(struct options *o, enum option_id id, const char *value, struct wt_error *err)
{
    struct wt_source_options *source = &o->engine.source;
    switch (id) {
    case OPT_INTERFACE:
        return add_input(o, value, true, err);
    case OPT_READ:
        return add_input(o, value, false, err);
    case OPT_CAPTURE_FILTER:
        source->filter = value;
        return 0;
    case OPT_COUNT:
        return set_number(value, 1, UINT64_MAX, &source->max_frames, err);
    case OPT_SNAPLEN:
        return set_uint32(value, 0, 262144, 1, &source->live.snaplen, err);
    case OPT_BUFFER:
        return set_uint32(value, 1, 2047, 1u << 20, &source->live.buffer_bytes, err);
    case OPT_NO_PROMISCUOUS:
        source->live.no_promiscuous = true;
        return 0;
    case OPT_MONITOR:
        source->live.monitor = true;
        return 0;
    case OPT_AUTOSTOP:
        return parse_size_limit(value, false, &o->autostop, err);
    case OPT_ROTATE:
        return parse_size_limit(value, true, &o->rotate, err);
    case OPT_USER:
        o->user = value;
        return 0;
    case OPT_WRITE:
        o->write = value;
        return 0;
    case OPT_FOLLOW:
        source->follow = true;
        return 0;
    case OPT_TWO_PASSES:
        return 0;
    default:
        return 1;
    }
}

static int apply_selection(struct options *o, enum option_id id, const char *value, struct wt_error *err)
{
    switch (id) {
    case OPT_DISPLAY_FILTER:
        o->display_filter = value;
        return 0;
    case OPT_CONN:
        return select_numbers(&o->selection, value, err);
    case OPT_FRAME:
        return select_frames(&o->selection, value, err);
    case OPT_HOST:
        return select_host(&o->selection, value, err);
    case OPT_PORT:
        return select_ports(&o->selection, value, err);
    case OPT_NAME:
        return select_name(&o->selection, value, err);
    default:
        return 1;
    }
}

static int apply_analysis(struct options *o, enum option_id id, const char *value, struct wt_error *err)
{
    uint64_t number = 0;
    int result = 0;
    switch (id) {
    case OPT_SETTING:
        if (strncmp(value, COLUMN_FORMAT, sizeof COLUMN_FORMAT - 1) == 0) {
            o->column_format = value + sizeof COLUMN_FORMAT - 1;
            return 0;
        }
        return wt_config_set(&o->engine.config, value, err);
    case OPT_TIME_WAIT:
        return parse_time_wait(value, &o->engine.config.value[WT_TIME_WAIT], err);
    case OPT_WORKERS:
        result = parse_number(value, 1, 64, &number, err);
        o->engine.workers = (unsigned)number;
        return result;
    case OPT_SEED:
        return parse_seed(value, o->engine.seed, err);
    case OPT_NO_CHECKSUMS:
        o->engine.no_checksums = true;
        return 0;
    default:
        return 1;
    }
}

static int apply_output(struct options *o, enum option_id id, const char *value, struct wt_error *err)
{
    switch (id) {
    case OPT_JSON:
        o->format = "json";
        break;
    case OPT_FORMAT:
        o->format = value;
        break;
    case OPT_FIELD:
        return append(&o->fields, &o->field_count, value, err);
    case OPT_FIELD_FORMAT:
        return append(&o->field_formats, &o->field_format_count, value, err);
    case OPT_TIME_FORMAT:
        o->time_format = value;
        break;
    case OPT_COMPAT:
        o->compat = value;
        break;
    case OPT_TREE:
        o->tree = true;
        break;
    case OPT_HEX:
        o->hex = true;
        break;
    case OPT_TCP:
        o->tcp_only = true;
        break;
    case OPT_UDP:
        o->udp_only = true;
        break;
    case OPT_SIDE:
        o->side = value;
        return 0;
    case OPT_KIND:
        o->kind = value;
        return 0;
    case OPT_SVG:
        o->svg = value;
        o->output = strcmp(value, "-") == 0 ? NULL : value;
        return 0;
    case OPT_EXPLAIN:
        o->explain = true;
        break;
    case OPT_FULL:
        o->full = true;
        break;
    case OPT_WIDE:
        o->wide = true;
        break;
    case OPT_TOP:
        return set_uint32(value, 1, 100, 1, &o->top, err);
    case OPT_NUMERIC:
        o->numeric = true;
        break;
    case OPT_RESOLVE:
        o->resolve = true;
        break;
    case OPT_COLOUR:
        return parse_colour(value, &o->colour, err);
    case OPT_OUTPUT:
        o->output = value;
        break;
    case OPT_LINE_BUFFERED:
        o->line_buffered = true;
        break;
    case OPT_COMPLETION:
        o->completion = value;
        break;
    default:
        return 1;
    }
    return 0;
}

static int apply_general(struct options *o, enum option_id id)
{
    switch (id) {
    case OPT_QUIET:
        o->quiet = true;
        return 0;
    case OPT_VERBOSE:
        o->verbose++;
        return 0;
    case OPT_HELP:
        o->help = true;
        return 0;
    case OPT_VERSION:
        o->version = true;
        return 0;
    case OPT_NO_SANDBOX:
        o->no_sandbox = true;
        return 0;
    case OPT_SANDBOX_STATUS:
        o->sandbox_status = true;
        return 0;
    case OPT_LIST_INTERFACES:
        o->command = &cmd_interfaces;
        return 0;
    default:
        return 1;
    }
}

static int apply(struct options *o, const struct option_row *row, const char *value, struct wt_error *err)
{
    enum option_id id = (enum option_id)row->id;
    int result = apply_input(o, id, value, err);
    if (result == 1)
        result = apply_selection(o, id, value, err);
    if (result == 1)
        result = apply_analysis(o, id, value, err);
    if (result == 1)
        result = apply_output(o, id, value, err);
    if (result == 1)
        result = apply_general(o, id);
    return result;
}

static const struct option_row *row_by_letter(char letter)
{
    for (size_t i = 0; i < option_row_count; i++)
        if (option_rows[i].letter == letter && letter)
            return &option_rows[i];
    return NULL;
}

static const struct option_row *row_by_name(const char *name, size_t len)
{
    for (size_t i = 0; i < option_row_count; i++)
        if (option_rows[i].name && strlen(option_rows[i].name) == len && memcmp(option_rows[i].name, name, len) == 0)
            return &option_rows[i];
    if (len == 6 && memcmp(name, "colour", 6) == 0)
        return row_by_name("color", 5);
    return NULL;
}

static int unknown_long(const char *argument, struct wt_error *err)
{
    const char *names[OPTIONS];
    size_t count = 0;
    for (size_t i = 0; i < option_row_count; i++)
        if (option_rows[i].name && option_rows[i].meaning)
            names[count++] = option_rows[i].name;
    char typed[40];
    size_t len = strcspn(argument, "=");
    if (len >= sizeof typed)
        len = sizeof typed - 1;
    memcpy(typed, argument, len);
    typed[len] = '\0';
    const char *near = nearest_word(typed, names, count);
    if (near)
        return wt_fail(err, -EINVAL, "there is no option --%s; did you mean --%s?", typed, near);
    return wt_fail(err, -EINVAL, "there is no option --%s", typed);
}

/* Seen options are kept until the command is known, which may stand behind them. */
struct parse {
    struct options *o;
    unsigned char seen[OPTIONS];
    char shown[OPTIONS][40];      /* as typed, for messages */
    bool *is_operand;             /* owned; of each input so far: a word without -r or -i before it */
    unsigned operand_count;
};

static int apply_row(struct parse *p, const struct option_row *row, const char *shown, size_t shown_len,
                     const char *value, struct wt_error *err)
{
    p->seen[row->id] = 1;
    size_t n = shown_len < sizeof p->shown[0] - 1 ? shown_len : sizeof p->shown[0] - 1;
    memcpy(p->shown[row->id], shown, n);
    p->shown[row->id][n] = '\0';
    struct wt_error why = { 0 };
    int result = apply(p->o, row, value, &why);
    if (result < 0)
        return wt_fail(err, result, "%s: %s", p->shown[row->id], why.text);
    return 0;
}

static int parse_long(struct parse *p, int argc, char **argv, int *at, struct wt_error *err)
{
    const char *argument = argv[*at] + 2;
    size_t len = strcspn(argument, "=");
    const struct option_row *row = row_by_name(argument, len);
    if (!row)
        return unknown_long(argument, err);
    const char *value = argument[len] == '=' ? argument + len + 1 : NULL;
    if (!row->argument && value)
        return wt_fail(err, -EINVAL, "--%s takes no value", row->name);
    if (row->argument && !value) {
        if (*at + 1 >= argc)
            return wt_fail(err, -EINVAL, "--%s needs %s", row->name, row->argument);
        value = argv[++*at];
    }
    return apply_row(p, row, argument - 2, len + 2, value, err);
}

/* "-nq", "-iIF", "-i IF". */
static int parse_short(struct parse *p, int argc, char **argv, int *at, struct wt_error *err)
{
    for (const char *c = argv[*at] + 1; *c; c++) {
        const struct option_row *row = row_by_letter(*c);
        if (!row) {
            if ((unsigned char)*c < 0x20 || (unsigned char)*c > 0x7e)
                return wt_fail(err, -EINVAL, "there is no such option");
            return wt_fail(err, -EINVAL, "there is no option -%c", *c);
        }
        const char shown[2] = { '-', *c };
        if (!row->argument) {
            int result = apply_row(p, row, shown, 2, NULL, err);
            if (result < 0)
                return result;
            continue;
        }
        const char *value = c[1] ? c + 1 : *at + 1 < argc ? argv[++*at] : NULL;
        if (!value)
            return wt_fail(err, -EINVAL, "-%c needs %s", *c, row->argument);
        return apply_row(p, row, shown, 2, value, err);
    }
    return 0;
}

/* Operands stand among the inputs, in their order, until it is known whether they are files. */
static int add_operand(struct parse *p, const char *text, struct wt_error *err)
{
    int result = add_input(p->o, text, false, err);
    if (result < 0)
        return result;
    p->is_operand[p->o->input_count - 1] = true;
    p->operand_count++;
    return 0;
}

static int parse_arguments(struct parse *p, int argc, char **argv, struct wt_error *err)
{
    bool only_operands = false;
    for (int i = 1; i < argc; i++) {
        const char *a = argv[i];
        int result;
        if (only_operands || a[0] != '-' || a[1] == '\0')
            result = add_operand(p, a, err);
        else if (strcmp(a, "--") == 0) {
            only_operands = true;
            result = 0;
        } else if (a[1] == '-')
            result = parse_long(p, argc, argv, &i, err);
        else
            result = parse_short(p, argc, argv, &i, err);
        if (result < 0)
            return result;
    }
    return 0;
}

/* The first operand may name the command; the others are files, or words for a command that reads none. */
static int take_operands(struct parse *p, struct wt_error *err)
{
    struct options *o = p->o;
    unsigned left = p->operand_count;
    unsigned named = UINT32_MAX;
    for (unsigned i = 0; i < o->input_count && named == UINT32_MAX && !o->command; i++)
        if (p->is_operand[i]) {
            named = i;
            o->command = command_find(o->inputs[i].name);
            left -= o->command != NULL;
        }
    bool command_named = o->command && named != UINT32_MAX && left < p->operand_count;
    o->command_named = o->command != NULL;
    if (!o->command && o->input_count)
        o->command = &cmd_report;
    bool reads = o->command && (o->command->bit & FOR_READING);
    unsigned kept = 0;
    for (unsigned i = 0; i < o->input_count; i++) {
        bool is_command = command_named && i == named;
        if (p->is_operand[i] && !is_command && !reads) {
            int result = append(&o->words, &o->word_count, o->inputs[i].name, err);
            if (result < 0)
                return result;
        } else if (!is_command) {
            o->inputs[kept++] = o->inputs[i];
        }
    }
    o->input_count = kept;
    if (o->command && !(o->command->bit & (FOR_READING | FOR_HELP | FOR_FIELDS)) && o->word_count)
        return wt_fail(err, -EINVAL, "%s takes no file or word such as '%s'", o->command->name, o->words[0]);
    return 0;
}

static int check_options(const struct parse *p, struct wt_error *err)
{
    const struct command *command = p->o->command;
    unsigned bits = !command ? 0 : command == &cmd_report && !p->o->command_named && view_possible() ? command->bit | FOR_VIEW : command->bit;
    for (size_t i = 0; i < option_row_count && command && !p->o->help; i++) {
        const struct option_row *row = &option_rows[i];
        if (!p->seen[row->id] || (row->commands & bits))
            continue;
        char takers[160] = "";
        struct wt_text t = { .at = takers, .capacity = sizeof takers };
        for (size_t c = 0; c < command_count; c++)
            if (row->commands & commands[c]->bit)
                wt_text_add(&t, "%s%s", t.len ? ", " : "", commands[c]->name);
        return wt_fail(err, -EINVAL, "%s is no option of `%s`; it belongs to: %s", p->shown[row->id], command->name,
                       takers);
    }
    return 0;
}

int options_parse(struct options *o, int argc, char **argv, struct wt_error *err)
{
    memset(o, 0, sizeof *o);
    wt_config_defaults(&o->engine.config);
    struct parse *p = calloc(1, sizeof *p);
    if (p)
        p->is_operand = calloc((size_t)argc + 1, sizeof *p->is_operand);
    if (!p || !p->is_operand) {
        free(p);
        wt_fail(err, -ENOMEM, "not enough memory");
        return STATUS_USAGE;
    }
    p->o = o;
    int result = parse_arguments(p, argc, argv, err);
    if (result == 0)
        result = take_operands(p, err);
    if (result == 0)
        result = check_options(p, err);
    o->engine.source.inputs = o->inputs;
    o->engine.source.input_count = o->input_count;
    if (o->autostop.packets
        && (o->engine.source.max_frames == 0 || o->autostop.packets < o->engine.source.max_frames))
        o->engine.source.max_frames = o->autostop.packets;
    o->engine.source.max_duration_ns = (int64_t)o->autostop.duration_ns;
    o->json = o->format && strcmp(o->format, "json") == 0;
    free(p->is_operand);
    free(p);
    return result == 0 ? STATUS_DONE : STATUS_USAGE;
}

void options_done(struct options *o)
{
    free(o->inputs);
    free(o->fields);
    free(o->field_formats);
    free(o->words);
    memset(o, 0, sizeof *o);
}

/* The command line. One table of options, shared by all commands: the parser, `wiretale help`, the completions and
 * a test of the manual read the same rows. Main thread. */
#ifndef CLI_OPTIONS_H
#define CLI_OPTIONS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include "report/connections_select.h"
#include "report/style.h"
#include "wiretale/engine.h"

#define STATUS_DONE 0
#define STATUS_USAGE 1      /* wrong usage */
#define STATUS_INPUT 2      /* the input cannot be opened or is no capture; the output cannot be written */
#define STATUS_PART 3       /* done, but not all of it was seen */

/* Which commands an option is for. */
enum {
    FOR_REPORT = 1 << 0, FOR_CONNECTIONS = 1 << 1, FOR_TIMELINE = 1 << 2, FOR_PACKETS = 1 << 3,
    FOR_CAPTURE = 1 << 4, FOR_INTERFACES = 1 << 5, FOR_HELP = 1 << 6, FOR_VERSION = 1 << 7,
    FOR_FIELDS = 1 << 8, FOR_FOLLOW = 1 << 9, FOR_EXPORT = 1 << 10, FOR_GRAPH = 1 << 11,
    FOR_VIEW = 1 << 12,
    FOR_ONE = FOR_FOLLOW | FOR_EXPORT | FOR_GRAPH,       /* those about one connection */
    FOR_READING = FOR_REPORT | FOR_CONNECTIONS | FOR_TIMELINE | FOR_PACKETS | FOR_ONE | FOR_VIEW,
    FOR_SNIFFING = FOR_READING | FOR_CAPTURE,
    FOR_ALL = 0xffff
};

enum option_id {
    OPT_INTERFACE, OPT_READ, OPT_CAPTURE_FILTER, OPT_DISPLAY_FILTER, OPT_COUNT, OPT_SNAPLEN, OPT_BUFFER,
    OPT_NO_PROMISCUOUS, OPT_MONITOR, OPT_AUTOSTOP, OPT_FOLLOW, OPT_TWO_PASSES,
    OPT_CONN, OPT_TCP, OPT_UDP, OPT_HOST, OPT_PORT, OPT_NAME, OPT_FRAME,
    OPT_SIDE, OPT_KIND, OPT_SVG, OPT_JSON, OPT_FORMAT, OPT_FIELD, OPT_FIELD_FORMAT, OPT_TIME_FORMAT, OPT_TREE, OPT_HEX, OPT_FULL, OPT_EXPLAIN, OPT_WIDE, OPT_TOP,
    OPT_NUMERIC, OPT_RESOLVE, OPT_COLOUR, OPT_OUTPUT, OPT_LINE_BUFFERED, OPT_COMPAT,
    OPT_SETTING, OPT_TIME_WAIT, OPT_WORKERS, OPT_SEED, OPT_NO_CHECKSUMS,
    OPT_WRITE, OPT_ROTATE, OPT_LIST_INTERFACES, OPT_COMPLETION,
    OPT_QUIET, OPT_VERBOSE, OPT_HELP, OPT_VERSION, OPT_NO_SANDBOX, OPT_SANDBOX_STATUS, OPT_USER,
    OPTIONS
};

enum option_group {
    GROUP_INPUT, GROUP_SELECTION, GROUP_OUTPUT, GROUP_ANALYSIS, GROUP_CAPTURE, GROUP_GENERAL,
    GROUPS
};

struct option_row {
    uint8_t id;               /* enum option_id */
    uint8_t group;
    char letter;              /* 0: none */
    const char *name;         /* without --; NULL: none */
    const char *argument;     /* "FILE", as shown in help; NULL: a switch */
    unsigned commands;        /* FOR_ */
    const char *meaning;      /* NULL: accepted, not shown */
    const char *values;       /* completion: words separated by blanks, "@file", "@interface", "@option",
                               * "@field" (a field's name, also within a filter), or NULL */
};

extern const struct option_row option_rows[];
extern const size_t option_row_count;
extern const char *const option_group_titles[GROUPS];

struct size_limits {          /* -a, -b; 0: none */
    uint64_t duration_ns, bytes, files, packets;
};

struct command;

struct options {
    const struct command *command;
    struct wt_engine_options engine;     /* inputs, filter, limits, config, workers, seed: ready for wt_engine_new */
    struct wt_input *inputs;             /* owned; engine.source.inputs points here */
    unsigned input_count;
    struct selection selection;          /* --conn, --host, --port, --name, --frame */
    const char *display_filter;          /* -Y, or NULL */
    const char *format;                  /* -T, or NULL; --json is "json" */
    const char **fields;                 /* owned; -e */
    unsigned field_count;
    const char **field_formats;          /* owned; -E */
    unsigned field_format_count;
    const char *time_format;             /* -t, or NULL */
    const char *compat;                  /* --compat, or NULL */
    const char *output;                  /* --output, or NULL */
    const char *write;                   /* -w, or NULL */
    const char *column_format;           /* -o gui.column.format:…, or NULL */
    const char *side;                    /* --side, or NULL */
    const char *kind;                    /* --kind, or NULL */
    const char *svg;                     /* --svg, or NULL */
    const char *completion;              /* --completion: bash, zsh, fish */
    struct size_limits autostop, rotate;
    enum style_colour colour;
    unsigned top;                        /* lines of top lists; 0: default */
    bool command_named;                  /* not only implied by a file */
    bool json;                           /* format is "json" */
    bool tcp_only, udp_only;             /* --tcp, --udp */
    bool tree, hex, full, explain, wide, numeric, resolve, line_buffered, quiet, help, version;
    bool no_sandbox, sandbox_status;
    const char *user;                    /* --user: whom root becomes, or NULL */
    unsigned verbose;
    const char **words;                  /* owned; operands that are no files: of `help` */
    unsigned word_count;
};

/* 0, or STATUS_USAGE with the reason in err. Frees nothing on failure but what options_done() frees. */
int options_parse(struct options *o, int argc, char **argv, struct wt_error *err);
void options_done(struct options *o);

/* Whether any input is an interface. */
bool options_live(const struct options *o);

/* The nearest of `count` words to `typed`, or NULL where none is near (for "did you mean"). */
const char *nearest_word(const char *typed, const char *const *words, size_t count);

/* -Y: NULL where there is none. 0, or STATUS_USAGE with its message said. over: enum wt_filter_over. */
/* Whether the view can be opened: both ends are a terminal that can be drawn on. */
bool view_possible(void);

struct wt_filter;
int display_filter_compile(const struct options *o, unsigned over, struct wt_filter **ret_filter);
/* The same, over packets or over connections. */
int one_sided_filter(const struct options *o, struct wt_filter **ret_filter);

/* Parsers of values, 0 or -EINVAL with a reason. */
int parse_number(const char *text, uint64_t least, uint64_t most, uint64_t *ret_number, struct wt_error *err);
int parse_time_wait(const char *text, uint64_t *ret_seconds, struct wt_error *err);
int parse_size_limit(const char *text, bool rotation, struct size_limits *limits, struct wt_error *err);
int parse_seed(const char *text, uint64_t ret_seed[2], struct wt_error *err);

#endif

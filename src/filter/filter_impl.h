/* Inside the filter: text → tokens (lex) → nodes (parse) → typed nodes (check, literal) → true or false (eval). */
#ifndef FILTER_FILTER_IMPL_H
#define FILTER_FILTER_IMPL_H

#define PCRE2_CODE_UNIT_WIDTH 8
#include <pcre2.h>

#include "wiretale/filter.h"

__extension__ typedef __int128 wide;

#define MAX_FILTER_TEXT 65536
#define MAX_NODES 4096
#define MAX_SLOTS 64
#define MAX_ALIKE 16         /* fields of one name in several dissectors */
#define MAX_DEPTH 200
#define MAX_VALUES 4096      /* of all fields of a packet */

enum token_kind {
    T_END, T_WORD, T_STRING, T_CHAR, T_LPAREN, T_RPAREN, T_LBRACE, T_RBRACE, T_LBRACKET, T_RBRACKET, T_COMMA, T_COLON,
    T_RANGE, T_HASH, T_EQ, T_NE, T_ALL_EQ, T_ANY_NE, T_LT, T_LE, T_GT, T_GE, T_CONTAINS, T_MATCHES, T_IN, T_AND, T_OR,
    T_XOR, T_NOT, T_AMP, T_PLUS, T_MINUS, T_STAR, T_SLASH, T_PERCENT, T_ANY, T_ALL
};

struct token {
    enum token_kind kind;
    size_t at, len;            /* in the text */
    struct wt_slice text;      /* of a word or a decoded string; owned by the filter's arena */
};

enum node_kind {
    N_AND, N_OR, N_XOR, N_NOT, N_EXISTS,
    N_EQ, N_NE, N_ALL_EQ, N_ANY_NE, N_LT, N_LE, N_GT, N_GE, N_CONTAINS, N_MATCHES, N_IN,
    N_FIELD, N_LITERAL, N_SLICE, N_CALL, N_NEGATE, N_ADD, N_SUB, N_MUL, N_DIV, N_MOD, N_BITAND, N_RANGE
};

enum quantifier { Q_DEFAULT, Q_ANY, Q_ALL };

enum function { F_LEN, F_COUNT, F_UPPER, F_LOWER, F_STRING, F_MIN, F_MAX, F_ABS, F_NONE };

/* What a node gives when it is asked for values. */
enum kind { K_NONE, K_BOOL, K_NUMBER, K_TIME, K_DURATION, K_TEXT, K_BYTES, K_IPV4, K_IPV6, K_ETHER, K_PROTOCOL, K_ANY };

struct value {
    uint8_t kind;             /* enum kind */
    uint8_t prefix;           /* literal addresses: bits that count; 255: all */
    wide number;
    struct wt_slice bytes;
};

struct slice_part {
    int32_t from, len;        /* negative from: from the end; len INT32_MAX: to the end */
};

struct node {
    uint8_t kind;             /* enum node_kind */
    uint8_t gives;            /* enum kind, after check */
    uint8_t quantifier, function;
    uint16_t slot;            /* N_FIELD */
    uint16_t layer_first, layer_last;   /* N_FIELD: occurrence of its layer, from 1; 0: all */
    size_t at, len;
    struct node *left, *right;
    struct node *next;        /* in an argument list or a set */
    struct wt_slice text;     /* literal as written */
    bool quoted;
    struct value literal;
    struct slice_part parts[4];
    unsigned part_count;
    pcre2_code *pattern;      /* N_MATCHES; owned */
};

enum slot_over { S_DISSECTOR, S_LAYER, S_FRAME, S_CONNECTION };

/* A field that the filter names. */
struct slot {
    const char *name;
    uint8_t over;             /* enum slot_over */
    bool direct;              /* every field of the name is a HEADER row: no describe() needed */
    uint8_t kind;             /* enum kind of its values */
    unsigned alike;
    const struct wt_field *field[MAX_ALIKE];
    int dissector[MAX_ALIKE];
};

struct wt_filter {
    char *text;
    struct node *nodes;
    unsigned node_count;
    struct slot slots[MAX_SLOTS];
    unsigned slot_count;
    struct node *root;
    uint8_t *arena;           /* bytes of literals */
    size_t arena_used, arena_size;
    unsigned over, uses;
    struct wt_filter_error *error;
    bool failed;
    bool pattern_next;        /* a regular expression is expected: escapes that are not a string's are its own */
};

void filter_fail(struct wt_filter *f, size_t at, size_t len, const char *format, ...)
    __attribute__((format(printf, 4, 5)));
uint8_t *filter_bytes(struct wt_filter *f, size_t len);

/* lex.c: the token at *at, which moves behind it. */
struct token filter_lex(struct wt_filter *f, size_t *at);

/* parse.c */
void filter_parse(struct wt_filter *f);
struct node *filter_node(struct wt_filter *f, enum node_kind kind, size_t at, size_t len);

/* names.c: the slot of a field's name, or -1. */
int filter_slot(struct wt_filter *f, struct wt_slice name);
void filter_nearest(const struct wt_filter *f, struct wt_slice name, char *ret_name, size_t size);
enum kind filter_kind_of_type(enum wt_type type);

/* check.c */
void filter_check(struct wt_filter *f);
const char *filter_kind_name(enum kind kind);

/* literal.c: reads node->text as a value of that kind, with the value names of the slot; false: it is none. */
bool filter_literal(struct wt_filter *f, struct node *node, enum kind kind, const struct slot *slot);

/* values.c: the values of a slot in what the matcher looks at. */
struct wt_filter_matcher {
    const struct wt_filter *filter;
    const struct wt_packet_view *view;
    const struct wt_connection *connection;
    struct { uint16_t first, count; bool ready; } slots[MAX_SLOTS];
    struct value *values;     /* MAX_VALUES; with the occurrence of their layer beside */
    uint16_t *occurrence;
    unsigned value_count;
    uint8_t *scratch;         /* for functions and slices; reset a packet */
    size_t scratch_used;
    int64_t first_ns, previous_ns, this_ns;   /* frames that the matcher was shown */
    bool seen;
    const char *(*name_of)(void *names, unsigned family, const uint8_t *address);
    void *names;
    pcre2_match_data *match;
    pcre2_match_context *match_context;
    _Alignas(16) uint8_t header[WT_MAX_HEADER];
};
#define FILTER_SCRATCH 65536
void filter_gather(struct wt_filter_matcher *m, unsigned slot);
struct value *filter_value_add(struct wt_filter_matcher *m, unsigned occurrence);
struct wt_slice filter_scratch(struct wt_filter_matcher *m, const char *text, size_t len);

/* conn_fields.c, frame_fields.c: adds the values of row `index` of the table. */
void filter_connection_values(struct wt_filter_matcher *m, unsigned index);
void filter_frame_values(struct wt_filter_matcher *m, unsigned index);

/* eval.c */
bool filter_eval(struct wt_filter_matcher *m, const struct node *n);

#endif

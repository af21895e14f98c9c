/* Tokens to nodes. Binding, weakest first: or, xor, and, not, comparison, &, + -, * / %, unary minus, [slice].
 * A parenthesis may hold a condition or a value; which it was shows when it is closed. */
#include <ctype.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "filter/filter_impl.h"

struct parser {
    struct wt_filter *f;
    struct token now;
    size_t at;         /* behind `now` */
    unsigned depth;
};

static void advance(struct parser *p)
{
    p->now = filter_lex(p->f, &p->at);
}

static bool accept(struct parser *p, enum token_kind kind)
{
    if (p->f->failed || p->now.kind != kind)
        return false;
    advance(p);
    return true;
}

static void expect(struct parser *p, enum token_kind kind, const char *what)
{
    if (!accept(p, kind))
        filter_fail(p->f, p->now.at, p->now.len, "expected %s", what);
}

struct node *filter_node(struct wt_filter *f, enum node_kind kind, size_t at, size_t len)
{
    static struct node nothing;
    if (f->node_count == MAX_NODES) {
        filter_fail(f, at, len, "a filter of more than %d parts", MAX_NODES);
        return &nothing;
    }
    struct node *n = &f->nodes[f->node_count++];
    *n = (struct node){ .kind = (uint8_t)kind, .at = at, .len = len, .function = F_NONE };
    return n;
}

static struct node *join(struct parser *p, enum node_kind kind, struct node *left, struct node *right)
{
    struct node *n = filter_node(p->f, kind, left->at, right->at + right->len - left->at);
    n->left = left;
    n->right = right;
    return n;
}

static struct node *parse_or(struct parser *p);
static struct node *parse_bits(struct parser *p);

static bool is_condition(const struct node *n)
{
    return n->kind <= N_IN;
}

/* "i:len", "i-last", "i", ":len", "i:", comma-separated, read from the text itself, since a word may hold ':'. */
static bool parse_slice_part(struct parser *p, const char **s, struct slice_part *part)
{
    char *end;
    *part = (struct slice_part){ 0, INT32_MAX };
    long from = 0, last;
    bool given = **s == '-' || isdigit((unsigned char)**s);
    if (given) {
        from = strtol(*s, &end, 0);
        *s = end;
    }
    part->from = (int32_t)from;
    while (**s == ' ')
        ++*s;
    if (**s == ':') {
        ++*s;
        if (isdigit((unsigned char)**s)) {
            part->len = (int32_t)strtol(*s, &end, 0);
            *s = end;
        } else if (!given) {
            return false;
        }
    } else if (**s == '-' && given) {
        last = strtol(*s + 1, &end, 0);
        if (end == *s + 1 || last < from)
            return false;
        part->len = (int32_t)(last - from + 1);
        *s = end;
    } else if (given) {
        part->len = 1;
    } else {
        return false;
    }
    while (**s == ' ')
        ++*s;
    (void)p;
    return part->len > 0;
}

static struct node *parse_slice(struct parser *p, struct node *value)
{
    struct node *n = filter_node(p->f, N_SLICE, value->at, value->len);
    n->left = value;
    const char *start = p->f->text + p->now.at + 1, *s = start;
    do {
        while (*s == ' ')
            s++;
        if (n->part_count == 4 || !parse_slice_part(p, &s, &n->parts[n->part_count++])) {
            filter_fail(p->f, p->now.at, (size_t)(s - start) + 1,
                        "expected a slice: [offset:length], [first-last], [offset] or [:length]; at most 4 of them");
            return n;
        }
    } while (*s == ',' && s++);
    if (*s != ']') {
        filter_fail(p->f, p->now.at, (size_t)(s - start) + 1, "expected ']' at the end of the slice");
        return n;
    }
    p->at = (size_t)(s - p->f->text) + 1;
    n->len = p->at - n->at;
    advance(p);
    return n;
}

/* "#2", "#[1-3]"; in "ip#2.src" the word behind the number completes the field's name. */
static struct node *parse_layer(struct parser *p, struct node *n)
{
    const char *s = p->f->text + p->at, *start = s;
    char *end;
    bool range = *s == '[';
    s += range;
    long first = strtol(s, &end, 10), last = first;
    bool ok = end != s && first > 0 && first < 65536;
    s = end;
    if (ok && range && *s == '-') {
        last = strtol(s + 1, &end, 10);
        ok = end != s + 1 && last >= first && last < 65536;
        s = end;
    }
    if (range)
        ok = ok && *s++ == ']';
    if (!ok) {
        filter_fail(p->f, p->now.at, (size_t)(s - start) + 1, "expected the number of a layer: ip.src#2, ip#2.src, #[1-3]");
        return n;
    }
    n->layer_first = (uint16_t)first;
    n->layer_last = (uint16_t)last;
    if (*s == '.') {
        size_t rest = 1;
        while (isalnum((unsigned char)s[rest]) || s[rest] == '_' || s[rest] == '.' || s[rest] == '-')
            rest++;
        uint8_t *name = filter_bytes(p->f, n->text.len + rest);
        if (name) {
            memcpy(name, n->text.at, n->text.len);
            memcpy(name + n->text.len, s, rest);
            n->text = (struct wt_slice){ name, n->text.len + rest };
        }
        s += rest;
    }
    p->at = (size_t)(s - p->f->text);
    n->len = p->at - n->at;
    advance(p);
    return n;
}

static enum function function_named(struct wt_slice word)
{
    static const char *const names[] = { "len", "count", "upper", "lower", "string", "min", "max", "abs" };
    for (int i = 0; i < F_NONE; i++)
        if (strlen(names[i]) == word.len && memcmp(names[i], word.at, word.len) == 0)
            return (enum function)i;
    return F_NONE;
}

static struct node *parse_call(struct parser *p, struct token word)
{
    struct node *n = filter_node(p->f, N_CALL, word.at, word.len);
    n->function = (uint8_t)function_named(word.text);
    if (n->function == F_NONE)
        filter_fail(p->f, word.at, word.len, "no such function; there are len count upper lower string min max abs");
    advance(p);
    struct node **tail = &n->left;
    do {
        *tail = parse_bits(p);
        tail = &(*tail)->next;
    } while (accept(p, T_COMMA));
    n->len = p->now.at + p->now.len - n->at;
    expect(p, T_RPAREN, "')' behind the arguments");
    return n;
}

static struct node *parse_word(struct parser *p)
{
    struct token t = p->now;
    advance(p);
    if (t.kind == T_WORD && p->now.kind == T_LPAREN && p->now.at == t.at + t.len)
        return parse_call(p, t);
    struct node *n = filter_node(p->f, N_LITERAL, t.at, t.len);
    n->text = t.text;
    n->quoted = t.kind != T_WORD;
    if (p->now.kind == T_HASH && t.kind == T_WORD) {
        parse_layer(p, n);
        n->kind = N_FIELD;
    }
    return n;
}

static struct node *parse_primary(struct parser *p)
{
    struct node *n;
    if (++p->depth > MAX_DEPTH) {
        filter_fail(p->f, p->now.at, p->now.len, "nested more than %d deep", MAX_DEPTH);
        return filter_node(p->f, N_LITERAL, p->now.at, 0);
    }
    size_t at = p->now.at;
    if (accept(p, T_LPAREN)) {
        n = parse_or(p);
        expect(p, T_RPAREN, "')'");
    } else if (accept(p, T_LBRACE)) {
        n = parse_bits(p);
        expect(p, T_RBRACE, "'}'");
    } else if (accept(p, T_MINUS)) {
        struct node *value = parse_primary(p);
        n = filter_node(p->f, N_NEGATE, at, value->at + value->len - at);
        n->left = value;
    } else if (p->now.kind == T_WORD || p->now.kind == T_STRING || p->now.kind == T_CHAR) {
        n = parse_word(p);
        while (p->now.kind == T_LBRACKET && !p->f->failed)
            n = parse_slice(p, n);
    } else {
        filter_fail(p->f, p->now.at, p->now.len, "expected a field or a value%s",
                    p->now.kind == T_END ? ", but the filter ends here" : "");
        n = filter_node(p->f, N_LITERAL, at, 0);
    }
    p->depth--;
    return n;
}

static struct node *parse_product(struct parser *p)
{
    struct node *left = parse_primary(p);
    for (;;) {
        if (accept(p, T_STAR))
            left = join(p, N_MUL, left, parse_primary(p));
        else if (accept(p, T_SLASH))
            left = join(p, N_DIV, left, parse_primary(p));
        else if (accept(p, T_PERCENT))
            left = join(p, N_MOD, left, parse_primary(p));
        else
            return left;
    }
}

static struct node *parse_sum(struct parser *p)
{
    struct node *left = parse_product(p);
    for (;;) {
        if (accept(p, T_PLUS))
            left = join(p, N_ADD, left, parse_product(p));
        else if (accept(p, T_MINUS))
            left = join(p, N_SUB, left, parse_product(p));
        else
            return left;
    }
}

static struct node *parse_bits(struct parser *p)
{
    struct node *left = parse_sum(p);
    while (accept(p, T_AMP))
        left = join(p, N_BITAND, left, parse_sum(p));
    return left;
}

static struct node *parse_set(struct parser *p, struct node *value)
{
    struct node *n = filter_node(p->f, N_IN, value->at, value->len);
    n->left = value;
    expect(p, T_LBRACE, "'{' and a set, as in {80, 443, 8000..8080}");
    struct node **tail = &n->right;
    while (!p->f->failed) {
        struct node *member = parse_bits(p);
        if (accept(p, T_RANGE))
            member = join(p, N_RANGE, member, parse_bits(p));
        *tail = member;
        tail = &member->next;
        if (!accept(p, T_COMMA) && p->now.kind != T_WORD && p->now.kind != T_STRING)
            break;
    }
    n->len = p->now.at + p->now.len - n->at;
    expect(p, T_RBRACE, "',' or '}'");
    return n;
}

static int relation(enum token_kind kind)
{
    static const struct { enum token_kind token; enum node_kind node; } relations[] = {
        { T_EQ, N_EQ }, { T_NE, N_NE }, { T_ALL_EQ, N_ALL_EQ }, { T_ANY_NE, N_ANY_NE }, { T_LT, N_LT }, { T_LE, N_LE },
        { T_GT, N_GT }, { T_GE, N_GE }, { T_CONTAINS, N_CONTAINS }, { T_MATCHES, N_MATCHES },
    };
    for (size_t i = 0; i < sizeof relations / sizeof relations[0]; i++)
        if (relations[i].token == kind)
            return (int)relations[i].node;
    return -1;
}

static struct node *parse_test(struct parser *p)
{
    uint8_t quantifier = accept(p, T_ANY) ? Q_ANY : accept(p, T_ALL) ? Q_ALL : Q_DEFAULT;
    struct node *left = parse_bits(p), *result = NULL;
    int kind;
    while (!p->f->failed && (kind = relation(p->now.kind)) >= 0) {
        p->f->pattern_next = kind == N_MATCHES;
        advance(p);
        p->f->pattern_next = false;
        struct node *right = parse_bits(p), *n = join(p, (enum node_kind)kind, left, right);
        n->quantifier = quantifier;
        result = result ? join(p, N_AND, result, n) : n;
        left = right;
    }
    if (result)
        return result;
    bool negated = p->now.kind == T_NOT;
    struct parser before = *p;
    if (negated)
        advance(p);
    if (accept(p, T_IN)) {
        struct node *n = parse_set(p, left);
        n->quantifier = quantifier;
        return negated ? join(p, N_NOT, n, n) : n;
    }
    *p = before;
    if (is_condition(left))
        return left;
    struct node *n = filter_node(p->f, N_EXISTS, left->at, left->len);
    n->left = left;
    return n;
}

static struct node *parse_not(struct parser *p)
{
    size_t at = p->now.at;
    if (!accept(p, T_NOT))
        return parse_test(p);
    struct node *n = filter_node(p->f, N_NOT, at, 1);
    if (++p->depth > MAX_DEPTH)
        filter_fail(p->f, at, 1, "nested more than %d deep", MAX_DEPTH);
    else
        n->left = parse_not(p);
    p->depth--;
    if (n->left)
        n->len = n->left->at + n->left->len - at;
    return n;
}

static struct node *parse_and(struct parser *p)
{
    struct node *left = parse_not(p);
    while (accept(p, T_AND))
        left = join(p, N_AND, left, parse_not(p));
    return left;
}

static struct node *parse_xor(struct parser *p)
{
    struct node *left = parse_and(p);
    while (accept(p, T_XOR))
        left = join(p, N_XOR, left, parse_and(p));
    return left;
}

static struct node *parse_or(struct parser *p)
{
    struct node *left = parse_xor(p);
    while (accept(p, T_OR))
        left = join(p, N_OR, left, parse_xor(p));
    /* A value alone in parentheses stays a value: its parser unwraps the test of presence. */
    return left->kind == N_EXISTS && p->now.kind == T_RPAREN && p->depth ? left->left : left;
}

void filter_parse(struct wt_filter *f)
{
    struct parser p = { .f = f };
    advance(&p);
    if (p.now.kind == T_END) {
        filter_fail(f, 0, 0, "an empty filter");
        return;
    }
    f->root = parse_or(&p);
    if (!f->failed && p.now.kind != T_END)
        filter_fail(f, p.now.at, p.now.len, "expected 'and', 'or' or a comparison here");
}

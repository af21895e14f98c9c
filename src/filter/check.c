/* Types, before anything runs: every comparison has a field in it, and what stands beside it can be one of its
 * values. */
#include <stdlib.h>
#include <string.h>

#include "filter/filter_impl.h"

const char *filter_kind_name(enum kind kind)
{
    static const char *const names[] = {
        "no value", "a truth value", "a number", "a time", "a duration (in seconds, or as 100ms)", "a text", "bytes", "an IPv4 address",
        "an IPv6 address", "an Ethernet address", "a protocol", "anything",
    };
    return names[kind];
}

static void check_value(struct wt_filter *f, struct node *n);
static void check_condition(struct wt_filter *f, struct node *n);

static bool literal(const struct node *n)
{
    return n->kind == N_LITERAL || (n->kind == N_NEGATE && n->left->kind == N_LITERAL);
}

/* A name with a dot, or of letters alone, was meant as a field when no value fits it. */
static void fail_name(struct wt_filter *f, const struct node *n)
{
    char near[64];
    filter_nearest(f, n->text, near, sizeof near);
    if (near[0])
        filter_fail(f, n->at, n->len, "'%.*s' is no field; did you mean '%s'?", (int)n->text.len,
                    (const char *)n->text.at, near);
    else
        filter_fail(f, n->at, n->len, "'%.*s' is no field; `wiretale fields` lists them", (int)n->text.len,
                    (const char *)n->text.at);
}

static void resolve(struct wt_filter *f, struct node *n)
{
    bool must = n->kind == N_FIELD;
    if (n->kind == N_LITERAL && n->quoted)
        return;
    int slot = filter_slot(f, n->text);
    if (slot < 0) {
        if (must)
            fail_name(f, n);
        return;
    }
    n->kind = N_FIELD;
    n->slot = (uint16_t)slot;
    n->gives = f->slots[slot].kind;
    f->uses |= f->slots[slot].over == S_CONNECTION ? WT_FILTER_CONNECTIONS : WT_FILTER_PACKETS;
}

static bool numeric(enum kind kind)
{
    return kind == K_NUMBER || kind == K_TIME || kind == K_DURATION || kind == K_BOOL;
}

static const struct slot *slot_of(const struct wt_filter *f, const struct node *n)
{
    return n->kind == N_FIELD ? &f->slots[n->slot] : NULL;
}

/* Reads a literal as the kind of what it stands beside. */
static void convert(struct wt_filter *f, struct node *n, enum kind kind, const struct slot *slot)
{
    if (f->failed)
        return;
    if (n->kind == N_NEGATE) {
        if (kind != K_NUMBER && kind != K_DURATION && kind != K_TIME) {
            filter_fail(f, n->at, n->len, "expected %s, not a negative number", filter_kind_name(kind));
            return;
        }
        convert(f, n->left, kind, slot);
        n->gives = (uint8_t)kind;
        return;
    }
    if (!filter_literal(f, n, kind, slot)) {
        bool looks_like_field = !n->quoted && memchr(n->text.at, '.', n->text.len)
            && strchr("abcdefghijklmnopqrstuvwxyz", n->text.at[0]);
        if (looks_like_field && kind != K_IPV4 && kind != K_IPV6)
            fail_name(f, n);
        else
            filter_fail(f, n->at, n->len, "expected %s%s%s%s", filter_kind_name(kind), slot ? " for '" : "",
                        slot ? slot->name : "", slot ? "'" : "");
    }
    n->gives = (uint8_t)kind;
}

static void check_arithmetic(struct wt_filter *f, struct node *n)
{
    check_value(f, n->left);
    check_value(f, n->right);
    struct node *a = n->left, *b = n->right;
    enum kind kind = !literal(a) ? (enum kind)a->gives : !literal(b) ? (enum kind)b->gives : K_NUMBER;
    bool bytes = n->kind == N_BITAND && (kind == K_BYTES || kind == K_PROTOCOL || kind == K_ETHER);
    if (bytes) {
        if (literal(a))
            convert(f, a, K_BYTES, NULL);
        if (literal(b))
            convert(f, b, K_BYTES, NULL);
        n->gives = K_BYTES;
        return;
    }
    if (!f->failed && !numeric(kind)) {
        filter_fail(f, n->at, n->len, "arithmetic needs numbers, but this is %s", filter_kind_name(kind));
        return;
    }
    if (literal(a))
        convert(f, a, kind, NULL);
    if (literal(b))
        convert(f, b, kind == K_TIME && n->kind != N_BITAND ? K_DURATION : kind, NULL);
    if (!f->failed && (!numeric((enum kind)a->gives) || !numeric((enum kind)b->gives)))
        filter_fail(f, n->at, n->len, "arithmetic needs numbers on both sides");
    n->gives = kind == K_BOOL ? K_NUMBER : (uint8_t)kind;
}

static void check_call(struct wt_filter *f, struct node *n)
{
    unsigned count = 0;
    enum kind kind = K_ANY;
    for (struct node *a = n->left; a && !f->failed; a = a->next, count++) {
        check_value(f, a);
        if (!literal(a) && kind == K_ANY)
            kind = (enum kind)a->gives;
    }
    if (f->failed)
        return;
    bool several = n->function == F_MIN || n->function == F_MAX;
    if (!several && count != 1) {
        filter_fail(f, n->at, n->len, "this function takes one argument");
        return;
    }
    if (kind == K_ANY) {
        filter_fail(f, n->at, n->len, "expected a field among the arguments");
        return;
    }
    for (struct node *a = n->left; a; a = a->next)
        if (literal(a))
            convert(f, a, kind, NULL);
    bool text = kind == K_TEXT, bytes = text || kind == K_BYTES || kind == K_PROTOCOL || kind == K_ETHER;
    if (((n->function == F_UPPER || n->function == F_LOWER) && !text)
        || (n->function == F_LEN && !bytes) || (n->function == F_ABS && !numeric(kind))
        || (several && !numeric(kind)))
        filter_fail(f, n->left->at, n->left->len, "this function does not take %s", filter_kind_name(kind));
    if (n->function == F_COUNT && n->left->kind != N_FIELD)
        filter_fail(f, n->left->at, n->left->len, "count() takes a field");
    n->gives = n->function == F_LEN || n->function == F_COUNT ? K_NUMBER
        : n->function == F_UPPER || n->function == F_LOWER || n->function == F_STRING ? K_TEXT
                                                                                      : (uint8_t)kind;
}

static void check_value(struct wt_filter *f, struct node *n)
{
    if (f->failed)
        return;
    switch (n->kind) {
    case N_LITERAL:
    case N_FIELD:
        resolve(f, n);
        break;
    case N_SLICE:
        check_value(f, n->left);
        if (!f->failed && literal(n->left)) {
            fail_name(f, n->left);
            return;
        }
        if (!f->failed && (n->left->gives == K_NONE || numeric((enum kind)n->left->gives)))
            filter_fail(f, n->at, n->len, "%s has no bytes to slice", filter_kind_name((enum kind)n->left->gives));
        n->gives = n->left->gives == K_TEXT ? K_TEXT : K_BYTES;
        break;
    case N_NEGATE:
        check_value(f, n->left);
        if (!f->failed && !literal(n) && !numeric((enum kind)n->left->gives))
            filter_fail(f, n->at, n->len, "expected a number behind '-'");
        n->gives = n->left->gives;
        break;
    case N_CALL:
        check_call(f, n);
        break;
    case N_ADD: case N_SUB: case N_MUL: case N_DIV: case N_MOD: case N_BITAND:
        check_arithmetic(f, n);
        break;
    default:
        filter_fail(f, n->at, n->len, "expected a value, not a condition");
    }
}

static bool comparable(enum kind a, enum kind b)
{
    bool bytes_a = a == K_BYTES || a == K_PROTOCOL || a == K_ETHER || a == K_TEXT;
    bool bytes_b = b == K_BYTES || b == K_PROTOCOL || b == K_ETHER || b == K_TEXT;
    return a == b || (numeric(a) && numeric(b)) || (bytes_a && bytes_b);
}

static void compile_pattern(struct wt_filter *f, struct node *n)
{
    int code;
    size_t offset;
    struct wt_slice p = n->right->text;
    n->pattern = pcre2_compile(p.at, p.len, PCRE2_CASELESS | PCRE2_NEVER_UTF | PCRE2_NEVER_BACKSLASH_C, &code, &offset,
                               NULL);
    if (!n->pattern) {
        char why[128];
        pcre2_get_error_message(code, (PCRE2_UCHAR *)why, sizeof why);
        filter_fail(f, n->right->at, n->right->len, "not a regular expression: %s (at character %zu)", why, offset + 1);
    }
}

static void check_pair(struct wt_filter *f, struct node *n, struct node *a, struct node *b)
{
    if (f->failed)
        return;
    if (literal(a) && literal(b)) {
        const struct node *named = a->kind == N_LITERAL && !a->quoted ? a : b;
        if (named->kind == N_LITERAL && !named->quoted)
            fail_name(f, named);
        else
            filter_fail(f, n->at, n->len, "expected a field on one side");
        return;
    }
    struct node *field = literal(a) ? b : a, *other = literal(a) ? a : b;
    if (field->gives == K_NONE) {
        filter_fail(f, field->at, field->len, "this field has no value: it is there or not, so name it alone");
        return;
    }
    bool text_in_bytes = n->kind == N_CONTAINS && other->kind == N_LITERAL && other->quoted;
    if (literal(other))
        convert(f, other, text_in_bytes ? K_TEXT : (enum kind)field->gives, slot_of(f, field));
    else if (!comparable((enum kind)a->gives, (enum kind)b->gives))
        filter_fail(f, n->at, n->len, "%s cannot be compared with %s", filter_kind_name((enum kind)a->gives),
                    filter_kind_name((enum kind)b->gives));
}

static void check_comparison(struct wt_filter *f, struct node *n)
{
    check_value(f, n->left);
    if (f->failed)
        return;
    if (n->kind == N_MATCHES) {
        if (n->right->kind != N_LITERAL) {
            filter_fail(f, n->right->at, n->right->len, "expected a regular expression, as in matches \"^GET\"");
            return;
        }
        if (literal(n->left))
            fail_name(f, n->left);
        else if (numeric((enum kind)n->left->gives) || n->left->gives == K_NONE || n->left->gives == K_IPV4
                 || n->left->gives == K_IPV6)
            filter_fail(f, n->left->at, n->left->len, "'matches' needs text or bytes, and this is %s",
                        filter_kind_name((enum kind)n->left->gives));
        else
            compile_pattern(f, n);
        return;
    }
    check_value(f, n->right);
    check_pair(f, n, n->left, n->right);
    if (!f->failed && n->kind == N_CONTAINS && (numeric((enum kind)n->left->gives) || n->left->gives == K_IPV4))
        filter_fail(f, n->left->at, n->left->len, "'contains' needs text or bytes, and this is %s",
                    filter_kind_name((enum kind)n->left->gives));
}

static void check_set(struct wt_filter *f, struct node *n)
{
    check_value(f, n->left);
    for (struct node *m = n->right; m && !f->failed; m = m->next) {
        if (m->kind == N_RANGE) {
            check_value(f, m->left);
            check_value(f, m->right);
            check_pair(f, n, n->left, m->left);
            check_pair(f, n, n->left, m->right);
        } else {
            check_value(f, m);
            check_pair(f, n, n->left, m);
        }
    }
}

static void check_condition(struct wt_filter *f, struct node *n)
{
    if (f->failed)
        return;
    switch (n->kind) {
    case N_AND: case N_OR: case N_XOR:
        check_condition(f, n->left);
        check_condition(f, n->right);
        break;
    case N_NOT:
        check_condition(f, n->left);
        break;
    case N_EXISTS:
        check_value(f, n->left);
        if (!f->failed && literal(n->left)) {
            if (n->left->kind == N_LITERAL && !n->left->quoted)
                fail_name(f, n->left);
            else
                filter_fail(f, n->at, n->len, "expected a field or a comparison");
        }
        break;
    case N_IN:
        check_set(f, n);
        break;
    default:
        if (n->kind >= N_EQ && n->kind <= N_MATCHES)
            check_comparison(f, n);
        else
            filter_fail(f, n->at, n->len, "expected a condition");
    }
}

void filter_check(struct wt_filter *f)
{
    struct node *root = f->root;
    if (root->kind > N_IN) {
        struct node *n = filter_node(f, N_EXISTS, root->at, root->len);
        n->left = root;
        f->root = n;
    }
    check_condition(f, f->root);
}

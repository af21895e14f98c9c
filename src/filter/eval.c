/* Nodes to true or false. A value node gives a list; "==" holds when any pair does, "!=" when all pairs differ (as in
 * Wireshark since 4.0); an absent field makes every comparison false. */
#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "filter/filter_impl.h"

struct list {
    struct value *at;
    unsigned count;
};

static struct list values_of(struct wt_filter_matcher *m, const struct node *n);

static struct list list_of(struct wt_filter_matcher *m, unsigned first)
{
    return (struct list){ m->values + first, m->value_count - first };
}

static struct list field_values(struct wt_filter_matcher *m, const struct node *n)
{
    filter_gather(m, n->slot);
    unsigned first = m->slots[n->slot].first, count = m->slots[n->slot].count;
    if (!n->layer_first)
        return (struct list){ m->values + first, count };
    unsigned start = m->value_count;
    for (unsigned i = first; i < first + count; i++)
        if (m->occurrence[i] >= n->layer_first && m->occurrence[i] <= n->layer_last)
            *filter_value_add(m, m->occurrence[i]) = m->values[i];
    return list_of(m, start);
}

static struct list slice_values(struct wt_filter_matcher *m, const struct node *n)
{
    struct list whole = values_of(m, n->left);
    unsigned start = m->value_count;
    for (unsigned i = 0; i < whole.count; i++) {
        struct wt_slice b = whole.at[i].bytes, out = { NULL, 0 };
        bool ok = true;
        for (unsigned k = 0; k < n->part_count; k++) {
            int64_t from = n->parts[k].from;
            from = from < 0 ? (int64_t)b.len + from : from;
            int64_t len = n->parts[k].len == INT32_MAX ? (int64_t)b.len - from : n->parts[k].len;
            ok = ok && from >= 0 && len > 0 && from + len <= (int64_t)b.len;
            if (!ok)
                break;
            struct wt_slice part = { b.at + from, (size_t)len };
            if (n->part_count > 1)
                part = filter_scratch(m, (const char *)part.at, part.len);
            out = k == 0 ? part : (struct wt_slice){ out.at, out.len + part.len };
        }
        if (ok) {
            struct value *v = filter_value_add(m, 0);
            v->kind = n->gives;
            v->bytes = out;
        }
    }
    return list_of(m, start);
}

static wide calculate(enum node_kind kind, wide a, wide b, bool *ok)
{
    switch (kind) {
    case N_ADD: return a + b;
    case N_SUB: return a - b;
    case N_MUL: {
        wide limit = (wide)1 << 62;
        *ok = a < limit && a > -limit && b < limit && b > -limit;
        return *ok ? a * b : 0;
    }
    case N_DIV: *ok = b != 0; return *ok ? a / b : 0;
    case N_MOD: *ok = b != 0; return *ok ? a % b : 0;
    default: return (wide)((uint64_t)a & (uint64_t)b);
    }
}

/* The bits that two byte strings share, as far as both go. */
static void add_common_bits(struct wt_filter_matcher *m, struct wt_slice a, struct wt_slice b)
{
    struct wt_slice out = filter_scratch(m, (const char *)a.at, a.len < b.len ? a.len : b.len);
    uint8_t *at = m->scratch + m->scratch_used - out.len;
    for (size_t i = 0; i < out.len; i++)
        at[i] &= b.at[i];
    struct value *v = filter_value_add(m, 0);
    v->kind = K_BYTES;
    v->bytes = out;
}

static struct list arithmetic_values(struct wt_filter_matcher *m, const struct node *n)
{
    struct list a = values_of(m, n->left), b = values_of(m, n->right);
    unsigned start = m->value_count;
    if (n->gives == K_BYTES) {
        for (unsigned i = 0; i < a.count; i++)
            for (unsigned k = 0; k < b.count; k++)
                add_common_bits(m, a.at[i].bytes, b.at[k].bytes);
        return list_of(m, start);
    }
    for (unsigned i = 0; i < a.count; i++) {
        for (unsigned k = 0; k < b.count; k++) {
            bool ok = true;
            wide result = calculate((enum node_kind)n->kind, a.at[i].number, b.at[k].number, &ok);
            if (!ok)
                continue;
            struct value *v = filter_value_add(m, 0);
            v->kind = n->gives;
            v->number = result;
        }
    }
    return list_of(m, start);
}

static void add_string(struct wt_filter_matcher *m, const struct value *of)
{
    char text[64];
    struct wt_text t = { text, sizeof text, 0, false };
    struct value copy = *of;
    if (of->kind == K_IPV4 || of->kind == K_IPV6)
        wt_text_add_address(&t, of->kind == K_IPV4 ? 4 : 6, of->bytes.at);
    else if (of->kind == K_ETHER && of->bytes.len == 6)
        wt_text_add(&t, "%02x:%02x:%02x:%02x:%02x:%02x", of->bytes.at[0], of->bytes.at[1], of->bytes.at[2],
                    of->bytes.at[3], of->bytes.at[4], of->bytes.at[5]);
    else if (of->kind == K_TIME || of->kind == K_DURATION)
        wt_text_add(&t, "%lld.%09lld", (long long)(of->number / 1000000000), llabs((long long)(of->number % 1000000000)));
    else if (of->kind == K_NUMBER || of->kind == K_BOOL)
        wt_text_add(&t, "%lld", (long long)of->number);
    struct value *v = filter_value_add(m, 0);
    v->kind = K_TEXT;
    v->bytes = t.len ? filter_scratch(m, text, t.len) : copy.bytes;
}

static void add_case(struct wt_filter_matcher *m, const struct value *of, bool upper)
{
    struct wt_slice s = filter_scratch(m, (const char *)of->bytes.at, of->bytes.len);
    uint8_t *at = m->scratch + m->scratch_used - s.len;
    for (size_t i = 0; i < s.len; i++)
        at[i] = (uint8_t)(upper ? toupper(at[i]) : tolower(at[i]));
    struct value *v = filter_value_add(m, 0);
    v->kind = K_TEXT;
    v->bytes = s;
}

static struct list extreme_values(struct wt_filter_matcher *m, const struct node *n)
{
    struct value best = { .prefix = 255 };
    bool any = false;
    for (const struct node *a = n->left; a; a = a->next) {
        struct list l = values_of(m, a);
        for (unsigned i = 0; i < l.count; i++) {
            bool better = n->function == F_MIN ? l.at[i].number < best.number : l.at[i].number > best.number;
            if (!any || better)
                best = l.at[i];
            any = true;
        }
    }
    unsigned start = m->value_count;
    if (any)
        *filter_value_add(m, 0) = best;
    return list_of(m, start);
}

static struct list call_values(struct wt_filter_matcher *m, const struct node *n)
{
    if (n->function == F_MIN || n->function == F_MAX)
        return extreme_values(m, n);
    struct list l = values_of(m, n->left);
    unsigned start = m->value_count;
    if (n->function == F_COUNT) {
        struct value *v = filter_value_add(m, 0);
        v->kind = K_NUMBER;
        v->number = l.count;
        if (l.count == 0)
            m->value_count = start;
        return list_of(m, start);
    }
    for (unsigned i = 0; i < l.count; i++) {
        struct value of = l.at[i];
        if (n->function == F_STRING) {
            add_string(m, &of);
        } else if (n->function == F_UPPER || n->function == F_LOWER) {
            add_case(m, &of, n->function == F_UPPER);
        } else {
            struct value *v = filter_value_add(m, 0);
            v->kind = n->gives;
            v->number = n->function == F_LEN ? (wide)of.bytes.len : of.number < 0 ? -of.number : of.number;
        }
    }
    return list_of(m, start);
}

static struct list values_of(struct wt_filter_matcher *m, const struct node *n)
{
    unsigned start = m->value_count;
    switch (n->kind) {
    case N_FIELD:
        return field_values(m, n);
    case N_LITERAL:
        return (struct list){ (struct value *)&n->literal, 1 };
    case N_SLICE:
        return slice_values(m, n);
    case N_CALL:
        return call_values(m, n);
    case N_NEGATE: {
        struct list l = values_of(m, n->left);
        start = m->value_count;
        for (unsigned i = 0; i < l.count; i++) {
            struct value of = l.at[i], *v = filter_value_add(m, 0);
            *v = of;
            v->number = -of.number;
        }
        return list_of(m, start);
    }
    default:
        return arithmetic_values(m, n);
    }
}

static bool by_bytes(const struct value *v)
{
    return v->kind >= K_TEXT && v->kind <= K_PROTOCOL;
}

/* Addresses with a prefix compare their first bits. */
static int order_prefix(const struct value *a, const struct value *b, unsigned prefix)
{
    size_t whole = prefix / 8;
    int r = memcmp(a->bytes.at, b->bytes.at, whole);
    if (r || prefix % 8 == 0)
        return r;
    unsigned mask = 0xffu << (8 - prefix % 8);
    return (int)(a->bytes.at[whole] & mask) - (int)(b->bytes.at[whole] & mask);
}

static int order(const struct value *a, const struct value *b)
{
    if (!by_bytes(a))
        return a->number < b->number ? -1 : a->number > b->number;
    unsigned prefix = a->prefix < b->prefix ? a->prefix : b->prefix;
    if (prefix != 255 && a->bytes.len == b->bytes.len && prefix <= a->bytes.len * 8)
        return order_prefix(a, b, prefix);
    size_t least = a->bytes.len < b->bytes.len ? a->bytes.len : b->bytes.len;
    int r = least ? memcmp(a->bytes.at, b->bytes.at, least) : 0;
    return r ? r : a->bytes.len < b->bytes.len ? -1 : a->bytes.len > b->bytes.len;
}

static bool pair_holds(enum node_kind kind, const struct value *a, const struct value *b)
{
    switch (kind) {
    case N_EQ: case N_ALL_EQ: return order(a, b) == 0;
    case N_NE: case N_ANY_NE: return order(a, b) != 0;
    case N_LT: return order(a, b) < 0;
    case N_LE: return order(a, b) <= 0;
    case N_GT: return order(a, b) > 0;
    case N_GE: return order(a, b) >= 0;
    default:
        return b->bytes.len == 0 || memmem(a->bytes.at, a->bytes.len, b->bytes.at, b->bytes.len) != NULL;
    }
}

static bool compare(struct wt_filter_matcher *m, const struct node *n)
{
    struct list a = values_of(m, n->left), b = values_of(m, n->right);
    bool all = n->quantifier == Q_ALL || (n->quantifier == Q_DEFAULT && (n->kind == N_NE || n->kind == N_ALL_EQ));
    if (a.count == 0 || b.count == 0)
        return false;
    for (unsigned i = 0; i < a.count; i++)
        for (unsigned k = 0; k < b.count; k++)
            if (pair_holds((enum node_kind)n->kind, &a.at[i], &b.at[k]) != all)
                return !all;
    return all;
}

static bool matches(struct wt_filter_matcher *m, const struct node *n)
{
    struct list l = values_of(m, n->left);
    bool all = n->quantifier == Q_ALL;
    for (unsigned i = 0; i < l.count; i++) {
        const uint8_t *at = l.at[i].bytes.at ? l.at[i].bytes.at : (const uint8_t *)"";
        bool hit = pcre2_match(n->pattern, at, l.at[i].bytes.len, 0, 0, m->match, m->match_context) >= 0;
        if (hit != all)
            return !all;
    }
    return all && l.count;
}

static bool in_member(struct wt_filter_matcher *m, const struct value *v, const struct node *member)
{
    if (member->kind == N_RANGE) {
        struct list low = values_of(m, member->left), high = values_of(m, member->right);
        return low.count && high.count && order(v, low.at) >= 0 && order(v, high.at) <= 0;
    }
    struct list l = values_of(m, member);
    for (unsigned i = 0; i < l.count; i++)
        if (order(v, &l.at[i]) == 0)
            return true;
    return false;
}

static bool in_set(struct wt_filter_matcher *m, const struct node *n)
{
    struct list l = values_of(m, n->left);
    bool all = n->quantifier == Q_ALL;
    for (unsigned i = 0; i < l.count; i++) {
        bool hit = false;
        for (const struct node *member = n->right; member && !hit; member = member->next)
            hit = in_member(m, &l.at[i], member);
        if (hit != all)
            return !all;
    }
    return all && l.count;
}

static bool any_bit(struct wt_slice bytes)
{
    for (size_t i = 0; i < bytes.len; i++)
        if (bytes.at[i])
            return true;
    return false;
}

static bool exists(struct wt_filter_matcher *m, const struct node *n)
{
    struct list l = values_of(m, n->left);
    if (n->left->kind == N_FIELD || n->left->kind == N_SLICE)
        return l.count > 0;
    for (unsigned i = 0; i < l.count; i++)
        if (n->left->kind == N_BITAND && by_bytes(&l.at[i]) ? any_bit(l.at[i].bytes)
                                                            : by_bytes(&l.at[i]) || l.at[i].number != 0)
            return true;
    return false;
}

bool filter_eval(struct wt_filter_matcher *m, const struct node *n)
{
    switch (n->kind) {
    case N_AND:
        return filter_eval(m, n->left) && filter_eval(m, n->right);
    case N_OR:
        return filter_eval(m, n->left) || filter_eval(m, n->right);
    case N_XOR:
        return filter_eval(m, n->left) != filter_eval(m, n->right);
    case N_NOT:
        return !filter_eval(m, n->left);
    case N_EXISTS:
        return exists(m, n);
    case N_MATCHES:
        return matches(m, n);
    case N_IN:
        return in_set(m, n);
    default:
        return compare(m, n);
    }
}

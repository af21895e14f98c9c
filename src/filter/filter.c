/* The filter's public face: compile, match, explain. */
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "filter/filter_impl.h"

void filter_fail(struct wt_filter *f, size_t at, size_t len, const char *format, ...)
{
    if (f->failed)
        return;
    f->failed = true;
    if (!f->error)
        return;
    va_list args;
    va_start(args, format);
    vsnprintf(f->error->text, sizeof f->error->text, format, args);
    va_end(args);
    f->error->at = at;
    f->error->len = len;
}

/* Bytes of literals never need more than the text has, four times over (an address of "::" is 16 bytes). */
uint8_t *filter_bytes(struct wt_filter *f, size_t len)
{
    if (len > f->arena_size - f->arena_used) {
        filter_fail(f, 0, 0, "the filter's literals are too long");
        return NULL;
    }
    uint8_t *at = f->arena + f->arena_used;
    f->arena_used += len;
    return at;
}

static struct wt_filter *filter_new(const char *text, unsigned over, struct wt_filter_error *err)
{
    struct wt_filter *f = calloc(1, sizeof *f);
    if (!f)
        return NULL;
    size_t len = strlen(text);
    f->over = over;
    f->error = err;
    f->arena_size = 32 * len + 256;
    f->text = strdup(text);
    f->arena = malloc(f->arena_size);
    f->nodes = calloc(MAX_NODES, sizeof *f->nodes);
    if (!f->text || !f->arena || !f->nodes) {
        wt_filter_free(f);
        return NULL;
    }
    return f;
}

struct wt_filter *wt_filter_compile(const char *text, unsigned over, struct wt_filter_error *err)
{
    struct wt_filter_error ignored;
    err = err ? err : &ignored;
    *err = (struct wt_filter_error){ 0 };
    if (strlen(text) > MAX_FILTER_TEXT) {
        snprintf(err->text, sizeof err->text, "a filter of more than %d characters", MAX_FILTER_TEXT);
        return NULL;
    }
    struct wt_filter *f = filter_new(text, over, err);
    if (!f) {
        snprintf(err->text, sizeof err->text, "not enough memory for the filter");
        return NULL;
    }
    filter_parse(f);
    if (!f->failed)
        filter_check(f);
    f->error = NULL;
    if (f->failed) {
        wt_filter_free(f);
        return NULL;
    }
    return f;
}

void wt_filter_free(struct wt_filter *f)
{
    if (!f)
        return;
    for (unsigned i = 0; i < f->node_count; i++)
        if (f->nodes[i].pattern)
            pcre2_code_free(f->nodes[i].pattern);
    free(f->nodes);
    free(f->arena);
    free(f->text);
    free(f);
}

void wt_filter_explain(const char *text, const struct wt_filter_error *error, struct wt_text *into)
{
    size_t columns = 0;
    wt_text_add(into, "%s\n    ", error->text);
    wt_text_add_safe(into, (struct wt_slice){ (const uint8_t *)text, strlen(text) });
    wt_text_add(into, "\n    ");
    for (size_t i = 0; i < error->at && text[i]; i++)
        columns += ((unsigned char)text[i] & 0xc0) != 0x80;
    wt_text_add(into, "%*s^", (int)columns, "");
    for (size_t i = 1; i < error->len && i < 200; i++)
        wt_text_add(into, "~");
}

unsigned wt_filter_uses(const struct wt_filter *f)
{
    return f->uses;
}

/* The library's memory by way of ours, so that what is refused while it matches is counted as all else. */
static void *take_memory(size_t size, void *nobody)
{
    (void)nobody;
    return malloc(size);
}

static void give_memory(void *p, void *nobody)
{
    (void)nobody;
    free(p);
}

struct wt_filter_matcher *wt_filter_matcher_new(const struct wt_filter *filter)
{
    struct wt_filter_matcher *m = calloc(1, sizeof *m);
    if (!m)
        return NULL;
    m->filter = filter;
    m->values = calloc(MAX_VALUES, sizeof *m->values);
    m->occurrence = calloc(MAX_VALUES, sizeof *m->occurrence);
    m->scratch = malloc(FILTER_SCRATCH);
    pcre2_general_context *memory = pcre2_general_context_create(take_memory, give_memory, NULL);
    m->match = memory ? pcre2_match_data_create(1, memory) : NULL;
    pcre2_general_context_free(memory);
    m->match_context = pcre2_match_context_create(NULL);
    if (!m->values || !m->occurrence || !m->scratch || !m->match || !m->match_context) {
        wt_filter_matcher_free(m);
        return NULL;
    }
    /* A pattern cannot be made to run away: bounded steps, bounded memory. */
    pcre2_set_match_limit(m->match_context, 100000);
    pcre2_set_depth_limit(m->match_context, 1000);
    pcre2_set_heap_limit(m->match_context, 1024);
    return m;
}

void wt_filter_matcher_names(struct wt_filter_matcher *m,
                             const char *(*name_of)(void *names, unsigned family, const uint8_t *address), void *names)
{
    m->name_of = name_of;
    m->names = names;
}

void wt_filter_matcher_free(struct wt_filter_matcher *m)
{
    if (!m)
        return;
    pcre2_match_data_free(m->match);
    pcre2_match_context_free(m->match_context);
    free(m->values);
    free(m->occurrence);
    free(m->scratch);
    free(m);
}

static bool run(struct wt_filter_matcher *m)
{
    m->value_count = 0;
    m->scratch_used = 0;
    for (unsigned i = 0; i < m->filter->slot_count; i++)
        m->slots[i].ready = false;
    return filter_eval(m, m->filter->root);
}

bool wt_filter_match_packet(struct wt_filter_matcher *m, const struct wt_packet_view *view)
{
    int64_t now = view->packet->frame.time_ns;
    if (!m->seen) {
        m->first_ns = m->this_ns = now;
        m->seen = true;
    }
    m->previous_ns = m->this_ns;
    m->this_ns = now;
    m->view = view;
    m->connection = NULL;
    return run(m);
}

bool wt_filter_match_connection(struct wt_filter_matcher *m, const struct wt_connection *connection)
{
    m->view = NULL;
    m->connection = connection;
    return run(m);
}

/* The whole pipeline with its threads over the shipped captures: the same records however many workers there are, each
 * exactly once, and a stop that ends it. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "wiretale/engine.h"

#define MOST 4096

struct list {
    unsigned count;
    struct wt_connection at[MOST];
    uint64_t messages;
};

struct lists {
    struct list *worker[8];
    unsigned count;
};

static void *open_worker(void *client, unsigned worker)
{
    struct lists *all = client;
    all->count = worker + 1;
    return all->worker[worker] = calloc(1, sizeof(struct list));
}

static void on_connection(void *worker, const struct wt_connection *c)
{
    struct list *l = worker;
    if (l->count < MOST)
        l->at[l->count++] = *c;
}

static void on_message(void *worker, const struct wt_message *m)
{
    struct list *l = worker;
    l->messages += m->kind != WT_MESSAGE_LAYER;
}

static int by_first_frame(const void *a, const void *b)
{
    const struct wt_connection *x = a, *y = b;
    return x->first_frame < y->first_frame ? -1 : x->first_frame > y->first_frame;
}

/* What may differ: numbers, which one worker alone can give; pointers. */
static void strip(struct wt_connection *c)
{
    c->number = 0;
    c->stream = 0;
    c->client = NULL;
    c->service = NULL;
}

static struct list *run(const char *path, unsigned workers, struct wt_account *account)
{
    struct lists all = { 0 };
    struct wt_input input = { path, false };
    struct wt_engine_options options = { .source = { .inputs = &input, .input_count = 1 }, .workers = workers,
                                         .seed = { 1, 2 } };
    wt_config_defaults(&options.config);
    struct wt_client client = { .client = &all, .worker_open = open_worker, .connection = on_connection,
                                .message = on_message };
    struct wt_error err;
    struct wt_engine *e = wt_engine_new(&options, &client, &err);
    assert_non_null(e);
    assert_int_equal(wt_engine_run(e, &err), 0);
    wt_engine_account(e, account);
    wt_engine_free(e);
    struct list *sum = all.worker[0];
    for (unsigned w = 1; w < all.count; w++) {
        for (unsigned i = 0; i < all.worker[w]->count && sum->count < MOST; i++)
            sum->at[sum->count++] = all.worker[w]->at[i];
        sum->messages += all.worker[w]->messages;
        free(all.worker[w]);
    }
    for (unsigned i = 0; i < sum->count; i++)
        strip(&sum->at[i]);
    qsort(sum->at, sum->count, sizeof sum->at[0], by_first_frame);
    return sum;
}

static void test_any_number_of_workers(void **state)
{
    (void)state;
    static struct wt_account one, many;
    struct list *first = run(CAPTURES "/tour.pcapng", 1, &one);
    assert_true(first->count > 10);
    assert_true(first->messages > 10);
    for (unsigned workers = 2; workers <= 5; workers++) {
        struct list *other = run(CAPTURES "/tour.pcapng", workers, &many);
        assert_int_equal(other->count, first->count);
        assert_int_equal(other->messages, first->messages);
        for (unsigned i = 0; i < first->count; i++)
            if (memcmp(&first->at[i], &other->at[i], sizeof first->at[i]) != 0)
                fail_msg("%u workers: the record of frame %llu differs", workers,
                         (unsigned long long)first->at[i].first_frame);
        assert_int_equal(many.frames, one.frames);
        assert_int_equal(many.bytes, one.bytes);
        assert_int_equal(many.connections, one.connections);
        assert_int_equal(many.conversations, one.conversations);
        assert_int_equal(many.peak_open, one.peak_open);
        assert_memory_equal(&many.checksums, &one.checksums, sizeof one.checksums);
        free(other);
    }
    assert_int_equal(one.frames, one.source.frames);
    assert_int_equal(first->count, one.connections + one.conversations);
    free(first);
}

static void stop_at_once(void *worker, int64_t now_ns)
{
    (void)now_ns;
    wt_engine_stop(*(struct wt_engine **)worker);
}

static void test_stop(void **state)
{
    (void)state;
    struct wt_engine *e = NULL;
    struct wt_input input = { CAPTURES "/tour.pcapng", false };
    struct wt_engine_options options = { .source = { .inputs = &input, .input_count = 1, .follow = true }, .workers = 1 };
    wt_config_defaults(&options.config);
    struct wt_client client = { .client = &e, .tick = stop_at_once };
    struct wt_error err;
    e = wt_engine_new(&options, &client, &err);
    assert_non_null(e);
    assert_int_equal(wt_engine_run(e, &err), 0);    /* a file that is followed ends only so */
    wt_engine_free(e);
}

static void test_no_input(void **state)
{
    (void)state;
    struct wt_input input = { "/nonexistent/capture", false };
    struct wt_engine_options options = { .source = { .inputs = &input, .input_count = 1 } };
    wt_config_defaults(&options.config);
    struct wt_client client = { 0 };
    struct wt_error err = { 0 };
    assert_null(wt_engine_new(&options, &client, &err));
    assert_int_equal(err.code, -2);
    assert_non_null(strstr(err.text, "/nonexistent/capture"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_any_number_of_workers),
        cmocka_unit_test(test_stop),
        cmocka_unit_test(test_no_input),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

/* What a user of the library writes: counts the connections of a capture. */
#include <stdio.h>
#include <wiretale/wiretale.h>

static void on_connection(void *worker, const struct wt_connection *c)
{
    unsigned long *count = worker;
    if (c->protocol == 6)
        ++*count;
}

int main(int argc, char **argv)
{
    unsigned long count = 0;
    struct wt_error err;
    struct wt_input input = { argc > 1 ? argv[1] : "-", false };
    struct wt_engine_options options = { .source = { .inputs = &input, .input_count = 1 }, .workers = 1 };
    struct wt_client client = { .client = &count, .connection = on_connection };
    wt_config_defaults(&options.config);
    struct wt_engine *engine = wt_engine_new(&options, &client, &err);
    if (!engine || wt_engine_run(engine, &err) < 0) {
        fprintf(stderr, "%s\n", err.text);
        return 2;
    }
    wt_engine_free(engine);
    printf("%lu\n", count);
    return 0;
}

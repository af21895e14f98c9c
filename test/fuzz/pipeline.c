/* Any bytes as a capture file through the whole engine, with every callback looking at what it is given. */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "wiretale/engine.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

struct counts {
    uint64_t packets, connections, messages;
};

static void on_packet(void *worker, const struct wt_packet_view *view)
{
    static _Thread_local _Alignas(16) uint8_t header[WT_MAX_HEADER];
    struct counts *n = worker;
    struct wt_layer_view layer;
    for (unsigned i = 0; wt_packet_layer(view, i, header, &layer); i++) {
        char text[256];
        struct wt_text info = { text, sizeof text, 0, false };
        if (layer.dissector->summarise)
            layer.dissector->summarise(&layer, &info);
    }
    n->packets++;
}

static void on_connection(void *worker, const struct wt_connection *c)
{
    struct counts *n = worker;
    n->connections++;
    if (c->end_ns < c->start_ns)
        abort();
}

static void on_message(void *worker, const struct wt_message *m)
{
    struct counts *n = worker;
    n->messages++;
    (void)m;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    char path[64];
    int fd = memfd_create("fuzz", 0);
    if (fd < 0 || write(fd, data, size) != (ssize_t)size) {
        close(fd);
        return 0;
    }
    snprintf(path, sizeof path, "/proc/self/fd/%d", fd);
    struct wt_input input = { path, false };
    struct counts counts = { 0 };
    struct wt_engine_options options = { .source = { .inputs = &input, .input_count = 1 }, .seed = { 1, 2 },
                                         .keep_stream_layers = true, .tcp_analysis = true };
    wt_config_defaults(&options.config);
    options.config.value[WT_MAX_CONNECTIONS] = 256;
    options.config.value[WT_MAX_REASSEMBLY_BYTES] = 65536;
    options.config.value[WT_MAX_DNS_PENDING] = 16;
    options.config.value[WT_MAX_DNS_CACHE] = 16;
    options.config.value[WT_MAX_SESSIONS] = 16;
    struct wt_client client = { .client = &counts, .packet = on_packet, .connection = on_connection, .message = on_message };
    struct wt_error err;
    struct wt_engine *e = wt_engine_new(&options, &client, &err);
    if (e) {
        wt_engine_run(e, &err);
        wt_engine_free(e);
    }
    close(fd);
    return 0;
}

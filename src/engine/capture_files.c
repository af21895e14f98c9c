/* A source to files. Reads and writes alternate on one thread: the kernel's capture buffer bridges the writes. */
#include "wiretale/capture.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "source/source.h"
#include "wiretale/writer.h"

#define FLUSH_NS 500000000

struct wt_capture {
    struct wt_capture_options options;
    struct source *source;
    struct block block;
    struct wt_writer *writer;
    struct wt_capture_result result;
    int64_t file_start_ns, flushed_ns;
    uint64_t file_packets, finished_bytes, finished_frames;
    struct wt_capture_files *files; /* owned; NULL: somebody else opens them */
    atomic_uint_fast64_t frames;
};

static int64_t clock_ns(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * 1000000000 + now.tv_nsec;
}

static bool rotates(const struct wt_capture_options *o)
{
    return o->rotate_bytes || o->rotate_packets || o->rotate_ns;
}

static int next_file(struct wt_capture *c, char name[4096], struct wt_error *err)
{
    const struct wt_capture_opener *opener = &c->options.opener;
    return opener->next ? opener->next(opener->to, name, err) : wt_capture_files_next(c->files, name, err);
}

static int open_file(struct wt_capture *c, struct wt_error *err)
{
    struct wt_source_stats st;
    const struct wt_capture_opener *opener = &c->options.opener;
    char name[4096] = "";
    int fd = next_file(c, name, err);
    if (fd < 0)
        return fd;
    c->writer = wt_writer_over(fd, name, c->options.pcap, opener->shorten, opener->to, err);
    if (!c->writer)
        return -ENOMEM;
    memcpy(c->result.last_path, name, sizeof name);
    c->source->ops->stats(c->source, &st);
    for (unsigned i = 0; c->source->live && i < st.interface_count && i < 32; i++)
        wt_writer_interface(c->writer, &st.interfaces[i]);
    c->result.files++;
    c->file_packets = 0;
    c->file_start_ns = c->flushed_ns = clock_ns();
    return wt_writer_flush(c->writer, err);
}

static int close_file(struct wt_capture *c, struct wt_error *err)
{
    struct wt_source_stats st;
    struct wt_writer *w = c->writer;
    if (!w)
        return 0;
    c->writer = NULL;
    c->source->ops->stats(c->source, &st);
    c->finished_bytes += wt_writer_bytes(w);
    return wt_writer_close(w, &st, err);
}

static bool file_full(const struct wt_capture *c)
{
    const struct wt_capture_options *o = &c->options;
    return (o->rotate_bytes && wt_writer_bytes(c->writer) >= o->rotate_bytes)
        || (o->rotate_packets && c->file_packets >= o->rotate_packets)
        || (o->rotate_ns && c->file_packets && clock_ns() - c->file_start_ns >= o->rotate_ns);
}

static bool enough(const struct wt_capture *c)
{
    const struct wt_capture_options *o = &c->options;
    return (o->stop_bytes && c->finished_bytes + (c->writer ? wt_writer_bytes(c->writer) : 0) >= o->stop_bytes)
        || (o->stop_files && c->result.files >= o->stop_files && file_full(c));
}

static int write_block(struct wt_capture *c, struct wt_error *err)
{
    int r = 0;
    for (uint32_t i = 0; i < c->block.frame_count && r == 0 && !enough(c); i++) {
        if (rotates(&c->options) && file_full(c)) {
            r = close_file(c, err);
            if (r == 0)
                r = open_file(c, err);
        }
        if (r == 0)
            r = wt_writer_frame(c->writer, &c->block.frames[i], err);
        if (r == 0) {
            c->file_packets++;
            c->result.frames++;
        }
    }
    atomic_store_explicit(&c->frames, c->result.frames, memory_order_relaxed);
    if (r == 0 && clock_ns() - c->flushed_ns > FLUSH_NS) {
        c->flushed_ns = clock_ns();
        r = wt_writer_flush(c->writer, err);
    }
    return r;
}

int wt_capture_run(struct wt_capture *c, struct wt_error *err)
{
    int r = open_file(c, err);
    while (r == 0 && !c->block.last && !enough(c)) {
        c->block.used = c->block.frame_count = 0;
        c->block.clock_ns = 0;
        r = c->source->ops->fill(c->source, &c->block, err);
        if (r == 0)
            r = write_block(c, err);
    }
    if (r < 0 && c->writer)
        c->result.frames = wt_writer_frames(c->writer);
    int closed = close_file(c, r == 0 ? err : NULL);
    c->source->ops->stats(c->source, &c->result.source);
    c->result.bytes = c->finished_bytes;
    return r < 0 ? r : closed;
}

void wt_capture_stop(struct wt_capture *c)
{
    atomic_store_explicit(&c->source->stop, true, memory_order_relaxed);
}

uint64_t wt_capture_progress(const struct wt_capture *c)
{
    return atomic_load_explicit(&c->frames, memory_order_relaxed);
}

void wt_capture_result(const struct wt_capture *c, struct wt_capture_result *ret_result)
{
    *ret_result = c->result;
}

struct wt_capture *wt_capture_new(const struct wt_capture_options *options, struct wt_error *err)
{
    struct wt_capture *c = calloc(1, sizeof *c);
    if (!c) {
        wt_fail(err, -ENOMEM, "not enough memory to capture");
        return NULL;
    }
    c->options = *options;
    c->source = source_open(&c->options.source, &c->options.config, err);
    bool ok = c->source && block_init(&c->block, options->config.value[WT_BLOCK_BYTES], err) == 0;
    if (ok && !options->opener.next) {
        c->files = wt_capture_files_new(&c->options, err);
        ok = c->files != NULL;
    }
    if (!ok) {
        wt_capture_free(c);
        return NULL;
    }
    return c;
}

void wt_capture_free(struct wt_capture *c)
{
    if (!c)
        return;
    close_file(c, NULL);
    if (c->source)
        c->source->ops->close(c->source);
    block_done(&c->block);
    wt_capture_files_free(c->files);
    free(c);
}

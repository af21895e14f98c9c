/* Capturing to files: a source to a pcapng (or pcap) file, or to a row of them.
 *
 *     struct wt_capture *c = wt_capture_new(&options, &err);
 *     wt_capture_run(c, &err);               // until a limit, wt_capture_stop(), or the end of the input
 *     wt_capture_result(c, &result);
 *     wt_capture_free(c);
 *
 * One thread; stop may be called from any, also from a signal handler. */
#ifndef WIRETALE_CAPTURE_H
#define WIRETALE_CAPTURE_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "wiretale/config.h"
#include "wiretale/error.h"
#include "wiretale/source.h"

struct wt_capture;
struct wt_capture_files;

/* Who opens the files, where that is not the process that captures. */
struct wt_capture_opener {
    int (*next)(void *to, char ret_name[4096], struct wt_error *err);    /* a descriptor, or a negative error */
    int (*shorten)(void *to, uint64_t size);                             /* the last one; 0 or a negative error */
    void *to;
};

struct wt_capture_options {
    struct wt_source_options source;
    struct wt_config config;
    const char *path;                 /* "-": standard output */
    bool pcap;                        /* else pcapng */
    /* A new file is begun when one of these is reached; 0: never. Files are then named NAME_00001_TIME.EXT. */
    uint64_t rotate_bytes, rotate_packets;
    int64_t rotate_ns;
    uint32_t rotate_files;            /* so many are kept; the oldest is deleted. 0: all */
    /* The capture ends when one of these is reached. */
    uint64_t stop_bytes;
    uint32_t stop_files;
    struct wt_capture_opener opener;  /* of zeroes: the capture opens them itself */
    uid_t owner;                      /* files are given to them; (uid_t)-1: left as they are */
    gid_t group;
};

struct wt_capture_result {
    struct wt_source_stats source;
    uint64_t frames, bytes;           /* written */
    uint32_t files;
    char last_path[4096];
};

/* The files of a capture, one after the other: names, owner, and the oldest deleted. options: copied but for the path. */
struct wt_capture_files *wt_capture_files_new(const struct wt_capture_options *options, struct wt_error *err);
int wt_capture_files_next(struct wt_capture_files *files, char ret_name[4096], struct wt_error *err);
void wt_capture_files_free(struct wt_capture_files *files);

struct wt_capture *wt_capture_new(const struct wt_capture_options *options, struct wt_error *err);
/* 0, or <0: a file could not be written (what was written is whole). */
int wt_capture_run(struct wt_capture *c, struct wt_error *err);
void wt_capture_stop(struct wt_capture *c);
uint64_t wt_capture_progress(const struct wt_capture *c);    /* frames so far; any thread */
void wt_capture_result(const struct wt_capture *c, struct wt_capture_result *ret_result);
void wt_capture_free(struct wt_capture *c);

#endif

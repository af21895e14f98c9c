/* Frames back to disk: pcapng, or pcap. Blocks are written whole, by single calls; what cannot be written whole is
 * taken back. Comments and the other options of a packet from a pcapng file go with it. One thread. */
#ifndef WIRETALE_WRITER_H
#define WIRETALE_WRITER_H

#include <stdbool.h>
#include <stdint.h>

#include "wiretale/error.h"
#include "wiretale/frame.h"
#include "wiretale/source.h"

struct wt_writer;

/* Opens a new file (an existing one is emptied). interfaces may be NULL: they are then described by their link type
 * when their first frame comes. pcap holds one link type only. */
struct wt_writer *wt_writer_open(const char *path, bool pcap, struct wt_error *err);
/* Over a file that was opened for it (owned from now on, also on failure); path is only its name. shorten: cuts the file
 * to so many bytes, 0 or a negative error, where this process may not; NULL: it may. */
struct wt_writer *wt_writer_over(int fd, const char *path, bool pcap, int (*shorten)(void *to, uint64_t size), void *to,
                                 struct wt_error *err);
int wt_writer_fd(const struct wt_writer *w);
/* Describes interface `index`, in order from 0; pcapng. */
void wt_writer_interface(struct wt_writer *w, const struct wt_interface_info *info);
/* 0, or <0 with the reason: the disk is full (-ENOSPC), a second link type in a pcap file (-EPROTO). After an error of
 * writing nothing more is written. */
int wt_writer_frame(struct wt_writer *w, const struct wt_frame *f, struct wt_error *err);
int wt_writer_flush(struct wt_writer *w, struct wt_error *err);
/* Bytes so far, those not yet flushed included; frames that are certainly in the file. */
uint64_t wt_writer_bytes(const struct wt_writer *w);
uint64_t wt_writer_frames(const struct wt_writer *w);
/* Statistics of the interfaces at the end (pcapng), then closes and frees. */
int wt_writer_close(struct wt_writer *w, const struct wt_source_stats *stats, struct wt_error *err);

#endif

/* Frames back to disk: pcapng, or pcap. Blocks are written whole, by single calls; what cannot be written whole is
 * taken back. One thread. */
#ifndef SOURCE_WRITER_H
#define SOURCE_WRITER_H

#include <stdbool.h>
#include <stdint.h>

#include "wiretale/error.h"
#include "wiretale/frame.h"
#include "wiretale/source.h"

struct writer;

/* Opens a new file (an existing one is emptied). interfaces may be NULL: they are then described by their link type
 * when their first frame comes. pcap holds one link type only. */
struct writer *writer_open(const char *path, bool pcap, struct wt_error *err);
int writer_fd(const struct writer *w);
/* Describes interface `index`, in order from 0; pcapng. */
void writer_interface(struct writer *w, const struct wt_interface_info *info);
/* 0, or <0 with the reason: the disk is full (-ENOSPC), a second link type in a pcap file (-EPROTO). After an error of
 * writing nothing more is written. */
int writer_frame(struct writer *w, const struct wt_frame *f, struct wt_error *err);
int writer_flush(struct writer *w, struct wt_error *err);
/* Bytes so far, those not yet flushed included; frames that are certainly in the file. */
uint64_t writer_bytes(const struct writer *w);
uint64_t writer_frames(const struct writer *w);
/* Statistics of the interfaces at the end (pcapng), then closes and frees. */
int writer_close(struct writer *w, const struct wt_source_stats *stats, struct wt_error *err);

#endif

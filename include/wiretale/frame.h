/* A frame as it was captured: descriptor of bytes that live elsewhere. */
#ifndef WIRETALE_FRAME_H
#define WIRETALE_FRAME_H

#include <stdbool.h>
#include <stdint.h>

#include "wiretale/cursor.h"

enum wt_frame_flag {
    WT_FRAME_TIME_BACK  = 1 << 0,   /* its time stamp is before an earlier frame's */
    WT_FRAME_NO_TIME    = 1 << 1,   /* the format carried none (pcapng simple packet block) */
    WT_FRAME_AFTER_LOSS = 1 << 2,   /* live: frames were dropped just before it */
    WT_FRAME_OPTIONS    = 1 << 3,   /* its bytes lie in a whole pcapng block, with options behind them */
    WT_FRAME_SWAPPED    = 1 << 4,   /* and that is in the other byte order */
    WT_FRAME_INTERFACE  = 1 << 5    /* its input tells interfaces apart: pcapng, live */
};

/* Time stamps lie between these, 1933 and 2116, whatever a file claims: no difference of two of them overflows. */
#define WT_TIME_LEAST (-(INT64_C(1) << 60))
#define WT_TIME_GREATEST (INT64_C(1) << 62)

/* Bytes are valid while the block that holds them is: inside a callback of the engine. */
struct wt_frame {
    int64_t time_ns;          /* since 1970-01-01 UTC */
    const uint8_t *bytes;     /* borrowed from the block */
    uint32_t captured_len;    /* bytes held */
    uint32_t wire_len;        /* bytes sent, >= captured_len unless the file lies (then kept as the file says) */
    uint64_t number;          /* its place in the input, from 1; frames that the ring dropped keep theirs */
    uint64_t offset;          /* of the packet's bytes in the (decompressed) input file; 0 live */
    uint32_t interface;       /* index into the source's interfaces */
    uint16_t linktype;        /* LINKTYPE_ value as in files (not the host's DLT_) */
    uint16_t flags;           /* enum wt_frame_flag */
};

/* pcapng: options of the packet (draft-ietf-opsawg-pcapng 4.3), one after the other. *at begins at 0. False: no more. */
struct wt_frame_option {
    uint16_t code;             /* 1: a comment, UTF-8 */
    struct wt_slice value;     /* borrowed as the frame's bytes are */
};
bool wt_frame_option(const struct wt_frame *f, uint32_t *at, struct wt_frame_option *ret_option);
/* The block that the frame stands in; empty where there are no options. */
struct wt_slice wt_frame_block(const struct wt_frame *f);
#define WT_FRAME_BLOCK_HEADER 28    /* bytes of it before the frame's own */

#endif

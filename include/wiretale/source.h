/* Where frames come from: what was opened, and how it ended. */
#ifndef WIRETALE_SOURCE_H
#define WIRETALE_SOURCE_H

#include <stdbool.h>
#include <stdint.h>

#include "wiretale/error.h"

#define WT_UNKNOWN UINT64_MAX     /* a counter that could not be read: never 0 */

struct wt_input {                 /* one -r or -i */
    const char *name;             /* path, "-" or interface */
    bool live;
};

struct wt_live_options {
    uint32_t snaplen;             /* 0: 262144 */
    uint32_t buffer_bytes;        /* kernel buffer; 0: default */
    bool no_promiscuous;
    bool monitor;
};

struct wt_source_options {
    const struct wt_input *inputs;
    unsigned input_count;
    const char *filter;           /* BPF text, or NULL; compiled for each link type, on files too */
    struct wt_live_options live;
    bool follow;                  /* a growing file: wait at its end */
    /* Which frames are taken, by their number in the input (they keep it), or NULL. Called on the capture thread. */
    bool (*admit)(void *admit_to, uint64_t number);
    void *admit_to;
    uint64_t max_frames;          /* 0: no limit */
    int64_t max_duration_ns;      /* of packet time on files, of the clock live; 0: none */
};

/* Whether libpcap understands a capture filter (for Ethernet). 0, or <0 with the reason. */
int wt_capture_filter_check(const char *filter, struct wt_error *err);

struct wt_interface_info {        /* of an input: a live device or a pcapng interface */
    char name[64];
    uint16_t linktype;
    uint32_t snaplen;
    uint64_t frames;
    uint64_t recorded_drops;      /* pcapng isb_ifdrop + isb_osdrop; WT_UNKNOWN: not recorded */
};

struct wt_source_stats {
    char format[64];              /* "pcapng, gzip", "live" */
    uint64_t frames, bytes, captured_bytes;
    uint64_t truncated_frames;    /* captured_len < wire_len */
    uint64_t filtered;            /* frames that the capture filter left out (files) */
    uint64_t time_back;           /* frames before an earlier one */
    /* Live; each WT_UNKNOWN where it could not be read. Of the frames that reached the tap (PACKET_STATISTICS tp_packets):
     * dropped (tp_drops), dropped by the engine, left in the kernel's buffer when the run was stopped; the rest was read. */
    uint64_t kernel_received, kernel_drops, ring_drops, kernel_left;
    /* Lost before the tap: by the device (rx_missed_errors + rx_fifo_errors), by the queue behind it (softnet_stat, of all
     * interfaces together). */
    uint64_t interface_drops, softnet_drops;
    int64_t first_ns, last_ns;    /* least and greatest time stamp; 0, 0: no frames */
    uint64_t input_bytes;         /* of the files, read so far */
    uint64_t input_size;          /* WT_UNKNOWN: a pipe */
    bool incomplete;              /* a file ended in mid-packet or was damaged: see problem */
    struct wt_error problem;      /* first one: file, offset, reason */
    unsigned interface_count;
    struct wt_interface_info interfaces[32];   /* the first 32 */
};

#endif

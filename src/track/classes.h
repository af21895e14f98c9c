/* TCP as Wireshark's sequence analysis sees it, for who shows packets under its field names. Kept beside the
 * connections, not in them: Wireshark knows no VLANs, tunnels, timeouts or checksums here, classes by the last
 * segment of each side alone, and keeps every segment that was not acknowledged. Only the clients that ask for it
 * (wt_engine_options.tcp_analysis) pay for it. One thread. */
#ifndef TRACK_CLASSES_H
#define TRACK_CLASSES_H

#include <stdbool.h>

#include "wiretale/config.h"
#include "wiretale/connection.h"
#include "wiretale/packet.h"

struct classes;

/* What it says of one segment. */
struct class_result {
    uint64_t did;                   /* of CLASS_DID only */
    uint32_t stream;
    uint32_t seq, ack;              /* relative */
    uint32_t window;                /* scaled */
    int16_t window_scale;           /* shift; -1 unknown, -2 not in use */
    uint8_t completeness;           /* before this segment */
    bool noted;                     /* there is something to say, though no class */
    uint32_t dup_ack_count;
    uint32_t bytes_in_flight;       /* 0: not said */
    uint32_t push_bytes;            /* sent since the last segment with PSH, this one included */
    uint64_t dup_ack_frame, acked_frame, rto_frame;
    int64_t ack_rtt_ns, initial_rtt_ns, rto_ns;    /* 0: not said */
    int64_t since_start_ns, since_previous_ns;
};

#define CLASS_DID \
    (WT_DID_RETRANSMIT | WT_DID_FAST_RETRANSMIT | WT_DID_SPURIOUS | WT_DID_OUT_OF_ORDER | WT_DID_GAP_BEFORE \
     | WT_DID_ACKED_UNSEEN | WT_DID_DUP_ACK | WT_DID_KEEP_ALIVE | WT_DID_KEEP_ALIVE_ACK | WT_DID_ZERO_WINDOW \
     | WT_DID_WINDOW_UPDATE | WT_DID_ZERO_WINDOW_PROBE | WT_DID_ZERO_WINDOW_PROBE_ACK | WT_DID_WINDOW_FULL \
     | WT_DID_REUSE | WT_DID_ISN_CHANGED)

struct classes *classes_new(const struct wt_config *config, const uint64_t seed[2], struct wt_limit_hits *hits);
void classes_free(struct classes *all);

/* A segment, in frame order. False: it is not TCP, or there is no room for another conversation. */
bool classes_segment(struct classes *all, const struct wt_packet *p, struct class_result *ret);

/* An ICMP error that quotes TCP: the stream and completeness of what it quotes. False: it does not. */
bool classes_quoted(struct classes *all, const struct wt_packet *p, struct class_result *ret);

#endif

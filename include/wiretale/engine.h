/* The engine: opens inputs, runs capture thread and workers, calls its client. The only door to stages 2 to 8.
 *
 *     struct wt_engine *e = wt_engine_new(&options, &client, &err);
 *     wt_engine_run(e, &err);            // returns when the input ended or wt_engine_stop() was called
 *     wt_engine_account(e, &account);
 *     wt_engine_free(e);
 *
 * Callbacks run on worker threads, each with the pointer that worker_open gave for that worker, so that a
 * client shares nothing between them; all have returned when wt_engine_run() does. */
#ifndef WIRETALE_ENGINE_H
#define WIRETALE_ENGINE_H

#include <stdbool.h>
#include <stdint.h>

#include "wiretale/config.h"
#include "wiretale/connection.h"
#include "wiretale/dissector.h"
#include "wiretale/error.h"
#include "wiretale/message.h"
#include "wiretale/source.h"

struct wt_engine;

/* A packet with all that later stages know of it, for clients that look at packets. */
struct wt_packet_view {
    const struct wt_packet *packet;
    const struct wt_segment *segment;           /* TCP (or an ICMP error about it), else NULL */
    const struct wt_context *context;
    const struct wt_message_layer *messages;    /* stream messages that this frame completed */
    unsigned message_count;
    void **client;              /* the client's slot of its connection or conversation; NULL: it belongs to none */
    uint8_t side;               /* 0: the connection's client sent it (an ICMP error: sent what it quotes) */
    const void *engine;         /* the engine's own */
};

/* The record of the packet's connection as it would be written now (a connection that has closed, but whose record
 * waits for the end of TIME-WAIT). False: it belongs to none. */
bool wt_packet_connection(const struct wt_packet_view *view, struct wt_connection *ret_connection);

/* Readies layer `index` of the packet for description: decodes it into `header` (WT_MAX_HEADER bytes, suitably
 * aligned). Indices from packet->layer_count on are the completed stream messages. False: no such layer. */
bool wt_packet_layer(const struct wt_packet_view *view, unsigned index, void *header,
                     struct wt_layer_view *ret_layer);

/* Bytes of one side of a connection's stream, in order and once each, or a hole that was given up. They come in a
 * frame's turn, before its packet; what a connection still holds comes when it ends, with segment NULL. */
struct wt_stream_piece {
    void **client;                /* the client's slot of the connection */
    uint64_t connection;          /* number; 0 with several workers */
    const struct wt_segment *segment;    /* that delivered it; NULL: the connection ended */
    struct wt_slice bytes;        /* borrowed */
    uint64_t missing_bytes;       /* a hole of so many, then there are no bytes */
    uint64_t frame;               /* 0: the connection ended */
    int64_t time_ns;
    uint8_t side;                 /* 0: the connection's client sent it */
};

struct wt_client {
    void *client;
    void *(*worker_open)(void *client, unsigned worker);
    void (*packet)(void *worker, const struct wt_packet_view *view);
    void (*segment)(void *worker, const struct wt_segment *segment);
    void (*connection)(void *worker, const struct wt_connection *connection);   /* exactly once each */
    void (*message)(void *worker, const struct wt_message *message);    /* LAYER only where there is `packet` */
    void (*stream)(void *worker, const struct wt_stream_piece *piece);    /* costs: nobody's stream is passed over */
    void (*tick)(void *worker, int64_t now_ns);      /* after each block */
    /* Every frame of the input, before its packet: for sums over time, which need no packets. On worker 0 only,
     * whatever their number (every worker walks every block). */
    void (*frames)(void *worker, const struct wt_frame *frames, unsigned count);
};

struct wt_engine_options {
    struct wt_source_options source;
    struct wt_config config;
    unsigned workers;            /* 0: chosen; 1 where numbers are needed packet by packet */
    uint64_t seed[2];            /* of the hash; 0, 0: random */
    bool no_checksums;           /* leave transport checksums unverified */
    bool keep_stream_layers;     /* fill wt_packet_view.messages */
    bool tcp_analysis;           /* packets bear Wireshark's tcp.analysis.* in full, bytes in flight included */
    bool compat_tshark_4_0;      /* as tshark 4.0 where we differ on purpose: a partial checksum is bad */
};

/* Counters of the whole run. Arrays by dissector index. */
#define WT_MAX_DISSECTORS 128
#define WT_MAX_PATHS 512
struct wt_path {                 /* one line of the protocol hierarchy */
    uint16_t parent;             /* index of a path; UINT16_MAX: top */
    uint16_t dissector;
    uint64_t frames, bytes;
};

struct wt_account {
    struct wt_source_stats source;
    uint64_t frames, bytes;
    uint64_t malformed_frames, truncated_frames, too_deep, unknown_frames;
    uint64_t malformed_by[WT_MAX_DISSECTORS];
    unsigned path_count;
    struct wt_path paths[WT_MAX_PATHS];
    struct { uint64_t by[WT_CKSUM_KINDS]; } checksums[5];     /* IPv4, TCP, UDP, ICMP, IGMP */
    uint64_t fragments, datagrams_reassembled, datagrams_incomplete;
    uint64_t connections, evicted, conversations;             /* TCP; evicted of all; not TCP */
    uint64_t peak_open;
    uint64_t stream_gaps, stream_gap_bytes;
    uint64_t clock_jumps;
    struct wt_limit_hits limits;
    unsigned workers;
    uint64_t ring_high_water, ring_blocks;
};
enum { WT_SUM_IPV4, WT_SUM_TCP, WT_SUM_UDP, WT_SUM_ICMP, WT_SUM_IGMP };

struct wt_engine *wt_engine_new(const struct wt_engine_options *options, const struct wt_client *client,
                                struct wt_error *err);
int wt_engine_run(struct wt_engine *engine, struct wt_error *err);
void wt_engine_stop(struct wt_engine *engine);               /* async-signal-safe, any thread */
/* How far a file has been read, for a progress bar; any thread. */
void wt_engine_progress(const struct wt_engine *engine, uint64_t *ret_bytes, uint64_t *ret_size, uint64_t *ret_frames);
/* How a live capture fares, as of the last half second; any thread, while the engine lives. */
struct wt_engine_health {
    uint64_t ring_blocks, ring_held, ring_high_water;
    uint64_t ring_drops, kernel_drops, interface_drops;       /* WT_UNKNOWN: not told */
};
void wt_engine_health(const struct wt_engine *engine, struct wt_engine_health *ret_health);
void wt_engine_account(const struct wt_engine *engine, struct wt_account *ret_account);
void wt_engine_free(struct wt_engine *engine);

#endif

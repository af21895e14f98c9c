/* Inside the engine: who owns what. The only stage with threads.
 *
 * capture thread   owns the source and every block it has not pushed yet
 * worker i         owns ring i's tail, its decoder, tracker, streams, DNS pairs and counters; reads blocks it popped
 * caller           owns the engine before run and after it; in between it may only stop it and ask for progress */
#ifndef ENGINE_ENGINE_IMPL_H
#define ENGINE_ENGINE_IMPL_H

#include <pthread.h>
#include <stdatomic.h>

#include "base/ring.h"
#include "decode/decode.h"
#include "engine/account.h"
#include "engine/copies.h"
#include "message/message.h"
#include "source/source.h"
#include "stream/as_tshark.h"
#include "stream/stream.h"
#include "track/classes.h"
#include "track/track.h"
#include "track/udp_streams.h"
#include "wiretale/engine.h"

#define BATCH 64
#define MAX_WORKERS 64
#define MAX_LAYER_MESSAGES 64
#define OPEN_SAMPLES 65536

/* How many connections were open when a block had been worked off. Summed over the workers block by block, so that
 * the peak does not depend on how many they are. Thinned by halves when full. */
struct open_samples {
    uint32_t *count;      /* owned; OPEN_SAMPLES of them */
    uint32_t used;
    uint32_t stride;      /* blocks a sample */
    uint64_t block;
};

struct worker {
    struct engine_run *run;
    unsigned index;
    uint64_t own;                     /* bit s: shard s is ours */
    pthread_t thread;
    bool started;
    struct ring ring;
    void *client;                     /* what worker_open gave */
    struct decoder *decoder;
    struct tracker *tracker;
    struct classes *classes;          /* NULL: not asked for */
    struct udp_streams *udp_streams;  /* the same */
    struct stream_set *streams;
    struct dns_pairs *dns;
    struct account account;
    struct wt_limit_hits hits;
    struct open_samples open;
    struct copies copies;             /* bytes of stream messages, for one packet */
    struct wt_message_layer messages[MAX_LAYER_MESSAGES];
    unsigned message_count;
    uint64_t messages_dropped;
    struct conn *conn;                /* whose bytes are being delivered */
    const struct wt_packet *packet;   /* being delivered */
    const struct wt_segment *segment; /* the same; NULL: none, or its connection is ending */
    int64_t deliver_ns;               /* time of what is being delivered */
    struct wt_dns_transaction dns_done;        /* completed by this frame */
    struct wt_http_exchange http_done;
    bool has_dns, has_http;
    struct wt_pairing pairing;                 /* of this frame's DNS datagram */
    struct as_tshark *as_tshark;               /* NULL: our own answers */
    int64_t now_ns;
    struct wt_packet packets[BATCH];
};

struct engine_run {
    struct wt_engine_options options;
    struct wt_client client;
    struct source *source;
    struct block *blocks;
    unsigned block_count;
    struct block scratch;             /* live: what is read when all blocks are taken, and dropped */
    struct worker *workers[MAX_WORKERS];
    unsigned worker_count;
    uint64_t seed[2];
    int dissector_dns, dissector_mdns, dissector_llmnr;
    pthread_t capture;
    atomic_bool stop;
    _Atomic uint64_t ring_drops, high_water;              /* the capture thread's; others read them */
    _Atomic uint64_t held, kernel_drops, interface_drops;
    int64_t asked_ns;                                     /* when the source was asked for its drops */
    struct wt_error problem;
    struct wt_source_stats stats;
    struct wt_account account;
    bool finished;
};

struct worker *worker_new(struct engine_run *run, unsigned index, uint64_t own, struct wt_error *err);
void worker_free(struct worker *w);
void *worker_main(void *worker);

void *capture_main(void *run);

/* Emissions of sessions and DNS pairs: identifies them and hands them to the client. */
void worker_emit(void *worker, const struct wt_message *message);
/* What a session is told of its connection. */
struct conn;
struct wt_session_context session_context(struct worker *w, struct conn *conn, uint64_t frame, int64_t time_ns);
void worker_packet_done(struct worker *w, struct wt_packet *p, struct track_result *result);

#endif

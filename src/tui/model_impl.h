/* Inside the model: what its files share. All but `options` and the threads' handles is under `lock`. */
#ifndef TUI_MODEL_IMPL_H
#define TUI_MODEL_IMPL_H

#include <pthread.h>

#include "report/names.h"
#include "tui/journal.h"
#include "tui/model.h"
#include "tui/spool.h"
#include "wiretale/filter.h"

#define CHUNK 65536u
#define CHUNKS 4096u                     /* of packets: 268 million */
#define CONNECTION_CHUNK 4096u
#define CONNECTION_CHUNKS 4096u
#define LATE_MOST 65536u
#define MESSAGES_MOST 1000000u
#define NO_INDEX UINT32_MAX

/* 32 bytes a packet. */
struct model_packet {
    int64_t time_ns;
    uint64_t line_at;                    /* in `lines`; UINT64_MAX: its line is not held */
    uint64_t number : 62, marked : 1, spare : 1;
    uint32_t connection;                 /* index + 1; 0: none */
    uint32_t previous;                   /* packet of the same connection; NO_INDEX: none */
};
_Static_assert(sizeof(struct model_packet) == 32, "32 bytes a packet");

/* What stands before the cells of a line. */
struct line_head {
    uint64_t bytes_at;                   /* in the input or in the journal */
    uint32_t captured, wire;
    uint16_t linktype, text_len;
    uint16_t interface;
    uint8_t style, flags;
};

struct messages {
    struct model_message *list;          /* owned */
    uint64_t count, capacity;
};

struct filter_state {
    struct wt_filter *filter;            /* owned; NULL: none */
    struct wt_filter_matcher *matcher;   /* of the loading thread, for what comes after the pass */
    bool complete, over_connections;
    uint64_t from;                       /* packets from here on are looked at as they come; UINT64_MAX: the pass sees all */
    unsigned late_count;                 /* of those that came during the pass and match */
    uint32_t late[LATE_MOST];
    uint32_t *packets;                   /* owned; indices that pass, ascending */
    uint64_t count, capacity;
    uint8_t *connections;                /* owned; a bit a number */
    uint64_t connection_room;
    pthread_t thread;
    bool running;
    atomic_bool stop;
    _Atomic(struct wt_engine *) engine;
};

struct frozen {
    bool on;
    uint64_t packets, connections, messages[MODEL_KINDS], copy_count;
    struct model_sums sums;
    struct model_status status;
    unsigned version;                    /* a filter still changes what is shown */
    uint32_t *copy_of;                   /* owned; by index of a connection: its copy + 1 */
    struct model_connection *copies[CONNECTION_CHUNKS];         /* owned */
};

struct model {
    struct model_options options;
    pthread_mutex_t lock;
    pthread_t thread;
    bool started;
    _Atomic(struct wt_engine *) engine;
    atomic_bool stop;
    struct model_status status;
    struct model_packet *chunks[CHUNKS]; /* owned; live, the oldest give their room: NULL */
    uint64_t first_chunk;                /* the oldest that is held */
    struct model_packet gone;
    uint64_t packet_count, marked;
    struct model_connection *connections[CONNECTION_CHUNKS];    /* owned */
    uint32_t *last_packet[CONNECTION_CHUNKS];
    uint64_t connection_count;
    struct messages messages[MODEL_KINDS];
    struct model_sums sums;
    uint64_t protocol_frames[WT_MAX_DISSECTORS], protocol_bytes[WT_MAX_DISSECTORS];
    struct names *names;
    struct spool lines;
    struct journal *journal;             /* of an input that cannot be read again; has a lock of its own */
    bool keep_journal;                   /* its files stay when the model goes */
    const char *interface_names[32];     /* borrowed */
    int input_fd;                        /* else; -1 */
    struct columns columns;              /* of the loading thread */
    struct out cell;
    struct filter_state filter;
    struct frozen frozen;
    _Atomic(struct wt_engine *) findings_engine;
    atomic_bool leaving;                 /* what takes long shall end */
    struct wt_interface_info interfaces[32];
    unsigned interface_count;
};

/* Below packet_count. One that the limit has taken has nothing but its place. */
static inline struct model_packet *packet_at(struct model *m, uint64_t index)
{
    return index / CHUNK < m->first_chunk ? &m->gone : &m->chunks[index / CHUNK % CHUNKS][index % CHUNK];
}

static inline struct model_connection *connection_at(const struct model *m, uint64_t index)
{
    return &m->connections[index / CONNECTION_CHUNK][index % CONNECTION_CHUNK];
}

/* What is shown: as it is, or as it was when the picture was frozen. */
static inline uint64_t packets_shown(const struct model *m)
{
    return m->frozen.on ? m->frozen.packets : m->packet_count;
}

static inline uint64_t connections_shown(const struct model *m)
{
    return m->frozen.on ? m->frozen.connections : m->connection_count;
}

/* model_freeze.c. preserve() comes before a connection is changed. */
void preserve(struct model *m, uint64_t index);
const struct model_connection *connection_shown(struct model *m, uint64_t index);

/* model_take.c */
void model_client(struct model *m, struct wt_client *ret_client);

/* model_replay.c: a frame of the past. room must hold 262144 bytes and WT_FRAME_BLOCK_HEADER. False: not held. */
bool model_frame(struct model *m, uint64_t index, uint8_t *room, struct wt_frame *ret_frame);
/* Writes packets first to end (indices NULL) or those at indices; what is no longer held is an empty frame in the first
 * case, so that places stay right. False: it cannot be written. */
struct wt_writer;
bool model_write_frames(struct model *m, struct wt_writer *w, uint64_t first, uint64_t end);

/* model_pass.c: an engine over what was read: the input again, or (from_spool) the packets first to end from the files,
 * through a pipe, so that they are never in memory as a whole. */
struct pass_source {
    struct model *m;
    bool from_spool;
    uint64_t first, end;
    pthread_t thread;
    bool running;
    int from, to;                        /* of the pipe */
};
bool can_read_again(const struct model *m);
struct wt_engine *pass_open(struct pass_source *source, struct wt_engine_options *options, const struct wt_client *client);
void pass_close(struct pass_source *source);

/* model_filter.c */
void filter_take(struct model *m, uint64_t index, const struct wt_packet_view *view);
/* A record that was written while a filter over connections is set. */
void filter_take_connection(struct model *m, const struct wt_connection *c);
void filter_done(struct model *m);

#endif

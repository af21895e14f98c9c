/* What the view shows: packets, connections, messages and sums of an input that is still being read. A thread of its own
 * runs the engine; the view reads under the model's lock, briefly, and never waits for a packet. Knows no terminal.
 *
 * A packet costs 32 bytes of memory; its line of the list lies in a temporary file, its bytes in the input or, where
 * that cannot be read again (an interface, a pipe, a compressed file), in pcapng files of its own (journal.h). */
#ifndef TUI_MODEL_H
#define TUI_MODEL_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

#include "report/columns.h"
#include "report/style.h"
#include "report/summary_findings.h"
#include "wiretale/engine.h"

struct model;

struct model_options {
    struct wt_engine_options engine;     /* inputs and settings; the inputs are borrowed */
    bool live, numeric;
};

/* NULL with err: the input cannot be opened, no memory, no temporary file. */
struct model *model_new(const struct model_options *options, struct wt_error *err);
void model_stop(struct model *m);       /* ends reading; what was read stays */
void model_free(struct model *m);
/* Where the packets lie that cannot be read again, or NULL; keep: their files stay when the model goes. */
struct journal;
struct journal *model_journal(struct model *m, bool keep);

/* All that is shown stays as it is, the capture goes on. False: not enough memory. */
bool model_freeze(struct model *m);
void model_thaw(struct model *m);

struct model_status {
    bool ended;                          /* the input is at its end, or could not be read */
    bool live;
    char problem[512];                   /* "" or why it ended */
    uint64_t read_bytes, size_bytes;     /* of files; size WT_UNKNOWN: a pipe */
    uint64_t packets, connections, dns, http;
    uint64_t kernel_drops, interface_drops, ring_drops;     /* WT_UNKNOWN: not told */
    uint64_t ring_blocks, ring_held, ring_high_water;
    uint64_t spool_refused;              /* packets whose bytes could not be kept */
    uint64_t forgotten;                  /* packets, connections or messages that a limit left out */
    uint64_t held_back;                  /* packets that came since the picture was frozen */
    unsigned version;                    /* changes when anything has */
};
void model_status(struct model *m, struct model_status *ret_status);

/* ---- packets, by index from 0 in the order of the capture ---- */

enum model_mark { MODEL_MARKED = 1 << 0 };

#define MODEL_CELLS 5        /* source, destination, protocol, length, info */
struct model_line {
    uint64_t number;
    int64_t time_ns, since_start_ns;
    uint32_t connection;     /* its number; 0: none */
    uint32_t captured, wire;
    uint8_t style;           /* enum model_style */
    bool marked;
    char text[1200];         /* the cells, each ended by a 0; safe to print */
    const char *cell[MODEL_CELLS];
};

/* Why a line is coloured. */
enum model_style {
    MODEL_PLAIN, MODEL_TCP, MODEL_HTTP, MODEL_DNS, MODEL_UDP, MODEL_ICMP, MODEL_ARP, MODEL_SYN_FIN, MODEL_RESET,
    MODEL_TROUBLE, MODEL_MALFORMED, MODEL_STYLES
};

uint64_t model_packet_count(struct model *m);
bool model_packet_line(struct model *m, uint64_t index, struct model_line *ret_line);
/* Index of the packet of that number, or of the first after it. */
uint64_t model_packet_find(struct model *m, uint64_t number);
void model_packet_mark(struct model *m, uint64_t index);       /* or unmark */
uint64_t model_marked(struct model *m);                        /* how many are */
/* The next (or previous) packet of this one's connection; the same index when there is none. */
uint64_t model_packet_along(struct model *m, uint64_t index, bool back);

/* ---- connections, by index from 0; number is index + 1 unless a limit left some out ---- */

struct model_connection {
    uint64_t number, first_index, last_index;    /* of packets */
    uint8_t family, protocol, outcome, state[2];
    bool ended, has_trouble;
    uint8_t address[2][16];
    uint16_t port[2];
    uint64_t packets[2], bytes[2];               /* payload */
    uint32_t again[2];
    int64_t start_ns, last_ns, rtt_ns;           /* rtt 0 or less: not seen */
    int64_t time_wait_end_ns;                    /* 0: not in it */
    int64_t second;                              /* of the packet clock; bytes in it and in the one before */
    uint64_t second_bytes, before_bytes;
    const char *service;                         /* borrowed from the registry; NULL: unknown */
    char name[64];                               /* of the server, as DNS gave it; "" */
};
uint64_t model_connection_count(struct model *m);
bool model_connection(struct model *m, uint64_t index, struct model_connection *ret_connection);

/* ---- messages ---- */

struct model_message {
    uint64_t connection, frame, answer_frame;    /* frame 0: not seen */
    int64_t start_ns, time_ns;                   /* time below 0: unanswered */
    uint16_t code;                               /* rcode, status */
    uint16_t type;                               /* DNS */
    bool answered, failed;
    uint64_t bytes;                              /* HTTP: of the response's body */
    uint8_t family;
    uint8_t server[16];
    uint16_t port;
    char what[120], more[120];                   /* question and answers; request and host */
};
enum model_kind { MODEL_DNS_MESSAGES, MODEL_HTTP_MESSAGES, MODEL_KINDS };
uint64_t model_message_count(struct model *m, enum model_kind kind);
bool model_message(struct model *m, enum model_kind kind, uint64_t index, struct model_message *ret_message);

/* ---- sums ---- */

#define MODEL_RATE_SLOTS 240
struct model_sums {
    uint64_t frames, bytes, malformed, truncated, bad_checksums;
    uint64_t tcp, udp, other_conversations;
    uint64_t handshakes, refused, unanswered, resets, time_waits;
    uint64_t retransmissions, out_of_order, zero_windows, duplicate_acks;
    uint64_t dns, dns_failed, dns_unanswered, http, http_errors;
    int64_t first_ns, last_ns;
    unsigned protocol_count;
    struct { const char *name; uint64_t frames, bytes; } protocols[64];   /* topmost layers, most frames first */
    unsigned rate_count;
    int64_t rate_slot_ns;
    uint64_t rate[MODEL_RATE_SLOTS];             /* bytes in each slot since the first packet */
};
void model_sums(struct model *m, struct model_sums *ret_sums);

/* What stands out, as `report` finds it, by reading all again (of a capture that goes on: the newest packets). Takes as
 * long as that. False: it could not be read, or the model ends. */
bool model_findings(struct model *m, struct findings *ret_findings);
/* Before the threads that ask the model are waited for. */
void model_leave(struct model *m);

/* ---- filter (display filter) ---- */

/* Begins to apply the text ("" removes it). False with err: it is no filter. The result grows in the background. */
bool model_filter(struct model *m, const char *text, char *ret_why, size_t size);
/* Whether one is set, and whether its pass over the input has ended. */
bool model_filtered(struct model *m, bool *ret_complete);
/* Packets and connections that pass (all of them where there is no filter): count, and index of the n-th. */
uint64_t model_shown_packets(struct model *m);
uint64_t model_shown_packet(struct model *m, uint64_t n);
uint64_t model_shown_place(struct model *m, uint64_t index);     /* the n of that packet, or of the next shown */
bool model_connection_passes(struct model *m, uint64_t number);

/* ---- asked for by looking at something ---- */

struct model_tree_line {
    uint16_t depth;
    uint8_t buffer;
    uint32_t offset, len;            /* of its bytes; len 0: none */
    const char *text;
    const char *field;               /* name, or NULL */
};
struct model_detail {
    struct model_tree_line *lines;   /* owned, as are their texts */
    unsigned line_count;
    struct { uint8_t *at; size_t len; } buffers[WT_MAX_BUFFERS];
    unsigned buffer_count;
    char *texts;                     /* owned */
};
/* The tree of a packet, by replaying its connection up to it. False: its bytes are no longer held. */
bool model_detail(struct model *m, uint64_t index, struct model_detail *ret_detail);
void model_detail_done(struct model_detail *d);

enum model_text { MODEL_LADDER, MODEL_FOLLOW, MODEL_GRAPH };
struct model_text_options {
    enum model_text what;
    unsigned variant, width, height;
    bool colour;
    enum columns_time time;
    unsigned digits;
};
/* A text about a connection, with the page's colours, by replaying it. Owned by the caller; NULL: nothing. */
char *model_text(struct model *m, uint64_t connection_index, const struct model_text_options *options);

/* Writes packets to a file: all, those shown, or those marked. Number written, or a negative error. */
enum model_which { MODEL_ALL, MODEL_SHOWN, MODEL_ONLY_MARKED };
int64_t model_save(struct model *m, const char *path, enum model_which which, struct wt_error *err);

#endif

/* The ladder of one connection: the segments that matter, one line each, and long plain runs folded online.
 *
 * Memory is bounded twice: a ladder holds at most max_lines lines (then its middle is folded into one line), all
 * ladders of a set together at most max_bytes (then those that have been idle longest go to a temporary file; where
 * that is not possible, they are folded, and at last given up). A set and its ladders belong to one thread. */
#ifndef REPORT_LADDER_H
#define REPORT_LADDER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "wiretale/analysis.h"
#include "wiretale/connection.h"

enum ladder_kind {
    LADDER_SEGMENT,       /* TCP */
    LADDER_DATAGRAM,      /* UDP, ICMP and others */
    LADDER_ICMP,          /* an ICMP error about the connection; side: to whom it was sent */
    LADDER_FOLD           /* several packets */
};

enum ladder_mark {        /* what later packets told about a line */
    LADDER_QUERY       = 1 << 0,    /* a DNS question … */
    LADDER_ANSWERED    = 1 << 1,    /* … that was answered */
    LADDER_MIDDLE      = 1 << 2,    /* a fold made by a limit, not by choice */
    LADDER_SHOWN       = 1 << 3,    /* printed already (line by line) */
    LADDER_PROBE       = 1 << 4     /* a keep-alive while the window was closed: as Linux probes one */
};

struct ladder_said {      /* --explain: what was explained, so that each rule is told in full once */
    uint64_t dids, arrows, facts, topics;
};

struct ladder_fold {
    uint64_t segments[2];           /* by side */
    uint64_t bytes[2];              /* payload */
    uint64_t retransmitted, out_of_order, duplicate_acks, zero_windows, keep_alives, gaps, bad_checksums, messages;
};

struct ladder_line {
    uint64_t frame;
    uint64_t last_frame;            /* folds and series: the last one; else frame */
    uint64_t other_frame;           /* the original of a repeat, the first ACK of a series of duplicates */
    uint64_t did;                   /* WT_DID_ */
    uint64_t facts;                 /* --explain: what else it shows, see explain.h */
    int64_t since_ns;               /* since the first packet */
    int64_t last_ns;                /* folds and series: of last_frame */
    int64_t span_ns;                /* RTT, time since the original or since the first SYN; -1: none */
    uint32_t seq, ack, len, window;
    uint32_t count, last_count;     /* duplicate ACKs: number in the series, first and last; retries */
    uint16_t flags;                 /* TCP */
    uint16_t dns_id;                /* LADDER_QUERY */
    uint8_t kind;                   /* enum ladder_kind */
    uint8_t side;                   /* 0: from the client */
    uint8_t before[2], state[2];
    uint8_t marks;                  /* enum ladder_mark */
    uint8_t answers;                /* of an RST: enum ladder_answers */
    char *note;                     /* owned; what the message said, safe to print; NULL: nothing */
    struct ladder_fold *fold;       /* owned; LADDER_FOLD */
    struct wt_repeat *repeat;       /* owned; why its numbers came again; NULL: they did not */
    uint64_t proves;                /* the frame of a repeat that this one shows to have been needless; 0 */
};

enum ladder_answers { LADDER_ANSWERS_NOTHING, LADDER_ANSWERS_SYN, LADDER_ANSWERS_DATA, LADDER_ANSWERS_FIN, LADDER_ANSWERS_ACK };

struct ladder {
    struct ladder_line *lines;      /* owned */
    uint32_t count, capacity;
    uint32_t run;                   /* first line of the current plain run */
    uint32_t run_lines;             /* packets in it; 0: none */
    int64_t series;                 /* line of the current series of duplicate ACKs; -1: none */
    uint32_t trouble[5];            /* lines given to trouble of a kind, in this ladder */
    uint32_t syns[2], fins;
    uint64_t hits_lines;            /* how often max_lines was hit */
    uint64_t facts;                 /* of all lines so far */
    struct ladder_said said;
    size_t bytes;                   /* held */
    bool given_up;                  /* its lines were dropped for max_bytes */
    bool printed;                   /* when it closed, before its record came */
    bool announced;                 /* line by line: its heading was printed */
    bool passes;                    /* a packet of it passed the filter */
    bool away;                      /* they are in the set's file */
    uint64_t file_at, file_len;     /* where */
    bool first_data[2];
    bool closed[2];                 /* its last window was 0 */
    /* of the last segment of each side, to tell what an RST answers */
    uint16_t last_flags[2];
    uint32_t last_payload[2];
    /* who it is */
    uint64_t number;
    uint64_t first_frame;
    int64_t start_ns;
    uint8_t family, protocol;
    uint8_t address[2][16];         /* client, server */
    uint16_t port[2];
    struct wt_analysis_state *analysis;    /* the timeline's; NULL: none */
    bool goes_without;              /* for a limit, and that was counted */
    struct ladder *older, *newer;   /* by use, in a list of its set */
};

struct ladder_list {
    struct ladder *oldest, *newest;
};

struct ladder_set {
    uint32_t max_lines;
    uint64_t max_bytes;
    uint32_t fold_after;            /* plain packets in a row that are shown one by one; UINT32_MAX: fold nothing */
    uint64_t facts;                 /* of the packet to come; one that shows something new is never folded */
    bool notable;                   /* the packet to come: trouble, whatever its class */
    bool by_line;                   /* lines are printed as they come: never change one that is LADDER_SHOWN */
    struct ladder_list held, resting;    /* resting: without lines in memory: away, or given up */
    uint64_t bytes;
    uint64_t hits_lines, hits_bytes;
    int file;                       /* -1: none yet; -2: none can be had */
    uint64_t file_end, file_ladders;
};

#define LADDER_FOLD_AFTER 8
#define LADDER_TROUBLE_LINES 64     /* of a kind, before they are folded like plain packets */
#define LADDER_NOTE 400             /* bytes of a note */

void ladder_set_init(struct ladder_set *set, uint32_t max_lines, uint64_t max_bytes);

/* NULL: out of memory. */
struct ladder *ladder_new(struct ladder_set *set, const struct ladder *identity);
void ladder_free(struct ladder_set *set, struct ladder *l);
void ladder_set_done(struct ladder_set *set);      /* frees those that are left */

/* What the analysis says of a line; false: no memory. A line that is shown already stays as it is. */
bool ladder_repeat(struct ladder_set *set, struct ladder *l, struct ladder_line *line, const struct wt_repeat *repeat);

/* One TCP segment. note: what its message says, or NULL; a segment with a note is never plain. Returns the line it
 * became, or NULL when it went into a fold. Valid until the next call. */
struct ladder_line *ladder_segment(struct ladder_set *set, struct ladder *l, const struct wt_segment *s,
                                   const char *note);

struct ladder_datagram {
    uint64_t frame;
    int64_t since_ns;
    uint32_t payload_bytes;
    uint8_t kind;                   /* LADDER_DATAGRAM or LADDER_ICMP */
    uint8_t side;
    uint8_t marks;
    uint16_t dns_id;
    const char *note;
};
struct ladder_line *ladder_datagram(struct ladder_set *set, struct ladder *l, const struct ladder_datagram *d);

/* Forgets its lines: they have been printed. */
void ladder_drop_lines(struct ladder_set *set, struct ladder *l);
/* Brings its lines back into memory; afterwards it has none where they were lost. */
void ladder_load(struct ladder_set *set, struct ladder *l);
/* The line that shows this frame, or NULL. */
struct ladder_line *ladder_find(struct ladder_set *set, struct ladder *l, uint64_t frame);
/* Adds text to a line's note, after ", ". */
void ladder_note_add(struct ladder_set *set, struct ladder *l, struct ladder_line *line, const char *text);
/* The client was the server after all. */
void ladder_flip(struct ladder *l);

/* ladder_spill.c: lines to the set's file and back; false: that cannot be done (nothing has changed). */
bool ladder_write(struct ladder_set *set, struct ladder *l);
bool ladder_read(struct ladder_set *set, struct ladder *l);
void ladder_file_done(struct ladder_set *set);

#endif

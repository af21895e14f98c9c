/* Conversations and what is kept of each. */
#ifndef TRACK_CLASSES_IMPL_H
#define TRACK_CLASSES_IMPL_H

#include "base/slab.h"
#include "track/classes.h"

/* Sequence space that was sent and not acknowledged yet. */
struct unacked {
    uint32_t next;              /* the one sent before it; 0: none */
    uint32_t seq, end;
    uint64_t frame;
    int64_t time_ns;
};

#define REPEATS_NONE INT32_C(-1)    /* "ACKed but unseen" was said: no duplicate counts until its peer's next */

/* What one endpoint sent. Numbers are raw; 0 stands for "nothing yet" where Wireshark takes it so. */
struct class_side {
    uint32_t base;              /* what relative numbers count from */
    uint32_t next_seq;          /* behind the highest number */
    uint32_t contiguous;        /* behind the highest without a hole: what the peer may acknowledge */
    uint32_t last_ack;
    uint32_t window;            /* as sent, of the last segment; UINT32_MAX: nothing sent yet */
    uint32_t newest, kept;      /* list of struct unacked, and how many */
    uint32_t oldest;            /* the lowest number among them, */
    uint32_t low, high;         /* and their bounds relative to base; as segments come, and anew after an ACK */
    uint32_t push_bytes;
    int32_t repeats;            /* duplicate ACKs in a row, or REPEATS_NONE */
    int16_t scale;              /* -1 unknown, -2 not in use */
    uint8_t sack_count;
    bool based;                 /* base is set */
    bool window_plain;          /* its last segment was a SYN: that window is not scaled */
    bool flight_known;          /* nothing is missing since its peer's last ACK */
    bool pushed;                /* its last data bore PSH */
    uint32_t sack[WT_MAX_SACK_BLOCKS][2];
    uint64_t last_did;
    uint64_t ack_frame;         /* frame that moved its ACK */
    uint64_t next_frame;        /* frame that moved next_seq, */
    int64_t next_ns;            /* and when */
    int64_t last_ns;
};

struct class_talk {
    uint8_t address[2][16];
    uint16_t port[2];
    uint8_t family;
    uint8_t completeness;
    bool vnc, renew;            /* classes_payload(): greeted; the next segment begins a new stream */
    uint32_t chain;             /* the next in its bucket */
    uint32_t stream;
    uint64_t hash;
    int64_t start_ns, last_ns;
    int64_t syn_ns, first_rtt_ns;   /* 0: none */
    struct class_side side[2];  /* by endpoint of the key */
};

#define CLASS_EXPECTED 64          /* connections announced and not begun yet; then the oldest is forgotten */

struct class_expected {
    uint8_t address[16];
    uint16_t port;              /* 0: none */
    uint16_t from;              /* of the other side; 0: any */
    uint8_t family;
};

struct classes {
    struct slab talks, unacked;
    uint32_t *buckets;          /* owned */
    uint32_t mask;
    uint32_t streams;
    uint64_t seed[2];
    struct class_expected expected[CLASS_EXPECTED];
    unsigned next_expected;
    struct wt_limit_hits *hits;    /* borrowed */
};

/* The conversation of the packet's endpoints, made where there is none; NULL: the limit. */
struct class_talk *classes_find(struct classes *all, const struct wt_packet *p, bool *ret_fresh);
/* Forgets all but who they are, and counts a new stream. */
void classes_begin(struct classes *all, struct class_talk *talk, int64_t time_ns);

/* ---- classes_announced.c ---- */
void classes_payload(struct classes *all, struct class_talk *talk, const struct wt_packet *p);
/* Whether this first segment of a conversation was announced by another one; said once. */
bool classes_was_announced(struct classes *all, const struct wt_packet *p);

#endif

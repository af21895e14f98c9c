/* Inside follow: the one connection, and how its pieces are written. */
#ifndef REPORT_FOLLOW_IMPL_H
#define REPORT_FOLLOW_IMPL_H

#include "report/follow.h"
#include "report/json.h"
#include "report/names.h"
#include "report/packets_out.h"

struct follow_peer {
    uint8_t address[16];
    uint16_t port;
};

struct follow {
    struct follow_options options;
    void (*stop)(void);
    struct names *names;
    struct out out;
    struct json json;
    struct wt_error error;
    bool stopped, begun;
    /* the followed one */
    uint64_t number, first_frame;
    uint32_t stream;
    uint8_t family, protocol;
    struct follow_peer peer[2];          /* client, server */
    int64_t start_ns;                    /* of its first packet */
    struct follow_result result;
    /* what is being written */
    unsigned turn_side;                  /* 2: none yet */
    uint64_t turns[2];
    uint64_t written[2];                 /* bytes of each side so far: offsets of the hex form */
    bool line_open;                      /* the last line has no end yet */
    uint64_t no_text;                    /* bytes of a run that is no text, not said yet */
    uint8_t part[2][4];                  /* first bytes of a UTF-8 sequence whose end was not seen yet */
    uint8_t part_len[2];
};

/* One piece of the followed connection: bytes, or a hole of `missing` bytes. */
struct follow_piece {
    unsigned side;
    struct wt_slice bytes;
    uint64_t missing, frame;
    int64_t time_ns;
};

struct follow_writer {
    const char *name;                    /* of -T */
    void (*begin)(struct follow *f);     /* may be NULL */
    void (*piece)(struct follow *f, const struct follow_piece *p);
    void (*end)(struct follow *f);       /* may be NULL */
};
extern const struct follow_writer follow_text, follow_ascii, follow_hex, follow_raw, follow_yaml, follow_binary, follow_json;

/* "192.0.2.1:80 (www.example.com)" */
void follow_add_peer(struct follow *f, unsigned side);

#endif

/* Text on its way to a descriptor: one growing buffer, flushed in large pieces, without printf on the way.
 * Also used for pieces of text that are put together before they are written (fd -1). One thread. */
#ifndef REPORT_PACKETS_OUT_H
#define REPORT_PACKETS_OUT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "wiretale/cursor.h"

#define OUT_FLUSH_BYTES (64u << 10)
#define OUT_MAX_BYTES (64u << 20)      /* of one piece of text; what is longer is cut and `cut` is set */

struct out {
    char *at;               /* owned */
    size_t len, capacity;
    int fd;                 /* -1: memory only */
    int error;              /* errno of the first failed write; 0: none */
    bool cut;               /* text was lost: no memory, or over OUT_MAX_BYTES */
    bool fixed;             /* the memory is the caller's and does not grow */
};

/* A piece of text in the caller's memory. */
static inline struct out out_fixed(char *at, size_t capacity)
{
    return (struct out){ .at = at, .capacity = capacity, .fd = -1, .fixed = true };
}

void out_init(struct out *o, int fd);
void out_done(struct out *o);
/* Makes room for n more bytes; false when there is none. */
bool out_room(struct out *o, size_t n);
/* Writes all that is held. 0, or -errno of the first failure (-EPIPE: the reader has gone). */
int out_flush(struct out *o);

static inline void out_reset(struct out *o)
{
    o->len = 0;
    o->cut = false;
}

static inline void out_bytes(struct out *o, const char *text, size_t len)
{
    if (__builtin_expect(o->capacity - o->len < len, 0) && !out_room(o, len))
        return;
    if (len)
        memcpy(o->at + o->len, text, len);
    o->len += len;
}

static inline void out_text(struct out *o, const char *text)
{
    out_bytes(o, text, strlen(text));
}

static inline void out_char(struct out *o, char c)
{
    out_bytes(o, &c, 1);
}

/* For the end of a line: writes when enough has been gathered. */
static inline void out_line_end(struct out *o)
{
    out_char(o, '\n');
    if (o->len >= OUT_FLUSH_BYTES && o->fd >= 0)
        (void)out_flush(o);
}

__attribute__((format(printf, 2, 3))) void out_format(struct out *o, const char *format, ...);

void out_spaces(struct out *o, size_t n);
void out_u64(struct out *o, uint64_t value);
void out_i64(struct out *o, int64_t value);
void out_digits(struct out *o, uint64_t value, unsigned width);    /* zero-padded decimal, exactly width digits */
void out_hex(struct out *o, uint64_t value, unsigned digits);      /* zero-padded, without 0x */
void out_hex_bytes(struct out *o, struct wt_slice bytes, char between);    /* between '\0': none */
void out_ipv4(struct out *o, const uint8_t *address);
void out_ipv6(struct out *o, const uint8_t *address);              /* RFC 5952, mixed notation as inet_ntop */
void out_address(struct out *o, unsigned family, const uint8_t *address);
/* Seconds with `digits` (0 to 9) decimals, cut, not rounded. */
void out_seconds(struct out *o, int64_t ns, unsigned digits);
/* Bytes from the network made safe for a terminal: what is no printable UTF-8 becomes \xNN. */
void out_safe(struct out *o, struct wt_slice bytes);
/* Columns a terminal needs for UTF-8 text (code points, combining marks not counted). */
size_t text_columns(const char *text, size_t len);
/* Pads with spaces up to `columns` after a piece that began at `from`. */
void out_pad(struct out *o, size_t from, size_t columns);

#endif

/* Bounds-checked reading of bytes that an attacker chose.
 *
 * A slice is borrowed memory. A cursor walks over one and knows whose fault its end is: the capture's
 * (the snapshot length cut the frame) or the sender's (a length that lies). The first failure sticks,
 * every later read gives 0, so a decoder reads straight down and checks once.
 * Any thread; nothing here allocates. Values are returned in host byte order. */
#ifndef WIRETALE_CURSOR_H
#define WIRETALE_CURSOR_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct wt_slice {
    const uint8_t *at;   /* borrowed */
    size_t len;
};

enum wt_cut {
    WT_WHOLE,            /* nothing was missing */
    WT_CUT_BY_SNAPLEN,   /* truncated: the bytes were sent, but the capture does not hold them */
    WT_CUT_BY_SENDER     /* malformed: the bytes were never sent, or contradict each other */
};

struct wt_cursor {
    const uint8_t *at;
    size_t captured;     /* bytes left that we hold */
    size_t on_wire;      /* bytes left that were sent; never less than captured */
    enum wt_cut cut;     /* sticky */
};

static inline struct wt_cursor wt_cursor(const uint8_t *at, size_t captured, size_t on_wire)
{
    if (on_wire < captured)
        captured = on_wire;
    return (struct wt_cursor){ at, captured, on_wire, WT_WHOLE };
}

static inline struct wt_cursor wt_cursor_of(struct wt_slice s)
{
    return (struct wt_cursor){ s.at, s.len, s.len, WT_WHOLE };
}

/* Marks the bytes as contradictory from here on. */
static inline void wt_malformed(struct wt_cursor *c)
{
    if (c->cut == WT_WHOLE)
        c->cut = WT_CUT_BY_SENDER;
}

/* The only function that moves a cursor: n bytes, or NULL and a sticky cut. */
static inline const uint8_t *wt_take(struct wt_cursor *c, size_t n)
{
    if (__builtin_expect(c->cut != WT_WHOLE, 0))
        return NULL;
    if (__builtin_expect(n > c->captured, 0)) {
        c->cut = n > c->on_wire ? WT_CUT_BY_SENDER : WT_CUT_BY_SNAPLEN;
        return NULL;
    }
    const uint8_t *p = c->at;
    c->at += n;
    c->captured -= n;
    c->on_wire -= n;
    return p;
}

static inline bool wt_skip(struct wt_cursor *c, size_t n)
{
    return wt_take(c, n) != NULL;
}

static inline uint8_t wt_read_u8(struct wt_cursor *c)
{
    const uint8_t *p = wt_take(c, 1);
    return p ? p[0] : 0;
}

static inline uint16_t wt_be16(const uint8_t *p)
{
    return (uint16_t)(p[0] << 8 | p[1]);
}

static inline uint32_t wt_be24(const uint8_t *p)
{
    return (uint32_t)p[0] << 16 | (uint32_t)p[1] << 8 | p[2];
}

static inline uint32_t wt_be32(const uint8_t *p)
{
    return (uint32_t)p[0] << 24 | (uint32_t)p[1] << 16 | (uint32_t)p[2] << 8 | p[3];
}

static inline uint64_t wt_be64(const uint8_t *p)
{
    return (uint64_t)wt_be32(p) << 32 | wt_be32(p + 4);
}

static inline uint16_t wt_read_be16(struct wt_cursor *c)
{
    const uint8_t *p = wt_take(c, 2);
    return p ? wt_be16(p) : 0;
}

static inline uint32_t wt_read_be24(struct wt_cursor *c)
{
    const uint8_t *p = wt_take(c, 3);
    return p ? wt_be24(p) : 0;
}

static inline uint32_t wt_read_be32(struct wt_cursor *c)
{
    const uint8_t *p = wt_take(c, 4);
    return p ? wt_be32(p) : 0;
}

static inline uint64_t wt_read_be64(struct wt_cursor *c)
{
    const uint8_t *p = wt_take(c, 8);
    return p ? wt_be64(p) : 0;
}

static inline struct wt_slice wt_read_slice(struct wt_cursor *c, size_t n)
{
    const uint8_t *p = wt_take(c, n);
    return p ? (struct wt_slice){ p, n } : (struct wt_slice){ NULL, 0 };
}

/* A nested length: a cursor over the next on_wire bytes, of which fewer may be captured; the parent moves
 * behind them and cannot be overrun. When the parent was not even sent that many, the child is clipped to it
 * and the parent is marked. */
static inline struct wt_cursor wt_sub(struct wt_cursor *c, size_t on_wire)
{
    struct wt_cursor child = { c->at, c->captured, c->on_wire, c->cut };
    if (on_wire > c->on_wire)
        wt_malformed(c);
    else
        child.on_wire = on_wire;
    if (child.captured > child.on_wire)
        child.captured = child.on_wire;
    c->at += child.captured;
    c->captured -= child.captured;
    c->on_wire -= child.on_wire;
    return child;
}

#endif

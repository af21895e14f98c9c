/* Options of a packet in a pcapng file. The reader has verified the block that WT_FRAME_OPTIONS speaks of: type, length,
 * interface, time (two words), captured and original length, the bytes padded to 4, options, length. */
#include <string.h>

#include "wiretale/frame.h"

static uint32_t word(const struct wt_frame *f, const uint8_t *p)
{
    uint32_t v;
    memcpy(&v, p, 4);
    return f->flags & WT_FRAME_SWAPPED ? __builtin_bswap32(v) : v;
}

static uint16_t half(const struct wt_frame *f, const uint8_t *p)
{
    uint16_t v;
    memcpy(&v, p, 2);
    return f->flags & WT_FRAME_SWAPPED ? __builtin_bswap16(v) : v;
}

struct wt_slice wt_frame_block(const struct wt_frame *f)
{
    if (!(f->flags & WT_FRAME_OPTIONS))
        return (struct wt_slice){ NULL, 0 };
    const uint8_t *block = f->bytes - WT_FRAME_BLOCK_HEADER;
    return (struct wt_slice){ block, word(f, block + 4) };
}

bool wt_frame_option(const struct wt_frame *f, uint32_t *at, struct wt_frame_option *ret_option)
{
    struct wt_slice block = wt_frame_block(f);
    if (!block.len)
        return false;
    size_t captured = word(f, block.at + 20);       /* the frame's own may have been cut since */
    size_t from = WT_FRAME_BLOCK_HEADER + ((captured + 3) & ~(size_t)3) + *at, end = block.len - 4;
    if (from > end || end - from < 4)
        return false;
    uint16_t code = half(f, block.at + from), len = half(f, block.at + from + 2);
    size_t padded = (len + 3u) & ~3u;
    if (code == 0 || padded > end - from - 4)
        return false;
    *ret_option = (struct wt_frame_option){ .code = code, .value = { block.at + from + 4, len } };
    *at += (uint32_t)(4 + padded);
    return true;
}

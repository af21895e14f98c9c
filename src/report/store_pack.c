/* Pairs of a run of zeros and a run of others: two lengths in a byte each, then the others. */
#include "report/store_pack.h"

#include <errno.h>
#include <string.h>

#define RUN 255u
#define SHORTEST 3u    /* zeros within others that are worth a pair of their own */

static size_t zeros(const uint8_t *from, size_t len)
{
    size_t n = 0;
    while (n < len && n < RUN && from[n] == 0)
        n++;
    return n;
}

static size_t others(const uint8_t *from, size_t len)
{
    size_t n = 0;
    while (n < len && n < RUN) {
        if (from[n] == 0 && (len - n < SHORTEST || zeros(from + n, SHORTEST) == SHORTEST))
            break;
        n++;
    }
    return n;
}

size_t store_pack(const void *from, size_t len, uint8_t *into)
{
    const uint8_t *at = from;
    size_t used = 0, i = 0;
    while (i < len) {
        size_t z = zeros(at + i, len - i);
        i += z;
        size_t o = others(at + i, len - i);
        into[used++] = (uint8_t)z;
        into[used++] = (uint8_t)o;
        memcpy(into + used, at + i, o);
        used += o;
        i += o;
    }
    return used;
}

int store_unpack(const uint8_t *from, size_t from_len, void *into, size_t len)
{
    uint8_t *to = into;
    size_t at = 0, filled = 0;
    while (at + 2 <= from_len) {
        size_t z = from[at], o = from[at + 1];
        at += 2;
        if (o > from_len - at || z + o > len - filled)
            return -EBADMSG;
        memset(to + filled, 0, z);
        memcpy(to + filled + z, from + at, o);
        filled += z + o;
        at += o;
    }
    return at == from_len && filled == len ? 0 : -EBADMSG;
}

/* Records are structs that are mostly zero: runs of zero bytes are stored as their length. Pure; any thread. */
#ifndef REPORT_STORE_PACK_H
#define REPORT_STORE_PACK_H

#include <stddef.h>
#include <stdint.h>

/* Bytes that packing can take at most. */
#define STORE_PACKED_MOST(len) ((len) + (len) / 128 + 16)

size_t store_pack(const void *from, size_t len, uint8_t *into);
/* Fills len bytes; 0, or -EBADMSG where `from` does not hold that many. */
int store_unpack(const uint8_t *from, size_t from_len, void *into, size_t len);

#endif

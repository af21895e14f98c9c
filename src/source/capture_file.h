/* What readers of capture files share: bytes from a feed into blocks, records that cross a block's end, how it ended.
 * A format gives `parse`, which turns whole records into frames. Capture thread. */
#ifndef SOURCE_CAPTURE_FILE_H
#define SOURCE_CAPTURE_FILE_H

#include "source/feed.h"
#include "source/source.h"

#define MAX_CAPTURED 262144u    /* as tshark: a longer packet means that the length is wrong */
#define MAX_INTERFACES 65536

struct capture_file;

struct interface {
    struct wt_interface_info info;
    int64_t offset_ns;          /* if_tsoffset */
    uint64_t units;             /* of a second, if_tsresol */
};

struct file_format {
    const char *name;
    /* Whole records from b->bytes[*at] to b->bytes[b->used] into b->frames; *at moves behind what was used.
     * 0: needs more bytes (or the block is full of frames); 1: the file is damaged at *at: f->problem says how. */
    int (*parse)(struct capture_file *f, struct block *b, size_t *at);
};

struct capture_file {
    struct source source;
    struct feed feed;
    const struct file_format *format;
    char *name;                 /* owned */
    bool swapped;               /* byte order of the section */
    uint32_t nano;              /* pcap: units of the fraction: 1 or 1000 ns */
    uint32_t record_header;     /* pcap: 16, or 24 (modified) */
    uint32_t section_first;     /* pcapng: first interface of the section */
    struct interface *interfaces;   /* owned */
    uint32_t interface_count, interface_room;
    const uint8_t *carry;       /* bytes of the block before that belong to the next */
    uint8_t first[24];          /* by which the format was recognised */
    size_t carry_len;
    uint64_t offset;            /* in the input, of the block's first byte */
    uint64_t skip;              /* bytes of a record that nobody needs, still to come */
    uint64_t packets;
    bool ended;
    struct wt_error problem;
};

extern const struct file_format pcap_format, pcapng_format;

/* Opens and recognises. -EPROTO: no capture format that we know. */
int capture_file_open(const char *name, bool follow, struct source **ret_source, struct wt_error *err);
/* The same over memory, for tests. */
int capture_file_open_memory(const uint8_t *bytes, size_t len, struct source **ret_source, struct wt_error *err);

/* Reads the header of a pcap file (24 bytes). */
int pcap_read_header(struct capture_file *f, const uint8_t *header, struct wt_error *err);
/* The interface of that number, or NULL when out of memory or beyond MAX_INTERFACES. */
struct interface *capture_file_add_interface(struct capture_file *f);
/* Says where and why the file is damaged; returns 1. */
__attribute__((format(printf, 3, 4))) int capture_file_damaged(struct capture_file *f, uint64_t offset,
                                                               const char *format, ...);

static inline uint32_t file_u32(const struct capture_file *f, const uint8_t *p)
{
    uint32_t v;
    __builtin_memcpy(&v, p, 4);
    return f->swapped ? __builtin_bswap32(v) : v;
}

static inline uint16_t file_u16(const struct capture_file *f, const uint8_t *p)
{
    uint16_t v;
    __builtin_memcpy(&v, p, 2);
    return f->swapped ? __builtin_bswap16(v) : v;
}

#endif

/* Classic pcap (draft-ietf-opsawg-pcap): a header of 24 bytes, then records. Both byte orders, microseconds and
 * nanoseconds, and the "modified" records of old Linux with 8 more bytes each. */
#include <errno.h>

#include "source/capture_file.h"

static const struct {
    uint32_t magic;
    bool nano;
    uint32_t record_header;
} magics[] = {
    { 0xa1b2c3d4, false, 16 },
    { 0xa1b23c4d, true, 16 },
    { 0xa1b2cd34, false, 24 },
};

int pcap_read_header(struct capture_file *f, const uint8_t *header, struct wt_error *err)
{
    for (unsigned i = 0; i < 6; i++) {
        f->swapped = i & 1;
        if (file_u32(f, header) != magics[i / 2].magic)
            continue;
        struct interface *interface = capture_file_add_interface(f);
        if (!interface)
            return wt_fail(err, -ENOMEM, "%s: not enough memory", f->name);
        f->nano = magics[i / 2].nano ? 1 : 1000;
        f->record_header = magics[i / 2].record_header;
        interface->info.snaplen = file_u32(f, header + 16);
        interface->info.linktype = (uint16_t)file_u32(f, header + 20);   /* upper bits: FCS length, classes */
        return 0;
    }
    return -EPROTO;
}

static int parse(struct capture_file *f, struct block *b, size_t *at)
{
    const uint16_t linktype = f->interfaces[0].info.linktype;
    const size_t header = f->record_header;
    size_t i = *at;
    int damage = 0;
    while (b->used - i >= header && b->frame_count < b->frame_capacity) {
        const uint8_t *p = b->bytes + i;
        uint32_t captured = file_u32(f, p + 8), wire = file_u32(f, p + 12);
        if (captured > MAX_CAPTURED) {
            damage = capture_file_damaged(f, f->offset + (i - *at), "a packet of %u bytes, more than the %u that can be",
                                          captured, MAX_CAPTURED);
            break;
        }
        if (b->used - i - header < captured)
            break;
        b->frames[b->frame_count++] = (struct wt_frame){
            .time_ns = (int64_t)file_u32(f, p) * 1000000000 + (int64_t)file_u32(f, p + 4) * f->nano,
            .bytes = p + header, .captured_len = captured, .wire_len = wire,
            .offset = f->offset + (i - *at) + header, .linktype = linktype,
        };
        f->packets++;
        i += header + captured;
    }
    *at = i;
    return damage;
}

const struct file_format pcap_format = { "pcap", parse };

/* pcapng (draft-ietf-opsawg-pcapng): blocks of a type, a length, a body and the length again. Sections may differ in
 * byte order; each interface has its own link type and resolution. Blocks that nobody needs are skipped unread. */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "source/capture_file.h"

enum { SECTION = 0x0a0d0d0a, INTERFACE = 1, PACKET = 2, SIMPLE_PACKET = 3, STATISTICS = 5, ENHANCED_PACKET = 6 };
enum { OPTION_END = 0, OPTION_IF_NAME = 2, OPTION_TSRESOL = 9, OPTION_TSOFFSET = 14, OPTION_IFDROP = 5, OPTION_OSDROP = 7 };

struct record {
    const uint8_t *body;
    uint32_t type, body_len;
    uint64_t offset;            /* of the block in the input */
};

/* The option of that code behind `from`; its length in *len. */
static const uint8_t *find_option(const struct capture_file *f, const struct record *r, uint32_t from, uint16_t code,
                                  uint16_t *len)
{
    uint32_t at = from;
    while (at <= r->body_len && r->body_len - at >= 4) {
        uint16_t this_code = file_u16(f, r->body + at), this_len = file_u16(f, r->body + at + 2);
        uint32_t padded = (this_len + 3u) & ~3u;
        at += 4;
        if (this_code == OPTION_END || padded > r->body_len - at)
            return NULL;
        if (this_code == code) {
            *len = this_len;
            return r->body + at;
        }
        at += padded;
    }
    return NULL;
}

static uint64_t file_u64(const struct capture_file *f, const uint8_t *p)
{
    uint64_t a = file_u32(f, p), b = file_u32(f, p + 4);
    return f->swapped ? a << 32 | b : b << 32 | a;
}

/* Units of a second: 10^-n, or 2^-n where the top bit is set. 0: more than 64 bits hold. */
static uint64_t resolution(uint8_t value)
{
    uint64_t units = 1;
    if (value & 0x80)
        return (value & 0x7f) < 64 ? UINT64_C(1) << (value & 0x7f) : 0;
    for (unsigned i = 0; i < value; i++) {
        if (units > UINT64_MAX / 10)
            return 0;
        units *= 10;
    }
    return units;
}

static int read_interface(struct capture_file *f, const struct record *r)
{
    uint16_t len;
    const uint8_t *option;
    if (r->body_len < 8)
        return capture_file_damaged(f, r->offset, "an interface block of %u bytes", r->body_len);
    struct interface *i = capture_file_add_interface(f);
    if (!i)
        return capture_file_damaged(f, r->offset, "more than %u interfaces", MAX_INTERFACES);
    i->info.linktype = file_u16(f, r->body);
    i->info.snaplen = file_u32(f, r->body + 4);
    option = find_option(f, r, 8, OPTION_TSRESOL, &len);
    if (option && len >= 1)
        i->units = resolution(option[0]);
    if (!i->units)
        return capture_file_damaged(f, r->offset, "a time resolution of 0x%02x, finer than can be", option[0]);
    option = find_option(f, r, 8, OPTION_TSOFFSET, &len);
    if (option && len >= 8) {
        int64_t seconds = (int64_t)file_u64(f, option);
        if (seconds < INT64_MAX / 1000000000 && seconds > INT64_MIN / 1000000000)
            i->offset_ns = seconds * 1000000000;
    }
    option = find_option(f, r, 8, OPTION_IF_NAME, &len);
    if (option)
        snprintf(i->info.name, sizeof i->info.name, "%.*s", (int)len, (const char *)option);
    return 0;
}

static int read_section(struct capture_file *f, const struct record *r)
{
    if (r->body_len < 16)
        return capture_file_damaged(f, r->offset, "a section header of %u bytes", r->body_len);
    uint16_t major = file_u16(f, r->body + 4);
    if (major != 1)
        return capture_file_damaged(f, r->offset, "pcapng version %u, and only 1 is known", major);
    f->section_first = f->interface_count;
    return 0;
}

static void read_statistics(struct capture_file *f, const struct record *r)
{
    static const uint16_t codes[] = { OPTION_IFDROP, OPTION_OSDROP };
    uint32_t index = r->body_len >= 12 ? file_u32(f, r->body) : UINT32_MAX;
    if (index >= f->interface_count - f->section_first)
        return;
    struct wt_interface_info *info = &f->interfaces[f->section_first + index].info;
    uint64_t drops = 0;
    bool known = false;
    for (unsigned i = 0; i < 2; i++) {
        uint16_t len;
        const uint8_t *option = find_option(f, r, 12, codes[i], &len);
        if (option && len >= 8) {
            drops += file_u64(f, option);
            known = true;
        }
    }
    if (known)
        info->recorded_drops = drops;
}

static int64_t to_ns(const struct interface *i, uint64_t units)
{
    __extension__ typedef __int128 wide;
    wide ns = i->units == 1000000000 ? (wide)units
        : i->units == 1000000        ? (wide)units * 1000
                                     : (wide)(units / i->units) * 1000000000 + (wide)(units % i->units) * 1000000000 / i->units;
    ns += i->offset_ns;
    return ns > WT_TIME_GREATEST ? WT_TIME_GREATEST : ns < WT_TIME_LEAST ? WT_TIME_LEAST : (int64_t)ns;
}

static int add_frame(struct capture_file *f, struct block *b, const struct record *r, uint32_t interface,
                     uint32_t header, uint64_t units, bool timed, uint32_t captured, uint32_t wire)
{
    if (interface >= f->interface_count - f->section_first)
        return capture_file_damaged(f, r->offset, "a packet of interface %u, which was not described", interface);
    if (captured > MAX_CAPTURED)
        return capture_file_damaged(f, r->offset, "a packet of %u bytes, more than the %u that can be", captured,
                                    MAX_CAPTURED);
    if (captured > r->body_len - header)
        return capture_file_damaged(f, r->offset, "a packet of %u bytes in a block of %u", captured, r->body_len);
    struct interface *i = &f->interfaces[f->section_first + interface];
    i->info.frames++;
    f->packets++;
    b->frames[b->frame_count++] = (struct wt_frame){
        .time_ns = timed ? to_ns(i, units) : 0, .bytes = r->body + header, .captured_len = captured, .wire_len = wire,
        .offset = r->offset + 8 + header, .interface = f->section_first + interface, .linktype = i->info.linktype,
        .flags = (uint16_t)(WT_FRAME_INTERFACE | (timed ? 0 : WT_FRAME_NO_TIME)),
    };
    return 0;
}

static int read_packet(struct capture_file *f, struct block *b, const struct record *r)
{
    const uint8_t *p = r->body;
    if (r->type == SIMPLE_PACKET) {
        if (r->body_len < 4)
            return capture_file_damaged(f, r->offset, "a packet block of %u bytes", r->body_len);
        uint32_t wire = file_u32(f, p), captured = wire;
        if (f->interface_count == f->section_first)
            return capture_file_damaged(f, r->offset, "a packet before any interface was described");
        uint32_t snaplen = f->interfaces[f->section_first].info.snaplen;
        if (snaplen && captured > snaplen)
            captured = snaplen;
        if (captured > r->body_len - 4)
            captured = r->body_len - 4;
        return add_frame(f, b, r, 0, 4, 0, false, captured, wire);
    }
    if (r->body_len < 20)
        return capture_file_damaged(f, r->offset, "a packet block of %u bytes", r->body_len);
    uint32_t interface = r->type == PACKET ? file_u16(f, p) : file_u32(f, p);
    uint64_t units = (uint64_t)file_u32(f, p + 4) << 32 | file_u32(f, p + 8);
    uint32_t captured = file_u32(f, p + 12);
    int damage = add_frame(f, b, r, interface, 20, units, true, captured, file_u32(f, p + 16));
    if (!damage && r->type == ENHANCED_PACKET && r->body_len - 20 >= ((captured + 3u) & ~3u) + 4u)
        b->frames[b->frame_count - 1].flags |= (uint16_t)(WT_FRAME_OPTIONS | (f->swapped ? WT_FRAME_SWAPPED : 0));
    return damage;
}

static bool needed(uint32_t type)
{
    return type == INTERFACE || type == PACKET || type == SIMPLE_PACKET || type == STATISTICS || type == ENHANCED_PACKET;
}

/* A section header gives the byte order in which its own length is written. */
static int section_order(struct capture_file *f, const uint8_t *p, uint64_t offset)
{
    uint32_t magic;
    memcpy(&magic, p + 8, 4);
    if (magic != 0x1a2b3c4d && magic != 0x4d3c2b1a)
        return capture_file_damaged(f, offset, "a section header without a byte-order magic");
    f->swapped = magic == 0x4d3c2b1a;
    return 0;
}

static int read_record(struct capture_file *f, struct block *b, const struct record *r)
{
    switch (r->type) {
    case SECTION:
        return read_section(f, r);
    case INTERFACE:
        return read_interface(f, r);
    case STATISTICS:
        read_statistics(f, r);
        return 0;
    case PACKET: case SIMPLE_PACKET: case ENHANCED_PACKET:
        return read_packet(f, b, r);
    default:
        return 0;
    }
}

static int parse(struct capture_file *f, struct block *b, size_t *at)
{
    size_t start = *at, i = *at;
    int damage = 0;
    while (b->used - i >= 12 && b->frame_count < b->frame_capacity && !damage) {
        const uint8_t *p = b->bytes + i;
        uint64_t offset = f->offset + i - start;
        struct record r = { .type = file_u32(f, p), .offset = offset };
        if (r.type == SECTION && (damage = section_order(f, p, offset)) != 0)
            break;
        uint32_t length = file_u32(f, p + 4);
        if (length < 12 || length % 4) {
            damage = capture_file_damaged(f, offset, "a block of length %u; it must be a multiple of 4, 12 or more", length);
            break;
        }
        if (!needed(r.type) && r.type != SECTION) {
            size_t here = length < b->used - i ? length : b->used - i;
            f->skip = length - here;
            i += here;
            continue;
        }
        if (b->used - i < length)
            break;
        r.body = p + 8;
        r.body_len = length - 12;
        damage = read_record(f, b, &r);
        if (!damage)
            i += length;
    }
    *at = i;
    return damage;
}

const struct file_format pcapng_format = { "pcapng", parse };

/* FDDI (ISO 9314): frame control, destination, source; data frames carry LLC. */
#include "dissectors/fddi.h"

#include <string.h>

static const struct wt_key keys[] = { { WT_KEY_LINKTYPE, 10 } };

enum { F_FC, F_DST, F_DST_ADDR, F_SRC, F_SRC_ADDR, F_COUNT };

static const struct wt_field fields[F_COUNT] = {
    [F_FC] = WT_ROW(struct fddi, control, WT_UINT8, WT_HEX, 0, 1, "fddi.fc", "Frame Control", "Kind of the frame"),
    [F_DST] = WT_ROW(struct fddi, dst, WT_ETHER, 0, 1, 6, "fddi.dst", "Destination", "Address it was sent to"),
    [F_DST_ADDR] = WT_ROW(struct fddi, dst, WT_ETHER, 0, 1, 6, "fddi.addr", "Source or Destination Address", "Either address"),
    [F_SRC] = WT_ROW(struct fddi, src, WT_ETHER, 0, 7, 6, "fddi.src", "Source", "Address that sent it"),
    [F_SRC_ADDR] = WT_ROW(struct fddi, src, WT_ETHER, 0, 7, 6, "fddi.addr", "Source or Destination Address", "Either address"),
};

static enum wt_cut decode(struct wt_cursor *c, void *header)
{
    struct fddi *h = header;
    const uint8_t *p = wt_take(c, 13);
    if (p) {
        h->control = p[0];
        memcpy(h->dst, p + 1, 6);
        memcpy(h->src, p + 7, 6);
    }
    return c->cut;
}

static void next(const void *header, struct wt_next *n)
{
    const struct fddi *h = header;
    bool llc = (h->control & 0xf0) == 0x50;     /* asynchronous LLC frames, of any priority */
    *n = (struct wt_next){ llc ? WT_KEY_LLC : WT_KEY_NONE, { WT_NO_KEY, WT_NO_KEY }, WT_NO_LIMIT };
}

static void summarise(const struct wt_layer_view *v, struct wt_text *info)
{
    const struct fddi *h = v->header;
    wt_text_add(info, "FDDI, frame control 0x%02x", h->control);
}

const struct wt_dissector fddi_dissector = {
    .name = "fddi", .short_name = "FDDI", .title = "Fiber Distributed Data Interface", .references = "ISO 9314",
    .role = WT_ROLE_LINK, .key_count = 1, .field_count = F_COUNT, .header_size = sizeof(struct fddi), .keys = keys,
    .fields = fields, .decode = decode, .next = next, .summarise = summarise,
};

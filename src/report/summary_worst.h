/* The K greatest of something, each with what is needed to find it in the capture. Exact; ties go to the earlier
 * frame, so that merging in any order gives the same list. */
#ifndef REPORT_SUMMARY_WORST_H
#define REPORT_SUMMARY_WORST_H

#include <stdint.h>

#include "wiretale/message.h"

#define WORST_MOST 100
#define WORST_TEXT 160

struct worst_row {
    int64_t value;             /* ranks */
    uint64_t frame;            /* where it shows */
    uint64_t first_frame;      /* of its connection, 0: not known; numbers it */
    uint64_t number;           /* conn.number, 0: not known */
    int64_t time_ns;
    uint32_t count;            /* retries, exchange of its connection, … */
    uint16_t code;             /* status, rcode */
    uint16_t type;             /* DNS type */
    uint8_t family, protocol, unanswered;
    uint8_t address[2][16];    /* client, server */
    uint16_t port[2];
    uint16_t len[3];           /* bytes of text[] */
    char text[3][WORST_TEXT];  /* raw bytes from the network: method, host, target; name */
};

struct worst {
    unsigned most, count;
    struct worst_row *rows;    /* owned; best first */
    uint64_t offered;
};

int worst_init(struct worst *w, unsigned most);      /* 0 or -ENOMEM */
void worst_done(struct worst *w);
/* Whether a row with this value and frame would be taken: asked before a row is made. */
int worst_wants(const struct worst *w, int64_t value, uint64_t frame);
void worst_add(struct worst *w, const struct worst_row *row);
void worst_merge(struct worst *into, const struct worst *from);

void worst_row_text(struct worst_row *row, unsigned which, struct wt_slice bytes);
static inline struct wt_slice worst_text(const struct worst_row *row, unsigned which)
{
    return (struct wt_slice){ (const uint8_t *)row->text[which], row->len[which] };
}

#endif

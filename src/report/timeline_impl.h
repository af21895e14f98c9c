/* The timeline's state, and the notes that its lines get from messages. */
#ifndef REPORT_TIMELINE_IMPL_H
#define REPORT_TIMELINE_IMPL_H

#include "explain.h"
#include "ladder.h"
#include "store.h"
#include "timeline.h"
#include "timeline_text.h"

struct timeline {
    struct timeline_options options;
    struct ladder_set set;
    struct ladder unwanted;              /* what the slot of a connection that nobody asked for points to */
    struct names *names;
    struct explainer *explainer;         /* NULL: nothing is explained */
    struct wt_depth *depth;
    struct wt_limit_hits depth_hits;
    struct wt_filter_matcher *matcher;   /* owned; NULL: no filter */
    bool over_connections;               /* it speaks of connections, not packets */
    struct store *store;                 /* files: ladders by number */
    struct timeline_text text;
    struct columns columns;              /* for the Info of a message */
    struct out out, note;
    struct wt_error error;
    void (*stop)(void);
    uint64_t picture_of, left_out;       /* connection that out holds a picture of; lines that are not in it */
    uint64_t shown, no_memory;
    int64_t last_line_ns;
    bool stopped;
};

/* Texts are valid until the next one is made; NULL: nothing is said. */

/* Messages that this frame completed, over a stream. */
const char *timeline_stream_note(struct timeline *t, struct ladder *l, const struct wt_packet_view *view);
/* What a datagram's application says, or an ICMP message; fills in the marks of its line. */
const char *timeline_datagram_note(struct timeline *t, struct ladder *l, const struct wt_packet_view *view,
                                   struct ladder_datagram *d);
const char *timeline_icmp_note(struct timeline *t, const struct wt_packet_view *view);
/* An exchange whose end has come after its response's head stood in an earlier frame. */
void timeline_exchange_ended(struct timeline *t, struct ladder *l, const struct wt_http_exchange *http);

/* timeline_depth.c: before a segment becomes a line, after it did, and at the end. */
unsigned timeline_depth_packet(struct timeline *t, struct ladder *l, const struct wt_packet_view *view,
                               const struct wt_repeat **ret_repeats);
void timeline_depth_lines(struct timeline *t, struct ladder *l, struct ladder_line *added, const struct wt_repeat *repeats,
                          unsigned count);
/* False: there is none. */
bool timeline_depth_result(struct timeline *t, const struct ladder *l, const struct wt_connection *c, struct wt_analysis *ret);

#endif

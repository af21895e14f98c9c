/* Display filters: Wireshark's language over our fields. Compiled once, evaluated on decoded structs, looking only at
 * the fields that it names. A compiled filter is read-only: any number of threads, each with its own matcher. */
#ifndef WIRETALE_FILTER_H
#define WIRETALE_FILTER_H

#include <stdbool.h>
#include <stddef.h>

#include "wiretale/connection.h"
#include "wiretale/engine.h"
#include "wiretale/error.h"

struct wt_filter;
struct wt_filter_matcher;

/* What a filter may speak of. */
enum wt_filter_over {
    WT_FILTER_PACKETS = 1 << 0,      /* fields of dissectors, frame.* */
    WT_FILTER_CONNECTIONS = 1 << 1   /* conn.* */
};

/* Where a filter is wrong: bytes of its text, and what would have been right. */
struct wt_filter_error {
    size_t at, len;
    char text[256];
};

/* NULL with err (may be NULL) when the text is no filter. */
struct wt_filter *wt_filter_compile(const char *text, unsigned over, struct wt_filter_error *err);
void wt_filter_free(struct wt_filter *filter);

/* The three lines a compiler would print: message, the text, a caret under the place. */
void wt_filter_explain(const char *text, const struct wt_filter_error *error, struct wt_text *into);

/* Whether it names a field of packets (WT_FILTER_PACKETS), of connections, or both. */
unsigned wt_filter_uses(const struct wt_filter *filter);

/* Working memory of one thread; NULL when out of memory. */
struct wt_filter_matcher *wt_filter_matcher_new(const struct wt_filter *filter);
void wt_filter_matcher_free(struct wt_filter_matcher *matcher);
/* Names of addresses, for conn.host: gives a name or NULL. */
void wt_filter_matcher_names(struct wt_filter_matcher *matcher,
                             const char *(*name_of)(void *names, unsigned family, const uint8_t *address), void *names);
bool wt_filter_match_packet(struct wt_filter_matcher *matcher, const struct wt_packet_view *view);
bool wt_filter_match_connection(struct wt_filter_matcher *matcher, const struct wt_connection *connection);

/* Fields that belong to no dissector: frame.* and conn.*. */
const struct wt_field *wt_frame_fields(unsigned *ret_count);
const struct wt_field *wt_connection_fields(unsigned *ret_count);

#endif

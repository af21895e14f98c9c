/* The packet list's columns: No., Time, Source, Destination, Protocol, Length, Info. One thread.
 * Columns know what lies between two packets (times since the first and the previous one), so every packet is
 * passed to columns_next() once, in order. */
#ifndef REPORT_COLUMNS_H
#define REPORT_COLUMNS_H

#include <stdbool.h>
#include <stdint.h>

#include "packets_out.h"
#include "value.h"
#include "wiretale/engine.h"

enum columns_time {          /* tshark's -t */
    COLUMNS_TIME_RELATIVE, COLUMNS_TIME_ABSOLUTE, COLUMNS_TIME_DATE, COLUMNS_TIME_DAY_OF_YEAR, COLUMNS_TIME_DELTA,
    COLUMNS_TIME_DELTA_DISPLAYED, COLUMNS_TIME_EPOCH, COLUMNS_TIME_UTC, COLUMNS_TIME_UTC_DATE,
    COLUMNS_TIME_UTC_DAY_OF_YEAR
};

#define COLUMNS_DIGITS_AUTO 255u

enum column_id {
    COLUMN_NUMBER, COLUMN_TIME, COLUMN_SOURCE, COLUMN_DESTINATION, COLUMN_PROTOCOL, COLUMN_LENGTH, COLUMN_INFO,
    COLUMN_COUNT
};

/* Options of a SYN that Info shows. */
enum columns_option { COLUMNS_MSS, COLUMNS_SCALE, COLUMNS_SACK_PERMITTED, COLUMNS_TSVAL, COLUMNS_TSECR, COLUMNS_OPTIONS };

struct columns {
    enum columns_time time;
    unsigned time_digits;         /* decimals; COLUMNS_DIGITS_AUTO: 6, and 9 from the first time that needs them */
    struct value_clock clock;
    int64_t first_ns, previous_ns, displayed_ns;
    bool started, displayed, needs_ns;
    int64_t relative_ns, delta_ns, delta_displayed_ns;    /* of the current packet */
    uint8_t kind[WT_MAX_DISSECTORS];                      /* what a dissector is to the columns */
    const struct wt_field *option[COLUMNS_OPTIONS];       /* of TCP, that Info shows */
};

void columns_init(struct columns *c, enum columns_time time, unsigned digits);
/* "a", "ad", "adoy", "d", "dd", "e", "r", "u", "ud", "udoy", each with an optional ".N" of decimals (else
 * COLUMNS_DIGITS_AUTO). */
bool columns_time_parse(const char *text, enum columns_time *ret_time, unsigned *ret_digits);

/* A new current packet; shown: it is one that a filter let through. */
void columns_next(struct columns *c, const struct wt_packet_view *view, bool shown);
/* One column of the current packet, unpadded. */
void columns_text(struct columns *c, const struct wt_packet_view *view, enum column_id id, struct out *o);
/* The time column alone, of the differences that are set. */
void columns_time(struct columns *c, int64_t time_ns, struct out *o);
/* The whole line as tshark's, without the line's end. */
void columns_line(struct columns *c, const struct wt_packet_view *view, struct out *o);

/* Names of the protocols of a packet in frame.protocols' form: "eth:ethertype:ip:tcp". */
void columns_protocols(const struct wt_packet_view *view, struct out *o);
/* "SYN, ACK" between two texts; "<None>" where no flag is set. */
void columns_tcp_flags(struct out *o, unsigned flags, const char *before, const char *after);
/* The dissector of layer `index` (stream messages after the packet's own layers), or NULL behind the last. */
const struct wt_dissector *columns_layer_dissector(const struct wt_packet_view *view, unsigned index);

#endif

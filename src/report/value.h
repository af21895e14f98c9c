/* Values of fields as text: as `-T fields` prints them, and as a line of the detail tree shows them. Any thread. */
#ifndef REPORT_VALUE_H
#define REPORT_VALUE_H

#include <stdbool.h>
#include <stdint.h>

#include "wiretale/field.h"

struct out;

/* Dates, with the broken-down time of the last hour kept, since packets come in time order. */
struct value_clock {
    int64_t quarter;        /* the quarter of an hour `date` is of, +1; 0: none yet */
    int64_t midnight;       /* seconds since 1970 at which that local day's clock shows 00:00:00 */
    int year, month, day, day_of_year;
    char zone[16];
    bool utc;
};

/* As tshark -T fields: 1/0 for booleans, 0x-padded hexadecimal by the type's width, "1" for a presence. A string
 * is written as it came, but what is no UTF-8 becomes U+FFFD; safe: control characters are made visible too. */
void value_plain(struct out *o, const struct wt_field *field, struct wt_value value, struct value_clock *clock,
                 bool safe);
/* As in the tree, without the label: "0x0800 (IPv4)", "True", "80". Always safe. */
void value_shown(struct out *o, const struct wt_field *field, struct wt_value value, struct value_clock *clock);

/* Wireshark's number and name of a link type (frame.encap_type); ret_name may be NULL. */
unsigned value_encapsulation(unsigned linktype, const char **ret_name);

/* "Sep  9, 2001 01:46:40.000005000 UTC" */
void value_date(struct out *o, struct value_clock *clock, int64_t time_ns);
/* "01:46:40.000005": `digits` decimals; with the day before it: 0 none, 1 "2001-09-09", 2 "2001/252". */
void value_time_of_day(struct out *o, struct value_clock *clock, int64_t time_ns, unsigned day, unsigned digits);

#endif

/* Numbers as people read them: 1.2 MB, 23.4 ms, 12,345, 3.1 %. Pure; any thread. */
#ifndef REPORT_TEXT_UNITS_H
#define REPORT_TEXT_UNITS_H

#include <stdint.h>

#include "wiretale/dissector.h"

void units_count(struct wt_text *t, uint64_t n);                 /* 12,345 */
void units_bytes(struct wt_text *t, uint64_t bytes);             /* 999 B, 1.2 kB, 34.5 MB (decimal, as on the wire) */
void units_bits_per_second(struct wt_text *t, double rate);      /* 12.3 Mbit/s */
void units_duration(struct wt_text *t, int64_t ns);              /* 850 ns, 12.3 µs, 23.4 ms, 1.23 s, 2 m 05 s, 3 h 07 m */
void units_duration_ascii(struct wt_text *t, int64_t ns);        /* the same with "us" */
void units_percent(struct wt_text *t, uint64_t part, uint64_t whole);    /* 0 %, <0.1 %, 3.1 %, 100 % */
void units_utc(struct wt_text *t, int64_t ns, unsigned decimals);        /* 2024-05-01T10:00:00.123456Z */
void units_local(struct wt_text *t, int64_t ns, unsigned decimals);      /* 2024-05-01 12:00:00.123, local time */

#endif

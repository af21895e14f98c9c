/* A JSON writer that can only write valid JSON: commas, quotes and brackets are its own, text is escaped, bytes that
 * are no UTF-8 become U+FFFD, whole numbers that a double cannot hold become strings. One writer, one thread.
 *
 *     json_begin(&j, file);
 *     json_open(&j, NULL, '{');
 *     json_text(&j, "schema", "wiretale-report");
 *     json_open(&j, "hosts", '[');   json_uint(&j, NULL, 7);   json_close(&j);
 *     json_end(&j);                  // closes what is open, ends the line
 *
 * key is NULL inside an array and at the top. Keys are ours: plain ASCII without quotes. */
#ifndef REPORT_JSON_H
#define REPORT_JSON_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

#include "wiretale/cursor.h"

#define JSON_DEPTH 60
#define JSON_SAFE_INTEGER (UINT64_C(1) << 53)

struct json {
    FILE *to;            /* borrowed */
    unsigned depth;      /* open brackets */
    unsigned refused;    /* opened beyond JSON_DEPTH: nothing is written inside */
    uint64_t filled;     /* bit d: something stands at depth d already */
    uint64_t arrays;     /* bit d: the bracket opened at depth d is [ */
};

void json_begin(struct json *j, FILE *to);
void json_open(struct json *j, const char *key, char bracket);    /* '{' or '[' */
void json_close(struct json *j);
void json_end(struct json *j);

void json_null(struct json *j, const char *key);
void json_bool(struct json *j, const char *key, bool value);
void json_uint(struct json *j, const char *key, uint64_t value);  /* a string beyond 2^53 */
void json_int(struct json *j, const char *key, int64_t value);
void json_ratio(struct json *j, const char *key, double value);   /* finite; six decimals */
void json_text(struct json *j, const char *key, const char *text);        /* NULL: null */
void json_bytes(struct json *j, const char *key, struct wt_slice bytes);  /* at NULL: null */
void json_ms(struct json *j, const char *key, int64_t ns);        /* a duration, in milliseconds, exact to 1 ns */
void json_time(struct json *j, const char *key, int64_t ns);      /* "2024-05-01T10:00:00.123456789Z" */
void json_unix(struct json *j, const char *key, int64_t ns);      /* 1714557600.123456789 */
void json_address(struct json *j, const char *key, unsigned family, const uint8_t *address);

#endif

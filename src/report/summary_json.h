/* The report as one JSON object, described by docs/schema/report.json. */
#ifndef REPORT_SUMMARY_JSON_H
#define REPORT_SUMMARY_JSON_H

#include "report/json.h"
#include "report/renderer.h"

#define REPORT_SCHEMA_VERSION 1

void json_tcp(struct report *r, struct json *j);
void json_time_wait(struct report *r, struct json *j);
void json_dns(struct report *r, struct json *j);
void json_http(struct report *r, struct json *j);

/* {"count":…,"min_ms":…,"p50_ms":…, …}; null where nothing was measured. */
void json_histogram(struct json *j, const char *key, struct histogram *h);
/* A counter that could not be read is null. */
void json_counter(struct json *j, const char *key, uint64_t value);
/* "name" of an address, where DNS gave one. */
void json_name(struct report *r, struct json *j, const char *key, unsigned family, const uint8_t *address);

#endif

/* The sections of the text report, in order. */
#ifndef REPORT_SUMMARY_TEXT_H
#define REPORT_SUMMARY_TEXT_H

#include "report/renderer.h"
#include "report/text_table.h"

void text_head(struct report *r, const struct page *p);
void text_findings(struct report *r, const struct page *p);
void text_over_time(struct report *r, const struct page *p);
void text_protocols(struct report *r, const struct page *p);
void text_hosts(struct report *r, const struct page *p);
void text_tcp(struct report *r, const struct page *p);
void text_time_wait(struct report *r, const struct page *p);
void text_others(struct report *r, const struct page *p);
void text_checksums(struct report *r, const struct page *p);
void text_dns(struct report *r, const struct page *p);
void text_http(struct report *r, const struct page *p);
void text_end(struct report *r, const struct page *p);

/* Lines of the lists of single connections and messages: shorter than those of hosts, unless --top asks for more. */
static inline unsigned text_examples(const struct report *r)
{
    return r->top <= 10 ? (r->top + 1) / 2 : r->top;
}

/* A section's title with a remark behind it. */
__attribute__((format(printf, 3, 4))) void text_section(const struct page *p, const char *title, const char *format,
                                                        ...);
/* "Label      sentence", wrapped. */
__attribute__((format(printf, 3, 4))) void text_line(const struct page *p, const char *label, const char *format, ...);

struct text_times {
    const char *label;
    struct histogram *times;
};
void text_percentiles(const struct page *p, const struct text_times *rows, unsigned count);

/* A list of what may be none: "a 3, b 2". Names of what is counted; zero counts are left out. */
void text_counts(struct wt_text *t, const char *label, uint64_t count);

struct text_number {
    char text[32];
};
struct text_number text_n(uint64_t n);        /* for printf: text_n(1234).text */
struct text_number text_size(uint64_t bytes);
struct text_number text_time(const struct page *p, int64_t ns);
struct text_number text_share(uint64_t part, uint64_t whole);

/* An endpoint cell: address, port, and the name that DNS gave. */
void text_endpoint_cell(struct report *r, struct table *t, unsigned family, const uint8_t *address, unsigned protocol,
                        uint16_t port, bool with_port);

#endif

/* What stands out, in sentences, worst first: what somebody who was called at night reads before anything else. Each
 * names a connection or packet that shows it. */
#ifndef REPORT_SUMMARY_FINDINGS_H
#define REPORT_SUMMARY_FINDINGS_H

#include <stdint.h>

#define FINDINGS_MOST 48
#define FINDINGS_TEXT 400

enum severity { SEVERITY_BAD, SEVERITY_WARNING, SEVERITY_NOTE };

struct finding {
    const char *id;            /* stable, for scripts: "tcp-refused" */
    enum severity severity;
    uint64_t weight;           /* ranks among its severity */
    uint64_t connection;       /* 0: none */
    uint64_t frame;            /* 0: none */
    char text[FINDINGS_TEXT];  /* safe to print */
};

struct findings {
    unsigned count, left_out;
    struct finding list[FINDINGS_MOST];
};

struct report;
void findings_find(struct report *r, struct findings *ret_findings);
const char *severity_name(enum severity severity);    /* "bad", "warning", "note" */

#endif

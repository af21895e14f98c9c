/* What the rule is, and where it stands: the explanations of `timeline --explain`. One table each for what a segment
 * did, for the arrows of the TCP machine, and for what a packet shows (a filter says whether it does). Any thread;
 * an explainer belongs to one. */
#ifndef REPORT_EXPLAIN_H
#define REPORT_EXPLAIN_H

#include <stdbool.h>
#include <stdint.h>

#include "ladder.h"
#include "wiretale/engine.h"

struct explanation {
    const char *title;        /* N_(); what it is called */
    const char *text;         /* N_(); the rule, in whole sentences */
    const char *source;       /* N_(); "RFC 9293, section 3.5" */
};

/* What is behind a repeat, beside the WT_DID_ bits: src/depth tells. */
#define EXPLAIN_AFTER_TIMEOUT (UINT64_C(1) << 48)
#define EXPLAIN_RECOVERY      (UINT64_C(1) << 49)
#define EXPLAIN_TAIL_PROBE    (UINT64_C(1) << 50)
#define EXPLAIN_PATH_MTU      (UINT64_C(1) << 51)
#define EXPLAIN_SYN_DATA      (UINT64_C(1) << 52)
#define EXPLAIN_DUPLICATED    (UINT64_C(1) << 53)
#define EXPLAIN_NEEDLESS      (UINT64_C(1) << 54)

struct explain_did {
    uint64_t did;             /* WT_DID_ or EXPLAIN_: with any of these … */
    uint64_t unless;          /* … and none of these */
    uint16_t flags;           /* and all of these flags of TCP */
    bool trouble;             /* named again each time */
    struct explanation e;
};

#define EXPLAIN_ANY 255

struct explain_arrow {
    uint8_t from, to;         /* enum wt_tcp_state, EXPLAIN_ANY */
    struct explanation e;     /* no title: it is "client FIN-WAIT-1 -> FIN-WAIT-2" */
};

struct explain_fact {
    const char *filter;       /* a packet that matches shows it */
    uint32_t http;            /* or: it completes an exchange with one of these, enum wt_http_flag */
    bool trouble;
    struct explanation e;
};

#define EXPLAIN_FACTS_MOST 64

extern const struct explain_did explain_dids[];
extern const struct explain_arrow explain_arrows[];
extern const struct explain_fact explain_packets[], explain_messages[];
extern const struct explanation explain_unanswered;       /* a DNS question without an answer */
extern const unsigned explain_did_count, explain_arrow_count, explain_packet_count, explain_message_count;

/* Those of packets, then those of messages; NULL: no more. */
const struct explain_fact *explain_fact(unsigned index);

/* NULL: no such arrow (it never is, where from and to differ). */
const struct explanation *explain_arrow(unsigned from, unsigned to, unsigned *ret_index);

/* What a line has to explain, in this order: what it did, the arrows, what the packet showed. */
struct explained {
    const struct explanation *e;
    uint8_t side;             /* of an arrow; else 255 */
    bool brief;               /* it was explained above */
};

#define EXPLAIN_LINE_MOST 24

/* Marks them as said. */
unsigned explain_line(const struct ladder_line *line, bool tcp, struct ladder_said *said,
                      struct explained ret_what[EXPLAIN_LINE_MOST]);

/* The same for a line below the ladder, an enum depth_topic; false: nothing, or it was told. */
bool explain_topic(unsigned topic, struct ladder_said *said, struct explained *ret_what);
extern const struct explanation explain_topics[];
extern const unsigned explain_topic_count;

struct explainer;
struct explainer *explainer_new(void);      /* NULL: out of memory */
void explainer_free(struct explainer *x);
/* Bits by the index of explain_fact(). */
uint64_t explainer_facts(struct explainer *x, const struct wt_packet_view *view);
/* Those that speak of messages. */
uint64_t explainer_of_messages(void);

#endif

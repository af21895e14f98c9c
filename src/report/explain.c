#include "explain.h"

#include <stdlib.h>

#include "wiretale/filter.h"
#include "wiretale/message.h"

/* ---- what a packet shows ---- */

const struct explain_fact *explain_fact(unsigned index)
{
    if (index < explain_packet_count)
        return &explain_packets[index];
    index -= explain_packet_count;
    return index < explain_message_count ? &explain_messages[index] : NULL;
}

struct explainer {
    struct wt_filter *filter[EXPLAIN_FACTS_MOST];
    struct wt_filter_matcher *matcher[EXPLAIN_FACTS_MOST];
};

struct explainer *explainer_new(void)
{
    struct explainer *x = calloc(1, sizeof *x);
    if (!x)
        return NULL;
    const struct explain_fact *f;
    for (unsigned i = 0; i < EXPLAIN_FACTS_MOST && (f = explain_fact(i)); i++) {
        if (!f->filter)
            continue;
        x->filter[i] = wt_filter_compile(f->filter, WT_FILTER_PACKETS, NULL);
        x->matcher[i] = x->filter[i] ? wt_filter_matcher_new(x->filter[i]) : NULL;
        if (!x->matcher[i]) {
            explainer_free(x);
            return NULL;
        }
    }
    return x;
}

void explainer_free(struct explainer *x)
{
    if (!x)
        return;
    for (unsigned i = 0; i < EXPLAIN_FACTS_MOST; i++) {
        wt_filter_matcher_free(x->matcher[i]);
        wt_filter_free(x->filter[i]);
    }
    free(x);
}

uint64_t explainer_facts(struct explainer *x, const struct wt_packet_view *view)
{
    const struct wt_http_exchange *http = view->context->http;
    uint64_t facts = 0;
    const struct explain_fact *f;
    for (unsigned i = 0; i < EXPLAIN_FACTS_MOST && (f = explain_fact(i)); i++) {
        bool shown = x->matcher[i] ? wt_filter_match_packet(x->matcher[i], view) : http && http->flags & f->http;
        facts |= (uint64_t)shown << i;
    }
    return facts;
}

uint64_t explainer_of_messages(void)
{
    return ~UINT64_C(0) << explain_packet_count;
}

/* ---- what a line has to explain ---- */

const struct explanation *explain_arrow(unsigned from, unsigned to, unsigned *ret_index)
{
    for (unsigned i = 0; from != to && i < explain_arrow_count; i++) {
        const struct explain_arrow *a = &explain_arrows[i];
        if ((a->from != from && a->from != EXPLAIN_ANY) || (a->to != to && a->to != EXPLAIN_ANY))
            continue;
        *ret_index = i;
        return &a->e;
    }
    return NULL;
}

struct list {
    struct explained *at;
    unsigned count;
};

/* What the segment did, with the cause of a repeat in place of the classes that Wireshark has for it. */
static uint64_t what_it_did(const struct ladder_line *line)
{
    static const uint64_t causes[WT_CAUSES] = {
        [WT_CAUSE_TIMEOUT] = WT_DID_RETRANSMIT, [WT_CAUSE_UNKNOWN] = WT_DID_RETRANSMIT, [WT_CAUSE_FAST] = WT_DID_FAST_RETRANSMIT,
        [WT_CAUSE_AFTER_TIMEOUT] = EXPLAIN_AFTER_TIMEOUT, [WT_CAUSE_RECOVERY] = EXPLAIN_RECOVERY,
        [WT_CAUSE_TAIL_PROBE] = EXPLAIN_TAIL_PROBE, [WT_CAUSE_PATH_MTU] = EXPLAIN_PATH_MTU,
        [WT_CAUSE_FAST_OPEN] = EXPLAIN_SYN_DATA, [WT_CAUSE_WINDOW_PROBE] = WT_DID_ZERO_WINDOW_PROBE,
        [WT_CAUSE_REORDERED] = WT_DID_OUT_OF_ORDER, [WT_CAUSE_DUPLICATED] = EXPLAIN_DUPLICATED,
    };
    uint64_t did = line->did;
    if (line->marks & LADDER_PROBE)
        did = (did & ~WT_DID_KEEP_ALIVE) | WT_DID_ZERO_WINDOW_PROBE;
    const struct wt_repeat *r = line->repeat;
    if (!r || r->cause >= WT_CAUSES || !causes[r->cause] || did & (WT_DID_SYN_RETRY | WT_DID_FIN_REPEATED))
        return did;
    did &= ~(WT_DID_RETRANSMIT | WT_DID_FAST_RETRANSMIT | WT_DID_SPURIOUS | WT_DID_OUT_OF_ORDER | WT_DID_DATA);
    return did | causes[r->cause] | (r->proof && r->proof < WT_PROOFS ? EXPLAIN_NEEDLESS : 0);
}

/* Once in full; then only trouble is named again. */
static void add(struct list *list, const struct explanation *e, unsigned side, uint64_t *said, unsigned index, bool again)
{
    bool known = *said >> index & 1;
    if ((known && !again) || list->count == EXPLAIN_LINE_MOST)
        return;
    *said |= UINT64_C(1) << index;
    list->at[list->count++] = (struct explained){ e, (uint8_t)side, known };
}

unsigned explain_line(const struct ladder_line *line, bool tcp, struct ladder_said *said,
                      struct explained ret_what[EXPLAIN_LINE_MOST])
{
    struct list list = { ret_what, 0 };
    uint64_t did = what_it_did(line);
    if (line->kind == LADDER_FOLD)
        return 0;
    for (unsigned i = 0; tcp && i < explain_did_count; i++) {
        const struct explain_did *d = &explain_dids[i];
        if (did & d->did && !(did & d->unless) && (line->flags & d->flags) == d->flags)
            add(&list, &d->e, 255, &said->dids, i, d->trouble);
    }
    for (unsigned side = 0; tcp && side < 2; side++) {
        unsigned index;
        const struct explanation *e = explain_arrow(line->before[side], line->state[side], &index);
        if (e)
            add(&list, e, side, &said->arrows, index, false);
    }
    for (unsigned i = 0; i < EXPLAIN_FACTS_MOST; i++)
        if (line->facts >> i & 1)
            add(&list, &explain_fact(i)->e, 255, &said->facts, i, explain_fact(i)->trouble);
    if (line->marks & LADDER_QUERY && !(line->marks & LADDER_ANSWERED))
        add(&list, &explain_unanswered, 255, &said->dids, 63, true);
    return list.count;
}

bool explain_topic(unsigned topic, struct ladder_said *said, struct explained *ret_what)
{
    if (topic >= explain_topic_count || !explain_topics[topic].text || said->topics >> topic & 1)
        return false;
    said->topics |= UINT64_C(1) << topic;
    *ret_what = (struct explained){ &explain_topics[topic], 255, false };
    return true;
}

/* SACK blocks (RFC 2018) and what a first block says of duplicates (RFC 2883). */
#include "depth_impl.h"

static void mark(struct look *l, struct direction *w, struct sent *s)
{
    if (s->flags & SENT_SACKED)
        return;
    s->flags |= SENT_SACKED;
    w->sacked_bytes += s->bytes;
    if (sent_end(s) > w->sacked_to)
        w->sacked_to = sent_end(s);
    if (s->times == 1 && w->sack_sample_ns < 0)
        w->sack_sample_ns = s->last_ns;
    if (s->last_ns > w->delivered_sent_ns)
        w->delivered_sent_ns = s->last_ns;
    (void)l;
}

/* Marks [from, to), but for what blocks of the ACK before said already. */
static bool mark_range(struct look *l, struct direction *w, int64_t from, int64_t to)
{
    for (unsigned i = 0; i < w->seen_sacks; i++)
        if (w->seen_sack[i][0] <= from && from < w->seen_sack[i][1])
            from = w->seen_sack[i][1] < to ? w->seen_sack[i][1] : to;
    if (from >= to || !sent_split(l, &w->sent, from) || !sent_split(l, &w->sent, to))
        return false;
    bool any = false;
    for (uint32_t i = sent_find(&w->sent, from); i < w->sent.count && sent_at(&w->sent, i)->from < to; i++) {
        any = any || !(sent_at(&w->sent, i)->flags & SENT_SACKED);
        mark(l, w, sent_at(&w->sent, i));
    }
    return any;
}

bool sack_blocks(struct look *l, struct direction *w, int64_t ack)
{
    int64_t block[WT_MAX_SACK_BLOCKS][2];
    unsigned count = 0;
    bool any = false;
    w->sack_sample_ns = -1;
    for (unsigned i = 0; i < l->tcp->sack_count && i < WT_MAX_SACK_BLOCKS; i++) {
        block[count][0] = depth_number(w, l->tcp->sack[i][0]);
        block[count][1] = depth_number(w, l->tcp->sack[i][1]);
        if (block[count][0] < block[count][1] && block[count][1] <= w->most)
            count++;
    }
    /* RFC 2883 4: the first block is a report of a duplicate when it lies below the ACK, or inside the second one. */
    bool twice = count && (block[0][1] <= ack
                           || (count > 1 && block[0][0] >= block[1][0] && block[0][1] <= block[1][1]));
    if (twice)
        proof_by_dsack(l, w, block[0][0], block[0][1]);
    for (unsigned i = twice ? 1 : 0; i < count; i++)
        if (block[i][1] > ack)
            any |= mark_range(l, w, block[i][0] > ack ? block[i][0] : ack, block[i][1]);
    w->seen_sacks = 0;
    for (unsigned i = twice ? 1 : 0; i < count; i++) {
        w->seen_sack[w->seen_sacks][0] = block[i][0];
        w->seen_sack[w->seen_sacks++][1] = block[i][1];
    }
    return any;
}

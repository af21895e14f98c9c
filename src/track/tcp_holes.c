/* Bytes that were never seen, so that each byte is counted once: new, repeated, or missing. */
#include "track/tcp_quality.h"
#include "track/tcp_window.h"

static void remove_hole(struct more_side *m, unsigned i)
{
    m->hole_count--;
    for (; i < m->hole_count; i++)
        m->hole[i] = m->hole[i + 1];
}

static uint32_t acked_part(const struct hole *h, const struct more_side *peer)
{
    if (!peer->acks || seq_up_to(peer->max_ack, h->from))
        return 0;
    return seq_earlier(h->to, peer->max_ack) - h->from;
}

/* The oldest hole is forgotten: it stays what it is now. */
static void forget_first(struct more_side *m, const struct more_side *peer)
{
    m->missing_bytes += acked_part(&m->hole[0], peer);
    remove_hole(m, 0);
}

void tcp_holes_gap(struct tracker *t, struct conn *c, unsigned side, uint32_t seq)
{
    struct conn_more *more = more_take(t, c);
    if (!more)
        return;
    struct more_side *m = &more->side[side];
    m->gaps++;
    if (m->hole_count == MORE_HOLES)
        forget_first(m, &more->side[side ^ 1]);
    m->hole[m->hole_count++] = (struct hole){ c->next_seq[side], seq };
}

/* Bytes of [from, to) that fall into holes; these are then none any more. */
static uint32_t fill(struct more_side *m, uint32_t from, uint32_t to)
{
    uint32_t filled = 0;
    for (unsigned i = 0; i < m->hole_count;) {
        struct hole *h = &m->hole[i];
        uint32_t a = seq_later(h->from, from), b = seq_earlier(h->to, to);
        if (!seq_before(a, b)) {
            i++;
            continue;
        }
        filled += b - a;
        bool left = a != h->from, right = b != h->to;
        if (left && right && m->hole_count < MORE_HOLES) {
            for (unsigned k = m->hole_count++; k > i + 1; k--)
                m->hole[k] = m->hole[k - 1];
            m->hole[i + 1] = (struct hole){ b, h->to };
            h->to = a;
            return filled;
        }
        if (!left && !right) {
            remove_hole(m, i);
            continue;
        }
        if (left)
            h->to = a;
        else
            h->from = b;
        i++;
    }
    return filled;
}

void tcp_holes_data(struct tracker *t, struct conn *c, unsigned side, uint32_t seq, uint32_t len)
{
    if (!(c->side[side] & SIDE_SEEN) || seq_up_to(c->next_seq[side], seq))
        return;                                   /* all of it is new */
    uint32_t old = seq_earlier(seq + len, c->next_seq[side]) - seq;
    struct conn_more *more = more_take(t, c);
    if (!more)
        return;
    more->side[side].repeated_bytes += old - fill(&more->side[side], seq, seq + old);
}

uint64_t tcp_holes_missing(const struct tracker *t, const struct conn *c, unsigned side)
{
    unsigned peer = side ^ 1u;
    const struct conn_more *more = more_at(t, c);
    if (!(c->side[peer] & SIDE_ACKS))
        return 0;
    uint32_t ack = more && more->side[peer].acks ? more->side[peer].max_ack : c->last_ack[peer];
    uint64_t missing = 0;
    if (more) {
        const struct more_side *m = &more->side[side];
        missing = m->missing_bytes;
        for (unsigned i = 0; i < m->hole_count; i++)
            missing += acked_part(&m->hole[i], &more->side[peer]);
    }
    uint32_t seen_to = c->side[side] & SIDE_SEEN ? c->next_seq[side] : c->isn[side] + 1;
    if (c->side[side] & SIDE_BASE && seq_before(seen_to, ack))
        missing += ack - seen_to;
    return missing;
}

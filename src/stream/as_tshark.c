#include "stream/as_tshark.h"

#include <stdlib.h>
#include <string.h>

#define BUCKETS 4096u
#define MAX_PDUS 256u            /* of a side that are remembered, the newest */
#define PIECES 64                /* of a PDU, with holes between them; later ones are left out */
#define MAX_START (1024 * 1024)  /* a PDU that begins further from its segment's end is not waited for */
#define UNTIL_FIN_REACH UINT32_C(0x40000000)

struct piece { uint32_t from, to; };     /* offsets in the PDU */

/* What a dissector waits for: the bytes from seq up to next. */
struct pdu {
    struct pdu *older;
    uint32_t seq, next;
    uint64_t last_frame;
    uint32_t total;              /* where a last piece was seen: the length; else 0 */
    uint32_t room;
    size_t looked_at;            /* by the dissector, of bytes */
    uint8_t *bytes;              /* owned; NULL once complete */
    unsigned pieces;
    bool entire;                 /* all of the next segment, however much it is */
    bool complete;
    struct piece piece[PIECES];
};

struct talk {
    struct talk *chain;          /* of its bucket */
    struct talk *newer, *older;  /* by their last segment */
    uint64_t connection;
    struct pdu *newest[2];
    unsigned pdus[2];
    bool until_fin[2], fin[2];
    uint64_t state[];            /* the dissector's */
};

struct as_tshark {
    struct talk *bucket[BUCKETS];
    struct talk *newest, *oldest;
    uint64_t talks, held, max_talks, max_held, max_pdu;
    struct wt_limit_hits *hits;
    const struct wt_dissector *dissector;
};

/* One segment at work. */
struct turn {
    struct as_tshark *t;
    struct talk *talk;
    const struct stream_segment *segment;
    unsigned side, flags;
    bool silent;                 /* no dissector is to see it */
    bool waits;                  /* some of it */
};

static bool before(uint32_t a, uint32_t b)
{
    return (int32_t)(a - b) < 0;
}

/* ---- memory ---- */

static void drop_bytes(struct as_tshark *t, struct pdu *p)
{
    free(p->bytes);
    p->bytes = NULL;
    t->held -= p->room;
    p->room = 0;
}

static void drop_pdu(struct as_tshark *t, struct pdu *p)
{
    drop_bytes(t, p);
    t->held -= sizeof *p;
    free(p);
}

static void unlist(struct as_tshark *t, struct talk *talk)
{
    *(talk->newer ? &talk->newer->older : &t->newest) = talk->older;
    *(talk->older ? &talk->older->newer : &t->oldest) = talk->newer;
}

static void drop_talk(struct as_tshark *t, struct talk *talk)
{
    for (struct talk **link = &t->bucket[talk->connection % BUCKETS]; *link; link = &(*link)->chain)
        if (*link == talk) {
            *link = talk->chain;
            break;
        }
    unlist(t, talk);
    for (unsigned i = 0; i < 2; i++)
        for (struct pdu *p = talk->newest[i]; p;) {
            struct pdu *older = p->older;
            drop_pdu(t, p);
            p = older;
        }
    free(talk);
    t->talks--;
}

struct as_tshark *as_tshark_new(const struct wt_config *config, struct wt_limit_hits *hits)
{
    struct as_tshark *t = calloc(1, sizeof *t);
    if (!t)
        return NULL;
    t->max_talks = config->value[WT_MAX_SESSIONS];
    t->max_held = config->value[WT_MAX_REASSEMBLY_BYTES];
    t->max_pdu = t->max_held / 4;
    t->hits = hits;
    for (unsigned i = 0; i < wt_dissector_count(); i++)
        if (wt_dissector_at(i)->session && wt_dissector_at(i)->session->as_tshark)
            t->dissector = wt_dissector_at(i);
    return t;
}

void as_tshark_free(struct as_tshark *t)
{
    while (t && t->newest)
        drop_talk(t, t->newest);
    free(t);
}

static struct talk *find_talk(struct as_tshark *t, uint64_t connection)
{
    struct talk *talk = t->bucket[connection % BUCKETS];
    while (talk && talk->connection != connection)
        talk = talk->chain;
    if (talk) {
        unlist(t, talk);
    } else {
        while (t->oldest && t->talks >= t->max_talks) {
            t->hits->count[WT_MAX_SESSIONS]++;
            drop_talk(t, t->oldest);
        }
        talk = calloc(1, sizeof *talk + (t->dissector->session->as_tshark_bytes + 7) / 8 * 8);
        if (!talk)
            return NULL;
        talk->connection = connection;
        talk->chain = t->bucket[connection % BUCKETS];
        t->bucket[connection % BUCKETS] = talk;
        t->talks++;
    }
    talk->newer = NULL;
    talk->older = t->newest;
    *(t->newest ? &t->newest->newer : &t->oldest) = talk;
    t->newest = talk;
    return talk;
}

/* Room for what is about to be held, by forgetting other connections. */
static bool may_hold(struct turn *turn, uint64_t bytes)
{
    struct as_tshark *t = turn->t;
    while (t->held + bytes > t->max_held && t->oldest && t->oldest != turn->talk) {
        t->hits->count[WT_MAX_REASSEMBLY_BYTES]++;
        drop_talk(t, t->oldest);
    }
    if (t->held + bytes <= t->max_held)
        return true;
    t->hits->count[WT_MAX_REASSEMBLY_BYTES]++;
    return false;
}

/* ---- PDUs ---- */

static struct pdu *new_pdu(struct turn *turn, uint32_t seq, uint32_t next)
{
    if (!may_hold(turn, sizeof(struct pdu)))
        return NULL;
    struct pdu *p = calloc(1, sizeof *p);
    if (!p)
        return NULL;
    turn->t->held += sizeof *p;
    p->seq = seq;
    p->next = next;
    p->last_frame = turn->segment->context->frame;
    p->older = turn->talk->newest[turn->side];
    turn->talk->newest[turn->side] = p;
    if (++turn->talk->pdus[turn->side] > MAX_PDUS) {
        struct pdu **last = &p->older;
        while ((*last)->older)
            last = &(*last)->older;
        drop_pdu(turn->t, *last);
        *last = NULL;
        turn->talk->pdus[turn->side]--;
    }
    return p;
}

/* The PDU that begins at seq; and the one that begins nearest before it. */
static struct pdu *find_pdu(const struct turn *turn, uint32_t seq, struct pdu **ret_before)
{
    struct pdu *nearest = NULL;
    for (struct pdu *p = turn->talk->newest[turn->side]; p; p = p->older) {
        if (p->seq == seq)
            return p;
        if (before(p->seq, seq) && (!nearest || before(nearest->seq, p->seq)))
            nearest = p;
    }
    *ret_before = nearest;
    return NULL;
}

static bool reach(struct turn *turn, struct pdu *p, uint32_t need)
{
    if (need <= p->room)
        return true;
    uint32_t room = p->room ? p->room : 4096;
    while (room < need && room < UINT32_C(1) << 30)
        room *= 2;
    if (room < need || need > turn->t->max_pdu) {
        turn->t->hits->count[WT_MAX_REASSEMBLY_PER_CONNECTION]++;
        return false;
    }
    if (!may_hold(turn, room - p->room))
        return false;
    uint8_t *more = realloc(p->bytes, room);
    if (!more)
        return false;
    turn->t->held += room - p->room;
    p->bytes = more;
    p->room = room;
    return true;
}

/* Notes that [from, to) is there, joined with what it touches. */
static bool note_piece(struct pdu *p, uint32_t from, uint32_t to)
{
    unsigned kept = 0;
    for (unsigned i = 0; i < p->pieces; i++) {
        struct piece *old = &p->piece[i];
        if (old->to < from || old->from > to) {
            p->piece[kept++] = *old;
            continue;
        }
        from = old->from < from ? old->from : from;
        to = old->to > to ? old->to : to;
    }
    p->pieces = kept;
    if (kept == PIECES)
        return false;
    p->piece[p->pieces++] = (struct piece){ from, to };
    return true;
}

/* The length that is there without a hole. */
static uint32_t held_length(const struct pdu *p)
{
    for (unsigned i = 0; i < p->pieces; i++)
        if (p->piece[i].from == 0)
            return p->piece[i].to;
    return 0;
}

/* True: the PDU has become complete. The first copy of a byte stands. */
static bool add_piece(struct turn *turn, struct pdu *p, uint32_t at, struct wt_slice bytes, bool more)
{
    if (p->complete || !reach(turn, p, at + (uint32_t)bytes.len))
        return false;
    turn->waits = true;
    for (size_t i = 0; i < bytes.len;) {                 /* what is held already is passed over */
        uint32_t place = at + (uint32_t)i, end = at + (uint32_t)bytes.len;
        bool held = false;
        for (unsigned k = 0; k < p->pieces; k++) {
            if (place >= p->piece[k].from && place < p->piece[k].to) {
                held = true;
                end = p->piece[k].to;
                break;
            }
            if (p->piece[k].from > place && p->piece[k].from < end)
                end = p->piece[k].from;
        }
        if (!held)
            memcpy(p->bytes + place, bytes.at + i, end - place);
        i = end - at;
    }
    note_piece(p, at, at + (uint32_t)bytes.len);
    if (!more)
        p->total = at + (uint32_t)bytes.len;
    p->complete = p->total && held_length(p) >= p->total;
    return p->complete;
}

/* ---- what a segment brings ---- */

static struct wt_wish dissect(struct turn *turn, struct wt_slice bytes, size_t looked_at)
{
    if (turn->silent)
        return (struct wt_wish){ 0, 0, 0 };
    return turn->t->dissector->session->as_tshark(turn->talk->state, turn->segment->context, turn->side, bytes,
                                                  looked_at, turn->flags);
}

static void set_next(struct turn *turn, struct pdu *p, uint32_t seen, uint32_t more)
{
    if (more == WT_WISH_SEGMENT) {
        p->next = (before(seen, p->next) ? p->next : seen) + 1;
        p->entire = true;
    } else if (more == WT_WISH_UNTIL_FIN) {
        turn->talk->until_fin[turn->side] = true;
        p->next = p->seq + UNTIL_FIN_REACH;
    } else {
        p->next = (before(seen, p->next) ? p->next : seen) + more;
    }
}

/* Waits for more of what begins at `at` within bytes, which stand at seq. */
static void begin_pdu(struct turn *turn, uint32_t seq, struct wt_slice bytes, struct wt_wish wish)
{
    uint32_t end = seq + (uint32_t)bytes.len, start = seq + (uint32_t)wish.at;
    if (wish.at >= bytes.len || bytes.len - wish.at > MAX_START) {
        turn->talk->until_fin[turn->side] |= wish.more == WT_WISH_UNTIL_FIN;
        return;
    }
    struct pdu *p = new_pdu(turn, start, end);
    if (!p)
        return;
    set_next(turn, p, end, wish.more);
    p->looked_at = wish.at == 0 ? wish.looked_at : 0;
    add_piece(turn, p, 0, (struct wt_slice){ bytes.at + wish.at, bytes.len - wish.at }, true);
}

/* A PDU was put together: dissects it. True: more of it is needed, so that nothing of this segment is left over. */
static bool dissect_pdu(struct turn *turn, struct pdu *p, uint32_t seq, uint32_t seen)
{
    struct wt_slice whole = { p->bytes, p->total };
    struct wt_wish wish = dissect(turn, whole, p->looked_at);
    if (!wish.more) {
        turn->waits = false;
        drop_bytes(turn->t, p);
        return false;
    }
    if (wish.at == 0 || !before(seq, p->seq + (uint32_t)wish.at)) {
        p->complete = false;
        p->total = 0;
        p->looked_at = wish.at == 0 ? wish.looked_at : 0;
        set_next(turn, p, seen, wish.more);
    } else if (wish.at < whole.len) {
        uint32_t start = p->seq + (uint32_t)wish.at;
        struct pdu *rest = new_pdu(turn, start, p->seq + p->total);
        if (rest) {
            set_next(turn, rest, seen, wish.more);
            add_piece(turn, rest, 0, (struct wt_slice){ whole.at + wish.at, whole.len - wish.at }, true);
        }
        p->next = start;
        drop_bytes(turn->t, p);
    }
    return true;
}

/* As much of the segment as belongs together from seq on: returns how many bytes that was. */
static size_t take_part(struct turn *turn, uint32_t seq, struct wt_slice bytes)
{
    uint32_t end = seq + (uint32_t)bytes.len;
    struct pdu *p, *older = NULL;
    p = find_pdu(turn, seq, &older);
    if (p && !before(p->next, end) && p->last_frame != turn->segment->context->frame)
        return bytes.len;                        /* its beginning again */
    if (!p)
        p = older;
    if (!p || !before(seq, p->next)) {
        struct wt_wish wish = dissect(turn, bytes, 0);
        if (wish.more)
            begin_pdu(turn, seq, bytes, wish);
        return bytes.len;
    }
    p->last_frame = turn->segment->context->frame;
    uint32_t len = p->entire || !before(p->next, end) ? (uint32_t)bytes.len : p->next - seq;
    bool complete = add_piece(turn, p, seq - p->seq, (struct wt_slice){ bytes.at, len }, before(end, p->next));
    if (p->entire) {
        p->entire = false;
        if (before(p->next, end))
            p->next = end;
    }
    if (complete)
        dissect_pdu(turn, p, seq, seq + len);
    return len;
}

static void take_payload(struct turn *turn)
{
    struct wt_slice bytes = turn->segment->payload;
    uint32_t seq = turn->segment->seq;
    while (bytes.len) {
        size_t n = take_part(turn, seq, bytes);
        if (!n)
            return;
        bytes = (struct wt_slice){ bytes.at + n, bytes.len - n };
        seq += (uint32_t)n;
    }
}

/* A FIN completes what runs to the end of the stream. True: it was such. */
static bool take_fin(struct turn *turn)
{
    struct talk *talk = turn->talk;
    const struct stream_segment *s = turn->segment;
    if (!talk->until_fin[turn->side] || talk->fin[turn->side])
        return false;
    talk->fin[turn->side] = true;
    struct pdu *older = NULL, *p = find_pdu(turn, s->seq, &older);
    p = p ? p : older;
    if (!p || !add_piece(turn, p, s->seq - p->seq, s->payload, false))
        return false;
    turn->flags &= ~(unsigned)WT_MAY_WISH;
    dissect(turn, (struct wt_slice){ p->bytes, p->total }, 0);
    drop_bytes(turn->t, p);
    return true;
}

bool as_tshark_segment(struct as_tshark *t, uint64_t connection, const struct stream_segment *segment,
                       unsigned taken_as)
{
    bool whole = taken_as & AS_TSHARK_WHOLE, repeated = taken_as & AS_TSHARK_REPEATED;
    if (!t->dissector || (!segment->payload.len && !segment->fin))
        return false;
    struct turn turn = { .t = t, .talk = find_talk(t, connection), .segment = segment, .side = segment->side & 1,
                         .silent = taken_as & (AS_TSHARK_REPEATED | AS_TSHARK_OVERTAKEN) };
    if (!turn.talk)
        return false;
    turn.flags = (whole ? WT_MAY_WISH : 0u) | (segment->fin ? WT_WITH_FIN : 0u)
        | (taken_as & AS_TSHARK_SYN_SEEN ? WT_SERVER_KNOWN : 0u);
    if (whole && segment->fin && take_fin(&turn))
        return false;
    if (!segment->payload.len)
        return false;
    if (!whole)
        dissect(&turn, segment->payload, 0);
    else if (!repeated)
        take_payload(&turn);
    return turn.waits;
}

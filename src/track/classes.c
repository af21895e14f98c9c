/* Wireshark 4.0's analysis of TCP sequence numbers, rule by rule, each from its description in the User's Guide
 * ("TCP Analysis") and from what tshark prints. */
#include "track/classes_impl.h"

#include "track/tcp_window.h"

#define CONTROL (WT_FLAG_SYN | WT_FLAG_FIN | WT_FLAG_RST)
#define KEPT_EACH 10000u               /* segments of one side that wait for an ACK */
#define FAST_RETRANSMIT_NS 20000000    /* after the last duplicate ACK */
#define OUT_OF_ORDER_NS 3000000        /* where no handshake told the round trip */
#define MAX_SHIFT 14                   /* RFC 7323 2.3 */
#define FLIGHT_MOST 2000000000u

enum { COMPLETE_SYN = 1, COMPLETE_SYN_ACK = 2, COMPLETE_ACK = 4, COMPLETE_DATA = 8, COMPLETE_FIN = 16, COMPLETE_RST = 32 };

/* One segment, its sender's side and the other. */
struct look {
    struct classes *all;
    struct class_talk *talk;
    struct class_side *own, *peer;
    const struct wt_tcp_summary *tcp;
    struct class_result *out;
    uint64_t frame;
    int64_t time_ns;
    uint32_t len;
    bool control;               /* SYN, FIN or RST */
    bool options_cut;           /* by the snapshot length */
};

static bool has(const struct look *l, unsigned flags)
{
    return l->tcp->flags & flags;
}

/* ---- where numbers count from ---- */

static void set_bases(const struct look *l)
{
    if (!l->own->based) {
        l->own->base = has(l, WT_FLAG_SYN) ? l->tcp->seq : l->tcp->seq - 1;
        l->own->based = true;
    }
    if (!has(l, WT_FLAG_ACK))
        return;
    if (!l->peer->based) {
        l->peer->base = l->tcp->ack - 1;
        l->peer->based = true;
    }
    l->peer->flight_known = true;
}

/* ---- the sender's side: probes, windows, what it repeats without data ---- */

static bool is_window_full(const struct look *l)
{
    const struct class_side *peer = l->peer;
    if (l->len == 0 || peer->scale == -1 || l->control)
        return false;
    uint32_t window = peer->window_plain || peer->scale < 0 ? peer->window : peer->window << peer->scale;
    return l->tcp->seq + l->len == peer->last_ack + window;
}

static void count_duplicate(const struct look *l)
{
    l->own->repeats = l->own->repeats == REPEATS_NONE ? 1 : l->own->repeats + 1;
    l->out->did |= WT_DID_DUP_ACK;
    l->out->dup_ack_count = (uint32_t)l->own->repeats;
    l->out->dup_ack_frame = l->own->ack_frame;
}

/* A bare ACK that moves nothing: what does it want? */
static void class_bare_ack(const struct look *l)
{
    const struct class_side *own = l->own;
    if (l->len || l->control || l->tcp->seq != own->next_seq || l->tcp->ack != own->last_ack)
        return;
    if (l->tcp->window != own->window) {
        if (l->tcp->window)
            l->out->did |= WT_DID_WINDOW_UPDATE;
    } else if (!l->tcp->window) {
        if (l->peer->last_did & WT_DID_ZERO_WINDOW_PROBE)
            l->out->did |= WT_DID_ZERO_WINDOW_PROBE_ACK;
    } else if (l->peer->last_did & WT_DID_KEEP_ALIVE) {
        l->out->did |= WT_DID_KEEP_ALIVE_ACK;
    } else {
        count_duplicate(l);
    }
}

static void class_sender(const struct look *l)
{
    struct class_side *own = l->own;
    uint32_t seq = l->tcp->seq;
    if (l->len == 1 && seq == own->next_seq && l->peer->window == 0) {
        l->out->did |= WT_DID_ZERO_WINDOW_PROBE;
        return;
    }
    if (l->tcp->window == 0 && !l->control)
        l->out->did |= WT_DID_ZERO_WINDOW;
    if (own->next_seq && seq_before(own->next_seq, seq) && !has(l, WT_FLAG_RST)) {
        l->out->did |= WT_DID_GAP_BEFORE;
        own->flight_known = false;
    }
    if (l->len <= 1 && seq == own->next_seq - 1 && !l->control)
        l->out->did |= WT_DID_KEEP_ALIVE;
    if (is_window_full(l))
        l->out->did |= WT_DID_WINDOW_FULL;
    class_bare_ack(l);
}

/* ---- what its ACK says of the other side ---- */

/* Said once a loss: the edge then moves up to what was seen. Where that is not enough, because the other side is not
 * seen at all, it is said again only after that side has moved its own ACK. */
static void class_unseen(const struct look *l)
{
    struct class_side *peer = l->peer;
    if (!peer->contiguous || !has(l, WT_FLAG_ACK) || !seq_before(peer->contiguous, l->tcp->ack))
        return;
    l->out->noted = true;
    if (peer->contiguous != peer->next_seq) {
        peer->contiguous = peer->next_seq;
        l->out->did |= WT_DID_ACKED_UNSEEN;
        return;
    }
    if (peer->repeats == 0)
        l->out->did |= WT_DID_ACKED_UNSEEN;
    peer->repeats = REPEATS_NONE;
}

/* ---- repeats ---- */

static bool is_fast(const struct look *l)
{
    const struct class_side *peer = l->peer;
    int64_t after = l->time_ns - peer->last_ns;
    bool several = peer->repeats >= 2 || peer->repeats == REPEATS_NONE;    /* it compares without sign */
    return several && peer->last_ack == l->tcp->seq && after >= 0 && after < FAST_RETRANSMIT_NS;
}

static bool is_out_of_order(const struct look *l)
{
    int64_t limit = l->talk->first_rtt_ns ? l->talk->first_rtt_ns : OUT_OF_ORDER_NS;
    int64_t after = l->time_ns - l->own->next_ns;
    if (after < 0 || limit < 0 || after >= limit)
        return false;
    return l->own->next_seq != l->tcp->seq + l->len + (has(l, WT_FLAG_SYN | WT_FLAG_FIN) ? 1u : 0u);
}

/* Since the oldest segment that waits for its ACK; where none does, since the highest number was sent. */
static void note_timeout(const struct look *l)
{
    const struct unacked *oldest = NULL;
    for (uint32_t i = l->own->newest; i; i = oldest->next)
        oldest = slab_at(&l->all->unacked, i);
    l->out->rto_frame = oldest ? oldest->frame : l->own->next_frame;
    l->out->rto_ns = l->time_ns - (oldest ? oldest->time_ns : l->own->next_ns);
}

static void class_repeat(const struct look *l)
{
    const struct class_side *own = l->own;
    uint32_t seq = l->tcp->seq;
    if ((!l->len && !has(l, WT_FLAG_SYN | WT_FLAG_FIN)) || l->out->did & WT_DID_KEEP_ALIVE)
        return;
    bool old = own->next_seq && seq_before(seq, own->next_seq);
    if (l->len > 1 && seq == own->next_seq - 1)
        old = false;            /* the byte before may have been a window probe's */
    if (l->len && l->peer->last_ack && seq_up_to(seq + l->len, l->peer->last_ack)) {
        l->out->did |= WT_DID_SPURIOUS | WT_DID_RETRANSMIT;
    } else if (!old) {
        return;
    } else if (is_fast(l)) {
        l->out->did |= WT_DID_FAST_RETRANSMIT | WT_DID_RETRANSMIT;
    } else if (is_out_of_order(l)) {
        l->out->did |= WT_DID_OUT_OF_ORDER;
    } else {
        l->out->did |= WT_DID_RETRANSMIT;
        note_timeout(l);
    }
}

/* ---- moving on ---- */

static void stretch(struct class_side *side, uint32_t seq, uint32_t end, bool only)
{
    side->oldest = only || seq_before(seq, side->oldest) ? seq : side->oldest;
    uint32_t low = seq - side->base, high = end - side->base;
    side->low = only || low < side->low ? low : side->low;
    side->high = only || high > side->high ? high : side->high;
}

static uint32_t keep(const struct look *l)
{
    struct class_side *own = l->own;
    uint32_t end = l->tcp->seq + l->len;
    if ((!l->len && !has(l, WT_FLAG_SYN | WT_FLAG_FIN)) || own->kept >= KEPT_EACH)
        return end;
    end += has(l, WT_FLAG_SYN | WT_FLAG_FIN) ? 1u : 0u;
    uint32_t index = slab_take(&l->all->unacked);
    if (!index) {
        l->all->hits->count[WT_MAX_UNACKED_SEGMENTS]++;
        return end;
    }
    struct unacked *u = slab_at(&l->all->unacked, index);
    *u = (struct unacked){ .next = own->newest, .seq = l->tcp->seq, .end = end, .frame = l->frame, .time_ns = l->time_ns };
    stretch(own, u->seq, end, !own->newest);
    own->newest = index;
    own->kept++;
    return end;
}

static void move_seq(const struct look *l)
{
    struct class_side *own = l->own;
    uint32_t end = keep(l);
    if (l->out->did & WT_DID_ZERO_WINDOW_PROBE)
        return;                 /* the byte is sent again when the window opens */
    if (!own->next_seq || seq_before(own->next_seq, end)) {
        own->next_seq = end;
        own->next_frame = l->frame;
        own->next_ns = l->time_ns;
    } else if ((l->tcp->flags & (WT_FLAG_SYN | WT_FLAG_ACK)) == WT_FLAG_SYN && own->contiguous) {
        own->next_seq = own->contiguous;    /* a SYN again: what stood behind a gap was another's */
    }
    if (!own->contiguous || l->tcp->seq == own->contiguous)
        own->contiguous = own->next_seq;
}

/* Takes what it acknowledges off the other side's list: the oldest segment that ends there gives the round trip. */
static void take_acked(const struct look *l)
{
    struct class_side *peer = l->peer;
    uint32_t ack = l->tcp->ack, *link = &peer->newest;
    bool first = true;
    while (*link) {
        uint32_t index = *link;
        struct unacked *u = slab_at(&l->all->unacked, index);
        if (ack == u->end) {
            l->out->acked_frame = u->frame;
            l->out->ack_rtt_ns = l->time_ns - u->time_ns;
        } else if (seq_before(ack, u->end)) {
            if (seq_before(u->seq, ack))
                u->seq = ack;
            stretch(peer, u->seq, u->end, first);
            first = false;
            link = &u->next;
            continue;
        }
        *link = u->next;
        slab_give(&l->all->unacked, index);
        peer->kept--;
    }
}

static void note_flight(const struct look *l)
{
    struct class_side *own = l->own;
    if (!l->len || !own->newest || !own->flight_known)
        return;
    uint32_t bytes = own->high - own->low;
    for (unsigned i = 0; i < l->peer->sack_count; i++)
        bytes -= l->peer->sack[i][1] - l->peer->sack[i][0];
    if (bytes > 0 && bytes < FLIGHT_MOST)
        l->out->bytes_in_flight = bytes - (has(l, WT_FLAG_SYN | WT_FLAG_FIN) ? 1u : 0u);
    own->push_bytes = own->pushed ? l->len : own->push_bytes + l->len;
    own->pushed = has(l, WT_FLAG_PSH);
    l->out->push_bytes = own->push_bytes;
    l->out->noted = true;
}

static void move_on(const struct look *l)
{
    struct class_side *own = l->own;
    const struct wt_tcp_summary *tcp = l->tcp;
    if (tcp->ack != own->last_ack) {
        own->ack_frame = l->frame;
        own->repeats = 0;
    }
    class_unseen(l);
    class_repeat(l);
    move_seq(l);
    own->window = tcp->window;
    own->window_plain = has(l, WT_FLAG_SYN);
    own->last_ack = tcp->ack;
    own->last_ns = l->time_ns;
    own->last_did = l->out->did;
    if (l->peer->newest && seq_before(l->peer->oldest, tcp->ack))
        take_acked(l);
    note_flight(l);
}

/* ---- options: after all that, since they hold from the next segment on ---- */

static void note_scale(const struct look *l)
{
    struct class_side *own = l->own, *peer = l->peer;
    if (l->options_cut && l->tcp->wscale == 255)
        return;                 /* it may have been among those that are not held */
    if (l->tcp->wscale != 255)
        own->scale = l->tcp->wscale > MAX_SHIFT ? MAX_SHIFT : l->tcp->wscale;
    if (own->scale == -1)
        own->scale = peer->scale = -2;
    else if (has(l, WT_FLAG_ACK) && peer->scale == -2)
        own->scale = -2;
}

static void note_options(const struct look *l)
{
    if (has(l, WT_FLAG_SYN))
        note_scale(l);
    l->own->sack_count = l->tcp->sack_count <= WT_MAX_SACK_BLOCKS ? l->tcp->sack_count : WT_MAX_SACK_BLOCKS;
    for (unsigned i = 0; i < l->own->sack_count; i++) {
        l->own->sack[i][0] = l->tcp->sack[i][0];
        l->own->sack[i][1] = l->tcp->sack[i][1];
    }
}

/* ---- the handshake, and the rest ---- */

static void note_handshake(const struct look *l)
{
    struct class_talk *talk = l->talk;
    unsigned kind = l->tcp->flags & (WT_FLAG_SYN | WT_FLAG_ACK);
    if (kind == WT_FLAG_SYN) {
        talk->syn_ns = l->time_ns;
    } else if (kind == WT_FLAG_ACK && talk->syn_ns && !talk->first_rtt_ns) {
        talk->first_rtt_ns = l->time_ns - talk->syn_ns;
    }
    l->out->initial_rtt_ns = l->out->did || l->out->noted || l->out->acked_frame ? talk->first_rtt_ns : 0;
}

static void note_completeness(const struct look *l, bool fresh)
{
    struct class_talk *talk = l->talk;
    unsigned flags = l->tcp->flags, done = talk->completeness;
    l->out->completeness = (uint8_t)done;
    unsigned kind = flags & (WT_FLAG_SYN | WT_FLAG_ACK);
    if (fresh) {
        if (kind == WT_FLAG_SYN)
            done |= COMPLETE_SYN | (l->len ? COMPLETE_DATA : 0);
    } else {
        if (kind == (WT_FLAG_SYN | WT_FLAG_ACK))
            done |= COMPLETE_SYN_ACK;
        if (kind == WT_FLAG_ACK)
            done |= l->len ? COMPLETE_DATA : COMPLETE_ACK;
        if ((flags & (WT_FLAG_FIN | WT_FLAG_ACK)) == (WT_FLAG_FIN | WT_FLAG_ACK))
            done |= COMPLETE_FIN;
        if (flags & WT_FLAG_RST)
            done |= COMPLETE_RST;
    }
    talk->completeness = (uint8_t)done;
}

/* A SYN, or SYN-ACK, with another number than its side began with. True: a new stream begins. */
static bool begins_anew(const struct look *l)
{
    unsigned kind = l->tcp->flags & (WT_FLAG_SYN | WT_FLAG_ACK);
    if (!(kind & WT_FLAG_SYN) || !l->own->based || l->tcp->seq == l->own->base)
        return false;
    if (kind & WT_FLAG_ACK) {
        l->own->base = l->tcp->seq;
        for (uint32_t i = l->own->newest; i;) {
            const struct unacked *u = slab_at(&l->all->unacked, i);
            stretch(l->own, u->seq, u->end, i == l->own->newest);
            i = u->next;
        }
        l->out->did |= WT_DID_ISN_CHANGED;
        return false;
    }
    classes_begin(l->all, l->talk, l->time_ns);
    l->talk->completeness = COMPLETE_SYN;      /* known already in this segment */
    l->out->did |= WT_DID_REUSE;
    return true;
}

static void fill(const struct look *l)
{
    struct class_result *out = l->out;
    out->stream = l->talk->stream;
    out->seq = l->tcp->seq - l->own->base;
    out->ack = has(l, WT_FLAG_ACK) ? l->tcp->ack - l->peer->base : l->tcp->ack;
    out->window_scale = l->own->scale;
    bool plain = has(l, WT_FLAG_SYN) || l->own->scale < 0;
    out->window = plain ? l->tcp->window : (uint32_t)l->tcp->window << l->own->scale;
    out->since_start_ns = l->time_ns - l->talk->start_ns;
    out->since_previous_ns = l->time_ns - l->talk->last_ns;
    l->talk->last_ns = l->time_ns;
}

/* What has no length (a first fragment, a header that is longer than its segment) has a stream and nothing else. */
static bool has_length(const struct wt_packet *p)
{
    bool fragment = p->key.family == 4 && p->ip_flags & 1 && !(p->flags & WT_PACKET_REASSEMBLED);
    return !fragment && (p->transport_layer >= WT_MAX_LAYERS || p->layers[p->transport_layer].cut != WT_CUT_BY_SENDER);
}

static void fill_raw(const struct look *l)
{
    l->out->stream = l->talk->stream;
    l->out->seq = l->tcp->seq;
    l->out->ack = l->tcp->ack;
    l->out->window = l->tcp->window;
    l->out->window_scale = l->own->scale;
    l->out->since_start_ns = l->time_ns - l->talk->start_ns;
    l->out->since_previous_ns = l->time_ns - l->talk->last_ns;
    l->talk->last_ns = l->time_ns;
}

/* Options that the snapshot length cut off end tshark's reading before it says what the segment did. */
static void say_nothing(struct class_result *out)
{
    out->did = 0;
    out->bytes_in_flight = 0;
    out->acked_frame = out->rto_frame = 0;
    out->ack_rtt_ns = out->initial_rtt_ns = out->rto_ns = 0;
}

bool classes_segment(struct classes *all, const struct wt_packet *p, struct class_result *ret)
{
    bool fresh;
    if ((p->flags & (WT_PACKET_TCP | WT_PACKET_IP | WT_PACKET_ICMP_ERROR | WT_PACKET_FRAGMENT))
        != (WT_PACKET_TCP | WT_PACKET_IP))
        return false;
    struct class_talk *talk = classes_find(all, p, &fresh);
    if (!talk)
        return false;
    *ret = (struct class_result){ 0 };
    const struct look l = {
        .all = all, .talk = talk, .own = &talk->side[p->dir & 1], .peer = &talk->side[(p->dir & 1) ^ 1], .tcp = &p->tcp,
        .out = ret, .frame = p->frame.number, .time_ns = p->frame.time_ns, .len = p->payload_wire_bytes,
        .control = p->tcp.flags & CONTROL,
        .options_cut = p->transport_layer < WT_MAX_LAYERS && p->layers[p->transport_layer].cut == WT_CUT_BY_SNAPLEN,
    };
    if (fresh)
        fresh = !classes_was_announced(all, p);
    else if (talk->renew)
        classes_begin(all, talk, l.time_ns);
    else
        fresh = begins_anew(&l);
    note_completeness(&l, fresh);
    if (!has_length(p)) {
        fill_raw(&l);
        return true;
    }
    set_bases(&l);
    fill(&l);
    class_sender(&l);
    move_on(&l);
    note_options(&l);
    note_handshake(&l);
    if (l.options_cut)
        say_nothing(ret);
    classes_payload(all, talk, p);
    return true;
}

bool classes_quoted(struct classes *all, const struct wt_packet *p, struct class_result *ret)
{
    bool fresh;
    if (!(p->flags & WT_PACKET_ICMP_ERROR) || p->key.protocol != 6)
        return false;
    struct class_talk *talk = classes_find(all, p, &fresh);
    if (!talk)
        return false;
    *ret = (struct class_result){
        .stream = talk->stream, .completeness = talk->completeness, .window_scale = talk->side[p->dir & 1].scale,
        .since_start_ns = p->frame.time_ns - talk->start_ns, .since_previous_ns = p->frame.time_ns - talk->last_ns,
    };
    talk->last_ns = p->frame.time_ns;
    return true;
}

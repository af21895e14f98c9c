#include "depth_impl.h"

#include <stdlib.h>
#include <string.h>

/* ---- the analyses of one thread ---- */

struct wt_depth *wt_depth_new(const struct wt_config *config, struct wt_limit_hits *hits)
{
    struct wt_depth *d = calloc(1, sizeof *d);
    if (d) {
        d->bytes_most = config->value[WT_MAX_ANALYSIS_BYTES];
        d->hits = hits;
    }
    return d;
}

void wt_depth_free(struct wt_depth *d)
{
    if (!d)
        return;
    for (unsigned busy = 0; busy < 2; busy++)
        while (d->open[busy].oldest) {
            d->open[busy].oldest->slot = NULL;      /* its client may be gone */
            wt_depth_close(d, d->open[busy].oldest);
        }
    free(d);
}

bool depth_room(struct wt_depth *d, struct wt_analysis_state *a, uint64_t more)
{
    if (d->bytes + more > d->bytes_most) {
        d->hits->count[WT_MAX_ANALYSIS_BYTES]++;
        return false;
    }
    d->bytes += more;
    a->bytes += more;
    return true;
}

void *depth_memory(struct wt_depth *d, struct wt_analysis_state *a, size_t count, size_t size)
{
    void *memory = depth_room(d, a, count * size) ? calloc(count, size) : NULL;
    if (!memory)
        a->partial = true;
    return memory;
}

struct repeat *depth_repeat(struct look *l, struct direction *w)
{
    if (!w->repeat)
        w->repeat = depth_memory(l->depth, l->state, REPEATS, sizeof *w->repeat);
    return w->repeat ? &w->repeat[w->repeat_count++ % REPEATS] : NULL;
}

void depth_say(struct wt_depth *d, const struct wt_repeat *repeat)
{
    for (unsigned i = 0; i < d->said_count; i++)
        if (d->said[i].frame == repeat->frame) {
            d->said[i] = *repeat;
            return;
        }
    if (d->said_count < SAID)
        d->said[d->said_count++] = *repeat;
}

static void direction_init(struct direction *w)
{
    w->last_ack_ns = w->last_progress_ns = w->peer_stamp_ns = w->near_ns = w->icmp_too_big_ns = -1;
    w->delivered_sent_ns = w->sack_sample_ns = -1;
}

static void unlink_open(struct wt_depth *d, struct wt_analysis_state *a)
{
    *(a->older ? &a->older->newer : &d->open[a->busy].oldest) = a->newer;
    *(a->newer ? &a->newer->older : &d->open[a->busy].newest) = a->older;
}

static void link_open(struct wt_depth *d, struct wt_analysis_state *a, bool busy)
{
    a->busy = busy;
    a->newer = NULL;
    a->older = d->open[busy].newest;
    *(a->older ? &a->older->newer : &d->open[busy].oldest) = a;
    d->open[busy].newest = a;
}

void wt_depth_open(struct wt_depth *d, struct wt_analysis_state **slot)
{
    *slot = NULL;
    struct wt_analysis_state *a = calloc(1, sizeof *a);
    if (!a)
        return;
    while (d->bytes + 2 * sizeof *a > d->bytes_most && d->open[0].oldest)
        wt_depth_close(d, d->open[0].oldest);
    if (!depth_room(d, a, sizeof *a)) {
        free(a);
        return;
    }
    for (unsigned side = 0; side < 2; side++) {
        direction_init(&a->way[side]);
        a->syn_ns[side] = -1;
    }
    a->last_ns = -1;
    a->slot = slot;
    *slot = a;
    link_open(d, a, false);
}

void wt_depth_close(struct wt_depth *d, struct wt_analysis_state *a)
{
    if (!a)
        return;
    d->bytes -= a->bytes;
    unlink_open(d, a);
    if (a->slot)
        *a->slot = NULL;
    for (unsigned side = 0; side < 2; side++) {
        sent_done(&a->way[side].sent);
        rtt_done(&a->way[side].rtt);
        free(a->way[side].repeat);
        free(a->way[side].far.edge);
        free(a->way[side].past);
    }
    free(a);
}

int64_t depth_number(struct direction *w, uint32_t number)
{
    if (!w->numbered) {
        w->numbered = true;
        w->most = (INT64_C(1) << 33) + number;      /* room for what was sent before */
    }
    return w->most + (int32_t)(number - (uint32_t)w->most);
}

/* The capture is nearer to the receiver: what is in flight has passed here already. */
bool depth_far(const struct direction *w)
{
    return w->rtt.samples && w->near_ns > w->rtt.min_ns;
}

/* ---- who is who ---- */

/* The tracker may turn a connection round after its first packets. */
static void mind_client(struct wt_analysis_state *a, const struct wt_segment *s)
{
    size_t len = s->family == 4 ? 4 : 16;
    bool same = a->begun && a->client_port == s->client_port
        && (!s->client_address || memcmp(a->client_address, s->client_address, len) == 0);
    if (same)
        return;
    if (a->begun) {
        struct direction way = a->way[0];
        a->way[0] = a->way[1];
        a->way[1] = way;
        int64_t syn = a->syn_ns[0];
        a->syn_ns[0] = a->syn_ns[1];
        a->syn_ns[1] = syn;
        int64_t waited = a->waited_ns[0];
        a->waited_ns[0] = a->waited_ns[1];
        a->waited_ns[1] = waited;
    }
    a->begun = true;
    a->family = s->family;
    a->client_port = s->client_port;
    if (s->client_address)
        memcpy(a->client_address, s->client_address, len);
}

#define WINDOW_MOST (INT64_C(1) << 30)      /* RFC 7323 2.3: an ACK that is further ahead is a lie */

/* ---- what an ACK says of the other side's data ---- */

static void progress(struct look *l, struct direction *w, int64_t ack)
{
    proof_by_ack(l, w, ack);
    flight_probed(l, w, ack);
    rtt_of_ack(l, w, ack);
    sent_drop_to(l, w, ack);
    if (ack > w->most)       /* the capture missed it */
        w->most = ack;
    w->una = ack;
    w->acked_any = true;
    w->dup_acks = 0;
    w->backoff = 0;
    w->probed = false;
    w->probe_wait_ns = 0;
    w->last_progress_ns = l->now_ns;
    if (w->recovery != RECOVERY_NONE && ack >= w->recovery_to)
        w->recovery = RECOVERY_NONE;
}

static void acknowledges(struct look *l, struct direction *w)
{
    int64_t ack = depth_number(w, l->tcp->ack);
    if (w->sent_any && ack > w->most + WINDOW_MOST)
        return;
    bool syn_or_fin = l->tcp->flags & (WT_FLAG_SYN | WT_FLAG_FIN);
    bool news = sack_blocks(l, w, ack), forward = !w->acked_any || ack > w->una;
    if (forward) {
        progress(l, w, ack);
        flight_acked(l, w, ack);
    } else if (ack == w->una) {
        bool plain = !l->sack_both && !l->segment->payload_bytes && !syn_or_fin && w->sent.count
            && w->window_known && w->window == l->segment->window;
        if (plain || news)
            w->dup_acks++;      /* RFC 5681 2; with SACK those that bring news, RFC 6675 2 */
        if (!news && !l->tcp->sack_count && !l->segment->payload_bytes && w->sent.count > 1 && w->window == l->segment->window)
            path_duplicate_ack(l, w, &l->state->way[l->side]);
        if (news && w->sack_sample_ns >= 0)
            rtt_add(l, &w->rtt, l->now_ns - w->sack_sample_ns);
    } else {
        return;                 /* an old one, overtaken */
    }
    delivery_after_ack(l, w, forward);
    flow_window(l, w, ack);
    w->window = l->segment->window;
    w->window_known = true;
    w->last_ack_ns = l->now_ns;
    w->last_ack_frame = l->frame;
}

/* ---- what it sends ---- */

static void append(struct look *l, struct direction *w, int64_t from, int64_t to)
{
    struct sent s = { .from = w->most, .first_ns = l->now_ns, .last_ns = l->now_ns };
    if (from > w->most && w->sent_any) {      /* a hole: not captured, or not yet */
        if (from - w->most > INT32_MAX)
            return;
        s.bytes = (uint32_t)(from - w->most);
        s.flags = SENT_UNSEEN;
        if (turn_timed_out(l, w, from))      /* sent and lost before that */
            s.last_ns = w->timeout_at_ns - 1;
        sent_append(l, &w->sent, &s);
    }
    s = (struct sent){
        .from = from, .bytes = (uint32_t)(to - from), .times = 1, .ip_id = (uint16_t)l->packet->ip_id,
        .last_id = (uint16_t)l->packet->ip_id,
        .first_ns = l->now_ns, .last_ns = l->now_ns, .first_frame = l->frame, .last_frame = l->frame,
        .unit = l->segment->payload_bytes, .first_stamp = l->tcp->ts_val, .last_stamp = l->tcp->ts_val,
        .flags = (uint8_t)((l->tcp->flags & WT_FLAG_SYN ? SENT_SYN : 0) | (l->tcp->flags & WT_FLAG_FIN ? SENT_FIN : 0)
                           | (l->tcp->has_timestamps ? SENT_STAMPED : 0)),
    };
    sent_append(l, &w->sent, &s);
    w->most = to;
}

/* Identifications that go up by a little tell the order of sending (a counter of the connection, RFC 6864 4.1 lets
 * senders do as they like where DF is set). */
static void count_id(const struct look *l, struct direction *w)
{
    uint16_t step = (uint16_t)(l->packet->ip_id - w->id_last);
    w->id_steps = step && step <= 64 ? (uint8_t)(w->id_steps + (w->id_steps < UINT8_MAX)) : w->id_steps / 2;
    w->id_last = (uint16_t)l->packet->ip_id;
}

static void sends(struct look *l, struct direction *w)
{
    uint32_t syn = (l->tcp->flags & WT_FLAG_SYN) != 0, fin = (l->tcp->flags & WT_FLAG_FIN) != 0;
    uint32_t bytes = l->segment->payload_bytes + syn + fin;
    bool probe = !syn && !fin && l->segment->payload_bytes <= 1 && w->window_known && w->window == 0 && w->numbered
        && depth_number(w, l->tcp->seq) <= w->most && depth_number(w, l->tcp->seq) + 1 >= w->most
        && (bytes || depth_number(w, l->tcp->seq) < w->most);
    w->result.window_probes += probe;      /* RFC 9293 3.8.6.1; Linux's has no byte, and the number before */
    if (!bytes)
        return;
    bool known = w->numbered;
    int64_t from = depth_number(w, l->tcp->seq), to = from + bytes;
    if (!known)
        w->most = from;
    if (!w->begin_known) {
        w->begin = from + syn;
        w->begin_known = true;
    }
    bool keep_alive = w->acked_any && l->segment->payload_bytes <= 1 && !syn && !fin && from == w->una - 1 && to <= w->most;
    if (keep_alive)
        return;
    if (from < w->most && w->sent_any)
        cause_of(l, w, from, to);
    int64_t had = w->most;
    if (to > w->most) {
        append(l, w, from > w->most || !w->sent_any ? from : w->most, to);
        count_id(l, w);
    }
    turn_note(l, w, from, to);
    w->sent_any = true;
    w->last_send_ns = l->now_ns;
    if (fin && !w->fin_sent) {      /* some send it again behind itself */
        w->fin_sent = true;
        w->fin_end = to;
    }
    flight_sent(l, w, to > had ? (uint32_t)(to - had) : 0);
}

static void note_clocks(struct look *l)
{
    struct wt_analysis_state *a = l->state;
    if (l->tcp->flags & WT_FLAG_SYN)
        a->syn_ns[l->side] = l->now_ns;
    if (l->tcp->flags & WT_FLAG_SYN && l->tcp->mss)
        a->way[l->side ^ 1u].mss = l->tcp->mss;
    struct direction *peer = &a->way[l->side ^ 1u];
    if (l->tcp->has_timestamps && (peer->peer_stamp_ns < 0 || l->tcp->ts_val != peer->peer_stamp)) {
        peer->peer_stamp = l->tcp->ts_val;
        peer->peer_stamp_ns = l->now_ns;
    }
}

/* A segment that was damaged on the way is none. Where most are "damaged", the sums are the capture's doing: addresses
 * that somebody changed, work left to the network card. */
static bool sums_right(struct direction *w, const struct wt_segment *s, uint32_t seq)
{
    if (!(s->did & WT_DID_BAD_CHECKSUM)) {
        w->sums_good++;
        return true;
    }
    w->sums_bad++;
    bool in_turn = s->payload_bytes && w->numbered && seq == (uint32_t)w->most;      /* if it was damaged, it will come again */
    return w->sums_bad >= w->sums_good / 4 || in_turn;
}

const struct wt_repeat *wt_depth_packet(struct wt_depth *d, struct wt_analysis_state *a, const struct wt_packet_view *view,
                                        unsigned *ret_count)
{
    const struct wt_segment *s = view->segment;
    d->said_count = 0;
    *ret_count = 0;
    if (!a->busy && a->last_ns >= 0) {
        unlink_open(d, a);
        link_open(d, a, true);
    }
    if (!s)
        return d->said;
    if (!(s->did & WT_DID_ICMP_ERROR))
        mind_client(a, s);
    struct look l = {
        .depth = d, .state = a, .packet = view->packet, .segment = s, .tcp = &view->packet->tcp,
        .now_ns = view->packet->frame.time_ns, .frame = view->packet->frame.number, .side = s->side & 1u,
    };
    if (s->did & WT_DID_ICMP_ERROR) {
        path_icmp(&l);
        flow_ends(a, l.now_ns);
        return d->said;
    }
    if (!sums_right(&a->way[l.side], s, l.tcp->seq))
        return d->said;
    struct direction *mine = &a->way[l.side], *theirs = &a->way[l.side ^ 1u];
    if (l.tcp->flags & WT_FLAG_SYN)
        mine->sack_permitted = l.tcp->sack_permitted;
    l.sack_both = mine->sack_permitted && theirs->sack_permitted;
    flow_passes(&l);
    path_packet(&l, mine, theirs);
    if (l.tcp->flags & WT_FLAG_RST) {
        if (!(s->did & WT_DID_RST_IGNORED))
            path_reset(&l);
        return d->said;
    }
    rtt_near(&l, mine);
    stamps_note(&l, &mine->stamps);
    note_clocks(&l);
    if (l.tcp->flags & WT_FLAG_ACK)
        acknowledges(&l, theirs);
    sends(&l, mine);
    mine->latest_frame = l.frame;
    flow_after(mine);
    flow_after(theirs);
    *ret_count = d->said_count;
    return d->said;
}

void wt_depth_result(const struct wt_depth *d, const struct wt_analysis_state *a, const struct wt_connection *c,
                     struct wt_analysis *ret)
{
    (void)d;
    unsigned turned = a->begun && c->side[0].port != a->client_port;      /* after its last packet */
    *ret = (struct wt_analysis){
        .partial = a->partial, .network_ns = a->network_ns, .idle_ns = a->idle_ns,
        .waited_ns = { a->waited_ns[turned], a->waited_ns[turned ^ 1u] },
    };
    if (a->last_ns >= 0 && c->end_ns > a->last_ns)      /* packets that tell nothing came last */
        ret->idle_ns += c->end_ns - a->last_ns;
    for (unsigned side = 0; side < 2; side++) {
        const struct direction *w = &a->way[side ^ turned];
        struct wt_direction *r = &ret->side[side];
        *r = w->result;
        rtt_result(&w->rtt, &r->rtt);
        r->near_rtt_ns = w->near_ns;
        uint64_t known = c->side[side].unique_bytes + c->side[side].missing_bytes;
        r->delivered_bytes = delivery_bytes(w) < known ? delivery_bytes(w) : known;      /* an ACK of more is a lie */
        r->idle_ns += w->flow.pending_ns;
        ret->idle_ns += w->flow.blamed_ns;
        r->far = depth_far(w);
        if (r->far)
            r->cwnd_estimate = r->initial_flight = 0;
        path_result(w, &a->way[side ^ turned ^ 1u], a->family, r);
    }
}

/* What a finished connection adds to the report. */
#include <netinet/in.h>
#include <string.h>

#include "report/summary_parts.h"

static size_t address_bytes(unsigned family)
{
    return family == 4 ? 4 : 16;
}

void summary_server_key(struct server_key *key, uint8_t family, uint8_t protocol, const uint8_t *address,
                        uint16_t port)
{
    *key = (struct server_key){ .port = port, .family = family, .protocol = protocol };
    memcpy(key->address, address, address_bytes(family));
}

void summary_identify(struct worst_row *row, uint8_t family, uint8_t protocol, const uint8_t *client,
                      const uint8_t *server, uint16_t client_port, uint16_t server_port)
{
    row->family = family;
    row->protocol = protocol;
    memcpy(row->address[0], client, address_bytes(family));
    memcpy(row->address[1], server, address_bytes(family));
    row->port[0] = client_port;
    row->port[1] = server_port;
}

/* Without SYNs that were repeated: these are counted by themselves, and say another thing than lost data does. */
static uint64_t data_retransmissions(const struct wt_side *side)
{
    uint32_t syns = side->syns > 1 ? side->syns - 1 : 0;
    return side->retransmissions > syns ? side->retransmissions - syns : 0;
}

static bool never_came_about(const struct wt_connection *c)
{
    return c->outcome == WT_OUTCOME_REFUSED || c->outcome == WT_OUTCOME_UNREACHABLE || c->outcome == WT_OUTCOME_UNANSWERED
        || c->outcome == WT_OUTCOME_HALF_OPEN;
}

static void add_hosts(struct summary *s, const struct wt_connection *c)
{
    uint64_t bytes = c->side[0].wire_bytes + c->side[1].wire_bytes;
    for (unsigned i = 0; i < 2; i++) {
        const struct wt_side *me = &c->side[i], *peer = &c->side[1 - i];
        struct host_key key = { .family = c->family };
        memcpy(key.address, me->address, address_bytes(c->family));
        bool opened = i == 0 && c->protocol == IPPROTO_TCP && !(c->flags & WT_CONN_MIDSTREAM);
        bool failed = opened && never_came_about(c);
        uint64_t n[HOST_COUNTERS] = {
            [HOST_OPENED] = opened, [HOST_FAILED] = failed, [HOST_FAILED_FRAME] = failed ? c->first_frame : 0,
            [HOST_BYTES] = bytes, [HOST_BYTES_OUT] = me->wire_bytes, [HOST_BYTES_IN] = peer->wire_bytes,
            [HOST_PACKETS_OUT] = me->packets, [HOST_PACKETS_IN] = peer->packets, [HOST_CONNECTIONS] = 1,
            [HOST_RETRANSMISSIONS] = data_retransmissions(me), [HOST_OUT_OF_ORDER] = me->out_of_order,
            [HOST_ZERO_WINDOWS] = me->zero_windows, [HOST_BAD_CHECKSUMS] = me->bad_checksums,
            [HOST_TCP_PACKETS_OUT] = c->protocol == IPPROTO_TCP ? me->packets : 0,
            [HOST_RETRANSMITTING_FRAME] = data_retransmissions(me) ? c->first_frame : 0,
        };
        bool quiet = !failed && !n[HOST_RETRANSMISSIONS] && !me->out_of_order && !me->zero_windows && !me->bad_checksums;
        top_queue_add(&s->queue, &s->hosts, c->shard, &key, n, quiet ? HOST_QUIET : HOST_COUNTERS);
    }
    struct pair_key pair = { .family = c->family };
    unsigned first = memcmp(c->side[0].address, c->side[1].address, address_bytes(c->family)) > 0;
    memcpy(pair.address[0], c->side[first].address, address_bytes(c->family));
    memcpy(pair.address[1], c->side[1 - first].address, address_bytes(c->family));
    const uint64_t n[PAIR_COUNTERS] = {
        [PAIR_BYTES] = bytes, [PAIR_BYTES_AB] = c->side[first].wire_bytes, [PAIR_BYTES_BA] = c->side[1 - first].wire_bytes,
        [PAIR_PACKETS_AB] = c->side[first].packets, [PAIR_PACKETS_BA] = c->side[1 - first].packets,
        [PAIR_CONNECTIONS] = 1 };
    top_queue_add(&s->queue, &s->pairs, c->shard, &pair, n, PAIR_COUNTERS);
}

static void add_server(struct summary *s, const struct wt_connection *c)
{
    struct port_key port = { .port = c->side[1].port, .protocol = c->protocol };
    const uint64_t bytes = c->side[0].wire_bytes + c->side[1].wire_bytes;
    const uint64_t sums[PORT_COUNTERS] = {
        [PORT_BYTES] = bytes, [PORT_PACKETS] = c->side[0].packets + c->side[1].packets, [PORT_CONNECTIONS] = 1 };
    top_add(&s->ports, &port, sums);

    bool refused = c->outcome == WT_OUTCOME_REFUSED, unreachable = c->outcome == WT_OUTCOME_UNREACHABLE;
    bool unanswered = c->outcome == WT_OUTCOME_UNANSWERED, half_open = c->outcome == WT_OUTCOME_HALF_OPEN;
    bool reset = c->outcome == WT_OUTCOME_RESET;
    uint64_t at = c->first_frame;
    const uint64_t n[SERVER_COUNTERS] = {
        [SERVER_CONNECTIONS] = 1, [SERVER_BYTES] = bytes,
        [SERVER_REFUSED] = refused, [SERVER_REFUSED_FRAME] = refused ? at : 0,
        [SERVER_UNREACHABLE] = unreachable, [SERVER_UNREACHABLE_FRAME] = unreachable ? at : 0,
        [SERVER_UNANSWERED] = unanswered, [SERVER_UNANSWERED_FRAME] = unanswered ? at : 0,
        [SERVER_HALF_OPEN] = half_open, [SERVER_HALF_OPEN_FRAME] = half_open ? at : 0,
        [SERVER_RESET_BY_CLIENT] = reset && c->reset_by == 0,
        [SERVER_RESET_BY_CLIENT_FRAME] = reset && c->reset_by == 0 ? at : 0,
        [SERVER_RESET_BY_SERVER] = reset && c->reset_by == 1,
        [SERVER_RESET_BY_SERVER_FRAME] = reset && c->reset_by == 1 ? at : 0,
        [SERVER_TROUBLES] = refused || unreachable || unanswered || half_open || reset };
    struct server_key key;
    summary_server_key(&key, c->family, c->protocol, c->side[1].address, c->side[1].port);
    top_queue_add(&s->queue, &s->servers, c->shard, &key, n, n[SERVER_TROUBLES] ? SERVER_COUNTERS : SERVER_QUIET);
}

static void offer(struct worst *list, const struct wt_connection *c, int64_t value, uint32_t count)
{
    if (!worst_wants(list, value, c->first_frame)) {
        list->offered++;
        return;
    }
    struct worst_row row = { .value = value, .frame = c->first_frame, .first_frame = c->first_frame, .number = c->number,
                             .time_ns = c->start_ns, .count = count, .code = c->outcome };
    summary_identify(&row, c->family, c->protocol, c->side[0].address, c->side[1].address, c->side[0].port,
                     c->side[1].port);
    worst_add(list, &row);
}

static void add_quality(struct tcp_sums *t, const struct wt_connection *c)
{
    for (unsigned i = 0; i < 2; i++) {
        const struct wt_side *side = &c->side[i];
        t->segments += side->packets;
        t->payload_bytes += side->payload_bytes;
        t->retransmissions += side->retransmissions;
        t->retransmitted_bytes += side->retransmitted_bytes;
        t->out_of_order += side->out_of_order;
        t->duplicated += side->duplicated;
        t->duplicate_acks += side->duplicate_acks;
        t->zero_windows += side->zero_windows;
        t->keep_alives += side->keep_alives;
        t->bad_checksums += side->bad_checksums;
        t->missing_bytes += side->missing_bytes;
    }
    uint64_t sent_again = data_retransmissions(&c->side[0]) + data_retransmissions(&c->side[1]);
    if (sent_again)
        offer(&t->retransmitting, c, (int64_t)sent_again, (uint32_t)(c->side[0].packets + c->side[1].packets));
}

static void add_times(struct tcp_sums *t, const struct wt_connection *c)
{
    if (c->first_syn_ns && c->syn_ns && c->first_syn_ns != c->syn_ns)
        t->syn_retried++;
    else if (c->side[0].syns > 1)
        t->syn_retried++;
    int64_t handshake = wt_handshake_ns(c);
    if (handshake >= 0) {
        histogram_add(&t->handshake, handshake);
        histogram_add(&t->handshake_server, c->syn_ack_ns - c->syn_ns);
        histogram_add(&t->handshake_client, c->ack_ns - c->syn_ack_ns);
        offer(&t->slow_handshakes, c, handshake, c->side[0].syns);
    }
    histogram_add(&t->duration, c->end_ns - c->start_ns);
}

static void add_reset(struct tcp_sums *t, const struct wt_connection *c)
{
    if (c->outcome != WT_OUTCOME_RESET || c->reset_by > 1)
        return;
    t->reset_by[c->reset_by]++;
    if (c->side[0].fins || c->side[1].fins)
        t->resets_after_fin++;
    else if (c->reset_answers & WT_FLAG_PSH)
        t->resets_in_answer_to_data++;
    else
        t->resets_unasked++;
}

static void add_tcp(struct summary *s, const struct wt_connection *c)
{
    struct tcp_sums *t = &s->tcp;
    t->connections++;
    t->outcomes[c->outcome % WT_OUTCOMES]++;
    t->closes[c->close_kind % WT_CLOSE_KINDS]++;
    if (c->first_closer < 2)
        t->closed_by[c->first_closer]++;
    const struct { uint32_t flag; uint64_t *counter; } flags[] = {
        { WT_CONN_MIDSTREAM, &t->midstream }, { WT_CONN_GUESSED, &t->guessed }, { WT_CONN_ONE_SIDED, &t->one_sided },
        { WT_CONN_RESUMED, &t->resumed }, { WT_CONN_MISSED_FRAMES, &t->missed_frames },
        { WT_CONN_REUSED_TUPLE, &t->reused }, { WT_CONN_SIMULTANEOUS, &t->simultaneous_open },
        { WT_CONN_FAST_OPEN, &t->fast_open }, { WT_CONN_MPTCP, &t->mptcp }, { WT_CONN_PARTIAL, &t->partial },
    };
    for (unsigned i = 0; i < sizeof flags / sizeof flags[0]; i++)
        *flags[i].counter += (c->flags & flags[i].flag) != 0;
    if (c->conn_state[0])
        summary_count_name(s, t->states, SUMMARY_STATES, c->conn_state, 0);
    add_quality(t, c);
    add_times(t, c);
    add_reset(t, c);
    if (never_came_about(c) || c->outcome == WT_OUTCOME_RESET)
        offer(&t->troubled, c, -(int64_t)(c->first_frame & INT64_MAX), 0);    /* the first ones */
    time_waits_add(&s->time_waits, c);
}

static void add_other(struct other_sums *o, const struct wt_connection *c)
{
    o->conversations++;
    o->bytes += c->side[0].wire_bytes + c->side[1].wire_bytes;
    o->outcomes[c->outcome % WT_OUTCOMES]++;
}

void summary_connection(void *worker, const struct wt_connection *c)
{
    struct summary *s = worker;
    numbers_add(&s->numbers, c->first_frame);
    add_hosts(s, c);
    if (c->protocol == IPPROTO_TCP || c->protocol == IPPROTO_UDP)
        add_server(s, c);
    if (c->service && c->service[0])
        summary_count_name(s, s->services, SUMMARY_SERVICES, c->service, c->side[0].wire_bytes + c->side[1].wire_bytes);
    if (c->protocol == IPPROTO_TCP)
        add_tcp(s, c);
    else if (c->protocol == IPPROTO_UDP)
        add_other(&s->udp, c);
    else if (c->protocol == IPPROTO_ICMP || c->protocol == IPPROTO_ICMPV6)
        add_other(&s->icmp, c);
    else
        add_other(&s->other, c);
}

/* conn.*: fields of a connection's record. */
#include <string.h>

#include "filter/filter_impl.h"

enum {
    C_NUMBER, C_STREAM, C_PROTOCOL, C_SERVICE, C_STATE, C_OUTCOME, C_CLOSE, C_HISTORY, C_COMMUNITY, C_RTT, C_DURATION,
    C_START, C_END, C_FIRST_FRAME, C_LAST_FRAME, C_IP, C_IPV6, C_CLIENT_IP, C_CLIENT_IPV6, C_SERVER_IP, C_SERVER_IPV6,
    C_HOST, C_PORT, C_CLIENT_PORT, C_SERVER_PORT, C_CLIENT_STATE, C_SERVER_STATE, C_BYTES, C_CLIENT_BYTES,
    C_SERVER_BYTES, C_PACKETS, C_CLIENT_PACKETS, C_SERVER_PACKETS, C_PAYLOAD, C_CLIENT_PAYLOAD, C_SERVER_PAYLOAD,
    C_RETRANSMISSIONS, C_OUT_OF_ORDER, C_DUP_ACKS, C_ZERO_WINDOWS, C_MISSING, C_BAD_CHECKSUMS, C_SYNS, C_VLAN,
    C_TIME_WAIT, C_TIME_WAIT_HOLDER, C_FIRST_CLOSER, C_RESET_BY, C_MIDSTREAM, C_GUESSED, C_RESUMED, C_REUSED, C_COUNT
};

#define ROW(typ, nam, lab, mean) { .name = nam, .label = lab, .meaning = mean, .type = typ, .from = WT_SAID, .at = -1 }
static const struct wt_field fields[C_COUNT] = {
    [C_NUMBER] = ROW(WT_UINT64, "conn.number", "Number", "Its place among all connections and conversations, from 1"),
    [C_STREAM] = ROW(WT_UINT32, "conn.stream", "Stream", "tcp.stream or udp.stream, from 0"),
    [C_PROTOCOL] = ROW(WT_STRING, "conn.proto", "Protocol", "tcp, udp, icmp, icmpv6 or the protocol's number"),
    [C_SERVICE] = ROW(WT_STRING, "conn.service", "Service", "What was recognised in it: http, dns, …"),
    [C_STATE] = ROW(WT_STRING, "conn.state", "State", "Zeek's code: S0 S1 SF REJ S2 S3 RSTO RSTR RSTOS0 RSTRH SH SHR OTH"),
    [C_OUTCOME] = ROW(WT_STRING, "conn.outcome", "Outcome",
                      "open, closed, half-closed, reset, refused, unreachable, unanswered, half-open, abandoned, answered, one-way"),
    [C_CLOSE] = ROW(WT_STRING, "conn.close", "Close", "How it was closed: four-way, three-segment, simultaneous, half, reset"),
    [C_HISTORY] = ROW(WT_STRING, "conn.history", "History", "Zeek's letters: upper case for the originator"),
    [C_COMMUNITY] = ROW(WT_STRING, "conn.community_id", "Community ID", "Version 1, seed 0"),
    [C_RTT] = ROW(WT_DURATION, "conn.rtt", "Handshake RTT", "From the SYN to the ACK that completed the handshake"),
    [C_DURATION] = ROW(WT_DURATION, "conn.duration", "Duration", "From its first frame to its last"),
    [C_START] = ROW(WT_TIME, "conn.start", "Start", "Time of its first frame"),
    [C_END] = ROW(WT_TIME, "conn.end", "End", "Time of its last frame"),
    [C_FIRST_FRAME] = ROW(WT_FRAMENUM, "conn.first_frame", "First frame", "Number of its first frame"),
    [C_LAST_FRAME] = ROW(WT_FRAMENUM, "conn.last_frame", "Last frame", "Number of its last frame"),
    [C_IP] = ROW(WT_IPV4, "conn.ip", "IPv4 address", "Either endpoint's"),
    [C_IPV6] = ROW(WT_IPV6, "conn.ipv6", "IPv6 address", "Either endpoint's"),
    [C_CLIENT_IP] = ROW(WT_IPV4, "conn.client.ip", "Client", "The client's IPv4 address"),
    [C_CLIENT_IPV6] = ROW(WT_IPV6, "conn.client.ipv6", "Client", "The client's IPv6 address"),
    [C_SERVER_IP] = ROW(WT_IPV4, "conn.server.ip", "Server", "The server's IPv4 address"),
    [C_SERVER_IPV6] = ROW(WT_IPV6, "conn.server.ipv6", "Server", "The server's IPv6 address"),
    [C_HOST] = ROW(WT_STRING, "conn.host", "Host", "Either endpoint's address as text, or its name from DNS answers seen"),
    [C_PORT] = ROW(WT_UINT16, "conn.port", "Port", "Either endpoint's"),
    [C_CLIENT_PORT] = ROW(WT_UINT16, "conn.client.port", "Client port", "The client's port"),
    [C_SERVER_PORT] = ROW(WT_UINT16, "conn.server.port", "Server port", "The server's port"),
    [C_CLIENT_STATE] = ROW(WT_STRING, "conn.client.state", "Client state", "By RFC 9293: ESTABLISHED, TIME-WAIT, …"),
    [C_SERVER_STATE] = ROW(WT_STRING, "conn.server.state", "Server state", "By RFC 9293"),
    [C_BYTES] = ROW(WT_UINT64, "conn.bytes", "Bytes", "Of its frames, both ways"),
    [C_CLIENT_BYTES] = ROW(WT_UINT64, "conn.client.bytes", "Client bytes", "Of frames from the client"),
    [C_SERVER_BYTES] = ROW(WT_UINT64, "conn.server.bytes", "Server bytes", "Of frames from the server"),
    [C_PACKETS] = ROW(WT_UINT64, "conn.packets", "Packets", "Both ways"),
    [C_CLIENT_PACKETS] = ROW(WT_UINT64, "conn.client.packets", "Client packets", "From the client"),
    [C_SERVER_PACKETS] = ROW(WT_UINT64, "conn.server.packets", "Server packets", "From the server"),
    [C_PAYLOAD] = ROW(WT_UINT64, "conn.payload", "Payload", "Bytes above the transport, both ways, repeats included"),
    [C_CLIENT_PAYLOAD] = ROW(WT_UINT64, "conn.client.payload", "Client payload", "From the client"),
    [C_SERVER_PAYLOAD] = ROW(WT_UINT64, "conn.server.payload", "Server payload", "From the server"),
    [C_RETRANSMISSIONS] = ROW(WT_UINT32, "conn.retransmissions", "Retransmissions", "Both ways"),
    [C_OUT_OF_ORDER] = ROW(WT_UINT32, "conn.out_of_order", "Out of order", "Both ways"),
    [C_DUP_ACKS] = ROW(WT_UINT32, "conn.duplicate_acks", "Duplicate ACKs", "Both ways"),
    [C_ZERO_WINDOWS] = ROW(WT_UINT32, "conn.zero_windows", "Zero windows", "Both ways"),
    [C_MISSING] = ROW(WT_UINT64, "conn.missing_bytes", "Missing bytes", "Acknowledged, but never captured"),
    [C_BAD_CHECKSUMS] = ROW(WT_UINT32, "conn.bad_checksums", "Bad checksums", "Both ways"),
    [C_SYNS] = ROW(WT_UINT32, "conn.syns", "SYNs", "Of the client: more than one means retries"),
    [C_VLAN] = ROW(WT_UINT16, "conn.vlan", "VLAN", "The innermost VLAN's id, where it is tagged"),
    [C_TIME_WAIT] = ROW(WT_BOOL, "conn.time_wait", "TIME-WAIT", "Whether an endpoint went through it"),
    [C_TIME_WAIT_HOLDER] = ROW(WT_STRING, "conn.time_wait.holder", "TIME-WAIT holder", "client, server or both"),
    [C_FIRST_CLOSER] = ROW(WT_STRING, "conn.first_closer", "First closer", "client or server: who sent the first FIN or RST"),
    [C_RESET_BY] = ROW(WT_STRING, "conn.reset_by", "Reset by", "client or server"),
    [C_MIDSTREAM] = ROW(WT_BOOL, "conn.midstream", "Mid-stream", "No SYN was seen"),
    [C_GUESSED] = ROW(WT_BOOL, "conn.guessed", "Direction guessed", "Who opened it was guessed, not seen"),
    [C_RESUMED] = ROW(WT_BOOL, "conn.resumed", "Resumed", "A limit ended an earlier record of it"),
    [C_REUSED] = ROW(WT_BOOL, "conn.reused", "Ports reused", "It began on the 5-tuple of an earlier one"),
};

const struct wt_field *wt_connection_fields(unsigned *ret_count)
{
    *ret_count = C_COUNT;
    return fields;
}

static void text(struct wt_filter_matcher *m, const char *s)
{
    struct value *v = filter_value_add(m, 1);
    v->kind = K_TEXT;
    v->bytes = filter_scratch(m, s, strlen(s));
}

static void community_id(struct wt_filter_matcher *m)
{
    char id[32];
    wt_connection_community_id(m->connection, id);
    text(m, id);
}

static void number(struct wt_filter_matcher *m, enum kind kind, wide n)
{
    struct value *v = filter_value_add(m, 1);
    v->kind = (uint8_t)kind;
    v->number = n;
}

static void address(struct wt_filter_matcher *m, unsigned side, unsigned family)
{
    if (m->connection->family != family)
        return;
    struct value *v = filter_value_add(m, 1);
    v->kind = family == 4 ? K_IPV4 : K_IPV6;
    v->bytes = (struct wt_slice){ m->connection->side[side].address, family == 4 ? 4 : 16 };
}

static void who(struct wt_filter_matcher *m, unsigned side)
{
    static const char *const names[] = { "client", "server", "both" };
    if (side < 3)
        text(m, names[side]);
}

static void host(struct wt_filter_matcher *m, unsigned side)
{
    const struct wt_connection *c = m->connection;
    char buffer[64];
    struct wt_text t = { buffer, sizeof buffer, 0, false };
    wt_text_add_address(&t, c->family, c->side[side].address);
    text(m, buffer);
    const char *name = m->name_of ? m->name_of(m->names, c->family, c->side[side].address) : NULL;
    if (name)
        text(m, name);
}

static void protocol(struct wt_filter_matcher *m)
{
    static const struct wt_value_name names[] = { { 1, "icmp" }, { 2, "igmp" }, { 6, "tcp" }, { 17, "udp" },
                                                  { 58, "icmpv6" }, { 132, "sctp" }, { 0, NULL } };
    const char *name = wt_value_name(names, m->connection->protocol);
    char buffer[8];
    struct wt_text t = { buffer, sizeof buffer, 0, false };
    wt_text_add(&t, "%u", m->connection->protocol);
    text(m, name ? name : buffer);
}

static void texts(struct wt_filter_matcher *m, unsigned index)
{
    const struct wt_connection *c = m->connection;
    switch (index) {
    case C_PROTOCOL: protocol(m); break;
    case C_SERVICE:
        if (c->service)
            text(m, c->service);
        break;
    case C_STATE: text(m, c->conn_state); break;
    case C_OUTCOME: text(m, wt_outcome_name((enum wt_outcome)c->outcome)); break;
    case C_CLOSE: text(m, wt_close_kind_name((enum wt_close_kind)c->close_kind)); break;
    case C_HISTORY: text(m, c->history); break;
    case C_COMMUNITY: community_id(m); break;
    case C_HOST: host(m, 0); host(m, 1); break;
    case C_CLIENT_STATE: text(m, wt_tcp_state_name((enum wt_tcp_state)c->side[0].state)); break;
    case C_SERVER_STATE: text(m, wt_tcp_state_name((enum wt_tcp_state)c->side[1].state)); break;
    case C_TIME_WAIT_HOLDER: who(m, c->time_wait.holder); break;
    case C_FIRST_CLOSER: who(m, c->first_closer); break;
    case C_RESET_BY: who(m, c->reset_by); break;
    default: break;
    }
}

static void endpoints(struct wt_filter_matcher *m, unsigned index)
{
    const struct wt_connection *c = m->connection;
    bool first = index == C_IP || index == C_IPV6 || index == C_CLIENT_IP || index == C_CLIENT_IPV6 || index == C_PORT
        || index == C_CLIENT_PORT;
    bool second = index != C_CLIENT_IP && index != C_CLIENT_IPV6 && index != C_CLIENT_PORT;
    bool port = index == C_PORT || index == C_CLIENT_PORT || index == C_SERVER_PORT;
    unsigned family = index == C_IPV6 || index == C_CLIENT_IPV6 || index == C_SERVER_IPV6 ? 6 : 4;
    for (unsigned side = 0; side < 2; side++) {
        if (!(side ? second : first))
            continue;
        if (port)
            number(m, K_NUMBER, c->side[side].port);
        else
            address(m, side, family);
    }
}

static bool sums(struct wt_filter_matcher *m, unsigned index)
{
    const struct wt_side *a = &m->connection->side[0], *b = &m->connection->side[1];
    wide n;
    switch (index) {
    case C_BYTES: n = (wide)a->wire_bytes + b->wire_bytes; break;
    case C_CLIENT_BYTES: n = a->wire_bytes; break;
    case C_SERVER_BYTES: n = b->wire_bytes; break;
    case C_PACKETS: n = (wide)a->packets + b->packets; break;
    case C_CLIENT_PACKETS: n = a->packets; break;
    case C_SERVER_PACKETS: n = b->packets; break;
    case C_PAYLOAD: n = (wide)a->payload_bytes + b->payload_bytes; break;
    case C_CLIENT_PAYLOAD: n = a->payload_bytes; break;
    case C_SERVER_PAYLOAD: n = b->payload_bytes; break;
    case C_RETRANSMISSIONS: n = (wide)a->retransmissions + b->retransmissions; break;
    case C_OUT_OF_ORDER: n = (wide)a->out_of_order + b->out_of_order; break;
    case C_DUP_ACKS: n = (wide)a->duplicate_acks + b->duplicate_acks; break;
    case C_ZERO_WINDOWS: n = (wide)a->zero_windows + b->zero_windows; break;
    case C_MISSING: n = (wide)a->missing_bytes + b->missing_bytes; break;
    case C_BAD_CHECKSUMS: n = (wide)a->bad_checksums + b->bad_checksums; break;
    case C_SYNS: n = a->syns; break;
    default: return false;
    }
    number(m, K_NUMBER, n);
    return true;
}

void filter_connection_values(struct wt_filter_matcher *m, unsigned index)
{
    const struct wt_connection *c = m->connection;
    if (sums(m, index))
        return;
    switch (index) {
    case C_NUMBER: number(m, K_NUMBER, c->number); break;
    case C_STREAM:
        if (c->stream != UINT32_MAX)
            number(m, K_NUMBER, c->stream);
        break;
    case C_RTT:
        if (wt_handshake_ns(c) >= 0)
            number(m, K_DURATION, wt_handshake_ns(c));
        break;
    case C_DURATION: number(m, K_DURATION, c->end_ns - c->start_ns); break;
    case C_START: number(m, K_TIME, c->start_ns); break;
    case C_END: number(m, K_TIME, c->end_ns); break;
    case C_FIRST_FRAME: number(m, K_NUMBER, c->first_frame); break;
    case C_LAST_FRAME: number(m, K_NUMBER, c->last_frame); break;
    case C_VLAN:
        if (c->vlan)
            number(m, K_NUMBER, c->vlan - 1);
        break;
    case C_TIME_WAIT: number(m, K_BOOL, c->time_wait.holder != 255); break;
    case C_MIDSTREAM: number(m, K_BOOL, (c->flags & WT_CONN_MIDSTREAM) != 0); break;
    case C_GUESSED: number(m, K_BOOL, (c->flags & WT_CONN_GUESSED) != 0); break;
    case C_RESUMED: number(m, K_BOOL, (c->flags & WT_CONN_RESUMED) != 0); break;
    case C_REUSED: number(m, K_BOOL, (c->flags & WT_CONN_REUSED_TUPLE) != 0); break;
    case C_IP: case C_IPV6: case C_CLIENT_IP: case C_CLIENT_IPV6: case C_SERVER_IP: case C_SERVER_IPV6: case C_PORT:
    case C_CLIENT_PORT: case C_SERVER_PORT:
        endpoints(m, index);
        break;
    default:
        texts(m, index);
    }
}

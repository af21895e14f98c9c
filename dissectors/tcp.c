/* TCP (RFC 9293, RFC 7323, RFC 2018, RFC 3168).
 *
 *    0                   1                   2                   3
 *   |          source port          |       destination port        |
 *   |                        sequence number                        |
 *   |                     acknowledgment number                     |
 *   |offset |reserv.|  flags        |            window             |
 *   |           checksum            |        urgent pointer         |
 *   |                     options, to `offset` words                |
 */
#include "dissectors/tcp.h"

#include "dissectors/ipprotos.h"
#include "dissectors/tcp_options.h"
#include "wiretale/connection.h"

static const struct wt_key keys[] = { { WT_KEY_IP_PROTOCOL, 6 } };

enum {
    F_SRC, F_DST, F_SRC_PORT, F_DST_PORT, F_STREAM, F_COMPLETENESS, F_LEN, F_SEQ, F_SEQ_RAW, F_NXTSEQ, F_ACK, F_ACK_RAW,
    F_HDR_LEN, F_FLAGS, F_RES, F_AE, F_CWR, F_ECE, F_URG, F_ACK_FLAG, F_PUSH, F_RESET, F_SYN, F_FIN, F_FLAGS_STR,
    F_WINDOW_RAW, F_WINDOW, F_SCALE, F_CHECKSUM, F_STATUS, F_CALCULATED, F_URGENT, F_OPTIONS,
    F_FIRST_OPTION, F_TIME_RELATIVE = F_FIRST_OPTION + TO_COUNT, F_TIME_DELTA,
    F_A_RETRANSMISSION, F_A_FAST, F_A_SPURIOUS, F_A_OUT_OF_ORDER, F_A_LOST, F_A_ACK_LOST, F_A_DUP_ACK, F_A_KEEP_ALIVE,
    F_A_KEEP_ALIVE_ACK, F_A_ZERO_WINDOW, F_A_WINDOW_UPDATE, F_A_PROBE, F_A_WINDOW_FULL, F_A_REUSED, F_A_FLAGS, F_A_DUP_NUM,
    F_A_DUP_FRAME, F_A_ACKS_FRAME, F_A_ACK_RTT, F_A_INITIAL_RTT,
    F_A_FLIGHT, F_A_PUSH_BYTES, F_A_PROBE_ACK, F_A_RTO, F_A_RTO_FRAME, F_ANALYSIS, F_PAYLOAD, F_COUNT
};

#define FLAG(bit, nam, lab, mean) \
    WT_ROW_BITS(struct tcp, flags, WT_BOOL, WT_DEC, 1, (bit) > 0xff ? 12 : 13, 1, bit, "tcp.flags." nam, lab, mean, set_names)
static const struct wt_value_name set_names[] = { { 0, "Not set" }, { 1, "Set" }, { 0, NULL } };

#define ANALYSIS(nam, lab, mean) WT_ROW_SAID(WT_NONE, 0, 1, "tcp.analysis." nam, lab, mean, NULL)

static const struct wt_field fields[F_COUNT] = {
    [F_SRC] = WT_ROW(struct tcp, src_port, WT_UINT16, WT_DEC, 0, 2, "tcp.srcport", "Source Port", "Port of the sender"),
    [F_DST] = WT_ROW(struct tcp, dst_port, WT_UINT16, WT_DEC, 2, 2, "tcp.dstport", "Destination Port", "Port of the receiver"),
    [F_SRC_PORT] = WT_ROW(struct tcp, src_port, WT_UINT16, WT_DEC, 0, 2, "tcp.port", "Source or Destination Port", "Either port"),
    [F_DST_PORT] = WT_ROW(struct tcp, dst_port, WT_UINT16, WT_DEC, 2, 2, "tcp.port", "Source or Destination Port", "Either port"),
    [F_STREAM] = WT_ROW_SAID(WT_UINT32, WT_DEC, 0, "tcp.stream", "Stream index", "Which TCP connection, from 0", NULL),
    [F_COMPLETENESS] = WT_ROW_SAID(WT_UINT8, WT_DEC, 0, "tcp.completeness", "Conversation completeness",
                                   "What was seen of the connection so far: 1 SYN, 2 SYN-ACK, 4 ACK, 8 data, 16 FIN, 32 RST", NULL),
    [F_LEN] = WT_ROW_SAID(WT_UINT32, WT_DEC, 0, "tcp.len", "TCP Segment Len", "Bytes of payload", NULL),
    [F_SEQ] = WT_ROW_SAID(WT_UINT32, WT_DEC, 0, "tcp.seq", "Sequence Number",
                          "Of the first byte, relative to the connection's start", NULL),
    [F_SEQ_RAW] = WT_ROW(struct tcp, seq, WT_UINT32, WT_DEC, 4, 4, "tcp.seq_raw", "Sequence Number (raw)", "As it is in the header"),
    [F_NXTSEQ] = WT_ROW_SAID(WT_UINT32, WT_DEC, 0, "tcp.nxtseq", "Next Sequence Number", "Behind this segment", NULL),
    [F_ACK] = WT_ROW_SAID(WT_UINT32, WT_DEC, 0, "tcp.ack", "Acknowledgment Number",
                          "The next byte that its sender expects, relative to the connection's start", NULL),
    [F_ACK_RAW] = WT_ROW(struct tcp, ack, WT_UINT32, WT_DEC, 8, 4, "tcp.ack_raw", "Acknowledgment number (raw)", "As it is in the header"),
    [F_HDR_LEN] = WT_ROW(struct tcp, header_bytes, WT_UINT8, WT_DEC, 12, 1, "tcp.hdr_len", "Header Length",
                         "Bytes of the header, options included"),
    [F_FLAGS] = WT_ROW(struct tcp, flags, WT_UINT16, WT_HEX, 12, 2, "tcp.flags", "Flags", "The control bits together"),
    [F_RES] = FLAG(0xe00, "res", "Reserved", "Must be 0"),
    [F_AE] = FLAG(0x100, "ae", "Accurate ECN", "Congestion feedback (RFC 3540, now accurate ECN)"),
    [F_CWR] = FLAG(0x080, "cwr", "Congestion Window Reduced", "Its sender slowed down (RFC 3168)"),
    [F_ECE] = FLAG(0x040, "ece", "ECN-Echo", "A router marked congestion on the way here (RFC 3168)"),
    [F_URG] = FLAG(0x020, "urg", "Urgent", "The urgent pointer counts"),
    [F_ACK_FLAG] = FLAG(0x010, "ack", "Acknowledgment", "The acknowledgment number counts"),
    [F_PUSH] = FLAG(0x008, "push", "Push", "Hand the data to the application now"),
    [F_RESET] = FLAG(0x004, "reset", "Reset", "The connection is broken off"),
    [F_SYN] = FLAG(0x002, "syn", "Syn", "Opens the connection: numbers are synchronized"),
    [F_FIN] = FLAG(0x001, "fin", "Fin", "Its sender has nothing more to send"),
    [F_FLAGS_STR] = WT_ROW_SAID(WT_STRING, 0, 1, "tcp.flags.str", "TCP Flags", "The flags as letters", NULL),
    [F_WINDOW_RAW] = WT_ROW(struct tcp, window, WT_UINT16, WT_DEC, 14, 2, "tcp.window_size_value", "Window",
                            "Room in its sender's buffer, as it is in the header"),
    [F_WINDOW] = WT_ROW_SAID(WT_UINT32, WT_DEC, 0, "tcp.window_size", "Calculated window size",
                             "The same in bytes, scaled where the scale is known", NULL),
    [F_SCALE] = WT_ROW_SAID(WT_INT32, WT_DEC, 0, "tcp.window_size_scalefactor", "Window size scaling factor",
                            "What the window is multiplied by; -1: unknown, -2: not in use", NULL),
    [F_CHECKSUM] = WT_ROW(struct tcp, checksum, WT_UINT16, WT_HEX, 16, 2, "tcp.checksum", "Checksum", "As it came"),
    [F_STATUS] = WT_ROW_SAID(WT_UINT8, WT_DEC, 0, "tcp.checksum.status", "Checksum Status", "Whether it is right",
                             checksum_status_names),
    [F_CALCULATED] = WT_ROW_SAID(WT_UINT16, WT_HEX, 0, "tcp.checksum_calculated", "Calculated Checksum", "The right value", NULL),
    [F_URGENT] = WT_ROW(struct tcp, urgent, WT_UINT16, WT_DEC, 18, 2, "tcp.urgent_pointer", "Urgent Pointer",
                        "Where urgent data end, if the flag is set"),
    [F_OPTIONS] = WT_ROW_SAID(WT_BYTES, 0, 0, "tcp.options", "TCP Options", "All options as bytes", NULL),
    TCP_OPTION_ROWS(F_FIRST_OPTION),
    [F_TIME_RELATIVE] = WT_ROW_SAID(WT_DURATION, 0, 1, "tcp.time_relative", "Time since first frame in this TCP stream",
                                    "In seconds", NULL),
    [F_TIME_DELTA] = WT_ROW_SAID(WT_DURATION, 0, 1, "tcp.time_delta", "Time since previous frame in this TCP stream",
                                 "In seconds", NULL),
    [F_A_RETRANSMISSION] = ANALYSIS("retransmission", "This frame is a (suspected) retransmission", "Bytes that were sent before"),
    [F_A_FAST] = ANALYSIS("fast_retransmission", "This frame is a (suspected) fast retransmission",
                          "Sent again because of duplicate ACKs"),
    [F_A_SPURIOUS] = ANALYSIS("spurious_retransmission", "This frame is a (suspected) spurious retransmission",
                              "Sent again although it had been acknowledged"),
    [F_A_OUT_OF_ORDER] = ANALYSIS("out_of_order", "This frame is a (suspected) out-of-order segment", "Overtaken on its way"),
    [F_A_LOST] = ANALYSIS("lost_segment", "Previous segment(s) not captured (common at capture start)",
                          "Sequence numbers were jumped over"),
    [F_A_ACK_LOST] = ANALYSIS("ack_lost_segment", "ACKed segment that wasn't captured (common at capture start)",
                              "It acknowledges what the capture does not hold"),
    [F_A_DUP_ACK] = ANALYSIS("duplicate_ack", "Duplicate ACK", "The same acknowledgment again: something later arrived"),
    [F_A_KEEP_ALIVE] = ANALYSIS("keep_alive", "This is a TCP keep-alive segment", "Asks whether the other side is there"),
    [F_A_KEEP_ALIVE_ACK] = ANALYSIS("keep_alive_ack", "This is an ACK to a TCP keep-alive segment", "It is"),
    [F_A_ZERO_WINDOW] = ANALYSIS("zero_window", "This is a ZeroWindow segment", "Its sender has no room: stop"),
    [F_A_WINDOW_UPDATE] = ANALYSIS("window_update", "This is a tcp window update", "Its sender has room again"),
    [F_A_PROBE] = ANALYSIS("zero_window_probe", "This is a TCP zero-window-probe", "Asks whether there is room again"),
    [F_A_WINDOW_FULL] = ANALYSIS("window_full", "TCP window specified by the receiver is now completely full",
                                 "Its sender must wait for room"),
    [F_A_REUSED] = ANALYSIS("reused_ports", "A new tcp session is started with the same ports as an earlier session in this trace",
                            "The addresses and ports were used before"),
    [F_A_FLAGS] = ANALYSIS("flags", "TCP Analysis Flags", "There is something to say about this segment"),
    [F_A_DUP_NUM] = WT_ROW_SAID(WT_UINT32, WT_DEC, 1, "tcp.analysis.duplicate_ack_num", "Duplicate ACK #", "Which of its series", NULL),
    [F_A_DUP_FRAME] = WT_ROW_SAID(WT_FRAMENUM, 0, 1, "tcp.analysis.duplicate_ack_frame", "Duplicate to the ACK in frame",
                                  "The first ACK of the series", NULL),
    [F_A_ACKS_FRAME] = WT_ROW_SAID(WT_FRAMENUM, 0, 1, "tcp.analysis.acks_frame", "This is an ACK to the segment in frame",
                                   "The last segment that it acknowledges", NULL),
    [F_A_ACK_RTT] = WT_ROW_SAID(WT_DURATION, 0, 1, "tcp.analysis.ack_rtt", "The RTT to ACK the segment was",
                                "From that segment to this ACK, in seconds", NULL),
    [F_A_INITIAL_RTT] = WT_ROW_SAID(WT_DURATION, 0, 1, "tcp.analysis.initial_rtt", "iRTT",
                                    "From the SYN to the ACK that completed the handshake, in seconds", NULL),
    [F_A_FLIGHT] = WT_ROW_SAID(WT_UINT32, WT_DEC, 1, "tcp.analysis.bytes_in_flight", "Bytes in flight",
                               "Bytes that its sender has sent and that were not acknowledged yet", NULL),
    [F_A_PUSH_BYTES] = WT_ROW_SAID(WT_UINT32, WT_DEC, 1, "tcp.analysis.push_bytes_sent", "Bytes sent since last PSH flag",
                                   "Bytes since the last segment with PSH, these included", NULL),
    [F_A_PROBE_ACK] = ANALYSIS("zero_window_probe_ack", "This is an ACK to a TCP zero-window-probe", "There still is no room"),
    [F_A_RTO] = WT_ROW_SAID(WT_DURATION, 0, 1, "tcp.analysis.rto", "The RTO for this segment was",
                            "Since the oldest segment that waits for its ACK, in seconds", NULL),
    [F_A_RTO_FRAME] = WT_ROW_SAID(WT_FRAMENUM, 0, 1, "tcp.analysis.rto_frame", "RTO based on delta from frame",
                                  "The frame of that segment", NULL),
    [F_ANALYSIS] = WT_ROW_SAID(WT_NONE, 0, 0, "tcp.analysis", "SEQ/ACK analysis", "What the segment did, as far as the others tell", NULL),
    [F_PAYLOAD] = WT_ROW_SAID(WT_BYTES, 0, 0, "tcp.payload", "TCP payload", "What it carries", NULL),
};

enum wt_cut tcp_decode_cut(struct wt_cursor *c, struct tcp *h)
{
    h->src_port = wt_read_be16(c);
    h->dst_port = wt_read_be16(c);
    h->seq = wt_read_be32(c);
    h->ack = wt_read_be32(c);
    uint16_t flags = wt_read_be16(c);
    h->header_bytes = (uint8_t)((flags >> 12) * 4);
    h->flags = flags & 0xfff;
    h->window = wt_read_be16(c);
    h->checksum = wt_read_be16(c);
    h->urgent = wt_read_be16(c);
    h->options = (struct wt_slice){ 0 };
    return c->cut;
}

static enum wt_cut decode(struct wt_cursor *c, void *header)
{
    return tcp_decode(c, header);
}

/* What a segment carries is for the stream to say, not for its ports. */
static void next(const void *header, struct wt_next *n)
{
    (void)header;
    *n = (struct wt_next){ WT_KEY_NONE, { WT_NO_KEY, WT_NO_KEY }, WT_NO_LIMIT };
}

static const struct {
    uint64_t did;
    unsigned row;
} analysis[] = {
    { WT_DID_FAST_RETRANSMIT, F_A_FAST }, { WT_DID_SPURIOUS, F_A_SPURIOUS }, { WT_DID_RETRANSMIT, F_A_RETRANSMISSION },
    { WT_DID_OUT_OF_ORDER, F_A_OUT_OF_ORDER }, { WT_DID_GAP_BEFORE, F_A_LOST }, { WT_DID_ACKED_UNSEEN, F_A_ACK_LOST },
    { WT_DID_DUP_ACK, F_A_DUP_ACK }, { WT_DID_KEEP_ALIVE, F_A_KEEP_ALIVE }, { WT_DID_KEEP_ALIVE_ACK, F_A_KEEP_ALIVE_ACK },
    { WT_DID_ZERO_WINDOW, F_A_ZERO_WINDOW }, { WT_DID_WINDOW_UPDATE, F_A_WINDOW_UPDATE },
    { WT_DID_ZERO_WINDOW_PROBE, F_A_PROBE }, { WT_DID_ZERO_WINDOW_PROBE_ACK, F_A_PROBE_ACK }, { WT_DID_WINDOW_FULL, F_A_WINDOW_FULL }, { WT_DID_REUSE | WT_DID_ISN_CHANGED, F_A_REUSED },
};

static uint64_t all_analysis(void)
{
    uint64_t all = 0;
    for (size_t i = 0; i < sizeof analysis / sizeof analysis[0]; i++)
        all |= analysis[i].did;
    return all;
}

static void describe_analysis(const struct wt_layer_view *v, struct wt_sink *sink)
{
    bool any = false;
    for (size_t i = 0; i < sizeof analysis / sizeof analysis[0]; i++) {
        if (!(v->context->did & analysis[i].did))
            continue;
        any = true;
        wt_say_number(v, sink, &fields[analysis[i].row], 1, 0, 0);
    }
    if (any)
        wt_say_number(v, sink, &fields[F_A_FLAGS], 1, 0, 0);
    if (v->context->did & WT_DID_DUP_ACK) {
        wt_say_number(v, sink, &fields[F_A_DUP_ACK], 1, 0, 0);   /* the flag, and the remark that it is one */
        wt_say_number(v, sink, &fields[F_A_DUP_NUM], v->context->dup_ack_count, 0, 0);
        wt_say_number(v, sink, &fields[F_A_DUP_FRAME], v->context->dup_ack_frame, 0, 0);
    }
}

static void describe_times(const struct wt_layer_view *v, struct wt_sink *sink)
{
    const struct wt_context *c = v->context;
    if (c->acked_frame)
        wt_say_number(v, sink, &fields[F_A_ACKS_FRAME], c->acked_frame, 0, 0);
    if (c->ack_rtt_ns)
        wt_say_number(v, sink, &fields[F_A_ACK_RTT], (uint64_t)c->ack_rtt_ns, 0, 0);
    if (c->initial_rtt_ns)
        wt_say_number(v, sink, &fields[F_A_INITIAL_RTT], (uint64_t)c->initial_rtt_ns, 0, 0);
    if (c->bytes_in_flight) {
        wt_say_number(v, sink, &fields[F_A_FLIGHT], c->bytes_in_flight, 0, 0);
        wt_say_number(v, sink, &fields[F_A_PUSH_BYTES], c->push_bytes, 0, 0);
    }
    if (c->rto_frame && c->rto_ns) {
        wt_say_number(v, sink, &fields[F_A_RTO], (uint64_t)c->rto_ns, 0, 0);
        wt_say_number(v, sink, &fields[F_A_RTO_FRAME], c->rto_frame, 0, 0);
    }
}

static const struct wt_context *context_of(const struct wt_layer_view *v, unsigned has)
{
    bool ours = v->context && v->packet && v->packet->transport_layer < WT_MAX_LAYERS
        && v->layer == &v->packet->layers[v->packet->transport_layer];
    return ours && (v->context->has & has) == has ? v->context : NULL;
}

/* In the packet that an ICMP error quotes: the error belongs to that connection. */
static bool is_quoted(const struct wt_layer_view *v)
{
    return v->packet && (v->packet->flags & WT_PACKET_ICMP_ERROR) && v->packet->transport_layer < WT_MAX_LAYERS
        && v->layer > &v->packet->layers[v->packet->transport_layer];
}

static void describe_numbers(const struct wt_layer_view *v, struct wt_sink *sink)
{
    const struct tcp *h = v->header;
    const struct wt_context *c = context_of(v, WT_HAS_TCP);
    wt_say_number(v, sink, &fields[F_SEQ], c ? c->seq_relative : h->seq, 4, 4);
    wt_describe_rows(v, sink, F_SEQ_RAW, F_SEQ_RAW + 1);
    if (c)
        wt_say_number(v, sink, &fields[F_NXTSEQ], c->next_seq_relative, 0, 0);
    if (v->bytes.len >= 12)
        wt_say_number(v, sink, &fields[F_ACK], c ? c->ack_relative : h->ack, 8, 4);
    wt_describe_rows(v, sink, F_ACK_RAW, F_ACK_RAW + 1);
}

static void describe_flags(const struct wt_layer_view *v, struct wt_sink *sink)
{
    /* U+00B7 for a flag that is not set, as in Wireshark. */
    static const char letters[] = "FSRPAUEC";
    const struct tcp *h = v->header;
    char text[32];
    struct wt_text t = { text, sizeof text, 0, false };
    wt_describe_rows(v, sink, F_FLAGS, F_FLAGS_STR);
    if (v->bytes.len < 14 || (sink->wants && !sink->wants(sink, &fields[F_FLAGS_STR])))
        return;
    static const char reserved[] = "RRR";
    for (int i = 0; i < 3; i++)
        wt_text_add(&t, "%.*s", h->flags & 0x800 >> i ? 1 : 2, h->flags & 0x800 >> i ? reserved : "\xc2\xb7");
    wt_text_add(&t, "%s", h->flags & 0x100 ? "A" : "\xc2\xb7");
    for (int i = 7; i >= 0; i--)
        wt_text_add(&t, "%.*s", h->flags & 1 << i ? 1 : 2, h->flags & 1 << i ? letters + i : "\xc2\xb7");
    wt_say_bytes(v, sink, &fields[F_FLAGS_STR], (struct wt_slice){ (const uint8_t *)text, t.len }, 12, 2);
}

static void describe_window(const struct wt_layer_view *v, struct wt_sink *sink)
{
    const struct tcp *h = v->header;
    const struct wt_context *c = context_of(v, WT_HAS_TCP);
    wt_describe_rows(v, sink, F_WINDOW_RAW, F_WINDOW_RAW + 1);
    if (v->bytes.len < 16)
        return;
    wt_say_number(v, sink, &fields[F_WINDOW], c ? c->window_scaled : h->window, 14, 2);
    int scale = v->context ? v->context->window_scale : -1;
    bool quoted = v->context && is_quoted(v) && v->bytes.len >= 20 && v->context->has & WT_HAS_COMPAT;
    if ((c || quoted) && !(h->flags & WT_FLAG_SYN))
        wt_say_number(v, sink, &fields[F_SCALE], scale < 0 ? (uint64_t)(int64_t)scale : UINT64_C(1) << (scale & 15), 14, 2);
}

static void describe_checksum(const struct wt_layer_view *v, struct wt_sink *sink)
{
    static const uint8_t status[WT_CKSUM_KINDS] = { 2, 1, 0, 3, 4, 2, 5 };
    const struct wt_context *c = context_of(v, 0);
    wt_describe_rows(v, sink, F_CHECKSUM, F_CHECKSUM + 1);
    if (!c || v->bytes.len < 18 || c->transport_checksum == WT_CKSUM_UNCHECKED)
        return;
    wt_say_number(v, sink, &fields[F_STATUS], status[c->transport_checksum % WT_CKSUM_KINDS], 16, 2);
    if (c->transport_checksum == WT_CKSUM_BAD || c->transport_checksum == WT_CKSUM_PARTIAL)
        wt_say_number(v, sink, &fields[F_CALCULATED], c->transport_checksum_expected, 16, 2);
}

/* As tshark takes it: a first fragment, or a header that is longer than its segment. */
static bool lacks_length(const struct wt_layer_view *v)
{
    const struct wt_packet *p = v->packet;
    bool fragment = p->key.family == 4 && p->ip_flags & 1 && !(p->flags & WT_PACKET_REASSEMBLED);
    return v->context->has & WT_HAS_COMPAT && (fragment || v->layer->cut == WT_CUT_BY_SENDER);
}

static void describe(const struct wt_layer_view *v, struct wt_sink *sink)
{
    const struct tcp *h = v->header;
    const struct wt_context *c = context_of(v, 0);
    bool quoted = is_quoted(v) && v->bytes.len >= 20;
    wt_describe_rows(v, sink, F_SRC, F_STREAM);
    bool compat = v->context && v->context->has & WT_HAS_COMPAT;
    if (v->bytes.len < (compat && !is_quoted(v) ? 16 : 8))
        return;
    if (v->context && (v->context->has & WT_HAS_STREAM) && (c || quoted))
        wt_say_number(v, sink, &fields[F_STREAM], v->context->stream, 0, 0);
    if (v->context && (v->context->has & WT_HAS_COMPLETENESS) && (c || quoted))
        wt_say_number(v, sink, &fields[F_COMPLETENESS], v->context->completeness, 0, 0);
    if (c && !lacks_length(v))
        wt_say_number(v, sink, &fields[F_LEN], c->payload_bytes, 12, 1);
    describe_numbers(v, sink);
    wt_describe_rows(v, sink, F_HDR_LEN, F_FLAGS);
    describe_flags(v, sink);
    describe_window(v, sink);
    describe_checksum(v, sink);
    wt_describe_rows(v, sink, F_URGENT, F_OPTIONS);
    if (h->options.len) {
        wt_say_bytes(v, sink, &fields[F_OPTIONS], h->options, 20, h->options.len);
        tcp_describe_options(v, sink, &fields[F_FIRST_OPTION]);
    }
    if (v->context && (v->context->has & WT_HAS_TIMES) && (c || quoted) && v->bytes.len >= 20) {
        sink->open(sink, NULL, (struct wt_value){ 0 }, wt_view_span(v, 0, 0), "Timestamps");
        wt_say_number(v, sink, &fields[F_TIME_RELATIVE], (uint64_t)v->context->time_relative_ns, 0, 0);
        wt_say_number(v, sink, &fields[F_TIME_DELTA], (uint64_t)v->context->time_delta_ns, 0, 0);
        sink->close(sink);
    }
    if (c && (c->did & all_analysis() || c->acked_frame || c->ack_rtt_ns || c->initial_rtt_ns || c->bytes_in_flight
              || (c->rto_frame && c->rto_ns))) {
        sink->open(sink, &fields[F_ANALYSIS], (struct wt_value){ 0 }, wt_view_span(v, 0, 0), NULL);
        describe_times(v, sink);
        describe_analysis(v, sink);
        sink->close(sink);
    }
    bool told = quoted && h->header_bytes >= 20;
    if (((c && c->payload_bytes) || told) && v->bytes.len > h->header_bytes)
        wt_say_bytes(v, sink, &fields[F_PAYLOAD],
                     (struct wt_slice){ v->bytes.at + h->header_bytes, v->bytes.len - h->header_bytes }, h->header_bytes,
                     v->bytes.len - h->header_bytes);
}

static void add_prefixes(const struct wt_context *c, struct wt_text *info)
{
    static const struct { uint64_t did; const char *text; } prefixes[] = {
        { WT_DID_REUSE, "[TCP Port numbers reused] " }, { WT_DID_SPURIOUS, "[TCP Spurious Retransmission] " },
        { WT_DID_FAST_RETRANSMIT, "[TCP Fast Retransmission] " }, { WT_DID_OUT_OF_ORDER, "[TCP Out-Of-Order] " },
        { WT_DID_GAP_BEFORE, "[TCP Previous segment not captured] " }, { WT_DID_ACKED_UNSEEN, "[TCP ACKed unseen segment] " },
        { WT_DID_WINDOW_FULL, "[TCP Window Full] " }, { WT_DID_DUP_ACK, "[TCP Dup ACK] " },
        { WT_DID_KEEP_ALIVE_ACK, "[TCP Keep-Alive ACK] " }, { WT_DID_KEEP_ALIVE, "[TCP Keep-Alive] " },
        { WT_DID_ZERO_WINDOW_PROBE, "[TCP ZeroWindowProbe] " }, { WT_DID_ZERO_WINDOW, "[TCP ZeroWindow] " },
        { WT_DID_WINDOW_UPDATE, "[TCP Window Update] " },
    };
    if ((c->did & WT_DID_RETRANSMIT) && !(c->did & (WT_DID_SPURIOUS | WT_DID_FAST_RETRANSMIT)))
        wt_text_add(info, "[TCP Retransmission] ");
    for (size_t i = 0; i < sizeof prefixes / sizeof prefixes[0]; i++)
        if (c->did & prefixes[i].did)
            wt_text_add(info, "%s", prefixes[i].text);
}

static void add_options(const struct tcp *h, struct wt_text *info)
{
    struct wt_tcp_summary s = { .wscale = 255 };
    tcp_read_options(h->options, &s);
    if (s.mss)
        wt_text_add(info, " MSS=%u", s.mss);
    if (s.wscale != 255 && (h->flags & WT_FLAG_SYN))
        wt_text_add(info, " WS=%u", 1u << s.wscale);
    if (s.sack_permitted)
        wt_text_add(info, " SACK_PERM");
    if (s.has_timestamps)
        wt_text_add(info, " TSval=%u TSecr=%u", s.ts_val, s.ts_ecr);
    if (s.fast_open)
        wt_text_add(info, s.fast_open > 1 ? " TFO=C" : " TFO=R");
}

static void summarise(const struct wt_layer_view *v, struct wt_text *info)
{
    static const char *const names[] = { "FIN", "SYN", "RST", "PSH", "ACK", "URG", "ECE", "CWR", "AE" };
    const struct tcp *h = v->header;
    const struct wt_context *c = context_of(v, WT_HAS_TCP);
    bool first = true;
    if (c)
        add_prefixes(c, info);
    wt_text_add(info, "%u \xe2\x86\x92 %u [", h->src_port, h->dst_port);
    for (unsigned i = 0; i < 9; i++) {
        if (h->flags & 1u << i) {
            wt_text_add(info, "%s%s", first ? "" : ", ", names[i]);
            first = false;
        }
    }
    wt_text_add(info, "%s] Seq=%u", first ? "<None>" : "", c ? c->seq_relative : h->seq);
    if (h->flags & WT_FLAG_ACK)
        wt_text_add(info, " Ack=%u", c ? c->ack_relative : h->ack);
    wt_text_add(info, " Win=%u", c ? c->window_scaled : h->window);
    if (c)
        wt_text_add(info, " Len=%u", c->payload_bytes);
    add_options(h, info);
}

const struct wt_dissector tcp_dissector = {
    .name = "tcp", .short_name = "TCP", .title = "Transmission Control Protocol",
    .references = "RFC 9293, RFC 7323, RFC 2018, RFC 3168", .role = WT_ROLE_TRANSPORT, .key_count = 1,
    .field_count = F_COUNT, .header_size = sizeof(struct tcp), .keys = keys, .fields = fields, .decode = decode,
    .next = next, .describe = describe, .summarise = summarise,
};

/* TCP options: RFC 9293 3.1 (EOL, NOP, MSS), RFC 7323 (window scale, timestamps), RFC 2018 (SACK), RFC 7413 (Fast Open),
 * RFC 8684 (MPTCP), RFC 5482 (user timeout), RFC 2385, RFC 5925. */
#include "dissectors/tcp_options.h"

#include <stddef.h>

enum { EOL = 0, NOP = 1, MSS = 2, WSCALE = 3, SACK_PERM = 4, SACK = 5, TIMESTAMP = 8, MD5 = 19, UTO = 28, AO = 29, MPTCP = 30,
       TFO = 34, EXP_1 = 253, EXP_2 = 254 };
#define TFO_MAGIC 0xf989    /* Fast Open before it had a number of its own, RFC 6994 */

const struct wt_value_name tcp_mptcp_names[] = {
    { 0, "Multipath Capable" }, { 1, "Join Connection" }, { 2, "Data Sequence Signal" }, { 3, "Add Address" },
    { 4, "Remove Address" }, { 5, "Change Subflow Priority" }, { 6, "TCP Fallback" }, { 7, "Fast Close" },
    { 8, "TCP Reset" }, { 0, NULL },
};

static void read_sack(const uint8_t *p, size_t len, struct wt_tcp_summary *s)
{
    for (size_t i = 0; i + 8 <= len && s->sack_count < WT_MAX_SACK_BLOCKS; i += 8) {
        s->sack[s->sack_count][0] = wt_be32(p + i);
        s->sack[s->sack_count++][1] = wt_be32(p + i + 4);
    }
}

static void read_option(uint8_t kind, const uint8_t *p, size_t len, struct wt_tcp_summary *s)
{
    switch (kind) {
    case MSS:
        if (len == 2)
            s->mss = wt_be16(p);
        break;
    case WSCALE:
        if (len == 1)
            s->wscale = p[0] > 14 ? 14 : p[0];   /* RFC 7323 2.3 */
        break;
    case SACK_PERM:
        s->sack_permitted = 1;
        break;
    case SACK:
        read_sack(p, len, s);
        break;
    case TIMESTAMP:
        if (len == 8) {
            s->has_timestamps = 1;
            s->ts_val = wt_be32(p);
            s->ts_ecr = wt_be32(p + 4);
        }
        break;
    case TFO:
        s->fast_open = (uint8_t)(1 + len);
        break;
    case EXP_1: case EXP_2:
        if (len >= 2 && wt_be16(p) == TFO_MAGIC)
            s->fast_open = (uint8_t)(1 + len - 2);
        break;
    case MPTCP:
        s->mptcp = 1;
        break;
    default:
        break;
    }
}

void tcp_read_any_options(struct wt_slice options, struct wt_tcp_summary *s)
{
    const uint8_t *p = options.at;
    size_t left = options.len;
    while (left) {
        if (*p == EOL)
            return;
        if (*p == NOP) {
            p++;
            left--;
            continue;
        }
        if (left < 2 || p[1] < 2 || p[1] > left)
            return;
        read_option(p[0], p + 2, p[1] - 2u, s);
        left -= p[1];
        p += p[1];
    }
}

static int row_of(uint8_t kind)
{
    switch (kind) {
    case EOL: return TO_EOL;
    case NOP: return TO_NOP;
    case MSS: return TO_MSS;
    case WSCALE: return TO_WSCALE;
    case SACK_PERM: return TO_SACK_PERM;
    case SACK: return TO_SACK;
    case TIMESTAMP: return TO_TIMESTAMP;
    case MD5: return TO_MD5;
    case UTO: return TO_UTO;
    case AO: return TO_AO;
    case MPTCP: return TO_MPTCP;
    case TFO: return TO_TFO;
    case EXP_1: case EXP_2: return TO_EXP;
    default: return TO_UNKNOWN;
    }
}

static void describe_sack(const struct wt_layer_view *v, struct wt_sink *sink, const struct wt_field *rows,
                          struct wt_slice data, size_t at)
{
    /* Edges are relative to what the other side sent: its numbers are this segment's acknowledgment numbers. */
    const struct tcp *h = v->header;
    uint32_t base = v->context && (v->context->has & WT_HAS_ACK) ? h->ack - v->context->ack_relative : 0;
    for (size_t i = 0; i + 8 <= data.len; i += 8) {
        wt_say_number(v, sink, &rows[TO_SACK_LE], wt_be32(data.at + i) - base, at + i, 4);
        wt_say_number(v, sink, &rows[TO_SACK_RE], wt_be32(data.at + i + 4) - base, at + i + 4, 4);
    }
    wt_say_number(v, sink, &rows[TO_SACK_COUNT], data.len / 8, 0, 0);
}

static void describe_body(const struct wt_layer_view *v, struct wt_sink *sink, const struct wt_field *rows, uint8_t kind,
                          struct wt_slice data, size_t at)
{
    switch (kind) {
    case MSS:
        if (data.len == 2)
            wt_say_number(v, sink, &rows[TO_MSS_VAL], wt_be16(data.at), at, 2);
        break;
    case WSCALE:
        if (data.len == 1) {
            wt_say_number(v, sink, &rows[TO_WSCALE_SHIFT], data.at[0], at, 1);
            wt_say_number(v, sink, &rows[TO_WSCALE_MULT], UINT64_C(1) << (data.at[0] > 14 ? 14 : data.at[0]), at, 1);
        }
        break;
    case SACK:
        describe_sack(v, sink, rows, data, at);
        break;
    case TIMESTAMP:
        if (data.len == 8) {
            wt_say_number(v, sink, &rows[TO_TSVAL], wt_be32(data.at), at, 4);
            wt_say_number(v, sink, &rows[TO_TSECR], wt_be32(data.at + 4), at + 4, 4);
        }
        break;
    case TFO:
        if (data.len)
            wt_say_bytes(v, sink, &rows[TO_TFO_COOKIE], data, at, data.len);
        else
            wt_say_number(v, sink, &rows[TO_TFO_REQUEST], 1, at - 2, 2);
        break;
    case MPTCP:
        if (data.len)
            wt_say_number(v, sink, &rows[TO_MPTCP_SUBTYPE], data.at[0] >> 4, at, 1);
        break;
    case UTO:
        if (data.len == 2)
            wt_say_number(v, sink, &rows[TO_UTO_VALUE], wt_be16(data.at) & 0x7fff, at, 2);
        break;
    case MD5:
        if (data.len)
            wt_say_bytes(v, sink, &rows[TO_MD5_DIGEST], data, at, data.len);
        break;
    default:
        break;
    }
}

void tcp_describe_options(const struct wt_layer_view *v, struct wt_sink *sink, const struct wt_field *rows)
{
    const struct tcp *h = v->header;
    struct wt_cursor c = wt_cursor_of(h->options);
    size_t at = 20;
    while (c.captured && c.cut == WT_WHOLE) {
        uint8_t kind = wt_read_u8(&c), len = 1;
        if (kind != EOL && kind != NOP) {
            len = wt_read_u8(&c);
            if (c.cut != WT_WHOLE || len < 2 || len - 2u > c.captured) {
                if (v->layer && v->layer->cut == WT_CUT_BY_SNAPLEN) {
                    if (kind == TIMESTAMP && c.captured >= 4)
                        wt_say_number(v, sink, &rows[TO_TSVAL], wt_be32(c.at), at + 2, 4);
                    return;
                }
                sink->note(sink, "An option's length contradicts the header's", wt_view_span(v, at, 1));
                return;
            }
        }
        struct wt_slice data = wt_read_slice(&c, len > 1 ? len - 2u : 0);
        const struct wt_field *row = &rows[row_of(kind)];
        struct wt_value whole = { .bytes = { h->options.at + (at - 20), len } };
        if (!sink->wants || sink->wants(sink, row) || sink->wants(sink, &rows[TO_KIND]) || data.len) {
            sink->open(sink, row, whole, wt_view_span(v, at, len), row->label);
            wt_say_number(v, sink, &rows[TO_KIND], kind, at, 1);
            if (len > 1)
                wt_say_number(v, sink, &rows[TO_LEN], len, at + 1, 1);
            describe_body(v, sink, rows, kind, data, at + 2);
            sink->close(sink);
        }
        at += len;
        if (kind == EOL)
            return;
    }
}

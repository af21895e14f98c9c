#ifndef DISSECTORS_TCP_OPTIONS_H
#define DISSECTORS_TCP_OPTIONS_H

#include "dissectors/tcp.h"

/* Options of a TCP header into a sink. `rows`: the first of the option rows of tcp.c's table. */
void tcp_describe_options(const struct wt_layer_view *v, struct wt_sink *sink, const struct wt_field *rows);

/* The rows, in tcp.c's table from the one given above. */
enum {
    TO_KIND, TO_LEN, TO_NOP, TO_EOL, TO_MSS, TO_MSS_VAL, TO_WSCALE, TO_WSCALE_SHIFT, TO_WSCALE_MULT, TO_SACK_PERM, TO_SACK,
    TO_SACK_COUNT, TO_SACK_LE, TO_SACK_RE, TO_TIMESTAMP, TO_TSVAL, TO_TSECR, TO_TFO, TO_TFO_COOKIE, TO_TFO_REQUEST, TO_MPTCP,
    TO_MPTCP_SUBTYPE, TO_UTO, TO_UTO_VALUE, TO_MD5, TO_MD5_DIGEST, TO_AO, TO_EXP, TO_UNKNOWN, TO_COUNT
};
#define TCP_OPTION_ROWS(at) \
    [at + TO_KIND] = WT_ROW_SAID(WT_UINT8, WT_DEC, 2, "tcp.option_kind", "Kind", "Which option", NULL), \
    [at + TO_LEN] = WT_ROW_SAID(WT_UINT8, WT_DEC, 2, "tcp.option_len", "Length", "Bytes of the option", NULL), \
    [at + TO_NOP] = WT_ROW_SAID(WT_BYTES, 0, 1, "tcp.options.nop", "TCP Option - No-Operation (NOP)", "Padding", NULL), \
    [at + TO_EOL] = WT_ROW_SAID(WT_BYTES, 0, 1, "tcp.options.eol", "TCP Option - End of Option List (EOL)", "No more options", NULL), \
    [at + TO_MSS] = WT_ROW_SAID(WT_BYTES, 0, 1, "tcp.options.mss", "TCP Option - Maximum segment size", \
                                "Largest segment that its sender takes (RFC 9293 3.7.1)", NULL), \
    [at + TO_MSS_VAL] = WT_ROW_SAID(WT_UINT16, WT_DEC, 2, "tcp.options.mss_val", "MSS Value", "In bytes", NULL), \
    [at + TO_WSCALE] = WT_ROW_SAID(WT_BYTES, 0, 1, "tcp.options.wscale", "TCP Option - Window scale", \
                                   "Its sender's windows are to be shifted (RFC 7323 2)", NULL), \
    [at + TO_WSCALE_SHIFT] = WT_ROW_SAID(WT_UINT8, WT_DEC, 2, "tcp.options.wscale.shift", "Shift count", "By so many bits", NULL), \
    [at + TO_WSCALE_MULT] = WT_ROW_SAID(WT_UINT16, WT_DEC, 2, "tcp.options.wscale.multiplier", "Multiplier", "The same as a factor", NULL), \
    [at + TO_SACK_PERM] = WT_ROW_SAID(WT_BYTES, 0, 1, "tcp.options.sack_perm", "TCP Option - SACK permitted", \
                                      "Its sender understands selective acknowledgments (RFC 2018 2)", NULL), \
    [at + TO_SACK] = WT_ROW_SAID(WT_BYTES, 0, 1, "tcp.options.sack", "TCP Option - SACK", \
                                 "Data that arrived out of order (RFC 2018 3)", NULL), \
    [at + TO_SACK_COUNT] = WT_ROW_SAID(WT_UINT8, WT_DEC, 2, "tcp.options.sack.count", "TCP SACK Count", "How many blocks", NULL), \
    [at + TO_SACK_LE] = WT_ROW_SAID(WT_UINT32, WT_DEC, 2, "tcp.options.sack_le", "TCP SACK Left Edge", \
                                    "First sequence number of a block, relative where the start is known", NULL), \
    [at + TO_SACK_RE] = WT_ROW_SAID(WT_UINT32, WT_DEC, 2, "tcp.options.sack_re", "TCP SACK Right Edge", "Behind the last of a block", NULL), \
    [at + TO_TIMESTAMP] = WT_ROW_SAID(WT_BYTES, 0, 1, "tcp.options.timestamp", "TCP Option - Timestamps", "RFC 7323 3", NULL), \
    [at + TO_TSVAL] = WT_ROW_SAID(WT_UINT32, WT_DEC, 2, "tcp.options.timestamp.tsval", "Timestamp value", "Its sender's clock", NULL), \
    [at + TO_TSECR] = WT_ROW_SAID(WT_UINT32, WT_DEC, 2, "tcp.options.timestamp.tsecr", "Timestamp echo reply", \
                                  "The clock value that it answers", NULL), \
    [at + TO_TFO] = WT_ROW_SAID(WT_BYTES, 0, 1, "tcp.options.tfo", "TCP Option - TCP Fast Open", "RFC 7413 4.1.1", NULL), \
    [at + TO_TFO_COOKIE] = WT_ROW_SAID(WT_BYTES, 0, 2, "tcp.options.tfo.cookie", "Fast Open Cookie", "Proof of an earlier handshake", NULL), \
    [at + TO_TFO_REQUEST] = WT_ROW_SAID(WT_NONE, 0, 2, "tcp.options.tfo.request", "Fast Open Cookie Request", "Asks for a cookie", NULL), \
    [at + TO_MPTCP] = WT_ROW_SAID(WT_BYTES, 0, 1, "tcp.options.mptcp", "TCP Option - Multipath TCP", "RFC 8684 3", NULL), \
    [at + TO_MPTCP_SUBTYPE] = WT_ROW_SAID(WT_UINT8, WT_DEC, 2, "tcp.options.mptcp.subtype", "Multipath TCP subtype", "What it is about", \
                                          tcp_mptcp_names), \
    [at + TO_UTO] = WT_ROW_SAID(WT_BYTES, 0, 1, "tcp.options.user_to", "TCP Option - User Timeout", "RFC 5482", NULL), \
    [at + TO_UTO_VALUE] = WT_ROW_SAID(WT_UINT16, WT_DEC, 2, "tcp.options.user_to_val", "User Timeout", "How long to try, in seconds or minutes", NULL), \
    [at + TO_MD5] = WT_ROW_SAID(WT_BYTES, 0, 1, "tcp.options.md5", "TCP Option - TCP MD5 signature", "RFC 2385", NULL), \
    [at + TO_MD5_DIGEST] = WT_ROW_SAID(WT_BYTES, 0, 2, "tcp.options.md5.digest", "MD5 digest", "Signature", NULL), \
    [at + TO_AO] = WT_ROW_SAID(WT_BYTES, 0, 1, "tcp.options.ao", "TCP Option - TCP AO", "Authentication, RFC 5925", NULL), \
    [at + TO_EXP] = WT_ROW_SAID(WT_BYTES, 0, 1, "tcp.options.experimental", "TCP Option - Experimental", "RFC 6994", NULL), \
    [at + TO_UNKNOWN] = WT_ROW_SAID(WT_BYTES, 0, 1, "tcp.options.unknown", "TCP Option - Unknown", "An option that is not known here", NULL)

extern const struct wt_value_name tcp_mptcp_names[];

#endif

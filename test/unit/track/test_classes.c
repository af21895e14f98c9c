/* Wireshark's analysis, as rows. What each row must say was printed by tshark 4.0.17 of captures made of these rows. */
#include "make.h"

#include "track/classes.h"

#define REUSE (WT_DID_REUSE | WT_DID_ISN_CHANGED)    /* one field in tshark */

struct said { uint32_t stream, seq, ack, completeness, flight, push_bytes; int ack_rtt_ms, initial_rtt_ms, rto_ms; };

struct row {
    char from;
    const char *flags;
    uint32_t seq, ack, len;
    uint16_t window;
    int ms;                       /* since the row before */
    uint64_t did;
    struct said said;
};

static const struct story {
    const char *name;
    struct row row[16];
} stories[] = {
    { "bytes in flight, until they are acknowledged", {
        { 'c', "S", 100, 0, 0, 1000, 10, 0,
          { 0, 0, 0, 0, 0, 0, 0, 0, 0 } },
        { 's', "SA", 300, 101, 0, 1000, 10, 0,
          { 0, 0, 1, 1, 0, 0, 10, 0, 0 } },
        { 'c', "A", 101, 301, 0, 1000, 10, 0,
          { 0, 1, 1, 3, 0, 0, 10, 20, 0 } },
        { 'c', "PA", 101, 301, 50, 1000, 10, 0,
          { 0, 1, 1, 7, 50, 50, 0, 20, 0 } },
        { 'c', "A", 151, 301, 50, 1000, 10, 0,
          { 0, 51, 1, 15, 100, 50, 0, 20, 0 } },
        { 'c', "PA", 201, 301, 50, 1000, 10, 0,
          { 0, 101, 1, 15, 150, 100, 0, 20, 0 } },
        { 's', "A", 301, 151, 0, 1000, 10, 0,
          { 0, 1, 51, 15, 0, 0, 30, 20, 0 } },
        { 'c', "A", 251, 301, 10, 1000, 10, 0,
          { 0, 151, 1, 15, 110, 10, 0, 20, 0 } },
        { 's', "A", 301, 261, 0, 1000, 10, 0,
          { 0, 1, 161, 15, 0, 0, 10, 20, 0 } },
        { 'c', "PA", 261, 301, 5, 1000, 10, 0,
          { 0, 161, 1, 15, 5, 15, 0, 20, 0 } },
    } },
    { "an ACK in the middle of a segment", {
        { 'c', "S", 100, 0, 0, 1000, 10, 0,
          { 0, 0, 0, 0, 0, 0, 0, 0, 0 } },
        { 's', "SA", 300, 101, 0, 1000, 10, 0,
          { 0, 0, 1, 1, 0, 0, 10, 0, 0 } },
        { 'c', "A", 101, 301, 0, 1000, 10, 0,
          { 0, 1, 1, 3, 0, 0, 10, 20, 0 } },
        { 'c', "A", 101, 301, 100, 1000, 10, 0,
          { 0, 1, 1, 7, 100, 100, 0, 20, 0 } },
        { 's', "A", 301, 151, 0, 1000, 10, 0,
          { 0, 1, 51, 15, 0, 0, 0, 0, 0 } },
        { 'c', "A", 201, 301, 100, 1000, 10, 0,
          { 0, 101, 1, 15, 150, 200, 0, 20, 0 } },
        { 's', "A", 301, 301, 0, 1000, 10, 0,
          { 0, 1, 201, 15, 0, 0, 10, 20, 0 } },
    } },
    { "nothing is in flight for certain behind a gap", {
        { 'c', "S", 100, 0, 0, 1000, 10, 0,
          { 0, 0, 0, 0, 0, 0, 0, 0, 0 } },
        { 's', "SA", 300, 101, 0, 1000, 10, 0,
          { 0, 0, 1, 1, 0, 0, 10, 0, 0 } },
        { 'c', "A", 101, 301, 0, 1000, 10, 0,
          { 0, 1, 1, 3, 0, 0, 10, 20, 0 } },
        { 's', "A", 301, 101, 100, 1000, 10, 0,
          { 0, 1, 1, 7, 100, 100, 0, 20, 0 } },
        { 's', "A", 501, 101, 100, 1000, 10, WT_DID_GAP_BEFORE,
          { 0, 201, 1, 15, 0, 0, 0, 20, 0 } },
        { 's', "A", 601, 101, 100, 1000, 10, 0,
          { 0, 301, 1, 15, 0, 0, 0, 0, 0 } },
        { 'c', "A", 101, 401, 0, 1000, 10, 0,
          { 0, 1, 101, 15, 0, 0, 30, 20, 0 } },
        { 'c', "A", 101, 401, 0, 1000, 10, WT_DID_DUP_ACK,
          { 0, 1, 101, 15, 0, 0, 0, 20, 0 } },
        { 'c', "A", 101, 401, 0, 1000, 10, WT_DID_DUP_ACK,
          { 0, 1, 101, 15, 0, 0, 0, 20, 0 } },
        { 's', "A", 401, 101, 100, 1000, 10, WT_DID_RETRANSMIT | WT_DID_FAST_RETRANSMIT,
          { 0, 101, 1, 15, 300, 200, 0, 20, 0 } },
        { 'c', "A", 101, 701, 0, 1000, 10, 0,
          { 0, 1, 401, 15, 0, 0, 50, 20, 0 } },
        { 's', "PA", 701, 101, 100, 1000, 10, 0,
          { 0, 401, 1, 15, 100, 300, 0, 20, 0 } },
    } },
    { "sent again after a timeout: since the oldest that waits", {
        { 'c', "S", 100, 0, 0, 1000, 10, 0,
          { 0, 0, 0, 0, 0, 0, 0, 0, 0 } },
        { 's', "SA", 300, 101, 0, 1000, 10, 0,
          { 0, 0, 1, 1, 0, 0, 10, 0, 0 } },
        { 'c', "A", 101, 301, 0, 1000, 10, 0,
          { 0, 1, 1, 3, 0, 0, 10, 20, 0 } },
        { 'c', "PA", 101, 301, 50, 1000, 10, 0,
          { 0, 1, 1, 7, 50, 50, 0, 20, 0 } },
        { 'c', "PA", 151, 301, 50, 1000, 10, 0,
          { 0, 51, 1, 15, 100, 50, 0, 20, 0 } },
        { 'c', "PA", 101, 301, 50, 1000, 300, WT_DID_RETRANSMIT,
          { 0, 1, 1, 15, 100, 50, 0, 20, 310 } },
        { 's', "A", 301, 201, 0, 1000, 10, 0,
          { 0, 1, 101, 15, 0, 0, 310, 20, 0 } },
    } },
    { "overtaken within a round trip", {
        { 'c', "S", 100, 0, 0, 1000, 10, 0,
          { 0, 0, 0, 0, 0, 0, 0, 0, 0 } },
        { 's', "SA", 300, 101, 0, 1000, 10, 0,
          { 0, 0, 1, 1, 0, 0, 10, 0, 0 } },
        { 'c', "A", 101, 301, 0, 1000, 10, 0,
          { 0, 1, 1, 3, 0, 0, 10, 20, 0 } },
        { 's', "A", 401, 101, 100, 1000, 10, WT_DID_GAP_BEFORE,
          { 0, 101, 1, 7, 0, 0, 0, 20, 0 } },
        { 's', "A", 301, 101, 100, 1000, 1, WT_DID_OUT_OF_ORDER,
          { 0, 1, 1, 15, 0, 0, 0, 20, 0 } },
    } },
    { "sent again although acknowledged", {
        { 'c', "S", 100, 0, 0, 1000, 10, 0,
          { 0, 0, 0, 0, 0, 0, 0, 0, 0 } },
        { 's', "SA", 300, 101, 0, 1000, 10, 0,
          { 0, 0, 1, 1, 0, 0, 10, 0, 0 } },
        { 'c', "A", 101, 301, 0, 1000, 10, 0,
          { 0, 1, 1, 3, 0, 0, 10, 20, 0 } },
        { 'c', "PA", 101, 301, 50, 1000, 10, 0,
          { 0, 1, 1, 7, 50, 50, 0, 20, 0 } },
        { 's', "A", 301, 151, 0, 1000, 10, 0,
          { 0, 1, 51, 15, 0, 0, 10, 20, 0 } },
        { 'c', "PA", 101, 301, 50, 1000, 300, WT_DID_RETRANSMIT | WT_DID_SPURIOUS,
          { 0, 1, 1, 15, 50, 50, 0, 20, 0 } },
    } },
    { "keep-alive and its answer", {
        { 'c', "S", 100, 0, 0, 1000, 10, 0,
          { 0, 0, 0, 0, 0, 0, 0, 0, 0 } },
        { 's', "SA", 300, 101, 0, 1000, 10, 0,
          { 0, 0, 1, 1, 0, 0, 10, 0, 0 } },
        { 'c', "A", 101, 301, 0, 1000, 10, 0,
          { 0, 1, 1, 3, 0, 0, 10, 20, 0 } },
        { 'c', "A", 100, 301, 0, 1000, 5000, WT_DID_KEEP_ALIVE,
          { 0, 0, 1, 7, 0, 0, 0, 20, 0 } },
        { 's', "A", 301, 101, 0, 1000, 10, WT_DID_KEEP_ALIVE_ACK,
          { 0, 1, 1, 7, 0, 0, 0, 20, 0 } },
        { 'c', "A", 100, 301, 1, 1000, 5000, WT_DID_KEEP_ALIVE,
          { 0, 0, 1, 7, 1, 1, 0, 20, 0 } },
        { 's', "A", 301, 101, 0, 1000, 10, WT_DID_KEEP_ALIVE_ACK,
          { 0, 1, 1, 15, 0, 0, 10, 20, 0 } },
    } },
    { "a window that closes, is probed, and opens", {
        { 'c', "S", 100, 0, 0, 1000, 10, 0,
          { 0, 0, 0, 0, 0, 0, 0, 0, 0 } },
        { 's', "SA", 300, 101, 0, 1000, 10, 0,
          { 0, 0, 1, 1, 0, 0, 10, 0, 0 } },
        { 'c', "A", 101, 301, 0, 1000, 10, 0,
          { 0, 1, 1, 3, 0, 0, 10, 20, 0 } },
        { 's', "A", 301, 101, 1000, 1000, 10, WT_DID_WINDOW_FULL,
          { 0, 1, 1, 7, 1000, 1000, 0, 20, 0 } },
        { 'c', "A", 101, 1301, 0, 0, 10, WT_DID_ZERO_WINDOW,
          { 0, 1, 1001, 15, 0, 0, 10, 20, 0 } },
        { 's', "A", 1301, 101, 1, 1000, 300, WT_DID_ZERO_WINDOW_PROBE,
          { 0, 1001, 1, 15, 1, 1001, 0, 20, 0 } },
        { 'c', "A", 101, 1301, 0, 0, 10, WT_DID_ZERO_WINDOW | WT_DID_ZERO_WINDOW_PROBE_ACK,
          { 0, 1, 1001, 15, 0, 0, 0, 20, 0 } },
        { 'c', "A", 101, 1301, 0, 700, 10, WT_DID_WINDOW_UPDATE,
          { 0, 1, 1001, 15, 0, 0, 0, 20, 0 } },
        { 's', "A", 1301, 101, 200, 1000, 10, 0,
          { 0, 1001, 1, 15, 200, 1201, 0, 20, 0 } },
    } },
    { "acknowledged, and nothing seen", {
        { 'c', "S", 100, 0, 0, 1000, 10, 0,
          { 0, 0, 0, 0, 0, 0, 0, 0, 0 } },
        { 's', "SA", 300, 101, 0, 1000, 10, 0,
          { 0, 0, 1, 1, 0, 0, 10, 0, 0 } },
        { 'c', "A", 101, 301, 0, 1000, 10, 0,
          { 0, 1, 1, 3, 0, 0, 10, 20, 0 } },
        { 'c', "A", 101, 701, 0, 1000, 10, WT_DID_ACKED_UNSEEN,
          { 0, 1, 401, 7, 0, 0, 0, 20, 0 } },
        { 'c', "A", 101, 801, 0, 1000, 10, 0,
          { 0, 1, 501, 7, 0, 0, 0, 20, 0 } },
    } },
    { "another connection on the same ports", {
        { 'c', "S", 100, 0, 0, 1000, 10, 0,
          { 0, 0, 0, 0, 0, 0, 0, 0, 0 } },
        { 's', "SA", 300, 101, 0, 1000, 10, 0,
          { 0, 0, 1, 1, 0, 0, 10, 0, 0 } },
        { 'c', "A", 101, 301, 0, 1000, 10, 0,
          { 0, 1, 1, 3, 0, 0, 10, 20, 0 } },
        { 'c', "FA", 101, 301, 0, 1000, 10, 0,
          { 0, 1, 1, 7, 0, 0, 0, 0, 0 } },
        { 's', "FA", 301, 102, 0, 1000, 10, 0,
          { 0, 1, 2, 23, 0, 0, 10, 20, 0 } },
        { 'c', "A", 102, 302, 0, 1000, 10, 0,
          { 0, 2, 2, 23, 0, 0, 10, 20, 0 } },
        { 'c', "S", 9000, 0, 0, 1000, 10, REUSE,
          { 1, 0, 0, 1, 0, 0, 0, 0, 0 } },
        { 's', "SA", 8000, 9001, 0, 1000, 10, 0,
          { 1, 0, 1, 1, 0, 0, 10, 0, 0 } },
        { 'c', "A", 9001, 8001, 0, 1000, 10, 0,
          { 1, 1, 1, 3, 0, 0, 10, 20, 0 } },
    } },
    { "a SYN-ACK with another number", {
        { 'c', "S", 100, 0, 0, 1000, 10, 0,
          { 0, 0, 0, 0, 0, 0, 0, 0, 0 } },
        { 's', "SA", 300, 101, 0, 1000, 10, 0,
          { 0, 0, 1, 1, 0, 0, 10, 0, 0 } },
        { 's', "SA", 700, 101, 0, 1000, 10, WT_DID_GAP_BEFORE | REUSE,
          { 0, 0, 1, 3, 0, 0, 0, 0, 0 } },
        { 'c', "A", 101, 701, 0, 1000, 10, WT_DID_ACKED_UNSEEN,
          { 0, 1, 1, 3, 0, 0, 10, 30, 0 } },
        { 's', "A", 701, 101, 10, 1000, 10, 0,
          { 0, 1, 1, 7, 10, 10, 0, 30, 0 } },
    } },
    { "begun in the middle", {
        { 's', "A", 5000, 900, 100, 1000, 10, 0,
          { 0, 1, 1, 0, 100, 100, 0, 0, 0 } },
        { 'c', "A", 900, 5100, 0, 1000, 10, 0,
          { 0, 1, 101, 0, 0, 0, 10, 0, 0 } },
        { 'c', "PA", 900, 5100, 30, 1000, 10, 0,
          { 0, 1, 101, 4, 30, 30, 0, 0, 0 } },
        { 's', "A", 5100, 930, 0, 1000, 10, 0,
          { 0, 101, 31, 12, 0, 0, 10, 0, 0 } },
    } },
    { "a reset moves the numbers on", {
        { 'c', "S", 100, 0, 0, 1000, 10, 0,
          { 0, 0, 0, 0, 0, 0, 0, 0, 0 } },
        { 's', "SA", 300, 101, 0, 1000, 10, 0,
          { 0, 0, 1, 1, 0, 0, 10, 0, 0 } },
        { 'c', "A", 101, 301, 0, 1000, 10, 0,
          { 0, 1, 1, 3, 0, 0, 10, 20, 0 } },
        { 'c', "R", 5000, 0, 0, 1000, 10, 0,
          { 0, 4900, 0, 7, 0, 0, 0, 0, 0 } },
        { 'c', "A", 101, 301, 10, 1000, 10, WT_DID_OUT_OF_ORDER,
          { 0, 1, 1, 39, 10, 10, 0, 20, 0 } },
    } },
    { "but a SYN again takes back what stood behind a gap", {
        { 'c', "S", 100, 0, 0, 1000, 10, 0,
          { 0, 0, 0, 0, 0, 0, 0, 0, 0 } },
        { 's', "SA", 300, 101, 0, 1000, 10, 0,
          { 0, 0, 1, 1, 0, 0, 10, 0, 0 } },
        { 'c', "R", 5000, 5000, 0, 1000, 10, 0,
          { 0, 4900, 5000, 3, 0, 0, 0, 0, 0 } },
        { 'c', "S", 100, 0, 0, 1000, 3000, WT_DID_RETRANSMIT,
          { 0, 0, 0, 35, 0, 0, 0, 0, 3000 } },
        { 's', "SA", 300, 101, 0, 1000, 10, WT_DID_RETRANSMIT,
          { 0, 0, 1, 35, 0, 0, 10, 0, 3020 } },
        { 'c', "A", 101, 301, 10, 1000, 100, 0,
          { 0, 1, 1, 35, 10, 10, 100, 110, 0 } },
    } },
    { "and nothing else", {
        { 'c', "S", 100, 0, 0, 1000, 10, 0,
          { 0, 0, 0, 0, 0, 0, 0, 0, 0 } },
        { 's', "SA", 300, 101, 0, 1000, 10, 0,
          { 0, 0, 1, 1, 0, 0, 10, 0, 0 } },
        { 'c', "A", 101, 301, 500, 1000, 10, 0,
          { 0, 1, 1, 3, 500, 500, 10, 20, 0 } },
        { 'c', "S", 100, 0, 0, 1000, 3000, WT_DID_RETRANSMIT,
          { 0, 0, 0, 11, 0, 0, 0, 20, 3000 } },
        { 'c', "A", 601, 301, 10, 1000, 100, 0,
          { 0, 501, 1, 11, 511, 510, 0, 20, 0 } },
    } },
    { "data with the FIN: the FIN is no byte", {
        { 'c', "S", 100, 0, 0, 1000, 10, 0,
          { 0, 0, 0, 0, 0, 0, 0, 0, 0 } },
        { 's', "SA", 300, 101, 0, 1000, 10, 0,
          { 0, 0, 1, 1, 0, 0, 10, 0, 0 } },
        { 'c', "A", 101, 301, 0, 1000, 10, 0,
          { 0, 1, 1, 3, 0, 0, 10, 20, 0 } },
        { 'c', "FA", 101, 301, 20, 1000, 10, 0,
          { 0, 1, 1, 7, 20, 20, 0, 20, 0 } },
        { 's', "A", 301, 122, 0, 1000, 10, 0,
          { 0, 1, 22, 31, 0, 0, 10, 20, 0 } },
    } },
    { "an ACK number without the flag", {
        { 'c', "S", 100, 77, 0, 1000, 10, 0,
          { 0, 0, 77, 0, 0, 0, 0, 0, 0 } },
        { 's', "R", 0, 0, 0, 1000, 10, 0,
          { 0, 1, 0, 1, 0, 0, 0, 0, 0 } },
    } },
    { "a SYN-ACK again", {
        { 'c', "S", 100, 0, 0, 1000, 10, 0,
          { 0, 0, 0, 0, 0, 0, 0, 0, 0 } },
        { 's', "SA", 300, 101, 0, 1000, 10, 0,
          { 0, 0, 1, 1, 0, 0, 10, 0, 0 } },
        { 'c', "A", 101, 301, 0, 1000, 10, 0,
          { 0, 1, 1, 3, 0, 0, 10, 20, 0 } },
        { 's', "A", 500, 101, 0, 1000, 10, WT_DID_GAP_BEFORE,
          { 0, 200, 1, 7, 0, 0, 0, 20, 0 } },
        { 's', "SA", 300, 101, 0, 1000, 1000, WT_DID_RETRANSMIT,
          { 0, 0, 1, 7, 0, 0, 0, 20, 1000 } },
        { 's', "A", 301, 101, 10, 1000, 10, WT_DID_RETRANSMIT,
          { 0, 1, 1, 7, 0, 0, 0, 20, 10 } },
    } },
};

static struct classes *classes_of(struct lab *lab)
{
    static const uint64_t seed[2] = { 1, 2 };
    struct classes *all = classes_new(&lab->config, seed, &lab->hits);
    assert_non_null(all);
    return all;
}

/* As a snapshot length would cut it: headers alone. */
static struct wt_packet *headers(struct lab *lab, char from, const char *flags, uint32_t seq, uint32_t ack, uint32_t len)
{
    struct wt_packet *p = make_tcp(lab, from, flags, seq, ack, len);
    p->payload_bytes = 0;
    return p;
}

static struct class_result see(struct lab *lab, struct classes *all, const struct row *row)
{
    struct class_result out;
    lab->now_ns += row->ms * MS;
    lab->window = row->window;
    assert_true(classes_segment(all, headers(lab, row->from, row->flags, row->seq, row->ack, row->len), &out));
    return out;
}

static void check(const struct story *story, unsigned i, const struct class_result *out)
{
    const struct row *row = &story->row[i];
    const struct said said = {
        .stream = out->stream, .seq = out->seq, .ack = out->ack, .completeness = out->completeness,
        .flight = out->bytes_in_flight, .push_bytes = out->bytes_in_flight ? out->push_bytes : 0,
        .ack_rtt_ms = (int)(out->ack_rtt_ns / MS), .initial_rtt_ms = (int)(out->initial_rtt_ns / MS),
        .rto_ms = (int)(out->rto_ns / MS),
    };
    uint64_t did = out->did & REUSE ? out->did | REUSE : out->did;
    if (did != row->did || memcmp(&said, &row->said, sizeof said) != 0)
        fail_msg("%s, row %u: did %llx, wanted %llx; stream %u, seq %u, ack %u, completeness %u, flight %u, push %u, "
                 "ack rtt %d, initial rtt %d, rto %d", story->name, i, (unsigned long long)did,
                 (unsigned long long)row->did, said.stream, said.seq, said.ack, said.completeness, said.flight,
                 said.push_bytes, said.ack_rtt_ms, said.initial_rtt_ms, said.rto_ms);
}

static void each_row_says_what_tshark_says(void **state)
{
    (void)state;
    for (size_t k = 0; k < sizeof stories / sizeof *stories; k++) {
        struct lab *lab = lab_new();
        struct classes *all = classes_of(lab);
        for (unsigned i = 0; i < 16 && stories[k].row[i].flags; i++) {
            struct class_result out = see(lab, all, &stories[k].row[i]);
            check(&stories[k], i, &out);
        }
        classes_free(all);
        lab_free(lab);
    }
}

/* RFC 2018: what the receiver holds is not in flight. */
static void what_sack_covers_is_not_in_flight(void **state)
{
    (void)state;
    struct lab *lab = lab_new();
    struct classes *all = classes_of(lab);
    struct class_result out;
    classes_segment(all, headers(lab, 'c', "A", 101, 301, 100), &out);
    classes_segment(all, headers(lab, 'c', "A", 201, 301, 100), &out);
    struct wt_packet *p = headers(lab, 's', "A", 301, 101, 0);
    p->tcp.sack_count = 1;
    p->tcp.sack[0][0] = 201;
    p->tcp.sack[0][1] = 301;
    classes_segment(all, p, &out);
    classes_segment(all, headers(lab, 'c', "A", 301, 301, 50), &out);
    assert_int_equal(out.bytes_in_flight, 250 - 100);
    classes_free(all);
    lab_free(lab);
}

static bool send_text(struct lab *lab, struct classes *all, char from, const char *text, struct class_result *out)
{
    struct wt_packet *p = make_tcp(lab, from, "PA", 1, 1, (uint32_t)strlen(text));
    p->buffers[0] = (struct wt_slice){ (const uint8_t *)text, strlen(text) };
    return classes_segment(all, p, out);
}

/* RFC 959 4.1.2; RFC 2428 3. */
static void what_ftp_announces_is_no_new_conversation(void **state)
{
    (void)state;
    static const struct { char from; const char *line; const char *client; uint16_t port, server_port; int completeness; } rows[] = {
        { 's', "227 Entering Passive Mode (10,0,0,2,195,80).\r\n", "10.0.0.1", 41000, 50000, 0 },
        { 's', "227 Entering Passive Mode (10,0,0,2,195,81).\r\n", "10.0.0.1", 41000, 50000, 1 },
        { 's', "229 Extended Passive Mode Entered (|||50000|)\r\n", "10.0.0.1", 41000, 50000, 0 },
        { 'c', "PORT 10,0,0,1,160,40\r\n", "10.0.0.1", 41000, 20, 0 },
        { 'c', "PORT 10,0,0,1,160,40\r\n", "10.0.0.1", 41000, 50000, 1 },
        { 's', "227 no (1,2,3,4,5,999)\r\n", "10.0.0.1", 41000, 50000, 1 },
        { 's', "229 (||50000|", "10.0.0.1", 41000, 50000, 1 },
        { 's', "229 (|||99999|)", "10.0.0.1", 41000, 99999 & 0xffff, 1 },
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct lab *lab = lab_new();
        struct classes *all = classes_of(lab);
        struct class_result out;
        lab->server_port = 21;
        assert_true(send_text(lab, all, rows[i].from, rows[i].line, &out));
        lab->client_port = rows[i].port;
        lab->server_port = rows[i].server_port;
        classes_segment(all, headers(lab, 'c', "S", 1, 0, 0), &out);
        classes_segment(all, headers(lab, 's', "SA", 1, 2, 0), &out);
        assert_int_equal(out.completeness, rows[i].completeness);
        classes_free(all);
        lab_free(lab);
    }
}

static void a_vnc_greeting_begins_a_new_stream(void **state)
{
    (void)state;
    static const struct { uint16_t port; const char *text; uint32_t stream; } rows[] = {
        { 6900, "RFB 003.008\n", 1 }, { 5900, "RFB 003.008\n", 0 }, { 6900, "RFB 003.008", 0 }, { 6900, "RFC 003.008\n", 0 },
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct lab *lab = lab_new();
        struct classes *all = classes_of(lab);
        struct class_result out;
        lab->server_port = rows[i].port;
        send_text(lab, all, 's', rows[i].text, &out);
        assert_int_equal(out.stream, 0);
        send_text(lab, all, 'c', rows[i].text, &out);
        assert_int_equal(out.stream, rows[i].stream);
        send_text(lab, all, 's', "x", &out);
        assert_int_equal(out.stream, rows[i].stream);
        classes_free(all);
        lab_free(lab);
    }
}

static void what_has_no_length_is_not_analysed(void **state)
{
    (void)state;
    struct lab *lab = lab_new();
    struct classes *all = classes_of(lab);
    struct class_result out;
    struct wt_packet *p = headers(lab, 'c', "A", 5000, 600, 100);
    p->ip_flags = 1;                       /* MF: a first fragment */
    assert_true(classes_segment(all, p, &out));
    assert_int_equal(out.seq, 5000);
    assert_int_equal(out.bytes_in_flight, 0);
    p = headers(lab, 'c', "A", 7000, 600, 100);
    p->layers[0].cut = WT_CUT_BY_SENDER;
    assert_true(classes_segment(all, p, &out));
    assert_int_equal(out.seq, 7000);
    p = headers(lab, 'c', "A", 9000, 600, 100);
    p->ip_flags = 1;
    p->flags |= WT_PACKET_REASSEMBLED;
    assert_true(classes_segment(all, p, &out));
    assert_int_equal(out.seq, 1);
    assert_int_equal(out.stream, 0);
    assert_int_equal(out.bytes_in_flight, 100);
    p = headers(lab, 'c', "A", 9100, 600, 100);
    p->layers[0].cut = WT_CUT_BY_SNAPLEN;  /* within the options */
    assert_true(classes_segment(all, p, &out));
    assert_int_equal(out.seq, 101);
    assert_int_equal(out.bytes_in_flight, 0);
    assert_true(classes_segment(all, headers(lab, 'c', "A", 9200, 600, 100), &out));
    assert_int_equal(out.bytes_in_flight, 300);
    classes_free(all);
    lab_free(lab);
}

static void limits_are_counted_and_harm_nobody(void **state)
{
    (void)state;
    struct lab *lab = lab_new();
    lab->config.value[WT_MAX_CONNECTIONS] = 2;
    lab->config.value[WT_MAX_UNACKED_SEGMENTS] = 3;
    struct classes *all = classes_of(lab);
    struct class_result out;
    for (uint32_t i = 0; i < 6; i++)
        assert_true(classes_segment(all, headers(lab, 'c', "A", 101 + 10 * i, 301, 10), &out));
    assert_int_equal(out.bytes_in_flight, 30);
    assert_int_equal(lab->hits.count[WT_MAX_UNACKED_SEGMENTS], 3);
    assert_true(classes_segment(all, headers(lab, 's', "A", 301, 161, 0), &out));
    assert_true(classes_segment(all, headers(lab, 'c', "A", 161, 301, 10), &out));
    assert_int_equal(out.bytes_in_flight, 10);
    lab->client_port++;
    assert_true(classes_segment(all, headers(lab, 'c', "S", 1, 0, 0), &out));
    lab->client_port++;
    assert_false(classes_segment(all, headers(lab, 'c', "S", 1, 0, 0), &out));
    assert_int_equal(lab->hits.count[WT_MAX_CONNECTIONS], 1);
    classes_free(all);
    lab_free(lab);
}

static void many_conversations_keep_apart(void **state)
{
    (void)state;
    struct lab *lab = lab_new();
    struct classes *all = classes_of(lab);
    struct class_result out;
    for (int round = 0; round < 2; round++)
        for (uint32_t i = 0; i < 5000; i++) {
            lab->client_port = (uint16_t)(10000 + i);
            assert_true(classes_segment(all, headers(lab, 'c', "A", 101 + i, 301, 10), &out));
            assert_int_equal(out.stream, i);
            assert_int_equal(!!(out.did & WT_DID_RETRANSMIT), round);
        }
    classes_free(all);
    lab_free(lab);
}

static void what_is_not_tcp_is_left_alone(void **state)
{
    (void)state;
    struct lab *lab = lab_new();
    struct classes *all = classes_of(lab);
    struct class_result out;
    assert_false(classes_segment(all, make_other(lab, 'c', 17, 10), &out));
    struct wt_packet *p = make_icmp_error(lab, 'c', 6, 0x0301);
    assert_false(classes_segment(all, p, &out));
    assert_true(classes_quoted(all, p, &out));
    assert_int_equal(out.stream, 0);
    assert_false(classes_quoted(all, headers(lab, 'c', "S", 1, 0, 0), &out));
    classes_free(all);
    lab_free(lab);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_row_says_what_tshark_says),
        cmocka_unit_test(what_sack_covers_is_not_in_flight),
        cmocka_unit_test(what_ftp_announces_is_no_new_conversation),
        cmocka_unit_test(a_vnc_greeting_begins_a_new_stream),
        cmocka_unit_test(what_has_no_length_is_not_analysed),
        cmocka_unit_test(limits_are_counted_and_harm_nobody),
        cmocka_unit_test(many_conversations_keep_apart),
        cmocka_unit_test(what_is_not_tcp_is_left_alone),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

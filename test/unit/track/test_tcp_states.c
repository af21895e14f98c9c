/* The figures of RFC 9293, and each way that a connection opens and closes, as rows of segments. */
#include "make.h"

#include <stdio.h>

#define CLOSED       WT_TCP_CLOSED
#define LISTEN       WT_TCP_LISTEN
#define SYN_SENT     WT_TCP_SYN_SENT
#define SYN_RECEIVED WT_TCP_SYN_RECEIVED
#define ESTABLISHED  WT_TCP_ESTABLISHED
#define FIN_WAIT_1   WT_TCP_FIN_WAIT_1
#define FIN_WAIT_2   WT_TCP_FIN_WAIT_2
#define CLOSE_WAIT   WT_TCP_CLOSE_WAIT
#define CLOSING      WT_TCP_CLOSING
#define LAST_ACK     WT_TCP_LAST_ACK
#define TIME_WAIT    WT_TCP_TIME_WAIT

struct row {
    char from;                 /* c, s; 0: end of the case */
    const char *flags;
    uint32_t seq, ack, len;
    unsigned client, server;   /* states after it */
    uint64_t did;              /* all of these, and of the bits in `watched` none else */
};

/* The bits that the machine decides. */
static const uint64_t watched = WT_DID_SYN | WT_DID_SYN_RETRY | WT_DID_SYN_ACK | WT_DID_HANDSHAKE | WT_DID_FIN
    | WT_DID_FIN_REPEATED | WT_DID_FIN_ACKED | WT_DID_RST | WT_DID_RST_IGNORED | WT_DID_REFUSE | WT_DID_TIME_WAIT
    | WT_DID_IN_TIME_WAIT | WT_DID_REUSE | WT_DID_CLOSED | WT_DID_SIMULTANEOUS | WT_DID_MIDSTREAM;

struct outcome {
    unsigned outcome, close_kind, first_closer, reset_by, holder;
    const char *conn_state, *history;
};

struct story {
    const char *name;
    struct row row[24];
    unsigned records;
    struct outcome want[3];
};

#define OPENED \
    { 'c', "S",  100, 0,   0, SYN_SENT,    SYN_RECEIVED, WT_DID_SYN }, \
    { 's', "SA", 300, 101, 0, ESTABLISHED, SYN_RECEIVED, WT_DID_SYN_ACK }, \
    { 'c', "A",  101, 301, 0, ESTABLISHED, ESTABLISHED,  WT_DID_HANDSHAKE }

static const struct story stories[] = {
    { "figure 6: basic three-way handshake", {
        OPENED,
        { 'c', "A", 101, 301, 10, ESTABLISHED, ESTABLISHED, 0 } },
      1, { { WT_OUTCOME_OPEN, WT_CLOSE_NONE, 255, 255, 255, "S1", "ShAD" } } },

    { "figure 7: simultaneous open", {
        { 'c', "S",  100, 0,   0, SYN_SENT,     SYN_RECEIVED, WT_DID_SYN },
        { 's', "S",  300, 0,   0, SYN_RECEIVED, SYN_RECEIVED, WT_DID_SYN | WT_DID_SIMULTANEOUS },
        { 'c', "SA", 100, 301, 0, SYN_RECEIVED, ESTABLISHED,  WT_DID_SYN_ACK },
        { 's', "SA", 300, 101, 0, ESTABLISHED,  ESTABLISHED,  WT_DID_SYN_ACK | WT_DID_HANDSHAKE } },
      1, { { WT_OUTCOME_OPEN, WT_CLOSE_NONE, 255, 255, 255, "S1", "SsHh" } } },

    { "figure 8: an old duplicate SYN, reset, and then the right one", {
        { 'c', "S",  90,  0,   0, SYN_SENT,    SYN_RECEIVED, WT_DID_SYN },
        { 's', "SA", 300, 91,  0, ESTABLISHED, SYN_RECEIVED, WT_DID_SYN_ACK },
        { 'c', "R",  91,  0,   0, CLOSED,      CLOSED,       WT_DID_RST | WT_DID_CLOSED },
        { 'c', "S",  100, 0,   0, SYN_SENT,    SYN_RECEIVED, WT_DID_SYN | WT_DID_REUSE },
        { 's', "SA", 400, 101, 0, ESTABLISHED, SYN_RECEIVED, WT_DID_SYN_ACK },
        { 'c', "A",  101, 401, 0, ESTABLISHED, ESTABLISHED,  WT_DID_HANDSHAKE } },
      2, { { WT_OUTCOME_HALF_OPEN, WT_CLOSE_RESET, 0, 0, 255, "RSTO", "ShR" },
           { WT_OUTCOME_OPEN, WT_CLOSE_NONE, 255, 255, 255, "S1", "ShA" } } },

    { "figure 12: normal close", {
        OPENED,
        { 'c', "FA", 101, 301, 0, FIN_WAIT_1, CLOSE_WAIT, WT_DID_FIN },
        { 's', "A",  301, 102, 0, FIN_WAIT_2, CLOSE_WAIT, WT_DID_FIN_ACKED },
        { 's', "FA", 301, 102, 0, TIME_WAIT,  LAST_ACK,   WT_DID_FIN | WT_DID_TIME_WAIT },
        { 'c', "A",  102, 302, 0, TIME_WAIT,  CLOSED,     WT_DID_FIN_ACKED | WT_DID_CLOSED } },
      1, { { WT_OUTCOME_CLOSED, WT_CLOSE_FOUR_WAY, 0, 255, 0, "SF", "ShAFaf" } } },

    { "the same from the server's side, with data", {
        OPENED,
        { 'c', "PA", 101, 301, 20, ESTABLISHED, ESTABLISHED, 0 },
        { 's', "PA", 301, 121, 50, ESTABLISHED, ESTABLISHED, 0 },
        { 's', "FA", 351, 121, 0, CLOSE_WAIT, FIN_WAIT_1, WT_DID_FIN },
        { 'c', "A",  121, 352, 0, CLOSE_WAIT, FIN_WAIT_2, WT_DID_FIN_ACKED },
        { 'c', "FA", 121, 352, 0, LAST_ACK,   TIME_WAIT,  WT_DID_FIN | WT_DID_TIME_WAIT },
        { 's', "A",  352, 122, 0, CLOSED,     TIME_WAIT,  WT_DID_FIN_ACKED | WT_DID_CLOSED } },
      1, { { WT_OUTCOME_CLOSED, WT_CLOSE_FOUR_WAY, 1, 255, 1, "SF", "ShADdfFa" } } },

    { "figure 13: simultaneous close, both hold TIME-WAIT", {
        OPENED,
        { 'c', "FA", 101, 301, 0, FIN_WAIT_1, CLOSE_WAIT, WT_DID_FIN },
        { 's', "FA", 301, 101, 0, CLOSING,    CLOSING,    WT_DID_FIN },
        { 'c', "A",  102, 302, 0, CLOSING,    TIME_WAIT,  WT_DID_FIN_ACKED | WT_DID_TIME_WAIT },
        { 's', "A",  302, 102, 0, TIME_WAIT,  TIME_WAIT,  WT_DID_FIN_ACKED | WT_DID_TIME_WAIT | WT_DID_CLOSED } },
      1, { { WT_OUTCOME_CLOSED, WT_CLOSE_SIMULTANEOUS, 0, 255, 2, "SF", "ShAFfa" } } },

    { "note 2: FIN with the ACK of our FIN, FIN-WAIT-1 to TIME-WAIT; three segments", {
        OPENED,
        { 'c', "FA", 101, 301, 0, FIN_WAIT_1, CLOSE_WAIT, WT_DID_FIN },
        { 's', "FA", 301, 102, 0, TIME_WAIT,  LAST_ACK,   WT_DID_FIN | WT_DID_FIN_ACKED | WT_DID_TIME_WAIT },
        { 'c', "A",  102, 302, 0, TIME_WAIT,  CLOSED,     WT_DID_FIN_ACKED | WT_DID_CLOSED } },
      1, { { WT_OUTCOME_CLOSED, WT_CLOSE_THREE_SEGMENT, 0, 255, 0, "SF", "ShAFf" } } },

    { "half-close with data after it", {
        OPENED,
        { 'c', "FPA", 101, 301, 20, FIN_WAIT_1, CLOSE_WAIT, WT_DID_FIN },
        { 's', "A",   301, 122, 0,  FIN_WAIT_2, CLOSE_WAIT, WT_DID_FIN_ACKED },
        { 's', "PA",  301, 122, 70, FIN_WAIT_2, CLOSE_WAIT, 0 },
        { 'c', "A",   122, 371, 0,  FIN_WAIT_2, CLOSE_WAIT, 0 } },
      1, { { WT_OUTCOME_HALF_CLOSED, WT_CLOSE_HALF, 0, 255, 255, "S2", "ShADFad" } } },

    { "the last ACK was lost: the FIN comes again and restarts TIME-WAIT", {
        OPENED,
        { 'c', "FA", 101, 301, 0, FIN_WAIT_1, CLOSE_WAIT, WT_DID_FIN },
        { 's', "FA", 301, 102, 0, TIME_WAIT,  LAST_ACK,   WT_DID_FIN | WT_DID_FIN_ACKED | WT_DID_TIME_WAIT },
        { 'c', "A",  102, 302, 0, TIME_WAIT,  CLOSED,     WT_DID_FIN_ACKED | WT_DID_CLOSED },
        { 's', "FA", 301, 102, 0, TIME_WAIT,  LAST_ACK,   WT_DID_FIN | WT_DID_FIN_REPEATED | WT_DID_IN_TIME_WAIT },
        { 'c', "A",  102, 302, 0, TIME_WAIT,  CLOSED,     WT_DID_FIN_ACKED | WT_DID_CLOSED } },
      1, { { WT_OUTCOME_CLOSED, WT_CLOSE_THREE_SEGMENT, 0, 255, 0, "SF", "ShAFf" } } },

    { "a FIN that did not arrive: the peer goes on, and is taken back", {
        OPENED,
        { 'c', "FA", 101, 301, 0,  FIN_WAIT_1, CLOSE_WAIT, WT_DID_FIN },
        { 's', "PA", 301, 101, 10, FIN_WAIT_1, CLOSE_WAIT, 0 },
        { 'c', "FA", 101, 311, 0,  FIN_WAIT_1, CLOSE_WAIT, WT_DID_FIN | WT_DID_FIN_REPEATED },
        { 's', "A",  311, 102, 0,  FIN_WAIT_2, CLOSE_WAIT, WT_DID_FIN_ACKED } },
      1, { { WT_OUTCOME_HALF_CLOSED, WT_CLOSE_HALF, 0, 255, 255, "S2", "ShAFda" } } },

    { "the SYN-ACK was lost: a repeated SYN takes ESTABLISHED back", {
        { 'c', "S",  100, 0,   0, SYN_SENT,    SYN_RECEIVED, WT_DID_SYN },
        { 's', "SA", 300, 101, 0, ESTABLISHED, SYN_RECEIVED, WT_DID_SYN_ACK },
        { 'c', "S",  100, 0,   0, SYN_SENT,    SYN_RECEIVED, WT_DID_SYN | WT_DID_SYN_RETRY },
        { 's', "SA", 300, 101, 0, ESTABLISHED, SYN_RECEIVED, WT_DID_SYN_ACK | WT_DID_SYN_RETRY },
        { 'c', "A",  101, 301, 0, ESTABLISHED, ESTABLISHED,  WT_DID_HANDSHAKE } },
      1, { { WT_OUTCOME_OPEN, WT_CLOSE_NONE, 255, 255, 255, "S1", "ShA" } } },

    { "the handshake's ACK was lost: a repeated SYN-ACK takes it back", {
        OPENED,
        { 's', "SA", 300, 101, 0, ESTABLISHED, SYN_RECEIVED, WT_DID_SYN_ACK | WT_DID_SYN_RETRY },
        { 'c', "A",  101, 301, 0, ESTABLISHED, ESTABLISHED,  0 } },
      1, { { WT_OUTCOME_OPEN, WT_CLOSE_NONE, 255, 255, 255, "S1", "ShA" } } },

    { "refused", {
        { 'c', "S",  100, 0,   0, SYN_SENT, SYN_RECEIVED, WT_DID_SYN },
        { 's', "RA", 0,   101, 0, CLOSED,   CLOSED,       WT_DID_RST | WT_DID_REFUSE | WT_DID_CLOSED } },
      1, { { WT_OUTCOME_REFUSED, WT_CLOSE_RESET, 1, 1, 255, "REJ", "Sr" } } },

    { "a reset that acknowledges something else refuses nothing", {
        { 'c', "S",  100, 0,   0, SYN_SENT, SYN_RECEIVED, WT_DID_SYN },
        { 's', "RA", 0,   99,  0, SYN_SENT, SYN_RECEIVED, WT_DID_RST | WT_DID_RST_IGNORED },
        { 's', "R",  300, 0,   0, SYN_SENT, SYN_RECEIVED, WT_DID_RST | WT_DID_RST_IGNORED } },
      1, { { WT_OUTCOME_UNANSWERED, WT_CLOSE_NONE, 255, 255, 255, "S0", "Srr" } } },

    { "refused by somebody else: the SYN-ACK comes after it", {
        { 'c', "S",  100, 0,   0, SYN_SENT, SYN_RECEIVED, WT_DID_SYN },
        { 's', "RA", 0,   101, 0, CLOSED,   CLOSED,       WT_DID_RST | WT_DID_REFUSE | WT_DID_CLOSED },
        { 's', "SA", 300, 101, 0, ESTABLISHED, SYN_RECEIVED, WT_DID_SYN_ACK },
        { 'c', "A",  101, 301, 0, ESTABLISHED, ESTABLISHED,  WT_DID_HANDSHAKE } },
      1, { { WT_OUTCOME_OPEN, WT_CLOSE_NONE, 255, 255, 255, "S1", "SrhA" } } },

    { "refused, and the same SYN again: another try", {
        { 'c', "S",  100, 0,   0, SYN_SENT, SYN_RECEIVED, WT_DID_SYN },
        { 's', "RA", 0,   101, 0, CLOSED,   CLOSED,       WT_DID_RST | WT_DID_REFUSE | WT_DID_CLOSED },
        { 'c', "S",  100, 0,   0, SYN_SENT, SYN_RECEIVED, WT_DID_SYN | WT_DID_SYN_RETRY },
        { 's', "RA", 0,   101, 0, CLOSED,   CLOSED,       WT_DID_RST | WT_DID_REFUSE | WT_DID_CLOSED } },
      2, { { WT_OUTCOME_REFUSED, WT_CLOSE_RESET, 1, 1, 255, "REJ", "Sr" },
           { WT_OUTCOME_REFUSED, WT_CLOSE_RESET, 1, 1, 255, "REJ", "Sr" } } },

    { "unanswered, with retries", {
        { 'c', "S", 100, 0, 0, SYN_SENT, SYN_RECEIVED, WT_DID_SYN },
        { 'c', "S", 100, 0, 0, SYN_SENT, SYN_RECEIVED, WT_DID_SYN | WT_DID_SYN_RETRY },
        { 'c', "S", 100, 0, 0, SYN_SENT, SYN_RECEIVED, WT_DID_SYN | WT_DID_SYN_RETRY } },
      1, { { WT_OUTCOME_UNANSWERED, WT_CLOSE_NONE, 255, 255, 255, "S0", "S" } } },

    { "half-open: the client does not come back", {
        { 'c', "S",  100, 0,   0, SYN_SENT,    SYN_RECEIVED, WT_DID_SYN },
        { 's', "SA", 300, 101, 0, ESTABLISHED, SYN_RECEIVED, WT_DID_SYN_ACK },
        { 's', "SA", 300, 101, 0, ESTABLISHED, SYN_RECEIVED, WT_DID_SYN_ACK | WT_DID_SYN_RETRY } },
      1, { { WT_OUTCOME_HALF_OPEN, WT_CLOSE_NONE, 255, 255, 255, "OTH", "Sh" } } },

    { "abandoned: SYN, then RST from the same side", {
        { 'c', "S", 100, 0, 0, SYN_SENT, SYN_RECEIVED, WT_DID_SYN },
        { 'c', "R", 101, 0, 0, CLOSED,   CLOSED,       WT_DID_RST | WT_DID_CLOSED } },
      1, { { WT_OUTCOME_ABANDONED, WT_CLOSE_RESET, 0, 0, 255, "RSTOS0", "SR" } } },

    { "reset by the client", {
        OPENED,
        { 's', "PA", 301, 101, 50, ESTABLISHED, ESTABLISHED, 0 },
        { 'c', "R",  101, 0,   0,  CLOSED, CLOSED, WT_DID_RST | WT_DID_CLOSED } },
      1, { { WT_OUTCOME_RESET, WT_CLOSE_RESET, 0, 0, 255, "RSTO", "ShAdR" } } },

    { "reset by the server after the client's FIN", {
        OPENED,
        { 'c', "FA", 101, 301, 0, FIN_WAIT_1, CLOSE_WAIT, WT_DID_FIN },
        { 's', "RA", 301, 102, 0, CLOSED, CLOSED, WT_DID_RST | WT_DID_CLOSED } },
      1, { { WT_OUTCOME_RESET, WT_CLOSE_RESET, 0, 1, 255, "RSTR", "ShAFr" } } },

    { "a blind reset outside the window is ignored (RFC 5961)", {
        OPENED,
        { 's', "R", 5000000, 0, 0, ESTABLISHED, ESTABLISHED, WT_DID_RST | WT_DID_RST_IGNORED },
        { 's', "R", 300, 0, 0, ESTABLISHED, ESTABLISHED, WT_DID_RST | WT_DID_RST_IGNORED },
        { 's', "R", 301, 0, 0, CLOSED, CLOSED, WT_DID_RST | WT_DID_CLOSED } },
      1, { { WT_OUTCOME_RESET, WT_CLOSE_RESET, 1, 1, 255, "RSTR", "ShArrr" } } },

    { "a reset to one in TIME-WAIT (RFC 1337) changes nothing", {
        OPENED,
        { 'c', "FA", 101, 301, 0, FIN_WAIT_1, CLOSE_WAIT, WT_DID_FIN },
        { 's', "FA", 301, 102, 0, TIME_WAIT,  LAST_ACK,   WT_DID_FIN | WT_DID_FIN_ACKED | WT_DID_TIME_WAIT },
        { 'c', "A",  102, 302, 0, TIME_WAIT,  CLOSED,     WT_DID_FIN_ACKED | WT_DID_CLOSED },
        { 's', "R",  302, 0,   0, TIME_WAIT,  CLOSED,     WT_DID_RST | WT_DID_IN_TIME_WAIT } },
      1, { { WT_OUTCOME_CLOSED, WT_CLOSE_THREE_SEGMENT, 0, 1, 0, "SF", "ShAFfr" } } },

    { "the 5-tuple again in TIME-WAIT (RFC 6191)", {
        OPENED,
        { 'c', "FA", 101,  301, 0, FIN_WAIT_1, CLOSE_WAIT, WT_DID_FIN },
        { 's', "FA", 301,  102, 0, TIME_WAIT,  LAST_ACK,   WT_DID_FIN | WT_DID_FIN_ACKED | WT_DID_TIME_WAIT },
        { 'c', "A",  102,  302, 0, TIME_WAIT,  CLOSED,     WT_DID_FIN_ACKED | WT_DID_CLOSED },
        { 'c', "S",  9000, 0,   0, SYN_SENT,   SYN_RECEIVED, WT_DID_SYN | WT_DID_REUSE } },
      2, { { WT_OUTCOME_CLOSED, WT_CLOSE_THREE_SEGMENT, 0, 255, 0, "SF", "ShAFf" },
           { WT_OUTCOME_UNANSWERED, WT_CLOSE_NONE, 255, 255, 255, "S0", "S" } } },

    { "mid-stream, closed", {
        { 'c', "PA", 5000, 7000, 10, ESTABLISHED, ESTABLISHED, WT_DID_MIDSTREAM },
        { 's', "A",  7000, 5010, 0,  ESTABLISHED, ESTABLISHED, 0 },
        { 's', "FA", 7000, 5010, 0,  CLOSE_WAIT,  FIN_WAIT_1,  WT_DID_FIN },
        { 'c', "FA", 5010, 7001, 0,  LAST_ACK,    TIME_WAIT,   WT_DID_FIN | WT_DID_FIN_ACKED | WT_DID_TIME_WAIT },
        { 's', "A",  7001, 5011, 0,  CLOSED,      TIME_WAIT,   WT_DID_FIN_ACKED | WT_DID_CLOSED } },
      1, { { WT_OUTCOME_CLOSED, WT_CLOSE_THREE_SEGMENT, 1, 255, 1, "SF", "DafF" } } },

    { "mid-stream, one side only", {
        { 'c', "A", 5000, 7000, 0, ESTABLISHED, ESTABLISHED, WT_DID_MIDSTREAM },
        { 'c', "A", 5000, 8000, 0, ESTABLISHED, ESTABLISHED, 0 } },
      1, { { WT_OUTCOME_ONE_WAY, WT_CLOSE_NONE, 255, 255, 255, "OTH", "A" } } },

    { "the SYN-ACK is the first that is seen", {
        { 's', "SA", 300, 101, 0, ESTABLISHED, SYN_RECEIVED, WT_DID_SYN_ACK },
        { 'c', "A",  101, 301, 0, ESTABLISHED, ESTABLISHED,  WT_DID_HANDSHAKE },
        { 'c', "PA", 101, 301, 5, ESTABLISHED, ESTABLISHED,  0 } },
      1, { { WT_OUTCOME_OPEN, WT_CLOSE_NONE, 255, 255, 255, "S1", "^hAD" } } },

    { "sequence numbers that wrap in the handshake and at the close", {
        { 'c', "S",  0xffffffff, 0, 0, SYN_SENT,    SYN_RECEIVED, WT_DID_SYN },
        { 's', "SA", 0xfffffffe, 0, 0, ESTABLISHED, SYN_RECEIVED, WT_DID_SYN_ACK },
        { 'c', "A",  0, 0xffffffff, 0, ESTABLISHED, ESTABLISHED,  WT_DID_HANDSHAKE },
        { 's', "FPA", 0xffffffff, 0, 5, CLOSE_WAIT, FIN_WAIT_1,   WT_DID_FIN },
        { 'c', "FA", 0, 5, 0, LAST_ACK, TIME_WAIT, WT_DID_FIN | WT_DID_FIN_ACKED | WT_DID_TIME_WAIT },
        { 's', "A",  5, 1, 0, CLOSED, TIME_WAIT, WT_DID_FIN_ACKED | WT_DID_CLOSED } },
      1, { { WT_OUTCOME_CLOSED, WT_CLOSE_THREE_SEGMENT, 1, 255, 1, "SF", "ShAdfFa" } } },
};

static void check_row(const struct story *story, unsigned i, const struct track_result *res)
{
    const struct row *row = &story->row[i];
    const struct wt_segment *s = &res->segment;
    bool good = res->has_segment && s->state[0] == row->client && s->state[1] == row->server
        && (s->did & watched) == row->did;
    if (!good)
        fail_msg("%s, row %u: states %s %s, wanted %s %s; did %llx, wanted %llx", story->name, i,
                 wt_tcp_state_name(s->state[0]), wt_tcp_state_name(s->state[1]), wt_tcp_state_name(row->client),
                 wt_tcp_state_name(row->server), (unsigned long long)(s->did & watched),
                 (unsigned long long)row->did);
}

static void check_record(const struct story *story, unsigned i, const struct wt_connection *r)
{
    const struct outcome *w = &story->want[i];
    bool good = r->outcome == w->outcome && r->close_kind == w->close_kind && r->first_closer == w->first_closer
        && r->reset_by == w->reset_by && r->time_wait.holder == w->holder && strcmp(r->conn_state, w->conn_state) == 0
        && strcmp(r->history, w->history) == 0;
    if (!good)
        fail_msg("%s, record %u: %s, %s, closer %u, reset by %u, holder %u, %s %s; wanted %s, %s, %u, %u, %u, %s %s",
                 story->name, i, wt_outcome_name(r->outcome), wt_close_kind_name(r->close_kind), r->first_closer,
                 r->reset_by, r->time_wait.holder, r->conn_state, r->history, wt_outcome_name(w->outcome),
                 wt_close_kind_name(w->close_kind), w->first_closer, w->reset_by, w->holder, w->conn_state,
                 w->history);
}

/* Each story with the client's address before and after the server's in the key. */
static void tells(const struct story *story, bool turned)
{
    struct lab *lab = lab_new();
    if (turned) {
        lab->client = "10.0.0.9";
        lab->server = "10.0.0.3";
    }
    for (unsigned i = 0; story->row[i].from; i++) {
        const struct row *row = &story->row[i];
        check_row(story, i, lab_tcp(lab, row->from, row->flags, row->seq, row->ack, row->len));
    }
    lab_finish(lab);
    assert_int_equal(lab->records, story->records);
    for (unsigned i = 0; i < story->records; i++)
        check_record(story, i, &lab->record[i]);
    lab_free(lab);
}

static void stories_come_out(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof stories / sizeof *stories; i++) {
        tells(&stories[i], false);
        tells(&stories[i], true);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(stories_come_out),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

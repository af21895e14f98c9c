/* Life of records: what stands in them, timers, direction, conversations, ICMP errors, checksums, VLANs. */
#include "make.h"

#include <stdio.h>

#include "wiretale/message.h"

static void handshake(struct lab *lab)
{
    lab_tcp(lab, 'c', "S", 100, 0, 0);
    lab_tcp(lab, 's', "SA", 300, 101, 0);
    lab_tcp(lab, 'c', "A", 101, 301, 0);
}

static void close_from_client(struct lab *lab)
{
    lab_tcp(lab, 'c', "FA", 101, 301, 0);
    lab_tcp(lab, 's', "FA", 301, 102, 0);
    lab_tcp(lab, 'c', "A", 102, 302, 0);
}

/* Time goes by: a datagram between others. */
static void wait_ns(struct lab *lab, int64_t ns)
{
    static const char *const client = "10.9.9.9", *const server = "10.9.9.8";
    const char *c = lab->client, *s = lab->server;
    uint16_t port = lab->client_port;
    lab->client = client;
    lab->server = server;
    lab->client_port = 1;
    for (int64_t left = ns; left > 0; left -= 1000 * SECOND) {    /* in steps below the clock's limit of a jump */
        lab->now_ns += left < 1000 * SECOND ? left : 1000 * SECOND;
        lab_send(lab, make_other(lab, 'c', 17, 10));
    }
    lab->client = c;
    lab->server = s;
    lab->client_port = port;
}

/* The record of a client port; NULL: none yet. */
static const struct wt_connection *record_of(const struct lab *lab, uint16_t client_port)
{
    for (unsigned i = 0; i < lab->records; i++)
        if (lab->record[i].side[0].port == client_port)
            return &lab->record[i];
    return NULL;
}

static void everything_in_a_record(void **state)
{
    (void)state;
    struct lab *lab = lab_new();
    lab_tcp(lab, 'c', "S", 100, 0, 0);
    lab->now_ns += 990 * MS;
    struct wt_packet *p = make_tcp(lab, 'c', "S", 100, 0, 0);
    p->tcp.mss = 1460;
    lab_send(lab, p);
    p = make_tcp(lab, 's', "SAE", 300, 101, 0);
    lab->now_ns += 10 * MS;
    p->frame.time_ns = lab->now_ns;
    p->tcp.mss = 1400;
    p->tcp.wscale = 7;
    p->tcp.sack_permitted = 1;
    p->tcp.has_timestamps = 1;
    p->ttl = 57;
    lab_send(lab, p);
    lab_tcp(lab, 'c', "A", 101, 301, 0);
    lab_tcp(lab, 'c', "PA", 101, 301, 500);
    lab_tcp(lab, 's', "PA", 301, 601, 1000);
    struct conn *conn = lab->result.conn;
    conn_set_service(conn, (unsigned)wt_dissector_index("http"));
    struct wt_message m;
    conn_identify(conn, &m);
    assert_int_equal(m.connection, 1);
    assert_int_equal(m.port[0], 40000);
    assert_int_equal(m.port[1], 80);
    assert_memory_equal(m.address[0], "\x0a\x00\x00\x01", 4);
    assert_memory_equal(m.address[1], "\x0a\x00\x00\x02", 4);
    lab_finish(lab);
    assert_int_equal(lab->records, 1);
    assert_int_equal(lab->closed_streams, 1);
    const struct wt_connection *r = &lab->record[0];
    assert_int_equal(r->number, 1);
    assert_int_equal(r->stream, 0);
    assert_int_equal(r->protocol, 6);
    assert_int_equal(r->family, 4);
    assert_int_equal(r->start_ns, LAB_START + 10 * MS);
    assert_int_equal(r->first_syn_ns, LAB_START + 10 * MS);
    assert_int_equal(r->syn_ns, LAB_START + 1000 * MS);
    assert_int_equal(r->syn_ack_ns, LAB_START + 1010 * MS);
    assert_int_equal(r->ack_ns, LAB_START + 1020 * MS);
    assert_int_equal(wt_handshake_ns(r), 20 * MS);
    assert_int_equal(r->first_data_ns[0], LAB_START + 1030 * MS);
    assert_int_equal(r->first_data_ns[1], LAB_START + 1040 * MS);
    assert_int_equal(r->end_ns, LAB_START + 1040 * MS);
    assert_int_equal(r->first_frame, 1);
    assert_int_equal(r->last_frame, 6);
    assert_int_equal(r->side[0].packets, 4);
    assert_int_equal(r->side[1].packets, 2);
    assert_int_equal(r->side[0].wire_bytes, 4 * 54 + 500);
    assert_int_equal(r->side[0].ip_bytes, 4 * 40 + 500);
    assert_int_equal(r->side[0].payload_bytes, 500);
    assert_int_equal(r->side[1].payload_bytes, 1000);
    assert_int_equal(r->side[0].syns, 2);
    assert_int_equal(r->side[1].syns, 1);
    assert_int_equal(r->side[1].mss, 1400);
    assert_int_equal(r->side[1].wscale, 7);
    assert_int_equal(r->side[0].wscale, 255);
    assert_true(r->side[1].sack_permitted && r->side[1].timestamps && r->side[1].sent_ecn);
    assert_int_equal(r->side[1].ttl, 57);
    assert_int_equal(r->side[0].isn, 100);
    assert_string_equal(r->history, "ShADd");
    assert_string_equal(r->service, "http");
    assert_int_equal(r->why, WT_END_CAPTURE);
    assert_int_equal(r->time_wait.holder, 255);
    assert_int_equal(r->flags, 0);
    lab_free(lab);
}

static void time_wait_runs_by_rule(void **state)
{
    (void)state;
    static const struct { uint64_t option; int64_t wait_ns; bool over; } rows[] = {
        { 240, 239 * SECOND, false }, { 240, 246 * SECOND, true }, { 60, 59 * SECOND, false }, { 60, 66 * SECOND, true },
        { 0, 4 * SECOND, false }, { 0, 6 * SECOND, true },
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct lab *lab = lab_new();
        lab->config.value[WT_TIME_WAIT] = rows[i].option;
        handshake(lab);
        close_from_client(lab);
        int64_t fin_ns = LAB_START + 50 * MS;
        wait_ns(lab, rows[i].wait_ns);
        assert_int_equal(record_of(lab, 40000) != NULL, rows[i].over);
        lab_finish(lab);
        const struct wt_connection *r = NULL;
        for (unsigned k = 0; k < lab->records; k++)
            if (lab->record[k].protocol == 6)
                r = &lab->record[k];
        assert_non_null(r);
        assert_int_equal(r->why, rows[i].over ? WT_END_CLOSED : WT_END_CAPTURE);
        assert_int_equal(r->time_wait.holder, 0);
        assert_int_equal(r->time_wait.start_ns, fin_ns);
        assert_int_equal(r->time_wait.end_ns, fin_ns + (int64_t)rows[i].option * SECOND);
        assert_int_equal(r->end_ns, LAB_START + 60 * MS);
        if (rows[i].over) {
            assert_int_equal(r->side[0].state, WT_TCP_CLOSED);
            assert_int_equal(r->time_wait.ended, WT_END_CLOSED);
        }
        assert_int_equal(lab->time_waits, 1);
        lab_free(lab);
    }
}

static void time_wait_counts_what_arrives_and_is_cut_short_by_reuse(void **state)
{
    (void)state;
    struct lab *lab = lab_new();
    handshake(lab);
    close_from_client(lab);
    lab_tcp(lab, 's', "FA", 301, 102, 0);
    int64_t restarted = lab->now_ns;
    lab_tcp(lab, 'c', "A", 102, 302, 0);
    lab_tcp(lab, 's', "A", 302, 102, 0);
    lab->now_ns += 30 * SECOND;
    lab_tcp(lab, 'c', "S", 99000, 0, 0);
    assert_int_equal(lab->records, 1);
    const struct wt_connection *r = &lab->record[0];
    assert_int_equal(r->why, WT_END_REUSED);
    assert_int_equal(r->time_wait.ended, WT_END_REUSED);
    assert_int_equal(r->time_wait.segments_in, 2);
    assert_int_equal(r->time_wait.start_ns, restarted);
    assert_int_equal(r->time_wait.end_ns, lab->now_ns);
    assert_true(lab->result.new_connection);
    assert_true(lab->result.segment.did & WT_DID_REUSE);
    assert_int_equal(lab->result.segment.stream, 1);
    lab_finish(lab);
    assert_true(lab->record[1].flags & WT_CONN_REUSED_TUPLE);
    lab_free(lab);
}

static void silence_ends_what_it_should(void **state)
{
    (void)state;
    enum { EMBRYONIC, OPEN, RESET, UDP, ICMP };
    static const struct { int what; int64_t wait_ns; bool over; enum wt_end_why why; } rows[] = {
        { EMBRYONIC, 129 * SECOND, false, 0 }, { EMBRYONIC, 131 * SECOND, true, WT_END_TIMEOUT },
        { OPEN, 90000 * SECOND, false, 0 },
        { RESET, 4 * SECOND, false, 0 }, { RESET, 6 * SECOND, true, WT_END_CLOSED },
        { UDP, 59 * SECOND, false, 0 }, { UDP, 61 * SECOND, true, WT_END_TIMEOUT },
        { ICMP, 29 * SECOND, false, 0 }, { ICMP, 31 * SECOND, true, WT_END_TIMEOUT },
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct lab *lab = lab_new();
        lab->client_port = 40001;
        if (rows[i].what == EMBRYONIC)
            lab_tcp(lab, 'c', "S", 100, 0, 0);
        else if (rows[i].what == OPEN || rows[i].what == RESET)
            handshake(lab);
        else
            lab_other(lab, 'c', rows[i].what == UDP ? 17 : 47, 20);
        if (rows[i].what == RESET)
            lab_tcp(lab, 'c', "R", 101, 0, 0);
        wait_ns(lab, rows[i].wait_ns);
        const struct wt_connection *r = record_of(lab, 40001);
        if ((r != NULL) != rows[i].over)
            fail_msg("row %zu: %s", i, r ? "ended" : "has not ended");
        if (r)
            assert_int_equal(r->why, rows[i].why);
        lab_free(lab);
    }
}

static void an_idle_timeout_can_be_asked_for(void **state)
{
    (void)state;
    struct lab *lab = lab_new();
    lab->config.value[WT_TCP_IDLE_TIMEOUT] = 20;
    lab->client_port = 40001;
    handshake(lab);
    wait_ns(lab, 15 * SECOND);
    lab_tcp(lab, 'c', "A", 101, 301, 10);
    wait_ns(lab, 15 * SECOND);
    assert_null(record_of(lab, 40001));
    wait_ns(lab, 6 * SECOND);
    assert_non_null(record_of(lab, 40001));
    assert_int_equal(record_of(lab, 40001)->why, WT_END_TIMEOUT);
    lab_free(lab);
}

static void conversations_have_a_direction_and_an_outcome(void **state)
{
    (void)state;
    static const struct {
        uint8_t protocol;
        const char *order;             /* who sends, one letter a packet */
        uint16_t client_port, server_port, icmp;
        uint32_t packet_flags;
        uint16_t want_client;          /* port of side 0 */
        uint32_t flags;
        unsigned outcome;
        const char *conn_state, *history;
    } rows[] = {
        { 17, "cs", 5000, 6000, 0, 0, 5000, 0, WT_OUTCOME_ANSWERED, "SF", "Dd" },
        { 17, "ccc", 5000, 6000, 0, 0, 5000, 0, WT_OUTCOME_UNANSWERED, "S0", "D" },
        { 17, "sc", 5000, 53, 0, 0, 5000, WT_CONN_FLIPPED | WT_CONN_GUESSED, WT_OUTCOME_ANSWERED, "SF", "^dD" },
        { 17, "s", 5000, 53, 0, 0, 5000, WT_CONN_FLIPPED | WT_CONN_GUESSED, WT_OUTCOME_UNANSWERED, "SHR", "^d" },
        { 17, "c", 5353, 5353, 0, WT_PACKET_MULTICAST, 5353, 0, WT_OUTCOME_ONE_WAY, "S0", "D" },
        { 1, "cs", 8, 0, 0x0800, WT_PACKET_ICMP, 8, 0, WT_OUTCOME_ANSWERED, "OTH", "Dd" },
        { 1, "s", 8, 0, 0x0000, WT_PACKET_ICMP, 8, WT_CONN_FLIPPED | WT_CONN_GUESSED, WT_OUTCOME_UNANSWERED, "OTH", "^d" },
        { 1, "c", 5, 1, 0x0501, WT_PACKET_ICMP, 5, 0, WT_OUTCOME_ONE_WAY, "OTH", "D" },
        { 47, "cs", 0, 0, 0, 0, 0, 0, WT_OUTCOME_ANSWERED, "OTH", "Dd" },
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct lab *lab = lab_new();
        lab->client_port = rows[i].client_port;
        lab->server_port = rows[i].server_port;
        for (const char *from = rows[i].order; *from; from++) {
            struct wt_packet *p = make_other(lab, *from, rows[i].protocol, 30);
            p->flags |= rows[i].packet_flags;
            p->icmp = rows[i].icmp;
            lab_send(lab, p);
            assert_true(lab->result.deliver);
            assert_false(lab->result.has_segment);
        }
        lab_finish(lab);
        const struct wt_connection *r = &lab->record[0];
        assert_int_equal(lab->records, 1);
        assert_int_equal(r->side[0].port, rows[i].want_client);
        assert_memory_equal(r->side[0].address, "\x0a\x00\x00\x01", 4);
        assert_int_equal(r->flags, rows[i].flags);
        assert_int_equal(r->outcome, rows[i].outcome);
        assert_string_equal(r->conn_state, rows[i].conn_state);
        assert_string_equal(r->history, rows[i].history);
        assert_int_equal(r->first_closer, 255);
        lab_free(lab);
    }
}

static void midstream_guesses_by_port_and_says_so(void **state)
{
    (void)state;
    static const struct { uint16_t from, to; bool sender_is_client; } rows[] = {
        { 40000, 80, true }, { 80, 40000, false }, { 50000, 50001, true }, { 22, 51000, false }, { 8080, 51000, false },
        { 51000, 8080, true }, { 445, 139, true },
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct lab *lab = lab_new();
        lab->client_port = rows[i].from;
        lab->server_port = rows[i].to;
        lab_tcp(lab, 'c', "PA", 1000, 2000, 5);
        assert_int_equal(lab->result.side, rows[i].sender_is_client ? 0 : 1);
        lab_finish(lab);
        assert_true(lab->record[0].flags & WT_CONN_GUESSED);
        assert_true(lab->record[0].flags & WT_CONN_MIDSTREAM);
        assert_int_equal(lab->record[0].side[0].port, rows[i].sender_is_client ? rows[i].from : rows[i].to);
        lab_free(lab);
    }
}

static void an_icmp_error_tells_of_its_connection(void **state)
{
    (void)state;
    struct lab *lab = lab_new();
    lab_tcp(lab, 'c', "S", 100, 0, 0);
    lab->now_ns += 10 * MS;
    lab_send(lab, make_icmp_error(lab, 'c', 6, 0x0301));
    assert_true(lab->result.has_segment);
    assert_true(lab->result.segment.did & WT_DID_ICMP_ERROR);
    assert_false(lab->result.deliver);
    lab->client_port = 6000;
    lab->server_port = 7000;
    lab_other(lab, 'c', 17, 10);
    lab_send(lab, make_icmp_error(lab, 'c', 17, 0x0303));
    assert_false(lab->result.has_segment);
    lab->client_port = 6001;    /* and one about a packet that the capture does not have */
    lab_send(lab, make_icmp_error(lab, 'c', 17, 0x0303));
    lab_finish(lab);
    assert_int_equal(lab->records, 3);
    for (unsigned i = 0; i < 3; i++) {
        assert_int_equal(lab->record[i].outcome, WT_OUTCOME_UNREACHABLE);
        assert_int_equal(lab->record[i].icmp_error, i == 0 ? 0x0301 : 0x0303);
        assert_int_equal(lab->record[i].side[0].packets, i == 2 ? 0 : 1);    /* the error is none of them */
    }
    lab_free(lab);
}

static void an_icmp_error_after_the_answer_changes_no_outcome(void **state)
{
    (void)state;
    struct lab *lab = lab_new();
    handshake(lab);
    lab_send(lab, make_icmp_error(lab, 's', 6, 0x0304));
    assert_int_equal(lab->result.segment.state[0], WT_TCP_ESTABLISHED);
    lab_finish(lab);
    assert_int_equal(lab->record[0].outcome, WT_OUTCOME_OPEN);
    assert_int_equal(lab->record[0].icmp_error, 0x0304);
    lab_free(lab);
}

static struct track_result *send_bad(struct lab *lab, char from, const char *flags, uint32_t seq, uint32_t ack,
                                     uint32_t len)
{
    struct wt_packet *p = make_tcp(lab, from, flags, seq, ack, len);
    p->transport_checksum = WT_CKSUM_BAD;
    return lab_send(lab, p);
}

static void bad_checksums_move_nothing_where_they_are_rare(void **state)
{
    (void)state;
    struct lab *lab = lab_new();
    handshake(lab);
    for (uint32_t i = 0; i < 10; i++)
        lab_tcp(lab, 'c', "A", 101 + i, 301, 1);
    assert_int_equal(send_bad(lab, 'c', "FA", 111, 301, 0)->segment.state[0], WT_TCP_ESTABLISHED);
    assert_true(lab->result.segment.did & WT_DID_BAD_CHECKSUM);
    assert_false(lab->result.deliver);
    lab_tcp(lab, 'c', "FA", 111, 301, 0);
    assert_int_equal(lab->result.segment.state[0], WT_TCP_FIN_WAIT_1);
    lab_finish(lab);
    assert_int_equal(lab->record[0].side[0].bad_checksums, 1);
    assert_string_equal(lab->record[0].history, "ShADCF");
    lab_free(lab);

    lab = lab_new();    /* whoever slips in a reset cannot know the sum, or wants only us to heed it */
    handshake(lab);
    assert_int_equal(send_bad(lab, 'c', "R", 101, 0, 0)->segment.state[0], WT_TCP_ESTABLISHED);
    assert_false(lab->result.deliver);
    lab_free(lab);
}

static void bad_checksums_decide_nothing_where_they_are_common(void **state)
{
    (void)state;
    struct lab *lab = lab_new();
    send_bad(lab, 'c', "S", 100, 0, 0);
    send_bad(lab, 's', "SA", 300, 101, 0);
    assert_true(send_bad(lab, 'c', "A", 101, 301, 0)->segment.did & WT_DID_HANDSHAKE);
    assert_true(lab->result.deliver);
    lab_free(lab);

    lab = lab_new();    /* contents were altered: what carries some is bad, the rest is good */
    handshake(lab);
    assert_true(send_bad(lab, 'c', "PA", 101, 301, 50)->deliver);
    assert_true(lab_tcp(lab, 's', "A", 301, 151, 0)->deliver);
    assert_false(lab->result.segment.did & WT_DID_ACKED_UNSEEN);
    lab_free(lab);
}

static void nothing_is_delivered_after_an_end(void **state)
{
    (void)state;
    struct lab *lab = lab_new();
    handshake(lab);
    assert_true(lab_tcp(lab, 'c', "PA", 101, 301, 10)->deliver);
    assert_true(lab_tcp(lab, 's', "R", 301, 0, 0)->deliver);          /* the stream hears of it */
    assert_false(lab_tcp(lab, 'c', "PA", 111, 301, 10)->deliver);
    lab_finish(lab);
    lab->client_port++;
    handshake(lab);
    assert_true(lab_tcp(lab, 'c', "FPA", 101, 301, 10)->deliver);
    assert_true(lab_tcp(lab, 'c', "FPA", 101, 301, 10)->deliver);     /* again */
    assert_false(lab_tcp(lab, 'c', "PA", 112, 301, 10)->deliver);     /* behind its FIN */
    assert_true(lab_tcp(lab, 's', "PA", 301, 112, 10)->deliver);
    assert_int_equal(lab->result.data_seq, 301);
    assert_int_equal(lab_tcp(lab, 'c', "S", 900, 0, 5)->data_seq, 901);
    lab_free(lab);
}

static struct conn *send_wide(struct lab *lab, uint8_t family, uint32_t scope, char from, uint8_t last)
{
    struct wt_packet *p = make_other(lab, from, 17, 10);
    p->key.family = family;
    p->key.scope = scope;
    p->key.address[1][15] = last;
    lab_send(lab, p);
    return lab->result.conn;
}

/* IPv6 and tunnels have keys that do not fit the compact form; the same ports and hash are not enough. */
static void keys_that_are_wide(void **state)
{
    (void)state;
    struct lab *lab = lab_new();
    struct conn *six = send_wide(lab, 6, 0, 'c', 7), *tunnel = send_wide(lab, 4, 99, 'c', 0);
    struct conn *plain = send_wide(lab, 4, 0, 'c', 0), *other = send_wide(lab, 6, 0, 'c', 8);
    assert_ptr_equal(send_wide(lab, 6, 0, 's', 7), six);
    assert_ptr_equal(send_wide(lab, 4, 99, 's', 0), tunnel);
    assert_ptr_equal(send_wide(lab, 4, 0, 's', 0), plain);
    assert_ptr_equal(send_wide(lab, 6, 0, 's', 8), other);
    lab_finish(lab);
    assert_int_equal(lab->records, 4);
    assert_int_equal(lab->record[0].family, 6);
    assert_memory_equal(lab->record[0].side[1].address, "\x0a\0\0\x02\0\0\0\0\0\0\0\0\0\0\0\x07", 16);
    assert_int_equal(lab->record[1].scope, 99);
    assert_int_equal(lab->record[2].scope, 0);
    lab_free(lab);
}

static void a_bad_datagram_is_counted_not_delivered(void **state)
{
    (void)state;
    struct lab *lab = lab_new();
    struct wt_packet *p = make_other(lab, 'c', 17, 10);
    p->transport_checksum = WT_CKSUM_BAD;
    assert_false(lab_send(lab, p)->deliver);
    assert_true(lab_other(lab, 'c', 17, 10)->deliver);
    lab_finish(lab);
    assert_int_equal(lab->record[0].side[0].bad_checksums, 1);
    assert_string_equal(lab->record[0].history, "CD");
    lab_free(lab);
}

static void lost_frames_mark_the_open_ones(void **state)
{
    (void)state;
    struct lab *lab = lab_new();
    handshake(lab);
    tracker_frames_lost(lab->t);
    lab->client_port = 9;
    handshake(lab);
    lab_finish(lab);
    assert_true(lab->record[0].flags & WT_CONN_MISSED_FRAMES);
    assert_false(lab->record[1].flags & WT_CONN_MISSED_FRAMES);
    lab_free(lab);
}

static struct conn *send_on_vlan(struct lab *lab, uint16_t vlan, char from, const char *flags, uint32_t seq, uint32_t ack)
{
    struct wt_packet *p = make_tcp(lab, from, flags, seq, ack, 0);
    p->key.vlan = vlan;    /* the hash leaves it out */
    lab_send(lab, p);
    return lab->result.conn;
}

static void the_tag_of_one_direction_is_enough(void **state)
{
    (void)state;
    struct lab *lab = lab_new();
    struct conn *one = send_on_vlan(lab, 11, 'c', "S", 100, 0);
    assert_ptr_equal(send_on_vlan(lab, 0, 's', "SA", 300, 101), one);
    assert_ptr_equal(send_on_vlan(lab, 11, 'c', "A", 101, 301), one);
    assert_true(lab->result.segment.did & WT_DID_HANDSHAKE);
    assert_ptr_equal(send_on_vlan(lab, 0, 's', "A", 301, 101), one);
    lab_finish(lab);
    assert_int_equal(lab->records, 1);
    assert_int_equal(lab->record[0].vlan, 11);
    lab_free(lab);
}

static void the_same_five_tuple_on_two_vlans_is_two(void **state)
{
    (void)state;
    struct lab *lab = lab_new();    /* a trunk before and behind a router */
    struct conn *one = send_on_vlan(lab, 11, 'c', "S", 100, 0), *two = send_on_vlan(lab, 12, 'c', "S", 100, 0);
    assert_ptr_not_equal(one, two);
    assert_ptr_equal(send_on_vlan(lab, 12, 's', "SA", 300, 101), two);
    assert_ptr_equal(send_on_vlan(lab, 11, 's', "SA", 300, 101), one);
    assert_ptr_equal(send_on_vlan(lab, 11, 'c', "A", 101, 301), one);
    assert_ptr_equal(send_on_vlan(lab, 12, 'c', "A", 101, 301), two);
    lab_finish(lab);
    assert_int_equal(lab->records, 2);
    lab_free(lab);
}

static void udp_streams_keep_their_number_over_silence(void **state)
{
    (void)state;
    struct lab *lab = lab_new();
    lab_other(lab, 'c', 17, 10);
    assert_int_equal(conn_stream_index(lab->result.conn), 0);
    wait_ns(lab, 100 * SECOND);
    assert_int_equal(lab->records, 1);
    lab_other(lab, 'c', 17, 10);
    assert_int_equal(conn_stream_index(lab->result.conn), 0);
    assert_int_equal(conn_number(lab->result.conn), 3);
    lab->client_port++;
    lab_other(lab, 'c', 17, 10);
    assert_int_equal(conn_stream_index(lab->result.conn), 2);
    lab_free(lab);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(everything_in_a_record),
        cmocka_unit_test(time_wait_runs_by_rule),
        cmocka_unit_test(time_wait_counts_what_arrives_and_is_cut_short_by_reuse),
        cmocka_unit_test(silence_ends_what_it_should),
        cmocka_unit_test(an_idle_timeout_can_be_asked_for),
        cmocka_unit_test(conversations_have_a_direction_and_an_outcome),
        cmocka_unit_test(midstream_guesses_by_port_and_says_so),
        cmocka_unit_test(an_icmp_error_tells_of_its_connection),
        cmocka_unit_test(an_icmp_error_after_the_answer_changes_no_outcome),
        cmocka_unit_test(bad_checksums_move_nothing_where_they_are_rare),
        cmocka_unit_test(bad_checksums_decide_nothing_where_they_are_common),
        cmocka_unit_test(nothing_is_delivered_after_an_end),
        cmocka_unit_test(keys_that_are_wide),
        cmocka_unit_test(a_bad_datagram_is_counted_not_delivered),
        cmocka_unit_test(lost_frames_mark_the_open_ones),
        cmocka_unit_test(the_tag_of_one_direction_is_enough),
        cmocka_unit_test(the_same_five_tuple_on_two_vlans_is_two),
        cmocka_unit_test(udp_streams_keep_their_number_over_silence),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

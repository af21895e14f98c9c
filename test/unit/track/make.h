/* Packets by hand, and a tracker that remembers what it said of them. */
#ifndef TEST_TRACK_MAKE_H
#define TEST_TRACK_MAKE_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "track/conn.h"
#include "track/track.h"

#define LAB_RECORDS 4096
#define MS INT64_C(1000000)
#define SECOND (1000 * MS)
#define LAB_START (INT64_C(1700000000) * SECOND)

struct lab {
    struct tracker *t;
    struct wt_config config;
    struct wt_limit_hits hits;
    struct wt_connection record[LAB_RECORDS];
    unsigned records, closed_streams, time_waits;
    struct track_result result;      /* of the last packet */
    int64_t now_ns;
    uint64_t frame;
    /* of the packets that lab_tcp() makes */
    const char *client, *server;     /* dotted */
    uint16_t client_port, server_port;
    uint16_t window;
    struct wt_packet p;              /* the last one, or a template */
};

static void lab_ended(void *to, struct conn *conn, const struct wt_connection *record)
{
    struct lab *lab = to;
    (void)conn;
    if (lab->records < LAB_RECORDS)
        lab->record[lab->records] = *record;
    lab->records++;
}

static void lab_close_stream(void *to, struct conn *conn, enum wt_end_why why, int64_t now_ns)
{
    struct lab *lab = to;
    (void)conn;
    (void)why;
    (void)now_ns;
    lab->closed_streams++;
}

static void lab_time_wait(void *to, const struct wt_connection *record)
{
    struct lab *lab = to;
    (void)record;
    lab->time_waits++;
}

static void lab_each(void *to, struct wt_packet *packet, struct track_result *result)
{
    struct lab *lab = to;
    (void)packet;
    lab->result = *result;
}

/* The tracker is made by the first packet, so that a test can change lab->config before. */
static struct lab *lab_new(void)
{
    struct lab *lab = calloc(1, sizeof *lab);
    assert_non_null(lab);
    wt_config_defaults(&lab->config);
    lab->now_ns = LAB_START;
    lab->client = "10.0.0.1";
    lab->server = "10.0.0.2";
    lab->client_port = 40000;
    lab->server_port = 80;
    lab->window = 1000;
    return lab;
}

static struct tracker *lab_tracker(struct lab *lab, uint64_t own, bool number)
{
    static const uint64_t seed[2] = { 1, 2 };
    const struct tracker_hooks hooks = { lab, lab_ended, lab_close_stream, lab_time_wait, NULL };
    struct tracker *t = tracker_new(&lab->config, seed, own, number, &hooks, &lab->hits);
    assert_non_null(t);
    tracker_want_segments(t);
    return t;
}

static void lab_begin(struct lab *lab)
{
    if (!lab->t)
        lab->t = lab_tracker(lab, UINT64_MAX, true);
}

static inline void lab_finish(struct lab *lab)
{
    lab_begin(lab);
    tracker_finish(lab->t);
    assert_int_equal(tracker_counters(lab->t)->open, 0);
    tracker_free(lab->t);
    lab->t = NULL;
}

static inline void lab_free(struct lab *lab)
{
    if (lab->t)
        tracker_free(lab->t);
    free(lab);
}

static void address_of(const char *dotted, uint8_t address[16])
{
    memset(address, 0, 16);
    for (unsigned i = 0; i < 4; i++) {
        address[i] = (uint8_t)strtoul(dotted, NULL, 10);
        dotted = strchr(dotted, '.') ? strchr(dotted, '.') + 1 : "0";
    }
}

static uint64_t hash_of(const struct wt_flow_key *key)
{
    uint64_t h = 0xcbf29ce484222325u;
    const uint8_t *bytes = (const uint8_t *)key;
    for (size_t i = 0; i < sizeof *key; i++)
        h = (h ^ bytes[i]) * 0x100000001b3u;
    return h ^ h >> 29;
}

/* Fills key, dir, hash and shard from who sends to whom. */
static void packet_key(struct wt_packet *p, uint8_t protocol, const char *from, uint16_t from_port, const char *to,
                       uint16_t to_port)
{
    uint8_t a[16], b[16];
    address_of(from, a);
    address_of(to, b);
    int order = memcmp(a, b, 16);
    bool first = order < 0 || (order == 0 && from_port <= to_port);
    memset(&p->key, 0, sizeof p->key);
    memcpy(p->key.address[0], first ? a : b, 16);
    memcpy(p->key.address[1], first ? b : a, 16);
    p->key.port[0] = first ? from_port : to_port;
    p->key.port[1] = first ? to_port : from_port;
    p->key.protocol = protocol;
    p->key.family = 4;
    p->dir = first ? 0 : 1;
    p->hash = hash_of(&p->key);
    p->shard = (uint16_t)(p->hash >> 58);
    p->flags |= WT_PACKET_IP;
}

static void packet_frame(struct lab *lab, struct wt_packet *p, uint32_t wire_len)
{
    p->frame.time_ns = lab->now_ns;
    p->frame.number = ++lab->frame;
    p->frame.wire_len = p->frame.captured_len = wire_len;
    p->ip_bytes = wire_len - 14;
    p->ttl = 64;
    p->transport_checksum = WT_CKSUM_GOOD;
}

static unsigned flags_of(const char *letters)
{
    static const char names[] = "FSRPAUEWe";
    unsigned flags = 0;
    for (; *letters; letters++)
        if (*letters != '.')
            flags |= 1u << (strchr(names, *letters) - names);
    return flags;
}

static struct wt_packet *make_tcp(struct lab *lab, char from, const char *flags, uint32_t seq, uint32_t ack, uint32_t len)
{
    struct wt_packet *p = &lab->p;
    bool client = from == 'c';
    memset(p, 0, sizeof *p);
    p->flags = WT_PACKET_TCP;
    packet_key(p, 6, client ? lab->client : lab->server, client ? lab->client_port : lab->server_port,
               client ? lab->server : lab->client, client ? lab->server_port : lab->client_port);
    p->tcp = (struct wt_tcp_summary){ .seq = seq, .ack = ack, .flags = (uint16_t)flags_of(flags),
                                      .window = lab->window, .wscale = 255 };
    p->payload_bytes = p->payload_wire_bytes = len;
    packet_frame(lab, p, 54 + len);
    return p;
}

static struct wt_packet *make_other(struct lab *lab, char from, uint8_t protocol, uint32_t len)
{
    struct wt_packet *p = &lab->p;
    bool client = from == 'c';
    memset(p, 0, sizeof *p);
    p->flags = protocol == 17 ? WT_PACKET_UDP : 0;
    packet_key(p, protocol, client ? lab->client : lab->server, client ? lab->client_port : lab->server_port,
               client ? lab->server : lab->client, client ? lab->server_port : lab->client_port);
    p->payload_bytes = p->payload_wire_bytes = len;
    packet_frame(lab, p, 42 + len);
    return p;
}

/* An ICMP error about the packet that `from` sent, with the key of that packet. */
static inline struct wt_packet *make_icmp_error(struct lab *lab, char from, uint8_t protocol, uint16_t icmp)
{
    struct wt_packet *p = make_other(lab, from, protocol, 28);
    p->flags = WT_PACKET_IP | WT_PACKET_ICMP | WT_PACKET_ICMP_ERROR;
    p->icmp = icmp;
    return p;
}

static struct track_result *lab_send(struct lab *lab, struct wt_packet *p)
{
    lab_begin(lab);
    memset(&lab->result, 0xee, sizeof lab->result);
    tracker_batch(lab->t, p, 1, lab_each, lab);
    return &lab->result;
}

static inline struct track_result *lab_tcp(struct lab *lab, char from, const char *flags, uint32_t seq, uint32_t ack,
                                           uint32_t len)
{
    lab->now_ns += 10 * MS;
    return lab_send(lab, make_tcp(lab, from, flags, seq, ack, len));
}

static inline struct track_result *lab_other(struct lab *lab, char from, uint8_t protocol, uint32_t len)
{
    lab->now_ns += 10 * MS;
    return lab_send(lab, make_other(lab, from, protocol, len));
}

#endif

/* How many sockets each host held in TIME-WAIT at the worst moment. Periods are collected by the workers and swept in
 * the order of time when all are known, because no worker sees all of a host's connections. Bounded by
 * max-time-wait-events, a 64th for each shard; beyond it the figures are lower bounds. */
#ifndef REPORT_SUMMARY_TIME_WAIT_H
#define REPORT_SUMMARY_TIME_WAIT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "report/summary_top.h"
#include "wiretale/connection.h"

#define PORTS_LINUX 28232     /* net.ipv4.ip_local_port_range 32768 to 60999 */
#define PORTS_IANA 16384      /* RFC 6335: 49152 to 65535 */

/* Who holds sockets: a host, or, where it was the client, a host towards one server's address and port: there each
 * connection takes an ephemeral port of its own. */
struct time_wait_group {
    uint8_t local[16], remote[16];    /* remote zero: the whole host */
    uint16_t remote_port;
    uint8_t family;
};

struct time_wait_peak {
    struct time_wait_group group;
    uint64_t most;            /* at once */
    int64_t at_ns;            /* when that was reached */
    uint64_t periods;
    bool as_client;           /* some of them hold ephemeral ports */
};

/* Periods of one IP version, without padding: start, end, local and remote address, remote port, whether the client
 * holds it. */
struct time_wait_list {
    uint8_t *rows;            /* owned */
    size_t count, capacity;
    uint8_t family;
};

struct time_waits {
    struct time_wait_list lists[2];      /* IPv4, IPv6 */
    uint32_t limit_per_shard;
    uint32_t by_shard[TOP_SHARDS];
    uint64_t left_out;                   /* periods beyond the limit */
    uint64_t by_client, by_server, by_both, reused, still_running, segments_in;
};

void time_waits_init(struct time_waits *w, uint64_t limit);
void time_waits_done(struct time_waits *w);
void time_waits_add(struct time_waits *w, const struct wt_connection *c);
void time_waits_merge(struct time_waits *into, const struct time_waits *from);
static inline size_t time_waits_count(const struct time_waits *w)
{
    return w->lists[0].count + w->lists[1].count;
}
/* The worst hosts (towards false) or host-and-server pairs (true), most sockets first, ties by address; returns how
 * many. until_ns: the last frame, after which nothing is claimed. */
size_t time_waits_peaks(const struct time_waits *w, bool towards, int64_t until_ns, struct time_wait_peak *ret_peaks,
                        size_t most);

#endif

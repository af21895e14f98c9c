/* The report's sums. Each worker fills its own from the engine's callbacks; afterwards they are merged into one.
 * Memory is bounded whatever the capture holds, and the result does not depend on the number of workers. */
#ifndef REPORT_SUMMARY_H
#define REPORT_SUMMARY_H

#include <stdbool.h>
#include <stdint.h>

#include "report/names.h"
#include "report/summary_histogram.h"
#include "report/summary_numbers.h"
#include "report/summary_queue.h"
#include "report/summary_rate.h"
#include "report/summary_time_wait.h"
#include "report/summary_top.h"
#include "report/summary_worst.h"
#include "wiretale/config.h"
#include "wiretale/connection.h"
#include "wiretale/message.h"

#define SUMMARY_STATES 24
#define SUMMARY_SERVICES 48
#define SUMMARY_METHODS 16     /* the last: all others */
#define SUMMARY_FLAGS 16

/* Keys of the tables: no padding, a multiple of 8 bytes. */
struct host_key {
    uint8_t address[16];
    uint8_t family;
    uint8_t zero[7];
};
enum { HOST_BYTES, HOST_BYTES_OUT, HOST_BYTES_IN, HOST_PACKETS_OUT, HOST_PACKETS_IN, HOST_CONNECTIONS,
       HOST_TCP_PACKETS_OUT,
       HOST_OPENED, HOST_FAILED,       /* TCP connections it asked for; those that never came about */
       HOST_RETRANSMISSIONS, HOST_OUT_OF_ORDER, HOST_ZERO_WINDOWS, HOST_BAD_CHECKSUMS,
       HOST_RETRANSMITTING_FRAME,      /* first frame of the first connection in which it retransmitted */
       HOST_FAILED_FRAME, HOST_COUNTERS,
       HOST_QUIET = HOST_FAILED };      /* how many tell of a host without troubles */

struct pair_key {                      /* a conversation of two hosts; the smaller address first */
    uint8_t address[2][16];
    uint8_t family;
    uint8_t zero[7];
};
enum { PAIR_BYTES, PAIR_BYTES_AB, PAIR_BYTES_BA, PAIR_PACKETS_AB, PAIR_PACKETS_BA, PAIR_CONNECTIONS, PAIR_COUNTERS };

struct port_key {
    uint16_t port;
    uint8_t protocol;
    uint8_t zero[5];
};
enum { PORT_BYTES, PORT_PACKETS, PORT_CONNECTIONS, PORT_COUNTERS };

struct server_key {                    /* an address and port that somebody connected to */
    uint8_t address[16];
    uint16_t port;
    uint8_t family, protocol;
    uint8_t zero[4];
};
enum { SERVER_CONNECTIONS, SERVER_BYTES, SERVER_REFUSED, SERVER_UNREACHABLE, SERVER_UNANSWERED, SERVER_HALF_OPEN,
       SERVER_RESET_BY_CLIENT, SERVER_RESET_BY_SERVER, SERVER_TROUBLES,
       SERVER_REFUSED_FRAME, SERVER_UNREACHABLE_FRAME, SERVER_UNANSWERED_FRAME, SERVER_HALF_OPEN_FRAME,
       SERVER_RESET_BY_CLIENT_FRAME, SERVER_RESET_BY_SERVER_FRAME,
       SERVER_COUNTERS, SERVER_QUIET = SERVER_REFUSED };

enum { DNS_SERVER_QUERIES, DNS_SERVER_TROUBLES, DNS_SERVER_UNANSWERED, DNS_SERVER_SERVFAIL, DNS_SERVER_REFUSED,
       DNS_SERVER_NXDOMAIN, DNS_SERVER_RETRIES, DNS_SERVER_UNANSWERED_FRAME, DNS_SERVER_SERVFAIL_FRAME,
       DNS_SERVER_REFUSED_FRAME, DNS_SERVER_COUNTERS, DNS_SERVER_QUIET = DNS_SERVER_TROUBLES };

enum { HTTP_SERVER_EXCHANGES, HTTP_SERVER_TROUBLES, HTTP_SERVER_4XX, HTTP_SERVER_5XX, HTTP_SERVER_UNANSWERED,
       HTTP_SERVER_INCOMPLETE, HTTP_SERVER_5XX_FRAME, HTTP_SERVER_UNANSWERED_FRAME, HTTP_SERVER_INCOMPLETE_FRAME,
       HTTP_SERVER_4XX_FRAME, HTTP_SERVER_COUNTERS, HTTP_SERVER_QUIET = HTTP_SERVER_TROUBLES };

struct number_key {                    /* DNS type, rcode, HTTP status */
    uint32_t value, zero;
};

struct named_count {
    char name[16];
    uint64_t count, bytes;
};

struct tcp_sums {
    uint64_t connections, midstream, guessed, one_sided, resumed, missed_frames, reused, simultaneous_open, fast_open,
        mptcp, partial;
    uint64_t outcomes[WT_OUTCOMES], closes[WT_CLOSE_KINDS];
    uint64_t closed_by[2], reset_by[2];
    uint64_t resets_in_answer_to_data, resets_after_fin, resets_unasked;
    uint64_t segments, payload_bytes, retransmissions, retransmitted_bytes, out_of_order, duplicated, duplicate_acks,
        zero_windows, keep_alives, bad_checksums, missing_bytes;
    uint64_t syn_retried;              /* connections whose SYN was sent again */
    struct named_count states[SUMMARY_STATES];    /* Zeek's conn_state; as many as have a name */
    struct histogram handshake, handshake_server, handshake_client, duration;
    struct worst slow_handshakes, retransmitting, troubled;
};

struct other_sums {                    /* conversations without connections: UDP, ICMP, the rest */
    uint64_t conversations, bytes, outcomes[WT_OUTCOMES];
};

struct dns_sums {
    uint64_t transactions, unanswered, unasked, retried, retries, over_tcp, truncated, multicast, asked_again, failures;
    struct top types, rcodes;          /* struct number_key; counter 0 */
    struct histogram time;
    struct worst slowest, problems;    /* problems: the first ones unanswered, SERVFAIL, … */
    struct top_shards servers;         /* struct server_key with port */
};

struct http_sums {
    uint64_t exchanges, unanswered, without_request, incomplete, malformed, kept, chunked, until_close, pipelined,
        conditional, saved, saved_bytes, cookies_sent, cookies_set, upgraded, tunnels, continued, interim;
    uint64_t request_bytes, response_bytes;
    uint64_t connections, deepest;     /* connections with a first exchange; the most exchanges on one */
    uint64_t classes[6];               /* [0] none, [1] 1xx … */
    struct named_count methods[SUMMARY_METHODS];
    struct top statuses;
    struct histogram first_byte, total;
    struct worst slowest, errors;
    struct top_shards servers;
};

struct summary {
    unsigned top;                      /* rows of each list */
    struct tcp_sums tcp;
    struct other_sums udp, icmp, other;
    struct named_count services[SUMMARY_SERVICES];
    struct dns_sums dns;
    struct http_sums http;
    struct top_queue queue;            /* to the sharded lists */
    struct name_queue name_queue;      /* to the names */
    struct top_shards hosts, pairs, servers;
    struct top ports;                  /* as many as there are: two protocols, 65,536 numbers */
    struct time_waits time_waits;
    struct rate rate;
    struct numbers numbers;
    struct names *names;
    uint64_t name_limit;
    uint64_t lost;                     /* additions that found no memory */
    uint64_t seed;
};

/* NULL: out of memory. top: rows a list. seed: the same for all summaries of a run; any number. */
struct summary *summary_new(const struct wt_config *config, unsigned top, uint64_t seed);
void summary_free(struct summary *s);

/* The engine's callbacks; worker is a struct summary. */
void summary_connection(void *worker, const struct wt_connection *c);
void summary_message(void *worker, const struct wt_message *m);
void summary_frames(void *worker, const struct wt_frame *frames, unsigned n);

/* After the run, before lists are looked at; merging does it for both. */
void summary_settle(struct summary *s);
void summary_merge(struct summary *into, struct summary *from);
/* How often the summary's own limits were hit. */
void summary_limits(const struct summary *s, struct wt_limit_hits *hits);

/* After merging: puts the lists by name into an order that does not depend on who came first. */
void summary_sort(struct summary *s);

const char *summary_method_name(unsigned method);

#endif

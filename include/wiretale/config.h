/* Every option and limit, from one table: option name, check, counter and manual read the same row.
 * Set with `-o NAME:VALUE`. A counter tells how often a limit was hit. */
#ifndef WIRETALE_CONFIG_H
#define WIRETALE_CONFIG_H

#include <stdint.h>

#include "wiretale/error.h"

/* X(identifier, "option-name", default, minimum, maximum, "unit", "what it bounds and what happens then") */
#define WT_OPTION_TABLE(X) \
    X(MAX_CONNECTIONS, "max-connections", 1u << 20, 64, UINT32_MAX, "entries", \
      "Connections and conversations held at once; then embryonic ones go first, then closed ones, then the longest idle") \
    X(MAX_CONNECTION_DETAILS, "max-connection-details", 1u << 18, 64, UINT32_MAX, "entries", \
      "Connections with loss, repeats, resets or retries whose details are held at once; then new ones are marked partial") \
    X(MAX_UNACKED_SEGMENTS, "max-unacked-segments", 1u << 18, 64, UINT32_MAX, "segments", \
      "TCP segments remembered until they are acknowledged; then the connection forgets its oldest") \
    X(MAX_FRAGMENT_BYTES, "max-fragment-bytes", 8u << 20, 4096, UINT32_MAX, "bytes", \
      "Bytes of IP fragments held for reassembly; then the oldest datagram is given up") \
    X(MAX_FRAGMENT_DATAGRAMS, "max-fragment-datagrams", 4096, 16, 1u << 20, "datagrams", \
      "Fragmented datagrams being reassembled at once; then the oldest is given up") \
    X(FRAGMENT_TIMEOUT, "fragment-timeout", 30, 1, 3600, "seconds", \
      "How long an incomplete datagram is kept (RFC 8200 4.5 says 60, Linux 30)") \
    X(MAX_REASSEMBLY_BYTES, "max-reassembly-bytes", 64u << 20, 65536, UINT32_MAX, "bytes", \
      "Out-of-order TCP bytes held, all connections together, and as many again of unfinished messages; then the fullest loses its held bytes") \
    X(MAX_REASSEMBLY_PER_CONNECTION, "max-reassembly-per-connection", 1u << 20, 4096, UINT32_MAX, "bytes", \
      "The same for one direction of one connection; then its hole is reported as a gap") \
    X(MAX_SESSIONS, "max-sessions", 1u << 17, 16, UINT32_MAX, "entries", \
      "Application sessions (HTTP, DNS) open at once; then a new connection's content is not parsed") \
    X(MAX_HTTP_HEADER, "max-http-header", 65536, 1024, 1u << 24, "bytes", \
      "Length of an HTTP header section; a longer one ends the dissection of its connection") \
    X(MAX_HTTP_PIPELINE, "max-http-pipeline", 128, 1, 65536, "requests", \
      "HTTP requests waiting for their response on one connection; the oldest is then given up as unanswered") \
    X(MAX_DNS_PENDING, "max-dns-pending", 1u << 18, 16, UINT32_MAX, "queries", \
      "DNS queries waiting for their response; the oldest is then given up as unanswered") \
    X(MAX_DNS_CACHE, "max-dns-cache", 1u << 18, 16, UINT32_MAX, "answers", \
      "DNS answers remembered to tell repeated questions; the oldest is forgotten") \
    X(DNS_TIMEOUT, "dns-timeout", 10, 1, 3600, "seconds", \
      "When a DNS query without a response counts as unanswered") \
    X(MAX_NAMES, "max-names", 65536, 16, UINT32_MAX, "addresses", \
      "Addresses whose names, seen in DNS answers, are remembered; then the oldest is forgotten") \
    X(MAX_HOSTS, "max-hosts", 65536, 16, UINT32_MAX, "hosts", \
      "Hosts, ports and conversations counted one by one for the top lists; the smallest are then merged") \
    X(MAX_LADDER_LINES, "max-ladder-lines", 2000, 16, 1u << 24, "lines", \
      "Lines kept for the timeline of one connection; then its middle is folded") \
    X(MAX_LADDER_BYTES, "max-ladder-bytes", 256u << 20, 1u << 20, UINT32_MAX, "bytes", \
      "Memory of all timelines together; then the longest idle connection's ladder is folded") \
    X(MAX_PICTURE_LINES, "max-picture-lines", 500, 16, 100000, "lines", \
      "Lines of a timeline that are drawn into a picture; then its middle is left out") \
    X(MAX_ANALYSIS_BYTES, "max-analysis-bytes", 256u << 20, 1u << 20, UINT32_MAX, "bytes", \
      "Memory of the TCP analysis beside timelines, all connections together; then a connection goes without, or is marked partial") \
    X(MAX_VIEW_PACKETS, "max-view-packets", 50000000, 1000, 250000000, "packets", \
      "Packets that the view lists: of a file the first, of an interface the newest; the others are counted, not listed") \
    X(MAX_VIEW_CONNECTIONS, "max-view-connections", 1000000, 100, 16000000, "connections", \
      "Connections that the view lists; later ones are counted, not listed") \
    X(MAX_SPOOL_BYTES, "max-spool-bytes", 8ULL << 30, 1u << 20, 1ULL << 44, "bytes", \
      "Bytes of what the view keeps of packets that it cannot read again, and of the lines of its list; the newest are kept") \
    X(MAX_GRAPH_POINTS, "max-graph-points", 400000, 1000, 1u << 26, "points", \
      "Points held of one series of a plot; then it is thinned, and extremes stay") \
    X(TCP_SYN_TIMEOUT, "tcp-syn-timeout", 130, 1, 86400, "seconds", \
      "After how long without a segment an unanswered handshake is given up (Linux retries for 127 s)") \
    X(TCP_IDLE_TIMEOUT, "tcp-idle-timeout", 0, 0, 1u << 30, "seconds", \
      "After how long without a segment an open connection ends its record; 0: never") \
    X(TCP_CLOSED_LINGER, "tcp-closed-linger", 5, 0, 3600, "seconds", \
      "How long late segments still belong to a connection that was reset") \
    X(UDP_TIMEOUT, "udp-timeout", 60, 1, 86400, "seconds", "Silence that ends a UDP conversation") \
    X(ICMP_TIMEOUT, "icmp-timeout", 30, 1, 86400, "seconds", "Silence that ends an ICMP or other conversation") \
    X(TIME_WAIT, "time-wait", 240, 0, 86400, "seconds", \
      "2 MSL, the rule by which TIME-WAIT is reckoned (RFC 9293 3.4.2: 240; Linux: 60; netfilter: 120)") \
    X(MAX_TIME_WAIT_EVENTS, "max-time-wait-events", 1u << 20, 1024, UINT32_MAX, "events", \
      "TIME-WAIT periods kept to find each host's worst moment; then the figure is a lower bound") \
    X(CLOCK_JUMP, "clock-jump", 3600, 1, UINT32_MAX, "seconds", \
      "A forward jump of the packet clock by more counts only when later frames confirm it") \
    X(BLOCK_BYTES, "block-bytes", 512u << 10, 300u << 10, 16u << 20, "bytes", "Size of one block of frames") \
    X(FILE_BLOCKS, "file-blocks", 6, 2, 1024, "blocks", "Blocks between the reader of a file and the workers") \
    X(LIVE_BLOCKS, "live-blocks", 64, 2, 65536, "blocks", \
      "Blocks between the live capture and the workers; when all are full, frames are dropped and counted") \
    X(MAX_SOURCES, "max-sources", 256, 1, 4096, "inputs", "Files or interfaces read together")

enum wt_option_id {
#define X(id, name, def, min, max, unit, text) WT_##id,
    WT_OPTION_TABLE(X)
#undef X
    WT_OPTION_COUNT
};

struct wt_option {
    const char *name;
    uint64_t def, min, max;
    const char *unit;
    const char *meaning;
};

extern const struct wt_option wt_options[WT_OPTION_COUNT];

struct wt_config {
    uint64_t value[WT_OPTION_COUNT];
};

/* How often each limit was hit. */
struct wt_limit_hits {
    uint64_t count[WT_OPTION_COUNT];
};

void wt_config_defaults(struct wt_config *config);

/* "NAME:VALUE" or "NAME=VALUE"; VALUE takes k, M, G (1024). 0, or -EINVAL with the reason and the range. */
int wt_config_set(struct wt_config *config, const char *assignment, struct wt_error *err);

#endif

/* A frame with its layers found. Filled by decode in one pass, read by everything after it.
 * Belongs to the worker that decoded it; valid inside callbacks only. */
#ifndef WIRETALE_PACKET_H
#define WIRETALE_PACKET_H

#include <stdint.h>

#include "wiretale/cursor.h"
#include "wiretale/frame.h"

#define WT_MAX_LAYERS 16
#define WT_MAX_BUFFERS 12
#define WT_STREAM_BUFFER 255    /* wt_layer.buffer of a stream's message: its bytes are not the packet's */

struct wt_dissector;

/* One protocol header in a packet. */
struct wt_layer {
    uint16_t dissector;     /* index for wt_dissector_at() */
    uint8_t buffer;         /* 0: the frame; else which of struct wt_packet.buffers (reassembled bytes) */
    uint8_t cut;            /* enum wt_cut: how its header ended */
    uint32_t offset;        /* of its first byte in the buffer */
    uint32_t header_bytes;  /* decoded by this layer; what follows is its payload */
    uint32_t captured;      /* header and payload, bytes held */
    uint32_t wire_bytes;    /* header and payload, bytes sent, by the lengths of the layers below */
};

enum wt_checksum {
    WT_CKSUM_UNCHECKED,   /* not looked at (yet), or no such layer */
    WT_CKSUM_GOOD,
    WT_CKSUM_BAD,
    WT_CKSUM_ABSENT,      /* UDP zero over IPv4 (RFC 768) */
    WT_CKSUM_ILLEGAL,     /* UDP zero over IPv6 (RFC 8200 8.1) */
    WT_CKSUM_UNVERIFIABLE,/* cut by the snapshot length, or a fragment */
    WT_CKSUM_PARTIAL      /* the pseudo-header's sum alone: left for the sending host's card to finish */
};
#define WT_CKSUM_KINDS 7

/* Endpoints of the innermost IP packet, in canonical order: endpoint 0 is the smaller (address, port) by
 * memcmp, so both directions give the same key. 48 bytes, no padding: hashed and compared as bytes. */
struct wt_flow_key {
    uint8_t address[2][16];  /* IPv4 in the first 4 bytes, the rest zero */
    uint16_t port[2];        /* host order; ICMP: type and code as in Community ID; 0 where there are none */
    uint16_t vlan;           /* innermost VLAN id + 1; 0: untagged */
    uint8_t protocol;        /* IP protocol number */
    uint8_t family;          /* 4 or 6 */
    uint32_t scope;          /* mixes outer VLANs and tunnels; 0: none */
    uint32_t zero;
};
_Static_assert(sizeof(struct wt_flow_key) == 48, "no padding in a key");

enum wt_packet_flag {
    WT_PACKET_IP          = 1 << 0,   /* key is filled */
    WT_PACKET_TCP         = 1 << 1,   /* transport.tcp is */
    WT_PACKET_UDP         = 1 << 2,
    WT_PACKET_ICMP        = 1 << 3,
    WT_PACKET_ICMP_ERROR  = 1 << 4,   /* key is that of the packet it quotes, dir is that packet's direction */
    WT_PACKET_FRAGMENT    = 1 << 5,   /* innermost IP: a fragment that did not complete a datagram */
    WT_PACKET_REASSEMBLED = 1 << 6,   /* completed a datagram: buffer 1 holds it */
    WT_PACKET_MALFORMED   = 1 << 7,   /* a layer's cut is WT_CUT_BY_SENDER */
    WT_PACKET_TRUNCATED   = 1 << 8,   /* a layer's cut is WT_CUT_BY_SNAPLEN */
    WT_PACKET_TUNNELLED   = 1 << 9,
    WT_PACKET_MULTICAST   = 1 << 10,  /* or broadcast destination */
    WT_PACKET_TOO_DEEP    = 1 << 11   /* more than WT_MAX_LAYERS */
};

#define WT_FLAG_FIN 0x001u
#define WT_FLAG_SYN 0x002u
#define WT_FLAG_RST 0x004u
#define WT_FLAG_PSH 0x008u
#define WT_FLAG_ACK 0x010u
#define WT_FLAG_URG 0x020u
#define WT_FLAG_ECE 0x040u
#define WT_FLAG_CWR 0x080u
#define WT_FLAG_AE  0x100u

#define WT_MAX_SACK_BLOCKS 4

/* What tracking needs of a TCP header (RFC 9293 3.1), options read. 72 bytes. */
struct wt_tcp_summary {
    uint32_t seq, ack;
    uint16_t flags;          /* WT_FLAG_ */
    uint16_t window;         /* as sent, unscaled */
    uint16_t mss;            /* 0: option absent */
    uint8_t wscale;          /* 255: option absent */
    uint8_t sack_count;      /* blocks in sack[] */
    uint8_t has_timestamps, sack_permitted, fast_open, mptcp;   /* fast_open: 1 + cookie bytes */
    uint32_t ts_val, ts_ecr;
    uint32_t sack[WT_MAX_SACK_BLOCKS][2];
};

struct wt_packet {
    struct wt_frame frame;
    uint32_t flags;               /* enum wt_packet_flag */
    uint8_t layer_count;
    uint8_t buffer_count;         /* at least 1 */
    uint8_t dir;                  /* 0: endpoint 0 of the key sent it */
    uint8_t network_layer;        /* index of the innermost IP layer; 255: none */
    uint8_t transport_layer;      /* of the TCP, UDP or ICMP layer; 255: none */
    uint8_t ttl, tos, ip_flags;   /* innermost IP; ip_flags: bit 1 DF, bit 0 MF, as on the wire shifted by 13 */
    uint16_t icmp;                /* type << 8 | code */
    uint16_t shard;               /* 0..63 */
    uint32_t ip_id;
    uint32_t ip_bytes;            /* innermost IP packet, header included, by its length field */
    uint64_t hash;                /* of the key */
    struct wt_flow_key key;
    uint32_t payload_offset;      /* of the transport's payload, in payload_buffer */
    uint32_t payload_bytes;       /* held */
    uint32_t payload_wire_bytes;  /* sent */
    uint8_t payload_buffer;
    uint8_t ip_checksum, transport_checksum;    /* enum wt_checksum */
    uint8_t spare;
    uint16_t checksum_expected;   /* transport: the right value where it is BAD or PARTIAL */
    uint16_t ip_checksum_expected;
    struct wt_tcp_summary tcp;
    struct wt_layer layers[WT_MAX_LAYERS];
    struct wt_slice buffers[WT_MAX_BUFFERS];    /* [0] is the frame's captured bytes */
};

static inline struct wt_slice wt_packet_payload(const struct wt_packet *p)
{
    return (struct wt_slice){ p->buffers[p->payload_buffer].at + p->payload_offset, p->payload_bytes };
}

#endif

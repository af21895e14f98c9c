/* Inside decode: the decoder's tables, and IP reassembly. One worker. */
#ifndef DECODE_DECODER_H
#define DECODE_DECODER_H

#include "decode/decode.h"
#include "wiretale/dissector.h"

#define NOBODY 0xff

struct fragments;

/* Who is asked for, by key; NOBODY: none. Built once from the registry. */
struct key_tables {
    uint8_t linktype[512], ip_protocol[256], family[16], llc[256];
    uint8_t ethertype[65536], udp_port[65536], ppp[65536];
    uint8_t llc_default;
    uint8_t chdlc;                         /* who has the one protocol of Cisco HDLC that is no EtherType */
    uint32_t chdlc_key;
    uint8_t guessers[8], guesser_count;    /* dissectors with recognise() */
};

struct decoder {
    uint64_t seed[2];
    struct decode_counters counters;
    struct wt_limit_hits *hits;
    struct fragments *fragments;
    struct key_tables keys;
    uint64_t own;                          /* decoder_own() */
    bool compat;
    uint8_t ethernet, vlan, ieee8021ad, ipv4, ipv6, ipv6_fragment, tcp, udp, udplite, icmp, icmpv6, igmp, rgmp, vxlan, fabricpath;
};

/* A piece of a datagram. */
struct fragment {
    uint8_t family, protocol;
    const uint8_t *source, *destination;   /* 4 or 16 bytes */
    uint32_t id, vlan_scope;
    uint32_t offset;
    bool more;
    struct wt_slice bytes;
    int64_t time_ns;
};

struct fragments *fragments_new(const struct wt_config *config, const uint64_t seed[2], struct wt_limit_hits *hits,
                                struct decode_counters *counters);
/* Overlapping fragments are put together in IPv6, too. */
void fragments_allow_overlaps(struct fragments *f);
void fragments_free(struct fragments *f);
/* The whole payload when this fragment completed it, valid until fragments_release(); else an empty slice. */
struct wt_slice fragments_add(struct fragments *f, const struct fragment *piece);
void fragments_release(struct fragments *f);
void fragments_finish(struct fragments *f);

#endif

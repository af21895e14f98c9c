/* Frames to layers: one pass over a batch of frames, nothing allocated but for IP reassembly, which is bounded.
 * A decoder belongs to one worker. */
#ifndef DECODE_DECODE_H
#define DECODE_DECODE_H

#include <stdbool.h>
#include <stdint.h>

#include "wiretale/config.h"
#include "wiretale/packet.h"

struct decoder;

struct decode_counters {
    uint64_t fragments, datagrams_reassembled, datagrams_incomplete;
    uint64_t fragments_overlapping;
};

/* seed keys the flow hash. NULL when out of memory. */
struct decoder *decoder_new(const struct wt_config *config, const uint64_t seed[2], struct wt_limit_hits *hits);
void decoder_free(struct decoder *d);
/* From now on as tshark 4.0: a fragment whose IPv4 header checksum is bad is not put together with others; the first
 * one is decoded as far as it goes. */
void decoder_compat(struct decoder *d);
/* Only packets of these shards (bits) are of interest: of most others nothing but frame and shard is told, as if they
 * were not IP. All, unless this is called. */
void decoder_own(struct decoder *d, uint64_t shards);

/* Decodes n frames: layers, key, dir, hash, shard, TCP summary; no transport checksums. Packets are the
 * caller's; bytes of reassembled datagrams (buffer 1) live until the next call. */
void decode_batch(struct decoder *d, const struct wt_frame *frames, struct wt_packet *packets, unsigned n);

/* Verifies the checksums of one packet: ip_checksum, transport_checksum and the expected values. Apart, so that
 * a worker verifies only the packets that are its own. */
void decode_checksums(struct wt_packet *p);

/* The input ended: datagrams that never became whole are counted and given up. */
void decoder_finish(struct decoder *d);

const struct decode_counters *decoder_counters(const struct decoder *d);

/* The hash of a key under a seed, as in wt_packet.hash. */
uint64_t flow_key_hash(const struct wt_flow_key *key, const uint64_t seed[2]);

/* RFC 1071 sum of bytes in 16-bit big-endian words, not folded; the portable reference and the fast one. */
uint64_t checksum_add(uint64_t sum, const uint8_t *bytes, size_t len);
uint64_t checksum_add_portable(uint64_t sum, const uint8_t *bytes, size_t len);
uint16_t checksum_fold(uint64_t sum);

#endif

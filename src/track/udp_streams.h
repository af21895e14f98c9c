/* udp.stream as Wireshark counts it, for --compat: one for each pair of endpoints of each UDP header, a tunnel's outer ones
 * too; VLANs and timeouts part nothing. One thread. */
#ifndef TRACK_UDP_STREAMS_H
#define TRACK_UDP_STREAMS_H

#include "wiretale/config.h"
#include "wiretale/dissector.h"
#include "wiretale/packet.h"

struct udp_streams;

struct udp_streams *udp_streams_new(const struct wt_config *config, const uint64_t seed[2], struct wt_limit_hits *hits,
                                    const uint16_t dissectors[2]);      /* indices of UDP and UDP-Lite */
void udp_streams_free(struct udp_streams *all);
/* Fills ret with the stream of each UDP header, from the outermost; UINT32_MAX: unknown. Returns how many (at most most). */
unsigned udp_streams_of(struct udp_streams *all, const struct wt_packet *p, uint32_t *ret, unsigned most);

#endif

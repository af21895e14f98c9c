/* Pairing over datagrams: DNS queries with their responses, retries, repeated questions. (HTTP pairs inside its
 * session, since a stream orders it.) One dns_pairs a worker; packets of one client and server pair come to the
 * same worker, because the shard of DNS datagrams leaves the ports out. */
#ifndef MESSAGE_MESSAGE_H
#define MESSAGE_MESSAGE_H

#include <stdbool.h>
#include <stdint.h>

#include "wiretale/config.h"
#include "wiretale/message.h"
#include "wiretale/packet.h"

struct dns_pairs;

struct dns_pairs *dns_pairs_new(const struct wt_config *config, struct wt_limit_hits *hits,
                                void (*emit)(void *emit_to, const struct wt_message *message), void *emit_to);
/* Feeds one DNS message: its bytes, and who sent it to whom. The identification in `from` (connection, addresses:
 * [0] client) is copied into what is emitted. response_side: the server sent it. */
void dns_pairs_feed(struct dns_pairs *pairs, const struct wt_message *from, struct wt_slice message,
                    bool over_tcp, bool multicast, uint64_t frame, int64_t time_ns);
/* What the last feed found out about that message, for wt_context.pairing or wt_message_layer.pairing. */
const struct wt_pairing *dns_pairs_last(const struct dns_pairs *pairs);
/* From now on dns_pairs_last() tells what tshark 4.0 would: by addresses, ports and id alone, multicast included.
 * What is emitted stays the same. False: no memory. */
bool dns_pairs_compat(struct dns_pairs *pairs);
void dns_pairs_expire(struct dns_pairs *pairs, int64_t now_ns);
/* Emits what is still unanswered, and frees. */
void dns_pairs_finish(struct dns_pairs *pairs);

#endif

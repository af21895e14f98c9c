/* Between the files of the summary. */
#ifndef REPORT_SUMMARY_PARTS_H
#define REPORT_SUMMARY_PARTS_H

#include "report/summary.h"

void summary_count_name(struct summary *s, struct named_count *list, unsigned most, const char *name, uint64_t bytes);
void summary_merge_shards(struct top_shards *into, struct top_shards *from);

void summary_dns(struct summary *s, const struct wt_message *m);
void summary_http(struct summary *s, const struct wt_message *m);

/* A row of a worst list with the identification of a connection or message. */
void summary_identify(struct worst_row *row, uint8_t family, uint8_t protocol, const uint8_t *client,
                      const uint8_t *server, uint16_t client_port, uint16_t server_port);
void summary_server_key(struct server_key *key, uint8_t family, uint8_t protocol, const uint8_t *address,
                        uint16_t port);

#endif

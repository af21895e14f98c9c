/* Cutting connections out: the frames of those that are selected, in the order of the input, with their comments, the
 * fragments that their datagrams came in and the ICMP errors about them. A client of the engine on one worker; frames
 * are kept in a store, and the file is written when the input has ended and its interfaces are known. */
#ifndef REPORT_EXPORT_H
#define REPORT_EXPORT_H

#include <stdbool.h>
#include <stdint.h>

#include "report/connections_select.h"
#include "wiretale/capture.h"
#include "wiretale/engine.h"

struct export_options {
    const char *path;                    /* "-": standard output */
    struct wt_capture_opener opener;     /* of zeroes: the path is opened here */
    bool pcap;                           /* else pcapng */
    bool tcp_only, udp_only;
    const struct wt_config *config;      /* borrowed */
    const struct selection *selection;   /* borrowed */
};

struct exporting;

/* stop: called once when nothing more can be kept. NULL: out of memory. */
struct exporting *export_new(const struct export_options *options, void (*stop)(void));
void export_client(struct exporting *e, struct wt_client *ret_client);

struct export_result {
    uint64_t frames, connections;
    uint64_t fragments_forgotten;        /* too many were waiting for their datagram's end */
    bool comments_lost;                  /* pcap holds none */
};
/* Writes the file; none is made when nothing was selected. 0 or a negative error. */
int export_finish(struct exporting *e, const struct wt_source_stats *source, struct export_result *ret_result,
                  struct wt_error *err);
void export_free(struct exporting *e);

#endif

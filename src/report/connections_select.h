/* Which connections somebody asked for: by number, frame, address or network, port, name. Conditions of one kind
 * are alternatives; different kinds must all hold. Nothing asked: everything is selected. */
#ifndef REPORT_CONNECTIONS_SELECT_H
#define REPORT_CONNECTIONS_SELECT_H

#include <stdbool.h>
#include <stdint.h>

#include "report/names.h"
#include "wiretale/connection.h"
#include "wiretale/error.h"

#define SELECT_MOST 64        /* conditions of a kind */

struct select_range {
    uint64_t first, last;
};

struct select_network {
    uint8_t family, bits;     /* prefix length */
    uint8_t address[16];
};

struct selection {
    struct select_range numbers[SELECT_MOST], frames[SELECT_MOST], ports[SELECT_MOST];
    struct select_network networks[SELECT_MOST];
    const char *names[SELECT_MOST];    /* borrowed */
    unsigned number_count, frame_count, port_count, network_count, name_count;
};

/* "3", "3-7", "3,9-12"; 0 or -EINVAL. */
int select_numbers(struct selection *s, const char *text, struct wt_error *err);
int select_frames(struct selection *s, const char *text, struct wt_error *err);
int select_ports(struct selection *s, const char *text, struct wt_error *err);
int select_host(struct selection *s, const char *text, struct wt_error *err);    /* "192.0.2.1", "2001:db8::/32" */
int select_name(struct selection *s, const char *text, struct wt_error *err);    /* a name or its end: "example.com" */

bool select_everything(const struct selection *s);

/* What of a connection is known while it lives; number 0: not known yet. */
struct select_subject {
    uint64_t number, first_frame, last_frame;
    unsigned family;
    const uint8_t *address[2];
    uint16_t port[2];
    int64_t start_ns;
};
/* names may be NULL: then --name selects nothing. */
bool select_matches(const struct selection *s, const struct select_subject *c, const struct names *names);
bool select_connection(const struct selection *s, const struct wt_connection *c, const struct names *names);

#endif

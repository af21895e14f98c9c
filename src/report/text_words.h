/* Words for numbers of protocols: endpoints, link types, DNS types and codes, protocols. Any thread. */
#ifndef REPORT_TEXT_WORDS_H
#define REPORT_TEXT_WORDS_H

#include "report/names.h"
#include "wiretale/dissector.h"

/* "192.0.2.1:80", "[2001:db8::1]:443"; without a port for protocols that have none. */
void words_endpoint(struct wt_text *t, unsigned family, const uint8_t *address, unsigned protocol, uint16_t port);
/* The name that DNS gave, without the last dot, or NULL. Borrowed from names. */
const char *words_name(const struct names *names, unsigned family, const uint8_t *address, int64_t time_ns);
/* A name without its last dot. */
void words_add_name(struct wt_text *t, const char *name);

const char *words_linktype(unsigned linktype);              /* "Ethernet"; NULL: not known */
void words_protocol(struct wt_text *t, unsigned protocol);  /* "TCP"; "IP 132" where there is no word */
void words_dns_type(struct wt_text *t, unsigned type);      /* "AAAA"; "TYPE65400" (RFC 3597 5) */
void words_dns_rcode(struct wt_text *t, unsigned rcode);    /* "NXDOMAIN"; "RCODE 11" */
const char *words_http_status(unsigned status);             /* "Not Found", or NULL (RFC 9110 15) */

#endif

/* Names of IP protocols and DSCP, for IPv4, IPv6 and ICMP. */
#ifndef DISSECTORS_IPPROTOS_H
#define DISSECTORS_IPPROTOS_H

#include "wiretale/field.h"

extern const struct wt_value_name ip_protocol_names[], ip_dscp_names[], ip_ecn_names[], checksum_status_names[];

#endif

#include "dissectors/ipprotos.h"

#include <stddef.h>

const struct wt_value_name ip_protocol_names[] = {
    { 0, "IPv6 Hop-by-Hop Option" }, { 1, "ICMP" }, { 2, "IGMP" }, { 3, "GGP" }, { 4, "IPIP" }, { 6, "TCP" }, { 8, "EGP" },
    { 17, "UDP" }, { 41, "IPv6" }, { 43, "Routing Header for IPv6" }, { 44, "Fragment Header for IPv6" },
    { 46, "Reservation Protocol" }, { 47, "Generic Routing Encapsulation" }, { 50, "Encap Security Payload" },
    { 51, "Authentication Header" }, { 58, "ICMPv6" }, { 59, "IPv6 no next header" },
    { 60, "Destination Options for IPv6" }, { 88, "EIGRP" }, { 89, "OSPF IGP" }, { 94, "IPIP" }, { 97, "Ethernet within IP" },
    { 103, "Protocol Independent Multicast" }, { 112, "VRRP" }, { 115, "Layer 2 Tunneling" }, { 132, "SCTP" },
    { 135, "Mobility Header" }, { 136, "UDPlite" }, { 137, "MPLS in IP" }, { 139, "HIP" }, { 140, "Shim6" }, { 0, NULL },
};

const struct wt_value_name ip_dscp_names[] = {
    { 0, "CS0" }, { 1, "LE" }, { 8, "CS1" }, { 10, "AF11" }, { 12, "AF12" }, { 14, "AF13" }, { 16, "CS2" }, { 18, "AF21" },
    { 20, "AF22" }, { 22, "AF23" }, { 24, "CS3" }, { 26, "AF31" }, { 28, "AF32" }, { 30, "AF33" }, { 32, "CS4" },
    { 34, "AF41" }, { 36, "AF42" }, { 38, "AF43" }, { 40, "CS5" }, { 44, "VOICE-ADMIT" }, { 46, "EF PHB" }, { 48, "CS6" },
    { 56, "CS7" }, { 0, NULL },
};

const struct wt_value_name ip_ecn_names[] = {
    { 0, "Not-ECT" }, { 1, "ECT(1)" }, { 2, "ECT(0)" }, { 3, "CE" }, { 0, NULL },
};

const struct wt_value_name checksum_status_names[] = {
    { 0, "Bad" }, { 1, "Good" }, { 2, "Unverified" }, { 3, "Not present" }, { 4, "Illegal" },
    { 5, "Partial (left to the network card)" }, { 0, NULL },
};

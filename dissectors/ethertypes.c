#include "dissectors/ethertypes.h"

#include <stddef.h>

const struct wt_value_name ethertype_names[] = {
    { 0x0800, "IPv4" }, { 0x0806, "ARP" }, { 0x0842, "Wake on LAN" }, { 0x22f3, "TRILL" }, { 0x6003, "DECnet Phase IV" },
    { 0x8035, "RARP" }, { 0x809b, "AppleTalk (Ethertalk)" }, { 0x80f3, "AppleTalk ARP" }, { 0x8100, "802.1Q Virtual LAN" },
    { 0x8137, "IPX" }, { 0x86dd, "IPv6" }, { 0x8808, "MAC Control" }, { 0x8809, "Slow Protocols" },
    { 0x8847, "MPLS label switched packet" }, { 0x8848, "MPLS multicast label switched packet" },
    { 0x8863, "PPPoE Discovery" }, { 0x8864, "PPPoE Session" }, { 0x888e, "802.1X Authentication" },
    { 0x88a8, "802.1ad Provider Bridge (Q-in-Q)" }, { 0x88cc, "802.1 Link Layer Discovery Protocol (LLDP)" },
    { 0x88e5, "802.1AE (MACsec)" }, { 0x88f7, "PTPv2 over Ethernet (IEEE1588)" }, { 0x8906, "Fibre Channel over Ethernet" },
    { 0x9000, "Loopback" }, { 0x9100, "QinQ: old non-standard 802.1ad" }, { 0x6558, "Transparent Ethernet bridging" },
    { 0x880b, "PPP" }, { 0x88be, "ERSPAN Type II" }, { 0x894f, "Network Service Header" }, { 0, NULL },
};

/* The list of protocols, and nothing else but its lookups. */
#include <stddef.h>
#include <string.h>

#include "dissectors/arp.h"
#include "dissectors/dns.h"
#include "dissectors/erspan.h"
#include "dissectors/ethernet.h"
#include "dissectors/fddi.h"
#include "dissectors/geneve.h"
#include "dissectors/gre.h"
#include "dissectors/gtp.h"
#include "dissectors/hdlc.h"
#include "dissectors/http1.h"
#include "dissectors/icmp.h"
#include "dissectors/igmp.h"
#include "dissectors/ipoib.h"
#include "dissectors/ipv4.h"
#include "dissectors/ipv6.h"
#include "dissectors/ipv6_ext.h"
#include "dissectors/llc.h"
#include "dissectors/macsec.h"
#include "dissectors/mpls.h"
#include "dissectors/nflog.h"
#include "dissectors/nsh.h"
#include "dissectors/pim.h"
#include "dissectors/pktap.h"
#include "dissectors/pppoe.h"
#include "dissectors/raw.h"
#include "dissectors/sll.h"
#include "dissectors/tcp.h"
#include "dissectors/teredo.h"
#include "dissectors/udp.h"
#include "dissectors/vlan.h"
#include "dissectors/vntag.h"
#include "dissectors/vxlan.h"
#include "dissectors/wlan.h"
#include "wiretale/dissector.h"

static const struct wt_dissector *const registry[] = {
    &ethernet_dissector,
    &sll_dissector,
    &sll2_dissector,
    &null_dissector,
    &raw_dissector,
    &fddi_dissector,
    &chdlc_dissector,
    &slarp_dissector,
    &frame_relay_dissector,
    &nflog_dissector,
    &pktap_dissector,
    &ipoib_dissector,
    &ipnet_dissector,
    &radiotap_dissector,
    &wlan_dissector,
    &llc_dissector,
    &vlan_dissector,
    &ieee8021ad_dissector,
    &vntag_dissector,
    &etag_dissector,
    &fabricpath_dissector,
    &macsec_dissector,
    &nsh_dissector,
    &mpls_dissector,
    &pppoes_dissector,
    &pppoed_dissector,
    &ppp_dissector,
    &arp_dissector,
    &ipv4_dissector,
    &ipv6_dissector,
    &ipv6_hopopts_dissector,
    &ipv6_routing_dissector,
    &ipv6_fragment_dissector,
    &ipv6_dstopts_dissector,
    &ah_dissector,
    &esp_dissector,
    &mipv6_dissector,
    &hip_dissector,
    &shim6_dissector,
    &icmp_dissector,
    &icmpv6_dissector,
    &igmp_dissector,
    &rgmp_dissector,
    &gre_dissector,
    &erspan_dissector,
    &pim_dissector,
    &tcp_dissector,
    &udp_dissector,
    &udplite_dissector,
    &vxlan_dissector,
    &geneve_dissector,
    &gtp_dissector,
    &teredo_dissector,
    &ayiya_dissector,
    &capwap_data_dissector,
    &dns_dissector,
    &mdns_dissector,
    &llmnr_dissector,
    &http1_dissector,
    &ssdp_dissector,
};

unsigned wt_dissector_count(void)
{
    return sizeof registry / sizeof registry[0];
}

const struct wt_dissector *wt_dissector_at(unsigned index)
{
    return index < wt_dissector_count() ? registry[index] : NULL;
}

int wt_dissector_index(const char *name)
{
    for (unsigned i = 0; i < wt_dissector_count(); i++)
        if (strcmp(registry[i]->name, name) == 0)
            return (int)i;
    return -1;
}

int wt_dissector_by_key(enum wt_key_space space, uint32_t value)
{
    for (unsigned i = 0; i < wt_dissector_count(); i++)
        for (unsigned k = 0; k < registry[i]->key_count; k++)
            if (registry[i]->keys[k].space == space && registry[i]->keys[k].value == value)
                return (int)i;
    return -1;
}

const struct wt_field *wt_field_by_name(const char *name, const struct wt_dissector **ret_dissector)
{
    for (unsigned i = 0; i < wt_dissector_count(); i++) {
        for (unsigned f = 0; f < registry[i]->field_count; f++) {
            if (strcmp(registry[i]->fields[f].name, name) != 0)
                continue;
            if (ret_dissector)
                *ret_dissector = registry[i];
            return &registry[i]->fields[f];
        }
    }
    return NULL;
}

/* Inside the DNS dissector: its fields, and who describes what. */
#ifndef DISSECTORS_DNS_IMPL_H
#define DISSECTORS_DNS_IMPL_H

#include "dissectors/dns.h"

enum dns_field {
    DNS_F_ID, DNS_F_FLAGS, DNS_F_RESPONSE, DNS_F_OPCODE, DNS_F_AUTHORITATIVE, DNS_F_CONFLICT, DNS_F_TRUNCATED,
    DNS_F_RECDESIRED, DNS_F_TENTATIVE, DNS_F_RECAVAIL, DNS_F_Z, DNS_F_AUTHENTICATED, DNS_F_CHECKDISABLE,
    DNS_F_RCODE, DNS_F_QUERIES, DNS_F_ZONES, DNS_F_ANSWERS, DNS_F_PREREQUISITES, DNS_F_AUTH_RR, DNS_F_UPDATES,
    DNS_F_ADD_RR, DNS_F_QRY_NAME, DNS_F_QRY_NAME_LEN, DNS_F_LABELS, DNS_F_QRY_TYPE, DNS_F_QRY_CLASS,
    DNS_F_QRY_QU, DNS_F_RESP_NAME, DNS_F_RESP_TYPE, DNS_F_RESP_CLASS, DNS_F_CACHE_FLUSH, DNS_F_RESP_TTL,
    DNS_F_RESP_LEN, DNS_F_EXT_RCODE, DNS_F_EDNS_VERSION, DNS_F_RESP_Z, DNS_F_RESP_DO, DNS_F_RESP_Z_RESERVED,
    DNS_F_PAYLOAD_SIZE, DNS_F_A, DNS_F_AAAA, DNS_F_NS, DNS_F_CNAME, DNS_F_DNAME, DNS_F_PTR, DNS_F_SOA_MNAME,
    DNS_F_SOA_RNAME, DNS_F_SOA_SERIAL, DNS_F_SOA_REFRESH, DNS_F_SOA_RETRY, DNS_F_SOA_EXPIRE, DNS_F_SOA_MINIMUM,
    DNS_F_HINFO_CPU_LEN, DNS_F_HINFO_CPU, DNS_F_HINFO_OS_LEN, DNS_F_HINFO_OS, DNS_F_MX_PREFERENCE,
    DNS_F_MX_EXCHANGE, DNS_F_TXT_LEN, DNS_F_TXT, DNS_F_SPF_LEN, DNS_F_SPF, DNS_F_RP_MAILBOX, DNS_F_RP_TXT,
    DNS_F_AFSDB_SUBTYPE, DNS_F_AFSDB_HOST, DNS_F_RT_PREFERENCE, DNS_F_RT_HOST, DNS_F_KX_PREFERENCE, DNS_F_KX,
    DNS_F_SRV_SERVICE, DNS_F_SRV_PROTO, DNS_F_SRV_NAME, DNS_F_SRV_PRIORITY, DNS_F_SRV_WEIGHT, DNS_F_SRV_PORT,
    DNS_F_SRV_TARGET, DNS_F_NAPTR_ORDER, DNS_F_NAPTR_PREFERENCE, DNS_F_NAPTR_FLAGS_LEN, DNS_F_NAPTR_FLAGS,
    DNS_F_NAPTR_SERVICE_LEN, DNS_F_NAPTR_SERVICE, DNS_F_NAPTR_REGEX_LEN, DNS_F_NAPTR_REGEX,
    DNS_F_NAPTR_REPLACEMENT_LEN, DNS_F_NAPTR_REPLACEMENT, DNS_F_CAA_FLAGS, DNS_F_CAA_CRITICAL, DNS_F_CAA_ISSUE,
    DNS_F_CAA_ISSUEWILD, DNS_F_CAA_IODEF, DNS_F_CAA_UNKNOWN, DNS_F_CAA_TAG_LEN, DNS_F_CAA_TAG, DNS_F_CAA_VALUE,
    DNS_F_DS_KEY_ID, DNS_F_DS_ALGORITHM, DNS_F_DS_DIGEST_TYPE, DNS_F_DS_DIGEST, DNS_F_SSHFP_ALGORITHM,
    DNS_F_SSHFP_TYPE, DNS_F_SSHFP_FINGERPRINT, DNS_F_RRSIG_COVERED, DNS_F_RRSIG_ALGORITHM, DNS_F_RRSIG_LABELS,
    DNS_F_RRSIG_TTL, DNS_F_RRSIG_EXPIRATION, DNS_F_RRSIG_INCEPTION, DNS_F_RRSIG_KEY_TAG, DNS_F_RRSIG_SIGNER,
    DNS_F_RRSIG_SIGNATURE, DNS_F_DNSKEY_FLAGS, DNS_F_DNSKEY_ZONE, DNS_F_DNSKEY_REVOKED, DNS_F_DNSKEY_SEP,
    DNS_F_DNSKEY_RESERVED, DNS_F_DNSKEY_PROTOCOL, DNS_F_DNSKEY_ALGORITHM, DNS_F_DNSKEY_KEY_ID, DNS_F_DNSKEY_KEY,
    DNS_F_NSEC_NEXT, DNS_F_NSEC3_ALGO, DNS_F_NSEC3_FLAGS, DNS_F_NSEC3_OPT_OUT,
    DNS_F_NSEC3_ITERATIONS, DNS_F_NSEC3_SALT_LEN, DNS_F_NSEC3_SALT, DNS_F_NSEC3_HASH_LEN, DNS_F_NSEC3_HASH,
    DNS_F_TLSA_USAGE, DNS_F_TLSA_SELECTOR, DNS_F_TLSA_MATCHING, DNS_F_TLSA_DATA, DNS_F_CERT_TYPE,
    DNS_F_CERT_KEY_TAG, DNS_F_CERT_ALGORITHM, DNS_F_CERT_DATA, DNS_F_OPENPGPKEY, DNS_F_CSYNC_SOA,
    DNS_F_CSYNC_FLAGS, DNS_F_ZONEMD_SERIAL, DNS_F_ZONEMD_SCHEME, DNS_F_ZONEMD_HASH, DNS_F_ZONEMD_DIGEST,
    DNS_F_DHCID, DNS_F_EUI48, DNS_F_LOC_VERSION, DNS_F_LOC_SIZE, DNS_F_LOC_HORIZONTAL, DNS_F_LOC_VERTICAL,
    DNS_F_LOC_LATITUDE, DNS_F_LOC_LONGITUDE, DNS_F_LOC_ALTITUDE, DNS_F_SVCB_PRIORITY, DNS_F_SVCB_TARGET,
    DNS_F_SVCPARAM, DNS_F_SVCPARAM_KEY, DNS_F_SVCPARAM_LEN, DNS_F_SVCPARAM_VALUE, DNS_F_SVCPARAM_MANDATORY,
    DNS_F_SVCPARAM_ALPN_LEN, DNS_F_SVCPARAM_ALPN, DNS_F_SVCPARAM_PORT, DNS_F_SVCPARAM_IPV4, DNS_F_SVCPARAM_IPV6,
    DNS_F_SVCPARAM_ECH, DNS_F_TSIG_ALGORITHM, DNS_F_TSIG_FUDGE, DNS_F_TSIG_MAC_SIZE, DNS_F_TSIG_MAC,
    DNS_F_TSIG_ORIGINAL_ID, DNS_F_TSIG_ERROR, DNS_F_TSIG_OTHER_LEN, DNS_F_TSIG_OTHER, DNS_F_NULL_DATA,
    DNS_F_OPT, DNS_F_OPT_CODE, DNS_F_OPT_LEN, DNS_F_OPT_DATA, DNS_F_OPT_DAU, DNS_F_OPT_DHU, DNS_F_OPT_N3U,
    DNS_F_OPT_FAMILY, DNS_F_OPT_NETMASK, DNS_F_OPT_SCOPE, DNS_F_OPT_ADDR, DNS_F_OPT_ADDR4, DNS_F_OPT_ADDR6,
    DNS_F_OPT_COOKIE_CLIENT, DNS_F_OPT_COOKIE_SERVER, DNS_F_OPT_KEEPALIVE, DNS_F_OPT_PADDING, DNS_F_OPT_CHAIN,
    DNS_F_OPT_EDE_CODE, DNS_F_OPT_EDE_TEXT, DNS_F_DATA, DNS_F_RESPONSE_TO, DNS_F_TIME, DNS_F_RETRANSMISSION,
    DNS_F_RETRANSMIT_REQUEST, DNS_F_RETRANSMIT_REQUEST_IN, DNS_F_RETRANSMIT_RESPONSE,
    DNS_F_RETRANSMIT_RESPONSE_IN, DNS_F_UNSOLICITED, DNS_FIELDS
};

extern const struct wt_field dns_fields[DNS_FIELDS];
extern const struct wt_session_ops dns_session_ops;

extern const struct wt_value_name dns_algorithm_names[], dns_digest_names[], dns_sshfp_names[],
    dns_sshfp_hash_names[], dns_nsec3_names[], dns_tlsa_usage_names[], dns_tlsa_selector_names[],
    dns_tlsa_matching_names[], dns_svcparam_names[], dns_option_names[], dns_family_names[], dns_ede_names[];

/* A part of the message while it is described: reads are checked against its end, which is never beyond the bytes
 * that are held. */
struct dns_part {
    const struct wt_layer_view *view;
    struct wt_sink *sink;
    const struct dns *dns;
    uint32_t at, end;
    bool bad;                          /* it ended too early: said once */
    bool beyond;                       /* and what was missing lies behind the message */
};

/* dns_compat.c */
bool dns_compat(const struct wt_layer_view *view);
/* dns_name_read(); with --compat, pointers that lead forwards are followed, too. */
void dns_name_shown(const struct wt_layer_view *view, struct wt_slice message, uint32_t at, struct dns_name *ret_name);
/* Whether tshark stops before this entry; it does, too, behind one whose data end within an item, and the message with them. */
bool dns_gives_up(const struct dns *dns, const struct dns_record *record);
void dns_describe_broken(struct dns_part *part);

void dns_describe(const struct wt_layer_view *view, struct wt_sink *sink);

/* dns_rdata.c: the fields of a record's data. */
void dns_describe_data(struct dns_part *part, uint16_t type);
/* dns_options.c */
void dns_describe_options(struct dns_part *part);
void dns_describe_service(struct dns_part *part);

/* What stands at part->at is longer than the part. */
void dns_part_bad(struct dns_part *part, uint64_t bytes);

/* One item at part->at; each moves behind it and says its field. False: there is no such item. */
bool dns_say_number(struct dns_part *part, enum dns_field field, unsigned bytes, uint64_t *ret_value);
bool dns_say_name(struct dns_part *part, enum dns_field field);
bool dns_say_bytes(struct dns_part *part, enum dns_field field, uint32_t len);
void dns_say_rest(struct dns_part *part, enum dns_field field);
bool dns_say_text(struct dns_part *part, enum dns_field len_field, enum dns_field field);    /* <character-string> */
/* A value that stands nowhere as such, or was read already. */
void dns_say_value(struct dns_part *part, enum dns_field field, uint64_t value, uint32_t at, uint32_t len);

#endif

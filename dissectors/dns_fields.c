/* The fields of DNS. Names are Wireshark's. */
#include "dissectors/dns_impl.h"

const struct wt_field dns_fields[DNS_FIELDS] = {
    [DNS_F_ID] = WT_ROW(
        struct dns, id, WT_UINT16, WT_HEX, 0, 2, "dns.id", "Transaction ID",
        "Chosen by who asks, repeated in the response"),
    [DNS_F_FLAGS] = WT_ROW(
        struct dns, flags, WT_UINT16, WT_HEX, 2, 2, "dns.flags", "Flags",
        "All flags, opcode and response code together"),
    [DNS_F_RESPONSE] = WT_ROW_BITS(
        struct dns, flags, WT_BOOL, WT_DEC, 1, 2, 2, 0x8000, "dns.flags.response",
        "Response", "Set in a response, clear in a query", NULL),
    [DNS_F_OPCODE] = WT_ROW_BITS(
        struct dns, flags, WT_UINT16, WT_DEC, 1, 2, 2, 0x7800, "dns.flags.opcode",
        "Opcode", "Kind of query: 0 is a standard one", dns_opcode_names),
    [DNS_F_AUTHORITATIVE] = WT_ROW_BITS(
        struct dns, flags, WT_BOOL, WT_DEC, 1, 2, 2, 0x0400, "dns.flags.authoritative",
        "Authoritative", "The server is an authority for the name", NULL),
    [DNS_F_CONFLICT] = WT_ROW_BITS(
        struct dns, flags, WT_BOOL, WT_DEC, 1, 2, 2, 0x0400, "dns.flags.conflict",
        "Conflict", "LLMNR: the name is not unique", NULL),
    [DNS_F_TRUNCATED] = WT_ROW_BITS(
        struct dns, flags, WT_BOOL, WT_DEC, 1, 2, 2, 0x0200, "dns.flags.truncated",
        "Truncated", "The message was too long for the transport: ask again over TCP", NULL),
    [DNS_F_RECDESIRED] = WT_ROW_BITS(
        struct dns, flags, WT_BOOL, WT_DEC, 1, 2, 2, 0x0100, "dns.flags.recdesired",
        "Recursion desired", "The server is asked to ask others", NULL),
    [DNS_F_TENTATIVE] = WT_ROW_BITS(
        struct dns, flags, WT_BOOL, WT_DEC, 1, 2, 2, 0x0100, "dns.flags.tentative",
        "Tentative", "LLMNR: the responder has not verified that its name is unique", NULL),
    [DNS_F_RECAVAIL] = WT_ROW_BITS(
        struct dns, flags, WT_BOOL, WT_DEC, 1, 2, 2, 0x0080, "dns.flags.recavail",
        "Recursion available", "The server can ask others", NULL),
    [DNS_F_Z] = WT_ROW_BITS(
        struct dns, flags, WT_BOOL, WT_DEC, 1, 2, 2, 0x0040, "dns.flags.z",
        "Z", "Reserved, must be zero", NULL),
    [DNS_F_AUTHENTICATED] = WT_ROW_BITS(
        struct dns, flags, WT_BOOL, WT_DEC, 1, 2, 2, 0x0020, "dns.flags.authenticated",
        "Answer authenticated", "The server has verified the data by DNSSEC", NULL),
    [DNS_F_CHECKDISABLE] = WT_ROW_BITS(
        struct dns, flags, WT_BOOL, WT_DEC, 1, 2, 2, 0x0010, "dns.flags.checkdisable",
        "Non-authenticated data", "Data that was not verified is welcome", NULL),
    [DNS_F_RCODE] = WT_ROW_BITS(
        struct dns, flags, WT_UINT16, WT_DEC, 1, 2, 2, 0x000f, "dns.flags.rcode",
        "Reply code", "How the query ended; EDNS may hold higher bits", dns_rcode_names),
    [DNS_F_QUERIES] = WT_ROW(
        struct dns, count[0], WT_UINT16, WT_DEC, 4, 2, "dns.count.queries", "Questions",
        "Entries of the question section"),
    [DNS_F_ZONES] = WT_ROW(
        struct dns, count[0], WT_UINT16, WT_DEC, 4, 2, "dns.count.zones", "Zones",
        "Update: entries of the zone section"),
    [DNS_F_ANSWERS] = WT_ROW(
        struct dns, count[1], WT_UINT16, WT_DEC, 6, 2, "dns.count.answers", "Answer RRs",
        "Records of the answer section"),
    [DNS_F_PREREQUISITES] = WT_ROW(
        struct dns, count[1], WT_UINT16, WT_DEC, 6, 2, "dns.count.prerequisites", "Prerequisites",
        "Update: records that must or must not exist"),
    [DNS_F_AUTH_RR] = WT_ROW(
        struct dns, count[2], WT_UINT16, WT_DEC, 8, 2, "dns.count.auth_rr", "Authority RRs",
        "Records of the authority section"),
    [DNS_F_UPDATES] = WT_ROW(
        struct dns, count[2], WT_UINT16, WT_DEC, 8, 2, "dns.count.updates", "Updates",
        "Update: records to add or delete"),
    [DNS_F_ADD_RR] = WT_ROW(
        struct dns, count[3], WT_UINT16, WT_DEC, 10, 2, "dns.count.add_rr", "Additional RRs",
        "Records of the additional section"),
    [DNS_F_QRY_NAME] = WT_ROW_SAID(
        WT_STRING, WT_NAME, 2, "dns.qry.name", "Name",
        "The name that is asked for", NULL),
    [DNS_F_QRY_NAME_LEN] = WT_ROW_SAID(
        WT_UINT16, WT_DEC, 2, "dns.qry.name.len", "Name Length",
        "Bytes of the name as text", NULL),
    [DNS_F_LABELS] = WT_ROW_SAID(
        WT_UINT16, WT_DEC, 2, "dns.count.labels", "Label Count",
        "Labels of the name that is asked for", NULL),
    [DNS_F_QRY_TYPE] = WT_ROW_SAID(
        WT_UINT16, WT_DEC, 2, "dns.qry.type", "Type",
        "The record type that is asked for", dns_type_names),
    [DNS_F_QRY_CLASS] = WT_ROW_SAID(
        WT_UINT16, WT_HEX, 2, "dns.qry.class", "Class",
        "The class that is asked for; nearly always IN", dns_class_names),
    [DNS_F_QRY_QU] = WT_ROW_SAID(
        WT_BOOL, WT_DEC, 2, "dns.qry.qu", "\"QU\" question",
        "mDNS: a unicast response is welcome", NULL),
    [DNS_F_RESP_NAME] = WT_ROW_SAID(
        WT_STRING, WT_NAME, 2, "dns.resp.name", "Name",
        "The name that the record belongs to", NULL),
    [DNS_F_RESP_TYPE] = WT_ROW_SAID(
        WT_UINT16, WT_DEC, 2, "dns.resp.type", "Type",
        "Type of the record", dns_type_names),
    [DNS_F_RESP_CLASS] = WT_ROW_SAID(
        WT_UINT16, WT_HEX, 2, "dns.resp.class", "Class",
        "Class of the record", dns_class_names),
    [DNS_F_CACHE_FLUSH] = WT_ROW_SAID(
        WT_BOOL, WT_DEC, 2, "dns.resp.cache_flush", "Cache flush",
        "mDNS: older records of this name, type and class are void", NULL),
    [DNS_F_RESP_TTL] = WT_ROW_SAID(
        WT_UINT32, WT_DEC, 2, "dns.resp.ttl", "Time to live",
        "How many seconds the record may be kept", NULL),
    [DNS_F_RESP_LEN] = WT_ROW_SAID(
        WT_UINT16, WT_DEC, 2, "dns.resp.len", "Data length",
        "Bytes of the record's data", NULL),
    [DNS_F_EXT_RCODE] = WT_ROW_SAID(
        WT_UINT8, WT_HEX, 2, "dns.resp.ext_rcode", "Higher bits in extended RCODE",
        "EDNS: the response code's upper eight bits", NULL),
    [DNS_F_EDNS_VERSION] = WT_ROW_SAID(
        WT_UINT8, WT_DEC, 2, "dns.resp.edns0_version", "EDNS0 version",
        "Version of EDNS", NULL),
    [DNS_F_RESP_Z] = WT_ROW_SAID(
        WT_UINT16, WT_HEX, 2, "dns.resp.z", "Z",
        "EDNS flags", NULL),
    [DNS_F_RESP_DO] = WT_ROW_SAID(
        WT_BOOL, WT_DEC, 3, "dns.resp.z.do", "DO bit",
        "DNSSEC records are welcome", NULL),
    [DNS_F_RESP_Z_RESERVED] = WT_ROW_SAID(
        WT_UINT16, WT_HEX, 3, "dns.resp.z.reserved", "Reserved",
        "EDNS flags that mean nothing yet", NULL),
    [DNS_F_PAYLOAD_SIZE] = WT_ROW_SAID(
        WT_UINT16, WT_DEC, 2, "dns.rr.udp_payload_size", "UDP payload size",
        "EDNS: the largest datagram that the sender takes", NULL),
    [DNS_F_A] = WT_ROW_SAID(
        WT_IPV4, WT_DEC, 2, "dns.a", "Address",
        "IPv4 address of the name", NULL),
    [DNS_F_AAAA] = WT_ROW_SAID(
        WT_IPV6, WT_DEC, 2, "dns.aaaa", "AAAA Address",
        "IPv6 address of the name", NULL),
    [DNS_F_NS] = WT_ROW_SAID(
        WT_STRING, WT_NAME, 2, "dns.ns", "Name Server",
        "A server of the zone", NULL),
    [DNS_F_CNAME] = WT_ROW_SAID(
        WT_STRING, WT_NAME, 2, "dns.cname", "CNAME",
        "The name that this one is an alias of", NULL),
    [DNS_F_DNAME] = WT_ROW_SAID(
        WT_STRING, WT_NAME, 2, "dns.dname", "Dname",
        "The name that this subtree is an alias of", NULL),
    [DNS_F_PTR] = WT_ROW_SAID(
        WT_STRING, WT_NAME, 2, "dns.ptr.domain_name", "Domain Name",
        "The name that is pointed to", NULL),
    [DNS_F_SOA_MNAME] = WT_ROW_SAID(
        WT_STRING, WT_NAME, 2, "dns.soa.mname", "Primary name server",
        "Where the zone is kept", NULL),
    [DNS_F_SOA_RNAME] = WT_ROW_SAID(
        WT_STRING, WT_NAME, 2, "dns.soa.rname", "Responsible authority's mailbox",
        "Mail address, its first dot for the @", NULL),
    [DNS_F_SOA_SERIAL] = WT_ROW_SAID(
        WT_UINT32, WT_DEC, 2, "dns.soa.serial_number", "Serial Number",
        "Version of the zone", NULL),
    [DNS_F_SOA_REFRESH] = WT_ROW_SAID(
        WT_UINT32, WT_DEC, 2, "dns.soa.refresh_interval", "Refresh Interval",
        "Seconds between checks by secondary servers", NULL),
    [DNS_F_SOA_RETRY] = WT_ROW_SAID(
        WT_UINT32, WT_DEC, 2, "dns.soa.retry_interval", "Retry Interval",
        "Seconds until a failed check is repeated", NULL),
    [DNS_F_SOA_EXPIRE] = WT_ROW_SAID(
        WT_UINT32, WT_DEC, 2, "dns.soa.expire_limit", "Expire limit",
        "Seconds after which an unchecked copy is void", NULL),
    [DNS_F_SOA_MINIMUM] = WT_ROW_SAID(
        WT_UINT32, WT_DEC, 2, "dns.soa.minimum_ttl", "Minimum TTL",
        "Seconds that a negative answer may be kept (RFC 2308)", NULL),
    [DNS_F_HINFO_CPU_LEN] = WT_ROW_SAID(
        WT_UINT8, WT_DEC, 2, "dns.hinfo.cpu_length", "CPU Length",
        "Bytes of the text that follows", NULL),
    [DNS_F_HINFO_CPU] = WT_ROW_SAID(
        WT_STRING, WT_DEC, 2, "dns.hinfo.cpu", "CPU",
        "Machine of the host", NULL),
    [DNS_F_HINFO_OS_LEN] = WT_ROW_SAID(
        WT_UINT8, WT_DEC, 2, "dns.hinfo.os_length", "OS Length",
        "Bytes of the text that follows", NULL),
    [DNS_F_HINFO_OS] = WT_ROW_SAID(
        WT_STRING, WT_DEC, 2, "dns.hinfo.os", "OS",
        "Operating system of the host", NULL),
    [DNS_F_MX_PREFERENCE] = WT_ROW_SAID(
        WT_UINT16, WT_DEC, 2, "dns.mx.preference", "Preference",
        "Lower is tried first", NULL),
    [DNS_F_MX_EXCHANGE] = WT_ROW_SAID(
        WT_STRING, WT_NAME, 2, "dns.mx.mail_exchange", "Mail Exchange",
        "A host that takes mail for the name", NULL),
    [DNS_F_TXT_LEN] = WT_ROW_SAID(
        WT_UINT8, WT_DEC, 2, "dns.txt.length", "TXT Length",
        "Bytes of the text that follows", NULL),
    [DNS_F_TXT] = WT_ROW_SAID(
        WT_STRING, WT_DEC, 2, "dns.txt", "TXT",
        "Free text", NULL),
    [DNS_F_SPF_LEN] = WT_ROW_SAID(
        WT_UINT8, WT_DEC, 2, "dns.spf.length", "SPF Length",
        "Bytes of the text that follows", NULL),
    [DNS_F_SPF] = WT_ROW_SAID(
        WT_STRING, WT_DEC, 2, "dns.spf", "SPF",
        "Who may send mail for the name (RFC 7208)", NULL),
    [DNS_F_RP_MAILBOX] = WT_ROW_SAID(
        WT_STRING, WT_NAME, 2, "dns.rp.mailbox", "Mailbox",
        "Mail address of the responsible person", NULL),
    [DNS_F_RP_TXT] = WT_ROW_SAID(
        WT_STRING, WT_NAME, 2, "dns.rp.txt_rr", "TXT RR",
        "Name of a TXT record with more", NULL),
    [DNS_F_AFSDB_SUBTYPE] = WT_ROW_SAID(
        WT_UINT16, WT_DEC, 2, "dns.afsdb.subtype", "Subtype",
        "Kind of server", NULL),
    [DNS_F_AFSDB_HOST] = WT_ROW_SAID(
        WT_STRING, WT_NAME, 2, "dns.afsdb.hostname", "Hostname",
        "Host of the cell database", NULL),
    [DNS_F_RT_PREFERENCE] = WT_ROW_SAID(
        WT_UINT16, WT_DEC, 2, "dns.rt.subtype", "Preference",
        "Lower is tried first", NULL),
    [DNS_F_RT_HOST] = WT_ROW_SAID(
        WT_STRING, WT_NAME, 2, "dns.rt.intermediate_host", "Intermediate Hostname",
        "Host that relays", NULL),
    [DNS_F_KX_PREFERENCE] = WT_ROW_SAID(
        WT_UINT16, WT_DEC, 2, "dns.kx.preference", "Preference",
        "Lower is tried first", NULL),
    [DNS_F_KX] = WT_ROW_SAID(
        WT_STRING, WT_NAME, 2, "dns.kx.key_exchange", "Key Exchange",
        "Host that exchanges keys for the name", NULL),
    [DNS_F_SRV_SERVICE] = WT_ROW_SAID(
        WT_STRING, WT_NAME, 2, "dns.srv.service", "Service",
        "First label of the record's name", NULL),
    [DNS_F_SRV_PROTO] = WT_ROW_SAID(
        WT_STRING, WT_NAME, 2, "dns.srv.proto", "Protocol",
        "Second label of the record's name", NULL),
    [DNS_F_SRV_NAME] = WT_ROW_SAID(
        WT_STRING, WT_NAME, 2, "dns.srv.name", "Name",
        "The rest of the record's name", NULL),
    [DNS_F_SRV_PRIORITY] = WT_ROW_SAID(
        WT_UINT16, WT_DEC, 2, "dns.srv.priority", "Priority",
        "Lower is tried first", NULL),
    [DNS_F_SRV_WEIGHT] = WT_ROW_SAID(
        WT_UINT16, WT_DEC, 2, "dns.srv.weight", "Weight",
        "Share among those of the same priority", NULL),
    [DNS_F_SRV_PORT] = WT_ROW_SAID(
        WT_UINT16, WT_DEC, 2, "dns.srv.port", "Port",
        "Port of the service", NULL),
    [DNS_F_SRV_TARGET] = WT_ROW_SAID(
        WT_STRING, WT_NAME, 2, "dns.srv.target", "Target",
        "Host of the service", NULL),
    [DNS_F_NAPTR_ORDER] = WT_ROW_SAID(
        WT_UINT16, WT_DEC, 2, "dns.naptr.order", "Order",
        "Lower is used first", NULL),
    [DNS_F_NAPTR_PREFERENCE] = WT_ROW_SAID(
        WT_UINT16, WT_DEC, 2, "dns.naptr.preference", "Preference",
        "Lower first among those of the same order", NULL),
    [DNS_F_NAPTR_FLAGS_LEN] = WT_ROW_SAID(
        WT_UINT8, WT_DEC, 2, "dns.naptr.flags_length", "Flags Length",
        "Bytes of the flags", NULL),
    [DNS_F_NAPTR_FLAGS] = WT_ROW_SAID(
        WT_STRING, WT_DEC, 2, "dns.naptr.flags", "Flags",
        "What the next step is", NULL),
    [DNS_F_NAPTR_SERVICE_LEN] = WT_ROW_SAID(
        WT_UINT8, WT_DEC, 2, "dns.naptr.service_length", "Service Length",
        "Bytes of the service", NULL),
    [DNS_F_NAPTR_SERVICE] = WT_ROW_SAID(
        WT_STRING, WT_DEC, 2, "dns.naptr.service", "Service",
        "Protocol and service that the rule leads to", NULL),
    [DNS_F_NAPTR_REGEX_LEN] = WT_ROW_SAID(
        WT_UINT8, WT_DEC, 2, "dns.naptr.regex_length", "Regex Length",
        "Bytes of the substitution", NULL),
    [DNS_F_NAPTR_REGEX] = WT_ROW_SAID(
        WT_STRING, WT_DEC, 2, "dns.naptr.regex", "Regex",
        "Substitution to apply", NULL),
    [DNS_F_NAPTR_REPLACEMENT_LEN] = WT_ROW_SAID(
        WT_UINT8, WT_DEC, 2, "dns.naptr.replacement_length", "Replacement Length",
        "Bytes of the replacement as text", NULL),
    [DNS_F_NAPTR_REPLACEMENT] = WT_ROW_SAID(
        WT_STRING, WT_NAME, 2, "dns.naptr.replacement", "Replacement",
        "The next name to ask for", NULL),
    [DNS_F_CAA_FLAGS] = WT_ROW_SAID(
        WT_UINT8, WT_HEX, 2, "dns.caa.flags", "CAA Flags",
        "Flags of the record", NULL),
    [DNS_F_CAA_CRITICAL] = WT_ROW_SAID(
        WT_BOOL, WT_DEC, 3, "dns.caa.flags.issuer_critical", "Issuer Critical",
        "Who does not know the tag must not issue", NULL),
    [DNS_F_CAA_ISSUE] = WT_ROW_SAID(
        WT_STRING, WT_DEC, 2, "dns.caa.issue", "Issue",
        "Who may issue certificates for the name", NULL),
    [DNS_F_CAA_ISSUEWILD] = WT_ROW_SAID(
        WT_STRING, WT_DEC, 2, "dns.caa.issuewild", "Issue Wildcard",
        "Who may issue wildcard certificates", NULL),
    [DNS_F_CAA_IODEF] = WT_ROW_SAID(
        WT_STRING, WT_DEC, 2, "dns.caa.iodef", "Report URL",
        "Where to report violations", NULL),
    [DNS_F_CAA_UNKNOWN] = WT_ROW_SAID(
        WT_STRING, WT_DEC, 2, "dns.caa.unknown", "Unknown tag",
        "Value of a tag that is not known", NULL),
    [DNS_F_CAA_TAG_LEN] = WT_ROW_SAID(
        WT_UINT8, WT_DEC, 3, "dns.caa.tag_length", "Tag length",
        "Bytes of the tag", NULL),
    [DNS_F_CAA_TAG] = WT_ROW_SAID(
        WT_STRING, WT_DEC, 3, "dns.caa.tag", "Tag",
        "Property that is restricted", NULL),
    [DNS_F_CAA_VALUE] = WT_ROW_SAID(
        WT_STRING, WT_DEC, 3, "dns.caa.value", "Value",
        "Value of the property", NULL),
    [DNS_F_DS_KEY_ID] = WT_ROW_SAID(
        WT_UINT16, WT_HEX, 2, "dns.ds.key_id", "Key id",
        "Tag of the key that is vouched for", NULL),
    [DNS_F_DS_ALGORITHM] = WT_ROW_SAID(
        WT_UINT8, WT_DEC, 2, "dns.ds.algorithm", "Algorithm",
        "Algorithm of the key", dns_algorithm_names),
    [DNS_F_DS_DIGEST_TYPE] = WT_ROW_SAID(
        WT_UINT8, WT_DEC, 2, "dns.ds.digest_type", "Digest Type",
        "Hash that was used", dns_digest_names),
    [DNS_F_DS_DIGEST] = WT_ROW_SAID(
        WT_BYTES, WT_DEC, 2, "dns.ds.digest", "Digest",
        "Hash of the key", NULL),
    [DNS_F_SSHFP_ALGORITHM] = WT_ROW_SAID(
        WT_UINT8, WT_DEC, 2, "dns.sshfp.algorithm", "Algorithm",
        "Algorithm of the host key", dns_sshfp_names),
    [DNS_F_SSHFP_TYPE] = WT_ROW_SAID(
        WT_UINT8, WT_DEC, 2, "dns.sshfp.fingerprint.type", "Fingerprint type",
        "Hash that was used", dns_sshfp_hash_names),
    [DNS_F_SSHFP_FINGERPRINT] = WT_ROW_SAID(
        WT_BYTES, WT_DEC, 2, "dns.sshfp.fingerprint", "Fingerprint",
        "Hash of the host key", NULL),
    [DNS_F_RRSIG_COVERED] = WT_ROW_SAID(
        WT_UINT16, WT_DEC, 2, "dns.rrsig.type_covered", "Type Covered",
        "Record type that is signed", dns_type_names),
    [DNS_F_RRSIG_ALGORITHM] = WT_ROW_SAID(
        WT_UINT8, WT_DEC, 2, "dns.rrsig.algorithm", "Algorithm",
        "Algorithm of the signature", dns_algorithm_names),
    [DNS_F_RRSIG_LABELS] = WT_ROW_SAID(
        WT_UINT8, WT_DEC, 2, "dns.rrsig.labels", "Labels",
        "Labels of the name without a wildcard", NULL),
    [DNS_F_RRSIG_TTL] = WT_ROW_SAID(
        WT_UINT32, WT_DEC, 2, "dns.rrsig.original_ttl", "Original TTL",
        "TTL in the zone, in seconds", NULL),
    [DNS_F_RRSIG_EXPIRATION] = WT_ROW_SAID(
        WT_TIME, WT_DEC, 2, "dns.rrsig.signature_expiration", "Signature Expiration",
        "End of its validity", NULL),
    [DNS_F_RRSIG_INCEPTION] = WT_ROW_SAID(
        WT_TIME, WT_DEC, 2, "dns.rrsig.signature_inception", "Signature Inception",
        "Begin of its validity", NULL),
    [DNS_F_RRSIG_KEY_TAG] = WT_ROW_SAID(
        WT_UINT16, WT_DEC, 2, "dns.rrsig.key_tag", "Key Tag",
        "Tag of the key that signed", NULL),
    [DNS_F_RRSIG_SIGNER] = WT_ROW_SAID(
        WT_STRING, WT_NAME, 2, "dns.rrsig.signers_name", "Signer's name",
        "Zone whose key signed", NULL),
    [DNS_F_RRSIG_SIGNATURE] = WT_ROW_SAID(
        WT_BYTES, WT_DEC, 2, "dns.rrsig.signature", "Signature",
        "The signature itself", NULL),
    [DNS_F_DNSKEY_FLAGS] = WT_ROW_SAID(
        WT_UINT16, WT_HEX, 2, "dns.dnskey.flags", "Flags",
        "Flags of the key", NULL),
    [DNS_F_DNSKEY_ZONE] = WT_ROW_SAID(
        WT_BOOL, WT_DEC, 3, "dns.dnskey.flags.zone_key", "Zone Key",
        "It may sign the zone", NULL),
    [DNS_F_DNSKEY_REVOKED] = WT_ROW_SAID(
        WT_BOOL, WT_DEC, 3, "dns.dnskey.flags.key_revoked", "Key Revoked",
        "It must not be trusted any more (RFC 5011)", NULL),
    [DNS_F_DNSKEY_SEP] = WT_ROW_SAID(
        WT_BOOL, WT_DEC, 3, "dns.dnskey.flags.secure_entry_point", "Key Signing Key",
        "It signs the other keys", NULL),
    [DNS_F_DNSKEY_RESERVED] = WT_ROW_SAID(
        WT_UINT16, WT_HEX, 3, "dns.dnskey.flags.reserved", "Reserved",
        "Flags that mean nothing", NULL),
    [DNS_F_DNSKEY_PROTOCOL] = WT_ROW_SAID(
        WT_UINT8, WT_DEC, 2, "dns.dnskey.protocol", "Protocol",
        "Must be 3", NULL),
    [DNS_F_DNSKEY_ALGORITHM] = WT_ROW_SAID(
        WT_UINT8, WT_DEC, 2, "dns.dnskey.algorithm", "Algorithm",
        "Algorithm of the key", dns_algorithm_names),
    [DNS_F_DNSKEY_KEY_ID] = WT_ROW_SAID(
        WT_UINT16, WT_DEC, 2, "dns.dnskey.key_id", "Key id",
        "Tag of the key, computed (RFC 4034 B)", NULL),
    [DNS_F_DNSKEY_KEY] = WT_ROW_SAID(
        WT_BYTES, WT_DEC, 2, "dns.dnskey.public_key", "Public Key",
        "The key itself", NULL),
    [DNS_F_NSEC_NEXT] = WT_ROW_SAID(
        WT_STRING, WT_NAME, 2, "dns.nsec.next_domain_name", "Next Domain Name",
        "The next name that exists", NULL),
    [DNS_F_NSEC3_ALGO] = WT_ROW_SAID(
        WT_UINT8, WT_DEC, 2, "dns.nsec3.algo", "Hash algorithm",
        "Hash that was used", dns_nsec3_names),
    [DNS_F_NSEC3_FLAGS] = WT_ROW_SAID(
        WT_UINT8, WT_DEC, 2, "dns.nsec3.flags", "NSEC3 flags",
        "Flags of the record", NULL),
    [DNS_F_NSEC3_OPT_OUT] = WT_ROW_SAID(
        WT_BOOL, WT_DEC, 3, "dns.nsec3.flags.opt_out", "NSEC3 Opt-out flag",
        "Insecure delegations may stand between", NULL),
    [DNS_F_NSEC3_ITERATIONS] = WT_ROW_SAID(
        WT_UINT16, WT_DEC, 2, "dns.nsec3.iterations", "NSEC3 iterations",
        "How often the hash was repeated", NULL),
    [DNS_F_NSEC3_SALT_LEN] = WT_ROW_SAID(
        WT_UINT8, WT_DEC, 2, "dns.nsec3.salt_length", "Salt length",
        "Bytes of the salt", NULL),
    [DNS_F_NSEC3_SALT] = WT_ROW_SAID(
        WT_BYTES, WT_DEC, 2, "dns.nsec3.salt_value", "Salt value",
        "Bytes mixed into the hash", NULL),
    [DNS_F_NSEC3_HASH_LEN] = WT_ROW_SAID(
        WT_UINT8, WT_DEC, 2, "dns.nsec3.hash_length", "Hash length",
        "Bytes of the hash", NULL),
    [DNS_F_NSEC3_HASH] = WT_ROW_SAID(
        WT_STRING, WT_DEC, 2, "dns.nsec3.hash_value", "Next hashed owner",
        "The next hash that exists, in base 32", NULL),
    [DNS_F_TLSA_USAGE] = WT_ROW_SAID(
        WT_UINT8, WT_DEC, 2, "dns.tlsa.certificate_usage", "Certificate Usage",
        "What the certificate is for", dns_tlsa_usage_names),
    [DNS_F_TLSA_SELECTOR] = WT_ROW_SAID(
        WT_UINT8, WT_DEC, 2, "dns.tlsa.selector", "Selector",
        "Part of the certificate that is matched", dns_tlsa_selector_names),
    [DNS_F_TLSA_MATCHING] = WT_ROW_SAID(
        WT_UINT8, WT_DEC, 2, "dns.tlsa.matching_type", "Matching Type",
        "How it is matched", dns_tlsa_matching_names),
    [DNS_F_TLSA_DATA] = WT_ROW_SAID(
        WT_BYTES, WT_DEC, 2, "dns.tlsa.certificate_association_data", "Certificate Association Data",
        "Hash, or all of it", NULL),
    [DNS_F_CERT_TYPE] = WT_ROW_SAID(
        WT_UINT16, WT_DEC, 2, "dns.cert.type", "Type",
        "Kind of certificate", NULL),
    [DNS_F_CERT_KEY_TAG] = WT_ROW_SAID(
        WT_UINT16, WT_HEX, 2, "dns.cert.key_tag", "Key Tag",
        "Tag of its key", NULL),
    [DNS_F_CERT_ALGORITHM] = WT_ROW_SAID(
        WT_UINT8, WT_DEC, 2, "dns.cert.algorithm", "Algorithm",
        "Algorithm of its key", dns_algorithm_names),
    [DNS_F_CERT_DATA] = WT_ROW_SAID(
        WT_BYTES, WT_DEC, 2, "dns.cert.certificate", "Certificate (or CRL)",
        "The certificate itself", NULL),
    [DNS_F_OPENPGPKEY] = WT_ROW_SAID(
        WT_STRING, WT_DEC, 2, "dns.openpgpkey", "OpenPGP Key",
        "The key itself", NULL),
    [DNS_F_CSYNC_SOA] = WT_ROW_SAID(
        WT_UINT32, WT_DEC, 2, "dns.csync.soa", "SOA",
        "Serial of the child's zone", NULL),
    [DNS_F_CSYNC_FLAGS] = WT_ROW_SAID(
        WT_UINT16, WT_HEX, 2, "dns.csync.flags", "Flags",
        "Flags of the record", NULL),
    [DNS_F_ZONEMD_SERIAL] = WT_ROW_SAID(
        WT_UINT32, WT_DEC, 2, "dns.zonemd.serial", "Serial",
        "Version of the zone", NULL),
    [DNS_F_ZONEMD_SCHEME] = WT_ROW_SAID(
        WT_UINT8, WT_DEC, 2, "dns.zonemd.scheme", "Scheme",
        "How the zone was put together", NULL),
    [DNS_F_ZONEMD_HASH] = WT_ROW_SAID(
        WT_UINT8, WT_DEC, 2, "dns.zonemd.hash_algo", "Hash Algorithm",
        "Hash that was used", NULL),
    [DNS_F_ZONEMD_DIGEST] = WT_ROW_SAID(
        WT_BYTES, WT_DEC, 2, "dns.zonemd.digest", "Digest",
        "Hash of the zone", NULL),
    [DNS_F_DHCID] = WT_ROW_SAID(
        WT_BYTES, WT_DEC, 2, "dns.dhcid.rdata", "DHCID Data",
        "Which DHCP client the name belongs to", NULL),
    [DNS_F_EUI48] = WT_ROW_SAID(
        WT_ETHER, WT_DEC, 2, "dns.eui48", "EUI48 Address",
        "Hardware address", NULL),
    [DNS_F_LOC_VERSION] = WT_ROW_SAID(
        WT_UINT8, WT_DEC, 2, "dns.loc.version", "Version",
        "Version of the format", NULL),
    [DNS_F_LOC_SIZE] = WT_ROW_SAID(
        WT_UINT8, WT_DEC, 2, "dns.loc.size", "Size",
        "Size of the place, as mantissa and power of ten of centimetres", NULL),
    [DNS_F_LOC_HORIZONTAL] = WT_ROW_SAID(
        WT_UINT8, WT_DEC, 2, "dns.loc.horizontal_precision", "Horizontal Precision",
        "In the same way", NULL),
    [DNS_F_LOC_VERTICAL] = WT_ROW_SAID(
        WT_UINT8, WT_DEC, 2, "dns.loc.vertical_precision", "Vertical Precision",
        "In the same way", NULL),
    [DNS_F_LOC_LATITUDE] = WT_ROW_SAID(
        WT_UINT32, WT_DEC, 2, "dns.loc.latitude", "Latitude",
        "Thousandths of a second of arc, 2^31 is the equator", NULL),
    [DNS_F_LOC_LONGITUDE] = WT_ROW_SAID(
        WT_UINT32, WT_DEC, 2, "dns.loc.longitude", "Longitude",
        "Thousandths of a second of arc, 2^31 is Greenwich", NULL),
    [DNS_F_LOC_ALTITUDE] = WT_ROW_SAID(
        WT_UINT32, WT_DEC, 2, "dns.loc.altitude", "Altitude",
        "Centimetres above 100 km below the WGS 84 spheroid", NULL),
    [DNS_F_SVCB_PRIORITY] = WT_ROW_SAID(
        WT_UINT16, WT_DEC, 2, "dns.svcb.svcpriority", "SvcPriority",
        "0 is an alias, else lower is tried first", NULL),
    [DNS_F_SVCB_TARGET] = WT_ROW_SAID(
        WT_STRING, WT_NAME, 2, "dns.svcb.targetname", "TargetName",
        "Host of the service; the root is the record's own name", NULL),
    [DNS_F_SVCPARAM] = WT_ROW_SAID(
        WT_NONE, WT_DEC, 2, "dns.svcb.svcparam", "SvcParam",
        "One parameter of the service", NULL),
    [DNS_F_SVCPARAM_KEY] = WT_ROW_SAID(
        WT_UINT16, WT_DEC, 3, "dns.svcb.svcparam.key", "SvcParamKey",
        "Which parameter", dns_svcparam_names),
    [DNS_F_SVCPARAM_LEN] = WT_ROW_SAID(
        WT_UINT16, WT_DEC, 3, "dns.svcb.svcparam.value.length", "SvcParamValue length",
        "Bytes of its value", NULL),
    [DNS_F_SVCPARAM_VALUE] = WT_ROW_SAID(
        WT_BYTES, WT_DEC, 3, "dns.svcb.svcparam.value", "SvcParamValue",
        "Value of a parameter that is not known", NULL),
    [DNS_F_SVCPARAM_MANDATORY] = WT_ROW_SAID(
        WT_UINT16, WT_DEC, 3, "dns.svcb.svcparam.mandatory.key", "Mandatory key",
        "A parameter that must be understood", dns_svcparam_names),
    [DNS_F_SVCPARAM_ALPN_LEN] = WT_ROW_SAID(
        WT_UINT8, WT_DEC, 3, "dns.svcb.svcparam.alpn.length", "ALPN length",
        "Bytes of the protocol's name", NULL),
    [DNS_F_SVCPARAM_ALPN] = WT_ROW_SAID(
        WT_STRING, WT_DEC, 3, "dns.svcb.svcparam.alpn", "ALPN",
        "An application protocol of the service", NULL),
    [DNS_F_SVCPARAM_PORT] = WT_ROW_SAID(
        WT_UINT16, WT_DEC, 3, "dns.svcb.svcparam.port", "Port",
        "Port of the service", NULL),
    [DNS_F_SVCPARAM_IPV4] = WT_ROW_SAID(
        WT_IPV4, WT_DEC, 3, "dns.svcb.svcparam.ipv4hint.ip", "IP",
        "An IPv4 address to try at once", NULL),
    [DNS_F_SVCPARAM_IPV6] = WT_ROW_SAID(
        WT_IPV6, WT_DEC, 3, "dns.svcb.svcparam.ipv6hint.ip", "IP",
        "An IPv6 address to try at once", NULL),
    [DNS_F_SVCPARAM_ECH] = WT_ROW_SAID(
        WT_BYTES, WT_DEC, 3, "dns.svcb.svcparam.echconfig", "ECHConfig",
        "Keys for the encrypted ClientHello", NULL),
    [DNS_F_TSIG_ALGORITHM] = WT_ROW_SAID(
        WT_STRING, WT_NAME, 2, "dns.tsig.algorithm_name", "Algorithm Name",
        "Algorithm of the MAC", NULL),
    [DNS_F_TSIG_FUDGE] = WT_ROW_SAID(
        WT_UINT16, WT_DEC, 2, "dns.tsig.fudge", "Fudge",
        "Seconds that clocks may differ", NULL),
    [DNS_F_TSIG_MAC_SIZE] = WT_ROW_SAID(
        WT_UINT16, WT_DEC, 2, "dns.tsig.mac_size", "MAC Size",
        "Bytes of the MAC", NULL),
    [DNS_F_TSIG_MAC] = WT_ROW_SAID(
        WT_NONE, WT_DEC, 2, "dns.tsig.mac", "MAC",
        "The message authentication code", NULL),
    [DNS_F_TSIG_ORIGINAL_ID] = WT_ROW_SAID(
        WT_UINT16, WT_DEC, 2, "dns.tsig.original_id", "Original Id",
        "Transaction ID before any forwarding", NULL),
    [DNS_F_TSIG_ERROR] = WT_ROW_SAID(
        WT_UINT16, WT_DEC, 2, "dns.tsig.error", "Error",
        "Why the MAC was refused", dns_rcode_names),
    [DNS_F_TSIG_OTHER_LEN] = WT_ROW_SAID(
        WT_UINT16, WT_DEC, 2, "dns.tsig.other_len", "Other Len",
        "Bytes of other data", NULL),
    [DNS_F_TSIG_OTHER] = WT_ROW_SAID(
        WT_BYTES, WT_DEC, 2, "dns.tsig.other_data", "Other Data",
        "Other data", NULL),
    [DNS_F_NULL_DATA] = WT_ROW_SAID(
        WT_BYTES, WT_DEC, 2, "dns.null", "Null (data)",
        "Anything", NULL),
    [DNS_F_OPT] = WT_ROW_SAID(
        WT_NONE, WT_DEC, 2, "dns.opt", "Option",
        "One EDNS option", NULL),
    [DNS_F_OPT_CODE] = WT_ROW_SAID(
        WT_UINT16, WT_DEC, 3, "dns.opt.code", "Option Code",
        "Which option", dns_option_names),
    [DNS_F_OPT_LEN] = WT_ROW_SAID(
        WT_UINT16, WT_DEC, 3, "dns.opt.len", "Option Length",
        "Bytes of its data", NULL),
    [DNS_F_OPT_DATA] = WT_ROW_SAID(
        WT_BYTES, WT_DEC, 3, "dns.opt.data", "Option Data",
        "Its data, raw", NULL),
    [DNS_F_OPT_DAU] = WT_ROW_SAID(
        WT_UINT8, WT_DEC, 3, "dns.opt.dau", "DAU",
        "A DNSSEC algorithm that is understood", dns_algorithm_names),
    [DNS_F_OPT_DHU] = WT_ROW_SAID(
        WT_UINT8, WT_DEC, 3, "dns.opt.dhu", "DHU",
        "A DS hash that is understood", dns_digest_names),
    [DNS_F_OPT_N3U] = WT_ROW_SAID(
        WT_UINT8, WT_DEC, 3, "dns.opt.n3u", "N3U",
        "An NSEC3 hash that is understood", dns_nsec3_names),
    [DNS_F_OPT_FAMILY] = WT_ROW_SAID(
        WT_UINT16, WT_DEC, 3, "dns.opt.client.family", "Family",
        "Address family of the client's subnet", dns_family_names),
    [DNS_F_OPT_NETMASK] = WT_ROW_SAID(
        WT_UINT8, WT_DEC, 3, "dns.opt.client.netmask", "Source Netmask",
        "Bits of the subnet that are told", NULL),
    [DNS_F_OPT_SCOPE] = WT_ROW_SAID(
        WT_UINT8, WT_DEC, 3, "dns.opt.client.scope", "Scope Netmask",
        "Bits of the subnet that the answer is good for", NULL),
    [DNS_F_OPT_ADDR] = WT_ROW_SAID(
        WT_BYTES, WT_DEC, 3, "dns.opt.client.addr", "Client Subnet",
        "Subnet of an unknown family", NULL),
    [DNS_F_OPT_ADDR4] = WT_ROW_SAID(
        WT_IPV4, WT_DEC, 3, "dns.opt.client.addr4", "Client Subnet",
        "Subnet of who asked first", NULL),
    [DNS_F_OPT_ADDR6] = WT_ROW_SAID(
        WT_IPV6, WT_DEC, 3, "dns.opt.client.addr6", "Client Subnet",
        "Subnet of who asked first", NULL),
    [DNS_F_OPT_COOKIE_CLIENT] = WT_ROW_SAID(
        WT_BYTES, WT_DEC, 3, "dns.opt.cookie.client", "Client Cookie",
        "RFC 7873", NULL),
    [DNS_F_OPT_COOKIE_SERVER] = WT_ROW_SAID(
        WT_BYTES, WT_DEC, 3, "dns.opt.cookie.server", "Server Cookie",
        "RFC 7873", NULL),
    [DNS_F_OPT_KEEPALIVE] = WT_ROW_SAID(
        WT_UINT16, WT_DEC, 3, "dns.opt.edns_tcp_keepalive.timeout", "Timeout",
        "How long an idle connection is kept, in tenths of a second", NULL),
    [DNS_F_OPT_PADDING] = WT_ROW_SAID(
        WT_BYTES, WT_DEC, 3, "dns.opt.padding", "Padding",
        "Bytes that only hide the length", NULL),
    [DNS_F_OPT_CHAIN] = WT_ROW_SAID(
        WT_STRING, WT_NAME, 3, "dns.opt.chain.fqdn", "Closest Trust Point",
        "RFC 7901", NULL),
    [DNS_F_OPT_EDE_CODE] = WT_ROW_SAID(
        WT_UINT16, WT_DEC, 3, "dns.opt.ext_error.info_code", "Info Code",
        "Why the query failed (RFC 8914)", dns_ede_names),
    [DNS_F_OPT_EDE_TEXT] = WT_ROW_SAID(
        WT_STRING, WT_DEC, 3, "dns.opt.ext_error.extra_text", "Extra Text",
        "Why, in words", NULL),
    [DNS_F_DATA] = WT_ROW_SAID(
        WT_BYTES, WT_DEC, 2, "dns.data", "Data",
        "Data of a record that is not read further", NULL),
    [DNS_F_RESPONSE_TO] = WT_ROW_SAID(
        WT_FRAMENUM, WT_DEC, 0, "dns.response_to", "Request In",
        "The query's frame", NULL),
    [DNS_F_TIME] = WT_ROW_SAID(
        WT_DURATION, WT_DEC, 0, "dns.time", "Time",
        "Since the query", NULL),
    [DNS_F_RETRANSMISSION] = WT_ROW_SAID(
        WT_BOOL, WT_DEC, 0, "dns.retransmission", "Retransmission",
        "The same message was seen before", NULL),
    [DNS_F_RETRANSMIT_REQUEST] = WT_ROW_SAID(
        WT_NONE, WT_DEC, 0, "dns.retransmit_request", "DNS query retransmission",
        "The same query was seen before and is not answered yet", NULL),
    [DNS_F_RETRANSMIT_REQUEST_IN] = WT_ROW_SAID(
        WT_FRAMENUM, WT_DEC, 0, "dns.retransmit_request_in", "Retransmitted request. Original request in",
        "Where the query was first seen", NULL),
    [DNS_F_RETRANSMIT_RESPONSE] = WT_ROW_SAID(
        WT_NONE, WT_DEC, 0, "dns.retransmit_response", "DNS response retransmission",
        "The query was answered before", NULL),
    [DNS_F_RETRANSMIT_RESPONSE_IN] = WT_ROW_SAID(
        WT_FRAMENUM, WT_DEC, 0, "dns.retransmit_response_in", "Retransmitted response. Original response in",
        "Where the response was first seen", NULL),
    [DNS_F_UNSOLICITED] = WT_ROW_SAID(
        WT_BOOL, WT_DEC, 0, "dns.unsolicited", "Unsolicited",
        "A response whose query was not seen", NULL),
};

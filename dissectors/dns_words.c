/* Names of the numbers (IANA "Domain Name System (DNS) Parameters"). */
#include "dissectors/dns_impl.h"

const struct wt_value_name dns_type_names[] = {
    { 1, "A" }, { 2, "NS" }, { 3, "MD" }, { 4, "MF" }, { 5, "CNAME" }, { 6, "SOA" }, { 7, "MB" }, { 8, "MG" },
    { 9, "MR" }, { 10, "NULL" }, { 11, "WKS" }, { 12, "PTR" }, { 13, "HINFO" }, { 14, "MINFO" }, { 15, "MX" },
    { 16, "TXT" }, { 17, "RP" }, { 18, "AFSDB" }, { 19, "X25" }, { 20, "ISDN" }, { 21, "RT" }, { 22, "NSAP" },
    { 23, "NSAP-PTR" }, { 24, "SIG" }, { 25, "KEY" }, { 26, "PX" }, { 27, "GPOS" }, { 28, "AAAA" }, { 29, "LOC" },
    { 30, "NXT" }, { 31, "EID" }, { 32, "NIMLOC" }, { 33, "SRV" }, { 34, "ATMA" }, { 35, "NAPTR" }, { 36, "KX" },
    { 37, "CERT" }, { 38, "A6" }, { 39, "DNAME" }, { 40, "SINK" }, { 41, "OPT" }, { 42, "APL" }, { 43, "DS" },
    { 44, "SSHFP" }, { 45, "IPSECKEY" }, { 46, "RRSIG" }, { 47, "NSEC" }, { 48, "DNSKEY" }, { 49, "DHCID" },
    { 50, "NSEC3" }, { 51, "NSEC3PARAM" }, { 52, "TLSA" }, { 53, "SMIMEA" }, { 55, "HIP" }, { 56, "NINFO" },
    { 57, "RKEY" }, { 58, "TALINK" }, { 59, "CDS" }, { 60, "CDNSKEY" }, { 61, "OPENPGPKEY" }, { 62, "CSYNC" },
    { 63, "ZONEMD" }, { 64, "SVCB" }, { 65, "HTTPS" }, { 66, "DSYNC" }, { 99, "SPF" }, { 100, "UINFO" },
    { 101, "UID" }, { 102, "GID" }, { 103, "UNSPEC" }, { 104, "NID" }, { 105, "L32" }, { 106, "L64" }, { 107, "LP" },
    { 108, "EUI48" }, { 109, "EUI64" }, { 249, "TKEY" }, { 250, "TSIG" }, { 251, "IXFR" }, { 252, "AXFR" },
    { 253, "MAILB" }, { 254, "MAILA" }, { 255, "ANY" }, { 256, "URI" }, { 257, "CAA" }, { 258, "AVC" },
    { 259, "DOA" }, { 260, "AMTRELAY" }, { 261, "RESINFO" }, { 32768, "TA" }, { 32769, "DLV" }, { 65281, "WINS" },
    { 65282, "WINS-R" }, { 0, NULL },
};

const struct wt_value_name dns_class_names[] = {
    { 1, "IN" }, { 2, "CS" }, { 3, "CH" }, { 4, "HS" }, { 254, "NONE" }, { 255, "ANY" }, { 0, NULL },
};

const struct wt_value_name dns_rcode_names[] = {
    { 0, "No error" }, { 1, "Format error" }, { 2, "Server failure" }, { 3, "No such name" }, { 4, "Not implemented" },
    { 5, "Refused" }, { 6, "Name exists" }, { 7, "RRset exists" }, { 8, "RRset does not exist" },
    { 9, "Not authoritative" }, { 10, "Name out of zone" }, { 11, "DSO type not implemented" },
    { 16, "Bad OPT version or TSIG failure" }, { 17, "Key not recognized" }, { 18, "Signature out of time window" },
    { 19, "Bad TKEY mode" }, { 20, "Duplicate key name" }, { 21, "Algorithm not supported" },
    { 22, "Bad truncation" }, { 23, "Bad or missing server cookie" }, { 0, NULL },
};

const struct wt_value_name dns_opcode_names[] = {
    { 0, "Standard query" }, { 1, "Inverse query" }, { 2, "Server status request" },
    { 4, "Zone change notification" }, { 5, "Dynamic update" }, { 6, "DNS Stateful Operations" }, { 0, NULL },
};

void dns_add_type(struct wt_text *text, uint16_t type)
{
    const char *name = wt_value_name(dns_type_names, type);
    if (name)
        wt_text_add(text, "%s", name);
    else
        wt_text_add(text, "Unknown (%u)", type);
}

const struct wt_value_name dns_algorithm_names[] = {
    { 1, "RSA/MD5" }, { 2, "Diffie-Hellman" }, { 3, "DSA" }, { 5, "RSA/SHA1" }, { 6, "DSA-NSEC3-SHA1" },
    { 7, "RSASHA1-NSEC3-SHA1" }, { 8, "RSA/SHA-256" }, { 10, "RSA/SHA-512" }, { 12, "GOST R 34.10-2001" },
    { 13, "ECDSA Curve P-256 with SHA-256" }, { 14, "ECDSA Curve P-384 with SHA-384" }, { 15, "Ed25519" },
    { 16, "Ed448" }, { 252, "Indirect" }, { 253, "Private, domain name" }, { 254, "Private, OID" }, { 0, NULL },
};

const struct wt_value_name dns_digest_names[] = {
    { 1, "SHA-1" }, { 2, "SHA-256" }, { 3, "GOST R 34.11-94" }, { 4, "SHA-384" }, { 0, NULL },
};

const struct wt_value_name dns_sshfp_names[] = {
    { 1, "RSA" }, { 2, "DSA" }, { 3, "ECDSA" }, { 4, "Ed25519" }, { 6, "Ed448" }, { 0, NULL },
};

const struct wt_value_name dns_sshfp_hash_names[] = { { 1, "SHA1" }, { 2, "SHA256" }, { 0, NULL } };

const struct wt_value_name dns_nsec3_names[] = { { 1, "SHA-1" }, { 0, NULL } };

const struct wt_value_name dns_tlsa_usage_names[] = {
    { 0, "CA constraint (PKIX-TA)" }, { 1, "Service certificate constraint (PKIX-EE)" },
    { 2, "Trust anchor assertion (DANE-TA)" }, { 3, "Domain-issued certificate (DANE-EE)" }, { 255, "Private" },
    { 0, NULL },
};

const struct wt_value_name dns_tlsa_selector_names[] = {
    { 0, "Full certificate (Cert)" }, { 1, "SubjectPublicKeyInfo (SPKI)" }, { 255, "Private" }, { 0, NULL },
};

const struct wt_value_name dns_tlsa_matching_names[] = {
    { 0, "No hash used (Full)" }, { 1, "SHA2-256" }, { 2, "SHA2-512" }, { 255, "Private" }, { 0, NULL },
};

const struct wt_value_name dns_svcparam_names[] = {
    { 0, "mandatory" }, { 1, "alpn" }, { 2, "no-default-alpn" }, { 3, "port" }, { 4, "ipv4hint" }, { 5, "ech" },
    { 6, "ipv6hint" }, { 7, "dohpath" }, { 8, "ohttp" }, { 0, NULL },
};

const struct wt_value_name dns_option_names[] = {
    { 1, "Long-lived query" }, { 2, "Update lease" }, { 3, "Name server identifier" },
    { 5, "DNSSEC algorithm understood" }, { 6, "DS hash understood" }, { 7, "NSEC3 hash understood" },
    { 8, "Client subnet" }, { 9, "Expire" }, { 10, "Cookie" }, { 11, "TCP keepalive" }, { 12, "Padding" },
    { 13, "Chain" }, { 14, "Key tag" }, { 15, "Extended DNS error" }, { 18, "Report channel" },
    { 19, "Zone version" }, { 0, NULL },
};

const struct wt_value_name dns_family_names[] = { { 1, "IPv4" }, { 2, "IPv6" }, { 0, NULL } };

const struct wt_value_name dns_ede_names[] = {
    { 0, "Other Error" }, { 1, "Unsupported DNSKEY Algorithm" }, { 2, "Unsupported DS Digest Type" },
    { 3, "Stale Answer" }, { 4, "Forged Answer" }, { 5, "DNSSEC Indeterminate" }, { 6, "DNSSEC Bogus" },
    { 7, "Signature Expired" }, { 8, "Signature Not Yet Valid" }, { 9, "DNSKEY Missing" }, { 10, "RRSIGs Missing" },
    { 11, "No Zone Key Bit Set" }, { 12, "NSEC Missing" }, { 13, "Cached Error" }, { 14, "Not Ready" },
    { 15, "Blocked" }, { 16, "Censored" }, { 17, "Filtered" }, { 18, "Prohibited" }, { 19, "Stale NXDOMAIN Answer" },
    { 20, "Not Authoritative" }, { 21, "Not Supported" }, { 22, "No Reachable Authority" }, { 23, "Network Error" },
    { 24, "Invalid Data" }, { 25, "Signature Expired before Valid" }, { 26, "Too Early" },
    { 27, "Unsupported NSEC3 Iterations Value" }, { 28, "Unable to conform to policy" }, { 29, "Synthesized" },
    { 0, NULL },
};

/* The data of a record. Most types are a row of items, so they are written as such; the RFC stands at each. */
#include "dissectors/dns_impl.h"

#include <string.h>

enum item_kind {
    END, U8, U16, U32, NAME, TEXT /* length and text: two fields */, TEXTS /* the same to the end */,
    BYTES /* the rest */, LEN8 /* one byte of length, then bytes: two fields */, IP4, IP6, BITMAP, FIXED6
};

struct item {
    uint8_t kind;
    uint8_t field, second;
};

#define MAX_ITEMS 10

static const struct layout {
    uint16_t type;
    struct item item[MAX_ITEMS];
} layouts[] = {
    { DNS_A, { { IP4, DNS_F_A, 0 } } },                                                      /* RFC 1035 3.4.1 */
    { DNS_NS, { { NAME, DNS_F_NS, 0 } } },
    { DNS_CNAME, { { NAME, DNS_F_CNAME, 0 } } },
    { DNS_SOA, { { NAME, DNS_F_SOA_MNAME, 0 }, { NAME, DNS_F_SOA_RNAME, 0 }, { U32, DNS_F_SOA_SERIAL, 0 },
                 { U32, DNS_F_SOA_REFRESH, 0 }, { U32, DNS_F_SOA_RETRY, 0 }, { U32, DNS_F_SOA_EXPIRE, 0 },
                 { U32, DNS_F_SOA_MINIMUM, 0 } } },                                          /* RFC 1035 3.3.13 */
    { DNS_NULL, { { BYTES, DNS_F_NULL_DATA, 0 } } },
    { DNS_PTR, { { NAME, DNS_F_PTR, 0 } } },
    { DNS_HINFO, { { TEXT, DNS_F_HINFO_CPU_LEN, DNS_F_HINFO_CPU }, { TEXT, DNS_F_HINFO_OS_LEN, DNS_F_HINFO_OS } } },
    { DNS_MX, { { U16, DNS_F_MX_PREFERENCE, 0 }, { NAME, DNS_F_MX_EXCHANGE, 0 } } },
    { DNS_TXT, { { TEXTS, DNS_F_TXT_LEN, DNS_F_TXT } } },
    { DNS_RP, { { NAME, DNS_F_RP_MAILBOX, 0 }, { NAME, DNS_F_RP_TXT, 0 } } },                /* RFC 1183 2.2 */
    { DNS_AFSDB, { { U16, DNS_F_AFSDB_SUBTYPE, 0 }, { NAME, DNS_F_AFSDB_HOST, 0 } } },
    { DNS_RT, { { U16, DNS_F_RT_PREFERENCE, 0 }, { NAME, DNS_F_RT_HOST, 0 } } },
    { DNS_AAAA, { { IP6, DNS_F_AAAA, 0 } } },                                                /* RFC 3596 2.2 */
    { DNS_LOC, { { U8, DNS_F_LOC_VERSION, 0 }, { U8, DNS_F_LOC_SIZE, 0 }, { U8, DNS_F_LOC_HORIZONTAL, 0 },
                 { U8, DNS_F_LOC_VERTICAL, 0 }, { U32, DNS_F_LOC_LATITUDE, 0 }, { U32, DNS_F_LOC_LONGITUDE, 0 },
                 { U32, DNS_F_LOC_ALTITUDE, 0 } } },                                         /* RFC 1876 2 */
    { DNS_SRV, { { U16, DNS_F_SRV_PRIORITY, 0 }, { U16, DNS_F_SRV_WEIGHT, 0 }, { U16, DNS_F_SRV_PORT, 0 },
                 { NAME, DNS_F_SRV_TARGET, 0 } } },                                          /* RFC 2782 */
    { DNS_KX, { { U16, DNS_F_KX_PREFERENCE, 0 }, { NAME, DNS_F_KX, 0 } } },                  /* RFC 2230 3.1 */
    { DNS_CERT, { { U16, DNS_F_CERT_TYPE, 0 }, { U16, DNS_F_CERT_KEY_TAG, 0 }, { U8, DNS_F_CERT_ALGORITHM, 0 },
                  { BYTES, DNS_F_CERT_DATA, 0 } } },                                         /* RFC 4398 2 */
    { DNS_DNAME, { { NAME, DNS_F_DNAME, 0 } } },                                             /* RFC 6672 */
    { DNS_DS, { { U16, DNS_F_DS_KEY_ID, 0 }, { U8, DNS_F_DS_ALGORITHM, 0 }, { U8, DNS_F_DS_DIGEST_TYPE, 0 },
                { BYTES, DNS_F_DS_DIGEST, 0 } } },                                           /* RFC 4034 5.1 */
    { DNS_CDS, { { U16, DNS_F_DS_KEY_ID, 0 }, { U8, DNS_F_DS_ALGORITHM, 0 }, { U8, DNS_F_DS_DIGEST_TYPE, 0 },
                 { BYTES, DNS_F_DS_DIGEST, 0 } } },                                          /* RFC 7344 */
    { DNS_SSHFP, { { U8, DNS_F_SSHFP_ALGORITHM, 0 }, { U8, DNS_F_SSHFP_TYPE, 0 },
                   { BYTES, DNS_F_SSHFP_FINGERPRINT, 0 } } },                                /* RFC 4255 3.1 */
    { DNS_RRSIG, { { U16, DNS_F_RRSIG_COVERED, 0 }, { U8, DNS_F_RRSIG_ALGORITHM, 0 }, { U8, DNS_F_RRSIG_LABELS, 0 },
                   { U32, DNS_F_RRSIG_TTL, 0 }, { U32, DNS_F_RRSIG_EXPIRATION, 0 },
                   { U32, DNS_F_RRSIG_INCEPTION, 0 }, { U16, DNS_F_RRSIG_KEY_TAG, 0 },
                   { NAME, DNS_F_RRSIG_SIGNER, 0 }, { BYTES, DNS_F_RRSIG_SIGNATURE, 0 } } }, /* RFC 4034 3.1 */
    { DNS_NSEC, { { NAME, DNS_F_NSEC_NEXT, 0 }, { BITMAP, DNS_F_RESP_TYPE, 0 } } },        /* RFC 4034 4.1 */
    { DNS_DHCID, { { BYTES, DNS_F_DHCID, 0 } } },                                            /* RFC 4701 */
    { DNS_TLSA, { { U8, DNS_F_TLSA_USAGE, 0 }, { U8, DNS_F_TLSA_SELECTOR, 0 }, { U8, DNS_F_TLSA_MATCHING, 0 },
                  { BYTES, DNS_F_TLSA_DATA, 0 } } },                                         /* RFC 6698 2.1 */
    { DNS_OPENPGPKEY, { { BYTES, DNS_F_OPENPGPKEY, 0 } } },                                  /* RFC 7929 */
    { DNS_CSYNC, { { U32, DNS_F_CSYNC_SOA, 0 }, { U16, DNS_F_CSYNC_FLAGS, 0 },
                   { BITMAP, DNS_F_RESP_TYPE, 0 } } },                                     /* RFC 7477 2.1 */
    { DNS_ZONEMD, { { U32, DNS_F_ZONEMD_SERIAL, 0 }, { U8, DNS_F_ZONEMD_SCHEME, 0 }, { U8, DNS_F_ZONEMD_HASH, 0 },
                    { BYTES, DNS_F_ZONEMD_DIGEST, 0 } } },                                   /* RFC 8976 2.2 */
    { DNS_SPF, { { TEXTS, DNS_F_SPF_LEN, DNS_F_SPF } } },                                    /* RFC 4408 */
    { DNS_EUI48, { { FIXED6, DNS_F_EUI48, 0 } } },                                           /* RFC 7043 */
};

static void say_bit(struct dns_part *part, enum dns_field field, uint16_t type, uint32_t at)
{
    char line[64];
    struct wt_text heading = { line, sizeof line, 0, false };
    wt_text_add(&heading, "Type in bit map: ");
    dns_add_type(&heading, type);
    part->sink->open(part->sink, &dns_fields[field], (struct wt_value){ .u = type },
                     wt_view_span(part->view, at, 1), line);
    part->sink->close(part->sink);
}

/* Windows of bits, one a type (RFC 4034 4.1.2). The field is that of a record's type, as in Wireshark. */
static void describe_bitmap(struct dns_part *part, enum dns_field field)
{
    const uint8_t *message = part->dns->message.at;
    while (part->end - part->at >= 2) {
        unsigned window = message[part->at], len = message[part->at + 1];
        part->at += 2;
        if (len > part->end - part->at) {
            part->bad = true;
            return;
        }
        for (unsigned i = 0; i < len; i++)
            for (unsigned bit = 0; bit < 8; bit++)
                if (message[part->at + i] & 0x80 >> bit)
                    say_bit(part, field, (uint16_t)(window << 8 | i << 3 | bit), part->at + i);
        part->at += len;
    }
}

static bool describe_item(struct dns_part *part, const struct item *item)
{
    enum dns_field field = item->field, second = item->second;
    switch (item->kind) {
    case U8: return dns_say_number(part, field, 1, NULL);
    case U16: return dns_say_number(part, field, 2, NULL);
    case U32: return dns_say_number(part, field, 4, NULL);
    case NAME: return dns_say_name(part, field);
    case TEXT:
    case LEN8: return dns_say_text(part, field, second);
    case TEXTS:
        while (part->at < part->end)
            if (!dns_say_text(part, field, second))
                return false;
        return true;
    case IP4: return dns_say_bytes(part, field, 4);
    case IP6: return dns_say_bytes(part, field, 16);
    case FIXED6: return dns_say_bytes(part, field, 6);
    case BITMAP:
        describe_bitmap(part, field);
        return !part->bad;
    default:
        dns_say_rest(part, field);
        return true;
    }
}

/* ---- those that are more than a row of items ---- */

/* RFC 8659 4.1 */
static void describe_caa(struct dns_part *part)
{
    static const struct {
        const char *tag;
        enum dns_field field;
    } tags[] = { { "issue", DNS_F_CAA_ISSUE }, { "issuewild", DNS_F_CAA_ISSUEWILD }, { "iodef", DNS_F_CAA_IODEF } };
    const uint8_t *message = part->dns->message.at;
    if (part->end - part->at < 2 || message[part->at + 1] > part->end - part->at - 2) {
        part->bad = true;
        return;
    }
    uint8_t flags = message[part->at];
    part->sink->open(part->sink, &dns_fields[DNS_F_CAA_FLAGS], (struct wt_value){ .u = flags },
                     wt_view_span(part->view, part->at, 1), NULL);
    dns_say_value(part, DNS_F_CAA_CRITICAL, flags >> 7, part->at, 1);
    part->sink->close(part->sink);
    uint32_t tag_len = message[part->at + 1], tag = part->at + 2, value = tag + tag_len;
    enum dns_field field = DNS_F_CAA_UNKNOWN;
    for (unsigned i = 0; i < sizeof tags / sizeof tags[0]; i++)
        if (tag_len == strlen(tags[i].tag) && memcmp(message + tag, tags[i].tag, tag_len) == 0)
            field = tags[i].field;
    struct wt_slice text = { message + value, part->end - value };
    part->sink->open(part->sink, &dns_fields[field], (struct wt_value){ .bytes = text },
                     wt_view_span(part->view, value, text.len), NULL);
    part->at++;
    dns_say_text(part, DNS_F_CAA_TAG_LEN, DNS_F_CAA_TAG);
    dns_say_rest(part, DNS_F_CAA_VALUE);
    part->sink->close(part->sink);
}

/* RFC 4034 appendix B; B.1 for the first algorithm. */
static uint16_t key_tag(const uint8_t *data, uint32_t len, uint8_t algorithm)
{
    if (algorithm == 1)
        return len >= 7 ? wt_be16(data + len - 3) : 0;
    uint32_t sum = 0;
    for (uint32_t i = 0; i < len; i++)
        sum += i & 1 ? data[i] : (uint32_t)data[i] << 8;
    return (uint16_t)(sum + (sum >> 16));
}

/* RFC 4034 2.1 */
static void describe_dnskey(struct dns_part *part)
{
    const uint8_t *data = part->dns->message.at + part->at;
    uint32_t at = part->at, len = part->end - part->at;
    if (len < 4) {
        part->bad = true;
        return;
    }
    uint16_t flags = wt_be16(data);
    part->sink->open(part->sink, &dns_fields[DNS_F_DNSKEY_FLAGS], (struct wt_value){ .u = flags },
                     wt_view_span(part->view, at, 2), NULL);
    dns_say_value(part, DNS_F_DNSKEY_ZONE, flags >> 8 & 1, at, 2);
    dns_say_value(part, DNS_F_DNSKEY_REVOKED, flags >> 7 & 1, at, 2);
    dns_say_value(part, DNS_F_DNSKEY_SEP, flags & 1, at, 2);
    dns_say_value(part, DNS_F_DNSKEY_RESERVED, flags & 0xfe7e, at, 2);
    part->sink->close(part->sink);
    part->at += 2;
    dns_say_number(part, DNS_F_DNSKEY_PROTOCOL, 1, NULL);
    dns_say_number(part, DNS_F_DNSKEY_ALGORITHM, 1, NULL);
    dns_say_value(part, DNS_F_DNSKEY_KEY_ID, key_tag(data, len, data[3]), 0, 0);
    dns_say_rest(part, DNS_F_DNSKEY_KEY);
}

/* RFC 4648 7: base 32 with the extended hexadecimal alphabet, without padding. */
static size_t base32_hex(const uint8_t *bytes, size_t len, uint8_t text[416])
{
    static const char alphabet[] = "0123456789abcdefghijklmnopqrstuv";
    size_t n = 0;
    uint32_t bits = 0;
    unsigned have = 0;
    for (size_t i = 0; i < len; i++) {
        bits = bits << 8 | bytes[i];
        for (have += 8; have >= 5; have -= 5)
            text[n++] = (uint8_t)alphabet[bits >> (have - 5) & 31];
    }
    if (have)
        text[n++] = (uint8_t)alphabet[bits << (5 - have) & 31];
    return n;
}

/* RFC 5155 3.2; without the hash and the types it is NSEC3PARAM (4.2). */
static void describe_nsec3(struct dns_part *part, bool parameters)
{
    if (!dns_say_number(part, DNS_F_NSEC3_ALGO, 1, NULL))
        return;
    if (part->at == part->end) {
        part->bad = true;
        return;
    }
    uint8_t flags = part->dns->message.at[part->at];
    part->sink->open(part->sink, &dns_fields[DNS_F_NSEC3_FLAGS], (struct wt_value){ .u = flags },
                     wt_view_span(part->view, part->at, 1), NULL);
    if (!parameters)
        dns_say_value(part, DNS_F_NSEC3_OPT_OUT, flags & 1, part->at, 1);
    part->sink->close(part->sink);
    part->at++;
    uint64_t len;
    if (!dns_say_number(part, DNS_F_NSEC3_ITERATIONS, 2, NULL)
        || !dns_say_text(part, DNS_F_NSEC3_SALT_LEN, DNS_F_NSEC3_SALT) || parameters
        || !dns_say_number(part, DNS_F_NSEC3_HASH_LEN, 1, &len))
        return;
    if (len > part->end - part->at) {
        part->bad = true;
        return;
    }
    uint8_t text[416];
    size_t n = base32_hex(part->dns->message.at + part->at, (size_t)len, text);
    wt_say_bytes(part->view, part->sink, &dns_fields[DNS_F_NSEC3_HASH], (struct wt_slice){ text, n }, part->at,
                 (size_t)len);
    part->at += (uint32_t)len;
    describe_bitmap(part, DNS_F_RESP_TYPE);
}

/* RFC 3403 4.1 */
static void describe_naptr(struct dns_part *part)
{
    if (!dns_say_number(part, DNS_F_NAPTR_ORDER, 2, NULL) || !dns_say_number(part, DNS_F_NAPTR_PREFERENCE, 2, NULL)
        || !dns_say_text(part, DNS_F_NAPTR_FLAGS_LEN, DNS_F_NAPTR_FLAGS)
        || !dns_say_text(part, DNS_F_NAPTR_SERVICE_LEN, DNS_F_NAPTR_SERVICE)
        || !dns_say_text(part, DNS_F_NAPTR_REGEX_LEN, DNS_F_NAPTR_REGEX))
        return;
    struct dns_name name;
    uint8_t buffer[DNS_NAME_TEXT];
    dns_name_read((struct wt_slice){ part->dns->message.at, part->end }, part->at, &name);
    dns_say_value(part, DNS_F_NAPTR_REPLACEMENT_LEN, dns_name_text(&name, buffer).len, 0, 0);
    dns_say_name(part, DNS_F_NAPTR_REPLACEMENT);
}

/* RFC 8945 4.2 */
static void describe_tsig(struct dns_part *part)
{
    uint64_t len;
    if (!dns_say_name(part, DNS_F_TSIG_ALGORITHM))
        return;
    if (part->end - part->at < 6) {
        part->bad = true;
        return;
    }
    part->at += 6;                              /* time signed: 48 bits */
    if (!dns_say_number(part, DNS_F_TSIG_FUDGE, 2, NULL) || !dns_say_number(part, DNS_F_TSIG_MAC_SIZE, 2, &len)
        || !dns_say_bytes(part, DNS_F_TSIG_MAC, (uint32_t)len)
        || !dns_say_number(part, DNS_F_TSIG_ORIGINAL_ID, 2, NULL) || !dns_say_number(part, DNS_F_TSIG_ERROR, 2, NULL)
        || !dns_say_number(part, DNS_F_TSIG_OTHER_LEN, 2, &len))
        return;
    if (len)
        dns_say_bytes(part, DNS_F_TSIG_OTHER, (uint32_t)len);
}

void dns_describe_data(struct dns_part *part, uint16_t type)
{
    switch (type) {
    case DNS_CAA: describe_caa(part); return;
    case DNS_DNSKEY:
    case DNS_CDNSKEY: describe_dnskey(part); return;
    case DNS_NSEC3: describe_nsec3(part, false); return;
    case DNS_NSEC3PARAM: describe_nsec3(part, true); return;
    case DNS_NAPTR: describe_naptr(part); return;
    case DNS_TSIG: describe_tsig(part); return;
    case DNS_SVCB:
    case DNS_HTTPS: dns_describe_service(part); return;
    default: break;
    }
    for (unsigned i = 0; i < sizeof layouts / sizeof layouts[0]; i++) {
        if (layouts[i].type != type)
            continue;
        for (const struct item *item = layouts[i].item; item < layouts[i].item + MAX_ITEMS && item->kind; item++)
            if (!describe_item(part, item))
                return;
        return;
    }
    dns_say_rest(part, DNS_F_DATA);
}

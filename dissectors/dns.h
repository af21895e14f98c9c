/* DNS messages (RFC 1035), mDNS (RFC 6762) and LLMNR (RFC 4795), which share the format.
 *
 *                                  1  1  1  1  1  1
 *    0  1  2  3  4  5  6  7  8  9  0  1  2  3  4  5
 *   +--+--+--+--+--+--+--+--+--+--+--+--+--+--+--+--+
 *   |                      ID                       |
 *   |QR|   Opcode  |AA|TC|RD|RA| Z|AD|CD|   RCODE   |
 *   |    questions          |    answers            |   each 16 bits
 *   |    authority          |    additional         |
 *   +--+--+--+--+--+--+--+--+--+--+--+--+--+--+--+--+
 *   then the entries of the four sections
 *
 * All functions are pure; offsets count from the message's first byte. */
#ifndef DISSECTORS_DNS_H
#define DISSECTORS_DNS_H

#include <stdbool.h>
#include <stdint.h>

#include "wiretale/cursor.h"
#include "wiretale/dissector.h"
#include "wiretale/field.h"

#define DNS_HEADER_BYTES 12u
#define DNS_MAX_NAME 255u          /* RFC 1035 3.1, as it stands uncompressed on the wire */
#define DNS_NAME_TEXT 260u         /* labels and dots as they came, or a remark in angle brackets */

#define DNS_FLAG_QR 0x8000u
#define DNS_FLAG_AA 0x0400u
#define DNS_FLAG_TC 0x0200u
#define DNS_FLAG_RD 0x0100u
#define DNS_FLAG_RA 0x0080u
#define DNS_FLAG_AD 0x0020u
#define DNS_FLAG_CD 0x0010u

enum dns_section { DNS_QUESTION, DNS_ANSWER, DNS_AUTHORITY, DNS_ADDITIONAL, DNS_SECTIONS };

enum dns_type {
    DNS_A = 1, DNS_NS = 2, DNS_CNAME = 5, DNS_SOA = 6, DNS_NULL = 10, DNS_PTR = 12, DNS_HINFO = 13, DNS_MX = 15,
    DNS_TXT = 16, DNS_RP = 17, DNS_AFSDB = 18, DNS_RT = 21, DNS_LOC = 29, DNS_AAAA = 28, DNS_SRV = 33, DNS_NAPTR = 35,
    DNS_KX = 36, DNS_CERT = 37, DNS_DNAME = 39, DNS_OPT = 41, DNS_DS = 43, DNS_SSHFP = 44, DNS_RRSIG = 46,
    DNS_NSEC = 47, DNS_DNSKEY = 48, DNS_DHCID = 49, DNS_NSEC3 = 50, DNS_NSEC3PARAM = 51, DNS_TLSA = 52,
    DNS_CDS = 59, DNS_CDNSKEY = 60, DNS_OPENPGPKEY = 61, DNS_CSYNC = 62, DNS_ZONEMD = 63, DNS_SVCB = 64,
    DNS_HTTPS = 65, DNS_SPF = 99, DNS_EUI48 = 108, DNS_TSIG = 250, DNS_ANY = 255, DNS_CAA = 257
};

struct dns {
    uint16_t id;
    uint16_t flags;
    uint16_t count[DNS_SECTIONS];      /* as the header says */
    uint16_t whole[DNS_SECTIONS];      /* entries that are really there */
    struct wt_slice message;           /* held bytes, from the header on */
    uint32_t end;                      /* where the last whole entry ends */
    bool bad_name;                     /* a name loops or is too long; its place is known all the same */
};

/* One question (then ttl and data are 0) or resource record. */
struct dns_record {
    uint8_t section;
    uint16_t type, klass;              /* klass with mDNS's top bit */
    uint32_t ttl;
    uint32_t at;                       /* of its name */
    uint32_t fixed;                    /* of its type */
    uint32_t data;
    uint16_t data_len;
    uint32_t end;
};

/* Goes through the entries that dns_decode() found whole, in order. */
struct dns_walk {
    const struct dns *dns;
    uint32_t at;
    uint16_t section, done;
};
struct dns_walk dns_walk(const struct dns *dns);
bool dns_walk_next(struct dns_walk *walk, struct dns_record *ret_record);

enum wt_cut dns_decode(struct wt_cursor *c, void *header);

/* ---- names ---- */

enum dns_name_status {
    DNS_NAME_OK,
    DNS_NAME_SHORT,        /* it runs beyond the message: `end` is not known */
    DNS_NAME_LOOPS,        /* a pointer that does not lead backwards (RFC 1035 4.1.4: to a prior name), or too many */
    DNS_NAME_TOO_LONG,     /* more than 255 bytes */
    DNS_NAME_BAD_LABEL     /* a label type that is not defined (RFC 6891 5) */
};

struct dns_name {
    enum dns_name_status status;
    uint8_t labels;
    uint16_t len;                      /* of wire */
    uint32_t end;                      /* behind the name where it stands; BAD_LABEL: behind its type; SHORT: unknown */
    bool extended;                     /* BAD_LABEL: of type 01 (RFC 6891 5), and not the first byte: tshark reads on behind it */
    bool beyond;                       /* LOOPS: the pointer leads out of the message */
    uint8_t wire[DNS_MAX_NAME];        /* length and label, …, 0: uncompressed, as it came */
};

/* Follows compression pointers strictly backwards, and at most as many as a name has labels: the work is bounded. */
enum dns_name_status dns_name_read(struct wt_slice message, uint32_t at, struct dns_name *ret_name);

/* What is wrong with a name, in angle brackets; NULL: nothing. */
const char *dns_name_remark(enum dns_name_status status);

/* The labels with dots between, bytes as they came; "<Root>"; or what is wrong in angle brackets. */
struct wt_slice dns_name_text(const struct dns_name *name, uint8_t buffer[DNS_NAME_TEXT]);

/* Presentation form (RFC 1035 5.1, RFC 4343 2.1): "\." "\\" "\DDD", "." for the root. Safe to print. */
void dns_name_present(const struct dns_name *name, struct wt_text *text);

/* Equal but for the case of ASCII letters (RFC 4343). */
bool dns_name_equal(const struct dns_name *a, const struct dns_name *b);

/* ---- words ---- */

extern const struct wt_value_name dns_type_names[];
extern const struct wt_value_name dns_class_names[];
extern const struct wt_value_name dns_rcode_names[];
extern const struct wt_value_name dns_opcode_names[];
void dns_add_type(struct wt_text *text, uint16_t type);        /* "AAAA", "Unknown (65280)" */

/* ", addr 192.0.2.1": what a record says, for its line of the tree. */
void dns_add_data(struct wt_text *text, const struct dns *dns, const struct dns_record *record);
/* One record's data in a few words: "A 192.0.2.1", "MX 10 mx.example.net"; only the type where it is long. */
void dns_add_record(struct wt_text *text, const struct dns *dns, const struct dns_record *record, bool mdns);

extern const struct wt_dissector dns_dissector, mdns_dissector, llmnr_dissector;

#endif

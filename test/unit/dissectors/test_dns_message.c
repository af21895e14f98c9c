#include "dissectors/dns.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "protected.h"

/* A sink that writes down every value, one a line, and checks that subtrees nest. */
struct lines {
    struct wt_sink sink;
    char text[16384];
    size_t len;
    unsigned depth, notes;
};

static void put(struct lines *l, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    int n = vsnprintf(l->text + l->len, sizeof l->text - l->len, format, args);
    va_end(args);
    assert_true(n >= 0 && l->len + (size_t)n < sizeof l->text);
    l->len += (size_t)n;
}

static void take_field(struct wt_sink *sink, const struct wt_field *field, struct wt_value value, struct wt_span span)
{
    struct lines *l = (struct lines *)sink;
    (void)span;
    put(l, "%s", field->name);
    switch (field->type) {
    case WT_NONE: break;
    case WT_STRING:
        put(l, " '");
        for (size_t i = 0; i < value.bytes.len; i++)
            put(l, value.bytes.at[i] >= 32 && value.bytes.at[i] < 127 ? "%c" : "\\%03u", value.bytes.at[i]);
        put(l, "'");
        break;
    case WT_BYTES: case WT_IPV4: case WT_IPV6: case WT_ETHER:
        put(l, " ");
        for (size_t i = 0; i < value.bytes.len; i++)
            put(l, "%02x", value.bytes.at[i]);
        break;
    default: put(l, " %llu", (unsigned long long)value.u);
    }
    put(l, "\n");
}

static void take_open(struct wt_sink *sink, const struct wt_field *field, struct wt_value value, struct wt_span span,
                      const char *heading)
{
    struct lines *l = (struct lines *)sink;
    l->depth++;
    if (field)
        take_field(sink, field, value, span);
    else
        assert_non_null(heading);
}

static void take_close(struct wt_sink *sink)
{
    struct lines *l = (struct lines *)sink;
    assert_true(l->depth > 0);
    l->depth--;
}

static void take_note(struct wt_sink *sink, const char *text, struct wt_span span)
{
    (void)text;
    (void)span;
    ((struct lines *)sink)->notes++;
}

static void describe(const struct wt_dissector *d, const struct dns *dns, struct lines *l)
{
    *l = (struct lines){ .sink = { .field = take_field, .open = take_open, .close = take_close, .note = take_note } };
    struct wt_layer_view view = { .dissector = d, .header = dns, .bytes = dns->message };
    d->describe(&view, &l->sink);
    assert_int_equal(l->depth, 0);
}

/* ---- building messages ---- */

static uint8_t *put16(uint8_t *p, unsigned v)
{
    *p++ = (uint8_t)(v >> 8);
    *p++ = (uint8_t)v;
    return p;
}

#define QUESTION "\7example\3net\0\0\xff\0\1"

/* A response to "example.net ANY" with one answer of this type and data, its name a pointer to the question. */
static size_t response(uint8_t *message, unsigned type, const char *data, size_t len)
{
    uint8_t *p = message;
    p = put16(p, 0x1234);
    p = put16(p, 0x8180);
    p = put16(put16(put16(put16(p, 1), 1), 0), 0);
    memcpy(p, QUESTION, sizeof QUESTION - 1);
    p += sizeof QUESTION - 1;
    p = put16(p, 0xc00c);
    p = put16(put16(p, type), 1);
    p = put16(put16(p, 0), 300);
    p = put16(p, (unsigned)len);
    memcpy(p, data, len);
    return (size_t)(p - message) + len;
}

/* What tshark 4.0 says of the same bytes; SRV's owner name is split, as there. */
static const struct {
    unsigned type;
    const char *data;
    size_t len;
    const char *want;
} records[] = {
#define D(s) s, sizeof(s) - 1
    { DNS_A, D("\300\0\2\1"), "dns.a c0000201\n" },
    { DNS_AAAA, D("\x20\1\x0d\xb8\0\0\0\0\0\0\0\0\0\0\0\1"), "dns.aaaa 20010db8000000000000000000000001\n" },
    { DNS_NS, D("\2ns\xc0\x0c"), "dns.ns 'ns.example.net'\n" },
    { DNS_CNAME, D("\1c\xc0\x0c"), "dns.cname 'c.example.net'\n" },
    { DNS_DNAME, D("\1d\xc0\x0c"), "dns.dname 'd.example.net'\n" },
    { DNS_PTR, D("\0"), "dns.ptr.domain_name '<Root>'\n" },
    { DNS_SOA, D("\2ns\xc0\x0c\1h\xc0\x0c\x78\xa4\x56\x75\0\0\x0e\x10\0\0\3\x84\0\x09\x3a\x80\0\0\1\x2c"),
      "dns.soa.mname 'ns.example.net'\ndns.soa.rname 'h.example.net'\ndns.soa.serial_number 2024035957\n"
      "dns.soa.refresh_interval 3600\ndns.soa.retry_interval 900\ndns.soa.expire_limit 604800\n"
      "dns.soa.minimum_ttl 300\n" },
    { DNS_MX, D("\0\x0a\2mx\xc0\x0c"), "dns.mx.preference 10\ndns.mx.mail_exchange 'mx.example.net'\n" },
    { DNS_TXT, D("\3abc\0\4a\"\1\xff"),
      "dns.txt.length 3\ndns.txt 'abc'\ndns.txt.length 0\ndns.txt ''\ndns.txt.length 4\ndns.txt 'a\"\\001\\255'\n" },
    { DNS_NAPTR, D("\0\x64\0\x32\1s\7SIP+D2U\0\4_sip\xc0\x0c"),
      "dns.naptr.order 100\ndns.naptr.preference 50\ndns.naptr.flags_length 1\ndns.naptr.flags 's'\n"
      "dns.naptr.service_length 7\ndns.naptr.service 'SIP+D2U'\ndns.naptr.regex_length 0\ndns.naptr.regex ''\n"
      "dns.naptr.replacement_length 16\ndns.naptr.replacement '_sip.example.net'\n" },
    { DNS_HINFO, D("\2PC\5Linux"),
      "dns.hinfo.cpu_length 2\ndns.hinfo.cpu 'PC'\ndns.hinfo.os_length 5\ndns.hinfo.os 'Linux'\n" },
    { DNS_CAA, D("\x80\5issueca.test"),
      "dns.caa.flags 128\ndns.caa.flags.issuer_critical 1\ndns.caa.issue 'ca.test'\ndns.caa.tag_length 5\n"
      "dns.caa.tag 'issue'\ndns.caa.value 'ca.test'\n" },
    { DNS_CAA, D("\0\3foobar"),
      "dns.caa.flags 0\ndns.caa.flags.issuer_critical 0\ndns.caa.unknown 'bar'\ndns.caa.tag_length 3\n"
      "dns.caa.tag 'foo'\ndns.caa.value 'bar'\n" },
    { DNS_DS, D("\xec\x45\x08\2\1\2\3"),
      "dns.ds.key_id 60485\ndns.ds.algorithm 8\ndns.ds.digest_type 2\ndns.ds.digest 010203\n" },
    { DNS_SSHFP, D("\4\2\xaa\xbb"),
      "dns.sshfp.algorithm 4\ndns.sshfp.fingerprint.type 2\ndns.sshfp.fingerprint aabb\n" },
    { DNS_TLSA, D("\3\1\1\xab"),
      "dns.tlsa.certificate_usage 3\ndns.tlsa.selector 1\ndns.tlsa.matching_type 1\n"
      "dns.tlsa.certificate_association_data ab\n" },
    { DNS_RRSIG, D("\0\1\x08\2\0\0\1\x2c\x65\x53\xf1\0\x64\xbb\x5a\x80\xec\x45\1x\0\xfe\xff"),
      "dns.rrsig.type_covered 1\ndns.rrsig.algorithm 8\ndns.rrsig.labels 2\ndns.rrsig.original_ttl 300\n"
      "dns.rrsig.signature_expiration 1700000000000000000\ndns.rrsig.signature_inception 1690000000000000000\n"
      "dns.rrsig.key_tag 60485\ndns.rrsig.signers_name 'x'\ndns.rrsig.signature feff\n" },
    { DNS_NSEC, D("\1a\xc0\x0c\0\6\x40\1\0\0\0\3\1\1\x40"),
      "dns.nsec.next_domain_name 'a.example.net'\ndns.resp.type 1\ndns.resp.type 15\ndns.resp.type 46\n"
      "dns.resp.type 47\ndns.resp.type 257\n" },
    { DNS_NSEC3PARAM, D("\1\0\0\x0a\2\xaa\xbb"),
      "dns.nsec3.algo 1\ndns.nsec3.flags 0\ndns.nsec3.iterations 10\ndns.nsec3.salt_length 2\n"
      "dns.nsec3.salt_value aabb\n" },
    /* RFC 4648 10: base32hex of "foobar" is CPNMUOJ1E8====== */
    { DNS_NSEC3, D("\1\1\0\0\0\6foobar\0\1\x40"),
      "dns.nsec3.algo 1\ndns.nsec3.flags 1\ndns.nsec3.flags.opt_out 1\ndns.nsec3.iterations 0\n"
      "dns.nsec3.salt_length 0\ndns.nsec3.salt_value \ndns.nsec3.hash_length 6\ndns.nsec3.hash_value 'cpnmuoj1e8'\n"
      "dns.resp.type 1\n" },
    { DNS_HTTPS, D("\0\1\0\0\1\0\3\2h2\0\3\0\2\x20\xfb\0\4\0\4\300\0\2\1\0\2\0\0\xff\0\0\1z"),
      "dns.svcb.svcpriority 1\ndns.svcb.targetname '<Root>'\ndns.svcb.svcparam\ndns.svcb.svcparam.key 1\n"
      "dns.svcb.svcparam.value.length 3\ndns.svcb.svcparam.alpn.length 2\ndns.svcb.svcparam.alpn 'h2'\n"
      "dns.svcb.svcparam\ndns.svcb.svcparam.key 3\ndns.svcb.svcparam.value.length 2\ndns.svcb.svcparam.port 8443\n"
      "dns.svcb.svcparam\ndns.svcb.svcparam.key 4\ndns.svcb.svcparam.value.length 4\n"
      "dns.svcb.svcparam.ipv4hint.ip c0000201\ndns.svcb.svcparam\ndns.svcb.svcparam.key 2\n"
      "dns.svcb.svcparam.value.length 0\ndns.svcb.svcparam\ndns.svcb.svcparam.key 65280\n"
      "dns.svcb.svcparam.value.length 1\ndns.svcb.svcparam.value 7a\n" },
    { 65280, D("\1\2"), "dns.data 0102\n" },
    { DNS_MX, D("\0"), NULL },                        /* lies: the data ends within an item */
    { DNS_A, D("\300\0\2"), NULL },
    { DNS_TXT, D("\5abc"), NULL },
    { DNS_CAA, D("\0\x09iss"), NULL },
    { DNS_NSEC, D("\1a\xc0\x0c\0\6\x40"), NULL },
    { DNS_HTTPS, D("\0\1\0\0\1\0\x09\2h2"), NULL },
    { DNS_DNSKEY, D("\1\1\3"), NULL },
    { DNS_SOA, D("\2ns\xc0\x0c\1h\xc0\x0c\0"), NULL },
#undef D
};

static void record_types(void **state)
{
    (void)state;
    struct protected p = protected_new(4096);
    for (size_t i = 0; i < sizeof records / sizeof *records; i++) {
        uint8_t message[512];
        size_t len = response(message, records[i].type, records[i].data, records[i].len);
        struct dns dns;
        struct wt_cursor c = wt_cursor_of((struct wt_slice){ protected_copy(&p, message, len), len });
        assert_int_equal(dns_decode(&c, &dns), WT_WHOLE);
        assert_int_equal(dns.whole[DNS_ANSWER], 1);
        struct lines l;
        describe(&dns_dissector, &dns, &l);
        char *data = strstr(l.text, "dns.resp.len");
        assert_non_null(data);
        data = strchr(data, '\n') + 1;
        if (records[i].want && (strcmp(data, records[i].want) != 0 || l.notes))
            fail_msg("type %u:\n%s--- not\n%s", records[i].type, data, records[i].want);
        if (!records[i].want)
            assert_int_equal(l.notes, 1);
    }
    protected_free(&p);
}

static void header_and_sections(void **state)
{
    (void)state;
    static const char query[] = "\x12\x34\x01\x10\0\1\0\0\0\0\0\1" "\1a\0\0\1\0\1"
                                "\0\0\x29\x04\xd0\1\0\x80\0\0\x0c\0\x0a\0\x08" "cookie78";
    struct dns dns;
    struct wt_cursor c = wt_cursor_of((struct wt_slice){ (const uint8_t *)query, sizeof query - 1 });
    assert_int_equal(dns_decode(&c, &dns), WT_WHOLE);
    assert_int_equal(c.captured, 0);
    struct lines l;
    describe(&dns_dissector, &dns, &l);
    assert_string_equal(l.text,
                        "dns.id 4660\ndns.flags 272\ndns.flags.response 0\ndns.flags.opcode 0\n"
                        "dns.flags.truncated 0\ndns.flags.recdesired 1\ndns.flags.z 0\ndns.flags.checkdisable 1\n"
                        "dns.count.queries 1\ndns.count.answers 0\ndns.count.auth_rr 0\ndns.count.add_rr 1\n"
                        "dns.qry.name 'a'\ndns.qry.name.len 1\ndns.count.labels 1\ndns.qry.type 1\n"
                        "dns.qry.class 1\ndns.resp.name '<Root>'\ndns.resp.type 41\n"
                        "dns.rr.udp_payload_size 1232\ndns.resp.ext_rcode 1\ndns.resp.edns0_version 0\n"
                        "dns.resp.z 32768\ndns.resp.z.do 1\ndns.resp.z.reserved 0\ndns.resp.len 12\n"
                        "dns.opt\ndns.opt.code 10\ndns.opt.len 8\ndns.opt.data 636f6f6b69653738\n"
                        "dns.opt.cookie.client 636f6f6b69653738\n"
                        "dns.opt.cookie.server \n");
}

static void multicast_bits(void **state)
{
    (void)state;
    static const char question[] = "\0\0\0\0\0\1\0\0\0\0\0\0" "\1a\0\0\1\x80\1";
    struct dns dns;
    struct wt_cursor c = wt_cursor_of((struct wt_slice){ (const uint8_t *)question, sizeof question - 1 });
    dns_decode(&c, &dns);
    struct lines l;
    describe(&mdns_dissector, &dns, &l);
    assert_non_null(strstr(l.text, "dns.qry.class 1\ndns.qry.qu 1\n"));
    describe(&dns_dissector, &dns, &l);
    assert_non_null(strstr(l.text, "dns.qry.class 32769\n"));
    describe(&llmnr_dissector, &dns, &l);
    assert_non_null(strstr(l.text, "dns.flags.conflict 0\ndns.flags.truncated 0\ndns.flags.tentative 0\n"));
}

/* Every length that a capture may cut to: the cut is the capture's, unless the message ends there by itself. */
static void every_length(void **state)
{
    (void)state;
    uint8_t message[512];
    size_t whole = response(message, DNS_SOA, "\2ns\xc0\x0c\1h\xc0\x0c\0\0\0\1\0\0\0\2\0\0\0\3\0\0\0\4\0\0\0\5", 29);
    struct protected p = protected_new(4096);
    for (size_t len = 0; len <= whole; len++) {
        const uint8_t *at = protected_copy(&p, message, len);
        struct dns dns;
        struct wt_cursor snapped = wt_cursor(at, len, whole), sent = wt_cursor(at, len, len);
        assert_int_equal(dns_decode(&snapped, &dns), len == whole ? WT_WHOLE : WT_CUT_BY_SNAPLEN);
        struct lines l;
        describe(&dns_dissector, &dns, &l);
        assert_int_equal(dns_decode(&sent, &dns), len == whole ? WT_WHOLE : WT_CUT_BY_SENDER);
        describe(&dns_dissector, &dns, &l);
        char info[300] = "";
        struct wt_text t = { info, sizeof info, 0, false };
        struct wt_layer_view view = { .dissector = &dns_dissector, .header = &dns, .bytes = dns.message };
        dns_dissector.summarise(&view, &t);
    }
    protected_free(&p);
}

/* Counts and lengths that lie: what is whole is told, and whose fault the rest is. */
static const struct {
    const char *bytes;
    size_t len;
    enum wt_cut cut;
    uint16_t whole[DNS_SECTIONS];
} lies[] = {
#define B(s) s, sizeof(s) - 1
    { B("\0\0\0\0\xff\xff\xff\xff\xff\xff\xff\xff"), WT_CUT_BY_SENDER, { 0, 0, 0, 0 } },
    { B("\0\0\0\0\0\2\0\0\0\0\0\0\1a\0\0\1\0\1"), WT_CUT_BY_SENDER, { 1, 0, 0, 0 } },
    { B("\0\0\0\0\0\1\0\1\0\0\0\0\1a\0\0\1\0\1\0\0\1\0\1\0\0\0\0\xff\xff"), WT_CUT_BY_SENDER, { 1, 0, 0, 0 } },
    { B("\0\0\0\0\0\1\0\0\0\0\0\0\xc0\x0c\0\1\0\1"), WT_CUT_BY_SENDER, { 1, 0, 0, 0 } },
    { B("\0\0\0\0\0\1\0\0\0\0\0\0\xc0\x7f\0\1\0\1"), WT_CUT_BY_SENDER, { 1, 0, 0, 0 } },
    { B("\0\0\0\0\0\1\0\0\0\0\0\0\x40\0\1\0\1"), WT_CUT_BY_SENDER, { 0, 0, 0, 0 } },
    { B("\0\0\0\0\0\0\0\0\0\0\0\0 and more"), WT_WHOLE, { 0, 0, 0, 0 } },
#undef B
};

static void lying_messages(void **state)
{
    (void)state;
    struct protected p = protected_new(4096);
    for (size_t i = 0; i < sizeof lies / sizeof *lies; i++) {
        struct dns dns;
        struct wt_cursor c = wt_cursor_of((struct wt_slice){ protected_copy(&p, lies[i].bytes, lies[i].len),
                                                             lies[i].len });
        assert_int_equal(dns_decode(&c, &dns), lies[i].cut);
        assert_memory_equal(dns.whole, lies[i].whole, sizeof dns.whole);
        struct lines l;
        describe(&dns_dissector, &dns, &l);
    }
    protected_free(&p);
}

/* On a port that nobody has: only what fits to the byte, or asks plainly. */
static void recognised_by_content(void **state)
{
    (void)state;
    static const struct {
        const char *bytes;
        size_t len;
        bool want;
    } rows[] = {
#define B(s) s, sizeof(s) - 1
        { B("\x12\x34\1\0\0\1\0\0\0\0\0\0" "\1a\2bc\0\0\1\0\1"), true },
        { B("\x12\x34\1\0\0\1\0\0\0\0\0\0" "\1a\2bc\0\0\1\0\1 and more"), true },
        { B("\x12\x34\1\0\0\1\0\0\0\0\0\1" "\1a\2bc\0\0\1\0\1\0\0\x29\4\xd0\0\0\0\0\xff\xff"), true },
        { B("\x12\x34\1\0\0\1\0\0\0\0\0\0" "\1a\2bc\0\xfe\1\0\1 and more"), false },    /* type 65025 */
        { B("\0\0\0\0\0\1\0\0\0\0\0\0\0\0\0\0\0\0\0\0"), false },                  /* zeros and a one */
        { B("\x12\x34\x79\0\0\1\0\0\0\0\0\0" "\1a\2bc\0\0\1\0\1"), false },           /* opcode 15 */
        { B("\x12\x34\1\0\0\3\0\0\0\0\0\0" "\1a\2bc\0\0\1\0\1"), false },              /* three questions */
        { B("\x12\x34\1\0\0\1\1\0\0\0\0\0" "\1a\2bc\0\0\1\0\1"), false },              /* 256 answers */
        { B("\x84\xe7\1\x10\0\1\0\0\0\0\0\0 EFEDEJFPEEEPENEBEJEOCACACACACABM\0\0 \0\1"), false },   /* NetBIOS */
        { B("\x12\x34\1\0\0\1"), false },
#undef B
    };
    struct protected p = protected_new(4096);
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct wt_slice s = { protected_copy(&p, rows[i].bytes, rows[i].len), rows[i].len };
        if (dns_dissector.recognise(s) != rows[i].want)
            fail_msg("row %zu", i);
    }
    protected_free(&p);
}

/* The Info column, as tshark 4.0 prints it for these messages. */
static void info_column(void **state)
{
    (void)state;
    static const struct {
        unsigned type;
        const char *data;
        size_t len;
        const char *want;
    } rows[] = {
        { DNS_A, "\300\0\2\1", 4, "Standard query response 0x1234 ANY example.net A 192.0.2.1" },
        { DNS_MX, "\0\x0a\2mx\xc0\x0c", 7, "Standard query response 0x1234 ANY example.net MX 10 mx.example.net" },
        { DNS_SRV, "\0\1\0\2\x13\xc4\3sip\xc0\x0c", 12,
          "Standard query response 0x1234 ANY example.net SRV 1 2 5060 sip.example.net" },
        { DNS_TXT, "\3abc", 4, "Standard query response 0x1234 ANY example.net TXT" },
        { 65280, "x", 1, "Standard query response 0x1234 ANY example.net Unknown (65280)" },
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        uint8_t message[512];
        size_t len = response(message, rows[i].type, rows[i].data, rows[i].len);
        struct dns dns;
        struct wt_cursor c = wt_cursor_of((struct wt_slice){ message, len });
        dns_decode(&c, &dns);
        char info[300] = "";
        struct wt_text t = { info, sizeof info, 0, false };
        struct wt_layer_view view = { .dissector = &dns_dissector, .header = &dns, .bytes = dns.message };
        dns_dissector.summarise(&view, &t);
        assert_string_equal(info, rows[i].want);
    }
}

/* The key of RFC 4034 5.4, whose tag is 60485. */
static void key_tag_of_the_rfc(void **state)
{
    (void)state;
    static const char key[] =
        "\x01\x00\x03\x05\x01\x03\x9e\x8a\x24\x74\x18\xe3\x18\x90\x3b\x21"
        "\x5a\x84\x8a\xcf\xd5\xf3\x7f\x02\x6b\xd4\x06\x2d\xb2\x6c\x77\x4c"
        "\x69\x09\x68\xd5\xd5\x6d\xf8\xbf\xda\x91\xe6\xf3\x6d\x9a\x27\x98"
        "\x88\xf4\x13\x33\x35\x7c\x5e\x60\x29\x99\x0d\x10\xfd\xf5\x66\x30"
        "\x62\xa5\x12\x76\x33\x26\x98\x0a\x61\x5d\xdb\xf1\x7a\x05\xdd\xfc"
        "\xce\x7e\x5f\xb3\xab\xcc\xa0\x5a\x31\xb0\x95\x74\x52\xd4\x52\x1e"
        "\x83\x87\x07\x89\x06\x31\x15\xbf\x97\xf6\xc3\x08\xcc\xf5\x7c\xdc"
        "\x9c\xe7\xfe\x10\xf6\xed\x1b\xd0\xcc\x06\x60\x03\x8c\x50\xdc\xdb"
        "\x0f\xeb\x96\x3c\x2f\x17";
    uint8_t message[512];
    size_t len = response(message, DNS_DNSKEY, key, sizeof key - 1);
    struct dns dns;
    struct wt_cursor c = wt_cursor_of((struct wt_slice){ message, len });
    dns_decode(&c, &dns);
    struct lines l;
    describe(&dns_dissector, &dns, &l);
    assert_non_null(strstr(l.text, "dns.dnskey.key_id 60485\n"));
    assert_non_null(strstr(l.text, "dns.dnskey.flags.zone_key 1\n"));
}

/* Where a message breaks, tshark 4.0.17 prints this much of it; without --compat, what is whole is told. */
static const struct {
    const char *bytes;
    size_t len;
    const char *plain, *compat;        /* of queries, resp.name and response_to only */
} broken[] = {
#define B(s) s, sizeof(s) - 1
    { B("\0\0\0\0\0\1\0\0\0\0\0\0\1a\x42zz\0\1"), "", "dns.qry.name '<Unknown extended label>'\ndns.qry.type 31354\n" },
    { B("\0\0\0\0\0\1\0\0\0\0\0\0\x42zz\0\1\0\1"), "", "" },
    { B("\0\0\0\0\0\1\0\0\0\0\0\0\1a\x82zz\0\1\0\1"), "", "" },
    { B("\0\0\0\0\0\1\0\0\0\0\0\0\1a\xc1\0\0\1\0\1"),
      "dns.qry.name '<Name contains a pointer that loops>'\ndns.qry.type 1\n", "" },
    { B("\0\0\0\0\0\2\0\0\0\0\0\0\xc0\x12\0\1\0\1\1a\0\0\1\0\1"),
      "dns.qry.name '<Name contains a pointer that loops>'\ndns.qry.type 1\ndns.qry.name 'a'\ndns.qry.type 1\n",
      "dns.qry.name 'a'\ndns.qry.type 1\ndns.qry.name 'a'\ndns.qry.type 1\n" },
    { B("\0\0\0\0\0\1\0\0\0\0\0\0\xc0\x0c\0\1\0\1"),
      "dns.qry.name '<Name contains a pointer that loops>'\ndns.qry.type 1\n",
      "dns.qry.name '<Name contains a pointer that loops>'\ndns.qry.type 1\n" },
    { B("\0\0\x80\0\0\0\0\2\0\0\0\0\1a\0\0\2\0\1\0\0\0\1\0\2\5b\1b\0\0\1\0\1\0\0\0\1\0\4\1\2\3\4"),
      "dns.resp.name 'a'\ndns.resp.name 'b'\ndns.response_to 7\n", "dns.resp.name 'a'\ndns.resp.name 'b'\ndns.response_to 7\n" },
    { B("\0\0\x80\0\0\0\0\2\0\0\0\0\1a\0\0\2\0\1\0\0\0\1\0\2\x3f""b\1b\0\0\1\0\1\0\0\0\1\0\4\1\2\3\4"),
      "dns.resp.name 'a'\ndns.resp.name 'b'\ndns.response_to 7\n", "dns.resp.name 'a'\n" },
#undef B
};

static void keep_lines(const char *text, const char *const *names, char *kept)
{
    *kept = '\0';
    while (*text) {
        size_t len = (size_t)(strchr(text, '\n') - text) + 1;
        for (unsigned i = 0; names[i]; i++)
            if (strncmp(text, names[i], strlen(names[i])) == 0)
                strncat(kept, text, len);
        text += len;
    }
}

static void broken_messages_as_tshark_tells_them(void **state)
{
    (void)state;
    static const char *const names[] = { "dns.qry.name ", "dns.qry.type ", "dns.resp.name ", "dns.response_to ", NULL };
    for (size_t i = 0; i < sizeof broken / sizeof *broken; i++)
        for (int compat = 0; compat < 2; compat++) {
            struct dns dns;
            struct wt_cursor c = wt_cursor_of((struct wt_slice){ (const uint8_t *)broken[i].bytes, broken[i].len });
            dns_decode(&c, &dns);
            struct wt_context context = { .has = compat ? WT_HAS_COMPAT : 0, .pairing = { .request_frame = 7 } };
            struct wt_layer_view view = { .dissector = &dns_dissector, .header = &dns, .bytes = dns.message,
                                          .context = &context };
            struct lines l = { .sink = { .field = take_field, .open = take_open, .close = take_close, .note = take_note } };
            dns_dissector.describe(&view, &l.sink);
            assert_int_equal(l.depth, 0);
            static char kept[sizeof l.text];
            keep_lines(l.text, names, kept);
            const char *want = compat ? broken[i].compat : broken[i].plain;
            if (!strstr(want, "response_to") && strstr(kept, "dns.response_to"))
                *strstr(kept, "dns.response_to") = '\0';
            assert_string_equal(kept, want);
        }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(record_types), cmocka_unit_test(header_and_sections), cmocka_unit_test(multicast_bits),
        cmocka_unit_test(every_length), cmocka_unit_test(lying_messages),
        cmocka_unit_test(broken_messages_as_tshark_tells_them), cmocka_unit_test(info_column), cmocka_unit_test(recognised_by_content),
        cmocka_unit_test(key_tag_of_the_rfc),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

/* Frames to layers, keys and flags; reassembly of fragments in every order; every frame cut at every length. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "decode/decode.h"
#include "wiretale/dissector.h"

static struct wt_packet packets[8];

static struct decoder *new_decoder(void)
{
    static struct wt_limit_hits hits;
    struct wt_config config;
    wt_config_defaults(&config);
    return decoder_new(&config, (uint64_t[2]){ 1, 2 }, &hits);
}

static size_t from_hex(const char *hex, uint8_t *out)
{
    size_t n = 0;
    for (; *hex; hex++) {
        unsigned v;
        if (*hex == ' ')
            continue;
        if (sscanf(hex, "%2x", &v) != 1)
            break;
        out[n++] = (uint8_t)v;
        hex++;
    }
    return n;
}

#define ETH "020000000002 020000000001 "
#define IP_TCP "45000028 00010000 40060000 0a000001 0a000002 "
#define TCP "03e80050 00000001 00000000 5002ffff 00000000 "
#define IP_UDP "45000020 00010000 40110000 0a000001 0a000002 "
#define UDP "03e807d0 000c0000 61626364 "
#define IP6_UDP "60000000 000c1140 20010db8000000000000000000000001 20010db8000000000000000000000002 "
#define OUTER(len, proto) "4500" len "00010000 40" proto "0000 c0000201 c0000202 "

#define ZEROS "00000000 00000000 00000000 00000000 00000000"
#define PKTAP(len, dlt) len "01000000" dlt "656e3000" ZEROS "02000000 02000000 0e000000 00000000 00020000" ZEROS \
    "00000000 00000000 ffffffff" ZEROS

static const struct {
    const char *what, *hex;
    uint16_t linktype;
    const char *layers;
    uint32_t flags;              /* all of these */
    uint16_t vlan;
    uint32_t payload;
} walks[] = {
    { "TCP over Ethernet", ETH "0800" IP_TCP TCP, 1, "eth ip tcp", WT_PACKET_IP | WT_PACKET_TCP, 0, 0 },
    { "with padding", ETH "0800" IP_TCP TCP "000000000000", 1, "eth ip tcp", WT_PACKET_TCP, 0, 0 },
    { "UDP", ETH "0800" IP_UDP UDP, 1, "eth ip udp", WT_PACKET_UDP, 0, 4 },
    { "in a VLAN", ETH "8100 002a 0800" IP_UDP UDP, 1, "eth vlan ip udp", WT_PACKET_UDP, 43, 4 },
    { "in two", ETH "88a8 0064 8100 002a 0800" IP_UDP UDP, 1, "eth ieee8021ad vlan ip udp", WT_PACKET_UDP, 43, 4 },
    { "802.3 and SNAP", ETH "0028 aaaa03 000000 0800" IP_UDP UDP, 1, "eth llc ip udp", WT_PACKET_UDP, 0, 4 },
    { "raw", IP_UDP UDP, 101, "raw ip udp", WT_PACKET_UDP, 0, 4 },
    { "loopback of this host's order", "02000000" IP_UDP UDP, 0, "null ip udp", WT_PACKET_UDP, 0, 4 },
    { "loopback of another's", "00000002" IP_UDP UDP, 0, "null ip udp", WT_PACKET_UDP, 0, 4 },
    { "cooked", "0000 0001 0006 020000000001 0000 0800" IP_UDP UDP, 113, "sll ip udp", WT_PACKET_UDP, 0, 4 },
    { "cooked, version 2", "0800 0000 00000001 0001 00 06 020000000001 0000" IP_UDP UDP, 276, "sll2 ip udp", WT_PACKET_UDP, 0, 4 },
    { "IP in IP", "45000034 00010000 40040000 c0000201 c0000202 " IP_UDP UDP, 101, "raw ip ip udp",
      WT_PACKET_UDP | WT_PACKET_TUNNELLED, 0, 4 },
    { "GRE with a key", "4500003c 00010000 402f0000 c0000201 c0000202 2000 0800 0000002a " IP_UDP UDP, 101, "raw ip gre ip udp",
      WT_PACKET_UDP | WT_PACKET_TUNNELLED, 0, 4 },
    { "6 in 4", "45000050 00010000 40290000 c0000201 c0000202 60000000 00141140 20010db8000000000000000000000001"
      "20010db8000000000000000000000002 03e807d0 00140000 000102030405060708090a0b", 101, "raw ip ipv6 udp",
      WT_PACKET_UDP | WT_PACKET_TUNNELLED, 0, 12 },
    { "IPv6 with hop-by-hop and destination options", "60000000 001c0040 20010db8000000000000000000000001"
      "20010db8000000000000000000000002 3c00010400000000 1100010400000000 03e807d0 000c0000 61626364", 101,
      "raw ipv6 ipv6.hopopts ipv6.dstopts udp", WT_PACKET_UDP, 0, 4 },
    { "ICMP error about a UDP datagram", "45000038 00010000 40010000 0a000002 0a000001 0303 0000 00000000 " IP_UDP "03e807d0 000c0000",
      101, "raw ip icmp ip udp", WT_PACKET_ICMP | WT_PACKET_ICMP_ERROR, 0, 28 },
    { "ICMP error about a whole DNS query", "45000049 00010000 40010000 0a000002 0a000001 0303 0000 00000000 "
      "4500002d 00010000 40110000 0a000001 0a000002 03e80035 00190000 00070100 0001000000000000 00 0001 0001", 101,
      "raw ip icmp ip udp dns", WT_PACKET_ICMP | WT_PACKET_ICMP_ERROR, 0, 45 },
    { "ICMP error about a part of one", "45000048 00010000 40010000 0a000002 0a000001 0303 0000 00000000 "
      "4500002d 00010000 40110000 0a000001 0a000002 03e80035 00190000 00070100 0001000000000000 00 0001 00", 101,
      "raw ip icmp ip udp", WT_PACKET_ICMP | WT_PACKET_ICMP_ERROR, 0, 44 },
    { "a header that is too short for itself", "44000020 00010000 40110000 0a000001 0a000002", 101, "raw ip", WT_PACKET_MALFORMED, 0, 0 },
    { "MPLS", ETH "8847 00064040 00065140" IP_UDP UDP, 1, "eth mpls ip udp", WT_PACKET_UDP, 0, 4 },
    { "a pseudo-wire with a control word", ETH "8847 00065140 00000000" ETH "0800" IP_UDP UDP, 1, "eth mpls eth ip udp", WT_PACKET_UDP, 0, 4 },
    { "VN-Tag", ETH "8926 00010002 0800" IP_UDP UDP, 1, "eth vntag ip udp", WT_PACKET_UDP, 0, 4 },
    { "E-Tag", ETH "893f 1000 00d3 0000 0800" IP_UDP UDP, 1, "eth etag ip udp", WT_PACKET_UDP, 0, 4 },
    { "MACsec, not encrypted", ETH "88e5 2000 00000044 020000000001 0001 0800" IP_UDP UDP "00000000000000000000000000000000", 1,
      "eth macsec ip udp", WT_PACKET_UDP, 0, 4 },
    { "MACsec, encrypted", ETH "88e5 2c00 00000044 020000000001 0001 0800" IP_UDP UDP "00000000000000000000000000000000", 1,
      "eth macsec", 0, 0, 0 },
    { "MACsec that is too short for its check value", ETH "88e5 0000 00000044 0800", 1, "eth macsec", 0, 0, 0 },
    { "a service header", ETH "894f 0002 0101 00000aff" IP_UDP UDP, 1, "eth nsh ip udp", WT_PACKET_UDP, 0, 4 },
    { "a service header with a frame", ETH "894f 0002 0103 00000aff" ETH "0800" IP_UDP UDP, 1, "eth nsh eth ip udp", WT_PACKET_UDP, 0, 4 },
    { "a service header that is too short for itself", ETH "894f 0001 0101 00000aff" IP_UDP UDP, 1, "eth nsh", WT_PACKET_MALFORMED, 0, 0 },
    { "PKTAP", PKTAP("6c000000", "01000000") ETH "0800" IP_UDP UDP, 258, "pktap eth ip udp", WT_PACKET_UDP, 0, 4 },
    { "PKTAP in PKTAP", PKTAP("6c000000", "02010000") PKTAP("6c000000", "01000000"), 258, "pktap", 0, 0, 0 },
    { "PKTAP of a length that is none", PKTAP("10000000", "01000000") ETH, 258, "pktap", WT_PACKET_MALFORMED, 0, 0 },
    { "SLARP", "8f00 8035 00000002 00000001 00000000 ffff", 104, "chdlc slarp", 0, 0, 0 },
    { "RGMP's Hello", "4500001c 00010000 01020000 0a000001 e0000019 ff000000 00000000", 101, "raw ip rgmp", WT_PACKET_IP, 0, 0 },
    { "IGMP of RGMP's type for others", "4500001c 00010000 01020000 0a000001 e0000016 ff000000 00000000", 101, "raw ip igmp", WT_PACKET_IP, 0, 0 },
    { "FabricPath", ETH "8903 0440" ETH "0800" IP_UDP UDP, 1, "eth cfp eth ip udp", WT_PACKET_UDP, 0, 4 },
    { "VXLAN", OUTER("0052", "11") "c350 12b5 003e 0000 0800000000002a00" ETH "0800" IP_UDP UDP, 101, "raw ip udp vxlan eth ip udp",
      WT_PACKET_UDP | WT_PACKET_TUNNELLED, 0, 4 },
    { "Geneve", OUTER("0044", "11") "c350 17c1 0030 0000 00000800 00002a00" IP_UDP UDP, 101, "raw ip udp geneve ip udp",
      WT_PACKET_UDP | WT_PACKET_TUNNELLED, 0, 4 },
    { "Geneve with options", OUTER("0048", "11") "c350 17c1 0034 0000 01000800 00002a00 01020000" IP_UDP UDP, 101,
      "raw ip udp geneve ip udp", WT_PACKET_UDP | WT_PACKET_TUNNELLED, 0, 4 },
    { "GTP-U", OUTER("0044", "11") "c350 0868 0030 0000 30ff0020 00000001" IP_UDP UDP, 101, "raw ip udp gtp ip udp",
      WT_PACKET_UDP | WT_PACKET_TUNNELLED, 0, 4 },
    { "GTP-U with an extension", OUTER("004c", "11") "c350 0868 0038 0000 34ff0028 00000001 00000085 01100900" IP_UDP UDP, 101,
      "raw ip udp gtp ip udp", WT_PACKET_UDP | WT_PACKET_TUNNELLED, 0, 4 },
    { "Teredo", OUTER("0050", "11") "c350 0dd8 003c 0000" IP6_UDP UDP, 101, "raw ip udp teredo ipv6 udp",
      WT_PACKET_UDP | WT_PACKET_TUNNELLED, 0, 4 },
    { "Teredo with an origin indication", OUTER("0058", "11") "c350 0dd8 0044 0000 0000 3caf 3ffffdfe" IP6_UDP UDP, 101,
      "raw ip udp teredo ipv6 udp", WT_PACKET_UDP | WT_PACKET_TUNNELLED, 0, 4 },
    { "AYIYA", OUTER("007c", "11") "c350 13d0 0068 0000 41521129 00000000 00000000000000000000000000000000"
      "0000000000000000000000000000000000000000" IP6_UDP UDP, 101, "raw ip udp ayiya ipv6 udp", WT_PACKET_UDP | WT_PACKET_TUNNELLED, 0, 4 },
    { "GRE over UDP", OUTER("0040", "11") "c350 1292 002c 0000 00000800" IP_UDP UDP, 101, "raw ip udp gre ip udp",
      WT_PACKET_UDP | WT_PACKET_TUNNELLED, 0, 4 },
    { "ERSPAN type I", OUTER("0046", "2f") "000088be" ETH "0800" IP_UDP UDP, 101, "raw ip gre eth ip udp",
      WT_PACKET_UDP | WT_PACKET_TUNNELLED, 0, 4 },
    { "ERSPAN type II", OUTER("0052", "2f") "100088be 00000001 10010001 00000000" ETH "0800" IP_UDP UDP, 101,
      "raw ip gre erspan eth ip udp", WT_PACKET_UDP | WT_PACKET_TUNNELLED, 0, 4 },
    { "ERSPAN type III", OUTER("0056", "2f") "100022eb 00000001 20010001 00000000 00008000" ETH "0800" IP_UDP UDP, 101,
      "raw ip gre erspan eth ip udp", WT_PACKET_UDP | WT_PACKET_TUNNELLED, 0, 4 },
    { "PIM register", OUTER("003c", "67") "21000000 00000000" IP_UDP UDP, 101, "raw ip pim ip udp",
      WT_PACKET_UDP | WT_PACKET_TUNNELLED, 0, 4 },
    { "FDDI", "50 020000000002 020000000001 aaaa03 000000 0800" IP_UDP UDP, 10, "fddi llc ip udp", WT_PACKET_UDP, 0, 4 },
    { "Cisco HDLC", "0f00 0800" IP_UDP UDP, 104, "chdlc ip udp", WT_PACKET_UDP, 0, 4 },
    { "Cisco HDLC called PPP", "0f00 0800" IP_UDP UDP, 9, "ppp chdlc ip udp", WT_PACKET_UDP, 0, 4 },
    { "Cisco HDLC called loopback", "0f00 0800" IP_UDP UDP, 0, "null ip udp", WT_PACKET_UDP, 0, 4 },
    { "Frame Relay", "1841 03cc" IP_UDP UDP, 107, "fr ip udp", WT_PACKET_UDP, 0, 4 },
    { "Frame Relay as Cisco does it", "1841 0800" IP_UDP UDP, 107, "fr ip udp", WT_PACKET_UDP, 0, 4 },
    { "Frame Relay with SNAP", "1841 0300 80 000000 0800" IP_UDP UDP, 107, "fr ip udp", WT_PACKET_UDP, 0, 4 },
    { "NFLOG of a little-endian host", "0200 0001 0800 0a00 61620000 2400 0900" IP_UDP UDP, 239, "nflog ip udp", WT_PACKET_UDP, 0, 4 },
    { "and of a big-endian one", "0200 0001 0008 000a 61620000 0024 0009" IP_UDP UDP, 239, "nflog ip udp", WT_PACKET_UDP, 0, 4 },
    { "IPoIB", "0000000000000000000000000000000000000000 0000000000000000000000000000000000000000 08000000" IP_UDP UDP, 242,
      "ipoib ip udp", WT_PACKET_UDP, 0, 4 },
    { "IPNET", "01020000 00000020 00000001 00000000 00000000 00000000" IP_UDP UDP, 226, "ipnet ip udp", WT_PACKET_UDP, 0, 4 },
    { "802.11 to the wired side", "0801 2c00 020000000001 020000000002 020000000003 1000 aaaa03 000000 0800" IP_UDP UDP, 105, "wlan llc ip udp",
      WT_PACKET_UDP, 0, 4 },
    { "802.11 with QoS", "8802 0000 020000000001 020000000002 020000000003 1000 0000 aaaa03 000000 0800" IP_UDP UDP, 105, "wlan llc ip udp",
      WT_PACKET_UDP, 0, 4 },
    { "802.11 with four addresses", "0803 0000 020000000001 020000000002 020000000003 1000 020000000004 aaaa03 000000 0800" IP_UDP UDP, 105,
      "wlan llc ip udp", WT_PACKET_UDP, 0, 4 },
    { "802.11, encrypted", "0841 2c00 020000000001 020000000002 020000000003 1000 aaaa03 000000 0800" IP_UDP UDP, 105, "wlan", 0, 0, 0 },
    { "802.11, an A-MSDU", "8802 0000 020000000001 020000000002 020000000003 1000 8000 aaaa03 000000 0800" IP_UDP UDP, 105, "wlan", 0, 0, 0 },
    { "a beacon", "8000 0000 ffffffffffff 020000000002 020000000002 1000 00000000", 105, "wlan", 0, 0, 0 },
    { "an acknowledgement", "d400 0000 020000000001", 105, "wlan", 0, 0, 0 },
    { "radiotap without a check sequence", "0000 0900 02000000 00 0801 2c00 020000000001 020000000002 020000000003 1000 aaaa03 000000 0800" IP_UDP UDP,
      127, "radiotap wlan llc ip udp", WT_PACKET_UDP, 0, 4 },
    { "radiotap with time, flags and a check sequence", "0000 1100 03000000 0000000000000000 10 "
      "0801 2c00 020000000001 020000000002 020000000003 1000 aaaa03 000000 0800" IP_UDP UDP "01020304", 127, "radiotap wlan llc ip udp",
      WT_PACKET_UDP, 0, 4 },
    { "radiotap that is too short for itself", "0000 0400 02000000 00 0801 2c00", 127, "radiotap", WT_PACKET_MALFORMED, 0, 0 },
    { "CAPWAP with 802.11, its control swapped", OUTER("006c", "11") "c350 147f 0058 0000 00204320 00000000 0104ed4d 00000000 "
      "0108 2c00 020000000001 020000000002 ffffffffffff 0000 aaaa03 000000 0800" IP_UDP UDP, 101, "raw ip udp capwap.data wlan llc ip udp",
      WT_PACKET_UDP | WT_PACKET_TUNNELLED, 0, 4 },
    { "CAPWAP keep-alive", OUTER("0024", "11") "c350 147f 0010 0000 00100008 00000000", 101, "raw ip udp capwap.data", WT_PACKET_UDP, 0, 8 },
    { "PPPoE", ETH "8864 1100 0001 0022 0021" IP_UDP UDP, 1, "eth pppoes ppp ip udp", WT_PACKET_UDP, 0, 4 },
};

static void layer_names(const struct wt_packet *p, char *text, size_t size)
{
    struct wt_text t = { text, size, 0, false };
    text[0] = '\0';
    for (unsigned i = 0; i < p->layer_count; i++)
        wt_text_add(&t, "%s%s", i ? " " : "", wt_dissector_at(p->layers[i].dissector)->name);
}

static void test_walks(void **state)
{
    (void)state;
    struct decoder *d = new_decoder();
    for (size_t i = 0; i < sizeof walks / sizeof walks[0]; i++) {
        uint8_t bytes[256];
        char names[256];
        uint32_t len = (uint32_t)from_hex(walks[i].hex, bytes);
        struct wt_frame f = { .bytes = bytes, .captured_len = len, .wire_len = len, .linktype = walks[i].linktype };
        decode_batch(d, &f, packets, 1);
        layer_names(packets, names, sizeof names);
        if (strcmp(names, walks[i].layers) != 0 || (packets->flags & walks[i].flags) != walks[i].flags
            || packets->key.vlan != walks[i].vlan || packets->payload_bytes != walks[i].payload)
            fail_msg("%s: %s, flags %x, vlan %u, payload %u", walks[i].what, names, packets->flags, packets->key.vlan,
                     packets->payload_bytes);
    }
    decoder_free(d);
}

/* Both directions have one key; an ICMP error has the key of what it quotes, and its direction. */
static void test_keys(void **state)
{
    static const char *const hex[] = {
        IP_UDP UDP,
        "45000020 00010000 40110000 0a000002 0a000001 07d003e8 000c0000 61626364",
        "45000038 00010000 40010000 0a000002 0a000001 0303 0000 00000000 " IP_UDP "03e807d0 000c0000",
    };
    uint8_t bytes[3][128];
    struct wt_frame f[3];
    (void)state;
    struct decoder *d = new_decoder();
    for (int i = 0; i < 3; i++) {
        uint32_t len = (uint32_t)from_hex(hex[i], bytes[i]);
        f[i] = (struct wt_frame){ .bytes = bytes[i], .captured_len = len, .wire_len = len, .linktype = 101 };
    }
    decode_batch(d, f, packets, 3);
    assert_memory_equal(&packets[0].key, &packets[1].key, sizeof packets[0].key);
    assert_memory_equal(&packets[0].key, &packets[2].key, sizeof packets[0].key);
    assert_int_equal(packets[0].hash, packets[2].hash);
    assert_int_equal(packets[0].dir, 0);
    assert_int_equal(packets[1].dir, 1);
    assert_int_equal(packets[2].dir, 0);
    decoder_free(d);
}

/* The same addresses and ports in two virtual networks are two flows; both directions of one are one flow. */
static void test_virtual_networks(void **state)
{
    static const char *const hex[][3] = {
        { OUTER("0052", "11") "c350 12b5 003e 0000 0800000000002a00" ETH "0800" IP_UDP UDP,
          "45000052 00010000 40110000 c0000202 c0000201 c351 12b5 003e 0000 0800000000002a00" ETH
          "0800 45000020 00010000 40110000 0a000002 0a000001 07d003e8 000c0000 61626364",
          OUTER("0052", "11") "c350 12b5 003e 0000 0800000000002b00" ETH "0800" IP_UDP UDP },
        { OUTER("003c", "2f") "20000800 0000002a " IP_UDP UDP,
          "4500003c 00010000 402f0000 c0000202 c0000201 20000800 0000002a "
          "45000020 00010000 40110000 0a000002 0a000001 07d003e8 000c0000 61626364",
          OUTER("003c", "2f") "20000800 0000002b " IP_UDP UDP },
        { OUTER("0034", "04") IP_UDP UDP,
          "45000034 00010000 40040000 c0000202 c0000201 "
          "45000020 00010000 40110000 0a000002 0a000001 07d003e8 000c0000 61626364",
          "45000034 00010000 40040000 c0000201 c0000203 " IP_UDP UDP },
        { ETH "8100 0064 8100 002a 0800" IP_UDP UDP,
          ETH "8100 0064 8100 002a 0800 45000020 00010000 40110000 0a000002 0a000001 07d003e8 000c0000 61626364",
          ETH "8100 0065 8100 002a 0800" IP_UDP UDP },
    };
    (void)state;
    struct decoder *d = new_decoder();
    for (size_t i = 0; i < sizeof hex / sizeof hex[0]; i++) {
        uint8_t bytes[3][256];
        struct wt_frame f[3];
        for (int k = 0; k < 3; k++) {
            uint32_t len = (uint32_t)from_hex(hex[i][k], bytes[k]);
            f[k] = (struct wt_frame){ .bytes = bytes[k], .captured_len = len, .wire_len = len, .linktype = i == 3 ? 1 : 101 };
        }
        decode_batch(d, f, packets, 3);
        for (int k = 0; k < 3; k++)
            assert_true(packets[k].flags & WT_PACKET_UDP);
        assert_memory_equal(&packets[0].key, &packets[1].key, sizeof packets[0].key);
        assert_int_equal(packets[0].shard, packets[1].shard);
        assert_int_not_equal(packets[0].dir, packets[1].dir);
        assert_memory_equal(packets[0].key.address, packets[2].key.address, sizeof packets[0].key.address);
        assert_int_not_equal(packets[0].key.scope, packets[2].key.scope);
    }
    decoder_free(d);
}

/* Whatever the cut, the layers are those of the whole frame up to it, and it is the capture that is blamed. */
static void test_every_cut(void **state)
{
    (void)state;
    struct decoder *d = new_decoder();
    for (size_t i = 0; i < sizeof walks / sizeof walks[0]; i++) {
        uint8_t bytes[256];
        uint32_t len = (uint32_t)from_hex(walks[i].hex, bytes);
        for (uint32_t cut = 0; cut < len; cut++) {
            uint8_t *exact = malloc(cut ? cut : 1);
            char names[256];
            memcpy(exact, bytes, cut);
            struct wt_frame f = { .bytes = exact, .captured_len = cut, .wire_len = len, .linktype = walks[i].linktype };
            decode_batch(d, &f, packets, 1);
            decode_checksums(packets);
            layer_names(packets, names, sizeof names);
            if (strncmp(names, walks[i].layers, strlen(names)) != 0)
                fail_msg("%s cut at %u: %s", walks[i].what, cut, names);
            if ((packets->flags & WT_PACKET_MALFORMED) && !(walks[i].flags & WT_PACKET_MALFORMED))
                fail_msg("%s cut at %u is called malformed", walks[i].what, cut);
            free(exact);
        }
    }
    decoder_free(d);
}

/* A UDP datagram of 24 bytes of data in four fragments of 8 bytes. */
static void fragment(uint8_t *out, unsigned part, uint16_t id)
{
    static const uint8_t whole[32] = { 0x03, 0xe8, 0x07, 0xd0, 0, 32, 0, 0, 'a', 'b', 'c', 'd', 'e', 'f', 'g', 'h', 'i', 'j',
                                       'k', 'l', 'm', 'n', 'o', 'p', 'q', 'r', 's', 't', 'u', 'v', 'w', 'x' };
    from_hex("4500001c 00000000 40110000 0a000001 0a000002", out);
    out[4] = (uint8_t)(id >> 8);
    out[5] = (uint8_t)id;
    out[6] = part < 3 ? 0x20 : 0;
    out[7] = (uint8_t)part;
    memcpy(out + 20, whole + part * 8, 8);
}

static void test_fragments_in_every_order(void **state)
{
    (void)state;
    struct decoder *d = new_decoder();
    unsigned orders = 0;
    for (unsigned code = 0; code < 256; code++) {
        unsigned order[4] = { code & 3, code >> 2 & 3, code >> 4 & 3, code >> 6 & 3 }, seen = 0;
        for (int i = 0; i < 4; i++)
            seen |= 1u << order[i];
        if (seen != 15)
            continue;
        uint8_t bytes[4][28];
        struct wt_frame f[4];
        for (int i = 0; i < 4; i++) {
            fragment(bytes[i], order[i], (uint16_t)code);
            f[i] = (struct wt_frame){ .bytes = bytes[i], .captured_len = 28, .wire_len = 28, .linktype = 101 };
        }
        decode_batch(d, f, packets, 4);
        for (int i = 0; i < 3; i++)
            assert_true(packets[i].flags & WT_PACKET_FRAGMENT);
        assert_true(packets[3].flags & WT_PACKET_REASSEMBLED);
        assert_true(packets[3].flags & WT_PACKET_UDP);
        assert_int_equal(packets[3].payload_bytes, 24);
        assert_memory_equal(wt_packet_payload(&packets[3]).at, "abcdefghijklmnopqrstuvwx", 24);
        orders++;
    }
    assert_int_equal(orders, 24);
    assert_int_equal(decoder_counters(d)->datagrams_reassembled, 24);
    assert_int_equal(decoder_counters(d)->fragments, 96);
    decoder_free(d);
}

/* A first fragment of which the capture has less than its IP length says can't be put together with others: its headers
 * are shown all the same, and a later one's are not. */
static void test_fragments_that_are_short(void **state)
{
    (void)state;
    struct decoder *d = new_decoder();
    uint8_t bytes[2][28];
    struct wt_frame f[2];
    for (unsigned i = 0; i < 2; i++) {
        fragment(bytes[i], i, 7);
        bytes[i][3] = 60;                              /* 32 bytes more than there are */
        f[i] = (struct wt_frame){ .bytes = bytes[i], .captured_len = 28, .wire_len = 28, .linktype = 101 };
    }
    decode_batch(d, f, packets, 2);
    assert_true(packets[0].flags & WT_PACKET_UDP);
    assert_false(packets[0].flags & WT_PACKET_REASSEMBLED);
    assert_int_equal(packets[0].transport_layer, packets[0].layer_count - 1);
    assert_true(packets[1].flags & WT_PACKET_FRAGMENT);
    assert_false(packets[1].flags & WT_PACKET_UDP);
    assert_int_equal(decoder_counters(d)->datagrams_reassembled, 0);
    decoder_free(d);
}

/* decoder_compat(): a bad header checksum (these have none at all) leaves every fragment alone. */
static void test_fragments_as_tshark_on_demand(void **state)
{
    (void)state;
    struct decoder *d = new_decoder();
    decoder_compat(d);
    uint8_t bytes[4][28];
    struct wt_frame f[4];
    for (unsigned i = 0; i < 4; i++) {
        fragment(bytes[i], i, 8);
        f[i] = (struct wt_frame){ .bytes = bytes[i], .captured_len = 28, .wire_len = 28, .linktype = 101 };
    }
    decode_batch(d, f, packets, 4);
    assert_true(packets[0].flags & WT_PACKET_UDP);
    for (unsigned i = 1; i < 4; i++)
        assert_true(packets[i].flags & WT_PACKET_FRAGMENT);
    assert_int_equal(decoder_counters(d)->datagrams_reassembled, 0);
    decoder_free(d);
}

/* A second copy with other bytes changes nothing: the first wins. A lost fragment completes nothing. */
static void test_fragments_overlap_and_loss(void **state)
{
    (void)state;
    struct decoder *d = new_decoder();
    uint8_t bytes[5][28];
    struct wt_frame f[5];
    unsigned parts[5] = { 0, 1, 1, 2, 3 };
    for (int i = 0; i < 5; i++) {
        fragment(bytes[i], parts[i], 9);
        f[i] = (struct wt_frame){ .bytes = bytes[i], .captured_len = 28, .wire_len = 28, .linktype = 101 };
    }
    memset(bytes[2] + 20, 'X', 8);
    decode_batch(d, f, packets, 5);
    assert_true(packets[4].flags & WT_PACKET_REASSEMBLED);
    assert_memory_equal(wt_packet_payload(&packets[4]).at, "abcdefgh", 8);
    assert_int_equal(decoder_counters(d)->fragments_overlapping, 1);
    for (int i = 0; i < 3; i++)
        bytes[i][5] = 10;
    decode_batch(d, f, packets, 3);
    f[0].time_ns = INT64_C(100) * 1000000000;
    bytes[0][5] = 11;
    decode_batch(d, f, packets, 1);
    assert_int_equal(decoder_counters(d)->datagrams_incomplete, 1);
    decoder_free(d);
}

/* Tunnels within tunnels end at sixteen layers. */
static void test_depth(void **state)
{
    (void)state;
    struct decoder *d = new_decoder();
    uint8_t bytes[20 * 40];
    for (unsigned i = 0; i < 40; i++) {
        from_hex("45000000 00010000 40040000 0a000001 0a000002", bytes + i * 20);
        uint16_t len = (uint16_t)(sizeof bytes - i * 20);
        bytes[i * 20 + 2] = (uint8_t)(len >> 8);
        bytes[i * 20 + 3] = (uint8_t)len;
    }
    struct wt_frame f = { .bytes = bytes, .captured_len = sizeof bytes, .wire_len = sizeof bytes, .linktype = 101 };
    decode_batch(d, &f, packets, 1);
    assert_int_equal(packets->layer_count, WT_MAX_LAYERS);
    assert_true(packets->flags & WT_PACKET_TOO_DEEP);
    decoder_free(d);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_walks),
        cmocka_unit_test(test_keys),
        cmocka_unit_test(test_virtual_networks),
        cmocka_unit_test(test_every_cut),
        cmocka_unit_test(test_fragments_in_every_order),
        cmocka_unit_test(test_fragments_that_are_short), cmocka_unit_test(test_fragments_as_tshark_on_demand),
        cmocka_unit_test(test_fragments_overlap_and_loss),
        cmocka_unit_test(test_depth),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

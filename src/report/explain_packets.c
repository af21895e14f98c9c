/* The rules behind what a packet shows: TCP's options, IP, ICMP, UDP. Each row has a display filter that finds it. */
#include "explain.h"

#include "ladder_words.h"

const struct explain_fact explain_packets[] = {
    /* ---- TCP: what is agreed on in the handshake ---- */
    { .filter = "tcp.flags.syn == 1 && tcp.options.mss", .e = {
        N_("maximum segment size"),
        N_("Each end says how many bytes of data a segment to it may carry: what fits into a packet of its link without the "
           "headers (1460 of 1500 in IPv4). Without the option 536 is assumed, 1220 in IPv6."),
        N_("RFC 9293, section 3.7.1") } },
    { .filter = "tcp.flags.syn == 1 && tcp.options.wscale", .e = {
        N_("window scale"),
        N_("The header has only 16 bits for the window, 65,535 bytes. With this option, if both SYNs have it, the number is "
           "multiplied by a power of two; the window column shows it multiplied. The window of a SYN itself never is."),
        N_("RFC 7323, sections 2.2 and 2.3") } },
    { .filter = "tcp.flags.syn == 1 && tcp.options.sack_perm", .e = {
        N_("SACK permitted"),
        N_("If both SYNs say so, a receiver may name what arrived behind a gap, so that only what is missing is sent again."),
        N_("RFC 2018, section 2") } },
    { .filter = "tcp.flags.syn == 1 && tcp.options.timestamp", .e = {
        N_("timestamps"),
        N_("Each segment carries its sender's clock and the clock value that it answers. That gives a round-trip time for every "
           "ACK, also of what was sent again, and tells old duplicates from new segments when numbers wrap around."),
        N_("RFC 7323, sections 3 to 5") } },
    { .filter = "tcp.flags.syn == 1 && tcp.options.tfo", .e = {
        N_("TCP Fast Open"),
        N_("A client that was here before shows a cookie with its SYN and may send data with it, which saves one round trip; "
           "without a cookie it asks for one for the next time."),
        N_("RFC 7413, sections 3 and 4") } },
    { .filter = "tcp.flags.syn == 1 && tcp.options.mptcp", .e = {
        N_("Multipath TCP"),
        N_("The ends agree to use several TCP connections (subflows) as one, over different ways at the same time."),
        N_("RFC 8684, sections 3.1 and 3.2") } },
    { .filter = "tcp.flags.syn == 1 && tcp.flags.ack == 0 && tcp.flags.ece == 1 && tcp.flags.cwr == 1", .e = {
        N_("ECN wanted"),
        N_("ECE and CWR together in a SYN ask for explicit congestion notification: routers may then mark packets instead of "
           "dropping them."),
        N_("RFC 3168, section 6.1.1") } },
    { .filter = "tcp.flags.syn == 1 && tcp.flags.ack == 1 && tcp.flags.ece == 1 && tcp.flags.cwr == 0", .e = {
        N_("ECN agreed"),
        N_("ECE alone in the SYN ACK says yes: both ends understand marks."),
        N_("RFC 3168, section 6.1.1") } },
    /* ---- TCP: later ---- */
    { .filter = "tcp.options.sack && tcp.flags.syn == 0 && !(tcp.options.sack_le < tcp.ack)", .e = {
        N_("selective ACK"),
        N_("ack names the first missing byte; the SACK blocks name ranges behind it that did arrive, the newest first. The sender "
           "knows the holes by them and sends only those again. It still keeps everything until ack passes it."),
        N_("RFC 2018, sections 3 to 5; RFC 6675, section 4") } },
    { .filter = "tcp.options.sack_le < tcp.ack", .trouble = true, .e = {
        N_("duplicate SACK"),
        N_("A block below ack says that these bytes came twice. So one copy was needless: nothing was lost, or only the ACK."),
        N_("RFC 2883, section 4") } },
    { .filter = "tcp.len == 0 && tcp.flags == 0x010 && tcp.ack > 1", .e = {
        N_("ACK without data"),
        N_("One ACK stands for everything before it, so not every segment needs its own: a receiver may wait, at most half a "
           "second, and should answer at least every second full segment."),
        N_("RFC 9293, section 3.8.6.3; RFC 5681, section 4.2") } },
    { .filter = "tcp.flags.push == 1 && tcp.len > 0 && tcp.flags.syn == 0", .e = {
        N_("PSH"),
        N_("With this segment the sender's queue is empty: all that the application had handed over is sent. The receiver need not "
           "wait for more before it passes the data on. PSH marks no end of a message."),
        N_("RFC 9293, section 3.9.1.2") } },
    { .filter = "tcp.flags.urg == 1", .e = {
        N_("URG"),
        N_("Up to the urgent pointer the data are to be looked at soon (telnet uses it to interrupt). New applications should "
           "not use it: systems and middleboxes disagree about what it means."),
        N_("RFC 9293, section 3.8.5") } },
    { .filter = "tcp.flags.ece == 1 && tcp.flags.syn == 0", .trouble = true, .e = {
        N_("ECN echo"),
        N_("A packet arrived with a congestion mark; the receiver says so in every ACK until the sender answers with CWR."),
        N_("RFC 3168, section 6.1.3") } },
    { .filter = "tcp.flags.cwr == 1 && tcp.flags.syn == 0", .trouble = true, .e = {
        N_("congestion window reduced"),
        N_("The sender has heeded the mark as it would a loss: it has halved its congestion window, and says that the echo may stop."),
        N_("RFC 3168, section 6.1.2") } },
    { .filter = "tcp && (ip.dsfield.ecn == 1 || ip.dsfield.ecn == 2 || ipv6.tclass.ecn == 1 || ipv6.tclass.ecn == 2)", .e = {
        N_("ECN-capable"),
        N_("Two bits of the IP header say that routers may mark this packet instead of dropping it when their queue grows."),
        N_("RFC 3168, section 5") } },
    { .filter = "ip.dsfield.ecn == 3 || ipv6.tclass.ecn == 3", .trouble = true, .e = {
        N_("congestion experienced"),
        N_("A router on the way has marked the packet: its queue is filling. Without ECN it would have been dropped to say the same."),
        N_("RFC 3168, section 5") } },
    /* ---- IP ---- */
    { .filter = "ip.flags.mf == 1 || ip.frag_offset > 0", .trouble = true, .e = {
        N_("IP fragment"),
        N_("The datagram was larger than a link could carry and was cut into pieces, which only the destination puts together "
           "again, by identification and offset. If one piece is lost, all of it is."),
        N_("RFC 791, sections 2.3 and 3.2") } },
    { .filter = "ipv6.fraghdr", .trouble = true, .e = {
        N_("IPv6 fragment"),
        N_("In IPv6 only the sender cuts a packet, never a router, and puts a fragment header into each piece. If one piece is "
           "lost, all of it is."),
        N_("RFC 8200, sections 4.5 and 5") } },
    { .filter = "ip.opt.type", .e = {
        N_("IP options"),
        N_("The header has options behind its 20 bytes. Many routers treat such packets slowly, or drop them."),
        N_("RFC 791, section 3.1; RFC 7126, section 3") } },
    { .filter = "(icmp.type == 3 && icmp.code == 4) || icmpv6.type == 2", .trouble = true, .e = {
        N_("packet too big"),
        N_("A link on the way takes only smaller packets, and the router may not cut this one (DF, or IPv6). It drops it and "
           "names the size that fits; the sender makes its segments smaller. Where such messages are filtered, "
           "transfers hang (black hole)."),
        N_("RFC 1191, sections 3 and 4; RFC 8201, section 4") } },
    { .filter = "icmp.type == 11 || icmpv6.type == 3", .trouble = true, .e = {
        N_("time exceeded"),
        N_("Each router lowers the packet's TTL (hop limit) by one and drops it at zero, so that packets do not circle for ever; "
           "it tells the sender. traceroute finds its way by these."),
        N_("RFC 792; RFC 1812, section 5.3.1; RFC 4443, section 3.3") } },
    { .filter = "(icmp.type == 3 && icmp.code == 3) || (icmpv6.type == 1 && icmpv6.code == 4)", .trouble = true, .e = {
        N_("port unreachable"),
        N_("The host is there, but nobody listens on this port. UDP itself has no way to refuse, so ICMP says it."),
        N_("RFC 1122, section 4.1.3.1; RFC 4443, section 3.1") } },
    { .filter = "(icmp.type == 3 && icmp.code != 3 && icmp.code != 4) || (icmpv6.type == 1 && icmpv6.code != 4)", .trouble = true, .e = {
        N_("destination unreachable"),
        N_("A router has no way to the network or host, or a filter forbids it."),
        N_("RFC 792; RFC 1812, section 5.2.7.1; RFC 4443, section 3.1") } },
    { .filter = "icmp.type == 8 || icmp.type == 0 || icmpv6.type == 128 || icmpv6.type == 129", .e = {
        N_("echo (ping)"),
        N_("Every host must answer an echo request with the same data. That tells whether it can be reached, and how long it takes."),
        N_("RFC 1122, section 3.2.2.6; RFC 4443, sections 4.1 and 4.2") } },
    { .filter = "icmpv6.type == 135 || icmpv6.type == 136", .e = {
        N_("neighbour discovery"),
        N_("What ARP is for IPv4: who has this address, and what is its address on the link? The question goes to a multicast "
           "group that few listen to."),
        N_("RFC 4861, section 7.2") } },
    { .filter = "icmpv6.type == 133 || icmpv6.type == 134", .e = {
        N_("router discovery"),
        N_("Routers announce themselves and the prefixes of the link; hosts form their addresses from them."),
        N_("RFC 4861, section 6; RFC 4862, section 5.5") } },
    { .filter = "igmp || icmpv6.type == 143 || icmpv6.type == 130 || icmpv6.type == 131", .e = {
        N_("group membership"),
        N_("A host tells the routers of its link which multicast groups it listens to, so that they forward only those."),
        N_("RFC 3376, section 4; RFC 3810, section 5") } },
    /* ---- UDP ---- */
    { .filter = "udp", .e = {
        N_("UDP"),
        N_("A datagram is sent without asking: no connection, no ACK, no order, no retransmission. What is needed of that, the "
           "application does."),
        N_("RFC 768; RFC 8085, section 3") } },
    { .filter = "udp.checksum == 0 && ip", .trouble = true, .e = {
        N_("no UDP checksum"),
        N_("0 means that the sender computed none, which IPv4 allows. Errors on the way then go unnoticed."),
        N_("RFC 768; RFC 1122, section 4.1.3.4") } },
    { .filter = "udp.checksum == 0 && ipv6", .trouble = true, .e = {
        N_("no UDP checksum in IPv6"),
        N_("IPv6 has no header checksum of its own, so that UDP's is a must; only some tunnels may leave it out."),
        N_("RFC 8200, section 8.1; RFC 6936, sections 4 and 5") } },
};
const unsigned explain_packet_count = sizeof explain_packets / sizeof explain_packets[0];

/* The rules of TCP, in the words of who explains them. Section numbers are of the RFC that is current (2026). */
#include "explain.h"

#include "depth_words.h"
#include "ladder_words.h"

const struct explain_did explain_dids[] = {
    { .did = WT_DID_MIDSTREAM, .e = {
        N_("no beginning"),
        N_("The capture began after the handshake. Options such as the window scale are sent with the SYN only, so the "
           "window shown may be too small; numbers count from the first byte that was seen, and states are inferred from "
           "what each end sends."),
        N_("RFC 7323, section 2.2; RFC 9293, section 3.2") } },
    { .did = WT_DID_REUSE, .trouble = true, .e = {
        N_("port used again"),
        N_("A connection is its two addresses and two ports. While one end is in TIME-WAIT the same four may open a new "
           "connection only if the SYN is certainly newer: a greater timestamp, or a greater sequence number than the last."),
        N_("RFC 6191, section 2; RFC 9293, section 3.6.1") } },
    { .did = WT_DID_SYN_RETRY, .trouble = true, .e = {
        N_("SYN sent again"),
        N_("Nothing came back, so the same SYN goes out again. With no round trip measured yet the sender waits one second, "
           "and twice as long after each further try (exponential backoff). Either the SYN or its answer was lost, or "
           "something in between drops them silently."),
        N_("RFC 6298, sections 2 and 5; RFC 9293, section 3.8.3") } },
    { .did = WT_DID_SYN, .unless = WT_DID_SYN_ACK | WT_DID_SYN_RETRY | WT_DID_REFUSE, .flags = WT_FLAG_SYN, .e = {
        N_("handshake, step 1 of 3"),
        N_("Who wants a connection sends a SYN with its initial sequence number, which every later byte is counted from; it is "
           "hard to guess, so that a stranger can't forge segments. The ladder shows numbers relative to it."),
        N_("RFC 9293, sections 3.5 and 3.4.1") } },
    { .did = WT_DID_SIMULTANEOUS, .flags = WT_FLAG_SYN, .e = {
        N_("simultaneous open"),
        N_("Both ends sent a SYN before they saw the other's. TCP allows it: one connection comes of it, not two, and each end "
           "answers the other's SYN with a SYN ACK."),
        N_("RFC 9293, section 3.5, figure 7") } },
    { .did = WT_DID_SYN_ACK, .e = {
        N_("handshake, step 2 of 3"),
        N_("The server's answer does two things at once: its ACK number is the client's number + 1 (a SYN takes one number, "
           "as a byte does), and its own SYN announces the number that its bytes are counted from."),
        N_("RFC 9293, sections 3.4 and 3.5, figure 6") } },
    { .did = WT_DID_ISN_CHANGED, .trouble = true, .e = {
        N_("another initial number"),
        N_("The server answered the same SYN with a new initial sequence number. It keeps no memory of the first answer (SYN "
           "cookies, a load balancer, a restart), or somebody else answered."),
        N_("RFC 4987, section 3.6; RFC 9293, section 3.4.1") } },
    { .did = WT_DID_HANDSHAKE, .e = {
        N_("handshake, step 3 of 3"),
        N_("The client acknowledges the server's SYN: each end now knows that the other has its number, and data may flow. "
           "Three steps, so that an old SYN that arrives late can't open a connection that nobody asked for."),
        N_("RFC 9293, section 3.5") } },
    { .did = WT_DID_DATA, .unless = WT_DID_RETRANSMIT | WT_DID_FAST_RETRANSMIT | WT_DID_SPURIOUS | WT_DID_OUT_OF_ORDER, .e = {
        N_("data"),
        N_("Every byte has a number. seq is that of the segment's first byte; the receiver answers with ack, the number of the "
           "next byte that it expects, which says: everything before has arrived."),
        N_("RFC 9293, section 3.4") } },
    { .did = WT_DID_RETRANSMIT, .unless = WT_DID_FAST_RETRANSMIT | WT_DID_SPURIOUS | WT_DID_SYN_RETRY | WT_DID_FIN_REPEATED
        | WT_DID_OUT_OF_ORDER | WT_DID_ZERO_WINDOW_PROBE, .trouble = true, .e = {
        N_("retransmission"),
        N_("A sender keeps a copy until it is acknowledged. When no ACK comes within the retransmission timeout (the smoothed "
           "round-trip time plus four times its variation) it sends the oldest again, doubles the timeout, and begins again "
           "with a congestion window of one segment."),
        N_("RFC 6298, sections 2 and 5; RFC 5681, section 3.1") } },
    { .did = WT_DID_FAST_RETRANSMIT, .unless = WT_DID_SPURIOUS, .trouble = true, .e = {
        N_("fast retransmission"),
        N_("Three duplicate ACKs, or SACKs of what came after, are taken as proof that the segment is lost; it is sent again "
           "without waiting for the timeout. As data still arrives, the congestion window is only halved."),
        N_("RFC 5681, section 3.2; RFC 6675, section 5; RFC 8985, section 6.2") } },
    { .did = EXPLAIN_AFTER_TIMEOUT, .trouble = true, .e = {
        N_("slow start after a timeout"),
        N_("After a timeout everything that was on its way counts as lost. The congestion window is one segment, doubles with each "
           "round trip (slow start), and the sender goes through the unacknowledged data once more, skipping what SACK covers."),
        N_("RFC 5681, section 3.1; RFC 6298, section 5; RFC 6675, section 5.1") } },
    { .did = EXPLAIN_RECOVERY, .trouble = true, .e = {
        N_("further hole of one recovery"),
        N_("Several segments of one flight were lost. An ACK that moves on, but only to the next hole (partial ACK), or SACK, shows "
           "it; the sender fills the holes one after the other and lowers its congestion window only once for all of them."),
        N_("RFC 6582, section 3.2; RFC 6675, section 5") } },
    { .did = EXPLAIN_TAIL_PROBE, .trouble = true, .e = {
        N_("tail loss probe"),
        N_("When the last segments of a flight are lost nothing comes after them that could cause duplicate ACKs. So about two "
           "round trips later the sender sends the last one again: its ACK, or SACK, shows what is missing, long before the timeout."),
        N_("RFC 8985, section 7") } },
    { .did = EXPLAIN_PATH_MTU, .trouble = true, .e = {
        N_("smaller segments"),
        N_("A router said by ICMP that the packet does not fit through the next link. The data go out again in segments that do; this "
           "is no sign of congestion, so the congestion window need not shrink."),
        N_("RFC 9293, section 3.7.2; RFC 1191, section 6.4") } },
    { .did = EXPLAIN_SYN_DATA, .trouble = true, .e = {
        N_("data of the SYN again"),
        N_("The server acknowledged the SYN but not the data in it: it did not know the cookie, or does not do Fast Open. The client "
           "sends the data again in the ordinary way."),
        N_("RFC 7413, section 4.2") } },
    { .did = EXPLAIN_DUPLICATED, .trouble = true, .e = {
        N_("duplicated on the way"),
        N_("The very same packet came twice: the network, or the capture (a mirror port that sees both directions of a switch), made "
           "a copy. The sender sent it once. A receiver throws the second away and acknowledges again."),
        N_("RFC 9293, sections 3.8 and 3.10.7.4") } },
    { .did = WT_DID_SPURIOUS | EXPLAIN_NEEDLESS, .trouble = true, .e = {
        N_("needless retransmission"),
        N_("The bytes had been acknowledged already: the ACK was late or was lost, or the timeout was too short. The receiver "
           "throws the copy away and may say so with a duplicate SACK, by which the sender can take its slowing down back."),
        N_("RFC 2883, section 4; RFC 3522, section 3.2; RFC 4015, section 3") } },
    { .did = WT_DID_OUT_OF_ORDER, .trouble = true, .e = {
        N_("out of order"),
        N_("IP promises no order. The receiver holds what came early and hands bytes to the application only in sequence; "
           "nothing needs to be sent again. But each early segment causes a duplicate ACK, so a long detour looks like a loss."),
        N_("RFC 9293, section 3.10.7.4; RFC 791, section 1.2") } },
    { .did = WT_DID_GAP_BEFORE, .trouble = true, .e = {
        N_("gap"),
        N_("Its number is greater than the next that was expected: what stands between was lost, is still on its way, or was "
           "not captured. The receiver keeps this segment and at once repeats its last ACK, which names the missing byte."),
        N_("RFC 9293, section 3.10.7.4; RFC 5681, section 4.2") } },
    { .did = WT_DID_ACKED_UNSEEN, .trouble = true, .e = {
        N_("acknowledged but not captured"),
        N_("An ACK covers only what has arrived. So these bytes were there, and the capture missed them (it dropped packets, or "
           "they took another way): no loss of the network's."),
        N_("RFC 9293, section 3.4") } },
    { .did = WT_DID_DUP_ACK, .trouble = true, .e = {
        N_("duplicate ACK"),
        N_("The receiver got a segment, but not the next one in sequence, so it repeats the number that it waits for. One or "
           "two may mean that segments changed places; the third makes the sender send the missing one again."),
        N_("RFC 5681, sections 2 and 3.2") } },
    { .did = WT_DID_KEEP_ALIVE, .trouble = true, .e = {
        N_("keep-alive"),
        N_("On an idle connection an end may ask whether the other is still there: it sends a number that is acknowledged "
           "already, which must be answered with an ACK. It is off unless the application wants it, and by default comes "
           "after two hours at the earliest."),
        N_("RFC 9293, section 3.8.4") } },
    { .did = WT_DID_KEEP_ALIVE_ACK, .e = {
        N_("answer to a keep-alive"),
        N_("A segment with an old number is answered with an ACK of what is expected. That is the sign of life."),
        N_("RFC 9293, sections 3.8.4 and 3.10.7.4") } },
    { .did = WT_DID_ZERO_WINDOW, .unless = WT_DID_ZERO_WINDOW_PROBE_ACK, .trouble = true, .e = {
        N_("zero window"),
        N_("The window is the room that is left in the receiver's buffer. Here it is used up: the application does not read as "
           "fast as data comes. The sender must stop until the window opens. It is the receiver that is slow, not the network."),
        N_("RFC 9293, section 3.8.6") } },
    { .did = WT_DID_ZERO_WINDOW_PROBE, .trouble = true, .e = {
        N_("window probe"),
        N_("The ACK that opens the window carries no data, so it is not repeated if it gets lost; both ends would wait for ever. "
           "Therefore the sender asks again and again, first after one timeout, then after ever longer pauses: with a byte of "
           "data, or as Linux does with an old number, like a keep-alive."),
        N_("RFC 9293, section 3.8.6.1") } },
    { .did = WT_DID_ZERO_WINDOW_PROBE_ACK, .trouble = true, .e = {
        N_("answer to a window probe"),
        N_("A receiver with a closed window must still answer, with the number that it expects and its present window. As long as "
           "answers come, the sender must not give the connection up."),
        N_("RFC 9293, section 3.8.6.1") } },
    { .did = WT_DID_WINDOW_UPDATE, .trouble = true, .e = {
        N_("window update"),
        N_("The application has read, so there is room again, and the receiver says so without being asked. It waits until there "
           "is room for a full segment or half its buffer, lest data be sent in crumbs (silly window syndrome)."),
        N_("RFC 9293, sections 3.8.6 and 3.8.6.2.2") } },
    { .did = WT_DID_WINDOW_FULL, .trouble = true, .e = {
        N_("window full"),
        N_("With this segment everything that the receiver has room for is on its way. The sender must wait for an ACK or a "
           "window update: the receiver's window limits it, not the network."),
        N_("RFC 9293, sections 3.4 and 3.8.6.2.1") } },
    { .did = WT_DID_BAD_CHECKSUM, .trouble = true, .e = {
        N_("bad checksum"),
        N_("The checksum covers header, data and addresses; a receiver drops what does not fit, and the sender sends it again. "
           "On the machine that sends it mostly means only that the network card fills it in after the capture."),
        N_("RFC 9293, section 3.1; RFC 1071, section 1") } },
    { .did = WT_DID_RST_IGNORED, .trouble = true, .e = {
        N_("RST without effect"),
        N_("A reset counts only if its sequence number is exactly the next that is expected. One that merely lies in the window "
           "is answered with an ACK (a challenge), one outside it is dropped; so a stranger can't cut connections by guessing."),
        N_("RFC 5961, section 3.2; RFC 9293, section 3.5.3") } },
    { .did = WT_DID_REFUSE, .trouble = true, .e = {
        N_("refused"),
        N_("No program listens on this port, so the machine answers the SYN with a RST. That is an answer: the host is up and the "
           "way is open, unlike silence, which a firewall gives."),
        N_("RFC 9293, sections 3.5.2 and 3.10.7.1") } },
    { .did = WT_DID_RST, .unless = WT_DID_REFUSE | WT_DID_RST_IGNORED, .trouble = true, .e = {
        N_("reset"),
        N_("RST ends a connection at once: no FIN, no TIME-WAIT, and what was not delivered yet is thrown away. It is sent for a "
           "segment that belongs to no connection, or when an application closes with data unread, or aborts."),
        N_("RFC 9293, sections 3.5.2, 3.5.3 and 3.6.1") } },
    { .did = WT_DID_FIN_REPEATED, .trouble = true, .e = {
        N_("FIN sent again"),
        N_("A FIN takes a sequence number as a byte does, so it is sent again like one when its ACK does not come in time."),
        N_("RFC 9293, sections 3.4 and 3.6; RFC 6298, section 5") } },
    { .did = WT_DID_SIMULTANEOUS, .flags = WT_FLAG_FIN, .e = {
        N_("simultaneous close"),
        N_("Both ends sent a FIN before they saw the other's. Each acknowledges the other's, both go through CLOSING, and both "
           "keep TIME-WAIT."),
        N_("RFC 9293, section 3.6, figure 13") } },
    { .did = WT_DID_FIN, .unless = WT_DID_FIN_REPEATED, .e = {
        N_("FIN"),
        N_("Its sender has no more data. The directions close separately: the other end may go on sending, and must be listened "
           "to, until it sends a FIN of its own (half-closed)."),
        N_("RFC 9293, sections 3.6 and 3.6.1") } },
    { .did = WT_DID_FIN_ACKED, .e = {
        N_("FIN acknowledged"),
        N_("The ACK number is that of the FIN + 1: all data before it has arrived, too. This direction is closed for certain."),
        N_("RFC 9293, section 3.6, figure 12") } },
    { .did = WT_DID_TIME_WAIT, .e = {
        N_("TIME-WAIT"),
        N_("Who closed first waits for twice the longest life of a segment (2 MSL, 4 minutes by the RFC, 60 s in Linux): if the "
           "last ACK got lost it can repeat it, and late segments can't get into a new connection with the same ports."),
        N_("RFC 9293, sections 3.6.1 and 3.4.2") } },
    { .did = WT_DID_IN_TIME_WAIT, .unless = WT_DID_TIME_WAIT | WT_DID_REUSE, .trouble = true, .e = {
        N_("arrival in TIME-WAIT"),
        N_("The only thing that may still come is the other end's FIN again. It is acknowledged once more, and the waiting "
           "begins anew."),
        N_("RFC 9293, section 3.10.7.4") } },
    { .did = WT_DID_CLOSED, .unless = WT_DID_RST | WT_DID_REFUSE | WT_DID_TIME_WAIT, .e = {
        N_("closed"),
        N_("Both directions are closed and acknowledged; only the end in TIME-WAIT still keeps the ports."),
        N_("RFC 9293, section 3.6") } },
    { .did = WT_DID_ICMP_ERROR, .trouble = true, .e = {
        N_("ICMP error"),
        N_("A router or the host says that a packet could not be delivered; the error quotes its beginning, so the sender knows "
           "which connection it is about. For TCP errors such as `host unreachable' are no reason to give up, as they may pass."),
        N_("RFC 792; RFC 4443, section 3; RFC 9293, section 3.9.2.2") } },
};
const unsigned explain_did_count = sizeof explain_dids / sizeof explain_dids[0];

#define FIGURE N_("RFC 9293, section 3.3.2, figure 5")
#define PROCESSING N_("RFC 9293, section 3.10.7.4")

/* The first that fits. */
const struct explain_arrow explain_arrows[] = {
    { WT_TCP_CLOSED, WT_TCP_SYN_SENT, { NULL, N_("it asked for a connection and waits for the answer."), FIGURE } },
    { WT_TCP_LISTEN, WT_TCP_SYN_SENT, { NULL, N_("it asks for a connection itself and waits for the answer."), FIGURE } },
    { WT_TCP_LISTEN, WT_TCP_SYN_RECEIVED, { NULL, N_("a SYN came for the port that it listens on."), FIGURE } },
    { WT_TCP_CLOSED, WT_TCP_SYN_RECEIVED, { NULL, N_("a SYN came; it waits for the ACK of its own."), FIGURE } },
    { WT_TCP_SYN_SENT, WT_TCP_SYN_RECEIVED, { NULL, N_("instead of an answer the other end's own SYN came: both opened at once."), FIGURE } },
    { WT_TCP_SYN_SENT, WT_TCP_ESTABLISHED, { NULL, N_("its SYN is acknowledged and it has the other's: it may send data."), FIGURE } },
    { WT_TCP_SYN_RECEIVED, WT_TCP_ESTABLISHED, { NULL, N_("the ACK of its SYN came: the handshake is done for it, too."), FIGURE } },
    { WT_TCP_SYN_RECEIVED, WT_TCP_FIN_WAIT_1, { NULL, N_("it closes before it has data to send, and waits for the ACK of its FIN."), FIGURE } },
    { WT_TCP_SYN_RECEIVED, WT_TCP_CLOSE_WAIT, { NULL, N_("the other end closed at once; its own application has not closed yet."), PROCESSING } },
    { WT_TCP_ESTABLISHED, WT_TCP_FIN_WAIT_1, { NULL, N_("it sent its FIN first (active close) and waits for the ACK of it."), FIGURE } },
    { WT_TCP_ESTABLISHED, WT_TCP_CLOSE_WAIT, { NULL, N_("the other end's FIN came (passive close); it may still send until its application closes."), FIGURE } },
    { WT_TCP_FIN_WAIT_1, WT_TCP_FIN_WAIT_2, { NULL, N_("its FIN is acknowledged; it waits for the other end's, however long that takes."), FIGURE } },
    { WT_TCP_FIN_WAIT_1, WT_TCP_CLOSING, { NULL, N_("the other end's FIN came before the ACK of its own: both closed at once."), FIGURE } },
    { WT_TCP_FIN_WAIT_1, WT_TCP_TIME_WAIT, { NULL, N_("one segment brought both, the ACK of its FIN and the other end's FIN: nothing is left but to wait."), PROCESSING } },
    { WT_TCP_FIN_WAIT_2, WT_TCP_TIME_WAIT, { NULL, N_("the other end's FIN came: nothing is left but to wait."), FIGURE } },
    { WT_TCP_CLOSE_WAIT, WT_TCP_LAST_ACK, { NULL, N_("its application has closed, too; its FIN is out and waits for the last ACK."), FIGURE } },
    { WT_TCP_CLOSING, WT_TCP_TIME_WAIT, { NULL, N_("the ACK of its FIN came: nothing is left but to wait."), FIGURE } },
    { WT_TCP_LAST_ACK, WT_TCP_CLOSED, { NULL, N_("the last ACK came: it is done, without TIME-WAIT, which the other end keeps."), FIGURE } },
    { WT_TCP_TIME_WAIT, WT_TCP_CLOSED, { NULL, N_("2 MSL are over: the ports are free again."), FIGURE } },
    { WT_TCP_ESTABLISHED, WT_TCP_SYN_SENT, { NULL, N_("the SYN ACK went by but has not reached it, for it sends its SYN again."), N_("RFC 9293, section 3.5") } },
    { WT_TCP_CLOSE_WAIT, WT_TCP_CLOSING, { NULL, N_("the FINs have crossed: it sent its own before the other's arrived."), FIGURE } },
    { EXPLAIN_ANY, WT_TCP_CLOSED, { NULL, N_("a reset ends every state at once."), N_("RFC 9293, section 3.5.3") } },
    { WT_TCP_NONE, EXPLAIN_ANY, { NULL, N_("the way here was not captured; the segments that this end sends show where it is."), N_("RFC 9293, section 3.3.2") } },
    { EXPLAIN_ANY, EXPLAIN_ANY, { NULL, N_("not one arrow of figure 5: several were taken at once, or what was presumed of this end (that a "
        "segment had reached it) turned out otherwise."), N_("RFC 9293, section 3.3.2") } },
};
const unsigned explain_arrow_count = sizeof explain_arrows / sizeof explain_arrows[0];

/* Of the lines below a ladder; absent: they speak for themselves. */
const struct explanation explain_topics[] = {
    [DEPTH_DELIVERED] = {
        N_("in flight, congestion window"),
        N_("In flight is what was sent and is not acknowledged yet. A sender lets it grow to the smaller of two windows: the "
           "receiver's, and its own congestion window, which at first doubles each round trip (slow start) and shrinks at a loss or "
           "a congestion mark. Throughput is what is in flight, divided by the round-trip time."),
        N_("RFC 5681, section 3.1; RFC 6928, section 2") },
    [DEPTH_LIMITED] = {
        N_("held up"),
        N_("Three things can keep data from going out: the receiver's window (its application reads slowly), the sender itself (its "
           "application writes slowly, or its buffer is small), or the network (the congestion window, a slow link, repairs of losses)."),
        N_("RFC 9293, section 3.8.6; RFC 5681, section 3.1") },
    [DEPTH_RTT] = {
        N_("round-trip time"),
        N_("It is measured from data to their ACK, or by time stamps, and not by data that were sent twice, since nobody knows which "
           "copy an ACK answers (Karn). Smoothed: each sample counts for an eighth. Where it grows while data flow, they wait in a "
           "queue on the way (bufferbloat)."),
        N_("RFC 6298, sections 2 and 3; RFC 7323, section 4; RFC 7567, section 2") },
    [DEPTH_HOLES] = {
        N_("head-of-line blocking"),
        N_("TCP hands bytes over in order only. While one segment is missing all that came after it waits in the receiver's buffer, "
           "and the application sees nothing."),
        N_("RFC 9293, section 3.10.7.4") },
    [DEPTH_MARKS] = {
        N_("congestion marks"),
        N_("CE: a router marked the packet. ECE: the receiver tells the sender. CWR: the sender has slowed down."),
        N_("RFC 3168, sections 5 and 6.1") },
    [DEPTH_SIGNS] = {
        N_("options"),
        N_("An option of the handshake is in force only if both SYNs have it. Old systems lack some; middleboxes remove or change them."),
        N_("RFC 9293, sections 3.2 and 3.7.1; RFC 7323, section 2.2; RFC 2018, section 2") },
};
const unsigned explain_topic_count = sizeof explain_topics / sizeof explain_topics[0];

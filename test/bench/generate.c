/* Makes captures to measure with: the same options and seed give the same bytes on every machine.
 *
 * Each connection asks DNS for its server, shakes hands, sends one GET, gets a 200 and closes: 11 frames if the body fits
 * one segment. Every checksum is valid. A loss is a data segment that the capture saw and the receiver did not: the
 * segments after it are answered with duplicate ACKs, and it comes again. Flood frames are SYNs of random sources to one
 * server, spread evenly over the time of the connections. With -D only DNS is spoken, with -H only the rest; with -q a connection
 * asks so often before it closes. */
#include <errno.h>
#include <getopt.h>
#include <inttypes.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { MSS = 1440, FRAME_BYTES = 14 + 40 + 40 + MSS, FLAG_FIN = 1, FLAG_SYN = 2, FLAG_PSH = 8, FLAG_ACK = 16 };
enum step { ASK, ANSWER, SYN, SYN_ACK, ACK, GET, GET_AGAIN, RESPONSE, DUP_ACK, AGAIN, ALL_ACK, FIN, FIN_ACK, LAST_ACK, OVER };

static struct {
    uint64_t connections, flood, body, rate, seed, requests;
    double loss, ipv6;
    bool only_dns, no_dns;
    const char *out;
} options = { .connections = 100000, .body = 300, .rate = 20000, .seed = 1, .requests = 1 };

struct flow {
    uint64_t time_ns, rtt_ns, random;
    uint32_t index, client_seq, server_seq, segment, segments, lost, length, requests;   /* lost: a segment; == segments: none */
    enum step step;
    bool ipv6, get_lost;
    uint16_t port;
    uint8_t client[16], server[16];
};

static FILE *out;
static uint64_t frames_written;
static const uint8_t resolver4[4] = { 192, 0, 2, 53 };
static const uint8_t resolver6[16] = { 0x20, 0x01, 0x0d, 0xb8, [15] = 53 };

/* A mixer of 64 bits: the next number of a sequence that `state` walks. */
static uint64_t next_random(uint64_t *state)
{
    uint64_t x = *state += UINT64_C(0x9e3779b97f4a7c15);
    x = (x ^ x >> 30) * UINT64_C(0xbf58476d1ce4e5b9);
    x = (x ^ x >> 27) * UINT64_C(0x94d049bb133111eb);
    return x ^ x >> 31;
}

static bool chance(uint64_t *state, double percent)
{
    return (double)(next_random(state) >> 11) < percent / 100 * 9007199254740992.0;   /* 2^53 */
}

static void put16(uint8_t *at, unsigned v)
{
    at[0] = (uint8_t)(v >> 8);
    at[1] = (uint8_t)v;
}

static void put32(uint8_t *at, uint32_t v)
{
    put16(at, v >> 16);
    put16(at + 2, v & 0xffff);
}

static uint32_t sum16(uint32_t sum, const uint8_t *bytes, size_t len)   /* RFC 1071; len < 64k */
{
    for (; len > 1; bytes += 2, len -= 2)
        sum += (uint32_t)(bytes[0] << 8 | bytes[1]);
    return len ? sum + (uint32_t)(bytes[0] << 8) : sum;
}

static uint16_t fold(uint32_t sum)
{
    while (sum >> 16)
        sum = (sum & 0xffff) + (sum >> 16);
    return (uint16_t)~sum;
}

static void write_frame(uint64_t time_ns, const uint8_t *frame, size_t len)
{
    uint32_t record[4] = { (uint32_t)(1700000000 + time_ns / 1000000000), (uint32_t)(time_ns % 1000000000), (uint32_t)len,
                           (uint32_t)len };
    if (fwrite(record, sizeof record, 1, out) != 1 || fwrite(frame, len, 1, out) != 1) {
        fprintf(stderr, "generate: %s\n", strerror(errno));
        exit(1);
    }
    frames_written++;
}

/* Ethernet, IP and the transport checksum around `len` bytes of a datagram that lie at frame + header_bytes(). */
static size_t header_bytes(bool ipv6)
{
    return ipv6 ? 54 : 34;
}

static void send_datagram(uint64_t time_ns, uint8_t *frame, bool ipv6, const uint8_t *from, const uint8_t *to, unsigned protocol,
                          size_t checksum_at, size_t len)
{
    static uint16_t identification;
    uint8_t *ip = frame + 14, *datagram = frame + header_bytes(ipv6);
    size_t address = ipv6 ? 16 : 4;
    uint32_t sum = sum16(sum16(protocol + (uint32_t)len, from, address), to, address);
    memcpy(frame, "\2\0\0\0\0\1\2\0\0\0\0\2", 12);
    put16(frame + 12, ipv6 ? 0x86dd : 0x0800);
    if (ipv6) {
        put32(ip, 0x60000000);
        put16(ip + 4, (unsigned)len);
        put16(ip + 6, protocol << 8 | 64);
        memcpy(ip + 8, from, 16);
        memcpy(ip + 24, to, 16);
    } else {
        put32(ip, 0x45000000 | (uint32_t)(20 + len));
        put32(ip + 4, (uint32_t)++identification << 16 | 0x4000);
        put32(ip + 8, 64u << 24 | protocol << 16);
        memcpy(ip + 12, from, 4);
        memcpy(ip + 16, to, 4);
        put16(ip + 10, fold(sum16(0, ip, 20)));
    }
    put16(datagram + checksum_at, 0);
    uint16_t checksum = fold(sum16(sum, datagram, len));
    put16(datagram + checksum_at, protocol == 17 && !checksum ? 0xffff : checksum);
    write_frame(time_ns, frame, header_bytes(ipv6) + len);
}

static void send_segment(const struct flow *f, bool by_client, unsigned flags, uint32_t seq, uint32_t ack, const void *data,
                         size_t len)
{
    uint8_t frame[FRAME_BYTES], *tcp = frame + header_bytes(f->ipv6);
    size_t header = flags & FLAG_SYN ? 28 : 20;
    put16(tcp, by_client ? f->port : 80);
    put16(tcp + 2, by_client ? 80 : f->port);
    put32(tcp + 4, seq);
    put32(tcp + 8, flags & FLAG_ACK ? ack : 0);
    put16(tcp + 12, (unsigned)header / 4 << 12 | flags);
    put16(tcp + 14, 64240);
    put32(tcp + 16, 0);
    if (flags & FLAG_SYN) {
        put32(tcp + 20, 0x02040000 | MSS);     /* maximum segment size */
        put32(tcp + 24, 0x01030307);           /* NOP, window scale 7 */
    }
    if (len)
        memcpy(tcp + header, data, len);
    send_datagram(f->time_ns, frame, f->ipv6, by_client ? f->client : f->server, by_client ? f->server : f->client, 6, 16,
                  header + len);
}

static void send_dns(const struct flow *f, bool answer)
{
    uint8_t frame[256], *udp = frame + header_bytes(f->ipv6), *dns = udp + 8, *at = dns + 12;
    const uint8_t *resolver = f->ipv6 ? resolver6 : resolver4;
    char host[16];
    int host_len = snprintf(host, sizeof host, "host%u", f->index % 4096);
    put16(dns, (unsigned)(f->random >> 16) & 0xffff);
    put16(dns + 2, answer ? 0x8180 : 0x0100);
    memcpy(dns + 4, answer ? "\0\1\0\1\0\0\0\0" : "\0\1\0\0\0\0\0\0", 8);
    *at++ = (uint8_t)host_len;
    memcpy(at, host, (size_t)host_len);
    at += host_len;
    memcpy(at, "\7example\3net", 13);
    put16(at + 13, f->ipv6 ? 28 : 1);
    put16(at + 15, 1);
    at += 17;
    if (answer) {
        size_t address = f->ipv6 ? 16 : 4;
        put16(at, 0xc00c);                     /* the question's name again, RFC 1035 4.1.4 */
        put16(at + 2, f->ipv6 ? 28 : 1);
        put16(at + 4, 1);
        put32(at + 6, 300);
        put16(at + 10, (unsigned)address);
        memcpy(at + 12, f->server, address);
        at += 12 + address;
    }
    put16(udp, answer ? 53 : f->port);
    put16(udp + 2, answer ? f->port : 53);
    put16(udp + 4, (unsigned)(at - udp));
    send_datagram(f->time_ns, frame, f->ipv6, answer ? resolver : f->client, answer ? f->client : resolver, 17, 6,
                  (size_t)(at - udp));
}

static size_t request(const struct flow *f, char *text, size_t size)
{
    return (size_t)snprintf(text, size, "GET /page/%u HTTP/1.1\r\nHost: host%u.example.net\r\nUser-Agent: generate/1\r\n"
                            "Accept: */*\r\n\r\n", f->index, f->index % 4096);
}

/* The bytes of the response from `offset`: its head, then a body of one letter. */
static size_t response_head(char *text, size_t size)
{
    return (size_t)snprintf(text, size, "HTTP/1.1 200 OK\r\nServer: generate\r\nContent-Type: text/plain\r\n"
                            "Content-Length: %" PRIu64 "\r\n\r\n", options.body);
}

static void send_response(const struct flow *f, uint32_t segment, uint32_t ack)
{
    char data[MSS], head[200];
    size_t head_len = response_head(head, sizeof head);
    uint32_t offset = segment * MSS, len = f->length - offset < MSS ? f->length - offset : MSS;
    memset(data, 'a' + (int)(f->index % 26), sizeof data);
    if (offset == 0)
        memcpy(data, head, head_len);
    send_segment(f, false, FLAG_ACK | (segment + 1 == f->segments ? FLAG_PSH : 0u), f->server_seq + 1 + offset, ack, data, len);
}

static struct flow *new_flow(uint32_t index)
{
    char head[200];
    struct flow *f = calloc(1, sizeof *f);
    if (!f)
        exit(1);
    uint64_t state = options.seed * UINT64_C(0x100000001b3) + index, server;
    f->random = next_random(&state);
    f->index = index;
    f->time_ns = index * (1000000000 / options.rate);
    f->rtt_ns = 5000000 + next_random(&state) % 40000000;
    f->client_seq = (uint32_t)next_random(&state);
    f->server_seq = (uint32_t)next_random(&state);
    f->length = (uint32_t)(response_head(head, sizeof head) + options.body);
    f->segments = (f->length + MSS - 1) / MSS;
    f->ipv6 = chance(&state, options.ipv6);
    f->get_lost = chance(&state, options.loss);
    f->step = options.no_dns ? SYN : ASK;
    f->requests = (uint32_t)options.requests;
    f->lost = f->segments;
    for (uint32_t i = 0; i < f->segments && f->lost == f->segments; i++)
        if (chance(&state, options.loss))
            f->lost = i;
    f->port = (uint16_t)(32768 + index / 0x40000 % 28000);   /* with the client's address: no two alike */
    server = index % 4096;
    if (f->ipv6) {
        memcpy(f->client, "\x20\x01\x0d\xb8\0\1", 6);
        memcpy(f->server, "\x20\x01\x0d\xb8\0\2", 6);
        put32(f->client + 12, index % 0x40000 + 1);
        put32(f->server + 12, (uint32_t)server + 1);
    } else {
        put32(f->client, 0x0a000001 + index % 0x40000);
        put32(f->server, 0xc6120001 + (uint32_t)server);
    }
    return f;
}

/* Sends the frame that is due and says when the next one is. */
static void advance(struct flow *f)
{
    char get[200];
    uint32_t get_len = (uint32_t)request(f, get, sizeof get), asked = f->client_seq + 1 + get_len;
    uint32_t lost_seq = f->server_seq + 1 + f->lost * MSS, end = f->server_seq + 1 + f->length;
    uint64_t wait = f->rtt_ns / 2;
    switch (f->step) {
    case ASK: send_dns(f, false); f->step = ANSWER; break;
    case ANSWER: send_dns(f, true); f->step = options.only_dns ? OVER : SYN; wait = 200000; break;
    case SYN: send_segment(f, true, FLAG_SYN, f->client_seq, 0, NULL, 0); f->step = SYN_ACK; break;
    case SYN_ACK: send_segment(f, false, FLAG_SYN | FLAG_ACK, f->server_seq, f->client_seq + 1, NULL, 0); f->step = ACK; break;
    case ACK:
        send_segment(f, true, FLAG_ACK, f->client_seq + 1, f->server_seq + 1, NULL, 0);
        f->step = GET;
        wait = 50000;
        break;
    case GET: case GET_AGAIN:
        send_segment(f, true, FLAG_ACK | FLAG_PSH, f->client_seq + 1, f->server_seq + 1, get, get_len);
        f->step = f->step == GET && f->get_lost ? GET_AGAIN : RESPONSE;
        wait = f->step == GET_AGAIN ? 200000000 + f->rtt_ns : wait + 300000;
        break;
    case RESPONSE:
        send_response(f, f->segment, asked);
        f->step = f->segment > f->lost ? DUP_ACK : ++f->segment < f->segments ? RESPONSE : f->lost < f->segments ? AGAIN : ALL_ACK;
        wait = f->step == AGAIN ? 200000000 + f->rtt_ns : f->step == RESPONSE ? 12000 : wait;
        break;
    case DUP_ACK:
        send_segment(f, true, FLAG_ACK, asked, lost_seq, NULL, 0);
        f->step = ++f->segment < f->segments ? RESPONSE : AGAIN;
        wait = f->step == AGAIN ? f->rtt_ns : 12000;
        break;
    case AGAIN: send_response(f, f->lost, asked); f->step = ALL_ACK; break;
    case ALL_ACK:
        send_segment(f, true, FLAG_ACK, asked, end, NULL, 0);
        f->step = FIN;
        wait = 1000000;
        if (--f->requests) {
            f->client_seq += get_len;
            f->server_seq += f->length;
            f->segment = 0;
            f->lost = f->segments;              /* losses are of the first response */
            f->step = GET;
        }
        break;
    case FIN: send_segment(f, true, FLAG_FIN | FLAG_ACK, asked, end, NULL, 0); f->step = FIN_ACK; break;
    case FIN_ACK: send_segment(f, false, FLAG_FIN | FLAG_ACK, end, asked + 1, NULL, 0); f->step = LAST_ACK; break;
    case LAST_ACK: send_segment(f, true, FLAG_ACK, asked + 1, end + 1, NULL, 0); f->step = OVER; break;
    case OVER: break;
    }
    f->time_ns += wait;
}

static void send_flood(uint64_t time_ns, uint64_t *state)
{
    uint64_t r = next_random(state);
    struct flow f = { .time_ns = time_ns, .client_seq = (uint32_t)next_random(state), .port = (uint16_t)(1024 + (r >> 32) % 64000),
                      .server = { 203, 0, 113, 80 } };
    put32(f.client, 0x0b000000 + (uint32_t)r % 0x74000000);   /* 11.0.0.0 to 126.255.255.255 */
    send_segment(&f, true, FLAG_SYN, f.client_seq, 0, NULL, 0);
}

/* The flows that go on, least time first. */
static struct flow **heap;
static size_t heap_count, heap_capacity;

static void heap_add(struct flow *f)
{
    if (heap_count == heap_capacity && !(heap = realloc(heap, (heap_capacity = heap_capacity * 2 + 64) * sizeof(struct flow *))))
        exit(1);
    size_t at = heap_count++;
    for (; at && heap[(at - 1) / 2]->time_ns > f->time_ns; at = (at - 1) / 2)
        heap[at] = heap[(at - 1) / 2];
    heap[at] = f;
}

static void heap_sink_first(void)
{
    struct flow *f = heap[0];
    size_t at = 0;
    for (size_t child; (child = 2 * at + 1) < heap_count; at = child) {
        if (child + 1 < heap_count && heap[child + 1]->time_ns < heap[child]->time_ns)
            child++;
        if (heap[child]->time_ns >= f->time_ns)
            break;
        heap[at] = heap[child];
    }
    heap[at] = f;
}

static void generate(void)
{
    uint64_t started = 0, flooded = 0, state = ~options.seed;
    uint64_t every = options.connections && options.flood ? options.connections * (1000000000 / options.rate) / options.flood : 1000;
    while (heap_count || started < options.connections || flooded < options.flood) {
        uint64_t due = heap_count ? heap[0]->time_ns : UINT64_MAX;
        uint64_t start = started < options.connections ? started * (1000000000 / options.rate) : UINT64_MAX;
        uint64_t flood = flooded < options.flood ? flooded * every : UINT64_MAX;
        if (start <= due && start <= flood) {
            heap_add(new_flow((uint32_t)started++));
        } else if (flood <= due) {
            send_flood(flood, &state);
            flooded++;
        } else {
            advance(heap[0]);
            if (heap[0]->step == OVER) {
                free(heap[0]);
                heap[0] = heap[--heap_count];
            }
            if (heap_count)
                heap_sink_first();
        }
    }
    free(heap);
}

static int usage(void)
{
    fputs("usage: generate [-n CONNECTIONS] [-f FLOOD-SYNS] [-b BODY-BYTES] [-l LOSS-%] [-6 IPV6-%]\n"
          "                [-r CONNECTIONS-PER-SECOND] [-s SEED] [-q REQUESTS] [-D | -H] -o FILE|-\n", stderr);
    return 2;
}

int main(int argc, char **argv)
{
    uint32_t header[6] = { 0xa1b23c4d, 2 | 4u << 16, 0, 0, 65535, 1 };   /* nanoseconds, version 2.4, Ethernet */
    const uint16_t version[2] = { 2, 4 };
    for (int c; (c = getopt(argc, argv, "n:f:b:l:6:r:s:o:q:DH")) != -1;)
        switch (c) {
        case 'n': options.connections = strtoull(optarg, NULL, 10); break;
        case 'f': options.flood = strtoull(optarg, NULL, 10); break;
        case 'b': options.body = strtoull(optarg, NULL, 10); break;
        case 'l': options.loss = strtod(optarg, NULL); break;
        case '6': options.ipv6 = strtod(optarg, NULL); break;
        case 'r': options.rate = strtoull(optarg, NULL, 10); break;
        case 's': options.seed = strtoull(optarg, NULL, 10); break;
        case 'q': options.requests = strtoull(optarg, NULL, 10); break;
        case 'D': options.only_dns = true; break;
        case 'H': options.no_dns = true; break;
        case 'o': options.out = optarg; break;
        default: return usage();
        }
    if (optind != argc || !options.out || !options.rate || !options.requests || options.requests > UINT32_MAX || options.rate > 1000000000 || options.body > 1u << 30 ||
        options.connections > UINT32_MAX)
        return usage();
    memcpy(header + 1, version, sizeof version);
    bool to_pipe = !strcmp(options.out, "-");
    out = to_pipe ? stdout : fopen(options.out, "wb");
    if (!out || fwrite(header, sizeof header, 1, out) != 1) {
        fprintf(stderr, "generate: %s: %s\n", options.out, strerror(errno));
        return 1;
    }
    generate();
    if (fclose(out) != 0) {
        fprintf(stderr, "generate: %s: %s\n", options.out, strerror(errno));
        return 1;
    }
    fprintf(to_pipe ? stderr : stdout, "%s: %" PRIu64 " frames\n", options.out, frames_written);
    return 0;
}

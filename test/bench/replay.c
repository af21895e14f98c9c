/* Plays captures again and again, many at once, into one large capture: real traffic of any length, the same bytes for the
 * same seed and inputs. Each copy gets addresses of its own (the low 24 bits of IPv4, the second word of IPv6, XORed), and the
 * checksums that hold them are changed as RFC 1624 says: good ones stay good, bad ones bad. Silences are cut to two seconds.
 * What stands inside tunnels, ARP and payloads stays as it is. */
#include <errno.h>
#include <getopt.h>
#include <inttypes.h>
#include <pcap/pcap.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define LONGEST_GAP UINT64_C(2000000000)
#define FRAME_BYTES 65536u

struct frame { uint64_t time_ns; uint32_t held, wire; uint8_t *bytes; };
struct input { struct frame *frames; size_t count, capacity; };
struct copy { const struct input *input; size_t next; uint64_t start_ns; uint32_t change; };

static struct input *inputs;
static size_t input_count;
static struct copy *copies;
static size_t copy_count = 500;
static uint64_t wanted = 1000000, seed = 1, written, begun;
static FILE *out;

static void die(const char *what, const char *why)
{
    fprintf(stderr, "replay: %s: %s\n", what, why);
    exit(1);
}

static uint64_t next_random(void)
{
    uint64_t x = seed += UINT64_C(0x9e3779b97f4a7c15);
    x = (x ^ x >> 30) * UINT64_C(0xbf58476d1ce4e5b9);
    x = (x ^ x >> 27) * UINT64_C(0x94d049bb133111eb);
    return x ^ x >> 31;
}

static unsigned get16(const uint8_t *at)
{
    return (unsigned)(at[0] << 8 | at[1]);
}

/* One word less and another more in what a checksum covers (RFC 1624, eqn. 3). */
static void replace(uint8_t *checksum, unsigned was, unsigned is)
{
    uint32_t sum = (~get16(checksum) & 0xffff) + (~was & 0xffff) + is;
    sum = (sum & 0xffff) + (sum >> 16);
    sum = (sum & 0xffff) + (sum >> 16);
    checksum[0] = (uint8_t)(~sum >> 8);
    checksum[1] = (uint8_t)~sum;
}

/* XORs the four bytes at `at`; a and b: checksums over them, or NULL. */
static void change_word(uint8_t *at, uint32_t with, uint8_t *a, uint8_t *b)
{
    for (unsigned half = 0; half < 2; half++, at += 2) {
        unsigned was = get16(at), is = was ^ (half ? with & 0xffff : with >> 16);
        at[0] = (uint8_t)(is >> 8);
        at[1] = (uint8_t)is;
        if (a)
            replace(a, was, is);
        if (b)
            replace(b, was, is);
    }
}

/* Where the checksum over a pseudo-header stands in the datagram, or NULL. */
static uint8_t *transport_checksum(uint8_t *datagram, size_t held, unsigned protocol)
{
    size_t at = protocol == 6 ? 16 : protocol == 17 ? 6 : protocol == 58 ? 2 : SIZE_MAX - 2;
    if (held < 8 || at + 2 > held || (protocol == 17 && get16(datagram + at) == 0))
        return NULL;
    return datagram + at;
}

static bool stays_v4(const uint8_t *address)
{
    return address[0] == 0 || address[0] == 127 || address[0] >= 224;
}

static void change_ipv4(uint8_t *ip, size_t held, uint32_t with)
{
    size_t header = (ip[0] & 15u) * 4u;
    if (held < 20 || header < 20 || header > held)
        return;
    bool first = (get16(ip + 6) & 0x1fff) == 0;
    uint8_t *checksum = first && ip[9] != 58 ? transport_checksum(ip + header, held - header, ip[9]) : NULL;
    for (unsigned at = 12; at < 20; at += 4)
        if (!stays_v4(ip + at))
            change_word(ip + at, with & 0xffffff, ip + 10, checksum);
}

static void change_ipv6(uint8_t *ip, size_t held, uint32_t with)
{
    if (held < 40)
        return;
    uint8_t *checksum = transport_checksum(ip + 40, held - 40, ip[6]);
    for (unsigned at = 8; at < 40; at += 16)
        if (ip[at] != 0xff && ip[at] != 0)
            change_word(ip + at + (ip[at] == 0xfe ? 12 : 4), with, checksum, NULL);
}

static void change_addresses(uint8_t *bytes, size_t held, uint32_t with)
{
    size_t at = 12;
    while (held >= at + 6 && (get16(bytes + at) == 0x8100 || get16(bytes + at) == 0x88a8))
        at += 4;
    if (held < at + 2 + 20)
        return;
    unsigned type = get16(bytes + at);
    if (type == 0x0800)
        change_ipv4(bytes + at + 2, held - at - 2, with);
    else if (type == 0x86dd)
        change_ipv6(bytes + at + 2, held - at - 2, with);
}

static void add_frame(struct input *in, const struct pcap_pkthdr *h, const uint8_t *bytes)
{
    if (in->count == in->capacity) {
        in->capacity = in->capacity * 2 + 64;
        if (!(in->frames = realloc(in->frames, in->capacity * sizeof *in->frames)))
            die("memory", strerror(ENOMEM));
    }
    uint64_t time_ns = (uint64_t)h->ts.tv_sec * 1000000000 + (uint64_t)h->ts.tv_usec;
    struct frame *f = &in->frames[in->count++];
    *f = (struct frame){ .time_ns = time_ns, .held = h->caplen, .wire = h->len, .bytes = malloc(h->caplen + 1) };
    if (!f->bytes)
        die("memory", strerror(ENOMEM));
    memcpy(f->bytes, bytes, h->caplen);
}

/* Times as distances from the first frame, in order, without long silences. */
static void straighten(struct input *in)
{
    uint64_t before = in->frames[0].time_ns, at = 0;
    for (size_t i = 0; i < in->count; i++) {
        uint64_t now = in->frames[i].time_ns, gap = now > before ? now - before : 0;
        before = now > before ? now : before;
        at += gap < LONGEST_GAP ? gap : LONGEST_GAP;
        in->frames[i].time_ns = at;
    }
}

static void read_input(const char *path)
{
    char problem[PCAP_ERRBUF_SIZE];
    struct pcap_pkthdr *header;
    const uint8_t *bytes;
    struct input in = { 0 };
    pcap_t *p = pcap_open_offline_with_tstamp_precision(path, PCAP_TSTAMP_PRECISION_NANO, problem);
    if (!p)
        die(path, problem);
    if (pcap_datalink(p) == DLT_EN10MB)
        while (pcap_next_ex(p, &header, &bytes) == 1)
            if (header->caplen <= FRAME_BYTES)
                add_frame(&in, header, bytes);
    pcap_close(p);
    if (!in.count) {
        fprintf(stderr, "replay: %s: no Ethernet frames, left out\n", path);
        return;
    }
    straighten(&in);
    if (!(inputs = realloc(inputs, (input_count + 1) * sizeof *inputs)))
        die("memory", strerror(ENOMEM));
    inputs[input_count++] = in;
}

/* Every input equally often. */
static void begin(struct copy *c, uint64_t now)
{
    *c = (struct copy){ .input = &inputs[begun++ % input_count], .start_ns = now, .change = (uint32_t)next_random() };
}

static uint64_t due(const struct copy *c)
{
    return c->start_ns + c->input->frames[c->next].time_ns;
}

static void sink(size_t at)
{
    struct copy moving = copies[at];
    for (size_t child; (child = 2 * at + 1) < copy_count; at = child) {
        if (child + 1 < copy_count && due(&copies[child + 1]) < due(&copies[child]))
            child++;
        if (due(&copies[child]) >= due(&moving))
            break;
        copies[at] = copies[child];
    }
    copies[at] = moving;
}

static void write_frame(const struct copy *c)
{
    static uint8_t bytes[FRAME_BYTES];
    const struct frame *f = &c->input->frames[c->next];
    uint64_t now = due(c);
    uint32_t record[4] = { (uint32_t)(1700000000 + now / 1000000000), (uint32_t)(now % 1000000000), f->held, f->wire };
    memcpy(bytes, f->bytes, f->held);
    change_addresses(bytes, f->held, c->change);
    if (fwrite(record, sizeof record, 1, out) != 1 || (f->held && fwrite(bytes, f->held, 1, out) != 1))
        die("output", strerror(errno));
    written++;
}

static void play(void)
{
    if (!(copies = calloc(copy_count, sizeof *copies)))
        die("memory", strerror(ENOMEM));
    for (size_t i = 0; i < copy_count; i++)
        begin(&copies[i], next_random() % LONGEST_GAP);
    for (size_t i = copy_count / 2 + 1; i-- > 0;)
        sink(i);
    while (written < wanted) {
        struct copy *c = &copies[0];
        write_frame(c);
        uint64_t now = due(c);
        if (++c->next == c->input->count)
            begin(c, now);
        sink(0);
    }
}

int main(int argc, char **argv)
{
    uint32_t header[6] = { 0xa1b23c4d, 2 | 4u << 16, 0, 0, FRAME_BYTES, 1 };   /* nanoseconds, version 2.4, Ethernet */
    const uint16_t version[2] = { 2, 4 };
    const char *to = NULL;
    for (int c; (c = getopt(argc, argv, "n:c:s:o:")) != -1;)
        switch (c) {
        case 'n': wanted = strtoull(optarg, NULL, 10); break;
        case 'c': copy_count = strtoull(optarg, NULL, 10); break;
        case 's': seed = strtoull(optarg, NULL, 10); break;
        case 'o': to = optarg; break;
        default: to = NULL; optind = argc; break;
        }
    if (!to || optind == argc || !copy_count || copy_count > 10000000) {
        fputs("usage: replay [-n FRAMES] [-c COPIES-AT-ONCE] [-s SEED] -o FILE|- CAPTURE...\n", stderr);
        return 2;
    }
    for (int i = optind; i < argc; i++)
        read_input(argv[i]);
    if (!input_count)
        die("no input", "holds Ethernet frames");
    memcpy(header + 1, version, sizeof version);
    out = strcmp(to, "-") ? fopen(to, "wb") : stdout;
    if (!out || fwrite(header, sizeof header, 1, out) != 1)
        die(to, strerror(errno));
    play();
    if (fclose(out) != 0)
        die(to, strerror(errno));
    fprintf(stderr, "%s: %" PRIu64 " frames\n", to, written);
    return 0;
}

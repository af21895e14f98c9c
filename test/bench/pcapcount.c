/* The least that a reader built on libpcap can do: count packets and bytes. What wiretale is measured against. */
#include <inttypes.h>
#include <pcap/pcap.h>
#include <stdio.h>

int main(int argc, char **argv)
{
    char problem[PCAP_ERRBUF_SIZE];
    struct pcap_pkthdr *header;
    const uint8_t *bytes;
    uint64_t packets = 0, sum = 0;
    int r;
    if (argc != 2) {
        fprintf(stderr, "usage: %s FILE\n", argv[0]);
        return 2;
    }
    pcap_t *p = pcap_open_offline(argv[1], problem);
    if (!p) {
        fprintf(stderr, "%s\n", problem);
        return 1;
    }
    while ((r = pcap_next_ex(p, &header, &bytes)) == 1) {
        packets++;
        sum += header->len;
    }
    printf("%" PRIu64 " packets, %" PRIu64 " bytes\n", packets, sum);
    if (r == PCAP_ERROR)
        fprintf(stderr, "%s: %s\n", argv[1], pcap_geterr(p));
    pcap_close(p);
    return r == PCAP_ERROR;
}

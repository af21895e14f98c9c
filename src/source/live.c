#include "source/live.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <pcap/pcap.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#define TIMEOUT_MS 50           /* a tick at least so often */
#define NAME_BYTES 64
#define SNAPLEN 262144

struct live {
    struct source source;
    char name[NAME_BYTES];
    pcap_t *pcap;
    int fd;
    uint16_t linktype;
    uint32_t snaplen, unit_ns;  /* of a time stamp's fraction */
    int missed[2];              /* the interface's own counters of what it lost; -1: it has none */
    uint64_t missed_before;
    int softnet;                /* the kernel's queues between devices and taps, one a processor; -1: not to be read */
    uint64_t softnet_before;
    struct block *filling;      /* during fill */
    uint64_t frames, dropped_seen;
    bool gone;
    struct wt_error problem;
};

/* LINKTYPE_RAW in files is 101; the host's DLT_RAW differs from system to system. */
static uint16_t linktype_of(int dlt)
{
    return dlt == DLT_RAW ? 101 : (uint16_t)dlt;
}

static int64_t wall_clock_ns(void)
{
    struct timespec now;
    clock_gettime(CLOCK_REALTIME, &now);
    return (int64_t)now.tv_sec * 1000000000 + now.tv_nsec;
}

static void on_packet(u_char *user, const struct pcap_pkthdr *h, const u_char *bytes)
{
    struct live *l = (struct live *)(void *)user;
    struct block *b = l->filling;
    uint32_t len = h->caplen;
    if (b->frame_count == b->frame_capacity || len > b->capacity - b->used) {
        pcap_breakloop(l->pcap);
        return;
    }
    uint8_t *to = b->bytes + b->used;
    memcpy(to, bytes, len);
    b->used += len;
    l->frames++;
    b->frames[b->frame_count++] = (struct wt_frame){
        .time_ns = (int64_t)h->ts.tv_sec * 1000000000 + (int64_t)h->ts.tv_usec * l->unit_ns, .bytes = to,
        .captured_len = len, .wire_len = h->len, .linktype = l->linktype, .flags = WT_FRAME_INTERFACE,
    };
    if (b->frame_count == b->frame_capacity || b->capacity - b->used < l->snaplen)
        pcap_breakloop(l->pcap);
}

static void note_drops(struct live *l, struct block *b)
{
    struct pcap_stat st;
    if (pcap_stats(l->pcap, &st) < 0)
        return;
    uint64_t dropped = st.ps_drop;
    if (dropped > l->dropped_seen) {
        b->dropped_before += dropped - l->dropped_seen;
        l->dropped_seen = dropped;
    }
}

static int fill(struct source *s, struct block *b, struct wt_error *err)
{
    struct live *l = (struct live *)s;
    (void)err;
    l->filling = b;
    struct pollfd p = { .fd = l->fd, .events = POLLIN };
    if (!l->gone)
        poll(&p, l->fd >= 0 ? 1 : 0, TIMEOUT_MS);
    int n = l->gone ? 0 : pcap_dispatch(l->pcap, -1, on_packet, (u_char *)l);
    b->clock_ns = wall_clock_ns();
    if (n == PCAP_ERROR) {
        wt_fail(&l->problem, -EIO, "%s: the capture ended after %" PRIu64 " packets: %s", l->name, l->frames,
                pcap_geterr(l->pcap));
        l->gone = true;
    }
    if (b->frame_count)
        note_drops(l, b);
    b->last = l->gone || atomic_load_explicit(&s->stop, memory_order_relaxed);
    return 0;
}

/* What libpcap's ps_ifdrop is, too; but libpcap opens the files each time, which the sandbox forbids, and takes a file
 * that it cannot open for 0. */
static uint64_t interface_missed(const struct live *l)
{
    uint64_t sum = 0;
    for (unsigned i = 0; i < 2; i++) {
        char text[32];
        ssize_t n = l->missed[i] < 0 ? -1 : pread(l->missed[i], text, sizeof text - 1, 0);
        if (n <= 0)
            return WT_UNKNOWN;
        text[n] = '\0';
        sum += strtoull(text, NULL, 10);
    }
    return sum;
}

/* Second column of each line, hexadecimal: what found its processor's queue full. Of all interfaces together. */
static uint64_t softnet_dropped(const struct live *l)
{
    char text[16384];
    ssize_t n = l->softnet < 0 ? -1 : pread(l->softnet, text, sizeof text - 1, 0);
    if (n <= 0)
        return WT_UNKNOWN;
    text[n] = '\0';
    uint64_t sum = 0;
    for (char *line = text; line && *line; line = strchr(line, '\n'), line += line != NULL) {
        char *second = strchr(line, ' ');
        if (second)
            sum += strtoull(second, NULL, 16);
    }
    return sum;
}

static void open_missed(struct live *l)
{
    static const char *const counters[2] = { "rx_missed_errors", "rx_fifo_errors" };
    for (unsigned i = 0; i < 2; i++) {
        char path[256];
        snprintf(path, sizeof path, "/sys/class/net/%s/statistics/%s", l->name, counters[i]);
        l->missed[i] = strchr(l->name, '/') ? -1 : open(path, O_RDONLY | O_CLOEXEC);
    }
    l->missed_before = interface_missed(l);
    l->softnet = open("/proc/net/softnet_stat", O_RDONLY | O_CLOEXEC);
    l->softnet_before = softnet_dropped(l);
}

static uint64_t since(uint64_t now, uint64_t before)
{
    return now == WT_UNKNOWN || before == WT_UNKNOWN ? WT_UNKNOWN : now - before;
}

static void stats(struct source *s, struct wt_source_stats *st)
{
    struct live *l = (struct live *)s;
    struct pcap_stat ps;
    *st = (struct wt_source_stats){ .format = "live", .interface_count = 1, .input_size = WT_UNKNOWN };
    st->kernel_received = st->kernel_drops = st->kernel_left = st->ring_drops = WT_UNKNOWN;
    if (pcap_stats(l->pcap, &ps) == 0) {    /* Linux counts the dropped ones among the received */
        st->kernel_received = ps.ps_recv;
        st->kernel_drops = ps.ps_drop;
        uint64_t taken = l->frames + st->kernel_drops;
        st->kernel_left = st->kernel_received > taken ? st->kernel_received - taken : 0;
    }
    st->interface_drops = since(interface_missed(l), l->missed_before);
    st->softnet_drops = since(softnet_dropped(l), l->softnet_before);
    st->incomplete = l->problem.code != 0;
    st->problem = l->problem;
    struct wt_interface_info *i = &st->interfaces[0];
    snprintf(i->name, sizeof i->name, "%s", l->name);
    i->linktype = l->linktype;
    i->snaplen = l->snaplen;
    i->frames = l->frames;
    i->recorded_drops = WT_UNKNOWN;
}

static void close_live(struct source *s)
{
    struct live *l = (struct live *)s;
    if (l->pcap)
        pcap_close(l->pcap);
    for (unsigned i = 0; i < 2; i++)
        if (l->missed[i] >= 0)
            close(l->missed[i]);
    if (l->softnet >= 0)
        close(l->softnet);
    free(l);
}

static const struct source_ops live_ops = { "live", fill, stats, close_live };

static int no_right(const char *interface, struct wt_error *err)
{
    char path[512];
    ssize_t n = readlink("/proc/self/exe", path, sizeof path - 1);
    path[n > 0 ? n : 0] = '\0';
    return wt_fail(err, -EPERM,
                   "%s: this user may not capture. Grant it once to the program with\n"
                   "    sudo setcap cap_net_raw,cap_net_admin+ep %s\n"
                   "or run it with sudo", interface, n > 0 ? path : "PATH-OF-WIRETALE");
}

static int no_device(const char *interface, struct wt_error *err)
{
    char names[256], why[PCAP_ERRBUF_SIZE];
    size_t used = 0;
    pcap_if_t *all = NULL;
    names[0] = '\0';
    if (pcap_findalldevs(&all, why) == 0) {
        for (const pcap_if_t *i = all; i && used < sizeof names - 1; i = i->next) {
            int n = snprintf(names + used, sizeof names - used, "%s%s", used ? ", " : "", i->name);
            used += n > 0 ? (size_t)n : 0;
        }
        pcap_freealldevs(all);
    }
    if (!names[0])
        return wt_fail(err, -ENODEV, "%s: there is no such interface; this user can see none", interface);
    return wt_fail(err, -ENODEV, "%s: there is no such interface; there are %s (`wiretale interfaces` says more)", interface, names);
}

static int activate(struct live *l, const struct wt_live_options *options, struct wt_error *err)
{
    pcap_t *p = l->pcap;
    l->snaplen = options->snaplen ? options->snaplen : SNAPLEN;
    pcap_set_snaplen(p, (int)l->snaplen);
    pcap_set_promisc(p, !options->no_promiscuous);
    pcap_set_timeout(p, TIMEOUT_MS);
    pcap_set_buffer_size(p, options->buffer_bytes ? (int)options->buffer_bytes : 16 << 20);
    if (options->monitor)
        pcap_set_rfmon(p, 1);
    pcap_set_tstamp_precision(p, PCAP_TSTAMP_PRECISION_NANO);
    int r = pcap_activate(p);
    if (r == PCAP_ERROR_PERM_DENIED || r == PCAP_ERROR_PROMISC_PERM_DENIED)
        return no_right(l->name, err);
    if (r == PCAP_ERROR_NO_SUCH_DEVICE)
        return no_device(l->name, err);
    if (r == PCAP_ERROR_IFACE_NOT_UP)
        return wt_fail(err, -ENETDOWN, "%s: the interface is down; bring it up with `ip link set %s up`", l->name, l->name);
    if (r < 0)
        return wt_fail(err, -EIO, "%s: could not be opened for capture: %s: %s", l->name, pcap_statustostr(r),
                       pcap_geterr(p));
    return 0;
}

static int set_filter(struct live *l, const char *filter, struct wt_error *err)
{
    struct bpf_program program;
    if (!filter)
        return 0;
    if (pcap_compile(l->pcap, &program, filter, 1, PCAP_NETMASK_UNKNOWN) < 0)
        return wt_fail(err, -EINVAL, "capture filter '%s': %s", filter, pcap_geterr(l->pcap));
    int r = pcap_setfilter(l->pcap, &program);
    pcap_freecode(&program);
    return r < 0 ? wt_fail(err, -EIO, "%s: the filter was refused: %s", l->name, pcap_geterr(l->pcap)) : 0;
}

int live_open(const char *interface, const struct wt_source_options *options, struct source **ret_source,
              struct wt_error *err)
{
    char why[PCAP_ERRBUF_SIZE] = "";
    struct live *l = calloc(1, sizeof *l);
    if (!l)
        return wt_fail(err, -ENOMEM, "%s: not enough memory", interface);
    l->source.ops = &live_ops;
    l->source.live = true;
    l->source.size_bytes = WT_UNKNOWN;
    snprintf(l->name, sizeof l->name, "%s", interface);
    open_missed(l);
    l->pcap = pcap_create(interface, why);
    int r = l->pcap ? activate(l, &options->live, err) : wt_fail(err, -EIO, "%s: %s", interface, why);
    if (r == 0)
        r = set_filter(l, options->filter, err);
    if (r == 0 && pcap_setnonblock(l->pcap, 1, why) < 0)
        r = wt_fail(err, -EIO, "%s: %s", interface, why);
    if (r < 0) {
        close_live(&l->source);
        return r;
    }
    l->unit_ns = pcap_get_tstamp_precision(l->pcap) == PCAP_TSTAMP_PRECISION_NANO ? 1 : 1000;
    l->linktype = linktype_of(pcap_datalink(l->pcap));
    l->fd = pcap_get_selectable_fd(l->pcap);
    *ret_source = &l->source;
    return 0;
}

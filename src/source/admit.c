#include "source/admit.h"

#include <errno.h>
#include <string.h>

static int compile(const char *filter, int linktype, struct bpf_program *ret_program, struct wt_error *err)
{
    pcap_t *dead = pcap_open_dead(linktype, 262144);
    if (!dead)
        return wt_fail(err, -ENOMEM, "not enough memory for the capture filter");
    int r = pcap_compile(dead, ret_program, filter, 1, PCAP_NETMASK_UNKNOWN);
    if (r < 0)
        r = wt_fail(err, -EINVAL, "capture filter '%s': %s (its language is libpcap's: see pcap-filter(7); display filters "
                    "are given with -Y)", filter, pcap_geterr(dead));
    pcap_close(dead);
    return r;
}

int wt_capture_filter_check(const char *filter, struct wt_error *err)
{
    struct bpf_program program;
    int r = compile(filter, DLT_EN10MB, &program, err);
    if (r == 0)
        pcap_freecode(&program);
    return r;
}

int admit_init(struct admit *a, const struct wt_source_options *options, struct wt_error *err)
{
    struct bpf_program program;
    *a = (struct admit){ .filter = options->filter, .admit = options->admit, .admit_to = options->admit_to,
                         .max_frames = options->max_frames,
                         .max_duration_ns = options->max_duration_ns };
    if (!a->filter)
        return 0;
    int r = compile(a->filter, DLT_EN10MB, &program, err);
    if (r == 0)
        pcap_freecode(&program);
    return r;
}

void admit_done(struct admit *a)
{
    for (unsigned i = 0; i < a->program_count; i++)
        if (a->programs[i].usable)
            pcap_freecode(&a->programs[i].program);
}

/* LINKTYPE_RAW is 101 in files, and DLT_RAW 12 for libpcap's compiler here. */
static int dlt_of(uint16_t linktype)
{
    return linktype == 101 ? DLT_RAW : linktype;
}

static bool passes(struct admit *a, const struct wt_frame *f)
{
    unsigned i = 0;
    while (i < a->program_count && a->programs[i].linktype != f->linktype)
        i++;
    if (i == a->program_count) {
        if (i == sizeof a->programs / sizeof a->programs[0])
            return false;
        a->programs[i].linktype = f->linktype;
        a->programs[i].usable = compile(a->filter, dlt_of(f->linktype), &a->programs[i].program, &a->problem) == 0;
        a->program_count++;
    }
    struct pcap_pkthdr header = { .caplen = f->captured_len, .len = f->wire_len };
    return a->programs[i].usable && pcap_offline_filter(&a->programs[i].program, &header, f->bytes) != 0;
}

static void filter_block(struct admit *a, struct block *b)
{
    uint32_t kept = 0;
    for (uint32_t i = 0; i < b->frame_count; i++)
        if (passes(a, &b->frames[i]))
            b->frames[kept++] = b->frames[i];
    a->sums.filtered += b->frame_count - kept;
    b->frame_count = kept;
}

static void start(struct admit *a, const struct wt_frame *f)
{
    a->any = true;
    a->sums.first_ns = a->sums.last_ns = a->greatest_ns = f->time_ns;
}

void admit_block(struct admit *a, struct block *b)
{
    if (a->filter)
        filter_block(a, b);
    if (b->frame_count && !a->any)
        start(a, &b->frames[0]);
    uint32_t kept = 0;
    for (uint32_t i = 0; i < b->frame_count; i++) {
        struct wt_frame *f = &b->frames[i];
        bool enough = (a->max_frames && a->numbered == a->max_frames)
            || (a->max_duration_ns && f->time_ns - a->sums.first_ns > a->max_duration_ns);
        if (enough) {
            b->last = true;
            break;
        }
        f->number = ++a->numbered;
        if (a->admit && !a->admit(a->admit_to, f->number)) {
            a->sums.filtered++;
            continue;
        }
        a->sums.frames++;
        a->sums.bytes += f->wire_len;
        a->sums.captured_bytes += f->captured_len;
        a->sums.truncated_frames += f->captured_len < f->wire_len;
        if (f->time_ns < a->greatest_ns) {
            f->flags |= WT_FRAME_TIME_BACK;
            a->sums.time_back++;
            if (f->time_ns < a->sums.first_ns)
                a->sums.first_ns = f->time_ns;
        } else {
            a->greatest_ns = a->sums.last_ns = f->time_ns;
        }
        if (kept != i)
            b->frames[kept] = *f;
        kept++;
    }
    b->frame_count = kept;
    if (a->max_frames && a->numbered >= a->max_frames)
        b->last = true;
}

/* The analysis of TCP beside the ladders. Its causes come with the segment, or with a later one that proves more. */
#include "timeline_impl.h"

unsigned timeline_depth_packet(struct timeline *t, struct ladder *l, const struct wt_packet_view *view,
                               const struct wt_repeat **ret_repeats)
{
    unsigned count = 0;
    if (!l->analysis && view->packet->frame.number == l->first_frame)
        wt_depth_open(t->depth, &l->analysis);
    else if (!l->analysis && !l->printed && !l->goes_without) {      /* it had given way */
        l->goes_without = true;
        t->depth_hits.count[WT_MAX_ANALYSIS_BYTES]++;
    }
    if (l->analysis)
        *ret_repeats = wt_depth_packet(t->depth, l->analysis, view, &count);
    t->set.notable = false;
    for (unsigned i = 0; i < count; i++)
        t->set.notable |= (*ret_repeats)[i].frame == view->packet->frame.number
            || (*ret_repeats)[i].proof_frame == view->packet->frame.number;
    return count;
}

void timeline_depth_lines(struct timeline *t, struct ladder *l, struct ladder_line *added, const struct wt_repeat *repeats,
                          unsigned count)
{
    uint64_t frame = added ? added->frame : 0;
    for (unsigned i = 0; i < count; i++) {
        struct ladder_line *line = repeats[i].frame == frame ? added : ladder_find(&t->set, l, repeats[i].frame);
        if (line && !ladder_repeat(&t->set, l, line, &repeats[i]))
            t->no_memory++;
        if (added && repeats[i].frame != frame && repeats[i].proof_frame == frame)
            added->proves = repeats[i].frame;
    }
}

bool timeline_depth_result(struct timeline *t, const struct ladder *l, const struct wt_connection *c, struct wt_analysis *ret)
{
    if (!l->analysis)
        return false;
    wt_depth_result(t->depth, l->analysis, c, ret);
    return true;
}

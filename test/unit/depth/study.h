/* Packets by hand go through a tracker and the analysis; what it says of repeats is kept by frame. */
#ifndef TEST_DEPTH_STUDY_H
#define TEST_DEPTH_STUDY_H

#include "../track/make.h"
#include "wiretale/analysis.h"
#include "wiretale/engine.h"

#define STUDY_FRAMES 512

struct study {
    struct lab *lab;
    struct wt_depth *depth;
    struct wt_analysis_state *state;
    struct wt_repeat repeat[STUDY_FRAMES];
    struct wt_analysis analysis;
};

static struct study *study_new(void)
{
    struct study *s = calloc(1, sizeof *s);
    assert_non_null(s);
    s->lab = lab_new();
    s->depth = wt_depth_new(&s->lab->config, &s->lab->hits);
    wt_depth_open(s->depth, &s->state);
    assert_non_null(s->state);
    return s;
}

static void study_free(struct study *s)
{
    wt_depth_free(s->depth);
    lab_free(s->lab);
    free(s);
}

static void study_packet(struct study *s, struct wt_packet *p)
{
    struct track_result *result = lab_send(s->lab, p);
    struct wt_packet_view view = { .packet = p, .segment = result->has_segment ? &result->segment : NULL, .side = result->side };
    unsigned count = 0;
    const struct wt_repeat *said = wt_depth_packet(s->depth, s->state, &view, &count);
    for (unsigned i = 0; i < count; i++)
        if (said[i].frame < STUDY_FRAMES)
            s->repeat[said[i].frame] = said[i];
}

/* The record comes from the tracker, which it ends. */
static void study_end(struct study *s)
{
    lab_finish(s->lab);
    assert_int_equal(s->lab->records, 1);
    wt_depth_result(s->depth, s->state, &s->lab->record[0], &s->analysis);
}

#endif

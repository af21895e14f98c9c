/* The view: ncurses on a terminal, over a model that reads the input in the background. */
#ifndef TUI_TUI_H
#define TUI_TUI_H

#include <stdbool.h>

#include "wiretale/engine.h"

struct tui_options {
    struct wt_engine_options engine;     /* the inputs are borrowed */
    const char *input;                   /* how it is called in the title; made safe here */
    const char *filter;                  /* display filter to begin with, or NULL */
    const char *time;                    /* -t; valid, or NULL */
    bool live, numeric, colour;
};

struct tui_result {
    char problem[512];                   /* why the input ended early, or "" */
    char left[512];                      /* where the packets of a capture lie that a signal ended, or "" */
    bool choose;                         /* something else shall be captured: the capture dialogue is asked for */
};

struct tui_choice {
    char interface[64], filter[512];     /* what the dialogue begins with, and what was chosen */
};
/* The capture dialogue. 1: chosen; 0: left without; else a negative error. */
int tui_choose(bool colour, struct tui_choice *choice, struct wt_error *err);

/* Runs until it is quit. 0, or a negative error. */
int tui_run(const struct tui_options *options, struct tui_result *ret_result, struct wt_error *err);

#endif

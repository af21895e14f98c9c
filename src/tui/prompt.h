/* The footer as a line to type in: filter, search, packet number, file name, and the question before quitting. */
#ifndef TUI_PROMPT_H
#define TUI_PROMPT_H

#include "tui/view.h"

void prompt_open(struct tui *t, int prompt, const char *text);
void prompt_quit(struct tui *t);
/* Ctrl-C: as q, and a second one quits. */
void prompt_interrupt(struct tui *t);
/* True when packets have been written since it was asked. */
bool prompt_save_done(struct tui *t);
void prompt_key(struct tui *t, int key);
void prompt_draw(const struct tui *t, int row);
void search_next(struct tui *t, bool back);
/* A slice of the search that is under way; true: something to show. */
bool search_goes_on(struct tui *t);

/* Appends what fits. */
void strcat_bounded(char *to, size_t size, const char *text);

#endif

/* The terminal: set up, put back whatever happens, and written to. All text that comes here is safe: no control
 * characters but the colours that our own pages make. One thread. */
#ifndef TUI_SCREEN_H
#define TUI_SCREEN_H

#include <stdbool.h>
#include <stddef.h>

enum ink {
    PAINT_PLAIN, PAINT_DIM, PAINT_STRONG, PAINT_GOOD, PAINT_WARN, PAINT_BAD, PAINT_CLIENT, PAINT_SERVER, PAINT_BLUE,
    PAINT_BAR,          /* title and footer */
    PAINT_BAR_STRONG,   /* what is chosen in them */
    PAINT_SELECTED,     /* the row that the cursor is on */
    PAINT_LIT,          /* bytes of the chosen field */
    PAINTS
};

/* colour: whether it may be used at all. False: this is no terminal that can be drawn on. */
bool screen_open(bool colour, unsigned theme, unsigned colours);
/* Other colours from now on; theme and colours as in settings.h. */
void screen_colours(bool colour, unsigned theme, unsigned colours);
void screen_close(void);
/* Whether a signal asks for the end. */
bool screen_ended(void);
/* Whether Ctrl-C (SIGINT) came since this was asked. */
bool screen_interrupted(void);
/* When the program crashes: rescue(to) is called (async-signal-safe), then the text is written to standard error. NULL,
 * NULL, "": nothing more. */
void screen_on_crash(void (*rescue)(void *to), void *to, const char *text);

int screen_rows(void);
int screen_columns(void);
bool screen_utf8(void);
bool screen_coloured(void);

void screen_clear(void);
/* The next drawing is of every cell: something else has written to the terminal. */
void screen_repair(void);
void screen_show(void);
/* A key (KEY_… or a character), or -1 when none came in that time. */
int screen_key(int timeout_ms);
/* Where the mouse was pressed, after KEY_MOUSE; wheel: -1 up, 1 down. False: nowhere. */
bool screen_mouse(int *ret_row, int *ret_column, int *ret_wheel);

/* Text cut to `columns`; returns the columns that it took. */
int screen_text(int row, int column, int columns, enum ink ink, const char *text);
/* The same at the right end of those columns. */
void screen_right(int row, int column, int columns, enum ink ink, const char *text);
void screen_fill(int row, int column, int columns, enum ink ink);
/* Text with our pages' colours, its first `skip` columns left out. */
void screen_page_line(int row, int column, int columns, int skip, const char *text, size_t len);
void screen_cursor(int row, int column);      /* shows it; -1: hides it */
/* Repaints part of a row in another ink. */
void screen_repaint(int row, int column, int columns, enum ink ink);

#endif

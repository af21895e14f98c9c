/* Errors that travel up with their story. Any thread; a struct wt_error belongs to its caller. */
#ifndef WIRETALE_ERROR_H
#define WIRETALE_ERROR_H

#include <stdarg.h>

#define WT_ERROR_TEXT 512

struct wt_error {
    int code;                   /* 0, or a negative errno value */
    char text[WT_ERROR_TEXT];   /* what, where, and what was expected; UTF-8, no newline at the end */
};

/* Fills err (which may be NULL) and returns code, so that a function can end with `return wt_fail(...)`. */
__attribute__((format(printf, 3, 4))) int wt_fail(struct wt_error *err, int code, const char *format, ...);

#endif

#include "wiretale/error.h"

#include <stdio.h>

#include "base/i18n.h"

int wt_fail(struct wt_error *err, int code, const char *format, ...)
{
    if (!err)
        return code;
    va_list args;
    va_start(args, format);
    vsnprintf(err->text, sizeof err->text, tr(format), args);
    va_end(args);
    err->code = code;
    return code;
}

#include "report/svg.h"

#include <math.h>

/* U+FFFE and U+FFFF, valid in UTF-8 but not in XML. */
static bool is_no_character(const char *at, size_t len)
{
    return len >= 3 && (uint8_t)at[0] == 0xef && (uint8_t)at[1] == 0xbf && (uint8_t)at[2] >= 0xbe;
}

void svg_text(struct out *o, const char *text, size_t len)
{
    for (size_t i = 0; i < len; i++) {
        switch (text[i]) {
        case '<': out_text(o, "&lt;"); break;
        case '>': out_text(o, "&gt;"); break;
        case '&': out_text(o, "&amp;"); break;
        case '"': out_text(o, "&quot;"); break;
        default:
            if ((uint8_t)text[i] < ' ') {
                out_char(o, '?');
            } else if (is_no_character(text + i, len - i)) {
                out_char(o, '?');
                i += 2;
            } else {
                out_char(o, text[i]);
            }
        }
    }
}

void svg_number(struct out *o, double v)
{
    long tenths = lround(v * 10);
    if (tenths < 0) {
        out_char(o, '-');
        tenths = -tenths;
    }
    out_u64(o, (uint64_t)tenths / 10);
    if (tenths % 10) {
        out_char(o, '.');
        out_u64(o, (uint64_t)tenths % 10);
    }
}

void svg_xy(struct out *o, char command, double x, double y)
{
    out_char(o, command);
    svg_number(o, x);
    out_char(o, ' ');
    svg_number(o, y);
}

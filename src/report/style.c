#include "report/style.h"

#include <langinfo.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>
#include <wchar.h>

static const char *const on[STYLES] = {
    [STYLE_PLAIN] = "",
    [STYLE_HEADING] = "\033[1m",
    [STYLE_STRONG] = "\033[1m",
    [STYLE_DIM] = "\033[2m",
    [STYLE_GOOD] = "\033[32m",
    [STYLE_WARN] = "\033[33m",
    [STYLE_BAD] = "\033[1;31m",
    [STYLE_CLIENT] = "\033[36m",
    [STYLE_SERVER] = "\033[35m",
    [STYLE_BAR] = "\033[34m",
};

static const struct { const char *utf8, *ascii; } glyphs[GLYPHS] = {
    [GLYPH_ARROW_RIGHT] = { "→", "->" }, [GLYPH_ARROW_LEFT] = { "←", "<-" }, [GLYPH_BULLET] = { "•", "*" },
    [GLYPH_ELLIPSIS] = { "…", "~" },     [GLYPH_RULE] = { "─", "-" },        [GLYPH_DOT] = { "·", "-" },
    [GLYPH_TIMES] = { "×", "x" },        [GLYPH_BOTH] = { "↔", "<>" },       [GLYPH_CHECK] = { "✓", "+" },
    [GLYPH_CROSS] = { "✗", "x" },        [GLYPH_WARN] = { "▲", "!" },
};

static unsigned ask_width(FILE *to)
{
    struct winsize size;
    if (isatty(fileno(to)) && ioctl(fileno(to), TIOCGWINSZ, &size) == 0 && size.ws_col)
        return size.ws_col;
    const char *columns = getenv("COLUMNS");
    unsigned long n = columns ? strtoul(columns, NULL, 10) : 0;
    return n > 0 && n <= 10000 ? (unsigned)n : PAGE_WIDTH;
}

static bool ask_colour(FILE *to)
{
    const char *no = getenv("NO_COLOR"), *term = getenv("TERM");    /* no-color.org: set and not empty */
    return isatty(fileno(to)) && !(no && *no) && term && strcmp(term, "dumb") != 0;
}

void page_init(struct page *p, FILE *to, enum style_colour when, unsigned width)
{
    unsigned columns = width ? width : ask_width(to);
    *p = (struct page){
        .to = to,
        .width = columns < PAGE_LEAST_WIDTH ? PAGE_LEAST_WIDTH : columns,
        .colour = when == COLOUR_ALWAYS || (when == COLOUR_AUTO && ask_colour(to)),
        .utf8 = strcmp(nl_langinfo(CODESET), "UTF-8") == 0,
    };
}

const char *page_on(const struct page *p, enum style style)
{
    return p->colour ? on[style] : "";
}

const char *page_off(const struct page *p)
{
    return p->colour ? "\033[0m" : "";
}

const char *page_glyph(const struct page *p, enum glyph glyph)
{
    return p->utf8 ? glyphs[glyph].utf8 : glyphs[glyph].ascii;
}

void page_add(const struct page *p, enum style style, const char *format, ...)
{
    bool coloured = p->colour && style != STYLE_PLAIN;
    if (coloured)
        fputs(on[style], p->to);
    va_list args;
    va_start(args, format);
    vfprintf(p->to, format, args);
    va_end(args);
    if (coloured)
        fputs("\033[0m", p->to);
}

/* One character of valid UTF-8: its bytes and its columns. */
static size_t character(const char *text, size_t *ret_columns)
{
    const uint8_t *p = (const uint8_t *)text;
    size_t n = p[0] < 0x80 ? 1 : p[0] < 0xe0 ? 2 : p[0] < 0xf0 ? 3 : 4;
    uint32_t code = n == 1 ? p[0] : p[0] & (0xffu >> (n + 1));
    for (size_t i = 1; i < n; i++) {
        if ((p[i] & 0xc0) != 0x80) {
            *ret_columns = 1;
            return 1;
        }
        code = code << 6 | (p[i] & 0x3fu);
    }
    int columns = code < 0x80 ? 1 : wcwidth((wchar_t)code);
    *ret_columns = columns < 0 ? 1 : (size_t)columns;
    return n;
}

size_t style_width(const char *text)
{
    size_t width = 0;
    while (*text) {
        size_t columns;
        text += character(text, &columns);
        width += columns;
    }
    return width;
}

/* Bytes of `text` that fit `columns`; how many columns they take. */
static size_t fit(const char *text, size_t columns, size_t *ret_used)
{
    size_t used = 0, at = 0;
    while (text[at]) {
        size_t wide, n = character(text + at, &wide);
        if (used + wide > columns)
            break;
        used += wide;
        at += n;
    }
    *ret_used = used;
    return at;
}

static void blanks(const struct page *p, size_t n)
{
    fprintf(p->to, "%*s", (int)n, "");
}

void page_cell(const struct page *p, enum style style, const char *text, unsigned columns, bool right_aligned)
{
    size_t width = style_width(text), used, bytes;
    bool cut = width > columns;
    bytes = fit(text, cut && columns ? columns - 1 : columns, &used);
    size_t fill = columns - used - (cut && columns ? 1 : 0);
    if (right_aligned)
        blanks(p, fill);
    page_add(p, style, "%.*s%s", (int)bytes, text, cut && columns ? page_glyph(p, GLYPH_ELLIPSIS) : "");
    if (!right_aligned)
        blanks(p, fill);
}

void page_safe(const struct page *p, struct wt_text *to, struct wt_slice bytes)
{
    if (p->utf8) {
        wt_text_add_safe(to, bytes);
        return;
    }
    for (size_t i = 0; i < bytes.len && !to->full; i++) {
        uint8_t b = bytes.at[i];
        if (b >= 0x20 && b < 0x7f)
            wt_text_add(to, "%c", b);
        else
            wt_text_add(to, "\\x%02x", b);
    }
}

unsigned page_bar(const struct page *p, double share, unsigned columns)
{
    static const char *const eighths[] = { "", "▏", "▎", "▍", "▌", "▋", "▊", "▉" };
    share = share < 0 ? 0 : share > 1 ? 1 : share;
    unsigned parts = (unsigned)(share * columns * 8 + 0.5);
    if (share > 0 && parts == 0)
        parts = 1;
    unsigned whole = parts / 8, rest = parts % 8, used = whole;
    fputs(page_on(p, STYLE_BAR), p->to);
    for (unsigned i = 0; i < whole; i++)
        fputs(p->utf8 ? "█" : "#", p->to);
    if (rest && p->utf8) {
        fputs(eighths[rest], p->to);
        used++;
    } else if (!p->utf8 && ((rest >= 4 && used < columns) || (whole == 0 && rest))) {
        putc('#', p->to);
        used++;
    }
    fputs(page_off(p), p->to);
    return used;
}

unsigned page_wrap(const struct page *p, enum style style, const char *text, unsigned first, unsigned indent)
{
    size_t used = first;
    bool line_empty = true;
    while (*text) {
        size_t word = strcspn(text, " "), columns = 0;
        for (size_t i = 0, wide; i < word; columns += wide)
            i += character(text + i, &wide);
        if (!line_empty && used + 1 + columns > p->width) {
            putc('\n', p->to);
            blanks(p, indent);
            used = indent;
            line_empty = true;
        }
        if (!line_empty) {
            putc(' ', p->to);
            used++;
        }
        page_add(p, style, "%.*s", (int)word, text);
        used += columns;
        line_empty = false;
        text += word;
        text += strspn(text, " ");
    }
    return (unsigned)used;
}

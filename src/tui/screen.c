#include "tui/screen.h"

#include <errno.h>
#include <fcntl.h>
#include <langinfo.h>
#include <locale.h>
#include <ncurses.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <term.h>      /* makes macros of many a word */
#include <termios.h>
#include <unistd.h>
#include <wchar.h>
#undef columns
#undef lines

#include "tui/settings.h"

/* A terminal is one for the process, as ncurses has it: its state lies in ncurses, but for what signal handlers need. */
static volatile sig_atomic_t end_asked, interrupted;    /* mutable: written by handlers */
static chtype inks[PAINTS];                     /* mutable: set when the screen is opened */
static bool utf8, coloured;                     /* mutable: the same */

static void on_end(int number)
{
    (void)number;
    end_asked = 1;
}

static void on_interrupt(int number)
{
    (void)number;
    interrupted = 1;
}

/* What a handler may do is little (signal-safety(7)): all that is to be written lies ready. */
static struct {
    char reset[256], text[700];
    size_t reset_len, text_len;
    struct termios modes;
    int terminal;                    /* a descriptor of ncurses' terminal that ncurses does not know; -1: none */
    void (*rescue)(void *to);
    void *to;
} crash = { .terminal = -1 };        /* mutable: filled before, read by handlers */
static atomic_flag crashed = ATOMIC_FLAG_INIT;

static void write_all(int fd, const char *text, size_t len)
{
    while (len) {
        ssize_t n = write(fd, text, len);
        if (n <= 0 && errno != EINTR)
            return;
        text += n > 0 ? n : 0;
        len -= n > 0 ? (size_t)n : 0;
    }
}

/* The terminal is put back before the program dies of something. Another thread may be drawing: it loses its terminal. */
static void on_crash(int number)
{
    if (!atomic_flag_test_and_set(&crashed)) {
        if (crash.terminal >= 0) {
            close(STDOUT_FILENO);
            write_all(crash.terminal, crash.reset, crash.reset_len);
            tcsetattr(crash.terminal, TCSANOW, &crash.modes);
        }
        if (crash.rescue)
            crash.rescue(crash.to);
        write_all(STDERR_FILENO, crash.text, crash.text_len);
    }
    raise(number);                   /* pending until we return, then the default: SA_RESETHAND */
}

static int put_reset(int c)
{
    if (crash.reset_len < sizeof crash.reset)
        crash.reset[crash.reset_len++] = (char)c;
    return c;
}

/* What endwin() would write, from terminfo, and the mouse off. */
static void prepare_reset(void)
{
    static const char *const names[] = { "sgr0", "rmkx", "rmcup", "cnorm" };
    crash.reset_len = 0;
    for (const char *c = tigetstr("kmous") ? "\033[?1000l\033[?1006l" : ""; *c; c++)
        put_reset(*c);
    for (unsigned i = 0; i < sizeof names / sizeof names[0]; i++) {
        char *text = tigetstr(names[i]);
        if (text && text != (char *)-1)
            tputs(text, 1, put_reset);
    }
    put_reset('\r');
    put_reset('\n');
    crash.terminal = fcntl(STDOUT_FILENO, F_DUPFD_CLOEXEC, 3);
}

void screen_on_crash(void (*rescue)(void *to), void *to, const char *text)
{
    crash.rescue = NULL;
    crash.to = to;
    snprintf(crash.text, sizeof crash.text, "%s", text);
    crash.text_len = strlen(crash.text);
    atomic_signal_fence(memory_order_seq_cst);
    crash.rescue = rescue;
}

static void catch_signals(void)
{
    static const int ends[] = { SIGTERM, SIGHUP, SIGQUIT }, crashes[] = { SIGSEGV, SIGABRT, SIGBUS, SIGFPE, SIGILL, SIGSYS };
    static char stack[65536];        /* mutable: a stack that is full is a crash, too */
    struct sigaction end = { .sa_handler = on_end };
    sigemptyset(&end.sa_mask);
    for (unsigned i = 0; i < sizeof ends / sizeof ends[0]; i++)
        sigaction(ends[i], &end, NULL);
    struct sigaction ask = { .sa_handler = on_interrupt };
    sigemptyset(&ask.sa_mask);
    sigaction(SIGINT, &ask, NULL);
    signal(SIGPIPE, SIG_IGN);        /* a pass that is stopped leaves its pipe */
    sigaltstack(&(stack_t){ .ss_sp = stack, .ss_size = sizeof stack }, NULL);
    struct sigaction bad = { .sa_handler = on_crash, .sa_flags = (int)(SA_RESETHAND | SA_ONSTACK) };
    sigemptyset(&bad.sa_mask);
    for (unsigned i = 0; i < sizeof crashes / sizeof crashes[0]; i++)
        sigaction(crashes[i], &bad, NULL);
}

/* A terminal that tells its background (COLORFGBG: "15;0") is believed. */
static unsigned known_theme(unsigned theme)
{
    const char *told = getenv("COLORFGBG"), *background = told ? strrchr(told, ';') : NULL;
    if (theme != THEME_AUTO || !background)
        return theme;
    long number = strtol(background + 1, NULL, 10);
    return number == 7 || number == 15 ? THEME_LIGHT : THEME_DARK;
}

/* Green, yellow, red, cyan, magenta, blue: the terminal's own, and such as can be read on dark and on light. */
static const short palettes[][6] = {
    { COLOR_GREEN, COLOR_YELLOW, COLOR_RED, COLOR_CYAN, COLOR_MAGENTA, COLOR_BLUE },
    { 10, 11, 9, 14, 13, 12 },              /* 16, dark: the bright ones */
    { 114, 179, 203, 80, 176, 75 },         /* 256, dark */
    { 28, 130, 160, 30, 90, 26 },           /* 256, light */
};

static void choose_inks(void)
{
    inks[PAINT_DIM] = A_DIM;
    inks[PAINT_STRONG] = A_BOLD;
    inks[PAINT_GOOD] = coloured ? (chtype)COLOR_PAIR(1) : A_NORMAL;
    inks[PAINT_WARN] = coloured ? (chtype)COLOR_PAIR(2) : A_BOLD;
    inks[PAINT_BAD] = (coloured ? (chtype)COLOR_PAIR(3) : 0) | A_BOLD;
    inks[PAINT_CLIENT] = coloured ? (chtype)COLOR_PAIR(4) : A_NORMAL;
    inks[PAINT_SERVER] = coloured ? (chtype)COLOR_PAIR(5) : A_NORMAL;
    inks[PAINT_BLUE] = coloured ? (chtype)COLOR_PAIR(6) : A_NORMAL;
    inks[PAINT_BAR] = A_REVERSE;
    inks[PAINT_BAR_STRONG] = A_BOLD;
    inks[PAINT_SELECTED] = A_REVERSE;
    inks[PAINT_LIT] = A_REVERSE | A_BOLD;
}

void screen_colours(bool colour, unsigned theme, unsigned colours)
{
    coloured = colour && has_colors() && colours != COLOURS_NONE;
    theme = known_theme(theme);
    int has = colours == COLOURS_16 && COLORS > 16 ? 16 : COLORS;
    unsigned palette = theme == THEME_AUTO || has < 16 ? 0 : has >= 256 ? (theme == THEME_DARK ? 2 : 3) : theme == THEME_DARK ? 1 : 0;
    for (short i = 0; coloured && i < 6; i++)
        init_pair((short)(i + 1), palettes[palette][i], -1);
    choose_inks();
}

bool screen_open(bool colour, unsigned theme, unsigned colours)
{
    tcgetattr(STDIN_FILENO, &crash.modes);
    if (!newterm(NULL, stdout, stdin))
        return false;
    end_asked = 0;
    utf8 = strcmp(nl_langinfo(CODESET), "UTF-8") == 0;
    cbreak();
    noecho();
    nonl();
    intrflush(stdscr, FALSE);
    keypad(stdscr, TRUE);
    set_escdelay(25);
    curs_set(0);
    mousemask(BUTTON1_PRESSED | BUTTON1_CLICKED | BUTTON1_DOUBLE_CLICKED | BUTTON4_PRESSED | BUTTON5_PRESSED, NULL);
    mouseinterval(0);
    if (has_colors()) {
        start_color();
        use_default_colors();
    }
    screen_colours(colour, theme, colours);
    prepare_reset();
    catch_signals();
    atexit(screen_close);
    return true;
}

void screen_close(void)
{
    if (!isendwin())
        endwin();
    if (crash.terminal >= 0)
        close(crash.terminal);
    crash.terminal = -1;
}

bool screen_ended(void)
{
    return end_asked;
}

bool screen_interrupted(void)
{
    bool was = interrupted;
    interrupted = 0;
    return was;
}

int screen_rows(void)
{
    return LINES;
}

int screen_columns(void)
{
    return COLS;
}

bool screen_utf8(void)
{
    return utf8;
}

bool screen_coloured(void)
{
    return coloured;
}

void screen_clear(void)
{
    erase();
}

void screen_repair(void)
{
    clearok(curscr, TRUE);
}

void screen_show(void)
{
    refresh();
}

int screen_key(int timeout_ms)
{
    wint_t key;
    timeout(timeout_ms);
    int r = get_wch(&key);
    return r == ERR ? -1 : (int)key;
}

bool screen_mouse(int *ret_row, int *ret_column, int *ret_wheel)
{
    MEVENT event;
    if (getmouse(&event) != OK)
        return false;
    *ret_row = event.y;
    *ret_column = event.x;
    *ret_wheel = event.bstate & BUTTON4_PRESSED ? -1 : event.bstate & BUTTON5_PRESSED ? 1 : 0;
    return true;
}

/* One character of UTF-8 (or a byte where the locale has none): its length, as a wide one in *ret; 1 and '?' when wrong. */
static size_t next_character(const char *text, size_t len, wchar_t *ret, int *ret_width)
{
    mbstate_t state = { 0 };
    size_t n = mbrtowc(ret, text, len, &state);
    if (n == (size_t)-1 || n == (size_t)-2 || n == 0) {
        *ret = L'?';
        n = 1;
    }
    *ret_width = wcwidth(*ret);
    if (*ret_width < 0) {
        *ret = L'?';
        *ret_width = 1;
    }
    return n;
}

static int add_text(int row, int column, int columns, chtype attributes, const char *text, size_t len)
{
    int used = 0;
    if (row < 0 || row >= LINES || column < 0)
        return 0;
    if (columns > COLS - column)
        columns = COLS - column;
    attrset((int)attributes);
    move(row, column);
    for (size_t i = 0; i < len;) {
        wchar_t one[2] = { 0, 0 };
        int width;
        i += next_character(text + i, len - i, &one[0], &width);
        if (used + width > columns)
            break;
        addnwstr(one, 1);
        used += width;
    }
    attrset(A_NORMAL);
    return used;
}

int screen_text(int row, int column, int columns, enum ink ink, const char *text)
{
    return columns > 0 ? add_text(row, column, columns, inks[ink], text, strlen(text)) : 0;
}

void screen_right(int row, int column, int columns, enum ink ink, const char *text)
{
    int width = 0;
    size_t len = strlen(text);
    for (size_t i = 0; i < len;) {
        wchar_t one;
        int w;
        i += next_character(text + i, len - i, &one, &w);
        width += w;
    }
    int from = width < columns ? columns - width : 0;
    screen_text(row, column + from, columns - from, ink, text);
}

void screen_fill(int row, int column, int columns, enum ink ink)
{
    if (row < 0 || row >= LINES || column < 0 || columns <= 0)
        return;
    attrset((int)inks[ink]);
    for (int i = 0; i < columns && column + i < COLS; i++)
        mvaddch(row, column + i, ' ');
    attrset(A_NORMAL);
}

/* "\033[1;31m" and the like: the attributes that they ask for. Returns the bytes of the sequence. */
static size_t read_colour(const char *text, size_t len, chtype *attributes)
{
    size_t i = 2;
    while (i < len && text[i] != 'm') {
        int code = 0;
        while (i < len && text[i] >= '0' && text[i] <= '9')
            code = code * 10 + (text[i++] - '0');
        static const enum ink by_code[] = { [31] = PAINT_BAD, [32] = PAINT_GOOD, [33] = PAINT_WARN, [34] = PAINT_BLUE, [35] = PAINT_SERVER,
                                            [36] = PAINT_CLIENT };
        if (code == 0)
            *attributes = A_NORMAL;
        else if (code == 1)
            *attributes |= A_BOLD;
        else if (code == 2)
            *attributes |= A_DIM;
        else if (code >= 31 && code <= 36)
            *attributes |= inks[by_code[code]];
        if (i < len && text[i] != 'm')
            i++;
    }
    return i < len ? i + 1 : len;
}

void screen_page_line(int row, int column, int columns, int skip, const char *text, size_t len)
{
    chtype attributes = A_NORMAL;
    int at = 0;
    for (size_t i = 0; i < len && at - skip < columns;) {
        if (text[i] == '\033' && i + 1 < len && text[i + 1] == '[') {
            i += read_colour(text + i, len - i, &attributes);
            continue;
        }
        if (text[i] == '\t') {
            at = (at / 8 + 1) * 8;
            i++;
            continue;
        }
        wchar_t one;
        int width;
        size_t n = next_character(text + i, len - i, &one, &width);
        if (at >= skip && at - skip + width <= columns)
            add_text(row, column + at - skip, columns - (at - skip), attributes, text + i, n);
        at += width;
        i += n;
    }
}

void screen_cursor(int row, int column)
{
    curs_set(row >= 0);
    if (row >= 0)
        move(row, column);
}

void screen_repaint(int row, int column, int columns, enum ink ink)
{
    if (row >= 0 && row < LINES && column >= 0 && column < COLS)
        mvchgat(row, column, columns, inks[ink] & A_ATTRIBUTES, (short)PAIR_NUMBER(inks[ink]), NULL);
}

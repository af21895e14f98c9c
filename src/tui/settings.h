/* What the view remembers: $XDG_CONFIG_HOME/wiretale/config, lines of "name = value". Lines that it does not know stay. */
#ifndef TUI_SETTINGS_H
#define TUI_SETTINGS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "report/columns.h"
#include "wiretale/error.h"

enum settings_theme { THEME_AUTO, THEME_DARK, THEME_LIGHT, THEMES };
enum settings_colours { COLOURS_AUTO, COLOURS_256, COLOURS_16, COLOURS_NONE, COLOURS_KINDS };
enum settings_list { SETTINGS_CONNECTIONS, SETTINGS_PACKETS, SETTINGS_LISTS };

struct settings {
    unsigned theme, colours;                 /* the enums above */
    enum columns_time time;
    unsigned digits;
    uint32_t hidden[SETTINGS_LISTS];         /* bit n: column n is not shown */
};

extern const char *const settings_themes[THEMES], *const settings_colours[COLOURS_KINDS];

void settings_defaults(struct settings *s);
/* A file that is not there is no error; a line that cannot be understood is told in err, and the others are heeded. */
int settings_load(struct settings *s, struct wt_error *err);
int settings_save(const struct settings *s, struct wt_error *err);
/* Where; "" when there is no place. */
void settings_path(char *to, size_t size);
/* "ad.6", as -t takes it. */
void settings_time_text(const struct settings *s, char *to, size_t size);

#endif

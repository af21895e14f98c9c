#include "tui/settings.h"

#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "tui/view.h"

#define FILE_MOST 65536u

const char *const settings_themes[THEMES] = { "auto", "dark", "light" };
const char *const settings_colours[COLOURS_KINDS] = { "auto", "256", "16", "none" };
static const char *const hide_names[SETTINGS_LISTS] = { "hide-connections", "hide-packets" };
static const char *const time_names[] = {
    [COLUMNS_TIME_RELATIVE] = "r", [COLUMNS_TIME_ABSOLUTE] = "a", [COLUMNS_TIME_DATE] = "ad", [COLUMNS_TIME_DAY_OF_YEAR] = "adoy",
    [COLUMNS_TIME_DELTA] = "d", [COLUMNS_TIME_DELTA_DISPLAYED] = "dd", [COLUMNS_TIME_EPOCH] = "e", [COLUMNS_TIME_UTC] = "u",
    [COLUMNS_TIME_UTC_DATE] = "ud", [COLUMNS_TIME_UTC_DAY_OF_YEAR] = "udoy",
};

void settings_defaults(struct settings *s)
{
    *s = (struct settings){ .time = COLUMNS_TIME_RELATIVE, .digits = 6 };
}

void settings_path(char *to, size_t size)
{
    const char *config = getenv("XDG_CONFIG_HOME"), *home = getenv("HOME");
    int n = 0;
    if (config && *config == '/')
        n = snprintf(to, size, "%s/wiretale/config", config);
    else if (home && *home == '/')
        n = snprintf(to, size, "%s/.config/wiretale/config", home);
    if (n <= 0 || (size_t)n >= size)
        to[0] = '\0';
}

void settings_time_text(const struct settings *s, char *to, size_t size)
{
    snprintf(to, size, "%s.%u", time_names[s->time], s->digits);
}

/* ---- reading ---- */

static bool word_of(const char *value, const char *const *words, unsigned count, unsigned *ret)
{
    for (unsigned i = 0; i < count; i++)
        if (strcmp(value, words[i]) == 0) {
            *ret = i;
            return true;
        }
    return false;
}

static const struct tui_column *columns_of(unsigned list, unsigned *ret_count)
{
    *ret_count = list == SETTINGS_CONNECTIONS ? connection_column_count : packet_column_count;
    return list == SETTINGS_CONNECTIONS ? connection_columns : packet_columns;
}

/* "share, again": columns by their titles. */
static bool read_hidden(char *value, unsigned list, uint32_t *ret)
{
    unsigned count;
    const struct tui_column *columns = columns_of(list, &count);
    uint32_t hidden = 0;
    char *rest = value;
    for (char *word; (word = strsep(&rest, ","));) {
        unsigned i = 0;
        word += strspn(word, " \t");
        word[strcspn(word, " \t")] = '\0';
        if (!*word)
            continue;
        while (i < count && strcmp(columns[i].title, word) != 0)
            i++;
        if (i == count)
            return false;
        hidden |= 1u << i;
    }
    *ret = hidden;
    return true;
}

/* False: the name is not ours. *ret_good: the value is one. */
static bool take(struct settings *s, const char *name, char *value, bool *ret_good)
{
    unsigned digits;
    enum columns_time time;
    *ret_good = true;
    if (strcmp(name, "theme") == 0) {
        *ret_good = word_of(value, settings_themes, THEMES, &s->theme);
    } else if (strcmp(name, "colours") == 0) {
        *ret_good = word_of(value, settings_colours, COLOURS_KINDS, &s->colours);
    } else if (strcmp(name, "time") == 0) {
        *ret_good = columns_time_parse(value, &time, &digits);
        if (*ret_good) {
            s->time = time;
            s->digits = digits <= 9 ? digits : 6;
        }
    } else {
        unsigned list = 0;
        while (list < SETTINGS_LISTS && strcmp(name, hide_names[list]) != 0)
            list++;
        if (list == SETTINGS_LISTS)
            return false;
        *ret_good = read_hidden(value, list, &s->hidden[list]);
    }
    return true;
}

/* Name and value of a line, cut out of it; false: a comment, or nothing. */
static bool split(char *line, char **ret_name, char **ret_value)
{
    char *equals = strchr(line, '='), *end;
    line += strspn(line, " \t");
    if (!equals || *line == '#' || equals < line)
        return false;
    *equals = '\0';
    *ret_name = line;
    line[strcspn(line, " \t")] = '\0';
    *ret_value = equals + 1 + strspn(equals + 1, " \t");
    end = *ret_value + strlen(*ret_value);
    while (end > *ret_value && isspace((unsigned char)end[-1]))
        *--end = '\0';
    return true;
}

static char *read_file(const char *path, int *ret_problem)
{
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
    *ret_problem = fd < 0 && errno != ENOENT ? -errno : 0;
    char *text = fd >= 0 ? calloc(1, FILE_MOST + 1) : NULL;
    size_t len = 0;
    for (ssize_t n; text && len < FILE_MOST && (n = read(fd, text + len, FILE_MOST - len)) > 0;)
        len += (size_t)n;
    if (fd >= 0)
        close(fd);
    return text;
}

int settings_load(struct settings *s, struct wt_error *err)
{
    char path[1024];
    int problem, code = 0;
    unsigned number = 0;
    settings_defaults(s);
    settings_path(path, sizeof path);
    char *text = *path ? read_file(path, &problem) : NULL, *rest = text;
    for (char *line; rest && (line = strsep(&rest, "\n"));) {
        char *name, *value;
        bool good;
        number++;
        if (split(line, &name, &value) && take(s, name, value, &good) && !good && code == 0)
            code = wt_fail(err, -EINVAL, "%s, line %u: %s = %.60s is not understood", path, number, name, value);
    }
    free(text);
    return code;
}

/* ---- writing ---- */

static bool is_ours(const char *line)
{
    char copy[256], *name, *value;
    struct settings unused;
    bool good;
    snprintf(copy, sizeof copy, "%s", line);
    return split(copy, &name, &value) && take(&unused, name, value, &good);
}

static void write_ours(FILE *f, const struct settings *s)
{
    char time[32];
    settings_time_text(s, time, sizeof time);
    fprintf(f, "theme = %s\ncolours = %s\ntime = %s\n", settings_themes[s->theme], settings_colours[s->colours], time);
    for (unsigned list = 0; list < SETTINGS_LISTS; list++) {
        unsigned count;
        const struct tui_column *columns = columns_of(list, &count);
        fprintf(f, "%s =", hide_names[list]);
        for (unsigned i = 0, n = 0; i < count; i++)
            if (s->hidden[list] >> i & 1)
                fprintf(f, "%s %s", n++ ? "," : "", columns[i].title);
        fputc('\n', f);
    }
}

static void make_folders(char *path)
{
    for (char *slash = strchr(path + 1, '/'); slash; slash = strchr(slash + 1, '/')) {
        *slash = '\0';
        mkdir(path, 0700);
        *slash = '/';
    }
}

/* A new file takes the old one's place as a whole. */
int settings_save(const struct settings *s, struct wt_error *err)
{
    char path[1024], fresh[1040];
    int problem;
    settings_path(path, sizeof path);
    if (!*path)
        return wt_fail(err, -ENOENT, "no place for settings: neither XDG_CONFIG_HOME nor HOME is set");
    make_folders(path);
    snprintf(fresh, sizeof fresh, "%s.XXXXXX", path);
    int fd = mkostemp(fresh, O_CLOEXEC);
    FILE *f = fd >= 0 ? fdopen(fd, "w") : NULL;
    if (!f)
        return wt_fail(err, -errno, "%s: %s", path, strerror(errno));
    char *text = read_file(path, &problem), *rest = text;
    for (char *line; rest && (line = strsep(&rest, "\n"));)
        if ((*line || rest) && !is_ours(line))
            fprintf(f, "%s\n", line);
    write_ours(f, s);
    free(text);
    bool good = fflush(f) == 0 && fsync(fd) == 0;
    good = fclose(f) == 0 && good && rename(fresh, path) == 0;
    int saved = errno;
    if (!good)
        unlink(fresh);
    return good ? 0 : wt_fail(err, -saved, "%s: %s", path, strerror(saved));
}

#include "wiretale/config.h"

#include <ctype.h>
#include <errno.h>
#include <inttypes.h>
#include <stdbool.h>
#include <string.h>

#include "base/i18n.h"

/* The units of the table, for the catalogues. */
_Static_assert(sizeof N_("addresses") N_("answers") N_("blocks") N_("bytes") N_("connections") N_("datagrams")
               N_("entries") N_("events") N_("hosts") N_("inputs") N_("lines") N_("packets") N_("points")
               N_("queries") N_("requests") N_("seconds") N_("segments") > 0, "");

const struct wt_option wt_options[WT_OPTION_COUNT] = {
#define X(id, name_, def_, min_, max_, unit_, text) { name_, def_, min_, max_, unit_, text },
    WT_OPTION_TABLE(X)
#undef X
};

void wt_config_defaults(struct wt_config *config)
{
    for (unsigned i = 0; i < WT_OPTION_COUNT; i++)
        config->value[i] = wt_options[i].def;
}

static int option_index(const char *name, size_t len)
{
    for (int i = 0; i < WT_OPTION_COUNT; i++)
        if (strlen(wt_options[i].name) == len && memcmp(wt_options[i].name, name, len) == 0)
            return i;
    return -1;
}

static bool parse_size(const char *text, uint64_t *ret_value)
{
    uint64_t value = 0;
    if (!isdigit((unsigned char)*text))
        return false;
    for (; isdigit((unsigned char)*text); text++) {
        if (value > (UINT64_MAX - 9) / 10)
            return false;
        value = value * 10 + (uint64_t)(*text - '0');
    }
    static const char units[] = "kMG";
    const char *unit = *text ? strchr(units, *text) : NULL;
    if (unit) {
        unsigned shift = 10 * (unsigned)(unit - units + 1);
        if (value > UINT64_MAX >> shift)
            return false;
        value <<= shift;
        text++;
    }
    if (*text)
        return false;
    *ret_value = value;
    return true;
}

int wt_config_set(struct wt_config *config, const char *assignment, struct wt_error *err)
{
    size_t len = strcspn(assignment, ":=");
    if (!assignment[len])
        return wt_fail(err, -EINVAL, "'%s': expected NAME:VALUE, for example max-connections:100000", assignment);
    int i = option_index(assignment, len);
    if (i < 0)
        return wt_fail(err, -EINVAL, "'%.*s' is no option; `wiretale help options` lists them", (int)len, assignment);
    uint64_t value;
    if (!parse_size(assignment + len + 1, &value) || value < wt_options[i].min || value > wt_options[i].max)
        return wt_fail(err, -EINVAL, "%s: '%s' is not a number of %s from %" PRIu64 " to %" PRIu64,
                       wt_options[i].name, assignment + len + 1, tr(wt_options[i].unit), wt_options[i].min,
                       wt_options[i].max);
    config->value[i] = value;
    return 0;
}

#include "report/connections_select.h"

#include <arpa/inet.h>
#include <ctype.h>
#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/i18n.h"

static int number(const char **at, uint64_t most, uint64_t *ret)
{
    if (!isdigit((unsigned char)**at))
        return -EINVAL;
    uint64_t value = 0;
    for (; isdigit((unsigned char)**at); (*at)++) {
        unsigned digit = (unsigned)(**at - '0');
        if (value > (most - digit) / 10)
            return -EINVAL;
        value = value * 10 + digit;
    }
    *ret = value;
    return 0;
}

static int ranges(struct select_range *list, unsigned *count, const char *text, uint64_t least, uint64_t most,
                  const char *what, struct wt_error *err)
{
    const char *at = text;
    for (;;) {
        struct select_range r;
        if (number(&at, most, &r.first) < 0)
            break;
        r.last = r.first;
        if (*at == '-') {
            at++;
            if (!*at || *at == ',')
                r.last = most;
            else if (number(&at, most, &r.last) < 0)
                break;
        }
        if (r.last < r.first || r.first < least)
            break;
        if (*count == SELECT_MOST)
            return wt_fail(err, -E2BIG, "'%s': more than %d ranges", text, SELECT_MOST);
        list[(*count)++] = r;
        if (!*at)
            return 0;
        if (*at++ != ',')
            break;
    }
    return wt_fail(err, -EINVAL, "'%s' is no %s from %" PRIu64 " to %" PRIu64 "; several as 3,7-9", text, tr(what), least,
                   most);
}

int select_numbers(struct selection *s, const char *text, struct wt_error *err)
{
    return ranges(s->numbers, &s->number_count, text, 1, INT64_MAX, N_("connection number"), err);
}

int select_frames(struct selection *s, const char *text, struct wt_error *err)
{
    return ranges(s->frames, &s->frame_count, text, 1, INT64_MAX, N_("frame number"), err);
}

int select_ports(struct selection *s, const char *text, struct wt_error *err)
{
    return ranges(s->ports, &s->port_count, text, 0, 65535, N_("port"), err);
}

int select_host(struct selection *s, const char *text, struct wt_error *err)
{
    if (s->network_count == SELECT_MOST)
        return wt_fail(err, -E2BIG, "more than %d hosts", SELECT_MOST);
    struct select_network n = { .family = strchr(text, ':') ? 6 : 4 };
    unsigned longest = n.family == 4 ? 32 : 128;
    char address[64];
    size_t len = strcspn(text, "/");
    uint64_t bits = longest;
    const char *at = text + len;
    bool good = len < sizeof address;
    if (good) {
        memcpy(address, text, len);
        address[len] = '\0';
        good = inet_pton(n.family == 4 ? AF_INET : AF_INET6, address, n.address) == 1;
    }
    if (good && *at++ == '/')
        good = number(&at, longest, &bits) == 0 && *at == '\0';
    if (!good)
        return wt_fail(err, -EINVAL, "'%s' is no IPv4 or IPv6 address or network, such as 192.0.2.0/24 (for names there "
                       "is --name)", text);
    n.bits = (uint8_t)bits;
    s->networks[s->network_count++] = n;
    return 0;
}

int select_name(struct selection *s, const char *text, struct wt_error *err)
{
    if (!*text)
        return wt_fail(err, -EINVAL, "an empty name");
    if (s->name_count == SELECT_MOST)
        return wt_fail(err, -E2BIG, "more than %d names", SELECT_MOST);
    s->names[s->name_count++] = text;
    return 0;
}

bool select_everything(const struct selection *s)
{
    return s->number_count + s->frame_count + s->port_count + s->network_count + s->name_count == 0;
}

static bool in_network(const struct select_network *n, unsigned family, const uint8_t *address)
{
    if (n->family != family)
        return false;
    unsigned whole = n->bits / 8, rest = n->bits % 8;
    if (memcmp(n->address, address, whole) != 0)
        return false;
    return rest == 0 || ((n->address[whole] ^ address[whole]) >> (8 - rest)) == 0;
}

/* "example.com" is the name itself or a name below it; a dot at the end of either does not matter. */
static bool is_name(const char *wanted, const char *name)
{
    size_t w = strlen(wanted), n = strlen(name);
    if (w > 1 && wanted[w - 1] == '.')
        w--;
    if (n > 1 && name[n - 1] == '.')
        n--;
    if (n < w || strncasecmp(name + n - w, wanted, w) != 0)
        return false;
    return n == w || wanted[0] == '.' || name[n - w - 1] == '.';
}

bool select_matches(const struct selection *s, const struct select_subject *c, const struct names *names)
{
    bool match = s->number_count == 0;
    for (unsigned i = 0; i < s->number_count && !match; i++)
        match = c->number >= s->numbers[i].first && c->number <= s->numbers[i].last;
    if (!match)
        return false;
    match = s->frame_count == 0;
    for (unsigned i = 0; i < s->frame_count && !match; i++)
        match = c->first_frame <= s->frames[i].last && c->last_frame >= s->frames[i].first;
    if (!match)
        return false;
    match = s->port_count == 0;
    for (unsigned i = 0; i < s->port_count && !match; i++)
        match = (c->port[0] >= s->ports[i].first && c->port[0] <= s->ports[i].last)
            || (c->port[1] >= s->ports[i].first && c->port[1] <= s->ports[i].last);
    if (!match)
        return false;
    match = s->network_count == 0;
    for (unsigned i = 0; i < s->network_count && !match; i++)
        match = in_network(&s->networks[i], c->family, c->address[0])
            || in_network(&s->networks[i], c->family, c->address[1]);
    if (!match || s->name_count == 0)
        return match;
    for (unsigned side = 0; side < 2; side++) {
        const char *name = names ? names_find(names, c->family, c->address[side], c->start_ns) : NULL;
        for (unsigned i = 0; i < s->name_count && name; i++)
            if (is_name(s->names[i], name))
                return true;
    }
    return false;
}

bool select_connection(const struct selection *s, const struct wt_connection *c, const struct names *names)
{
    struct select_subject subject = {
        .number = c->number, .first_frame = c->first_frame, .last_frame = c->last_frame, .family = c->family,
        .address = { c->side[0].address, c->side[1].address }, .port = { c->side[0].port, c->side[1].port },
        .start_ns = c->start_ns,
    };
    return select_matches(s, &subject, names);
}

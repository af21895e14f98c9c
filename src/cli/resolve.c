#include "cli/resolve.h"

#include <errno.h>
#include <netdb.h>
#include <netinet/in.h>
#include <string.h>
#include <sys/socket.h>

#include "broker/broker.h"

int resolver_init(struct resolver *r, struct names *names)
{
    *r = (struct resolver){ .names = names, .asked = names_new(RESOLVE_MOST) };
    return r->asked ? 0 : -ENOMEM;
}

void resolver_done(struct resolver *r)
{
    names_free(r->asked);
    r->asked = NULL;
}

int resolve_by_system(unsigned family, const uint8_t *address, char *ret_name, size_t size)
{
    struct sockaddr_storage to;
    memset(&to, 0, sizeof to);
    socklen_t len;
    if (family == 4) {
        struct sockaddr_in *in = (struct sockaddr_in *)&to;
        in->sin_family = AF_INET;
        memcpy(&in->sin_addr, address, 4);
        len = sizeof *in;
    } else {
        struct sockaddr_in6 *in = (struct sockaddr_in6 *)&to;
        in->sin6_family = AF_INET6;
        memcpy(&in->sin6_addr, address, 16);
        len = sizeof *in;
    }
    return getnameinfo((const struct sockaddr *)&to, len, ret_name, (socklen_t)size, NULL, 0, NI_NAMEREQD);
}

void resolver_ask(struct resolver *r, unsigned family, const uint8_t *address)
{
    if (r->count >= RESOLVE_MOST || names_find(r->names, family, address, INT64_MAX)
        || names_find(r->asked, family, address, 0))
        return;
    r->count++;
    char name[NI_MAXHOST];
    struct wt_name_observation seen = { .family = (uint8_t)family, .name = "asked" };
    memcpy(seen.address, address, family == 4 ? 4 : 16);
    names_add(r->asked, &seen);
    if ((broker_running() ? broker_name_of : resolve_by_system)(family, address, name, sizeof name) != 0)
        return;
    seen.name = name;
    names_add(r->names, &seen);
}

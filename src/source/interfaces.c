#include "wiretale/interfaces.h"

#include <arpa/inet.h>
#include <errno.h>
#include <pcap/pcap.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void add_address(struct wt_interface *i, const struct sockaddr *a)
{
    char *to = i->addresses[i->address_count];
    if (!a || i->address_count == WT_INTERFACE_ADDRESSES)
        return;
    if (a->sa_family == AF_INET) {
        struct sockaddr_in in;
        memcpy(&in, a, sizeof in);
        if (!inet_ntop(AF_INET, &in.sin_addr, to, sizeof i->addresses[0]))
            return;
    } else if (a->sa_family == AF_INET6) {
        struct sockaddr_in6 in;
        memcpy(&in, a, sizeof in);
        if (!inet_ntop(AF_INET6, &in.sin6_addr, to, sizeof i->addresses[0]))
            return;
    } else {
        return;
    }
    i->address_count++;
}

/* Opens it as a capture would, not promiscuous, and closes it at once. */
static void try_capture(struct wt_interface *i)
{
    char why[PCAP_ERRBUF_SIZE] = "";
    pcap_t *p = pcap_create(i->name, why);
    if (!p) {
        snprintf(i->why_not, sizeof i->why_not, "%.200s", why);
        return;
    }
    pcap_set_snaplen(p, 64);
    pcap_set_buffer_size(p, 65536);
    int r = pcap_activate(p);
    if (r >= 0) {
        const char *name = pcap_datalink_val_to_description(pcap_datalink(p));
        i->may_capture = true;
        snprintf(i->linktype, sizeof i->linktype, "%s", name ? name : "?");
    } else {
        snprintf(i->why_not, sizeof i->why_not, "%.200s", pcap_statustostr(r));
    }
    pcap_close(p);
}

static void read_interface(struct wt_interface *i, const pcap_if_t *from)
{
    snprintf(i->name, sizeof i->name, "%s", from->name);
    if (from->description)
        snprintf(i->description, sizeof i->description, "%s", from->description);
    i->up = from->flags & PCAP_IF_UP;
    i->running = from->flags & PCAP_IF_RUNNING;
    i->loopback = from->flags & PCAP_IF_LOOPBACK;
    i->wireless = from->flags & PCAP_IF_WIRELESS;
    for (const pcap_addr_t *a = from->addresses; a; a = a->next)
        add_address(i, a->addr);
    try_capture(i);
}

int wt_interfaces_list(struct wt_interface **ret_list, unsigned *ret_count, struct wt_error *err)
{
    char why[PCAP_ERRBUF_SIZE] = "";
    pcap_if_t *all = NULL;
    if (pcap_findalldevs(&all, why) < 0)
        return wt_fail(err, -EIO, "the interfaces could not be listed: %s", why);
    unsigned count = 0;
    for (const pcap_if_t *i = all; i; i = i->next)
        count++;
    struct wt_interface *list = calloc(count ? count : 1, sizeof *list);
    if (!list) {
        pcap_freealldevs(all);
        return wt_fail(err, -ENOMEM, "not enough memory for %u interfaces", count);
    }
    unsigned n = 0;
    for (const pcap_if_t *i = all; i; i = i->next)
        read_interface(&list[n++], i);
    pcap_freealldevs(all);
    *ret_list = list;
    *ret_count = n;
    return 0;
}

void wt_interfaces_free(struct wt_interface *list)
{
    free(list);
}

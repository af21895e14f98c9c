/* Network interfaces: what there is, and whether this user may capture. Any thread. */
#ifndef WIRETALE_INTERFACES_H
#define WIRETALE_INTERFACES_H

#include <stdbool.h>

#include "wiretale/error.h"

#define WT_INTERFACE_ADDRESSES 8

struct wt_interface {
    char name[64];
    char description[128];          /* "" where there is none */
    char addresses[WT_INTERFACE_ADDRESSES][64];
    unsigned address_count;         /* the first eight are kept */
    bool up, running, loopback, wireless;
    bool may_capture;
    char linktype[64];              /* "Ethernet"; "" where it could not be asked */
    char why_not[256];              /* where may_capture is false */
};

/* A list of its own, to be freed with wt_interfaces_free(). 0, or a negative errno with the reason. */
int wt_interfaces_list(struct wt_interface **ret_list, unsigned *ret_count, struct wt_error *err);
void wt_interfaces_free(struct wt_interface *list);

#endif

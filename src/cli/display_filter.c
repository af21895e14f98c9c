#include "cli/run.h"
#include "wiretale/filter.h"

int display_filter_compile(const struct options *o, unsigned over, struct wt_filter **ret_filter)
{
    *ret_filter = NULL;
    if (!o->display_filter || !*o->display_filter)
        return STATUS_DONE;
    struct wt_filter_error why;
    *ret_filter = wt_filter_compile(o->display_filter, over, &why);
    if (*ret_filter)
        return STATUS_DONE;
    char said[2048] = "";
    struct wt_text t = { .at = said, .capacity = sizeof said };
    wt_filter_explain(o->display_filter, &why, &t);
    complain("%s", said);
    return STATUS_USAGE;
}

int one_sided_filter(const struct options *o, struct wt_filter **ret_filter)
{
    int status = display_filter_compile(o, WT_FILTER_PACKETS | WT_FILTER_CONNECTIONS, ret_filter);
    if (status != STATUS_DONE || !*ret_filter || wt_filter_uses(*ret_filter) != (WT_FILTER_PACKETS | WT_FILTER_CONNECTIONS))
        return status;
    complain("-Y '%s': fields of packets and of connections (conn.) cannot stand in one filter", o->display_filter);
    wt_filter_free(*ret_filter);
    *ret_filter = NULL;
    return STATUS_USAGE;
}

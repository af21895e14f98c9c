#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/i18n.h"
#include "cli/commands.h"
#include "cli/run.h"
#include "report/text_table.h"
#include "wiretale/interfaces.h"

static const char *state_of(const struct wt_interface *i)
{
    return !i->up ? _("down") : !i->running ? _("up, no link") : _("up");
}

static void print_all(const struct page *p, const struct wt_interface *list, unsigned count)
{
    static const struct table_column columns[] = {
        { .title = N_("name") }, { .title = N_("state") }, { .title = N_("capture") }, { .title = N_("link type"), .least = 8 },
        { .title = N_("addresses") }, { .title = "", .drop = 1, .least = 10 },
    };
    struct table t;
    table_begin(&t, p, 0, columns, 6);
    t.drop_first = true;
    for (unsigned i = 0; i < count; i++) {
        const struct wt_interface *one = &list[i];
        char addresses[WT_INTERFACE_ADDRESSES * 66] = "";
        struct wt_text text = { .at = addresses, .capacity = sizeof addresses };
        for (unsigned k = 0; k < one->address_count; k++)
            wt_text_add(&text, "%s%s", k ? ", " : "", one->addresses[k]);
        table_text(&t, STYLE_STRONG, one->name);
        table_text(&t, one->up && one->running ? STYLE_GOOD : STYLE_DIM, state_of(one));
        table_text(&t, one->may_capture ? STYLE_GOOD : STYLE_WARN, one->may_capture ? _("yes") : _("no"));
        table_text(&t, STYLE_PLAIN, one->linktype);
        table_text(&t, STYLE_PLAIN, addresses);
        table_text(&t, STYLE_DIM, one->description);
    }
    table_end(&t);
}

static void say_rights(const struct wt_interface *list, unsigned count)
{
    char path[512];
    bool any = count == 0;
    for (unsigned i = 0; i < count; i++)
        any |= list[i].may_capture;
    if (any)
        return;
    ssize_t n = readlink("/proc/self/exe", path, sizeof path - 1);
    path[n > 0 ? n : 0] = '\0';
    complain("this user may not capture. Grant it once to the program with\n"
             "    sudo setcap cap_net_raw,cap_net_admin+ep %s\n"
             "or run it with sudo", n > 0 ? path : "PATH-OF-WIRETALE");
}

static int interfaces_run(const struct options *o)
{
    struct wt_interface *list;
    unsigned count;
    struct wt_error err;
    if (wt_interfaces_list(&list, &count, &err) < 0) {
        complain("%s", err.text);
        return STATUS_INPUT;
    }
    struct page page;
    page_init(&page, stdout, o->colour, 0);
    print_all(&page, list, count);
    fflush(stdout);
    say_rights(list, count);
    wt_interfaces_free(list);
    return STATUS_DONE;
}

const struct command cmd_interfaces = {
    .name = "interfaces",
    .arguments = "[OPTION...]",
    .summary = N_("the network interfaces, and whether this user may capture on them"),
    .description = N_("Lists each interface with its state, its link type and addresses, and whether a capture on it would be "
                   "allowed: this is tried, not guessed."),
    .examples = "  wiretale interfaces\n",
    .bit = FOR_INTERFACES,
    .run = interfaces_run,
};

#include "tui/view.h"

const struct view *const views[VIEWS] = {
    [VIEW_CONNECTIONS] = &view_connections, [VIEW_PACKETS] = &view_packets,   [VIEW_TIMELINE] = &view_timeline,
    [VIEW_DNS] = &view_dns,                 [VIEW_HTTP] = &view_http,         [VIEW_HOSTS] = &view_hosts,
    [VIEW_OVERVIEW] = &view_overview,       [VIEW_FOLLOW] = &view_follow,     [VIEW_HELP] = &view_help,
    [VIEW_SETTINGS] = &view_settings,
};

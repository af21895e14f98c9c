/* A view: one screen among several. A row in views.c; title, keys and help follow from it. */
#ifndef TUI_VIEW_H
#define TUI_VIEW_H

#include <stdbool.h>
#include <stdint.h>

#include "report/columns.h"
#include "tui/job.h"
#include "tui/list.h"
#include "tui/model.h"
#include "tui/owners.h"
#include "tui/columns.h"
#include "tui/screen.h"
#include "tui/settings.h"
#include "wiretale/filter.h"

struct tui;

struct view_key {
    const char *key;         /* "Enter", "s" */
    const char *does;        /* "packets"; short: it stands in the footer */
    const char *meaning;     /* a sentence for the help page */
};

struct view {
    const char *title;
    char digit;
    const struct view_key *keys;             /* ends with a NULL key */
    void (*draw)(struct tui *t, int top, int rows);
    bool (*key)(struct tui *t, int key);     /* false: not one of its own */
    /* Between keys: begins what is dear on a thread of its own, and takes what is done; true: draw again. */
    bool (*prepare)(struct tui *t);
    /* Text of a row for searching, or false where there is no such row; NULL: cannot be searched. */
    bool (*row_text)(struct tui *t, uint64_t row, char *to, size_t size);
    struct list *(*list)(struct tui *t);     /* NULL: none */
};

enum view_id {
    VIEW_CONNECTIONS, VIEW_PACKETS, VIEW_TIMELINE, VIEW_DNS, VIEW_HTTP, VIEW_HOSTS, VIEW_OVERVIEW, VIEW_FOLLOW, VIEW_HELP,
    VIEW_SETTINGS, VIEWS
};
extern const struct view *const views[VIEWS];
extern const struct view view_connections, view_packets, view_timeline, view_dns, view_http, view_hosts, view_overview, view_follow,
    view_help, view_settings;

/* Of lists whose columns can be hidden. */
extern const struct tui_column connection_columns[], packet_columns[];
extern const unsigned connection_column_count, packet_column_count;

/* Text in lines, with our pages' colours: scrolled, not wrapped. */
struct pager {
    char *text;              /* owned */
    const char **lines;      /* owned */
    struct list list;
    int skip;                /* columns to the left of what is shown */
};
void pager_set(struct pager *p, char *text);     /* takes the text over; keeps the place */
void pager_done(struct pager *p);
void pager_draw(struct pager *p, int top, int rows);
bool pager_key(struct pager *p, int key);
bool pager_row_text(const struct pager *p, uint64_t row, char *to, size_t size);

/* Text of a connection that a thread makes. */
struct text_job {
    struct job job;
    struct model *model;
    struct model_text_options options;
    uint64_t connection;     /* its index */
    unsigned version;
    char *text;              /* owned */
};

enum grouping { GROUP_NONE, GROUP_BY_SERVER, GROUP_BY_CLIENT, GROUP_BY_PORT, GROUPINGS };
#define GROUP_ROW 0x80000000u        /* in an order: the rest is the index of a group, not of a connection */
#define UNFOLDED_MOST 64u

struct conn_group {
    uint64_t id;             /* hash of what its connections share */
    struct model_connection first, sum;      /* one of them; sums of bytes, packets, again */
    uint64_t count;
    uint32_t begin;          /* of its connections among all that are sorted */
    int64_t value;           /* by which groups are sorted */
};

struct order_job {
    struct job job;
    struct model *model;
    unsigned sort, version, grouping, unfolded_count;
    bool down;
    int64_t now_ns;
    bool live;
    uint64_t unfolded[UNFOLDED_MOST];        /* ids of groups */
    uint32_t *order;         /* owned */
    uint64_t count;
    struct conn_group *groups;               /* owned */
    uint64_t group_count;
};

struct detail_job {
    struct job job;
    struct model *model;
    uint64_t index;
    struct model_detail detail;
    bool failed;
};

struct hosts_job {
    struct job job;
    struct model *model;
    unsigned kind;           /* enum hosts_of */
    bool live;
    struct owners *owners;   /* owned; the job's alone */
    unsigned version, count;
    struct host_row *rows;   /* owned */
};

struct findings_job {
    struct job job;
    struct model *model;
    unsigned version;
    bool good;
    struct findings findings;
};

struct save_job {
    struct job job;
    struct model *model;
    enum model_which which;
    char path[512];
    int64_t written;
    struct wt_error err;
};

enum prompt_kind { PROMPT_NONE, PROMPT_FILTER, PROMPT_SEARCH, PROMPT_GO, PROMPT_SAVE, PROMPT_QUIT };

enum pane { PANE_LIST, PANE_TREE, PANE_BYTES };

#define HOSTS_MOST 4096
struct host_row {
    uint8_t family, address[16];
    uint16_t port;           /* of the list by ports */
    uint64_t connections, packets, bytes_in, bytes_out;
    uint32_t troubled;
    uint32_t owner;          /* id; OWNER_NONE: unknown */
    bool is_owner;           /* the row is that process', or of those whose owner is unknown */
    struct owner who;        /* as it was when counted */
};
enum hosts_of { HOSTS_ADDRESSES, HOSTS_PORTS, HOSTS_PROCESSES, HOSTS_KINDS };

struct tui {
    struct model *model;
    const char *input;                   /* shown in the title; safe */
    bool live, numeric, quit, stopped, choose;
    enum view_id view, before;           /* before: where Esc leads back from help */
    struct model_status status;
    struct model_sums sums;
    int64_t first_ns, last_ns;           /* of the capture so far: the packet clock */
    unsigned drawn_version;
    char message[256];                   /* in the footer until the next key */
    bool message_bad;
    /* pause: what is shown stays, the capture goes on */
    bool paused, busy;                   /* busy: a thread works for the view that is shown */
    /* prompt in the footer */
    int prompt;                          /* enum prompt_kind */
    char typed[512];
    size_t typed_len;
    char filter[512], search[128];
    char filter_error[256];
    /* connections */
    struct list connections;
    uint32_t *order;                     /* owned: indices as sorted */
    uint64_t order_count;
    unsigned sort;
    bool sort_down, order_asked;
    unsigned order_version;
    struct order_job order_job;
    unsigned grouping, open_group_count;
    uint64_t open_groups[UNFOLDED_MOST];
    struct conn_group *groups;           /* owned */
    uint64_t group_count;
    uint64_t chosen_connection;          /* index; of timeline and follow */
    /* packets */
    struct list packets, tree, bytes;
    enum pane pane;
    struct model_detail detail;
    uint32_t *tree_shown;                /* owned: lines of the detail that no fold hides */
    uint32_t tree_count;
    unsigned topmost;                    /* layers of the packet, but one */
    uint32_t unfolded;                   /* bit n: the n-th layer is open; the topmost one always begins so */
    uint64_t detail_index;
    bool detail_failed;
    struct detail_job detail_job;
    int64_t reference_ns;                /* time reference of the list, since the first packet */
    struct columns time;                 /* how times are shown */
    /* texts */
    struct settings settings;
    struct list settings_list;
    bool colour_allowed;                 /* by --color and NO_COLOR */
    struct pager timeline, follow, overview, help;
    uint64_t timeline_of, follow_of;
    unsigned timeline_form, follow_form, timeline_version, follow_version, overview_version;
    int timeline_columns;
    struct findings_job *findings_job;   /* owned */
    struct findings *findings;           /* owned; NULL: not yet */
    unsigned findings_version, findings_first, findings_lines;
    uint8_t finding_of_line[256];        /* of the overview's lines from findings_first on */
    bool findings_complete;              /* the input had ended */
    struct text_job timeline_job, follow_job;
    /* messages and hosts */
    struct list dns, http, hosts;
    bool messages_worst;                 /* failed and slow ones on top */
    uint32_t *message_order[MODEL_KINDS];
    uint64_t message_order_count[MODEL_KINDS];
    unsigned message_version[MODEL_KINDS];
    struct host_row *host_rows;          /* owned */
    unsigned host_count, host_version;
    unsigned hosts_kind;
    struct hosts_job hosts_job;
    /* search: goes on between keys */
    uint64_t search_row, search_left;
    enum view_id search_view;
    int mouse_row, mouse_column, mouse_wheel;     /* after KEY_MOUSE; wheel: -1 up, 1 down */
    bool search_back, quit_when_saved, saving;
    struct save_job save_job;
};

void tui_open(struct tui *t, enum view_id view);
void tui_say(struct tui *t, bool bad, const char *format, ...) __attribute__((format(printf, 3, 4)));
/* Shows a packet in the packet list, by its number. */
void tui_show_packet(struct tui *t, uint64_t number);
/* Times as -t writes them, one after the other; what the one in use is called. */
void tui_next_time(struct tui *t, int by);
const char *tui_time_name(const struct tui *t);
/* Texts are made anew: colours or times are others now. */
void tui_forget_texts(struct tui *t);
void tui_set_filter(struct tui *t, const char *text);
/* Opens the timeline of the connection of that number, or says that there is none. */
bool tui_choose_connection(struct tui *t, uint64_t number);
int64_t tui_clock_ms(void);
/* A time as the user wants it. before_ns: of the packet before it. */
void tui_when(struct tui *t, int64_t time_ns, int64_t before_ns, int64_t shown_before_ns, char *to, size_t size);
int tui_when_width(const struct tui *t);
/* The same for what has nothing before it to be counted from. */
void tui_start(struct tui *t, int64_t time_ns, char *to, size_t size);
int tui_start_width(const struct tui *t);
void tui_since(int64_t ns, char *to, size_t size);           /* "12.345678" */
void tui_duration(int64_t ns, char *to, size_t size);        /* "12.3 ms" */
void tui_bytes(uint64_t bytes, char *to, size_t size);

#endif

#include "wiretale/connection.h"

#include "base/i18n.h"

#define NAME(table, i) ((unsigned)(i) < sizeof table / sizeof *table && table[i] ? table[i] : "?")

const char *wt_tcp_state_name(enum wt_tcp_state state)
{
    static const char *const names[] = {
        [WT_TCP_NONE] = "-",                       [WT_TCP_CLOSED] = "CLOSED",
        [WT_TCP_LISTEN] = "LISTEN",                [WT_TCP_SYN_SENT] = "SYN-SENT",
        [WT_TCP_SYN_RECEIVED] = "SYN-RECEIVED",    [WT_TCP_ESTABLISHED] = "ESTABLISHED",
        [WT_TCP_FIN_WAIT_1] = "FIN-WAIT-1",        [WT_TCP_FIN_WAIT_2] = "FIN-WAIT-2",
        [WT_TCP_CLOSE_WAIT] = "CLOSE-WAIT",        [WT_TCP_CLOSING] = "CLOSING",
        [WT_TCP_LAST_ACK] = "LAST-ACK",            [WT_TCP_TIME_WAIT] = "TIME-WAIT",
    };
    return NAME(names, state);
}

const char *wt_outcome_name(enum wt_outcome outcome)
{
    static const char *const names[] = {
        [WT_OUTCOME_OPEN] = N_("open"),                 [WT_OUTCOME_CLOSED] = N_("closed"),
        [WT_OUTCOME_HALF_CLOSED] = N_("half-closed"),   [WT_OUTCOME_RESET] = N_("reset"),
        [WT_OUTCOME_REFUSED] = N_("refused"),           [WT_OUTCOME_UNREACHABLE] = N_("unreachable"),
        [WT_OUTCOME_UNANSWERED] = N_("unanswered"),     [WT_OUTCOME_HALF_OPEN] = N_("half-open"),
        [WT_OUTCOME_ABANDONED] = N_("abandoned"),       [WT_OUTCOME_ANSWERED] = N_("answered"),
        [WT_OUTCOME_ONE_WAY] = N_("one-way"),
    };
    return NAME(names, outcome);
}

const char *wt_close_kind_name(enum wt_close_kind kind)
{
    static const char *const names[] = {
        [WT_CLOSE_NONE] = N_("none"),                   [WT_CLOSE_FOUR_WAY] = N_("four-way"),
        [WT_CLOSE_THREE_SEGMENT] = N_("three-segment"), [WT_CLOSE_SIMULTANEOUS] = N_("simultaneous"),
        [WT_CLOSE_HALF] = N_("half"),                   [WT_CLOSE_RESET] = N_("reset"),
    };
    return NAME(names, kind);
}

#include "wiretale/connection.h"

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
        [WT_OUTCOME_OPEN] = "open",                 [WT_OUTCOME_CLOSED] = "closed",
        [WT_OUTCOME_HALF_CLOSED] = "half-closed",   [WT_OUTCOME_RESET] = "reset",
        [WT_OUTCOME_REFUSED] = "refused",           [WT_OUTCOME_UNREACHABLE] = "unreachable",
        [WT_OUTCOME_UNANSWERED] = "unanswered",     [WT_OUTCOME_HALF_OPEN] = "half-open",
        [WT_OUTCOME_ABANDONED] = "abandoned",       [WT_OUTCOME_ANSWERED] = "answered",
        [WT_OUTCOME_ONE_WAY] = "one-way",
    };
    return NAME(names, outcome);
}

const char *wt_close_kind_name(enum wt_close_kind kind)
{
    static const char *const names[] = {
        [WT_CLOSE_NONE] = "none",                   [WT_CLOSE_FOUR_WAY] = "four-way",
        [WT_CLOSE_THREE_SEGMENT] = "three-segment", [WT_CLOSE_SIMULTANEOUS] = "simultaneous",
        [WT_CLOSE_HALF] = "half",                   [WT_CLOSE_RESET] = "reset",
    };
    return NAME(names, kind);
}

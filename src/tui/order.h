/* In what order connections are listed, and in what groups. */
#ifndef TUI_ORDER_H
#define TUI_ORDER_H

#include "tui/view.h"

enum {
    C_NUMBER, C_START, C_CLIENT, C_SERVER, C_SERVICE, C_STATE, C_RTT, C_OUT, C_IN, C_SENT, C_RECEIVED, C_RATE, C_BAR, C_AGAIN, C_AGE, C_COUNT
};

/* Begins to sort, on a thread where there are many; true: there is a new order. */
bool order_prepare(struct tui *t);
/* Payload a second, both ways: live over the last whole second, of a file while it lasted. */
uint64_t connection_rate(const struct model_connection *c, int64_t now_ns, bool live);

#endif

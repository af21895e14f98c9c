/* Whose sockets are at the local ends of connections: sock_diag(7) tells the user and the inode, /proc the process that
 * holds it, where we may look. One thread at a time. */
#ifndef TUI_OWNERS_H
#define TUI_OWNERS_H

#include <stdbool.h>
#include <stdint.h>

#include "tui/model.h"

#define OWNERS_MOST 1024u
#define OWNER_NONE 0u            /* no socket of this machine was seen at either end */

struct owner {
    uint32_t pid, uid;           /* pid 0: not ours to see */
    char process[17], user[33];  /* safe to print; "?" where unknown */
};

struct owners;
struct owners *owners_new(void);
void owners_free(struct owners *o);
/* Looks at the sockets that there are now, and gives the connections without an owner theirs. */
void owners_look(struct owners *o, struct model *m);
/* Of the connection at that index: OWNER_NONE, or what owner_at() takes. */
unsigned owner_of(const struct owners *o, uint64_t connection_index);
const struct owner *owner_at(const struct owners *o, unsigned id);

#endif

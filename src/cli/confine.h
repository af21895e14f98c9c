/* Least privilege of a command: a broker before anything is opened, the sandbox once all inputs are. */
#ifndef CLI_CONFINE_H
#define CLI_CONFINE_H

#include "cli/options.h"

/* Before the command runs. 0, or a status with its message said. */
int confine_start(const struct options *o);
/* When inputs are open, before threads. 0 or a status; a second call has nothing to do. */
int confine_enter(const struct options *o);
/* --sandbox-status */
int confine_status(const struct options *o);

#endif

/* What is asked of malloc and its kind, and of mmap, in this program goes through here (the linker's --wrap), so that no
 * refusal stays unsaid: a table that could not grow makes an answer that is not whole. */
#ifndef CLI_MEMORY_H
#define CLI_MEMORY_H

#include <stdint.h>

uint64_t memory_refused(void);    /* how often; any thread */

#endif
